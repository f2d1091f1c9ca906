"""Losses as a user meets them: `losses` reconciles a table, `judge` sets new claims against it. [IO]"""

from __future__ import annotations

import dataclasses
import datetime as dt
import tempfile
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from holdfast.core import runtime
from holdfast.core.faults import ClaimsError, Fault, listed, nearest, shown, unknown
from holdfast.ensemble import store
from holdfast.evidence import fit, lineages, reconcile, stock_flow, verdict
from holdfast.evidence.claims import sentence
from holdfast.evidence.claims import table as claims_table
from holdfast.evidence.claims.claim import Claim
from holdfast.evidence.deduplicate import Vote
from holdfast.evidence.design import Design, Evidence, Observations, Rows
from holdfast.evidence.model import War
from holdfast.evidence.observables import Calendar
from holdfast.evidence.posterior import QUANTITIES, Posterior, SidePosterior, quantiles
from holdfast.evidence.verdict import Verdict
from holdfast.io.records import Cache, Registry
from holdfast.tabular.source import SUFFIXES

if TYPE_CHECKING:
    import xarray as xr


DEFAULT_CASE = "russia-ukraine-2023"
BYSTANDER = "think tank / model"

Source: TypeAlias = Any
"""A table by its shipped name or path, as a DataFrame, or as claims."""


@dataclasses.dataclass(frozen=True, repr=False)
class Losses:
    """What a table of claims says was lost: the posterior, a verdict on each claim, and who carries the information."""

    posterior: Posterior
    verdicts: tuple[Verdict, ...]
    lineages: tuple[dict[str, Any], ...] = ()
    """Each side's totals without each lineage; empty unless asked for."""
    caveats: tuple[str, ...] = ()
    """What is to be held against a shipped table."""

    @property
    def data(self) -> xr.Dataset:
        """The posterior, labelled: chain, draw, side, month."""
        return self.posterior.data

    def summary(self) -> dict[str, Any]:
        """Totals, months, verdicts and diagnostics, as `--json` prints them."""
        return summary(self)

    def __repr__(self) -> str:
        totals = ", ".join(
            f"{side}: {stock_flow.span(quantiles(self.posterior.total(side, 'killed')))} killed"
            for side in self.posterior.sides
        )
        count = f"{len(self.verdicts)} claims, {self.posterior.method}"
        return f"<Losses to {self.posterior.until} ({count}): {totals}>"

    def judge(self, claim: str | Claim) -> Verdict:
        """A verdict on one more claim, as a sentence or a record, that was not fitted."""
        one = as_claim(self.posterior, claim) if isinstance(claim, str) else claim
        return verdict.judge(self.posterior, [one], every=True)[0]

    def write(self, folder: str | Path, cards: Sequence[str] = (), figures: bool = True) -> Path:
        """Write page, posterior, tables and cards to a folder, whole or not at all; the page's path."""
        return write(self, Path(folder), cards, figures)


def losses(
    case: str | Path = DEFAULT_CASE, *, claims: Source | None = None, until: str | dt.date | None = None,
    side: str | None = None, fast: bool = False, with_lineages: bool = False, seed: int = 1,
    progress: Callable[[int, int, str], None] | None = None, workers: int | None = None,
) -> Losses:  # fmt: skip
    """Reconcile the claims of a war: those shipped with a case, or a table of one's own.

    `until` ends the months and shuts out what was not known by then. NUTS in worker processes unless `fast`, which takes
    the nearest normal distribution. Raises `ClaimsError` naming every fault, `FitError` where NUTS does not settle.
    """
    evidence = table(case, claims)
    posterior = _fitted(evidence, day(until), _sides(evidence, side), fast, seed, progress, workers)
    used = set(posterior.fitted)
    known = [claim for claim in evidence if claim in used and claim.side in posterior.sides]
    rows = lineages.left_out(posterior, progress or (lambda *_: None)) if with_lineages else []
    return Losses(posterior, tuple(verdict.judge(posterior, known)), tuple(rows), caveats(case, claims))


