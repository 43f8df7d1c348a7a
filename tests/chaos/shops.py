"""Where the kill test orders: an account at each vendor, what is ordered there, and how its sandbox is read."""

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
    """An account to order with.

    ``product`` is what is ordered and ``wrong`` a product that is refused; ``line`` and ``details`` are what else
    its vendor takes. ``placing`` are the paths of the calls that place an order. ``askable``: what came of a call
    can be found out afterwards. ``makes_references``: also for an order without one, the gateway makes it.
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
        """Its vendor."""
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
    wrong_quantity="0",  # its sandbox refuses nothing that the gateway lets through
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
"""One for each vendor, with all that it can do."""

LESS: Mapping[str, Shop] = {
    "nuvias-direct": replace(
        NUVIAS, placing=["/orders"], details=DIRECT, settings={"placement": "direct"}, askable=False
    ),
    "sonata-bare": replace(SONATA, settings=BARE, askable=False),
    "verifone-bare": replace(VERIFONE, settings=BARE, askable=False),
}
"""Such as cannot be asked what became of an order."""


# ---- What the sandboxes have ------------------------------------------------------------------------

KEY = re.compile(r"chaos-\d+-\d{5}")
OTHER = "-other"
"""Stands behind the key in an order that must not be placed, since its key is used up."""


@dataclass(frozen=True)
class Placed:
    """An order that a sandbox has: ``key`` is that under which it was placed, None if it names none or several."""

    vendor: str
    id: str
    key: str | None
    other: bool = False


def placed(code: str, sandbox: VendorSandbox) -> Iterator[Placed]:
    """The orders that a sandbox has, out of its own state. Drafts are none."""
    for id_, record in list(RECORDS[code](sandbox)):  # the sandbox may still be at work
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
