"""The other pages of the live page: why, evidence, history, forecast, about, a saved result; in a browser, on small inputs."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import holdfast as hf
from holdfast.app import codes, coding, door, pages, studies
from holdfast.core.faults import FaultyError
from live import BROWSER, Watched, server

in_a_browser = pytest.mark.skipif(BROWSER is None, reason="no browser here")
pytestmark = pytest.mark.slow
LONG = 240_000
"""Patience for what may have to be compiled on a busy machine [ms]."""
PAGES = ("result", "why", "evidence#war=winter_war_1939", "history", "history/RUS_1917", "forecast", "about")
DONE = "#work .outcome:not([hidden])"


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a saved result that took no runs."""
    folder = tmp_path_factory.mktemp("saved")
    hf.assess(army="RUS_1917", with_changes=False).save(folder)
    return folder


@pytest.fixture(scope="session")
def served(saved: Path) -> Iterator[tuple[str, int]]:
    """A live page that was started on it: its address and process."""
    with server(str(saved)) as (address, process):
        yield address, process


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def watched(browser: Any, served: tuple[str, int]) -> Iterator[Watched]:
    """A fresh tab; no error may come up in it, and nothing may be asked of another machine."""
    context = browser.new_context(viewport={"width": 1280, "height": 720}, accept_downloads=True)
    watched = Watched(context.new_page(), served[0])
    yield watched
    context.close()
    # Vega's remarks on scales that two layers share come from within the frames of results.
    assert [line for line in watched.wrong if not line.startswith("WARN Conflicting")] == []


def jobs_of(server: int) -> set[int]:
    """Processes of a server that carry jobs out."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words, parent = (
                (folder / "cmdline").read_bytes(),
                (folder / "stat").read_text().rsplit(")", 1)[1].split()[1],
            )
        except OSError:
            continue
        if b"holdfast.app.job_process" in words and int(parent) == server:
            found.add(int(folder.name))
    return found


def gone(server: int, within: float = 10.0) -> bool:
    """Whether a server's jobs end within some seconds."""
    last = time.monotonic() + within
    while jobs_of(server):
        if time.monotonic() > last:
            return False
        time.sleep(0.1)
    return True


def downloaded(page: Any, selector: str) -> Path:
    """The file behind a link."""
    with page.expect_download() as waiting:
        page.click(selector)
    return Path(waiting.value.path())


def asked(page: Any, address: str, request: object) -> Any:
    """What the server answers to a request from its own page."""
    origin = address.split("/jobs")[0].split("/answers")[0]
    return page.request.post(address, data=json.dumps(request), headers={"origin": origin})


# --- Every page.


