"""Coded armies, the surrogate, the label layer, the fit and the posterior's file."""

import dataclasses
import datetime as dt
import math
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from holdfast.calibration import (
    coding_errors,
    diagnostics,
    holdout,
    outcome_model,
    posterior,
    predictor,
    run,
    sampling,
    screening,
    simulations,
    surrogate,
)
from holdfast.calibration import predictor as calibration_predictor
from holdfast.calibration.holdout import LEFT_OUT, Holdout, TrainingSet
from holdfast.calibration.levels import MOST, PRESSURES, Map, levels
from holdfast.calibration.posterior import Posterior
from holdfast.calibration.predictor import Predictor
from holdfast.coded_armies import army, codebook, reader
from holdfast.coded_armies.army import CODES, CodedArmy
from holdfast.core.faults import ArmiesError
from holdfast.core.units import MONTH_DAYS
from holdfast.io import records
from holdfast.stats import intervals

CALM = dict.fromkeys(CODES, 0) | {"enforcement": 1}
WORST = dict.fromkeys(CODES, 2) | {"enforcement": 0}


def job(
    cases: list[CodedArmy], draws: int = 1, levels: tuple[float, ...] = (5.0,), **inputs_: float
) -> simulations.Job:
    """A table of some cases with a few inputs set."""
    codes, ratio = simulations.coded_arrays(cases)
    given = {path: np.full(draws, value) for path, value in inputs_.items()} or {"choice.tempo": np.full(draws, 0.05)}
    level = np.broadcast_to(levels, (draws, len(cases), len(levels))).copy()
    return simulations.Job(given, codes, ratio, level, simulations.luck_of(cases), 1)


@pytest.fixture(scope="module")
def two() -> np.ndarray:
    """A calm army, one under every pressure and one between, at three levels of resolve."""
    cases = [CodedArmy("calm", CALM), CodedArmy("worst", WORST), CodedArmy("between", dict.fromkeys(CODES, 1))]
    return simulations.simulate(job(cases, levels=(2.5, 4.0, 5.5)))[0]


class TestPressures:
    def test_a_calm_army_is_under_no_pressure(self) -> None:
        calm = levels(Map(), {code: np.array(0) for code in CODES}, 1.0)
        for name in ("patron", "unpaid", "shock", "grievance", "exit", "captor"):
            assert float(calm[name]) == 0
        assert float(calm["vitality"]) == 1
        assert float(calm["force_ratio"]) == 1

    def test_levels_are_those_declared(self) -> None:
        given = levels(Map(), {code: np.array([0, 1, 2]) for code in CODES}, np.ones(3))
        assert np.asarray(given["losses"]).tolist() == [1, 5, 15]
        assert np.asarray(given["news"]) == pytest.approx([0.5, -0.2, -0.9])
        assert np.asarray(given["elite"]) == pytest.approx([0.9, 0.6, 0.2])
        assert np.asarray(given["enforcement"]) == pytest.approx([0.3, 1, 2])
        assert set(given) == set(PRESSURES)

    def test_odds_on_paper_end_at_four_to_one(self) -> None:
        given = levels(Map(), {code: np.zeros(3) for code in CODES}, np.array([0.01, 1.0, 100.0]))
        weight = float(Map().force_weight)
        assert np.asarray(given["force_ratio"]) == pytest.approx([MOST**-weight, 1, MOST**weight], rel=1e-5)


