"""Losses from draws of the evidence: the one bridge from what an army lost, month by month, to values of a scenario. [IO]

A side that says `losses = "posterior:PATH"` has no rate of its own. Run `i` is the scenario with the values of draw
`draw_of(i)` written in, for both sides from the same draw, and is then a run like any other: what is uncertain in the
evidence differs between runs, beside their luck. The forecast writes draws of the months to come in by the same `values`.

The file is what `holdfast losses` saves: netCDF, its group `posterior` with the dimensions chain, draw, side, month.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from holdfast.core import release
from holdfast.core.faults import Fault, ScenarioError, listed, nearest, shown, unknown
from holdfast.core.lazy import Lazy
from holdfast.core.units import MONTH_DAYS
from holdfast.io import files
from holdfast.scenario.schema import Losses, Point, ScenarioDocument, Side, daily, labels
from holdfast.stats.intervals import GOLDEN, quantiles

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr
else:
    np = Lazy("numpy")


DIMS = ("chain", "draw", "side", "month")
ALWAYS = ("killed", "strength", "wounded")
"""The variables that every posterior of losses has."""
VARIABLES = (*ALWAYS, "recruited")
PREFIX = "posterior:"
ALLOWED = f'"{PREFIX}PATH", or a table {{posterior = "PATH", of = [...]}}'
NEEDS = {
    "killed": ("killed", "strength"),
    "killed_share": ("killed", "wounded"),
    "strength": ("strength",),
    "recruited": ("recruited",),
}
"""The variables of a posterior from which each part of the losses is computed."""
MOST_SUMMARISED = 400
"""Draws, at most, from which the list of inputs states a median and an interval."""


# --- Months of one draw, and the values that they give a scenario.


@dataclass(frozen=True)
class Months:
    """One army's months in one draw of the evidence."""

    first: tuple[dt.date, ...]
    """The first day that each month covers."""
    days: np.ndarray
    """Days that each month covers [d], `[month]`."""
    flows: Mapping[str, np.ndarray]
    """Men over the covered days, by `killed`, `wounded`, `recruited` [men], each `[month]`."""
    edges: np.ndarray
    """Men present at the months' edges, the start of the first month first [men], `[month + 1]`."""

    @property
    def _mean_strength(self) -> np.ndarray:
        """Mean men present of each month, at least one [men], `[month]`."""
        return np.maximum((self.edges[:-1] + self.edges[1:]) / 2, 1)

    def strength_on(self, day: dt.date) -> float:
        """Men present on a morning: straight lines between the evenings at the months' ends, flat outside them.

        Args:
            day: the morning's date.

        Returns:
            Men [men].
        """
        before = self.first[0].toordinal() - 1
        evenings = [first.toordinal() + int(n) - 1 for first, n in zip(self.first, self.days, strict=True)]
        return float(np.interp(day.toordinal() - 1, [before, *evenings], self.edges))

    def _within(self, start: dt.date, days: int) -> slice:
        """The months that a run touches; the last where it begins after them."""
        end = start + dt.timedelta(days=days)
        begin = max(sum(first <= start for first in self.first) - 1, 0)
        return slice(begin, max(sum(first < end for first in self.first), begin + 1))

    def _points(self, monthly: np.ndarray, start: dt.date, days: int) -> list[Point]:
        """A monthly value on the first and the last of its days within a run, so that it holds on all of them."""
        values: dict[dt.date, float] = {}
        last_day = start + dt.timedelta(days=days - 1)
        months = self._within(start, days)
        for month in range(months.start, months.stop):
            first = self.first[month]
            last = first + dt.timedelta(days=int(self.days[month]) - 1)
            for day in (max(first, start), max(min(last, last_day), start)):
                values[day] = float(monthly[month])
        return [Point(date=day, value=value) for day, value in values.items()]

    def _series(self, monthly: np.ndarray, start: dt.date, days: int) -> float | list[Point]:
        """Monthly values as a series of the schema; the last month's value persists."""
        points = self._points(monthly, start, days)
        return points[0].value if len({point.value for point in points}) == 1 else points


class Values(TypedDict, total=False):
    """What a draw gives a side, under the schema's names."""

    killed_per_1000_month: float  # on the first day
    intensity: float | list[Point]  # over that of the first day
    killed_share: float  # of those hit
    strength: int  # on the first morning [men]
    contracts_per_day: float | list[Point]  # men who join [men/d]


