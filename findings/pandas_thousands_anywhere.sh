#!/usr/bin/env bash
# pandas 3.1.1: read_csv(thousands=",") takes every comma out of a number, wherever it stands, not only between groups of three:
# "12,5" (twelve and a half in most of Europe) becomes 125 and "0,5" becomes 5, as whole numbers, without a word, beside "12,500"
# that becomes 12500. With thousands="." a date 15.11.2023 becomes the number 15112023. Engines c and python alike. Whoever reads a
# table of mixed habits so has numbers ten times too large. Cure: read such columns as text (dtype=str) and take out groups of
# three alone. Seen: [12500, 125, 5], [15112023]. Fails if that changes.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"; "$folder/venv/bin/pip" install -q pandas==3.1.1
"$folder/venv/bin/python" - <<'P'
import io
import pandas as pd
for engine in ("c", "python"):
    men = pd.read_csv(io.StringIO('men\n"12,500"\n"12,5"\n"0,5"\n'), thousands=",", engine=engine)["men"]
    day = pd.read_csv(io.StringIO("day;men\n15.11.2023;3\n"), sep=";", thousands=".", engine=engine)["day"]
    print(pd.__version__, engine, men.tolist(), men.dtype, day.tolist())
    assert men.tolist() == [12500, 125, 5] and men.dtype == "int64"
    assert day.tolist() == [15112023]
P
