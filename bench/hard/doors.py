"""The doors: public readers of what comes from outside, each with what may go through them."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import functools
import gc
import os
import signal
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

from holdfast.core.faults import FaultyError, ReportedError

SLOWEST = 2.0
"""Processor seconds that one input may take [s]."""
HANGS = 30.0
"""After which an input is broken off [s]."""
SHIPPED = Path(__file__).parents[2] / "src" / "holdfast"


class Hung(BaseException):
    """An input that did not come to an end."""


@dataclasses.dataclass(frozen=True)
class Answer:
    """What a door said to an input."""

    error: BaseException | None  # none = the input was taken
    seconds: float  # of the processor [s]

    @property
    def text(self) -> str:
        """The message."""
        return "" if self.error is None else str(self.error)

    def problems(self) -> Iterator[str]:
        """What was broken of: no traceback, no hang, place and value and cure."""
        if isinstance(self.error, Hung):
            yield f"no end within {HANGS:.0f} s"
        elif self.seconds > SLOWEST:
            yield f"took {self.seconds:.1f} s"
        if self.error is None or isinstance(self.error, Hung):
            return
        if not isinstance(self.error, FaultyError | ReportedError):
            yield f"{type(self.error).__name__}: {str(self.error)[:300]}"
        elif isinstance(self.error, FaultyError):
            if not self.error.faults:
                yield "an error without a fault"
            for fault in self.error.faults:
                lacking = [name for name in ("place", "value", "allowed", "cure") if not getattr(fault, name).strip()]
                if lacking:
                    yield f"a fault without {', '.join(lacking)}: {fault}"
        elif not self.text.strip():
            yield "an error without words"


@contextlib.contextmanager
def _bounded() -> Iterator[None]:
    """Break off what does not end."""

    def ring(number: int, frame: FrameType | None) -> None:
        raise Hung

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, HANGS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def asked(read: Callable[[], object]) -> Answer:
    """Put one input through a door.

    Args:
        read: reads it.

    Returns:
        What came of it.
    """
    begin, error = time.process_time(), None
    try:
        with _bounded(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            read()
    except (Exception, Hung) as raised:
        error = raised.with_traceback(None)
        error.__context__ = error.__cause__ = None
    return Answer(error, time.process_time() - begin)


def scratch() -> Path:
    """A folder for files that are read once, in memory where the system has such a place."""
    memory = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix="hard-", dir=memory if os.access(memory, os.W_OK) else None))


def in_file(read: Callable[[Path], object], name: str) -> Callable[[str | bytes], object]:
    """A reader of files as a reader of texts.

    Args:
        read: takes a path.
        name: of the file.

    Returns:
        Takes what stands in the file.
    """
    path = scratch() / name

    def through(content: str | bytes) -> object:
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf8", "surrogatepass"))
        return read(path)

    return through


# --- Readers by name.


def scenario_text(text: str) -> object:
    """The text of a scenario."""
    from holdfast.ensemble import plan

    return plan.scenario_from(text)


def sentence(text: str) -> object:
    """A claim in a sentence."""
    from holdfast.evidence.claims import sentence as sentences

    return sentences.parse(text, ("russia", "ukraine"), dt.date(2022, 2, 24))


@functools.cache
def document() -> object:
    """The small war that a viewer plays."""
    from holdfast.ensemble import plan

    return plan.load_scenario("skirmish").document


def frame(text: str) -> object:
    """A message of the live page's viewer: read, its scenario looked for, what it pulls checked and written in."""
    from holdfast.app import messages, pulls, war

    message = messages.read(text)
    if isinstance(message, messages.Open):
        scenario = war.scenario_of(message.scenario)
        war.refuse_unshowable(scenario.document, war.grain_of(scenario.document, message.men_per_billet))
    several = getattr(message, "pulls", [message] if isinstance(message, messages.Put) else [])
    fresh = [one.pull(1) for one in several]
    pulls.checked(document(), fresh)
    return pulls.written(document(), fresh)


def tables() -> dict[str, Callable[[Path], object]]:
    """Readers of tables by the names of the doors."""
    from holdfast.coded_armies import reader
    from holdfast.early_warning import absence_table
    from holdfast.evidence.claims import table
    from holdfast.past_battles import battle_table

    return {
        "claims": table.read, "armies": lambda path: reader.read(path, many_coders=True), "codes": reader.read_codes,
        "absence": absence_table.read, "battles": battle_table.read,
    }  # fmt: skip


def settle() -> None:
    """Give memory back between doors."""
    gc.collect()


def in_scenario(table: str) -> Callable[[str], object]:
    """A reader of a table that the largest shipped scenario names.

    Args:
        table: its name.

    Returns:
        Takes what stands in the table.
    """
    from holdfast.ensemble import plan
    from holdfast.scenario import catalogue

    folder = scratch()
    text = (catalogue.folder() / "russia-ukraine-2023.toml").read_text(encoding="utf8")
    (folder / "war.toml").write_text(text, encoding="utf8")

    def through(content: str) -> object:
        (folder / table).write_text(content, encoding="utf8")
        return plan.load_scenario(folder / "war.toml")

    return through
