"""The door for scenarios: what is refused, in which words, and what passes."""

from __future__ import annotations

import copy
import csv
import datetime as dt
import importlib
import math
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.core import params, texts
from holdfast.core.faults import Fault, ScenarioError
from holdfast.engine import effects
from holdfast.engine.day import record
from holdfast.scenario import build, catalogue, declared, layout, load, overrides, schema, template, validation
from holdfast.scenario.schema import RegionTable, ScenarioDocument
from holdfast.scenario.validation import Known, structure

KNOWN = Known(
    effects=("amnesty", "winter", "pay_rise", "blocking"),
    parameters={"choice.present_bias": (0.0, 1.0), "pursuit.ceiling": (0.0, 1.0)},
    memory_bytes=2**30,
)

CASE = """
format = 1
name = "test-war"
title = "A war for tests"
question = "Who breaks first?"
start = 2023-01-01
days = 300
men_per_billet = 1

[front]
sectors = [{name = "North"}, {name = "South"}]

[[side]]
name = "russia"
title = "Army A"
strength = 9000
establishment = 10000
killed_per_1000_month = 8
news = [{date = 2023-01-01, value = 0.1}, {date = 2023-06-01, value = -0.2}]
quota_per_day = 5
[side.kinds.contract]
share = 0.7
intake_share = 0.4
[side.kinds.convict]
share = 0.3
intake_share = 0.6
[[side.regions]]
name = "Tuva"
eligible_men = 60000
[[side.regions]]
name = "St.Petersburg"
eligible_men = 100000

[[side]]
name = "ukraine"
title = "Army B"
killed_per_1000_month = 6
[[side.order_of_battle]]
name = "1st"
men = 2000
sector = "North"
count = 2
[[side.regions]]
name = "Kyiv"
eligible_men = 90000

[[event]]
effect = "winter"
start = 2023-02-01
end = 2023-03-01

[sources]
"russia.strength" = "invented"
"russia.regions[Tuva].eligible_men" = "invented"
"""


def tables() -> dict[str, Any]:
    """A sound case as its file's tables."""
    return tomllib.loads(CASE)


def sound() -> ScenarioDocument:
    """A sound case."""
    return validation.validated(tables(), KNOWN)


def refusal(raw: dict[str, Any]) -> str:
    """The message with which a case is refused."""
    with pytest.raises(ScenarioError) as caught:
        validation.validated(raw, KNOWN)
    return str(caught.value)


def faults_of(raw: dict[str, Any]) -> tuple[Fault, ...] | None:
    """The faults of a case, or none if it is accepted."""
    try:
        validation.validated(raw, KNOWN)
    except ScenarioError as error:
        return error.faults
    return None


