"""Faults injected at every write: a full disk, a broken one, a folder that forbids, a short write, a process killed."""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import hashlib
import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from promise import Promise

KINDS = {
    "full disk": 1, "input/output error": 2, "forbidden": 3, "short write": 4, "killed": 5, "killed halfway through a write": 6,
}  # fmt: skip
PATIENCE = 180
"""Seconds that one child may take [s]."""
TOLD, UNCAUGHT = 3, 70
"""With which a child ends: it said what is wrong; it raised what nobody expects."""
PASSING = (".lock",)
LEFT = (".fresh-", ".ready-", ".old-")


@dataclasses.dataclass(frozen=True)
class Case:
    """Something that writes."""

    name: str
    act: Callable[[Path], object]  # writes the new into a folder
    old: Callable[[Path], object]  # writes the old, before
    opens: Callable[[Path], object] | None = None  # reads what is there; raises where that cannot be
    may_stay: bool = False  # whether it may end well with the old still there, as a cache that cannot be written
    once: bool = False  # whether it refuses to write over what it wrote
    aside: tuple[str, ...] = ()  # files that others are written beside: each whole, but it may come before the rest
    most: int = 40  # places at which each kind of fault is tried


def digests(folder: Path) -> dict[str, str]:
    """What stands in a folder: each entry that is not hidden, by a checksum of all in it; and hidden files of ours."""
    every: dict[str, str] = {}
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith("."):
            continue
        parts = sorted(entry.rglob("*")) if entry.is_dir() else [entry]
        hashed = hashlib.sha256()
        for part in parts:
            if part.is_file():
                hashed.update(str(part.relative_to(folder)).encode() + hashlib.sha256(part.read_bytes()).digest())
        every[entry.name] = hashed.hexdigest()
    return every


def in_child(work: Callable[[], object], said: Path) -> int:
    """Do something in a process of its own.

    Args:
        work: what.
        said: where its words and its traceback go.

    Returns:
        Its exit code; less than 0 where a signal ended it, -99 where it did not end.
    """
    child = os.fork()
    if child == 0:
        code = 0
        with said.open("w") as out:
            os.dup2(out.fileno(), 1)
            os.dup2(out.fileno(), 2)
            try:
                result = work()
                code = result if isinstance(result, int) else 0
            except BaseException as error:
                code = TOLD if is_told(error) else UNCAUGHT
                traceback.print_exc()
            finally:
                with contextlib.suppress(Exception):
                    sys.stdout.flush(), sys.stderr.flush()
                os._exit(code)
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return -99


def is_told(error: BaseException) -> bool:
    """Whether an error says what is wrong: ours, or the system's with the place."""
    from holdfast.core.faults import FaultyError, ReportedError

    return isinstance(error, FaultyError | ReportedError | OSError)


def command(*words: str) -> Callable[[Path], int]:
    """A command of the program, its folder written as OUT."""

    def act(folder: Path) -> int:
        from holdfast.cli import app

        code = app.guarded([word.replace("OUT", str(folder)) for word in words])
        return TOLD if code in (1, 2) else code

    return act


def armed(
    act: Callable[[Path], object], folder: Path, at: int, kind: int, count: Path | None = None
) -> Callable[[], object]:
    """A work with the disk failing beneath it."""

    def work() -> object:
        library = ctypes.CDLL(None)
        library.hard_arm(str(folder).encode(), ctypes.c_long(at), kind)
        try:
            return act(folder)
        finally:
            if count:
                many = library.hard_count()
                library.hard_arm(b"/nowhere", ctypes.c_long(-1), -1)
                count.write_text(str(many))
            library.hard_arm(b"/nowhere", ctypes.c_long(-1), -1)

    return work


