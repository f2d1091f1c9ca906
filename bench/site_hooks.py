"""What mkdocs calls while it builds the site: the reference is complete, and the tutorials' notebooks lie beside their pages."""

from __future__ import annotations

import inspect
import sys
import zlib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "bench"), str(ROOT / "src")]

import tutorials  # noqa: E402

import holdfast as hf  # noqa: E402 - while the path is there: mkdocs takes it back


def public_names() -> set[str]:
    """Every public name of Holdfast, and every public method and attribute with a docstring of its classes."""
    names = set()
    for name in hf.__all__:
        names.add(f"holdfast.{name}")
        value = getattr(hf, name)
        if inspect.isclass(value) and not issubclass(value, Exception):
            own = {member: inspect.getattr_static(value, member) for member in dir(value) if not member.startswith("_")}
            names |= {
                f"holdfast.{name}.{member}"
                for member, of in own.items()
                if getattr(of, "__doc__", None) and callable(of)
            }
    return names


def documented(inventory: bytes) -> set[str]:
    """The names in a site's inventory of objects, as other sites link to them."""
    body = zlib.decompress(inventory.split(b"\n", 4)[4])
    return {line.split(" ", 1)[0] for line in body.decode().splitlines()}


def on_post_build(config: Any) -> None:
    """Fail where a public name is not in the reference; write the notebooks."""
    from mkdocs.exceptions import PluginError

    site = Path(config["site_dir"])
    if missing := sorted(public_names() - documented((site / "objects.inv").read_bytes())):
        raise PluginError(f"Not in the reference (docs/api/): {', '.join(missing)}. Name each there with ::: NAME.")
    for page in sorted((ROOT / "docs" / "tutorials").glob("*.md")):
        tutorials.write_notebook(page, site / "tutorials" / f"{page.stem}.ipynb")


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """A tutorial says where its notebook lies."""
    if not page.file.src_path.startswith("tutorials/"):
        return markdown
    name = f"{Path(page.file.src_path).stem}.ipynb"
    return f'{markdown}\n\n<a href="{name}" download>This page as a notebook</a>\n'
