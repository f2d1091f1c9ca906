"""The statements of the essay of November 2023, in our own words, in one place: each with a test or with why it has none.

The essay: A. Motyl, "Why do Russian soldiers keep marching into slaughter?", The Hill, November 2023. Its sentences are not
repeated here.
"""

from __future__ import annotations

from dataclasses import dataclass

from holdfast.essay_claims import rules
from holdfast.essay_claims.rules import Bound, Rule

CAUSE, FACT, PRECEDENT, OUTLOOK = "cause", "fact", "precedent", "outlook"
KINDS = (FACT, CAUSE, PRECEDENT, OUTLOOK)
"""What a statement is of."""

EVIDENCE = "427 shipped claims, reconciled by a model of how claimants err (fast fit)"
MODEL = "runs of the model as history taught it: a statement about the model, and about the war as far as the model is right"
ARMIES = "42 past armies, coded with the help of language models by a coder who knew the endings; no specialist has reviewed them"
REGIONS = (
    "named dead to April 2023 by region (Bessudnov 2023), men of 16 to 61, income and poverty; regions, not persons"
)
BOTH = f"{MODEL}; {ARMIES}"


@dataclass(frozen=True)
class Statement:
    """One statement: what it says, how it is tested, by which rule, and what followed."""

    id: str
    """Its name."""
    part: str
    """The part of the argument that it belongs to."""
    says: str
    """The statement, in our own words."""
    kind: str
    """One of `KINDS`."""
    test: str = ""
    """The test, as `module.function` of this package; empty where there is none."""
    rule: Rule | None = None
    """What makes a verdict of the test's figures; none where there is no test."""
    reason: str = ""
    """Why it cannot be tested here; empty where it can."""
    rests_on: str = ""
    """What the test rests on."""
    followed: str = "aftermath.nothing"
    """What says what followed, as `module.function` of this package."""


NO_WORDS = "it is about what men think, and no table that ships holds what they were asked"

LOSSES = (
    Statement(
        "dead", "losses", "More than 300,000 Russian soldiers had died by November 2023.", FACT, "casualties.dead",
        rules.DRAWS_AS_MANY, rests_on=EVIDENCE, followed="aftermath.dead",
    ),
    Statement(
        "dead-by-others", "losses", "By other counts it was between 100,000 and 200,000 dead.", FACT, "casualties.others",
        rules.above(
            "share_of_draws", 0.5, 0.05,
            "more likely than not the truth lies in the range; or the range reaches into the 90 % interval",
        ), rests_on=EVIDENCE, followed="aftermath.dead",
    ),
    Statement(
        "dead-spread", "losses", "Nobody agrees on the number of the dead.", FACT, "casualties.spread",
        rules.above(
            "largest_over_smallest", 2.0, 1.4,
            "six sources on the killed of one side in one battle of the US Civil War scatter by 0.17 on the log scale, where the "
            "truth is nearly known: 95 % lie within a factor of 1.4 of it, and so within 2 of each other. Wider is disagreement",
        ), rests_on="the shipped claims as they stand", followed="aftermath.losses_by_year",
    ),
    Statement(
        "wounded-three", "losses", "For each dead soldier three were wounded.", FACT, "casualties.ratio", rules.TAIL,
        rests_on=EVIDENCE, followed="aftermath.ratio",
    ),
    Statement(
        "arithmetic", "losses", "300,000 dead and three times as many wounded came out of this army.", FACT,
        "casualties.arithmetic", rules.DRAWS_AS_MANY, rests_on=f"{EVIDENCE}; the balance of men sent and still there",
        followed="aftermath.dead",
    ),
    Statement(
        "losses-not-falling", "losses", "Losses were not falling.", FACT, "casualties.trend", Rule(
            (Bound("share_of_draws_by_half_years", 0.9), Bound("share_of_draws_by_the_year", 0.9)),
            ((Bound("share_of_draws_by_half_years", 0.9),), (Bound("share_of_draws_by_the_year", 0.9),)),
            "not to fall may be meant of the last months or of the whole year; nine draws in ten is the certainty of all intervals "
            "here",
        ), rests_on=EVIDENCE, followed="aftermath.losses_by_year",
    ),
)  # fmt: skip

