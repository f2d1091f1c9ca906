"""How much a command costs here, as a ratio to what it cost at another commit: both run in turn, A B A B.

    python bench/against.py 29020d6 -- holdfast run skirmish --runs 1
    python bench/against.py 29020d6 --fresh --rounds 3 --json run.json -- holdfast run
    python bench/against.py 29020d6 --value soldier_days_per_second -- holdfast bench --no-peers --json
    python bench/against.py 29020d6 --keep /tmp/reference --table bench/speed.toml --out speed.json

REF is a commit, built in a git worktree with an environment of its own by its own constraints, or the folder of a
checkout. The present checkout is this one. `holdfast ...` is each checkout's own command line; any other command runs with
each checkout's sources in PYTHONPATH and its interpreter first in PATH; {bench} stands for this folder and {python} for
the interpreter. Each run has an empty working folder. Each side has a cache folder of its own, which one run that is not
measured fills, unless --no-warm. With --fresh the caches are empty before every run: the first run ever after installing;
then `holdfast --help`, not measured, compiles Python's own files once.

Printed are wall seconds, processor seconds (user and system, of all processes), the memory of the largest process and of
all together: medians, and the ratio present / reference of each round as median and range. --value takes a number from the
JSON that the command prints; --per, a command run afterwards in the same folder, gives that JSON instead. Then `value` and
`processor_s_per_value` are measures too.

A table (TOML) lists rows of such requests. A row that fails says so and the next one runs; the file is written after each
row. --rows NAME,... measures some of them anew and leaves the others in the file as they are. The exit code is 2 if a
command failed, else 0; bounds that were missed are told, not judged.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import datetime as dt
import json
import math
import os
import platform
import shlex
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
import checkouts
from checkouts import Checkout

MEASURES = {
    "wall_s": "wall s", "processor_s": "processor s", "peak_mb": "largest process MB", "tree_mb": "all processes MB",
    "value": "value", "processor_s_per_value": "processor s / value",
}  # fmt: skip
SIDES = ("reference", "present")
LINES = 15
"""Last lines of a failed command's errors that are shown."""
PACKAGES = ("jax", "jaxlib", "numpy", "equinox", "xarray", "altair", "numpyro", "pydantic", "cyclopts")
"""Packages whose versions are named where they differ between the two."""

Costs = dict[str, float]


class CommandError(Exception):
    """A command that did not end well, with the last lines of its errors."""


@dataclasses.dataclass(frozen=True)
class Row:
    """A command that both checkouts run, and what of it is compared."""

    name: str
    work: str
    command: str
    reference_command: str = ""
    """In the reference's spelling, where it has another."""
    measure: str = "processor_s"
    at_most: float | None = None
    at_least: float | None = None
    fresh: bool = False
    warm: bool = True
    rounds: int = 5
    value: str = ""
    """Place of a number in the JSON, as `diagnostics.ess_min`."""
    per: str = ""
    """A command that is run after the measured one, in its folder, and prints the JSON that `value` is taken from."""

    def __post_init__(self) -> None:
        if self.measure not in MEASURES:
            raise SystemExit(f"{self.name}: no measure {self.measure}; there are {', '.join(MEASURES)}")
        if "value" in self.measure and not self.value:
            raise SystemExit(f"{self.name}: {self.measure} needs the place of a value in the JSON")
        if self.rounds < 1:
            raise SystemExit(f"{self.name}: rounds is {self.rounds}; at least 1")

    def of(self, side: str) -> str:
        """The command in one side's spelling."""
        return (self.reference_command or self.command) if side == "reference" else self.command


