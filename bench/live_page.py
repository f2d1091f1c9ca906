"""How fast the live page is: first paint, first soldiers, frames a second one to one, memory, twenty viewers at once.

    python bench/live_page.py                       everything, a quarter of an hour
    python bench/live_page.py --only paint frames   some of it
    python bench/live_page.py --json live.json
    python bench/live_page.py --pictures docs/img   the pictures of the docs

It starts the page itself (`holdfast app --no-browser`), and looks at it in a browser without a window (Chromium by
Playwright) or by bare WebSockets. Figures of a machine on which something else runs say nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from live import BROWSER, server

SCENARIO = "russia-ukraine-2023"
PARTS = ("paint", "frames", "memory", "viewers")
VIEWERS, MINUTES = 20, 2.0
STALL = 5.0
"""Seconds without a frame after which a viewer counts as stalled [s]."""


def paint() -> dict[str, object]:
    """Seconds from the call of the address to the first paint and to the first soldiers, on a page that was just started."""
    from playwright.sync_api import sync_playwright

    tries = []
    for _ in range(3):
        with server(SCENARIO) as (address, _), sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            begun = time.monotonic()
            page.goto(address)
            page.wait_for_selector("body[data-painted=yes]", timeout=300_000)
            soldiers = time.monotonic() - begun
            first = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime") / 1000
            tries.append((round(first, 3), round(soldiers, 2)))
            browser.close()
    return {name: sorted(values) for name, values in zip(("first_paint_s", "first_soldiers_s"), zip(*tries))}


async def _watch(address: str, seconds: float, opening: dict[str, object], speed: float = 90.0) -> dict[str, float]:
    """Play a war over a bare WebSocket, from its opening again whenever its last day has passed."""
    from websockets.asyncio.client import connect

    frames, days, size, largest, longest = 0, 0, 0, 0, 0.0
    async with connect(address.replace("http", "ws", 1) + "/war", origin=address, max_size=None) as socket:  # type: ignore[arg-type]

        async def say(**message: object) -> None:
            await socket.send(json.dumps(message))

        await say(**opening)
        begun = last = 0.0
        while not begun or time.monotonic() - begun < seconds:
            heard = await socket.recv()
            if isinstance(heard, str):
                message = json.loads(heard)
                if message["kind"] == "fault":
                    raise RuntimeError(message["message"])
                if message["kind"] == "opened":
                    begun = begun or time.monotonic()
                    last = time.monotonic()
                    await say(do="speed", days=speed)
                    await say(do="play", on=True)
                continue
            head = json.loads(heard[: heard.index(b"\n")])
            await say(do="seen", frame=head["frame"])
            now = time.monotonic()
            longest, last = max(longest, now - last), now
            frames, days = frames + 1, days + len(head["days"])
            size, largest = size + len(heard), max(largest, len(heard))
            if head["ended"]:
                await say(**opening)
    return {
        "frames_a_second": frames / (now - begun), "days_a_second": days / (now - begun), "kilobytes_a_frame": size / frames / 1000,
        "largest_frame_kilobytes": largest / 1000, "longest_wait_s": longest,
    }  # fmt: skip


def frames() -> dict[str, object]:
    """Frames a second of the whole war, a billet a man, by what the men are coloured; and in a browser that paints them."""
    from playwright.sync_api import sync_playwright

    of = {}
    with server(SCENARIO) as (address, _):
        for by in ("fate", "risk", "resolve", "tenure"):
            opening = {"do": "open", "scenario": SCENARIO, "coloured_by": by}
            of[by] = asyncio.run(_watch(address, 12, opening))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            page.goto(address)
            page.wait_for_selector("body[data-painted=yes]", timeout=300_000)
            page.evaluate("""() => {
                const pen = CanvasRenderingContext2D.prototype, put = pen.putImageData;
                window.painted = 0;
                pen.putImageData = function (...all) { window.painted++; return put.apply(this, all); };
            }""")
            page.select_option("#speed", "90")
            page.click("#play")
            page.wait_for_timeout(1500)
            before, begun = page.evaluate("window.painted"), time.monotonic()
            page.wait_for_timeout(6000)
            of["painted"] = {"frames_a_second": (page.evaluate("window.painted") - before) / (time.monotonic() - begun)}
            billets = page.inner_text("#status")
            browser.close()
    return {"status": billets, **of}


def _resident(root: int) -> float:
    """Resident memory of a process and of all that it started [MB]."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents.setdefault(int((entry / "stat").read_text().rpartition(")")[2].split()[1]), []).append(int(entry.name))
            except OSError:
                continue
    total, waiting = 0, [root]
    while waiting:
        number = waiting.pop()
        waiting += parents.get(number, [])
        try:
            status = Path(f"/proc/{number}/status").read_text()
        except OSError:
            continue
        total += int(status.partition("VmRSS:")[2].split()[0]) if "VmRSS:" in status else 0
    return total / 1000


