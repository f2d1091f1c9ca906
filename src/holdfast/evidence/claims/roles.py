"""Who lost: the readings of a sentence by the part that each of its words plays (`roles.lark`), and the side that they name.

A side that speaks, kills, captures or holds is not the side that lost. Every way in which the grammar can take the words is
looked at; only where all that make sense name one side is there an answer.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Iterator, Sequence
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from lark import Lark, Tree

RELATIVE = ("ENEMY", "ITS", "OUR")
"""Terminals that stand for a side which another word decides."""
SIDES = ("SIDE", "ADJ", "POSS", *RELATIVE)

ROLES = {
    "loser": "loser",
    "agent": "doer",
    "place": "place",
    "source": "source",
    "against": "against",
    "enemy": "enemy",
    "captor": "captor",
    "own": "own",
    "speaker": "speaker",
}
"""The role of a side below a rule of the grammar."""
ACTORS = {
    "losing": "subject",
    "having": "subject",
    "raising": "subject",
    "holding": "captor",
    "doing": "doer",
    "facing": "enemy",
    "bag": "",
}
"""Clauses, and the role of the one who acts."""
PLAIN = ("actor", "side", "force", "object", "striker")
"""Rules below which a side has the role that it has above them."""

SPEECH = frozenset(("SAY", "ADMIT", "ACCORDING", "COLON"))
"""Words of which one at least stands beside whoever says a thing."""
APART = frozenset(
    (
        "opposition",
        "exiled",
        "partisan",
        "partisans",
        "media",
        "outlet",
        "outlets",
        "journalists",
        "press",
        "newspaper",
        "news",
        "service",
    )
)
"""Words of those who bear a side's name and do not speak for it."""
MOST = 512
"""Readings of a part of a sentence; more are no sentence."""

Facts = frozenset[tuple[str, str]]
"""What one reading says: each role with the side that has it."""


class Word(NamedTuple):
    """A word or a number of a sentence, and the part that it plays."""

    kind: str  # a terminal of the grammar
    text: str  # as it was written
    side: str = ""  # the side that it names


class Reading(NamedTuple):
    """What a sentence says of the sides."""

    side: str  # the side that lost
    speaker: str | None  # the side that says so


class NoRoleError(ValueError):
    """Words whose part in the sentence is not clear."""

    def __init__(self, word: Word | None) -> None:
        """Hold the first word that has no part.

        Args:
            word: the word; none where the sentence ends too early.
        """
        super().__init__(word.text if word else "the end")
        self.word = word


@functools.cache
def _grammar() -> Lark:
    from lark import Lark
    from lark.lexer import Lexer, Token

    class Words(Lexer):
        """Hands over the parts that words play, each with its place."""

        def __init__(self, _: object) -> None:
            pass

        def lex(self, data: Sequence[str]) -> Iterator[Token]:  # type: ignore[override]
            return (Token(kind, place) for place, kind in enumerate(data))  # type: ignore[arg-type]

    text = (resources.files("holdfast.evidence.claims") / "roles.lark").read_text(encoding="utf8")
    return Lark(text, parser="earley", lexer=Words, ambiguity="explicit", start=["spoken", "plain"])


def readings(words: Sequence[Word], sides: Sequence[str], quantity: str = "") -> set[Reading]:
    """What a sentence may say of the sides.

    Args:
        words: the sentence.
        sides: names of the war's sides.
        quantity: what is counted: men are recruited by their own side, and desert from it.

    Returns:
        Every reading that makes sense; none where no word says whose men they were.

    Raises:
        NoRoleError: where the words are no sentence.
    """
    spoken = not SPEECH.isdisjoint(word.kind for word in words)
    plain = _plain(words) if spoken else [word for word in words if word.kind != "COMMA"]
    tree = _tree(tuple(word.kind for word in plain), "spoken" if spoken else "plain")
    if tree is None or isinstance(tree, int):
        raise NoRoleError(None if tree is None else plain[tree])
    sense = functools.partial(_sense, words=plain, sides=sides, quantity=quantity)
    sensible = {facts: reading for facts in _facts(tree, "", plain) if (reading := sense(facts))}
    certain = {reading for facts, reading in sensible.items() if ("men", "") in facts}
    if not certain and _doubtful(plain):
        bare = any({("form", name) for name in ("doing", "holding", "facing")} & facts for facts in sensible)
        return set(sensible.values()) if bare else set()
    return certain or set(sensible.values())


def _plain(words: Sequence[Word]) -> list[Word]:
    """The words with one comma where there are more, none at the ends, and names of speakers as one word."""
    plain: list[Word] = []
    for word in words:
        last = plain[-1] if plain else Word("COMMA", "")
        if word.kind == "COMMA" and last.kind in ("COMMA", "COLON"):
            continue
        if word.kind == last.kind and word.kind in ("WHO", "OTHER"):
            plain[-1] = Word(word.kind, f"{last.text} {word.text}")
        else:
            plain.append(word)
    return plain[:-1] if plain and plain[-1].kind == "COMMA" else plain


