"""A claim in a sentence, as `300000 killed russia 2023-11-15`, or as a newspaper writes it. English only.

Dates are taken first, because they hold numbers, then rates, quantities, amounts and sides; what is left is read by the part
that each word plays (`roles`). Each word that is not understood is a fault, and so is a sentence that may be read in two ways.
"""

from __future__ import annotations

import calendar
import dataclasses
import datetime as dt
import itertools
import os.path
import re
from collections.abc import Iterator, Sequence

from holdfast.core.faults import ClaimsError, Fault, listed, nearest, shown, similarity, unknown
from holdfast.evidence.claims import roles, table, values, vocabulary
from holdfast.evidence.claims.roles import Word
from holdfast.evidence.claims.table import QUANTITIES, Claim
from holdfast.evidence.claims.values import FLAGS, Amount
from holdfast.evidence.claims.vocabulary import Phrase
from holdfast.tabular.cells import MOST

FIRST_MARK, LAST_MARK = 0xE000, 0xF8FF
"""Characters for private use: each stands where words were understood, and for the word that they became."""

BEFORE = r"(?<![\w.,/-])"
TO = r"\s*(?:\.\.|\bto\b|\buntil\b|\btill\b|\bthrough\b|\band\b|-)\s*"
BETWEEN = rf"{BEFORE}(?:(?:from|between|since|in|over)\s+)?({values.DATE}){TO}({values.DATE})"
MONTHS = rf"(?:(?:from|between|since|in|over)\s+)?\b({values.MONTH}){TO}({values.MONTH},?\s+)(\d{{4}})\b"
YEARS = rf"\b(?:in|during|from|between|over)\s+({values.YEAR[: values.YEAR.index('(?!')]}){TO}({values.YEAR})"
SINCE = rf"\b(?:since|from|starting|beginning)\s+({values.DATE}|{values.YEAR})"
WITHIN = (
    r"\b(?:in|during|throughout|for|over)\s+(?:the\s+)?(?:whole\s+(?:of\s+)?)?(?:(?:month|year|course)\s+(?:of\s+)?)?"
    rf"({values.DATE}|{values.YEAR})"
)
UNTIL = rf"(?:\b(as\s+of|as\s+at|by|on|at|until|till|up\s+to|to|through|before)\s+|{BEFORE})({values.DATE})"
DAY_MONTH = rf"(?:{values.DAY})\s+(?:of\s+)?{values.MONTH}|{values.MONTH}\s+(?:{values.DAY})"
SAME_YEAR = rf"(?:(?:from|between|since|in|over)\s+)?\b({DAY_MONTH}|{values.DAY}){TO}((?:{DAY_MONTH}),?\s+)(\d{{4}})\b"
SINCE_THEN = rf"\bsince\s+(?:({values.MONTH})|(?:the\s+)?(?:start|beginning)\s+of\s+(?:the|this)\s+year)(?!\s+\d)"
VAGUE = rf"\bearly[\s-]+(?:in\s+)?(?:{values.MONTH},?\s+)?\d{{4}}\b"
SHARE = (
    rf"\b(?:one|two|three|\d+)\s+(?:in|out\s+of)\s+(?:every\s+)?(?:\d+|two|three|four|five|ten|twenty)\b"
    rf"|{values.DIGITS}\s*%"
)
MISSPELT = 0.75
"""Least similarity of a word to a known one that it may be a slip for; of other words a guess would change the sense."""
DAY_MOST = 10_000
"""A number of men "on 15 November 2023" that is larger may as well be of all the war: it is asked."""

