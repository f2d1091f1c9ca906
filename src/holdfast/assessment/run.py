"""The assessment of one army, and of one coder's codes against another's. [IO]

The parameters are those of the shipped posterior, which all shipped codings taught. Each army is predicted twice, under
the codes of the one and under those of the other: in `second_coder` without itself and those that share its men, in
`agree` without its war. The draws are the same for both, so that nothing but the codes tells the two apart.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from holdfast.assessment import request
from holdfast.assessment.request import Certainty, Request
from holdfast.backtesting import baselines
from holdfast.calibration import holdout, simulations
from holdfast.calibration import predictor as calibration_predictor
from holdfast.calibration.holdout import LEFT_OUT, Holdout
from holdfast.calibration.predictor import Predictions
from holdfast.calibration.simulations import Floats
from holdfast.coded_armies import army, codebook, reader
from holdfast.coded_armies import army as coded_armies_army
from holdfast.coded_armies.army import CODES, LEVELS, CodedArmy, CoderAgreement, Coding, Difference, Neighbour
from holdfast.coded_armies.codebook import HOLDS
from holdfast.core import runtime, timings
from holdfast.core.faults import AssessError, Fault, nearest, shown
from holdfast.core.results import Result
from holdfast.engine import outcomes
from holdfast.parallel import Progress, silent
from holdfast.stats import intervals, scoring
from holdfast.stats.intervals import Estimate, mean_estimate, median_estimate
from holdfast.stats.scoring import Numbers, Paired, Scored

DRAWS = 32
"""Draws of the posterior under which the army and its neighbours are run."""
NEAREST = 5
"""Past armies most like it that are named."""
HORIZON = simulations.DAYS
"""Days that the model looks ahead, the pressures growing over the first of them [d]."""
FEW = 20.0
"""With fewer draws' worth of posterior than this, its intervals are too narrow."""
LEAST_CHANGE = 0.01
"""A change of a chance by less than this is none [1]."""
OUTCOMES = ("collapse", "mass_desertion")


@dataclass(frozen=True)
class Change:
    """One code put otherwise, and what that does; the intervals are of the difference, draw by draw."""

    code: str
    """The code."""
    here: int | None
    """Its level as coded; `None` where it is not known."""
    there: int
    """The level that it is put at."""
    p_collapse: Estimate
    """The chance of collapse with the code put so."""
    collapse: Estimate
    """Change of P(collapse)."""
    mass_desertion: Estimate
    """Change of P(mass desertion)."""

    @property
    def against_its_sense(self) -> bool:
        """Whether the chance of collapse moves against what the code is meant to do, by more than its interval."""
        if self.here is None or abs(self.collapse.value) < LEAST_CHANGE:
            return False
        more = (self.there > self.here) != (self.code in HOLDS)
        return self.collapse.high < 0 if more else self.collapse.low > 0


@dataclass(frozen=True)
class ByDay:
    """How the war of an army has ended by a day: shares of runs, which add up to 1.

    The interval is of the posterior's draws, each with the share of its few runs, so that luck is in it; it is never narrower
    than Wilson's of all runs.
    """

    days: int
    """Days from the first on [d]."""
    collapse: Estimate
    """The army has collapsed, by the engine's own definition."""
    settlement: Estimate
    """The state has ended the war while its army stood."""
    destroyed: Estimate
    """The enemy has put out of action all but a rest of the army."""
    none: Estimate
    """None of these: the army still fights."""


