"""Forecasts of today, the claims that they draw on, and a ledger's forecasts scored against what came."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scoringrules

import holdfast as hf
import published
import zones
from holdfast.cli import app
from holdfast.core.faults import ClaimsError, FaultyError, LedgerError, ScenarioError
from holdfast.evidence import gathered, losses
from holdfast.evidence.claims import table
from holdfast.evidence.claims.table import Claim
from holdfast.evidence.datasets import claims_rows, registry
from holdfast.forecasting import ledger, ledger_scores, observations, request, run
from holdfast.forecasting.ledger_scores import LedgerScores
from holdfast.forecasting.result import MASS_DESERTION, Key, Observation
from holdfast.stats import intervals, scoring

NOW = dt.date(2026, 11, 29)
SCENARIO = "russia-ukraine-2023"
SIDES = ("russia", "ukraine")
LEVELS = {"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}


# --- The days.


def test_today_is_the_day_of_the_clock() -> None:
    assert request.days("today", now=NOW) == (NOW, dt.date(2027, 11, 30))
    assert request.days(" Yesterday ", now=NOW)[0] == dt.date(2026, 11, 28)
    assert request.days("2023-11-15", now=NOW) == (request.START, request.UNTIL)
    assert request.is_live(NOW, NOW)
    assert not request.is_live(NOW - dt.timedelta(days=2), NOW)


@pytest.mark.parametrize(
    ("as_of", "until"),
    [
        ("2026-07-30", "2026-07-31"),
        ("2026-07-31", "2027-07-31"),
        ("2026-08-01", "2027-08-31"),
        ("2026-12-31", "2027-12-31"),
    ],
)
def test_a_later_forecast_goes_on_for_twelve_whole_months(as_of: str, until: str) -> None:
    assert request.last_day(dt.date.fromisoformat(as_of)) == dt.date.fromisoformat(until)


def test_days_are_taken_as_pandas_and_numpy_have_them() -> None:
    given = request.days(pd.Timestamp("2023-11-15 10:00"), np.datetime64("2024-02-29"))
    assert given == (dt.date(2023, 11, 15), dt.date(2024, 2, 29))


def test_days_are_refused_with_every_fault() -> None:
    with pytest.raises(ScenarioError) as caught:
        request.days("tday", "soon", now=NOW)
    assert [(fault.place, fault.suggestion) for fault in caught.value.faults] == [
        ("--as-of", "today"),
        ("--until", None),
    ]
    with pytest.raises(ScenarioError, match="today, 2026-11-29, or an earlier day") as caught:
        request.days("2026-12-24", "2026-12-01", now=NOW)
    assert len(caught.value.faults) == 2  # in the future, and a last day before the first


def test_a_day_before_the_scenario_and_the_claims_has_all_its_faults() -> None:
    with pytest.raises(ScenarioError) as caught:
        run.forecast("2021-01-01")
    said = str(caught.value)
    assert said.count("--as-of") == 3
    assert "no claim about russia known by 2021-01-01" in said
    assert "Choose 2022-02-18 or later" in said


def test_a_day_long_after_the_last_claim_is_refused(claims: tuple[Claim, ...]) -> None:
    document = hf.load_scenario(SCENARIO).document
    known = gathered.Gathered(claims, ())
    with pytest.raises(ScenarioError, match="a year after the last claim, 2026-08-21"):
        request.checked(document, known, dt.date(2027, 9, 1), dt.date(2028, 1, 1))
    assert request.checked(document, known, NOW, dt.date(2027, 11, 30)).start == NOW


def test_series_of_the_scenario_hold_their_last_value_to_a_live_day(claims: tuple[Claim, ...]) -> None:
    document = hf.load_scenario(SCENARIO).document
    held = request.checked(document, gathered.Gathered(claims, ()), NOW, dt.date(2027, 11, 30))
    for side, before in zip(held.side, document.side, strict=True):
        last = before.intensity if isinstance(before.intensity, float | int) else before.intensity[-1].value
        assert side.intensity == last


# --- Claims.


@pytest.fixture(scope="module")
def claims() -> tuple[Claim, ...]:
    return table.read("russia_ukraine")


def later(claims: tuple[Claim, ...], side: str, counts: str, day: dt.date, number: str, times: float = 1.0) -> Claim:
    """The last claim of a side that counts something, told again of a later day."""
    last = max((one for one in claims if (one.side, one.counts) == (side, counts)), key=lambda one: one.as_of_date)
    value = times * last.value
    return dataclasses.replace(last, claim_id=number, value_central=value, as_of_date=day, published_date=day)


def csv(path: Path, *claims: Claim) -> str:
    table.to_frame(claims).to_csv(path, index=False)
    return str(path)


def test_own_claims_stand_beside_the_shipped_ones_and_the_same_number_counts_once(
    claims: tuple[Claim, ...], tmp_path: Path
) -> None:
    new = later(claims, "russia", "eliminated", dt.date(2026, 10, 1), "N1", 1.05)
    again = dataclasses.replace(claims[0], claim_id="N2")
    one, two = csv(tmp_path / "one.csv", new, again), csv(tmp_path / "two.csv", dataclasses.replace(new, claim_id="N3"))
    found = gathered.gather(SCENARIO, [one, two])
    assert [(each.kind, each.claims, each.added) for each in found.sources] == [
        ("shipped", 427, 427), ("own", 2, 1), ("own", 1, 0),
    ]  # fmt: skip
    assert found.claims == (*claims, new)
    assert gathered.newest(found.claims)["russia"] == dt.date(2026, 10, 1)
    assert gathered.newest(found.claims, by=dt.date(2026, 9, 1))["russia"] == dt.date(2026, 8, 21)
    assert losses.table(SCENARIO, None) == claims  # nothing of the shipped table moves


def test_every_fault_of_every_table_of_claims_is_told(claims: tuple[Claim, ...], tmp_path: Path) -> None:
    taken = later(claims, "russia", "eliminated", dt.date(2026, 10, 1), claims[3].claim_id)
    foreign = dataclasses.replace(taken, claim_id="F1", side="north")
    with pytest.raises(FaultyError) as caught:
        gathered.gather(
            SCENARIO, [csv(tmp_path / "a.csv", taken), csv(tmp_path / "b.csv", foreign), str(tmp_path / "no.csv")]
        )
    places = [fault.place for fault in caught.value.faults]
    assert [Path(place.split(",")[0]).name for place in places] == ["a.csv", "b.csv", "no.csv"]
    with pytest.raises(ClaimsError):
        gathered.gather("a-war-of-ones-own")


def test_of_fetched_data_only_what_is_newer_than_its_lineage_enters(
    claims: tuple[Claim, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    old = later(claims, "russia", "eliminated", dt.date(2026, 7, 15), "GS-2026-07-15", 0.99)
    new = later(claims, "russia", "eliminated", dt.date(2026, 10, 1), "GS-2026-10-01", 1.05)
    monkeypatch.setattr(registry, "is_here", lambda name: name == "general-staff-daily")
    monkeypatch.setattr(claims_rows, "as_claims", lambda name: table.to_frame([old, new]))
    found = gathered.gather(SCENARIO, fetched=True, sides=SIDES)
    assert found.claims == (*claims, new)
    assert (found.sources[-1].kind, found.sources[-1].claims, found.sources[-1].added) == ("fetched", 2, 1)
    # By default only a day after all shipped claims draws on what this machine happens to hold.
    known = lambda day, fetched=None: len(request.claims_of(SCENARIO, SIDES, day, (), fetched).claims)  # noqa: E731
    assert [known(request.START), known(NOW), known(NOW, False), known(request.START, True)] == [427, 428, 427, 428]


def test_claims_are_handed_on_to_the_evidence(
    claims: tuple[Claim, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stop(Exception):  # noqa: N818
        pass

    def stop(given: tuple[Claim, ...], sides: list[str], as_of: dt.date, seed: int) -> None:
        raise Stop(len(given), as_of)

    monkeypatch.setattr(run, "evidence_as_of", stop)
    monkeypatch.setattr(request, "today", lambda: NOW)
    mine = csv(tmp_path / "mine.csv", later(claims, "ukraine", "strength", dt.date(2026, 10, 1), "N1"))
    with pytest.raises(Stop) as caught:
        run.forecast("today", claims=[mine], fetched=False)
    assert caught.value.args == (428, NOW)


def test_old_claims_are_warned_of() -> None:
    newest = {"russia": dt.date(2026, 8, 21), "ukraine": dt.date(2026, 11, 1)}
    (said,) = gathered.staleness(newest, NOW)
    assert said.startswith("Nothing is known of Russia after 2026-08-21, 100 days before the forecast")


# --- What followed.


def test_a_month_is_known_when_a_claim_that_bears_on_it_counts_to_its_end(claims: tuple[Claim, ...]) -> None:
    known = observations.known_until(claims, SIDES)
    assert known["russia", "killed"] == dt.date(2026, 8, 21)
    assert known["ukraine", "strength"] == dt.date(2025, 1, 15)
    shipped = observations.known_now(SCENARIO, claims, SIDES, request.START)
    assert max(month for _, _, month in shipped) == dt.date(2026, 7, 1)  # August is not whole: no fit is needed
    new = later(claims, "russia", "eliminated", dt.date(2026, 9, 30), "N1")
    lasts = observations._last_months([*claims, new], SIDES)
    assert lasts["russia", "killed"] == dt.date(2026, 9, 1)
    assert lasts["ukraine", "killed"] == dt.date(2026, 6, 1)


def test_later_months_come_from_the_posterior_and_shipped_ones_stay(
    claims: tuple[Claim, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    months = tuple(observations.months_between(dt.date(2022, 2, 1), dt.date(2026, 10, 1)))
    draws = np.random.default_rng(1).uniform(900, 1100, (200, len(months)))

    class Posterior:
        sides = dict.fromkeys(SIDES)
        fitted = claims
        calendar = type("Calendar", (), {"months": months})

        def monthly(self, side: str, quantity: str) -> np.ndarray:
            return draws * (100 if quantity == "strength" else 1)

    monkeypatch.setattr(losses, "reconcile_losses", lambda *_, **__: type("Losses", (), {"posterior": Posterior()}))
    new = later(claims, "russia", "eliminated", dt.date(2026, 10, 15), "N1")
    before = observations.known_now(SCENARIO, claims, SIDES, request.START)
    seen = observations.known_now(SCENARIO, [*claims, new], SIDES, request.START)
    added = {key: one for key, one in seen.items() if key not in before}
    assert before.items() <= seen.items()
    assert set(added) == {("russia", "killed", dt.date(2026, month, 1)) for month in (8, 9)}  # October is not whole
    low, high = np.quantile(draws[:, months.index(dt.date(2026, 9, 1))], [0.05, 0.95])
    one = added["russia", "killed", dt.date(2026, 9, 1)]
    assert (one.p05, one.p95) == (round(low), round(high))
    assert "fast" in one.source


# --- A ledger of simulated truth.

LOG_SD = 0.3
MONTHS = tuple(observations.months_between(dt.date(2024, 1, 1), dt.date(2035, 12, 1)))


def band(middle: float, sd: float) -> dict[str, float]:
    """Five quantiles of a log-normal variable."""
    return {name: middle * float(np.exp(sd * NormalDist().inv_cdf(level))) for name, level in LEVELS.items()}


def content(
    as_of: str, until: str, sd: float = LOG_SD, baselines: bool = True, middle: float = 5000.0
) -> dict[str, object]:
    """A line's content: all months of one middle, as a forecast with log-normal bands."""
    first, last = dt.date.fromisoformat(as_of), dt.date.fromisoformat(until)
    whole = [month for month in MONTHS if first < month and observations.last_day_of(month) <= last]
    rows = [
        {
            "month": f"{month:%Y-%m}",
            "days": observations.last_day_of(month).day,
            "killed": band(middle, sd),
            "deserted": None,
        }
        for month in whole
    ]
    cut = {"month": as_of[:7], "days": 3, "killed": band(middle / 10, sd), "deserted": None}
    chance = {"p": 0.2, "p05": 0.1, "p95": 0.3, "runs": 50}
    ends = {"collapse": chance, "settlement": chance, "victory": chance, "none": chance}
    side = {
        "months": [cut, *rows],
        "quarters": [],
        "by_day": {"90": ends, "400": ends},
        "p_mass_desertion": chance,
        "p_collapse": chance,
        "p_settlement": chance,
    }
    naive = [{"month": f"{month:%Y-%m}"} | band(middle, 3 * sd) for month in whole]
    about = {
        "scenario": SCENARIO, "scenario_hash": "s", "as_of": as_of, "until": until, "posterior_hash": "p", "version": "0",
        "sides": {"russia": side},
    }  # fmt: skip
    return about | ({"baselines": {"russia": {"killed": {"persists": naive, "trend": naive}}}} if baselines else {})


