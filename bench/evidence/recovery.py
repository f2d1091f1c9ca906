"""Does a fit find a war that is known? Wars and claims drawn from the model's own prior, fitted, and compared.

    python bench/evidence/recovery.py [--wars 200] [--method fast|nuts|laplace] [--as-used] [--silent 0] --out FOLDER

Writes `recovery_METHOD.json` and a picture of its ranks. A draw of the prior lies in each 90 % interval with chance 0.9,
and its rank among the fit's draws is uniform. `--as-used` lets the fit take the army's size from the claims, as it does
with a table of a real war; without, it is told the yardstick by which the war was drawn. `--silent 12` makes no claim of the
last twelve months: those are foretold.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import drawn
import numpy as np
from scipy import stats

from holdfast.evidence import chains, fit
from holdfast.evidence.design import Evidence
from holdfast.evidence.model import War
from holdfast.io import files

DRAWS = 1000
NUTS_CHAINS, NUTS_WARMUP, NUTS_DRAWS = 2, 300, 300
BINS = 10
LAST = 6

QUANTITIES: dict[str, Callable[[War], np.ndarray]] = {
    "killed": lambda war: war.killed.sum(-1),
    "wounded": lambda war: war.wounded.sum(-1),
    "missing": lambda war: (war.killed * war.missing_share).sum(-1),
    "captured": lambda war: war.captured.sum(-1),
    "deserted": lambda war: war.deserted.sum(-1),
    "recruited": lambda war: war.recruited.sum(-1),
    "strength at the end": lambda war: war.strength[..., -1],
    "killed in the last 6 months": lambda war: war.killed[..., -LAST:].sum(-1),
    "wounded to killed": lambda war: war.wounded.sum(-1) / war.killed.sum(-1),
}


def laplace(evidence: Evidence, seed: int) -> tuple[np.ndarray, float]:
    """Draws from the normal at the mode alone."""
    mode = fit.mode(evidence)
    return fit.draw(mode.shape, DRAWS, seed), 0.0


def fast(evidence: Evidence, seed: int) -> tuple[np.ndarray, float]:
    """The fast fit's draws, less those in which no army is left, as `reconcile.fast` has them."""
    vectors = fit.draw(fit.normal(evidence).shape, 4 * DRAWS, seed)
    kept = vectors[np.random.default_rng(seed).random(len(vectors)) < fit.army(evidence, vectors)]
    if len(kept) < DRAWS:
        raise fit.FitError("no army is left")
    return kept[:DRAWS], 0.0


def nuts(evidence: Evidence, seed: int) -> tuple[np.ndarray, float]:
    """Draws of short chains, and the largest R-hat."""
    shape = fit.normal(evidence).shape
    chain = chains.sample(chains.Sampling(evidence, shape, NUTS_CHAINS, NUTS_WARMUP, NUTS_DRAWS, seed))
    return chain.vectors.reshape(-1, chain.vectors.shape[-1]), chains.r_hat(chain.vectors)


METHODS = {"fast": fast, "nuts": nuts, "laplace": laplace}


def recover(number: int, method: str, given_scale: bool, silent: int) -> dict[str, object]:
    """One war: for each quantity the truth's rank among the draws, from 0 to 1, and its distance in posterior SDs."""
    one = drawn.drawn(number, given_scale, silent)
    begun = time.perf_counter()
    vectors, r_hat = METHODS[method](one.design.evidence, number)
    war, _ = fit.wars(one.design.evidence, vectors)
    war = War(*(np.asarray(part, float) for part in war))
    rows = {}
    for name, take in QUANTITIES.items():
        truth, draws = float(take(one.war)), take(war)
        logs, there = np.log(np.maximum(draws, 1e-9)), np.log(max(truth, 1e-9))
        rows[name] = {
            "truth": truth, "rank": float((draws < truth).mean()), "z": float((logs.mean() - there) / logs.std()),
            "p05": float(np.quantile(draws, 0.05)), "p50": float(np.median(draws)), "p95": float(np.quantile(draws, 0.95)),
        }  # fmt: skip
    return {
        "war": number, "claims": len(one.claims), "months": len(one.design.calendar.months), "mixed": one.mixed,
        "echoes": one.echoes, "seconds": round(time.perf_counter() - begun, 2), "r_hat": r_hat,
        "failed": not np.all(np.isfinite([row["z"] for row in rows.values()])), "quantities": rows,
    }  # fmt: skip