@functools.lru_cache(1024)
def _tree(kinds: tuple[str, ...], start: str) -> Tree[int] | int | None:
    """Every way of taking words of these kinds; else the place of the first that has no part, nothing where more are wanted."""
    from lark.exceptions import UnexpectedEOF, UnexpectedInput

    try:
        return _grammar().parse(kinds, start=start)  # type: ignore[arg-type, return-value]
    except UnexpectedEOF:
        return None
    except UnexpectedInput as error:
        return getattr(getattr(error, "token", None), "value", None)


def _doubtful(words: Sequence[Word]) -> bool:
    """Whether a side stands before what is done to men as one who does it would: alone that makes it no loser."""
    kinds = [word.kind for word in words]
    for place, kind in enumerate(kinds):
        if kind not in ("HARM", "HOLD", "FACE") or place == 0 or kinds[place - 1] in ("ADJ", "POSS"):
            continue
        said = max((spot for spot in range(place) if kinds[spot] in ("SAY", "COLON")), default=-1)
        put = said >= 0 and words[said].text.lower().startswith(("put", "estimat"))
        sides = [spot for spot in range(said + 1, place) if kinds[spot] in ("SIDE", "ADJ", "POSS", "ITS", "OUR")]
        numbers = [spot for spot in range(said + 1, place) if kinds[spot] == "NUM"]
        if not sides or put:
            continue
        if (
            not numbers
            and not {"BE", "COMMA", "KIND"} & set(kinds[sides[-1] : place])
            and kinds[place + 1 : place + 2] == ["NUM"]
        ):
            return True  # Russian forces in Kursk killed 500
        people = words[place - 1].text.lower().endswith("s")
        after = {"MEN", "KIND"} & set(kinds[max([said, *numbers]) + 1 : sides[-1]])
        if kinds[place - 1] == "SIDE" and not people and after:
            return True  # 500 soldiers that Ukraine captured
    return False


def _facts(node: object, role: str, words: Sequence[Word]) -> set[Facts]:
    """What each way of taking a part of a sentence says."""
    from lark import Token, Tree

    if isinstance(node, Token):
        return {_word_facts(words[node.value], role)}  # type: ignore[arg-type]
    assert isinstance(node, Tree)
    if node.data == "_ambig":
        return set(itertools.islice(itertools.chain(*(_facts(child, role, words) for child in node.children)), MOST))
    rule = str(node.data)
    own = {("form", rule)} if rule in ACTORS or rule in ("admission", "front", "striker") else set()
    own |= {("form", "apart")} if rule == "actor" and _apart(node, words) else set()
    own |= {("speech", _below_it(node, words)[0].text)} if rule == "speaker" else set()
    parts = [_facts(child, _below(rule, child, role), words) for child in node.children]
    if rule == "object" and _below_it(node, words)[0].kind != "NUM":  # not the killed men of whom there are 300
        parts = [{facts - {("men", "")} for facts in part} for part in parts]
    if rule == "speaker" and not _of_a_side(node, words):
        parts = [{frozenset(fact for fact in facts if fact[0] != "speaker") for facts in part} for part in parts]
    return {frozenset(own.union(*each)) for each in itertools.islice(itertools.product(*parts), MOST)}


def _below(rule: str, child: object, role: str) -> str:
    """The role of sides in a child of a rule."""
    if rule not in ACTORS:
        return ROLES.get(rule, role if rule in PLAIN else "")
    below = getattr(child, "data", "")
    below = child.children[0].data if below == "_ambig" else below  # type: ignore[attr-defined]
    return {"actor": ACTORS[rule], "striker": ACTORS[rule], "object": "object"}.get(str(below), "")


def _below_it(node: object, words: Sequence[Word]) -> list[Word]:
    """The words below a rule, by the first way of taking them."""
    children = getattr(node, "children", None)
    if children is None:
        return [words[node.value]]  # type: ignore[attr-defined]
    first = children[:1] if getattr(node, "data", "") == "_ambig" else children
    return [word for child in first for word in _below_it(child, words)]


def _apart(node: object, words: Sequence[Word]) -> bool:
    """Whether words below a rule bear a side's name and do not act or speak for it."""
    return not APART.isdisjoint(" ".join(word.text for word in _below_it(node, words)).lower().split())


def _of_a_side(node: object, words: Sequence[Word]) -> bool:
    """Whether a speaker speaks for the side that is named: not its exiles or its press, nor an envoy sent to it."""
    below = _below_it(node, words)
    first = next((place for place, word in enumerate(below) if word.kind in SIDES), 0)
    leads = all(word.kind in ("WHO", "ARMY", "OF", "MEN") for word in below[:first])
    return leads and not _apart(node, words)


