"""Orders and operations are watched over a WebSocket, at the sandboxes."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AsyncExitStack, ExitStack, suppress

import pytest
from gql.transport.exceptions import TransportQueryError

from ordergraph.domain import Ref
from ordergraph.vendors.registry import VENDORS
from ordergraph.watch import watcher
from tests.fakes import IMPATIENT, FakeVendor, serving
from tests.gateway import Gateway, Json, gateway
from tests.ports import free_port
from tests.test_one_form import OWN, TEMPLATE
from tests.vendors.laws import laws_of
from tests.watching import ONE, OPERATION, PATIENCE, SEVERAL, Session, session

pytestmark = pytest.mark.slow

QUICK = {"fastest": 0.05, "slowest": 0.2, "per_minute": 60_000}
NEVER = {"fastest": 600, "slowest": 600}
"""Polling intervals so long that no poll happens in a test."""
GET_ORDER = ("GET", "/orders/{id}")


@pytest.fixture(scope="module")
def fakes() -> Generator[dict[str, FakeVendor]]:
    with ExitStack() as stack:
        yield {one.code: stack.enter_context(serving(one, orders=60)) for one in VENDORS}


@pytest.fixture(scope="module")
def hub(fakes: dict[str, FakeVendor]) -> FakeVendor:
    return fakes["nuvias"]


@pytest.fixture(scope="module")
def quick(fakes: dict[str, FakeVendor]) -> Generator[Gateway]:
    """A gateway that polls often."""
    with gateway({code: fake.table(watch=QUICK) for code, fake in fakes.items()}) as asked:
        yield asked


@pytest.fixture(scope="module")
def told(hub: FakeVendor) -> Generator[Gateway]:
    """A gateway that reads watched orders only after notifications and mutations."""
    with gateway({"nuvias": hub.table(watch=NEVER)}) as asked:
        yield asked


@pytest.fixture
async def watching(quick: Gateway) -> AsyncGenerator[Session]:
    async with session(quick) as connected:
        yield connected


ORDERS = "query($status: [OrderStatus!]) { orders(first: 50, filter: { statuses: $status, vendors: [NUVIAS] }) %s"


def orders(asked: Gateway, *status: str) -> list[str]:
    """Return the IDs of the Hub's orders in these statuses."""
    found = asked.get(ORDERS % "{ nodes { id } } }", status=status)["orders"]["nodes"]
    return [one["id"] for one in found]


def placing() -> str:
    """Return a mutation that places an order with a new idempotency key and reference."""
    number = str(time.monotonic_ns())
    return TEMPLATE.replace("one form", number).replace("FORM-2026-1", number)


def place(asked: Gateway, account: str = "nuvias") -> str:
    """Place an order and return its ID."""
    values = json.dumps(OWN.get(account, OWN["nuvias"])).replace(":nuvias:", f":{account}:")
    placed = asked.get(placing(), accountId=f"Account:{account}", **json.loads(values))["placeOrder"]
    assert placed["userErrors"] == []
    return placed["order"]["id"]


def advance(hub: FakeVendor, id_: str, to: str) -> None:
    hub.advance({"order": int(Ref.parse(id_).joined), "to": to})


