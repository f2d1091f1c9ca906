"""What moved between two checkouts: the JSON that the main commands print, compared leaf by leaf.

    python bench/compare_checkouts.py BEFORE AFTER --keep outputs
    python bench/compare_checkouts.py outputs/before AFTER --only backtest,forecast
    python bench/compare_checkouts.py outputs/before outputs/after --renamed renamed.toml --tolerance 1e-6

BEFORE and AFTER are each a checkout, whose commands are then run, or a folder of outputs that an earlier call wrote. A
checkout is run with its own `.venv`, or with the interpreter given, and with an empty cache of its own, so that no fit
and no compiled program passes from one to the other. Commands are tried in the newest spelling first, then in older ones.

Lists of records are matched by what names a record (an id, a month, a path), not by position. A file of renamed keys
(TOML) is applied to BEFORE:

    [keys]                  # in the output of every command
    case_id = "army_id"
    [backtest]              # in the output of one command; its name as in the table
    kept_out = "holdout"

Keys that seem to be renamed and are not declared are named below the table; they count as moved. The exit code is 1 if
anything moved beyond the tolerance, 2 if a command failed in either checkout or the request makes no sense, else 0.
"""

from __future__ import annotations

import argparse
import collections
import dataclasses
import json
import math
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import checkouts
from checkouts import Checkout

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
Leaf = None | bool | int | float | str
Step = str | int
"""A key of a record, or what names an element of a list, in brackets."""
Place = tuple[Step, ...]
Keys = Mapping[str, str]

CLAIM = "300000 killed russia 2023-11-15"
COMMANDS: dict[str, tuple[str, ...]] = {
    "parameters": ("parameters --json",),
    "losses_fast": ("losses --fast --json",),
    "losses_union": ("losses --claims union_1861 --fast --json",),
    "judge": ("claims judge CLAIM --json",),
    "backtest": ("backtest --json",),
    "assess_rus1917": (
        "assess --army RUS_1917 --enforcement 2 --json",
        "assess --case RUS_1917 --enforcement 2 --json",
    ),
    "assess_syr2024": ("assess --army SYR_2024 --json", "assess --case SYR_2024 --json"),
    "run_skirmish": ("run skirmish --runs 4 --seed 1 --no-film --no-figures --json",),
    "compare": ("compare skirmish --effect blocking:south --runs 4 --json",),
    "run": ("run --runs 2 --seed 1 --no-film --no-figures --json",),
    "forecast": ("forecast --no-ledger --json",),
}
"""Each command's spellings, the newest first; CLAIM stands for one word with spaces."""

VOLATILE = frozenset(
    {
        "wall_s", "wall_seconds", "seconds", "elapsed", "machine", "python", "system", "device", "cores", "packages",
        "version", "versions", "holdfast_version", "hash", "code_hash", "case_hash", "scenario_hash", "ledger",
    }
)  # fmt: skip
"""Keys whose values say when, where or by which code, not what came out; left out with all below them."""

NAMES = (
    "case_id", "army_id", "claim_id", "id", "path", "month", "quarter", "origin", "as_of", "date", "code", "name", "key",
)  # fmt: skip
"""Keys that may name the records of a list; the first that all have, each with another value, is taken."""

MOST = 20
"""Moved leaves that are shown of each command, unless --all."""


@dataclasses.dataclass(frozen=True)
class Move:
    """A leaf that is not the same: its place, and both values."""

    place: Place
    before: Leaf
    after: Leaf


@dataclasses.dataclass(frozen=True)
class Comparison:
    """What of one command's output moved between two checkouts."""

    command: str
    leaves: int
    moved: tuple[Move, ...] = ()
    gone: Mapping[Place, Leaf] = dataclasses.field(default_factory=dict)
    new: Mapping[Place, Leaf] = dataclasses.field(default_factory=dict)
    renamed: int = 0
    failure: str = ""

    @property
    def same(self) -> bool:
        return not (self.moved or self.gone or self.new or self.failure)


