"""Losses out of a posterior: a draw a run, the same for both sides, and nothing else moved by it."""

from __future__ import annotations

import copy
import datetime as dt
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest
import xarray as xr

import holdfast as hf
import wars
from holdfast.cli import options, scenarios
from holdfast.core import faults
from holdfast.core.faults import ScenarioError
from holdfast.engine.simulate import OWN_RATES, OWN_SETTING, World, simulate
from holdfast.ensemble import plan, store
from holdfast.ensemble import run as ensemble_run
from holdfast.io import files as io_files
from holdfast.scenario import build, load, loss_draws, overrides, schema, template, validation
from holdfast.scenario.schema import Losses, ScenarioDocument
from holdfast.scenario.validation import Known

pytest.importorskip("h5netcdf")

MONTHS = ("2029-12", "2030-01", "2030-02", "2030-03", "2030-04", "2030-05")
DAYS = (20, 31, 28, 31, 30, 11)
"""The first month lacks its beginning, the last its end."""
SIDES = ("west", "east")
RATE = {"west": 5.0, "east": 8.0}
"""Killed per 1,000 present a month of the constant posterior."""
STRENGTH = 4000.0


def flat(chains: int = 2, draws: int = 8) -> xr.Dataset:
    """Draws that all say the same."""
    days = np.array(DAYS, float)
    shape = (chains, draws, len(SIDES), len(MONTHS))
    rate = np.array([RATE[side] for side in SIDES])[:, None]
    killed = np.zeros(shape) + (rate / 1000 / wars.MONTH * days * STRENGTH)
    full = lambda value: np.full(shape, float(value))  # noqa: E731
    men = {
        "killed": killed, "wounded": 3 * killed, "strength": full(STRENGTH), "recruited": full(9.0) * days,
        "missing": full(1), "captured": full(2), "deserted": full(3),
    }  # fmt: skip
    return xr.Dataset(
        {name: (("chain", "draw", "side", "month"), values) for name, values in men.items()},
        coords={
            "chain": range(chains), "draw": range(draws), "side": list(SIDES),
            "month": [np.datetime64(f"{month}-01", "ns") for month in MONTHS], "days": ("month", list(DAYS)),
        },
    )  # fmt: skip


def varied(seed: int = 3) -> xr.Dataset:
    """Draws that differ: a draw has twice the killed where it has half of the wounded, and months differ too."""
    rng = np.random.default_rng(seed)
    data = flat()
    factor = np.exp(rng.normal(0, 0.6, (*data.killed.shape[:2], 1, 1)))
    monthly = np.exp(rng.normal(0, 0.3, data.killed.shape))
    data["killed"] = data.killed * factor * monthly
    data["wounded"] = data.wounded / factor
    data["strength"] = data.strength * rng.uniform(0.9, 1.05, data.killed.shape)
    data["recruited"] = data.recruited * rng.uniform(0.5, 2, data.killed.shape)
    return data


def saved(data: xr.Dataset, path: Path) -> str:
    """The posterior as `holdfast losses` saves it."""
    data.to_netcdf(path, group="posterior", engine="h5netcdf")
    return str(path)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("posteriors")
    return {"flat": saved(flat(), folder / "flat.nc"), "varied": saved(varied(), folder / "varied.nc")}


def table(path: str, *of: str) -> dict[str, Any]:
    return {"posterior": path, "of": list(of)}


def changed(values: Mapping[str, Any], war: ScenarioDocument | None = None) -> ScenarioDocument:
    return overrides.with_values(war or wars.base(), values, Known())


def refusal(values: Mapping[str, Any], war: ScenarioDocument | None = None) -> str:
    with pytest.raises(ScenarioError) as caught:
        changed(values, war)
    return str(caught.value)


def both(path: str, **more: Any) -> ScenarioDocument:
    """The invented war with both sides' losses out of a posterior."""
    return changed({"west.losses": f"posterior:{path}", "east.losses": f"posterior:{path}"} | more)


