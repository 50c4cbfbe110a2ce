#!/usr/bin/env python3
"""Runs the shards of a programme on a Dask cluster, and merges them here.

    deploy/dask/driver.py PROGRAMME --shards 16 --out reports/run --scheduler tcp://HOST:8786 [-- OVERRIDES]

Without --scheduler a cluster of --workers processes is started on this machine. Each shard is a subprocess of a worker. Dask moves
the shards of a lost worker to another one; failed and slow shards are started again by common/shards.py.
"""

import subprocess
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "common"))
import shards
from distributed import Client, LocalCluster
from distributed import wait as wait_for


def main():
    flags = shards.parser(__doc__)
    flags.add_argument("--scheduler", metavar="ADDRESS", help="address of the Dask scheduler")
    flags.add_argument("--workers", type=int, default=2, metavar="N", help="workers on this machine, without --scheduler [default: 2]")
    job = shards.arguments(flags)
    cluster = None if job.scheduler else LocalCluster(n_workers=job.workers, threads_per_worker=1, dashboard_address=None)
    with Client(cluster or job.scheduler) as client:

        def slots():
            return sum(client.nthreads().values())

        def submit(command):
            # not pure: a second copy of a slow shard is another task
            return client.submit(subprocess.run, command, capture_output=True, text=True, pure=False)

        def wait(futures, seconds):
            try:
                wait_for(futures, timeout=seconds, return_when="FIRST_COMPLETED")
            except TimeoutError:
                return []
            ended = [future for future in futures if future.done()]
            return [(future, future.exception() or future.result()) for future in ended]

        shards.drive(job, slots, submit, wait)
    if cluster:
        cluster.close()
    return shards.merge(job)


if __name__ == "__main__":
    sys.exit(main())
