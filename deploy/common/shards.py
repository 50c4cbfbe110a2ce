"""Runs the shards of a programme on a pool of workers, and merges them; the drivers for Dask and Ray say how a command gets to a worker."""

import argparse
import shutil
import statistics
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

# exit codes of usage, programme, data and model: another try would end the same way
REFUSED = {2, 3, 4, 5}
# exit code where parts are missing after all tries
MISSING = 75
# share of parts that have to be finished before slow ones are started a second time
ENOUGH = 0.75


def parser(doc):
    """The flags of every driver; what follows `--` are overrides of `levertide shard`."""
    flags = argparse.ArgumentParser(description=doc, epilog="What follows -- goes to `levertide shard`: -- --paths 1000000 --scenario severe")
    flags.add_argument("programme", type=Path, help="the programme, on a file system that all workers share")
    flags.add_argument("--shards", type=int, required=True, metavar="N", help="number of parts")
    flags.add_argument("--out", type=Path, required=True, metavar="DIR", help="the report folder")
    flags.add_argument("--parts", type=Path, metavar="DIR", help="the folder of parts, shared too [default: OUT.parts]")
    flags.add_argument("--levertide", default="levertide", metavar="FILE", help="the program, the same file for all workers")
    flags.add_argument("--threads", type=int, default=1, metavar="N", help="threads of a shard [default: 1]")
    flags.add_argument("--tries", type=int, default=4, metavar="N", help="how often a part is tried [default: 4]")
    flags.add_argument("--straggler", type=float, default=3.0, metavar="X", help="start a part again after X times the median time")
    return flags


def arguments(flags, words=None):
    """What was typed, with absolute paths."""
    words = sys.argv[1:] if words is None else words
    cut = words.index("--") if "--" in words else len(words)
    job = flags.parse_args(words[:cut])
    job.overrides = words[cut + 1 :]
    job.programme, job.out = job.programme.resolve(), job.out.resolve()
    job.parts = (job.parts or job.out.with_name(job.out.name + ".parts")).resolve()
    job.levertide = str(Path(shutil.which(job.levertide) or job.levertide).resolve())
    return job


def path_of(job, part):
    return job.parts / f"{part}-of-{job.shards}.part"


def command(job, part):
    """The command of one part: it writes the whole file or none, and two copies at the same time do no harm."""
    words = [job.levertide, "shard", str(job.programme), "--part", f"{part}/{job.shards}", "--out", str(path_of(job, part))]
    return [*words, "--threads", str(job.threads), "--quiet", *job.overrides]


def missing(job):
    """The parts that are absent or damaged."""
    every = list(range(1, job.shards + 1))
    there = [path_of(job, part) for part in every if path_of(job, part).exists()]
    if not there:
        return every
    told = subprocess.run([job.levertide, "merge", "--missing", *map(str, there)], capture_output=True, text=True)
    if told.returncode not in (0, 1):
        stop(told.stderr, told.returncode)
    if told.returncode == 0:
        return [] if len(there) == job.shards else every
    return [int(line.split("/")[0]) for line in told.stdout.split()]


def stop(message, code):
    print(f"error: {message}", file=sys.stderr, flush=True)
    raise SystemExit(code)


def drive(job, slots, submit, wait):
    """Runs every part until none is missing; one that is there already is kept by `shard` itself.

    `slots()` is how many commands the pool can run now; `submit(command)` starts one and returns a handle; `wait(handles, seconds)`
    returns pairs of a handle that has ended and its `CompletedProcess`, or what was raised where its worker was lost.
    """
    job.parts.mkdir(parents=True, exist_ok=True)
    absent = list(range(1, job.shards + 1))
    for _ in range(job.tries):
        run(job, absent, slots, submit, wait)
        absent = missing(job)
        if not absent:
            return
        print(f"parts missing or damaged in {job.parts}: {absent}", flush=True)
    stop(f"parts are missing after {job.tries} tries: {absent}", MISSING)


def run(job, queue, slots, submit, wait):
    """Runs these parts, a lost or failed one again, a slow one twice."""
    left, tries, running, took = set(queue), Counter(), {}, []
    wanted = len(queue)

    def start(part):
        tries[part] += 1
        running[submit(command(job, part))] = (part, time.monotonic())

    while left:
        while queue and len(running) < max(1, slots()):
            start(queue.pop(0))
        for handle, ended in wait(list(running), 1.0):
            part, since = running.pop(handle)
            if part not in left:
                continue
            code = getattr(ended, "returncode", None)
            if code == 0:
                left.discard(part)
                took.append(time.monotonic() - since)
                print(f"part {part} of {job.shards}: {took[-1]:.1f} s, {len(left)} left", flush=True)
            elif code in REFUSED:
                stop(f"part {part}: {ended.stderr}", code)
            elif any(part == other for other, _ in running.values()):
                continue
            elif tries[part] >= job.tries:
                stop(f"part {part}: {job.tries} tries, the last: {getattr(ended, 'stderr', None) or repr(ended)}", MISSING)
            else:
                print(f"part {part}: try {tries[part]} ended with {code if code is not None else repr(ended)}, tried again", flush=True)
                queue.append(part)
        if not queue and len(took) >= ENOUGH * wanted and len(running) < slots():
            copies = Counter(part for part, _ in running.values())
            late = [(since, part) for part, since in running.values() if part in left and copies[part] == 1]
            if late and time.monotonic() - min(late)[0] > job.straggler * statistics.median(took):
                print(f"part {min(late)[1]} is slow: started a second time", flush=True)
                start(min(late)[1])


def merge(job):
    """Merges the parts into the report folder; the exit code is that of `levertide merge`."""
    parts = [str(path_of(job, part)) for part in range(1, job.shards + 1)]
    words = [job.levertide, "merge", *parts, "--programme", str(job.programme), "--out", str(job.out)]
    return subprocess.run(words).returncode
