"""Scenario discovery: in which region of the inputs an outcome comes, as boxes that a person can read.

PRIM peels a little of the least affected end of one input at a time, and pastes back what was peeled too far (Friedman and
Fisher 1999, doi:10.1023/A:1008894516817); a box is read by its density, the share of its points in which the outcome comes,
and its coverage, the share of all such points that it holds; each limit has a quasi-p-value, the chance that so many
hits would fall into the box if that limit made no difference (Bryant and Lempert 2010, doi:10.1016/j.techfore.2009.08.002).
CART cuts the whole space into a few boxes at once (Breiman and others 1984), by scikit-learn.

Numbers are compared as 64-bit floats whatever their width was, words one by one. Density and coverage of every box, of CART's
too, are counted by the mask of its limits.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from holdfast.core.lazy import Lazy
from holdfast.core.params import Floats
from holdfast.sensitivity.indices import Places, nonzero
from holdfast.stats.finite import refuse_nonfinite
from holdfast.stats.intervals import Estimate, wilson

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from sklearn.tree._tree import Tree
else:
    np = Lazy("numpy")

Mask: TypeAlias = "npt.NDArray[np.bool_]"
Column: TypeAlias = "npt.NDArray[Any]"
"""Numbers of any width, or words."""
PEEL, PASTE = 0.05, 0.01
"""Share of a box's points that one step takes away, and that one step back gives again [1]."""
LEAST_MASS, LEAST_POINTS = 0.05, 10
"""A box with a lesser share of the points, or with fewer of them, is not looked at."""
SURE = 0.05
"""A limit with a greater quasi-p-value is dropped; divided by the number of inputs, for limits are chosen among all of them."""
MOST_BOXES = 3
LEAVES = 8
"""Boxes into which CART cuts the inputs, at most."""
FOLDS = 10
"""Parts of the points, each left out once, by which the number of CART's boxes is chosen."""


@dataclasses.dataclass(frozen=True)
class Limit:
    """One end of a box."""

    name: str
    """The input."""
    side: str
    """`above`, `below`, or `among` for an input whose values are words."""
    value: float
    """Above or below which the input lies; NaN of words."""
    words: tuple[str, ...]
    """The words among which it is; none of numbers."""
    p: float
    """Quasi-p-value: the chance of as many hits in the box if the limit made no difference [1]."""

    def sentence(self, label: str) -> str:
        """The limit in words.

        Args:
            label: what to call the input.

        Returns:
            As `supply < 0.6`.
        """
        if self.side == "among":
            return f"{label} is {' or '.join(self.words)}"
        return f"{label} {'>' if self.side == 'above' else '<'} {self.value:.3g}"


@dataclasses.dataclass(frozen=True)
class Box:
    """A region of the inputs, and how far the outcome comes there."""

    limits: tuple[Limit, ...]
    """Its ends, the surest first; none = all points."""
    density: Estimate
    """Share of its points in which the outcome comes, with Wilson's 90 % interval [1]."""
    coverage: float
    """Share of all hits that it holds [1]."""
    mass: float
    """Share of all points that it holds [1]."""
    points: int
    """Points in it."""
    hits: float
    """Points in it in which the outcome comes; a point that was run several times counts by its share."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """The inputs that it limits."""
        return tuple(dict.fromkeys(limit.name for limit in self.limits))


@dataclasses.dataclass(frozen=True)
class Step:
    """One step of a peeling."""

    density: float
    """Share of the box's points in which the outcome comes [1]."""
    coverage: float
    """Share of all hits in the box [1]."""
    mass: float
    """Share of all points in the box [1]."""
    inputs: int
    """Inputs that are limited by then."""


@dataclasses.dataclass(frozen=True)
class Discovery:
    """What PRIM finds."""

    boxes: tuple[Box, ...]
    """The boxes, each of what the ones before it have left; none where no limit is sure."""
    trajectory: tuple[Step, ...]
    """The peeling of the first box, from all points on, each step after pasting."""
    chosen: int
    """The step whose box was taken, and rid of limits that are not sure."""
    base: float
    """Share of all points in which the outcome comes [1]."""
    apart: tuple[float, float] | None
    """Density and coverage of the first box as found on one half of the points and counted on the other, mean of both ways
    [1]; none where a half gave no box."""


Ends = dict[str, tuple[float, float] | frozenset[str]]
"""A box while it is searched: between what a number lies, among which words a word is, by input."""


