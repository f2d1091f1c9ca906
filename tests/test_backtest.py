"""The backtest: nobody is told by what he taught, everybody is scored beside rivals, and what is written is whole."""

from __future__ import annotations

import csv
import dataclasses
import json
import re
from pathlib import Path

import numpy as np
import pytest

from holdfast.backtesting import baselines, pairs, run
from holdfast.calibration import holdout, outcome_model
from holdfast.calibration.holdout import Holdout, TrainingSet
from holdfast.calibration.predictor import Predictions
from holdfast.coded_armies import army, codebook, reader
from holdfast.coded_armies.army import CODES, changed

SHIPPED = reader.shipped()
COUNTED = army.independent(SHIPPED)
TRAINING = TrainingSet(SHIPPED, COUNTED)
DRAWS = 60


@dataclasses.dataclass(frozen=True)
class Fake:
    """A posterior that has one opinion of an army's codes and knows what it was kept from."""

    training: TrainingSet
    weight: float = 1.0
    recipe: dict = dataclasses.field(default_factory=dict)

    def effective(self, out):
        return 40.0 - len(out)

    def chances(self, case, out):
        codes = np.array([case.codes[code] if case.codes[code] is not None else 1 for code in CODES])
        score = self.weight * (0.8 * codes[5:9].sum() + 0.3 * codes[4] - 0.4 * codes[9] - 2.7) + 0.01 * len(out)
        return 1 / (1 + np.exp(-score - 0.4 * np.random.default_rng(1).normal(size=DRAWS)))

    def jointly(self, names):
        cases = [self.training.armies[self.training.ids.index(name)] for name in names]
        both = np.stack([self.chances(case, frozenset(names)) for case in cases])
        return both, np.sqrt(both)

    def by_weights(self, every, exits=True):
        collapse = np.stack([self.chances(one.army, one.out) for one in every])
        rates = 40 * collapse * np.exp(np.random.default_rng(2).normal(size=collapse.shape))
        return Predictions(
            tuple(one.army for one in every), collapse, np.sqrt(collapse), rates, tuple(one.how for one in every)
        )

    def weighted(self, armies, out):
        collapse = np.array([self.chances(each, names).mean() for each, names in zip(armies, out, strict=True)])
        return collapse, np.sqrt(collapse)

    def predict(self, every, workers, progress):
        return self.by_weights(every)


class Posterior:
    digest = "0123456789abcdef0123"
    recipe = {"seed": 1}
    draws = dict.fromkeys(("none", "essay_five", "no_shock"))


@pytest.fixture
def faked(monkeypatch):
    monkeypatch.setattr(run, "posterior_of", lambda file: Posterior())
    monkeypatch.setattr(
        run, "predictor_of", lambda of, ablation, seed: Fake(TRAINING, 1.0 if ablation == "none" else 0.4)
    )


@pytest.fixture
def found(faked):
    return run.backtest()


def row(case, **other):
    """A case as a file of cases has it."""
    codes = {column: case.codes[code] for code, column in codebook.CODE_COLUMNS.items()}
    flag = lambda value: "" if value is None else int(value)
    made = {"case_id": case.army_id, **codes, "war": case.war, "force_ratio": case.force_ratio or "",
            "collapse": flag(case.collapse), "mass_desertion_or_surrender_10pct": flag(case.mass_desertion),
            "overlap_with": case.overlap_with, "ordered_capitulation": flag(case.ordered_capitulation)}  # fmt: skip
    return made | other


def written(path, rows):
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


# --- Who may tell whom.


def test_every_case_is_told_without_itself_and_a_part_of_another_without_its_war():
    of = dict(zip((case.army_id for case in SHIPPED), army.wars(SHIPPED)))
    for one in holdout.holdouts(TRAINING, SHIPPED):
        name = one.army.army_id
        if one.army.independent:
            assert (one.how, one.out) == (holdout.LEFT_OUT, {name})
        else:
            assert (one.how, one.out) == (holdout.WAR_OUT, {other for other in of if of[other] == of[name]})


def test_a_war_goes_out_whole():
    learnt = TRAINING
    of = dict(zip(learnt.ids, learnt.wars))
    out = {one.army.army_id: one.out for one in holdout.whole_wars(learnt)}
    assert set(out) == {case.army_id for case in COUNTED}
    for name, kept in out.items():
        assert kept == {other for other in of if of[other] == of[name]}
    assert len(out["RUS_1917"]) > 5


