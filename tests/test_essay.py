"""The essay, claim by claim: verdicts follow from figures by rules; a statement has a test or a reason; the page is a run's."""

from __future__ import annotations

import dataclasses
import inspect
import re
from pathlib import Path

import numpy as np
import pytest

import published
from holdfast.essay_claims import casualties, motives, rules, run
from holdfast.essay_claims.aftermath import Followed
from holdfast.essay_claims.material import Material
from holdfast.essay_claims.result import BY_ID, EssayVerdicts, Row
from holdfast.essay_claims.rules import NOT_SUPPORTED, NOT_TESTABLE, PARTLY, SUPPORTED, Bound, Rule
from holdfast.essay_claims.statements import KINDS, STATEMENTS, Statement
from holdfast.present import essay_report

PAGE = Path(__file__).parent.parent / "docs" / "essay.md"
TESTED = [one for one in STATEMENTS if one.rule]


def edge_of(bound: Bound) -> float:
    """The number at which a bound lies."""
    edge = bound.least if bound.least is not None else bound.most
    assert edge is not None
    return edge


def figures_at(rule: Rule, *, good: bool) -> dict[str, float]:
    """Figures all of which keep every bound of a rule, or none of which does."""
    figures: dict[str, float] = {}
    for bound in rule.bounds:
        edge = edge_of(bound)
        better = 1 if bound.least is not None else -1
        figures[bound.figure] = edge + (better if good else -better) * 10 * (abs(edge) + 1)
    return figures


# --- The statements.


def test_names_of_statements_are_unique() -> None:
    assert len(BY_ID) == len(STATEMENTS)
    assert len({one.says for one in STATEMENTS}) == len(STATEMENTS)


@pytest.mark.parametrize("one", STATEMENTS, ids=lambda one: one.id)
def test_every_statement_has_a_test_or_a_reason(one: Statement) -> None:
    assert bool(one.test) == bool(one.rule) == bool(one.rests_on) != bool(one.reason)
    assert one.kind in KINDS
    assert one.says.endswith(".")
    for name, gives in ((one.test, rules.Measured), (one.followed, Followed)):
        if name:
            function = run.function(name)
            assert inspect.signature(function, eval_str=True).return_annotation is gives, name


@pytest.mark.parametrize(
    "subject",
    ["dead", "three", "falling", "recruit", "17,000", "400,000", "abroad", "Patriotism", "aura", "Propaganda", "Pay", "jail",
     "habit", "poor", "protested", "1917", "1941", "Vlasov", "mobilisation", "prospect", "leader", "regime", "latent", "winter",
     "front", "war would end", "desert in mass"],
)  # fmt: skip
def test_nothing_of_the_argument_is_left_out(subject: str) -> None:
    assert any(subject in one.says for one in STATEMENTS)


# --- Rules.


@pytest.mark.parametrize("one", TESTED, ids=lambda one: one.id)
def test_every_verdict_can_come_and_turns_at_its_bounds(one: Statement) -> None:
    assert one.rule
    assert one.rule.verdict(figures_at(one.rule, good=True)) == SUPPORTED
    assert one.rule.verdict(figures_at(one.rule, good=False)) == NOT_SUPPORTED
    for bound in one.rule.supported:
        edge = edge_of(bound)
        little = 1e-9 * (1 + abs(edge))
        beyond = edge - little if bound.least is not None else edge + little
        figures = figures_at(one.rule, good=True)
        assert one.rule.verdict(figures | {bound.figure: edge}) == SUPPORTED
        assert one.rule.verdict(figures | {bound.figure: beyond}) != SUPPORTED, (
            "a figure beyond its bound turns the verdict"
        )
    assert one.rule.why
    assert all(f"{edge_of(each):,g}" in one.rule.words for each in one.rule.bounds)


def test_partly_needs_all_bounds_of_one_of_its_ways() -> None:
    rule = Rule((Bound("a", 2.0),), ((Bound("a", 1.0), Bound("b", most=0.0)), (Bound("c", 5.0),)), "")
    assert rule.verdict({"a": 1.5, "b": -1.0, "c": 0.0}) == PARTLY
    assert rule.verdict({"a": 1.5, "b": 1.0, "c": 0.0}) == NOT_SUPPORTED
    assert rule.verdict({"a": 0.0, "b": 1.0, "c": 5.0}) == PARTLY


def test_a_figure_that_is_not_a_number_supports_nothing_and_a_missing_one_is_a_fault() -> None:
    rule = rules.above("a", 1.0, 0.5, "")
    assert rule.verdict({"a": float("nan")}) == NOT_SUPPORTED
    with pytest.raises(KeyError):
        rule.verdict({"b": 1.0})


def test_no_verdict_is_kept_beside_the_figures() -> None:
    assert "verdict" not in {each.name for each in dataclasses.fields(Row)}
    row = Row("dead", {"share_of_draws_with_as_many": 0.2})
    assert row.verdict == SUPPORTED
    assert dataclasses.replace(row, figures={"share_of_draws_with_as_many": 0.0}).verdict == NOT_SUPPORTED
    assert Row("vlasov").verdict == NOT_TESTABLE


# --- Tests of statements that want no runs.


@pytest.fixture(scope="module")
def material() -> Material:
    """What tests rest on; nothing of it is worked out before it is wanted."""
    return Material(quick=True)


