"""Charts say and show the same days wherever they are drawn."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import zones
from holdfast.present import charts, vega

ZONES = ("UTC", "America/New_York", "Pacific/Auckland")
DRAW = (
    "import json, sys, vl_convert; sys.stdout.write(json.dumps([vl_convert.vegalite_to_svg(each) for each in "
    "json.load(open(sys.argv[1], encoding='utf8'))]))"
)


def dated() -> list[charts.Chart]:
    """One chart of each way in which dates are drawn: a fan, bars with two ends, columns of months, years."""
    days = [
        {"day": f"2024-0{n}-01", "end": f"2024-0{n + 1}-01", "month": f"2024-0{n}-01", "low": 1, "lower": 2, "middle": n,
         "upper": 6, "high": 7} for n in range(1, 5)
    ]  # fmt: skip
    colour = vega.value("#333333")
    years = charts.day_axis(4) | {"axis": {"format": "%Y", "tickCount": {"interval": "year", "step": 1}}}
    base = vega.chart(charts.rows(days))
    months = vega.field("month:O", timeUnit="utcyearmonth", axis=dict(format="%b %y"))
    return [
        vega.layer(*charts.fan(charts.day_axis(), charts.measure("men"), colour), data=charts.rows(days)),
        vega.layer(*charts.fan(years, charts.measure("men"), colour), data=charts.rows(days)),
        base.mark("rect").encode(x=charts.day_axis(), x2=charts.day_end("end"), y="middle:O"),
        base.mark("bar").encode(x=months, y="middle:Q"),
    ]


def test_a_picture_is_the_same_in_every_time_zone(tmp_path: Path) -> None:
    specs = [chart.to_dict() for chart in dated()]
    assert not any(zones.local(spec) for spec in specs)
    path = tmp_path / "specs.json"
    path.write_text(json.dumps(specs), encoding="utf8")
    at_once = [
        subprocess.Popen([sys.executable, "-c", DRAW, str(path)], stdout=subprocess.PIPE, env=os.environ | {"TZ": zone})
        for zone in ZONES
    ]
    drawn = [one.communicate()[0] for one in at_once]
    assert all(one.returncode == 0 for one in at_once)
    assert drawn[0] == drawn[1] == drawn[2]
    svg = json.loads(drawn[0])[2]
    assert "day: Jan 01, 2024" in svg
    assert "Feb 01, 2024" in svg


@pytest.mark.parametrize(
    "encoding",
    [
        {"x": {"field": "day", "type": "temporal"}},
        {"x": {"field": "day", "type": "ordinal", "timeUnit": "yearmonth"}},
        {"x": {"field": "day", "type": "temporal", "scale": {"type": "utc"}}, "x2": {"field": "end"}},
        {"y": {"field": "n"}, "tooltip": [{"field": "day", "type": "temporal"}]},
    ],
)
def test_dates_that_a_zone_would_move_are_found(encoding: dict) -> None:
    assert len(zones.local({"layer": [{"mark": "rule", "encoding": encoding}]})) == 1
