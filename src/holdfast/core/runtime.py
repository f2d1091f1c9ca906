"""The machine: settings that JAX must be given before it starts, and what to tell of it in a manifest.

One XLA thread a process and processes for cores; vectors of 512 bits where the processor has AVX-512 (measured once with
`holdfast bench --processes 1`: 133 against 124 million soldier-days a second with 256). How to measure it anew stands in
`docs/speed.md`.
"""

import contextlib
import importlib.util
import os
import re
import sys
from pathlib import Path
from typing import Any

from holdfast.core import release

WIDE = "--xla_cpu_prefer_vector_width=512"
"""XLA aborts on a flag that it does not know: this one is in the versions below."""
KNOWS_WIDE = ((0, 4, 36), (0, 13))
SHORT_ROWS = "--xla_backend_extra_options=xla_cpu_disable_loop_unrolling"
"""For worlds whose rows are as long as a vector or shorter: LLVM otherwise unrolls such a row before it sees that it could be
one vector. An exponential of the test bed, 16 brigades a side, takes 0.55 in place of 3.8 ns a man; a world of 35 brigades is
slower with it. No number moves. A version that does not know the option passes it over.
"""


def prepare() -> None:
    """Set up JAX for this machine; does nothing once JAX runs, or where the user has set a variable himself."""
    if "jax" in sys.modules:
        return
    os.environ.setdefault("NPROC", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    flags = os.environ.get("XLA_FLAGS", "")
    if "xla_cpu_prefer_vector_width" not in flags and _has_avx512() and _knows_wide(_jaxlib_version()):
        os.environ["XLA_FLAGS"] = f"{flags} {WIDE}".strip()
    os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(cache_folder() / "compiled"))
    os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.5")


def cache_folder() -> Path:
    """The folder of compiled code and fetched data: `HOLDFAST_CACHE`, or the user's cache folder; where a user has no home
    folder, or none that may be written, one among the temporary files.

    Returns:
        Its path; it need not exist.
    """
    if "HOLDFAST_CACHE" in os.environ:
        return Path(os.environ["HOLDFAST_CACHE"])
    if "XDG_CACHE_HOME" in os.environ and os.environ["XDG_CACHE_HOME"]:
        return Path(os.environ["XDG_CACHE_HOME"]) / "holdfast"
    with contextlib.suppress(RuntimeError):  # no HOME, and a user whom this machine does not know
        folder = Path.home() / ".cache" / "holdfast"
        there = next((path for path in (folder, *folder.parents) if os.path.exists(path)), folder)
        # Where it may not be written, each start would compile anew, and JAX warn that it cannot keep it.
        if os.access(there, os.W_OK | os.X_OK):
            return folder
    import tempfile

    return Path(tempfile.gettempdir()) / f"holdfast-{os.getuid()}"


def _jaxlib_version() -> tuple[int, ...]:
    """The installed version of jaxlib, without importing it; empty where it cannot be read.

    Read from jaxlib's own file: `importlib.metadata` would take two thirds of the time of `import holdfast`.
    """
    spec = importlib.util.find_spec("jaxlib")
    for folder in (spec and spec.submodule_search_locations) or ():
        try:
            text = (Path(folder) / "version.py").read_text(encoding="utf8")
        except OSError:
            continue
        if release := re.search(r"""^_version = ["'](\d+(?:\.\d+)*)""", text, re.M):
            return tuple(int(part) for part in release[1].split(".")[:3])
    return ()


def version() -> str:
    """The version of this package.

    Returns:
        The version, as every result says it.
    """
    return release.VERSION


def _knows_wide(version: tuple[int, ...]) -> bool:
    """Whether that jaxlib has the flag for wide vectors."""
    return KNOWS_WIDE[0] <= version < KNOWS_WIDE[1]


def _has_avx512() -> bool:
    """Whether the processor has AVX-512; false where that cannot be told."""
    try:
        return "avx512f" in Path("/proc/cpuinfo").read_text(encoding="utf8")
    except OSError:
        return False


def cores() -> int:
    """Processors that this process may use.

    Returns:
        How many, at least 1.
    """
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def about() -> dict[str, Any]:
    """What a reader must know of the machine and the software to judge or repeat a run.

    Returns:
        Versions of Python, the system and the packages, the cores and the device, for JSON.
    """
    import importlib.metadata
    import platform

    import jax

    packages = ("jax", "jaxlib", "equinox", "numpy", "xarray")
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": cores(),
        "device": str(jax.devices()[0].device_kind),
        "packages": {"holdfast": version(), **{name: importlib.metadata.version(name) for name in packages}},
    }
