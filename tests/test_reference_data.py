"""An account's reference data is read once and it authenticates once, whatever else is read or written."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Generator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from ordergraph.connector import Connector, only
from ordergraph.domain import Order, Ref
from ordergraph.domain.errors import VendorError, VendorTimeout
from ordergraph.ledger.operations import WriteOperation
from ordergraph.ledger.store import MEMORY, Store
from ordergraph.upstream.request_scope import current_request, fallback, refetching, request_scope, set_request
from ordergraph.vendors.nuvias.connector import NuviasConnector
from ordergraph.vendors.nuvias.mapping import Facts
from ordergraph.vendors.nuvias.vendor import vendor as nuvias
from ordergraph.vendors.registry import VENDORS
from ordergraph.vendors.vendor import Vendor
from ordergraph.watch.changes import Change, ChangeSource
from ordergraph.watch.polling import Rounds
from ordergraph.watch.watcher import Watcher
from tests.fakes import FakeVendor, serving
from tests.gateway import Gateway, gateway
from tests.test_one_form import OWN
from tests.test_watching import NEVER, QUICK, orders, place, placing, until
from tests.vendors.laws import COVERED, Operation, laws_of
from tests.watching import session

pytestmark = pytest.mark.slow

TEN = 10
PATIENCE = 10.0
LOGIN, WHOAMI, COUNTRIES = ("POST", "/oauth/create_token"), ("GET", "/whoami"), ("GET", "/country_codes")
GET_ORDER = ("GET", "/orders/{id}")
PAUSING = {"failures": 1000, "pause": 60.0, "max_pause": 60.0}
"""Settings of a circuit breaker that never opens, with pauses that no test waits for."""


def once(vendor: Vendor) -> Counter[Operation]:
    """Return the calls that are made once for an account, each counted once."""
    laws = laws_of(vendor)
    return Counter([*laws.facts, *([laws.login] if laws.login else [])])


# ---- Polls and look-ups of the gateway --------------------------------------------------------------


class Looked:
    """Counts the completed reads of orders by an account."""

    def __init__(self, connector: Connector) -> None:
        self._fetch = connector.fetch_orders
        self._ended = asyncio.Semaphore(0)
        connector.fetch_orders = self.fetch_orders

    async def fetch_orders(self, keys: Sequence[str]) -> Any:
        try:
            return await self._fetch(keys)
        finally:
            self._ended.release()

    async def times(self, count: int) -> None:
        """Wait for this many more reads."""
        async with asyncio.timeout(PATIENCE):
            for _ in range(count):
                await self._ended.acquire()


Connect = Callable[..., Connector]


@pytest.fixture(scope="module", params=COVERED, ids=lambda vendor: vendor.code)
def fake(request: pytest.FixtureRequest) -> Generator[FakeVendor]:
    with serving(request.param, orders=5) as served:
        yield served


@pytest.fixture(scope="module")
def hub() -> Generator[FakeVendor]:
    with serving(nuvias, orders=40) as served:
        yield served


@pytest.fixture
async def connect() -> AsyncGenerator[Connect]:
    """Create connectors to a sandbox that have made no calls yet, and close them at the end."""
    made: list[Connector] = []
    store = Store(MEMORY)

    def make(fake: FakeVendor, **settings: Any) -> Connector:
        made.append(fake.connector(store, **settings))
        return made[-1]

    yield make
    for connector in made:
        await connector.aclose()
    await store.aclose()


async def placed(connector: Connector, fake: FakeVendor, count: int) -> list[Order]:
    laws = laws_of(fake.vendor)
    return [await connector.place_order(await laws.request(connector)) for _ in range(count)]


def of_orders(fake: FakeVendor, count: int) -> Counter[Operation]:
    """Return this many calls that read one order, or none if the vendor cannot show orders."""
    get_order = laws_of(fake.vendor).get_order
    return Counter({get_order: count} if get_order else {})


async def test_ten_looks_at_one_order_ask_for_reference_data_once(fake: FakeVendor, connect: Connect) -> None:
    (order,) = await placed(connect(fake), fake, 1)
    watching = connect(fake, watch=NEVER)
    looked, rounds, watcher = Looked(watching), Rounds(watching), Watcher[Change]({order.id})
    fake.forget_calls()
    rounds.join(order.ref, watcher, None)
    await looked.times(1)
    for _ in range(TEN - 1):
        rounds.look([order.ref.joined], ChangeSource.GATEWAY)
        await looked.times(1)
    await rounds.aclose()
    asked = Counter(fake.calls())
    assert asked == of_orders(fake, TEN) + (once(fake.vendor) if asked else Counter())


async def test_looks_at_ten_orders_at_once_ask_for_reference_data_once(fake: FakeVendor, connect: Connect) -> None:
    ten = await placed(connect(fake), fake, TEN)
    watching = connect(fake, watch={**NEVER, "per_minute": 60_000})
    looked, rounds, watcher = Looked(watching), Rounds(watching), Watcher[Change]({one.id for one in ten})
    fake.forget_calls()
    for one in ten:
        rounds.join(one.ref, watcher, None)
    await looked.times(TEN)
    rounds.look(None, ChangeSource.NOTIFICATION)
    await looked.times(TEN)
    await rounds.aclose()
    asked = Counter(fake.calls())
    assert asked == of_orders(fake, 2 * TEN) + (once(fake.vendor) if asked else Counter())


def sending(order: Order) -> WriteOperation:
    """Return an in-doubt operation on an order."""
    return WriteOperation(
        id="1",
        caller="me",
        account=order.origin.account,
        mutation="submitOrder",
        idempotency_key=None,
        fingerprint="",
        created_at=datetime(2020, 1, 1, tzinfo=UTC),
        owner="me",
        lease_until=datetime(2020, 1, 1, tzinfo=UTC),
        request={"orderId": order.id},
    )


async def test_what_became_of_ten_changes_is_asked_for_without_reference_data(
    fake: FakeVendor, connect: Connect
) -> None:
    ten = await placed(connect(fake), fake, TEN)
    asking = connect(fake)
    fake.forget_calls()
    for one in ten:
        found = await asking.find_outcome(sending(one))
        assert found
        assert found.done
    asked = Counter(fake.calls())
    assert asked == of_orders(fake, TEN) + (once(fake.vendor) if asked else Counter())


async def test_five_watched_orders_cost_a_call_for_each_look(hub: FakeVendor) -> None:
    with gateway({"nuvias": hub.table(watch=QUICK)}) as asked:
        five = [place(asked) for _ in range(5)]
        hub.forget_calls()
        many = "subscription($ids: [ID!]!) { ordersChanged(ids: $ids) { orderId order { total { amount } } } }"
        async with session(asked) as connected, connected.watch(many, ids=five) as news:
            assert {(await news.next())["orderId"] for _ in five} == {*five}
            await until(lambda: len(hub.calls()) >= 50)
        assert {*hub.calls()} == {GET_ORDER}


# ---- Requests of clients ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fakes() -> Generator[Mapping[str, FakeVendor]]:
    with ExitStack() as stack:
        yield {one.code: stack.enter_context(serving(one, orders=0)) for one in VENDORS}


@pytest.fixture(scope="module")
def shared(fakes: Mapping[str, FakeVendor]) -> Generator[Gateway]:
    """The only gateway that calls these vendors, so each one-time call is in the whole log once."""
    with gateway({code: fake.table() for code, fake in fakes.items()}) as asked:
        yield asked


every_vendor = pytest.mark.parametrize("code", [vendor.code for vendor in VENDORS])
WHOLE = """id status total { amount currency } shippingAddress { formattedLines countryCode }
    lineItems { quantity unitPrice { amount } } availableActions { action isAllowed } details { raw }"""
ORDER = f"query($id: ID!) {{ order(id: $id) {{ {WHOLE} }} }}"
LIST = f"query($id: ID!) {{ orders(first: 10, filter: {{ accountIds: [$id] }}) {{ nodes {{ {WHOLE} }} }} }}"


def placed_through(asked: Gateway, code: str) -> str:
    """Place an order and return its ID, without reading anything else of it."""
    document = re.sub(r"order \{.*\}(?=\s+userErrors)", "order { id }", placing(), flags=re.DOTALL)
    payload = asked.get(document, accountId=f"Account:{code}", **OWN[code])["placeOrder"]
    assert payload["userErrors"] == []
    return payload["order"]["id"]


def apart(fake: FakeVendor, begin: int) -> Counter[Operation]:
    """Return the calls since `begin`, without the one-time calls, each of which is in the whole log at most once."""
    calls, single = fake.calls(), once(fake.vendor)
    assert {call: count for call, count in Counter(calls).items() if call in single and count > 1} == {}
    return Counter(call for call in calls[begin:] if call not in single)


@every_vendor
def test_ten_orders_are_placed_and_read_with_reference_data_once(
    shared: Gateway, fakes: Mapping[str, FakeVendor], code: str
) -> None:
    fake, laws = fakes[code], laws_of(fakes[code].vendor)
    begin = len(fake.calls())
    ten = [placed_through(shared, code) for _ in range(TEN)]
    sent = apart(fake, begin)
    assert sent[laws.commits] == TEN
    assert {call for call in sent if call[0] == "GET"} <= {laws.get_order, laws.list_orders}
    begin = len(fake.calls())
    for id_ in ten:
        assert shared.get(ORDER, id=id_)["order"]["id"] == id_
    assert apart(fake, begin) == of_orders(fake, TEN)


@every_vendor
def test_ten_lists_ask_for_reference_data_once(shared: Gateway, fakes: Mapping[str, FakeVendor], code: str) -> None:
    fake, laws = fakes[code], laws_of(fakes[code].vendor)
    placed_through(shared, code)
    begin = len(fake.calls())
    for _ in range(TEN):
        assert shared.get(LIST, id=f"Account:{code}")["orders"]["nodes"]
    assert {*apart(fake, begin)} <= {laws.list_orders, laws.get_order}


def test_a_draft_is_made_changed_ordered_and_cancelled_with_reference_data_once(hub: FakeVendor) -> None:
    hub.forget_calls()
    with gateway({"nuvias": hub.table()}) as asked:
        made = asked.do("createDraftOrder", idempotencyKey="d", accountId="Account:nuvias", lineItems=[LINE])
        id_ = made["order"]["id"]
        added = asked.do("addLineItem", "lineItem { id }", idempotencyKey="l", orderId=id_, lineItem=LINE)
        changes: Sequence[tuple[str, Mapping[str, Any]]] = [
            ("updateLineItem", {"lineItemId": added["lineItem"]["id"], "quantity": "3"}),
            ("updateOrder", {"orderId": id_, "purchaseOrderNumber": "PO-1"}),
            ("submitOrder", {"orderId": id_}),
        ]
        for mutation, values in changes:
            assert asked.do(mutation, **values)["userErrors"] == []
        hub.advance({"order": int(Ref.parse(id_).joined), "to": "PROCESSING"})
        assert asked.do("cancelOrder", orderId=id_)["order"]["status"] == "CANCELLED"
    assert Counter(call for call in hub.calls() if call in once(nuvias)) == once(nuvias)


LINE = {"product": {"sku": "222"}, "quantity": "2"}


async def test_each_account_has_its_own_reference_data(hub: FakeVendor, connect: Connect) -> None:
    uk, de = connect(hub, name="uk"), connect(hub, name="de")
    hub.forget_calls()
    for _ in range(TEN):
        for connector in (uk, de):
            assert await facts(connector)
    assert Counter(hub.calls()) == once(nuvias) + once(nuvias)


# ---- Requests with no-cache -------------------------------------------------------------------------

REFERENCES = """query($id: ID!) { order(id: $id) { total { currency } shippingAddress { countryCode }
    details { ... on NuviasOrderDetails { shippingType { name } organisation { name } } } } }"""
LISTS: Mapping[str, Operation] = {
    "countries { id }": COUNTRIES,
    "viewer { name }": WHOAMI,
    "manufacturers { id }": ("GET", "/vendors"),
    "shippingTypes { id }": ("GET", "/shipping_types"),
    "organisations { id }": ("GET", "/organisations"),
}


@pytest.fixture(scope="module")
def knowing(hub: FakeVendor) -> Generator[Gateway]:
    """A gateway that has loaded all reference data, called with `no-cache`."""
    with gateway({"nuvias": hub.table()}) as asked:
        for field in LISTS:
            asked.get(f"{{ accounts {{ ... on NuviasAccount {{ {field} }} }} }}")
        asked.client.headers["cache-control"] = "no-cache"
        yield asked


def test_who_wants_an_order_new_is_shown_it_with_known_reference_data(knowing: Gateway, hub: FakeVendor) -> None:
    ids = orders(knowing, "COMPLETED")[:3]
    hub.forget_calls()
    for id_ in ids:
        shown = knowing.get(REFERENCES, id=id_)["order"]
        assert shown["total"]["currency"]
        assert shown["details"]["shippingType"]["name"]
    assert hub.calls() == [GET_ORDER] * len(ids)


@pytest.mark.parametrize("field", LISTS)
def test_who_wants_reference_data_itself_new_is_told_what_the_vendor_says(
    knowing: Gateway, hub: FakeVendor, field: str
) -> None:
    hub.forget_calls()
    for _ in range(3):
        assert knowing.get(f"{{ accounts {{ ... on NuviasAccount {{ {field} }} }} }}")["accounts"]
    assert hub.calls() == [LISTS[field]] * 3


# ---- Reference data that cannot be read -------------------------------------------------------------


async def facts(connector: Connector) -> Facts:
    assert isinstance(connector, NuviasConnector)
    return await connector.facts()


async def shown(connector: Connector, key: str) -> Order:
    order = await only(connector.fetch_orders([key]))
    assert order is not None
    return order


async def seen(connector: Connector, key: str) -> bool:
    """Whether an order's total can be read, which needs the currency."""
    order = await shown(connector, key)
    assert order.shipping_address
    assert order.shipping_address.country_code == "GB"
    try:
        return order.total is not None
    except VendorError:
        return False


