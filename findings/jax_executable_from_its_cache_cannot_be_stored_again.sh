#!/usr/bin/env bash
# JAX 0.10.2 on a CPU: an executable that JAX took out of its own persistent cache can be serialised, and what is serialised can be
# deserialised, but it does not run: its kernels are missing, and the first call raises. Of a freshly compiled one the same
# steps give an executable that runs. Whoever stores executables of his own beside JAX's cache stores useless ones from the
# second start on, and learns of it only in the third. Cure: keep what is to be stored out of JAX's cache, and try it once.
# Seen: fresh: runs; out of the cache: an error that says that a function was not found. Fails if that changes.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"; "$folder/venv/bin/pip" install -q jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
cat > "$folder/store.py" <<'P'
import jax, jax.numpy as jnp
from jaxlib import xla_client
def days(start):
    return jax.lax.scan(lambda held, _: (jnp.sin(held) + jnp.exp(-held), held.sum()), start, None, length=50)[1]
made = jax.jit(days).lower(jnp.ones(1000)).compile()
device = jax.devices()[0]
again = device.client.deserialize_executable(
    bytes(made.runtime_executable().serialize()), xla_client.DeviceList((device,)), None
)
try:
    jax.block_until_ready(again.execute([jnp.ones(1000)]))
    print("runs")
except Exception as error:
    print("fails:", str(error).splitlines()[0][:120])
P
run() { JAX_PLATFORMS=cpu JAX_COMPILATION_CACHE_DIR="$folder/cache" JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS=0 \
    JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES=-1 "$folder/venv/bin/python" "$folder/store.py"; }
fresh=$(run); cached=$(run)
echo "fresh: $fresh"; echo "out of JAX's cache: $cached"
[[ $fresh == runs && $cached == fails:*"not found"* ]]
