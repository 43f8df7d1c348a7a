"""What every connector has to do, over HTTP to its vendor's sandbox. A registered vendor is covered automatically."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Sequence
from contextlib import aclosing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from ordergraph import domain
from ordergraph.connector import Connector
from ordergraph.domain import Action, ChargeStatus, Money, Order, OrderStatus, Subscription, WriteStatus
from ordergraph.domain.commands import (
    CancelRequest,
    ChargeAnswer,
    DateRequest,
    InvoiceQuery,
    LineChange,
    LineRequest,
    OrderQuery,
    ProductQuery,
    SubscriptionChange,
    SubscriptionQuery,
)
from ordergraph.domain.errors import (
    ActionRefused,
    UserErrorCode,
    VendorBadReply,
    VendorConflict,
    VendorError,
    VendorLoginFailed,
    VendorRateLimited,
    VendorTimeout,
    VendorUnavailable,
    VendorUnreachable,
)
from ordergraph.domain.paging import Window
from ordergraph.graph.errors import user_errors
from ordergraph.ledger import Ledger, Outcome, Use
from ordergraph.ledger.operations import WriteOperation
from ordergraph.ledger.placed import PlacedOrders
from ordergraph.ledger.store import MEMORY, Store
from ordergraph.sandbox import METHODS, create_app, running
from ordergraph.settings.callers import Caller
from ordergraph.upstream.health import HealthState
from ordergraph.vendors.vendor import Vendor
from ordergraph.watch import Watches
from tests.fakes import IMPATIENT, FakeVendor, serving
from tests.ports import free_port
from tests.vendors.laws import COVERED, Laws, laws_of

pytestmark = pytest.mark.slow

ORDERS = 130
DAY = date(2026, 12, 1)


@pytest.fixture(scope="module", params=COVERED, ids=lambda vendor: vendor.code)
def served(request: pytest.FixtureRequest) -> Generator[FakeVendor]:
    with serving(cast("Vendor", request.param), orders=ORDERS) as fake:
        yield fake


@pytest.fixture
def fake(served: FakeVendor) -> FakeVendor:
    served.reset()
    return served


@pytest.fixture
def laws(served: FakeVendor) -> Laws:
    return laws_of(served.vendor)


Connect = Callable[..., Connector]


@pytest.fixture
async def connect(fake: FakeVendor) -> AsyncGenerator[Connect]:
    """Create connectors, and close them at the end."""
    made: list[Connector] = []
    store = Store(MEMORY)
    for account in (fake.vendor.code, "impatient"):
        await PlacedOrders(store, account).keep(*fake.placed)

    def make(name: str | None = None, **settings: Any) -> Connector:
        made.append(fake.connector(store, name, **settings))
        return made[-1]

    yield make
    for connector in made:
        await connector.aclose()
    await store.aclose()


@pytest.fixture
async def ledger() -> AsyncGenerator[Ledger]:
    store = Store(MEMORY)
    made = Ledger(store)
    yield made
    await made.aclose()
    await store.aclose()


@pytest.fixture
def connector(connect: Connect) -> Connector:
    return connect()


@pytest.fixture
def impatient(connect: Connect) -> Connector:
    return connect("impatient", timeouts=IMPATIENT)


@pytest.fixture
def patient(connect: Connect) -> Connector:
    """A connector with long timeouts, for tests in which the vendor must answer on a busy machine."""
    return connect(timeouts={"connect": 2.0, "read": 1.0, "total": 10.0})


async def walk(connector: Connector, *, descending: bool, limit: int) -> list[str]:
    """Return every order's ID, window by window."""
    found: list[str] = []
    window = Window(limit, descending)
    while True:
        part = await connector.list_orders(OrderQuery(), window)
        found += [order.id for order in part.items]
        if not part.more:
            return found
        last = part.items[-1]
        window = Window(limit, descending, (last.placed_at, last.id))


async def some_orders(connector: Connector, count: int = 5) -> Sequence[Order]:
    return (await connector.list_orders(OrderQuery(), Window(count, descending=True))).items


async def make(connector: Connector, laws: Laws) -> Order:
    """Create a draft, or an order if the vendor has no drafts."""
    request = await laws.request(connector)
    drafts = connector.supports(Action.CREATE_DRAFT_ORDER)
    return await (connector.create_draft_order(request) if drafts else connector.place_order(request))


def served_at(vendors: Sequence[Vendor]) -> pytest.MarkDecorator:
    """Run a test at these vendors only."""
    return pytest.mark.parametrize("served", vendors, indirect=True, ids=lambda vendor: vendor.code, scope="module")


SHOWING = [vendor for vendor in COVERED if laws_of(vendor).get_order]
"""The vendors that can show an order."""


