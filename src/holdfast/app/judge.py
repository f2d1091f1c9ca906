"""Claims judged as they are typed, and their cards. [IO]

The posterior is that of `reconcile_losses(fast=True)`, fitted once on this machine and held by the process that answers.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from holdfast.app import door, jobs, studies
from holdfast.app.door import Request, Word
from holdfast.evidence import losses
from holdfast.evidence.claims.sentence import LONGEST
from holdfast.evidence.losses import Losses
from holdfast.evidence.verdict import JUDGED, Verdict
from holdfast.io import files, records
from holdfast.present import losses_report, text


class Judging(Request):
    """A claim in words."""

    war: Word
    """A shipped table of claims."""
    claim: Annotated[str, Field(min_length=1, max_length=LONGEST)]


def answer(question: str, request: Mapping[str, object]) -> Mapping[str, object]:
    """Judge a claim, or make its card.

    Args:
        question: `judge` or `card`.
        request: as `Judging`.

    Returns:
        What the evidence says of it; or `files`, the addresses of its card by ending.

    Raises:
        FaultyError: with every fault of the claim.
    """
    wanted = door.read(Judging, request)
    result = _losses(studies.checked_war(wanted.war))
    verdict = result.judge(f"{wanted.claim} ")  # ends in a blank, so that no single word is taken for a table
    return _card(result, verdict, wanted) if question == "card" else _said(result, verdict)


@functools.lru_cache(maxsize=2)
def _losses(war: str) -> Losses:
    """The losses of a war; two are held at a time."""
    return losses.reconcile_losses(war, fast=True, workers=1)


def _said(result: Losses, verdict: Verdict) -> dict[str, object]:
    """A verdict in words."""
    claim = verdict.claim
    against = verdict.tail_probability is not None and verdict.verdict != JUDGED
    expected = verdict.predicted if text.by_somebody(claim) else None
    return {
        "title": f"{text.name(claim.side)}: {text.said(claim)} {claim.quantity}",
        "about": f"{claim.claimant}, {text.window(claim)}. Read as: {verdict.says}.",
        "verdict": verdict.verdict, "words": text.VERDICTS[verdict.verdict],
        "sentences": [
            text.sentence(verdict),
            *([verdict.would_mean] if against else []),
            *([f"Such a claimant would be expected to say {text.interval(expected)}."] if expected else []),
        ],  # fmt: skip
        "readings": [
            {"says": one.says, "evidence": text.interval(one.truth), "chance": text.tail_chance(one.tail_probability),
             "verdict": one.verdict, "words": text.VERDICTS[one.verdict]}
            for one in verdict.readings
        ],
        "arithmetic": list(losses_report.arithmetic(result.posterior, verdict)),
    }  # fmt: skip


def _card(result: Losses, verdict: Verdict, wanted: Judging) -> dict[str, object]:
    """The card of a verdict, as a page and as pictures, in a folder of its own."""
    import vl_convert

    key = files.canonical_json({"card": wanted.claim, "war": wanted.war, "by": records.package_digest()})
    folder = jobs.folder() / hashlib.sha256(key.encode()).hexdigest()[:24]
    posterior = result.posterior
    page, svg, _ = losses_report.card(
        verdict, posterior, losses_report.arithmetic(posterior, verdict), text.citation(posterior)
    )
    stem = "card-" + re.sub(r"[^A-Za-z0-9-]+", "-", verdict.claim.claim_id)[:60]
    with files.folder(folder) as fresh:
        files.write_text(fresh / f"{stem}.html", page)
        files.write_text(fresh / f"{stem}.svg", svg)
        (fresh / f"{stem}.png").write_bytes(vl_convert.svg_to_png(svg, scale=losses_report.CARD_SCALE))
    return {"files": {ending: studies.address(folder / f"{stem}.{ending}") for ending in ("svg", "png", "html")}}
