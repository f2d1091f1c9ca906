"""Faults and units: their sentences to the letter, their numbers by hand."""

from __future__ import annotations

import datetime as dt
import math
import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from holdfast.core import faults, params, units
from holdfast.core.faults import ArmiesError, ClaimsError, Fault, FaultyError, ScenarioError


def test_a_fault_is_a_sentence_with_its_cure() -> None:
    fault = Fault("days", '"many"', "a whole number", "Write a number", "days")
    assert str(fault) == 'days: found "many"; allowed: a whole number. Write a number. Did you mean days?'


def test_an_error_lists_every_fault_under_the_name_of_its_source() -> None:
    one, two = Fault("a", "1", "2", "Do"), Fault("b", "3", "4", "Be")
    assert str(ScenarioError([one])) == "The scenario has 1 fault:\n  a: found 1; allowed: 2. Do."
    assert str(ClaimsError([one, two], "mine.csv")).startswith("mine.csv has 2 faults:\n  a: found 1;")
    assert str(ArmiesError([one])).startswith("The armies has")


def test_an_error_survives_the_way_between_processes() -> None:
    error = ClaimsError([Fault("a", "1", "2", "Do")], "mine.csv")
    again = pickle.loads(pickle.dumps(error))
    assert isinstance(again, FaultyError)
    assert (type(again), again.faults, str(again)) == (ClaimsError, error.faults, str(error))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "nothing"), (faults.MISSING, "nothing"), (True, "true"), (dt.date(2023, 11, 1), "2023-11-01"),
        ("ab", '"ab"'), ("x" * 61, '"' + "x" * 57 + '..."'), ({"a": 1}, "a table (a)"), ({}, "a table (none)"),
        ([1, 2], "a list of 2"), (3, "3"), (0.1 + 0.2, "0.3"), (1j, "1j"),
    ],
)  # fmt: skip
def test_values_are_shown_as_a_file_would_write_them(value: object, text: str) -> None:
    assert faults.shown(value) == text


def test_an_unknown_name_is_answered_by_the_known_ones() -> None:
    fault = faults.unknown("--side", "rusia", "a side", ["russia", "ukraine"])
    assert (fault.allowed, fault.suggestion) == ("a side: russia, ukraine", "russia")
    many = faults.unknown("x", "c7", "a name", [f"c{n}" for n in range(40)])
    assert many.allowed.endswith("and 35 others")
    assert faults.nearest("RUSSIA", ["russia"]) == "russia"
    assert faults.nearest("zzz", ["russia"]) is None


@given(st.floats(1e-3, 1e3))
def test_a_rate_and_the_daily_chance_undo_each_other(rate: float) -> None:
    assert units.per_1000_month(units.per_day(rate), 1.0) == pytest.approx(rate, rel=1e-12)


def test_the_two_months_and_the_quantiles() -> None:
    from statistics import NormalDist

    assert units.CALENDAR_MONTH_DAYS == units.YEAR_DAYS / 12
    assert math.isclose(units.MONTH_DAYS, units.CALENDAR_MONTH_DAYS, rel_tol=1e-4)
    assert NormalDist().cdf(units.Z90) == pytest.approx(0.95, abs=1e-15)
    assert units.per_1000_month(30.0, 30.44 * 1000) == pytest.approx(30.0)


def test_the_core_imports_nothing_heavy() -> None:
    """Besides the standard library only itself; JAX, NumPy and pandas would cost every command a second."""
    code = (
        "import sys; from holdfast.core import faults, units; from holdfast.parallel import pool; "
        "print(sorted({'jax', 'numpy', 'pandas', 'xarray', 'scipy', 'sklearn'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert run.stdout.strip() == "[]"


# --- Priors.


@pytest.mark.parametrize("prior", [params.LogNormal(2.0, 0.4), params.Normal(-1.0, 0.5), params.Beta(2, 18)])
def test_a_priors_draws_have_its_quantiles(prior: params.Distribution) -> None:
    """Each decile of the prior holds a tenth of 4,000 draws, within four standard errors."""
    ends = prior.ppf(np.linspace(0, 1, 11))
    counts, _ = np.histogram(prior.sample(4000, np.random.default_rng(1)), ends[1:-1])
    assert abs(counts - 400).max() < 4 * np.sqrt(4000 * 0.1 * 0.9)
    assert (ends[0], ends[-1]) == pytest.approx(prior.bounds)


def test_a_convention_cannot_be_drawn() -> None:
    for draw in (
        lambda: params.Fixed().ppf(np.array([0.5])),
        lambda: params.Fixed().sample(1, np.random.default_rng(1)),
    ):
        with pytest.raises(TypeError, match="convention"):
            draw()


# --- days ---


@pytest.mark.parametrize(
    "given",
    [
        dt.date(2023, 11, 15), dt.datetime(2023, 11, 15, 23, 59), "2023-11-15", " 2023-11-15 ", "2023-11-15T12:00:00",
        np.datetime64("2023-11-15"), np.datetime64("2023-11-15T23:00", "ns"), np.array("2023-11-15", "M8[D]"),
        pd.Timestamp("2023-11-15 23:00"), pd.Timestamp("2023-11-15", tz="Pacific/Auckland"),
        xr.DataArray(np.datetime64("2023-11-15", "ns")),
    ],
)  # fmt: skip
def test_whatever_stands_for_a_day_is_that_day(given: object) -> None:
    found = faults.day_of("--until", given)
    assert type(found) is dt.date
    assert found == dt.date(2023, 11, 15)


@pytest.mark.parametrize(
    "given",
    [
        pd.NaT, np.datetime64("NaT"), None, 20231115, 2.5, True, "May", "2023-02-30", "", [dt.date(2023, 11, 15)],
        np.array(["2023-11-15", "2023-11-16"], "M8[D]"), np.arange(1), pd.Period("2023-11"),
    ],
)  # fmt: skip
def test_what_is_no_day_is_told_with_what_is_allowed(given: object) -> None:
    fault = faults.day_of("--until", given)
    assert isinstance(fault, faults.Fault)
    assert (fault.place, fault.cure) == ("--until", "Write year, month and day")
    assert fault.allowed.startswith("a day as 2023-11-15")
    assert ("Timestamp" in fault.allowed) == (not isinstance(given, str))
