"""Losses end to end: the shipped claims, the checks that the method must pass, and the command line."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import holdfast as hf
from holdfast.cli import app
from holdfast.cli import losses as cli_losses
from holdfast.core.faults import ClaimsError
from holdfast.evidence import design, fit, losses, predictive, priors, reconcile, verdict
from holdfast.evidence.claims import table as claims_table
from holdfast.evidence.posterior import QUANTITIES
from holdfast.present import losses_report

pytestmark = pytest.mark.slow  # nearly every test fits a war

ESSAY_DAY = dt.date(2023, 11, 15)
UNION_DEAD = 110_070
"""Killed in action and died of wounds, Union, 1861-65: names counted on the muster-out rolls (Adjutant General, 1885)."""

SMALL = """\
claim_id,side,quantity,value_low,value_central,value_high,as_of_date,claimant,claimant_type,definition,basis,period_start,lineage
N1,north,strength,,50000,,2030-01-01,Northern ministry,belligerent own side,men in the field,stock,2030-01-01,
N2,north,strength,40000,,52000,2030-12-31,Institute,think tank / model,men in the field,stock,2030-01-01,
N3,north,killed,,1800,,2030-06-30,Northern ministry,belligerent own side,soldiers killed,cumulative,2030-01-01,
N4,north,killed,3000,,5000,2030-06-30,Institute,think tank / model,soldiers killed,cumulative,2030-01-01,
N5,north,casualties,,16000,,2030-06-30,Southern staff,opposing side,killed and wounded,cumulative,2030-01-01,
N6,north,killed,7000,,,2030-12-31,A government,third-party government,soldiers killed,cumulative,2030-01-01,
N7,north,casualties,,34000,,2030-12-31,Institute,think tank / model,killed and wounded,cumulative,2030-01-01,
N8,north,recruited,,24000,,2030-12-31,Northern ministry,belligerent own side,men taken in,per period,2030-01-01,
N9,north,deserted,,1500,,2030-12-31,Institute,think tank / model,men who left,cumulative,2030-01-01,
S1,south,strength,,30000,,2030-01-01,Southern ministry,belligerent own side,men in the field,stock,2030-01-01,
S2,south,killed,,2500,,2030-12-31,Institute,think tank / model,soldiers killed,cumulative,2030-01-01,
S3,south,captured,,400,,2030-12-31,Institute,think tank / model,prisoners taken,cumulative,2030-01-01,
"""


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("claims") / "mine.csv"
    file.write_text(SMALL, encoding="utf8")
    return file


@pytest.fixture(scope="module")
def ukraine() -> losses.Losses:
    return hf.reconcile_losses(fast=True)


def command(*words: str) -> int:
    """The command line, as the program runs it."""
    try:
        return app.guarded(words)
    except SystemExit as stop:
        return int(stop.code or 0)


def said(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert command(*words) == 0
    return json.loads(capsys.readouterr().out)


# --- What the shipped claims must give.


def test_the_essays_dead_are_out_of_reach_and_its_number_fits_killed_and_wounded(ukraine: losses.Losses) -> None:
    killed = ukraine.posterior.total("russia", "killed", end=ESSAY_DAY)
    both = killed + ukraine.posterior.total("russia", "wounded", end=ESSAY_DAY)
    assert np.quantile(killed, 0.99) < 300_000
    assert 0.05 < np.mean(both < 300_000) < 0.95
    one = ukraine.judge("over 300000 killed russia 2023-11-15")
    assert one.verdict == "high"
    assert one.tail_probability == 0
    assert "killed and wounded" in one.would_mean
    assert ukraine.judge("over 300000 killed and wounded russia 2023-11-15").verdict == "compatible"


def test_the_arithmetic_adds_up_and_decides(ukraine: losses.Losses) -> None:
    claim = losses.as_claim(ukraine.posterior, "300000 killed russia 2023-11-15")
    found = verdict.stock_flow(ukraine.posterior, claim)
    assert found
    assert found.gone["p50"] == pytest.approx(found.sent["p50"] - found.present["p50"], rel=0.05)
    filled = found.killed["p50"] + found.out_for_good["p50"] + found.other["p50"]
    assert filled == pytest.approx(found.gone["p50"], rel=0.05)
    assert found.needed["p05"] > found.gone["p95"]
    assert found.share_possible == 0
    modest = losses.as_claim(ukraine.posterior, "80000 killed russia 2023-11-15")
    possible = verdict.stock_flow(ukraine.posterior, modest)
    assert possible
    assert possible.share_possible > 0.3


def test_every_claim_has_a_verdict_and_those_known_to_slip_are_found(ukraine: losses.Losses) -> None:
    verdicts = {one.claim.claim_id: one for one in ukraine.verdicts}
    assert len(verdicts) == 427
    for slip in ("RU-K049", "RU-K015", "RU-K112", "RU-K107", "UK-K008", "UK-K007"):  # killed for killed and wounded
        assert verdicts[slip].verdict == "high", slip
    for own in ("RU-K020", "UK-K016", "UK-K029"):  # own dead told low
        assert verdicts[own].verdict == "low", own
    for plan in ("RU-R022", "RU-X001", "RU-X005", "RU-E001"):
        assert verdicts[plan].verdict == "not judged", plan
        assert verdicts[plan].would_mean.startswith("Not judged")
    inside = [
        one.predicted["p05"] <= design.total(one.claim, one.claim.value) <= one.predicted["p95"]
        for one in ukraine.verdicts
        if one.predicted and not one.claim.limit and one.claim.covers == "all"
    ]
    assert np.mean(inside) > 0.8


def test_a_year_that_was_not_seen_is_covered() -> None:
    """Fitted to what was known at the end of 2024, the lists and strengths of 2025 lie where they were expected."""
    claims = claims_table.read("russia_ukraine")
    year_end = dt.date(2024, 12, 31)
    found = reconcile.reconcile(
        claims, until=dt.date(2025, 12, 31), known_by=year_end, first=dt.date(2022, 2, 24), fast=True
    )
    assert all(claim.known_on <= year_end for claim in found.fitted)
    later = [
        claim for claim in claims
        if year_end < claim.known_on <= dt.date(2025, 12, 31) and claim.as_of_date > year_end
        and claim.counts in ("named", "strength", "killed_and_missing") and claim.covers in ("all", "citizens")
    ]  # fmt: skip
    verdicts = verdict.judge(found, later)
    inside = [one.predicted["p05"] <= one.claim.value <= one.predicted["p95"] for one in verdicts if one.predicted]
    assert len(inside) >= 8
    assert np.mean(inside) > 0.75, [(v.claim.claim_id, v.claim.value, v.predicted) for v in verdicts]


def test_union_dead_are_recovered_from_lists_that_leave_out_those_who_died_later() -> None:
    found = hf.reconcile_losses("union_1861", fast=True)
    killed = found.posterior.total("union", "killed", end=dt.date(1865, 6, 30))
    low, high = np.quantile(killed, [0.05, 0.95])
    assert low < UNION_DEAD < high
    assert 1.3 < high / low < 4  # narrower would take copies for witnesses, wider would say nothing
    assert low > 54_000  # the lists' own sum: the definition error


WIDTHS = ("128", "512")
WIDTH_TOLERANCE = 0.02
"""Posterior SDs by which a fast fit's quantiles may differ between processors (`docs/evidence.md`)."""
FIT = """
import json, sys
import numpy as np
import holdfast as hf
found = hf.reconcile_losses(sys.argv[1], fast=True)
totals = {f"{side} {name}": found.posterior.total(side, name) for side in found.posterior.sides for name in sys.argv[2:]}
print(json.dumps({name: [*np.quantile(draws, [0.05, 0.5, 0.95]), draws.std()] for name, draws in totals.items()}))
"""


