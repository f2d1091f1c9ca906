"""What a sweep says: which inputs move an outcome, in which region of them it comes, and how much of it is luck. Data, no IO."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from holdfast.core.lazy import Lazy
from holdfast.core.params import Floats
from holdfast.core.results import Result
from holdfast.sensitivity import boxes
from holdfast.sensitivity.boxes import Box, Column, Discovery
from holdfast.sensitivity.indices import MorrisDesign, MorrisEffects, Places, SobolDesign, SobolIndices
from holdfast.sensitivity.inputs import OFF, ON, Input
from holdfast.sensitivity.request import BOXES, MORRIS, OUTCOMES, SOBOL
from holdfast.stats.intervals import Estimate, wilson

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr
else:
    np = Lazy("numpy")
    xr = Lazy("xarray")

EVENTS = ("collapse", "mass_desertion")
"""Outcomes that come or not; the rest are numbers."""


@dataclasses.dataclass(frozen=True)
class Luck:
    """How much of an outcome's variance is not of the inputs that are varied."""

    share: float
    """Share of the variance between single runs that is between draws at one point [1]."""
    left: float
    """Share of the variance between the points' means that the draws have not averaged out [1]."""


@dataclasses.dataclass(frozen=True)
class Ranked:
    """One input, by how much it moves the outcome."""

    input: Input
    """The input."""
    size: Estimate
    """Total order of Sobol's, mu* of Morris's, or the share of the variance between ten classes of it."""
    other: Estimate
    """First order of Sobol's, sigma of Morris's (no interval); the size again without either."""


@dataclasses.dataclass(frozen=True)
class Runs:
    """What was run and what came, a row a run."""

    point: Places
    """Its point `[run]`."""
    draw: Places
    """Its draw `[run]`."""
    day_collapse: Places
    """Day of collapse, -1 = did not come `[run, side]` [d]."""
    day_mass_desertion: Places
    """Day of mass desertion, -1 = did not come `[run, side]` [d]."""
    exits: Floats
    """Gross exits by choice `[run, side]` [1/1,000/month]."""


