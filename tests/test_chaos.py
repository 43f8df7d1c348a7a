"""A short kill test, and tests that its checks detect errors. `python -m tests.chaos` is the long one."""

import asyncio
import random
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.chaos.checks import CONFIRMED, IN_DOUBT, REJECTED, SENDING, Evidence, Operation, failures
from tests.chaos.clients import Clients, Diary, Said, Told, Wish, read_payload
from tests.chaos.process import account
from tests.chaos.proxy import FAULTS, FaultProxy, Side
from tests.chaos.run import Plan, run
from tests.chaos.shops import LESS, SHOPS, Placed
from tests.chaos.weather import weather
from tests.gateway import gateway

pytestmark = pytest.mark.slow

Json = dict[str, Any]

KEYS = ("chaos-0-00001", "chaos-0-00002", "chaos-0-00003")


@pytest.mark.timeout(300)  # ten times what an idle machine needs
@pytest.mark.parametrize(
    ("ledger_url", "workers"), [("sqlite", 1), ("postgresql", 2)], indirect=["ledger_url"], ids=str
)
async def test_no_order_is_lost_and_none_is_doubled(tmp_path: Path, ledger_url: str, workers: int) -> None:
    said: list[str] = []
    report = await run(Plan(orders=30, workers=workers, ledger=ledger_url), tmp_path, said.append)
    assert report.passed, "\n".join([*said, report.text, (tmp_path / "log").read_text()[-5000:]])
    assert report.kills > 0
    assert sum(report.faults.values()) > 0
    assert report.text.splitlines()[-1].startswith("placed 30, confirmed ")
    assert report.text.endswith(", lost 0, doubled 0")


# ---- Detection of errors ----------------------------------------------------------------------------


def sound() -> Evidence:
    """Return evidence without errors: a confirmed order, a rejected one, and one whose vendor cannot be asked."""
    done, refused, doubtful = KEYS
    return Evidence(
        shops=SHOPS,
        diaries=[
            Diary(Wish(done, "verifone"), [Told(Said.DONE, "Order:verifone:1")]),
            Diary(Wish(refused, "verifone", wrong=True), [Told(Said.REFUSED)]),
            Diary(Wish(doubtful, "palmetto"), [Told(Said.IN_DOUBT)]),
        ],
        operations=[
            Operation("a", done, "verifone", CONFIRMED, ["1"]),
            Operation("b", refused, "verifone", REJECTED),
            Operation("c", doubtful, "palmetto", IN_DOUBT),
        ],
        placed=[Placed("verifone", "1", done), Placed("palmetto", "7", doubtful)],
    )


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    evidence = sound()
    assert failures(evidence) == {}
    assert (evidence.lost, evidence.doubled) == (0, 0)
    assert evidence.statuses == {("verifone", CONFIRMED): 1, ("verifone", REJECTED): 1, ("palmetto", IN_DOUBT): 1}


def told(evidence: Evidence, number: int, *answers: Told) -> Sequence[Diary]:
    return [Diary(one.wish, list(answers)) if index == number else one for index, one in enumerate(evidence.diaries)]


