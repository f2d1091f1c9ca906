"""Options that several commands have, and the checks of what was given, before any work begins."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter, Token

from holdfast.core.faults import Fault, FaultyError, day_of

if TYPE_CHECKING:
    from holdfast.core.results import Result
    from holdfast.ensemble.plan import Scenario
    from holdfast.parallel.pool import Executor


REQUEST = "The request"
"""What the options of a command are called in its faults."""
LAST_SEED = 2**32 - 1
"""The generator takes 32 bits: a larger seed would repeat a smaller one's luck."""


def _whole(_: object, tokens: Sequence[Token]) -> int:
    """A whole number, never a rounded one."""
    try:
        return int(tokens[0].value)
    except ValueError as error:
        raise ValueError(f'"{tokens[0].value}" is no whole number; write it as 16') from error


Whole = Annotated[int, Parameter(converter=_whole)]
Flag = Annotated[bool, Parameter(negative="")]
"""A switch that is off unless it is given, and has no `--no-` form."""
Words = Annotated[list[str] | None, Parameter(negative="", consume_multiple=True)]
"""Several words after one option."""
Json = Annotated[bool, Parameter(help="Print JSON and nothing else.", negative="")]
Settings = Annotated[
    Words,
    Parameter(
        name="--set",
        help="Change values: PATH=VALUE, as `ukraine.resolve.mean=2.5` or `choice.present_bias=0.9`. "
        "Put the scenario before it.",
    ),
]
Effects = Annotated[
    Words,
    Parameter(
        name="--effect",
        help="Switch effects on from the first day: NAME, NAME:SIDE or NAME:SIDE:STRENGTH. Put the scenario before it.",
    ),
]
Runs = Annotated[Whole, Parameter(help="How many runs; run i is the same whatever their number.")]
Days = Annotated[Whole | None, Parameter(help="Days to run; the scenario's own unless given.")]
Grain = Annotated[Whole | None, Parameter(help="Men that each billet stands for; the scenario's own unless given.")]
Seed = Annotated[Whole, Parameter(help="The same seed gives the same numbers; 0 to 4294967295.")]
Workers = Annotated[Whole | None, Parameter(help="Processes of one thread each; one for each core unless given.")]
Cluster = Annotated[
    str | None,
    Parameter(
        name="--cluster",
        help="Do the work on a cluster of dask.distributed, with the same numbers: its scheduler's address, as "
        "`tcp://10.0.0.5:8786`, or a TOML file that says how to start one (SLURM, PBS, Kubernetes and others).",
    ),
]


def _scenarios(_: object) -> list[str]:
    """What may stand for a scenario where the Tab key is pressed: the shipped ones, and files of the folder."""
    from holdfast.scenario import catalogue

    return [*catalogue.names(), *sorted(str(path) for path in Path().glob("*.toml"))]


ScenarioName = Annotated[str, Parameter(completer=_scenarios)]
Write = Annotated[
    Path | None,
    Parameter(
        name="--write", help="Write the table to this file too: .csv, .parquet, .json or .nc (netCDF, with units)."
    ),
]


def refuse(faults: Sequence[Fault]) -> None:
    """End the command if anything is wrong with its options.

    Args:
        faults: all that is wrong; may be empty.

    Raises:
        FaultyError: if there is a fault.
    """
    if faults:
        raise FaultyError(faults, REQUEST)


def count_faults(*, seed: int = 0, least: int = 1, **counts: int | None) -> list[Fault]:
    """What is wrong with counts and with the seed.

    Args:
        seed: the seed, whose limit is the generator's.
        least: the least that each count may be.
        **counts: values of the options by the parameters' names; `None` where one is not given.

    Returns:
        A fault for each count below `least`, and for a seed out of its range.
    """
    faults = [
        Fault(_option(name), str(value), f"a whole number from {least} on", f"Give {least} or more")
        for name, value in counts.items()
        if value is not None and value < least
    ]
    if not 0 <= seed <= LAST_SEED:
        faults.append(Fault("--seed", str(seed), f"a whole number from 0 to {LAST_SEED}", "Give another seed"))
    return faults


