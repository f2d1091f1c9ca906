"""Outcomes of runs: which of competing ends came first, and by when."""

from __future__ import annotations

import numpy as np
import pytest

from holdfast.engine import outcomes


@pytest.mark.parametrize("kind", [np.int8, np.int32, np.int64, float])
def test_incidence_counts_the_end_that_came_first(kind: type) -> None:
    ends = {
        "settlement": np.array([-1, 100, 89, 50, 120, -1], kind),
        "collapse": np.array([-1, 40, 90, 50, 119, 120], kind),
    }
    assert tuple(outcomes.incidence(ends)) == outcomes.HORIZONS
    shares = outcomes.incidence(ends, (90, 120, 720))
    six = {
        days: {name: round(float(share) * 6) for name, share in of.items()} for days, of in shares.items()
    }  # all are sixths
    # By 90 days: a collapse on day 40, a settlement on day 89, which is the 90th; the tie on day 50 is the first named.
    assert six[90] == {"settlement": 2, "collapse": 1, "none": 3}
    # Day 119 is the 120th and day 120 is not; what came after a run's first end counts for nothing.
    assert six[120] == {"settlement": 2, "collapse": 2, "none": 2}
    assert six[720] == {"settlement": 2, "collapse": 3, "none": 1}
    turned = outcomes.incidence(dict(reversed(ends.items())))
    assert round(float(turned[90]["collapse"]) * 6) == 2  # precedence on a tie is the order of the names


def test_incidence_adds_up_grows_and_agrees_with_a_count_run_by_run() -> None:
    random = np.random.default_rng(5)
    days = {name: random.integers(-1, 60, (400, 3)) for name in "abc"}
    horizons = (0, 1, 15, 60)
    shares = outcomes.incidence(days, horizons)
    for draw in range(3):
        for horizon in horizons:
            counts = dict.fromkeys([*"abc", "none"], 0)
            for run in range(400):
                own = {name: int(of[run, draw]) for name, of in days.items() if of[run, draw] >= 0}
                first = min(own, key=lambda name: own[name]) if own else "none"
                counts[first if own and own[first] < horizon else "none"] += 1
            assert {name: share[draw] * 400 for name, share in shares[horizon].items()} == pytest.approx(counts)
    np.testing.assert_allclose([sum(of.values()) for of in shares.values()], 1, rtol=0, atol=1e-12)
    for before, after in zip(horizons, horizons[1:]):
        assert all((shares[after][name] >= shares[before][name]).all() for name in "abc")
    assert (shares[0]["none"] == 1).all()


def test_incidence_of_one_end_is_the_share_that_it_came_to() -> None:
    assert outcomes.incidence({"collapse": [3, -1, 7, -1]}, [5])[5] == {"collapse": 0.25, "none": 0.75}


@pytest.mark.parametrize("ends", [{}, {"none": [1]}, {"collapse": []}])
def test_incidence_of_nothing_is_refused(ends: dict[str, list[int]]) -> None:
    with pytest.raises(ValueError, match="none|no run"):
        outcomes.incidence(ends)


# --- Destroyed, by hand: one army of one run.


def day_destroyed(present: list[float], lost: list[float], left: list[float] | float = 0.0, **more: object) -> int:
    """The first day on which an army is destroyed, by its days."""
    one = lambda days: np.broadcast_to(np.asarray(days, float), (len(present),))[None, :, None]  # noqa: E731
    first = outcomes.first_days(one(left), one(present), one(0.0), lost=one(lost), **more)
    return int(first.destroyed[0, 0])


def test_an_army_is_destroyed_when_three_tenths_are_left() -> None:
    assert day_destroyed([900, 600, 301, 300], [100, 300, 299, 1]) == 3
    assert day_destroyed([900, 600, 301, 301], [100, 300, 299, 0]) == -1
    assert day_destroyed([0, 0], [1000, 0]) == 0  # on the first day, measured by its morning
    assert day_destroyed([0.0] * 5, [0.0] * 5) == -1  # an army of nobody


def test_an_army_whose_men_left_is_not_destroyed() -> None:
    falls = [800.0, 500, 250]
    assert day_destroyed(falls, [100.0, 150, 125], left=[100.0, 150, 125]) == 2  # the enemy took half
    assert day_destroyed(falls, [99.0, 149, 124], left=[101.0, 151, 126]) == -1
    without = outcomes.first_days(np.zeros((1, 3, 1)), np.array(falls).reshape(1, 3, 1), np.zeros((1, 3, 1)))
    assert without.destroyed[0, 0] == -1  # nothing is known of what the enemy took


def test_an_army_is_measured_by_its_greatest_strength_and_what_went_since() -> None:
    # It grows tenfold, under losses that recruits make good; then its men leave: those killed before do not count.
    grown = [100.0, 500, 1000]
    assert day_destroyed([*grown, 250], [50.0, 600, 600, 0], left=[0.0, 0, 0, 750]) == -1
    assert day_destroyed([*grown, 250], [0.0, 0, 0, 750], left=[0.0, 90, 900, 0]) == 3


def test_a_war_that_is_over_destroys_nobody() -> None:
    settled = np.array([0, 0, 1, 1])[None, :, None]
    assert day_destroyed([900, 600, 301, 300], [100, 300, 299, 1], settled=settled) == -1
    assert day_destroyed([900, 300, 300, 300], [100, 600, 0, 0], settled=settled) == 1


def test_an_army_destroyed_first_is_a_class_of_its_own() -> None:
    mass = [[3, -1], [3, -1], [-1, -1], [-1, -1], [5, 5]]
    none = np.full((5, 2), -1)
    ruined = [[3, -1], [-1, 2], [9, 9], [-1, -1], [-1, 6]]
    # On the day on which it breaks too it breaks; the destruction of either before a break counts.
    assert outcomes.first_to_break(mass, none, ruined) == outcomes.FirstToBreak(1, 0, 1, 2, 1)
    assert outcomes.first_to_break(mass, none) == outcomes.FirstToBreak(2, 0, 1, 0, 2)