def values(
    months: Months, of: Sequence[str], start: dt.date, days: int, *, men: int | None = None, recruits_over: int = 1
) -> Values:
    """What one draw says of a side, as values of the schema.

    Losses are counted by the man present. Where the scenario's army has another size than the draw's, its recruits are
    counted by the man as well, so that the balance of men is the draw's. Nothing is cut to a range: the draw's killed per
    man and day, its share of killed and its recruits are what the run has.

    Args:
        months: the draw's months.
        of: the parts that are taken: `killed`, `killed_share`, `strength`, `recruited`.
        start: first day of the run.
        days: length of the run [d].
        men: men of the scenario's army on the first day, where `of` does not take the strength; as in the draw unless
            given [men].
        recruits_over: months over which recruits are spread, an odd number: men train, and units take them as they come.

    Returns:
        Keys and values of `schema.Side`: the rate of killed on the first day with the intensity that makes it each
        month's, the share of killed among those hit (absent where nobody was hit), the strength, men who join a day.
    """
    given: Values = {}
    if "killed" in of:
        rate = months.flows["killed"] / months.days / months._mean_strength * 1000 * MONTH_DAYS
        now = [point.value for point in months._points(rate, start, days)]
        # The first day's rate, since it is what men believe at the start; where that is 0, the span's mean.
        base = now[0] or float(np.mean(now))
        given["killed_per_1000_month"] = base
        given["intensity"] = months._series(rate / base if base else rate + 1, start, days)
    if "killed_share" in of:
        touched = months._within(start, days)
        killed, wounded = (float(months.flows[name][touched].sum()) for name in ("killed", "wounded"))
        if killed + wounded:
            given["killed_share"] = killed / (killed + wounded)
    if "strength" in of:
        given["strength"] = round(months.strength_on(start))
    if "recruited" in of:
        scale = 1.0 if men is None or "strength" in of else men / max(months.strength_on(start), 1.0)
        given["contracts_per_day"] = months._series(_joining(months, recruits_over) * scale, start, days)
    return given


def _joining(months: Months, over: int) -> np.ndarray:
    """Men who join a day in each month, spread over the months around it [men/d]."""
    daily_recruits, half = months.flows["recruited"] / months.days, over // 2
    if not half:
        return daily_recruits
    return np.array([daily_recruits[max(n - half, 0) : n + half + 1].mean() for n in range(len(daily_recruits))])


def draw_of(run: int, draws: int) -> int:
    """The draw of a run: by a stride near the golden section of the draws, and prime to their number.

    Neighbouring draws of a chain are alike. So the first runs, however many, lie evenly over all chains; run `i`
    has its draw whatever the number of runs; and none comes twice before all have come once.

    Args:
        run: number of the run, from 0.
        draws: how many draws there are.

    Returns:
        The number of its draw, from 0.
    """
    stride = max(1, round(draws * GOLDEN))
    while math.gcd(stride, draws) > 1:
        stride += 1
    return run * stride % draws


# --- Posteriors in files.


@dataclass(frozen=True)
class Posterior:
    """Draws of two armies' losses, by variable `[draw side month]`, the chains end to end."""

    digest: str
    """SHA-256 of the file."""
    sides: tuple[str, ...]
    """What the file calls the sides, in its order."""
    first: tuple[dt.date, ...]
    """The first day that each month covers."""
    days: np.ndarray
    """Days that each month covers [d]."""
    men: Mapping[str, np.ndarray]
    """By variable: men over the covered days, `strength` at their end [men]."""

    @property
    def draws(self) -> int:
        """How many draws there are."""
        return len(next(iter(self.men.values())))

    @property
    def last_day(self) -> dt.date:
        """The last day that is covered."""
        return self.first[-1] + dt.timedelta(days=int(self.days[-1]) - 1)

    def months(self, draw: int, side: str) -> Months:
        """One draw's months of a side.

        Args:
            draw: number of the draw, from 0.
            side: name of the side in the posterior.

        Returns:
            The months. The strength at the first month's start is not in the file: it is that at its end.
        """
        row = self.sides.index(side)
        end = self.men["strength"][draw, row]
        flows = {name: every[draw, row] for name, every in self.men.items() if name != "strength"}
        return Months(self.first, self.days, flows, np.concatenate([end[:1], end]))


