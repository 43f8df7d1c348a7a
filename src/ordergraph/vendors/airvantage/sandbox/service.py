"""The fake AirVantage: the API v1, "Orders", on seeded records.

It reproduces AirVantage's quirks: uids with dashes in some responses and without in others, fields that only some
responses have, and a space before the company's name in the list. Where the document says nothing (HTTP statuses of
errors, paging, the order of the list), the sandbox follows the conventions of the platform.
"""

import base64
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ordergraph.sandbox import (
    ANCHOR,
    Body,
    ControlError,
    SeededSandbox,
    decode_json,
    json_response,
    seeded_instants,
    seeded_random,
)
from ordergraph.sandbox.lifecycle import steps, way
from ordergraph.sandbox.oauth import LoginError, Tokens, check_client, read_form
from ordergraph.vendors.airvantage import wire
from ordergraph.wire.fields import fields_of

Record = dict[str, Any]

CLIENT_ID = "5f0c7a1e64d24a0c9a3b8e2d7c415f90"
CLIENT_SECRET = "sandbox-secret-not-a-secret"
USERNAME = "paul.durand@example.com"
PASSWORD = "sandbox-password-not-a-secret"
BASIC = f"Basic {base64.b64encode(f'{CLIENT_ID}:{CLIENT_SECRET}'.encode()).decode()}"
TOKEN_SECONDS = 43199
GRANTS = ("client_credentials", "password", "refresh_token")
DEFAULT_SIZE = 100
MAX_SIZE = 500
MAX_QUANTITY = 1_000_000
MAX_TEXT = 4000

STATUSES = ("PENDING", "ACCEPTED_STOCK", "ACCEPTED_FOUNDER", "REJECTED", "SHIPPED", "ACKNOWLEDGED", "CANCELED")
# The next statuses of an order. The first is the default.
NEXT: Mapping[str, Sequence[str]] = {
    "PENDING": ("ACCEPTED_STOCK", "ACCEPTED_FOUNDER", "REJECTED", "CANCELED"),
    "ACCEPTED_STOCK": ("SHIPPED",),
    "ACCEPTED_FOUNDER": ("SHIPPED",),
    "SHIPPED": ("ACKNOWLEDGED",),
}
NEWEST_STATUSES = ("PENDING", "SHIPPED", "ACCEPTED_STOCK", "PENDING", "REJECTED", "ACCEPTED_FOUNDER", "ACKNOWLEDGED")
OLD_STATUSES = ("ACKNOWLEDGED",) * 12 + ("SHIPPED", "CANCELED", "REJECTED")

