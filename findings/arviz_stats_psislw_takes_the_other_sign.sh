#!/usr/bin/env bash
# arviz-stats 0.8.0 (1.3.3 on Python 3.12 does the same): array_stats.psislw takes log likelihoods and smooths their inverse, where
# arviz 0.23.4's psislw, of the same name and the same two results, took the log weights themselves. The docstring of the new one
# does not say so. Whoever changes the import alone has the least likely draw weigh most and the shape of the wrong tail, without
# a word. Cure: hand it the log weights with a minus. Seen: of 1,000 log weights the heaviest is draw 860 before, 702 after, and
# 860 again with a minus; shapes 0.511, 0.619, 0.503. Fails if that changes.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q arviz==0.23.4 arviz-stats==0.8.0 numpy==2.4.6 scipy==1.17.1 xarray==2026.9.0
"$folder/venv/bin/python" -W ignore - <<'P'
import importlib.metadata, numpy as np
from arviz import psislw as before
from arviz_stats.base import array_stats
ratios = np.random.default_rng(1).normal(0, 1.5, 1000)
seen = {name: (int(np.argmax(logs)), round(float(khat), 3)) for name, (logs, khat) in {
    "before": before(ratios.copy()), "after": array_stats.psislw(ratios), "after, with a minus": array_stats.psislw(-ratios),
}.items()}
print(importlib.metadata.version("arviz"), importlib.metadata.version("arviz-stats"), seen)
assert int(np.argmax(ratios)) == 860
assert seen == {"before": (860, 0.511), "after": (702, 0.619), "after, with a minus": (860, 0.503)}
P
