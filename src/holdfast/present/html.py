"""Pages: one environment of templates, in which all text is escaped, and what pages hold besides text. [IO]"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.metadata
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import jinja2
from markupsafe import Markup, escape

from holdfast.core import runtime
from holdfast.io import files
from holdfast.present.vega import Record

FOLDER = Path(__file__).parent / "templates"
_DOOR = "window.vegaEmbed = vegaEmbed;"
"""How the scripts of a page reach the library that draws charts."""


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


def charts_page(name: str, specs: Mapping[str, Record], scripts: Iterable[str] = (), **values: object) -> str:
    """A page with charts, which opens without a network and draws them when it is read.

    Args:
        name: of the template.
        specs: specifications of Vega-Lite by the charts' names.
        scripts: names of the files of scripts that the page needs beside that of the charts.
        **values: what stands in the template.

    Returns:
        The page as text, with the library that draws the charts in it.
    """
    every = [_bundle(), *(content(script) for script in ("page.js", *scripts))]
    captions = {chart: _caption(spec) for chart, spec in specs.items()}
    return render(name, specs=embedded(specs), captions=captions, scripts=every, **values)


def _caption(spec: Record) -> str:
    """A chart's title and subtitle in a line: what a reader hears of it, and sees where no script runs."""
    title = spec["title"]
    return " ".join([*title["text"], *title["subtitle"]])


@functools.cache
def _bundle() -> Markup:
    """The library that draws charts; bundling takes more than a second, so it is kept in the cache of this machine.

    A file of the cache begins with the hash of the rest; one that is damaged is made anew.
    """
    version = importlib.metadata.version("vl-convert-python")
    path = runtime.cache_folder() / "pages" / f"vega-{version}.js"
    with contextlib.suppress(OSError, ValueError):
        digest, _, script = path.read_bytes().decode().partition("\n")
        if digest == _digest(script):
            return Markup(script)
    import vl_convert

    script = vl_convert.javascript_bundle(_DOOR).replace("</script", "<\\/script")
    with contextlib.suppress(OSError):  # a cache that cannot be written is no fault
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write_text(path, f"{_digest(script)}\n{script}")
    return Markup(script)


def _digest(script: str) -> str:
    """What a bundled script is known by."""
    return hashlib.sha256(f"{_DOOR}\n{script}".encode()).hexdigest()


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


def alone(title: str, body: str) -> str:
    """A page of what a notebook shows of a result, where the result has no page of its own.

    Args:
        title: what it is.
        body: HTML, escaped.

    Returns:
        The page as text.
    """
    return render("alone.html.j2", title=title, body=Markup(body))


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
