"""The verb: the essay of November 2023, statement by statement. [IO]"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import cast

from holdfast.core import timings
from holdfast.core.faults import Fault, FaultyError
from holdfast.essay_claims.aftermath import Followed
from holdfast.essay_claims.material import Material
from holdfast.essay_claims.result import EssayVerdicts, Row
from holdfast.essay_claims.rules import Measured
from holdfast.essay_claims.statements import STATEMENTS, Statement
from holdfast.parallel import Progress, silent

LAST_SEED = 2**32 - 1


@timings.phase("run")
def essay(
    *, quick: bool = False, seed: int = 1, workers: int | None = None, folder: str | Path | None = None,
    progress: Progress | None = None,
) -> EssayVerdicts:  # fmt: skip
    """Test every statement of the essay of November 2023; each verdict follows from the figures by the statement's rule.

    Args:
        quick: fewer runs at a coarser grain, to see that it works; its figures are not to be cited.
        seed: of fits, draws and luck; equal seeds give equal numbers.
        workers: processes, one for each core unless given; the numbers do not depend on it.
        folder: where finished blocks of the explanation stay, so that a stopped command goes on from them; nowhere unless given.
        progress: hears of the work.

    Returns:
        The statements with figures, verdicts and what followed.

    Raises:
        FaultyError: if the seed is out of its range.
        FitError: if the evidence cannot be fitted.
        WorkerError: if a worker ends before its work is done.
    """
    if not 0 <= seed <= LAST_SEED:
        fault = Fault("--seed", str(seed), f"a whole number from 0 to {LAST_SEED}", "Give another seed")
        raise FaultyError([fault], "The request")
    material = Material(quick, seed, workers, progress or silent, Path(folder) if folder else None)
    return EssayVerdicts(tuple(tested(one, material) for one in STATEMENTS), quick, seed, material.runs, material.grain)


def function(name: str) -> Callable[[Material], object]:
    """A test, or what says what followed, by its name.

    Args:
        name: `module.function` of this package.

    Returns:
        The function.
    """
    module, _, of = name.partition(".")
    return cast("Callable[[Material], object]", getattr(importlib.import_module(f"{__package__}.{module}"), of))


def tested(one: Statement, material: Material) -> Row:
    """One statement, tested.

    Args:
        one: the statement.
        material: what tests rest on.

    Returns:
        Its figures, and what followed.
    """
    followed = cast(Followed, function(one.followed)(material))
    if not one.test:
        return Row(one.id, says=one.reason, followed=followed.says, followed_source=followed.source)
    measured = cast(Measured, function(one.test)(material))
    return Row(one.id, dict(measured.figures), measured.says, measured.command, followed.says, followed.source)
