"""The report: its numbers are the result's, it opens without a network, and its film comes back whole."""

from __future__ import annotations

import dataclasses
import html
import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import vl_convert
import xarray as xr

import synthetic
import zones
from holdfast.coded_armies import codebook
from holdfast.core.units import MONTH_DAYS
from holdfast.io import film
from holdfast.io import film as io_film
from holdfast.present import charts, run_figures, run_findings, run_report, text, vega

MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def breaking() -> xr.Dataset:
    return synthetic.dataset(runs=16, days=240)


@pytest.fixture(scope="module")
def holding() -> xr.Dataset:
    return synthetic.dataset(runs=16, days=240, breaking=False)


@pytest.fixture(scope="module")
def page(breaking: xr.Dataset, tmp_path_factory: pytest.TempPathFactory) -> str:
    return written(breaking, tmp_path_factory.mktemp("report"), synthetic.film(days=240, billets=12_000))


def written(data: xr.Dataset, folder: Path, film: io_film.Film | io_film.Reel | None, figures: bool = False) -> str:
    path = run_report.write(
        folder,
        data,
        synthetic.summary(data),
        film,
        run_report.Inputs(
            synthetic.inputs(),
            synthetic.parameters(),
            ["A caveat of the scenario."],
            "The first paragraph.\n\nThe second, with <i>a tag</i>.",
        ),
        figures=figures,
    )
    return path.read_text(encoding="utf-8")


# --- words ---


@pytest.mark.parametrize(
    ("probability", "said"),
    [
        (1.0, "almost certain"),
        (0.99, "almost certain"),
        (0.95, "very likely"),
        (0.7, "likely"),
        (0.5, "about as likely as not"),
        (0.2, "unlikely"),
        (0.05, "very unlikely"),
        (0.0, "almost impossible"),
    ],
)
def test_the_scale_of_words(probability: float, said: str) -> None:
    assert text.chance(probability) == said


def test_few_runs_never_sound_certain() -> None:
    assert text.of_runs(0, 16) == "very unlikely: 0 of 16 runs (0–14%)"
    assert text.of_runs(0, 1000).partition(":")[0] == "almost impossible"
    assert "14%" in text.resolution(16)
    assert "nothing about chances" in text.resolution(1)


def test_numbers_in_words() -> None:
    assert [text.number(x) for x in (17_034.0, 0.004_213, 0.0, -12.34)] == ["17,000", "0.00421", "0", "−12.3"]
    assert text.number(15.0, whole=True) == "15"
    assert text.signed(-0.001) == "0.0"
    assert [text.name(x) for x in ("russia", "central-powers", "ussr")] == ["Russia", "Central powers", "USSR"]


# --- numbers from a result ---


def test_a_steady_flow_has_a_steady_rate(breaking: xr.Dataset) -> None:
    steady = breaking.copy()
    steady["present"] = xr.full_like(breaking.present, 10_000)
    steady["killed"] = xr.full_like(breaking.killed, 20)
    assert np.allclose(run_findings.monthly(steady, "killed"), 2 * MONTH_DAYS)
    assert np.allclose(run_findings.overall(steady, "killed"), 2 * MONTH_DAYS)


@pytest.mark.parametrize(
    ("rate", "band"),
    [
        (0.1, "below holding"),
        (3, "holding"),
        (9, "between holding and grey"),
        (20, "grey"),
        (60, "breaking"),
        (900, "rout"),
    ],
)
def test_the_bands_of_past_armies(rate: float, band: str) -> None:
    assert codebook.band_of(rate) == band


def test_the_bands_in_a_sentence() -> None:
    assert text.likeness(3) == "as in armies that held"
    assert text.likeness(0.1) == "fewer than in armies that held"
    assert text.likeness(150) == "between armies that broke and routs"


@pytest.mark.parametrize("gauge", run_findings.GAUGES, ids=lambda gauge: gauge.name)
def test_a_gauge_reads_its_anchors(gauge: run_findings.Gauge, breaking: xr.Dataset) -> None:
    for code, anchor in enumerate(gauge.anchors):
        fixed = breaking.copy()
        for name in ("prospects", "vitality", "elite_cohesion", "patron_gone", "unpaid", "unfed", "broken_share"):
            fixed[name] = xr.full_like(breaking[name], anchor)
        for name in ("exit_safety", "captor_treatment"):
            fixed[name] = xr.full_like(breaking[name], anchor)
        fixed["present"] = xr.full_like(breaking.present, 1, dtype=float)
        fixed["killed"] = xr.full_like(fixed.present, anchor / MONTH_DAYS / 1000)
        fixed["notices"] = fixed["posted"] = xr.full_like(fixed.present, anchor)
        assert np.allclose(gauge.code(fixed), code, atol=1e-6)


