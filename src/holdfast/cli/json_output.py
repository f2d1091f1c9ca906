"""What each command prints with `--json`, as models from which its JSON Schema is made.

A model allows no key that it does not name, so that a test which holds every command's output to its schema sees a key that
one of them lacks. The comment beside a key is its description in the schema, the brackets its unit. What is open (an account of
how draws were made, say) is a plain `object`.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, RootModel, TypeAdapter

from holdfast.core import texts
from holdfast.core.faults import Fault
from holdfast.scenario import json_schema
from holdfast.scenario import schema as scenario_schema
from holdfast.scenario.schema import ScenarioDocument

Number = float | None
"""A number; null where it is not known or has no meaning."""
Text = str | None
"""A text; null where there is none."""
Yes = bool | None
"""True or false; null where it is not known."""
Open = dict[str, object]
"""Keys that differ from case to case."""


class Closed(BaseModel):
    """A record with the named keys alone."""

    model_config = ConfigDict(extra="forbid")


class Error(Closed):
    """What any command prints in place of its result when it fails; its exit code is not 0."""

    error: str  # what is wrong, where, why, and the cure


class Middle(Closed):
    """A median with its 90 % interval."""

    p05: Number  # 5th percentile
    p50: Number  # median
    p95: Number  # 95th percentile


class Interval(Closed):
    """An estimate with its 90 % interval."""

    value: Number  # the estimate
    p05: Number  # 5th percentile
    p95: Number  # 95th percentile


class Ends(Closed):
    """The ends of a 90 % interval."""

    p05: Number  # 5th percentile
    p95: Number  # 95th percentile


class Estimate(Closed):
    """An estimate with its 90 % interval, as tables of scores have it."""

    value: Number  # the estimate
    low: Number  # 5th percentile
    high: Number  # 95th percentile


class Bands(Closed):
    """Five levels of a distribution."""

    p05: Number  # 5th percentile
    p25: Number  # 25th percentile
    p50: Number  # median
    p75: Number  # 75th percentile
    p95: Number  # 95th percentile


# --- run, compare, trace.


class Chance(Closed):
    """A chance seen in runs, with Wilson's 90 % interval."""

    p: float  # share of the runs [1]
    p05: float  # lower end [1]
    p95: float  # upper end [1]
    runs: int  # how many runs [1]


class SideOfRuns(Closed):
    """One army over all runs."""

    strength_start: int  # men present on the first morning [men]
    killed: Middle  # killed over the run [men]
    wounded: Middle  # wounded over the run [men]
    deserted: Middle  # deserted and got away [men]
    surrendered: Middle  # surrendered by choice [men]
    refused: Middle  # refusals to attack [man-days]
    returned: Middle  # came back from absence [men]
    captured: Middle  # gave up while encircled [men]
    caught: Middle  # stopped on the way home [men]
    strength_end: Middle  # men present on the last day [men]
    exits_per_1000_month: Middle  # deserted or surrendered per 1,000 present a month [1/1,000/month]
    p_mass_desertion: float  # share of runs with a tenth gone within 180 days [1]
    p_front_broken: float  # share of runs with half of the sectors broken [1]
    p_collapse: float  # share of runs that end in collapse [1]
    p_settlement: float  # share of runs in which the state ended the war [1]
    p_destroyed: float  # share of runs in which the army was destroyed [1]
    by_day: dict[str, dict[str, Chance]]  # by horizon [d]: which end of the war came first
    days_to_break: Middle | None  # where it breaks, the day [d]
    r_d_max: Middle  # greatest number of further exits that one exit causes [1]


class Share(Closed):
    """A part of a variance."""

    share: Number  # the part [1]
    p05: Number  # 5th percentile [1]
    p95: Number  # 95th percentile [1]


class Run(Closed):
    """`holdfast run`: a scenario's runs in a page of numbers; the same as `summary.json`."""

    scenario: str  # name of what was run
    seed: int  # seed of the luck
    runs: int  # how many runs [1]
    days: int  # length of a run [d]
    men_per_billet: int  # the grain [men]
    soldier_days: int  # billets filled, summed over the days of all runs [1]
    wall_s: float  # how long it took [s]
    sides: dict[str, SideOfRuns]  # by side
    p_breaks_first: dict[str, float]  # share of runs in which each side broke first, both, destroyed, none [1]
    uncertain: str  # what the runs differ in
    spread: dict[str, dict[str, dict[str, Share]]] | None  # parts of the variance, by side, measure and part
    men_balance_error: int  # men lost or made from nothing: always 0 [men]
    draws: Open  # where the draws of what is not known are from


