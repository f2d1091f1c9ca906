"""Series of months and how they may go on: a level, a damped slope, a season and heavy tails, learnt from the months known.

Each month is foretold from those before it, and what the guess misses moves the level and the slope:

    value = level + slope + season + miss        miss: Student's t of scale `noise`, with `tail` degrees of freedom
    level = level + slope + gain * miss
    slope = damped * slope + turn * felt         felt: the miss, but no more than a leap in one month should turn a slope

It is damped exponential smoothing (Gardner and McKenzie 1985; Hyndman, Koehler, Ord and Snyder 2008) with t errors. The
numbers are drawn from their posterior: the priors of `WALK`, weighed by how well each draw foretells the known months from
`LAGS` months before. So the bands of what follows hold what is not known of the numbers. Both sides share them but for
the noise, of which each has its own.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int

from holdfast.core.params import About, Beta, Fixed, LogNormal, Normal

LAGS = (1, 3, 6, 12)
"""Months ahead at which draws of the numbers are weighed; errors so many months ahead overlap and count 1/lag. The medians
of the evidence are smooth where no claim tells two months apart: the next month alone would teach that trends never end."""
PROPOSALS, ROUNDS = 1000, 4
"""Draws in each round of the search for the numbers' posterior, and rounds: the first from the priors."""
PRIOR_SHARE = 0.25
"""Share of a later round that is drawn from the priors all the same [1]."""
FEW = 50.0
"""Draws that the weights of a round are worth, below which the next round is centred on their roots: or it narrows on one."""
YEAR = 12
"""Months of a season [months]."""
LEAST_TAIL = 2.0
"""Degrees of freedom that are added to `tail`: with no more, the spread has no end."""

_ASSUMED = "assumed before any score of this walk was seen"
_SEEN = "assumed after the first scores of the walk were in sight"


def _of_losses(value: float, unit: str, prior: Beta | Fixed | LogNormal | Normal, source: str) -> About:
    return About(value, unit, prior, "losses", source)


WALK: dict[str, About] = {
    "killed_noise": _of_losses(0.2, "log/month", LogNormal(0.2, 0.5), f"{_ASSUMED}: scale of what a month misses"),
    "killed_gain": _of_losses(0.6, "1", Beta(6, 4), f"{_ASSUMED}: of a miss, what the level takes on"),
    "killed_turn": _of_losses(0.05, "1", Beta(1, 19), f"{_ASSUMED}: of a miss, what the slope takes on"),
    "strength_noise": _of_losses(0.03, "log/month", LogNormal(0.03, 0.5), f"{_ASSUMED}: scale of what a month misses"),
    "strength_gain": _of_losses(0.9, "1", Beta(9, 1), f"{_ASSUMED}: of a miss, what the level takes on"),
    "strength_turn": _of_losses(0.1, "1", Beta(2, 18), f"{_ASSUMED}: of a miss, what the slope takes on"),
    "deserted_noise": _of_losses(0.2, "log/month", LogNormal(0.2, 0.5), f"{_ASSUMED}: scale of what a month misses"),
    "deserted_gain": _of_losses(0.8, "1", Beta(8, 2), f"{_ASSUMED}: of a miss, what the level takes on"),
    "deserted_turn": _of_losses(0.1, "1", Beta(2, 18), f"{_ASSUMED}: of a miss, what the slope takes on"),
    "ground_noise": _of_losses(150.0, "km2/month", LogNormal(150.0, 0.7), f"{_ASSUMED}: scale of what a month misses"),
    "ground_gain": _of_losses(0.4, "1", Beta(4, 6), f"{_ASSUMED}: of a miss, what the level takes on"),
    "ground_turn": _of_losses(0.0, "1", Fixed(), f"{_SEEN}: gains have a level and no slope; with one, bands of 30,000 km2"),
    "drive_step": _of_losses(0.1, "log/month", LogNormal(0.1, 0.5), f"{_SEEN}: SD of a step of what attacks win"),
    "damped": _of_losses(0.9, "1", Beta(18, 2), f"{_ASSUMED}: of a slope, what is left a month later"),
    "lasting": _of_losses(0.96, "1", Beta(24, 1), f"{_ASSUMED}: of a miss to come, what is felt a month later; half in 18"),
    "season": _of_losses(0.0, "of the noise", Normal(0.0, 0.25), f"{_ASSUMED}: each of the two waves of a year"),
    "tail": _of_losses(4.0, "1", LogNormal(4.0, 0.5), f"{_SEEN}: degrees of freedom of a miss, over two"),
    "side_sd": _of_losses(0.4, "log", Fixed(), f"{_SEEN}: SD of a side's noise about that of both"),
    "fade": _of_losses(0.6, "1", Beta(6, 4), f"{_ASSUMED}: of a month in a draw's distance from the medians, against the next"),
    "shared_worth": _of_losses(24.0, "months", Fixed(), f"{_SEEN}: months in which the sides' misses had nothing in common"),
    "least_left": _of_losses(0.7, "of the men present", Fixed(), f"{_SEEN}: after a month's killed, wounded and captured"),
}  # fmt: skip
"""The numbers of the walk, by quantity where it has its own."""

