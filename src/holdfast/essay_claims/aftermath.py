"""What followed by August 2026, from the shipped tables, each with its source."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from importlib import resources
from typing import NamedTuple

import numpy as np

from holdfast.early_warning import reported_cases
from holdfast.essay_claims import words
from holdfast.essay_claims.casualties import FAST
from holdfast.essay_claims.material import SIDE, Material
from holdfast.evidence.claims.table import Claim

YEARS = (2022, 2023, 2024, 2025)


class Followed(NamedTuple):
    """What came, and where it is from."""

    says: str
    """In words."""
    source: str
    """A command, claims by their ids, or a table."""


def nothing(_: Material) -> Followed:
    """No table follows it.

    Args:
        _: what tests rest on.

    Returns:
        What came, and where it is from.
    """
    return Followed("No table that ships follows it", "none")


def _named(claims: Iterable[Claim]) -> str:
    """Claims by id, claimant and day."""
    return "; ".join(f"{one.claim_id} ({one.claimant}, {one.as_of_date})" for one in claims)


def dead(material: Material) -> Followed:
    """The dead to the evidence's last day.

    Args:
        material: what tests rest on.

    Returns:
        What came, and where it is from.
    """
    last = material.posterior.until
    killed, wounded = material.total("killed", None, None), material.total("wounded", None, None)
    return Followed(
        f"By {last:%d %B %Y} {words.draws(killed)} dead; killed and wounded {words.draws(killed + wounded)}", FAST
    )


def ratio(material: Material) -> Followed:
    """Wounded for each dead by year.

    Args:
        material: what tests rest on.

    Returns:
        What came, and where it is from.
    """
    each = {year: _year(material, "wounded", year) / _year(material, "killed", year) for year in (2024, 2025)}
    return Followed(
        "; ".join(f"{year}: {words.draws(one, 2)} wounded for each dead" for year, one in each.items()), FAST
    )


def _year(material: Material, quantity: str, year: int) -> np.ndarray:
    """Draws of a year's total."""
    return material.total(quantity, f"{max(year, 2022)}-01-01" if year > 2022 else None, f"{year}-12-31")


def losses_by_year(material: Material) -> Followed:
    """The dead of each year.

    Args:
        material: what tests rest on.

    Returns:
        What came, and where it is from.
    """
    says = "; ".join(f"{year}: {words.draws(_year(material, 'killed', year))} dead" for year in YEARS)
    return Followed(says, FAST)


def recruits(material: Material) -> Followed:
    """Men recruited in each year.

    Args:
        material: what tests rest on.

    Returns:
        What came, and where it is from.
    """
    says = "; ".join(f"{year}: {words.draws(_year(material, 'recruited', year))} recruited" for year in (2024, 2025))
    claims = [material.claim(name) for name in ("RU-R013", "RU-R020")]
    return Followed(f"{says}, nearly all by contract", f"{FAST}; {_named(claims)}")


def deserters(material: Material) -> Followed:
    """Deserters by year, and cases in court.

    Args:
        material: what tests rest on.

    Returns:
        What came, and where it is from.
    """
    says = "; ".join(f"{year}: {words.draws(_year(material, 'deserted', year), 2)} deserters" for year in (2024, 2025))
    last = reported_cases.totals("russia-courts")[-1]
    court = f"courts had {last.monthly:,.0f} new cases a month from {last.first} to {last.end}"
    return Followed(f"{says}; {court}. {_held(material)}", f"{FAST}; {', '.join(last.claims)}; {MONTHS}")


def strength(material: Material) -> Followed:
    """Claims of the army's strength since.

    Args:
        material: what tests rest on.

    Returns:
        What came, and where it is from.
    """
    claims = [material.claim(name) for name in ("RU-S007", "RU-S011", "RU-S017", "RU-S020")]
    return Followed("; ".join(f"{one.as_of_date}: {one.value:,.0f}" for one in claims), _named(claims))


