"""Pages: one environment of templates, in which all text is escaped, and what pages hold besides text. [IO]"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import jinja2
from markupsafe import Markup, escape

from holdfast.io import files

FOLDER = Path(__file__).parent / "templates"


@functools.cache
def _environment() -> jinja2.Environment:
    """The environment of all pages: everything escaped, and an error for what is not given."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER), autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )  # fmt: skip


def render(name: str, **values: object) -> str:
    """A page from its template; `style` is the style sheet of all pages.

    Args:
        name: of the template.
        **values: what stands in it.

    Returns:
        The page as text.
    """
    return _environment().get_template(name).render(style=content("style.css"), **values)


def charts_page(name: str, specs: Mapping[str, Mapping[str, object]], scripts: Iterable[str], **values: object) -> str:
    """A page with charts, which opens without a network.

    Args:
        name: of the template.
        specs: specifications of Vega-Lite by the charts' names.
        scripts: names of the files of scripts that the page needs beside that of the charts.
        **values: what stands in the template.

    Returns:
        The page as text, with the library that draws the charts in it.
    """
    plain = {stem: {key: value for key, value in spec.items() if key != "$schema"} for stem, spec in specs.items()}
    every = [_bundle(), *(content(script) for script in ("page.js", *scripts))]
    return render(name, specs=embedded(plain), scripts=every, **values)


@functools.cache  # it takes a second
def _bundle() -> Markup:
    """The library that draws charts."""
    import vl_convert

    return Markup(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;").replace("</script", "<\\/script"))


def content(name: str) -> Markup:
    """A file of the templates' folder as it is.

    Args:
        name: of the file.

    Returns:
        Its text, which is not escaped.
    """
    return Markup((FOLDER / name).read_text(encoding="utf-8"))


def embedded(value: object) -> Markup:
    """Data for a script of the page.

    Args:
        value: what JSON knows.

    Returns:
        JSON that no browser reads as markup.
    """
    return Markup(files.json_embedded(value))


def link(url: str) -> str:
    """An address that a page may link to.

    Args:
        url: the address as somebody wrote it.

    Returns:
        The address if it is one of the web; nothing otherwise, so that no claim can run a script by its link.
    """
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    return url.strip() if parts.scheme in ("http", "https") and parts.netloc else ""


def in_short(title: str, sentences: Iterable[str], rows: Iterable[Mapping[str, object]] = ()) -> str:
    """A result as a notebook shows it.

    Args:
        title: what it is.
        sentences: what it says.
        rows: a table, values by column; all rows have the columns of the first.

    Returns:
        HTML, everything escaped.
    """
    every = list(rows)

    def line(cells: Iterable[object], tag: str) -> str:
        texts = ("" if cell is None else str(cell) for cell in cells)
        return f"<tr>{''.join(f'<{tag}>{escape(text)}</{tag}>' for text in texts)}</tr>"

    body = "".join([line(every[0], "th"), *(line(row.values(), "td") for row in every)]) if every else ""
    words = "".join(f"<p>{escape(one)}</p>" for one in sentences)
    return f"<h4>{escape(title)}</h4>{words}" + (f"<table>{body}</table>" if every else "")
