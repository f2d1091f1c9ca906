"""The release: its version, its name on the package index, and the extras that bring what the base installation leaves out.

The version stands here and nowhere else: the build reads it from this file, so does `CITATION.cff`.
"""

VERSION = "0.1.0"
RELEASED = ""
"""The day of the release as ISO text; empty while it is in preparation."""
DISTRIBUTION = "holdfast-armies"
"""The name on the package index, where `holdfast` is another project; import and command are `holdfast`."""
EXTRAS = {
    "evidence": (
        "numpyro", "arviz_stats", "arviz_base", "h5netcdf", "h5py", "pooch", "pyarrow", "pandas", "lark",
    ),
    "calibrate": ("SALib", "optax"),
    "spreadsheets": ("python_calamine",),
    "app": ("starlette", "uvicorn", "websockets", "tomli_w"),
    "cluster": ("distributed", "dask", "dask_jobqueue"),
}  # fmt: skip
"""The modules that each extra brings besides those of the extras above it."""


def install(extra: str) -> str:
    """The command that adds an extra to an installation.

    Args:
        extra: one of `EXTRAS`.

    Returns:
        What to type in a shell.
    """
    return f"pip install '{DISTRIBUTION}[{extra}]'"


def extra_of(module: str | None) -> str | None:
    """The extra that brings a module.

    Args:
        module: its name, as an import error gives it; modules inside packages count as their package.

    Returns:
        The extra's name; none where no extra brings it.
    """
    package = (module or "").partition(".")[0]
    return next((extra for extra, brought in EXTRAS.items() if package in brought), None)
