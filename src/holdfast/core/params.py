"""Declare a parameter once, with everything that is known of it.

Unit, prior, the pressure it belongs to and its source stand in one line beside the value; validation,
calibration, sensitivity, attribution and the report's table are all read from here.
"""

from __future__ import annotations

import abc
import dataclasses
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from holdfast.core.lazy import Lazy

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
else:
    np = Lazy("numpy")

Floats: TypeAlias = "npt.NDArray[np.float64]"

PRESSURES = (
    "losses", "prospects", "mobilisation", "leader", "regime",
    "patron", "unpaid", "shock", "exit", "coercion", "bond", "structure",
)  # fmt: skip
"""The essay's five, history's four, and the three that no pressure owns."""


class Distribution(abc.ABC):
    """What is thought possible of a parameter before any fit."""

    bounds: tuple[float, float] = (-math.inf, math.inf)
    """Lowest and highest value it allows."""

    @abc.abstractmethod
    def describe(self) -> str:
        """The prior in words.

        Returns:
            Its name and its numbers, as `log-normal, median 0.05, sd 0.4`.
        """

    @abc.abstractmethod
    def ppf(self, share: Floats) -> Floats:
        """The value below which a share of the prior lies.

        Args:
            share: shares, any shape [0-1].

        Returns:
            The values, the same shape.

        Raises:
            TypeError: the prior is a convention, which has no distribution.
        """

    @abc.abstractmethod
    def sample(self, count: int, random: np.random.Generator) -> Floats:
        """Independent draws.

        Args:
            count: how many.
            random: where they are from.

        Returns:
            The draws, `[count]`.

        Raises:
            TypeError: the prior is a convention, which has no distribution.
        """


@dataclasses.dataclass(frozen=True)
class LogNormal(Distribution):
    """A positive number known up to a factor: median and standard deviation of its logarithm."""

    median: float  # Median, in the parameter's unit.
    sd: float  # Standard deviation of the logarithm.
    bounds = (0.0, math.inf)

    def describe(self) -> str:
        """The prior in words."""
        return f"log-normal, median {self.median:.4g}, sd {self.sd:g}"

    def ppf(self, share: Floats) -> Floats:
        """Quantiles of the prior."""
        from scipy import special

        return np.asarray(np.exp(math.log(self.median) + self.sd * special.ndtri(share)))

    def sample(self, count: int, random: np.random.Generator) -> Floats:
        """Draws from the prior."""
        return np.asarray(self.median * np.exp(self.sd * random.normal(size=count)))


@dataclasses.dataclass(frozen=True)
class Normal(Distribution):
    """A number of either sign."""

    mean: float  # Mean, in the parameter's unit.
    sd: float  # Standard deviation, in the parameter's unit.

    def describe(self) -> str:
        """The prior in words."""
        return f"normal, mean {self.mean:g}, sd {self.sd:g}"

    def ppf(self, share: Floats) -> Floats:
        """Quantiles of the prior."""
        from scipy import special

        return np.asarray(self.mean + self.sd * special.ndtri(share))

    def sample(self, count: int, random: np.random.Generator) -> Floats:
        """Draws from the prior."""
        return np.asarray(self.mean + self.sd * random.normal(size=count))


@dataclasses.dataclass(frozen=True)
class Beta(Distribution):
    """A share."""

    a: float  # First parameter of the beta distribution.
    b: float  # Second parameter; the mean is a / (a + b).
    bounds = (0.0, 1.0)

    def describe(self) -> str:
        """The prior in words."""
        return f"beta, {self.a:g} and {self.b:g}"

    def ppf(self, share: Floats) -> Floats:
        """Quantiles of the prior."""
        from scipy import special

        return np.asarray(special.betaincinv(self.a, self.b, share))

    def sample(self, count: int, random: np.random.Generator) -> Floats:
        """Draws from the prior."""
        return random.beta(self.a, self.b, size=count)


