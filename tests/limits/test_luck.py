"""Luck: each draw uniform, no draw related to another, and no draw moved by what it does not depend on."""

import zlib

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

import chance
from holdfast.core import rng

MEN, DAYS = 10**6, 400
PAIRS = [("slot", 1), ("squad", 16), ("company", 16 * 32), ("brigade", 16 * 32 * 256), ("side", 2**30)]


@pytest.fixture(scope="module")
def army():
    """The draws of 2,048 numbered billets over 400 days, `[D N]`."""
    numbers = jnp.arange(2048, dtype=jnp.uint32)
    return np.asarray(jax.vmap(lambda w: rng.uniform(w, numbers))(chance.words(days=DAYS)))


# --- Each draw is uniform.


@pytest.mark.parametrize("stream", rng.STREAMS)
def test_a_million_soldiers_on_a_day_are_uniform(stream):
    draws = np.asarray(chance.uniforms(MEN, stream))
    assert draws.min() >= 0
    assert draws.max() < 1
    assert chance.even(draws, 1024)
    assert 1e-5 < stats.kstest(draws, "uniform").pvalue < 1 - 1e-5
    assert chance.near(draws.mean(), 0.5, np.sqrt(1 / 12 / MEN))


def test_real_billet_numbers_are_uniform_too():
    side = np.repeat([0, 1], 32)
    numbers = jnp.asarray(rng.billet_numbers((10, 10, 10, 64), side))
    draws = np.asarray(rng.uniform(chance.words()[0], numbers))
    assert chance.even(draws, 256)
    for axis in range(4):  # and so is each squad's, company's, brigade's share of bad luck
        others = tuple(a for a in range(4) if a != axis)
        mean = draws.mean(axis=others)
        assert chance.near(mean, 0.5, np.sqrt(1 / 12 * len(mean) / draws.size))


def test_the_lowest_and_the_highest_thousandth_are_right():
    """Casualties are cut from the bottom and exits from the top, both at small chances."""
    tails = [0, 0]
    for run in range(20):
        draws = np.asarray(chance.uniforms(MEN, run=run))
        tails[0] += int((draws < 1e-3).sum())
        tails[1] += int((1 - draws < 1e-3).sum())
    assert chance.near_share(tails[0], 20 * MEN, 1e-3)
    assert chance.near_share(tails[1], 20 * MEN, 1e-3)


def test_every_bit_is_fair_and_every_input_bit_matters():
    word, numbers = chance.words()[0], jnp.arange(100_000, dtype=jnp.uint32)
    base = np.asarray(rng.bits(word, numbers))
    ones = np.array([((base >> bit) & 1).mean() for bit in range(32)])
    assert chance.near(ones, 0.5, 0.5 / np.sqrt(len(base)))
    for bit in range(31):  # a flipped bit of the billet's number flips half of the draw's bits
        changed = base ^ np.asarray(rng.bits(word, numbers ^ jnp.uint32(1 << bit)))
        assert np.unpackbits(changed.view(np.uint8)).mean() == pytest.approx(0.5, abs=0.01)


def test_no_two_billets_draw_the_same_bits():
    draws = np.asarray(rng.bits(chance.words()[0], jnp.arange(MEN, dtype=jnp.uint32)))
    assert len(np.unique(draws)) == MEN  # the hash is a bijection for each pair of words


# --- No draw is related to another.


@pytest.mark.parametrize("lag", [1, 2, 7, 30])
def test_a_soldiers_days_are_unrelated(army, lag):
    assert chance.unrelated(army[lag:], army[:-lag])


def test_a_soldiers_whole_series_is_uniform(army):
    means = army.mean(axis=0)
    assert chance.fits(
        np.histogram(stats.norm.cdf((means - 0.5) * np.sqrt(12 * DAYS)), 16, (0, 1))[0], np.full(16, 128.0)
    )


@pytest.mark.parametrize(("level", "apart"), PAIRS)
def test_neighbours_are_unrelated(level, apart):
    """Pairs of billets anywhere that differ by one slot, squad, company or brigade."""
    numbers = np.unique(np.random.default_rng(0).integers(0, 2**31, 400_000, np.uint32) & ~np.uint32(apart))
    word = chance.words()[0]
    assert chance.unrelated(rng.uniform(word, numbers), rng.uniform(word, numbers + np.uint32(apart)))