def truth(seed: int) -> dict[Key, Observation]:
    """Months drawn from the very distribution that the lines hold, known exactly."""
    random = np.random.default_rng(seed)
    drawn = 5000 * np.exp(LOG_SD * random.normal(size=len(MONTHS)))
    return {("russia", "killed", month): Observation(x, x, x, "drawn") for month, x in zip(MONTHS, drawn, strict=True)}


def scored(
    path: Path,
    seen: Mapping[Key, Observation],
    going_on: dt.date | None = None,
    came: Mapping[tuple[str, str], dt.date] | None = None,
) -> LedgerScores:
    """A ledger's scores against made-up months, without any claim."""
    lines = ledger.lines(path)
    past = ledger_scores.Past(NOW, going_on, came or {})
    every, months, outcomes = ledger_scores.score_lines(lines, ledger_scores.entries(lines, "The ledger"), seen, past)
    return LedgerScores(
        str(path), str(lines[-1]["hash"]), NOW, tuple(every), tuple(months), outcomes=tuple(outcomes), known_until={},
        bands=tuple(one for line in lines for one in ledger_scores.months_of(line)), observations=seen,
    )  # fmt: skip


def written(path: Path, *contents: dict[str, object], issued: dt.date = dt.date(2024, 1, 1)) -> Path:
    for each in contents:
        ledger.append(path, each, issued=issued)
    return path


