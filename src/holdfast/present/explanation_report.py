"""An explanation in words, tables, figures and a page. [IO]"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from holdfast.coded_armies.army import ESSAY
from holdfast.coded_armies.codebook import PROVENANCE
from holdfast.core import runtime
from holdfast.explanation import game
from holdfast.explanation.pressures import ramp_days
from holdfast.explanation.result import OUTCOMES, Explanation
from holdfast.explanation.sets import NECESSARY
from holdfast.io import files
from holdfast.present import charts, explanation_figures, html, text, vega
from holdfast.present.explanation_figures import WORDS, chance_of
from holdfast.stats.intervals import wilson

if TYPE_CHECKING:
    import altair as alt

PAGE = "explanation.html"
MATTERS = 0.05
"""Shapley value of a chance below which a pressure adds little [1]."""
Z90 = 1.645


def figures(result: Explanation) -> dict[str, Callable[[], alt.TopLevelMixin]]:
    """The figures of an explanation.

    Args:
        result: the explanation.

    Returns:
        What draws each, by name.
    """
    return vega.in_altair(explanation_figures.drawings(result))


def reading(result: Explanation) -> list[str]:
    """What the numbers say, in plain sentences.

    Args:
        result: the explanation.

    Returns:
        The sentences; each follows from the numbers by a rule.
    """
    return [
        *_where_it_stands(result), *_what_matters(result), *_what_suffices(result), *_ways(result), *_essay(result),
        *_beyond(result),
    ]  # fmt: skip


def _p(values: np.ndarray) -> str:
    """A chance with its 90 % interval, of runs with or without the outcome."""
    here = values[np.isfinite(values)]
    low, high = wilson(int(here.sum()), len(here))
    return f"{here.mean():.2f} ({low:.2f} to {high:.2f})"


def _where_it_stands(result: Explanation) -> Iterator[str]:
    """Today, and the two ends."""
    what = f"{chance_of(result)} within {result.days} days"
    if result.push is not None:
        again = result.reproduction()
        assert again is not None
        yield (
            f"As the scenario stands, {what} is {_p(result.push.worths[result.outcome][0])}. In the first month one exit causes "
            f"{again['p50']:.2f} ({again['p05']:.2f} to {again['p95']:.2f}) further exits."
        )
    calm, extreme = result.ends(result.outcome)
    both = ("all calm", "all extreme") if result.by == "pressures" else ("none of them on", "all on")
    yield f"With the {len(result.players)} {result.by} {both[0]} it is {_p(calm)}; with {both[1]} {_p(extreme)}."


def _with_error(value: float, error: float) -> str:
    """`+0.46 ± 0.03`."""
    return f"{text.signed(value, 2)} ± {error:.2f}"


def _what_matters(result: Explanation) -> Iterator[str]:
    """Shapley values: who adds, who adds little, who holds; and the strongest pair."""
    values, errors = result.shapley(result.outcome)
    titles = [player.title for player in result.players]
    order = np.argsort(-values, kind="stable")
    strong = [
        f"{titles[i]} ({_with_error(values[i], errors[i])})" for i in order if values[i] - Z90 * errors[i] > MATTERS
    ]
    holds = [
        f"{titles[i]} ({_with_error(values[i], errors[i])})" for i in order if values[i] + Z90 * errors[i] < -MATTERS
    ]
    little = [titles[i] for i in order if abs(values[i]) + Z90 * errors[i] < MATTERS]
    if strong:
        yield f"What adds to it: {text.listed(strong)}."
    if holds:
        yield f"What takes away from it: {text.listed(holds)}."
    if little:
        yield f"Less than {MATTERS:g} either way, at 90%: {text.listed(little)}."
    if not strong and not holds:
        yield f"Nothing that was played moves it by more than {MATTERS:g} for sure."
    pairs = result.interactions(result.outcome)
    named = {player.name: player.title for player in result.players}
    if pairs and abs(pairs[0][2]) - Z90 * pairs[0][3] > MATTERS:
        one, other, value, error = pairs[0]
        how = "each makes the other stronger" if value > 0 else "one does what the other would do"
        yield f"The strongest pair is {named[one]} with {named[other]} ({_with_error(value, error)}): {how}."


def _what_suffices(result: Explanation) -> Iterator[str]:
    """Sufficient sets and necessary pressures."""
    if not result.exact:
        yield "Not all combinations were run, so nothing is said of sets that suffice: name at most nine with --of."
        return
    named = {player.name: player.title for player in result.players}
    many = len(result.sufficient_sets)
    if many and not result.sufficient_sets[0].pressures:
        first = result.sufficient_sets[0]
        off = "all of them calm" if result.by == "pressures" else "none of them on"
        yield f"It needs none of them: with {off} the chance is {first.p:.2f} ± {first.se:.2f} already."
    elif not many:
        yield f"No combination of them reaches {result.level:.2f}."
    else:
        first = result.sufficient_sets[0]
        names = text.listed([named[name] for name in first.pressures])
        each = "one minimal set suffices" if many == 1 else f"{many} minimal sets suffice, the smallest"
        yield (
            f"At {result.level:.2f} or more {each}: {names}, the others calm (P {first.p:.2f} ± {first.se:.2f}; consistency "
            f"{first.consistency:.2f}, coverage {first.coverage:.2f}; sufficient in {first.sure:.0%} of resamples of the draws)."
        )
    necessary = [one for one in result.necessity if one.p05 >= NECESSARY]
    if necessary:
        rows = [f"{named[one.pressure]} ({one.consistency:.2f}, {one.p05:.2f} to {one.p95:.2f})" for one in necessary]
        yield f"Close to necessary, by consistency: {text.listed(rows)}."
    elif many:
        yield f"None of them is necessary at a consistency of {NECESSARY:g}."


def _ways(result: Explanation) -> Iterator[str]:
    """The cheapest way to break, the cheapest to hold, the smallest push."""
    named = {player.name: player.title for player in result.players}
    way = result.cheapest_break
    if way and way.pressures:
        names = text.listed([named[name] for name in way.pressures])
        yield f"The fewest that break half of the runs: {names} (P {way.p:.2f} ± {way.se:.2f})."
    way = result.cheapest_hold
    if way and way.pressures:
        names = text.listed([named[name] for name in way.pressures])
        yield f"With all others extreme the army holds if these are calm: {names} (P {way.p:.2f} ± {way.se:.2f})."
    if result.push is not None:
        half = result.push.half(result.outcome, result.seed)
        way_to = "extreme" if result.push.shares[-1] > 0 else "calm"
        if half is None:
            yield f"Pushed together all the way to {way_to}, half of the runs are not carried over."
        else:
            end = f"{half[1]:.2f} to {half[2]:.2f}" if np.isfinite(half[2]) else f"{half[1]:.2f} or more"
            yield f"All pushed from where they stand, {half[0]:.2f} of the way to {way_to} carries half of the runs over ({end})."


def _essay(result: Explanation) -> Iterator[str]:
    """Whether the essay's five suffice, and where the numbers contradict it."""
    if result.by != "pressures" or not result.exact or not set(ESSAY) <= set(result.names):
        return
    number = sum(1 << i for i, name in enumerate(result.names) if name in ESSAY)
    worth = result.worths[result.outcome][number]
    p = float(np.nanmean(worth))
    rest = "the rest as the scenario has it" if len(result.players) == len(ESSAY) else "the other four calm"
    verdict = "suffice" if p >= result.level else "do not suffice"
    yield f"The essay's five at their extreme, {rest}, {verdict} for {result.side_title}: {_p(worth)}."
    values, errors = result.shapley(result.outcome)
    against = [
        f"{player.title} ({_with_error(value, error)})"
        for player, value, error in zip(result.players, values, errors, strict=True)
        if player.name in ESSAY and value + Z90 * error < MATTERS
    ]
    if against and len(against) < len(ESSAY):
        yield f"Against the essay: of its five, {text.listed(against)} add{'s' if len(against) == 1 else ''} next to nothing here."


