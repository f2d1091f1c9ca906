"""`holdfast losses` and `holdfast claims judge`: what was lost, and what to think of a claim."""

from __future__ import annotations

import dataclasses
import json as text
import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from holdfast.cli import losing_tables, progress, running, screen
from holdfast.evidence import arithmetic, losses, verdict, votes
from holdfast.evidence.claims.faults import ClaimsError
from holdfast.evidence.posterior import Posterior
from holdfast.evidence.verdict import Verdict
from holdfast.scenario.faults import Fault

MOST = 12
"""Claims on the screen, those furthest out; the page has them all."""


def show(
    case: str, claims: str | None, until: str | None, side: str | None, fast: bool, lineages: bool, seed: int,
    cards: Sequence[str], out: Path | None, figures: bool, workers: int | None, json: bool,
) -> int:  # fmt: skip
    """Reconcile, write, print."""
    running.positive(seed, workers=workers)
    folder = out or (None if json else Path(f"holdfast-losses-{Path(claims or case).stem}"))
    losses.ready(losses.table(case, claims), cards, folder)
    with progress.bar(
        f"{claims or case}: reconciling", quiet=json, starting="starting; compiles for 10 to 30 s"
    ) as told:
        found = losses.losses(
            case, claims=claims, until=until, side=side, fast=fast, with_lineages=lineages and not fast, seed=seed,
            progress=told, workers=workers,
        )  # fmt: skip
    page = None
    if folder:
        with progress.step("Writing the page", quiet=json):
            page = found.write(folder, cards, figures)
    if json:
        print(text.dumps(found.summary(), allow_nan=False))
        return 0
    console = screen.console()
    console.print()
    console.print(losing_tables.totals(by_year(found)))
    against = [one for one in found.verdicts if one.verdict in (verdict.HIGH, verdict.LOW)]
    if against:
        console.print(losing_tables.verdicts(furthest(against)))
    if len(against) > MOST:
        console.print(
            f"These are the {MOST} furthest out of {len(against)}; the page and verdicts.csv have all.", markup=False
        )
    counted = Counter(one.verdict for one in found.verdicts)
    shares = ", ".join(f"{counted[name]} {name}" for name in (verdict.JUDGED, verdict.HIGH, verdict.LOW, verdict.NOT))
    console.print(f"{len(found.verdicts)} claims: {shares}.", markup=False)
    console.print(basis(found.posterior), markup=False)
    if page:
        console.print(f"\nPage: {page}  (opens in any browser, offline)", markup=False, soft_wrap=True)
        console.print(
            f"Posterior: {page.with_name('posterior.nc')}  (ArviZ InferenceData)", markup=False, soft_wrap=True
        )
    return 0


def furthest(against: Sequence[Verdict]) -> list[Verdict]:
    """The verdicts furthest from the evidence, by the ratio of what is said to what it has."""

    def out(one: Verdict) -> float:
        assert one.truth
        said = max(votes.total(one.claim, one.claim.value), 1.0)
        return -abs(math.log(said / max(one.truth["p50"], 1.0)))

    return sorted(against, key=out)[:MOST]


def by_year(found: losses.Losses) -> dict[str, Any]:
    """The summary with each side's years, whose intervals cannot be had from those of months."""
    from holdfast.evidence.pages import totals

    made = found.summary()
    for side, one in made["sides"].items():
        one["years"] = totals.by_year(found.posterior, side)
    return made


def judge(
    claim: str | None, case: str, claims: str | None, evidence: str | None, until: str | None, full: bool, seed: int,
    out: Path | None, json: bool, **parts: Any,
) -> int:  # fmt: skip
    """Judge one claim in words, or a table of them."""
    running.positive(seed)
    losses.ready((), (), out)
    options = {name: value for name, value in parts.items() if value is not None}
    wanted = asked(claim, claims, options)
    with progress.bar("Fitting the evidence", quiet=json, starting="compiles for 5 to 20 s the first time") as told:
        posterior, verdicts = losses.judge(
            wanted, case, claims=evidence, fast=not full, until=until, seed=seed, progress=told, **options
        )
    single = len(verdicts) == 1 and claims is None
    if out:
        for found in verdicts:
            if found.readings:
                losses.save_card(posterior, found, out)
    if json:
        print(text.dumps(as_json(posterior, verdicts, single), allow_nan=False))
        return 0
    console = screen.console()
    console.print()
    if single:
        console.print(losing_tables.one(verdicts[0], losses.sums(posterior, verdicts[0])))
    else:
        console.print(losing_tables.verdicts(verdicts))
    console.print(basis(posterior), markup=False)
    if out:
        console.print(f"Cards: {out}", markup=False, soft_wrap=True)
    return 0


def asked(claim: str | None, claims: str | None, options: dict[str, Any]) -> str:
    """The one thing that is to be judged: a sentence, parts given by name, or a file."""
    faults = []
    if claims and (claim or options):
        faults.append(Fault("--claims", claims, "a sentence, or a file, not both", "Leave one of the two away"))
    if not claims and not claim and not options:
        example = 'Write holdfast claims judge "300000 killed russia 2023-11-15", or give --claims FILE'
        faults.append(Fault("the claim", "nothing", "a claim in words, or --claims FILE", example))
    if faults:
        raise ClaimsError(faults, "The request")
    return claims or f"{claim or ''} "  # ends in a blank, so that no single word is taken for a table


def as_json(posterior: Posterior, verdicts: Sequence[Verdict], single: bool) -> dict[str, Any]:
    """The verdicts; for one claim its readings and the arithmetic too."""
    made: dict[str, Any] = {
        "until": str(posterior.until), "claims": [verdict.as_json(one) for one in verdicts],
        "diagnostics": dict(posterior.diagnostics), "claims_fitted": len(posterior.fitted),
    }  # fmt: skip
    if single:
        one = verdicts[0]
        made["readings"] = [dataclasses.asdict(reading) for reading in one.readings]
        summed = arithmetic.work_out(posterior, one.claim)
        made["arithmetic"] = dataclasses.asdict(summed) if summed else None
    return made


def basis(posterior: Posterior) -> str:
    """What the verdict rests on, in one line."""
    method = "NUTS" if posterior.method == "nuts" else "the fast fit, not NUTS"
    return (
        f"Evidence: {len(posterior.fitted)} claims known by {max(claim.known_on for claim in posterior.fitted)}; "
        f"{method}. The posterior is of a model and these claims, not the truth."
    )
