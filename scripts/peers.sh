#!/usr/bin/env bash
# Says which other programs are not here, so that the tests against them were skipped. cargo shows nothing of what a passing test says.
set -euo pipefail

skipped() { echo "peers: SKIPPED the tests against $1, which is not installed: $2" >&2; }

has_python() {
  local python
  for python in ${RINGFALL_PYTHON:+"$RINGFALL_PYTHON"} python3 /usr/bin/python3; do
    "$python" -c "import $1" 2>/dev/null && return
  done
  return 1
}

has_python pyigtl || skipped pyigtl "pip install pyigtl numpy in a virtual environment, and RINGFALL_PYTHON=…/bin/python"
has_python zmq || skipped pyzmq "apt-get install python3-zmq"
has_python websockets || skipped "Python's websockets" "apt-get install python3-websockets"
has_python gnuradio.zeromq || skipped "GNU Radio" "apt-get install gnuradio"
command -v ffmpeg >/dev/null || skipped ffmpeg "apt-get install ffmpeg"
command -v socat >/dev/null || skipped socat "apt-get install socat"
for tool in Xvfb xdotool openbox; do
  command -v "$tool" >/dev/null || skipped "$tool (windows)" "apt-get install ${tool,,}"
done
