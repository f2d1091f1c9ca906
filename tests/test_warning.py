"""Early warning: signals against what is known of them exactly, their honesty about gaps and the future, and what was measured."""

from __future__ import annotations

import datetime as dt
import json
import math
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

import holdfast as hf
from holdfast.calibration import simulations
from holdfast.calibration.simulations import Course
from holdfast.cli import app
from holdfast.core.units import LEVEL
from holdfast.early_warning import absence_table, indicators, renewal, reported_cases, signals, skill
from holdfast.early_warning.absence_table import MONTH, WEEK
from holdfast.early_warning.simulated_armies import VARIANTS, ArmySeries, Study, armies
from holdfast.early_warning.skill import CALM, GATHERING, NOMINAL, SHOCK, Watched
from holdfast.stats.intervals import binomial_band, wilson

Floats = npt.NDArray[np.float64]
SERIES = 200
"""Simulated series of a test of coverage."""
SURE = 0.998
"""Share of all samples that lie in a band: a test on a fixed seed is not to fail by luck."""


# --- The renewal equation.


def planted(
    number: float, memory: float | Floats, *, weeks: int = 30, over: float = 1.0, start: float = 60.0, seed: int = 1
) -> Floats:
    """Weekly exits of armies in which one exit causes so many others, day by day, as the engine's memory fades."""
    random = np.random.default_rng((seed, round(100 * number), round(10 * over)))
    burn, tau = 8, np.broadcast_to(np.asarray(memory, float), (SERIES,))
    remembered = start * tau / 7 * np.exp(-burn * 7 * (number - 1) / tau)
    counts = np.zeros((SERIES, weeks))
    for week in range(-burn, weeks):
        for _ in range(7):
            mean = number * remembered / tau
            left = random.poisson(mean) if over == 1 else random.negative_binomial(
                np.maximum(mean, 1e-9) / (over - 1), 1 / over
            )  # fmt: skip
            remembered = remembered * (1 - 1 / tau) + left
            if week >= 0:
                counts[:, week] += left
    return counts


@pytest.mark.parametrize(
    ("number", "over", "week"), [(0.7, 1.0, 13), (1.0, 1.0, 25), (1.0, 3.0, 25), (1.4, 1.0, 14), (1.4, 3.0, 14)]
)
def test_the_interval_covers_the_planted_number_at_its_level(number: float, over: float, week: int) -> None:
    of = renewal.reproduction(planted(number, 16.0, over=over), days=7, memory=16.0)
    inside = (of.low[:, week] <= number) & (number <= of.high[:, week])
    low, high = binomial_band(LEVEL, SERIES, SURE)
    assert low <= inside.mean() <= high
    assert (of.high[:, week] - of.low[:, week]).mean() < 0.8, "an interval of everything covers too"


def test_the_interval_covers_where_the_memory_is_not_known() -> None:
    memory = renewal.memory_nodes(SERIES)
    of = renewal.reproduction(planted(1.3, memory), days=7)
    inside = (of.low[:, 14] <= 1.3) & (of.high[:, 14] >= 1.3)
    low, high = binomial_band(LEVEL, SERIES, SURE)
    assert low <= inside.mean() <= high


def test_steady_growth_gives_its_number_exactly() -> None:
    for days, memory, number in ((7.0, 16.0, 1.5), (30.0, 16.0, 1.3), (7.0, 40.0, 0.8)):
        grown = (1 + (number - 1) / memory) ** (days * np.arange(60))
        of = renewal.reproduction(1e9 * grown / grown.max(), days=days, memory=memory)
        assert of.value[-1] == pytest.approx(number, rel=2e-3)


def test_the_ratio_of_renewal_has_its_exact_points() -> None:
    assert renewal.ratio_of([0.0, 1.0], 16.0, 7) == pytest.approx([0.0, 1.0])
    assert np.all(np.diff(renewal.ratio_of(np.linspace(0, 5, 50), 16.0, 30)) > 0)


