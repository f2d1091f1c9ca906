"""`holdfast schemas`: JSON Schemas of all that is written for programs: scenarios, and what commands print with `--json`."""

from __future__ import annotations

from pathlib import Path

from cyclopts import App

from holdfast.cli import console, options
from holdfast.core.faults import unknown

app = App(name="schemas", help_format="markdown")
SCENARIO = "scenario"
"""The schema of a scenario file, beside those of commands."""


@app.default
def schemas(command: str | None = None, /, *subcommand: str, out: Path | None = None) -> int:
    """Print the JSON Schema of what a command prints with `--json`; without a command, list them.

    Examples: `holdfast schemas` · `holdfast schemas run` · `holdfast schemas claims judge` · `holdfast schemas --out schemas`

    Args:
        command: A command; `scenario` for a scenario file, `error` for what any command prints when it fails.
        subcommand: The second word of a command that has two.
        out: Folder for all of them, or for the one that is named; a file each.
    """
    names = every()
    words = [" ".join((command, *subcommand))] if command else []
    for word in words:
        if word not in names:
            options.refuse([unknown("the command", word, "the commands with --json", names, "Correct the name")])
    options.refuse(options.folder_faults(out))
    if out is not None:
        write(out, words or names)
        print(f"Wrote {len(words or names)} schemas to {out}.")
    elif words:
        from holdfast.io import files

        print(files.json_indented(schema_of(words[0])), end="")
    else:
        console.show("\n".join(names))
    return 0


def every() -> list[str]:
    """What has a schema.

    Returns:
        `scenario`, `error`, and the commands with `--json`.
    """
    from holdfast.cli import json_output

    return [SCENARIO, "error", *json_output.COMMANDS]


def schema_of(name: str) -> dict[str, object]:
    """A schema by its name.

    Args:
        name: one of `every`.

    Returns:
        The JSON Schema.
    """
    from holdfast.cli import json_output
    from holdfast.scenario import json_schema

    return json_schema.scenario_schema() if name == SCENARIO else json_output.output_schema(name)


def write(folder: Path, names: list[str]) -> None:
    """Write schemas to files `NAME.schema.json`, the words of a command joined by hyphens.

    Args:
        folder: where; made if it is not there.
        names: of `every`.
    """
    from holdfast.io import files

    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        files.write_json(folder / f"{name.replace(' ', '-')}.schema.json", schema_of(name))
