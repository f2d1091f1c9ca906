"""The explanations of docs/explain.md: what would break armies of shipped scenarios, in the words of the command.

    python bench/explanations.py [--draws 128] [--folder FOLDER] [docs/explain.md]     # five armies, the essay's five pressures
    python bench/explanations.py --of nine --draws 64 [--folder FOLDER]                # two of them, all nine pressures
    python bench/explanations.py --grain

Writes between two marks of the page what `holdfast explain SCENARIO --side SIDE --of OF --draws DRAWS` says of each, and its
figures beside it. With --folder, finished blocks of runs and whole results stay there, so that a stopped command goes on; a folder
that `holdfast explain --out FOLDER/SCENARIO-SIDE-OF` wrote is taken too. Empty it when the code has changed. With --grain nothing
is written: two pressures of November 2023 are explained at the grain of explanations and at the scenario's own, and both are
printed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import holdfast as hf
from holdfast import saved_results
from holdfast.coded_armies.army import ESSAY
from holdfast.core import runtime
from holdfast.explanation.pressures import NINE
from holdfast.present import charts, explanation_figures, explanation_report

ARMIES = {
    "five": (
        ("russia-ukraine-2023", "russia"), ("russia-ukraine-2023", "ukraine"), ("russia-1917", "russia"), ("italy-1917", "italy"),
        ("finland-1940", "finland"),
    ),
    "nine": (("russia-ukraine-2023", "russia"), ("russia-1917", "russia")),
}  # fmt: skip
"""Scenarios and sides, by which pressures are played."""
PRESSURES = {"five": ESSAY, "nine": NINE}


def explained(scenario: str, side: str, of: str, draws: int, folder: Path | None) -> hf.Explanation:
    """An army explained, or the whole result that lies in a folder."""
    home = folder and folder / f"{scenario}-{side}-{of}"
    if home and (home / saved_results.FILE).exists():
        result = hf.open(home)
        same = (scenario, side, PRESSURES[of], 1)
        assert isinstance(result, hf.Explanation)
        if (result.scenario, result.side, result.names, result.seed) == same and result.draws <= draws:
            return result
    begin = time.monotonic()
    result = hf.explain(
        scenario, side=side, of=of, draws=draws, folder=home and home / "blocks",
        progress=lambda done, all_, what: print(f"\r{scenario} {side}: {what} {done}/{all_}   ", end="", file=sys.stderr),
    )  # fmt: skip
    print(f"\n{scenario} {side}: {time.monotonic() - begin:.0f} s, {result.about['runs']} runs", file=sys.stderr)
    if home:
        result.save(home)
    return result


def section(scenario: str, side: str, of: str, draws: int, folder: Path | None, images: Path) -> Iterator[str]:
    """What is said of one army."""
    result = explained(scenario, side, of, draws, folder)
    yield f"### {result.side_title}: {result.title}{', all nine pressures' if of == 'nine' else ''}\n"
    yield (
        f"`holdfast explain {scenario} --side {side} --of {of} --draws {draws}`: {result.days} days, {result.draws} draws, "
        f"{result.men_per_billet} men a billet, seed {result.seed}.\n"
    )
    yield from (f"- {sentence}" for sentence in explanation_report.reading(result))
    yield ""
    yield from _table(explanation_report.table(result))
    yield ""
    if rows := explanation_report.set_rows(result):
        yield from _table(rows[:6])
        yield "" if len(rows) <= 6 else f"\n{len(rows) - 6} more sets are in the JSON.\n"
    waterfall = explanation_figures.drawings(result)["waterfall"]
    with tempfile.TemporaryDirectory() as temporary:
        _, svg = charts.save(waterfall().to_dict(), Path(temporary) / "figure")
        (images / f"explain-{scenario}-{side}-{of}.svg").write_bytes(svg.read_bytes())
    yield f"![{result.side_title}](img/explain-{scenario}-{side}-{of}.svg)\n"


def _table(rows: list[dict[str, str]]) -> Iterator[str]:
    """A table in Markdown."""
    heads = list(rows[0])
    yield "| " + " | ".join(heads) + " |"
    yield "| --- |" + " ---: |" * (len(heads) - 1)
    yield from ("| " + " | ".join(row.values()) + " |" for row in rows)


def grains() -> Iterator[str]:
    """Two pressures at the grain of explanations and at the scenario's own."""
    own = hf.load_scenario(ARMIES["five"][0][0]).document.men_per_billet
    of = ["no_victory", "regime_disarray"]
    for grain in (None, own):
        result = hf.explain(ARMIES["five"][0][0], of=of, draws=64, men_per_billet=grain)
        values = zip(of, *result.shapley("collapse"), *result.shapley("exits"), strict=True)
        p = result.ends("collapse")[1].mean()
        cells = [f"{name} {a:+.3f} ± {b:.3f}, exits {c:+.1f} ± {d:.1f}" for name, a, b, c, d in values]
        yield f"{result.men_per_billet} men a billet: both extreme {p:.3f}; {'; '.join(cells)}"


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page", nargs="?", type=Path, default=Path(__file__).parent.parent / "docs" / "explain.md")
    parser.add_argument("--of", choices=list(ARMIES), default="five")
    parser.add_argument("--draws", type=int, default=128)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--grain", action="store_true")
    given = parser.parse_args()
    if given.grain:
        for line in grains():
            print(line, flush=True)
        return
    of = given.of
    chosen = "" if of == "five" else f" --of {of}"
    command = f"python bench/explanations.py{chosen} --draws {given.draws}"
    lines = [f"Made by `{command}` with Holdfast {runtime.version()}.\n"]
    for scenario, side in ARMIES[of]:
        lines += section(scenario, side, of, given.draws, given.folder, given.page.parent / "img")
    begin, end = f"<!-- {of}: begin -->", f"<!-- {of}: end -->"
    text = given.page.read_text(encoding="utf8")
    for mark in (begin, end):
        assert mark in text, f"{given.page} has no mark {mark}"
    before, after = text.partition(begin)[0], text.partition(end)[2]
    given.page.write_text(f"{before}{begin}\n" + "\n".join(lines) + f"\n{end}{after}", encoding="utf8")


if __name__ == "__main__":
    main()
