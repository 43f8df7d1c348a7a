"""What callers ask for, in ordergraph's own words: orders to place, changes, conditions of a list.

The graph makes these from its inputs; connectors turn them into the vendor's own requests. ``details``
holds what only one vendor has, keyed by that vendor's field names.
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
    InvoiceStatus,
    InvoiceType,
    Order,
    OrderStatus,
    Ref,
    SubscriptionStatus,
    DescribedEnum,
)
from ordergraph.domain.errors import ActionRefused, InputError, UserError, UserErrorCode

T = TypeVar("T")


class _Omitted(Enum):
    OMITTED = "omitted"


OMITTED = _Omitted.OMITTED
Maybe = T | _Omitted
"""A value that the caller gave (None = clear it) or left out (OMITTED = leave it as it is)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressRequest:
    """An address to ship to."""

    company_name: str | None = None
    recipient_name: str | None = None
    lines: Sequence[str] = ()
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country_code: str | None = None

    @property
    def formatted(self) -> Sequence[str]:
        """The address as it goes on a label, one line each."""
        return Address(
            self.company_name,
            self.recipient_name,
            self.lines,
            self.city,
            self.region,
            self.postal_code,
            self.country_code,
        ).formatted


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom the vendor may ask about an order."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRequest:
    """A line to order: a product by the vendor's id or by SKU, exactly one of them."""

    product_id: str | None = None
    sku: str | None = None
    quantity: Decimal = Decimal(1)
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequest:
    """An order to place, or a draft to keep."""

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
    """What to change in an order; ``lines`` replaces all lines."""

    lines: Maybe[Sequence[LineRequest]] = OMITTED
    client_reference: Maybe[str | None] = OMITTED
    purchase_order_number: Maybe[str | None] = OMITTED
    shipping_address: Maybe[AddressRequest | None] = OMITTED
    notes: Maybe[Sequence[str]] = OMITTED
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChange:
    """What to change in one line."""

    quantity: Maybe[Decimal] = OMITTED
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRequest:
    """Why an order shall be cancelled; ``details`` holds what only one vendor asks."""

    reason: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeAnswer:
    """What is said to a charge: ``accept`` to all of its items but those in ``items``, by the vendor's id."""

    accept: bool
    note: str | None = None
    items: Mapping[str, tuple[bool, str | None]] = field(default_factory=dict[str, tuple[bool, str | None]])


@dataclass(frozen=True, slots=True, kw_only=True)
class DateRequest:
    """For when a line shall be done from now on; ``details`` holds what only one vendor asks."""

    requested_at: datetime
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])


def with_reference(request: OrderRequest) -> OrderRequest:
    """The same with a reference, by which the order can be found again: one of our own if the caller gave none."""
    return request if request.client_reference else replace(request, client_reference=f"og-{token_hex(8)}")


class Range(NamedTuple, Generic[T]):
    """Half-open: ``start`` belongs to it, ``end`` does not; None is open."""

    start: T | None = None
    end: T | None = None


ALWAYS: Range[datetime] = Range()


def within(moment: datetime | None, span: Range[datetime]) -> bool:
    """Whether a time lies in a range; an unknown time lies in the open range only."""
    if moment is None:
        return span == ALWAYS
    return (span.start is None or span.start <= moment) and (span.end is None or moment < span.end)


class OrderSortField(DescribedEnum):
    """What a list of orders is sorted by."""

    PLACED_AT = "The time when the order was placed (a draft: when it was made)."


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderQuery:
    """Which orders: conditions ANDed, the values of one ORed; None asks for everything.

    ``details`` holds the conditions that only one vendor has. ``fields`` are the graph's names of what will be
    read of each order, None for everything: a row of a list that has them all need not be completed by a call.
    """

    status: frozenset[OrderStatus] | None = None
    fields: frozenset[str] | None = None
    placed_at: Range[datetime] = ALWAYS
    number: frozenset[str] | None = None
    client_reference: frozenset[str] | None = None
    purchase_order_number: frozenset[str] | None = None
    text: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def only_by_time(self) -> bool:
        """Whether the time of placing is the only condition."""
        texts = (self.status, self.number, self.client_reference, self.purchase_order_number, self.text)
        return all(one is None for one in texts) and not any(one is not None for one in self.details.values())


def fits(order: Order, query: OrderQuery) -> bool:
    """Whether an order meets the conditions that hold for every vendor."""
    words = (order.number, order.client_reference, order.purchase_order_number)
    return (
        (query.status is None or order.status in query.status)
        and within(order.placed_at, query.placed_at)
        and (query.number is None or order.number in query.number)
        and (query.client_reference is None or order.client_reference in query.client_reference)
        and (query.purchase_order_number is None or order.purchase_order_number in query.purchase_order_number)
        and (query.text is None or any(query.text.lower() in word.lower() for word in words if word))
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceQuery:
    """Which invoices; ``details`` holds the conditions that only one vendor has."""

    status: frozenset[InvoiceStatus] | None = None
    type: frozenset[InvoiceType] | None = None
    issued_at: Range[datetime] = ALWAYS
    purchase_order_number: frozenset[str] | None = None
    text: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductQuery:
    """Which products; ``details`` holds conditions and the order that only one vendor has."""

    text: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionQuery:
    """Which subscriptions; ``details`` holds the conditions that only one vendor has."""

    status: frozenset[SubscriptionStatus] | None = None
    name: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionChange:
    """How to administer a subscription from now on."""

    auto_renews: Maybe[bool] = OMITTED
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductSwap:
    """A line of a changed subscription: the new product and quantity, and what it replaces."""

    line: LineRequest
    replaces_product_id: str | None = None
    replaces_name: str | None = None
    replaces_quantity: Decimal | None = None


def camel(name: str) -> str:
    """A field's name as it is in the schema: ``line_items`` is ``lineItems``."""
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


class Findings:
    """Everything found wrong with one input, for the caller to see at once."""

    def __init__(self, account: str) -> None:
        self.account = account
        self.errors: list[UserError] = []

    def add(self, code: UserErrorCode, message: str, *path: str) -> None:
        """Note that something is wrong."""
        self.errors.append(UserError(code, message, ("input", *path)))

    def reference(self, text: str | None, type_: str, form: re.Pattern[str], *path: str) -> str | None:
        """The vendor's id in a global ID of this account; ``form`` is what such an id looks like."""
        if text is None:
            return None
        try:
            ref = Ref.parse(text, type_)
        except InputError as error:
            self.add(UserErrorCode.INVALID, str(error), *path)
            return None
        if ref.account != self.account or len(ref.key) != 1 or not form.fullmatch(ref.key[0]):
            self.add(UserErrorCode.NOT_FOUND, f"account {self.account} has no {text}", *path)
            return None
        return ref.key[0]

    def raise_any(self) -> None:
        """Refuse the action if anything was found."""
        if self.errors:
            raise ActionRefused(*self.errors)