def test_reliable_forecasts_are_found_reliable(tmp_path: Path) -> None:
    path = written(tmp_path / "l.jsonl", content("2023-12-31", "2035-12-31"))
    found = scored(path, truth(3))
    count = len(MONTHS)
    assert found.scored == count
    for row in found.reliability:
        error = np.sqrt(row["nominal"] * (1 - row["nominal"]) / count)
        assert row["observed"] == pytest.approx(row["nominal"], abs=3.5 * error), row["what"]
        assert row["low"] < row["nominal"] < row["high"]
        assert row["distinct"] == count
    (whole,) = [row for row in found.table if row["horizon"] == "all"]
    assert whole["inside_90"] == pytest.approx(0.9, abs=3.5 * np.sqrt(0.09 / count))
    assert whole["persists"]["ratio"] < 0.8  # its bands are three times too wide
    assert whole["persists"]["months"] == whole["months"] == count


def test_bands_that_are_too_narrow_are_found_out(tmp_path: Path) -> None:
    path = written(tmp_path / "l.jsonl", content("2023-12-31", "2035-12-31", sd=LOG_SD / 3))
    (row,) = [row for row in scored(path, truth(3)).reliability if (row["what"], row["nominal"]) == ("inside", 0.9)]
    exact = 2 * NormalDist().cdf(1.645 / 3) - 1
    assert row["observed"] == pytest.approx(exact, abs=3.5 * np.sqrt(exact * (1 - exact) / len(MONTHS)))
    assert row["observed"] < row["low"]


