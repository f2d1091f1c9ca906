"""What was truly lost: `reconcile_losses` fits a table of claims, `judge_claim` judges new ones by it. [IO]"""

from __future__ import annotations

import dataclasses
import datetime as dt
import numbers
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeAlias

import numpy as np

from holdfast.core import runtime, timings
from holdfast.core.faults import ClaimsError, DayLike, Fault, day_of, listed, nearest, shown, unknown
from holdfast.core.results import Result, origin
from holdfast.evidence import fit, predictive, reconcile, verdict
from holdfast.evidence.claims import sentence
from holdfast.evidence.claims import table as claims_table
from holdfast.evidence.claims.table import Claim
from holdfast.evidence.design import Design, Evidence, Observations, Rows, Vote
from holdfast.evidence.model import War
from holdfast.evidence.observables import Calendar
from holdfast.evidence.posterior import QUANTITIES, Posterior, SidePosterior, quantiles
from holdfast.evidence.verdict import Verdict
from holdfast.io.records import Cache, Registry
from holdfast.parallel import Progress, silent
from holdfast.stats.intervals import P90
from holdfast.tabular.source import SUFFIXES

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


DEFAULT_SCENARIO = "russia-ukraine-2023"
BYSTANDER = "think tank / model"

Source: TypeAlias = "str | Path | pd.DataFrame | Sequence[Claim] | Sequence[Mapping[str, object]]"
"""A table by its shipped name or path, as a DataFrame, as claims, or as rows by column."""


@dataclasses.dataclass(frozen=True, repr=False)
class Losses(Result):
    """Losses of both armies in the light of competing claims: posterior, verdict on each claim, weight of each lineage.

    Attributes:
        posterior: of the war's months.
        verdicts: on each claim that was fitted.
    """

    PRESENTER = "holdfast.present.losses_report"
    UNITS: ClassVar[Mapping[str, str]] = dict.fromkeys(P90, "men")

    posterior: Posterior
    verdicts: tuple[Verdict, ...]
    lineages: tuple[dict[str, object], ...] = ()
    """Each side's totals without each lineage; empty unless asked for."""
    caveats: tuple[str, ...] = ()
    """What is to be held against a shipped table."""

    @property
    def data(self) -> xr.Dataset:
        """The posterior, labelled: chain, draw, side, month."""
        return self.posterior.data

    def to_datatree(self, *, log_likelihood: bool = False) -> xr.DataTree:
        """The posterior as ArviZ takes it from version 1 on: a tree of data, a group each.

        Args:
            log_likelihood: whether to add the log density of each lineage's claims, for ArviZ's `loo`; it takes some seconds.

        Returns:
            `posterior`; `sample_stats` with `diverging`; `observed_data` with the claims that were fitted; `log_likelihood` with
            a variable for each side by draw and lineage [nats].
        """
        import xarray as xr

        posterior = self.posterior
        diverging = np.stack([one.diverging for one in posterior.sides.values()], axis=2).astype(bool)
        groups = {
            "posterior": posterior.data,
            "sample_stats": xr.Dataset({"diverging": (("chain", "draw", "side"), diverging)}, {"side": list(posterior.sides)}),
            "observed_data": claims_table.to_dataset(posterior.fitted),
        }  # fmt: skip
        if log_likelihood:
            groups["log_likelihood"] = predictive.log_likelihood(posterior)
        return xr.DataTree.from_dict({name: group.assign_attrs(origin()) for name, group in groups.items()})

    def to_dict(self) -> dict[str, object]:
        """Totals, months, verdicts and diagnostics, as the command line prints them with `--json`."""
        return self.summary()

    def rows(self) -> list[dict[str, object]]:
        """Totals over the whole war: a row for each side and quantity, medians with 90 % intervals [men]."""
        posterior = self.posterior
        return [
            {"side": side, "quantity": name, **quantiles(posterior.total(side, name))}
            for side in posterior.sides for name in QUANTITIES
        ]  # fmt: skip

    def summary(self) -> dict[str, Any]:
        """Totals, months, verdicts and diagnostics.

        Returns:
            Plain values: by side and quantity the median and 90 % interval of the total and of each month [men], the
            verdicts, the lineages, the diagnostics.
        """
        posterior = self.posterior
        return {
            "until": str(posterior.until), "first_day": str(posterior.calendar.first),
            "sides": {side: _side_summary(posterior, side) for side in posterior.sides},
            "claims": [verdict.as_json(one) for one in self.verdicts],
            "lineages": list(self.lineages), "diagnostics": dict(posterior.diagnostics),
            "claims_fitted": len(posterior.fitted), "seed": posterior.seed, "holdfast_version": runtime.version(),
        }  # fmt: skip

    def __repr__(self) -> str:
        totals = ", ".join(
            f"{side}: {verdict.span(quantiles(self.posterior.total(side, 'killed')))} killed"
            for side in self.posterior.sides
        )
        count = f"{len(self.verdicts)} claims, {self.posterior.method}"
        return f"<Losses to {self.posterior.until} ({count}): {totals}>"

    def judge(self, claim: str | Claim) -> Verdict:
        """The verdict on one more claim, which was not fitted.

        Args:
            claim: a sentence, as "300000 killed russia 2023-11-15", or a record.

        Returns:
            The verdict, with every reading of its words.

        Raises:
            ClaimsError: if it is neither, or with every fault of the sentence.
        """
        if not isinstance(claim, str | Claim):
            raise _no_claim(claim)
        one = as_claim(self.posterior, claim) if isinstance(claim, str) else claim
        return verdict.judge(self.posterior, [one], every=True)[0]


