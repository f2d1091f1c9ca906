"""Public data sets: fetched whole or not at all, read exactly, every fault told; the real files where they are."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import http.server
import importlib
import json
import os
import re
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import published
from holdfast.cli import data
from holdfast.core.faults import DataError, FaultyError
from holdfast.evidence import datasets
from holdfast.evidence.datasets import acw, cdb90, loss_series, meduza, named_lists, oryx, registry
from holdfast.evidence.datasets.claims_rows import COLUMNS, as_claims
from holdfast.evidence.datasets.registry import checksum, fetch

REAL = os.environ.get("HOLDFAST_DATA")
real = pytest.mark.skipif(REAL is None, reason="HOLDFAST_DATA names no folder with the real files")
NOBODY = "http://127.0.0.1:9"
"""The port of the discard service, where nothing listens."""

Write = Callable[..., Path]


@pytest.fixture(autouse=True)
def _apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A cache of its own, no folder of data, no proxy between a test and its own machine."""
    monkeypatch.setenv("HOLDFAST_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("HOLDFAST_DATA", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file into the test's folder."""

    def written(name: str, text: str | list[Any] | dict[str, Any], encoding: str = "utf8") -> Path:
        path = tmp_path / "own" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text if isinstance(text, str) else json.dumps(text), encoding=encoding)
        return path

    return written