async def until(check: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not check():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def looks(hub: FakeVendor) -> int:
    return hub.calls().count(GET_ORDER)


# ---- One order --------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [vendor.code for vendor in VENDORS])
async def test_an_order_is_told_at_once_and_when_it_changes(
    quick: Gateway, fakes: dict[str, FakeVendor], watching: Session, code: str
) -> None:
    id_, laws = place(quick, code), laws_of(fakes[code].vendor)
    async with watching.watch(ONE, id=id_) as one:
        first = await one.next()
        assert (first["orderId"], first["order"]["id"], first["source"]) == (id_, id_, "INITIAL")
        assert (first["previousStatus"], first["changedFields"], first["error"]) == (None, None, None)
        if not laws.order_words:
            return  # the vendor shows no orders
        words = quick.get("query($id: ID!) { order(id: $id) { vendorStatus } }", id=id_)["order"]
        word = next(one for one in laws.order_words if one != words["vendorStatus"])
        fakes[code].advance(dict(laws.advance_order(Ref.parse(id_).joined, word)))
        change = await one.next()
        assert (change["order"]["id"], change["source"], change["error"]) == (id_, "POLL", None)
        assert change["previousStatus"] == first["order"]["status"]
        assert "vendorStatus" in change["changedFields"]
        assert change["version"] != first["version"]


async def test_what_has_not_changed_is_not_told_and_the_final_status_is_the_last(
    quick: Gateway, hub: FakeVendor, watching: Session
) -> None:
    id_ = place(quick)
    async with watching.watch(ONE, id=id_) as one:
        await one.next()
        hub.forget_calls()
        await until(lambda: looks(hub) >= 3)
        advance(hub, id_, "COMPLETE")
        (last,) = await one.rest()
        assert last["order"] == {"id": id_, "status": "COMPLETED"}
        assert {"status", "phase", "isFinal", "vendorStatus"} <= {*last["changedFields"]}
    async with watching.watch(ONE, id=id_, since=last["version"]) as informed:
        assert await informed.rest() == []
    async with watching.watch(ONE, id=id_) as late:
        assert [found["source"] for found in await late.rest()] == ["INITIAL"]


async def test_who_comes_back_misses_nothing(quick: Gateway, hub: FakeVendor, watching: Session) -> None:
    id_ = place(quick)
    async with watching.watch(ONE, id=id_) as staying:
        async with watching.watch(ONE, id=id_) as leaving:
            version = (await leaving.next())["version"]
        await staying.next()
        passed: list[Json] = []
        for word in ("PROCESSING", "ACCEPTED"):
            advance(hub, id_, word)
            passed.append(await staying.next())
        async with watching.watch(ONE, id=id_, since=version) as back:
            assert [await back.next(), await back.next()] == passed
        async with (
            watching.watch(ONE, id=id_, since="something else") as lost,
            watching.watch(ONE, id=id_, since=passed[-1]["version"]) as informed,
        ):
            now = await lost.next()
            assert (now["version"], now["source"]) == (passed[-1]["version"], "INITIAL")
            advance(hub, id_, "COMPLETE")
            assert await informed.rest() == await lost.rest() == await staying.rest()


async def test_who_comes_back_when_nobody_watched_is_told_what_is_new(
    quick: Gateway, hub: FakeVendor, watching: Session
) -> None:
    id_ = place(quick)
    async with watching.watch(ONE, id=id_) as leaving:
        first = await leaving.next()
    advance(hub, id_, "PROCESSING")
    async with watching.watch(ONE, id=id_, since=first["version"]) as back:
        change = await back.next()
        assert (change["previousStatus"], change["order"]["status"]) == ("SUBMITTED", "IN_PROGRESS")


async def test_there_are_no_looks_when_nobody_watches(quick: Gateway, hub: FakeVendor, watching: Session) -> None:
    ids = [place(quick) for _ in range(2)]
    async with watching.watch(ONE, id=ids[0]) as one, watching.watch(ONE, id=ids[1]) as other:
        await one.next()
        await other.next()
        hub.forget_calls()
        await until(lambda: looks(hub) >= 4)
    hub.forget_calls()
    await asyncio.sleep(1)  # five times the longest polling interval
    assert looks(hub) <= 2  # already in progress


async def test_a_sick_vendor_is_told_and_so_is_that_it_is_well(
    quick: Gateway, hub: FakeVendor, watching: Session
) -> None:
    id_ = place(quick)
    async with watching.watch(ONE, id=id_) as one:
        first = await one.next()
        hub.faults({"fault": "unavailable", "method": "GET"})
        ill = await one.next()
        assert (ill["source"], ill["order"], ill["version"]) == ("ERROR", first["order"], first["version"])
        assert (ill["error"]["code"], ill["error"]["isRetryable"]) == ("VENDOR_UNAVAILABLE", True)
        async with watching.watch(ONE, id=id_) as late:
            assert (await late.next())["error"]["code"] == "VENDOR_UNAVAILABLE"
            hub.end_faults()
            assert (await late.next())["source"] == "INITIAL"
        well = await one.next()
        assert (well["source"], well["error"], well["changedFields"]) == ("RECOVERED", None, [])
        hub.faults({"fault": "rate_limited", "method": "GET"})
        limited = await one.next()
        assert (limited["error"]["code"], limited["error"]["retryAfter"]) == ("VENDOR_RATE_LIMITED", 1)
        advance(hub, id_, "PROCESSING")
        hub.end_faults()
        change = await one.next()
        assert (change["source"], change["order"]["status"], change["error"]) == ("POLL", "IN_PROGRESS", None)


async def test_an_open_circuit_is_told(hub: FakeVendor) -> None:
    circuit = {"failures": 2, "pause": 0.2, "max_pause": 0.2}
    with gateway({"nuvias": hub.table(watch=QUICK, circuit=circuit)}) as asked:
        id_ = place(asked)
        async with session(asked) as connected, connected.watch(ONE, id=id_) as one:
            await one.next()
            hub.faults({"fault": "unavailable", "method": "GET"})
            assert (await one.next())["error"]["code"] == "VENDOR_UNAVAILABLE"
            circuits = "{ accounts { health { circuit } } }"
            await until(lambda: asked.get(circuits)["accounts"][0]["health"]["circuit"] != "CLOSED")
            hub.end_faults()
            assert (await one.next())["source"] == "RECOVERED"


@pytest.mark.parametrize("id_", ["Order:nuvias:999999999", "Order:nobody:1"])
async def test_of_an_order_that_is_not_there_nothing_is_told_at_once(watching: Session, id_: str) -> None:
    async with watching.watch(ONE, id=id_) as one:
        (only,) = await one.rest()
        assert (only["orderId"], only["order"], only["error"]) == (id_, None, None)


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        (ONE, {"id": "Product:nuvias:1"}),
        (SEVERAL, {"ids": [f"Order:nuvias:{number}" for number in range(101)]}),
        (OPERATION, {"id": "x"}),
    ],
)
async def test_what_can_not_be_watched_is_refused(watching: Session, document: str, variables: Json) -> None:
    async with watching.watch(document, **variables) as one:
        assert await one.code() == "BAD_USER_INPUT"