def _side_summary(posterior: Posterior, side: str) -> dict[str, object]:
    """A side's totals and months."""
    levels = list(P90.values())
    by_month = {name: np.quantile(posterior.monthly(side, name), levels, axis=0) for name in QUANTITIES}
    months = [
        {"month": f"{month:%Y-%m}"}
        | {name: dict(zip(P90, map(_round_men, by_month[name][:, number]))) for name in QUANTITIES}
        for number, month in enumerate(posterior.calendar.months)
    ]
    return {name: quantiles(posterior.total(side, name)) for name in QUANTITIES} | {"monthly": months}


class Judgement(NamedTuple):
    """Verdicts on claims, and the posterior that they rest on.

    Attributes:
        posterior: fitted without the claims.
        verdicts: in the order of the claims.
    """

    posterior: Posterior
    verdicts: list[Verdict]


@timings.phase("run")
def reconcile_losses(
    claims: Source | None = None, *, scenario: str | Path = DEFAULT_SCENARIO, until: DayLike | None = None,
    side: str | None = None, fast: bool = False, with_lineages: bool = False, seed: int = 1, workers: int | None = None,
    progress: Progress | None = None,
) -> Losses:  # fmt: skip
    """Reconcile competing claims about losses into one posterior, with a verdict on each claim.

    Args:
        claims: a table of one's own (CSV, Parquet, spreadsheet, DataFrame, records), or the name of a shipped one; that
            of `scenario` unless given.
        scenario: a scenario of a war whose claims are shipped.
        until: the last day of the months, a date, a Timestamp, a `datetime64` or ISO text; claims known later are not fitted.
        side: only this side.
        fast: the nearest normal distribution in place of NUTS.
        with_lineages: also leave out one lineage at a time.
        seed: equal seeds give equal numbers.
        workers: processes for NUTS, one for each core unless given.
        progress: hears how much is done.

    Returns:
        The losses.

    Raises:
        ClaimsError: with every fault of the table or the request.
        FitError: if a fit does not converge; it names the side.
    """
    report = progress or silent
    evidence = table(scenario, claims)
    posterior = _fitted(
        evidence, day(until), _sides(evidence, side), fast=fast, seed=seed, progress=report, workers=workers
    )
    used = set(posterior.fitted)
    known = [claim for claim in evidence if claim in used and claim.side in posterior.sides]
    rows = predictive.left_out(posterior, report) if with_lineages else []
    return Losses(posterior, tuple(verdict.judge(posterior, known)), tuple(rows), caveats(scenario, claims))


