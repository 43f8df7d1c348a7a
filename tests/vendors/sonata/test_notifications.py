"""Sonata's notifications: the gateway registers, receives changes, and updates the orders it placed."""

from __future__ import annotations

import json
import re
import time
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import pytest
from structlog.testing import capture_logs

from ordergraph.domain.errors import InputError
from ordergraph.ledger.placed import PlacedOrder
from ordergraph.ledger.store import MEMORY, Store
from ordergraph.vendors.sonata.connector import LISTENER, SonataConnector
from ordergraph.vendors.sonata.sandbox.life import BASE
from ordergraph.vendors.sonata.sandbox.service import EVENTS
from tests.fakes import FakeVendor
from tests.gateway import Gateway, Json, gateway
from tests.ports import free_port
from tests.vendors.sonata.operations import place, until

HUB = f"{BASE}/hub"
GET = ("GET", f"{BASE}/productOrder/{{id}}")


@contextmanager
def told(fake: FakeVendor, extensions: list[str], **settings: Any) -> Generator[Gateway]:
    """Run a gateway that the Seller notifies of changes."""
    port = free_port()
    table = fake.table(extensions=extensions, callback_url=f"http://127.0.0.1:{port}/notifications/sonata", **settings)
    with gateway({"sonata": table}, port=port) as asked:
        until(fake, ("POST", HUB))
        yield asked


