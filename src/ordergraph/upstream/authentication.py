"""Authentication with vendors: fixed headers, sessions and OAuth."""

from __future__ import annotations

import asyncio
import base64
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

import msgspec

from ordergraph.domain.errors import (
    VendorError,
    VendorLoginFailed,
    VendorRejected,
)
from ordergraph.upstream.calls import Call
from ordergraph.upstream.client import Reply

TOKEN_SECONDS = 3600.0
"""How long a token is used if the vendor does not return its lifetime."""


TOKEN_MARGIN = 30.0
"""How long before it expires a token is no longer used, in seconds."""


class _Token(msgspec.Struct, frozen=True):
    access_token: Annotated[str, msgspec.Meta(pattern=r"^[\x21-\x7e]+\Z")]
    expires_in: float | None = None

    def __repr__(self) -> str:
        return "_Token(...)"


class Fixed:
    """Headers that never change: HTTP Basic, or a static token."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers

    @classmethod
    def basic(cls, username: str, password: str) -> Fixed:
        """Return HTTP Basic authentication (RFC 7617), in UTF-8."""
        pair = base64.b64encode(f"{username}:{password}".encode()).decode()
        return cls({"authorization": f"Basic {pair}"})

    @classmethod
    def bearer(cls, token: str) -> Fixed:
        """Return authentication with a Bearer token (RFC 6750)."""
        return cls({"authorization": f"Bearer {token}"})

    async def headers(self, send: Callable[[Call], Awaitable[Reply]]) -> Mapping[str, str]:
        """Return the headers."""
        return self._headers

    def refused(self, headers: Mapping[str, str]) -> None:
        """Do nothing, since there is nothing else to try."""


class Session:
    """A token that a call obtains, and that is renewed when it expires or is rejected.

    ``read`` returns the token of the call's response and its lifetime in seconds; None if the vendor does not return
    one, so that the token is used until it is rejected. ``show`` returns the headers for a token. However many calls
    need a new token, it is requested once, in its own task, so that a cancelled call does not affect the others.
    """

    def __init__(
        self,
        call: Call,
        read: Callable[[Reply], tuple[str, float | None]],
        show: Callable[[str], Mapping[str, str]],
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._call = call
        self._read = read
        self._show = show
        self._timer = timer
        self._token: str | None = None
        self._expires = 0.0
        self._renewal: asyncio.Task[str] | None = None

    async def headers(self, send: Callable[[Call], Awaitable[Reply]]) -> Mapping[str, str]:
        """Return the headers, with a token that has not expired."""
        token = self._token
        if token is None or self._timer() >= self._expires:
            if self._renewal is None or self._renewal.done():
                self._renewal = asyncio.create_task(self._renew(send))
                self._renewal.add_done_callback(self._renewed)
            try:
                token = await asyncio.shield(self._renewal)
            except VendorError as error:
                raise error.again() from error  # a copy, since each caller may change its own
        return self._show(token)

    def _renewed(self, task: asyncio.Task[str]) -> None:
        """Release a task that has ended, since its representation shows the token."""
        _seen(task)
        if self._renewal is task:
            self._renewal = None

    def refused(self, headers: Mapping[str, str]) -> None:
        """Drop the token, unless it has been renewed already."""
        if self._token is not None and headers == self._show(self._token):
            self._token = None

    async def _renew(self, send: Callable[[Call], Awaitable[Reply]]) -> str:
        try:
            token, seconds = self._read(await send(self._call))
        except VendorRejected as error:  # 400 {"error": "invalid_client"}, or no such endpoint
            raise VendorLoginFailed(error.vendor, error.account, error.operation, status=error.status) from error
        except VendorError as error:
            error.nothing_done = True  # the call that needed the token was not sent
            raise
        self._token = token
        self._expires = math.inf if seconds is None else self._timer() + max(seconds - TOKEN_MARGIN, seconds / 2)
        return token


class OAuth(Session):
    """An OAuth 2.0 token, requested with credentials in a form body (RFC 6749: 2.3.1, 4.3 and 4.4)."""

    def __init__(self, call: Call, timer: Callable[[], float] = time.monotonic) -> None:
        super().__init__(call, _read_token, lambda token: {"authorization": f"Bearer {token}"}, timer)


def _read_token(reply: Reply) -> tuple[str, float]:
    token = reply.value(_Token, extensible=True)
    return token.access_token, TOKEN_SECONDS if token.expires_in is None else token.expires_in


def _seen(task: asyncio.Task[Any]) -> None:
    """Retrieve a task's error. If every caller has gone, nothing else does, and asyncio would log it."""
    if not task.cancelled():
        task.exception()
