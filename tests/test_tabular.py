"""The one reader of tables: where they come from, their header, their cells, their rows; every fault at once."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.coded_armies import reader
from holdfast.coded_armies.army import CODES
from holdfast.core.faults import ClaimsError, DataError, Fault, FaultyError
from holdfast.evidence.claims import table
from holdfast.tabular import cells, source
from holdfast.tabular.cells import Wrong
from holdfast.tabular.source import Columns, Format, Grid
from workbook import spreadsheet

FORMAT = Format(ClaimsError, "a table of armies", "a .csv file", ("id", "men", "day"))
COLUMNS = Columns(
    ("id", "men", "day", "end_day", "note"), ("id", "men"), aliases={"strength": "men"}, slips={"date": "day"},
    passed_over=("colour",), unguessed=("note",),
)  # fmt: skip


def fault_of(function: Any, *given: Any) -> Fault:
    """The one fault of a table that must be refused."""
    with pytest.raises(FaultyError) as caught:
        function(*given)
    (fault,) = caught.value.faults
    return fault


def parsed(text: str, form: Format = FORMAT) -> Grid:
    """The grid of a text."""
    return source.parse(text, "mine.csv", form)


# --- where tables come from ---------------------------------------------------------------------------------------


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=("C",))), min_size=2, max_size=4), min_size=1))
def test_what_a_writer_writes_is_read_to_the_letter(table: list[list[str]]) -> None:
    import csv
    import io

    text = io.StringIO()
    csv.writer(text).writerows(table)
    result = [list(cells) for _, cells in source.numbered(text.getvalue())]
    assert result == [row for row in table if any(cell.strip() for cell in row)]


def test_rows_bear_the_line_on_which_they_begin() -> None:
    grid = parsed('id,men\n\n"A\n1",3\n , \nB,4\n')
    assert grid == Grid("mine.csv", ("id", "men"), ((3, ("A\n1", "3")), (6, ("B", "4"))))


@pytest.mark.parametrize(
    ("text", "place", "result"),
    [
        ("", "the file", "nothing"), (" , \n\n", "the file", "nothing"),
        ('id,men\nA,1\n"B,2\n', "row 3", "unexpected end of data"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_with_its_cure(text: str, place: str, result: str) -> None:
    fault = fault_of(parsed, text)
    assert (fault.place, fault.value) == (place, result)


BODY = "id,men,day\nA,1,2023-11-05\n"


@pytest.mark.parametrize(
    ("text", "notes", "line"),
    [
        (BODY, (), 2),
        (BODY.replace(",", ";"), ("columns parted by semicolons",), 2),
        (BODY.replace(",", "\t"), ("columns parted by tabs",), 2),
        (f"sep=,\r\n{BODY}", ("the line sep=, left out",), 3),
        ("sep=;\n" + BODY.replace(",", ";"), ("the line sep=; left out", "columns parted by semicolons"), 3),
        (f"Losses, dead and wounded\n\n,Men,\n{BODY}", ("header found in row 4; 2 rows above it left out",), 5),
        ("Dead, wounded;;\n" + BODY.replace(",", ";"),
         ("columns parted by semicolons", "header found in row 2; 1 row above it left out"), 3),
        (f"{BODY}id,men,day\n", ("the header stands again in row 3; left out",), 2),
    ],
)  # fmt: skip
def test_tables_of_the_trade_are_read_and_it_is_said_how(text: str, notes: tuple[str, ...], line: int) -> None:
    result = source.matched(parsed(text), COLUMNS, FORMAT)
    assert (result.grid.header, result.grid.rows) == (("id", "men", "day"), ((line, ("A", "1", "2023-11-05")),))
    assert (result.notes, result.faults) == (notes, [])


@pytest.mark.parametrize(
    ("name", "text", "numbers"),
    [
        ("a.json", '[{"id": "A", "men": 3}, {"id": "B", "day": null}]', (1, 2)),
        ("a.jsonl", '{"id": "A", "men": 3}\n\n{"id": "B", "day": null}\n', (1, 3)),
        ("a.json", '{"id": "A", "men": 3}\n{"id": "B", "day": null}\n', (1, 2)),
    ],
)
def test_records_in_json_are_a_table(tmp_path: Path, name: str, text: str, numbers: tuple[int, ...]) -> None:
    (tmp_path / name).write_text(text)
    result = source.grid(tmp_path / name, FORMAT)
    assert result == Grid(name, ("id", "men", "day"), tuple(zip(numbers, (("A", "3", ""), ("B", "", "")))))


@pytest.mark.parametrize(
    ("text", "place", "value"),
    [
        ("[1, 2]", "the file", "no records"), ("[]", "the file", "no records"), ("3", "the file", "no records"),
        ('{"claims": [{"id": "A"}]}', "the file", "a record within another, in row 1"),
        ('{"id": {"0": "A"}}', "the file", "a record within another, in row 1"),
        ('{"id": "A"}\n{"id"\n', "row 2", "no JSON"), ("", "the file", "no records"),
    ],
)  # fmt: skip
def test_json_that_is_no_table_is_one_fault(tmp_path: Path, text: str, place: str, value: str) -> None:
    (tmp_path / "a.jsonl").write_text(text)
    fault = fault_of(source.grid, tmp_path / "a.jsonl", FORMAT)
    assert (fault.place, fault.value) == (place, value)


def test_encodings(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes("\ufeffid,men\né,1\n".encode())
    assert source.grid(file, FORMAT).rows == ((2, ("é", "1")),)
    file.write_bytes("id,men\né,1\n".encode("cp1252"))
    fault = fault_of(source.grid, file, FORMAT)
    assert (fault.place, fault.value) == ("row 2", "the byte 0xe9, which is not UTF-8")


def test_files_that_are_not_there(tmp_path: Path) -> None:
    (tmp_path / "armies.csv").write_text("id\n1\n")
    (tmp_path / "armies.doc").write_text("")
    missing = fault_of(source.grid, tmp_path / "armys.csv", FORMAT)
    assert (missing.suggestion, missing.cure, missing.allowed) == ("armies.csv", "Correct the path", "a .csv file")
    assert fault_of(source.grid, tmp_path, FORMAT).cure == "Name a file in it: armies.csv"
    assert fault_of(source.grid, tmp_path / "armies.doc", FORMAT).value == 'the ending ".doc"'
    lenient = Format(ClaimsError, "a table", "a file", ("id",), others_as_csv=True)
    assert fault_of(source.grid, tmp_path / "armies.doc", lenient).value == "nothing"
    shipped = Format(ClaimsError, "a table", "a file", ("id",), shipped={"own": tmp_path / "armies.csv"})
    assert source.grid("own", shipped).name == "armies.csv"
    assert fault_of(source.grid, "owm", shipped).suggestion == "own"


def test_a_frame_is_the_file_that_it_would_make(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        {"men": [3.0, math.nan, None], "day": [pandas.Timestamp("2023-11-05"), pandas.NaT, dt.date(2023, 1, 2)],
         "flag": [True, None, pandas.NA]},
        index=pandas.Index(["a", "b", ""], name="id"),
    )  # fmt: skip
    grid = source.grid(frame, FORMAT)
    assert grid.header == ("id", "men", "day", "flag")
    assert grid.rows == (
        (2, ("a", "3.0", "2023-11-05", "True")), (3, ("b", "", "", "")), (4, ("", "", "2023-01-02", ""))
    )  # fmt: skip
    assert fault_of(source.grid, [1], FORMAT).value == "a list"
    pytest.importorskip("pyarrow")
    frame[["men"]].to_parquet(tmp_path / "a.parquet")
    assert source.grid(tmp_path / "a.parquet", FORMAT).rows == ((2, ("a", "3.0")), (3, ("b", "")))
    (tmp_path / "b.parquet").write_bytes(b"none")
    assert fault_of(source.grid, tmp_path / "b.parquet", FORMAT).value == "no Parquet table"


def test_a_spreadsheet_keeps_its_row_numbers_and_whole_numbers(tmp_path: Path) -> None:
    pytest.importorskip("python_calamine")
    file = spreadsheet(tmp_path / "a.xlsx", {2: ("id", "men"), 4: ("A1", 300000)})
    assert source.grid(file, FORMAT) == Grid("a.xlsx", ("id", "men"), ((4, ("A1", "300000")),))
    file.write_bytes(b"none")
    assert fault_of(source.grid, file, FORMAT).value == "no spreadsheet"


def test_a_sheet_behind_a_cover_is_found(tmp_path: Path) -> None:
    calamine = pytest.importorskip("python_calamine")
    sheets = {
        "About": [["Losses"], ["by me"]],
        "Data": [["Title", "", ""], ["id", "men", "day"], ["A", 3.0, dt.date(2023, 11, 5)]],
    }

    class Book:
        sheet_names = list(sheets)

        @staticmethod
        def from_path(file: Path) -> Book:
            return Book()

        def get_sheet_by_name(self, name: str) -> Any:
            return type("Sheet", (), {"to_python": lambda self, skip_empty_area: sheets[name]})()

    (tmp_path / "a.ods").touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calamine, "CalamineWorkbook", Book)
        result = source.matched(source.grid(tmp_path / "a.ods", FORMAT), COLUMNS, FORMAT)
    assert result.grid.rows == ((3, ("A", "3", "2023-11-05")),)
    assert result.notes == (
        'of 2 sheets "Data" was read, "About" not',
        "header found in row 2; 1 row above it left out",
    )


def test_claims_and_coded_armies_are_read_from_a_spreadsheet(tmp_path: Path) -> None:
    pytest.importorskip("python_calamine")
    claims = {
        "claim_id": "A1", "side": "russia", "quantity": "killed", "value_low": 9000, "as_of_date": "2023-11-15",
        "claimant": "The Times", "claimant_type": "media", "basis": "cumulative", "period_start": "2022-02-24",
    }  # fmt: skip
    file = spreadsheet(tmp_path / "claims.xlsx", {1: tuple(claims), 2: tuple(claims.values())})
    (claim,) = table.read(file)
    assert (claim.value_low, claim.limit, claim.as_of_date) == (9000, "at least", dt.date(2023, 11, 15))
    codes = {"case_id": "A", **dict.fromkeys(CODES, 2), "collapse": 1}
    file = spreadsheet(tmp_path / "armies.xlsx", {1: tuple(codes), 2: tuple(codes.values())})
    (army,) = reader.read(file)
    assert (set(army.codes.values()), army.collapse) == ({2}, True)
    assert "no spreadsheet" in str(
        fault_of(reader.read, spreadsheet(tmp_path / "a.csv", {}).rename(tmp_path / "a.ods"))
    )


def test_a_library_that_is_not_installed_is_told_with_its_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, library, extra in (("a.xlsx", "python_calamine", "spreadsheets"), ("a.parquet", "pyarrow", "evidence")):
        (tmp_path / name).touch()
        monkeypatch.setitem(__import__("sys").modules, library, None)
        assert f"holdfast-armies[{extra}]" in fault_of(source.grid, tmp_path / name, FORMAT).cure


def test_records_of_a_trusted_table() -> None:
    assert source.records("a, b\n1,2\n\n3\n") == [(2, {"a": "1", "b": "2"}), (4, {"a": "3", "b": ""})]
    assert source.records("") == []


# --- the header ---------------------------------------------------------------------------------------------------


def test_columns_are_found_under_other_names_and_slips_are_faults() -> None:
    result = source.matched(parsed("id,strength,date,end_dya,notes,colour,mine\n"), COLUMNS, FORMAT)
    assert result.grid.header == ("id", "men", "day", "end_day", "notes", "colour", "mine")
    assert [fault.suggestion for fault in result.faults] == ["day", "end_day"]
    assert result.unused == ("notes", "mine")


def test_missing_and_repeated_columns() -> None:
    result = source.matched(parsed("id,id,note\n"), COLUMNS, FORMAT)
    assert [(fault.place, fault.value) for fault in result.faults] == [
        ("the header, column id", "2 times"), ("the header, column men", "nothing"),
    ]  # fmt: skip
    both = source.matched(parsed("id,men,strength\n"), COLUMNS, FORMAT)
    assert (both.faults, both.unused) == ([], ("strength",))
    twice = source.matched(parsed("id,strength,strength\n"), COLUMNS, FORMAT)
    assert twice.faults[0].value == "2 times"


def test_a_table_of_something_else_is_one_fault() -> None:
    fault = fault_of(source.matched, parsed("x,y,z\n1,2,3\n"), COLUMNS, FORMAT)
    assert fault.value == 'no column that is known ("x, y, z")'
    assert fault.cure == "Write a first row with the columns id, men, day"


# --- cells --------------------------------------------------------------------------------------------------------

NUMBER = "a number"


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("na", cells.EMPTY), ("-inf", "Write a finite number, or leave the cell empty"), ("1e400", "Correct the digits"),
        ("-3", "Write the number without a minus"), ("2e9", "Correct the digits"), ("300,000", "Write 300000"),
        ("1'234.5", "Write 1234.5"), ("12,5", "Write 12.5"), ("12.5 %", "Write 0.125"),
        ("many", "Write digits only, with a point for decimals: 300000"),
    ],
)  # fmt: skip
def test_what_is_no_number_and_what_to_write(text: str, cure: str) -> None:
    assert cells.number(text, NUMBER) == Wrong(NUMBER, cure)


@given(st.floats(0, 1e9))
def test_numbers_are_read_as_they_were_written(value: float) -> None:
    assert cells.number(repr(value), NUMBER) == value


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("12.500", "Men are whole, so the point parts thousands: write 12500"),
        ("4.000", "A point may part thousands or decimals: write 4000 or 4, whichever is meant"),
        ("1.250.000", "Write 1250000"), ("12.5", "Men are whole: write 12500 if thousands were parted there, else correct"),
        ("0.5", "Men are whole: correct the number"), ("333.33333", "Men are whole: write 333"), ("1,25,000", "Write 125000"),
        ("5,000\u20137,000[12]", "Leave out the mark [12]: write one number from 5000 to 7000, as 6000"),
        ("5-7 thousand", "Write one number from 5000 to 7000"), ("5.000-7.000", "Write one number from 5000 to 7000"),
        ("7000*", "Leave out the mark *: write 7000"), ("7000\u00b9\u00b2", "Leave out the mark \u00b9\u00b2: "),
        ("c. 9,500 (est.)", "Leave out the remark (est.), the word c.: write 9500"), ("7000 men", "Leave out the word men: write"),
        ("est. 300", "Leave out the word est.: write 300"), ("3,5 Mio.", "Write 3500000"),
        ("\uff17\uff10\uff10\uff10", "Write 7000"),
        ("5\u202f000", "Write 5000"), (">10 000", "Write 10000 if it is the best that is known"), ("12,000+", "Write 12000 if"),
        ("-9", "Leave the cell empty where it is not known; -9 stands for that"), ("\u221299", "Leave the cell empty"),
        ("-999.0", "Leave the cell empty"), (".", "Leave the cell empty"), ("#N/A", "Leave the cell empty"), ("*", "Leave the"),
        ("-5", "Write the number without a minus"), ("300_000", "Write digits only"), ("7,000-5,000", "Write digits only"),
    ],
)  # fmt: skip
def test_numbers_of_men_as_people_write_them(text: str, cure: str) -> None:
    result = cells.number(text, NUMBER, men=True)
    assert isinstance(result, Wrong)
    assert result.cure.startswith(cure)


def test_a_number_of_men_is_read_as_it_was_written() -> None:
    assert [cells.number(text, NUMBER, men=True) for text in ("12500", "4.0", "0", "300000.0", "135000.00000000003")] == [
        12500, 4, 0, 300000, 135000.00000000003,
    ]  # fmt: skip
    assert cells.number("0,125", NUMBER) == Wrong(NUMBER, "Write 0.125")


def test_shares_and_numbers_above_0() -> None:
    assert cells.share("0.4", NUMBER) == 0.4
    assert cells.share("40", NUMBER) == Wrong(NUMBER, "Write 0.4 for 40 %")
    assert cells.share("400", NUMBER) == Wrong(NUMBER, "Correct the digits")
    assert cells.share("400", NUMBER, most=10) == Wrong(NUMBER, "Write 4 for 400 %")
    assert cells.number("0", NUMBER, above="above 0") == Wrong("above 0", cells.EMPTY)
    assert cells.number("x", NUMBER, cures=cells.Cures(guess=lambda text: f"Not {text}")) == Wrong(NUMBER, "Not x")


def days(text: str, **options: Any) -> Any:
    """A day, or the cure."""
    result = cells.day(text, "a day", example="1917-03-15", **options)
    return result.cure if isinstance(result, Wrong) else result


@given(st.dates())
def test_days_are_read_as_they_were_written(day: dt.date) -> None:
    cure = "Correct the year: a day of the years 11 to 9000 is read"
    assert days(day.isoformat()) == days(day.isoformat(), part="last") == (day if 11 <= day.year <= 9000 else cure)


def test_days_of_a_month_or_a_year() -> None:
    assert days("1917-02", part="first") == dt.date(1917, 2, 1)
    assert days("1916-02", part="last") == dt.date(1916, 2, 29)
    assert days("1916", part="last") == dt.date(1916, 12, 31)
    assert days("1916") == "Write year, month and day: 1917-03-15"


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("2023-02-30", "There is no such day; correct it"), ("2023-11-05 00:00:00", "Write 2023-11-05"),
        ("45235", "A spreadsheet wrote its own count of days: write 2023-11-05"),
        ("?", "Write year, month and day: 1917-03-15"),
    ],
)  # fmt: skip
def test_what_is_no_day(text: str, cure: str) -> None:
    assert days(text) == cure


def test_days_that_mean_nothing_or_that_a_table_knows_better() -> None:
    assert days("?", nothing=cells.EMPTY) == cells.EMPTY
    assert days("soon", guess=lambda text: "Write tomorrow") == "Write tomorrow"


def test_codes_flags_words_and_ratios() -> None:
    assert [cells.code(text) for text in ("0", "1.0", "2")] == [0, 1, 2]
    assert [cells.code(text).cure for text in ("na", "high", "0.5", "3")] == [  # type: ignore[union-attr]
        cells.EMPTY, "Write 0 for absent, 1 for some, 2 for strong",
        "Write a whole number; there is nothing between the codes", "Write 0 where it is absent; 2 is the strongest",
    ]  # fmt: skip
    assert [cells.flag(text) for text in ("Yes", "0.0", "false")] == [True, False, False]
    assert isinstance(cells.flag("perhaps"), Wrong)
    assert cells.word("kiled", ["killed", "wounded"]).suggestion == "killed"  # type: ignore[union-attr]
    assert cells.word("killed", ["killed"]) == "killed"
    assert cells.ratio("~0.7:1 by Aug") == 0.7
    assert cells.ratio("2-3:1") == pytest.approx(math.sqrt(6))
    assert cells.ratio("0.8") == 0.8
    assert cells.ratio("parity unclear") is None
    assert isinstance(cells.ratio("0,8:1"), Wrong)
    assert isinstance(cells.ratio("0:1"), Wrong)


@given(st.text(max_size=12))
def test_every_cell_has_an_answer(text: str) -> None:
    text = text.strip()
    for read in (cells.code, cells.flag, cells.ratio, lambda cell: cells.number(cell, NUMBER), days):
        read(text)


# --- rows ---------------------------------------------------------------------------------------------------------


def test_rows_gather_values_and_faults() -> None:
    grid = parsed('id,men,note\nA, 3 ," a "\nB,x,\nA,,,\nC,1,2,3\n')
    every = cells.rows(grid, "id")
    for row in every:
        row.take("men", lambda text: cells.number(text, NUMBER))
    cells.distinct(every)
    first, second, third, fourth = every
    assert (first.values, first.cells["note"], first.text("note"), first.value("men")) == (
        {"men": 3.0},
        " a ",
        "a",
        3.0,
    )
    assert (second.value("men"), second.faults[0].place) == (None, "row 3 (B), column men")
    assert third.whole
    assert third.faults[0].allowed == "a name of its own; row 2 has it too"
    assert (fourth.whole, fourth.faults[0].value, fourth.faults[0].place) == (False, "4 cells", "row 5 (C)")
    with pytest.raises(ClaimsError) as caught:
        cells.refuse(ClaimsError, "mine.csv", [Fault("the header", "1", "2", "Do")], every)
    assert [fault.place for fault in caught.value.faults] == [
        "the header", "row 3 (B), column men", "row 4 (A), column id", "row 5 (C)",
    ]  # fmt: skip
    cells.refuse(ClaimsError, "mine.csv", [], every[:1])


def test_a_second_header_row_and_many_faults_alike_are_few_faults() -> None:
    def faults(text: str) -> list[Fault]:
        every = cells.rows(parsed(text), "id")
        for row in every:
            for column in ("men", "low", "high"):
                row.take(column, lambda cell: cells.number(cell, NUMBER))
        with pytest.raises(ClaimsError) as caught:
            cells.refuse(ClaimsError, "mine.csv", [], every)
        return list(caught.value.faults)

    (fault,) = faults("id,men,low,high\nname,number,number,number\nA,1,2,3\n")
    assert (fault.place, "second header" in fault.cure) == ("row 2", True)
    many = faults("id,men\n" + "".join(f'A{n},"{n},000"\n' for n in range(1, 100)) + "B,many\n")
    assert [fault.place for fault in many[:3]] == [f"row {n} (A{n - 1}), column men" for n in (2, 3, 4)]
    assert (many[3].place, len(many)) == ("96 more, from row 5 (A4) to row 100 (A99), column men", 5)
    assert many[4].value == '"many"'


def test_only_known_columns_are_taken() -> None:
    (row,) = cells.rows(parsed("id,mine\nA,1\n"), "id", {"id"})
    assert row.cells == {"id": "A"}
    row.fault("men", NUMBER, "Do", "meant")
    assert row.faults == [Fault("row 2 (A), column men", "nothing", NUMBER, "Do", "meant")]


# --- sheets of fixed form -----------------------------------------------------------------------------------------


def sheet(folder: Path, text: str, columns: tuple[str, ...] = ("date", "men", "side")) -> Any:
    """A sheet of this text."""
    pytest.importorskip("pandas")
    from holdfast.tabular.sheet import Sheet

    (folder / "a.csv").write_text(text, encoding="utf-8")
    return Sheet.from_csv(folder / "a.csv", columns)


def test_a_sheet_is_read_column_by_column(tmp_path: Path) -> None:
    result = sheet(tmp_path, 'date,men,side,men\n2022-03-01,"1,200",Russia,9\n,,,\n2022-03-02,NA,Russia\n')
    assert result.numbers("men").tolist()[0] == 1200.0
    assert np.isnan(result.numbers("men")[1])
    assert result.words("side", {"Russia": "russia"}) == ["russia", "russia"]
    assert result.days("date", rising=True).astype("datetime64[D]").astype(str).tolist() == ["2022-03-01", "2022-03-02"]
    result.check()
    assert len(result) == 2


def test_a_sheet_tells_all_its_faults(tmp_path: Path) -> None:
    result = sheet(tmp_path, "date,men,side\n2022-03-02,-1,Russia\n\n2022-03-01,,France\n")
    result.numbers("men", most=10, blank=False)
    result.words("side", {"Russia": "russia"})
    result.days("date", rising=True)
    with pytest.raises(DataError) as caught:
        result.check()
    assert [(fault.place, fault.value, fault.allowed) for fault in caught.value.faults] == [
        ("line 2, men", '"-1"', "a number from 0 to 10"), ("line 4, men", "nothing", "a number"),
        ("line 4, side", '"France"', "Russia"), ("line 4, date", '"2022-03-01"', "a day later than the row before"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "place"), [("", "file"), ("date,men,side\n1,2,3,4\n", "file"), ("date,side\n", "column men")]
)
def test_a_sheet_that_is_none(tmp_path: Path, text: str, place: str) -> None:
    with pytest.raises(DataError) as caught:
        sheet(tmp_path, text)
    assert caught.value.faults[0].place == place


def test_a_sheet_of_the_trade(tmp_path: Path) -> None:
    result = sheet(tmp_path, "Table 3;;\ndate;men;side\n2022-03-02;4;B\n2022-03-01;3;A\n")
    result.oldest_first("date")
    assert result.days("date", rising=True).astype("datetime64[D]").astype(str).tolist() == ["2022-03-01", "2022-03-02"]
    assert (result.words("side"), result.where) == (["A", "B"], ["line 4", "line 3"])
    assert result.notes == [
        "columns parted by semicolons", "header found in line 2", "the newest day stands first; read from the oldest on",
    ]  # fmt: skip
    lines = "".join(f"2022-03-{day:02},12.5,A\n" for day in (1, 9, 2, 8, 3, 7, 4, 6, 5)) + "2202-03-10,1,A\n"
    mixed = sheet(tmp_path, f"date,men,side\n{lines}")
    mixed.oldest_first("date")
    mixed.days("date", rising=True)
    mixed.numbers("men", men=True)
    order, first = mixed.faults[1:3]
    assert (mixed.faults[0].place, mixed.faults[0].cure) == ("line 11, date", "Correct the year")
    assert (order.value, "Sort the file" in order.cure) == ("4 days not later than the row before", True)
    assert first.cure.startswith("Men are whole: write 12500")


def test_a_sheet_of_records(tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    from holdfast.tabular.sheet import Sheet

    (tmp_path / "a.json").write_text('{"2022-03-01": {"men": 3}, "2022-03-02": {"men": null, "more": "x"}}')
    result = Sheet.from_records(tmp_path / "a.json", ("day", "men"), ("more", "none"))
    assert result.words("day") == ["2022-03-01", "2022-03-02"]
    assert result.words("more") == ["", "x"]
    assert result.where == ["record 1", "record 2"]
    (tmp_path / "b.json").write_text("{")
    with pytest.raises(DataError, match="no JSON"):
        Sheet.from_records(tmp_path / "b.json", ("day",))
