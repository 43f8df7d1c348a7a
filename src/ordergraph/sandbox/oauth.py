"""OAuth 2.0 of the fake vendors: token requests, and the tokens that were issued."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Collection, Mapping
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qs

from starlette.requests import Request

T = TypeVar("T")


class LoginError(Exception):
    """A rejected token request, with the error code of RFC 6749, 5.2, and the HTTP status."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
        self.status = 401 if code == "invalid_client" else 400


async def read_form(request: Request) -> dict[str, str]:
    """Read the form of a token request. Parameters must not be repeated (RFC 6749, 3.2): repeated ones are omitted."""
    form = parse_qs((await request.body()).decode("latin-1"))
    return {name: value for name, (value, *more) in form.items() if not more}


def check_client(
    given: Mapping[str, str], secrets: Mapping[str, str], grants: Collection[str] = ("client_credentials",)
) -> str:
    """Return the client's ID. Raises LoginError if its secret is wrong or the grant type is not supported."""
    client = given.get("client_id", "")
    if client not in secrets or given.get("client_secret") != secrets[client]:
        raise LoginError("invalid_client")
    if given.get("grant_type") not in grants:
        raise LoginError("unsupported_grant_type")
    return client


class Tokens(Generic[T]):
    """Access tokens with their holders. Tests may replace `monotonic`."""

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds
        self._granted: dict[str, tuple[float, T]] = {}
        self.monotonic: Callable[[], float] = time.monotonic

    def grant(self, holder: T) -> dict[str, Any]:
        """Issue a token, and return the fields of the response."""
        token = str(uuid.uuid4())  # not a seeded random number, so that token requests do not change the seeded data
        self._granted[token] = (self.monotonic() + self._seconds, holder)
        return {"access_token": token, "expires_in": self._seconds}

    def holder(self, header: str) -> T | None:
        """Return the holder of the token in an Authorization header; None if it has no valid token."""
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or token not in self._granted:
            return None
        until, holder = self._granted[token]
        return holder if until > self.monotonic() else None

    def end(self, token: str) -> None:
        """Expire one token."""
        self._granted.pop(token, None)

    def end_all(self) -> dict[str, Any]:
        """Expire all tokens, and return the response to the control API's command."""
        self._granted.clear()
        return {"expired": True}
