"""A war that a viewer plays: a campaign, its twin without the viewer's pulls, its picture, its log, one soldier followed."""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from typing import cast

import jax
import numpy as np

from holdfast.app import pulls
from holdfast.app.chronicle import Chronicle
from holdfast.app.messages import Open
from holdfast.app.picture import Picture
from holdfast.app.pulls import Pull
from holdfast.core import runtime
from holdfast.core.faults import Fault, ScenarioError
from holdfast.engine import trace
from holdfast.engine.day.record import Forcing
from holdfast.engine.simulate import Campaign
from holdfast.engine.state import Flows
from holdfast.ensemble import inference
from holdfast.ensemble.draw import Draw, written
from holdfast.ensemble.plan import FILM_BILLETS, Scenario, load_scenario, scenario_from
from holdfast.io import files, records
from holdfast.parallel import Progress, silent
from holdfast.scenario import build, layout
from holdfast.scenario.schema import ScenarioDocument

SIDES = (
    "present", "killed", "wounded", "captured", "deserted", "surrendered", "refused", "returned", "posted", "risk_believed",
    "risk_true", "authority", "elite_cohesion", "elite_threshold", "reproduction_mean", "prospects", "broken_share", "settled",
    "collapsed", "supply", "support",
)  # fmt: skip
"""Daily variables of the sides that the page hears of, in the engine's units."""

MOST_ROOM = 3 * FILM_BILLETS
"""Billets of a war, the closed ones of short brigades among them, at most [billets]."""


def scenario_of(text: str) -> Scenario:
    """The scenario that a viewer wants.

    Args:
        text: the name of a shipped one, or the text of a file.

    Returns:
        The scenario.

    Raises:
        ScenarioError: with every fault; also where it names a file that is not shipped: no viewer reads files of this machine.
    """
    return scenario_from(text) if "=" in text or "\n" in text else load_scenario_by_name(text)


def load_scenario_by_name(name: str) -> Scenario:
    """A shipped scenario; never a file.

    Args:
        name: its name.

    Returns:
        The scenario.

    Raises:
        ScenarioError: if there is none of that name.
    """
    from holdfast.core.faults import unknown
    from holdfast.scenario import catalogue

    if name not in catalogue.names():
        raise ScenarioError([unknown("scenario", name, "a shipped scenario", catalogue.names())], "The request")
    return load_scenario(name)


def grain_of(document: ScenarioDocument, wanted: int | None) -> int:
    """Men that a billet of the picture stands for.

    Args:
        document: the scenario.
        wanted: what the viewer wants; the finest unless given.

    Returns:
        That, or more where the picture would have too many billets [men].
    """
    posts = layout.billets(document, document.men_per_billet) * document.men_per_billet
    return max(wanted or 1, math.ceil(posts / FILM_BILLETS))


def refuse_unshowable(document: ScenarioDocument, grain: int) -> None:
    """Refuse armies that no picture holds: many small brigades beside a large one take room for as many large ones.

    Args:
        document: the scenario.
        grain: men that a billet stands for [men].

    Raises:
        ScenarioError: if they take more room than the page gives.
    """
    room = layout.billets(document, grain)
    if room > MOST_ROOM:
        allowed = f"at most {MOST_ROOM:,} billets, the empty ones of short brigades among them"
        cure = "Make the brigades more alike in size, or have each billet stand for more men"
        raise ScenarioError([Fault("side.order_of_battle", f"{room:,} billets", allowed, cure)], "The scenario")


def first_draw(scenario: Scenario, seed: int, progress: Progress = silent) -> Draw:
    """The draw of a war that is looked at: that of the first run of `holdfast run` with this seed, which is filmed there.

    Worked out once a machine, for it may take pilot runs.

    Args:
        scenario: what is run.
        seed: of draws and luck.
        progress: hears of pilot runs.

    Returns:
        The draw.

    Raises:
        ScenarioError: if the armies stand at no level.
    """
    key = f"{scenario.hash} {seed} {records.package_digest()}"
    path = runtime.cache_folder() / "app" / "draws" / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.json"
    with contextlib.suppress(OSError, ValueError):
        return cast(Draw, files.read_json(path))
    document = scenario.document
    drawn = inference.draws(
        document, scenario.base, runs=1, seed=seed, men_per_billet=document.men_per_billet, workers=1, progress=progress
    ).each[0]
    with contextlib.suppress(OSError):  # a cache that cannot be written is no fault
        files.write_json(path, drawn)
    return cast(Draw, json.loads(files.json_line(drawn)))


