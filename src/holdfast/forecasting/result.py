"""A forecast's result: both armies month by month, chances, scores, and forecasts from rolling origins."""

from __future__ import annotations

import calendar
import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np
from jaxtyping import Float

from holdfast.coded_armies.codebook import PROVENANCE
from holdfast.core import runtime
from holdfast.core.results import Result
from holdfast.core.units import MONTH_DAYS
from holdfast.ensemble import chances
from holdfast.ensemble.chances import Chance
from holdfast.evidence.gathered import ClaimSource, staleness
from holdfast.forecasting.as_of import EvidenceAsOf
from holdfast.forecasting.paths import BEFORE, OUTCOMES, SimulatedPaths
from holdfast.forecasting.projection import CALIBRATED, PRIOR, Projection, breaks
from holdfast.stats.intervals import P90_P50, finite_quantiles

if TYPE_CHECKING:
    import xarray as xr


LEAST_RUNS = 10
"""Runs in which the war still goes on, at least, for a band of exits."""
QUANTITIES = ("killed", "strength", "deserted")
GROUND = "ground"
"""Gained by the first side since the day of the forecast [km2]; what it gains the second loses."""
ENGINE, WALK = "engine", "walk"
"""The two components of a pool that are our own; the others are the baselines, by their names."""
AT_END = ("strength", GROUND)
"""Stated as it stands at the end of a month or quarter; the rest are sums."""
MASS_DESERTION = "mass_desertion"
"""Among observations: the chance that a tenth of an army had left within half a year by then [1]."""
OBSERVED = ("observed_p05", "observed_p50", "observed_p95", "observed_source")
"""Columns of what followed."""

AFTERWARDS = (
    "This is not a forecast that was issued on its date. The program, its priors and the kinds of error that it grants to "
    "claimants were written in 2026 by people who knew this war; only claims, series and events are cut off at the date."
)
LIVE = (
    "This forecast was made on its own day. Claims of its last months are few and will be revised; series of the scenario "
    "whose last date is past are held at their last value."
)
"""The first caveat, of a forecast of a past day and of one that is made on its own day."""
CAVEATS = (
    f"The engine's parameters are from coded armies. {PROVENANCE}",
    "What a scenario says once for all (kinds of soldier, regime, trust) is as its file has it, wherever its source is later.",
    "The pressures stand still at their values of the date. What is not known of them is in the drift of desertion alone.",
    "Bands are those of a pool. Its weights rest on a few past forecasts, whose months are mostly the same.",
    "Deserters are gross and count a man each time; observations of desertion are what the evidence of today estimates from "
    "criminal cases.",
)
"""What else is to be held against every forecast."""
OVERLAP = (
    "Months of neighbouring origins are the same months: the rows hold far fewer independent ones than they count."
)
"""What is to be held against forecasts from rolling origins."""
PARAMETERS = {
    PRIOR: "The engine's parameters are drawn from the priors as declared: no army has taught them.",
    CALIBRATED: "The engine's parameters were taught only by armies whose wars had ended by {}.",
}
"""The same by where the parameters are from."""

Bands = dict[str, float]
"""Quantiles by the names of `P90_P50`, in whole men or km2."""
Key = tuple[str, str, dt.date]
"""Side, quantity, first day of the month."""


@dataclasses.dataclass(frozen=True)
class Observation:
    """One month of one quantity, as it is known now: the median and 90 % interval."""

    p05: float  # lower end, in men or km2
    p50: float  # median
    p95: float  # upper end; the median too where it is known exactly
    source: str  # where it is from


@dataclasses.dataclass(frozen=True)
class MonthScore:
    """How one month of one quantity was forecast, by the model or by a baseline."""

    side: str  # the army
    quantity: str  # as `killed`
    horizon: int  # whole months ahead
    by: str  # the forecaster: `forecast`, or a baseline
    inside_90: float
    """Chance, over the error of the observation, that it lies in the 90 % interval [1]."""
    inside_50: float  # the same of the 50 % interval [1]
    crps: float  # continuous ranked probability score [men], of ground [km2]


