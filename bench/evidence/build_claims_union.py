"""Build the shipped claims of the US Civil War, Union side, whose answer is known: `claims_union_1861.csv`.

    python build_claims_union.py DATA_FOLDER OUT_FOLDER

DATA_FOLDER holds the csv and json files of github.com/jrnold/acw_battle_data (build/acw_battle_data; CC BY 4.0). A
battle of a week or less belongs to the quarter of its first day; a longer one's loss is spread evenly over its days.
Also written: `all_claims_union.csv` (both sides, the answers too), `coverage.csv` and `agreement.csv`.
"""

from __future__ import annotations

import itertools
import json
import math
import pathlib
import sys

import pandas as pd

COLUMNS = (
    "claim_id", "side", "quantity", "value_low", "value_central", "value_high", "as_of_date", "published_date",
    "claimant", "claimant_type", "definition", "source", "url", "seen", "basis", "period_start", "lineage", "note",
    "counts", "covers",
)  # fmt: skip
PARTS = ("killed", "wounded", "missing_captured", "casualties")
QUANTITY = {"killed": "killed", "wounded": "wounded", "missing_captured": "captured", "casualties": "casualties"}
LETTER = {"killed": "K", "wounded": "W", "missing_captured": "M", "casualties": "C"}
COVERAGE_LOW = 0.85
"""Least share of killed and wounded that Fox's list is believed to hold. A judgement, set without the count of the dead:
his wounded are 0.96 of the Surgeon General's for all engagements, Phisterer's (losses of 500 or more) 0.92."""
SHORT_DAYS = 7

URL = "https://github.com/jrnold/acw_battle_data"
START, END = "1861-04-12", "1865-06-30"
OWN, OPPOSING, TANK = "belligerent own side", "opposing side", "think tank / model"

AUTHORS = {
    "fox": ("Fox (1889)", "1889-01-01", "Regimental Losses, ch. 14"),
    "phisterer": ("Phisterer (1883)", "1883-01-01", "Statistical Record, pp. 213-219: Union loss of 500 or more"),
    "livermore": ("Livermore (1900)", "1900-01-01", "Numbers and Losses: 1,000 or more hit on either side"),
    "clodfelter": ("Clodfelter (2008)", "2008-01-01", "Warfare and Armed Conflicts, 3rd ed."),
}

LIVERMORE_WITHIN = {8, 9, 10, 62, 63}
"""Battles that another row holds: the Seven Days' parts, the Appomattox campaign's parts."""
CLODFELTER_WITHIN = (
    "The Orchard (Seven Days)", "Mechanicsville (Seven Days)", "Gaines's Mill (Seven Days)",
    "Savage's Station (Seven Days)", "White Oak Swamp (Seven Days)", "Malvern Hill (Seven Days)",
    "Port Hudson (first assault)", "Port Hudson (second assault)", "Chattanooga (Orchard Knob/Indian Hill)",
    "Chattanooga (Lookout Mountain)", "Chattanooga (Missionary Ridge)", "Chattanooga (Tunnel Hill)",
    "Knoxville (attack on Fort Sanders)", "Cold Harbor (assault)", "Fort Gregg",
)  # fmt: skip
CLODFELTER_NAVAL = ("Hampton Roads (first day)", "Hampton Roads (second day)", "New Orleans", "Mobile Bay")
CLODFELTER_VICKSBURG = ("Vicksburg (first assault)", "Vicksburg (second assault)")
PHISTERER_CAMPAIGN = 2372
"""North Georgia, May to September 1864: counted as the battles he lists in it and a remainder spread over it."""
PHISTERER_IN_CAMPAIGN = (2333, 2338, 2342, 2345, 2356, 2359, 2360, 2362, 2363, 2364, 2371)
PHISTERER_WITHIN = (2354,)
"""The assault on Kenesaw, held by row 2345."""