class Difference(Closed):
    """A measure of two results, each by its mean over the runs."""

    a: float  # mean of the first
    b: float  # mean of the second
    difference: float  # second less first
    standard_error: Number  # of the difference; null from a single run


class Compare(Closed):
    """`holdfast compare`: how a second result differs from a first."""

    paired: bool  # whether each run's difference is under the same draws and luck
    runs: list[int]  # runs of each [1]
    days: int  # the first days, as many as both have [d]
    days_each: list[int]  # days of each [d]
    start: str  # first day; empty where it is not known
    unlike: list[str]  # in what else the two differ
    sides: dict[str, dict[str, Difference]]  # by side and measure
    a: str  # the first
    b: str  # the second


class SoldierDay(Closed):
    """A soldier on a day; where the billet is empty only who he was and his fate."""

    day: int  # day of the run, from 1 on [d]
    soldier: int  # number of the soldier
    side: str  # the army
    brigade: str  # the brigade
    company: int  # number of the company
    squad: int  # number of the squad
    slot: int  # number of the billet
    fate: str  # where he is
    home: str = ""  # the region that sent him
    kind: str = ""  # kind of soldier
    tenure_d: int = 0  # days of service [d]
    risk_believed: float = 0  # risk of death or maiming that he believes [1/d]
    risk_seen: float = 0  # risk as seen around him [1/d]
    resolve: float = 0  # his own resolve [nats]
    unit_and_cause: float = 0  # what unit and cause add [nats]
    terror: float = 0  # what the memory of terror adds [nats]
    pay: float = 0  # what pay adds [nats]
    dread: float = 0  # what dread takes [nats]
    stay: float = 0  # the wish to stay, their sum [nats]
    way_out: float = 0  # worth of the best way out [nats]
    p_leave: float = 0  # chance to leave today [1]
    p_desert: float = 0  # chance to go home [1]
    p_surrender: float = 0  # chance to give up [1]
    p_caught: float = 0  # chance to be caught leaving [1]
    p_refuse: float = 0  # chance to refuse an attack [1]
    p_hit: float = 0  # chance to be hit [1]
    luck: float = 0  # his draw of the day, 0 to 1 [1]
    what: str = ""  # what he does or what befalls him


class Trace(RootModel[list[SoldierDay]]):
    """`holdfast trace`: a row for each soldier and day."""


# --- scenarios, parameters.


class ScenarioLine(Closed):
    """A shipped scenario in a line."""

    name: str  # as `holdfast run` takes it
    title: str  # the war and its years
    start: str  # first day
    days: int  # length of a run [d]
    sides: list[str]  # names of the two sides
    question: str  # what it asks


class Scenarios(RootModel[list[ScenarioLine]]):
    """`holdfast scenarios list`: the shipped scenarios."""


class ShownScenario(ScenarioDocument):
    """`holdfast scenarios show`: the scenario with every default written out; null where a key is not set."""


class SoundScenario(ScenarioLine):
    """`holdfast scenarios check`: a sound scenario; one with faults gives an error."""

    ok: bool  # always true
    losses: dict[str, Open] = {}  # by side, what is taken from which posterior of losses


class Parameter(Closed):
    """A declared parameter."""

    path: str  # how a scenario or `--set` calls it
    value: float  # as declared [its unit]
    unit: str  # 1 = none
    prior: str  # what is thought possible, in words
    pressure: str  # the pressure that owns it
    source: str  # where the value is from


class Parameters(RootModel[list[Parameter]]):
    """`holdfast parameters`: every declared parameter, or those that match."""


# --- Evidence.


class Judged(Closed):
    """The verdict on a claim."""

    claim_id: str  # the claim's name
    side: str  # the army that it is about
    quantity: str  # what it counts
    says: str  # the claim in words
    value: Number  # its number, as a total [men]
    verdict: str  # in words
    tail_probability: Number  # how extreme it is under the posterior [1]
    predicted: Middle | None  # what its claimant would be expected to say [men]
    truth: Middle | None  # what truly came [men]
    would_mean: str  # what would have to hold if it were right


class Reading(Closed):
    """One reading of a claim's words."""

    counts: str  # what it would count
    says: str  # the reading in words
    truth: Middle | None  # what truly came of that [men]
    tail_probability: Number  # how extreme the claim is under it [1]
    verdict: str  # in words


