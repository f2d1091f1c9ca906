"""Rivals against a brute optimum, and that nothing left out is ever seen."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from holdfast.backtesting import baselines
from holdfast.coded_armies.army import CODES, CodedArmy, independent
from holdfast.coded_armies.reader import shipped
from holdfast.stats import scoring


def made(seed=0, cases=24, unknown=0.1):
    """Codes with some not known, and outcomes that lean on a few of them."""
    luck = np.random.default_rng(seed)
    X = luck.integers(0, 3, (cases, 10)).astype(float)
    y = (luck.random(cases) < 1 / (1 + np.exp(-(X[:, 4] + X[:, 5] + X[:, 6] - 3)))).astype(float)
    y[:2] = 0, 1
    X[luck.random(X.shape) < unknown] = np.nan
    return X, y


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("penalty", [0.1, 1.0, 5.0])
def test_newton_finds_what_a_brute_search_finds(seed, penalty):
    X, y = made(seed, unknown=0)
    X = X - X.mean(axis=0)

    def cost(beta):
        score = beta[0] + X @ beta[1:]
        return np.logaddexp(0, score).sum() - y @ score + penalty / 2 * (beta[1:] ** 2).sum()

    best = optimize.minimize(cost, np.zeros(11), method="BFGS", options={"gtol": 1e-7})
    intercept, weights = baselines.ridge(X, y, penalty)
    assert np.concatenate([[intercept], weights]) == pytest.approx(best.x, abs=1e-4)
    assert cost(np.concatenate([[intercept], weights])) <= best.fun + 1e-9


def test_the_mean_chance_of_a_fit_is_the_share_that_happened():
    X, y = made()  # the intercept bears no penalty
    for fit in baselines.BASELINES.values():
        assert fit(X, y)(X).mean() == pytest.approx(y.mean(), abs=1e-8)


def test_each_rival_sees_only_its_codes():
    X, y = made()
    for name, seen in (("base_rate", []), ("ridge_essay", range(5)), ("ridge_others", range(5, 9))):
        other = X.copy()
        other[:, [code for code in range(10) if code not in seen]] = np.nan
        assert np.allclose(baselines.BASELINES[name](X, y)(X), baselines.BASELINES[name](other, y)(other)), name
    swapped = X.copy()
    swapped[:, :5] = np.nan_to_num(X[:, :5], nan=1.0)
    turned = swapped.copy()
    turned[:, :5] = swapped[:, [4, 3, 2, 1, 0]]
    assert np.allclose(baselines._five_sum(swapped, y)(swapped), baselines._five_sum(turned, y)(turned))


def test_a_code_not_known_is_the_mean_of_the_training_cases():
    X, y = made(unknown=0)
    told = baselines._ridge_ten(X, y)
    asked, filled = X[:1].copy(), X[:1].copy()
    asked[0, 6], filled[0, 6] = np.nan, X[:, 6].mean()
    assert told(asked) == pytest.approx(told(filled))
    X[:, 3] = np.nan  # nobody knows it
    assert np.isfinite(baselines._ridge_ten(X, y)(X)).all()


def test_where_all_outcomes_are_alike_the_base_rate_is_told():
    X, y = made()
    for fit in baselines.BASELINES.values():
        assert np.all(fit(X, np.ones_like(y))(X) == 1)
        assert np.all(fit(X[:0], y[:0])(X) == 0.5)


@pytest.mark.parametrize("name", baselines.BASELINES)
def test_the_outcome_left_out_is_not_seen(name):
    X, y = made()
    before = baselines.leave_out(baselines.BASELINES[name], X, y)
    for case in range(0, len(y), 5):
        flipped = y.copy()
        flipped[case] = 1 - flipped[case]
        after = baselines.leave_out(baselines.BASELINES[name], X, flipped)
        assert after[case] == before[case]
        assert not np.array_equal(after, before)  # the others do see it


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**16), st.lists(st.sampled_from("abcde"), min_size=24, max_size=24))
def test_nothing_of_a_group_left_out_is_seen(seed, groups):
    X, y = made(seed)
    before = baselines.leave_out(baselines._ridge_ten, X, y, groups)
    mine = np.array([group == groups[0] for group in groups])
    flipped, other = np.where(mine, 1 - y, y), X.copy()
    other[mine & (np.arange(24) > 0)] = np.nan
    assert baselines.leave_out(baselines._ridge_ten, X, flipped, groups)[mine] == pytest.approx(before[mine], abs=0)
    assert baselines.leave_out(baselines._ridge_ten, other, y, groups)[0] == before[0]


def test_a_group_of_one_is_a_case_by_itself():
    X, y = made()
    alone = baselines.leave_out(baselines._ridge_ten, X, y)
    assert np.array_equal(alone, baselines.leave_out(baselines._ridge_ten, X, y, list("abcdefghijklmnopqrstuvwx")))
    by_hand = baselines._ridge_ten(X[1:], y[1:])(X[:1])
    assert alone[0] == by_hand[0]


def test_a_case_without_an_outcome_is_told_and_does_not_teach():
    X, y = made()
    unsure = y.copy()
    unsure[3] = np.nan
    told = baselines.leave_out(baselines._ridge_ten, X, unsure)
    assert np.isfinite(told).all()
    assert told[5] == baselines.leave_out(baselines._ridge_ten, np.delete(X, 3, 0), np.delete(y, 3))[4]
    trains = np.arange(len(y)) != 3
    assert baselines.leave_out(baselines._ridge_ten, X, y, trains=trains)[5] == told[5]


def test_a_base_rate_left_out_leans_away_from_what_it_predicts():
    X, y = made(cases=14)
    assert scoring.auc(baselines.leave_out(baselines.base_rate, X, y), y == 1) == 0


def cases(X, y, **of):
    known = [{code: None if np.isnan(one) else int(one) for code, one in zip(CODES, row)} for row in X]
    return [CodedArmy(f"A{i}", codes, collapse=bool(y[i]), **of) for i, codes in enumerate(known)]


def test_coded_cases_are_told_as_their_arrays():
    X, y = made()
    coded = cases(X, y)
    assert np.array_equal(baselines.left_out("ridge_ten", coded), baselines.leave_out(baselines._ridge_ten, X, y))
    assert np.array_equal(baselines.predicted("ridge_ten", coded, coded[:3]), baselines._ridge_ten(X, y)(X[:3]))
    assert np.isnan(baselines.outcomes_of(coded, "mass_desertion")).all()


def test_a_case_within_another_does_not_teach():
    X, y = made()
    coded = cases(X, y)
    part = cases(X[:1], 1 - y[:1], overlap_with="A1")
    assert baselines.left_out("ridge_ten", coded + part)[:24] == pytest.approx(
        baselines.left_out("ridge_ten", coded), abs=0
    )
    assert np.array_equal(
        baselines.predicted("ridge_ten", coded + part, coded), baselines.predicted("ridge_ten", coded, coded)
    )


def test_the_shipped_cases_give_the_rivals_their_known_scores():
    coded = independent(shipped())
    came = baselines.outcomes_of(coded)
    assert (len(coded), came.sum()) == (42, 22)
    known = {"ridge_essay": (0.798, 0.186), "ridge_others": (0.836, 0.165), "ridge_ten": (0.914, 0.125)}
    for name, (area, square) in known.items():
        told = baselines.left_out(name, coded)
        assert scoring.auc(told, came) == pytest.approx(area, abs=0.002), name
        assert scoring.brier(told, came) == pytest.approx(square, abs=0.002), name
