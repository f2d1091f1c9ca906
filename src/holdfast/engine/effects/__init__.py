"""The open door: optional pressures, one a file.

A new file here is a new effect: scenarios may name it, its parameters are declared, checked and listed, with no other
line of the engine to write. The check of the engine has one more: `holdfast.engine.reference.PUSHES` says in plain NumPy what
the effect pushes, and a test fails until it does.
"""

import importlib
import pkgutil

from holdfast.engine.effects.base import AbstractEffect


def names() -> list[str]:
    """Names of all effects: the files of this folder.

    Returns:
        The names, sorted.
    """
    files = (module.name for module in pkgutil.iter_modules(__path__))
    return sorted(name for name in files if name != "base")


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