class BaselineScore(TypedDict):
    """Mean scores of a baseline, and our CRPS over its own."""

    inside_90: float  # coverage of the 90 % interval [1]
    crps: float  # continuous ranked probability score [men], of ground [km2]
    ratio: float  # our CRPS over the baseline's [1]


class ScoreRow(TypedDict, total=False):
    """Mean scores over the months of a side, a quantity and a range of horizons."""

    side: str  # name of the army
    quantity: str  # as `killed`
    horizon: str  # months ahead, as `4-12`
    months: int  # number of months
    inside_90: float  # coverage of the 90 % interval [1]
    inside_50: float  # coverage of the 50 % interval [1]
    crps: float  # continuous ranked probability score [men], of ground [km2]
    persists: BaselineScore  # the last month persists
    trend: BaselineScore  # a straight line through the last year


OutcomeScores = Mapping[str, Mapping[str, Mapping[str, float]]]
"""By side and outcome: the chance that was forecast (`p`), that it came (`came`), and the Brier score (`brier`) [1]."""


@dataclasses.dataclass(frozen=True)
class ForecastScores:
    """A forecast against what followed."""

    months: tuple[MonthScore, ...]  # month by month
    table: tuple[ScoreRow, ...]  # means by side, quantity and horizon
    outcomes: OutcomeScores  # of mass desertion and collapse


@dataclasses.dataclass(frozen=True)
class Period:
    """A month or a quarter of one side."""

    name: str  # as `2023-11` or `2023 Q4`
    days: int  # days of it that are forecast [d]
    bands: Mapping[str, Bands | None]  # by quantity; none where too few runs still have a war