def test_a_file_s_own_cases_were_never_seen_and_a_shipped_one_coded_otherwise_is_told_as_coded():
    own = dataclasses.replace(SHIPPED[0], army_id="MINE")
    same, other, dim = COUNTED[1], changed(COUNTED[3], losses=0), changed(COUNTED[6], losses=None)
    told = holdout.holdouts(TRAINING, [own, same, other, dim])
    assert [(one.how, one.by_weights) for one in told] == [
        (holdout.UNSEEN, False), (holdout.LEFT_OUT, True), (holdout.RECODED, True), (holdout.RECODED, False)
    ]  # fmt: skip
    assert [one.out for one in told] == [frozenset(), {same.army_id}, {other.army_id}, {dim.army_id}]


@pytest.mark.parametrize("outcome", ["collapse", "mass_desertion"])
@pytest.mark.parametrize("name", list(baselines.BASELINES))
def test_rivals_are_refitted_without_each_case_and_each_war(name, outcome):
    alone = holdout.holdouts(TrainingSet(COUNTED, COUNTED), COUNTED)
    np.testing.assert_allclose(
        run.baseline_chances(name, alone, COUNTED, outcome), baselines.left_out(name, COUNTED, None, outcome)
    )
    whole = holdout.whole_wars(TrainingSet(COUNTED, COUNTED))
    groups = army.wars(COUNTED)
    np.testing.assert_allclose(
        run.baseline_chances(name, whole, COUNTED, outcome), baselines.left_out(name, COUNTED, groups, outcome)
    )


def test_a_blind_rival_does_not_see_its_codes():
    case = COUNTED[0]
    one, two = (Holdout(changed(case, operational_shock=level, leader_decay=level), holdout.UNSEEN) for level in (0, 2))
    told = run.baseline_chances("ridge_eight", [one, two], COUNTED, "collapse")
    assert told[0] == pytest.approx(told[1])
    sees = run.baseline_chances("ridge_ten", [one, two], COUNTED, "collapse")
    assert sees[0] != pytest.approx(sees[1], abs=0.01)


@pytest.mark.slow
def test_a_posterior_is_weighed_without_what_is_held_out():
    """A surrogate that has learnt nothing, so that nothing has to be run."""
    from holdfast.calibration import coding_errors, posterior, surrogate
    from holdfast.calibration import predictor as predictors

    paths = ("bond.coupling", "choice.tempo")
    scores = 0.5 * np.random.default_rng(1).standard_normal((64, len(paths) + len(outcome_model.NAMES)))
    names = tuple(case.army_id for case in COUNTED)
    of = posterior.Posterior(
        paths, names, {"none": scores}, surrogate.blank(len(paths)), coding_errors.exact(), army.array(COUNTED)[:, None],
        {"seed": 1}, "",
    )  # fmt: skip
    one = run.predictor_of(of, "none", 1)
    assert one.training == TrainingSet(reader.whole_spans(), COUNTED)
    recoded = changed(COUNTED[3], losses=0, safe_exit=0)
    every = holdout.holdouts(one.training, [*COUNTED[:3], recoded])
    told = one.predict(every, 1, lambda *_: None)
    collapse, _ = one.weighed.chances
    for row, case in enumerate(COUNTED[:3]):
        place = one.training.ids.index(case.army_id)
        by_hand = -one.weighed.log_likelihood[:, place]  # nothing is cut from weights so even
        by_hand = np.exp(by_hand - np.logaddexp.reduce(by_hand))
        np.testing.assert_allclose(told.p_collapse[row].mean(), by_hand @ collapse[:, place], atol=0.01)
    weight = np.exp(one.weighed.leaving(np.array([name == recoded.army_id for name in one.training.ids])))
    collapse, _ = posterior.chances(of, [recoded], scores)
    np.testing.assert_allclose(told.p_collapse[3].mean(), weight @ collapse[:, 0], atol=0.01)
    assert one.effective(frozenset()) == pytest.approx(64)
    assert one.effective(frozenset(names[:20])) < 64
    assert np.isnan(one.by_weights(every, exits=False).exits).all()
    both, _ = one.jointly(["AFG_1989", "AFG_1992"])
    assert both.shape == (2, predictors.EQUAL_DRAWS)


