"""How many independent draws a posterior of losses is worth: `python bench/effective_draws.py FOLDER/posterior.nc`.

Prints JSON: the effective draws of every published number (each flow by month, the strength, each share, of each side), the
least and the median over them. They depend on the numbers alone, not on the axes in which a sampler walked, so that two
samplers can be compared by them.
"""

import json
import sys

import numpy as np
import xarray as xr
from numpyro.diagnostics import effective_sample_size


def effective_draws(data: xr.Dataset) -> np.ndarray:
    """Effective draws of every number of `data` that differs between draws."""
    found = []
    for variable in data.data_vars.values():
        if {"chain", "draw"} <= set(variable.dims) and np.issubdtype(variable.dtype, np.number):
            draws = variable.transpose("chain", "draw", ...).values.astype(np.float64)
            draws = draws.reshape(*draws.shape[:2], -1)
            moving = np.isfinite(draws).all((0, 1)) & (draws.std((0, 1)) > 0)
            found.append(np.asarray(effective_sample_size(draws[..., moving])).reshape(-1))
    return np.concatenate(found)


if __name__ == "__main__":
    with xr.open_datatree(sys.argv[1], engine="h5netcdf") as tree:
        found = effective_draws(tree["posterior"].to_dataset())
    print(json.dumps({"least": float(np.nanmin(found)), "median": float(np.nanmedian(found)), "numbers": len(found)}))
