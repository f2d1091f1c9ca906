"""The numbers that calibration may move: every declared parameter of the model and of the map from codes.

Each has a prior where it is declared; here a prior is a map from the unit interval, so that screening, drawing and the
sampler's own coordinates are one thing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from holdfast.day import defaults
from holdfast.history.pressures import Map
from holdfast.inference import template
from holdfast.params import About, Beta, Fixed, LogNormal, Normal, Prior, walk

OWN = {
    "army.resolve_sd": About(
        template.RESOLVE_SD, "nats", LogNormal(0.95, 0.3), "structure",
        "starting value of the specification: how far men of one army differ (docs/model.md §7)",
    ),
}  # fmt: skip
"""Inputs that belong to no mechanism and to no code."""


def declared() -> dict[str, About]:
    """Every input by path: `choice.tempo` of the model, `map.shock_2` of the map, `army.resolve_sd`."""
    return {**dict(walk(defaults())), **dict(walk(Map(), "map.")), **OWN}


def free() -> dict[str, Prior]:
    """The inputs that are quantities to be learnt, not conventions."""
    return {path: about.prior for path, about in declared().items() if not isinstance(about.prior, Fixed)}


def at(prior: Prior, share: np.ndarray) -> np.ndarray:
    """The value below which that share of the prior lies; `share` in 0..1, any shape."""
    from scipy import special

    match prior:
        case LogNormal(median, sd):
            return np.exp(math.log(median) + sd * special.ndtri(share))
        case Normal(mean, sd):
            return np.asarray(mean + sd * special.ndtri(share))
        case Beta(a, b):
            return np.asarray(special.betaincinv(a, b, share))
        case Fixed():
            raise ValueError("a convention has no prior to draw from")


def values(paths: Sequence[str], scores: np.ndarray) -> dict[str, np.ndarray]:
    """Inputs from standard normal scores `[draw path]`: the sampler's coordinates, in which every prior is N(0, 1)."""
    from scipy import special

    given = free()
    shares = special.ndtr(np.asarray(scores, float))
    return {path: at(given[path], shares[:, column]) for column, path in enumerate(paths)}


@dataclass(frozen=True)
class Split:
    """Inputs by who takes them."""

    model: dict[str, np.ndarray]
    map: dict[str, np.ndarray]
    resolve_sd: np.ndarray | None


def split(given: Mapping[str, np.ndarray]) -> Split:
    """The model's parameters, the map's, and the armies' own."""
    of_map = {path[4:]: value for path, value in given.items() if path.startswith("map.")}
    model = {path: value for path, value in given.items() if not path.startswith(("map.", "army."))}
    return Split(model, of_map, given.get("army.resolve_sd"))