class Table:
    """Inputs by name, each a column of 64-bit floats or of words."""

    def __init__(self, columns: Mapping[str, Column]) -> None:
        """Read columns of any width.

        Args:
            columns: values by input `[point]`: numbers of any kind; or words, which are compared one by one.

        Raises:
            NonFiniteError: if a number is not finite.
            ValueError: if columns differ in length.
        """
        self.columns: dict[str, Column] = {}
        for name, values in columns.items():
            array = np.asarray(values)
            if array.dtype.kind in "iuf":
                numbers = array.astype(np.float64)
                refuse_nonfinite(numbers[:, None], [name], lambda row: f"point {row}", use="boxes")
                self.columns[name] = numbers
            else:
                self.columns[name] = array.astype(str)
        if len({len(one) for one in self.columns.values()}) > 1:
            raise ValueError("columns of different lengths")

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def numeric(self, name: str) -> bool:
        """Whether an input's values are numbers.

        Args:
            name: the input.

        Returns:
            False of words.
        """
        return bool(self.columns[name].dtype.kind == "f")

    def only(self, chosen: Mask | Places) -> Table:
        """Some of the points.

        Args:
            chosen: a mask or places `[point]`.

        Returns:
            The table of these points.
        """
        return Table({name: values[chosen] for name, values in self.columns.items()})

    def inside(self, ends: Ends) -> Mask:
        """Which points lie in a box.

        Args:
            ends: the box.

        Returns:
            A mask `[point]`.
        """
        mask = np.ones(len(self), bool)
        for name, of in ends.items():
            values = self.columns[name]
            mask &= np.isin(values, list(of)) if isinstance(of, frozenset) else (values > of[0]) & (values < of[1])
        return mask


def prim(columns: Mapping[str, Column], outcome: npt.ArrayLike, *, seed: int = 1) -> Discovery:
    """Boxes in which an outcome comes, by patient peeling.

    Of the steps of a peeling that one is taken which is of most `worth`.

    Args:
        columns: values by input `[point]`, as of `Table`.
        outcome: whether the outcome came, or in what share of a point's runs `[point]` [0-1].
        seed: of the halves by which the search is checked.

    Returns:
        The boxes, the steps of the first one, and how it fares on points that did not choose it.

    Raises:
        NonFiniteError: if an input or an outcome is not finite.
        ValueError: if an outcome is not from 0 to 1.
    """
    table, share = Table(columns), _shares(outcome)
    left = np.ones(len(table), bool)
    boxes: list[Box] = []
    first: tuple[list[Step], int] | None = None
    while len(boxes) < MOST_BOXES:
        part, hits = table.only(left), share[left]
        if not hits.sum() or len(part) < 2 * LEAST_POINTS:
            break
        ends, steps, chosen = _search(part, hits, share.sum(), len(share))
        first = first or (steps, chosen)
        box = _box(part, hits, ends, share.sum(), len(share)) if ends else None
        if box is None or box.density.low <= share.mean():
            break
        boxes.append(box)
        left[np.flatnonzero(left)[part.inside(ends)]] = False
    steps, chosen = first or ([Step(float(share.mean()), 1.0, 1.0, 0)], 0)
    return Discovery(tuple(boxes), tuple(steps), chosen, float(share.mean()), _apart(table, share, seed))


def _shares(outcome: npt.ArrayLike) -> Floats:
    """Outcomes as shares from 0 to 1."""
    share = np.array(outcome, float)
    refuse_nonfinite(share[:, None], ["outcome"], lambda row: f"point {row}", use="boxes")
    if len(share) and (share.min() < 0 or share.max() > 1):
        raise ValueError("an outcome came or not: from 0 to 1")
    return share


def _search(table: Table, share: Floats, hits: float, points: int) -> tuple[Ends, list[Step], int]:
    """One box: peel, paste and drop what is not sure at every step, and choose one; with the steps and the one chosen.

    Where the outcome comes in two regions, the first steps can be no better than luck, and peel what does not matter: only
    pasting shows what a small box can grow into.
    """
    path = [_pasted(table, share, ends) for ends in _peeled(table, share, points)]
    sure = [_sure(table, share, ends) for ends in path]
    # Coverage by which a box is chosen is of the hits that are left, as the base is: of all hits the boxes before it hold some,
    # and small coverages would make the widest box the best one.
    base, scored = float(share.mean()), (_step(table, share, ends, float(share.sum()), points) for ends in sure)
    chosen = int(np.argmax([worth(one.density, one.coverage, base) for one in scored]))
    return sure[chosen], [_step(table, share, ends, hits, points) for ends in path], chosen


