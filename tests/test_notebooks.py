"""In a notebook: results and figures in the cell, progress while it runs, and no process left behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jupyter_client
import nbclient
import nbformat
import psutil
import pytest

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "bench"))

import tutorials  # noqa: E402

pytestmark = pytest.mark.slow

CODE = (
    'import holdfast as hf\nscenario = hf.load_scenario("skirmish").with_values({"days": 30})',
    'print("before")\n'
    'def progress(done, total, what):\n    print(f"\\r{what}: {100 * done // total} %", end="", flush=True)\n'
    "result = hf.simulate(scenario, runs=2, workers=1, progress=progress)",
    "result",
    "result.plot.strength_fan()",
    "result.show()",
)
LONG = (
    'import holdfast as hf\nhf.simulate(hf.load_scenario("skirmish").with_values({"days": 120, "men_per_billet": 1}), '
    "runs=400, workers=2)"
)


def outputs(book: Any, number: int) -> list[Any]:
    """The outputs of a notebook's cell."""
    return list(book.cells[number].outputs)


def test_a_jupyter_notebook_shows_results_figures_and_progress(tmp_path: Path) -> None:
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in CODE])
    nbclient.NotebookClient(
        book, timeout=400, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    printed = "".join(each["text"] for each in outputs(book, 1) if each.output_type == "stream")
    assert printed.startswith("before")
    assert "100 %" in printed
    (shown,) = outputs(book, 2)
    assert "<table" in shown.data["text/html"]
    (figure,) = outputs(book, 3)
    assert figure.data["image/svg+xml"].startswith("<svg"), "a figure must need no script from a server"
    assert "text/html" not in figure.data
    (page,) = outputs(book, 4)
    assert "<iframe" in page.data["text/html"]
    assert 'src="http' not in page.data["text/html"]


def test_a_marimo_notebook_shows_results_and_figures(tmp_path: Path) -> None:
    cells = "".join(
        f"@app.cell\ndef _({given}):\n{body}\n    return{gives}\n\n"
        for given, body, gives in [
            ("", "    import holdfast as hf", " (hf,)"),
            ("hf", '    result = hf.simulate(hf.load_scenario("skirmish").with_values({"days": 30}), runs=2, workers=1)\n'
                   '    print("men:", result.data.present.isel(day=0, run=0).values.tolist())', " (result,)"),
            ("result", "    result.plot.strength_fan()", ""),
            ("result", "    result", ""),
        ]
    )  # fmt: skip
    (tmp_path / "war.py").write_text(
        f"import marimo\n\napp = marimo.App()\n\n{cells}\nif __name__ == '__main__':\n    app.run()\n"
    )
    command = [sys.executable, "-m", "marimo", "export", "html", "war.py", "-o", "war.html"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    page = (tmp_path / "war.html").read_text(encoding="utf8")
    assert "men: [" in page
    assert "svg" in page or "vegalite" in page
    assert "cdn.jsdelivr.net/npm/vega" not in page
    assert "MarimoExceptionRaisedError" not in page


def test_a_tutorial_is_a_notebook() -> None:
    for page in tutorials.pages():
        nbformat.validate(nbformat.reads(json.dumps(tutorials.notebook(page)), as_version=4))


# --- No process is left behind.


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[Any]:
    """A kernel and its client."""
    manager = jupyter_client.KernelManager(kernel_name="python3")
    manager.start_kernel(cwd=str(tmp_path), env=dict(os.environ))
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=120)
    yield manager, client
    client.stop_channels()
    if manager.has_kernel:
        manager.shutdown_kernel(now=True)


def workers(of: psutil.Process) -> list[psutil.Process]:
    """The processes of Holdfast that a kernel has started."""
    return [each for each in of.children(recursive=True) if "holdfast" in " ".join(each.cmdline())]


def wait(until: Callable[[], Any], seconds: float = 120) -> Any:
    """What `until` gives as soon as it gives anything."""
    end = time.monotonic() + seconds
    while not (value := until()):
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.2)
    return value


@pytest.mark.parametrize("how", ["interrupted", "shut down", "killed"])
def test_workers_end_with_their_cell(kernel: Any, how: str) -> None:
    manager, client = kernel
    process = psutil.Process(manager.provisioner.process.pid)
    asked = client.execute(LONG)
    started = wait(lambda: workers(process))
    time.sleep(1.0)
    started = workers(process) or started
    if how == "interrupted":
        manager.interrupt_kernel()
        replies = iter(lambda: client.get_shell_msg(timeout=120), None)
        reply = next(each for each in replies if each["parent_header"].get("msg_id") == asked)
        assert reply["content"].get("ename") == "KeyboardInterrupt", reply["content"]
    elif how == "shut down":
        manager.shutdown_kernel()
    else:
        process.kill()
    wait(lambda: not [each for each in started if each.is_running() and each.status() != psutil.STATUS_ZOMBIE], 60)