@dataclass(frozen=True)
class Assessment(Result):
    """What the model, a baseline and history say of one army."""

    PRESENTER = "holdfast.present.army_report"

    request: Request
    """The army, as it was given."""
    taught: str
    """`left out`: a shipped army, predicted by all others. `never seen`: no army of this name taught."""
    p_collapse: Estimate
    """Chance of collapse, with what is not known of the parameters: 90 %."""
    p_mass_desertion: Estimate
    """Chance of mass desertion, likewise."""
    exits: Estimate
    """Gross exits by choice per 1,000 men a month, as a historian would code them: median, 5 % and 95 %."""
    band: str
    """Where the median falls among past armies."""
    base_rate: Mapping[str, float]
    """Share of the armies that taught, by outcome."""
    ridge: Mapping[str, float]
    """What a ridge logit on the ten codes predicts, by outcome."""
    nearest: tuple[Neighbour, ...]
    """Past armies most like it."""
    changes: tuple[Change, ...]
    """One code put otherwise, the greatest change of P(collapse) first."""
    draws: int
    """Draws of the posterior under which it was run."""
    worth: float
    """Draws of the posterior that its weights are worth, this army left out [1]."""
    posterior: str
    """Hash of the posterior."""
    certainty: Mapping[str, float] = field(default_factory=dict)
    """How sure each known code was taken to be: the chance that it is right over the whole span [1]."""
    by_day: tuple[ByDay, ...] = ()
    """How the war has ended by each of `outcomes.HORIZONS`, in longer runs; empty where nothing was run."""

    def rows(self) -> Sequence[Mapping[str, object]]:
        """The table of changes.

        Returns:
            A row for each code put otherwise: changes of both chances with their 90 % intervals.
        """
        return [
            {
                "code": change.code, "from": change.here, "to": change.there, "p_collapse": change.p_collapse.value,
                "change_p_collapse": _interval(change.collapse),
                "change_p_mass_desertion": _interval(change.mass_desertion),
                "against_its_sense": change.against_its_sense,
            }
            for change in self.changes
        ]  # fmt: skip

    def to_dict(self) -> dict[str, object]:
        """The assessment in plain values; `docs/assess.md` explains the keys.

        Returns:
            Values by key; what is not known is `None`.
        """
        of, base = self.request, self.request.base
        return {
            "name": of.name,
            "army": base.army_id if base else None,
            "unchanged": of.unchanged,
            "taught": self.taught,
            "codes": dict(of.army.codes),
            "unknown": list(of.unknown),
            "certainty": {code: {"value": sure, "source": of.source(code)} for code, sure in self.certainty.items()},
            "force_ratio": of.army.force_ratio,
            "days": HORIZON,
            "p_collapse": _interval(self.p_collapse),
            "p_mass_desertion": _interval(self.p_mass_desertion),
            "exits_per_1000_month": {"p05": self.exits.low, "p50": self.exits.value, "p95": self.exits.high},
            "band": self.band,
            "base_rate": dict(self.base_rate),
            "ridge_ten": dict(self.ridge),
            "by_day": [
                {"days": each.days} | {end: _interval(getattr(each, end)) for end in (*simulations.ENDS, outcomes.NONE)}
                for each in self.by_day
            ],
            "came": {outcome: getattr(base, outcome) for outcome in OUTCOMES} if of.unchanged else None,
            "nearest": [_neighbour(each) for each in self.nearest],
            "changes": list(self.rows()),
            "draws": self.draws,
            "worth": self.worth,
            "posterior": self.posterior,
        }


def _interval(of: Estimate) -> dict[str, float]:
    """A number with its 90 % interval."""
    return {"value": of.value, "p05": of.low, "p95": of.high}


def _neighbour(of: Neighbour) -> dict[str, object]:
    army = of.army
    return {
        "army_id": army.army_id, "army": army.army, "distance": of.distance, "outcome": army.outcome,
        "collapse": army.collapse, "mass_desertion": army.mass_desertion,
        "differs": [dataclasses.asdict(difference) for difference in of.differs],
    }  # fmt: skip


