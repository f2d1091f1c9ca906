#!/usr/bin/env bash
# JAX 0.10.2 on a CPU: `vmap` of lax.dynamic_update_index_in_dim with the batch on axis 1, behind the axis that is indexed, does
# not stay where it is told to: the whole array is turned round for the update of one row, in memory as large as itself, although
# in_axes and out_axes agree and the same update written by hand for the whole batch needs neither. In a loop over days with a
# donated state this copied everything each day. Cure: jax.custom_batching.custom_vmap with a rule that moves the axis back
# at once; the two turns cancel.
# Seen: by vmap 13 mentions of a transpose in the compiled program and 1,600,065 bytes for copies of an array of 1,600,000; by hand 0.
# Fails if that changes.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"; "$folder/venv/bin/pip" install -q jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
JAX_PLATFORMS=cpu "$folder/venv/bin/python" - <<'P'
import jax, jax.numpy as jnp
array, row, place = jnp.zeros((10, 8, 5000)), jnp.ones((8, 5000)), jnp.int32(3)
plain = lambda field, new, at: jax.lax.dynamic_update_index_in_dim(field, new, at, 0)
ways = {"vmap": jax.vmap(plain, in_axes=(1, 0, None), out_axes=1), "by hand": plain}
told = {}
for name, way in ways.items():
    made = jax.jit(way, donate_argnums=0).lower(array, row, place).compile()
    told[name] = made.as_text().count("transpose"), made.memory_analysis().temp_size_in_bytes
    print(jax.__version__, name, "transposes", told[name][0], "bytes for copies", told[name][1], "of", array.nbytes)
assert told["by hand"][0] == 0 and told["by hand"][1] < array.nbytes / 10
assert told["vmap"][0] > 0
P
