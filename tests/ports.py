"""Ports for servers of the tests that are started later, or again."""

from __future__ import annotations

import random
import socket

BELOW_OUTGOING = range(20_000, 32_000)
"""The system gives higher ones to outgoing connections: a port that was free a moment ago would be one of those."""

_random = random.SystemRandom()


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on, and that no outgoing connection gets."""
    while True:
        with socket.socket() as probe:
            port = _random.choice(BELOW_OUTGOING)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