def judged(wars: list[dict[str, object]]) -> dict[str, dict[str, float]]:
    """By quantity: coverage with its interval, tests of uniform ranks, bias; of fits that gave numbers at all."""
    made = {}
    wars = [war for war in wars if not war["failed"]]
    for name in QUANTITIES:
        rows = [war["quantities"][name] for war in wars]  # type: ignore[index]
        rank, z = (np.array([row[what] for row in rows]) for what in ("rank", "z"))
        ends = np.array([[max(row["p05"], 1.0), max(row["p95"], 1.0)] for row in rows])
        inside = int(((rank > 0.05) & (rank < 0.95)).sum())
        low, high = stats.binomtest(inside, len(rank)).proportion_ci(0.95)
        counts = np.histogram(rank, BINS, (0, 1))[0]
        made[name] = {
            "wars": len(rank), "inside_90": round(inside / len(rank), 3), "low": round(low, 3), "high": round(high, 3),
            "inside_50": round(float(((rank > 0.25) & (rank < 0.75)).mean()), 3),
            "chi_square_p": round(float(stats.chisquare(counts).pvalue), 4),
            "ks_p": round(float(stats.kstest(rank, "uniform").pvalue), 4),
            "bias_sd": round(float(z.mean()), 3), "bias_se": round(float(z.std() / len(z) ** 0.5), 3),
            "z_sd": round(float(z.std()), 3), "histogram": counts.tolist(),
            "median_width_log": round(float(np.median(np.log(ends[:, 1] / ends[:, 0]))), 3),
        }  # fmt: skip
    return made


def table(found: dict[str, dict[str, float]]) -> str:
    lines = ["| quantity | in 90 % interval | 95 % CI | in 50 % | chi2 p | KS p | bias, posterior SD | SD of z |",
             "| --- | --- | --- | --- | --- | --- | --- | --- |"]  # fmt: skip
    for name, row in found.items():
        coverage = f"{row['inside_90']:.3f} | {row['low']:.2f}-{row['high']:.2f} | {row['inside_50']:.2f}"
        bias = f"{row['bias_sd']:+.2f} +- {row['bias_se']:.2f} | {row['z_sd']:.2f}"
        lines.append(f"| {name} | {coverage} | {row['chi_square_p']:.3f} | {row['ks_p']:.3f} | {bias} |")
    return "\n".join(lines)


def picture(found: dict[str, dict[str, float]], path: Path, wars: int) -> None:
    """Histograms of ranks, with the band in which nine of ten bars of a right fit lie."""
    from holdfast.present import charts, vega

    low, high = (int(value) for value in stats.binom.ppf([0.05, 0.95], wars, 1 / BINS))
    values = [
        {"quantity": name, "rank": (number + 0.5) / BINS, "wars": count, "low": low, "high": high}
        for name, row in found.items() for number, count in enumerate(row["histogram"])  # type: ignore[arg-type]
    ]  # fmt: skip
    rank = vega.field(
        "rank:Q", title="rank of the truth among draws", scale=dict(domain=[0, 1]), axis=dict(tickCount=5)
    )
    bars = (
        vega.chart()
        .mark("bar", color=charts.SIDE_COLOURS[0], size=19)
        .encode(x=rank, y=vega.field("wars:Q", title="wars", stack=None))
    )
    band = vega.chart().mark("rect", color=charts.FAINT, opacity=0.18).encode(y="max(low):Q", y2="max(high):Q")
    one = vega.layer(band, bars).properties(width=240, height=110)
    chart = one.facet(charts.rows(values), facet=vega.field("quantity:N", title=None, sort=list(found)), columns=3)
    subtitle = f"{wars} wars drawn from the prior and fitted. Bars often out of the grey band would mean a wrong fit."
    title = "Where the truth lies among the draws of its own posterior"
    charts.save(charts.titled(chart, title, subtitle), path.with_suffix(""))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wars", type=int, default=200)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--method", choices=list(METHODS), default="fast")
    parser.add_argument("--as-used", action="store_true")
    parser.add_argument("--silent", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    name = f"recovery_{chosen.method}" + ("_as_used" if chosen.as_used else "")
    name += f"_silent_{chosen.silent}" if chosen.silent else ""
    wars = []
    for number in range(chosen.first, chosen.first + chosen.wars):
        wars.append(recover(number, chosen.method, not chosen.as_used, chosen.silent))
        if len(wars) % 20 == 0:
            print(f"{len(wars)} of {chosen.wars}", flush=True)
    found = judged(wars)
    files.write_json(chosen.out / f"{name}.json", {"quantities": found, "wars": wars})
    print(table(found))
    picture(found, chosen.out / f"{name}.svg", len(wars))
    seconds = np.median([war["seconds"] for war in wars])
    both, echoes, failed = (sum(war[what] for war in wars) for what in ("mixed", "echoes", "failed"))
    print(f"{name}: {len(wars)} wars, {seconds:.1f} s each; largest R-hat {max(war['r_hat'] for war in wars):.3f}; "
          f"{failed} fits failed; {both} lineages with limits both ways; {echoes} chance echoes")  # fmt: skip


if __name__ == "__main__":
    main()
