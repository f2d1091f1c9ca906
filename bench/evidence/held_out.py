"""Does the posterior foretell claims that it has not seen, and better than simple rivals?

    python bench/evidence/held_out.py [--folds 5] [--table russia_ukraine] --out FOLDER

Writes `held_out.json`. Two parts. First: the fit of what was known at the end of a year is asked what claimants would say
in the next. Second: claims are left out, a fifth at random or a fifth of the lineages, and each is scored by the log
density of its logarithm. Rivals are in `rivals.py`. Claims that only set a limit are left out of the scores of all three.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import rivals
from scipy import stats

from holdfast.evidence import design, observables, predictive, reconcile
from holdfast.evidence.claims import table as claims_table
from holdfast.evidence.claims.table import Claim
from holdfast.evidence.posterior import SidePosterior
from holdfast.io import files

SEED = 1
LEAST_WIDTH = 0.003
REVISED = (("RU-K081", "RU-K096"),)
"""Totals of one later revision: what they grew by is as near to the truth as any count, and was not known at the time."""


def fitted(claims: Sequence[Claim], side: str, first: dt.date, last: dt.date, room: Sequence[int]) -> SidePosterior:
    """A side's fast fit, in a room that all fits share."""
    return reconcile.fast(design.design(claims, side, last, first, room), SEED)


def score(draws: np.ndarray, value: float) -> float:
    """Log density of the logarithm of a value: draws smoothed by narrow Student kernels."""
    logs = np.log(np.maximum(draws, 0.5))
    spread = min(float(logs.std()), float(np.subtract(*np.quantile(logs, [0.75, 0.25]))) / 1.349)
    width = max(0.9 * spread * len(logs) ** -0.2, LEAST_WIDTH)
    return float(np.log(np.mean(stats.t.pdf(np.log(value), 4, logs, width))))


def row(claim: Claim, draws: np.ndarray) -> dict[str, object]:
    value = design.total(claim, claim.value)
    low, middle, high = (float(part) for part in np.quantile(draws, [0.05, 0.5, 0.95]))
    return {
        "claim_id": claim.claim_id, "side": claim.side, "counts": claim.counts, "kind": observables.KINDS[claim.counts],
        "lineage": claim.lineage, "type": claim.claimant_type, "date": str(claim.as_of_date), "value": value,
        "p05": low, "p50": middle, "p95": high,
        "below": float((draws < value).mean()), "inside": bool(low <= value <= high), "ours": score(draws, value),
    }  # fmt: skip


def next_year(claims: Sequence[Claim], first: dt.date, year: int, room: Sequence[int]) -> list[dict[str, object]]:
    """Claims of a year, foretold from what was known at its beginning."""
    begin, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    known = [claim for claim in claims if claim.known_on < begin]
    held = [one for one in claims if one.known_on >= begin and begin <= one.as_of_date <= last and scored(one)]
    rows = []
    for side in sorted({claim.side for claim in held}):
        one = fitted(known, side, first, last, room)
        rows += [row(claim, predictive.predicted(one, [claim], SEED)[0]) for claim in held if claim.side == side]
        own = [claim for claim in claims if claim.side == side]
        steps = [("step of the tally", pair) for pair in tally_steps(own, begin, last)]
        by_id = {claim.claim_id: claim for claim in own}
        steps += [
            ("revised registers", (by_id[a], by_id[b]))
            for a, b in REVISED if {a, b} <= set(by_id) and by_id[b].as_of_date.year == year
        ]  # fmt: skip
        for kind, (earlier, later) in steps:
            grown = increase(earlier, later)
            rows.append(row(grown, predictive.predicted(one, [grown], SEED)[0]) | {"kind": kind})
    return [one | {"year": year} for one in rows]


def increase(earlier: Claim, later: Claim) -> Claim:
    """What a running total added, as a claim."""
    begin = earlier.as_of_date + dt.timedelta(days=1)
    return dataclasses.replace(
        later, claim_id=f"{later.claim_id} less {earlier.claim_id}", value_low=None, value_high=None,
        value_central=later.value - earlier.value, period_start=begin, basis="per period",
    )  # fmt: skip


