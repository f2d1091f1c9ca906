"""`holdfast data …`: list, fetch, show public data sets; turn them into rows of a claims table."""

from __future__ import annotations

import json as text
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table

from holdfast.cli import screen

if TYPE_CHECKING:
    import xarray as xr


def list_(json: bool) -> int:
    """The data sets in a table: what each is, under which licence, and whether it is here already."""
    from holdfast.evidence.datasets import registry

    entries = list(registry.DATASETS.values())
    if json:
        print(text.dumps([_brief(entry) for entry in entries]))
        return 0
    table = Table("data set", "what", "who", "licence", "here")
    for entry in entries:
        table.add_row(entry.name, entry.what, entry.who, entry.licence, "yes" if here(entry.name) else "no")
    screen.console().print(table)
    return 0


def _brief(entry: Any) -> dict[str, Any]:
    """A data set as JSON."""
    return {
        "name": entry.name, "what": entry.what, "who": entry.who, "licence": entry.licence,
        "citation": entry.citation, "caveats": list(entry.caveats), "here": here(entry.name),
        "files": [
            {"name": file.name, "address": entry.address(file), "sha256": file.sha256} for file in entry.files
        ],
    }  # fmt: skip


def here(name: str) -> bool:
    """Whether every file that the data set needs is on this machine, in its cache or in the named folder."""
    from holdfast.evidence.datasets import registry

    own = os.environ.get(registry.VARIABLE)
    places = [registry.cache(name), *([Path(own)] if own else [])]
    return all(
        file.optional or any(any(registry.candidates(place, file)) for place in places)
        for file in registry.DATASETS[name].files
    )


def fetch(name: str, json: bool) -> int:
    """Fetch a data set, or find it, and say where its files are."""
    from holdfast.evidence.datasets.registry import fetch as fetched

    files = fetched(name, progress=None if json else _told)
    if json:
        print(text.dumps({file: str(path) for file, path in files.items()}))
        return 0
    for file, path in files.items():
        print(f"{file}: {path}")
    return 0


def _told(address: str) -> None:
    """Say what is being fetched, on standard error."""
    _screen_error(f"Fetching {address}")


def _screen_error(line: str) -> None:
    """A line for people, out of the way of what is piped on."""
    import sys

    print(line, file=sys.stderr)


def show(name: str, json: bool) -> int:
    """What is in a data set: its axes and variables with units and ranges, its source, and what to hold against it."""
    from holdfast.evidence import datasets

    data = datasets.read(name, progress=None if json else _told)
    if json:
        print(text.dumps(summary(name, data)))
        return 0
    console = screen.console()
    found = summary(name, data)
    console.print(found["title"], style="bold", markup=False)
    for axis, row in found["axes"].items():
        console.print(f"{axis}: {row['size']}, {row['first']} to {row['last']}", markup=False)
    table = Table("variable", "meaning", "unit", "known", "least", "most")
    for variable, row in found["variables"].items():
        ends = [f"{row[end]:,.6g}" if isinstance(row[end], float) else "" for end in ("least", "most")]
        table.add_row(variable, row["long_name"], row["units"], f"{row['known']:,}", *ends)
    console.print(table)
    console.print(f"Source: {found['source']}. Licence: {found['licence']}.", markup=False)
    if found["note"]:
        console.print(f"Note: {found['note']}.", markup=False)
    for caveat in found["caveats"]:
        console.print(f"• {caveat}", markup=False)
    return 0


def summary(name: str, data: xr.Dataset) -> dict[str, Any]:
    """A read data set as JSON: axes, variables with unit, count of known values and range."""
    from holdfast.evidence.datasets import registry

    return {
        "name": name,
        "title": data.attrs["title"],
        "source": data.attrs["source"],
        "licence": data.attrs["licence"],
        "note": data.attrs.get("note", ""),
        "caveats": list(registry.DATASETS[name].caveats),
        "axes": {str(axis): ends(data[axis].to_numpy()) for axis in data.sizes},
        "variables": {str(variable): _span(data[variable]) for variable in data.data_vars},
    }


def ends(values: Any) -> dict[str, Any]:
    """How long an axis is, its first and its last."""
    shown = [str(value)[:10] if values.dtype.kind == "M" else str(value) for value in (values[0], values[-1])]
    return {"size": len(values), "first": shown[0], "last": shown[1]}


def _span(variable: xr.DataArray) -> dict[str, Any]:
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


def claims(name: str, out: Path | None, json: bool, after: str | None = None, file: Sequence[Path] = ()) -> int:
    """A data set as rows of a claims table: to a file, or to standard output; never over a file that is there."""
    import datetime as dt

    from holdfast.core.faults import DataError, Fault
    from holdfast.evidence import datasets
    from holdfast.evidence.datasets import claims_rows

    faults = []
    if out is not None and out.exists():
        cure = "Choose another name, or remove it first"
        faults.append(Fault("--out", f"{out} exists already", "a new file", cure))
    if after is not None:
        try:
            dt.date.fromisoformat(after)
        except ValueError:
            faults.append(Fault("--after", after, "a day, as 2026-07-01", "Write it so"))
    if faults:
        raise DataError(faults, "The request")
    own = datasets.newer(name, file)
    table = claims_rows.as_claims(name, after=after, files=own, progress=None if json else _told)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        beside = out.with_name(f".{out.name}.{os.getpid()}")
        table.to_csv(beside, index=False)
        os.replace(beside, out)
        print(text.dumps({"file": str(out), "rows": len(table)}) if json else f"Wrote {len(table)} claims to {out}.")
    else:
        print(table.to_json(orient="records") if json else table.to_csv(index=False), end="\n" if json else "")
    return 0
