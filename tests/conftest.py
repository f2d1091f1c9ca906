"""What all tests share: the machine's settings, made before JAX wakes."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

os.environ.setdefault("JAX_PLATFORMS", "cpu")
CPU = Path("/proc/cpuinfo")
if "XLA_FLAGS" not in os.environ and CPU.exists() and "avx512f" in CPU.read_text():
    os.environ["XLA_FLAGS"] = "--xla_cpu_prefer_vector_width=512"
# Compiled code is shared with the workers that tests start, kept between sessions, and never in the user's own cache.
os.environ.setdefault("HOLDFAST_CACHE", str(Path(__file__).parent.parent / ".pytest_cache" / "holdfast"))


# Fixed examples: a test that passes today passes tomorrow. The first call of a jitted function may be slow.
settings.register_profile("fixed", derandomize=True, deadline=None, max_examples=60, database=None)
settings.load_profile("fixed")


@pytest.fixture(scope="session")
def two():  # type: ignore[no-untyped-def]
    """Two runs of sixty days of the skirmish, in one worker: the golden run, and what others are compared with."""
    import holdfast as hf

    return hf.simulate(hf.load_scenario("skirmish").with_values({"days": 60}), runs=2, seed=1, workers=1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs whole simulations is slow."""
    for item in items:
        if {"two", "four", "filmed"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True, scope="session")
def _json_as_published() -> None:
    """Whatever a command prints as JSON in any test is held to the schema that is published for it."""
    from holdfast.cli import app, console
    from published import Watch

    watch = Watch(app.guarded)
    app.guarded, console.show_json = watch, watch.shown