@timings.phase("run")
def assess(
    codes: Mapping[str, object] | None = None, *, force_ratio: float | str | None = None, name: str = "",
    army: str | None = None, certainty: Certainty | None = None, draws: int = DRAWS, with_changes: bool = True,
    seed: int = 1, workers: int | None = None, progress: Progress | None = None,
) -> Assessment:  # fmt: skip
    """Assess an army by its codes.

    Args:
        codes: levels by code, 0 to 2 or `None` where not known.
        force_ratio: own men to the enemy's.
        name: what to call the army.
        army: name of a shipped army to start from, which is then left out of what teaches.
        certainty: how sure the codes are, from 0 to 1: the chance that each is right, or chances by code. The rest is shared out
            over the other levels as coders were learnt to err, which holds as well for codes of which nothing is said.
        draws: draws of the posterior under which it is run.
        with_changes: whether to put each code otherwise too, which takes most of the time.
        seed: of resampling and runs.
        workers: processes, one for each core unless given.
        progress: hears of the runs.

    Returns:
        Chances, rates of exit, the armies most like it, and what would change it.

    Raises:
        AssessError: if the request has faults, with all of them.
        PosteriorError: if the shipped posterior cannot be read.
        WorkerError: if a worker ends before its work is done.
    """
    wanted = request.parse(codes or {}, force_ratio, name, army, certainty)
    return assessment(wanted, draws, workers, with_changes=with_changes, seed=seed, progress=progress)


def assessment(
    wanted: Request, draws: int = DRAWS, workers: int | None = None, *, with_changes: bool = True, seed: int = 1,
    progress: Progress | None = None,
) -> Assessment:  # fmt: skip
    """The assessment of a request that was checked.

    Args:
        wanted: the request.
        draws: as in `assess`, as all others.
        workers: processes.
        with_changes: whether to put each code otherwise too.
        seed: of resampling and runs.
        progress: hears of the runs.

    Returns:
        The assessment.

    Raises:
        PosteriorError: if the shipped posterior cannot be read.
        WorkerError: if a worker ends before its work is done.
    """
    predictor = dataclasses.replace(calibration_predictor.shipped(), seed=seed)
    training, army = predictor.training, wanted.army
    out = holdout.sharing_men(army, training.armies)
    known = wanted.unchanged and army in training.armies
    runs = None
    if with_changes or not known:
        armies = variants(army) if with_changes else [army]
        runs = predictor.by_runs(
            armies, out, draws, workers=workers or runtime.cores(), progress=progress or silent,
            as_coded=[army] * len(armies), days=max(outcomes.HORIZONS),
        )  # fmt: skip
    first = runs if runs and not known else predictor.by_weights([Holdout(army, LEFT_OUT, out)])
    exits = median_estimate(np.asarray(first.exits[0], float))
    return Assessment(
        request=wanted,
        taught="left out" if out.intersection(each.army_id for each in training.teachers) else "never seen",
        p_collapse=_mean(first.p_collapse[0]),
        p_mass_desertion=_mean(first.p_mass_desertion[0]),
        exits=exits,
        band=codebook.band_of(exits.value),
        base_rate=opinion("base_rate", army, training.left(out)),
        ridge=opinion("ridge_ten", army, training.left(out)),
        nearest=coded_armies_army.neighbours(army, coded_armies_army.independent(reader.shipped()), NEAREST),
        changes=_changes(army, runs) if runs and with_changes else (),
        draws=draws,
        worth=predictor.effective(out),
        posterior=predictor.weighed.posterior.digest,
        certainty=predictor.weighed.posterior.certainty(army),
        by_day=_by_day(runs) if runs else (),
    )


def _by_day(runs: Predictions) -> tuple[ByDay, ...]:
    """How the war has ended by each horizon; each draw's share is of its runs."""
    shares, count = outcomes.incidence(runs.ends), next(iter(runs.ends.values())).size
    return tuple(ByDay(days, **{end: _share(share, count) for end, share in of.items()}) for days, of in shares.items())


def _share(draws: Floats, runs: int) -> Estimate:
    """Mean of the draws' shares of their runs, with 90 %: never narrower than luck alone makes it, or 0 of all would be sure."""
    mean = _mean(draws)
    low, high = intervals.wilson(round(mean.value * runs), runs)
    return Estimate(mean.value, min(low, mean.low), max(high, mean.high))


def _mean(draws: Floats, less: Floats | float = 0.0) -> Estimate:
    """Mean of draws, or of a difference of draws, with 90 %."""
    return mean_estimate(np.asarray(draws, float) - np.asarray(less, float))


