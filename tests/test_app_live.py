"""The live page in a browser: a war is played, pulled, followed, saved, shared, restored; nothing leaves the machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from live import BROWSER, Watched, server

pytestmark = [pytest.mark.slow, pytest.mark.skipif(BROWSER is None, reason="no browser here")]
LONG = 120_000
"""Patience for what may have to be compiled [ms]."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A live page of the skirmish."""
    with server("skirmish") as (address, _):
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def watched(browser: Any, address: str) -> Iterator[Watched]:
    """A fresh page in it, of a laptop's size; nothing may go wrong in it."""
    context = browser.new_context(viewport={"width": 1280, "height": 720}, accept_downloads=True)
    watched = Watched(context.new_page(), address)
    yield watched
    context.close()
    assert watched.wrong == []


def _opened(watched: Watched, address: str, query: str = "") -> Any:
    page = watched.page
    page.goto(f"{address}/{query}")
    page.wait_for_selector("body[data-war=open][data-painted=yes]", timeout=LONG)
    return page


def _day(page: Any) -> int:
    return int(page.get_attribute("body", "data-day") or 0)


def _until(page: Any, expression: str) -> None:
    """Wait until something is true; the page's policy forbids Playwright's own way, which evaluates text in it."""
    last = time.monotonic() + LONG / 1000
    while not page.evaluate(expression):
        assert time.monotonic() < last, expression
        page.wait_for_timeout(50)


def _put(page: Any, what: str, value: str) -> None:
    page.locator(f"#pull-{what}").fill(value)
    page.locator(f"#pull-{what}").dispatch_event("change")


def test_a_war_is_played_and_paused(watched: Watched, address: str) -> None:
    page = _opened(watched, address)
    assert _day(page) == 0
    page.click("#step")
    page.wait_for_selector("body[data-day='1']", timeout=LONG)
    page.click("#play")
    _until(page, "Number(document.body.dataset.day) > 8")
    page.click("#play")
    page.wait_for_timeout(400)
    stands = _day(page)
    page.wait_for_timeout(400)
    assert _day(page) == stands
    assert f"day {stands}" in page.inner_text("#date")
    drawn = page.eval_on_selector_all("#charts path.own", "paths => paths.map(path => path.getAttribute('d').length)")
    assert len(drawn) == 12
    assert min(drawn) > 30


def test_every_soldier_is_a_pixel(watched: Watched, address: str) -> None:
    page = _opened(watched, address)
    colours = page.evaluate("""() => {
        const canvas = document.getElementById("canvas"), pen = canvas.getContext("2d");
        const seen = {}, data = pen.getImageData(0, 0, canvas.width, canvas.height).data;
        for (let i = 0; i < data.length; i += 4) {
            const name = `${data[i]},${data[i + 1]},${data[i + 2]}`;
            seen[name] = (seen[name] || 0) + 1;
        }
        return seen;
    }""")
    there = page.evaluate("fetch('/static/play.js').then(() => Number(document.getElementById('status').textContent.match(/([\\d,]+) billets/)[1].replace(',', '')))")  # fmt: skip # noqa: E501
    north, south, vacant = (colours.get(name, 0) for name in ("185,215,234", "246,208,180", "236,236,236"))
    assert north > 8000
    assert south > 6000
    assert north + south + vacant == there


def test_a_pull_changes_the_war_and_its_twin_goes_on_without(watched: Watched, address: str) -> None:
    page = _opened(watched, address, "?day=20")
    page.wait_for_selector("body[data-day='20']", timeout=LONG)
    assert page.locator("#charts path.twin[d]:not([d=''])").count() == 0
    _put(page, "unpaid_unfed", "1")
    _until(page, "new URLSearchParams(location.search).get('pulls')")
    for _ in range(30):
        page.click("#step")
    page.wait_for_selector("body[data-day='50']", timeout=LONG)
    page.wait_for_selector("#did-here table", timeout=LONG)
    page.wait_for_timeout(400)
    page.click("#step")
    page.wait_for_timeout(400)
    assert page.locator("#charts path.twin[d]:not([d=''])").count() == 12
    row = page.locator("#did-here tr", has_text="North: left since").inner_text().split("\t")
    mine, its, difference = (int(cell.replace(",", "").replace("−", "-").replace("+", "")) for cell in row[1:])
    assert difference == mine - its
    assert mine > 3 * its


