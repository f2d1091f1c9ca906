"""The grinding front against the months of a war: ground gained by month, out of both armies' losses and strength.

    python bench/front/months.py

The law is the engine's (`front.yields`, `front.grind`), on one sector as long as the front. Losses and strength are the
medians of the evidence's fast posterior, ground is the shipped area at months' ends. Fitted are the front's `bound`, `odds` and
`price` under their declared priors, the worth of ground to whoever is attacked, and each side's share of risk in attacks
(Ukraine's in the summer of 2023 apart). Months after the last one fitted are foretold with the losses and strength that came,
so what is scored is the law, not a forecast.
"""

from __future__ import annotations

import dataclasses
import datetime as dt

import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import least_squares

from holdfast.core.params import walk
from holdfast.core.units import MONTH_DAYS
from holdfast.engine.mechanisms import front
from holdfast.evidence import losses
from holdfast.forecasting import scores

KM = 987.0
"""Length of the front [km] (docs/fronts.md)."""
SUMMER = (dt.date(2023, 6, 1), dt.date(2023, 9, 30))
"""The Ukrainian offensive."""
UNTIL = (dt.date(2023, 11, 1), dt.date(2024, 10, 1), dt.date(2026, 8, 1))
"""Months before these days are fitted, the others foretold."""
ERROR = 150.0
"""What a month's ground has of its own, where residuals begin to count less [km2]."""
FREE = ("bound", "odds", "price")
SIDES = ("russia", "ukraine")


def months() -> tuple[list[dt.date], np.ndarray, np.ndarray, np.ndarray]:
    """The months, the first side's gain [km2], strength [men] and hits [1/d] of both sides, `[2 month]`."""
    area = {m: one.p50 for (_, what, m), one in scores.shipped_observations("russia_ukraine").items() if what == "area"}
    known = sorted(area)
    posterior = losses.reconcile_losses(until="2026-08-01", fast=True).posterior
    index = [posterior.calendar.months.index(month) for month in known[1:]]
    median = lambda side, what: np.median(posterior.monthly(side, what), axis=0)[index]  # noqa: E731
    strength = np.stack([median(side, "strength") for side in SIDES])
    hit = np.stack([median(side, "killed") + median(side, "wounded") for side in SIDES]) / MONTH_DAYS / strength
    return known[1:], np.diff([area[month] for month in known]), strength, hit


def gained(values: jax.Array, when: list[dt.date], strength: np.ndarray, hit: np.ndarray) -> jax.Array:
    """What the law gives by month [km2]; values are logs of `FREE`, the worth of ground, logits of the attacks."""
    law = dataclasses.replace(front.Params(), **dict(zip(FREE, jnp.exp(values[:3]), strict=True)))
    ours, theirs, summer = jax.nn.sigmoid(values[4:])
    offensive = np.array([SUMMER[0] <= month <= SUMMER[1] for month in when])
    attack = jnp.stack([jnp.full(len(when), ours), jnp.where(offensive, summer, theirs)])[::-1]
    ratio = np.log(strength / strength[::-1])
    lost = front.yields(law, ratio + values[3], attack * hit, attack * hit[::-1])
    ground = front.grind(law, lost, jnp.asarray(strength / KM))
    return (ground[1] - ground[0]) * KM * MONTH_DAYS


def main() -> None:
    """Fit and print."""
    when, seen, strength, hit = months()
    declared = dict(walk(front.Params()))
    priors = [declared[name].prior for name in FREE]
    middle = np.array([*(np.log(one.median) for one in priors), 0.0, 0.0, -1.0, 0.0])
    spread = np.array([*(one.sd for one in priors), 0.5, 0.5, 0.5, 0.5])
    for until in UNTIL:
        fitted = np.array([month < until for month in when])
        miss = lambda v, of=fitted: jnp.concatenate(  # noqa: E731
            [(gained(v, when, strength, hit) - seen)[of] / ERROR, (v - middle) / spread]
        )
        found = least_squares(miss, middle, jac=lambda v, of=miss: np.asarray(jax.jacfwd(of)(v)), loss="soft_l1")
        error = np.sqrt(np.diag(np.linalg.inv(found.jac.T @ found.jac)))
        law = np.asarray(gained(found.x, when, strength, hit))
        rms = lambda x: float(np.sqrt(np.mean(np.square(x)))) if len(x) else float("nan")  # noqa: E731
        print(
            f"Months before {until:%Y-%m}: {fitted.sum()} fitted, {(~fitted).sum()} foretold from the losses that came"
        )
        for name, x, sd in zip(
            (*FREE, "ground", "attack", "attack of the other", "in summer 2023"), found.x, error, strict=True
        ):
            shown = np.exp(x) if name in FREE else x if name == "ground" else 1 / (1 + np.exp(-x))
            print(f"  {name:20} {shown:6.2f}   (SD {sd:.2f} on the {'log' if name in FREE else 'logit or nat'} scale)")
        print(f"  root mean square error: fitted {rms((law - seen)[fitted]):.0f} km2, ", end="")
        print(f"their mean {np.std(seen[fitted]):.0f}", end="")
        if (~fitted).any():
            flat = seen[~fitted] - seen[fitted].mean()
            print(f"; foretold {rms((law - seen)[~fitted]):.0f}, the mean of the fitted {rms(flat):.0f}", end="; ")
            print(f"in all {law[~fitted].sum():,.0f} km2 for {seen[~fitted].sum():,.0f}", end="")
        print(f"; correlation over all months {np.corrcoef(law, seen)[0, 1]:.2f}")


if __name__ == "__main__":
    main()
