"""The process of a gateway's sandbox: ``python -m ordergraph.cli.sandbox_child``.

Its arguments are host, port, orders and seed, then ``code=package.module:name`` for each vendor: the factory of the
fake vendor. The fake vendors need nothing of the gateway, and importing it would take seconds, so it is not imported.
"""

from __future__ import annotations

import os
import sys
from pkgutil import resolve_name

from ordergraph.domain.errors import StartError
from ordergraph.sandbox import create_app, serve
from ordergraph.server import process


def main(host: str, port: str, orders: str, seed: str, *factories: str) -> None:
    """Serve the fake vendors until stdin is closed. Prints their URL when they are ready."""
    named = dict(one.split("=", 1) for one in factories)
    app = create_app({vendor: resolve_name(name) for vendor, name in named.items()}, orders=int(orders), seed=int(seed))
    with process.signals_end_quietly():
        process.end_after(lambda: os.read(0, 1))  # not sys.stdin: its lock would block the exit
        try:
            serve(app, host=host, port=int(port), on_ready=_ready)
        except OSError as error:
            raise process.cannot_listen(host, int(port), error, "--sandbox-port") from None


def _ready(url: str) -> None:
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except StartError as error:
        sys.exit(f"ordergraph: {error}")
