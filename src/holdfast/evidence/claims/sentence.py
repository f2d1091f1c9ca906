"""A claim in a sentence, as `300000 killed russia 2023-11-15`: the phrases that are known, and the parser.

The parser takes dates first, because they hold numbers, then rates, quantities, amounts and sides. It strikes out what it
has understood. Each word that is left and means something is a fault. English only.
"""

from __future__ import annotations

import calendar
import dataclasses
import datetime as dt
import os.path
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from holdfast.core.faults import ClaimsError, Fault, listed, nearest, shown, unknown
from holdfast.evidence.claims import table, values
from holdfast.evidence.claims.table import QUANTITIES, Claim
from holdfast.evidence.claims.values import FLAGS, Amount
from holdfast.tabular.cells import MOST


class Phrase(NamedTuple):
    """What words about losses mean."""

    quantity: str  # the quantity that they name
    definition: str  # the definition that a table would give it
    basis: str = ""  # its basis, where the words fix one


FATES = {
    "killed": r"killed(?:\s+in\s+action)?|kia|dead|died|deaths?|fatalities|fallen|perished",
    "wounded": r"wounded(?:\s+in\s+action)?|wia|injured",
    "missing": r"missing(?:\s+in\s+action)?|mia",
    "captured": r"captured|taken\s+prisoners?|taken\s+captive|prisoners?(?:\s+of\s+war)?|pows?|surrendered",
}
"""What can befall a soldier; named together they make one number."""

ANY_FATE = "|".join(FATES.values())
TOGETHER = rf"\b(?:{ANY_FATE})\b(?:(?:\s*[,/&+]\s*|\s+)(?:(?:and|or)\s+)?(?:the\s+)?(?:{ANY_FATE})\b)+"

SETS = {
    frozenset(("killed", "wounded")): Phrase("casualties", "killed and wounded"),
    frozenset(("killed", "missing")): Phrase("killed", "killed and missing"),
    frozenset(("missing", "captured")): Phrase("missing", "missing or captured"),
    frozenset(("killed", "wounded", "missing")): Phrase("casualties", "killed, wounded and missing"),
    frozenset(("killed", "wounded", "captured")): Phrase("casualties", "killed, wounded and captured"),
    frozenset(FATES): Phrase("casualties", "killed, wounded, missing and captured"),
}

GONE = r"(?:irrecoverable|irretrievable|irreplaceable|permanent)(?:\s+(?:losses|casualties))?"
AWAY = r"(?:desertions?|deserters|deserted|awol)"

PHRASES = (
    (rf"{GONE}\s*,?\s*(?:including|incl\.?|with|and|\+)\s*{AWAY}",
     Phrase("casualties", "irrecoverable, deserters included")),
    (GONE, Phrase("casualties", "irrecoverable")),
    (r"(?:confirmed|named)\s+(?:dead|killed|deaths)", Phrase("killed", "confirmed dead")),
    (r"eliminated|liquidated|neutrali[sz]ed", Phrase("casualties", "eliminated")),
    (r"(?:severely|seriously|gravely|badly)\s+(?:wounded|injured)", Phrase("wounded", "severely wounded")),
    (r"(?:prisoners?(?:\s+of\s+war)?|pows?)\s+(?:are\s+)?held|held\s+(?:prisoner|captive)|in\s+captivity",
     Phrase("captured", "prisoners held", "stock")),
    (r"(?:desertion|awol)\s+cases|cases\s+of\s+(?:desertion|awol)|criminal\s+(?:cases|proceedings)",
     Phrase("deserted", "criminal cases of desertion")),
    (rf"{AWAY}|desert|absent\s+without\s+leave|ran\s+away", Phrase("deserted", "deserted")),
    (r"recruited|recruits?|recruitments?|enlisted|enlistments?|signed\s+up|volunteered|mobili[sz]ed|drafted"
     r"|conscripted|called\s+up|(?:signed\s+)?contracts(?:\s+signed)?", Phrase("recruited", "recruited")),
    (r"strength|under\s+arms|in\s+the\s+field", Phrase("strength", "strength", "stock")),
    *((words, Phrase(quantity, quantity)) for quantity, words in FATES.items()),
    (r"casualties|casualty|losses", Phrase("casualties", "casualties")),
)  # fmt: skip
"""From the most to the least particular."""