class Trial:
    """A case with its old result and what the new one looks like."""

    def __init__(self, case: Case, scratch: Path) -> None:
        """Write the old result and, once without faults, the new one over it; count its operations."""
        self.case, self.folder, self.said = case, scratch / "out", scratch / "said"
        self.before, self.count = scratch / "before", scratch / "count"
        self.before.mkdir()
        assert in_child(lambda: case.old(self.before), self.said) == 0, self.said.read_text()
        self._fresh()
        code = in_child(armed(case.act, self.folder, -1, 0, self.count), self.said)
        assert code == 0, self.said.read_text()
        self.old, self.new = digests(self.before), digests(self.folder)
        self.operations = int(self.count.read_text())

    def _fresh(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.before, self.folder)

    def problems(self, at: int, kind: str, again: bool) -> Iterator[str]:
        """Let one fault happen, and look at what is there afterwards."""
        self._fresh()
        code = in_child(armed(self.case.act, self.folder, at, KINDS[kind]), self.said)
        words = self.said.read_text(errors="replace")
        if code == -99:
            yield "no end"
        elif code == UNCAUGHT or ("Traceback" in words and code != TOLD):
            yield f"a traceback: {words[-500:]}"
        elif code < 0 and code != -signal.SIGKILL:
            yield f"ended by signal {-code}"
        if self.case.opens:
            opened = in_child(lambda: self.case.opens(self.folder) and 0, self.said)  # type: ignore[misc]
            if opened:
                yield f"what is there cannot be opened: {self.said.read_text(errors='replace')[-400:]}"
        state = self._state()
        if state not in ("old", "new"):
            yield f"neither the old nor the new: {state}"
        if code == 0 and state == "old" and not self.case.may_stay:
            yield "ended well, and the old is still there"
        if again and (state == "old" or not self.case.once):
            yield from self._again()

    def _again(self) -> Iterator[str]:
        """Do it once more without a fault: the new stands there, and nothing else."""
        if in_child(lambda: self.case.act(self.folder), self.said):
            yield f"cannot be repeated: {self.said.read_text(errors='replace')[-400:]}"
        elif self._state() != "new":
            yield f"repeated, and not the new: {self._state()}"
        left = [path.name for path in self.folder.iterdir() if path.name.startswith(LEFT)]
        if left:
            yield f"left behind: {', '.join(left)}"

    def _state(self) -> str:
        """Whether the folder holds the old or the new; else what is wrong with it."""
        now, aside = digests(self.folder), self.case.aside
        for name in aside:
            if now.pop(name, None) not in (self.old.get(name), self.new.get(name)):
                return f"{name} is neither the old nor the new"
        old, new = ({name: one for name, one in each.items() if name not in aside} for each in (self.old, self.new))
        if now == old:
            return "old"
        same = sorted(name for name in {*old, *new} if now.get(name) == old.get(name) != new.get(name))
        if not same and set(now) == set(new):  # not byte for byte: a result holds how long it took
            return "new"
        return f"of the old {same}, there {sorted(now)}"


def tried(case: Case, kinds: dict[str, int], most: int) -> Iterator[Promise]:
    """A promise for a case: each kind of fault, at every operation or at evenly spread ones."""
    promise = Promise(
        "writes", f"{case.name}: the old or the new, whole, and no traceback", "fault at the n-th write: " + ", ".join(kinds)
    )  # fmt: skip
    scratch = Path(tempfile.mkdtemp(prefix="hard-writes-", dir=os.environ.get("HARD_SCRATCH")))
    try:
        trial = Trial(case, scratch)
        places = sorted({round(n * (trial.operations - 1) / max(1, most - 1)) for n in range(most)})
        promise.how += f"; {len(places)} of its {trial.operations} operations"
        for kind in kinds:
            for number, at in enumerate(places):
                problems = list(trial.problems(at, kind, again=number % 5 == 0))
                promise.tried(f"{kind} at operation {at}: {problem}" for problem in problems)
    except AssertionError as error:
        promise.tried([f"cannot be tried: {error}"])
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    yield promise.ended()


# --- What writes.


def _opened(folder: Path) -> object:
    import holdfast as hf

    return hf.open(folder)