def worlds(war: ScenarioDocument, runs: range) -> list[World]:
    return [build.world(war, run=run)[0] for run in runs]


def fought(war: ScenarioDocument, runs: range = range(wars.RUNS)) -> dict[str, np.ndarray]:
    """Sixty days of a war in which each run has losses of its own, `[run day ...]`."""
    ((_, flows, _, _),) = simulate(worlds(changed({"days": 60}, war), runs), wars.SEED, runs, stretch=60)
    groups = (flows.side, flows.sector, flows.brigade, flows.region)
    return {name: np.swapaxes(np.asarray(x), 0, 1) for group in groups for name, x in group.items()}


def counts(flows: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: values for name, values in flows.items() if values.dtype.kind in "iub"}


def same_counts(one: Mapping[str, np.ndarray], other: Mapping[str, np.ndarray]) -> None:
    assert counts(one).keys() == counts(other).keys()
    for name, values in counts(one).items():
        np.testing.assert_array_equal(values, other[name], err_msg=name)


# --- Which draw a run has.


@pytest.mark.parametrize("draws", [1, 2, 3, 16, 1000, 4000, 4001])
def test_every_draw_comes_once_before_any_comes_twice(draws: int) -> None:
    assert sorted(loss_draws.draw_of(run, draws) for run in range(draws)) == list(range(draws))
    assert loss_draws.draw_of(draws, draws) == loss_draws.draw_of(0, draws) == 0


def test_the_first_runs_lie_evenly_over_all_draws() -> None:
    """However many they are: no gap between them more than about three times the mean, none under a fifth of it."""
    draws = 4000
    for runs in (4, 8, 16, 33, 100):
        used = np.sort([loss_draws.draw_of(run, draws) for run in range(runs)])
        gaps = np.diff([*used, used[0] + draws])
        assert gaps.max() < 3 * draws / runs
        assert gaps.min() > draws / runs / 5


def test_both_sides_have_the_same_draw(files: dict[str, str]) -> None:
    war = both(files["varied"])
    told = loss_draws.about(war, range(5))
    assert told["west"]["draw_of_run"] == told["east"]["draw_of_run"]
    data = varied().stack(each=("chain", "draw"))
    for run, draw in enumerate(told["west"]["draw_of_run"]):
        own = loss_draws.of_run(war, run)
        for side in own.side:
            one = data.isel(each=draw).sel(side=side.name)
            january = float(one.killed[1] / 31 / ((one.strength[0] + one.strength[1]) / 2) * 1000 * wars.MONTH)
            assert side.killed_per_1000_month == pytest.approx(january)
            months = one.isel(month=slice(1, 6))
            share = float(months.killed.sum() / (months.killed + months.wounded).sum())
            assert side.killed_share == pytest.approx(share)


# --- What a draw says.


def test_a_months_rate_holds_on_each_of_its_days_and_the_last_months_persists(files: dict[str, str]) -> None:
    from holdfast.scenario.schema import value_on

    war = both(files["varied"])
    draw = loss_draws.draw_of(3, 16)
    one = varied().stack(each=("chain", "draw")).isel(each=draw).sel(side="west")
    west = loss_draws.of_run(war, 3).side[0]
    ends = one.strength.values
    mean = (np.concatenate([ends[:1], ends[:-1]]) + ends) / 2
    rate = one.killed.values / np.array(DAYS) / mean * 1000 * wars.MONTH
    for day in range(180):
        date = wars.on(day)
        month = min((date.year - 2030) * 12 + date.month, 5)
        assert west.killed_per_1000_month is not None
        value = west.killed_per_1000_month * value_on(west.intensity, date)
        assert value == pytest.approx(rate[month], rel=1e-9), date


