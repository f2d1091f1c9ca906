"""`holdfast scenarios …` and `holdfast parameters`: what can be run, and every number that it rests on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cyclopts import App

from holdfast.cli import console, options
from holdfast.cli.options import Json, ScenarioName, Write
from holdfast.core.faults import Fault, nearest
from holdfast.present import tables

if TYPE_CHECKING:
    from holdfast.scenario.schema import ScenarioDocument, Side


app = App(name="scenarios", help_format="markdown")
parameters_app = App(name="parameters", help_format="markdown")


@app.command(name="list")
def list_scenarios(*, json: Json = False, write: Write = None) -> int:
    """List the shipped scenarios. Example: `holdfast scenarios list`"""
    from holdfast.scenario import catalogue

    options.refuse(options.write_faults(write))
    outlines = catalogue.outlines()
    options.write_table(write, [outline._asdict() for outline in outlines])
    if json:
        console.show_json([outline._asdict() for outline in outlines])
        return 0
    rows = [[one.name, str(one.start), str(one.days), " v ".join(one.sides), one.question] for one in outlines]
    console.show(tables.table("", ["scenario", "starts", "days", "sides", "question"], rows))
    return 0


def _brief(document: ScenarioDocument) -> console.Document:
    """A scenario in a line of JSON."""
    return {
        "name": document.name, "title": document.title, "start": str(document.start), "days": document.days,
        "sides": [side.name for side in document.side], "question": document.question,
    }  # fmt: skip


def _resolve(side: Side) -> str:
    """Mean and spread of a side's resolve, or where its mean is from."""
    from holdfast.ensemble.draw import source_of

    own = side.resolve
    words = {
        "by hand": f"{own.level:g}, by hand",
        "codes": f"from the codes of {side.coded_army}",
        "history at large": "from history at large",
    }
    words["exits known before"] = (
        f"from {own.known_exits or 0:g} exits per 1,000 a month (within {own.known_exits_factor:g} times)"
    )
    return f"{words[source_of(side)]}; sd between men {own.sd:g}"


@app.command
def show(name: ScenarioName, *, json: Json = False) -> int:
    """Print a scenario: its question, sides, events, caveats. Example: `holdfast scenarios show finland-1940`"""
    from holdfast.scenario import load, template

    document = load.read(name)
    if json:
        console.show_json(document.model_dump(mode="json"))
        return 0
    console.show(console.bold(document.title), f"{document.question}\n\n{document.background.strip()}\n")
    killed = (side.killed_per_1000_month for side in document.side)
    rows = [
        ["men", *(f"{side.men_at_start:,}" for side in document.side)],
        ["killed per 1,000 a month", *("from a posterior" if rate is None else f"{rate:g}" for rate in killed)],
        ["mean resolve [nats]", *(_resolve(side) for side in document.side)],
        ["kinds", *(", ".join(f"{k} {v.share:.0%}" for k, v in side.kinds.items()) for side in document.side)],
    ]
    console.show(tables.table("", ["", *(side.title for side in document.side)], rows))
    for event in document.event:
        until = f" to {event.end}" if event.end else ""
        console.show(f"{event.start}{until}  {event.effect}  {event.side or 'both sides'}  × {event.strength:g}")
    inputs = [
        [item.path, value if len(value) < 60 else value[:57] + "…", item.unit, item.source]
        for item in template.scenario(document)
        for value in [str(item.value)]
    ]
    console.show(tables.table("Inputs and sources", ["input", "value", "unit", "source"], inputs))
    console.show(*(f"• {caveat}" for caveat in document.caveats))
    return 0


@app.command
def check(file: ScenarioName, *, json: Json = False) -> int:
    """Check a scenario file and name every fault. Example: `holdfast scenarios check mine.toml`"""
    from holdfast.scenario import declared, load, loss_draws

    document = load.read(file, known=declared.known())
    evidence = loss_draws.about(document)
    if json:
        console.show_json({"ok": True, **_brief(document)} | ({"losses": evidence} if evidence else {}))
        return 0
    print(f"{file}: sound. {document.title}; {document.days} days from {document.start}.")
    for side, about in evidence.items():
        print(f"Losses of {side} ({', '.join(about['of'])}): {loss_draws.in_words(about)}.")
    return 0


@app.command
def new(file: Path, *, like: ScenarioName | None = None) -> int:
    """Write a commented template, and beside it the schema by which an editor checks it.

    Example: `holdfast scenarios new mine.toml`

    Args:
        file: The new file.
        like: Start from a copy of this shipped scenario.
    """
    from holdfast.io import files
    from holdfast.scenario import catalogue, json_schema, template

    if file.exists():
        cure = "Choose another name, or remove it first"
        options.refuse([Fault("file", f"{file} exists already", "a new file", cure)])
    if like is None:
        text = template.template(file.stem)
    else:
        names = catalogue.names()
        if like not in names:
            options.refuse([Fault("--like", like, ", ".join(names), "Correct the name", nearest(like, names))])
        text = (catalogue.folder() / f"{like}.toml").read_text(encoding="utf8")
    files.write_text(file.parent / json_schema.FILE, files.json_indented(json_schema.scenario_schema()))
    files.write_text(file, json_schema.DIRECTIVE + text)  # last: where the disk fails, the command can be repeated
    print(f"Wrote {file}, and beside it {json_schema.FILE} for editors. Edit it, then: holdfast scenarios check {file}")
    return 0


@app.command
def schema(*, out: Path | None = None) -> int:
    """Print the JSON Schema of a scenario file, by which editors complete and check it.

    Editors with Taplo (Even Better TOML) read it where the first line of a scenario says `#:schema ./scenario.schema.json`.

    Example: `holdfast scenarios schema --out scenario.schema.json`

    Args:
        out: Write it to this file instead; an older one is replaced.
    """
    from holdfast.io import files
    from holdfast.scenario import json_schema

    text = files.json_indented(json_schema.scenario_schema())
    if out is None:
        print(text, end="")
        return 0
    files.write_text(out, text)
    print(f"Wrote {out}.")
    return 0


@parameters_app.default
def parameters(match: str = "", *, pressure: str | None = None, json: Json = False, write: Write = None) -> int:
    """List every parameter: value, unit, prior, the pressure it belongs to, source.

    Examples: `holdfast parameters` · `holdfast parameters bond` · `holdfast parameters --pressure coercion`

    Args:
        match: Only paths that contain this text.
        pressure: Only those that belong to this pressure.
    """
    from holdfast import parameters
    from holdfast.core.params import PRESSURES

    if pressure and pressure not in PRESSURES:
        near = nearest(pressure, PRESSURES)
        options.refuse([Fault("--pressure", pressure, ", ".join(PRESSURES), "Correct it", near)])
    options.refuse(options.write_faults(write))
    every = parameters.rows() + parameters.inference_rows()
    rows = [row for row in every if match in row.path and pressure in (None, row.pressure)]
    options.write_table(write, [vars(row) for row in rows])
    if json:
        console.show_json(rows)
        return 0
    cells = [[row.path, f"{row.value:g}", row.unit, row.prior, row.pressure, row.source] for row in rows]
    heads = ["parameter", "value", "unit", "prior", "pressure", "source"]
    console.show(tables.table("", heads, cells) if rows else f"No parameter's path contains {match!r}.")
    return 0