GOOD = sound()
SPOILED: Mapping[str, tuple[Evidence, str, int, int]] = {
    "a doubled order": (
        replace(GOOD, placed=[*GOOD.placed, Placed("verifone", "2", KEYS[0])]),
        "no key has two orders",
        0,
        1,
    ),
    "an order in doubt that is there twice": (
        replace(GOOD, placed=[*GOOD.placed, Placed("palmetto", "8", KEYS[2])]),
        "no key has two orders",
        0,
        1,
    ),
    "a confirmed order that is not there": (
        replace(GOOD, placed=GOOD.placed[1:]),
        "every confirmed order is there",
        1,
        0,
    ),
    "a rejected order that is there": (
        replace(GOOD, placed=[*GOOD.placed, Placed("verifone", "2", KEYS[1])]),
        "every order belongs to an operation",
        1,
        0,
    ),
    "an order that nobody asked for": (
        replace(GOOD, placed=[*GOOD.placed, Placed("verifone", "2", None)]),
        "every order belongs to an operation",
        1,
        0,
    ),
    "an order of another name": (
        replace(GOOD, operations=[replace(GOOD.operations[0], orders=["9"]), *GOOD.operations[1:]]),
        "every confirmed order is there",
        0,
        0,
    ),
    "an order that cannot be shown": (
        replace(GOOD, operations=[replace(GOOD.operations[0], shown=False), *GOOD.operations[1:]]),
        "every confirmed order is shown",
        0,
        0,
    ),
    "a doubt about a vendor that can be asked": (
        replace(GOOD, operations=[replace(GOOD.operations[0], status=IN_DOUBT), *GOOD.operations[1:]]),
        "every operation is settled",
        0,
        0,
    ),
    "an operation that is never settled": (
        replace(GOOD, operations=[*GOOD.operations[:2], replace(GOOD.operations[2], status=SENDING)]),
        "every operation is settled",
        0,
        0,
    ),
    "two operations for one key": (
        replace(GOOD, operations=[*GOOD.operations, replace(GOOD.operations[0], id="d")]),
        "no key has two operations",
        0,
        0,
    ),
    "a client that never knew": (replace(GOOD, diaries=told(GOOD, 0)), "every wish was answered", 0, 0),
    "a client that was told of another order": (
        replace(GOOD, diaries=told(GOOD, 0, Told(Said.DONE, "Order:verifone:9"))),
        "clients were told the truth",
        0,
        0,
    ),
    "a client that was told it was done": (
        replace(GOOD, diaries=told(GOOD, 1, Told(Said.DONE))),
        "clients were told the truth",
        0,
        0,
    ),
    "a right order that was refused": (
        replace(GOOD, diaries=told(GOOD, 2, Told(Said.REFUSED))),
        "only wrong orders were refused",
        0,
        0,
    ),
    "an answer against the rules": (
        replace(GOOD, diaries=told(GOOD, 0, Told(Said.NONSENSE))),
        "no answer contradicts itself",
        0,
        0,
    ),
    "another input that was taken": (
        replace(
            GOOD, diaries=[Diary(GOOD.diaries[0].wish, GOOD.diaries[0].told, [Told(Said.DONE)]), *GOOD.diaries[1:]]
        ),
        "no key took another input",
        0,
        0,
    ),
}


@pytest.mark.parametrize("what", SPOILED)
def test_what_is_wrong_is_found(what: str) -> None:
    evidence, check, lost, doubled = SPOILED[what]
    assert check in failures(evidence)
    assert (evidence.lost, evidence.doubled) == (lost, doubled)


@pytest.mark.parametrize(
    ("status", "codes", "retryable", "said"),
    [
        ("CONFIRMED", [], False, Said.DONE),
        ("REJECTED", ["REJECTED_BY_VENDOR"], False, Said.REFUSED),
        (None, ["INVALID", "REQUIRED"], False, Said.REFUSED),
        ("IN_DOUBT", ["OUTCOME_IN_DOUBT"], False, Said.IN_DOUBT),
        (None, ["IDEMPOTENCY_CONFLICT"], False, Said.CONFLICT),
        (None, ["NOT_SENT"], True, Said.AGAIN),
        ("REJECTED", ["NOT_SENT"], True, Said.AGAIN),
        ("SENDING", ["IN_PROGRESS"], True, Said.AGAIN),
        ("SENDING", [], False, Said.NONSENSE),
        ("REJECTED", [], False, Said.NONSENSE),
        ("CONFIRMED", ["NOT_SENT"], True, Said.NONSENSE),
        ("IN_DOUBT", ["NOT_SENT"], True, Said.NONSENSE),
    ],
)
def test_payload_is_read_for_what_it_says(status: str | None, codes: list[str], retryable: bool, said: Said) -> None:
    errors = [{"code": code, "message": "", "isRetryable": retryable} for code in codes]
    payload = {"order": None, "operation": status and {"status": status, "isReplay": False}, "userErrors": errors}
    assert read_payload(payload).said is said


# ---- Orders in the sandboxes ------------------------------------------------------------------------


async def test_sandboxes_have_what_was_placed_and_nothing_else() -> None:
    shops = {**SHOPS, **LESS}
    rights = [Wish(f"chaos-0-{number:05}", name, repeated=True) for number, name in enumerate(shops)]
    wrongs = [Wish(f"chaos-0-{number:05}", name, wrong=True) for number, name in enumerate(shops, 100)]
    diaries = [Diary(wish) for wish in (*rights, *wrongs)]
    with weather(list(shops.values()), 0) as vendors:
        accounts = {name: account(shop, vendors.url) for name, shop in shops.items()}
        with gateway(accounts) as made:
            async with httpx.AsyncClient(base_url=made.client.base_url, trust_env=False, verify=False) as http:
                clients = Clients(http, shops, random.Random(0))
                for diary in diaries:
                    await clients.fulfil(diary)
        found = vendors.placed()
    assert [told.said for diary in diaries[: len(rights)] for told in diary.told] == [Said.DONE] * 2 * len(rights)
    assert [told.said for diary in diaries[len(rights) :] for told in diary.told] == [Said.REFUSED] * len(wrongs)
    told = {one.order: diary.wish for diary in diaries for one in diary.told if one.order}
    there = {(one.id, one.vendor): one.key for one in found}
    assert there == {
        (str(order).rpartition(":")[2], shops[wish.account].code): wish.key for order, wish in told.items()
    }
    assert len(there) == len(found) == len(rights)


