"""Two at once: one result's folder, one cache, one ledger; and locks whose holder died."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from promise import Promise

RUN = ("run", "skirmish", "--days", "40", "--runs", "4", "--workers", "1", "--no-film", "--no-figures", "--json")

APPENDING = """
import datetime as dt, sys
from pathlib import Path
from holdfast.forecasting import ledger
needed = {name: "x" for name in ledger.NEEDED if name not in ("number", "issued", "previous", "hash")}
for _ in range(int(sys.argv[2])):
    ledger.append(Path(sys.argv[1]), needed | {"sides": list(range(500))}, dt.date(2030, 1, 1))
"""
CACHING = """
import sys
from pathlib import Path
import numpy as np
from holdfast.io import records
for number in range(int(sys.argv[2])):
    cache = records.Cache(Path(sys.argv[1]), records.NOTHING, ("holdfast.stats",), most=3)
    got = cache.get(number % 5, lambda: [np.full(2000, number % 5)])
    assert (got[0] == number % 5).all()
"""
HOLDING = """
import sys, time
from pathlib import Path
if sys.argv[2] == "soft":
    import filelock
    filelock.FileLock = filelock.SoftFileLock
from holdfast.io import locks
with locks.alone(Path(sys.argv[1]), patience=float(sys.argv[3])):
    print("held", flush=True)
    time.sleep(float(sys.argv[4]))
"""


def started(code: str, *words: object) -> subprocess.Popen[str]:
    """A process of Python under way."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )  # fmt: skip


def ledgers(scratch: Path, processes: int, each: int) -> Promise:
    """One ledger."""
    from holdfast.forecasting import ledger

    promise = Promise(
        "together", "one ledger: every line is there and the chain holds", f"{processes} processes, {each} lines each"
    )
    path = scratch / "ledger.jsonl"
    for one in [started(APPENDING, path, each) for _ in range(processes)]:
        _, said = one.communicate(timeout=300)
        promise.tried([said[-300:]] if one.returncode else [])
    lines = ledger.check(path).lines
    promise.tried([] if lines == processes * each else [f"{lines} lines"])
    return promise.ended()


def caches(scratch: Path, processes: int, each: int) -> Promise:
    """One cache."""
    promise = Promise(
        "together", "one cache: every answer is right", f"{processes} processes, {each} requests each, 3 kept of 5"
    )
    for one in [started(CACHING, scratch / "cache", each) for _ in range(processes)]:
        _, said = one.communicate(timeout=300)
        promise.tried([said[-300:]] if one.returncode else [])
    return promise.ended()


def locks(scratch: Path, many: int) -> Promise:
    """Locks whose holder was killed, and such as are held."""
    promise = Promise(
        "together",
        "a lock keeps others out, and none survives its holder",
        "holder killed or at work; flock and lock files",
    )
    for number in range(many):
        kind = ("flock", "soft")[number % 2]
        file = scratch / f"lock-{number}"
        holder = started(HOLDING, file, kind, 0, 600)
        assert holder.stdout is not None
        holder.stdout.readline()
        other = started(HOLDING, file, kind, 0.2, 0)
        out, said = other.communicate(timeout=60)
        told = "is at work there" in said and f"process {holder.pid}" in said
        promise.tried(
            []
            if other.returncode and told and "held" not in out
            else [f"{kind}: not kept out, or not told: {said[-200:]}"]
        )
        holder.kill()
        holder.wait()
        after = started(HOLDING, file, kind, 20, 0)
        out, said = after.communicate(timeout=60)
        promise.tried([] if after.returncode == 0 else [f"{kind}: a dead holder's lock stays: {said[-200:]}"])
        promise.tried([f"{kind}: {file.name} is left"] if file.exists() else [])
    return promise.ended()


def program(*words: object, cwd: Path) -> subprocess.Popen[str]:
    """The command line under way, in a session of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "holdfast", *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=cwd,
        start_new_session=True,
    )  # fmt: skip


def folders(scratch: Path, many: int) -> Promise:
    """One result's folder."""
    import holdfast as hf

    promise = Promise(
        "together",
        "one --out: one runs and the other is told, and the result is one of the two",
        "two runs started together",
    )
    for number in range(many):
        out = scratch / f"out-{number}"
        both = [program(*RUN, "--seed", seed, "--out", out, cwd=scratch) for seed in (1, 2)]
        said = [one.communicate(timeout=600) for one in both]
        codes = sorted(one.returncode for one in both)
        problems = []
        if codes not in ([0, 2], [0, 0]):  # the second may come when the first has ended
            problems.append(f"codes {codes}: {[text[1][-300:] or text[0][-300:] for text in said]}")
        if codes == [0, 2] and not any("is at work there" in text[0] + text[1] for text in said):
            problems.append("not told")
        try:
            hf.open(out)
        except Exception as error:
            problems.append(f"cannot be opened: {error}")
        promise.tried(problems)
    return promise.ended()


def killed(scratch: Path, many: int) -> Promise:
    """A run killed at random moments, and gone on with."""
    import json
    import random

    promise = Promise(
        "together",
        "a run killed at any moment ends, with --resume, with the same numbers",
        "SIGKILL after a random time, again and again",
    )
    draw = random.Random(20261130)

    def numbers(text: str) -> object:
        return {name: value for name, value in json.loads(text).items() if name != "wall_s"}

    whole = program(*RUN, "--out", scratch / "whole", cwd=scratch)
    begin = time.monotonic()
    text, said = whole.communicate(timeout=600)
    assert whole.returncode == 0, said
    wanted, length = numbers(text), time.monotonic() - begin
    out = scratch / "killed"
    for _ in range(many):
        if draw.random() < 0.4:
            shutil.rmtree(out, ignore_errors=True)
        one = program(*RUN, "--out", out, "--resume", cwd=scratch)
        try:
            one.communicate(timeout=draw.uniform(0.2, 1.05 * length))
        except subprocess.TimeoutExpired:
            os.killpg(one.pid, signal.SIGKILL)
            one.communicate()
        again = program(*RUN, "--out", out, "--resume", cwd=scratch)
        text, said = again.communicate(timeout=600)
        if again.returncode:
            promise.tried([f"code {again.returncode}: {(said or text)[-300:]}"])
        else:
            left = [path.name for path in out.iterdir() if path.name.startswith(".")]
            promise.tried(([] if numbers(text) == wanted else ["other numbers"]) + ([f"left {left}"] if left else []))
    return promise.ended()


def run(quick: bool) -> Iterator[Promise]:
    """The whole part."""
    scratch = Path(tempfile.mkdtemp(prefix="hard-together-"))
    try:
        yield ledgers(scratch, 3 if quick else 6, 5 if quick else 50)
        yield caches(scratch, 2 if quick else 4, 20 if quick else 200)
        yield locks(scratch, 2 if quick else 20)
        if not quick:
            yield folders(scratch, 5)
            yield killed(scratch, 15)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
