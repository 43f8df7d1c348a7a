"""The base class of all connectors, and the methods that a vendor may implement."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, ClassVar, NoReturn

from ordergraph.connector.checks import ReadCheck
from ordergraph.connector.fetching import Fetched, T, only
from ordergraph.connector.outcomes import OUTCOMES, TARGETS, Outcomes, Targets
from ordergraph.domain import (
    Action,
    ActionAvailability,
    Charge,
    Invoice,
    LineItem,
    Order,
    Origin,
    Product,
    Ref,
    Requirement,
    Subscription,
    SubscriptionChangePreview,
    UnavailableReason,
    View,
)
from ordergraph.domain.commands import (
    CancelRequest,
    ChargeAnswer,
    DateRequest,
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
from ordergraph.domain.errors import (
    ActionRefused,
    InputError,
    UserError,
    UserErrorCode,
    VendorError,
    VendorTimeout,
)
from ordergraph.domain.paging import OffsetPage, Slice, Window
from ordergraph.ledger.operations import Finding, WriteOperation
from ordergraph.ledger.placed import PlacedOrders
from ordergraph.ledger.tables import MAX_REFERENCE, storable
from ordergraph.settings import AccountSettings
from ordergraph.upstream.cache import Cache
from ordergraph.upstream.calls import Call
from ordergraph.upstream.circuit import Breaker, CircuitState, FailureKind
from ordergraph.upstream.client import Reply, VendorClient
from ordergraph.upstream.health import Health
from ordergraph.upstream.request_scope import current_request, refetching, set_request


class Connector:
    """One account at one vendor."""

    title: ClassVar[str]
    """The vendor's display name."""

    requirements: ClassVar[Sequence[Requirement]] = ()
    """The vendor's requirements for the fields of an order."""

    extensions: ClassVar[Mapping[Action, str]] = {}
    """The actions that not every tenant has, and the extension in the account's settings that enables each."""

    outcomes: ClassVar[Outcomes] = OUTCOMES
    """How this vendor shows whether an action in doubt was performed."""

    targets: ClassVar[Targets] = TARGETS
    """The objects that this vendor's actions change."""

    read_checks: ClassVar[Sequence[ReadCheck]] = ()
    """The reads of `ordergraph check --account`, one for each group of operations."""

    notification_token: str | None = None
    """The token that authenticates the vendor's notifications; None if it sends none."""

    def __init__(self, account: AccountSettings, client: VendorClient, kept: PlacedOrders) -> None:
        self.account = account
        self.client = client
        self.kept = kept
        self.cache = Cache(account.cache.stale)
        self._fact_circuits = defaultdict[str, Breaker](self._fact_circuit)

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
    def order_requirements(self) -> Sequence[Requirement]:
        """The account's requirements for the fields of an order."""
        return self.requirements

    @property
    def health(self) -> Health:
        """The health of the vendor's API."""
        return self.client.health

    async def aclose(self) -> None:
        """Close all connections."""
        await self.client.aclose()

    @classmethod
    def supports(cls, action: Action) -> bool:
        """Whether this vendor supports an action, that is, whether the method of that name is overridden."""
        name = action.name.lower()
        return getattr(cls, name) is not getattr(Connector, name)

    def availability(self, action: Action) -> ActionAvailability:
        """Return whether this account supports an action, regardless of the status of an order."""
        extension = self.extensions.get(action)
        if not self.supports(action):
            message = f"The API of {self.title} does not support this action."
            return ActionAvailability(action, False, UnavailableReason.NOT_SUPPORTED, message)
        if extension is not None and extension not in self.account.extensions:
            message = (
                f"Not every tenant of {self.title} has this action. "
                f"Enable the extension `{extension}` for the account `{self.name}`."
            )
            return ActionAvailability(action, False, UnavailableReason.EXTENSION_DISABLED, message)
        return ActionAvailability(action, True)

    def require(self, action: Action) -> None:
        """Raise ActionRefused if this account does not support an action."""
        found = self.availability(action)
        if not found.is_allowed:
            raise ActionRefused(
                UserError(UserErrorCode.NOT_SUPPORTED, f"{action.name} with the account `{self.name}`: {found.message}")
            )

    def origin(self, retrieved_at: Any) -> Origin:
        """Return the origin of an object that the vendor returned at that time."""
        return Origin(self.name, self.vendor, retrieved_at)

    async def check(self) -> str:
        """Authenticate and read one object; return a sentence that describes the account at the vendor."""
        raise NotImplementedError

    def field_path(self, operation: str, path: str) -> Sequence[str]:
        """Return the path in our input for a field in an error of the vendor, for one of its operations."""
        return ("input", path)

    async def start(self) -> None:
        """Prepare the account when the gateway starts to serve, without waiting for the vendor."""

    async def notified(self, path: str, body: bytes) -> str | None:
        """Handle a notification that the vendor sent to ``path`` under the account's address.

        Returns the ID of the order that it is about, None if it has none. Raises InputError if it is no notification.
        """
        raise InputError(f"The account `{self.name}` does not accept notifications at {path[:100]}.")

    # Calls to the vendor

    async def read(
        self,
        operation: str,
        *parts: str,
        query: Sequence[tuple[str, str]] = (),
        decode: Callable[[Reply], T],
        kind: str,
    ) -> T:
        """Send a GET, or return its result from the cache while it is fresh. Concurrent equal GETs are sent once.

        While the vendor fails, a stale result may be returned: see `ordergraph.upstream.cache`.

        ``kind`` is the key in the account's cache settings, and the argument of `forget`. Use `fact` for reference data
        that is only needed to show other objects.
        """
        call = self.client.build(operation, *parts, query=query)
        seconds: float = getattr(self.account.cache, kind)
        return await self.cache.get((kind, call.method, call.target), seconds, lambda: self._load(call, decode))

    async def _load(self, call: Call, decode: Callable[[Reply], T]) -> tuple[T, int]:
        reply = await self.client.call(call)
        return decode(reply), len(reply.body)

    async def fact(self, operation: str, *, decode: Callable[[Reply], T]) -> T | VendorError:
        """Return reference data needed to show other objects, such as a currency, or the error if it cannot be read.

        It is read once and cached for ``cache.reference`` seconds, even if those objects are refetched. After a failure
        it is not read again for the pause in the account's circuit settings.
        """
        call = self.client.build(operation)

        async def load() -> tuple[T, int]:
            set_request(
                replace(current_request(), deadline=None)
            )  # in a task of its own: it is loaded for all waiting requests, not only for the first
            with self._fact_circuits[operation].passing() as tell:
                try:
                    found = await self._load(call, decode)
                except VendorError as error:
                    if self.client.health.circuit is CircuitState.CLOSED:  # otherwise nothing is sent anyway
                        tell(error)
                    raise
                tell(None)
                return found

        until = current_request().deadline
        try:
            async with asyncio.timeout(None if until is None else max(0.0, until - time.monotonic())):
                key = ("reference", call.method, call.target)
                return await self.cache.known(key, self.account.cache.reference, load)
        except TimeoutError:
            return self.client.error(VendorTimeout, operation)
        except VendorError as error:
            return error

    def _fact_circuit(self) -> Breaker:
        """Return the circuit breaker of one fact. It opens after one error of any kind, since it is not essential."""
        settings = self.account.circuit.model_copy(update={"failures": 1})
        return Breaker(settings, kind_of=lambda error: FailureKind.SERVER if error else None)

    async def send(self, call: Call, *touches: str) -> Reply:
        """Send a call that changes something; drop what it may have changed from the cache, even if it fails."""
        try:
            return await self.client.call(call)
        finally:
            self.cache.forget(*touches)

    def no_order(self, order: str) -> ActionRefused:
        """Return the refusal of an action on an order that the account does not have."""
        return ActionRefused(
            UserError(UserErrorCode.NOT_FOUND, f"The account `{self.name}` has no order {order[:100]}.")
        )

    def check_version(self, current: Order, if_version: str | None) -> None:
        """Refuse a change of an order that is no longer at the version expected by the caller."""
        if if_version is not None and current.version != if_version:
            message = f"The order has changed. It is now at version {current.version}."
            raise ActionRefused(UserError(UserErrorCode.CONFLICT, message, ("input", "ifVersion")))

    # Outcomes of changes

    async def check_reference(
        self, reference: str | None, own: str | None = None, path: Sequence[str] = ("clientReference",)
    ) -> None:
        """Refuse a reference that another order of the account has, since orders are looked up by it.

        Orders that are currently being placed are checked by the ledger.
        """
        if len(reference or "") > MAX_REFERENCE:
            message = f"The reference may have at most {MAX_REFERENCE} characters. It has {len(reference or '')}."
            raise ActionRefused(UserError(UserErrorCode.TOO_LONG, message, ("input", *path)))
        with refetching():
            others = await self.orders_by_reference(reference) if reference else None
        for order in others or ():
            if order.id != own:
                message = f"The order {order.id} already has this reference."
                raise ActionRefused(UserError(UserErrorCode.INVALID, message, ("input", *path)))

    async def renaming(self, call: Call, current: Order, reference: str | None) -> Call:
        """Return the call of a change that sets or clears an order's reference; refuse one that another order has."""
        former = current.client_reference
        if reference == former:
            return call
        await self.check_reference(reference, current.id)
        kept = former if former and len(former) <= MAX_REFERENCE and storable(former) else None
        return replace(call, reference=reference or None, former_reference=kept)

    async def orders_by_reference(self, reference: str) -> Sequence[Order] | None:
        """Return the orders placed with a reference; None if the vendor cannot be searched reliably for it."""
        return None

    async def find_outcome(self, operation: WriteOperation) -> Finding | None:
        """Return what the vendor shows of an operation in doubt; None if it cannot be determined.

        Raises VendorError if the vendor does not respond. The cache is not used.
        """
        with refetching():
            found = await self.outcome_of(operation)
        if found is not None and found.done:  # cached data may lack it
            self.cache.forget("orders", "lists", "subscriptions", "administration")
        return found

    async def outcome_of(self, operation: WriteOperation) -> Finding | None:
        """Look for a placed order by its reference, or judge an action by its target object: see `outcomes`."""
        told = self.outcomes.get(operation.mutation)
        if told is None and operation.reference is not None:
            found = await self.orders_by_reference(operation.reference)
            return None if found is None else Finding(bool(found), found)
        target = await self.target_of(operation) if told else None
        done = told(target, operation) if told and target else None
        return None if target is None or done is None else Finding(done, [target])

    async def target_of(self, operation: WriteOperation) -> View | None:
        """Return the target object of an operation in its current state; None if the vendor does not show it."""
        for name, fetch in self.targets.items():
            if id_ := operation.request.get(name):
                return await only(fetch(self, [Ref.parse(id_).joined]))
        return None

    async def settled(self, operation: WriteOperation, vendor_order_id: str | None) -> Sequence[View]:
        """Return what an operation that is settled manually created: the order with the given ID of the vendor.

        Empty if the vendor has no such order. Raises VendorError if it does not respond.
        """
        with refetching():
            found = await only(self.fetch_orders([vendor_order_id])) if vendor_order_id else None
        return [] if found is None else [found]

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
        """For each order ID, the subscriptions that the order created or changed."""
        return [()] * len(keys)

    async def fetch_order_invoices(self, keys: Sequence[str]) -> Fetched[Sequence[Invoice]]:
        """For each purchase order number, the invoices with that number."""
        return [()] * len(keys)

    async def fetch_charges(self, keys: Sequence[str]) -> Fetched[Charge]:
        """Charges by id."""
        return [None] * len(keys)

    async def fetch_order_charges(self, keys: Sequence[str]) -> Fetched[Sequence[Charge]]:
        """For each order ID, the charges that the vendor proposes."""
        return [()] * len(keys)

    async def list_orders(self, query: OrderQuery, window: Window) -> Slice[Order]:
        """Orders, sorted by the time at which they were placed."""
        return self._refuse(Action.LIST_ORDERS)

    async def count_orders(self, query: OrderQuery) -> int | None:
        """Return the number of orders that match a query, None if the vendor does not report the exact number."""
        return None

    async def list_invoices(self, query: InvoiceQuery, window: Window) -> Slice[Invoice]:
        """Invoices, sorted by date."""
        return self._refuse(Action.LIST_INVOICES)

    async def list_products(self, query: ProductQuery, offset: int, limit: int) -> OffsetPage[Product]:
        """Products in the vendor's sort order."""
        return self._refuse(Action.LIST_PRODUCTS)

    async def list_subscriptions(self, query: SubscriptionQuery, offset: int, limit: int) -> OffsetPage[Subscription]:
        """Subscriptions in the vendor's sort order."""
        return self._refuse(Action.LIST_SUBSCRIPTIONS)

    async def preview_subscription_change(
        self, subscription: str, lines: Sequence[ProductSwap], purchase_order_number: str | None
    ) -> SubscriptionChangePreview:
        """Preview the cost of a subscription change. Nothing is changed."""
        return self._refuse(Action.PREVIEW_SUBSCRIPTION_CHANGE)

    # Actions on orders

    async def place_order(self, request: OrderRequest) -> Order:
        """Place an order."""
        return self._refuse(Action.PLACE_ORDER)

    async def create_draft_order(self, request: OrderRequest) -> Order:
        """Create a draft order at the vendor."""
        return self._refuse(Action.CREATE_DRAFT_ORDER)

    async def update_order(self, order: str, change: OrderChange, if_version: str | None) -> Order:
        """Update an order; refuse with CONFLICT if it is no longer at ``if_version``."""
        return self._refuse(Action.UPDATE_ORDER)

    async def add_line_item(self, order: str, line: LineRequest) -> tuple[Order | None, LineItem | None]:
        """Add a line item to a draft; return the draft and the new line item, None if they cannot be read."""
        return self._refuse(Action.ADD_LINE_ITEM)

    async def update_line_item(self, order: str, line: str, change: LineChange) -> Order:
        """Update a line item of a draft."""
        return self._refuse(Action.UPDATE_LINE_ITEM)

    async def remove_line_item(self, order: str, line: str) -> Order:
        """Remove a line item from a draft."""
        return self._refuse(Action.REMOVE_LINE_ITEM)

    async def submit_order(self, order: str) -> Order:
        """Submit a draft."""
        return self._refuse(Action.SUBMIT_ORDER)

    async def cancel_order(self, order: str, request: CancelRequest) -> Order:
        """Cancel an order, or request its cancellation if the vendor decides about it."""
        return self._refuse(Action.CANCEL_ORDER)

    async def acknowledge_order(self, order: str) -> Order:
        """Confirm receipt of an order."""
        return self._refuse(Action.ACKNOWLEDGE_ORDER)

    async def approve_order(self, order: str) -> Order:
        """Approve an order."""
        return self._refuse(Action.APPROVE_ORDER)

    async def deny_order(self, order: str) -> Order:
        """Deny an order."""
        return self._refuse(Action.DENY_ORDER)

    async def resubmit_order(self, order: str) -> Order:
        """Resume an order after the required action was taken."""
        return self._refuse(Action.RESUBMIT_ORDER)

    async def respond_to_charge(self, charge: str, answer: ChargeAnswer) -> Charge:
        """Accept or decline a charge."""
        return self._refuse(Action.RESPOND_TO_CHARGE)

    async def change_requested_date(self, order: str, line: str, request: DateRequest) -> Order:
        """Request a new date for a line item."""
        return self._refuse(Action.CHANGE_REQUESTED_DATE)

    # Actions on subscriptions

    async def update_subscription(self, subscription: str, change: SubscriptionChange) -> Subscription:
        """Change the settings of a subscription."""
        return self._refuse(Action.UPDATE_SUBSCRIPTION)

    async def activate_subscription(self, subscription: str, on: date) -> Subscription:
        """Activate a pending subscription."""
        return self._refuse(Action.ACTIVATE_SUBSCRIPTION)

    async def cancel_subscription(self, subscription: str) -> Subscription:
        """Cancel a pending subscription."""
        return self._refuse(Action.CANCEL_SUBSCRIPTION)

    async def activate_subscription_changes(self, subscription: str, on: date) -> Subscription:
        """Activate the pending changes of a subscription."""
        return self._refuse(Action.ACTIVATE_SUBSCRIPTION_CHANGES)

    async def cancel_subscription_changes(self, subscription: str) -> Subscription:
        """Cancel the pending changes of a subscription."""
        return self._refuse(Action.CANCEL_SUBSCRIPTION_CHANGES)

    def _refuse(self, action: Action) -> NoReturn:
        raise ActionRefused(
            UserError(
                UserErrorCode.NOT_SUPPORTED, f"{self.title} (account `{self.name}`) does not support {action.name}."
            )
        )
