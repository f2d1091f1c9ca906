"""A posterior of losses: draws of what two armies lost and had, month by month, out of a file [IO].

The file is what `holdfast losses` saves: netCDF, its group `posterior` with the dimensions chain, draw, side, month.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import importlib.util
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from holdfast.core.faults import Fault, ScenarioError, listed, nearest, shown, unknown
from holdfast.scenario.document_paths import labels
from holdfast.scenario.schema import Losses, Point, ScenarioDocument, Side
from holdfast.scenario.series import daily

DIMS = ("chain", "draw", "side", "month")
ALWAYS = ("killed", "strength", "wounded")
"""The variables that every posterior of losses has."""
VARIABLES = (*ALWAYS, "recruited")


@dataclass(frozen=True)
class Posterior:
    """What draws of two armies' losses hold, by variable `[draw side month]`, the chains end to end."""

    digest: str
    """SHA-256 of the file."""
    sides: tuple[str, ...]
    first: tuple[dt.date, ...]
    """The first day that each month covers."""
    days: np.ndarray
    """Days that each month covers."""
    men: Mapping[str, np.ndarray]
    """By variable: men over the covered days, `strength` at their end."""

    @property
    def draws(self) -> int:
        """How many draws there are."""
        return len(next(iter(self.men.values())))

    @property
    def last_day(self) -> dt.date:
        """The last day that is covered."""
        return self.first[-1] + dt.timedelta(days=int(self.days[-1]) - 1)

    def of(self, name: str, draw: int, side: str) -> np.ndarray:
        """A variable of one draw and side, month by month."""
        values: np.ndarray = self.men[name][draw, self.sides.index(side)]
        return values


def digest(path: str) -> str:
    """SHA-256 of a file; of nothing where there is none."""
    file = Path(path)
    return hashlib.sha256(file.read_bytes() if file.is_file() else b"").hexdigest()


def read(path: str) -> Posterior:
    """The posterior in a file; a `ScenarioError` where it is none."""
    try:
        about = Path(path).stat()
    except OSError:
        return _read(path, 0, 0)
    return _read(path, about.st_mtime_ns, about.st_size)


@functools.lru_cache(maxsize=8)
def _read(path: str, changed: int, size: int) -> Posterior:
    """The posterior in a file as it is now."""
    made_by = "Make one with holdfast losses --out DIR, and name DIR/posterior.nc"
    if not Path(path).is_file():
        beside = Path(path).parent
        names = sorted(entry.name for entry in beside.glob("*.nc"))
        what = f"the folder {shown(path)}" if Path(path).is_dir() else f"no file {shown(path)}"
        inside = Path(path) / "posterior.nc"
        meant = str(inside) if inside.is_file() else nearest(Path(path).name, names)
        allowed = "the path of a posterior, from the folder of the case"
        raise ScenarioError([Fault("posterior", what, allowed, f"Correct the path. {made_by}", meant)])
    if importlib.util.find_spec("h5netcdf") is None:
        cure = "Install it: pip install 'holdfast[evidence]'"
        raise ScenarioError([Fault("posterior", "no h5netcdf", "h5netcdf, which reads posteriors", cure)])
    import xarray as xr

    try:
        with xr.open_dataset(path, group="posterior", engine="h5netcdf", decode_timedelta=False) as data:
            data = data.load()
    except Exception as error:  # whatever a library says of a file that is something else
        said = (str(error) or type(error).__name__).splitlines()[0][:80]
        found = f"a file without a group posterior that can be read ({said})"
        allowed = "a posterior of losses, an ArviZ netCDF file"
        raise ScenarioError([Fault("posterior", found, allowed, made_by)]) from error
    faults = _faults_of(data, made_by)
    if faults:
        raise ScenarioError(faults)
    draws = data[[name for name in VARIABLES if name in data]]
    months = draws.month.values.astype("datetime64[D]")
    first, days = _covered(months, _days_told(data))
    stacked = {
        str(name): each.transpose(*DIMS).values.reshape(-1, *each.transpose(*DIMS).shape[2:]).astype(float)
        for name, each in draws.data_vars.items()
    }
    return Posterior(digest(path), tuple(str(s) for s in data.side.values), first, days, stacked)


