#!/usr/bin/env python3
"""Runs the platform book in 16 shards on real engines on this machine, kills one worker midway, and compares the report with `run`.

    deploy/test/run.py --levertide target/release/levertide [--only slurm,dask,ray,kubernetes] [-- OVERRIDES]

An engine whose programs are not installed is skipped, and said to be. Everything listens on 127.0.0.1 alone. What follows -- goes to
`run` and `shard` beside --paths, for example `-- --scenario moderate` for a quicker test.
"""

import argparse
import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DEPLOY = Path(__file__).resolve().parent.parent
SHARDS = 16
# a part is at least one batch of 128 paths
PATHS = 128 * SHARDS
# longest wait for one engine
PATIENCE_SECONDS = 300


class Bench:
    """The book, the program and the processes of a test."""

    def __init__(self, levertide, work, overrides):
        self.levertide, self.work, self.overrides, self.started = levertide, work, overrides, []
        self.programme = work / "book" / "programme.toml"

    def call(self, *words, env=None, check=True):
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True, env=env)
        if check and done.returncode not in (0, 1):
            raise SystemExit(f"{' '.join(map(str, words))} ended with {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def start(self, *words, env=None, log):
        with open(log, "ab") as out:
            process = subprocess.Popen([str(w) for w in words], stdout=out, stderr=out, env=env, start_new_session=True)
        self.started.append(process)
        return process

    def book(self):
        if (self.work / "reference").exists():
            return
        self.call(self.levertide, "sample-book", "--preset", "platform", "--quiet", "--out", self.work / "book")
        self.call(self.levertide, "run", self.programme, *self.overrides, "--quiet", "--out", self.work / "reference")

    def compare(self, report):
        """Every file of the report has the bytes of the reference, the manifest all but token, effort and time."""
        reference = self.work / "reference"
        names = {path.relative_to(reference) for path in reference.rglob("*") if path.is_file()}
        found = {path.relative_to(report) for path in report.rglob("*") if path.is_file()}
        if names != found:
            raise SystemExit(f"files differ: {sorted(map(str, names ^ found))}")
        for name in sorted(names):
            pair = [(folder / name).read_bytes() for folder in (reference, report)]
            if name.name == "manifest.json":
                pair = [{key: value for key, value in json.loads(data).items() if key not in ("token", "run")} for data in pair]
            if pair[0] != pair[1]:
                raise SystemExit(f"{name} differs")
        return len(names)

    def stop(self):
        for process in reversed(self.started):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in self.started:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
        self.started.clear()


def processes():
    """Identifier, parent and command line of every process."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            found[int(entry.name)] = (int(stat.rsplit(")", 1)[1].split()[1]), line)
    return found


def descendants(root):
    table, found = processes(), [root]
    for pid in found:
        found += [child for child, (parent, _) in table.items() if parent == pid]
    return found


def kill(root):
    """Kills a process and all below it, as a machine that loses power does."""
    for pid in descendants(root):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def shards_under(root):
    table = processes()
    return [pid for pid in descendants(root) if pid in table and " shard " in table[pid][1] and "--part" in table[pid][1]]


def caught(root):
    """Stops a shard below a process, and says whether it has still to write its part; one that has goes on."""
    for pid in shards_under(root):
        words = processes().get(pid, (0, ""))[1].split()
        if "--out" in words:
            os.kill(pid, signal.SIGSTOP)
            if not Path(words[words.index("--out") + 1]).exists():
                return True
            os.kill(pid, signal.SIGCONT)
    return False


def until(what, found, seconds=PATIENCE_SECONDS):
    """What `found` gives, once it gives something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        got = found()
        if got:
            return got
        time.sleep(0.05)
    raise SystemExit(f"waited {seconds} s for {what}")


def free_port():
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        return port.getsockname()[1]


def finished(parts):
    return len(list(parts.glob("*.part")))


# Slurm ------------------------------------------------------------------------------------------------------------------------

NODES = 4


def slurm_here():
    return all(shutil.which(name) or Path(f"/usr/sbin/{name}").exists() for name in ("slurmctld", "slurmd", "munged", "sbatch"))


def slurm(bench):
    """Four nodes on the loopback, each a slurmd on a port of its own."""
    os.environ["PATH"] += ":/usr/sbin"
    home = bench.work / "slurm"
    (home / "munge").mkdir(parents=True, mode=0o700)
    (home / "state").mkdir()
    key = home / "munge" / "key"
    key.write_bytes(os.urandom(1024))
    key.chmod(0o400)
    host = socket.gethostname().split(".")[0]
    ports = [free_port() for _ in range(NODES + 1)]
    nodes = [f"NodeName=n{i} NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[i]} CPUs=1 State=UNKNOWN" for i in range(1, NODES + 1)]
    conf = home / "slurm.conf"
    conf.write_text(
        "\n".join(
            [
                "ClusterName=levertide",
                f"SlurmctldHost={host}(127.0.0.1)",
                f"SlurmctldPort={ports[0]}",
                "AuthType=auth/munge",
                "CryptoType=crypto/munge",
                f"AuthInfo=socket={home}/munge/socket",
                "SlurmUser=root",
                "SlurmdUser=root",
                f"StateSaveLocation={home}/state",
                f"SlurmdSpoolDir={home}/spool-%n",
                f"SlurmctldPidFile={home}/slurmctld.pid",
                f"SlurmdPidFile={home}/slurmd-%n.pid",
                "ProctrackType=proctrack/linuxproc",
                "TaskPlugin=task/none",
                "SelectType=select/linear",
                "MpiDefault=none",
                "ReturnToService=2",
                # a node that does not answer for so long is down, and its jobs are queued again
                "SlurmdTimeout=10",
                "KillWait=2",
                "JobRequeue=1",
                "MailProg=/bin/true",
                *nodes,
                f"PartitionName=all Nodes=n[1-{NODES}] Default=YES MaxTime=INFINITE State=UP",
                "",
            ]
        )
    )
    env = {**os.environ, "SLURM_CONF": str(conf), "LEVERTIDE": bench.levertide}
    munge = [f"--{name.split('.')[0]}-file={home}/munge/{name}" for name in ("pid", "log", "seed")]
    bench.start("munged", "--foreground", "--force", f"--key-file={key}", f"--socket={home}/munge/socket", *munge, log=home / "munged.log")
    until("munge", (home / "munge" / "socket").exists, 20)
    bench.start("slurmctld", "-D", env=env, log=home / "slurmctld.log")
    daemons = {f"n{i}": bench.start("slurmd", "-D", "-N", f"n{i}", env=env, log=home / f"slurmd-n{i}.log") for i in range(1, NODES + 1)}
    until("the nodes", lambda: bench.call("sinfo", "-h", "-o", "%D %t", env=env).stdout.split() == [str(NODES), "idle"], 60)

    out = bench.work / "slurm-report"
    parts = Path(f"{out}.parts")
    print(bench.call(DEPLOY / "slurm" / "submit", bench.programme, SHARDS, out, *bench.overrides, env=env).stdout, end="")
    until("the first parts", lambda: finished(parts) >= 3)

    def lost():
        """A node that computes, its daemon and all that it started."""
        for node, daemon in daemons.items():
            steps = [pid for pid, (_, line) in processes().items() if f"spool-{node}/job" in line]
            if steps and caught(steps[0]):
                return node, daemon, processes()[steps[0]][0]
        return None

    node, daemon, step = until("a node that computes", lost)
    kill(step)
    kill(daemon.pid)
    print(f"slurm: node {node} killed after {finished(parts)} parts")
    damaged = sorted(parts.glob("*.part"))[0]
    damaged.write_bytes(damaged.read_bytes()[:-1])
    print(f"slurm: {damaged.name} damaged on disk")

    def merged():
        # a task that is queued again waits two minutes; an operator may let it start at once
        for line in bench.call("squeue", "-h", "-r", "-t", "PD", "-o", "%i %r", env=env).stdout.splitlines():
            if line.endswith("BeginTime"):
                bench.call("scontrol", "update", f"JobId={line.split()[0]}", "StartTime=now", env=env, check=False)
        log = (parts / "merge.log").read_text() if (parts / "merge.log").exists() else ""
        return log if any(end in log for end in (f"merged {SHARDS} parts", "still missing", "were refused")) else None

    log = until("the merge", merged)
    print("".join(f"slurm: {line}\n" for line in log.splitlines() if "missing" in line or "submitted" in line), end="")
    if "missing parts" not in log:
        raise SystemExit("the damaged part was not submitted again")
    if not any("restart 1" in path.read_text() for path in parts.glob("shard-*.log")):
        raise SystemExit("no task of the lost node was queued again")
    return out


# Dask -------------------------------------------------------------------------------------------------------------------------


def dask(bench):
    """A scheduler and four workers, each a process."""
    logs = bench.work / "dask"
    logs.mkdir()
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    cli = [sys.executable, "-m", "dask"]
    bench.start(*cli, "scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard", log=logs / "scheduler.log")
    worker = [*cli, "worker", address, "--host", "127.0.0.1", "--nthreads", 1, "--no-nanny", "--no-dashboard", "--local-directory", logs]
    workers = [bench.start(*worker, log=logs / f"worker-{i}.log") for i in range(4)]
    return driven(bench, "dask", ["--scheduler", address], lambda: next((w.pid for w in workers if caught(w.pid)), None))


# Ray --------------------------------------------------------------------------------------------------------------------------


def ray(bench):
    """Ray as the driver starts it on this machine, with a worker process for each core."""

    def worker():
        return next((pid for pid, (_, line) in processes().items() if line.startswith("ray::") and caught(pid)), None)

    return driven(bench, "ray", [], worker)


def driven(bench, name, flags, worker):
    """Starts a driver, kills a worker that computes, and waits for the report."""
    out = bench.work / f"{name}-report"
    parts = Path(f"{out}.parts")
    log = bench.work / f"{name}-driver.log"
    words = [DEPLOY / name / "driver.py", bench.programme, "--shards", SHARDS, "--out", out, "--levertide", bench.levertide, *flags]
    driver = bench.start(sys.executable, *words, "--", *bench.overrides, log=log)
    until("the first parts", lambda: driver.poll() is not None or finished(parts) >= 3)
    if driver.poll() is None:
        kill(until("a worker that computes", worker))
        print(f"{name}: a worker killed after {finished(parts)} parts")
    until("the driver", lambda: driver.poll() is not None)
    if driver.returncode not in (0, 1) or not (out / "manifest.json").exists():
        raise SystemExit(f"{name}: the driver ended with {driver.returncode}\n{log.read_text()}")
    return out


# Kubernetes -------------------------------------------------------------------------------------------------------------------


def kubernetes(bench):
    """Manifests against the models of the official client; then the commands of their containers, a pod a process."""
    import yaml

    objects = [o for path in sorted((DEPLOY / "kubernetes").glob("*.yaml")) for o in yaml.safe_load_all(path.read_text())]
    if importlib.util.find_spec("kubernetes"):
        for item in objects:
            conforms(item, "V1" + item["kind"], item["metadata"]["name"])
        print(f"kubernetes: {len(objects)} objects have the fields and types of the API")
    by_name = {item["metadata"]["name"]: item for item in objects}
    job, merge = by_name["levertide-shards"]["spec"], by_name["levertide-merge"]["spec"]
    settings = by_name["levertide-run"]["data"]
    if job["completions"] != int(settings["SHARDS"]) or job["completions"] != SHARDS:
        raise SystemExit("SHARDS of settings.yaml is not `completions` of shards.yaml")

    out = bench.work / "kubernetes-report"
    parts = Path(f"{out}.parts")
    bin_folder = bench.work / "bin"
    bin_folder.mkdir()
    (bin_folder / "levertide").symlink_to(bench.levertide)
    env = {**os.environ, **settings, "PROGRAMME": str(bench.programme), "PARTS": str(parts), "OUT": str(out)}
    env |= {"OVERRIDES": " ".join(bench.overrides), "PATH": f"{bin_folder}:{os.environ['PATH']}"}

    def pod(container, index=None):
        index = {} if index is None else {"JOB_COMPLETION_INDEX": str(index)}
        return bench.start(*container["command"], *container["args"], env={**env, **index}, log=bench.work / "kubernetes.log")

    shard = job["template"]["spec"]["containers"][0]
    waiting = pod(merge["template"]["spec"]["initContainers"][0])
    queue, running, killed = list(range(SHARDS)), {}, False
    while queue or running:
        while queue and len(running) < 4:
            index = queue.pop(0)
            running[index] = pod(shard, index)
        for index, process in list(running.items()):
            if not killed and finished(parts) >= 3 and caught(process.pid):
                kill(process.pid)
                killed = True
                print(f"kubernetes: the pod of index {index} killed after {finished(parts)} parts")
            if process.poll() is not None:
                del running[index]
                if process.returncode < 0:
                    queue.append(index)
                elif process.returncode:
                    raise SystemExit((bench.work / "kubernetes.log").read_text())
        time.sleep(0.05)
    until("the init container", lambda: waiting.poll() is not None, 30)
    if pod(merge["template"]["spec"]["containers"][0]).wait(PATIENCE_SECONDS):
        raise SystemExit((bench.work / "kubernetes.log").read_text())
    return out


def conforms(value, kind, place):
    """Fails where a value has a field that the model lacks, or lacks one that it requires."""
    from kubernetes.client import models

    if kind.startswith("list["):
        for i, item in enumerate(value):
            conforms(item, kind[5:-1], f"{place}[{i}]")
    elif kind.startswith("dict("):
        for key, item in value.items():
            conforms(item, kind[5:-1].split(",")[1].strip(), f"{place}.{key}")
    elif hasattr(models, kind):
        model = getattr(models, kind)
        fields = {name: attribute for attribute, name in model.attribute_map.items()}
        for name, item in value.items():
            if name not in fields:
                raise SystemExit(f"{place}: {kind} has no field {name}")
            conforms(item, model.openapi_types[fields[name]], f"{place}.{name}")
        try:
            model(**{fields[name]: item for name, item in value.items()})
        except ValueError as lacks:
            raise SystemExit(f"{place}: {lacks}") from lacks
    elif not isinstance(value, {"str": str, "int": int, "bool": bool, "float": (int, float)}.get(kind, object)):
        raise SystemExit(f"{place}: {value!r} is no {kind}")


ENGINES = {
    "slurm": (slurm, slurm_here),
    "dask": (dask, lambda: bool(importlib.util.find_spec("distributed"))),
    "ray": (ray, lambda: bool(importlib.util.find_spec("ray"))),
    "kubernetes": (kubernetes, lambda: bool(importlib.util.find_spec("yaml"))),
}


def main():
    sys.stdout.reconfigure(line_buffering=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("--levertide", required=True, metavar="FILE", help="the program")
    flags.add_argument("--only", metavar="NAMES", help=f"of {', '.join(ENGINES)}")
    flags.add_argument("--paths", type=int, default=PATHS, metavar="N", help=f"paths of each scenario [default: {PATHS}]")
    flags.add_argument("--keep", metavar="DIR", help="work in this folder, leave it, and take an earlier reference from it")
    cut = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    typed = flags.parse_args(sys.argv[1:cut])
    chosen = typed.only.split(",") if typed.only else list(ENGINES)
    work = Path(typed.keep or tempfile.mkdtemp(prefix="levertide-deploy-")).resolve()
    work.mkdir(parents=True, exist_ok=True)
    bench = Bench(str(Path(typed.levertide).resolve()), work, ["--paths", str(typed.paths), *sys.argv[cut + 1 :]])
    passed, skipped = 0, 0
    began = time.monotonic()
    try:
        if any(ENGINES[name][1]() for name in chosen):
            bench.book()
            print(f"reference: {typed.paths} paths, {time.monotonic() - began:.1f} s")
        for name in chosen:
            run, here = ENGINES[name]
            if not here():
                print(f"{name}: skipped, its programs are not installed")
                skipped += 1
                continue
            since = time.monotonic()
            try:
                files = bench.compare(run(bench))
            finally:
                bench.stop()
            print(f"{name}: {files} files as of one run, {time.monotonic() - since:.1f} s")
            passed += 1
    finally:
        bench.stop()
        if not typed.keep:
            shutil.rmtree(work, ignore_errors=True)
    print(f"deploy: {passed} passed, 0 failed, {skipped} skipped")


if __name__ == "__main__":
    main()
