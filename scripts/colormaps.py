#!/usr/bin/env python3
"""Writes src/colormap/*.rgb: 256 sRGB triples, one byte a channel, 768 bytes a table.

    python3 -m venv /tmp/colormaps
    /tmp/colormaps/bin/pip install matplotlib==3.11.2 cmcrameri==1.10
    /tmp/colormaps/bin/python scripts/colormaps.py           # writes the tables
    /tmp/colormaps/bin/python scripts/colormaps.py --check   # compares those that are there

The tables are in the repository, so a build does not need this. Who made them and their licences: src/colormap/NOTICE.md.
"""

import sys
from pathlib import Path

import matplotlib
import numpy
from cmcrameri import cm

FROM_MATPLOTLIB = {
    "viridis": "viridis",
    "magma": "magma",
    "inferno": "inferno",
    "plasma": "plasma",
    "cividis": "cividis",
    "turbo": "turbo",
}


def table(colormap) -> bytes:
    """The 256 entries of a colormap, as Matplotlib makes bytes of them: each channel times 255, truncated."""
    assert colormap.N == 256, f"{colormap.name} has {colormap.N} entries, not 256"
    return colormap(numpy.arange(256), bytes=True)[:, :3].tobytes()


def checksum(data: bytes) -> str:
    """FNV-1a, 64 bits; src/colormap/tests.rs has the same."""
    total = 0xCBF29CE484222325
    for byte in data:
        total = (total ^ byte) * 0x100000001B3 % 2**64
    return f"{total:#018x}"


def main() -> int:
    folder = Path(__file__).resolve().parent.parent / "src" / "colormap"
    tables = {name: table(matplotlib.colormaps[theirs]) for name, theirs in FROM_MATPLOTLIB.items()}
    tables["batlow"] = table(cm.batlow)
    wrong = 0
    for name, data in tables.items():
        path = folder / f"{name}.rgb"
        if "--check" in sys.argv[1:]:
            same = path.is_file() and path.read_bytes() == data
            wrong += not same
            print(f"{path.name}: {'same' if same else 'DIFFERS'}, {checksum(data)}")
        else:
            path.write_bytes(data)
            print(f"{path.name}: {len(data)} bytes, {checksum(data)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
