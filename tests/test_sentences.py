"""Claims in sentences: nobody is judged for another, and what is written is read back."""

from __future__ import annotations

import csv
import datetime as dt
import itertools
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from holdfast.core.faults import ClaimsError
from holdfast.evidence.claims import roles, sentence, table, vocabulary
from holdfast.evidence.claims.table import Claim

SIDES = ("russia", "ukraine")
START = dt.date(2022, 2, 24)
PHRASES = Path(__file__).with_name("phrases.csv")


def read(text: str, sides: tuple[str, ...] = SIDES, start: dt.date = START) -> Claim | None:
    """The claim, or nothing where it is asked."""
    try:
        return sentence.parse(text, sides, start)
    except ClaimsError:
        return None


# --- Who lost.


@pytest.mark.parametrize(
    ("said", "side"),
    [
        ("300,000 soldiers killed by Russia by 15 November 2023", "ukraine"),
        ("6,465 prisoners held by Russia 2024-06-05", "ukraine"),
        ("Russia has eliminated 444,000 servicemen by 2024-01-01", "ukraine"),
        ("10,000 surrendered to Ukraine by 2024-06-01", "russia"),
        ("6,000 soldiers captured by Ukraine by end 2024", "russia"),
        ("7,000 Russian soldiers killed in Ukraine by 16 March 2022", "russia"),
        ("Ukraine's General Staff said Russia had lost 412,300 soldiers as of 1 March 2024", "russia"),
        ("Russia's defence ministry claims to have killed 1,500 Ukrainian troops by 2024-01-01", "ukraine"),
        ("Ukraine said its forces had killed 300,000 Russian soldiers by 2023-11-15", "russia"),
        ("Russia said that its losses were 5,937 killed by 2022-09-21", "russia"),
        ("The enemy lost 300,000 killed by 2023-11-15, Ukraine says", "russia"),
        ("Russia admitted 5,937 deaths by 2022-09-21", "russia"),
        ("20,000 desertions in the Ukrainian army in 2024", "ukraine"),
        ("5,000 Ukrainian soldiers in Russian captivity by 2023-11-15", "ukraine"),
        ("Russian casualties, Ukraine says, have reached 300,000 by 2023-11-15", "russia"),
        ("Ukraine's estimate of Russian losses is 300,000 as of 2023-11-15", "russia"),
        ("30,000 recruited by Russia in 2024", "russia"),
        ("407,000 signed contracts with Russia in 2024", "russia"),
        ("300,000 Russians killed by 15 November 2023", "russia"),
    ],
)
def test_whose_men_they_were(said: str, side: str) -> None:
    claim = sentence.parse(said, SIDES, START)
    assert claim.side == side


@pytest.mark.parametrize(
    "said",
    [
        "Ukraine killed 300,000 by 15 November 2023",
        "Ukraine said that 316,000 were eliminated by 2023-11-15",
        "8,000 prisoners in Russia 2025-01-01",
        "Russia's prisoners of war numbered 6,400 by 30 June 2024",
        "Russia said 61,207 were killed by 2022-09-21",
        "7,000 soldiers killed in Ukraine by 16 March 2022",
        "12,000 Ukrainian civilians killed by 2023-11-15",
        "Ukraine denied that 300,000 Ukrainians were killed by 2023-11-15",
        "one in every 14 Ukrainian soldiers had deserted by 31 July 2024",
        "Ukraine destroyed 3,000 Russian tanks by 2023-11-15",
        "Ukraine: 70,000 soldiers, 18 August 2023",
        "300,000 killed by Russia and Ukraine by 2023-11-15",
    ],
)
def test_what_is_not_clear_is_asked(said: str) -> None:
    with pytest.raises(ClaimsError) as caught:
        sentence.parse(said, SIDES, START)
    assert all(fault.cure for fault in caught.value.faults)


def test_a_question_says_the_claim_for_either_side() -> None:
    with pytest.raises(
        ClaimsError, match='Write "300,000 killed russia 2023-11-15" or "300,000 killed ukraine 2023-11-15"'
    ):
        sentence.parse("Ukraine killed 300,000 by 15 November 2023", SIDES, START)