# --- fetching -------------------------------------------------------------------------------------------------


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves a folder and says nothing."""

    def log_message(self, *_: object) -> None:
        pass


@dataclasses.dataclass
class Server:
    """A folder served on this machine."""

    folder: Path
    base: str
    stop: Callable[[], None]

    def put(self, dataset: registry.Dataset, texts: dict[str, bytes]) -> None:
        """Lay files where their addresses point."""
        for file in dataset.files:
            if file.name in texts:
                path = self.folder / dataset.repository / dataset.commit / file.path
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(texts[file.name])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    folder = tmp_path / "served"
    folder.mkdir()
    serving = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=serving.serve_forever, daemon=True)
    thread.start()
    stopped = threading.Event()

    def stop() -> None:
        if not stopped.is_set():
            stopped.set()
            serving.shutdown()
            serving.server_close()

    yield Server(folder, f"http://127.0.0.1:{serving.server_address[1]}", stop)
    stop()


TEXTS = {"daily.json": b'[{"date": "2022-02-25", "personnel": 2800}]', "with a space.csv": b"a,b\n1,2\n"}


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> registry.Dataset:
    """A data set of two small files, one with a space in its path."""
    entry = dataclasses.replace(
        registry.DATASETS["general-staff-daily"],
        name="small",
        files=tuple(
            registry.File(name, f"some folder/{name}", hashlib.sha256(text).hexdigest()) for name, text in TEXTS.items()
        ),
    )
    monkeypatch.setattr(registry, "DATASETS", {**registry.DATASETS, "small": entry})
    return entry


def said(error: pytest.ExceptionInfo[DataError]) -> str:
    return str(error.value)


def kept(tmp_path: Path) -> set[str]:
    return {path.name for path in (tmp_path / "cache").rglob("*") if path.is_file()}


def test_fetched_once_then_from_the_cache(small: registry.Dataset, server: Server, tmp_path: Path) -> None:
    pytest.importorskip("pooch")
    server.put(small, TEXTS)
    asked: list[str] = []
    files = fetch("small", base=server.base, progress=asked.append)
    assert {name: path.read_bytes() for name, path in files.items()} == TEXTS
    assert [address.rsplit("/", 1)[1] for address in asked] == ["daily.json", "with%20a%20space.csv"]
    assert kept(tmp_path) == set(TEXTS)
    server.stop()
    assert fetch("small", base=server.base, progress=asked.append) == files
    assert len(asked) == 2


def test_the_cache_serves_without_pooch(
    small: registry.Dataset, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pooch")
    server.put(small, TEXTS)
    files = fetch("small", base=server.base)
    monkeypatch.setitem(sys.modules, "pooch", None)
    assert fetch("small", base=NOBODY) == files


def test_a_damaged_copy_in_the_cache_is_fetched_anew(small: registry.Dataset, server: Server) -> None:
    pytest.importorskip("pooch")
    server.put(small, TEXTS)
    files = fetch("small", base=server.base)
    files["daily.json"].write_bytes(b"[")
    assert fetch("small", base=server.base)["daily.json"].read_bytes() == TEXTS["daily.json"]


def test_an_altered_file_is_refused_and_not_kept(small: registry.Dataset, server: Server, tmp_path: Path) -> None:
    pytest.importorskip("pooch")
    server.put(small, {**TEXTS, "daily.json": b"[]"})
    with pytest.raises(DataError) as error:
        fetch("small", base=server.base)
    for text in (b"[]", TEXTS["daily.json"]):
        assert hashlib.sha256(text).hexdigest() in said(error)
    assert len(error.value.faults) == 1
    assert kept(tmp_path) == {"with a space.csv"}


def test_a_file_that_the_server_lacks_is_told_and_the_others_fetched(
    small: registry.Dataset, server: Server, tmp_path: Path
) -> None:
    pytest.importorskip("pooch")
    server.put(small, {"with a space.csv": TEXTS["with a space.csv"]})
    with pytest.raises(DataError) as error:
        fetch("small", base=server.base)
    assert "404" in said(error)
    assert len(error.value.faults) == 1
    assert kept(tmp_path) == {"with a space.csv"}


def test_no_network_says_what_to_fetch_by_hand_and_where_to_put_it(small: registry.Dataset, tmp_path: Path) -> None:
    pytest.importorskip("pooch")
    asked: list[str] = []
    with pytest.raises(DataError) as error:
        fetch("small", base=NOBODY, progress=asked.append)
    assert len(asked) == 1, "after the network failed once it is not tried again"
    for file, fault in zip(small.files, error.value.faults, strict=True):
        assert fault.place == file.name
        assert "ConnectionError" in fault.value
        assert small.address(file, NOBODY) in fault.cure
        assert str(tmp_path / "cache" / "data" / "small") in fault.cure
        assert "HOLDFAST_DATA" in fault.cure
    assert kept(tmp_path) == set()


def test_a_file_put_by_hand_where_the_message_says_is_used(small: registry.Dataset, tmp_path: Path) -> None:
    folder = tmp_path / "cache" / "data" / "small"
    folder.mkdir(parents=True)
    for name, text in TEXTS.items():
        (folder / name).write_bytes(text)
    assert set(fetch("small", base=NOBODY)) == set(TEXTS)


def test_without_pooch_the_cure_is_the_extra(small: registry.Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(DataError, match=re.escape("pip install 'holdfast-armies[evidence]'")):
        fetch("small", base=NOBODY)


@pytest.mark.parametrize("below", ["", "a", "a/b"])
@pytest.mark.parametrize("by_variable", [False, True])
def test_a_folder_is_used_instead_of_the_network(
    small: registry.Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, below: str, by_variable: bool
) -> None:
    folder = tmp_path / "mine"
    (folder / below).mkdir(parents=True)
    for name, text in TEXTS.items():
        (folder / below / name).write_bytes(text)
    if by_variable:
        monkeypatch.setenv("HOLDFAST_DATA", str(folder))
    files = fetch("small", base=NOBODY, folder=None if by_variable else folder)
    assert files == {name: folder / below / name for name in TEXTS}


def test_a_file_under_its_name_in_the_repository_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = b"month\n"
    file = registry.File("short.csv", "folder/A long name.csv", hashlib.sha256(text).hexdigest())
    entry = dataclasses.replace(registry.DATASETS["uk-mod-monthly"], name="renamed", files=(file,))
    monkeypatch.setattr(registry, "DATASETS", {"renamed": entry})
    (tmp_path / "A long name.csv").write_bytes(text)
    assert fetch("renamed", folder=tmp_path) == {"short.csv": tmp_path / "A long name.csv"}


def test_an_altered_file_in_a_folder_is_refused_and_left(small: registry.Dataset, tmp_path: Path) -> None:
    (tmp_path / "daily.json").write_bytes(b"[]")
    with pytest.raises(DataError) as error:
        fetch("small", folder=tmp_path, base=NOBODY)
    assert hashlib.sha256(b"[]").hexdigest() in said(error)
    assert (tmp_path / "daily.json").read_bytes() == b"[]"


def test_optional_files_are_not_fetched_beside_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = tuple(
        registry.File(name, name, hashlib.sha256(text).hexdigest(), optional=name == "with a space.csv")
        for name, text in TEXTS.items()
    )
    entry = dataclasses.replace(registry.DATASETS["cdb90"], name="partly", files=files)
    monkeypatch.setattr(registry, "DATASETS", {"partly": entry})
    (tmp_path / "daily.json").write_bytes(TEXTS["daily.json"])
    assert set(fetch("partly", folder=tmp_path, base=NOBODY)) == {"daily.json"}


def test_an_unknown_data_set_is_told_with_a_suggestion() -> None:
    with pytest.raises(DataError, match=r"Did you mean meduza-weekly\?"):
        fetch("meduza-weakly")


def test_the_registry_is_whole() -> None:
    for name, entry in registry.DATASETS.items():
        assert name == entry.name
        assert re.fullmatch(r"[0-9a-f]{40}", entry.commit)
        assert entry.who
        assert entry.licence
        assert entry.citation
        assert entry.caveats
        module, _, function = entry.reader.partition(":")
        reader = importlib.import_module(f"holdfast.evidence.datasets.{module}")
        assert callable(getattr(reader, function or "read")), "each entry names its reader"
        for file in entry.files:
            assert re.fullmatch(r"[0-9a-f]{64}", file.sha256)
            address = entry.address(file)
            assert address.startswith(f"{registry.BASE}/{entry.repository}/{entry.commit}/")
            assert " " not in address


# --- readers on files written here ------------------------------------------------------------------------------


def test_general_staff(write: Write) -> None:
    rows = [
        {"date": "2022-02-25", "day": 2, "personnel": 2800, "personnel*": "about", "POW": 5},
        {"date": "2022-02-26", "day": 3, "personnel": 4300, "personnel*": "more"},
        {"date": "2022-02-28", "day": 5, "personnel": 5300, "personnel*": "about"},
        {"date": "2022-03-01", "day": 6, "personnel": 5710, "personnel*": "about"},
    ]
    data = loss_series.read_general_staff({loss_series.GENERAL_STAFF_FILE: write("gs.json", rows)})
    assert data["losses"].to_numpy().tolist() == [2800, 4300, 5300, 5710]
    np.testing.assert_array_equal(data["losses_of_day"], [np.nan, 1500, np.nan, 410])
    assert data["more_than"].to_numpy().tolist() == [False, True, False, False]
    np.testing.assert_array_equal(data["prisoners"], [5, np.nan, np.nan, np.nan])
    labelled(data)


def test_general_staff_tells_every_fault(write: Write) -> None:
    rows = [
        {"date": "2022-02-25", "personnel": -1, "personnel*": "about"},
        {"date": "25.02.2022", "personnel": 4300, "personnel*": "nearly"},
        {"date": "2022-02-24", "personnel": "many", "personnel*": "about"},
        {"date": "2022-02-24", "personnel*": "about"},
    ]
    assert places(lambda: loss_series.read_general_staff({loss_series.GENERAL_STAFF_FILE: write("gs.json", rows)})) == {
        ("record 1, personnel", '"-1"'),
        ("record 2, date", '"25.02.2022"'),
        ("record 2, personnel*", '"nearly"'),
        ("record 3, personnel", '"many"'),
        ("record 4, personnel", "nothing"),
        ("record 4, date", '"2022-02-24"'),
    }


def test_missing_columns_are_told_together(write: Write) -> None:
    path = write("gs.json", [{"day": 2}])
    assert places(lambda: loss_series.read_general_staff({loss_series.GENERAL_STAFF_FILE: path})) == {
        ("column date", "nothing"),
        ("column personnel", "nothing"),
    }


@pytest.mark.parametrize("text", ["", "<html>", "{}", '"words"', "[1, 2]"])
def test_a_file_of_another_kind_is_told(write: Write, text: str) -> None:
    with pytest.raises(DataError, match="has 1 fault"):
        loss_series.read_general_staff({loss_series.GENERAL_STAFF_FILE: write("gs.json", text)})


def test_an_empty_table_is_told(write: Write) -> None:
    with pytest.raises(DataError, match="no table"):
        oryx.read({oryx.FILE: write("daily_count.csv", "")})


def test_named_lists(write: Write) -> None:
    early = {"2022-02-24": {"deaths": 3, "total": 3}, "2022-02-26": {"deaths": 1, "total": 1}}
    late = {"2022-02-24": {"deaths": 4, "total": 4}, "2022-02-27": {"deaths": 2, "total": 2}}
    other = {
        "2022-02-23": {"deaths": 230, "missing": 894, "total": 1124},
        "2022-02-25": {"deaths": 5, "missing": 6, "total": 11},
    }
    names = ("russia_daily_2025-09-01.json", "russia_daily_2025-11-08.json", "ukraine_daily-x_2025-11-08.json")
    files = {name: write(name, rows) for name, rows in zip(names, (early, late, other), strict=True)}
    data = named_lists.read(files)
    nan = np.nan
    assert data["vintage"].to_numpy().tolist() == ["2025-09-01", "2025-11-08"]
    np.testing.assert_array_equal(data["dead"].sel(side="russia"), [[3, 0, 1, nan], [4, 0, 0, 2]])
    np.testing.assert_array_equal(data["dead"].sel(side="ukraine"), [[nan] * 4, [nan, 5, nan, nan]])
    np.testing.assert_array_equal(data["missing"].sel(side="ukraine", vintage="2025-11-08"), [nan, 6, nan, nan])
    assert data["missing"].sel(side="russia").isnull().all()
    assert "ukraine 2025-11-08: 230 dead, 894 missing" in data.attrs["note"]
    labelled(data)


def test_named_lists_check_their_totals(write: Write) -> None:
    rows = {"2022-02-24": {"deaths": 3, "missing": 1, "total": 5}}
    name = "ukraine_daily_2025-11-08.json"
    assert places(lambda: named_lists.read({name: write(name, rows)})) == {("record 1, total", '"5"')}


UK_HEADER = (
    "month,year,casualties (average daily losses),days in month,casualties in month,cumulative casualties,"
    "date (at beginning of next month),source,source_url,note\n"
)


def test_uk_mod(write: Write) -> None:
    rows = "march,2022,386,31,11966,11966,01/04/2022,UK MoD,http://a,\n"
    rows += "february,2024,983,29,28507,40473,01/03/2024,UK MoD,http://b,\n"
    data = loss_series.read_uk_mod({loss_series.UK_MOD_FILE: write("uk.csv", UK_HEADER + rows)})
    assert data["month"].to_numpy().astype("M8[D]").astype(str).tolist() == ["2022-03-01", "2024-02-01"]
    assert data["casualties"].to_numpy().tolist() == [11966, 28507]
    assert data["casualties_a_day"].to_numpy().tolist() == [386, 983]
    assert data["address"].to_numpy().tolist() == ["http://a", "http://b"]
    labelled(data)


def test_uk_mod_tells_every_fault(write: Write) -> None:
    rows = "march,2022,386,30,11966,11966,01/05/2022,UK MoD,x,\n"
    rows += "Smarch,2022,-1,31,1,,31/31/2022,UK MoD,x,\n"
    assert places(lambda: loss_series.read_uk_mod({loss_series.UK_MOD_FILE: write("uk.csv", UK_HEADER + rows)})) == {
        ("line 2, days in month", '"30"'),
        ("line 2, date (at beginning of next month)", '"01/05/2022"'),
        ("line 3, month", '"Smarch"'),
        ("line 3, casualties (average daily losses)", '"-1"'),
        ("line 3, cumulative casualties", "nothing"),
        ("line 3, date (at beginning of next month)", '"31/31/2022"'),
    }


def meduza_files(write: Write, **other: str) -> dict[str, Path]:
    """Three small vintages; the first with a byte order mark and Russian headers, as the real one."""
    texts = {
        "2024": ",".join(["Date", *(f'"{name}"' for name in meduza.RUSSIAN)])
        + "\n2022-02-21,6,600,700,500,9,10,8,,,\n2022-02-28,112,1600,1900,1400,189,215,169,,,\n"
        + "2022-03-07,300,,,,,,,389,430,340\n",
        "2025": ",".join(["Date", *meduza.ENGLISH])
        + "\n21/02/2022,430,460,400,,,,426\n28/02/2022,,,,640,700,600,592\n,,,,,,,\n",
        "2026": "Year,Week,Bmz2022,Bmz2023,"
        + ",".join(meduza.NEWEST)
        + "\n2022,8,388,414,427,430,550,310,,,,20,15,10,450,570,330"
        + "\n2022,9,572,604,619,7,2,13,,,,30,25,20,37,32,43"
        + "\n2022,10,0,1,588,,,,440,500,400,-5,-4,-3,435,495,395\n",
    }
    texts |= other
    return {name: write(name, texts[year], "utf-8-sig") for year, name in meduza.FILES.items()}


def test_meduza(write: Write) -> None:
    data = meduza.read(meduza_files(write))
    nan = np.nan
    assert data["vintage"].to_numpy().tolist() == ["2024", "2025", "2026"]
    assert data["week"].to_numpy().astype("M8[D]").astype(str).tolist() == ["2022-02-21", "2022-02-28", "2022-03-07"]
    np.testing.assert_allclose(data["killed"], [[600, 1000, 200], [430, 640, nan], [450, 37, 435]])
    np.testing.assert_allclose(data["killed_low"], [[500, 900, 171], [400, 600, nan], [330, 32, 395]])
    np.testing.assert_allclose(data["killed_high"], [[700, 1200, 215], [460, 700, nan], [570, 43, 495]])
    np.testing.assert_allclose(data["registry"].sel(vintage="2026"), [430, 7, nan])
    np.testing.assert_allclose(data["flash"].sel(vintage="2024"), [9, 180, 200])
    np.testing.assert_allclose(data["named_by_report"].sel(vintage="2024"), [6, 106, 188])
    np.testing.assert_allclose(data["missing"].sel(vintage="2026"), [20, 30, -5])
    assert data["missing"].sel(vintage="2025").isnull().all()
    assert data["list_vintage"].to_numpy().tolist() == ["2022", "2023", "now"]
    np.testing.assert_allclose(data["listed"], [[388, 572, 0], [414, 604, 1], [427, 619, 588]])
    assert "2022-02-28" in data.attrs["note"]
    labelled(data)


def test_meduza_sums_between_days_cut_weeks(write: Write) -> None:
    killed = meduza.read(meduza_files(write))["killed"].sel(vintage="2026")
    assert float(meduza.within(killed, "2022-02-21", "2022-03-13")) == pytest.approx(922)
    assert float(meduza.within(killed, "2022-02-24", "2022-03-01")) == pytest.approx(450 * 4 / 7 + 37 * 2 / 7)
    assert float(meduza.within(killed, "2023-01-01", "2023-12-31")) == 0
    all_vintages = meduza.read(meduza_files(write))["killed"]
    np.testing.assert_allclose(meduza.within(all_vintages, "2022-02-28", "2022-03-13"), [1200, np.nan, 472])


def test_meduza_tells_every_fault(write: Write) -> None:
    bad = ",".join(["Date", *meduza.ENGLISH]) + "\n22/02/2022,-1,460,400,,,,426\n01/03/2022,x,,,,,,\n"
    assert places(lambda: meduza.read(meduza_files(write, **{"2025": bad}))) == {
        ("line 2, Date", '"22/02/2022"'),
        ("line 3, Date", '"01/03/2022"'),
        ("line 2, Estimate based on probate data", '"-1"'),
        ("line 3, Estimate based on probate data", '"x"'),
    }
    head = "Year,Week," + ",".join(meduza.NEWEST)
    bad = f"{head}\n2022,60,1,1,1,1,,,,1,1,1,1,1,1\n2022,53,1,1,1,1,,,,1,1,1,1,1,1\n"
    assert places(lambda: meduza.read(meduza_files(write, **{"2026": bad}))) == {
        ("line 2, Week", '"60"'),
        ("line 3, Week", '"53"'),
    }


ORYX_HEADER = "country,equipment_type,destroyed,abandoned,captured,damaged,type_total,date_recorded\n"


def test_oryx(write: Write) -> None:
    rows = """Russia,All Types,0,0,0,0,0,2022-02-23
