"""What a posterior predicts of battles: chances with their spread, and many fights of each on the board."""

from __future__ import annotations

import dataclasses
import functools

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from holdfast.core.params import Floats
from holdfast.past_battles import board
from holdfast.past_battles.battle_table import Battles
from holdfast.past_battles.board import Columns, Ends, Law
from holdfast.past_battles.law_fit import Posterior

DRAWS = 100
"""Draws of the laws."""
FIGHTS = 8
"""Fights of each battle under each draw."""
TOGETHER = 64
"""Battles that are worked on at once: one size is compiled once."""


@dataclasses.dataclass(frozen=True)
class Prediction:
    """What is predicted of battles."""

    chance: Floats
    """That the defender gives way: mean over the draws of the laws, `[battle]` [1]."""
    low: Floats
    """5 % of the draws give less, `[battle]` [1]."""
    high: Floats
    """5 % of the draws give more, `[battle]` [1]."""
    defender: np.ndarray
    """Whether it is the defender who gives way, else the attacker, `[battle fight]`."""
    lost: Floats
    """Share of its men that each side has lost by then, `[battle 2 fight]` [1]."""
    gained: Floats
    """Ground that the attacker gains, `[battle fight]` [km]."""

    @property
    def lost_by_broken(self) -> Floats:
        """Share lost by the side that gives way, `[battle fight]` [1]."""
        return np.where(self.defender, self.lost[:, 1], self.lost[:, 0])

    def put(self, other: Prediction, places: np.ndarray) -> None:
        """Write the predictions of some battles into these.

        Args:
            other: of the battles at `places`.
            places: where they stand, `[battle of other]`.
        """
        for field in dataclasses.fields(self):
            getattr(self, field.name)[places] = getattr(other, field.name)


def empty(battles: int) -> Prediction:
    """Predictions to be filled in.

    Args:
        battles: how many battles.

    Returns:
        Predictions, all of them NaN.
    """
    fights = DRAWS * FIGHTS
    nothing = lambda *shape: np.full(shape, np.nan)  # noqa: E731
    return Prediction(
        nothing(battles), nothing(battles), nothing(battles), np.zeros((battles, fights), bool),
        nothing(battles, 2, fights), nothing(battles, fights),
    )  # fmt: skip


def predict(posterior: Posterior, battles: Battles, seed: int) -> Prediction:
    """Predictions of battles that taught the posterior nothing.

    Args:
        posterior: what other battles taught.
        battles: the battles.
        seed: of draws and luck.

    Returns:
        The predictions.
    """
    result = empty(len(battles))
    laws, random = posterior.laws(DRAWS, seed), np.random.default_rng([seed, 1])
    for start in range(0, len(battles), TOGETHER):
        places = np.arange(start, min(start + TOGETHER, len(battles)))
        padded = np.resize(places, TOGETHER)
        shape = (DRAWS, FIGHTS, 5, TOGETHER)
        luck = random.normal(size=shape)
        luck[:, :, :2] = random.exponential(size=(*shape[:2], 2, TOGETHER))
        chances, ends = _fights(laws, board.columns_of(battles.among(padded)), jnp.asarray(luck, jnp.float32))
        result.put(_gathered(np.asarray(chances), ends, len(places)), places)
    return result


@functools.partial(jax.jit)
def _fights(laws: Law, columns: Columns, luck: Array) -> tuple[Array, Ends]:
    """Chances `[draw battle]` and ends `[draw fight ... battle]`."""
    chances = jax.vmap(lambda law: board.chance(law, columns))(laws)
    ends = jax.vmap(lambda law, of: jax.vmap(lambda one: board.fight(law, columns, one))(of))(laws, luck)
    return chances, ends


def _gathered(chances: np.ndarray, ends: Ends, count: int) -> Prediction:
    """The predictions of the first battles of a chunk."""
    fights = DRAWS * FIGHTS
    low, high = np.quantile(chances[:, :count], [0.05, 0.95], axis=0)
    lost = np.asarray(ends.lost, float).reshape(fights, 2, -1)[:, :, :count]
    return Prediction(
        chance=chances[:, :count].mean(axis=0).astype(float),
        low=low.astype(float),
        high=high.astype(float),
        defender=np.asarray(ends.defender).reshape(fights, -1)[:, :count].T,
        lost=np.moveaxis(lost, 0, -1).transpose(1, 0, 2),
        gained=np.asarray(ends.gained, float).reshape(fights, -1)[:, :count].T,
    )
