"""Predictions held against the table: scores, the breakpoint curve, classes of battles, each battle, what was learnt."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping

import numpy as np

from holdfast.core.params import Floats, walk
from holdfast.core.units import Z90
from holdfast.past_battles import law_fit
from holdfast.past_battles.battle_table import ATTACKER, DEFENDER, Battles
from holdfast.past_battles.board import AGES, Law, posture_name
from holdfast.past_battles.law_fit import Posterior
from holdfast.past_battles.prediction import Prediction
from holdfast.past_battles.result import LAW, BattleLine, ClassRow, CurveBin, Learnt, nothing
from holdfast.stats import grouped
from holdfast.stats.grouped import GroupScores
from holdfast.stats.intervals import Estimate, interval, wilson
from holdfast.stats.scoring import KEY, Difference

EDGES = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, math.inf)
"""Of the breakpoint curve: shares lost."""
RIVAL = "logit"
"""What the law is held against."""
RESAMPLES = 1_000
OUTCOMES = {1.0: "defender", -1.0: "attacker", 0.0: "neither"}


def scores(battles: Battles, chances: Mapping[str, Floats]) -> dict[str, GroupScores]:
    """Scores of every model.

    Args:
        battles: the table.
        chances: that the defender gives way, by model, `[battle]`; NaN where none is to be scored.

    Returns:
        Scores by model, over the decided battles, with intervals over wars.
    """
    return {
        name: grouped.scored(
            of[scored], battles.outcome[scored] == 1, _wars(battles, scored), orders=name != "base rate"
        )
        for name, of in chances.items()
        for scored in [battles.decided & np.isfinite(of)]
    }


def difference(battles: Battles, chances: Mapping[str, Floats]) -> dict[str, Difference]:
    """The law's scores less the logit's.

    Args:
        battles: the table.
        chances: that the defender gives way, by model, `[battle]`.

    Returns:
        Differences by score, with intervals over wars.
    """
    scored = battles.decided & np.isfinite(chances[LAW])
    happened = battles.outcome[scored] == 1
    return grouped.difference(chances[LAW][scored], chances[RIVAL][scored], happened, _wars(battles, scored))


def _wars(battles: Battles, chosen: np.ndarray) -> list[str]:
    return [war for war, here in zip(battles.war, chosen, strict=True) if here]


# --- The breakpoint curve.


def curve(battles: Battles, predicted: Prediction) -> tuple[CurveBin, ...]:
    """Of the sides that lost such a share of their men, how many gave way: by the table, by the law.

    Args:
        battles: the table.
        predicted: what the law predicts of them.

    Returns:
        The bins.
    """
    lost, broke, lost_law, broke_law = _sides(battles, predicted)
    bins = []
    for low, high in zip(EDGES[:-1], EDGES[1:]):
        here, there = (lost >= low) & (lost < high), (lost_law >= low) & (lost_law < high)
        count, gave = int(here.sum()), int(broke[here].sum())
        share = Estimate(gave / count, *wilson(gave, count)) if count else nothing()
        bins.append(CurveBin(low, high, count, share, float(broke_law[there].mean()) if there.any() else math.nan))
    return tuple(bins)


def lines(battles: Battles, predicted: Prediction) -> dict[str, tuple[float, float]]:
    """Log odds of giving way on the log of the share lost, by the table and by the law.

    Args:
        battles: the table.
        predicted: what the law predicts of them.

    Returns:
        Constant and slope of each.
    """
    from holdfast.past_battles.simpler_models import logit_weights

    lost, broke, lost_law, broke_law = _sides(battles, predicted)
    some = np.random.default_rng(KEY).choice(len(lost_law), min(len(lost_law), 40_000), replace=False)
    of = {"table": (lost, broke), "law": (lost_law[some], broke_law[some])}
    return {
        name: (float(weights[0]), float(weights[1]))
        for name, (share, gave) in of.items()
        for weights in [logit_weights(np.log(share)[:, None], gave.astype(float), 0.0)]
    }


def _sides(battles: Battles, predicted: Prediction) -> tuple[Floats, np.ndarray, Floats, np.ndarray]:
    """Both sides of every decided battle, and of its fights: share lost, whether it gave way."""
    known = battles.decided & np.isfinite(battles.lost).all(axis=1)
    lost = battles.share_lost[known]
    broke = np.stack([battles.outcome[known] == -1, battles.outcome[known] == 1], 1)
    broke_law = np.stack([~predicted.defender[known], predicted.defender[known]], 1)
    return lost.ravel(), broke.ravel(), predicted.lost[known].ravel(), broke_law.ravel()


# --- Classes of battles.


def _sorted(battles: Battles) -> Iterator[tuple[str, list[str], Callable[[int], str]]]:
    """What battles are sorted by: its name, the classes in order, the class of a battle."""
    ratio = battles.men[:, ATTACKER] / battles.men[:, DEFENDER]

    def banded(values: Floats, edges: tuple[float, ...], names: list[str]) -> Callable[[int], str]:
        return lambda place: (
            names[int(np.searchsorted(edges, values[place], side="right"))] if np.isfinite(values[place]) else "unknown"
        )

    centuries = sorted({f"{int(year // 100)}00s" for year in battles.year})
    yield "century", centuries, lambda place: f"{int(battles.year[place] // 100)}00s"
    ages = list(AGES)
    yield "age", ages, banded(battles.year, tuple(AGES.values())[1:], ages)
    yield "posture", ["hasty", "prepared", "fortified", "delay"], lambda place: posture_name(battles.posture[place])
    odds = ["below 1 to 1", "1 to 1.5", "1.5 to 3", "3 and more"]
    yield "odds", odds, banded(ratio, (1.0, 1.5, 3.0), odds)
    length = ["a day or less", "to 3 days", "to 7 days", "over a week"]
    yield "length", length, banded(battles.days, (1.0 + 1e-9, 3.0 + 1e-9, 7.0 + 1e-9), length)
    surprise = ["the defender's", "none", "the attacker's"]
    yield "surprise", surprise, banded(battles.surprise, (-0.5, 0.5), surprise)
    air = ["the defender's", "neither's", "the attacker's"]
    yield "air", air, banded(battles.air, (-0.5, 0.5), air)
    width = np.where(np.isfinite(battles.front[:, DEFENDER]), battles.front[:, DEFENDER], battles.front[:, ATTACKER])
    front = ["below 3 km", "to 6 km", "to 15 km", "over 15 km"]
    yield "width of front", front, banded(width, (3.0, 6.0, 15.0), front)
    men = ["below 10,000", "to 50,000", "over 50,000"]
    yield "men of both sides, mean", men, banded(np.sqrt(battles.men.prod(axis=1)), (1e4, 5e4), men)


def classes(battles: Battles, predicted: Prediction) -> tuple[ClassRow, ...]:
    """Classes of battles: who gave way and at what losses, by the table and by the law.

    Args:
        battles: the table.
        predicted: what the law predicts of them.

    Returns:
        The classes that hold a decided battle.
    """
    rows = []
    for kind, names, of in _sorted(battles):
        named = np.array([of(place) for place in range(len(battles))])
        for name in names:
            here = (named == name) & battles.decided
            if here.any():
                rows.append(_class(kind, name, battles, predicted, here))
    return tuple(rows)


def _class(kind: str, name: str, battles: Battles, predicted: Prediction, here: np.ndarray) -> ClassRow:
    """One class."""
    came, p = battles.outcome[here] == 1, predicted.chance[here]
    spread = math.sqrt(float((p * (1 - p)).sum()))
    broken = np.where(came, battles.share_lost[here, DEFENDER], battles.share_lost[here, ATTACKER])
    known = np.isfinite(broken)
    law = predicted.lost_by_broken[here]
    wins = here & (battles.outcome == 1) & np.isfinite(battles.gained)
    fights = predicted.gained[wins]
    return ClassRow(
        kind=kind, name=name, battles=int(here.sum()), came=float(came.mean()), chance=float(p.mean()),
        surprise=float((came - p).sum() / spread) if spread else math.nan,
        lost=float(np.median(broken[known])) if known.any() else math.nan,
        lost_law=float(np.median(law)),
        factor=_factor(law[known], broken[known]),
        gained=float(np.median(battles.gained[wins])) if wins.any() else math.nan,
        gained_law=float(np.median(fights[fights > 0])) if (fights > 0).any() else math.nan,
    )  # fmt: skip


def _factor(law: Floats, table: Floats) -> Estimate:
    """The law's median over the table's, over resamples of the battles."""
    if not len(table):
        return nothing()
    random = np.random.default_rng(KEY)
    few = law[:, :: max(1, law.shape[1] // 100)]
    drawn = []
    for _ in range(RESAMPLES // 4):
        places = random.integers(0, len(table), len(table))
        drawn.append(np.median(few[places]) / np.median(table[places]))
    return Estimate(float(np.median(law) / np.median(table)), *interval(drawn))


# --- Each battle.


def each(battles: Battles, predicted: Prediction, chances: Mapping[str, Floats]) -> tuple[BattleLine, ...]:
    """Every battle beside what the law and the simpler models said of it.

    Args:
        battles: the table.
        predicted: what the law predicts of them.
        chances: by model, `[battle]`.

    Returns:
        The lines, in the table's order.
    """
    return tuple(_line(place, battles, predicted, chances) for place in range(len(battles)))


def _line(place: int, battles: Battles, predicted: Prediction, chances: Mapping[str, Floats]) -> BattleLine:
    """One battle."""
    outcome, fights = battles.outcome[place], predicted.lost[place]
    alike = predicted.defender[place] == (outcome == 1) if abs(outcome) == 1 else np.ones(fights.shape[1], bool)
    lost = battles.lost[place] / battles.men[place]
    broken = DEFENDER if outcome == 1 else ATTACKER
    known = abs(outcome) == 1 and np.isfinite(lost[broken]) and alike.any()
    depth = predicted.gained[place][predicted.defender[place]]
    return BattleLine(
        name=battles.name[place], war=battles.war[place], year=int(battles.year[place]),
        chance=Estimate(*(float(of[place]) for of in (predicted.chance, predicted.low, predicted.high))),
        outcome=OUTCOMES.get(float(outcome), "unknown"),
        others={name: float(of[place]) for name, of in chances.items() if name != LAW},
        lost=(_spread(fights[ATTACKER]), _spread(fights[DEFENDER])),
        lost_given=(_spread(fights[ATTACKER][alike]), _spread(fights[DEFENDER][alike])),
        lost_table=(float(lost[ATTACKER]), float(lost[DEFENDER])),
        rank=float((fights[broken][alike] < lost[broken]).mean()) if known else math.nan,
        gained=_spread(depth), gained_table=float(battles.gained[place]), days=float(battles.days[place]),
    )  # fmt: skip


def _spread(draws: Floats) -> Estimate:
    """Median and central 90 %."""
    return Estimate(float(np.median(draws)), *interval(draws)) if len(draws) else nothing()


# --- What was learnt.


def learnt(half: Posterior, whole: Posterior) -> tuple[Learnt, ...]:
    """Every parameter of the law, as declared and as learnt.

    Args:
        half: taught by one half of the wars.
        whole: taught by all.

    Returns:
        The parameters.
    """
    about = dict(walk(Law.declared()))
    rows = [*((name,) for name in law_fit.ALL if name not in law_fit.OUTSIDE), *TOGETHER]
    return tuple(
        _learnt(names, [about[name].value for name in names], about[names[0]].unit, half, whole) for names in rows
    )


TOGETHER = (
    ("fire.enemy_exponent", "fire.own_exponent"), ("front.breakpoint", "board.motor"), ("front.price", "board.motor"),
)  # fmt: skip
"""Parameters that the battles know together better than each alone: sums, on the scale on which they are learnt."""
INFORMED = 0.65
"""Spread of what was learnt, over that of the prior, from which on the battles do not tell."""


def _learnt(names: tuple[str, ...], values: list[float], unit: str, half: Posterior, whole: Posterior) -> Learnt:
    """One parameter, or several together."""
    places = [law_fit.ALL.index(name) for name in names]
    positive = bool(law_fit.POSITIVE[places[0]])
    declared = values[0] * math.exp(sum(values[1:])) if positive else sum(values)

    def estimate(of: Posterior) -> Estimate:
        middle, spread = of.mode[places].sum(), math.sqrt(of.covariance[np.ix_(places, places)].sum())
        points = (middle, middle - Z90 * spread, middle + Z90 * spread)
        return Estimate(*(float(np.exp(point)) if positive else float(point) for point in points))

    wide = math.sqrt((law_fit.SPREAD[places] ** 2).sum())
    narrow = math.sqrt(whole.covariance[np.ix_(places, places)].sum())
    prior = law_fit.PRIORS[places[0]].describe() if len(names) == 1 else "of its parts"
    joint = " with ".join(names) if positive else " + ".join(names)
    return Learnt(
        name=joint, unit=unit, declared=declared, half=estimate(half), whole=estimate(whole), prior=prior,
        informed=narrow < INFORMED * wide,
    )  # fmt: skip
