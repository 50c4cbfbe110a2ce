"""Reads a sample folder and a programme into plain arrays, as both peers use them.

The peers know a part of the product only: a gaussian market with one volatility, drift and correlation, no price limits,
everything sold at the close that triggers, no payments by clients, interest on the loan, shortfall at close-out. A programme
that asks for more is refused, because the comparison would then be of different work.
"""

import argparse
import datetime
import json
import math
import statistics
import sys
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet


@dataclass
class Book:
    """Accounts and positions (CSR: the holdings of account a are first[a]:first[a + 1]). Money in the book's currency."""

    price: np.ndarray  # [symbol]
    cash: np.ndarray  # [account], as are the following
    loan: np.ndarray
    accrued: np.ndarray
    rate_day: np.ndarray
    warning: np.ndarray  # lines as ratios, 0 where not in force
    limit: np.ndarray
    call: np.ndarray
    liquidation: np.ndarray
    cure_days: np.ndarray
    first: np.ndarray
    symbol: np.ndarray  # [position]
    quantity: np.ndarray
    elapsed: np.ndarray  # calendar days from the as-of date to each session
    mean: float  # of the log return of a session
    common: float  # deviation of its common and own part
    own: float
    cost: float  # of a forced sale, share of proceeds

    @property
    def accounts(self):
        return len(self.cash)

    @property
    def days(self):
        return len(self.elapsed)


def table(path):
    if path.suffix == ".parquet":
        return pyarrow.parquet.read_table(path)
    ids = {"account_id": pyarrow.string(), "symbol": pyarrow.string()}
    return pyarrow.csv.read_csv(path, convert_options=pyarrow.csv.ConvertOptions(column_types=ids))


def numbers(rows, name, default):
    """A column as f64, the default where it or a cell is missing."""
    if name not in rows.column_names:
        return np.full(rows.num_rows, float(default))
    column = rows[name].cast(pyarrow.float64())
    return np.array(pc.fill_null(column, float(default)).to_numpy(), dtype=np.float64)


def ratio(value):
    """A ratio of the programme: "150%" or 1.5."""
    if isinstance(value, str):
        return float(value[:-1]) / 100.0 if value.endswith("%") else float(value)
    return float(value)


def check(programme):
    """Refuses what the peers do not know."""
    known = {"schema", "name", "as-of", "currency", "seed", "data", "simulation", "market", "exchange", "margin", "liquidation"}
    unknown = sorted(set(programme) - known)
    exchange, liquidation = programme["exchange"], programme["liquidation"]
    refused = [
        (unknown, f"tables {unknown}"),
        (set(programme["market"]) != {"gaussian"}, "a market other than gaussian"),
        (exchange.get("price-limits", True), "price limits"),
        (exchange.get("t-plus-one", True), "T+1"),
        (liquidation.get("delay-days", 0) != 0, "a delay of forced sales"),
        (set(liquidation) - {"delay-days", "cost"}, "a cap or an order of forced sales"),
        ("restore-to" in programme["margin"], "sales in part"),
    ]
    for bad, what in refused:
        if bad:
            sys.exit(f"the peers do not know {what}")


def sessions(as_of, count):
    """Calendar days from the as-of date to each of the weekdays after it."""
    day, elapsed = as_of, []
    while len(elapsed) < count:
        day += datetime.timedelta(days=1)
        if day.weekday() < 5:
            elapsed.append(float((day - as_of).days))
    return np.array(elapsed)


def load(path):
    """The book, market and rules of one programme."""
    with open(path, "rb") as file:
        programme = tomllib.load(file)
    check(programme)
    folder = Path(path).parent / programme["data"].get("root", ".")
    prices, accounts, positions = (table(folder / programme["data"][name]) for name in ("prices", "accounts", "positions"))
    as_of = datetime.date.fromisoformat(str(programme["as-of"]))

    names, held = np.unique(positions["symbol"].to_numpy(), return_inverse=True)
    dates = prices["date"].cast(pyarrow.date32())
    if pc.max(dates).as_py() > as_of:
        sys.exit("the peers take sessions after the as-of date from the calendar, not from the history")
    order = np.argsort(dates.to_numpy(), kind="stable")
    last = dict(zip(prices["symbol"].to_numpy()[order], prices["close"].to_numpy()[order]))
    price = np.array([last[name] for name in names], dtype=np.float64)

    row = {name: a for a, name in enumerate(accounts["account_id"].to_pylist())}
    owner = np.array([row[name] for name in positions["account_id"].to_pylist()])
    by_owner = np.lexsort((held, owner))
    first = np.zeros(accounts.num_rows + 1, dtype=np.int64)
    np.cumsum(np.bincount(owner, minlength=accounts.num_rows), out=first[1:])

    margin, gaussian = programme["margin"], programme["market"]["gaussian"]
    line = lambda name: numbers(accounts, name, ratio(margin.get(name, 0)))
    volatility, drift, correlation = (ratio(gaussian[k]) for k in ("volatility-annual", "drift-annual", "correlation"))
    year = float(gaussian.get("trading-days", 252))
    deviation = volatility / math.sqrt(year)
    return Book(
        price=price,
        cash=numbers(accounts, "cash", 0),
        loan=numbers(accounts, "loan", 0),
        accrued=numbers(accounts, "accrued_interest", 0),
        rate_day=numbers(accounts, "rate_annual", 0) / 365.0,
        warning=line("warning"),
        limit=line("limit"),
        call=line("call"),
        liquidation=line("liquidation"),
        cure_days=numbers(accounts, "cure_days", margin.get("cure-days", 0)).astype(np.int64),
        first=first,
        symbol=held[by_owner].astype(np.int32),
        quantity=numbers(positions, "quantity", 0)[by_owner],
        elapsed=sessions(as_of, programme["simulation"]["horizon-days"]),
        mean=(drift - 0.5 * volatility * volatility) / year,
        common=deviation * math.sqrt(correlation),
        own=deviation * math.sqrt(1.0 - correlation),
        cost=ratio(programme["liquidation"].get("cost", 0)),
    )


def arguments(about):
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("programme")
    parser.add_argument("--paths", type=int, required=True)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def report(peer, book, args, run):
    """Times `run(seed)` after one warm-up and prints the medians and estimates as JSON.

    `run` gives per path: money short, and how many accounts were warned, limited, called and liquidated, [5][path].
    """
    run(0)
    seconds = []
    for seed in range(1, args.runs + 1):
        start = time.perf_counter()
        paths = run(seed)
        seconds.append(time.perf_counter() - start)
    count = paths.shape[1]
    mean = paths.mean(axis=1)
    error = paths.std(axis=1, ddof=1) / math.sqrt(count)
    names = ["warning_rate", "limit_rate", "call_rate", "liquidation_rate"]
    out = {"peer": peer, "accounts": book.accounts, "days": book.days, "paths": count, "runs": args.runs}
    out["account_steps"] = book.accounts * book.days * count
    out["seconds"] = statistics.median(seconds)
    out["seconds_all"] = seconds
    out["shortfall"] = [mean[0], error[0]]
    for k, name in enumerate(names, start=1):
        out[name] = [mean[k] / book.accounts, error[k] / book.accounts]
    print(json.dumps(out))