@pytest.mark.slow
def test_strength_and_recruits_are_taken_where_they_are_asked_for(files: dict[str, str]) -> None:
    war = changed({"west.order_of_battle": [], "west.strength": 4000, "west.establishment": 4500})
    war = changed({"west.losses": table(files["varied"], "strength", "recruited")}, war)
    assert war.side[0].killed_per_1000_month == 5.0  # not asked for, so the case's own
    own = loss_draws.of_run(war, 2).side[0]
    one = varied().stack(each=("chain", "draw")).isel(each=loss_draws.draw_of(2, 16)).sel(side="west")
    # The first morning is the evening of the month before.
    assert own.strength == round(float(one.strength[0]))
    assert (own.killed_per_1000_month, own.killed_share, own.intensity) == (5.0, 0.25, 1.0)
    assert isinstance(own.contracts_per_day, list)
    assert own.contracts_per_day[0].value == pytest.approx(float(one.recruited[1]) / 31)
    present = [int(world.state.units.present.sum()) for world in worlds(war, range(4))]
    assert len(set(present)) == 4


def test_recruits_are_in_proportion_to_the_army(files: dict[str, str]) -> None:
    """An army twice the draw's has twice its recruits: killed are counted by the man, so the balance is the draw's."""
    drawn = loss_draws.read(files["varied"]).months(5, "west")
    alone = loss_draws.values(drawn, ["recruited"], wars.on(0), 150)
    men = 2 * drawn.strength_on(wars.on(0))
    twice = loss_draws.values(drawn, ["recruited"], wars.on(0), 150, men=round(men))
    both_taken = loss_draws.values(drawn, ["recruited", "strength"], wars.on(0), 150, men=round(men))
    one, two, same = (each["contracts_per_day"] for each in (alone, twice, both_taken))
    assert isinstance(one, list)
    assert isinstance(two, list)
    assert [point.value for point in two] == pytest.approx([2 * point.value for point in one], rel=1e-3)
    assert same == one
    spread = loss_draws.values(drawn, ["recruited"], wars.on(0), 150, recruits_over=3)["contracts_per_day"]
    assert isinstance(spread, list)
    recruits = drawn.flows["recruited"] / drawn.days
    assert spread[2].value == pytest.approx(recruits[1:4].mean())


def test_a_draw_is_not_cut_to_a_range() -> None:
    """An army of which nearly all who are hit are killed, and a month in which nobody is."""
    first = tuple(dt.date(2030, month, 1) for month in (1, 2, 3))
    flows = {"killed": np.array([0.0, 99.0, 10.0]), "wounded": np.array([0.0, 1.0, 0.0])}
    drawn = loss_draws.Months(first, np.array([31, 28, 31]), flows, np.full(4, 1000.0))
    given = loss_draws.values(drawn, ["killed", "killed_share"], first[0], 90)
    assert given["killed_share"] == pytest.approx(109 / 110)
    rate = np.array([0.0, 99 / 28, 10 / 31]) * wars.MONTH
    days = [dt.date(2030, 1, 15), dt.date(2030, 2, 15), dt.date(2030, 3, 15)]
    daily = schema.daily(given["intensity"], days) * given["killed_per_1000_month"]
    np.testing.assert_allclose(daily, rate, rtol=1e-12)


def test_strength_between_two_months_lies_on_a_straight_line(files: dict[str, str]) -> None:
    drawn = loss_draws.read(files["varied"])
    ends = drawn.months(0, "west").edges[1:]
    half = loss_draws.strengths(drawn, "west", dt.date(2030, 2, 15))[0]  # 14 of 28 days
    assert half == pytest.approx((ends[1] + ends[2]) / 2)


# --- Runs.


@pytest.mark.slow
def test_worlds_of_runs_differ_in_nothing_but_what_may_differ(files: dict[str, str]) -> None:
    """All that `simulate` does not keep apart by run is the same in all of them."""
    war = changed(
        {"west.order_of_battle": [], "west.strength": 4000, "west.establishment": 4500, "west.dead_before": 0}
    )
    war = changed({"west.losses": table(files["varied"], "killed", "killed_share", "strength", "recruited")}, war)
    one, other = worlds(war, range(2))
    may = {f".setting.{name}" for name in OWN_SETTING} | {".setting.regions.home_risk"}
    may |= {f".forcing.rates.{name}" for name in OWN_RATES}
    differ = set()
    for (path, a), (_, b) in zip(
        jax.tree.leaves_with_path((one.setting, one.forcing, one.params)),
        jax.tree.leaves_with_path((other.setting, other.forcing, other.params)),
        strict=True,
    ):
        if not np.array_equal(a, b, equal_nan=True):
            differ.add((".setting", ".forcing", ".params")[path[0].idx] + jax.tree_util.keystr(path[1:]))  # type: ignore[attr-defined]
    assert differ == may


