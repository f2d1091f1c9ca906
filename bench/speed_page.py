"""Write what `bench/against.py --table` measured into the page on speed, between the two marks that stand there.

    python bench/speed_page.py [bench/measured/speed.json] [docs/speed.md]

No figure of that table is written by hand; a test holds the page to the file.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from against import MEASURES, verdict

BENCH = Path(__file__).resolve().parent
MEASURED, PAGE = BENCH / "measured" / "speed.json", BENCH.parent / "docs" / "speed.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def table(found: Mapping[str, Any]) -> Iterator[str]:
    """Lines of the page: what was measured where, and a table with a row for each command."""
    machine, reference, present = found["machine"], found["reference"], found["present"]
    dates = sorted({row["date"] for row in found["rows"]})
    packages = ", ".join(f"{name} {present['versions'][name]}" for name in ("python", "jax", "numpy"))
    others = [
        f"{name} {version}"
        for name, version in reference["versions"].items()
        if version != present["versions"].get(name)
    ]
    yield (
        f"{' and '.join(dates)}, {machine['processor']}, {machine['cores']} cores, {machine['memory_gib']:.0f} GiB; {packages}"
        f"{'; the reference with ' + ', '.join(others) if others else ''}. Reference: commit "
        f"{reference['commit'][:7] or reference['ref']}; present: {', '.join(commits(found))}. Medians of the rounds; the ratio "
        "is present / reference of each round, median and range."
    )
    yield ""
    yield "| work | command | measure | reference | present | ratio (range) | rounds | bound | |"
    yield "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | --- |"
    for row in found["rows"]:
        ratio = row.get("ratios", {}).get(row["measure"])
        cells = [f"{ratio[side]:.3g}" for side in ("reference", "present")] if ratio else ["–", "–"]
        cells.append(f"{ratio['ratio']:.2f} ({ratio['least']:.2f}–{ratio['most']:.2f})" if ratio else "–")
        words = [row["work"], f"`{row['command']}`", MEASURES[row["measure"]], *cells, str(row["rounds"]), bound(row)]
        yield f"| {' | '.join(words)} | {verdict(row)} |"


def commits(found: Mapping[str, Any]) -> list[str]:
    """The commits that the rows were measured at; a plus stands where files differed from it."""
    every = {row.get("present_commit") or found["present"]["commit"] for row in found["rows"]}
    return sorted(commit[:7] + ("+" if commit.endswith("+") else "") for commit in every)


def bound(row: Mapping[str, Any]) -> str:
    """What the row must reach."""
    if row["at_most"] is not None:
        return f"≤ {row['at_most']:g}"
    return f"≥ {row['at_least']:g}" if row["at_least"] is not None else ""


def replaced(page: str, lines: Iterator[str]) -> str:
    """The page with these lines between its marks."""
    before, mark, rest = page.partition(BEGIN)
    _, other, after = rest.partition(END)
    if not mark or not other:
        raise SystemExit(f"the page has no place for the table: add the lines {BEGIN} and {END}")
    return "\n".join([before + BEGIN, *lines, END + after])


def main(file: Path = MEASURED, page: Path = PAGE) -> None:
    """Write the table of a file into a page."""
    found = json.loads(file.read_text(encoding="utf8"))
    page.write_text(replaced(page.read_text(encoding="utf8"), table(found)), encoding="utf8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
