"""The live page without a browser: wars and their pulls, pictures, messages, guards, work in the background."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
from pathlib import Path

import jax
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast import saved_results
from holdfast.app import description, guards, jobs, messages, picture, pulls
from holdfast.app.chronicle import Chronicle
from holdfast.app.engines import Engines
from holdfast.app.guards import Guard
from holdfast.app.messages import MessageError, Open
from holdfast.app.pulls import Pull
from holdfast.app.war import War, grain_of, scenario_of
from holdfast.core.faults import ScenarioError
from holdfast.engine import effects
from holdfast.engine.simulate import Campaign, simulate
from holdfast.ensemble.draw import written
from holdfast.ensemble.run import simulate as simulate_ensemble
from holdfast.explanation.pressures import NINE, levels
from holdfast.io import records
from holdfast.scenario import build, load
from holdfast.scenario.schema import ScenarioDocument, daily, value_on

WAR = {"do": "open", "scenario": "skirmish", "men_per_billet": 4}


@pytest.fixture(scope="module")
def plain() -> ScenarioDocument:
    """The skirmish of one run."""
    return War(Open.model_validate(WAR)).plain


@pytest.fixture(scope="module")
def pulled() -> War:
    """Forty days of a skirmish in which South is no longer paid from day 10, and North has an amnesty from day 20."""
    war = War(Open.model_validate(WAR))
    war.put([Pull(10, "south", "unpaid_unfed", 1.0), Pull(20, "north", "effect:amnesty", 1.0)])
    for _ in range(40):
        war.advance()
    return war


# --- A campaign is the run of the same number.


def test_a_campaign_is_the_run_of_its_number(plain: ScenarioDocument) -> None:
    world = build.world(pulls.prepared(plain), 4)[0]
    campaign, days = Campaign(world, 7, run=3), 45
    told = [campaign.step(world.forcing) for _ in range(days)]
    whole = [flows for _, flows, _, _ in simulate(world, 7, [3])]
    for group in ("side", "sector", "brigade", "region"):
        for name in getattr(told[0], group):
            expected = np.concatenate([np.asarray(getattr(part, group)[name])[:, 0] for part in whole])[:days]
            found = np.stack([getattr(day, group)[name] for day in told])
            if expected.dtype.kind in "iub":
                assert np.array_equal(found, expected), name
            else:  # sums of a day are added in another order where a day stands by itself
                np.testing.assert_allclose(found, expected, rtol=2e-5, atol=1e-6, err_msg=name)


def test_twins_have_the_same_luck_and_do_not_move_each_other(plain: ScenarioDocument) -> None:
    world = build.world(pulls.prepared(plain), 4)[0]
    campaign = Campaign(world, 1)
    for _ in range(3):
        campaign.step(world.forcing)
    twin = campaign.twin()
    mine = [campaign.step(world.forcing).side["present"] for _ in range(5)]
    its = [twin.step(world.forcing).side["present"] for _ in range(5)]
    assert np.array_equal(mine, its)
    assert campaign.day == twin.day == 8


# --- Pulls.


def test_a_pull_moves_its_own_series_from_its_own_day(plain: ScenarioDocument) -> None:
    before, after = build.forcing(plain), build.forcing(pulls.written(plain, [Pull(30, "south", "no_victory", 0.5)]))
    extreme = levels("no_victory", plain.side[1].men_at_start)[1].values["news"]
    for name in vars(before.rates):
        a, b = getattr(before.rates, name), getattr(after.rates, name)
        if name != "news":
            assert np.array_equal(a, b), name
    news, own = after.rates.news[:, 1], before.rates.news[:, 1]
    assert np.array_equal(after.rates.news[:, 0], before.rates.news[:, 0])
    np.testing.assert_allclose(news[:30], own[:30], atol=1e-6)
    np.testing.assert_allclose(news[30:], 0.5 * own[30:] + 0.5 * extreme, atol=1e-6)


@pytest.mark.parametrize("pressure", NINE)
@pytest.mark.parametrize("share", [-1.0, -0.3, 0.6, 1.0])
def test_every_pressure_goes_to_its_level_and_back(plain: ScenarioDocument, pressure: str, share: float) -> None:
    side = plain.side[0]
    changed = pulls.written(plain, [Pull(20, side.name, pressure, share), Pull(50, side.name, pressure, 0.0)])
    level = levels(pressure, side.men_at_start)[int(share > 0)]
    rates, own = build.forcing(changed).rates, build.forcing(plain).rates
    for series, value in level.values.items():
        field = {"killed": "hazard", "quota_per_day": "quota", "contracts_per_day": "contracts"}.get(series, series)
        of = np.exp if series == "killed" else np.asarray
        there = value / side.killed_per_1000_month if series == "killed" else value  # type: ignore[operator]
        new, old = of(getattr(rates, field)[:, 0]), of(getattr(own, field)[:, 0])
        np.testing.assert_allclose(new[:20], old[:20], rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(new[50:], old[50:], rtol=1e-5, atol=1e-6)
        lasting = slice(20, min(50, 20 + (level.pulse or 30)))
        expected = (1 - abs(share)) * old[lasting] + abs(share) * there
        np.testing.assert_allclose(new[lasting], expected, rtol=1e-5, atol=1e-6)


@given(st.lists(st.tuples(st.integers(1, 100), st.sampled_from(NINE), st.floats(-1, 1)), min_size=1, max_size=6))
def test_pulls_keep_what_was_before_the_first_of_them(steps: list[tuple[int, str, float]]) -> None:
    document = _skirmish()
    every = [Pull(day, "north", what, amount) for day, what, amount in steps]
    first = min(pull.day for pull in every)
    new, old = build.forcing(pulls.written(document, every)).rates, build.forcing(document).rates
    for name in vars(old):
        np.testing.assert_allclose(
            getattr(new, name)[:first], getattr(old, name)[:first], rtol=1e-5, atol=1e-6, err_msg=name
        )
        assert np.array_equal(getattr(new, name)[:, 1], getattr(old, name)[:, 1])


def _skirmish() -> ScenarioDocument:
    draw = {"number": 0, "losses": 0, "parameters": {}, "resolve": [2.0, 2.0], "killed": [1.0, 1.0]}
    return written(load.read("skirmish"), draw)  # type: ignore[arg-type]


def test_a_war_with_pulls_is_the_scenario_that_is_saved(pulled: War) -> None:
    text = pulled.file("toml")[2].decode()
    again = scenario_of(text)
    assert again.document.model_copy(update={"men_per_billet": 1}) == pulled.document
    alone = simulate_ensemble(again.with_values({"days": 40}), runs=1, seed=pulled.seed, luck_only=True, workers=1)
    for name in ("present", "killed", "deserted", "surrendered"):
        assert np.array_equal(alone.data[name].isel(run=0).transpose("day", "side"), pulled.series[name][:40]), name


def test_pulls_have_their_effect_and_the_twin_none(pulled: War) -> None:
    assert pulled.twin is not None
    assert pulled.twin.day == pulled.campaign.day == 40
    war = War(Open.model_validate(WAR))
    for _ in range(40):
        war.advance()
    assert np.array_equal(war.series["present"][:10], pulled.series["present"][:10])
    gone = lambda one: sum(int(day[1]) for name in ("deserted", "surrendered") for day in one.series[name])  # noqa: E731
    assert gone(pulled) > gone(war)
    heard = pulled.advance()
    war.advance()
    assert heard["twin"]["present"] == war.series["present"][-1].tolist()  # type: ignore[index]


def test_what_cannot_be_pulled_is_refused_all_at_once(plain: ScenarioDocument) -> None:
    wrong = [Pull(0, "east", "losse", 0.5), Pull(500, "north", "effect:amnesty", -1.0), Pull(5, "north", "losses", 1.5)]
    with pytest.raises(ScenarioError) as caught:
        pulls.checked(plain, wrong)
    places = [fault.place for fault in caught.value.faults]
    assert places == ["pull 1.side", "pull 1.what", "pull 1.day", "pull 2.amount", "pull 2.day", "pull 3.amount"]
    assert caught.value.faults[1].suggestion == "losses"


@pytest.mark.parametrize("amount", [1.0, -1.0])
def test_everything_can_be_pulled_at_once_to_the_last_day(amount: float) -> None:
    war = War(Open.model_validate(WAR))
    can = pulls.can_be_pulled(war.plain)
    war.put([Pull(5 + day, side, what, amount) for side, every in can.items() for day, what in enumerate(every)])
    war.put([Pull(7, side, f"effect:{name}", 2.0) for side in can for name in effects.names()])
    assert {event.effect for event in war.document.event} >= set(effects.names())
    while not war.ended:
        json.dumps(war.advance(), allow_nan=False)
    assert war.day == war.plain.days
    assert all(np.isfinite(days).all() for days in war.series.values())


def test_a_pressure_and_an_effect_of_one_name_are_two_things(plain: ScenarioDocument) -> None:
    name = "patron_withdrawal"
    assert name in NINE
    assert name in effects.names()
    rates = [build.forcing(pulls.written(plain, [Pull(9, "north", what, 1.0)])) for what in (name, f"effect:{name}")]
    assert rates[0].rates.patron_gone[9, 0] == 1.0
    assert name not in rates[0].policy
    assert rates[1].rates.patron_gone[9, 0] == build.forcing(plain).rates.patron_gone[9, 0]
    assert rates[1].policy[name].strength[9].tolist() == [1.0, 0.0]


# --- The scenario from elsewhere.


def test_a_scenario_from_elsewhere_reads_no_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("region\nthe secret\n")
    text = load.catalogue.folder().joinpath("skirmish.toml").read_text()
    head, rest = text.split("[[side]]", 1)
    for planted in (f'regions = {{file = "{secret}"}}', 'losses = "posterior:/etc/passwd"'):
        with pytest.raises(ScenarioError) as caught:
            scenario_of(f"{head}[[side]]\n{planted}\n{rest}")
        assert "the secret" not in str(caught.value)
        assert "root:" not in str(caught.value)
    for name in (str(secret), "../../etc/passwd", "nosuch"):
        with pytest.raises(ScenarioError):
            scenario_of(name)


def test_armies_that_no_picture_holds_are_refused() -> None:
    text = load.catalogue.folder().joinpath("skirmish.toml").read_text()
    head, rest = text.split("[[side]]", 1)
    strength = next(line for line in rest.splitlines() if line.startswith("strength"))
    small = ", ".join(f'{{name = "small {number}", men = 100, count = 2000}}' for number in range(30))
    many = f'order_of_battle = [{{name = "great", men = 200000}}, {small}]'
    rest = "\n".join(
        line for line in rest.replace(strength, many, 1).splitlines() if not line.startswith("establishment")
    )
    with pytest.raises(ScenarioError, match="at most 4,500,000 billets"):
        War(Open.model_validate(WAR | {"scenario": f"{head}[[side]]{rest}"}))


def test_a_picture_never_has_more_billets_than_it_holds(plain: ScenarioDocument) -> None:
    assert grain_of(plain, 4) == 4
    assert grain_of(plain, None) == 1
    assert grain_of(load.read("russia-1917"), 1) > 1


# --- Pictures.


@given(st.lists(st.integers(0, 70_000), unique=True, max_size=300), st.randoms(use_true_random=False))
def test_changes_come_out_as_they_went_in(places: list[int], random: object) -> None:
    at = np.array(sorted(places), np.int64)
    codes = np.array([random.randrange(256) for _ in at], np.uint8)  # type: ignore[attr-defined]
    back, again = picture.unpack(at.size, picture.pack(at, codes))
    assert np.array_equal(back, at)
    assert np.array_equal(again, codes)


@pytest.mark.parametrize("by", [each.name for each in picture.COLOURINGS])
def test_frames_add_up_to_the_whole_picture(pulled: War, by: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "MOST_BYTES", 900)
    shown = np.zeros(pulled.picture.order.size, np.uint8)
    pulled.picture.colour(by)
    pulled.picture._shown[pulled.picture._place >= 0] = picture.UNSEEN
    complete, frames = False, 0
    while not complete:
        count, packed, complete = pulled.frame()
        assert len(packed) <= 900
        at, codes = picture.unpack(count, packed)
        shown[at] = codes
        frames += 1
    assert np.array_equal(shown, pulled.picture.codes(pulled.campaign.army, pulled.day)[pulled.picture.order])
    assert frames > 1 or by == "fate"


def test_levels_are_those_of_the_men(pulled: War) -> None:
    army = pulled.campaign.army
    fate = np.ravel(army.fate)
    for name, values in (
        ("resolve", np.ravel(army.resolve)),
        ("tenure", pulled.day - np.ravel(army.joined).astype(float)),
    ):
        pulled.picture.colour(name)
        codes = pulled.picture.codes(army, pulled.day)
        expected = picture.FIRST_LEVEL + np.searchsorted(picture.BY_NAME[name].edges, values, side="right")
        there = (fate == 2) & (pulled.picture._place >= 0)
        assert there.sum() > 1000
        assert np.array_equal(codes[there], expected[there])
    pulled.picture.colour("fate")


# --- The log.


def test_the_log_says_what_breaks_and_what_is_uncovered(plain: ScenarioDocument) -> None:
    names = build.world(plain, 40)[1]
    log = Chronicle(plain, names)
    quiet = {name: [np.zeros(2)] * 8 for name in (
        "deserted", "surrendered", "broken_share", "settled", "killed", "wounded", "captured", "elite_threshold",
        "reproduction_mean",
    )} | {"present": [np.array([9000.0, 8000.0])] * 8, "elite_cohesion": [np.ones(2)] * 8}  # fmt: skip
    calm = np.zeros((2, len(names.sectors)), bool)
    assert log.of_day(quiet, {"broken": calm, "encircled": calm}) == []
    broken = calm.copy()
    broken[1, 1] = True
    assert log.of_day(quiet, {"broken": broken, "encircled": calm}) == [
        "The line of South breaks in Crossing; Hills and Plain are uncovered."
    ]
    assert log.of_day(quiet, {"broken": calm, "encircled": broken}) == [
        "South re-forms its line in Crossing.", "South is encircled in Crossing."
    ]  # fmt: skip
    assert log.of_day(
        quiet | {"elite_cohesion": [np.array([1.0, -1.0])] * 8}, {"broken": calm, "encircled": broken}
    ) == ["The elites of South fall below the cohesion at which they split."]
    gone = quiet | {"deserted": [np.array([0.0, 900.0])] * 8}
    assert "A tenth of South has left within 180 days: mass desertion." in log.of_day(
        gone, {"broken": calm, "encircled": broken}
    )


def test_a_pull_is_told_on_its_day() -> None:
    war = War(Open.model_validate(WAR))
    war.put(
        [
            Pull(1, "south", "unpaid_unfed", 0.4),
            Pull(2, "north", "effect:amnesty", 1.0),
            Pull(2, "south", "unpaid_unfed", 0.0),
        ]
    )
    logs = [war.advance()["log"] for _ in range(3)]
    assert logs == [
        [], ["Pulled, from today on: unpaid, unfed, South: 40% of the way to its extreme level."],
        ["Pulled, from today on: amnesty, North: on.", "Pulled, from today on: unpaid, unfed, South: as the scenario has it."],
    ]  # fmt: skip


def test_an_effect_of_the_scenario_is_told_on_its_day(pulled: War) -> None:
    event = next(each for each in pulled.plain.event if each.side == "south" and each.strength)
    day = (event.start - pulled.plain.start).days
    assert pulled.chronicle._events(day) == [
        f"Of the scenario, from today on: {event.effect.replace('_', ' ')}, South."
    ]
    assert pulled.chronicle.date(day) == event.start
    assert pulled.chronicle._events((dt.date(2030, 6, 28) - pulled.plain.start).days) == []


# --- What the page knows of a war.


def test_a_description_can_be_drawn(pulled: War) -> None:
    about = json.loads(json.dumps(description.of(pulled)))
    film = about["film"]
    assert film["billets"] == pulled.picture.order.size == pulled.picture.brigade_of.size
    starts = [block[3] for block in film["blocks"]]
    assert starts == sorted(set(starts))
    assert starts[0] == 0
    assert {one["name"] for one in about["pressures"]} == set(NINE)
    assert all(one["about"] for one in about["effects"])
    assert [pull["what"] for pull in about["pulls"]] == ["unpaid_unfed", "effect:amnesty"]


def test_a_followed_soldier_is_the_man_of_his_billet(pulled: War) -> None:
    codes = pulled.picture.codes(pulled.campaign.army, pulled.day)[pulled.picture.order]
    billet = int(np.flatnonzero(codes == picture.FIRST_LEVEL)[100])
    pulled.follow(billet)
    row = pulled.advance()["soldier"]
    pulled.follow(None)
    assert isinstance(row, dict)
    assert row["billet"] == billet
    assert row["brigade"] == pulled.names.brigades[pulled.picture.brigade_of[billet]]
    assert 0 <= row["p_leave"] <= 1
    with pytest.raises(ScenarioError):
        pulled.follow(10**6)


def test_the_series_are_saved_as_they_were(pulled: War, tmp_path: Path) -> None:
    import xarray as xr

    name, kind, content = pulled.file("netcdf")
    assert name.endswith(f"day-{pulled.day}.nc")
    assert kind == "application/x-netcdf"
    (tmp_path / name).write_bytes(content)
    data = xr.load_dataset(tmp_path / name)
    assert data.sizes == {"day": pulled.day, "side": 2}
    assert np.array_equal(data.present, pulled.series["present"])


# --- What viewers say.


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "null", '{"do":"open"}', '{"do":"fly"}', '{"do":"play","on":1}', '{"do":"play","on":true,"more":1}',
        '{"do":"open","scenario":"skirmish","seed":-1}', '{"do":"open","scenario":"skirmish","seed":1e400}',
        '{"do":"speed","days":0}', '{"do":"speed","days":NaN}', '{"do":"step","days":1e9}', '{"do":"follow","billet":"1"}',
        '{"do":"put","side":"north","what":"losses","amount":Infinity}', '{"do":"put","side":"","what":"losses","amount":1}',
        '{"do":"colour","by":"__class__"}', '{"do":"save","what":"../../etc/passwd"}', "[" * 100_000, "\ud800", "9" * 5000,
        json.dumps({"do": "open", "scenario": "x" * 200_001}),
        json.dumps({"do": "open", "scenario": "skirmish", "pulls": [{"side": "a", "what": "b", "amount": 0}] * 201}),
    ],
)  # fmt: skip
def test_messages_that_mean_nothing_are_refused_with_their_faults(text: str) -> None:
    with pytest.raises(MessageError) as caught:
        messages.read(text)
    assert caught.value.faults
    assert len(str(caught.value)) < 5000


KEYS = st.sampled_from(["do", "scenario", "seed", "pulls", "day", "on", "by", "what", "amount", "side"]) | st.text(
    max_size=5
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12,
)  # fmt: skip


@given(ANYTHING)
def test_no_message_does_anything_but_be_read_or_refused(value: object) -> None:
    for message in (value, {"do": "open", "scenario": value}, {"do": "put", "amount": value}):
        with contextlib.suppress(MessageError):
            messages.read(json.dumps(message))


# --- Guards.


class _Bare:
    """An application that answers everything."""

    async def __call__(self, scope: dict[str, object], receive: object, send: object) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[operator]
        await send({"type": "http.response.body", "body": b"inside"})  # type: ignore[operator]


def _answer(
    headers: dict[str, str], *, method: str = "GET", query: str = "", token: str | None = None, kind: str = "http",
    path: str = "/",
) -> tuple[int, dict[str, str]]:  # fmt: skip
    """The status of an answer, and its headers."""
    sent: list[dict[str, object]] = []

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    scope = {
        "type": kind, "method": method, "path": path, "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    asyncio.run(Guard(_Bare(), hosts=guards.LOCAL, port=8765, token=token)(scope, None, send))
    first = sent[0]
    if first["type"] == "websocket.close":
        return 4403, {}
    return int(first["status"]), {name.decode(): value.decode() for name, value in first["headers"]}  # type: ignore[call-overload,union-attr]


OWN = {"host": "127.0.0.1:8765"}


@pytest.mark.parametrize(
    ("headers", "method", "kind", "status"),
    [
        (OWN, "GET", "http", 200),
        ({"host": "localhost:8765"}, "GET", "http", 200),
        ({"host": "evil.example:8765"}, "GET", "http", 421),
        ({"host": "127.0.0.1:80"}, "GET", "http", 421),
        ({}, "GET", "http", 421),
        (OWN, "POST", "http", 403),
        (OWN | {"origin": "http://127.0.0.1:8765"}, "POST", "http", 200),
        (OWN | {"origin": "http://evil.example"}, "POST", "http", 403),
        (OWN | {"origin": "http://evil.example"}, "GET", "http", 403),
        (OWN | {"origin": "null"}, "POST", "http", 403),
        (OWN | {"origin": "http://127.0.0.1:8765", "content-length": "99999999"}, "POST", "http", 413),
        (OWN | {"origin": "http://127.0.0.1:8765", "content-length": "-1"}, "POST", "http", 413),
        (OWN | {"origin": "http://127.0.0.1:8765", "transfer-encoding": "chunked"}, "POST", "http", 413),
        (OWN, "GET", "websocket", 4403),
        (OWN | {"origin": "http://127.0.0.1:9999"}, "GET", "websocket", 4403),
        (OWN | {"origin": "http://127.0.0.1:8765"}, "GET", "websocket", 200),
    ],
)  # fmt: skip
def test_only_the_page_itself_may_speak(headers: dict[str, str], method: str, kind: str, status: int) -> None:
    assert _answer(headers, method=method, kind=kind)[0] == status


def test_a_page_opened_wider_asks_for_its_token() -> None:
    assert _answer(OWN, token="abc")[0] == 401
    assert _answer(OWN, token="abc", query="token=abd")[0] == 401
    status, headers = _answer(OWN, token="abc", query="token=abc")
    assert status == 200
    assert "HttpOnly; SameSite=Strict" in headers["set-cookie"]
    assert _answer(OWN | {"cookie": "a=b; holdfast_token=abc"}, token="abc")[0] == 200


def test_pages_may_load_nothing_from_elsewhere() -> None:
    page, result = _answer(OWN)[1]["content-security-policy"], _answer(OWN, path="/results/x/y.html")[1]
    assert "default-src 'self'" in page
    assert "unsafe" not in page
    assert "default-src 'none'" in result["content-security-policy"]
    assert "sandbox" in result["content-security-policy"]
    assert "allow-same-origin" not in result["content-security-policy"]


# --- Processes.


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own for jobs; programs stay where they are."""
    monkeypatch.setattr(jobs, "folder", lambda: tmp_path / "jobs")
    return tmp_path