def tally_steps(claims: Sequence[Claim], begin: dt.date, last: dt.date) -> list[tuple[Claim, Claim]]:
    """Neighbouring totals of a running tally, both of the year."""
    tally = [claim for claim in claims if design.may_vote(claim) and design.is_tally(design.as_vote(claim))]
    tally = sorted(tally, key=lambda claim: claim.as_of_date)
    return [
        (a, b) for a, b in zip(tally, tally[1:])
        if begin - dt.timedelta(days=3) <= a.as_of_date and b.as_of_date <= last
        and (b.as_of_date - a.as_of_date).days >= design.LEAST_STEP_DAYS
    ]  # fmt: skip


def scored(claim: Claim) -> bool:
    return design.may_vote(claim) and design.as_vote(claim).sign == 0


def unique(claims: Sequence[Claim]) -> list[Claim]:
    """Claims with copies once: a copy in the training set would be the answer."""
    once = design.distinct([design.as_vote(claim) for claim in claims if design.may_vote(claim)])
    kept = {vote.claim.claim_id for vote in once}
    return [claim for claim in claims if claim.claim_id in kept]


def folds(claims: Sequence[Claim], how: str, count: int) -> list[set[str]]:
    """Ids of the claims held out, fold by fold."""
    luck = np.random.default_rng(7)
    names = sorted({claim.claim_id if how == "claims" else f"{claim.side} {claim.lineage}" for claim in claims})
    fold = dict(zip(luck.permutation(names), np.arange(len(names)) % count))
    which = lambda claim: fold[claim.claim_id if how == "claims" else f"{claim.side} {claim.lineage}"]  # noqa: E731
    return [{claim.claim_id for claim in claims if which(claim) == number} for number in range(count)]


def left_out(
    claims: Sequence[Claim], first: dt.date, last: dt.date, room: Sequence[int], how: str, count: int
) -> list[dict[str, object]]:
    """Every claim that gives a number, scored from a fit without it."""
    rows = []
    for number, held_ids in enumerate(folds(claims, how, count)):
        training = [claim for claim in claims if claim.claim_id not in held_ids]
        held = [claim for claim in claims if claim.claim_id in held_ids and scored(claim)]
        numbers = [claim for claim in training if scored(claim)]
        sides = {side: fitted(training, side, first, last, room) for side in sorted({claim.side for claim in held})}
        near = rivals.nearest(numbers, held, first.toordinal())
        plain = rivals.plain(numbers, held, first.toordinal())
        for claim, a, b in zip(held, near, plain):
            one = row(claim, predictive.predicted(sides[claim.side], [claim], SEED)[0])
            value = design.total(claim, claim.value)
            rows.append(one | {
                "fold": number, "nearest": a.log_density(value), "plain": b.log_density(value),
                "inside_nearest": bool(a.inside(value)), "inside_plain": bool(b.inside(value)),
            })  # fmt: skip
        print(f"  {how}, fold {number + 1} of {count}: {len(held)} claims", flush=True)
    return rows


def compared(rows: Sequence[dict[str, object]], rival: str, by: str) -> dict[str, float]:
    """Mean log score over the rival's, with its bootstrap interval over claims or over whole lineages."""
    differ = np.array([float(one["ours"]) - float(one[rival]) for one in rows])  # type: ignore[arg-type]
    names = np.array([str(one[by]) for one in rows])
    groups = [differ[names == name] for name in sorted(set(names))]
    luck = np.random.default_rng(3)
    picks = [luck.integers(len(groups), size=len(groups)) for _ in range(2000)]
    means = [np.concatenate([groups[pick] for pick in chosen]).mean() for chosen in picks]
    found = (differ.mean(), *np.quantile(means, [0.025, 0.975]), (differ > 0).mean())
    return {name: round(float(value), 3) for name, value in zip(("mean", "low", "high", "better"), found)}