class MonthOfLosses(Closed):
    """A side's month."""

    month: str  # as 2023-11
    killed: Middle  # killed, the missing presumed dead among them [men]
    wounded: Middle  # wounded, once for each wound [men]
    missing: Middle  # of the killed, those whose death is not established [men]
    captured: Middle  # captured [men]
    deserted: Middle  # deserted or absent without leave [men]
    recruited: Middle  # recruited into this force [men]
    strength: Middle  # men present at the end of the month [men]


class SideOfLosses(Closed):
    """A side's totals over all months, and each month."""

    killed: Middle  # killed, the missing presumed dead among them [men]
    wounded: Middle  # wounded, once for each wound [men]
    missing: Middle  # of the killed, those whose death is not established [men]
    captured: Middle  # captured [men]
    deserted: Middle  # deserted or absent without leave [men]
    recruited: Middle  # recruited into this force [men]
    strength: Middle  # men present on the last day [men]
    monthly: list[MonthOfLosses]  # month by month


class Losses(Closed):
    """`holdfast losses`: losses of both armies in the light of competing claims."""

    until: str  # last day of the months
    first_day: str  # first day of the war
    sides: dict[str, SideOfLosses]  # by side
    claims: list[Judged]  # a verdict on each claim that was fitted
    lineages: list[Open]  # each side's totals without each lineage; empty unless wanted
    diagnostics: Open  # how well the fit mixed
    claims_fitted: int  # claims that were fitted [1]
    seed: int  # seed of the fit
    holdfast_version: str  # release that made it


class CountOfClaims(Closed):
    """How many claims a table has of a side and quantity."""

    side: str  # the army
    quantity: str  # what is counted
    claims: int  # claims [1]
    lineages: int  # lineages [1]
    first: str = Field(alias="from")  # first day counted
    to: str  # last day counted


class CheckedClaims(Closed):
    """`holdfast claims check`: a table of claims, sound or with its faults."""

    ok: bool  # whether it is sound
    claims: int  # claims read [1]
    faults: list[Fault]  # everything that is wrong; the exit code is then 2
    unused: list[str] = []  # columns that nothing is read from
    notes: list[str] = []  # what was done to read it
    rows: list[CountOfClaims] = []  # claims by side and quantity
    suggested: Open = {}  # with `--suggest`: the file that was written, and what is unsure


class Arithmetic(Closed):
    """The sum of a claim: men sent, present and gone."""

    side: str  # the army
    date: str  # the day
    sent: Middle  # men sent so far [men]
    present: Middle  # men present [men]
    gone: Middle  # sent and no longer present [men]
    killed: Middle  # of these killed [men]
    out_for_good: Middle  # wounded who do not return [men]
    other: Middle  # gone otherwise [men]
    needed: Middle  # men needed if the claim were right [men]
    share_possible: Number  # share of the draws in which it is possible [1]
    lines: list[str]  # the sum in sentences


class JudgedClaims(Closed):
    """`holdfast claims judge`: verdicts on claims that were not fitted."""

    until: str  # last day of the months
    claims: list[Judged]  # a verdict on each
    diagnostics: Open  # how well the fit mixed
    claims_fitted: int  # claims that were fitted [1]
    readings: list[Reading] = []  # of a single claim, every reading of its words
    arithmetic: Arithmetic | None = None  # of a single claim, its sum


class FileOfSet(Closed):
    """A file of a public data set."""

    name: str  # its name
    address: str  # from where it is fetched
    sha256: str  # its checksum


class DataSet(Closed):
    """A public data set."""

    name: str  # as `holdfast data fetch` takes it
    what: str  # what it holds
    who: str  # whose it is
    licence: str  # its licence
    citation: str  # how to cite it
    caveats: list[str]  # what to hold against it
    here: bool  # whether it was fetched
    files: list[FileOfSet]  # its files


class DataSets(RootModel[list[DataSet]]):
    """`holdfast data list`: the public data sets."""


class Fetched(RootModel[dict[str, str]]):
    """`holdfast data fetch`: the path of each file by its name."""


class Axis(Closed):
    """An axis of a data set."""

    size: int  # how long it is [1]
    first: str  # its first
    last: str  # its last


class Variable(Closed):
    """A variable of a data set."""

    long_name: str  # what it is
    units: str  # its unit
    known: int  # values that are known [1]
    least: Number  # the least [its unit]
    most: Number  # the greatest [its unit]


