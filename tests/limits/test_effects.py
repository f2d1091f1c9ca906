"""What every effect must keep, whoever writes it: one contract for all of them."""

import dataclasses
import inspect
import itertools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from holdfast.core import params
from holdfast.engine import effects
from holdfast.engine.day import record
from holdfast.engine.state import Rates, bounded, nothing

NAMES = effects.names()
FIELDS = {field.name for field in dataclasses.fields(Rates)}


def today(strength=(1.0, 0.5), onset=(1.0, 0.0), winter=0.7):
    """What an effect may see."""
    return effects.Today(*(jnp.asarray(value, jnp.float32) for value in (strength, onset, winter)))


ON = today()
OFF = today((0.0, 0.0), (0.0, 0.0))


def same(one, other, exact=False):
    """Whether two sets of rates agree."""
    for field in FIELDS:
        a, b = np.asarray(getattr(one, field)), np.asarray(getattr(other, field))
        assert (a == b).all() if exact else np.allclose(a, b, rtol=1e-6, atol=1e-7), field


def test_there_are_effects_for_what_the_essay_and_history_name():
    assert len(NAMES) == len(set(NAMES)) >= 11
    assert "base" not in NAMES


# --- Each effect.


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_it_is_and_is_final(name):
    effect = effects.make(name)
    assert inspect.getmodule(type(effect)).__doc__
    assert type(effect).__mro__[1] is effects.AbstractEffect


@pytest.mark.parametrize("name", NAMES)
def test_no_strength_no_push(name):
    for winter in (0.0, 1.0):
        pushes = effects.make(name).push(dataclasses.replace(OFF, winter=jnp.float32(winter)))
        for field, push in pushes.items():
            assert (np.asarray(push) == 0).all(), field


@pytest.mark.parametrize("name", NAMES)
def test_it_pushes_known_rates_by_one_number_a_side(name):
    pushes = effects.make(name).push(ON)
    assert pushes
    assert set(pushes) <= FIELDS
    for field, push in pushes.items():
        assert push.shape == (2,), field
        assert push.dtype == jnp.float32, field
        assert np.isfinite(push).all(), field


@pytest.mark.parametrize("name", NAMES)
def test_it_pushes_the_side_that_it_is_switched_on_for(name):
    effect = effects.make(name)
    for side, there in enumerate(jnp.eye(2)):
        pushes = effect.push(today(there, there))
        assert any(push[side] != 0 for push in pushes.values())
        assert all(push[1 - side] == 0 for push in pushes.values())


@pytest.mark.parametrize("name", NAMES)
def test_twice_the_strength_pushes_further_the_same_way(name):
    effect = effects.make(name)
    weak, strong = effect.push(today((0.5, 0.5), (0.5, 0.5))), effect.push(today((1, 1), (1, 1)))
    for field, push in weak.items():
        assert (np.sign(push) == np.sign(strong[field])).all(), field
        assert (np.abs(push) <= np.abs(strong[field])).all(), field


def test_winter_is_nothing_in_summer():
    pushes = effects.make("winter").push(dataclasses.replace(ON, winter=jnp.float32(0)))
    assert all((np.asarray(push) == 0).all() for push in pushes.values())


def test_what_happens_once_is_pushed_on_its_first_day_only():
    later = today(onset=(0.0, 0.0))
    for name in ("leader_death", "elite_mutiny", "public_signal"):
        assert all((np.asarray(push) == 0).all() for push in effects.make(name).push(later).values()), name


@pytest.mark.parametrize("name", NAMES)
def test_its_parameters_set_to_zero_leave_nothing(name):
    """Every push is a declared parameter times something: no bare constants."""
    zero = jax.tree.map(jnp.zeros_like, effects.make(name))
    assert all((np.asarray(push) == 0).all() for push in zero.push(ON).values())


@pytest.mark.parametrize("name", NAMES)
def test_it_runs_compiled_and_for_many_runs(name):
    effect = effects.make(name)
    days = jax.tree.map(lambda leaf: jnp.stack([leaf, 0.5 * leaf, 0 * leaf]), ON)
    many = jax.jit(jax.vmap(lambda t: effect.push(t)))(days)
    for field, push in effect.push(ON).items():
        np.testing.assert_allclose(many[field][0], push, rtol=1e-6)


# --- Effects together.


