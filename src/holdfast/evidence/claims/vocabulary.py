"""The words of claims: what is counted, over what time, and the part that a word plays in a sentence.

English only, and no proper names but those of the war's sides, which the caller knows.
"""

from __future__ import annotations

from typing import NamedTuple


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


class Phrase(NamedTuple):
    """What words about losses mean."""

    quantity: str  # the quantity that they name
    definition: str  # the definition that a table would give it
    basis: str = ""  # its basis, where the words fix one


FATES = {
    "killed": r"killed(?:\s+in\s+action)?|kia|dead|died|deaths?|fatalities|fallen|perished",
    "wounded": r"wounded(?:\s+in\s+action)?|wia|injured|injuries",
    "missing": r"(?:gone\s+|went\s+)?missing(?:\s+in\s+action)?|mia",
    "captured": r"captured|taken\s+prisoners?|taken\s+captive|prisoners?(?:\s+of\s+war)?|pows?|surrendered",
}
"""What can befall a soldier; named together they make one number."""

ANY_FATE = "|".join(FATES.values())
TOGETHER = rf"\b(?:{ANY_FATE})\b(?:(?:\s*[,/&+]\s*|\s+)(?:(?:and|or|as\s+well\s+as)\s+)?(?:the\s+)?(?:{ANY_FATE})\b)+"

SETS = {
    frozenset(("killed", "wounded")): Phrase("casualties", "killed and wounded"),
    frozenset(("killed", "missing")): Phrase("killed", "killed and missing"),
    frozenset(("missing", "captured")): Phrase("missing", "missing or captured"),
    frozenset(("killed", "wounded", "missing")): Phrase("casualties", "killed, wounded and missing"),
    frozenset(("killed", "wounded", "captured")): Phrase("casualties", "killed, wounded and captured"),
    frozenset(FATES): Phrase("casualties", "killed, wounded, missing and captured"),
}

GONE = r"(?:irrecoverable|irretrievable|irreplaceable|permanent)(?:\s+(?:losses|casualties))?"
AWAY = r"(?:desertions?|deserters|deserted|awol)"
PRISONERS = r"(?:prisoners?(?:\s+of\s+war)?|pows?|captives)"
RECRUITS = r"recruits?|recruitments?|enlistments?|(?:signed\s+)?contracts(?:\s+signed)?"
DEAD = Phrase("killed", "killed")
WOUNDED = Phrase("wounded", "wounded")
NAMED = Phrase("killed", "confirmed dead")
CAPTURED = Phrase("captured", "captured")
HELD = Phrase("captured", "prisoners held", "stock")
DESERTED = Phrase("deserted", "deserted")
CASES = Phrase("deserted", "criminal cases of desertion")
RECRUITED = Phrase("recruited", "recruited")
CASUALTIES = Phrase("casualties", "casualties")
LOST = Phrase("casualties", "lost: killed or wounded, not said which")
STRENGTH = Phrase("strength", "strength", "stock")