class ShownSet(Closed):
    """`holdfast data show`: what is in a data set."""

    name: str  # of the data set
    title: str  # in a line
    source: str  # where it is from
    licence: str  # its licence
    note: str  # a remark; empty where there is none
    caveats: list[str]  # what to hold against it
    axes: dict[str, Axis]  # by name
    variables: dict[str, Variable]  # by name


class WrittenClaims(Closed):
    """`holdfast data claims --out`: the table of claims that was written."""

    file: str  # its path
    rows: int  # claims [1]
    notes: list[str]  # how they were made


class SetAsClaims(RootModel[WrittenClaims | list[Open]]):
    """`holdfast data claims`: rows of a table of claims by column; with `--out` where they were written."""


class Packaged(Closed):
    """`holdfast data package`: the folder that was written."""

    folder: str  # its path
    resources: list[str]  # names of its tables


# --- Past armies.


class Certainty(Closed):
    """How sure a code was taken to be."""

    value: float  # chance that it is right over the whole span [1]
    source: str  # who says so


class EndsByDay(Closed):
    """How the war has ended by a day."""

    days: int  # the day [d]
    collapse: Interval  # chance of collapse [1]
    settlement: Interval  # chance that the state ended the war [1]
    destroyed: Interval  # chance that the army was destroyed [1]
    none: Interval  # chance of none of these [1]


class Came(Closed):
    """What came of a shipped army."""

    collapse: Yes  # whether it collapsed
    mass_desertion: Yes  # whether a tenth or more left


class OtherLevel(Closed):
    """A code that two armies, or two ends, have otherwise."""

    code: str  # the code
    here: int | None  # its level here, 0 to 2 [1]
    there: int | None  # its level there, 0 to 2 [1]


class Neighbour(Closed):
    """A past army like the one that is assessed."""

    army_id: str  # its name in the table
    army: str  # in words
    distance: float  # how far it is: 0 = the same codes [1]
    outcome: str  # in its coder's words
    collapse: Yes  # whether it collapsed
    mass_desertion: Yes  # whether a tenth or more left
    differs: list[OtherLevel]  # the codes that differ


class Change(Closed):
    """A code put otherwise."""

    code: str  # the code
    here: int | None = Field(alias="from")  # its level [1]
    to: int  # the level that it is put to [1]
    p_collapse: Number  # chance of collapse then [1]
    change_p_collapse: Interval  # change of that chance [1]
    change_p_mass_desertion: Interval  # change of the chance of mass desertion [1]
    against_its_sense: bool  # whether it moves against what the code means


class Assessment(Closed):
    """`holdfast assess`: one army in ten codes."""

    name: str  # what it is called
    army: Text  # the shipped army that it started from
    unchanged: bool  # whether it is that army as coded
    taught: str  # which armies taught the model
    codes: dict[str, int | None]  # level of each code, 0 to 2 [1]
    unknown: list[str]  # codes that are not known
    certainty: dict[str, Certainty]  # by code
    force_ratio: Number  # own men to the enemy's [1]
    days: int  # horizon of the chances [d]
    p_collapse: Interval  # chance of collapse [1]
    p_mass_desertion: Interval  # chance that a tenth or more leaves [1]
    exits_per_1000_month: Middle  # exits by choice [1/1,000/month]
    band: str  # where that lies among past armies
    base_rate: dict[str, Number]  # share of past armies to which each outcome came [1]
    ridge_ten: dict[str, Number]  # a simple model's chances [1]
    by_day: list[EndsByDay]  # in longer runs
    came: Came | None  # what came, of an unchanged shipped army
    nearest: list[Neighbour]  # the past armies most like it
    changes: list[Change]  # each code put otherwise
    draws: int  # draws of the posterior [1]
    worth: Number  # how many draws they are worth [1]
    posterior: str  # which posterior


class ArmyLine(Closed):
    """A coding of a past army."""

    army_id: str  # its name in the table
    coder: str  # who gave the codes
    vantage: str  # from when they were given
    army: str  # in words
    war: str  # in words
    start: Text  # first day of the span
    end: Text  # last day of the span
    codes: dict[str, int | None]  # level of each code, 0 to 2 [1]
    relief: int | None  # whether help came, 0 to 2 [1]
    space: int | None  # whether there was ground to fall back into, 0 to 2 [1]
    settlement: Yes  # whether its war ended by an agreement while it stood
    confidence: float | Text  # the coder's
    collapse: Yes  # whether it collapsed
    mass_desertion: Yes  # whether a tenth or more left
    independent: bool  # whether it counts for itself
    sources: str  # where the figures are from