COMPANY = "0e43ac9fb95d404fa56ce58667f05472"
UNBILLED = "0e43ac9fb95d404fa56ce58667f05473"
COMPANIES = {COMPANY: "My account", UNBILLED: "My trial"}
CONTACTS: Mapping[str, str] = {
    "2c92c0f8516cc19e0151874a1e48200d": (
        "John Smith\n350 5th Avenue\n103rd Floor\n10118\nNew York\nNew York\nUnited States"
    ),
    "2c92c0f8516cc19e0151874a1e48200e": "Ann Lee\n1 High Street\nYO1 7HH\nYork\nNorth Yorkshire\nUnited Kingdom",
    "2c92c0f8516cc19e0151874a1e48200f": "Marie Martin\n22 rue de Rivoli\n75004\nParis\nFrance",
    # The contact on AirVantage's page about contacts. No seeded order uses it.
    "2c92c0f8516659d3015167fa9f393639": (
        "John Doe\n350 5th Avenue\n103rd Floor\n10118\nNew York\nNew York\nUnited States"
    ),
}
USERS: Mapping[str, str] = {
    "b270191e44fb460a84c2be03626eaa05": "Paul Durand",
    "b270191e44fb460a84c2be03626eaa06": "Grace Hall",
    "b270191e44fb460a84c2be03626eaa07": "Omar Said",
}
OWN_USER = next(iter(USERS))
# uid: name, type of goods
PRODUCTS: Mapping[str, tuple[str, str]] = {
    "8019b1ee4a8e57408fb3ca38ac0ccf4a": ("My SIMProductReference", "SIM"),
    "02ff02ff02ffc01ec01ec01ec01ec01e": ("My ProductReference", "SIM"),
    "02ff02ff02ffc01ec01ec01ec01ec01f": ("Smart SIM Americas MFF2", "SIM"),
    "02ff02ff02ffc01ec01ec01ec01ec020": ("AirLink RV50X", "SMB"),
    "02ff02ff02ffc01ec01ec01ec01ec021": ("AirLink LX40", "SMB"),
    "02ff02ff02ffc01ec01ec01ec01ec022": ("HL7800 Ready-to-Connect", "R2C"),
    "02ff02ff02ffc01ec01ec01ec01ec023": ("WP7702 Ready-to-Connect", "R2C"),
    "02ff02ff02ffc01ec01ec01ec01ec024": ("Connected Meter Bundle", "BUNDLE"),
}
# The orders in the document's samples: uid, description, reference and quantity.
SAMPLES: Mapping[str, tuple[str, str, int]] = {
    "31343d008c4411e5aaf87792bd6f1830": ("My first SIM Order", "ORDER_EXT_ID", 100),
    "48170b508c4511e5aaf87792bd6f1830": ("My second SIM Order", "ORDER_EXT_ID_2", 50),
}
SAMPLED_PRODUCT = "02ff02ff02ffc01ec01ec01ec01ec01e"
SAMPLED_AT = 1446824967838
WITHDRAWN = "02ff02ff02ffc01ec01ec01ec01ec0ff"  # known, but no longer available
REJECTIONS = ("Credit limit exceeded.", "The delivery address is not served.", "The product was discontinued.")
FIELDS = [one.wire_name for one in fields_of(wire.Order) if one.wire_name != "createdByUser"]
CREATE_NEEDS = ("deliveryContact", "productReferenceUid", "quantity")
# The fields that filters match as uids, in both forms, or as part of a string.
UIDS = ("productReferenceUid", "deliveryContact", "createdBy")
CONTAINS = ("orderId", "externalId", "trackingNumber")


class Refusal(Exception):
    """A request that AirVantage rejects, with the error in its format."""

    def __init__(self, code: str, *parameters: str, status: int = 400) -> None:
        super().__init__(code)
        self.response = json_response({"error": code, "errorParameters": parameters}, status)


@dataclass
class Call:
    """A request, as operations receive it."""

    uid: str
    query: QueryParams
    content: bytes

    def body(self) -> Body:
        """Return the JSON object in the body."""
        try:
            content = decode_json(self.content)
        except ValueError:
            content = None
        if not isinstance(content, dict):
            raise Refusal("invalid.json")
        return Body(cast("Record", content), {})

    def number(self, name: str, default: int) -> int:
        """Return an integer of the query, 0 or greater."""
        text = self.query.get(name, str(default))
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise Refusal("invalid.parameter", name)
        return int(text)