def digest(path: str) -> str:
    """What tells a file from any other.

    Args:
        path: the file.

    Returns:
        SHA-256 of its contents; of nothing where there is no file.
    """
    file = Path(path)
    return hashlib.sha256(file.read_bytes() if file.is_file() else b"").hexdigest()


def read(path: str) -> Posterior:
    """The posterior in a file; read once as long as the file does not change.

    Args:
        path: the netCDF file.

    Returns:
        Its draws.

    Raises:
        ScenarioError: if there is no such file, or it holds no posterior of losses.
    """
    try:
        entry = Path(path).stat()
    except OSError:
        return _read(path, 0, 0)
    return _read(path, entry.st_mtime_ns, entry.st_size)


@functools.lru_cache(maxsize=8)
def _read(path: str, changed: int, size: int) -> Posterior:
    """The posterior in a file as it is now."""
    cure = "Make one with holdfast losses --out DIR, and name DIR/posterior.nc"
    if not Path(path).is_file():
        names = sorted(entry.name for entry in Path(path).parent.glob("*.nc"))
        what = f"the folder {shown(path)}" if Path(path).is_dir() else f"no file {shown(path)}"
        inside = Path(path) / "posterior.nc"
        meant = str(inside) if inside.is_file() else nearest(Path(path).name, names)
        allowed = "the path of a posterior, from the folder of the scenario"
        raise ScenarioError([Fault("posterior", what, allowed, f"Correct the path. {cure}", meant)])
    try:
        data = files.read_netcdf(Path(path), "posterior")
    except ModuleNotFoundError as error:
        install = f"Install it: {release.install('evidence')}"
        fault = Fault("posterior", "no h5netcdf", "h5netcdf, which reads posteriors", install)
        raise ScenarioError([fault]) from error
    except Exception as error:  # whatever a library says of a file that is something else
        words = (str(error) or type(error).__name__).splitlines()[0][:80]
        what = f"a file without a group posterior that can be read ({words})"
        allowed = "a posterior of losses, an ArviZ netCDF file"
        raise ScenarioError([Fault("posterior", what, allowed, cure)]) from error
    wrong = _faults_of(data, cure)
    if wrong:
        raise ScenarioError(wrong)
    months = data.month.values.astype("datetime64[D]")
    first, days = _covered(months, _days_stated(data))
    men = {}
    for name in [name for name in VARIABLES if name in data]:
        every = data[name].transpose(*DIMS).values
        men[name] = every.reshape(-1, *every.shape[2:]).astype(float)
    return Posterior(digest(path), tuple(str(s) for s in data.side.values), first, days, men)


def _faults_of(data: xr.Dataset, cure: str) -> list[Fault]:
    """What keeps a dataset from being a posterior of losses."""
    lacking = [name for name in DIMS if name not in data.dims] + [n for n in DIMS[2:] if n not in data.coords]
    lacking += [name for name in ALWAYS if name not in data]
    allowed = f"the dimensions {listed(DIMS)} and the variables {listed(ALWAYS)}"
    if lacking:
        return [Fault("posterior", f"no {listed(dict.fromkeys(lacking))}", allowed, cure)]
    wrong = []
    for name in [name for name in VARIABLES if name in data]:
        if set(data[name].dims) != set(DIMS):
            wrong.append(Fault("posterior", f"{name} along {listed(map(str, data[name].dims))}", listed(DIMS), cure))
        elif not np.isfinite(data[name].values).all() or (data[name].values < 0).any():
            wrong.append(Fault("posterior", f"{name} below 0 or not finite", "men, 0 or more", cure))
    month = data.month.values
    if month.dtype.kind != "M" or 0 in data.sizes.values():
        wrong.append(Fault("posterior", "no months, or months that are no dates", "a date a month", cure))
    elif (np.diff(month.astype("datetime64[M]").astype(int)) != 1).any():
        wrong.append(Fault("posterior", "months that leave gaps or go back", "month after month", cure))
    return wrong


def _days_stated(data: xr.Dataset) -> np.ndarray | None:
    """Days that each month covers, where the file states them: a variable along the months, or the months' attribute."""
    for stated in (data.get("days"), data.month.attrs.get("days")):
        if stated is not None and np.size(stated) == data.sizes["month"]:
            return np.atleast_1d(np.asarray(stated)).astype(int)
    return None