def opinion(baseline: str, army: CodedArmy, teachers: Sequence[CodedArmy]) -> dict[str, float]:
    """A baseline's chances of an army.

    Args:
        baseline: a key of `baselines.BASELINES`.
        army: the army.
        teachers: the armies that it is fitted to.

    Returns:
        Chances by outcome.
    """
    return {outcome: float(baselines.predicted(baseline, teachers, [army], outcome)[0]) for outcome in OUTCOMES}


# --- What would change it: each code moved a step and put at 0, under the same draws.


def steps(army: CodedArmy) -> list[tuple[str, int]]:
    """What may be put otherwise: a step up, a step down, and 0; of a code that is not known, all it might be.

    Args:
        army: the army.

    Returns:
        Codes with the level that they are put at.
    """
    moves: list[tuple[str, int]] = []
    for code in CODES:
        level = army.codes[code]
        near = LEVELS if level is None else (level + 1, level - 1, 0)
        moves += [(code, to) for to in dict.fromkeys(near) if to in LEVELS and to != level]
    return moves


def variants(army: CodedArmy) -> list[CodedArmy]:
    """An army, then each of its `steps`; all of one name, and therefore of one luck.

    Args:
        army: the army.

    Returns:
        The variants, the army first.
    """
    return [army, *(coded_armies_army.changed(army, **{code: to}) for code, to in steps(army))]


def _changes(army: CodedArmy, runs: Predictions) -> tuple[Change, ...]:
    """The changes from predictions of `variants`, the greatest change of P(collapse) first."""
    collapse, mass = runs.p_collapse, runs.p_mass_desertion
    changes = [
        Change(
            code, army.codes[code], to, _mean(collapse[row]), _mean(collapse[row], collapse[0]),
            _mean(mass[row], mass[0]),
        )
        for row, (code, to) in enumerate(steps(army), start=1)
    ]  # fmt: skip
    return tuple(sorted(changes, key=lambda change: -abs(change.collapse.value)))


RIDGE = "ridge_ten"


@dataclasses.dataclass(frozen=True)
class Recoded:
    """A shipped army that both coded."""

    army: CodedArmy
    """The army, as the first coded it."""
    differs: tuple[Difference, ...]
    """In which codes they differ: `here` the first's, `there` the second's."""
    first: float | None
    """P(collapse) under the first coder's codes; `None` where it is not worked out."""
    second: float | None
    """P(collapse) under the second coder's codes, likewise."""


@dataclasses.dataclass(frozen=True)
class Effect:
    """A model's scores under either coder's codes."""

    first: Scored
    """Under the first's."""
    second: Scored
    """Under the second's."""
    paired: Paired
    """Of the second's less the first's."""


@dataclasses.dataclass(frozen=True, repr=False)
class SecondCoder(Result):
    """All that one coder's codes say beside another's."""

    PRESENTER = "holdfast.present.army_report"

    agreement: CoderAgreement
    """How far the two agree."""
    armies: tuple[Recoded, ...]
    """The armies that both coded."""
    effects: dict[str, Effect]
    """By `model` and `ridge_ten`; empty where no army that counts for itself was coded by both."""
    unknown: dict[str, str | None]
    """Names that only the second has, and which of the first's was perhaps meant."""
    draws: int
    """Draws of the posterior."""
    posterior: str
    """Hash of the posterior."""
    without: str = "itself"
    """What is left out of what predicts an army: `itself` with those that share its men, or `its war`."""

    @property
    def mean_change(self) -> float | None:
        """Mean absolute difference of P(collapse) under the two codings; `None` where no army has both [1]."""
        apart = [
            abs(each.second - each.first) for each in self.armies if each.first is not None and each.second is not None
        ]
        return float(np.mean(apart)) if apart else None

    def rows(self) -> Sequence[Mapping[str, object]]:
        """The table of armies.

        Returns:
            A row for each army that both coded.
        """
        return [
            {
                "army_id": each.army.army_id, "p_collapse_first": each.first, "p_collapse_second": each.second,
                "collapse": each.army.collapse,
                "differs": [
                    {"code": code.code, "first": code.here, "second": code.there} for code in each.differs
                ],
            }
            for each in self.armies
        ]  # fmt: skip

    def to_dict(self) -> dict[str, object]:
        """The comparison in plain values; `docs/assess.md` explains the keys.

        Returns:
            Values by key; numbers without meaning are NaN, which `io.json_text` writes as `null`.
        """
        return {
            "agreement": {
                "codes": {code: dataclasses.asdict(self.agreement.codes[code]) for code in CODES},
                "overall": dataclasses.asdict(self.agreement.overall),
            },
            "armies": list(self.rows()),
            "shared": len(self.agreement.armies),
            "mean_absolute_difference_p_collapse": self.mean_change,
            "without": self.without,
            "scores": {name: dataclasses.asdict(effect) for name, effect in self.effects.items()},
            "not_shipped": dict(self.unknown),
            "not_coded_again": list(self.agreement.only_first),
            "draws": self.draws,
            "posterior": self.posterior,
        }