def worth(density: float, coverage: float, base: float) -> float:
    """By what a box is chosen: the harmonic mean of its coverage and of how far its density rises from the base to one.

    Density itself would favour the box of all points where the outcome is common.

    Args:
        density: share of its points in which the outcome comes [1].
        coverage: share of the hits that it holds, of those that boxes before it have left [1].
        base: share of the points that are left in which the outcome comes [1].

    Returns:
        The mean [1]; 0 of a box no denser than all points.
    """
    rise = (density - base) / (1 - base) if base < 1 else 0.0
    return 2 * rise * coverage / (rise + coverage) if rise > 0 and coverage > 0 else 0.0


def _step(table: Table, share: Floats, ends: Ends, hits: float, points: int) -> Step:
    mask = table.inside(ends)
    inside = share[mask]
    return Step(float(inside.mean()), float(inside.sum() / hits), float(mask.sum() / points), len(ends))


def _peeled(table: Table, share: Floats, points: int) -> Iterator[Ends]:
    """Boxes that shrink step by step to the least mass: each step gains most, or loses least, for each point given up."""
    ends: Ends = {}
    mask = np.ones(len(table), bool)
    least = max(LEAST_POINTS, math.ceil(LEAST_MASS * points))
    while True:
        yield dict(ends)
        density, count = float(share[mask].mean()), int(mask.sum())
        best: tuple[float, Ends] = (-math.inf, {})
        for smaller, inside in _peels(table, mask, ends):
            stay = int(inside.sum())
            if least <= stay < count:
                gain = float(share[inside].mean()) - density
                gain = gain / (count - stay) if gain > 0 else gain
                if gain > best[0] + 1e-15:
                    best = (gain, smaller)
        if not best[1] or density == 1:
            return
        ends = best[1]
        mask = table.inside(ends)


def _peels(table: Table, mask: Mask, ends: Ends) -> Iterator[tuple[Ends, Mask]]:
    """What one step may take away: the lowest or highest few of a number, or one word; limits lie between two points."""
    for name, values in table.columns.items():
        here = values[mask]
        if not table.numeric(name):
            words = frozenset(str(word) for word in np.unique(here))
            for word in sorted(words) if len(words) > 1 else ():
                yield {**ends, name: words - {word}}, mask & (values != word)
            continue
        low, high = _ends(ends, name)
        order = np.sort(here)
        count = max(1, int(PEEL * len(order)))
        above = order[order > order[count - 1]]
        if len(above):
            at = _between(order[count - 1], above[0])
            yield {**ends, name: (at, high)}, mask & (values > at)
        below = order[order < order[-count]]
        if len(below):
            at = _between(below[-1], order[-count])
            yield {**ends, name: (low, at)}, mask & (values < at)


def _between(low: float, high: float) -> float:
    """A number that parts two others: half-way, or the mean of their halves where the sum has no end."""
    return float(low / 2 + high / 2)


def _ends(ends: Ends, name: str) -> tuple[float, float]:
    """Between what a number lies."""
    of = ends.get(name, (-math.inf, math.inf))
    assert not isinstance(of, frozenset)
    return of


def _pasted(table: Table, share: Floats, ends: Ends) -> Ends:
    """A box widened as long as its density does not fall, each step by a few points at one limit."""
    mask = table.inside(ends)
    best = share[mask].mean() * (1 - 1e-12), int(mask.sum())
    while True:
        wider = None
        for each, inside in _wider(table, ends, mask):
            here = share[inside].mean(), int(inside.sum())
            if here[1] > mask.sum() and here > best:
                best, wider = here, (each, inside)
        if wider is None:
            return ends
        (ends, mask), best = wider, (best[0] * (1 - 1e-12), best[1])


def _wider(table: Table, ends: Ends, mask: Mask) -> Iterator[tuple[Ends, Mask]]:
    """The box with one limit further out, by a few points."""
    count = max(1, int(PASTE * mask.sum()))
    each = {name: table.inside({name: of}) for name, of in ends.items()}
    outside = sum((~one).astype(int) for one in each.values())
    for name, of in ends.items():
        rest = {other: one for other, one in ends.items() if other != name}
        values, around = table.columns[name], outside - ~each[name] == 0
        here = values[around]
        if isinstance(of, frozenset):
            for word in sorted({str(one) for one in here} - of):
                yield {**rest, name: of | {word}}, mask | (around & (values == word))
            continue
        low, high = _next(here[here <= of[0]], count, down=True), _next(here[here >= of[1]], count, down=False)
        if low is not None:
            yield _with(rest, name, (low, of[1])), around & (values > low) & (values < of[1])
        if high is not None:
            yield _with(rest, name, (of[0], high)), around & (values > of[0]) & (values < high)