def test_a_steady_flow_has_a_number_of_one() -> None:
    counts = np.random.default_rng(4).poisson(80, (SERIES, 40)).astype(float)
    of = renewal.reproduction(counts, days=7)
    middle = of.value[:, 20]
    assert middle.mean() == pytest.approx(1, abs=4 * middle.std() / math.sqrt(SERIES) + 0.01)


# --- The saddle-node: a system that loses its balance slowly.


def saddle_node(rates: Floats, *, noise: float, paths: int, steps: int, parts: int) -> Floats:
    """Paths of dx = (r + x^2) dt + s dW about their balance, a value a unit of time, `[rate, path, step]` (Heun's scheme)."""
    random, dt_ = np.random.default_rng(19), 1 / parts
    x = np.broadcast_to(-np.sqrt(-rates)[:, None], (len(rates), paths)).copy()
    out = np.empty((len(rates), paths, steps))
    for step in range(-60, steps):
        for _ in range(parts):
            kick = noise * math.sqrt(dt_) * random.normal(size=x.shape)
            drift = rates[:, None] + x**2
            x = x + 0.5 * (drift + rates[:, None] + (x + drift * dt_ + kick) ** 2) * dt_ + kick
        if step >= 0:
            out[..., step] = x
    return out


def test_the_saddle_node_gives_the_table_of_the_literature() -> None:
    rates, noise, paths, steps = np.array([-1, -0.25, -0.04, -0.01]), 0.004, 150, 800
    x = saddle_node(rates, noise=noise, paths=paths, steps=steps, parts=25)
    table, ratios = np.array([0.135, 0.368, 0.670, 0.819]), np.array([0.25, 0.5, 1.25, 2.5])
    own = np.exp(-2 * np.sqrt(-rates))
    assert own == pytest.approx(table, abs=6e-4)
    value, pairs = indicators.autocorrelation(x, trend=False)
    assert np.all(pairs == steps - 1)
    short = (1 + 4 * own) / steps  # bias of a series of finite length (Marriott and Pope 1954)
    for place in range(4):
        error = value[place].std(ddof=1) / math.sqrt(paths)
        assert value[place].mean() == pytest.approx(own[place] - short[place], abs=4 * error)
        square, _ = indicators.variance(x[place], trend=False)
        square = square / noise**2
        lost = (1 + own[place]) / (1 - own[place]) / steps  # the variance of the mean that was taken off
        error = square.std(ddof=1) / math.sqrt(paths)
        assert square.mean() == pytest.approx(ratios[place] * (1 - lost), abs=4 * error)


# --- Gaps and the future.


def noisy(seed: int = 3, weeks: int = 80) -> tuple[Floats, Floats, Floats]:
    """Counts of five units, their sum, and their men."""
    units = np.random.default_rng(seed).poisson(12, (5, weeks)).astype(float)
    return units, units.sum(axis=0), np.full((5, weeks), 900.0)


WINDOWS = {"autocorrelation": 12, "variance": 12, "spread": 12, "recovery": 26, "rate": 4}


def test_a_missing_week_changes_nothing_elsewhere() -> None:
    units, counts, men = noisy()
    gap = 30
    holed, holed_units = counts.copy(), units.copy()
    holed[gap], holed_units[:, gap] = np.nan, np.nan
    whole = signals.every(counts, men.sum(axis=0), units, men, interval=WEEK)
    lacking = signals.every(holed, men.sum(axis=0), holed_units, men, interval=WEEK)
    assert set(whole) == set(lacking) == set(signals.SIGNALS)
    for name, window in WINDOWS.items():
        elsewhere = np.ones(len(counts), bool)
        elsewhere[gap : gap + window] = False
        for end in ("value", "low", "high"):
            one, other = getattr(whole[name], end), getattr(lacking[name], end)
            if name != "rate" or end == "value":
                assert np.allclose(one[elsewhere], other[elsewhere], equal_nan=True), (name, end)
        assert np.isfinite(lacking[name].value[gap + 1 : gap + window]).any() or name == "recovery"
    number, other = (each["reproduction"].value for each in (whole, lacking))
    assert np.array_equal(number[:gap], other[:gap], equal_nan=True)
    assert np.isnan(other[gap])
    assert np.isfinite(other[gap + 1 :]).all(), "the series goes on"
    assert number[gap + 30 :] == pytest.approx(other[gap + 30 :], abs=1e-3), "what it remembers of the gap is over"


