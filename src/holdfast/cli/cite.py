"""`holdfast cite`: how to cite this version."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import App, Parameter

from holdfast import citation
from holdfast.cli import console
from holdfast.cli.options import Json

app = App(name="cite", help_format="markdown")


@app.default
def cite(
    *, form: Annotated[Literal["text", "apa", "bibtex", "cff"], Parameter(name="--format")] = "text", json: Json = False
) -> int:
    """Print how to cite the version that is installed.

    Data sets and tables of claims have sources of their own, which a result names: cite those besides.

    Examples: `holdfast cite` · `holdfast cite --format bibtex >> sources.bib`

    Args:
        form: A sentence, a line after APA, an entry for BibTeX, or a Citation File Format document.
    """
    if json:
        console.show_json(citation.record())
    else:
        print(citation.FORMS[form](), end="")
    return 0
