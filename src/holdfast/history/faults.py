"""What is wrong with a file of cases: every fault, told together."""

from __future__ import annotations

from holdfast.scenario.faults import FaultyError


class CasesError(FaultyError):
    """Cases that cannot be used, with all their faults together."""

    what = "The cases"
