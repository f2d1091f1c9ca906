"""The war behind the claims: monthly flows and stocks of one side, and how likely each claim is given them.

Every latent series is a random walk on the log scale around values that are believed of any war; men are conserved in
that the strength of each day is the one before, plus who came, less who went. Reads `evidence.design`; the
equations stand in `docs/evidence.md`.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import numpyro
import numpyro.distributions as dist
from jaxtyping import Float

from holdfast.core.params import LogNormal, Normal
from holdfast.evidence import priors
from holdfast.evidence.design import Array, Evidence, Observations, Rows

HOSPITAL_MONTHS = (0.1, 0.3, 0.3, 0.2, 0.1)
"""Shares of those who return, by months since the wound."""


WALKS = ("wounded", "captured", "deserted", "recruited")
"""Slow series: a value at the start and steps once a quarter."""

SHARES = ("returned", "came_back", "held", "mention")
"""What stays the same all war long."""


class War(NamedTuple):
    """One side's war, month by month: flows in men a month, stocks in men.

    Attributes:
        killed: the missing presumed dead among them [men/month].
        wounded: once for each wound [men/month].
        captured: [men/month].
        deserted: [men/month].
        recruited: [men/month].
        discharged: sent home [men/month].
    """

    killed: Float[Array, month]
    wounded: Float[Array, month]
    captured: Float[Array, month]
    deserted: Float[Array, month]
    recruited: Float[Array, month]
    strength: Float[Array, edge]
    """At the months' edges: one more than months."""
    missing_share: Float[Array, month]
    """Of the killed: death not established."""
    register_share: Float[Array, month]
    """Of the killed: citizens in registers."""
    tally_share: Float[Array, month]
    """Of the wounded: in an enemy's tally of the eliminated."""
    named_share: Float[Array, month]
    """Of the killed in registers: named in the end."""
    named_months: Float[Array, month]
    """Median delay until named."""
    mention: Float[Array, ""]
    """Of the missing: in counts of killed that do not say."""
    returned: Float[Array, ""]
    """Of the wounded: return to duty."""
    came_back: Float[Array, ""]
    """Of deserters: back in the ranks."""
    held: Float[Array, ""]
    """Of all captured: still held on a day."""
    discharged: Float[Array, month]


Latent = dict[str, Array]
"""Latent values by name: what is not yet known of a war, each of unit SD before any claim."""


def _constant(name: str) -> float:
    """A convention of the model."""
    return priors.WAR[name].value


def _spread(name: str) -> float:
    """The SD of a latent value's prior, on its own scale."""
    prior = priors.WAR[name].prior
    assert isinstance(prior, LogNormal | Normal)
    return prior.sd


def pace_spread() -> float:
    """SD of the logarithm of the pace at which the killed of neighbouring months differ, a unit of its latent value.

    Returns:
        The SD.
    """
    return _spread("killed_pace")


def shapes(evidence: Evidence) -> dict[str, tuple[int, ...]]:
    """Names and shapes of the latent values.

    Args:
        evidence: what the density of the side's war reads.

    Returns:
        The shape of each latent value by its name.
    """
    months, knots = evidence.bend.shape
    walks: dict[str, tuple[int, ...]] = {f"{name}_start": () for name in WALKS}
    walks |= {f"{name}_steps": (knots - 1,) for name in WALKS}
    alone = dict.fromkeys(("killed_start", "killed_pace", "strength_start", "discharged", "tally_turn", *SHARES), ())
    ends = {f"{name}_ends": (2,) for name in ("missing", "registers", "named", "delay", "tally")}
    monthly = {"killed_steps": (max(months - 1, 1),), "recruited_month": (months,)}
    biases = {"bias": (evidence.numbers.shared.shape[1],), "shaken": (evidence.shaken.shape[1],)}
    return walks | alone | ends | monthly | biases


def _latent(evidence: Evidence) -> Latent:
    """Draw what is not known of a war, for NumPyro."""
    unit = dist.Normal(0, 1)
    return {name: numpyro.sample(name, unit.expand(shape)) for name, shape in shapes(evidence).items()}


