"""Files that appear whole or not at all; JSON; records without pickle; the cache of fits."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import errno
import io
import json
import math
import os
import pickle
import signal
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from holdfast.core import release
from holdfast.io import files, records
from holdfast.io.records import RecordError, Registry


class Pair(NamedTuple):
    """A record that is a tuple."""

    left: Any
    right: Any


@dataclasses.dataclass(frozen=True)
class Fit:
    """A record with a field that follows from the others."""

    name: str
    draws: np.ndarray
    about: dict[str, Any]
    size: int = dataclasses.field(init=False, default=0)


REGISTRY = Registry(Pair, Fit)

PLAIN = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), st.text(), st.dates(), st.datetimes()
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(st.one_of(st.text(), st.integers(), st.dates()), inner, max_size=4), st.builds(Pair, inner, inner),
        st.frozensets(st.text(), max_size=3),
    ),
    max_leaves=12,
)  # fmt: skip


def alike(one: Any, other: Any) -> bool:
    """Equal in value and type, NaN to NaN."""
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    if isinstance(one, float):
        return one == other or (math.isnan(one) and math.isnan(other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    return bool(one == other)


def stopped(path: Path, error: type[BaseException]) -> None:
    """Write half a file, and be stopped."""
    path.write_text("half")
    raise error


# --- files --------------------------------------------------------------------------------------------------------


def test_a_file_is_whole_or_as_it_was(tmp_path: Path) -> None:
    path = files.write_text(tmp_path / "deep" / "a.txt", "old\n")
    with pytest.raises(RuntimeError), files.beside(path) as fresh:
        stopped(fresh, RuntimeError)
    assert path.read_text() == "old\n"
    assert os.listdir(path.parent) == ["a.txt"]
    assert files.write_text(path, "new").read_text() == "new"


def test_a_folder_takes_its_place_at_once(tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "figures").mkdir(parents=True)
    (out / "tables").mkdir()
    (out / "tables" / "old.csv").write_text("old")
    (out / "mine.txt").write_text("mine")
    with files.folder(out, optional=("figures", "cards")) as fresh:
        files.write_text(fresh / "page.html", "page")
        files.write_text(fresh / "tables" / "new.csv", "new")
    assert sorted(os.listdir(out)) == ["mine.txt", "page.html", "tables"]
    assert os.listdir(out / "tables") == ["new.csv"]


def test_a_folder_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with files.folder(out) as fresh:
        files.write_text(fresh / "a", "old")
    with pytest.raises(KeyboardInterrupt), files.folder(out, optional=("a",)) as fresh:
        stopped(fresh / "b", KeyboardInterrupt)
    assert os.listdir(out) == ["a"]


def test_ctrl_c_waits_until_all_is_in_place() -> None:
    reached = []

    def work() -> None:
        signal.raise_signal(signal.SIGINT)
        reached.append(True)

    with pytest.raises(KeyboardInterrupt), files.uninterrupted():
        work()
    assert reached == [True]


def test_tables(tmp_path: Path) -> None:
    path = files.write_table(tmp_path / "a.csv", [{"a": 1, "b": None}, {"a": "x,y", "b": 0.1}])
    assert path.read_bytes() == b'a,b\n1,\n"x,y",0.1\n'
    assert files.write_table(tmp_path / "b.csv", []).read_bytes() == b""
    assert files.write_table(tmp_path / "c.csv", [(1, 2)], ("a", "b")).read_bytes() == b"a,b\n1,2\n"


def test_netcdf_is_written_by_us_and_not_by_hdf5(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fails while HDF5 closes a file ends the process; one that fails under us is an `OSError` that is told."""

    def full(self: Path, content: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        files.write_netcdf(tmp_path / "a.nc", {"posterior": xr.Dataset({"a": ("x", np.arange(3.0))})})
    assert not list(tmp_path.iterdir())


def test_arrays_without_pickle(tmp_path: Path) -> None:
    path = files.write_arrays(tmp_path / "a.npz", {"x/y": np.arange(3), "t": np.array("text")}, compressed=True)
    found = files.read_arrays(path)
    assert found["x/y"].tolist() == [0, 1, 2]
    assert str(found["t"]) == "text"
    with pytest.raises(ValueError):
        files.write_arrays(path, {"x": np.array([object()])})
    assert list(files.read_arrays(path)) == ["x/y", "t"]


# --- JSON ---------------------------------------------------------------------------------------------------------


class Colour(enum.StrEnum):
    """An enumeration."""

    RED = "red"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (math.nan, "null"), (np.float32("inf"), "null"), (np.float64(0.1), "0.1"), (np.int64(3), "3"), (np.True_, "true"),
        (dt.date(2023, 11, 5), '"2023-11-05"'), (np.datetime64("2023-11-05", "ns"), '"2023-11-05"'),
        (np.datetime64("NaT"), "null"), (np.array([[1.5, math.nan]]), "[[1.5, null]]"), ((1, 2), "[1, 2]"),
        (Pair(1, dt.date(2023, 1, 1)), '[1, "2023-01-01"]'), (Path("a/b"), '"a/b"'), ({1: {"b", "a"}}, '{"1": ["a", "b"]}'),
        (np.array(["2023-11-05"], "datetime64[D]"), '["2023-11-05"]'), (Colour.RED, '"red"'), (None, "null"),
        (np.str_("x"), '"x"'), (dt.datetime(2023, 1, 2, 3), '"2023-01-02T03:00:00"'), (True, "true"),
    ],
)  # fmt: skip
def test_values_as_json(value: object, text: str) -> None:
    assert files.json_line(value) == text