@timings.phase("run")
def judge_claim(
    claim: Source | Claim, *, scenario: str | Path = DEFAULT_SCENARIO, claims: Source | None = None, fast: bool = True,
    until: DayLike | None = None, seed: int = 1, workers: int | None = None, progress: Progress | None = None,
    parts: Mapping[str, str] | None = None,
) -> Judgement:  # fmt: skip
    """Judge new claims by a posterior that was fitted without them.

    Args:
        claim: a sentence, as "300000 killed russia 2023-11-15"; a claim; or a table of claims, as in `reconcile_losses`. Claims of
            the evidence that are the same as one judged are left out of the fit.
        scenario: a scenario of a war whose claims are shipped.
        claims: the evidence, if not the shipped table.
        fast: the nearest normal distribution in place of NUTS.
        until: only evidence known by this day.
        seed: equal seeds give equal numbers.
        workers: processes for NUTS.
        progress: hears how much is done.
        parts: parts of a claim in place of a sentence's, as `side`, `quantity`, `value`, `date`, `claimant_type`.

    Returns:
        The verdicts, each with every reading of its words, and the posterior.

    Raises:
        ClaimsError: with every fault of the claims or the request.
        FitError: if a fit does not converge; it names the side.
    """
    if claim is None or isinstance(claim, numbers.Number):
        raise _no_claim(claim)
    evidence = table(scenario, claims)
    wanted: Sequence[Claim] = ()
    if not _is_sentence(claim):
        wanted = [claim] if isinstance(claim, Claim) else table(scenario, claim)
    others = _without(evidence, wanted)
    if not others:
        allowed = "claims of the same war beside those to be judged, which are left out of it"
        cure = "Give a table that holds others: --evidence FILE"
        raise ClaimsError(
            [Fault("the evidence", "nothing else than what is to be judged", allowed, cure)], "The request"
        )
    _check_war(others, wanted, until)
    last = max([one.as_of_date for one in [*others, *wanted] if one.counts != "nothing"], default=None)
    posterior = _fitted(others, day(until), (), fast=fast, seed=seed, progress=progress, workers=workers, last=last)
    if _is_sentence(claim):
        wanted = [as_claim(posterior, str(claim), **(parts or {}))]
    return Judgement(posterior, verdict.judge(posterior, wanted, every=True))


def _no_claim(given: object) -> ClaimsError:
    """The error of what is no claim at all."""
    allowed = 'a sentence, as "300000 killed russia 2023-11-15", or a claim'
    fault = Fault("the claim", shown(given), allowed, "Write how many, of what, of which side and by when")
    return ClaimsError([fault], "The request")


NEWER = "--evidence FILE, in Python claims=FILE"


def _check_war(evidence: Sequence[Claim], wanted: Sequence[Claim], until: DayLike | None) -> None:
    """Refuse claims of another war than the evidence's: about none of its sides, or of a time long after it."""
    counted = [one for one in evidence if one.counts != "nothing"]
    sides = {one.side for one in counted}
    faults = []
    if wanted and sides and not any(one.side in sides for one in wanted):
        there = f"claims about {listed(sorted({one.side for one in wanted}))}"
        allowed = f"claims about the sides of the evidence, {listed(sorted(sides))}"
        faults.append(Fault("the claims", there, allowed, f"Give the evidence of their war: {NEWER}"))
    elif until is None and counted:
        last = max(one.as_of_date for one in counted)
        late = [one for one in wanted if (one.as_of_date - last).days > reconcile.MOST_DAYS_ON]
        if late:
            there = f"{len(late)} of a later day, as {late[0].claim_id} of {late[0].as_of_date}"
            allowed = f"days at most a year after the evidence's last, {last}"
            faults.append(Fault("the claims", there, allowed, f"Correct the days, or give newer evidence: {NEWER}"))
    if faults:
        raise ClaimsError(faults, "The request")


