"""`holdfast trace`: soldiers day by day, for a classroom or a sceptic."""

from __future__ import annotations

import json as text
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from holdfast.cli import screen
from holdfast.cli.run import positive, prepared
from holdfast.core.faults import Fault, ScenarioError, nearest
from holdfast.scenario.schema import KINDS, ScenarioDocument

MOST_BILLETS = 2_000_000
"""A case with more billets than this at one to one is too slow to follow day by day."""


def trace(
    name: str, soldiers: int, days: int, side: str | None, seed: int, settings: Sequence[str],
    effects: Sequence[str], json: bool, csv: Path | None,
) -> int:  # fmt: skip
    """Follow, then print or write."""
    from holdfast.engine import trace as engine_trace
    from holdfast.scenario import build

    positive(seed, soldiers=soldiers, days=days)
    case = prepared(name, None, settings, effects).document
    index = _side_index(case, side)
    if csv and not csv.parent.is_dir():
        raise ScenarioError(
            [Fault("--csv", str(csv), "a file in a folder that is there", "Make the folder first")], "The request"
        )
    days = min(days, case.days)
    with screen.step(f"Following {soldiers} soldiers for {days} days", quiet=json):
        world, names = build.world(case)
        where = engine_trace.pick(world, soldiers, index, seed)
        told = [row for rows in engine_trace.follow(world, seed, where, days) for row in rows]
    for row in told:
        row |= {
            "side": names.sides[row["side"]], "brigade": names.brigades[row["brigade"]],
            "home": names.regions[row["home"]], "kind": KINDS[row["kind"]],
        }  # fmt: skip
    if csv:
        import pandas as pd

        pd.DataFrame(told).to_csv(csv, index=False)
    if json:
        print(text.dumps(told))
        return 0
    _show(case, told, days)
    if csv:
        print(f"Every soldier-day: {csv}")
    return 0


def _side_index(case: ScenarioDocument, side: str | None) -> int | None:
    """The number of a side by its name."""
    names = [each.name for each in case.side]
    if side is None:
        return None
    if side not in names:
        fault = Fault("--side", side, " or ".join(names), "Correct the name", nearest(side, names))
        raise ScenarioError([fault], "The request")
    return names.index(side)


def _show(case: ScenarioDocument, told: list[dict[str, Any]], days: int) -> None:
    """One soldier in full on his first day, then each soldier's story in a line."""
    console = screen.console()
    first = next((row for row in told if "stay" in row), None)
    if first:
        console.print(_explanation(first))
    table = Table(
        "no", "side", "kind", "wish to stay, first and last day [nats]", "chance to leave, last day", f"in {days} days"
    )
    for number in sorted({row["soldier"] for row in told}):
        own = [row for row in told if row["soldier"] == number]
        table.add_row(*_story(own))
    console.print(table)


WHAT_HE_DID = {
    "killed": "is killed", "wounded": "is wounded", "jailed": "is caught leaving, and jailed",
    "caught, kept": "is caught leaving, and kept with his unit", "refuses": "refuses to attack",
}  # fmt: skip
"""Outcomes that need another form in a sentence."""


def _story(own: list[dict[str, Any]]) -> list[str]:
    """A soldier's line. A billet that is filled again holds another man: said so."""
    there = [row for row in own if "stay" in row]
    happened = [f"day {row['day']}: {row['what']}" for row in there if row["what"] != "stays"]
    gaps = [b["day"] for a, b in zip(own, own[1:], strict=False) if "stay" not in a and "stay" in b]
    happened += [f"day {day}: another man takes his place" for day in gaps]
    happened.sort(key=lambda line: int(line.split()[1].rstrip(":")))
    if not there:
        return [str(own[0]["soldier"]), own[0]["side"], "", "", "", own[0]["fate"]]
    a, b = there[0], there[-1]
    wish = f"{a['stay']:.1f} to {b['stay']:.1f}"
    return [str(a["soldier"]), a["side"], a["kind"], wish, f"{b['p_leave']:.0e}", "; ".join(happened) or "stays"]


def _explanation(row: dict[str, Any]) -> str:
    """One decision, term by term."""
    return (
        f"Soldier {row['soldier']} of {row['side']}, {row['brigade']}, from {row['home']}, {row['kind']}, "
        f"{row['tenure_d']} days of service, on the first day:\n"
        f"  wish to stay = resolve {row['resolve']:+.2f}, unit and cause {row['unit_and_cause']:+.2f}, past terror "
        f"{row['terror']:+.2f}, pay {row['pay']:+.2f}, dread {row['dread']:+.2f} = {row['stay']:+.2f} nats\n"
        f"  best way out = {row['way_out']:+.2f} nats, so the chance to leave today is {row['p_leave']:.2e} "
        f"(go home {row['p_desert']:.1e}, give up {row['p_surrender']:.1e}, be caught {row['p_caught']:.1e}); "
        f"to refuse an attack {row['p_refuse']:.1e}; to be hit {row['p_hit']:.1e}\n"
        f"  his luck is {row['luck']:.6f}: hit below {row['p_hit']:.6f}, leaving above "
        f"{1 - row['p_leave']:.6f}; he {WHAT_HE_DID.get(row['what'], row['what'])}.\n"
    )
