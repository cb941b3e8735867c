"""Writes samples into a ring in a shared file, for `ringfall view shm://NAME`; needs only Python and NumPy.

    python3 shared_ring.py /dev/shm/radio      writes a tone and noise until it is interrupted
"""

import mmap
import struct
import sys
import time


class SharedRing:
    """The layout is in src/source/shared_ring.rs. One producer at a time; a reader never makes it wait."""

    HEADER = 4096

    def __init__(self, path, format, ring_bytes, rate_hz, centre_hz):
        with open(path, "ab"):
            pass
        with open(path, "r+b") as file:
            file.truncate(self.HEADER + ring_bytes)
            self.map = mmap.mmap(file.fileno(), self.HEADER + ring_bytes)
        self.ring_bytes, self.done = ring_bytes, 0
        settings = struct.unpack_from("<Q", self.map, 80)[0] | 1
        self._put(80, "<Q", settings)
        self._put(8, "<I12sQddQQ", 1, format.encode(), ring_bytes, rate_hz, centre_hz, 0, time.time_ns())
        self._put(72, "<Q", 0)
        self._put(64, "<Q", 0)
        self.map[:8] = b"RINGFALL"
        self._put(80, "<Q", settings + 1)

    def _put(self, offset, format, *values):
        struct.pack_into(format, self.map, offset, *values)

    def write(self, samples):
        """Writes whole samples: anything with bytes, such as a NumPy array."""
        samples = memoryview(samples).cast("B")
        while samples:
            at = self.done % self.ring_bytes
            now = samples[: self.ring_bytes - at]
            self._put(64, "<Q", self.done + len(now))
            self.map[self.HEADER + at : self.HEADER + at + len(now)] = now
            self.done += len(now)
            self._put(72, "<Q", self.done)
            samples = samples[len(now) :]


if __name__ == "__main__":
    import numpy

    rate = 1_000_000
    ring = SharedRing(sys.argv[1], "cf32", 32 << 20, rate, 100.1e6)
    count, step = 0, rate // 50
    begun = time.monotonic()
    while True:
        n = numpy.arange(count, count + step)
        noise = 0.01 * (numpy.random.randn(step) + 1j * numpy.random.randn(step))
        ring.write((0.1 * numpy.exp(2j * numpy.pi * 123_000 * n / rate) + noise).astype(numpy.complex64))
        count += step
        time.sleep(max(0, begun + count / rate - time.monotonic()))