# --- What is told.


def test_json_has_the_names_that_were_promised_and_plain_numbers(found):
    told = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert [one["army_id"] for one in told["armies"]] == [case.army_id for case in SHIPPED]
    for one, case in zip(told["armies"], SHIPPED):
        assert 0 <= one["p_collapse"] <= 1
        assert 0 <= one["p_mass_desertion"] <= 1
        assert set(one["exits_per_1000_month"]) == {"p05", "p50", "p95"}
        assert one["collapse"] is case.collapse
        assert one["scored"] is case.independent
    expected = {"holdfast", *baselines.BASELINES, "essay_five", "no_shock", *run.BLIND, "holdfast_war"}
    expected |= {f"{name}_war" for name in baselines.BASELINES}
    assert set(told["scores"]) == expected
    for one in told["scores"].values():
        assert set(one) == {"brier", "log", "auc"}
        assert all(isinstance(value, float) for value in one.values())
    assert told["scores"]["base_rate"]["auc"] == 0.5


def test_a_difference_is_of_the_scores_beside_it(found):
    told = found.to_dict()
    ours = [one for one in told["differences"]["collapse"] if one["model"] == "holdfast"]
    assert {"ridge_ten", "base_rate", "essay_five", "no_shock", "holdfast_war"} <= {one["less"] for one in ours}
    for one in told["differences"]["collapse"]:
        for field in ("brier", "log", "auc"):
            apart = told["scores"][one["model"]][field] - told["scores"][one["less"]][field]
            assert one[field]["value"] == pytest.approx(apart, abs=2e-6)
            assert one[field]["p05"] <= one[field]["p95"]
    against = {one["less"]: one["model"] for one in told["differences"]["collapse"]}
    assert against["ridge_ten_war"] == "holdfast_war"
    assert against["ridge_no_shock"] == "no_shock"


def test_warnings_stand_beside_the_scores(found):
    said = " ".join(found.warnings)
    for words in (
        "hindsight",
        "language models",
        "no specialist",
        "famous",
        "rout",
        "standard error of an AUC",
        "draws",
        "leader",
    ):
        assert words in said, words
    assert found.effective["holdfast"].smallest == 39
    few = dataclasses.replace(found.effective["holdfast"], smallest=3.0)
    assert "too few" in run._worth(few, True)
    assert "too few" not in run._worth(found.effective["holdfast"], True)


def test_fitted_numbers_say_so(faked):
    told = run.backtest(leave_one_out=False)
    assert told.own == "holdfast_fitted"
    assert all(name.endswith("_fitted") for name in told.to_dict()["scores"])
    assert all(one.out == frozenset() for one in told.holdouts)
    assert "fitted, seen" in told.models[0].name
    assert any("remember" in one for one in told.warnings)


def test_cases_of_a_file_are_told_and_those_with_an_outcome_scored(faked, tmp_path):
    own = [dataclasses.replace(case, army_id=f"NEW_{i}") for i, case in enumerate(COUNTED[:9])]
    rows = [row(case) for case in own]
    rows[0] |= {"collapse": "", "mass_desertion_or_surrender_10pct": ""}
    rows[1] |= {"F1_losses": ""}
    rows += [row(COUNTED[10])]
    told = run.backtest(written(tmp_path / "own.csv", rows))
    assert [one.how for one in told.holdouts] == [holdout.UNSEEN] * 9 + [holdout.LEFT_OUT]
    assert told.scores["collapse"]["holdfast"].cases == 9
    assert set(told.scores["collapse"]) == {"holdfast", *baselines.BASELINES, *run.BLIND}
    assert told.pairs == ()
    assert any("shipped armies only" in one for one in told.warnings)
    assert any("of wars" in one for one in told.warnings)
    expected = baselines.predicted("ridge_ten", COUNTED, reader.read(tmp_path / "own.csv"))[:9]
    rival = next(model for model in told.models if model.key == "ridge_ten")
    np.testing.assert_allclose(rival.chances["collapse"][:9], expected)