async def test_the_relations_of_a_watched_order_load(quick: Gateway, hub: FakeVendor, watching: Session) -> None:
    id_ = place(quick)
    relations = "order { account { name } lineItems { product { sku } } invoices { nodes { id } } }"
    async with watching.watch(f"subscription($id: ID!) {{ orderChanged(id: $id) {{ {relations} }} }}", id=id_) as one:
        first = await one.next()
        assert first["order"]["account"]["name"] == "nuvias"
        assert first["order"]["lineItems"][0]["product"]["sku"]
        advance(hub, id_, "CANCELLED")
        assert await one.rest() == [first]


# ---- Several orders ---------------------------------------------------------------------------------


async def test_several_orders_are_watched_until_all_are_final(
    quick: Gateway, hub: FakeVendor, watching: Session
) -> None:
    done, going, other = orders(quick, "COMPLETED")[0], place(quick), place(quick)
    async with watching.watch(SEVERAL, ids=[done, going, other, "Order:nobody:1", going]) as several:
        firsts = {one["orderId"]: one["order"] for one in [await several.next() for _ in range(4)]}
        assert {id_: order and order["id"] for id_, order in firsts.items()} == {
            done: done,
            going: going,
            other: other,
            "Order:nobody:1": None,
        }
        advance(hub, going, "CANCELLED")
        assert (await several.next())["order"] == {"id": going, "status": "CANCELLED"}
        advance(hub, other, "CANCELLED")
        assert [one["orderId"] for one in await several.rest()] == [other]
    async with watching.watch(SEVERAL, ids=[]) as none:
        assert await none.rest() == []


# ---- Immediate polls --------------------------------------------------------------------------------


async def test_a_mutation_through_the_gateway_is_told_at_once(told: Gateway) -> None:
    id_ = place(told)
    refs = {"linkedSupplierRefs": ["SO1"]}
    async with session(told) as connected, connected.watch(ONE, id=id_) as one:
        await one.next()
        assert told.do("updateOrder", orderId=id_, details={"nuvias": refs})["userErrors"] == []
        change = await one.next()
        assert (change["source"], change["changedFields"]) == ("GATEWAY", ["details"])
        assert change["previousStatus"] == change["order"]["status"]


async def test_a_line_that_is_changed_is_told_as_a_change_of_its_order(told: Gateway) -> None:
    draft = told.do(
        "createDraftOrder",
        "order { id lineItems { id } }",
        idempotencyKey=f"{time.monotonic_ns()}",
        accountId="Account:nuvias",
        lineItems=[{"product": {"id": "Product:nuvias:3"}}],
    )["order"]
    async with session(told) as connected, connected.watch(ONE, id=draft["id"]) as one:
        assert (await one.next())["order"]["status"] == "DRAFT"
        payload = told.do("updateLineItem", lineItemId=draft["lineItems"][0]["id"], quantity=7)
        assert payload["userErrors"] == []
        change = await one.next()
        assert change["source"] == "GATEWAY"
        assert "lineItems" in change["changedFields"]
        assert told.do("submitOrder", orderId=draft["id"])["userErrors"] == []
        assert (await one.next())["previousStatus"] == "DRAFT"


