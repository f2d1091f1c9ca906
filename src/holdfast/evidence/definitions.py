"""The definition map: what each kind of claim counts, as sums of the latent flows and stocks.

A claim's true value is the sum over its months of `weight x view`, where a view is one monthly series made of the
latent ones. `VIEWS` names the series, `MEANS` what each word of `claim.COUNTS` adds up. All men of one side.

    killed              all who died, the missing presumed dead among them
    confirmed           killed, less those still missing
    mentioned           killed, with an unknown share of the missing
    in_registers        killed who are citizens in registers; `.._confirmed`, `.._mentioned` as above
    outside             killed who are in no register: foreigners, men of annexed regions, irregulars
    wounded             once for each wound that takes a man off duty
    wounded_for_good    wounded who do not return to duty
    wounded_eliminated  the share of wounded whom an enemy's tally of "eliminated" holds; drifts over a war
    named               killed in registers, in so far as a list of names will hold them (delay comes with the date)
    missing             killed whose death is not established
    captured, deserted, recruited    flows
"""

from __future__ import annotations

VIEWS = (
    "killed", "confirmed", "mentioned", "in_registers", "in_registers_confirmed", "in_registers_mentioned", "outside",
    "wounded", "wounded_for_good", "wounded_eliminated", "named", "missing", "captured", "deserted", "recruited",
)  # fmt: skip

STOCKS = {"strength": "strength", "captured_held": "captured", "absent": "deserted"}
"""Counts that are of one day: the strength itself, or what has gathered of a flow and is still there."""

MEANS: dict[str, dict[str, float]] = {
    "killed": {"mentioned": 1},
    "killed_confirmed": {"confirmed": 1},
    "killed_and_missing": {"killed": 1},
    "eliminated": {"killed": 1, "wounded_eliminated": 1},
    "killed_wounded": {"mentioned": 1, "wounded": 1},
    "casualties": {"killed": 1, "wounded": 1, "captured": 1},
    "irrecoverable": {"killed": 1, "wounded_for_good": 1, "captured": 1},
    "irrecoverable_deserted": {"killed": 1, "wounded_for_good": 1, "captured": 1, "deserted": 1},
    "wounded": {"wounded": 1},
    "wounded_severe": {"wounded_for_good": 1},
    "named": {"named": 1},
    "missing": {"missing": 1},
    "missing_captured": {"missing": 1, "captured": 1},
    "captured": {"captured": 1},
    "captured_held": {"captured": 1},
    "deserted": {"deserted": 1},
    "cases": {"deserted": 1},
    "court_cases": {"deserted": 1},
    "listed_absent": {"deserted": 1},
    "absent": {"deserted": 1},
    "recruited": {"recruited": 1},
    "strength": {},
}

OF_CITIZENS = {
    "killed": "in_registers", "confirmed": "in_registers_confirmed", "mentioned": "in_registers_mentioned",
}  # fmt: skip
OF_OUTSIDERS = {"killed": "outside", "confirmed": "outside", "mentioned": "outside"}

KINDS = {
    "killed": "killed", "killed_confirmed": "killed", "killed_and_missing": "killed", "eliminated": "eliminated",
    "killed_wounded": "casualties", "casualties": "casualties", "irrecoverable": "casualties",
    "irrecoverable_deserted": "casualties", "wounded": "wounded", "wounded_severe": "wounded", "named": "named",
    "missing": "missing", "missing_captured": "captured", "captured": "captured", "captured_held": "captured",
    "deserted": "deserted", "cases": "cases", "court_cases": "court_cases", "listed_absent": "listed_absent",
    "absent": "absent", "recruited": "recruited", "strength": "strength",
}  # fmt: skip
"""Kinds of claim that share a bias and a spread (`claimants.py`)."""

SAYS = {
    "killed": "killed", "killed_confirmed": "killed, without the missing", "killed_and_missing": "killed and missing",
    "eliminated": '"eliminated": killed and a share of the wounded', "killed_wounded": "killed and wounded",
    "casualties": "killed, wounded, missing and captured", "irrecoverable": "killed, captured and out for good",
    "irrecoverable_deserted": "killed, captured, out for good and deserted", "wounded": "wounded",
    "wounded_severe": "wounded who did not return", "named": "dead confirmed by name so far",
    "missing": "missing, death not established", "missing_captured": "missing and captured",
    "captured": "captured", "captured_held": "prisoners held on the day", "deserted": "deserted",
    "cases": "desertion cases opened", "court_cases": "desertion cases in court",
    "listed_absent": "deserters on lists", "absent": "absent on the day", "recruited": "recruited",
    "strength": "men present on the day", "nothing": "not in the model",
}  # fmt: skip
"""For tables and cards."""


def views(counts: str, covers: str) -> dict[str, float]:
    """What a claim adds up: views and their weights.

    >>> views("killed", "citizens")
    {'in_registers_mentioned': 1}
    """
    swap = {"citizens": OF_CITIZENS, "outside": OF_OUTSIDERS}.get(covers, {})
    return {swap.get(view, view): weight for view, weight in MEANS[counts].items()}
