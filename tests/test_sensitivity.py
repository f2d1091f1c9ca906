"""Sweeps: exact indices, planted boxes, each guard around the libraries, requests with every fault, and the command."""

from __future__ import annotations

import dataclasses
import json
import math
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from scipy.stats import binom, t

import holdfast as hf
from holdfast.calibration import screening
from holdfast.cli import app
from holdfast.core.faults import FaultyError
from holdfast.core.params import Fixed, LogNormal
from holdfast.engine.mechanisms import choice
from holdfast.ensemble.designs import Design
from holdfast.present import sensitivity_figures, sensitivity_report
from holdfast.sensitivity import boxes, indices, inputs, request, run
from holdfast.sensitivity.request import Wanted
from holdfast.sensitivity.result import Luck, Sweep, explained
from holdfast.stats.finite import NonFiniteError, refuse_nonfinite

NAMES = ("first", "second", "third")
A, B = 7.0, 0.1
PARTS = {"first": 0.5 * (1 + B * np.pi**4 / 5) ** 2, "second": A**2 / 8, "both": B**2 * np.pi**8 * (1 / 18 - 1 / 50)}
TOTAL = sum(PARTS.values())
FIRST = np.array([PARTS["first"], PARTS["second"], 0.0]) / TOTAL
WHOLE = np.array([PARTS["first"] + PARTS["both"], PARTS["second"], PARTS["both"]]) / TOTAL
"""Sobol indices of Ishigami's function (Ishigami and Homma 1990), worked out by hand."""


def ishigami(shares: np.ndarray) -> np.ndarray:
    x = (2 * shares - 1) * np.pi
    return np.sin(x[:, 0]) + A * np.sin(x[:, 1]) ** 2 + B * x[:, 2] ** 4 * np.sin(x[:, 0])


class TestIndices:
    def test_intervals_cover_the_exact_indices_of_ishigami(self) -> None:
        seeds = 30
        covered = np.zeros((2, 3))
        for seed in range(seeds):
            design = indices.sobol_design(NAMES, 256, seed)
            of = indices.sobol_indices(design, ishigami(design.points), "y")
            for row, (estimates, exact) in enumerate(((of.first, FIRST), (of.total, WHOLE))):
                covered[row] += [one.low <= value <= one.high for one, value in zip(estimates, exact, strict=True)]
        assert (covered >= binom.ppf(0.001, seeds, 0.9)).all(), covered / seeds

    def test_estimates_close_in_on_the_exact_ones(self) -> None:
        design = indices.sobol_design(NAMES, 4096, 1)
        of = indices.sobol_indices(design, ishigami(design.points), "y")
        assert [one.value for one in of.first] == pytest.approx(FIRST, abs=0.02)
        assert [one.value for one in of.total] == pytest.approx(WHOLE, abs=0.02)

    def test_intervals_of_a_rare_outcome_cover_its_exact_indices(self) -> None:
        """It comes in 4 % of the points, at about five of 128: SALib's own intervals of the first order cover 0.3 of them."""
        seeds, p = 40, 0.2
        variance = p**2 * (1 - p**2)
        first, whole = (np.array([part, part, 0.0]) / variance for part in (p**3 * (1 - p), p**2 * (1 - p)))
        covered = np.zeros((2, 3))
        for seed in range(seeds):
            design = indices.sobol_design(NAMES, 64, seed)
            came = (design.points[:, :2] < p).all(axis=1).astype(float)
            assert design.uncommon(came) < indices.FEW
            of = indices.sobol_indices(design, came, "y")
            for row, (estimates, exact) in enumerate(((of.first, first), (of.total, whole))):
                covered[row] += [
                    one.low - 1e-12 <= value <= one.high + 1e-12 for one, value in zip(estimates, exact, strict=True)
                ]
        assert (covered >= binom.ppf(0.001, seeds, 0.9)).all(), covered / seeds

    def test_a_second_estimator_is_of_rare_outcomes_alone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        design = indices.sobol_design(NAMES, 64, 1)
        common = (design.points[:, 0] < 0.5).astype(float)
        assert design.uncommon(common) == 64
        before = indices.sobol_indices(design, common, "y")
        monkeypatch.setattr(indices, "_jansen", lambda design, values: pytest.fail("called"))
        assert indices.sobol_indices(design, common, "y") == before

    def test_few_points_have_wide_intervals(self) -> None:
        """By Student's quantile and n - 1: 1.895 / 1.645 and the root of 8 / 7."""
        assert indices._widening(8) == pytest.approx(1.8946 / 1.6449 * math.sqrt(8 / 7), rel=1e-4)
        assert indices._widening(4096) == pytest.approx(1.0, abs=1e-3)

    def test_intervals_of_mu_star_cover_it_with_few_paths(self) -> None:
        """Effects of a product are the other factor: one of four equal steps from 0 to 1, of mean 1/2."""
        seeds = 200
        covered = np.zeros(2)
        for seed in range(seeds):
            design = indices.morris_design(NAMES, 5, seed)
            of = indices.morris_effects(design, design.points[:, 0] * design.points[:, 1], "y")
            covered += [one.low <= 0.5 <= one.high for one in of.size[:2]]
        assert (covered >= binom.ppf(0.001, seeds, 0.9)).all(), covered / seeds

    def test_the_interval_of_mu_star_is_that_of_a_mean(self) -> None:
        """A path's three steps come in any order, so its effects are told by the points themselves."""
        design = indices.morris_design(NAMES, 6, 1)
        values = ishigami(design.points)
        of = indices.morris_effects(design, values, "y")
        moves = np.diff(design.points.reshape(6, 4, 3), axis=1)
        ratio = np.diff(values.reshape(6, 4), axis=1)[:, :, None] / np.where(moves, moves, np.inf)
        effects = abs(ratio.sum(axis=1))
        for number, one in enumerate(of.size):
            reach = t.ppf(0.95, 5) * effects[:, number].std(ddof=1) / math.sqrt(6)
            middle = effects[:, number].mean()
            assert (one.value, one.high) == pytest.approx((middle, middle + reach))
            assert one.low == pytest.approx(max(middle - reach, 0.0))

    def test_pairs_of_ishigami(self) -> None:
        design = indices.sobol_design(NAMES, 2048, 1, second_order=True)
        pairs = {
            (one.first, one.second): one.share
            for one in indices.sobol_indices(design, ishigami(design.points), "y").pairs
        }
        assert list(pairs) == [("first", "second"), ("first", "third"), ("second", "third")]
        exact = {("first", "third"): PARTS["both"] / TOTAL}
        assert all(one.low <= exact.get(pair, 0.0) <= one.high for pair, one in pairs.items())

    def test_a_limit_of_the_model_whose_indices_are_exact(self) -> None:
        """The wish to stay that a brigade has in common is a sum: an input's share is that of its squared weight."""
        params = choice.Params()
        design = indices.sobol_design(("authority", "prospects", "unpaid"), 512, 1)
        authority, prospects, unpaid = design.points.T
        nothing = np.zeros(len(authority))
        stay = choice.brigade_stay(
            params, authority=authority, prospects=2 * prospects - 1, unpaid=unpaid, unfed=nothing, patron_gone=nothing,
            rout=nothing, cold=nothing,
        )  # fmt: skip
        weights = np.array([params.authority_weight, 2 * params.prospects_weight, params.unpaid_weight], float) ** 2
        of = indices.sobol_indices(design, np.asarray(stay, float), "stay")
        for estimates in (of.first, of.total):
            assert [one.value for one in estimates] == pytest.approx(weights / weights.sum(), abs=0.005)
            assert all(
                one.low <= exact <= one.high for one, exact in zip(estimates, weights / weights.sum(), strict=True)
            )

    def test_effects_of_a_sum_are_its_weights(self) -> None:
        design = indices.morris_design(NAMES, 6, 1)
        of = indices.morris_effects(design, design.points @ np.array([3.0, -2.0, 0.0]), "y")
        assert of.mean == pytest.approx([3.0, -2.0, 0.0])
        assert [one.value for one in of.size] == pytest.approx([3.0, 2.0, 0.0])
        assert of.spread == pytest.approx([0.0, 0.0, 0.0], abs=1e-12)

    def test_effects_that_depend_on_another_input_spread(self) -> None:
        design = indices.morris_design(NAMES, 20, 1)
        of = indices.morris_effects(design, design.points[:, 0] * design.points[:, 1], "y")
        assert min(of.spread[:2]) > 0.1
        assert of.spread[2] == 0