MEN = r"troops|soldiers|servicemen|personnel|fighters|men"
"""Strength, if nothing else is said of them."""

RATES = {
    "per month": r"(?:per|a|each|every)\s+month|monthly",
    "per week": r"(?:per|a|each|every)\s+week|weekly",
    "per day": r"(?:per|a|each|every)\s+day|daily",
}

SO_FAR = (
    r"since\s+(?:the\s+)?(?:(?:start|beginning|outbreak)(?:\s+of\s+the\s+(?:full-scale\s+)?(?:war|invasion))?"
    r"|(?:full-scale\s+)?(?:war|invasion)(?:\s+(?:began|started))?)"
    r"|so\s+far|to\s+date|in\s+(?:total|all)|altogether|cumulative(?:ly)?|total"
)

FILLERS = frozenset(
    f"a all an and are army as at been by during for force forces from had has have in is it its of on said says side "
    f"suffered that the their there they to until war was were which who with {MEN.replace('|', ' ')}".split()
)
"""Words that change nothing."""

QUANTITY_WORDS = (
    "killed", "dead", "died", "deaths", "fatalities", "fallen", "perished", "wounded", "injured", "missing",
    "captured", "prisoners", "surrendered", "deserted", "deserters", "desertions", "recruited", "recruits", "enlisted",
    "mobilised", "strength", "troops", "soldiers", "casualties", "losses", "irrecoverable", "irretrievable", "eliminated",
)  # fmt: skip
"""Single words that name a quantity, to guess from at a misspelling."""

OTHER_WORDS = (
    "over", "more than", "at least", "up to", "nearly", "about", "thousand", "million", "since", "until", "month",
    "monthly", "weekly", "daily", "total", "cumulative",
)  # fmt: skip

STRUCK = "\x1f"
"""Stands where words were understood, so that those on both sides of them do not join."""

BEFORE = r"(?<![\w.,/-])"
TO = r"\s*(?:\.\.|\bto\b|\buntil\b|\btill\b|\bthrough\b|\band\b|-)\s*"
BETWEEN = rf"{BEFORE}(?:(?:from|between|since|in)\s+)?({values.DATE}){TO}({values.DATE})"
YEARS = rf"\b(?:in|during)\s+({values.YEAR[: values.YEAR.index('(?!')]}){TO}({values.YEAR})"
SINCE = rf"\b(?:since|from|starting|beginning)\s+({values.DATE}|{values.YEAR})"
WITHIN = rf"\b(?:in|during|throughout|for)\s+(?:the\s+(?:month|year)\s+(?:of\s+)?)?({values.DATE}|{values.YEAR})"
UNTIL = rf"(?:\b(?:as\s+of|by|on|at|until|till|up\s+to|through)\s+|{BEFORE})({values.DATE})"

SENTENCE_BASES = tuple(basis for basis in table.BASES if basis not in ("share", "ratio"))
LENGTH = {"per month": None, "per week": 7, "per day": 1}
"""Days of a rate's period; a month's depend on the month."""

DATES = 'a day as 2023-11-15 or 15 November 2023, or the end of a month or year: "November 2023", "end 2024"'
NUMBERS = "a number as 300000, 300,000, 300k, 0.3 million, over 300,000 or 100000-200000"
PERIOD = 'Write a period as "2024-01-01..2024-12-31"'


# --- The parser.