def put(raw: dict[str, Any], path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    """The tables with another value."""
    holder: Any = raw
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    return raw


REGION = {"name": "Tuva", "eligible_men": 0}
DAY = dt.date(2023, 3, 1)

BROKEN: dict[str, tuple[tuple[str | int, ...], Any, tuple[str, ...]]] = {
    "misspelt key": (
        ("side", 0, "kinds", "convict", "intak_share"),
        0.6,
        ("side[russia].kinds.convict.intak_share", "unknown key", "Correct the spelling", "mean intake_share?"),
    ),
    "misspelt key at the top": (("dayz",), 5, ("dayz", "Did you mean days?")),
    "key in the wrong table": (("front", "ceasefire"), DAY, ("front.ceasefire", "belongs in the top of the file")),
    "misspelt effect": (
        ("event", 0, "effect"),
        "wintr",
        ("event[wintr].effect", '"wintr"', "amnesty, winter", "Did you mean winter?"),
    ),
    "misspelt kind": (("side", 0, "kinds", "convicts"), {}, ("side[russia].kinds.convicts", "Did you mean convict?")),
    "negative men": (("side", 0, "strength"), -5, ("side[russia].strength", "-5", "0 or more", "Change the value")),
    "event before the start": (
        ("event", 0, "start"),
        dt.date(2022, 12, 1),
        ("event[winter].start", "2022-12-01", "from 2023-01-01 to 2023-10-28", "Move it to 2023-01-01 or later"),
    ),
    "ceasefire after the end": (("ceasefire",), dt.date(2024, 1, 1), ("ceasefire", "2024-01-01", "raise days to 365")),
    "end before start": (
        ("event", 0, "end"),
        dt.date(2023, 1, 15),
        ("event[winter].end", "2023-01-15", "from 2023-02-01 on"),
    ),
    "series before the start": (
        ("side", 0, "news", 0, "date"),
        dt.date(2022, 1, 1),
        ("side[russia].news[2022-01-01].date", "2022-01-01", "Move it"),
    ),
    "series out of order": (
        ("side", 0, "news", 1, "date"),
        dt.date(2023, 1, 1),
        ("side[russia].news[2023-01-01#2].date", "after 2023-01-01", "Remove one of the two"),
    ),
    "series out of range": (
        ("side", 0, "news", 1, "value"),
        -3.0,
        ("side[russia].news[2023-06-01].value", "found -3", "from -1 to 1", "the nearest is -1"),
    ),
    "a percentage for a share": (
        ("side", 0, "supply"),
        80.0,
        ("side[russia].supply", "found 80", "from 0 to 1", "0.8"),
    ),
    "unknown region": (
        ("sources", "russia.regions[Tuvva].eligible_men"),
        "a book",
        ("sources.russia.regions[Tuvva].eligible_men", '"Tuvva"', "mean russia.regions[Tuva].eligible_men?"),
    ),
    "unknown sector": (
        ("side", 1, "order_of_battle", 0, "sector"),
        "Nort",
        ("side[ukraine].order_of_battle[1st].sector", '"Nort"', "North, South", "Did you mean North?"),
    ),
    "unknown side": (("event", 0, "side"), "rusia", ("event[winter].side", '"rusia"', "Did you mean russia?")),
    "pocket in no sector": (
        ("encirclement",),
        [{"sector": "Est", "side": "ukraine", "start": DAY, "end": DAY}],
        ("encirclement[Est].sector", '"Est"', "North, South"),
    ),
    "shares that do not sum": (
        ("side", 0, "kinds", "convict", "share"),
        0.2,
        ("side[russia].kinds", "share of contract 0.7 + convict 0.2 = 0.9", "a sum of 1", "Add 0.1"),
    ),
    "NaN": (
        ("side", 0, "killed_per_1000_month"),
        float("nan"),
        ("side[russia].killed_per_1000_month", "found nan", "0 or more", "Write a finite number"),
    ),
    "infinite series": (
        ("side", 0, "intensity"),
        float("inf"),
        ("side[russia].intensity", "found inf", "finite number"),
    ),
    "empty army": (("side", 0, "strength"), 0, ("side[russia].strength", "an army of 0 men", "Give the army men")),
    "army smaller than a billet": (
        ("men_per_billet",),
        5000,
        ("side[ukraine].order_of_battle", "4000 men", "set men_per_billet to 4000 or less"),
    ),
    "army too big for the memory": (
        ("side", 0, "establishment"),
        2_000_000_000,
        ("men_per_billet", "2000004000 billets", "GiB", "Set men_per_billet = 100"),
    ),
    "more men than posts": (
        ("side", 0, "establishment"),
        8000,
        ("side[russia].strength", "9000 men", "at most the establishment, 8000", "at least 9000"),
    ),
    "brigade with more men than posts": (
        ("side", 1, "order_of_battle", 0, "establishment"),
        1500,
        ("side[ukraine].order_of_battle[1st].men", "found 2000", "1500", "at least 2000"),
    ),
    "strength and order of battle": (
        ("side", 1, "strength"),
        4000,
        ("side[ukraine].strength", "4000 and an order_of_battle of 4000 men", "Remove strength"),
    ),
    "neither strength nor order of battle": (
        ("side", 1, "order_of_battle"),
        [],
        ("side[ukraine]", "neither strength nor order_of_battle", "Add strength"),
    ),
    "unknown parameter": (
        ("parameters",),
        {"choice.presnt_bias": 0.5},
        ("parameters.choice.presnt_bias", "the parameters", "Did you mean choice.present_bias?"),
    ),
    "parameter out of range": (
        ("parameters",),
        {"choice": {"present_bias": 1.5}},
        ("parameters.choice.present_bias", "found 1.5", "from 0 to 1", "the nearest is 1"),
    ),
    "wrong type": (("days",), "many", ("days", '"many"', "a whole number from 1 to 3650", "quotation marks")),
    "truth for a number": (("side", 0, "strength"), True, ("side[russia].strength", "true", "a whole number")),
    "text for a series": (
        ("side", 0, "news"),
        "good",
        ("side[russia].news", '"good"', "a number, or a list of tables (date, value)"),
    ),
    "date in quotation marks": (
        ("start",),
        "2023-01-01",
        ("start", '"2023-01-01"', "a date", "without quotation marks"),
    ),
    "single brackets": (
        ("event",),
        {"effect": "winter", "start": DAY},
        ("event", "a table", "two brackets, [[event]]"),
    ),
    "two sides of one name": (("side", 1, "name"), "russia", ("side", '"russia" 2 times', "each name once", "Rename")),
    "side named like a key": (("side", 0, "name"), "front", ("side[front].name", '"front"', "Rename the side")),
    "three sides": (("side",), tables()["side"] * 2, ("side", "a list of 4", "exactly 2", "Remove the tables")),
    "no sectors": (("front", "sectors"), 0, ("front.sectors", "found 0", "at least 1 sector")),
    "a call-up of nobody": (
        ("side", 0, "regions"),
        [REGION],
        ("side[russia].quota_per_day", "5 men a day", "eligible_men"),
    ),
    "no region table": (("side", 0, "regions"), {"fil": "x.csv"}, ("side[russia].regions.fil", "Did you mean file?")),
}


FOLLOWED = ("two sides of one name", "side named like a key", "no sectors", "a call-up of nobody", "no region table")
"""Cases whose fault takes away what other parts of the case name."""


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_case_is_refused_with_place_value_and_cure(name: str) -> None:
    path, value, told = BROKEN[name]
    message = refusal(put(tables(), path, value))
    for words_told in told:
        assert words_told in message
    # One thing broken is one fault: nothing is reported that only follows from it.
    if name not in FOLLOWED:
        assert "has 1 fault:" in message, message


def test_several_faults_are_told_together() -> None:
    raw = tables()
    put(raw, ("dayz",), 3)
    put(raw, ("side", 0, "strength"), -1)
    put(raw, ("event", 0, "effect"), "wintr")
    put(raw, ("side", 1, "news"), 7.0)
    put(raw, ("side", 1, "order_of_battle", 0, "sector"), "Nort")
    del raw["question"]
    message = refusal(raw)
    assert "has 6 faults:" in message
    for place in ("dayz", "side[russia].strength", "event[wintr].effect", "side[ukraine].news"):
        assert f"  {place}: found" in message
    assert "question: found nothing" in message
    assert "order_of_battle[1st].sector" in message


def test_a_missing_start_judges_no_date() -> None:
    raw = put(tables(), ("event", 0, "effect"), "wintr")
    del raw["start"]
    message = refusal(raw)
    assert "start: found nothing" in message
    assert "2023-11-01" in message  # how a date is written
    assert "event[wintr].effect" in message
    assert "2 faults" in message


def test_nonsense_is_refused_and_not_crashed_on() -> None:
    for raw in ({}, {"side": 3}, {"side": [3, "x"]}, {"front": [], "event": {}, "side": [{}, {}]}):
        assert "fault" in refusal(raw)


def test_a_sound_case_passes() -> None:
    case = sound()
    assert case.side[0].news[1].value == -0.2  # type: ignore[index]
    assert validation.faults(case, KNOWN) == []


def test_a_source_may_stand_for_all_events_of_one_effect() -> None:
    raw = tables()
    raw["event"].append({"effect": "winter", "start": DAY})
    raw["sources"]["event.winter"] = "invented"
    case = validation.validated(raw, KNOWN)
    with pytest.raises(ScenarioError, match="winter#1, winter#2"):
        overrides.with_values(case, {"event.winter.strength": 2}, KNOWN)
    assert overrides.with_values(case, {"event[winter#2].strength": 2}, KNOWN).event[1].strength == 2


def test_the_declared_effects_and_parameters_are_known() -> None:
    known = declared.known()
    assert "winter" in (known.effects or ())
    assert known.parameters
    assert all(low < high for low, high in known.parameters.values())


def test_what_is_read_from_the_engines_files_is_what_it_declares() -> None:
    every = params.walk(record.defaults(tuple(effects.names())))
    known = declared.known()
    assert list((known.parameters or {}).items()) == [(path, about.bounds) for path, about in every]
    assert list(known.effects or ()) == effects.names()


def test_a_declaration_in_another_form_is_asked_of_the_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An effect whose prior is a name of its own file cannot be read without running it."""
    file = tmp_path / "thaw.py"
    file.write_text(
        "from holdfast.core.params import LogNormal, par\nfrom holdfast.core.types import PerSide, Scalar\n"
        "from holdfast.engine.effects import AbstractEffect, Today\n\nPRIOR = LogNormal(0.2, 0.5)\n\n"
        "class Effect(AbstractEffect):\n    depth: Scalar = par(0.2, unit='1', prior=PRIOR, pressure='unpaid', source='test')\n\n"
        "    def push(self, today: Today) -> dict[str, PerSide]:\n        return {}\n", encoding="utf8"
    )  # fmt: skip
    with pytest.raises(declared._OtherFormError, match=r"thaw.py: depth"):
        list(declared._declared(file, "Effect", "thaw"))
    monkeypatch.setattr(effects, "__path__", [*effects.__path__, str(tmp_path)])
    monkeypatch.setattr(declared, "EFFECTS", [*declared.EFFECTS, tmp_path])
    known = declared.known.__wrapped__()
    monkeypatch.delitem(sys.modules, "holdfast.engine.effects.thaw")
    assert known.parameters is not None
    assert known.parameters["thaw.depth"] == (0.0, math.inf)


OWN_EFFECT = """from holdfast.core.params import LogNormal, par
from holdfast.core.types import PerSide, Scalar
from holdfast.engine.effects import AbstractEffect, Today


class Effect(AbstractEffect):
    rest: Scalar = par(0.1, unit="nats", prior=LogNormal(0.1, 0.7), pressure="losses", source="assumed")

    def push(self, today: Today) -> dict[str, PerSide]:
        return {"hazard": -self.rest * today.strength}
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of a user's own effects."""
    monkeypatch.setattr(effects, "__path__", [*effects.__path__, str(tmp_path)])
    monkeypatch.setattr(declared, "EFFECTS", [*declared.EFFECTS, tmp_path])
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.startswith("holdfast.engine.effects."):
            del sys.modules[name]
    effects._refuse_faulty.cache_clear()


def test_every_fault_of_own_effects_is_said_at_once(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (own / "leave.py").write_text(OWN_EFFECT)
    assert "leave.rest" in declared.known.__wrapped__().parameters
    (own / "torn.py").write_text(OWN_EFFECT.replace("-> dict[str, PerSide]:", "-> dict[str, PerSide"))
    (own / "letters.py").write_bytes(OWN_EFFECT.encode() + b'x = "\xff"\n')
    (own / "empty.py").write_text("")
    (own / "idle.py").write_text(OWN_EFFECT.replace("def push", "def pull"))
    (own / "winter.py").write_text(OWN_EFFECT)
    (own / "home-leave.py").write_text(OWN_EFFECT)
    monkeypatch.setattr(declared, "EFFECTS", [*declared.EFFECTS, own / "nowhere"])
    with pytest.raises(ScenarioError) as raised:
        declared.known.__wrapped__()
    said = [str(fault) for fault in raised.value.faults]
    assert len(said) == 7
    for name, words in {
        "torn.py, line 9": "was never closed", "letters.py": "utf-8", "empty.py": "no class Effect", "idle.py": "no method push",
        "winter.py": "winter, as a shipped effect is called", "home-leave.py": "found home-leave", "the folder": "nowhere",
    }.items():  # fmt: skip
        assert any(name in each and words in each for each in said), (name, said)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('"hazard": -self', '"hazrd": -self', r"found \"?hazrd.*Did you mean hazard\?"),
        ("-self.rest * today.strength", "today.strength[:1]", r"push: found hazard of shape \(1,\)"),
        ("-self.rest * today.strength", "-self.rst", r"wrong.py, line 10: found AttributeError: .*rst"),
        ("import LogNormal, par", "import LogNormal, pair", r"wrong.py, line 1: found ImportError: .*pair"),
        ("class Effect(AbstractEffect)", "class Effect", r"wrong.py: found TypeError: Effect is no AbstractEffect"),
    ],
)
def test_an_own_effect_that_cannot_be_used_is_refused_with_its_line(
    own: Path, before: str, after: str, words: str
) -> None:
    assert before in OWN_EFFECT
    (own / "right.py").write_text(OWN_EFFECT)
    (own / "wrong.py").write_text(OWN_EFFECT.replace(before, after))
    importlib.invalidate_caches()
    assert float(effects.make("right").rest) == pytest.approx(0.1)
    with pytest.raises(ScenarioError, match=words):
        effects.make("wrong")


