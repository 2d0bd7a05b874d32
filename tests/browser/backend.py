"""A backend on the service ROUTER: sends each line of standard input, one JSON message, and prints each that comes as a
line; ends with its input.

usage: backend.py ENDPOINT
"""
import sys
import threading

import zmq

context = zmq.Context()
socket = context.socket(zmq.DEALER)
socket.setsockopt(zmq.LINGER, 2000)
socket.connect(sys.argv[1])
# Standard input is read by a thread of its own, which hands its lines over: a ZeroMQ socket belongs to one thread.
lines = context.socket(zmq.PAIR)
lines.bind("inproc://lines")


def read():
    to = context.socket(zmq.PAIR)
    to.connect("inproc://lines")
    for line in sys.stdin:
        to.send(line.strip().encode())
    to.send(b"")
    to.close()


threading.Thread(target=read, daemon=True).start()
poller = zmq.Poller()
poller.register(socket, zmq.POLLIN)
poller.register(lines, zmq.POLLIN)
while True:
    ready = dict(poller.poll())
    if lines in ready:
        line = lines.recv()
        if not line:
            break
        socket.send(line)
    if socket in ready:
        print(socket.recv().decode(), flush=True)