class Armies(RootModel[list[ArmyLine]]):
    """`holdfast armies list`: the shipped codings."""


class TwoCodings(Closed):
    """An army under two coders' codes."""

    army_id: str  # its name
    p_collapse_first: Number  # chance of collapse under the first's codes [1]
    p_collapse_second: Number  # under the second's [1]
    collapse: Yes  # whether it collapsed
    differs: list[Open]  # codes that differ, with both levels


class Agreement(Closed):
    """`holdfast armies agree` and `assess --second-coder`: how far two coders agree, and what it does to the scores."""

    agreement: Open  # kappa and alpha by code and overall [1]
    armies: list[TwoCodings]  # each army that both coded
    shared: int  # how many these are [1]
    mean_absolute_difference_p_collapse: Number  # of the chances of collapse [1]
    without: str  # which armies taught the model
    scores: dict[str, Open]  # the model's scores under either's codes
    not_shipped: dict[str, Text]  # names that are no shipped army, and what may be meant
    not_coded_again: list[str]  # armies of the first alone
    draws: int  # draws of the posterior [1]
    posterior: str  # which posterior


Scores = dict[str, dict[str, Number]]
"""By model, each score."""


class Backtest(Closed):
    """`holdfast backtest`: chances of past armies, and scores against what came."""

    title: str  # how many armies, and how they are predicted
    coders: list[Open]  # scores under other coders' codes, each with its armies
    armies: list[Open]  # every army: chances, rates, what came
    scores: Scores  # of collapse
    intervals: dict[str, Open]  # 90 % of resampled armies, by outcome and model
    scores_mass_desertion: Scores  # of mass desertion
    differences: dict[str, list[Open]]  # paired differences, by outcome
    parts: list[Open]  # scores where a doubtful code can tell nothing
    exits: Open | None  # scores of exit rates
    pairs: list[Open]  # one army, two ends
    effective_draws: dict[str, dict[str, Number]]  # by model [1]
    models: dict[str, dict[str, str]]  # name and part of each
    warnings: list[str]  # what to hold against the scores
    about: Open  # posterior, seed, version


class Battles(Closed):
    """The laws of fire and front on past battles."""

    title: str  # what was scored
    source: str  # where the battles are from
    battles: int  # how many [1]
    wars: int  # how many wars [1]
    decided: int  # battles that one side lost [1]
    scores: dict[str, dict[str, Open]]  # by holdout and model
    law_less_logit: dict[str, dict[str, Open]]  # the law's score less a logit's
    parameters: list[Open]  # what the battles taught
    breakpoint_curve: list[Open]  # share that gave way, by losses
    breakpoint_line: dict[str, dict[str, Number]]  # constant and slope
    classes: list[Open]  # by class of battles
    findings: list[Open]  # claims, and whether they held
    variants: list[Open]  # the law with one thing changed
    each_battle: list[Open]  # a row a battle
    civil_war: Open | None  # losses of single regiments, where that table is there
    unused_columns: list[str]  # columns that nothing is read from
    seed: int  # seed of the fit


class OneBattle(Closed):
    """The battles of a name."""

    battle: list[Open]  # a row for each


class BattlesJury(RootModel[Battles | OneBattle]):
    """`holdfast battles`: the laws of fire and front on past battles; with `--battle` the battles of that name."""


# --- Explanations, sweeps, warning, essay.


class ValueSe(Closed):
    """A value with its standard error over the draws."""

    value: Number  # the value [1]
    se: Number  # its standard error [1]


class Interaction(ValueSe):
    """What two pressures do together beyond each alone."""

    pressures: list[str]  # the two


class Explained(Closed):
    """One outcome: nobody, everybody, values, interactions."""

    outcome: str  # collapse, mass_desertion or breaks
    calm: Number  # its chance with every pressure at its calm level [1]
    calm_se: Number  # standard error [1]
    extreme: Number  # its chance with every pressure at its extreme level [1]
    extreme_se: Number  # standard error [1]
    shapley: dict[str, ValueSe]  # by pressure
    interactions: list[Interaction]  # of pairs


class Coalition(Closed):
    """A set of pressures at their extreme levels."""

    on: list[str]  # who is in it
    p: float  # chance of the outcome [1]
    se: float  # standard error [1]