SENT = {"unavailable": 1, "rate_limited": 1, "contract_drift": 1, "malformed_json": 1, "unauthorized": 2}
"""How often a call that meets a fault is sent: once more after a 401, with a new token."""


@pytest.mark.parametrize("fault", SENT)
async def test_reference_data_that_fails_costs_its_own_fields_and_is_not_reread_at_once(
    hub: FakeVendor, connect: Connect, fault: str
) -> None:
    (order,) = await placed(connect(hub), hub, 1)
    connector = connect(hub, circuit=PAUSING)
    hub.faults({"fault": fault, "path": "/whoami"})
    hub.forget_calls()
    try:
        assert [await seen(connector, order.ref.joined) for _ in range(TEN)] == [False] * TEN
    finally:
        hub.end_faults()
    with pytest.raises(VendorError) as raised:
        assert (await shown(connector, order.ref.joined)).total
    assert raised.value.retry_after
    assert 50 < raised.value.retry_after <= 60
    sent = Counter(hub.calls())
    assert sent.pop(WHOAMI) == sent.pop(LOGIN) == SENT[fault]
    assert sent == of_orders(hub, TEN + 1) + Counter([COUNTRIES])


async def test_reference_data_heals_by_itself(hub: FakeVendor, connect: Connect) -> None:
    (order,) = await placed(connect(hub), hub, 1)
    connector = connect(hub, circuit={**PAUSING, "pause": 0.05, "max_pause": 0.1})
    hub.faults({"fault": "unavailable", "path": "/whoami"})
    assert [await seen(connector, order.ref.joined) for _ in range(TEN)] == [False] * TEN
    hub.end_faults()
    async with asyncio.timeout(PATIENCE):
        while not await seen(connector, order.ref.joined):
            pass
    hub.forget_calls()
    assert await seen(connector, order.ref.joined)
    assert hub.calls() == [GET_ORDER]