@pytest.mark.slow
def test_draws_that_all_say_the_same_are_the_case_that_says_it(files: dict[str, str]) -> None:
    """Every count on every day, in a war whose losses are written out and in one that draws them."""
    drawn = fought(both(files["flat"]))
    written = loss_draws.of_run(both(files["flat"]), 0)
    for side in written.side:
        assert isinstance(side.intensity, float) or all(abs(p.value - 1) < 1e-12 for p in side.intensity)
    assert [side.killed_per_1000_month for side in written.side] == pytest.approx([5.0, 8.0])
    values = {f"{side.name}.killed_per_1000_month": side.killed_per_1000_month for side in written.side}
    values |= {f"{side.name}.killed_share": side.killed_share for side in written.side}
    same_counts(drawn, wars.fight(values | {"days": 60}))


@pytest.mark.slow
def test_a_run_is_the_same_in_another_batch(files: dict[str, str]) -> None:
    war = both(files["varied"])
    first = fought(war)
    later = fought(war, range(5, 21))
    for name, values in first.items():
        np.testing.assert_array_equal(values[5:], later[name][:11], err_msg=name)


@pytest.mark.slow
def test_a_run_is_the_run_of_its_draw_alone(files: dict[str, str]) -> None:
    """Run 3 among others, and run 3 of the war in which its draw is written out."""
    war = both(files["varied"], days=60)
    together = fought(war)
    alone = wars.told(build.world(loss_draws.of_run(war, 3))[0], range(3, 5))
    for name, values in counts(together).items():
        np.testing.assert_array_equal(values[3], alone[name][0], err_msg=name)


@pytest.mark.slow
def test_losses_go_with_the_draw(files: dict[str, str], tmp_path: Path) -> None:
    """Runs by turns of a draw and of one with three times its killed: three times the killed on the first five days,
    while both armies are still alike; within three standard errors.
    """  # noqa: D205
    data = flat(1, 2)
    data["killed"][0, 1] *= 3
    data["wounded"][0, 1] *= 3
    war = both(saved(data, tmp_path / "two.nc"))
    runs = range(wars.RUNS)
    assert [loss_draws.draw_of(run, 2) for run in runs] == [run % 2 for run in runs]
    killed = fought(war, runs)["killed"][:, :5].sum(axis=1)
    for side in (wars.WEST, wars.EAST):
        less, more = killed[::2, side].sum(), killed[1::2, side].sum()
        error = math.sqrt(9 * less + more)  # Poisson counts: that of more - 3·less
        assert abs(more - 3 * less) < 3 * error
        assert more - less > 5 * math.sqrt(less + more)


# --- The case file, its hash and its faults.

CASE = """
format = 1
name = "drawn"
title = "A war of drawn losses"
question = "How far do losses decide?"
start = 2030-01-01
days = 40
men_per_billet = 5
[front]
sectors = 2
[[side]]
name = "west"
title = "West"
strength = 4000
losses = "posterior:fit/posterior.nc"
[[side.regions]]
name = "Home"
eligible_men = 40000
[[side]]
name = "east"
title = "East"
strength = 4000
losses = {posterior = "fit/posterior.nc", of = ["killed"], side = "west"}
[[side.regions]]
name = "Home"
eligible_men = 40000
"""


@pytest.fixture
def case_file(tmp_path: Path) -> Path:
    (tmp_path / "fit").mkdir()
    saved(varied(), tmp_path / "fit" / "posterior.nc")
    file = tmp_path / "drawn.toml"
    file.write_text(CASE, encoding="utf8")
    return file