@dataclasses.dataclass(frozen=True, repr=False)
class Forecast(Result):
    """Both armies from a day on, out of what was known on that day."""

    PRESENTER = "holdfast.present.forecast_report"

    scenario: str  # name of the scenario
    scenario_hash: str  # SHA-256 of all that it says
    as_of: dt.date  # day of the forecast
    until: dt.date  # last day
    evidence: EvidenceAsOf  # what was known on the day
    projections: Mapping[str, Projection]  # losses and strength of each side
    paths: SimulatedPaths  # the engine's runs
    parameters: str  # where the engine's parameters are from: `calibrated` or `priors`
    seed: int  # seed of all draws
    men_per_billet: int  # men that a simulated soldier stands for
    observations: Mapping[Key, Observation] = dataclasses.field(default_factory=dict)
    """What followed, as far as it is known now."""
    scores: ForecastScores | None = None  # none where nothing is known of what followed
    ground_walk: Float[np.ndarray, "draw month"] | None = None
    """Gained by the first side by the walk alone [km2]; none where no area is known."""
    pooled: Mapping[str, Mapping[str, Float[np.ndarray, "sample month"]]] = dataclasses.field(default_factory=dict)
    """By side and quantity: draws from the pool of components (`forecasting.stack`)."""
    weights: Mapping[str, Mapping[str, float]] = dataclasses.field(default_factory=dict)
    """By quantity: the weight of each component of its pool [1]."""
    live: bool = False  # whether it was made on its own day
    newest: Mapping[str, dt.date] = dataclasses.field(default_factory=dict)
    """By side: until when its claims know anything."""
    sources: tuple[ClaimSource, ...] = ()  # the tables of claims, and what each brought

    def __repr__(self) -> str:
        return f"<Forecast of {self.scenario} from {self.as_of} to {self.until}: {self.runs} runs>"

    @property
    def sides(self) -> tuple[str, ...]:
        """Names of both armies."""
        return tuple(self.projections)

    @property
    def months(self) -> tuple[dt.date, ...]:
        """First day of each month; the first may lack its beginning, the last its end."""
        return next(iter(self.projections.values())).months

    @property
    def days(self) -> Float[np.ndarray, month]:
        """Days of each month that are forecast [d]."""
        return next(iter(self.projections.values())).days

    @property
    def month_days(self) -> Float[np.ndarray, month]:
        """Days of each whole month [d]."""
        return np.array([calendar.monthrange(month.year, month.month)[1] for month in self.months], float)

    @property
    def runs(self) -> int:
        """Runs of the engine."""
        return len(self.paths.draws)

    @property
    def data(self) -> xr.Dataset:
        """All draws, labelled: the pool's by sample, the day on which each end comes by run of the engine.

        Without a pool, `killed` and `strength` are by draw of the evidence, the rest by run of the engine.
        """
        import xarray as xr

        sides = self.sides
        stacked = {name: np.stack([self.samples(side, name) for side in sides], axis=1) for name in QUANTITIES}
        of_draw, of_run = ("sample", "sample") if self.pooled else ("draw", "run")
        return xr.Dataset(
            {
                "killed": ((of_draw, "side", "month"), stacked["killed"], {"units": "men/month"}),
                "strength": ((of_draw, "side", "month"), stacked["strength"], {"units": "men at the month's end"}),
                "deserted": (
                    (of_run, "side", "month"), stacked["deserted"], {"units": "men/month, NaN once the war is over"}
                ),
                GROUND: (
                    (of_run, "month"), self.samples(sides[0], GROUND), {"units": "km2 gained by the first side"}
                ),
                "day_mass_desertion": (("run", "side"), self.paths.mass_desertion, {"units": "day, -1 = never"}),
                "day_collapse": (("run", "side"), self.paths.collapse, {"units": "day, -1 = never"}),
                "day_settlement": (("run", "side"), self.paths.settlement, {"units": "day, -1 = never"}),
                "day_destroyed": (("run", "side"), self.paths.destroyed, {"units": "day, -1 = never"}),
                "draw_of_run": ("run", self.paths.draws),
            },
            coords={
                "side": list(sides), "month": np.array(self.months, "datetime64[ns]"),
                "days": ("month", self.days, {"units": "d"}),
            },
            attrs={"scenario": self.scenario, "as_of": str(self.as_of), "until": str(self.until), "seed": self.seed},
        )  # fmt: skip

    def quantities(self, side: str) -> tuple[str, ...]:
        """The quantities that are forecast of a side.

        Args:
            side: its name.

        Returns:
            Their names; ground is stated of the first side alone.
        """
        return (*QUANTITIES, GROUND) if side == self.sides[0] else QUANTITIES

    def samples(self, side: str, quantity: str) -> Float[np.ndarray, "sample month"]:
        """Samples of a quantity by month.

        Args:
            side: name of the army.
            quantity: one of `quantities`.

        Returns:
            Men a month; strength [men] and ground [km2] at the month's end. A sample is a draw from the pool of components;
            without a pool one of the engine for deserters (NaN once the war is over) and ground, of the walk for the rest.
        """
        if side in self.pooled:
            return self.pooled[side][quantity]
        simulated = self.engine(side, quantity)
        samples = self.walk(side, quantity) if simulated is None else simulated
        assert samples is not None  # ground is simulated
        return samples

    def walk(self, side: str, quantity: str) -> Float[np.ndarray, "draw month"] | None:
        """What the walk alone says of a quantity.

        Args:
            side: name of the army.
            quantity: one of `quantities`.

        Returns:
            As `samples`; `None` of ground where no area is known.
        """
        if quantity == GROUND:
            return self.ground_walk
        projection = self.projections[side]
        return projection.strength[:, 1:] if quantity == "strength" else np.asarray(projection.flows[quantity])

    def engine(self, side: str, quantity: str) -> Float[np.ndarray, "run month"] | None:
        """What the engine's runs say of a quantity.

        Args:
            side: name of the army.
            quantity: one of `quantities`.

        Returns:
            As `samples`; `None` of killed and strength, which the engine is given.
        """
        if quantity == GROUND:
            return self.paths.ground
        if quantity != "deserted":
            return None
        rate = _smooth(self.paths.exits[:, self.sides.index(side)], self.days)
        strength = self.projections[side].strength[self.paths.draws]
        return rate / 1000 * (strength[:, :-1] + strength[:, 1:]) / 2 * self.days / MONTH_DAYS

    def past(self, side: str, quantity: str) -> Float[np.ndarray, month]:
        """The months before the forecast, as they were known on its day.

        Args:
            side: name of the army.
            quantity: a flow, or `strength`.

        Returns:
            Medians of men a day [men/d], of the strength at the month's end [men].
        """
        known = self.evidence.sides[side]
        values = known.strength[:, 1:] if quantity == "strength" else known.per_day(quantity)
        return np.asarray(np.median(values[:, known.usable], axis=0))

    def by_day(self, side: str) -> dict[str, dict[str, Chance]]:
        """Which end of the war comes first for an army, by each horizon.

        Args:
            side: name of the army.

        Returns:
            Chances by horizon, counted from the day of the forecast [d], and by end (`holdfast.ensemble.chances`).
        """
        days = {end: getattr(self.paths, end) for end in chances.OWN}
        return chances.by_day(days, self.sides.index(side), (self.until - self.as_of).days + 1)

    def chance(self, side: str, outcome: str) -> Chance:
        """The chance that an army breaks or is destroyed, or that its state ends the war while it stands, by the last day.

        Args:
            side: name of the army.
            outcome: `mass_desertion`, `collapse`, `settlement` or `destroyed`.

        Returns:
            Share of the runs (`p`), ends of Wilson's 90 % interval (`p05`, `p95`) [1], and the runs (`runs`). Of mass
            desertion and collapse it is the pool's: the engine's share and that of the walk's draws, by their weights in the
            pool of deserters.
        """
        runs = getattr(self.paths, outcome)[:, self.sides.index(side)]
        simulated = chances.chance(int((runs >= 0).sum()), self.runs)
        weights = {name: self.weights.get("deserted", {}).get(name, 0.0) for name in (ENGINE, WALK)}
        if outcome not in self._breaks[side] or not weights[WALK]:
            return simulated
        breaks = self._breaks[side][outcome]
        walked = chances.chance(int(breaks.sum()), len(breaks))
        of_engine = weights[ENGINE] / sum(weights.values())
        mean = {name: of_engine * simulated[name] + (1 - of_engine) * walked[name] for name in ("p", "p05", "p95")}  # type: ignore[literal-required]
        return simulated | mean  # type: ignore[return-value]

    @cached_property
    def _breaks(self) -> Mapping[str, Mapping[str, np.ndarray]]:
        """In which draws of the walk each army breaks, by side and outcome."""
        return {name: breaks(self.evidence.sides[name], ahead) for name, ahead in self.projections.items()}

    def periods(self, side: str, by: str = "quarter") -> list[Period]:
        """Bands of each month or quarter: sums of killed and deserted, strength and ground at its end.

        Args:
            side: name of the army.
            by: `month` or `quarter`.

        Returns:
            The periods in order.
        """
        name = (lambda day: f"{day:%Y-%m}") if by == "month" else (lambda day: f"{day.year} Q{(day.month + 2) // 3}")
        names = [name(month) for month in self.months]
        samples = {quantity: self.samples(side, quantity) for quantity in self.quantities(side)}
        periods = []
        for each in dict.fromkeys(names):
            rows = [number for number, other in enumerate(names) if other == each]
            bands = {
                quantity: _bands(draws[:, rows[-1]] if quantity in AT_END else draws[:, rows].sum(axis=1))
                for quantity, draws in samples.items()
            }
            periods.append(Period(each, int(self.days[rows].sum()), bands))
        return periods

    def numbers(self) -> dict[str, dict[str, object]]:
        """All numbers of the forecast.

        Returns:
            By side: bands of months and quarters, and the chances of outcomes, as `--json` prints them.
        """
        return {
            side: {
                f"{by}s": [{by: each.name, "days": each.days} | dict(each.bands) for each in self.periods(side, by)]
                for by in ("month", "quarter")
            }
            | {f"p_{outcome}": self.chance(side, outcome) for outcome in OUTCOMES}
            | {"by_day": self.by_day(side)}
            for side in self.sides
        }

    def to_dict(self) -> dict[str, object]:
        """The forecast as `--json` prints it; see `docs/forecast.md`."""
        scores = self.scores
        return self.about() | {
            "version": runtime.version(), "fits": dict(self.evidence.fits), "weights": rounded(self.weights),
            "sides": self.numbers(),
            "scores": {"months": list(scores.table), "outcomes": scores.outcomes} if scores else None,
            "warnings": self.warnings(), "caveats": list(self.caveats()),
        }  # fmt: skip

    def rows(self) -> list[dict[str, object]]:
        """A row for each side, month and quantity: its bands, and what followed."""
        rows = []
        for side in self.sides:
            for month, period in zip(self.months, self.periods(side, "month"), strict=True):
                for quantity, bands in period.bands.items():
                    seen = self.observations.get((side, quantity, month.replace(day=1)))
                    rows.append(
                        {"side": side, "month": period.name, "days": period.days, "quantity": quantity}
                        | (dict(bands) if bands else dict.fromkeys(P90_P50))
                        | (dict(zip(OBSERVED, dataclasses.astuple(seen))) if seen else dict.fromkeys(OBSERVED))
                    )
        return rows

    def warnings(self) -> list[str]:
        """What must be known before anything is believed.

        Returns:
            Sentences; none where claims tell of both armies up to the day.
        """
        return staleness(self.newest, self.as_of)

    def caveats(self) -> tuple[str, ...]:
        """What is to be held against the forecast.

        Returns:
            Sentences.
        """
        paths = self.paths
        share = paths.put_aside / max(paths.put_aside + self.runs, 1)
        aside = (
            f"{paths.put_aside} draws ({share:.0%}) were put aside: in the {BEFORE} days before, through which both stood, "
            "an army breaks, or leaves less than half or more than twice as fast as the evidence says."
        )
        slopes = ", ".join(f"{fit['slope']:.1g} ({side})" for side, fit in self.evidence.fits.items())
        fits = (f"The evidence was fitted with a slope at the mode, per posterior SD, of {slopes}.",) if slopes else ()
        first = LIVE if self.live else AFTERWARDS
        return (first, *CAVEATS, PARAMETERS[self.parameters].format(self.as_of), aside, *fits, *self.evidence.notes)

    def about(self) -> dict[str, object]:
        """What decides the numbers.

        Returns:
            Scenario, days, claims, draws and settings, as `--json` and a ledger's line have them.
        """
        return {
            "scenario": self.scenario, "scenario_hash": self.scenario_hash, "as_of": str(self.as_of),
            "until": str(self.until), "claims": self.evidence.claims, "posterior_hash": self.evidence.digest,
            "parameters": self.parameters, "runs": self.runs, "draws_put_aside": self.paths.put_aside,
            "seed": self.seed, "men_per_billet": self.men_per_billet, "live": self.live,
            "newest_claims": {side: str(day) for side, day in self.newest.items()},
            "claim_tables": [
                {"name": each.name, "kind": each.kind, "claims": each.claims, "added": each.added}
                for each in self.sources
            ],
        }  # fmt: skip