def _faults_of(data: Any, cure: str) -> list[Fault]:
    """What keeps a dataset from being a posterior of losses."""
    lacking = [name for name in DIMS if name not in data.dims] + [n for n in DIMS[2:] if n not in data.coords]
    lacking += [name for name in ALWAYS if name not in data]
    allowed = f"the dimensions {listed(DIMS)} and the variables {listed(ALWAYS)}"
    if lacking:
        return [Fault("posterior", f"no {listed(dict.fromkeys(lacking))}", allowed, cure)]
    found = []
    for name in [name for name in VARIABLES if name in data]:
        if set(data[name].dims) != set(DIMS):
            found.append(Fault("posterior", f"{name} along {listed(data[name].dims)}", listed(DIMS), cure))
        elif not np.isfinite(data[name].values).all() or (data[name].values < 0).any():
            found.append(Fault("posterior", f"{name} below 0 or not finite", "men, 0 or more", cure))
    month = data.month.values
    if month.dtype.kind != "M" or 0 in data.sizes.values():
        found.append(Fault("posterior", "no months, or months that are no dates", "a date a month", cure))
    elif (np.diff(month.astype("datetime64[M]").astype(int)) != 1).any():
        found.append(Fault("posterior", "months that leave gaps or go back", "month after month", cure))
    return found


def _days_told(data: Any) -> np.ndarray | None:
    """Days that each month covers, where the file tells them: a variable along the months, or the months' attribute."""
    for told in (data.get("days"), data.month.attrs.get("days")):
        if told is not None and np.size(told) == data.sizes["month"]:
            return np.atleast_1d(np.asarray(told)).astype(int)
    return None


def _covered(months: np.ndarray, told: np.ndarray | None) -> tuple[tuple[dt.date, ...], np.ndarray]:
    """The first day and the number of days that each month covers: the first may lack its beginning, the last its end."""
    start = months.astype("datetime64[M]")
    whole = ((start + 1).astype("datetime64[D]") - start.astype("datetime64[D]")).astype(int)
    days = whole if told is None else np.clip(told, 1, whole)
    late = np.zeros(len(days), int)
    late[0] = (whole - days)[0] if len(days) > 1 else 0
    first = start.astype("datetime64[D]") + late
    return tuple(day.item() for day in first), days


# Losses out of a posterior: checked at the door, and put into the scenario, one draw a run [IO].
#
# A side that says `losses = "posterior:PATH"` has no rate of its own. Run `i` is the scenario with the values of draw
# `draw_of(i)` written in, for both sides from the same draw, and is then a run like any other: what is uncertain in
# the evidence differs between runs, beside their luck.


PREFIX = "posterior:"
ALLOWED = f'"{PREFIX}PATH", or a table {{posterior = "PATH", of = [...]}}'
MONTH = 30.44
"""Days in a month of the scenario's rate of killed [d]."""
NEEDS = {
    "killed": ("killed", "strength"),
    "killed_share": ("killed", "wounded"),
    "strength": ("strength",),
    "recruited": ("recruited",),
}
"""Which of the posterior's variables each thing asked for is made of."""
GOLDEN = (math.sqrt(5) - 1) / 2
"""The stride from run to run, as a share of the draws: the one whose multiples lie most evenly."""
MOST_TOLD = 400
"""Draws by which the list of inputs tells of a posterior."""


def _asked(side: Side) -> Losses | None:
    """What a side takes from a posterior, in full; none where it takes nothing or what it says makes no sense."""
    if isinstance(side.losses, str):
        path = side.losses.removeprefix(PREFIX)
        return Losses(posterior=path) if path and side.losses.startswith(PREFIX) else None
    return side.losses


def with_path(losses: Any, change: Callable[[str], str]) -> Any:
    """What a document says of losses with another path; anything that names none is left as it is."""
    if isinstance(losses, str) and losses.startswith(PREFIX) and losses != PREFIX:
        return PREFIX + change(losses.removeprefix(PREFIX))
    if isinstance(losses, dict) and isinstance(losses.get("posterior"), str):
        return losses | {"posterior": change(losses["posterior"])}
    return losses