def judge(
    claim: str | Source, case: str | Path = DEFAULT_CASE, *, claims: Source | None = None, fast: bool = True,
    until: str | dt.date | None = None, seed: int = 1, progress: Callable[[int, int, str], None] | None = None,
    **options: Any,
) -> tuple[Posterior, list[Verdict]]:  # fmt: skip
    """Verdicts on new claims against a posterior that was fitted without them.

    `claim` is a sentence ("300000 killed russia 2023-11-15"), a table of claims, or a list of them; claims of the evidence
    that are the same as one judged are left out of the fit. `options` override parts of a sentence.
    """
    evidence = table(case, claims)
    wanted: Sequence[Claim] = ()
    if not _is_sentence(claim):
        wanted = table(case, claim)
    others = _without(evidence, wanted)
    last = max([one.as_of_date for one in [*others, *wanted] if one.counts != "nothing"], default=None)
    posterior = _fitted(others, day(until), (), fast, seed, progress, None, last)
    if _is_sentence(claim):
        wanted = [as_claim(posterior, str(claim), **options)]
    return posterior, verdict.judge(posterior, wanted, every=True)


def _is_sentence(claim: object) -> bool:
    """Whether a claim is given in words, not as a table."""
    return isinstance(claim, str) and not claim.lower().endswith(SUFFIXES) and " " in claim


def as_claim(posterior: Posterior, text: str, **options: Any) -> Claim:
    """A sentence as a claim about this posterior's war."""
    names, first = list(posterior.sides), posterior.calendar.first
    neutral = {"claimant_type": BYSTANDER} | options  # nobody in particular says it
    claim = sentence.parse(text, names, first, **neutral)
    _agree(text, names, first, claim, options)
    name = f"{claim.side}-{claim.quantity}-{claim.value:.0f}-{claim.as_of_date}"
    return dataclasses.replace(claim, claim_id=name)


SAID = {"side": "side", "quantity": "quantity", "value": "value", "date": "as_of_date"}
"""Options that a sentence may contradict, and the part of the claim that each is."""


def _agree(text: str, names: Sequence[str], first: dt.date, claim: Claim, options: dict[str, Any]) -> None:
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


def fit_cache() -> Cache:
    """The cache of fits.

    Returns:
        Fits by request; a file's name depends on the request, the code of this package and the libraries' versions.
    """
    records = Registry(
        Posterior, SidePosterior, Design, Evidence, Observations, Rows, Calendar, Vote, Claim, War,
        fit.Normal, fit.Mode, fit.Descent, fit.Shape,
    )  # fmt: skip
    return Cache(runtime.cache_folder() / "fits", records, ("holdfast.evidence",))


