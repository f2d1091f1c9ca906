"""Where a cluster is, or how to start one: an address, or a file in TOML that names a kind of cluster and its arguments. [IO]

    kind = "slurm"
    workers = 40
    wait_s = 3600

    [arguments]
    queue = "normal"
    memory = "4 GB"
    walltime = "02:00:00"

A file chooses among the kinds listed here; it can name no other class.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import re
import signal
import threading
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol, TypeAlias

from holdfast.core import release
from holdfast.core.faults import MISSING, ClusterError, Fault, shown, unknown

KINDS = {
    "local": ("distributed", "LocalCluster"),
    "slurm": ("dask_jobqueue", "SLURMCluster"), "pbs": ("dask_jobqueue", "PBSCluster"),
    "sge": ("dask_jobqueue", "SGECluster"), "lsf": ("dask_jobqueue", "LSFCluster"),
    "moab": ("dask_jobqueue", "MoabCluster"), "oar": ("dask_jobqueue", "OARCluster"),
    "htcondor": ("dask_jobqueue", "HTCondorCluster"),
    "kubernetes": ("dask_kubernetes.operator", "KubeCluster"),
}  # fmt: skip
"""Module and class of each kind of cluster."""
FIELDS = ("kind", "workers", "wait_s", "arguments")
WAIT = 600.0
"""Seconds for which the first worker is waited for; batch systems may need longer [s]."""
ADDRESS = re.compile(r"(tcp|tls|ws|wss|ucx)://.+:\d+/?")
NO_PAGE = {"dashboard": False, "dashboard_address": "127.0.0.1:0"}
"""A scheduler without its page. Without an address it would still answer at port 8787, with one as `:0` on every network."""
EXTRA = release.install("cluster")


Arguments: TypeAlias = Mapping[str, Any]
"""What TOML holds, by name."""


class StartedCluster(Protocol):
    """A cluster of dask.distributed's that was started here."""

    scheduler_address: str

    def scale(self, n: int) -> None:
        """Start or stop workers.

        Args:
            n: how many there are to be.
        """

    def close(self, timeout: float | None = None) -> None:
        """Stop the workers and the scheduler.

        Args:
            timeout: how long it may take [s].
        """


@dataclass(frozen=True)
class ClusterPlan:
    """How to start a cluster."""

    kind: str  # one of `KINDS`
    workers: int  # processes of one thread each
    wait: float  # for which the first worker is waited for [s]
    arguments: Arguments  # of the kind's class
    source: str  # the file's name, for faults

    def start(self) -> StartedCluster:
        """Start the cluster, with no page of its own on the network.

        Returns:
            A cluster of dask.distributed's; whoever starts it closes it.

        Raises:
            ClusterError: if what it needs is not installed, or its class does not take the arguments.
        """
        module, name = KINDS[self.kind]
        try:
            cluster_class = getattr(_imported(module), name)
        except ModuleNotFoundError as error:
            fault = Fault(
                "kind", shown(self.kind), f"a kind whose package ({error.name}) is installed", _installed(module)
            )
            raise ClusterError([fault], self.source) from error
        try:
            return self._started(cluster_class)
        except (TypeError, ValueError, OSError, RuntimeError) as error:
            cure = f"Correct them, or see what {name} takes in the documentation of {module.partition('.')[0]}"
            fault = Fault("arguments", _in_full(error), f"what {name} of {module} can be started with", cure)
            raise ClusterError([fault], self.source) from error

    def _started(self, cluster_class: Callable[..., StartedCluster]) -> StartedCluster:
        """The cluster, with its workers asked for."""
        import dask

        arguments = dict(self.arguments)
        if self.kind == "kubernetes":
            return cluster_class(**{"n_workers": self.workers, "quiet": True} | arguments)
        of_scheduler = "scheduler_kwargs" if self.kind == "local" else "scheduler_options"
        arguments[of_scheduler] = NO_PAGE | arguments.get(of_scheduler, {})
        arguments.setdefault("silence_logs", logging.CRITICAL)  # its faults are raised
        with dask.config.set({"distributed.scheduler.http.routes": []}):
            if self.kind == "local":
                return cluster_class(**{"n_workers": self.workers, "threads_per_worker": 1} | arguments)
            arguments.setdefault("cores", 1)
            arguments.setdefault("processes", arguments["cores"])
            cluster = cluster_class(**arguments)
        cluster.scale(self.workers)
        return cluster

    def replace_lost(self, cluster: StartedCluster) -> None:
        """Start workers in the place of those that are gone for good; does nothing for those that are on their way.

        dask itself does not: a worker that it has given up, or a job whose time is over, leaves a gap until the next `scale`.

        Args:
            cluster: what `start` gave.
        """
        if self.kind != "kubernetes":  # which does so itself
            cluster.scale(self.workers)


