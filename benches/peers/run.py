"""Measures the engine and both peers on one generated book in one go, and checks that they found the same.

`python run.py --preset platform` from anywhere: it makes the book with the product's own generator, writes a programme that
all three know, runs each, and compares the share of accounts liquidated and the mean shortfall within four combined
standard errors. It ends with exit code 1 when they disagree.
"""

import argparse
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PATHS = {"desk": 64_000, "platform": 4_800}
ERRORS = 4.0

PROGRAMME = """# The part of a margin contract that the peers know as well.
schema = 1
name = "peers"
{as_of}
seed = 1

[data]
{data}

[simulation]
paths = {paths}
horizon-days = 20

[market.gaussian]
volatility-annual = "{volatility}%"
drift-annual = "0%"
correlation = "40%"

[exchange]
price-limits = false
tick = 0
lot = 0
t-plus-one = false

[margin]
warning = "150%"
limit = "140%"
call = "130%"
cure-days = 2
liquidation = "110%"

[liquidation]
delay-days = 0
cost = "0.5%"
"""


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", choices=sorted(PATHS), default="platform")
    parser.add_argument("--paths", type=int)
    parser.add_argument("--rounds", type=int, default=5, help="of all programs in turn")
    parser.add_argument("--runs", type=int, default=3, help="of each program in a round, after one to warm up")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--volatility", type=float, default=40.0, help="annual, per cent")
    parser.add_argument("--json", type=Path, help="also write every figure to this file")
    return parser.parse_args()


def call(*words, cwd=ROOT):
    done = subprocess.run([str(w) for w in words], cwd=cwd, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, words))}\n{done.stdout}{done.stderr}")
    return done.stdout


def last_json(text):
    return json.loads(text.strip().splitlines()[-1])


def make(args, paths, folder):
    """The generated book and, beside it, the programme all three run."""
    book = folder / "book"
    call("cargo", "run", "--release", "--quiet", "--", "sample-book", "--preset", args.preset, "--out", book, "--quiet")
    lines = (book / "programme.toml").read_text().splitlines()
    roles = ("prices", "instruments", "accounts", "positions")
    data = [line for line in lines if line.split(" = ")[0] in roles]
    as_of = next(line for line in lines if line.startswith("as-of"))
    programme = book / "peers.toml"
    volatility = f"{args.volatility:g}"
    programme.write_text(PROGRAMME.format(as_of=as_of, data="\n".join(data), paths=paths, volatility=volatility))
    return programme


def rate(result):
    return result["account_steps"] / result["seconds"] / 1e6


def spread(values, digits):
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def agree(ours, theirs):
    """True when both estimates lie within four of their combined standard errors, figure by figure."""
    good = True
    for name in ("liquidation_rate", "shortfall", "call_rate", "warning_rate", "limit_rate"):
        (a, ea), (b, eb) = ours[name], theirs[name]
        apart = (b - a) / max(math.hypot(ea, eb), 1e-300)
        print(f"    {name:<17} {a:>12.6g} ± {ea:<9.3g} {b:>12.6g} ± {eb:<9.3g} {apart:+.2f} errors apart")
        good &= abs(apart) <= ERRORS
    return good


def main():
    args = arguments()
    paths = args.paths or PATHS[args.preset]
    rounds, loads = [], []
    with tempfile.TemporaryDirectory() as folder:
        programme = make(args, paths, Path(folder))
        how = ("--runs", args.runs, "--threads", args.threads)
        bench = ("cargo", "bench", "--quiet", "--bench", "throughput", "--", "--programme", programme, *how)
        peer = lambda name: (sys.executable, "-B", HERE / f"{name}_peer.py", programme, "--paths", paths, *how)
        # round by round, so that a drift of the machine touches every program alike
        for _ in range(args.rounds):
            rounds.append([last_json(call(*words)) for words in (bench, peer("numpy"), peer("numba"))])
            loads.append(os.getloadavg()[0] if hasattr(os, "getloadavg") else math.nan)

    print(f"{args.preset}: {paths} paths, volatility {args.volatility:g}%, {args.threads} threads, {args.rounds} rounds of {args.runs} runs")
    print(f"{platform.machine()}, Python {platform.python_version()}, {os.cpu_count()} cores, load {spread(loads, 1)}")
    print("M account-steps/s, median (lowest to highest) of the rounds:")
    print(f"  levertide       {spread([rate(ours) for ours, _, _ in rounds], 0)}")
    print(f"  valuation only  {spread([rate(ours) * ours['seconds'] / ours['valuation_seconds'] for ours, _, _ in rounds], 0)}")
    good = True
    for at, name in ((1, "numpy"), (2, "numba")):
        ratios = [rate(programs[0]) / rate(programs[at]) for programs in rounds]
        print(f"  {name:<15} {spread([rate(programs[at]) for programs in rounds], 0)}: levertide is {spread(ratios, 2)} times as fast")
        good &= agree(rounds[0][0], rounds[0][at])
    if args.json:
        args.json.write_text(json.dumps(rounds, indent=2) + "\n")
    if not good:
        sys.exit("the programs disagree")


if __name__ == "__main__":
    main()
