"""A live page that runs, and a browser that looks at it: what tests of the page share."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
"""The browser of this machine, if there is one."""


@contextlib.contextmanager
def server(*words: str) -> Iterator[tuple[str, int]]:
    """A live page.

    Args:
        words: of the command, beside those that it needs here.

    Yields:
        Its address, and the number of its process.
    """
    command = [sys.executable, "-m", "holdfast", "app", *words, "--no-browser"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"})
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        address = re.search(r"http://\S+", line)
        assert address, line
        threading.Thread(target=process.stdout.read, daemon=True).start()
        yield address[0].rstrip("/"), process.pid
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


class Watched:
    """A page of a browser that notes what goes wrong in it."""

    def __init__(self, page: Any, address: str) -> None:
        """Watch a page.

        Args:
            page: of Playwright.
            address: of the live page: whatever is asked of another is noted.
        """
        self.page, self.wrong = page, list[str]()
        page.on("console", lambda said: self.wrong.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("request", lambda asked: None if _own(asked.url, address) else self.wrong.append(f"asked {asked.url}"))


def _own(url: str, address: str) -> bool:
    return url.startswith((address, address.replace("http", "ws", 1), "data:", "blob:", "about:"))