def _fitted(
    claims: Sequence[Claim], until: dt.date | None, chosen: Sequence[str], fast: bool, seed: int,
    progress: Callable[[int, int, str], None] | None, workers: int | None, last: dt.date | None = None,
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


def table(case: str | Path, claims: Source | None) -> Sequence[Claim]:
    """The claims asked for: given, named, or those shipped for a case."""
    if claims is None:
        return claims_table.read(shipped_for(str(case)))
    if isinstance(claims, list | tuple):
        return claims
    return claims_table.read(claims)  # type: ignore[arg-type]


def caveats(case: str | Path, claims: Source | None) -> tuple[str, ...]:
    """What stands beside a shipped table; nothing for one of the user's own."""
    from holdfast.evidence.claims import table as claims_table

    name = shipped_for(str(case)) if claims is None else claims
    return claims_table.caveats(name) if isinstance(name, str) and name in claims_table.shipped() else ()


def shipped_for(case: str) -> str:
    """The shipped table of a case: the one whose name the case's begins with."""
    name = Path(case).stem.replace("-", "_")
    tables = claims_table.shipped()
    fits = [table for table in tables if name == table or name.startswith(table + "_")]
    if fits:
        return max(fits, key=len)
    allowed = f"a case of a war with shipped claims: {listed(sorted(tables))}"
    cure = "Give a table of your own with --claims FILE (its columns: docs/claims.md)"
    raise ClaimsError([Fault("case", shown(case), allowed, cure, nearest(name, tables))], "The request")


def _sides(claims: Sequence[Claim], wanted: str | None) -> tuple[str, ...]:
    """The side asked for, if it is one of the table's."""
    known = sorted({claim.side for claim in claims})
    if wanted is not None and wanted not in known:
        raise ClaimsError([unknown("--side", wanted, "a side of the table", known)], "The request")
    return (wanted,) if wanted else ()


def day(text: str | dt.date | None) -> dt.date | None:
    """A date, or a fault with its cure."""
    if text is None or isinstance(text, dt.date):
        return text
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        fault = Fault("--until", shown(text), "a day as 2023-11-15", "Write year, month and day")
        raise ClaimsError([fault], "The request") from error


def summary(result: Losses) -> dict[str, Any]:
    """Totals, months, verdicts and diagnostics."""
    posterior = result.posterior
    sides: dict[str, Any] = {}
    for side in posterior.sides:
        one: dict[str, Any] = {name: quantiles(posterior.total(side, name)) for name in QUANTITIES}
        by_month = {name: np.quantile(posterior.monthly(side, name), [0.05, 0.5, 0.95], axis=0) for name in QUANTITIES}
        one["monthly"] = [
            {"month": f"{month:%Y-%m}"}
            | {
                name: dict(zip(("p05", "p50", "p95"), map(_round_men, by_month[name][:, number])))
                for name in QUANTITIES
            }
            for number, month in enumerate(posterior.calendar.months)
        ]
        sides[side] = one
    return {
        "until": str(posterior.until), "first_day": str(posterior.calendar.first), "sides": sides,
        "claims": [verdict.as_json(one) for one in result.verdicts],
        "lineages": list(result.lineages), "diagnostics": dict(posterior.diagnostics),
        "claims_fitted": len(posterior.fitted), "seed": posterior.seed, "holdfast_version": runtime.version(),
    }  # fmt: skip


def _round_men(value: float) -> float:
    """Men, whole where there are many."""
    return round(float(value), 0 if value >= 10 else 2)


def _inference_data(posterior: Posterior) -> Any:
    """The posterior as ArviZ knows it: `posterior` and `sample_stats`."""
    import xarray as xr

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of ArviZ, on its own future
        import arviz

    stats = np.stack([one.diverging for one in posterior.sides.values()], axis=2)
    sampling = xr.Dataset(
        {"diverging": (("chain", "draw", "side"), stats.astype(bool))}, {"side": list(posterior.sides)}
    )
    return arviz.InferenceData(posterior=posterior.data, sample_stats=sampling)


def write(result: Losses, folder: Path, cards: Sequence[str], figures: bool) -> Path:
    """Page, posterior, tables, cards: written aside, then put in place."""
    from holdfast.present import losses_report

    wanted = chosen(result.verdicts, cards)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".fresh-", dir=folder) as aside:
        fresh = Path(aside)
        store.write_json(fresh / "summary.json", summary(result))
        _inference_data(result.posterior).to_netcdf(str(fresh / "posterior.nc"), engine="h5netcdf")
        verdict.as_table(result.verdicts).to_csv(fresh / "verdicts.csv", index=False)
        losses_report.write(
            fresh, result.posterior, result.verdicts, result.lineages, summary(result), result.caveats, figures=figures
        )  # fmt: skip
        for one in wanted:
            save_card(result.posterior, one, fresh / "cards")
        for path in sorted(fresh.iterdir()):
            store.put_in_place(fresh, folder, path.name)
    return folder / "losses.html"


def save_card(posterior: Posterior, one: Verdict, folder: Path) -> None:
    """A claim's verdict as a picture and a page, each by itself citable."""
    from holdfast.present import losses_report, losses_text

    one = verdict.judge(posterior, [one.claim], every=True)[0]
    losses_report.save_card(
        one, posterior, sums(posterior, one), losses_text.citation(posterior), folder, one.claim.claim_id
    )


def sums(posterior: Posterior, one: Verdict) -> tuple[str, ...]:
    """The arithmetic of a claim, in sentences."""
    balance = stock_flow.work_out(posterior, one.claim) if one.readings else None
    return balance.lines if balance else ()


def ready(claims: Sequence[Claim], cards: Sequence[str], folder: Path | None) -> None:
    """Refuse, before the fit, cards of claims that are not there and a folder that is a file."""
    ids = [claim.claim_id for claim in claims]
    faults = [unknown("--card", name, "a claim's id", ids) for name in cards if name not in ids]
    if folder and folder.exists() and not folder.is_dir():
        faults.append(Fault("--out", str(folder), "a folder, and this is a file", "Choose another --out"))
    if faults:
        raise ClaimsError(faults, "The request")


def chosen(verdicts: Sequence[Verdict], ids: Sequence[str]) -> list[Verdict]:
    """The verdicts of some claims, or every fault in their ids."""
    by_id = {one.claim.claim_id: one for one in verdicts}
    faults = [unknown("--card", name, "a claim's id", list(by_id)) for name in ids if name not in by_id]
    if faults:
        raise ClaimsError(faults, "The request")
    return [by_id[name] for name in ids]
