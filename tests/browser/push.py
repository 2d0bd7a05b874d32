"""Sends each line of standard input, one JSON feed message, over a ZeroMQ PUSH socket; ends with its input.

usage: push.py ENDPOINT
"""
import json
import sys

import zmq

socket = zmq.Context().socket(zmq.PUSH)
socket.setsockopt(zmq.LINGER, 2000)
socket.connect(sys.argv[1])
for line in sys.stdin:
    message = json.loads(line)
    # Nanoseconds do not fit into a JavaScript number, so they come as text.
    message["time"] = int(message["time"])
    socket.send(json.dumps(message).encode())
socket.close()