class TestGuards:
    """Traps of SALib 1.6.0. Where one is gone from a newer version its test here still holds of ours."""

    @pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
    def test_one_missing_result_is_refused_by_name(self, wrong: float) -> None:
        sobol, morris = indices.sobol_design(NAMES, 8, 1), indices.morris_design(NAMES, 4, 1)
        for design, analyse in ((sobol, indices.sobol_indices), (morris, indices.morris_effects)):
            values = ishigami(design.points)
            values[5] = wrong
            with pytest.raises(
                NonFiniteError, match=rf"1 of {len(values)} results .*point 5, exits of south: {wrong:g}"
            ):
                analyse(design, values, "exits of south")

    def test_the_library_itself_takes_a_missing_result_for_no_effect(self) -> None:
        """Why there is a guard; when this fails, read `docs/sources.md` again."""
        from SALib.analyze import sobol

        design = indices.sobol_design(NAMES, 8, 1)
        values = ishigami(design.points)
        values[5] = math.nan
        problem = {"num_vars": 3, "names": list(NAMES), "bounds": [[0, 1]] * 3}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            of = sobol.analyze(problem, values, calc_second_order=False, seed=1)
        assert not np.any(np.asarray(of["ST"]) > 0)

    def test_a_design_is_analysed_by_its_own_kind(self) -> None:
        """40 values are those of 8 points of the one kind and of 5 of the other: the count does not tell."""
        for second_order in (False, True):
            design = indices.sobol_design(NAMES, 1024, 1, second_order=second_order)
            of = indices.sobol_indices(design, ishigami(design.points), "y")
            assert [one.value for one in of.total] == pytest.approx(WHOLE, abs=0.05)
            assert bool(of.pairs) is second_order

    def test_a_design_of_the_other_length_is_refused(self) -> None:
        first, second = (indices.sobol_design(NAMES, 8, 1, second_order=kind) for kind in (False, True))
        with pytest.raises(ValueError, match="64 points"):
            indices.sobol_indices(second, ishigami(first.points), "y")

    @pytest.mark.parametrize("seed", [0, 1, 7])
    def test_every_seed_gives_the_same_numbers_again(self, seed: int) -> None:
        def sobol() -> object:
            design = indices.sobol_design(NAMES, 16, seed)
            return indices.sobol_indices(design, ishigami(design.points), "y")

        def morris() -> object:
            design = indices.morris_design(NAMES, 5, seed)
            return indices.morris_effects(design, ishigami(design.points), "y")

        np.random.seed(3)  # noqa: NPY002 - the global generator, from which the library draws where it sees no seed
        before = sobol(), morris()
        np.random.seed(4)  # noqa: NPY002
        assert (sobol(), morris()) == before

    def test_no_library_is_given_the_seed_0(self) -> None:
        assert indices.sobol_design(NAMES, 8, 0).seed == indices.morris_design(NAMES, 4, 0).seed == indices.SEED_OF_ZERO
        assert indices.nonzero(0) > 2**32 - 1, "no seed of a user's stands for the same numbers"
        assert indices.nonzero(5) == 5

    def test_values_and_points_stay_as_they_were(self) -> None:
        design = indices.morris_design(NAMES, 4, 1)
        values = ishigami(design.points)
        points, before = design.points.copy(), values.copy()
        indices.morris_effects(design, values, "y")
        assert np.array_equal(points, design.points)
        assert np.array_equal(before, values)

    def test_an_output_that_never_differs_has_no_indices(self) -> None:
        design = indices.sobol_design(NAMES, 8, 1)
        of = indices.sobol_indices(design, np.zeros(len(design.points)), "y")
        assert all(math.isnan(one.value) for one in (*of.first, *of.total))

    def test_a_base_that_is_no_power_of_two_is_refused(self) -> None:
        with pytest.raises(ValueError, match="a power of 2"):
            indices.sobol_design(NAMES, 12, 1)

    def test_many_missing_results_are_counted(self) -> None:
        with pytest.raises(NonFiniteError, match=r"8 of 8 .* and 3 more\)"):
            refuse_nonfinite(np.full((4, 2), math.nan), ["a", "b"], use="a test")

    def test_the_screening_of_the_calibration_refuses_too(self) -> None:
        """It chose the first sixteen inputs then, as declared, for they had an effect of NaN."""
        from SALib.sample import morris

        problem: dict[str, object] = {"num_vars": 3, "names": list(NAMES), "bounds": [[0.0, 1.0]] * 3}
        shares = morris.sample(dict(problem), N=4, num_levels=screening.STEPS, seed=1)
        outcome = np.stack([ishigami(shares), shares[:, 0]], axis=1)
        assert np.isfinite(screening.effects(problem, shares, outcome)).all()
        assert "groups" not in problem, "the caller's problem stays as it was"
        outcome[3, 1] = math.inf
        with pytest.raises(NonFiniteError, match="point 3, army 1: inf"):
            screening.effects(problem, shares, outcome)


