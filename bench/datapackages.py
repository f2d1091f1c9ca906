"""The shipped tables and a user's copy of them, validated by the reference implementation of Frictionless Data.

    pip install frictionless && python bench/datapackages.py

Prints a line for each table and leaves with 1 if one is not as its package says. The tests hold the tables to the same
declarations by themselves (tests/test_formats.py); this is the second opinion.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import frictionless

from holdfast import data_packages


def main() -> int:
    print(f"frictionless {frictionless.__version__}")
    sound = True
    with tempfile.TemporaryDirectory() as folder:
        data_packages.write(Path(folder))
        for place in (Path(folder) / data_packages.FILE, *data_packages.beside()):
            report = frictionless.validate(str(place))
            sound = sound and report.valid and bool(report.tasks)
            for task in report.tasks:
                print(f"{task.name}: {'valid' if task.valid else task.errors[0].message} ({task.stats.get('rows')} rows)")
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
