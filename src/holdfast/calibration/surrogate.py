"""The surrogate: a small network that has seen many armies run and tells how one would fare, without running it.

A run is noisy and costs milliseconds; a fit asks for millions. So a mixture density network (Bishop 1994) learns, from
every run of the table, the distribution of what an army does given the inputs, its codes, the odds and its level of
resolve: a few outcomes with a share each, since armies near the tipping point either hold or break. What is learnt this
way is the model's behaviour, never history: no coded outcome is shown to it.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from holdfast.calibration import testbed
from holdfast.calibration.levels import MOST
from holdfast.calibration.simulations import ABLATIONS
from holdfast.calibration.simulator import SUMMARY
from holdfast.coded_armies.army import CODES
from holdfast.engine.outcomes import COLLAPSE_SHARE, MASS_SHARE, RESTORE_DAYS

FEATURES = ("gone", "broken", "mass", "exits", "speed", "authority", "strength")
PARTS = 4
"""Outcomes in the mixture."""
WIDTH, DEPTH = 96, 3
BLUR = 0.1
"""Spread given to what is exact, as the many runs in which no sector broke, in standard deviations of the table."""
BATCH, RATE = 2048, 3e-3
CHECKED = 10
"""One draw in this many is kept from the training to test it."""


def features(summary: np.ndarray) -> np.ndarray:
    """What history can tell of a run, `[..., 7]`, all logs.

    Men gone within 90 days and days with the front broken, each over what the model calls a collapse; men gone within
    180 days over a mass desertion; exits per 1,000 a month; how early the war was decided; the regime's authority and
    the men still there when it was, or at the end. Men who gave up in a pocket
    count as gone: historians count them.
    """
    column = {name: np.asarray(summary[..., index], float) for index, name in enumerate(SUMMARY)}
    return np.stack(
        [
            np.log((column["lost_90"] + 1e-3) / COLLAPSE_SHARE),
            np.log((column["broken_days"] + 1) / (RESTORE_DAYS + 1)),
            np.log((column["lost_180"] + 1e-3) / MASS_SHARE),
            np.log(column["exits"] + 0.1),
            np.log(testbed.DAYS / np.maximum(column["decided"], 1)),
            np.log(column["authority"] + 0.05),
            np.log(column["strength"] + 0.02),
        ],
        axis=-1,
    ).astype(np.float32)


def about(codes: Any, force_ratio: Any) -> Any:
    """An army as the network sees it, `[..., 21]`: each code as two steps, and the log of the odds."""
    steps = jnp.concatenate([codes >= 1, codes >= 2], axis=-1).astype(jnp.float32) - 0.5
    odds = jnp.log(jnp.clip(force_ratio, 1 / MOST, MOST))
    return jnp.concatenate([steps, jnp.asarray(odds, jnp.float32)[..., None]], axis=-1)


def flag(ablation: str) -> np.ndarray:
    """Which part of the model is out, as the network sees it."""
    return np.array([float(ablation == name) for name in ABLATIONS[1:]], np.float32)


class Mixture(eqx.Module):
    """What may become of an army: log of each outcome's share, and its features' means and spreads."""

    log_share: jax.Array
    mean: jax.Array
    sd: jax.Array


class Surrogate(eqx.Module):
    """The network and the scales of what it tells."""

    net: eqx.nn.MLP
    centre: jax.Array
    scale: jax.Array

    def __call__(self, scores: jax.Array, army: jax.Array, out: jax.Array, resolve: jax.Array) -> Mixture:
        """One army under one draw: the inputs' scores, `about`, `flag` and its resolve [nats]."""
        told = self.net(jnp.concatenate([scores, army, out, _level(resolve)[None]]))
        share, rest = told[:PARTS], told[PARTS:].reshape(2, PARTS, len(FEATURES))
        sd = jnp.exp(jnp.clip(rest[1], -4, 2)) + BLUR
        return Mixture(jax.nn.log_softmax(share), rest[0] * self.scale + self.centre, sd * self.scale)


