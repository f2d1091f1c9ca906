"""Early warning as files: JSON, tables, figures and a page. [IO]"""

from __future__ import annotations

import datetime as dt
import functools
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from holdfast.core import runtime
from holdfast.early_warning import skill
from holdfast.early_warning.absence_table import AbsenceSeries
from holdfast.early_warning.result import EarlyWarning, SignalNow
from holdfast.early_warning.signals import SIGNALS
from holdfast.early_warning.skill import CALM, CLASSES, EARLY_WEEKS, GATHERING, NOMINAL, SHOCK, Skill, Skills
from holdfast.io import files
from holdfast.present import charts, html, vega
from holdfast.present.charts import FAINT, INK, UNKNOWN, YES, Record
from holdfast.present.text import number, share_with_ends
from holdfast.stats.intervals import Estimate

if TYPE_CHECKING:
    import altair as alt

PAGE = "warning.html"
WIDTH = 780
"""Of a chart's plane [px]."""
COLOURS = {
    "rate": "#1b1b1b", "reproduction": "#0072B2", "autocorrelation": "#D55E00", "variance": "#009E73", "spread": "#AA4499",
    "recovery": "#B8860B",
}  # fmt: skip
"""Of the signals: apart for colour-blind readers, after Okabe and Ito."""
LINE = "#0072B2"
CAPTIONS = {
    "reproduction": "Exits and R_d", "signals": "The other signals", "roc": "What each signal is worth: ROC curves",
    "skill": "Alarms before a break, and where none came",
}  # fmt: skip
LARGEST_SHOWN = 4.0
"""R_d above this is cut off the chart."""
PERCENT = "format(datum.value, '.0%')"


def figures(result: EarlyWarning) -> dict[str, Callable[[], alt.TopLevelMixin]]:
    """The figures of an early warning.

    Args:
        result: the result.

    Returns:
        What draws each, by name.
    """
    return vega.in_altair(_drawings(result))


def _drawings(result: EarlyWarning) -> dict[str, Callable[[], charts.Chart]]:
    """What draws each figure, by the stem of its file."""
    every = {
        "reproduction": functools.partial(_reproduction, result), "signals": functools.partial(_signals, result),
        "roc": functools.partial(_roc, _measured(result)), "skill": functools.partial(_skill, _measured(result)),
    }  # fmt: skip
    others = any(np.isfinite(of.value).any() for name, of in result.signals.items() if name != "reproduction")
    return {name: draw for name, draw in every.items() if name != "signals" or others}


# --- The series.


def _reproduction(result: EarlyWarning) -> charts.Chart:
    """Exits above, R_d with its band and the line at 1 below."""
    series, of, last = result.series, result.signals["reproduction"], result.last
    title = "R_d cannot be had at the last period"
    if math.isfinite(of.value[last]):
        title = f"R_d {of.value[last]:.2f} ({of.low[last]:.2f} to {of.high[last]:.2f}) in {series.when(last)}"
    more = ""
    if result.engine is not None:
        more = " Dashed: R_d as the engine knows it, without exits for reasons of one's own."
    if gaps := int(np.isnan(series.counts).sum()):
        more += f" {gaps} {series.interval}{'s are' if gaps > 1 else ' is'} not known and {'stay' if gaps > 1 else 'stays'} so."
    return charts.titled(
        vega.vconcat(_exits(series), _number_with_band(result), spacing=14), title,
        f"Grey: exits. Blue: further exits that one exit causes, by the renewal equation, from each {series.interval} and the past "
        f"alone, with 90%; every exit counts as caused by earlier ones.{more}",
    )  # fmt: skip


def _exits(series: AbsenceSeries) -> charts.Chart:
    """Bars of the counts; none where one is not known."""
    bars: list[Record] = [
        {"day": start.isoformat(), "absent": float(count)}
        for start, count in zip(series.starts, series.counts, strict=True)
        if math.isfinite(count)
    ]
    wide = max(1.0, min(14.0, 0.7 * WIDTH / len(series)))
    chart = vega.chart(charts.rows(bars)).mark("bar", color=FAINT, width=wide)
    return chart.encode(
        x=_across(series), y=vega.field("absent:Q", title=f"exits a {series.interval}", axis=dict(tickCount=4, **charts.MEN)),
        tooltip=[vega.field("day:T", title=series.interval), vega.field("absent:Q", title="exits")],
    ).properties(width=WIDTH, height=120)  # fmt: skip