async def test_trouble_of_the_whole_vendor_is_not_held_against_its_reference_data(
    hub: FakeVendor, connect: Connect
) -> None:
    connector = connect(hub, circuit={**PAUSING, "failures": 1})
    hub.faults({"fault": "unavailable"})
    for _ in range(3):
        assert isinstance((await facts(connector)).currency, VendorError)
    hub.end_faults()
    with request_scope(replace(current_request(), probing=True)):  # as for the ledger: the response closes the circuit
        await connector.fetch_orders(["1"])
    assert (await facts(connector)).currency == "GBP"


async def test_reference_data_that_nobody_waits_for_any_more_is_still_read_once(
    hub: FakeVendor, connect: Connect
) -> None:
    (order,) = await placed(connect(hub), hub, 1)
    connector = connect(hub)
    hub.forget_calls()
    hub.faults(*({"fault": "slow", "path": path, "seconds": 60} for _, path in (WHOAMI, COUNTRIES)))
    for missing in laws_of(nuvias).missing:
        assert await connector.fetch_orders([missing]) == [None]
        await until(lambda: {WHOAMI, COUNTRIES} <= {*hub.calls()})
    hub.end_faults()
    assert await seen(connector, order.ref.joined)
    assert {call: count for call, count in Counter(hub.calls()).items() if call in once(nuvias)} == once(nuvias)