@dataclasses.dataclass
class _Parsed:
    """What is understood of a sentence so far, and what is left of it."""

    rest: str
    sides: Sequence[str]
    amounts: list[tuple[Amount, str]] = dataclasses.field(default_factory=list)
    phrases: list[tuple[Phrase, str]] = dataclasses.field(default_factory=list)
    mentioned: list[str] = dataclasses.field(default_factory=list)  # sides
    firsts: list[dt.date] = dataclasses.field(default_factory=list)
    lasts: list[tuple[dt.date, str]] = dataclasses.field(default_factory=list)
    within: bool = False  # whether the first day came from a month or a year, that may have begun before the war
    bases: list[str] = dataclasses.field(default_factory=list)
    faults: list[Fault] = dataclasses.field(default_factory=list)
    guessed: set[str] = dataclasses.field(default_factory=set)
    """Parts that a word which was not understood stands for: they are not missing as well."""

    def struck(self, pattern: str | re.Pattern[str]) -> Iterator[re.Match[str]]:
        """Every place that a pattern fits, each struck out of the sentence."""
        compiled = re.compile(pattern, FLAGS) if isinstance(pattern, str) else pattern
        while match := compiled.search(self.rest):
            self.rest = f"{self.rest[: match.start()]} {STRUCK} {self.rest[match.end() :]}"
            yield match

    def fault(self, text: str | None, allowed: str, cure: str, meant: str | None = None, part: str = "") -> None:
        """Note what is wrong, and which part it leaves open."""
        self.faults.append(Fault("the claim", shown(text), allowed, cure, meant))
        self.guessed.add(part)

    @property
    def example(self) -> str:
        """How a claim is written."""
        return f'Write it as "300000 killed {self.sides[0]} 2023-11-15"'

    def days(self, text: str) -> values.Window | None:
        """The days of a date, or a fault."""
        window = values.window(text)
        if window is None:
            both = " or ".join(str(day) for day in values.both_readings(text))
            cure = f"Write {both}: which is the day, which the month?" if both else "There is no such day; correct it"
            self.fault(text, DATES, cure, part="last")
        return window

    def begin(self, text: str, within: bool = False) -> None:
        """Count from the first day of a date."""
        if window := self.days(text):
            self.firsts.append(window[0])
            self.within |= within

    def end(self, text: str) -> None:
        """Count to the last day of a date."""
        if window := self.days(text):
            self.lasts.append((window[1], text))


def parse(
    text: str, sides: Sequence[str], start: dt.date, *, side: str | None = None, quantity: str | None = None,
    value: str | float | None = None, date: str | dt.date | None = None, since: str | dt.date | None = None,
    basis: str | None = None, counts: str | None = None, covers: str | None = None, claimant: str = "the claim",
    claimant_type: str = "media",
) -> Claim:  # fmt: skip
    """The claim that a sentence makes about a side of a war.

    It is cumulative from the war's start unless the sentence names a period. A rate is that of the day, week or month
    which ends on the date. What is given by name goes before what the sentence says.

    Args:
        text: the sentence.
        sides: names of the war's sides.
        start: the war's first day.
        side: the side, by name or as an adjective.
        quantity: what is counted, as a sentence would say it.
        value: the number, or an amount as a sentence would say it.
        date: the last day that is counted.
        since: the first day that is counted.
        basis: one of `SENTENCE_BASES`.
        counts: one of `COUNTS`; from the words unless given.
        covers: one of `COVERS`; from the words unless given.
        claimant: who says it.
        claimant_type: one of `CLAIMANT_TYPES`.

    Returns:
        The claim, its note the sentence itself.

    Raises:
        ClaimsError: with every word that was not understood, every part that is missing, and every part that
            contradicts another.
    """
    parsed = _understood(text, sides)
    side, phrase, amount = _side(parsed, side), _phrase(parsed, quantity), _amount(parsed, value)
    last, first, basis = _last(parsed, date), _first(parsed, since), _basis(parsed, basis)
    for name, word, known in (
        ("counts", counts, table.COUNTS), ("covers", covers, table.COVERS), ("claimant_type", claimant_type, table.CLAIMANT_TYPES)
    ):  # fmt: skip
        if word is not None and word not in known:
            parsed.faults.append(unknown(name, word, "one of", known))
    if parsed.faults or not (side and phrase and amount and last):
        raise ClaimsError(parsed.faults, "The claim")
    basis = basis or phrase.basis or ("per period" if first and first != start else "cumulative")
    first = _first_day(parsed, basis, first, last, start)
    _check_days(parsed, phrase, basis, (first, last), start)
    _check_amount(parsed, amount)
    if parsed.faults:
        raise ClaimsError(parsed.faults, "The claim")
    words = {
        "quantity": phrase.quantity, "definition": phrase.definition, "basis": basis, "counts": counts or "",
        "covers": covers or "", "claimant_type": claimant_type,
    }  # fmt: skip
    counts, covers = table.counted(words)
    return Claim(
        claim_id="claim", side=side, quantity=phrase.quantity, value_low=amount.low, value_central=amount.central,
        value_high=amount.high, as_of_date=last, published_date=None, claimant=claimant, claimant_type=claimant_type,
        definition=phrase.definition, source="", url="", seen="", basis=basis, period_start=first,
        lineage=table.default_lineage(claimant), note=text.strip(), counts=counts, covers=covers,
    )  # fmt: skip