def test_without_outcomes_there_are_predictions_and_no_scores(faked, tmp_path):
    rows = [row(dataclasses.replace(case, army_id=f"NEW_{i}"), collapse="", mass_desertion_or_surrender_10pct="")
            for i, case in enumerate(COUNTED[:3])]  # fmt: skip
    told = run.backtest(written(tmp_path / "own.csv", rows))
    made = told.to_dict()
    assert made["scores"]["holdfast"] == {"brier": None, "log": None, "auc": None}
    assert [one["collapse"] for one in made["armies"]] == [None] * 3
    assert told.save(tmp_path / "out", figures=False).exists()


@pytest.mark.slow
def test_one_outcome_only_has_no_auc(faked, tmp_path):
    kept = [case for case in COUNTED if case.collapse][:4]
    rows = [row(dataclasses.replace(case, army_id=f"NEW_{i}")) for i, case in enumerate(kept)]
    told = run.backtest(written(tmp_path / "own.csv", rows))
    assert told.to_dict()["scores"]["holdfast"]["auc"] is None
    assert any("no AUC" in one for one in told.warnings)
    assert told.save(tmp_path / "out").exists()


# --- Other coders' armies.


def test_fresh_coders_come_first_and_their_wars_are_left_out(found):
    keys = [(one.coder, one.vantage, one.further) for one in found.coders]
    assert keys[0] == ("coder1", "foretelling", True)
    assert [further for _, _, further in keys] == [True, True, True, False, False]
    plain = found.to_dict()
    assert list(plain)[:2] == ["title", "coders"]
    of = dict(zip(TRAINING.ids, TRAINING.wars, strict=True))
    for one in plain["coders"][:3]:
        assert set(one["scores"]["collapse"]) == {"holdfast", "base_rate", "ridge_ten", "ridge_same"}
        out = {each["army_id"]: each["without"] for each in one["armies"]}
        assert "ROK_1950" in out["KPA_1950"]
        assert {of[name] for name in out["POL_1920"]} == {"russian civil war"}
        assert {"ARVN_1975", "PAVN_1965_75"} <= set(out["LAO_RLA_1975"])
        assert out["GEO_2008"] == []
        assert all({name for name, war in of.items() if war in {of[each] for each in names}} == set(names)
                   for names in out.values())  # fmt: skip
    again = plain["coders"][3]
    assert all(each["without"] == [each["army_id"]] for each in again["armies"])
    assert "holdfast_war" in again["scores"]["collapse"]


def test_the_gap_is_to_the_armies_that_taught(found):
    own = found.scores["collapse"]["holdfast"]
    for one in found.coders:
        for field, gap in one.gap.items():
            here = getattr(one.scores["collapse"]["holdfast"], field).value
            assert gap.value == pytest.approx(here - getattr(own, field).value)
            assert gap.low <= gap.value <= gap.high


def test_the_logit_beside_fresh_armies_was_taught_by_the_first_coder_without_their_war(found):
    one = found.coders[0]
    place = [each.army.army_id for each in one.holdouts].index("KPA_1950")
    taught = [case for case in COUNTED if case.army_id != "ROK_1950"]
    expected = baselines.predicted("ridge_ten", taught, [one.holdouts[place].army])
    chances = next(model for model in one.models if model.key == "ridge_ten").chances["collapse"]
    assert chances[place] == pytest.approx(expected[0])


def test_a_file_of_armies_has_no_coders(faked, tmp_path):
    assert run.backtest(written(tmp_path / "own.csv", [row(COUNTED[0]), row(COUNTED[1])])).coders == ()
    assert run.backtest(leave_one_out=False).coders == ()


# --- Pairs and exits.


def test_pairs_are_of_shipped_cases_that_ended_as_said(found):
    of = {case.army_id: case for case in SHIPPED}
    for test in pairs.PAIRS:
        assert of[test.held].collapse is False
        assert test.broke is None or of[test.broke].collapse is True
        assert test.broke is None or of[test.held].start < of[test.broke].start
    assert len(found.pairs) == len(pairs.PAIRS) == 5
    afghan = found.pairs[0]
    assert (afghan.right, afghan.share) == (True, 1.0)
    assert {one.code for one in afghan.differs} >= {"patron_withdrawal", "unpaid_unfed"}
    assert afghan.effective == 38
    italy = found.pairs[-1]
    assert of["ITA_1917"].recovered
    assert len(italy.halves) == 1


