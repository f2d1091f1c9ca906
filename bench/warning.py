"""How far signals of early warning can be trusted: thousands of simulated armies that held and broke, and two real series.

    python bench/warning.py                 simulate (resumed where it was stopped), measure, write the shipped table
    python bench/warning.py --quick         fewer armies, printed and not written
    python bench/warning.py --show          the shipped table, printed
    python bench/warning.py --figures DIR   the ROC curves of the shipped table as SVG and PNG
    python bench/warning.py --real          what would have been said of the real series, month by month

The simulated batches stay in Holdfast's cache: a command that was stopped goes on. One core simulates an army of 1,100 men for
two years in 40 ms.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from holdfast.core import runtime
from holdfast.early_warning import reported_cases, skill
from holdfast.early_warning.signals import SIGNALS
from holdfast.early_warning.simulated_armies import CALM_DAYS, DAYS, SLOWEST, VARIANTS, Study, simulate
from holdfast.early_warning.skill import CALM, CLASSES, EARLY_WEEKS, GATHERING, NOMINAL, SHOCK, Skills
from holdfast.io import files
from holdfast.stats.intervals import Estimate

SEED = 1
STUDIES = (Study(32, 1, SEED), Study(8, 10, SEED))
QUICK = (Study(2, 1, SEED),)
SHIPPED = Path(skill.__file__).parent / "shipped" / skill.FILE


def measure(studies: tuple[Study, ...]) -> Skills:
    """Simulate and measure."""
    each, trends, armies = [], [], {}
    for study in studies:
        series = simulate(study, runtime.cache_folder() / "warning", progress=_progress)
        skills, tests, classes = skill.of_armies(series, study.men, study.seed)
        each += skills
        trends += tests
        armies[str(study.men)] = {"simulated": len(series), **classes}
    about = {
        "command": "python bench/warning.py",
        "seed": SEED,
        "armies": "coded armies of history under draws of the shipped posterior, on the calibration's test bed",
        "draws": {str(study.men): study.draws for study in studies},
        "divisions": {str(study.men): study.divisions for study in studies},
        "variants": list(VARIANTS), "days": DAYS, "calm_days": CALM_DAYS, "slowest_ramp": SLOWEST,
        "false_alarm": skill.FALSE_ALARM, "watch_weeks": skill.WATCH_WEEKS, "early_weeks": skill.EARLY_WEEKS,
    }  # fmt: skip
    return Skills(tuple(each), tuple(trends), armies, about)


def _progress(done: int, total: int, what: str) -> None:
    """Say how far it is."""
    print(f"\r{done} of {total} batches: {what}", end="" if done < total else "\n", file=sys.stderr, flush=True)


def show(skills: Skills) -> None:
    """Print what was measured, as Markdown."""
    for men, classes in skills.armies.items():
        words = {**CLASSES, "held": "held"}
        counts = ", ".join(f"{count:,} {words.get(name, name)}" for name, count in classes.items())
        print(f"\n**Armies of {int(men):,} men**: {counts}.")
        for interval in ("week", "month"):
            heads = ("signal", "threshold", "false alarms", "detected", f"{EARLY_WEEKS} weeks early", "lead, weeks", "AUC",
                     "shock under pressure: alarms, AUC", "shock out of the calm: alarms, AUC")  # fmt: skip
            print(f"\nBy {interval}:\n\n| {' | '.join(heads)} |")
            print("| --- " * len(heads) + "|")
            for one in skills.each:
                if (one.men, one.interval) == (int(men), interval):
                    print(_row(one))
            for test in skills.trends:
                if (test.men, test.interval) == (int(men), interval):
                    found = f"{_share(test.false_alarm)} of the {test.held} that held"
                    print(f"\nKendall's tau of {test.signal}, nominally {NOMINAL:.0%}: a rise in {found}, in "
                          f"{_share(test.detection[GATHERING])} of those whose pressures gathered.")  # fmt: skip


def _row(one: skill.Skill) -> str:
    """A signal's row."""
    about, of = SIGNALS[one.signal], one.breaks[GATHERING]
    mark = f"{'low end ' if about.by_low_end else ''}{'<' if about.low_warns else '>'}"
    low, middle, high = of.lead
    lead = f"{middle:.0f} ({low:.0f}–{high:.0f})" if middle == middle else "–"
    shocks = [f"{_share(one.breaks[kind].detection)}, {_area(one.breaks[kind].auc)}" for kind in (SHOCK, CALM)]
    cells = [
        f"{mark} {one.threshold:.3g}",
        _share(one.false_alarm),
        _share(of.detection),
        _share(of.early),
        lead,
        _area(of.auc),
    ]
    return f"| {about.title} | {' | '.join([*cells, *shocks])} |"


def _area(of: Estimate) -> str:
    """An area under the ROC curve with its interval."""
    return "–" if of.value != of.value else f"{of.value:.2f} ({of.low:.2f}–{of.high:.2f})"


def _share(of: Estimate) -> str:
    """A share in per cent with its interval."""
    return "–" if of.value != of.value else f"{100 * of.value:.0f} % ({100 * of.low:.0f}–{100 * of.high:.0f})"


def draw(folder: Path) -> None:
    """The ROC curves and the alarms of the shipped table."""
    from holdfast.present import charts, warning_report

    folder.mkdir(parents=True, exist_ok=True)
    for men in skill.shipped().sizes():
        for stem, chart in warning_report.of_skills(skill.shipped(), "week", men).items():
            charts.save(chart, folder / f"warning_{stem}_{men}")


def main() -> None:
    """Carry out what is wanted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--figures", type=Path)
    parser.add_argument("--real", action="store_true")
    given = parser.parse_args()
    if given.real:
        print(reported_cases.as_markdown())
    elif given.figures:
        draw(given.figures)
    elif given.show:
        show(skill.shipped())
    else:
        skills = measure(QUICK if given.quick else STUDIES)
        show(skills)
        if not given.quick:
            text = json.dumps(files.plain(skill.to_plain(skills)), separators=(",", ":"))
            files.write_text(SHIPPED, text.replace('{"signal":', '\n{"signal":') + "\n")  # a line for each signal


if __name__ == "__main__":
    main()