@pytest.mark.slow
def test_a_fast_fit_is_the_same_on_another_processor(tmp_path: Path) -> None:
    """The Union's table, whose fit once ended in a false mode on processors with wide vectors."""
    found = []
    for width in WIDTHS:
        # 128 bits of vectors and no fused arithmetic stand for an old processor, 512 for a new one.
        isa = " --xla_cpu_max_isa=SSE4_2" if width == "128" else ""
        flags = f"--xla_cpu_prefer_vector_width={width}{isa}"
        env = os.environ | {"XLA_FLAGS": flags, "HOLDFAST_CACHE": str(tmp_path / width)}
        env.pop("JAX_COMPILATION_CACHE_DIR", None)
        command = [sys.executable, "-c", FIT, "union_1861", *QUANTITIES]
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=500, check=False)
        assert done.returncode == 0, done.stderr
        found.append(json.loads(done.stdout))
    for name, (*quantiles, sd) in found[0].items():
        apart = np.abs(np.subtract(quantiles, found[1][name][:3])) / sd
        assert apart.max() < WIDTH_TOLERANCE, f"{name}: {apart.max():.3f} SD apart"


@pytest.mark.slow
def test_a_fit_without_an_end_is_an_error_that_names_the_side(
    table: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fit, "SLOPE_MOST", -1.0)
    assert command("losses", "--claims", str(table), "--fast", "--seed", "77", "--json") == 1
    told = json.loads(capsys.readouterr().out)["error"]
    assert "The fit of north did not converge" in told
    assert "look among those of north" in told


