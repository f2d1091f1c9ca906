"""The essay, statement by statement, as a page, as Markdown and as tables. [IO]"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from holdfast.core import runtime
from holdfast.essay_claims.result import EssayVerdicts, Row
from holdfast.essay_claims.rules import PARTLY, VERDICTS
from holdfast.io import files
from holdfast.present import html, text

if TYPE_CHECKING:
    import altair as alt

PAGE, MARKDOWN = "essay.html", "essay.md"
TITLE = "The essay, claim by claim"
CAVEATS = (
    "The statements are ours, in our own words, of an argument of November 2023 (A. Motyl, *The Hill*). What we took out of it "
    "may not be all that it says, nor as its author would say it.",
    "A verdict follows from the figures by the rule that stands beside it; another bound may give another verdict. The bounds "
    "were not written blind: what the evidence says of the dead, and trial runs of the motives, of winter and of the five "
    "factors, had been seen.",
    "Tests by runs say what this model does, whose parameters were learnt from past armies. Where the statement is an assumption "
    "of the model, the test shows how much that assumption weighs, and no more.",
    "Codes of past armies were made with the help of language models, by a coder who knew how each army ended; no specialist has "
    "reviewed them.",
    "The evidence on losses is the fast fit. `holdfast losses` gives that by NUTS.",
)
WHOLE = {PARTLY: "partly supported"}
"""A verdict in a sentence, where it is not the word itself."""
QUICK = "Made with --quick: few runs at a coarse grain, to see that it works. Nothing of it is to be cited."


def figures(_: EssayVerdicts) -> dict[str, Callable[[], alt.TopLevelMixin]]:
    """The figures of the result.

    Returns:
        None: it is a table.
    """
    return {}


def headline(result: EssayVerdicts) -> str:
    """How many statements have which verdict.

    Args:
        result: the statements.

    Returns:
        A sentence.
    """
    counts = result.counts()
    parts = [f"{counts[name]} are {WHOLE.get(name, name)}" for name in VERDICTS if counts[name]]
    return f"Of {len(result.tested)} statements {text.listed(parts)}."


def facts(result: EssayVerdicts) -> list[str]:
    """How the figures came about.

    Args:
        result: the statements.

    Returns:
        A few words each.
    """
    return [
        f"{result.runs} pairs of runs for each comparison", f"{result.men_per_billet} men a billet", f"seed {result.seed}",
        f"Holdfast {runtime.version()}",
    ]  # fmt: skip


def command(result: EssayVerdicts) -> str:
    """The command that gives the result again.

    Args:
        result: the statements.

    Returns:
        The command.
    """
    seed = "" if result.seed == 1 else f" --seed {result.seed}"
    return f"holdfast essay{' --quick' if result.quick else ''}{seed} --out essay"


def by_part(result: EssayVerdicts) -> dict[str, list[Row]]:
    """The statements by the parts of the argument.

    Args:
        result: the statements.

    Returns:
        Rows by part, in the order of the argument.
    """
    parts: dict[str, list[Row]] = {}
    for row in result.tested:
        parts.setdefault(row.statement.part, []).append(row)
    return parts


def save(result: EssayVerdicts, folder: Path, *, figures: bool = False) -> Path:
    """Write `essay.json`, `essay.csv`, `essay.md` and a page into a folder, whole or not at all.

    Args:
        result: the statements.
        folder: where.
        figures: no use here: there are none.

    Returns:
        The page's path.
    """
    with files.folder(folder) as fresh:
        files.write_json(fresh / "essay.json", result.to_dict())
        files.write_table(fresh / "essay.csv", [dict(row) for row in result.rows()])
        files.write_text(fresh / MARKDOWN, as_markdown(result))
        files.write_text(fresh / PAGE, _page(result))
    return folder / PAGE


def _page(result: EssayVerdicts) -> str:
    """The page as text."""
    return html.render(
        "essay.html.j2", title=TITLE, headline=headline(result), facts=facts(result), command=command(result),
        quick=QUICK if result.quick else "", caveats=[plain(one) for one in CAVEATS],
        parts={part: [_shown(row) for row in rows] for part, rows in by_part(result).items()},
    )  # fmt: skip


def plain(words: str) -> str:
    """Words without the marks of Markdown.

    Args:
        words: with or without them.

    Returns:
        The words.
    """
    return words.replace("*", "").replace("`", "")


def _shown(row: Row) -> dict[str, object]:
    """A row as the page shows it."""
    values = row.to_dict()
    rule = {name: plain(words) for name, words in values["rule"].items()} if isinstance(values["rule"], dict) else None
    return values | {"rule": rule, "measured": plain(row.says), "reason": plain(row.statement.reason)}


def in_html(result: EssayVerdicts) -> str:
    """The verdicts in short, as HTML for a notebook.

    Args:
        result: the statements.

    Returns:
        The headline, and a table of verdicts.
    """
    rows = [{"statement": row.statement.says, "verdict": row.verdict, "measured": row.says} for row in result.tested]
    return html.in_short(TITLE, [headline(result)], rows)


def as_markdown(result: EssayVerdicts) -> str:
    """The statements as a page in Markdown.

    Args:
        result: the statements.

    Returns:
        The command, a table of all verdicts, and each statement with its test.
    """
    return "\n".join([
        f"# {TITLE}", "", "```sh", command(result), "```", "",
        f"This page is what that command writes ({'; '.join(facts(result))}); nobody typed a verdict. {headline(result)}", "",
        *([f"**{QUICK}**", ""] if result.quick else []),
        "## What to hold against it", "", *(f"- {one}" for one in CAVEATS), "",
        "## All verdicts", "", "| statement | verdict | measured |", "| --- | --- | --- |",
        *(f"| {_cell(row.statement.says)} | **{row.verdict}** | {_cell(row.says)} |" for row in result.tested), "",
        *(line for part, rows in by_part(result).items() for line in _part(part, rows)),
    ]).rstrip() + "\n"  # fmt: skip


def _cell(words: str) -> str:
    """Words that part no cell of a table."""
    return words.replace("|", "\\|").replace("\n", " ")


def _part(part: str, rows: list[Row]) -> Iterator[str]:
    """A part of the argument in Markdown."""
    yield from (f"## {part[0].upper()}{part[1:]}", "")
    for row in rows:
        of = row.statement
        yield from (f"### {of.id}", "", f"{of.says} *({of.kind})* **{row.verdict}**", "")
        if of.rule is None:
            yield f"- Why it cannot be tested here: {of.reason}."
        else:
            shown = ", ".join(f"`{name}` = {value:.6g}" for name, value in row.figures.items())
            module, _, name = of.test.partition(".")
            yield from (
                f"- Measured: {row.says}.", f"- Figures: {shown}.", f"- Rule: {of.rule.words}.", f"- Why so: {of.rule.why}.",
                f"- Test: `essay_claims/{module}.py`, `{name}`; again by `{row.command}`.", f"- Rests on: {of.rests_on}.",
            )  # fmt: skip
        yield from (f"- What followed by August 2026: {row.followed}. Source: {row.followed_source}.", "")
