"""A posterior of losses: draws of what two armies lost and had, month by month, out of a file [IO].

The file is what `holdfast losses` saves: netCDF, its group `posterior` with the dimensions chain, draw, side, month.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from holdfast.scenario.faults import Fault, ScenarioError, listed, nearest, shown

DIMS = ("chain", "draw", "side", "month")
ALWAYS = ("killed", "strength", "wounded")
"""The variables that every posterior of losses has."""
VARIABLES = (*ALWAYS, "recruited")


@dataclass(frozen=True)
class Posterior:
    """What draws of two armies' losses hold, by variable `[draw side month]`, the chains end to end."""

    digest: str
    """SHA-256 of the file."""
    sides: tuple[str, ...]
    first: tuple[dt.date, ...]
    """The first day that each month covers."""
    days: np.ndarray
    """Days that each month covers."""
    men: Mapping[str, np.ndarray]
    """By variable: men over the covered days, `strength` at their end."""

    @property
    def draws(self) -> int:
        """How many draws there are."""
        return len(next(iter(self.men.values())))

    @property
    def last_day(self) -> dt.date:
        """The last day that is covered."""
        return self.first[-1] + dt.timedelta(days=int(self.days[-1]) - 1)

    def of(self, name: str, draw: int, side: str) -> np.ndarray:
        """A variable of one draw and side, month by month."""
        values: np.ndarray = self.men[name][draw, self.sides.index(side)]
        return values


def digest(path: str) -> str:
    """SHA-256 of a file; of nothing where there is none."""
    file = Path(path)
    return hashlib.sha256(file.read_bytes() if file.is_file() else b"").hexdigest()


def read(path: str) -> Posterior:
    """The posterior in a file; a `ScenarioError` where it is none."""
    try:
        about = Path(path).stat()
    except OSError:
        return _read(path, 0, 0)
    return _read(path, about.st_mtime_ns, about.st_size)


@functools.lru_cache(maxsize=8)
def _read(path: str, changed: int, size: int) -> Posterior:
    """The posterior in a file as it is now."""
    made_by = "Make one with holdfast losses --out DIR, and name DIR/posterior.nc"
    if not Path(path).is_file():
        beside = Path(path).parent
        names = sorted(entry.name for entry in beside.glob("*.nc"))
        what = f"the folder {shown(path)}" if Path(path).is_dir() else f"no file {shown(path)}"
        inside = Path(path) / "posterior.nc"
        meant = str(inside) if inside.is_file() else nearest(Path(path).name, names)
        allowed = "the path of a posterior, from the folder of the case"
        raise ScenarioError([Fault("posterior", what, allowed, f"Correct the path. {made_by}", meant)])
    if importlib.util.find_spec("h5netcdf") is None:
        cure = "Install it: pip install 'holdfast[evidence]'"
        raise ScenarioError([Fault("posterior", "no h5netcdf", "h5netcdf, which reads posteriors", cure)])
    import xarray as xr

    try:
        with xr.open_dataset(path, group="posterior", engine="h5netcdf", decode_timedelta=False) as data:
            data = data.load()
    except Exception as error:  # whatever a library says of a file that is something else
        said = (str(error) or type(error).__name__).splitlines()[0][:80]
        found = f"a file without a group posterior that can be read ({said})"
        allowed = "a posterior of losses, an ArviZ netCDF file"
        raise ScenarioError([Fault("posterior", found, allowed, made_by)]) from error
    faults = _faults_of(data, made_by)
    if faults:
        raise ScenarioError(faults)
    draws = data[[name for name in VARIABLES if name in data]]
    months = draws.month.values.astype("datetime64[D]")
    first, days = _covered(months, _days_told(data))
    stacked = {
        str(name): each.transpose(*DIMS).values.reshape(-1, *each.transpose(*DIMS).shape[2:]).astype(float)
        for name, each in draws.data_vars.items()
    }
    return Posterior(digest(path), tuple(str(s) for s in data.side.values), first, days, stacked)


def _faults_of(data: Any, cure: str) -> list[Fault]:
    """What keeps a dataset from being a posterior of losses."""
    lacking = [name for name in DIMS if name not in data.dims] + [n for n in DIMS[2:] if n not in data.coords]
    lacking += [name for name in ALWAYS if name not in data]
    allowed = f"the dimensions {listed(DIMS)} and the variables {listed(ALWAYS)}"
    if lacking:
        return [Fault("posterior", f"no {listed(dict.fromkeys(lacking))}", allowed, cure)]
    found = []
    for name in [name for name in VARIABLES if name in data]:
        if set(data[name].dims) != set(DIMS):
            found.append(Fault("posterior", f"{name} along {listed(data[name].dims)}", listed(DIMS), cure))
        elif not np.isfinite(data[name].values).all() or (data[name].values < 0).any():
            found.append(Fault("posterior", f"{name} below 0 or not finite", "men, 0 or more", cure))
    month = data.month.values
    if month.dtype.kind != "M" or 0 in data.sizes.values():
        found.append(Fault("posterior", "no months, or months that are no dates", "a date a month", cure))
    elif (np.diff(month.astype("datetime64[M]").astype(int)) != 1).any():
        found.append(Fault("posterior", "months that leave gaps or go back", "month after month", cure))
    return found


def _days_told(data: Any) -> np.ndarray | None:
    """Days that each month covers, where the file tells them: a variable along the months, or the months' attribute."""
    for told in (data.get("days"), data.month.attrs.get("days")):
        if told is not None and np.size(told) == data.sizes["month"]:
            return np.atleast_1d(np.asarray(told)).astype(int)
    return None


def _covered(months: np.ndarray, told: np.ndarray | None) -> tuple[tuple[dt.date, ...], np.ndarray]:
    """The first day and the number of days that each month covers: the first may lack its beginning, the last its end."""
    start = months.astype("datetime64[M]")
    whole = ((start + 1).astype("datetime64[D]") - start.astype("datetime64[D]")).astype(int)
    days = whole if told is None else np.clip(told, 1, whole)
    late = np.zeros(len(days), int)
    late[0] = (whole - days)[0] if len(days) > 1 else 0
    first = start.astype("datetime64[D]") + late
    return tuple(day.item() for day in first), days