def test_the_interval_score_is_that_of_the_literature() -> None:
    random = np.random.default_rng(2)
    for _ in range(20):
        q, y = np.sort(random.normal(size=5)), random.normal()
        ours = scoring.weighted_interval_score(q, np.array(list(LEVELS.values())), np.array([y]))
        # Of scoringrules' parts: its own sum takes the median for the median's error (`findings/`).
        parts = [scoringrules.interval_score(y, q[low], q[4 - low], alpha) for low, alpha in ((1, 0.5), (0, 0.1))]
        theirs = (0.5 * abs(y - q[2]) + 0.25 * parts[0] + 0.05 * parts[1]) / 2.5
        assert ours == pytest.approx(float(theirs))
    fine = np.arange(0.5, 1000) / 1000
    q = np.array([NormalDist().inv_cdf(level) for level in fine])
    assert scoring.weighted_interval_score(q, fine, np.array([0.7])) == pytest.approx(
        scoring.crps(q, np.array([0.7])), rel=0.01
    )


def test_a_binomial_band_holds_what_it_says() -> None:
    shares = np.random.default_rng(1).binomial(30, 0.5, 4000) / 30
    low, high = intervals.binomial_band(0.5, 30)
    inside = np.mean((shares >= low) & (shares <= high))
    assert inside + 3 * np.sqrt(0.09 / 4000) >= 0.9
    assert np.mean((shares > low) & (shares < high)) < 0.9