def test_a_job_is_carried_out_once_and_stays(cache: Path) -> None:
    request = {
        "scenario": "skirmish",
        "seed": 1,
        "pulls": [{"side": "north", "what": "nosuch", "amount": 1.0, "day": 3}],
    }

    async def main() -> list[dict[str, object]]:
        work = jobs.Jobs()
        name = work.ask("difference", request)
        assert name is not None
        assert work.ask("difference", request) == name
        heard = [dict(message) async for message in work.listen(name)]
        await work.close()
        return heard

    heard = asyncio.run(main())
    assert heard[-1]["kind"] == "fault"
    assert "nosuch" in str(heard[-1]["message"])


def test_a_job_that_nobody_waits_for_ends(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "LINGER", 0.1)
    request = {
        "scenario": "skirmish",
        "seed": 1,
        "pulls": [{"side": "north", "what": "effect:amnesty", "amount": 1.0, "day": 3}],
    }

    async def main() -> None:
        work = jobs.Jobs()
        name = work.ask("difference", request)
        assert name is not None
        listening = work.listen(name)
        await anext(listening)
        task = work.jobs[name].task
        assert task is not None
        await listening.aclose()
        await asyncio.wait([task], timeout=10)
        assert task.cancelled()
        assert name not in work.jobs

    asyncio.run(main())


