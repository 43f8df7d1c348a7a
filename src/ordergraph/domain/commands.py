"""Vendor-independent requests of callers: orders to place, changes to make, filters of a list.

The graph builds these from its inputs. Connectors turn them into requests to the vendor. ``details`` holds the
vendor-specific values, keyed by the vendor's field names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import Enum
from secrets import token_hex
from typing import Any, Generic, NamedTuple, TypeVar

from ordergraph.domain import (
    Address,
    DescribedEnum,
    InvoiceStatus,
    InvoiceType,
    Order,
    OrderStatus,
    Ref,
    SubscriptionStatus,
)
from ordergraph.domain.errors import ActionRefused, InputError, UserError, UserErrorCode

T = TypeVar("T")


class _Omitted(Enum):
    OMITTED = "omitted"


OMITTED = _Omitted.OMITTED
Maybe = T | _Omitted
"""A value that the caller may omit: None clears the field, OMITTED leaves it unchanged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressRequest:
    """A shipping address."""

    company_name: str | None = None
    recipient_name: str | None = None
    lines: Sequence[str] = ()
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country_code: str | None = None

    @property
    def formatted(self) -> Sequence[str]:
        """The address as printed on a label, one entry per line."""
        return Address(
            self.company_name,
            self.recipient_name,
            self.lines,
            self.city,
            self.region,
            self.postal_code,
            self.country_code,
        ).formatted_lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """The person whom the vendor may contact about an order."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRequest:
    """A line item to order. Exactly one of ``product_id`` (the vendor's ID) and ``sku`` is set."""

    product_id: str | None = None
    sku: str | None = None
    quantity: Decimal = Decimal(1)
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequest:
    """An order to place, or a draft to create."""

    lines: Sequence[LineRequest]
    client_reference: str | None = None
    purchase_order_number: str | None = None
    shipping_address: AddressRequest | None = None
    contact: Contact | None = None
    requested_at: datetime | None = None
    notes: Sequence[str] = ()
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderChange:
    """Changes to an order. ``lines`` replaces all line items."""

    lines: Maybe[Sequence[LineRequest]] = OMITTED
    client_reference: Maybe[str | None] = OMITTED
    purchase_order_number: Maybe[str | None] = OMITTED
    shipping_address: Maybe[AddressRequest | None] = OMITTED
    notes: Maybe[Sequence[str]] = OMITTED
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChange:
    """Changes to a line item."""

    quantity: Maybe[Decimal] = OMITTED
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRequest:
    """The reason for a cancellation. ``details`` holds vendor-specific values."""

    reason: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeAnswer:
    """The response to a charge. ``accept`` applies to all items except those in ``items``, keyed by the vendor's ID."""

    accept: bool
    note: str | None = None
    items: Mapping[str, tuple[bool, str | None]] = field(default_factory=dict[str, tuple[bool, str | None]])


@dataclass(frozen=True, slots=True, kw_only=True)
class DateRequest:
    """The new requested date of a line item. ``details`` holds vendor-specific values."""

    requested_at: datetime
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])


def with_reference(request: OrderRequest) -> OrderRequest:
    """Return the request with a reference by which the order can be found; generate one if the caller gave none."""
    return request if request.client_reference else replace(request, client_reference=f"og-{token_hex(8)}")


class Range(NamedTuple, Generic[T]):
    """A half-open range: ``start`` is inclusive, ``end`` is exclusive, None means unbounded."""

    start: T | None = None
    end: T | None = None


ALWAYS: Range[datetime] = Range()


def within(moment: datetime | None, span: Range[datetime]) -> bool:
    """Whether a time lies in a range. An unknown time lies only in the unbounded range."""
    if moment is None:
        return span == ALWAYS
    return (span.start is None or span.start <= moment) and (span.end is None or moment < span.end)


class OrderSortField(DescribedEnum):
    """The fields by which orders can be sorted."""

    PLACED_AT = "The time when the order was placed. For a draft, the time when it was created."


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderQuery:
    """A filter for orders: conditions are ANDed, the values of one condition are ORed, None means any.

    ``details`` holds vendor-specific conditions. ``fields`` are the names of the fields that will be read from each
    order, as in the graph; None means all. If a row of a list has all of them, no further call is needed.
    """

    statuses: frozenset[OrderStatus] | None = None
    fields: frozenset[str] | None = None
    placed_at: Range[datetime] = ALWAYS
    numbers: frozenset[str] | None = None
    client_references: frozenset[str] | None = None
    purchase_order_numbers: frozenset[str] | None = None
    search: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def only_by_time(self) -> bool:
        """Whether ``placed_at`` is the only condition."""
        texts = (self.statuses, self.numbers, self.client_references, self.purchase_order_numbers, self.search)
        return all(one is None for one in texts) and not any(one is not None for one in self.details.values())


def fits(order: Order, query: OrderQuery) -> bool:
    """Whether an order meets the vendor-independent conditions of a query."""
    words = (order.number, order.client_reference, order.purchase_order_number)
    return (
        (query.statuses is None or order.status in query.statuses)
        and within(order.placed_at, query.placed_at)
        and (query.numbers is None or order.number in query.numbers)
        and (query.client_references is None or order.client_reference in query.client_references)
        and (query.purchase_order_numbers is None or order.purchase_order_number in query.purchase_order_numbers)
        and (query.search is None or any(query.search.lower() in word.lower() for word in words if word))
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceQuery:
    """A filter for invoices. ``details`` holds vendor-specific conditions."""

    statuses: frozenset[InvoiceStatus] | None = None
    types: frozenset[InvoiceType] | None = None
    issued_at: Range[datetime] = ALWAYS
    purchase_order_numbers: frozenset[str] | None = None
    search: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductQuery:
    """A filter for products. ``details`` holds vendor-specific conditions and the sort order."""

    search: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionQuery:
    """A filter for subscriptions. ``details`` holds vendor-specific conditions."""

    statuses: frozenset[SubscriptionStatus] | None = None
    name: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionChange:
    """Changes to the settings of a subscription."""

    has_auto_renewal: Maybe[bool] = OMITTED
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductSwap:
    """A line item of a changed subscription: the new product and quantity, and the product that it replaces."""

    line: LineRequest
    replaces_product_id: str | None = None
    replaces_name: str | None = None
    replaces_quantity: Decimal | None = None


def camel(name: str) -> str:
    """Return the name of a field in the schema: ``line_items`` becomes ``lineItems``."""
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


class Findings:
    """Collects all errors of one input, so that the caller sees them at once."""

    def __init__(self, account: str) -> None:
        self.account = account
        self.errors: list[UserError] = []

    def add(self, code: UserErrorCode, message: str, *path: str) -> None:
        """Add an error."""
        self.errors.append(UserError(code, message, ("input", *path)))

    def reference(self, text: str | None, type_: str, form: re.Pattern[str], *path: str) -> str | None:
        """Return the vendor's ID from a global ID of this account; add an error if it does not match ``form``."""
        if text is None:
            return None
        try:
            ref = Ref.parse(text, type_)
        except InputError as error:
            self.add(UserErrorCode.INVALID, str(error), *path)
            return None
        if ref.account != self.account or len(ref.key) != 1 or not form.fullmatch(ref.key[0]):
            self.add(UserErrorCode.NOT_FOUND, f"The account `{self.account}` has no {text}.", *path)
            return None
        return ref.key[0]

    def raise_any(self) -> None:
        """Raise ActionRefused if there are errors."""
        if self.errors:
            raise ActionRefused(*self.errors)
