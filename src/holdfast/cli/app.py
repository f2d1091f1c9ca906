"""The commands by name, older spellings, and what is said when a command fails. [IO]

A command's module is imported when the command is given, so that help waits for no engine.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import os
import signal
import sys
import warnings
from collections.abc import Sequence
from typing import TextIO

from cyclopts import App, CycloptsError

from holdfast.cli import console
from holdfast.core import release
from holdfast.core.faults import FaultyError, Notice, ReportedError

HELP = """Will an army hold or break, which pressures would break it, and how sure can anyone be?

Two armies, soldier by soldier: fire, belief, bond, choice, pursuit, return, replacement, mobilisation, regime, front.
For study and warning, about armies as wholes; never about identifiable persons, never for targeting.

 holdfast run                                 the essay's moment, late 2023
 holdfast run finland-1940 --runs 80          another scenario, more runs
 holdfast run skirmish --set south.resolve.mean=2 --effect amnesty:south
 holdfast scenarios list                      what is shipped
 holdfast scenarios new mine.toml             a commented template
 holdfast compare skirmish --effect blocking  with and without, same draws
 holdfast app                                 the live page: look, play, pull
 holdfast trace skirmish                      twenty soldiers, day by day
 holdfast losses                              what 427 claims say was lost
 holdfast claims judge "300000 killed russia 2023-11-15"
 holdfast assess --army RUS_1917 --enforcement 2    ten codes of an army
 holdfast armies agree coder1 coder2          how far two coders agree
 holdfast backtest                            scores on armies of the past
 holdfast battles                             660 battles as a jury
 holdfast explain                             what would break it
 holdfast essay                               the essay, claim by claim
 holdfast forecast                            November 2023 on; what followed
 holdfast sweep skirmish --vary south.supply=0.2:1 south.unpaid=0:1
 holdfast warn awol.csv                       signals of early warning
 holdfast calibrate --quick                   how parameters are learnt
 holdfast cite --format bibtex                how to cite this version
"""

COMMANDS = {
    "run": ("run:run_app", "Run a scenario many times; who holds, who breaks."),
    "compare": ("run:compare_app", "Run two scenarios under the same draws and luck."),
    "trace": ("run:trace_app", "Follow soldiers day by day, each decision explained."),
    "app": ("live_page:app", "The live page: play a war, pull its pressures, look at results."),
    "scenarios": ("scenarios:app", "List, show, check and start scenario files."),
    "parameters": ("scenarios:parameters_app", "List every parameter with prior and source."),
    "losses": ("losses:app", "Reconcile competing claims about losses."),
    "claims": ("losses:claims_app", "Check tables of claims; judge a claim."),
    "data": ("data:app", "Public data sets: list, fetch, show, turn into claims."),
    "assess": ("assess:app", "Will an army of these ten codes hold?"),
    "armies": ("assess:armies_app", "Coded armies: list them; how far coders agree."),
    "backtest": ("backtest:app", "Score the model on armies that it has not seen."),
    "battles": ("battles:app", "Try the laws of fire and front on past battles."),
    "explain": ("explain:app", "Which pressures would break an army, alone and together."),
    "essay": ("essay:app", "The essay of November 2023, claim by claim: tests and verdicts."),
    "forecast": ("forecast:app", "Forecast both armies from a day; score it."),
    "sweep": ("sweep:app", "Which inputs move an outcome; where an army breaks."),
    "warn": ("warn:app", "Early warning in counts of absence, or in a run."),
    "calibrate": ("calibrate:app", "Learn the inputs from armies that held or broke."),
    "bench": ("bench:app", "Measure soldier-days per second."),
    "schemas": ("schemas:app", "JSON Schemas of scenarios and of what --json prints."),
    "cite": ("cite:app", "How to cite this version."),
}
"""Each command's place in this package, and its line in the list of commands."""

OLD_COMMANDS = {"cases": "scenarios"}
OLD_OPTIONS = {
    "backtest": {"--cases": "--armies"}, "calibrate": {"--cases": "--armies"}, "assess": {"--case": "--army"},
    "run": {"--case": "--scenario"}, "trace": {"--case": "--scenario"}, "losses": {"--case": "--scenario"},
    "forecast": {"--case": "--scenario"}, "claims": {"--case": "--scenario"},
}  # fmt: skip
"""Spellings of the last release, which work with a notice until the next."""

TIMINGS = "--timings"
"""The option that every command has: it is taken out of the words before the command reads them."""
EPILOGUE = "Every command takes --timings: where the time went, on standard error and beside what is saved."
INTERRUPTED = 130
RESUMING = {
    "run": " Finished runs stay: repeat the command with --resume to go on.",
    "calibrate": " Finished runs stay: give the same command to go on.",
    "explain": " With --out finished runs stay: give the same command to go on.",
    "essay": " With --out finished runs of the five factors stay: give the same command to go on.",
}
"""What becomes of the work of a stopped command."""


def application(command: str = "") -> App:
    """The command line.

    Args:
        command: the command that is to be carried out: its help is its own text in place of its line in the list.

    Returns:
        The application, with every command registered and none imported.
    """
    app = App(
        name="holdfast", help=HELP, help_format="plaintext", version_flags=["--version"], version=_version,
        suppress_keyboard_interrupt=False, help_epilogue=EPILOGUE,
    )  # fmt: skip
    for name, (place, summary) in COMMANDS.items():
        app.command(f"{__package__}.{place}", name=name, help=None if name == command else summary)
    app.command(f"{__name__}:install_completion", name="--install-completion", help="Complete words with the Tab key.")
    return app


def _version() -> str:
    from holdfast.core import runtime

    return runtime.version()