def test_a_signal_knows_nothing_of_the_future() -> None:
    units, counts, men = noisy()
    later, later_units = counts.copy(), units.copy()
    later[50:], later_units[:, 50:] = 500.0, 100.0
    one = signals.every(counts, men.sum(axis=0), units, men, interval=WEEK)
    other = signals.every(later, men.sum(axis=0), later_units, men, interval=WEEK)
    for name in one:
        assert np.array_equal(one[name].value[:50], other[name].value[:50], equal_nan=True), name
        assert not np.array_equal(one[name].value[50:], other[name].value[50:], equal_nan=True), name


def test_luck_alone_has_variance_and_spread_of_one() -> None:
    units = np.random.default_rng(5).poisson(30, (400, 6, 40)).astype(float)
    spread = indicators.rolling_spread(units, np.ones(units.shape)).value[:, 30]
    unknown = indicators.rolling_spread(units, None).value[:, 30]
    swings = indicators.rolling_variance(units.sum(axis=1)).value[:, 30]
    for each in (spread, unknown, swings):
        assert each.mean() == pytest.approx(1, abs=4 * each.std() / math.sqrt(len(each)))


def test_recovery_is_the_rate_at_which_an_excess_dies_away() -> None:
    random = np.random.default_rng(6)
    left = np.empty((400, 200))
    for rate in (0.4, 1.2):
        x = np.zeros(len(left))
        for week in range(left.shape[1]):
            x = math.exp(-rate) * x + random.normal(size=len(left)) * 6
            left[:, week] = (60 + x) ** 2 / 4
        # A window as long as the series: in a short one the line that is taken off takes some of the excess with it.
        value = np.exp(-indicators.recovery(left, window=200)[0].value[:, -1])
        assert value.mean() == pytest.approx(math.exp(-rate), abs=4 * value.std() / 20 + 0.03)
    few = np.full((1, 26), 100.0)
    assert np.isnan(indicators.recovery(few)[0].value).all()
    assert indicators.recovery(few)[1][0, -1] == 0


# --- Skill.


def watch(held: int, broke: int, seed: int = 7) -> Watched:
    """Armies of which the first hold and the others gather; both halves have some of each."""
    many = held + broke
    is_held = np.arange(many) < held
    fits = np.random.default_rng(seed).random(many) < 0.5
    none = np.zeros(many, bool)
    return Watched(WEEK, np.full(many, 7 * 40), is_held, {GATHERING: ~is_held, SHOCK: none, CALM: none}, fits)


def test_a_signal_of_nothing_detects_as_often_as_it_is_wrong() -> None:
    values = np.random.default_rng(8).normal(size=(3000, 45))
    of = skill.measure("variance", values, watch(1500, 1500), 1)
    gathers = of.breaks[GATHERING]
    # The threshold, too, is from a sample: its error and that of the share it is held against add up.
    error = math.sqrt(0.1 * 0.9 * 2 / of.held)
    assert of.false_alarm.value == pytest.approx(skill.FALSE_ALARM, abs=4 * error)
    assert gathers.detection.value == pytest.approx(of.false_alarm.value, abs=4 * error)
    assert gathers.auc.low <= 0.5 <= gathers.auc.high


def test_the_area_under_shuffled_labels_is_one_half() -> None:
    units, counts, men = noisy(weeks=60)
    armies_ = np.random.default_rng(9).poisson(np.linspace(5, 40, 400)[:, None], (400, 60)).astype(float)
    greatest = signals.every(armies_, None, None, None, interval=WEEK)["variance"].value[:, 20:46].max(axis=1)
    for seed in range(4):
        label = np.random.default_rng(seed).permutation(400) < 200
        of = skill.area(greatest[~label], greatest[label])
        error = (of.high - of.low) / 2 / 1.645
        assert of.value == pytest.approx(0.5, abs=3.3 * error)
    assert skill.area(np.zeros(10), np.ones(10)).value == 1
    assert math.isnan(skill.area(np.zeros(0), np.ones(10)).value)