class Explanation(Explained):
    """`holdfast explain`: which pressures break an army, alone and together."""

    scenario: str  # what was run
    side: str  # the army
    by: str  # pressures or effects
    days: int  # length of a run [d]
    seed: int  # seed of the luck
    draws: int  # draws of what is not known [1]
    men_per_billet: int  # the grain [men]
    level: float  # chance from which on a set suffices [1]
    sufficient_sets: list[Open]  # the smallest sets that suffice
    necessary: list[Open]  # pressures without which no set suffices
    cheapest_break: Open | None  # the smallest step that breaks it
    cheapest_hold: Open | None  # the smallest step that holds it
    coalitions: list[Coalition]  # every combination
    today: Open | None  # from where the scenario stands: each pressure alone, the common push
    phase: Open | None  # the two strongest in steps
    outcomes: dict[str, Explained]  # the same by outcome
    about: Open  # what was run, and how


class SweptInput(Closed):
    """An input of a sweep."""

    path: str  # as `--vary` takes it
    label: str  # in words
    low: Number  # least value [its unit]
    high: Number  # greatest value [its unit]
    how: str  # how it is varied
    posterior: bool  # whether it is a draw of the posterior


class Limit(Closed):
    """A side of a box."""

    input: str  # the input
    side: str  # below or above
    value: Number  # the bound [its unit]
    words: list[str]  # or the words that are in it
    quasi_p: Number  # how easily chance gives it [1]


class Box(Closed):
    """A region of the inputs in which the outcome is frequent."""

    sentence: str  # in words
    density: Open  # share of its points with the outcome, with its interval [1]
    coverage: Number  # share of all such points in it [1]
    mass: Number  # share of all points in it [1]
    points: int  # points [1]
    hits: int  # points with the outcome [1]
    limits: list[Limit]  # its sides


class Sweep(Closed):
    """`holdfast sweep`: which inputs move an outcome, and where an army breaks."""

    scenario: str  # what was run
    method: str  # sobol, morris or boxes
    days: int  # length of a run [d]
    men_per_billet: int  # the grain [men]
    seed: int  # seed of the luck
    side: str  # the army
    outcome: str  # what was looked at
    above: Number  # of exits: the rate above which boxes look [1/1,000/month]
    runs: int  # runs [1]
    points: int  # points of the design [1]
    draws_a_point: int  # draws at each [1]
    luck_only: bool  # whether draws differ in luck alone
    inputs: list[SweptInput]  # what was varied
    chances: dict[str, dict[str, Open]]  # by side and outcome [1]
    indices: dict[str, dict[str, Open]]  # by side and outcome: shares by input [1]
    luck: dict[str, dict[str, Open]]  # by side and outcome: the share of luck [1]
    boxes: list[Box]  # boxes by PRIM
    base_density: Number  # share of all points with the outcome [1]
    trajectory: list[Open]  # the steps of the peeling
    chosen_step: int | None  # the step that was chosen
    apart: dict[str, Number] | None  # the box on points apart: density and coverage [1]
    tree: list[Box]  # boxes by CART
    draws: Open  # where the draws are from


class Signal(Closed):
    """A signal now, and what was measured of it."""

    signal: str  # its name
    unit: str  # its unit
    warns: str  # low or high
    value: Number  # now [its unit]
    low: Number  # 5th percentile [its unit]
    high: Number  # 95th percentile [its unit]
    missing: Text  # why there is none
    alarm: Yes  # whether it is beyond its threshold; null where it is not known
    since: Text  # since when
    threshold: Number  # the threshold [its unit]
    false_alarm: Open | None  # share of armies that hold with an alarm in half a year [1]
    held: int = 0  # armies that held, on which it was measured [1]
    breaks: dict[str, Open] | None  # by kind of break: detection, lead


class Warned(Closed):
    """`holdfast warn`: signals of early warning, each beside its false alarms."""

    title: str  # what was looked at
    interval: str  # week or month
    periods: int  # how many [1]
    missing: int  # of which not known [1]
    now: str  # first day of the last period
    headline: str  # in a sentence
    signals: list[Signal]  # every signal now
    trends: list[Open]  # Kendall's tau, and its false alarms
    skill_measured_on: Open  # men of the simulated armies, and why
    shocks: str  # what no signal tells
    runs: list[Open]  # of a simulation: each run's break and lead
    notes: list[str]  # how the table was read
    series: list[Open]  # every signal at every period


