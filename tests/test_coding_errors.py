"""Codes as readings: what is learnt of coders, what follows of an army, and that readings stand for their chances."""

import dataclasses

import numpy as np
import pytest

from holdfast.calibration import coding_errors, posterior, sampling
from holdfast.calibration.coding_errors import CodingErrors
from holdfast.coded_armies import army, reader
from holdfast.coded_armies.army import CODES, EXPLAINING, FORETELLING, CodedArmy

EVEN = CodingErrors(
    level=np.full((10, 3), 1 / 3),
    change=np.broadcast_to([[0.8, 0.15, 0.05], [0.0, 0.8, 0.2], [0.0, 0.0, 1.0]], (10, 3, 3)),
    step=np.full(10, 2.0),
    coders={"careful": 2.0, "careless": 0.5},
)


def coded(levels: list[int | None], coder: str = "", vantage: str = EXPLAINING, name: str = "A") -> CodedArmy:
    return CodedArmy(army_id=name, codes=dict(zip(CODES, levels, strict=True)), coder=coder, vantage=vantage)


def test_one_reading_by_bayes_rule() -> None:
    """Worked by hand: level even, a step of 2 nats: 1 is read off 1 with 1/(1 + 2e^-2), off 0 and 2 with e^-2 over their sums."""
    errors = dataclasses.replace(EVEN, change=np.broadcast_to(np.eye(3), (10, 3, 3)))
    e = np.exp(-2.0)
    off = [e / (1 + e + e**2), 1 / (1 + 2 * e), e / (1 + e + e**2)]
    middle, whole = errors.levels([coded([1] * 10)])
    assert middle[0] == pytest.approx(np.array(off) / sum(off))
    assert whole == pytest.approx(middle)


def test_more_coders_who_agree_make_surer_and_a_careful_one_counts_more() -> None:
    one = EVEN.levels([coded([2] * 10)])[1][0, 2]
    two = EVEN.levels([coded([2] * 10), coded([2] * 10, "other")])[1][0, 2]
    careful = EVEN.levels([coded([2] * 10, "careful")])[1][0, 2]
    careless = EVEN.levels([coded([2] * 10, "careless")])[1][0, 2]
    assert careless < one < careful
    assert one < two


def test_what_was_seen_from_the_middle_says_less_of_the_whole() -> None:
    seen = {vantage: EVEN.levels([coded([0] * 10, vantage=vantage)])[1][0] for vantage in (FORETELLING, EXPLAINING)}
    assert seen[FORETELLING][2] > seen[EXPLAINING][2] > 0
    assert seen[FORETELLING].sum() == pytest.approx(1)


def test_a_code_that_is_not_known_is_as_often_as_elsewhere() -> None:
    middle, whole = EVEN.levels([coded([None] * 10)])
    assert middle == pytest.approx(EVEN.level)
    assert whole == pytest.approx(np.einsum("jm,jmw->jw", EVEN.level, EVEN.change))


def test_a_certain_code_is_what_it_is() -> None:
    sure = army.changed(coded([1] * 10, vantage=FORETELLING), losses=0)
    whole = EVEN.levels([sure])[1]
    assert whole[CODES.index("losses")].tolist() == [1, 0, 0]
    assert whole[CODES.index("safe_exit")].max() < 1
    again = army.changed(sure, losses=None)
    assert EVEN.levels([again])[1][CODES.index("losses")].max() < 1


@pytest.mark.parametrize("vantage", [FORETELLING, EXPLAINING])
def test_how_sure_a_code_is_may_be_said(vantage: str) -> None:
    """The code has the chance that is said, and the other levels share the rest as they did; what was learnt changes nothing."""
    base = coded([0, 1, 2, 0, 1, 2, 0, 1, 2, 0], vantage=vantage)
    learnt = EVEN.levels([base])
    for chance in (0.0, 0.3, 0.9, 1.0):
        sure = EVEN.levels([dataclasses.replace(base, certainty={"losses": chance, "no_victory": chance})])
        for row, level in enumerate((0, 1)):
            others = [z for z in range(3) if z != level]
            assert sure[1][row, level] == pytest.approx(chance)
            rest = learnt[1][row, others] / learnt[1][row, others].sum()
            assert sure[1][row, others] == pytest.approx((1 - chance) * rest)
        for before, after in zip(learnt, sure, strict=True):
            np.testing.assert_array_equal(after[2:], before[2:])
            assert after.sum(axis=1) == pytest.approx(1)
    as_learnt = {code: float(learnt[1][row, base.codes[code]]) for row, code in enumerate(CODES)}
    again = EVEN.levels([dataclasses.replace(base, certainty=as_learnt)])
    for before, after in zip(learnt, again, strict=True):
        assert after == pytest.approx(before, abs=1e-12)


