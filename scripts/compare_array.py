#!/usr/bin/env python3
"""What `cargo bench --bench array` is compared with: Matplotlib's colours of the same kinds of arrays, and libpng's files.

    scripts/compare_array.py [PICTURE.rgba]     one core: taskset -c 0 scripts/compare_array.py

Needs numpy, matplotlib and, for the picture, pillow. The picture is 3840 x 2160 pixels of RGBA, which the bench writes to where
RINGFALL_PICTURE says.
"""
import io
import sys
import time

import matplotlib
import numpy
from matplotlib import colors


def best(times, work):
    took = []
    for _ in range(times):
        start = time.perf_counter()
        out = work()
        took.append(time.perf_counter() - start)
    return min(took), out


def arrays():
    print("matplotlib", matplotlib.__version__, "numpy", numpy.__version__)
    cmap = matplotlib.colormaps["viridis"]
    base = numpy.random.default_rng(1).random(16 << 20, dtype=numpy.float32).reshape(4096, 4096)
    for dtype in numpy.float32, numpy.float64, numpy.uint8:
        is_bytes = dtype == numpy.uint8
        values = (base * 256).astype(dtype) if is_bytes else (base * 140 - 130).astype(dtype)
        positive = values if is_bytes else numpy.abs(values) + dtype(0.5)
        linear = colors.Normalize(0, 255) if is_bytes else colors.Normalize(-120, 0)
        for norm, of in (linear, values), (colors.LogNorm(1, 255), positive):
            seconds, out = best(7, lambda: cmap(norm(of), bytes=True))
            name = type(norm).__name__
            print(f"{dtype.__name__} {name}: {1e3 * seconds:.0f} ms, {out.nbytes / seconds / 1e9:.3f} GB/s")


def picture(path):
    from PIL import Image, features

    rgba = numpy.fromfile(path, dtype=numpy.uint8).reshape(2160, 3840, 4)
    image = Image.fromarray(numpy.ascontiguousarray(rgba[:, :, :3]))

    def save():
        file = io.BytesIO()
        image.save(file, "PNG", compress_level=1)
        return file

    seconds, file = best(3, save)
    zlib = features.version("zlib")
    print(f"Pillow's PNG at level 1, zlib {zlib}: {1e3 * seconds:.0f} ms, {len(file.getvalue()) / 1e6:.2f} MB")


arrays()
if len(sys.argv) > 1:
    picture(sys.argv[1])
