"""Reads and validates request bodies."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any, cast

import msgspec
from starlette.responses import Response
from starlette.types import Receive

from ordergraph.sandbox.vendor import Problems

MAX_BODY = 1024 * 1024


def json_response(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a response with a JSON body."""
    return Response(msgspec.json.encode(content), status, headers, "application/json")


def decode_json(body: bytes) -> Any:
    """Decode a JSON body. Raises ValueError if it is invalid."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise ValueError(str(error)) from None


class Body:
    """A JSON object of a request. Its methods return values of the right type, and collect every problem.

    Null means the same as absent. A value of the wrong type is a problem, and is treated as absent. Problems are stored
    by the field's dotted path (`line_items.0.product`).
    """

    def __init__(self, fields: dict[str, Any], problems: Problems, path: str = "") -> None:
        self._fields = fields
        self._path = path
        self.problems = problems

    def __contains__(self, name: str) -> bool:
        return self._fields.get(name) is not None

    def problem(self, name: str, message: str) -> None:
        """Add a problem with a field."""
        self.problems.setdefault(self._path + name, []).append(message)

    def text(self, name: str, *, maximum: int = 255, allowed: Collection[str] = ()) -> str | None:
        """Read a string, of limited length or from a set of allowed ones."""
        value = self._fields.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            return self._wrong(name, "must be a string")
        if allowed and value not in allowed:
            return self._wrong(name, f"must be one of {', '.join(allowed)}")
        if len(value) > maximum:
            return self._wrong(name, f"must have at most {maximum} characters")
        return value

    def code(self, name: str) -> str | None:
        """Read a string, or a number as a string, since some vendors send codes as numbers."""
        value = self._fields.get(name)
        return str(value) if is_integer(value) else self.text(name)

    def integer(
        self, name: str, *, known: Collection[int] | None = None, low: int | None = None, high: int = 2**53
    ) -> int | None:
        """Read an integer, from a set of known ones or within limits."""
        value = self._fields.get(name)
        if value is None:
            return None
        if not is_integer(value):
            return self._wrong(name, "must be an integer")
        if known is not None and value not in known:
            return self._wrong(name, f"{value} is unknown")
        if (low is not None and value < low) or value > high:
            return self._wrong(name, f"must lie within {low} and {high}")
        return value

    def number(self, name: str, *, low: float | None = None, high: float = 1e12) -> Decimal | None:
        """Read a number within limits, with its exact value."""
        value = self._fields.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return self._wrong(name, "must be a number")
        if (low is not None and value < low) or value > high:
            return self._wrong(name, f"must lie within {low} and {high}")
        return Decimal(str(value))

    def boolean(self, name: str) -> bool | None:
        """Read true or false."""
        value = self._fields.get(name)
        if value is None or isinstance(value, bool):
            return value
        return self._wrong(name, "must be a boolean")

    def items(self, name: str) -> list[Any] | None:
        """Read an array of anything."""
        value = self._fields.get(name)
        if value is None or isinstance(value, list):
            return cast("list[Any] | None", value)
        return self._wrong(name, "must be an array")

    def child(self, name: str) -> Body | None:
        """Read a nested object."""
        value = self._fields.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            return self._wrong(name, "must be an object")
        return Body(cast("dict[str, Any]", value), self.problems, f"{self._path}{name}.")

    def children(self, name: str) -> list[Body]:
        """Read a nested array of objects. Items that are not objects are problems, and are omitted."""
        found: list[Body] = []
        for index, value in enumerate(self.items(name) or []):
            if isinstance(value, dict):
                path = f"{self._path}{name}.{index}."
                found.append(Body(cast("dict[str, Any]", value), self.problems, path))
            else:
                self.problem(f"{name}.{index}", "must be an object")
        return found

    def _wrong(self, name: str, message: str) -> None:
        self.problem(name, message)


def is_integer(value: object) -> bool:
    """Whether a JSON value is an integer. Booleans are integers in Python, but not in JSON."""
    return isinstance(value, int) and not isinstance(value, bool)


async def read_body(receive: Receive) -> bytes | None:
    """Read the request's body, cut off once it exceeds the limit. Returns None if the client disconnects."""
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        if len(body) <= MAX_BODY:
            body += message.get("body", b"")
        more = message.get("more_body", False)
    return bytes(body)
