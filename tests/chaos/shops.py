"""The accounts of the kill test: one per vendor, with a product to order and a way to read its sandbox."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ordergraph.sandbox import VendorSandbox
from ordergraph.vendors.airvantage.sandbox.service import CONTACTS, WITHDRAWN
from ordergraph.vendors.airvantage.sandbox.service import PRODUCTS as UIDS
from ordergraph.vendors.palmetto.sandbox.data import PRODUCTS as NUMBERS
from ordergraph.vendors.registry import VENDORS
from ordergraph.vendors.sonata.sandbox.data import ELINE, OFFERINGS
from ordergraph.vendors.sonata.sandbox.life import BASE
from ordergraph.vendors.vendor import Vendor

Json = dict[str, Any]

TERM = {"name": "Yearly", "duration": {"amount": 12, "units": "CALENDAR_MONTHS"}, "endOfTermAction": "AUTO_RENEW"}


@dataclass(frozen=True)
class Shop:
    """An account to order from.

    ``product`` is the product to order, ``wrong`` a product that the vendor rejects. ``line`` and ``details`` are
    further input that the vendor needs. ``placing`` are the paths of the calls that place an order. ``askable``: the
    vendor can be asked for the outcome of a call. ``makes_references``: the gateway adds a reference if there is none.
    """

    code: str
    placing: Sequence[str]
    product: str
    wrong: str
    line: Json | None = None
    details: Json | None = None
    quantity: str = "1"
    wrong_quantity: str = "1"
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    askable: bool = True
    makes_references: bool = False

    @property
    def vendor(self) -> Vendor:
        """The vendor of the account."""
        return next(one for one in VENDORS if one.code == self.code)


AIRVANTAGE = Shop(
    "airvantage",
    placing=["/accounts/ui/api/v1/orders"],
    product=next(iter(UIDS)),
    wrong=WITHDRAWN,
    details={"airvantage": {"deliveryContact": next(iter(CONTACTS))}},
    makes_references=True,
)
NUVIAS = Shop(
    "nuvias",
    placing=["/baskets", "/baskets/{id}/submit"],
    product="3",
    wrong="999999",
    details={"nuvias": {"shippingTypeId": "NuviasShippingType:nuvias:1"}},
)
PALMETTO = Shop(
    "palmetto",
    placing=["/products/selfservice/order"],
    product=str(next(iter(NUMBERS))),
    wrong=str(next(iter(NUMBERS))),
    wrong_quantity="0",  # its sandbox accepts all products that the gateway accepts
    askable=False,
)
SONATA = Shop(
    "sonata",
    placing=[f"{BASE}/productOrder"],
    product=next(iter(OFFERINGS)),
    wrong="00000000-5555-0000-0000-00000000ffff",
    line={"sonata": {"configuration": {"@type": ELINE}, "requestedTerm": TERM}},
    makes_references=True,
)
VERIFONE = Shop("verifone", placing=["/orders/hardware"], product="T650P", wrong="T000X")

BARE = {"extensions": list[str]()}
DIRECT = {"nuvias": {"shippingTypeId": "NuviasShippingType:nuvias-direct:1"}}

SHOPS: Mapping[str, Shop] = {
    "airvantage": AIRVANTAGE,
    "nuvias": NUVIAS,
    "palmetto": PALMETTO,
    "sonata": SONATA,
    "verifone": VERIFONE,
}
"""One account per vendor, with all of its capabilities."""

LESS: Mapping[str, Shop] = {
    "nuvias-direct": replace(
        NUVIAS, placing=["/orders"], details=DIRECT, settings={"placement": "direct"}, askable=False
    ),
    "sonata-bare": replace(SONATA, settings=BARE, askable=False),
    "verifone-bare": replace(VERIFONE, settings=BARE, askable=False),
}
"""Accounts whose vendor cannot be asked for the outcome of an order."""


# ---- Orders in the sandboxes ------------------------------------------------------------------------

KEY = re.compile(r"chaos-\d+-\d{5}")
OTHER = "-other"
"""Follows the key in orders that must not be placed, because the key has been used."""


@dataclass(frozen=True)
class Placed:
    """An order in a sandbox. ``key`` is the key it was placed with, or None if it contains none or several."""

    vendor: str
    id: str
    key: str | None
    other: bool = False


def placed(code: str, sandbox: VendorSandbox) -> Iterator[Placed]:
    """Yield the orders in a sandbox, read from its state. Drafts are not included."""
    for id_, record in list(RECORDS[code](sandbox)):  # the sandbox may still be processing requests
        text = str(record)
        keys = set(KEY.findall(text))
        yield Placed(code, str(id_), keys.pop() if len(keys) == 1 else None, OTHER in text)


RECORDS: Mapping[str, Callable[[Any], Iterable[tuple[object, Json]]]] = {
    "airvantage": lambda sandbox: sandbox.orders.items(),
    "nuvias": lambda sandbox: sandbox.hub.orders.items(),
    "palmetto": lambda sandbox: ((one["key"], one) for one in sandbox.placements()),
    "sonata": lambda sandbox: sandbox.life.orders.items(),
    "verifone": lambda sandbox: ((id_, one) for id_, one in sandbox.orders.items() if one["status"] != "DRAFT"),
}