SIZES = 8
"""Standard normal numbers that a draw is made of, beside one for each side's noise."""


@dataclasses.dataclass(frozen=True)
class Numbers:
    """Draws of the walk's numbers for one series, in its own unit."""

    noise: Float[np.ndarray, draw]  # scale of what a month misses
    gain: Float[np.ndarray, draw]  # of a miss, what the level takes on [1]
    turn: Float[np.ndarray, draw]  # of a miss, what the slope takes on [1]
    damped: Float[np.ndarray, draw]  # of a slope, what is left a month later [1]
    lasting: Float[np.ndarray, draw]  # of a miss to come, what is felt a month later [1]
    tail: Float[np.ndarray, draw]  # degrees of freedom of a miss [1]
    season: Float[np.ndarray, "draw wave"]  # a year's cosine and sine

    def felt(self, miss: np.ndarray) -> np.ndarray:
        """What a slope feels of a miss.

        Args:
            miss: what each draw misses.

        Returns:
            About the miss where it is small, and bounded.
        """
        return np.asarray(miss / np.sqrt(1 + (miss / self.noise) ** 2 / self.tail))


@dataclasses.dataclass(frozen=True)
class Known:
    """A series as it is known: equally likely courses of the same months."""

    values: Float[np.ndarray, "course month"]  # in the series' own unit, mostly logarithms
    calendar: Int[np.ndarray, month]  # of each month, its place in the year from 0

    @property
    def middle(self) -> Known:
        """The medians alone."""
        return Known(np.median(self.values, axis=0)[None], self.calendar)

    def courses(self, count: int) -> Known:
        """A few courses.

        Args:
            count: how many.

        Returns:
            As many, evenly out of all.
        """
        return Known(self.values[np.linspace(0, len(self.values) - 1, count).astype(int)], self.calendar)


def learn(kind: str, series: Sequence[Known], draws: int, random: np.random.Generator) -> list[Numbers]:
    """Draws of the numbers from their posterior, by adaptive importance sampling.

    Args:
        kind: the quantity, as in `WALK`.
        series: what is known of each side; where it has several courses their fits are averaged.
        draws: how many.
        random: where they are from.

    Returns:
        The numbers of each series, draw by draw; the priors' where the series are too short to teach.
    """
    size = SIZES + len(series)
    centre, root = np.zeros(size), np.eye(size)
    for number in range(ROUNDS):
        normal = random.normal(size=(PROPOSALS, size))
        moved = random.random(PROPOSALS) >= (PRIOR_SHARE if number else 1.0)
        z = np.where(moved[:, None], centre + normal @ root.T, normal)
        prior = -(z**2).sum(axis=1) / 2
        about = -(np.linalg.solve(root, (z - centre).T) ** 2).sum(axis=0) / 2 - np.log(np.diag(root)).sum()
        proposed = np.logaddexp(np.log(PRIOR_SHARE) + prior, np.log1p(-PRIOR_SHARE) + about) if number else prior
        fits = sum(_fit(each, _numbers(kind, z, side)) for side, each in enumerate(series))
        weights = _shares(prior - proposed + fits)
        flat = weights if (weights**2).sum() < 1 / FEW else _shares(np.log(np.maximum(weights, 1e-300)) / 2)
        centre = flat @ z
        root = np.linalg.cholesky((z - centre).T @ ((z - centre) * flat[:, None]) + 1e-4 * np.eye(size))
    rows = np.searchsorted(np.cumsum(weights), (np.arange(draws) + random.random()) / draws)
    chosen = z[random.permutation(np.minimum(rows, PROPOSALS - 1))]
    return [_numbers(kind, chosen, side) for side in range(len(series))]