CHEAP = ("recruits-die", "flight", "regions-poor", "regions-low-income", "regions-peoples", "dead-spread", "winter-in-history",
         "desertion-collapse", "factors-enough")  # fmt: skip


@pytest.mark.parametrize("name", CHEAP)
def test_a_test_gives_all_figures_of_its_rule(name: str, material: Material) -> None:
    measured = run.function(BY_ID[name].test)(material)
    assert isinstance(measured, rules.Measured)
    rule = BY_ID[name].rule
    assert rule
    assert {bound.figure for bound in rule.bounds} <= set(measured.figures)
    assert rule.verdict(measured.figures) in rules.VERDICTS
    assert measured.says
    assert measured.command.startswith("holdfast ")


def test_the_dead_whose_kind_is_known_are_counted_from_the_table(material: Material) -> None:
    rows = material.regions
    new = sum(int(row[kind]) for row in rows for kind in motives.NEW)
    old = sum(int(row[kind]) for row in rows for kind in motives.OLD)
    assert motives.recruits(material).figures["share"] == pytest.approx(new / (new + old))


def test_quarters_of_men_by_a_formula() -> None:
    even = np.array([[1.0, 100, 1], [2.0, 100, 2], [3.0, 100, 3], [4.0, 100, 4]])
    assert motives._quarters(even) == pytest.approx(4.0)
    halves = np.array([[1.0, 200, 1], [3.0, 200, 2]])  # each quarter lies within one region
    assert motives._quarters(halves) == pytest.approx(3.0)
    mixed = np.array([[1.0, 100, 1], [2.0, 200, 2], [6.0, 100, 3]])
    assert motives._quarters(mixed[::-1]) == pytest.approx(6.0), "the order of the rows is of no account"


def test_a_number_in_the_tail_of_draws() -> None:
    draws = np.arange(1000.0)
    assert motives.tail(draws, 499.5) == pytest.approx(0.5)
    assert motives.tail(draws, 9.5) == pytest.approx(0.01)
    assert motives.tail(draws, 5000) == 0


def test_the_essays_own_numbers_are_not_held_against_themselves(material: Material) -> None:
    assert {material.claim(name).claimant[:8] for name in casualties.OWN} == {"A. Motyl"}
    counted = material.claims
    own = [one for one in counted if one.claim_id in casualties.OWN and one.quantity in ("killed", "emigrated")]
    assert len(own) == 2
    assert casualties.spread(material).figures["largest_over_smallest"] < 300_000 / 45_000


# --- The result and its page.


@pytest.fixture
def result() -> EssayVerdicts:
    """A result of figures that were invented: every rule kept, but one."""
    rows = [
        Row(
            one.id,
            figures_at(one.rule, good=one.id != "dead") if one.rule else {},
            "said",
            "holdfast x",
            "came",
            "a table",
        )
        for one in STATEMENTS
    ]
    return EssayVerdicts(tuple(rows), False, 1, 48, 348)


def test_a_saved_result_says_the_same_and_opens_again(result: EssayVerdicts, tmp_path: Path) -> None:
    import holdfast as hf

    page = result.save(tmp_path / "essay")
    again = hf.open(tmp_path / "essay")
    assert isinstance(again, EssayVerdicts)
    assert again.to_dict() == result.to_dict()
    published.hold("essay", result.to_dict())
    shown = page.read_text(encoding="utf8")
    assert all(one.id in shown for one in STATEMENTS)
    assert "http" not in shown.replace("http-equiv", "")
    assert sum(result.counts().values()) == len(STATEMENTS)
    assert result.counts()[NOT_SUPPORTED] == 1


def verdicts_of(page: str) -> dict[str, tuple[str, dict[str, float]]]:
    """Verdict and figures of every statement of a page in Markdown."""
    found = {}
    for name, body in re.findall(r"^### (\S+)\n(.*?)(?=^##|\Z)", page, re.S | re.M):
        verdict = re.search(r"\)\* \*\*(.+?)\*\*", body)
        line = re.search(r"^- Figures: (.*)\.$", body, re.M)
        pairs = re.findall(r"`(\w+)` = (\S+?)(?=,|$)", line[1]) if line else []
        assert verdict, name
        found[name] = verdict[1], {key: float(value) for key, value in pairs}
    return found


def test_the_markdown_has_figures_from_which_each_verdict_follows(result: EssayVerdicts) -> None:
    read = verdicts_of(essay_report.as_markdown(result))
    assert list(read) == [row.id for row in result.tested]
    assert all(read[row.id][0] == row.verdict for row in result.tested)


def test_the_page_of_the_documentation_is_what_a_full_run_said() -> None:
    text = PAGE.read_text(encoding="utf8")
    read = verdicts_of(text)
    assert list(read) == [one.id for one in STATEMENTS], "renew it: holdfast essay --out essay, and take its essay.md"
    assert essay_report.QUICK not in text
    for one in STATEMENTS:
        verdict, figures = read[one.id]
        assert verdict == (one.rule.verdict(figures) if one.rule else NOT_TESTABLE), one.id
        assert one.says in text
        assert one.rule is None or one.rule.words in text, f"the rule of {one.id} was changed: renew the page"