@pytest.mark.parametrize(("said", "kind"), [("Ukraine", "opposing side"), ("Russia", "belligerent own side")])
def test_the_side_that_speaks_is_the_claimant(said: str, kind: str) -> None:
    claim = sentence.parse(f"{said} says 300,000 Russians were killed by 2023-11-15", SIDES, START)
    assert (claim.side, claim.claimant, claim.claimant_type) == ("russia", said, kind)
    assert sentence.parse("300,000 Russians were killed by 2023-11-15", SIDES, START).claimant_type == "media"


@pytest.mark.parametrize(
    ("said", "side"),
    [
        ("5000 killed Україна 2031-06-30", "Україна"), ("5000 killed Österreich 2031-06-30", "Österreich"),
        ("Österreich's dead 5000 by 2031-06-30", "Österreich"), ("5000 Égypte's soldiers killed 2031-06-30", "Égypte"),
        ("5000 killed Côte d'Ivoire 2031-06-30", "Côte d'Ivoire"), ("5000 killed 北軍 2031-06-30", "北軍"),
        ("5000 north korean soldiers killed by 2031-06-30", "north_korea"), ("5000 Finns killed by 2031-06-30", "finland"),
    ],
)  # fmt: skip
def test_sides_in_any_script(said: str, side: str) -> None:
    assert sentence.parse(said, (side, "Nobody's Land"), dt.date(2031, 1, 1)).side == side


def test_a_war_of_three_sides_has_no_other_side() -> None:
    three = ("russia", "ukraine", "belarus")
    assert read("300,000 soldiers killed by Russia by 2023-11-15", three) is None
    assert sentence.parse("300,000 Ukrainians killed by Russia by 2023-11-15", three, START).side == "ukraine"


# --- A thousand sentences, in all roles.

NOUNS = {"russia": ("Russia", "Russian", "Russians"), "ukraine": ("Ukraine", "Ukrainian", "Ukrainians")}
MEN = ("soldiers", "troops", "servicemen", "fighters")
DONE = ("killed", "wounded", "captured", "eliminated", "killed and wounded")
FELL = ("died", "deserted", "surrendered", "were killed", "have been wounded", "went missing")
TOLLS = ("casualties", "losses", "dead", "deaths", "killed and wounded", "prisoners of war", "missing")
NUMBERS = (
    "300,000",
    "12,500",
    "over 1.2 million",
    "up to 90k",
    "some 5000",
    "20,000 to 30,000",
    "half a million",
    "forty thousand",
)
DAYS = (
    "by 15 November 2023",
    "as of 2024-05-31",
    "by the end of 2023",
    "in 2024",
    "by Nov. 3, 2023",
    "since January 2024 by 2024-09-30",
)
WHO = ("{S}", "{S}'s General Staff", "the {A} defence ministry", "{A} officials", "a senior {A} official")
SAYS = ("said", "says", "claims", "reported", "estimates")

Maker = Callable[[random.Random, str, str], str]
"""A sentence about the losses of the first side, the second being its enemy."""


def _of(side: str, pick: random.Random) -> str:
    return f"{NOUNS[side][1]} {pick.choice(MEN)}"


def _speaker(pick: random.Random, side: str) -> str:
    return pick.choice(WHO).format(S=NOUNS[side][0], A=NOUNS[side][1])


def _plain(pick: random.Random, lost: str, enemy: str) -> str:
    number, day = pick.choice(NUMBERS), pick.choice(DAYS)
    one, other = NOUNS[lost], NOUNS[enemy]
    return pick.choice(
        [
            f"{number} {_of(lost, pick)} {pick.choice(DONE)} {day}",
            f"{number} {_of(lost, pick)} {pick.choice(FELL)} {day}",
            f"{number} {_of(lost, pick)} {pick.choice(DONE)} by {other[0]} {day}",
            f"{number} {_of(lost, pick)} were {pick.choice(DONE)} by {_of(enemy, pick)} {day}",
            f"{other[0]} has {pick.choice(DONE)} {number} {_of(lost, pick)} {day}",
            f"{_of(enemy, pick)} {pick.choice(DONE)} {number} {one[2]} {day}",
            f"{other[0]} inflicted {number} casualties on {one[0]} {day}",
            f"{other[0]} took {number} {one[1]} prisoners {day}",
            f"{number} {_of(lost, pick)} surrendered to {other[0]} {day}",
            f"{one[0]} lost {number} {pick.choice(MEN)} killed {day}",
            f"{one[0]} has suffered {number} {pick.choice(('casualties', 'losses', 'dead'))} {day}",
            f"{one[1]} {pick.choice(TOLLS)} {pick.choice(('reached', 'stood at', 'were', 'total'))} {number} {day}",
            f"{one[0]}'s death toll is {number} {day}",
            f"{number} {_of(lost, pick)} killed in {other[0]} {day}",
            f"{number} desertions in the {one[1]} army {day}",
            f"{number} {pick.choice(MEN)} deserted from the {one[1]} army {day}",
            f"{number} {_of(lost, pick)} held by {other[0]} {day}",
            f"{other[0]} holds {number} {one[1]} prisoners {day}",
            f"{number} {one[1]} {pick.choice(MEN)} in {other[1]} captivity {day}",
            f"{one[0]} recruited {number} {pick.choice(MEN)} {day}",
            f"{number} men were recruited by {one[0]} {day}",
        ]
    )  # fmt: skip