def test_sectors_are_as_long_as_the_front() -> None:
    raw = tables()
    raw["front"] = {
        "km": 100,
        "sectors": [{"name": "North", "km": 30}, {"name": "South", "share": 2}, {"name": "Coast"}],
    }
    front = validation.validated(raw, KNOWN).front
    assert front.lengths == pytest.approx([30, 70 * 2 / 3, 70 / 3])
    for kilometres, words in (((60, 60, 60), "180 km in all"), ((60, 60, None), "120 km in all")):
        for sector, km in zip(raw["front"]["sectors"], kilometres, strict=True):
            sector.pop("km", None)
            sector |= {} if km is None else {"km": km}
        message = refusal(raw)
        assert words in message
        assert "Write km = " in message


def test_works_are_of_both_sides_or_of_sides_that_are_there() -> None:
    raw = tables()
    raw["front"]["sectors"] = [{"name": "North", "works": 0.4}, {"name": "South", "works": {"ukraine": 1.2}}]
    world, _ = build.world(validation.validated(raw, KNOWN))
    np.testing.assert_allclose(world.setting.works, [[0.4, 0.0], [0.4, 1.2]], rtol=1e-6)
    raw["front"]["sectors"][1]["works"] = {"ukrane": 1.2}
    assert "Did you mean ukraine?" in refusal(raw)


