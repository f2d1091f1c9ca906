"""Numbers: nobody appears or vanishes, the same for any division of the work, and what is not finite is refused by name."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import doors
import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from promise import Promise

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

SEED = 20261130
BATCH = 100


def conserved(many: int) -> Promise:
    """Drawn wars."""
    import test_conservation as drawn

    promise = Promise(
        "numbers_hold", "a war of any kind that a scenario may ask for conserves men on every day, every number finite",
        "Hypothesis wars, 40 days, 16 runs each",
    )  # fmt: skip
    whole = drawn.test_whole_wars_conserve_people_and_make_sense.hypothesis.inner_test
    for batch in range(-(-many // BATCH)):

        @seed(SEED + batch)
        @settings(
            max_examples=min(BATCH, many - batch * BATCH), database=None, deadline=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck), derandomize=False,
        )  # fmt: skip
        @given(drawn.wars(), st.integers(0, 2**32 - 1))
        def one(scenario: object, luck: int) -> None:
            try:
                whole(scenario, luck)
                promise.tried()
            except AssertionError as error:
                promise.tried([f"seed {luck}: {error}"])

        one()
    return promise.ended()


def divided(quick: bool) -> Promise:
    """The same runs by other divisions of the work."""
    import holdfast as hf

    promise = Promise(
        "numbers_hold",
        "the same numbers for any number of workers, of runs beside, of days a stretch",
        "skirmish and a drawn war, compared bit by bit",
    )  # fmt: skip
    scenario = hf.load_scenario("skirmish").with_values({"days": 60})
    first = hf.simulate(scenario, runs=2, seed=1, workers=1).data
    ways = [(2, 1)] if quick else [(2, 2), (3, 1), (5, 2), (7, 3), (12, 1)]
    for runs, workers in ways:
        other = hf.simulate(scenario, runs=runs, seed=1, workers=workers).data.isel(run=slice(0, 2))
        wrong = [
            str(name)
            for name in first.data_vars
            if not np.array_equal(first[name].values, other[name].values, equal_nan=True)
        ]
        promise.tried([f"{runs} runs, {workers} workers: {wrong}"] if wrong else [])
    from wars import days_of, world

    war = world()
    whole = days_of(war, range(4), stretch=60)[0]
    for stretch in [20] if quick else [2, 7, 20, 59, 180]:
        other = days_of(war, range(4), stretch=stretch)[0]
        wrong = [name for name in whole if not np.array_equal(whole[name], other[name])]
        promise.tried([f"stretches of {stretch} days: {wrong}"] if wrong else [])
    return promise.ended()


def leaves(document: object, path: str = "") -> Iterator[str]:
    """Paths of all numbers of a scenario."""
    if isinstance(document, dict):
        for name, value in document.items():
            yield from leaves(value, f"{path}.{name}" if path else name)
    elif isinstance(document, int | float) and not isinstance(document, bool):
        yield path


def infinite(quick: bool) -> Promise:
    """Numbers that are not finite, put at every place of a scenario that holds one."""
    from holdfast.core.faults import ScenarioError
    from holdfast.ensemble import plan

    promise = Promise(
        "numbers_hold", "NaN and infinity are refused, and the place is named", "every number of a scenario, by --set"
    )
    scenario = plan.load_scenario("skirmish")
    document = scenario.document.model_dump()
    sides = document.pop("side")
    places = list(leaves(document))
    for side in sides:
        places += [f"{side['name']}.{path}" for path in leaves(side)]
    for path in places[:: 10 if quick else 1]:
        for value in ("nan", "inf", "-inf"):
            answer = doors.asked(lambda: scenario.with_values({path: value}))  # noqa: B023
            last = path.rpartition(".")[2]
            refused = isinstance(answer.error, ScenarioError) and last in answer.text
            promise.tried([] if refused else [f"{path} = {value}: {answer.text[:200] or 'taken'}"])
    return promise.ended()


def run(quick: bool) -> Iterator[Promise]:
    """The whole part."""
    yield infinite(quick)
    if not quick:
        yield divided(quick)
        yield conserved(1000)
