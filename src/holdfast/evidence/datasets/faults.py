"""What is wrong with a data set: it cannot be had, or is not as its reader expects; all faults at once."""

from __future__ import annotations

from holdfast.scenario.faults import Fault, ScenarioError

__all__ = ["DataError", "Fault"]


class DataError(ScenarioError):
    """Data that cannot be fetched, or a file that cannot be read as what it should be."""
