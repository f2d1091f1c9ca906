"""The studies that a page may ask for: what breaks an army, losses, the backtest, an army, a forecast. [IO]

Each function carries one request out in a process of its own (`job_process`), by the public verb, and leaves the result as
`save` does in the job's folder.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from holdfast.app import door
from holdfast.app.coding import Coding
from holdfast.app.door import Request, ScenarioText, Seed, Word
from holdfast.app.job_process import Say, progress_of
from holdfast.app.jobs import FINISHED
from holdfast.core.faults import Fault, unknown
from holdfast.core.results import Result
from holdfast.io import files

QUICK_BILLETS = 900
"""Billets of both armies in a quick look, filled, at most: a fourth of what `explain` takes by itself."""
DOWNLOADS = (".json", ".csv", ".nc")
"""Endings of files that a page offers."""


class Explaining(Request):
    """What would break an army."""

    scenario: ScenarioText
    side: Word | None = None
    """Name of the army; the first side unless given."""
    play: Literal["five", "nine", "effects"] = "five"
    outcome: Literal["collapse", "mass_desertion", "breaks"] = "collapse"
    grain: Literal["quick", "usual"] = "quick"
    """`quick`: at most `QUICK_BILLETS` billets; `usual`: as `explain` does it."""
    draws: Annotated[int, Field(ge=64, le=1024)] = 64
    """Draws at most."""
    precision: Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)] = 0.02
    """Standard error that every value is to reach, if the draws suffice [1]."""
    days: Annotated[int, Field(ge=1, le=3650)] | None = None
    """Length of a run; the scenario's own unless given [d]."""
    phase: bool = True
    """Whether the two strongest pressures are also run in steps."""
    seed: Seed = 1


def explain(request: Mapping[str, object], folder: Path, say: Say) -> dict[str, object]:
    """Explain an army.

    Args:
        request: as `Explaining`.
        folder: where the result stays.
        say: hears of the blocks done.

    Returns:
        Where its page and its files are.

    Raises:
        FaultyError: with every fault of the request and the scenario.
    """
    wanted = door.read(Explaining, request)
    from holdfast.app.war import scenario_of
    from holdfast.ensemble import designs
    from holdfast.explanation.run import explain as verb

    scenario = scenario_of(wanted.scenario)
    grain = designs.grain(scenario.document, QUICK_BILLETS) if wanted.grain == "quick" else None
    result = verb(
        scenario, side=wanted.side, by="effects" if wanted.play == "effects" else "pressures",
        of=None if wanted.play == "effects" else wanted.play, outcome=wanted.outcome, days=wanted.days,
        precision=wanted.precision, draws=wanted.draws, phase=wanted.phase, men_per_billet=grain, seed=wanted.seed,
        folder=folder / "blocks", progress=progress_of(say),
    )  # fmt: skip
    done = saved(result, folder, say)
    shutil.rmtree(folder / "blocks", ignore_errors=True)
    return done


class Reconciling(Request):
    """What was lost in a war."""

    war: Word
    """A shipped table of claims."""


def checked_war(name: str) -> str:
    """A war that claims are shipped of.

    Args:
        name: of its table.

    Returns:
        The same name; never the path of a file.

    Raises:
        RequestError: if no table of that name is shipped.
    """
    from holdfast.evidence.claims import table

    if name not in table.shipped():
        raise door.RequestError([unknown("war", name, "a shipped table of claims", table.shipped())])
    return name


def losses(request: Mapping[str, object], folder: Path, say: Say) -> dict[str, object]:
    """Reconcile the claims about a war's losses.

    Args:
        request: as `Reconciling`.
        folder: where the result stays.
        say: hears how much is done.

    Returns:
        Where its page and its files are.

    Raises:
        FaultyError: if no claims of that war are shipped.
    """
    wanted = door.read(Reconciling, request)
    from holdfast.evidence.losses import reconcile_losses

    say("progress", done=0, of=1, what="reconciling the claims")
    result = reconcile_losses(checked_war(wanted.war), fast=True, progress=progress_of(say))
    return saved(result, folder, say)


class Testing(Request):
    """Predict every coded army by the others."""


def backtest(request: Mapping[str, object], folder: Path, say: Say) -> dict[str, object]:
    """Predict every coded army by what is learnt from others.

    Args:
        request: nothing, as `Testing`.
        folder: where the result stays.
        say: hears of the work.

    Returns:
        Where its page and its files are, and `says`: the scores in short, and what is to be held against them.

    Raises:
        RequestError: if the request is not empty.
    """
    door.read(Testing, request)
    from holdfast.backtesting.run import backtest as verb
    from holdfast.coded_armies.codebook import PROVENANCE
    from holdfast.present.backtest_report import headline

    say("progress", done=0, of=1, what="weighing the draws")
    result = verb(progress=progress_of(say))
    return saved(result, folder, say) | {"says": [headline(result), PROVENANCE]}


class Assessing(Coding):
    """Run an army."""

    draws: Annotated[int, Field(ge=2, le=256)] = 32
    """Draws of the posterior under which it is run."""