def test_a_lead_is_counted_from_the_first_alarm_in_the_half_year() -> None:
    values = np.zeros((4, 45))
    values[0, 38] = values[1, 20] = values[1, 39] = values[2, 5] = values[3, 40] = 1.0
    one = watch(2, 2)
    # The alarm of week 38 is given when that week is over, a week before the break on the first day of week 40.
    assert np.array_equal(skill.first_alarm(values, one, 0.5), [1, 19, np.nan, np.nan], equal_nan=True)
    assert list(skill.greatest(values, one, 4)) == [0, 1, 0, 0]
    values[0, 35] = 0.5
    assert list(skill.greatest(values, one, 4)) == [0.5, 1, 0, 0]
    assert list(skill.greatest(values, one, 4.1)) == [0, 1, 0, 0]


def test_a_month_that_is_over_just_before_the_break_is_no_early_warning() -> None:
    """Who counts by months and sees the month end ten days before the break has ten days' warning, and not a month's."""
    none = np.zeros(1, bool)
    one = Watched("month", np.array([280]), none, {GATHERING: ~none, SHOCK: none, CALM: none}, none)
    values = np.zeros((1, 12))
    values[0, 8] = 1.0
    assert skill.first_alarm(values, one, 0.5) == pytest.approx([10 / 7])
    assert list(skill.greatest(values, one, 0)) == [1.0]
    assert list(skill.greatest(values, one, skill.EARLY_WEEKS)) == [0.0]
    values[0, 7] = 0.7
    assert list(skill.greatest(values, one, skill.EARLY_WEEKS)) == [0.7]
    values[0, 9] = 2.0  # the month of the break itself is over too late
    assert list(skill.greatest(values, one, 0)) == [1.0]


def test_roc_goes_from_corner_to_corner_and_rises() -> None:
    random = np.random.default_rng(10)
    points = np.array(skill.roc(random.normal(size=500), random.normal(1, 1, 500)))
    assert points[0] == pytest.approx([0, 0])
    assert points[-1] == pytest.approx([1, 1])
    assert np.all(np.diff(points, axis=0) >= 0)
    assert len(points) <= skill.ROC_POINTS + 2


def test_kendalls_tau_on_a_rolling_window_is_no_test() -> None:
    counts = np.random.default_rng(11).poisson(40, (SERIES, 60)).astype(float)
    values = indicators.rolling_autocorrelation(counts).value
    rises = sum(indicators.kendall(row)[1] < NOMINAL for row in values)
    assert wilson(rises, SERIES)[0] > 2 * NOMINAL


def test_what_was_measured_is_shipped_and_says_how() -> None:
    measured = skill.shipped()
    assert sum(of["simulated"] for of in measured.armies.values()) >= 2000
    assert measured.about["command"] == "python bench/warning.py"
    for men in measured.sizes():
        for interval in absence_table.INTERVALS:
            for name in signals.SIGNALS:
                of = measured.find(name, interval, men)
                assert of is not None
                assert math.isfinite(of.threshold)
                assert of.false_alarm.value <= skill.FALSE_ALARM + 0.08
                assert of.breaks[CALM].detection.low <= of.false_alarm.high, "a shock out of the calm gives no warning"
    small = measured.sizes()[0]
    for name in ("rate", "reproduction", "variance"):
        of = measured.find(name, WEEK, small)
        assert of is not None
        assert of.breaks[GATHERING].auc.low > of.breaks[CALM].auc.value > 0
    assert all(one.false_alarm.low > NOMINAL for one in measured.trends), "the nominal level is not the true one"
    assert skill.from_plain(json.loads(json.dumps(skill.to_plain(measured)))) is not None


# --- Simulated armies.


