"""An invented result and an invented film, shaped by the contract of results, for tests of the report.

Nothing here is the model: smooth paths and Poisson draws, chosen so that one side breaks in some runs
(or in none) and every variable of the contract has something to show.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from holdfast.io.film import Film
from holdfast.scenario.template import Input

SIDES = ("Redland", "Blueland")
SECTORS = ("north", "river", "centre", "hills", "south coast")
REGIONS = 6
BRIGADES = 12
"""Regions and brigades of one side."""
COMPANIES = 12
"""Companies of a brigade."""
START = np.datetime64("2023-10-01")

FLOWS = {
    "killed": "killed", "wounded": "wounded", "deserted": "deserted", "surrendered": "gave up by choice",
    "captured": "gave up while encircled", "refused": "refused an order to attack", "caught": "deserters caught",
    "imprisoned": "sent to prison", "returned": "absent men back", "healed": "back from hospital",
    "invalided": "discharged for wounds", "posted": "replacements posted", "notices": "called up",
    "complied": "obeyed the call-up", "evaded": "evaded the call-up", "fled": "fled abroad",
    "volunteered": "volunteers", "defected": "joined the enemy",
}  # fmt: skip
STOCKS = ("present", "hospital", "absent", "ready", "prison", "prisoners", "training", "trained")
UNITS = {"risk_believed": "1/d", "risk_true": "1/d", "support": "points", "cold": "nats"}


def dataset(runs: int = 16, days: int = 365, breaking: bool = True, seed: int = 1) -> xr.Dataset:
    """A result in which Redland breaks in about two thirds of the runs, or holds in all."""
    rng = np.random.default_rng(seed)
    onset = np.where(rng.random(runs) < 0.65, rng.normal(0.6, 0.12, runs), 9.0) * days
    if not breaking:
        onset[:] = 9 * days
    day = np.arange(days)
    rout = 0.5 + 0.5 * np.tanh((day[None, :] - onset[:, None]) / 14)
    rout = np.stack([rout, np.zeros_like(rout)], axis=-1)
    front = _front(rng, rout)
    variables = _flows(rng, rout) | _state(rng, rout, front["broken"]) | front
    variables |= _units(rng, rout) | _first_days(variables)
    data = xr.Dataset(variables, coords=_coordinates(runs, days))
    for name in data.data_vars:
        data[name].attrs |= {"long_name": FLOWS.get(name, name.replace("_", " ")), "units": UNITS.get(name, "1")}
    data.attrs |= {
        "scenario": "invented", "title": "An invented war", "question": "Will Redland's army hold the winter?",
        "start": str(START), "seed": seed, "men_per_billet": 1, "holdfast_version": "0.0.0",
    }  # fmt: skip
    return data


def summary(data: xr.Dataset) -> dict[str, object]:
    """The part of the summary that the report reads."""
    return {
        "scenario": "invented", "seed": 1, "runs": data.sizes["run"], "days": data.sizes["day"],
        "men_per_billet": 1, "soldier_days": 3.2e9, "wall_s": 41.0, "men_balance_error": 0,
    }  # fmt: skip


def film(billets: int = 20_000, days: int = 120, turnover: float = 0.003, seed: int = 3, rout: bool = True) -> Film:
    """A film in which a share `turnover` of the billets changes every day, by squads when the side routs."""
    brigades = 2 * BRIGADES
    company = max(1, billets // brigades // COMPANIES)
    billets = company * COMPANIES * brigades
    brigade_of = (np.arange(billets) // (company * COMPANIES)).astype(np.int32)
    sectors = np.array([*SECTORS, *SECTORS, "reserve", "reserve"])
    order = np.argsort([[*SECTORS, "reserve"].index(s) for s in sectors], kind="stable")
    return Film(
        frames=_frames(billets, days, turnover, seed, rout),
        brigade_of=brigade_of,
        brigade_side=np.repeat(np.array(SIDES), BRIGADES),
        brigade_sector=np.tile(sectors[order], 2),
        dates=START + np.arange(days + 1) - 1,
        men_per_billet=1,
        company_billets=company,
        brigade_name=[f"{side} {i + 1}" for side in SIDES for i in range(BRIGADES)],
    )


def inputs() -> list[Input]:
    """A few inputs of an invented scenario."""
    return [
        Input("sides.Redland.army.strength", 420_000, "men", "invented, see https://example.org/strength"),
        Input("sides.Blueland.army.strength", 380_000, "men", "invented"),
        Input("sides.Redland.news", [0.1, -0.2, -0.4], "-1..1", "invented <b>not bold</b>"),
    ]


def parameters() -> list[Input]:
    """A few parameters."""
    return [Input("choice.leaving_rate", 0.05, "1/d", "prototype fit"), Input("bond.coupling", 2.4, "nats", "fit")]


def _coordinates(runs: int, days: int) -> dict[str, object]:
    sector = np.tile([*SECTORS, *SECTORS, "reserve", "reserve"], 2)
    return {
        "run": np.arange(runs), "day": START + np.arange(days), "side": list(SIDES), "sector": list(SECTORS),
        "brigade": [f"{s} {i + 1}" for s in SIDES for i in range(BRIGADES)],
        "region": [f"{s} region {i + 1}" for s in SIDES for i in range(REGIONS)],
        "brigade_side": ("brigade", np.repeat(SIDES, BRIGADES)), "brigade_sector": ("brigade", sector),
        "region_side": ("region", np.repeat(SIDES, REGIONS)),
        "region_eligible": ("region", np.linspace(2e5, 3e6, 2 * REGIONS)),
        "region_burden": ("region", np.linspace(2.2, 0.4, 2 * REGIONS)),
        "region_trust": ("region", np.linspace(0.7, 0.3, 2 * REGIONS)),
    }  # fmt: skip


def _flows(rng: np.random.Generator, rout: NDArray) -> dict[str, tuple]:
    strength = np.array([420e3, 380e3])
    luck = rng.lognormal(0, 0.15, (rout.shape[0], 1, 2))
    season = 1 + 0.3 * np.sin(np.arange(rout.shape[1]) / 40)[None, :, None]
    monthly = {
        "killed": np.array([9.0, 6.0]), "wounded": np.array([26.0, 17.0]), "deserted": np.array([3.0, 2.1]),
        "surrendered": np.array([0.4, 0.15]), "captured": np.array([0.1, 0.1]), "refused": np.array([5.0, 1.0]),
        "caught": np.array([1.0, 0.2]), "imprisoned": np.array([0.2, 0.05]), "returned": np.array([0.9, 1.1]),
        "healed": np.array([12.0, 8.0]), "invalided": np.array([10.0, 7.0]), "posted": np.array([24.0, 17.0]),
        "notices": np.array([60.0, 25.0]), "complied": np.array([25.0, 18.0]), "evaded": np.array([9.0, 5.0]),
        "fled": np.array([1.5, 1.0]), "volunteered": np.array([8.0, 3.0]), "defected": np.array([0.05, 0.0]),
    }  # fmt: skip
    burst = {"deserted": 120.0, "surrendered": 60.0, "refused": 90.0, "captured": 15.0}
    rates = {k: v * luck * season + burst.get(k, 0.0) * luck * rout for k, v in monthly.items()}
    gone = sum(rates[k] for k in ("killed", "wounded", "deserted", "surrendered", "captured"))
    come = sum(rates[k] for k in ("returned", "healed", "posted"))
    present = strength * np.exp(np.cumsum(np.minimum(come - gone, 0.5), axis=1) / 30_000)
    dims = ("run", "day", "side")
    out = {k: (dims, rng.poisson(v / 30_000 * present).astype(np.int32)) for k, v in rates.items()}
    for name in STOCKS:
        share = 1.0 if name == "present" else 0.03
        out[name] = (dims, (present * share).astype(np.int32))
    return out


def _state(rng: np.random.Generator, rout: NDArray, broken: tuple) -> dict[str, tuple]:
    days = rout.shape[1]
    x = (np.arange(days) / days)[None, :, None]
    wobble = rng.normal(0, 0.03, (rout.shape[0], 1, 2)) + 0 * x
    a = np.array([1.0, 0.5])
    true = 0.0010 * a * (1 + 0.3 * np.sin(9 * x)) * np.exp(wobble)
    paths = {
        "risk_believed": true * (0.25 + 0.4 * x), "risk_true": true,
        "prospects": np.clip(0.2 - 0.7 * a * x + wobble - 0.6 * rout, -1, 1),
        "bond": 0.9 - 1.6 * rout + wobble, "catch_chance": 0.4 - 0.35 * rout, "catch_chance_seen": 0.45 - 0.4 * rout,
        "authority": np.clip(0.9 - 0.2 * a * x - 0.4 * rout + wobble, 0, 1),
        "elite_cohesion": np.clip(0.85 - 0.25 * a * x - 0.3 * rout + wobble, 0, 1),
        "elite_threshold": 0.3 + 0 * x * a + 0 * wobble, "vitality": np.clip(0.9 - 0.3 * a * x + 0 * wobble, 0, 1),
        "support": np.clip(60 - 15 * a * x + 40 * wobble, 0, 100),
        "protest": np.clip(0.05 + 0.2 * x * a + wobble, 0, 1),
        "reproduction_mean": 0.3 + 0.2 * x + 1.1 * rout * (1 - rout) * 4 + wobble,
        "reproduction_max": 0.7 + 0.3 * x + 2.4 * rout * (1 - rout) * 4 + 3 * np.abs(wobble),
        "assault": 0.4 + 0 * wobble, "intensity": 1 + 0 * wobble, "pay": 1.5 * a + 0 * wobble,
        "supply": 0.9 + wobble, "patron_gone": 0 * wobble + np.array([0.0, 0.4]) * x, "unpaid": 0.1 + np.abs(wobble),
        "unfed": np.abs(wobble), "cold": 0.3 * np.maximum(0, np.sin(6 * x)) + 0 * wobble,
        "exit_safety": 0.3 + 0.2 * a * x + 0 * wobble, "captor_treatment": 0.6 + 0 * wobble,
        "broken_share": np.asarray(broken[1]).mean(axis=-1),
    }  # fmt: skip
    return {k: (("run", "day", "side"), v.astype(np.float32)) for k, v in paths.items()}


def _front(rng: np.random.Generator, rout: NDArray) -> dict[str, tuple]:
    sectors = len(SECTORS)
    level = rng.random((rout.shape[0], 1, 1, sectors))
    broken = (rout[..., None] > 0.3 + 0.6 * level).astype(np.int32)
    encircled = (rout[..., None] > 0.97).astype(np.int32) * (np.arange(sectors) == 2)
    drift = rng.normal(0.02, 0.25, (rout.shape[0], rout.shape[1], sectors)) - 1.2 * broken[:, :, 0]
    line = np.cumsum(drift, axis=1).astype(np.float32)
    return {
        "broken": (("run", "day", "side", "sector"), broken),
        "encircled": (("run", "day", "side", "sector"), encircled.astype(np.int32)),
        "line_km": (("run", "day", "sector"), line),
        "log_force_ratio": (("run", "day", "sector"), (drift * 0.5).astype(np.float32)),
    }


def _units(rng: np.random.Generator, rout: NDArray) -> dict[str, tuple]:
    runs, days, _ = rout.shape
    brigade, region = (runs, days, 2 * BRIGADES), (runs, days, 2 * REGIONS)
    out = {
        "brigade_present": (("run", "day", "brigade"), rng.poisson(30_000, brigade)),
        "brigade_left": (("run", "day", "brigade"), rng.poisson(3, brigade)),
    }
    for name, mean in {"killed": 20, "evaded": 22, "fled": 3, "notices": 120}.items():
        out[f"region_{name}"] = (("run", "day", "region"), rng.poisson(mean, region))
    return {k: (dims, v.astype(np.int32)) for k, (dims, v) in out.items()}


def _first_days(variables: dict[str, tuple]) -> dict[str, tuple]:
    left = np.asarray(variables["deserted"][1]) + np.asarray(variables["surrendered"][1])
    present = np.asarray(variables["present"][1])
    broken = np.asarray(variables["broken_share"][1]) >= 0.5
    mass = np.cumsum(left, axis=1) > 0.1 * present
    collapse = np.cumsum(broken, axis=1) > 30
    names = {"day_mass_desertion": mass, "day_front_broken": broken, "day_collapse": collapse}
    return {
        k: (("run", "side"), np.where(v.any(axis=1), v.argmax(axis=1), -1).astype(np.int32)) for k, v in names.items()
    }


def _frames(billets: int, days: int, turnover: float, seed: int, rout: bool) -> Iterator[NDArray[np.uint8]]:
    rng = np.random.default_rng(seed)
    now = rng.choice(np.array([0, 1, 2], np.uint8), size=billets, p=[0.05, 0.1, 0.85])
    posts = np.flatnonzero(now)
    yield now[None, :].copy()
    exits = np.array([3, 4, 5, 6, 7], np.uint8)
    chunk = []
    for day in range(days):
        hit = posts[rng.integers(0, posts.size, int(turnover * billets))]
        new = np.where(now[hit] == 2, rng.choice(exits, hit.size, p=[0.26, 0.5, 0.18, 0.05, 0.01]), 2)
        now[hit] = np.where(now[hit] == 1, np.where(rng.random(hit.size) < 0.5, 1, 2), new)
        if rout and day > 0.6 * days:
            squads = rng.integers(0, billets // 2 // 10, billets // 20_000 + 1) * 10
            flight = (squads[:, None] + np.arange(10)).ravel()
            now[flight] = np.where(now[flight] == 2, 5, now[flight])
        chunk.append(now.copy())
        if len(chunk) == 8 or day == days - 1:
            yield np.stack(chunk)
            chunk = []