def _covered(months: np.ndarray, stated: np.ndarray | None) -> tuple[tuple[dt.date, ...], np.ndarray]:
    """The first day and the number of days that each month covers: the first may lack its beginning, the last its end."""
    start = months.astype("datetime64[M]")
    whole = ((start + 1).astype("datetime64[D]") - start.astype("datetime64[D]")).astype(int)
    days = whole if stated is None else np.clip(stated, 1, whole)
    late = np.zeros(len(days), int)
    late[0] = (whole - days)[0] if len(days) > 1 else 0
    first = start.astype("datetime64[D]") + late
    return tuple(day.item() for day in first), days


# --- Scenarios that take losses from a posterior.


def _request(side: Side) -> Losses | None:
    """What a side takes from a posterior, in full; none where it takes nothing or what it says makes no sense."""
    if isinstance(side.losses, str):
        path = side.losses.removeprefix(PREFIX)
        return Losses(posterior=path) if path and side.losses.startswith(PREFIX) else None
    return side.losses


def with_path(losses: object, change: Callable[[str], str]) -> object:
    """What a document says of losses, with another path.

    Args:
        losses: the key's value in the document: text, a table, or anything else that a file may hold.
        change: from the path to the new one.

    Returns:
        The same with its path changed; anything that names no path is left as it is.
    """
    if isinstance(losses, str) and losses.startswith(PREFIX) and losses != PREFIX:
        return PREFIX + change(losses.removeprefix(PREFIX))
    if isinstance(losses, dict) and isinstance(losses.get("posterior"), str):
        return losses | {"posterior": change(losses["posterior"])}
    return losses


def gives_rate(losses: object) -> bool:
    """Whether what a document says of losses stands in for the rate of killed.

    Args:
        losses: the key's value in the document.

    Returns:
        True if it does, or if it cannot be told because it is faulty.
    """
    of = losses.get("of") if isinstance(losses, dict) else None
    return losses is not None and (
        not isinstance(of, list) or "killed" in of or not all(what in [*NEEDS] for what in of)
    )


def used(scenario: ScenarioDocument) -> dict[str, str]:
    """The posteriors that a scenario names.

    Args:
        scenario: a checked scenario.

    Returns:
        The digest of each file, by its path.
    """
    paths = {own.posterior for own in map(_request, scenario.side) if own}
    return {path: digest(path) for path in sorted(paths)}


def of_run(scenario: ScenarioDocument, run: int) -> ScenarioDocument:
    """The scenario as one run has it.

    Args:
        scenario: a checked scenario.
        run: number of the run, from 0.

    Returns:
        The scenario with the values of the run's draw written in; the same where no side has `losses`.
    """
    if not any(map(_request, scenario.side)):
        return scenario
    sides = []
    for side in scenario.side:
        own = _request(side)
        if own:
            posterior = read(own.posterior)
            given = _given(scenario, side, own, draw_of(run, posterior.draws))
            side = side.model_copy(update={**given, "losses": None})
        sides.append(side)
    return scenario.model_copy(update={"side": sides})


def _given(scenario: ScenarioDocument, side: Side, own: Losses, draw: int) -> Values:
    """What a draw gives a side of a scenario."""
    months = read(own.posterior).months(draw, own.side or side.name)
    return values(months, own.of, scenario.start, scenario.days, men=side.men_at_start)