def test_an_ensemble_says_how_sure_the_difference_is(watched: Watched, address: str) -> None:
    page = _opened(watched, address, "?day=5")
    _put(page, "unpaid_unfed", "1")
    page.wait_for_selector("#did-ensemble table", timeout=2 * LONG)
    text = page.locator("#did-ensemble tr", has_text="North deserts in mass").inner_text()
    without, changed, difference = text.split("\t")[1:]
    value, error = (float(part.replace("−", "-")) for part in difference.split(" ± "))
    assert float(changed) - float(without) == pytest.approx(value, abs=0.011)
    assert 0 <= error < 0.5
    assert float(changed) > float(without)


def test_a_soldier_is_followed(watched: Watched, address: str) -> None:
    page = _opened(watched, address)
    box = page.locator("#canvas").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.42)
    assert "North" in page.inner_text("#tip")
    page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.42)
    for _ in range(3):
        page.click("#step")
    _until(page, "document.querySelectorAll('#soldier tbody tr').length === 3")
    assert "2030-03-03" in page.inner_text("#soldier")


def test_everything_works_by_the_keyboard(watched: Watched, address: str) -> None:
    page = _opened(watched, address)
    page.locator("#canvas").focus()
    for key in ("ArrowUp", "Shift+ArrowUp", "ArrowLeft", "Enter"):
        page.keyboard.press(key)
    assert page.inner_text("#tip")
    page.keyboard.press(".")
    page.wait_for_selector("body[data-day='1']", timeout=LONG)
    page.locator("#pull-losses").focus()
    page.keyboard.press("ArrowRight")
    _until(page, "(new URLSearchParams(location.search).get('pulls') || '').includes('losses')")


def test_a_link_brings_everything_back(watched: Watched, address: str) -> None:
    page = _opened(watched, address, "?seed=5&day=12")
    page.wait_for_selector("body[data-day='12']", timeout=LONG)
    page.locator("details summary").click()
    page.locator("#pull-amnesty-north").check()
    _until(page, "new URLSearchParams(location.search).get('pulls')")
    page.click("#step")
    page.wait_for_selector("body[data-day='13']", timeout=LONG)
    page.wait_for_timeout(1200)
    page.click("#step")
    _until(page, "new URLSearchParams(location.search).get('day') === '14'")
    with page.expect_download() as first:
        page.click("#save-csv")
    before = Path(first.value.path()).read_text()
    page.reload()
    page.wait_for_selector("body[data-day='14']", timeout=LONG)
    page.wait_for_timeout(300)
    assert page.input_value("#seed") == "5"
    assert page.locator("#pull-amnesty-north").is_checked()
    with page.expect_download() as second:
        page.click("#save-csv")
    assert Path(second.value.path()).read_text() == before


def test_what_is_on_screen_can_be_saved(watched: Watched, address: str, tmp_path: Path) -> None:
    import xarray as xr

    from holdfast.scenario import load

    page = _opened(watched, address, "?day=6")
    page.wait_for_selector("body[data-day='6']", timeout=LONG)
    files = {}
    for name in ("csv", "nc", "svg", "png", "toml"):
        with page.expect_download() as download:
            page.click(f"#save-{name}")
        files[name] = tmp_path / download.value.suggested_filename
        download.value.save_as(files[name])
    assert xr.load_dataset(files["nc"]).sizes["day"] == 6
    assert len(files["csv"].read_text().splitlines()) == 1 + 6 * 2
    assert files["png"].read_bytes().startswith(b"\x89PNG")
    assert files["svg"].read_text().startswith("<svg")
    assert load.read(files["toml"]).name == "skirmish"


def test_a_bad_scenario_shows_the_faults_of_the_command_line(watched: Watched, address: str, tmp_path: Path) -> None:
    from holdfast.core.faults import ScenarioError
    from holdfast.scenario import load

    text = (load.catalogue.folder() / "skirmish.toml").read_text().replace("days = 120", "days = -3\nsurprise = 1")
    bad = tmp_path / "bad.toml"
    bad.write_text(text)
    page = _opened(watched, address)
    page.set_input_files("#file", bad)
    page.wait_for_selector("#faults:not([hidden])", timeout=LONG)
    with pytest.raises(ScenarioError) as caught:
        load.read(bad)
    shown = page.inner_text("#faults")
    for fault in caught.value.faults:
        assert str(fault) in shown
    page.click("#step")  # the war that was there goes on
    page.wait_for_selector("body[data-day='1']", timeout=LONG)