def test_a_war_outlives_hostile_messages_and_its_neighbour() -> None:
    async def main() -> None:
        engines = Engines(most=1)
        heard: dict[str, asyncio.Queue[dict[str, object]]] = {"a": asyncio.Queue(), "b": asyncio.Queue()}

        async def hear_a(head: dict[str, object], body: bytes) -> None:
            await heard["a"].put(head)

        async def hear_b(head: dict[str, object], body: bytes) -> None:
            await heard["b"].put(head)

        async def until(who: str, kind: str) -> dict[str, object]:
            while True:
                head = await asyncio.wait_for(heard[who].get(), 120)
                if head["kind"] == kind:
                    return head

        first, second = await engines.enter(hear_a), await engines.enter(hear_b)
        assert first is not None
        assert second is not None
        opening = json.dumps(WAR)
        await engines.say(first, opening)
        await engines.say(second, opening)
        await until("a", "opened")
        await until("b", "opened")
        await engines.say(first, json.dumps({"do": "open", "scenario": "days = 1e9"}))
        assert "faults" in await until("a", "fault")
        for text in ("[" * 5000, '{"do":"follow","billet":999999}', "\x00"):
            await engines.say(second, text)
            await until("b", "fault")
        engines.leave(first)
        await engines.say(second, json.dumps({"do": "step", "days": 3}))
        while (await until("b", "frame"))["day"] != 3:
            await engines.say(second, json.dumps({"do": "seen", "frame": 1}))
        assert engines.wars == 1
        assert len(engines.engines) == 1
        engines.engines[0].process.kill()
        assert "has ended" in str((await until("b", "fault"))["message"])
        await engines.close()

    asyncio.run(main())