def clashes(scenario: ScenarioDocument) -> list[Fault]:
    """Faults that show without a look into the posterior: nothing said of losses, or two things.

    Args:
        scenario: a scenario that is sound in structure.

    Returns:
        The faults.
    """
    wrong: list[Fault] = []
    for label, side in zip(labels(scenario.side), scenario.side, strict=True):
        place = f"side[{label}]"
        own = _request(side)
        if side.losses is not None and own is None:
            cure = f'Write losses = "{PREFIX}PATH", the path from the folder of the scenario'
            wrong.append(Fault(f"{place}.losses", shown(side.losses), ALLOWED, cure))
        elif own is None or "killed" not in own.of:
            if side.killed_per_1000_month is None:
                about = "Add killed_per_1000_month = ...: Killed per 1,000 men present a month"
                cure = f'{about}; or losses = "{PREFIX}PATH", a posterior of losses'
                wrong.append(Fault(f"{place}.killed_per_1000_month", "nothing", "a number, 0 or more", cure))
        else:
            cure = "Remove it, or remove losses"
            if side.killed_per_1000_month is not None:
                given = f"{shown(side.killed_per_1000_month)} beside losses"
                wrong.append(Fault(f"{place}.killed_per_1000_month", given, "one of the two", cure))
            if side.killed_factor != 1:
                given = f"{shown(side.killed_factor)} beside losses, whose draws hold what is not known of them"
                wrong.append(Fault(f"{place}.killed_factor", given, "one of the two", cure))
            if side.intensity != 1:
                given = f"{shown(side.intensity)} beside losses, which set it month by month"
                wrong.append(Fault(f"{place}.intensity", given, "one of the two", cure))
        if own and "strength" in own.of and (side.strength is None or side.establishment is None):
            cure = "Add strength (a figure to lay the army out by) and establishment, or leave strength out of `of`"
            allowed = "strength and establishment, without an order of battle, where losses give the strength"
            wrong.append(Fault(f"{place}.losses.of", "strength", allowed, cure))
    return wrong


def unprompted(between: Sequence[Fault], broken: Sequence[Fault]) -> list[Fault]:
    """The faults between fields but those of losses that only follow from a broken or misspelt key of the same side.

    Args:
        between: faults between fields.
        broken: faults of structure.

    Returns:
        The faults between fields that stand by themselves, in their order.
    """
    meant = {fault.place for fault in broken}
    meant |= {f"{f.place.rpartition('.')[0]}.{f.suggestion}" for f in broken if f.suggestion}

    def follows(fault: Fault) -> bool:
        side, _, key = fault.place.rpartition(".")
        if key not in ("killed_per_1000_month", "killed_factor", "intensity"):
            return False
        causes = (f"{side}.losses", f"{side}.losses.", *([fault.place] if fault.value == "nothing" else []))
        return any(place in causes or place.startswith(causes[1]) for place in meant)

    return [fault for fault in between if not follows(fault)]


def faults(scenario: ScenarioDocument) -> list[Fault]:
    """Faults that show only in the posteriors that a scenario names.

    Args:
        scenario: a scenario that is sound in structure.

    Returns:
        The faults.
    """
    wrong: list[Fault] = []
    for label, side in zip(labels(scenario.side), scenario.side, strict=True):
        own = _request(side)
        if own is None:
            continue
        place = f"side[{label}].losses"
        try:
            posterior = read(own.posterior)
        except ScenarioError as error:
            wrong += [Fault(place, f.value, f.allowed, f.cure, f.suggestion) for f in error.faults]
            continue
        name = own.side or side.name
        if name not in posterior.sides:
            cure = f'Say which is meant: losses = {{posterior = "{Path(own.posterior).name}", side = "..."}}'
            wrong.append(unknown(place, name, "the sides of the posterior", posterior.sides, cure))
            continue
        lacking = sorted({n for what in own.of for n in NEEDS[what]} - set(posterior.men))
        if lacking:
            cure = f"Leave out of `of` what is made of {listed(lacking)}"
            wrong.append(Fault(place, f"a posterior without {listed(lacking)}", listed(posterior.men), cure))
            continue
        wrong += _dates(scenario, posterior, place)
        if "strength" in own.of:
            wrong += _strengths(scenario, side, own, posterior, place)
    return wrong


def _dates(scenario: ScenarioDocument, posterior: Posterior, place: str) -> list[Fault]:
    """A run that begins where the posterior says nothing."""
    first, last = posterior.first[0], posterior.last_day + dt.timedelta(days=1)
    if first <= scenario.start <= last:
        return []
    what = f"a posterior from {first} to {posterior.last_day}, while the scenario starts on {scenario.start}"
    cure = f"Start the scenario on {first if scenario.start < first else last}, or take a posterior of its time"
    return [Fault(place, what, f"a start from {first} to {last}", cure)]


def _strengths(scenario: ScenarioDocument, side: Side, own: Losses, posterior: Posterior, place: str) -> list[Fault]:
    """Draws with more men than posts, or with hardly any."""
    if side.establishment is None:
        return []
    men = strengths(posterior, own.side or side.name, scenario.start)
    most, least = round(float(men.max())), round(float(men.min()))
    if most > side.establishment:
        cure = f"Raise establishment to at least {most}"
        allowed = f"at most the establishment, {side.establishment}"
        return [Fault(place, f"draws of up to {most} men", allowed, cure)]
    if least < scenario.men_per_billet:
        cure = "Leave strength out of `of`, or set men_per_billet lower"
        return [Fault(place, f"draws of {least} men", f"at least men_per_billet, {scenario.men_per_billet}", cure)]
    return []


