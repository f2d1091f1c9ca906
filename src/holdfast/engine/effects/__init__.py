"""Effects: optional pressures, one a file; what an effect is, and the sum of all pushes.

A new file here is a new effect: scenarios may name it, its parameters are declared, checked and listed, with no other
line of the engine to write. The check of the engine has one more: `holdfast.engine.reference.PUSHES` says in plain
NumPy what the effect pushes, and a test fails until it does. A file in a folder of `HOLDFAST_EFFECTS` is an effect too, with
nothing changed here.

An effect sees today and its own strength on each side, and returns additive pushes on the day's rates. It has no
memory: a pressure with memory is a mechanism.
"""

import dataclasses
import functools
import importlib
import importlib.util
import pkgutil
import traceback
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from holdfast.core.faults import Fault, ScenarioError, unknown
from holdfast.core.plugins import effect_folders
from holdfast.core.types import PerSide, Record, Scalar
from holdfast.engine.state import Rates, nothing

SHIPPED = frozenset(module.name for module in pkgutil.iter_modules(__path__))
"""Names of the effects that come with the package."""
__path__ += effect_folders()


class Today(Record):
    """What an effect may look at."""

    strength: PerSide  # How strongly the scenario switches this effect on, for each side [1].
    onset: PerSide  # The same on the first day of each event, 0 on the others: for things that happen once.
    winter: Scalar  # How deep in winter the front is: 0 from May to September, 1 in mid-January [0-1].


class AbstractEffect(Record):
    """A pressure that a scenario may switch on. Concrete effects are final."""

    @abstractmethod
    def push(self, today: Today) -> dict[str, PerSide]:
        """What the effect adds to the rates today.

        Args:
            today: what it may look at.

        Returns:
            Pushes by the name of the rate (a field of `holdfast.engine.state.Rates`), `[2]` each.
        """


def total(effects: Mapping[str, AbstractEffect], today: Mapping[str, Today]) -> Rates:
    """The sum of all pushes: order never matters.

    Args:
        effects: the effects by name.
        today: what each may look at, by name.

    Returns:
        The pushes, on every rate.
    """
    pushes = [dataclasses.replace(nothing(), **effect.push(today[name])) for name, effect in effects.items()]
    return jax.tree.map(lambda *each: sum(each, jnp.zeros(2)), nothing(), *pushes)


def names() -> list[str]:
    """Names of all effects: the files of this folder and of those in `HOLDFAST_EFFECTS`.

    Returns:
        The names, sorted.
    """
    return sorted({module.name for module in pkgutil.iter_modules(__path__)})


def make(name: str) -> AbstractEffect:
    """The effect of that name, with its declared parameters.

    Args:
        name: its name, one of `names`.

    Returns:
        The effect.

    Raises:
        ScenarioError: if it is a user's own, and its file cannot be used.
    """
    if name not in SHIPPED:
        _refuse_faulty(name)
    effect = importlib.import_module(f"{__name__}.{name}").Effect()
    assert isinstance(effect, AbstractEffect)
    return effect


@functools.cache
def _refuse_faulty(name: str) -> None:
    """Refuse an effect of a user's own that cannot be imported, made or asked for its pushes, or pushes what is no rate."""
    file = getattr(importlib.util.find_spec(f"{__name__}.{name}"), "origin", None) or name
    try:
        kind = importlib.import_module(f"{__name__}.{name}").Effect
        if not issubclass(kind, AbstractEffect):
            raise TypeError("Effect is no AbstractEffect")
        pushes = dict(kind().push(Today(jnp.zeros(2), jnp.zeros(2), jnp.zeros(()))))
        faults = [_fault_of_push(file, rate, push) for rate, push in pushes.items() if not _is_push(rate, push)]
    except Exception as error:  # whatever a user's file may do
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
        where = f"{file}, line {lines[-1]}" if lines else file
        faults = [_fault(where, f"{type(error).__name__}: {error}")]
    if faults:
        raise ScenarioError(faults, f"The effect {name}")


def _is_push(rate: str, push: Any) -> bool:
    """Whether this is a push of a rate: a number for each side, or one for both."""
    return rate in RATES and np.shape(push) in ((), (2,))


def _fault_of_push(file: str, rate: str, push: Any) -> Fault:
    """What is wrong with a push."""
    if rate not in RATES:
        return unknown(f"{file}, push", str(rate), "a rate of the day", RATES)
    return _fault(f"{file}, push", f"{rate} of shape {np.shape(push)}")


def _fault(place: str, value: str) -> Fault:
    """A fault of a user's own effect."""
    allowed = "a class Effect(AbstractEffect) whose push gives, by the name of a rate, a number for each side"
    return Fault(place, value, allowed, "Correct the file; docs/tutorials/own-effect.md writes one")


RATES = tuple(field.name for field in dataclasses.fields(Rates))
"""What can be pushed."""


def summary(name: str) -> str:
    """What an effect does, in a sentence.

    Args:
        name: its name, one of `names`.

    Returns:
        The first paragraph of its file's text.
    """
    text = importlib.import_module(f"{__name__}.{name}").__doc__ or ""
    return " ".join(text.split("\n\n")[0].split())
