"""Scenarios and results as a user meets them: `load_scenario`, `run`, `compare`."""

from __future__ import annotations

import dataclasses
import json
import shutil
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from holdfast.core import runtime
from holdfast.ensemble import plan, processes, result, store
from holdfast.ensemble import result as ensemble_result
from holdfast.scenario import load, overrides
from holdfast.scenario.schema import ScenarioDocument

if TYPE_CHECKING:
    import xarray as xr

    from holdfast.io.film import Reel


DEFAULT_CASE = "russia-ukraine-2023"
LAST_SEED = 2**32 - 1
"""The generator takes 32 bits: a larger seed would repeat a smaller one's luck."""


@dataclasses.dataclass(frozen=True)
class Scenario:
    """A checked scenario, and what may be done with it."""

    document: ScenarioDocument

    @property
    def name(self) -> str:
        """The name in its file."""
        return self.document.name

    @property
    def hash(self) -> str:
        """What tells this case from any other: a SHA-256 of all it says."""
        return load.hash(self.document)

    def with_values(self, values: Mapping[str, Any]) -> Scenario:
        """The case with some values changed, by their dotted paths; raises `ScenarioError` naming every fault.

        >>> load_scenario("skirmish").with_values({"days": 30, "choice.present_bias": 0.9}).document.days
        30
        """
        return Scenario(overrides.with_values(self.document, dict(values), known=overrides.known()))

    def with_effects(self, *effects: str) -> Scenario:
        """The case with effects switched on from its first day: `"amnesty"`, `"winter:russia"`, `"pay_rise:ukraine:0.5"`."""
        return Scenario(overrides.with_effects(self.document, list(effects), known=overrides.known()))


def load_scenario(name_or_path: str | Path = DEFAULT_CASE) -> Scenario:
    """A shipped case by its name, or one from a file; raises `ScenarioError` naming every fault at once."""
    return Scenario(load.read(name_or_path, known=overrides.known()))


@dataclasses.dataclass(frozen=True)
class SimulationResult:
    """A finished run: its case, its dataset, its summary, and the film where one was made."""

    scenario: Scenario
    data: xr.Dataset
    """Labelled; dims run, day, side, sector, brigade, region; units and long names on every variable."""
    wall_s: float
    film: Reel | None = None

    def summary(self) -> dict[str, Any]:
        """The result in a page of numbers, as `summary.json` has them."""
        return result.summary(self.data, self.wall_s)

    def plot(self, name: str = "strength_fan") -> Any:
        """One of the report's figures as an Altair chart; `figures()` lists their names."""
        from holdfast.present import run_figures
        from holdfast.present import text as present_text

        if name not in run_figures.FIGURES:
            raise ValueError(f"no figure {name!r}; there are {', '.join(run_figures.FIGURES)}")
        return run_figures.FIGURES[name](present_text.with_names(self.data))

    def figures(self) -> list[str]:
        """Names of the figures that `plot` draws."""
        from holdfast.present import run_figures

        return [name for name in run_figures.FIGURES if run_figures.drawable(name, self.data)]


def run(
    case: Scenario | str | Path,
    runs: int = 16,
    seed: int = 1,
    *,
    men_per_billet: int | None = None,
    film: bool = False,
    workers: int | None = None,
    out: str | Path | None = None,
    resume: bool = False,
    progress: processes.Progress | None = None,
) -> SimulationResult:
    """Run a case many times and gather the runs.

    `runs` is how many; run `i` is the same whatever `runs` is. `men_per_billet` is the grain (the case's own unless
    given), `film` adds one run at the finest grain whose billets are kept day by day. With `out`, finished runs are
    kept in that folder until the whole is done, and `resume` goes on from them. Raises `ScenarioError` on a bad case,
    `holdfast.ensemble.store.StoreError` on a folder that cannot be used, `WorkerError` if a worker dies.
    """
    case = case if isinstance(case, Scenario) else load_scenario(case)
    if runs < 1:
        raise ValueError(f"runs: {runs}; at least 1")
    if not 0 <= seed <= LAST_SEED:
        raise ValueError(f"seed: {seed}; from 0 to {LAST_SEED}")
    begin = time.monotonic()
    made = make_plan(case, runs, seed, men_per_billet, film, workers)
    folder = Path(out) if out else Path(tempfile.mkdtemp(prefix="holdfast-"))
    try:
        parts = store.open_parts(folder, made, resume)
        processes.carry_out(made, parts, workers or processes.workers(), progress or (lambda *_: None))
        return _gather(case, made, parts, begin)
    finally:
        if not out:
            shutil.rmtree(folder, ignore_errors=True)


def make_plan(case: Scenario, runs: int, seed: int, grain: int | None, film: bool, workers: int | None) -> plan.Plan:
    """What is to be run."""
    from holdfast.scenario import layout

    grain = grain or case.document.men_per_billet
    checked = case.with_values({"men_per_billet": grain}) if grain != case.document.men_per_billet else case
    billets = layout.billets(checked.document, grain)
    return plan.make(checked.document, billets, seed, runs, grain, film, workers or processes.workers())


