"""How well it foretells beside simpler models: the scores of `holdfast backtest`, kept for the tables of the pages.

    python bench/skill.py [--out bench/measured/skill.json]

Nothing is worked out here: every army is predicted by a fit that has not seen it, the baselines too. About a minute on two cores.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import against
from checkouts import BENCH

SHOWN = ("holdfast", "ridge_ten", "base_rate")
"""What is shown beside each other: the model, a logit on the same ten codes, the share of armies that broke."""


def scores(backtest: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row for each set of armies and codes, those furthest from what was learnt first.

    Args:
        backtest: what `holdfast backtest --json` printed.

    Returns:
        Title, Brier score and AUC of collapse of each model, the 90 % interval of the model's Brier score, and of the difference
        from the logit.
    """
    own = {"title": f"coder1, with hindsight: {backtest['title']}", "further": False, "scores": backtest["scores"]}
    own |= {"intervals": backtest["intervals"]["collapse"], "differences": backtest["differences"]["collapse"]}
    rows = [
        {
            "title": one["title"], "further": one["further"], "scores": one["scores"]["collapse"],
            "intervals": one["intervals"]["collapse"], "differences": one["differences"]["collapse"],
        }
        for one in sorted(backtest["coders"], key=lambda one: not one["further"])
    ]  # fmt: skip
    return [
        {
            "title": row["title"], "further": row["further"],
            "models": {
                name: {**row["scores"][name], "brier_interval": row["intervals"][name]["brier"]} for name in SHOWN
            },
            "less_logit": next(
                one["brier"] for one in row["differences"]
                if one["less"] == "ridge_ten" and one.get("model", "holdfast") == "holdfast"
            ),
        }
        for row in (*rows, own)
    ]  # fmt: skip


def main() -> None:
    """Run the backtest and keep its scores."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=BENCH / "measured" / "skill.json")
    chosen = parser.parse_args()
    words = [sys.executable, "-m", "holdfast", "backtest", "--json"]
    backtest = json.loads(subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout)
    kept = {
        "date": dt.date.today().isoformat(), "machine": against.machine(), "names": backtest["models"],
        "warning": backtest["warnings"][0], "posterior": backtest["about"]["posterior"], "rows": scores(backtest),
    }  # fmt: skip
    chosen.out.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf8")


if __name__ == "__main__":
    main()