def assess(request: Mapping[str, object], folder: Path, say: Say) -> dict[str, object]:
    """Run one army under draws of the posterior.

    Args:
        request: as `Assessing`.
        folder: where the result stays.
        say: hears of the runs.

    Returns:
        Where its files are, and `says`: its chances, and how its war has ended by some days.

    Raises:
        FaultyError: with every fault of the codes.
    """
    wanted = door.read(Assessing, request)
    from holdfast.assessment.run import assess as verb
    from holdfast.present.army_report import AFTER, by_day

    say("progress", done=0, of=1, what="weighing the draws")
    result = verb(dict(wanted.codes), army=wanted.army, draws=wanted.draws, progress=progress_of(say))
    chances = [
        f"{words}: {of.value:.2f} ({of.low:.2f} to {of.high:.2f})"
        for words, of in (("Chance of collapse", result.p_collapse), ("Of mass desertion", result.p_mass_desertion))
    ]
    days = [
        "By day " + "; ".join(value if head == "by day" else f"{head} {value}" for head, value in row.items())
        for row in by_day(result)
    ]
    return saved(result, folder, say) | {"says": [*chances, *days, AFTER]}


class Forecasting(Request):
    """Forecast both armies of a war."""

    scenario: Word = "russia-ukraine-2023"
    """A shipped scenario of a war with shipped claims."""
    as_of: Annotated[str, Field(pattern=r"^(today|\d{4}-\d{2}-\d{2})$")] | None = None
    """The day, or `today`; that of the shipped forecast unless given."""
    until: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None = None
    """The last day; that of the verb unless given."""
    runs: Annotated[int, Field(ge=4, le=400)] = 16
    """Runs of the engine."""
    calibrated: bool = True
    """Whether the engine's parameters are those taught by wars that had ended by then."""
    seed: Seed = 1


def forecast(request: Mapping[str, object], folder: Path, say: Say) -> dict[str, object]:
    """Forecast both armies of a war, out of nothing dated later than its day.

    Args:
        request: as `Forecasting`.
        folder: where the result stays.
        say: hears of the days done.

    Returns:
        Where its page and its files are.

    Raises:
        FaultyError: with every fault of the request.
        ForecastError: if both armies stand through the days before in no draw.
    """
    wanted = door.read(Forecasting, request)
    from holdfast.app.war import load_scenario_by_name
    from holdfast.forecasting.run import START
    from holdfast.forecasting.run import forecast as verb

    scenario = load_scenario_by_name(wanted.scenario)
    result = verb(
        wanted.as_of or START, scenario=scenario, until=wanted.until, runs=wanted.runs, calibrated=wanted.calibrated,
        seed=wanted.seed, progress=progress_of(say),
    )  # fmt: skip
    return saved(result, folder, say)


class Opening(Request):
    """Open the result that the command line named; the server fills this in, never a browser."""

    folder: str
    """Its folder on this machine."""
    changed: float
    """When it was last written [s]."""


def reopen(request: Mapping[str, object], folder: Path, say: Say) -> dict[str, object]:
    """Show a saved result again.

    Args:
        request: as `Opening`.
        folder: where its page stays.
        say: hears of the steps.

    Returns:
        Where its page and its files are.

    Raises:
        FaultyError: if nothing is there, or nothing that this release can read.
        StoreError: if it is the result of a simulation and damaged.
    """
    wanted = door.read(Opening, request)
    import holdfast
    from holdfast.present import html, run_report

    say("progress", done=0, of=1, what="reading the result")
    source = Path(wanted.folder)
    result = holdfast.open(source)
    if not isinstance(result, Result):
        raise door.RequestError(
            [Fault(wanted.folder, "no result of a verb", "a folder that save wrote", "Name another")]
        )
    film = source / run_report.PAGE
    if isinstance(result, holdfast.SimulationResult) and film.is_file():  # its film is in the report alone
        folder.mkdir(parents=True, exist_ok=True)
        for each in (each for each in source.iterdir() if each == film or each.suffix in DOWNLOADS):
            shutil.copyfile(each, folder / each.name)
        return {"page": address(folder / film.name), "files": offered(folder)}
    done = saved(result, folder, say)
    if done["page"] is None:
        page = files.write_text(folder / "result.html", html.alone(type(result).__name__, result._repr_html_()))
        done["page"] = address(page)
    return done


def saved(result: Result, folder: Path, say: Say) -> dict[str, object]:
    """Leave a result in a job's folder.

    Args:
        result: of any verb.
        folder: the job's.
        say: hears that it is being written.

    Returns:
        `page`, the address of its page where it has one, and `files`, those of its data.
    """
    say("progress", done=0, of=1, what="writing the page")
    main = result.save(folder)
    return {"page": address(main) if main.suffix == ".html" else None, "files": offered(folder)}


def address(file: Path) -> str:
    """Where a file of a job is to be had.

    Args:
        file: in the job's folder.

    Returns:
        Its address on this server.
    """
    return f"/results/{file.parent.name}/{file.name}"


def offered(folder: Path) -> list[dict[str, str]]:
    """The data that a job has left.

    Args:
        folder: the job's.

    Returns:
        Name and address of each file that a page may offer.
    """
    names = sorted(each for each in folder.iterdir() if each.suffix in DOWNLOADS and each.name != FINISHED)
    return [{"name": each.name, "address": f"{address(each)}?download"} for each in names]
