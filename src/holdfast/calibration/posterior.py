"""The posterior: draws of the inputs and the outcome layer given history, and the surrogate that weighs them anew. [IO]

A small file: the surrogate's network, the draws for the whole model and for each model with a part taken out, and the recipe
that made them. To leave an army or a war out, or to learn only from armies that had ended by a date, is a matter of weights:
nothing is run or fitted.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from holdfast.calibration import coding_errors, outcome_model, simulations, surrogate
from holdfast.calibration.coding_errors import CodingErrors
from holdfast.calibration.simulations import Floats
from holdfast.calibration.surrogate import Surrogate
from holdfast.coded_armies.army import CODES, CodedArmy
from holdfast.core.faults import ReportedError
from holdfast.core.results import origin
from holdfast.io import files
from holdfast.stats import intervals

if TYPE_CHECKING:
    import xarray as xr

FORMAT = 3
"""Of the file."""
READINGS = 12
"""Readings of an army's codes in a prediction."""

Recipe: TypeAlias = "dict[str, Any]"
"""How a posterior was made: plan, seed, version, screening, mixing of the chains, checks. Plain values."""
Result = TypeVar("Result")


class PosteriorError(ReportedError):
    """A posterior's file that cannot be used; the message says why and what to do."""


@dataclasses.dataclass(frozen=True)
class Posterior:
    """Everything that a calibration learnt."""

    paths: tuple[str, ...]
    """The inputs that were learnt."""
    armies: tuple[str, ...]
    """Names (`army_id`) of the armies that taught."""
    draws: dict[str, Floats]
    """By ablation, `none` being the whole model: scores of the inputs, then of the outcome layer `[draw, n]`."""
    surrogate: Surrogate
    """The network that was taught by the table of simulations."""
    errors: CodingErrors
    """How coders err, as learnt from armies that more than one coded."""
    readings: Floats
    """Codes of the armies that taught, over their whole span, by each of their coders `[army, reading, 10]`."""
    recipe: Recipe
    """How it was made."""
    digest: str
    """Hash of the file's content; empty where there is no file."""
    likelihood: Floats | None = None
    """Log-likelihood of each army that taught, in the order of `armies`, under the draws of the whole model `[draw, army]`."""

    def to_datatree(self) -> xr.DataTree:
        """The draws as ArviZ takes them from version 1 on: a tree of data, a group each.

        Returns:
            `posterior`: the learnt inputs in their units, each under its path, and the outcome layer's numbers under
            `label.NAME`; `unconstrained_posterior`: the inputs' scores, standard normal before any history, by `input`;
            `log_likelihood`: each army that taught [nats]. How the chains mixed stands in `recipe`.
        """
        import xarray as xr

        scores = self.draws["none"]
        chains = int(self.recipe.get("chains", {}).get("none", {}).get("chains", 1))
        values = simulations.values(self.paths, scores[:, : len(self.paths)])
        layer = outcome_model.values(scores[:, len(self.paths) :])
        named = values | {f"label.{name}": each for name, each in layer.items()}
        shaped = lambda each: np.asarray(each, float).reshape(chains, -1, *np.shape(each)[1:])  # noqa: E731
        dims = ("chain", "draw")
        groups = {
            "posterior": xr.Dataset({name: (dims, shaped(each)) for name, each in named.items()}),
            "unconstrained_posterior": xr.Dataset(
                {"score": ((*dims, "input"), shaped(scores[:, : len(self.paths)]), {"long_name": "N(0, 1) before history"})},
                {"input": list(self.paths)},
            ),
        }  # fmt: skip
        if self.likelihood is not None:
            each = ((*dims, "army"), shaped(self.likelihood), {"units": "nats"})
            groups["log_likelihood"] = xr.Dataset({"codes_and_outcome": each}, {"army": list(self.armies)})
        return xr.DataTree.from_dict({name: group.assign_attrs(origin()) for name, group in groups.items()})

    def likelihood_of(self, armies: Sequence[CodedArmy]) -> Floats:
        """Log-likelihood of armies that taught, under the draws of the whole model.

        Args:
            armies: some of the armies that taught.

        Returns:
            As it stands in the file, else worked out now, which takes seconds `[draw, army]`.
        """
        if self.likelihood is None:
            return weigh(self, armies).log_likelihood
        return self.likelihood[:, [self.armies.index(army.army_id) for army in armies]]

    def teachers(self, armies: Iterable[CodedArmy]) -> tuple[CodedArmy, ...]:
        """Those of some armies that taught.

        Args:
            armies: coded armies.

        Returns:
            The teachers, in their order.
        """
        return tuple(army for army in armies if army.army_id in self.armies)

    def readings_of(self, armies: Sequence[CodedArmy], count: int = READINGS) -> Floats:
        """What the codes of armies may truly have been over their whole span, given each coder's own codes and vantage.

        What a coder who saw the middle of a span also wrote of the whole of it is not looked at (`army.explained` takes it).

        Args:
            armies: coded armies; a code that is not known may be anything.
            count: readings of each army.

        Returns:
            Codes, all as likely `[army, reading, 10]`.
        """
        alone = [[dataclasses.replace(army, codes_whole={})] for army in armies]
        return coding_errors.readings(alone, self.errors, count)

    def certainty(self, army: CodedArmy) -> dict[str, float]:
        """How sure an army's codes are taken to be: the chance that its pressures over the whole span are as they say.

        Args:
            army: a coded army.

        Returns:
            Chances by code; those not known are left out [1].
        """
        _, whole = self.errors.levels([dataclasses.replace(army, codes_whole={})])
        return {code: float(whole[CODES.index(code), at]) for code, at in army.codes.items() if at is not None}

    def taught_by(self, armies: Sequence[CodedArmy]) -> Floats:
        """The readings under which armies taught; of those that did not, as many of their own.

        Args:
            armies: coded armies.

        Returns:
            Codes `[army, reading, 10]`.
        """
        own = self.readings_of(armies, self.readings.shape[1])
        place = {name: row for row, name in enumerate(self.armies)}
        return np.stack([self.readings[place[army.army_id]] if army.army_id in place else own[row]
                         for row, army in enumerate(armies)])  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Weighed:
    """The draws, and what each weighs given the armies that taught."""

    posterior: Posterior
    """Whose draws they are."""
    ablation: str
    """The part of the model that is out."""
    armies: tuple[CodedArmy, ...]
    """The armies that were weighed."""
    draws: Floats
    """Scores `[draw, n]`."""
    log_weight: Floats
    """Given the armies that taught, normalised `[draw]`."""
    taught: npt.NDArray[np.bool_]
    """Which armies taught `[army]`."""
    likelihoods: Callable[[], Floats] = dataclasses.field(repr=False)
    """What gives `log_likelihood`: worked out when it is first asked for, since armies never seen need none of it."""

    def leaving(self, out: npt.NDArray[np.bool_]) -> Floats:
        """Log weights of the draws without some armies: each draw over their likelihood, the largest weights cut.

        Args:
            out: which armies are left out `[army]`.

        Returns:
            Normalised log weights `[draw]`; see `stats.weights.truncated`.
        """
        without = out & self.taught
        if not without.any():  # nothing to be taken off: the likelihood, which takes seconds, is not asked for
            return intervals.truncated(self.log_weight)
        return intervals.truncated(-(self.log_likelihood @ without.astype(float)) + self.log_weight)

    @property
    def inputs(self) -> Floats:
        """The inputs' scores `[draw, input]`."""
        return self.draws[:, : len(self.posterior.paths)]

    @property
    def layer(self) -> Floats:
        """The outcome layer's scores `[draw, n]`."""
        return self.draws[:, len(self.posterior.paths) :]

    @property
    def log_likelihood(self) -> Floats:
        """Of each army `[draw, army]`; of those that did not teach too."""
        return self.likelihoods()

    @functools.cached_property
    def chances(self) -> tuple[Floats, Floats]:
        """P(collapse), P(mass desertion) as coded, of every army under every draw `[draw, army]`."""
        return chances(self.posterior, self.armies, self.draws, self.ablation)