PHRASES: tuple[tuple[str, Phrase, str], ...] = (
    (r"(?:killed(?:\s+in\s+action)?\s*,?\s*(?:and|or)?\s*)?(?:mortally\s+wounded"
     r"|died\s+of\s+(?:their\s+)?wounds)", DEAD, "HARM"),
    (rf"{GONE}\s*,?\s*(?:including|incl\.?|with|and|\+)\s*{AWAY}",
     Phrase("casualties", "irrecoverable, deserters included"), "KIND"),
    (GONE, Phrase("casualties", "irrecoverable"), "KIND"),
    (r"(?:(?:killed|dead|deaths?)\s+(?:without|excluding|not\s+counting)\s+(?:the\s+)?missing)",
     Phrase("killed", "killed, without the missing"), "KIND"),
    (r"(?:confirmed|named|identified)\s+(?:dead|killed|deaths)(?:\s+by\s+name)?|(?:dead|killed"
     r"|deaths)\s+(?:confirmed\s+)?by\s+name",
     NAMED, "KIND"),
    (r"(?:eliminat|liquidat|neutrali[sz]|destroy|annihilat)ed|wiped\s+out|put\s+out\s+of\s+action|taken\s+out",
     Phrase("casualties", "eliminated"), "HARM"),
    (r"(?:eliminat|liquidat|neutrali[sz])(?:es?|ing)", Phrase("casualties", "eliminated"), "HARMING"),
    (r"eliminations|liquidations", Phrase("casualties", "eliminated"), "KIND"),
    (r"(?:severely|seriously|gravely|badly|heavily)\s+(?:wounded"
     r"|injured)", Phrase("wounded", "severely wounded"), "HARM"),
    (rf"{PRISONERS}\s+(?:(?:are|were|being|ha(?:s|ve|d)\s+been)\s+)*(?:still\s+)?(?:held|remain(?:ed|s"
     rf"|ing)?(?:\s+held)?)|held\s+(?:as\s+{PRISONERS}|prisoner|captive)", HELD, "HOLD"),
    (r"(?:held|remain(?:ed|s|ing)?|are|were|still)?\s*in\s+captivity|imprisoned", HELD, "HOLD"),
    (r"deserters\s+on\s+(?:a\s+|the\s+)?(?:wanted\s+)?lists?", Phrase("deserted", "deserters on a list"), "KIND"),
    (r"(?:desertion\s+|awol\s+)?(?:cases|verdicts)\s+(?:of\s+desertion\s+)?in\s+courts?|(?:convicted\s+of"
     r"|(?:brought\s+to|in)\s+court\s+for|tried\s+for)\s+desertion",
     Phrase("deserted", "court cases of desertion"), "KIND"),
    (r"(?:criminal\s+)?(?:desertion|awol)\s+cases|(?:criminal\s+)?(?:cases|proceedings)\s+(?:of|over|for"
     r"|on)\s+(?:desertion|awol"
     r"|(?:leaving|abandon\w+)\s+(?:(?:a|the|their)\s+)?(?:military\s+)?units?)"
     r"|criminal\s+(?:cases|proceedings)", CASES, "KIND"),
    (r"(?:men\s+)?absent\s+on\s+the\s+day|(?:is|are|was|were|still)\s+(?:still\s+)?(?:absent(?:\s+without\s+leave)?"
     r"|awol)", Phrase("deserted", "absent", "stock"), "KIND"),
    (r"desert(?:ed)?|ran\s+away|run\s+away|went\s+absent(?:\s+without\s+leave)?|defected|went\s+over"
     r"|crossed\s+over|walked\s+out", DESERTED, "FELL"),
    (rf"{AWAY}|absent\s+without\s+leave", DESERTED, "KIND"),
    (r"recruited|mobili[sz]ed|drafted|conscripted|called\s+up|enlisted|signed\s+up|volunteered|join(?:ed|ing"
     r"|s)?", RECRUITED, "RAISED"),
    (r"(?:recruit|mobilis|mobiliz|draft|conscript|enlist)(?:s|es|e|ing)(?!\s+(?:plan|target))|signs\s+up"
     r"|signing\s+up", RECRUITED, "RAISED"),
    (rf"{RECRUITS}|recruiting", RECRUITED, "KIND"),
    (r"(?:troop\s+)?strength|under\s+arms|in\s+the\s+field|on\s+strength", STRENGTH, "KIND"),
    (r"killed(?:\s+in\s+action|\s+outright)?", DEAD, "HARM"),
    (r"kill(?:s|ing)?", DEAD, "HARMING"),
    (r"died|dying|dies|perished|fallen|fell|g(?:ave|iven?)\s+their\s+lives|lost\s+their\s+lives", DEAD, "FELL"),
    (r"death\s+toll|lives|kia|dead|deaths?|fatalities", DEAD, "KIND"),
    (r"(?:wounded|injured)(?:\s+in\s+action)?", WOUNDED, "HARM"),
    (r"wounding|injuring|wounds", WOUNDED, "HARMING"),
    (r"wia|injuries", WOUNDED, "KIND"),
    (r"missing\s+on\s+the\s+day|(?:is|are|was|were|still|remain(?:ed|s)?|listed|considered)\s+(?:still\s+|(?:listed"
     r"|considered)\s+)?(?:as\s+)?missing"
     r"(?:\s+in\s+action)?", Phrase("missing", "missing", "stock"), "KIND"),
    (r"(?:went|gone|go)\s+missing", Phrase("missing", "missing"), "FELL"),
    (r"missing(?:\s+in\s+action)?|mia", Phrase("missing", "missing"), "KIND"),
    (rf"captured|taken\s+{PRISONERS}|taken\s+captive", CAPTURED, "HARM"),
    (r"captures|capturing", CAPTURED, "HARMING"),
    (r"surrendered|laid\s+down\s+(?:their\s+)?arms|g(?:ave|iven?)\s+themselves\s+up|surrender(?:ing"
     r"|s)?", CAPTURED, "FELL"),
    (rf"{PRISONERS}|captive", CAPTURED, "KIND"),
    (r"loss\s+of", LOST, "KIND"),
    (r"casualties|casualty(?:\s+(?:toll|count))?|losses", CASUALTIES, "KIND"),
)  # fmt: skip
"""Words, what they mean, and the part that they play: `HARM` is done to men, `HARMING` is what does it, `FELL` is what they
do, `RAISED` is done by their own side, `HOLD` by the captor. From the most to the least particular."""