def test_losses_pass_the_coders_bounds_half_way() -> None:
    losses = np.log(run_findings.GAUGES[0].anchors)
    assert np.interp(np.log([2.0, 10.0]), losses, [0, 1, 2]) == pytest.approx([0.5, 1.5], abs=0.005)


def test_chance_by_day_ends_at_the_share_of_runs(breaking: xr.Dataset) -> None:
    for outcome in run_findings.OUTCOMES:
        share = run_findings.chance_by_day(breaking, outcome)
        assert (share.share.diff("day") >= 0).all()
        assert np.allclose(share.share.isel(day=-1), (breaking[outcome] >= 0).mean("run"))
        assert bool(((share.low <= share.share) & (share.share <= share.high)).all())


def test_who_breaks_first_adds_up(breaking: xr.Dataset, holding: xr.Dataset) -> None:
    counts = run_findings.first_to_break(breaking)
    assert sum(counts.values()) == 16
    mass, collapse = breaking.day_mass_desertion.values[:, 0], breaking.day_collapse.values[:, 0]
    assert counts["Redland"] == ((mass >= 0) | (collapse >= 0)).sum() > 0
    assert run_findings.first_to_break(holding)["neither"] == 16


def test_thinning_keeps_the_last_day(breaking: xr.Dataset) -> None:
    thin = charts.thin(breaking.present)
    assert thin.sizes["day"] <= charts.POINTS
    assert thin.day[-1] == breaking.day[-1]


# --- the film ---


def test_the_film_comes_back_whole() -> None:
    film = synthetic.film(billets=5_000, days=50)
    frames = np.concatenate(list(film.frames))
    for chunked in (frames, [frames[:7], frames[7:]], [frames[:1], frames[1:20], frames[20:]]):
        packed = io_film.pack(
            io_film.Film(chunked, film.brigade_of, film.brigade_side, film.brigade_sector, film.dates, 1)
        )
        assert np.array_equal(np.stack(list(io_film.unpack(packed))), frames)


def test_a_film_whose_frames_have_an_order_and_codes_of_their_own_is_the_same() -> None:
    about, luck = synthetic.film(billets=3_000, days=20), np.random.default_rng(5)
    raw = luck.choice([2, 3, 9], (21, 3_500), p=[0.9, 0.05, 0.05]).astype(np.uint8)  # 9 means 3
    order = luck.permutation(3_500)[: about.brigade_of.size]
    codes = np.arange(256, dtype=np.uint8)
    codes[9] = 3
    shown = codes[raw[:, order]]
    packed = [
        io_film.pack(dataclasses.replace(about, frames=frames, **own))
        for frames, own in ((shown, {}), ([raw[:4], raw[4:]], {"order": order, "codes": codes}))
    ]
    assert packed[0] == packed[1]
    assert np.array_equal(np.stack(list(io_film.unpack(packed[1]))), shown)


def test_a_film_of_one_frame_and_one_where_all_change() -> None:
    about = synthetic.film(billets=2_400, days=1)
    for frames in (np.full((1, 9), 2, np.uint8), np.arange(30, dtype=np.uint8).reshape(3, 10) % 8):
        packed = film.pack(
            film.Film(frames, about.brigade_of, about.brigade_side, about.brigade_sector, about.dates, 1)
        )
        assert np.array_equal(np.stack(list(film.unpack(packed))), frames)


def test_a_film_too_large_is_thinned_evenly() -> None:
    film = synthetic.film(billets=20_000, days=60, turnover=0.02)
    frames = np.concatenate(list(film.frames))
    whole = io_film.Film(frames, film.brigade_of, film.brigade_side, film.brigade_sector, film.dates, 10, 100)
    packed = io_film.pack(whole, budget=20_000)
    assert packed.every > 1
    assert len(packed.payload) * 4 / 3 <= 20_000
    assert np.array_equal(np.stack(list(io_film.unpack(packed))), frames[:, :: packed.every])
    header = io_film._header(whole, packed)
    assert header["men"] == 10 * packed.every
    assert header["blocks"][0][3] == 0
    assert len(header["blocks"]) == 2 * synthetic.BRIGADES


