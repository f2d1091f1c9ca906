"""Coded armies: the shipped ones, what a table of one's own may hold, which belong to one war, how far coders agree."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.coded_armies import army, codebook, reader
from holdfast.coded_armies.army import CODES, CodedArmy
from holdfast.core.faults import ArmiesError, Fault
from holdfast.stats.agreement import Measures, agreement, krippendorff_alpha, weighted_kappa
from holdfast.tabular import cells

SHIPPED = Path(reader.__file__).parent / "shipped" / "armies_1.csv"
NEEDED = {"case_id": "A", **dict.fromkeys(codebook.CODE_COLUMNS.values(), "1")}
LEVEL = st.sampled_from([None, 0, 1, 2])


def file(folder: Path, *rows: dict[str, str], name: str = "mine.csv") -> Path:
    """A file of rows, each the needed columns with changes; a value of `None` takes a column away."""
    filled = [{**NEEDED, "case_id": f"A{n}", **row} for n, row in enumerate(rows, start=1)]
    header = [key for key in dict.fromkeys(key for row in filled for key in row) if filled[0].get(key, "") is not None]
    text = io.StringIO()
    writer = csv.DictWriter(text, header, restval="", extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(filled)
    return raw(folder, text.getvalue(), name)


def raw(folder: Path, text: str | bytes, name: str = "mine.csv") -> Path:
    """A file with this text."""
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def faults(path: str | Path) -> tuple[Fault, ...]:
    """What is wrong with a file that must be refused."""
    with pytest.raises(ArmiesError) as caught:
        reader.read(path)
    return caught.value.faults


def only(path: str | Path) -> Fault:
    """The one fault of a file."""
    (fault,) = faults(path)
    return fault


def one(folder: Path, **cells: str) -> CodedArmy:
    """The case of a file with one row."""
    (case,) = reader.read(file(folder, cells))
    return case


# --- The shipped cases.


def test_the_shipped_cases_are_51_of_which_42_count_for_themselves() -> None:
    cases = reader.shipped()
    assert len(cases) == len({case.army_id for case in cases}) == 51
    assert len(army.independent(cases)) == 42
    assert all(None not in case.codes.values() for case in cases)
    assert all(case.start and case.end and case.months and case.strength for case in cases)
    assert all(None not in (case.collapse, case.mass_desertion, case.recovered) for case in cases)
    assert sum(case.ordered_capitulation for case in cases) == 5
    assert all(case.army and case.war and case.outcome and case.sources for case in cases)
    assert all(set(case.reasons) == set(army.ESSAY) for case in cases)


def test_the_shipped_cases_say_what_the_table_says() -> None:
    by_id = {case.army_id: case for case in reader.shipped()}
    russia = by_id["RUS_1917"]
    assert list(russia.codes.values()) == [2, 2, 1, 2, 2, 0, 1, 1, 2, 0]
    assert (russia.collapse, russia.mass_desertion, russia.recovered) == (True, True, False)
    assert russia.start == dt.date(1917, 3, 15)
    assert (russia.exits_per_1000_month, russia.killed_per_1000_month) == (23.8, 0.6)
    assert russia.exits_low == pytest.approx(365_000 / 9_000_000 / 9 * 1000)
    assert russia.exits_high == pytest.approx(2_000_000 / 6_000_000 / 9 * 1000)
    assert russia.checked == "strength;deserted(range)"
    assert russia.aside["factor_sum"] == "9"
    assert by_id["GER_1918"].force_ratio == 0.7
    assert by_id["GER_1918"].notes["force_ratio"] == "~0.7:1 by Aug"
    assert by_id["JPN_AUG_1945"].force_ratio is None
    assert by_id["USSR_1941"].exits_high is None
    assert by_id["UNION_AOP_1864"].overlap_with == "UNION_1862_65"
    assert not by_id["UNION_AOP_1864"].independent


def test_the_shipped_sums_and_rates_follow_from_their_parts(tmp_path: Path) -> None:
    cases = reader.shipped()
    for case in cases:
        assert int(case.aside["factor_sum"]) == sum(case.codes[code] or 0 for code in army.ESSAY)
        if case.exits_low is not None and case.exits_high is not None:
            assert case.exits_low <= (case.exits_per_1000_month or 0) + 0.05 <= case.exits_high + 0.1
    with SHIPPED.open(encoding="utf8", newline="") as text:
        rows = list(csv.DictReader(text))
    derived = ("killed_per_month_per_1000", "deserted_per_month_per_1000", "deserted_share", "captured_share")
    bare = raw(tmp_path, "")
    with bare.open("w", encoding="utf8", newline="") as text:
        writer = csv.DictWriter(text, [name for name in rows[0] if name not in derived], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    for case, again in zip(cases, reader.read(bare)):
        for name in ("killed_per_1000_month", "exits_per_1000_month", "deserted_share", "captured_share"):
            was, now = getattr(case, name), getattr(again, name)
            assert (was is None) == (now is None), (case.army_id, name)
            assert was is None or abs(was - now) <= 0.06, (case.army_id, name)


def test_a_case_travels_and_changes() -> None:
    case = reader.shipped()[0]
    assert pickle.loads(pickle.dumps(case)) == case
    assert len({case, pickle.loads(pickle.dumps(case))}) == 1
    calm = army.changed(case, losses=0, unpaid_unfed=None)
    assert (calm.codes["losses"], calm.codes["unpaid_unfed"]) == (0, None)
    assert case.codes["losses"] == 1
    assert calm.army == case.army
    for wrong in ({"loses": 1}, {"losses": 3}):
        with pytest.raises(ValueError, match="is no code"):
            army.changed(case, **wrong)
    codes = army.array([case, calm])
    assert codes.shape == (2, 10)
    assert np.isnan(codes[1, CODES.index("unpaid_unfed")])
    assert army.array([], army.ESSAY).shape == (0, 5)


# --- What a file may leave out, and what follows then.


def test_only_the_name_and_the_ten_codes_are_needed(tmp_path: Path) -> None:
    case = one(tmp_path)
    assert set(case.codes.values()) == {1}
    assert case == CodedArmy("A1", dict.fromkeys(CODES, 1))
    assert case.independent
    assert (case.collapse, case.mass_desertion, case.recovered) == (None, None, None)


def test_empty_cells_are_unknown(tmp_path: Path) -> None:
    case = one(tmp_path, F1_losses="", X_safe_exit=" ", collapse="", force_ratio="", start="", strength="")
    assert (case.codes["losses"], case.codes["safe_exit"], case.codes["enforcement"]) == (None, None, 1)
    assert (case.collapse, case.force_ratio, case.start, case.strength) == (None, None, None, None)


def test_rates_and_months_are_reckoned_where_their_parts_are_there(tmp_path: Path) -> None:
    case = one(tmp_path, start="1919-02", end="1920-06", strength="1,000".replace(",", ""), deserted_or_awol="170")
    assert (case.start, case.end) == (dt.date(1919, 2, 1), dt.date(1920, 6, 30))
    assert case.months == pytest.approx(17, abs=0.05)
    assert case.exits_per_1000_month == pytest.approx(10, abs=0.05)
    assert case.deserted_share == pytest.approx(0.17)
    assert one(tmp_path, months_of_fighting="2", start="1919", end="1919").months == 2


def test_columns_of_ones_own_are_kept_aside(tmp_path: Path) -> None:
    path = file(tmp_path, {"my_remark": "seen", "coder": "B", "wounded": "12"})
    result = reader._reading(path)
    assert result.unused == ("my_remark",)
    assert result.armies[0].coder == "B"
    assert result.armies[0].aside == {"my_remark": "seen", "wounded": "12"}


def test_the_toolkits_own_names_will_do_for_columns(tmp_path: Path) -> None:
    header = ",".join(["case_id", *CODES, "months", "exits_per_1000_month"])
    (case,) = reader.read(raw(tmp_path, f"{header}\nA,0,1,2,0,1,2,0,1,2,,3.5,12\n"))
    assert list(case.codes.values()) == [0, 1, 2, 0, 1, 2, 0, 1, 2, None]
    assert (case.months, case.exits_per_1000_month) == (3.5, 12)
    assert one(tmp_path, losses="31000").aside == {"losses": "31000"}  # F1_losses is there too: this is his own


def test_a_byte_order_mark_empty_lines_and_commas_at_the_end_do_no_harm(tmp_path: Path) -> None:
    text = ",".join(NEEDED) + "\n\n" + "A" + ",1" * 10 + ",,\n,,\n"
    assert len(reader.read(raw(tmp_path, b"\xef\xbb\xbf" + text.encode()))) == 1


@given(levels=st.lists(st.lists(LEVEL, min_size=10, max_size=10), min_size=1, max_size=5))
def test_codes_that_are_written_are_read(
    levels: list[list[int | None]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    names = list(codebook.CODE_COLUMNS.values())
    rows = [dict(zip(names, ("" if each is None else str(each) for each in row))) for row in levels]
    path = file(tmp_path_factory.mktemp("cases"), *rows)
    cases = reader.read(path)
    assert [list(case.codes.values()) for case in cases] == levels
    assert reader.read_codes(path) == army.coding(cases)


@settings(deadline=None)
@given(text=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf8", "replace")))
def test_any_file_is_read_or_refused_with_its_faults(text: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = raw(tmp_path_factory.mktemp("any"), ",".join(NEEDED).encode() + b"\n" + text)
    refused: tuple[Fault, ...] = ()
    cases: tuple[CodedArmy, ...] = ()
    try:
        cases = reader.read(path)
    except ArmiesError as error:
        refused = error.faults
    assert bool(cases) != bool(refused)
    assert all(fault.allowed and fault.cure for fault in refused)


@settings(deadline=None)
@given(cell=st.text(alphabet="0123456789.:~-+e, abyN?%\u2248", max_size=10), column=st.sampled_from(codebook.READ))
def test_any_cell_is_read_or_refused(cell: str, column: str) -> None:
    row = cells.Row(2, {column: cell}, "case_id")
    row.take(column, reader.cell_reader(column))
    for value in row.values.values():
        assert not isinstance(value, float) or (math.isfinite(value) and value >= 0)
    assert len(row.faults) <= 1


# --- Cells.


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("~0.7:1 by Aug", 0.7), ("~2:1 at start", 2.0), ("~15:1 nominal", 15.0), ("~1.1:1 (with allies)", 1.1),
        ("0.8", 0.8), ("~0.8", 0.8), ("3:2", 1.5), ("1 : 4", 0.25), ("2-8:1", 4.0), ("about 1 to 4:1", 2.0),
        ("parity, unclear", None), ("\u22482:1", 2.0), (".5:1", 0.5), ("outnumbered 3:1", 1 / 3), ("150 %", 1.5),
        ("heavily outnumbered by about 3 to 1", 1 / 3), ("outnumbered 1:3", 1 / 3), ("10+:1", 10.0), ("1/2", 0.5),
        ("three to one", 3.0), ("outnumbered four-to-one", 0.25), ("2 to 3 to 1", 6**0.5), ("~4:1 overall, even in the east", 4.0),
    ],
)  # fmt: skip
def test_force_ratios_as_people_write_them(said: str, meant: float | None) -> None:
    assert cells.ratio(said) == (pytest.approx(meant) if meant else None)


@pytest.mark.parametrize(
    "said",
    ["0:1", "1:0", "-2:1", "1,8:1", "nan", "inf", "-1", "0", "1e9", "2:", "1:2:3", "?", "nan:1", "1:inf", "1,2", "-9", ".",
     "3 to 1 at Kursk, 1:2 elsewhere", "outnumbered the enemy 3:1", "3:1 for the enemy", "2 to 3", "3 divisions against 5",
     "1.200:900", "01:02:00", "2026-02-01", "12,000:15,000"],
)  # fmt: skip
def test_force_ratios_that_cannot_be_reckoned_with(said: str) -> None:
    assert isinstance(cells.ratio(said), cells.Wrong)


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [
        ("1917-03-15", (1917, 3, 15), (1917, 3, 15)),
        ("1916-02", (1916, 2, 1), (1916, 2, 29)),
        ("1806", (1806, 1, 1), (1806, 12, 31)),
    ],
)
def test_days_months_and_years(said: str, first: tuple[int, int, int], last: tuple[int, int, int]) -> None:
    assert reader.cell_reader("start")(said) == dt.date(*first)
    assert reader.cell_reader("end")(said) == dt.date(*last)


def test_a_span_of_a_century_is_a_slip_of_the_pen(tmp_path: Path) -> None:
    assert only(file(tmp_path, {"start": "1917-01", "end": "2017-05"})).place == "row 2 (A1), column end"


@pytest.mark.parametrize("said", ["1917-02-30", "1917-13", "0000", "15.3.1917", "1917-00-01", "March 1917", "?", "17"])
def test_days_that_are_none(said: str) -> None:
    assert isinstance(reader.cell_reader("start")(said), cells.Wrong)


@pytest.mark.parametrize("said", ["3", "-1", "0.5", "1.5", "nan", "inf", "1e999", "high", "?", "NA", "1,0", "٢"])
def test_codes_that_are_none(said: str, tmp_path: Path) -> None:
    fault = only(file(tmp_path, {"F5_regime_disarray": said}))
    assert fault.place == "row 2 (A1), column F5_regime_disarray"
    assert fault.value == f'"{said}"'
    assert "0, 1 or 2" in fault.allowed
    assert fault.cure


@pytest.mark.parametrize(("said", "meant"), [("0", 0), ("2", 2), ("1.0", 1), ("+1", 1), ("02", 2)])
def test_codes_as_programs_write_them(said: str, meant: int) -> None:
    assert cells.code(said) == meant


@pytest.mark.parametrize("column", codebook.NUMBERS)
@pytest.mark.parametrize("said", ["nan", "inf", "-inf", "1e400", "-3", "many", "2e9"])
def test_numbers_that_are_none(column: str, said: str, tmp_path: Path) -> None:
    assert column in only(file(tmp_path, {column: said})).place


@pytest.mark.parametrize(
    ("column", "said", "cure"),
    [
        ("strength", "300,000", "Write 300000"),
        ("strength", "0", "Leave the cell empty"),
        ("killed", "12,5", "Men are whole: write 12500 if"),
        ("strength", "12.500", "write 12500"),
        ("killed_per_month_per_1000", "2,5", "Write 2.5"),
        ("strength", "5,000\u20137,000[3]", "write 5000 in strength_low, 7000 in strength_high, and here one number"),
        ("killed", "-9", "Leave the cell empty where it is not known; -9 stands for that"),
        ("F1_losses", "-9", "Leave the cell empty"),
        ("F1_losses", "99", "Leave the cell empty"),
        ("collapse", "-9", "Leave the cell empty"),
        ("killed", ".", "Leave the cell empty"),
        ("deserted_share", "41", "Write 0.41"),
        ("captured_share", "41%", "Write 0.41"),
        ("killed", "unknown", "Leave the cell empty"),
        ("killed", "-5", "without a minus"),
        ("start", "1917-03-15T00:00:00", "Write 1917-03-15"),
        ("collapse", "perhaps", "Write 1 or 0"),
        ("recovered", "?", "Leave the cell empty"),
        ("force_ratio", "1,8:1", "with a point"),
    ],
)
def test_the_cure_says_what_to_write(column: str, said: str, cure: str, tmp_path: Path) -> None:
    fault = only(file(tmp_path, {column: said}))
    assert fault.place == f"row 2 (A1), column {column}"
    assert cure in fault.cure


@pytest.mark.parametrize(
    ("said", "meant"), [("1", True), ("0", False), ("yes", True), ("No", False), ("TRUE", True), ("0.0", False)]
)
def test_flags(said: str, meant: bool, tmp_path: Path) -> None:
    assert one(tmp_path, collapse=said).collapse is meant


# --- Faults.


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    path = file(
        tmp_path,
        {"F1_losses": "3", "start": "1918-01-01", "end": "1917-01-01", "strength": "inf"},
        {"case_id": "A1", "collapse": "2"},
        {"case_id": "", "X_safe_exit": "some", "strength_low": "5", "strength_high": "4"},
    )
    text = path.read_text().replace("enforcement", "enforcment", 1)
    result = faults(raw(tmp_path, text))
    assert [fault.place for fault in result] == [
        "the header",
        "row 2 (A1), column F1_losses",
        "row 2 (A1), column strength",
        "row 2 (A1), column end",
        "row 3 (A1), column collapse",
        "row 3 (A1), column case_id",
        "row 4, column X_safe_exit",
        "row 4, column case_id",
        "row 4, column strength_low",
    ]
    assert result[0].suggestion == "enforcement"
    with pytest.raises(ArmiesError, match="mine.csv has 9 faults"):
        reader.read(path.with_name("mine.csv"))


@pytest.mark.parametrize("column", [*NEEDED])
def test_a_needed_column_that_is_not_there(column: str, tmp_path: Path) -> None:
    path = file(tmp_path, {column: None})  # type: ignore[dict-item]
    fault = only(path)
    assert fault.place == f"the header, column {column}"
    assert fault.cure.startswith("Add it")


@pytest.mark.parametrize(
    ("column", "written"),
    [
        ("F1_losses", "F1_loses"), ("F2_no_victory", "no_victroy"), ("case_id", "caseid"), ("collapse", "colapse"),
        ("X_unpaid_unfed", "X_unpayed_unfed"), ("force_ratio", "Force_Ratio"), ("overlap_with", "overlaps_with"),
    ],
)  # fmt: skip
def test_a_column_that_is_misspelt(column: str, written: str, tmp_path: Path) -> None:
    path = file(tmp_path, {column: {"case_id": "A", "overlap_with": "B"}.get(column, "1")})
    fault = only(raw(tmp_path, path.read_text().replace(column, written, 1)))
    assert fault.place == "the header"
    assert fault.value == f'"{written}"'
    assert fault.suggestion == column


def test_a_column_twice_and_a_row_of_another_width(tmp_path: Path) -> None:
    text = ",".join([*NEEDED, "enforcement"]) + "\nA" + ",1" * 11 + "\nB,1\n"
    twice, narrow = faults(raw(tmp_path, text))
    assert (twice.place, twice.value) == ("the header, column enforcement", "2 times")
    assert (narrow.place, narrow.value, narrow.allowed) == ("row 3 (B)", "2 cells", "12 cells, as the header has")


def test_a_header_that_was_cut_is_one_fault_and_its_own(tmp_path: Path) -> None:
    row = ",".join(["1"] * 11)
    text = ",".join(NEEDED) + f"\nA,{row},1\nB,{row},1\n"
    fault = only(raw(tmp_path, text))
    assert (fault.place, fault.value) == ("the header (row 1)", f"{len(NEEDED)} cells")
    assert fault.allowed == "13 cells, as each of the 2 rows below it has"


def test_a_case_that_lies_within_itself(tmp_path: Path) -> None:
    assert only(file(tmp_path, {"overlap_with": "A1"})).place == "row 2 (A1), column overlap_with"
    assert one(tmp_path, overlap_with="NOT_HERE").overlap_with == "NOT_HERE"


@pytest.mark.parametrize(
    ("text", "result"),
    [
        (b"", "nothing"),
        (b"\n\n", "nothing"),
        (",".join(NEEDED).encode(), "a header and no row"),
        (b"a,b\n1,2\n", 'no column that is known ("a, b")'),
        (";".join(NEEDED).encode() + b"\nA;1\n", "2 cells"),
        (",".join(NEEDED).encode() + b"\n\xff,1\n", "the byte 0xff, which is not UTF-8"),
    ],
)
def test_files_that_are_no_table_of_cases(text: bytes, result: str, tmp_path: Path) -> None:
    assert only(raw(tmp_path, text)).value == result


def test_a_quotation_mark_that_is_not_closed(tmp_path: Path) -> None:
    assert only(raw(tmp_path, ",".join(NEEDED) + '\n"A' + ",1" * 10)).place == "row 2"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    file(tmp_path, {}, name="cases.csv")
    fault = only(tmp_path / "casses.csv")
    assert fault.suggestion == "cases.csv"
    assert "no file" in fault.value
    folder = only(tmp_path)
    assert "the folder" in folder.value
    assert "cases.csv" in folder.cure
    assert "no file" in only(tmp_path / "none" / "such.csv").value


# --- A second coder.


def test_a_second_coders_file_needs_no_more_than_the_codes_that_were_given(tmp_path: Path) -> None:
    codes = reader.read_codes(
        raw(tmp_path, "case_id,losses,F2_no_victory,outcome,strength\nA,2,,whatever,many\nB,0,1,,\n")
    )
    assert list(codes) == ["A", "B"]
    assert [codes["A"][code] for code in CODES[:3]] == [2, None, None]
    assert codes["B"]["no_victory"] == 1
    assert reader.read_codes(SHIPPED) == army.coding(reader.shipped())


def test_a_second_coders_faults(tmp_path: Path) -> None:
    with pytest.raises(ArmiesError) as caught:
        reader.read_codes(raw(tmp_path, "case_id,F1_loses,remark\nA,7,x\nA,1,y\n"))
    assert [fault.place for fault in caught.value.faults] == [
        "the header", "row 2 (A), column F1_losses", "row 3 (A), column case_id",
    ]  # fmt: skip
    with pytest.raises(ArmiesError) as caught:
        reader.read_codes(raw(tmp_path, "case_id,remark\nA,x\n"))
    assert "at least one of F1_losses" in caught.value.faults[0].allowed


def test_a_coder_agrees_with_himself() -> None:
    result = army.coder_agreement(reader.shipped(), reader.shipped())
    assert len(result.armies) == 51
    assert result.overall == Measures(510, 1.0, 1.0, 1.0)
    assert all(measure == Measures(51, 1.0, 1.0, 1.0) for measure in result.codes.values())


def test_agreement_of_two_who_coded_different_cases() -> None:
    first = {"A": {"losses": 1}, "B": {"losses": 2, "enforcement": None}, "C": {"losses": 0}}
    second = {"B": {"losses": 2, "enforcement": 1}, "C": {"losses": 1}, "D": {"losses": 0}}
    result = army.coder_agreement(first, second)
    assert (result.armies, result.only_first, result.only_second) == (("B", "C"), ("A",), ("D",))
    assert result.codes["losses"].count == 2
    assert result.codes["losses"].equal == 0.5
    assert result.codes["enforcement"] == Measures(0, None, None, None)
    assert result.overall == result.codes["losses"]
    assert army.coder_agreement({}, second).overall.count == 0


def test_weighted_kappa_by_hand() -> None:
    pairs = [(0, 0)] * 3 + [(0, 1), (0, 2)] + [(1, 1)] * 2 + [(2, 1)] + [(2, 2)] * 2
    # Steps seen: 4 in 10. By chance, from the margins 5, 2, 3 and 3, 4, 3: 0.50 + 0.12 + 0.30.
    assert weighted_kappa(pairs) == pytest.approx(1 - 0.4 / 0.92)
    assert weighted_kappa([(0, 2), (2, 0)]) == pytest.approx(-1)
    assert weighted_kappa([(1, 1)] * 4) is None
    assert weighted_kappa([]) is None


def test_krippendorffs_alpha_of_his_own_example() -> None:
    # Four observers, twelve units, ordinal: 0.815 (Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011).
    given = ("12332141 2...", "123322412 5.3", ".33323422 51.", "123324412 51.")
    rows = [[None if mark == "." else int(mark) for mark in row.replace(" ", "")] for row in given]
    assert krippendorff_alpha(zip(*rows)) == pytest.approx(0.815, abs=0.0005)


def test_krippendorffs_alpha_by_hand() -> None:
    # Two coders, four units: values 0 0, 0 1, 1 1, 2 2. Of each code 3, 3, 2; ranks 1.5, 4.5, 7: distances 9, 30.25, 6.25.
    seen = 2 * 9
    chance = 2 * (3 * 3 * 9 + 3 * 2 * 30.25 + 3 * 2 * 6.25) / 7
    assert krippendorff_alpha([(0, 0), (0, 1), (1, 1), (2, 2)]) == pytest.approx(1 - seen / chance)
    assert krippendorff_alpha([(1, 1), (1, 1)]) is None
    assert krippendorff_alpha([(1, None), (None, 2)]) is None


@given(pairs=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=30))
def test_agreement_does_not_ask_who_was_first(pairs: list[tuple[int, int]]) -> None:
    turned = [(two, one) for one, two in pairs]
    one, two = agreement(pairs), agreement(turned)
    for name in ("equal", "kappa", "alpha"):
        was, now = getattr(one, name), getattr(two, name)
        assert (was is None) == (now is None)
        assert was is None or (was == pytest.approx(now, abs=1e-9) and was <= 1 + 1e-9)


# --- Wars.


def test_the_shipped_wars() -> None:
    cases = reader.shipped()
    named = dict(zip((case.army_id for case in cases), army.wars(cases)))
    for same in (
        ("RUS_1915", "RUS_1917", "FRA_1917", "GBR_BEF_1914_18", "OTT_1916_18"),
        ("FIN_1939_40", "FIN_1944", "GER_6A_1943", "JPN_OKI_1945", "JPN_AUG_1945", "FRA_1940"),
        ("ARVN_1965", "ARVN_1972", "ARVN_1975", "PAVN_1965_75", "US_VN_1968_72"),
        ("UNION_1862_65", "UNION_AOP_1864", "CSA_1864_65"),
        ("AFG_DRA_1979_80", "AFG_1989", "AFG_1992"),
        ("SYR_2011_13", "SYR_2024"),
        ("RUS_2022_25", "UKR_2022_25", "UKR_2025_JAN_JUL"),
    ):
        assert len({named[case_id] for case_id in same}) == 1, same
    for apart in (("RUS_1917", "RED_1919_20"), ("AFG_1992", "AFG_2021"), ("IRQ_1982", "IRQ_1991", "IRQ_MOSUL_2014")):
        assert len({named[case_id] for case_id in apart}) == len(apart), apart
    assert len(set(named.values())) == 21


def a_case(case_id: str, war: str = "", start: str = "", **more: str) -> CodedArmy:
    return CodedArmy(case_id, war=war, start=dt.date.fromisoformat(start) if start else None, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("war", "start", "meant"),
    [
        ("The Great War", "", "ww1"),
        ("World War II", "", "ww2"),
        ("Galicia", "1914-08-20", "ww1"),
        ("Burma campaign", "1942-01-20", "ww2"),
        ("Russian Civil War", "1918-10-01", "russian civil war"),
        ("Easter Offensive 1972", "", "vietnam war"),
        ("Six-Day War", "1967-06-05", "six day war"),
        ("Ruritanian campaign, 1893", "1893-01-01", "ruritanian"),
        ("Front", "", "front"),
        ("", "1917-01-01", "X"),
    ],
)
def test_wars_by_name_and_time(war: str, start: str, meant: str) -> None:
    assert army.war_of(a_case("X", war, start)) == meant


def test_a_name_that_comes_back_is_another_war() -> None:
    cases = [
        a_case("C", "Ruritanian war", "1950-01-01"), a_case("A", "Ruritanian war", "1893-01-01"),
        a_case("B", "Ruritanian War, 1900", "1900-01-01"), a_case("D", "Ruritanian war"),
    ]  # fmt: skip
    assert army.wars(cases) == (
        "ruritanian war of 1950", "ruritanian war", "ruritanian war", "ruritanian war",
    )  # fmt: skip


def test_cases_within_another_belong_to_its_war() -> None:
    cases = [
        a_case("A", "Siege", overlap_with="B"), a_case("B", "Long war"), a_case("C", "Other war"),
        a_case("D", "Third war", overlap_with="GONE"), a_case("E", "Sortie", overlap_with="GONE"),
    ]  # fmt: skip
    named = army.wars(cases)
    assert named[0] == named[1] != named[2]
    assert named[3] == named[4] != named[2]


# --- What is alike.


def test_the_nearest_cases_and_what_differs() -> None:
    cases = reader.shipped()
    by_id = {case.army_id: case for case in cases}
    result = army.neighbours(by_id["AFG_1989"], cases, count=51)
    assert len(result) == 50  # itself is passed over
    assert [each.distance for each in result] == sorted(each.distance for each in result)
    after = next(each for each in result if each.army.army_id == "AFG_1992")
    assert after.differs[0] == army.Difference("leader_decay", 0, 2)
    assert {each.code for each in after.differs[:2]} == {"leader_decay", "patron_withdrawal"}
    assert after.distance == pytest.approx((0.5 * 7 + 2) / 10)
    copy = army.changed(by_id["AFG_1989"])
    assert army.neighbours(CodedArmy("MINE", copy.codes), cases, 1)[0].distance == 0


def test_weights_and_unknown_codes() -> None:
    case = CodedArmy("A", {"losses": 0, "enforcement": 2})
    others = [CodedArmy("B", {"losses": 2, "enforcement": 2}), CodedArmy("C", {"losses": 0, "enforcement": 0})]
    assert [each.army.army_id for each in army.neighbours(case, others, weights={"losses": 1.0})] == ["C", "B"]
    assert [each.army.army_id for each in army.neighbours(case, others, weights={"enforcement": 2.0})] == ["B", "C"]
    assert [each.distance for each in army.neighbours(case, others)] == pytest.approx([0.5, 0.5])
    assert army.neighbours(case, others, 0) == ()
    assert army.neighbours(CodedArmy("D"), others, weights={"losses": 1})[0].differs[0].here is None


@pytest.mark.parametrize("weights", [{}, {"losses": 0.0}, {"losses": -1.0}, {"losses": math.nan}, {"loses": 1.0}])
def test_weights_that_will_not_do(weights: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="weights"):
        army.neighbours(CodedArmy("A"), [CodedArmy("B")], weights=weights)


# --- The page about them.


def test_the_page_counts_as_the_table_does() -> None:
    page = (Path(__file__).parent.parent / "docs" / "history.md").read_text(encoding="utf8")
    counted = army.independent(reader.shipped())
    for code, column in codebook.CODE_COLUMNS.items():
        said = []
        for level in army.LEVELS:
            with_it = [case for case in counted if case.codes[code] == level]
            broke = sum(bool(case.collapse) for case in with_it)
            said.append(f"{broke} of {len(with_it)}" if with_it else "none")
        assert f"| `{column}` | {' | '.join(said)} |" in page
    assert (sum(bool(case.collapse) for case in counted), sum(bool(case.mass_desertion) for case in counted)) == (
        22,
        31,
    )
    assert "22 collapsed, and 31 lost a tenth" in page
    assert len(set(army.wars(counted))) == 18
    assert sum(bool(case.checked) for case in reader.shipped()) == 32


def test_the_page_has_every_column_that_is_read() -> None:
    page = (Path(__file__).parent.parent / "docs" / "history.md").read_text(encoding="utf8")
    reasons = set(codebook.REASONS.values()) - {"F1_losses_reason"} | set(codebook.WHOLE_COLUMNS.values())
    assert [column for column in codebook.READ if f"`{column}`" not in page and column not in reasons] == []


# --- Coder and vantage.


def test_shipped_armies_say_who_coded_them_and_from_when() -> None:
    codings = reader.shipped_by_coder()
    assert {key: len(of) for key, of in codings.items()} == {
        ("first", "explaining"): 51, ("coder1", "foretelling"): 25, ("coder1", "explaining"): 25,
        ("coder2", "explaining"): 25, ("coder3", "foretelling"): 51, ("coder3", "explaining"): 51,
    }  # fmt: skip
    for (coder, vantage), armies in codings.items():
        assert {(each.coder, each.vantage) for each in armies} == {(coder, vantage)}
        assert not any(None in each.codes.values() for each in armies)
    assert [each.army_id for each in reader.coded_again()] == [each.army_id for each in reader.shipped()]
    further = reader.further()
    assert [each.army_id for each in further["coder1"]] == [each.army_id for each in further["coder2"]]
    assert not {each.army_id for each in further["coder1"]} & {each.army_id for each in reader.shipped()}
    counts = {coder: len(army.independent(of)) for coder, of in further.items()}
    assert counts == {"coder1": 24, "coder2": 23}


def test_the_whole_span_stands_beside_the_middle_of_it() -> None:
    mexico = reader.further()["coder1"][0]
    assert (mexico.codes["no_victory"], mexico.codes_whole["no_victory"]) == (1, 2)
    whole = army.explained(mexico)
    assert (whole.vantage, whole.codes["no_victory"], whole.codes["losses"]) == ("explaining", 2, 1)
    assert (mexico.relief, mexico.space, mexico.settlement, mexico.confidence) == (1, 2, False, 0.6)
    assert "memory" in mexico.sources
    assert reader.coded_again()[0].confidence == "medium"
    assert reader.coded_again()[0].collapse is reader.shipped()[0].collapse


def test_a_table_without_a_vantage_explains(tmp_path: Path) -> None:
    (one,) = reader.read(raw(tmp_path, f"{','.join(NEEDED)}\nA{',1' * 10}\n"))
    assert (one.vantage, one.coder, one.codes_whole, one.relief) == ("explaining", "", {}, None)


def test_faults_of_the_vantage_come_with_all_others(tmp_path: Path) -> None:
    header = f"{','.join(NEEDED)},vantage,relief,settlement,confidence,X_operational_shock_whole"
    rows = f"A{',1' * 10},foretellin,3,maybe,hihg,2\nB{',1' * 10},,1,1,0.5,2\nC{',1' * 10},foretelling,1,0,low,2\n"
    with pytest.raises(ArmiesError) as caught:
        reader.read(raw(tmp_path, f"{header}\n{rows}"))
    faults = {fault.place: fault for fault in caught.value.faults}
    assert list(faults) == [
        "row 2 (A), column vantage", "row 2 (A), column relief", "row 2 (A), column settlement",
        "row 2 (A), column confidence", "row 3 (B), column vantage",
    ]  # fmt: skip
    assert faults["row 2 (A), column vantage"].suggestion == "foretelling"
    assert faults["row 2 (A), column confidence"].suggestion == "high"
    assert "X_operational_shock_whole" in faults["row 3 (B), column vantage"].allowed
    with pytest.raises(ArmiesError, match="Did you mean vantage"):
        reader.read(raw(tmp_path, f"{','.join(NEEDED)},vantge\nA{',1' * 10},\n"))
    with pytest.raises(ValueError, match="the vantage 'then' is none of foretelling, explaining"):
        army.CodedArmy("A", vantage="then")


def test_codings_are_named_by_coder_and_vantage_or_by_file(tmp_path: Path) -> None:
    assert reader.named("first") is reader.shipped()
    assert reader.named("coder3:explaining") == reader.shipped_by_coder()["coder3", "explaining"]
    header = f"{','.join(NEEDED)},vantage,X_operational_shock_whole"
    path = raw(tmp_path, f"{header}\nA{',1' * 10},foretelling,2\n")
    assert reader.named(str(path))[0].codes["operational_shock"] == 1
    assert reader.named(f"{path}:explaining")[0].codes["operational_shock"] == 2
    with pytest.raises(ArmiesError, match="Did you mean coder"):
        reader.named("coder4")
    with pytest.raises(ArmiesError, match="seen explaining"):
        reader.named("coder2:foretelling")


def test_further_armies_join_the_wars_of_shipped_ones() -> None:
    for armies in reader.further().values():
        shipped = army.independent(reader.shipped())
        names = dict(zip((each.army_id for each in (*shipped, *armies)), army.wars([*shipped, *armies]), strict=True))
        assert names["KPA_1950"] == names["ROK_1950"]
        assert names["ROM_1944"] == names["HUN_1944_45"] == names["FIN_1944"]
        assert names["UNR_1918_19"] == names["KOLCHAK_1919"] == names["POL_1920"] == names["RED_1919_20"]
        assert names["LAO_RLA_1975"] == names["ARVN_1975"]
        assert names["RSK_1995"] == names["VRS_1995"]
        assert len(set(army.wars(shipped))) == 18