async def test_reference_data_that_takes_longer_than_a_request_is_there_for_the_next(
    hub: FakeVendor, connect: Connect
) -> None:
    (order,) = await placed(connect(hub), hub, 1)
    connector = connect(hub)
    hub.forget_calls()
    hub.faults({"fault": "slow", "path": WHOAMI[1], "seconds": 60})

    async def request(seconds: float) -> None:
        set_request(replace(current_request(), deadline=time.monotonic() + seconds))
        with pytest.raises(VendorTimeout):
            assert (await shown(connector, order.ref.joined)).total

    await asyncio.gather(*(asyncio.create_task(request(seconds)) for seconds in (0.3, 0.4, 0.5)))
    hub.end_faults()
    assert await seen(connector, order.ref.joined)
    assert hub.calls().count(WHOAMI) == 1


async def test_what_was_known_answers_while_it_cannot_be_read_again(hub: FakeVendor, connect: Connect) -> None:
    """This includes watchers and decisions about mutations. A currency of an hour ago is still right."""
    connector = connect(hub, cache={"reference": 0.0, "stale": 60.0})
    known = await facts(connector)
    hub.faults(*({"fault": "unavailable", "path": path} for _, path in (WHOAMI, COUNTRIES)))
    with fallback(allowed=False), refetching():
        assert [await facts(connector) for _ in range(3)] == [known] * 3
    hub.end_faults()
