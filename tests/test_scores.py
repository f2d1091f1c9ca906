"""Scores against numbers worked out by hand, and what holds of them for any chances."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from holdfast.core import units
from holdfast.stats import intervals, scoring

TOLD, CAME = [0.9, 0.4, 0.4, 0.1], [1, 1, 0, 0]


@st.composite
def told(draw, both=True):
    """Chances on a grid of hundredths, so that ties occur, and outcomes; `both` has each outcome at least once."""
    cases = draw(st.integers(2, 30))
    chances = np.array(draw(st.lists(st.integers(0, 100), min_size=cases, max_size=cases))) / 100
    outcomes = np.array(draw(st.lists(st.booleans(), min_size=cases, max_size=cases)))
    if both:
        assume(outcomes.any() and not outcomes.all())
    return chances, outcomes


def test_the_three_scores_by_hand():
    assert scoring.brier(TOLD, CAME) == pytest.approx((0.01 + 0.36 + 0.16 + 0.01) / 4)
    assert scoring.log_score(TOLD, CAME) == pytest.approx(-np.log([0.9, 0.4, 0.6, 0.9]).mean())
    assert scoring.auc(TOLD, CAME) == pytest.approx((1 + 1 + 0.5 + 1) / 4)


def test_a_failed_certainty_has_a_finite_price():
    assert scoring.log_score([0.0], [1]) == pytest.approx(-math.log(1e-6))
    assert scoring.log_score([1.0], [0]) == pytest.approx(-math.log(1e-6))
    assert scoring.log_score([1.0, 0.0], [1, 0]) == pytest.approx(0, abs=2e-6)


def test_an_auc_needs_both_outcomes():
    assert math.isnan(scoring.auc([0.2, 0.3], [1, 1]))
    all_held = scoring.scored([0.2, 0.3], [0, 0])
    assert math.isnan(all_held.auc.value)
    assert math.isnan(all_held.auc.low)
    assert all_held.brier.value == pytest.approx(0.065)


def test_one_chance_for_all_orders_nobody():
    assert scoring.auc([0.3] * 5, [1, 0, 1, 0, 0]) == 0.5
    leaning = np.array([0.4, 0.6, 0.4, 0.6])  # as a base rate left out falls
    outcomes = np.array([True, False, True, False])
    assert scoring.auc(leaning, outcomes) == 0
    assert scoring.scored(leaning, outcomes, orders=False).auc == intervals.Estimate(0.5, 0.5, 0.5)
    flat, other = np.full(4, 0.5), np.array([0.9, 0.2, 0.3, 0.4])
    against = scoring.paired(other, leaning, outcomes, orders=(True, False)).auc
    assert against == scoring.paired(other, flat, outcomes).auc


@pytest.mark.parametrize(
    ("p", "y"), [([], []), ([0.5], [1, 0]), ([1.2], [1]), ([math.nan], [1]), ([0.5], [math.nan]), ([[0.5]], [[1]])]
)
def test_what_is_no_chance_or_no_outcome_is_refused(p, y):
    with pytest.raises(ValueError):
        scoring.scored(p, y)


@given(told())
def test_the_auc_knows_only_the_order(both):
    p, y = both
    assert scoring.auc(p**3 / 2, y) == pytest.approx(scoring.auc(p, y))
    assert scoring.auc(1 / (1 + np.exp(-5 * p)), y) == pytest.approx(scoring.auc(p, y))


@given(told())
def test_the_auc_of_the_contrary_is_what_is_missing_to_one(both):
    p, y = both
    assert scoring.auc(p, y) + scoring.auc(1 - p, y) == pytest.approx(1)
    assert scoring.auc(p, y) + scoring.auc(p, ~y) == pytest.approx(1)


@given(told())
def test_the_auc_by_ranks_is_the_auc_by_pairs(both):
    p, y = both
    pairs = np.sign(p[y][:, None] - p[~y][None, :])
    assert scoring.auc(p, y) == pytest.approx((pairs.mean() + 1) / 2)


@given(told(both=False))
def test_brier_and_log_stay_in_their_bounds(both):
    p, y = both
    assert 0 <= scoring.brier(p, y) <= 1
    assert 0 <= scoring.log_score(p, y) <= -math.log(1e-6) + 1e-9
    assert scoring.brier(p, y) == pytest.approx(scoring.brier(1 - p, ~y))


@settings(max_examples=25, deadline=None)
@given(told(both=False))
def test_a_model_does_not_differ_from_itself(both):
    p, y = both
    against = scoring.paired(p, p, y)
    for one in (against.brier, against.log):
        assert (one.value, one.low, one.high, one.a_better) == (0, 0, 0, 0.5)
    if y.any() and not y.all():
        assert (against.auc.value, against.auc.low, against.auc.high, against.auc.a_better) == (0, 0, 0, 0.5)


@settings(max_examples=25, deadline=None)
@given(told())
def test_intervals_lie_in_the_scores_bounds_and_come_out_the_same_again(both):
    p, y = both
    once = scoring.scored(p, y)
    assert once == scoring.scored(p, y)
    for one in (once.brier, once.auc):
        assert 0 <= one.low <= one.high <= 1


@settings(max_examples=25, deadline=None)
@given(told(), st.integers(0, 2**16))
def test_a_difference_turned_round_changes_its_sign(both, seed):
    p, y = both
    other = np.random.default_rng(seed).random(len(p))
    there, back = scoring.paired(p, other, y), scoring.paired(other, p, y)
    for one, two in ((there.brier, back.brier), (there.log, back.log), (there.auc, back.auc)):
        assert (one.value, one.low, one.high) == pytest.approx((-two.value, -two.high, -two.low))
        assert one.a_better + two.a_better == pytest.approx(1)


def test_the_better_model_is_said_to_be_better():
    y = np.arange(40) % 2 == 0
    good, poor = np.where(y, 0.9, 0.1), np.where(np.arange(40) % 5 == 0, 0.4, 0.6)
    against = scoring.paired(good, poor, y)
    assert against.brier.high < 0
    assert against.log.high < 0
    assert against.auc.low > 0
    assert against.brier.a_better == against.log.a_better == against.auc.a_better == 1


def test_resamples_of_one_outcome_are_drawn_anew_for_the_auc():
    y = np.array([True] + [False] * 4)  # a third of all resamples lack the one
    every, mixed = scoring._resamples(y, scoring.KEY)
    lone = np.isin(every[:, y].sum(axis=1), (0, 5))
    assert 0.25 < lone.mean() < 0.42
    assert not np.isin(mixed[:, y].sum(axis=1), (0, 5)).any()
    assert np.array_equal(every[~lone], mixed[~lone])


def test_an_interval_of_means_is_about_the_normals():
    luck = np.random.default_rng(3)
    p, y = luck.random(400), luck.random(400) < 0.5
    found = scoring.scored(p, y).brier
    error = np.std((p - y) ** 2) / math.sqrt(400)
    assert found.high - found.low == pytest.approx(2 * units.Z90 * error, rel=0.08)


def test_the_standard_error_of_an_auc_is_near_the_bootstraps():
    assert scoring.auc_error(0.91, 22, 20) == pytest.approx(0.0468, abs=2e-4)
    # One half on single cases of each outcome is a coin.
    assert scoring.auc_error(0.5, 1, 1) == pytest.approx(0.5)
    assert math.isnan(scoring.auc_error(0.9, 0, 5))
    luck = np.random.default_rng(5)
    y = np.arange(300) < 150
    p = 1 / (1 + np.exp(-luck.normal(size=300) - y))
    found = scoring.scored(p, y).auc
    assert scoring.auc_error(found.value, 150, 150) == pytest.approx((found.high - found.low) / 2 / units.Z90, rel=0.15)


def test_wilsons_interval_by_its_quadratic():
    for happened, cases in ((0, 6), (3, 6), (6, 6), (1, 9)):
        low, high = intervals.wilson(happened, cases)
        for end in (low, high):  # each end is a share from which the count lies 1.645 deviations away, or an edge
            apart = abs(happened / cases - end)
            assert apart == pytest.approx(units.Z90 * math.sqrt(end * (1 - end) / cases), abs=1e-9)
    assert intervals.wilson(0, 0) == (0, 1)


def test_bins_count_every_case_once():
    p, y = [0.0, 0.2, 0.39, 0.95, 1.0], [0, 0, 1, 1, 1]
    found = scoring.reliability(p, y)
    assert [(one.start, one.cases) for one in found] == [(0.0, 1), (0.2, 2), (0.8, 2)]
    assert found[1].predicted == pytest.approx(0.295)
    assert [one.observed.value for one in found] == [0, 0.5, 1]
    assert all(one.observed.low <= one.observed.value <= one.observed.high for one in found)
