"""Every mutation of every vendor with its input, and whether its outcome can be looked up."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ordergraph.vendors.airvantage.sandbox.service import ORDERS
from ordergraph.vendors.palmetto.sandbox.service import ORDER
from ordergraph.vendors.sonata.sandbox.life import BASE
from tests.fakes import FakeVendor
from tests.gateway import Gateway
from tests.vendors.airvantage.laws import CONTACT, PRODUCT
from tests.vendors.nuvias import operations as nuvias
from tests.vendors.palmetto.laws import PRODUCT as NUMBER
from tests.vendors.sonata import operations as sonata
from tests.vendors.verifone.operations import ordering

Json = dict[str, Any]
Prepare = Callable[[Gateway, FakeVendor], Json]
"""Creates what a mutation needs, and returns the mutation's input."""

numbers = itertools.count(1)


@dataclass(frozen=True)
class Case:
    """A use of a mutation. ``call`` is the one whose response is lost.

    ``asked`` is whether the vendor can be asked for the outcome. ``where`` describes the uses in which it cannot, if it
    can in others.
    """

    mutation: str
    call: tuple[str, str]
    prepare: Prepare
    asked: bool = True
    where: str = ""


def key() -> str:
    return f"outcome-{next(numbers)}"


def made(gateway: Gateway, mutation: str, shows: str = "order { id lineItems { id } }", **values: Any) -> Any:
    answer = gateway.do(mutation, shows, idempotencyKey=key(), **values)
    assert answer["userErrors"] == [], answer
    return answer


def fixed(**values: Any) -> Prepare:
    return lambda _, __: values


# ---- AirVantage -------------------------------------------------------------------------------------


def at_airvantage(account: str = "airvantage", **more: Any) -> Json:
    line = {"product": {"id": f"Product:{account}:{PRODUCT}"}, "quantity": 3}
    details = {"airvantage": {"deliveryContact": CONTACT}}
    return {"accountId": f"Account:{account}", "lineItems": [line], "details": details, **more}


def airvantage_order(gateway: Gateway, to: str | None = None, fake: FakeVendor | None = None) -> str:
    id_ = made(gateway, "placeOrder", **at_airvantage())["order"]["id"]
    if fake is not None:
        fake.advance({"order": id_.split(":")[-1], "to": to})
    return id_


AIRVANTAGE = (
    Case("placeOrder", ("POST", ORDERS), fixed(**at_airvantage())),
    Case("placeOrder", ("POST", ORDERS), lambda _, __: at_airvantage(clientReference=key())),
    Case("updateOrder", ("PUT", f"{ORDERS}/{{uid}}"), lambda at, _: {"orderId": airvantage_order(at), "notes": ["!"]}),
    Case("cancelOrder", ("PUT", f"{ORDERS}/{{uid}}/cancel"), lambda at, _: {"orderId": airvantage_order(at)}),
    Case(
        "acknowledgeOrder",
        ("PUT", f"{ORDERS}/{{uid}}/acknowledge"),
        lambda at, fake: {"orderId": airvantage_order(at, "SHIPPED", fake)},
    ),
)

# ---- Nuvias -----------------------------------------------------------------------------------------

HUB = "Account:nuvias"
DIRECT = 'with `placement = "direct"`'
KITE: Json = {"product": {"sku": "333"}}
FINANCED = {"paymentType": "FINANCE", "finance": {"target": "SELF", "companyName": "Example Inc.", "termLength": 12}}
FEED = {
    "organisationId": "NuviasOrganisation:nuvias:5",
    "name": "Price feed",
    "timeslot": 90,
    "columns": ["STOCK", "PRICE"],
    "deliveryMethod": "EMAIL",
    "deliveryEmail": "user@example.com",
}


def basket(gateway: Gateway) -> Any:
    return made(gateway, "createDraftOrder", accountId=HUB, lineItems=[KITE, KITE])["order"]


def hub_order(gateway: Gateway, fake: FakeVendor, *to: str, **details: Any) -> Json:
    values: Json = {"accountId": HUB, "lineItems": [KITE], "details": {"nuvias": details}}
    id_ = made(gateway, "placeOrder", **values)["order"]["id"]
    for state in to:
        fake.advance({"order": int(id_.split(":")[-1]), "to": state})
    return {"orderId": id_}


def subscription(gateway: Gateway, fake: FakeVendor, *, changing: bool | None = None) -> Json:
    values = nuvias.Mutations(gateway, fake)
    values.count = next(numbers) * 1000
    id_ = values.subscribe()
    if changing is not None:
        fake.advance({"subscription": int(id_.split(":")[-1]), "to": "ACTIVE"})
        fake.advance({"subscription": int(id_.split(":")[-1]), "pending_change": changing})
    return {"subscriptionId": id_}


def user() -> Json:
    return {"name": "Evan Evans", "emailAddress": f"{key()}@example.org"}


def hub_made(gateway: Gateway, what: str, **values: Any) -> str:
    name = what[0].lower() + what[1:]
    return made(gateway, f"createNuvias{what}", f"{name} {{ id }}", accountId=HUB, **values)[name]["id"]


