"""The door for claims: tables and sentences, what is refused, in which words, and what passes."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import json
import re
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.cli import losses
from holdfast.core.faults import ClaimsError, Fault, FaultyError
from holdfast.evidence.claims import sentence, table, values
from holdfast.evidence.claims import table as claims_table
from holdfast.evidence.claims.table import (
    BASES,
    CARRIED,
    CLAIMANT_TYPES,
    COLUMNS,
    COUNTS,
    COVERS,
    QUANTITIES,
    REQUIRED,
    Claim,
)

START = dt.date(2022, 2, 24)
SIDES = ("russia", "ukraine")
GOOD = {
    "claim_id": "A1", "side": "russia", "quantity": "killed", "value_low": "", "value_central": "300000",
    "value_high": "", "as_of_date": "2023-11-15", "published_date": "", "claimant": "General Staff",
    "claimant_type": "opposing side", "definition": "", "source": "", "url": "", "seen": "", "basis": "cumulative",
    "period_start": "2022-02-24", "lineage": "", "note": "",
}  # fmt: skip


def frame(*changes: dict[str, str]) -> pd.DataFrame:
    """A table whose rows are the good one with changes, and ids of their own."""
    return pd.DataFrame([{**GOOD, "claim_id": f"A{n}", **each} for n, each in enumerate(changes, start=1)])


def faults(source: Any) -> tuple[Fault, ...]:
    """What is wrong with a table that must be refused."""
    with pytest.raises(ClaimsError) as caught:
        table.read(source)
    return caught.value.faults


def only(source: Any) -> Fault:
    """The one fault of a table."""
    (fault,) = faults(source)
    return fault


def csv(folder: Path, text: str | bytes, name: str = "claims.csv") -> Path:
    """A file with this text."""
    file = folder / name
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


# --- What passes.


def test_the_shipped_table_is_sound() -> None:
    claims = table.read("russia_ukraine")
    assert len(claims) == 427
    assert {claim.side for claim in claims} == set(SIDES)
    by_id = {claim.claim_id: claim for claim in claims}
    assert by_id["RU-S001"].as_of_date < by_id["RU-S001"].period_start  # a stock: its start is not used
    assert by_id["RU-P004"].value_low == 60
    assert by_id["RU-P004"].value_central is None
    assert all(claim.lineage and claim.counts in COUNTS and claim.covers in COVERS for claim in claims)


def test_every_file_of_the_folder_is_a_shipped_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(table.shipped()) >= {"russia_ukraine"}
    folder = tmp_path / "shipped"
    folder.mkdir()
    frame({}).to_csv(folder / "claims_mine.csv", index=False)
    monkeypatch.setattr(table.resources, "files", lambda _: tmp_path)
    assert table.shipped() == {"mine": folder / "claims_mine.csv"}
    assert table.read("mine")[0].value == 300000


def test_csv_and_parquet_and_the_frame_say_the_same(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    source = table.shipped()["russia_ukraine"]
    typed = pd.read_csv(source, parse_dates=["as_of_date", "published_date", "period_start"])
    assert typed["value_central"].dtype == "float64"
    typed.to_parquet(tmp_path / "typed.parquet")
    pd.read_csv(source, dtype=str, keep_default_na=False).to_parquet(tmp_path / "text.parquet")
    claims = table.read(source)
    assert table.read(tmp_path / "typed.parquet") == claims
    assert table.read(tmp_path / "text.parquet") == claims
    assert table.read(typed) == claims
    assert table.read(typed.set_index("claim_id")) == claims


def test_the_least_that_a_table_needs(tmp_path: Path) -> None:
    file = csv(
        tmp_path,
        "\ufeffclaim_id,side,quantity,value_low,as_of_date,claimant,claimant_type,basis,region\r\n"
        "A1,north,strength,9000,1862-01-01,The  Times (London),media,stock,Ohio\r\n",
    )
    reading = table.reading(file)
    (claim,) = reading.claims
    assert reading.unused == ("region",)
    assert (claim.value_low, claim.value_central, claim.limit) == (9000, None, "at least")
    assert (claim.definition, claim.lineage, claim.published_date) == ("strength", "the times", None)
    assert (claim.period_start, claim.counts, claim.covers) == (dt.date(1862, 1, 1), "strength", "all")


def test_a_cumulative_claim_starts_with_the_table() -> None:
    early, late = table.read(frame({}, {"period_start": "", "as_of_date": "2023-01-01"}))
    assert late.period_start == early.period_start == START
    assert only(frame({"period_start": ""})).place == "row 2 (A1), column period_start"
    assert only(frame({}).drop(columns="period_start")).place == "the header, column period_start"


def test_a_share_starts_with_the_table_or_on_its_own_day() -> None:
    share = {"quantity": "wounded_returned_share", "basis": "share", "value_central": "0.9", "period_start": ""}
    _, late, early = table.read(frame({}, share, share | {"as_of_date": "2022-01-01"}))
    assert (late.period_start, early.period_start) == (START, dt.date(2022, 1, 1))


def test_a_cumulative_claim_may_not_end_before_the_table_starts() -> None:
    fault = only(frame({}, {"period_start": "", "as_of_date": "2022-01-01"}))
    assert "2022-02-24, the earliest of the table" in fault.allowed


def test_a_lineage_is_the_claimants_name_unless_given() -> None:
    a, b, c = table.read(frame({"claimant": "CSIS (update)"}, {"lineage": "CSIS"}, {"claimant": "(only this)"}))
    assert a.lineage == b.lineage == "CSIS"  # one source, one vote, whoever left the cell empty
    assert c.lineage == "(only this)"


def test_columns_say_what_is_counted_and_empty_ones_leave_it_to_the_words() -> None:
    said, read_of = table.read(
        frame({"counts": "named", "covers": "part"}, {"definition": "killed and missing", "counts": "", "covers": ""})
    )
    assert (said.counts, said.covers) == ("named", "part")
    assert (read_of.counts, read_of.covers) == ("killed_and_missing", "all")


def test_projections_and_empty_rows_pass(tmp_path: Path) -> None:
    table = frame({"published_date": "2023-01-01"})
    text = table.to_csv(index=False)
    assert claims_table.read(csv(tmp_path, f"{text}{',' * 17}\n\n")) == claims_table.read(table)


def test_text_is_kept_to_the_letter() -> None:
    (claim,) = table.read(frame({"note": " NA ", "source": "NaN", "definition": "007", "claim_id": "0012"}))
    assert (claim.note, claim.source, claim.definition, claim.claim_id) == (" NA ", "NaN", "007", "0012")


# --- There and back.

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=12)
SAID = TEXT.filter(lambda text: text.strip())
NAME = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), min_size=1, max_size=8).filter(
    lambda text: text == text.strip() and text
)
DAY = st.dates(dt.date(1800, 1, 1), dt.date(2100, 1, 1))
OF_WAR = st.dates(dt.date(1918, 1, 1), dt.date(1978, 1, 1))
MEN = st.integers(0, 10**9).map(float)


@st.composite
def claim_of(draw: st.DrawFn, number: int) -> Claim:
    """Any claim that a table may hold."""
    quantity = draw(st.sampled_from(QUANTITIES + CARRIED))
    kind = quantity.rpartition("_")[2]
    basis = kind if kind in ("share", "ratio") else draw(st.sampled_from(BASES[:6]))
    if quantity == "strength":
        basis = "stock"
    low, central, high = sorted(draw(st.tuples(*[st.floats(0, 1) if basis == "share" else MEN] * 3)))
    gone = draw(st.sampled_from(((), (0,), (1,), (2,), (0, 1), (0, 2), (1, 2))))
    first, last = sorted(draw(st.tuples(OF_WAR, OF_WAR)))
    low_, central_, high_ = (None if n in gone else value for n, value in enumerate((low, central, high)))
    return Claim(
        claim_id=f"A{number}", side=draw(st.sampled_from(SIDES)), quantity=quantity, value_low=low_,
        value_central=central_, value_high=high_, as_of_date=last, published_date=draw(st.none() | DAY),
        claimant=draw(SAID), claimant_type=draw(st.sampled_from(CLAIMANT_TYPES)), definition=draw(SAID),
        source=draw(TEXT), url=draw(TEXT), seen=draw(TEXT), basis=basis, period_start=first, lineage=draw(SAID),
        note=draw(TEXT), counts=draw(st.sampled_from(COUNTS)), covers=draw(st.sampled_from(COVERS)),
    )  # fmt: skip


@st.composite
def tables(draw: st.DrawFn) -> tuple[Claim, ...]:
    """Some claims."""
    return tuple(draw(claim_of(number)) for number in range(draw(st.integers(1, 3))))


@given(claims=tables())
@settings(max_examples=40)
def test_what_is_written_is_read(claims: tuple[Claim, ...], tmp_path_factory: pytest.TempPathFactory) -> None:
    table = claims_table.to_frame(claims)
    assert list(table.columns) == list(COLUMNS)
    assert claims_table.read(table) == claims
    file = tmp_path_factory.getbasetemp() / "there_and_back.csv"
    table.to_csv(file, index=False)
    assert claims_table.read(file) == claims


def test_the_shipped_table_there_and_back(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    claims = table.read("russia_ukraine")
    table.to_frame(claims).to_parquet(tmp_path / "again.parquet")
    assert table.read(tmp_path / "again.parquet") == claims


def test_a_table_without_claims_has_its_columns() -> None:
    assert list(table.to_frame(()).columns) == list(COLUMNS)


# --- Faults of rows.


@pytest.mark.parametrize(
    ("changes", "column", "part"),
    [
        ({"claim_id": ""}, "claim_id", "Fill it"),
        ({"side": " "}, "side", "Fill it"),
        ({"claimant": ""}, "claimant", "found nothing"),
        ({"basis": ""}, "basis", "Write one of cumulative"),
        ({"quantity": "kiled"}, "quantity", "Did you mean killed?"),
        ({"quantity": "zzz"}, "quantity", "killed, wounded, missing"),
        ({"claimant_type": "oposing side"}, "claimant_type", "Did you mean opposing side?"),
        ({"basis": "cumulativ"}, "basis", "Did you mean cumulative?"),
        ({"counts": "kiled"}, "counts", "Did you mean killed?"),
        ({"covers": "citizen"}, "covers", "Did you mean citizens?"),
        ({"as_of_date": "15.11.2023"}, "as_of_date", "Write 2023-11-15."),
        ({"as_of_date": "15 November 2023"}, "as_of_date", "Write 2023-11-15."),
        ({"as_of_date": "2023-11-15T00:00:00"}, "as_of_date", "Write 2023-11-15."),
        ({"as_of_date": "45245"}, "as_of_date", "write 2023-11-15."),
        ({"as_of_date": "Nov 2023"}, "as_of_date", "the last day that is meant, 2023-11-30"),
        ({"as_of_date": "11/12/2023"}, "as_of_date", "Write 2023-12-11 or 2023-11-12"),
        ({"as_of_date": "2023-11-31"}, "as_of_date", "no such day"),
        ({"as_of_date": "20231115"}, "as_of_date", "allowed: a day as 2023-11-15"),
        ({"as_of_date": "soon"}, "as_of_date", "Write year, month and day"),
        ({"as_of_date": ""}, "as_of_date", "Fill it, as 2023-11-15"),
        ({"published_date": "yesterday"}, "published_date", "Write year, month and day"),
        ({"period_start": "24/02/2022"}, "period_start", "Write 2022-02-24."),
        ({"as_of_date": "2022-02-23"}, "as_of_date", "not before period_start, 2022-02-24"),
        ({"value_central": ""}, "value_low", "Fill one of the three"),
        ({"value_central": "300,000"}, "value_central", 'found "300,000"; allowed: a number in digits'),
        ({"value_central": "300,000"}, "value_central", "Write 300000."),
        ({"value_central": "300 000"}, "value_central", "Write 300000."),
        ({"value_central": "300k"}, "value_central", "Write 300000."),
        ({"value_central": "1.2 million"}, "value_central", "Write 1200000."),
        ({"value_central": "0,5"}, "value_central", "Men are whole: correct the number."),
        ({"value_central": "over 300,000"}, "value_central", "Write 300000 in value_low."),
        ({"value_central": "up to 5000"}, "value_central", "Write 5000 in value_high."),
        ({"value_central": "100-200k"}, "value_central", "Write 100000 in value_low and 200000 in value_high."),
        ({"value_central": "n/a"}, "value_central", "Leave the cell empty"),
        ({"value_central": "many"}, "value_central", "Write digits only"),
        ({"value_central": "300_000"}, "value_central", "Write digits only"),
        ({"value_central": "-5"}, "value_central", "without a minus"),
        ({"value_central": "-9"}, "value_central", "or it is not known; -9 stands for that"),
        ({"value_central": "."}, "value_central", "Leave the cell empty"),
        ({"value_central": "12.500"}, "value_central", "the point parts thousands: write 12500."),
        ({"value_central": "12.5"}, "value_central", "write 12500 if thousands were parted"),
        ({"value_central": "1.250", "basis": "per day"}, "value_central", "write 1250 or 1.25, whichever"),
        ({"value_central": "5,000\u20137,000[12]"}, "value_central", "[12]: write 5000 in value_low and 7000 in value_high."),
        ({"value_central": "~12,000+"}, "value_central", "Leave out the sign ~: write 12000 in value_low."),
        ({"value_central": "nearly 12,000"}, "value_central", "Write 12000 in value_central."),
        ({"value_central": "inf"}, "value_central", "finite"),
        ({"value_central": "1e400"}, "value_central", "finite"),
        ({"value_central": "2e9"}, "value_central", "No army has so many men"),
        ({"value_low": "400000", "value_high": "200000", "value_central": ""}, "value_low", "at most value_high, 200000"),
        ({"value_low": "400000"}, "value_central", "at least 400000"),
        ({"value_high": "200000"}, "value_central", "at most 200000"),
        ({"basis": "per month", "period_start": ""}, "period_start", "the basis is per month"),
        ({"basis": "share", "quantity": "wounded_returned_share"}, "value_central", "a share from 0 to 1"),
        ({"basis": "share", "quantity": "wounded_returned_share", "value_central": "90%"}, "value_central", "Write 0.9."),
        ({"basis": "share", "quantity": "wounded_returned_share", "value_central": "90"}, "value_central", "0.9 for 90"),
        ({"basis": "share", "value_central": "0.5"}, "quantity", "ends in _share"),
        ({"quantity": "wounded_to_killed_ratio"}, "basis", "Correct the quantity or the basis"),
        ({"quantity": "strength"}, "basis", "Write stock."),
    ],
)  # fmt: skip
def test_a_fault_of_a_row(changes: dict[str, str], column: str, part: str) -> None:
    fault = only(frame({"claim_id": "B7"}, {"claim_id": "RU-9", **changes}))
    name = " (RU-9)" if changes.get("claim_id") is None else ""
    assert fault.place == f"row 3{name}, column {column}"
    assert part in str(fault)


def test_an_id_may_stand_once() -> None:
    fault = only(frame({"claim_id": "X"}, {}, {"claim_id": "X"}))
    assert fault.place == "row 4 (X), column claim_id"
    assert "row 2 has it too" in fault.allowed


def test_a_side_is_written_in_one_way() -> None:
    fault = only(frame({}, {"side": "Russia"}, {}))
    assert (fault.place, fault.suggestion) == ("row 3 (A2), column side", "russia")


def test_all_faults_are_told_at_once_in_the_order_of_the_rows() -> None:
    table = frame({"quantity": "kiled", "value_central": "x"}, {}, {"basis": "weekly", "as_of_date": "x"})
    with pytest.raises(ClaimsError, match="^The table has 4 faults:\n  row 2 ") as caught:
        claims_table.read(table)
    assert [fault.place.split(",")[0] for fault in caught.value.faults] == ["row 2 (A1)"] * 2 + ["row 4 (A3)"] * 2
    assert caught.value.source == "The table"


def test_rows_are_counted_as_in_the_file(tmp_path: Path) -> None:
    header, good, bad = frame({"note": "two\nlines"}, {"basis": "x"}).to_csv(index=False).split("A")[:3]
    fault = only(csv(tmp_path, f"{header}A{good}\n\nA{bad}"))
    assert fault.place == "row 6 (A2), column basis"  # lines 2 and 3, two empty ones and an end of line


def test_a_row_of_another_length_is_a_fault(tmp_path: Path) -> None:
    header = ",".join(REQUIRED) + ",value_low,period_start\n"
    row = "A1,russia,killed,2023-11-15,General Staff,media,cumulative,300,000,2022-02-24\n"
    fault = only(csv(tmp_path, header + row))
    assert (fault.place, fault.value) == ("row 2 (A1)", "10 cells")
    assert "quotation marks" in fault.cure


# --- Faults of columns.


@pytest.mark.parametrize("column", REQUIRED)
def test_a_needed_column_is_missed(column: str) -> None:
    assert f"the header, column {column}" in [fault.place for fault in faults(frame({}).drop(columns=column))]


def test_a_misspelt_column_is_one_fault_and_its_cells_are_read() -> None:
    table = frame({"as_of_date": "x"}).rename(columns={"as_of_date": "as_of", "period_start": "Period_Start"})
    a, b, cell = faults(table)
    assert {a.suggestion, b.suggestion} == {"as_of_date", "period_start"}
    assert cell.place == "row 2 (A1), column as_of_date"


def test_columns_of_ones_own_are_left_alone() -> None:
    table = frame({}).assign(region="x", sources="more than one", country="x", date="x")
    assert claims_table.reading(table).unused == ("region", "sources", "country", "date")


@pytest.mark.parametrize(("short", "meant"), table.SHORT.items())
def test_a_column_by_a_shorter_name_is_a_fault(short: str, meant: str) -> None:
    assert [fault.suggestion for fault in faults(frame({}).rename(columns={meant: short}))] == [meant]


def test_a_column_stands_once() -> None:
    table = pd.concat([frame({}), frame({})[["side"]]], axis=1)
    assert only(table).value == "2 times"


def test_a_table_needs_a_column_of_numbers() -> None:
    fault = only(frame({}).drop(columns=["value_low", "value_central", "value_high"]))
    assert fault.value == "no column of numbers"


# --- Faults of files.


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "found nothing; allowed: a table of claims"),
        (",".join(COLUMNS) + "\n", "a header and no row"),
        ("<!DOCTYPE html>\n<p>Not found</p>\n", "no column that is known"),
        (";".join(COLUMNS) + "\nA1;russia\n", "found 2 cells"),
        ("\t".join(COLUMNS) + "\n", "a header and no row"),
        (",".join(COLUMNS) + '\nA1,"russia\n', "Close the quotation marks"),
        (b"claim_id,side\nA1,\xff\n", "row 2: found the byte 0xff, which is not UTF-8"),
        ("claim_id,side".encode("utf-16"), "not UTF-8"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_table(tmp_path: Path, text: str | bytes, part: str) -> None:
    file = csv(tmp_path, text)
    assert part in str(only(file))


def test_a_file_of_another_kind(tmp_path: Path) -> None:
    fault = only(csv(tmp_path, "x", "claims.docx"))
    assert (fault.value, "CSV" in fault.cure) == ('the ending ".docx"', True)
    assert fault.allowed.startswith(
        "a .csv, .tsv, .json, .jsonl, .ndjson, .parquet, .xlsx, .xls or .ods file, or a shipped"
    )


def test_a_file_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    csv(tmp_path, "x", "my_claims.csv")
    assert only(tmp_path / "my_clams.csv").suggestion == "my_claims.csv"
    assert "my_claims.csv" in only(tmp_path).cure
    assert only(tmp_path / "nowhere" / "zzz.csv").suggestion is None
    monkeypatch.chdir(tmp_path)
    assert only("russia-ukraine").suggestion == "russia_ukraine"


def test_what_is_no_table_at_all() -> None:
    assert only([GOOD]).value == "a list"  # type: ignore[arg-type]


def test_parquet_without_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = csv(tmp_path, "x", "claims.parquet")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert only(file).cure == "pip install 'holdfast-armies[evidence]'"


def test_a_parquet_file_that_is_none(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    assert only(csv(tmp_path, "x" * 100, "claims.parquet")).value == "no Parquet table"


# --- Sentences.

LAST = dt.date(2023, 11, 15)


@pytest.mark.parametrize(
    ("said", "quantity", "counts", "values"),
    [
        ("300000 killed russia 2023-11-15", "killed", "killed", (None, 300e3, None)),
        ("2023-11-15: russia, 300,000 dead", "killed", "killed", (None, 300e3, None)),
        ("By 15 November 2023 0.3m Russian soldiers had died.", "killed", "killed", (None, 300e3, None)),
        ("300k russians killed Nov 15, 2023", "killed", "killed", (None, 300e3, None)),
        ("Russia has lost >300,000 killed and wounded, 15.11.2023", "casualties", "killed_wounded", (300e3, None, None)),
        ("at least 1.2m dead or wounded russia 15th of Nov 2023", "casualties", "killed_wounded", (1.2e6, None, None)),
        ("half a million casualties russia 15/11/2023", "casualties", "killed_wounded", (None, 500e3, None)),
        ("100000-200000 killed russia 2023-11-15", "killed", "killed", (100e3, None, 200e3)),
        ("100–200k killed russia 2023-11-15", "killed", "killed", (100e3, None, 200e3)),
        ("between 100,000 and 120 000 russians killed in Ukraine 2023-11-15", "killed", "killed", (100e3, None, 120e3)),
        ("more than 100k and less than 120k killed russia 2023-11-15", "killed", "killed", (100e3, None, 120e3)),
        ("up to 90 thousand irrecoverable russia 2023-11-15", "casualties", "irrecoverable", (None, None, 90e3)),
        ("90k irrecoverable incl. deserters russia 2023-11-15", "casualties", "irrecoverable_deserted", (None, 90e3, None)),
        ("nearly 20,000 deserters russia 2023-11-15", "deserted", "deserted", (None, 20e3, None)),
        ("20,000+ desertion cases russia 2023-11-15", "deserted", "cases", (20e3, None, None)),
        ("5000 or fewer wounded russia 2023-11-15", "wounded", "wounded", (None, None, 5e3)),
        ("about 5000 prisoners of war russia 2023-11-15", "captured", "captured", (None, 5e3, None)),
        ("5000 prisoners held russia 2023-11-15", "captured", "captured_held", (None, 5e3, None)),
        ("5000 missing russia 2023-11-15", "missing", "missing", (None, 5e3, None)),
        ("5000 missing or captured russia 2023-11-15", "missing", "missing_captured", (None, 5e3, None)),
        ("5000 killed or missing russia 2023-11-15", "killed", "killed_and_missing", (None, 5e3, None)),
        ("5000 killed, wounded, missing and captured russia 2023-11-15", "casualties", "casualties", (None, 5e3, None)),
        ("5000 confirmed dead russia 2023-11-15", "killed", "named", (None, 5e3, None)),
        ("5000 liquidated russia 2023-11-15", "casualties", "eliminated", (None, 5e3, None)),
        ("5000 severely wounded russia 2023-11-15", "wounded", "wounded_severe", (None, 5e3, None)),
        ("486,000 signed up russia 2023-11-15", "recruited", "recruited", (None, 486e3, None)),
        ("617000 Russian troops in Ukraine on 2023-11-15", "strength", "strength", (None, 617e3, None)),
        ("strength russia 617k 2023-11-15", "strength", "strength", (None, 617e3, None)),
    ],
)  # fmt: skip
def test_a_sentence(said: str, quantity: str, counts: str, values: tuple[float | None, ...]) -> None:
    claim = sentence.parse(said, SIDES, START)
    assert (claim.side, claim.quantity, claim.counts, claim.as_of_date) == ("russia", quantity, counts, LAST)
    assert (claim.value_low, claim.value_central, claim.value_high) == values
    assert claim.covers == "all"
    assert claim.note == said


@pytest.mark.parametrize(
    ("when", "basis", "first", "last"),
    [
        ("2024-12-31", "cumulative", "2022-02-24", "2024-12-31"),
        ("November 2023", "cumulative", "2022-02-24", "2023-11-30"),
        ("by Feb 2024", "cumulative", "2022-02-24", "2024-02-29"),
        ("end 2024", "cumulative", "2022-02-24", "2024-12-31"),
        ("by the end of May 2024", "cumulative", "2022-02-24", "2024-05-31"),
        ("so far, 2024-05-31", "cumulative", "2022-02-24", "2024-05-31"),
        ("since the start of the war, 2024-05-31", "cumulative", "2022-02-24", "2024-05-31"),
        ("since 2022-02-24 until 2024-05-31", "cumulative", "2022-02-24", "2024-05-31"),
        ("in 2024", "per period", "2024-01-01", "2024-12-31"),
        ("in 2022", "per period", "2022-02-24", "2022-12-31"),
        ("in November 2023", "per period", "2023-11-01", "2023-11-30"),
        ("in 2023-2024", "per period", "2023-01-01", "2024-12-31"),
        ("since 2024-01-01 by 2024-09-30", "per period", "2024-01-01", "2024-09-30"),
        ("since March 2024, as of 2024-09-30", "per period", "2024-03-01", "2024-09-30"),
        ("2024-01-01..2024-12-31", "per period", "2024-01-01", "2024-12-31"),
        ("from 1 May 2024 to June 2024", "per period", "2024-05-01", "2024-06-30"),
        ("per month in 2024", "per month", "2024-01-01", "2024-12-31"),
        ("a month, November 2023", "per month", "2023-11-01", "2023-11-30"),
        ("monthly 2023-11-15", "per month", "2023-10-16", "2023-11-15"),
        ("per week 2023-11-15", "per week", "2023-11-09", "2023-11-15"),
        ("daily 2023-11-15", "per day", "2023-11-15", "2023-11-15"),
    ],
)  # fmt: skip
def test_the_time_of_a_sentence(when: str, basis: str, first: str, last: str) -> None:
    claim = sentence.parse(f"1000 killed russia {when}", SIDES, START)
    assert (claim.basis, str(claim.period_start), str(claim.as_of_date)) == (basis, first, last)
    assert claim.value_central == 1000


@pytest.mark.parametrize(
    "order", ["300k killed {} 2023-11-15", "{}, 2023-11-15: killed 300k", "killed {} 300k 2023-11-15"]
)
@pytest.mark.parametrize(
    ("word", "side"),
    [("Union", "union"), ("unionists", "union"), ("Confederate", "confederacy"), ("north korean", "north_korea")],
)  # fmt: skip
def test_sides_by_name_and_adjective_in_any_order(order: str, word: str, side: str) -> None:
    sides = ("union", "confederacy", "north_korea")
    if word == "north korean":
        word = "North Korea's"
    assert sentence.parse(order.format(word), sides, dt.date(1861, 4, 12)).side == side


def test_what_is_given_by_name_goes_first() -> None:
    said = "300000 killed russia 2023-11-15"
    claim = sentence.parse(
        said, SIDES, START, side="Ukrainian", quantity="dead or wounded", value="over 5k", date="end 2023",
        since="2023-01-01", basis="per period", counts="casualties", covers="part", claimant_type="media",
    )  # fmt: skip
    assert (claim.side, claim.quantity, claim.value_low, claim.value_central) == ("ukraine", "casualties", 5000, None)
    assert (str(claim.period_start), str(claim.as_of_date)) == ("2023-01-01", "2023-12-31")
    assert (claim.basis, claim.counts, claim.covers) == ("per period", "casualties", "part")
    bare = sentence.parse("", SIDES, START, side="russia", quantity="killed", value=3e5, date=LAST)
    assert dataclasses.replace(bare, note=said) == sentence.parse(said, SIDES, START)


@pytest.mark.parametrize("name", ["side", "quantity", "value", "date", "since", "basis", "counts", "covers"])
def test_what_is_given_by_name_is_checked(name: str) -> None:
    with pytest.raises(ClaimsError) as caught:
        sentence.parse("300000 killed russia 2023-11-15", SIDES, START, **{name: "zzz"})
    assert [fault.place for fault in caught.value.faults] == [name]


@pytest.mark.parametrize(
    ("said", "parts"),
    [
        ("300000 kiled russia 2023-11-15", ["Did you mean killed?"]),
        ("300000 killed rusia 2023-11-15", ["Did you mean russia?"]),
        ("300000 killed russia 15 Novembre 2023", ["Did you mean November?"]),
        ("not 300000 killed russia 2023-11-15", ['found "not"']),
        ("killed russia 2023-11-15", ["a number as 300000"]),
        ("300000 russia 2023-11-15", ["what is counted: killed"]),
        ("russia lost 300000 2023-11-15", ["Say lost how"]),
        ("300000 killed 2023-11-15", ["a side: russia, ukraine"]),
        ("300000 killed russia", ["Say until when"]),
        ("300000 killed russia 2023", ['"end 2023" for all until then, or "in 2023"']),
        ("2000 killed russia 2023", ['"end 2023" for all until then, or "in 2023"']),
        ("300000 killed russia 2023-02-30", ["no such day"]),
        ("300000 killed russia 11/12/2023", ["2023-12-11 or 2023-11-12"]),
        ("300.000 killed russia 2023-11-15", ["Write 300000 for thousands"]),
        ("300,00 killed russia 2023-11-15", ['found "300,00"']),
        ("-300000 killed russia 2023-11-15", ['found "-300000"']),
        ("50% dead russia 2023-11-15", ['found "50%"']),
        ("300000 400000 killed russia 2023-11-15", ["one number, or a range"]),
        ("5e12 killed russia 2023-11-15", ["5e12"]),
        ("5000 billion killed russia 2023-11-15", ["0 to 1000000000 men"]),
        ("200000-100000 killed russia 2023-11-15", ["lower number first"]),
        ("300000 killed russia and ukraine 2023-11-15", ["one side"]),
        ("300000 killed russia 2023-11-15 2024-11-15", ["one date"]),
        ("300000 killed and deserted russia 2023-11-15", ["one quantity"]),
        ("300000 killed and captured russia 2023-11-15", ["what is counted together"]),
        ("300000 killed russia 2021-11-15", ["the war, which began on 2022-02-24"]),
        ("300000 killed russia since 2014 by 2023-11-15", ["the war, which began on 2022-02-24"]),
        ("300000 killed russia since 2024-01-01 by 2023-11-15", ["not before the first, 2024-01-01"]),
        ("300000 strength a month russia 2023-11-15", ["Leave the period out"]),
        ("300000 killed a month russia daily 2023-11-15", ["one rate"]),
        ("", ["a side", "what is counted", "a number as", "Say until when"]),
        ("lots perisht", ['found "lots"', "perished", "a side:", "a number as", "Say until when"]),
    ],
)  # fmt: skip
def test_a_sentence_that_is_not_understood(said: str, parts: list[str]) -> None:
    with pytest.raises(ClaimsError, match="^The claim has ") as caught:
        sentence.parse(said, SIDES, START)
    assert len(caught.value.faults) == len(parts), caught.value
    for part in parts:
        assert part in str(caught.value)


PIECES = st.sampled_from([*"0123456789.,-/k%+", " ", " killed ", "russia ", " in ", " 2023", "-11-15", " may ", "and "])


@given(pieces=st.lists(PIECES, max_size=12))
@settings(max_examples=300)
def test_any_sentence_gives_a_claim_or_faults(pieces: list[str]) -> None:
    with contextlib.suppress(ClaimsError):
        claim = sentence.parse("".join(pieces) + " 300k killed russia 2023-11-15", SIDES, START)
        assert claim.quantity == "killed"
        assert claim.period_start <= claim.as_of_date


@given(value=st.integers(1, 10**9))
def test_a_number_however_it_is_written(value: int) -> None:
    grouped = f"{value:,}"
    units = f"{value / 1000:.3f}k", f"{value / 1e6:.6f} million"
    for text in (str(value), grouped, grouped.replace(",", " "), *units):
        assert values.number(text) == value, text


@given(day=st.dates(dt.date(1400, 1, 1), dt.date(2099, 12, 31)))
def test_a_day_however_it_is_written(day: dt.date) -> None:
    for form in ("%Y-%m-%d", "%d %B %Y", "%B %d, %Y", "%b %d %Y", "%d.%m.%Y"):
        assert values.window(day.strftime(form)) == (day, day), form


# --- The page.

PAGE = (Path(__file__).parent.parent / "docs" / "claims.md").read_text(encoding="utf8")


def test_the_page_has_every_column_and_every_word() -> None:
    table = re.findall(r"^\| `(\w+)` \|", PAGE, re.M)
    assert [name for name in table if name in COLUMNS] == list(COLUMNS)
    for word in (*QUANTITIES, *CARRIED, *CLAIMANT_TYPES, *BASES, *COUNTS, *COVERS):
        assert f"`{word}`" in PAGE, word


def test_the_example_of_the_page_is_sound(tmp_path: Path) -> None:
    (example,) = re.findall(r"^```csv\n(.*?)^```", PAGE, re.S | re.M)
    first, second, third = table.read(csv(tmp_path, example))
    assert (first.limit, second.value, third.basis) == ("at least", 11000, "stock")
    assert second.counts == "killed_wounded"


def test_the_faults_of_the_page_read_so(tmp_path: Path) -> None:
    (shown,) = re.findall(r"^```text\n(mine\.csv has .*?)^```", PAGE, re.S | re.M)
    table = frame({"claim_id": "A1", "value_central": "300,000"}, {"claim_id": "A2", "claimant_type": "oposing side"})
    table.to_csv(tmp_path / "mine.csv", index=False)
    with pytest.raises(ClaimsError) as caught:
        claims_table.read(tmp_path / "mine.csv")
    assert " ".join(shown.split()) == " ".join(str(caught.value).split())


@pytest.mark.parametrize("said", re.findall(r'^holdfast claims judge "(.*?)"', PAGE, re.M))
def test_the_sentences_of_the_page_are_understood(said: str) -> None:
    assert sentence.parse(said, SIDES, START).side in SIDES


# --- The command.


def test_the_command_tells_what_a_table_holds(capsys: pytest.CaptureFixture[str]) -> None:
    assert losses.check("russia_ukraine", json=False) == 0
    out = capsys.readouterr().out
    assert out.startswith("russia_ukraine: sound. 427 claims from 2022-02-18 to 2026-12-31.")
    assert losses.check("russia_ukraine", json=True) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["ok"], said["claims"], said["faults"]) == (True, 427, [])
    assert sum(row["claims"] for row in said["rows"]) == 427


def test_the_command_tells_every_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "claims.csv"
    frame({"basis": "cumulativ"}, {"value_central": "300,000"}).to_csv(file, index=False)
    assert losses.check(str(file), json=False) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("claims.csv has 2 faults:\n  row 2 (A1), column basis: found")
    assert losses.check(str(file), json=True) == 2
    said = json.loads(capsys.readouterr().out)
    assert (said["ok"], said["claims"], len(said["faults"])) == (False, 0, 2)
    assert said["faults"][1]["cure"] == "Write 300000"


def test_years_far_from_the_others_are_faults() -> None:
    rows = [{"as_of_date": f"2023-{month:02}-01", "published_date": "2150-01-01"} for month in range(3, 8)]
    fault = only(frame(*rows, {"as_of_date": "2301-05-31"}))
    assert (fault.place, fault.suggestion) == ("row 7 (A6), column as_of_date", "2023-05-31")
    fault = only(frame(*rows, {"as_of_date": "2023-05-31", "period_start": "0022-02-24"}))
    assert (fault.place, fault.suggestion) == ("row 7 (A6), column period_start", "2022-02-24")
    war = [{"as_of_date": f"{year}-10-24", "period_start": "1618-05-23"} for year in (1620, 1632, 1648)]
    assert len(table.read(frame(*war))) == 3


def test_what_was_done_and_what_is_odd_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "claims.csv"
    rows = frame(
        *({"value_central": value, "as_of_date": f"2023-0{n}-01"} for n, value in enumerate(("5000", "4000", "0"), 3))
    )
    file.write_text("Losses of the war\n" + rows.to_csv(index=False, sep=";"))
    assert losses.check(str(file), json=True) == 0
    notes = json.loads(capsys.readouterr().out)["notes"]
    assert notes[:2] == ["columns parted by semicolons", "header found in row 2; 1 row above it left out"]
    assert notes[2].startswith("the value is 0 in A3")
    assert "falls from 5,000 (A1, 2023-03-01) to 4,000 (A2, 2023-04-01)" in notes[3]
    assert losses.check(str(file), json=False) == 0
    assert "Columns parted by semicolons." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("quantity", "definition", "meant", "doubt"),
    [
        ("missing", "missing civilians and soldiers", ("missing", "wider"), ""),
        ("recruited", "prisoners sent to the war", ("recruited", "part"), ""),
        ("recruited", "contracts, bonus payments", ("recruited", "all"), "\u201ccontract\u201d: one kind of recruits is a part"),
        ("killed", "killed and missing", ("killed_and_missing", "all"), ""),
        ("killed", "soldiers killed", ("killed", "all"), ""),
        ("killed", "killed and wounded", ("killed", "all"), "it speaks of wounded too"),
        ("killed", "men of the 3rd brigade killed", ("killed", "part"), ""),
        ("killed", "killed in bakhmut", ("killed", "all"), "\u201cin bakhmut\u201d"),
        ("killed", "\u0437\u0430\u0433\u0438\u043d\u0443\u043b\u043e", ("killed", "all"), "no word of the definition says killed"),
        ("missing", "the register", ("missing", "all"), "a register may hold civilians too"),
    ],
)  # fmt: skip
def test_words_propose_what_a_claim_counts(quantity: str, definition: str, meant: tuple[str, str], doubt: str) -> None:
    row = {"quantity": quantity, "definition": definition, "basis": "cumulative"}
    said = claims_table.suggestion(row)
    assert (said.counts, said.covers) == meant == claims_table.counted(row)
    assert (doubt in "; ".join(said.doubts)) if doubt else not said.doubts


def test_a_table_with_suggestions_is_read_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frame({"definition": "soldiers killed", "covers": "part"}, {"definition": "", "claim_id": "B"}).assign(
        own="x"
    ).to_csv(tmp_path / "mine.csv", index=False)
    out = tmp_path / "out.csv"
    assert losses.check(str(tmp_path / "mine.csv"), suggest=[out], json=True) == 0
    assert json.loads(capsys.readouterr().out)["suggested"] == {"file": str(out), "unsure": 1}
    read = table.reading(out)
    assert read.unused == ("own",)
    assert [(claim.counts, claim.covers) for claim in read.claims] == [("killed", "part"), ("killed", "all")]
    assert "covers as given" in out.read_text()
    with pytest.raises(FaultyError, match="exists already"):
        losses.check(str(tmp_path / "mine.csv"), suggest=[out])


def test_a_range_from_0_is_an_upper_limit() -> None:
    claim, none = table.read(frame(
        {"value_low": "0", "value_central": "", "value_high": "500"}, {"value_low": "0", "value_central": "", "claim_id": "B"}
    ))  # fmt: skip
    assert (claim.value, claim.limit) == (500, "up to")
    assert (none.value, none.limit) == (0, "at least")


def test_columns_of_ones_own_are_told_as_unused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "claims.csv"
    frame({}).assign(**{"[bold]region": "x"}).to_csv(file, index=False)
    assert losses.check(str(file), json=False) == 0
    assert "nothing is read from: [bold]region." in capsys.readouterr().out


def test_a_rate_with_a_decimal_comma_is_a_fault(tmp_path: Path) -> None:
    table = frame({"basis": "per day", "value_central": "1,5", "period_start": "2030-09-01"})
    found = faults(csv(tmp_path, table.to_csv(index=False)))
    assert [fault.value for fault in found if fault.place.endswith("value_central")] == ['"1,5"']


def test_a_definition_that_a_word_may_turn_is_unsure() -> None:
    row = {"quantity": "killed", "definition": "dead and not missing", "basis": "cumulative"}
    assert any("not" in doubt for doubt in claims_table.suggestion(row).doubts)


def test_a_total_and_a_footnote_are_one_fault_each(tmp_path: Path) -> None:
    table = frame({}).to_csv(index=False)
    width = table.splitlines()[0].count(",")
    found = faults(csv(tmp_path, table + "Total" + "," * width + "\n* without militia" + "," * width + "\n"))
    assert [fault.cure for fault in found] == [
        "Remove the row if it is a total or a footnote; else fill these cells"
    ] * 2
