"""The model held against history: scores, rivals on the same codes, and their figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holdfast.backtesting.result import Backtest
    from holdfast.coded_armies.army import CodedArmy


__all__ = ["backtest"]


def backtest(
    cases: str | Path | Sequence[CodedArmy] | None = None,
    *,
    leave_one_out: bool = True,
    posterior: str | Path | None = None,
    workers: int | None = None,
    progress: Callable[[int, int, str], None] = lambda done, total, what: None,
    seed: int = 1,
) -> Backtest:
    """Tell every case by what is learnt from others, and score it beside its rivals; see `conduct.backtest`."""
    from holdfast.backtesting import run  # loads JAX: only who asks pays

    return run.backtest(
        cases, leave_one_out=leave_one_out, posterior=posterior, workers=workers, progress=progress, seed=seed
    )