def run_checkout(checkout: Path, names: Sequence[str], out: Path, python: str | None, timeout: float) -> None:
    """Run the commands in a checkout and write what each prints to `out/NAME.json`; failures to `out/NAME.failed`."""
    interpreter = python or str(checkout / ".venv" / "bin" / "python")
    if not Path(interpreter).exists():
        raise SystemExit(f"{checkout}: no interpreter at {interpreter}; give one with --python")
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as cache:
        environment = Checkout(checkout, interpreter).environment(Path(cache))
        for name in names:
            begin = time.monotonic()
            print(f"{checkout.name}: {name} ...", end="", file=sys.stderr, flush=True)
            text, error = run_command(Checkout(checkout, interpreter), COMMANDS[name], environment, timeout)
            for suffix, content in ((".json", text), (".failed", error)):
                target = out / f"{name}{suffix}"
                target.unlink(missing_ok=True)
                if content:
                    target.write_text(content, encoding="utf8")
            state = "failed after" if error else ""
            print(f" {state} {time.monotonic() - begin:.0f} s", file=sys.stderr, flush=True)


def run_command(
    checkout: Checkout, spellings: Sequence[str], environment: Mapping[str, str], timeout: float
) -> tuple[str, str]:
    """What the first spelling that the checkout understands prints, and what went wrong if none does."""
    error = ""
    for spelling in spellings:
        words = [CLAIM if word == "CLAIM" else word for word in spelling.split()]
        with tempfile.TemporaryDirectory() as folder:
            process = subprocess.Popen(
                checkout.cli(words), cwd=folder, env=dict(environment), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )  # fmt: skip
            try:
                output, complaint = process.communicate(timeout=timeout)
            except subprocess.TimeoutExpired:
                process.terminate()  # the command ends its own workers then
                process.communicate()
                return "", f"{spelling}: not finished after {timeout:.0f} s"
        if process.returncode == 0:
            return output, ""
        error = error or f"{spelling}: {(complaint or output).strip()[-2000:]}"
    return "", error


def renamed(document: Json, keys: Keys) -> Json:
    """The document with its keys renamed, at every depth."""
    if isinstance(document, dict):
        return {keys.get(key, key): renamed(value, keys) for key, value in document.items()}
    if isinstance(document, list):
        return [renamed(value, keys) for value in document]
    return document


def leaves(document: Json, ignored: frozenset[str], place: Place = ()) -> Iterator[tuple[Place, Leaf]]:
    """Every leaf with its place; an empty record or list is a leaf that says so."""
    below: list[tuple[Step, Json]]
    if isinstance(document, dict):
        below = [(key, value) for key, value in document.items() if key not in ignored]
        if not document:
            yield place, "{}"
    elif isinstance(document, list):
        below = list(zip(element_names(document), document))
        if not document:
            yield place, "[]"
    else:
        yield place, document
        return
    for step, value in below:
        yield from leaves(value, ignored, (*place, step))


def element_names(elements: Sequence[Json]) -> Sequence[Step]:
    """What names each element of a list: the value of a key that differs in all of them, or its number.

    The usual names come first, then any text that differs, since the key of the name may be one that was renamed.
    """
    records = [each for each in elements if isinstance(each, dict)]
    if records and len(records) == len(elements):
        texts = [key for key, value in records[0].items() if isinstance(value, str)]
        for key in (*NAMES, *texts):
            values = [str(each[key]) for each in records if isinstance(each.get(key), str | int)]
            if len(set(values)) == len(elements):
                return [f"[{value}]" for value in values]
    return range(len(elements))


def is_same(before: Leaf, after: Leaf, tolerance: float) -> bool:
    """Whether two leaves are equal, numbers to a relative tolerance; nan is equal to nan."""
    numbers = [x for x in (before, after) if isinstance(x, int | float) and not isinstance(x, bool)]
    if len(numbers) == 2:
        return before == after or all(map(math.isnan, numbers)) or math.isclose(*numbers, rel_tol=tolerance)
    return type(before) is type(after) and before == after