GENERAL = {
    CASUALTIES: ("killed", "casualties", "wounded"),
    CAPTURED: ("captured",),
    DESERTED: ("deserted",),
    DEAD: ("killed",),
    Phrase("missing", "missing"): ("missing",),
}
"""Words that another of the same sentence makes more particular: casualties, killed and wounded."""

MEN = (
    r"(?:soldiers|troops|men|enlisted\s+men)\s+and\s+officers|officers\s+and\s+(?:soldiers|men|enlisted\s+men)"
    r"|(?:contract\s+)?soldiers"
    r"|troops|service\s?(?:men|women|members|personnel)|personnel|fighters|men|members|combatants|manpower|contractees"
    r"|operatives|rebels|militants|insurgents|defenders|persons"
)
"""Strength, if nothing else is said of them."""

ARMY = r"army|armed\s+forces|forces?|military|ranks|side"
ATTACK = (
    r"(?:air\s*|missile\s+|rocket\s+|drone\s+|artillery\s+)*(?:strikes?|attacks?|bombardments?|barrages?|raids?)|fire"
    r"|shelling|bombing|guns"
    r"|artillery|drones?|missiles?|rockets?|mines|snipers?|ambush(?:es)?"
)
"""By what men are hit; what it did is a part of what was lost."""

KINDS = (
    r"marines|paratroopers|sailors|airmen|pilots|conscripts|convicts|mercenaries|contractors|reservists|officers"
    r"|militia(?:men)?|guardsmen"
    r"|prisoner\s+recruits|foreigners|mobili[sz]ed\s+(?:men|soldiers|reservists|troops)"
)
"""Men of one kind: what is counted of them is a part of the side."""

COVERED = {
    "citizens": r"citizens\s+only|only\s+citizens",
    "outside": r"outside\s+(?:the\s+)?registers|foreigners\s+only|only\s+foreigners",
    "part": r"(?:only\s+)?a\s+part\s+(?:only|of\s+the\s+side)",
    "wider": r"(?:and\s+)?civilians\s+(?:included|too|as\s+well)|(?:including|with)\s+civilians",
}
"""Whom a number covers, in words."""

COVERING = {
    "citizens": "citizens only",
    "outside": "foreigners only",
    "part": "a part only",
    "wider": "civilians included",
}
COUNTED = {
    "killed": "killed", "killed_confirmed": "killed without the missing",
    "killed_and_missing": "killed and missing", "eliminated": "eliminated", "killed_wounded": "killed and wounded",
    "casualties": "killed, wounded, missing and captured", "irrecoverable": "irrecoverable",
    "irrecoverable_deserted": "irrecoverable incl. deserters", "wounded": "wounded",
    "wounded_severe": "severely wounded", "named": "confirmed dead", "missing": "missing",
    "missing_captured": "missing or captured", "captured": "captured", "captured_held": "prisoners held",
    "deserted": "deserted", "cases": "desertion cases", "court_cases": "desertion cases in court",
    "listed_absent": "deserters on a list", "absent": "absent on the day", "recruited": "recruited",
    "strength": "strength",
}  # fmt: skip
"""The plainest words for each of the table's `counts` and `covers`."""

RATES = {
    "per month": r"(?:per|a|each|every)\s+month|monthly",
    "per week": r"(?:per|a|each|every)\s+week|weekly",
    "per day": r"(?:per|a|each|every)\s+day|daily",
}