def gives_rate(losses: Any) -> bool:
    """Whether what a document says of losses stands in for the rate of killed."""
    of = losses.get("of") if isinstance(losses, dict) else None
    return losses is not None and (
        not isinstance(of, list) or "killed" in of or not all(what in [*NEEDS] for what in of)
    )


def used(scenario: ScenarioDocument) -> dict[str, str]:
    """The posteriors that a scenario names: the digest of each, by its path."""
    paths = {own.posterior for own in map(_asked, scenario.side) if own}
    return {path: digest(path) for path in sorted(paths)}


def draw_of(run: int, draws: int) -> int:
    """The draw of a run: by a stride near the golden section of the draws, and prime to their number.

    Neighbouring draws of a chain are alike. So the first runs, however many, lie evenly over all chains; run `i`
    has its draw whatever the number of runs; and none comes twice before all have come once.
    """
    stride = max(1, round(draws * GOLDEN))
    while math.gcd(stride, draws) > 1:
        stride += 1
    return run * stride % draws


def of_run(scenario: ScenarioDocument, run: int) -> ScenarioDocument:
    """The scenario as one run has it: the values of its draw written in; the same where nobody has `losses`."""
    if not any(map(_asked, scenario.side)):
        return scenario
    sides = []
    for side in scenario.side:
        own = _asked(side)
        if own:
            posterior = read(own.posterior)
            draw = draw_of(run, posterior.draws)
            given = values(posterior, draw, own.side or side.name, own.of, scenario.start, scenario.days)
            side = side.model_copy(update=given | {"losses": None})
        sides.append(side)
    return scenario.model_copy(update={"side": sides})


def values(posterior: Posterior, draw: int, side: str, of: Sequence[str], start: dt.date, days: int) -> dict[str, Any]:
    """What a draw says of a side, as values of the schema."""
    one = functools.partial(posterior.of, draw=draw, side=side)
    given: dict[str, Any] = {}
    if "killed" in of:
        rate = one("killed") / posterior.days / np.maximum(_mean_strength(one("strength")), 1) * 1000 * MONTH
        now = [value for _, value in _steps(posterior, rate, start, days)]
        # The first day's rate, since it is what men believe at the start; where that is 0, the span's mean.
        base = now[0] or float(np.mean(now))
        given["killed_per_1000_month"] = base
        given["intensity"] = _series(posterior, rate / base if base else rate + 1, start, days)
    if "killed_share" in of:
        months = _months(posterior, start, days)
        killed, wounded = (float(one(name)[months].sum()) for name in ("killed", "wounded"))
        if killed + wounded:
            given["killed_share"] = killed / (killed + wounded)
    if "strength" in of:
        given["strength"] = round(float(_strength_on(posterior, one("strength"), start)))
    if "recruited" in of:
        given["contracts_per_day"] = _series(posterior, one("recruited") / posterior.days, start, days)
    return given


def _mean_strength(end: np.ndarray) -> np.ndarray:
    """Mean men present of each month, from those at its start and end; the first month's start is not told."""
    before = np.concatenate([end[..., :1], end[..., :-1]], axis=-1)
    mean: np.ndarray = (before + end) / 2
    return mean


def _strength_on(posterior: Posterior, end: np.ndarray, day: dt.date) -> Any:
    """Men present on a morning: straight lines between the evenings at the months' ends, flat outside them."""
    evenings = [first.toordinal() + int(n) - 1 for first, n in zip(posterior.first, posterior.days, strict=True)]
    return np.interp(day.toordinal() - 1, evenings, end)


def _months(posterior: Posterior, start: dt.date, days: int) -> slice:
    """The months that a run touches; the last where it begins after them."""
    firsts, end = posterior.first, start + dt.timedelta(days=days)
    begin = max(sum(first <= start for first in firsts) - 1, 0)
    return slice(begin, max(sum(first < end for first in firsts), begin + 1))


