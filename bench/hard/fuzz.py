"""Every door, by Hypothesis grammars and by damage to every shipped file at every line."""

from __future__ import annotations

import datetime as dt
import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import doors
import grammars
import mutations
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from promise import Promise

from holdfast.core import faults
from holdfast.forecasting import ledger

BATCH = 2000
"""Examples of one Hypothesis run: what it remembers of them grows."""
SEED = 20261130

Through = Callable[[str], object]
IN_ALL = {
    "cells": (30_000, 19), "days": (20_000, 19), "scenarios from nothing": (8_000, 3), "effects": (2_000, 3),
    "settings": (10_000, 2), "sentences": (6_000, 2), "frames of the live page": (8_000, 4), "ledger": (20_000, 0),
}  # fmt: skip
"""Inputs of each door in the full run, and in how many ways each of them is changed besides."""
QUICK = 150
"""By which they are divided in the quick one."""


def _generated(promise: Promise, strategy: st.SearchStrategy[str], many: int, changed: int, read: Through) -> None:
    """Put what a grammar gives through a door, and each of it with letters, words and numbers changed."""
    draw, ways = random.Random(SEED), list(mutations.IN_LINE.values())

    def tried(text: str) -> None:
        answer = doors.asked(lambda: read(text))
        promise.tried(f"{problem}; input {text!r}" for problem in answer.problems())

    for batch in range(-(-many // BATCH)):

        @seed(SEED + batch)
        @settings(
            max_examples=min(BATCH, many - batch * BATCH), database=None, deadline=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck), derandomize=False,
        )  # fmt: skip
        @given(strategy)
        def one(text: str) -> None:
            tried(text)
            for _ in range(changed):
                tried(draw.choice(ways)(text, draw))

        one()
    doors.settle()


ANSWERED = "no traceback, no hang over 2 s; every message has place, value, what is allowed and the cure"


def generated(quick: bool) -> Iterator[Promise]:
    """A promise for each door that takes words."""
    from holdfast.ensemble import plan
    from holdfast.evidence.claims import values
    from holdfast.tabular import cells

    skirmish = plan.load_scenario("skirmish")

    def setting(text: str) -> object:
        path, _, value = text.partition("=")
        return skirmish.with_values({path.strip(): value.strip()})

    def day(text: str) -> object:
        found = [faults.day_of("--until", text), values.window(text), cells.day(text, "a day", example="2023-11-15")]
        for one in found[:1]:
            if isinstance(one, faults.Fault):
                raise faults.FaultyError([one])
        return found

    def cell(text: str) -> object:
        return [
            cells.number(text, "a number"),
            cells.share(text, "a share"),
            cells.ratio(text),
            cells.code(text),
            cells.flag(text),
        ]

    every: dict[str, tuple[st.SearchStrategy[str], Through]] = {
        "cells": (grammars.DIGITS | st.text(max_size=14) | st.text(alphabet="0123456789.,-–:/%k ~<>٣", max_size=12), cell),
        "days": (grammars.DAYS | st.text(max_size=14), day),
        "scenarios from nothing": (grammars.SCENARIO, doors.scenario_text),
        "effects": (grammars.EFFECT, skirmish.with_effects),
        "settings": (grammars.SETTING, setting),
        "sentences": (grammars.SENTENCE, doors.sentence),
        "frames of the live page": (grammars.FRAME, doors.frame),
    }  # fmt: skip
    for name, (strategy, read) in every.items():
        many, changed = IN_ALL[name]
        promise = Promise("fuzz", f"{name}: {ANSWERED}", "Hypothesis grammar, and changes of what it gives")
        _generated(promise, strategy, max(20, many // (QUICK if quick else 1)), changed, read)
        yield promise.ended()


# --- Shipped files, line by line.


def shipped(pattern: str) -> list[Path]:
    """Shipped files of a kind."""
    return sorted(doors.SHIPPED.glob(pattern))


def keys_below(text: str, lines: tuple[int, ...]) -> frozenset[str]:
    """Keys of the table that begins or goes on at a line of TOML: without its head they are another table's."""
    rows = text.splitlines()
    words: set[str] = set()
    for number in lines:
        for row in rows[max(0, number - 1) : number + 40]:
            if row.lstrip().startswith("[") and words:
                break
            words.update(mutations.WORD.findall(row.partition("=")[0]))
    return frozenset(words)


def _names_it(answer: doors.Answer, mutation: mutations.Mutation, more: frozenset[str]) -> bool:
    """Whether a refusal names a line that was touched, or a key or name on it."""
    named = {int(number) for number in re.findall(r"\b(?:line|row) (\d+)", answer.text)}
    if named & {*mutation.lines, *(number - 1 for number in mutation.lines)}:
        return True
    spans = [(int(first), int(last)) for first, last in re.findall(r"\blines (\d+) to (\d+)", answer.text)]
    if any(first <= number <= last for first, last in spans for number in mutation.lines):
        return True
    said = set(mutations.WORD.findall(answer.text))
    return bool(said & (mutation.words | more))


def lines(quick: bool) -> Iterator[Promise]:
    """A promise for each kind of shipped file: damage at every line is answered, and the answer names the line."""
    tables, folder = doors.tables(), doors.SHIPPED
    kinds: dict[str, tuple[list[Path], Callable[[str], object], bool]] = {
        "scenarios": (shipped("scenario/shipped/*.toml"), doors.scenario_text, True),
        "claims": (shipped("evidence/claims/shipped/*.csv"), doors.in_file(tables["claims"], "claims.csv"), False),
        "armies": (shipped("coded_armies/shipped/armies_1.csv"), doors.in_file(tables["armies"], "armies.csv"), False),
        "codes": (shipped("coded_armies/shipped/armies_*_coder*.csv"), doors.in_file(tables["codes"], "codes.csv"), False),
        "regions": ([folder / "scenario/shipped/regions_russia.csv"], doors.in_scenario("regions_russia.csv"), False),
        "ground": ([folder / "scenario/shipped/ground_russia_ukraine.csv"], doors.in_scenario("ground_russia_ukraine.csv"), False),
    }  # fmt: skip
    for name, (paths, read, is_toml) in kinds.items():
        draw = random.Random(SEED)
        promise = Promise(
            "fuzz", f"{name}, every line of {len(paths)} shipped: {ANSWERED}; it names line or key", "mutation"
        )
        for path in paths:
            text = path.read_text(encoding="utf-8-sig")
            for number, mutation in enumerate(mutations.of_lines(text, draw)):
                if quick and number % (QUICK + 1):
                    continue
                answer = doors.asked(lambda: read(mutation.text))  # noqa: B023
                problems = list(answer.problems())
                if answer.error is not None and not problems:
                    more = keys_below(text, mutation.lines) if is_toml else frozenset()
                    header = frozenset(mutations.WORD.findall(text.splitlines()[0])) if not is_toml else frozenset()
                    if not _names_it(answer, mutation, more | header):
                        problems.append("names neither the line nor a key on it")
                where = f"{path.name} {mutation.kind} line {mutation.lines[0]}"
                promise.tried(f"{where}: {problem}: {answer.text[:400]}" for problem in problems)
        doors.settle()
        yield promise.ended()


# --- Files that we wrote ourselves: ledgers, caches, results.


def _ledger_text() -> str:
    """A ledger of four lines."""
    path = doors.scratch() / "ledger.jsonl"
    needed = {name: "x" for name in ledger.NEEDED if name not in ("number", "issued", "previous", "hash")}
    for month in range(1, 5):
        ledger.append(path, needed | {"sides": {"north": [1.5, month]}}, dt.date(2030, month, 1))
    return path.read_text(encoding="utf8")


def ledgers(quick: bool) -> Iterator[Promise]:
    """A ledger with anything changed is refused, and the line is named."""
    text, draw = _ledger_text(), random.Random(SEED)
    promise = Promise(
        "fuzz", f"ledger: {ANSWERED}; nothing that was changed is believed", "mutation of lines and bytes"
    )
    read = doors.in_file(ledger.lines, "ledger.jsonl")
    before = ledger.FIRST and [json.loads(line) for line in text.splitlines()]
    for _ in range(IN_ALL["ledger"][0] // (QUICK if quick else 1)):
        what, damaged = mutations.of_bytes(text.encode(), draw)
        answer = doors.asked(lambda: held(read(damaged), before))  # noqa: B023
        promise.tried(f"{what}: {problem}" for problem in answer.problems())
    doors.settle()
    yield promise.ended()


def held(lines: object, before: list[object]) -> None:
    """Refuse lines that were read and are not those that were written, or the first of them."""
    if not isinstance(lines, list) or lines != before[: len(lines)]:
        raise AssertionError("a changed line was believed")


def run(quick: bool) -> Iterator[Promise]:
    """The whole part."""
    yield from generated(quick)
    yield from ledgers(quick)
    yield from lines(quick)