_IN = r"(?:in|over|during|for|within|throughout)\s+"
_PAST = rf"{_IN}(?:the\s+)?(?:past|last|previous|preceding)\s+"
_ONE = rf"{_IN}(?:a\s+single|just\s+one|one|a)\s+"
_ENDING = r"\s+(?:to|ending|ended|until|up\s+to)(?:\s+on)?"
SPANS = {
    "per day": rf"(?:{_PAST}|{_IN})(?:(?:24|twenty-four)\s+hours)|{_PAST}day|{_ONE}day|in\s+the\s+24\s+hours{_ENDING}",
    "per week": rf"{_PAST}(?:week|(?:7|seven)\s+days)|{_IN}(?:the\s+)?(?:7|seven)\s+days{_ENDING}|{_ONE}week"
    rf"|{_IN}the\s+week{_ENDING}",
    "per month": rf"{_PAST}(?:month|30\s+days)|{_ONE}month|{_IN}the\s+month{_ENDING}",
}
"""A count of the time that ends on the date is the rate of that time."""

WAR = (
    r"(?:(?:full-scale|full\s+scale|ongoing|whole|entire|current)\s+)*(?:war|invasion|conflict"
    r"|(?:special\s+)?(?:military\s+)?operation|hostilities|fighting)"
)
SO_FAR = (
    r"(?:since|from)\s+(?:the\s+)?(?:(?:start|beginning|outbreak)\s+of\s+)?(?:the\s+)?{war}(?:\s+(?:began|started"
    r"|broke\s+out))?"
    r"|(?:since|from)\s+(?:the\s+)?(?:start|beginning|outbreak)(?!\s+of)|(?:in|during|over"
    r"|throughout)\s+(?:the\s+)?(?:course\s+of\s+)?(?:the\s+)?{war}(?:\s+(?:so\s+far|to\s+date))?"
    r"|{war}\s+(?:has\s+|had\s+)?cost(?:s)?|^\W*{war}\s*:"
    r"|so\s+far|to\s+date|until\s+now|up\s+to\s+now|in\s+(?:total|all)|altogether|total|overall"
)

PLANS = (
    r"(?<!claims )(?<!claimed )(?<!believed )(?<!reported )(?<!said )\bto\s+(?:lose|mobili[sz]e|recruit|draft|kill"
    r"|capture|eliminate|enlist|suffer|exceed|field|deploy|get|reach|have(?=\s+\d)"
    r"|raise|desert|surrender|die|admit|acknowledge|concede|confirm|report)\b|\?|\b(?:fell|rose|risen|fallen|dropped"
    r"|increased|decreased|declined|grew|grown|down|up)\s+by\b"
    r"|\bfar\s+from\b|\bone\s+of\b|\bmen\s+(?:aged|from|between)\s+\d\d\b"
)
"""What is planned, asked, or only a change or a part."""

TURNS = _words("""
    few myth propaganda bots let's nobody refuse refuses refused refusing fail fails failed yet withdrew withdraws
    withdrawn retracted retracts hoax joke rumour rumours simulation simulations imagine suppose aged ages fewer less
    surplus this these those early earlier later ago before after year years month months week weeks annually yearly mid
    not no never none neither nor cannot can't don't didn't wasn't weren't hasn't haven't isn't aren't won't wouldn't
    without except excluding denied denies deny denying rejects rejected disputes disputed doubts doubted dismisses
    dismissed refutes refuted debunks debunked false falsely fake wrongly untrue could would may might can should must
    will shall if unless whether plan plans planned planning expects expected expect hopes hoped aims aimed targets
    targeted target wants wanted intends intended predicted predicts forecast projected projects unlikely hardly barely
    than instead rather half third quarter tenth percent per
""")
"""Words that turn a claim into another, or into none."""

NEITHER = _words("""
    units unit armies brigades brigade divisions division battalions battalion civilian civilians noncombatants
    non-combatants children people tank tanks vehicle vehicles aircraft jet jets plane planes helicopter helicopters
    drone drones missile missiles rocket rockets ship ships vessel vessels howitzer howitzers system systems truck
    trucks
""")
"""Who, and what, is no soldier."""

MORE = _words("another more further additional extra")
"""Words of what is added to a count: they can stand with a period, not with a total."""