def planted(points: int = 1000, wrong: float = 0.05, seed: int = 1) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Six inputs, of which a corner of two decides, but for a few points."""
    random = np.random.default_rng(seed)
    columns = {f"x{number}": random.random(points) for number in range(6)}
    came = (columns["x0"] < 0.6) & (columns["x1"] < 0.4)
    return columns, came ^ (random.random(points) < wrong)


class TestBoxes:
    def test_a_planted_box_is_seen(self) -> None:
        columns, came = planted()
        of = boxes.prim(columns, came)
        assert [sorted(box.inputs) for box in of.boxes] == [["x0", "x1"]]
        limits = {limit.name: limit for limit in of.boxes[0].limits}
        assert all(limit.side == "below" and limit.p < 1e-6 for limit in limits.values())
        # A limit stands between two points; 50 points a unit and side are about 0.01 apart in the box.
        assert limits["x0"].value == pytest.approx(0.6, abs=0.03)
        assert limits["x1"].value == pytest.approx(0.4, abs=0.03)
        inside = (columns["x0"] < limits["x0"].value) & (columns["x1"] < limits["x1"].value)
        assert of.boxes[0].density.value == pytest.approx(came[inside].mean())
        assert of.boxes[0].coverage == pytest.approx(came[inside].sum() / came.sum())
        assert of.boxes[0].mass == pytest.approx(inside.mean())
        assert (of.boxes[0].points, of.boxes[0].hits) == (inside.sum(), came[inside].sum())

    def test_a_planted_box_is_seen_on_points_that_did_not_choose_it(self) -> None:
        columns, came = planted()
        apart = boxes.prim(columns, came).apart
        assert apart is not None
        assert apart[0] == pytest.approx(0.95, abs=3 * math.sqrt(0.95 * 0.05 / 240) + 0.03)

    def test_two_planted_boxes(self) -> None:
        random = np.random.default_rng(2)
        columns = {name: random.random(1500) for name in ("x", "y", "z")}
        came = ((columns["x"] < 0.3) & (columns["y"] < 0.5)) | ((columns["x"] > 0.75) & (columns["y"] > 0.6))
        of = boxes.prim(columns, came)
        assert [sorted((limit.name, limit.side) for limit in box.limits) for box in of.boxes[:2]] in (
            [[("x", "below"), ("y", "below")], [("x", "above"), ("y", "above")]],
            [[("x", "above"), ("y", "above")], [("x", "below"), ("y", "below")]],
        )
        assert sum(box.coverage for box in of.boxes) > 0.9

    def test_a_small_box_after_a_large_one_is_as_tight_as_by_itself(self) -> None:
        """Chosen by its part of all hits, a box that can hold few of them would be the widest that is not hopeless."""
        random = np.random.default_rng(8)
        columns = {name: random.random(3000) for name in ("x", "y")}
        chance = np.select([columns["x"] < 0.5, columns["y"] > 0.8, columns["y"] > 0.5], [1.0, 0.9, 0.3], 0.0)
        of = boxes.prim(columns, random.random(3000) < chance)
        assert [(limit.name, limit.side) for limit in of.boxes[0].limits] == [("x", "below")]
        (limit,) = of.boxes[1].limits  # of what is left: 0.9 of the one part, not 0.54 of both
        assert (limit.name, limit.side) == ("y", "above")
        assert limit.value == pytest.approx(0.8, abs=0.04)  # 15 points of the rest a hundredth

    def test_noise_has_no_box(self) -> None:
        """A box of pure chance is let through at most once in twenty times."""
        random = np.random.default_rng(3)
        tries = 40
        seen = sum(
            bool(boxes.prim({f"x{n}": random.random(100) for n in range(4)}, random.random(100) < 0.3).boxes)
            for _ in range(tries)
        )
        assert seen <= binom.ppf(0.999, tries, boxes.SURE)

    def test_a_quasi_p_value_is_the_binomial_test(self) -> None:
        columns, came = planted(400)
        box = boxes.prim(columns, came).boxes[0]
        ends = {limit.name: limit.value for limit in box.limits}
        for limit in box.limits:
            others = [columns[name] < at for name, at in ends.items() if name != limit.name]
            around = np.logical_and.reduce(others) if others else np.ones(400, bool)
            inside = around & (columns[limit.name] < limit.value)
            assert limit.p == pytest.approx(binom.sf(came[inside].sum() - 1, inside.sum(), came[around].mean()))

    @pytest.mark.parametrize("kind", ["int8", "uint8", "int16", "uint16", "int32", "float16", "float32"])
    def test_columns_of_any_width_are_peeled(self, kind: str) -> None:
        """EMA Workbench 3.0.0 never peels whole numbers of 8 or 16 bits."""
        random = np.random.default_rng(4)
        whole = random.integers(0, 100, 600)
        came = whole < 30
        noise = random.random(600)
        narrow = boxes.prim({"x": whole.astype(kind), "noise": noise}, came)
        assert narrow == boxes.prim({"x": whole.astype(float), "noise": noise}, came)
        assert narrow.boxes[0].inputs == ("x",)
        assert narrow.boxes[0].density.value == 1.0
        assert narrow.boxes[0].coverage == 1.0

    def test_words_are_peeled_one_by_one(self) -> None:
        random = np.random.default_rng(5)
        word = random.choice(["amnesty", "blocking", "nothing", "winter"], 800)
        x = random.random(800)
        came = np.isin(word, ["blocking", "winter"]) & (x > 0.5)
        of = boxes.prim({"word": word, "x": x}, came).boxes[0]
        limits = {limit.name: limit for limit in of.limits}
        assert limits["word"].words == ("blocking", "winter")
        assert of.density.value == pytest.approx(1.0, abs=0.02)
        assert "word is blocking or winter" in boxes.sentence(of, "collapse")

    def test_the_boxes_of_the_tree_are_counted_by_their_own_limits(self) -> None:
        """EMA Workbench 3.0.0 gives other boxes than its tree's where a column holds words."""
        random = np.random.default_rng(6)
        word = random.choice(["red", "green", "blue"], 900)
        x = random.random(900)
        came = (word == "green") & (x < 0.5) | (word == "red") & (x > 0.7)
        every = boxes.cart({"word": word, "x": x}, came)
        assert every
        for box in every:
            mask = np.ones(900, bool)
            for limit in box.limits:
                column = {"word": word, "x": x}[limit.name]
                mask &= {
                    "among": lambda c, one: np.isin(c, one.words), "above": lambda c, one: c > one.value,
                    "below": lambda c, one: c < one.value,
                }[limit.side](column, limit)  # fmt: skip
            assert box.points == mask.sum()
            assert box.density.value == pytest.approx(came[mask].mean())
            assert box.coverage == pytest.approx(came[mask].sum() / came.sum())
        assert sum(box.coverage for box in every) == pytest.approx(1.0, abs=0.02)

    def test_the_tree_parts_numbers_that_its_own_floats_cannot(self) -> None:
        """scikit-learn's trees read 32-bit floats: 2**24 and 2**24 + 1 are one number to them."""
        x = 2.0**24 + np.repeat([0.0, 1.0], 40)
        assert len(np.unique(x.astype(np.float32))) == 1
        of = boxes.cart({"x": x}, x > 2.0**24)
        assert [(box.density.value, box.coverage) for box in of] == [(1.0, 1.0)]

    def test_the_tree_of_noise_has_one_leaf(self) -> None:
        random = np.random.default_rng(7)
        seen = sum(
            bool(boxes.cart({f"x{n}": random.random(200) for n in range(20)}, random.random(200) < 0.3))
            for _ in range(12)
        )
        assert seen <= 3, "one standard error: a sixth of the times"

    def test_shares_count_by_points(self) -> None:
        columns, came = planted(300, wrong=0.0)
        shares = np.where(came, 0.75, 0.25)
        box = boxes.prim(columns, shares).boxes[0]
        assert box.density.value == pytest.approx(0.75, abs=0.02)
        assert box.hits == pytest.approx(box.density.value * box.points)

    def test_the_trajectory_begins_with_all_points(self) -> None:
        columns, came = planted()
        steps = boxes.prim(columns, came).trajectory
        assert (steps[0].mass, steps[0].coverage, steps[0].inputs) == (1.0, 1.0, 0)
        assert steps[0].density == pytest.approx(came.mean())
        assert all(step.mass >= boxes.LEAST_MASS for step in steps)
        assert max(step.density for step in steps) > 0.9

    def test_what_is_not_finite_is_refused(self) -> None:
        columns, came = planted(100)
        with pytest.raises(NonFiniteError, match="point 3, x2: nan"):
            boxes.prim(columns | {"x2": np.where(np.arange(100) == 3, math.nan, columns["x2"])}, came)
        with pytest.raises(NonFiniteError, match="point 4, outcome: nan"):
            boxes.cart(columns, np.where(np.arange(100) == 4, math.nan, came))
        with pytest.raises(ValueError, match="from 0 to 1"):
            boxes.prim(columns, 2.0 * came)

    def test_a_box_reads_as_a_sentence(self) -> None:
        limits = (
            boxes.Limit("a.supply", "below", 0.6, (), 0.001),
            boxes.Limit("a.regime.elite_level", "below", 0.4, (), 0.01),
        )
        box = boxes.Box(limits, indices.NOTHING, 0.5, 0.2, 10, 9)
        labels = {one.name: inputs.label(one.name) for one in limits}
        assert boxes.sentence(box, "collapse within a year", labels) == (
            "collapse within a year when a supply < 0.6 and a elite level < 0.4"
        )

    @pytest.mark.parametrize("came", [0.0, 1.0])
    def test_what_always_or_never_comes_has_no_box(self, came: float) -> None:
        columns, _ = planted(100)
        assert not boxes.prim(columns, np.full(100, came)).boxes
        assert not boxes.cart(columns, np.full(100, came))