@dataclasses.dataclass(frozen=True, repr=False)
class Sweep(Result):
    """A sweep of a scenario's inputs."""

    PRESENTER = "holdfast.present.sensitivity_report"

    scenario: str
    """Name of what was run."""
    title: str
    """Its title."""
    method: str
    """`sobol`, `morris` or `boxes`."""
    days: int
    """Length of a run [d]."""
    men_per_billet: int
    """The grain [men]."""
    seed: int
    """Of design, draws and luck."""
    sides: tuple[str, ...]
    """Names of the sides."""
    side: str
    """Whose outcome is shown."""
    outcome: str
    """What is shown, one of `OUTCOMES`."""
    above: float
    """Exits above which boxes look [1/1,000/month]; NaN of other outcomes."""
    inputs: tuple[Input, ...]
    """What was varied."""
    values: Floats
    """Values `[point, input]`; of an effect 0 for off and 1 for on."""
    design: SobolDesign | MorrisDesign | None
    """The design; none where points were spread evenly."""
    runs: Runs
    """What was run and what came."""
    indices: Mapping[str, Mapping[str, SobolIndices | MorrisEffects]]
    """By side and outcome; empty where points were spread evenly."""
    luck: Mapping[str, Mapping[str, Luck]]
    """By side and outcome; empty with one draw a point."""
    boxes: Discovery | None
    """Boxes by PRIM in which the outcome of the side comes; none of Morris's design, whose points lie on a grid."""
    tree: tuple[Box, ...]
    """Boxes by CART."""
    luck_only: bool
    """Whether draws at one point differ in luck alone, or also in what is not known."""
    about: Mapping[str, object] = dataclasses.field(default_factory=dict)
    """Where the draws are from."""

    @property
    def data(self) -> xr.Dataset:
        """Every run with the point it stands at, labelled."""
        never = {"units": "day, -1 = did not come"}
        return xr.Dataset(
            {
                "input_value": (("point", "input"), self.values),
                "point_of_run": ("run", self.runs.point), "draw_of_run": ("run", self.runs.draw),
                "day_collapse": (("run", "side"), self.runs.day_collapse, never),
                "day_mass_desertion": (("run", "side"), self.runs.day_mass_desertion, never),
                "exits": (("run", "side"), self.runs.exits, {"units": "1/1,000/month"}),
            },
            coords={"input": [each.path for each in self.inputs], "side": list(self.sides)},
            attrs={"scenario": self.scenario, "method": self.method, "seed": self.seed},
        )  # fmt: skip

    @property
    def labels(self) -> dict[str, str]:
        """What each input is called in sentences, by its path."""
        return {each.path: each.label for each in self.inputs}

    @property
    def draws(self) -> int:
        """Draws at each point, on average."""
        return round(len(self.runs.point) / len(self.values))

    @property
    def what(self) -> str:
        """The outcome in words."""
        if self.outcome == "exits":
            return f"{self.side}: exits above {self.above:.3g} per 1,000 a month"
        return f"{self.side}: {OUTCOMES[self.outcome]} within {self.days} days"

    def means(self, side: str, outcome: str) -> Floats:
        """An outcome's mean over the draws of each point.

        Args:
            side: whose.
            outcome: one of `OUTCOMES`.

        Returns:
            Share of runs in which it came [1], or the mean of log(1 + exits per 1,000 a month), `[point]`.
        """
        return point_means(
            outcomes_of(self.runs)[outcome][:, self.sides.index(side)], self.runs.point, len(self.values)
        )

    def chance(self, side: str, outcome: str) -> Estimate:
        """How often an outcome came: a mean over the inputs' ranges, no forecast.

        Args:
            side: whose.
            outcome: one of `EVENTS`.

        Returns:
            The share, of the independent points where a design has others, with Wilson's interval by the number of points, not
            of runs, which have draws in common [1].
        """
        means = self.means(side, outcome)[independent(self.design, len(self.values))]
        low, high = wilson(round(float(means.sum())), len(means))
        value = float(means.mean())
        return Estimate(value, min(low, value), max(high, value))

    @property
    def ranked(self) -> tuple[Ranked, ...]:
        """The inputs, the one that moves the outcome most first; those of an outcome that never differs in their own order."""
        of = self.indices.get(self.side, {}).get(self.outcome)
        if isinstance(of, SobolIndices):
            every = [Ranked(*one) for one in zip(self.inputs, of.total, of.first, strict=True)]
        elif isinstance(of, MorrisEffects):
            spread = (Estimate(one, one, one) for one in of.spread)
            every = [Ranked(*one) for one in zip(self.inputs, of.size, spread, strict=True)]
        else:
            shares = [explained(column, self.means(self.side, self.outcome)) for column in self.values.T]
            every = [Ranked(one, share, share) for one, share in zip(self.inputs, shares, strict=True)]
        return tuple(sorted(every, key=lambda one: -one.size.value if one.size.value == one.size.value else 0.0))

    def sentences(self) -> list[str]:
        """The boxes in words, PRIM's first.

        Returns:
            As "south: collapse within 120 days when south supply < 0.6 and south elite level < 0.4".
        """
        every = (*(self.boxes.boxes if self.boxes else ()), *self.tree)
        return list(dict.fromkeys(boxes.sentence(box, self.what, self.labels) for box in every))

    def rows(self) -> Sequence[Mapping[str, object]]:
        """A row for each input with its index, the greatest first; of a search for boxes a row for each limit of a box."""
        return self.limit_rows() if self.method == BOXES else self.index_rows()

    def index_rows(self) -> list[dict[str, object]]:
        """The inputs with their indices.

        Returns:
            A row an input, the strongest first.
        """
        size, other = {SOBOL: ("total", "first"), MORRIS: ("mu_star", "sigma"), BOXES: ("share_of_variance", "")}[
            self.method
        ]
        rows: list[dict[str, object]] = []
        for one in self.ranked:
            row: dict[str, object] = {"input": one.input.path, "varied": one.input.in_words, size: one.size.value}
            if self.method != BOXES:
                row |= {f"{size}_low": one.size.low, f"{size}_high": one.size.high, other: one.other.value}
            if self.method == SOBOL:
                row |= {f"{other}_low": one.other.low, f"{other}_high": one.other.high}
            rows.append(row)
        return rows

    def limit_rows(self) -> list[dict[str, object]]:
        """The limits of the boxes.

        Returns:
            A row a limit, PRIM's boxes first.
        """
        kinds = (("prim", self.boxes.boxes if self.boxes else ()), ("cart", self.tree))
        return [
            {
                "by": kind, "box": number, "input": limit.name, "side": limit.side, "value": limit.value,
                "words": " or ".join(limit.words), "quasi_p": limit.p, "density": box.density.value, "coverage": box.coverage,
                "mass": box.mass, "points": box.points,
            }
            for kind, every in kinds for number, box in enumerate(every, start=1) for limit in box.limits
        ]  # fmt: skip

    def run_rows(self) -> list[dict[str, object]]:
        """Every run.

        Returns:
            A row a run: its point, its draw, the inputs' values, and what came of each side.
        """
        of, rows = self.runs, []
        for run, (point, draw) in enumerate(zip(of.point.tolist(), of.draw.tolist(), strict=True)):
            row: dict[str, object] = {"point": point, "draw": draw}
            row |= {each.path: float(value) for each, value in zip(self.inputs, self.values[point], strict=True)}
            for place, side in enumerate(self.sides):
                row |= {
                    f"{side}_day_collapse": int(of.day_collapse[run, place]),
                    f"{side}_day_mass_desertion": int(of.day_mass_desertion[run, place]),
                    f"{side}_exits": float(of.exits[run, place]),
                }  # fmt: skip
            rows.append(row)
        return rows

    def to_dict(self) -> dict[str, object]:
        """The sweep in plain values; `docs/sweep.md` explains the keys."""
        search = self.boxes
        return {
            "scenario": self.scenario, "method": self.method, "days": self.days, "men_per_billet": self.men_per_billet,
            "seed": self.seed, "side": self.side, "outcome": self.outcome, "above": self.above, "runs": len(self.runs.point),
            "points": len(self.values), "draws_a_point": self.draws, "luck_only": self.luck_only,
            "inputs": [_input_row(one) for one in self.inputs],
            "chances": {
                side: {outcome: _plain(self.chance(side, outcome)) for outcome in EVENTS} for side in self.sides
            },
            "indices": {
                side: {outcome: self._indices(of) for outcome, of in each.items()} for side, each in self.indices.items()
            },
            "luck": {
                side: {outcome: dataclasses.asdict(of) for outcome, of in each.items()} for side, each in self.luck.items()
            },
            "boxes": [self._box(box) for box in search.boxes] if search else [],
            "base_density": search.base if search else None,
            "trajectory": [dataclasses.asdict(step) for step in search.trajectory] if search else [],
            "chosen_step": search.chosen if search else None,
            "apart": None if not search or not search.apart else {"density": search.apart[0], "coverage": search.apart[1]},
            "tree": [self._box(box) for box in self.tree],
            "draws": dict(self.about),
        }  # fmt: skip

    def _indices(self, of: SobolIndices | MorrisEffects) -> dict[str, object]:
        """Indices in plain values, by input."""
        paths = [each.path for each in self.inputs]
        if isinstance(of, SobolIndices):
            first, total = (dict(zip(paths, map(_plain, each), strict=True)) for each in (of.first, of.total))
            pairs = [{"inputs": [one.first, one.second], **_plain(one.share)} for one in of.pairs]
            return {"first": first, "total": total, "pairs": pairs}
        return {
            "mu": dict(zip(paths, of.mean, strict=True)),
            "mu_star": dict(zip(paths, map(_plain, of.size), strict=True)), "sigma": dict(zip(paths, of.spread, strict=True)),
        }  # fmt: skip

    def _box(self, box: Box) -> dict[str, object]:
        """A box in plain values."""
        return {
            "sentence": boxes.sentence(box, self.what, self.labels), "density": _plain(box.density),
            "coverage": box.coverage, "mass": box.mass, "points": box.points, "hits": box.hits,
            "limits": [
                {"input": one.name, "side": one.side, "value": one.value, "words": list(one.words), "quasi_p": one.p}
                for one in box.limits
            ],
        }  # fmt: skip


