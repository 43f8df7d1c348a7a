"""What inputs have in common: limits, conditions on accounts, and inputs as plain values."""

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar, cast

import strawberry
from strawberry import UNSET, field
from strawberry.types import get_object_definition, has_object_definition

from ordergraph.connector import Connector
from ordergraph.domain.commands import AddressRequest, Range, camel
from ordergraph.domain.errors import ActionRefused, InputError, UserError, UserErrorCode
from ordergraph.graph.context import GraphInfo
from ordergraph.graph.scalars import VendorCode
from ordergraph.graph.values import AddressInput, DateTimeRange

Q = TypeVar("Q")
T = TypeVar("T")

MAX_TEXT = 10_000
"""Characters in any text of an input; vendors' own limits are narrower."""
MAX_LIST = 1000
"""Entries in any list of an input."""


@strawberry.input(description="Whose objects.")
class AccountFilter:
    """The conditions that every list over accounts has."""

    account_id: list[strawberry.ID] | None = field(default=None, description="Of these accounts only.")
    vendor: list[VendorCode] | None = field(default=None, description="Of these vendors only.")


def asked(info: GraphInfo, filter_: AccountFilter | None) -> Sequence[Connector]:
    """The accounts that a filter leaves; raise InputError for one that does not exist."""
    connectors: Iterable[Connector] = info.context.accounts.values()
    if filter_ is not None and filter_.account_id is not None:
        wanted = {info.context.by_id(id_).name for id_ in filter_.account_id}
        connectors = [connector for connector in connectors if connector.name in wanted]
    if filter_ is not None and filter_.vendor is not None:
        connectors = [connector for connector in connectors if connector.vendor in (filter_.vendor or ())]
    return list(connectors)


def bounded(text: str | None, name: str, limit: int = 200) -> str | None:
    """A text of a filter, or InputError if it is too long."""
    if text is not None and len(text) > limit:
        raise InputError(f"`{name}` may have at most {limit} characters, not {len(text)}")
    if text is not None and not is_text(text):
        raise InputError(f"`{name}`: {NO_TEXT}")
    return text


def choices(values: Iterable[T] | None, name: str, limit: int = 100) -> frozenset[T] | None:
    """The values of a condition, or InputError if they are too many or too long."""
    if values is None:
        return None
    found = frozenset(values)
    if len(found) > limit:
        raise InputError(f"`{name}` may have at most {limit} values")
    for value in found:
        if isinstance(value, str):
            bounded(value, name)
    return found


def span(value: DateTimeRange | None, name: str) -> Range[Any]:
    """A range, or InputError if its end is before its start."""
    if value is None:
        return Range()
    if value.start is not None and value.end is not None and value.end < value.start:
        raise InputError(f"`{name}` ends before it starts")
    return Range(value.start, value.end)


def conditions(kind: Callable[..., Q], filter_: object | None, **more: Any) -> Q:
    """A query of that ``kind``: the conditions of a filter that both have, checked, and what is ``more``."""
    names = {one.name for one in dataclasses.fields(cast("Any", kind))}
    given = {} if filter_ is None else {name: value for name, value in vars(filter_).items() if value is not None}
    found = {name: _condition(value, f"filter.{camel(name)}") for name, value in given.items() if name in names}
    return kind(**{**found, **more})


def _condition(value: Any, name: str) -> Any:
    if isinstance(value, list):
        return choices(cast("list[Any]", value), name)
    if isinstance(value, DateTimeRange):
        return span(value, name)
    return bounded(value, name) if isinstance(value, str) else value


def plain(value: Any, *path: str) -> Any:
    """An input as plain values without what was left out; addresses become AddressRequests.

    Raises ActionRefused for a text or a list beyond the limits, with the path of the first.
    """
    if isinstance(value, Enum):
        return value.name
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = ((one.name, getattr(value, one.name)) for one in dataclasses.fields(value))
        at = path or ("input",)
        values = {name: plain(item, *at, camel(name)) for name, item in fields if item is not UNSET}
        return AddressRequest(**values) if isinstance(value, AddressInput) else values
    if isinstance(value, str):
        check_text(value, path)
    if isinstance(value, list):
        items = cast("list[Any]", value)
        if len(items) > MAX_LIST:
            raise too_long(f"At most {MAX_LIST} entries, not {len(items)}.", path)
        return [plain(item, *path, str(index)) for index, item in enumerate(items)]
    return value


def written(value: Any) -> Any:
    """An input as a client would write it in JSON, without what was left out."""
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime | date):
        return value.isoformat()
    if has_object_definition(value):
        fields = [(one, getattr(value, one.python_name)) for one in get_object_definition(value, strict=True).fields]
        return {one.graphql_name or camel(one.python_name): written(item) for one, item in fields if item is not UNSET}
    return [written(item) for item in cast("list[Any]", value)] if isinstance(value, list) else value


def check_text(text: str, path: Sequence[str]) -> None:
    """Raise ActionRefused if a text is beyond the limit, or is none that can be sent and kept."""
    if len(text) > MAX_TEXT:
        raise too_long(f"At most {MAX_TEXT} characters, not {len(text)}.", path)
    if not is_text(text) or "\0" in text:
        raise ActionRefused(UserError(UserErrorCode.INVALID, NUL_TEXT if is_text(text) else NO_TEXT, path))


def too_long(message: str, path: Sequence[str]) -> ActionRefused:
    """What is refused since it is longer than the gateway takes."""
    return ActionRefused(UserError(UserErrorCode.TOO_LONG, message, path))


def is_text(text: str) -> bool:
    """Whether a string can be written in UTF-8: JSON can hold halves of characters that cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


NO_TEXT = "The text holds half a character (a lone surrogate)."
NUL_TEXT = "The text holds the character NUL, which no order needs and some databases cannot keep."