def _number_with_band(result: EarlyWarning) -> charts.Chart:
    """R_d with its band, and the engine's own where there is one."""
    series, of = result.series, result.signals["reproduction"]
    days = [start.isoformat() for start in series.starts]
    top = min(LARGEST_SHOWN, max(2.0, float(np.nanmax(np.append(of.high, 0)))))
    band = _runs_of(days, {"middle": of.value, "low": of.low, "high": of.high}, top)
    scale = dict(domain=[0, top], clamp=True)
    base = vega.chart().encode(x=_across(series))
    y = lambda name: vega.field(f"{name}:Q", title="R_d with 90%", scale=scale)  # noqa: E731
    tips = [vega.field(f"{name}:Q", format=".2f") for name in ("low", "middle", "high")]
    layers = [
        base.mark("area", color=LINE, opacity=0.2).encode(y=y("low"), y2="high:Q"),
        base.mark("line", color=LINE, strokeWidth=2.2).encode(
            y=y("middle"), tooltip=[vega.field("day:T", title=series.interval), *tips]
        ),
        *_line_at_1(),
    ]
    if result.engine is not None:
        for row, own in zip(band, result.engine, strict=True):
            row["engine"] = float(min(own, top))
        layers.append(base.mark("line", color=YES, strokeDash=[4, 3], strokeWidth=1.6).encode(y=y("engine")))
    return vega.layer(*layers, data=charts.rows(band)).properties(width=WIDTH, height=190)


def _line_at_1() -> list[charts.Chart]:
    """The line at which exits keep their number, its name readable over the band."""
    line, name = charts.rule(1.0, "1: exits keep their number")
    encoding = name.spec["encoding"]
    text = vega.chart().once().encode(**encoding)
    return [line, *charts.halo(text, FAINT, align="left", dy=-6, fontSize=11)]


def _across(series: AbsenceSeries) -> Record:
    """Dates along the bottom, the same in all panels: from the first period to the end of the last."""
    ends = [dt.datetime.combine(day, dt.time(), dt.UTC).timestamp() * 1000
            for day in (series.starts[0], series.starts[-1] + dt.timedelta(days=series.days))]  # fmt: skip
    axis = charts.day_axis()
    return axis | {"scale": {**axis["scale"], "domain": ends, "padding": 0}}


def _runs_of(days: list[str], columns: Mapping[str, np.ndarray], top: float = math.inf) -> list[Record]:
    """Rows of a line that has gaps: what is not known stands as nothing, so that the line breaks there."""
    rows: list[Record] = []
    for place, day in enumerate(days):
        cells = {name: float(values[place]) for name, values in columns.items()}
        rows.append(
            {"day": day} | {name: min(value, top) if math.isfinite(value) else None for name, value in cells.items()}
        )
    return rows


def _signals(result: EarlyWarning) -> charts.Chart:
    """Each other signal with its band and threshold."""
    days = [start.isoformat() for start in result.series.starts]
    shown = [one for one in result.now if one.name != "reproduction" and one.name in result.signals
             and np.isfinite(result.signals[one.name].value).any()]  # fmt: skip
    panels = []
    for one in shown:
        of, about = result.signals[one.name], SIGNALS[one.name]
        rows = _runs_of(days, {"middle": of.value, "low": of.low, "high": of.high})
        top = float(np.nanmax(of.value)) * 1.6
        low = min(0.0, float(np.nanmin(of.value)) * 1.2)
        if one.skill is not None and math.isfinite(one.skill.threshold):
            top = max(top, one.skill.threshold * 1.2)
        scale = dict(domain=[low, max(top, low + 0.1)], clamp=True, nice=False)
        base = vega.chart().encode(x=_across(result.series))
        y = lambda name, scale=scale: vega.field(f"{name}:Q", title=None, scale=scale, axis=charts.small_axis(4))  # noqa: E731
        layers = [
            base.mark("area", color=COLOURS[one.name], opacity=0.18, clip=True).encode(y=y("low"), y2="high:Q"),
            base.mark("line", color=COLOURS[one.name], strokeWidth=2, clip=True).encode(y=y("middle")),
        ]
        if one.skill is not None and math.isfinite(one.skill.threshold):
            layers += charts.rule(one.skill.threshold, "")[:1]
        title = charts.panel_title(f"{about.title} [{about.unit}]", 12, 6, color=INK)
        panels.append(vega.layer(*layers, data=charts.rows(rows)).properties(width=WIDTH, height=110, title=title))
    return charts.titled(
        vega.vconcat(*panels, spacing=12), "The other signals, each from its own past alone",
        f"Line and 90%. Dashed: the threshold, which {skill.FALSE_ALARM:.0%} of the simulated armies of {result.men:,} men that "
        "hold pass in half a year. High values warn; of recovery, low ones.",
    )  # fmt: skip