def _level(resolve: jax.Array) -> jax.Array:
    return (jnp.asarray(resolve) - 5.5) / 2


def blank(inputs: int, seed: int = 0) -> Surrogate:
    """A network that has seen nothing."""
    size = inputs + 2 * len(CODES) + 1 + len(ABLATIONS) - 1 + 1
    net = eqx.nn.MLP(
        size, PARTS * (1 + 2 * len(FEATURES)), WIDTH, DEPTH, activation=jax.nn.silu, key=jax.random.key(seed)
    )
    return Surrogate(net, jnp.zeros(len(FEATURES)), jnp.ones(len(FEATURES)))


@dataclasses.dataclass(frozen=True)
class Lessons:
    """Runs to learn from, one a row."""

    scores: np.ndarray
    codes: np.ndarray
    force_ratio: np.ndarray
    out: np.ndarray
    resolve: np.ndarray
    seen: np.ndarray
    draw: np.ndarray
    """Number of the draw of the inputs: whole draws are kept for the test."""


def lessons(scores: np.ndarray, job: Any, summary: np.ndarray, first: int) -> Lessons:
    """The rows of a table; `summary [draw, case, level, n]`."""
    draws, cases, steps = job.shape
    wide = lambda values, *tail: np.broadcast_to(values, (draws, cases, steps, *tail)).reshape(-1, *tail)  # noqa: E731
    return Lessons(
        scores=wide(scores[:, None, None, :], scores.shape[1]),
        codes=wide(np.broadcast_to(job.codes, (draws, cases, len(CODES)))[:, :, None, :], len(CODES)),
        force_ratio=wide(job.force_ratio[None, :, None]),
        out=wide(flag(job.ablation), len(ABLATIONS) - 1),
        resolve=wide(job.resolve),
        seen=features(summary).reshape(-1, len(FEATURES)),
        draw=wide(first + np.arange(draws)[:, None, None]),
    )


