"""Intervals, scores, agreement and weights, against known values and against what others have written."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.stats import agreement, intervals, scoring

CHANCES = st.lists(st.floats(0, 1), min_size=2, max_size=40)


def table(chances: list[float], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Chances and outcomes, some ties among the chances."""
    p = np.round(chances, 1 + seed % 3)
    return p, np.random.default_rng(seed).random(len(p)) < 0.5


# --- intervals ----------------------------------------------------------------------------------------------------


def test_quantiles_bear_their_names() -> None:
    assert intervals.quantiles(np.arange(101)) == {"p05": 5.0, "p50": 50.0, "p95": 95.0}
    assert list(intervals.quantiles([1.0], intervals.BAND)) == ["low", "lower", "middle", "upper", "high"]
    assert intervals.interval(np.arange(101)) == pytest.approx((5.0, 95.0))
    assert intervals.mean_estimate([1.0, 3.0]).value == 2.0
    assert intervals.median_estimate([1.0, 2.0, 9.0]).value == 2.0


def test_quantiles_of_what_is_finite() -> None:
    assert intervals.finite_quantiles([1.0, math.nan, 3.0]) == intervals.quantiles([1.0, 3.0])
    assert intervals.finite_quantiles([math.nan]) is None
    assert intervals.finite_quantiles([]) is None
    assert intervals.finite_quantiles([1.0] * 9 + [math.nan] * 9, least=10) is None
    assert intervals.finite_quantiles([1.0] * 4, least=10) is not None


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 400), st.integers(1, 400), st.floats(0.5, 0.99))
def test_wilson_is_scipys(count: int, total: int, level: float) -> None:
    from scipy.stats import binomtest

    count = min(count, total)
    theirs = binomtest(count, total).proportion_ci(level, method="wilson")
    assert intervals.wilson(count, total, level) == pytest.approx(tuple(theirs), abs=1e-9)


def test_wilsons_ends() -> None:
    z2 = 1.6448536269514722**2
    assert intervals.wilson(0, 0) == (0.0, 1.0)
    assert intervals.wilson(0, 16) == (0.0, pytest.approx(z2 / (16 + z2)))
    assert intervals.wilson(16, 16) == (pytest.approx(16 / (16 + z2)), 1.0)
    low, high = intervals.wilson(3, 16)
    assert intervals.wilson_middle(3, 16) == pytest.approx((low + high) / 2)
    assert intervals.wilson_middle(0, 0) == 0.5


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60))
def test_equal_weights_give_hazens_quantiles(draws: list[float]) -> None:
    x = np.array(draws)
    found = intervals.weighted_quantiles(x, np.full(len(x), 1 / len(x)), [0.05, 0.5, 0.95])
    assert found == pytest.approx(np.quantile(x, [0.05, 0.5, 0.95], method="hazen"), rel=1e-9, abs=1e-6)


# --- scores -------------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(CHANCES, st.integers(0, 99))
def test_scores_are_scikit_learns(chances: list[float], seed: int) -> None:
    from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

    p, y = table(chances, seed)
    bounded = np.clip(p, scoring.LEAST, 1 - scoring.LEAST)
    assert scoring.brier(p, y) == pytest.approx(brier_score_loss(y, p, labels=[False, True]), abs=1e-14)
    assert scoring.log_score(p, y) == pytest.approx(log_loss(y, bounded, labels=[False, True]), abs=1e-14)
    if y.any() and not y.all():
        assert scoring.auc(p, y) == pytest.approx(roc_auc_score(y, p), abs=1e-14)


@settings(deadline=None)
@given(CHANCES, st.integers(0, 99))
def test_the_area_counts_pairs_and_ties_half(chances: list[float], seed: int) -> None:
    p, y = table(chances, seed)
    pairs = [(np.sign(a - b) + 1) / 2 for a in p[y] for b in p[~y]]
    value = scoring.auc(p, y)
    assert math.isnan(value) if not pairs else value == pytest.approx(np.mean(pairs), abs=1e-12)


