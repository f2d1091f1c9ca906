"""The posterior: draws of the inputs and the label layer given history, and the surrogate that weighs them anew. [IO]

A small file: the surrogate's network, the draws for the whole model and for each model with a part taken out, and the
recipe that made them. All that is asked of it (leave a case or a war out, only the cases that had ended by a date) is a
matter of weights, and runs nothing.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import hashlib
import json
from collections.abc import Iterable, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from holdfast.calibration import likelihood, outcome_model, surrogate
from holdfast.calibration.simulations import coded_arrays
from holdfast.calibration.surrogate import Surrogate
from holdfast.coded_armies.army import CodedArmy
from holdfast.ensemble import store

FORMAT = 2


class PosteriorError(RuntimeError):
    """A posterior's file that cannot be used; the message says why and what to do."""


@dataclasses.dataclass(frozen=True)
class Posterior:
    """Everything that calibration found."""

    paths: tuple[str, ...]
    """The inputs that were learnt."""
    cases: tuple[str, ...]
    """The cases that taught."""
    draws: dict[str, np.ndarray]
    """By ablation, `none` being the whole model: scores of the inputs, then of the label layer `[draw, n]`."""
    surrogate: Surrogate
    recipe: dict[str, Any]
    digest: str
    """Hash of the file's content."""


@dataclasses.dataclass(frozen=True)
class Weighed:
    """The draws, and what each weighs given the cases that taught."""

    posterior: Posterior
    ablation: str
    cases: tuple[CodedArmy, ...]
    draws: np.ndarray
    """`[draw, n]`"""
    by_case: np.ndarray
    """Log-likelihood of each case `[draw, case]`; of those that did not teach too."""
    log_weight: np.ndarray
    """Given the cases that taught, normalised `[draw]`."""
    taught: np.ndarray
    """Which cases taught `[case]`."""

    def leaving(self, out: np.ndarray) -> np.ndarray:
        """Log weights without some cases (a mask), normalised `[draw]`.

        Weights above the mean times the root of their number are cut to it (Ionides 2008), which costs a little bias
        and saves much noise.
        """
        left = -(self.by_case @ (out & self.taught).astype(float)) + self.log_weight
        return truncated(left)

    def effective(self, log_weight: np.ndarray) -> float:
        """How many equal draws such weights are worth."""
        normal = log_weight - np.logaddexp.reduce(log_weight)
        return float(np.exp(-np.logaddexp.reduce(2 * normal)))

    @property
    def inputs(self) -> np.ndarray:
        """The inputs' scores `[draw, input]`."""
        return self.draws[:, : len(self.posterior.paths)]

    @property
    def layer(self) -> np.ndarray:
        """The label layer's scores `[draw, n]`."""
        return self.draws[:, len(self.posterior.paths) :]

    @functools.cached_property
    def chances(self) -> tuple[np.ndarray, np.ndarray]:
        """P(collapse), P(mass desertion) as coded, of every case under every draw `[draw, case]`."""
        return chances(self.posterior, self.cases, self.draws, self.ablation)


def truncated(log_weight: np.ndarray) -> np.ndarray:
    """Weights with their largest cut, normalised."""
    normal = log_weight - np.logaddexp.reduce(log_weight)
    most = -0.5 * np.log(len(normal))  # the mean weight, 1/n, times the root of n
    cut = np.minimum(normal, most)
    return np.asarray(cut - np.logaddexp.reduce(cut))


def armies_of(
    of: Posterior, cases: Sequence[CodedArmy], ablation: str = "none", facts: outcome_model.Facts | None = None
) -> likelihood.Armies:
    """Coded cases as the likelihood sees them. All codes must be known."""
    from holdfast.calibration.simulations import without

    codes, ratio = coded_arrays(cases)
    if np.isnan(codes).any():
        raise ValueError("a case with unknown codes cannot be weighed; fill them first")
    left, _ = without(ablation, codes, {"none": np.zeros(1)})
    return likelihood.armies(
        surrogate.about(left, ratio), left, surrogate.flag(ablation), facts or outcome_model.facts_of(cases)
    )


def _over_draws(function: Any, draws: np.ndarray) -> Any:
    import jax
    import jax.numpy as jnp

    told = jax.jit(lambda rows: jax.lax.map(function, rows, batch_size=64))(jnp.asarray(draws, jnp.float32))
    return jax.tree.map(np.asarray, told)


def chances(
    of: Posterior, cases: Sequence[CodedArmy], draws: np.ndarray, ablation: str = "none"
) -> tuple[np.ndarray, np.ndarray]:
    """P(collapse), P(mass desertion) as coded, by the surrogate `[draw, case]`."""
    armies = armies_of(of, cases, ablation)
    collapse, mass = _over_draws(lambda row: likelihood.predicted(of.surrogate, row, armies), draws)
    return collapse, mass