def test_calm_days_put_the_ramp_off() -> None:
    full, calm = ({name: np.float32(value) for name in simulations.PRESSURES} for value in (0.8, 0.2))
    now = Course(full, calm, np.float32(60), np.float32(45))
    later = Course(full, calm, np.float32(60), np.float32(45), np.float32(182))
    for day in (0, 30, 80, 200):
        one, other = simulations.forcing_of(now, day, 5), simulations.forcing_of(later, day + 182, 5)
        assert np.allclose(one.rates.news, other.rates.news)
        assert np.allclose(one.rates.shock, other.rates.shock)
    assert np.allclose(simulations.forcing_of(later, 100, 5).rates.news, simulations.forcing_of(now, 0, 5).rates.news)


def test_a_study_has_each_army_three_times() -> None:
    every = armies(Study(1, 2))
    many = len(every) // len(VARIANTS)
    pressed, both, shocked = (every.rows(np.arange(n * many, (n + 1) * many)) for n in range(3))
    assert np.array_equal(pressed.luck, both.luck)
    assert np.array_equal(pressed.luck, shocked.luck)
    assert not pressed.levels["shock"].any()
    assert np.array_equal(both.levels["shock"], shocked.levels["shock"])
    assert both.levels["shock"].max() > 0
    assert np.array_equal(shocked.levels["news"], both.calm["news"])
    assert np.array_equal(every.resolve[::2], every.resolve[1::2]), "divisions of one army"
    assert len(set(every.luck[:many])) == many


@pytest.mark.slow
def test_brigades_of_a_batch_add_up_to_its_army() -> None:
    every = armies(Study(1, 1)).rows(np.arange(4))
    days = simulations.batch(every, 0, 1, 40, 4, brigades=True)
    assert days["brigade_left"].shape[2] == simulations.MEN // simulations.BRIGADE_MEN
    assert np.array_equal(days["brigade_present"].sum(axis=2), days["present"])
    assert (days["brigade_left"].sum(axis=2) >= days["left"]).all()