def _understood(text: str, sides: Sequence[str]) -> _Parsed:
    """What can be understood of a sentence, what changes nothing last."""
    plain = re.sub(r"[\u00a0\u2009\u202f]", " ", re.sub("[–—−‑]", "-", text)).replace("’", "'")
    parsed = _Parsed(values.in_digits(plain), sides)
    _strike_dates(parsed)
    for basis, words in RATES.items():
        parsed.bases += [basis for _ in parsed.struck(rf"\b(?:{words})\b")]
    for match in parsed.struck(TOGETHER):
        _strike_together(parsed, match[0])
    for words, phrase in PHRASES:
        parsed.phrases += [(phrase, match[0]) for match in parsed.struck(rf"\b(?:{words})\b")]
    parsed.amounts += [(values.amount_of(match), match[0]) for match in parsed.struck(values.RANGE)]
    for match in parsed.struck(values.AMOUNT):
        if values.POINTED.fullmatch(match["digits"]) and not match["unit"]:
            cure = f"Write {match['digits'].replace('.', '')} for thousands; a point is for decimals"
            parsed.fault(match["digits"], NUMBERS, cure, part="amount")
        else:
            parsed.amounts.append((values.amount_of(match), match[0].strip()))
    _strike_sides(parsed)
    for match in parsed.struck(r"\b(?:lost|loses?|losing)\b"):
        if not parsed.phrases and "phrase" not in parsed.guessed:
            cure = "Say lost how: killed, casualties"
            parsed.fault(match[0], f"what is counted: {listed(QUANTITIES)}", cure, part="phrase")
    if not parsed.phrases and "phrase" not in parsed.guessed:
        men = re.search(rf"\b(?:{MEN})\b", parsed.rest, FLAGS)
        parsed.phrases += [(Phrase("strength", "strength", "stock"), men[0])] if men else []
    _refuse_rest(parsed)
    return parsed


def _strike_dates(parsed: _Parsed) -> None:
    """Take the first and last days; `in 2024` is both."""
    for _ in parsed.struck(rf"\b(?:{SO_FAR})\b"):
        pass
    for pattern, within in ((BETWEEN, False), (YEARS, True)):
        for match in parsed.struck(pattern):
            parsed.begin(match[1], within)
            parsed.end(match[2])
    for match in parsed.struck(SINCE):
        parsed.begin(match[1])
    for match in parsed.struck(WITHIN):
        if window := parsed.days(match[1]):
            parsed.lasts.append((window[1], match[1]))
            if window[0] != window[1]:
                parsed.firsts.append(window[0])
                parsed.within = True
    for match in parsed.struck(UNTIL):
        parsed.end(match[1])


def _strike_together(parsed: _Parsed, text: str) -> None:
    """The one number that several fates make: `dead or wounded`."""
    fates = frozenset(fate for fate, words in FATES.items() if re.search(rf"\b(?:{words})\b", text, FLAGS))
    fate = next(iter(fates))
    phrase = Phrase(fate, fate) if len(fates) == 1 else SETS.get(fates)
    if phrase:
        parsed.phrases.append((phrase, text))
    else:
        allowed = f"what is counted together: {listed(phrase.definition for phrase in SETS.values())}"
        parsed.fault(text, allowed, "Make one claim of each", part="phrase")


def _strike_sides(parsed: _Parsed) -> None:
    """The sides that are named; one behind `in` is where it happened, if another is named too."""
    where: list[str] = []
    for name in sorted(parsed.sides, key=len, reverse=True):
        words = r"[\s_-]+".join(re.escape(word) for word in re.split(r"[\s_-]+", name))
        for match in parsed.struck(rf"\b(in\s+)?{words}(?:'s)?(?!\w)"):
            (where if match[1] else parsed.mentioned).append(name)
    for word in re.findall(r"[^\W\d_]{4,}", parsed.rest):
        if word.lower() not in FILLERS and (meant := _adjective(word, parsed.sides)):
            parsed.mentioned += [meant for _ in parsed.struck(rf"\b{word}(?:'s)?(?!\w)")]
    parsed.mentioned = list(dict.fromkeys(parsed.mentioned or where))


