"""Hypothesis grammars of what users write: sentences, paths and values, dates, numbers, scenarios."""

from __future__ import annotations

import json

from hypothesis import strategies as st

JUNK = st.text(max_size=12)
SIDES = st.sampled_from(
    ("Russia", "russia", "Ukraine", "Russians", "Ukrainian", "RUSSIA", "Росія", "both sides", "the enemy", "Rusia", "")
)
COUNTED = st.sampled_from((
    "killed", "dead", "wounded", "casualties", "soldiers", "troops", "losses", "prisoners", "captured", "missing",
    "deserted", "surrendered", "killed and wounded", "men", "military casualties", "KIA", "погибли", "tanks",
))  # fmt: skip
DIGITS = st.one_of(
    st.integers(-10, 10**9).map(str), st.integers(0, 10**6).map(lambda n: f"{n:,}"), st.floats(0, 1e7).map(str),
    st.sampled_from((
        "300k", "1.5 million", "300.000", "300 000", "twenty thousand", "half a million", "1e400", "٣٠٠", "100-200",
        "100–200", "between 100 and 200", "about 5,000", "nearly 300,000", "over 9000", "0", "NaN", "-9", "1:3", "50%",
    )),
)  # fmt: skip
DAYS = st.one_of(
    st.dates().map(str), st.datetimes().map(str),
    st.sampled_from((
        "2023-11-15", "15 November 2023", "November 2023", "end 2024", "mid-2022", "early March 2023", "2023/11/15",
        "11/15/2023", "15.11.2023", "2023-02-30", "0000-01-01", "9999-12-31", "2023-13-01", "today", "yesterday", "Q2 2023",
        "20231115", "2023-W46", "2023-11-15T25:00", "10000-01-01", "-2023-01-01", "2023", "spring 2022", "2023-1-5",
    )),
    st.tuples(st.integers(-5, 12000), st.integers(-1, 14), st.integers(-1, 33)).map(lambda d: f"{d[0]}-{d[1]}-{d[2]}"),
)  # fmt: skip
JOINS = st.sampled_from((
    " by ", " as of ", " since ", " in ", " per day ", " says ", ", ", " between ", " and ", " of ", " from ", " to ",
    " according to ", " (", ") ", " — ", " '", '" ', "\n", " over the week to ", " a month until ", " has ", " lost ",
))  # fmt: skip
PIECE = st.one_of(SIDES, COUNTED, DIGITS, DAYS, JUNK)
SENTENCE = st.one_of(
    st.tuples(DIGITS, COUNTED, SIDES, JOINS, DAYS).map(lambda p: f"{p[0]} {p[1]} {p[2]}{p[3]}{p[4]}"),
    st.tuples(SIDES, JOINS, SIDES, JOINS, DIGITS, COUNTED, JOINS, DAYS).map(" ".join),
    st.lists(st.one_of(PIECE, JOINS), min_size=1, max_size=10).map(" ".join),
    st.text(max_size=60),
)  # fmt: skip

STEP = st.sampled_from((
    "south", "north", "resolve", "mean", "sd", "days", "start", "front", "sectors", "event", "strength", "kinds",
    "contract", "share", "regions", "parameters", "choice", "present_bias", "losses", "order_of_battle", "men", "exit",
    "regime", "elite_level", "supply", "unpaid", "name", "title", "format", "known_exits", "side", "0", "-1", "caveats",
    "sources", "observed", "event[winter]", "side[south]", "side[0]", "event[leaflets].effect", "uncertain", "",
))  # fmt: skip
PATH = st.one_of(
    st.lists(STEP, min_size=1, max_size=4).map(".".join), st.text(max_size=16),
    st.tuples(STEP, JUNK, STEP).map(lambda p: f"{p[0]}[{p[1]}].{p[2]}"),
    st.sampled_from((
        "south.resolve.mean", "days", "start", "south.kinds.contract.share", "choice.present_bias", "south.supply",
        "north.losses", "front.sectors", "south.regions", "event[leaflets].strength", "south.resolve", "south", "event",
    )),
)  # fmt: skip
VALUE = st.one_of(
    DIGITS, DAYS, JUNK, st.floats().map(str), st.integers().map(str), st.sampled_from((
        "[]", "{}", "[1, 2]", '{ mean = 2 }', '"text"', "true", "false", "[[1]]", '[{ date = 2030-04-01, value = 1 }]',
        "2030-04-01", "[2030-04-01]", "inf", "-inf", "nan", "1_000", "0x10", "'''", '"', "1\nx = 2", "\x00", "[" * 300,
        '[{ date = 2030-04-01, value = "a" }, 3]', "9" * 400, '{ file = "/etc/passwd" }', '{ prior = "Beta", a = 1, b = 2 }',
    )),
)  # fmt: skip
SETTING = st.tuples(PATH, st.sampled_from(("=", "=", "=", "==", "", " = ", ":")), VALUE).map("".join)
EFFECT = st.one_of(
    st.tuples(
        st.sampled_from(("amnesty", "winter", "blocking", "leaflets", "pay_rise", "amnest", "", "mobilisation_wave")),
        st.sampled_from(("", ":south", ":north", ":", "::", ":soth", ":south:0.5")),
        st.one_of(st.just(""), VALUE.map(":{}".format)),
    ).map("".join), JUNK,
)  # fmt: skip