def test_classes_of_breaks() -> None:
    broke = np.array([-1, 400, -1, 300, 400, 300, -1, -1, 260])
    whole = np.ones((9, 728))
    series = ArmySeries(
        left=whole, present=whole, unit_left=whole[:, None], unit_present=whole[:, None], broke=broke, collapsed=broke,
        ended=np.full(9, 728), shock_day=np.full(9, 250),
    )  # fmt: skip
    one, counts = skill.watched(series, WEEK, 1)
    assert list(np.flatnonzero(one.kind[GATHERING])) == [1]
    assert list(np.flatnonzero(one.kind[SHOCK])) == [3, 5]
    assert list(np.flatnonzero(one.kind[CALM])) == [8]
    assert list(one.end[[1, 3, 8]]) == [400 // 7, 250 // 7, 250 // 7]
    assert counts["shocked, but would have broken anyway"] == 1
    assert one.fits[0] == one.fits[3] == one.fits[6], "an army is in one half in all variants"


# --- Tables.


def rows(text: str, folder: Path) -> Path:
    """A file of a table."""
    path = folder / "series.csv"
    path.write_text(text, encoding="utf8")
    return path


def test_a_missing_week_is_not_zero(tmp_path: Path) -> None:
    text = "week,absent,men\n2024-01-01,5,1000\n2024-01-15,,1000\n2024-01-22,NA,\n2024-02-05,0,990\n"
    series = absence_table.read(rows(text, tmp_path))
    assert series.interval == WEEK
    assert len(series) == 6
    assert np.array_equal(series.counts, [5, np.nan, np.nan, np.nan, np.nan, 0], equal_nan=True)
    assert series.starts[-1] == dt.date(2024, 2, 5)


def test_units_in_rows_and_in_columns_are_the_same(tmp_path: Path) -> None:
    wide = absence_table.read(rows("week,first,second\n2024-W01,1,2\n2024-W02,3,\n2024-W03,5,6\n", tmp_path))
    days = (
        "2024-01-01,1,first",
        "2024-01-01,2,second",
        "2024-01-08,3,first",
        "2024-01-15,5,first",
        "2024-01-15,6,second",
    )
    text = "\n".join(("date,awol,brigade", *days))
    long = absence_table.read(rows(text, tmp_path))
    assert wide.units == long.units == ("first", "second")
    assert wide.unit_counts is not None
    assert long.unit_counts is not None
    assert np.array_equal(wide.unit_counts, long.unit_counts, equal_nan=True)
    assert np.array_equal(wide.counts, [3, np.nan, 11], equal_nan=True)
    assert "a unit is not known" in wide.notes[-1]


def test_months_and_frames(tmp_path: Path) -> None:
    months = absence_table.read(rows("month;cases\n2024-11;3\n2024-12;4\n2025-02;6\n", tmp_path))
    assert months.interval == MONTH
    assert np.array_equal(months.counts, [3, 4, np.nan, 6], equal_nan=True)
    frame = pd.DataFrame({"date": pd.date_range("2024-01-01", periods=4, freq="MS"), "absent": [1, 2, 3, 4]})
    assert absence_table.read(frame).interval == MONTH
    assert absence_table.read(frame.assign(date=pd.date_range("2024-01-01", periods=4, freq="7D"))).interval == WEEK


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n", "found no column that is known"),
        ("week,absent\n2024-01-01,5\n2024-01-08,-3\n", 'column absent: found "-3"; allowed: a number, 0 or more'),
        (
            "week,absent\n2024-01-08,5\n2024-01-01,3\n",
            "allowed: a week after that of row 2 (2024-01-08). Sort the rows by date",
        ),
        (
            "week,absent\n2024-01-01,5\n2024-01-01,3\n",
            "allowed: each week once; row 2 has it too. Remove or correct one",
        ),
        ("week,absent\n2024-01-01,5\n", "found one period alone (2024-01-01); allowed: a series"),
        (
            "week,absent\n2024-01-01,5\n2024-01-02,6\n2024-01-03,4\n",
            "found days that follow each other; allowed: weeks or months",
        ),
        ("week,absent\n2024-01-01,5\n2024-01-08,6\n2024-01-17,4\n", "a whole number of weeks after 2024-01-01"),
        ("week,absent\n2024-01-01,\n2024-01-08,NA\n", "found no number in any row; allowed: counts"),
        ("week,absent,unit\n2024-01-01,1,A\n2024-01-08,2,\n", "the name of a unit in every row, or in none"),
        ("week,absent\n2024-W60,1\n2024-W02,2\n", "There is no such week"),
        ("week,absent\n", "found no row"),
        ("", "found nothing"),
    ],
)
def test_what_is_no_series_is_refused_with_its_cure(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(hf.WarnError) as error:
        absence_table.read(rows(text, tmp_path))
    assert said in str(error.value)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(hf.WarnError) as error:
        absence_table.read(rows("week,absent\n2024-01-01,x\n2024-01-01,-1\n", tmp_path))
    assert len(error.value.faults) == 3


# --- The verb.


def growing(folder: Path, *, weeks: int = 60) -> Path:
    """A table of an army whose exits begin to grow, with two gaps."""
    counts = planted(1.0, 16.0, weeks=40, seed=12)[0]
    counts = [*counts, *(counts[-1] * 1.15 ** np.arange(1, weeks - 39))]
    lines = ["week,absent,men"]
    for week, count in enumerate(counts):
        day = dt.date(2024, 1, 1) + dt.timedelta(weeks=week)
        if week != 30:
            lines.append(f"{day},{'' if week == 44 else round(count)},{9000 - 10 * week}")
    return rows("\n".join(lines) + "\n", folder)


def test_a_growing_series_gives_an_alarm_and_says_what_it_is_worth(tmp_path: Path) -> None:
    result = hf.warn(growing(tmp_path))
    by_name = {one.name: one for one in result.now}
    assert by_name["rate"].alarm
    assert by_name["rate"].since is not None
    assert by_name["reproduction"].now.low > 1
    assert by_name["spread"].missing == "no units: give a column unit, or one for each"
    assert "1 of" not in result.headline
    assert "there is no warning" in result.no_warning
    frame = result.to_frame()
    assert len(frame) == 60
    assert frame["absent"].isna().sum() == 2
    plain = result.to_dict()
    assert {one["signal"] for one in plain["signals"]} == set(signals.SIGNALS)
    assert all(one["false_alarm"]["value"] >= 0 for one in plain["signals"])


def test_a_saved_warning_is_opened_again(tmp_path: Path) -> None:
    result = hf.warn(growing(tmp_path))
    page = result.save(tmp_path / "out", figures=True)
    text = page.read_text(encoding="utf8")
    assert result.headline in text
    assert {each.name for each in (tmp_path / "out" / "figures").glob("*.png")} == {
        f"{name}.png" for name in dir(result.plot) if not name.startswith("_") and name in result.plot
    }
    again = hf.open(tmp_path / "out")
    assert isinstance(again, hf.EarlyWarning)
    assert again.headline == result.headline
    assert np.array_equal(again.signals["reproduction"].value, result.signals["reproduction"].value, equal_nan=True)
    assert "R_d" in result._repr_html_()


def test_the_command_prints_signals_and_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = growing(tmp_path)
    assert app.guarded(["warn", str(path), "--json"]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert plain["missing"] == 2
    assert plain["series"][30]["absent"] is None
    assert app.guarded(["warn", str(path)]) == 0
    shown = capsys.readouterr().out
    for word in ("R_d (renewal)", "false alarms", "Kendall's tau", "no warning"):
        assert word in shown
    assert app.guarded(["warn", str(path), "--side", "north"]) == 2
    assert "a table has neither sides nor runs" in capsys.readouterr().err
    assert app.guarded(["warn", str(tmp_path / "nothing.csv")]) == 2
    assert app.guarded(["warn", str(path), "--interval", "fortnight"]) == 2


def test_a_simulation_is_watched_run_by_run(two: hf.SimulationResult, tmp_path: Path) -> None:
    result = hf.warn(two, side="south", run=1)
    assert len(result.series) == 60 // 7
    data = two.data.isel(run=1, side=1)
    left = (data.deserted + data.surrendered).values[:56].reshape(8, 7).sum(axis=1)
    assert np.array_equal(result.series.counts, left)
    assert [one.run for one in result.runs] == [0, 1]
    assert result.engine is not None
    assert result.engine.shape == (8,)
    assert result.series.unit_counts is not None
    assert result.series.unit_counts.sum(axis=0) == pytest.approx(left)
    two.save(tmp_path / "run")
    assert hf.warn(tmp_path / "run", side="south", run=1).to_dict() == result.to_dict()
    with pytest.raises(hf.WarnError, match="a side of the simulation"):
        hf.warn(two, side="west")
    with pytest.raises(hf.WarnError, match="0 to 1"):
        hf.warn(two, run=7)


# --- The real series.


def test_totals_of_prosecutors_follow_each_other_and_add_up() -> None:
    every = reported_cases.totals("ukraine-prosecutors")
    assert [round(one.cases) for one in every] == [6988, 17658, 35307, 32533, 110511, 50489]
    assert all(one.end == other.first for one, other in zip(every, every[1:]))
    assert sum(one.cases for one in every[:5]) == 202997
    assert sum(one.cases for one in reported_cases.totals("russia-courts")) == 20538


def test_growth_between_totals_has_its_number() -> None:
    first, second = (
        reported_cases.Total(dt.date(2024, month, 1), dt.date(2024, month + 1, 1), cases, (), dt.date(2024, 12, 1))
        for month, cases in ((1, 3.1e6), (2, 2.9e6 * 1.5))
    )
    of = reported_cases.growth(first, second)
    pace = math.log(1.5) / (second.middle - first.middle)
    assert of.value == pytest.approx(1 + 16 * math.expm1(pace), rel=0.01)
    assert of.low < of.value < of.high


def test_what_would_have_been_said_is_written_with_what_came() -> None:
    said = reported_cases.as_markdown()
    assert said.count("What came") == 2
    assert "UK-D006" in said
    assert "cases grow" in said
    assert "cases keep their number, or nearly" in said