def test_draws_for_whole_brigades_are_uniform_and_unrelated():
    """Their numbers are multiples of 2^17, plus the count of the need: the hash must spread the high bits too."""
    first = rng.billet_numbers((1, 1, 1, 64), np.repeat([0, 1], 32))[0, 0, 0]
    words = chance.words("brigade", days=DAYS)
    needs = [np.asarray(jax.vmap(lambda w, n=n: rng.uniform(w, first + np.uint32(n)))(words)) for n in range(1, 5)]
    assert all(chance.even(draws, 128) for draws in needs)
    assert all_unrelated(np.stack([draws.ravel() for draws in needs]))
    assert all(chance.unrelated(draws[:, 1:], draws[:, :-1]) for draws in needs)
    assert all(chance.unrelated(draws[1:], draws[:-1]) for draws in needs)


def test_neighbours_stay_unrelated_day_after_day(army):
    each_day = army - 0.5
    products = (each_day[:, 1:] * each_day[:, :-1]).mean(axis=1) * 12
    assert chance.near(products, 0, 1 / np.sqrt(army.shape[1] - 1))
    assert chance.near(products.mean(), 0, 1 / np.sqrt(products.size * (army.shape[1] - 1)))


def test_pairs_of_neighbours_fill_the_square():
    draws = np.asarray(chance.uniforms(MEN)).reshape(-1, 2)
    cell = (draws * 32).astype(int)
    assert chance.fits(np.bincount(cell[:, 0] * 32 + cell[:, 1], minlength=1024), np.full(1024, MEN / 2 / 1024))


def test_the_number_hit_in_a_brigade_is_binomial(army):
    hits = (army < 0.02).reshape(DAYS, 8, 256).sum(axis=2)
    spread = ((hits - 256 * 0.02) ** 2).sum() / (256 * 0.02 * 0.98)
    assert 1e-4 < stats.chi2(hits.size).cdf(spread) < 1 - 1e-4


def sources():
    """Streams, runs, seeds and days that should have nothing in common."""
    streams = {f"stream {name}": {"stream": name} for name in rng.STREAMS}
    runs = {f"run {run}": {"run": run} for run in (1, 2, 3, 1000)}
    days = {f"day {day}": {"day": day} for day in (1, 2, 4096)}
    return streams | runs | days | {"seed 1": {"seed": 1}}


def all_unrelated(samples):
    """Whether every pair of samples is uncorrelated."""
    table = np.corrcoef(samples)
    pairs = table[np.triu_indices(len(samples), 1)]
    return chance.near(pairs, 0, 1 / np.sqrt(samples.shape[1]))


def test_streams_runs_days_and_seeds_share_nothing():
    samples = np.stack([np.asarray(chance.uniforms(100_000, **source)) for source in sources().values()])
    assert all_unrelated(samples)
    # Nor is one the next with its soldiers moved up.
    assert all_unrelated(np.stack([np.roll(sample, i) for i, sample in enumerate(samples)]))


