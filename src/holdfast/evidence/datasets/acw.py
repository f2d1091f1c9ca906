"""Battles of the American Civil War by three compilers; army sizes; sizes of units. [IO]

The compilers number battles each in their own way. With the (optional) keys of the repository, battles that a key calls
the same stand in one row, named by the number of the Civil War Sites Advisory Commission; others keep their own name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from holdfast.core.faults import DataError, Fault
from holdfast.evidence.datasets import registry
from holdfast.evidence.datasets.registry import variable
from holdfast.tabular.sheet import Sheet, at, json_of, unreadable

NAME = "acw-battles"
SIDES = {"US": "union", "Union": "union", "Confederate": "confederate"}
COUNTS = {
    "fox": {"killed": "killed", "wounded": "wounded", "missing": "missing", "casualties": "casualties"},
    "livermore": {
        "strength": "str", "killed": "kia", "wounded": "wia", "killed_wounded": "kw", "missing": "miapow",
    },
    "clodfelter": {
        "strength": "strength", "killed": "killed", "wounded": "wounded", "killed_wounded": "killed_wounded",
        "missing": "missing", "captured": "captured", "missing_captured": "missing_captured",
        "casualties": "casualties",
    },
}  # fmt: skip
"""For each compiler: what is read, and its column. Where a file has a sum only, the parts are blank."""
FILES = {source: f"{source}_forces.csv" for source in COUNTS}
KEYS = {
    "fox": "fox_forces_to_cwsac.json",
    "livermore": "livermore_to_cwsac.json",
    "clodfelter": "clodfelter_to_cwsac.json",
}
LONG_NAMES = {
    "killed": "killed",
    "wounded": "wounded",
    "missing": "missing; Fox's and Livermore's with the captured, Clodfelter's without where captured is given",
    "captured": "captured, where given apart",
    "missing_captured": "missing and captured, where only their sum is given",
    "killed_wounded": "killed and wounded together",
    "casualties": "all casualties, where given",
    "strength": "men engaged",
}
SIZES = {"union_number": "union", "confederate_number": "confederate"}
MARKS = {"False": "", "True": "yes"}


def read(files: Mapping[str, Path]) -> xr.Dataset:
    """Losses by battle, compiler and side; army sizes by day and side; whole campaigns are marked.

    Args:
        files: the path of each file of the data set by its name.

    Returns:
        The labelled data.

    Raises:
        DataError: with every fault of the files.
    """
    parts = {source: _one(files[FILES[source]], source) for source in COUNTS}
    for source, rows in parts.items():
        rows["battle"] = _shared(rows, source, files.get(KEYS[source]))
    rows = pd.concat(parts.values(), ignore_index=True)
    cells = rows.set_index(["battle", "source", "side"])
    citation = registry.DATASETS[NAME].citation
    table = cells[[*LONG_NAMES]].to_xarray()
    table = table.sel(source=list(COUNTS), side=["union", "confederate"]).transpose("battle", "source", "side")
    variables = {
        name: variable(("battle", "source", "side"), table[name].to_numpy(), long_name, "men", citation)
        for name, long_name in LONG_NAMES.items()
    }
    whole = rows[rows["campaign"]].groupby("battle").size().reindex(table["battle"].to_numpy()).notna().to_numpy()
    variables["campaign"] = variable("battle", whole, "a sum over battles that are listed too", "1", citation)
    names = rows[rows["name"] != ""].groupby("battle")["name"].first().reindex(table["battle"].to_numpy())
    coords = {
        "battle": table["battle"].to_numpy().astype(str), "source": list(COUNTS), "side": ["union", "confederate"],
        "name": ("battle", names.fillna("").to_numpy().astype(str)),
    }  # fmt: skip
    if "livermore_army_sizes.csv" in files:
        day, present = _army_sizes(files["livermore_army_sizes.csv"])
        coords["day"] = day
        variables["present"] = variable(("day", "side"), present, "men of the army (Livermore)", "men", citation)
    return xr.Dataset(variables, coords, registry.DATASETS[NAME].attributes())


def _one(path: Path, source: str) -> pd.DataFrame:
    """One compiler's rows."""
    columns = COUNTS[source]
    sheet = Sheet.from_csv(path, ("battle_id", "belligerent", *columns.values()))
    rows = pd.DataFrame({"id": sheet.words("battle_id"), "side": sheet.words("belligerent", SIDES)})
    rows["source"] = source
    for name in LONG_NAMES:
        rows[name] = sheet.numbers(columns[name]) if name in columns else np.nan
    rows["name"] = sheet.words("battle_name") if "battle_name" in sheet.rows else ""
    if source == "clodfelter":
        rows["name"] = rows["id"]
    marked = sheet.words("aggregates_battles", MARKS) if "aggregates_battles" in sheet.rows else [""] * len(rows)
    rows["campaign"] = [mark == "yes" for mark in marked]
    for row in at(rows.duplicated(["id", "side"])):
        sheet.fault(row, "battle_id", "one row for a battle and side")
    sheet.check()
    return rows


