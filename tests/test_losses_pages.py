"""Charts, card, page and tables of the evidence: they draw, they fit, they escape, they ask for nothing."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import json
import re
import struct
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import pytest
from rich.console import Console

import zones
from holdfast.cli import losses
from holdfast.evidence import reconcile, verdict
from holdfast.evidence.claims.table import Claim
from holdfast.evidence.posterior import QUANTITIES, Posterior, quantiles
from holdfast.evidence.verdict import Verdict
from holdfast.io import files
from holdfast.present import charts, html, losses_figures, losses_report, text
from holdfast.present import text as present_text

MEGABYTE = 1_000_000
SCRIPT = "<script>alert('x')</script>"
ABSURD = "Wwwwwwwwwwwwwwww" * 40 + " Ministère de l’Été Щ" * 20 + " 国防部" * 40


def claim(number: int, side: str = "north", **given: Any) -> Claim:
    base: dict[str, Any] = {
        "claim_id": f"C{number:02}", "side": side, "quantity": "killed", "value_low": None, "value_central": 4000.0,
        "value_high": None, "as_of_date": dt.date(2030, 6, 30), "published_date": None, "claimant": f"Ministry {number}",
        "claimant_type": "third-party government", "definition": "killed", "source": "a paper",
        "url": "https://example.org/a", "seen": "", "basis": "cumulative", "period_start": dt.date(2030, 1, 10),
        "lineage": f"lineage {number}", "note": "", "counts": "killed", "covers": "all",
    }  # fmt: skip
    return Claim(**(base | given))


CLAIMS = [
    claim(1),
    claim(2, value_central=None, value_low=3000.0, value_high=6000.0, claimant_type="excess-mortality model"),
    claim(3, value_central=None, value_low=90_000.0, claimant="Weekly", claimant_type="media"),
    claim(4, value_central=None, value_high=200.0, claimant="Own staff", claimant_type="belligerent own side"),
    claim(5, quantity="casualties", counts="killed_wounded", value_central=16_000.0),
    claim(6, quantity="strength", counts="strength", basis="stock", value_central=90_000.0),
    claim(7, basis="per month", value_central=700.0, period_start=dt.date(2030, 4, 1), as_of_date=dt.date(2030, 4, 30)),
    claim(8, quantity="captured", counts="captured", value_central=None, value_low=60.0, value_high=90.0,
          basis="per week", period_start=dt.date(2030, 3, 1), as_of_date=dt.date(2030, 5, 30)),
    claim(9, quantity="deserted", counts="cases", value_central=900.0, definition=f"cases {SCRIPT}",
          claimant=f"Court {SCRIPT}", source=SCRIPT, url="javascript:alert(1)"),
    claim(10, quantity="killed", counts="named", claimant_type="named-list count", value_central=1500.0),
    claim(11, side="south", value_central=2000.0),
    claim(12, side="south", quantity="strength", counts="strength", basis="stock", value_central=70_000.0),
    claim(13, quantity="emigrated", counts="nothing", value_central=10.0),
]  # fmt: skip


@pytest.fixture(scope="module")
def posterior() -> Posterior:
    return reconcile.reconcile(CLAIMS, until=dt.date(2030, 7, 15), fast=True)


@pytest.fixture(scope="module")
def verdicts(posterior: Posterior) -> list[Verdict]:
    return verdict.judge(posterior, CLAIMS)


def by_id(verdicts: list[Verdict], claim_id: str) -> Verdict:
    return next(one for one in verdicts if one.claim.claim_id == claim_id)


def lineage_table(sides: Any) -> list[dict[str, Any]]:
    return [
        {"side": side, "lineage": f"lineage {number}" * (1 + 5 * number), "quantity": quantity, "claims": number + 1,
         "p05": 900.0, "p50": 1100.0 + number, "p95": 1500.0, "full_p05": 950.0, "full_p50": 1150.0, "full_p95": 1400.0,
         "moves_sd": 0.3 - number, "widens": 1.1, "khat": 0.2 + number}
        for side in sides for number in range(2) for quantity in ("killed", "wounded", "strength")
    ]  # fmt: skip


def summary(posterior: Posterior) -> dict[str, Any]:
    return {
        "until": str(posterior.until), "claims": [], "diagnostics": {},
        "sides": {side: {name: quantiles(posterior.total(side, name)) for name in QUANTITIES}
                  | {"years": losses_figures.by_year(posterior, side)}
                  for side in posterior.sides},
    }  # fmt: skip


@pytest.fixture(scope="module")
def written(posterior: Posterior, verdicts: list[Verdict], tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("losses")
    path = losses_report.write(
        folder, posterior, verdicts, lineage_table(posterior.sides), summary(posterior), [f"A caveat {SCRIPT}"],
        figures=False,
    )  # fmt: skip
    assert path == folder / "losses.html"
    assert path.stat().st_size < 3 * MEGABYTE
    return path.read_text(encoding="utf-8")


# --- figures ---


def texts(spec: dict[str, Any]) -> list[str]:
    """All text of the drawn chart; it has no number that is none, and a size that fits the page."""
    import vl_convert

    svg = vl_convert.vegalite_to_svg(spec)
    assert not re.search("NaN|undefined", svg)
    assert float(re.search(r'width="([\d.]+)"', svg)[1]) <= 1000
    return [unescape(one) for one in re.findall(r"<(?:text|tspan)\b[^>]*>([^<]+)<", svg)]


@pytest.mark.slow
def test_every_figure_of_the_page_is_drawn(posterior: Posterior, verdicts: list[Verdict]) -> None:
    shown = losses_report.sections(posterior, verdicts, lineage_table(posterior.sides))
    specs = losses_report.drawn(shown)
    assert len(specs) == 2 + 2 * (3 + len(losses_report.MONTHLY))
    assert zones.local(specs) == []
    for name, spec in specs.items():
        alt.Chart.from_dict(spec)  # held against the schema of Vega-Lite
        json.dumps(spec, allow_nan=False)
        words = texts(spec)
        for line in (*spec["title"]["text"], *spec["title"]["subtitle"]):
            assert line in words, name
        for side in posterior.sides if name in ("overview", "lineages") else ():
            assert text.name(side) in words, name


@pytest.mark.slow
def test_a_figure_has_the_posteriors_numbers_and_every_claim(posterior: Posterior, verdicts: list[Verdict]) -> None:
    spec = losses_figures.cumulative(posterior, verdicts, "north", "killed").to_dict()
    band, *claims = [spec["datasets"][one["data"]["name"]] for one in spec["layer"]]
    low, middle, high = np.quantile(posterior.total("north", "killed"), [0.05, 0.5, 0.95])
    assert [band[-1][name] for name in ("low", "middle", "high")] == pytest.approx([low, middle, high], rel=1e-3)
    assert {one["claim"] for one in claims[0]} == {"C01", "C02", "C03", "C04", "C10"}
    words = texts(spec)
    for wanted in ("too high", "too low", "compatible", "media", "own side", "list of names", "Weekly", "Own staff"):
        assert wanted in words


@pytest.mark.parametrize("claim_id", ["C01", "C02", "C03", "C04", "C08"])
@pytest.mark.slow
def test_readings_stand_with_and_without_the_posterior(
    claim_id: str, posterior: Posterior, verdicts: list[Verdict]
) -> None:
    one = by_id(verdicts, claim_id)
    for given in (posterior, None):
        words = texts(losses_figures.readings(one, given).to_dict())
        said = " ".join(words)
        assert text.said(one.claim) in said
        assert ("half of the evidence" in said) == (given is not None)
        for reading in one.readings:
            chance = f"{text.tail_chance(reading.tail_probability)}, {text.VERDICTS[reading.verdict]}"
            assert chance in words
            assert reading.says.split()[0] in said


@pytest.mark.slow
def test_a_claim_without_a_reading_is_drawn_without_rows(posterior: Posterior, verdicts: list[Verdict]) -> None:
    words = texts(losses_figures.readings(by_id(verdicts, "C13"), posterior).to_dict())
    assert "Ministry 13: 10 – not judged" in words
    assert "chance, verdict" not in words


def test_sides_of_any_name_have_figures_with_files_of_their_own(posterior: Posterior) -> None:
    side = posterior.sides["north"]
    names = ["[/south]", "[:south]", "St. Petersburg", "Україна"]
    every = losses_report.sections(dataclasses.replace(posterior, sides=dict.fromkeys(names, side)), [], [])
    stems = [name for section in every for name in section.charts]
    assert all(files.stem(name) == name for name in stems)
    assert sum(name.startswith("cumulative_killed_") for name in stems) == len(names)
    assert "cumulative_killed_Україна" in stems


def test_names_never_lie_on_one_another() -> None:
    random = np.random.default_rng(1)
    spots = [(float(x), float(y)) for x, y in random.uniform((0, 0), (860, 300), (40, 2))]
    wanted = [(f"Ministry of {number}", spot) for number, spot in enumerate(spots)]
    placed = charts.place(wanted, spots, 860, 300, most=12)
    assert len(placed) == 12
    for number, one in enumerate(placed):
        left, top, right, bottom = one.box
        assert 0 <= left < right <= 860
        assert 0 <= top < bottom <= 300
        for other in placed[:number]:
            far = other.box
            assert left >= far[2] or far[0] >= right or top >= far[3] or far[1] >= bottom


@pytest.mark.slow
def test_points_say_what_the_claim_says(posterior: Posterior, verdicts: list[Verdict]) -> None:
    spec = json.dumps(losses_figures.cumulative(posterior, verdicts, "north", "killed").to_dict())
    for wanted in ("at least 90,000", "up to 200", "Weekly", "too high", "too low"):
        assert wanted in spec


# --- card ---


@pytest.mark.slow
def test_the_card_holds_the_claim_and_its_picture_has_its_size(
    posterior: Posterior, verdicts: list[Verdict], tmp_path: Path
) -> None:
    one = by_id(verdicts, "C03")
    html, png = losses_report.save_verdict(posterior, one, tmp_path / "new")
    assert [path.name for path in (html, png)] == ["C03.html", "C03.png"]
    width, height = struct.unpack(">II", png.read_bytes()[16:24])
    assert width == losses_report.CARD_WIDTH * losses_report.CARD_SCALE
    text = unescape(html.read_text(encoding="utf-8"))
    for wanted in (
        "at least 90,000 killed", "Weekly", "Too high", "under 0.2%", present_text.citation(posterior),
        *losses_report.arithmetic(posterior, one),
        "13 claims", "15 July 2030", "fast fit", "Holdfast 0.", "not the truth",
    ):  # fmt: skip
        assert wanted in text, wanted
    assert height == losses_report.CARD_SCALE * int(re.search(r'<svg[^>]* height="(\d+)"', text)[1])
    assert not requests(text)


@pytest.mark.parametrize("words_", [ABSURD, SCRIPT * 10, "a" * 3000, "", "\u0000\ud800 ok ‮", "ﷺ" * 300, "W" * 400])
@pytest.mark.slow
def test_no_words_run_out_of_the_card(words_: str, posterior: Posterior, verdicts: list[Verdict]) -> None:
    one = by_id(verdicts, "C03")
    absurd = dataclasses.replace(
        one.claim, claimant=words_, definition=words_, source=words_, url=words_, claim_id=words_
    )
    _, _, sheet = losses_report.card(dataclasses.replace(one, claim=absurd), posterior, [words_], words_)
    assert all(
        line.x + line.width <= losses_report.CARD_WIDTH - losses_report.CARD_MARGIN + 0.5 for line in sheet.lines
    )
    heights = [line.y for line in sheet.lines]
    assert heights == sorted(heights)


@pytest.mark.slow
def test_a_card_escapes_what_others_wrote(posterior: Posterior, verdicts: list[Verdict]) -> None:
    for claim_id in ("C09", "C13"):
        text, _, _ = losses_report.card(by_id(verdicts, claim_id), posterior, [SCRIPT], SCRIPT)
        assert "<script" not in text
        assert 'javascript:alert(1)"' not in text


def test_widths_are_never_under_those_of_the_widest_font() -> None:
    fonts = pytest.importorskip("fontTools.ttLib")
    found = [Path("/usr/share/fonts/truetype/dejavu") / name for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")]
    if not all(path.exists() for path in found):
        pytest.skip("no DejaVu Sans here")
    for path, bold in zip(found, (False, True)):
        font = fonts.TTFont(path)
        names, widths, size = font.getBestCmap(), font["hmtx"], font["head"].unitsPerEm
        for code in (*range(32, 127), *range(0xA1, 0x250), *range(0x370, 0x530), *range(0x2010, 0x2030)):
            letter = chr(code)
            if code in names and letter.isprintable():
                assert charts.text_width(letter, 1, bold) >= widths[names[code]][0] / size - 0.006, (letter, bold)


def test_lines_are_cut_where_no_space_is() -> None:
    lines = charts.wrap("x" * 500 + " and more", 12, 200)
    assert all(charts.text_width(line, 12) <= 200 for line in lines)
    assert "".join(lines).replace(" ", "") == "x" * 500 + "andmore"
    assert charts.wrap("many words " * 50, 12, 200, lines=2)[-1].endswith("…")


# --- page ---


class Outward(HTMLParser):
    """Whatever a browser would fetch, and links that lead out."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.links: list[str] = []
        self.scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        for name, value in attrs:
            if tag == "a" and name == "href":
                self.links.append(value or "")
            elif name in ("src", "href", "srcset", "data", "poster", "action", "xlink:href") and value:
                self.fetched.append(value)
            elif name == "style" and "url(" in (value or ""):
                self.fetched.append(value or "")
            assert not name.startswith("on"), (tag, name)