class AirVantageSandbox(SeededSandbox):
    """AirVantage with one API client and one user: `CLIENT_ID`, `CLIENT_SECRET`, `USERNAME`, `PASSWORD`."""

    def __init__(self, orders: int, seed: int) -> None:
        super().__init__(orders, seed)
        self.tokens = Tokens[str](TOKEN_SECONDS)
        self.routes = [
            *(Route("/api/oauth/token", self._token, methods=[method]) for method in ("GET", "POST")),
            Route("/api/oauth/expire", self._expire, methods=["GET"]),
            *(Route(path, self._endpoint(operation), methods=[method]) for method, path, operation in OPERATIONS),
        ]
        self.reset()

    def reset(self) -> None:
        """Reset to the seeded records, without tokens."""
        self._random = seeded_random("airvantage", self._size, self._seed)
        self.orders: dict[str, Record] = {}
        self.tokens.end_all()
        self._refreshing: set[str] = set()
        for index, at in enumerate(seeded_instants(self._random, self._size)):
            self._seed_order(at, self._size - 1 - index)
        if self._size > len(NEWEST_STATUSES) + len(SAMPLES):
            self._seed_samples()

    def error(self, status: int, message: str) -> Response:
        """Return an error in AirVantage's format."""
        if status == 401:
            return json_response({"error": "invalid_token", "error_description": message}, status)
        return json_response({"error": "request.failed", "errorParameters": [message]}, status)

    def _endpoint(self, operation: Callable[["AirVantageSandbox", Call], Record]) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            if self.tokens.holder(request.headers.get("authorization", "")) is None:
                return self.error(401, "Invalid access token")
            try:
                uid = plain(request.path_params.get("uid", ""))
                return json_response(operation(self, Call(uid, request.query_params, await request.body())))
            except Refusal as refusal:
                return refusal.response

        return endpoint

    # -- authentication

    async def _token(self, request: Request) -> Response:
        """Handle the grants, from query or form. The client may also authenticate with Basic."""
        given = {**request.query_params, **await read_form(request)}
        if request.headers.get("authorization", "") == BASIC:
            given.update(client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
        try:
            client = check_client(given, {CLIENT_ID: CLIENT_SECRET}, GRANTS)
            self._check_grant(given)
        except LoginError as error:
            words = error.code.replace("_", " ")
            return json_response({"error": error.code, "error_description": words}, error.status)
        refreshing = str(uuid.uuid4())
        self._refreshing.add(refreshing)
        return json_response({**self.tokens.grant(client), "refresh_token": refreshing})

    def _check_grant(self, given: Mapping[str, str]) -> None:
        if given["grant_type"] == "password" and (given.get("username"), given.get("password")) != (USERNAME, PASSWORD):
            raise LoginError("invalid_grant")
        if given["grant_type"] == "refresh_token":
            try:
                self._refreshing.remove(given.get("refresh_token", ""))  # valid once
            except KeyError:
                raise LoginError("invalid_grant") from None

    async def _expire(self, request: Request) -> Response:
        """Revoke a token."""
        self.tokens.end(request.query_params.get("access_token", ""))
        return json_response({})

    # -- orders

    def create_order(self, call: Call) -> Record:
        """Create a PENDING order. The response has the short form, with plain uids."""
        company, body = self._company(call), call.body()
        for name in CREATE_NEEDS:
            if name not in body:
                raise Refusal(f"order.missing.{name}")
        product, fields = plain(body.text("productReferenceUid") or ""), given_by(body)
        if product == WITHDRAWN:
            raise Refusal("product.reference.not.available", product)
        if product not in PRODUCTS:
            raise Refusal("product.reference.unknown", product)
        order = {**self._new(company, product, OWN_USER, stamp(self.now())), **fields}
        self.orders[order["uid"]] = order
        return short(order)

    def edit_order(self, call: Call) -> Record:
        """Change the given fields of a PENDING order."""
        order = self._known(call.uid)
        self._require(order, "PENDING")
        order.update(given_by(call.body()))
        return short(order)

    def find_orders(self, call: Call) -> Record:
        """Return a page of the matching orders, in no meaningful order."""
        self._company(call, billed=False)
        offset, size = call.number("offset", 0), min(call.number("size", DEFAULT_SIZE), MAX_SIZE)
        orders = (self.orders[uid] for uid in sorted(self.orders))
        found = [order for order in orders if all(passes(order, name, call) for name in call.query)]
        page = found[offset : offset + size]
        return {"items": [row(order) for order in page], "size": len(page), "count": len(found), "offset": offset}

    def get_order(self, call: Call) -> Record:
        """Return an order with all fields."""
        order = self._known(call.uid)
        user = {"uid": order["createdBy"], "name": USERS[order["createdBy"]]}
        return {**whole(order), "createdByUser": user}

    def cancel_order(self, call: Call) -> Record:
        """Cancel a PENDING order."""
        return self._enter(call, "PENDING", "CANCELED")

    def acknowledge_order(self, call: Call) -> Record:
        """Acknowledge a SHIPPED order."""
        return self._enter(call, "SHIPPED", "ACKNOWLEDGED")

    def _enter(self, call: Call, needed: str, status: str) -> Record:
        self._company(call, billed=False)
        order = self._known(call.uid)
        self._require(order, needed)
        order["status"] = status
        return whole(order)

    def _company(self, call: Call, *, billed: bool = True) -> str:
        company = plain(call.query.get("company", COMPANY))
        if company not in COMPANIES:
            raise Refusal("order.account.unknown", company)
        if billed and company == UNBILLED:
            raise Refusal("order.account.not.billed", company)
        return company

    def _known(self, uid: str) -> Record:
        if uid not in self.orders:
            raise Refusal("unknown.order", uid)
        return self.orders[uid]

    def _require(self, order: Record, status: str) -> None:
        if order["status"] != status:
            raise Refusal("order.invalid.status", order["status"])

    def _new(self, company: str, product: str, user: str, at: int, uid: str = "") -> Record:
        uid = uid or f"{self._random.getrandbits(128):032x}"
        name, kind = PRODUCTS[product]
        return {
            **dict.fromkeys(FIELDS),
            "account": {"uid": company, "name": COMPANIES[company]},
            "accountUid": company,
            "createdBy": user,
            "createdTs": at,
            "effectiveOrderTs": at,
            "orderId": f"SO-{uid[:8].upper()}",
            "productReference": {"uid": product, "name": name},
            "productReferenceUid": product,
            "provisioned": "NO",
            "status": "PENDING",
            "type": kind,
            "uid": uid,
        }

    # -- seeding and the control API

    def _seed_order(self, at: datetime, newest: int) -> None:
        draw = self._random
        order = self._new(COMPANY, draw.choice(list(PRODUCTS)), draw.choice(list(USERS)), stamp(at))
        contact = draw.choice(list(CONTACTS)[:-1])
        order.update(**delivery(contact), quantity=draw.choice((1, 2, 5, 10, 100)))
        order.update(description=f"Batch {self._size - newest}", externalId=f"ORDER-{self._size - newest:05d}")
        self.orders[order["uid"]] = order
        recent = newest < len(NEWEST_STATUSES)
        status = NEWEST_STATUSES[newest] if recent else draw.choice(OLD_STATUSES)
        for step in way(NEXT, order["status"], status) or ():
            at = min(ANCHOR, at + timedelta(hours=draw.randrange(1, 60)))
            self._step(order, step, at)

    def _seed_samples(self) -> None:
        """Replace the oldest orders with those in the document."""
        for oldest in list(self.orders)[: len(SAMPLES)]:
            del self.orders[oldest]
        for uid, (description, reference, quantity) in SAMPLES.items():
            order = self._new(COMPANY, SAMPLED_PRODUCT, OWN_USER, SAMPLED_AT, uid)
            order.update(delivery(next(iter(CONTACTS))), description=description, externalId=reference)
            self.orders[uid] = {**order, "quantity": quantity}

    def _step(self, order: Record, status: str, at: datetime) -> None:
        """Move an order to its next status, as AirVantage's staff would."""
        order["status"] = status
        now = stamp(at)
        if status.startswith("ACCEPTED"):
            order.update(acceptedTs=now, expectedShippingTs=now + 3 * 24 * 3600 * 1000)
        elif status == "REJECTED":
            order.update(rejectedTs=now, rejectionMessage=self._random.choice(REJECTIONS))
        elif status == "SHIPPED":
            number = f"1Z{self._random.randrange(10**8, 10**9)}"
            url = f"http://tracking.example.com/{number}"
            order.update(shippedTs=now, trackingNumber=self._random.choice((number, url, f"{number}|{url}")))
            order.update(provisioned="YES" if order["type"] in ("SIM", "BUNDLE") else "NO")

    def advance(self, command: dict[str, Any]) -> dict[str, Any]:
        """Move an order to another status, or expire all tokens."""
        if command == {"expire_tokens": True}:
            return self.tokens.end_all()
        if "order" not in command or not command.keys() <= {"order", "to"}:
            raise ControlError(400, 'a command is {"order": uid, "to"?: status} or {"expire_tokens": true}')
        order = self.orders.get(plain(str(command["order"])))
        if order is None:
            raise ControlError(404, f"there is no order {command['order']}")
        return self._advance(order, command.get("to"))

    def _advance(self, order: Record, to: object) -> Record:
        for step in steps(NEXT, order["status"], to, STATUSES):
            self._step(order, step, self.now())
        return whole(order)


ORDERS = "/accounts/ui/api/v1/orders"
# The document prints the path for editing without the uid, so it could not identify the order.
OPERATIONS: tuple[tuple[str, str, Callable[[AirVantageSandbox, Call], Record]], ...] = (
    ("POST", ORDERS, AirVantageSandbox.create_order),
    ("PUT", f"{ORDERS}/{{uid}}", AirVantageSandbox.edit_order),
    ("GET", ORDERS, AirVantageSandbox.find_orders),
    ("GET", f"{ORDERS}/{{uid}}", AirVantageSandbox.get_order),
    ("PUT", f"{ORDERS}/{{uid}}/cancel", AirVantageSandbox.cancel_order),
    ("PUT", f"{ORDERS}/{{uid}}/acknowledge", AirVantageSandbox.acknowledge_order),
)


def passes(order: Record, name: str, call: Call) -> bool:
    """Return whether an order matches a filter of a query."""
    wanted = call.query[name]
    if name in UIDS:
        return order[name] == plain(wanted)
    if name in CONTAINS:
        return wanted.casefold() in (order[name] or "").casefold()
    if name == "quantity":
        return order[name] == call.number(name, 0)
    if name == "status":
        return order[name] in wanted.split(",")
    return name != "type" or order[name] == wanted


def stamp(at: datetime) -> int:
    """Return a time in milliseconds."""
    return round(at.timestamp() * 1000)


def plain(uid: str) -> str:
    """Return a uid without dashes."""
    return uid.replace("-", "").lower()


def dashed(uid: str) -> str:
    """Return a uid with dashes."""
    return f"{uid[:8]}-{uid[8:12]}-{uid[12:16]}-{uid[16:20]}-{uid[20:]}"


def delivery(contact: str) -> Record:
    """Return the fields of an order for its delivery contact."""
    return {"deliveryContact": contact, "postalAddress": CONTACTS[contact]}


def given_by(body: Body) -> Record:
    """Return the order fields in a body. The first invalid value is rejected."""
    contact = body.text("deliveryContact", maximum=MAX_TEXT)
    given = {
        **{name: body.text(name, maximum=MAX_TEXT) for name in ("description", "externalId")},
        "effectiveOrderTs": body.integer("effectiveOrderTs", low=1),
        "quantity": body.integer("quantity", low=1, high=MAX_QUANTITY),
    }
    for name in body.problems:
        raise Refusal("invalid.parameter", name)
    if contact is not None and plain(contact) not in CONTACTS:
        raise Refusal("unknown.contact", contact)
    fields = {name: value for name, value in given.items() if value is not None}
    return fields if contact is None else {**fields, **delivery(plain(contact))}


def short(order: Record) -> Record:
    """Return the response to create and edit: with plain uids and without the time of creation."""
    return {name: value for name, value in order.items() if name != "createdTs"}


def whole(order: Record) -> Record:
    """Return the response to get, cancel and acknowledge: with dashes in the uids of the order and its product."""
    product = dashed(order["productReferenceUid"])
    reference = {**order["productReference"], "uid": product}
    return {**order, "uid": dashed(order["uid"]), "productReference": reference, "productReferenceUid": product}


def row(order: Record) -> Record:
    """Return a row of the list: like `whole`, without the time of creation, and a space before the company's name."""
    account = {**order["account"], "name": f" {order['account']['name']}"}
    return {**short(whole(order)), "account": account}
