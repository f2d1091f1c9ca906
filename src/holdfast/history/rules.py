"""The coding rules in words: what each of the ten codes asks, and what 0, 1 and 2 mean."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """One code: its name in a sentence, what it asks of an army, and what each level stands for."""

    name: str
    asks: str
    levels: tuple[str, str, str]


RULES = {
    "losses": Rule(
        "losses", "how hard is it hit?",
        (
            "fewer than about 2 killed per 1,000 men a month, and no shock",
            "2 to 10, or heavy losses not long ago",
            "more than about 10, or a month or year of disaster",
        ),
    ),
    "no_victory": Rule(
        "no prospect of victory", "can it still win?",
        ("it is winning", "deadlock or doubt", "it is visibly beaten, or no believable way is left"),
    ),
    "mobilisation": Rule(
        "mobilisation", "does the state keep calling men up?",
        ("no", "as states at war do", "by force and to the last reserves; many evade"),
    ),
    "leader_decay": Rule(
        "decay of the leader", "is the leader failing?",
        (
            "he is strong",
            "he is visibly weaker, away or discredited, or fell only while the army broke",
            "he was dead, deposed, in flight or dying before it broke",
        ),
    ),
    "regime_disarray": Rule(
        "disarray of the regime", "is the regime divided?",
        (
            "it is of one mind",
            "factions in serious crisis",
            "an open split, a coup, two powers, a change of sides",
        ),
    ),
    "patron_withdrawal": Rule(
        "withdrawal of a patron", "does a patron let go?",
        ("there is none, or he stays", "he gives less", "he is gone"),
    ),
    "unpaid_unfed": Rule(
        "unpaid, unfed", "do pay and food come?",
        ("yes", "short", "pay is worthless, or rations have failed"),
    ),
    "operational_shock": Rule(
        "operational shock", "what happens at the front?",
        ("it stands still", "a breakthrough or a surprise", "encirclement, collapse of the rear, rout"),
    ),
    "safe_exit": Rule(
        "safe exit", "what awaits a man who leaves?",
        ("death", "a chance", "home is near, or there is an amnesty, or the enemy treats prisoners well"),
    ),
    "enforcement": Rule(
        "enforcement", "how is leaving punished?",
        ("it is put up with", "by ordinary military law", "by shootings, blocking troops, terror"),
    ),
}  # fmt: skip
"""By code, in the order of `coded.CODES`; the table of `docs/history.md` in the same words."""

HOLDS = ("enforcement",)
"""Codes of which more is meant to hold men back; of the others more is meant to drive them away."""


def option(code: str) -> str:
    """The code as an option of the command line: `--no-victory`."""
    return "--" + code.replace("_", "-")
