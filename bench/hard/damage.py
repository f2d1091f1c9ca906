"""Files of ours with a bit flipped, a tail cut, a stretch lost: refused with a word, or not changed at all."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import doors
import mutations
import writes
from promise import Promise

from holdfast.io import compiled, files, records

SEED = 20261130
WORDS = "refused with a word, or what was written is given back; never something else, never a traceback"
ODD = "bits flipped, tails cut, stretches zeroed, doubled, lost"


def file_promise(name: str, path: Path, read: Callable[[Path], object], many: int) -> Promise:
    """A promise for one file.

    Args:
        name: of the kind of file.
        path: the file, which is written anew for each try and restored in the end.
        read: gives something that can be compared; raises what is refused.
        many: how often it is damaged.

    Returns:
        The promise.
    """
    promise, draw, whole = Promise("damage", f"{name}: {WORDS}", ODD), random.Random(SEED), path.read_bytes()
    before = read(path)
    try:
        for _ in range(many):
            what, damaged = mutations.of_bytes(whole, draw)
            path.write_bytes(damaged)
            got: list[object] = []
            answer = doors.asked(lambda: got.append(read(path)))  # noqa: B023
            problems = (
                [] if isinstance(answer.error, records.RecordError | files.UnreadableError) else list(answer.problems())
            )
            if answer.error is None and got[0] != before:
                problems.append("something else was believed")
            promise.tried(f"{what}: {problem}" for problem in problems)
    finally:
        path.write_bytes(whole)
    return promise.ended()


def _opened(path: Path) -> object:
    import holdfast as hf

    return json.dumps(hf.open(path).to_dict(), default=str, sort_keys=True)  # type: ignore[union-attr]


def _tree(path: Path) -> object:
    import holdfast as hf

    tree = hf.open(path)
    return "".join(str(group.to_dataset().to_dict()) for group in tree.children.values())  # type: ignore[union-attr]


def _learnt(path: Path) -> object:
    from holdfast.calibration import posterior

    return posterior.load(path).digest


def simulation(folder: Path, many: int) -> Promise:
    """The folder of a simulation: damage to any of its files that is read again, and files lost or taken from another."""
    promise = Promise("damage", f"simulation's folder: {WORDS}", f"{ODD}, in any file; files removed")
    draw = random.Random(SEED)
    before = _opened(folder)
    inside = [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ("result.zarr" in path.parts or path.suffix == ".json")
    ]
    inside = [path for path in inside if path.name != "summary.json"]
    for number in range(many):
        path = draw.choice(inside) if number % 3 else folder / "manifest.json"
        whole = path.read_bytes()
        if draw.random() < 0.1 or not whole:
            what = "removed"
            path.unlink()
        else:
            what, damaged = mutations.of_bytes(whole, draw)
            path.write_bytes(damaged)
        got: list[object] = []
        answer = doors.asked(lambda: got.append(_opened(folder)))  # noqa: B023
        problems = list(answer.problems())
        if answer.error is None and got[0] != before:
            problems.append("something else was believed")
        promise.tried(f"{path.relative_to(folder)}, {what}: {problem}" for problem in problems)
        path.write_bytes(whole)
    return promise.ended()


def caches(scratch: Path, many: int) -> Iterator[Promise]:
    """Caches: what is damaged is worked out anew."""
    import numpy as np

    cache = records.Cache(scratch / "fits", records.NOTHING, ("holdfast.stats",))
    work = lambda: [np.arange(200.0), "right"]  # noqa: E731
    cache.get("a request", work)

    def got(path: Path) -> object:
        array, word = cache.get("a request", work)
        return array.tolist(), word

    yield file_promise("cache of fits", next((scratch / "fits").glob("*.npz")), got, many)
    programs = compiled.Folder(scratch / "programs")
    programs.save("a program", "structure", bytes(range(256)) * 8)

    def loaded(path: Path) -> object:
        if not path.exists():
            programs.save("a program", "structure", bytes(range(256)) * 8)
        return programs.load("a program") or ("structure", bytes(range(256)) * 8)

    yield file_promise("cache of programs", next((scratch / "programs").glob("*.xla")), loaded, many)


def versions(scratch: Path) -> Promise:
    """Files of a later and of an older format."""
    import numpy as np

    from holdfast.io import seals

    promise = Promise(
        "damage", "a file of a later format says which release opens it; one without a seal, of the last release, is read",
        "files written so",
    )  # fmt: skip
    known = seals.FORMAT
    try:
        seals.FORMAT = 99
        path = files.write_arrays(scratch / "later.npz", {"a": np.arange(3)})
    finally:
        seals.FORMAT = known
    answer = doors.asked(lambda: files.read_arrays(path))
    promise.tried(
        [] if "format 99" in answer.text and "open it with release" in answer.text else [f"said {answer.text!r}"]
    )
    np.savez(scratch / "older.npz", a=np.arange(3))
    promise.tried([] if files.read_arrays(scratch / "older.npz")["a"].tolist() == [0, 1, 2] else ["not read"])
    return promise.ended()


def run(quick: bool) -> Iterator[Promise]:
    """The whole part."""
    few = 60 if quick else 1000
    scratch = doors.scratch()
    yield from caches(scratch, few * 4)
    yield versions(scratch)
    shelf = Path(os.environ.get("HARD_SHELF", scratch / "shelf"))
    names = (
        ["warning"] if quick else ["warning", "assessment", "posterior of losses", "sweep", "explanation", "simulation"]
    )
    writes.stocked(shelf, names)
    for name in names:
        source = shelf / f"{name}-new" / "out"
        if not source.is_dir():
            continue
        copy = scratch / name.replace(" ", "-")
        shutil.copytree(source, copy)
        if name == "simulation":
            yield simulation(copy, few // 4)
            continue
        yield file_promise(f"saved {name}", copy / "result.npz", _opened, few)
        if (copy / "posterior.nc").exists():
            yield file_promise("posterior.nc", copy / "posterior.nc", _tree, few // 8)
    learnt = scratch / "posterior.npz"
    shutil.copyfile(doors.SHIPPED / "calibration" / "shipped" / "posterior.npz", learnt)
    yield file_promise("posterior of history", learnt, _learnt, few // 8)
    shutil.rmtree(scratch, ignore_errors=True)