def _word_facts(word: Word, role: str) -> Facts:
    if word.kind in SIDES and role not in ("", "object"):
        return frozenset({(role, word.side or word.kind)})
    return frozenset({("men", "")} if word.kind == "MEN" and role == "object" else ())


class _Roles:
    """Who has which role by one reading of a sentence."""

    def __init__(self, facts: Facts, sides: Sequence[str]) -> None:
        self.facts, self.sides = facts, sides
        self.forms = self.having("form")
        self.speakers = self.having("speaker") - set(RELATIVE)
        alone = self.speakers if len(self.having("speech")) == 1 else set()
        self.stand = {
            "ITS": alone if self.forms & {"front", "admission"} else set(),
            "OUR": alone,
            "ENEMY": self.other(alone or self.having("doer") - set(RELATIVE)),
        }
        """The sides that the words stand for which another word decides."""

    def having(self, role: str) -> set[str]:
        """The words that have a role: sides, or what stands for one."""
        return {side for name, side in self.facts if name == role}

    def other(self, names: Iterable[str]) -> set[str]:
        """The enemies of sides, in a war of two."""
        return {side for side in self.sides for name in names if side != name} if len(self.sides) == 2 else set()

    def named(self, role: str) -> set[str]:
        """The sides that have a role."""
        names = self.having(role)
        names -= (
            {"ITS"} if names - {"ITS"} and (role != "loser" or "doing" not in self.forms) else set()
        )  # 500 of its men
        return {side for name in names for side in self.stand.get(name, {name})}

    @property
    def open(self) -> bool:
        """Whether "its", "our" or "the enemy" stands for nobody, or somebody hits his own."""
        for role, side in self.facts:
            if role in ("speaker", "place") or side not in RELATIVE or self.stand[side]:
                continue
            if role != "loser" or side != "ITS" or not self.having("subject") - set(RELATIVE):
                return True  # but Russia lost 500 of its men
        own = self.having("doer") <= self.stand["OUR"] | {"ITS"}
        return "ITS" in self.having("loser") and "doing" in self.forms and own


def _sense(facts: Facts, *, words: Sequence[Word], sides: Sequence[str], quantity: str) -> Reading | None:
    """The side that lost by one reading; none where it contradicts itself, or says nothing of it."""
    said, kinds = _Roles(facts, sides), {word.kind for word in words}
    if said.open or "apart" in said.forms or _silent(said.forms, kinds, quantity, words):
        return None
    losers, doers = said.named("loser") | said.named("subject"), said.named("doer")
    if doers and said.forms.isdisjoint(("doing", "striker")) and kinds.isdisjoint(DONE) and not losers:
        if quantity != "recruited" and not kinds & THEIRS:
            return None
        losers, doers = doers, set()
    if said.having("source"):
        deserted = any(word.text.lower().startswith(("desert", "defect")) for word in words)
        losers |= said.named("source") if quantity == "deserted" and deserted else {"?"}
    if said.having("own"):
        losers |= said.named("own") if quantity == "recruited" else {"?"}
    against = doers | said.named("captor") | said.named("enemy")
    if losers:
        against |= said.named("against")  # alone it is no answer: the dead of the war against Ukraine may be anybody's
    lost = losers or said.other(against) or (said.speakers if "admission" in said.forms else set())
    if len(lost) != 1 or lost & against or len(against) > 1 or len(said.speakers) > 1 or not lost <= set(sides):
        return None
    return Reading(lost.pop(), next(iter(said.speakers), None))


DONE = frozenset(("HARM", "HARMING", "HOLD"))
"""Kinds of words of what the enemy does."""
THEIRS = frozenset(("LOSE", "DEPLOYED", "OPENED"))
"""Kinds of words of what a side suffers or does with its own men."""


def _silent(forms: set[str], kinds: set[str], quantity: str, words: Sequence[Word]) -> bool:
    """Whether a form of sentence says nothing of whose men are counted, for what it counts."""
    if quantity == "captured" and kinds.isdisjoint(("HOLD", "JAIL", "HARM")):
        for one, two in itertools.pairwise(words):
            prisoners = any(word.text.lower().startswith(("prisoner", "pow", "captive")) for word in words)
            if one.kind == "OF" and two.kind in SIDES and prisoners:
                return True  # prisoners of the Russians: held by them, or of theirs?
            if one.kind == "POSS" and two.kind == "NUM" and prisoners:
                return True
            if (one.kind == "HAVE" or one.text.lower() == "got") and two.kind == "NUM":
                return True  # Ukraine has 4,000 prisoners
    return "facing" in forms and quantity != "strength"
