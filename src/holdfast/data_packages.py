"""The shipped tables as Frictionless data packages: every column with type, unit, meaning and limits; sources and licences. [IO]

What a column is comes from where the code declares it: claims from `Claim` and the words of its columns, armies from the
codebook. `python -m holdfast.data_packages` renews `datapackage.json` beside the tables; a test fails where one is out of date.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from holdfast.coded_armies import codebook
from holdfast.coded_armies.army import CODES, LEVELS, VANTAGES, CodedArmy
from holdfast.core import runtime, texts
from holdfast.evidence.claims import table as claims_table
from holdfast.io import files
from holdfast.scenario import load

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
FILE = "datapackage.json"
HOME = Path(__file__).parent
MIT = {"name": "MIT", "title": "MIT License", "path": "https://spdx.org/licenses/MIT.html"}
"""Of what the project wrote: tables' form, codes and remarks. Figures are others' facts; each row names its source."""

Field = dict[str, object]
"""A field of a Frictionless table schema."""


class Table(NamedTuple):
    """A shipped table."""

    folder: str  # below the package
    file: str  # its name
    title: str  # in a line
    field: Callable[[str], Field]  # what a column is, by its name
    key: tuple[str, ...]  # the columns that tell rows apart; none where several together do not
    sources: tuple[str, ...]  # where its figures are from, and on which terms


def _field(name: str, kind: str, description: str, unit: str = "", /, **constraints: object) -> Field:
    """A field; `unit` is a property of ours, which the standard allows."""
    rest: Field = {"unit": unit} if unit else {}
    if kind == "boolean":
        rest |= {"trueValues": ["1"], "falseValues": ["0"]}
    return {"name": name, "type": kind, "description": description, **rest} | (
        {"constraints": constraints} if constraints else {}
    )


# --- What each column is.


def _claim(name: str) -> Field:
    """A column of a table of claims."""
    text = texts.about(claims_table.Claim, name)
    needed: dict[str, object] = {"required": True} if name in claims_table.REQUIRED else {}
    if name in claims_table.VALUES:
        unit = "men; 1 where the quantity is a share or ratio"
        return _field(name, "number", text, unit, minimum=0)
    if name in claims_table.DATES:
        return _field(name, "date", text, **needed)
    words = {"enum": list(claims_table.WORDS[name])} if name in claims_table.WORDS else {}
    return _field(name, "string", text, **needed, **words)


COUNTED = {
    "strength": "men of the army", "killed": "killed over the span", "wounded": "wounded over the span",
    "captured_or_surrendered": "captured or surrendered over the span",
    "deserted_or_awol": "deserters and men absent without leave over the span",
    "killed_per_month_per_1000": "killed", "deserted_per_month_per_1000": "deserters and men absent without leave",
}  # fmt: skip
"""Figures of an army that may stand with the ends of their ranges."""
ENDS = {"_low": ", lower end of the range", "_high": ", upper end of the range"}
OF_ARMY = {
    "case_id": "army_id", "vantage": "vantage", "confidence": "confidence", "force_ratio": "force_ratio",
    "months_of_fighting": "months", **{name: name for name in (*codebook.DAYS, *codebook.SHARES)},
    **codebook.FLAGS, **codebook.TEXTS,
}  # fmt: skip
"""The field of `CodedArmy` that says what a column is."""
REMARKS = {
    "inequality_note": "remark on inequality in the army", "pay_note": "remark on pay",
    "season_of_break": "season in which it broke", "factor_sum": "sum of the five codes of the essay",
}  # fmt: skip


def _army(name: str) -> Field:
    """A column of a table of coded armies."""
    code = next((code for code in CODES if name.startswith(codebook.CODE_COLUMNS[code])), None)
    rule = codebook.RULES[code] if code else codebook.FURTHER_RULES.get(name)
    if rule and name.endswith("_reason"):
        return _field(name, "string", f"why {rule.name} has this code")
    if rule:
        levels = "; ".join(f"{level} = {words}" for level, words in zip(LEVELS, rule.levels, strict=True))
        whole = ", over the whole span" if name.endswith("_whole") else ""
        return _field(name, "integer", f"{rule.name}{whole}: {rule.asks} {levels}", "1", minimum=0, maximum=LEVELS[-1])
    end = next((end for end in ENDS if name.endswith(end)), "")
    bare = name.removesuffix(end)
    if bare in COUNTED:
        unit = "1/1,000/month" if "per_1000" in bare else "men"
        return _field(name, "number", COUNTED[bare] + ENDS.get(end, ""), unit, minimum=0)
    if name in REMARKS:
        return (
            _field(name, "integer", REMARKS[name], "1")
            if name == "factor_sum"
            else _field(name, "string", REMARKS[name])
        )
    text = texts.about(CodedArmy, OF_ARMY[name])
    if name in codebook.FLAGS:
        return _field(name, "boolean", text)
    if name in codebook.DAYS:
        return _field(name, "date", text)
    if name in codebook.SHARES:
        return _field(name, "number", text, texts.unit(text), minimum=0)
    if name == "months_of_fighting":
        return _field(name, "number", text, "month", minimum=0)
    limits: dict[str, object] = {"required": True} if name == "case_id" else {}
    return _field(name, "string", text, **limits, **({"enum": list(VANTAGES)} if name == "vantage" else {}))


QUANTITIES = {
    "killed": "men killed", "killed_counted": "men killed, as others counted them", "strength": "men present at the month's end",
    "deserted": "men who deserted or went absent", "mass_desertion": "chance of mass desertion so far [1]",
    "area": "area held at the month's end [km2]", "ground": "ground gained [km2]",
}  # fmt: skip
"""What a row of a table of months is of; men unless brackets say otherwise."""
LEVELS_OF = "five equally likely values, the lowest first, parted by blanks"
MONTHS = {
    "side": ("string", "the army", ""), "as_of": ("date", "the day from which it was foretold", ""),
    "month": ("date", "first day of the month", ""), "source": ("string", "where the figures are from", ""),
    "quantity": ("string", "; ".join(f"{name} = {words}" for name, words in QUANTITIES.items()), ""),
    "p05": ("number", "5th percentile", "that of the quantity"), "p50": ("number", "median", "that of the quantity"),
    "p95": ("number", "95th percentile", "that of the quantity"),
    "engine": ("string", f"what the engine said: {LEVELS_OF}", "that of the quantity"),
    "walk": ("string", f"what the walk of losses said: {LEVELS_OF}", "that of the quantity"),
    "persists": ("string", f"what the last months, carried on, said: {LEVELS_OF}", "that of the quantity"),
    "trend": ("string", f"what their trend said: {LEVELS_OF}", "that of the quantity"),
}  # fmt: skip


def _month(name: str) -> Field:
    """A column of a table of months."""
    kind, text, unit = MONTHS[name]
    words: dict[str, object] = {"enum": list(QUANTITIES)} if name == "quantity" else {}
    return _field(name, kind, text, unit, **({} if unit or name == "source" else {"required": True}), **words)


DEATHS = "deaths by April 2023 of men of the region"
REGIONS = {
    "region": ("string", "the region of Russia", ""), "iso": ("string", "its code after ISO 3166-2:RU, without RU-", ""),
    "deaths": ("integer", f"{DEATHS}, named in public lists: a floor, not a rate", "men"),
    "men_16_61": ("integer", "men aged 16 to 61", "men"),
    "percent_below_subsistence": ("number", "people below the level of subsistence", "%"),
    "percent_unemployed": ("number", "people without work", "%"),
    "subsistence_roubles": ("number", "level of subsistence", "RUB/month"),
    "mean_income_roubles": ("number", "mean income", "RUB/month"),
    "percent_ethnic_russian_2010": ("number", "ethnic Russians by the census of 2010", "%"),
    "deaths_per_10000_men": ("number", "deaths of the table by men aged 16 to 61", "1/10,000"),
    **{
        name: ("integer", f"{DEATHS}: {words}", "men")
        for name, words in {
            "convict": "convicts", "guard": "of the National Guard", "mobilised_or_conscript": "mobilised men or conscripts",
            "private_company": "of private companies", "professional": "professionals", "volunteer": "volunteers",
            "unknown": "kind of service not known",
        }.items()
    },
}  # fmt: skip


def _region(name: str) -> Field:
    """A column of the table of regions; its limits are those that a scenario holds it to."""
    kind, text, unit = REGIONS[name]
    low, high = load.COLUMNS.get(name, (0, load.INFINITE))
    limits = {"minimum": low, "maximum": high} if unit else {"required": True, "unique": True}
    return _field(name, kind, text, unit, **{key: value for key, value in limits.items() if value != load.INFINITE})


def _ground(name: str) -> Field:
    """A column of the table of ground: three of its own, and one for each sector."""
    if name in ("from", "until"):
        return _field(name, "date", f"the day of the {'earlier' if name == 'from' else 'later'} map", required=True)
    if name == "source":
        return _field(name, "string", "the maker of the maps", required=True)
    where = {"front": "on the whole front", "elsewhere": "outside the sectors"}.get(name, f"in the sector {name}")
    return _field(name, "number", f"ground that Russia gained {where}, net", "km2")


# --- The tables.

FROM_MEMORY = "Sources stand in each row, most from memory; " + codebook.PROVENANCE
TITLES = {
    "russia_ukraine": "the war of Russia against Ukraine, from 2022", "union_1861": "the American Civil War, 1861 to 1865",
    "winter_war_1939": "the Winter War, 1939 to 1940",
}  # fmt: skip


@functools.cache
def tables() -> Mapping[str, Table]:
    """The shipped tables.

    Returns:
        By name, as a package calls them.
    """
    claims, armies = "evidence/claims/shipped", "coded_armies/shipped"
    every = {
        f"claims-{name.replace('_', '-')}": Table(
            claims, file.name, f"Published claims of losses and strength: {TITLES[name]}", _claim, ("claim_id",),
            ("Published claims, collected by the project; each row names its source and where it was read",),
        )
        for name, file in claims_table.shipped().items()
    }  # fmt: skip
    for name, what in {
        "armies_1": "51 armies by the first coder", "armies_1_coder3": "the 51 armies by a third coder, codes alone",
        "armies_2_coder1": "25 further armies by coder 1", "armies_2_coder2": "25 further armies by coder 2",
    }.items():  # fmt: skip
        title = f"Coded armies, 1806 to 2025: {what}"
        every[name.replace("_", "-")] = Table(armies, f"{name}.csv", title, _army, ("case_id",), (FROM_MEMORY,))
    every["monthly-losses"] = Table(
        "forecasting/shipped", "russia_ukraine.csv", "Losses, strength, desertion and ground by month, each with a range",
        _month, ("side", "quantity", "month"),
        ("holdfast losses on the shipped claims", "Meduza and Mediazona: sums by month; ranges assumed",
         "LostArmour: sums by month, no names; ranges assumed", "The Economist, area, CC BY 4.0"),
    )  # fmt: skip
    every["monthly-forecasts"] = Table(
        "forecasting/shipped", "russia_ukraine_past.csv", "What each component of the forecast said, quarter by quarter",
        _month, ("as_of", "side", "quantity", "month"), ("bench/forecast/past.py, each day from the claims known on it",),
    )  # fmt: skip
    every["regional-burden"] = Table(
        "scenario/shipped", "regions_russia.csv", "Deaths by region of Russia to April 2023, men, income", _region,
        ("region",), ("Aggregated from the public anonymised list of Bessudnov 2023, SocArXiv s43yf: counts only. Cite the "
        "paper. No licence of the list was found; ask its author before you publish the table elsewhere",),
    )  # fmt: skip
    every["ground"] = Table(
        "scenario/shipped", "ground_russia_ukraine.csv", "Ground that Russia gained between two maps, by sector and maker",
        _ground, ("source", "from", "until"), ("Measured on maps of DeepState, Creamy Caprice (geolocated), the Institute for "
        "the Study of War and Liveuamap, which are not copied; the whole front: The Economist, CC BY 4.0. Cite the maker",),
    )  # fmt: skip
    return every


def package(names: Mapping[str, str]) -> dict[str, object]:
    """A data package of some tables.

    Args:
        names: by the table's name, the path of its file beside the package.

    Returns:
        The content of `datapackage.json`.
    """
    return {
        "$schema": PROFILE,
        "name": "holdfast",
        "title": "Tables of Holdfast",
        "description": "Losses by competing claims, coded armies of the past, months, regions and ground. The licence is of what "
        "the project wrote; figures are facts with sources, whose terms stand with each table. Counts only, no persons.",
        "version": runtime.version(),
        "licenses": [MIT],
        "resources": [_resource(name, path) for name, path in names.items()],
    }


def _resource(name: str, path: str) -> dict[str, object]:
    """A table of a package."""
    of = tables()[name]
    with (HOME / of.folder / of.file).open(encoding="utf8", newline="") as file:
        header = next(csv.reader(file))
    schema = {"fields": [of.field(column) for column in header], "primaryKey": list(of.key), "missingValues": [""]}
    return {
        "name": name, "path": path, "title": of.title, "type": "table", "format": "csv", "mediatype": "text/csv",
        "encoding": "utf-8", "sources": [{"title": source} for source in of.sources], "schema": schema,
    }  # fmt: skip


def write(folder: Path) -> list[str]:
    """Write every shipped table to a folder, with the package that describes them.

    Args:
        folder: where; made if it is not there. Files of other names in it stay.

    Returns:
        The tables' names.
    """
    names = {name: f"{name}.csv" for name in tables()}
    with files.folder(folder) as fresh:
        for name, file in names.items():
            of = tables()[name]
            files.write_bytes(fresh / file, (HOME / of.folder / of.file).read_bytes())
        files.write_json(fresh / FILE, package(names))
    return list(names)


def beside() -> dict[Path, dict[str, object]]:
    """The packages that stand beside the shipped tables.

    Returns:
        The content of each by its file.
    """
    folders = {of.folder for of in tables().values()}
    return {
        HOME / folder / FILE: package({name: of.file for name, of in tables().items() if of.folder == folder})
        for folder in sorted(folders)
    }


if __name__ == "__main__":
    for place, content in beside().items():
        files.write_json(place, content)