def war(evidence: Evidence, drawn: Latent) -> War:
    """The war that latent values stand for, on the scale of this army.

    Args:
        evidence: what the density of the side's war reads.
        drawn: latent values by name.

    Returns:
        Flows [men/month] and stocks [men] by month (equations: `docs/evidence.md`).
    """
    months = evidence.length.size
    length, scale = evidence.length, evidence.scale
    gone_by = np.linspace(0.0, 1.0, months)

    def value(name: str, latent: Array) -> Array:
        return _constant(name) + _spread(name) * latent

    def walk(name: str) -> Array:
        steps = jnp.concatenate([jnp.zeros(1), jnp.cumsum(_constant(f"{name}_step") * drawn[f"{name}_steps"])])
        return evidence.bend @ steps + jnp.log(_constant(name)) + _spread(name) * drawn[f"{name}_start"]

    def between(name: str) -> Array:
        ends = drawn[f"{name}_ends"]
        return (1 - gone_by) * value(f"{name}_first", ends[0]) + gone_by * value(f"{name}_last", ends[1])

    pace = _constant("killed_pace") * jnp.exp(
        _spread("killed_pace") * drawn["killed_pace"]
    )  # months are alike in a war of posts, unlike in one of battles
    path = jnp.concatenate([jnp.zeros(1), jnp.cumsum(pace * drawn["killed_steps"])])[:months]
    killed = length * _constant("killed") * scale * jnp.exp(_spread("killed") * drawn["killed_start"] + path)
    wounded = killed * jnp.exp(walk("wounded"))
    captured = killed * jnp.exp(walk("captured"))
    deserted = length * scale * jnp.exp(walk("deserted"))
    recruited = length * scale * jnp.exp(walk("recruited") + _leaping(drawn["recruited_month"]))
    leave = 1 - jnp.exp(
        -length * jnp.minimum(_constant("discharged") * jnp.exp(_spread("discharged") * drawn["discharged"]), 1.0)
    )
    returned, came_back, held, mention = (jax.nn.sigmoid(value(name, drawn[name])) for name in SHARES)
    back = sum(share * np.eye(months, k=-lag) for lag, share in enumerate(HOSPITAL_MONTHS))
    came = recruited + returned * (back @ wounded) + came_back * deserted
    first = scale * jnp.exp(evidence.scale_sd * drawn["strength_start"])
    strength = stock(first, came - killed - wounded - captured - deserted, leave)

    turn, ends = value("tally_turn", drawn["tally_turn"]), drawn["tally_ends"]
    low, high = jax.nn.sigmoid(value("tally_low", ends[0])), jax.nn.sigmoid(value("tally_high", ends[1]))
    return War(
        killed, wounded, captured, deserted, recruited, strength,
        missing_share=jax.nn.sigmoid(between("missing")),
        register_share=jax.nn.sigmoid(between("registers")),
        tally_share=low + (high - low) * jax.nn.sigmoid((evidence.middle - turn) / _constant("tally_width")),
        named_share=jax.nn.sigmoid(between("named")),
        named_months=jnp.exp(between("delay")),
        mention=mention, returned=returned, came_back=came_back, held=held,
        discharged=leave * strength[:-1],
    )  # fmt: skip


def _leaping(step: Array) -> Array:
    """Months unlike their neighbours, on the log scale: small as a rule, a mobilisation now and then."""
    return _constant("recruited_month") * step * jnp.sqrt(1 + (step / 2) ** 2)


def stock(start: Array, net: Array, leave: Array) -> Array:
    """Strength at the months' edges: each month a small share goes home, then the net flow joins.

    Args:
        start: men on the first day.
        net: net flow of each month [men].
        leave: share that goes home in each month.

    Returns:
        Men at the months' edges, `[month + 1]`.
    """
    stay = jnp.cumprod(1 - leave)
    return jnp.concatenate([start[None], stay * (start + jnp.cumsum(net / stay))])


def views(war: War) -> Float[Array, "view month"]:
    """The monthly series of `observables.VIEWS`, of which claims count sums; lists of names apart.

    Args:
        war: one side's war.

    Returns:
        Men by view and month.
    """
    confirmed, mentioned = 1 - war.missing_share, 1 - (1 - war.mention) * war.missing_share
    in_registers = war.killed * war.register_share
    return jnp.stack([
        war.killed, war.killed * confirmed, war.killed * mentioned,
        in_registers, in_registers * confirmed, in_registers * mentioned, war.killed - in_registers,
        war.wounded, war.wounded * (1 - war.returned), war.wounded * war.tally_share,
        jnp.zeros_like(war.killed), war.killed * war.missing_share, war.captured, war.deserted, war.recruited,
    ])  # fmt: skip


