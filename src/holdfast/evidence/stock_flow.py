"""The arithmetic that decides a claim: everyone ever sent, less those still there, against what the claim would need."""

from __future__ import annotations

import dataclasses

import numpy as np

from holdfast.evidence import deduplicate, observables
from holdfast.evidence.claims.claim import Claim
from holdfast.evidence.posterior import Posterior, quantiles

SUMMED = ("killed", "casualties", "eliminated", "wounded")


@dataclasses.dataclass(frozen=True)
class Sum:
    """The stock-flow identity of one side at a claim's date, in men; quantiles of the posterior."""

    side: str
    date: str
    sent: dict[str, float]
    """In the field on the first day, and all who joined since."""
    present: dict[str, float]
    gone: dict[str, float]
    """Sent, less present."""
    killed: dict[str, float]
    out_for_good: dict[str, float]
    """Wounded who do not return, and those in hospital on the day."""
    other: dict[str, float]
    """Captured, deserted and not back, sent home."""
    needed: dict[str, float]
    """Gone if the claim were true: its dead or those it implies, the wounded in proportion, and the others."""
    share_possible: float
    """Share of draws in which no more are needed than are gone."""
    lines: tuple[str, ...]


def work_out(posterior: Posterior, claim: Claim) -> Sum | None:
    """The sum for a claim of dead, wounded or both; none for others, or where the war had not begun."""
    kind = observables.KINDS.get(claim.counts, "")
    one = posterior.sides.get(claim.side)
    if one is None or kind not in SUMMED or claim.covers in ("part", "outside"):
        return None
    calendar = one.design.calendar
    if not calendar.first < claim.as_of_date <= calendar.last or claim.period_start > calendar.first:
        return None
    flows = ("killed", "wounded", "captured", "deserted", "recruited", "discharged")
    total = {name: one.total(name, calendar.first, claim.as_of_date) for name in flows}
    returned = np.asarray(one.war.returned)
    sent = np.asarray(one.war.strength)[:, 0] + total["recruited"]
    present = one.total("strength", calendar.first, claim.as_of_date)
    gone = sent - present
    other = total["captured"] + total["deserted"] * (1 - np.asarray(one.war.came_back)) + total["discharged"]
    out = gone - total["killed"] - other
    per_dead = total["wounded"] / total["killed"]
    dead = deduplicate.total(claim, claim.value) / _dead_shares(claim.counts, kind, per_dead, returned)
    needed = dead + out / total["killed"] * dead + other
    share = float(np.mean(needed <= gone))
    men = {
        name: quantiles(draws)
        for name, draws in (
            ("sent", sent), ("present", present), ("gone", gone), ("killed", total["killed"]), ("out_for_good", out),
            ("other", other), ("needed", needed),
        )
    }  # fmt: skip
    lines = _lines(claim, men, quantiles(per_dead), quantiles(returned), share, kind)
    return Sum(claim.side, str(claim.as_of_date), share_possible=share, lines=lines, **men)


def _dead_shares(counts: str, kind: str, per_dead: np.ndarray, returned: np.ndarray) -> np.ndarray:
    """How many men a claim counts for each dead man."""
    if counts in ("irrecoverable", "irrecoverable_deserted"):
        return 1 + per_dead * (1 - returned)
    return {"killed": np.ones_like(per_dead), "wounded": per_dead}.get(kind, 1 + per_dead)


def _lines(
    claim: Claim, men: dict[str, dict[str, float]], per_dead: dict[str, float], returned: dict[str, float],
    share: float, kind: str,
) -> tuple[str, ...]:  # fmt: skip
    """The sum in sentences."""
    said = {name: span(values) for name, values in men.items()}
    what = {"killed": "dead", "wounded": "wounded"}.get(kind, "casualties")
    enough = "in no draw are so many gone" if share == 0 else f"so many are gone in {_percent(share)} of draws"
    return (
        f"Ever sent by {claim.as_of_date}: {said['sent']}. Still there: {said['present']}. Gone: {said['gone']}.",
        f"The evidence fills that with {said['killed']} dead, {said['out_for_good']} wounded out for good or in "
        f"hospital, and {said['other']} captured, deserted or sent home.",
        f"For each dead man {per_dead['p50']:.1f} were wounded ({per_dead['p05']:.1f} to {per_dead['p95']:.1f}); "
        f"{returned['p50']:.0%} of them return ({returned['p05']:.0%} to {returned['p95']:.0%}).",
        f"{deduplicate.total(claim, claim.value):,.0f} {what}, with the rest in proportion, would need {said['needed']} gone; "
        f"{enough}.",
    )


def span(values: dict[str, float]) -> str:
    """A median with its 90 % interval, to two or three digits."""
    return f"{_short(values['p50'])} ({_short(values['p05'])} to {_short(values['p95'])})"


def _short(value: float) -> str:
    """A count of men as it deserves to be told: to the thousand where there are tens of them."""
    step = 1000 if abs(value) >= 20_000 else 100 if abs(value) >= 2000 else 10
    return f"{round(value / step) * step:,.0f}"


def _percent(share: float) -> str:
    """A share of draws in words."""
    return "under 0.1 %" if share < 0.001 else f"{share:.1%}" if share < 0.1 else f"{share:.0%}"