@given(
    st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=50), st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=9)
)  # fmt: skip
@settings(deadline=None, max_examples=50)
def test_crps_is_scoringrules_energy_form(samples: list[float], observed: list[float]) -> None:
    import scoringrules

    x, y = np.array(samples), np.array(observed)
    each = scoringrules.crps_ensemble(y, np.broadcast_to(x, (len(y), len(x))), estimator="nrg")
    assert scoring.crps(x, y) == pytest.approx(float(np.mean(each)), rel=1e-9, abs=1e-9)


def test_scores_by_hand() -> None:
    assert scoring.brier([1.0, 0.0, 0.5], [1, 0, 1]) == pytest.approx(0.25 / 3)
    assert scoring.log_score([0.0], [1]) == pytest.approx(-math.log(scoring.LEAST))
    assert scoring.auc([0.2, 0.2, 0.9], [0, 1, 1]) == 0.75
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert math.isnan(scoring.auc([0.2, 0.3], [1, 1]))
    assert scoring.auc_error(0.893, 51, 58) == pytest.approx(0.032, abs=1e-3)  # Hanley and McNeil's own example
    assert scoring.crps(np.array([0.0]), np.array([3.0])) == 3.0


@pytest.mark.parametrize(
    ("p", "y"), [([0.1], [1, 0]), ([], []), ([1.2], [1]), ([math.nan], [1]), ([0.5], [math.nan]), ([0.5], [2])]
)
def test_what_cannot_be_scored_is_refused(p: list[float], y: list[float]) -> None:
    with pytest.raises(ValueError):
        scoring.brier(p, y)


def test_a_model_against_itself_is_even_and_one_against_another_the_reverse() -> None:
    rng = np.random.default_rng(3)
    y = rng.random(30) < 0.4
    a, b = rng.random(30), rng.random(30)
    own = scoring.paired(a, a, y)
    assert (own.brier.value, own.log.a_better, own.auc.a_better) == (0.0, 0.5, 0.5)
    there, back = scoring.paired(a, b, y), scoring.paired(b, a, y)
    assert there.brier.value == -back.brier.value
    assert there.auc.a_better == pytest.approx(1 - back.auc.a_better)


def test_an_order_that_is_none_has_an_area_of_one_half() -> None:
    y = np.array([1, 0, 0, 1, 0])
    found = scoring.scored(np.linspace(0.1, 0.5, 5), y, orders=False)
    assert (found.auc.value, found.auc.low, found.auc.high) == (0.5, 0.5, 0.5)
    assert (found.cases, found.happened) == (5, 2)
    assert found.brier.low < found.brier.value < found.brier.high


@given(CHANCES, st.integers(0, 99))
def test_bins_hold_every_case_once_and_an_edge_belongs_above(chances: list[float], seed: int) -> None:
    p, y = table(chances, seed)
    bins = scoring.reliability(p, y)
    assert sum(one.cases for one in bins) == len(p)
    assert all(one.start <= one.predicted <= one.end for one in bins)
    (one,) = scoring.reliability([0.2], [1])
    assert (one.start, one.observed.value) == (0.2, 1.0)


# --- agreement ----------------------------------------------------------------------------------------------------


def test_agreement_by_hand() -> None:
    full = agreement.agreement([(0, 0), (1, 1), (2, 2)])
    assert (full.count, full.equal) == (3, 1.0)
    assert (full.kappa, full.alpha) == (pytest.approx(1.0), pytest.approx(1.0))
    assert agreement.agreement([(None, 1)]) == agreement.Measures(0, None, None, None)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        same = agreement.agreement([(1, 1), (1, 1), (None, 2)])
    assert (same.count, same.equal, same.kappa, same.alpha) == (2, 1.0, None, None)
    with pytest.raises(ValueError, match="0, 1, 2"):
        agreement.weighted_kappa([(0, 3)])


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=40))
def test_kappa_is_the_mean_step_over_that_by_chance(pairs: list[tuple[int, int]]) -> None:
    one, two = (np.array(side, float) for side in zip(*pairs))
    by_chance = np.abs(one[:, None] - two[None, :]).mean()
    found = agreement.weighted_kappa(pairs)
    expected = None if by_chance == 0 else 1 - np.abs(one - two).mean() / by_chance
    assert found is None if expected is None else found == pytest.approx(expected, abs=1e-12)


