"""`holdfast claims check`: a table of claims, sound or with every fault."""

from __future__ import annotations

import json as text
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.table import Table

from holdfast.cli import errors, screen
from holdfast.core.faults import ClaimsError
from holdfast.evidence.claims import table as claims_table
from holdfast.evidence.claims.claim import Claim


def check(file: str, json: bool) -> int:
    """Say that a table is sound and what it holds, or name every fault."""
    try:
        found = claims_table.reading(file)
    except ClaimsError as error:
        if json:
            print(text.dumps({"ok": False, "claims": 0, "faults": [asdict(fault) for fault in error.faults]}))
        else:
            print(error, file=sys.stderr)
        return errors.BAD_INPUT
    claims, unused = found
    if json:
        said = {"ok": True, "claims": len(claims), "faults": [], "unused": list(unused), "rows": _counted(claims)}
        print(text.dumps(said))
        return 0
    console = screen.console()
    first, last = _span(claims)
    count = f"{len(claims)} claims" if len(claims) > 1 else "1 claim"
    print(f"{file}: sound. {count} from {first} to {last}.")
    table = Table("side", "quantity", "claims", "lineages", "from", "to")
    for row in _counted(claims):
        table.add_row(*(_screen_text(value) for value in row.values()))
    console.print(table)
    if unused:
        console.print(f"Columns that nothing is read from: {', '.join(unused)}.", markup=False)
    return 0


def _counted(claims: Sequence[Claim]) -> list[dict[str, Any]]:
    """How many claims, of how many lineages, over what time; for each side and quantity, the most first."""
    groups: dict[tuple[str, str], list[Claim]] = {}
    for claim in claims:
        groups.setdefault((claim.side, claim.quantity), []).append(claim)
    rows = []
    for (side, quantity), group in sorted(groups.items(), key=lambda item: (item[0][0], -len(item[1]))):
        first, last = _span(group)
        lineages = len({claim.lineage for claim in group})
        rows.append(
            {"side": side, "quantity": quantity, "claims": len(group), "lineages": lineages,
             "from": str(first), "to": str(last)}
        )  # fmt: skip
    return rows


def _span(claims: Sequence[Claim]) -> tuple[Any, Any]:
    """The first and the last day on which a claim's count ends."""
    days = [claim.as_of_date for claim in claims]
    return min(days), max(days)


def _screen_text(value: Any) -> str:
    """A cell of the table on the screen, no markup in it."""
    from rich.markup import escape

    return escape(str(value))