# --- What is varied.

SKIRMISH = hf.load_scenario("skirmish")


def faults_of(**wanted: Any) -> dict[str, Any]:
    with pytest.raises(FaultyError) as error:
        request.parse(SKIRMISH, Wanted(**wanted))
    return {fault.place: fault for fault in error.value.faults}


class TestRequest:
    def test_every_parameter_but_conventions_under_its_prior(self) -> None:
        every, faults = inputs.inputs_of(SKIRMISH, None)
        assert not faults
        rows = {row.path: row for row in hf.parameters.rows()}
        assert {one.path for one in every} < set(rows)
        assert len(every) > 90
        assert not any(isinstance(one.prior, Fixed) or rows[one.path].prior.startswith("fixed") for one in every)
        assert "amnesty.pull" not in {one.path for one in every}, "no such effect in the scenario"

    def test_a_prior_is_read_by_its_quantiles(self) -> None:
        one = inputs.Input("a", "a", 0.0, math.inf, LogNormal(2.0, 0.5))
        assert one.values(np.array([0.5])) == pytest.approx(2.0)
        assert np.isfinite(one.values(np.array([0.0, 1.0]))).all(), "the ends of a prior are never reached"
        assert one.values(np.array([0.0]), inputs.MIDDLE) == pytest.approx(2 * math.exp(-1.6449 * 0.5), rel=1e-3)

    def test_ranges_by_text_and_by_path_are_the_same(self) -> None:
        by_text, _ = inputs.inputs_of(SKIRMISH, ["south.supply=0.2:1", "choice.present_bias"])
        by_path, _ = inputs.inputs_of(SKIRMISH, {"south.supply": (0.2, 1.0), "choice.present_bias": None})
        assert by_text == by_path
        assert by_text[0].values(np.array([0.0, 0.5, 1.0])) == pytest.approx([0.2, 0.6, 1.0])
        assert by_text[0].label == "south supply"

    def test_every_allowed_path_is_one_of_the_scenario(self) -> None:
        paths = inputs.allowed(SKIRMISH.document)
        assert {"south.regime.elite_level", "north.intensity", "south.resolve.mean"} <= set(paths)
        assert "south.strength" not in paths
        for path in paths:
            SKIRMISH.with_values({path: 0.5})

    def test_all_faults_come_at_once_each_with_a_cure(self) -> None:
        faults = faults_of(
            vary=["south.suply=0.2:1", "south.strength=1:3", "south.supply=-1:2", "choice.present_bias=3:2", "south.unpaid=0",
                  "choice.noise", "south.exit", "south.news=0:1", "south.news=0:1"],
            switch=["amnesti:south"], method="sobl", outcome="colapse", side="sout", draws=0, seed=-1, above=3.0,
        )  # fmt: skip
        assert faults["vary south.suply"].suggestion == "south.supply"
        assert "side by side" in faults["vary south.strength"].value
        assert faults["vary south.supply, end 2"].allowed == "from 0 to 1"
        names = ("choice.present_bias", "south.unpaid", "choice.noise", "south.exit", "south.news")
        assert {f"vary {name}" for name in names} < set(faults)
        assert faults["method"].suggestion == "sobol"
        assert faults["outcome"].suggestion == "collapse"
        assert faults["side"].suggestion == "south"
        assert {"draws", "seed", "above"} < set(faults)
        assert any("amnesti" in place for place in faults)
        assert all(fault.cure for fault in faults.values())

    @pytest.mark.parametrize(
        ("wanted", "method", "luck_only"),
        [
            ({}, "morris", True), ({"vary": "parameters"}, "morris", True), ({"posterior": True}, "boxes", False),
            ({"vary": ["south.supply=0:1"]}, "sobol", False), ({"vary": ["choice.present_bias"], "luck_only": True}, "sobol", True),
            ({"switch": ["amnesty:south"], "method": "boxes"}, "boxes", False),
        ],
    )  # fmt: skip
    def test_the_method_follows_from_what_is_varied(self, wanted: dict[str, Any], method: str, luck_only: bool) -> None:
        meant = request.parse(SKIRMISH, Wanted(**wanted))
        assert (meant.method, meant.luck_only) == (method, luck_only)

    def test_posterior_draws_allow_no_shares_of_the_variance(self) -> None:
        assert "go together" in faults_of(posterior=True, method="sobol")["method"].allowed

    @pytest.mark.parametrize(("method", "points"), [("sobol", 4), ("morris", 3), ("boxes", 1)])
    def test_a_design_has_no_more_runs_than_were_allowed(self, method: str, points: int) -> None:
        meant = request.parse(
            SKIRMISH, Wanted(vary=["south.supply=0:1", "south.unpaid=0:1"], method=method, runs=500, draws=3)
        )
        plan = run._planned(meant)
        assert 250 < len(plan.point) <= 500
        assert len(plan.point) == meant.size * points * 3

    def test_too_few_runs_are_refused_with_the_least(self) -> None:
        fault = faults_of(runs=100)["runs"]
        assert fault.allowed.startswith(f"at least {4 * 98 * 2} runs for 97 inputs")
        request.parse(SKIRMISH, Wanted(runs=4 * 98 * 2))


