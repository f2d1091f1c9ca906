#!/usr/bin/env bash
# scoringrules 0.10.0: with the backend numpy, weighted_interval_score adds the weighted median itself in place of its error
# |y - median|, so the score depends on where zero lies. The backend numba has it right; Bracher et al. (2021) have w0 |y - m|.
# Cure: sum interval_score's parts, or twice the mean pinball loss, which is the same. Seen: a forecast and its observation have
# 0.33 around 0 and 333.67 around 1,000, where 0.33 is right for both. Fails if that changes.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"; "$folder/venv/bin/pip" install -q scoringrules==0.10.0
"$folder/venv/bin/python" - <<'P'
import numpy as np, scoringrules
def both(shift):
    q, y = np.array([-1.0, 0.0, 1.0]) + shift, float(shift)
    theirs = scoringrules.weighted_interval_score(y, q[1], q[:1], q[2:], np.array([0.5]), backend="numpy")
    levels = np.array([0.25, 0.5, 0.75])
    pinball = float(np.mean(2 * ((y < q) - levels) * (q - y)))
    return float(theirs), pinball
here, there = both(0), both(1000)
print("scoringrules", here[0], there[0], "by the formula", here[1], there[1])
assert abs(here[1] - there[1]) < 1e-9
assert abs(here[0] - there[0]) > 100
P
