#!/usr/bin/env python3
"""Runs the shards of a programme on a Ray cluster, and merges them here.

    deploy/ray/driver.py PROGRAMME --shards 16 --out reports/run --address HOST:6379 [-- OVERRIDES]

Without --address Ray is started on this machine. Each shard is a subprocess of a worker. Ray runs the shards of a lost worker or
node again; failed and slow shards are started again by common/shards.py.
"""

import subprocess
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "common"))
import ray
import shards


def shard(command):
    return subprocess.run(command, capture_output=True, text=True)


def main():
    flags = shards.parser(__doc__)
    flags.add_argument("--address", metavar="ADDRESS", help="address of the Ray cluster, or auto")
    job = shards.arguments(flags)
    ray.init(address=job.address, log_to_driver=False, include_dashboard=None if job.address else False)
    # a lost worker or node does not count as a try of the shard
    remote = ray.remote(num_cpus=job.threads, max_retries=job.tries)(shard)

    def slots():
        return int(ray.cluster_resources().get("CPU", 0)) // job.threads

    def wait(handles, seconds):
        ended, _ = ray.wait(handles, num_returns=1, timeout=seconds)
        found = []
        for handle in ended:
            try:
                found.append((handle, ray.get(handle)))
            except ray.exceptions.RayError as lost:
                found.append((handle, lost))
        return found

    shards.drive(job, slots, remote.remote, wait)
    ray.shutdown()
    return shards.merge(job)


if __name__ == "__main__":
    sys.exit(main())