def outcomes_of(runs: Runs) -> dict[str, Floats]:
    """The outcomes that are analysed.

    Args:
        runs: what came.

    Returns:
        By name `[run, side]`: 1 where an event came and 0 where not; log(1 + exits per 1,000 a month).
    """
    return {
        "collapse": (np.asarray(runs.day_collapse) >= 0).astype(float),
        "mass_desertion": (np.asarray(runs.day_mass_desertion) >= 0).astype(float),
        "exits": np.log1p(np.asarray(runs.exits, float)),
    }


def independent(design: SobolDesign | MorrisDesign | None, points: int) -> Places:
    """Points that are drawn independently of each other, among which boxes are searched and shares counted.

    Args:
        design: the design; none where points were spread evenly.
        points: how many there are.

    Returns:
        Their places; of Morris's paths all, since none of their points is.
    """
    return design.independent if isinstance(design, SobolDesign) else np.arange(points)


def point_means(values: Floats, point: Places, points: int) -> Floats:
    """The mean at each point.

    Args:
        values: one a run `[run]`.
        point: the runs' points `[run]`.
        points: how many there are.

    Returns:
        The means `[point]`.
    """
    return np.asarray(np.bincount(point, values, points) / np.bincount(point, minlength=points))


CLASSES = 10
"""Classes of equal size into which an input is cut to see what it explains."""