def supporting(*actions: Action) -> pytest.MarkDecorator:
    """Run a test at the vendors that support all of these actions."""
    return served_at([vendor for vendor in COVERED if all(vendor.connector.supports(one) for one in actions)])


# ---- Reads ------------------------------------------------------------------------------------------


KINDS = {
    "orders": Action.LIST_ORDERS,
    "products": Action.LIST_PRODUCTS,
    "subscriptions": Action.LIST_SUBSCRIPTIONS,
}
LISTED = [
    pytest.param(vendor, kind, id=f"{vendor.code}-{kind}")
    for vendor in COVERED
    for kind, action in KINDS.items()
    if vendor.connector.supports(action)
]
ASKED = [one for one in LISTED if one.values[0] in SHOWING]


async def keys_and_fetch(connector: Connector, kind: str) -> tuple[list[str], Callable[..., Awaitable[Any]]]:
    if kind == "orders":
        return [one.ref.joined for one in await some_orders(connector)], connector.fetch_orders
    if kind == "products":
        products = (await connector.list_products(ProductQuery(), 3, 20)).items
        return [one.ref.joined for one in products], connector.fetch_products
    subscriptions = (await connector.list_subscriptions(SubscriptionQuery(), 0, 5)).items
    return [one.ref.joined for one in subscriptions], connector.fetch_subscriptions


@pytest.mark.parametrize(("served", "kind"), LISTED, indirect=["served"], scope="module")
async def test_fetch_keeps_the_order_of_keys_when_mixed(connector: Connector, laws: Laws, kind: str) -> None:
    keys, fetch = await keys_and_fetch(connector, kind)
    assert keys
    mixed = [laws.garbage[-1], keys[-1], laws.missing[0], keys[0], keys[0], "", *keys, laws.missing[1]]
    found = await fetch(mixed)
    assert [one and one.ref.joined for one in found] == [key if key in keys else None for key in mixed]


@pytest.mark.parametrize(("served", "kind"), LISTED, indirect=["served"], scope="module")
async def test_fetch_of_garbage_is_none_without_a_call(
    fake: FakeVendor, connector: Connector, laws: Laws, kind: str
) -> None:
    _, fetch = await keys_and_fetch(connector, kind)
    fake.forget_calls()
    assert list(await fetch(laws.garbage)) == [None] * len(laws.garbage)
    assert fake.calls() == []


@pytest.mark.parametrize(("served", "kind"), ASKED, indirect=["served"], scope="module")
async def test_fetch_of_garbage_is_none_when_the_vendor_is_down(
    fake: FakeVendor, connector: Connector, laws: Laws, kind: str
) -> None:
    _, fetch = await keys_and_fetch(connector, kind)
    fake.faults({"fault": "unavailable"})
    some = [f"{laws.missing[1][:-1]}{digit}" for digit in range(1, 10)]  # enough for any batching
    found = await fetch([*some, *laws.garbage])
    assert all(isinstance(one, VendorUnavailable) for one in found[: len(some)])
    assert list(found[len(some) :]) == [None] * len(laws.garbage)


async def test_fetch_of_nothing_is_nothing(fake: FakeVendor, connector: Connector) -> None:
    assert list(await connector.fetch_orders([])) == []
    assert list(await connector.fetch_products([])) == []
    assert list(await connector.fetch_subscriptions([])) == []
    assert fake.calls() == []


def values_in(value: object, seen: set[int] | None = None) -> Generator[object]:
    """Yield every value of a view, at any depth. Errors of properties are not caught."""
    seen = set() if seen is None else seen
    if isinstance(value, domain.View) or hasattr(type(value), "__dataclass_fields__"):
        if id(value) in seen or isinstance(value, domain.Origin):
            return
        seen.add(id(value))
        names = [name for name in dir(type(value)) if not name.startswith("_") and name not in HIDDEN]
        for name in names:
            member = inspect.getattr_static(type(value), name)
            if isinstance(member, property | domain.Default | domain.Attribute) or inspect.ismemberdescriptor(member):
                yield from values_in(getattr(value, name), seen)
    elif isinstance(value, list | tuple):
        for item in cast("Sequence[object]", value):
            yield from values_in(item, seen)
    else:
        yield value


HIDDEN = {"wire", "source", "facts", "origin", "order", "line"}


async def everything(connector: Connector) -> list[domain.View]:
    """Return some objects of every kind that the account has."""
    found: list[domain.View] = []
    if connector.supports(Action.LIST_ORDERS):
        orders = await some_orders(connector, 60)
        fetched = await connector.fetch_orders([orders[0].ref.joined])
        found += [*orders, *(one for one in fetched if isinstance(one, domain.View))]
    if connector.supports(Action.LIST_PRODUCTS):
        found += (await connector.list_products(ProductQuery(), 0, 50)).items
    if connector.supports(Action.LIST_SUBSCRIPTIONS):
        found += (await connector.list_subscriptions(SubscriptionQuery(), 0, 50)).items
    if connector.supports(Action.LIST_INVOICES):
        found += (await connector.list_invoices(InvoiceQuery(), Window(50, descending=True))).items
    return found


