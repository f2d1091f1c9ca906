"""What is wrong with claims: every fault of a table or of a sentence, told together."""

from __future__ import annotations

from holdfast.scenario.faults import FaultyError


class ClaimsError(FaultyError):
    """Claims that cannot be used, with all their faults together."""

    what = "The claims"