NUVIAS = (
    Case("placeOrder", ("POST", "/baskets/{id}/submit"), fixed(accountId=HUB, lineItems=[KITE])),
    Case("placeOrder", ("POST", "/orders"), fixed(accountId="Account:direct", lineItems=[KITE]), False, DIRECT),
    Case("createDraftOrder", ("POST", "/baskets"), fixed(accountId=HUB, lineItems=[KITE]), asked=False),
    Case(
        "updateOrder",
        ("PUT", "/baskets/{id}"),
        lambda at, _: {"orderId": basket(at)["id"], "purchaseOrderNumber": "PO1", "notes": ["Ring twice."]},
    ),
    Case(
        "updateOrder",
        ("PUT", "/orders/{id}"),
        lambda at, fake: {**hub_order(at, fake), "details": {"nuvias": {"linkedSupplierRefs": ["SO1", "SO2"]}}},
    ),
    Case(
        "addLineItem",
        ("POST", "/baskets/{id}/line_items"),
        lambda at, _: {"orderId": basket(at)["id"], "lineItem": KITE},
        asked=False,
    ),
    Case(
        "updateLineItem",
        ("PUT", "/baskets/{id}"),
        lambda at, _: {"lineItemId": basket(at)["lineItems"][1]["id"], "quantity": 3},
    ),
    Case(
        "removeLineItem",
        ("PUT", "/baskets/{id}"),
        lambda at, _: {"lineItemId": basket(at)["lineItems"][0]["id"]},
    ),
    Case("submitOrder", ("POST", "/baskets/{id}/submit"), lambda at, _: {"orderId": basket(at)["id"]}),
    Case("cancelOrder", ("POST", "/orders/{id}/cancel"), lambda at, fake: hub_order(at, fake, "PROCESSING")),
    Case("approveOrder", ("POST", "/orders/{id}/approve"), lambda at, fake: hub_order(at, fake, **FINANCED)),
    Case("denyOrder", ("POST", "/orders/{id}/deny"), lambda at, fake: hub_order(at, fake, **FINANCED)),
    Case(
        "resubmitOrder", ("POST", "/orders/{id}/resubmit"), lambda at, fake: hub_order(at, fake, "ATTENTION_REQUIRED")
    ),
    Case(
        "updateSubscription",
        ("PUT", "/subscriptions/{id}"),
        lambda at, fake: {**subscription(at, fake, changing=False), "details": {"nuvias": {"hasPendingChanges": True}}},
    ),
    Case(
        "activateSubscription",
        ("POST", "/subscriptions/{id}/activate"),
        lambda at, fake: {**subscription(at, fake), "activateOn": "2026-12-01"},
    ),
    Case("cancelSubscription", ("POST", "/subscriptions/{id}/cancel"), subscription),
    Case(
        "activateSubscriptionChanges",
        ("POST", "/subscriptions/{id}/activate_changes"),
        lambda at, fake: {**subscription(at, fake, changing=True), "activateOn": "2026-12-02"},
    ),
    Case(
        "cancelSubscriptionChanges",
        ("POST", "/subscriptions/{id}/cancel_changes"),
        lambda at, fake: subscription(at, fake, changing=True),
    ),
    Case("createNuviasUser", ("POST", "/users"), lambda _, __: {"accountId": HUB, **user()}, asked=False),
    Case(
        "updateNuviasUser",
        ("PUT", "/users/{id}"),
        lambda at, _: {"userId": hub_made(at, "User", **user()), "isActive": False},
    ),
    Case("createNuviasProductGroup", ("POST", "/product_groups"), fixed(accountId=HUB, name="Bundle"), asked=False),
    Case(
        "updateNuviasProductGroup",
        ("PUT", "/product_groups/{id}"),
        lambda at, _: {"productGroupId": hub_made(at, "ProductGroup", name="Bundle"), "status": "LIVE"},
    ),
    Case("createNuviasFeed", ("POST", "/feeds"), fixed(accountId=HUB, **FEED), asked=False),
    Case(
        "updateNuviasFeed",
        ("PUT", "/feeds/{id}"),
        lambda at, _: {"feedId": hub_made(at, "Feed", **FEED), "timeslot": 120},
    ),
    Case(
        "updateNuviasFeed",
        ("PUT", "/feeds/{id}"),
        lambda at, _: {
            "feedId": hub_made(at, "Feed", **FEED),
            "deliveryMethod": "FTP",
            "deliveryUser": "user",
            "deliveryPassword": "hunter2",
            "deliveryServer": "ftp.example.org",
            "deliveryProtocol": "FTPS",
            "deliveryPort": 990,
        },
        asked=False,
        where="when a password changes, since it is not on record",
    ),
)

# ---- Palmetto ---------------------------------------------------------------------------------------


def at_palmetto(**more: Any) -> Json:
    lines = [{"product": {"id": f"Product:palmetto:{NUMBER}"}}]
    return {"accountId": "Account:palmetto", "lineItems": lines, **more}


