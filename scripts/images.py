"""Writes tests/data/images with Pillow and tifffile: one picture in the formats that ringfall reads, and its pixels.

    pip install numpy pillow tifffile && python3 scripts/images.py
"""

import pathlib

import numpy as np
import tifffile
from PIL import Image

OUT = pathlib.Path(__file__).parent.parent / "tests" / "data" / "images"
OUT.mkdir(exist_ok=True)
h, w = np.indices((24, 32))
rgb = np.stack([h * 8 + w, 255 - h * 5, w * 7], axis=2).clip(0, 255).astype("u1")
rgba = np.dstack([rgb, (w * 8 + 7).clip(0, 255).astype("u1")])
grey8 = (h * 8 + w).astype("u1")
grey16 = (h * 2500 + w * 61).astype("<u2")
np.save(OUT / "rgb.npy", rgb)
np.save(OUT / "rgba.npy", rgba)
np.save(OUT / "grey8.npy", grey8)
np.save(OUT / "grey16.npy", grey16)
for name, array in [("rgb", rgb), ("rgba", rgba), ("grey8", grey8), ("grey16", grey16)]:
    Image.fromarray(array).save(OUT / f"{name}.png", optimize=True)
    Image.fromarray(array).save(OUT / f"{name}.tiff", compression="tiff_lzw")
few = np.where((h + w)[..., None] % 3 == 0, np.array([10, 200, 30], "u1"), np.array([250, 0, 128], "u1"))
np.save(OUT / "palette.npy", few)
Image.fromarray(few).convert("P", palette=Image.Palette.ADAPTIVE, colors=2).save(OUT / "palette.png", optimize=True)
# Lossy: compared with what libjpeg decodes.
Image.fromarray(rgb).save(OUT / "rgb.jpg", quality=95, subsampling=0)
np.save(OUT / "rgb-jpg.npy", np.asarray(Image.open(OUT / "rgb.jpg")))
Image.fromarray(grey8).save(OUT / "grey8.jpg", quality=95)
np.save(OUT / "grey8-jpg.npy", np.asarray(Image.open(OUT / "grey8.jpg")))
Image.fromarray(rgb).convert("CMYK").save(OUT / "cmyk.jpg", quality=95)

# What microscopes and maps have: numbers of any type, pages, and BigTIFF.
few = (h * 8 + w - 100)[:6, :5]
for code in ["i1", "i2", "i4", "i8", "u4", "u8", "f2", "f4", "f8"]:
    numbers = (few + 100 if code[0] == "u" else few).astype(code)
    np.save(OUT / f"{code}.npy", numbers)
    tifffile.imwrite(OUT / f"{code}.tiff", numbers, photometric="minisblack", byteorder=">" if code == "i2" else "<", metadata=None)
pages = np.stack([few + 1000 * t for t in range(3)]).astype("f4")
np.save(OUT / "pages.npy", pages)
tifffile.imwrite(OUT / "pages.tiff", pages, photometric="minisblack", compression="deflate", metadata=None)
tifffile.imwrite(OUT / "big.tiff", grey16, bigtiff=True, metadata=None)
np.save(OUT / "big.npy", grey16)
tifffile.imwrite(OUT / "big-rgb.tiff", rgb, bigtiff=True, photometric="rgb", compression="deflate", metadata=None)
with tifffile.TiffWriter(OUT / "other-pages.tiff") as out:
    out.write(few.astype("f4"), photometric="minisblack", metadata=None)
    out.write(few[:4].astype("f4"), photometric="minisblack", metadata=None)
np.save(OUT / "other-pages.npy", few.astype("f4"))
