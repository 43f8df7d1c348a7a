"""What a vendor is to ordergraph: one `Connector` for each account.

A connector overrides what its vendor can do; the rest is refused by default with NOT_SUPPORTED. What an
account is capable of is read off the overrides, so the capability table cannot lie.

Reads come in three forms. ``fetch_x(keys)`` takes the vendor's ids and returns one entry for each, in
their order: the object, None where the vendor has none, or the error that this key met. ``list_x`` reads
a slice of a keyset list (a Window) or a part of a positional one (offset and limit). Actions return the
object as the vendor shows it afterwards; they raise ActionRefused with every reason known before
anything is sent, and VendorError for what the vendor made of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from typing import Any, ClassVar, NoReturn, TypeVar, cast

from ordergraph.domain import (
    Action,
    Invoice,
    LineItem,
    Order,
    Origin,
    Product,
    Ref,
    Requirement,
    Subscription,
    SubscriptionChangePreview,
)
from ordergraph.errors import ActionRefused, UserError, UserErrorCode, VendorError
from ordergraph.http import Health, VendorClient
from ordergraph.paging import Part, Slice, Window
from ordergraph.requests import (
    InvoiceQuery,
    LineChange,
    LineRequest,
    OrderChange,
    OrderQuery,
    OrderRequest,
    ProductQuery,
    ProductSwap,
    SubscriptionChange,
    SubscriptionQuery,
)
from ordergraph.settings import AccountSettings

T = TypeVar("T")
Fetched = Sequence[T | VendorError | None]
"""What a ``fetch_`` method returns: one entry for each key, in their order."""


class Connector:
    """One account at one vendor."""

    title: ClassVar[str]
    """The vendor's name for people."""

    requirements: ClassVar[Sequence[Requirement]] = ()
    """What this vendor expects of the fields of an order."""

    def __init__(self, account: AccountSettings, client: VendorClient) -> None:
        self.account = account
        self.client = client

    @property
    def id(self) -> str:
        """The account's global ID."""
        return str(Ref("Account", self.account.name, ()))

    @property
    def name(self) -> str:
        """The account's name."""
        return self.account.name

    @property
    def vendor(self) -> str:
        """The vendor's code, as in the settings."""
        return self.account.vendor

    @property
    def health(self) -> Health:
        """How the vendor has answered lately."""
        return self.client.health

    async def aclose(self) -> None:
        """Let go of all connections."""
        await self.client.aclose()

    @classmethod
    def supports(cls, action: Action) -> bool:
        """Whether this vendor can do it: whether the method of that name is overridden."""
        name = action.name.lower()
        return getattr(cls, name) is not getattr(Connector, name)

    def origin(self, retrieved_at: Any) -> Origin:
        """Where an object comes from that the vendor sent at that time."""
        return Origin(self.name, self.vendor, retrieved_at)

    async def check(self) -> str:
        """Log in and read one thing; return a sentence about who we are at the vendor."""
        raise NotImplementedError

    def field_path(self, operation: str, path: str) -> Sequence[str]:
        """The path in our input of a field that the vendor complains of, for one of its operations."""
        return ("input", path)

    # Reads

    async def fetch_orders(self, keys: Sequence[str]) -> Fetched[Order]:
        """Orders by id."""
        raise NotImplementedError

    async def fetch_products(self, keys: Sequence[str]) -> Fetched[Product]:
        """Products by id."""
        return [None] * len(keys)

    async def fetch_subscriptions(self, keys: Sequence[str]) -> Fetched[Subscription]:
        """Subscriptions by id."""
        return [None] * len(keys)

    async def fetch_invoices(self, keys: Sequence[str]) -> Fetched[Invoice]:
        """Invoices by key (the parts of their Ref, joined by colons)."""
        return [None] * len(keys)

    async def fetch_order_subscriptions(self, keys: Sequence[str]) -> Fetched[Sequence[Subscription]]:
        """For each order id, the subscriptions that it made or changed."""
        return [()] * len(keys)

    async def fetch_order_invoices(self, keys: Sequence[str]) -> Fetched[Sequence[Invoice]]:
        """For each purchase order number, the invoices that name it."""
        return [()] * len(keys)

    async def list_orders(self, query: OrderQuery, window: Window) -> Slice[Order]:
        """Orders by the time of placing."""
        return self._refuse(Action.LIST_ORDERS)

    async def count_orders(self, query: OrderQuery) -> int | None:
        """How many orders a query has, None where the vendor cannot tell exactly."""
        return None

    async def list_invoices(self, query: InvoiceQuery, window: Window) -> Slice[Invoice]:
        """Invoices by date."""
        return self._refuse(Action.LIST_INVOICES)

    async def list_products(self, query: ProductQuery, offset: int, limit: int) -> Part[Product]:
        """Products in the vendor's order."""
        return self._refuse(Action.LIST_PRODUCTS)

    async def list_subscriptions(self, query: SubscriptionQuery, offset: int, limit: int) -> Part[Subscription]:
        """Subscriptions in the vendor's order."""
        return self._refuse(Action.LIST_SUBSCRIPTIONS)

    async def preview_subscription_change(
        self, subscription: str, lines: Sequence[ProductSwap], purchase_order_number: str | None
    ) -> SubscriptionChangePreview:
        """What a change of a subscription would cost. Nothing is changed."""
        return self._refuse(Action.PREVIEW_SUBSCRIPTION_CHANGE)

    # Actions on orders

    async def place_order(self, request: OrderRequest) -> Order:
        """Order something."""
        return self._refuse(Action.PLACE_ORDER)

    async def create_draft_order(self, request: OrderRequest) -> Order:
        """Keep an order at the vendor without ordering it."""
        return self._refuse(Action.CREATE_DRAFT_ORDER)

    async def update_order(self, order: str, change: OrderChange, if_version: str | None) -> Order:
        """Change an order; refuse with CONFLICT if it is no longer at ``if_version``."""
        return self._refuse(Action.UPDATE_ORDER)

    async def add_line_item(self, order: str, line: LineRequest) -> tuple[Order | None, LineItem | None]:
        """Add a line to a draft; return the draft and the new line, None where they cannot be read back."""
        return self._refuse(Action.ADD_LINE_ITEM)

    async def update_line_item(self, order: str, line: str, change: LineChange) -> Order:
        """Change a line of a draft."""
        return self._refuse(Action.UPDATE_LINE_ITEM)

    async def remove_line_item(self, order: str, line: str) -> Order:
        """Take a line out of a draft."""
        return self._refuse(Action.REMOVE_LINE_ITEM)

    async def submit_order(self, order: str) -> Order:
        """Order a draft."""
        return self._refuse(Action.SUBMIT_ORDER)

    async def cancel_order(self, order: str) -> Order:
        """Cancel an order."""
        return self._refuse(Action.CANCEL_ORDER)

    async def acknowledge_order(self, order: str) -> Order:
        """Confirm that an order has arrived."""
        return self._refuse(Action.ACKNOWLEDGE_ORDER)

    async def approve_order(self, order: str) -> Order:
        """Approve an order."""
        return self._refuse(Action.APPROVE_ORDER)

    async def deny_order(self, order: str) -> Order:
        """Deny an order."""
        return self._refuse(Action.DENY_ORDER)

    async def resubmit_order(self, order: str) -> Order:
        """Send an order on after what it needed was done."""
        return self._refuse(Action.RESUBMIT_ORDER)

    # Actions on subscriptions

    async def update_subscription(self, subscription: str, change: SubscriptionChange) -> Subscription:
        """Change how a subscription is administered."""
        return self._refuse(Action.UPDATE_SUBSCRIPTION)

    async def activate_subscription(self, subscription: str, on: date) -> Subscription:
        """Start a pending subscription."""
        return self._refuse(Action.ACTIVATE_SUBSCRIPTION)

    async def cancel_subscription(self, subscription: str) -> Subscription:
        """Cancel a pending subscription."""
        return self._refuse(Action.CANCEL_SUBSCRIPTION)

    async def activate_subscription_changes(self, subscription: str, on: date) -> Subscription:
        """Put pending changes into force."""
        return self._refuse(Action.ACTIVATE_SUBSCRIPTION_CHANGES)

    async def cancel_subscription_changes(self, subscription: str) -> Subscription:
        """Drop pending changes."""
        return self._refuse(Action.CANCEL_SUBSCRIPTION_CHANGES)

    def _refuse(self, action: Action) -> NoReturn:
        raise ActionRefused(
            UserError(UserErrorCode.NOT_SUPPORTED, f"{self.title} (account {self.name}) has no {action.name}")
        )


async def each(keys: Sequence[str], fetch: Callable[[str], Awaitable[T | None]]) -> Fetched[T]:
    """Fetch keys one call each, in parallel; the client bounds how many are in flight.

    An error costs its own key. A cancelled caller cancels the calls.
    """
    results = await asyncio.gather(*(fetch(key) for key in keys), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, VendorError):
            raise result
    return cast("Fetched[T]", results)


def by_key(keys: Sequence[str], found: Mapping[str, T]) -> Fetched[T]:
    """Put what was found in the order of the keys, None for the missing."""
    return [found.get(key) for key in keys]
