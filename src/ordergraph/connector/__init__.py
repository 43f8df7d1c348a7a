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
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, ClassVar, NoReturn, TypeVar, cast

from ordergraph.upstream.circuit import Breaker, CircuitState, FailureKind
from ordergraph.upstream.cache import Cache, anew
from ordergraph.domain import (
    Action,
    ActionAvailability,
    Charge,
    Invoice,
    LineItem,
    Order,
    OrderStatus,
    Origin,
    Product,
    Ref,
    RefusalReason,
    Requirement,
    Subscription,
    SubscriptionChangePreview,
    View,
)
from ordergraph.domain.errors import (
    ActionRefused,
    InputError,
    UserError,
    UserErrorCode,
    VendorError,
    VendorNotFound,
    VendorTimeout,
)
from ordergraph.upstream.calls import Call
from ordergraph.upstream.health import Health
from ordergraph.upstream.client import Reply
from ordergraph.upstream.client import VendorClient
from ordergraph.ledger.placed import PlacedOrders
from ordergraph.ledger.operations import Finding, WriteOperation
from ordergraph.ledger.tables import MAX_REFERENCE, storable
from ordergraph.domain.paging import OffsetPage, Slice, Window
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
from ordergraph.settings import AccountSettings

T = TypeVar("T")
Fetched = Sequence[T | VendorError | None]
"""What a ``fetch_`` method returns: one entry for each key, in their order."""


STOPPED = frozenset({OrderStatus.CANCELLING, OrderStatus.CANCELLED})
DENIED = STOPPED | {OrderStatus.REJECTED, OrderStatus.FAILED}
Outcomes = Mapping[str, Callable[[Any, WriteOperation], bool | None]]
"""For a mutation, how what it was to change shows whether that was done; None where it does not show."""
OUTCOMES: Outcomes = {
    "submitOrder": lambda order, _: order.status is not OrderStatus.DRAFT,
    "cancelOrder": lambda order, _: order.status in STOPPED,
    "acknowledgeOrder": lambda order, _: order.status is OrderStatus.COMPLETED,
    "approveOrder": lambda order, _: order.status not in {OrderStatus.PENDING_APPROVAL, *DENIED},
    "denyOrder": lambda order, _: order.status in DENIED,
    "resubmitOrder": lambda order, _: order.status is not OrderStatus.ACTION_REQUIRED,
}
Targets = Mapping[str, Callable[[Any, Sequence[str]], Awaitable[Fetched[Any]]]]
"""By which field of a mutation's input what it is to change is named, and how a connector reads that."""
TARGETS: Targets = {
    "orderId": lambda at, keys: at.fetch_orders(keys),
    "lineItemId": lambda at, keys: at.fetch_orders([key.partition(":")[0] for key in keys]),
    "subscriptionId": lambda at, keys: at.fetch_subscriptions(keys),
    "chargeId": lambda at, keys: at.fetch_charges(keys),
}


@dataclass(frozen=True, slots=True)
class ReadCheck:
    """A harmless read that shows whether an account may use a group of a vendor's operations.

    ``read`` takes the connector and sends one GET, or logs in; it is None where nothing can be read, and ``reason``
    says why. It is not tried where the account lacks ``extension``.
    """

    group: str
    operation: str
    read: Callable[[Any], Awaitable[object]] | None = None
    extension: str | None = None
    reason: str | None = None


LOGIN = "login"
"""The group of the read check that only logs in, where a vendor has a login."""


def login_check(operation: str) -> ReadCheck:
    """The read check of a vendor with a login of its own."""
    return ReadCheck(LOGIN, operation, lambda at: at.client.log_in())


async def none_there(reading: Awaitable[object]) -> None:
    """Read an object that does not exist: a vendor that answers 404 with its own code has understood the question.

    A 404 without a code is raised: it may be that of a wrong address.
    """
    try:
        await reading
    except VendorNotFound as error:
        if error.problem.code is None:
            raise