def summary(rows: Sequence[dict[str, object]]) -> dict[str, object]:
    made: dict[str, object] = {}
    kinds = ["all", "all but the tally", *sorted({str(one["kind"]) for one in rows})]
    for kind in kinds:
        tally = kind == "all but the tally"
        chosen = [one for one in rows if kind in ("all", one["kind"]) or (tally and one["kind"] != "eliminated")]
        mean = lambda name: round(float(np.mean([one[name] for one in chosen])), 3)  # noqa: B023, E731
        made[kind] = {
            "claims": len(chosen), "ours": mean("ours"), "nearest": mean("nearest"), "plain": mean("plain"),
            "inside": mean("inside"), "inside_nearest": mean("inside_nearest"), "inside_plain": mean("inside_plain"),
            "off": round(float(np.mean([abs(np.log(one["value"] / one["p50"])) for one in chosen])), 3),  # type: ignore[operator]
            "over_nearest": compared(chosen, "nearest", "claim_id"),
            "over_plain": compared(chosen, "plain", "claim_id"),
            "over_nearest_lineages": compared(chosen, "nearest", "lineage"),
            "over_plain_lineages": compared(chosen, "plain", "lineage"),
        }  # fmt: skip
    return made


def table(found: dict[str, object]) -> str:
    lines = [
        "| kind | claims | ours | (a) nearest | (b) plain | ours - (a), 95 % over lineages | ours - (b) "
        "| in 90 %: ours, a, b | mean size of our log error |", "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]  # fmt: skip
    for kind, one in found.items():
        a, b = one["over_nearest_lineages"], one["over_plain_lineages"]  # type: ignore[index]
        lines.append(
            f"| {kind} | {one['claims']} | {one['ours']:+.2f} | {one['nearest']:+.2f} | {one['plain']:+.2f} "  # type: ignore[index]
            + "".join(f"| {of['mean']:+.2f} ({of['low']:+.2f} to {of['high']:+.2f}) " for of in (a, b))
            + f"| {one['inside']:.2f}, {one['inside_nearest']:.2f}, {one['inside_plain']:.2f} | {one['off']:.2f} |"  # type: ignore[index]
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--table", default="russia_ukraine")
    parser.add_argument("--until", type=dt.date.fromisoformat, default=dt.date(2025, 12, 31), help="of the second part")
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    claims = claims_table.read(chosen.table)
    first = design.war_start([claim for claim in claims if claim.counts != "nothing"])
    sides = sorted({claim.side for claim in claims if claim.counts != "nothing"})
    room = [max(sizes) for sizes in zip(*(design.design(claims, side, None, first).sizes for side in sides))]
    found: dict[str, object] = {}

    ahead = [one for year in (2023, 2024, 2025) for one in next_year(claims, first, year, room)]
    found["next_year"] = ahead
    print("| year | kind | claims | in 90 % | median of log(said / foretold) | mean of its size | log score |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for year in (2023, 2024, 2025):
        for kind in ["all", *sorted({str(one["kind"]) for one in ahead if one["year"] == year})]:
            rows = [one for one in ahead if one["year"] == year and kind in ("all", one["kind"])]
            logs = np.log([one["value"] / one["p50"] for one in rows])  # type: ignore[operator]
            inside, score = (np.mean([one[name] for one in rows]) for name in ("inside", "ours"))  # type: ignore[misc]
            off = f"{np.median(logs):+.2f} | {np.abs(logs).mean():.2f}"
            print(f"| {year} | {kind} | {len(rows)} | {inside:.2f} | {off} | {score:+.2f} |")

    usable = unique([claim for claim in claims if claim.as_of_date <= chosen.until and design.may_vote(claim)])
    for how in ("claims", "lineages"):
        rows = left_out(usable, first, chosen.until, room, how, chosen.folds)
        found[how] = {"summary": summary(rows), "claims": rows}
        print(f"\nLeft out by {how}:\n{table(found[how]['summary'])}")  # type: ignore[index]
    files.write_json(chosen.out / "held_out.json", found)


if __name__ == "__main__":
    main()