# --- The whole, on a world whose answer is known: south collapses where supply < 0.6 and elite level < 0.5.


class Planted:
    """Stands for the engine: what comes of a design's runs follows from the inputs, or from the draws' own parameters."""

    luck = 0.0
    broken = False

    @classmethod
    def carry_out(cls, design: Design, folder: Path | None = None, **_: Any) -> xr.Dataset:
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "block").touch()
        day, rate = [], []
        for number, (point, draw) in enumerate(design.runs):
            values = dict(design.draws[draw]["parameters"]) | dict(design.changes[point].values)
            luck = cls.luck * np.random.default_rng((draw, point)).normal()
            corner = values.get("south.supply", 0.5) < 0.6 and values.get("south.regime.elite_level", 0.4) < 0.5
            corner &= not design.changes[point].effects
            corner &= values.get("choice.present_bias", 0.9) + luck < 5
            day.append([-1, 30 if corner else -1])
            rate.append(
                [2.0, math.nan if cls.broken and number == 7 else math.exp(values.get("choice.tempo", 0.0) + luck)]
            )
        days = (("run", "side"), np.array(day))
        return xr.Dataset(
            {"day_collapse": days, "day_mass_desertion": days, "exits": (("run", "side"), np.array(rate))},
            coords={"side": ["north", "south"]},
        )


