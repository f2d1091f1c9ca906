"""`holdfast data …`: list, fetch, show public data sets; turn them into rows of a claims table."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from holdfast.cli import console, options
from holdfast.cli.options import Json
from holdfast.core.faults import Fault
from holdfast.present import tables

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr

    from holdfast.evidence.datasets.registry import Dataset


app = App(name="data", help_format="markdown")


@app.command(name="list")
def list_sets(*, json: Json = False) -> int:
    """List the public data sets, whose they are and whether they are here. Example: `holdfast data list`"""
    from holdfast.evidence.datasets import registry

    entries = list(registry.DATASETS.values())
    if json:
        console.show_json([_brief(entry) for entry in entries])
        return 0
    rows = [
        [one.name, one.what, one.who, one.licence, "yes" if registry.is_here(one.name) else "no"] for one in entries
    ]
    console.show(tables.table("", ["data set", "what", "who", "licence", "here"], rows))
    return 0


def _brief(entry: Dataset) -> console.Document:
    """A data set as JSON."""
    from holdfast.evidence.datasets import registry

    return {
        "name": entry.name, "what": entry.what, "who": entry.who, "licence": entry.licence,
        "citation": entry.citation, "caveats": list(entry.caveats), "here": registry.is_here(entry.name),
        "files": [
            {"name": file.name, "address": entry.address(file), "sha256": file.sha256} for file in entry.files
        ],
    }  # fmt: skip


@app.command
def fetch(name: str, *, json: Json = False) -> int:
    """Fetch a data set once, checked by SHA-256. Example: `holdfast data fetch meduza-weekly`"""
    from holdfast.evidence.datasets import registry

    paths = registry.fetch(name, progress=None if json else _announce)
    if json:
        console.show_json(paths)
        return 0
    for file, path in paths.items():
        print(f"{file}: {path}")
    return 0


def _announce(address: str) -> None:
    """Say what is being fetched, out of the way of what is piped on."""
    print(f"Fetching {address}", file=sys.stderr)


@app.command
def show(name: str, *, json: Json = False) -> int:
    """Print what is in a data set, and what to hold against it. Example: `holdfast data show oryx-daily`"""
    from holdfast.evidence import datasets

    about = _summary(name, datasets.read(name, progress=None if json else _announce))
    if json:
        console.show_json(about)
        return 0
    console.show(console.bold(about["title"]))
    console.show(*(f"{axis}: {row['size']}, {row['first']} to {row['last']}" for axis, row in about["axes"].items()))
    rows = []
    for variable, row in about["variables"].items():
        ends = [f"{row[end]:,.6g}" if isinstance(row[end], float) else "" for end in ("least", "most")]
        rows.append([variable, row["long_name"], row["units"], f"{row['known']:,}", *ends])
    console.show(tables.table("", ["variable", "meaning", "unit", "known", "least", "most"], rows))
    console.show(f"Source: {about['source']}. Licence: {about['licence']}.")
    console.show(*([f"Note: {about['note']}."] if about["note"] else []), *(f"• {one}" for one in about["caveats"]))
    return 0


def _summary(name: str, data: xr.Dataset) -> console.Document:
    """A data set as JSON: axes, variables with unit, count of known values and range."""
    from holdfast.evidence.datasets import registry

    return {
        "name": name, "title": data.attrs["title"], "source": data.attrs["source"], "licence": data.attrs["licence"],
        "note": data.attrs.get("note", ""), "caveats": list(registry.DATASETS[name].caveats),
        "axes": {str(axis): _ends(data[axis].to_numpy()) for axis in data.sizes},
        "variables": {str(variable): _range(data[variable]) for variable in data.data_vars},
    }  # fmt: skip


def _ends(values: np.ndarray) -> console.Document:
    """How long an axis is, its first and its last."""
    shown = [str(value)[:10] if values.dtype.kind == "M" else str(value) for value in (values[0], values[-1])]
    return {"size": len(values), "first": shown[0], "last": shown[1]}


def _range(variable: xr.DataArray) -> console.Document:
    """A variable's meaning, unit, number of known values, least and most."""
    import numpy as np

    values = variable.to_numpy()
    numbers = values.dtype.kind == "f" and bool(np.isfinite(values).any())
    known = np.isfinite(values) if values.dtype.kind == "f" else values != ("" if values.dtype.kind in "UO" else None)
    return {
        "long_name": variable.attrs["long_name"], "units": variable.attrs["units"], "known": int(np.sum(known)),
        "least": float(np.nanmin(values)) if numbers else None,
        "most": float(np.nanmax(values)) if numbers else None,
    }  # fmt: skip


@app.command
def claims(
    name: str, *, out: Path | None = None, after: str | None = None,
    file: Annotated[list[Path] | None, Parameter(negative="")] = None, json: Json = False,
) -> int:  # fmt: skip
    """Turn a data set into rows of a claims table. Example: `holdfast data claims uk-mod-monthly --out more.csv`

    Args:
        name: The data set.
        out: A new CSV file; standard output unless given.
        after: Only claims of days later than this, as 2026-07-01.
        file: Your own newer copies, named as the data set's.
    """
    from holdfast.evidence import datasets
    from holdfast.evidence.datasets import claims_rows
    from holdfast.io import files

    faults = options.date_faults(after=after)
    if out is not None and out.exists():
        faults.append(Fault("--out", f"{out} exists already", "a new file", "Choose another name, or remove it first"))
    options.refuse(faults)
    own = datasets.newer(name, file or ())
    table = claims_rows.as_claims(name, after=after, files=own, progress=None if json else _announce)
    for note in table.attrs["notes"]:
        print(f"{name}: {note}.", file=sys.stderr)
    if out is not None:
        with files.beside(out) as fresh:
            table.to_csv(fresh, index=False)
        if json:
            console.show_json({"file": out, "rows": len(table), "notes": table.attrs["notes"]})
        else:
            print(f"Wrote {len(table)} claims to {out}.")
    else:
        print(table.to_json(orient="records") if json else table.to_csv(index=False), end="\n" if json else "")
    return 0


@app.command
def package(folder: Path, *, json: Json = False) -> int:
    """Write the shipped tables as a Frictionless data package: claims, coded armies, months, regions, ground.

    Example: `holdfast data package tables`

    Args:
        folder: Where; made if it is not there.
    """
    from holdfast import data_packages

    options.refuse(options.folder_faults(folder))
    names = data_packages.write(folder)
    if json:
        console.show_json({"folder": folder, "resources": names})
        return 0
    print(f"Wrote {len(names)} tables to {folder}, described by {folder / data_packages.FILE}.")
    return 0