def saved(name: str, new: Path, old: Path, most: int) -> Case:
    """A saved result that takes the place of another of its kind."""

    def save(of: Path) -> Callable[[Path], object]:
        return lambda folder: _opened(of).save(folder) and None  # type: ignore[attr-defined]

    return Case(f"save a {name}", save(new), save(old), _opened, most=most)


def _table(months: int, base: int) -> str:
    rows = (f"{2022 + n // 12}-{n % 12 + 1:02d},{base + 7 * n + (n * 37) % 23},50000\n" for n in range(months))
    return "week,absent,men\n" + "".join(rows)


def _ledger(*numbers: int) -> Callable[[Path], object]:
    def act(folder: Path) -> object:
        import datetime as dt

        from holdfast.forecasting import ledger

        needed = {name: "x" for name in ledger.NEEDED if name not in ("number", "issued", "previous", "hash")}
        for number in numbers:
            ledger.append(
                folder / "ledger.jsonl", needed | {"sides": list(range(number, number + 3000))}, dt.date(2030, 1, 1)
            )
        return None

    return act


def _read_ledger(folder: Path) -> object:
    from holdfast.forecasting import ledger

    return ledger.check(folder / "ledger.jsonl")


def _cache(value: int) -> Callable[[Path], object]:
    def act(folder: Path) -> object:
        import numpy as np

        from holdfast.io import records

        got = records.Cache(folder, records.NOTHING, ("holdfast.stats",)).get(
            "a request", lambda: [np.arange(500), value]
        )
        assert got[1] in (1, 2), got
        return None

    return act


def _old_cache(folder: Path) -> object:
    (folder / "other.npz").write_bytes(b"torn")
    return None


SKIRMISH = ("run", "skirmish", "--days", "12", "--runs", "2", "--workers", "1", "--no-film", "--no-figures", "--json")


def cases(shelf: Path, quick: bool) -> Iterator[Case]:
    """Every command that writes, and every kind of result that is saved."""
    few = 4 if quick else 40
    yield Case("ledger: a forecast entered", _ledger(2), _ledger(1), _read_ledger, most=few)
    yield Case("cache: a fit kept", _cache(1), _old_cache, may_stay=True, most=few)
    new = command("scenarios", "new", "OUT/mine.toml")
    yield Case("scenarios new", new, lambda folder: None, once=True, aside=("scenario.schema.json",), most=few)
    (shelf / "warn.csv").write_text(_table(30, 100), encoding="utf8")
    (shelf / "other.csv").write_text(_table(30, 140), encoding="utf8")
    yield Case(
        "claims check --suggest", command("claims", "check", "winter_war_1939", "--suggest", "OUT/a.csv"), lambda folder: None,
        once=True, most=few,
    )  # fmt: skip
    for name, most in SAVED.items():
        both = [shelf / f"{name}-{which}" for which in ("new", "old")]
        if all((each / "done").exists() for each in both):
            yield saved(name, both[0] / "out", both[1] / "out", 3 if quick else most)
    if not quick:
        warn = [command("warn", str(shelf / name), "--out", "OUT", "--json") for name in ("warn.csv", "other.csv")]
        yield Case("warn --out", warn[0], warn[1], _opened, most=12)
        run = [command(*SKIRMISH, "--out", "OUT", "--seed", seed) for seed in ("2", "1")]
        yield Case("run --out", run[0], run[1], _opened, most=10)


SAVED = {"warning": 20, "simulation": 16, "assessment": 10, "posterior of losses": 8, "sweep": 8, "explanation": 8}
"""Kinds of results, and at how many places each fault is tried."""
SWEEP = ("sweep", "skirmish", "--vary", "south.supply=0.2:1", "--days", "20", "--runs", "96", "--workers", "1")
EXPLAIN = ("explain", "skirmish", "--side", "south", "--days", "20", "--draws", "64", "--workers", "1")
MAKERS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "warning": (("warn", "SHELF/warn.csv"), ("warn", "SHELF/other.csv")),
    "simulation": ((*SKIRMISH, "--seed", "2"), (*SKIRMISH, "--seed", "1")),
    "assessment": (("assess", "--army", "RUS_1917"), ("assess", "--army", "RUS_1917", "--enforcement", "2")),
    "posterior of losses": (
        ("losses", "--claims", "winter_war_1939", "--fast", "--seed", "2"), ("losses", "--claims", "winter_war_1939", "--fast"),
    ),
    "sweep": ((*SWEEP, "--seed", "2"), (*SWEEP, "--seed", "1")),
    "explanation": ((*EXPLAIN, "--seed", "2"), (*EXPLAIN, "--seed", "1")),
}  # fmt: skip
"""Commands that make a new and an old result of each kind."""


