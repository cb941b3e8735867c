# Writes the recordings beside it, with SciPy (1.17.1, pip install scipy) and sox (14.4.2): 60 samples (n - 30) / 32 on the left, and as
# many of the other sign on the right, 8000 a second. All formats hold these exactly.
import os
import subprocess

import numpy as np
from scipy.io import wavfile

os.chdir(os.path.dirname(os.path.abspath(__file__)))
left = (np.arange(60) - 30) / 32
both = np.stack([left, -left], axis=1)
for name, values in {
    "scipy-u8": (both * 128 + 128).astype("u1"),
    "scipy-i16": (both * 2**15).astype("<i2"),
    "scipy-i32": (both * 2**31).astype("<i4"),
    "scipy-f32": both.astype("<f4"),
    "scipy-f64": both.astype("<f8"),
}.items():
    wavfile.write(f"{name}.wav", 8000, values)
# -D: no dither. A WAV file of 24 bits has an extensible header.
for name, form in {"sox-s24.wav": ["-b", "24"], "sox-f32.wav": ["-e", "float"], "sox.w64": ["-b", "16"], "sox.flac": ["-b", "16"]}.items():
    subprocess.run(["sox", "-D", "scipy-i16.wav", *form, name], check=True)
