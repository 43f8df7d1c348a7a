"""OAuth 2.0 as the fake vendors speak it: what a login sends, and the tokens that logins were given."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Collection, Mapping
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qs

from starlette.requests import Request

T = TypeVar("T")


class LoginError(Exception):
    """Why a login is refused, in the words of RFC 6749, 5.2, with the HTTP status."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
        self.status = 401 if code == "invalid_client" else 400


async def read_form(request: Request) -> dict[str, str]:
    """Read the form that a login sends. A parameter must not be repeated (RFC 6749, 3.2): such a one is left out."""
    form = parse_qs((await request.body()).decode("latin-1"))
    return {name: value for name, (value, *more) in form.items() if not more}


def check_client(
    given: Mapping[str, str], secrets: Mapping[str, str], grants: Collection[str] = ("client_credentials",)
) -> str:
    """Return the client's ID; `LoginError` unless its secret is right and there is such a grant."""
    client = given.get("client_id", "")
    if client not in secrets or given.get("client_secret") != secrets[client]:
        raise LoginError("invalid_client")
    if given.get("grant_type") not in grants:
        raise LoginError("unsupported_grant_type")
    return client


class Tokens(Generic[T]):
    """Access tokens, each with whose it is. A test may replace `monotonic`."""

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds
        self._granted: dict[str, tuple[float, T]] = {}
        self.monotonic: Callable[[], float] = time.monotonic

    def grant(self, holder: T) -> dict[str, Any]:
        """Make a token; return the fields of the answer to the login."""
        token = str(uuid.uuid4())  # not of the seeded random numbers: a login leaves what is seeded as it is
        self._granted[token] = (self.monotonic() + self._seconds, holder)
        return {"access_token": token, "expires_in": self._seconds}

    def holder(self, header: str) -> T | None:
        """Whose token an Authorization header has; None if it has none that is good."""
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or token not in self._granted:
            return None
        until, holder = self._granted[token]
        return holder if until > self.monotonic() else None

    def end(self, token: str) -> None:
        """Let one token expire."""
        self._granted.pop(token, None)

    def end_all(self) -> dict[str, Any]:
        """Let all tokens expire; return the answer to the control API's command."""
        self._granted.clear()
        return {"expired": True}
