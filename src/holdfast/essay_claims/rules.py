"""Rules that turn figures into verdicts: bounds on figures by name, with the reason for each bound. No verdict is given by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SUPPORTED, PARTLY, NOT_SUPPORTED, NOT_TESTABLE = "supported", "partly", "not supported", "not testable here"
VERDICTS = (SUPPORTED, PARTLY, NOT_SUPPORTED, NOT_TESTABLE)
"""All verdicts that there are."""


@dataclass(frozen=True)
class Bound:
    """A figure that must reach, or must not pass, a number."""

    figure: str
    """Name of the figure; its words with underscores."""
    least: float | None = None
    """The least that it may be; none = no such bound."""
    most: float | None = None
    """The most that it may be; none = no such bound."""

    def holds(self, figures: Mapping[str, float]) -> bool:
        """Whether the figure keeps the bound.

        Args:
            figures: by name.

        Returns:
            Whether it does; a figure that is not a number keeps no bound.

        Raises:
            KeyError: if the figure is not there.
        """
        value = figures[self.figure]
        above = self.least is None or value >= self.least
        return bool(value == value and above and (self.most is None or value <= self.most))

    @property
    def words(self) -> str:
        """The bound in words."""
        ends = [f"at least {self.least:,g}"] if self.least is not None else []
        ends += [f"at most {self.most:,g}"] if self.most is not None else []
        return f"{self.figure.replace('_', ' ')} {' and '.join(ends)}"


@dataclass(frozen=True)
class Rule:
    """When a statement is supported, and when it is partly so; otherwise it is not supported."""

    supported: tuple[Bound, ...]
    """All of these hold."""
    partly: tuple[tuple[Bound, ...], ...]
    """All of any one of these hold."""
    why: str
    """Why the bounds are where they are."""

    def verdict(self, figures: Mapping[str, float]) -> str:
        """What the rule makes of figures.

        Args:
            figures: by name; all that the bounds name.

        Returns:
            One of the first three of `VERDICTS`.

        Raises:
            KeyError: if a figure is missing.
        """
        for bound in self.bounds:
            figures[bound.figure]  # a figure that is missing is a fault even where another decides
        if all(bound.holds(figures) for bound in self.supported):
            return SUPPORTED
        some = any(all(bound.holds(figures) for bound in each) for each in self.partly)
        return PARTLY if some else NOT_SUPPORTED

    @property
    def bounds(self) -> tuple[Bound, ...]:
        """Every bound of the rule."""
        return (*self.supported, *(bound for each in self.partly for bound in each))

    @property
    def words(self) -> str:
        """The rule in words."""
        full = " and ".join(bound.words for bound in self.supported)
        some = "; or ".join(" and ".join(bound.words for bound in each) for each in self.partly)
        return f"supported: {full}" + (f"; partly: {some}" if some else "") + "; otherwise not supported"


@dataclass(frozen=True)
class Measured:
    """What a test gives: figures by name, the same in words with their uncertainty, and the command that repeats them."""

    figures: Mapping[str, float]
    """All that the rule's bounds name, and others that are shown."""
    says: str
    """The figures in words, each with its 90 % interval or standard error."""
    command: str
    """A command that gives the same figures, or those that they are worked out of."""


def above(figure: str, full: float, some: float | None, why: str) -> Rule:
    """A rule on one figure that is the better the larger.

    Args:
        figure: its name.
        full: from here on the statement is supported.
        some: from here on it is partly so; none = never.
        why: why the bounds are there.

    Returns:
        The rule.
    """
    return Rule((Bound(figure, full),), () if some is None else ((Bound(figure, some),),), why)


TAIL = above(
    "share_of_draws_beyond", 0.05, 0.01,
    "the number lies inside the 90 % interval that all results of this toolkit give; or outside it and inside the 98 % one",
)  # fmt: skip
DRAWS_AS_MANY = above(
    "share_of_draws_with_as_many", 0.05, 0.01,
    "as for any number: as many are inside the 90 % interval, or outside it and inside the 98 % one",
)  # fmt: skip
MOTIVE = above(
    "rise_of_exits_without_it_low_end", 0.5, 0.1,
    "a motive that keeps men in line is one without which half as many again leave, at the lower end of 90 %; below a tenth "
    "no series of deserters in this toolkit could show it. Both are conventions, and the same for every motive",
)  # fmt: skip
FACTOR = Rule(
    (Bound("adds_low_end", 0.05), Bound("tells_armies_apart_low_end", 0.5)),
    ((Bound("adds_low_end", 0.05),), (Bound("tells_armies_apart_low_end", 0.5),)),
    "in the model a pressure matters that adds 0.05 to the chance of collapse at the lower end of 90 %, the size that "
    "`holdfast explain` calls next to nothing below; in history it matters if armies with more of it collapsed more often, an "
    "AUC above one half at the lower end of 90 %. Both must hold, for neither alone shows a cause",
)  # fmt: skip
SUFFICES = Rule(
    (Bound("chance_low_end", 0.8),), ((Bound("chance", 0.5),),),
    "`holdfast explain` calls sufficient what brings the outcome in 0.8 of the runs; here its 90 % interval must lie above. More "
    "often than not is partly",
)  # fmt: skip
BURDEN = above(
    "rate_of_deaths_over_the_other_quarter_low_end", 1.5, 1.0,
    "half as many deaths again by the man, as for motives, at the lower end of 90 %; above 1 there is a difference at all. "
    "Quarters are of men, not of regions, for it is men who are taken",
)  # fmt: skip