Russia,All Types,700,100,200,0,1000,2022-03-30
Russia,All Types,100,110,210,0,420,2022-03-31
Russia,All Types,1400,150,250,100,1900,2022-06-01
Russia,All Types,1500,150,250,100,2000,2024-09-01
Russia,All Types,1580,160,260,100,2100,2024-12-01
Russia,"Tanks\n",9,1,2,3,15,2022-03-30
Russia,"Losses excluding Trucks - 15, of which: destroyed: 9",9,1,2,3,15,2022-03-30
Ukraine,All Types,5,1,1,1,8,2024-09-01
Ukraine,All Types,7,1,3,1,12,2024-12-01
"""
    data = oryx.read({oryx.FILE: write("daily_count.csv", ORYX_HEADER + rows)})
    assert data["type"].to_numpy().tolist() == ["Tanks"]
    assert data["lost"].sel(side="russia", type="Tanks", day="2022-03-30").to_numpy().tolist() == [9, 3, 1, 2]
    assert data["lost"].sel(side="ukraine").isnull().all()
    whole = data["lost_all"].sel(side="russia", status="destroyed").to_numpy()
    np.testing.assert_array_equal(whole, [0, 700, np.nan, 1400, 1500, 1580])
    assert "russia All Types destroyed 2022-03-31: 100" in data.attrs["note"]
    assert "left out: 1" in data.attrs["note"]
    labelled(data)
    share = oryx.given_up(data)
    assert share.sel(side="russia", quarter="2022Q1").item() == pytest.approx(0.3)
    assert share.sel(side="russia", quarter="2022Q2").item() == pytest.approx(100 / 900)
    assert share.sel(side="russia", quarter="2024Q4").item() == pytest.approx(0.2)
    assert share.sel(side="ukraine", quarter="2024Q4").item() == pytest.approx(0.5)
    known = share.notnull().sum("quarter").to_numpy().tolist()
    assert known == [3, 1], "no share where the quarter before was not counted"
    assert str(share["until"].sel(side="russia", quarter="2022Q1").to_numpy())[:10] == "2022-03-30"


def test_oryx_tells_every_fault(write: Write) -> None:
    rows = "Russia,Tanks,9,1,2,3,16,2022-03-30\nRussia,Tanks,9,1,2,3,15,2022-03-30\nBelgium,Tanks,,1,2,-3,0,30.3.22\n"
    assert places(lambda: oryx.read({oryx.FILE: write("daily_count.csv", ORYX_HEADER + rows)})) == {
        ("line 2, type_total", '"16"'),
        ("line 3, equipment_type", '"Tanks"'),
        ("line 4, country", '"Belgium"'),
        ("line 4, destroyed", "nothing"),
        ("line 4, damaged", '"-3"'),
        ("line 4, date_recorded", '"30.3.22"'),
        ("line 4, type_total", '"0"'),
    }


BATTLE = {
    "ISQNO": "1", "WAR": "WAR", "NAME": "NIEUPORT", "CAMPGN": "GOLAN", "ATPBYR1": "1600", "ATPBMN1": "7",
    "ATPBDA1": "2", "STRA": "11500", "STRD": "-1", "INTSTA": "-1", "INTSTD": "11300", "RERPA": "0", "RERPD": "0",
    "CASA": "4000", "CASD": "1000", "FINSTA": "7500", "FINSTD": "10300", "CAVA": "1500", "CAVD": "1400",
    "TANKA": "0", "TANKD": "0", "ARTYA": "8", "ARTYD": "6", "WOFA1": "0.9", "WOFD1": "-1", "CODEA": "1",
    "CODED": "2", "RESOA1": "RR", "RESOA2": "WD", "RESOA3": "00", "RESOD1": "00", "RESOD2": "00", "RESOD3": "0",
    "CEA": "-1", "LEADA": "-9", "TRNGA": "0", "MORALA": "4", "LOGSA": "0", "MOMNTA": "0", "INTELA": "0",
    "TECHA": "0", "INITA": "1", "SURPA": "9", "AEROA": "0", "WINA": "-1", "CRIT": "1", "KMDA": "-6.4",
    "ACHA": "0", "ACHD": "8", "POST1": "HD", "POST2": "OO", "NOATP": "1", "ATPBHR1": "1430", "ATPEYR1": "1600", "ATPEMN1": "7",
    "ATPEDA1": "2", "ATPEHR1": "1930", "INSTA": "225000", "INSTD": "", "CAMPAGN": "GOLAN 1973",
}  # fmt: skip


def battles(*rows: dict[str, str]) -> str:
    return "\n".join([",".join(BATTLE), *(",".join((BATTLE | row).values()) for row in rows)]) + "\n"


def test_cdb90(write: Write) -> None:
    data = cdb90.read({cdb90.FILE: write("c.csv", battles({}, {"ISQNO": "2", "LEADA": "-1", "INSTA": ""}))})
    nan = np.nan
    np.testing.assert_array_equal(data["strength"].sel(battle=1), [11500, nan])
    np.testing.assert_array_equal(data["strength_initial"], [[225000, 11300], [nan, 11300]])
    np.testing.assert_array_equal(data["leadership"], [nan, -1])
    np.testing.assert_array_equal(data["effectiveness"], [-1, -1])
    np.testing.assert_array_equal(data["morale"], [4, 4])
    assert data["surprise"].isnull().all()
    np.testing.assert_array_equal(data["front"].sel(battle=1), [0.9, nan])
    np.testing.assert_array_equal(data["accomplished"].sel(battle=1), [nan, 8])
    assert data["resolution"].sel(battle=1, side="attacker").to_numpy().tolist() == ["repulse", "withdrew", ""]
    assert data["strength_kind"].sel(battle=1).to_numpy().tolist() == ["initial", "daily average"]
    assert data["posture"].to_numpy().tolist() == ["hasty defence"] * 2
    assert data["campaign"].to_numpy().tolist() == ["GOLAN 1973"] * 2
    assert data["advance"].sel(battle=1).item() == -6.4
    assert str(data["start"].sel(battle=1).to_numpy())[:10] == "1600-07-02"
    assert data["fought"].sel(battle=1).item() == pytest.approx(5 / 12)
    labelled(data)


@pytest.mark.parametrize(
    ("times", "days"),
    [
        ({"ATPBHR1": "600", "ATPEHR1": "2100"}, 1.0),  # fifteen hours are a day
        ({"ATPBHR1": "1200", "ATPEDA1": "3", "ATPEHR1": "600"}, 1.5),  # an afternoon, a night and a morning
        ({"ATPBHR1": "9999", "ATPEDA1": "4", "ATPEHR1": "9999"}, 3.0),  # days alone are known
        ({"ATPBHR1": "5000", "ATPEHR1": "5330"}, 3.5 / 12),  # the length alone is known
        ({"ATPBHR1": "900", "ATPEHR1": "800"}, np.nan),  # it ends before it begins
        ({"ATPEYR1": "9999"}, np.nan),
    ],
)
def test_cdb90_days_of_fighting(write: Write, times: dict[str, str], days: float) -> None:
    data = cdb90.read({cdb90.FILE: write("c.csv", battles(times))})
    np.testing.assert_allclose(data["fought"], [days])


def test_cdb90_tells_every_fault(write: Write) -> None:
    bad = {"ISQNO": "1", "LEADA": "-5", "CASA": "-2", "RESOA1": "QQ", "ATPBMN1": "2", "ATPBDA1": "30", "SURPA": "-9"}
    assert places(lambda: cdb90.read({cdb90.FILE: write("c.csv", battles({}, bad))})) == {
        ("line 2, ISQNO", '"1"'),
        ("line 3, ISQNO", '"1"'),
        ("line 3, LEADA", '"-5"'),
        ("line 3, CASA", '"-2"'),
        ("line 3, RESOA1", '"QQ"'),
        ("line 3, ATPBDA1", '"30"'),
        ("line 3, SURPA", '"-9"'),
    }


def acw_files(write: Write) -> dict[str, Path]:
    """Bull Run by all three, a campaign by Fox alone, a battle whose key does not say that it is one."""
    fox = "battle_id,belligerent,battle_name,killed,wounded,missing,casualties,aggregates_battles\n"
    fox += 'U1,US,"Bull Run, Va.",481,1011,1216,2708,False\nC1,Confederate,"Bull Run, Va.",387,1582,13,1982,False\n'
    fox += "U9,US,Seven Days,1734,8062,6053,15849,True\n"
    livermore = "battle_id,belligerent,str,kia,wia,kw,miapow\n1,Confederate,32232,387,1582,1969,12\n"
    livermore += "1,Union,28452,481,1011,1492,1216\n2,Union,100,,,9,\n"
    columns = list(acw.COUNTS["clodfelter"].values())
    clodfelter = f"battle_id,belligerent,{','.join(columns)}\n"
    values = {"strength": "28000", "killed": "460", "wounded": "1124", "captured": "1312"}
    clodfelter += ",".join(["First Bull Run", "US", *(values.get(name, "") for name in columns)]) + "\n"
    equal = {"relation": "eq", "battles_to": ["VA005"]}
    texts: dict[str, Any] = {
        "fox_forces.csv": fox,
        "livermore_forces.csv": livermore,
        "clodfelter_forces.csv": clodfelter,
        "livermore_army_sizes.csv": "date,union_number,confederate_number\n1861-07-01,186761,112040\n",
        "unit_sizes.csv": "belligerent,unit_type,mean,sd,p025,p25,median,p75,p975\nUnion,army,5,1,2,3,4,6,7\n",
        "fox_forces_to_cwsac.json": [{**equal, "battles_from": ["U1"]}, {**equal, "battles_from": ["C1"]}],
        "livermore_to_cwsac.json": [
            {**equal, "battles_from": [1]},
            {"relation": "lt", "battles_from": [2], "battles_to": ["VA006"]},
        ],
        "clodfelter_to_cwsac.json": [{**equal, "battles_from": ["First Bull Run"]}],
    }
    return {name: write(name, text) for name, text in texts.items()}


def test_acw_with_keys_has_a_battle_in_one_row(write: Write) -> None:
    files = acw_files(write)
    data = acw.read(files)
    assert set(data["battle"].to_numpy()) == {"VA005", "fox/U9", "livermore/2"}
    run = data.sel(battle="VA005")
    nan = np.nan
    np.testing.assert_array_equal(run["killed"], [[481, 387], [481, 387], [460, nan]])
    np.testing.assert_array_equal(run["missing"], [[1216, 13], [1216, 12], [nan, nan]])
    np.testing.assert_array_equal(run["captured"], [[nan, nan], [nan, nan], [1312, nan]])
    np.testing.assert_array_equal(run["strength"], [[nan, nan], [28452, 32232], [28000, nan]])
    assert run["name"].item() == "Bull Run, Va."
    assert data["killed_wounded"].sel(battle="livermore/2", source="livermore", side="union").item() == 9
    assert data["battle"][data["campaign"]].to_numpy().tolist() == ["fox/U9"]
    assert data["present"].to_numpy().tolist() == [[186761, 112040]]
    labelled(data)
    sizes = acw.unit_sizes(files["unit_sizes.csv"])
    assert sizes["median"].sel(unit="army", side="union").item() == 4
    labelled(sizes)


def test_acw_without_keys_leaves_battles_apart(write: Write) -> None:
    files = {name: path for name, path in acw_files(write).items() if not name.endswith(".json")}
    data = acw.read(files)
    assert set(data["battle"].to_numpy()) == {
        "fox/U1", "fox/C1", "fox/U9", "livermore/1", "livermore/2", "clodfelter/First Bull Run",
    }  # fmt: skip
    assert float(data["killed"].sel(source="fox", side="union").sum()) == 481 + 1734


def test_acw_battles_that_would_fall_together_stay_apart(write: Write) -> None:
    files = acw_files(write)
    rows = [{"relation": "eq", "battles_from": [name], "battles_to": ["VA005"]} for name in ("U1", "C1", "U9")]
    files["fox_forces_to_cwsac.json"] = write("again.json", rows)
    found = set(acw.read(files)["battle"].to_numpy())
    assert {"fox/U1", "fox/U9", "fox/C1", "VA005"} <= found


def test_acw_tells_every_fault(write: Write) -> None:
    files = acw_files(write)
    fox = "battle_id,belligerent,killed,wounded,missing,casualties\nU1,US,-4,1,,\nU1,US,1,few,,\nU2,France,,,,\n"
    files["fox_forces.csv"] = write("fox.csv", fox)
    assert places(lambda: acw.read(files)) == {
        ("line 2, killed", '"-4"'),
        ("line 3, wounded", '"few"'),
        ("line 3, battle_id", '"U1"'),
        ("line 4, belligerent", '"France"'),
    }


def test_economist(write: Write) -> None:
    head = "date,estimate,ci_lower,ci_upper,pi_low,pi_high\n"
    files = {
        "meta-estimate-deaths.csv": write("d.csv", f"{head}2022-02-26,NA,NA,NA,NA,NA\n2022-02-25,9,8,10,7,11\n"),
        "meta-estimate-casualties.csv": write("c.csv", f"{head}2022-02-25,30,28,32,20,40\n"),
        loss_series.AREA: write(
            "a.csv", f"date,{loss_series.AREA_COLUMN}\n2022-02-24,2e6\n2022-02-24,2e6\n2022-02-25,4e6\n"
        ),
    }
    data = loss_series.read_economist(files)
    np.testing.assert_array_equal(data["deaths"], [np.nan, 9, np.nan])
    np.testing.assert_array_equal(data["casualties_high"], [np.nan, 40, np.nan])
    np.testing.assert_array_equal(data["area"], [2, 4, np.nan])
    labelled(data)
    files[loss_series.AREA] = write("a.csv", f"date,{loss_series.AREA_COLUMN}\n2022-02-24,2e6\n2022-02-24,3e6\n")
    assert places(lambda: loss_series.read_economist(files)) == {("line 3, date", '"2022-02-24"')}
    text = "date,estimate_low,estimate_high,estimate,type,source,source_url,country\n"
    text += '17/6/2026,"1,300,000","1,400,000",,casualties,NATO,http://x,russia\n'
    found = loss_series.estimates(write("e.csv", text))
    assert (found["low"].item(), found["high"].item()) == (1.3e6, 1.4e6)
    assert found["central"].isnull().all()


# --- claims -----------------------------------------------------------------------------------------------------


def test_general_staff_as_claims(write: Write) -> None:
    rows = [
        {"date": "2023-10-31", "personnel": 300810, "personnel*": "about"},
        {"date": "2023-11-01", "personnel": 301910, "personnel*": "about"},
        {"date": "2023-12-01", "personnel": 329700, "personnel*": "more"},
    ]
    files = {loss_series.GENERAL_STAFF_FILE: write(loss_series.GENERAL_STAFF_FILE, rows)}
    table = as_claims("general-staff-daily", files=files)
    assert tuple(table) == COLUMNS
    assert table["claim_id"].tolist() == ["GS-2023-11-01", "GS-2023-12-01"]
    assert table["value_central"].iloc[0] == 301910
    assert table["value_low"].iloc[1] == 329700
    assert table["value_central"].isna().iloc[1]
    assert set(table["lineage"]) == {"UA-GS"}
    assert set(table["basis"]) == {"cumulative"}
    assert as_claims("general-staff-daily", files=files, after="2023-11-01")["claim_id"].tolist() == ["GS-2023-12-01"]


@pytest.mark.parametrize("ending", [".json", ".csv", ".jsonl"])
def test_copies_of_the_general_staffs_tally(write: Write, ending: str, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        {"date": f"2026-09-0{day}", "personnel": men, "personnel*": "about"}
        for day, men in ((3, 1300), (2, 1400), (1, 1200))
    ]
    text = {
        ".json": json.dumps(rows),
        ".jsonl": "\n".join(map(json.dumps, rows)),
        ".csv": pd.DataFrame(rows).to_csv(index=False),
    }
    own = write(f"russia_losses_personnel{ending}", text[ending])
    (table,) = [as_claims("general-staff-daily", files=datasets.newer("general-staff-daily", [own]))]
    assert table["value_central"].tolist() == [1200]
    assert table.attrs["notes"] == [
        "the newest day stands first; read from the oldest on; the total falls on 2026-09-03, from 1400 to 1300"
    ]
    assert data.claims("general-staff-daily", json=True, after="2026-09-01", file=[own]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out) == []
    assert "no claim counts to a day later than 2026-09-01: the newest counts to 2026-09-01" in err


def test_uk_mod_as_claims(write: Write) -> None:
    rows = "february,2024,983,29,28507,28507,01/03/2024,UK MoD,http://b,\n"
    table = as_claims("uk-mod-monthly", files={loss_series.UK_MOD_FILE: write("uk.csv", UK_HEADER + rows)})
    row = table.iloc[0]
    assert (row.claim_id, row.value_central, row.basis, row.lineage) == ("UK-2024-02-01", 28507, "per month", "UA-GS")
    assert (row.period_start, row.as_of_date, row.published_date, row.url) == (
        "2024-02-01", "2024-02-29", "", "http://b",
    )  # fmt: skip


def test_meduza_as_claims(write: Write) -> None:
    head = "Year,Week,Bmz2022," + ",".join(meduza.NEWEST)
    weeks = "\n".join(f"2022,{week},1,2,1,1,1,,,,0,0,0,7,14,0" for week in range(8, 53))
    table = as_claims("meduza-weekly", files=meduza_files(write, **{"2026": f"{head}\n{weeks}\n"}))
    assert table["claim_id"].tolist() == [
        "MED2026-2022-06-30", "MED2026-2022-12-31", "LIST-2022-12-31", "LIST-2026-05-09",
    ]  # fmt: skip
    days = (np.datetime64("2022-06-30") - np.datetime64("2022-02-21")).astype(int) + 1
    assert table.loc[0, ["value_low", "value_central", "value_high"]].tolist() == [0, days, 2 * days]
    assert table["value_central"].iloc[1] == 44 * 7 + 6
    assert table["value_low"].iloc[2:].tolist() == [45, 90]
    assert table["lineage"].tolist() == ["probate"] * 2 + ["mediazona-list"] * 2


def test_named_lists_as_claims(write: Write) -> None:
    names = [file.name for file in registry.DATASETS["named-lists-daily"].files]
    plain = {"2022-02-24": {"deaths": 3, "total": 3}, "2022-02-26": {"deaths": 1, "total": 1}}
    both = {
        "2022-02-23": {"deaths": 9, "missing": 9, "total": 18},
        "2022-02-24": {"deaths": 5, "missing": 6, "total": 11},
    }
    files = {name: write(name, both if "ukraine" in name else plain) for name in names}
    table = as_claims("named-lists-daily", files=files)
    assert table["value_low"].tolist() == [4, 4, 5, 6]
    assert table["lineage"].tolist() == ["mediazona-list"] * 2 + ["lostarmour"] * 2
    assert table["as_of_date"].tolist() == ["2022-02-26"] * 2 + ["2022-02-24"] * 2
    assert table["claim_id"].is_unique


def test_only_some_data_sets_hold_claims() -> None:
    with pytest.raises(DataError, match="general-staff-daily, uk-mod-monthly"):
        as_claims("cdb90")


# --- the command line ---------------------------------------------------------------------------------------------


def test_list_and_its_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert data.list_sets(json=True) == 0
    found = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in found] == list(registry.DATASETS)
    assert not any(row["here"] for row in found)
    assert data.list_sets(json=False) == 0
    assert "cdb90" in capsys.readouterr().out


def test_claims_are_written_once(write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = write(loss_series.GENERAL_STAFF_FILE, [{"date": "2023-11-01", "personnel": 301910, "personnel*": "about"}])
    out = tmp_path / "more.csv"
    assert data.claims("general-staff-daily", out=out, json=False, file=[own]) == 0
    assert pd.read_csv(out)["claim_id"].tolist() == ["GS-2023-11-01"]
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    with pytest.raises(FaultyError, match="exists already"):
        data.claims("general-staff-daily", out=out, json=False, file=[own])
    capsys.readouterr()
    assert data.claims("general-staff-daily", json=True, file=[own]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert rows[0]["value_central"] == 301910
    published.hold("data claims", rows)
    assert data.claims("general-staff-daily", out=tmp_path / "json.csv", json=True, file=[own]) == 0
    published.hold("data claims", json.loads(capsys.readouterr().out))
    with pytest.raises(FaultyError, match="--after"):
        data.claims("general-staff-daily", json=True, after="July", file=[own])
    with pytest.raises(DataError, match="a file called one of"):
        data.claims("general-staff-daily", json=True, file=[write("other.json", [])])


def test_show(small: registry.Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Write,
              capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    own = write(loss_series.GENERAL_STAFF_FILE, [{"date": "2023-11-01", "personnel": 301910, "personnel*": "about"}])
    file = registry.File(loss_series.GENERAL_STAFF_FILE, "x", checksum(own))
    entry = dataclasses.replace(registry.DATASETS["general-staff-daily"], files=(file,))
    monkeypatch.setattr(registry, "DATASETS", {entry.name: entry})
    monkeypatch.setenv("HOLDFAST_DATA", str(own.parent))
    assert data.show(entry.name, json=True) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["axes"]["day"] == {"size": 1, "first": "2023-11-01", "last": "2023-11-01"}
    assert found["variables"]["losses"]["most"] == 301910
    assert found["variables"]["prisoners"]["known"] == 0
    published.hold("data show", found)
    assert data.show(entry.name, json=False) == 0
    assert "301,910" in capsys.readouterr().out
    assert data.fetch(entry.name, json=True) == 0
    fetched = json.loads(capsys.readouterr().out)
    assert fetched == {loss_series.GENERAL_STAFF_FILE: str(own)}
    published.hold("data fetch", fetched)


# --- the real files -------------------------------------------------------------------------------------------------


@pytest.fixture
def genuine() -> Callable[[str], Any]:
    return lambda name: datasets.read(name, folder=REAL, base=NOBODY)


@real
@pytest.mark.parametrize("name", list(registry.DATASETS))
def test_every_real_data_set_is_read_and_labelled(name: str, genuine: Callable[[str], Any]) -> None:
    if not any(any(registry.candidates(Path(str(REAL)), file)) for file in registry.DATASETS[name].files):
        pytest.skip(f"the folder has no file of {name}")
    labelled(genuine(name))


@real
def test_real_general_staff(genuine: Callable[[str], Any]) -> None:
    data = genuine("general-staff-daily")
    assert data["losses"].sel(day="2023-10-31").item() == 300_810
    assert data.sizes["day"] == 1626
    assert data["losses_of_day"].sum().item() + 2800 == data["losses"][-1].item() == 1_456_610


@real
def test_real_uk_mod_is_the_general_staff_again(genuine: Callable[[str], Any]) -> None:
    british, ukrainian = genuine("uk-mod-monthly"), genuine("general-staff-daily")["losses"].to_series()
    starts = pd.DatetimeIndex(british["month"].to_numpy())
    ends = starts + pd.offsets.MonthBegin()
    ours = np.array([ukrainian[end] - ukrainian[start] for start, end in zip(starts, ends, strict=True)])
    ratio = british["casualties"].to_numpy() / ours
    assert np.median(np.abs(ratio - 1)) < 0.01


@real
def test_real_meduza(genuine: Callable[[str], Any]) -> None:
    data = genuine("meduza-weekly")
    newest = data["killed"].sel(vintage="2026")
    assert float(meduza.within(newest, "2024-01-01", "2024-12-31")) == pytest.approx(129_278, abs=1)
    assert float(newest.sum()) == pytest.approx(351_817, abs=1)
    assert data["listed"].sum("week").to_numpy().tolist() == [12_500, 42_196, 95_933, 170_995, 205_470]


@real
def test_real_named_lists(genuine: Callable[[str], Any]) -> None:
    data = genuine("named-lists-daily")
    assert data["dead"].sel(side="russia").sum("day").to_numpy().tolist() == [102_104, 122_640]
    assert data["dead"].sel(side="ukraine", vintage="2025-11-08").sum().item() == 77_312 - 230
    assert data["missing"].sel(side="ukraine", vintage="2025-11-08").sum().item() == 77_242 - 894


@real
def test_real_oryx(genuine: Callable[[str], Any]) -> None:
    share = oryx.given_up(genuine("oryx-daily"))
    assert share.sel(side="russia", quarter="2022Q1").item() == pytest.approx(1021 / 2147)
    assert share.sel(side="russia", quarter="2022Q2").item() == pytest.approx(0.313, abs=0.001)
    assert share.sel(side="russia", quarter="2025Q1").item() == pytest.approx(0.055, abs=0.001)
    assert share.sel(side="russia", quarter="2024Q3").isnull().item(), "nothing was counted in the quarter before"


@real
def test_real_cdb90(genuine: Callable[[str], Any]) -> None:
    data = genuine("cdb90")
    assert data.sizes["battle"] == 660
    assert int((data["leadership"] == -1).sum()) == 93
    assert int(data["leadership"].isnull().sum()) == 35
    assert data["strength_initial"].sel(battle=338, side="attacker").item() == 1940
    assert data["start"].dt.year.max().item() == 1982
    assert data["fought"].min().item() > 0
    assert float(data["fought"].median()) == 1.0


@real
def test_real_acw(genuine: Callable[[str], Any]) -> None:
    data = genuine("acw-battles")
    fox = data.sel(source="fox", side="union")[["killed", "wounded", "missing"]]
    assert fox.sum().to_array().to_numpy().tolist() == [60_341, 302_885, 139_767]
    assert fox.where(~data["campaign"]).sum().to_array().to_numpy().tolist() == [54_184, 272_001, 129_272]


@real
def test_real_claims() -> None:
    staff = as_claims("general-staff-daily", folder=REAL, base=NOBODY).set_index("claim_id")
    assert staff.loc["GS-2023-11-01", "value_central"] == 301_490
    assert len(staff) == 54
    british = as_claims("uk-mod-monthly", folder=REAL, base=NOBODY)
    assert len(british) == 47
    for name in ("meduza-weekly", "named-lists-daily"):
        assert as_claims(name, folder=REAL, base=NOBODY)["claim_id"].is_unique


def places(read: Callable[[], object]) -> set[tuple[str, str]]:
    """Where faults are, and what was found there."""
    with pytest.raises(DataError) as error:
        read()
    assert len({(fault.place, fault.value) for fault in error.value.faults}) == len(error.value.faults)
    return {(fault.place, fault.value) for fault in error.value.faults}


def labelled(data: Any) -> None:
    """Every variable says what it is, in what unit, from whom."""
    assert data.attrs["source"]
    assert data.attrs["licence"]
    for variable in data.data_vars.values():
        assert {"long_name", "units", "source"} <= set(variable.attrs), variable.name
