"""The answer for one army: chances, exits, a rival's opinion, the armies like it, what would change it. [IO]"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from holdfast.assessment import posterior_adapter, sensitivity
from holdfast.assessment.posterior_adapter import Progress
from holdfast.assessment.request import Asked, asked
from holdfast.backtesting import baselines
from holdfast.calibration import testbed
from holdfast.coded_armies import army, codebook, reader
from holdfast.coded_armies.army import Neighbour
from holdfast.stats.intervals import Estimate, mean_estimate, median_estimate

DRAWS = 32
"""Draws of the posterior under which the army and its neighbours are told."""
NEAREST = 5
HORIZON = testbed.DAYS
"""Days that the model looks ahead, the pressures growing over the first of them [d]."""
FEW = 20.0
"""With fewer draws' worth of posterior than this, its intervals are too narrow."""


@dataclasses.dataclass(frozen=True)
class Assessment:
    """What the model, a rival and history say of one army."""

    asked: Asked
    taught: str
    """`left out`: a shipped case told by all others. `never seen`: no case of this name taught."""
    p_collapse: Estimate
    """Chance, with what is not known of the parameters: 90 %."""
    p_mass_desertion: Estimate
    exits: Estimate
    """Gross exits by choice per 1,000 men a month, as a historian would code them: median, 5 % and 95 %."""
    band: str
    """Where the median falls among past armies."""
    base_rate: Mapping[str, float]
    """Share of the cases that taught, by outcome."""
    ridge: Mapping[str, float]
    """What a ridge logit on the ten codes tells, by outcome."""
    nearest: tuple[Neighbour, ...]
    changes: tuple[sensitivity.Change, ...]
    draws: int
    worth: float
    """Draws of the posterior that its weights are worth, this army left out [1]."""
    posterior: str
    """Hash of the posterior."""


def assess(
    codes: Mapping[str, Any] | None = None, force_ratio: float | str | None = None, *, name: str = "",
    case: str | None = None, draws: int = DRAWS, workers: int | None = None, with_changes: bool = True, seed: int = 1,
    progress: Progress | None = None,
) -> Assessment:  # fmt: skip
    """Assess an army by its codes.

    **Arguments:** `codes` by name, 0 to 2 or `None`; `force_ratio` own men to the enemy's; `case` a shipped case to start
    from, which is then kept out of what teaches; `with_changes` false leaves its neighbours away.

    **Raises:** `AssessError` with every fault of the request; `PosteriorError`; `WorkerError` where a process fails.
    """
    wanted = asked(codes or {}, force_ratio, name, case)
    return answer(wanted, draws, workers, with_changes=with_changes, seed=seed, progress=progress)


def answer(
    wanted: Asked, draws: int = DRAWS, workers: int | None = None, *, with_changes: bool = True, seed: int = 1,
    progress: Progress | None = None,
) -> Assessment:  # fmt: skip
    """The same for a request that was checked."""
    known = wanted.unchanged and posterior_adapter.stands(wanted.case)
    run = sensitivity.variants(wanted.case) if with_changes else [wanted.case]
    ran = posterior_adapter.ran(run, draws, workers, seed, progress) if with_changes or not known else None
    found = posterior_adapter.kept(wanted.case, seed) if known else ran
    assert found
    teachers = posterior_adapter.teachers(wanted.case)
    opinion = lambda rival: {  # noqa: E731
        name: float(baselines.told_by(rival, teachers, [wanted.case], name)[0]) for name in ("collapse", "mass_desertion")
    }  # fmt: skip
    exits = median_estimate(found.exits[0])
    return Assessment(
        asked=wanted,
        taught="left out" if posterior_adapter.taught_anything(wanted.case) else "never seen",
        p_collapse=mean_estimate(found.collapse[0]),
        p_mass_desertion=mean_estimate(found.mass_desertion[0]),
        exits=exits,
        band=codebook.band_of(exits.value),
        base_rate=opinion("base_rate"),
        ridge=opinion("ridge_ten"),
        nearest=army.neighbours(wanted.case, army.independent(reader.shipped()), NEAREST),
        changes=sensitivity.told(wanted.case, ran) if ran and with_changes else (),
        draws=draws,
        worth=posterior_adapter.worth(wanted.case),
        posterior=posterior_adapter.digest(),
    )
