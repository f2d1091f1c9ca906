"""What the evidence says: the posterior of a war's months, as a labelled dataset and as sums over any window."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

from holdfast.core.faults import ClaimsError, DayLike, Fault, day_of
from holdfast.evidence.claims.table import Claim
from holdfast.evidence.design import Design
from holdfast.evidence.observables import Calendar

if TYPE_CHECKING:
    import xarray as xr

    from holdfast.evidence.fit import Normal
    from holdfast.evidence.model import War


FLOWS = ("killed", "wounded", "missing", "captured", "deserted", "recruited")
QUANTITIES = (*FLOWS, "strength")
LONG = {
    "killed": "Killed, the missing presumed dead among them", "wounded": "Wounded, once for each wound",
    "missing": "Missing: of the killed, those whose death is not established", "captured": "Captured",
    "deserted": "Deserted or absent without leave", "recruited": "Recruited into this force",
    "strength": "Men present at the end of the month",
}  # fmt: skip
SHARES = {
    "returned": "Share of wounded who return to duty", "came_back": "Share of deserters who come back",
    "held": "Share of all captured who are held on a day", "mention": "Share of the missing in counts of killed",
}  # fmt: skip
MONTHLY_SHARES = {
    "missing_share": "Share of killed whose death is not established",
    "register_share": "Share of killed who are citizens in registers",
    "tally_share": "Share of wounded in the enemy's tally of the eliminated",
    "named_share": "Share of established dead in registers who will be named",
    "named_months": "Median months until a death is named",
}


@dataclasses.dataclass(frozen=True, repr=False)
class SidePosterior:
    """One side: its design, and draws of its war.

    Attributes:
        design: the claims as arrays.
        vectors: latent values.
        bias: biases shared by kind and type of claimant, in their SDs.
    """

    design: Design
    vectors: Float[np.ndarray, "chain draw latent"]
    war: War
    """Numpy arrays; the draws of all chains, one after another, first."""
    bias: Float[np.ndarray, "draw pair"]
    diverging: np.ndarray
    """[chain, draw]"""
    near: Normal | None = None
    """The normal distribution that the draws are from, or that NUTS sampled in the axes of; none for a refit."""
    memo: dict[str, Any] = dataclasses.field(default_factory=dict, init=False, compare=False)
    """Arrays derived from the draws and used more than once; not stored."""

    def __repr__(self) -> str:
        return f"<SidePosterior of {self.design.side}: {self.draws} draws>"

    @property
    def draws(self) -> int:
        """How many, over all chains."""
        return self.war.killed.shape[0]

    def flow(self, quantity: str) -> Float[np.ndarray, "draw month"]:
        """Men of each month.

        Args:
            quantity: one of `QUANTITIES`, or a share of `War`.

        Returns:
            Draws, `[draw, month]`.
        """
        if quantity == "missing":
            return np.asarray(self.war.killed * self.war.missing_share)
        return np.asarray(getattr(self.war, quantity))

    def total(self, quantity: str, begin: dt.date, end: dt.date) -> Float[np.ndarray, draw]:
        """Men from one day to another, both included; the strength is that at the end.

        Args:
            quantity: one of `QUANTITIES`, or a share of `War`.
            begin: the first day.
            end: the last day.

        Returns:
            Draws, `[draw]` [men].
        """
        if quantity == "strength":
            return np.asarray(self.war.strength) @ self.design.calendar.mark(end)
        return self.flow(quantity) @ self.design.calendar.cover(begin, end)


@dataclasses.dataclass(frozen=True, repr=False)
class Posterior:
    """What a table of claims says of a war.

    Attributes:
        until: last day of the months.
        sides: by name.
        diagnostics: of the fit.
        seed: of the fit.
    """

    claims: tuple[Claim, ...]
    """All claims read, those known too late for the fit among them."""
    fitted: tuple[Claim, ...]
    """Those known in time."""
    until: dt.date
    sides: Mapping[str, SidePosterior]
    method: str
    """`nuts`, or `fast`."""
    diagnostics: Mapping[str, Any]
    seed: int

    def __repr__(self) -> str:
        return f"<Posterior of {', '.join(self.sides)} to {self.until}: {len(self.fitted)} claims, {self.method}>"

    @property
    def calendar(self) -> Calendar:
        """The months, the same for all sides."""
        return next(iter(self.sides.values())).design.calendar

    @property
    def data(self) -> xr.Dataset:
        """Labelled: dims chain, draw, side, month; men a month, and men."""
        import xarray as xr

        names = list(self.sides)
        chains, draws = next(iter(self.sides.values())).vectors.shape[:2]
        months = np.array(self.calendar.months, "datetime64[ns]")

        def gather(take: Any) -> np.ndarray:
            parts = [np.asarray(take(self.sides[name])) for name in names]
            return np.stack([part.reshape(chains, draws, *part.shape[1:]) for part in parts], axis=2).astype("float32")

        by_month = ("chain", "draw", "side", "month")
        variables: dict[str, Any] = {}
        for name in FLOWS:
            variables[name] = (by_month, gather(lambda side, name=name: side.flow(name)), _about(LONG[name], "men"))
        variables["strength"] = (
            by_month,
            gather(lambda side: side.war.strength[:, 1:]),
            _about(LONG["strength"], "men"),
        )
        for name, long in MONTHLY_SHARES.items():
            unit = "month" if name == "named_months" else "1"
            variables[name] = (by_month, gather(lambda side, name=name: getattr(side.war, name)), _about(long, unit))
        for name, long in SHARES.items():
            variables[name] = (by_month[:3], gather(lambda side, name=name: getattr(side.war, name)), _about(long, "1"))
        variables["strength_start"] = (
            by_month[:3], gather(lambda side: side.war.strength[:, 0]), _about("Men present on the first day", "men")
        )  # fmt: skip
        coords = {
            "chain": np.arange(chains), "draw": np.arange(draws), "side": names, "month": months,
            "days": ("month", self.calendar.days, _about("Days of the month that are covered", "day")),
        }  # fmt: skip
        attrs = {
            "first_day": str(self.calendar.first), "until": str(self.until), "method": self.method, "seed": self.seed,
            "claims": len(self.claims),
        }  # fmt: skip
        return xr.Dataset(variables, coords, attrs)

    def total(self, side: str, quantity: str, begin: DayLike | None = None, end: DayLike | None = None) -> np.ndarray:
        """Draws of a side's total, from the war's first day to `until` unless told.

        Args:
            side: whose.
            quantity: one of `QUANTITIES`, or a share of `War`.
            begin: the first day, a date, a Timestamp, a `datetime64` or ISO text; the war's unless given.
            end: the last day, likewise; that of the months unless given.

        Returns:
            Draws, `[draw]` [men].

        Raises:
            ClaimsError: if a day is none.
        """
        first = day_of("begin", self.calendar.first if begin is None else begin)
        last = day_of("end", self.calendar.last if end is None else end)
        if isinstance(first, Fault) or isinstance(last, Fault):
            raise ClaimsError([one for one in (first, last) if isinstance(one, Fault)], "The request")
        return self.sides[side].total(quantity, first, last)

    def monthly(self, side: str, quantity: str) -> Float[np.ndarray, "draw month"]:
        """Draws of a side's months; the strength at each one's end.

        Args:
            side: whose.
            quantity: one of `QUANTITIES`, or a share of `War`.

        Returns:
            Draws, `[draw, month]` [men].
        """
        one = self.sides[side]
        return np.asarray(one.war.strength)[:, 1:] if quantity == "strength" else one.flow(quantity)


def _about(long: str, units: str) -> dict[str, str]:
    return {"long_name": long, "units": units}


def quantiles(draws: np.ndarray) -> dict[str, float]:
    """5th, 50th and 95th percentile of draws, to the precision of a man or of a thousandth.

    Args:
        draws: any numbers.

    Returns:
        `p05`, `p50` and `p95`.
    """
    low, middle, high = np.quantile(draws, [0.05, 0.5, 0.95])
    digits = 0 if middle >= 10 else 4
    return {"p05": round(float(low), digits), "p50": round(float(middle), digits), "p95": round(float(high), digits)}
