"""What a scenario may name that the model declares: its effects and parameters.

Apart from `check`, since it loads the whole model, which a list of cases does not need.
"""

from __future__ import annotations

import functools

from holdfast import effects, params
from holdfast.day import defaults
from holdfast.scenario.check import Known


@functools.cache
def known() -> Known:
    """Every effect, and every parameter with the range that its prior allows."""
    names = effects.names()
    declared = params.walk(defaults(tuple(names)))
    return Known(names, {path: about.bounds for path, about in declared})