@dataclasses.dataclass(frozen=True)
class Lane:
    """One side: its checkout, its cache folder, and how long a command may take."""

    side: str
    checkout: Checkout
    cache: Path
    timeout: float

    def run(self, row: Row, fresh: bool) -> Costs:
        """Run a row's command once in an empty folder, with an empty cache if it is to be fresh; what it cost."""
        cache = self.cache / ("fresh" if fresh else "warm")
        if fresh:
            shutil.rmtree(cache, ignore_errors=True)
        environment = self.checkout.environment(cache)
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            cost, text = self._measured(self.checkout.command(row.of(self.side)), Path(folder), environment)
            if row.value:
                if row.per:
                    text = self._output(self.checkout.command(row.per), Path(folder), environment)
                cost["value"] = number_at(text, row.value)
                cost["processor_s_per_value"] = cost["processor_s"] / cost["value"] if cost["value"] else math.nan
        return cost

    def _measured(self, command: list[str], folder: Path, environment: Mapping[str, str]) -> tuple[Costs, str]:
        """What a command cost and what it printed."""
        with tempfile.TemporaryDirectory() as scratch:
            file, out, errors = (Path(scratch) / name for name in ("cost.json", "out", "errors"))
            measurer = [sys.executable, str(checkouts.BENCH / "measure.py"), str(file), str(self.timeout), *command]
            with out.open("wb") as stdout, errors.open("wb") as stderr:
                process = subprocess.Popen(
                    measurer, cwd=folder, env=dict(environment), stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr
                )
                try:
                    process.wait()
                finally:
                    if process.poll() is None:
                        process.terminate()
                        process.wait()
            complaint = errors.read_text(encoding="utf8", errors="replace")
            printed = out.read_text(encoding="utf8", errors="replace")
            if process.returncode or not file.exists():
                raise CommandError(f"{self.side}: could not be measured: {last(complaint)}")
            cost = json.loads(file.read_text(encoding="utf8"))
        if cost["timed_out"]:
            raise CommandError(f"{self.side}: not finished after {self.timeout:.0f} s: {last(complaint or printed)}")
        if cost["code"]:
            raise CommandError(f"{self.side}: exit code {cost['code']}: {last(complaint or printed)}")
        return {name: float(cost[name]) for name in MEASURES if cost.get(name) is not None}, printed

    def _output(self, command: list[str], folder: Path, environment: Mapping[str, str]) -> str:
        """What a command prints that is not measured."""
        process = subprocess.run(command, cwd=folder, env=dict(environment), capture_output=True, text=True)
        if process.returncode:
            raise CommandError(f"{self.side}: {command[-1]}: {last(process.stderr or process.stdout)}")
        return process.stdout


def last(text: str) -> str:
    """The last lines of a text, each on a line of its own."""
    return "".join(f"\n    {line}" for line in text.strip().splitlines()[-LINES:]) or "it said nothing"


def number_at(text: str, place: str) -> float:
    """The number at a place of a JSON text; keys and positions joined by dots."""
    try:
        found = json.loads(text)
        for step in place.split("."):
            found = found[int(step)] if isinstance(found, list) else found[step]
        return float(found)
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise CommandError(f"no number at {place} in what it printed ({error!r}): {last(text[-1000:])}") from error


def compare(row: Row, lanes: Sequence[Lane], say: Say) -> dict[str, Any]:
    """Run a row in turn in both checkouts, so many rounds; what each cost, and the ratios with their spread."""
    costs: dict[str, list[Costs]] = {lane.side: [] for lane in lanes}
    if row.fresh:
        for lane in lanes:  # bytecode is the installer's to compile, not the first run's
            lane.run(dataclasses.replace(row, command="holdfast --help", reference_command="", value=""), True)
    elif row.warm:
        for lane in lanes:
            say(f"{row.name}: {lane.side}, not measured", lane.run(row, False))
    for number in range(row.rounds):
        for lane in lanes:
            cost = lane.run(row, row.fresh)
            costs[lane.side].append(cost)
            say(f"{row.name}: {lane.side}, {number + 1} of {row.rounds}", cost)
    return {
        **dataclasses.asdict(row), "date": dt.date.today().isoformat(), "load": round(os.getloadavg()[0], 1),
        "present_commit": lanes[-1].checkout.commit(), "costs": costs, "ratios": ratios(*(costs[s] for s in SIDES)),
    }  # fmt: skip


def ratios(reference: Sequence[Costs], present: Sequence[Costs]) -> dict[str, dict[str, float]]:
    """Of each measure the medians of both sides, and of the ratios of the rounds the median, the least and the largest."""
    found = {}
    for name in MEASURES:
        pairs = [
            (one[name], other[name]) for one, other in zip(reference, present) if {name} <= one.keys() & other.keys()
        ]
        if not pairs or any(not before or math.isnan(before + after) for before, after in pairs):
            continue
        each = [after / before for before, after in pairs]
        found[name] = {
            "reference": statistics.median(before for before, _ in pairs),
            "present": statistics.median(after for _, after in pairs),
            "ratio": statistics.median(each), "least": min(each), "most": max(each),
        }  # fmt: skip
    return found