def compare(
    command: str, before: Json, after: Json, keys: Keys | None = None, tolerance: float = 0,
    ignored: frozenset[str] = VOLATILE,
) -> Comparison:  # fmt: skip
    """Compare one command's outputs; `keys` are renamed in the first, and ignored in both by their later names."""
    first = dict(leaves(renamed(before, keys or {}), ignored))
    count = len(first.keys() - dict(leaves(before, ignored)).keys())
    second = dict(leaves(after, ignored))
    both = [place for place in first if place in second]
    return Comparison(
        command,
        len(both),
        tuple(
            Move(place, first[place], second[place])
            for place in both
            if not is_same(first[place], second[place], tolerance)
        ),
        {place: value for place, value in first.items() if place not in second},
        {place: value for place, value in second.items() if place not in first},
        count,
    )


def likely_renames(comparison: Comparison, tolerance: float = 0) -> dict[tuple[str, str], int]:
    """Keys that went, each with the one that came most often at its places with its values, and how often."""
    candidates: dict[Place, list[tuple[str, Leaf]]] = collections.defaultdict(list)
    for place, value in comparison.new.items():
        for key, around in keys_of(place):
            candidates[around].append((key, value))
    pairs: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for place, value in comparison.gone.items():
        for key, around in keys_of(place):
            pairs[key].update(other for other, new in candidates[around] if is_same(value, new, tolerance))
    best = {key: counts.most_common(1)[0] for key, counts in pairs.items() if counts}
    return {(key, other): count for key, (other, count) in best.items()}


def keys_of(place: Place) -> Iterator[tuple[str, Place]]:
    """Each key on the way to a leaf, with the way without it."""
    for index, step in enumerate(place):
        if isinstance(step, str) and not step.startswith("["):
            yield step, (*place[:index], "", *place[index + 1 :])


def compare_outputs(
    before: Path, after: Path, names: Sequence[str], keys: Mapping[str, Keys], tolerance: float,
    ignored: frozenset[str],
) -> list[Comparison]:  # fmt: skip
    """Compare two folders of outputs; a command that either has no output of is a failure."""
    comparisons = []
    for name in names:
        documents, failures = [], []
        for folder in (before, after):
            file = folder / f"{name}.json"
            try:
                documents.append(json.loads(file.read_text(encoding="utf8")))
            except (OSError, ValueError) as error:
                failed = file.with_suffix(".failed")
                failures.append(failed.read_text(encoding="utf8") if failed.exists() else f"{file}: {error}")
        if failures:
            comparisons.append(Comparison(name, 0, failure="; ".join(failures)))
            continue
        own = {**keys.get("keys", {}), **keys.get(name, {})}
        comparisons.append(compare(name, documents[0], documents[1], own, tolerance, ignored))
    return comparisons


def without_texts(comparison: Comparison) -> Comparison:
    """The comparison without the texts that were reworded: a leaf that is text before and after."""
    moved = [m for m in comparison.moved if not (isinstance(m.before, str) and isinstance(m.after, str))]
    return dataclasses.replace(comparison, moved=tuple(moved))


def shown(place: Place) -> str:
    """A place as it is read: `cases[PRU_1806].p_collapse`."""
    parts = (f"[{step}]" if isinstance(step, int) else step if step.startswith("[") else f".{step}" for step in place)
    return "".join(parts).removeprefix(".")


