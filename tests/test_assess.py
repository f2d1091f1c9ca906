"""One army by its codes: what is asked, what is answered, what is shown; and a second coder beside the first."""

from __future__ import annotations

import csv
import dataclasses
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from holdfast.assessment import run
from holdfast.assessment.request import parse
from holdfast.calibration import coding_errors, outcome_model, posterior, predictor, surrogate
from holdfast.calibration import predictor as calibration_predictor
from holdfast.calibration.holdout import LEFT_OUT, Holdout, sharing_men
from holdfast.cli import app, assess
from holdfast.coded_armies import army, codebook, reader
from holdfast.core.faults import AssessError
from holdfast.engine import outcomes
from holdfast.present import army_report
from holdfast.stats import intervals
from holdfast.stats.intervals import Estimate

ERRING = coding_errors.CodingErrors(
    np.full((10, 3), 1 / 3), np.broadcast_to([[0.8, 0.15, 0.05], [0.0, 0.8, 0.2], [0.0, 0.0, 1.0]], (10, 3, 3)),
    np.full(10, 2.0), {},
)  # fmt: skip
GIVEN = dict(zip(army.CODES, (2, 2, 1, 1, 1, 0, 1, 1, 2, 1)))
FEW = {"draws": 2, "workers": 1}


@pytest.fixture(scope="module", autouse=True)
def invented() -> Iterator[None]:
    """A posterior of a few draws of the prior, and a surrogate that has seen nothing: no test hangs on what was learnt."""
    paths = ("choice.authority_weight", "bond.coupling", "map.shock_2")
    draws = np.random.default_rng(1).normal(0, 0.3, (96, len(paths) + len(outcome_model.NAMES)))
    cases = army.independent(reader.shipped())
    made = posterior.Posterior(
        paths, tuple(case.army_id for case in cases), {"none": draws}, surrogate.blank(len(paths)), coding_errors.exact(),
        army.array(cases)[:, None], {"seed": 1}, "invented",
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(posterior, "shipped", lambda: made)
        predictor.shipped.cache_clear()
        yield
    predictor.shipped.cache_clear()


def shipped(name: str) -> army.CodedArmy:
    return next(case for case in reader.shipped() if case.army_id == name)


# --- The rules.


def test_the_rules_are_those_of_the_docs() -> None:
    assert tuple(codebook.RULES) == army.CODES
    text = (Path(__file__).parent.parent / "docs" / "history.md").read_text()
    for code, rule in codebook.RULES.items():
        row = " | ".join([f"`{codebook.CODE_COLUMNS[code]}`", rule.asks, *rule.levels])
        assert f"| {row} |" in text


# --- What is asked.


def test_codes_may_be_said_in_several_ways() -> None:
    found = parse({"F1_losses": "2", "no_victory": 1.0, "safe_exit": "?", "mobilisation": None}, "2-3:1", "Mine")
    assert (found.army.codes["losses"], found.army.codes["no_victory"]) == (2, 1)
    assert set(found.unknown) == set(army.CODES) - {"losses", "no_victory"}
    assert found.army.force_ratio == pytest.approx(6**0.5)
    assert (found.name, found.base, found.unchanged) == ("Mine", None, False)


def test_a_shipped_case_may_be_put_otherwise() -> None:
    case = shipped("RUS_1917")
    same = parse({"losses": case.codes["losses"]}, army=case.army_id)
    assert (same.army, same.unchanged) == (case, True)
    other = parse({"safe_exit": "unknown"}, 3.0, army=case.army_id)
    assert other.army.codes == {**case.codes, "safe_exit": None}
    assert (other.army.force_ratio, other.unchanged) == (3.0, False)


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(AssessError) as error:
        parse({"losses": "3", "no_victory": "unknwon", "saf_exit": 1}, "2:x", army="RUS_191", options=True)
    said = str(error.value)
    assert "5 faults" in said
    for words in ("--losses: ", "mean unknown?", "mean safe_exit?", "mean RUS_1917?", "--force-ratio: "):
        assert words in said, words
    for nothing in ({}, {"losses": "?"}):
        with pytest.raises(AssessError, match="none"):
            parse(nothing)


@pytest.mark.parametrize(
    ("said", "sure"),
    [
        (None, {}),
        (0.9, {"losses": 0.9, "no_victory": 0.9}),
        ("0.9", {"losses": 0.9, "no_victory": 0.9}),
        ({"F1_losses": 1}, {"losses": 1.0}),
        (["0.9", "losses=0.95"], {"losses": 0.95, "no_victory": 0.9}),
        (["no-victory=0"], {"no_victory": 0.0}),
    ],
)
def test_how_sure_codes_are_is_said_of_all_and_of_single_ones(said: Any, sure: dict[str, float]) -> None:
    found = parse({"losses": 2, "no_victory": 1}, certainty=said)
    assert found.army.certainty == sure
    assert {code: found.source(code) for code in ("losses", "no_victory")} == {
        code: "given" if code in sure else "learnt" for code in ("losses", "no_victory")
    }


def test_a_certainty_of_a_changed_army_takes_the_place_of_what_it_would_be() -> None:
    base = shipped("RUS_1917")
    there = 0 if base.codes["safe_exit"] else 1
    plain = parse({"safe_exit": there}, army="RUS_1917")
    assert (plain.source("safe_exit"), plain.source("losses")) == ("changed", "learnt")
    sure = parse({"safe_exit": there}, army="RUS_1917", certainty={"safe_exit": 0.7})
    assert (sure.source("safe_exit"), sure.army.certain) == ("given", frozenset())


def test_every_fault_of_a_certainty_is_told_at_once() -> None:
    words = ["high", "lossses=0.9", "safe_exit=0.9", "losses=95%", "0.8", "0.7", "enforcement=1.5", "mobilisation=0.5"]
    with pytest.raises(AssessError) as error:
        parse({"losses": 2, "enforcement": 1, "mobilisation": 7}, certainty=words, options=True)
    said = str(error.value)
    assert "7 faults" in said  # a code that is none of the levels is no second fault of its certainty
    for part in (
        '--certainty: found "high"; allowed: a share from 0 to 1, as 0.9. Write a share, as 0.9.', "Did you mean losses?",
        "--certainty safe_exit: found 0.9 of a code that is not known", "Write 0.95", "--certainty: found 0.7 after 0.8",
        '--certainty enforcement: found "1.5"', "--mobilisation: ",
    ):  # fmt: skip
        assert part in said, part


def test_a_case_is_held_out_with_those_that_share_its_men() -> None:
    cases = [
        army.CodedArmy("A"),
        army.CodedArmy("B", overlap_with="A"),
        army.CodedArmy("C", overlap_with="A"),
        army.CodedArmy("D"),
    ]
    assert sharing_men(cases[0], cases) == {"A", "B", "C"}
    assert sharing_men(cases[1], cases) == {"A", "B", "C"}
    assert sharing_men(cases[3], cases) == {"D"}


def test_the_missing_codes_are_asked_for(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    said = iter(["1", "many", "?", "", "0.8"])
    monkeypatch.setattr(Console, "input", lambda *_: next(said))
    given, ratio = assess.questions(["losses", "safe_exit", "enforcement"], force_ratio=True)
    assert (given, ratio) == ({"losses": 1, "safe_exit": None, "enforcement": None}, "0.8")
    out, err = capsys.readouterr()
    assert out == ""
    for words in ("what awaits a man who leaves?", *codebook.RULES["enforcement"].levels, "Write 0 for absent"):
        assert words in err

    def no_more(*_: Any) -> str:
        raise EOFError

    monkeypatch.setattr(Console, "input", no_more)
    assert assess.questions(["losses"], force_ratio=True) == ({}, None)


# --- What would change it.


def test_each_code_is_put_a_step_up_a_step_down_and_at_nothing() -> None:
    case = army.CodedArmy("A", {"losses": 2, "no_victory": 1, "mobilisation": 0})
    found = run.steps(case)
    assert found[:5] == [("losses", 1), ("losses", 0), ("no_victory", 2), ("no_victory", 0), ("mobilisation", 1)]
    assert [to for code, to in found if code == "safe_exit"] == [0, 1, 2]
    assert {one.army_id for one in run.variants(case)} == {"A"}
    assert len(run.variants(case)) == 1 + len(found)


@pytest.mark.parametrize(
    ("code", "here", "there", "low", "high", "against"),
    [
        ("losses", 1, 2, -0.3, -0.1, True),
        ("losses", 1, 2, -0.3, 0.1, False),
        ("losses", 1, 0, 0.1, 0.3, True),
        ("enforcement", 1, 2, -0.3, -0.1, False),
        ("enforcement", 1, 2, 0.1, 0.3, True),
        ("enforcement", None, 2, 0.1, 0.3, False),
        ("losses", 1, 2, -0.002, -0.001, False),
    ],
)
def test_a_change_against_the_sense_of_its_code_is_named(
    code: str, here: int | None, there: int, low: float, high: float, against: bool
) -> None:
    change = Estimate((low + high) / 2, low, high)
    assert run.Change(code, here, there, change, change, change).against_its_sense is against


# --- The answer.


@pytest.fixture(scope="module")
def own() -> run.Assessment:
    """An army of one's own, one code not known."""
    return run.assess({**GIVEN, "safe_exit": None}, force_ratio=0.8, name="Mine", **FEW)


@pytest.mark.slow
def test_an_army_of_ones_own_is_assessed(own: run.Assessment) -> None:
    assert own.taught == "never seen"
    for one in (own.p_collapse, own.p_mass_desertion, own.exits):
        assert 0 <= one.low <= one.value <= one.high
    assert own.p_mass_desertion.high <= 1
    assert len(own.nearest) == run.NEAREST
    assert [one.distance for one in own.nearest] == sorted(one.distance for one in own.nearest)
    sizes = [abs(one.collapse.value) for one in own.changes]
    assert sizes == sorted(sizes, reverse=True)
    assert {(one.code, one.there) for one in own.changes} == set(run.steps(own.request.army))
    for one in own.changes:
        assert one.p_collapse.value == pytest.approx(own.p_collapse.value + one.collapse.value, abs=1e-6)


@pytest.mark.slow
def test_a_name_changes_no_number(own: run.Assessment) -> None:
    again = run.assess({**GIVEN, "safe_exit": None}, force_ratio=0.8, name="Yours", with_changes=False, **FEW)
    for name in ("p_collapse", "p_mass_desertion"):
        one, two = getattr(own, name), getattr(again, name)
        assert (one.value, one.low, one.high) == pytest.approx((two.value, two.low, two.high), abs=1e-4)
    assert again.changes == ()


@pytest.mark.slow
def test_by_each_horizon_the_ends_add_up_and_grow(own: run.Assessment) -> None:
    assert [each.days for each in own.by_day] == list(outcomes.HORIZONS)
    for each in own.by_day:
        ends = (each.collapse, each.settlement, each.destroyed, each.none)
        assert sum(one.value for one in ends) == pytest.approx(1)
        for one in ends:
            assert 0 <= one.low <= one.value <= one.high <= 1
    for before, after in zip(own.by_day, own.by_day[1:]):
        assert after.collapse.value >= before.collapse.value
        assert after.settlement.value >= before.settlement.value
    rare = run._share(np.repeat([0.2, 0.0], [1, 31]), 160)  # one run of 160: nine draws in ten saw none
    assert (rare.value, rare.low) == (pytest.approx(1 / 160), 0)
    assert rare.high == pytest.approx(intervals.wilson(1, 160)[1])
    plain = own.to_dict()["by_day"]
    assert isinstance(plain, list)
    assert plain[0]["none"] == dict(
        value=own.by_day[0].none.value, p05=own.by_day[0].none.low, p95=own.by_day[0].none.high
    )


@pytest.mark.slow
def test_codes_taken_as_certain_give_what_coders_who_never_err_give(own: run.Assessment) -> None:
    """The posterior of these tests has exact codes; beside it, one whose coders err is asked with every code certain."""
    known = {code: level for code, level in GIVEN.items() if code != "safe_exit"}
    alone = {**FEW, "with_changes": False, "force_ratio": 0.8}
    erring = dataclasses.replace(posterior.shipped(), errors=ERRING)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(posterior, "shipped", lambda: erring)
        predictor.shipped.cache_clear()
        sure = run.assess(known, certainty=1, **alone)
        unsure = run.assess(known, certainty={"losses": 0.4}, **alone)
    predictor.shipped.cache_clear()
    assert sure.p_collapse.value == pytest.approx(own.p_collapse.value, abs=1e-4)
    assert [each.collapse for each in sure.by_day] == [each.collapse for each in own.by_day]
    assert sure.certainty == dict.fromkeys(known, pytest.approx(1))
    assert unsure.certainty["losses"] == pytest.approx(0.4)
    assert 0 < unsure.certainty["enforcement"] < 1
    assert unsure.to_dict()["certainty"]["losses"] == {"value": pytest.approx(0.4), "source": "given"}  # type: ignore[index]
    assert "as you say: losses 0.40; as learnt of coders: " in army_report.certainty(unsure)


@pytest.mark.slow
def test_a_shipped_case_is_told_by_the_others() -> None:
    def never(*_: Any) -> None:
        raise AssertionError("nothing is run")

    found = run.assess(army="RUS_1917", with_changes=False, progress=never)
    assert (found.taught, found.by_day) == ("left out", ())
    army = found.request.army
    training = predictor.shipped().training
    others = training.left(sharing_men(army, training.armies))
    assert army not in others
    assert found.base_rate["collapse"] == pytest.approx(np.mean([case.collapse for case in others]))
    assert "RUS_1917" not in [each.army.army_id for each in found.nearest]
    made = found.to_dict()
    assert made["came"] == {"collapse": True, "mass_desertion": True}
    assert "left out" in assess.basis(found)


@pytest.mark.slow
def test_an_answer_is_written_shown_and_drawn(own: run.Assessment, tmp_path: Path) -> None:
    written = {path.name for path in own.save(tmp_path / "new" / "folder", figures=True).parent.iterdir()}
    assert written == {"assessment.json", "changes.csv", "nearest.csv", "changes.png", "changes.svg", "result.npz"}
    made = json.loads((tmp_path / "new" / "folder" / "assessment.json").read_text(), parse_constant=pytest.fail)
    assert made == json.loads(json.dumps(own.to_dict()))
    rows = list(csv.DictReader((tmp_path / "new" / "folder" / "changes.csv").open()))
    assert [row["code"] for row in rows] == [one.code for one in own.changes]
    console = Console(width=110, record=True, file=sys.stderr)
    for part in assess.army_parts(own):
        console.print(part, markup=False)
    shown = console.export_text()
    greatest = army_report.step(own.changes[0].code, own.changes[0].here, own.changes[0].there)
    for words in (
        "Mine",
        greatest,
        "base rate",
        "state ends the war",
        "Chance that each code is right",
        "no forecast with a date",
        own.nearest[0].army.army_id,
    ):
        assert words in re.sub(r"\s+", " ", shown), words
    assert max(map(len, shown.splitlines())) <= 110
    assert "<th>still fighting</th>" in own._repr_html_()


def test_signs_are_plain() -> None:
    assert [army_report.signed(value) for value in (0.004, -0.004, 0.25, -0.25)] == [
        "0",
        "0",
        "+0.25",
        "\N{MINUS SIGN}0.25",
    ]


# --- A second coder.


@pytest.mark.slow
def test_a_second_coder_of_one_mind_changes_nothing() -> None:
    found = run.second_coder(army.coding(reader.shipped()))
    assert found.agreement.overall.equal == 1
    assert not any(each.differs for each in found.armies)
    counted = [each for each in found.armies if each.first is not None]
    assert [each.first for each in counted] == [each.second for each in counted]
    assert found.effects["model"].paired.brier.value == 0
    assert found.effects["ridge_ten"].paired.brier.value == pytest.approx(0)


@pytest.mark.slow
def test_the_chances_are_those_of_leaving_each_case_out() -> None:
    cases = [shipped(name) for name in ("RUS_1917", "FRA_1917", "ITA_1917")]
    predictor = calibration_predictor.shipped()
    out = [sharing_men(case, predictor.training.armies) for case in cases]
    first, second = predictor.recoded(cases, cases, out)
    assert list(first) == list(second)
    resampled = predictor.by_weights([Holdout(case, LEFT_OUT, names) for case, names in zip(cases, out, strict=True)])
    assert first == pytest.approx(resampled.p_collapse.mean(axis=1), abs=0.05)


@pytest.mark.slow
def test_a_second_coder_who_differs(tmp_path: Path) -> None:
    coding = {
        "RUS_1917": {"safe_exit": 0, "operational_shock": 0, "losses": None},
        "FRA_1917": dict(shipped("FRA_1917").codes),
        "RUS_191": {"losses": 1},
    }
    found = run.second_coder(coding)
    assert found.unknown == {"RUS_191": "RUS_1917"}
    moved, same = sorted(found.armies, key=lambda each: each.army.army_id, reverse=True)
    assert {each.code for each in moved.differs} == {"safe_exit", "operational_shock"}
    assert moved.first != moved.second
    assert (same.first, same.differs) == (same.second, ())
    assert found.effects["model"].first.cases == 2
    written = {path.name for path in found.save(tmp_path).parent.iterdir()}
    assert written == {"second_coder.json", "agreement.csv", "recoded.csv", "result.npz"}
    json.loads((tmp_path / "second_coder.json").read_text(), parse_constant=pytest.fail)
    console = Console(width=110, record=True, file=sys.stderr)
    for part in assess.coder_parts(found):
        console.print(part, markup=False)
    assert "RUS_191 (meant RUS_1917?)" in console.export_text()


def test_a_file_of_other_cases_is_refused() -> None:
    with pytest.raises(AssessError, match="Did you mean RUS_1917"):
        run.second_coder({"RUS_191": {"losses": 1}})


# --- Two coders of any armies.


@pytest.mark.slow
def test_two_coders_of_further_armies(tmp_path: Path) -> None:
    found = run.agree("coder1", "coder2")
    assert (len(found.agreement.armies), found.without, found.draws > 0) == (25, "its war", True)
    apart = [abs(each.second - each.first) for each in found.armies]
    assert found.mean_change == pytest.approx(np.mean(apart))
    assert found.effects["model"].first.cases == 24  # those that count for themselves by the first
    same = run.agree("coder1", reader.further()["coder1"])
    assert (same.agreement.overall.kappa, same.mean_change) == (1, 0)
    assert found.to_dict()["shared"] == 25
    assert found.save(tmp_path).exists()


@pytest.mark.slow
def test_agreement_of_two_small_tables_and_the_war_left_out(tmp_path: Path) -> None:
    columns = ",".join(["case_id", *codebook.CODE_COLUMNS.values()])
    (tmp_path / "a.csv").write_text(f"{columns}\nRUS_1917,0,0,0,1,1,2,2,2,1,1\nMINE,,1,1,1,1,1,1,1,1,1\nX{',1' * 10}\n")
    (tmp_path / "b.csv").write_text(f"{columns}\nRUS_1917,0,0,1,1,1,2,2,2,1,1\nMINE,,1,1,1,1,1,1,1,1,1\nY{',1' * 10}\n")
    found = run.agree(tmp_path / "a.csv", tmp_path / "b.csv")
    assert (found.agreement.armies, found.agreement.only_first) == (("RUS_1917", "MINE"), ("X",))
    assert found.unknown == {"Y": None}
    # Of 19 pairs one differs, by a step. Margins 3, 13, 3 and 2, 14, 3: by chance 191 steps in 361.
    assert found.agreement.overall.count == 19
    chance = (3 * 14 + 13 * 2 + 13 * 3 + 3 * 14 + 2 * (3 * 3 + 3 * 2)) / 19**2
    assert found.agreement.overall.kappa == pytest.approx(1 - (1 / 19) / chance)
    russia, mine = found.armies
    assert mine.first is mine.second is None  # both left a code open
    predictor = calibration_predictor.shipped()
    here = shipped("RUS_1917")
    codes = dict(zip(army.CODES, (0, 0, 0, 1, 1, 2, 2, 2, 1, 1), strict=True))
    expected, _ = predictor.weighted([dataclasses.replace(here, codes=codes)], [predictor.training.same_war(here)])
    assert russia.first == pytest.approx(expected[0], abs=1e-5)


def test_a_second_coders_codes_are_readings_and_not_what_would_be() -> None:
    """A changed army's new codes are certain; another coder's are as unsure as the first's."""
    here = shipped("RUS_1917")
    other = run._under(here, {here.army_id: {"losses": 0, "safe_exit": None}})
    assert (other.codes, other.certain) == ({**here.codes, "losses": 0}, frozenset())
    assert (other.coder, other.vantage) == (here.coder, here.vantage)
    assert army.changed(here, losses=0).certain == {"losses"}


def test_tables_without_a_common_army_are_refused() -> None:
    with pytest.raises(AssessError, match="Correct the names"):
        run.agree("first", "coder1")


# --- The command.

Said = tuple[int, str, str]


@pytest.fixture
def holdfast(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Any:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "300")

    def said(*words: str) -> Said:
        try:
            code = app.guarded(["assess", *words])
        except SystemExit as stop:
            code = int(stop.code or 0)
        return (code, *capsys.readouterr())

    return said


@pytest.mark.slow
def test_the_command_prints_one_json_object(
    holdfast: Callable[..., Said], own: run.Assessment, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests: list[Any] = []
    monkeypatch.setattr(run, "assessment", lambda *words, **_: requests.append(words) or own)
    code, out, err = holdfast("--losses", "2", "--safe-exit", "?", "--draws", "7", "--json", "--out", "new")
    assert (code, err) == (0, "")
    assert json.loads(out, parse_constant=pytest.fail) == json.loads(Path("new/assessment.json").read_text())
    wanted, draws, _ = requests[0]
    assert (wanted.army.codes["losses"], len(wanted.unknown), draws) == (2, 9, 7)
    code, out, err = holdfast("--losses", "2")
    assert code == 0
    assert "Not given, and taken as not known: --no-victory" in err
    assert "What would change it most" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), ("--patron-withdrawal", "--army RUS_1917")),
        (("--losses", "3", "--draws", "0", "--workers", "0"), ("3 faults", "--losses: ", "--draws: ", "--workers: ")),
        (("--second-coder", "no.csv", "--losses", "1"), ("2 faults", "--losses beside it", 'no file "no.csv"')),
        (("--army", "RUS_1917", "--out", "a-file"), ("--out: ", "Choose another")),
    ],
)
def test_faults_of_the_request_are_told(
    holdfast: Callable[..., Said], words: tuple[str, ...], said: tuple[str, ...]
) -> None:
    Path("a-file").write_text("")
    code, out, err = holdfast(*words)
    assert (code, out) == (2, "")
    for one in said:
        assert one in err, err
    code, out, err = holdfast(*words, "--json")
    assert (code, err) == (2, "")
    assert said[0] in json.loads(out)["error"]