RECRUITS = (
    Statement(
        "recruits-die", "recruits", "It is newly recruited men who are sent forward and die.", FACT, "motives.recruits",
        Rule(
            (Bound("share_low_end", 0.5),), ((Bound("share", 0.5),),),
            "most of the dead are new men; the 90 % interval of the share above one half, or the share alone",
        ), rests_on=f"{REGIONS}; a third of the names have no known kind of service", followed="aftermath.recruits",
    ),
    Statement(
        "recruits-untrained", "recruits", "Recruits attack in waves, hardly trained and badly armed.", FACT,
        reason="no table that ships holds days of training, arms or attacks of single units; that green men fall more often is "
        "assumed by the model (`fire.green_excess`), and an assumption tests nothing", followed="aftermath.recruits",
    ),
)  # fmt: skip

LEAVING = (
    Statement(
        "deserters", "leaving", "17,000 Russian soldiers had deserted.", FACT, "motives.deserters", rules.TAIL,
        rests_on=EVIDENCE, followed="aftermath.deserters",
    ),
    Statement(
        "troops", "leaving", "400,000 Russian troops stood in Ukraine.", FACT, "motives.troops", rules.TAIL,
        rests_on=EVIDENCE, followed="aftermath.strength",
    ),
    Statement(
        "deserters-many", "leaving", "So many deserters are a sign that the army is coming apart.", CAUSE, "motives.rate",
        Rule(
            (Bound("exits_per_1000_a_month_low_end", 40.0),), ((Bound("exits_per_1000_a_month_high_end", 11.0),),),
            "past armies that broke lost 40 or more per 1,000 a month, and in the grey band, from 11 on, armies lived for years "
            "(`docs/model.md` §3)",
        ), rests_on=f"{EVIDENCE}; {ARMIES}", followed="aftermath.deserters",
    ),
    Statement(
        "flight", "leaving", "Several hundred thousand, perhaps a million, fled abroad from the call-up.", FACT, "motives.flight",
        rules.above(
            "share_of_claims_inside", 0.9, 0.5,
            "nine in ten of the other counts, as of draws elsewhere, or more than half of them",
        ), rests_on="the shipped claims as they stand, which are not reconciled: people who left are no part of an army's flows",
        followed="aftermath.flight",
    ),
)  # fmt: skip

MOTIVES = (
    Statement(
        "patriotism", "motives", "Patriotism and a sense of being the victim keep men in line.", CAUSE,
        reason="the model has one number for all that nobody measures, a side's resolve, which is inferred from how many leave: "
        f"patriotism is in it with everything else; {NO_WORDS}", followed="aftermath.held",
    ),
    Statement(
        "leader-aura", "motives", "The leader's aura keeps men in line.", CAUSE, "motives.leader", rules.MOTIVE, rests_on=MODEL,
        followed="aftermath.leader",
    ),
    Statement(
        "propaganda", "motives", "Propaganda that hides the truth keeps men in line.", CAUSE, "motives.propaganda", rules.MOTIVE,
        rests_on=MODEL, followed="aftermath.held",
    ),
    Statement(
        "propaganda-provinces", "motives", "It is believed in the provinces more than in the capitals.", FACT,
        reason=f"trust by region is an assumption of the scenario, taken from this very statement; {NO_WORDS}",
    ),
    Statement(
        "pay", "motives", "Pay, for men who are poor, keeps them in line.", CAUSE, "motives.pay", rules.MOTIVE, rests_on=MODEL,
        followed="aftermath.recruits",
    ),
    Statement(
        "jail", "motives", "Fear of jail keeps men in line.", CAUSE, "motives.jail", rules.MOTIVE, rests_on=MODEL,
        followed="aftermath.deserters",
    ),
    Statement(
        "jail-now-death-later", "motives", "Sure jail now weighs more than possible death later, and that keeps men in line.",
        CAUSE, "motives.later", rules.MOTIVE, rests_on=MODEL, followed="aftermath.deserters",
    ),
    Statement(
        "habit", "motives", "The habit of obedience keeps men in line.", CAUSE, "motives.habit", rules.MOTIVE, rests_on=MODEL,
        followed="aftermath.held",
    ),
)  # fmt: skip