def second_coder(codes: str | Path | Coding) -> SecondCoder:
    """Compare a second coder's codes with those of the shipped armies.

    Args:
        codes: a file, or levels by army and code. A code left open stays as the first gave it.

    Returns:
        Agreement, the armies that both coded, and the model's scores under either's codes.

    Raises:
        ArmiesError: if the file has faults.
        AssessError: if no shipped army is in it.
        PosteriorError: if the shipped posterior cannot be read.
    """
    coding = reader.read_codes(codes) if isinstance(codes, str | Path) else codes
    shipped = reader.shipped()
    agreement = army.coder_agreement(shipped, coding)
    names = [army.army_id for army in shipped]
    unknown = {name: nearest(name, names) for name in agreement.only_second}
    if not agreement.armies:
        raise AssessError([_none_shipped(unknown)], "The second coder's file")
    both = [army for army in shipped if army.army_id in coding]
    weighed = calibration_predictor.shipped().training.armies
    counted = [army for army in both if army in weighed]
    out = [holdout.sharing_men(army, weighed) for army in counted]
    result, first, second = _compared(agreement, both, counted, out, coding)
    recoded = {army.army_id: _under(army, coding) for army in both}
    return dataclasses.replace(result, unknown=unknown, effects=_effects(counted, recoded, first, second))


Coded = str | Path | Sequence[CodedArmy]


@timings.phase("run")
def agree(first: Coded, second: Coded) -> SecondCoder:
    """How far two coders agree on the armies that both coded, and what their differences do to the chances.

    Nothing is drawn or run: chances are the surrogate's under all draws of the shipped posterior. Each army is predicted
    without its war.

    Args:
        first: a table of coded armies, or the armies; or a shipped coder: `first`, `coder1`, `coder2`, `coder3`, after a colon
            the vantage where it is not their own, as `coder3:explaining`.
        second: the same of the other coder. A code that one of the two left open is taken as the other gave it; an army of
            which both left one open has no chance.

    Returns:
        Agreement by code, the armies that both coded with P(collapse) under either's codes, and the model's scores under
        either's, on the armies that count for themselves and whose end the first knows.

    Raises:
        ArmiesError: if a table has faults.
        AssessError: if no army stands in both.
        PosteriorError: if the shipped posterior cannot be read.
    """
    one, two = (reader.named(str(each)) if isinstance(each, str | Path) else each for each in (first, second))
    agreement, coding = army.coder_agreement(one, two), army.coding(two)
    names = [each.army_id for each in one]
    unknown = {name: nearest(name, names) for name in agreement.only_second}
    if not agreement.armies:
        name, meant = next(iter(unknown.items()), ("", None))
        allowed = "case_id of one or more armies of the first table"
        raise AssessError(
            [Fault("case_id", f"none of them ({shown(name)} first)", allowed, "Correct the names", meant)]
        )
    both = [_with_facts(each, coding) for each in one if each.army_id in coding]
    counted = [each for each in both if None not in each.codes.values()]
    training = calibration_predictor.shipped().training
    out = [each.out for each in holdout.of_other_wars(training, counted)]
    result, before, after = _compared(agreement, both, counted, out, coding)
    known = [row for row, each in enumerate(counted) if each.independent and each.collapse is not None]
    y = np.array([bool(counted[row].collapse) for row in known])
    effects = {"model": _effect(before[known], after[known], y)} if known else {}
    return dataclasses.replace(result, unknown=unknown, effects=effects, without="its war")