def test_a_path_is_from_the_folder_of_the_case(case_file: Path) -> None:
    case = hf.load_scenario(case_file)
    there = str((case_file.parent / "fit" / "posterior.nc").resolve())
    assert case.document.side[0].losses == f"posterior:{there}"
    assert case.document.side[1].losses == Losses(posterior=there, of=["killed"], side="west")
    one, other = loss_draws.of_run(case.document, 1).side
    assert one.killed_per_1000_month == other.killed_per_1000_month
    assert other.killed_share == 0.25


def test_the_hash_goes_by_what_the_posterior_says_not_where_it_lies(case_file: Path, tmp_path: Path) -> None:
    before = hf.load_scenario(case_file).hash
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    (moved / "other.nc").write_bytes((tmp_path / "fit" / "posterior.nc").read_bytes())
    (moved / "drawn.toml").write_text(CASE.replace("fit/posterior.nc", "other.nc"), encoding="utf8")
    assert hf.load_scenario(moved / "drawn.toml").hash == before
    saved(varied(seed=4), tmp_path / "fit" / "posterior.nc")
    assert hf.load_scenario(case_file).hash != before
    assert hf.load_scenario("skirmish").hash == load.hash(load.read("skirmish"))


def test_a_case_without_losses_has_the_hash_that_it_had_before_there_were_any() -> None:
    assert wars.base().side[0].losses is None
    assert '"losses"' not in json.dumps(template.scenario(wars.base()), default=vars)


def test_a_changed_file_is_read_anew(tmp_path: Path) -> None:
    path = saved(flat(), tmp_path / "posterior.nc")
    assert loss_draws.read(path).draws == 16
    saved(flat(1, 3), tmp_path / "posterior.nc")
    assert loss_draws.read(path).draws == 3


def test_losses_make_way_for_themselves(files: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """`--set` of losses takes away the rate and the intensity that they stand in for, and is a path from here."""
    folder = Path(files["flat"]).parent
    monkeypatch.chdir(folder)
    case = options.scenario_of(
        "skirmish", None, ["north.losses={posterior='flat.nc', side='west'}", "start=2030-03-01"], []
    )
    north, south = case.document.side
    assert north.losses == Losses(posterior=str((folder / "flat.nc").resolve()), side="west")
    assert (north.killed_per_1000_month, north.intensity) == (None, 1.0)
    assert south == hf.load_scenario("skirmish").document.side[1]
    short = changed({"west.losses": "posterior:flat.nc"})
    assert short.side[0].losses == f"posterior:{(folder / 'flat.nc').resolve()}"
    again = changed({"days": 20}, short)  # a change of something else leaves them
    assert again.side == short.side


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"west.losses": "posterior:nowhere.nc"}, ("side[west].losses", "no file", "holdfast losses --out")),
        ({"west.losses": "flat.nc"}, ("side[west].losses", '"flat.nc"', 'losses = "posterior:PATH"')),
        ({"west.losses": "posterior:"}, ("side[west].losses", '"posterior:PATH"')),
        ({"west.losses": 5}, ("side[west].losses", "found 5", "text, or a table (posterior, of, side)")),
        ({"west.losses": {"of": ["killed"]}}, ("side[west].losses.posterior", "found nothing", "Add posterior")),
        ({"west.losses": "posterior:FLAT", "west.killed_per_1000_month": 4.0},
         ("side[west].killed_per_1000_month", "4 beside losses", "one of the two", "Remove it, or remove losses")),
        ({"west.losses": "posterior:FLAT", "west.intensity": 2.0},
         ("side[west].intensity", "2 beside losses", "Remove it, or remove losses")),
        ({"west.killed_per_1000_month": None},
         ("side[west].killed_per_1000_month", "nothing", "Add killed_per_1000_month", "losses =")),
        ({"west.losses": {"posterior": "FLAT", "side": "wets"}},
         ("side[west].losses", '"wets"', "west, east", "Did you mean west?")),
        ({"west.losses": {"posterior": "FLAT", "of": ["kiled"]}}, ("side[west].losses.of", "killed_share")),
        ({"west.losses": {"posterior": "FLAT", "of": ["strength"]}},
         ("side[west].losses.of", "without an order of battle")),
        ({"west.losses": "posterior:FLAT", "start": dt.date(2029, 12, 1)},
         ("side[west].losses", "a posterior from 2029-12-12 to 2030-05-11", "Start the scenario on 2029-12-12")),
        ({"west.losses": "posterior:FLAT", "start": dt.date(2030, 6, 1)},
         ("side[west].losses", "a start from 2029-12-12 to 2030-05-12")),
    ],
)  # fmt: skip
def test_faults(values: dict[str, Any], told: tuple[str, ...], files: dict[str, str]) -> None:
    here = json.loads(json.dumps(values, default=str).replace("FLAT", files["flat"]))
    here |= {name: value for name, value in values.items() if isinstance(value, dt.date)}
    war = wars.base()
    if "start" in here:  # so that nothing else lies outside the run
        war = validation.validated(war.model_dump() | {"event": []}, Known())
    message = refusal(here, war)
    for words in told:
        assert words in message
    assert "has 1 fault:" in message, message


