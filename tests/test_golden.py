"""The golden run: the skirmish with seed 1, two runs of 60 days, month by month, in a file that can be read.

To renew it after a change that is meant to move results: `python tests/test_golden.py`. What moved must then stand
under *Regression* in CHANGELOG.md, with how much and why.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from holdfast.ensemble.plan import load_scenario
from holdfast.ensemble.result import SimulationResult
from holdfast.ensemble.run import simulate

pytestmark = pytest.mark.slow

GOLDEN = Path(__file__).parent / "golden.json"
ANSWERED = Path(__file__).parent / "golden_answered.json"
"""The same run where commands answer a crisis."""
OFF = ("response.tightening", "response.forgetting", "response.fall_back", "response.settle")
FLOWS = (
    "killed", "wounded", "deserted", "surrendered", "captured", "refused", "caught", "imprisoned", "returned", "healed",
    "invalided", "posted", "notices", "complied", "evaded", "fled", "volunteered", "defected",
)  # fmt: skip
STOCKS = ("present", "hospital", "absent", "ready", "prison", "prisoners", "training", "trained")


def told(result: SimulationResult) -> dict[str, Any]:
    """Totals of each month and the men at the end, by run and side; whole men only, which no rounding blurs."""
    data = result.data
    months = data[list(FLOWS)].groupby(data.day.dt.strftime("%Y-%m")).sum()
    end = data[list(STOCKS)].isel(day=-1)

    def men(of: Any, names: tuple[str, ...], **where: Any) -> dict[str, int]:
        return {name: int(of[name].sel(where)) for name in names}

    runs = {
        f"run {run}": {
            str(side): {
                **{
                    str(month): men(months, FLOWS, run=run, side=side, strftime=month)
                    for month in months.strftime.values
                },
                "at the end": men(end, STOCKS, run=run, side=side),
            }
            for side in data.side.values
        }
        for run in data.run.values
    }
    about = {"case": data.attrs["scenario"], "seed": data.attrs["seed"], "days": data.sizes["day"]}
    return about | {"men_per_billet": data.attrs["men_per_billet"], "runs": runs}


def leaves(tree: dict[str, Any], path: str = "") -> dict[str, Any]:
    """Every number by its path."""
    found: dict[str, Any] = {}
    for key, value in tree.items():
        own = f"{path}, {key}" if path else key
        found |= leaves(value, own) if isinstance(value, dict) else {own: value}
    return found


def test_the_golden_run() -> None:
    """With the answers off and luck alone, nothing is left of `engine.mechanisms.response` and of what history teaches."""
    hold(GOLDEN, plain(answers=False))


def test_the_golden_run_with_answers() -> None:
    hold(ANSWERED, plain(answers=True))


def plain(answers: bool) -> SimulationResult:
    """The skirmish under luck alone, with the answers as they are declared or without any."""
    values = {"days": 60} | ({} if answers else dict.fromkeys(OFF, 0.0))
    return simulate(load_scenario("skirmish").with_values(values), runs=2, seed=1, workers=1, luck_only=True)


def hold(golden: Path, result: SimulationResult) -> None:
    before, now = leaves(json.loads(golden.read_text(encoding="utf8"))), leaves(told(result))
    moved = [
        f"  {path}: {before.get(path, 'not there')} -> {now.get(path, 'not there')}"
        for path in sorted(before | now)
        if before.get(path) != now.get(path)
    ]
    assert not moved, (
        f"{len(moved)} of {len(now)} numbers of the golden run moved:\n" + "\n".join(moved[:20]) + "\n"
        "If that is meant: renew with `python tests/test_golden.py`, and say under *Regression* in CHANGELOG.md which "
        "results moved, how much and why."
    )


if __name__ == "__main__":
    for path, answers in ((GOLDEN, False), (ANSWERED, True)):
        path.write_text(json.dumps(told(plain(answers)), indent=1) + "\n", encoding="utf8")
    print(f"Wrote {GOLDEN} and {ANSWERED}. What moved must stand under *Regression* in CHANGELOG.md.")