def _said(pick: random.Random, lost: str, enemy: str) -> str:
    plain, who = _plain(pick, lost, enemy), _speaker(pick, pick.choice((lost, enemy)))
    return pick.choice(
        [
            plain, f"{who} {pick.choice(SAYS)} that {plain}", f"{who} {pick.choice(SAYS)} {plain}",
            f"{plain}, {who} {pick.choice(SAYS)}", f"According to {who}, {plain}", f"{plain}, according to {who}",
            f"NATO {pick.choice(SAYS)} {plain}", f"Western officials {pick.choice(SAYS)} that {plain}",
        ]
    )  # fmt: skip


def _relative(pick: random.Random, lost: str, enemy: str) -> str:
    own, other = _speaker(pick, lost), _speaker(pick, enemy)
    number, day = pick.choice(NUMBERS), pick.choice(DAYS)
    return pick.choice(
        [
            f"{own} {pick.choice(('said', 'says'))} that its losses were {number} killed {day}",
            f"{own} {pick.choice(('admitted', 'acknowledged'))} {number} deaths {day}",
            f"{other} {pick.choice(('said', 'says'))} its forces had killed {number} {_of(lost, pick)} {day}",
            f"{other} {pick.choice(('said', 'says'))} the enemy lost {number} killed {day}",
            f"{other} claims to have killed {number} {_of(lost, pick)} {day}",
            f"{NOUNS[enemy][0]}'s estimate of {NOUNS[lost][1]} losses is {number} {day}",
            f"{NOUNS[lost][1]} casualties, {other} says, have reached {number} {day}",
        ]
    )  # fmt: skip


@pytest.mark.slow
def test_a_thousand_sentences_in_all_roles() -> None:
    pick = random.Random(12)
    makers: list[Maker] = [_said, _said, _said, _relative]
    asked, wrong, count = 0, [], 1000
    for number in range(count):
        lost, enemy = SIDES if number % 2 else SIDES[::-1]
        text = pick.choice(makers)(pick, lost, enemy)
        claim = read(text)
        if claim is None:
            asked += 1
        elif claim.side != lost:
            wrong.append(text)
    assert wrong == []
    assert asked <= count * 0.05


# --- Phrasings of the trade.


@pytest.mark.slow
def test_phrasings_of_the_trade() -> None:
    rows = list(csv.DictReader(PHRASES.open(encoding="utf8")))
    due = [row for row in rows if row["must"] == "read"]
    right = 0
    for row in rows:
        claim = read(row["sentence"], tuple(row["sides"].split("|")), dt.date.fromisoformat(row["war_start"]))
        if row["must"] == "ask":
            assert claim is None or row["also_ok"] or claim.covers == "part", row["sentence"]
        elif claim:
            assert claim.side == row["side"], row["sentence"]
            values = [
                value and f"{value:.12g}" or "" for value in (claim.value_low, claim.value_central, claim.value_high)
            ]
            said = [row["quantity"], row["low"], row["central"], row["high"], row["as_of_date"], row["basis"]]
            right += [claim.quantity, *values, str(claim.as_of_date), claim.basis] == said
    assert right >= 0.85 * len(due)


TRAPS = Path(__file__).with_name("phrases_to_mislead.txt")


@pytest.mark.slow
def test_sentences_written_to_mislead() -> None:
    wrong = []
    for line in TRAPS.read_text(encoding="utf8").splitlines():
        due, first, second, year, text = line.split("|", 4)
        claim = read(text, (first, second), dt.date(int(year), 1, 1) if year != "2022" else START)
        if claim and claim.side != due:
            wrong.append(text)
    assert wrong == []


# --- What is written is read back.