def install_completion() -> int:
    """Complete words with the Tab key, in the shell from which this is called.

    Returns:
        The exit code.
    """
    from cyclopts.completion.detect import ShellDetectionError

    try:
        path = application().install_completion()
    except ShellDetectionError:
        return fail("No known shell: completion works in bash, zsh, fish and PowerShell. Call it from one of them.", 2)
    print(f"Wrote {path}. Open a new shell to use it.")
    return 0


def current(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The words of a command in today's spelling, and a notice for each that was older.

    Args:
        words: as they were given, without the program's name.

    Returns:
        The words to carry out; the notices.
    """
    if not words:
        return [], []
    command = OLD_COMMANDS.get(words[0], words[0])
    options = OLD_OPTIONS.get(command, {})
    now, notices = [command], [f"holdfast {words[0]} is now holdfast {command}"] if command != words[0] else []
    for word in words[1:]:
        name, sign, value = word.partition("=")
        if name in options:
            notices.append(f"{name} is now {options[name]}")
        now.append(options.get(name, name) + sign + value)
    return now, [f"{notice}; the older spelling goes with the next release." for notice in notices]


def timed(words: Sequence[str], *, since_birth: bool = False) -> int:
    """Carry out a command, and say on standard error where the time went if `--timings` stands among its words.

    Args:
        words: the command and its options, without the program's name.
        since_birth: whether this process has done nothing yet but to start and import.

    Returns:
        The exit code, as `guarded` gives it.
    """
    if TIMINGS not in words:
        return guarded(words)
    from holdfast.core import timings

    measuring = timings.start(since_birth=since_birth)
    try:
        return guarded([word for word in words if word != TIMINGS])
    finally:
        timings.stop()
        with contextlib.suppress(OSError):
            print(timings.table(measuring.to_dict()), file=sys.stderr)


def guarded(words: Sequence[str]) -> int:
    """Carry out a command; an error of the user's input is a message without a traceback.

    Args:
        words: the command and its options, without the program's name.

    Returns:
        The exit code: 0, 1 where the work gave no result, 2 for input that cannot be used, 130 when stopped.
    """
    words, notices = current(words)
    for notice in notices:
        print(notice, file=sys.stderr)
    wants_json = "--json" in words  # even if the rest of the command makes no sense
    try:
        code = _carried_out(words, not wants_json)
        sys.stdout.flush()  # not later, when a full disk or a closed pipe could no longer be told
        return code
    except KeyboardInterrupt:
        return fail("Stopped." + RESUMING.get("".join(words[:1]), ""), INTERRUPTED, wants_json)
    except BrokenPipeError:
        console.silence_broken()
        return 0
    except CycloptsError as error:  # in a frame on standard error already, unless JSON was wanted
        return fail(str(error), 2, wants_json) if wants_json else 2
    except Exception as error:
        message, code = _explained(error)
        if not message:
            raise
        if isinstance(error, OSError):
            console.silence_broken()
        return fail(message, code, wants_json)


def _carried_out(words: Sequence[str], print_error: bool) -> int:
    """Carry out a command, and give its exit code even where it leaves by itself."""
    try:
        code = application("".join(words[:1]))(words, exit_on_error=False, print_error=print_error)
    except SystemExit as stop:
        code = stop.code
    return int(code or 0)


def _show_notice(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, file: TextIO | None = None,
    line: str | None = None,
) -> None:  # fmt: skip
    """Print a notice as a line on standard error; other warnings as Python does."""
    if issubclass(category, Notice):
        print(message, file=sys.stderr)
    else:
        sys.stderr.write(warnings.formatwarning(message, category, filename, lineno, line))


def _explained(error: Exception) -> tuple[str, int]:
    """What to say of an error, and the exit code; nothing of one that no user could mend."""
    from holdfast.parallel.pool import WorkerError

    match error:
        case FaultyError():
            return str(error), 2
        case ReportedError():
            return ("The run failed: " if isinstance(error, WorkerError) else "") + str(error), error.exit_code
        case ModuleNotFoundError() if extra := release.extra_of(error.name):
            cure = release.install(extra)
            return f"This command needs {error.name}, which is not installed. Install it with: {cure}", 1
        case OSError() if error.filename is not None:
            return f"{error.filename}: {error.strerror}. Name another place, or make it fit to write.", 2
        case OSError() if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF):
            return f"{error.strerror}. Not all could be written: make room, or write elsewhere.", 1
    return "", 1


def fail(message: str, code: int, as_json: bool = False) -> int:
    """Say what is wrong.

    Args:
        message: what, where, why and the cure.
        code: the exit code.
        as_json: whether to print JSON on standard output in place of text on standard error.

    Returns:
        The exit code.
    """
    if as_json:
        import json

        try:
            print(json.dumps({"error": message}), flush=True)
            return code
        except OSError:  # of standard output itself
            console.silence_broken()
    with contextlib.suppress(OSError):
        print(message, file=sys.stderr, flush=True)
    return code


def main() -> None:
    """Run the command line, and leave no worker behind when it is stopped."""
    os.environ.setdefault(
        "PYDANTIC_DISABLE_PLUGINS", "__all__"
    )  # to look for them is to read of every package installed
    written_as_numbers = console.prepare()
    warnings.showwarning = _show_notice
    for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):  # as Ctrl-C
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, lambda caught, _: sys.exit(128 + caught))
    code = timed(sys.argv[1:], since_birth=True)
    if written_as_numbers:
        cure = "Set PYTHONIOENCODING=utf-8 to have them"
        fail(f"Letters that {sys.stdout.encoding} lacks are written as their numbers. {cure}.", code)
    gc.freeze()  # else the end would look through all that was imported once more
    sys.exit(code)
