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
    from lark import Lark

RELATIVE = ("ENEMY", "ITS")
"""Terminals that stand for a side which another word decides."""
SIDES = ("SIDE", "ADJ", *RELATIVE)

ROLES = {
    "loser": "loser",
    "agent": "doer",
    "place": "place",
    "against": "against",
    "enemy": "enemy",
    "captor": "captor",
    "own": "own",
    "speaker": "speaker",
}
"""The role of a side below a rule of the grammar."""
ACTORS = {
    "losing": "loser",
    "having": "loser",
    "raising": "loser",
    "holding": "captor",
    "doing": "doer",
    "facing": "enemy",
    "bag": "",
}
"""Clauses, and the role of the one who acts."""
PLAIN = ("actor", "side", "force", "object")
"""Rules below which a side has the role that it has above them."""

SPEECH = frozenset(("SAY", "ADMIT", "ACCORDING", "COLON"))
"""Words of which one at least stands beside whoever says a thing."""
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
        """Hands over words that know their part."""

        def __init__(self, _: object) -> None:
            pass

        def lex(self, data: Sequence[Word]) -> Iterator[Token]:  # type: ignore[override]
            return (Token(word.kind, word) for word in data)  # type: ignore[arg-type]

    text = (resources.files("holdfast.evidence.claims") / "roles.lark").read_text(encoding="utf8")
    return Lark(text, parser="earley", lexer=Words, ambiguity="explicit", start=["spoken", "plain"])


def readings(words: Sequence[Word], sides: Sequence[str], *, raised: bool = False) -> set[Reading]:
    """What a sentence may say of the sides.

    Args:
        words: the sentence.
        sides: names of the war's sides.
        raised: whether men were recruited, which their own side does.

    Returns:
        Every reading that makes sense; none where no word says whose men they were.

    Raises:
        NoRoleError: where the words are no sentence.
    """
    from lark.exceptions import UnexpectedEOF, UnexpectedInput

    try:
        spoken = not SPEECH.isdisjoint(word.kind for word in words)
        plain = words if spoken else [word for word in words if word.kind != "COMMA"]
        tree = _grammar().parse(plain, start="spoken" if spoken else "plain")  # type: ignore[arg-type]
    except UnexpectedEOF as error:
        raise NoRoleError(None) from error
    except UnexpectedInput as error:
        raise NoRoleError(getattr(getattr(error, "token", None), "value", None)) from error
    sensible = {facts: reading for facts in _facts(tree, "") if (reading := _sense(facts, sides, raised))}
    certain = {reading for facts, reading in sensible.items() if ("men", "") in facts}
    return certain or set(sensible.values())


def _facts(node: object, role: str) -> set[Facts]:
    """What each way of taking a part of a sentence says."""
    from lark import Token, Tree

    if isinstance(node, Token):
        return {_word_facts(node.value, role)}  # type: ignore[arg-type]
    assert isinstance(node, Tree)
    if node.data == "_ambig":
        return set(itertools.islice(itertools.chain(*(_facts(child, role) for child in node.children)), MOST))
    rule = str(node.data)
    own = {("form", rule)} if rule in ACTORS or rule == "admission" else set()
    parts = [_facts(child, _below(rule, child, role)) for child in node.children]
    return {frozenset(own.union(*each)) for each in itertools.islice(itertools.product(*parts), MOST)}


def _below(rule: str, child: object, role: str) -> str:
    """The role of sides in a child of a rule."""
    if rule not in ACTORS:
        return ROLES.get(rule, role if rule in PLAIN else "")
    below = getattr(child, "data", "")
    below = child.children[0].data if below == "_ambig" else below  # type: ignore[attr-defined]
    return {"actor": ACTORS[rule], "object": "object"}.get(str(below), "")


def _word_facts(word: Word, role: str) -> Facts:
    if word.kind in SIDES and role not in ("", "object"):
        return frozenset({(role, word.side or word.kind)})
    return frozenset({("men", "")} if word.kind == "MEN" and role == "object" else ())


def _sense(facts: Facts, sides: Sequence[str], raised: bool) -> Reading | None:
    """The side that lost by one reading; none where it contradicts itself, or says nothing of it."""

    def having(role: str) -> set[str]:
        return {side for name, side in facts if name == role}

    def other(names: Iterable[str]) -> set[str]:
        return {side for side in sides for name in names if side != name} if len(sides) == 2 else set()

    forms, speakers = having("form"), having("speaker") - set(RELATIVE)
    stand = {"ITS": speakers, "ENEMY": other(speakers or having("doer") - set(RELATIVE))}

    def named(role: str) -> set[str]:
        names = having(role)
        names -= {"ITS"} if names - {"ITS"} and (role != "loser" or "doing" not in forms) else set()  # 500 of its men
        return {side for name in names for side in stand.get(name, {name})}

    own = "ITS" in having("loser")
    losers, doers = named("loser"), named("doer")
    if raised and "doing" not in forms:
        losers, doers = losers | doers | named("own"), set()
    elif named("own"):
        return None
    against = doers | named("captor") | named("enemy")
    if losers:
        against |= named("against")  # alone it is no answer: the dead of the war against Ukraine may be anybody's
    lost = losers or other(against) or (speakers if "admission" in forms else set())
    if not stand["ENEMY"] and any(side == "ENEMY" for _, side in facts):
        return None
    if len(lost) != 1 or lost & against or len(against) > 1 or len(speakers) > 1 or (own and not losers):
        return None
    return Reading(lost.pop(), next(iter(speakers), None))