def folder_faults(out: Path | None) -> list[Fault]:
    """What is wrong with `--out`.

    Args:
        out: the folder that was given, if any.

    Returns:
        A fault where it is a file.
    """
    if out and out.exists() and not out.is_dir():
        return [Fault("--out", str(out), "a folder, and this is a file", "Choose another --out")]
    return []


def write_faults(write: Path | None) -> list[Fault]:
    """What is wrong with `--write`.

    Args:
        write: the file that was given, if any.

    Returns:
        A fault where no table can be written there.
    """
    if write is None:
        return []
    from holdfast.io import table_files

    return table_files.faults(write, "--write")


def write_table(write: Path | None, table: Result | Sequence[Mapping[str, object]]) -> None:
    """Write the table of a command where `--write` says, and say so on standard error.

    Args:
        write: the file, if any.
        table: a result, or its rows.
    """
    if write is None:
        return
    from holdfast.core.results import Result
    from holdfast.io import table_files

    if isinstance(table, Result):
        table.write(write)
    else:
        table_files.write(write, table, {})
    print(f"Wrote {write}", file=sys.stderr)


def cluster_faults(cluster: str | None, workers: int | None) -> list[Fault]:
    """What is wrong with `--cluster` beside other options; what is wrong with it alone `executor_of` says.

    Args:
        cluster: what was given, if anything.
        workers: what was given as `--workers`, if anything.

    Returns:
        A fault where both are given.
    """
    if cluster is not None and workers is not None:
        allowed = "either --cluster or --workers: a cluster has the workers that it was started with"
        return [
            Fault(
                "--workers", str(workers), allowed, "Leave out --workers; `workers` in a cluster's file says how many"
            )
        ]
    return []


def executor_of(cluster: str | None) -> contextlib.AbstractContextManager[Executor | None]:
    """Where a command's work is done.

    Args:
        cluster: what was given as `--cluster`, if anything.

    Returns:
        A context: within it there is a connection to the cluster, which is closed on any way out; of none, nothing.

    Raises:
        ClusterError: if there is no such address or file.
    """
    if cluster is None:
        return contextlib.nullcontext()
    from holdfast.parallel.cluster import ClusterExecutor

    return ClusterExecutor(cluster)


def date_faults(**dates: str | None) -> list[Fault]:
    """What is wrong with dates.

    Args:
        **dates: what was given, by the parameters' names.

    Returns:
        A fault for each that is not in ISO form.
    """
    days = [day_of(_option(name), text) for name, text in dates.items() if text is not None]
    return [one for one in days if isinstance(one, Fault)]


def _option(name: str) -> str:
    """How a parameter is written on the command line: `men_per_billet` as `--men-per-billet`."""
    return "--" + name.replace("_", "-")


def scenario_of(
    name: str, days: int | None = None, settings: Sequence[str] | None = None, effects: Sequence[str] | None = None
) -> Scenario:
    """A scenario with the changes of the command line.

    Args:
        name: a shipped scenario, or the path of its file.
        days: days to run; the scenario's own unless given.
        settings: values as PATH=VALUE.
        effects: effects as NAME, NAME:SIDE or NAME:SIDE:STRENGTH.

    Returns:
        The changed scenario.

    Raises:
        FaultyError: with every fault of both kinds of changes.
    """
    from holdfast.ensemble.plan import load_scenario

    scenario = load_scenario(name)
    refuse([_no_pair(setting) for setting in settings or () if not all(_pair(setting))])
    values: dict[str, str | int] = dict(_pair(setting) for setting in settings or ())
    if days is not None:
        values["days"] = days
    faults: list[Fault] = []
    for change in (lambda one: one.with_values(values), lambda one: one.with_effects(*effects or ())):
        try:
            scenario = change(scenario)
        except FaultyError as error:
            faults += error.faults
    refuse(faults)
    return scenario


def _pair(setting: str) -> tuple[str, str]:
    """PATH=VALUE in two; a part that is not there is empty."""
    path, _, value = setting.partition("=")
    return path.strip(), value.strip()


def _no_pair(setting: str) -> Fault:
    return Fault("--set", repr(setting), "PATH=VALUE", "Write it as --set ukraine.resolve.mean=2.5")
