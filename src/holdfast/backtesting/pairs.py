"""Paired tests: one army, or two of one country, that came to different ends. Does the model have their order?"""

from __future__ import annotations

import numpy as np

from holdfast.backtesting.result import Half, Pair, PairResult
from holdfast.calibration.predictor import Predictor
from holdfast.coded_armies.army import CODES, Difference
from holdfast.stats.intervals import mean_estimate

PAIRS = (
    Pair(
        "Afghanistan 1989 and 1992", "AFG_1989", "AFG_1992",
        "One army and one enemy. In 1989 it held Jalalabad though its patron's soldiers had left; by 1992 his money had "
        "stopped too.",
    ),
    Pair(
        "South Vietnam 1972 and 1975", "ARVN_1972", "ARVN_1975",
        "One army. It stood against a great offensive while its patron's aircraft flew and his money came, and fell to the "
        "next within two months when they did not.",
    ),
    Pair(
        "Syria 2011 and 2024", "SYR_2011_13", "SYR_2024",
        "One army under one ruler. It lost deserters by tens of thousands and fought on; when its patrons were gone or busy "
        "elsewhere, it was gone within two weeks.",
    ),
    Pair(
        "Russia 1915 and 1917", "RUS_1915", "RUS_1917",
        "One army. The Great Retreat cost it far more in killed, wounded and captured than 1917, under a tsar still on his "
        "throne.",
    ),
    Pair(
        "Italy 1917", "ITA_1917", None,
        "It broke at Caporetto, lost hundreds of thousands in weeks, and stood again on the Piave: mass desertion, no "
        "collapse.",
    ),
)  # fmt: skip
"""The pairs, and the one army that broke and stood again."""


def results(predictor: Predictor) -> tuple[PairResult, ...]:
    """What the model says of every pair whose armies are shipped, each predicted without either of the two.

    Args:
        predictor: of the whole model.

    Returns:
        A result for each pair.
    """
    known = set(predictor.training.ids)
    return tuple(_result(pair, predictor) for pair in PAIRS if {pair.held, pair.broke} - {None} <= known)


def _result(pair: Pair, predictor: Predictor) -> PairResult:
    names = [pair.held, *([pair.broke] if pair.broke else [])]
    collapse, mass = predictor.jointly(names)
    armies = tuple(predictor.training.armies[predictor.training.ids.index(name)] for name in names)
    halves = tuple(
        Half(army, mean_estimate(one), mean_estimate(other))
        for army, one, other in zip(armies, collapse, mass, strict=True)
    )
    if pair.broke:
        in_order = (np.sign(collapse[1] - collapse[0]) + 1) / 2
        right = halves[1].collapse.value > halves[0].collapse.value
    else:
        in_order = (mass[0] > 0.5) & (collapse[0] < 0.5)
        right = halves[0].mass_desertion.value > 0.5 > halves[0].collapse.value
    differs = tuple(
        Difference(code, armies[0].codes[code], armies[1].codes[code])
        for code in CODES
        if pair.broke and armies[0].codes[code] != armies[1].codes[code]
    )
    return PairResult(
        pair=pair, halves=halves, differs=differs, force_ratios=tuple(army.force_ratio for army in armies),
        right=bool(right), share=float(np.mean(in_order)), effective=predictor.effective(frozenset(names)),
    )  # fmt: skip