def expected(war: War, rows: Rows) -> Float[Array, row]:
    """What each row counts in this war, in men: the true value of what the claim says.

    Args:
        war: one side's war.
        rows: what each claim counts, as weights.

    Returns:
        The claims' true values [men], at least as far as the war goes.
    """
    known = 1 - jnp.exp(-jnp.log(2.0) * rows.waited * war.named_months ** -_constant("list_shape"))
    named = known * (war.killed * war.register_share * (1 - war.missing_share) * war.named_share)
    total = jnp.sum(rows.views * (rows.cover @ views(war).T), axis=1)
    total = total + rows.listing @ jnp.sum(rows.listed * named, axis=1)
    total = total * jnp.where(rows.is_held > 0, war.held, 1.0) * jnp.where(rows.is_absent > 0, 1 - war.came_back, 1.0)
    return total + rows.mark @ war.strength


def model(evidence: Evidence) -> None:
    """The joint density of a war and of what was claimed of it, for NumPyro.

    Args:
        evidence: what the density of the side's war reads.
    """
    numpyro.factor("claims", log_likelihood(evidence, _latent(evidence)))


def log_likelihood(evidence: Evidence, drawn: Latent) -> Array:
    """Log density of all claims in the war of these latent values, and of there being an army at all times.

    Args:
        evidence: what the density of the side's war reads.
        drawn: latent values by name.

    Returns:
        The log density [nats], a scalar.
    """
    state = war(evidence, drawn)
    return log_army(evidence, state) + log_claims(evidence, state, drawn)


def log_army(evidence: Evidence, state: War) -> Array:
    """Log density of there being an army at all times.

    Args:
        evidence: what the density of the side's war reads.
        state: a war.

    Returns:
        The log density [nats], a scalar.
    """
    return jnp.sum(
        jax.nn.log_sigmoid((state.strength / evidence.scale - _constant("least_army")) / _constant("least_army_width"))
    )


def log_claims(evidence: Evidence, state: War, drawn: Latent) -> Array:
    """Log density of all claims in a war.

    Args:
        evidence: what the density of the side's war reads.
        state: a war.
        drawn: the latent values, of which the biases are read.

    Returns:
        The log density [nats], a scalar.
    """
    numbers, limits = of_groups(evidence, state, drawn), of_limits(evidence, state, drawn)
    return jnp.sum(numbers) + jnp.sum(limits)


def of_groups(evidence: Evidence, state: War, drawn: Latent) -> Float[Array, group]:
    """Log density of each lineage's numbers of a kind, one after another.

    What is new in each number beside those before it is a Student variable: mostly little, rarely a change of method. The
    first holds the lineage's bias, and what is learnt of it the others share: who is wrong is wrong as a whole.

    Args:
        evidence: what the density of the side's war reads.
        state: a war.
        drawn: the latent values, of which the claimants' errors are read.

    Returns:
        Log densities [nats], `[group]`.
    """
    off = evidence.numbers.log_value - log_predicted(evidence.numbers, state, drawn["bias"])
    new = evidence.whiten @ off
    return -0.5 * (priors.DEGREES + 1) * (evidence.group @ jnp.log1p(new * new / priors.DEGREES))


def log_predicted(observations: Observations, drawn: War, bias: Array) -> Float[Array, row]:
    """Logarithm of what each row would be but for its lineage's and its own error.

    Args:
        observations: claims.
        drawn: a war.
        bias: shared biases, `[pair]`, in their SDs.

    Returns:
        Logarithms of men, `[row]`.
    """
    return (
        jnp.log(jnp.maximum(expected(drawn, observations.rows), 0.5)) + observations.mean + observations.shared @ bias
    )


def of_limits(evidence: Evidence, state: War, drawn: Latent) -> Float[Array, row]:
    """Log density of each limit; those of one lineage share an error.

    Args:
        evidence: what the density of the side's war reads.
        state: a war.
        drawn: the latent values, of which the claimants' errors are read.

    Returns:
        Log densities [nats], `[row]`; 0 for empty rows.
    """
    middle = log_predicted(evidence.limits, state, drawn["bias"]) + evidence.shaken @ drawn["shaken"]
    each = jax.nn.log_sigmoid(1.7 * evidence.sign * (middle - evidence.limits.log_value) / evidence.own)
    return jnp.where(evidence.sign != 0, each, 0.0)
