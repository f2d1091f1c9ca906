"""The trial: the law and its rivals taught by some wars and asked about others."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from holdfast.core.params import Floats
from holdfast.parallel import Steps
from holdfast.past_battles import prediction
from holdfast.past_battles.battle_table import Battles
from holdfast.past_battles.board import AGES
from holdfast.past_battles.law_fit import OUTSIDE, Fitter, Posterior
from holdfast.past_battles.prediction import Prediction
from holdfast.past_battles.result import LAW, Variant
from holdfast.past_battles.simpler_models import SIMPLER
from holdfast.stats import grouped, scoring

NIL = 1e-6
"""Stands for 0 where a parameter is positive."""
VARIANTS: Mapping[str, tuple[Mapping[str, float], tuple[str, ...]]] = {
    "no odds: neither men nor works count in giving way": ({"front.odds": NIL, "front.wear": NIL}, ()),
    "Lanchester's square law in the exchange": ({"fire.enemy_exponent": 1.0, "fire.own_exponent": 1.0}, ()),
    "Lanchester's linear law in the exchange": ({"fire.enemy_exponent": 1.0, "fire.own_exponent": 0.0}, ()),
    "nothing is paid: only a side's own losses wear it": ({"front.price": 1 / NIL}, ()),
    "no wear": ({"front.wear": NIL}, ()),
    "no works: posture counts for nothing": (
        {"board.prepared": 0.0, "board.fortified": 0.0, "board.delay": 0.0}, ()),
    "one breakpoint for all ages": ({f"board.{age}": 0.0 for age in AGES}, ()),
    "nothing unseen: the columns tell all": ({"board.unseen": 1e-3}, ()),
    "no rout: what the broken side lost more is put to wear": ({"board.rout": 0.0}, ()),
    "a memory: small losses break fewer": ({}, ("board.ageing",)),
    "judged advantages too (with hindsight)": ({}, ("board.judged_edge", "board.judged_fire")),
}  # fmt: skip
"""The law with one thing changed: what is set, and what is learnt besides."""


class Trial:
    """One table, taught and asked in turn."""

    def __init__(self, battles: Battles, seed: int, steps: Steps) -> None:
        """Learn from all wars, which is where every other fit begins.

        Args:
            battles: the table.
            seed: of draws and luck.
            steps: counts what is done.
        """
        self.battles, self.seed, self.steps = battles, seed, steps
        self.fitter = Fitter(battles)
        self.whole = self.fitter.fit(np.ones(len(battles), bool))
        self.taught = first_half(battles)
        steps.step("each war by all others")
        self.half = self.whole

    def by_war(self) -> tuple[dict[str, Floats], Prediction]:
        """Each battle by what all other wars teach.

        Returns:
            Chances by model, `[battle]`; what the law predicts.
        """
        chances = {name: np.full(len(self.battles), np.nan) for name in (LAW, *SIMPLER)}
        predicted = prediction.empty(len(self.battles))
        wars = np.array(self.battles.war)
        for war in dict.fromkeys(self.battles.war):
            places = np.flatnonzero(wars == war)
            posterior = self.fitter.fit(wars != war, self.whole)
            predicted.put(prediction.predict(posterior, self.battles.among(places), self.seed), places)
            self._rivals(wars != war, places, chances)
            self.steps.step()
        chances[LAW] = predicted.chance
        return chances, predicted

    def by_half(self) -> dict[str, Floats]:
        """Taught by one half of the wars, asked about the other.

        Returns:
            Chances by model, `[battle]`; NaN for battles that taught.
        """
        self.half = self.fitter.fit(self.taught)
        places = np.flatnonzero(~self.taught)
        chances = {name: np.full(len(self.battles), np.nan) for name in (LAW, *SIMPLER)}
        chances[LAW][places] = prediction.predict(self.half, self.battles.among(places), self.seed).chance
        self._rivals(self.taught, places, chances)
        self.steps.step("the law with one thing changed")
        return chances

    def _rivals(self, taught: np.ndarray, places: np.ndarray, chances: Mapping[str, Floats]) -> None:
        """Chances of some battles by the simpler models, written into their arrays."""
        school = self.battles.among(taught & self.battles.decided)
        others = self.battles.among(places)
        for name, learn in SIMPLER.items():
            chances[name][places] = learn(school)(others)

    def variants(self) -> tuple[Variant, ...]:
        """The law, and the law with one thing changed at a time, all taught by one half and asked about the other.

        Returns:
            The law first, then each variant.
        """
        tried = [self._variant("the law as it is", self.half)]
        for name, (values, besides) in VARIANTS.items():
            fixed = {key: value for key, value in OUTSIDE.items() if key not in besides} | dict(values)
            tried.append(self._variant(name, self.fitter.fit(self.taught, fixed=fixed)))
            self.steps.step()
        return tuple(tried)

    def _variant(self, name: str, posterior: Posterior) -> Variant:
        """How a variant does on the other half."""
        rest = self.battles.among(~self.taught & self.battles.decided)
        predicted, happened = prediction.predict(posterior, rest, self.seed), rest.outcome == 1
        broken = np.where(happened, rest.share_lost[:, 1], rest.share_lost[:, 0])
        slope, _ = grouped.calibration_line(predicted.chance, happened)
        return Variant(
            name=name,
            log_likelihood=posterior.log_likelihood - self.half.log_likelihood,
            parameters=posterior.free - self.half.free,
            auc=scoring.auc(predicted.chance, happened),
            brier=scoring.brier(predicted.chance, happened),
            slope=float(slope),
            factor=float(np.median(predicted.lost_by_broken) / np.nanmedian(broken)),
        )


def first_half(battles: Battles) -> np.ndarray:
    """The battles of every other war, by the wars' first years and then their names.

    Args:
        battles: the table.

    Returns:
        Which battles are in the first, third ... war, `[battle]`.
    """
    begins: dict[str, float] = {}
    for war, year in zip(battles.war, battles.year, strict=True):
        begins[war] = min(year, begins.get(war, np.inf))
    chosen = set(sorted(begins, key=lambda war: (begins[war], war))[::2])
    return np.array([war in chosen for war in battles.war])
