"""The benchmarks by one command: beside other frameworks, against men and runs, skill against simpler models; then the pages.

    python bench/benchmarks.py [--only peers scaling skill]

Each is a program of its own beside this one, with its own options; what they measure stands in bench/measured/, and
`bench/speed_page.py` writes it into docs/speed.md and the README. About half an hour on two cores, on which nothing else should
be running. `bench/against.py` compares with an earlier commit, which is not part of it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).resolve().parent
MEASURED = BENCH / "measured"
PROGRAMS = {
    "peers": [str(BENCH / "peers" / "run.py"), "--out", str(MEASURED / "peers.json")],
    "scaling": [str(BENCH / "scaling.py"), "--out", str(MEASURED / "scaling.json")],
    "skill": [str(BENCH / "skill.py"), "--out", str(MEASURED / "skill.json")],
}


def main() -> int:
    """Run the programs one after another, and write the pages.

    Returns:
        The exit code of the first that failed; 0 if none did.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=PROGRAMS, default=list(PROGRAMS), metavar="NAME", help=", ".join(PROGRAMS))
    for name in parser.parse_args().only:
        print(f"{name} ...", file=sys.stderr, flush=True)
        code = subprocess.run([sys.executable, *PROGRAMS[name]]).returncode
        if code:
            return code
    return subprocess.run([sys.executable, str(BENCH / "speed_page.py")]).returncode


if __name__ == "__main__":
    sys.exit(main())
