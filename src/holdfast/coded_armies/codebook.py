"""The codebook: what each of the ten codes means, and the columns of a table of coded armies."""

from __future__ import annotations

from dataclasses import dataclass

from holdfast.coded_armies.army import CODES, ESSAY


@dataclass(frozen=True)
class Rule:
    """The coding rule of one code."""

    name: str  # the code in a sentence
    asks: str  # the question that a coder answers
    levels: tuple[str, str, str]  # what 0, 1 and 2 stand for


RULES = {
    "losses": Rule("losses", "how hard is it hit?", (
        "fewer than about 2 killed per 1,000 men a month, and no shock", "2 to 10, or heavy losses not long ago",
        "more than about 10, or a month or year of disaster")),
    "no_victory": Rule("no prospect of victory", "can it still win?", (
        "it is winning", "deadlock or doubt", "it is visibly beaten, or no believable way is left")),
    "mobilisation": Rule("mobilisation", "does the state keep calling men up?", (
        "no", "as states at war do", "by force and to the last reserves; many evade")),
    "leader_decay": Rule("decay of the leader", "is the leader failing?", (
        "strong", "visibly weaker, away or discredited, or fell only while the army broke",
        "dead, deposed, in flight or dying before it broke")),
    "regime_disarray": Rule("disarray of the regime", "is the regime divided?", (
        "it is of one mind", "factions in serious crisis", "an open split, a coup, two powers, a change of sides")),
    "patron_withdrawal": Rule("withdrawal of a patron", "does a patron let go?", (
        "there is none, or it stays", "it gives less", "it is gone")),
    "unpaid_unfed": Rule("unpaid, unfed", "do pay and food come?", (
        "yes", "short", "pay is worthless, or rations have failed")),
    "operational_shock": Rule("operational shock", "what has happened at the front by the middle of the span?", (
        "it stands still", "a breakthrough or a surprise", "encirclement, collapse of the rear, rout")),
    "safe_exit": Rule("safe exit", "what awaits a man who leaves?", (
        "death", "a chance", "home is near, or there is an amnesty, or the enemy treats prisoners well")),
    "enforcement": Rule("enforcement", "how is leaving punished?", (
        "it is put up with", "by ordinary military law", "by shootings, blocking troops, terror")),
}  # fmt: skip
"""By code, in the order of `army.CODES`; the table of `docs/history.md` in the same words."""

FURTHER_RULES = {
    "relief": Rule("relief", "does help come to it?", (
        "none comes", "some: reserves, an ally's arms or troops", "much: fresh forces or an ally carry it")),
    "space": Rule("space", "is there ground to fall back into?", (
        "none: its back is to the wall", "some", "much: it may go on behind another line")),
}  # fmt: skip
"""What the two further columns mean, which some coders filled; their names and levels as worded here are the project's reading
of the codes that were given."""

PROVENANCE = (
    "The codes of past armies were made with the help of language models from general knowledge, with few fields checked at a "
    "source; the coders knew how each army ended, and no specialist has reviewed them."
)
"""How the shipped codes came to be; stands wherever a number rests on them."""

HOLDS = ("enforcement",)
"""Codes of which more is meant to hold men back; of the others more is meant to drive them away."""


def option(code: str) -> str:
    """A code as an option of the command line.

    Args:
        code: the code's name, as `no_victory`.

    Returns:
        The option, as `--no-victory`.
    """
    return "--" + code.replace("_", "-")


CODE_COLUMNS = {
    "losses": "F1_losses",
    "no_victory": "F2_no_victory",
    "mobilisation": "F3_mobilisation",
    "leader_decay": "F4_leader_decay",
    "regime_disarray": "F5_regime_disarray",
    "patron_withdrawal": "X_patron_withdrawal",
    "unpaid_unfed": "X_unpaid_unfed",
    "operational_shock": "X_operational_shock",
    "safe_exit": "X_safe_exit",
    "enforcement": "enforcement",
}
"""The column of each code."""

