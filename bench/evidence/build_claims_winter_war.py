"""Build the shipped claims of the Winter War of 1939 and 1940, both armies: `claims_winter_war_1939.csv`.

    python bench/evidence/build_claims_winter_war.py OUT_FOLDER

Every row was read in a copy of the page named beside it, but where `seen` says otherwise. What was established later is left out
of the shipped table (`ESTABLISHED`): it is the answer by which the method is tested. Also written: `habits_of_wars.csv`,
the logarithm of what belligerents said over what was established, of this war and of others (`bench/evidence/other_wars.csv`).
"""

from __future__ import annotations

import csv
import math
import pathlib
import sys

import pandas as pd

HERE = pathlib.Path(__file__).parent
COLUMNS = (
    "claim_id", "side", "quantity", "value_low", "value_central", "value_high", "as_of_date", "published_date",
    "claimant", "claimant_type", "definition", "source", "url", "seen", "basis", "period_start", "lineage", "note",
    "counts", "covers",
)  # fmt: skip
START, END = "1939-11-30", "1940-03-13"
OWN, OPPOSING, TANK, MEDIA = "belligerent own side", "opposing side", "think tank / model", "media"
COPY = "read in a copy of the source"

SPEECH = ("Molotov's report to the Supreme Soviet, as wired by the Press Association, 1 April 1940",
          "https://dynamic-rsnz.natlib.govt.nz/newspapers/WAITA19400401.2.64")  # fmt: skip
STAFF = ("Leningrad Military District, Izvestia, 3 June 1940, in translation",
         "https://histdoc.net/history/NKID1940-06-03.html")  # fmt: skip
BOX = ("Winter War, table at the head of the article", "https://www.wiki3.en-us.nina.az/Soviet-Finnish_War.html")
DIARY = ("Diary of 13 March 1940", "https://ww2-weapons.com/diary-march-13-1940/")
DAY = ("World War II day by day, day 195", "http://worldwar2daybyday.blogspot.com/2010/03/day-195-march-13-1940.html")

MISREAD = "the copy prints G 0.090, read as 60,000"
KILOS = "the copy prints 158,8G3, read as 158,863"

# id, side, quantity, low, central, high, as of, published, claimant, type, definition, (source, url), basis, lineage, note,
# counts, covers
ROWS = (
    ("FI-K1", "finland", "killed", None, 19576, None, END, "1940-06-03", "Finland, official", OWN, "killed", STAFF,
     "cumulative", "finland-official", "as the opponent quotes it", "killed_confirmed", "all"),
    ("FI-M1", "finland", "missing", None, 3263, None, END, "1940-06-03", "Finland, official", OWN, "missing", STAFF,
     "cumulative", "finland-official", "as the opponent quotes it; some were prisoners", "missing_captured", "all"),
    ("FI-W1", "finland", "wounded", None, 43500, None, END, "1940-06-03", "Finland, official", OWN, "wounded", STAFF,
     "cumulative", "finland-official", "'43 and a half thousand'", "wounded", "all"),
    ("FI-C1", "finland", "casualties", None, 66406, None, END, "1940-06-03", "Finland, official", OWN,
     "killed, missing and wounded", STAFF, "cumulative", "finland-official", "not independent: the sum of the three",
     "casualties", "all"),
    ("FI-K2", "finland", "killed", None, 60000, None, END, "1940-03-29", "Molotov", OPPOSING, "dead", SPEECH,
     "cumulative", "soviet-government", MISREAD, "killed", "all"),
    ("FI-W2", "finland", "wounded", None, 250000, None, END, "1940-03-29", "Molotov", OPPOSING, "wounded", SPEECH,
     "cumulative", "soviet-government", "", "wounded", "all"),
    ("FI-K3", "finland", "killed", None, 85000, None, END, "1940-06-03", "Leningrad Military District", OPPOSING,
     "more than 70 thousand killed in action and at least 15 thousand who died of wounds", STAFF, "cumulative",
     "soviet-staff", "", "killed", "all"),
    ("FI-C2", "finland", "casualties", 250000, None, None, END, "1940-06-03", "Leningrad Military District", OPPOSING,
     "losses, those wounded among them: more than", STAFF, "cumulative", "soviet-staff", "", "killed_wounded", "all"),
    ("FI-S1", "finland", "strength", 300000, None, 340000, "1939-12-15", "2023-01-01", "encyclopedia", TANK,
     "strength", BOX, "stock", "encyclopedia", "a day in the first weeks is taken for it", "strength", "all"),
    ("FI-S2", "finland", "strength", None, 600000, None, END, "1940-06-03", "Leningrad Military District", OPPOSING,
     "army during the conflict; 'if one is to assume'", STAFF, "stock", "soviet-staff", "", "strength", "wider"),
    ("SU-K1", "soviet union", "killed", None, 48745, None, END, "1940-03-29", "Molotov", OWN, "dead", SPEECH,
     "cumulative", "soviet-government", "", "killed", "all"),
    ("SU-W1", "soviet union", "wounded", None, 158863, None, END, "1940-03-29", "Molotov", OWN, "wounded", SPEECH,
     "cumulative", "soviet-government", KILOS, "wounded", "all"),
    ("SU-K2", "soviet union", "killed", None, 200000, None, END, "1940-03-13", "Finland, army", OPPOSING,
     "killed, about", DIARY, "cumulative", "finland-army", "that it is the Finnish army's figure: from memory",
     "killed", "all"),
    ("SU-S1", "soviet union", "strength", 425000, None, 760000, "1939-12-15", "2023-01-01", "encyclopedia", TANK,
     "strength", BOX, "stock", "encyclopedia", "at first and a month later; a day in the first weeks is taken for it",
     "strength", "all"),
)  # fmt: skip