FILLERS = _words("""
    region oblast province sector district city town village peninsula bridgehead border axis works direction interview
    record a an all also and already alone as at away been both but being currently down each enemy's even ever far for
    full had here however incurred it's itself just lately mark meanwhile most much namely newly now number numbers
    numbered of off on once one only or other others out own part-time recently reportedly roughly same similar so still
    such that the then there thus to today together too upon was well what while who with within anywhere statement
    crossed pass mean average operation ground some new posted ran evening managed occupied cross-border air grouping
    battlegroup morning probably likely possibly perhaps contract zone theatre area front lines battles battle fights
    country amid amidst during over under near toward via per-se tally toll figure figures data battlefield combat
    frontline front-line line action duty regular professional uniformed human irrevocably active security mostly mainly
    mobilised estimated because due latest side sides according
""")
"""Words that change nothing."""

INSTITUTIONS = _words("""
    director chairman chairwoman coalition radio television announcement allies page slide column report estimate
    estimates ombudsman ombudswoman adviser advisers aide aides ambassador envoy colonel lieutenant captain admiral
    marshal vice operations room team general staff ministry department defence defense president presidential minister
    official officials officer spokesman spokesperson spokeswoman government governments intelligence command commander
    commander-in-chief chief source sources agency agencies service services researcher researchers analyst analysts
    analysis study media outlet outlets journalists newspaper newspapers institute think tank experts expert senior
    western allied independent monitors monitor group project local state foreign secretary prime head office centre
    center authorities authority council parliament lawmakers diplomats capital embassy website channel update briefing
    bulletin assessment assessments tracker investigators investigation list lists database top united interior health
    opposition exiled partisan partisans leaked documents document papers officially leader leaders deputy former
    historians historian volunteers volunteer organisation organization research published news press joint public
    registry register records unnamed anonymous declassified broadcaster spy mod gs prosecutor prosecutors ministers
    generals times post uk us un eu
""")
"""Words of those who say something."""

SAYS = (
    r"said|says?|announced|reported|stated|confirmed|estimated|told|wrote|published|claimed|put|posted|released"
    r"|issued|speaking(?:\s+in\s+\w+)?|updated?|figures|according\s+to\s+[\w\s']+|ministry|staff|acknowledged|admitted"
    r"|conceded"
    r"|revealed|disclosed|declared|boasted|insisted|believes?|thinks?|knows?|tweeted|gave|in\s+an?\s+(?:interview"
    r"|statement|update|briefing)"
)
STANDS = (
    r"st(?:ands?|ood)(?:\s+at)?|number(?:s|ed)|surpass(?:ed|es)?|exceed(?:ed|s)?|topped|passed|reach(?:ed|es)"
    r"|near(?:ed|ing)|approach(?:ed|ing)"
    r"|total(?:led|ed|s)|are|is|dead|missing|held"
)
"""Words of a state, before a number or the day on which it was so."""

