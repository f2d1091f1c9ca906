"""The surrogate: a small network that has seen many armies run and predicts how another would fare, without running it.

A run is noisy and costs milliseconds; a fit asks for millions. So a mixture density network (Bishop 1994) learns, from every
run of the table, the distribution of what an army does given the inputs, its codes, the force ratio and its level of resolve:
a few outcomes with a share each, since armies near the tipping point either hold or break. What is learnt is the model's
behaviour, never history: no coded outcome is shown to the network.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from holdfast.calibration import simulations
from holdfast.calibration.levels import MOST
from holdfast.calibration.simulations import ABLATIONS, SUMMARY, Floats, Job
from holdfast.coded_armies.army import CODES
from holdfast.core.params import Fixed, par, walk
from holdfast.core.types import Record, Scalar
from holdfast.parallel import Progress

FEATURES = ("gone", "broken", "mass", "exits", "speed", "authority", "strength")


def _set(number: float, unit: str, source: str) -> Scalar:
    """A convention of the network or of its training."""
    return par(number, unit=unit, prior=Fixed(), pressure="structure", source=source)  # type: ignore[no-any-return]


class Numbers(Record):
    """The network's shape, its training, and the floors under logs."""

    outcomes: Scalar = _set(4, "1", "assumed: outcomes of the mixture; near the tipping point an army holds or breaks")
    width: Scalar = _set(96, "1", "assumed: units of a hidden layer")
    depth: Scalar = _set(3, "1", "assumed: hidden layers")
    blur: Scalar = _set(
        0.1, "sd of the table", "assumed: least spread, given to what is exact, as the runs in which no sector broke"
    )
    batch: Scalar = _set(2048, "runs", "assumed: runs in a step of the training")
    rate: Scalar = _set(3e-3, "1", "assumed: largest step of Adam; it grows over 100 steps and falls by a cosine")
    tested: Scalar = _set(10, "1", "assumed: one draw in so many tests the training and does not teach")
    resolve_middle: Scalar = _set(5.5, "nats", "the middle of the levels of resolve that are run")
    resolve_spread: Scalar = _set(2.0, "nats", "about their standard deviation, 7 nats over the root of 12")
    collapse_share: Scalar = _set(0.5, "1", "scale of men gone within 90 days; a collapse when the network was taught")
    mass_share: Scalar = _set(
        0.1, "1", "scale of men gone within 180 days; a mass desertion when the network was taught"
    )
    restore_days: Scalar = _set(
        30.0, "d", "scale of days with the front broken; a collapse when the network was taught"
    )
    floor_share: Scalar = _set(1e-3, "1", "assumed: added to a share gone before its log")
    floor_exits: Scalar = _set(0.1, "1/1,000/month", "assumed: added to a rate of exits before its log")
    floor_authority: Scalar = _set(0.05, "1", "assumed: added to the authority before its log")
    floor_strength: Scalar = _set(0.02, "1", "assumed: added to the share still there before its log")


NUMBERS: Mapping[str, float] = {name: about.value for name, about in walk(Numbers())}
OUTCOMES, WIDTH, DEPTH = (int(NUMBERS[name]) for name in ("outcomes", "width", "depth"))
BLUR, BATCH, RATE, TESTED = NUMBERS["blur"], int(NUMBERS["batch"]), NUMBERS["rate"], int(NUMBERS["tested"])


def features(summary: Floats) -> Floats:
    """What history can say of a run, all logs.

    Men gone within 90 days and days with the front broken, each over what the model calls a collapse; men gone within 180 days
    over a mass desertion; exits per 1,000 a month; how early the war was decided; the regime's authority and the men still
    there when it was, or at the end. Men who gave up in a pocket count as gone: historians count them.

    Args:
        summary: summaries of runs `[..., len(SUMMARY)]`.

    Returns:
        Features `[..., 7]`, in the order of `FEATURES` [nats].
    """
    column = {name: np.asarray(summary[..., index], float) for index, name in enumerate(SUMMARY)}
    return np.stack(
        [
            np.log((column["lost_90"] + NUMBERS["floor_share"]) / NUMBERS["collapse_share"]),
            np.log((column["broken_days"] + 1) / (NUMBERS["restore_days"] + 1)),
            np.log((column["lost_180"] + NUMBERS["floor_share"]) / NUMBERS["mass_share"]),
            np.log(column["exits"] + NUMBERS["floor_exits"]),
            np.log(simulations.DAYS / np.maximum(column["decided"], 1)),
            np.log(column["authority"] + NUMBERS["floor_authority"]),
            np.log(column["strength"] + NUMBERS["floor_strength"]),
        ],
        axis=-1,
    ).astype(np.float32)


