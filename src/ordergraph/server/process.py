"""How the gateway runs: its listening socket, its worker processes, and its graceful shutdown."""

from __future__ import annotations

import asyncio
import errno
import multiprocessing
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.supervisors.multiprocess import Multiprocess

from ordergraph.domain.errors import StartError

if TYPE_CHECKING:
    from ordergraph.settings import Settings  # slow to import, and not needed by the sandbox

GRACE_SECONDS = 8
"""How long running requests may take on shutdown: less than the ten seconds after which `docker stop` kills."""

WORKER_START_SECONDS = 60.0


# ---- Listening --------------------------------------------------------------------------------------


def bind(host: str, port: int) -> socket.socket:
    """Return a socket bound to the address. It accepts no connections until a server listens on it."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise StartError(
            f"Cannot listen on {host!r}, which is not an address of this machine: {error.strerror}."
        ) from None
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        listener.close()
        raise cannot_listen(host, port, error, "--port") from None
    return listener


def cannot_listen(host: str, port: int, error: OSError, option: str) -> StartError:
    """Return the error for an address that cannot be listened on. ``option`` is the option that sets the port."""
    if error.errno == errno.EADDRINUSE:
        return StartError(f"Port {port} of {host} is already in use. Choose another port with {option}.")
    return StartError(f"Cannot listen on port {port} of {host}: {os.strerror(error.errno or 0)}.")


def url_of(listener: socket.socket) -> str:
    """Return the URL of a listening socket, as seen from this machine."""
    host, port = listener.getsockname()[:2]
    return reachable(host, port)


def reachable(host: str, port: int) -> str:
    """Return the URL of a host and port. Wildcard addresses become loopback addresses."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


# ---- Serving ----------------------------------------------------------------------------------------


def serve_here(app: Starlette, settings: Settings, listener: socket.socket, on_ready: Callable[[], object]) -> None:
    """Serve in this process until a signal stops it."""
    _Server(uvicorn.Config(app, **options(settings)), on_ready).run([listener])


def serve_with_workers(
    factory: str, settings: Settings, listener: socket.socket, workers: int, on_ready: Callable[[], object]
) -> None:
    """Serve in worker processes, each with an application made by ``factory``, until a signal stops them."""
    listener.set_inheritable(True)
    config = uvicorn.Config(factory, factory=True, workers=workers, **options(settings))
    _Supervisor(config, [listener], on_ready).run()


def options(settings: Settings) -> dict[str, Any]:
    """Return the options for uvicorn. Proxy headers are off, since `Edge` handles them."""
    return {
        "http": "httptools",
        "lifespan": "on",
        "log_config": None,
        "log_level": None,
        "access_log": settings.access_log,
        "ws": _WebSocketProtocol,
        "ws_max_size": settings.limits.body_bytes,
        "server_header": False,
        "proxy_headers": False,
        "timeout_graceful_shutdown": GRACE_SECONDS,
    }


class _WebSocketProtocol(WebSocketsSansIOProtocol):
    """Treats a handshake that was rejected with a response as complete. Otherwise uvicorn would log an error."""

    async def send(self, message: Any) -> None:
        await super().send(message)
        if self.initial_response is not None and self.close_sent:
            self.handshake_complete = True


class _Server(uvicorn.Server):
    """A server that calls ``on_ready`` when it listens."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], object]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()


class _Supervisor(Multiprocess):
    """A supervisor that calls ``on_ready`` when all of its first workers listen."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket], on_ready: Callable[[], object]) -> None:
        super().__init__(config, sockets)
        self._on_ready = on_ready

    def init_processes(self) -> None:
        super().init_processes()
        if all(process.wait_until_ready(WORKER_START_SECONDS, self.should_exit) for process in self.processes):
            self._on_ready()


# ---- Graceful shutdown ------------------------------------------------------------------------------


@contextmanager
def signals_end_quietly() -> Generator[None]:
    """Exit with code 0 on SIGINT and SIGTERM, also before and after a server handles them itself."""

    def leave(_signal: int, _frame: FrameType | None) -> None:
        sys.exit(0)

    before = {number: signal.signal(number, leave) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def told_of_end(draining: asyncio.Event) -> Generator[None]:
    """Set the event when a signal stops the server. The server waits for streams, which would otherwise not end."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread can handle signals
        return
    loop = asyncio.get_running_loop()
    before: dict[int, Any] = {}

    def tell(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(draining.set)
        handler = before[number]
        if callable(handler):
            handler(number, frame)

    for number in (signal.SIGINT, signal.SIGTERM):
        before[number] = signal.getsignal(number)
        signal.signal(number, tell)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def end_this_process() -> None:
    """Send SIGTERM to this process. Works in any thread."""
    os.kill(os.getpid(), signal.SIGTERM)


def end_after(wait: Callable[[], object]) -> None:
    """End this process when ``wait`` returns, which is called in a thread."""

    def watch() -> None:
        wait()
        end_this_process()

    threading.Thread(target=watch, name="end-after", daemon=True).start()


def end_with_parent() -> None:
    """End this worker if its supervisor is killed. Nothing else would end it."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        end_after(parent.join)
