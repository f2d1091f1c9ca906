"""`holdfast cases …` and `holdfast parameters`."""

from __future__ import annotations

import json as text
from pathlib import Path
from typing import Any

from rich.table import Table

from holdfast.cli import screen
from holdfast.core.faults import Fault, ScenarioError, nearest
from holdfast.scenario import load
from holdfast.scenario.schema import ScenarioDocument


def cases(json: bool) -> int:
    """The shipped cases in a table."""
    read = [load.read(name) for name in load.names()]
    if json:
        print(text.dumps([_brief(case) for case in read]))
        return 0
    table = Table("case", "starts", "days", "sides", "question")
    for case in read:
        table.add_row(
            case.name, str(case.start), str(case.days), " v ".join(side.name for side in case.side), case.question
        )
    screen.console().print(table)
    return 0


def _brief(case: ScenarioDocument) -> dict[str, Any]:
    """A case in a line of JSON."""
    return {
        "name": case.name, "title": case.title, "start": str(case.start), "days": case.days,
        "sides": [side.name for side in case.side], "question": case.question,
    }  # fmt: skip


def show(name: str, json: bool) -> int:
    """A case: what it asks, who stands in it, what happens, what to beware of, where the figures come from."""
    from holdfast.scenario import provenance

    case = load.read(name)
    if json:
        print(case.model_dump_json())
        return 0
    console = screen.console()
    console.print(case.title, style="bold", markup=False)
    console.print(f"{case.question}\n\n{case.background.strip()}\n", markup=False)
    table = Table("", *(side.title for side in case.side))
    table.add_row("men", *(f"{side.men_at_start:,}" for side in case.side))
    rates = (side.killed_per_1000_month for side in case.side)
    rows = ("from a posterior" if rate is None else f"{rate:g}" for rate in rates)
    table.add_row("killed per 1,000 a month", *rows)
    table.add_row("resolve \\[nats]", *(f"{side.resolve.mean:g} ± {side.resolve.sd:g}" for side in case.side))
    table.add_row("kinds", *(", ".join(f"{k} {v.share:.0%}" for k, v in side.kinds.items()) for side in case.side))
    console.print(table)
    for event in case.event:
        until = f" to {event.end}" if event.end else ""
        console.print(f"{event.start}{until}  {event.effect}  {event.side or 'both sides'}  × {event.strength:g}")
    listed = Table("input", "value", "unit", "source", title="Inputs and sources")
    for item in provenance.scenario(case):
        value = str(item.value)
        listed.add_row(item.path, value if len(value) < 60 else value[:57] + "…", item.unit, item.source)
    console.print(listed)
    for caveat in case.caveats:
        console.print(f"• {caveat}", markup=False)
    return 0


def check(file: str, json: bool) -> int:
    """Say that a file is sound, or name every fault."""
    from holdfast.scenario import loss_draws, overrides

    case = load.read(file, known=overrides.known())
    evidence = loss_draws.about(case)
    if json:
        print(text.dumps({"ok": True, **_brief(case)} | ({"losses": evidence} if evidence else {})))
        return 0
    print(f"{file}: sound. {case.title}; {case.days} days from {case.start}.")
    for side, told in evidence.items():
        print(f"Losses of {side} ({', '.join(told['of'])}): {loss_draws.in_words(told)}.")
    return 0


def new(file: Path, like: str | None) -> int:
    """Write a template, or a copy of a shipped case; never over a file that is there."""
    from holdfast.ensemble import store
    from holdfast.scenario import regions, template

    if file.exists():
        fault = Fault("file", f"{file} exists already", "a new file", "Choose another name, or remove it first")
        raise ScenarioError([fault], "The request")
    if like is None:
        written = template.template(file.stem)
    else:
        if like not in load.names():
            fault = Fault("--like", like, ", ".join(load.names()), "Correct the name", nearest(like, load.names()))
            raise ScenarioError([fault], "The request")
        written = (regions.shipped_table() / f"{like}.toml").read_text(encoding="utf8")
    file.parent.mkdir(parents=True, exist_ok=True)
    store.write_text(file, written)
    print(f"Wrote {file}. Edit it, then: holdfast cases check {file}")
    return 0


def parameters(match: str, pressure: str | None, json: bool) -> int:
    """Every declared parameter, those of the effects too."""
    from dataclasses import asdict

    from holdfast import parameters
    from holdfast.core import params

    if pressure and pressure not in params.PRESSURES:
        fault = Fault(
            "--pressure", pressure, ", ".join(params.PRESSURES), "Correct it", nearest(pressure, params.PRESSURES)
        )
        raise ScenarioError([fault], "The request")
    rows = [row for row in parameters.rows() if match in row.path and pressure in (None, row.pressure)]
    if json:
        print(text.dumps([asdict(row) for row in rows]))
        return 0
    table = Table("parameter", "value", "unit", "prior", "pressure", "source")
    for row in rows:
        table.add_row(row.path, f"{row.value:g}", row.unit, row.prior, row.pressure, row.source)
    screen.console().print(table if rows else f"No parameter's path contains {match!r}.")
    return 0