def rounded(weights: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    """Weights as they are printed.

    Args:
        weights: by quantity and component [1].

    Returns:
        The same to three digits.
    """
    return {quantity: {name: round(weight, 3) for name, weight in each.items()} for quantity, each in weights.items()}


def _bands(draws: np.ndarray) -> Bands | None:
    """Five levels, in whole men or km2; none where too few runs say anything."""
    levels = finite_quantiles(draws, P90_P50, least=LEAST_RUNS)
    return levels and {name: float(round(value)) for name, value in levels.items()}


def _smooth(rate: Float[np.ndarray, "run month"], days: Float[np.ndarray, month]) -> Float[np.ndarray, "run month"]:
    """Rates over three months: in one month of a coarse run there are few simulated soldiers to desert."""
    weight = np.where(np.isfinite(rate), days, 0.0)
    men = np.where(np.isfinite(rate), rate, 0.0) * weight
    three = lambda x: x + np.pad(x, ((0, 0), (1, 0)))[:, :-1] + np.pad(x, ((0, 0), (0, 1)))[:, 1:]  # noqa: E731
    return np.where(np.isfinite(rate), three(men) / np.maximum(three(weight), 1e-9), np.nan)


# --- Rolling origins.


@dataclasses.dataclass(frozen=True)
class Origin:
    """The forecast from one day, scored."""

    as_of: dt.date  # the day
    claims: int  # claims known by then
    runs: int  # runs of the engine
    put_aside: int  # draws that were put aside
    parameters: str  # where the engine's parameters are from
    scores: ForecastScores  # against what followed
    fits: Mapping[str, Mapping[str, float]]  # by side: how the searches of its fit ended
    weights: Mapping[str, Mapping[str, float]] = dataclasses.field(default_factory=dict)
    """By quantity: the weight of each component of its pool [1]."""


@dataclasses.dataclass(frozen=True, repr=False)
class RollingForecast(Result):
    """Forecasts from a day in every quarter, and their scores over all of them."""

    PRESENTER = "holdfast.present.forecast_report"

    scenario: str  # name of the scenario
    until: dt.date  # last day of all
    origins: tuple[Origin, ...]  # the forecasts in order
    table: tuple[ScoreRow, ...]  # means over all origins by side, quantity and horizon

    def to_dict(self) -> dict[str, object]:
        """The forecasts as `--rolling --json` prints them; see `docs/forecast.md`."""
        return {
            "scenario": self.scenario, "until": str(self.until), "scores": list(self.table),
            "origins": [
                {
                    "as_of": str(each.as_of), "claims": each.claims, "runs": each.runs, "draws_put_aside": each.put_aside,
                    "parameters": each.parameters, "outcomes": each.scores.outcomes, "fits": dict(each.fits),
                    "weights": rounded(each.weights), "scores": list(each.scores.table),
                }
                for each in self.origins
            ],
        }  # fmt: skip

    def rows(self) -> list[dict[str, object]]:
        """The table of scores, a baseline's under names as `trend_crps`."""
        return flat(self.table)

    @property
    def sides(self) -> tuple[str, ...]:
        """Names of the armies that are scored."""
        return tuple(dict.fromkeys(row["side"] for row in self.table))

    def months(self) -> list[dict[str, object]]:
        """The scores month by month.

        Returns:
            A row for each origin, side, quantity, horizon and forecaster.
        """
        return [
            {"as_of": str(origin.as_of)} | dataclasses.asdict(score)
            for origin in self.origins
            for score in origin.scores.months
        ]

    def outcome(self, side: str, outcome: str) -> dict[str, float] | None:
        """Mean scores of an outcome over the origins that have it.

        Args:
            side: name of the army.
            outcome: `mass_desertion` or `collapse`.

        Returns:
            Mean chance (`p`), share that came (`came`) and Brier score (`brier`) [1]; `None` without any.
        """
        each = [one.scores.outcomes[side] for one in self.origins if side in one.scores.outcomes]
        came = [scores[outcome] for scores in each if outcome in scores]
        if not came:
            return None
        return {name: sum(score[name] for score in came) / len(came) for name in ("p", "came", "brier")}


def flat(table: Sequence[Mapping[str, Any]]) -> list[dict[str, object]]:
    """Rows of scores in one level of columns.

    Args:
        table: the rows.

    Returns:
        The same, each score of a baseline under its name and the baseline's, as `trend_crps`.
    """
    rows = []
    for each in table:
        row: dict[str, object] = {}
        for name, value in each.items():
            row |= (
                {f"{name}_{what}": score for what, score in value.items()} if isinstance(value, dict) else {name: value}
            )
        rows.append(row)
    columns = dict.fromkeys(name for row in rows for name in row)
    return [columns | row for row in rows]