def _adjective(word: str, sides: Sequence[str]) -> str | None:
    """The side that a word such as `russian` is formed from: four letters or more alike, an ending that differs."""
    alike = {name: len(os.path.commonprefix([word.lower().rstrip("s"), name.lower()])) for name in sides}
    longest = max(alike.values(), default=0)
    fit = [
        name for name, same in alike.items()
        if same == longest >= 4 and len(name) - same <= 3 and len(word) - same <= 4
    ]  # fmt: skip
    return fit[0] if len(fit) == 1 else None


def _refuse_rest(parsed: _Parsed) -> None:
    """Every word that is left and means something is a fault."""
    known = {**dict.fromkeys(OTHER_WORDS, ""), **dict.fromkeys(QUANTITY_WORDS, "phrase")}
    known |= dict.fromkeys(parsed.sides, "side") | dict.fromkeys(calendar.month_name[1:], "last")
    left = re.sub(r"(?<!\d),|,(?!\d)", " ", parsed.rest)
    for raw in re.findall(rf"[^\s{STRUCK};:!?()\"]+", left):
        word = raw.strip(".'/&") if raw.strip(".'/&-") else ""
        if not word or word.lower().removesuffix("'s") in FILLERS:
            continue
        if any(letter.isdigit() for letter in word):
            part = "amount" if not parsed.amounts else "last"
            parsed.fault(word, f"{NUMBERS}; {DATES}", parsed.example, part=part)
            continue
        meant = nearest(word, known)
        allowed = "a number, what was lost, a side and a date, in any order"
        parsed.fault(word, allowed, parsed.example, meant, part=known.get(meant or "", ""))


# --- One of each part: what is given by name, or what the sentence says.


def _side(parsed: _Parsed, given: str | None) -> str | None:
    if given is not None:
        lower = {name.lower(): name for name in parsed.sides}
        side = lower.get(given.lower()) or _adjective(given, parsed.sides)
        if side is None:
            parsed.faults.append(unknown("side", given, "a side of the war", parsed.sides))
        return side
    if len(parsed.mentioned) > 1:
        parsed.fault(listed(parsed.mentioned), "one side", "Make one claim of each")
    elif not parsed.mentioned and "side" not in parsed.guessed:
        parsed.fault(None, f"a side: {listed(parsed.sides)}", f"Name one. {parsed.example}")
    return parsed.mentioned[0] if parsed.mentioned else None


def _phrase(parsed: _Parsed, given: str | None) -> Phrase | None:
    if given is not None:
        inner = _understood(given, ["\x00"])
        if given in QUANTITIES and not inner.phrases:
            return Phrase(given, given)
        if len(inner.phrases) == 1 and not inner.faults:
            return inner.phrases[0][0]
        parsed.faults.append(unknown("quantity", given, "one of", QUANTITIES))
        return None
    phrases = dict.fromkeys(phrase for phrase, _ in parsed.phrases)
    if len(phrases) > 1:
        words = listed(word for _, word in parsed.phrases)
        parsed.fault(words, "one quantity, or killed and wounded together", "Make one claim of each")
    elif not phrases and "phrase" not in parsed.guessed:
        parsed.fault(None, f"what is counted: {listed(QUANTITIES)}", f"Name it. {parsed.example}")
    return next(iter(phrases), None)


def _amount(parsed: _Parsed, given: str | float | None) -> Amount | None:
    if isinstance(given, int | float):
        return Amount(central=float(given))
    if given is not None:
        inner = _understood(given, ["\x00"])
        if len(inner.amounts) == 1 and not inner.faults:
            return inner.amounts[0][0]
        parsed.faults.append(Fault("value", shown(given), NUMBERS, "Correct the number"))
        return None
    amounts = list(parsed.amounts)
    years = [each for each in amounts if not parsed.lasts and re.fullmatch(values.YEAR, each[1])]
    if len(amounts) == 2 and years and "last" not in parsed.guessed:
        year = years[-1][1]
        cure = f'Write "end {year}" for all until then, or "in {year}" for that year alone'
        parsed.fault(year, DATES, cure, part="last")
        amounts.remove(years[-1])
    if len(amounts) == 2 and (both := _both_limits(amounts[0][0], amounts[1][0])):
        return both
    if len(amounts) > 1 and "last" not in parsed.guessed:  # else they are of a date
        parsed.fault(listed(words for _, words in amounts), "one number, or a range", "Make one claim of each")
    elif not amounts and "amount" not in parsed.guessed:
        parsed.fault(None, NUMBERS, f"Give the number. {parsed.example}")
    return amounts[0][0] if amounts else None


