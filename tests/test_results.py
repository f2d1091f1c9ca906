"""What all results share, and the tables on the console."""

from __future__ import annotations

import io
import sys
import types
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from rich.console import Console
from rich.text import Text

from holdfast.core import results
from holdfast.present import tables


class Counted(results.Result):
    PRESENTER = "holdfast.present.of_this_test"

    def to_dict(self) -> dict[str, object]:
        return {"rows": 2}

    def rows(self) -> Sequence[Mapping[str, object]]:
        return [{"side": "north", "men": 3}, {"side": "south", "men": 5}]


@pytest.fixture
def presenter(monkeypatch: pytest.MonkeyPatch) -> types.SimpleNamespace:
    written: list[tuple[Path, bool, Mapping[str, object]]] = []

    def save(result: object, folder: Path, *, figures: bool = True, **options: object) -> Path:
        written.append((folder, figures, options))
        return folder / "page.html"

    module = types.SimpleNamespace(
        save=save, written=written, figures=lambda result: {"men": lambda: f"chart of {len(result.rows())} rows"},
        in_html=lambda result: "<p>two rows</p>",
    )  # fmt: skip
    monkeypatch.setitem(sys.modules, Counted.PRESENTER, module)
    return module


def test_a_result_is_presented_by_the_module_that_it_names(presenter: types.SimpleNamespace, tmp_path: Path) -> None:
    result = Counted()
    assert result.save(str(tmp_path), figures=False, cards=("C1",)) == tmp_path / "page.html"
    assert presenter.written == [(tmp_path, False, {"cards": ("C1",)})]
    assert result.plot.men() == result.plot["men"]() == "chart of 2 rows"
    assert list(result.plot) == ["men"]
    assert "men" in dir(result.plot)
    assert result._repr_html_() == "<p>two rows</p>"
    with pytest.raises(AttributeError, match="no figure 'women'; there are men"):
        _ = result.plot.women


def test_a_result_is_a_data_frame() -> None:
    frame = Counted().to_frame()
    assert list(frame.columns) == ["side", "men"]
    assert list(frame["men"]) == [3, 5]


def printed(table: object, width: int = 60) -> str:
    console = Console(width=width, file=io.StringIO(), highlight=False)
    console.print(table)
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_cells_of_a_table_are_taken_to_the_letter() -> None:
    table = tables.table(
        "Losses [of a test]", ["side [b]", *tables.numbers("men [1]")],
        [["[red]north[/red]", "3"], tables.Row([Text("all"), "8"], style="bold", last=True)], caption="[i]note[/i]",
    )  # fmt: skip
    text = printed(table)
    for words in ("Losses [of a test]", "side [b]", "men [1]", "[red]north[/red]", "[i]note[/i]"):
        assert words in text
    lines = text.splitlines()
    rows = [next(line for line in lines if name in line) for name in ("north", "all")]
    assert rows[0].rindex("3") == rows[1].rindex("8")


def test_a_column_of_words_gives_way_to_numbers() -> None:
    text = printed(
        tables.table("", ["words", *tables.numbers("n")], [["many words " * 9, "123,456 (100,000–200,000)"]])
    )
    assert "123,456 (100,000–200,000)" in text