def test_krippendorffs_own_example() -> None:
    """Four coders, twelve units, ordinal: 0.815 (Krippendorff, Computing alpha, 2011, C)."""
    units = [
        (1, 1, None, 1), (2, 2, 3, 2), (3, 3, 3, 3), (3, 3, 3, 3), (2, 2, 2, 2), (1, 2, 3, 4), (4, 4, 4, 4),
        (1, 1, 2, 1), (2, 2, 2, 2), (None, 5, 5, 5), (None, None, 1, 1), (None, None, 3, None),
    ]  # fmt: skip
    assert agreement.krippendorff_alpha(units) == pytest.approx(0.815, abs=5e-4)
    assert agreement.krippendorff_alpha([(1, None), (None, 2)]) is None


# --- weights ------------------------------------------------------------------------------------------------------


@given(st.lists(st.floats(-50, 50), min_size=2, max_size=60))
def test_cut_weights_sum_to_one_and_are_worth_more(logs: list[float]) -> None:
    log_weight = np.array(logs)
    cut = intervals.truncated(log_weight)
    assert np.exp(cut).sum() == pytest.approx(1.0)
    assert intervals.effective_size(cut) >= intervals.effective_size(log_weight) - 1e-9


def test_a_large_weight_is_cut_to_the_mean_times_the_root_of_their_number() -> None:
    log_weight = np.log(np.array([97.0, *[1.0] * 99]))
    cut = np.exp(intervals.truncated(log_weight))
    assert cut[0] / cut[1] == pytest.approx(0.1 * (97 + 99))  # 1/sqrt(100) of all, over one of them
    assert intervals.effective_size(np.zeros(40)) == pytest.approx(40.0)
    assert intervals.effective_size(np.array([0.0, -1e3])) == pytest.approx(1.0)


def test_resampled_draws_stand_for_the_weights() -> None:
    shares = np.array([0.5, 0.3, 0.2, 0.0])
    with np.errstate(divide="ignore"):
        rows = intervals.resampled(np.log(shares), 1000, seed=4)
    assert np.bincount(rows, minlength=4) / 1000 == pytest.approx(shares, abs=1e-3)
    again = intervals.resampled(np.zeros(7), 7, seed=1)
    assert sorted(again) == list(range(7))


def test_smoothing_trusts_even_weights_and_not_one_that_has_all() -> None:
    pytest.importorskip("arviz_stats")
    rng = np.random.default_rng(1)
    even = intervals.pareto_smoothed(rng.normal(0, 0.1, 1000))
    assert even.trusted
    assert even.weights.sum() == pytest.approx(1.0)
    assert not intervals.pareto_smoothed(rng.standard_cauchy(1000)).trusted
    lone = intervals.pareto_smoothed(
        10 * rng.standard_cauchy(1000)
    )  # all but a few underflow, and no tail can be fitted
    assert lone.khat == intervals.KHAT_HOPELESS
    assert intervals.pareto_smoothed(np.zeros(100)).khat == 0.0
    few = intervals.pareto_smoothed(np.array([0.0, 1.0, 2.0, 3.0]))  # too few for a tail
    assert few.weights == pytest.approx(np.exp([0.0, 1.0, 2.0, 3.0]) / np.exp([0.0, 1.0, 2.0, 3.0]).sum())


def test_smoothing_leaves_the_order_of_the_weights() -> None:
    pytest.importorskip("arviz_stats")
    ratios = np.random.default_rng(1).normal(0, 1.0, 1000)
    smoothed = intervals.pareto_smoothed(ratios)
    assert np.array_equal(np.argsort(smoothed.weights, kind="stable"), np.argsort(ratios, kind="stable"))
    body = np.argsort(ratios)[:800]  # what is no tail weighs as it did
    steps = np.diff(np.log(smoothed.weights[body]))
    assert steps == pytest.approx(np.diff(ratios[body]))
    assert intervals.pareto_smoothed(np.zeros(100)).weights == pytest.approx(np.full(100, 0.01))
