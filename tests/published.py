"""What is printed as JSON, held to the JSON Schema that is published for it."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Sequence

import jsonschema

from holdfast.cli import console
from holdfast.io import files


@functools.cache
def validator(command: str) -> jsonschema.Draft202012Validator:
    from holdfast.cli import json_output

    written = json_output.output_schema(command)
    jsonschema.Draft202012Validator.check_schema(written)
    return jsonschema.Draft202012Validator(written)


def hold(command: str, value: object) -> None:
    """Fail where a value is not as the schema of a command says."""
    plain = json.loads(files.json_line(value))
    faults = [jsonschema.exceptions.best_match([each]) for each in validator(command).iter_errors(plain)]
    assert not faults, [f"{command}: {'/'.join(map(str, one.absolute_path))}: {one.message[-300:]}" for one in faults]


def command_of(words: Sequence[str]) -> str | None:
    """The command of some words that has a schema; none for those that have not."""
    from holdfast.cli import app, json_output

    now, _ = app.current(list(words))
    bare = [word for word in now if word != "--timings"]
    for count in (2, 1):
        if (name := " ".join(bare[:count])) in json_output.COMMANDS:
            return name
    return None


class Watch:
    """Stands around the command line: whatever a command prints as JSON is held to its schema."""

    def __init__(self, guarded: Callable[[Sequence[str]], int]) -> None:
        self.guarded, self.words, self.show = guarded, (), console.show_json

    def __call__(self, words: Sequence[str]) -> int:
        before, self.words = self.words, tuple(words)
        try:
            return self.guarded(words)
        finally:
            self.words = before

    def shown(self, value: object) -> None:
        self.show(value)
        if self.words:
            command = command_of(self.words)
            assert command, f"{self.words} prints JSON without a schema"
            hold(command, value)
