r"""The board on which a battle is fought: the engine's own laws of fire and front, two sides, one position each.

The laws are those of the engine and are called, not copied. `fire.hazard` says how the men who are hit share out between the
sides, `front.edge` what an attack meets, `front.yields` how likely either side gives way. The board adds what a column of the
table is worth on their scales, and what no column tells.

The clock of `front.yields` runs in men hit, not in days. So does the board's: *fighting* $I$ is the share of its men that each
of two equal sides would have lost so far. Side $o$ has then lost $g_o I$, with $g$ from `fire.hazard` at a base of one, and its
hazard for each unit of fighting is $\lambda_o(I)$. The first of the two to give way ends the battle. Because losses grow in
proportion and the law's exponent is linear in them, $\lambda_o(I)=\lambda_o(0)e^{\alpha_o I}$ exactly, so nothing is stepped: the
cumulative hazard and its inverse are closed forms, and only who is first and the advantage that no column tells are
integrated numerically.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from holdfast.core.params import LogNormal, Normal, par
from holdfast.core.types import PerSector, PerSideSector, Record, Scalar
from holdfast.engine.mechanisms import fire, front
from holdfast.past_battles.battle_table import ATTACKER, DEFENDER, POSTURES, Battles

AGES = {"pike": 1600, "musket": 1700, "rifle": 1861, "trench": 1914, "motor": 1919}
"""Ages of war, each with its first year. A parameter of each says how much longer a position of it holds."""
UNSEEN_NODES, FIGHTING_NODES = 15, 8
STEEPEST = 10.0
"""Growth of the log of a hazard, up or down, beyond which it no longer matters: nobody holds that long."""
STRIDE = 2e-3
"""Fighting over which the growth of a hazard is measured: exact for any, and small enough that none overflows."""


class Params(Record):
    """What the table's columns are worth on the laws' scales, and what no column tells."""

    prepared: Scalar = par(0.3, unit="nats", prior=Normal(0.3, 0.7), pressure="structure",
        source="a prepared defence beside a hasty one; QJM has ln(1.5/1.3) = 0.14")  # fmt: skip
    fortified: Scalar = par(0.6, unit="nats", prior=Normal(0.6, 0.7), pressure="structure",
        source="a fortified defence beside a hasty one; QJM has ln(1.6/1.3) = 0.21")  # fmt: skip
    delay: Scalar = par(-0.1, unit="nats", prior=Normal(-0.1, 0.7), pressure="structure",
        source="delay or withdrawal beside a hasty defence; QJM has ln(1.2/1.3) = -0.08")  # fmt: skip
    surprise_edge: Scalar = par(0.3, unit="nats", prior=Normal(0.3, 0.5), pressure="shock",
        source="assumed: each of three steps of surprise, in what an attack meets")  # fmt: skip
    surprise_fire: Scalar = par(0.3, unit="nats", prior=Normal(0.3, 0.5), pressure="shock",
        source="assumed: the same in the exchange of losses")  # fmt: skip
    air_edge: Scalar = par(0.3, unit="nats", prior=Normal(0.3, 0.7), pressure="structure",
        source="assumed: command of the air, in what an attack meets")  # fmt: skip
    air_fire: Scalar = par(0.3, unit="nats", prior=Normal(0.3, 0.7), pressure="structure",
        source="assumed: the same in the exchange of losses")  # fmt: skip
    judged_edge: Scalar = par(0.0, unit="nats", prior=Normal(0.0, 0.7), pressure="structure",
        source="0 in the law: a step of the advantages that were judged afterwards, in what an attack meets")  # fmt: skip
    judged_fire: Scalar = par(0.0, unit="nats", prior=Normal(0.0, 0.7), pressure="structure",
        source="0 in the law: the same in the exchange of losses")  # fmt: skip
    unseen: Scalar = par(0.5, unit="nats", prior=LogNormal(0.5, 0.7), pressure="structure",
        source="assumed: spread of an advantage that no column tells")  # fmt: skip
    rout: Scalar = par(0.35, unit="nats", prior=Normal(0.35, 0.2), pressure="losses",
        source="giving way adds losses; prisoners and missing alone 0.35 (se 0.13) in 38 battles of Livermore")  # fmt: skip
    scatter: Scalar = par(1.0, unit="nats", prior=LogNormal(1.0, 0.5), pressure="losses",
        source="assumed: spread of the ratio of losses that neither the odds nor any other column tells")  # fmt: skip
    pike: Scalar = par(0.0, unit="nats", prior=Normal(0.0, 0.5), pressure="losses",
        source="assumed: losses at which a position gives way, before 1700, beside those of all ages")  # fmt: skip
    musket: Scalar = par(0.0, unit="nats", prior=Normal(0.0, 0.5), pressure="losses",
        source="the same, 1700 to 1860")  # fmt: skip
    rifle: Scalar = par(0.0, unit="nats", prior=Normal(0.0, 0.5), pressure="losses",
        source="the same, 1861 to 1913")  # fmt: skip
    trench: Scalar = par(0.0, unit="nats", prior=Normal(0.0, 0.5), pressure="losses",
        source="the same, 1914 to 1918")  # fmt: skip
    motor: Scalar = par(0.0, unit="nats", prior=Normal(0.0, 0.5), pressure="losses",
        source="the same, from 1919 on")  # fmt: skip
    depth: Scalar = par(1.4, unit="nats", prior=LogNormal(1.4, 0.5), pressure="structure",
        source="assumed: spread of the ground that a lost battle costs")  # fmt: skip
    ageing: Scalar = par(1.0, unit="1", prior=LogNormal(1.0, 0.5), pressure="losses",
        source="1 in the law, which has no memory; above 1 small losses break fewer than it says")  # fmt: skip


class Law(Record):
    """The engine's laws of fire and front, and the board's own parameters."""

    fire: fire.Params
    front: front.Params
    board: Params

    @classmethod
    def declared(cls) -> Law:
        """The laws as declared, before any fit.

        Returns:
            Every parameter at its declared value.
        """
        return cls(fire=fire.Params(), front=front.Params(), board=Params())


class Columns(NamedTuple):
    """What the board sees of the battles: nothing of their course and end."""

    ratio: PerSector
    """Log of the attacker's men over the defender's, `[K]` [nats]."""
    posture: Float[Array, "K 4"]
    """Shares of the defender's postures, `[K 4]` [1]."""
    surprise: PerSector
    """Steps of surprise, `[K]`."""
    air: PerSector
    """Command of the air, `[K]`."""
    judged: PerSector
    """Steps of judged advantages, `[K]`; only a variant looks at them."""
    age: Float[Array, "K 5"]
    """1 for the battle's age, `[K 5]`."""
    density: PerSideSector
    """Men on a kilometre of front, `[2 K]` [men/km]; the usual density where not known."""


