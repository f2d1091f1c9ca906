"""What could be foretold on a day from what was known then, and how that compares with what came."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from holdfast.forecasting.run import forecast, judged


__all__ = ["forecast", "judged"]


def __getattr__(name: str) -> Any:
    """The public names, loaded when first used: a worker needs less."""
    if name not in __all__:
        raise AttributeError(f"holdfast.forecasting has no {name!r}; it has {', '.join(__all__)}")
    from holdfast.forecasting import run

    return getattr(run, name)
