"""Long and large: ten thousand runs, ten million men, sixty sectors and four hundred regions, twenty thousand claims.

Each is a process of its own; what it took stands in its row: processor seconds, and the memory of the largest process.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import environments
from promise import Promise

SEED = 20261130
RUNS, FEW_RUNS = 10_000, 1_000
FLAT = 1.1
"""How many times the memory of few runs that of many may be."""
MEN, DAYS = 10_000_000, 365
SECTORS, REGIONS, CLAIMS = 60, 400, 20_000
PATIENCE = 3600
COLUMNS = (
    "claim_id", "side", "quantity", "value_low", "value_central", "value_high", "as_of_date", "published_date", "claimant",
    "claimant_type", "definition", "source", "url", "seen", "basis", "period_start", "lineage", "note", "counts", "covers",
)  # fmt: skip
YEAR = Path(__file__).parents[1] / "year.py"


def measured(words: list[str], folder: Path) -> tuple[subprocess.CompletedProcess[str], float, float]:
    """Carry out a command.

    Args:
        words: the command.
        folder: in which it runs.

    Returns:
        How it ended; processor seconds of it and its processes [s]; memory of the largest process [MB].
    """
    code = (
        "import json, resource, subprocess, sys\n"
        "done = subprocess.run(sys.argv[2:], stdout=open('said', 'w'), stderr=open('errors', 'w'))\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "json.dump([done.returncode, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024], open(sys.argv[1], 'w'))\n"
    )
    cost = folder / "cost.json"
    cost.unlink(missing_ok=True)
    subprocess.run([sys.executable, "-c", code, str(cost), *words], cwd=folder, timeout=PATIENCE, check=True)
    returned, seconds, memory = json.loads(cost.read_text(encoding="utf8"))
    said, errors = ((folder / name).read_text(encoding="utf8", errors="replace") for name in ("said", "errors"))
    return subprocess.CompletedProcess(words, returned, said, errors), seconds, memory


def cost_of(seconds: float, memory: float) -> str:
    """What it took, in words."""
    return f"{seconds:,.0f} processor s, {memory:,.0f} MB"


def tried(words: str, how: str, command: list[str], folder: Path) -> Promise:
    """One command that must end well."""
    promise = Promise("large", words, how)
    done, seconds, memory = measured(command, folder)
    promise.tried(environments.problems(done))
    promise.how += f": {cost_of(seconds, memory)}"
    return promise.ended()


def many_runs(folder: Path, few: int, many: int) -> Promise:
    """Ten thousand runs of a small scenario: the memory of the largest process is that of a thousand."""
    promise = Promise("large", f"{many:,} runs of a small scenario: memory flat", f"skirmish of 20 days, {few:,} and {many:,} runs")
    took = []
    for runs in (few, many):
        words = ["run", "skirmish", "--days", "20", "--men-per-billet", "10", "--runs", str(runs), "--workers", "2", "--luck-only"]
        done, seconds, memory = measured([*environments.PROGRAM, *words, "--no-film", "--json", "--out", f"out-{runs}"], folder)
        promise.tried(environments.problems(done))
        took.append((seconds, memory))
    (_, before), (_, after) = took
    promise.tried([] if after <= FLAT * before else [f"{after:,.0f} MB after {before:,.0f} MB"])
    promise.how += ": " + " and ".join(cost_of(*one) for one in took)
    return promise.ended()


def ten_million(folder: Path, men: int, days: int) -> Promise:
    """A year at ten million men, one to one, and the same through the command line at its usual grain."""
    command = [sys.executable, str(YEAR), "--men", str(men), "--days", str(days)]
    return tried(f"{men:,} men one to one for {days} days", "bench/year.py", command, folder)


def wide_scenario(sectors: int, regions: int) -> str:
    """A scenario of many sectors and regions, as text.

    Args:
        sectors: of the front.
        regions: of each side.

    Returns:
        TOML.
    """
    import tomli_w

    from holdfast.ensemble import plan

    document = plan.load_scenario("skirmish").document.model_dump(exclude_none=True, by_alias=True)
    document["name"], document["men_per_billet"], document["days"] = "wide", 10, 120
    document["front"]["sectors"] = [{"name": f"sector {number + 1}", "share": 1.0} for number in range(sectors)]
    for side in document["side"]:
        side.pop("order_of_battle", None)
        side |= {"strength": 300_000, "establishment": 310_000}
        side["regions"] = [{"name": f"region {number + 1}", "eligible_men": 9_000} for number in range(regions)]
    return tomli_w.dumps(document)


def wide(folder: Path, sectors: int, regions: int) -> Promise:
    """Sixty sectors and four hundred regions of each side."""
    (folder / "wide.toml").write_text(wide_scenario(sectors, regions), encoding="utf8")
    return tried(
        f"a war of {sectors} sectors and {regions} regions a side: run, pages and all", "holdfast run, 8 runs of 120 days",
        [*environments.PROGRAM, "run", "wide.toml", "--runs", "8", "--workers", "2", "--json", "--out", "wide"], folder,
    )  # fmt: skip


def claims_table(path: Path, many: int) -> None:
    """Write a table of invented claims: two sides, killed and wounded, from sixty claimants.

    Args:
        path: of the CSV.
        many: rows.
    """
    draw, begin = random.Random(SEED), dt.date(2022, 2, 24)
    types = ("opposing side", "belligerent own side", "named-list count")
    with path.open("w", newline="", encoding="utf8") as out:
        table = csv.writer(out)
        table.writerow(COLUMNS)
        for number in range(many):
            day = begin + dt.timedelta(days=draw.randint(30, 900))
            claimant, quantity = draw.randint(1, 60), draw.choice(("killed", "wounded"))
            lost = (day - begin).days * (100 if quantity == "killed" else 300) * draw.lognormvariate(0.0, 0.4)
            table.writerow([
                f"I-{number}", draw.choice(("russia", "ukraine")), quantity, "", round(lost), "", day,
                day + dt.timedelta(days=draw.randint(0, 20)), f"claimant {claimant}", types[claimant % 3], quantity,
                "invented", "", "invented", "cumulative", begin, f"lineage {claimant}", "",
                "killed_confirmed" if quantity == "killed" else "wounded", "all",
            ])  # fmt: skip


def many_claims(folder: Path, many: int) -> Iterator[Promise]:
    """Twenty thousand claims: checked, and reconciled."""
    claims_table(folder / "claims.csv", many)
    check = [*environments.PROGRAM, "claims", "check", "claims.csv", "--json"]
    yield tried(f"{many:,} claims are checked", "holdfast claims check", check, folder)
    losses = [*environments.PROGRAM, "losses", "--claims", "claims.csv", "--fast", "--json", "--out", "losses"]
    yield tried(f"{many:,} claims are reconciled", "holdfast losses --fast", losses, folder)


def run(quick: bool) -> Iterator[Promise]:
    """The whole part."""
    folder = Path(tempfile.mkdtemp(prefix="hard-large-", dir=os.environ.get("HARD_SCRATCH")))
    try:
        yield from many_claims(folder, 400 if quick else CLAIMS)
        if not quick:
            yield wide(folder, SECTORS, REGIONS)
            yield many_runs(folder, FEW_RUNS, RUNS)
            yield ten_million(folder, MEN, DAYS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
