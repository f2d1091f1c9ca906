"""What held and what did not: each claim of the laws beside the numbers that speak for or against it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from holdfast.past_battles.battle_table import Battles
from holdfast.past_battles.board import AGES
from holdfast.past_battles.result import HALF, LAW, WAR, ClassRow, Finding, Learnt, Variant
from holdfast.past_battles.summary import RIVAL
from holdfast.stats.grouped import GroupScores
from holdfast.stats.scoring import Difference

CLOSE = 0.02
"""AUC by which the law may fall short of a logit that knows as much."""
CALIBRATED = (0.8, 1.2)
"""Slopes of a calibration line that are good enough."""
FACTOR = 1.5
"""By which a median loss may be out."""
CLEARLY = 2.0
"""Log likelihood for each parameter from which on a variant is clearly better, or worse, than the law [nats]."""


class Evidence(NamedTuple):
    """What findings are made from."""

    battles: Battles
    """The table."""
    scores: Mapping[str, Mapping[str, GroupScores]]
    """By holdout and model."""
    differences: Mapping[str, Mapping[str, Difference]]
    """The law less the logit."""
    classes: Sequence[ClassRow]
    """Classes of battles."""
    learnt: Sequence[Learnt]
    """Parameters."""
    variants: Sequence[Variant]
    """The law with one thing changed; none where that was not tried."""


def findings_of(evidence: Evidence) -> tuple[Finding, ...]:
    """Every finding.

    Args:
        evidence: the numbers.

    Returns:
        The findings: chances first, then losses, parameters and variants.
    """
    return (*_chances(evidence), *_losses(evidence), *_parameters(evidence), *_variants(evidence))


def _chances(evidence: Evidence) -> Iterator[Finding]:
    """Who gives way."""
    for how, words in ((WAR, "wars left out"), (HALF, "half of the wars")):
        gap = evidence.differences[how]["auc"]
        yield Finding(
            f"who gives way is told as well as by a logit on the same columns ({words})", gap.value >= -CLOSE,
            f"AUC {evidence.scores[how][LAW].auc.value:.3f} against {evidence.scores[how][RIVAL].auc.value:.3f}: "
            f"{gap.value:+.3f} ({gap.low:+.3f} to {gap.high:+.3f})",
        )  # fmt: skip
        slope = evidence.scores[how][LAW].slope
        yield Finding(
            f"its chances are calibrated ({words})", CALIBRATED[0] <= slope.value <= CALIBRATED[1],
            f"slope {slope.value:.2f} ({slope.low:.2f} to {slope.high:.2f})",
        )  # fmt: skip


def _losses(evidence: Evidence) -> Iterator[Finding]:
    """At what losses."""
    for kind in ("century", "age"):
        for row in evidence.classes:
            if row.kind == kind and math.isfinite(row.factor.value):
                yield Finding(
                    f"losses at giving way, {row.name}: the median within a factor of {FACTOR:g}",
                    1 / FACTOR <= row.factor.value <= FACTOR,
                    f"{row.lost_law:.1%} by the law, {row.lost:.1%} by the table: {row.factor.value:.2f} "
                    f"({row.factor.low:.2f} to {row.factor.high:.2f}), {row.battles} battles",
                )  # fmt: skip


def _parameters(evidence: Evidence) -> Iterator[Finding]:
    """What the engine declares, against what the battles teach."""
    for one in evidence.learnt:
        if one.name.startswith(("front.", "fire.")):
            yield Finding(
                f"{one.name} is {one.declared:g} {one.unit if one.unit != '1' else ''}".strip() + ", as declared",
                one.whole.low <= one.declared <= one.whole.high if one.informed else None,
                f"taught by all wars {one.whole.value:.2g} ({one.whole.low:.2g} to {one.whole.high:.2g})",
            )  # fmt: skip
    by_name = {one.name: one for one in evidence.learnt}
    ages = {age: by_name[f"board.{age}"].whole for age in AGES}
    spans = ", ".join(f"{age} {math.exp(of.value):.2f}" for age, of in ages.items())
    apart = max(of.value for of in ages.values()) - min(of.value for of in ages.values())
    yield Finding(
        "one breakpoint serves all ages",
        apart < math.log(FACTOR),
        f"losses at which a position holds, beside the mean: {spans}",
    )


def _variants(evidence: Evidence) -> Iterator[Finding]:
    """What the law would lose, or gain, with one thing changed."""
    for one in evidence.variants[1:]:
        worse = one.log_likelihood < -CLEARLY * max(1, abs(one.parameters))
        better = one.log_likelihood > CLEARLY * max(1, one.parameters)
        if better or worse:
            yield Finding(
                f"the law is better than the variant: {one.name}", worse,
                f"log likelihood of the variant {one.log_likelihood:+.1f} for {one.parameters:+d} parameters; on the other half "
                f"AUC {one.auc:.3f}, Brier {one.brier:.3f}",
            )  # fmt: skip
