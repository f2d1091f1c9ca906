"""The words of a spoken claim: which quantity they mean, and how a table would define it."""

from __future__ import annotations

import calendar
import re
from typing import NamedTuple


class Phrase(NamedTuple):
    """A quantity, the definition a table would give it, and its basis where the words fix one."""

    quantity: str
    definition: str
    basis: str = ""


FATES = {
    "killed": r"killed(?:\s+in\s+action)?|kia|dead|died|deaths?|fatalities|fallen|perished",
    "wounded": r"wounded(?:\s+in\s+action)?|wia|injured",
    "missing": r"missing(?:\s+in\s+action)?|mia",
    "captured": r"captured|taken\s+prisoners?|taken\s+captive|prisoners?(?:\s+of\s+war)?|pows?|surrendered",
}
"""What can befall a soldier; said together they make one number."""

ANY_FATE = "|".join(FATES.values())
TOGETHER = rf"\b(?:{ANY_FATE})\b(?:(?:\s*[,/&+]\s*|\s+)(?:(?:and|or)\s+)?(?:the\s+)?(?:{ANY_FATE})\b)+"

SETS: dict[frozenset[str], Phrase] = {
    frozenset(("killed", "wounded")): Phrase("casualties", "killed and wounded"),
    frozenset(("killed", "missing")): Phrase("killed", "killed and missing"),
    frozenset(("missing", "captured")): Phrase("missing", "missing or captured"),
    frozenset(("killed", "wounded", "missing")): Phrase("casualties", "killed, wounded and missing"),
    frozenset(("killed", "wounded", "captured")): Phrase("casualties", "killed, wounded and captured"),
    frozenset(("killed", "wounded", "missing", "captured")): Phrase(
        "casualties", "killed, wounded, missing and captured"
    ),
}

GONE = r"(?:irrecoverable|irretrievable|irreplaceable|permanent)(?:\s+(?:losses|casualties))?"
AWAY = r"(?:desertions?|deserters|deserted|awol)"

PHRASES: tuple[tuple[str, Phrase], ...] = (
    (
        rf"{GONE}\s*,?\s*(?:including|incl\.?|with|and|\+)\s*{AWAY}",
        Phrase("casualties", "irrecoverable, deserters included"),
    ),
    (GONE, Phrase("casualties", "irrecoverable")),
    (r"(?:confirmed|named)\s+(?:dead|killed|deaths)", Phrase("killed", "confirmed dead")),
    (r"eliminated|liquidated|neutrali[sz]ed", Phrase("casualties", "eliminated")),
    (r"(?:severely|seriously|gravely|badly)\s+(?:wounded|injured)", Phrase("wounded", "severely wounded")),
    (
        r"(?:prisoners?(?:\s+of\s+war)?|pows?)\s+(?:are\s+)?held|held\s+(?:prisoner|captive)|in\s+captivity",
        Phrase("captured", "prisoners held", "stock"),
    ),
    (
        r"(?:desertion|awol)\s+cases|cases\s+of\s+(?:desertion|awol)|criminal\s+(?:cases|proceedings)",
        Phrase("deserted", "criminal cases of desertion"),
    ),
    (rf"{AWAY}|desert|absent\s+without\s+leave|ran\s+away", Phrase("deserted", "deserted")),
    (
        r"recruited|recruits?|recruitments?|enlisted|enlistments?|signed\s+up|volunteered|mobili[sz]ed|drafted"
        r"|conscripted|called\s+up|(?:signed\s+)?contracts(?:\s+signed)?",
        Phrase("recruited", "recruited"),
    ),
    (r"strength|under\s+arms|in\s+the\s+field", Phrase("strength", "strength", "stock")),
    *((words, Phrase(quantity, quantity)) for quantity, words in FATES.items()),
    (r"casualties|casualty|losses", Phrase("casualties", "casualties")),
)
"""From the most to the least particular."""

MEN = r"troops|soldiers|servicemen|personnel|fighters|men"
"""Strength, if nothing else is said of them."""

RATES = {
    "per month": r"(?:per|a|each|every)\s+month|monthly",
    "per week": r"(?:per|a|each|every)\s+week|weekly",
    "per day": r"(?:per|a|each|every)\s+day|daily",
}

SO_FAR = (
    r"since\s+(?:the\s+)?(?:(?:start|beginning|outbreak)(?:\s+of\s+the\s+(?:full-scale\s+)?(?:war|invasion))?"
    r"|(?:full-scale\s+)?(?:war|invasion)(?:\s+(?:began|started))?)"
    r"|so\s+far|to\s+date|in\s+(?:total|all)|altogether|cumulative(?:ly)?|total"
)

FILLERS = frozenset(
    (
        *("a", "all", "an", "and", "are", "army", "as", "at", "been", "by", "during", "for", "force", "forces"),
        *("from", "had", "has", "have", "in", "is", "it", "its", "of", "on", "said", "says", "side", "suffered"),
        *("that", "the", "their", "there", "they", "to", "until", "war", "was", "were", "which", "who", "with"),
        *MEN.split("|"),
    )
)
"""Words that change nothing."""

KNOWN_WORDS = (
    "killed", "dead", "died", "deaths", "fatalities", "fallen", "perished", "wounded", "injured", "missing",
    "captured", "prisoners", "surrendered", "deserted", "deserters", "desertions", "recruited", "recruits", "enlisted",
    "mobilised", "strength", "troops", "soldiers", "casualties", "losses", "irrecoverable", "irretrievable", "eliminated",
)  # fmt: skip
"""Single words that name a quantity, to guess from at a misspelling."""

OTHER_WORDS = (
    "over", "more than", "at least", "up to", "nearly", "about", "thousand", "million", "since", "until", "month",
    "monthly", "weekly", "daily", "total", "cumulative",
)  # fmt: skip

MONTHS = tuple(name for name in calendar.month_name if name)


def together(text: str) -> Phrase | None:
    """The one number that several fates make: `dead or wounded`."""
    fates = frozenset(
        fate for fate, words in FATES.items() if re.search(rf"\b(?:{words})\b", text, re.IGNORECASE | re.ASCII)
    )
    if len(fates) == 1:
        (fate,) = fates
        return Phrase(fate, fate)
    return SETS.get(fates)