@pytest.mark.parametrize(("name", "start"), [("russia_ukraine", "2022-01-01"), ("union_1861", "1861-04-12")])
def test_every_shipped_claim_reads_back_as_itself(name: str, start: str) -> None:
    first = dt.date.fromisoformat(start)
    claims = [one for one in table.read(name) if one.counts in vocabulary.COUNTED]
    assert len(claims) > 150
    sides = tuple({one.side for one in claims} | {"confederacy"})
    for claim in claims:
        again = sentence.parse(sentence.write(claim, first), sides, first)
        parts = ["side", "counts", "covers", "value_central", "as_of_date"]
        if claim.value_central is None or (
            claim.value_low and claim.value_high
        ):  # a sentence has no "536, at least 536"
            parts += ["value_low", "value_high"]
        for part in parts:
            assert getattr(again, part) == getattr(claim, part), (claim.claim_id, part)
        if claim.basis != "stock":
            assert again.period_start == claim.period_start, claim.claim_id
        assert again.basis == claim.basis or claim.period_start == first, claim.claim_id


def test_every_count_has_its_words() -> None:
    assert set(vocabulary.COUNTED) == set(table.COUNTS) - {"nothing"}
    assert set(vocabulary.COVERING) == set(table.COVERS) - {"all"}


# --- Phrases and numbers.


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("315,000 Russian military casualties, to Dec. 11, 2023", ("casualties", None, 315e3, None, "2023-12-11")),
        ("Russia's death toll 100,000 by 15 November 2023", ("killed", None, 100e3, None, "2023-11-15")),
        ("300,000 battlefield deaths russia 2023-11-15", ("killed", None, 300e3, None, "2023-11-15")),
        ("“300,000” Russians killed by 15 November 2023", ("killed", None, 300e3, None, "2023-11-15")),
        ("Russian casualties approaching 300,000 by August 2023", ("casualties", None, 300e3, None, "2023-08-31")),
        ("twenty-five thousand russians dead by 2023-11-15", ("killed", None, 25e3, None, "2023-11-15")),
        ("one hundred and twenty thousand Russians killed by 2023-11-15", ("killed", None, 120e3, None, "2023-11-15")),
        ("100,000 killed russia 2023/11/15", ("killed", None, 100e3, None, "2023-11-15")),
        ("Russian dead exceed 75,000 as of year-end 2023", ("killed", 75e3, None, None, "2023-12-31")),
        ("Russia lost 1.250.000 men by 2025-12-31", ("casualties", None, 1.25e6, None, "2025-12-31")),
        ("Russia lost 412,300 soldiers by mid-March 2024", ("casualties", None, 412300, None, "2024-03-15")),
        ("1,267,000 (1,089,000-1,475,000) Russian casualties by 2026-03-20", ("casualties", 1089e3, 1267e3, 1475e3, "2026-03-20")),
        ("Russia | KIA | 47,000 | 27 May 2023", ("killed", None, 47e3, None, "2023-05-27")),
    ],
)  # fmt: skip
def test_newspaper_phrases(said: str, expected: tuple[object, ...]) -> None:
    claim = sentence.parse(said, SIDES, START)
    assert (claim.quantity, claim.value_low, claim.value_central, claim.value_high, str(claim.as_of_date)) == expected
    assert (claim.side, claim.basis) == ("russia", "cumulative")


@pytest.mark.parametrize(
    ("said", "basis", "first", "last"),
    [
        ("an average of 1,523 Russian casualties per day in November 2024", "per day", "2024-11-01", "2024-11-30"),
        ("Russia lost 1,735 soldiers on 13 May 2024", "per day", "2024-05-13", "2024-05-13"),
        ("In the past 24 hours Russia lost 1,735 soldiers, 13 May 2024", "per day", "2024-05-13", "2024-05-13"),
        ("Over the week to 16 December 2022, Russia lost 3,300 soldiers killed", "per week", "2022-12-10", "2022-12-16"),
        ("831 Russian casualties per day over the seven days to 12 February 2023", "per day", "2023-02-06", "2023-02-12"),
        ("from Feb 2022 to Nov 2023 150,000 killed russia", "cumulative", "2022-02-24", "2023-11-30"),
        ("83,100 Russian casualties in the first quarter of 2024", "per period", "2024-01-01", "2024-03-31"),
        ("Russian casualties stood at 320,500 on 16 December 2023", "cumulative", "2022-02-24", "2023-12-16"),
        ("Since the start of the year Russia lost 83,000 troops, by 20 April 2024", "per period", "2024-01-01", "2024-04-20"),
        ("43,200 Russian soldiers killed between 4 June and 4 August 2023", "per period", "2023-06-04", "2023-08-04"),
    ],
)  # fmt: skip
def test_newspaper_times(said: str, basis: str, first: str, last: str) -> None:
    claim = sentence.parse(said, SIDES, START)
    assert (claim.basis, str(claim.period_start), str(claim.as_of_date)) == (basis, first, last)