@pytest.mark.slow
def test_a_million_billets_fit_the_page(breaking: xr.Dataset, tmp_path: Path) -> None:
    film = synthetic.film(billets=1_100_000, days=365, turnover=0.003)
    reel = io_film.reel(film)
    assert reel.about["every"] == 1
    assert reel.about["posts"] > 1_090_000
    text = written(breaking, tmp_path, reel)
    assert len(text.encode()) < 8 * MEGABYTE


# --- the page ---


class Tables(HTMLParser):
    """Rows of all tables as lists of cells' texts."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self.open = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self.open = False

    def handle_data(self, data: str) -> None:
        if self.open:
            self.rows[-1][-1] += data


def rows_of(page: str) -> dict[str, list[str]]:
    tables = Tables()
    tables.feed(page[: page.index('<script type="application/json" id="specs">')])
    return {row[0].strip(): [cell.strip() for cell in row[1:]] for row in tables.rows if row}


@pytest.mark.slow
def test_the_answer_is_that_of_the_result(page: str, breaking: xr.Dataset) -> None:
    rows = rows_of(page)
    for column, side in enumerate(synthetic.SIDES):
        one = breaking.sel(side=side)
        for flow in ("killed", "wounded", "deserted", "surrendered", "returned"):
            low, middle, high = np.quantile(one[flow].sum("day").values, [0.05, 0.5, 0.95])
            said = " ".join(text.number(float(x), whole=True) for x in (middle, low, high))
            assert re.sub(r"[(–]", " ", rows[flow][column]).rstrip(")").split() == said.split()
        came = int((one.day_mass_desertion >= 0).sum())
        assert f"{came} of 16 runs" in rows["mass desertion: chance"][column]
    day = int(np.quantile([d for d in breaking.day_collapse.values[:, 0] if d >= 0], 0.5))
    assert rows["collapse: when, if it comes"][0].startswith(text.short_date(breaking.day.values[day]))
    assert rows["collapse: when, if it comes"][1] == "never"


def test_a_war_that_a_state_ends_is_in_the_answer(holding: xr.Dataset) -> None:
    """In the words and in the table, of the side to which it came; where it never came, nowhere."""
    labels = [label for label, _ in run_findings.table(holding)]
    assert not any("state ends" in label for label in labels)
    days = xr.full_like(holding.day_collapse, -1)
    days[:3, 1] = 20
    ended = holding.assign(day_settlement=days)
    rows = dict(run_findings.table(ended))
    assert [cell.split(" of ")[0].split()[-1] for cell in rows["state ends the war: chance"]] == ["0", "3"]
    assert rows["state ends the war: when, if it comes"][0] == "never"
    assert run_findings.settlements(ended) == {ended.side.values[1]: 3}


def test_an_army_shot_to_pieces_never_holds(holding: xr.Dataset) -> None:
    """It is destroyed, in the headline, the words, the table and the figures; where no army is, nothing speaks of it."""
    first, second = holding.side.values
    days = xr.full_like(holding.day_collapse, -1)
    days[:14, 0] = 20
    ruined = holding.assign(day_destroyed=days)
    assert f"its army is destroyed: {first} likely (14 of 16 runs)." in run_findings.headline(ruined)
    words = " ".join(run_findings.sentences("answer", ruined))
    assert f"{first}'s army looks like those that were destroyed: it breaks in 0 of 16 runs" in words
    assert f"{second}'s army looks like those that held" in words
    assert "First to break, in 16 runs: neither in 2 and in 14 an army is destroyed before either breaks." in words
    assert "14 of 16 runs" in dict(run_findings.table(ruined))["army destroyed: chance"][0]
    heads, rows = run_findings.ends(ruined)
    assert rows[len(rows) // 2 - 1][heads.index("army is destroyed")].startswith("88%")
    titles = [
        run_figures.FIGURES[name](ruined).to_dict()["title"]["text"][0] for name in ("chance_by_day", "breaks_first")
    ]
    assert "in 88%" in titles[0]
    assert titles[1] == "In 14 of 16 runs an army is destroyed before either breaks"
    some = holding.assign(day_destroyed=days.where(days.run < 8, -1))
    assert "may hold, break or be destroyed" in run_findings.sentences("answer", some)[0]
    assert "destroyed" not in " ".join([*run_findings.sentences("answer", holding), *run_findings.ends(holding)[0]])


def test_the_charts_hold_the_results_numbers(page: str, breaking: xr.Dataset) -> None:
    specs = json.loads(re.search(r'id="specs">(.*?)</script>', page, re.S)[1])
    assert zones.local(specs) == []
    values = [row for data in specs["chance_by_day"]["datasets"].values() for row in data]
    last = str(breaking.day.values[-1].astype("datetime64[D]"))
    shares = {(r["outcome"], r["side"]): r["share"] for r in values if r["day"] == last}
    for name, label in run_findings.OUTCOMES.items():
        for side in synthetic.SIDES:
            expected = float((breaking[name].sel(side=side) >= 0).mean())
            assert shares[label, side] == pytest.approx(expected, rel=1e-3)


@pytest.mark.slow
def test_an_army_that_holds_is_said_to_hold(
    holding: xr.Dataset, breaking: xr.Dataset, tmp_path: Path, page: str
) -> None:
    text = html.unescape(written(holding, tmp_path, None))
    assert "Redland's army looks like those that held" in text
    assert "Blueland's army looks like those that held" in text
    assert "Neither side breaks in any of the 16 runs" in text
    assert "No film was recorded" in text
    assert "Redland's army looks like those that broke" in html.unescape(page)
    assert "Blueland's army looks like those that held" in html.unescape(page)


def test_every_section_is_there_and_reached(page: str) -> None:
    keys = re.findall(r'<section id="([a-z]+)"', page)
    assert keys == [
        "answer",
        "belief",
        "exits",
        "film",
        "front",
        "regime",
        "contagion",
        "pressures",
        "inputs",
        "limits",
    ]
    assert re.findall(r'  <a href="#([a-z]+)">', page) == keys
    specs = json.loads(re.search(r'id="specs">(.*?)</script>', page, re.S)[1])
    shown = re.findall(r'data-chart="([a-z_]+)"', page)
    assert sorted(shown) == sorted(specs)
    assert len(shown) == 14
    said = re.findall(r'data-chart="([a-z_]+)" role="img" aria-label="([^"]+)"><noscript>', page)
    assert dict(said).keys() == specs.keys()
    assert all(html.unescape(words).startswith(" ".join(specs[name]["title"]["text"])) for name, words in said)


def test_the_page_asks_nothing_of_the_network(page: str) -> None:
    assert set(re.findall(r'\shref="([^"]*)"', page)) == {
        f"#{key}" for key in re.findall(r'<section id="([a-z]+)"', page)
    }
    markup = re.sub(r"<script.*?</script>", "", page, flags=re.S)
    assert not re.findall(r"\ssrc\s*=|<link|<iframe|<object|@import|url\(", markup)
    assert "default-src 'none'" in markup
    assert "connect-src" not in markup


def test_text_from_outside_is_never_markup(page: str) -> None:
    assert "<b>not bold</b>" not in page
    assert "&lt;b&gt;not bold&lt;/b&gt;" in page
    assert "&lt;i&gt;a tag&lt;/i&gt;" in page
    assert page.count("<p>The first paragraph.</p>") == 1
    assert "A caveat of the scenario." in page
    assert "420,000" in page


@pytest.mark.slow
def test_sides_are_called_as_one_says_them(breaking: xr.Dataset, tmp_path: Path) -> None:
    keyed = breaking.assign_coords(side=["ussr", "central-powers"], side_title=("side", ["Red Army", "Armies"]))
    for name in ("brigade_side", "region_side"):
        keys = np.where(breaking[name].values == "Redland", "ussr", "central-powers")
        keyed = keyed.assign_coords({name: (breaking[name].dims, keys)})
    text = html.unescape(written(keyed, tmp_path, None))
    assert "USSR's army looks like" in text
    assert "Central powers' army looks like" in text
    assert '<span class="title">Red Army</span>' in text


@pytest.mark.parametrize(("runs", "days"), [(1, 30), (3, 5), (2, 900)])
@pytest.mark.slow
def test_other_lengths_and_numbers_of_runs(runs: int, days: int, tmp_path: Path) -> None:
    data = synthetic.dataset(runs=runs, days=days)
    text = written(data, tmp_path, None)
    assert f"{runs} run" in text
    assert "nan" not in re.sub(r"<script.*?</script>", "", text, flags=re.S).lower()


def test_a_page_draws_no_figure_and_needs_no_library_that_does(breaking: xr.Dataset, tmp_path: Path) -> None:
    breaking.to_netcdf(tmp_path / "data.nc")
    code = """