def requests(text: str) -> list[str]:
    outward = Outward()
    outward.feed(text)
    return [value for value in outward.fetched if not value.startswith(("#", "data:"))]


@pytest.mark.slow
def test_the_page_asks_for_nothing(written: str) -> None:
    outward = Outward()
    outward.feed(written)
    assert not requests(written)
    assert all(link.startswith(("#", "https://example.org/")) for link in outward.links)
    assert outward.scripts == 4  # the charts' data, the library, its use, the table
    style = re.search(r"<style>(.*?)</style>", written, re.DOTALL)[1]
    assert not re.search(r"url\(|@import", style)


@pytest.mark.slow
def test_the_page_escapes_what_others_wrote(written: str) -> None:
    assert "alert('x')</script>" not in written
    assert "javascript:alert" not in written
    assert "Court &lt;script&gt;" in written


@pytest.mark.slow
def test_the_page_says_what_was_found(written: str, posterior: Posterior) -> None:
    dead = text.interval(summary(posterior)["sides"]["north"]["killed"])
    assert f"By 15 July 2030 North has lost {dead} men killed" in written
    for wanted in (
        "This is the fast fit", "what it would have to mean", "R-hat", "not the truth", text.citation(posterior),
        "A caveat &lt;script&gt;", "too high", "weights, shaky",
    ):  # fmt: skip
        assert wanted in written, wanted
    assert written.count('data-verdict="') == len(CLAIMS)


