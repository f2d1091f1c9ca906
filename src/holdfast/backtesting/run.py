"""The backtest from end to end: how each army is held out, what each model predicts, how good that was. [IO]"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from holdfast.backtesting import baselines, pairs
from holdfast.backtesting.result import (
    FIELDS,
    FITTED,
    OUTCOMES,
    OWN,
    OWN_WAR,
    PARTS,
    Backtest,
    CoderScores,
    Effective,
    ExitScore,
    Model,
    Part,
    name,
)
from holdfast.calibration import holdout, posterior, predictor, simulations
from holdfast.calibration.holdout import Holdout, TrainingSet
from holdfast.calibration.outcome_model import rated
from holdfast.calibration.posterior import Posterior
from holdfast.calibration.predictor import Predictions, Predictor
from holdfast.coded_armies import army, codebook, reader
from holdfast.coded_armies.army import CodedArmy, changed
from holdfast.core import runtime, timings
from holdfast.core.faults import BacktestError, Fault
from holdfast.parallel import Progress, Steps, silent
from holdfast.stats import scoring
from holdfast.stats.intervals import Estimate, apart, interval, wilson
from holdfast.stats.scoring import Numbers, Paired, Scored

Mask = npt.NDArray[np.bool_]

BLIND = {"ridge_no_shock": ("operational_shock",), "ridge_eight": ("operational_shock", "leader_decay")}
"""Codes that a logit on ten is not shown."""

APART: tuple[tuple[str, Callable[[CodedArmy], bool]], ...] = (
    ("operational shock is 0 or 1, and not nearly a rout", lambda army: army.codes["operational_shock"] in (0, 1)),
    ("the leader's code is 0 and can tell nothing", lambda army: army.codes["leader_decay"] == 0),
)
"""Armies in which a doubtful code cannot tell the outcome."""

FEW = 20.0
"""With fewer draws' worth of posterior than this, chances and intervals hang on which draws there happen to be."""