def _steps(posterior: Posterior, monthly: np.ndarray, start: dt.date, days: int) -> list[tuple[dt.date, float]]:
    """A month's value on the first and the last of its days within the run, so that it holds on all of them."""
    points: dict[dt.date, float] = {}
    months = _months(posterior, start, days)
    for month in range(months.start, months.stop):
        first = posterior.first[month]
        last = first + dt.timedelta(days=int(posterior.days[month]) - 1)
        for day in (max(first, start), max(min(last, start + dt.timedelta(days=days - 1)), start)):
            points[day] = float(monthly[month])
    return list(points.items())


def _series(posterior: Posterior, monthly: np.ndarray, start: dt.date, days: int) -> float | list[Point]:
    """Monthly values as a dated series; after the last month its value persists, as a series' last value does."""
    points = _steps(posterior, monthly, start, days)
    if len({value for _, value in points}) == 1:
        return points[0][1]
    return [Point(date=day, value=value) for day, value in points]


def clashes(scenario: ScenarioDocument) -> list[Fault]:
    """Faults that show without a look into the posterior: nothing said of losses, or two things."""
    found: list[Fault] = []
    for label, side in zip(labels(scenario.side), scenario.side, strict=True):
        place = f"side[{label}]"
        own = _asked(side)
        if side.losses is not None and own is None:
            cure = f'Write losses = "{PREFIX}PATH", the path from the folder of the case'
            found.append(Fault(f"{place}.losses", shown(side.losses), ALLOWED, cure))
        elif own is None or "killed" not in own.of:
            if side.killed_per_1000_month is None:
                about = "Add killed_per_1000_month = ...: Killed per 1,000 men present a month"
                cure = f'{about}; or losses = "{PREFIX}PATH", a posterior of losses'
                found.append(Fault(f"{place}.killed_per_1000_month", "nothing", "a number, 0 or more", cure))
        else:
            cure = "Remove it, or remove losses"
            if side.killed_per_1000_month is not None:
                given = f"{shown(side.killed_per_1000_month)} beside losses"
                found.append(Fault(f"{place}.killed_per_1000_month", given, "one of the two", cure))
            if side.intensity != 1:
                given = f"{shown(side.intensity)} beside losses, which set it month by month"
                found.append(Fault(f"{place}.intensity", given, "one of the two", cure))
        if own and "strength" in own.of and (side.strength is None or side.establishment is None):
            cure = "Add strength (a figure to lay the army out by) and establishment, or leave strength out of `of`"
            allowed = "strength and establishment, without an order of battle, where losses give the strength"
            found.append(Fault(f"{place}.losses.of", "strength", allowed, cure))
    return found


def unprompted(found: Sequence[Fault], broken: Sequence[Fault]) -> list[Fault]:
    """The faults but those of losses that only follow from a key that is broken, or misspelt, of the same side."""
    meant = {fault.place for fault in broken}
    meant |= {f"{f.place.rpartition('.')[0]}.{f.suggestion}" for f in broken if f.suggestion}

    def follows(fault: Fault) -> bool:
        side, _, key = fault.place.rpartition(".")
        if key not in ("killed_per_1000_month", "intensity"):
            return False
        causes = (f"{side}.losses", f"{side}.losses.", *([fault.place] if fault.found == "nothing" else []))
        return any(place in causes or place.startswith(causes[1]) for place in meant)

    return [fault for fault in found if not follows(fault)]


def faults(scenario: ScenarioDocument) -> list[Fault]:
    """Faults that show only in the posteriors that a scenario names."""
    found: list[Fault] = []
    for label, side in zip(labels(scenario.side), scenario.side, strict=True):
        own = _asked(side)
        if own is None:
            continue
        place = f"side[{label}].losses"
        try:
            posterior = read(own.posterior)
        except ScenarioError as error:
            found += [Fault(place, f.found, f.allowed, f.cure, f.suggestion) for f in error.faults]
            continue
        name = own.side or side.name
        if name not in posterior.sides:
            cure = f'Say which is meant: losses = {{posterior = "{Path(own.posterior).name}", side = "..."}}'
            found.append(unknown(place, name, "the sides of the posterior", posterior.sides, cure))
            continue
        lacking = sorted({n for what in own.of for n in NEEDS[what]} - set(posterior.men))
        if lacking:
            cure = f"Leave out of `of` what is made of {listed(lacking)}"
            found.append(Fault(place, f"a posterior without {listed(lacking)}", listed(posterior.men), cure))
            continue
        found += _dates(scenario, posterior, place)
        if "strength" in own.of:
            found += _strengths(scenario, side, own, posterior, place)
    return found


