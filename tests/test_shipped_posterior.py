"""The posterior that comes with the package: whole, of these cases, settled, and fit for what is asked of it."""

import datetime as dt

import numpy as np
import pytest

from holdfast.calibration import history, holdout, outcome_model, posterior, predictor, run, sampling, simulations
from holdfast.calibration.holdout import TrainingSet
from holdfast.calibration.posterior import Posterior, Weighed
from holdfast.calibration.predictor import Predictor
from holdfast.coded_armies import army, reader
from holdfast.core.faults import ScenarioError
from holdfast.stats import intervals, scoring

pytestmark = pytest.mark.slow
CASES = army.independent(reader.whole_spans())


@pytest.fixture(scope="module")
def shipped() -> Posterior:
    return posterior.shipped()


@pytest.fixture(scope="module")
def weighed(shipped: Posterior) -> Weighed:
    return posterior.weigh(shipped, CASES)


def test_it_was_taught_by_the_shipped_cases_as_they_are(shipped: Posterior) -> None:
    assert shipped.armies == tuple(case.army_id for case in CASES)
    assert shipped.recipe["cases"] == run.fingerprint(reader.codings()), "renew it: holdfast calibrate"


def test_it_holds_draws_of_every_model(shipped: Posterior) -> None:
    size = len(shipped.paths) + len(outcome_model.NAMES)
    assert set(shipped.draws) == set(simulations.ABLATIONS)
    for name, draws in shipped.draws.items():
        assert draws.shape[1] == size, name
        assert np.isfinite(draws).all(), name
        assert len(draws) >= (800 if name == "none" else 600), name


def test_its_chains_had_settled(shipped: Posterior) -> None:
    """The whole model's, by the rule that calibration holds it to; those of the ablations are for comparison only."""
    sampling.check_mixing(shipped.recipe["chains"]["none"], "the whole model")
    assert shipped.recipe["chains"]["none"]["chance_ess"] >= sampling.ESS_CHANCES
    for name, told in shipped.recipe["chains"].items():
        assert told["r_hat"] < 1.1, name


def test_its_inputs_are_declared_and_free(shipped: Posterior) -> None:
    assert set(shipped.paths) <= set(simulations.free())


def test_leaving_cases_out_leaves_draws_enough(weighed: Weighed) -> None:
    worth = [intervals.effective_size(weighed.leaving(np.arange(len(CASES)) == row)) for row in range(len(CASES))]
    assert min(worth) > 50


def test_left_out_it_tells_armies_that_broke_from_those_that_held(weighed: Weighed) -> None:
    """Far from chance, by three standard errors of an AUC; how far from its rivals is the backtest's business."""
    training = TrainingSet(CASES, CASES)
    told = Predictor(training, weighed).by_weights(holdout.holdouts(training, CASES), exits=False).means()[0]
    came = np.array([float(bool(case.collapse)) for case in CASES])
    value = scoring.auc(told, came)
    assert value - 3 * scoring.auc_error(value, int(came.sum()), int((1 - came).sum())) > 0.5


@pytest.mark.slow
def test_runs_say_what_the_surrogate_says(weighed: Weighed) -> None:
    """Two that broke and two that held, truly run, beside the surrogate under the same ten draws: chances within 0.12."""
    names = ("AFG_2021", "KMT_1948_49", "GBR_BEF_1914_18", "FIN_1939_40")
    cases = [case for case in CASES if case.army_id in names]
    rows = intervals.resampled(weighed.log_weight, 10, 1)
    by_surrogate = weighed.chances[0][rows][:, [CASES.index(case) for case in cases]].mean(axis=0)
    ran = predictor.unseen(cases, weighed, workers=2, progress=lambda *_: None, draws=10)
    assert ran.means()[0] == pytest.approx(by_surrogate, abs=0.12)
    assert np.ptp(by_surrogate) > 0.5  # so that a chance of one half for all would not do


def test_draws_for_a_scenario_are_parameters_of_the_model_and_levels_of_resolve() -> None:
    russia = history.coded("RUS_1917")
    few, many = history.draws(3, [russia], seed=2), history.draws(50, [russia], seed=2)
    assert few.parameters == many.parameters[:3]  # draw k is the same however many are wanted
    np.testing.assert_array_equal(few.resolve, many.resolve[:3])
    assert few.parameters[0]
    assert all(not path.startswith(("map.", "army.")) for path in few.parameters[0])


def test_an_army_of_history_that_is_run_again_taught_nothing_with_its_whole_war() -> None:
    out = history.of_wars(["RUS_1917"])
    assert {"RUS_1917", "ITA_1917", "GER_1918"} <= out
    drawn = history.draws(200, [history.coded("RUS_1917")], out=out)
    assert set(drawn.out) == out
    whole = history.draws(200, [history.coded("RUS_1917")])
    assert whole.out == () and whole.worth > drawn.worth  # noqa: PT018
    assert not np.array_equal(whole.resolve, drawn.resolve)


def test_codes_tell_a_level_of_resolve_as_far_as_history_bears_it_out() -> None:
    """The mean level of all armies and its spread, by the layer's own numbers; an army of which nothing is coded leans nowhere."""
    drawn = history.draws(1200, [history.NOBODY])
    layer = outcome_model.values(posterior.shipped().draws["none"][:, -len(outcome_model.NAMES) :])
    mean = np.asarray(layer["resolve_mean"])
    error = np.sqrt(drawn.resolve.var() / 1200 + mean.var() / 1200)
    assert abs(drawn.resolve.mean() - mean.mean()) < 4 * error
    assert drawn.resolve.std() > np.asarray(layer["resolve_between"]).mean()


def test_the_likelihood_in_the_file_is_that_of_its_draws(shipped: Posterior, weighed: Weighed) -> None:
    own = [place for place, army in enumerate(CASES) if army.army_id in shipped.armies]
    assert shipped.likelihood is not None
    of_file = shipped.likelihood_of([CASES[place] for place in own])
    np.testing.assert_allclose(of_file, weighed.log_likelihood[:, own], atol=2e-3)


def test_an_army_that_is_not_shipped_is_refused_with_the_name_that_was_meant() -> None:
    with pytest.raises(ScenarioError, match="RUS_1917"):
        history.coded("RUS_1971")


def test_only_wars_that_had_ended_teach_a_forecast(weighed: Weighed, shipped: Posterior) -> None:
    early = posterior.weigh(shipped, CASES, holdout.ended_by(CASES, dt.date(2023, 11, 15)))
    gone = {case.army_id for case, kept in zip(CASES, early.taught, strict=True) if not kept}
    assert gone == {"RUS_2022_25", "UKR_2022_25", "SYR_2024", "SDF_SAF_2023_25"}
    out = np.array([case.army_id in gone for case in CASES])
    assert early.log_weight == pytest.approx(weighed.leaving(out), abs=1e-5)
