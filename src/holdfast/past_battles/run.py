"""`hf.battles`: try the laws of fire and front on battles of wars that taught them nothing. [IO]"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from holdfast.core import timings
from holdfast.core.faults import BattlesError, Fault, unknown
from holdfast.parallel import Progress, Steps, silent
from holdfast.past_battles import battle_table, civil_war, summary
from holdfast.past_battles.battle_table import Battles
from holdfast.past_battles.findings import Evidence, findings_of
from holdfast.past_battles.result import HALF, WAR, BattleScores
from holdfast.past_battles.trial import VARIANTS, Trial

if TYPE_CHECKING:
    import pandas

LEAST_BATTLES, LEAST_WARS = 60, 4
"""Decided battles and wars from which on a table can teach and judge."""


@timings.phase("run")
def battles(
    table: str | Path | pandas.DataFrame | Battles | None = None, *, battle: str | None = None, variants: bool = True,
    seed: int = 1, workers: int | None = None, progress: Progress | None = None,
) -> BattleScores:  # fmt: skip
    """Score the laws of fire and front on past battles, each predicted by what other wars teach.

    Args:
        table: a table of your own: a path or a DataFrame with the columns of `holdfast.past_battles.battle_table.COLUMNS`; CDB90
            unless given, which is fetched once.
        battle: a battle that must be in it; else an error says which are.
        variants: whether to try the law with one thing changed at a time, too.
        seed: of draws and luck.
        workers: of no use here: the work takes seconds.
        progress: what to report to.

    Returns:
        Scores, breakpoint curve, classes, findings, and each battle.

    Raises:
        BattlesError: with every fault of the table, if it is too small to judge, or if there is no such battle.
        DataError: if CDB90 cannot be had.
    """
    report = progress or silent
    every, unused = _battles(table, report)
    _check(every, battle)
    wars = list(dict.fromkeys(every.war))
    steps = Steps(report, len(wars) + 2 + (len(VARIANTS) if variants else 0), "learning from all wars")
    trial = Trial(every, seed, steps)
    chances, predicted = trial.by_war()
    halves = trial.by_half()
    tried = trial.variants() if variants else ()
    by_holdout = {HALF: halves, WAR: chances}
    lines, classes = summary.lines(every, predicted), summary.classes(every, predicted)
    scores = {how: summary.scores(every, of) for how, of in by_holdout.items()}
    differences = {how: summary.difference(every, of) for how, of in by_holdout.items()}
    learnt = summary.learnt(trial.half, trial.whole)
    evidence = Evidence(every, scores, differences, classes, learnt, tried)
    return BattleScores(
        title=f"{len(every)} battles of {len(wars)} wars: who gives way, and at what losses",
        battles=every, scores=scores, differences=differences, chances=by_holdout, learnt=learnt,
        curve=summary.curve(every, predicted), lines=lines, classes=classes, findings=findings_of(evidence),
        variants=tried, each=summary.each(every, predicted, chances),
        civil_war=civil_war.judge(trial.whole) if table is None else None, unused=unused, seed=seed,
    )  # fmt: skip


def _battles(
    source: str | Path | pandas.DataFrame | Battles | None, report: Progress
) -> tuple[Battles, tuple[str, ...]]:
    """The battles, and columns that nothing was read from."""
    if source is None:
        return battle_table.cdb90(progress=report), ()
    return (source, ()) if isinstance(source, Battles) else battle_table.read(source)


def _check(every: Battles, battle: str | None) -> None:
    """Refuse a table that is too small, and a battle that is not in it."""
    faults = []
    usable = every.decided & np.isfinite(every.lost).all(axis=1)
    wars = {war for war, counts in zip(every.war, usable, strict=True) if counts}
    if usable.sum() < LEAST_BATTLES or len(wars) < LEAST_WARS:
        content = f"{int(usable.sum())} battles of {len(wars)} wars with an end and both sides' losses"
        faults.append(Fault(
            "the table", content, f"at least {LEAST_BATTLES} of {LEAST_WARS} wars: the rest must teach what judges one",
            "Add battles, or judge by CDB90 alone",
        ))  # fmt: skip
    if battle is not None and not any(battle.strip().lower() in name.lower() for name in every.name):
        faults.append(unknown("--battle", battle, "a battle of the table", every.name))
    if faults:
        raise BattlesError(faults, every.source)