class Rule(Closed):
    """By what a verdict follows."""

    words: str  # the rule
    why: str  # its reason


class Statement(Closed):
    """A statement of the essay."""

    id: str  # its number
    part: str  # part of the essay
    says: str  # in our words
    kind: str  # what kind of statement
    verdict: str  # supported, partly, not supported, not testable here
    test: Text  # the test
    figures: Open  # its figures
    measured: str  # what was measured, in words
    rule: Rule | None  # by what the verdict follows
    command: Text  # what gives the figures
    rests_on: Text  # what it rests on
    reason: Text  # why there is no test
    followed: Text  # what followed
    followed_source: Text  # who says so


class Essay(Closed):
    """`holdfast essay`: the essay of November 2023, claim by claim."""

    statements: list[Statement]  # in the order of the argument
    verdicts: dict[str, int]  # how often each was given [1]
    quick: bool  # whether nothing is to be cited
    seed: int  # seed of fits, draws and luck
    runs: int  # runs of every comparison [1]
    men_per_billet: int  # the grain [men]
    holdfast_version: str  # release that made it


# --- Forecasts.


class ClaimTable(Closed):
    """A table of claims that a forecast rests on."""

    name: str  # its name
    kind: str  # shipped, own or fetched
    claims: int  # claims known by the day [1]
    added: int  # of which were not known from the others [1]


class ForecastScored(Closed):
    """A forecast against what followed."""

    months: list[Open]  # by side, quantity and horizon
    outcomes: dict[str, Open]  # by side and outcome


class LedgerPlace(Closed):
    """A line of a ledger."""

    file: str  # the ledger
    number: int  # of the line
    hash: str  # of the line


class Forecast(Closed):
    """Both armies from a day on."""

    scenario: str  # the war
    scenario_hash: str  # SHA-256 of the scenario
    as_of: str  # nothing known later is used
    until: str  # last day
    claims: int  # claims known by then [1]
    posterior_hash: str  # SHA-256 of the posterior of losses
    parameters: str  # where the engine's parameters are from
    runs: int  # runs [1]
    draws_put_aside: int  # draws that do not fit the days before [1]
    seed: int  # seed of the luck
    men_per_billet: int  # the grain [men]
    live: bool  # whether it was made before what it tells
    newest_claims: dict[str, str]  # by side, the last day that a claim counts to
    claim_tables: list[ClaimTable]  # what it rests on
    version: str  # release that made it
    fits: dict[str, Open]  # by side, how its fit ended
    weights: dict[str, dict[str, float]]  # of the pool, by quantity and component [1]
    sides: dict[str, Open]  # by side: bands by month and quarter, chances of outcomes by day
    scores: ForecastScored | None  # against what followed
    warnings: list[str]  # what must be known first
    caveats: list[str]  # what to hold against it
    ledger: LedgerPlace | None = None  # where it was added


class OriginOfForecast(Closed):
    """A forecast from one day, scored."""

    as_of: str  # the day
    claims: int  # claims known by then [1]
    runs: int  # runs [1]
    draws_put_aside: int  # draws that do not fit the days before [1]
    parameters: str  # where the engine's parameters are from
    outcomes: dict[str, Open]  # by side and outcome
    fits: dict[str, Open]  # by side, how its fit ended
    weights: dict[str, dict[str, float]]  # of the pool [1]
    scores: list[Open]  # by side, quantity and horizon


class Rolling(Closed):
    """Forecasts from a day in every quarter."""

    scenario: str  # the war
    until: str  # last day of all
    scores: list[Open]  # means over all
    origins: list[OriginOfForecast]  # each of them


class LedgerCheck(Closed):
    """A ledger of which nothing was changed or lost."""

    ledger: str  # its file
    lines: int  # forecasts [1]
    last: str  # hash of its last line
    holds: bool  # always true; else there is an error


class LedgerScores(Closed):
    """The forecasts of a ledger against what is known now."""

    ledger: str  # its file
    last: str  # hash of its last line
    scored_on: str  # today
    lines: list[Open]  # each forecast
    scores: list[Open]  # by side, quantity and horizon
    reliability: list[Open]  # share of observations below each level
    outcomes: list[Open]  # chances against what came
    months_scored: int  # months [1]
    next_month: Text  # the first that waits
    known_until: dict[str, dict[str, str]]  # by side and quantity, the last day that claims count to
    claim_tables: list[ClaimTable]  # what it rests on
    caveats: list[str]  # what to hold against it