def _over_draws(function: Callable[..., Any], of: Surrogate, data: outcome_model.ArmyData, draws: Floats) -> Any:
    """What a function of the network, a draw and armies gives under each draw; NumPy's arrays."""
    import jax

    return jax.tree.map(np.asarray, _mapped()(function, of, np.asarray(draws, np.float32), data))


@functools.cache
def _mapped() -> Callable[..., Any]:
    """One program for all networks, draws and armies of like shape: a model with a part left out needs none of its own."""
    import equinox as eqx
    import jax

    return eqx.filter_jit(  # type: ignore[no-any-return]
        lambda function, of, draws, data: jax.lax.map(lambda row: function(of, row, data), draws, batch_size=64)
    )


def chances(
    of: Posterior, armies: Sequence[CodedArmy], draws: Floats, ablation: str = "none",
    as_coded: Sequence[CodedArmy] | None = None,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Chances of the labels of armies, by the surrogate.

    Args:
        of: the posterior.
        armies: coded armies; over what their codes may truly have been, the chances are the mean.
        draws: scores `[draw, n]`.
        ablation: the part of the model that is out.
        as_coded: the armies whose codes tell of resolve beyond their mechanisms; the armies themselves unless given. To say what
            a change would do, give the unchanged army.

    Returns:
        P(collapse), P(mass desertion) as coded `[draw, army]`.
    """
    data = outcome_model.data_of(armies, ablation, readings=of.readings_of(armies))
    if as_coded is not None:
        before = outcome_model.data_of(as_coded, ablation, readings=of.readings_of(as_coded))
        data = dataclasses.replace(data, codes=before.codes)
    collapse, mass = _over_draws(outcome_model.predicted, of.surrogate, data, draws)
    return collapse, mass


def rates(of: Posterior, armies: Sequence[CodedArmy], draws: Floats, seed: int, ablation: str = "none") -> Floats:
    """Exit rates of armies as they might be coded, by the surrogate.

    Args:
        of: the posterior.
        armies: coded armies.
        draws: scores `[draw, n]`.
        seed: of outcomes and of errors of coding.
        ablation: the part of the model that is out.

    Returns:
        Exits by choice per 1,000 men a month `[draw, army]`.
    """
    import jax
    import jax.numpy as jnp

    data = outcome_model.data_of(armies, ablation, readings=of.readings_of(armies))
    keys = jax.random.split(jax.random.key(seed), len(draws))
    drawn = jax.jit(jax.vmap(lambda row, key: outcome_model.drawn_rate(of.surrogate, row, data, key)))
    return np.asarray(drawn(jnp.asarray(draws, jnp.float32), keys))


def weigh(
    of: Posterior, armies: Sequence[CodedArmy], taught: npt.ArrayLike | None = None, ablation: str = "none"
) -> Weighed:
    """The draws with their weights where only some of the armies taught.

    Args:
        of: the posterior.
        armies: coded armies.
        taught: which of them taught `[army]`; all that taught the posterior, unless given.
        ablation: the part of the model that is out.

    Returns:
        The weighed draws.
    """
    own = np.array([army.army_id in of.armies for army in armies])
    teach = own if taught is None else own & np.asarray(taught, bool)
    draws = of.draws[ablation]
    likelihoods = functools.cache(functools.partial(_likelihoods, of, armies, ablation))
    silenced = own & ~teach
    off = likelihoods() @ silenced.astype(float) if silenced.any() else np.zeros(len(draws))
    return Weighed(
        posterior=of, ablation=ablation, armies=tuple(armies), draws=draws, log_weight=intervals.truncated(-off),
        taught=teach, likelihoods=likelihoods,
    )  # fmt: skip


def _likelihoods(of: Posterior, armies: Sequence[CodedArmy], ablation: str) -> Floats:
    """Log-likelihood of each army under each draw `[draw, army]`."""
    data = outcome_model.data_of(armies, ablation, readings=of.taught_by(armies))
    each = _over_draws(outcome_model.log_likelihood, of.surrogate, data, of.draws[ablation])
    return np.asarray(each, float)


def save(path: Path, of: Posterior) -> None:
    """Write a posterior's file, whole or not at all.

    Args:
        path: where; its name ends in `.npz`.
        of: the posterior.
    """
    about = {
        "format": FORMAT, "paths": of.paths, "layer": outcome_model.NAMES, "cases": of.armies, "recipe": of.recipe,
        "coders": of.errors.coders,
    }  # fmt: skip
    arrays = {"about": np.array(json.dumps(about))}
    arrays |= {f"net/{name}": value.astype(np.float32) for name, value in surrogate.arrays(of.surrogate).items()}
    arrays |= {f"draws/{name}": value.astype(np.float32) for name, value in of.draws.items()}
    arrays |= {f"codes/{name}": getattr(of.errors, name).astype(np.float32) for name in ("level", "change", "step")}
    arrays["codes/readings"] = of.readings.astype(np.int8)
    if of.likelihood is not None:
        arrays["likelihood"] = of.likelihood.astype(np.float32)
    files.write_arrays(path, arrays, compressed=True)


def load(path: Path) -> Posterior:
    """Read a posterior's file.

    Args:
        path: the file.

    Returns:
        The posterior.

    Raises:
        PosteriorError: if the file is missing, or is not one.
    """
    try:
        arrays = files.read_arrays(path)
        about = json.loads(str(arrays.pop("about")))
        if about["format"] != FORMAT:
            raise PosteriorError(
                f"{path}: is of format {about['format']}, this version reads {FORMAT}. Make it again with holdfast calibrate."
            )
        if tuple(about["layer"]) != outcome_model.NAMES:
            raise PosteriorError(
                f"{path}: its outcome model has other numbers than this version's. Make it again with holdfast calibrate."
            )
        of = lambda group: {  # noqa: E731
            name.partition("/")[2]: value for name, value in arrays.items() if name.startswith(group)
        }
        net, draws, codes = surrogate.from_arrays(of("net/")), of("draws/"), of("codes/")
        readings = codes.pop("readings").astype(float)
        likelihood = arrays["likelihood"].astype(float) if "likelihood" in arrays else None
        errors = CodingErrors(**{name: table.astype(float) for name, table in codes.items()}, coders=about["coders"])
    except FileNotFoundError as error:
        raise PosteriorError(f"{path}: there is no such file. Make one with holdfast calibrate.") from error
    except (KeyError, ValueError, TypeError, OSError) as error:
        raise PosteriorError(f"{path}: is no posterior of holdfast calibrate ({error}).") from error
    h = hashlib.sha256(files.canonical_json(about).encode())
    for name in sorted(arrays):
        h.update(name.encode() + np.ascontiguousarray(arrays[name]).tobytes())
    return Posterior(
        paths=tuple(about["paths"]), armies=tuple(about["cases"]), draws=draws, surrogate=net, errors=errors,
        readings=readings, recipe=about["recipe"], digest=h.hexdigest(), likelihood=likelihood,
    )  # fmt: skip


@functools.cache
def shipped() -> Posterior:
    """The posterior that comes with the package.

    Returns:
        It, read once.

    Raises:
        PosteriorError: if its file cannot be read.
    """
    with resources.as_file(resources.files("holdfast.calibration") / "shipped" / "posterior.npz") as path:
        return load(path)