class Connector:
    """One account at one vendor."""

    title: ClassVar[str]
    """The vendor's name for people."""

    requirements: ClassVar[Sequence[Requirement]] = ()
    """What this vendor expects of the fields of an order."""

    extensions: ClassVar[Mapping[Action, str]] = {}
    """The actions that not every tenant has, and the extension in the account's settings that switches each on."""

    outcomes: ClassVar[Outcomes] = OUTCOMES
    """What this vendor shows of the actions that are in doubt."""

    targets: ClassVar[Targets] = TARGETS
    """What this vendor's actions change."""

    read_checks: ClassVar[Sequence[ReadCheck]] = ()
    """What `ordergraph check --account` tries: one read for each group of operations."""

    notification_token: str | None = None
    """By what the vendor shows that a notification is from it; None if it sends none."""

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
        """What this account asks of the fields of an order."""
        return self.requirements

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

    def availability(self, action: Action) -> ActionAvailability:
        """Whether this account can do it at all, whatever the state of an order."""
        extension = self.extensions.get(action)
        if not self.supports(action):
            message = f"The API of {self.title} has no such action."
            return ActionAvailability(action, False, RefusalReason.NOT_SUPPORTED, message)
        if extension is not None and extension not in self.account.extensions:
            message = f"Not every tenant of {self.title} has it: switch on extension {extension!r} of {self.name}."
            return ActionAvailability(action, False, RefusalReason.EXTENSION_OFF, message)
        return ActionAvailability(action, True)

    def require(self, action: Action) -> None:
        """Raise ActionRefused if this account cannot do it at all."""
        found = self.availability(action)
        if not found.allowed:
            raise ActionRefused(
                UserError(UserErrorCode.NOT_SUPPORTED, f"{action.name} with account {self.name}: {found.message}")
            )

    def origin(self, retrieved_at: Any) -> Origin:
        """Where an object comes from that the vendor sent at that time."""
        return Origin(self.name, self.vendor, retrieved_at)

    async def check(self) -> str:
        """Log in and read one thing; return a sentence about who we are at the vendor."""
        raise NotImplementedError

    def field_path(self, operation: str, path: str) -> Sequence[str]:
        """The path in our input of a field that the vendor complains of, for one of its operations."""
        return ("input", path)

    async def start(self) -> None:
        """Called when the gateway begins to serve; must not wait for the vendor."""

    async def notified(self, path: str, body: bytes) -> str | None:
        """The vendor has sent a notification to ``path`` under the account's address; raise InputError for none.

        Returns the id of the order that it is about, None where that is not in it.
        """
        raise InputError(f"account {self.name} takes no notifications at {path[:100]}")

    # The calls under everything

    async def read(
        self,
        operation: str,
        *parts: str,
        query: Sequence[tuple[str, str]] = (),
        decode: Callable[[Reply], T],
        kind: str,
    ) -> T:
        """A GET, from the cache while that is fresh; the same GET is under way and decoded only once.

        While the vendor is in trouble, what it said before may answer: see `cache.standing_in`.

        ``kind`` is the key in the account's cache settings, and what `forget` takes. Reference data that is only read
        to show other objects with is read by `fact`.
        """
        call = self.client.build(operation, *parts, query=query)
        seconds: float = getattr(self.account.cache, kind)
        return await self.cache.get((kind, call.method, call.target), seconds, lambda: self._load(call, decode))

    async def _load(self, call: Call, decode: Callable[[Reply], T]) -> tuple[T, int]:
        reply = await self.client.call(call)
        return decode(reply), len(reply.body)

    async def fact(self, operation: str, *, decode: Callable[[Reply], T]) -> T | VendorError:
        """Reference data that other objects are shown with, such as a currency, or why it cannot be read.

        It is read once and kept for ``cache.reference`` seconds, however new those objects have to be. After a failure
        it is left in peace for as long as the account's circuit settings say.
        """
        call = self.client.build(operation)

        async def load() -> tuple[T, int]:
            deadline.set(None)  # in a task of its own: it is loaded for all who come, not only for who came first
            with self._fact_circuits[operation].passing() as tell:
                try:
                    found = await self._load(call, decode)
                except VendorError as error:
                    if self.client.health.circuit is CircuitState.CLOSED:  # else nothing is sent anyway
                        tell(error)
                    raise
                tell(None)
                return found

        until = deadline.get()
        try:
            async with asyncio.timeout(None if until is None else max(0.0, until - time.monotonic())):
                key = ("reference", call.method, call.target)
                return await self.cache.known(key, self.account.cache.reference, load)
        except TimeoutError:
            return self.client.error(VendorTimeout, operation)
        except VendorError as error:
            return error

    def _fact_circuit(self) -> Breaker:
        """The circuit of one fact. It opens with the first error of any kind: other reads go on without the fact."""
        settings = self.account.circuit.model_copy(update={"failures": 1})
        return Breaker(settings, kind_of=lambda error: FailureKind.SERVER if error else None)

    async def send(self, call: Call, *touches: str) -> Reply:
        """A call that changes something; what it may have changed is forgotten, also when it failed."""
        try:
            return await self.client.call(call)
        finally:
            self.cache.forget(*touches)

    def no_order(self, order: str) -> ActionRefused:
        """The refusal of an action on an order that the account does not have."""
        return ActionRefused(UserError(UserErrorCode.NOT_FOUND, f"account {self.name} has no order {order[:100]}"))

    def check_version(self, current: Order, if_version: str | None) -> None:
        """Refuse a change of an order that is no longer at the version that the caller has seen."""
        if if_version is not None and current.version != if_version:
            message = f"The order has changed; it is now at version {current.version}."
            raise ActionRefused(UserError(UserErrorCode.CONFLICT, message, ("input", "ifVersion")))

    # What became of a change

    async def check_reference(
        self, reference: str | None, own: str | None = None, path: Sequence[str] = ("clientReference",)
    ) -> None:
        """Refuse a reference that another order of the account has: by it, an order is found again.

        Orders that are being placed at this moment are the ledger's to see.
        """
        if len(reference or "") > MAX_REFERENCE:
            message = f"At most {MAX_REFERENCE} characters, not {len(reference or '')}."
            raise ActionRefused(UserError(UserErrorCode.TOO_LONG, message, ("input", *path)))
        with anew():
            others = await self.orders_by_reference(reference) if reference else None
        for order in others or ():
            if order.id != own:
                message = f"Order {order.id} has this reference already."
                raise ActionRefused(UserError(UserErrorCode.INVALID, message, ("input", *path)))

    async def renaming(self, call: Call, current: Order, reference: str | None) -> Call:
        """The call of a change after which an order has this reference, or none; refuse one that another order has."""
        former = current.client_reference
        if reference == former:
            return call
        await self.check_reference(reference, current.id)
        kept = former if former and len(former) <= MAX_REFERENCE and storable(former) else None
        return replace(call, reference=reference or None, former_reference=kept)

    async def orders_by_reference(self, reference: str) -> Sequence[Order] | None:
        """The orders that were placed under a reference; None where finding none would not mean that there is none."""
        return None

    async def find_outcome(self, operation: WriteOperation) -> Finding | None:
        """What the vendor shows of an operation in doubt; None where it cannot be asked.

        Raises VendorError where the vendor does not answer. Nothing that is cached is believed.
        """
        with anew():
            found = await self.outcome_of(operation)
        if found is not None and found.done:  # what was read before may lack it
            self.cache.forget("orders", "lists", "subscriptions", "administration")
        return found

    async def outcome_of(self, operation: WriteOperation) -> Finding | None:
        """What the vendor shows: of placing by the reference, of an action by what it was to change, `outcomes`."""
        told = self.outcomes.get(operation.mutation)
        if told is None and operation.reference is not None:
            found = await self.orders_by_reference(operation.reference)
            return None if found is None else Finding(bool(found), found)
        target = await self.target_of(operation) if told else None
        done = told(target, operation) if told and target else None
        return None if target is None or done is None else Finding(done, [target])

    async def target_of(self, operation: WriteOperation) -> View | None:
        """What an operation was to change, as it is now; None where the vendor does not show it."""
        for name, fetch in self.targets.items():
            if id_ := operation.request.get(name):
                return await only(fetch(self, [Ref.parse(id_).joined]))
        return None

    async def settled(self, operation: WriteOperation, vendor_order_id: str | None) -> Sequence[View]:
        """What an operation made that a person says was done: the order that the vendor calls so.

        Nothing means that the vendor has no such order; raises VendorError where it does not answer.
        """
        with anew():
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
        """For each order id, the subscriptions that it made or changed."""
        return [()] * len(keys)

    async def fetch_order_invoices(self, keys: Sequence[str]) -> Fetched[Sequence[Invoice]]:
        """For each purchase order number, the invoices that name it."""
        return [()] * len(keys)

    async def fetch_charges(self, keys: Sequence[str]) -> Fetched[Charge]:
        """Charges by id."""
        return [None] * len(keys)

    async def fetch_order_charges(self, keys: Sequence[str]) -> Fetched[Sequence[Charge]]:
        """For each order id, the charges that the vendor asks for."""
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

    async def list_products(self, query: ProductQuery, offset: int, limit: int) -> OffsetPage[Product]:
        """Products in the vendor's order."""
        return self._refuse(Action.LIST_PRODUCTS)

    async def list_subscriptions(self, query: SubscriptionQuery, offset: int, limit: int) -> OffsetPage[Subscription]:
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

    async def cancel_order(self, order: str, request: CancelRequest) -> Order:
        """Cancel an order, or ask for it where the vendor decides."""
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

    async def respond_to_charge(self, charge: str, answer: ChargeAnswer) -> Charge:
        """Accept or decline a charge."""
        return self._refuse(Action.RESPOND_TO_CHARGE)

    async def change_requested_date(self, order: str, line: str, request: DateRequest) -> Order:
        """Ask for another date of a line."""
        return self._refuse(Action.CHANGE_REQUESTED_DATE)

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


def refused(action: Action, order: Order, code: str | None = None, words: str | None = None) -> ActionRefused:
    """An action that the order's status does not allow; ``code`` and ``words`` are the vendor's, if it was asked."""
    offers = {one.action: one.message for one in order.available_actions}
    return ActionRefused(
        UserError(
            UserErrorCode.WRONG_STATUS,
            offers.get(action) or "Not in this status.",
            vendor_code=code or order.vendor_status,
            vendor_message=words,
        )
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


async def only(fetching: Awaitable[Fetched[T]]) -> T | None:
    """What was fetched for one key; raise its error."""
    (found,) = await fetching
    if isinstance(found, VendorError):
        raise found
    return found


def by_key(keys: Sequence[str], found: Mapping[str, T]) -> Fetched[T]:
    """Put what was found in the order of the keys, None for the missing."""
    return [found.get(key) for key in keys]
