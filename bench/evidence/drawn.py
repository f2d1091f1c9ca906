"""Wars drawn from the model's own prior, and tables of claims about them, each claimant erring as the model says.

What is drawn here and what `holdfast.evidence` fits are the same joint distribution, so that of the fits' 90 %
intervals 90 in 100 hold the truth, unless the fit approximates badly or reads a claim otherwise than was meant.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from holdfast.evidence import design, model, priors
from holdfast.evidence.claims.table import QUANTITIES, Claim
from holdfast.evidence.design import Design, Evidence
from holdfast.evidence.priors import EXCESS, LIST, MEDIA, OPPOSING, OWN, TANK, THIRD

SIDE = "east"
FIRST = dt.date(2030, 1, 1)
MONTHS = (24, 36)
"""A war has one of these lengths: each is a program to compile."""
ROOM = (112, 32, 48, 48, 32, 16)
"""Rows for all wars, so that one program serves those of one length."""
SCALE_SD = 0.35
RANGE = 1.2816
"""SDs from the middle of a stated range to its ends, the 10th and 90th percentile."""

LINEAGES = {
    "own ministry": OWN, "own audit": OWN, "enemy staff": OPPOSING, "enemy service": OPPOSING, "ally": THIRD,
    "neighbour": THIRD, "institute": TANK, "project": TANK, "paper": MEDIA, "agency": MEDIA, "registry": EXCESS,
}  # fmt: skip

LOOSE = {
    "killed": (3, 12), "killed_confirmed": (0, 2), "killed_and_missing": (0, 3), "killed_wounded": (1, 6),
    "casualties": (0, 3), "irrecoverable": (0, 2), "irrecoverable_deserted": (0, 1), "wounded": (0, 4),
    "wounded_severe": (0, 2), "missing": (0, 3), "missing_captured": (0, 1), "captured": (0, 3),
    "captured_held": (0, 3), "deserted": (0, 3), "cases": (0, 3), "court_cases": (0, 3), "listed_absent": (0, 2),
    "absent": (0, 2), "recruited": (0, 5), "strength": (1, 4),
}  # fmt: skip
"""Counts, and how many claims of each there may be beside the tally and the list of names."""

NO_MEDIA = ("recruited", "strength", "cases", "court_cases", "listed_absent", "absent", "captured_held")


class Drawn(NamedTuple):
    """A war whose truth is known, the claims made of it, and what a fit to them reads."""

    claims: tuple[Claim, ...]
    design: Design
    vector: dict[str, np.ndarray]
    """The latent values of the truth, but for those of the claimants."""
    war: model.War
    mixed: int
    """Lineages that said both "at least" and "up to" of one kind: there the model's density is not this draw's."""
    echoes: int
    """Claims that lie so near the tally by chance that they are taken for its echo."""


def drawn(seed: int, given_scale: bool = True, silent: int = 0) -> Drawn:
    """One war and its claims; of its last `silent` months nothing is claimed.

    The prior's yardstick is the first strength claimed, which is unknown when the war is drawn. With `given_scale` the fit
    is told the yardstick that the war was drawn with; without, it takes it from the claims as any fit does.
    """
    luck = np.random.default_rng([seed, 20])
    months = int(luck.choice(MONTHS))
    last = month_end(months - 1)
    asked = questions(luck, month_end(months - 1 - silent))
    plan = design.design(asked, SIDE, last, FIRST, ROOM)
    scale = float(np.exp(luck.uniform(np.log(1e5), np.log(1e6))))
    plan = with_scale(plan, scale)
    latent = prior(plan.evidence, seed)
    war = model.War(*(np.asarray(part, float) for part in model.war(plan.evidence, latent)))
    said, mixed = answers(luck, plan, war)
    claims = filled(asked, said)
    near = sum(a != b for a, b in zip(design.echoes(claims), claims))
    claims += copies(luck, claims)
    made = design.design(claims, SIDE, last, FIRST, ROOM)
    if made.sizes != ROOM:
        raise ValueError(f"war {seed} outgrows its room: {made.sizes}")
    truth = {name: np.asarray(value) for name, value in latent.items()}
    return Drawn(tuple(claims), with_scale(made, scale) if given_scale else made, truth, war, mixed, near)


def month_end(month: int) -> dt.date:
    """Last day of the month with that number, the war's first being 0."""
    years, there = divmod(FIRST.month + month, 12)
    return dt.date(FIRST.year + years, there + 1, 1) - dt.timedelta(days=1)


def with_scale(made: Design, scale: float) -> Design:
    evidence = made.evidence._replace(scale=np.array(scale), scale_sd=np.array(SCALE_SD))
    return dataclasses.replace(made, evidence=evidence)


