"""A billet may stand for one man or for several: the same war at three grains.

A coarser grain has fewer brigades, then fewer companies, never smaller squads. Squads, companies and brigades keep
their shares in the bond, so nothing should move on average; what may move it a little is stated as `ALLOWANCE`.
"""

from __future__ import annotations

import datetime as dt
import functools

import numpy as np
import pytest

from holdfast.scenario import build
from holdfast.scenario.schema import ScenarioDocument
from holdfast.scenario.validation import Known, validated
from wars import error, exits, told

pytestmark = pytest.mark.slow

GRAINS = (1, 2, 5)
RUNS, DAYS, MEN = 8, 90, 36_000
ALLOWANCE = {"killed": 0.02, "wounded": 0.02, "exits": 0.04, "caught": 0.04, "present": 0.002}
r"""What a grain may move a mean by, beside three standard errors, as a share of it.

Brigades are whole, so the share in reserve (a tenth of the line's risk) and in each sector moves with their number,
and with it who is under fire: a few per cent. Exits answer to that, and to how unevenly they fall on companies and
brigades, of which a coarse army has fewer: twice as much. Men wait in stocks until a billet of them is together, up to
a grain less one in each brigade and region: a thousandth of the strength.
"""


@functools.cache
def case() -> ScenarioDocument:
    """72,000 men on four sectors: North near 3 exits, South near 8; both sides draft, heal, catch and take back."""
    common = {
        "strength": MEN, "establishment": MEN + 2000, "brigade_men": 2500, "killed_per_1000_month": 10.0,
        "mean_tenure_days": 200, "hospital": 2000, "trained": 500, "dead_before": 2000, "training_days": 30,
        "contracts_per_day": 60.0, "quota_per_day": 40.0,
    }  # fmt: skip
    document = {
        "name": "grain", "title": "The same war", "question": "Does the grain matter?",
        "start": dt.date(2030, 1, 1), "days": DAYS, "front": {"sectors": 4, "km": 100},
        "side": [
            common | {
                "name": name, "title": name, "resolve": {"mean": resolve, "sd": 0.95},
                "regions": [{"name": f"{name} {n}", "eligible_men": 300_000} for n in (1, 2)],
            }
            for name, resolve in (("north", 0.8), ("south", 0.0))
        ],
    }  # fmt: skip
    return validated(document, Known(), "The tests' war")


@functools.cache
def fought(grain: int) -> dict[str, np.ndarray]:
    """Totals over the war at a grain, `[run side]`."""
    world, names = build.world(case(), men_per_billet=grain)
    assert int(world.setting.men_per_billet) == grain
    flows = told(world, range(RUNS), stretch=45)
    assert (flows["balance"] == flows["balance"][0, 0, 0]).all()
    total = {name: flows[name].sum(axis=1).astype(float) for name in ("killed", "wounded", "caught")}
    total["exits"] = np.stack([exits(flows, side=side) for side in (0, 1)], axis=1)
    total["present"] = flows["present"].mean(axis=1)
    total["brigades"] = np.full((RUNS, 2), len(names.brigades) / 2)
    total["broken"] = flows["broken_share"].max(axis=1)
    return total


@pytest.mark.slow
def test_the_grains_are_what_they_should_be() -> None:
    """The finest has more brigades than the others; the coarsest has smaller ones than the middle."""
    brigades = [fought(grain)["brigades"][0, 0] for grain in GRAINS]
    assert brigades[0] > brigades[1] >= brigades[2]
    shapes = [build.world(case(), men_per_billet=grain)[0].state.army.fate.shape for grain in GRAINS]
    assert len({shape[:2] for shape in shapes}) == 1
    assert shapes[1][2] > shapes[2][2]


@pytest.mark.parametrize("what", ALLOWANCE)
@pytest.mark.parametrize("grain", GRAINS[1:])
def test_a_coarse_army_fares_as_one_of_single_men(grain: int, what: str) -> None:
    fine, coarse = fought(1)[what], fought(grain)[what]
    for side in (0, 1):
        apart = abs(coarse[:, side].mean() - fine[:, side].mean())
        width = 3 * np.hypot(error(coarse[:, side]), error(fine[:, side]))
        assert apart < width + ALLOWANCE[what] * fine[:, side].mean(), (side, coarse.mean(0), fine.mean(0))


def test_nothing_broke_that_would_hide_a_difference() -> None:
    assert not any(fought(grain)["broken"].any() for grain in GRAINS)
    rates = fought(1)["exits"].mean(axis=0)
    assert ((rates > 2) & (rates < 15)).all()


def test_a_coarser_army_varies_more_from_run_to_run() -> None:
    """By the root of the grain for the killed: a billet of five falls together."""
    spread = [fought(grain)["killed"].std(axis=0, ddof=1).mean() for grain in GRAINS]
    assert spread[2] / spread[0] == pytest.approx(np.sqrt(5), rel=0.5)
