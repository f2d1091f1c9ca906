"""Checkouts of Holdfast that scripts run side by side: how each is run, and how one of a commit is built. [IO]"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shlex
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

BENCH = Path(__file__).resolve().parent
ENTRY = "holdfast.cli.app:main"
"""The command line's entry where a checkout declares none."""


@dataclasses.dataclass(frozen=True)
class Checkout:
    """A checkout and the interpreter that it is run with."""

    root: Path
    python: str

    @property
    def exists(self) -> bool:
        """Whether sources of Holdfast are there."""
        return is_checkout(self.root)

    def environment(self, cache: Path) -> dict[str, str]:
        """Variables under which its code runs, with its own interpreter first and with caches of its own."""
        environment = {
            **os.environ, "PYTHONPATH": str(self.root / "src"), "HOLDFAST_CACHE": str(cache),
            "XDG_CACHE_HOME": str(cache / "more"),
            "PATH": f"{Path(self.python).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        }  # fmt: skip
        environment.pop("JAX_COMPILATION_CACHE_DIR", None)
        return environment

    def cli(self, words: Sequence[str]) -> list[str]:
        """The command line with some words, started as the script that pip installs starts it."""
        module, _, function = self.entry().partition(":")
        start = f"import sys; from {module} import {function}; sys.argv[0] = 'holdfast'; sys.exit({function}())"
        return [self.python, "-c", start, *words]

    def entry(self) -> str:
        """MODULE:FUNCTION of the script `holdfast` that the checkout declares."""
        try:
            document = tomllib.loads((self.root / "pyproject.toml").read_text(encoding="utf8"))
        except FileNotFoundError:
            return ENTRY
        return str(document.get("project", {}).get("scripts", {}).get("holdfast", ENTRY))

    def command(self, text: str) -> list[str]:
        """A command in this checkout: `holdfast ...` is its command line; {python} and {bench} are filled in."""
        words = [word.replace("{python}", self.python).replace("{bench}", str(BENCH)) for word in shlex.split(text)]
        return self.cli(words[1:]) if words[:1] == ["holdfast"] else words

    def commit(self) -> str:
        """The commit, with a plus where files differ from it; empty where git knows none."""
        commit = self._git("rev-parse", "HEAD")
        return commit + ("+" if commit and self._git("status", "--porcelain", "--untracked-files=no") else "")

    def _git(self, *words: str) -> str:
        command = ["git", "-C", str(self.root), *words]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def is_checkout(folder: Path) -> bool:
    """Whether a folder holds sources of Holdfast."""
    return (folder / "src" / "holdfast").is_dir()


@contextlib.contextmanager
def at_commit(ref: str, repository: Path, python: str | None, keep: Path | None, extras: str) -> Iterator[Checkout]:
    """A checkout of a commit with an environment of its own, taken away afterwards unless it is to be kept.

    Args:
        ref: the commit; or the folder of a checkout, which is used as it is.
        repository: where git knows the commit.
        python: its interpreter; an environment is built by that commit's constraints unless given.
        keep: folder for the checkout and its environment, used again by a later call.
        extras: what is installed besides, as in `holdfast[extras]`.
    """
    if is_checkout(Path(ref)):
        root = Path(ref).resolve()
        yield Checkout(root, python or str(root / ".venv" / "bin" / "python"))
        return
    named = subprocess.run(
        ["git", "-C", str(repository), "rev-parse", "--verify", f"{ref}^{{commit}}"], capture_output=True, text=True
    )
    if named.returncode:
        raise SystemExit(f"{ref}: no commit of {repository} and no checkout; give either")
    commit = named.stdout.strip()
    with tempfile.TemporaryDirectory() as scratch:
        folder = (keep or Path(scratch)).resolve() / commit[:12]
        root = folder / "checkout"
        git = ["git", "-C", str(repository), "worktree"]
        if not is_checkout(root):
            folder.mkdir(parents=True, exist_ok=True)
            subprocess.run([*git, "add", "--quiet", "--force", "--detach", str(root), commit], check=True)
        try:
            yield Checkout(root, python or installed(root, folder, extras))
        finally:
            if not keep:
                subprocess.run([*git, "remove", "--force", str(root)], check=True)


def installed(root: Path, folder: Path, extras: str) -> str:
    """The interpreter of a checkout's environment in `folder`, made there by the checkout's constraints if there is none."""
    python, mark = folder / "venv" / "bin" / "python", folder / "installed"
    if not mark.exists():
        print(f"{root}: installing with extras [{extras}] ...", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder / "venv")], check=True)
        pip = [str(python), "-m", "pip", "install", "-q", "-c", str(root / "constraints.txt")]
        subprocess.run([*pip, "-e", f"{root}[{extras}]"], check=True)
        mark.touch()
    return str(python)
