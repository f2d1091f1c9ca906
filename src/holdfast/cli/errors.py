"""What the user sees when something is wrong: what, where, why and the cure; no traceback for his own input."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

INTERRUPTED = 130
BAD_INPUT = 2
OF_EVIDENCE = ("numpyro", "arviz", "h5netcdf", "pooch", "pyarrow", "scipy")
OF_CALIBRATION = ("SALib", "optax")
"""What the base installation leaves out."""
SPOKEN = ("ResultError", "FitError", "ForecastError", "PosteriorError")
"""Errors with words of their own, by name: their modules are loaded only by the commands that raise them."""

KEPT = {
    "run": " Finished runs are kept: repeat the command with --resume to go on.",
    "calibrate": " Finished runs are kept: give the same command to go on.",
}
"""What becomes of the work of a stopped command."""


def guarded(app: Any) -> int:
    """Run the app; turn known errors into a message and an exit code."""
    try:
        return _known(app)
    except KeyboardInterrupt:
        return tell("Stopped." + KEPT.get("".join(sys.argv[1:2]), ""), INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        if error.filename is None:
            raise
        return tell(f"{error.filename}: {error.strerror}. Name another place, or make it fit to write.", BAD_INPUT)


def _known(app: Any) -> int:
    """Run the app; turn the errors that have words of their own into them."""
    from cyclopts import CycloptsError

    from holdfast.core.faults import FaultyError
    from holdfast.ensemble.processes import WorkerError
    from holdfast.ensemble.store import StoreError

    try:
        done = app(sys.argv[1:], exit_on_error=False, print_error=not _wants_json())
        sys.stdout.flush()
        return int(done or 0)
    except CycloptsError as error:  # in a frame on standard error already, unless JSON was asked for
        return tell(str(error), BAD_INPUT) if _wants_json() else BAD_INPUT
    except (FaultyError, StoreError) as error:
        return tell(str(error), BAD_INPUT)
    except WorkerError as error:
        return tell(f"The run failed: {error}", 1)
    except ModuleNotFoundError as error:
        if error.name not in OF_EVIDENCE + OF_CALIBRATION:
            raise
        extra = "calibrate" if error.name in OF_CALIBRATION else "evidence"
        cure = f"pip install 'holdfast[{extra}]'"
        return tell(f"This command needs {error.name}, which is not installed. Install it with: {cure}", 1)
    except RuntimeError as error:
        if type(error).__name__ not in SPOKEN:
            raise
        return tell(str(error), 1)


def _wants_json() -> bool:
    """Whether JSON was asked for, even if the rest of the command makes no sense."""
    return "--json" in sys.argv


def tell(message: str, code: int) -> int:
    """The message for people on standard error, or as JSON on standard output where JSON was asked for."""
    if _wants_json():
        print(json.dumps({"error": message}))
    else:
        print(message, file=sys.stderr)
    return code