def about(codes: npt.ArrayLike, force_ratio: npt.ArrayLike) -> jax.Array:
    """An army as the network sees it: each code as two steps, and the log of the force ratio.

    Args:
        codes: codes `[..., 10]`.
        force_ratio: own to enemy numbers `[...]`.

    Returns:
        `[..., 21]`.
    """
    coded, ratio = jnp.asarray(codes), jnp.asarray(force_ratio)
    steps = jnp.concatenate([coded >= 1, coded >= 2], axis=-1).astype(jnp.float32) - 0.5
    odds = jnp.log(jnp.clip(ratio, 1 / MOST, MOST))
    return jnp.concatenate([steps, jnp.asarray(odds, jnp.float32)[..., None]], axis=-1)


def flag(ablation: str) -> Floats:
    """Which part of the model is out, as the network sees it.

    Args:
        ablation: one of `ABLATIONS`.

    Returns:
        One for the part that is out, else zeros `[6]`.
    """
    return np.array([float(ablation == name) for name in ABLATIONS[1:]], np.float32)


class Mixture(eqx.Module):
    """What may become of an army: outcomes with a share each, normal in the features."""

    log_share: jax.Array
    """Log of each outcome's share `[outcome]`."""
    mean: jax.Array
    """Its features' means `[outcome, 7]`."""
    sd: jax.Array
    """Their standard deviations `[outcome, 7]`."""


class Surrogate(eqx.Module):
    """The network and the scales of what it predicts."""

    net: eqx.nn.MLP
    """The network."""
    centre: jax.Array
    """Mean of each feature over the table `[7]`."""
    scale: jax.Array
    """Its standard deviation `[7]`."""

    def __call__(self, scores: jax.Array, army: jax.Array, out: jax.Array, resolve: jax.Array) -> Mixture:
        """What may become of one army under one draw.

        Args:
            scores: the inputs' scores `[input]`.
            army: the army, from `about` `[21]`.
            out: the part that is out, from `flag` `[6]`.
            resolve: mean resolve of its men [nats].

        Returns:
            The mixture of its outcomes.
        """
        raw = self.net(jnp.concatenate([scores, army, out, _level(resolve)[None]]))
        share, rest = raw[:OUTCOMES], raw[OUTCOMES:].reshape(2, OUTCOMES, len(FEATURES))
        sd = jnp.exp(jnp.clip(rest[1], -4, 2)) + BLUR
        return Mixture(jax.nn.log_softmax(share), rest[0] * self.scale + self.centre, sd * self.scale)


def _level(resolve: jax.Array) -> jax.Array:
    return (jnp.asarray(resolve) - NUMBERS["resolve_middle"]) / NUMBERS["resolve_spread"]


_BESIDE_INPUTS = 2 * len(CODES) + 1 + len(ABLATIONS) - 1 + 1
"""What the network sees beside the inputs' scores: the codes' steps, the force ratio, the ablation, the resolve."""


def blank(inputs: int, seed: int = 0) -> Surrogate:
    """A network that has seen nothing.

    Args:
        inputs: how many inputs it is given.
        seed: of its first weights.

    Returns:
        The untaught surrogate.
    """
    size, key = inputs + _BESIDE_INPUTS, jax.random.key(seed)
    net = eqx.nn.MLP(size, OUTCOMES * (1 + 2 * len(FEATURES)), WIDTH, DEPTH, activation=jax.nn.silu, key=key)
    return Surrogate(net, jnp.zeros(len(FEATURES)), jnp.ones(len(FEATURES)))


@dataclasses.dataclass(frozen=True)
class Lessons:
    """Runs to learn from, one a row."""

    scores: Floats
    """The inputs' scores `[run, input]`."""
    codes: Floats
    """`[run, 10]`"""
    force_ratio: Floats
    """`[run]`"""
    out: Floats
    """The part of the model that was out `[run, 5]`."""
    resolve: Floats
    """Mean resolve [nats] `[run]`."""
    seen: Floats
    """What the army did, its features `[run, 7]`."""
    draw: npt.NDArray[np.integer]
    """Number of the draw of the inputs `[run]`: whole draws are left for the test."""


