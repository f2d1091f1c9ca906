"""An explanation: what was run, what each pressure adds, which sets suffice, and how near the army is to the edge."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from holdfast.core.results import Result
from holdfast.explanation import game, sets
from holdfast.explanation.sets import NecessaryPressure, SufficientSet, Way
from holdfast.stats.intervals import quantiles

if TYPE_CHECKING:
    import xarray as xr

OUTCOMES = ("collapse", "mass_desertion", "breaks", "exits")
"""Outcomes that have Shapley values: three chances, and gross exits per 1,000 present and month."""
Worths = Mapping[str, np.ndarray]
"""Outcomes of runs by name; the last axis is that of draws."""


@dataclass(frozen=True)
class Player:
    """A pressure or an effect that is played."""

    name: str
    """As commands name it."""
    title: str
    """In words."""


@dataclass(frozen=True)
class Single:
    """One pressure put to a level, the rest as the scenario has it."""

    pressure: str
    """Its name."""
    share: float
    """-1 = calm, 1 = extreme."""
    worths: Worths
    """The outcomes, `[draw]` each."""


@dataclass(frozen=True)
class Push:
    """All pressures that are played, pushed together from where the scenario has them."""

    shares: np.ndarray
    """How far, 0 first: above 0 towards extreme, below 0 towards calm, `[step]` [1]."""
    worths: Worths
    """The outcomes, `[step draw]` each."""

    def half(self, outcome: str, seed: int) -> tuple[float, float, float] | None:
        """The smallest push at which half of the runs are on the other side, by straight lines between the steps.

        Args:
            outcome: one of the chances.
            seed: of the resamples of the draws.

        Returns:
            The push and its 90 % interval over resamples of the draws, infinite where a resample does not cross; None where
            half is not crossed at all [1].
        """
        worth = self.worths[outcome]
        up = bool(worth[0].mean() < 0.5)
        push = _crossing(abs(self.shares), worth.mean(axis=1), up)
        if push is None:
            return None
        rng = np.random.default_rng((seed, 2))
        picks = [rng.integers(worth.shape[1], size=worth.shape[1]) for _ in range(sets.RESAMPLES)]
        again = [_crossing(abs(self.shares), worth[:, pick].mean(axis=1), up) for pick in picks]
        every = np.array([np.inf if one is None else one for one in again])
        low, high = np.quantile(every, [0.05, 0.95], method="nearest")
        return push, float(low), float(high)


def _crossing(shares: np.ndarray, p: np.ndarray, up: bool) -> float | None:
    """Where chances first cross one half, upwards or downwards, by straight lines; 0 where they begin beyond it."""
    beyond = np.flatnonzero(p >= 0.5 if up else p < 0.5)
    if not len(beyond):
        return None
    i = int(beyond[0])
    if i == 0:
        return 0.0
    part = (0.5 - p[i - 1]) / (p[i] - p[i - 1])
    return float(shares[i - 1] + part * (shares[i] - shares[i - 1]))


@dataclass(frozen=True)
class Phase:
    """The two strongest pressures, each from calm to extreme in steps."""

    first: str
    """The stronger one."""
    second: str
    """The other."""
    steps: np.ndarray
    """From 0 (calm) to 1 (extreme), for both [1]."""
    worths: Worths
    """The outcomes, `[first second draw]` each; `reproduction` among them."""


@dataclass(frozen=True, repr=False)
class Explanation(Result):
    """Why an army of a scenario breaks or holds."""

    PRESENTER: ClassVar[str] = "holdfast.present.explanation_report"
    UNITS: ClassVar[Mapping[str, str]] = {"shapley": "1", "se": "1"}

    scenario: str
    """Name of the scenario."""
    title: str
    """Its title."""
    start: str
    """Its first day."""
    side: str
    """Name of the army."""
    side_title: str
    """Its title."""
    by: str
    """What is played: `pressures` or `effects`."""
    players: tuple[Player, ...]
    """Who plays, in the order of bits of a coalition's number."""
    outcome: str
    """The outcome that sets are about."""
    days: int
    """Length of a run [d]."""
    seed: int
    """Seed of draws and luck."""
    men_per_billet: int
    """The grain [men]."""
    level: float
    """Chance of the outcome from which on a set suffices [1]."""
    coalitions: np.ndarray
    """Numbers of the coalitions: of all of them, `[coalition]`, or along random orders, `[draw order step]`."""
    worths: Worths
    """The outcomes, `[coalition draw]`, NaN where a coalition was not run under a draw; along random orders `[draw order step]`."""
    singles: tuple[Single, ...]
    """Each pressure alone, from where the scenario stands; none of effects."""
    push: Push | None
    """All pressures together, from where the scenario stands; None of effects."""
    phase: Phase | None
    """The two strongest pressures in steps, where that was wanted."""
    about: Mapping[str, object]
    """Where the draws are from, and how much was run."""

    @property
    def exact(self) -> bool:
        """Whether every coalition was run."""
        return self.coalitions.ndim == 1

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the players."""
        return tuple(player.name for player in self.players)

    @property
    def draws(self) -> int:
        """Draws under which the coalitions were run."""
        return int(self.worths["exits"].shape[-1 if self.exact else 0])

    def by_draw(self, outcome: str) -> np.ndarray:
        """Shapley values draw by draw, of the draws under which everything was run.

        Args:
            outcome: one of `OUTCOMES`.

        Returns:
            `[player draw]`, in the outcome's unit; along random orders what each player adds along the draw's two.
        """
        if self.exact:
            worth = self.worths[outcome]
            return np.asarray(game.shapley_weights(len(self.players)) @ worth[:, np.isfinite(worth).all(axis=0)])
        return game.values_along(self.coalitions, self.worths[outcome], len(self.players))

    def shapley(self, outcome: str) -> tuple[np.ndarray, np.ndarray]:
        """Shapley values and their standard errors.

        Args:
            outcome: one of `OUTCOMES`.

        Returns:
            Both, `[player]`; the values add up to the difference that all players together make.
        """
        if self.exact:
            return game.indices(game.shapley_weights(len(self.players)), self.worths[outcome])
        return game.mean_and_error(self.by_draw(outcome))

    def ends(self, outcome: str) -> tuple[np.ndarray, np.ndarray]:
        """The outcome with nobody and with everybody in the coalition, draw by draw.

        Args:
            outcome: one of `OUTCOMES`.

        Returns:
            Both, `[draw]`.
        """
        worth = self.worths[outcome]
        return (worth[0], worth[-1]) if self.exact else (worth[:, 0, 0], worth[:, 0, -1])

    def worth_of_ends(self, outcome: str) -> tuple[tuple[float, float], tuple[float, float]]:
        """The mean outcome with nobody and with everybody in the coalition, by the estimator of the Shapley values.

        Args:
            outcome: one of `OUTCOMES`.

        Returns:
            Of both the mean and its standard error; the Shapley values add up to the difference of the means.
        """
        if not self.exact:
            calm, extreme = map(_mean, self.ends(outcome))
            return calm, extreme
        both = np.eye(2 ** len(self.players))[[0, -1]]
        (calm, extreme), (calm_error, extreme_error) = (
            each.tolist() for each in game.indices(both, self.worths[outcome])
        )
        return (calm, calm_error), (extreme, extreme_error)

    def interactions(self, outcome: str) -> list[tuple[str, str, float, float]]:
        """Pairwise interaction indices.

        Args:
            outcome: one of `OUTCOMES`.

        Returns:
            Both names, the index and its standard error, the strongest first; none where not every coalition was run.
        """
        if not self.exact:
            return []
        pairs, weights = game.interaction_weights(len(self.players))
        value, error = game.indices(weights, self.worths[outcome])
        rows = [(self.names[i], self.names[j], float(value[n]), float(error[n])) for n, (i, j) in enumerate(pairs)]
        return sorted(rows, key=lambda row: -abs(row[2]))

    @functools.cached_property
    def sufficient_sets(self) -> list[SufficientSet]:
        """The minimal sets that suffice for the outcome; none where not every coalition was run."""
        return sets.sufficient(self.worths[self.outcome], self.names, self.level, self.seed) if self.exact else []

    @functools.cached_property
    def necessity(self) -> list[NecessaryPressure]:
        """How far the outcome needs each player; none where not every coalition was run."""
        return sets.necessity(self.worths[self.outcome], self.names, self.seed) if self.exact else []

    @property
    def cheapest_break(self) -> Way | None:
        """The fewest players that bring the outcome about in half of the runs, from nobody on."""
        return sets.cheapest_break(self.worths[self.outcome], self.names, 0.5) if self.exact else None

    @property
    def cheapest_hold(self) -> Way | None:
        """The fewest players whose absence holds the army when all others are there."""
        return sets.cheapest_hold(self.worths[self.outcome], self.names, 1 - self.level) if self.exact else None

    @property
    def data(self) -> xr.Dataset:
        """The outcomes of every coalition and draw, labelled; along random orders by draw, order and step."""
        import xarray as xr

        dims = ("coalition", "draw") if self.exact else ("draw", "order", "step")
        values = {name: (dims, np.asarray(worth)) for name, worth in self.worths.items()}
        attrs = {"scenario": self.scenario, "side": self.side, "days": self.days, "seed": self.seed}
        if not self.exact:
            return xr.Dataset(values | {"coalition": (dims, self.coalitions)}, attrs=attrs)
        there = game.members(len(self.players))
        coords = {"coalition": self.coalitions, "player": list(self.names), "there": (("coalition", "player"), there)}
        return xr.Dataset(values, coords=coords, attrs=attrs)

    def today(self, outcome: str) -> tuple[float, float] | None:
        """The outcome as the scenario stands.

        Args:
            outcome: one of `OUTCOMES`.

        Returns:
            Its mean and standard error; None of effects.
        """
        return None if self.push is None else _mean(self.push.worths[outcome][0])

    def reproduction(self) -> Mapping[str, float] | None:
        """Further exits that one exit causes in the first month, as the scenario stands.

        Returns:
            Median and 5 % and 95 % quantiles over the draws; None of effects.
        """
        return None if self.push is None else quantiles(self.push.worths["reproduction"][0])

    def rows(self) -> Sequence[Mapping[str, object]]:
        """A row for each player and outcome: its Shapley value."""
        return [
            {"player": player.name, "outcome": outcome, "shapley": float(value), "se": float(error)}
            for outcome in OUTCOMES
            for player, value, error in zip(self.players, *self.shapley(outcome), strict=True)
        ]

    def to_dict(self) -> dict[str, object]:
        """The explanation in plain values, as the command prints it with `--json`."""
        return {
            "scenario": self.scenario, "side": self.side, "by": self.by, "days": self.days, "seed": self.seed,
            "draws": self.draws, "men_per_billet": self.men_per_billet, "level": self.level,
            **self._of_outcome(self.outcome),
            "sufficient_sets": [vars(one) for one in self.sufficient_sets], "necessary": [vars(one) for one in self.necessity],
            "cheapest_break": self.cheapest_break and vars(self.cheapest_break),
            "cheapest_hold": self.cheapest_hold and vars(self.cheapest_hold),
            "coalitions": self._coalitions(), "today": self._today(), "phase": self._phase(),
            "outcomes": {outcome: self._of_outcome(outcome) for outcome in OUTCOMES}, "about": dict(self.about),
        }  # fmt: skip

    def _of_outcome(self, outcome: str) -> dict[str, object]:
        """One outcome: nobody, everybody, values, interactions."""
        (calm, calm_se), (extreme, extreme_se) = self.worth_of_ends(outcome)
        values = zip(self.names, *self.shapley(outcome), strict=True)
        return {
            "outcome": outcome, "calm": calm, "calm_se": calm_se, "extreme": extreme, "extreme_se": extreme_se,
            "shapley": {name: {"value": float(value), "se": float(error)} for name, value, error in values},
            "interactions": [
                {"pressures": [one, other], "value": value, "se": error}
                for one, other, value, error in self.interactions(outcome)
            ],
        }  # fmt: skip

    def _coalitions(self) -> list[dict[str, object]]:
        """A row for each coalition: who is in it, and the chance of the outcome."""
        if not self.exact:
            return []
        there = game.members(len(self.players))
        p, se = game.mean_and_error(np.asarray(self.worths[self.outcome], float))
        return [
            {"on": [name for name, on in zip(self.names, own, strict=True) if on], "p": float(a), "se": float(b)}
            for own, a, b in zip(there, p, se, strict=True)
        ]

    def _today(self) -> dict[str, object] | None:
        """Where the scenario stands: the chance, each pressure alone, the push, reproduction."""
        if self.push is None:
            return None
        p, se = _mean(self.push.worths[self.outcome][0])
        p_push, se_push = game.mean_and_error(np.asarray(self.push.worths[self.outcome], float))
        half = self.push.half(self.outcome, self.seed)
        return {
            "p": p, "se": se, "reproduction": self.reproduction(),
            "alone": [
                {"pressure": one.pressure, "to": "extreme" if one.share > 0 else "calm", "p": a, "se": b, "change": c,
                 "change_se": d}
                for one in self.singles
                for a, b in [_mean(one.worths[self.outcome])]
                for c, d in [_mean(one.worths[self.outcome] - self.push.worths[self.outcome][0])]
            ],
            "push": [
                {"share": float(x), "p": float(a), "se": float(b)}
                for x, a, b in zip(self.push.shares, p_push, se_push, strict=True)
            ],
            "half_at": None if half is None else dict(zip(("push", "p05", "p95"), half, strict=True)),
        }  # fmt: skip

    def _phase(self) -> dict[str, object] | None:
        """The phase diagram in plain values."""
        if self.phase is None:
            return None
        return {
            "first": self.phase.first, "second": self.phase.second, "steps": self.phase.steps.tolist(),
            "p": self.phase.worths[self.outcome].mean(axis=-1).tolist(),
            "reproduction": self.phase.worths["reproduction"].mean(axis=-1).tolist(),
        }  # fmt: skip


def _mean(values: np.ndarray) -> tuple[float, float]:
    """A mean over draws with its standard error."""
    value, error = game.mean_and_error(np.asarray(values, float)[None])
    return float(value[0]), float(error[0])