LONGEST = 400
"""Letters of a sentence; what is longer is more than one claim, and would be read for minutes."""

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
    words: list[Word | None] = dataclasses.field(default_factory=list)
    """What each mark in the rest stands for; nothing, where it is not a matter of who did what."""
    amounts: list[tuple[Amount, str]] = dataclasses.field(default_factory=list)
    phrases: list[tuple[Phrase, str]] = dataclasses.field(default_factory=list)
    firsts: list[values.Window] = dataclasses.field(default_factory=list)
    """First days, each as the days of its date: a month or a year may have begun before the war."""
    within: bool = False  # whether they came from a month or a year as a whole
    lasts: list[tuple[dt.date, str]] = dataclasses.field(default_factory=list)
    since: str = ""  # a month without its year, that of the last day
    more: str = ""  # a word of what is added to a count
    stated: dt.date | None = None  # the day on which it was said, where the words name another last day
    opens: bool = False  # whether that opens the sentence
    on: str = ""  # the date that stands behind "on", for that day alone
    covers: str = ""  # whom the number covers, where the words say it
    bases: list[str] = dataclasses.field(default_factory=list)
    spans: list[str] = dataclasses.field(default_factory=list)  # rates of the day, the week or the month that ends then
    speaker: str | None = None  # the side that says so
    unknown: list[str] = dataclasses.field(default_factory=list)  # words that may only name who says it
    said: list[Word] = dataclasses.field(default_factory=list)  # the words that are left, by the part that they play
    faults: list[Fault] = dataclasses.field(default_factory=list)
    guessed: set[str] = dataclasses.field(default_factory=set)
    """Parts that a word which was not understood stands for: they are not missing as well."""

    def struck(
        self, pattern: str | re.Pattern[str], kind: str = "", side: str = "", flags: int = FLAGS
    ) -> Iterator[re.Match[str]]:
        """Every place that a pattern fits, each struck out of the sentence, a word of a kind in its place."""
        compiled = re.compile(pattern, flags) if isinstance(pattern, str) else pattern
        while match := compiled.search(self.rest):
            mark = chr(min(FIRST_MARK + len(self.words), LAST_MARK))
            self.words.append(Word(kind, match[0].strip(), side) if kind else None)
            self.rest = f"{self.rest[: match.start()]} {mark} {self.rest[match.end() :]}"
            yield match

    def drop(self, pattern: str) -> bool:
        """Strike out words that change nothing; whether there were any."""
        return bool(list(self.struck(pattern)))

    @property
    def mentioned(self) -> list[str]:
        """The sides that are named."""
        return list(dict.fromkeys(word.side for word in self.words if word and word.side))

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

    def begin(self, text: str) -> None:
        """Count from the first day of a date."""
        if window := self.days(text):
            self.firsts.append(window)

    def end(self, text: str) -> None:
        """Count to the last day of a date."""
        if window := self.days(text):
            self.lasts.append((window[1], text))


