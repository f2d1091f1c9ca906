"""Write what was measured into the page on speed and into the README, each table between the two marks that stand there for it.

    python bench/speed_page.py [docs/speed.md ...]

The tables come from bench/measured/: speed.json of `bench/against.py --table`, peers.json of `bench/peers/run.py`,
scaling.json of `bench/scaling.py`, skill.json of `bench/skill.py`; one that is not there leaves its place as it is. No figure of
them is written by hand; a test holds the pages to the files.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from against import MEASURES, verdict
from scaling import series, shared, slope

BENCH = Path(__file__).resolve().parent
MEASURED, PAGE, README = BENCH / "measured", BENCH.parent / "docs" / "speed.md", BENCH.parent / "README.md"
Found = Mapping[str, Any]
DAYS = 365
"""Days of the runs whose cost is shown against men."""


def speed(found: Found) -> Iterator[str]:
    """What was measured where, and a row for each command beside the earlier commit."""
    before, after = found["reference"]["versions"], found["present"]["versions"]
    others = [f"{name} {version}" for name, version in before.items() if version != after.get(name)]
    reference = found["reference"]["commit"][:7] or found["reference"]["ref"]
    yield (
        f"{where(sorted({row['date'] for row in found['rows']}), found['machine'], after)}"
        f"{'; the reference with ' + ', '.join(others) if others else ''}. Reference: commit {reference}; present: "
        f"{', '.join(commits(found))}. Medians of the rounds; the ratio is present / reference of each round, median and range."
    )
    yield ""
    yield "| work | command | measure | reference | present | ratio (range) | rounds | bound | |"
    yield "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | --- |"
    for row in found["rows"]:
        ratio = row.get("ratios", {}).get(row["measure"])
        cells = [number(ratio[side]) for side in ("reference", "present")] if ratio else ["–", "–"]
        cells.append(f"{ratio['ratio']:.2f} ({ratio['least']:.2f}–{ratio['most']:.2f})" if ratio else "–")
        words = [row["work"], f"`{row['command']}`", MEASURES[row["measure"]], *cells, str(row["rounds"]), bound(row)]
        yield f"| {' | '.join(words)} | {verdict(row)} |"


def peers(found: Found) -> Iterator[str]:
    """A row for each framework: its speed and how many times as fast the engine is."""
    yield (
        f"{where([found['date']], found['machine'], found['versions'])}; commit {short(found['commit'])}: {found['men']:,} men for "
        f"{found['days']} days, {found['rounds']} rounds in turn, one core."
    )
    yield ""
    yield "| | versions | million soldier-days a processor second | Holdfast is so many times as fast (range) |"
    yield "| --- | --- | ---: | ---: |"
    yield f"| Holdfast's engine | | {rate(found['holdfast'])} | |"
    for name, entry in found["peers"].items():
        versions = ", ".join(version.replace("==", " ") for version in entry["versions"])
        if ratio := entry.get("ratio"):
            times = f"{number(ratio['median'])} ({number(ratio['least'])}–{number(ratio['most'])})"
            yield f"| {name} | {versions} | {rate(entry['costs'])} | {times} |"
        else:
            yield f"| {name} | {versions} | – | failed |"


def scaling(found: Found) -> Iterator[str]:
    """A row for each size."""
    rows = series(found)
    yield (
        f"{where([found['date']], found['machine'], found['versions'])}; commit {short(found['commit'])}. Slope of log cost on log "
        f"size: {slopes(rows, 'men')} in men, {slopes(rows, 'runs')} in runs. {fixed(rows)}"
    )
    yield ""
    yield "![Cost and memory against men and runs](img/scaling.svg)"
    yield ""
    yield "| | size | processor s | peak memory, MB | million soldier-days a processor second |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for row in rows:
        cells = [f"{row['size']:,}", number(row["seconds"]), number(row["memory"]), number(row["rate"])]
        yield f"| {row['axis']} | {' | '.join(cells)} |"


def fixed(rows: list[dict[str, Any]]) -> str:
    """What a day costs whatever the number of men, and as much as how many men that is."""
    start, each = shared([row for row in rows if row["axis"] == "men"])
    return (
        f"A day of an army costs {number(1000 * start / DAYS)} ms whatever its size, as much as {start / each:,.0f} men, and "
        f"{number(1e9 * each / DAYS)} ns a man."
    )


def slopes(rows: list[dict[str, Any]], axis: str) -> str:
    """The slope over all sizes of an axis, and over the three largest."""
    here = [row for row in rows if row["axis"] == axis]
    return f"{slope(here):.2f} ({slope(here[-3:]):.2f} over the three largest)"


def where(dates: list[str], machine: Found, versions: Found) -> str:
    """When and on what."""
    packages = ", ".join(f"{name} {versions[name]}" for name in ("python", "jax", "numpy") if name in versions)
    return f"{' and '.join(dates)}, {machine['processor']}, {machine['cores']} cores, {machine['memory_gib']:.0f} GiB; {packages}"


def number(value: float) -> str:
    """Three digits, or all whole ones."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def rate(costs: list[Found]) -> str:
    """Median soldier-days a processor second of some runs, in millions."""
    each = sorted(cost["soldier_days"] / cost["processor_s"] / 1e6 for cost in costs)
    return number((each[(len(each) - 1) // 2] + each[len(each) // 2]) / 2)


def short(commit: str) -> str:
    """A commit's first seven digits; a plus stands where files differed from it."""
    return commit[:7] + ("+" if commit.endswith("+") else "")


def commits(found: Found) -> list[str]:
    """The commits that the rows were measured at."""
    return sorted({short(row.get("present_commit") or found["present"]["commit"]) for row in found["rows"]})


def bound(row: Found) -> str:
    """What the row must reach."""
    if row["at_most"] is not None:
        return f"≤ {row['at_most']:g}"
    return f"≥ {row['at_least']:g}" if row["at_least"] is not None else ""


def beside(found: Found) -> Iterator[str]:
    """A row for each framework, in short."""
    yield (
        f"*{found['men']:,} soldiers of like content for {found['days']} days on one core ("
        f"{where([found['date']], found['machine'], found['versions'])}; {found['rounds']} rounds in turn):*"
    )
    yield ""
    yield "| | million soldier-days a processor second | Holdfast is so many times as fast (range) |"
    yield "| --- | ---: | ---: |"
    yield f"| Holdfast's engine, whose soldier does more | {rate(found['holdfast'])} | |"
    for name, entry in found["peers"].items():
        if ratio := entry.get("ratio"):
            times = f"{number(ratio['median'])} ({number(ratio['least'])}–{number(ratio['most'])})"
            yield f"| {name} | {rate(entry['costs'])} | {times} |"


def skill(found: Found) -> Iterator[str]:
    """A row for each set of armies and codes: the model, a logit on the same codes, the base rate."""
    yield (
        f"*Collapse foretold for armies that no fit had seen ({found['date']}, posterior {found['posterior']}; 90 % intervals in "
        "brackets; a lower Brier score and a higher AUC are better):*"
    )
    yield ""
    heads = (
        "armies and who coded them", "Brier: Holdfast", "logit on the same ten codes", "base rate", "Holdfast less logit",
        "AUC: Holdfast", "logit",
    )  # fmt: skip
    yield f"| {' | '.join(heads)} |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    for row in found["rows"]:
        ours, logit, base = (row["models"][name] for name in ("holdfast", "ridge_ten", "base_rate"))
        least, less = ours["brier_interval"], row["less_logit"]
        cells = [
            row["title"], f"{ours['brier']:.3f} ({least['p05']:.3f}–{least['p95']:.3f})", f"{logit['brier']:.3f}",
            f"{base['brier']:.3f}", f"{less['value']:+.3f} ({less['p05']:+.3f} to {less['p95']:+.3f})",
            f"{ours['auc']:.2f}", f"{logit['auc']:.2f}",
        ]  # fmt: skip
        yield f"| {' | '.join(cells)} |"
    clear = sum(row["less_logit"]["p95"] < 0 or row["less_logit"]["p05"] > 0 for row in found["rows"])
    yield ""
    yield f"The interval of the difference from the logit leaves out 0 in {clear} of {len(found['rows'])} rows. {found['warning']}"


Table = tuple[str, Callable[[Found], Iterator[str]]]
TABLES: dict[str, Table] = {"speed": ("speed", speed), "peers": ("peers", peers), "scaling": ("scaling", scaling)}
"""The tables of the page on speed: the file of each, and what writes it."""
IN_README: dict[str, Table] = {"beside": ("peers", beside), "skill": ("skill", skill)}
"""Those of the README."""


def replaced(page: str, name: str, lines: Iterator[str]) -> str:
    """The page with these lines between the marks of a table."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, mark, rest = page.partition(begin)
    _, other, after = rest.partition(end)
    if not mark or not other:
        raise SystemExit(f"the page has no place for the table {name}: add the lines {begin} and {end}")
    return "\n".join([before + begin, *lines, end + after])


def written(page: str, folder: Path, tables: Mapping[str, Table] = TABLES) -> str:
    """The page with every table whose file is in a folder."""
    for name, (stem, table) in tables.items():
        file = folder / f"{stem}.json"
        if file.exists():
            page = replaced(page, name, table(json.loads(file.read_text(encoding="utf8"))))
    return page


def main(page: Path = PAGE, folder: Path = MEASURED) -> None:
    """Write the tables into a page."""
    tables = IN_README if page.name == README.name else TABLES
    page.write_text(written(page.read_text(encoding="utf8"), folder, tables), encoding="utf8")


if __name__ == "__main__":
    for each in map(Path, sys.argv[1:] or [PAGE, README]):
        main(each)
