"""Holdfast beside other frameworks on a soldier of like content, in turn, on one core: installs them, runs them, prints ratios.

    python bench/peers/run.py --keep FOLDER --out bench/measured/peers.json
    python bench/peers/run.py --only mesa,starsim --men 50000 --rounds 2

Each peer has an environment of its own with the versions below, since they do not agree on one NumPy; --keep leaves them for
the next time. `soldier.py` says what the soldier does; each peer writes him as its users would. In each round Holdfast's
engine runs, then every peer. The speed is soldier-days of men who are there for each processor second, building
and compiling left out. The counts of the peers must agree with plain NumPy's, else the ratio is of different things: that is
checked. Not run by any test, since it installs from the network.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import against
from checkouts import Checkout

HERE = Path(__file__).resolve().parent
PEERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "plain NumPy": ("soldier.py", ("numpy==2.4.6",)),
    "mesa": ("mesa_soldier.py", ("mesa==3.3.1", "numpy==2.4.6")),
    "mesa-frames": ("mesa_frames_soldier.py", ("mesa-frames==0.1.0a0", "numpy==1.26.4", "polars==2.1.0", "pyarrow==26.0.1")),
    "starsim": ("starsim_soldier.py", ("starsim==3.7.2", "numpy==2.4.6")),
    "abmax": ("abmax_soldier.py", ("abmax==0.0.8", "jax==0.10.2", "jaxlib==0.10.2")),
}  # fmt: skip
"""Each peer's file and what it is installed with."""
SIGMAS = 5.0
"""How many standard errors a peer's counts may lie from plain NumPy's."""


def installed(name: str, folder: Path) -> str:
    """The interpreter of a peer's environment, made if there is none; raises if it cannot be installed."""
    home = folder / name.replace(" ", "_")
    python, mark = home / "bin" / "python", home / "installed"
    wanted = " ".join(PEERS[name][1])
    if not mark.exists() or mark.read_text() != wanted:
        print(f"installing {wanted} ...", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", *PEERS[name][1]], check=True)
        mark.write_text(wanted)
    return str(python)


def one_core() -> None:
    """Hold this process and those that it starts to one core."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def simulate(command: Sequence[str], environment: dict[str, str] | None, word: str) -> dict[str, Any]:
    """Run a simulation that prints its costs as JSON in its last line; it is given a word to begin."""
    done = subprocess.run(
        list(command), cwd=HERE, env=environment, input=word, capture_output=True, text=True, preexec_fn=one_core
    )
    if done.returncode:
        raise against.CommandError(f"{command[1:]}: {against.last(done.stderr or done.stdout)}")
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def differs(peer: dict[str, Any], plain: dict[str, Any]) -> list[str]:
    """Counts of a peer that cannot be of the same soldier; refusals come in squads, so they may differ by more."""
    return [
        f"{name} {peer[name]} beside {plain[name]}"
        for name in ("hit", "left", "refused")
        if abs(peer[name] - plain[name]) > SIGMAS * math.sqrt(2 * max(peer[name], plain[name], 1)) + 0.02 * plain[name]
    ]


def speed(cost: dict[str, Any]) -> float:
    """Soldier-days for each processor second."""
    return float(cost["soldier_days"] / cost["processor_s"])


def measure(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Run all in turn; each peer's speeds beside those of Holdfast in the same rounds."""
    present = Checkout(HERE.parent.parent, options.python)
    ours = [options.python, "-m", "holdfast.cli.bench", str(options.men), str(options.days)]
    environment = present.environment(folder / "cache")
    found: dict[str, Any] = {name: {"versions": list(PEERS[name][1]), "costs": []} for name in options.only}
    pythons: dict[str, str] = {}
    for name in options.only:
        try:
            pythons[name] = installed(name, folder)
        except subprocess.CalledProcessError as error:
            found[name]["failure"] = f"could not be installed: {error}"
    simulate(ours, environment, "go\n")  # compiles
    own: list[dict[str, Any]] = []
    for number in range(options.rounds):
        own.append(simulate(ours, environment, "go\n"))
        say(number, options.rounds, "holdfast", own[-1])
        for name, python in pythons.items():
            if "failure" in found[name]:
                continue
            try:
                cost = simulate([python, PEERS[name][0], str(options.men), str(options.days)], None, "")
            except against.CommandError as error:
                found[name]["failure"] = str(error)
                continue
            found[name]["costs"].append(cost)
            say(number, options.rounds, name, cost)
    judge(found, own)
    return {
        "date": dt.date.today().isoformat(), "machine": against.machine(), "commit": present.commit(), "men": options.men,
        "days": options.days, "rounds": options.rounds, "versions": against.versions(present), "holdfast": own, "peers": found,
    }  # fmt: skip


def say(number: int, rounds: int, name: str, cost: dict[str, Any]) -> None:
    """A line of progress."""
    words = f"{speed(cost) / 1e6:.3g} million soldier-days a processor second"
    print(f"{number + 1} of {rounds}: {name}, {words}", file=sys.stderr, flush=True)


def judge(found: dict[str, Any], own: Sequence[dict[str, Any]]) -> None:
    """Add to each peer how many times as fast Holdfast is, or why it cannot be said."""
    plain = next((entry["costs"][0] for entry in found.values() if entry["costs"]), None)
    for entry in found.values():
        if "failure" in entry:
            continue
        if other := differs(entry["costs"][0], plain):
            entry["failure"] = f"not the same soldier: {', '.join(other)}"
            continue
        ratios = [speed(one) / speed(other) for one, other in zip(own, entry["costs"])]
        entry["ratio"] = {"median": statistics.median(ratios), "least": min(ratios), "most": max(ratios)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Install, run, print; the exit code is 1 if a peer failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--men", type=int, default=1_000_000, help="whole companies of 100")
    parser.add_argument("--days", type=int, default=30, help="whole stretches of 30")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default=",".join(PEERS), help="names of peers, with commas")
    parser.add_argument("--keep", type=Path, help="folder of the environments, used again")
    parser.add_argument("--out", type=Path, help="file for all that was found, as JSON")
    parser.add_argument("--python", default=sys.executable, help="interpreter of this checkout")
    options = parser.parse_args(arguments)
    options.only = options.only.split(",")
    if unknown := set(options.only) - PEERS.keys():
        parser.error(f"--only: no peer {', '.join(sorted(unknown))}; there are {', '.join(PEERS)}")
    if options.men % 100 or options.days % 30 or min(options.men, options.days, options.rounds) < 1:
        parser.error("--men in whole hundreds, --days in whole thirties, --rounds at least 1")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        found = measure(options, (options.keep or Path(scratch)).resolve())
    for name, entry in found["peers"].items():
        ratio = entry.get("ratio")
        times = (
            f"{ratio['median']:.3g} ({ratio['least']:.3g} to {ratio['most']:.3g}) times" if ratio else entry["failure"]
        )
        print(f"{name:<12} {times}")
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf8")
    return 1 if any("failure" in entry for entry in found["peers"].values()) else 0


if __name__ == "__main__":
    sys.exit(main())