class Forecasts(RootModel[Forecast | Rolling | LedgerScores | LedgerCheck]):
    """`holdfast forecast`: a forecast; with `--rolling`, `--score-ledger` or `--check-ledger` what these give."""


# --- Calibration, speed.


class PosteriorFile(Closed):
    """The posterior that was stored."""

    digest: str  # SHA-256 of its content
    draws: int  # draws [1]
    rehearsal: bool  # whether it is worth nothing


class Calibration(Closed):
    """`holdfast calibrate`: what the armies taught, and its checks; the same as `calibration.json`."""

    posterior: PosteriorFile  # what was stored
    seconds: float  # how long it took [s]
    inputs: list[str]  # the inputs that were learnt
    recipe: Open  # how it was made
    checks: dict[str, dict[str, Open]]  # calibration by simulation, predictive checks, identifiability


class Speed(Closed):
    """`holdfast bench`: soldier-days a second of this machine."""

    soldier_days_per_second: float  # of all processes [1/s]
    soldier_days_per_processor_second: float  # of a processor's second [1/s]
    men: int  # men of a process [men]
    days: int  # days [d]
    wall_s: float  # how long they took [s]
    compile_s: float  # how long compiling took [s]
    peak_memory_mb: float  # of a process [MB]
    device: str  # on what it ran
    processes: int  # how many [1]
    ratios: dict[str, float]  # how many times as fast as others [1]


class Author(Closed):
    """Who made a version."""

    name: str  # in full


class Citation(BaseModel):
    """`holdfast cite`: the citation under the names of the Citation File Format 1.2.0."""

    model_config = ConfigDict(extra="forbid", alias_generator=lambda name: name.replace("_", "-"))

    cff_version: str  # version of the format
    message: str  # what is asked of those who use it
    type: str  # what kind of work
    title: str  # of the work
    abstract: str  # what it does
    authors: list[Author]  # who made it
    version: str  # that is installed
    date_released: str | None = None  # day of its release; left out while it is in preparation
    license: str  # by its identifier
    keywords: list[str]  # what it is about


COMMANDS: dict[str, type[BaseModel]] = {
    "run": Run, "compare": Compare, "trace": Trace, "scenarios list": Scenarios, "scenarios show": ShownScenario,
    "scenarios check": SoundScenario, "parameters": Parameters, "losses": Losses, "claims check": CheckedClaims,
    "claims judge": JudgedClaims, "data list": DataSets, "data fetch": Fetched, "data show": ShownSet,
    "data claims": SetAsClaims, "data package": Packaged, "assess": RootModel[Assessment | Agreement], "armies list": Armies,
    "armies agree": Agreement, "backtest": Backtest, "battles": BattlesJury, "explain": Explanation, "essay": Essay,
    "forecast": Forecasts, "sweep": Sweep, "warn": Warned, "calibrate": Calibration, "bench": Speed, "cite": Citation,
}  # fmt: skip
"""The model of what each command prints with `--json`."""
ALIASES = {
    ("CountOfClaims", "from"): "first", ("Change", "from"): "here", ("Citation", "cff-version"): "cff_version",
    ("Citation", "date-released"): "date_released",
}  # fmt: skip
"""What a key is called here that is no name of Python's."""


def output_schema(command: str) -> dict[str, object]:
    """The JSON Schema (draft 2020-12) of what a command prints with `--json`.

    Args:
        command: one of `COMMANDS`, or `error`: what any of them prints when it fails.

    Returns:
        The schema.

    Raises:
        KeyError: if there is no such command.
    """
    model = Error if command == "error" else COMMANDS[command]
    schema = TypeAdapter(model).json_schema(by_alias=True)
    records = {**globals(), **(vars(scenario_schema) if issubclass(model, ScenarioDocument) else {})}
    for name, node in {model.__name__: schema, **schema.get("$defs", {})}.items():
        for key in node.get("properties", {}):
            _describe(node["properties"][key], texts.about(records[name], ALIASES.get((name, key), key)))
    return {"$schema": json_schema.DIALECT, "title": f"holdfast {command} --json"} | {
        key: value for key, value in schema.items() if key != "title"
    }


def _describe(node: dict[str, object], text: str) -> None:
    """Give a key its text and unit."""
    node.pop("title", None)
    unit = texts.unit(text)
    node |= json_schema.portable(node) | {"description": text, **({"x-unit": unit} if unit else {})}