PALMETTO = (Case("placeOrder", ("POST", ORDER), fixed(**at_palmetto()), asked=False),)

# ---- Sonata -----------------------------------------------------------------------------------------


def at_sonata(account: str = "sonata", **more: Any) -> Json:
    ordered = {"contact": sonata.CONTACT, "requestedAt": sonata.WANTED, "lineItems": [sonata.line(account)] * 2}
    return {"accountId": f"Account:{account}", **ordered, **more}


def sonata_order(gateway: Gateway, fake: FakeVendor, state: str = "inProgress") -> Any:
    return sonata.placed_in(gateway, fake, key(), state)


def charge(gateway: Gateway, fake: FakeVendor) -> str:
    held = sonata_order(gateway, fake, "held.assessingCharge")
    query = "query($id: ID!) { order(id: $id) { charges { id } } }"
    return gateway.get(query, id=held["id"])["order"]["charges"][0]["id"]


UNLISTED = "without the extension `list`"
DATE = f"{BASE}/modifyProductOrderItemRequestedDeliveryDate"
SONATA = (
    Case("placeOrder", ("POST", f"{BASE}/productOrder"), fixed(**at_sonata())),
    Case("placeOrder", ("POST", f"{BASE}/productOrder"), fixed(**at_sonata("unlisted")), False, UNLISTED),
    Case(
        "updateOrder",
        ("PATCH", f"{BASE}/productOrder/{{id}}"),
        lambda at, fake: {"orderId": sonata_order(at, fake)["id"], "notes": ["!"], "purchaseOrderNumber": "PO1"},
    ),
    Case(
        "cancelOrder",
        ("POST", f"{BASE}/cancelProductOrder"),
        lambda at, fake: {"orderId": sonata_order(at, fake)["id"]},
    ),
    Case(
        "changeRequestedDate",
        ("POST", DATE),
        lambda at, fake: {
            "lineItemId": sonata_order(at, fake)["lineItems"][0]["id"],
            "requestedAt": "2027-03-01T00:00:00Z",
        },
    ),
    Case(
        "respondToCharge",
        ("PATCH", f"{BASE}/charge/{{id}}"),
        lambda at, fake: {"chargeId": charge(at, fake), "accept": True, "note": "Fine."},
    ),
)

# ---- Verifone ---------------------------------------------------------------------------------------


def at_verifone(account: str) -> Json:
    given = {name: value for name, value in ordering(key()).items() if name != "idempotencyKey"}
    return {**given, "accountId": f"Account:{account}"}


def verifone_order(gateway: Gateway, account: str = "verifone", mutation: str = "placeOrder") -> Json:
    return {"orderId": made(gateway, mutation, "order { id }", **at_verifone(account))["order"]["id"]}


def of_verifone(account: str, *, searches: bool, reads: bool) -> Sequence[Case]:
    """Return the cases of an account, depending on its extensions."""
    blind = "without the extensions `search` and `get`"
    create, replace = ("POST", "/orders/hardware"), ("PUT", "/orders/hardware/{orderId}")
    return (
        Case("placeOrder", create, lambda _, __: at_verifone(account), searches, "without the extension `search`"),
        Case(
            "createDraftOrder", create, lambda _, __: at_verifone(account), searches, "without the extension `search`"
        ),
        Case(
            "updateOrder",
            replace,
            lambda at, _: {**verifone_order(at, account, "createDraftOrder"), "notes": ["Ring twice."]},
            searches or reads,
            blind,
        ),
        Case(
            "submitOrder",
            ("POST", "/orders/drafts/{orderId}"),
            lambda at, _: verifone_order(at, account, "createDraftOrder"),
            searches or reads,
            blind,
        ),
        Case(
            "cancelOrder",
            ("POST", "/orders/{orderId}/cancel"),
            lambda at, _: verifone_order(at, account),
            searches or reads,
            blind,
        ),
    )


VERIFONE = (
    *of_verifone("verifone", searches=True, reads=True),
    *of_verifone("unread", searches=True, reads=False),
    *of_verifone("unlisted", searches=False, reads=True),
    *of_verifone("blind", searches=False, reads=False),
)

CASES: Mapping[str, Sequence[Case]] = {
    "airvantage": AIRVANTAGE,
    "nuvias": NUVIAS,
    "palmetto": PALMETTO,
    "sonata": SONATA,
    "verifone": VERIFONE,
}
ACCOUNTS: Mapping[str, Mapping[str, Json]] = {
    "airvantage": {"airvantage": {}},
    "nuvias": {"nuvias": {}, "direct": {"placement": "direct"}},
    "palmetto": {"palmetto": {}},
    "sonata": {"sonata": {}, "unlisted": {"extensions": ["patch"]}},
    "verifone": {
        "verifone": {},
        "unread": {"extensions": ["search", "submit", "cancel"]},
        "unlisted": {"extensions": ["get", "submit", "cancel"]},
        "blind": {"extensions": ["submit", "cancel"]},
    },
}
