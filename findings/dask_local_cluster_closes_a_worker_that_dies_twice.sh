#!/usr/bin/env bash
# distributed 2026.8.0: a LocalCluster looks at each worker that died once more, `distributed.deploy.lost-worker-timeout` (15 s) later.
# If it happens to be down at that moment, be it for a new death whose restart is under way, its nanny is closed for good, and
# nothing starts it again. A cluster whose workers are killed now and then so shrinks to none in silence, and what was submitted
# waits for ever. Cure: scale(n) with the same n now and then, which starts those that are missing and no others; or
# adapt(minimum=n, maximum=n) from the beginning.
# Seen: of 1 worker that was killed, was back after a second, and was killed again just before the look (made after 4 s here),
# 0 are there 10 s later; 1 after scale(1).
# Fails if that changes.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"; "$folder/venv/bin/pip" install -q distributed==2026.8.0 dask==2026.8.0
cat > "$folder/look.py" <<'P'
import os, signal, time
import dask, distributed

def kill(cluster):
    os.kill(cluster.workers[0].pid, signal.SIGKILL)

def there(cluster):
    return len(cluster.scheduler.workers)

def wait(cluster, number, seconds):
    until = time.monotonic() + seconds
    while there(cluster) != number and time.monotonic() < until:
        time.sleep(0.05)

if __name__ == "__main__":
    dask.config.set({"distributed.deploy.lost-worker-timeout": "4s"})
    with distributed.LocalCluster(n_workers=1, dashboard_address="127.0.0.1:0", silence_logs=50) as cluster:
        wait(cluster, 1, 30)
        begun = time.monotonic()
        kill(cluster)
        wait(cluster, 0, 5)
        wait(cluster, 1, 30)
        back = time.monotonic() - begun
        time.sleep(max(0, begun + 3.8 - time.monotonic()))
        kill(cluster)
        time.sleep(10)
        later = there(cluster)
        cluster.scale(1)
        wait(cluster, 1, 30)
        print(distributed.__version__, f"back {back:.1f} s after the first death; workers 10 s after the second:", later,
              "after scale(1):", there(cluster))
        assert back < 3.8, "this machine is too slow to show it"
        assert later == 0
        assert there(cluster) == 1
P
"$folder/venv/bin/python" "$folder/look.py"