def questions(luck: np.random.Generator, last: dt.date) -> list[Claim]:
    """What is claimed, by whom and of when; the values are placeholders still."""
    span = (last - FIRST).days
    day = lambda low, high: FIRST + dt.timedelta(days=int(luck.integers(int(low), int(high))))  # noqa: E731
    asked: list[Claim] = []

    def ask(counts: str, lineage: str, kind: str, begin: dt.date, end: dt.date, basis: str, **more: Any) -> None:
        asked.append(question(len(asked), counts, lineage, kind, begin, end, basis, **more))

    months = (last.year - FIRST.year) * 12 + last.month - FIRST.month + 1
    if luck.uniform() < 0.8:
        for month in range(int(luck.integers(0, 6)), months, int(luck.choice([1, 1, 2, 3]))):
            ask("eliminated", "enemy staff", OPPOSING, FIRST, month_end(month), "cumulative", value=1e3 * (month + 1))
    if luck.uniform() < 0.8:
        for count_day in sorted({day(60, span) for _ in range(int(luck.integers(3, 9)))}):
            delay = dt.timedelta(days=int(luck.integers(0, 40)))
            ask("named", "names", LIST, FIRST, count_day, "cumulative", published_date=count_day + delay)
    for counts, (least, most) in LOOSE.items():
        for _ in range(int(luck.integers(least, most + 1))):
            kinds = {name: kind for name, kind in LINEAGES.items() if kind != MEDIA or counts not in NO_MEDIA}
            lineage = str(luck.choice(list(kinds)))
            end = day(30, span)
            if counts == "strength":
                end = day(0, span)
                ask(counts, lineage, LINEAGES[lineage], end, end, "stock")
            elif counts in ("captured_held", "absent"):
                ask(counts, lineage, LINEAGES[lineage], FIRST, end, "stock")
            else:
                # A bystander's running total of casualties might be taken for an echo of the tally; a period's is not.
                begin = FIRST if luck.uniform() < 0.5 else day(0, (end - FIRST).days - 20)
                basis = "per period" if counts in ("killed_wounded", "casualties") or begin != FIRST else "cumulative"
                basis = str(luck.choice(["per day", "per week", "per month"])) if luck.uniform() < 0.1 else basis
                covers = "citizens" if LINEAGES[lineage] == EXCESS and counts.startswith("killed") else "all"
                covers = "outside" if counts == "killed" and covers == "all" and luck.uniform() < 0.1 else covers
                ask(counts, lineage, LINEAGES[lineage], begin, end, basis, covers=covers)
    loose = [row for row, claim in enumerate(asked) if claim.counts not in ("eliminated", "named")]
    order = luck.permutation(loose)
    limits, wide = order[: int(luck.integers(0, 9))], order[9 : 9 + int(luck.integers(0, 9))]
    for row in limits:
        asked[row] = dataclasses.replace(asked[row], value_low=asked[row].value_central, value_central=None)
    for row in wide:
        asked[row] = ranged(asked[row], luck.uniform(0.05, 0.3))
    if not any(claim.counts == "strength" and not claim.limit for claim in asked):
        ask("strength", "institute", TANK, FIRST, FIRST + dt.timedelta(days=20), "stock")
    return asked


def question(
    number: int, counts: str, lineage: str, kind: str, begin: dt.date, end: dt.date, basis: str,
    covers: str = "all", value: float | None = None, published_date: dt.date | None = None,
) -> Claim:  # fmt: skip
    """A claim with a placeholder for its value, unlike any other: the same number twice would be a copy."""
    quantity = next((name for name in QUANTITIES if name in counts), "casualties")
    return Claim(
        f"D{number:03d}", SIDE, quantity, None, value or 20001.0 + number, None, end, published_date or end,
        lineage, kind, counts, "", "", "drawn", basis, begin, lineage, "", counts, covers,
    )  # fmt: skip


def ranged(claim: Claim, sd: float) -> Claim:
    """The claim as a range."""
    ends = claim.value * np.exp(RANGE * sd * np.array([-1, 1]))
    return dataclasses.replace(claim, value_low=float(ends[0]), value_central=None, value_high=float(ends[1]))


def prior(evidence: Evidence, seed: int) -> model.Latent:
    """Latent values of a war in which there is an army at all times: the prior, by drawing until one is accepted."""
    key = jax.random.key(seed)
    for turn in range(100):
        drawn, chances = _wars(evidence, jax.random.fold_in(key, turn))
        if np.any(chances):
            first = int(np.argmax(chances))
            return {name: value[first] for name, value in drawn.items()}
    raise ValueError("no army lasts")


@jax.jit
def _wars(evidence: Evidence, key: jax.Array) -> tuple[model.Latent, jax.Array]:
    """Sixteen draws, and which of them are accepted."""
    names = model.shapes(evidence)
    keys = dict(zip(names, jax.random.split(key, len(names))))
    drawn = {name: jax.random.normal(keys[name], (16, *shape)) for name, shape in names.items()}
    strength = jax.vmap(lambda one: model.war(evidence, one).strength)(drawn)
    army = jnp.sum(jax.nn.log_sigmoid((strength / evidence.scale - priors.WAR["least_army"].value) / 0.03), axis=1)
    return drawn, jnp.log(jax.random.uniform(jax.random.fold_in(key, 99), (16,))) < army


