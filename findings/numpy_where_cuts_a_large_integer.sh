#!/usr/bin/env bash
# NumPy 2.4.6: np.where with an array of 32 bits and a Python integer that does not fit 32 bits cuts the integer without a word:
# 2**63 - 1 becomes -1. The same integer in arithmetic with the same array is refused with OverflowError (NEP 50), and one
# would expect so here too. Whoever writes "never" as the largest 64-bit day among first days of 32 bits gets a day before all
# others. Cure: widen the array first. Seen: [-1, 5], and the OverflowError. Fails if that changes.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"; "$folder/venv/bin/pip" install -q numpy==2.4.6
"$folder/venv/bin/python" - <<'P'
import numpy as np
days, never = np.array([-1, 5], np.int32), 2**63 - 1
cut = np.where(days < 0, never, days)
print(np.__version__, cut.dtype, cut.tolist())
assert cut.dtype == np.int32 and cut.tolist() == [-1, 5]
try:
    days + never
except OverflowError as error:
    print("arithmetic:", error)
else:
    raise SystemExit("arithmetic no longer refuses it")
assert np.where(days < 0, never, days.astype(np.int64)).tolist() == [never, 5]
P
