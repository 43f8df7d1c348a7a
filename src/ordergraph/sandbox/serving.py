"""Serves the sandboxes on a port."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Generator
from typing import Any, cast

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from ordergraph.sandbox.app import VendorApp
from ordergraph.sandbox.vendor import RESET_EXTENSION


class ResettableProtocol(HttpToolsProtocol):
    """Uvicorn's HTTP protocol, extended so that the application can reset the TCP connection."""

    def on_message_begin(self) -> None:
        """Add the reset to the scope of a new request."""
        super().on_message_begin()
        cast("dict[str, Any]", self.scope)["extensions"] = {RESET_EXTENSION: self._reset}

    def _reset(self) -> None:
        # Closing with a linger time of zero makes the kernel send RST instead of FIN.
        connection = self.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()


class _Server(uvicorn.Server):
    def __init__(self, app: Starlette, listener: socket.socket, on_ready: Callable[[str], object]) -> None:
        config = uvicorn.Config(
            app,
            http=ResettableProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="warning",
            access_log=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=2,
        )
        super().__init__(config)
        self._app = app
        self._listener = listener
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready(_base_url(self._listener))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for vendor_app in cast("dict[str, VendorApp]", self._app.state.vendor_apps).values():
            vendor_app.end_faults()
        await super().shutdown(sockets)

    def listen(self) -> None:
        self.run(sockets=[self._listener])


def serve(
    app: Starlette,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    on_ready: Callable[[str], object] = lambda url: None,
) -> None:
    """Serve a sandbox until interrupted. `on_ready` is called with the base URL once it listens."""
    with contextlib.suppress(KeyboardInterrupt):
        _Server(app, _listen(host, port), on_ready).listen()


@contextlib.contextmanager
def running(app: Starlette, *, host: str = "127.0.0.1", port: int = 0) -> Generator[str]:
    """Serve a sandbox in a background thread within the context, by default on a free port. Yields its base URL."""
    ready = threading.Event()
    listener = _listen(host, port)
    server = _Server(app, listener, lambda url: ready.set())
    thread = threading.Thread(target=server.listen, name="sandbox", daemon=True)
    thread.start()
    try:
        if not ready.wait(timeout=30):
            raise RuntimeError("The sandbox did not start.")
        yield _base_url(listener)
    finally:
        server.should_exit = True
        thread.join()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=2048)


def _base_url(listener: socket.socket) -> str:
    """Return the URL as seen from this machine, with a loopback address for the wildcard."""
    bound, port = cast("tuple[str, int]", listener.getsockname()[:2])
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(bound, bound)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
