"""The standard streams of the command line: closed, full, or of an encoding that lacks letters."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from holdfast.cli import app, console

WORDS = "Україна – 1,250 men ≥ 5 · §7 Côte d’Ivoire 国 🙂"
HOLDFAST = f"{sys.executable} -m holdfast"


@pytest.mark.parametrize("encoding", ["cp932", "cp437", "cp1252", "latin-1", "ascii", "utf-8"])
def test_no_encoding_is_too_small(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding=encoding))
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    lacking = console.prepare()
    print(WORDS, "\udcff", flush=True)
    text = written.getvalue().decode(encoding)
    assert text.encode(encoding)
    if encoding == "utf-8":
        assert text == WORDS + " \\udcff\n"
        assert lacking == {"\udcff"}
    if encoding == "ascii":
        assert "\\u0423\\u043a" in text
        assert " - 1,250 men >= 5 . sec. 7 C\\u00f4te d'Ivoire \\u56fd \\ud83d\\ude42" in text
        assert json.loads('"' + text.strip() + '"').startswith("Україна")  # what is lacking can be had back
        assert "У" in lacking
        assert "–" not in lacking


@pytest.mark.skipif(os.name == "nt", reason="a shell of POSIX")
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("--version <&- >&- 2>&-", 0, ""),
        ("--version >/dev/full", 1, "No space left on device. Not all could be written"),
        ("show --json >/dev/full", 2, '"show"'),
        ("show 2>/dev/full", 1, ""),
    ],
)
def test_streams_that_take_nothing_end_in_a_line(words: str, code: int, said: str, tmp_path: Path) -> None:
    done = subprocess.run(f"{HOLDFAST} {words}", shell=True, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == code
    assert said in done.stderr
    assert done.stderr.count("\n") == bool(said)  # no traceback, nothing that Python says as it ends


def test_a_closed_stream_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    console.prepare()
    assert not any(one.isatty() for one in (sys.stdin, sys.stdout, sys.stderr))
    print("to nobody")
    assert sys.stdin.read() == ""


def test_a_full_disk_is_told_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(words: object, print_error: bool) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(app, "_carried_out", full)
    assert app.guarded(["run"]) == 1
    assert capsys.readouterr().err.startswith("No space left on device. Not all could be written: make room")
    assert app.guarded(["run", "--json"]) == 1
    assert "No space" in json.loads(capsys.readouterr().out)["error"]


@pytest.mark.parametrize("name", ["[/south]", "south [rebels]", "[bold red]X[/]"])
def test_names_under_way_are_shown_as_they_stand(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    with console.progress(name, staged=True) as progress:
        progress(1, 2, name)
    with console.step(name):
        pass
    console.show(console.bold(name), name)
    console.show_line(name)
    out, err = capsys.readouterr()
    assert f"{name}: {name}" in err
    assert out.count(name) == 3