def _beyond(result: Explanation) -> Iterator[str]:
    """What the pressures add that the essay leaves out; nothing unless they are played beside all of its five."""
    others = [i for i, name in enumerate(result.names) if name not in ESSAY]
    if not (others and result.by == "pressures" and result.exact and set(ESSAY) <= set(result.names)):
        return
    worth = result.worths[result.outcome]
    weights = game.shapley_weights(len(result.players))
    values, errors = result.shapley(result.outcome)
    parts = [i not in others for i in range(len(result.players))], [i in others for i in range(len(result.players))]
    five, four = (game.indices(weights[part].sum(axis=0, keepdims=True), worth) for part in parts)
    order = sorted(others, key=lambda i: -values[i])
    each = text.listed([f"{result.players[i].title} ({_with_error(values[i], errors[i])})" for i in order])
    yield (
        f"What the essay leaves out adds {_with_error(four[0][0], four[1][0])}, its five {_with_error(five[0][0], five[1][0])}: "
        f"{each}. With the five calm and these extreme it is {_p(worth[sum(1 << i for i in others)])}."
    )
    yield from _one_at_a_time(result)
    calm, _ = result.ends(result.outcome)
    here = calm[np.isfinite(calm)]
    if wilson(int(here.sum()), len(here))[0] > MATTERS:
        yield (
            f"With all {len(result.players)} calm it still comes in {here.mean():.2f}: what is not played (resolve, coercion, all "
            f"else), or the {ramp_days()} days until they are calm, is enough for that."
        )


def _one_at_a_time(result: Explanation) -> Iterator[str]:
    """Which single pressures move the outcome from where the scenario stands, the strongest first."""
    if result.push is None:
        return
    named = {player.name: player.title for player in result.players}
    now = result.push.worths[result.outcome][0]
    moves = []
    for one in result.singles:
        change, error = (float(each[0]) for each in game.mean_and_error((one.worths[result.outcome] - now)[None]))
        if abs(change) - Z90 * error > MATTERS:
            moves.append((abs(change), f"{named[one.pressure]} {_to(one.share)} ({_with_error(change, error)})"))
    words = [word for _, word in sorted(moves, reverse=True)]
    if words:
        yield f"One at a time, from where the scenario stands, it is moved by {text.listed(words)}."
    else:
        yield f"One at a time, from where the scenario stands, none moves it by more than {MATTERS:g} for sure."