def test_records_are_mappings_and_others_refused() -> None:
    assert files.plain(Fit("a", np.arange(2), {})) == {"name": "a", "draws": [0, 1], "about": {}, "size": 0}
    with pytest.raises(TypeError, match="a object has no form"):
        files.json_line(object())


def test_forms_of_json(tmp_path: Path) -> None:
    value = {"b": "</script>", "a": [1.0, 2]}
    assert files.json_line(value) == json.dumps(value)
    assert files.json_indented(value) == json.dumps(value, indent=2) + "\n"
    assert files.canonical_json(value) == json.dumps(value, sort_keys=True)
    assert files.canonical_json(value, compact=True) == json.dumps(value, sort_keys=True, separators=(",", ":"))
    assert "<" not in files.json_embedded(value)
    assert json.loads(files.json_embedded(value)) == value
    assert files.read_json(files.write_json(tmp_path / "a.json", value)) == value


# --- records ------------------------------------------------------------------------------------------------------


@given(PLAIN)
def test_plain_values_come_back_as_they_were(value: Any) -> None:
    arrays: dict[str, np.ndarray] = {}
    tree = json.loads(json.dumps(records._encoded(value, REGISTRY, arrays), allow_nan=False))
    assert alike(records._decoded(tree, REGISTRY, arrays), value)


def test_records_and_arrays_come_back(tmp_path: Path) -> None:
    days = np.array(["2023-11-05", "NaT"], "datetime64[ns]")
    value = {
        "fit": Fit("a", np.array([[1.0, math.nan]], np.float32), {"days": days, "one": np.int8(3)}),
        "empty": np.zeros(0),
    }
    found = records.read(records.write(tmp_path / "a.npz", value, REGISTRY), REGISTRY)
    assert isinstance(found["fit"], Fit)
    assert alike(found["fit"].draws, value["fit"].draws)
    assert np.array_equal(found["fit"].about["days"], days, equal_nan=True)
    assert found["fit"].about["one"] == 3
    assert found["fit"].about["one"].dtype == np.int8
    assert found["empty"].shape == (0,)


def test_only_declared_records_are_written_and_read(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="Pair is not declared"):
        records.write(tmp_path / "a.npz", Pair(1, 2))
    path = records.write(tmp_path / "a.npz", Pair(1, 2), REGISTRY)
    with pytest.raises(RecordError, match="Pair is not declared"):
        records.read(path)
    with pytest.raises(RecordError, match="neither"):
        Registry(int)
    with pytest.raises(RecordError, match="two classes"):
        Registry(Pair, Pair)
    with pytest.raises(RecordError, match="without pickle"):
        records.write(path, np.array([object()]))


@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize(
    "damage", [lambda b: b[:0], lambda b: b[:100], lambda b: b[:-20], lambda b: b[:300] + b"xx" + b[302:]]
)
def test_arrays_that_are_damaged_are_told_in_one_way(tmp_path: Path, damage: Any, compressed: bool) -> None:
    path = files.write_arrays(tmp_path / "a.npz", {"a": np.arange(500.0)}, compressed=compressed)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(files.UnreadableError, match="a.npz: cannot be read, it may be cut short or damaged"):
        files.read_arrays(path)
    with pytest.raises(FileNotFoundError):
        files.read_arrays(tmp_path / "b.npz")


@pytest.mark.parametrize("content", [b"", b"torn", b"PK\x03\x04torn", pickle.dumps({"a": 1})])
def test_a_torn_or_foreign_file_holds_no_record(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.npz"
    path.write_bytes(content)
    with pytest.raises(RecordError):
        records.read(path)
    with pytest.raises(FileNotFoundError):
        records.read(tmp_path / "none.npz")


def test_a_cut_file_holds_no_record(tmp_path: Path) -> None:
    path = records.write(tmp_path / "a.npz", {"x": np.arange(1000)})
    whole = path.read_bytes()
    for size in range(1, len(whole), 331):
        path.write_bytes(whole[:size])
        with pytest.raises(RecordError):
            records.read(path)


def test_a_file_that_asks_for_pickle_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, tree=np.array([object()], dtype=object), allow_pickle=True)
    (tmp_path / "a.npz").write_bytes(buffer.getvalue())
    with pytest.raises(RecordError):
        records.read(tmp_path / "a.npz")