def parse(
    text: str, sides: Sequence[str], start: dt.date, *, side: str | None = None, quantity: str | None = None,
    value: str | float | None = None, date: str | dt.date | None = None, since: str | dt.date | None = None,
    basis: str | None = None, counts: str | None = None, covers: str | None = None, claimant: str | None = None,
    claimant_type: str | None = None, bystander: str = "media",
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
        claimant: who says it; the side that says so in the sentence unless given.
        claimant_type: one of `CLAIMANT_TYPES`; by the side that says so unless given.
        bystander: the type where no side says so.

    Returns:
        The claim, its note the sentence itself.

    Raises:
        ClaimsError: with every word that was not understood, every part that is missing, and every part that
            contradicts another.
    """
    if len(text) > LONGEST:
        cure = "Paste the one sentence that makes the claim, or make a table: holdfast claims check --help"
        raise ClaimsError(
            [Fault("the claim", f"{len(text)} letters", f"a sentence of at most {LONGEST}", cure)], "The claim"
        )
    parsed = _understood(text, sides, apart=side is not None)
    side, phrase, amount = _side(parsed, side), _phrase(parsed, quantity), _amount(parsed, value)
    last, first, basis = _last(parsed, date), _first(parsed, since), _basis(parsed, basis)
    for name, word, known in (
        ("counts", counts, table.COUNTS), ("covers", covers, table.COVERS), ("claimant_type", claimant_type, table.CLAIMANT_TYPES)
    ):  # fmt: skip
        if word is not None and word not in known:
            parsed.faults.append(unknown(name, word, "one of", known))
    claimant_type = claimant_type or _speaks_as(parsed, side) or bystander
    claimant = claimant or _called(parsed.speaker) or "the claim"
    if parsed.faults or not (side and phrase and amount and last):
        raise ClaimsError(parsed.faults, "The claim")
    if parsed.bases and parsed.spans and not first:  # 831 per day over the seven days to 12 February
        first = max(start, _period_start(parsed.spans[0], last))
    named = first if parsed.within else _cut(parsed, first, start)
    state = phrase.basis and not (first and phrase.quantity in ("missing", "deserted"))
    basis = basis or (phrase.basis if state else "per period" if named and named != start else "cumulative")
    if basis == "cumulative" and parsed.on and date is None:
        basis = _on_the_day(parsed, amount, last)
    if basis == "cumulative" and parsed.more:
        cure = f"Give the whole number, or the period in which it was added. {PERIOD}"
        parsed.fault(parsed.more, "all since the war began, or a period", cure)
    first = _first_day(basis, _cut(parsed, first, start), last, start)
    _check_days(parsed, phrase, basis, (first, last), start)
    _check_amount(parsed, amount)
    if parsed.faults:
        raise ClaimsError(parsed.faults, "The claim")
    words = {
        "quantity": phrase.quantity, "definition": phrase.definition, "basis": basis, "counts": counts or "",
        "covers": covers or "", "claimant_type": claimant_type,
    }  # fmt: skip
    words["covers"] = words["covers"] or parsed.covers
    counts, covers = table.counted(words)
    return Claim(
        claim_id="claim", side=side, quantity=phrase.quantity, value_low=amount.low, value_central=amount.central,
        value_high=amount.high, as_of_date=last, published_date=None, claimant=claimant, claimant_type=claimant_type,
        definition=phrase.definition, source="", url="", seen="", basis=basis, period_start=first,
        lineage=table.default_lineage(claimant), note=text.strip(), counts=counts, covers=covers,
    )  # fmt: skip


def write(claim: Claim, start: dt.date) -> str:
    """A claim as a sentence, from which `parse` reads the same claim.

    Args:
        claim: any claim that counts something.
        start: the war's first day.

    Returns:
        The number, what it counts, of whom, and over what time.
    """
    low, central, high = (
        None if value is None else f"{value:.12g}" for value in (claim.value_low, claim.value_central, claim.value_high)
    )
    limits = f"{low}-{high}" if low and high else f"at least {low}" if low else f"up to {high}"
    number = f"{central} ({limits})" if central and low and high else central or limits
    whole = claim.basis == "cumulative" and claim.period_start == start
    days = f"{claim.as_of_date}" if whole or claim.basis == "stock" else f"{claim.period_start}..{claim.as_of_date}"
    rate = claim.basis if claim.basis in LENGTH or (claim.basis == "cumulative" and not whole) else ""
    counted = vocabulary.COUNTED[claim.counts] + (
        " on the day" if (claim.counts, claim.basis) == ("missing", "stock") else ""
    )
    words = [number, counted, vocabulary.COVERING.get(claim.covers, ""), claim.side, rate, days]
    return " ".join(word for word in words if word)


def _understood(text: str, sides: Sequence[str], *, apart: bool = False) -> _Parsed:
    """What can be understood of a sentence, what changes nothing last; `apart` says that its side is given elsewhere."""
    plain = values.in_digits(_plain(text))
    for words, (side, _) in _side_words(plain, sides).items():
        plain = re.sub(rf"(?<!\w){re.escape(words)}-held\b", f"held by {side}", plain)
    named = _side_words(plain, sides)
    anyone = "|".join(map(re.escape, sorted(named, key=len, reverse=True))) or r"(?!)"
    parsed = _Parsed(plain, sides)
    _strike_dates(parsed, anyone)
    for match in parsed.struck(vocabulary.PLANS):
        parsed.fault(match[0], "a plain statement of one number", f"That can turn its meaning. {parsed.example}")
    for covers, words in vocabulary.COVERED.items():
        parsed.covers = covers if parsed.drop(rf"(?<![\w-])(?:{words})(?![\w-])") else parsed.covers
    for _ in parsed.struck(rf"(?<![\w-])(?:{vocabulary.KINDS})(?![\w-])", "MEN"):
        parsed.covers = "part"
    for match in parsed.struck(vocabulary.TOGETHER, "HARM"):
        _strike_together(parsed, match[0])
    for words, phrase, kind in vocabulary.PHRASES:
        parsed.phrases += [(phrase, match[0]) for match in parsed.struck(rf"\b(?:{words})(?:'s)?(?![\w-])", kind)]
    parsed.phrases += [
        (vocabulary.NAMED, match[0]) for match in parsed.struck(r"\b(?:the\s+)?names\s+of\b|\bby\s+name\b")
    ]
    for match in parsed.struck(SHARE):
        parsed.fault(match[0], NUMBERS, f"Give the number, not a share. {parsed.example}", part="amount")
    _strike_amounts(parsed)
    for words in sorted(named, key=len, reverse=True):
        kind = "POSS" if words.lower().endswith(("'s", "s'")) else "SIDE" if named[words][1] else "ADJ"
        for _ in parsed.struck(rf"(?<![\w-]){re.escape(words)}(?![\w-])", kind, named[words][0], re.IGNORECASE):
            pass
    for kind, words in (("MEN", vocabulary.MEN), ("ARMY", vocabulary.ARMY), *vocabulary.ROLES):
        for _ in parsed.struck(rf"(?<![\w-])(?:{words})(?:'s|')?(?![\w-])", kind):
            pass
    _read_rest(parsed)
    if any(word.kind in ("PLACE", "ATTACK") for word in parsed.said):
        parsed.covers = parsed.covers or "part"
    _complete_phrases(parsed)
    if not (parsed.phrases and parsed.amounts and (parsed.mentioned or apart) and parsed.lasts):
        _refuse_unknown(parsed)
    return parsed


def _plain(text: str) -> str:
    """A text with one kind of blank, dash and apostrophe, and without quotation marks."""
    text = re.sub(rf"[{chr(FIRST_MARK)}-{chr(LAST_MARK)}]", " ", text)  # they are ours
    plain = re.sub(r"[\u00a0\u2009\u202f\s]", " ", re.sub("[–—−‑‒]", "-", text))
    plain = re.sub("[\"“”„«»]|(?<!\\w)['‘](?=\\w)|(?<=[\\d,])['’](?!\\w)", " ", plain)
    plain = re.sub(
        r"(?<![\d.])\d{1,3}(?:\.\d{3}){2,}(?![\d.])", lambda match: match[0].replace(".", ""), plain
    )  # 1.250.000
    plain = re.sub(r"\b([A-Z])\.(?=[A-Z]\.)", r"\1", plain.replace("’", "'").replace("‘", "'"))
    who = "|".join(sorted(vocabulary.INSTITUTIONS))
    for words, plainly in vocabulary.REWRITES:
        plain = re.sub(words.replace("{who}", who), plainly, plain, flags=re.IGNORECASE)
    return plain


def _strike_dates(parsed: _Parsed, anyone: str) -> None:
    """Take the first and last days, and the rates; `in 2024` is both days."""
    for basis, words in vocabulary.SPANS.items():
        parsed.spans += [basis for _ in parsed.struck(rf"\b(?:{words})(?!\w)")]
    for pattern in (SAME_YEAR, MONTHS):
        for match in parsed.struck(pattern):
            month = "" if re.search(values.MONTH, match[1], FLAGS) else re.search(values.MONTH, match[2], FLAGS)
            parsed.begin(f"{match[1]} {month[0] if month else ''} {match[3]}")
            parsed.end(match[2] + match[3])
    for pattern in (BETWEEN, YEARS):
        for match in parsed.struck(pattern):
            parsed.begin(match[1])
            parsed.end(match[2])
    for match in parsed.struck(SINCE):
        parsed.begin(match[1])
    for match in parsed.struck(SINCE_THEN):
        parsed.since = match[1] or "January"
    for match in parsed.struck(VAGUE):
        parsed.fault(match[0], DATES, "Name a day or a month", part="last")
    says = rf"\b(?:{vocabulary.SAYS}|{vocabulary.STANDS})(?:\s+on\s+\w+)?\W*$"
    for match in parsed.struck(WITHIN):
        if re.search(rf"\b(?:{vocabulary.SAYS})\W*$", match.string[: match.start()], FLAGS):
            if not parsed.lasts:
                parsed.end(match[1])  # said in February 2024: all until then
            continue
        if window := parsed.days(match[1]):
            parsed.lasts.append((window[1], match[1]))
            if window[0] != window[1]:
                parsed.firsts.append(window)
                parsed.within = True
    for match in parsed.struck(UNTIL):
        before = re.search(says, match.string[: match.start()], FLAGS)
        if before and parsed.lasts and (match[1] or "").lower() == "on":
            parsed.stated = (values.window(match[2]) or (None,))[0]
            continue  # the day on which it was said
        parsed.end(match[2])
        if (match[1] or "").lower() == "on" and not before:
            parsed.on = match[2]
            parsed.opens = not match.string[: match.start()].strip()
    parsed.drop(rf"(?<!\w)(?:{vocabulary.so_far(anyone)})(?!\w)")
    parsed.bases += ["cumulative" for _ in parsed.struck(r"\bcumulative(?:ly)?\b")]
    for basis, words in vocabulary.RATES.items():
        parsed.bases += [basis for _ in parsed.struck(rf"\b(?:{words})\b")]


def _strike_together(parsed: _Parsed, text: str) -> None:
    """The one number that several fates make: `dead or wounded`."""
    fates = frozenset(fate for fate, words in vocabulary.FATES.items() if re.search(rf"\b(?:{words})\b", text, FLAGS))
    fate = next(iter(fates))
    phrase = Phrase(fate, fate) if len(fates) == 1 else vocabulary.SETS.get(fates)
    if phrase:
        parsed.phrases.append((phrase, text))
    else:
        allowed = f"what is counted together: {listed(phrase.definition for phrase in vocabulary.SETS.values())}"
        parsed.fault(text, allowed, "Make one claim of each", part="phrase")


def _strike_amounts(parsed: _Parsed) -> None:
    """Take the numbers with the words about them."""
    parsed.amounts += [(values.amount_of(match), match[0]) for match in parsed.struck(values.RANGE, "NUM")]
    for match in parsed.struck(values.AMOUNT, "NUM"):
        if values.POINTED.fullmatch(match["digits"]) and not match["unit"]:
            cure = f"Write {match['digits'].replace('.', '')} for thousands; a point is for decimals"
            parsed.fault(match["digits"], NUMBERS, cure, part="amount")
        else:
            parsed.amounts.append((values.amount_of(match), match[0].strip()))


def _side_words(text: str, sides: Sequence[str]) -> dict[str, tuple[str, bool]]:
    """The words of a text that name a side: which, and whether as a noun, that can act."""
    named: dict[str, tuple[str, bool]] = {}
    for name in sorted(sides, key=len, reverse=True):
        words = r"[\s_-]+".join(re.escape(word) for word in re.split(r"[\s_-]+", name) if word)
        for match in re.finditer(rf"(?<!\w){words}(?:'s|s'|s)?(?!\w)", text, re.IGNORECASE):
            named.setdefault(match[0], (name, True))
        if re.search(r"[\s_-]", name):  # North Korean, South Vietnamese
            for match in re.finditer(rf"(?<!\w){words}(?:ns?|ese|ians?|i)(?:')?(?!\w)", text, re.IGNORECASE):
                named.setdefault(match[0], (name, match[0].rstrip("'").endswith("s")))
    taken = {part.lower() for words in named for part in words.split()}
    for match in re.finditer(r"(?<![\w-])([^\W\d_]{3,})('s|')?(?!\w|-(?!held\b))", text):
        word = match[1].lower()
        if word in taken or word in vocabulary.FILLERS or word in vocabulary.INSTITUTIONS:
            continue
        if meant := _adjective(word, sides):
            named[match[0]] = (meant, bool(match[2]) or word.endswith("s"))
    return named


def _adjective(word: str, sides: Sequence[str]) -> str | None:
    """The side that a word such as `russian` is formed from: four letters or more alike, an ending that differs."""
    plain = {name: re.sub(r"[\s-]", "_", name.lower()) for name in sides}
    irregular = [name for name in sides if word.lower() in vocabulary.DEMONYMS.get(plain[name], "").split()]
    if irregular:
        return irregular[0]
    fit = [name for name in sides for bare in (name.lower(),) if _formed(word.lower(), bare)]
    return fit[0] if len(fit) == 1 else None


def _formed(word: str, name: str) -> bool:
    """Whether a word is formed from a name, by one of the endings of adjectives and peoples."""
    same = len(os.path.commonprefix([word, name]))
    if len(name) < 4 or same < 4 or len(name) - same > 3:
        return False
    stems = {name[:cut] for cut in range(max(4, len(name) - 3), len(name) + 1) if word.startswith(name[:cut])}
    return any(word[len(stem) :] in vocabulary.ENDINGS for stem in stems if word != name)


def _read_rest(parsed: _Parsed) -> None:
    """The words that are left, each with the part that it plays; one that turns a claim, or is unknown, is a fault."""
    marks = f"{chr(FIRST_MARK)}-{chr(LAST_MARK)}"
    left = re.sub(r":(?=\s|$)", " : ", re.sub(r"(?<!\d),|,(?!\d)", " , ", parsed.rest))
    words: list[Word] = []
    for raw in re.findall(rf"[{marks}]|:(?!\S)|[^\s{marks};!?()\[\]]+", left):
        if FIRST_MARK <= ord(raw[0]) <= LAST_MARK:
            word = parsed.words[ord(raw[0]) - FIRST_MARK]
            words += [word] if word else []
        elif raw in ":,":
            words.append(Word("COLON" if raw == ":" else "COMMA", raw))
        elif text := raw.strip(".'/&:") if raw.strip(".'/&-:") else "":
            words += _plain_word(parsed, text)
    for one, both, other in zip(words, words[1:], words[2:], strict=False):
        if both.kind == "AND" and one.side and other.side and one.side != other.side:
            parsed.fault(f"{one.text} and {other.text}", "one side", "Make one claim of each", part="side")
    parsed.said = _with_parts([word for word in words if word.kind != "AND"])


def _plain_word(parsed: _Parsed, text: str) -> list[Word]:
    """A word of the rest: its part, nothing where it changes nothing, or a fault."""
    lower = text.lower().removesuffix("'s")
    if lower in vocabulary.PREPOSITIONS:
        return [Word(vocabulary.PREPOSITIONS[lower], text)]
    if lower in ("and", "or", "nor"):
        return [Word("AND", text)]
    if lower in vocabulary.INSTITUTIONS:
        return [Word("WHO", text)]
    if lower in vocabulary.FILLERS:
        return []
    if lower in vocabulary.MORE:
        parsed.more = text
    elif lower in vocabulary.TURNS:
        parsed.fault(text, "a plain statement of one number", f'"{text}" can turn its meaning. {parsed.example}')
    elif lower == "people" and _soldiers(parsed):
        return [Word("MEN", text)]
    elif lower in vocabulary.NEITHER:
        cure = f"Give the number of soldiers. {parsed.example}"
        parsed.fault(text, "losses of an army in men: no civilians, no equipment", cure, part="phrase")
    elif any(letter.isdigit() for letter in text) and not re.fullmatch(r"[A-Z]+\d", text):
        part = "amount" if not parsed.amounts else "last"
        parsed.fault(text, f"{NUMBERS}; {DATES}", parsed.example, part=part)
    else:
        parsed.unknown.append(text)
        if text[0].isupper() and lower.capitalize() not in calendar.month_name:
            return [Word("OTHER", text)]
        _refuse_unknown(parsed)
    return []


def _misspelt(parsed: _Parsed, text: str) -> tuple[str | None, str]:
    """The word that an unknown one was probably meant to be, and the part that it leaves open."""
    known = {**dict.fromkeys(vocabulary.OTHER_WORDS, ""), **dict.fromkeys(vocabulary.QUANTITY_WORDS, "phrase")}
    known |= dict.fromkeys(parsed.sides, "side") | dict.fromkeys(calendar.month_name[1:], "last")
    meant = nearest(text, known)
    if meant is None or similarity(text, meant.lower()) < MISSPELT:
        return None, ""
    return meant, known[meant]


def _soldiers(parsed: _Parsed) -> bool:
    """Whether people can only be soldiers."""
    raised = any(phrase.quantity in ("recruited", "deserted") for phrase, _ in parsed.phrases)
    return raised or "fighting" in parsed.rest or any(word and word.kind in ("LOSE", "ENEMY") for word in parsed.words)


def _refuse_unknown(parsed: _Parsed) -> None:
    """A fault for each word that is not known, where it cannot be of the name of who says it."""
    for text in parsed.unknown:
        meant, part = _misspelt(parsed, text)
        cure = parsed.example if meant else f"Leave it out, or write the side that it stands for. {parsed.example}"
        parsed.fault(text, "a number, what was lost, a side and a date, in any order", cure, meant, part=part)
    parsed.unknown.clear()


SPEAKS = ("SIDE", "OTHER", "WHO", "ARMY")
NOUN = ("MEN", "ARMY", "KIND", "WHO", "OTHER", "ADJ", "NUM", "HARM", "SOIL", "JAIL")
WITH_SIDE = ("IN", "OF", "FROM", "TO", "AGAINST", "ON", "WITH")
PARTICIPLE = re.compile(r"(?:ed|known|found|said|thought)$", re.IGNORECASE)


def _with_parts(words: Sequence[Word]) -> list[Word]:
    """The words less those that have no part where they stand: prepositions before no side, `are believed to have`."""
    parts: list[Word] = []
    named = {"SIDE", "ADJ", "POSS", "ENEMY", "ITS", "OUR"}
    for place, word in enumerate(words):
        after = [other.kind for other in words[place + 1 : place + 4]] + ["", "", ""]
        names = next((other.kind for other in words[place + 1 :] if other.kind != "OTHER"), "")
        where = word.kind in ("IN", "ON") and after[0] == "OTHER" and names not in ("MEN", "ARMY", "NUM")
        if word.text.lower() == "fighting" and after[0] == "NUM":
            word = word._replace(kind="FACE")
        if word.kind == "ADJ" and after[0] not in NOUN and re.search(r"(?:sh|ch|ese)$", word.text, re.IGNORECASE):
            word = word._replace(kind="SIDE")  # the British had suffered
        if (
            word.kind in WITH_SIDE
            and after[0] not in named
            and not where
            and after[:2] not in (["MEN", "OF"], ["ARMY", "OF"])
        ):
            continue
        if word.kind == "BY" and after[0] not in named | {"OTHER", "WHO", "MEN", "ARMY"}:
            continue
        before = parts[-1] if parts else Word("", "")
        if word.kind == "SAY" and after[0] == "OF" and before.kind not in (*SPEAKS, "ADJ", "POSS"):
            continue  # estimates of
        if word.text.lower() == "they" and before.kind == "SAY":
            word = word._replace(kind="ITS")  # Ukraine's forces say they have killed 500
        if word.kind == "SAY" and (after[0] == "SAY" or after[:2] == ["HAVE", "SAY"]):
            word = word._replace(kind="WHO")  # a report said
        if word.kind == "SAY" and PARTICIPLE.search(word.text):
            if before.kind == "BE" and after[0] not in ("BY",):
                parts.pop()
                continue
            speaks = before.kind in SPEAKS
            if after[0] in ("KIND", "HARM", "NUM", "ADJ") and not speaks and before.kind != "HAVE":
                continue
        parts.append(word._replace(kind="PLACE") if where else word)
    return parts


def _complete_phrases(parsed: _Parsed) -> None:
    """What is counted where other words than its own say it: prisoners by who holds them, strength by men alone."""
    kinds = {word.kind for word in parsed.said}
    captive = any(phrase.quantity == "captured" for phrase, _ in parsed.phrases)
    if "JAIL" in kinds or ("HOLD" in kinds and (captive or len(parsed.mentioned) > 1)):
        parsed.phrases.append((vocabulary.HELD, "held"))
    for owner, after in itertools.pairwise(parsed.said):
        if owner.kind == "POSS" and re.fullmatch(rf"{vocabulary.PRISONERS}|captured", after.text, FLAGS):
            cure = f"Say who holds them: held by {', or held by '.join(parsed.sides)}"
            parsed.fault(f"{owner.text} {after.text}", "prisoners of one side, held by the other", cure, part="side")
    by_name = any(
        word and word.kind == "SAY" and re.match(r"identif|verif|list|documented", word.text, FLAGS)
        for word in parsed.words
    )
    if by_name and all(phrase == vocabulary.DEAD for phrase, _ in parsed.phrases) and parsed.phrases:
        parsed.phrases = [(vocabulary.NAMED, text) for _, text in parsed.phrases]  # whom the BBC has identified
    if parsed.phrases or "phrase" in parsed.guessed:
        return
    if "LOSE" in kinds and "MEN" in kinds:
        parsed.phrases.append((vocabulary.LOST, "lost"))
    elif "LOSE" in kinds or "HARM" in kinds or "HOLD" in kinds:
        word = next(word.text for word in parsed.said if word.kind in ("LOSE", "HARM", "HOLD"))
        cure = "Say lost how: killed, casualties"
        parsed.fault(word, f"what is counted: {listed(QUANTITIES)}", cure, part="phrase")
    elif "MEN" in kinds and kinds & {"HAVE", "BE", "FACE", "DEPLOYED", "IN", "AGAINST", "REACH"}:
        parsed.phrases.append((vocabulary.STRENGTH, "men"))


# --- One of each part: what is given by name, or what the sentence says.


def _side(parsed: _Parsed, given: str | None) -> str | None:
    if given is not None:
        lower = {name.lower(): name for name in parsed.sides}
        side = lower.get(given.lower()) or _adjective(given, parsed.sides)
        if side is None:
            parsed.faults.append(unknown("side", given, "a side of the war", parsed.sides))
        try:
            roles.readings(parsed.said, parsed.sides)
        except roles.NoRoleError:
            _refuse_unknown(parsed)  # a word that is no speaker's name is not skipped either
        return side
    if not parsed.mentioned and "side" not in parsed.guessed:
        parsed.fault(None, f"a side: {listed(parsed.sides)}", f"Name one. {parsed.example}")
    if not parsed.mentioned or any(fault.place == "the claim" for fault in parsed.faults):
        return next(iter(parsed.mentioned), None)
    return _who_lost(parsed)


def _who_lost(parsed: _Parsed) -> str | None:
    """The one side that every reading of the sentence names; else a question."""
    quantity = parsed.phrases[0][0].quantity if parsed.phrases else ""
    try:
        readings = roles.readings(parsed.said, parsed.sides, quantity)
    except roles.NoRoleError as error:
        if parsed.unknown:
            _refuse_unknown(parsed)
        else:
            place = error.word.text if error.word else "the end of the sentence"
            parsed.fault(place, "words whose part in the sentence is clear", f"Say it more plainly. {_either(parsed)}")
        return None
    sides, speakers = {reading.side for reading in readings}, {reading.speaker for reading in readings}
    if len(sides) == 1:
        parsed.speaker = speakers.pop() if len(speakers) == 1 else None
        return sides.pop()
    if not parsed.faults:
        read = f"it may be {listed(sorted(sides))}" if sides else "the words do not say"
        parsed.fault(listed(parsed.mentioned), f"one side whose men they were; {read}", _either(parsed))
    return None


def _speaks_as(parsed: _Parsed, side: str | None) -> str | None:
    """The type of the claimant, if it is a side of the war that says so."""
    if parsed.speaker is None:
        return None
    return "belligerent own side" if parsed.speaker == side else "opposing side"


def _called(side: str | None) -> str:
    """The name of a side as a claimant: North Korea for north_korea."""
    return " ".join(word[:1].upper() + word[1:] for word in (side or "").replace("_", " ").split())


def _either(parsed: _Parsed) -> str:
    """The claim written for each side."""
    number = parsed.amounts[0][1] if parsed.amounts else "300000"
    phrase, what = parsed.phrases[0] if parsed.phrases else (vocabulary.DEAD, "killed")
    what = "casualties" if phrase == vocabulary.LOST else what
    day = str(parsed.lasts[0][0]) if parsed.lasts else "2023-11-15"
    day = f"{parsed.firsts[0][0]}..{day}" if parsed.firsts else f"on {day}" if parsed.on else day
    rate = f" {rates[0]}" if (rates := parsed.bases or parsed.spans) else ""
    return "Write " + " or ".join(f'"{number} {what} {side}{rate} {day}"' for side in parsed.sides)


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
    for general, kinds in vocabulary.GENERAL.items():
        if any(phrase != general and phrase.quantity in kinds for phrase in phrases):
            phrases.pop(general, None)
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
    beside = any(one.kind == two.kind == "NUM" for one, two in itertools.pairwise(parsed.said)) or not parsed.said
    if len(amounts) == 2 and beside and (both := _both_limits(amounts[0][0], amounts[1][0])):
        return both
    if len(amounts) > 1 and "last" not in parsed.guessed:  # else they are of a date
        parsed.fault(listed(words for _, words in amounts), "one number, or a range", "Make one claim of each")
    elif not amounts and "amount" not in parsed.guessed:
        parsed.fault(None, NUMBERS, f"Give the number. {parsed.example}")
    return amounts[0][0] if amounts else None


def _both_limits(one: Amount, other: Amount) -> Amount | None:
    """Over 100,000 and up to 200,000; 150,000 (100,000 to 200,000)."""
    centre, limits = (one, other) if one.central is not None else (other, one)
    if centre.central is not None and limits.low is not None and limits.high is not None:
        return Amount(limits.low, centre.central, limits.high) if limits.low <= centre.central <= limits.high else None
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
    last = next(iter(days), None)
    if last and parsed.stated and parsed.within and parsed.firsts[0][0] <= parsed.stated < last:
        return parsed.stated  # of a period that was not over
    return last


def _first(parsed: _Parsed, given: str | dt.date | None) -> dt.date | None:
    if given is not None:
        return _given_day(parsed, "since", given, 0)
    if parsed.since and parsed.lasts:
        parsed.begin(f"{parsed.since} {parsed.lasts[0][0].year}")
    firsts = dict.fromkeys(first for first, _ in parsed.firsts)
    if len(firsts) > 1:
        parsed.fault(listed(map(str, firsts)), "one first day", PERIOD)
    return next(iter(firsts), None)


def _given_day(parsed: _Parsed, name: str, given: str | dt.date, end: int) -> dt.date | None:
    """A day given by name: the first or the last of what it says."""
    if isinstance(given, dt.date):
        return given
    window = values.window(given)
    if re.fullmatch(r"\d{4}", given.strip()):
        cure = f'Write "end {given}" or "{given}-01-01", whichever is meant'
        parsed.faults.append(Fault(name, shown(given), DATES, cure))
        return None
    if window is None:
        parsed.faults.append(Fault(name, shown(given), DATES, "Write it as 2023-11-15"))
    return window[end] if window else None


def _basis(parsed: _Parsed, given: str | None) -> str | None:
    if given is not None:
        if given not in SENTENCE_BASES:
            parsed.faults.append(unknown("basis", given, "one of", SENTENCE_BASES))
        return given
    bases = list(dict.fromkeys(parsed.bases or parsed.spans))
    if len(bases) > 1:
        parsed.fault(listed(bases), "one rate", "Make one claim of each")
    return bases[0] if bases else None


# --- What must hold between the parts.


def _on_the_day(parsed: _Parsed, amount: Amount, last: dt.date) -> str:
    """The basis of "on 15 November 2023": that day's losses, or all until then where the words are of a state."""
    kinds = {word.kind for word in parsed.said}
    is_so = any(one.kind == "BE" and two.kind == "NUM" for one, two in itertools.pairwise(parsed.said))
    if (
        is_so
        or "REACH" in kinds
        or any(re.match(r"had\b|puts?$|estimat", word.text, FLAGS) for word in parsed.said)
        or re.search(rf"\b(?:{vocabulary.STANDS})\b", parsed.amounts[0][1] if parsed.amounts else "", FLAGS)
    ):
        return "cumulative"
    said = parsed.opens and "SAY" in kinds
    if said or max(number or 0 for number in amount) >= DAY_MOST:
        cure = f'Write "by {last}" for all until then, or "{last}..{last}" for that day alone'
        parsed.fault(f"on {parsed.on}", DATES, cure)
    return "per day"


def _cut(parsed: _Parsed, first: dt.date | None, start: dt.date) -> dt.date | None:
    """The first day that the sentence names; the war's first, where it is of the month or the year in which that began."""
    return start if first and any(each[0] == first < start <= each[1] for each in parsed.firsts) else first


def _first_day(basis: str, first: dt.date | None, last: dt.date, start: dt.date) -> dt.date:
    """The first day that is counted: as the sentence says, or as its basis has it."""
    if first is not None:
        return first
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