def _with_facts(army: CodedArmy, coding: Coding) -> CodedArmy:
    """An army with its open codes as the other gave them and, under a shipped name, with facts that its table leaves out."""
    codes = coding[army.army_id]
    open_ = {code: codes.get(code) for code in CODES if army.codes[code] is None}
    here = dataclasses.replace(army, codes={**army.codes, **open_})
    every = (*reader.shipped(), *reader.further()[reader.CODER_1])
    known = next((each for each in every if each.army_id == army.army_id), here)
    facts = ("war", "start", "end", "force_ratio", "collapse", "overlap_with", "ordered_capitulation")
    lacking = [name for name in facts if getattr(here, name) in (None, "", False)]
    lacking = [name for name in lacking if name != "collapse" or here.collapse is None]
    return dataclasses.replace(here, **{name: getattr(known, name) for name in lacking})


def _compared(
    agreement: CoderAgreement, both: Sequence[CodedArmy], counted: Sequence[CodedArmy], out: Sequence[frozenset[str]],
    coding: Coding,
) -> tuple[SecondCoder, Floats, Floats]:  # fmt: skip
    """A comparison without scores and names of its own, and P(collapse) of the armies that count under either's codes."""
    predictor = calibration_predictor.shipped()
    first, second = predictor.recoded(counted, [_under(army, coding) for army in counted], out)
    chance = {army.army_id: (float(a), float(b)) for army, a, b in zip(counted, first, second, strict=True)}
    rows = [Recoded(army, _differs(army, coding), *chance.get(army.army_id, (None, None))) for army in both]
    of = predictor.weighed
    return SecondCoder(agreement, tuple(rows), {}, {}, len(of.draws), of.posterior.digest), first, second


def _none_shipped(unknown: dict[str, str | None]) -> Fault:
    name, meant = next(iter(unknown.items()), ("", None))
    allowed = "case_id of one or more of the shipped armies"
    return Fault("case_id", f"none that is shipped ({shown(name)} first)", allowed, "Correct the names", meant)


def _differs(army: CodedArmy, coding: Coding) -> tuple[Difference, ...]:
    """The codes that the second gave otherwise; one left open is none of them."""
    codes = coding[army.army_id]
    pairs = [(code, army.codes[code], codes.get(code)) for code in CODES]
    return tuple(Difference(*each) for each in pairs if each[2] is not None and each[1] != each[2])


def _under(army: CodedArmy, coding: Coding) -> CodedArmy:
    """The army with the second coder's codes: another reading, as careful and from the same vantage, not a changed army."""
    codes = {**army.codes, **{each.code: each.there for each in _differs(army, coding)}}
    return dataclasses.replace(army, codes=codes, codes_whole={})


def _effects(
    armies: Sequence[CodedArmy], recoded: dict[str, CodedArmy], first: Numbers, second: Numbers
) -> dict[str, Effect]:
    """Scores of the model, and of the ridge logit taught by either coder's codes, on the armies that both coded."""
    known = [row for row, army in enumerate(armies) if army.collapse is not None]
    if not known:
        return {}
    y = np.array([bool(armies[row].collapse) for row in known])
    shipped = reader.shipped()
    other = [recoded.get(army.army_id, army) for army in shipped]
    at = [shipped.index(armies[row]) for row in known]
    ridge = [baselines.left_out(RIDGE, each)[at] for each in (shipped, other)]
    pairs = {"model": (first[known], second[known]), RIDGE: (ridge[0], ridge[1])}
    return {name: _effect(one, two, y) for name, (one, two) in pairs.items()}


def _effect(first: Numbers, second: Numbers, y: Numbers) -> Effect:
    """The scores of chances under either's codes."""
    return Effect(scoring.scored(first, y), scoring.scored(second, y), scoring.paired(second, first, y))