def test_old_lines_are_scored_and_the_same_forecast_counts_once(tmp_path: Path) -> None:
    path, now = tmp_path / "l.jsonl", content("2024-01-31", "2024-06-30")
    former = {
        {"scenario": "case", "scenario_hash": "case_hash"}.get(name, name): value
        for name, value in now.items() if name != "baselines"
    }  # fmt: skip
    line = {"number": 1, "made": "2024-02-01"} | former | {"previous": ledger.FIRST}
    path.write_text(json.dumps(line | {"hash": ledger.digest(line)}) + "\n", encoding="utf8")
    written(path, now, content("2024-02-29", "2024-06-30"), issued=dt.date(2024, 2, 1))
    before = path.read_bytes()
    found = scored(path, truth(1))
    assert [each.same_as for each in found.entries] == [None, 1, None]
    assert [row["months"] for row in found.line_rows()] == [5, 0, 4]
    assert [row["ratio"] is None for row in found.line_rows()] == [True, True, False]  # the old line has no baselines
    (whole,) = [row for row in found.table if (row["kind"], row["horizon"]) == ("foretold", "all")]
    assert (whole["months"], whole["distinct"], whole["persists"]["months"]) == (9, 5, 4)
    assert any("entered twice, counted once" in each for each in found.caveats())
    assert path.read_bytes() == before


def test_a_clock_that_was_set_back_makes_no_forecast_foretold(tmp_path: Path) -> None:
    path = written(tmp_path / "l.jsonl", content("2023-12-31", "2024-06-30"), issued=dt.date(2024, 3, 31))
    with pytest.raises(LedgerError, match="the clock: found .*2024-01-01.*allowed: 2024-03-31"):
        written(path, content("2024-01-31", "2024-06-30"), issued=dt.date(2024, 1, 1))
    assert ledger.check(path).lines == 1
    line = content("2024-01-31", "2024-06-30") | {
        "number": 2,
        "issued": "2024-01-01",
        "previous": ledger.check(path).last,
    }
    with path.open("a", encoding="utf8") as out:  # by a release that did not look at the clock
        out.write(json.dumps(line | {"hash": ledger.digest(line)}) + "\n")
    found = scored(path, truth(1))
    assert [each.issued for each in found.entries] == [dt.date(2024, 3, 31)] * 2
    assert {one.month.month for one in found.months if one.kind == "foretold"} == {3, 4, 5, 6}


def test_months_that_were_over_when_the_line_was_written_are_told_apart(tmp_path: Path) -> None:
    path = written(tmp_path / "l.jsonl", content("2023-12-31", "2024-06-30"), issued=dt.date(2024, 3, 31))
    found = scored(path, truth(1))
    kinds = {one.month.month: one.kind for one in found.months}
    assert [kinds[month] for month in range(1, 7)] == ["afterwards"] * 2 + ["foretold"] * 4
    assert [row["foretold"] for row in found.line_rows()] == [4]


def test_what_is_not_known_yet_waits_and_says_for_what(tmp_path: Path) -> None:
    path = written(tmp_path / "l.jsonl", content("2023-12-31", "2024-06-30"))
    known = {key: one for key, one in truth(1).items() if key[2] < dt.date(2024, 4, 1)}
    found = scored(path, known)
    assert (found.scored, found.entries[0].waiting, found.next_month) == (3, 3, dt.date(2024, 4, 1))
    nothing = dataclasses.replace(scored(path, {}), known_until={"russia": {"killed": dt.date(2024, 1, 5)}})
    (said,) = nothing.waiting()
    assert said.startswith("No month that these forecasts tell is known yet. The first month that waits is 2024-01")
    assert "counts to 2024-01-31 or beyond" in said
    published.hold("forecast", nothing.to_dict())


