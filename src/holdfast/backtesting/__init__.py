"""The backtest: the model held against armies that it has not seen, beside baselines that know the same codes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holdfast.backtesting.result import Backtest
    from holdfast.coded_armies.army import CodedArmy
    from holdfast.parallel import Progress

__all__ = ["backtest"]


def backtest(
    armies: str | Path | Sequence[CodedArmy] | None = None,
    *,
    leave_one_out: bool = True,
    posterior: str | Path | None = None,
    seed: int = 1,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Backtest:
    """Predict every coded army by what is learnt from others, and score that beside baselines on the same codes.

    Args:
        armies: a file of coded armies, or the armies; the shipped ones unless given. A shipped army is left out of what predicts
            it; one that was never seen is run under the posterior as it stands.
        leave_one_out: false predicts shipped armies by a posterior that has seen them.
        posterior: a file of `holdfast calibrate`; the shipped one unless given.
        seed: of resampling, runs and errors of coding.
        workers: processes for armies that have to be run, one for each core unless given.
        progress: hears of the work.

    Returns:
        Predictions, scores of every model, paired differences, and what to hold against them.

    Raises:
        ArmiesError: if the file has faults, all of them together.
        BacktestError: if the posterior cannot be used.
        WorkerError: if a worker ends before its work is done.
    """
    from holdfast.backtesting import run  # loads JAX: only who asks pays

    return run.backtest(
        armies, leave_one_out=leave_one_out, posterior=posterior, seed=seed, workers=workers, progress=progress
    )
