"""The pages' templates: filled in with everything escaped, and links that lead out only to the web. [IO]"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jinja2
from markupsafe import Markup

FOLDER = Path(__file__).parent / "templates"


def render(name: str, **values: Any) -> str:
    """A template of this folder, filled in."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER), autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )  # fmt: skip
    return environment.get_template(name).render(**values)


def safe(text: str) -> Markup:
    """Markup made here, every word of others in it escaped already."""
    return Markup(text)


def data(value: Any) -> Markup:
    """JSON that no browser reads as markup."""
    return Markup(json.dumps(value, separators=(",", ":")).replace("<", "\\u003c"))


def link(url: str) -> str:
    """The address if it is one of the web; nothing otherwise, so that no claim can run a script by its link."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    return url.strip() if parts.scheme in ("http", "https") and parts.netloc else ""


def text(name: str) -> Markup:
    """A file of this folder as it is."""
    return Markup((FOLDER / name).read_text(encoding="utf-8"))