ROLES: tuple[tuple[str, str], ...] = (
    ("ACCORDING", r"according\s+to|per\s+(?=the\b)|citing|quoting|in\s+the\s+view\s+of"),
    ("ADMIT", r"admit(?:s|ted)?|acknowledg(?:es?|ed)|conced(?:es?|ed)|own(?:s|ed)\s+up\s+to"),
    ("LOSE", r"lost|loses?|losing|suffer(?:s|ed|ing)?|sustain(?:s|ed|ing)?|incurr?(?:s|ed)?|(?:takes?|took|taken"
     r"|taking)(?=(?:\s+\S+){0,4}\s+(?:casualties|losses))"),
    ("HARM", r"(?:takes?|took|taken|taking)(?=(?:\s+\S+){0,6}\s+(?:prisoners?|captives?|pows?)\b)|inflict(?:s|ed|ing)?"
     r"|caus(?:es|ed|ing)"),
    ("ATTACK", ATTACK),
    ("JAIL", r"captivity|custody|prisons?|camps|jails?|hands"),
    ("SOIL", r"territory|soil|lands?|(?:counter-?)?offensives?|campaigns?|incursion"),
    ("HOLD", r"holds?|holding|held"),
    ("BE", r"remain(?:s|ed|ing)?|(?:ha(?:s|ve|d)\s+)(?:now\s+|already\s+|so\s+far\s+)?been|were|are|was|is|been|being"
     r"|be|gets?|got"),
    ("HAVE", r"(?:(?:has|have|had)\s+)?(?:fielded|massed|amassed|assembled|seen)|saw|sees|has|have|had|having|fields?"
     r"|deploys"),
    ("REACH", r"reach(?:ed|es|ing)?|st(?:ands?|ood)(?:\s+at)?|amount(?:s|ed|ing)?\s+to|r(?:ose|isen|ises?|ising)\s+to"
     r"|climb(?:ed|s)\s+to"
              r"|hit(?:s|ting)?|c(?:omes?|ame)\s+to|gr(?:ew|own)\s+to|increased\s+to|number(?:s|ed|ing)|totall?(?:s|ed"
               r"|ing)|run(?:s|ning)?\s+at|put\s+at"
              r"|rang(?:e[ds]?|ing)|consist(?:s|ed|ing)(?:\s+of)?|ran\s+at|estimated\s+at|estimated\s+to\s+be"),
    ("DEPLOYED", r"deployed|stationed|serving"),
    ("OPENED", r"(?:opened|filed|launched|initiated|registered)"),
    ("FACE", r"fac(?:es?|ed|ing)|confront(?:s|ed|ing)?"),
    ("SAY", r"s(?:aid|ays?|aying)|claim(?:s|ed|ing)?|estimat(?:es?|ed|ing|ion)|report(?:s|ed|ing)?|announc(?:es|ed"
     r"|ing)|stat(?:es|ed|ing)"
            r"|confirm(?:s|ed|ing)?|believ(?:es?|ed)|assess(?:es|ed|ing)?|know(?:s|n)?|thought|considered|presumed"
             r"|feared|deemed|calculat(?:es?|ed|ions?)|record(?:s|ed)?|document(?:s|ed)"
            r"|identif(?:y|ies|ied)|verif(?:y|ies|ied)|count(?:s|ed)?|tallied|tallies|tally|found|finds|told|writes"
             r"|wrote|puts?|list(?:s|ed)|published|nam(?:es|ed)"
            r"|shows?|showed|suggest(?:s|ed)?|indicat(?:es|ed)|declar(?:es|ed)|insist(?:s|ed)|alleg(?:es|ed)"
             r"|establish(?:es|ed)|boast(?:s|ed)|disclos(?:es|ed)|reveal(?:s|ed)|posted|assert(?:s|ed)|think(?:s)?"
              r"|reckon(?:s"
              r"|ed|ing)?"
            r"|figures?|data|numbers"),
    ("ENEMY", r"(?:the\s+)?(?:enemy|adversary)(?:'s)?|opponents?|occupiers?|invaders?"),
    ("ITS", r"(?:its|his|her|the)\s+(?:own\s+)?(?:country|nation)(?:'s)?|its|it|his"),
    ("THEY", r"they|their|them|(?:its|his|her)\s+own"),
    ("REL", r"which|whom|whose"),
    ("OUR", r"our\s+(?:own\s+)?(?:country|nation)(?:'s)?|our|we|us"),
)  # fmt: skip
"""Words by the part that they play in a sentence, in the grammar's names."""

PREPOSITIONS = {
    "by": "BY", "at the hands of": "BY", "in": "IN", "within": "IN", "of": "OF", "from": "FROM", "to": "TO",
    "against": "AGAINST", "fighting": "AGAINST", "with": "WITH", "cost": "OF", "costs": "OF", "near": "IN",
    "through": "IN", "across": "IN", "off": "IN", "during": "IN", "under": "IN", "amid": "AMID", "inside": "IN",
    "along": "IN", "throughout": "IN", "around": "IN", "outside": "IN", "at": "IN", "on": "ON", "upon": "ON",
    "into": "TO", "onto": "TO", "towards": "TO", "for": "ON", "among": "ON", "amongst": "ON",
}  # fmt: skip
"""They say what a side has to do with it; before other words they say nothing."""

QUANTITY_WORDS = (
    "killed", "dead", "died", "deaths", "fatalities", "fallen", "perished", "wounded", "injured", "missing",
    "captured", "prisoners", "surrendered", "deserted", "deserters", "desertions", "recruited", "recruits",
    "enlisted", "mobilised", "strength", "troops", "soldiers", "casualties", "losses", "irrecoverable",
    "irretrievable", "eliminated",
)  # fmt: skip
"""Single words that name a quantity, to guess from at a misspelling."""

