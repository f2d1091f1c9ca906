"""No analysis of numbers that are not finite: they are refused by the names of the run and of the output."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from holdfast.core.faults import ReportedError
from holdfast.core.lazy import Lazy

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
else:
    np = Lazy("numpy")

SHOWN = 5
"""Numbers that are named; the rest are counted."""


class NonFiniteError(ReportedError):
    """Results of runs that are missing or not finite; the message names them."""

    exit_code: ClassVar[int] = 1


def refuse_nonfinite(
    values: npt.ArrayLike, outputs: Sequence[str], run: Callable[[int], str] = lambda row: f"run {row}", *, use: str
) -> None:
    """End an analysis whose numbers are not all finite.

    Args:
        values: results `[run, output]`.
        outputs: name of each output.
        run: the name of a run by its row.
        use: what was to be worked out, as "the screening".

    Raises:
        NonFiniteError: with the runs and outputs that are not finite.
        ValueError: if there is not one name for each output.
    """
    array = np.asarray(values, float)
    if array.ndim != 2 or array.shape[1] != len(outputs):
        raise ValueError(f"results of shape {array.shape} for {len(outputs)} outputs")
    rows, columns = np.nonzero(~np.isfinite(array))
    if not len(rows):
        return
    named = [f"{run(int(row))}, {outputs[int(column)]}: {array[row, column]:g}" for row, column in zip(rows, columns)]
    rest = f"; and {len(named) - SHOWN} more" if len(named) > SHOWN else ""
    raise NonFiniteError(
        f"{len(named)} of {array.size} results for {use} are not finite ({'; '.join(named[:SHOWN])}{rest}). "
        "Nothing is worked out of them: one would spoil every number. Run those points again, or narrow the inputs' ranges."
    )