def test_faults_of_both_sides_are_told_together(files: dict[str, str]) -> None:
    message = refusal(
        {"west.losses": "posterior:nowhere.nc", "east.losses": f"posterior:{files['flat']}", "east.intensity": 2.0}
    )
    assert "has 2 faults:" in message


def test_a_misspelt_rate_is_one_fault() -> None:
    raw = wars.base().model_dump()
    raw["side"][0]["killed_per_1000_monht"] = raw["side"][0].pop("killed_per_1000_month")
    with pytest.raises(ScenarioError, match=r"has 1 fault:(.|\n)*Did you mean killed_per_1000_month"):
        validation.validated(raw, Known())
    raw["side"][0]["losess"] = raw["side"][0].pop("killed_per_1000_monht")
    with pytest.raises(ScenarioError, match=r"has 1 fault:(.|\n)*Did you mean losses"):
        validation.validated(raw, Known())


@pytest.mark.slow
def test_a_file_that_is_no_posterior(tmp_path: Path, files: dict[str, str]) -> None:
    text = tmp_path / "text.nc"
    text.write_text("hello", encoding="utf8")
    assert "a file without a group posterior" in refusal({"west.losses": f"posterior:{text}"})
    other = tmp_path / "other.nc"
    flat().to_netcdf(other, group="prior", engine="h5netcdf")
    assert "a file without a group posterior" in refusal({"west.losses": f"posterior:{other}"})
    broken = {
        "no strength": flat().drop_vars("strength"),
        "no side": flat().isel(side=0, drop=True),
        "killed below 0": flat().assign(killed=-flat().killed),
        "leave gaps": flat().isel(month=[0, 1, 3, 4, 5]),
    }
    for told, data in broken.items():
        path = saved(data, tmp_path / f"{told}.nc")
        assert told in refusal({"west.losses": f"posterior:{path}"})
    path = saved(flat().drop_vars("recruited"), tmp_path / "fewer.nc")
    assert "a posterior without recruited" in refusal({"west.losses": table(path, "killed", "recruited")})
    (tmp_path / "fit").mkdir()
    saved(flat(), tmp_path / "fit" / "posterior.nc")
    message = refusal({"west.losses": f"posterior:{tmp_path / 'fit'}"})
    assert "the folder" in message
    assert "Did you mean" in message


def test_more_men_than_posts(files: dict[str, str]) -> None:
    war = changed({"west.order_of_battle": [], "west.strength": 4000, "west.establishment": 4000})
    message = refusal({"west.losses": table(files["varied"], "strength")}, war)
    assert "Raise establishment to at least 4" in message


def test_without_h5netcdf_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = saved(flat(), tmp_path / "posterior.nc")
    monkeypatch.setattr(io_files.importlib.util, "find_spec", lambda name: None)
    assert "pip install 'holdfast-armies[evidence]'" in refusal({"west.losses": f"posterior:{path}"})