def _dates(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(start=pd.to_datetime(frame["start_date"]), end=pd.to_datetime(frame["end_date"]))


def _side(frame: pd.DataFrame) -> pd.Series:
    return frame["belligerent"].map({"US": "union", "Union": "union", "Confederate": "confederate"})


def fox(folder: pathlib.Path) -> pd.DataFrame:
    rows = pd.read_csv(folder / "fox_forces.csv")
    rows = rows[(rows["from_footnote"] == 0) & ~rows["aggregates_battles"].astype(bool)]
    return _dates(rows).assign(side=_side(rows), missing_captured=rows["missing"])


def phisterer(folder: pathlib.Path) -> pd.DataFrame:
    rows = pd.read_csv(folder / "phisterer_forces.csv").merge(pd.read_csv(folder / "phisterer_battles.csv"))
    names = rows["battle_name"].str.lower()
    rows = rows[~names.str.contains("surrender") & ~rows["battle_id"].isin(PHISTERER_WITHIN)]
    rows = _dates(rows).assign(side=_side(rows), missing_captured=rows["missing"])
    campaign = rows["battle_id"] == PHISTERER_CAMPAIGN
    for side in ("union", "confederate"):
        of_side = rows["side"] == side
        within = rows[of_side & rows["battle_id"].isin(PHISTERER_IN_CAMPAIGN)]
        for part in PARTS:
            left = rows.loc[campaign & of_side, part] - within[part].sum()
            rows.loc[campaign & of_side, part] = left.clip(lower=0)
    swapped = rows["end"] < rows["start"]
    rows.loc[swapped, "end"] = rows.loc[swapped, "start"]
    return rows


def livermore(folder: pathlib.Path) -> pd.DataFrame:
    rows = pd.read_csv(folder / "livermore_forces.csv").merge(pd.read_csv(folder / "livermore_battles.csv"))
    rows = _dates(rows[~rows["battle_id"].isin(LIVERMORE_WITHIN)])
    casualties = rows["kw"].fillna(0) + rows["miapow"].fillna(0)
    return rows.assign(
        side=_side(rows),
        killed=rows["kia"],
        wounded=rows["wia"],
        missing_captured=rows["miapow"],
        casualties=casualties,
    )


def clodfelter(folder: pathlib.Path) -> pd.DataFrame:
    rows = pd.read_csv(folder / "clodfelter_forces.csv").merge(pd.read_csv(folder / "clodfelter_battles.csv"))
    rows = _dates(rows[~rows["battle_id"].isin(CLODFELTER_WITHIN + CLODFELTER_NAVAL)])
    lost = rows[["missing", "captured", "missing_captured"]].sum(axis=1, min_count=1)
    hit = ["killed", "wounded", "killed_wounded", "killed_missing", "wounded_missing"]
    total = rows["casualties"].fillna(rows[hit].sum(axis=1) + lost.fillna(0))
    total = total.mask(rows["battle_id"].isin(CLODFELTER_VICKSBURG), 0.0)  # the siege's own total holds them
    return rows.assign(side=_side(rows), missing_captured=lost, casualties=total)


LISTS = {"fox": fox, "phisterer": phisterer, "livermore": livermore, "clodfelter": clodfelter}


def by_quarter(rows: pd.DataFrame) -> pd.DataFrame:
    """Sums by quarter, and how many battles have a share in each."""
    pieces = []
    for row in rows.to_dict("records"):
        short = (row["end"] - row["start"]).days < SHORT_DAYS
        days = pd.period_range(row["start"], row["start"] if short else row["end"], freq="D")
        quarters = days.asfreq("Q").value_counts(normalize=True)
        for quarter, share in quarters.items():
            piece = {part: row[part] * share for part in PARTS}
            pieces.append({"quarter": quarter, "battles": 1, "split": len(quarters) > 1, **piece})
    frame = pd.DataFrame(pieces)
    sums = frame.groupby("quarter")[[*PARTS]].sum(min_count=1)
    return sums.join(frame.groupby("quarter")[["battles", "split"]].sum())


def listed_claims(folder: pathlib.Path) -> list[dict]:
    claims = []
    for author, side in itertools.product(LISTS, ("union", "confederate")):
        rows = LISTS[author](folder)
        sums = by_quarter(rows[rows["side"] == side])
        name, published, where = AUTHORS[author]
        enemy = author == "phisterer" and side == "confederate"
        lineage = {"union": "official-returns", "confederate": "confederate-returns"}[side]
        if author == "phisterer":
            lineage = "union-estimates" if enemy else "surgeon-general"
        for quarter, row in sums.iterrows():
            for part in PARTS:
                if not row[part] or math.isnan(row[part]):
                    continue
                value = float(round(row[part]))
                words = {
                    "killed": "killed outright as first reported, died of wounds NOT included",
                    "wounded": "wounded as first reported, the mortally wounded included",
                    "missing_captured": "missing or captured, some of them killed or wounded",
                    "casualties": "killed, wounded, missing or captured",
                }[part]
                hit = part in ("killed", "wounded")
                low, central, high, covers = value, None, None, "part"
                if side == "confederate":
                    note = "[show] at least: the sum of a partial list"
                elif author == "fox" and hit:
                    high, covers = float(round(row[part] / COVERAGE_LOW)), "all"
                    note = f"[fit] from the sum of the list to that / {COVERAGE_LOW}, our bound on its coverage"
                elif author == "phisterer":
                    low, central, covers = None, value, "all" if hit else "part"
                    note = "[fit] sum of the list, not scaled; medical returns, some later 'considerably reduced'"
                else:
                    note = "[fit] at least: the sum of a partial list"
                if part == "casualties":
                    note = note.replace("[fit]", "[spare] the same cells as killed, wounded and missing;")
                note += "; caption: Confederate losses generally estimates" if enemy else ""
                if row["split"]:
                    note += f"; {int(row['split'])} battle(s) over the quarter's end shared by days"
                claims.append({
                    "claim_id": f"{'US' if side == 'union' else 'CS'}-{author.upper()}-{LETTER[part]}-{quarter}",
                    "side": side, "quantity": QUANTITY[part], "value_low": low,
                    "value_central": central, "value_high": high,
                    "as_of_date": quarter.end_time.date().isoformat(), "published_date": published,
                    "claimant": name, "claimant_type": OPPOSING if enemy else OWN,
                    "definition": f"{words}, in {int(row['battles'])} listed battles of {quarter}", "source": where,
                    "url": URL, "seen": "summed from a public data file", "basis": "per period",
                    "period_start": max(quarter.start_time.date().isoformat(), START), "lineage": lineage, "note": note,
                    "counts": part, "covers": covers,
                })  # fmt: skip
    return claims


COPY, MEMORY = "read in a copy of the source", "from memory"
PERSEUS = "http://www.perseus.tufts.edu/hopper/text?doc=Perseus%3Atext%3A"
FOX5 = "http://www.wargame.ch/wc/acw/sub/vmi/AoA/Library/Fox/Chapter%20V.htm"
FOX13 = "https://www.civilwar.com/fox-s-regimental-losses-jump-page?page=526"
KIRKLEY = "https://newspapers.library.in.gov/?a=d&d=DMST18850626.2.31"
LEADERS = PERSEUS + "2001.05.0046%3Achapter%3D18.116"
RHODES = PERSEUS + "2001.05.0112%3Achapter%3D1.2%3Apage%3D50"
DESERTERS = "https://ehistory.osu.edu/books/official-records/126/0758"
FORUM = "http://www.civilwarinteractive.com/forums/view_post.php?post_id=119"
FURNISHED = "http://www.perseus.tufts.edu/hopper/nebrowser?query=Perseus%3Atext%3A2001.05.0068%3Achapter%3D14"
CRS = "http://cwbn.blogspot.com/2007/08/new-civil-war-casualty-figures.html"
MSH = "http://www.archive.org/stream/medicalsurgical11barnrich/medicalsurgical11barnrich_djvu.txt"
COMMON = "https://www.military-quotes.com/forums/threads/what-war-interests-you-the-most.296/page-2"

# id, quantity, value, counts, covers, published, claimant, definition, source, url, seen, lineage, note
WHOLE_WAR = (
    ("T01", "killed", 110070, "killed", "all", "1889-01-01", "Fox (1889)", "killed in battle and died of wounds",
     "Regimental Losses, ch. 5", FOX5, COPY, "AGO-1885",
     "[hold out] THE TRUTH: names counted on muster-out rolls; = 67,058 + 43,012 of the 1885 table"),
    ("T02", "killed", 67058, "killed", "part", "1885-06-26", "Adjutant General (Kirkley, 1885)",
     "killed in action, died of wounds not included", "Battles and Leaders 4, p. 767", LEADERS, COPY, "AGO-1885",
     "[hold out] 4,142 officers + 62,916 men; the data's `killed`, whole"),
    ("T03", "killed", 43012, "nothing", "part", "1885-06-26", "Adjutant General (Kirkley, 1885)",
     "died of wounds received in action", "Battles and Leaders 4, p. 767", LEADERS, COPY, "AGO-1885",
     "[hold out] 2,223 officers + 40,789 men, 2,072 of them prisoners"),
    ("T04", "killed", 359528, "nothing", "wider", "1885-06-26", "Adjutant General (Kirkley, 1885)",
     "died of all causes, disease included (224,586)", "Battles and Leaders 4, p. 767; Democratic Sentinel 26.6.1885",
     LEADERS, COPY, "AGO-1885",
     "[hold out] disease is no part of the model; some after the war; 360,222 after 1885; " + KIRKLEY),
    ("T05", "wounded", 275175, "wounded", "all", "1900-01-01", "Livermore (1900), as quoted", "wounded in action",
     "many handbooks", COMMON, "read in a copy of a secondary source", "AGO-1885",
     "[hold out] NO COUNT: exactly 2.5 x 110,070, so it gives the truth away"),
    ("T06", "killed", 140414, "killed", "wider", None, "US Department of Defense", "battle deaths",
     "CRS, as quoted by cwbn.blogspot.com", CRS, "read in a copy of a secondary source", "DoD-table",
     "[show] army 138,154; its excess over 110,070 is unexplained in what was found; an outlier test"),
    ("W01", "killed", 96089, "killed", "all", "1866-03-17", "Provost Marshal General Fry (1866)",
     "killed in action or died of wounds, from muster rolls and returns", "OR III 5, pp. 664-665, tables",
     "https://ehistory.osu.edu/books/official-records/126/0665", MEMORY, "PMG-1866",
     "[second fit] 5,221 officers + 90,868 men; only the method's page was seen: it says rolls miss some casualties"),
    ("W02", "killed", 93443, "killed", "all", "1870-11-12", "Surgeon General (1870)",
     "killed in battle 44,238 + died of wounds and injuries 49,205; 24,184 deaths of unknown cause apart",
     "Medical and Surgical History I", MSH, MEMORY, "surgeon-general-1870",
     "[second fit] figures from memory (the table's sum, 304,369, checks); an upper end with all unknown: 117,627"),
    ("W03", "wounded", 280040, "wounded", "all", "1870-11-12", "Surgeon General's chronological list",
     "wounded, the mortally wounded included, in every engagement listed",
     "CRS, as quoted by cwbn.blogspot.com, for the number; its origin from memory", CRS,
     "read in a copy of a secondary source; origin from memory", "surgeon-general",
     "[fit] army; with navy and marines 281,881"),
    ("W04", "captured", 211411, "captured", "all", "1904-01-01", "General Ainsworth, Record and Pension Office",
     "Union soldiers captured, 16,668 of them paroled on the field; 30,218 died in captivity",
     "Rhodes V, as quoted in Photographic History 7, p. 50", RHODES, COPY, "records-ainsworth", "[fit]"),
    ("W05", "deserted", 201397, "deserted", "all", "1866-03-17", "Provost Marshal General Fry (1866)",
     "deserted to avoid service; 268,530 reported in all", "forum, citing Fry and Lonn", FORUM,
     "read in a copy of a secondary source", "PMG-1866", "[fit] about 25% of those reported were absent otherwise"),
    ("W06", "deserted", 197247, "deserted", "all", "1928-01-01", "Lonn (1928)", "desertions, adjusted",
     "forum, citing Lonn", FORUM, "read in a copy of a secondary source", "PMG-1866", "[fit] from the same records"),
    ("W07", "recruited", 2778304, "recruited", "wider", "1889-01-01", "Fox (1889), from the Adjutant General",
     "enlistments credited, sailors and re-enlistments included (2,326,168 men on a three-year standard)",
     "Regimental Losses, ch. 13", FURNISHED, COPY, "AGO-enlistments", "[show] enlistments, not men"),
    ("W08", "recruited", 2213363, "recruited", "all", None, "US Department of Defense", "men who served",
     "wiki page", "http://pawnstarsthegame.wikia.com/wiki/Union_Collection_(item)",
     "read in a copy of a secondary source", "DoD-table",
     "[fit, with care] most left when their term ended or sick: exits the model may not have"),
)  # fmt: skip

PRESENT = (
    ("1861-07-01", 183588, 186751), ("1862-01-01", 527204, 575917), ("1862-03-31", 533984, 637126),
    ("1863-01-01", 698802, 918191), ("1864-01-01", 611250, 860737), ("1865-03-31", 657747, 980086),
    ("1865-05-01", 797807, 1000516),
)  # fmt: skip
"""Fox, p. 526, from the Provost Marshal General: present, and present and absent."""

DESERTED = (("1863", "1863-01-01", "1863-12-31", 4647), ("1864", "1864-01-01", "1864-12-31", 7333),
            ("1865", "1865-01-01", "1865-04-30", 4368))  # fmt: skip


def whole_war_claims() -> list[dict]:
    claims = []
    for row in WHOLE_WAR:
        key, quantity, value, counts, covers, published, claimant, words, source, url, seen, lineage, note = row
        claims.append({
            "claim_id": f"US-{key}", "side": "union", "quantity": quantity, "value_central": float(value),
            "as_of_date": END, "published_date": published, "claimant": claimant, "claimant_type": OWN,
            "definition": words, "source": source, "url": url, "seen": seen, "basis": "cumulative",
            "period_start": START, "lineage": lineage, "note": note, "counts": counts, "covers": covers,
        })  # fmt: skip
    for year, start, end, value in DESERTED:
        claims.append({
            "claim_id": f"US-D{year}", "side": "union", "quantity": "deserted", "value_central": float(value),
            "as_of_date": end, "published_date": "1865-12-31", "claimant": "Deserters' Branch, Provost Marshal General",
            "claimant_type": OWN, "definition": f"deserters reported by commanders, monthly mean of {year}",
            "source": "OR III 5, p. 758", "url": DESERTERS, "seen": COPY, "basis": "per month", "period_start": start,
            "lineage": "PMG-1866", "counts": "deserted", "covers": "all",
            "note": "[fit] reported; 1863 may start in spring; 1864 holds drafted men who deserted on the way; "
                    "of all reported about a quarter were absent otherwise",
        })  # fmt: skip
    return claims


def strength_claims(folder: pathlib.Path) -> list[dict]:
    base = {"quantity": "strength", "basis": "stock", "claimant_type": OWN, "counts": "strength"}
    claims = []
    for day, present, _ in PRESENT:
        claims.append({
            **base, "claim_id": f"US-S-{day}", "side": "union", "value_central": float(present), "as_of_date": day,
            "published_date": "1866-03-17", "claimant": "Provost Marshal General, in Fox (1889)", "covers": "all",
            "definition": "present, all armies", "source": "Regimental Losses, p. 526", "url": FOX13, "seen": COPY,
            "period_start": START, "lineage": "PMG-strength", "note": "[fit]",
        })  # fmt: skip
    rolls = {day: total for day, _, total in PRESENT}
    for row in pd.read_csv(folder / "livermore_army_sizes.csv").to_dict("records"):
        for side, column in (("union", "union_number"), ("confederate", "confederate_number")):
            other = rolls.get(row["date"]) if side == "union" else None
            note = "[show] present AND absent: more than the strength of the model"
            if other is not None and other != row[column]:
                note += f"; Fox prints {other:,} for the same day, one digit apart"
            claims.append({
                **base, "claim_id": f"{'US' if side == 'union' else 'CS'}-R-{row['date']}", "side": side,
                "value_central": float(row[column]), "as_of_date": row["date"], "published_date": "1900-01-01",
                "claimant": "Livermore (1900)", "covers": "wider", "definition": "on the rolls, present and absent",
                "source": "Numbers and Losses, p. 47", "url": URL, "seen": "read in a public data file",
                "period_start": START, "lineage": "PMG-strength" if side == "union" else "livermore-confederate",
                "note": note,
            })  # fmt: skip
    return claims


def agreement(folder: pathlib.Path) -> pd.DataFrame:
    """Union cells of battles that two authors both list (linked through the Park Service's ids): share alike, spread."""
    files = {"fox": "fox_forces_to_cwsac", "phisterer": "phisterer_to_cwsac", "livermore": "livermore_to_cwsac",
             "clodfelter": "clodfelter_to_cwsac"}  # fmt: skip
    tables = {}
    for author, load in LISTS.items():
        links = json.loads((folder / f"{files[author]}.json").read_text(encoding="utf-8"))
        of = {}
        for link in links:
            if len(link["battles_from"]) == 1 and link["relation"] in ("eq", "="):
                of[link["battles_from"][0]] = "+".join(sorted(link["battles_to"]))
        rows = load(folder)
        rows = rows[(rows["side"] == "union")]
        rows = rows.assign(place=rows["battle_id"].map(of)).dropna(subset=["place"])
        tables[author] = rows.drop_duplicates("place", keep=False).set_index("place")[[*PARTS]]
    found = []
    for one, two in itertools.combinations(tables, 2):
        both = tables[one].merge(tables[two], left_index=True, right_index=True, suffixes=("_1", "_2"))
        for part in PARTS:
            pair = both[[f"{part}_1", f"{part}_2"]].dropna()
            pair = pair[(pair > 0).all(axis=1)]
            if len(pair):
                logs = (pair.iloc[:, 1] / pair.iloc[:, 0]).map(math.log)
                found.append({
                    "one": one, "two": two, "part": part, "cells": len(pair),
                    "alike": round(float((pair.iloc[:, 0] == pair.iloc[:, 1]).mean()), 2),
                    "rms_log": round(float((logs**2).mean() ** 0.5), 2), "median_log": round(float(logs.median()), 3),
                    "ratio_of_sums": round(float(pair.iloc[:, 1].sum() / pair.iloc[:, 0].sum()), 3),
                })  # fmt: skip
    return pd.DataFrame(found)


def shipped(table: pd.DataFrame) -> pd.DataFrame:
    """The Union rows to fit, without the counts of the dead that they are to recover.

    Enlistments count men who came twice, so they are more than the men (`wider`).
    """
    rows = table[(table["side"] == "union") & table["note"].str.startswith("[fit")].copy()
    rows.loc[rows["quantity"] == "recruited", "covers"] = "wider"
    rows["note"] = rows["note"].str.replace(r"^\[fit[^\]]*\]\s*", "", regex=True)
    return rows


def main() -> None:
    folder, out = (pathlib.Path(argument) for argument in sys.argv[1:3])
    claims = [*whole_war_claims(), *strength_claims(folder), *listed_claims(folder)]
    table = pd.DataFrame(claims, columns=list(COLUMNS))
    assert table["claim_id"].is_unique
    table.to_csv(out / "all_claims_union.csv", index=False)
    shipped(table).to_csv(out / "claims_union_1861.csv", index=False)
    listed = table[table["claim_id"].str.contains("FOX|PHIST|LIVER|CLODF")]
    listed = listed.assign(quarter=listed["claim_id"].str[-6:], author=listed["claimant"].str.split().str[0])
    listed = listed.assign(listed=listed["value_low"].fillna(listed["value_central"]))
    sums = listed.pivot_table(index=["side", "quarter"], columns=["counts", "author"], values="listed", aggfunc="sum")
    sums.to_csv(out / "coverage.csv")
    agreement(folder).to_csv(out / "agreement.csv", index=False)


if __name__ == "__main__":
    main()