def test_a_large_number_on_a_day_is_asked() -> None:
    with pytest.raises(ClaimsError, match='Write "by 2023-11-15" for all until then'):
        sentence.parse("Russian killed: 300,000 on 2023-11-15", SIDES, START)


@pytest.mark.parametrize(
    "said",
    [
        "1,030 Ukrainian marines surrendered by 13 April 2022",
        "3,480 Ukrainian servicemen had been lost on the Kursk front by 19 August 2024, Russia said",
        "5,000 Ukrainians killed near Bakhmut Russia says 2023-02-01",
    ],
)
def test_men_of_one_kind_or_front_are_a_part(said: str) -> None:
    claim = sentence.parse(said, SIDES, START)
    assert (claim.side, claim.covers) == ("ukraine", "part")


def test_every_role_of_the_grammar_has_words() -> None:
    spoken = {kind for _, _, kind in vocabulary.PHRASES} | {kind for kind, _ in vocabulary.ROLES}
    spoken |= set(vocabulary.PREPOSITIONS.values()) | {
        "PLACE",
        "POSS",
        "MEN",
        "ARMY",
        "NUM",
        "COLON",
        "COMMA",
        "OTHER",
        "WHO",
        "SIDE",
        "ADJ",
    }
    text = Path(roles.__file__).with_name("roles.lark").read_text(encoding="utf8")
    assert set(" ".join(re.findall(r"^%declare (.*)$", text, re.M)).split()) == spoken


def test_pairs_of_roles_are_told_apart() -> None:
    for doer, lost in itertools.permutations(SIDES):
        for verb in ("killed", "wounded", "captured", "eliminated"):
            text = f"{NOUNS[doer][0]} has {verb} 500 {NOUNS[lost][1]} soldiers by 2024-01-01"
            assert sentence.parse(text, SIDES, START).side == lost


def test_those_whom_others_identified_are_named() -> None:
    said = "The BBC and Mediazona have identified 95,000 Russian soldiers killed as of February 2025"
    assert sentence.parse(said, SIDES, START).counts == "named"


def test_a_year_alone_given_by_name_is_asked() -> None:
    with pytest.raises(ClaimsError, match='Write "end 2024" or "2024-01-01"'):
        sentence.parse("", SIDES, START, side="russia", quantity="killed", value="300k", date="2024")


def test_the_question_keeps_the_day() -> None:
    with pytest.raises(ClaimsError, match='"1,250 eliminated russia on 2024-12-03"'):
        sentence.parse("Somebody in Ukraine reported 1,250 eliminated on 3 December 2024", SIDES, START)


def test_a_word_that_may_turn_a_claim_is_refused_with_a_side_by_name_too() -> None:
    with pytest.raises(ClaimsError, match='found "Hardly"'):
        sentence.parse("Hardly 300000 killed 2023-11-15", SIDES, START, side="russia")
    assert (
        sentence.parse("Zelensky said 300000 were killed by 2023-11-15", SIDES, START, side="russia").side == "russia"
    )


def test_a_page_is_no_sentence() -> None:
    with pytest.raises(ClaimsError, match="Paste the one sentence"):
        sentence.parse("300000 killed russia 2023-11-15. " * 30, SIDES, START)


def test_marks_for_private_use_are_blanks() -> None:
    assert sentence.parse("300000\ue000 killed\uf8ff russia 2023-11-15\ue005", SIDES, START).side == "russia"


def test_a_capital_is_told_to_be_written_as_its_side() -> None:
    with pytest.raises(ClaimsError, match=r'found "Kyiv.*Leave it out, or write the side that it stands for') as caught:
        sentence.parse("300,000 of Kyiv's bodies and returned soldiers killed russia 2023-11-15", SIDES, START)
    assert [fault.suggestion for fault in caught.value.faults] == [None] * len(caught.value.faults)
