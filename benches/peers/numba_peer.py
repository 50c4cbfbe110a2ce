"""Runs the four-line rules with Numba: tiles of paths in parallel, the paths of a tile side by side in vector registers.

Within a tile all prices are drawn first; then each account passes through its days with its state at hand. A day on which
no path of the tile is at or below the account's highest line, and none is called, ends after the comparison.
"""

import math

import numba
import numpy as np

import book as books

LANES = 16
NORMAL, CALLED, GONE = 0, 1, 2


@numba.njit(inline="always")
def scramble(x):
    """The finaliser of SplitMix64."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def ziggurat(layers=256, edge=3.6541528853610088):
    """Right edges of equal areas under exp(-x²/2), widest first, and the curve at them (Marsaglia and Tsang, 2000)."""
    area = edge * math.exp(-0.5 * edge * edge) + math.sqrt(math.pi / 2.0) * math.erfc(edge / math.sqrt(2.0))
    x = [area / math.exp(-0.5 * edge * edge), edge]
    while len(x) < layers:
        x.append(math.sqrt(-2.0 * math.log(area / x[-1] + math.exp(-0.5 * x[-1] * x[-1]))))
    x = np.array(x + [0.0])
    return x, np.exp(-0.5 * x * x)


EDGE, CURVE = ziggurat()
STEP = np.uint64(0x9E3779B97F4A7C15)
UNIT = 2.0**-53


@numba.njit(inline="always")
def uniform(state):
    return (float(np.int64(scramble(state) >> np.uint64(11))) + 0.5) * UNIT


@numba.njit
def unlikely(state, layer, x):
    """What one draw in a hundred needs: the tail, or the sliver between two layers; (taken, value, next state)."""
    state += STEP
    if layer == 0:
        while True:
            tail = -math.log(uniform(state)) / EDGE[1]
            bound = -2.0 * math.log(uniform(state + STEP))
            state += STEP + STEP
            if bound > tail * tail:
                return True, EDGE[1] + tail, state
    height = CURVE[layer] + uniform(state) * (CURVE[layer + 1] - CURVE[layer])
    return height < math.exp(-0.5 * x * x), x, state


@numba.njit
def normals(state, out):
    """Fills `out` with standard normals by the ziggurat, about four times as fast as Box and Muller here; returns the next state."""
    for k in range(len(out)):
        while True:
            state += STEP
            bits = scramble(state)
            layer = np.int64(bits & np.uint64(255))
            x = float(np.int64(bits >> np.uint64(11))) * UNIT * EDGE[layer]
            taken = x < EDGE[layer + 1]
            if not taken:
                taken, x, state = unlikely(state, layer, x)
            if taken:
                out[k] = x if bits & np.uint64(256) else -x
                break
    return state


@numba.njit(fastmath=True)
def draw(seed, tile, start, days, mean, common, own, price):
    """Prices of one tile, [day][symbol][lane]."""
    symbols = len(start)
    state = scramble(np.uint64(seed) * np.uint64(0xD1342543DE82EF95) + scramble(np.uint64(tile)))
    row = np.empty((symbols + 1) * LANES)
    for day in range(days):
        state = normals(state, row)
        for s in range(symbols):
            for lane in range(LANES):
                before = start[s] if day == 0 else price[day - 1, s, lane]
                move = mean + common * row[symbols * LANES + lane] + own * row[s * LANES + lane]
                price[day, s, lane] = before * math.exp(move)


@numba.njit(parallel=True, fastmath=True)
def simulate(
    seed, paths, start, cash, loan, accrued, rate_day, warning, limit, call, liquidation, cure_days, first, symbol, quantity, elapsed,
    mean, common, own, cost, out,
):
    """Fills `out`, [5][path]: shortfall, then accounts warned, limited, called and liquidated."""
    days, accounts = len(elapsed), len(cash)
    tiles = paths // LANES
    for tile in numba.prange(tiles):
        price = np.empty((days, len(start), LANES))
        draw(seed, tile, start, days, mean, common, own, price)
        short = np.zeros(LANES)
        counts = np.zeros((4, LANES))
        worth = np.empty(LANES)
        state = np.empty(LANES, dtype=np.uint8)
        events = np.empty(LANES, dtype=np.uint8)
        deadline = np.empty(LANES, dtype=np.int64)
        for a in range(accounts):
            highest = max(max(warning[a], limit[a]), max(call[a], liquidation[a]))
            touched = False
            called = 0
            state[:] = NORMAL
            events[:] = 0
            debt = loan[a] + accrued[a]
            for day in range(days):
                for lane in range(LANES):
                    worth[lane] = cash[a]
                for p in range(first[a], first[a + 1]):
                    q, s = quantity[p], symbol[p]
                    for lane in range(LANES):
                        worth[lane] += q * price[day, s, lane]
                debt = loan[a] + accrued[a] + loan[a] * rate_day[a] * elapsed[day]
                lowest = worth[0]
                for lane in range(1, LANES):
                    lowest = min(lowest, worth[lane])
                if debt <= 0.0 or (lowest > highest * debt and called == 0):
                    continue
                touched = True
                for lane in range(LANES):
                    if state[lane] == GONE:
                        continue
                    w = worth[lane]
                    if w < warning[a] * debt:
                        events[lane] |= 1
                    if w < limit[a] * debt:
                        events[lane] |= 2
                    sold = liquidation[a] > 0.0 and w <= liquidation[a] * debt
                    if not sold:
                        if state[lane] == NORMAL and w < call[a] * debt:
                            state[lane] = CALLED
                            called += 1
                            events[lane] |= 4
                            deadline[lane] = day + cure_days[a]
                        if state[lane] == CALLED:
                            if w >= call[a] * debt:
                                state[lane] = NORMAL
                                called -= 1
                            elif day >= deadline[lane]:
                                sold = True
                    if sold:
                        if state[lane] == CALLED:
                            called -= 1
                        state[lane] = GONE
                        events[lane] |= 8
                        short[lane] += max(0.0, debt - cash[a] - (w - cash[a]) * (1.0 - cost))
            for lane in range(LANES):
                if state[lane] != GONE:
                    short[lane] += max(0.0, debt - worth[lane])
            if touched:
                for lane in range(LANES):
                    for bit in range(4):
                        counts[bit, lane] += (events[lane] >> bit) & 1
        for lane in range(LANES):
            out[0, tile * LANES + lane] = short[lane]
            for bit in range(4):
                out[1 + bit, tile * LANES + lane] = counts[bit, lane]


def main():
    args = books.arguments(__doc__)
    numba.set_num_threads(args.threads)
    b = books.load(args.programme)
    paths = args.paths // LANES * LANES

    def run(seed):
        out = np.empty((5, paths))
        simulate(
            seed, paths, b.price, b.cash, b.loan, b.accrued, b.rate_day, b.warning, b.limit, b.call, b.liquidation, b.cure_days, b.first,
            b.symbol, b.quantity, b.elapsed, b.mean, b.common, b.own, b.cost, out,
        )
        return out

    books.report("numba", b, args, run)


if __name__ == "__main__":
    main()