def test_without_effects_nothing_is_pushed():
    same(effects.total({}, {}), nothing(), exact=True)


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(NAMES, 2)))
def test_pushes_add_and_order_is_free(one, other):
    pair = {one: effects.make(one), other: effects.make(other)}
    seen = dict.fromkeys(pair, ON)
    together = effects.total(pair, seen)
    back = effects.total(dict(reversed(pair.items())), seen)
    apart = [effects.total({name: effect}, seen) for name, effect in pair.items()]
    same(together, back, exact=True)  # a + b and b + a are one float
    same(together, jax.tree.map(jnp.add, *apart))


def test_all_effects_in_any_order():
    rng = np.random.default_rng(0)
    every = {name: effects.make(name) for name in NAMES}
    seen = dict.fromkeys(NAMES, ON)
    whole = effects.total(every, seen)
    for _ in range(5):
        shuffled = {name: every[name] for name in rng.permutation(NAMES)}
        same(effects.total(shuffled, seen), whole)


def test_an_effect_switched_off_is_an_effect_not_there():
    every = {name: effects.make(name) for name in NAMES}
    for name in NAMES:
        rest = {other: effect for other, effect in every.items() if other != name}
        off = {other: (OFF if other == name else ON) for other in NAMES}
        same(effects.total(every, off), effects.total(rest, off))


def test_whatever_is_pushed_the_rates_keep_their_meaning():
    huge = {name: today((50, 50), (50, 50), 1) for name in NAMES}
    rates = bounded(effects.total({name: effects.make(name) for name in NAMES}, huge))
    for field in ("supply", "exit", "captor", "unpaid", "patron_gone", "hear", "elite_blow", "candour"):
        assert ((np.asarray(getattr(rates, field)) >= 0) & (np.asarray(getattr(rates, field)) <= 1)).all(), field
    assert (np.asarray(rates.quota) >= 0).all()


# --- Parameters: declared once, with everything that is known of them.

DECLARED = dict(params.walk(record.defaults(tuple(NAMES))))


def test_every_number_of_the_model_is_declared():
    everything = record.defaults(tuple(NAMES))
    assert len(DECLARED) == len(list(params.walk(everything))), "two parameters share a path"
    assert len(DECLARED) == len(jax.tree.leaves(everything)) >= 90
    for name in NAMES:
        assert any(path.startswith(f"{name}.") for path in DECLARED), name


@pytest.mark.parametrize("path", list(DECLARED))
def test_a_declaration_is_whole(path):
    about = DECLARED[path]
    low, high = about.prior.bounds
    assert low <= about.value <= high
    assert about.unit.strip()
    assert about.source.strip()
    assert about.pressure in params.PRESSURES


LEARNT = [path for path, about in DECLARED.items() if not isinstance(about.prior, params.Fixed)]


@pytest.mark.parametrize("path", LEARNT)
def test_the_value_lies_inside_its_prior(path):
    """Within two standard deviations, or the prior does not speak of this value."""
    about = DECLARED[path]
    prior = about.prior
    if isinstance(prior, params.LogNormal):
        away = math.log(about.value / prior.median) / prior.sd
    elif isinstance(prior, params.Normal):
        away = (about.value - prior.mean) / prior.sd
    else:
        mean = prior.a / (prior.a + prior.b)
        away = (about.value - mean) / math.sqrt(mean * (1 - mean) / (prior.a + prior.b + 1))
    assert abs(away) < 2


def test_a_parameter_can_be_set_by_its_path():
    before = record.defaults(("winter", "amnesty"))
    after = params.override(before, {"winter.cold": 0.0, "bond.coupling": 3.0})
    assert float(after.effects["winter"].cold) == 0
    assert float(after.bond.coupling) == 3
    assert float(before.effects["winter"].cold) > 0
    assert jax.tree.structure(after) == jax.tree.structure(before)
    assert after.bond.coupling.dtype == jnp.float32


@pytest.mark.parametrize("path", ["bond.no_such", "nothing.coupling", "summer.cold", "winter.no_such"])
def test_a_path_that_does_not_exist_is_refused(path):
    with pytest.raises((AttributeError, KeyError, TypeError)):
        params.override(record.defaults(("winter",)), {path: 1.0})


def test_a_pressure_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="no pressure"):
        params.par(1.0, unit="1", prior=params.Fixed(), pressure="weather", source="none")