class War:
    """One viewer's war."""

    def __init__(self, request: Open, progress: Progress = silent) -> None:
        """Stand on the first morning, with what the request pulls laid down.

        Args:
            request: what the viewer wants.
            progress: hears of pilot runs.

        Raises:
            ScenarioError: with every fault of the scenario or of what is pulled.
        """
        self.scenario = scenario_of(request.scenario)
        self.seed, self.grain = request.seed, grain_of(self.scenario.document, request.men_per_billet)
        refuse_unshowable(self.scenario.document, self.grain)
        self.plain = written(self.scenario.document, first_draw(self.scenario, request.seed, progress))
        """The scenario of this run, with nothing pulled."""
        self.world, self.names = build.world(pulls.prepared(self.plain), self.grain)
        self.campaign = Campaign(self.world, request.seed)
        self.twin: Campaign | None = None
        self.pulls: list[Pull] = []
        self.unpulled: Forcing = jax.device_put(self.world.forcing)
        self.course = self.unpulled
        self.picture = Picture(self.world)
        self.picture.colour(request.coloured_by)
        self.chronicle = Chronicle(self.plain, self.names)
        self.series: dict[str, list[np.ndarray]] = {name: [] for name in SIDES}
        self.followed: int | None = None
        self.put([pulled.pull(pulls.FIRST) for pulled in request.pulls])

    @property
    def day(self) -> int:
        """Days that have passed [d]."""
        return self.campaign.day

    @property
    def ended(self) -> bool:
        """Whether the scenario's last day has passed."""
        return self.day >= self.plain.days

    @property
    def document(self) -> ScenarioDocument:
        """The scenario of this run with what was pulled, which anyone can run."""
        return pulls.written(self.plain, self.pulls)

    def put(self, fresh: Sequence[Pull]) -> None:
        """Pull something from a day on that has not come yet.

        Args:
            fresh: the pulls.

        Raises:
            ScenarioError: with every fault of them.
        """
        pulls.checked(self.plain, fresh)
        can = pulls.can_be_pulled(self.plain)
        faults = [
            Fault(f"{pull.side}.losses", "0 killed", "a side that loses men", "Pull something else")
            for pull in fresh if pull.what == "losses" and "losses" not in can[pull.side]
        ]  # fmt: skip
        if faults:
            raise ScenarioError(faults, "What is pulled")
        if not fresh:
            return
        self.pulls += fresh
        self.course = jax.device_put(build.forcing(pulls.prepared(self.document)))

    def warm(self) -> None:
        """Have the programs of a day ready, compiled or out of the cache, before the viewer waits for the first."""
        self.campaign.twin().step(self.course)
        self.picture.codes(self.campaign.army, 0)

    def next_day(self) -> int:
        """The first day on which a pull may hold that is put now.

        Returns:
            The index of the day that comes [d].
        """
        return max(self.day, pulls.FIRST)

    def advance(self) -> dict[str, object]:
        """Walk through a day; the twin too, from the first day on which something is pulled.

        Returns:
            What the page hears of it.
        """
        day = self.day
        if self.twin is None and any(pull.day <= day for pull in self.pulls):
            self.twin = self.campaign.twin()
        row = self._look() if self.followed is not None else None
        flows = self.campaign.step(self.course)
        other = None if self.twin is None else self.twin.step(self.unpulled)
        pulled = [self.chronicle.of_pull(pull) for pull in self.pulls if pull.day == day]
        for name in SIDES:
            self.series[name].append(np.asarray(flows.side[name]))
        heard = {
            "day": day, "date": str(self.chronicle.date(day)), "side": _sides(flows),
            "twin": None if other is None else _sides(other), "line": np.round(flows.sector["line_km"], 2).tolist(),
            "broken": flows.sector["broken"].tolist(), "log": [*pulled, *self.chronicle.of_day(self.series, _arrays(flows.sector))],
        }  # fmt: skip
        return heard if row is None else heard | {"soldier": row}

    def frame(self) -> tuple[int, bytes, bool]:
        """What the viewer's picture lacks; see `Picture.frame`.

        Returns:
            Billets that change; the packed changes; whether the picture is then complete.
        """
        return self.picture.frame(self.campaign.army, self.day)

    def follow(self, billet: int | None) -> None:
        """Follow the man of a billet from now on.

        Args:
            billet: its number in the picture; none = nobody.

        Raises:
            ScenarioError: if there is no such billet.
        """
        count = self.picture.order.size
        if billet is not None and billet >= count:
            fault = Fault("billet", str(billet), f"below {count:,}", "Click a billet of the picture")
            raise ScenarioError([fault], "The request")
        self.followed = billet

    def _look(self) -> Mapping[str, object]:
        """The followed man's day, with every term of his choice."""
        assert self.followed is not None
        shape = self.campaign.army.fate.shape
        where = tuple(np.array([index]) for index in np.unravel_index(self.picture.order[self.followed], shape))
        row = trace.day_of(self.campaign, _row(self.course, self.day), where)[0]
        region = self.names.regions[row["home"]] if "home" in row else ""
        return {**row, "home": region, "brigade": self.names.brigades[row["brigade"]], "billet": self.followed}

    def file(self, what: str) -> tuple[str, str, bytes]:
        """What is on screen as a file.

        Args:
            what: `netcdf`, the days so far; `toml`, the scenario of this run with what was pulled.

        Returns:
            The file's name, its media type, its content.
        """
        stem = f"holdfast-{self.plain.name}-seed-{self.seed}-day-{self.day}"
        if what == "toml":
            import tomli_w

            document = self.document.model_copy(update={"men_per_billet": self.grain})
            plain = document.model_dump(exclude_none=True, exclude_defaults=True)
            return f"{stem}.toml", "application/toml", tomli_w.dumps(plain).encode()
        import xarray as xr

        data = xr.Dataset(
            {name: (("day", "side"), np.array(days).reshape(-1, 2)) for name, days in self.series.items()},
            coords={"day": self.names.days[: self.day].astype("datetime64[ns]"), "side": self.names.sides},
            attrs={
                "scenario": self.plain.name,
                "seed": self.seed,
                "men_per_billet": self.grain,
                "holdfast": runtime.version(),
            },
        )
        return f"{stem}.nc", "application/x-netcdf", bytes(data.to_netcdf())


def _row(course: Forcing, day: int) -> Forcing:
    """The forcing of a day."""
    return jax.tree.map(lambda leaf: leaf[day], course)


def _arrays(flows: Mapping[str, object]) -> dict[str, np.ndarray]:
    """Flows as arrays of NumPy."""
    return {name: np.asarray(values) for name, values in flows.items()}


def _sides(flows: Flows) -> dict[str, list[float]]:
    """The sides' variables, as JSON has them."""
    return {name: [_rounded(value) for value in np.asarray(flows.side[name]).tolist()] for name in SIDES}


def _rounded(value: float) -> float:
    """A number to six figures: a page needs no more."""
    return value if isinstance(value, int) else float(f"{value:.6g}")