def together(parts: list[Lessons]) -> Lessons:
    """Several tables as one."""
    names = [field.name for field in dataclasses.fields(Lessons)]
    return Lessons(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


def teach(
    given: Lessons, steps: int, seed: int, progress: Callable[[int, int, str], None]
) -> tuple[Surrogate, dict[str, Any]]:
    """Train a network; told beside it is how it did on the draws that it did not see."""
    import optax

    start = blank(given.scores.shape[1], seed)
    scale, centre = given.seen.std(axis=0) + 1e-6, given.seen.mean(axis=0)
    start = dataclasses.replace(start, centre=jnp.asarray(centre), scale=jnp.asarray(scale))
    weights, fixed = eqx.partition(start.net, eqx.is_array)
    apart = given.draw % CHECKED == 0
    row = lambda keep: (  # noqa: E731
        given.scores[keep], np.asarray(about(given.codes[keep], given.force_ratio[keep])), given.out[keep],
        given.resolve[keep], given.seen[keep],
    )  # fmt: skip
    taught, kept = row(~apart), row(apart)

    def loss(weights: Any, rows: Any, blur: jax.Array) -> jax.Array:
        told = dataclasses.replace(start, net=eqx.combine(weights, fixed))
        mixed = jax.vmap(told)(*rows[:4])
        away = (rows[4][:, None] + blur[:, None] - mixed.mean) / mixed.sd
        each = -0.5 * away**2 - jnp.log(mixed.sd / start.scale)
        return -jax.nn.logsumexp(mixed.log_share + each.sum(-1), axis=1).mean()

    rate = lambda step: RATE * jnp.minimum(1, (step + 1) / 100) * 0.5 * (1 + jnp.cos(jnp.pi * step / steps))  # noqa: E731
    adam = optax.adam(rate)

    @jax.jit
    def turn(held: Any, rows: Any, blur: jax.Array) -> Any:
        weights, state = held
        by, state = adam.update(jax.grad(loss)(weights, rows, blur), state)
        return optax.apply_updates(weights, by), state

    held, before = (weights, adam.init(weights)), weights
    generator = np.random.default_rng(seed)
    blur = lambda count: (generator.normal(0, BLUR, (count, len(FEATURES))) * scale).astype(np.float32)  # noqa: E731
    for step in range(steps):
        before = held[0] if step == int(0.9 * steps) else before
        some = generator.integers(0, len(taught[0]), BATCH)
        held = turn(held, tuple(x[some] for x in taught), blur(BATCH))
        if step % 100 == 0:
            progress(step, steps, "teaching the surrogate")
    progress(steps, steps, "teaching the surrogate")
    net = eqx.combine(held[0], fixed)
    made = dataclasses.replace(start, net=net)
    blurs = blur(len(kept[0]))
    test = float(jax.jit(loss)(held[0], kept, blurs))
    mixed = jax.jit(jax.vmap(made))(*kept[:4])
    mean = np.asarray((jnp.exp(mixed.log_share)[..., None] * mixed.mean).sum(1))
    explained = 1 - ((kept[4] - mean) ** 2).mean(0) / kept[4].var(0)
    return made, {
        "runs": len(given.seen), "tested_on": len(kept[0]), "test_loss": round(test, 4),
        "end": _end(jax.jit(jax.value_and_grad(loss)), held[0], before, (taught, kept), blurs),
        "explained": {name: round(float(x), 3) for name, x in zip(FEATURES, explained, strict=True)},
    }  # fmt: skip


def _end(
    loss_and_slope: Callable[..., Any], weights: Any, before: Any, rows: tuple[Any, Any], blurs: np.ndarray
) -> dict[str, float]:
    """How the training ended: losses on seen and unseen runs, the last tenth's gain on unseen ones, the slope.

    The seen runs are as many as the unseen, evenly spread over the table, with the same blur. The slope is the norm of the
    gradient on them over that of the weights.
    """
    taught, kept = rows
    spread = np.linspace(0, len(taught[0]) - 1, len(kept[0])).astype(int)
    seen, slope = loss_and_slope(weights, tuple(x[spread] for x in taught), blurs)
    unseen, _ = loss_and_slope(weights, kept, blurs)
    earlier, _ = loss_and_slope(before, kept, blurs)
    norm = lambda tree: np.sqrt(sum(float((x**2).sum()) for x in jax.tree.leaves(tree)))  # noqa: E731
    return {
        "seen_loss": round(float(seen), 4), "unseen_loss": round(float(unseen), 4),
        "last_tenth_gain": round(float(earlier - unseen), 4), "slope": float(f"{norm(slope) / norm(weights):.2e}"),
    }  # fmt: skip


def arrays(made: Surrogate) -> dict[str, np.ndarray]:
    """The network as plain arrays, to keep."""
    told = {"centre": np.asarray(made.centre), "scale": np.asarray(made.scale)}
    for number, layer in enumerate(made.net.layers):
        told |= {f"weight_{number}": np.asarray(layer.weight), f"bias_{number}": np.asarray(layer.bias)}
    return told


def _layer(number: int, whole: Surrogate) -> tuple[Any, Any]:
    """Where a layer's numbers stand."""
    return whole.net.layers[number].weight, whole.net.layers[number].bias


def from_arrays(kept: dict[str, np.ndarray]) -> Surrogate:
    """The network again."""
    size = kept["weight_0"].shape[1] - (2 * len(CODES) + 1 + len(ABLATIONS) - 1 + 1)
    made = blank(size)
    for number in range(len(made.net.layers)):
        place = functools.partial(_layer, number)
        made = eqx.tree_at(place, made, (jnp.asarray(kept[f"weight_{number}"]), jnp.asarray(kept[f"bias_{number}"])))
    return dataclasses.replace(made, centre=jnp.asarray(kept["centre"]), scale=jnp.asarray(kept["scale"]))
