"""Measures what a caller sees of each fault at each vendor, for the generated tables in the documentation.

The faults are those of the sandbox, and an address on which nothing listens. Each fault lasts until the call has
failed. Timeouts are short and retries few, so that the fault itself is seen and not the recovery.
"""

import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from typing import Any

from ordergraph.sandbox import FAULTS
from ordergraph.vendors.registry import VENDORS
from ordergraph.vendors.vendor import Vendor
from tests.fakes import IMPATIENT, FakeVendor, serving
from tests.gateway import Gateway, gateway
from tests.test_one_form import OWN

Json = dict[str, Any]

DEAD = "nothing listens"
KEPT = "palmetto"
"""The vendor whose orders are read from the gateway's ledger."""
MEANINGS: Mapping[str, str] = {
    "unavailable": "responds with 503",
    "rate_limited": "responds with 429 and `Retry-After`",
    "unauthorized": "responds with 401 to valid credentials",
    "connection_reset": "resets the connection; nothing is executed",
    "times_out_before_commit": "never responds; nothing is executed",
    "times_out_after_commit": "never responds; the call is executed",
    "slow": "responds too late; the call is executed",
    "malformed_json": "responds with half of a JSON body; the call is executed",
    "contract_drift": "responds with something that its contract does not have; the call is executed",
    DEAD: "cannot be reached",
}
SETTINGS: Json = {
    "timeouts": IMPATIENT,
    "settle": 1.0,
    "retries": {"attempts": 2},
    "circuit": {"failures": 1000},
}
PLACING: Mapping[str, tuple[str, str]] = {
    "airvantage": ("POST", "/accounts/ui/api/v1/orders"),
    "nuvias": ("POST", "/baskets/{id}/submit"),
    "palmetto": ("POST", "/products/selfservice/order"),
    "sonata": ("POST", "/mefApi/sonata/productOrderingManagement/v10/productOrder"),
    "verifone": ("POST", "/orders/hardware"),
}
READ = "query($id: ID!) { order(id: $id) { id status } }"
LIST = "query($id: ID!) { orders(first: 1, filter: {accountIds: [$id]}) { nodes { id } } }"
PLACE = """mutation($input: PlaceOrderInput!) { placeOrder(input: $input) {
    operation { id status } userErrors { code isRetryable }
} }"""
OPERATION = "query($id: ID!) { operation(id: $id) { status nextCheckAt } }"
PATIENCE = 30.0


@dataclass(frozen=True)
class Seen:
    """What a caller sees: the error code and, for a mutation, the operation's first and final status."""

    code: str
    retryable: bool | None
    status: str = ""
    later: str = ""


@dataclass(frozen=True)
class Measured:
    """What a caller sees of each fault at one vendor."""

    reads: Mapping[str, Seen]
    writes: Mapping[str, Seen]


def measured() -> Mapping[str, Measured]:
    """Measure every fault at every vendor, all vendors at the same time."""
    with ThreadPoolExecutor(len(VENDORS)) as pool:
        return dict(zip([one.code for one in VENDORS], pool.map(_measured, VENDORS), strict=True))


def _measured(vendor: Vendor) -> Measured:
    with serving(vendor, orders=5) as fake:
        table = fake.table(**SETTINGS)
        dead = {**table, "base_url": "http://127.0.0.1:9"}  # the discard port, on which nothing listens
        kept = {vendor.code: fake.placed} if fake.placed else {}
        with gateway({vendor.code: table}, kept) as asked, gateway({vendor.code: dead}, kept) as lost:
            at = _Vendor(vendor.code, fake, asked)
            reads = {fault: at.read(fault) for fault in FAULTS}
            writes = {fault: at.write(fault) for fault in FAULTS}
            gone = _Vendor(vendor.code, fake, lost, at.order)
            return Measured({**reads, DEAD: gone.read(None)}, {**writes, DEAD: gone.write(None)})