async def test_draft_that_was_left_behind_is_no_order() -> None:
    shops = {name: SHOPS[name] for name in ("nuvias", "verifone")}
    with weather(list(shops.values()), 0) as vendors:
        with gateway({name: account(shop, vendors.url) for name, shop in shops.items()}) as made:
            for name, shop in shops.items():
                line: Json = {"product": {"id": f"Product:{name}:{shop.product}"}}
                draft: Json = {"accountId": f"Account:{name}", "lineItems": [line], "idempotencyKey": KEYS[0]}
                address = {"lines": ["1 High Street"], "city": "York", "postalCode": "YO1 7HH", "countryCode": "GB"}
                draft |= {"clientReference": KEYS[0], "shippingAddress": address, "contact": {"name": "Ann Lee"}}
                assert made.do("createDraftOrder", **draft)["userErrors"] == []
        assert vendors.placed() == []


# ---- The fault proxy --------------------------------------------------------------------------------


class MinimalVendor:
    """A minimal vendor that gives every request the same response, and counts the complete requests."""

    def __init__(self) -> None:
        self.done = 0
        self.first = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        side = Side(reader, writer)
        while await side.message() is not None:
            self.done += 1
            self.first.set()
            await side.send(b"HTTP/1.1 200 OK\r\ncontent-length: 40\r\n\r\n" + 40 * b".")
        await side.close()


@asynccontextmanager
async def connected(rates: Mapping[str, float]) -> AsyncGenerator[tuple[MinimalVendor, FaultProxy, httpx.AsyncClient]]:
    vendor = MinimalVendor()
    server = await asyncio.start_server(vendor.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with (
        server,
        FaultProxy(port, rates, random.Random(1)) as proxy,
        httpx.AsyncClient(base_url=proxy.url, trust_env=False, timeout=10, verify=False) as client,
    ):
        yield vendor, proxy, client


async def test_without_faults_everything_passes_on_one_connection() -> None:
    async with connected({}) as (vendor, proxy, client):
        for _ in range(3):
            assert len((await client.post("/", content=b"x" * 100_000)).content) == 40
        assert (vendor.done, proxy.counts.total()) == (3, 0)


# whether the client got a response, and whether the vendor got the whole request
BROKEN: Mapping[str, tuple[bool, bool]] = {
    "request_cut": (False, False),
    "request_held": (True, True),
    "answer_lost": (False, True),
    "answer_withheld": (False, True),
    "answer_cut": (False, True),
    "answer_halved": (False, True),
    "connection_refused": (True, True),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_fault_does_what_it_says(fault: str) -> None:
    answered, done = BROKEN[fault]
    async with connected({fault: 1.0}) as (vendor, proxy, client):
        try:
            response = await client.post("/", content=b"x" * 1000)
        except httpx.TransportError:
            assert not answered
        else:
            assert answered
            assert len(response.content) == 40
        if done:
            await asyncio.wait_for(vendor.first.wait(), 10)
        assert vendor.done == done
        assert proxy.counts == {fault: 1}


async def test_nobody_listens_for_a_while_after_connection_refused() -> None:
    async with connected({"connection_refused": 1.0}) as (vendor, proxy, client):
        await client.post("/")
        with pytest.raises(httpx.ConnectError):
            await client.post("/")
        assert vendor.done == 1
        proxy.calm()
        async with asyncio.timeout(10):
            while vendor.done == 1:
                try:
                    await client.post("/")
                except httpx.ConnectError:
                    await asyncio.sleep(0.01)


async def test_vendor_is_told_when_the_gateway_goes_away() -> None:
    gone = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        side = Side(reader, writer)
        await side.message()
        await side.gone()
        gone.set()
        await side.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with server, FaultProxy(server.sockets[0].getsockname()[1], {}, random.Random(1)) as proxy:
        async with httpx.AsyncClient(base_url=proxy.url, trust_env=False, verify=False) as client:
            with pytest.raises(httpx.ReadTimeout):
                await client.get("/", timeout=0.1)
        async with asyncio.timeout(10):
            await gone.wait()
