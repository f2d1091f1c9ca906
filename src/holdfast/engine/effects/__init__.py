"""Effects: optional pressures, one a file; what an effect is, and the sum of all pushes.

A new file here is a new effect: scenarios may name it, its parameters are declared, checked and listed, with no other
line of the engine to write. The check of the engine has one more: `holdfast.engine.reference.PUSHES` says in plain
NumPy what the effect pushes, and a test fails until it does. A file in a folder of `HOLDFAST_EFFECTS` is an effect too, with
nothing changed here; where a shipped one has its name, the shipped one is taken.

An effect sees today and its own strength on each side, and returns additive pushes on the day's rates. It has no
memory: a pressure with memory is a mechanism.
"""

import dataclasses
import importlib
import pkgutil
from abc import abstractmethod
from collections.abc import Mapping

import jax
import jax.numpy as jnp

from holdfast.core.plugins import effect_folders
from holdfast.core.types import PerSide, Record, Scalar
from holdfast.engine.state import Rates, nothing

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
    """
    effect = importlib.import_module(f"holdfast.engine.effects.{name}").Effect()
    assert isinstance(effect, AbstractEffect)
    return effect


def summary(name: str) -> str:
    """What an effect does, in a sentence.

    Args:
        name: its name, one of `names`.

    Returns:
        The first paragraph of its file's text.
    """
    text = importlib.import_module(f"holdfast.engine.effects.{name}").__doc__ or ""
    return " ".join(text.split("\n\n")[0].split())