def test_a_broken_link_says_so_and_leads_on(watched: Watched, address: str) -> None:
    page = watched.page
    page.goto(f"{address}/?seed=nine&pulls=[[3,%22east%22,%22losse%22,7]]&colour=mood")
    page.wait_for_selector("#faults:not([hidden])", timeout=LONG)
    for place in ("seed", "amount", "coloured_by"):
        assert place in page.inner_text("#faults")
    page.get_by_role("link", name="Begin without this link").click()
    page.wait_for_selector("body[data-war=open][data-painted=yes]", timeout=LONG)


def test_what_a_file_says_runs_no_script(watched: Watched, address: str, tmp_path: Path) -> None:
    from holdfast.scenario import load

    planted = "<img src=x onerror=document.title='stolen'>"
    text = (load.catalogue.folder() / "skirmish.toml").read_text()
    head, rest = text.split("[front]", 1)
    head = head.replace('title = "Skirmish: an invented war between North and South"', f'title = "{planted}"')
    assert planted in head
    mine = tmp_path / "mine.toml"
    mine.write_text(head + "[front]" + rest.replace('"Crossing"', f'"{planted[:60]}"'))
    page = _opened(watched, address)
    page.set_input_files("#file", mine)
    _until(page, f"document.getElementById('own').textContent.startsWith({planted[:10]!r})")
    page.click("#step")
    page.wait_for_selector("body[data-day='1']", timeout=LONG)
    assert page.title() == "Play · Holdfast"
    assert page.locator("img").count() == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1280, 720), (390, 844)])
def test_the_page_is_accessible(watched: Watched, address: str, theme: str, size: tuple[int, int]) -> None:
    from axe_playwright_python.sync_playwright import Axe

    watched.page.set_viewport_size({"width": size[0], "height": size[1]})
    watched.page.emulate_media(color_scheme=theme)
    page = _opened(watched, address, "?day=3")
    page.wait_for_selector("body[data-day='3']", timeout=LONG)
    page.locator("details summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]})
    assert found.violations_count == 0, found.generate_report()


def test_a_closed_tab_frees_its_war(browser: Any, address: str) -> None:
    context = browser.new_context()
    watched = Watched(context.new_page(), address)
    page = _opened(watched, address)
    page.select_option("#speed", "2")
    page.click("#play")
    _until(page, "Number(document.body.dataset.day) > 1")
    busy = _processor_seconds()
    context.close()
    time.sleep(1)
    before = _processor_seconds()
    time.sleep(2)
    assert busy > 0
    assert _processor_seconds() - before < 0.3


def _processor_seconds() -> float:
    """Processor time of all processes that hold wars."""
    total = 0.0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if b"holdfast.app.engine_process" in (entry / "cmdline").read_bytes():
                    fields = (entry / "stat").read_text().rpartition(")")[2].split()
                    total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
            except OSError:
                continue
    return total


def test_hostile_frames_stop_nobody_else(watched: Watched, address: str) -> None:
    from websockets.exceptions import ConnectionClosed
    from websockets.sync.client import connect

    page = _opened(watched, address)
    url = address.replace("http", "ws", 1) + "/war"
    for text in ("[" * 10_000, "\x00\x01", '{"do":"step","days":99999999}', "x" * 300_000):
        with connect(url, origin=address) as socket:  # type: ignore[arg-type]
            try:
                socket.send(text)
                assert "fault" in str(socket.recv(timeout=20))
            except ConnectionClosed:
                assert len(text) > 2**18
    with connect(url, origin=address) as socket:  # type: ignore[arg-type]
        socket.send(b"\x00" * 100)  # bytes where text is wanted
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=20)
    for headers in ({"origin": "http://evil.example"}, {}):
        with pytest.raises(Exception, match="403|4403|rejected"):
            connect(url, additional_headers=headers).close()
    page.click("#step")
    page.wait_for_selector("body[data-day='1']", timeout=LONG)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_page_and_all_that_it_started(number: signal.Signals) -> None:
    command = [sys.executable, "-m", "holdfast", "app", "skirmish", "--no-browser"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert "The live page" in process.stdout.readline()
    time.sleep(2)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    assert children
    process.send_signal(number)
    _, said = process.communicate(timeout=20)
    assert said == ""
    assert process.returncode == 0
    assert not any(Path(f"/proc/{child}").exists() for child in children)