def _gather(case: Scenario, made: plan.Plan, parts: Path, begin: float) -> SimulationResult:
    """The finished runs of a plan as one result."""
    import numpy as np

    from holdfast.scenario import layout, loss_draws

    runs = {run: store.load_run(parts, run) for run in range(made.runs)}
    scenario = made.read_scenario()
    names = layout.labels(scenario, made.men_per_billet)
    evidence = loss_draws.about(scenario, made.runs)
    error = max(int(np.abs(one["side"]["balance"] - one["start"]["everyone"]).max()) for one in runs.values())
    present = sum(int(one["side"]["present"].astype("int64").sum()) for one in runs.values())
    attrs = {
        "case": case.name,
        "title": case.document.title,
        "question": case.document.question,
        "start": str(case.document.start),
        "holdfast_version": runtime.version(),
        "case_hash": case.hash,
        "seed": made.seed,
        "men_per_billet": made.men_per_billet,
        "soldier_days": present // made.men_per_billet,
        "men_balance_error": error,
        "strength_start": _strength_at_start(scenario, made),
        # Without a posterior no such attribute: what the ranges are of is told by it.
        **({"losses": loss_draws.all_in_words(evidence)} if evidence else {}),
    }
    data = result.dataset(runs, names, attrs)
    if evidence:
        drawn = [evidence[side]["draw_of_run"] if side in evidence else [-1] * made.runs for side in names.sides]
        what = {"long_name": "draw of the posterior of losses that the run has, -1 = none", "units": "1"}
        data = data.assign_coords(loss_draw=(("run", "side"), np.array(drawn, np.int32).T, what))
    wrong = result.faults(data)
    if wrong:
        raise result.ResultError(
            "The result failed its own checks: " + "; ".join(wrong) + ". A parameter or value at an extreme is the "
            "likely cause: take changes back one at a time. Nothing was written over an older result."
        )
    film = _read_film(parts) if made.film_men_per_billet else None
    return SimulationResult(case, data, time.monotonic() - begin, film)


def _strength_at_start(scenario: ScenarioDocument, made: plan.Plan) -> list[int]:
    """Men present on the first morning, of each side; the median of the runs where a posterior gives it."""
    from statistics import median_low

    from holdfast.scenario import layout, loss_draws

    own = [loss_draws.of_run(scenario, run) for run in (range(made.runs) if made.posteriors else [0])]
    each = [layout.strength_at_start(one, made.men_per_billet) for one in own]
    return [median_low(men) for men in zip(*each, strict=True)]


def _read_film(parts: Path) -> Reel:
    """The finished film, ready for the page."""
    import numpy as np

    from holdfast.io.film import Reel

    with np.load(parts / "film.npz") as kept:
        return Reel(json.loads(str(kept["about"])), kept["payload"].tobytes())


def write(result: SimulationResult, out: str | Path, *, figures: bool = True, csv: bool = False) -> Path:
    """Write a result to a folder, whole or not at all: manifest, summary, dataset, report, figures, tables."""
    from holdfast.present import run_report
    from holdfast.scenario import provenance

    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".fresh-", dir=folder))
    try:
        scenario = result.scenario.document
        summary = result.summary()
        store.write_json(fresh / "summary.json", summary)
        store.write_json(fresh / "manifest.json", _manifest(result))
        result.data.to_zarr(fresh / "result.zarr", mode="w", zarr_format=2, consolidated=False)
        if csv:
            (fresh / "tables").mkdir()
            for name, table in ensemble_result.tables(result.data).items():
                table.to_csv(fresh / "tables" / f"{name}.csv", index=False)
        inputs = run_report.Inputs(
            provenance.scenario(scenario), provenance.parameters(scenario), scenario.caveats, scenario.background
        )
        run_report.write(fresh, result.data, summary, result.film, inputs, figures=figures)
        now = sorted(path.name for path in fresh.iterdir())
        for made in now:
            store.put_in_place(fresh, folder, made)
        for optional in {"tables", "figures"}.difference(now):
            shutil.rmtree(folder / optional, ignore_errors=True)  # an older result's, which this one lacks
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    shutil.rmtree(folder / store.UNFINISHED, ignore_errors=True)
    return folder / "report.html"


def _manifest(result: SimulationResult) -> dict[str, Any]:
    """All that is needed to judge or repeat the run."""
    from holdfast.scenario import loss_draws, provenance

    scenario = result.scenario.document
    evidence = loss_draws.about(scenario, result.data.sizes["run"])
    return {
        "case": result.scenario.name,
        "case_hash": result.scenario.hash,
        "scenario": scenario.model_dump(mode="json"),
        "parameters": {item.path: item.value for item in provenance.parameters(scenario)},
        "seed": result.data.attrs["seed"],
        "runs": result.data.sizes["run"],
        "days": result.data.sizes["day"],
        "men_per_billet": result.data.attrs["men_per_billet"],
        "wall_s": round(result.wall_s, 3),
        "machine": runtime.about(),
    } | ({"losses": evidence} if evidence else {})