# --- What signals are worth.


def of_skills(skills: Skills, interval: str, men: int) -> dict[str, charts.Chart]:
    """ROC curves and alarms of what was measured, without a series.

    Args:
        skills: what was measured.
        interval: `week` or `month`.
        men: of the armies.

    Returns:
        The charts, by the stems of their files.
    """
    every = tuple(one for name in SIGNALS if (one := skills.find(name, interval, men)) is not None)
    return {"roc": _roc(every), "skill": _skill(every)}


def _measured(result: EarlyWarning) -> tuple[Skill, ...]:
    """What was measured of the signals of a series."""
    return tuple(one.skill for one in result.now if one.skill is not None)


def _roc(every: tuple[Skill, ...]) -> charts.Chart:
    """ROC curves of every signal, a panel for breaks that gather and one for shocks."""
    panels = []
    for kind in (GATHERING, SHOCK):
        rows: list[Record] = []
        names: list[str] = []
        drawn = [one for one in every if one.breaks[kind].roc]
        for one in drawn:
            of = one.breaks[kind]
            name = f"{SIGNALS[one.signal].title}: {of.auc.value:.2f} ({of.auc.low:.2f}–{of.auc.high:.2f})"
            names.append(name)
            rows += [{"signal": name, "false": false, "detected": hit, "order": place}
                     for place, (false, hit) in enumerate(of.roc)]  # fmt: skip
        colours = [COLOURS[one.signal] for one in drawn]
        legend = dict(orient="bottom", columns=1, symbolType="stroke", symbolStrokeWidth=3, labelLimit=340,
                      title="area under the curve, 90%")  # fmt: skip
        colour = vega.field("signal:N", scale=dict(domain=names, range=colours), sort=names, legend=legend)
        axis = dict(labelExpr=PERCENT, tickCount=5)
        line = vega.chart(charts.rows([{"a": 0, "b": 1}])).mark("rule", color=charts.GUIDE, strokeDash=[4, 4]).encode(
            x=vega.field("a:Q", scale=dict(domain=[0, 1])), x2="b:Q", y=vega.field("a:Q", scale=dict(domain=[0, 1])), y2="b:Q"
        )  # fmt: skip
        curve = vega.chart(charts.rows(rows)).mark("line", strokeWidth=2).encode(
            x=vega.field("false:Q", title="armies that held with an alarm", axis=axis, scale=dict(domain=[0, 1])),
            y=vega.field("detected:Q", title="armies that broke with an early alarm", axis=axis, scale=dict(domain=[0, 1])),
            color=colour, order=vega.field("order:Q"),
        )  # fmt: skip
        many = max((one.breaks[kind].armies for one in every), default=0)
        title = charts.panel_title(f"{CLASSES[kind].capitalize()} ({many} armies)", 12, 8, color=INK)
        panels.append(vega.layer(line, curve).properties(width=350, height=350, title=title))
    held, men, interval = every[0].held, every[0].men, every[0].interval
    areas = {
        kind: [one.breaks[kind].auc.value for one in every if math.isfinite(one.breaks[kind].auc.value)]
        for kind in (GATHERING, SHOCK)
    }
    spans = {
        kind: f"{min(each, default=math.nan):.2f} to {max(each, default=math.nan):.2f}" for kind, each in areas.items()
    }
    early = f"at least {EARLY_WEEKS} weeks before the break"
    return charts.titled(
        vega.hconcat(*panels, spacing=50).resolve_scale(color="independent"),
        f"Area {spans[GATHERING]} where pressures gather, {spans[SHOCK]} before a shock",
        f"Simulated armies of {men:,} men, counted by {interval}, watched for half a year; {held} held. Left: "
        f"the greatest value {early}; right: before the shock begins. On the dashed line a signal is worth nothing.",
    )  # fmt: skip


