"""The page of the command line, made from the commands themselves.

`python bench/commands_page.py` renews `docs/commands.md`; a test fails where it is out of date.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from holdfast.cli import app

PAGE = Path(__file__).parent.parent / "docs" / "commands.md"
HEAD = """\
# Command line

Every command with its options, made from the program itself; do not edit this page by hand:

```sh
python bench/commands_page.py
```

`holdfast COMMAND --help` shows the same in the terminal. Options stand after their command, as `--runs 8` or `--runs=8`.
{epilogue} `--json` prints JSON and nothing else, also of an error. Exit codes: 0, 1 where the work gave no result, 2 for input that
cannot be used, 130 when stopped ([Reliability](reliability.md)).

| command | what it does |
| --- | --- |
"""
DROPPED = re.compile(r"^(?:#+ Table of Contents\n(?:.*\n)*?(?=\*\*|#)|\*\*Commands\*\*:\n\n(?:\* .*\n)+\n?)", re.M)


def page() -> str:
    """The whole page."""
    rows = "".join(f"| [`holdfast {name}`](#holdfast-{name}) | {line} |\n" for name, (_, line) in app.COMMANDS.items())
    return HEAD.format(epilogue=app.EPILOGUE) + rows + "\n" + "\n".join(map(_section, app.COMMANDS))


def _section(name: str) -> str:
    """A command, and the commands below it."""
    text = app.application(name)[name].generate_docs(output_format="markdown", recursive=True, heading_level=2)
    text = DROPPED.sub("", text)
    text = re.sub(rf"^(#+ |```console\n)({name}\b)", r"\1holdfast \2", text, flags=re.M)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


if __name__ == "__main__":
    (Path(sys.argv[1]) if sys.argv[1:] else PAGE).write_text(page(), encoding="utf8")
