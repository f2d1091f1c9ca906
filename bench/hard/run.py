"""The promises of hard use, tried: a table of each with its counts.

    python bench/hard/run.py [--quick] [--only NAME ...] [--json FILE]
    python bench/hard/run.py --page docs/reliability.md --of FILE ...

The second form tries nothing: it writes the counts of runs into the page, between its two marks. Rows of promises that those runs
did not try stay as they are.
"""

from __future__ import annotations

import argparse
import importlib
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from promise import Promise

PARTS = ("fuzz", "writes", "together", "damage", "environments", "numbers_hold", "security", "large")
"""Modules beside this one; each gives its promises."""


def row(one: Promise) -> str:
    """A line of the table."""
    state = one.skipped or ("holds" if not one.failures else "BROKEN")
    return f"| {one.words} | {one.how} | {one.tries:,} | {one.failures:,} | {one.seconds:,.0f} | {state} |"


HEAD = "| promise | how it is tested | tries | failures | s | |\n| --- | --- | ---: | ---: | ---: | --- |"
MARKS = ("<!-- counts of bench/hard/run.py -->", "<!-- end of counts -->")
"""Comments in the page between which the table stands."""


def renew(page: Path, counts: list[dict[str, Any]]) -> int:
    """Write the counts of runs into a page's table: a promise that was tried anew replaces its row, the others stay.

    Args:
        page: which has both marks.
        counts: of each run, what `--json` wrote.

    Returns:
        The exit code.
    """
    before, _, rest = page.read_text(encoding="utf8").partition(MARKS[0])
    table, _, after = rest.partition(MARKS[1])
    there = [line for line in table.splitlines() if line.startswith("| ") and not HEAD.startswith(line)]
    rows = {line.split(" | ")[0].removeprefix("| "): line for line in there if not line.startswith("| ---")}
    rows |= {one["words"]: row(Promise(**one)) for run in counts for one in run["promises"]}
    sums = [sum(int(line.split(" | ")[place].replace(",", "")) for line in rows.values()) for place in (2, 3, 4)]
    total = "{:,} tries, {:,} failures, {:,} s on machines shared with other work.".format(*sums)
    whole = "\n".join([HEAD, *rows.values()])
    page.write_text(f"{before}{MARKS[0]}\n\n{whole}\n\n{total}\n\n{MARKS[1]}{after}", encoding="utf8")
    return 0


def main() -> int:
    """Try the promises and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a short part of each")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="NAME", help=", ".join(PARTS))
    parser.add_argument("--json", type=Path, help="write the counts, and the failures in words, to this file too")
    parser.add_argument("--page", type=Path, help="write the counts of earlier runs into this page")
    parser.add_argument("--of", nargs="+", type=Path, metavar="FILE", help="what --json wrote, for --page")
    chosen = parser.parse_args()
    if chosen.page:
        return renew(chosen.page, [json.loads(path.read_text(encoding="utf8")) for path in chosen.of])
    begin, every = time.perf_counter(), []
    print(HEAD, flush=True)
    for part in chosen.only:
        for one in importlib.import_module(part).run(chosen.quick):
            every.append(one)
            print(row(one), flush=True)
            for example in one.examples[:3]:
                print(f"    {example}", file=sys.stderr, flush=True)
            if chosen.json:
                keep(chosen.json, every)
    tries, failures = sum(one.tries for one in every), sum(one.failures for one in every)
    print(f"\n{tries:,} tries, {failures:,} failures, {time.perf_counter() - begin:,.0f} s, at most {memory():,} MB.")
    return 1 if failures else 0


def memory() -> int:
    """The most that this process had [MB]."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def keep(path: Path, every: list[Promise]) -> None:
    """Write the counts so far."""
    content = {"memory_mb": memory(), "promises": [one.to_dict() for one in every]}
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf8")


if __name__ == "__main__":
    sys.exit(main())