def test_exits_are_scored_where_the_rate_says_something():
    long = [case for case in COUNTED if outcome_model.rated(case)]
    assert all(case.months >= 0.75 for case in long)
    assert not outcome_model.rated(dataclasses.replace(long[0], months=0.5))
    every = holdout.holdouts(TrainingSet(COUNTED, COUNTED), COUNTED)
    truth = np.array([case.exits_per_1000_month or 1.0 for case in COUNTED])
    draws = truth[:, None] * np.exp(np.linspace(-1, 1, 41))[None]
    one = run.exit_score(every, draws, COUNTED)
    assert one.armies == len(long) == one.nearer
    assert one.coverage.value == 1
    assert one.error.value == pytest.approx(0, abs=1e-9)
    assert one.baseline_error.value > 0.3
    off = run.exit_score(every, draws * np.e**3, COUNTED)
    assert off.coverage.value == 0
    assert off.error.value == pytest.approx(3)
    unrated = [one for one in every if not outcome_model.rated(one.army)]
    assert unrated
    assert run.exit_score(unrated, draws[: len(unrated)], COUNTED) is None


# --- What is written.


@pytest.mark.slow
def test_a_folder_is_whole(found, tmp_path):
    page = found.save(tmp_path / "out", figures=True)
    names = {path.name for path in page.parent.iterdir()}
    assert names == {
        "backtest.json",
        "cases.csv",
        "scores.csv",
        "differences.csv",
        "coders.csv",
        "backtest.html",
        "figures",
        "result.npz",
    }
    drawn = {path.stem for path in (page.parent / "figures").glob("*.png")}
    both = {"calibration", "cases", "by_model", "differences"}
    assert drawn == both | {f"mass_desertion_{one}" for one in both} | {"pairs"}
    with (page.parent / "cases.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [one["case_id"] for one in rows] == [case.army_id for case in SHIPPED]
    with (page.parent / "scores.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {one["outcome"] for one in rows} == {"collapse", "mass_desertion"}
    assert len(rows) == 2 * len(found.scores["collapse"])
    text = page.read_text()
    assert "hindsight" in text
    assert set(re.findall(r'data-chart="(\w+)"', text)) == drawn
    page = found.save(tmp_path / "out")
    assert page.read_text() == text
    assert not (tmp_path / "out" / "figures").exists()


# --- The command line.


@pytest.fixture
def said(monkeypatch, capsys, tmp_path):
    from holdfast.cli import app

    monkeypatch.chdir(tmp_path)

    def run(*words):
        try:
            code = app.guarded(words)
        except SystemExit as stop:
            code = int(stop.code or 0)
        return code, *capsys.readouterr()

    return run


def test_the_screen_shows_everything_that_was_asked_for(faked, said):
    code, out, err = said("backtest")
    assert (code, err) == (0, "")
    assert out.index("Fresh coders' armies first") < out.index("RUS_1917")
    assert (
        out.index("coder1, foretelling") < out.index("Collapse: scores on 42 armies") < out.index("coder3, foretelling")
    )
    for words in ("nothing was simulated", "RUS_1917",
                  "Mass desertion: scores on 42 armies", "Collapse: scores on 42 armies", "hindsight",
                  "logit on all ten codes", "without operational shock",
                  "predicted without the whole war", "One army, two ends",
                  "Exits, ", "Only the ", "better"):  # fmt: skip
        assert words in out, words
    assert "…" not in out
    assert max(map(len, out.splitlines())) <= 110
    assert not list(Path().iterdir())


def test_json_is_all_that_is_printed(faked, said):
    code, out, err = said("backtest", "--json", "--out", "here", "--no-figures")
    assert (code, err) == (0, "")
    assert json.loads(out) == json.loads((Path("here") / "backtest.json").read_text())


def test_faults_come_with_a_cure(said):
    code, _, err = said("backtest", "--posterior", "no.npz")
    assert code == 2
    assert "no.npz" in err
    assert "holdfast calibrate" in err
    Path("bad.csv").write_text("case_id,F1_losses\nA,7\n")
    code, _, err = said("backtest", "--armies", "bad.csv")
    assert code == 2
    assert "F2_no_victory" in err
    assert "7" in err
    code, out, _ = said("backtest", "--armies", "none.csv", "--json")
    assert code == 2
    assert "none.csv" in json.loads(out)["error"]
    Path("file").write_text("")
    assert said("backtest", "--out", "file")[0] == 2
    assert said("backtest", "--workers", "0")[0] == 2
