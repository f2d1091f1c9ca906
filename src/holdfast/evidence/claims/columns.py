"""The columns of a claims table: which there are, which must be there."""

from __future__ import annotations

import dataclasses

from holdfast.evidence.claims.claim import Claim

COLUMNS = tuple(field.name for field in dataclasses.fields(Claim))
"""All columns, in the order in which a table is written."""

REQUIRED = ("claim_id", "side", "quantity", "as_of_date", "claimant", "claimant_type", "basis")
"""Each row has a word in each of these."""

VALUES = ("value_low", "value_central", "value_high")
"""Numbers; each row has at least one of them."""

DATES = ("as_of_date", "published_date", "period_start")

FREE = ("claimant", "definition", "source", "url", "seen", "lineage", "note")
"""Free text, kept to the letter."""