def _skill(every: tuple[Skill, ...]) -> charts.Chart:
    """Shares of armies with an alarm: where they held, and before breaks of each kind."""
    what = {
        "held": ("false alarms: armies that held", UNKNOWN, "circle"),
        GATHERING: (f"{CLASSES[GATHERING]}, {EARLY_WEEKS} weeks before", YES, "diamond"),
        SHOCK: (CLASSES[SHOCK], "#E3A500", "square"),
        CALM: (CLASSES[CALM], "#2B8C96", "triangle-up"),
    }  # fmt: skip
    rows: list[Record] = []
    for one in every:
        shares = {"held": one.false_alarm} | {
            kind: of.early if kind == GATHERING else of.detection for kind, of in one.breaks.items() if of.armies
        }
        rows += [{"signal": SIGNALS[one.signal].title, "what": what[kind][0], "share": of.value, "low": of.low, "high": of.high}
                 for kind, of in shares.items()]  # fmt: skip
    order = [SIGNALS[one.signal].title for one in every]
    names = [each[0] for each in what.values()]
    colour = vega.field("what:N", title=None, scale=dict(domain=names, range=[each[1] for each in what.values()]),
                        legend=dict(columns=2, labelLimit=360))  # fmt: skip
    shape = vega.field(
        "what:N", title=None, scale=dict(domain=names, range=[each[2] for each in what.values()]), legend=None
    )
    axis = dict(labelExpr=PERCENT, tickCount=6)
    base = vega.chart(charts.rows(rows)).encode(
        y=vega.field("signal:N", sort=order, title=None, axis=dict(labelLimit=220, labelPadding=12, ticks=False, domain=False)),
        yOffset=vega.field("what:N", sort=names, scale=dict(domain=names)), color=colour,
    )  # fmt: skip
    x = vega.field(
        "share:Q", title="share of armies with an alarm in half a year", axis=axis, scale=dict(domain=[0, 1])
    )
    chart = vega.layer(
        base.mark("rule", strokeWidth=1.8).encode(x=vega.field("low:Q", scale=dict(domain=[0, 1])), x2="high:Q"),
        base.mark("point", filled=True, size=70, opacity=1).encode(x=x, shape=shape,
            tooltip=["signal:N", "what:N", vega.field("share:Q", format=".0%")]),
    ).properties(width=WIDTH - 190, height=62 * len(order))  # fmt: skip
    return charts.titled(
        chart, "At thresholds that a tenth of the armies that hold pass in half a year",
        f"Fixed on one half of the simulated armies of {every[0].men:,} men, measured on the other; bars: 90% (Wilson).",
    )  # fmt: skip


# --- Files, page, notebook.


def save(result: EarlyWarning, folder: Path, *, figures: bool = False) -> Path:
    """Write `warning.json`, tables, figures and a page into a folder, whole or not at all.

    Args:
        result: the result.
        folder: where.
        figures: whether to write the figures as SVG and PNG files too; the page draws its own.

    Returns:
        The page's path.
    """
    plain: Record = result.to_dict()
    specs = {stem: draw().to_dict() for stem, draw in _drawings(result).items()}
    with files.folder(folder, optional=("figures", "runs.csv")) as fresh:
        files.write_json(fresh / "warning.json", plain)
        files.write_table(fresh / "series.csv", plain["series"])
        files.write_table(fresh / "signals.csv", [_flat(one) for one in result.now])
        if result.runs:
            runs = [{"run": one.run, "broke": one.broke, **one.lead} for one in result.runs]
            files.write_table(fresh / "runs.csv", runs)
        if figures:
            charts.save_all(specs, fresh / "figures")
        files.write_text(fresh / PAGE, _page(result, specs))
    return folder / PAGE


def _flat(one: SignalNow) -> Record:
    """A signal now as a row."""
    row: Record = {
        "signal": one.name, "value": one.now.value, "low": one.now.low, "high": one.now.high, "alarm": one.alarm,
        "since": one.since, "missing": one.missing,
        "threshold": one.skill.threshold if one.skill else None,
        "false_alarm": one.skill.false_alarm.value if one.skill else None,
    }  # fmt: skip
    for kind in CLASSES:
        of = one.skill.breaks[kind] if one.skill else None
        row |= {
            f"{kind}_detection": of.detection.value if of else None, f"{kind}_early": of.early.value if of else None,
            f"{kind}_lead_weeks": of.lead[1] if of else None, f"{kind}_auc": of.auc.value if of else None,
        }  # fmt: skip
    return row


def value(of: Estimate, unit: str = "") -> str:
    """A value with its interval.

    Args:
        of: the estimate.
        unit: after it.

    Returns:
        As `1.24 (0.90 to 1.61)`; a dash where it is not known.
    """
    if not math.isfinite(of.value):
        return "–"
    middle, low, high = (number(each, 3) for each in (of.value, of.low, of.high))
    return f"{middle} ({low} to {high}){unit}"


def share(of: Estimate) -> str:
    """A share with its interval.

    Args:
        of: the share.

    Returns:
        As `21% (13–32)`; a dash where there is none.
    """
    return share_with_ends(of.value, of.low, of.high) if math.isfinite(of.value) else "–"


