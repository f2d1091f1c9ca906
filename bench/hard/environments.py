"""Every environment: homes, terminals, closed streams, locales, paths, users, signals; exit codes as documented."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import writes
from promise import Promise

CHEAP = (("scenarios", "list"), ("claims", "check", "winter_war_1939"), ("scenarios", "check", "skirmish", "--json"))
RUN = ("run", "skirmish", "--days", "12", "--runs", "2", "--workers", "1", "--no-film", "--no-figures", "--json")
STRANGER = 54321
"""A user whom no machine knows."""
PROGRAM = (sys.executable, "-m", "holdfast")
PATIENCE = 600


def bare(**more: str | None) -> dict[str, str]:
    """The environment with variables changed, or taken away where they are none."""
    changed = {**os.environ, **{name: value for name, value in more.items() if value is not None}}
    return {name: value for name, value in changed.items() if name not in more or more[name] is not None}


def problems(done: subprocess.CompletedProcess[str], codes: tuple[int, ...] = (0,)) -> list[str]:
    """What is wrong with how a program ended."""
    said = (done.stdout or "") + (done.stderr or "")
    wrong = [f"code {done.returncode}: {said[-400:]}"] if done.returncode not in codes else []
    return [*wrong, *([f"a traceback: {said[-400:]}"] if "Traceback" in said else [])]


def program(*words: object, **given: object) -> subprocess.CompletedProcess[str]:
    """The program, carried out."""
    options = {"capture_output": True, "text": True, "timeout": PATIENCE, "check": False, **given}
    return subprocess.run([*PROGRAM, *map(str, words)], **options)  # type: ignore[call-overload,no-any-return]


def homes(scratch: Path, commands: tuple[tuple[str, ...], ...]) -> Iterator[Promise]:
    """Home folders."""
    spaced, closed = scratch / "a home – дім", scratch / "closed"
    spaced.mkdir()
    closed.mkdir(mode=0o555)
    ways: dict[str, tuple[dict[str, str | None], dict[str, object]]] = {
        "no HOME": ({"HOME": None}, {}),
        "a home that is no folder": ({"HOME": "/dev/null/home"}, {}),
        "a home with blanks and other letters": ({"HOME": str(spaced)}, {}),
    }
    if os.geteuid() == 0:
        ways["a user that nobody knows, without HOME"] = ({"HOME": None}, {"user": STRANGER})
        ways["a home that may not be written"] = ({"HOME": str(closed)}, {"user": STRANGER})
    for name, (variables, given) in ways.items():
        promise = Promise("environments", f"{name}: commands end well, without a traceback", "started so")
        environment = bare(
            HOLDFAST_CACHE=None, XDG_CACHE_HOME=None, TMPDIR=None, PYTHONDONTWRITEBYTECODE="1", **variables
        )
        for number, words in enumerate(commands):
            folder = scratch / f"{name}-{number}".replace(" ", "-").replace(",", "")
            folder.mkdir()
            folder.chmod(0o777)
            try:
                done = program(*words, env=environment, cwd=folder, **given)
            except OSError as error:
                promise.skipped = f"cannot be started so ({error.strerror})"
                break
            if (
                "user" in given
                and done.returncode == 126
                or "Permission denied" in done.stderr
                and "site-packages" in done.stderr
            ):
                promise.skipped = "Python is not readable for others here"
                break
            promise.tried(f"{' '.join(words)}: {problem}" for problem in problems(done))
        yield promise.ended()


def terminals(scratch: Path) -> Iterator[Promise]:
    """Terminals, locales, proxies."""
    ways: dict[str, dict[str, str | None]] = {
        "no TERM": {"TERM": None}, "a dumb terminal": {"TERM": "dumb"}, "20 columns": {"COLUMNS": "20"},
        "1 column": {"COLUMNS": "1"}, "columns that are no number": {"COLUMNS": "many"}, "NO_COLOR": {"NO_COLOR": "1"},
        "NO_COLOR against FORCE_COLOR": {"NO_COLOR": "1", "FORCE_COLOR": "1"},
        "a locale with decimal commas": {"LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8"},
        "a locale that is not there": {"LC_ALL": "xx_YY"}, "the locale C": {"LC_ALL": "C"},
        "ASCII alone": {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        "proxies that are dead": {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9", "ALL_PROXY": "x"},
        "a folder for temporary files that is not there": {"TMPDIR": "/nowhere"},
        "warnings as errors": {"PYTHONWARNINGS": "error::DeprecationWarning:holdfast"},
    }  # fmt: skip
    usual = {words: program(*words, env=bare(COLUMNS=None)).stdout for words in CHEAP if "--json" in words}
    for name, variables in ways.items():
        promise = Promise("environments", f"{name}: commands end well, and JSON is the same", "started so")
        for words in CHEAP:
            done = program(*words, env=bare(**variables), cwd=scratch)
            wrong = problems(done)
            if "--json" in words and done.stdout != usual[words]:
                wrong.append(f"other JSON: {done.stdout[:200]}")
            if "NO_COLOR" in variables and "\x1b[3" in done.stdout:
                wrong.append("colours")
            promise.tried(f"{' '.join(words)}: {problem}" for problem in wrong)
        yield promise.ended()


def streams(scratch: Path) -> Promise:
    """Streams that are closed or full."""
    promise = Promise("environments", "streams closed, full or broken: no traceback; codes 0, 1", "by the shell")
    ways = (
        "<&-",
        ">&-",
        "2>&-",
        "<&- >&- 2>&-",
        ">/dev/full",
        "2>/dev/full",
        "| head -n 1 >/dev/null",
        "| true",
        "</dev/null",
    )
    for words in CHEAP:
        for way in ways:
            line = " ".join([*PROGRAM, *words, way])
            done = subprocess.run(
                ["bash", "-c", f"set -o pipefail; {line}"], capture_output=True, text=True, timeout=PATIENCE, cwd=scratch,
                check=False,
            )  # fmt: skip
            promise.tried(f"{line}: {problem}" for problem in problems(done, (0, 1)))
    return promise.ended()


def paths(scratch: Path) -> Promise:
    """Folders with names of many kinds."""
    promise = Promise(
        "environments",
        "folders with other letters, blanks, brackets, long names: written and opened",
        "warn --out, scenarios new",
    )
    import holdfast as hf

    (scratch / "warn.csv").write_text(writes._table(30, 100), encoding="utf8")
    for name in ("Київ", "a b", "-dash", "[red]x[b]", "a'b\"c", "é" * 100, "٣", "%s{0}$HOME", "new\nline", "日本語"):
        folder = scratch / name
        folder.mkdir()
        done = program("scenarios", "new", folder / "mine.toml", cwd=scratch)
        promise.tried(f"{name!r}: {problem}" for problem in problems(done))
        done = program("scenarios", "check", folder / "mine.toml", cwd=folder)
        promise.tried(f"{name!r}: {problem}" for problem in problems(done))
        done = program("warn", "../warn.csv", "--out", "out", cwd=folder)
        wrong = problems(done)
        with contextlib.suppress(IndexError):
            try:
                hf.open(folder / "out")
            except Exception as error:
                wrong.append(f"cannot be opened: {error}")
        promise.tried(f"{name!r}: {problem}" for problem in wrong)
    return promise.ended()


def signals(scratch: Path, many: int) -> Promise:
    """Signals at random moments."""
    promise = Promise(
        "environments", "SIGINT, SIGTERM, SIGHUP at any moment: code 130, 143, 129, no traceback, no process left, result whole",
        "signal after a random time",
    )  # fmt: skip
    import holdfast as hf

    draw, out = random.Random(20261130), scratch / "stopped"
    begin = time.monotonic()
    first = program(*RUN, "--out", out, cwd=scratch)
    length = time.monotonic() - begin
    promise.tried(problems(first))
    codes = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
    for number in range(many):
        sign = list(codes)[number % 3]
        one = subprocess.Popen(
            [*PROGRAM, *RUN, "--seed", "2", "--out", str(out)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True, cwd=scratch,
        )  # fmt: skip
        wait = draw.uniform(0.0, 1.1 * length)
        with contextlib.suppress(subprocess.TimeoutExpired):
            one.wait(wait)
        with contextlib.suppress(ProcessLookupError):
            one.send_signal(sign)
        text, said = one.communicate(timeout=120)
        allowed = (0, codes[sign], -int(sign))  # before the program has begun, the signal itself ends it
        wrong = problems(subprocess.CompletedProcess([], one.returncode, text, said), allowed)
        if not text and one.returncode == -int(sign) and wait > 0.5 * length:
            wrong.append("ended by the signal, though the program had begun")
        try:
            os.killpg(one.pid, 0)
            wrong.append("a process is left")
        except ProcessLookupError:
            pass
        try:
            hf.open(out)
        except Exception as error:
            wrong.append(f"cannot be opened: {error}")
        promise.tried(f"{sign.name} after {wait:.2f} of {length:.2f} s: {problem}" for problem in wrong)
    return promise.ended()


def clock(scratch: Path) -> Promise:
    """A clock that was set back by ten years since caches, locks and results were written, and set forward again."""
    promise = Promise(
        "environments", "a clock set back by ten years, and forward again: the same numbers, no traceback", "faketime"
    )
    fake = shutil.which("faketime")
    if fake is None:
        promise.skipped = "no faketime here"
        return promise.ended()

    def at(shift: str, *words: object) -> subprocess.CompletedProcess[str]:
        line = [fake, "-f", shift, *PROGRAM, *map(str, words)]
        environment = bare(DONT_FAKE_MONOTONIC="1", FAKETIME_DONT_RESET="1")
        return subprocess.run(
            line, capture_output=True, text=True, timeout=PATIENCE, check=False, cwd=scratch, env=environment
        )

    def numbers(done: subprocess.CompletedProcess[str]) -> object:
        return {name: value for name, value in json.loads(done.stdout).items() if name != "wall_s"}

    first = at("+0", *RUN, "--out", "clock")
    promise.tried(problems(first))
    for shift, words in (("-10y", ()), ("-10y", ("--resume",)), ("+10y", ("--resume",)), ("+0", ())):
        done = at(shift, *RUN, "--out", "clock", *words)
        wrong = problems(done)
        promise.tried(wrong or ([] if numbers(done) == numbers(first) else [f"{shift}: other numbers"]))
    return promise.ended()


def codes(scratch: Path) -> Promise:
    """Exit codes."""
    promise = Promise("environments", "exit codes: 0 done, 1 no result, 2 input, 130 stopped", "commands that end so")
    ends = {
        ("scenarios", "list"): 0, ("scenarios", "check", "nothing"): 2, ("nothing",): 2, ("run", "--runs", "many"): 2,
        ("claims", "judge", "nonsense", "--json"): 2, ("--version",): 0, ("--help",): 0,
    }  # fmt: skip
    for words, code in ends.items():
        done = program(*words, cwd=scratch)
        wrong = problems(done, (code,))
        if "--json" in words:
            with contextlib.suppress(ValueError):
                wrong += [] if "error" in json.loads(done.stdout) else ["no error in JSON"]
        promise.tried(f"{' '.join(words)}: {problem}" for problem in wrong)
    return promise.ended()


def run(quick: bool) -> Iterator[Promise]:
    """The whole part."""
    scratch = Path(tempfile.mkdtemp(prefix="hard-environments-"))
    scratch.chmod(0o755)
    parts: tuple[Callable[[], Promise], ...] = (lambda: codes(scratch),)
    if not quick:
        yield from homes(scratch, (*CHEAP[:2], RUN))
        yield from terminals(scratch)
        parts = (*parts, lambda: streams(scratch), lambda: paths(scratch), lambda: clock(scratch), lambda: signals(scratch, 24))
    for part in parts:
        yield part()
    shutil.rmtree(scratch, ignore_errors=True)