def answers(luck: np.random.Generator, plan: Design, war: model.War) -> tuple[dict[str, tuple[float, int]], int]:
    """By claim: the logarithm of what is said (of a tally: of each step), and the direction of a limit."""
    evidence = plan.evidence
    bias = luck.normal(size=evidence.numbers.shared.shape[1])
    middle = np.asarray(model.log_predicted(evidence.numbers, war, bias), float)[: len(plan.numbers)]
    log_value = middle + errors(luck, plan)
    said = {vote.claim.claim_id: (value, 0) for vote, value in zip(plan.numbers, log_value)}
    middle = np.asarray(model.log_predicted(evidence.limits, war, bias), float)
    shaken: dict[tuple[object, ...], float] = {}
    ways: dict[tuple[object, ...], set[int]] = {}
    median = typical(plan)
    for vote, there, usual in zip(plan.limits, middle, median):
        name = design.group_names([vote])[0][:2]
        shaken.setdefault(name, float(luck.normal()))
        unit = design.total(vote.claim, 1.0)
        value = digits(np.exp(usual + 0.7 * luck.normal()) / unit, int(luck.integers(1, 3)))
        threshold = float(np.log(value * unit))
        own = float(
            np.hypot(
                design.limit_sd(dataclasses.replace(vote, sd=0.0), plan.calendar),
                design.rounding(value) / value / 12**0.5,
            )
        )
        above = there + design.shared_sd(vote, plan.calendar) * shaken[name] + luck.logistic() * own / 1.7 > threshold
        said[vote.claim.claim_id] = (threshold, 1 if above else -1)
        ways.setdefault(name, set()).add(1 if above else -1)
    return said, sum(len(both) == 2 for both in ways.values())


def errors(luck: np.random.Generator, plan: Design) -> np.ndarray:
    """A draw of the numbers' errors: within a lineage and kind, what is new in each is a Student variable."""
    names = design.group_names(plan.numbers)
    made = np.zeros(len(names))
    for name in sorted(set(names)):
        place = [row for row, other in enumerate(names) if other == name]
        own = [dataclasses.replace(vote, sd=spread(vote.claim)) for vote in np.array(plan.numbers, object)[place]]
        factor = np.linalg.cholesky(design.covariance(own, own, plan.calendar))
        made[place] = factor @ luck.standard_t(priors.DEGREES, len(place))
    return made


def spread(claim: Claim) -> float:
    """SD of a stated range, without rounding: the placeholders' rounding is not that of what will be said."""
    if claim.value_low is None or claim.value_high is None:
        return 0.0
    return float(np.log(claim.value_high / claim.value_low)) / (2 * RANGE)


def typical(plan: Design) -> np.ndarray:
    """What limits would say in the middle of the prior: where thresholds lie, whatever the truth."""
    zeros = {name: np.zeros(shape) for name, shape in model.shapes(plan.evidence).items()}
    return np.asarray(model.log_predicted(plan.evidence.limits, model.war(plan.evidence, zeros), zeros["bias"]), float)


def digits(value: float, count: int) -> float:
    """The value to so many significant digits."""
    return float(f"{value:.{count - 1}e}")


def filled(asked: Sequence[Claim], said: dict[str, tuple[float, int]]) -> list[Claim]:
    """The claims with what is said in them; a tally's are the sums of its steps."""
    made, tally = [], 0.0
    for claim in asked:
        log_value, way = said[claim.claim_id]
        if claim.counts == "eliminated":
            tally = round(tally + float(np.exp(log_value)), -1)
            made.append(dataclasses.replace(claim, value_central=tally))
            continue
        value = digits(float(np.exp(log_value)) / design.total(claim, 1.0), 3)
        if way:
            made.append(
                dataclasses.replace(claim, value_low=value if way > 0 else None, value_high=value if way < 0 else None)
            )
        elif claim.value_central is None:
            ends = np.exp(RANGE * spread(claim) * np.array([-1, 1]))
            made.append(dataclasses.replace(claim, value_low=value * float(ends[0]), value_high=value * float(ends[1])))
        else:
            made.append(dataclasses.replace(claim, value_central=value))
    return made


def copies(luck: np.random.Generator, claims: Sequence[Claim]) -> list[Claim]:
    """One claim said again, one to three times, by others who have it from the same lineage."""
    loose = [claim for claim in claims if claim.counts not in ("eliminated", "named")]
    again = loose[int(luck.integers(len(loose)))]
    late = again.known_on + dt.timedelta(days=9)
    return [
        dataclasses.replace(again, claim_id=f"{again.claim_id}-{turn}", claimant=f"wire {turn}", published_date=late)
        for turn in range(int(luck.integers(1, 4)))
    ]
