"""The columns of a file of cases: which must be there, what each holds, and what else they may be called."""

from __future__ import annotations

from holdfast.history.coded import CODES, ESSAY

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
}
"""Columns of yes or no, and the field that each fills."""

TEXTS = {
    "army": "army", "war": "war", "opponent": "opponent", "outcome": "outcome", "overlap_with": "overlap_with",
    "sources": "sources", "fields_checked_at_source": "checked",
}  # fmt: skip
"""Columns of words, and the field that each fills."""

NOTES = ("inequality_note", "pay_note", "season_of_break")

READ = (
    *REQUIRED, *TEXTS, *DAYS, *NUMBERS, *SHARES, "force_ratio", *FLAGS, *NOTES, *REASONS.values(),
)  # fmt: skip
"""Every column that something is read from."""

KEPT = (
    "killed_low", "killed_high", "wounded_low", "wounded", "wounded_high", "captured_or_surrendered_low",
    "captured_or_surrendered_high", "killed_per_month_per_1000_low", "killed_per_month_per_1000_high", "factor_sum",
)  # fmt: skip
"""Columns of the shipped table that are kept and shown, and nothing is reckoned from."""

SHORT = {
    **{code: CODE_COLUMNS[code] for code in CODES},
    "months": "months_of_fighting",
    "mass_desertion": "mass_desertion_or_surrender_10pct",
    "killed_per_1000_month": "killed_per_month_per_1000",
    "exits_per_1000_month": "deserted_per_month_per_1000",
    "checked": "fields_checked_at_source",
}
"""Other names that are as good: those that the rest of the toolkit uses."""
