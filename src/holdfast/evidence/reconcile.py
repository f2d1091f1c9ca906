"""Reconcile the claims of a table: fit each side's war to them, fast or with NUTS, and say whether to believe the fit."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np

from holdfast.core import runtime
from holdfast.core.faults import ClaimsError, Fault, listed, shown
from holdfast.evidence import chains, design, fit
from holdfast.evidence.claims.table import Claim
from holdfast.evidence.design import Design
from holdfast.evidence.fit import FitError
from holdfast.evidence.posterior import Posterior, SidePosterior
from holdfast.io import compiled
from holdfast.parallel import Progress, pool, silent
from holdfast.tabular import cells

compiled.use()

FAST_DRAWS = 2000
TRIES = 4
"""Batches of draws, at most, until enough are kept."""
CHAINS, WARMUP, DRAWS = 4, 150, 500
ROUNDS = 4
"""How many times as long as for `DRAWS` the chains of a side go on, at most, until they can be believed."""
R_HAT_MOST, ESS_LEAST, DIVERGING_MOST = 1.02, 400, 0.005
"""What a fit by NUTS must reach to be believed: largest R-hat, least effective draws, largest share of divergences."""


MOST_DAYS_ON = 366
"""How far beyond the last claim the months may go."""


def reconcile(
    claims: Sequence[Claim], *, until: dt.date | None = None, known_by: dt.date | None = None,
    sides: Sequence[str] = (), fast: bool = False, seed: int = 1, progress: Progress | None = None,
    workers: int | None = None, first: dt.date | None = None,
) -> Posterior:  # fmt: skip
    """The posterior of the war that a table of claims speaks of.

    `until` is the last day of the war's months (that of the last claim unless given), `known_by` the day by which a claim
    must have been known to count (`until` unless given). `fast` takes the nearest normal distribution in place of
    NUTS. Raises `ClaimsError` where no claim can be used, `FitError` where a side's mode is not found, or where NUTS does
    not settle even in four times its steps.

    Args:
        claims: a table.
        until: the last day of the months; that of the last claim unless given.
        known_by: the day by which a claim must have been known to count; `until` unless given.
        sides: only these.
        fast: the nearest normal distribution in place of NUTS.
        seed: equal seeds give equal numbers.
        progress: hears how much is done.
        workers: processes for NUTS.
        first: the first day of the months; that from which most claims count unless given.

    Returns:
        The posterior of each side with its diagnostics.

    Raises:
        ClaimsError: if no claim can be used.
        FitError: if a side's fit does not converge.
    """
    report = progress or silent
    known_by = known_by or until or dt.date.max
    last = max((claim.as_of_date for claim in claims if claim.counts != "nothing"), default=dt.date.min)
    until = until or last
    if (until - last).days > MOST_DAYS_ON:
        raise ClaimsError([_too_late(until, last)], "The request")
    known = [claim for claim in claims if claim.known_on <= known_by]
    if faults := _far_days(known):
        raise ClaimsError(faults, "The claims")
    chosen = list(sides) or sorted({claim.side for claim in known if claim.counts != "nothing"})
    if not any(design.able(known, side) for side in chosen):
        raise ClaimsError([_zeros(known) or _nothing(claims, until)], "The request")
    chosen = [side for side in chosen if design.able(known, side)]
    first = first or design.war_start([claim for claim in known if claim.side in chosen])
    designs = [design.design(known, side, until, first) for side in chosen]
    room = [max(sizes) for sizes in zip(*(one.sizes for one in designs))]
    designs = [design.design(known, side, until, first, room) for side in chosen]
    fitted = _fast(designs, seed, report) if fast else _nuts(designs, seed, report, workers)
    diagnostics = _diagnostics(fitted, fast)
    diagnostics["notes"] += [
        note for side in chosen for note in design.crowd([one for one in known if one.side == side])
    ]
    return Posterior(
        tuple(claims), tuple(known), until, {one.design.side: one for one in fitted}, method="fast" if fast else "nuts",
        diagnostics=diagnostics, seed=seed,
    )  # fmt: skip


def _too_late(until: dt.date, last: dt.date) -> Fault:
    return Fault(
        "until", str(until), f"at most a year after the last claim, {last}", "Choose an earlier day, or leave it away"
    )


def _far_days(known: Sequence[Claim]) -> list[Fault]:
    """Claims whose days lie far from the others', as a table's would be refused: each month between would be reckoned."""
    centre = cells.middle([day for claim in known for day in (claim.period_start, claim.as_of_date)]) or dt.date.min
    return [
        Fault(
            claim.claim_id, f"{claim.period_start} to {claim.as_of_date}",
            f"days within {cells.MOST_YEARS_AWAY} years of {centre}", "Correct the year",
        )
        for claim in known if cells.far(claim.period_start, centre) or cells.far(claim.as_of_date, centre)
    ]  # fmt: skip


def _zeros(known: Sequence[Claim]) -> Fault | None:
    """What is wrong with claims of nothing but zeros."""
    counting = [claim for claim in known if claim.counts != "nothing"]
    if not counting or any(claim.value > 0 for claim in counting):
        return None
    cure = "A value of 0 cannot be used: add claims above 0, and leave cells empty where a number is not known"
    return Fault("the claims", f"{len(counting)}, each with the value 0", "at least one number above 0", cure)


def _nothing(claims: Sequence[Claim], until: dt.date) -> Fault:
    first = min((claim.known_on for claim in claims), default=None)
    return Fault(
        "the claims", f"{len(claims)}, the earliest known on {first}", f"one known by {until} that the model knows",
        f"Choose a later date, or add claims of {listed(['killed', 'casualties', 'strength'])}; found {shown(str(until))}",
    )  # fmt: skip


def _fast(designs: Sequence[Design], seed: int, progress: Progress) -> list[SidePosterior]:
    fitted = []
    for number, one in enumerate(designs):
        progress(number, len(designs), f"fitting {one.side}")
        fitted.append(fast(one, seed + number))
        progress(number + 1, len(designs), f"fitting {one.side}")
    return fitted


def fast(design: Design, seed: int) -> SidePosterior:
    """One side's fast fit: the normal distribution nearest to its posterior, less the draws in which the army vanishes.

    That there is an army bounds the posterior on one side only, which no normal distribution can follow: it is fitted
    without, and its draws are kept with the chance that the bound gives them.

    Args:
        design: the side's.
        seed: of the draws.

    Returns:
        Draws of the side's war.
    """
    near = fit.normal(design.evidence, design.side)
    return dataclasses.replace(drawn(design, near.shape, seed), near=near)


def drawn(design: Design, shape: fit.Shape, seed: int) -> SidePosterior:
    """Draws from a normal shape, those in which there is an army, as a side's posterior.

    Args:
        design: the side's.
        shape: the normal distribution.
        seed: of the draws.

    Returns:
        Draws of the side's war.

    Raises:
        FitError: if too few draws leave an army.
    """
    draws, chances = np.zeros((0, len(shape.middle))), []
    for number in range(TRIES):
        vectors = fit.draw(shape, FAST_DRAWS + 200, seed + 10_000 * number)
        chances.append(fit.army(design.evidence, vectors))
        random = np.random.default_rng((seed, number))
        draws = np.concatenate([draws, vectors[random.random(len(vectors)) < chances[-1]]])[:FAST_DRAWS]
        if len(draws) == FAST_DRAWS:
            return _as_posterior(design, draws)
    raise FitError(
        f"The fast fit of {design.side} cannot be believed: in {1 - np.mean(chances):.0%} of its draws no army would be "
        "left. Leave --fast away, or look for a claim whose number or date is wrong."
    )


def _as_posterior(design: Design, vectors: np.ndarray) -> SidePosterior:
    """Independent draws as a side's posterior; in four parts, as if of four chains."""
    none = np.zeros((CHAINS, len(vectors) // CHAINS), bool)
    return posterior(design, vectors.reshape(CHAINS, -1, vectors.shape[1]), none)


def _nuts(designs: Sequence[Design], seed: int, progress: Progress, workers: int | None) -> list[SidePosterior]:
    near = []
    for number, one in enumerate(designs):
        progress(number, len(designs), f"fitting {one.side}")
        near.append(fit.normal(one.evidence, one.side))
    sampled = [
        dataclasses.replace(posterior(one, run.vectors, run.diverging), near=at)
        for one, run, at in zip(designs, _sampled(designs, near, seed, progress, workers), near)
    ]
    faults = _diagnostics(sampled, fast=False)["faults"]
    if not faults:
        return sampled
    raise FitError(
        f"The fit cannot be believed: {'; '.join(faults)}. The claims may contradict one another beyond what "
        "the model allows: look at those that the fast fit (--fast) calls high or low, and check their dates and units."
    )


def _sampled(
    designs: Sequence[Design], near: Sequence[fit.Normal], seed: int, progress: Progress, workers: int | None
) -> list[chains.Chain]:
    """Chains of each side's posterior by NUTS, the same whatever the number of workers."""
    wanted = chains.Wanted(R_HAT_MOST, ESS_LEAST)
    jobs = [
        chains.Sampling(
            one.evidence,
            at.shape,
            chains=CHAINS,
            warmup=WARMUP,
            draws=DRAWS,
            seed=seed + side,
            wanted=wanted,
            rounds=ROUNDS,
        )
        for side, (one, at) in enumerate(zip(designs, near))
    ]
    workers = min(workers or runtime.cores(), len(jobs))
    return pool.each(
        chains.sample, jobs, progress=progress, sizes=[one.steps for one in jobs], what="sampling", starting="compiling",
        executor=pool.LocalExecutor(workers, here=True) if workers > 1 else pool.Here(),
    )  # fmt: skip


def posterior(design: Design, vectors: np.ndarray, diverging: np.ndarray) -> SidePosterior:
    """Draws with the wars that they stand for.

    Args:
        design: the side's.
        vectors: draws, `[chain, draw, latent]`.
        diverging: `[chain, draw]`.

    Returns:
        The side's posterior.
    """
    war, latent = fit.wars(design.evidence, vectors.reshape(-1, vectors.shape[-1]))
    as_numpy = type(war)(*(np.asarray(part) for part in war))
    return SidePosterior(design, vectors, as_numpy, np.asarray(latent["bias"]), diverging)


def _diagnostics(fitted: Sequence[SidePosterior], fast: bool) -> dict[str, Any]:
    """Largest R-hat, least effective sample size and divergences, over all latent values; faults where they fall short."""
    r_hat = max(chains.r_hat(one.vectors) for one in fitted)
    ess = min(chains.effective(one.vectors) for one in fitted)
    diverging = int(sum(one.diverging.sum() for one in fitted))
    draws = sum(one.diverging.size for one in fitted)
    each = max(one.diverging.size for one in fitted)
    faults = [
        words
        for words, wrong in (
            (f"R-hat {r_hat:.3f}, at most {R_HAT_MOST}", r_hat > R_HAT_MOST),
            (f"{ess:.0f} effective draws, at least {ESS_LEAST}", ess < ESS_LEAST),
            (
                f"{diverging} of {draws} draws diverged, at most {DIVERGING_MOST:.1%}",
                diverging > DIVERGING_MOST * draws,
            ),
        )
        if wrong and not fast
    ]
    return {
        "method": "fast" if fast else "nuts", "r_hat_max": round(r_hat, 4), "ess_min": round(ess, 1),
        "divergences": diverging, "draws": each, "faults": faults,
        "fits": {one.design.side: one.near.report() for one in fitted if one.near},
        "notes": [note for one in fitted if one.near for note in notes(one.design.side, one.near)],
    }  # fmt: skip


def notes(side: str, near: fit.Normal) -> list[str]:
    """What a reader should know of a side's fit although it converged: starts that ended elsewhere than at its mode.

    Args:
        side: its name.
        near: its fast fit.

    Returns:
        Sentences; none where all starts agree.
    """
    descents = near.mode.descents
    best = min(one.potential for one in descents if one.converged)
    other = [one for one in descents if one.converged and one.potential > best + fit.SAME_MODE]
    lost = [one for one in descents if not one.converged]
    lines = []
    if other:
        ends = ", ".join(f"{one.potential:.1f} from {one.start}" for one in other)
        lines.append(
            f"The claims about {side} allow more than one war: {len(descents) - len(other) - len(lost)} of "
            f"{len(descents)} starts reached the potential {best:.1f}, which was taken, others a worse one ({ends}; "
            "1 more is 2.7 times less likely)."
        )
    if lost:
        names = listed([one.start for one in lost])
        lines.append(f"{len(lost)} of {len(descents)} searches for the war of {side} did not converge: from {names}.")
    return lines
