"""What a claim counts and whom, read from its words where its table does not say.

English only, and no proper names: a table that needs more says it in its columns `counts` and `covers`. The rules are
tried from the top; the first that fits decides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

RULES: dict[str, tuple[tuple[str, str], ...]] = {
    "killed": (
        (r"\bnames\b|\bnamed\b|confirmed by name|confirmed dead", "named"),
        (r"eliminated|liquidated|neutrali[sz]ed", "eliminated"),
        (r"missing not counted|excludes?[^;]*missing|no [^;]*\bmissing\b|without [^;]*missing", "killed_confirmed"),
        (r"excess[^;]*mortality", "killed_confirmed"),
        (r"(\+|\band\b|incl\w*\.?|including|declared)[^;]*\bmissing\b", "killed_and_missing"),
        (r"", "killed"),
    ),
    "casualties": (
        (r"eliminated|liquidated|neutrali[sz]ed", "eliminated"),
        (r"(irr\w+able|permanent loss|maimed|debilitating)[^;]*(desert|awol)|maimed or awol", "irrecoverable_deserted"),
        (r"irrecoverable|irretrievable|permanent loss", "irrecoverable"),
        (r"missing|captured|prisoner", "casualties"),
        (r"", "killed_wounded"),
    ),
    "wounded": ((r"severe|not returned|out for good|disabled", "wounded_severe"), (r"", "wounded")),
    "missing": ((r"(missing|captured) (or|and) (captured|missing)", "missing_captured"), (r"", "missing")),
    "captured": ((r"(missing|captured) (or|and) (captured|missing)", "missing_captured"), (r"", "captured")),
    "deserted": (
        (r"requests?|contacts?|calls to", "nothing"),
        (r"proceedings", "cases"),
        (r"courts?\b|verdicts?|sentenced|convicted", "court_cases"),
        (r"\bcases\b", "cases"),
        (r"\blists?\b|wanted", "listed_absent"),
        (r"", "deserted"),
    ),
    "recruited": ((r"\bplan\b|planned|target", "nothing"), (r"", "recruited")),
    "strength": ((r"", "strength"),),
}  # fmt: skip

PART = r"\bonly\b|one unit|division|military district|\bpart of\b|convicts|militia|of these|included in|mercenar|contractors"
WIDER = r"civilians?|includes tourists|whole armed forces|pre-(war|invasion)"
CITIZENS = r"citizens|excess (male )?mortality|probate|civil regist"
CITIZENS_TYPES = ("excess-mortality model",)


def counting(row: Mapping[str, str]) -> tuple[str, str]:
    """`counts` and `covers` of a row of a claims table, as the columns say or as its words do."""
    return row.get("counts") or counts(row), row.get("covers") or covers(row)


def counts(row: Mapping[str, str]) -> str:
    """What the number counts, from quantity, basis and words."""
    quantity, words = row.get("quantity", ""), row.get("definition", "").lower()
    if quantity not in RULES or row.get("basis") in ("share", "ratio"):
        return "nothing"
    if row.get("basis") == "stock" and quantity in ("captured", "deserted"):
        return {"captured": "captured_held", "deserted": "absent"}[quantity]
    found = next(name for pattern, name in RULES[quantity] if re.search(pattern, words))
    if found == "killed" and row.get("claimant_type") == "named-list count" and row.get("value_central"):
        return "killed" if "estimat" in words else "named"  # a list's round "at least" or range is its keeper's guess
    return found


def covers(row: Mapping[str, str]) -> str:
    """Whom the number counts, from the words."""
    words = row.get("definition", "").lower()
    if re.search(CITIZENS, words) or row.get("claimant_type") in CITIZENS_TYPES:
        return "citizens"
    if re.search(PART, words):
        return "part"
    return "wider" if re.search(WIDER, words) else "all"
