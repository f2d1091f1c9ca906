"""A worker on a table of draws and cases: takes part after part and keeps each. [IO]

Started as `python -m holdfast.inference.work FOLDER`.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import numpy as np

from holdfast import machine


def main(folder: str) -> None:
    """Make what is left of the table in a folder, with a JSON line for each part done."""
    machine.prepare()
    from holdfast.ensemble import store
    from holdfast.inference import table

    parts = Path(folder)
    job = table.read_job(parts)
    for number, draws in enumerate(table.pieces_of(job)):
        kept = parts / f"part-{number}.npy"
        if kept.exists() or not store.claim(parts, f"part-{number}"):
            continue
        beside = parts / f".part-{number}.{os.getpid()}.npy"
        np.save(beside, table.made(job, draws))
        os.replace(beside, kept)
        print(json.dumps({"part": number}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
