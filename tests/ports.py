"""Free ports for servers that a test starts later or restarts."""

from __future__ import annotations

import random
import socket

BELOW_OUTGOING = range(20_000, 32_000)
"""Ports below those that the system gives to outgoing connections, because one of those may be taken at any time."""

_random = random.SystemRandom()


def free_port() -> int:
    """Return a port of 127.0.0.1 on which nothing listens, and which no outgoing connection gets."""
    while True:
        with socket.socket() as probe:
            port = _random.choice(BELOW_OUTGOING)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
