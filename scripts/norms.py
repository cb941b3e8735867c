#!/usr/bin/env python3
"""Writes tests/data/norms.csv: where values fall under Matplotlib's norms, as Matplotlib computes it in float64.

    python3 -m venv /tmp/norms
    /tmp/norms/bin/pip install matplotlib==3.11.2
    /tmp/norms/bin/python scripts/norms.py > tests/data/norms.csv

A line is: norm as the command line writes it, vmin, vmax, value, entry (or under, over, bad). Numbers are the bits of an f32, in
hexadecimal. Half of the values are the f32 on either side of a place where the entry changes. The table is in the repository, so a
build does not need this.
"""

import random
import struct

import numpy as np
from matplotlib import colors

RANGES = [
    ("linear", colors.Normalize, [(-120, 0), (-3.7, 11.3), (0, 1), (16777216, 16777218)]),
    ("log", colors.LogNorm, [(1, 1e4), (1e-12, 1), (0.3, 0.7), (3e-20, 5e20)]),
    ("power:0.5", lambda **ends: colors.PowerNorm(0.5, **ends), [(0, 1), (-120, -20)]),
    ("power:2.2", lambda **ends: colors.PowerNorm(2.2, **ends), [(0, 255), (-7, 3)]),
    ("symlog:0.3", lambda **ends: colors.SymLogNorm(0.3, **ends), [(-10, 10), (-1e-3, 1e6), (0.1, 0.2)]),
    ("symlog:10", lambda **ends: colors.SymLogNorm(10, **ends), [(-1e5, 100), (20, 30)]),
    ("twoslope:0", lambda **ends: colors.TwoSlopeNorm(0, **ends), [(-4000, 10000), (-1e-3, 7)]),
    ("twoslope:-100.1", lambda **ends: colors.TwoSlopeNorm(-100.1, **ends), [(-120, -20)]),
    ("centred:0", lambda vmin, vmax: colors.CenteredNorm(0, max(-vmin, vmax)), [(-1, 3), (2, 5)]),
    ("centred:-60.2", lambda vmin, vmax: colors.CenteredNorm(-60.2, max(-60.2 - vmin, vmax + 60.2)), [(-120, -20)]),
]

# Entry k has the colour k / 1000, which no other has.
MAP = colors.ListedColormap([(k / 1000, 0, 0) for k in range(256)])
MAP.set_extremes(under=(0.9, 0, 0), over=(0.95, 0, 0), bad=(1, 0, 0))


def f32(value: float) -> float:
    return float(np.float32(value))


def key(value: float) -> int:
    bits = struct.unpack("<i", struct.pack("<f", value))[0]
    return bits if bits >= 0 else ~(bits & 0x7FFFFFFF)


def number(key: int) -> float:
    return struct.unpack("<f", struct.pack("<i", key if key >= 0 else ~key | -0x80000000))[0]


def entry(norm, value: float) -> str:
    shown = round(float(MAP(norm(np.float64([value])))[0][0]) * 1000)
    return {900: "under", 950: "over", 1000: "bad"}.get(shown, str(shown))


def begin(norm, low: int, high: int, k: int) -> int:
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if int(entry(norm, number(middle))) >= k else (middle + 1, high)
    return low


def main() -> None:
    generator = random.Random(1)
    for name, make, ranges in RANGES:
        for vmin, vmax in ranges:
            vmin, vmax = f32(vmin), f32(vmax)
            norm = make(vmin=vmin, vmax=vmax)
            values = {vmin, vmax, (vmin + vmax) / 2, float("nan")}
            low, high = key(f32(norm.vmin)), key(f32(norm.vmax))
            low += number(low) < norm.vmin
            high -= number(high) > norm.vmax
            # Below a logarithmic range Matplotlib has no value at all for 0 and less.
            values |= {number(low - 1), number(high + 1)}
            for k in generator.sample(range(1, 256), 6):
                at = begin(norm, low, high, k)
                values |= {number(at), number(at - 1)}
            values |= {number(generator.randint(low, high)) for _ in range(3)}
            values |= {vmin + (vmax - vmin) * generator.random() for _ in range(3)}
            for value in sorted(map(f32, values), key=lambda value: (value != value, value)):
                bits = [struct.pack(">f", number).hex() for number in (vmin, vmax, value)]
                print(name, *bits, entry(norm, value), sep=",")


main()