GROUND = """source,from,until,North,South
maps,2022-12-02,2023-01-01,10,0
maps,2023-01-01,2023-01-31,30,-5
late,2023-03-01,2023-04-01,7,7
"""


def test_ground_that_came_counts_from_the_first_day(tmp_path: Path) -> None:
    """On straight lines between maps, of makers who have a map of the first days; and it moves no hash."""
    file = tmp_path / "ground.csv"
    file.write_text(GROUND, encoding="utf8")
    case = sound()
    named = case.model_copy(update={"front": case.front.model_copy(update={"observed": str(file)})})
    moves = load.read_ground(named)
    assert list(moves) == ["maps"]
    np.testing.assert_allclose(moves["maps"][14], [14 + 1 / 3, -7 / 3], rtol=1e-9)
    assert np.isnan(moves["maps"][40]).all()
    assert load.hash(named) == load.hash(case)
    file.write_text(GROUND.replace("30,-5", "thirty,-5").replace("2023-04-01", "April"), encoding="utf8")
    with pytest.raises(ScenarioError) as caught:
        load.read_ground(named)
    assert "line 3, North" in str(caught.value)
    assert "line 4, until" in str(caught.value)
    file.write_text(GROUND.replace("South", "Sooth"), encoding="utf8")
    with pytest.raises(ScenarioError, match="without the columns South"):
        load.read_ground(named)