@pytest.mark.slow
class TestArmies:
    def test_the_calm_hold_and_the_beset_break(self, two: np.ndarray) -> None:
        gone = two[..., simulations.SUMMARY.index("lost_90")]
        assert (gone[0, 1:] < 0.05).all()
        assert (gone[1] > 0.4).all()

    def test_more_resolve_fewer_exits(self, two: np.ndarray) -> None:
        exits = two[2, :, simulations.SUMMARY.index("exits")]
        assert exits[0] > exits[1] > exits[2]

    def test_a_run_does_not_depend_on_its_neighbours(self, two: np.ndarray) -> None:
        alone = simulations.simulate(job([CodedArmy("worst", WORST)], levels=(2.5, 4.0, 5.5)))
        assert np.array_equal(alone[0, 0], two[1])

    def test_equal_luck_equal_run_and_other_luck_another(self) -> None:
        made = job([CodedArmy("a", WORST), CodedArmy("b", WORST)])
        same = dataclasses.replace(made, luck=np.array([7, 7]))
        other = dataclasses.replace(made, luck=np.array([7, 8]))
        same_runs, other_runs = simulations.simulate(same)[0], simulations.simulate(other)[0]
        assert np.array_equal(same_runs[0], same_runs[1])
        assert not np.array_equal(other_runs[0], other_runs[1])

    def test_the_first_days_kill_at_the_calm_rate(self) -> None:
        """An army that stays calm loses 1 killed per 1,000 a month, four times as many hit; nobody fills their places here.

        Of those hit some have healed within the month, and the green are hit somewhat more often.
        """
        many = simulations.BATCH
        calm = [CodedArmy(str(n), CALM) for n in range(many)]
        armies = simulations.simulated_armies(job(calm, levels=(9.0,), **{"map.inflow_0": 1e-9}))
        world = simulations.testbed()
        before = world.state.society
        society = dataclasses.replace(
            before, trained=jnp.zeros_like(before.trained), training=jnp.zeros_like(before.training)
        )
        no_recruits = dataclasses.replace(world, state=dataclasses.replace(world.state, society=society))
        days = simulations._batch(no_recruits, armies, np.arange(many), 1)
        lost = 1 - days["present"][29].mean() / simulations.MEN
        hit = 30 / MONTH_DAYS * 1e-3 / 0.25
        error = math.sqrt(hit / (simulations.MEN * many))
        assert 0.8 * hit - 3 * error < lost < 1.2 * hit + 3 * error

    def test_the_shock_ends(self) -> None:
        calm, full = ({name: jnp.asarray(0.5) for name in PRESSURES}, {name: jnp.asarray(1.0) for name in PRESSURES})
        course = simulations.Course(full, calm, jnp.asarray(60.0), jnp.asarray(45.0))
        of = lambda day: float(simulations.forcing_of(course, jnp.asarray(day), 5).rates.shock[0])  # noqa: E731
        assert [of(0), of(59), of(60), of(104), of(105), of(200)] == [0, 0, 1, 1, 0, 0]

    def test_a_table_in_parts_is_the_table(self, tmp_path: Path) -> None:
        made = dataclasses.replace(job([CodedArmy("calm", CALM), CodedArmy("worst", WORST)], draws=4), part=4)
        told: list[tuple[int, int]] = []
        folder = tmp_path
        whole = simulations.table(made, folder, workers=1, progress=lambda done, total, _: told.append((done, total)))
        assert np.array_equal(whole, simulations.simulate(made))
        assert told[-1] == (2, 2)
        first, second = sorted(folder.rglob("part-*.npz"))
        first.unlink()
        records.write(second, records.read(second) + 1)  # a part that stands is used, not simulated again
        again = simulations.table(made, folder, workers=1, progress=lambda *_: None)
        assert np.array_equal(again[:2], whole[:2])
        assert np.array_equal(again[2:], whole[2:] + 1)

    def test_batches_are_full(self) -> None:
        """A batch of a few runs costs as much as a full one: nineteen armies under 48 draws at five levels fill 37."""
        made = job([CodedArmy(str(number), CALM) for number in range(19)], draws=48, levels=(3.0, 4.0, 5.0, 6.0, 7.0))
        parts = made.parts()
        assert sum(len(part.armies) for part in parts) == 19 * 48 * 5
        assert (
            sum(-(-len(part.armies) // simulations.BATCH) for part in parts)
            == -(-19 * 48 * 5 // simulations.BATCH)
            == 37
        )
        np.testing.assert_array_equal(
            np.concatenate([part.armies.luck for part in parts]), simulations.simulated_armies(made).luck
        )

    def test_a_longer_run_begins_as_the_shorter_and_its_ends_are_those_of_its_war(self) -> None:
        cases = [CodedArmy("worst", WORST), CodedArmy("calm", CALM)]
        short = job(cases, draws=3, levels=(2.5, 4.0))
        runs = simulations.simulated_armies(short)
        one, two = (simulations.batch(runs, 0, short.seed, days, len(runs)) for days in (60, 150))
        for name, values in one.items():
            np.testing.assert_array_equal(two[name][:60], values, err_msg=name)
        long = simulations.alone(short, 150)
        assert (long.shape, long.days) == ((3, 1, 2), 150)
        assert long.digest() != dataclasses.replace(long, days=simulations.DAYS).digest()
        every = simulations.ends(long).reshape(-1, 3)
        first = every[:, :2]  # collapse and settlement end a war, an army's destruction does not
        fought = two["active"][:, np.tile([True, True, False, False], 3)].sum(axis=0)  # the worst army's runs
        ended = np.where(first.max(axis=1) < 0, 150, first.max(axis=1) + 1)
        assert (first.min(axis=1) == -1).all()  # never both
        assert (fought < 150).any()
        # The engine counts men in the morning and sees a collapse a day later, if at all apart.
        assert set(np.unique(fought - ended)) <= {0, 1}
        table, again = simulations.table_and_ends(short, long, workers=1, progress=lambda *_: None)
        np.testing.assert_array_equal(again.reshape(-1, 3), every)
        np.testing.assert_array_equal(table, simulations.simulate(short))


class TestAblations:
    CODED = np.array([[2.0] * 10])

    def test_each_takes_out_what_it_says(self) -> None:
        given = {"choice.tempo": np.ones(3)}
        codes, _ = simulations.without("essay_five", self.CODED, given)
        assert codes.tolist() == [[2, 2, 2, 2, 2, 0, 0, 0, 0, 1]]
        codes, _ = simulations.without("no_shock", self.CODED, given)
        assert codes.tolist() == [[2, 2, 2, 2, 2, 2, 2, 0, 2, 2]]
        _, changed = simulations.without("no_bond", self.CODED, given)
        assert changed["bond.coupling"].tolist() == [0, 0, 0]
        assert self.CODED.tolist() == [[2.0] * 10]

    def test_an_unknown_one_is_refused(self) -> None:
        with pytest.raises(ValueError, match="no ablation"):
            simulations.without("no_weather", self.CODED, {"choice.tempo": np.ones(1)})

    @pytest.mark.slow
    def test_without_swamping_an_army_that_breaks_is_still_caught(self) -> None:
        case = [CodedArmy(str(n), WORST) for n in range(8)]
        whole, without = job(case), dataclasses.replace(job(case), ablation="no_swamping")
        gone = [
            simulations.simulate(one)[0, :, 0, simulations.SUMMARY.index("gone_90")].mean() for one in (whole, without)
        ]
        assert gone[1] < gone[0]


class TestInputs:
    def test_every_prior_has_its_median_at_score_zero(self) -> None:
        paths = list(simulations.free())
        given = simulations.values(paths, np.zeros((1, len(paths))))
        assert given["choice.tempo"][0] == pytest.approx(0.05)
        assert given["map.news_2"][0] == pytest.approx(-0.9)
        assert 0 < given["front.break_ratio"][0] < 1

    def test_conventions_are_not_free(self) -> None:
        assert "choice.noise" not in simulations.free()
        assert "choice.noise" in simulations.declared()

    def test_split(self) -> None:
        parts = simulations.split({"choice.tempo": np.ones(1), "map.ramp": np.ones(1), "army.resolve_sd": np.ones(1)})
        assert list(parts.model) == ["choice.tempo"]
        assert list(parts.map) == ["ramp"]
        assert parts.resolve_sd is not None


class TestScreening:
    def test_effects_of_a_linear_world(self) -> None:
        """Two inputs of three move the armies apart, one moves all alike and does not count."""
        from SALib.sample import morris as sampling

        names = ["apart", "half", "alike"]
        problem: dict[str, object] = {"num_vars": 3, "names": names, "bounds": [[0.0, 1.0]] * 3}
        shares = sampling.sample(problem, N=8, num_levels=4, seed=1)
        slopes = np.array([[2.0, 1.0, 3.0], [-2.0, -1.0, 3.0]])
        found = screening.effects(problem, shares, shares @ slopes.T)
        assert found == pytest.approx([2.0, 1.0, 0.0], abs=1e-9)


def layer(**given: float) -> outcome_model.Layer:
    """A label layer at its medians, but for what is given."""
    return {
        **outcome_model.values(jnp.zeros(len(outcome_model.NAMES))),
        **{name: jnp.asarray(v) for name, v in given.items()},
    }


class TestLabels:
    def test_either_way_of_collapse_will_do(self) -> None:
        held, gone, broken = np.full(7, -5.0), np.full(7, -5.0), np.full(7, -5.0)
        for one in (held, gone, broken):
            one[outcome_model.SPEED], one[outcome_model.STRENGTH], one[outcome_model.AUTHORITY] = (
                0,
                0,
                outcome_model.AUTHORITY_MIDDLE,
            )
        gone[outcome_model.GONE], broken[outcome_model.BROKEN] = 1.0, 1.5
        chance = [float(outcome_model.chances(layer(wrong=0.0), jnp.asarray(x))[0]) for x in (held, gone, broken)]
        assert chance[0] < 0.01
        assert min(chance[1:]) > 0.8

    def test_who_still_commands_restores(self) -> None:
        seen = np.zeros((2, 7))
        seen[0, outcome_model.AUTHORITY], seen[1, outcome_model.AUTHORITY] = math.log(0.9), math.log(0.1)
        strong, weak = outcome_model.chances(layer(), jnp.asarray(seen))[0]
        assert strong < weak

    def test_a_label_may_be_wrong(self) -> None:
        sure = np.zeros(7)
        sure[outcome_model.GONE], sure[outcome_model.MASS] = 50, 50
        collapse, mass = outcome_model.chances(layer(wrong=0.1), jnp.asarray(sure))
        assert float(collapse) == pytest.approx(0.9, abs=1e-4)
        assert float(mass) == pytest.approx(0.9, abs=1e-4)

    def test_spread_flattens_towards_a_half_as_its_mean_would(self) -> None:
        draws = np.random.default_rng(1).normal(1.5, 2.0, 200_000)
        exact = float(np.mean(1 / (1 + np.exp(-draws))))
        near = float(jax.nn.sigmoid(outcome_model.flattened(jnp.asarray(1.5), jnp.asarray(2.0))))
        assert near == pytest.approx(exact, abs=0.01)

    def test_facts_leave_out_rates_of_short_spans(self) -> None:
        facts = outcome_model.facts_of(
            [
                CodedArmy("rout", CALM, months=0.2, exits_per_1000_month=4000, collapse=True),
                CodedArmy("war", CALM, months=12, exits_per_1000_month=16, collapse=False, mass_desertion=True),
            ]
        )
        assert facts.known.tolist() == [[1, 0, 0], [1, 1, 1]]
        assert facts.exits[1] == pytest.approx(math.log(16))


@pytest.fixture(scope="module")
def toy() -> Posterior:
    """A posterior over two inputs with an untaught network: wrong, but whole."""
    cases = army.independent(reader.shipped())[:6]
    size = 2 + len(outcome_model.NAMES)
    draws = np.random.default_rng(1).standard_normal((64, size)).astype(np.float32)
    net = surrogate.blank(2, seed=3)
    recipe = {"seed": 1, "plan": {"seed": 1}}
    names = tuple(case.army_id for case in cases)
    return Posterior(
        ("choice.tempo", "map.shock_2"), names, {"none": draws, "no_bond": draws}, net, coding_errors.exact(),
        army.array(cases)[:, None], recipe, "",
    )  # fmt: skip


SIX = army.independent(reader.shipped())[:6]


@pytest.mark.parametrize("function", ["values", "leaning", "chances", "coded_log_rate"])
def test_numpy_and_jax_give_the_same_to_the_last_digit(function: str) -> None:
    """Runs are made from one and fits from the other."""
    random = np.random.default_rng(1)
    scores = random.standard_normal((7, len(outcome_model.NAMES))).astype(np.float32)
    layer = {name: np.asarray(value) for name, value in outcome_model.values(jnp.asarray(scores)).items()}
    wide = {name: value[:, None] for name, value in layer.items()}
    features = 3 * random.standard_normal((7, 5, len(surrogate.FEATURES))).astype(np.float32)
    arguments = {
        "values": (scores,), "leaning": (wide, random.integers(0, 3, (7, 5, len(CODES))).astype(float)),
        "chances": (wide, features), "coded_log_rate": (wide, features[..., outcome_model.EXITS]),
    }[function]  # fmt: skip
    of = getattr(outcome_model, function)
    plain, by_jax = of(*arguments), of(*jax.tree.map(jnp.asarray, arguments))
    jax.tree.map(np.testing.assert_array_equal, plain, by_jax)
    assert {type(leaf) for leaf in jax.tree.leaves(plain)} == {np.ndarray}


class TestLikelihood:
    @pytest.mark.slow
    def test_chances_of_a_label_and_its_opposite_sum_to_one(self, toy: Posterior) -> None:
        facts = outcome_model.facts_of(SIX)
        only = np.zeros_like(facts.known)
        only[:, 0] = 1
        yes, no = (dataclasses.replace(facts, collapse=np.full(len(SIX), told), known=only) for told in (1.0, 0.0))
        row = jnp.asarray(toy.draws["none"][0])
        each = [
            outcome_model.log_likelihood(toy.surrogate, row, outcome_model.data_of(SIX, facts=f)) for f in (yes, no)
        ]
        assert np.asarray(jnp.exp(each[0]) + jnp.exp(each[1])) == pytest.approx(np.ones(6), abs=1e-5)
        told = outcome_model.predicted(toy.surrogate, row, outcome_model.data_of(SIX))[0]
        assert np.asarray(jnp.exp(each[0])) == pytest.approx(np.asarray(told), abs=1e-5)

    @pytest.mark.slow
    def test_what_is_not_known_tells_nothing(self, toy: Posterior) -> None:
        facts = outcome_model.facts_of(SIX).only(np.zeros(6))
        row = jnp.asarray(toy.draws["none"][0])
        each = outcome_model.log_likelihood(toy.surrogate, row, outcome_model.data_of(SIX, facts=facts))
        assert np.asarray(each) == pytest.approx(np.zeros(6), abs=1e-5)

    @pytest.mark.slow
    def test_a_fit_to_nothing_is_the_prior_and_is_kept(self, toy: Posterior, tmp_path: Path) -> None:
        facts = outcome_model.facts_of(SIX).only(np.zeros(6))
        data = {"nothing": outcome_model.data_of(SIX, facts=facts)}
        length = sampling.Length(chains=2, warmup=150, draws=250)
        told = [
            sampling.run(
                toy.surrogate, data, 2, 1, length, folder=tmp_path, workers=1, progress=lambda *_: None, what="fitting"
            )
            for _ in range(2)
        ]
        (draws, how), (again, _) = (one["nothing"] for one in told)
        error = 1 / math.sqrt(how["ess"])
        assert np.abs(draws.mean(axis=0)).max() < 4 * error
        assert np.abs(draws.std(axis=0) - 1).max() < 4 * error
        assert np.array_equal(draws, again)
        assert len(list(tmp_path.rglob("nothing.npz"))) == 1


def test_effective_draws_of_what_is_told() -> None:
    """Independent draws are worth their number, to within its usual error."""
    chance = 1 / (1 + np.exp(-np.random.default_rng(1).standard_normal((2000, 3))))
    assert sampling.chances_ess(chance, 4) == pytest.approx(2000, rel=0.25)
    slow = np.repeat(chance[::20], 20, axis=0)
    assert sampling.chances_ess(slow, 4) < 300


def test_a_fit_that_did_not_settle_is_refused() -> None:
    good = {"r_hat": 1.0, "ess": 500.0, "diverging": 0.0}
    sampling.check_mixing(good, "the whole model")
    for bad in (good | {"r_hat": 1.2}, good | {"ess": 20.0}, good | {"chance_ess": 100.0}):
        assert sampling.poorly_mixed(bad) or "chance_ess" in bad
        with pytest.raises(sampling.FitError, match="did not settle"):
            sampling.check_mixing(bad, "the whole model")


class TestSurrogate:
    @pytest.mark.slow
    def test_it_learns_what_it_is_shown(self) -> None:
        """Features that are a known function of resolve and of one input: learnt to 95 % on draws that it did not see."""
        generator = np.random.default_rng(1)
        draws, cases = 200, 10
        scores = generator.standard_normal((draws, 2))
        codes = generator.integers(0, 3, (draws, cases, len(CODES))).astype(float)
        resolve = generator.uniform(*simulations.RESOLVE, (draws, cases, 1))
        made = simulations.Job({"x": np.zeros(draws)}, codes, np.ones(cases), resolve, np.zeros(cases, int), 1)
        truth = resolve[..., 0] - 5 + scores[:, :1] + 0.5 * codes[..., 0]
        given = surrogate.lessons(scores, made, np.ones((draws, cases, 1, len(simulations.SUMMARY))), 0)
        seen = truth.reshape(-1, 1) * np.linspace(0.5, 1.5, len(surrogate.FEATURES))
        _, told = surrogate.teach(dataclasses.replace(given, seen=seen.astype(np.float32)), 1500, 1, lambda *_: None)
        assert min(told["explained"].values()) > 0.95
        end = told["end"]
        assert end["unseen_loss"] == told["test_loss"]
        assert abs(end["seen_loss"] - end["unseen_loss"]) < 0.5  # learnt, not learnt by heart
        assert abs(end["last_tenth_gain"]) < 0.2
        assert 0 < end["slope"] < 1

    def test_a_network_is_read_without_drawing_one(self, toy: Posterior, caplog: pytest.LogCaptureFixture) -> None:
        plain = surrogate.arrays(toy.surrogate)
        # Of a size that no other test has, or its programs would be there already.
        plain["weight_0"] = np.pad(plain["weight_0"], ((0, 0), (0, 7)))
        with jax.log_compiles(), caplog.at_level("WARNING"):
            surrogate.from_arrays(plain)
        assert not [line for line in caplog.messages if "Finished XLA compilation" in line]

    def test_kept_and_read_again_it_says_the_same(self, toy: Posterior) -> None:
        again = surrogate.from_arrays(surrogate.arrays(toy.surrogate))
        army = jnp.asarray(surrogate.about(np.ones(10), 2.0))
        said = [
            net(jnp.ones(2), army, jnp.zeros(len(simulations.ABLATIONS) - 1), jnp.asarray(5.0))
            for net in (toy.surrogate, again)
        ]
        assert all(
            np.array_equal(a, b) for a, b in zip(jax.tree.leaves(said[0]), jax.tree.leaves(said[1]), strict=True)
        )

    def test_lessons_of_the_cases_are_spread_over_resolve_and_some_codes_are_moved(self) -> None:
        cases = reader.shipped()
        made = simulations.design(cases, ("choice.tempo",), np.zeros((40, 1)), 1)
        moved = (made.codes != army.array(cases)[None]).any(axis=-1).mean()
        error = math.sqrt(0.2 * 0.8 / made.codes[..., 0].size)
        # A code moved to what it was already is not seen to have moved.
        assert 0.2 * 0.6 < moved < 0.2 + 3 * error
        assert made.resolve.min() >= simulations.RESOLVE[0]
        assert made.resolve.max() <= simulations.RESOLVE[1]


class TestPosterior:
    def test_leaving_a_case_out_divides_by_its_likelihood(self, toy: Posterior) -> None:
        """Worked out in weights and not in logs; the largest weight is cut at 1 over the root of the draws."""
        weighed = posterior.weigh(toy, SIX)
        weight = 1 / np.exp(weighed.log_likelihood[:, 2])
        cut = np.minimum(weight / weight.sum(), 1 / np.sqrt(len(weight)))
        left = np.exp(weighed.leaving(np.arange(6) == 2))
        assert left == pytest.approx(cut / cut.sum(), abs=1e-9)
        assert left.max() / left.min() > 1.05  # the army says something, so leaving it out changes weights
        by_likelihood = np.argsort(weighed.log_likelihood[:, 2])
        assert left[by_likelihood[0]] == left.max()

    def test_leaving_out_twice_is_leaving_both_out(self, toy: Posterior) -> None:
        weighed = posterior.weigh(toy, SIX)
        both = weighed.leaving(np.isin(np.arange(6), (2, 3)))
        first = weighed.leaving(np.arange(6) == 2)
        twice = dataclasses.replace(weighed, log_weight=first).leaving(np.arange(6) == 3)
        whole = np.all([weights < weights.max() - 1e-9 for weights in (first, twice, both)], axis=0)  # not cut anywhere
        assert whole.sum() > len(whole) / 2
        assert np.ptp((twice - both)[whole]) < 1e-6  # equal but for what the cut weights leave to the others

    def test_a_case_that_did_not_teach_leaves_nothing(self, toy: Posterior) -> None:
        weighed = posterior.weigh(toy, SIX, np.arange(6) != 2)
        assert weighed.leaving(np.arange(6) == 2) == pytest.approx(intervals.truncated(weighed.log_weight))

    def test_the_likelihood_is_worked_out_once_and_only_where_an_army_is_taken_off(
        self, toy: Posterior, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It takes seconds, and an army that was never seen needs none of it."""
        asked: list[tuple[CodedArmy, ...]] = []
        of_armies = posterior._likelihoods

        def counted(of: Posterior, armies: tuple[CodedArmy, ...], ablation: str) -> np.ndarray:
            asked.append(armies)
            return of_armies(of, armies, ablation)

        monkeypatch.setattr(posterior, "_likelihoods", counted)
        own = predictor.predictor(toy, SIX)
        own.log_weight(frozenset())
        own.log_weight(frozenset(["an army that nobody knows"]))
        assert asked == []
        other = dataclasses.replace(own.weighed, log_weight=own.log_weight(frozenset([SIX[0].army_id])))
        other.leaving(np.arange(6) == 1)
        assert len(asked) == 1
        assert not np.allclose(own.log_weight(frozenset([SIX[0].army_id])), own.log_weight(frozenset()))

    def test_a_model_with_a_part_left_out_needs_no_program_of_its_own(
        self, toy: Posterior, caplog: pytest.LogCaptureFixture
    ) -> None:
        whole = posterior.weigh(toy, SIX).log_likelihood
        with jax.log_compiles(), caplog.at_level("WARNING"):
            without = posterior.weigh(toy, SIX, ablation="no_bond").log_likelihood
        assert not [line for line in caplog.messages if "Finished XLA compilation" in line]
        assert not np.array_equal(whole, without)  # the network is told which part is out

    def test_large_weights_are_cut(self, toy: Posterior) -> None:
        """One draw of 64 would weigh as much as all others: it is left with 1/8 before the rest is normalised."""
        weighed = posterior.weigh(toy, SIX)
        single = np.zeros_like(weighed.log_likelihood)
        single[0, 0] = -math.log(63)
        left = np.exp(dataclasses.replace(weighed, likelihoods=lambda: single).leaving(np.arange(6) == 0))
        assert left[0] == pytest.approx(0.125 / (0.125 + 0.5))
        assert left[1:] == pytest.approx(np.full(63, 0.5 / 63 / (0.125 + 0.5)))

    def test_only_history(self) -> None:
        shipped = reader.shipped()
        by = holdout.ended_by(shipped, dt.date(2023, 11, 15))
        late = {case.army_id for case, known in zip(shipped, by, strict=True) if not known}
        assert {"RUS_2022_25", "UKR_2022_25", "SYR_2024"} <= late
        assert all(case.end is not None and case.end <= dt.date(2023, 11, 15) for case in np.array(shipped)[by])

    def test_equal_draws_stand_for_the_weights(self) -> None:
        weight = np.log(np.array([0.5, 0.3, 0.2]))
        rows = intervals.resampled(weight, 1000, 1)
        assert np.bincount(rows) == pytest.approx([500, 300, 200], abs=1)

    def test_kept_and_read_again(self, toy: Posterior, tmp_path: Path) -> None:
        path = tmp_path / "posterior.npz"
        posterior.save(path, toy)
        again = posterior.load(path)
        assert again.paths == toy.paths
        assert again.armies == toy.armies
        assert np.array_equal(again.draws["no_bond"], toy.draws["no_bond"])
        assert again.digest == posterior.load(path).digest
        changed = dataclasses.replace(toy, draws={"none": toy.draws["none"] + 1})
        posterior.save(path, changed)
        assert posterior.load(path).digest != again.digest

    def test_no_file_and_no_posterior(self, tmp_path: Path) -> None:
        with pytest.raises(posterior.PosteriorError, match="no such file"):
            posterior.load(tmp_path / "none.npz")
        other = tmp_path / "other.npz"
        np.savez(other, x=np.zeros(1))
        with pytest.raises(posterior.PosteriorError, match="no posterior"):
            posterior.load(other)


class TestRequests:
    def test_unknown_codes_are_refused_before_anything_runs(self, tmp_path: Path) -> None:
        gaps = [CodedArmy("A", CALM | {"losses": None, "safe_exit": None}), CodedArmy("B", CALM), CodedArmy("C", {})]
        with pytest.raises(ArmiesError) as raised:
            run.calibrate(gaps, plan=run.QUICK, folder=tmp_path)
        assert [fault.place for fault in raised.value.faults] == ["A", "C"]
        assert "no code for losses" in str(raised.value)
        assert not list(tmp_path.iterdir())

    def test_an_army_may_have_a_row_for_each_coder(self, tmp_path: Path) -> None:
        head = ",".join(["coder", "case_id", *codebook.CODE_COLUMNS.values()])
        rows = [f"{coder},A" + f",{level}" * 10 for coder, level in (("ann", 1), ("bob", 2), ("bob", 0))]
        (tmp_path / "two.csv").write_text("\n".join([head, *rows[:2]]) + "\n")
        (tmp_path / "thrice.csv").write_text("\n".join([head, *rows]) + "\n")
        assert [each.coder for each in reader.read(tmp_path / "two.csv", many_coders=True)] == ["ann", "bob"]
        with pytest.raises(ArmiesError, match="row 2 has it too"):
            reader.read(tmp_path / "two.csv")
        with pytest.raises(ArmiesError, match="for each coder; row 3 has it too"):
            reader.read(tmp_path / "thrice.csv", many_coders=True)


class TestPredictions:
    def test_unknown_codes_may_be_anything_and_those_of_exact_coders_are_so(self, toy: Posterior) -> None:
        case = CodedArmy("half", dict.fromkeys(CODES, 1) | {"safe_exit": None})
        read = toy.readings_of([case], 200)
        known = [i for i, code in enumerate(CODES) if code != "safe_exit"]
        assert (read[..., known] == 1).all()
        assert set(read[0, :, CODES.index("safe_exit")]) == {0, 1, 2}

    @pytest.mark.slow
    def test_an_unseen_army_is_run(self, toy: Posterior) -> None:
        cases = [CodedArmy("calm", CALM), CodedArmy("worst", WORST)]
        weighed = posterior.weigh(toy, SIX)
        told = predictor.unseen(cases, weighed, workers=1, progress=lambda *_: None, draws=6)
        collapse, mass = told.means()
        assert collapse[1] > collapse[0]
        assert mass[1] > mass[0]
        assert told.exits.shape == (2, 6)
        assert told.how == ("never seen", "never seen")

    @pytest.mark.slow
    def test_left_out_and_joined(self, toy: Posterior) -> None:
        weighed = posterior.weigh(toy, SIX)
        predictor = Predictor(TrainingSet(SIX, SIX), weighed)
        told = predictor.by_weights([Holdout(army, LEFT_OUT, frozenset([army.army_id])) for army in SIX])
        assert told.p_collapse.shape == (6, calibration_predictor.EQUAL_DRAWS)
        assert ((told.p_collapse > 0) & (told.p_collapse < 1)).all()
        order = [case.army_id for case in reversed(SIX)]
        again = calibration_predictor.joined([told], order)
        assert [case.army_id for case in again.armies] == order
        assert again.p_collapse[0] == pytest.approx(told.p_collapse[-1])


class TestChecks:
    def test_inside(self) -> None:
        assert diagnostics.inside([0.01, 0.5, 0.5, 0.99]) == 0.5
        assert math.isnan(diagnostics.inside([]))

    def test_verdicts(self) -> None:
        assert [diagnostics.verdict(x) for x in (0.5, 0.8, 1.0)] == ["pinned down", "narrowed", "left at its prior"]

    @pytest.mark.slow
    def test_an_invented_history_has_our_gaps(self, toy: Posterior) -> None:
        weighed = posterior.weigh(toy, SIX)
        facts = diagnostics.invented(weighed, toy.draws["none"][0], np.random.default_rng(1))
        assert np.array_equal(facts.known, outcome_model.facts_of(SIX).known)
        assert set(facts.collapse) <= {0.0, 1.0}
        assert np.isfinite(facts.exits).all()