REGIONS_AND_PROTEST = (
    Statement(
        "regions-poor", "regions", "The army takes its men from poor regions.", FACT, "motives.poverty", rules.BURDEN,
        rests_on=REGIONS,
    ),
    Statement(
        "regions-low-income", "regions", "It takes them from where incomes are low.", FACT, "motives.income", rules.BURDEN,
        rests_on=REGIONS,
    ),
    Statement(
        "regions-peoples", "regions", "It takes them from the peoples that are not Russian.", FACT, "motives.peoples",
        rules.BURDEN, rests_on=REGIONS,
    ),
    Statement(
        "protest", "regions", "Few protested.", FACT,
        reason="no table that ships counts protests or who took part; the model has a share of protest, and nothing to hold it "
        "against",
    ),
)  # fmt: skip

PRECEDENTS = (
    Statement(
        "in-1917", "precedents", "In 1917 soldiers walked away by the million, and their army came apart.", PRECEDENT,
        "precedents.walked",
        Rule(
            (Bound("men_who_left", 1e6), Bound("collapsed", 1), Bound("chance_of_collapse", 0.5)),
            ((Bound("men_who_left", 1e6),), (Bound("collapsed", 1),)),
            "a million is what the statement says; a collapse must have been coded, and the model, told by all other armies, must "
            "think it likelier than not. One of the two facts is partly",
        ), rests_on=BOTH,
    ),
    Statement(
        "in-1941", "precedents", "In 1941 soldiers gave themselves up by the million, and their army came apart.", PRECEDENT,
        "precedents.gave_up",
        Rule(
            (Bound("men_captured", 1e6), Bound("collapsed", 1), Bound("chance_of_collapse", 0.5)),
            ((Bound("men_captured", 1e6),), (Bound("collapsed", 1),)),
            "as for 1917",
        ), rests_on=BOTH,
    ),
    Statement(
        "precedents-alike", "precedents", "The army of 2022 and after is like those of 1917 and 1941.", PRECEDENT,
        "precedents.alike",
        Rule(
            (Bound("place_of_the_nearer_one", most=5),), ((Bound("place_of_the_nearer_one", most=21),),),
            "`holdfast assess` names the five armies most like one; the nearer half of 42 is partly",
        ), rests_on=ARMIES, followed="aftermath.held",
    ),
    Statement(
        "vlasov", "precedents", "As with Vlasov, prisoners change sides and fight for the enemy.", PRECEDENT,
        reason="no table that ships counts men who changed sides, of this war or of 1941; the share of prisoners who do so is "
        "assumed by the model", followed="aftermath.captured",
    ),
)  # fmt: skip

FACTORS = (
    Statement(
        "factor-losses", "factors", "High losses that go on bring the army nearer to breaking.", CAUSE, "factors.losses",
        rules.FACTOR, rests_on=BOTH, followed="aftermath.losses_by_year",
    ),
    Statement(
        "factor-prospects", "factors", "No breakthrough, and no prospect of victory, bring it nearer.", CAUSE, "factors.prospects",
        rules.FACTOR, rests_on=BOTH, followed="aftermath.prospects",
    ),
    Statement(
        "factor-mobilisation", "factors", "Mass mobilisation that goes on brings it nearer.", CAUSE, "factors.mobilisation",
        rules.FACTOR, rests_on=BOTH, followed="aftermath.mobilisation",
    ),
    Statement(
        "factor-leader", "factors", "The leader's decay or death brings it nearer.", CAUSE, "factors.leader", rules.FACTOR,
        rests_on=BOTH, followed="aftermath.leader",
    ),
    Statement(
        "factor-regime", "factors", "Disarray of the regime brings it nearer.", CAUSE, "factors.regime", rules.FACTOR,
        rests_on=BOTH, followed="aftermath.regime",
    ),
    Statement(
        "factors-together", "factors", "The five together would break the army.", CAUSE, "factors.together", rules.SUFFICES,
        rests_on=MODEL, followed="aftermath.held",
    ),
    Statement(
        "factors-enough", "factors", "These five are what such an army breaks by: they add up, and others add less.", CAUSE,
        "factors.complete",
        Rule(
            (Bound("auc_of_the_plain_sum_low_end", 0.5), Bound("auc_of_the_five_less_the_four", 0.0)),
            ((Bound("auc_of_the_plain_sum_low_end", 0.5),), (Bound("auc_of_the_five_less_the_four", 0.0),)),
            "if the five add up, their plain sum tells armies that collapsed from others, above one half at the lower end of "
            "90 %; if others add less, four others tell them apart no better",
        ), rests_on=ARMIES,
    ),
)  # fmt: skip