class _Vendor:
    """A failing vendor and a gateway that calls it."""

    numbers = count(1)

    def __init__(self, code: str, fake: FakeVendor, asked: Gateway, order: str | None = None) -> None:
        self.code = code
        self.fake = fake
        self.asked = asked
        account = f"Account:{code}"
        self.order = order or asked.get(LIST, id=account)["orders"]["nodes"][0]["id"]

    def fail(self, fault: str | None, method: str, path: str | None) -> None:
        """Add a fault that applies from now on."""
        seconds = 30 if fault == "slow" else None  # far longer than the timeout; a slow response ends with the fault
        rule = {"fault": fault, "method": method, "path": path, "seconds": seconds}
        self.fake.faults(*([{key: value for key, value in rule.items() if value is not None}] if fault else []))

    def read(self, fault: str | None) -> Seen:
        """Read an order during a fault."""
        self.fail(fault, "GET", None)
        answer = self.asked.ask(READ, id=self.order)
        self.fake.end_faults()
        if "errors" not in answer:
            return Seen("", None)
        extensions = answer["errors"][0]["extensions"]
        return Seen(extensions["code"], extensions["isRetryable"])

    def write(self, fault: str | None) -> Seen:
        """Place an order during a fault, and follow its operation until it is settled."""
        number = next(self.numbers)
        own = OWN[self.code]
        values = {
            "idempotencyKey": f"fault {number}",
            "accountId": f"Account:{self.code}",
            "lineItems": [{"product": own["product"], **({"details": own["line"]} if "line" in own else {})}],
            "clientReference": f"FAULT-{number}",
            "purchaseOrderNumber": "PO-2026-1",
            "requestedAt": "2027-01-31T00:00:00Z",
            "shippingAddress": {
                "lines": ["1 High Street"],
                "city": "York",
                "postalCode": "YO1 7HH",
                "countryCode": "GB",
            },
            "contact": {"name": "Ann Lee", "email": "ann@acme.example", "phone": "+44 1904 555123"},
            **({"details": own["details"]} if "details" in own else {}),
        }
        self.fail(fault, *PLACING[self.code])
        payload = self.asked.get(PLACE, input=values)["placeOrder"]
        self.fake.end_faults()
        error: Json = next(iter(payload["userErrors"]), {"code": "", "isRetryable": None})
        operation = payload["operation"]
        if operation is None:
            return Seen(error["code"], error["isRetryable"])
        return Seen(error["code"], error["isRetryable"], operation["status"], self.ended(operation["id"]))

    def ended(self, operation: str) -> str:
        """Return the operation's status once the gateway no longer checks it."""
        until = time.monotonic() + PATIENCE
        while True:
            found = self.asked.get(OPERATION, id=operation)["operation"]
            if found["nextCheckAt"] is None:
                return str(found["status"])
            assert time.monotonic() < until, f"{self.code}: {found}"
            time.sleep(0.05)


_found: list[Mapping[str, Measured]] = []
_measuring = threading.Lock()


def _once() -> Mapping[str, Measured]:
    """Measure once, on the first call."""
    with _measuring:
        if not _found:
            _found.append(measured())
        return _found[0]


def reads_table() -> str:
    """Return the table of what a caller sees when reading an order."""
    rows = ["| the vendor | at | `extensions.code` | `isRetryable` |", "|---|---|---|---|"]
    for fault, vendors, seen in _grouped({code: one.reads for code, one in _once().items() if code != KEPT}):
        rows.append(f"| {MEANINGS[fault]} | {vendors} | `{seen.code}` | {str(seen.retryable).lower()} |")
    return "\n".join(rows)


def writes_table() -> str:
    """Return the table of what a caller sees when placing an order."""
    head = "| the vendor | at | `userErrors.code` | `isRetryable` | `operation.status` | in the end |"
    rows = [head, "|---|---|---|---|---|---|"]
    for fault, vendors, seen in _grouped({code: one.writes for code, one in _once().items()}):
        told = f"`{seen.code}` | {str(seen.retryable).lower()}" if seen.code else "none |"
        rows.append(f"| {MEANINGS[fault]} | {vendors} | {told} | {seen.status or 'no record'} | {seen.later} |")
    return "\n".join(rows)


def _grouped(found: Mapping[str, Mapping[str, Seen]]) -> Sequence[tuple[str, str, Seen]]:
    """Group the vendors at which a fault looks the same."""
    rows: list[tuple[str, str, Seen]] = []
    for fault in (*FAULTS, DEAD):
        groups: dict[Seen, list[str]] = {}
        for code, seen in found.items():
            groups.setdefault(seen[fault], []).append(code)
        for seen, codes in groups.items():
            rows.append((fault, "all" if len(codes) == len(found) else ", ".join(codes), seen))
    return rows