async def test_every_time_is_aware_utc_and_every_amount_exact(connector: Connector, laws: Laws) -> None:
    moments = amounts = 0
    for view in await everything(connector):
        assert not isinstance(view.id, int)
        for value in values_in(view):
            if isinstance(value, datetime):
                moments += 1
                assert value.utcoffset() == timedelta(0), view.id
                assert value.tzinfo is UTC, view.id
            assert not isinstance(value, float), view.id
    views = await everything(connector)
    views += [line for view in views for line in getattr(view, "line_items", None) or ()]
    for view in views:
        for money in (getattr(view, name, None) for name in ("total", "price", "list_price", "unit_price")):
            if money is not None:
                amounts += 1
                assert isinstance(money, Money)
                assert type(money.amount) is Decimal
                assert len(money.currency) == 3
    assert moments
    assert bool(amounts) is laws.prices


async def test_every_ref_reads_back(connector: Connector) -> None:
    for view in await everything(connector):
        assert domain.Ref.parse(view.id) == view.ref
        assert view.vendor == connector.vendor
        assert view.ref.account == connector.name


@supporting(Action.LIST_ORDERS)
async def test_version_is_the_same_in_list_and_detail(connector: Connector) -> None:
    rows = await some_orders(connector, 30)
    details = await connector.fetch_orders([row.ref.joined for row in rows])
    assert [cast("Order", one).version for one in details] == [row.version for row in rows]
    assert len({row.version for row in rows}) == len(rows)


# ---- Lists ------------------------------------------------------------------------------------------


@supporting(Action.LIST_ORDERS)
@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("limit", [7, 100])
async def test_windows_give_every_order_once(connector: Connector, descending: bool, limit: int) -> None:
    found = await walk(connector, descending=descending, limit=limit)
    assert len(found) == len(set(found)) == await connector.count_orders(OrderQuery())
    assert len(found) >= ORDERS
    whole = await walk(connector, descending=not descending, limit=100)
    assert found == whole[::-1]


@supporting(Action.LIST_ORDERS, Action.PLACE_ORDER)
@pytest.mark.parametrize("descending", [True, False])
async def test_windows_give_every_order_once_while_orders_are_placed(
    connector: Connector, laws: Laws, descending: bool
) -> None:
    before = set(await walk(connector, descending=True, limit=100))
    placed: list[str] = []
    found: list[str] = []
    window = Window(20, descending)
    while True:
        part = await connector.list_orders(OrderQuery(), window)
        found += [order.id for order in part.items]
        if not part.more:
            break
        last = part.items[-1]
        window = Window(20, descending, (last.placed_at, last.id))
        if len(placed) < 5:
            placed.append((await connector.place_order(await laws.request(connector))).id)
    assert len(found) == len(set(found))
    assert before <= set(found) <= before | set(placed)
    if not descending:  # a newly placed order is ahead of the reader
        assert set(placed) <= set(found)


# ---- Outcomes ---------------------------------------------------------------------------------------


async def lost(connector: Connector, laws: Laws, ledger: Ledger) -> WriteOperation:
    """Place an order whose response is lost, and return the recorded operation."""
    request = await laws.request(connector)

    async def do() -> Outcome:
        with pytest.raises(VendorError) as caught:
            await connector.place_order(request)
        return Outcome(caught.value.left_behind, user_errors(caught.value, connector))

    async def never(_: WriteOperation) -> Outcome:
        raise AssertionError("nothing is replayed")

    use = Use(caller="", account=connector.name, mutation="placeOrder", request={}, told={})
    operation = (await ledger.run(use, do, never)).operation
    assert operation is not None
    assert operation.status is WriteStatus.IN_DOUBT
    return operation


@supporting(Action.PLACE_ORDER)
async def test_order_whose_answer_is_lost_is_found(
    fake: FakeVendor, patient: Connector, laws: Laws, ledger: Ledger
) -> None:
    method, path = laws.commits
    rule = {"method": method, "path": path, "times": 1}
    before = set(await walk(patient, descending=True, limit=100))
    fake.faults({**rule, "fault": "times_out_before_commit"})
    operation = await lost(patient, laws, ledger)
    found = await patient.find_outcome(operation)
    assert (found and found.done) is (False if laws.asked else None)
    fake.faults({**rule, "fault": "times_out_after_commit"})
    operation = await lost(patient, laws, ledger)
    found = await patient.find_outcome(operation)
    assert (found and found.done) is (True if laws.asked else None)
    if found is not None:
        now = set(await walk(patient, descending=True, limit=100))
        assert [one.id for one in found.objects] == list(now - before)