def test_planted_faults_would_be_seen():
    """The tests above have teeth: equal, mirrored and mixed streams fail them, and so does a poor hash."""
    good = np.stack([np.asarray(chance.uniforms(100_000, **source)) for source in list(sources().values())[:4]])
    assert all_unrelated(good)
    assert not all_unrelated(np.vstack([good, good[:1]]))
    assert not all_unrelated(np.vstack([good, 1 - good[:1]]))
    assert not all_unrelated(np.vstack([good, 0.05 * good[:1] + 0.95 * good[1:2]]))
    plain = np.arange(MEN, dtype=np.uint32) * np.uint32(2654435761)  # a multiplication is no hash
    assert not chance.unrelated(np.diff(plain / 2**32)[1:], np.diff(plain / 2**32)[:-1] * -1)
    assert not chance.even(plain[: MEN // 4] / 2**32, 1024)
    assert not chance.even(good[0] ** 1.03, 64)


# --- Words.


@pytest.fixture(scope="module")
def many_words():
    """Words of 400 runs and 400 days for every stream, `[runs days 2]`."""
    table = rng.words(0, range(DAYS), range(DAYS))
    return {name: np.swapaxes(words, 0, 1) for name, words in table.items()}


def of_jax(seed, run, days):
    """The words as JAX's own generator gives them."""

    def of(key, name, day):
        return jax.random.bits(jax.random.fold_in(jax.random.fold_in(key, name), day), (2,), jnp.uint32)

    key = jax.random.fold_in(jax.random.key(seed, impl="threefry2x32"), run)
    many = jax.jit(jax.vmap(of, in_axes=(None, None, 0)))
    codes = {name: zlib.crc32(name.encode()) & 0x7FFFFFFF for name in rng.STREAMS}
    return {name: many(key, code, jnp.asarray(days)) for name, code in codes.items()}


@pytest.mark.parametrize("seed", [0, 1, 2**31, 2**32 - 1])
@pytest.mark.parametrize("run", [0, 1_000_000, 2**31 - 1])
def test_words_are_those_of_the_generator_of_jax(seed, run):
    own = rng.words(seed, [run, 5], [0, 29, 400])
    for name, words in of_jax(seed, run, [0, 29, 400]).items():
        np.testing.assert_array_equal(own[name][:, 0], words)


def test_words_of_a_million_runs_days_and_streams_are_all_different(many_words):
    table = np.stack([many_words[name] for name in rng.STREAMS]).astype(np.uint64)
    wide = table[..., 0] << np.uint64(32) | table[..., 1]
    assert wide.size >= 900_000
    assert len(np.unique(wide)) == wide.size
    # One word alone would repeat: so many draws among 2^32 meet about n^2/2^33 times.
    alone = wide.size - len(np.unique(table[..., 0]))
    expected = wide.size**2 / 2**33
    assert chance.near(alone, expected, np.sqrt(expected))


def test_words_are_uniform(many_words):
    for words in many_words.values():
        assert chance.even(words / 2**32)


def test_a_run_is_the_same_alone_or_among_many(many_words):
    for run, day in [(0, 0), (7, 399), (399, 3)]:
        alone = rng.words(0, [run], [day])
        for name in rng.STREAMS:
            np.testing.assert_array_equal(alone[name][0, 0], many_words[name][run, day])


def test_a_new_stream_moves_no_other(monkeypatch):
    before = rng.words(3, [5], range(20))
    monkeypatch.setattr(rng, "STREAMS", ("weather", *reversed(rng.STREAMS)))
    after = rng.words(3, [5], range(20))
    assert set(after) == {*before, "weather"}
    for name, words in before.items():
        np.testing.assert_array_equal(words, after[name])
        assert not (np.asarray(after["weather"]) == np.asarray(words)).any()


# --- Billets' numbers.


def test_every_billet_has_its_own_number():
    side = np.repeat([0, 1], [40, 60])
    numbers = rng.billet_numbers((15, 20, 12, 100), side)
    assert numbers.shape == (15, 20, 12, 100)
    assert numbers.dtype == np.uint32
    assert len(np.unique(numbers)) == numbers.size


def test_numbers_at_the_edges_of_their_fields_stay_apart():
    side = np.repeat([0, 1], 8192)
    few = rng.billet_numbers((16, 1, 1, len(side)), side)
    wide = rng.billet_numbers((1, 32, 256, 2), np.array([0, 1]))
    assert len(np.unique(few)) == few.size
    assert len(np.unique(wide)) == wide.size


@pytest.mark.parametrize("more", ["slots", "squads", "companies", "brigades of the first", "brigades of the second"])
def test_a_larger_army_leaves_the_luck_of_its_men(more):
    small = rng.billet_numbers((4, 3, 2, 5), np.array([0, 0, 1, 1, 1]))
    shape, side = [4, 3, 2, 5], [0, 0, 1, 1, 1]
    kept = np.arange(5)
    if more.startswith("brigades"):
        first = more.endswith("first")
        side = [0, 0, 0, 1, 1, 1] if first else [*side, 1]
        shape[3], kept = 6, np.array([0, 1, 3, 4, 5]) if first else kept
    else:
        shape[["slots", "squads", "companies"].index(more)] += 1
    large = rng.billet_numbers(tuple(shape), np.array(side))
    np.testing.assert_array_equal(small, large[:4, :3, :2, kept])


def test_uses_of_a_stream_do_not_overlap():
    numbers = np.concatenate([rng.numbered(500, draw) for draw in range(8)])
    assert len(np.unique(numbers)) == len(numbers)