CORNER = ["south.supply=0.2:1", "south.regime.elite_level=0.2:0.9", "south.unpaid=0:1"]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> type[Planted]:
    kind = type("World", (Planted,), {})
    monkeypatch.setattr(run.experiment, "carry_out", kind.carry_out)
    return kind


class TestSweep:
    def test_shares_and_boxes_of_a_planted_corner(self, world: type[Planted]) -> None:
        of = hf.sweep(SKIRMISH, vary=CORNER, runs=6000, luck_only=True, seed=0)
        assert of.side == "south", "the side whose outcome varies"
        # supply below 0.6 with chance 1/2, elite level below 0.5 with chance 3/7: y = I J.
        p, q = 0.5, 3 / 7
        variance = p * q * (1 - p * q)
        first = {
            "south.supply": p * (1 - p) * q**2,
            "south.regime.elite_level": q * (1 - q) * p**2,
            "south.unpaid": 0.0,
        }
        total = {"south.supply": p * (1 - p) * q, "south.regime.elite_level": q * (1 - q) * p, "south.unpaid": 0.0}
        for one in of.ranked:
            assert one.size.low <= total[one.input.path] / variance <= one.size.high
            assert one.other.low <= first[one.input.path] / variance <= one.other.high
        assert of.boxes is not None
        assert {limit.name: round(limit.value, 1) for limit in of.boxes.boxes[0].limits} == {
            "south.supply": 0.6, "south.regime.elite_level": 0.5
        }  # fmt: skip
        assert of.sentences()[0].startswith("south: collapse within 120 days when south ")
        assert of.luck["south"]["collapse"].share == pytest.approx(0.0, abs=1e-12), "nothing is left to luck"
        assert math.isnan(of.luck["north"]["collapse"].share)
        assert all(math.isnan(one.value) for one in of.indices["north"]["collapse"].total)

    def test_morris_sees_the_one_parameter_that_counts(self, world: type[Planted]) -> None:
        of = hf.sweep(SKIRMISH, outcome="exits", side="south", runs=1000)
        assert (of.method, of.luck_only, of.boxes) == ("morris", True, None)
        assert [one.input.path for one in of.ranked if one.size.value > 0] == ["choice.tempo"]

    def test_it_is_said_where_the_outcome_is_rare(self, world: type[Planted]) -> None:
        few, many = (hf.sweep(SKIRMISH, vary=CORNER, runs=runs, luck_only=True) for runs in (700, 6000))
        uncommon = few.design.uncommon(few.means("south", "collapse"))
        said = f"at {uncommon} of 64 independent points"
        assert 0 < uncommon < indices.FEW
        assert any(said in note for note in sensitivity_report.notes(few))
        assert not any("second estimator" in note for note in sensitivity_report.notes(many))

    def test_how_much_is_luck(self, world: type[Planted]) -> None:
        world.luck = 0.5
        of = hf.sweep(
            SKIRMISH, vary={"choice.tempo": (0.0, 1.0)}, outcome="exits", draws=8, runs=8 * 3 * 128, luck_only=True
        )
        rates = np.log1p(of.runs.exits[:, 1]).reshape(-1, 8)[of.design.independent]
        shares = of.luck["south"]["exits"]
        within = rates.var(axis=1, ddof=1).mean()
        assert shares.share == pytest.approx(within / rates.var(), abs=0.03)
        assert shares.left == pytest.approx(within / 8 / rates.mean(axis=1).var(), abs=0.03)

    def test_boxes_of_an_effect_that_is_off_or_on(self, world: type[Planted]) -> None:
        of = hf.sweep(SKIRMISH, vary=CORNER[:1], switch=["amnesty:south"], method="boxes", runs=400)
        assert of.boxes is not None
        limits = {limit.name: limit for limit in of.boxes.boxes[0].limits}
        assert limits["effect amnesty:south"].words == ("off",)
        assert "amnesty south is off" in of.sentences()[0]
        assert len(set(of.runs.draw)) == 400, "points of a search for boxes have draws of their own"

    def test_draws_of_the_posterior_are_inputs_and_it_is_said(self, world: type[Planted]) -> None:
        of = hf.sweep(SKIRMISH, posterior=True, outcome="exits", side="south", runs=128)
        assert all(one.drawn for one in of.inputs)
        assert "choice.tempo" in {one.path for one in of.inputs}
        assert not {"south.resolve.mean"} & {one.path for one in of.inputs}, "the scenario sets it by hand"
        assert not of.indices
        assert any("go together" in note for note in sensitivity_report.notes(of))

    def test_a_run_without_a_result_is_refused_by_name(self, world: type[Planted]) -> None:
        world.broken = True
        with pytest.raises(NonFiniteError, match=r"run 7 \(point 1, draw 3\), exits of south: nan"):
            hf.sweep(SKIRMISH, vary=CORNER, runs=500)

    @pytest.mark.parametrize("seed", [0, 3])
    def test_the_same_seed_gives_the_same_numbers(self, world: type[Planted], seed: int) -> None:
        first, second = (hf.sweep(SKIRMISH, vary=CORNER, runs=300, seed=seed).to_dict() for _ in range(2))
        assert json.dumps(first) == json.dumps(second)

    def test_a_saved_sweep_is_opened_again(self, world: type[Planted], tmp_path: Path) -> None:
        of = hf.sweep(SKIRMISH, vary=CORNER, runs=400)
        page = of.save(tmp_path / "out")
        again = hf.open(tmp_path / "out")
        assert isinstance(again, Sweep)
        assert json.dumps(again.to_dict()) == json.dumps(of.to_dict())
        assert list(again.plot) == ["tornado", "dependence", "trajectory", "box"]
        assert {each.name for each in page.parent.iterdir()} == {
            "sweep.html", "sweep.json", "inputs.csv", "boxes.csv", "trajectory.csv", "runs.csv", "result.npz"
        }  # fmt: skip
        assert of.data.sizes == {"point": 80, "input": 3, "run": 320, "side": 2}
        assert "south supply" in of._repr_html_()
        assert len(of.to_frame()) == 3

    @pytest.mark.parametrize("options", [{"vary": CORNER}, {"outcome": "exits", "side": "south"}, {"posterior": True}])
    def test_every_figure_is_drawn_by_vega(self, world: type[Planted], options: dict[str, Any]) -> None:
        import vl_convert

        of = hf.sweep(SKIRMISH, runs=1000, **options)
        for name, draw in sensitivity_figures.drawings(of).items():
            drawn = vl_convert.vegalite_to_svg(draw().to_dict())
            assert "NaN" not in drawn, name
            assert drawn.count("<path") > 3

    def test_the_command_says_what_moves_it_and_where_it_breaks(
        self, world: type[Planted], capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        words = ["sweep", "skirmish", "--vary", *CORNER, "--runs", "1300", "--luck-only", "--out", str(tmp_path / "o")]
        assert app.guarded(words) == 0
        text = capsys.readouterr().out
        assert "these move south's collapse most: south " in " ".join(text.split())
        assert "- when south elite level <" in text or "- when south supply <" in text
        assert "sweep.html" in text
        assert app.guarded([*words[:-2], "--json"]) == 0
        document = json.loads(capsys.readouterr().out)
        assert document == json.loads((tmp_path / "o" / "sweep.json").read_text())
        assert document["boxes"][0]["limits"][0]["quasi_p"] < 0.001
        assert document["indices"]["north"]["collapse"]["total"]["south.supply"]["value"] is None

    def test_finished_runs_stay_until_the_result_is_whole(self, world: type[Planted], tmp_path: Path) -> None:
        words = ["sweep", "skirmish", "--vary", *CORNER, "--runs", "500", "--json", "--out", str(tmp_path / "o")]
        world.broken = True
        assert app.guarded(words) == 1
        assert (tmp_path / "o" / "blocks" / "block").exists(), "what was run is not lost"
        world.broken = False
        assert app.guarded(words) == 0
        assert not (tmp_path / "o" / "blocks").exists()
        assert (tmp_path / "o" / "sweep.html").exists()

    @pytest.mark.slow
    def test_the_engine_gives_the_same_numbers_on_one_process_and_two(self) -> None:
        scenario = SKIRMISH.with_values({"days": 20})
        options: dict[str, Any] = {
            "vary": ["south.resolve.mean=-1:4", "south.supply=0.2:1"],
            "men_per_billet": 40,
            "runs": 256,
        }
        one, two = (hf.sweep(scenario, **options, workers=workers).to_dict() for workers in (1, 2))
        assert json.dumps(one) == json.dumps(two)

    @pytest.mark.slow
    def test_what_the_engine_is_known_to_do_is_seen(self) -> None:
        """Where the men of one side will stay whatever comes and those of the other will not, the level of these decides."""
        scenario = SKIRMISH.with_values({"days": 20, "north.resolve.mean": 6.0})
        of = hf.sweep(
            scenario, vary=["south.resolve.mean=-2:5", "north.pay=0.9:1.1"], outcome="exits", side="south", men_per_billet=40,
            runs=1024, luck_only=True,
        )  # fmt: skip
        first, second = of.ranked
        assert first.input.path == "south.resolve.mean"
        assert first.size.low <= 1.0 <= first.size.high
        assert second.size.high < 0.1
        assert of.boxes is not None
        assert [(limit.name, limit.side) for limit in of.boxes.boxes[0].limits] == [("south.resolve.mean", "below")]
        assert of.boxes.boxes[0].density.low > 2 * of.boxes.base
        # The upper quarter of the exits is the lower quarter of the levels: 7 nats, 128 independent points.
        error = 7 * math.sqrt(0.25 * 0.75 / 128)
        assert of.boxes.boxes[0].limits[0].value == pytest.approx(-2 + 7 / 4, abs=3 * error)

    def test_the_command_lists_every_fault(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert app.guarded(["sweep", "skirmish", "--vary", "south.suply=0:1", "--method", "sobl"]) == 2
        text = capsys.readouterr().err
        assert "2 faults" in text
        assert "Did you mean south.supply?" in text
        assert "--method" in text


def test_a_share_between_classes_is_none_of_noise_and_all_of_a_step() -> None:
    random = np.random.default_rng(1)
    x = random.random(2000)
    assert explained(x, random.random(2000)).value < 0.01
    assert explained(x, (x < 0.5).astype(float)).value == pytest.approx(1.0, abs=0.02)
    assert explained(x, np.zeros(2000)).value == 0.0


def test_luck_of_crossed_draws_leaves_out_what_all_points_share() -> None:
    """Points 2, draws 3, the rest 1 in variance: of the single runs 4/6 is luck, of the means over 50 draws 1/101."""
    random = np.random.default_rng(1)
    points, draws = 2000, 50
    table = random.normal(0, math.sqrt(2), (points, 1)) + random.normal(0, 1, (points, draws))
    shared = random.normal(size=draws)
    table += (shared - shared.mean()) / shared.std(ddof=1) * math.sqrt(3)
    design = indices.morris_design(NAMES, points // 4, 1)
    plan = run.Points((), design.points, design, np.repeat(np.arange(points), draws), np.tile(np.arange(draws), points))
    of = run.luck_of(table.ravel(), plan, draws)
    error = math.sqrt(2 / points)
    assert dataclasses.astuple(of) == pytest.approx(dataclasses.astuple(Luck(4 / 6, 1 / 101)), rel=3 * error)