def _next(beyond: Floats, count: int, *, down: bool) -> float | None:
    """The limit that takes in so many of the points beyond one, the nearest first; endless where it takes in all."""
    if not len(beyond):
        return None
    order = np.sort(-beyond if down else beyond)
    last = order[min(count, len(order)) - 1]
    further = order[order > last]
    at = _between(last, further[0]) if len(further) else math.inf
    return -at if down else at


def _with(rest: Ends, name: str, of: tuple[float, float]) -> Ends:
    """A box with an input's ends, or without the input where it has none."""
    return rest if of == (-math.inf, math.inf) else {**rest, name: of}


def _sure(table: Table, share: Floats, ends: Ends) -> Ends:
    """A box without limits that could be by chance, the least sure dropped first."""
    most = SURE / max(len(table.columns), 1)
    while ends:
        limits = _limits(table, share, ends)
        worst = max(limits, key=lambda limit: limit.p)
        if worst.p <= most:
            return ends
        ends = _without(ends, worst)
    return ends


def _without(ends: Ends, limit: Limit) -> Ends:
    """The box without one of its limits."""
    rest = {name: of for name, of in ends.items() if name != limit.name}
    if limit.side == "among":
        return rest
    low, high = _ends(ends, limit.name)
    return _with(rest, limit.name, (-math.inf, high) if limit.side == "above" else (low, math.inf))


def _limits(table: Table, share: Floats, ends: Ends) -> list[Limit]:
    """The limits of a box with their quasi-p-values, the surest first."""
    each = {name: table.inside({name: of}) for name, of in ends.items()}
    outside = sum((~one).astype(int) for one in each.values())
    hits = share[outside == 0]
    limits: list[Limit] = []
    for name, of in ends.items():
        rest, values = outside - ~each[name] == 0, table.columns[name]
        if isinstance(of, frozenset):
            limits.append(Limit(name, "among", math.nan, tuple(sorted(of)), _quasi_p(hits, share[rest])))
            continue
        for side, at, other in (("above", of[0], values < of[1]), ("below", of[1], values > of[0])):
            if math.isfinite(at):
                limits.append(Limit(name, side, at, (), _quasi_p(hits, share[rest & other])))
    return sorted(limits, key=lambda limit: limit.p)


def _quasi_p(inside: Floats, around: Floats) -> float:
    """The chance of as many hits in a box, or more, if its points were drawn from the box without one limit.

    Args:
        inside: shares of hits of the box's points.
        around: the same without the limit.
    """
    from scipy import special

    hits = round(float(inside.sum()))  # the binomial tail as the incomplete beta function, without scipy.stats' checks
    return float(special.betainc(hits, len(inside) - hits + 1, around.mean())) if hits else 1.0


def _box(table: Table, share: Floats, ends: Ends, hits: float, points: int) -> Box:
    """A box as it is shown."""
    inside = share[table.inside(ends)]
    count, came = len(inside), float(inside.sum())
    density = Estimate(came / count, *wilson(round(came), count))
    density = Estimate(density.value, min(density.low, density.value), max(density.high, density.value))
    limits = tuple(_limits(table, share, ends))
    return Box(limits, density, float(came / hits) if hits else math.nan, count / points, count, came)