def wait(check: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not check():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def delivered(fake: FakeVendor) -> list[Json]:
    return fake.advance({"notifications": True})["notifications"]


def kept(asked: Gateway) -> list[Json]:
    return asked.get("{ orders { nodes { id vendorStatus } } }")["orders"]["nodes"]


def status(asked: Gateway, id_: str) -> str:
    return asked.get("query($id: ID!) { order(id: $id) { vendorStatus } }", id=id_)["order"]["vendorStatus"]


def test_a_change_that_the_seller_tells_of_is_seen_in_spite_of_the_cache(fake: FakeVendor) -> None:
    with told(fake, ["notifications", "list"], cache={"orders": 300, "lists": 300}) as asked:
        made = place(asked, "told-1")["id"]
        assert status(asked, made) == "acknowledged"
        fake.advance({"order": made.split(":")[-1], "to": "completed"})
        assert {one["status"] for one in delivered(fake)} == {204}
        assert status(asked, made) == "completed"
    calls = fake.calls()
    assert calls.count(("POST", HUB)) == calls.count(("DELETE", f"{HUB}/{{id}}")) == 1


def test_a_kept_order_is_read_again_when_it_changed(fake: FakeVendor) -> None:
    with told(fake, ["notifications", "charges", "cancel", "delivery_date"]) as asked:
        made = place(asked, "told-2")["id"]
        key = made.split(":")[-1]
        for to in ("held.assessingCharge", "assessingCancellation", "pending.assessingModification", "completed"):
            fake.forget_calls()
            fake.advance({"order": key, "to": to})
            assert {one["status"] for one in delivered(fake)} == {204}
            wait(lambda: GET in fake.calls() and fake.all_answered())
        fake.faults({"fault": "unavailable"})  # so that the list has the kept orders
        wait(lambda: kept(asked) == [{"id": made, "vendorStatus": "completed"}])
        fake.end_faults()


def test_a_registration_that_the_seller_forgot_is_made_again(fake: FakeVendor) -> None:
    with patch("ordergraph.vendors.sonata.connector.HUB_SECONDS", 0.05), told(fake, ["notifications"]):
        until(fake, ("GET", f"{HUB}/{{id}}"))
        fake.reset()
        until(fake, ("POST", HUB))


def test_a_seller_that_does_not_answer_is_told_of_once(fake: FakeVendor) -> None:
    table = fake.table(extensions=["notifications"], callback_url="http://127.0.0.1:9/notifications/sonata")
    fake.faults({"fault": "unavailable"})
    seconds = patch.multiple("ordergraph.vendors.sonata.connector", HUB_SECONDS=0.02, RETRY_SECONDS=0.02)
    with capture_logs() as logs, seconds, gateway({"sonata": table}):
        wait(lambda: fake.calls().count(("POST", "/oauth/token")) >= 5)
    assert [one["event"] for one in logs].count("notification registration failed") == 1


def test_without_the_extension_nobody_listens(fake: FakeVendor) -> None:
    table = fake.table(extensions=["list"], callback_url="http://127.0.0.1:9/notifications/sonata")
    with gateway({"sonata": table}) as asked:
        asked.get("{ orders(first: 1) { nodes { id } } }")
        answer = asked.client.post(f"/notifications/sonata/{LISTENER}{EVENTS[0]}", json={})
        assert answer.status_code == 404
    assert ("POST", HUB) not in fake.calls()


def addresses(account: str, token: str) -> list[str]:
    return [f"/notifications/{account}/{part}{LISTENER}{EVENTS[0]}" for part in (f"{token}/", "")]


def test_an_address_is_known_to_nobody_but_the_seller(fake: FakeVendor) -> None:
    """Without the token, nobody learns that the account exists or receives notifications."""
    with told(fake, ["notifications"]) as asked, gateway({"sonata": fake.table(extensions=[])}) as deaf:
        token = fake.connector(Store(MEMORY), extensions=["notifications"]).notification_token
        assert token
        assert re.fullmatch("[0-9a-f]{64}", token)
        wrong = [token[:-1], token.upper(), "0" * 64, "x", "\xff", token + token]
        strange = [path for one in wrong for path in addresses("sonata", one)]
        strange += [path for account in ("nobody", "sonata%00") for path in addresses(account, token)]
        refused = [asked.client.post(path, content=event(EVENTS[0])) for path in strange]
        refused += [deaf.client.post(path, content=event(EVENTS[0])) for path in addresses("sonata", token)]
        told_them = {one.text.replace(one.headers["x-request-id"], "") for one in refused}
        assert {one.status_code for one in refused} == {404}
        assert len(told_them) == 1
        (right, _) = addresses("sonata", token)
        assert asked.client.post(right, content=event(EVENTS[0])).status_code == 204
        assert asked.client.post(right, content=b"{").status_code == 404


def test_every_account_and_every_secret_has_a_token_of_its_own(fake: FakeVendor) -> None:
    store = Store(MEMORY)
    made = [
        fake.connector(store, name, client_secret=secret, extensions=["notifications"])
        for name in ("one", "two")
        for secret in ("a", "b")
    ]
    assert len({one.notification_token for one in made}) == len(made)


@pytest.fixture
async def connector(fake: FakeVendor) -> AsyncGenerator[SonataConnector]:
    store = Store(MEMORY)
    made = fake.connector(store)
    assert isinstance(made, SonataConnector)
    yield made
    await made.aclose()
    await store.aclose()


def event(name: str, id_: str = "1") -> bytes:
    return json.dumps({"eventId": "e", "eventTime": "x", "eventType": name, "event": {"id": id_}}).encode()


@pytest.mark.parametrize("name", EVENTS)
async def test_every_event_makes_what_was_read_forgotten(connector: SonataConnector, name: str) -> None:
    connector.cache.put(("orders", "x"), 1, 100)
    # with a byte order mark, as servers on .NET write it
    about = await connector.notified(LISTENER + name, b"\xef\xbb\xbf" + event(name))
    assert about == ("1" if name.startswith("product") else None)  # the others name a charge or a request
    assert connector.cache.peek(("orders", "x")) is None


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("elsewhere", event(EVENTS[0])),
        (LISTENER + EVENTS[0], b"{"),
        (LISTENER + EVENTS[0], b"[]"),
        (LISTENER, b"\xff"),
        (LISTENER + EVENTS[0], b"[" * 100_000),
    ],
)
async def test_what_is_no_notification_is_refused(connector: SonataConnector, path: str, body: bytes) -> None:
    with pytest.raises(InputError):
        await connector.notified(path, body)


async def test_an_event_about_what_was_not_placed_here_asks_for_no_order(fake: FakeVendor) -> None:
    store = Store(MEMORY)
    connector = fake.connector(store, extensions=["notifications"])
    now = datetime.now(UTC)
    await connector.kept.keep(PlacedOrder("mine", now, now, b'{"id": "mine"}'))
    fake.forget_calls()
    await connector.notified(LISTENER + EVENTS[0], event(EVENTS[0], "other"))
    await connector.notified(LISTENER + EVENTS[0], event(EVENTS[0], ".."))
    await connector.aclose()
    await store.aclose()
    assert fake.calls() == []