def rates(
    of: Posterior, cases: Sequence[CodedArmy], draws: np.ndarray, seed: int, ablation: str = "none"
) -> np.ndarray:
    """An exit rate per 1,000 a month as it might be coded, of every case under every draw `[draw, case]`."""
    import jax
    import jax.numpy as jnp

    armies = armies_of(of, cases, ablation)
    keys = jax.random.split(jax.random.key(seed), len(draws))
    told = jax.jit(jax.vmap(lambda row, key: likelihood.rate(of.surrogate, row, armies, key)))
    return np.asarray(told(jnp.asarray(draws, jnp.float32), keys))


def weigh(
    of: Posterior, cases: Sequence[CodedArmy], taught: np.ndarray | None = None, ablation: str = "none"
) -> Weighed:
    """The draws with their weights where only some of the cases taught (a mask; all that did, unless given)."""
    own = np.array([case.army_id in of.cases for case in cases])
    keep = own if taught is None else own & np.asarray(taught, bool)
    draws = of.draws[ablation]
    armies = armies_of(of, cases, ablation)
    each = _over_draws(lambda row: likelihood.by_case(of.surrogate, row, armies), draws).astype(float)
    weight = truncated(-each @ (own & ~keep).astype(float))
    return Weighed(of, ablation, tuple(cases), draws, each, weight, keep)


def history_by(cases: Sequence[CodedArmy], date: dt.date | None) -> np.ndarray:
    """Which cases were history by a date (all, without one); a case without an end was not."""
    return np.array([date is None or (case.end is not None and case.end <= date) for case in cases], bool)


def chosen(log_weight: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Equal draws that stand for the weights, by number `[count]` (systematic resampling, in random order)."""
    generator = np.random.default_rng(seed)
    share = np.exp(log_weight - np.logaddexp.reduce(log_weight))
    spots = (np.arange(count) + generator.random()) / count
    order = generator.permutation(len(share))
    return np.asarray(order[np.minimum(np.searchsorted(np.cumsum(share[order]), spots), len(share) - 1)])


def save(path: Path, of: Posterior) -> None:
    """Write the posterior whole or not at all."""
    about = {"format": FORMAT, "paths": of.paths, "cases": of.cases, "recipe": of.recipe}
    arrays = {"about": np.array(json.dumps(about))}
    arrays |= {f"net/{name}": value.astype(np.float32) for name, value in surrogate.arrays(of.surrogate).items()}
    arrays |= {f"draws/{name}": value.astype(np.float32) for name, value in of.draws.items()}
    store.save_compressed(path, arrays)


def load(path: Path) -> Posterior:
    """Read a posterior. Raises `PosteriorError` where it is missing or not one."""
    try:
        with np.load(path) as held:
            arrays = {name: held[name] for name in held.files}
        about = json.loads(str(arrays.pop("about")))
        if about["format"] != FORMAT:
            raise PosteriorError(f"{path}: is of format {about['format']}, this version reads {FORMAT}.")
        of = lambda group: {  # noqa: E731
            name.partition("/")[2]: value for name, value in arrays.items() if name.startswith(group)
        }
        net, draws = surrogate.from_arrays(of("net/")), of("draws/")
    except FileNotFoundError as error:
        raise PosteriorError(f"{path}: there is no such file. Make one with holdfast calibrate.") from error
    except (KeyError, ValueError, TypeError, OSError) as error:
        raise PosteriorError(f"{path}: is no posterior of holdfast calibrate ({error}).") from error
    h = hashlib.sha256(json.dumps(about, sort_keys=True).encode())
    for name in sorted(arrays):
        h.update(name.encode() + np.ascontiguousarray(arrays[name]).tobytes())
    return Posterior(tuple(about["paths"]), tuple(about["cases"]), draws, net, about["recipe"], h.hexdigest())


@functools.cache
def shipped() -> Posterior:
    """The posterior that comes with the package."""
    with resources.as_file(resources.files("holdfast.calibration") / "shipped" / "posterior.npz") as path:
        return load(path)


def draws(count: int, *, ended_by: dt.date | None = None, seed: int = 1) -> list[dict[str, float]]:
    """Parameter overrides of the model: equal draws of the shipped posterior, for runs of a case.

    With a date, only the cases that had ended by it have taught. The map from codes and the armies' own level of resolve
    are no parameters of a case and are left out.
    """
    from holdfast.calibration import screening
    from holdfast.coded_armies import army, reader

    of = shipped()
    cases = army.independent(reader.shipped())
    weighed = weigh(of, cases, history_by(cases, ended_by))
    rows = chosen(weighed.log_weight, count, seed)
    model = screening.split(screening.values(of.paths, weighed.inputs[rows])).model
    return [{path: float(column[i]) for path, column in model.items()} for i in range(count)]


def taught_by(of: Posterior, cases: Iterable[CodedArmy]) -> tuple[CodedArmy, ...]:
    """Those of the cases that taught the posterior."""
    return tuple(case for case in cases if case.army_id in of.cases)