def _shared(rows: pd.DataFrame, source: str, path: Path | None) -> list[str]:
    """Each row's battle under the name that all compilers share, or as `fox/U1` where there is none.

    Only where the key says that one battle equals one or more of the common list; and if two battles of a side
    would fall together, all of them keep their own names.
    """
    own = [f"{source}/{battle}" for battle in rows["id"]]
    if path is None:
        return own
    common = _same(path)
    proposed = [common.get(battle, name) for battle, name in zip(rows["id"], own, strict=True)]
    taken = Counter(zip(proposed, rows["side"], strict=True))
    clash = {battle for (battle, _), count in taken.items() if count > 1}
    return [name if new in clash else new for new, name in zip(proposed, own, strict=True)]


def _same(path: Path) -> dict[str, str]:
    """Battles of a compiler that equal one or more of the common list."""
    read = json_of(path)
    try:
        return {
            str(row["battles_from"][0]): "+".join(sorted(row["battles_to"]))
            for row in read
            if row["relation"] == "eq" and len(row["battles_from"]) == 1
        }
    except (TypeError, KeyError, IndexError) as error:
        raise unreadable(path, "something else", "a list of relation, battles_from, battles_to") from error


def _army_sizes(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Men of both armies at some days."""
    sheet = Sheet.from_csv(path, ("date", *SIZES))
    day = sheet.days("date", rising=True)
    present = np.stack([sheet.numbers(column, blank=False) for column in SIZES], 1)
    sheet.check()
    return day, present


def ends(files: Mapping[str, Path]) -> xr.Dataset:
    """Livermore's battles with their attacker and victor: who lost how many killed and wounded, and missing.

    Args:
        files: the path of each file of the data set by its name; `livermore_battles.csv` among them.

    Returns:
        Men, killed and wounded, missing and captured of attacker and defender, and whether the attacker won, by battle.

    Raises:
        DataError: with every fault of the files.
    """
    sheet = Sheet.from_csv(files["livermore_battles.csv"], ("battle_id", "battle_name", "attacker", "result"))
    words = {name: sheet.words(name, SIDES | {"": ""}) for name in ("attacker", "result")}
    numbers, names = sheet.words("battle_id"), sheet.words("battle_name")
    sheet.check()
    rows = _one(files[FILES["livermore"]], "livermore").set_index(["id", "side"])
    known = [place for place, (a, b) in enumerate(zip(*words.values(), strict=True)) if a and b]
    other = {"union": "confederate", "confederate": "union"}
    sides = [(words["attacker"][place], other[words["attacker"][place]]) for place in known]
    citation = registry.DATASETS[NAME].citation

    def column(name: str) -> np.ndarray:
        values = rows[name].to_dict()
        return np.array(
            [[values.get((numbers[at], side), np.nan) for side in both] for at, both in zip(known, sides, strict=True)]
        )

    hit = column("killed_wounded")
    hit = np.where(np.isfinite(hit), hit, column("killed") + column("wounded"))
    dims = ("battle", "side")
    won = np.array([words["result"][place] == words["attacker"][place] for place in known])
    return xr.Dataset(
        {
            "strength": variable(dims, column("strength"), LONG_NAMES["strength"], "men", citation),
            "killed_wounded": variable(dims, hit, LONG_NAMES["killed_wounded"], "men", citation),
            "missing": variable(dims, column("missing"), LONG_NAMES["missing"], "men", citation),
            "won": variable("battle", won, "whether the attacker won", "1", citation),
        },
        {"battle": [numbers[place] for place in known], "side": ["attacker", "defender"],
         "name": ("battle", [names[place] for place in known])},
        registry.DATASETS[NAME].attributes(),
    )  # fmt: skip


def unit_sizes(path: Path) -> xr.Dataset:
    """Men in a unit of each type and side: mean, standard deviation and quantiles.

    Args:
        path: of the file of unit sizes.

    Returns:
        Mean, standard deviation and quantiles by unit type and side [men].

    Raises:
        DataError: with every fault of the file.
    """
    columns = ("mean", "sd", "p025", "p25", "median", "p75", "p975")
    sheet = Sheet.from_csv(path, ("belligerent", "unit_type", *columns))
    rows = pd.DataFrame({name: sheet.numbers(name, blank=False) for name in columns})
    rows["side"], rows["unit"] = sheet.words("belligerent", SIDES), sheet.words("unit_type")
    sheet.check()
    if rows.duplicated(["side", "unit"]).any():
        fault = Fault("unit_type", "a type twice for a side", "one row for each", "Remove one of them")
        raise DataError([fault], str(path))
    table = rows.set_index(["unit", "side"]).to_xarray().reindex(side=["union", "confederate"])
    citation = registry.DATASETS[NAME].citation
    variables = {
        name: variable(("unit", "side"), table[name].to_numpy(), f"men in a unit, {name}", "men", citation)
        for name in columns
    }
    units = table["unit"].to_numpy().astype(str)
    return xr.Dataset(
        variables, {"unit": units, "side": ["union", "confederate"]}, registry.DATASETS[NAME].attributes()
    )
