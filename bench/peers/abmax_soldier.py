"""The soldier in abmax: an agent with its own key, `step_agents` (a vmap), `lax.scan` over days, compiled before timing."""

import functools

import jax
import jax.numpy as jnp
import soldier as s
from abmax.functions import step_agents
from abmax.structs import Agent, Params, Policy, Set, Signal, State
from flax import struct


@struct.dataclass
class Soldier(Agent):
    """One man."""

    @staticmethod
    def create_agent(kind: int, params: Params, number: jax.Array, active: jax.Array, key: jax.Array) -> Agent:
        """A man with a resolve and a trust of his own."""
        key, first, second = jax.random.split(key, 3)
        fields = {
            "resolve": s.RESOLVE + s.RESOLVE_SD * jax.random.normal(first), "trust": jax.random.uniform(second),
            "risk": jnp.float32(s.PRIOR_RISK), "hit": False, "left": False, "refused": False,
        }  # fmt: skip
        return Agent(number, active, 0.0, kind, None, State(fields), None, key)

    @staticmethod
    def step_agent(agent: Agent, signal: Signal, params: Params) -> Agent:
        """Learn, weigh, and have the day."""
        men, seen, gone = agent.state.content, signal.content["seen"], signal.content["gone"]
        key, draw = jax.random.split(agent.key)
        risk = men["risk"] + s.LEARNING * ((1 - men["trust"]) * seen + men["trust"] * s.ADMITTED - men["risk"])
        dread = s.WEIGHT * (1 - jnp.exp(-s.HORIZON * risk))
        leaving = s.TEMPO * jax.nn.sigmoid(s.WAY_OUT - (men["resolve"] - s.BOND * gone - dread))
        refusing = (1 - leaving) * jax.nn.sigmoid(dread * s.ATTACK - s.OBEY)
        uniform, there = jax.random.uniform(draw), agent.active_state
        hit = there & (uniform < s.HAZARD * (1 - s.SHELTER * refusing))
        left = there & ~hit & (1 - uniform < leaving)
        refused = there & ~hit & ~left & (1 - uniform < leaving + refusing)
        state = State({**men, "risk": risk, "hit": hit, "left": left, "refused": refused})
        return agent.replace(state=state, active_state=there & ~hit & ~left, key=key)


def day(carry: tuple[Set, jax.Array, jax.Array], _: None, men: int) -> tuple[tuple, jax.Array]:
    """One day of the army: what each man sees, his step, what was lost."""
    army, company_loss, loss = carry
    number = jnp.arange(men)
    squads, companies = number // s.SQUAD, number // s.COMPANY
    count = lambda values, groups, size: jax.ops.segment_sum(  # noqa: E731
        values.astype(jnp.int32), groups, men // size, indices_are_sorted=True
    )
    there = army.agents.active_state
    gone = 1 - count(there, squads, s.SQUAD) / s.SQUAD
    signal = Signal({"seen": 0.5 * company_loss[companies] + 0.5 * loss, "gone": gone[squads]})
    in_company = jnp.maximum(count(there, companies, s.COMPANY), 1)
    army = step_agents(Soldier.step_agent, None, signal, army)
    fields = army.agents.state.content
    company_loss += (count(fields["hit"], companies, s.COMPANY) / in_company - company_loss) / s.SIGHT
    loss += (fields["hit"].sum() / jnp.maximum(there.sum(), 1) - loss) / s.SIGHT
    totals = jnp.stack([there.sum(), *(fields[name].sum() for name in ("hit", "left", "refused"))])
    return (army, company_loss, loss), totals


def army_of(men: int) -> Set:
    """A set of so many men; keys are made in one call, since `create_agents` makes them one by one in Python."""
    create = jax.vmap(Soldier.create_agent, in_axes=(None, None, 0, 0, 0))
    keys = jax.random.split(jax.random.key(1), men)
    agents = create(0, None, jnp.arange(men), jnp.ones(men, bool), keys)
    return Set(men, men, agents, 0, 0, None, None, Policy(None, None, None), jax.random.key(2))


if __name__ == "__main__":
    men, days = s.size()
    start = (army_of(men), jnp.zeros(men // s.COMPANY), jnp.float32(0))
    run = jax.jit(lambda carry: jax.lax.scan(functools.partial(day, men=men), carry, None, days))
    compiled = run.lower(start).compile()
    clock = s.Clock()
    (army, _, _), totals = jax.block_until_ready(compiled(start))
    soldier_days, hit, left, refused = (int(x) for x in totals.sum(0))
    clock.report(soldier_days, men - hit - left, hit, left, refused)