def flight(material: Material) -> Followed:
    """Counts of people who left and stayed away.

    Args:
        material: what tests rest on.

    Returns:
        What came, and where it is from.
    """
    claims = [material.claim(name) for name in ("RU-E008", "RU-E009")]
    return Followed(
        "; ".join(f"{one.as_of_date}: {words.number(one.value)} had left" for one in claims), _named(claims)
    )


def captured(material: Material) -> Followed:
    """Prisoners taken.

    Args:
        material: what tests rest on.

    Returns:
        What came, and where it is from.
    """
    total = material.total("captured", None, None)
    return Followed(f"Captured in the whole war {words.draws(total, 2)}; how many changed sides is in no table", FAST)


MONTHS = "forecasting/shipped/russia_ukraine.csv"
"""The shipped table of what followed, month by month."""


def _months(quantity: str) -> list[dict[str, str]]:
    """The army's rows of a quantity, month by month."""
    file = resources.files("holdfast.forecasting") / "shipped" / "russia_ukraine.csv"
    rows = csv.DictReader(file.read_text(encoding="utf8").splitlines())
    return [row for row in rows if (row["side"], row["quantity"]) == (SIDE, quantity)]


def _held(material: Material) -> str:
    """Whether the army broke, as far as the tables know."""
    mass = _months("mass_desertion")[-1]
    claim = material.claim("RU-S020")
    return (
        f"Mass desertion by {mass['month'][:7]} has a chance of {float(mass['p50']):.2f}; the army stood: "
        f"{claim.value:,.0f} men on {claim.as_of_date} by the enemy's count"
    )


def held(material: Material) -> Followed:
    """Whether the army broke.

    Args:
        material: what tests rest on.

    Returns:
        What came, and where it is from.
    """
    return Followed(_held(material), f"{MONTHS}; {_named([material.claim('RU-S020')])}")


def ground(_: Material) -> Followed:
    """How far the front moved.

    Args:
        _: what tests rest on.

    Returns:
        What came, and where it is from.
    """
    rows = [row for row in _months("area") if row["month"] >= "2023-11"]
    first, last = float(rows[0]["p50"]), float(rows[-1]["p50"])
    return Followed(
        f"The front did not break: from {rows[0]['month'][:7]} to {rows[-1]['month'][:7]} the army gained {last - first:,.0f} km2 "
        f"of {first:,.0f}",
        f"{MONTHS}, area ({rows[-1]['source']})",
    )


def war(material: Material) -> Followed:
    """Whether the war ended.

    Args:
        material: what tests rest on.

    Returns:
        What came, and where it is from.
    """
    last = max(one.as_of_date for one in material.claims if one.quantity == "killed" and one.side == SIDE)
    return Followed(f"The war went on: the newest shipped claim of dead counts to {last}", "the shipped claims")


def codes(name: str, material: Material) -> Followed:
    """What the coded army of today has of a pressure.

    Args:
        name: the pressure.
        material: what tests rest on.

    Returns:
        What came, and where it is from.
    """
    army = material.army("RUS_2022_25")
    return Followed(
        f"Coded {army.codes[name]} of 2 to {army.end} (by a coder who knew how the army fared). {_held(material)}",
        f"holdfast armies list (RUS_2022_25); {MONTHS}",
    )


def prospects(material: Material) -> Followed:
    """The code of prospects.

    Args:
        material: what tests rest on.

    Returns:
        What came, and where it is from.
    """
    return codes("no_victory", material)


def leader(material: Material) -> Followed:
    """The code of the leader's decay.

    Args:
        material: what tests rest on.

    Returns:
        What came, and where it is from.
    """
    return codes("leader_decay", material)


def regime(material: Material) -> Followed:
    """The code of disarray.

    Args:
        material: what tests rest on.

    Returns:
        What came, and where it is from.
    """
    return codes("regime_disarray", material)


def mobilisation(material: Material) -> Followed:
    """The code of mobilisation.

    Args:
        material: what tests rest on.

    Returns:
        What came, and where it is from.
    """
    return codes("mobilisation", material)