_SCALARS = st.one_of(
    st.integers(-5, 10**7).map(str), st.floats().map(repr), st.dates().map(str), st.booleans().map(lambda b: str(b).lower()),
    st.sampled_from(('"north"', '"south"', '"2030-04-01"', '""', '"x"', "[]", "{}", "[1]", '["a", 2]', "nan", "1e999")),
    st.text(alphabet="ab \"'\\\n\u00e9\u0000", max_size=6).map(lambda t: f'"{t}"'),
)  # fmt: skip
KEY = st.sampled_from((
    "format", "name", "title", "question", "start", "days", "men_per_billet", "side", "front", "event", "parameters",
    "caveats", "sources", "sectors", "width_km", "resolve", "mean", "sd", "men", "establishment", "count", "sector",
    "killed_per_1000_month", "regions", "eligible_men", "burden", "share", "intake_share", "effect", "end", "strength",
    "losses", "posterior", "file", "capitals", "observed", "choice.present_bias", "x", '"a b"', "exit", "captor",
))  # fmt: skip
HEAD = st.sampled_from((
    "[front]", "[[side]]", "[side]", "[[side.order_of_battle]]", "[side.resolve]", "[[side.regions]]", "[side.regions]",
    "[[event]]", "[event]", "[parameters]", "[sources]", "[side.kinds.contract]", "[side.regime]", "[[front]]", "[x]", "[",
    "[[front.sectors]]", "[side.losses]",
))  # fmt: skip
_LINE = st.one_of(st.tuples(KEY, _SCALARS).map(lambda pair: f"{pair[0]} = {pair[1]}"), HEAD, JUNK)
SCENARIO = st.lists(_LINE, max_size=25).map("\n".join)
"""The text of a scenario from nothing: lines of TOML with known and unknown keys, and lines that are none."""

_ANY = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), JUNK, st.just([]), st.just({}), st.just("effect:amnesty"),
    st.sampled_from(("north", "south", "losses", "news", "supply", "effect:", "effect:amnest", "skirmish", "netcdf", "risk")),
)  # fmt: skip
_PULLED = st.fixed_dictionaries(
    {"side": st.sampled_from(("north", "south", "soth", "")) | _ANY, "what": st.sampled_from(("news", "effect:amnesty")) | _ANY},
    optional={"amount": st.floats(-3, 3) | _ANY, "day": st.integers(-2, 200) | _ANY, "x": _ANY},
)
_WORD = st.sampled_from(("open", "play", "step", "speed", "put", "colour", "follow", "seen", "save", "quit")) | _ANY
_FIELDS = {
    "scenario": st.sampled_from(("skirmish", "skirmis", "../skirmish", "/etc/passwd", "format = 1")) | _ANY, "seed": _ANY,
    "men_per_billet": _ANY, "pulls": st.lists(_PULLED | _ANY, max_size=4), "day": _ANY, "coloured_by": _ANY, "on": _ANY,
    "days": _ANY, "by": _ANY, "billet": _ANY, "frame": _ANY, "what": st.just("news") | _ANY, "side": st.just("south") | _ANY,
    "amount": st.floats(-1, 2) | _ANY,
}  # fmt: skip
FRAME = st.one_of(
    st.fixed_dictionaries({"do": _WORD}, optional=_FIELDS).map(json.dumps),
    st.tuples(st.just("put"), _PULLED).map(lambda pair: json.dumps({"do": pair[0], **pair[1]})),
    st.lists(_ANY, max_size=5).map(json.dumps), st.text(max_size=40), st.integers(1, 400).map(lambda deep: "[" * deep),
)  # fmt: skip
"""What a viewer of the live page may send: messages of its forms with right and wrong values, other JSON, and no JSON."""