def test_the_check_and_the_world_call_the_sectors_alike() -> None:
    case = validation.validated(tomllib.loads(template.template("war")), KNOWN)
    names = [sector.name for sector in case.front.named_sectors]
    assert names == layout.labels(case, case.men_per_billet).sectors


def test_every_series_has_a_range() -> None:
    fields = {name for name, field in schema.Side.model_fields.items() if field.annotation == schema.Series}
    fields |= {
        f"regime.{name}" for name, field in schema.Regime.model_fields.items() if field.annotation == schema.Series
    }
    assert fields == set(validation.RANGES)


# ---------------------------------------------------------------- files


@pytest.mark.parametrize("name", catalogue.names())
def test_shipped_cases_are_sound(name: str) -> None:
    case = load.read(name, declared.known())
    assert case.name == name
    for side in case.side:
        assert load.read_regions(case, side)


def written(folder: Path, text: str | bytes, name: str = "war.toml") -> Path:
    """A case file."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_case_is_read_by_its_path(tmp_path: Path) -> None:
    path = written(tmp_path, CASE)
    assert load.read(path, KNOWN) == load.read(str(path), KNOWN) == sound()


def unreadable(case: str | Path) -> str:
    """The message with which a file is refused."""
    with pytest.raises(ScenarioError) as caught:
        load.read(case, KNOWN)
    return str(caught.value)


def test_a_case_that_nearly_exists_is_suggested(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "names", lambda: ["russia-2023", "skirmish"])
    message = unreadable("russia-2033")
    assert 'no scenario "russia-2033"' in message
    assert "russia-2023, skirmish" in message
    assert "Did you mean russia-2023?" in message


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    written(tmp_path, CASE, "europe.toml")
    message = unreadable(tmp_path / "europ.toml")
    assert "no file" in message
    assert "Did you mean europe.toml?" in message
    assert "Name a file in it: europe.toml" in unreadable(tmp_path)


def test_a_syntax_error_has_its_line_and_cure(tmp_path: Path) -> None:
    message = unreadable(written(tmp_path, 'format = 1\nname = "a\ndays = 3\n'))
    assert "war.toml" in message
    assert "line 2" in message
    assert '"name = "a"' in message
    assert "Close the quotation marks" in message
    assert "line 3, column" in unreadable(written(tmp_path, "a = 1\nb = 2\nc == 3\n"))
    assert "stands twice" in unreadable(written(tmp_path, "a = 1\na = 2\n"))
    assert "Write key = value" in unreadable(written(tmp_path, "days\n"))
    assert "line 2" in unreadable(written(tmp_path, b'a = 1\nb = "\xff"\n'))
    assert "UTF-8" in unreadable(written(tmp_path, b'a = 1\nb = "\xff"\n'))


HEADER = ["region", *load.COLUMNS]
ROWS = [
    ["Moscow", "4000", "6", "3", "80000", "90", "1"],
    ["Tuva", "1000", "30", "15", "20000", "16", "11"],
    ["Crimea", "500", "17", "6", "20000", "", "3"],
]


def case_with_table(folder: Path, rows: list[list[str]], header: list[str] = HEADER) -> Path:
    """A case whose first side reads its regions from a table beside it."""
    with (folder / "burden.csv").open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    inline = CASE[CASE.index("[[side.regions]]") : CASE.index('[[side]]\nname = "ukraine"')]
    table = '[side.regions]\nfile = "burden.csv"\ncapitals = ["Moscow"]\n\n'
    text = CASE.replace(inline, table).replace('"russia.regions[Tuva].eligible_men" = "invented"', "")
    return written(folder, text)


def test_a_region_table_becomes_pressures(tmp_path: Path) -> None:
    case = load.read(case_with_table(tmp_path, ROWS), KNOWN)
    moscow, tuva, crimea = load.read_regions(case, "russia")
    mean = (4000 * 1 + 1000 * 11 + 500 * 3) / 5500
    assert tuva.burden == pytest.approx(11 / mean)
    assert moscow.burden * 4000 + tuva.burden * 1000 + crimea.burden * 500 == pytest.approx(5500)
    assert moscow.income * 4000 + tuva.income * 1000 + crimea.income * 500 == pytest.approx(5500)
    assert (moscow.trust, tuva.trust) == (0.35, 0.6)
    assert tuva.exclusion == pytest.approx(0.84)
    assert crimea.exclusion == 0
    assert [region.name for region in load.read_regions(case, case.side[1])] == ["Kyiv"]


def test_the_faults_of_a_region_table_are_told_with_row_and_column(tmp_path: Path) -> None:
    bad = [ROWS[0], ["Tuva", "x", "30", "15", "-5", "16", "11"], ["Moscow", "1", "1", "1", "1", "101", "nan"]]
    message = unreadable(case_with_table(tmp_path, bad))
    assert 'row 3, column men_16_61: found "x"; allowed: a number from 0. Correct the cell' in message
    assert 'row 3, column mean_income_roubles: found "-5"' in message
    assert 'row 4, column region: found "Moscow"' in message
    assert "row 4, column percent_ethnic_russian_2010" in message
    assert "row 4, column deaths_per_10000_men" in message
    assert "without rows" in unreadable(case_with_table(tmp_path, []))
    short = [row[:-1] for row in ROWS]
    assert "without the columns deaths_per_10000_men" in unreadable(case_with_table(tmp_path, short, HEADER[:-1]))
    assert "an empty cell" in unreadable(case_with_table(tmp_path, short))
    path = case_with_table(tmp_path, ROWS[1:])
    assert 'regions.capitals: found "Moscow"' in unreadable(path)
    (tmp_path / "burden.csv").unlink()
    assert 'side[russia].regions.file: found no file "burden.csv"' in unreadable(path)


def test_a_region_table_of_the_trade(tmp_path: Path) -> None:
    path = case_with_table(tmp_path, ROWS)
    plain = load.read_regions(load.read(path, KNOWN), "russia")
    file = tmp_path / "burden.csv"
    file.write_text("Men and burden of regions\n" + file.read_text().replace(",", ";"))
    assert load.read_regions(load.read(path, KNOWN), "russia") == plain
    file.write_text(file.read_text().replace(";4000;", ";4.500;"))
    assert 'row 3, column men_16_61: found "4.500"; allowed: a number from 0. Men are whole' in unreadable(path)


def test_the_hash_follows_contents_and_not_folders(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    one = load.read(case_with_table(tmp_path / "a", ROWS), KNOWN)
    other = load.read(case_with_table(tmp_path / "b", ROWS), KNOWN)
    changed = load.read(case_with_table(tmp_path / "b", ROWS[:2]), KNOWN)
    assert isinstance(one.side[0].regions, RegionTable)
    assert load.hash(one) != load.hash(changed)
    other = load.read(case_with_table(tmp_path / "b", ROWS), KNOWN)
    assert load.hash(one) == load.hash(other)
    assert len(load.hash(one)) == 64


# ---------------------------------------------------------------- changes


def test_values_are_changed_at_their_paths() -> None:
    case = overrides.with_values(
        sound(),
        {
            "days": "30",
            "russia.strength": 8000,
            "side[russia].resolve.mean": "7.5",
            "ukraine.regime.personalism": 0.9,
            "front.sectors": "4",
            "ukraine.order_of_battle.1st.sector": "sector 2",
            "russia.news": "-0.5",
            "russia.regions[St.Petersburg].income": 2,
            "event[winter].strength": "2",
            "parameters.pursuit.ceiling": "0.5",
            "choice.present_bias": "0.25",
            "title": "1917",
            "ceasefire": "2023-01-20",
        },
        KNOWN,
    )
    russia, ukraine = case.side
    assert (case.days, russia.strength, russia.resolve.mean) == (30, 8000, 7.5)
    assert (ukraine.regime.personalism, case.front.sectors, russia.news) == (0.9, 4, -0.5)
    assert ukraine.order_of_battle[0].sector == "sector 2"
    assert isinstance(russia.regions, list)
    assert (russia.regions[1].income, case.event[0].strength) == (2, 2)
    assert case.parameters == {"pursuit.ceiling": 0.5, "choice.present_bias": 0.25}
    assert (case.title, case.ceasefire) == ("1917", dt.date(2023, 1, 20))
    assert sound() != case


@pytest.mark.parametrize("name", ["україна", "österreich", "日本", "ישראל", "भारत"])
def test_sides_may_be_called_in_any_script(name: str, tmp_path: Path) -> None:
    text = CASE.replace("russia", name)
    path = tmp_path / f"{name}.toml"
    path.write_text(text, encoding="utf8")
    case = load.read(path, known=KNOWN)
    assert case.side[0].name == name
    changed = overrides.with_effects(
        overrides.with_values(case, {f"{name}.strength": "8000"}, KNOWN), [f"amnesty:{name}"], KNOWN
    )
    assert changed.side[0].strength == 8000
    assert changed.event[-1].side == name


def test_what_is_amiss_with_a_name_in_another_script_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(CASE.replace('"russia"', '"Україна"'), encoding="utf8")
    with pytest.raises(ScenarioError, match="letters of any script.*Write it in lower case, as україна"):
        load.read(path, known=KNOWN)
    path.write_text("україна = 1\n", encoding="utf8")
    with pytest.raises(ScenarioError, match="Put a key with other letters than a to z between quotation marks"):
        load.read(path, known=KNOWN)


@pytest.mark.parametrize(("name", "short"), [("Нова", "нова"), ("a b² c", "a-b-c"), ("...", "my-scenario")])
def test_a_template_is_called_after_its_file(name: str, short: str) -> None:
    assert f'name = "{short}"' in template.template(name)


def test_a_time_is_taken_for_its_day() -> None:
    start = sound().start
    for day in (np.datetime64(start, "ns"), dt.datetime(start.year, start.month, start.day, 5), pd.Timestamp(start)):
        assert overrides.with_values(sound(), {"start": day}, KNOWN) == sound()
    with pytest.raises(ScenarioError, match="start: found NaT"):
        overrides.with_values(sound(), {"start": pd.NaT}, KNOWN)


def test_a_case_cut_short_keeps_what_lies_beyond_its_end() -> None:
    short = overrides.with_values(sound(), {"days": 10}, KNOWN)
    again = overrides.with_effects(overrides.with_values(short, {"russia.strength": 7000}, KNOWN), ["amnesty"], KNOWN)
    assert again.event[0] == sound().event[0]
    with pytest.raises(ScenarioError, match="ceasefire"):
        overrides.with_values(sound(), {"ceasefire": "2030-01-01"}, KNOWN)


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("rusia.strength", "russia.strength"),
        ("russia.strenght", "russia.strength"),
        ("side[russia].resolve.men", "side[russia].resolve.mean"),
        ("dayz", "days"),
        ("choice.present_bia", "choice.present_bias"),
        ("front.sectors[Noth].share", "front.sectors[North].share"),
        ("russia.kinds.convicts.share", "russia.kinds.convict.share"),
    ],
)
def test_a_path_that_leads_nowhere_is_refused_with_a_suggestion(path: str, meant: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        overrides.with_values(sound(), {path: 1}, KNOWN)
    assert f"{path}: found" in str(caught.value)
    assert f"Did you mean {meant}?" in str(caught.value)


def test_all_lost_paths_are_told_together() -> None:
    with pytest.raises(ScenarioError) as caught:
        overrides.with_values(sound(), {"nonsense": 1, "days.length": 2, "": 3, "russia.qqq": 4}, KNOWN)
    assert len(caught.value.faults) == 4
    assert "nothing below days" in str(caught.value)


def test_a_changed_value_is_checked() -> None:
    with pytest.raises(ScenarioError, match=r"side\[russia\]\.strength: found -3"):
        overrides.with_values(sound(), {"russia.strength": "-3"}, KNOWN)
    with pytest.raises(ScenarioError, match="from 0 to 1"):
        overrides.with_values(sound(), {"choice.present_bias": 3}, KNOWN)


def test_effects_are_switched_on_from_the_first_day() -> None:
    case = overrides.with_effects(sound(), ["amnesty", "winter:russia", "pay_rise:ukraine:0.5", "amnesty::2"], KNOWN)
    told = [(event.effect, event.side, event.strength) for event in case.event[1:]]
    assert told == [("amnesty", None, 1), ("winter", "russia", 1), ("pay_rise", "ukraine", 0.5), ("amnesty", None, 2)]
    assert {event.start for event in case.event[1:]} == {case.start}
    for text, meant in (("amnisty", "amnesty"), ("winter:rusia", "russia"), ("winter:russia:much", "much")):
        with pytest.raises(ScenarioError) as caught:
            overrides.with_effects(sound(), [text], KNOWN)
        assert meant in str(caught.value)


SHARE = st.floats(0, 1)
DATES = st.dates(dt.date(2023, 1, 1), dt.date(2023, 10, 28))
VALUES = {
    "days": st.integers(1, 3650),
    "men_per_billet": st.integers(1, 4000),
    "russia.strength": st.integers(4000, 10_000),
    "russia.resolve.mean": st.floats(-100, 100),
    "russia.regime.personalism": SHARE,
    "ukraine.news": st.floats(-1, 1)
    | st.lists(
        st.builds(lambda d, v: {"date": d, "value": v}, DATES, st.floats(-1, 1)),
        min_size=1,
        unique_by=lambda point: point["date"],
    ).map(lambda points: sorted(points, key=lambda p: p["date"])),
    "russia.intensity": st.floats(0, 1e6),
    "russia.reserve_share": SHARE,
    "choice.present_bias": SHARE,
    "ceasefire": st.none() | DATES,
    "front.km": st.floats(1, 5000),
    "background": st.text(max_size=30),
}


@settings(max_examples=60, deadline=None)
@given(st.fixed_dictionaries({}, optional=VALUES))
def test_valid_values_validate_and_hash_stably(values: dict[str, Any]) -> None:
    case = overrides.with_values(sound(), copy.deepcopy(values), KNOWN)
    again = overrides.with_values(sound(), dict(reversed(values.items())), KNOWN)
    assert load.hash(case) == load.hash(again)
    assert ScenarioDocument.model_validate_json(case.model_dump_json()) == case
    assert load.hash(ScenarioDocument.model_validate_json(case.model_dump_json())) == load.hash(case)
    assert (case == sound()) == (load.hash(case) == load.hash(sound()))


# ---------------------------------------------------------------- template


def test_the_template_is_a_sound_case() -> None:
    case = validation.validated(tomllib.loads(template.template("My War")), KNOWN)
    assert (case.name, case.title) == ("my-war", "My War")


def test_the_template_explains_every_key_with_its_default() -> None:
    text = template.template("war")
    # Every line that is shown switched off must be sound when it is switched on.
    body = re.sub(r"^#(?=\S)", "", text, flags=re.MULTILINE)
    # All but the order of battle, which stands in place of the strength.
    start, end = body.index("[[side.order_of_battle]]"), body.index("# The side defender")
    case = validation.validated(tomllib.loads(body[:start] + body[end:]), KNOWN)
    assert case.event
    assert case.encirclement
    for table in (schema.ScenarioDocument, schema.Side, schema.Regime, schema.Kind, schema.Region, schema.Brigade):
        for key, field in table.model_fields.items():
            assert texts.about(table, key), f"{table.__name__}.{key} has no docstring"
            header = structure.is_table(field.annotation) or f"[{key}" in text or f".{key}" in text
            assert header or f"# {key}: " in text, key


@pytest.mark.parametrize("name", ["", 'Ünïcode "war"', "x" * 200, "-- ", "a\nb"])
def test_any_name_makes_a_template(name: str) -> None:
    validation.validated(tomllib.loads(template.template(name)), KNOWN)


# ---------------------------------------------------------------- nothing but faults

SPOTS: tuple[tuple[str | int, ...], ...] = (
    ("start",),
    ("days",),
    ("front",),
    ("front", "sectors"),
    ("side",),
    ("side", 0),
    ("side", 0, "name"),
    ("side", 0, "kinds"),
    ("side", 0, "kinds", "convict"),
    ("side", 0, "regions"),
    ("side", 0, "regions", 1, "name"),
    ("side", 0, "news"),
    ("side", 0, "news", 0),
    ("side", 0, "regime"),
    ("side", 1, "order_of_battle", 0),
    ("event",),
    ("event", 0, "start"),
    ("encirclement",),
    ("parameters",),
    ("sources",),
)
JUNK = st.sampled_from(
    [None, True, 0, -1, 3, 10**30, 0.5, float("nan"), float("inf"), "", "x", "russia", [], [1], [{}], [[]], {}]
) | st.sampled_from([{"a": 1}, {"": {}}, DAY, dt.datetime(2023, 1, 1, 5), dt.time(1), [{"name": "x"}] * 2])


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(SPOTS), JUNK, min_size=1, max_size=3))
def test_junk_is_told_as_faults_and_never_crashes(junk: dict[tuple[str | int, ...], Any]) -> None:
    raw = tables()
    for path, value in sorted(junk.items(), key=lambda item: -len(item[0])):
        put(raw, path, copy.deepcopy(value))
    found = faults_of(raw)
    assert found is None or found
    for fault in found or ():
        assert fault.place
        assert fault.value
        assert fault.allowed
        assert fault.cure


@pytest.mark.parametrize("path", ["bond.memory", "fire.seasoning", "perception.ground"])
def test_what_the_model_divides_by_cannot_be_zero(path):
    with pytest.raises(ScenarioError, match=rf"{path}: found 0; allowed: 1 or more"):
        overrides.with_values(load.read("skirmish"), {path: 0.0}, declared.known())


def test_no_pursuit_at_all_may_be_asked_for():
    changed = overrides.with_values(load.read("skirmish"), {"pursuit.ceiling": 0.0}, declared.known())
    assert changed.parameters["pursuit.ceiling"] == 0


def test_a_document_is_read_and_changed_without_the_engine() -> None:
    """The list of scenarios, a check and a template must not wait for JAX."""
    code = (
        "import sys; from holdfast.scenario import layout, load, loss_draws, overrides, template, validation;"
        "case = overrides.with_values(load.read('skirmish'), {'days': 30}); template.scenario(case);"
        "print(*[name for name in sys.modules if name in ('jax', 'equinox', 'holdfast.engine')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
