"""The board on which coded armies are run: one small army, one passive enemy, the same for all.

An army of history enters by its pressures alone (`holdfast.calibration.levels`), so armies differ in nothing that its
coder did not say. The enemy never leaves, loses nobody and gets nobody: he is as strong as the case's force ratio says.
"""

from __future__ import annotations

import datetime as dt
import functools
from typing import Any

from holdfast.engine.simulate import World
from holdfast.scenario import build
from holdfast.scenario.schema import Front, Kind, Regime, Region, Resolve, ScenarioDocument, Side

DAYS = 240
"""Length of a run, the same for every army: not the case's own, which already tells the outcome [d]."""
MEN, ENEMY_MEN = 1100, 500
SECTORS, COMPANY_SQUADS, SQUAD_MEN, BRIGADE_MEN = 5, 5, 10, 100
ENEMY_RESOLVE = 60.0
RESOLVE, RESOLVE_SD = 6.5, 0.95


@functools.cache
def board() -> World:
    """The world that every army's run is made from."""
    world, _ = build.world(scenario())
    return world


def scenario() -> ScenarioDocument:
    """Ten brigades in five sectors and one in reserve, against one brigade a sector.

    Sixteen brigades, since vectors are that long: 11 against 15 ms a run of 20.
    """
    regime = Regime(elite_cohesion=0.9, elite_level=0.9, vitality=1.0, personalism=0.6, support=60)
    common: dict[str, Any] = dict(
        brigade_men=BRIGADE_MEN, killed_share=0.25, returned_share=0.5, regime=regime, training_days=30
    )
    army = Side(
        name="army", title="An army", strength=MEN, reserve_share=0.09, killed_per_1000_month=1.0, assault=0.3,
        resolve=Resolve(mean=RESOLVE, sd=RESOLVE_SD), mean_tenure_days=300, trained=40,
        contracts_per_day=0.0005 * MEN, dead_before=MEN // 20,
        regions=[
            Region(name="favoured", eligible_men=20 * MEN, burden=0.5),
            Region(name="burdened", eligible_men=20 * MEN, burden=1.5, exclusion=0.0),
        ],
        **common,
    )  # fmt: skip
    enemy = Side(
        name="enemy", title="Its enemy", strength=ENEMY_MEN, reserve_share=0.0, killed_per_1000_month=0.0,
        assault=0.0, resolve=Resolve(mean=ENEMY_RESOLVE, sd=0.1), mean_tenure_days=300,
        kinds={"contract": Kind(share=1.0, intake_share=1.0)},
        regions=[Region(name="there", eligible_men=20 * MEN)],
        **common,
    )  # fmt: skip
    return ScenarioDocument(
        name="coded-army", title="A coded army", question="Does it hold?", start=dt.date(1900, 4, 1), days=DAYS,
        men_per_billet=1, squad_men=SQUAD_MEN, squads_per_company=COMPANY_SQUADS,
        front=Front(sectors=SECTORS, km=200, winter=0.0), side=[army, enemy],
    )  # fmt: skip