@timings.phase("run")
def backtest(
    armies: str | Path | Sequence[CodedArmy] | None = None,
    *,
    leave_one_out: bool = True,
    posterior: str | Path | None = None,
    seed: int = 1,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Backtest:
    """Predict every coded army by what is learnt from others, and score that beside baselines on the same codes.

    Args:
        armies: a file of coded armies, or the armies; the shipped ones unless given. A shipped army is left out of what predicts
            it; one that was never seen is run under the posterior as it stands.
        leave_one_out: false predicts shipped armies by a posterior that has seen them.
        posterior: a file of `holdfast calibrate`; the shipped one unless given.
        seed: of resampling, runs and errors of coding.
        workers: processes for armies that have to be run, one for each core unless given.
        progress: hears of the work.

    Returns:
        Predictions, scores of every model, paired differences, and what to hold against them.

    Raises:
        ArmiesError: if the file has faults, all of them together.
        BacktestError: if the posterior cannot be used.
        WorkerError: if a worker ends before its work is done.
    """
    wanted = reader.read(armies) if isinstance(armies, str | Path) else armies
    hears = progress or silent
    of = posterior_of(posterior)
    ablations = [each for each in simulations.ABLATIONS if each != "none" and each in of.draws and wanted is None]
    steps = Steps(hears, 1 + len(ablations), "weighing the draws")
    own = predictor_of(of, "none", seed)
    steps.step()
    holdouts = holdout.holdouts(own.training, reader.shipped() if wanted is None else wanted, leave_one_out)
    predictions = own.predict(holdouts, workers or runtime.cores(), hears)
    suffix = "" if leave_one_out else FITTED
    models = [Model(OWN + suffix, "own", _means(predictions), against=OWN + suffix)]
    models += _baselines(holdouts, own.training.teachers, suffix, against=OWN + suffix)
    effective = {OWN + suffix: _effective(own, holdouts)}
    for ablation in ablations:
        key, less = ablation + suffix, predictor_of(of, ablation, seed)
        chances = _means(less.by_weights(holdouts, exits=False))
        models.append(Model(key, "ablation", chances, against=OWN + suffix))
        effective[key] = _effective(less, holdouts)
        steps.step()
    if wanted is None and leave_one_out:
        of_wars, effective[OWN_WAR] = _wars(own, holdouts)
        models += of_wars
    models.sort(key=lambda model: list(PARTS).index(model.part))
    result = _scored(_fair(models, "no_shock" + suffix), holdouts, predictions, own.training)
    result = dataclasses.replace(
        result, pairs=pairs.results(own) if wanted is None else (), effective=effective,
        title=_title(holdouts, leave_one_out),
        coders=_by_coders(own, models[0], holdouts) if wanted is None and leave_one_out else (),
        about={
            "posterior": of.digest[:16],
            "posterior_file": str(posterior) if posterior else "shipped",
            "recipe": {key: value for key, value in of.recipe.items() if key not in ("checks", "screened")},
            "taught": len(own.training.teachers),
            "leave_one_out": leave_one_out,
            "seed": seed,
            "holdfast_version": runtime.version(),
        },
    )  # fmt: skip
    return dataclasses.replace(result, warnings=tuple(_warnings(result, own, of, shipped=wanted is None)))


def posterior_of(file: str | Path | None) -> Posterior:
    """A posterior of a file, or the shipped one.

    Args:
        file: a file of `holdfast calibrate`; the shipped one unless given.

    Returns:
        The posterior.

    Raises:
        BacktestError: if it cannot be read.
    """
    try:
        return posterior.shipped() if file is None else posterior.load(Path(file))
    except posterior.PosteriorError as error:
        seen = str(error).removesuffix(" Make one with holdfast calibrate.").rstrip(".")
        place = "the shipped posterior" if file is None else "--posterior"
        cure = "Make one with holdfast calibrate" + ("" if file is None else ", or leave --posterior away")
        raise BacktestError([Fault(place, seen, "a file of holdfast calibrate", cure)]) from error


def predictor_of(of: Posterior, ablation: str, seed: int) -> Predictor:
    """The predictor of a posterior, weighed by the shipped armies.

    Args:
        of: the posterior.
        ablation: the part of the model that is out.
        seed: of everything drawn.

    Returns:
        The predictor.

    Raises:
        BacktestError: if no shipped army taught the posterior.
    """
    shipped = reader.whole_spans()
    if not of.teachers(shipped):
        allowed = "a posterior that shipped armies taught"
        cure = "Make one with holdfast calibrate, or leave --posterior away"
        raise BacktestError([Fault("--posterior", "none of the shipped armies in it", allowed, cure)])
    return predictor.predictor(of, shipped, ablation, seed)


# --- What each model predicts.


def _means(predictions: Predictions) -> dict[str, Numbers]:
    return dict(zip(OUTCOMES, predictions.means(), strict=True))


def baseline_chances(key: str, holdouts: Sequence[Holdout], teachers: Sequence[CodedArmy], outcome: str) -> Numbers:
    """Chances by a baseline, fitted for each army to the teachers that are not held out of it.

    Args:
        key: one of `baselines.BASELINES` or of `BLIND`.
        holdouts: the armies to predict.
        teachers: those that may teach.
        outcome: `collapse` or `mass_desertion`.

    Returns:
        Chances `[army]`.
    """
    fit, blind = ("ridge_ten", BLIND[key]) if key in BLIND else (key, ())
    hidden = lambda armies: [changed(army, **dict.fromkeys(blind)) for army in armies]  # noqa: E731
    chances = np.full(len(holdouts), np.nan)
    for out in dict.fromkeys(each.out for each in holdouts):
        places = [place for place, each in enumerate(holdouts) if each.out == out]
        taught = hidden(army for army in teachers if army.army_id not in out)
        chances[places] = baselines.predicted(fit, taught, hidden(holdouts[place].army for place in places), outcome)
    return chances


def _baselines(
    holdouts: Sequence[Holdout], teachers: Sequence[CodedArmy], suffix: str = "", part: str = "", against: str = OWN
) -> list[Model]:
    """Every baseline on the same armies; those that are shown fewer codes stand apart."""
    keys = [*baselines.BASELINES, *(BLIND if not part else ())]
    one_fit = len({each.out for each in holdouts}) == 1  # then a base rate is the same for each anyway
    return [
        Model(
            key + suffix, part or ("codes" if key in BLIND else "baseline"),
            {outcome: baseline_chances(key, holdouts, teachers, outcome) for outcome in OUTCOMES},
            orders=key != "base_rate" or one_fit, against=against,
        )
        for key in keys
    ]  # fmt: skip


def _wars(predictor: Predictor, holdouts: Sequence[Holdout]) -> tuple[list[Model], Effective]:
    """The model and its baselines, each army predicted without its whole war."""
    row = {each.army.army_id: place for place, each in enumerate(holdouts)}
    out = tuple(each for each in holdout.whole_wars(predictor.training) if each.army.army_id in row)
    places = [row[each.army.army_id] for each in out]
    models = [Model(OWN_WAR, "war", _means(predictor.by_weights(out, exits=False)), against=OWN)]
    models += _baselines(out, predictor.training.teachers, "_war", "war", against=OWN_WAR)
    return [_spread(model, places, len(holdouts)) for model in models], _effective(predictor, out)


def _spread(model: Model, places: Sequence[int], count: int) -> Model:
    """The model with its chances at some places of all armies."""
    chances = {}
    for outcome, of in model.chances.items():
        chances[outcome] = np.full(count, np.nan)
        chances[outcome][list(places)] = of
    return dataclasses.replace(model, chances=chances)


def _effective(predictor: Predictor, holdouts: Sequence[Holdout]) -> Effective:
    whole = predictor.effective(frozenset())
    worth = [predictor.effective(out) for out in dict.fromkeys(each.out for each in holdouts if each.army.independent)]
    return Effective(min(worth, default=whole), float(np.median(worth or [whole])), whole)


# --- The same under other coders' codes.


def _by_coders(own: Predictor, first: Model, holdouts: Sequence[Holdout]) -> tuple[CoderScores, ...]:
    """Scores under other coders' codes, by weights and the surrogate; the further armies first."""
    codings = [
        (coder, vantage, army.independent(armies))
        for (coder, vantage), armies in reader.shipped_by_coder().items()
        if coder != reader.FIRST
    ]
    without = [_without(own.training, armies, coder in reader.further()) for coder, _, armies in codings]
    every = [one for ways in without for way in ways.values() for one in way]
    both = own.weighted([one.army for one in every], [one.out for one in every])
    chances = {outcome: iter(of) for outcome, of in zip(OUTCOMES, both, strict=True)}
    scores = []
    for (coder, vantage, _), ways in zip(codings, without, strict=True):
        models: list[Model] = []
        for key, way in ways.items():
            part, suffix = ("own", "") if key == OWN else ("war", "_war")
            of = {outcome: np.array([next(chances[outcome]) for _ in way], float) for outcome in OUTCOMES}
            models += [Model(key, part, of, against=key), *_rivals(way, own.training.teachers, suffix, key)]
        scores.append(_coder_scores(coder, vantage, ways[OWN], models, _of_counted(first, holdouts)))
    return tuple(scores)


def _without(training: TrainingSet, armies: Sequence[CodedArmy], further: bool) -> dict[str, tuple[Holdout, ...]]:
    """How armies are held out, by the key of what predicts them: further ones with their war, others alone and so."""
    if further:
        taught = {each.army_id for each in training.teachers}.issuperset(each.army_id for each in armies)
        return {OWN: holdout.of_other_wars(training, armies, holdout.WAR_OUT if taught else holdout.UNSEEN_WAR)}
    return {OWN: holdout.holdouts(training, armies), OWN_WAR: holdout.of_other_wars(training, armies, holdout.WAR_OUT)}


def _rivals(way: Sequence[Holdout], teachers: Sequence[CodedArmy], suffix: str, against: str) -> list[Model]:
    """Base rate and logit taught by the teachers' codes over the whole span, and the logit taught by the same coder's codes."""
    armies = [one.army for one in way]
    alone = way[0].how in (holdout.LEFT_OUT, holdout.RECODED)
    groups = None if alone else army.wars(armies)
    part = "war" if suffix else "baseline"
    models = [
        Model(key + suffix, part, {each: baseline_chances(key, way, teachers, each) for each in OUTCOMES},
              orders=key != "base_rate", against=against)
        for key in ("base_rate", "ridge_ten")
    ]  # fmt: skip
    same = {each: baselines.left_out("ridge_ten", armies, groups, each) for each in OUTCOMES}
    return [*models, Model("ridge_same" + suffix, part, same, against=against)]


def _of_counted(model: Model, holdouts: Sequence[Holdout]) -> tuple[tuple[CodedArmy, ...], Numbers]:
    """The armies whose collapse is scored, and a model's chances of it."""
    here = _counts(holdouts, "collapse")
    counted = tuple(one.army for one, counts in zip(holdouts, here, strict=True) if counts)
    return counted, model.chances["collapse"][here]


def _coder_scores(
    coder: str, vantage: str, holdouts: tuple[Holdout, ...], models: Sequence[Model],
    first: tuple[tuple[CodedArmy, ...], Numbers],
) -> CoderScores:  # fmt: skip
    """The scores of one coder's armies, and how far they are from those on the first coder's."""
    counts = {outcome: _counts(holdouts, outcome) for outcome in OUTCOMES}
    scores = {outcome: _scores(models, holdouts, counts[outcome], outcome) for outcome in OUTCOMES}
    here, came = counts["collapse"], [bool(each.collapse) for each in first[0]]
    same = [one.army.army_id for one, counts in zip(holdouts, here, strict=True) if counts] == [
        each.army_id for each in first[0]
    ]
    paired = scoring.paired(models[0].chances["collapse"][here], first[1], came) if same else None
    taught, fresh = scoring.scored(first[1], came), scores["collapse"][OWN]
    return CoderScores(
        coder=coder, vantage=vantage, further=not same, holdouts=holdouts, models=tuple(models), counts=counts, scores=scores,
        differences={outcome: _differences(models, holdouts, counts[outcome], outcome) for outcome in OUTCOMES},
        gap={field: _ends(getattr(paired, field)) if paired else apart(getattr(fresh, field), getattr(taught, field))
             for field in FIELDS},
    )  # fmt: skip


def _ends(of: scoring.Difference) -> Estimate:
    return Estimate(of.value, of.low, of.high)


# --- How good that was.


def _scored(
    models: Sequence[Model], holdouts: tuple[Holdout, ...], predictions: Predictions, training: TrainingSet
) -> Backtest:
    """The result without what is said beside the scores."""
    counts = {outcome: _counts(holdouts, outcome) for outcome in OUTCOMES}
    scores, differences = {}, {}
    for outcome in OUTCOMES:
        scores[outcome] = _scores(models, holdouts, counts[outcome], outcome)
        differences[outcome] = _differences(models, holdouts, counts[outcome], outcome)
    return Backtest(
        holdouts=holdouts, predictions=predictions, models=tuple(models), counts=counts, scores=scores,
        differences=differences, parts=_parts(models, holdouts, counts["collapse"]),
        exits=exit_score(holdouts, predictions.exits, training.teachers),
        pairs=(), effective={}, warnings=(), title="", about={},
    )  # fmt: skip


def _counts(holdouts: Sequence[Holdout], outcome: str) -> Mask:
    """Which armies are scored: they count for themselves, and how they ended is known `[army]`."""
    return np.array([each.army.independent and getattr(each.army, outcome) is not None for each in holdouts], bool)


def _fair(models: Sequence[Model], without: str) -> list[Model]:
    """Logits that are shown fewer codes are held against the model without shock, where that is there."""
    if without not in {model.key for model in models}:
        return list(models)
    return [dataclasses.replace(model, against=without) if model.part == "codes" else model for model in models]


def _scores(models: Iterable[Model], holdouts: Sequence[Holdout], here: Mask, outcome: str) -> dict[str, Scored]:
    """Scores of every model that predicts all armies that count, by its key."""
    if not here.any():
        return {}
    came = _came(holdouts, here, outcome)
    return {
        model.key: scoring.scored(model.chances[outcome][here], came, orders=model.orders)
        for model in models
        if _predicts(model, here, outcome)
    }


def _differences(models: Sequence[Model], holdouts: Sequence[Holdout], here: Mask, outcome: str) -> dict[str, Paired]:
    """Scores of the model's own less those of each other, by the other's key, where both predict all armies that count."""
    of = {model.key: model for model in models if here.any() and _predicts(model, here, outcome)}
    came = _came(holdouts, here, outcome)
    return {
        key: _difference(of[model.against], model, came, here, outcome)
        for key, model in of.items()
        if model.against != key and model.against in of
    }


def _difference(a: Model, b: Model, came: Numbers, here: Mask, outcome: str) -> Paired:
    """Scores of a less those of b."""
    return scoring.paired(a.chances[outcome][here], b.chances[outcome][here], came, orders=(a.orders, b.orders))


def _parts(models: Sequence[Model], holdouts: Sequence[Holdout], here: Mask) -> tuple[Part, ...]:
    """Scores of collapse where a doubtful code cannot tell it, beside the logit on all ten."""
    own = models[0]
    logit = next(model for model in models if model.key == own.key.replace(OWN, "ridge_ten"))
    parts = []
    for why, fits in APART:
        some = here & np.array([fits(each.army) for each in holdouts], bool)
        if some.any():
            scores = _scores([own, logit], holdouts, some, "collapse")
            difference = _difference(own, logit, _came(holdouts, some, "collapse"), some, "collapse")
            parts.append(Part(why, int(some.sum()), scores, difference))
    return tuple(parts)


def _predicts(model: Model, here: Mask, outcome: str) -> bool:
    return not np.isnan(model.chances[outcome][here]).any()


def _came(holdouts: Sequence[Holdout], here: Mask, outcome: str) -> Numbers:
    return np.array([float(bool(getattr(each.army, outcome))) for each in holdouts])[here]


def exit_score(holdouts: Sequence[Holdout], exits: Numbers, teachers: Sequence[CodedArmy]) -> ExitScore | None:
    """Scores of exit rates over the armies that count for themselves and whose rate is known.

    Args:
        holdouts: the armies.
        exits: predicted rates `[army, draw]` [1/1,000/month].
        teachers: those whose median rate is the baseline.

    Returns:
        The scores; `None` where no rate is known.
    """
    places = [place for place, each in enumerate(holdouts) if each.army.independent and rated(each.army)]
    if not places:
        return None
    came = np.log([float(holdouts[place].army.exits_per_1000_month or 1) for place in places])
    low, middle, high = np.log(np.quantile(exits[places], [0.05, 0.5, 0.95], axis=1))
    baseline = np.array([_median_rate(teachers, holdouts[place].out) for place in places])
    error, baseline_error = np.abs(middle - came), np.abs(baseline - came)
    inside = (low <= came) & (came <= high)
    return ExitScore(
        armies=len(places),
        coverage=Estimate(float(inside.mean()), *wilson(int(inside.sum()), len(places))),
        error=_median_of(error),
        baseline_error=_median_of(baseline_error),
        nearer=int((error < baseline_error).sum()),
    )


def _median_rate(teachers: Sequence[CodedArmy], out: frozenset[str]) -> float:
    """Median log rate of the teachers that are not held out [nats]."""
    known = [np.log(army.exits_per_1000_month or 1) for army in teachers if rated(army) and army.army_id not in out]
    return float(np.median(known)) if known else float("nan")


def _median_of(errors: Numbers) -> Estimate:
    """A median and the 90 % of those of resamples of the armies."""
    if np.isnan(errors).any():
        return Estimate(float("nan"), float("nan"), float("nan"))
    generator = np.random.default_rng(scoring.KEY)
    drawn = np.median(errors[generator.integers(len(errors), size=(scoring.RESAMPLES, len(errors)))], axis=1)
    return Estimate(float(np.median(errors)), *interval(drawn))


# --- What is said beside the scores.

CODES = (
    f"{codebook.PROVENANCE} The armies are famous. Scores on the 42, as the first coder saw them with hindsight, "
    "are too good, the model's and its baselines' alike: read those on further armies of other coders first."
)
DOUBTFUL = (
    "Operational shock at 2 nearly means a rout, and a leader's decay at 1 can mean during the break: read the scores "
    "without these codes too."
)
LEADER = (
    "No runs of the model without the leader's code are kept; for it, see the logit without shock and leader, and the "
    "scores on the armies in which the code is 0 and can tell nothing."
)
SEEN = (
    "Fitted, seen: every shipped army taught the model and the baselines that predict it here. These numbers say how well "
    "they remember, not how well they predict."
)
OF_FILE = (
    "Parts taken out of the model, whole wars left out and paired tests are made for the shipped armies only: run "
    "holdfast backtest without --armies."
)
UNSCORED = "No army has a known outcome and counts for itself, so nothing is scored."
REHEARSAL = "This posterior is a rehearsal and worth nothing; make one with holdfast calibrate."


def _title(holdouts: Sequence[Holdout], leave_one_out: bool) -> str:
    """How many armies, and how they are predicted, in a line."""
    new = sum(each.how == holdout.UNSEEN for each in holdouts)
    known = len(holdouts) - new
    words: list[str] = []
    if known and not leave_one_out:
        words = [f"fitted, seen: {known} armies, predicted by a posterior that learnt from the shipped ones among them"]
    elif known:
        others = sum(each.how == holdout.WAR_OUT for each in holdouts)
        words = [f"{known - others} armies that count for themselves, each predicted without itself"] * (known > others)
        words += [f"{others} others, each predicted without its war"] * bool(others)
    if new:
        words.append(f"{new} armies never seen")
    line = "; ".join(words)
    return line[:1].upper() + line[1:]


def _warnings(result: Backtest, predictor: Predictor, of: Posterior, *, shipped: bool) -> Iterable[str]:
    """What stands beside the scores, the gravest first."""
    left_out = any(each.out for each in result.holdouts)
    own = result.scores["collapse"].get(result.own)
    lacking = [each for each in simulations.ABLATIONS if each not in of.draws]
    lines = [
        REHEARSAL if predictor.recipe.get("rehearsal") else None,
        SEEN if result.in_sample and any(each.how == holdout.FITTED for each in result.holdouts) else None,
        CODES,
        DOUBTFUL,
        LEADER if shipped else None,
        _auc_error(own) if own else UNSCORED,
        _worth(result.effective[result.own], left_out),
        _same_wars(result.holdouts, predictor.training),
        None if shipped else OF_FILE,
        f"This posterior holds no draws of Holdfast {', '.join(map(name, lacking))}." if shipped and lacking else None,
    ]
    return [line for line in lines if line]


def _auc_error(scored: Scored) -> str:
    """The standard error of an AUC on so many armies."""
    error = scoring.auc_error(scored.auc.value, scored.happened, scored.cases - scored.happened)
    if math.isnan(error):
        return f"All of the {scored.cases} scored armies ended alike, so there is no AUC."
    return (
        f"With {scored.cases} armies, {scored.happened} of which collapsed, the standard error of an AUC of "
        f"{scored.auc.value:.2f} is about {error:.3f}: smaller differences say little."
    )


def _worth(effective: Effective, left_out: bool) -> str:
    """How many draws the posterior is worth, and a plain word where they are few."""
    if left_out:
        least = effective.smallest
        line = (
            f"Leaving armies out, the posterior is worth {least:.1f} draws at the least and "
            f"{effective.median:.1f} in the median."
        )
    else:
        least = effective.whole
        line = f"The posterior is worth {least:.1f} draws."
    if least >= FEW:
        return line
    return f"{line} That is too few: its chances hang on which draws there are, and its intervals are too narrow."


def _same_wars(holdouts: Sequence[Holdout], training: TrainingSet) -> str | None:
    """A line where unseen armies are of wars that taught."""
    new = [each.army for each in holdouts if each.how == holdout.UNSEEN]
    if not new:
        return None
    names = army.wars([*training.teachers, *new])
    taught = set(names[: len(training.teachers)])
    count = sum(war in taught for war in names[len(training.teachers) :])
    if not count:
        return None
    are = "is" if count == 1 else "are"
    return (
        f"{count} of the {len(new)} armies never seen {are} of wars of which other armies taught the posterior; it is "
        "not made anew without them."
    )
