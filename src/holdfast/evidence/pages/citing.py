"""What stands under everything shown: the evidence's date, how it was fitted, what to hold against it, how to cite it."""

from __future__ import annotations

from collections.abc import Sequence

from holdfast import machine
from holdfast.evidence.pages import words
from holdfast.evidence.posterior import Posterior
from holdfast.report import naming
from holdfast.report import words as plain

METHODS = {"nuts": "NUTS", "fast": "fast fit"}
CAVEAT = (
    "A posterior is a model and claims, not the truth. The habits of claimants that it starts from were learned from wars "
    "of the past and of today, and lists, registers and tallies are not independent of one another."
)
CAVEATS = (
    "The posterior is what a model makes of claims. It is not the truth, and a claim may be right against it.",
    "Registers of the dead, lists of names and the estimates built on them are not independent of one another; neither "
    "are the totals of governments that follow one belligerent's tally.",
)


def method(posterior: Posterior) -> str:
    """How the posterior was got, in a line."""
    found = posterior.diagnostics
    draws = f"{int(found.get('draws', 0)):,} draws"
    if posterior.method == "fast":
        return f"fast fit (nearest normal distribution, {draws}), not to be cited where NUTS can be had"
    said = [f"NUTS, {draws}"]
    if found.get("r_hat_max") is not None:
        said.append(f"R-hat at most {float(found['r_hat_max']):.3f}")
    if found.get("ess_min") is not None:
        said.append(f"at least {float(found['ess_min']):,.0f} effective draws")
    if found.get("divergences") is not None:
        said.append(f"{int(found['divergences'])} divergences")
    return ", ".join(said)


def evidence(posterior: Posterior) -> str:
    """How many claims, and to which day."""
    return f"{len(posterior.claims):,} claims, evidence to {words.date(posterior.until)}"


def sides(posterior: Posterior) -> str:
    """`Russia and Ukraine`."""
    return plain.listed([naming.name(side) for side in posterior.sides])


def citation(posterior: Posterior) -> str:
    """How to cite the posterior."""
    return (
        f"Holdfast {machine.version()}, losses of {sides(posterior)}: {evidence(posterior)}; "
        f"{METHODS.get(posterior.method, posterior.method)}, seed {posterior.seed}."
    )


def caveats(posterior: Posterior, more: Sequence[str] = ()) -> list[str]:
    """What to hold against the result: what was handed in, then what always holds."""
    standing = [one for one in CAVEATS if "Ukraine" not in one or "ukraine" in posterior.sides]
    return [*dict.fromkeys([*more, *standing])]
