"""Russian losses as the Ukrainian General Staff posts them: cumulative, day by day. [IO]"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import xarray as xr

from holdfast.evidence.datasets import registry
from holdfast.evidence.datasets.sheet import Sheet, about, told

NAME = "general-staff-daily"
FILE = "russia_losses_personnel.json"
LIMITS = {"about": "", "more": "more", "": ""}
"""How a post words its number; `more` is a lower limit."""


def read(files: Mapping[str, Path]) -> xr.Dataset:
    """Personnel losses by day: the sum so far, and what each day added where the day before is there too."""
    sheet = Sheet.from_records(files[FILE], ("date", "personnel"), ("personnel*", "POW"))
    day = sheet.days("date", rising=True)
    losses = sheet.numbers("personnel", blank=False)
    prisoners = sheet.numbers("POW") if "POW" in sheet.rows else np.full(len(sheet), np.nan)
    more = sheet.words("personnel*", LIMITS) if "personnel*" in sheet.rows else [""] * len(sheet)
    sheet.check()
    source = registry.DATASETS[NAME].citation
    variables = {
        "losses": told("day", losses, "Russian personnel losses claimed, cumulative", "men", source),
        "losses_of_day": told("day", _added(day, losses), "the same, added since the day before", "men/d", source),
        "more_than": told("day", np.array(more) == "more", "the post says more than, not about", "1", source),
        "prisoners": told("day", prisoners, "Russian prisoners claimed, cumulative", "men", source),
    }
    return xr.Dataset(variables, {"day": day}, about(NAME))


def _added(day: np.ndarray, total: np.ndarray) -> np.ndarray:
    """What each day added; unknown on the first day and after a gap."""
    gained = np.diff(total, prepend=np.nan)
    follows = np.diff(day, prepend=np.datetime64("NaT")) == np.timedelta64(1, "D")
    return np.where(follows, gained, np.nan)