def verdict(row: Mapping[str, Any]) -> str:
    """The row's measure against its bound; empty where it has none."""
    if "failure" in row or row["measure"] not in row["ratios"]:
        return "failed"
    ratio = row["ratios"][row["measure"]]["ratio"]
    if row["at_most"] is not None:
        return "reached" if ratio <= row["at_most"] else "missed"
    if row["at_least"] is not None:
        return "reached" if ratio >= row["at_least"] else "missed"
    return ""


def lines(row: Mapping[str, Any]) -> Iterator[str]:
    """What was found of one row, for the console."""
    yield f"\n{row['work']}: {row['command']}"
    if "failure" in row:
        yield f"  FAILED: {row['failure']}"
        return
    yield f"  {'':<20} {'reference':>11} {'present':>11} {'ratio':>8}  range"
    for name, found in row["ratios"].items():
        mark = ""
        if name == row["measure"] and verdict(row):
            bound = f"at most {row['at_most']}" if row["at_most"] is not None else f"at least {row['at_least']}"
            mark = f"  {bound}: {verdict(row)}"
        yield (
            f"  {MEASURES[name]:<20} {found['reference']:>11.5g} {found['present']:>11.5g} {found['ratio']:>8.3f}  "
            f"{found['least']:.3f} to {found['most']:.3f}{mark}"
        )


def machine() -> dict[str, Any]:
    """The machine that all is measured on."""
    processor = platform.processor()
    with contextlib.suppress(OSError):
        names = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
        processor = names[0].partition(":")[2].strip() if names else processor
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1024**3
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"processor": processor, "cores": cores, "memory_gib": round(memory, 1), "system": platform.platform()}


