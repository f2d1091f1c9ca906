"""The essay, statement by statement: figures, verdicts that follow from rules, what they rest on, and what came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from holdfast.core import runtime
from holdfast.core.results import Result
from holdfast.essay_claims.rules import NOT_TESTABLE, VERDICTS
from holdfast.essay_claims.statements import STATEMENTS, Statement

BY_ID: Mapping[str, Statement] = {one.id: one for one in STATEMENTS}


@dataclass(frozen=True)
class Row:
    """One statement, tested."""

    id: str
    """The statement's name."""
    figures: Mapping[str, float] = field(default_factory=dict)
    """What the test measured, by name; empty where there is none."""
    says: str = ""
    """The figures in words, with their uncertainty; why there are none where there is no test."""
    command: str = ""
    """The command that repeats them."""
    followed: str = ""
    """What followed by August 2026."""
    followed_source: str = ""
    """Where that is from."""

    @property
    def statement(self) -> Statement:
        """The statement."""
        return BY_ID[self.id]

    @property
    def verdict(self) -> str:
        """What the statement's rule makes of the figures; nothing else can make a verdict."""
        rule = self.statement.rule
        return NOT_TESTABLE if rule is None else rule.verdict(self.figures)

    def to_dict(self) -> dict[str, object]:
        """The row in plain values.

        Returns:
            Values by key; `None` for what there is not.
        """
        of = self.statement
        rule = {"words": of.rule.words, "why": of.rule.why} if of.rule else None
        return {
            "id": self.id, "part": of.part, "says": of.says, "kind": of.kind, "verdict": self.verdict,
            "test": of.test or None, "figures": dict(self.figures), "measured": self.says, "rule": rule,
            "command": self.command or None, "rests_on": of.rests_on or None, "reason": of.reason or None,
            "followed": self.followed, "followed_source": self.followed_source,
        }  # fmt: skip


@dataclass(frozen=True, repr=False)
class EssayVerdicts(Result):
    """Every statement of the essay, tested."""

    PRESENTER: ClassVar[str] = "holdfast.present.essay_report"

    tested: tuple[Row, ...]
    """The statements in the order of the argument."""
    quick: bool
    """Whether runs were few and coarse, so that nothing is to be cited."""
    seed: int
    """Of fits, draws and luck."""
    runs: int
    """Runs of every comparison."""
    men_per_billet: int
    """The grain of runs [men]."""

    def counts(self) -> dict[str, int]:
        """How often each verdict was given.

        Returns:
            Counts by verdict, in the order of `rules.VERDICTS`.
        """
        of = Counter(row.verdict for row in self.tested)
        return {name: of[name] for name in VERDICTS}

    def rows(self) -> Sequence[Mapping[str, object]]:
        """A row for each statement: name, words, verdict, figures in words, what followed."""
        return [
            {"id": row.id, "says": row.statement.says, "verdict": row.verdict, "measured": row.says, "followed": row.followed}
            for row in self.tested
        ]  # fmt: skip

    def to_dict(self) -> dict[str, object]:
        """All statements in plain values, as the command prints them with `--json`."""
        return {
            "statements": [row.to_dict() for row in self.tested], "verdicts": self.counts(), "quick": self.quick,
            "seed": self.seed, "runs": self.runs, "men_per_billet": self.men_per_billet,
            "holdfast_version": runtime.version(),
        }  # fmt: skip
