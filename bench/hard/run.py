"""The promises of hard use, tried: a table of each with its counts.

python bench/hard/run.py [--quick] [--only NAME …] [--json FILE]
"""

from __future__ import annotations

import argparse
import importlib
import json
import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from promise import Promise

PARTS = ("fuzz", "writes", "together", "damage", "environments", "numbers_hold", "security")
"""Modules beside this one; each gives its promises."""


def row(one: Promise) -> str:
    """A line of the table."""
    state = one.skipped or ("holds" if not one.failures else "BROKEN")
    return f"| {one.words} | {one.how} | {one.tries:,} | {one.failures:,} | {one.seconds:,.0f} | {state} |"


def main() -> int:
    """Try the promises and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a short part of each")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="NAME", help=", ".join(PARTS))
    parser.add_argument("--json", type=Path, help="write the counts, and the failures in words, to this file too")
    chosen = parser.parse_args()
    begin, every = time.perf_counter(), []
    print(
        "| promise | how it is tested | tries | failures | s | |\n| --- | --- | ---: | ---: | ---: | --- |", flush=True
    )
    for part in chosen.only:
        for one in importlib.import_module(part).run(chosen.quick):
            every.append(one)
            print(row(one), flush=True)
            for example in one.examples[:3]:
                print(f"    {example}", file=sys.stderr, flush=True)
    tries, failures = sum(one.tries for one in every), sum(one.failures for one in every)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"\n{tries:,} tries, {failures:,} failures, {time.perf_counter() - begin:,.0f} s, at most {memory:,} MB.")
    if chosen.json:
        content = {
            "tries": tries,
            "failures": failures,
            "memory_mb": memory,
            "promises": [one.to_dict() for one in every],
        }
        chosen.json.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf8")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