def versions(checkout: Checkout) -> dict[str, str]:
    """Versions of Python and of the packages that matter, in a checkout's environment."""
    code = (
        "import importlib.metadata as m, json, platform, sys\n"
        "found = {'python': platform.python_version()}\n"
        "for name in sys.argv[1:]:\n"
        "    try: found[name] = m.version(name)\n"
        "    except m.PackageNotFoundError: pass\n"
        "print(json.dumps(found))"
    )
    done = subprocess.run([checkout.python, "-c", code, *PACKAGES], capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


class Say:
    """Progress, a line a run, on the console's error stream."""

    def __call__(self, what: str, cost: Costs) -> None:
        parts = [f"{cost[name]:.4g} {words}" for name, words in MEASURES.items() if name in cost]
        print(f"{dt.datetime.now():%H:%M:%S} {what}: {', '.join(parts)}", file=sys.stderr, flush=True)


def rows_of(options: argparse.Namespace) -> list[Row]:
    """The rows that are to be measured: those of the table, or the command."""
    if not options.table:
        command, reference = options.command, options.reference_command
        return [
            Row(
                "command", "command", command, reference, "value" if options.value else "processor_s", fresh=options.fresh,
                warm=not options.no_warm, rounds=options.rounds or 5, value=options.value, per=options.per,
            )
        ]  # fmt: skip
    document = tomllib.loads(options.table.read_text(encoding="utf8"))
    try:
        rows = [Row(**row) for row in document["row"]]
    except (KeyError, TypeError) as error:
        raise SystemExit(
            f"{options.table}: {error}; a row has {', '.join(f.name for f in dataclasses.fields(Row))}"
        ) from None
    if unknown := set(options.rows) - {row.name for row in rows}:
        raise SystemExit(
            f"--rows: no row {', '.join(sorted(unknown))}; there are {', '.join(row.name for row in rows)}"
        )
    chosen = [row for row in rows if not options.rows or row.name in options.rows]
    return [dataclasses.replace(row, rounds=options.rounds or row.rounds) for row in chosen]


def merged(file: Path | None, rows: Sequence[Mapping[str, Any]], order: Sequence[str]) -> list[Mapping[str, Any]]:
    """The rows with those of an earlier measurement that were not measured anew, in the order of the table."""
    earlier = json.loads(file.read_text(encoding="utf8"))["rows"] if file and file.exists() else []
    found = {row["name"]: row for row in [*earlier, *rows]}
    return [found[name] for name in [*order, *(name for name in found if name not in order)] if name in found]


def request(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """What is to be compared, from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ref", help="a commit, or the folder of a checkout")
    parser.add_argument("words", nargs="*", metavar="COMMAND", help="after --: what both run")
    parser.add_argument("--reference-command", default="", help="one text: the command as the reference spells it")
    parser.add_argument("--table", type=Path, help="TOML file of rows, in place of a command")
    parser.add_argument(
        "--rows", default="", help="names of rows, with commas; the others stay in the file as they are"
    )
    parser.add_argument("--rounds", type=int, help="runs of each side; 5, or what the row says")
    parser.add_argument("--fresh", action="store_true", help="empty both caches before every run")
    parser.add_argument("--no-warm", action="store_true", help="no run that fills the caches and is not measured")
    parser.add_argument("--value", default="", help="place of a number in the JSON that the command prints")
    parser.add_argument("--per", default="", help="one text: a command run afterwards that prints that JSON instead")
    parser.add_argument("--json", "--out", type=Path, dest="out", help="file for all that was found")
    parser.add_argument(
        "--keep", type=Path, help="folder for the reference, its environment and the caches, used again"
    )
    parser.add_argument("--python", default=sys.executable, help="interpreter of this checkout; that of this script")
    parser.add_argument("--reference-python", help="interpreter of the reference; one is installed unless given")
    parser.add_argument("--present", type=Path, default=checkouts.BENCH.parent, help="another present checkout")
    parser.add_argument("--extras", default="calibrate", help="extras that the reference is installed with")
    parser.add_argument("--timeout", type=float, default=1800.0, help="seconds for each run")
    given = list(sys.argv[1:] if arguments is None else arguments)
    at = given.index("--") if "--" in given else len(given)
    options = parser.parse_args(given[:at])
    options.words += given[at + 1 :]
    options.command = shlex.join(options.words)
    options.rows = [name for name in options.rows.split(",") if name]
    if bool(options.table) == bool(options.words):
        parser.error("give a COMMAND after --, or a --table")
    if options.rounds is not None and options.rounds < 1:
        parser.error(f"--rounds {options.rounds}: at least 1")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Build what must be built, run both in turn, print; the exit code."""
    options = request(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started and built is taken away
    wanted = rows_of(options)
    order = [row["name"] for row in tomllib.loads(options.table.read_text())["row"]] if options.table else ["command"]
    present = Checkout(options.present.resolve(), options.python)
    if not present.exists:
        raise SystemExit(f"{present.root}: no checkout")
    where = options.present if (options.present / ".git").exists() else checkouts.BENCH.parent
    reference = checkouts.at_commit(options.ref, where, options.reference_python, options.keep, options.extras)
    done: list[Mapping[str, Any]] = []
    with reference as other, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        caches = (options.keep or Path(scratch)).resolve() / "caches"
        sides = dict(zip(SIDES, (other, present)))
        lanes = [Lane(side, checkout, caches / side, options.timeout) for side, checkout in sides.items()]
        about = {
            "reference": {"ref": options.ref, "commit": other.commit(), "versions": versions(other)},
            "present": {"commit": present.commit(), "versions": versions(present)}, "machine": machine(),
        }  # fmt: skip
        for line in differing(about):
            print(line, file=sys.stderr)
        for row in wanted:
            try:
                done.append(compare(row, lanes, Say()))
            except CommandError as error:
                done.append({**dataclasses.asdict(row), "date": dt.date.today().isoformat(), "failure": str(error)})
            for line in lines(done[-1]):
                print(line, flush=True)
            if options.out:
                earlier = options.out if options.rows else None
                everything = merged(earlier, done, order)
                options.out.write_text(json.dumps({**about, "rows": everything}, indent=1) + "\n", encoding="utf8")
    return 2 if any("failure" in row for row in done) else 0


def differing(about: Mapping[str, Any]) -> Iterator[str]:
    """A line for each package that the two environments have in other versions: the ratio is of both changes then."""
    before, after = about["reference"]["versions"], about["present"]["versions"]
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield f"{name}: {before.get(name, 'none')} in the reference, {after.get(name, 'none')} here"


if __name__ == "__main__":
    sys.exit(main())