def _is_sentence(claim: object) -> bool:
    """Whether a claim is given in words, not as a table."""
    return isinstance(claim, str) and not claim.lower().endswith(SUFFIXES) and " " in claim


def as_claim(posterior: Posterior, text: str, **options: str) -> Claim:
    """A sentence as a claim about this posterior's war.

    Args:
        posterior: gives the war's sides and first day.
        text: the sentence.
        **options: parts of the claim in place of the sentence's.

    Returns:
        The claim.
    """
    names, first = list(posterior.sides), posterior.calendar.first
    options = options | {name: str(day(options[name], name)) for name in DAYS if _is_day(options.get(name))}
    claim = sentence.parse(text, names, first, bystander=BYSTANDER, **options)
    _agree(text, names, first, claim, options)
    name = f"{claim.side}-{claim.quantity}-{claim.value:.0f}-{claim.as_of_date}"
    return dataclasses.replace(claim, claim_id=name)


DAYS = ("date", "since")
"""Options that are days; a text may also name a month or a year."""


def _is_day(given: object) -> bool:
    """Whether an option is a day, not words."""
    return given is not None and not isinstance(given, str)


SAID = {"side": "side", "quantity": "quantity", "value": "value", "date": "as_of_date"}
"""Options that a sentence may contradict, and the part of the claim that each is."""


def _agree(text: str, names: Sequence[str], first: dt.date, claim: Claim, options: Mapping[str, str]) -> None:
    """Refuse options that say something else than the sentence does."""
    given = [name for name in SAID if name in options]
    if not given:
        return
    try:
        alone = sentence.parse(text, names, first)
    except ClaimsError:
        return  # the sentence does not say it all: that is what the options are for
    faults = [
        Fault(
            f"--{name}", shown(str(options[name])), f"what the sentence says, {getattr(alone, part)}",
            "Keep one of the two",
        )
        for name, part in SAID.items() if name in given and getattr(alone, part) != getattr(claim, part)
    ]  # fmt: skip
    if faults:
        raise ClaimsError(faults, "The request")


RECORDS = (
    Posterior, SidePosterior, Design, Evidence, Observations, Rows, Calendar, Vote, Claim, War, fit.Normal, fit.Mode,
    fit.Descent, fit.Shape,
)  # fmt: skip
"""What a fit on disk is made of."""


def fit_cache() -> Cache:
    """The cache of fits.

    Returns:
        Fits by request; a file's name depends on the request, the code of this package and the libraries' versions.
    """
    return Cache(runtime.cache_folder() / "fits", Registry(*RECORDS), ("holdfast.evidence",))


def _fitted(
    claims: Sequence[Claim], until: dt.date | None, chosen: Sequence[str], *, fast: bool, seed: int,
    progress: Progress | None, workers: int | None, last: dt.date | None = None,
) -> Posterior:  # fmt: skip
    """The posterior of a table, from the cache where the same was fitted before."""
    known_by, end = until or dt.date.max, until or last
    return fit_cache().get(
        (tuple(claims), known_by, end, tuple(chosen), fast, seed),
        lambda: reconcile.reconcile(
            claims, until=end, known_by=known_by, sides=chosen, fast=fast, seed=seed, progress=progress,
            workers=workers,
        ),
    )  # fmt: skip


def _without(evidence: Sequence[Claim], wanted: Sequence[Claim]) -> list[Claim]:
    """The evidence less what is to be judged."""
    ids = {(claim.claim_id, claim.side, claim.value) for claim in wanted}
    said = {(claim.side, claim.counts, claim.as_of_date, claim.value, claim.claimant) for claim in wanted}
    return [
        claim for claim in evidence
        if (claim.claim_id, claim.side, claim.value) not in ids
        and (claim.side, claim.counts, claim.as_of_date, claim.value, claim.claimant) not in said
    ]  # fmt: skip


