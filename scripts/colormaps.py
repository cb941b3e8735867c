#!/usr/bin/env python3
"""Writes src/colormap/*.rgb: 256 sRGB triples, one byte a channel, 768 bytes a table.

    python3 -m venv /tmp/colormaps
    /tmp/colormaps/bin/pip install matplotlib==3.11.2 cmcrameri==1.10
    /tmp/colormaps/bin/python scripts/colormaps.py           # writes the tables
    /tmp/colormaps/bin/python scripts/colormaps.py --check   # compares those that are there

The tables are in the repository, so nobody needs this to build. Who made them and their licences: src/colormap/NOTICE.md.
"""

import sys
from pathlib import Path

import matplotlib
from cmcrameri import cm

FROM_MATPLOTLIB = ["viridis", "magma", "inferno", "plasma", "cividis", "turbo"]


def table(colormap) -> bytes:
    """The 256 entries of a listed colormap, each channel times 255 and rounded to nearest."""
    assert colormap.N == 256, f"{colormap.name} has {colormap.N} entries, not 256"
    return b"".join(bytes(round(float(channel) * 255) for channel in colormap(i)[:3]) for i in range(256))


def main() -> int:
    folder = Path(__file__).resolve().parent.parent / "src" / "colormap"
    tables = {name: table(matplotlib.colormaps[name]) for name in FROM_MATPLOTLIB}
    tables["batlow"] = table(cm.batlow)
    wrong = 0
    for name, data in tables.items():
        path = folder / f"{name}.rgb"
        if "--check" in sys.argv[1:]:
            same = path.is_file() and path.read_bytes() == data
            wrong += not same
            print(f"{path.name}: {'same' if same else 'DIFFERS'}")
        else:
            path.write_bytes(data)
            print(f"{path.name}: {len(data)} bytes")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
