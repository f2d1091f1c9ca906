"""What all tests share: the machine's settings, made before JAX wakes."""

import os
from pathlib import Path

os.environ.setdefault("JAX_PLATFORMS", "cpu")
CPU = Path("/proc/cpuinfo")
if "XLA_FLAGS" not in os.environ and CPU.exists() and "avx512f" in CPU.read_text():
    os.environ["XLA_FLAGS"] = "--xla_cpu_prefer_vector_width=512"

from hypothesis import settings  # noqa: E402

# Fixed examples: a test that passes today passes tomorrow. The first call of a jitted function may be slow.
settings.register_profile("fixed", derandomize=True, deadline=None, max_examples=60, database=None)
settings.load_profile("fixed")