ESTABLISHED = (
    ("finland", "killed", 25904, "dead or missing", BOX), ("finland", "wounded", 43557, "wounded", BOX),
    ("soviet union", "killed", 126875, "dead or missing", BOX),
    ("soviet union", "wounded", 188671, "wounded, the sick left out; 264,908 with them (" + DAY[1] + ")", BOX),
)  # fmt: skip


def claims() -> pd.DataFrame:
    """The claims to ship, without what was established later."""
    rows = []
    for (name, side, quantity, low, central, high, day, told, who, kind, words, (source, url), basis, lineage, note,
         counts, covers) in ROWS:  # fmt: skip
        rows.append({
            "claim_id": name, "side": side, "quantity": quantity, "value_low": low, "value_central": central,
            "value_high": high, "as_of_date": day, "published_date": told, "claimant": who, "claimant_type": kind,
            "definition": words, "source": source, "url": url, "seen": COPY, "basis": basis, "period_start": START,
            "lineage": lineage, "note": note, "counts": counts, "covers": covers,
        })  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def habits() -> list[dict[str, object]]:
    """What belligerents said of a whole war, or by a day, against what was established: logarithms."""
    truth = {(side, quantity): value for side, quantity, value, _, _ in ESTABLISHED}
    rows = [
        {"war": "Winter War", "side": row[1], "quantity": row[2], "claimant": row[8], "type": row[9], "said": row[4],
         "established": truth[row[1], row[2]], "seen": COPY}
        for row in ROWS if row[4] and (row[1], row[2]) in truth
    ]  # fmt: skip
    with (HERE / "other_wars.csv").open(encoding="utf-8", newline="") as file:
        names = ("war", "side", "quantity", "claimant", "type", "said", "established", "seen")
        rows += [{name: one[name] for name in names} for one in csv.DictReader(file)]
    return [row | {"log": round(math.log(float(row["said"]) / float(row["established"])), 2)} for row in rows]  # type: ignore[arg-type]


def main() -> None:
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    claims().to_csv(out / "claims_winter_war_1939.csv", index=False)
    table = pd.DataFrame(habits())
    table.to_csv(out / "habits_of_wars.csv", index=False)
    print(table.drop(columns="seen").to_string(index=False))
    by = table.groupby(["quantity", "type"])["log"]
    print(by.agg(["count", "mean", "std"]).round(2).to_string())


if __name__ == "__main__":
    main()
