"""Would the bands hold for claims that somebody else keeps apart? As a reader would test it: by `judge`, and nothing else.

    python bench/evidence/kept_apart.py [--splits 10] [--table russia_ukraine] --out FOLDER

Writes `kept_apart.json`. A tenth of the claims that can be judged (all kinds; limits, parts and echoes among them) is taken
out at random, the rest is fitted, fast, and each claim taken out is set against what its claimant would be expected to
say. Split by split: the share inside the foretold 90 %, and the mean of |log(said / foretold median)|.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from holdfast.evidence import design, observables, reconcile, verdict
from holdfast.evidence.claims import table as claims_table
from holdfast.evidence.claims.table import Claim
from holdfast.io import files

SHARE = 0.1


def kept_apart(claims: Sequence[Claim], split: int) -> list[dict[str, object]]:
    """A row for each claim taken out at random, judged by the rest."""
    able = [claim for claim in claims if claim.counts != "nothing" and claim.value > 0]
    luck = np.random.default_rng((split, 11))
    out = {int(place) for place in luck.choice(len(able), round(SHARE * len(able)), replace=False)}
    held = [claim for place, claim in enumerate(able) if place in out]
    names = {claim.claim_id for claim in held}
    last = max(claim.as_of_date for claim in able)
    found = reconcile.reconcile([claim for claim in claims if claim.claim_id not in names], until=last, fast=True)
    return [row(one, split) for one in verdict.judge(found, held) if one.predicted]


def row(one: verdict.Verdict, split: int) -> dict[str, object]:
    """What was said beside what was foretold."""
    claim, foretold = one.claim, one.predicted or {}
    value = design.total(claim, claim.value)
    sign = design.as_vote(claim).sign
    form = "limit" if sign else "number" if design.may_vote(claim) else "not counted"
    return {
        "split": split, "claim_id": claim.claim_id, "side": claim.side, "counts": claim.counts, "form": form,
        "kind": observables.KINDS[claim.counts], "type": claim.claimant_type, "lineage": claim.lineage,
        "date": str(claim.as_of_date), "value": value, **foretold,
        "inside": bool(foretold["p05"] <= value <= foretold["p95"]),
        "off": math.log(value / max(foretold["p50"], 0.5)),
    }  # fmt: skip


def told(rows: Sequence[dict[str, object]], name: str) -> str:
    """A line of the table: how many, the share inside, the errors, the width."""
    off = np.array([float(one["off"]) for one in rows])  # type: ignore[arg-type]
    wide = np.median([math.log(float(one["p95"]) / max(float(one["p05"]), 0.5)) for one in rows])  # type: ignore[arg-type]
    inside = np.mean([bool(one["inside"]) for one in rows])
    errors = f"{np.abs(off).mean():.3f} | {np.median(np.abs(off)):.3f} | {off.mean():+.2f}"
    return f"| {name} | {len(rows)} | {inside:.3f} | {errors} | {wide:.2f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--splits", type=int, default=10)
    parser.add_argument("--first", type=int, default=0, help="number of the first split")
    parser.add_argument("--table", default="russia_ukraine")
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    claims = claims_table.read(chosen.table)
    rows: list[dict[str, object]] = []
    for split in range(chosen.first, chosen.first + chosen.splits):
        rows += kept_apart(claims, split)
        print(told([one for one in rows if one["split"] == split], f"split {split}"), flush=True)
    files.write_json(chosen.out / "kept_apart.json", rows)
    print(
        "\n| | claims | inside 90 % | mean size of log error | its median | mean log error | width of the band, log |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- |")
    print(told(rows, "all"))
    for column in ("form", "kind", "type", "side"):
        for name in sorted({str(one[column]) for one in rows}):
            print(told([one for one in rows if one[column] == name], f"{column}: {name}"))


if __name__ == "__main__":
    main()