def _to(share: float) -> str:
    """Where a pressure is put."""
    return "at its extreme" if share > 0 else "calmed"


LEVELS = {
    "pressures": "Levels are those that a historian's codes 0 and 2 stand for, reached over two months; they are conventions, and "
    "another level would give another answer.",
    "effects": "Effects are on from the second day to the end, at their ordinary strength, each as if it could be had alone.",
}  # fmt: skip
"""What is done to the army, by what is played."""
CAVEATS = (
    "Pressures are put one by one as if each could be set alone; in a war they come together.",
    "The parameters were learnt from coded armies, without the wars that are run here. " + PROVENANCE,
)
"""What stands beside every explanation."""


def table(result: Explanation) -> list[dict[str, str]]:
    """A row for each player.

    Args:
        result: the explanation.

    Returns:
        Cells by heading: the Shapley value of every outcome.
    """
    columns = {outcome: result.shapley(outcome) for outcome in OUTCOMES}
    rows = []
    for i in np.argsort(-columns[result.outcome][0], kind="stable"):
        cells = {
            WORDS[name]: _cell(values[i], errors[i], 1 if name == "exits" else 2)
            for name, (values, errors) in columns.items()
        }
        rows.append({"": result.players[i].title} | cells)
    for head, place in (
        ("none" if result.by == "effects" else "all calm", 0),
        ("all" if result.by == "effects" else "all extreme", 1),
    ):
        cells = {}
        for name in OUTCOMES:
            value, error = result.worth_of_ends(name)[place]
            places = 1 if name == "exits" else 2
            cells[WORDS[name]] = f"{value:.{places}f} ± {error:.{places}f}"
        rows.append({"": head} | cells)
    return rows


def _cell(value: float, error: float, places: int) -> str:
    """A value with its sign and standard error."""
    return f"{text.signed(float(value), places)} ± {error:.{places}f}"


def set_rows(result: Explanation) -> list[dict[str, str]]:
    """A row for each sufficient set.

    Args:
        result: the explanation.

    Returns:
        Cells by heading.
    """
    named = {player.name: player.title for player in result.players}
    return [
        {"": " + ".join(named[name] for name in one.pressures) or "(none)", "P": f"{one.p:.2f} ± {one.se:.2f}",
         "consistency": f"{one.consistency:.2f}", "coverage": f"{one.coverage:.2f}", "sure": f"{one.sure:.0%}"}
        for one in result.sufficient_sets
    ]  # fmt: skip


def save(result: Explanation, folder: Path, *, figures: bool = False) -> Path:
    """Write `explanation.json`, tables, figures and a page into a folder, whole or not at all.

    Args:
        result: the explanation.
        folder: where.
        figures: whether to write the figures as SVG and PNG files too; the page draws its own.

    Returns:
        The page's path.
    """
    plain = result.to_dict()
    specs = {stem: draw().to_dict() for stem, draw in explanation_figures.drawings(result).items()}
    with files.folder(folder, optional=("figures",)) as fresh:
        files.write_json(fresh / "explanation.json", plain)
        files.write_table(fresh / "shapley.csv", [dict(row) for row in result.rows()])
        if result.exact:
            rows = [{"on": " ".join(row["on"]), "p": row["p"], "se": row["se"]} for row in plain["coalitions"]]  # type: ignore[index, attr-defined]
            files.write_table(fresh / "coalitions.csv", rows)
        if figures:
            charts.save_all(specs, fresh / "figures")
        files.write_text(fresh / PAGE, _page(result, specs))
    return folder / PAGE


def title(result: Explanation) -> str:
    """What an explanation is of.

    Args:
        result: the explanation.

    Returns:
        A heading.
    """
    return f"What would break {result.side_title}: {result.title}"


def _page(result: Explanation, specs: dict[str, charts.Record]) -> str:
    """The page as text."""
    grain = f"{result.men_per_billet} men a billet"
    facts = [
        f"{result.days} days",
        f"{result.draws} draws",
        grain,
        f"seed {result.seed}",
        f"Holdfast {runtime.version()}",
    ]
    return html.charts_page(
        "explanation.html.j2", specs, title=title(result), reading=reading(result), facts=facts,
        caveats=(LEVELS[result.by], *CAVEATS),
        shapley=table(result), sets=set_rows(result), chance=chance_of(result),
        figures=explanation_figures.captions(specs),
    )  # fmt: skip


def in_html(result: Explanation) -> str:
    """An explanation in short, as HTML for a notebook.

    Args:
        result: the explanation.

    Returns:
        Its title, what it says, and a row for each player.
    """
    return html.in_short(title(result), reading(result), table(result))