def report(comparisons: Sequence[Comparison], most: int | None, tolerance: float = 0) -> Iterator[str]:
    """The table and, below it, what moved of each command, line by line; `numbers` are all moved leaves but texts."""
    yield f"{'command':<16} {'compared':>9} {'moved':>7} {'numbers':>8} {'gone':>6} {'new':>6} {'renamed':>8}"
    for each in comparisons:
        numbers = sum(not isinstance(move.after, str) for move in each.moved)
        counts = f"{each.leaves:>9} {len(each.moved):>7} {numbers:>8} {len(each.gone):>6} {len(each.new):>6}"
        counts += f" {each.renamed:>8}"
        yield f"{each.command:<16} {counts}{'  FAILED' if each.failure else ''}"
    for each in comparisons:
        if each.same:
            continue
        yield f"\n{each.command}"
        if each.failure:
            yield f"  failed: {each.failure}"
        for (old, new), count in list(likely_renames(each, tolerance).items())[:MOST]:
            yield f"  renamed? {old} -> {new}, {count} equal leaves; declare it with --renamed"
        lines = [f"  moved {shown(m.place)}: {m.before!r} -> {m.after!r}{change(m)}" for m in each.moved]
        lines += [f"  gone  {shown(place)}: {value!r}" for place, value in each.gone.items()]
        lines += [f"  new   {shown(place)}: {value!r}" for place, value in each.new.items()]
        yield from lines[:most]
        if most is not None and len(lines) > most:
            yield f"  and {len(lines) - most} more; all with --all"


def change(move: Move) -> str:
    """By how much a number moved, relative to what it was."""
    both = (move.before, move.after)
    if any(isinstance(x, bool) or not isinstance(x, int | float) for x in both) or not move.before:
        return ""
    return f" ({float(move.after) / float(move.before) - 1:+.2g})"  # type: ignore[arg-type]


def outputs(source: Path, names: Sequence[str], out: Path, python: str | None, timeout: float) -> Path:
    """The folder of a source's outputs: itself, or where the checkout's commands were run into."""
    if not checkouts.is_checkout(source):
        if not source.is_dir():
            raise SystemExit(f"{source}: neither a checkout nor a folder of outputs")
        return source
    run_checkout(source.resolve(), names, out, python, timeout)
    return out


def request(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """What is to be compared, from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path, help="a checkout, or a folder of outputs")
    parser.add_argument("after", type=Path, help="the same")
    parser.add_argument("--keep", type=Path, help="folder for the outputs: DIR/before and DIR/after")
    parser.add_argument("--only", default=",".join(COMMANDS), help="names of commands, with commas")
    parser.add_argument("--tolerance", type=float, default=0.0, help="relative; 0: equal to the last digit")
    parser.add_argument("--renamed", type=Path, help="TOML file of keys that have other names in AFTER")
    parser.add_argument("--ignore", action="append", default=[], help="one more key to leave out; repeatable")
    parser.add_argument("--numbers-only", action="store_true", help="a text that was reworded is no move")
    parser.add_argument("--python", help="interpreter for both checkouts; each checkout's .venv unless given")
    parser.add_argument("--timeout", type=float, default=1800.0, help="seconds for each command")
    parser.add_argument("--all", action="store_true", help=f"show every moved leaf, not the first {MOST}")
    options = parser.parse_args(arguments)
    options.only = options.only.split(",")
    if unknown := [name for name in options.only if name not in COMMANDS]:
        parser.error(f"--only: no command {', '.join(unknown)}; there are {', '.join(COMMANDS)}")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what must be run, compare, print; the exit code."""
    options = request(arguments)
    keys = tomllib.loads(options.renamed.read_text(encoding="utf8")) if options.renamed else {}
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or Path(scratch)
        before, after = (
            outputs(source, options.only, folder / side, options.python, options.timeout)
            for side, source in (("before", options.before), ("after", options.after))
        )
        ignored = VOLATILE | set(options.ignore)
        comparisons = compare_outputs(before, after, options.only, keys, options.tolerance, ignored)
    if options.numbers_only:
        comparisons = [without_texts(each) for each in comparisons]
    for line in report(comparisons, None if options.all else MOST, options.tolerance):
        print(line)
    if any(each.failure for each in comparisons):
        return 2
    return 0 if all(each.same for each in comparisons) else 1


if __name__ == "__main__":
    sys.exit(main())
