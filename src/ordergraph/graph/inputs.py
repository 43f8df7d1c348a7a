"""Common parts of inputs: limits, filters by account, and conversion to plain values."""

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
"""The maximum number of characters in a text of an input. Vendors have smaller limits of their own."""
MAX_LIST = 1000
"""The maximum number of entries in a list of an input."""
MAX_FILTER_TEXT = 200
MAX_FILTER_VALUES = 100


@strawberry.input(description="Filters objects by account.")
class AccountFilter:
    """The conditions common to all lists over accounts."""

    account_ids: list[strawberry.ID] | None = field(default=None, description="Returns only objects of these accounts.")
    vendors: list[VendorCode] | None = field(default=None, description="Returns only objects of these vendors.")


def asked(info: GraphInfo, filter_: AccountFilter | None) -> Sequence[Connector]:
    """Return the accounts that match a filter; raise InputError for one that does not exist."""
    connectors: Iterable[Connector] = info.context.accounts.values()
    if filter_ is not None and filter_.account_ids is not None:
        wanted = {info.context.by_id(id_).name for id_ in filter_.account_ids}
        connectors = [connector for connector in connectors if connector.name in wanted]
    if filter_ is not None and filter_.vendors is not None:
        connectors = [connector for connector in connectors if connector.vendor in (filter_.vendors or ())]
    return list(connectors)


def bounded(text: str | None, name: str, limit: int = MAX_FILTER_TEXT) -> str | None:
    """Return a text of a filter; raise InputError if it is too long or invalid."""
    if text is not None and len(text) > limit:
        raise InputError(f"`{name}` may have at most {limit} characters. It has {len(text)}.")
    if text is not None and not is_text(text):
        raise InputError(f"`{name}`: {NO_TEXT}")
    return text


def choices(values: Iterable[T] | None, name: str, limit: int = MAX_FILTER_VALUES) -> frozenset[T] | None:
    """Return the values of a condition; raise InputError if there are too many or if one is too long."""
    if values is None:
        return None
    found = frozenset(values)
    if len(found) > limit:
        raise InputError(f"`{name}` may have at most {limit} values.")
    for value in found:
        if isinstance(value, str):
            bounded(value, name)
    return found


def span(value: DateTimeRange | None, name: str) -> Range[Any]:
    """Return a range; raise InputError if its end is before its start."""
    if value is None:
        return Range()
    if value.start is not None and value.end is not None and value.end < value.start:
        raise InputError(f"The end of `{name}` is before its start.")
    return Range(value.start, value.end)


def conditions(kind: Callable[..., Q], filter_: object | None, **more: Any) -> Q:
    """Return a query of the class ``kind`` with the validated conditions of a filter, and the values in ``more``."""
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
    """Return an input as plain values, without omitted fields; addresses become AddressRequests.

    Raises ActionRefused with the path of the first text or list that exceeds the limits.
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
            raise too_long(f"The list may have at most {MAX_LIST} entries. It has {len(items)}.", path)
        return [plain(item, *path, str(index)) for index, item in enumerate(items)]
    return value


def written(value: Any) -> Any:
    """Return an input as a client would write it in JSON, without omitted fields."""
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
    """Raise ActionRefused if a text exceeds the limit, or cannot be sent and stored."""
    if len(text) > MAX_TEXT:
        raise too_long(f"The text may have at most {MAX_TEXT} characters. It has {len(text)}.", path)
    if not is_text(text) or "\0" in text:
        raise ActionRefused(UserError(UserErrorCode.INVALID, NUL_TEXT if is_text(text) else NO_TEXT, path))


def too_long(message: str, path: Sequence[str]) -> ActionRefused:
    """Return the refusal of a value that exceeds the gateway's limit."""
    return ActionRefused(UserError(UserErrorCode.TOO_LONG, message, path))


def is_text(text: str) -> bool:
    """Whether a string can be encoded in UTF-8: JSON can contain lone surrogates, which cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


NO_TEXT = "The text contains an invalid character (a lone surrogate)."
NUL_TEXT = "The text contains the character NUL, which is not allowed."