def memory(minutes: float = 10.0) -> dict[str, object]:
    """Memory of the page over a war that is played again and again [MB], every half minute."""

    async def whole(address: str, root: int) -> list[int]:
        pulled = {"side": "russia", "what": "unpaid_unfed", "amount": 1.0, "day": 30}
        opening = {"do": "open", "scenario": SCENARIO, "pulls": [pulled]}
        watching = asyncio.create_task(_watch(address, minutes * 60, opening, speed=5))
        seen = []
        while not watching.done():
            await asyncio.wait([watching], timeout=30)
            seen.append(round(_resident(root)))
        watching.result()
        return seen

    with server(SCENARIO) as (address, root):
        return {"minutes": minutes, "resident_megabytes": asyncio.run(whole(address, root))}


def viewers() -> dict[str, object]:
    """Twenty viewers of wars of their own for two minutes: the slowest's frames a second, the longest wait of any."""

    async def whole(address: str, root: int) -> tuple[list[dict[str, float]], float]:
        openings = [{"do": "open", "scenario": SCENARIO, "seed": 1 + number % 2, "men_per_billet": 10} for number in range(VIEWERS)]
        watching = [asyncio.create_task(_watch(address, MINUTES * 60, each, speed=15)) for each in openings]
        most = 0.0
        while not all(one.done() for one in watching):
            await asyncio.wait(watching, timeout=5)
            most = max(most, _resident(root))
        return [one.result() for one in watching], most

    with server(SCENARIO) as (address, root):
        each, most = asyncio.run(whole(address, root))
    waits = [one["longest_wait_s"] for one in each]
    return {
        "viewers": VIEWERS, "minutes": MINUTES, "stalled": sum(wait > STALL for wait in waits), "longest_wait_s": max(waits),
        "slowest_frames_a_second": min(one["frames_a_second"] for one in each), "resident_megabytes": round(most),
    }  # fmt: skip


def pictures(folder: Path) -> None:
    """Pictures of the pages for the docs: a war with something pulled, and each other page with its result."""
    from playwright.sync_api import sync_playwright

    folder.mkdir(parents=True, exist_ok=True)
    pulled = [[60, "russia", "unpaid_unfed", 1.0], [60, "russia", "no_victory", 0.6], [60, "russia", "regime_disarray", 1.0]]
    with server(SCENARIO) as (address, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 810})
        page.goto(f"{address}/?day=180&pulls={json.dumps(pulled)}")
        page.wait_for_selector("body[data-day='180']", timeout=600_000)
        page.wait_for_selector("#did-ensemble table", timeout=600_000)
        page.wait_for_timeout(500)
        page.screenshot(path=folder / "app-play.png")
        page.screenshot(path=folder / "app-play-whole.png", full_page=True)
        for name, button in (("why", "Explain"), ("evidence", ""), ("history", ""), ("about", ""), ("forecast", "Forecast")):
            page.goto(f"{address}/{name}")
            if button:
                page.get_by_role("button", name=button, exact=True).click()
            if name == "evidence":
                page.get_by_role("button", name="300000 killed russia 2023-11-15").click()
            if name == "history":
                page.get_by_label("Start from").select_option("RUS_1917")
                page.wait_for_timeout(15_000)
            elif name != "about":
                page.wait_for_selector("iframe.result", timeout=600_000)
                page.wait_for_timeout(12_000)
            page.evaluate("scrollTo(0, 0)")
            page.screenshot(path=folder / f"app-{name}.png")
        browser.close()


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--minutes", type=float, default=10.0, help="of the watch on memory")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--pictures", type=Path, metavar="FOLDER", help="take pictures of the pages, and measure nothing")
    given = parser.parse_args()
    if given.pictures:
        pictures(given.pictures)
        return
    found: dict[str, Any] = {}
    for name in given.only:
        found[name] = memory(given.minutes) if name == "memory" else globals()[name]()
        print(name, json.dumps(found[name]), flush=True)
    if given.json:
        given.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