@in_a_browser
@pytest.mark.parametrize("path", PAGES)
def test_each_page_is_accessible_in_light_and_dark_and_on_a_phone(
    watched: Watched, served: tuple[str, int], path: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = watched.page
    for theme, size in (("light", (1280, 720)), ("dark", (390, 844))):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.emulate_media(color_scheme=theme)
        page.goto("about:blank")  # so that a new fragment is a new page
        page.goto(f"{served[0]}/{path}")
        if path.startswith("history"):
            page.wait_for_selector("#changes tr" if path == "history" else "#chance:has-text('Chance')", timeout=LONG)
        if path.startswith(("result", "evidence")):
            page.wait_for_selector(DONE, timeout=LONG)
        for each in page.locator("details:not([open]) > summary").all():
            each.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        found = Axe().run(
            page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"], "iframes": False}
        )
        assert found.violations_count == 0, found.generate_report()


@in_a_browser
def test_a_page_that_is_not_there(browser: Any, served: tuple[str, int]) -> None:
    page = browser.new_page()
    for path in ("nowhere", "history/NOBODY_1900", "results/" + "0" * 24 + "/../finished.json"):
        assert page.goto(f"{served[0]}/{path}").status == 404
    page.close()


# --- Why.


@in_a_browser
def test_an_army_is_explained_to_the_end_and_its_files_can_be_had(watched: Watched, served: tuple[str, int]) -> None:
    page = watched.page
    page.goto(f"{served[0]}/why")
    page.select_option("#scenario", "skirmish")
    page.select_option("#side", "south")
    page.click("details.more summary")
    page.fill("[name=days]", "3")
    page.click("button.main")
    page.wait_for_selector(DONE, timeout=LONG)
    frame = page.frame_locator("iframe.result")
    assert "South" in frame.locator("h1").inner_text()
    frame.locator("body[data-drawn=yes]").wait_for(timeout=LONG)
    assert json.loads(downloaded(page, "text=explanation.json").read_text())["days"] == 3
    assert "losses,collapse" in downloaded(page, "text=shapley.csv").read_text()
    page.reload()
    page.wait_for_selector(DONE, timeout=10_000)  # it is kept, and the form is as it was
    assert page.input_value("[name=days]") == "3"


@in_a_browser
def test_faults_of_a_request_are_shown_all_at_once(watched: Watched, served: tuple[str, int]) -> None:
    page = watched.page
    page.goto(f"{served[0]}/why")
    page.evaluate("document.getElementById('form').noValidate = true")
    page.fill("#draws", "10")
    page.click("details.more summary")
    page.fill("[name=precision]", "7")
    page.click("button.main")
    page.wait_for_selector("#work .faults:not([hidden])", timeout=LONG)
    said = page.inner_text("#work .faults")
    assert "draws: found 10" in said
    assert "precision: found 7" in said


@in_a_browser
def test_cancel_ends_the_work(watched: Watched, served: tuple[str, int]) -> None:
    page, (address, process) = watched.page, served
    page.goto(f"{address}/why")
    page.select_option("#scenario", "russia-ukraine-2023")
    page.click("button.main")
    last = time.monotonic() + 30
    while not jobs_of(process):
        assert time.monotonic() < last
        page.wait_for_timeout(100)
    page.click("#work .stop")
    assert page.locator("#work .running").is_hidden()
    assert gone(process)


@in_a_browser
def test_a_closed_tab_ends_its_work(browser: Any, served: tuple[str, int]) -> None:
    address, process = served
    page = browser.new_page()
    page.goto(f"{address}/forecast")
    page.fill("[name=runs]", "397")
    page.click("button.main")
    last = time.monotonic() + 30
    while not jobs_of(process):
        assert time.monotonic() < last
        page.wait_for_timeout(100)
    page.close()
    assert gone(process)


# --- Evidence.


@in_a_browser
def test_a_claim_is_judged_as_it_is_typed_and_its_card_can_be_had(watched: Watched, served: tuple[str, int]) -> None:
    page = watched.page
    page.goto(f"{served[0]}/evidence#war=winter_war_1939")
    page.wait_for_selector(DONE, timeout=LONG)
    page.locator("#claim").press_sequentially("1000000 killed soviet union 1940-03-13")
    page.wait_for_selector("#verdict:not([hidden])", timeout=LONG)
    assert page.inner_text("#verdict-words") == "Too high."
    assert page.locator("#readings tbody tr").count() > 3
    page.fill("#claim", "150000 killed soviet union 1940-03-13")
    page.wait_for_selector("#verdict-title:has-text('150,000')", timeout=5_000)
    page.click("#card")
    page.wait_for_selector("#card-picture:not([hidden])", timeout=LONG)
    assert downloaded(page, "#card-files >> text=SVG").read_text().startswith("<svg")
    assert downloaded(page, "#card-files >> text=PNG").read_bytes().startswith(b"\x89PNG")
    assert "150,000" in downloaded(page, "#card-files >> text=HTML").read_text()
    page.fill("#claim", "150000 kiled sovjet union")
    page.wait_for_selector("#claim-faults:not([hidden])", timeout=5_000)
    assert page.locator("#verdict").is_hidden()
    assert "by when" in page.inner_text("#claim-faults") or "date" in page.inner_text("#claim-faults")


@in_a_browser
def test_no_path_of_a_browser_reaches_the_disk(watched: Watched, served: tuple[str, int], tmp_path: Path) -> None:
    page, address = watched.page, served[0]
    own = tmp_path / "mine.csv"
    own.write_text("claim_id,side\n")
    page.goto(f"{address}/about")
    heard = asked(page, f"{address}/answers/judge", {"war": str(own), "claim": "1 killed union 1865"}).json()
    assert heard["kind"] == "fault"
    assert [fault["place"] for fault in heard["faults"]] == ["war"]
    here = asked(page, f"{address}/jobs/result", {}).json()["job"]
    there = asked(page, f"{address}/jobs/result", {"folder": str(tmp_path), "changed": 0.0}).json()["job"]
    assert here == there
    assert asked(page, f"{address}/answers/anything", {}).status == 404
    assert asked(page, f"{address}/answers/judge", []).status == 400


# --- History.


@in_a_browser
def test_ten_codes_move_the_chance_at_once(watched: Watched, served: tuple[str, int]) -> None:
    page = watched.page
    page.goto(f"{served[0]}/history")
    page.wait_for_selector("#changes tr", timeout=LONG)
    before = chance(page)
    page.locator("#code-regime_disarray").press("ArrowRight")
    page.locator("#code-unpaid_unfed").press("ArrowRight")
    last = time.monotonic() + 5
    while chance(page) == before:
        assert time.monotonic() < last
        page.wait_for_timeout(30)
    assert chance(page) > before
    assert "an open split" in page.inner_text("#says-regime_disarray")
    assert page.locator("#nearest tr").count() == 5
    page.check("#unknown-losses")
    assert page.locator("#code-losses").is_disabled()
    page.select_option("#army", "RUS_1917")
    page.wait_for_selector("#taught:has-text('teach nothing')", timeout=LONG)
    page.locator("#code-enforcement").press("ArrowRight")
    page.wait_for_selector("#chance-rows:has-text('as coded: yes')", timeout=5_000)
    address = page.url
    page.goto(f"{served[0]}/about")
    page.goto(address)
    page.wait_for_selector("#chance-rows:has-text('as coded: yes')", timeout=LONG)
    assert page.input_value("#code-enforcement") == "1"
    page.fill("#filter", "caporetto")
    assert page.locator("#armies tbody tr:visible").count() < 10


def chance(page: Any) -> float:
    """The chance of collapse that is shown."""
    return float(page.inner_text("#chance-rows tr:first-child .said").split()[0])


# --- Forecast, and a saved result.


@in_a_browser
def test_days_that_cannot_be_are_refused_in_words(watched: Watched, served: tuple[str, int]) -> None:
    page = watched.page
    page.goto(f"{served[0]}/forecast")
    page.fill("[name=as_of]", "2024-05-01")
    page.fill("[name=until]", "2024-02-01")
    page.click("button.main")
    page.wait_for_selector("#work .faults:not([hidden])", timeout=LONG)
    assert "a day after" in page.inner_text("#work .faults")


@in_a_browser
def test_a_saved_result_opens_first(watched: Watched, served: tuple[str, int]) -> None:
    page = watched.page
    page.goto(served[0])
    page.wait_for_selector(DONE, timeout=LONG)
    assert "P(collapse)" in page.frame_locator("iframe.result").locator("body").inner_text()
    assert json.loads(downloaded(page, "text=assessment.json").read_text())["army"] == "RUS_1917"
    page.click("nav >> text=Play")
    page.wait_for_selector("#play")


def quiet(*_: object, **__: object) -> None:
    """Hears nothing."""


def test_a_run_opens_with_the_report_that_has_its_film(two: hf.SimulationResult, tmp_path: Path) -> None:
    page = two.save(tmp_path / "run")
    page.write_text("<!doctype html><title>with a film</title>")
    done = studies.reopen({"folder": str(page.parent), "changed": 1.0}, tmp_path / "job", quiet)
    assert done["page"] == "/results/job/report.html"
    assert "with a film" in (tmp_path / "job" / "report.html").read_text()
    page.unlink()
    again = studies.reopen({"folder": str(page.parent), "changed": 2.0}, tmp_path / "again", quiet)
    assert again["page"] == "/results/again/report.html"
    assert (tmp_path / "again" / "report.html").stat().st_size > 100_000
    shutil.rmtree(page.parent)
    with pytest.raises(FaultyError, match="nothing"):
        studies.reopen({"folder": str(page.parent), "changed": 3.0}, tmp_path / "none", quiet)


# --- At the door, and what is worked out at once.


@pytest.mark.parametrize(
    ("kind", "values", "places"),
    [
        (studies.Explaining, {"side": 1, "draws": 63, "play": "ten"}, ["scenario", "side", "draws", "play"]),
        (studies.Forecasting, {"as_of": "soon", "runs": True, "ledger": "/tmp/x"}, ["as of", "runs", "ledger"]),
        (studies.Reconciling, {}, ["war"]),
        (coding.Coding, {"codes": {"losses": 3}}, ["codes losses"]),
        (coding.Coding, {"codes": {"losses": "2"}}, ["codes losses"]),
        (studies.Testing, {"armies": "mine.csv"}, ["armies"]),
    ],
)
def test_a_request_is_refused_with_every_fault(
    kind: type[door.Request], values: dict[str, Any], places: list[str]
) -> None:
    with pytest.raises(door.RequestError) as error:
        door.read(kind, values)
    assert sorted({fault.place.split(" literal")[0] for fault in error.value.faults}) == sorted(places)


def test_only_shipped_armies_wars_and_codes_are_known() -> None:
    for values in ({"army": "../RUS_1917"}, {"codes": {"courage": 2}}, {"codes": {"losses": None}}):
        with pytest.raises(FaultyError):
            codes.answer("codes", values)
    with pytest.raises(FaultyError, match="a shipped table"):
        studies.checked_war("../claims_union_1861.csv")


def test_the_chance_at_once_is_that_of_assess() -> None:
    at_once = codes.answer("codes", {"army": "RUS_1917"})
    assessed = hf.assess(army="RUS_1917", with_changes=False)
    assert at_once["collapse"]["value"] == pytest.approx(assessed.p_collapse.value, abs=0.02)  # type: ignore[index]
    assert at_once["collapse"]["p05"] == pytest.approx(assessed.p_collapse.low, abs=0.06)  # type: ignore[index]
    assert at_once["ridge"] == assessed.ridge
    assert [each["army"] for each in at_once["nearest"]] == [each.army.army_id for each in assessed.nearest]  # type: ignore[attr-defined]
    changes = codes.answer("changes", {"army": "RUS_1917"})["changes"]
    assert len(changes) == 20  # type: ignore[arg-type]
    assert all(one["from"] != one["to"] for one in changes)  # type: ignore[attr-defined]
    sizes = [abs(one["collapse"]["value"]) for one in changes]  # type: ignore[attr-defined]
    assert sizes == sorted(sizes, reverse=True)
    pay = next(one for one in changes if (one["code"], one["to"]) == ("unpaid_unfed", 2))  # type: ignore[attr-defined]
    assert pay["collapse"]["value"] > 0


def test_where_no_result_is_given_there_is_no_page_of_it() -> None:
    plain = pages.Opening("skirmish")
    assert "result" not in pages.shown(plain)
    assert pages.first(plain) == "play"
    of_result = pages.Opening("skirmish", result="/somewhere/secret/run")
    assert pages.first(of_result) == "result"
    assert "/somewhere/secret" not in pages.render("result", of_result)
