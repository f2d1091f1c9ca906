"""The backtest's charts say what they are given, in words that can be read."""

import dataclasses
import datetime as dt
import html
import re

import numpy as np
import pytest
import vl_convert

from holdfast.coded_armies.army import CodedArmy
from holdfast.present import backtest_report
from holdfast.present.backtest_report import Chance, Pair
from holdfast.stats import scoring

LUCK = np.random.default_rng(2)
CAME = np.arange(40) % 2 == 0
TOLD = np.clip(0.5 + (CAME - 0.5) * 0.6 + LUCK.normal(0, 0.15, 40), 0, 1)


def words_of(chart):
    """All text of the drawn chart."""
    svg = vl_convert.vegalite_to_svg(chart.to_dict())
    return [html.unescape(one) for one in re.findall(r"<text[^>]*>([^<]*)</text>", svg)]


def rows(count=51):
    return [
        Chance(
            f'Najibullah\'s "army" {i}', i / count, max(0, i / count - 0.1), min(1, i / count + 0.2), i % 2 == 0, 0.4
        )
        for i in range(count)
    ]


def test_every_case_is_named_once_the_highest_chance_on_top():
    cases = rows()
    said = words_of(backtest_report.army_by_army(cases, "Cases", rival="ridge"))
    named = [one for one in said if one.startswith("Najibullah")]
    assert named == [one.name for one in sorted(cases, key=lambda one: -one.p)]
    assert "collapsed" in said
    assert "outcome not known" not in said


def test_an_outcome_not_known_and_two_cases_of_one_name_are_drawn():
    one = dataclasses.replace(rows()[3], happened=None, rival=None)
    said = words_of(backtest_report.army_by_army([one, one, rows()[4]], "Cases"))
    assert said.count(one.name) == 2
    assert "outcome not known" in said
    assert "did not collapse" not in said


def test_a_pair_stands_under_its_head():
    cases = rows(4)
    told = [Pair("Syria", tuple(cases[:2]), 0.934), Pair("Italy", tuple(cases[2:3]))]
    said = words_of(backtest_report.pairs(told, "Pairs"))
    order = [said.index(one) for one in ("Syria", cases[0].name, cases[1].name, "Italy", cases[2].name)]
    assert order == sorted(order)
    assert "in the order that came, with chance 0.93" in said


def test_bins_tell_their_counts():
    said = words_of(backtest_report.calibration(TOLD, CAME))
    for one in scoring.reliability(TOLD, CAME):
        assert str(one.cases) in said
    assert "collapsed (20)" in said
    assert "did not collapse (20)" in said


@pytest.mark.parametrize(("p", "y"), [([0.3], [True]), ([1.0, 0.0], [1, 0])])
def test_few_armies_are_drawn_too(p, y):
    said = words_of(backtest_report.calibration(p, y))
    assert f"collapsed ({sum(map(bool, y))})" in said
    assert [one.cases for one in scoring.reliability(p, y)] == [1] * len(p)
    assert said.count("1") >= len(p)  # the count of each bin


def test_scores_and_differences_are_written_out():
    flat = np.full(40, 0.5)
    model, base = scoring.scored(TOLD, CAME), scoring.scored(flat, CAME)
    said = words_of(backtest_report.by_model({"Holdfast": model, "base rate": base}, "Scores", own=["Holdfast"]))
    assert f"{model.brier.value:.3f}" in said
    assert f"{model.auc.value:.3f}" in said
    assert "0.250" in said
    against = scoring.paired(TOLD, flat, CAME)
    said = words_of(backtest_report.differences({"base rate": against}, "Differences", own="Holdfast"))
    assert f"−{-against.brier.value:.3f}" in said
    assert f"+{against.auc.value:.3f}" in said


def test_an_auc_without_meaning_leaves_its_row_empty():
    """The other scores stand there; of the area there is neither a number nor a word such as nan."""
    one = scoring.scored([0.2, 0.3], [0, 0])
    both = scoring.scored([0.2, 0.8], [0, 1])
    said = words_of(backtest_report.by_model({"Holdfast": one}, "Scores"))
    assert f"{one.brier.value:.3f}" in said
    assert f"{one.log.value:.3f}" in said
    assert not any("nan" in word.lower() or "null" in word.lower() for word in said)
    numbers = lambda words: [word for word in words if re.fullmatch(r"\d\.\d{3}", word)]
    assert len(numbers(said)) == 2
    assert len(numbers(words_of(backtest_report.by_model({"Holdfast": both}, "Scores")))) == 3


def test_a_case_is_named_by_army_and_years():
    first, last = dt.date(1916, 1, 1), dt.date(1918, 10, 30)
    assert (
        backtest_report.named(CodedArmy("OTT", army="Ottoman army", start=first, end=last)) == "Ottoman army, 1916–18"
    )
    assert backtest_report.named(CodedArmy("OTT", army="Ottoman army", start=first, end=first)) == "Ottoman army, 1916"
    assert backtest_report.named(CodedArmy("X", start=dt.date(1899, 1, 1), end=dt.date(1902, 1, 1))) == "X, 1899–1902"
    assert backtest_report.named(CodedArmy("X")) == "X"