def test_a_course_on_the_device_is_the_same(plain: ScenarioDocument) -> None:
    world = build.world(pulls.prepared(plain), 4)[0]
    one, other = Campaign(world, 1), Campaign(world, 1)
    course = jax.device_put(world.forcing)
    for _ in range(3):
        assert np.array_equal(one.step(world.forcing).side["present"], other.step(course).side["present"])


def test_values_of_a_pulled_series_hold_on_its_days(plain: ScenarioDocument) -> None:
    new = pulls.written(plain, [Pull(10, "north", "safe_exit", 1.0)]).side[0]
    day = lambda number: plain.start + dt.timedelta(days=number)  # noqa: E731
    assert value_on(new.exit, day(9)) == value_on(plain.side[0].exit, day(9))
    assert value_on(new.exit, day(10)) == 1.0
    assert daily(new.captor, [day(119)])[0] == 1.0


@pytest.mark.parametrize(
    ("words", "places"),
    [
        (["--port", "99999", "--seed", "-1"], ["--port", "--seed"]),
        (["--port", "0"], ["--port"]),
        (["--host", "203.0.113.9"], ["--host"]),
        (["--host", "no.such.host.invalid"], ["--host"]),
        (["nosuch"], ["scenario"]),
    ],
)
def test_what_the_command_cannot_do_is_said_at_once(
    words: list[str], places: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    from holdfast.cli.app import guarded

    assert guarded(["app", *words, "--no-browser"]) == 2
    said = capsys.readouterr().err
    assert f"{len(places)} fault" in said
    for place in places:
        assert f"\n  {place}: found" in said


def test_only_a_folder_with_a_result_is_opened(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from holdfast.cli import live_page
    from holdfast.cli.app import guarded
    from holdfast.ensemble import store
    from holdfast.io import files

    assert (live_page.FILE, live_page.DATA, live_page.READY) == (saved_results.FILE, store.DATA, files.READY)
    (tmp_path / "notes.txt").write_text("nothing")
    assert guarded(["app", str(tmp_path), "--no-browser"]) == 2
    assert "notes.txt; allowed: the folder of a saved result" in capsys.readouterr().err
    (tmp_path / live_page.FILE).write_text("a result")
    for path in (tmp_path, tmp_path / live_page.FILE):
        assert live_page.opening_of(str(path), 1).result == str(tmp_path.resolve())


def test_what_is_held_for_later_is_known_by_all_that_made_it() -> None:
    first = records.package_digest()
    assert first == records.package_digest()
    assert first != records.source_digest(("holdfast",))
    work = jobs.Jobs()

    async def name() -> str | None:
        name = work.ask("difference", {"pulls": []})
        await work.close()
        return name

    before = asyncio.run(name())
    work = jobs.Jobs()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "package_digest", lambda: "another")
        assert asyncio.run(name()) != before


def test_a_port_that_is_taken_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    import socket

    from holdfast.cli.app import guarded

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert guarded(["app", "skirmish", "--port", str(taken.getsockname()[1]), "--no-browser"]) == 2
    assert "a free port (address already in use)" in capsys.readouterr().err
