#!/usr/bin/env bash
# vl-convert-python 1.9.0.post1 (Vega-Lite 6.4): a bar from x to x2 along a scale of type "utc" is drawn in UTC, but its description
# for screen readers (aria-label) tells x in UTC and x2 in the machine's time zone, since x2 has no scale of its own: a bar that ends
# on 1 February ends on 31 January for who draws it in New York, and the SVG's bytes depend on TZ. No label that one sees moves.
# Cure: give x2 a timeUnit in UTC (utcyearmonthdate). Seen: "b: Jan 31, 2024" in New York, "b: Feb 01, 2024" in UTC; with the
# timeUnit the same bytes in both. Fails if that changes.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"; "$folder/venv/bin/pip" install -q vl-convert-python==1.9.0.post1
cat > "$folder/draw.py" <<'P'
import json, re, vl_convert
def drawn(**second):
    x = {"field": "a", "type": "temporal", "scale": {"type": "utc"}}
    return vl_convert.vegalite_to_svg({
        "data": {"values": [{"a": "2024-01-01", "b": "2024-02-01", "n": 1}]}, "mark": "rule",
        "encoding": {"x": x, "x2": {"field": "b"} | second, "y": {"field": "n", "type": "nominal"}},
    }, vl_version="6.4")
print(json.dumps([re.findall(r'aria-label="(a: [^"]*)"', drawn()), drawn(timeUnit="utcyearmonthdate")]))
P
for zone in UTC America/New_York; do TZ=$zone "$folder/venv/bin/python" "$folder/draw.py" > "$folder/${zone//\//_}"; done
"$folder/venv/bin/python" - "$folder" <<'P'
import json, sys
utc, york = (json.load(open(f"{sys.argv[1]}/{name}")) for name in ("UTC", "America_New_York"))
print("UTC:", utc[0], "New York:", york[0], "with a timeUnit the same:", utc[1] == york[1])
assert "b: Feb 01, 2024" in utc[0][0] and "b: Jan 31, 2024" in york[0][0]
assert "a: Jan 01, 2024" in utc[0][0] and "a: Jan 01, 2024" in york[0][0]
assert utc[1] == york[1]
P