def _both_limits(one: Amount, other: Amount) -> Amount | None:
    """Over 100,000 and up to 200,000."""
    low, high = (one, other) if one.low is not None else (other, one)
    sole = (low.central, low.high, high.central, high.low) == (None,) * 4
    return Amount(low=low.low, high=high.high) if sole else None


def _last(parsed: _Parsed, given: str | dt.date | None) -> dt.date | None:
    if given is not None:
        return _given_day(parsed, "date", given, -1)
    days = dict(parsed.lasts)
    if len(days) > 1:
        parsed.fault(listed(days.values()), "one date", PERIOD)
    elif not days and "last" not in parsed.guessed:
        parsed.fault(None, DATES, f"Say until when it counts. {parsed.example}")
    return next(iter(days), None)


def _first(parsed: _Parsed, given: str | dt.date | None) -> dt.date | None:
    if given is not None:
        return _given_day(parsed, "since", given, 0)
    if len(set(parsed.firsts)) > 1:
        parsed.fault(listed(map(str, parsed.firsts)), "one first day", PERIOD)
    return parsed.firsts[0] if parsed.firsts else None


def _given_day(parsed: _Parsed, name: str, given: str | dt.date, end: int) -> dt.date | None:
    """A day given by name: the first or the last of what it says."""
    if isinstance(given, dt.date):
        return given
    window = values.window(given)
    if window is None:
        parsed.faults.append(Fault(name, shown(given), DATES, "Write it as 2023-11-15"))
    return window[end] if window else None


def _basis(parsed: _Parsed, given: str | None) -> str | None:
    if given is not None:
        if given not in SENTENCE_BASES:
            parsed.faults.append(unknown("basis", given, "one of", SENTENCE_BASES))
        return given
    if len(set(parsed.bases)) > 1:
        parsed.fault(listed(parsed.bases), "one rate", "Make one claim of each")
    return parsed.bases[0] if parsed.bases else None


# --- What must hold between the parts.


def _first_day(parsed: _Parsed, basis: str, first: dt.date | None, last: dt.date, start: dt.date) -> dt.date:
    """The first day that is counted: as the sentence says, or as its basis has it."""
    if first is not None:
        return max(first, start) if parsed.within else first
    return max(start, _period_start(basis, last)) if basis in LENGTH else table.default_start(last, start)


def _period_start(basis: str, last: dt.date) -> dt.date:
    """The first day of the day, week or month that ends on a day; a calendar month where it ends one."""
    length = LENGTH[basis]
    if length is not None:
        return last - dt.timedelta(days=length - 1)
    if last == values.month_end(last):
        return last.replace(day=1)
    before = last.replace(day=1) - dt.timedelta(days=1)
    return min(before.replace(day=min(last.day, before.day)) + dt.timedelta(days=1), last)


def _check_days(parsed: _Parsed, phrase: Phrase, basis: str, window: values.Window, start: dt.date) -> None:
    """A basis that the quantity can have, and days of the war in their order."""
    first, last = window
    if phrase.quantity == "strength" and basis != "stock":
        parsed.fault(basis, "stock, for strength is what there is on one day", "Leave the period out")
    if basis == "stock":
        return
    if last < start:
        parsed.fault(str(last), f"a day of the war, which began on {start}", "Correct the date")
    elif last < first:
        parsed.fault(str(last), f"a day not before the first, {first}", "Correct one of the two days")
    elif first < start:
        parsed.fault(str(first), f"a day of the war, which began on {start}", "Correct the first day")


def _check_amount(parsed: _Parsed, amount: Amount) -> None:
    """Numbers of men, the lower first."""
    if amount.low is not None and amount.high is not None and amount.low > amount.high:
        parsed.fault(f"{amount.low:.12g}-{amount.high:.12g}", "the lower number first", "Exchange the two")
    for number in amount:
        if number is not None and not 0 <= number <= MOST:
            parsed.fault(f"{number:.12g}", f"0 to {MOST:.0f} men", "Correct the number")