# ---- Errors -----------------------------------------------------------------------------------------

FAULTS = {
    "unauthorized": VendorLoginFailed,
    "rate_limited": VendorRateLimited,
    "unavailable": VendorUnavailable,
    "times_out_before_commit": VendorTimeout,
    "connection_reset": VendorUnavailable,
    "malformed_json": VendorBadReply,
    "contract_drift": VendorBadReply,
}
RETRYABLE = {VendorRateLimited, VendorUnavailable, VendorTimeout, VendorBadReply, VendorUnreachable}
NOTHING_DONE = {VendorLoginFailed, VendorRateLimited, VendorUnreachable}


def check_error(error: VendorError, fake: FakeVendor, laws: Laws, account: str) -> None:
    for text in (str(error), repr(error), repr(error.problem)):
        assert not any(secret in text for secret in (*laws.secrets, fake.url, "127.0.0.1", "Bearer", "http")), text
    assert account in str(error)
    assert fake.vendor.code in str(error)
    assert error.account == account
    assert error.vendor == fake.vendor.code
    assert error.retryable is (type(error) in RETRYABLE)


@served_at(SHOWING)
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_is_one_error_of_a_read(
    fake: FakeVendor, impatient: Connector, laws: Laws, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    (order,) = await some_orders(impatient, 1)
    assert laws.get_order
    method, path = laws.get_order
    fake.faults({"fault": fault, "method": method, "path": path})
    with capture_logs() as logs:
        (found,) = await impatient.fetch_orders([order.ref.joined])
    assert type(found) is FAULTS[fault]
    assert isinstance(found, VendorError)
    check_error(found, fake, laws, impatient.name)
    assert found.nothing_done  # a read changes nothing, however it ends
    assert found.retry_after == 1.0 or fault != "rate_limited"
    assert found.retry_after is None or fault in ("rate_limited", "unavailable")  # some vendors send it with a 503
    assert not any(secret in f"{logs}{caplog.text}" for secret in laws.secrets)
    fake.end_faults()
    (found,) = await impatient.fetch_orders([order.ref.joined])
    assert isinstance(found, Order)
    assert impatient.health.state is HealthState.UP


LOGGING_IN = [one for one in COVERED if laws_of(one).login]


@served_at(LOGGING_IN)
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_of_the_login_is_one_error(
    fake: FakeVendor, impatient: Connector, laws: Laws, fault: str
) -> None:
    assert laws.login
    method, path = laws.login
    fake.faults({"fault": fault, "method": method, "path": path})
    with pytest.raises(VendorError) as raised:
        await impatient.check()
    assert type(raised.value) is FAULTS[fault]
    check_error(raised.value, fake, laws, impatient.name)
    assert raised.value.nothing_done
    fake.end_faults()
    assert await impatient.check()


BREAKABLE = {"malformed_json", "contract_drift"}
ACTION_FAULTS = [
    pytest.param(vendor, fault, id=f"{vendor.code}-{fault}")
    for vendor in COVERED
    for fault in FAULTS
    if laws_of(vendor).answers or fault not in BREAKABLE
]


@pytest.mark.parametrize(("served", "fault"), ACTION_FAULTS, indirect=["served"], scope="module")
async def test_a_fault_of_an_action_tells_whether_something_was_done(
    fake: FakeVendor, impatient: Connector, laws: Laws, fault: str
) -> None:
    await laws.request(impatient)  # reads that must not hit the fault
    hit = [call for call in fake.operations if call[0] != "GET" and call != laws.login]
    fake.faults(*({"fault": fault, "method": method, "path": path} for method, path in hit if method in METHODS))
    with pytest.raises(VendorError) as raised:
        await make(impatient, laws)
    check_error(raised.value, fake, laws, impatient.name)
    assert type(raised.value) is FAULTS[fault]
    assert raised.value.nothing_done is (type(raised.value) in NOTHING_DONE)


@served_at([one for one in COVERED if laws_of(one).facts and one.connector.supports(Action.CREATE_DRAFT_ORDER)])
@pytest.mark.parametrize("placing", [Connector.place_order, Connector.create_draft_order])
async def test_facts_that_cannot_be_read_before_placing_leave_nothing_in_doubt(
    fake: FakeVendor, impatient: Connector, connect: Connect, laws: Laws, placing: Any
) -> None:
    request = await laws.request(impatient)
    fresh = connect("impatient", timeouts=IMPATIENT)
    fake.faults(*({"fault": "times_out_before_commit", "method": m, "path": p} for m, p in laws.facts))
    fake.forget_calls()
    with pytest.raises(VendorError) as raised:
        await getattr(fresh, placing.__name__)(request)
    assert raised.value.nothing_done
    assert fake.writes() == []


async def test_waiting_for_a_place_is_not_in_doubt(fake: FakeVendor, connect: Connect, laws: Laws) -> None:
    connector = connect("narrow", concurrency=1, timeouts={**IMPATIENT, "total": 1.0})
    request = await laws.request(connector)
    fake.forget_calls()
    async with vars(connector.client)["_places"]:
        with pytest.raises(VendorTimeout) as raised:
            await connector.place_order(request)
    assert raised.value.nothing_done
    assert fake.calls() == []


async def collect(reading: Awaitable[Any]) -> Any:
    return await reading


async def until(check: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not check():  # noqa: ASYNC110 - what is waited for happens in another thread
            await asyncio.sleep(0.005)


@served_at(SHOWING)
async def test_drift_in_a_list_costs_one_item(fake: FakeVendor, connector: Connector, laws: Laws) -> None:
    assert laws.list_orders
    method, path = laws.list_orders
    fake.faults({"fault": "contract_drift", "method": method, "path": path})
    with capture_logs() as logs:
        part = await connector.list_orders(OrderQuery(), Window(10, descending=True))
        await connector.list_orders(OrderQuery(), Window(10, descending=True))
    assert len(part.items) == 10
    assert part.skipped == 1
    assert [entry["event"] for entry in logs].count("contract drift") == 1


async def test_no_secret_in_any_text_of_the_connector(fake: FakeVendor, connector: Connector, laws: Laws) -> None:
    await connector.check()
    login = cast("object", vars(connector.client)["_login"])
    kept = list(cast("dict[str, object]", vars(login)).values())
    headers = [cast("dict[str, str]", one) for one in kept if isinstance(one, dict)]  # of static credentials
    kept = [one for one in kept if not isinstance(one, dict)]
    tokens = [value for value in kept if isinstance(value, str)]
    tokens += [value for one in headers for value in one.values()]
    assert tokens
    told = (connector, connector.client, connector.account, connector.account.model_dump(), connector.health, login)
    texts = [*map(repr, told), *map(str, told), *(repr(value) for value in kept if not isinstance(value, str))]
    for text in texts:
        hidden = [text for secret in (laws.secrets[-1], *tokens) if secret in text]
        assert not hidden


# ---- Client lifecycle -------------------------------------------------------------------------------


@served_at(SHOWING)
async def test_a_cancelled_read_frees_its_place(fake: FakeVendor, connect: Connect, laws: Laws) -> None:
    connector = connect("narrow", concurrency=1)
    first, second = await some_orders(connector, 2)
    assert laws.get_order
    method, path = laws.get_order
    fake.faults({"fault": "times_out_before_commit", "method": method, "path": path, "times": 1})
    fake.forget_calls()
    reading = asyncio.create_task(collect(connector.fetch_orders([first.ref.joined])))
    await until(lambda: laws.get_order in fake.calls())
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    async with asyncio.timeout(5):
        found = await connector.fetch_orders([second.ref.joined, first.ref.joined])
    assert [cast("Order", one).id for one in found] == [second.id, first.id]


@served_at(SHOWING)
async def test_a_cancelled_reader_takes_nothing_from_the_others(
    fake: FakeVendor, connector: Connector, laws: Laws
) -> None:
    (order,) = await some_orders(connector, 1)
    assert laws.get_order
    method, path = laws.get_order
    fake.faults({"fault": "slow", "seconds": 0.2, "method": method, "path": path})
    fake.forget_calls()
    first = asyncio.create_task(collect(connector.fetch_orders([order.ref.joined])))
    second = asyncio.create_task(collect(connector.fetch_orders([order.ref.joined])))
    await until(lambda: laws.get_order in fake.calls())
    first.cancel()
    (found,) = await second
    assert found.id == order.id
    assert fake.calls().count(laws.get_order) == 1


@served_at(LOGGING_IN)
async def test_one_login_however_many_call_at_once(fake: FakeVendor, connector: Connector, laws: Laws) -> None:
    await asyncio.gather(*(connector.check() for _ in range(20)), collect(connector.fetch_orders(laws.missing)))
    assert laws.login
    assert fake.calls().count(laws.login) == 1


async def test_a_dead_vendor_heals_without_a_restart(fake: FakeVendor, connect: Connect, laws: Laws) -> None:
    port = free_port()
    connector = connect("healing", base_url=f"http://127.0.0.1:{port}/{fake.vendor.code}", timeouts=IMPATIENT)
    with pytest.raises(VendorUnreachable) as raised:
        await connector.check()
    assert raised.value.nothing_done
    assert raised.value.retryable
    assert connector.health.state is HealthState.DOWN
    with running(create_app({fake.vendor.code: fake.vendor.sandbox}, orders=3, seed=1), port=port):
        assert await connector.check()
        assert connector.health.state is HealthState.UP
    (found,) = await connector.fetch_orders([laws.missing[1]])
    assert found is None if laws.get_order is None else isinstance(found, VendorUnreachable | VendorUnavailable)


async def test_check_says_who_we_are(connector: Connector) -> None:
    sentence = await connector.check()
    assert len(sentence) > 10
    assert "None" not in sentence


# ---- Capabilities -----------------------------------------------------------------------------------

ACT: dict[Action, Callable[[Connector, Order, Laws], Awaitable[object]]] = {
    Action.UPDATE_ORDER: lambda at, order, laws: at.update_order(order.ref.joined, laws.change(order), None),
    Action.SUBMIT_ORDER: lambda at, order, _: at.submit_order(order.ref.joined),
    Action.CANCEL_ORDER: lambda at, order, _: at.cancel_order(order.ref.joined, CancelRequest()),
    Action.ACKNOWLEDGE_ORDER: lambda at, order, _: at.acknowledge_order(order.ref.joined),
    Action.APPROVE_ORDER: lambda at, order, _: at.approve_order(order.ref.joined),
    Action.DENY_ORDER: lambda at, order, _: at.deny_order(order.ref.joined),
    Action.RESUBMIT_ORDER: lambda at, order, _: at.resubmit_order(order.ref.joined),
    Action.UPDATE_LINE_ITEM: lambda at, order, _: at.update_line_item(
        order.ref.joined, line_of(order), LineChange(quantity=Decimal(3))
    ),
    Action.REMOVE_LINE_ITEM: lambda at, order, _: at.remove_line_item(order.ref.joined, line_of(order)),
    Action.ADD_LINE_ITEM: lambda at, order, laws: add_line(at, order, laws),
    Action.RESPOND_TO_CHARGE: lambda at, order, _: accept_charge(at, order),
    Action.CHANGE_REQUESTED_DATE: lambda at, order, _: at.change_requested_date(
        order.ref.joined, line_of(order), DateRequest(requested_at=datetime(2027, 1, 1, tzinfo=UTC))
    ),
}
ACT_ON_SUBSCRIPTION: dict[Action, Callable[[Connector, str], Awaitable[Subscription]]] = {
    Action.UPDATE_SUBSCRIPTION: lambda at, key: at.update_subscription(key, SubscriptionChange(has_auto_renewal=False)),
    Action.ACTIVATE_SUBSCRIPTION: lambda at, key: at.activate_subscription(key, DAY),
    Action.CANCEL_SUBSCRIPTION: lambda at, key: at.cancel_subscription(key),
    Action.ACTIVATE_SUBSCRIPTION_CHANGES: lambda at, key: at.activate_subscription_changes(key, DAY),
    Action.CANCEL_SUBSCRIPTION_CHANGES: lambda at, key: at.cancel_subscription_changes(key),
}
OTHERS: dict[Action, Callable[[Connector], Awaitable[object]]] = {
    Action.PLACE_ORDER: lambda at: at.place_order(cast("Any", None)),
    Action.CREATE_DRAFT_ORDER: lambda at: at.create_draft_order(cast("Any", None)),
    Action.LIST_ORDERS: lambda at: at.list_orders(OrderQuery(), Window(1, descending=True)),
    Action.LIST_PRODUCTS: lambda at: at.list_products(ProductQuery(), 0, 1),
    Action.LIST_SUBSCRIPTIONS: lambda at: at.list_subscriptions(SubscriptionQuery(), 0, 1),
    Action.LIST_INVOICES: lambda at: at.list_invoices(cast("Any", None), Window(1, descending=True)),
    Action.PREVIEW_SUBSCRIPTION_CHANGE: lambda at: at.preview_subscription_change("1", [], None),
}


class Sample(Order):
    """An order of which only the ID matters."""

    def __init__(self, key: str, lines: Any) -> None:
        self.sample_key = key
        self.lines = lines

    @property
    def key(self) -> tuple[str, ...]:
        return (self.sample_key,)

    @property
    def ref(self) -> domain.Ref:
        return domain.Ref("Order", "sample", self.key)

    @property
    def line_items(self) -> Any:
        return self.lines


def sample(key: str, lines: Any = ()) -> Sample:
    return Sample(key, lines)


def line_of(order: Order) -> str:
    lines = order.line_items
    assert lines
    return lines[0].key[-1]


async def accept_charge(connector: Connector, order: Order) -> domain.Charge | None:
    """Accept the waiting charge of an order. Return None if there is none. A Sample uses its own ID."""
    (charges,) = await connector.fetch_order_charges([order.ref.joined])
    assert not isinstance(charges, VendorError)
    waiting = [one.ref.joined for one in charges or () if one.status is ChargeStatus.AWAITING_RESPONSE]
    if isinstance(order, Sample):
        waiting = [order.ref.joined]
    return await connector.respond_to_charge(waiting[0], ChargeAnswer(accept=True)) if waiting else None


async def add_line(connector: Connector, order: Order, laws: Laws) -> Order | None:
    lines = (await laws.request(connector)).lines if connector.supports(Action.ADD_LINE_ITEM) else [LineRequest()]
    return (await connector.add_line_item(order.ref.joined, lines[0]))[0]


class Nothing(Connector):
    """A vendor without any capability."""

    title = "Nothing"


@pytest.mark.parametrize("action", Action)
def test_a_capability_is_an_override(served: FakeVendor, action: Action) -> None:
    connector = served.vendor.connector
    assert connector.supports(action) is (
        action.name.lower() in {name for one in connector.mro()[:-2] for name in vars(one)}
    )
    assert not Nothing.supports(action)


def test_every_action_can_be_tried() -> None:
    assert {*ACT, *ACT_ON_SUBSCRIPTION, *OTHERS} == set(Action)


@pytest.mark.parametrize("bare", [True, False])
async def test_what_is_not_supported_says_so_without_a_call(
    fake: FakeVendor, connector: Connector, laws: Laws, bare: bool
) -> None:
    tried = Nothing(connector.account, connector.client, connector.kept) if bare else connector
    for action in Action:
        if not tried.supports(action):
            await check_refusal(tried, laws, action)
    assert fake.calls() == []


async def do(connector: Connector, action: Action, order: Order, laws: Laws) -> object:
    """Run an action on an order, or on the subscription with its ID."""
    if action in ACT:
        return await ACT[action](connector, order, laws)
    if action in ACT_ON_SUBSCRIPTION:
        return await ACT_ON_SUBSCRIPTION[action](connector, order.key[0])
    return await OTHERS[action](connector)


async def outcome(doing: Awaitable[object]) -> object:
    """Return the result, or the error if the action is rejected."""
    try:
        return await doing
    except (ActionRefused, VendorConflict) as refusal:
        return refusal


async def check_refusal(tried: Connector, laws: Laws, action: Action) -> None:
    with pytest.raises(ActionRefused) as raised:
        await do(tried, action, sample("1", [sample("2")]), laws)
    (error,) = raised.value.errors
    assert error.code is UserErrorCode.NOT_SUPPORTED
    assert tried.title in error.message
    assert action.name in error.message


async def test_an_action_on_garbage_is_not_found_without_a_call(
    fake: FakeVendor, connector: Connector, laws: Laws
) -> None:
    order = await make(connector, laws)
    fake.forget_calls()
    for action in filter(connector.supports, [*ACT, *ACT_ON_SUBSCRIPTION]):
        for key in laws.garbage:
            with pytest.raises(ActionRefused) as raised:
                await do(connector, action, sample(key, order.line_items), laws)
            assert [error.code for error in raised.value.errors] == [UserErrorCode.NOT_FOUND], (action, key)
    assert fake.calls() == []


# ---- Order lifecycle --------------------------------------------------------------------------------


async def order_in(fake: FakeVendor, connector: Connector, laws: Laws, word: str) -> Order:
    request = await laws.request(connector)
    if word == "DRAFT":
        return await connector.create_draft_order(request)
    order = await connector.place_order(request)
    if order.vendor_status != word:
        fake.advance(dict(laws.advance_order(order.ref.joined, word)))
    return await read(connector, order.ref.joined)


async def read(connector: Connector, key: str) -> Order:
    (order,) = await connector.fetch_orders([key])
    assert isinstance(order, Order)
    return order


def order_states(vendor: Vendor) -> list[str]:
    drafts = ["DRAFT"] if vendor.connector.supports(Action.CREATE_DRAFT_ORDER) else []
    return [*drafts, *laws_of(vendor).order_words]


STATES = [pytest.param(vendor, word, id=f"{vendor.code}-{word}") for vendor in COVERED for word in order_states(vendor)]


@pytest.mark.parametrize(("served", "word"), STATES, indirect=["served"], scope="module")
async def test_available_actions_agree_with_the_vendor(
    fake: FakeVendor, connector: Connector, laws: Laws, word: str
) -> None:
    for action in filter(connector.supports, ACT):
        await check_action(connector, laws, await order_in(fake, connector, laws, word), action)


async def check_action(connector: Connector, laws: Laws, order: Order, action: Action) -> None:
    (offer,) = [one for one in order.available_actions if one.action is action]
    assert (offer.reason is None) is (offer.message is None) is offer.is_allowed
    result = await outcome(ACT[action](connector, order, laws))
    after = await read(connector, order.ref.joined)
    if action is Action.RESPOND_TO_CHARGE:
        assert offer.is_allowed is isinstance(result, domain.Charge)
        assert not isinstance(result, domain.Charge) or result.status is not ChargeStatus.AWAITING_RESPONSE
    elif offer.is_allowed:
        assert isinstance(result, Order), action
        assert result.version == after.version != order.version, action
        assert after.status is laws.order_after.get(action, order.status), action
        assert after.id == order.id
    else:
        assert isinstance(result, ActionRefused), action
        assert [error.code for error in result.errors] == [UserErrorCode.WRONG_STATUS], action
        assert result.errors[0].message == offer.message
        assert after.version == order.version


@supporting(Action.CREATE_DRAFT_ORDER, Action.SUBMIT_ORDER)
async def test_a_draft_keeps_its_id_through_submission(connector: Connector, laws: Laws) -> None:
    draft = await connector.create_draft_order(await laws.request(connector))
    assert draft.status is OrderStatus.DRAFT
    assert (await read(connector, draft.ref.joined)).status is OrderStatus.DRAFT
    order = await connector.submit_order(draft.ref.joined)
    assert order.id == draft.id
    assert (await read(connector, draft.ref.joined)).status is order.status is OrderStatus.SUBMITTED


async def test_an_action_on_nothing_is_not_found(connector: Connector, laws: Laws) -> None:
    for action in (Action.SUBMIT_ORDER, Action.CANCEL_ORDER, Action.ACKNOWLEDGE_ORDER, Action.APPROVE_ORDER):
        if connector.supports(action):
            with pytest.raises(ActionRefused) as raised:
                await ACT[action](connector, sample(laws.missing[1]), laws)
            assert [error.code for error in raised.value.errors] == [UserErrorCode.NOT_FOUND]


SUBSCRIPTION_STATES = [
    pytest.param(vendor, state, id=f"{vendor.code}-{state}")
    for vendor in COVERED
    for state in laws_of(vendor).subscription_states
]


@pytest.mark.parametrize(("served", "state"), SUBSCRIPTION_STATES, indirect=["served"], scope="module")
async def test_available_actions_of_a_subscription_agree_with_the_vendor(
    fake: FakeVendor, connect: Connect, laws: Laws, state: str
) -> None:
    for action in ACT_ON_SUBSCRIPTION:
        connector = connect(cache={"subscriptions": 0})
        if connector.supports(action):
            fake.reset()
            await check_subscription_action(fake, connector, laws, state, action)


async def check_subscription_action(
    fake: FakeVendor, connector: Connector, laws: Laws, state: str, action: Action
) -> None:
    status, command_of = laws.subscription_states[state]
    query = SubscriptionQuery(statuses=frozenset({status}))
    key = (await connector.list_subscriptions(query, 0, 1)).items[0].ref.joined
    if command := command_of(key):
        fake.advance(dict(command))
    (before,) = await connector.fetch_subscriptions([key])
    assert isinstance(before, Subscription)
    (offer,) = [one for one in before.available_actions if one.action is action]
    result = await outcome(ACT_ON_SUBSCRIPTION[action](connector, key))
    (after,) = await connector.fetch_subscriptions([key])
    assert isinstance(after, Subscription)
    if offer.is_allowed:
        assert isinstance(result, Subscription), action
        assert after.version == result.version
        assert after.status is laws.subscription_after.get(action, before.status), action
    else:
        assert isinstance(result, ActionRefused | VendorConflict), action
        assert after.version == before.version


# ---- Watching ---------------------------------------------------------------------------------------


async def test_who_watches_an_order_is_told_what_becomes_of_it(
    connect: Connect, fake: FakeVendor, ledger: Ledger, laws: Laws
) -> None:
    connector = connect(watch={"fastest": 0.02, "slowest": 0.1, "per_minute": 60_000})
    watches = Watches({connector.name: connector}, ledger.operations, 1)
    caller = Caller("me", frozenset({connector.name}), frozenset())
    for word in laws.order_words:
        placed = await connector.place_order(await laws.request(connector))
        async with asyncio.timeout(10), aclosing(watches.orders(caller, [placed.ref])) as changes:
            seen = (await anext(changes)).order
            assert seen is not None
            if seen.vendor_status == word:
                continue
            fake.advance(dict(laws.advance_order(placed.ref.joined, word)))
            change = await anext(changes)
            while change.order is not None and change.order.vendor_status != word:  # already on its way
                change = await anext(changes)
            assert change.order is not None
            assert change.version == change.order.version != seen.version
            assert "vendorStatus" in (change.changed_fields or ())
            if change.order.is_final:
                assert [one async for one in changes] == []
    await watches.aclose()