def _apart(table: Table, share: Floats, seed: int) -> tuple[float, float] | None:
    """Density and coverage of the first box on points that did not choose it."""
    order = np.random.default_rng(nonzero(seed)).permutation(len(share))
    halves = order[: len(order) // 2], order[len(order) // 2 :]
    scores = []
    for teach, judge in (halves, halves[::-1]):
        if len(teach) < 2 * LEAST_POINTS or not share[teach].sum() or not share[judge].sum():
            return None
        ends, _, _ = _search(table.only(teach), share[teach], share[teach].sum(), len(teach))
        inside = table.only(judge).inside(ends)
        if not ends or not inside.any():
            return None
        scores.append((share[judge][inside].mean(), share[judge][inside].sum() / share[judge].sum()))
    density, coverage = np.mean(scores, axis=0)
    return float(density), float(coverage)


# --- CART.


def cart(columns: Mapping[str, Column], outcome: npt.ArrayLike, *, seed: int = 1) -> tuple[Box, ...]:
    """Boxes by a regression tree on the share of hits.

    The tree sees the ranks of numbers, which are whole and exact in its 32-bit floats, and each word as a column of its own;
    its cuts are translated back, and the boxes counted by their own limits.

    Args:
        columns: values by input `[point]`, as of `Table`.
        outcome: whether the outcome came, or in what share of a point's runs `[point]` [0-1].
        seed: by which equally good cuts are chosen among.

    Returns:
        Leaves in which the outcome comes more often than at large, by Wilson's interval, the densest first.

    Raises:
        NonFiniteError: if an input or an outcome is not finite.
        ValueError: if an outcome is not from 0 to 1.
    """
    from sklearn.tree import DecisionTreeRegressor

    table, share = Table(columns), _shares(outcome)
    least = max(LEAST_POINTS, math.ceil(LEAST_MASS * len(share)))
    if len(share) < 2 * least or share.min() == share.max():
        return ()
    features, meanings = _features(table)
    many = {"min_samples_leaf": least, "random_state": min(nonzero(seed), 2**32 - 1)}
    leaves_at_best = _leaves_at_best(features, share, many)
    if leaves_at_best < 2:
        return ()
    tree = DecisionTreeRegressor(max_leaf_nodes=leaves_at_best, **many).fit(features, share)
    leaves = [
        _box(table, share, ends, share.sum(), len(share)) for ends in _leaves(tree.tree_, meanings, table) if ends
    ]
    better = [box for box in leaves if box.density.low > share.mean()]
    return tuple(sorted(better, key=lambda box: (-box.density.value, -box.coverage)))


def _leaves_at_best(features: Floats, share: Floats, many: Mapping[str, int]) -> int:
    """The fewest leaves whose error on points left out is within one standard error of the least (Breiman and others 1984, 3.4)."""
    from sklearn.model_selection import KFold
    from sklearn.tree import DecisionTreeRegressor

    errors = np.zeros((LEAVES, len(share)))
    for teach, judge in KFold(FOLDS, shuffle=True, random_state=many["random_state"]).split(features):
        errors[0, judge] = (share[judge] - share[teach].mean()) ** 2
        for leaves in range(2, LEAVES + 1):
            tree = DecisionTreeRegressor(max_leaf_nodes=leaves, **many).fit(features[teach], share[teach])
            errors[leaves - 1, judge] = (share[judge] - tree.predict(features[judge])) ** 2
    best = int(np.argmin(errors.mean(axis=1)))
    near = (errors - errors[best]).mean(axis=1) <= (errors - errors[best]).std(axis=1, ddof=1) / math.sqrt(len(share))
    return int(np.argmax(near)) + 1


def _features(table: Table) -> tuple[Floats, list[tuple[str, Floats | str]]]:
    """Columns for the tree, and of each the input with its sorted values, or with its word."""
    features: list[Floats] = []
    meanings: list[tuple[str, Floats | str]] = []
    for name, values in table.columns.items():
        distinct, ranks = np.unique(values, return_inverse=True)
        if table.numeric(name):
            features.append(ranks.astype(float))
            meanings.append((name, distinct))
        else:
            for word in distinct:
                features.append((values == word).astype(float))
                meanings.append((name, str(word)))
    return np.stack(features, axis=1), meanings


def _leaves(
    tree: Tree, meanings: Sequence[tuple[str, Floats | str]], table: Table, node: int = 0, ends: Ends | None = None
) -> Iterator[Ends]:
    """The boxes of the leaves below a node."""
    ends = ends or {}
    if tree.children_left[node] < 0:
        yield ends
        return
    name, meaning = meanings[tree.feature[node]]
    if isinstance(meaning, str):
        words = ends.get(name, frozenset(str(word) for word in np.unique(table.columns[name])))
        assert isinstance(words, frozenset)
        lower, upper = {**ends, name: words - {meaning}}, {**ends, name: words & {meaning}}
    else:
        low, high = _ends(ends, name)
        rank = math.floor(tree.threshold[node])
        at = _between(meaning[rank], meaning[rank + 1])
        lower, upper = {**ends, name: (low, at)}, {**ends, name: (at, high)}
    yield from _leaves(tree, meanings, table, tree.children_left[node], lower)
    yield from _leaves(tree, meanings, table, tree.children_right[node], upper)


def sentence(box: Box, what: str, labels: Mapping[str, str] | None = None) -> str:
    """A box as a person reads it.

    Args:
        box: the box.
        what: the outcome, as `collapse within 120 days`.
        labels: what to call the inputs; by their names unless given.

    Returns:
        As "collapse within a year when supply < 0.6 and elite level < 0.4".
    """
    names = labels or {}
    limits = [limit.sentence(names.get(limit.name, limit.name)) for limit in box.limits]
    return f"{what} when {' and '.join(limits)}" if limits else f"{what} anywhere"
