"""A gateway that is killed while it sends an order does not send it again, because the ledger has the call."""

import threading
import time
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from ordergraph.vendors.palmetto.sandbox import PASSWORD
from ordergraph.vendors.palmetto.sandbox.data import PRODUCTS
from ordergraph.vendors.palmetto.vendor import vendor as palmetto
from tests.fakes import FakeVendor, serving
from tests.test_cli import AS_CALLER, CALLER, Running, started
from tests.waiting import PATIENCE, eventually

pytestmark = pytest.mark.slow

Json = dict[str, Any]
TOTAL = 1.0
PLACING = ("POST", "/products/selfservice/order")
DOCUMENT = """mutation($product: ID!) { placeOrder(input: {
    idempotencyKey: "killed", accountId: "Account:palmetto", lineItems: [{ product: { id: $product } }]
}) { order { id } operation { status isReplay statusReason } userErrors { code } } }"""


@pytest.fixture
def portal() -> Generator[FakeVendor]:
    with serving(palmetto, orders=3) as fake:
        yield fake


def start(folder: Path, portal: FakeVendor) -> Any:
    (folder / "ordergraph.toml").write_text(f"""
        {CALLER}
        [accounts.palmetto]
        vendor = "palmetto"
        base_url = "{portal.url}"
        username = "{palmetto.sandbox_account["username"]}"
        [accounts.palmetto.timeouts]
        total = {TOTAL}
        read = {TOTAL}
    """)
    secret = {"ORDERGRAPH_ACCOUNTS__PALMETTO__PASSWORD": PASSWORD}
    return started("serve", "--port", "0", until="curl", cwd=folder, environment=secret)


def place(gateway: Running) -> Json:
    product = f"Product:palmetto:{next(iter(PRODUCTS))}"
    body = {"query": DOCUMENT, "variables": {"product": product}}
    return httpx.post(f"{gateway.url}/graphql", json=body, headers=AS_CALLER, timeout=PATIENCE).json()["data"][
        "placeOrder"
    ]


def test_order_of_a_killed_gateway_is_in_doubt_and_not_sent_again(portal: FakeVendor, tmp_path: Path) -> None:
    portal.faults({"fault": "slow", "seconds": 0.8, "method": PLACING[0], "path": PLACING[1], "times": 1})
    with start(tmp_path, portal) as gateway:

        def client() -> None:
            with suppress(httpx.HTTPError):
                place(gateway)

        thread = threading.Thread(target=client)
        thread.start()
        eventually(lambda: PLACING in portal.calls(), "the order is being sent")
        gateway.process.kill()
        gateway.process.wait()
        thread.join()
    before = portal.calls().count(PLACING)
    with start(tmp_path, portal) as gateway:
        began = time.monotonic()
        again = place(gateway)
        assert time.monotonic() - began < PATIENCE
        assert [one["code"] for one in again["userErrors"]] == ["OUTCOME_IN_DOUBT"]
        assert again["operation"]["status"] == "IN_DOUBT"
        assert again["operation"]["isReplay"]
        assert "stopped while the operation was being sent" in again["operation"]["statusReason"]
    assert portal.calls().count(PLACING) == before == 1