def columns_of(battles: Battles) -> Columns:
    """The columns that the board sees.

    Args:
        battles: the table.

    Returns:
        The columns.
    """
    starts = np.array([*AGES.values()])
    age = np.clip(np.searchsorted(starts, battles.year, side="right") - 1, 0, len(starts) - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        density = battles.men / np.where(np.isfinite(battles.front), battles.front, battles.front[:, ::-1])
    usual = float(front.Params().usual_density)
    return Columns(
        ratio=_array(np.log(battles.men[:, ATTACKER] / battles.men[:, DEFENDER])),
        posture=_array(battles.posture),
        surprise=_array(battles.surprise),
        air=_array(battles.air),
        judged=_array(battles.judged),
        age=_array(np.eye(len(AGES))[age]),
        density=_array(np.where(np.isfinite(density), density, usual).T),
    )


def _array(values: np.ndarray) -> Array:
    return jnp.asarray(values, jnp.float32)


def _both(of_attacker: PerSector) -> PerSideSector:
    """A log of a ratio, seen by either side."""
    return jnp.stack([of_attacker, -of_attacker])


def shares(law: Law, columns: Columns, unseen: PerSector | float = 0.0) -> PerSideSector:
    """Share of its men that each side loses for each unit of fighting: `fire.hazard` at a base of one.

    A side's strength is measured by the geometric mean of both, since the table knows no establishments.

    Args:
        law: the parameters.
        columns: what the board sees.
        unseen: the attacker's advantage that no column tells, in standard deviations, `[K]`.

    Returns:
        The shares, `[2 K]` [1].
    """
    own = law.board
    ratio = (
        columns.ratio + own.surprise_fire * columns.surprise + own.air_fire * columns.air
        + own.judged_fire * columns.judged + own.unseen * unseen
    )  # fmt: skip
    return fire.hazard(law.fire, jnp.ones(2), jnp.exp(_both(ratio) / 2))


def hazards(
    law: Law, columns: Columns, unseen: PerSector | float = 0.0, fighting: PerSector | float = 0.0
) -> PerSideSector:
    """Hazard that each side gives way, for each unit of fighting: `front.yields` on `front.edge`.

    The attacker attacks, the defender does not: only the attacker pays for a position with his own men. Losses count in units of
    the age's: where a position holds twice as long, men hit wear it half as much.

    Args:
        law: the parameters.
        columns: what the board sees.
        unseen: the attacker's advantage that no column tells, in standard deviations, `[K]`.
        fighting: fighting so far, `[K]` [1].

    Returns:
        The hazards, `[2 K]`.
    """
    own, hit = law.board, shares(law, columns, unseen)
    ratio = (
        columns.ratio + own.surprise_edge * columns.surprise + own.air_edge * columns.air
        + own.judged_edge * columns.judged + own.unseen * unseen
    )  # fmt: skip
    worth = jnp.stack([jnp.zeros(()), own.prepared, own.fortified, own.delay])
    works = jnp.stack([jnp.zeros_like(ratio), columns.posture @ worth])
    edge = front.edge(law.front, _both(ratio), works, hit * fighting)
    holds = jnp.exp(columns.age @ jnp.stack([getattr(own, age) for age in AGES]))
    effort = jnp.stack([jnp.zeros_like(ratio), hit[ATTACKER]])
    return front.yields(law.front, edge, hit / holds, effort / holds)


class Clock(NamedTuple):
    """Both sides' hazards over a battle, $\\lambda(I)=\\lambda(0)e^{\\alpha I}$."""

    first: PerSideSector
    """At the beginning, $\\lambda(0)$, `[2 K]`."""
    growth: PerSideSector
    """How it grows with fighting, $\\alpha$, `[2 K]`."""

    def at(self, fighting: PerSector) -> PerSideSector:
        """Hazards after some fighting.

        Args:
            fighting: $I$, `[K]`.

        Returns:
            The hazards, `[2 K]`.
        """
        return self.first * jnp.exp(self._grown(self.growth, fighting))

    def log_at(self, fighting: PerSector) -> PerSideSector:
        """Logs of the hazards after some fighting.

        Args:
            fighting: $I$, `[K]`.

        Returns:
            The logs, `[2 K]`.
        """
        return jnp.log(self.first) + self._grown(self.growth, fighting)

    @staticmethod
    def _grown(growth: PerSideSector, fighting: PerSector) -> PerSideSector:
        """By how much the log of a hazard has grown."""
        return jnp.clip(growth * fighting, -STEEPEST, STEEPEST)

    def until(self, fighting: PerSector) -> PerSideSector:
        """Cumulative hazards.

        Args:
            fighting: $I$, `[K]`.

        Returns:
            The hazards' integrals from 0 to $I$, `[2 K]` [1].
        """
        small = jnp.abs(self.growth) < 1e-4
        growth = jnp.where(small, 1.0, self.growth)
        return self.first * jnp.where(small, fighting, jnp.expm1(self._grown(growth, fighting)) / growth)

    def when(self, spent: PerSideSector) -> PerSideSector:
        """The fighting at which a cumulative hazard is reached: the inverse of `until`.

        Args:
            spent: the cumulative hazard of each side, `[2 K]` [1].

        Returns:
            The fighting, `[2 K]`; infinite where it is never reached.
        """
        small = jnp.abs(self.growth) < 1e-4
        growth = jnp.where(small, 1.0, self.growth)
        plain = spent / self.first
        inner = growth * plain
        bent = jnp.where(inner > -1, jnp.log1p(jnp.maximum(inner, -0.999999)) / growth, jnp.inf)
        return jnp.where(small, plain, bent)


def clock(law: Law, columns: Columns, unseen: PerSector | float = 0.0) -> Clock:
    """Both sides' hazards over a battle, from the laws at its beginning and after a little fighting.

    Args:
        law: the parameters.
        columns: what the board sees.
        unseen: the attacker's advantage that no column tells, in standard deviations, `[K]`.

    Returns:
        The clock.
    """
    first, later = hazards(law, columns, unseen, 0.0), hazards(law, columns, unseen, STRIDE)
    return Clock(first, (jnp.log(later) - jnp.log(first)) / STRIDE)


_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(UNSEEN_NODES)
NODES = jnp.asarray(_NODES, jnp.float32)
"""Of the advantage that no column tells [standard deviations]."""
LOG_WEIGHTS = jnp.asarray(np.log(_WEIGHTS / _WEIGHTS.sum()), jnp.float32)
_PLACES, _SIZES = np.polynomial.legendre.leggauss(FIGHTING_NODES)
_SURVIVING = jnp.asarray((_PLACES + 1) / 2, jnp.float32)
_PARTS = jnp.asarray(_SIZES / 2, jnp.float32)


def first_to_yield(law: Law, columns: Columns, unseen: PerSector | float = 0.0) -> PerSector:
    r"""Chance that the defender gives way before the attacker, $\int\lambda_D(I)e^{-\Lambda_A(I)-\Lambda_D(I)}dI$.

    The variable of integration is the chance that both would still hold if their hazards stayed as they began, so that the
    integrand is a constant where they do.

    Args:
        law: the parameters.
        columns: what the board sees.
        unseen: the attacker's advantage that no column tells, in standard deviations, `[K]`.

    Returns:
        The chance, `[K]` [1].
    """
    of = clock(law, columns, unseen)
    total = of.first.sum(axis=0)

    def part(surviving: Scalar) -> PerSideSector:
        fighting = -jnp.log(surviving) / total
        return of.at(fighting) / total * jnp.exp(-of.until(fighting).sum(axis=0)) / surviving

    ends = jnp.tensordot(_PARTS, jax.vmap(part)(_SURVIVING), 1)
    return ends[DEFENDER] / ends.sum(axis=0)


def chance(law: Law, columns: Columns) -> PerSector:
    """Chance that the defender gives way, over the advantage that no column tells.

    Args:
        law: the parameters.
        columns: what the board sees.

    Returns:
        The chance, `[K]` [1].
    """
    each = jax.vmap(lambda node: first_to_yield(law, columns, node))(NODES)
    return jnp.tensordot(jnp.exp(LOG_WEIGHTS), each, 1)


class Ends(NamedTuple):
    """How battles end on the board."""

    defender: Bool[Array, "K"]
    """Whether the defender gives way, else the attacker, `[K]`."""
    lost: PerSideSector
    """Share of its men that each side has lost when it is over, prisoners among them, `[2 K]` [1]."""
    gained: PerSector
    """Ground that the attacker gains, `[K]` [km]; 0 where it is he who gives way."""


def fight(law: Law, columns: Columns, luck: Float[Array, "5 K"]) -> Ends:
    """Fight each battle once.

    Args:
        law: the parameters.
        columns: what the board sees.
        luck: two draws of a unit exponential, then three of a standard normal, `[5 K]`.

    Returns:
        The ends.
    """
    own, unseen = law.board, luck[2]
    when = clock(law, columns, unseen).when(luck[:2])
    defender = when[DEFENDER] < when[ATTACKER]
    fighting = jnp.minimum(when[ATTACKER], when[DEFENDER])
    log_lost = jnp.log(shares(law, columns, unseen) * fighting)
    log_lost = log_lost + jnp.where(jnp.stack([~defender, defender]), own.rout, 0)
    log_lost = log_lost + _both(
        own.scatter / 2 * luck[3]
    )  # of the ratio: what one side loses more, the other loses less
    depth = ground(law, columns) * jnp.exp(own.depth * luck[4])
    return Ends(defender, jnp.exp(log_lost), jnp.where(defender, depth, 0))


def ground(law: Law, columns: Columns) -> PerSector:
    """Ground that the defender loses with a position, in the median: `front.grind` for one position.

    Args:
        law: the parameters.
        columns: what the board sees.

    Returns:
        The depth, `[K]` [km].
    """
    return front.grind(law.front, jnp.ones_like(columns.density), columns.density)[DEFENDER]


def posture_name(shares_of: np.ndarray) -> str:
    """The posture that has the greatest share.

    Args:
        shares_of: shares of `POSTURES`, `[4]`.

    Returns:
        Its name; `unknown` where none has a share.
    """
    return POSTURES[int(np.argmax(shares_of))] if shares_of.sum() else "unknown"
