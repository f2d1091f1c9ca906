"""What the user sees when something is wrong: what, where, why and the cure; no traceback for his own input."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

INTERRUPTED = 130
BAD_INPUT = 2


def guarded(app: Any) -> int:
    """Run the app; turn known errors into a message and an exit code."""
    from holdfast.ensemble.conduct import WorkerError
    from holdfast.ensemble.store import StoreError
    from holdfast.scenario.faults import ScenarioError

    try:
        done = app()
        sys.stdout.flush()
        return int(done or 0)
    except ScenarioError as error:
        return tell(str(error), BAD_INPUT)
    except StoreError as error:
        return tell(str(error), BAD_INPUT)
    except WorkerError as error:
        return tell(f"The run failed: {error}", 1)
    except KeyboardInterrupt:
        return tell(
            "Stopped. Finished runs are kept: repeat the command with --resume to go on.", INTERRUPTED
        )
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def tell(message: str, code: int) -> int:
    """The message for people on standard error, or as JSON on standard output where JSON was asked for."""
    if "--json" in sys.argv:
        print(json.dumps({"error": message}))
    else:
        print(message, file=sys.stderr)
    return code