async def test_a_thousand_who_watch_fifty_orders_cost_the_calls_of_fifty_orders(told: Gateway, hub: FakeVendor) -> None:
    ids = [place(told) for _ in range(50)]
    changed = ids[0]
    hub.forget_calls()
    async with AsyncExitStack() as stack:
        sessions = [await stack.enter_async_context(session(told)) for _ in range(20)]
        watchers = {id_: [await stack.enter_async_context(one.watch(ONE, id=id_)) for one in sessions] for id_ in ids}
        firsts = await asyncio.gather(*(one.next() for of in watchers.values() for one in of))
        assert len(firsts) == 1000
        assert looks(hub) == 50
        hub.forget_calls()
        assert told.do("updateOrder", orderId=changed, details={"nuvias": {"linkedSupplierRefs": ["x"]}})
        changes = await asyncio.gather(*(one.next() for one in watchers[changed]))
        assert [one["source"] for one in changes] == ["GATEWAY"] * 20
        assert looks(hub) <= 3  # two of them belong to the mutation


# ---- Slow clients -----------------------------------------------------------------------------------


def test_who_does_not_take_what_is_told_is_dropped(told: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watcher, "ROOM", 2)
    id_, url = place(told), told.client.base_url
    fields = " ".join(f"_{number}: details {{ raw }}" for number in range(30))  # more than the socket buffers hold
    document = f'subscription {{ orderChanged(id: "{id_}") {{ order {{ {fields} }} }} }}'
    body = json.dumps({"query": document}).encode()
    head = f"POST /graphql HTTP/1.1\r\nhost: {url.host}\r\naccept: text/event-stream\r\nconnection: close\r\n"
    head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    with socket.socket() as slow:
        slow.settimeout(PATIENCE)
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect((url.host, url.port))
        slow.sendall(head.encode() + body)
        read = b""
        while b"event: next" not in read:
            read += slow.recv(1024)
        for number in range(15):
            refs = [f"{number}-{ref:0200}" for ref in range(100)]
            assert not told.do("updateOrder", orderId=id_, details={"nuvias": {"linkedSupplierRefs": refs}})[
                "userErrors"
            ]
        while piece := slow.recv(1 << 20):
            read += piece
    *_, last, end = read.decode().split("event: ")
    (error,) = json.loads(last.partition("data: ")[2].partition("\n")[0])["errors"]
    assert (error["extensions"]["code"], error["extensions"]["isRetryable"]) == ("SLOW_CONSUMER", True)
    assert end.startswith("complete")


# ---- Sonata's requests on orders --------------------------------------------------------------------

REQUESTS = """order { id version details { ... on SonataOrderDetails {
    cancelRequests { taskId } deliveryDateRequests { taskId } } } }"""


@pytest.mark.parametrize(
    ("mutation", "requests", "command"),
    [("cancelOrder", "cancelRequests", "cancel"), ("changeRequestedDate", "deliveryDateRequests", "delivery_date")],
)
async def test_a_request_that_goes_on_is_told(
    fakes: dict[str, FakeVendor], quick: Gateway, mutation: str, requests: str, command: str
) -> None:
    fake, id_ = fakes["sonata"], place(quick, "sonata")
    fake.advance({"order": Ref.parse(id_).joined, "to": "inProgress"})
    query = "query($id: ID!) { order(id: $id) { version lineItems { id } } }"
    before = quick.get(query, id=id_)["order"]
    line = {"lineItemId": before["lineItems"][0]["id"], "requestedAt": "2027-03-01T00:00:00Z"}
    asked = quick.do(mutation, REQUESTS, **({"orderId": id_} if mutation == "cancelOrder" else line))["order"]
    (task,) = asked["details"][requests]
    async with session(quick) as connected, connected.watch(ONE, id=id_) as watching:
        first = await watching.next()
        assert first["version"] == asked["version"] != before["version"]
        fake.advance({command: task["taskId"], "to": "inProgress.assessingCharge"})
        change = await watching.next()
        assert change["version"] not in (asked["version"], before["version"])
        assert (change["source"], change["changedFields"][0]) == ("POLL", "availableActions")
        fake.advance({command: task["taskId"], "to": "done"})
        # A poll reads the order and then its requests, and may run in between.
        while "statusChanges" not in (await watching.next())["changedFields"]:
            pass


# ---- Sonata notifications ---------------------------------------------------------------------------


