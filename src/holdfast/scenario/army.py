"""The army on the first morning: who stands in which billet, drawn from the case and not from a run's luck."""

from __future__ import annotations

from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np

from holdfast import luck, state
from holdfast.day import Params
from holdfast.scenario.layout import Brigades
from holdfast.scenario.schema import KINDS, Scenario
from holdfast.scenario.series import value_on
from holdfast.scenario.tables import QUANTILES


def army_of(
    scenario: Scenario, setting: state.Setting, sides: Sequence[Brigades], shape: tuple[int, int, int, int],
    declared: Params, seed: int,
) -> tuple[state.Army, np.ndarray]:  # fmt: skip
    """Who stands in which billet on the first morning. Drawn from the case, not from the run's luck."""
    slots, squads, companies, brigades = shape
    side = np.asarray(setting.side)
    number = np.asarray(setting.number)
    draw = lambda n: luck.uniform(np.array([0x5EED, seed & 0xFFFFFFFF ^ n], np.uint32), number)  # noqa: E731
    posts = np.concatenate([one.posts for one in sides])
    men = np.concatenate([one.men for one in sides])
    open_ = (np.arange(companies)[:, None] < posts // (slots * squads))[None, None]
    # Fill slot by slot, squad by squad, so that every squad of a brigade is equally full.
    place = np.arange(slots * squads).reshape(slots, squads)[:, :, None, None]
    own = np.maximum(posts // (slots * squads), 1)
    order = place * own + np.minimum(np.arange(companies)[:, None], own - 1)
    present = open_ & (order < men)
    fate = np.where(present, state.PRESENT, np.where(open_, state.VACANT, state.CLOSED)).astype(np.uint8)

    shares = [np.cumsum([one.kinds[k].share if k in one.kinds else 0 for k in KINDS]) for one in scenario.side]
    kind_draw, home_draw = draw(1), draw(2)
    kind = np.zeros(shape, np.uint8)
    home = np.zeros(shape, np.uint8)
    region_side = np.asarray(setting.regions.side)
    weight = np.asarray(setting.regions.burden, float) * np.asarray(setting.regions.eligible, float)
    for index in (0, 1):
        mine = side == index
        rows = np.flatnonzero(region_side == index)
        upto = np.cumsum(weight[rows]) / max(weight[rows].sum(), 1e-12)
        kind[..., mine] = np.minimum(np.searchsorted(shares[index], kind_draw[..., mine], "right"), 4) + 5 * index
        picked = np.minimum(np.searchsorted(upto, home_draw[..., mine], "right"), len(rows) - 1)
        home[..., mine] = rows[picked]
    tenure = np.array([one.mean_tenure_days for one in scenario.side])[side] * -np.log1p(-draw(3))
    tenure = np.minimum(tenure + np.asarray(setting.kinds.training)[kind], 20000)
    deviate = np.asarray(setting.quantile)[(draw(4) * QUANTILES).astype(int)]
    resolve = np.asarray(setting.resolve_mean)[side] + np.asarray(setting.resolve_sd)[side] * deviate
    resolve = resolve + np.asarray(setting.kinds.resolve)[kind] + np.asarray(setting.regions.resolve)[home]
    army = state.Army(
        fate=jnp.asarray(fate),
        risk=jnp.asarray(first_risk(scenario, setting, declared, tenure, home, side).astype(np.float32)),
        resolve=jnp.asarray(resolve.astype(np.float32)),
        joined=jnp.asarray((-np.round(tenure)).astype(np.int16)),
        kind=jnp.asarray(kind),
        home=jnp.asarray(home),
    )
    return army, present


def first_risk(
    scenario: Scenario, setting: state.Setting, declared: Params, tenure: np.ndarray, home: np.ndarray, side: np.ndarray
) -> np.ndarray:
    """What each man believes on the first morning: he has learnt for as long as he has served."""
    intensity = np.array([value_on(one.intensity, scenario.start) for one in scenario.side])
    serious = np.asarray(setting.killed_share) + (1 - np.asarray(setting.killed_share)) * (
        1 - np.asarray(setting.returned_share)
    )
    loss = (np.asarray(setting.hazard) * serious * intensity)[side]
    candour = np.array([value_on(one.candour, scenario.start) for one in scenario.side])[side]
    trust = np.asarray(setting.regions.trust)[home]
    told = (1 - trust) * loss + trust * candour * loss
    learnt = 1 - np.exp(-tenure * float(declared.perception.learning))
    return float(declared.perception.prior_risk) * (1 - learnt) + told * learnt
