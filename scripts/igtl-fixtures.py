#!/usr/bin/env python3
"""Writes tests/data/igtl/*.bin with pyigtl: messages as a real peer packs them. pip install pyigtl numpy."""
import pathlib
import numpy as np
import pyigtl

out = pathlib.Path(__file__).resolve().parent.parent / "tests/data/igtl"
base = np.arange(12).reshape(3, 4)
for name, dtype in [("i8", np.int8), ("u8", np.uint8), ("i16", np.int16), ("u16", np.uint16), ("i32", np.int32), ("u32", np.uint32),
                    ("f32", np.float32), ("f64", np.float64)]:
    image = (base - 5 if np.dtype(dtype).kind != "u" else base).astype(dtype)
    message = pyigtl.ImageMessage(image, device_name="Fixture", timestamp=1790000000.25)
    (out / f"{name}.bin").write_bytes(message.pack())
rgb = pyigtl.ImageMessage(np.arange(18, dtype=np.uint8).reshape(1, 2, 3, 3), device_name="RGB", timestamp=1790000000.0)
(out / "rgb.bin").write_bytes(rgb.pack())
message = pyigtl.ImageMessage(base.astype(np.uint8), device_name="Meta", timestamp=1790000000.0)
message.header_version = 2
message.message_id = 77
message.metadata = {"origin": "a test", "unit": "dB"}
(out / "v2.bin").write_bytes(message.pack())
(out / "string.bin").write_bytes(pyigtl.StringMessage("hello", device_name="Text", timestamp=1790000000.0).pack())