def test_digests_tell_values_apart() -> None:
    same = [{"a": np.arange(3), "b": (1, 2.0)}, {"a": np.arange(3), "b": (1, 2.0)}]
    others = [
        {"a": np.arange(3).astype("int32"), "b": (1, 2.0)}, {"a": np.arange(3), "b": (1, 2.5)},
        {"a": np.arange(3).reshape(3, 1), "b": (1, 2.0)}, {"a": np.array([0, 1, 3]), "b": (1, 2.0)},
    ]  # fmt: skip
    assert len({records.digest(one) for one in same}) == 1
    assert len({records.digest(one) for one in [same[0], *others]}) == 5


# --- the cache ----------------------------------------------------------------------------------------------------


def cache_of(folder: Path, **changes: Any) -> records.Cache:
    """A cache of pairs."""
    return dataclasses.replace(records.Cache(folder, REGISTRY, ("holdfast.core",)), **changes)


def test_a_result_is_worked_out_once(tmp_path: Path) -> None:
    calls = []

    def work_out() -> Pair:
        calls.append(1)
        return Pair("draws", np.arange(4))

    cache = cache_of(tmp_path)
    first, again = cache.get(("a", 1), work_out), cache.get(("a", 1), work_out)
    assert len(calls) == 1
    assert np.array_equal(first.right, again.right)
    cache.get(("a", 2), work_out)
    assert len(calls) == 2
    cache._path(("a", 1)).write_bytes(b"torn")
    cache.get(("a", 1), work_out)
    assert len(calls) == 3
    assert not list(tmp_path.glob(".*"))


def test_a_result_of_other_libraries_or_code_is_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = cache_of(tmp_path)
    before = cache._path("a")
    assert cache_of(tmp_path, code=("holdfast.stats",))._path("a") != before
    for library in ("jax", "jaxlib", "numpyro", "numpy", release.DISTRIBUTION):
        monkeypatch.setattr(records, "version_of", lambda name, of=library: "99" if name == of else "1")
        assert len({cache._path("a"), before}) == 2
    monkeypatch.undo()
    assert cache._path("a") == before
    assert records.version_of("no-such-library") == "none"


def test_a_cache_that_cannot_be_written_is_no_fault_and_the_oldest_go(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert cache_of(tmp_path / "file").get("a", lambda: 1) == 1
    cache = cache_of(tmp_path / "few", most=2)
    for number in range(4):
        cache.get(number, lambda: 0)
        os.utime(cache._path(number), (number, number))
    assert not cache._path(0).exists()
    assert cache._path(3).exists()


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("south", "south"), ("Україна", "Україна"), ("Côte d'Ivoire", "Côte d'Ivoire"), ("south [rebels]", "south [rebels]"),
        ("[/south]", "[_south]-"), ("K:3", "K_3-"), ("St. Petersburg", "St_ Petersburg-"), ("..", "__-"),
        ("W" * 300, "W" * 60 + "-"),
    ],
)  # fmt: skip
def test_a_name_becomes_part_of_a_files_name(name: str, stem: str) -> None:
    given = files.stem(name)
    assert given == stem or (stem.endswith("-") and given[:-6] == stem)
    assert files.stem("K/2") != files.stem("K:2")


# --- labelled data ------------------------------------------------------------------------------------------------


def test_labelled_data_come_back(tmp_path: Path) -> None:

    data = xr.Dataset({"killed": (("run", "day"), np.ones((2, 3)), {"units": "men/day"})}, attrs={"seed": 1})
    files.write_zarr(tmp_path / "a.zarr", data)
    xr.testing.assert_identical(files.read_zarr(tmp_path / "a.zarr"), data)
    pytest.importorskip("h5netcdf")
    path = files.write_netcdf(tmp_path / "a.nc", {"posterior": data, "sample_stats": data * 2})
    xr.testing.assert_equal(files.read_netcdf(path, "posterior"), data)
    xr.testing.assert_equal(files.read_netcdf(path, "sample_stats"), data * 2)
    with pytest.raises(OSError):
        files.read_netcdf(path, "prior")
    for number, group in enumerate(("posterior", "sample_stats")):  # as ArviZ wrote before its version 1
        data.to_netcdf(tmp_path / "old.nc", mode="a" if number else "w", group=group, engine="h5netcdf")
    for each in (path, tmp_path / "old.nc"):
        tree = files.read_tree(each)
        assert list(tree.children) == ["posterior", "sample_stats"]
        xr.testing.assert_equal(tree["posterior"].to_dataset(), data)