def test_every_fit_tells_its_slope(ukraine: losses.Losses, capsys: pytest.CaptureFixture[str]) -> None:
    ends = ukraine.summary()["diagnostics"]["fits"]
    assert list(ends) == ["russia", "ukraine"]
    for one in ends.values():
        assert 0 <= one["slope"] < fit.SLOPE_MOST
        assert 0 <= one["spread_slope"] < fit.SPREAD_SLOPE_MOST
        assert one["least_curvature"] > 0
        assert len(one["starts"]) == 4
    rows = [row[0] for row in losses_report.diagnostics(ukraine.posterior)]
    assert "slope at the mode, Russia" in rows
    assert "Slope at the mode, per posterior SD" in cli_losses.basis(ukraine.posterior)


def test_leaving_a_lineage_out_says_who_carries_the_information(table: Path) -> None:
    found = hf.reconcile_losses(table, fast=True, with_lineages=True)
    rows = {(row["side"], row["lineage"], row["quantity"]): row for row in found.lineages}
    assert {row["side"] for row in found.lineages} == {"north", "south"}
    alone = rows["south", "institute", "killed"]  # nobody else counts the South's dead
    assert alone["widens"] > 1.5
    assert rows["north", "a government", "killed"]["widens"] < alone["widens"]
    assert all(np.isfinite(row["p50"]) and row["p05"] <= row["p50"] <= row["p95"] for row in found.lineages)