def _shares(logs: np.ndarray) -> np.ndarray:
    """Weights of 1 in all from their logarithms."""
    weights = np.exp(logs - logs.max())
    return np.asarray(weights / weights.sum())


def _numbers(kind: str, z: Float[np.ndarray, "draw size"], side: int) -> Numbers:
    """The numbers of a side that standard normal ones stand for."""
    from scipy.special import ndtr

    shares = np.clip(ndtr(z), 1e-6, 1 - 1e-6)

    def value(name: str, column: int) -> np.ndarray:
        about = WALK[name]
        return np.full(len(z), about.value) if isinstance(about.prior, Fixed) else about.prior.ppf(shares[:, column])

    noise = value(f"{kind}_noise", 0) * np.exp(WALK["side_sd"].value * z[:, SIZES + side])
    waves = np.stack([value("season", 6), value("season", 7)], axis=1) * noise[:, None]
    return Numbers(
        noise=noise, gain=value(f"{kind}_gain", 1), turn=value(f"{kind}_turn", 2), damped=value("damped", 3),
        lasting=value("lasting", 4), tail=LEAST_TAIL + value("tail", 5), season=waves,
    )  # fmt: skip


def _seasons(numbers: Numbers, calendar: Int[np.ndarray, month]) -> Float[np.ndarray, "draw month"]:
    """The season of each month."""
    angle = 2 * np.pi * np.asarray(calendar) / YEAR
    return np.asarray(numbers.season @ np.stack([np.cos(angle), np.sin(angle)]))


def follow(
    values: Float[np.ndarray, month], calendar: Int[np.ndarray, month], numbers: Numbers
) -> tuple[Float[np.ndarray, "draw month"], Float[np.ndarray, "draw month"]]:
    """Go through a series.

    Args:
        values: its months.
        calendar: of each month, its place in the year from 0.
        numbers: draws of the walk's numbers.

    Returns:
        The level, without the season, and the slope after each month, by draw.
    """
    still = values - _seasons(numbers, calendar)
    level, slope = still[:, 0], np.zeros(len(still))
    levels, slopes = [level], [slope]
    for month in range(1, still.shape[1]):
        miss = still[:, month] - level - slope
        level = level + slope + numbers.gain * miss
        slope = numbers.damped * slope + numbers.turn * numbers.felt(miss)
        levels.append(level)
        slopes.append(slope)
    return np.stack(levels, axis=1), np.stack(slopes, axis=1)


def _fit(known: Known, numbers: Numbers) -> Float[np.ndarray, draw]:
    """Log density of the known months as each draw foretells them from `LAGS` months before, a mean over courses."""
    from scipy.special import gammaln

    tail, total = numbers.tail, np.zeros(len(numbers.noise))
    constant = gammaln((tail + 1) / 2) - gammaln(tail / 2) - np.log(tail * np.pi) / 2
    seasons = _seasons(numbers, known.calendar)
    for course in known.values:
        levels, slopes = follow(course, known.calendar, numbers)
        for lag in LAGS:
            if len(course) - lag < 2:  # the first month has no slope, and its level is its own
                continue
            reach = _reach(numbers.damped, lag)[:, None]
            miss = (course - seasons)[:, lag + 1 :] - levels[:, 1:-lag] - slopes[:, 1:-lag] * reach
            scale = numbers.noise * _spread(numbers, lag)
            beyond = np.log1p((miss / scale[:, None]) ** 2 / tail[:, None]).sum(axis=1)
            log = (constant - np.log(scale)) * miss.shape[1] - (tail + 1) / 2 * beyond
            total += log / (lag * len(LAGS) * len(known.values))
    return total


