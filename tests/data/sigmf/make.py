# Writes the recordings beside it, with the sigmf package (1.14.0, pip install sigmf numpy).
import os

import numpy as np
import sigmf
from sigmf import SigMFFile

os.chdir(os.path.dirname(os.path.abspath(__file__)))
n = np.arange(10)
(n / 16 - 1j * n / 32).astype("<c8").tofile("python.sigmf-data")
info = {"core:datatype": "cf32_le", "core:sample_rate": 6, "core:author": "ringfall's tests"}
recording = SigMFFile(data_file="python.sigmf-data", global_info=info)
recording.add_capture(0, {"core:frequency": 7e6, "core:datetime": "2026-01-01T12:00:00.000000Z"})
recording.add_capture(6, {"core:frequency": 7.1e6, "core:datetime": "2026-01-01T12:00:02.000000Z"})
recording.add_annotation(2, 3, {"core:freq_lower_edge": 6.9e6, "core:freq_upper_edge": 7.1e6, "core:label": "a box"})
recording.tofile("python.sigmf-meta", overwrite=True)
if os.path.exists("python.sigmf"):
    os.remove("python.sigmf")
recording.archive("python.sigmf")