OTHER_WORDS = (
    "over", "more than", "at least", "up to", "nearly", "about", "thousand", "million", "since", "until", "month",
    "monthly", "weekly", "daily", "total", "cumulative",
)  # fmt: skip

REWRITES = (
    (r"\bwith\s+\d+\s*%\s+(?:probability|confidence|certainty),?", ""),
    (r"\b(?:fell|fallen|falls?|dropped|declined|decreased|slowed|rose|risen|rises|grew|grown|climbed|increased|jumped"
     r"|ran|sat|sits)"
     r"\s+(?:to|at)(?=\s+(?:\w+\s+){0,2}\d)", "reached"),
    (r"\b(?:rose|risen|rises|grew|grown|climbed|increased|jumped)\s+(?:past|above|over)\b", "exceeded"),
    (r"\b((?:[A-Z][a-z]+\.?\s+)?\d{4})\s+alone\b", r"in \1"),
    (r"\baccording\s+to\s+(?:\w+\s+)?(?:figures|data|numbers|estimates|statistics)\s+(?:from|by|of)\b", "according to"),
    (r"\b(?:of|from)\s+their\s+(?:units?|posts?|positions?)\b", ""),
    (r"\b(?:in|at|during)\s+the\s+(?:battle|siege|fighting|clashes|battles)\s+(?:of|at|for|around|in)\b", "in"),
    (r"\blosses\s+in\s+(?=prisoners|killed|wounded|dead|captured)", ""),
    (r"\btaking\s+((?:(?!casualt|losses)[^.;:]){1,80}?)\s+(?:prisoners?(?:\s+of\s+war)?|captives?)\b", r"capturing \1"),
    (r"(?:on\s+)?(?:mon|tues|wednes|thurs|fri|satur|sun)day,?(?=\W)", ""),
    (r"\b(?:(?:by|on)\s+)?the\s+\d[\d,]*(?:st|nd|rd|th)\s+day\s+of\s+(?:the\s+)?(?:war|invasion|fighting),?", ""),
    (r"\b(?:in|over|during)\s+the\s+week\s+of\s+(?=\d)", ""),
    (r"\b(?:fighting|battles?|clashes|combat|fought)\s+with\b", "against"),
    (r"\bwar\s+(?:with|against)\s+(\w+)", r"against \1"),
    (r"\bfighting\s+for\b", "of"),
    (r"\bwar(?=\s+(?:dead|deaths|losses|casualties))", ""),
    (r"\|", " : "),
    (r"(?:on\s+)?\bday\s+\d[\d,]*\s+of\s+(?:the\s+)?(?:war|invasion|fighting),?", ""),
    (r"\bafter\s+\d[\d,]*\s+(?:days|weeks|months|years)\s+of\s+(?:the\s+)?(?:war|invasion|fighting),?", ""),
    (r"\b(?:may|might|could|must)(?:\s+(?:well|already))?\s+have\b", "have"),
    (r"\b(invasion|war|conflict|began|started|launched)\s+(?:(?:over|more\s+than|nearly|almost|about|around|some"
     r"|just)\s+)*"
     r"(?:\d+|a|one|two|three|four|five|six|seven|eight|nine|ten|several)\s+(?:year|month|week|day)s?\s+(?:ago"
      r"|earlier)\b,?", r"\1"),
    (r"^\W*(?:(?:over|more\s+than|nearly|almost|about|around|some|just)\s+)*(?:\d+|a|one|two|three|four|five|six|seven"
     r"|eight|nine|ten"
     r"|several)\s+(?:year|month|week|day)s?\s+(?:after|into|since)\s+(?:\S+\s+){0,3}?(?:war|invasion|conflict"
      r"|fighting)"
     r"(?:\s+(?:in|of|against|on)\s+\w+)?,?", ""),
    (r"\bmanaged\s+to\b", ""),
    (r"\bin\s+this\s+war\b", ""),
    (r"\bsince\s+(?:it|she|they|\w+)\s+(?:began|started|launched)\s+(?:its\s+|their\s+|the\s+)?", "since the "),
    (r"\bput(?:s|ting)?\s+([^.;:]{1,60}?)\s+out\s+of\s+action", r"eliminated \1"),
    (r"\btold\s+(?!that\b|on\b)[\w' ]{1,40}?(?=\s+(?:on|that)\b|\s*[.,]|\s*$)", "said"),
    (r"\bat\s+the\s+hands\s+of\b", "by"),
    (r"\b(?:takes?|took|taken|taking)\s+((?:(?!casualt|losses)[^.;:]){1,80}?)\s+(?:prisoners?(?:\s+of\s+war)?"
     r"|captives?)\b", r"captured \1"),
    (r"\b(?:takes?|took|taken|taking)(?=\s+[^.;:]{1,60}\b(?:casualties|losses)\b)", "suffered"),
    (r"\b(?:takes?|took|taken|taking)\s+(?:in|on)(?=\s+[^.;:]{1,60}\brecruits?\b)", "recruited"),
    (r"\b((?:cases|proceedings)\b[^.;:,]{0,60}?)\s+(?:were\s+|have\s+been\s+|had\s+been\s+|been\s+)?(?:opened\s+"
     r"|filed\s+"
     r"|launched\s+|registered\s+|brought\s+|initiated\s+)?against\b", r"\1 of"),
    (r"\b(?:go|goes|going|went|gone)\s+awol\b", "deserted"),
    (r"\bunauthori[sz]ed\s+(?:absence|leave)\b", "awol"),
    (r"(?<=\w)\s+:?-\s+(?=[^\d:]+$)", " : "),
    (r"\bmid[\s-]+(\w+\.?,?\s+\d{4})\b", r"15 \1"),
    (r"\bmid[\s-]+(\d{4})\b", r"30 June \1"),
    (r"\blate[\s-]+(?:in\s+)?((?:\w+\.?,?\s+)?\d{4})\b", r"end \1"),
    (r"(?<!\d)\s+-\s+", " : "),
    (r"[(\[](?=[^()\[\]\d]*\b(?:{who})\b)([^()\[\]\d]*)[)\]]", r" according to \1 "),
    (r"(?:\s+-\s+|\s*:\s*)(?=[^\d:]*\b(?:{who})\b[^\d:]*(?:,\s*\d{1,2}\s+\w+\s+\d{4}\W*)?$)", " according to "),
)  # fmt: skip
"""Turns of phrase and what they say plainly, in their order; `{who}` is a word of `INSTITUTIONS`."""