import sys; from pathlib import Path; import xarray as xr
from holdfast.present import html, run_report
html._bundle = lambda: html.Markup("")
folder = Path(sys.argv[1])
run_report.write(folder / "out", xr.load_dataset(folder / "data.nc"), {}, None, run_report.Inputs())
loaded = {"altair", "jsonschema", "vl_convert", "narwhals"} & set(sys.modules)
print(*sorted(loaded), *(one.name for one in (folder / "out").iterdir()))
"""
    said = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["report.html"]


@pytest.mark.slow
@pytest.mark.parametrize("name", run_figures.FIGURES)
def test_every_figure_is_one_that_altair_takes(name: str, breaking: xr.Dataset) -> None:
    draw = run_figures.FIGURES[name]
    assert vega.altair_of(lambda: draw(breaking)).to_dict()["title"] == draw(breaking).to_dict()["title"]


@pytest.mark.slow
def test_figures_are_drawn_as_files(breaking: xr.Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn, painted = vl_convert.vegalite_to_svg, vl_convert.svg_to_png
    calls = {"svg": 0, "png": 0}
    monkeypatch.setattr(
        vl_convert, "vegalite_to_svg", lambda *a, **k: (calls.update(svg=calls["svg"] + 1), drawn(*a, **k))[1]
    )
    monkeypatch.setattr(
        vl_convert, "svg_to_png", lambda *a, **k: (calls.update(png=calls["png"] + 1), painted(*a, **k))[1]
    )
    written(breaking, tmp_path, None)
    assert calls == {"svg": 0, "png": 0}
    assert not (tmp_path / "figures").exists()
    written(breaking, tmp_path, None, figures=True)
    assert calls == dict.fromkeys(calls, len(run_figures.FIGURES))
    for name in run_figures.FIGURES:
        png, svg = (tmp_path / "figures" / f"{name}.{kind}" for kind in ("png", "svg"))
        assert png.read_bytes().startswith(b"\x89PNG")
        width = int.from_bytes(png.read_bytes()[16:20], "big")
        assert 1500 < width < 2 * 990, name
        assert svg.read_text(encoding="utf-8").lstrip().startswith("<svg")


def test_without_what_the_regions_need_no_figure_of_regions(breaking: xr.Dataset) -> None:
    assert run_figures.drawable("regions", breaking)
    assert not run_figures.drawable("regions", breaking.drop_vars("region_eligible"))
    assert run_figures.drawable("flows", breaking.drop_vars("region_eligible"))


def test_importing_the_report_draws_nothing() -> None:
    code = "import sys, holdfast.present; print([m for m in ('altair', 'vl_convert', 'jinja2') if m in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no browser here")
@pytest.mark.slow
def test_the_browser_shows_what_python_packed(breaking: xr.Dataset, tmp_path: Path) -> None:
    film = synthetic.film(days=240, billets=12_000)
    frames = np.concatenate(list(film.frames))
    kept = io_film.Film(
        frames, film.brigade_of, film.brigade_side, film.brigade_sector, film.dates, 10, film.company_billets
    )
    written(breaking, tmp_path, kept)
    command = [
        "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--no-first-run", f"--user-data-dir={tmp_path / 'profile'}",
        "--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=20000", "--dump-dom",
        (tmp_path / "report.html").as_uri(),
    ]  # fmt: skip
    dom = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    dom = re.sub(r"<script.*?</script>", "", dom, flags=re.S)
    assert 'data-film="ready"' in dom
    assert 'data-drawn="yes"' in dom
    assert "could not be drawn" not in dom
    assert dom.count("<svg") == 14
    counts = re.search(r'id="film-counts">.*?</table>', dom, re.S)
    assert counts
    seen = [int(cell.replace(",", "")) for cell in re.findall(r"<td>([\d,]+)</td>", counts[0])]
    side = np.asarray(film.brigade_side)[film.brigade_of]
    expected = [10 * int((frames[-1][side == name] == fate).sum()) for name in synthetic.SIDES for fate in range(1, 8)]
    assert seen == expected