def test_progress_always_says_what_is_under_way(table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The live page shows it; a stage without a name once stopped the page's script."""
    monkeypatch.setenv("HOLDFAST_CACHE", str(tmp_path))  # no fit is there yet
    heard: list[tuple[int, int, str]] = []
    hf.reconcile_losses(table, fast=True, with_lineages=True, progress=lambda *told: heard.append(told))
    stages = {what: [done / of for done, of, named in heard if named == what] for _, _, what in heard}
    assert all(stages)
    assert [what for what in stages if what.startswith("fitting")] == ["fitting north", "fitting south"]
    assert all(shares == sorted(shares) and shares[-1] <= 1 for shares in stages.values())
    assert heard[-1][0] == heard[-1][1]


def test_no_army_is_less_than_nothing_without_the_lineage_that_carries_most(ukraine: losses.Losses) -> None:
    side = ukraine.posterior.sides["russia"]
    without = predictive.refitted(side, "UA-GS", 1)
    assert np.asarray(without.war.strength).min() > 0


def test_meta_estimates_and_copies_have_no_vote() -> None:
    claims = claims_table.read("russia_ukraine")
    voting = {vote.claim.claim_id for vote in design.votes_of(claims)}
    assert not voting & {"RU-C151", "RU-K115", "RU-C002"}
    assert design.is_echo(
        next(c for c in claims if c.claim_id == "RU-C121"), [c for c in claims if c.counts == "eliminated"]
    )


def test_every_kind_of_claim_has_habits_for_every_claimant() -> None:
    from holdfast.evidence.claims.table import CLAIMANT_TYPES
    from holdfast.evidence.observables import KINDS

    for kind in set(KINDS.values()):
        for claimant in CLAIMANT_TYPES:
            habit = priors.habit(kind, claimant)
            assert habit.own > 0
            assert habit.series > 0


# --- A table of one's own.


def test_a_war_of_ones_own(table: Path) -> None:
    found = hf.reconcile_losses(table, fast=True)
    assert list(found.posterior.sides) == ["north", "south"]
    data = found.data
    assert data.killed.dims == ("chain", "draw", "side", "month")
    assert data.killed.attrs["units"] == "men"
    assert (data.killed > 0).all()
    killed = data.killed.sel(side="north").sum("month")
    assert 2000 < float(killed.median()) < 12_000
    one = found.judge("60000 killed north 2030-12-31")  # more than all who were ever there
    assert one.verdict == "high"
    assert found.judge("0 killed north 2030-12-31").verdict == "low"


def test_claims_of_nothing_but_0_cannot_be_used(table: Path) -> None:
    frame = pd.read_csv(table, dtype=str)
    frame[["value_low", "value_central", "value_high"]] = ["", "0", ""]
    with pytest.raises(ValueError, match="each with the value 0"):
        hf.reconcile_losses(frame, fast=True)


def test_records_of_another_century_are_refused_before_anything_is_fitted(table: Path) -> None:
    first, *others = claims_table.read(table)
    with pytest.raises(
        ValueError, match=f"{first.claim_id}: found .* to 2301-05-31; allowed: days within 60 years of 2030"
    ):
        hf.reconcile_losses([dataclasses.replace(first, as_of_date=dt.date(2301, 5, 31)), *others], fast=True)


def test_prisoners_held_have_gathered_since_the_war_began(table: Path) -> None:
    """A stock without a first day of its own is no flow of that day."""
    posterior = hf.reconcile_losses(table, fast=True).posterior
    row = {
        "claim_id": "P", "side": "south", "quantity": "captured", "value_central": "100", "as_of_date": "2030-12-31",
        "claimant": "Z", "claimant_type": "media", "basis": "stock",
    }  # fmt: skip
    held = claims_table.read(pd.DataFrame([row, row | {"claim_id": "S", "period_start": "2030-01-01"}]).fillna(""))
    without_start, with_start = verdict.judge(posterior, held)
    assert without_start.claim.counts == "captured_held"
    assert without_start.truth == with_start.truth


def test_the_same_seed_gives_the_same_numbers_and_the_second_time_waits_for_nothing(table: Path) -> None:
    first = hf.reconcile_losses(table, fast=True, seed=3)
    again = hf.reconcile_losses(table, fast=True, seed=3)
    other = hf.reconcile_losses(table, fast=True, seed=4)
    assert first.summary() == again.summary()
    assert first.summary()["sides"] != other.summary()["sides"]
    afresh = reconcile.reconcile(claims_table.read(table), fast=True, seed=3)
    assert np.array_equal(afresh.sides["north"].vectors, first.posterior.sides["north"].vectors)


def test_a_torn_fit_is_made_again(table: Path) -> None:
    before = hf.reconcile_losses(table, fast=True, seed=5).summary()
    files = list(losses.fit_cache().folder.glob("*.npz"))
    assert files
    for file in files:
        file.write_bytes(b"torn")
    assert hf.reconcile_losses(table, fast=True, seed=5).summary() == before


def test_nuts_and_the_fast_fit_agree_and_nuts_is_the_same_with_any_number_of_workers(table: Path) -> None:
    sampled = hf.reconcile_losses(table, workers=1)
    assert sampled.posterior.method == "nuts"
    assert sampled.posterior.diagnostics["r_hat_max"] <= reconcile.R_HAT_MOST
    assert sampled.posterior.diagnostics["ess_min"] >= reconcile.ESS_LEAST
    quick = hf.reconcile_losses(table, fast=True)
    for side in ("north", "south"):
        for quantity in ("killed", "wounded", "strength"):
            exact, near = sampled.posterior.total(side, quantity), quick.posterior.total(side, quantity)
            assert abs(exact.mean() - near.mean()) < 0.6 * exact.std(), (side, quantity)


def test_a_fit_that_cannot_be_believed_is_refused(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconcile, "ESS_LEAST", 10**9)
    monkeypatch.setattr(reconcile, "DRAWS", 50)
    with pytest.raises(fit.FitError, match="effective draws"):
        reconcile.reconcile(claims_table.read(table), workers=1, sides=["south"])


# --- The command line.


def test_json_has_the_shape_that_is_promised(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = said(capsys, "losses", "--claims", str(table), "--fast", "--json")
    assert made["until"] == "2030-12-31"
    assert set(made["sides"]) == {"north", "south"}
    for side in made["sides"].values():
        assert set(QUANTITIES) <= set(side)
        assert set(side["killed"]) == {"p05", "p50", "p95"}
        assert len(side["monthly"]) == 12
        assert side["monthly"][0]["month"] == "2030-01"
        assert set(QUANTITIES) <= set(side["monthly"][0])
    one = next(claim for claim in made["claims"] if claim["claim_id"] == "N3")
    assert {"claim_id", "verdict", "tail_probability", "predicted"} <= set(one)
    assert {"r_hat_max", "ess_min", "divergences"} <= set(made["diagnostics"])


def test_until_shuts_out_what_was_not_known_and_side_the_other(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = said(
        capsys, "losses", "--claims", str(table), "--fast", "--json", "--until", "2030-06-30", "--side", "north"
    )
    assert made["until"] == "2030-06-30"
    assert set(made["sides"]) == {"north"}
    assert made["sides"]["north"]["monthly"][-1]["month"] == "2030-06"
    assert {claim["claim_id"] for claim in made["claims"]} == {"N1", "N3", "N4", "N5"}


def test_the_folder_holds_page_posterior_tables_and_cards(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import xarray as xr

    out = tmp_path / "out"
    words = ("losses", "--claims", str(table), "--fast", "--out", str(out), "--no-figures", "--card", "N5", "S2")
    assert command(*words) == 0
    assert "compatible" in capsys.readouterr().out
    assert sorted(path.name for path in out.iterdir()) == [
        "cards", "losses.html", "posterior.nc", "result.npz", "summary.json", "verdicts.csv"
    ]  # fmt: skip
    assert (out / "cards" / "N5.png").stat().st_size > 10_000
    with xr.open_dataset(out / "posterior.nc", group="posterior", engine="h5netcdf") as data:
        assert data.killed.dims == ("chain", "draw", "side", "month")
        assert float(data.days.sum()) == 365
    assert len(pd.read_csv(out / "verdicts.csv")) == 12


def test_judging_in_words_and_by_a_table(table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = said(capsys, "claims", "judge", "60000 killed north 2030-12-31", "--evidence", str(table), "--json")
    assert len(one["claims"]) == 1
    assert one["claims"][0]["verdict"] == "high"
    assert one["readings"][0]["counts"] == "killed"
    assert one["arithmetic"]["share_possible"] < 0.05
    by_parts = said(
        capsys, "claims", "judge", "--evidence", str(table), "--json", "--side", "north", "--quantity", "killed",
        "--value", "60000", "--date", "2030-12-31",
    )  # fmt: skip
    assert by_parts["claims"][0]["tail_probability"] == one["claims"][0]["tail_probability"]
    new = tmp_path / "new.csv"
    lines = SMALL.splitlines()
    new.write_text("\n".join([lines[0], lines[7], lines[4]]), encoding="utf8")
    many = said(capsys, "claims", "judge", "--claims", str(new), "--evidence", str(table), "--json")
    assert [claim["claim_id"] for claim in many["claims"]] == ["N7", "N4"]
    assert many["claims_fitted"] == 10  # the two that are judged are left out of the fit


@pytest.mark.parametrize("given", [3000, None, 2.5, ["300000 killed russia"], {"side": "russia"}])
def test_what_is_no_claim_is_answered_in_words(given: Any, ukraine: losses.Losses) -> None:
    with pytest.raises(ClaimsError, match="the claim: found .*; allowed: a sentence"):
        ukraine.judge(given)
    if not isinstance(given, dict):
        with pytest.raises(ClaimsError, match="the claims?: found "):
            hf.judge_claim(given)


def test_claims_of_another_war_are_refused_by_what_they_are_about(table: Path) -> None:
    with pytest.raises(
        ClaimsError, match="found claims about north, south; allowed: .* russia, ukraine. Give the evidence"
    ):
        hf.judge_claim(str(table))
    one = dataclasses.replace(claims_table.read("russia_ukraine")[0], claim_id="late", as_of_date=dt.date(2203, 1, 1))
    with pytest.raises(ClaimsError, match="1 of a later day, as late of 2203-01-01; .* at most a year after"):
        hf.judge_claim(one)


def test_days_are_taken_in_every_form(ukraine: losses.Losses) -> None:
    end = dt.date(2023, 11, 15)
    wanted = ukraine.posterior.total("russia", "killed", end=end)
    for given in (pd.Timestamp(end), np.datetime64(end), str(end), dt.datetime(2023, 11, 15, 9)):
        assert losses.day(given) == end
        assert np.array_equal(ukraine.posterior.total("russia", "killed", end=given), wanted)
        said = losses.as_claim(ukraine.posterior, "60000 killed russia", date=given, since=given)  # type: ignore[arg-type]
        assert (said.as_of_date, said.period_start) == (end, end)
    with pytest.raises(ClaimsError, match="end: found NaT"):
        ukraine.posterior.total("russia", "killed", end=pd.NaT)
    row = {"claim_id": "K", "side": "russia", "quantity": "killed", "value_central": 9, "as_of_date": np.datetime64(end, "ns"),
           "claimant": "x", "claimant_type": "media", "definition": "killed", "basis": "cumulative",
           "period_start": pd.Timestamp("2022-02-24")}  # fmt: skip
    (one,) = losses.table("", [row])
    assert (one.as_of_date, one.period_start) == (end, dt.date(2022, 2, 24))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("losses", "finland-1940", "--fast"), "--claims FILE"),
        (("losses", "--until", "2023-13-01", "--fast"), "2023-11-15"),
        (("losses", "--side", "rusia", "--fast"), "Did you mean russia?"),
        (("losses", "--claims", "nowhere.csv", "--fast"), "nowhere.csv"),
        (("losses", "--until", "2021-01-01", "--fast"), "later date"),
        (("losses", "--until", "2031-01-01", "--fast"), "at most a year after the last claim"),
        (("claims", "judge"), "300000 killed russia 2023-11-15"),
        (("claims", "judge", "300000 kiled russia 2023-11-15"), "killed"),
        (("claims", "judge", "1 killed russia 2023-01-01", "--claims", "x.csv"), "not both"),
    ],
)
def test_wrong_requests_say_what_to_do(words: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(*words) == 2
    assert told in capsys.readouterr().err


def test_a_card_of_no_claim_is_a_fault_and_writes_nothing(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert command("losses", "--claims", str(table), "--fast", "--out", str(out), "--card", "N55") == 2
    assert "N5" in capsys.readouterr().err
    assert not out.exists() or not list(out.iterdir())


def test_a_file_in_the_place_of_the_folder_is_told_before_the_fit(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(losses, "_fitted", lambda *_, **__: pytest.fail("fitted first"))
    (tmp_path / "file").write_text("mine")
    words = ("losses", "--claims", str(table), "--out", str(tmp_path / "file"), "--card", "N55")
    assert command(*words) == 2
    told = capsys.readouterr().err
    assert "2 faults" in told
    assert "Choose another --out" in told
    assert (tmp_path / "file").read_text() == "mine"


def test_what_the_base_installation_lacks_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(*_: object, **__: object) -> int:
        raise ModuleNotFoundError("No module named 'numpyro'", name="numpyro")

    monkeypatch.setattr(losses, "reconcile_losses", missing)
    assert command("losses", "--fast") == 1
    assert "pip install 'holdfast-armies[evidence]'" in capsys.readouterr().err


def test_lineages_are_named_in_order_of_votes(ukraine: losses.Losses) -> None:
    names = predictive.lineages(ukraine.posterior.sides["russia"])
    assert names[0] == "UA-GS"
    counts = [predictive.claims_of(ukraine.posterior.sides["russia"], name) for name in names]
    assert counts == sorted(counts, reverse=True)


def test_arviz_reads_the_posterior_as_a_tree_of_data(table: Path, tmp_path: Path) -> None:
    """From version 1 on, and 0.8, which is the last for Python 3.11; and a file as ArviZ laid it out before."""
    import xarray as xr

    result = hf.reconcile_losses(table, fast=True)
    tree = result.to_datatree(log_likelihood=True)
    assert list(tree.children) == ["posterior", "sample_stats", "observed_data", "log_likelihood"]
    assert all(group.attrs["sample_dims"] == ["chain", "draw"] for group in tree.children.values())
    claims = tree["observed_data"]
    assert list(claims.claim.values) == [claim.claim_id for claim in result.posterior.fitted]
    assert claims.as_of_date.dtype.kind == "M"
    whole = sum(float(each.sum()) for each in tree["log_likelihood"].data_vars.values())
    terms = [predictive._terms(side) for side in result.posterior.sides.values()]
    rows = [(len(one.design.numbers), len(one.design.limits)) for one in result.posterior.sides.values()]
    assert all(count for pair in rows for count in pair[:1])
    parts = sum(
        float(
            groups[:, : len(set(design.group_names(side.design.numbers)))].sum()
            + limits[:, : len(side.design.limits)].sum()
        )
        for (groups, limits), side in zip(terms, result.posterior.sides.values(), strict=True)
    )
    assert whole == pytest.approx(parts, rel=1e-5)  # every claim in one lineage, none twice
    tree.to_netcdf(tmp_path / "new.nc", engine="h5netcdf")
    for number, (name, group) in enumerate(tree.children.items()):
        group.to_dataset().to_netcdf(tmp_path / "old.nc", mode="a" if number else "w", group=name, engine="h5netcdf")
    arviz = pytest.importorskip("arviz_stats")
    pytest.importorskip("arviz_base")
    for file in ("new.nc", "old.nc"):
        back = hf.open(tmp_path / file)
        assert isinstance(back, xr.DataTree)
        summary = arviz.summary(back, var_names=["killed"])
        one = back["posterior"].killed.values[:, :, 0, 0]
        assert float(summary["mean"].iloc[0]) == pytest.approx(one.mean(), rel=0.01)
        assert float(summary["ess_bulk"].iloc[0]) > 100
        loo = arviz.loo(back, var_name="north")
        assert loo.n_data_points == back["log_likelihood"].north_lineage.size
