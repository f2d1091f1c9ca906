"""Wars of any kind that a scenario file may ask for: nobody appears or vanishes, on any day, and every number has a meaning.

The values are drawn, the shapes are not: all wars share one compiled day.
"""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.engine import effects
from holdfast.engine.day.record import everyone
from holdfast.engine.state import PRESENT, State
from holdfast.ensemble.result import VARIABLES
from holdfast.scenario import build
from holdfast.scenario.schema import KINDS, ScenarioDocument
from holdfast.scenario.validation import Known, validated
from wars import SECTORS, STRETCH, base, days_of, on, path

pytestmark = pytest.mark.slow

DAYS = 40
STOCKS = ("present", "hospital", "absent", "ready", "prison", "prisoners", "training", "trained")
BOUNDED = {"prospects": (-1, 1), "bond": (-1, 1), "support": (0, 100), "active": (0, 1), "risk_believed": (0, 1)}


def numbers(low: float, high: float) -> st.SearchStrategy[float]:
    """A number, with its ends drawn often: faults live there."""
    inside = st.integers(1, 99).map(lambda part: low + (high - low) * part / 100)
    return st.one_of(st.sampled_from([low, high]), inside)


def series(low: float, high: float) -> st.SearchStrategy[Any]:
    value = numbers(low, high)
    return st.one_of(value, st.tuples(value, value, value).map(lambda v: path({5: v[0], 15: v[1], 16: v[2]})))


SHARE, SHARES = numbers(0, 1), series(0, 1)


@st.composite
def shares_of_kinds(draw: st.DrawFn) -> dict[str, Any]:
    chosen = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=3, unique=True))
    return {
        kind: {
            "share": float(kind == chosen[0]),
            "intake_share": float(kind == chosen[-1]),
            "training_days": draw(numbers(0, 300)),
            "arms": draw(numbers(0.2, 3)),
            "pay": draw(numbers(0, 5)),
            "assault": draw(numbers(0, 3)),
            "resolve": draw(numbers(-3, 3)),
        }
        for kind in chosen
    }


@st.composite
def sides(draw: st.DrawFn, name: str, grain: int, whole: bool) -> dict[str, Any]:
    """A side of nine brigades; one has 500 posts of billets, so that the shape stays."""
    posts = [500, *(draw(st.sampled_from([50, 250, 500])) for _ in range(4))]
    order = [
        {
            "name": f"brigade {place}",
            "men": draw(st.integers(0, size)) * grain,
            "establishment": size * grain,
            "sector": place if place in SECTORS else None,
            "count": 2 if place in SECTORS else 1,
        }
        for size, place in zip(posts, (*SECTORS, "reserve"), strict=True)
    ]
    if all(brigade["men"] == 0 for brigade in order):
        order[0]["men"] = grain
    men = st.integers(0, 3000)
    regions = [
        {
            "name": place,
            "eligible_men": draw(st.sampled_from([0, 40, 5000, 60000])),
            "burden": draw(numbers(0.1, 3)),
            "income": draw(numbers(0.2, 3)),
            "trust": draw(SHARE),
            "terror": draw(SHARE),
            "exclusion": draw(SHARE),
            "resolve": draw(numbers(-2, 2)),
        }
        for place in (f"{name} town", f"{name} country")
    ]
    people = sum(region["eligible_men"] for region in regions)
    return {
        "name": name, "title": name, "order_of_battle": order, "regions": regions, "kinds": draw(shares_of_kinds()),
        "killed_per_1000_month": draw(numbers(0, 400)), "killed_share": draw(numbers(0.05, 1)),
        "returned_share": draw(SHARE), "resolve": {"mean": draw(numbers(-3, 6)), "sd": draw(numbers(0.01, 3))},
        "mean_tenure_days": draw(numbers(1, 2000)),
        "hospital": draw(men), "absent": draw(men), "prisoners": draw(men), "prison": draw(men),
        "trained": draw(men) if people else 0, "dead_before": draw(men),
        "trust": draw(SHARE), "terror": draw(SHARE), "training_days": 30 if whole else draw(st.integers(1, 30)),
        "draft_enforcement": draw(SHARE), "border_cost": draw(numbers(0, 5)),
        "quota_per_day": draw(series(0, 2000)) if people else 0.0,
        "contracts_per_day": draw(series(0, 500)) if people else 0.0,
        "intensity": draw(series(0, 5)), "news": draw(series(-1, 1)), "pay": draw(series(0, 4)),
        "enforcement": draw(series(0, 5)), "shock": draw(series(0, 0.2)),
        **{name: draw(SHARES) for name in (
            "assault", "candour", "supply", "exit", "captor", "patron_gone", "unpaid",
        )},
        "regime": {
            "elite_cohesion": draw(SHARE), "elite_level": draw(SHARES), "vitality": draw(SHARES),
            "personalism": draw(SHARE), "leader_age": draw(st.one_of(st.none(), numbers(18, 110))),
            "support": draw(numbers(0, 100)),
        },
    }  # fmt: skip


