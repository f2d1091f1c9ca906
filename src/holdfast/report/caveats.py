"""What the model cannot know: the standing caveats that every report carries."""

from __future__ import annotations

SAME = "The ranges are of luck alone: every run has the same inputs and the same parameters."
DRAWN = (
    "The ranges are of luck and of a draw of the losses a run: {losses}. All else, every parameter too, is the same in "
    "all runs."
)

STANDING: tuple[str, ...] = (
    "The chances are chances in the model, given its inputs. They leave out the chance that the model is wrong, "
    "and whatever the scenario does not mention.",
    "The nine pressures are hypotheses: five from an essay of November 2023, four from history. A run that bears "
    "one out does not prove it.",
    "{ranges} The parameters are starting values, not fitted ones, and the levels of resolve were set; the true "
    "uncertainty is wider than any band here.",
    "Cases of the past were chosen because they are famous and were set up by people who knew how each ended. That "
    "such a case runs its course here is no evidence for the model.",
    "When a break depends on what men expect of one another, its day cannot be told even in principle: small chances "
    "decide which day it is. Read a window, never a date.",
    "Most numbers of losses in a war are claims by one side about the other. The inputs keep their sources; a run "
    "cannot be better than they are.",
    "No billet is an identifiable person. Names of sectors, brigades and regions only group billets.",
    "For study and for public argument. Never for choosing targets, and never for harassing soldiers or their "
    "families.",
)


def standing(losses: str = "") -> list[str]:
    """The standing caveats, where `losses` says which posterior gave the runs theirs."""
    ranges = DRAWN.replace("{losses}", losses) if losses else SAME
    return [text.replace("{ranges}", ranges) for text in STANDING]