def test_outcomes_are_scored_by_the_horizons_that_are_past(tmp_path: Path) -> None:
    path = written(tmp_path / "l.jsonl", content("2023-12-31", "2025-02-02"))
    key = lambda found: {(one.outcome, one.days): (one.came, round(one.brier, 4)) for one in found.outcomes}  # noqa: E731
    assert key(scored(path, {})) == {}  # nobody knows whether the war goes on
    found = key(scored(path, {}, going_on=dt.date(2024, 6, 1)))
    assert found == {("collapse", 90): (0.0, 0.04), ("settlement", 90): (0.0, 0.04)}
    found = key(scored(path, {}, dt.date(2024, 6, 1), {("russia", "collapse"): dt.date(2024, 5, 1)}))
    assert found[("collapse", 90)] == (0.0, 0.04)
    assert found[("collapse", 400)] == (1.0, 0.64)
    before = key(scored(path, {}, dt.date(2024, 6, 1), {("russia", "collapse"): dt.date(2023, 12, 1)}))
    assert not {days for outcome, days in before if outcome == "collapse"}  # it had come before: nothing was forecast
    month = lambda at, p: {("russia", MASS_DESERTION, at): Observation(p, p, p, "")}  # noqa: E731
    end = month(dt.date(2025, 1, 1), 0.6)
    ((_, (came, brier)),) = key(scored(path, end)).items()
    assert (came, brier) == (0.6, round(0.6 * 0.64 + 0.4 * 0.04, 4))
    ((_, (came, _)),) = key(scored(path, end | month(dt.date(2023, 12, 1), 0.2))).items()
    assert came == pytest.approx(0.5)  # of those in which it had not come before
    assert key(scored(path, end | month(dt.date(2023, 12, 1), 0.55))) == {}


def test_ends_that_came_are_read_with_every_fault() -> None:
    read = ledger_scores.outcome_days(["russia:collapse:2026-10-01"], SIDES, NOW)
    assert read == {("russia", "collapse"): dt.date(2026, 10, 1)}
    with pytest.raises(LedgerError) as caught:
        ledger_scores.outcome_days(["rusia:collapse:2026-13-01", "russia", "russia:settlment:2026-12-24"], SIDES, NOW)
    said = str(caught.value)
    assert "5 faults" in said
    assert "Did you mean russia?" in said
    assert "Did you mean settlement?" in said


# --- What cannot be read.