WHOLE_COLUMNS = {code: f"{column}_whole" for code, column in CODE_COLUMNS.items()}
"""Where an army was seen from the middle of its span: the column of each code over the whole of it."""

REASONS = {code: f"{CODE_COLUMNS[code]}_reason" for code in ESSAY}
"""Why a code was given; only the essay's five have such a column."""

REQUIRED = ("case_id", *CODE_COLUMNS.values())
"""Columns that must be there; a code's cells may be empty, where the code is not known."""

NUMBERS = (
    "months_of_fighting",
    "strength_low", "strength", "strength_high",
    "killed", "deserted_or_awol_low", "deserted_or_awol", "deserted_or_awol_high", "captured_or_surrendered",
    "killed_per_month_per_1000", "deserted_per_month_per_1000",
)  # fmt: skip
SHARES = ("deserted_share", "captured_share")
DAYS = ("start", "end", "outcome_date")
FLAGS = {
    "mass_desertion_or_surrender_10pct": "mass_desertion",
    "collapse": "collapse",
    "recovered": "recovered",
    "ordered_capitulation": "ordered_capitulation",
    "settlement": "settlement",
}
"""Columns of yes or no, and the field that each fills."""

TEXTS = {
    "army": "army", "war": "war", "opponent": "opponent", "outcome": "outcome", "overlap_with": "overlap_with",
    "sources": "sources", "fields_checked_at_source": "checked", "coder": "coder",
}  # fmt: skip
"""Columns of words, and the field that each fills."""

NOTES = ("inequality_note", "pay_note", "season_of_break")

SEEN = (*WHOLE_COLUMNS.values(), *FURTHER_RULES, "vantage", "confidence")
"""Columns that say from when an army was seen, how surely, and what else."""

READ = (
    *REQUIRED, *TEXTS, *DAYS, *NUMBERS, *SHARES, "force_ratio", *FLAGS, *NOTES, *REASONS.values(), *SEEN,
)  # fmt: skip
"""Every column that something is read from."""

CARRIED = (
    "killed_low", "killed_high", "wounded_low", "wounded", "wounded_high", "captured_or_surrendered_low",
    "captured_or_surrendered_high", "killed_per_month_per_1000_low", "killed_per_month_per_1000_high", "factor_sum",
)  # fmt: skip
"""Columns of the shipped table that are carried along and shown; nothing is worked out from them."""

ALIASES = {
    **{code: CODE_COLUMNS[code] for code in CODES},
    **{f"{code}_whole": WHOLE_COLUMNS[code] for code in CODES},
    "army_id": "case_id",
    "months": "months_of_fighting",
    "mass_desertion": "mass_desertion_or_surrender_10pct",
    "killed_per_1000_month": "killed_per_month_per_1000",
    "exits_per_1000_month": "deserted_per_month_per_1000",
    "checked": "fields_checked_at_source",
}
"""Other names that are as good: those that the rest of the toolkit uses."""

BANDS: tuple[tuple[str, float, float], ...] = (
    ("holding", 0.3, 8.0),
    ("grey", 11.0, 30.0),
    ("breaking", 40.0, 100.0),
    ("rout", 200.0, float("inf")),
)
"""Exits by choice per 1,000 men a month in past armies: name, least and most (`docs/model.md` §3). Armies in the grey band
survived for years."""


def band_of(rate: float) -> str:
    """Where a rate of exits falls among the bands of past armies.

    Args:
        rate: exits by choice per 1,000 men a month.

    Returns:
        The band, as `holding`; or the two that it lies between, as `between grey and breaking`; or `below holding`.
    """
    reached = [name for name, low, _ in BANDS if rate >= low]
    if not reached:
        return f"below {BANDS[0][0]}"
    below = BANDS[len(reached) - 1]
    return below[0] if rate <= below[2] else f"between {below[0]} and {BANDS[len(reached)][0]}"