LATENT = (
    Statement(
        "reality-catches-up", "latent factors", "What is hidden from soldiers is latent, and reality makes them feel it in time.",
        CAUSE, "factors.belief",
        Rule(
            (Bound("share_of_the_gap_that_closes_low_end", 0.5),), ((Bound("share_of_the_gap_that_closes", 0.5),),),
            "catching up is to close half of the gap within the year, in 19 of 20 runs; in one of two it is partly",
        ), rests_on=MODEL, followed="aftermath.deserters",
    ),
    Statement(
        "reality-is-felt", "latent factors", "Once felt, it makes ever more of them leave, with nothing new from outside.", CAUSE,
        "factors.felt",
        Rule(
            (Bound("exits_at_the_end_over_the_beginning_low_end", 1.0),), ((Bound("exits_at_the_end_over_the_beginning", 1.5),),),
            "exits grow in 19 of 20 runs; or by half in one of two, as for motives",
        ), rests_on=MODEL, followed="aftermath.deserters",
    ),
    Statement(
        "mutiny", "latent factors", "A rising of part of the elite makes the disarray felt at the front.", CAUSE, "factors.mutiny",
        rules.above(
            "rise_of_exits_with_it_low_end", 0.5, 0.1, "as for motives: half as many again, or a tenth, at the lower end of 90 %"
        ), rests_on=MODEL, followed="aftermath.regime",
    ),
    Statement(
        "winter", "winter", "The misery of winter makes more of them leave.", CAUSE, "factors.winter",
        rules.above(
            "rise_of_exits_by_winter_low_end", 0.5, 0.1,
            "as for motives: half as many again, or a tenth, at the lower end of 90 %",
        ), rests_on=MODEL, followed="aftermath.deserters",
    ),
    Statement(
        "winter-in-history", "winter", "Armies break in winter.", PRECEDENT, "factors.season",
        Rule(
            (Bound("share_in_winter_low_end", 5 / 12),), ((Bound("share_in_winter", 5 / 12),),),
            "November to March are five months of twelve: more than that share at the lower end of 90 %, or more at all",
        ), rests_on=ARMIES, followed="aftermath.held",
    ),
)  # fmt: skip

OUTCOMES = (
    Statement(
        "then-desertion", "outlook", "Then soldiers would desert in mass.", OUTLOOK, "factors.desertion", rules.SUFFICES,
        rests_on=MODEL, followed="aftermath.deserters",
    ),
    Statement(
        "then-front", "outlook", "Then the front would collapse.", OUTLOOK, "factors.front", rules.SUFFICES, rests_on=MODEL,
        followed="aftermath.ground",
    ),
    Statement(
        "desertion-collapse", "outlook", "Mass desertion brings an army down.", OUTLOOK, "factors.chain", rules.SUFFICES,
        rests_on=ARMIES, followed="aftermath.held",
    ),
    Statement(
        "then-end", "outlook", "Then the war would end.", OUTLOOK, "factors.end", rules.SUFFICES, rests_on=MODEL,
        followed="aftermath.war",
    ),
)  # fmt: skip

STATEMENTS = (
    *LOSSES, *RECRUITS, *LEAVING, *MOTIVES, *REGIONS_AND_PROTEST, *PRECEDENTS, *FACTORS, *LATENT, *OUTCOMES,
)  # fmt: skip
"""Every statement, in the order of the argument."""
