"""What the surrogate is taught by: armies under draws of the inputs, at many levels of resolve, with some codes moved."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from holdfast.history.coded import CODES, CodedCase
from holdfast.inference import inputs
from holdfast.inference.table import Job, coded_arrays

RESOLVE = (2.0, 9.0)
"""Levels of resolve that are run, evenly: below, every army breaks; above, none does [nats]."""
MOVED = 0.2
"""Share of the armies run with one to three codes moved, so that the surrogate knows the ground between the cases."""


def job(cases: Sequence[CodedCase], paths: Sequence[str], scores: np.ndarray, seed: int, ablation: str = "none") -> Job:
    """One run of every case under every draw, each at its own level of resolve and with its own luck."""
    generator = np.random.default_rng((seed, len(scores), len(ablation)))
    draws, many = len(scores), len(cases)
    codes, ratio = coded_arrays(cases)
    moved = np.broadcast_to(codes, (draws, *codes.shape)).copy()
    for row, column in zip(*np.nonzero(generator.random((draws, many)) < MOVED), strict=True):
        some = generator.choice(len(CODES), generator.integers(1, 4), replace=False)
        moved[row, column, some] = generator.integers(0, 3, len(some))
    return Job(
        inputs=inputs.values(paths, scores),
        codes=moved,
        force_ratio=ratio,
        resolve=generator.uniform(*RESOLVE, (draws, many, 1)),
        luck=generator.integers(0, 1 << 24, (draws, many)),
        seed=seed,
        ablation=ablation,
    )


def prior(count: int, dimensions: int, seed: int) -> np.ndarray:
    """Draws of the prior's scores `[count, dimensions]`, spread evenly (Sobol, scrambled)."""
    from scipy import special
    from scipy.stats import qmc

    points = qmc.Sobol(dimensions, rng=seed).random_base2(max(count - 1, 1).bit_length())[:count]
    return np.asarray(special.ndtri(np.clip(points, 1e-5, 1 - 1e-5)))
