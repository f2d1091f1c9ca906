"""Charts are plain specifications that Vega-Lite's schema takes, and a page of them asks nothing of the libraries."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import numpy as np
import pytest
import vl_convert

from holdfast.present import charts, html, vega
from holdfast.present.vega import Chart, Rows

DATA = Rows(({"day": "2024-01-01", "men": 3, "side": "a"}, {"day": "2024-02-01", "men": 5, "side": "b"}))


def points(data: Rows | None = DATA) -> Chart:
    return vega.chart(data).mark("point", size=30).encode(x="day:T", y=vega.field("men:Q", title="men"))


def test_a_part_stays_as_it_is_when_another_is_built_on_it() -> None:
    base = points()
    before = json.dumps(base.to_dict())
    base.encode(color="side:N").filter("datum.men > 3").mark("bar").properties(width=9).calculate("more", "1").once()
    assert json.dumps(base.to_dict()) == before


def test_records_that_parts_share_stand_in_the_specification_once() -> None:
    spec = vega.hconcat(vega.layer(points(), points(None), data=DATA), points(), points(Rows(DATA.values))).to_dict()
    assert list(spec["datasets"]) == ["data-1", "data-2"]
    assert spec["hconcat"][0]["data"] == spec["hconcat"][0]["layer"][0]["data"] == {"name": "data-1"}
    assert "data" not in spec["hconcat"][0]["layer"][1]


@pytest.mark.parametrize(
    ("shorthand", "wanted"),
    [
        ("low:Q", {"field": "low", "type": "quantitative"}),
        ("side:N", {"field": "side", "type": "nominal"}),
        ("month:O", {"field": "month", "type": "ordinal"}),
        ("day:T", {"field": "day", "type": "temporal"}),
        ("max(low):Q", {"aggregate": "max", "field": "low", "type": "quantitative"}),
    ],
)
def test_a_field_is_written_out(shorthand: str, wanted: dict[str, str]) -> None:
    assert vega.field(shorthand) == wanted
    assert vega.field(shorthand, title=None) == wanted | {"title": None}
    ends = vega.chart().encode(y=shorthand, y2=shorthand).spec["encoding"]
    assert ends == {"y": wanted, "y2": {name: part for name, part in wanted.items() if name != "type"}}


def test_numbers_of_arrays_are_plain() -> None:
    spec = points().properties(width=np.int64(9), height=np.float32(0.5), padding=(np.bool_(True),)).to_dict()
    assert json.loads(json.dumps(spec))["padding"] == [True]


def test_a_test_of_a_field_holds_any_name() -> None:
    chart = points(Rows(({"day": "2024-01-01", "men": 3, "side": "a 'b' \"c\""},)))
    named = chart.mark("text").encode(text=vega.value("here")).filter(vega.equals("side", "a 'b' \"c\""))
    assert ">here<" in vl_convert.vegalite_to_svg(named.to_dict())


def test_altair_takes_every_kind_of_chart_and_refuses_a_wrong_one() -> None:
    hue = vega.condition("datum.men > 3", vega.value("red"), vega.value("blue"))
    bars = points().mark("bar").encode(y2=vega.datum(0), color=hue, tooltip=["men:Q", vega.field("side:N", title="of")])
    layers = vega.layer(bars, *charts.rule(2, "two"), data=DATA)
    panels = points(None).facet(DATA, column=vega.field("side:N"))
    rows = points(None).facet(DATA, facet=vega.field("side:N"), columns=1)
    both = vega.vconcat(vega.hconcat(layers, panels), vega.concat(rows, columns=2), spacing=3).resolve_scale(y="shared")
    chart = charts.titled(both, "Title", "Subtitle")
    again = vega.altair_of(lambda: chart)
    assert again.to_dict()["title"]["text"] == ["Title"]
    assert vl_convert.vegalite_to_svg(again.to_dict()) == vl_convert.vegalite_to_svg(chart.to_dict())
    with pytest.raises(jsonschema.ValidationError):
        vega.altair_of(lambda: points().mark("no such mark"))


@pytest.fixture
def bundled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What was bundled, by a library that bundles in no time, with an empty cache."""
    every: list[str] = []

    def bundle(snippet: str) -> str:
        every.append(snippet)
        return "let one = '</script>';\r\n"

    monkeypatch.setenv("HOLDFAST_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(vl_convert, "javascript_bundle", bundle)
    html._bundle.cache_clear()
    yield every
    html._bundle.cache_clear()


def test_the_library_of_pages_is_bundled_once_a_machine(bundled: list[str], tmp_path: Path) -> None:
    first = html._bundle()
    assert "</script" not in first
    html._bundle.cache_clear()
    assert html._bundle() == first
    assert len(bundled) == 1
    (path,) = (tmp_path / "cache" / "pages").iterdir()
    path.write_bytes(path.read_bytes()[:-4])
    html._bundle.cache_clear()
    assert html._bundle() == first
    assert len(bundled) == 2


def test_a_page_is_written_where_the_cache_cannot_be(bundled: list[str], tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder would be")
    assert "let one" in html._bundle()
    assert len(bundled) == 1


def test_what_a_chart_says_is_in_the_page_without_a_script(bundled: list[str]) -> None:
    chart = charts.titled(points(), "Men < 5", "How it is drawn")
    page = html.charts_page(
        "battles.html.j2", {"men": chart.to_dict()}, title="", headline="", facts=[], tables=[], held=[], untold=[], failed=[],
        civil_war=None, learnt=[], variants=[], figures=[("men", "Men")],
    )  # fmt: skip
    assert '<div data-chart="men" role="img" aria-label="Men &lt; 5 How it is drawn"><noscript>Men &lt; 5' in page
    assert page.count("let one") == 1
