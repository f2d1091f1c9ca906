"""How to cite Holdfast: one record, in the forms that reference managers read.

`CITATION.cff` at the root of the repository is written from here: `holdfast cite --format cff > CITATION.cff`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from holdfast.core.release import RELEASED, VERSION

TITLE = "Holdfast"
SUBTITLE = "Will an army hold or break, which pressures would break it, and how sure can anyone be?"
AUTHORS = "The Holdfast contributors"
LICENCE = "MIT"
ABSTRACT = (
    "Holdfast simulates two armies soldier by soldier, about a million men for a year in seconds: fire, belief, the bond of the "
    "unit, the choice to stay, refuse, desert or surrender, replacement, the regime and the front. It gives the chances that "
    "each holds or breaks, with their uncertainty, from parameters learnt from coded armies of the past; it reconciles "
    "competing claims about losses, scores its forecasts, and says which pressures would break an army. For study and warning, "
    "about armies as wholes."
)
KEYWORDS = (
    "agent-based model", "armed conflict", "cohesion", "desertion", "early warning", "forecasting", "military history",
    "simulation",
)  # fmt: skip


def record() -> dict[str, object]:
    """The citation as a record.

    Returns:
        Title, authors, version, licence, abstract and keywords under the names of the Citation File Format; the day of the
        release where there was one.
    """
    released = {"date-released": RELEASED} if RELEASED else {}
    return {
        "cff-version": "1.2.0", "message": "If you use Holdfast, please cite it as below, with the version that gave your numbers.",
        "type": "software", "title": f"{TITLE}: {SUBTITLE}", "abstract": ABSTRACT, "authors": [{"name": AUTHORS}],
        "version": VERSION, **released, "license": LICENCE, "keywords": list(KEYWORDS),
    }  # fmt: skip


def cff() -> str:
    """The citation as a Citation File Format 1.2.0 document.

    Returns:
        YAML whose values are written as JSON, which is YAML too.
    """
    return "".join(f"{name}:{_yaml(value)}\n" for name, value in record().items())


def _yaml(value: object) -> str:
    """A value as it follows a key and its colon."""
    if isinstance(value, list):
        return "".join(f"\n  -{_yaml(entry)}" for entry in value)
    if isinstance(value, dict):
        return "\n   ".join(f" {key}:{_yaml(each)}" for key, each in value.items())
    return " " + json.dumps(value, ensure_ascii=False)


def bibtex() -> str:
    """The citation as an entry for BibTeX and BibLaTeX.

    Returns:
        An entry of the type `software`.
    """
    fields = {"author": f"{{{AUTHORS}}}", "title": f"{{{TITLE}}}: {SUBTITLE}", "version": VERSION}
    fields |= {"date": RELEASED} if RELEASED else {}
    fields |= {"note": f"Computer software, licence {LICENCE}"}
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    return f"@software{{holdfast,\n{lines}\n}}\n"


def apa() -> str:
    """The citation as APA, 7th edition, has software.

    Returns:
        One line; `n.d.`, no date, while the version is in preparation.
    """
    return f"{AUTHORS}. ({RELEASED[:4] or 'n.d.'}). {TITLE}: {SUBTITLE} (Version {VERSION}) [Computer software].\n"


def text() -> str:
    """The citation as a sentence for a list of sources.

    Returns:
        One line.
    """
    day = f", released {RELEASED}" if RELEASED else ""
    return f"{AUTHORS}: {TITLE}, version {VERSION}{day}. {SUBTITLE} Computer software, licence {LICENCE}.\n"


FORMS: Mapping[str, Callable[[], str]] = {"text": text, "apa": apa, "bibtex": bibtex, "cff": cff}
"""The forms in which the citation can be written."""