@st.composite
def wars(draw: st.DrawFn) -> ScenarioDocument:
    grain = draw(st.integers(1, 20))
    day = st.integers(0, DAYS - 1)
    spans = st.tuples(day, day).map(sorted)
    events = []
    for name in effects.names():
        begin, end = draw(spans)
        whom = draw(st.sampled_from([None, "west", "east"]))
        # A strength is a multiplier: 3 leaves every share far behind.
        events.append(
            {"effect": name, "start": on(begin), "end": on(end), "side": whom, "strength": draw(numbers(0, 3))}
        )
    pockets = []
    for side in draw(st.lists(st.sampled_from(["west", "east"]), max_size=2, unique=True)):
        begin, end = draw(spans)
        sector = draw(st.sampled_from(SECTORS))
        pockets.append({"sector": sector, "side": side, "start": on(begin), "end": on(end)})
    document = base().model_dump() | {
        "days": DAYS,
        "men_per_billet": grain,
        "side": [draw(sides("west", grain, False)), draw(sides("east", grain, True))],
        "event": events,
        "encirclement": pockets,
        "ceasefire": draw(st.one_of(st.none(), st.integers(1, DAYS - 1).map(on))),
        "parameters": {
            "choice.tempo": draw(numbers(0.01, 1)),
            "choice.line_contact": draw(SHARE),
            "care.defection": draw(SHARE),
            "care.healing": draw(numbers(1, 60)),
            "care.sentence": draw(numbers(1, 365)),
            "care.return_rate": draw(numbers(0, 1)),
            "pursuit.retained": draw(SHARE),
            "front.heal_days": draw(numbers(1, 10)),
            "front.cut_days": draw(numbers(1, 3)),
        },
    }
    return validated(document, Known(), "A drawn war")


@pytest.mark.slow
@settings(max_examples=25)
@given(wars(), st.integers(0, 2**32 - 1))
def test_whole_wars_conserve_people_and_make_sense(scenario: ScenarioDocument, seed: int) -> None:
    world = build.world(scenario)[0]
    at_start = int(everyone(world.setting, world.state))
    flows, last = days_of(world, seed=seed, stretch=STRETCH)

    assert flows["balance"].dtype.kind == "i"
    assert (flows["balance"] == at_start).all()
    for name, values in flows.items():
        assert np.isfinite(values).all(), name
        _, unit = VARIABLES.get(name, ("", ""))
        if unit.startswith("men") or name in STOCKS:
            assert values.dtype.kind == "i", name
            assert values.min() >= 0, name
        if unit == "share":
            assert values.min() >= -1e-6, name
            assert values.max() <= 1 + 1e-6, name
    for name, (low, high) in BOUNDED.items():
        assert flows[name].min() >= low - 1e-6, name
        assert flows[name].max() <= high + 1e-6, name
    assert flows["elite_cohesion"].min() > 0

    grain = scenario.men_per_billet
    posts = np.asarray(world.setting.companies) * world.state.army.fate.shape[0] * world.state.army.fate.shape[1]
    assert (flows["brigade_present"] <= posts * grain).all()
    assert (flows["caught"] >= flows["imprisoned"]).all()
    if scenario.ceasefire is not None:
        silent = (scenario.ceasefire - scenario.start).days
        fell = sum(flows[name] for name in ("killed", "wounded", "deserted", "surrendered", "captured", "refused"))
        assert not fell[:, silent:].any()
    evening_makes_sense(last, scenario)


def evening_makes_sense(last: State, scenario: ScenarioDocument) -> None:
    """After the last stretch (days beyond the last included): every stock, and the squads' count of those present."""
    for part in (last.rear, last.society):
        for leaf in jax.tree.leaves(part):
            assert np.isfinite(leaf).all()
            assert leaf.min() >= 0
    # The army's runs stand second: [slot, run, squad, company, brigade].
    np.testing.assert_array_equal((last.army.fate == PRESENT).sum(axis=0), last.units.present)
    assert np.isfinite(last.army.risk).all()
    assert np.isfinite(last.army.resolve).all()
    assert (last.army.risk >= 0).all()
    grain = scenario.men_per_billet
    for stock in (last.rear.killed,):
        assert (stock % grain == 0).all()