def explained(values: Floats, outcome: Floats) -> Estimate:
    """The share of an outcome's variance between classes of one input, less what chance alone would give.

    Args:
        values: the input `[point]`.
        outcome: the outcome `[point]`.

    Returns:
        The share (epsilon squared of an analysis of variance, never below 0) [1], without an interval.
    """
    total = float(((outcome - outcome.mean()) ** 2).sum())
    if not total:
        return Estimate(0.0, 0.0, 0.0)
    edges = np.unique(np.quantile(values, np.linspace(0, 1, CLASSES + 1)[1:-1]))
    of = np.searchsorted(edges, values, "right")
    counts = np.bincount(of)
    means = np.bincount(of, outcome)[counts > 0] / counts[counts > 0]
    groups = len(means)
    between = float((counts[counts > 0] * (means - outcome.mean()) ** 2).sum())
    left = (total - between) / max(len(values) - groups, 1)
    share = max(0.0, (between - (groups - 1) * left) / total)
    return Estimate(share, share, share)


def columns(inputs: Sequence[Input], values: Floats) -> dict[str, Column]:
    """Inputs as a search for boxes reads them: numbers, and `off` or `on` of effects.

    Args:
        inputs: the inputs.
        values: their values `[point, input]`.

    Returns:
        Columns by path.
    """
    return {
        each.path: np.where(column > 0, ON, OFF) if each.effect else column
        for each, column in zip(inputs, values.T, strict=True)
    }


def _plain(one: Estimate) -> dict[str, float]:
    return {"value": one.value, "low": one.low, "high": one.high}


def _input_row(one: Input) -> dict[str, object]:
    """An input in plain values."""
    return {
        "path": one.path, "label": one.label, "low": one.low, "high": one.high, "how": one.in_words,
        "posterior": one.drawn,
    }  # fmt: skip
