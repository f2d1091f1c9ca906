"""The screen: a console that stays readable when its output goes to a file or a pipe."""

import sys

from rich.console import Console

UNSEEN_WIDTH = 110
"""Columns where no terminal says how many it has."""


def console() -> Console:
    """A console as wide as the terminal."""
    return Console(width=None if sys.stdout.isatty() else UNSEEN_WIDTH, highlight=False)