def test_a_ledger_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    (tmp_path / "forecasts.jsonl").touch()
    with pytest.raises(LedgerError, match=r"no such file.*Did you mean forecasts.jsonl"):
        ledger.lines(tmp_path / "forecast.jsonl")
    with pytest.raises(LedgerError, match="no line"):
        ledger.lines(tmp_path / "forecasts.jsonl")
    with pytest.raises(LedgerError, match="a folder"):
        ledger.lines(tmp_path)
    (tmp_path / "bytes.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(LedgerError, match="no text"):
        ledger.check(tmp_path / "bytes.jsonl")
    whole = content("2023-12-31", "2024-06-30")
    path = written(tmp_path / "odd.jsonl", whole | {"sides": "x"}, whole | {"until": "soon"})
    with pytest.raises(LedgerError) as caught:
        ledger_scores.entries(ledger.lines(path), "The ledger")
    assert [fault.place for fault in caught.value.faults] == ["line 1", "line 2"]


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_ledger_that_lost_its_last_line_feed_keeps_both_lines(end: str, tmp_path: Path) -> None:
    path = written(tmp_path / "forecasts.jsonl", content("2023-12-31", "2024-06-30"))
    path.write_bytes(path.read_bytes().removesuffix(b"\n") + end.encode())
    written(path, content("2024-01-31", "2024-06-30"))
    assert ledger.check(path).lines == 2
    assert path.read_bytes().endswith(b"}\n")
    assert b"\n\n" not in path.read_bytes()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda first, second: f"\ufeff{first}\n{second}\n", [("line 1", "a byte order mark", "without a byte order mark")]),
        (lambda first, second: f"{first}\n\n{second}\n \n", [
            ("line 2", "a blank line", "Remove the blank line"), ("line 4", "a blank line", "Remove the blank line"),
        ]),
        (lambda first, second: f"{first}{second}\n", [("line 1", "more than one forecast", "Break the line between them")]),
        (lambda first, second: f"{first}\n{second[:50]}\n", [("line 2", "no JSON", "Restore the file")]),
        (lambda first, second: f"{first}\n{second} x\n", [("line 2", "no JSON", "Restore the file")]),
    ],
)  # fmt: skip
def test_what_an_editor_did_to_a_ledger_is_named(change: Callable[..., str], said: list[Any], tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", content("2023-12-31", "2024-06-30"), content("2024-01-31", "2024-06-30"))
    path.write_text(change(*path.read_text(encoding="utf8").splitlines()), encoding="utf8")
    with pytest.raises(LedgerError) as caught:
        ledger.check(path)
    for fault, (place, found, cure) in zip(caught.value.faults, said, strict=True):
        assert fault.place == place
        assert fault.value.startswith(found)
        assert fault.cure.startswith(cure) or cure in fault.cure
    before = path.read_bytes()
    with pytest.raises(LedgerError):
        written(path, content("2024-02-29", "2024-06-30"))
    assert path.read_bytes() == before


# --- The page and the command.


def test_the_page_of_a_ledger_holds_every_line_and_its_figures(tmp_path: Path) -> None:
    contents = [
        content("2023-12-31", "2024-12-31"),
        content("2024-03-31", "2024-12-31", middle=6000),
        content("2023-12-31", "2024-12-31"),
    ]
    path = written(tmp_path / "l.jsonl", *contents)
    found = scored(path, truth(1), going_on=dt.date(2024, 6, 1))
    page = found.save(tmp_path / "out", figures=False)
    assert page.name == "ledger.html"
    text = page.read_text(encoding="utf8")
    specs = json.loads(text.partition('<script type="application/json" id="specs">')[2].partition("</script>")[0])
    assert zones.local(specs) == []
    assert (
        set(specs) == set(found.plot) == {"lines_killed", "skill_foretold", "reliability_foretold", "coverage_foretold"}
    )
    assert "3 lines, 2 different forecasts, 21 of their months scored" in text
    assert "as line 1" in text
    assert "At most 12 different calendar months" in text
    assert not re.search(r"(src|href)=.https?:", text)
    names = {each.name for each in page.parent.iterdir()}
    assert {
        "ledger.json",
        "ledger-lines.csv",
        "ledger-months.csv",
        "ledger-scores.csv",
        "ledger-reliability.csv",
    } <= names
    assert json.loads((page.parent / "ledger.json").read_text())["months_scored"] == 21
    again = hf.open(page.parent)
    assert isinstance(again, LedgerScores)
    assert again.to_dict() == found.to_dict()


@pytest.fixture
def holdfast(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[..., Any]:
    """The command line within this process, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(request, "today", lambda: NOW)

    def said(*words: str) -> tuple[int, str, str]:
        try:
            code = app.guarded(words)
        except SystemExit as stop:
            code = int(stop.code or 0)
        return code, *capsys.readouterr()

    return said


def test_the_command_scores_a_ledger_by_the_shipped_months(holdfast: Callable[..., Any], tmp_path: Path) -> None:
    written(
        tmp_path / "holdfast-forecasts.jsonl",
        content("2024-01-31", "2024-12-31", middle=9000),
        issued=dt.date(2024, 1, 31),
    )
    code, out, _ = holdfast("forecast", "--score-ledger", "--no-fetched", "--json")
    assert code == 0
    found = json.loads(out)
    assert (found["months_scored"], found["next_month"]) == (2 * 11, None)  # killed, and as others count them
    assert {row["kind"] for row in found["scores"]} == {"foretold"}
    assert found["known_until"]["russia"]["killed"] == "2026-08-21"
    code, out, _ = holdfast("forecast", "--score-ledger", "holdfast-forecasts.jsonl", "--no-fetched")
    assert code == 0
    assert "Months that were still to come when the line was written" in out
    assert "russia_ukraine 427 (shipped)" in out


def test_the_command_tells_all_faults_at_once(holdfast: Callable[..., Any]) -> None:
    code, _, err = holdfast(
        "forecast", "--as-of", "tody", "--until", "x", "--claims", "no.csv", "--runs", "0", "--came", "a"
    )
    assert code == 2
    for place in ("--as-of", "--until", "no.csv", "--runs", "--came"):
        assert place in err
    assert "Did you mean today?" in err
    code, _, err = holdfast("forecast", "--score-ledger", "a", "b", "--rolling")
    assert (code, "2 files" in err, "--rolling" in err) == (2, True, True)
    assert holdfast("forecast", "--score-ledger", "none.jsonl")[0] == 2
