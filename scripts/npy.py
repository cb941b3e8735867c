"""Writes tests/data/npy with NumPy: arrays of every type that ringfall reads, and some that it rejects.

    pip install numpy && python3 scripts/npy.py
"""

import pathlib

import numpy as np
from numpy.lib import format as npy

OUT = pathlib.Path(__file__).parent.parent / "tests" / "data" / "npy"


def save(name, array, version=None):
    with open(OUT / f"{name}.npy", "wb") as file:
        npy.write_array(file, array, version=version)


OUT.mkdir(exist_ok=True)
# Three rows of four, each cell exact in every type.
cells = np.array([[0, 1, 2, 3], [4, 5, 6, 7], [100, 101, 126, 127]])
for code in ["u1", "i1", "<u2", ">u2", "<i2", ">i2", "<u4", ">u4", "<i4", ">i4", "<u8", ">u8", "<i8", ">i8",
             "<f2", ">f2", "<f4", ">f4", "<f8", ">f8"]:
    name = {"<": "le-", ">": "be-"}.get(code[0], "") + code.lstrip("<>")
    save(name, cells.astype(code))
save("bool", cells % 2 == 1)
for code in ["<c8", ">c8", "<c16", ">c16"]:
    # Magnitudes of 5 times the cells.
    save({"<": "le-", ">": "be-"}[code[0]] + code[1:], (cells * (3 - 4j)).astype(code))
save("fortran", np.asfortranarray(cells.astype("<i2")))
save("version-2", cells.astype("<f4"), version=(2, 0))
save("version-3", cells.astype("<f4"), version=(3, 0))
save("one-dimension", np.arange(5.0))
save("three-dimensions", np.zeros((2, 2, 2), "u1"))
save("no-dimension", np.array(1.0))
save("empty", np.zeros((0, 4), "u1"))
save("texts", np.array([["a", "b"]]))
save("dates", np.array([["2026-11-21"]], "M8[D]"))
save("records", np.zeros((1, 2), [("x", "<f4"), ("y", "<i2", (2,))]))
save("rgba", np.arange(24, dtype="u1").reshape(2, 3, 4))
save("values", np.array([[0, 1.5, np.nan], [-np.inf, 2, 3]], "<f4"))
with open(OUT / "objects.npy", "wb") as file:
    npy.write_array(file, np.array([[None, 1]], object), allow_pickle=True)

# Colours and frames: cells whose indices in the order t, h, w, c can be read off them.
def pattern(*shape):
    t, h, w, c = np.indices(shape)
    return (t * 7 + h * 50 + w * 13 + c * 5).astype("u1")


colors = pattern(1, 4, 5, 3)[0]
save("hwc", colors)
save("hwc-fortran", np.asfortranarray(colors))
save("chw", np.ascontiguousarray(np.moveaxis(colors, 2, 0)))
save("chw-fortran", np.asfortranarray(np.moveaxis(colors, 2, 0)))
save("hwc-alpha", pattern(1, 4, 5, 4)[0])
floats = colors.astype("f4") / 255
floats[1, 2, 1] = np.nan
floats[2, 0] = [-0.5, 1.5, np.inf]
save("hwc-f4", floats)
save("hwc-u2", colors.astype("<u2") * 257)
save("thw", pattern(6, 4, 5, 1)[..., 0])
save("thw-fortran", np.asfortranarray(pattern(6, 4, 5, 1)[..., 0].astype("<i2")))
save("thwc", pattern(6, 4, 5, 3))
save("tchw", np.ascontiguousarray(np.moveaxis(pattern(6, 4, 5, 3), 3, 1)))