@pytest.mark.parametrize("extensions", [["notifications", "charges"], ["notifications", "charges", "list"]])
async def test_a_notification_is_told_at_once(fakes: dict[str, FakeVendor], extensions: list[str]) -> None:
    fake, port = fakes["sonata"], free_port()
    callback = f"http://127.0.0.1:{port}/notifications/sonata"
    table = fake.table(watch=NEVER, extensions=extensions, callback_url=callback)
    with gateway({"sonata": table}, port=port) as asked:
        await until(lambda: any(path.endswith("/hub") for _, path in fake.calls()))
        id_, other = place(asked, "sonata"), place(asked, "sonata")
        key = Ref.parse(id_).joined
        async with session(asked) as connected, connected.watch(SEVERAL, ids=[id_, other]) as both:
            assert {(await both.next())["orderId"] for _ in range(2)} == {id_, other}
            fake.advance({"order": key, "to": "inProgress"})
            change = await both.next()
            assert (change["orderId"], change["source"]) == (id_, "NOTIFICATION")
            assert change["order"]["status"] == "IN_PROGRESS"
            # a charge is reported as well, without the order
            fake.advance({"order": key, "to": "held.assessingCharge"})
            assert (await both.next())["order"]["status"] == "ACTION_REQUIRED"


# ---- Callers and limits -----------------------------------------------------------------------------

READER, OTHER, WRITER = "og_reader", "og_other", "og_writer"
CALLERS = {
    "reader": {"keys": [READER], "accounts": ["mine"]},
    "other": {"keys": [OTHER], "accounts": ["mine"]},
    "writer": {"keys": [WRITER], "accounts": ["mine"], "scopes": ["write"]},
}


@pytest.fixture(scope="module")
def guarded(hub: FakeVendor) -> Generator[Gateway]:
    accounts = {name: hub.table(watch=QUICK) for name in ("mine", "theirs")}
    with gateway(accounts, callers=CALLERS, limits={"watches": 2}) as asked:
        yield asked


async def test_to_watch_one_has_to_be_allowed_to_read(guarded: Gateway) -> None:
    async with session(guarded.with_key(WRITER)) as connected:
        for document in (ONE, SEVERAL, OPERATION):
            async with connected.watch(document, id="Order:mine:1", ids=[]) as one:
                assert await one.code() == "FORBIDDEN"


async def test_order_of_another_caller_looks_nonexistent(guarded: Gateway, hub: FakeVendor) -> None:
    key = place(guarded.with_key(WRITER), "mine").rpartition(":")[2]
    async with session(guarded.with_key(READER)) as connected:
        hub.forget_calls()
        told: list[Json] = []
        for account in ("theirs", "nobody"):
            async with connected.watch(ONE, id=f"Order:{account}:{key}") as one:
                told += await one.rest()
        assert [one.pop("orderId") for one in told] == [f"Order:theirs:{key}", f"Order:nobody:{key}"]
        assert told[0] == told[1]
        assert hub.calls() == []


async def test_a_caller_watches_only_so_much_at_once(guarded: Gateway) -> None:
    ids = [place(guarded.with_key(WRITER), "mine") for _ in range(3)]
    async with session(guarded.with_key(READER)) as connected, session(guarded.with_key(OTHER)) as others:
        async with connected.watch(SEVERAL, ids=ids[:2]) as two:
            await two.next()
            async with connected.watch(ONE, id=ids[2]) as third:
                assert await third.code() == "TOO_MANY_WATCHES"
            async with others.watch(ONE, id=ids[2]) as another:
                await another.next()
        async with asyncio.timeout(PATIENCE):
            while True:  # it takes a moment until the gateway has noticed their end
                async with connected.watch(ONE, id=ids[2]) as third:
                    with suppress(TransportQueryError):
                        assert (await third.next())["order"]["id"] == ids[2]
                        break


# ---- Operations -------------------------------------------------------------------------------------


async def test_an_operation_is_watched_until_it_is_settled(fakes: dict[str, FakeVendor]) -> None:
    fake = fakes["palmetto"]
    commits = dict(zip(("method", "path"), laws_of(fake.vendor).commits, strict=True))
    with gateway({"palmetto": fake.table(timeouts=IMPATIENT)}) as asked:
        fake.faults({"fault": "times_out_after_commit", **commits})
        doubtful = placing().replace("userErrors", "operation { id } userErrors")
        placed = asked.get(doubtful, accountId="Account:palmetto", **OWN["palmetto"])["placeOrder"]["operation"]
        fake.end_faults()
        async with session(asked) as connected, connected.watch(OPERATION, id=placed["id"]) as one:
            assert (await one.next())["status"] == "IN_DOUBT"
            settled = asked.do("settleOperation", "operation { id }", operationId=placed["id"], **{"as": "REJECTED"})
            assert settled["userErrors"] == []
            assert [found["status"] for found in await one.rest()][-1] == "REJECTED"
            async with connected.watch(OPERATION, id=placed["id"]) as late:
                assert await late.rest() == [{"id": placed["id"], "status": "REJECTED"}]
            async with connected.watch(OPERATION, id="WriteOperation:palmetto:x") as none:
                assert await none.rest() == [None]