def _reach(damped: np.ndarray, lag: int) -> np.ndarray:
    """How many months' worth of today's slope lie in so many months ahead."""
    return np.asarray((1 - damped**lag) / np.maximum(1 - damped, 1e-6))


def _spread(numbers: Numbers, lag: int) -> np.ndarray:
    """SD of what is missed so many months ahead, over that of one month."""
    squares = [
        (numbers.gain * numbers.lasting ** (ago - 1) + numbers.turn * _reach(numbers.damped, ago)) ** 2
        for ago in range(1, lag)
    ]
    return np.asarray(np.sqrt(1 + sum(squares)))


def in_common(series: Sequence[Known], numbers: Sequence[Numbers]) -> float:
    """Correlation of what both sides miss in the same months, drawn towards none.

    Args:
        series: of two sides, their last months the same.
        numbers: of each.

    Returns:
        The correlation [1].
    """
    misses = []
    for known, one in zip(series, numbers, strict=True):
        values = np.median(known.values, axis=0)
        levels, slopes = follow(values, known.calendar, one)
        still = values - _seasons(one, known.calendar)
        misses.append(np.median((still[:, 1:] - levels[:, :-1] - slopes[:, :-1]) / one.noise[:, None], axis=0))
    months = min(map(len, misses))
    if months < 2:
        return 0.0
    one, other = (each[len(each) - months :] for each in misses)
    size = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return float((one * other).sum() / max(size, 1e-12)) * months / (months + WALK["shared_worth"].value)


def shocks(numbers: Numbers, normal: Float[np.ndarray, "draw month"], random: np.random.Generator) -> np.ndarray:
    """Student's t for each draw and month.

    Args:
        numbers: with the degrees of freedom.
        normal: standard normal numbers, which may be those of another series too.
        random: where the tails are from.

    Returns:
        In units of the noise, `[draw month]`.
    """
    tail = np.broadcast_to(numbers.tail[:, None], normal.shape)
    return np.asarray(normal / np.sqrt(random.chisquare(tail) / tail))


@dataclasses.dataclass(frozen=True)
class Course:
    """A series gone on, draw by draw."""

    start: Float[np.ndarray, draw]  # the level at its end, without the season
    path: Float[np.ndarray, "draw month"]  # the months to come


def go_on(
    known: Known, numbers: Numbers, calendar: Int[np.ndarray, month], steps: Float[np.ndarray, month], shock: np.ndarray
) -> Course:
    """Go on from the level and slope of the medians; draw `i` from as far beside them as course `i` lies.

    Args:
        known: the series, with a course for each draw, or one for all.
        numbers: draws of the walk's numbers.
        calendar: of each month to come, its place in the year from 0.
        steps: length of each, in months.
        shock: what each draw misses in each, in units of the noise `[draw month]`.

    Returns:
        The months to come.
    """
    middle = np.median(known.values, axis=0)
    levels, slopes = follow(middle, known.calendar, numbers)
    weights = WALK["fade"].value ** np.arange(len(middle))[::-1]
    start = levels[:, -1] + (known.values - middle) @ (weights / weights.sum())
    level, slope, moved, path = start, slopes[:, -1], np.zeros(len(start)), []
    seasons = _seasons(numbers, calendar)
    for month, step in enumerate(steps):
        miss = numbers.noise * shock[:, month]
        level, moved = level + slope * step, numbers.lasting**step * moved
        path.append(level + moved + seasons[:, month] + miss)
        moved = moved + numbers.gain * miss * np.sqrt(step)
        slope = numbers.damped**step * slope + numbers.turn * numbers.felt(miss) * np.sqrt(step)
    return Course(start, np.stack(path, axis=1))
