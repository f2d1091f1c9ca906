"""What is wrong with a data set: it cannot be had, or is not as its reader expects; all faults at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from urllib.parse import quote

from holdfast.core.faults import DataError, Fault, nearest

# The data sets: who made them, under which licence, at which commit each file stands, and its checksum.
#
# A file is named here as its reader knows it; `path` is where it lies in its repository, which may be another name.


BASE = "https://raw.githubusercontent.com"
"""What every address begins with; a mirror has the same paths below it."""


@dataclasses.dataclass(frozen=True)
class File:
    """One file of a data set, at one commit, known by its SHA-256."""

    name: str
    path: str
    sha256: str
    optional: bool = False
    """Whether the data set can be read without it."""


@dataclasses.dataclass(frozen=True)
class Dataset:
    """A public data set: what it is, whose, and what to hold against it."""

    name: str
    what: str
    who: str
    licence: str
    citation: str
    repository: str
    commit: str
    files: tuple[File, ...]
    caveats: tuple[str, ...]

    def address(self, file: File, base: str | None = None) -> str:
        """Where the file is fetched from: this very commit, so that it never changes."""
        return f"{(base or BASE).rstrip('/')}/{self.repository}/{self.commit}/{quote(file.path)}"


ECONOMIST = "TheEconomist/the-economist-ukraine-war-dead-and-wounded-estimates"
ECONOMIST_COMMIT = "978a24b4abdcca2ca6e89e2158dc5c281ea760ca"
ECONOMIST_LICENCE = "CC BY 4.0 for what The Economist made; figures of others carry no licence of their own"
SOURCE_DATA = "source-data/deaths-and-casualties-data"
TRACKER = "output-data/tracker"
ACW = "build/acw_battle_data"

DATASETS: Mapping[str, Dataset] = {
    dataset.name: dataset
    for dataset in (
        Dataset(
            name="general-staff-daily",
            what="Russian personnel losses as the Ukrainian General Staff posts them, cumulative, a row a day",
            who="General Staff of the Armed Forces of Ukraine; collected by P. Ivaniuk",
            licence="MIT",
            citation="P. Ivaniuk, 2022 Ukraine Russia War Dataset, github.com/PetroIvaniuk, commit of 2026-08-08",
            repository="PetroIvaniuk/2022-Ukraine-Russia-War-Dataset",
            commit="37655f8bbdd6806d2f94416253116b02a750c97b",
            files=(
                File(
                    "russia_losses_personnel.json",
                    "data/russia_losses_personnel.json",
                    "8a11a5e9d7016ac45079f9a7fc82713003549676737597a72c23b6b13b3463b2",
                ),
            ),
            caveats=(
                "A claim of a party to the war about its enemy; what it counts (killed, or killed and wounded) is "
                "not said by it and is taken here as killed and wounded",
                "Six early posts say more than, all others about",
                "The number of prisoners was given up after 2022-04-27",
            ),
        ),
        Dataset(
            name="named-lists-daily",
            what="Named dead (and, for Ukraine, missing) by day of death, as known at two dates; counts only",
            who="Russia: list of Mediazona, BBC and volunteers. Ukraine: lostarmour.info. Counted by ukrwarlosses",
            licence="MIT for the counts; the lists belong to those who made them",
            citation="ukrainewarlosses, ukrwarlosses, github.com/ukrainewarlosses, commit of 2025-11-22",
            repository="ukrainewarlosses/ukrwarlosses",
            commit="e6f1695d0dfa3d5c3b951968140e3e14bf955e75",
            files=(
                File(
                    "russia_daily_2025-09-01.json",
                    "src/data/russia/daily_2025-09-01.json",
                    "7311205b5c77a3b254e8f6270918688c4ce1ed53e18d1059a78dcc268bfe1d54",
                ),
                File(
                    "russia_daily_2025-11-08.json",
                    "src/data/russia/daily_2025-11-08.json",
                    "fa30fb3fde545b9b0434cab0a51d94dc26f5b31fbe2d3d73b74e79394302d628",
                ),
                File(
                    "ukraine_daily-deduplicated_2025-11-08.json",
                    "src/data/ukraine/daily-deduplicated_2025-11-08.json",
                    "605a5f6693b851e5d63006c071ff8c4eb3439599d0c76f7572098ce807a36489",
                ),
            ),
            caveats=(
                "A named list counts whom it could name: a lower bound that grows for years after the day",
                "Ukraine's list is of a pro-Russian compiler, whatever the repository's README says",
                "Ukraine's file puts undated entries on 2022-02-23 (230 dead, 894 missing); the reader drops that day",
                "Day by day the Russian vintages do not nest: 2022-03-06 has 126 dead in the first, 11 in the second",
            ),
        ),
        Dataset(
            name="uk-mod-monthly",
            what="Russian casualties a day, averaged by month, as the UK Ministry of Defence gives them",
            who="UK Ministry of Defence; collected by The Economist",
            licence=ECONOMIST_LICENCE,
            citation="The Economist, Ukraine war dead and wounded estimates, github.com/TheEconomist, "
            "commit of 2026-08-22",
            repository=ECONOMIST,
            commit=ECONOMIST_COMMIT,
            files=(
                File(
                    "uk_mod_monthly.csv",
                    f"{SOURCE_DATA}/Soldier deaths_casualties in Ukraine - uk mod month-by-month estimates.csv",
                    "6e30e4d59b57a5e4a41333706504d1a9eca417bdd11cd8e539f3a766937889cd",
                ),
            ),
            caveats=(
                "No independent witness: the daily averages equal those of the Ukrainian General Staff's series "
                "to within rounding",
            ),
        ),
        Dataset(
            name="meduza-weekly",
            what="Russian dead by week of death from the probate registry, in three vintages, with court-declared "
            "missing, and the named list as it stood at the end of each year",
            who="Meduza and Mediazona; collected by The Economist",
            licence=ECONOMIST_LICENCE,
            citation="Meduza and Mediazona, copied by The Economist, Ukraine war dead and wounded estimates, "
            "github.com/TheEconomist, commit of 2026-08-22",
            repository=ECONOMIST,
            commit=ECONOMIST_COMMIT,
            files=(
                File(
                    "meduza_2024.csv",
                    f"{SOURCE_DATA}/meduza_2024.csv",
                    "67014abcacc8890985099225f2e4f75afbfecb465f693cee327dc0c96c1210c2",
                ),
                File(
                    "meduza_2025_weekly.csv",
                    f"{SOURCE_DATA}/meduza_2025_weekly.csv",
                    "8c18b75780d9308da923e1eaa343d8c7375eacdfc1f7e533e79f80678d764ad9",
                ),
                File(
                    "meduza_2026_weekly.csv",
                    f"{SOURCE_DATA}/meduza_2026_weekly.csv",
                    "da21e90b7addd105ccaba397429d984b0f799743889aa504c07c1f2b960c731b",
                ),
            ),
            caveats=(
                "Citizens of Russia whose inheritance is settled: no foreigners, none of Donetsk and Luhansk",
                "Only the newest vintage counts missing men declared dead by courts",
                "The last half-year of each vintage is a forecast from named lists, not the registry",
                "The limits are of single weeks; their sums are too wide",
                "The vintage of 2024 is cumulative, and its named list counts by day of report",
            ),
        ),
        Dataset(
            name="oryx-daily",
            what="Equipment lost and seen in pictures, both sides, cumulative, by type and status",
            who="Oryx (S. Mitzer and others); counted by scarnecchia",
            licence="CC BY 4.0",
            citation="scarnecchia, oryx_data, github.com/scarnecchia, commit of 2025-07-19; after Oryx",
            repository="scarnecchia/oryx_data",
            commit="a8624b4781666b73440fba89824133cb41531a72",
            files=(
                File(
                    "daily_count.csv",
                    "daily_count.csv",
                    "93264f480a6e532b99e2adeba0d8abe6058bf6885e2c65780ced699320344f68",
                ),
            ),
            caveats=(
                "Dated by the day of counting, not of loss",
                "No count between 2022-06-09 and 2024-09-30; Ukraine's begins 2025-03-21; single types begin late",
                "A type has a row only where its count changed",
                "Russia's destroyed stands as 100 on 2022-03-28, between 959 and 1,041; the reader sets it aside",
            ),
        ),
        Dataset(
            name="cdb90",
            what="660 battles, 1600 to 1982: strength, casualties, resolution and judged advantages of both sides",
            who="HERO and the US Army Concepts Analysis Agency; cleaned by J. Arnold",
            licence="ODC-BY 1.0; the original files are in the public domain",
            citation="CAA Database of Battles, Version 1990; J. Arnold, CDB90, github.com/jrnold, commit of 2016-04-09",
            repository="jrnold/CDB90",
            commit="e0b35ec4d798cec3bb4e6970c0f6bb7aa69e2f4c",
            files=(
                File(
                    "CDB90-patched.csv",
                    "src-data/CDB90/CDB90-patched.csv",
                    "b630c24b8f938ce6db6485315dc1a470aeb951b39cf5b65621416a08225fe50a",
                ),
            ),
            caveats=(
                "The tidy tables of the same repository lost every negative code (the defender's advantages); this "
                "file has them",
                "Advantages were judged by historians who knew who had won",
                "A reassessment of 61 battles differed substantially from it in nearly every case (its README)",
                "Three columns of corrections bear misspelled names (INSTA, INSTD, CAMPAGN); the reader applies them",
            ),
        ),
        Dataset(
            name="acw-battles",
            what="Battles of the American Civil War: killed, wounded, missing of both sides by three compilers; "
            "army and unit sizes",
            who="Fox 1898, Livermore 1900, Clodfelter 2002; collected by J. Arnold",
            licence="CC BY 4.0",
            citation="J. Arnold, acw_battle_data, github.com/jrnold, commit of 2018-03-19",
            repository="jrnold/acw_battle_data",
            commit="3a6020dbfcbcfc650a268b10a9f155588472432b",
            files=(
                File(
                    "fox_forces.csv",
                    f"{ACW}/fox_forces.csv",
                    "5013cfa49434559cf22aacb8bf2810c04d08a344d716f1776a9734dbc3c799f8",
                ),
                File(
                    "livermore_forces.csv",
                    f"{ACW}/livermore_forces.csv",
                    "f4a8bce66b0646809ff8915fcc2f01459c0472879cb97fb1feb69282660cc6fb",
                ),
                File(
                    "clodfelter_forces.csv",
                    f"{ACW}/clodfelter_forces.csv",
                    "96430f3626d3d0475b9712e733b04494d2eae3112319154fbf141af48cca8dee",
                ),
                File(
                    "livermore_army_sizes.csv",
                    f"{ACW}/livermore_army_sizes.csv",
                    "9a0768a919f86c427f3dfdfef053e5ce8a09d56ed61f040ee458e57cd5ce3b22",
                ),
                File(
                    "unit_sizes.csv",
                    f"{ACW}/unit_sizes.csv",
                    "fdbc46cff4f494e183e613c953bd10605436b488e00fa6a099b7526450cdedf5",
                ),
                File(
                    "fox_forces_to_cwsac.json",
                    f"{ACW}/fox_forces_to_cwsac.json",
                    "95f6923947b96acf89c5437fb11d9d3331f4ac34dd6d48325399d06e3ff3fff2",
                    optional=True,
                ),
                File(
                    "livermore_to_cwsac.json",
                    f"{ACW}/livermore_to_cwsac.json",
                    "de2446f6975f172d5296be16093deff992d051a8574fcbe9b895191436073bd4",
                    optional=True,
                ),
                File(
                    "clodfelter_to_cwsac.json",
                    f"{ACW}/clodfelter_to_cwsac.json",
                    "8482b2b79f925bd6f93c0660b3d56d3dfb7a466c0044a5d3ccc446534aff624c",
                    optional=True,
                ),
            ),
            caveats=(
                "The three copy the same official returns (61 to 81 % of the cells agree to the man): one witness, "
                "not three",
                "Livermore and Clodfelter count missing and captured in different ways; see each variable",
                "Fox's Union file has whole campaigns beside their battles; the reader marks them",
            ),
        ),
        Dataset(
            name="economist",
            what="The Economist's daily estimate of Russian dead and casualties, the published estimates behind it, "
            "and the area that Russia controls",
            who="The Economist",
            licence=ECONOMIST_LICENCE,
            citation="The Economist, Ukraine war dead and wounded estimates, github.com/TheEconomist, "
            "commit of 2026-08-22",
            repository=ECONOMIST,
            commit=ECONOMIST_COMMIT,
            files=(
                File(
                    "estimates.csv",
                    f"{SOURCE_DATA}/Soldier deaths_casualties in Ukraine - estimates.csv",
                    "614676065b5ac9d08dfcbc63282227037954adad74a558a1c0fdef61d4f263b4",
                ),
                File(
                    "meta-estimate-deaths.csv",
                    f"{TRACKER}/meta-estimate-deaths.csv",
                    "a9997386f31b0ecd977dcedf073b21e69e581922b4a75c75a50b3f7ec02b0618",
                ),
                File(
                    "meta-estimate-casualties.csv",
                    f"{TRACKER}/meta-estimate-casualties.csv",
                    "71dd1b50904224b5cd75bbb8e40f2af6e649bc6f132c32bdd63a4b3a781d26a6",
                ),
                File(
                    "area_assessed_as_controlled_by_russia.csv",
                    f"{SOURCE_DATA}/area_assessed_as_controlled_by_russia.csv",
                    "97f8c0db4ae525d47bac4d1fe6c0068efbc598706f5a11bf7273649691599278",
                ),
            ),
            caveats=(
                "Made from other people's estimates: no witness beside them",
                "NATO's 7,000 to 15,000 dead is dated 2022-04-23; its source is of 2022-03-23",
                "390,580 of the Armed Forces of Ukraine is dated 2024-01-16; it is the figure of 2024-02-06",
                "The Pentagon leak's deaths have only an upper bound",
            ),
        ),
    )
}


def named(name: str) -> Dataset:
    """The data set of that name."""
    if name not in DATASETS:
        fault = Fault(
            "data set", name, ", ".join(DATASETS), "Correct the name", nearest(name, DATASETS)
        )  # fmt: skip
        raise DataError([fault], "The request")
    return DATASETS[name]