def test_codes_that_are_certain_are_those_of_coders_who_never_err() -> None:
    base = coded([0, 1, 2, 0, 1, 2, 0, 1, 2, None], vantage=FORETELLING)
    known = [code for code in CODES if base.codes[code] is not None]
    sure = dataclasses.replace(base, certainty=dict.fromkeys(known, 1.0))
    exact = coding_errors.exact().levels([base])[1]
    assert EVEN.levels([sure])[1][:9] == pytest.approx(exact[:9], abs=1e-12)
    read = coding_errors.readings([[sure], [base]], EVEN, 200)
    assert (read[0, :, :9] == army.array([base])[0, :9]).all()
    np.testing.assert_array_equal(read[0, :, 9], read[1, :, 9])  # the one that is not known is drawn as before


def test_the_surer_a_code_the_fewer_readings_differ_from_it() -> None:
    base = coded([1] * 10, vantage=FORETELLING)
    shares, spreads = [], []
    for chance in (0.5, 0.7, 0.9, 0.97, 1.0):
        sure = dataclasses.replace(base, certainty=dict.fromkeys(CODES, chance))
        read = coding_errors.readings([[sure]], EVEN, 400)[0]
        shares.append((read != 1).mean())
        spreads.append(read.std(axis=0))
        assert shares[-1] == pytest.approx(1 - chance, abs=2 / 400)  # spread evenly: within a reading at either end
    assert shares == sorted(shares, reverse=True)
    assert (np.diff(spreads, axis=0) < 0).all()


def test_a_changed_code_is_certain_whatever_was_said_of_the_old_one() -> None:
    sure = dataclasses.replace(coded([1] * 10), certainty={"losses": 0.6, "safe_exit": 0.6})
    other = army.changed(sure, losses=2)
    assert (other.certain, dict(other.certainty)) == ({"losses"}, {"safe_exit": 0.6})
    assert EVEN.levels([other])[1][0].tolist() == [0, 0, 1]


def test_readings_are_as_many_as_their_chances_say() -> None:
    armies = [coded([level] * 10, name=f"A{level}") for level in (0, 1, 2)]
    read = coding_errors.readings([[each] for each in armies], EVEN, 400)
    assert read.shape == (3, 400, 10)
    for row, each in enumerate(armies):
        share = np.array([(read[row] == level).mean(axis=0) for level in (0, 1, 2)]).T
        assert share == pytest.approx(EVEN.levels([each])[1], abs=1 / 400 + 1e-9)  # spread evenly: within one reading
    pairs = np.corrcoef(read[1, :, 0], read[1, :, 1])[0, 1]
    assert abs(pairs) < 4 / np.sqrt(400)  # one code's order tells nothing of another's


def test_two_versions_of_an_army_share_the_readings_of_what_they_share() -> None:
    base = coded([1] * 10)
    other = army.changed(base, losses=2)
    read = coding_errors.readings([[base], [other]], EVEN, 24)
    assert (read[0, :, 1:] == read[1, :, 1:]).all()
    assert (read[1, :, 0] == 2).all()


def test_an_invented_coder_is_found_out() -> None:
    """Two hundred armies, two coders with steps of 3 and 1.5 nats: the ratio of their factors within three standard errors."""
    generator = np.random.default_rng(4)
    truth = generator.integers(0, 3, (200, 10))
    codings = []
    for row, levels in enumerate(truth):
        readings = []
        for coder, step in (("sharp", 3.0), ("sharp2", 3.0), ("blunt", 1.5)):
            chance = np.exp(-step * np.abs(levels[:, None] - np.arange(3)))
            chance /= chance.sum(axis=1, keepdims=True)
            given = (generator.random((10, 1)) > np.cumsum(chance, axis=1)).sum(axis=1).clip(0, 2)
            readings.append(coded([int(level) for level in given], coder, name=f"A{row}"))
        codings.append(tuple(readings))
    errors = coding_errors.learn(codings)
    steps = {coder: float(errors.step.mean() * factor) for coder, factor in errors.coders.items()}
    # An error of a coder of step 1.5 has a share of about 0.32 of 2,000 codes: its standard error is 0.0104, of the step 0.05.
    assert steps["blunt"] == pytest.approx(1.5, abs=0.2)
    assert steps["sharp"] == pytest.approx(3.0, abs=0.45)
    assert steps["sharp"] > steps["blunt"] + 0.8


def test_a_search_that_ends_on_a_slope_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coding_errors, "SLOPE_MOST", 0.0)
    with pytest.raises(sampling.FitError, match="coders' errors did not settle: its slope is .* ann, bob"):
        coding_errors.learn([(coded([1] * 10, "ann"), coded([2] * 10, "bob"))])


@pytest.mark.slow
def test_the_shipped_coders_part_most_over_shock_and_prospects() -> None:
    errors = coding_errors.learn(tuple(army.by_army(reader.codings()).values()))
    worst = [CODES[row] for row in np.argsort(errors.step)[:3]]
    assert "operational_shock" in worst
    moved = 1 - errors.change[:, 0, 0]
    assert {CODES[row] for row in np.argsort(-moved)[:2]} == {"operational_shock", "no_victory"}
    assert set(errors.coders) == {"first", "coder1", "coder2", "coder3"}
    ours = posterior.shipped().errors  # as the file has them, in 32 bits
    for name in ("level", "change", "step"):
        assert getattr(ours, name) == pytest.approx(getattr(errors, name), abs=1e-3), name
