"""What a claim counts and whom, read from its words where its table does not say.

English only, and no proper names: a table that needs more says it in its columns `counts` and `covers`. The rules are
tried from the top; the first that fits decides.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import os.path
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from holdfast.core.faults import ClaimsError, Fault, listed, nearest, shown, unknown
from holdfast.evidence.claims import table, values, vocabulary
from holdfast.evidence.claims.claim import BASES, CLAIMANT_TYPES, COUNTS, COVERS, QUANTITIES, Claim
from holdfast.evidence.claims.table import default_start, reduced
from holdfast.evidence.claims.values import Amount
from holdfast.evidence.claims.vocabulary import Phrase

RULES: dict[str, tuple[tuple[str, str], ...]] = {
    "killed": (
        (r"\bnames\b|\bnamed\b|confirmed by name|confirmed dead", "named"),
        (r"eliminated|liquidated|neutrali[sz]ed", "eliminated"),
        (r"missing not counted|excludes?[^;]*missing|no [^;]*\bmissing\b|without [^;]*missing", "killed_confirmed"),
        (r"excess[^;]*mortality", "killed_confirmed"),
        (r"(\+|\band\b|incl\w*\.?|including|declared)[^;]*\bmissing\b", "killed_and_missing"),
        (r"", "killed"),
    ),
    "casualties": (
        (r"eliminated|liquidated|neutrali[sz]ed", "eliminated"),
        (r"(irr\w+able|permanent loss|maimed|debilitating)[^;]*(desert|awol)|maimed or awol", "irrecoverable_deserted"),
        (r"irrecoverable|irretrievable|permanent loss", "irrecoverable"),
        (r"missing|captured|prisoner", "casualties"),
        (r"", "killed_wounded"),
    ),
    "wounded": ((r"severe|not returned|out for good|disabled", "wounded_severe"), (r"", "wounded")),
    "missing": ((r"(missing|captured) (or|and) (captured|missing)", "missing_captured"), (r"", "missing")),
    "captured": ((r"(missing|captured) (or|and) (captured|missing)", "missing_captured"), (r"", "captured")),
    "deserted": (
        (r"requests?|contacts?|calls to", "nothing"),
        (r"proceedings", "cases"),
        (r"courts?\b|verdicts?|sentenced|convicted", "court_cases"),
        (r"\bcases\b", "cases"),
        (r"\blists?\b|wanted", "listed_absent"),
        (r"", "deserted"),
    ),
    "recruited": ((r"\bplan\b|planned|target", "nothing"), (r"", "recruited")),
    "strength": ((r"", "strength"),),
}  # fmt: skip

PART = r"\bonly\b|one unit|division|military district|\bpart of\b|convicts|militia|of these|included in|mercenar|contractors"
WIDER = r"civilians?|includes tourists|whole armed forces|pre-(war|invasion)"
CITIZENS = r"citizens|excess (male )?mortality|probate|civil regist"
CITIZENS_TYPES = ("excess-mortality model",)


def counting(row: Mapping[str, str]) -> tuple[str, str]:
    """`counts` and `covers` of a row of a claims table, as the columns say or as its words do."""
    return row.get("counts") or counts(row), row.get("covers") or covers(row)


def counts(row: Mapping[str, str]) -> str:
    """What the number counts, from quantity, basis and words."""
    quantity, words = row.get("quantity", ""), row.get("definition", "").lower()
    if quantity not in RULES or row.get("basis") in ("share", "ratio"):
        return "nothing"
    if row.get("basis") == "stock" and quantity in ("captured", "deserted"):
        return {"captured": "captured_held", "deserted": "absent"}[quantity]
    found = next(name for pattern, name in RULES[quantity] if re.search(pattern, words))
    if found == "killed" and row.get("claimant_type") == "named-list count" and row.get("value_central"):
        return "killed" if "estimat" in words else "named"  # a list's round "at least" or range is its keeper's guess
    return found


def covers(row: Mapping[str, str]) -> str:
    """Whom the number counts, from the words."""
    words = row.get("definition", "").lower()
    if re.search(CITIZENS, words) or row.get("claimant_type") in CITIZENS_TYPES:
        return "citizens"
    if re.search(PART, words):
        return "part"
    return "wider" if re.search(WIDER, words) else "all"


# A claim in a sentence: 300000 killed russia 2023-11-15.


FLAGS = re.IGNORECASE | re.ASCII
TAKEN = "\x1f"
"""Stands where words were understood, so that those on both sides of them do not join."""

BEFORE = r"(?<![\w.,/-])"
TO = r"\s*(?:\.\.|\bto\b|\buntil\b|\btill\b|\bthrough\b|\band\b|-)\s*"
BETWEEN = rf"{BEFORE}(?:(?:from|between|since|in)\s+)?({values.DATE}){TO}({values.DATE})"
YEARS = rf"\b(?:in|during)\s+({values.YEAR[: values.YEAR.index('(?!')]}){TO}({values.YEAR})"
SINCE = rf"\b(?:since|from|starting|beginning)\s+({values.DATE}|{values.YEAR})"
WITHIN = rf"\b(?:in|during|throughout|for)\s+(?:the\s+(?:month|year)\s+(?:of\s+)?)?({values.DATE}|{values.YEAR})"
UNTIL = rf"(?:\b(?:as\s+of|by|on|at|until|till|up\s+to|through)\s+|{BEFORE})({values.DATE})"

SPOKEN_BASES = tuple(basis for basis in BASES if basis not in ("share", "ratio"))
DATES = 'a day as 2023-11-15 or 15 November 2023, or the end of a month or year: "November 2023", "end 2024"'
NUMBERS = "a number as 300000, 300,000, 300k, 0.3 million, over 300,000 or 100000-200000"
LENGTH = {"per month": None, "per week": 7, "per day": 1}


@dataclasses.dataclass
class Heard:
    """What was understood of a sentence so far, and what is left of it."""

    left: str
    sides: Sequence[str]
    amounts: list[tuple[Amount, str]] = dataclasses.field(default_factory=list)
    phrases: list[tuple[Phrase, str]] = dataclasses.field(default_factory=list)
    named: list[str] = dataclasses.field(default_factory=list)
    firsts: list[dt.date] = dataclasses.field(default_factory=list)
    lasts: list[tuple[dt.date, str]] = dataclasses.field(default_factory=list)
    within: bool = False
    """Whether the first day came from a month or a year, that may have begun before the war."""
    bases: list[str] = dataclasses.field(default_factory=list)
    faults: list[Fault] = dataclasses.field(default_factory=list)
    guessed: set[str] = dataclasses.field(default_factory=set)
    """Parts that a word which was not understood stands for: they are not missing as well."""

    def take(self, pattern: str | re.Pattern[str], use: Callable[[re.Match[str]], Any]) -> None:
        """Use every place that the pattern fits, and strike it out."""
        found = pattern if isinstance(pattern, re.Pattern) else re.compile(pattern, FLAGS)
        while match := found.search(self.left):
            self.left = f"{self.left[: match.start()]} {TAKEN} {self.left[match.end() :]}"
            use(match)

    def fault(self, found: str | None, allowed: str, cure: str, meant: str | None = None, part: str = "") -> None:
        """Note what is wrong, and which part it leaves open."""
        self.faults.append(Fault("the claim", shown(found), allowed, cure, meant))
        self.guessed.add(part)

    @property
    def example(self) -> str:
        """How a claim is written."""
        return f'Write it as "300000 killed {self.sides[0]} 2023-11-15"'


def claim(
    text: str,
    sides: Sequence[str],
    start: dt.date,
    *,
    side: str | None = None,
    quantity: str | None = None,
    value: str | float | None = None,
    date: str | dt.date | None = None,
    since: str | dt.date | None = None,
    basis: str | None = None,
    counts: str | None = None,
    covers: str | None = None,
    claim_id: str = "claim",
    claimant: str = "the claim",
    claimant_type: str = "media",
) -> Claim:
    """The claim that a sentence makes about one of the `sides` of a war that began on `start`.

    What is given by name goes before what the sentence says. Cumulative from the war's start unless a period
    is said; a rate is that of the day, week or month which ends on the date. A `ClaimsError` names every word
    that was not understood and every part that is missing.
    """
    heard = _listen(text, sides)
    parts: dict[str, Any] = {
        "side": _side(heard, side),
        "phrase": _phrase(heard, quantity),
        "amount": _amount(heard, value),
        "last": _last(heard, date),
        "first": _first(heard, since),
        "basis": _basis(heard, basis),
    }
    for name, word, known in (
        ("counts", counts, COUNTS), ("covers", covers, COVERS), ("claimant_type", claimant_type, CLAIMANT_TYPES)
    ):  # fmt: skip
        if word is not None and word not in known:
            heard.faults.append(unknown(name, word, "one of", known))
    if not heard.faults:
        _settle(heard, parts, start)
    if heard.faults:
        raise ClaimsError(heard.faults, "The claim")
    phrase, amount, last = parts["phrase"], parts["amount"], parts["last"]
    row = {
        "quantity": phrase.quantity, "definition": phrase.definition, "basis": parts["basis"],
        "counts": counts or "", "covers": covers or "", "claimant_type": claimant_type,
    }  # fmt: skip
    counted, covered = counting(row)
    return Claim(
        claim_id=claim_id, side=parts["side"], quantity=phrase.quantity, value_low=amount.low,
        value_central=amount.central, value_high=amount.high, as_of_date=last, published_date=None,
        claimant=claimant, claimant_type=claimant_type, definition=phrase.definition, source="", url="", seen="",
        basis=parts["basis"], period_start=parts["first"], lineage=reduced(claimant), note=text.strip(),
        counts=counted, covers=covered,
    )  # fmt: skip


def _listen(text: str, sides: Sequence[str]) -> Heard:
    """Understand what can be understood: dates first, for they hold numbers, words that change nothing last."""
    heard = Heard(values.spelt_out(_plain(text)), sides)
    heard.take(rf"\b(?:{vocabulary.SO_FAR})\b", lambda _: None)
    heard.take(BETWEEN, lambda found: _period(heard, found))
    heard.take(YEARS, lambda found: _period(heard, found, True))
    heard.take(SINCE, lambda found: _began(heard, found[1]))
    heard.take(WITHIN, lambda found: _inside(heard, found[1]))
    heard.take(UNTIL, lambda found: _ended(heard, found[1]))
    for basis, words in vocabulary.RATES.items():
        heard.take(rf"\b(?:{words})\b", lambda _, basis=basis: heard.bases.append(basis))  # type: ignore[misc]
    heard.take(vocabulary.TOGETHER, lambda found: _joined(heard, found[0]))
    for words, phrase in vocabulary.PHRASES:
        heard.take(rf"\b(?:{words})\b", lambda found, phrase=phrase: heard.phrases.append((phrase, found[0])))  # type: ignore[misc]
    heard.take(values.RANGE, lambda found: heard.amounts.append((values.ranged(found), found[0])))
    heard.take(values.SAID, lambda found: _number(heard, found))
    _find_sides(heard)
    heard.take(r"\b(?:lost|loses?|losing)\b", lambda found: _lost(heard, found[0]))
    if not heard.phrases and "phrase" not in heard.guessed:
        men = Phrase("strength", "strength", "stock")
        found = re.search(rf"\b(?:{vocabulary.MEN})\b", heard.left, FLAGS)
        heard.phrases += [(men, found[0])] if found else []
    _rest(heard)
    return heard


def _plain(text: str) -> str:
    """The text with one kind of dash, blank and apostrophe."""
    return re.sub(r"[\u00a0\u2009\u202f]", " ", re.sub("[–—−‑]", "-", text)).replace("’", "'")


# --- What the parts say.


def _span(heard: Heard, text: str) -> values.Span | None:
    """The days of a date, or a fault."""
    found = values.span(text)
    if found is None:
        both = " or ".join(str(day) for day in values.either(text))
        cure = f"Write {both}: which is the day, which the month?" if both else "There is no such day; correct it"
        heard.fault(text, DATES, cure, part="last")
    return found


def _began(heard: Heard, text: str, within: bool = False) -> None:
    if span := _span(heard, text):
        heard.firsts.append(span[0])
        heard.within |= within


def _ended(heard: Heard, text: str) -> None:
    if span := _span(heard, text):
        heard.lasts.append((span[1], text))


def _period(heard: Heard, found: re.Match[str], within: bool = False) -> None:
    """From the first day of one date to the last of another."""
    _began(heard, found[1], within)
    _ended(heard, found[2])


def _inside(heard: Heard, text: str) -> None:
    """In 2024, in November 2023: from its first day to its last."""
    if span := _span(heard, text):
        heard.lasts.append((span[1], text))
        if span[0] != span[1]:
            heard.firsts.append(span[0])
            heard.within = True


def _joined(heard: Heard, text: str) -> None:
    phrase = vocabulary.together(text)
    if phrase:
        heard.phrases.append((phrase, text))
    else:
        allowed = listed(phrase.definition for phrase in vocabulary.SETS.values())
        heard.fault(text, f"what is counted together: {allowed}", "Make one claim of each", part="phrase")


def _lost(heard: Heard, text: str) -> None:
    """Men lost are not counted yet: dead, or casualties?"""
    if not heard.phrases and "phrase" not in heard.guessed:
        heard.fault(text, f"what is counted: {listed(QUANTITIES)}", "Say lost how: killed, casualties", part="phrase")


def _number(heard: Heard, found: re.Match[str]) -> None:
    if values.POINTED.fullmatch(found["digits"]) and not found["unit"]:
        cure = f"Write {found['digits'].replace('.', '')} for thousands; a point is for decimals"
        heard.fault(found["digits"], NUMBERS, cure, part="amount")
    else:
        heard.amounts.append((values.said(found), found[0].strip()))


def _find_sides(heard: Heard) -> None:
    """The sides that are named; one behind `in` is where it happened, if another is named too."""
    where: list[str] = []
    for name in sorted(heard.sides, key=len, reverse=True):
        words = r"[\s_-]+".join(re.escape(word) for word in re.split(r"[\s_-]+", name))
        heard.take(
            rf"\b(in\s+)?{words}(?:'s)?(?!\w)",
            lambda found, name=name: (where if found[1] else heard.named).append(name),  # type: ignore[misc]
        )
    for word in re.findall(r"[^\W\d_]{4,}", heard.left):
        if word.lower() not in vocabulary.FILLERS and (meant := _adjective(word, heard.sides)):
            heard.take(rf"\b{word}(?:'s)?(?!\w)", lambda _, meant=meant: heard.named.append(meant))  # type: ignore[misc]
    heard.named = list(dict.fromkeys(heard.named or where))


def _adjective(word: str, sides: Sequence[str]) -> str | None:
    """The side that a word such as `russian` is made from: four letters or more alike, an ending that differs."""
    alike = {name: len(os.path.commonprefix([word.lower().rstrip("s"), name.lower()])) for name in sides}
    longest = max(alike.values(), default=0)
    fit = [
        name for name, same in alike.items()
        if same == longest >= 4 and len(name) - same <= 3 and len(word) - same <= 4
    ]  # fmt: skip
    return fit[0] if len(fit) == 1 else None


def _rest(heard: Heard) -> None:
    """Every word that is left and means something is a fault."""
    known = {**dict.fromkeys(vocabulary.OTHER_WORDS, ""), **dict.fromkeys(vocabulary.KNOWN_WORDS, "phrase")}
    known |= dict.fromkeys(heard.sides, "side")
    known |= dict.fromkeys(vocabulary.MONTHS, "last")
    left = re.sub(r"(?<!\d),|,(?!\d)", " ", heard.left)
    for raw in re.findall(rf"[^\s{TAKEN};:!?()\"]+", left):
        word = raw.strip(".'/&") if raw.strip(".'/&-") else ""
        if not word or word.lower().removesuffix("'s") in vocabulary.FILLERS:
            continue
        if any(letter.isdigit() for letter in word):
            heard.fault(word, f"{NUMBERS}; {DATES}", heard.example, part="amount" if not heard.amounts else "last")
            continue
        meant = nearest(word, known)
        allowed = "a number, what was lost, a side and a date, in any order"
        heard.fault(word, allowed, heard.example, meant, part=known.get(meant or "", ""))


# --- One of each: what is given by name, or what the sentence says.


def _side(heard: Heard, given: str | None) -> str | None:
    if given is not None:
        lower = {name.lower(): name for name in heard.sides}
        side = lower.get(given.lower()) or _adjective(given, heard.sides)
        if side is None:
            heard.faults.append(unknown("side", given, "a side of the war", heard.sides))
        return side
    if len(heard.named) > 1:
        heard.fault(listed(heard.named), "one side", "Make one claim of each")
    elif not heard.named and "side" not in heard.guessed:
        heard.fault(None, f"a side: {listed(heard.sides)}", f"Name one. {heard.example}")
    return heard.named[0] if heard.named else None


def _phrase(heard: Heard, given: str | None) -> Phrase | None:
    if given is not None:
        inner = _listen(given, ["\x00"])
        if given in QUANTITIES and not inner.phrases:
            return Phrase(given, given)
        if len(inner.phrases) == 1 and not inner.faults:
            return inner.phrases[0][0]
        heard.faults.append(unknown("quantity", given, "one of", QUANTITIES))
        return None
    found = dict.fromkeys(phrase for phrase, _ in heard.phrases)
    if len(found) > 1:
        said = listed(word for _, word in heard.phrases)
        heard.fault(said, "one quantity, or killed and wounded together", "Make one claim of each")
    elif not found and "phrase" not in heard.guessed:
        heard.fault(None, f"what is counted: {listed(QUANTITIES)}", f"Name it. {heard.example}")
    return next(iter(found), None)


def _amount(heard: Heard, given: str | float | None) -> Amount | None:
    if isinstance(given, int | float):
        return Amount(central=float(given))
    if given is not None:
        inner = _listen(given, ["\x00"])
        if len(inner.amounts) == 1 and not inner.faults:
            return inner.amounts[0][0]
        heard.faults.append(Fault("value", shown(given), NUMBERS, "Correct the number"))
        return None
    said = list(heard.amounts)
    years = [each for each in said if not heard.lasts and re.fullmatch(values.YEAR, each[1])]
    if len(said) == 2 and years and "last" not in heard.guessed:
        year = years[-1][1]
        cure = f'Write "end {year}" for all until then, or "in {year}" for that year alone'
        heard.fault(year, DATES, cure, part="last")
        said.remove(years[-1])
    if len(said) == 2 and (both := _both(said[0][0], said[1][0])):
        return both
    if len(said) > 1 and "last" not in heard.guessed:  # else they are of a date
        heard.fault(listed(words for _, words in said), "one number, or a range", "Make one claim of each")
    elif not said and "amount" not in heard.guessed:
        heard.fault(None, NUMBERS, f"Give the number. {heard.example}")
    return said[0][0] if said else None


def _both(one: Amount, other: Amount) -> Amount | None:
    """Over 100,000 and up to 200,000."""
    low, high = (one, other) if one.low is not None else (other, one)
    if (low.central, low.high, high.central, high.low) == (None,) * 4:
        return Amount(low=low.low, high=high.high)
    return None


def _last(heard: Heard, given: str | dt.date | None) -> dt.date | None:
    if given is not None:
        return _named_day(heard, "date", given, -1)
    found = dict(heard.lasts)
    if len(found) > 1:
        heard.fault(listed(found.values()), "one date", 'Write a period as "2024-01-01..2024-12-31"')
    elif not found and "last" not in heard.guessed:
        heard.fault(None, DATES, f"Say until when it counts. {heard.example}")
    return next(iter(found), None)


def _first(heard: Heard, given: str | dt.date | None) -> dt.date | None:
    if given is not None:
        return _named_day(heard, "since", given, 0)
    if len(set(heard.firsts)) > 1:
        heard.fault(listed(map(str, heard.firsts)), "one first day", 'Write a period as "2024-01-01..2024-12-31"')
    return heard.firsts[0] if heard.firsts else None


def _named_day(heard: Heard, name: str, given: str | dt.date, end: int) -> dt.date | None:
    """A day given by name: the first or the last of what is said."""
    if isinstance(given, dt.date):
        return given
    span = values.span(given)
    if span is None:
        heard.faults.append(Fault(name, shown(given), DATES, "Write it as 2023-11-15"))
    return span[end] if span else None


def _basis(heard: Heard, given: str | None) -> str | None:
    if given is not None:
        if given not in SPOKEN_BASES:
            heard.faults.append(unknown("basis", given, "one of", SPOKEN_BASES))
        return given
    if len(set(heard.bases)) > 1:
        heard.fault(listed(heard.bases), "one rate", "Make one claim of each")
    return heard.bases[0] if heard.bases else None


# --- What must hold between the parts.


def _settle(heard: Heard, parts: dict[str, Any], start: dt.date) -> None:
    """Fill in the basis and the first day, and check them and the numbers."""
    phrase, amount, last, first = parts["phrase"], parts["amount"], parts["last"], parts["first"]
    basis = parts["basis"] or phrase.basis or ("per period" if first and first != start else "cumulative")
    if phrase.quantity == "strength" and basis != "stock":
        heard.fault(basis, "stock, for strength is what there is on one day", "Leave the period out")
    if first and heard.within:
        first = max(first, start)
    if first is None:
        first = max(start, _own_period(basis, last)) if basis in LENGTH else default_start(last, start)
    if basis != "stock":
        if last < start:
            heard.fault(str(last), f"a day of the war, which began on {start}", "Correct the date")
        elif last < first:
            heard.fault(str(last), f"a day not before the first, {first}", "Correct one of the two days")
        elif first < start:
            heard.fault(str(first), f"a day of the war, which began on {start}", "Correct the first day")
    if amount.low is not None and amount.high is not None and amount.low > amount.high:
        heard.fault(f"{amount.low:.12g}-{amount.high:.12g}", "the lower number first", "Exchange the two")
    for number in amount:
        if number is not None and not 0 <= number <= table.MOST:
            heard.fault(f"{number:.12g}", f"0 to {table.MOST:.0f} men", "Correct the number")
    parts |= {"basis": basis, "first": first}


def _own_period(basis: str, last: dt.date) -> dt.date:
    """The first day of the day, week or month that ends on a day; a calendar month where it ends one."""
    length = LENGTH[basis]
    if length is not None:
        return last - dt.timedelta(days=length - 1)
    if last == values.month_end(last):
        return last.replace(day=1)
    before = last.replace(day=1) - dt.timedelta(days=1)
    return min(before.replace(day=min(last.day, before.day)) + dt.timedelta(days=1), last)
