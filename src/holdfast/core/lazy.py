"""Modules that are imported when something of them is first used.

NumPy costs a command a tenth of a second; a module that needs it for some of its functions alone says

    if TYPE_CHECKING:
        import numpy as np
    else:
        np = Lazy("numpy")
"""

import importlib
from types import ModuleType
from typing import Any


class Lazy(ModuleType):
    """Stands for a module that is not imported yet; what was used of it once costs nothing more than of the module itself."""

    def __getattr__(self, name: str) -> Any:
        value = getattr(importlib.import_module(self.__name__), name)
        setattr(self, name, value)
        return value