@dataclasses.dataclass(frozen=True)
class Fixed(Distribution):
    """A convention, not a quantity to be learnt; `low` and `high` bound what a user may set."""

    low: float = 0.0  # Least value that may be set.
    high: float = math.inf  # Greatest value that may be set.

    @property
    def bounds(self) -> tuple[float, float]:  # type: ignore[override]
        """Lowest and highest value it allows."""
        return (self.low, self.high)

    def describe(self) -> str:
        """The prior in words."""
        return f"fixed, {self.low:g} to {self.high:g}"

    def ppf(self, share: Floats) -> Floats:
        """Quantiles of the prior."""
        raise TypeError("a convention has no prior to draw from")

    def sample(self, count: int, random: np.random.Generator) -> Floats:
        """Draws from the prior."""
        raise TypeError("a convention has no prior to draw from")


Prior = LogNormal | Normal | Beta | Fixed


@dataclasses.dataclass(frozen=True)
class About:
    """What is known of a parameter."""

    value: float  # As declared.
    unit: str  # Unit of the value and of the prior.
    prior: Prior  # What is thought possible before any fit.
    pressure: str  # The pressure that owns it.
    source: str  # Where the value is from.

    @property
    def bounds(self) -> tuple[float, float]:
        """Lowest and highest value that may be set."""
        return bounds(self.unit, self.prior)


def bounds(unit: str, prior: Prior) -> tuple[float, float]:
    """Between what a parameter may be set. What the model divides by is at least one day or kilometre.

    Args:
        unit: its unit.
        prior: what is thought possible before any fit.

    Returns:
        Lowest and highest value.
    """
    low, high = prior.bounds
    return (max(low, 1.0) if unit in ("d", "km") else low, high)


def par(value: float, *, unit: str, prior: Prior, pressure: str, source: str) -> Any:
    """A field of a parameter record, with everything that is known of the parameter.

    Args:
        value: its value as declared.
        unit: its unit.
        prior: what is thought possible before any fit.
        pressure: the pressure that owns it, one of `PRESSURES`.
        source: where the value is from; *assumed* where there is none.

    Returns:
        The field, an array of float32.

    Raises:
        ValueError: the pressure is none of `PRESSURES`.
    """
    if pressure not in PRESSURES:
        raise ValueError(f"{pressure!r} is no pressure; use one of {', '.join(PRESSURES)}")
    import equinox as eqx
    import jax
    import jax.numpy as jnp

    def as_array(given: Any) -> Any:
        return jnp.asarray(given, jnp.float32) if isinstance(given, jax.Array) else np.asarray(given, np.float32)

    return eqx.field(
        default_factory=lambda: as_array(value),
        converter=as_array,
        metadata={"about": About(value, unit, prior, pressure, source)},
    )


def walk(record: Any, prefix: str = "") -> Iterator[tuple[str, About]]:
    """Every declared parameter of a record and of the records in it, by its dotted path.

    A table of records (as that of the effects) is passed through: `amnesty.pull`, not `effects.amnesty.pull`.

    Args:
        record: a record of parameters, or of such records.
        prefix: what stands before every path.

    Yields:
        The path, and what is known of the parameter.
    """
    for field in dataclasses.fields(record):
        path, value = f"{prefix}{field.name}", getattr(record, field.name)
        if "about" in field.metadata:
            yield path, field.metadata["about"]
        elif isinstance(value, dict):
            for name, inner in value.items():
                yield from walk(inner, f"{prefix}{name}.")
        elif dataclasses.is_dataclass(value):
            yield from walk(value, f"{path}.")


RecordT = TypeVar("RecordT")


def override(record: RecordT, values: dict[str, Any]) -> RecordT:
    """The record with some parameters set.

    Args:
        record: a record of parameters.
        values: values by dotted path; the paths must exist.

    Returns:
        A record of the same structure.
    """
    groups: dict[str, dict[str, Any]] = {}
    for path, value in values.items():
        name, _, rest = path.partition(".")
        groups.setdefault(name, {})[rest] = value
    fields = dataclasses.fields(record)  # type: ignore[arg-type]
    tables = {each.name: inside for each in fields if isinstance(inside := getattr(record, each.name), dict)}
    changes: dict[str, Any] = {}
    for name, inner in groups.items():
        table = next((table for table, inside in tables.items() if name in inside), None)
        before = getattr(record, name) if table is None else tables[table][name]
        after = inner[""] if "" in inner else override(before, inner)
        if table is None:
            changes[name] = after
        else:
            changes[table] = changes.get(table, tables[table]) | {name: after}
    return dataclasses.replace(record, **changes) if changes else record  # type: ignore[type-var]
