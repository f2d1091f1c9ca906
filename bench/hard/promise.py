"""A promise, how often it was tried, and what broke it."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterable

MOST_EXAMPLES = 20
"""Failures that are written out; all are counted."""


@dataclasses.dataclass
class Promise:
    """One row of the table."""

    part: str  # by which --only chooses it
    words: str  # what is promised
    how: str  # how it is tested
    tries: int = 0
    failures: int = 0
    skipped: str = ""  # why it was not tried, where it was not
    seconds: float = 0.0
    examples: list[str] = dataclasses.field(default_factory=list)
    _since: float = dataclasses.field(default_factory=time.perf_counter, repr=False)

    def tried(self, problems: Iterable[str] = ()) -> None:
        """Count a try, and what went wrong with it."""
        self.tries += 1
        wrong = list(problems)
        if wrong:
            self.failures += 1
            if len(self.examples) < MOST_EXAMPLES:
                self.examples.append("; ".join(wrong)[:1200])

    def ended(self) -> Promise:
        """The promise, its time taken."""
        self.seconds = time.perf_counter() - self._since
        return self

    def to_dict(self) -> dict[str, object]:
        """For JSON."""
        fields = ("part", "words", "how", "tries", "failures", "skipped", "seconds", "examples")
        return {name: getattr(self, name) for name in fields}