ENDINGS = _words("""
    s n ns an ans ian ians ese i is ish er ers ist ists ite ites ate ates en ens
""") | {""}
"""How adjectives and peoples are formed from the name of a country."""

DEMONYMS = {
    "finland": "finnish finns finn", "france": "french", "britain": "british britons", "poland": "polish poles",
    "greece": "greek greeks", "turkey": "turkish turks", "sweden": "swedish swedes", "denmark": "danish danes",
    "spain": "spanish", "soviet_union": "soviet soviets", "netherlands": "dutch", "ireland": "irish",
    "wales": "welsh", "scotland": "scottish scots", "england": "english", "germany": "germans",
    "united_states": "american americans", "tigray": "tigrayan tigrayans", "afghanistan": "afghan afghans",
    "argentina": "argentine argentines argentinian", "ussr": "soviet soviets", "uk": "british britons",
    "united_kingdom": "british britons", "usa": "american americans", "us": "american americans",
    "thailand": "thai thais", "prussia": "prussians", "serbia": "serbs serb", "croatia": "croats croat",
}  # fmt: skip
"""Adjectives and peoples of countries that do not begin as the country does."""


def so_far(sides: str) -> str:
    """The words that say that a number counts from the war's start.

    Args:
        sides: a pattern of the names of the war's sides.

    Returns:
        A pattern.
    """
    of = rf"(?:\s+(?:in|of|against|on|with|between)\s+(?:{sides})(?:\s+and\s+(?:{sides}))?)?"
    whose = rf"(?:(?:{sides})(?:\s*[-/]\s*(?:{sides}))?\s+)?"
    dead = r"(?!\s+(?:dead|deaths|losses|casualties|crimes?))"
    return SO_FAR.replace("{war}", rf"{whose}{WAR}{of}{dead}")