def _imported(module: str) -> ModuleType:
    """A module, with Ctrl-C left as it was: dask-jobqueue 0.9 makes it end the whole program at once, as if all were well."""
    if threading.current_thread() is not threading.main_thread():  # where it could not change that either
        return importlib.import_module(module)
    before = signal.getsignal(signal.SIGINT)
    try:
        return importlib.import_module(module)
    finally:
        if before is not None:  # else it is none of Python's
            signal.signal(signal.SIGINT, before)


def _in_full(error: BaseException) -> str:
    """An error's words with those of its causes: dask says `failed to start`, and only the cause why."""
    words: list[str] = []
    cause: BaseException | None = error
    while cause is not None:
        words += [text for text in [str(cause)] if text and text not in words]
        cause = cause.__cause__ or cause.__context__
    return "; ".join(words)


def _installed(module: str) -> str:
    """How to install what a kind needs."""
    return "pip install dask-kubernetes" if module.startswith("dask_kubernetes") else EXTRA


def read(where: str | Path) -> str | ClusterPlan:
    """An address, or the plan in a file.

    Args:
        where: a scheduler's address, as `tcp://10.0.0.5:8786`, or the path of a TOML file.

    Returns:
        The address, or the plan.

    Raises:
        ClusterError: with every fault of what was given.
    """
    if importlib.util.find_spec("distributed") is None:
        fault = Fault("distributed", "not installed", "the package that speaks with clusters", EXTRA)
        raise ClusterError([fault])
    text = str(where)
    if "://" in text:
        if ADDRESS.fullmatch(text):
            return text
        fault = Fault(
            "--cluster", shown(text), "an address as tcp://HOST:PORT", "Take it from the scheduler's first lines"
        )
        raise ClusterError([fault])
    file = Path(where)
    if not file.is_file():
        near = f"tcp://{text}" if re.fullmatch(r"[\w.-]+:\d+", text) else None
        fault = Fault(
            "--cluster", shown(text), "an address as tcp://HOST:PORT, or a TOML file", "Name one of these", near
        )
        raise ClusterError([fault])
    return _plan(_parsed(file), file.name)


def _parsed(file: Path) -> Arguments:
    """The tables of a file."""
    try:
        return tomllib.loads(file.read_bytes().decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        fault = Fault("the file", shown(str(error)), "TOML in UTF-8: key = value", "Correct the line")
        raise ClusterError([fault], file.name) from error


def _plan(raw: Arguments, source: str) -> ClusterPlan:
    """The plan that a file describes."""
    faults = [unknown(name, name, "a field of a cluster's file", FIELDS) for name in raw if name not in FIELDS]
    kind, workers, wait = raw.get("kind", MISSING), raw.get("workers", MISSING), raw.get("wait_s", WAIT)
    arguments = raw.get("arguments", {})
    if not isinstance(kind, str) or kind not in KINDS:
        faults.append(unknown("kind", kind if isinstance(kind, str) else shown(kind), "a kind of cluster", KINDS))
    if type(workers) is not int or workers < 1:
        faults.append(Fault("workers", shown(workers), "a whole number from 1 on", "Say how many processes to start"))
    if type(wait) not in (int, float) or not 0 < wait < float("inf"):
        faults.append(Fault("wait_s", shown(wait), "seconds, more than 0", "Say how long to wait for the first worker"))
    if not isinstance(arguments, dict):
        faults.append(Fault("arguments", shown(arguments), "a table", "Begin it with a line [arguments]"))
    elif KINDS.get(kind if isinstance(kind, str) else "", ("",))[0] == "dask_jobqueue":
        faults += _of_jobs(arguments)
    if faults:
        raise ClusterError(faults, source)
    return ClusterPlan(str(kind), int(workers), float(wait), arguments, source)


def _of_jobs(arguments: Arguments) -> list[Fault]:
    """What is wrong with the arguments of a batch system."""
    faults = []
    cores, processes = arguments.get("cores", 1), arguments.get("processes")
    if processes not in (None, cores):
        cure = f"Write processes = {shown(cores)}, or leave it out"
        faults.append(Fault("arguments.processes", shown(processes), "as many as cores: each has one thread", cure))
    if "memory" not in arguments:
        faults.append(Fault("arguments.memory", shown(MISSING), "the memory of a job", 'Add it, as memory = "4 GB"'))
    return faults
