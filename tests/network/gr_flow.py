"""A flowgraph of GNU Radio for tests/network/zmq.rs: a tone of amplitude 1/2 at an eighth of the rate, to a ZMQ PUB Sink with the
key "key" and tags. Argument: the port."""
import sys
import time

import pmt
from gnuradio import analog, blocks, gr, zeromq

RATE = 200_000


class Flow(gr.top_block):
    def __init__(self, port):
        gr.top_block.__init__(self)
        tone = analog.sig_source_c(RATE, analog.GR_COS_WAVE, RATE / 8, 0.5)
        throttle = blocks.throttle(gr.sizeof_gr_complex, RATE)
        # The frequency again and again: a subscriber misses what was sent before it came.
        tags = blocks.tags_strobe(gr.sizeof_gr_complex, pmt.from_double(101.1e6), RATE // 10, pmt.intern("rx_freq"))
        both = blocks.add_cc()
        sink = zeromq.pub_sink(gr.sizeof_gr_complex, 1, f"tcp://127.0.0.1:{port}", 100, True, -1, "key")
        self.connect(tone, throttle, (both, 0))
        self.connect(tags, (both, 1))
        self.connect(both, sink)


flow = Flow(int(sys.argv[1]))
flow.start()
time.sleep(60)
flow.stop()
flow.wait()