def strengths(posterior: Posterior, side: str, day: dt.date) -> np.ndarray:
    """Men present on a morning in each draw.

    Args:
        posterior: the draws.
        side: name of the side in the posterior.
        day: the morning's date.

    Returns:
        Men [men], `[draw]`.
    """
    return np.array([posterior.months(draw, side).strength_on(day) for draw in range(posterior.draws)])


# --- What a run's report and manifest say of them.

About = TypedDict(
    "About",
    {
        "posterior": str,
        "sha256": str,
        "side": str,
        "of": list[str],
        "from": str,
        "to": str,
        "persists_from": str | None,
        "draws": int,
        "draw_of_run": list[int],
    },
    total=False,
)
"""What a side takes from a posterior, as the manifest holds it: file, side, parts, covered dates, draws."""


def about(scenario: ScenarioDocument, numbers: Sequence[int] | None = None) -> dict[str, About]:
    """What each side with `losses` takes from which posterior.

    Args:
        scenario: a checked scenario.
        numbers: the number by which each run has its draw; with it, the draw of each run is listed.

    Returns:
        By side, a record as the manifest has it.
    """
    every: dict[str, About] = {}
    end = scenario.start + dt.timedelta(days=scenario.days - 1)
    for side in scenario.side:
        own = _request(side)
        if own is None:
            continue
        posterior = read(own.posterior)
        after = posterior.last_day + dt.timedelta(days=1)
        every[side.name] = {
            "posterior": own.posterior,
            "sha256": posterior.digest,
            "side": own.side or side.name,
            "of": [str(what) for what in own.of],
            "from": str(posterior.first[0]),
            "to": str(posterior.last_day),
            "persists_from": str(max(after, scenario.start)) if end >= after else None,
            "draws": posterior.draws,
        }
        if numbers is not None:
            every[side.name]["draw_of_run"] = [draw_of(number, posterior.draws) for number in numbers]
    return every


def spread(scenario: ScenarioDocument, side: str) -> dict[str, tuple[float, float, float]]:
    """The range over the draws of each value that a posterior gives a side.

    Args:
        scenario: a checked scenario.
        side: name of the side in the scenario.

    Returns:
        By the schema's name: lower end, median and upper end of the 90 % interval, over at most `MOST_SUMMARISED` draws;
        of a series, of its mean over the run. Nothing for a side without `losses`.
    """
    (one,) = (each for each in scenario.side if each.name == side)
    own = _request(one)
    if own is None:
        return {}
    draws = read(own.posterior).draws
    days = [scenario.start + dt.timedelta(days=n) for n in range(scenario.days)]
    means: dict[str, list[float]] = {}
    for run in range(min(draws, MOST_SUMMARISED)):
        for name, value in _given(scenario, one, own, draw_of(run, draws)).items():
            means.setdefault(name, []).append(float(daily(value, days).mean()))  # type: ignore[arg-type]
    return {name: tuple(quantiles(each).values()) for name, each in means.items()}  # type: ignore[misc]


def all_in_words(evidence: Mapping[str, About]) -> str:
    """Where all sides' losses are from, each file once.

    Args:
        evidence: what each side takes (`about`).

    Returns:
        Sentences, parted by semicolons.
    """
    files: dict[str, list[str]] = {}
    for one in evidence.values():
        files.setdefault(in_words({**one, "side": "..."}), []).append(one["side"])
    return "; ".join(
        words.replace("side ...", ("sides " if len(sides) > 1 else "side ") + " and ".join(sides))
        for words, sides in files.items()
    )


def in_words(one: About) -> str:
    """Where a side's losses are from.

    Args:
        one: what it takes (`about`).

    Returns:
        A sentence without its full stop.
    """
    after = f"; from {one['persists_from']} on the last month persists" if one["persists_from"] else ""
    return (
        f"{PREFIX}{Path(one['posterior']).name} (sha256 {one['sha256'][:12]}), side {one['side']}, "
        f"{one['from']} to {one['to']}{after}; a draw a run out of {one['draws']}"
    )
