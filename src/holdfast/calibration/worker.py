"""A worker on a table of draws and cases: takes part after part and keeps each. [IO]

Started as `python -m holdfast.calibration.worker FOLDER`.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import numpy as np

from holdfast.core import runtime


def main(folder: str) -> None:
    """Make what is left of the table in a folder, with a JSON line for each part done."""
    runtime.prepare()
    from holdfast.calibration import simulations
    from holdfast.ensemble import store

    parts = Path(folder)
    job = simulations.read_job(parts)
    for number, draws in enumerate(simulations.pieces_of(job)):
        kept = parts / f"part-{number}.npy"
        if kept.exists() or not store.claim(parts, f"part-{number}"):
            continue
        beside = parts / f".part-{number}.{os.getpid()}.npy"
        np.save(beside, simulations.made(job, draws))
        os.replace(beside, kept)
        print(json.dumps({"part": number}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
