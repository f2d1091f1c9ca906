#!/usr/bin/env bash
# NumPy 2.4.6: a seed that ends in zeros is the seed without them. default_rng((1, 0)), default_rng((1, 0, 0)) and default_rng(1)
# give one and the same stream, since the words of a seed are padded with zeros; default_rng((1, 1)) does not. Whoever makes a
# stream for each (seed, side, number) has, for side 0 and number 0, the stream of the seed itself, so that two things which
# should be independent share their draws. Cure: let the last word be one that is never zero, different for each use.
# Seen: three equal first numbers, 0.34558419, and another one for (1, 1). Fails if that changes.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"; "$folder/venv/bin/pip" install -q numpy==2.4.6
"$folder/venv/bin/python" - <<'P'
import numpy as np
first = {seed: round(float(np.random.default_rng(seed).normal()), 8) for seed in (1, (1, 0), (1, 0, 0), (1, 1))}
print(np.__version__, first)
assert first[1] == first[1, 0] == first[1, 0, 0] == 0.34558419
assert first[1, 1] != first[1]
P
