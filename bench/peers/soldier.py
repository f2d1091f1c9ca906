"""The soldier that every peer simulates: his numbers, his day in plain NumPy, and what a peer prints. [IO]

He is like Holdfast's in what an army does with each man on each day, and no more:

- believed risk: `risk += LEARNING * ((1 - trust) * seen + trust * ADMITTED - risk)`, where `seen` is half what his company
  and half what the army lost lately, a running mean of SIGHT days;
- dread: `WEIGHT * (1 - exp(-HORIZON * risk))`;
- the wish to stay: his own resolve, what is common, the squad's bond (BOND times the share of the squad that is gone, against
  him), less dread; he leaves with the chance `TEMPO * sigmoid(WAY_OUT - stay)`, refuses to attack with the chance
  `sigmoid(dread * ATTACK - OBEY)` of those who do not leave, is hit with the chance `HAZARD` times how exposed he is, less if
  he refuses;
- one uniform number a day is cut into what becomes of him: killed and wounded from below, left and refused from above.

Squads of 10, companies of 100, one army, no enemy. Nobody is replaced. Run as a program it is the plain NumPy of someone who
uses no framework: `python soldier.py MEN DAYS`.
"""

import json
import sys
import time

import numpy as np

SQUAD, COMPANY = 10, 100
LEARNING, SIGHT, ADMITTED = 1 / 30, 7.0, 2e-4
WEIGHT, HORIZON = 2.1 * 0.7, 180.0
TEMPO, WAY_OUT, BOND = 0.05, -3.0, 1.0
ATTACK, OBEY = 0.5, 4.0
HAZARD, LETHALITY, SHELTER = 1e-3, 0.25, 0.5
RESOLVE, RESOLVE_SD, PRIOR_RISK = 1.0, 0.5, 2e-4


class Clock:
    """Wall and processor seconds of this process since it was made."""

    def __init__(self) -> None:
        self.wall, self.processor = time.perf_counter(), time.process_time()

    def report(self, soldier_days: int, present: int, hit: int, left: int, refused: int) -> None:
        """Print what was simulated and how long it took, as JSON."""
        found = {
            "soldier_days": int(soldier_days), "wall_s": time.perf_counter() - self.wall,
            "processor_s": time.process_time() - self.processor, "present": int(present), "hit": int(hit),
            "left": int(left), "refused": int(refused),
        }  # fmt: skip
        print(json.dumps(found), flush=True)


def size() -> tuple[int, int]:
    """Men and days, from the command line."""
    return int(sys.argv[1]), int(sys.argv[2])


def simulate(men: int, days: int, seed: int = 1) -> None:
    """The army in plain NumPy: an array a field, whole companies of men."""
    random = np.random.default_rng(seed)
    companies = men // COMPANY
    shape = (companies, COMPANY // SQUAD, SQUAD)
    resolve = random.normal(RESOLVE, RESOLVE_SD, shape).astype(np.float32)
    trust = random.uniform(0, 1, shape).astype(np.float32)
    risk = np.full(shape, PRIOR_RISK, np.float32)
    present = np.ones(shape, bool)
    company_loss, army_loss = np.zeros((companies, 1, 1), np.float32), 0.0
    soldier_days = total_hit = total_left = total_refused = 0
    clock = Clock()
    for _ in range(days):
        here = present.sum()
        soldier_days += here
        seen = 0.5 * company_loss + 0.5 * army_loss
        risk += LEARNING * ((1 - trust) * seen + trust * ADMITTED - risk)
        dread = WEIGHT * (1 - np.exp(-HORIZON * risk))
        gone = 1 - present.mean(axis=2, keepdims=True, dtype=np.float32)
        stay = resolve - BOND * gone - dread
        leaving = TEMPO / (1 + np.exp(stay - WAY_OUT))
        refusing = (1 - leaving) / (1 + np.exp(OBEY - dread * ATTACK))
        hit = HAZARD * (1 - SHELTER * refusing)
        uniform = random.random(shape, np.float32)
        is_hit = present & (uniform < hit)
        is_left = present & ~is_hit & (1 - uniform < leaving)
        is_refused = present & ~is_hit & ~is_left & (1 - uniform < leaving + refusing)
        in_company = np.maximum(present.sum((1, 2), keepdims=True), 1)
        company_loss += (is_hit.sum((1, 2), keepdims=True) / in_company - company_loss).astype(np.float32) / SIGHT
        army_loss += (is_hit.sum() / max(here, 1) - army_loss) / SIGHT
        present &= ~(is_hit | is_left)
        total_hit, total_left = total_hit + is_hit.sum(), total_left + is_left.sum()
        total_refused += is_refused.sum()
    clock.report(soldier_days, present.sum(), total_hit, total_left, total_refused)


if __name__ == "__main__":
    simulate(*size())
