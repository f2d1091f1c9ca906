"""The fit: draws of the inputs and of the label layer given history, by NUTS on the surrogate."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from holdfast.calibration import likelihood, outcome_model
from holdfast.calibration.surrogate import Surrogate

CHAINS, WARMUP, DRAWS = 4, 400, 300
R_HAT_MOST, ESS_WANTED, ESS_LEAST, ESS_TOLD = 1.03, 200.0, 100.0, 400.0
"""Largest R-hat; effective draws of the slowest score below which longer chains are tried, and below which the fit is
refused; effective draws that the chances of every case must have, which are what is told and mix faster."""


class FitError(RuntimeError):
    """A fit whose own diagnostics let nobody believe it."""


def sample(
    of: Surrogate, armies: likelihood.Armies, inputs: int, seed: int, *, chains: int = CHAINS, warmup: int = WARMUP,
    draws: int = DRAWS, careful: bool = False,
) -> tuple[np.ndarray, dict[str, float]]:  # fmt: skip
    """Draws of all scores given the armies' coded outcomes `[draw, inputs + layer]`, and how well the chains mixed."""
    from numpyro.diagnostics import effective_sample_size, split_gelman_rubin
    from numpyro.infer import MCMC, NUTS

    size = inputs + len(outcome_model.NAMES)

    def potential(scores: jax.Array) -> Any:
        return 0.5 * (scores**2).sum() - likelihood.by_case(of, scores, armies).sum()

    kernel = NUTS(
        potential_fn=potential, max_tree_depth=7 if careful else 6, target_accept_prob=0.92 if careful else 0.85
    )
    run = MCMC(
        kernel, num_warmup=warmup, num_samples=draws, num_chains=chains, chain_method="vectorized", progress_bar=False
    )
    start = 0.1 * jax.random.normal(jax.random.key(seed + 1), (chains, size))
    run.run(jax.random.key(seed), init_params=start if chains > 1 else start[0], extra_fields=("diverging",))
    grouped = np.asarray(run.get_samples(group_by_chain=True)).reshape(chains, draws, size)
    told = {
        "r_hat": float(np.max(split_gelman_rubin(grouped))),
        "ess": float(np.min(effective_sample_size(grouped))),
        "diverging": float(np.mean(np.asarray(run.get_extra_fields()["diverging"]))),
    }
    return grouped.reshape(-1, size), told


def poor(told: dict[str, float]) -> bool:
    """Whether the chains have not mixed as one would wish."""
    return told["r_hat"] > R_HAT_MOST or told["ess"] < ESS_WANTED


def told_ess(chances: np.ndarray, chains: int) -> float:
    """Effective draws of the log odds of the case that mixes slowest; `chances [draw, case]`, chain after chain."""
    from numpyro.diagnostics import effective_sample_size

    odds = np.log(chances / (1 - chances))
    return float(np.min(effective_sample_size(odds.reshape(chains, -1, odds.shape[1]))))


def believed(told: dict[str, float], what: str) -> None:
    """Raise `FitError` where a fit cannot be believed."""
    slow = told.get("told_ess", np.inf) < ESS_TOLD
    if told["r_hat"] > R_HAT_MOST or told["ess"] < ESS_LEAST or slow:
        raise FitError(
            f"the fit of {what} did not settle: R-hat {told['r_hat']:.3f} (at most {R_HAT_MOST}), {told['ess']:.0f} "
            f"effective draws of the slowest input (at least {ESS_LEAST:.0f}), {told.get('told_ess', np.nan):.0f} of the "
            f"slowest chance (at least {ESS_TOLD:.0f}). Try another --seed."
        )
