"""Runs the four-line rules with NumPy and SciPy: blocks of paths, holdings as a matrix product, one process a core.

Each day values all accounts in all paths of a block at once (CSR or dense, whichever the warm-up finds faster), compares
with the highest line, and follows only the cells at or below it.
"""

import os

for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[name] = "1"  # one process a core is faster than threads inside a product

import multiprocessing
import time

import numpy as np
import scipy.sparse

import book as books

NORMAL, CALLED, GONE = 0, 1, 2
CELLS = 400_000  # accounts × paths of a block: its value matrix stays near the cache


class Worker:
    """The book in the form of the day loop."""

    def __init__(self, book):
        self.book = book
        shape = (book.accounts, len(book.price))
        sparse = scipy.sparse.csr_matrix((book.quantity, book.symbol, book.first), shape=shape)
        self.holdings = self.faster(sparse)
        # a debt grows by the same amount every calendar day until the account is sold
        self.interest = book.loan * book.rate_day
        self.highest = np.maximum.reduce([book.warning, book.limit, book.call, book.liquidation])

    def faster(self, sparse):
        """The form of the holdings whose product takes less time."""
        prices = np.ones((len(self.book.price), self.block_paths()))
        forms, seconds = [sparse, sparse.toarray()], []
        for form in forms:
            form @ prices
            start = time.perf_counter()
            for _ in range(3):
                form @ prices
            seconds.append(time.perf_counter() - start)
        return forms[int(np.argmin(seconds))]

    def block_paths(self):
        return max(16, CELLS // self.book.accounts)

    def block(self, seed, index, paths):
        """Results of one block, [5][path]: shortfall, then accounts warned, limited, called and liquidated."""
        b = self.book
        rng = np.random.Generator(np.random.SFC64([seed, index]))
        price = np.repeat(b.price[:, None], paths, axis=1)
        state = np.zeros((b.accounts, paths), dtype=np.uint8)
        deadline = np.zeros((b.accounts, paths), dtype=np.int16)
        events = np.zeros((b.accounts, paths), dtype=np.uint8)
        out = np.zeros((5, paths))
        for day in range(b.days):
            move = rng.standard_normal(price.shape)
            move *= b.own
            move += b.mean + b.common * rng.standard_normal(paths)
            np.exp(move, out=move)
            price *= move
            assets = self.holdings @ price
            debt = b.loan + b.accrued + self.interest * b.elapsed[day]
            # below the highest line, on it, or called and so to be looked at
            watch = (assets <= (self.highest * debt - b.cash)[:, None]) | (state == CALLED)
            cell = np.flatnonzero(watch)
            cell = cell[state.ravel()[cell] != GONE]
            account, path = np.divmod(cell, paths)
            owed = debt[account]
            cell, account, path, owed = (x[owed > 0.0] for x in (cell, account, path, owed))
            worth = assets.ravel()[cell] + b.cash[account]
            self.decide(day, cell, account, path, worth, owed, state.ravel(), deadline.ravel(), events.ravel(), out[0])
        for bit in range(4):
            out[1 + bit] = np.count_nonzero(events & (1 << bit), axis=0)
        # what was never sold and is under water at the end
        loss = np.where(state == GONE, 0.0, debt[:, None] - assets - b.cash[:, None])
        out[0] += np.maximum(loss, 0.0).sum(axis=0)
        return out

    def decide(self, day, cell, account, path, worth, owed, state, deadline, events, short):
        """Moves the watched cells through the four lines and sells those that end in liquidation."""
        b = self.book
        below_call = worth < b.call[account] * owed
        events[cell] |= (worth < b.warning[account] * owed).astype(np.uint8)
        events[cell] |= (worth < b.limit[account] * owed).astype(np.uint8) << 1
        sold = (b.liquidation[account] > 0.0) & (worth <= b.liquidation[account] * owed)
        new = ~sold & below_call & (state[cell] == NORMAL)
        state[cell[new]] = CALLED
        events[cell[new]] |= 4
        deadline[cell[new]] = day + b.cure_days[account[new]]
        called = ~sold & (state[cell] == CALLED)
        state[cell[called & ~below_call]] = NORMAL
        sold |= called & below_call & (day >= deadline[cell])
        state[cell[sold]] = GONE
        events[cell[sold]] |= 8
        a = account[sold]
        proceeds = (worth[sold] - b.cash[a]) * (1.0 - b.cost)
        loss = np.maximum(owed[sold] - b.cash[a] - proceeds, 0.0)
        short += np.bincount(path[sold], weights=loss, minlength=len(short))


def start(programme):
    global worker
    worker = Worker(books.load(programme))


def one(task):
    return worker.block(*task)


def main():
    args = books.arguments(__doc__)
    book = books.load(args.programme)
    width = max(16, CELLS // book.accounts)
    widths = [min(width, args.paths - at) for at in range(0, args.paths, width)]
    with multiprocessing.Pool(args.threads, start, (args.programme,)) as pool:

        def run(seed):
            tasks = [(seed, index, paths) for index, paths in enumerate(widths)]
            return np.concatenate(pool.map(one, tasks, chunksize=1), axis=1)

        books.report("numpy", book, args, run)


if __name__ == "__main__":
    main()
