"""One or two sentences a section, in plain words; every number is read from the result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import xarray as xr

from holdfast.report import gauges, rates, spread, words


def belief(data: xr.Dataset) -> list[str]:
    """Risk believed against true, and prospects."""
    out = []
    for side in _sides(data):
        at = data.sel(side=side)
        share = rates.believed_share(data, side)
        start, end = (float(at.prospects.isel(day=i).median("run")) for i in (0, -1))
        way = "fall" if end < start - 0.05 else "rise" if end > start + 0.05 else "stay"
        in_percent = words.with_interval((100 * share[0], 100 * share[1], 100 * share[2]), 2, unit="%")
        word = "less than" if share[0] < 0.95 else "more than" if share[0] > 1.05 else "about"
        out.append(
            f"{words.of(side)} men believe {word} the true risk: over the whole span "
            f"{in_percent} of it. Their prospects {way} "
            + (f"at {words.signed(start)}." if way == "stay" else f"from {words.signed(start)} to {words.signed(end)}.")
        )
    return out


def exits(data: xr.Dataset) -> list[str]:
    """Totals by flow, and the band of past armies."""
    out = []
    for side in _sides(data):
        total = {f: spread.interval(data[f].astype(float).sum("day").sel(side=side)) for f in _EXITS}
        rate = spread.interval(rates.overall(data, *rates.BY_CHOICE).sel(side=side))
        worst = spread.interval(rates.monthly(data, *rates.BY_CHOICE).sel(side=side).max("day"))
        said = [f"{words.number(total[f][0], whole=True)} {label}" for f, label in _EXITS.items()]
        out.append(
            f"{side}, medians over runs: {words.listed(said)}. "
            f"Of 1,000 men {words.with_interval(rate, 2)} left by choice each month ({rates.likeness(rate[0])}), "
            f"and {words.with_interval(worst, 2)} in the worst month ({rates.likeness(worst[0])})."
        )
    return out


def army(about: Mapping[str, Any]) -> list[str]:
    """What the film shows."""
    if not about:
        return ["No film was recorded with this result."]
    men = "one man" if about["grain"] == 1 else f"{words.number(about['grain'])} men"
    every = about["every"]
    drawn = (
        "Every billet is one point"
        if every == 1
        else f"One billet in {every} is drawn, so that the page stays small, as one point"
    )
    which = (
        f"run {about['run'] + 1} of {about['among']}"
        if about["among"]
        else "one run apart from the others, at a grain of its own"
    )
    return [
        f"{drawn}, coloured by what became of its last man: {about['posts']:,} billets, each standing for {men}, "
        f"in {which}. The two armies face each other across the front, reserves in the rear; each company is a patch.",
        "A place that is filled again turns back to the colour of the men present. One run is one way it may go, "
        "not a forecast.",
    ]


def front(data: xr.Dataset) -> list[str]:
    """Line and breaks."""
    out = []
    first, second = _sides(data)
    end = data.line_km.isel(day=-1).mean("sector")
    middle, low, high = spread.interval(end)
    gains = first if middle > 0 else second
    moved = (
        f"the line ends {words.number(abs(middle), 2)} km in favour of {gains}"
        if abs(middle) >= 0.5
        else "the line ends where it began"
    )
    out.append(
        f"Averaged over the sectors {moved} "
        f"(median; 90% of runs {words.signed(low)} to {words.signed(high)} km, plus for {first})."
    )
    said = []
    for side in (first, second):
        broken = data.broken.sel(side=side) > 0
        share = float(broken.any(("day", "sector")).mean())
        rings = float((data.encircled.sel(side=side) > 0).any(("day", "sector")).mean())
        said.append(
            f"a sector of {side} breaks in {words.percent(share)} of the runs "
            f"and is encircled in {words.percent(rings)}"
        )
    text = "; ".join(said)
    return [*out, text[0].upper() + text[1:] + "."]


def regime(data: xr.Dataset) -> list[str]:
    """Cohesion, authority, support."""
    out = []
    for side in _sides(data):
        at = data.sel(side=side)
        split = float((at.elite_cohesion < at.elite_threshold).any("day").mean())
        values = {
            name: (at[name].isel(day=0), at[name].isel(day=-1)) for name in ("authority", "elite_cohesion", "support")
        }
        said = {k: (float(a.median("run")), spread.interval(b)) for k, (a, b) in values.items()}
        out.append(
            f"{side}: authority goes from {said['authority'][0]:.2f} "
            f"to {words.with_interval(said['authority'][1], 2)}, "
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
    return [
        *out,
        "Above 1 each exit brings more than one further exit, and desertion feeds on itself until something changes.",
    ]


def pressures(readings: list[spread.Record]) -> list[str]:
    """Which gauges stand at 1½ or more."""
    out = []
    for side in dict.fromkeys(r["side"] for r in readings):
        worst = [r for r in readings if r["side"] == side and r["moment"] == "worst"]
        high = [f"{r['gauge']} ({r['middle']:.1f})" for r in worst if r["middle"] >= _EXTREME]
        low = [r["gauge"] for r in worst if r["middle"] < _ABSENT]
        said = f"{words.listed(high)} reach" if high else "no pressure reaches"
        out.append(
            f"{side}: {said} {_EXTREME} or more of 2 at the worst"
            + (f"; hardly felt: {words.listed(low)}." if low else ".")
        )
    essay = sum(gauge.essay for gauge in gauges.GAUGES)
    return [
        *out,
        f"The first {essay} are the essay's, the other {len(gauges.GAUGES) - essay} history's. They do not add up to "
        "an index: on past armies their plain sum hardly tells those that broke from those that held.",
    ]


_EXITS = {
    "killed": "killed", "deserted": "deserted", "surrendered": "surrendered",
    "refused": "refusals to attack (man-days)",
    "evaded": "evaded the call-up", "fled": "fled abroad", "returned": "came back",
}  # fmt: skip

_EXTREME, _ABSENT = 1.5, 0.25
"""Gauge readings from which a pressure is called out, and under which it hardly presses."""


def _sides(data: xr.Dataset) -> list[str]:
    return [str(s) for s in data.side.values]