def test_months_may_tell_their_days_as_an_attribute_or_not_at_all(tmp_path: Path) -> None:
    data = flat().drop_vars("days")
    assert loss_draws.read(saved(data, tmp_path / "whole.nc")).days.tolist() == [31, 31, 28, 31, 30, 31]
    data.month.attrs["days"] = list(DAYS)
    drawn = loss_draws.read(saved(data, tmp_path / "told.nc"))
    assert drawn.days.tolist() == list(DAYS)
    assert (drawn.first[0], drawn.last_day) == (dt.date(2029, 12, 12), dt.date(2030, 5, 11))


# --- Whole runs.


@pytest.mark.slow
def test_a_result_tells_its_draws(case_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert scenarios.check(str(case_file), json=False) == 0
    said = capsys.readouterr().out
    assert "Losses of west (killed, killed_share): posterior:posterior.nc" in said
    assert "a draw a run out of 16" in said
    case = hf.load_scenario(case_file)
    result = hf.simulate(case, runs=3, seed=1, workers=1)
    drawn = [loss_draws.draw_of(run, 16) for run in range(3)]
    assert result.data.loss_draw.values.tolist() == [[draw, draw] for draw in drawn]
    result.save(tmp_path / "out", figures=False)
    told = json.loads((tmp_path / "out" / "manifest.json").read_text())["losses"]["west"]
    assert told["draw_of_run"] == drawn
    assert told["sha256"] == loss_draws.digest(str(tmp_path / "fit" / "posterior.nc"))
    assert told["posterior"].endswith("fit/posterior.nc")
    page = (tmp_path / "out" / "report.html").read_text()
    assert "a draw a run out of 16" in page
    assert "luck alone" not in page
    listed = {item.path: item for item in template.scenario(case.document)}
    assert "posterior:posterior.nc" in listed["west.killed_per_1000_month"].source
    assert "posterior" in listed["east.losses.posterior"].source
    assert listed["east.killed_share"].value == 0.25

    # More runs are the same runs and some more.
    more = hf.simulate(case, runs=5, seed=1, workers=2)
    for name, values in result.data.data_vars.items():
        if values.dtype.kind in "iub":
            np.testing.assert_array_equal(values, more.data[name][:3], err_msg=str(name))


@pytest.mark.slow
def test_a_stopped_run_goes_on_only_with_the_same_posterior(case_file: Path, tmp_path: Path) -> None:
    case, out = hf.load_scenario(case_file), tmp_path / "out"
    runs = plan.BATCH + 4
    made = plan.plan(case, runs=runs, seed=1)

    def stop(done: int, total: int, what: str) -> None:
        if done > plan.BATCH * 40:
            raise KeyboardInterrupt

    parts = store.open_parts(out, made, resume=False)
    with pytest.raises(KeyboardInterrupt):
        ensemble_run.carry_out(made, parts, 1, stop)
    assert store.has_run(parts, 0)
    # On a starved machine the worker may finish before it is stopped: something must be left to go on with.
    (parts / f"run-{runs - 1:05}.npz").unlink(missing_ok=True)
    kept = copy.deepcopy(store.load_run(parts, 0))
    before = (tmp_path / "fit" / "posterior.nc").read_bytes()

    saved(varied(seed=4), tmp_path / "fit" / "posterior.nc")
    with pytest.raises(faults.StoreError, match="had another scenario"):
        hf.simulate(hf.load_scenario(case_file), runs=runs, seed=1, out=out, resume=True)
    with pytest.raises(faults.StoreError, match="was changed since the run began"):
        ensemble_run.carry_out(made, parts, 1)

    (tmp_path / "fit" / "posterior.nc").write_bytes(before)
    result = hf.simulate(hf.load_scenario(case_file), runs=runs, seed=1, workers=2, out=out, resume=True)
    np.testing.assert_array_equal(result.data.killed[0], kept["side"]["killed"])
    assert len({int(run.sum()) for run in result.data.killed}) > 1