def stocked(shelf: Path, names: list[str]) -> Promise:
    """Make the results that are saved, each by its command in a process of its own; those that are there stay.

    Args:
        shelf: where they stand.
        names: of `MAKERS`.

    Returns:
        A promise that each can be made.
    """
    promise = Promise("writes", "results of each kind, to be saved below", "by their commands")
    (shelf / "warn.csv").write_text(_table(30, 100), encoding="utf8")
    (shelf / "other.csv").write_text(_table(30, 140), encoding="utf8")
    for name in names:
        for which, words in zip(("new", "old"), MAKERS[name], strict=True):
            place = shelf / f"{name}-{which}"
            if (place / "done").exists():
                continue
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()
            given = [word.replace("SHELF", str(shelf)) for word in words]
            options = [] if "--json" in given else ["--json"]
            done = subprocess.run(
                [sys.executable, "-m", "holdfast", *given, *options, "--out", str(place / "out")],
                capture_output=True, text=True, timeout=900, check=False, cwd=place,
            )  # fmt: skip
            promise.tried([f"{name}: {(done.stdout + done.stderr)[-300:]}"] if done.returncode else [])
            if done.returncode:
                break
            (place / "done").write_text("")
    return promise.ended()


def library(scratch: Path) -> Path | None:
    """The failing disk, compiled; none where there is no compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or not sys.platform.startswith("linux"):
        return None
    out = scratch / "failing_disk.so"
    source = Path(__file__).with_name("failing_disk.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O2", str(source), "-o", str(out), "-ldl"], check=True)
    return out


def run(quick: bool) -> Iterator[Promise]:
    """The whole part, in a process into which the failing disk is loaded."""
    scratch = Path(tempfile.mkdtemp(prefix="hard-"))
    disk = library(scratch)
    if disk is None:
        yield Promise("writes", "the old or the new, whole", "fault at the n-th write", skipped="no C compiler").ended()
        return
    shelf = Path(os.environ.get("HARD_SHELF", scratch / "shelf"))
    shelf.mkdir(parents=True, exist_ok=True)
    yield stocked(shelf, ["warning"] if quick else list(SAVED))
    environment = {**os.environ, "LD_PRELOAD": str(disk), "HARD_SHELF": str(shelf)}
    words = [sys.executable, __file__, *(["--quick"] if quick else []), *ONLY]
    child = subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    for line in child.stdout:
        if line.startswith("{"):
            yield Promise(**json.loads(line))
    if child.wait():
        yield Promise("writes", "the faults are injected", "ended early", tries=1, failures=1).ended()
    shutil.rmtree(scratch, ignore_errors=True)


ONLY: list[str] = []
"""Words that the names of the cases must hold, for a part of them."""


def main() -> None:
    """In the process with the failing disk: a line of JSON a promise."""
    quick, only = "--quick" in sys.argv, [word for word in sys.argv[1:] if word != "--quick"]
    for name in (
        "holdfast.cli.app",
        "holdfast.saved_results",
        "holdfast.forecasting.ledger",
        "holdfast.ensemble.store",
    ):
        importlib.import_module(name)
    for case in cases(Path(os.environ["HARD_SHELF"]), quick):
        if not only or any(word in case.name for word in only):
            for promise in tried(case, KINDS, case.most):
                print(json.dumps(promise.to_dict()), flush=True)


if __name__ == "__main__":
    main()