def _dates(scenario: ScenarioDocument, posterior: Posterior, place: str) -> list[Fault]:
    """A run that begins where the posterior says nothing."""
    first, last = posterior.first[0], posterior.last_day + dt.timedelta(days=1)
    if first <= scenario.start <= last:
        return []
    found = f"a posterior from {first} to {posterior.last_day}, while the case starts on {scenario.start}"
    cure = f"Start the case on {first if scenario.start < first else last}, or take a posterior of its time"
    return [Fault(place, found, f"a start from {first} to {last}", cure)]


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
    """Men present on a morning, by draw."""
    ends = posterior.men["strength"][:, posterior.sides.index(side)]
    return np.array([_strength_on(posterior, end, day) for end in ends])


def about(scenario: ScenarioDocument, runs: int | None = None) -> dict[str, dict[str, Any]]:
    """What each side with `losses` takes from where, for the manifest; with `runs`, the draw of each."""
    told: dict[str, dict[str, Any]] = {}
    for side in scenario.side:
        own = _asked(side)
        if own is None:
            continue
        posterior = read(own.posterior)
        end = scenario.start + dt.timedelta(days=scenario.days - 1)
        told[side.name] = {
            "posterior": own.posterior,
            "sha256": posterior.digest,
            "side": own.side or side.name,
            "of": [str(what) for what in own.of],
            "from": str(posterior.first[0]),
            "to": str(posterior.last_day),
            "persists_from": str(max(posterior.last_day + dt.timedelta(days=1), scenario.start))
            if end > posterior.last_day
            else None,
            "draws": posterior.draws,
        }
        if runs is not None:
            told[side.name]["draw_of_run"] = [draw_of(run, posterior.draws) for run in range(runs)]
    return told


def spread(scenario: ScenarioDocument, side: str) -> dict[str, tuple[float, float, float]]:
    """Of each value that a posterior gives a side: 5, 50 and 95 % of (at most `MOST_TOLD`) draws, of a series its
    mean over the run.
    """  # noqa: D205
    (one,) = (each for each in scenario.side if each.name == side)
    own = _asked(one)
    if own is None:
        return {}
    posterior = read(own.posterior)
    days = [scenario.start + dt.timedelta(days=n) for n in range(scenario.days)]
    drawn: dict[str, list[float]] = {}
    for run in range(min(posterior.draws, MOST_TOLD)):
        draw = draw_of(run, posterior.draws)
        given = values(posterior, draw, own.side or side, own.of, scenario.start, scenario.days)
        for name, value in given.items():
            drawn.setdefault(name, []).append(float(daily(value, days).mean()))
    low, middle, high = ({name: float(np.quantile(each, q)) for name, each in drawn.items()} for q in (0.05, 0.5, 0.95))
    return {name: (low[name], middle[name], high[name]) for name in drawn}


def all_in_words(evidence: Mapping[str, Mapping[str, Any]]) -> str:
    """Where all sides' losses are from, once for each file."""
    files: dict[str, list[str]] = {}
    for told in evidence.values():
        files.setdefault(in_words(dict(told, side="...")), []).append(told["side"])
    return "; ".join(
        words.replace("side ...", ("sides " if len(sides) > 1 else "side ") + " and ".join(sides))
        for words, sides in files.items()
    )


def in_words(told: Mapping[str, Any]) -> str:
    """Where a side's losses are from, in a sentence."""
    after = f"; from {told['persists_from']} on the last month persists" if told["persists_from"] else ""
    return (
        f"{PREFIX}{Path(told['posterior']).name} (sha256 {told['sha256'][:12]}), side {told['side']}, "
        f"{told['from']} to {told['to']}{after}; a draw a run out of {told['draws']}"
    )
