"""One or two sentences a section, in plain words; every number is read from the result."""

from __future__ import annotations

import numpy as np
import xarray as xr

from holdfast.report import gauges, rates, spread, words
from holdfast.report.film import Film


def belief(data: xr.Dataset) -> list[str]:
    """Risk believed against true, and prospects."""
    out = []
    for side in _sides(data):
        at = data.sel(side=side)
        share = spread.interval((at.risk_believed / at.risk_true.where(at.risk_true > 0)).mean("day"))
        start, end = (float(at.prospects.isel(day=i).median("run")) for i in (0, -1))
        way = "fall" if end < start - 0.05 else "rise" if end > start + 0.05 else "stay"
        word = "less than" if share[0] < 0.95 else "more than" if share[0] > 1.05 else "about"
        out.append(
            f"{words.of(side)} men believe {word} the true risk: on average {words.percent(share[0])} of it "
            f"(90 % of runs {words.span(share[1], share[2])}). Their prospects {way}"
            + (f" at {start:+.2f}." if way == "stay" else f" from {start:+.2f} to {end:+.2f} (−1 defeat, 1 victory).")
        )
    return out


def exits(data: xr.Dataset) -> list[str]:
    """Totals by flow, and the band of past armies."""
    out = []
    for side in _sides(data):
        total = {f: spread.interval(data[f].astype(float).sum("day").sel(side=side)) for f in _EXITS}
        rate = spread.interval(rates.overall(data, *rates.BY_CHOICE).sel(side=side))
        worst = spread.interval(rates.monthly(data, *rates.BY_CHOICE).sel(side=side).max("day"))
        said = [f"{words.number(total[f][0])} {label}" for f, label in _EXITS.items()]
        out.append(
            f"{side}, median of the runs: {words.listed(said)}. By choice "
            f"{words.with_interval(rate, 2)} per 1,000 men a month left, {rates.band_of(rate[0])}; "
            f"in the worst month {words.with_interval(worst, 2)}, {rates.band_of(worst[0])}."
        )
    return out


def army(data: xr.Dataset, film: Film | None, every: int) -> list[str]:
    """What the film shows."""
    if film is None:
        return ["No film was recorded with this run."]
    billets = int(np.asarray(film.brigade_of).size)
    men = f"{words.number(film.men_per_billet)} men" if film.men_per_billet != 1 else "one man"
    drawn = "Every billet is one point" if every == 1 else f"Every {every}th billet is one point, so that the page stays small"
    return [
        f"{drawn}, coloured by what became of its last man: {billets:,} billets, each standing for {men}, "
        f"in run {film.run + 1} of {data.sizes['run']}. The two armies face each other across the front; reserves stand behind.",
        "A place that is filled again turns back to the colour of the men present. One run is one way it may go, not a forecast.",
    ]


def front(data: xr.Dataset) -> list[str]:
    """Line and breaks."""
    out = []
    first, second = _sides(data)
    end = data.line_km.isel(day=-1).mean("sector")
    middle, low, high = spread.interval(end)
    gains = first if middle > 0 else second
    moved = f"{gains} ends {words.number(abs(middle), 2)} km ahead" if abs(middle) >= 0.5 else "the line ends where it began"
    out.append(f"Averaged over the sectors {moved} (median; 90 % of runs {low:+.1f} to {high:+.1f} km, plus for {first}).")
    said = []
    for side in (first, second):
        broken = data.broken.sel(side=side) > 0
        share = float(broken.any(("day", "sector")).mean())
        rings = float((data.encircled.sel(side=side) > 0).any(("day", "sector")).mean())
        said.append(f"a sector of {side} breaks in {words.percent(share)} of the runs and is encircled in {words.percent(rings)}")
    text = "; ".join(said)
    return [*out, text[0].upper() + text[1:] + "."]


def regime(data: xr.Dataset) -> list[str]:
    """Cohesion, authority, support."""
    out = []
    for side in _sides(data):
        at = data.sel(side=side)
        split = float((at.elite_cohesion < at.elite_threshold).any("day").mean())
        values = {name: (at[name].isel(day=0), at[name].isel(day=-1)) for name in ("authority", "elite_cohesion", "support")}
        said = {k: (float(a.median("run")), spread.interval(b)) for k, (a, b) in values.items()}
        out.append(
            f"{side}: authority goes from {said['authority'][0]:.2f} to {words.with_interval(said['authority'][1], 2)}, "
            f"support at home from {said['support'][0]:.0f} to {words.with_interval(said['support'][1], 2)} points; "
            f"the elites split in {words.percent(split)} of the runs."
        )
    return out


def reproduction(data: xr.Dataset) -> list[str]:
    """R_d against one."""
    out = []
    runs = data.sizes["run"]
    for side in _sides(data):
        at = data.sel(side=side)
        peak, worst = (spread.interval(at[name].max("day")) for name in ("reproduction_mean", "reproduction_max"))
        above = int((at.reproduction_mean > 1).any("day").sum())
        out.append(
            f"{side}: one exit causes at most {words.with_interval(peak, 2)} further exits on average over brigades, "
            f"and {words.with_interval(worst, 2)} in the worst brigade; the mean passes 1 in {above} of {runs} runs."
        )
    return [*out, "Above 1 each exit brings more than one further exit, and desertion feeds on itself until something changes."]


def pressures(readings: list[spread.Record]) -> list[str]:
    """Which gauges stand at 1½ or more."""
    out = []
    for side in dict.fromkeys(r["side"] for r in readings):
        worst = [r for r in readings if r["side"] == side and r["moment"] == "worst"]
        high = [f"{r['gauge']} ({r['middle']:.1f})" for r in worst if r["middle"] >= _EXTREME]
        low = [r["gauge"] for r in worst if r["middle"] < _ABSENT]
        said = f"at their worst, {words.listed(high)} read {_EXTREME} or more" if high else f"no pressure reads {_EXTREME} or more"
        out.append(f"On {side} {said}" + (f"; {words.listed(low)} hardly press." if low else "."))
    essay = sum(gauge.essay for gauge in gauges.GAUGES)
    return [*out, f"The first {essay} are the essay's, the other {len(gauges.GAUGES) - essay} history's. They do not add up to an index: "
            "on past armies their plain sum hardly tells those that broke from those that held."]  # fmt: skip


_EXITS = {
    "killed": "killed", "deserted": "deserted", "surrendered": "surrendered", "refused": "refusals to attack",
    "evaded": "evaded the call-up", "fled": "fled abroad", "returned": "came back",
}  # fmt: skip

_EXTREME, _ABSENT = 1.5, 0.25
"""Gauge readings from which a pressure is called out, and under which it hardly presses."""


def _sides(data: xr.Dataset) -> list[str]:
    return [str(s) for s in data.side.values]