@pytest.mark.slow
def test_the_figures_lie_beside_the_page_where_asked(
    posterior: Posterior, verdicts: list[Verdict], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(losses_report, "MONTHLY", ("deserted",))
    few = [one for one in verdicts if one.claim.side == "north"]
    losses_report.write(tmp_path, posterior, few, [], summary(posterior), [])
    assert not (tmp_path / "figures").exists()
    losses_report.write(tmp_path, posterior, few, [], summary(posterior), [], figures=True)
    kinds = {kind: {path.stem for path in (tmp_path / "figures").glob(f"*.{kind}")} for kind in ("png", "svg")}
    assert kinds["png"] == kinds["svg"] >= {"overview", "cumulative_killed_north", "monthly_deserted_south"}


@pytest.mark.parametrize(
    ("url", "kept"),
    [("https://a.org/b", True), ("http://a.org", True), ("javascript:alert(1)", False), ("data:text/html,x", False),
     ("//a.org", False), ("", False), ("https://[", False)],
)  # fmt: skip
def test_only_links_to_the_web_are_links(url: str, kept: bool) -> None:
    assert bool(html.link(url)) is kept


# --- the screen ---


def printed(thing: Any) -> str:
    console = Console(width=110, file=io.StringIO(), highlight=False)
    console.print(thing)
    return console.file.getvalue()  # type: ignore[attr-defined]


@pytest.mark.slow
def test_tables_hide_no_number(posterior: Posterior, verdicts: list[Verdict]) -> None:
    told = summary(posterior)
    text = printed(losses.totals(told))
    for side in told["sides"].values():
        assert present_text.interval(side["killed"]) in text
        assert present_text.interval(side["years"]["2030"]["wounded"]) in text
    text = printed(losses.verdicts_table(verdicts))
    assert all(one.claim.claim_id in text for one in verdicts)
    assert "…" not in text
    assert text.index("C03") < text.index("C01")
    assert "C01" not in printed(losses.verdicts_table(verdicts, only="high"))
    assert max(map(len, text.splitlines())) <= 110


@pytest.mark.slow
def test_one_claim_is_told_in_full(verdicts: list[Verdict]) -> None:
    text = printed(losses.one_claim(by_id(verdicts, "C03"), ["[b]The sum[/b]"]))
    for wanted in (
        "at least 90,000 killed",
        "Weekly",
        "Too high",
        "under 0.2%",
        "killed and wounded",
        "[b]The sum[/b]",
    ):
        assert wanted in text
    assert "Not judged" in printed(losses.one_claim(by_id(verdicts, "C13")))