def lead(quartiles: tuple[float, float, float]) -> str:
    """A lead time.

    Args:
        quartiles: of the leads [weeks].

    Returns:
        As `6 (4–10)`; a dash where there is none.
    """
    low, middle, high = quartiles
    return f"{middle:.0f} ({low:.0f}–{high:.0f})" if math.isfinite(middle) else "–"


def threshold(of: Skill) -> str:
    """A threshold.

    Args:
        of: the skill that it is from.

    Returns:
        As `> 1.50`, or `low end > 1.27` where the lower end of the interval is held against it; a dash where there is none.
    """
    about = SIGNALS[of.signal]
    what = f"{'low end ' if about.by_low_end else ''}{'<' if about.low_warns else '>'}"
    return f"{what} {number(of.threshold, 3)}" if math.isfinite(of.threshold) else "–"


def state(one: SignalNow) -> str:
    """Whether a signal gives an alarm, in words.

    Args:
        one: the signal now.

    Returns:
        As `ALARM since 4 Mar 2024`, `quiet`, or why there is no value.
    """
    if one.missing:
        return one.missing
    if one.alarm is None:
        return "no threshold was measured"
    return f"ALARM since {one.since:%-d %b %Y}" if one.alarm else "quiet"


def trend_words(result: EarlyWarning) -> list[str]:
    """What Kendall's tau says, and how often it is wrong.

    Args:
        result: the result.

    Returns:
        A sentence for each signal that it is tried on.
    """
    words = []
    for one in result.trends:
        if one.skill is None:
            continue
        title = SIGNALS[one.name].title
        chance = "< 0.001" if one.p < 0.001 else f"= {one.p:.3f}"
        now = f"tau {one.tau:+.2f}, p {chance}".replace("-", "−") if math.isfinite(one.tau) else "too few values"
        words.append(
            f"Kendall's tau of the {title}: {now}. It is no test: at its nominal {NOMINAL:.0%} it finds a rise in "
            f"{share(one.skill.false_alarm)} of the {one.skill.held} simulated armies that hold."
        )
    return words


def runs_words(result: EarlyWarning) -> list[Record]:
    """How each signal did in the runs of a simulation.

    Args:
        result: the result.

    Returns:
        A row a signal: runs that broke and held, in how many each alarmed, and the median lead; none without runs.
    """
    broke, held = ([one for one in result.runs if (one.broke is not None) is so] for so in (True, False))
    rows: list[Record] = []
    for name in list(result.runs[0].lead) if result.runs else ():
        leads = [one.lead[name] for one in broke if math.isfinite(one.lead[name])]
        false = sum(math.isfinite(one.lead[name]) for one in held)
        rows.append({
            "signal": SIGNALS[name].title, "broke": f"{len(leads)} of {len(broke)}", "held": f"{false} of {len(held)}",
            "lead": f"{np.median(leads):.0f}" if leads else "–",
        })  # fmt: skip
    return rows


def in_html(result: EarlyWarning) -> str:
    """An early warning in short, as HTML for a notebook.

    Args:
        result: the result.

    Returns:
        Its title, what the signals say, and the signals.
    """
    rows = [
        {"signal": SIGNALS[one.name].title, "now": value(one.now), "says": state(one),
         "false alarms": share(one.skill.false_alarm) if one.skill else "–"}
        for one in result.now
    ]  # fmt: skip
    return html.in_short(result.title, [result.headline, result.no_warning], rows)


def _page(result: EarlyWarning, specs: Mapping[str, Record]) -> str:
    """The page as text."""
    rows = []
    for one in result.now:
        about, of = SIGNALS[one.name], one.skill
        limit = "–" if of is None else threshold(of)
        rows.append({
            "name": about.title, "unit": about.unit, "meaning": about.meaning, "now": value(one.now), "state": state(one),
            "alarm": bool(one.alarm), "threshold": limit, "false": share(of.false_alarm) if of else "–",
            "kinds": [
                {"early": share(of.breaks[kind].early if kind == GATHERING else of.breaks[kind].detection),
                 "lead": lead(of.breaks[kind].lead)} if of else {"early": "–", "lead": "–"}
                for kind in CLASSES
            ],
        })  # fmt: skip
    return html.charts_page(
        "warning.html.j2", specs, title=result.title, headline=result.headline, shocks=result.no_warning,
        facts=[f"skill measured on simulated armies of {result.men:,} men, {result.size}", f"Holdfast {runtime.version()}"],
        rows=rows, kinds=list(CLASSES.values()), early=EARLY_WEEKS, trends=trend_words(result), notes=result.series.notes,
        runs=runs_words(result), figures=[(stem, CAPTIONS[stem]) for stem in specs],
    )  # fmt: skip
