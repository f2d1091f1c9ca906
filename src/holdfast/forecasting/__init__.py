"""What could be forecast on a day from what was known then, and how that compares with what followed."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holdfast.forecasting.run import forecast, rolling_forecast


__all__ = ["forecast", "rolling_forecast"]


def __getattr__(name: str) -> object:
    """The public names, loaded when first used: a worker needs less."""
    if name not in __all__:
        raise AttributeError(f"holdfast.forecasting has no {name!r}; it has {', '.join(__all__)}")
    from holdfast.forecasting import run

    return getattr(run, name)