def lessons(scores: Floats, job: Job, summary: Floats, first: int) -> Lessons:
    """The rows of a table.

    Args:
        scores: the inputs' scores `[draw, input]`.
        job: the job that was simulated.
        summary: its summaries `[draw, army, level, len(SUMMARY)]`.
        first: number of the first draw among those of all tables.

    Returns:
        A row for each run.
    """
    draws, armies, steps = job.shape

    def wide(column: Floats, *tail: int) -> Floats:
        return np.broadcast_to(column, (draws, armies, steps, *tail)).reshape(-1, *tail)

    return Lessons(
        scores=wide(scores[:, None, None, :], scores.shape[1]),
        codes=wide(np.broadcast_to(job.codes, (draws, armies, len(CODES)))[:, :, None, :], len(CODES)),
        force_ratio=wide(job.force_ratio[None, :, None]),
        out=wide(flag(job.ablation), len(ABLATIONS) - 1),
        resolve=wide(job.resolve),
        seen=features(summary).reshape(-1, len(FEATURES)),
        draw=np.broadcast_to(first + np.arange(draws)[:, None, None], (draws, armies, steps)).reshape(-1),
    )


def together(parts: Sequence[Lessons]) -> Lessons:
    """Several tables as one.

    Args:
        parts: the tables' rows.

    Returns:
        All rows, table after table.
    """
    names = [field.name for field in dataclasses.fields(Lessons)]
    return Lessons(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


Rows: TypeAlias = "tuple[Floats | jax.Array, ...]"
"""Scores, `about`, `flag`, resolve and features of runs, a row a run."""
Weights: TypeAlias = "eqx.nn.MLP"
"""The network's arrays alone."""


def _loss(start: Surrogate, fixed: Weights, weights: Weights, rows: Rows, blur: Floats) -> jax.Array:
    """Mean of minus the log density of the runs [nats], the features blurred and in units of the table's spread."""
    net = dataclasses.replace(start, net=eqx.combine(weights, fixed))
    mixed = jax.vmap(net)(*rows[:4])  # type: ignore[arg-type]
    away = (rows[4][:, None] + blur[:, None] - mixed.mean) / mixed.sd
    each = -0.5 * away**2 - jnp.log(mixed.sd / start.scale)
    return -jax.nn.logsumexp(mixed.log_share + each.sum(-1), axis=1).mean()


def _rows(given: Lessons, which: npt.NDArray[np.bool_]) -> Rows:
    seen_by_net = np.asarray(about(given.codes[which], given.force_ratio[which]))
    return given.scores[which], seen_by_net, given.out[which], given.resolve[which], given.seen[which]


def teach(given: Lessons, steps: int, seed: int, progress: Progress) -> tuple[Surrogate, dict[str, object]]:
    """Train a network by Adam on the log density of the runs.

    Args:
        given: the runs.
        steps: steps of the training.
        seed: of the first weights, of the batches and of the blur.
        progress: hears of the steps.

    Returns:
        The surrogate; and how it did on the draws that it did not see: `runs`, `tested_on`, `test_loss`, `end` (how the
        training ended) and `explained`, the share of each feature's variance that its mean explains.
    """
    import optax

    start = blank(given.scores.shape[1], seed)
    scale, centre = given.seen.std(axis=0) + 1e-6, given.seen.mean(axis=0)
    start = dataclasses.replace(start, centre=jnp.asarray(centre), scale=jnp.asarray(scale))
    weights, fixed = eqx.partition(start.net, eqx.is_array)
    apart = given.draw % TESTED == 0
    taught, test = _rows(given, ~apart), _rows(given, apart)
    loss = functools.partial(_loss, start, fixed)
    rate = lambda step: RATE * jnp.minimum(1, (step + 1) / 100) * 0.5 * (1 + jnp.cos(jnp.pi * step / steps))  # noqa: E731
    adam = optax.adam(rate)

    @jax.jit
    def turn(weights: Weights, state: optax.OptState, rows: Rows, blur: Floats) -> tuple[Weights, optax.OptState]:
        by, state = adam.update(jax.grad(loss)(weights, rows, blur), state)
        return optax.apply_updates(weights, by), state

    state, before = adam.init(weights), weights
    generator = np.random.default_rng(seed)
    blur = lambda count: (generator.normal(0, BLUR, (count, len(FEATURES))) * scale).astype(np.float32)  # noqa: E731
    for step in range(steps):
        before = weights if step == int(0.9 * steps) else before
        some = generator.integers(0, len(taught[0]), BATCH)
        weights, state = turn(weights, state, tuple(x[some] for x in taught), blur(BATCH))
        if step % 100 == 0:
            progress(step, steps, "teaching the surrogate")
    progress(steps, steps, "teaching the surrogate")
    net = dataclasses.replace(start, net=eqx.combine(weights, fixed))
    blurs = blur(len(test[0]))
    return net, {
        "runs": len(given.seen), "tested_on": len(test[0]), "test_loss": round(float(jax.jit(loss)(weights, test, blurs)), 4),
        "end": _end(loss, (weights, before), (taught, test), blurs), "explained": _explained(net, test),
    }  # fmt: skip


def _explained(net: Surrogate, rows: Rows) -> dict[str, float]:
    """Share of the variance of each feature that the mixture's mean explains."""
    mixed = jax.jit(jax.vmap(net))(*rows[:4])
    mean = np.asarray((jnp.exp(mixed.log_share)[..., None] * mixed.mean).sum(1))
    explained = 1 - ((rows[4] - mean) ** 2).mean(0) / rows[4].var(0)
    return {name: round(float(x), 3) for name, x in zip(FEATURES, explained, strict=True)}


def _end(
    loss: functools.partial[jax.Array], ends: tuple[Weights, Weights], rows: tuple[Rows, Rows], blurs: Floats
) -> dict[str, float]:
    """How the training ended: losses on seen and unseen runs, the last tenth's gain on unseen ones, the slope.

    The seen runs are as many as the unseen, evenly spread over the table, with the same blur. The slope is the norm of the
    gradient on them over that of the weights.
    """
    (weights, before), (taught, test) = ends, rows
    loss_and_slope = jax.jit(jax.value_and_grad(loss))
    spread = np.linspace(0, len(taught[0]) - 1, len(test[0])).astype(int)
    seen, slope = loss_and_slope(weights, tuple(x[spread] for x in taught), blurs)
    unseen, _ = loss_and_slope(weights, test, blurs)
    earlier, _ = loss_and_slope(before, test, blurs)
    norm = lambda tree: np.sqrt(sum(float((x**2).sum()) for x in jax.tree.leaves(tree)))  # noqa: E731
    return {
        "seen_loss": round(float(seen), 4), "unseen_loss": round(float(unseen), 4),
        "last_tenth_gain": round(float(earlier - unseen), 4), "slope": float(f"{norm(slope) / norm(weights):.2e}"),
    }  # fmt: skip


def arrays(net: Surrogate) -> dict[str, Floats]:
    """The network as plain arrays, for a file.

    Args:
        net: the surrogate.

    Returns:
        Its arrays by name.
    """
    plain = {"centre": np.asarray(net.centre), "scale": np.asarray(net.scale)}
    for number, layer in enumerate(net.net.layers):
        plain |= {f"weight_{number}": np.asarray(layer.weight), f"bias_{number}": np.asarray(layer.bias)}
    return plain


def _layer(number: int, whole: Surrogate) -> tuple[jax.Array, jax.Array | None]:
    """Where a layer's numbers stand."""
    return whole.net.layers[number].weight, whole.net.layers[number].bias


def from_arrays(plain: Mapping[str, Floats]) -> Surrogate:
    """The network of `arrays`.

    Args:
        plain: its arrays by name.

    Returns:
        The surrogate.
    """
    # Its shape alone: to draw first weights that are thrown away would be five programs to compile.
    net = eqx.filter_eval_shape(blank, plain["weight_0"].shape[1] - _BESIDE_INPUTS)
    for number in range(len(net.net.layers)):
        place = functools.partial(_layer, number)
        net = eqx.tree_at(place, net, jax.device_put((plain[f"weight_{number}"], plain[f"bias_{number}"])))
    return dataclasses.replace(net, centre=jax.device_put(plain["centre"]), scale=jax.device_put(plain["scale"]))