def table(scenario: str | Path, claims: Source | None) -> Sequence[Claim]:
    """The claims that are asked for.

    Args:
        scenario: whose shipped table is taken where `claims` is not given.
        claims: a table, or the name of a shipped one or of a scenario.

    Returns:
        The claims.

    Raises:
        ClaimsError: with every fault.
    """
    if claims is None:
        return claims_table.read(shipped_for(str(scenario)))
    if isinstance(claims, list | tuple):
        return _records(claims)
    if isinstance(claims, str) and claims.replace("-", "_") != claims and Path(claims).suffix == "":
        return claims_table.read(shipped_for(claims))
    return claims_table.read(claims)  # type: ignore[arg-type]


def _records(given: Sequence[Claim | Mapping[str, object]]) -> Sequence[Claim]:
    """Claims as they are, or read from rows by column."""
    claims = [one for one in given if isinstance(one, Claim)]
    if len(claims) == len(given):
        return claims
    odd = [one for one in given if not isinstance(one, Mapping)]
    if odd:
        cure = "Give one of the two, or the path of a table"
        fault = Fault("the claims", shown(odd[0]), "a list of claims, or of rows by column", cure)
        raise ClaimsError([fault], "The request")
    import pandas as pd

    return claims_table.read(pd.DataFrame(list(given)))


def caveats(scenario: str | Path, claims: Source | None) -> tuple[str, ...]:
    """Caveats of a shipped table.

    Args:
        scenario: as in `table`.
        claims: as in `table`.

    Returns:
        The caveats; none for a table of the user's own.
    """
    name = shipped_for(str(scenario)) if claims is None else claims
    return claims_table.caveats(name) if isinstance(name, str) and name in claims_table.shipped() else ()


def shipped_for(scenario: str) -> str:
    """The shipped table of a scenario: the one whose name the scenario's begins with.

    Args:
        scenario: its name or path.

    Returns:
        The table's name.

    Raises:
        ClaimsError: if no table is of the scenario's war.
    """
    name, tables = Path(scenario).stem.replace("-", "_"), claims_table.shipped()
    own = claims_table.of_scenario(name)
    if own:
        return own
    allowed = f"a scenario of a war with shipped claims: {listed(sorted(tables))}"
    cure = "Give a table of your own with --claims FILE (its columns: docs/claims.md)"
    raise ClaimsError([Fault("scenario", shown(scenario), allowed, cure, nearest(name, tables))], "The request")


def _sides(claims: Sequence[Claim], wanted: str | None) -> tuple[str, ...]:
    """The side asked for, if it is one of the table's."""
    known = sorted({claim.side for claim in claims})
    if wanted is not None and wanted not in known:
        raise ClaimsError([unknown("--side", wanted, "a side of the table", known)], "The request")
    return (wanted,) if wanted else ()


def day(given: DayLike | None, place: str = "--until") -> dt.date | None:
    """A day that was asked for.

    Args:
        given: as `core.faults.day_of` takes it.
        place: where it was given.

    Returns:
        The date; none for none.

    Raises:
        ClaimsError: if it is no date.
    """
    meant = None if given is None else day_of(place, given)
    if isinstance(meant, Fault):
        raise ClaimsError([meant], "The request")
    return meant


def _round_men(value: float) -> float:
    """Men, whole where there are many."""
    return round(float(value), 0 if value >= 10 else 2)


def card_faults(claims: Sequence[Claim], ids: Sequence[str]) -> list[Fault]:
    """Ids of cards that are of no claim.

    Args:
        claims: the table.
        ids: of the claims to make a card of.

    Returns:
        A fault for each unknown id.
    """
    known = [claim.claim_id for claim in claims]
    return [unknown("--card", name, "a claim's id", known) for name in ids if name not in known]
