"""The fake Verifone: the hardware orders of the Order API, on seeded records.

Creating and replacing follow the document. Searching, reading, submitting and cancelling are extensions, which can be
disabled. The sandbox reproduces Verifone's quirks: status 200 for created orders, codes as strings, the British
"Unauthorised", boolean headers as text, and a search that returns merchant orders unless the request asks for
hardware. Unpublished details are inferred: the envelope of the search (from the list of batches in the same API), the
format of a nested ``param``, further problems (in the free-form object that errors may contain), and the responses to
submitting and cancelling (the order).
"""

import base64
import hmac
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from starlette.datastructures import Headers, QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ordergraph.sandbox import (
    ANCHOR,
    ControlError,
    SeededSandbox,
    decode_json,
    json_response,
    seeded_instants,
    seeded_random,
)
from ordergraph.sandbox.lifecycle import steps, way
from ordergraph.vendors.verifone import wire
from ordergraph.vendors.verifone.sandbox import data
from ordergraph.vendors.verifone.sandbox.data import DETAILED, NEXT
from ordergraph.vendors.verifone.wire_rules import STATUSES, Problems, Record, Rule, is_moment, rule_of

USERNAME = "orders@example.com"
PASSWORD = "sandbox-password-not-a-secret"
TOKEN = "eyJhbGciOiJub25lIn0.eyJlbnRpdHlfaWQiOiIxIiwic3ViIjoiMiIsInJvbGVzIjpbXX0.sandbox-token-not-a-secret"
EXTENSIONS = ("search", "get", "submit", "cancel")
DEFAULT_SIZE = 50
MAX_SIZE = 100
MERCHANT_ORDERS = 2
"""The number of orders that are not hardware orders, in addition to the seeded ones."""

INVALID, LOGIN, LIMIT, SERVER = "INVALID_REQUEST_ERROR", "AUTHENTICATION_ERROR", "RATE_LIMIT_ERROR", "API_ERROR"
# The errors in the document: title, type and message.
ERRORS: Mapping[int, tuple[str, str, str]] = {
    400: (
        "Bad Request",
        INVALID,
        "The request could not be understood by the server due to malformed syntax. "
        "The client SHOULD NOT repeat the request without modifications.",
    ),
    401: ("Unauthorised", LOGIN, "The request requires client authentication."),
    403: ("Forbidden", LOGIN, "The request requires client authorisation to access resource."),
    404: ("Not Found", INVALID, "The server cannot find the requested resource."),
    429: ("Too Many Requests", LIMIT, "The number of requests from this client is restricted to a specified quota."),
    500: (
        "Internal Server Error",
        SERVER,
        "The server encountered an unexpected condition which prevented it from fulfilling the request.",
    ),
    503: (
        "Service Unavailable",
        SERVER,
        "The server is not ready to handle the request. If specified please check the <strong>Retry-After</strong> "
        "for the time period specified for recovery/re-attempt of request.",
    ),
    504: (
        "Gateway Timeout",
        SERVER,
        "The server, while acting as a gateway or proxy, did not get a response in time from the upstream server "
        "that it needed in order to complete the request.",
    ),
}
TITLES = {405: "Method Not Allowed", 413: "Content Too Large"}  # of errors that are not in the document
FILTER_DATES = ("createdDate", "modifiedDate", "requestedDate")
ORDER_BY = ("createdDate", "modifiedDate", "requestedDate", "orderReference", "status")
DIRECTIONS = ("ASC", "DESC")


class Refusal(Exception):
    """A request that Verifone rejects."""

    def __init__(self, status: int, problems: Problems | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.problems = problems or {}


@dataclass
class Call:
    """A request, as operations receive it."""

    order: str
    headers: Headers
    query: QueryParams
    content: bytes

    def body(self, rule: Rule) -> Record:
        """Return the JSON object in the body."""
        try:
            content = decode_json(self.content)
        except ValueError:
            content = None
        if not isinstance(content, dict):
            raise Refusal(400)
        problems: Problems = {}
        cleaned = rule(cast("Record", content), "", problems)
        if problems:
            raise Refusal(400, problems)
        return cast("Record", cleaned)

    def flag(self, header: str) -> bool:
        """Return the value of a boolean header."""
        text = self.headers.get(header, "false").lower()
        if text not in ("true", "false"):
            raise Refusal(400, {header: "must be true or false"})
        return text == "true"

    def number(self, name: str, default: int, most: int | None = None) -> int:
        """Return an integer of the query, 1 or greater."""
        text = self.query.get(name, str(default))
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
        if number < 1 or (most is not None and number > most):
            raise Refusal(400, {name: "must be an integer, " + (f"1 to {most}" if most else "1 or more")})
        return number

    def word(self, name: str, words: Collection[str], default: str | None = None) -> str | None:
        """Return an enum value of the query."""
        text = self.query.get(name, default)
        if text is not None and text not in words:
            raise Refusal(400, {name: f"must be one of {', '.join(words)}"})
        return text

    def moment(self, name: str) -> datetime | None:
        """Return a time of the query."""
        text = self.query.get(name)
        if text is None:
            return None
        if not is_moment(text):
            raise Refusal(400, {name: "must be a date-time with its zone"})
        return datetime.fromisoformat(text)

    def several(self, *names: str) -> set[str]:
        """Return the values of parameters that may be repeated or comma-separated."""
        return {part for name in names for text in self.query.getlist(name) for part in text.split(",")}

    def uids(self, field: str) -> set[str]:
        """Return the uids that the query allows for a field."""
        return self.several(field, f"{field}s", f"{field}s[]")


class VerifoneSandbox(SeededSandbox):
    """Verifone with one user: `USERNAME` and `PASSWORD`, or `TOKEN`.

    `extensions` are the enabled groups of operations that are not in the document.
    """

    def __init__(self, orders: int, seed: int, extensions: Collection[str] = EXTENSIONS) -> None:
        super().__init__(orders, seed)
        self._offered = frozenset(extensions)
        self.routes = [
            Route(path, self._endpoint(operation, group), methods=[method])
            for method, path, operation, group in OPERATIONS
        ]
        self.reset()

    def reset(self) -> None:
        """Reset to the seeded records and the initial extensions."""
        self._random = seeded_random("verifone", self._size, self._seed)
        self.extensions = self._offered
        self.orders: dict[str, Record] = {}
        for index, at in enumerate(seeded_instants(self._random, self._size)):
            self._seed_order(at, self._size - 1 - index)
        for index, detailed in enumerate(data.DRAFTS[:-1]):
            self._seed_draft(index + 1, detailed)
        self._seed_sample()
        for index in range(MERCHANT_ORDERS):
            self._seed_merchant_order(index)

    def error(self, status: int, message: str) -> Response:
        """Return an error in Verifone's format."""
        return self._refuse(status, {}, message)

    def _refuse(self, status: int, problems: Problems, message: str | None = None) -> Response:
        title, kind, default = ERRORS.get(status) or (TITLES[status], INVALID, "")
        param, words = next(iter(problems.items()), (None, message or default))
        body = {
            "code": str(status),
            "title": title,
            "message": words if param is None else f"{param} {words}",
            "timestamp": stamp(self.now()),
            "type": kind,
            "reversalStatus": "NONE",
        }
        if param is not None:
            body["param"] = param
        if len(problems) > 1:
            rest = {path: {"message": f"{path} {words}"} for path, words in problems.items()}
            return json_response({**body, "additionalProperties": rest}, status)
        return json_response(body, status, {"Retry-After": "1"} if status in (429, 503) else None)

    def _endpoint(
        self, operation: Callable[["VerifoneSandbox", Call], Record], group: str | None
    ) -> Callable[..., Any]:
        async def endpoint(request: Request) -> Response:
            if not knows(request.headers.get("authorization", "")):
                return self._refuse(401, {})
            order = str(request.path_params.get("orderId", "")).lower()
            call = Call(order, request.headers, request.query_params, await request.body())
            try:
                if group is not None and group not in self.extensions:
                    raise Refusal(404)
                return json_response(operation(self, call))
            except Refusal as refusal:
                return self._refuse(refusal.status, refusal.problems)

        return endpoint

    # -- orders

    def create_order(self, call: Call) -> Record:
        """Create an order or a draft."""
        draft = call.flag("saveDraft")
        body = self._checked(call, simplified=call.flag("X-Use-Simplified-Order-Flow"))
        order = self._new(body, data.OWN_USER, self.now())
        self.orders[order["orderId"]] = order
        if not draft:
            self._enter(order, "SUBMITTED", self.now())
        return order

    def replace_order(self, call: Call) -> Record:
        """Replace the body of a draft. Omitted values are removed."""
        order = self._draft(call.order)
        body = self._checked(call, simplified=True)
        for name in rule_of(wire.HardwareOrder).fields:
            order.pop(name, None)
        order.update({**body, **changed("modified", data.OWN_USER, self.now())})
        return order

    def search_orders(self, call: Call) -> Record:
        """Return a page of the matching orders. The default type is merchant orders."""
        size, number = call.number("pageSize", DEFAULT_SIZE, MAX_SIZE), call.number("pageNumber", 1)
        by = call.word("orderBy", ORDER_BY, "createdDate") or ""
        descending = call.word("order", DIRECTIONS, "DESC") == "DESC"
        conditions = conditions_of(call)
        found = [order for order in self.orders.values() if all(holds(order, wanted) for wanted, holds in conditions)]
        found.sort(key=lambda order: (str(order.get(by, "")), order["orderId"]), reverse=descending)
        page = found[(number - 1) * size : number * size]
        pages = -(-len(found) // size)
        metadata = {"totalPages": pages, "pageNumber": number, "pageSize": size, "totalItems": len(found)}
        return {"orders": page, "metadata": metadata}

    def get_order(self, call: Call) -> Record:
        """Return an order."""
        return self._known(call.order)

    def submit_order(self, call: Call) -> Record:
        """Submit a draft."""
        order = self._draft(call.order)
        self._enter(order, "SUBMITTED", self.now())
        return order

    def cancel_order(self, call: Call) -> Record:
        """Cancel an order, if its status allows it."""
        order = self._known(call.order)
        body = call.body(rule_of(wire.Cancellation))
        if order["status"] not in data.CANCELLABLE:
            raise Refusal(400, {"status": f"must be one of {', '.join(data.CANCELLABLE)}, not {order['status']}"})
        self._enter(order, "CANCELED_BYUSER", self.now(), body)
        return order

    def _known(self, order: str) -> Record:
        if order not in self.orders:
            raise Refusal(404)
        return self.orders[order]

    def _draft(self, order: str) -> Record:
        found = self._known(order)
        if found["status"] != "DRAFT":
            raise Refusal(400, {"status": f"must be DRAFT, not {found['status']}"})
        return found

    def _checked(self, call: Call, *, simplified: bool) -> Record:
        """Return the body of an order. Reject it if it breaks a rule or references something unknown."""
        body = call.body(rule_of(wire.HardwareOrder))
        problems: Problems = {}
        if body["customerEntityUid"].lower() == data.FOREIGN_CUSTOMER:
            raise Refusal(403)
        if body["customerEntityUid"].lower() not in data.CUSTOMERS:
            problems["customerEntityUid"] = "is unknown"
        if "packageDetails" not in body and not simplified:
            problems["packageDetails.basePackageBundle.packageBundleId"] = "is required"
        unknown_bundles(body, "", problems)
        if problems:
            raise Refusal(400, problems)
        if "packageDetails" not in body:  # the simplified flow uses the default portfolio
            body["packageDetails"] = {
                "portfolioUid": data.PORTFOLIO,
                "basePackageBundle": {"packageBundleId": data.BASES[0]},
            }
        return body

    def _new(self, body: Record, user: str, at: datetime) -> Record:
        return {
            **body,
            "orderId": str(uuid.UUID(int=self._random.getrandbits(128), version=4)),
            "status": "DRAFT",
            **changed("created", user, at),
            **changed("modified", user, at),
            "orderType": "HardwareOrder",
            "internal": {
                "extendedDetails": {"status": "DRAFT", "lastChangeTime": stamp(at), "canCancel": True},
                "orderStats": {"minsSinceCreatedToLastUpdate": 0, "minsSinceLastStatusUpdate": 0},
            },
            "merchantCompanyEntityUid": body["customerEntityUid"],
        }

    def _enter(self, order: Record, detailed: str, at: datetime, cancellation: Record | None = None) -> None:
        """Move an order to a detailed status and update the fields that depend on it."""
        internal: Record = order.setdefault("internal", {"orderStats": {"minsSinceLastStatusUpdate": 0}})
        created = datetime.fromisoformat(order["createdDate"])
        order["status"] = DETAILED[detailed]
        order.update(changed("modified", data.OWN_USER, at))
        can_cancel = order["status"] in data.CANCELLABLE
        details: Record = {"status": detailed, "lastChangeTime": stamp(at), "canCancel": can_cancel}
        if detailed in data.INFORMATION:
            details["code"], details["information"] = data.INFORMATION[detailed]
        internal["extendedDetails"] = details
        internal["orderStats"]["minsSinceCreatedToLastUpdate"] = int((at - created).total_seconds()) // 60
        if detailed == "FULFILMENT_BOOKED":
            internal["oracleOrderNumber"] = self._random.randrange(10**6, 10**7)
        if detailed == "FULFILMENT_SHIPPED":
            internal["oracleShippingTrackingReference"] = f"1Z{self._random.randrange(10**8, 10**9)}"
        if detailed in ("CANCEL_REQUESTED", "CANCELED_BYUSER"):
            given = cancellation or {"cancelReasonEnum": "ADMIN_REASON"}
            history = internal.setdefault("cancellationHistory", [])
            history.append({**given, **changed("cancelled", data.OWN_USER, at)})

    # -- seeding and the control API

    def _seed_order(self, at: datetime, newest: int) -> None:
        draw = self._random
        body = data.seeded_body(draw, self._size - newest, stamp(at + timedelta(days=14)))
        order = self._new(body, draw.choice(list(data.USERS)), at)
        recent = newest < len(data.NEWEST_STATUSES)
        detailed = data.NEWEST_STATUSES[newest] if recent else draw.choice(data.OLD_STATUSES)
        for step in way(NEXT, "DRAFT", detailed) or ():
            at = min(ANCHOR, at + timedelta(minutes=draw.randrange(1, 3000)))
            self._enter(order, step, at)
        if newest % 9 == 4:
            order["internal"].update(data.seeded_notes_of_verifone(draw, self._size - newest, stamp(at)))
        if not recent and newest % 11 == 0:
            del order["internal"]  # for Verifone's use only, and subject to change
        self.orders[order["orderId"]] = order

    def _seed_draft(self, number: int, detailed: str) -> None:
        """Add a draft. Some drafts have been offered to the customer."""
        at = ANCHOR - timedelta(hours=7 * number)
        order = self._new(data.seeded_body(self._random, self._size + number, stamp(ANCHOR)), data.OWN_USER, at)
        for step in way(NEXT, "DRAFT", detailed) or ():
            self._enter(order, step, at + timedelta(hours=1))
        self.orders[order["orderId"]] = order

    def _seed_sample(self) -> None:
        """Add the draft in the document."""
        order = self._new(data.SAMPLE, data.OWN_USER, data.SAMPLED_AT)
        self.orders[data.SAMPLE_ID] = {**order, "orderId": data.SAMPLE_ID}

    def _seed_merchant_order(self, index: int) -> None:
        """Add an order of the other type: the onboarding of a merchant, without hardware."""
        at = ANCHOR - timedelta(days=1 + index)
        merchant = {"primaryContact": data.PEOPLE[0], "merchantName": f"New merchant {index + 1}"}
        body = {"orderReference": f"MER-{index + 1}", "customerEntityUid": data.CUSTOMER, "merchant": merchant}
        order = {**self._new(body, data.OWN_USER, at), "orderType": "MerchantOrder"}
        self.orders[order["orderId"]] = order

    def advance(self, command: dict[str, Any]) -> dict[str, Any]:
        """Move an order to another status, or set the enabled extensions."""
        if command.keys() == {"extensions"}:
            return self._switch(command["extensions"])
        if "order" not in command or not command.keys() <= {"order", "to"}:
            form = 'a command is {"order": id, "to"?: detailed status} or {"extensions": [a name, ...]}'
            raise ControlError(400, form)
        order = self.orders.get(str(command["order"]).lower())
        if order is None:
            raise ControlError(404, f"there is no order {command['order']}")
        return self._advance(order, command.get("to"))

    def _switch(self, names: object) -> Record:
        if not isinstance(names, list) or not set(cast("list[object]", names)) <= set(EXTENSIONS):
            raise ControlError(400, f"extensions must be a list of {', '.join(EXTENSIONS)}")
        self.extensions = frozenset(cast("list[str]", names))
        return {"extensions": sorted(self.extensions)}

    def _advance(self, order: Record, to: object) -> Record:
        here = detailed_of(order).get("status", order["status"])
        for step in steps(NEXT, here, to, DETAILED):
            self._enter(order, step, self.now())
        return order


# Method, path, handler, and the extension that the operation belongs to: None for those in the document.
OPERATIONS: tuple[tuple[str, str, Callable[[VerifoneSandbox, Call], Record], str | None], ...] = (
    ("POST", "/orders/hardware", VerifoneSandbox.create_order, None),
    ("PUT", "/orders/hardware/{orderId}", VerifoneSandbox.replace_order, None),
    ("GET", "/orders", VerifoneSandbox.search_orders, "search"),
    ("GET", "/orders/{orderId}", VerifoneSandbox.get_order, "get"),
    ("POST", "/orders/drafts/{orderId}", VerifoneSandbox.submit_order, "submit"),
    ("POST", "/orders/{orderId}/cancel", VerifoneSandbox.cancel_order, "cancel"),
)

Condition = tuple[Any, Callable[[Record, Any], bool]]
"""A wanted value, and a function that returns whether an order has it."""


def conditions_of(call: Call) -> Sequence[Condition]:
    """Return the conditions of a search. All must hold. Time ranges include both ends."""
    date, moment = call.word("filterDateType", FILTER_DATES, "createdDate") or "", datetime.fromisoformat
    conditions: Sequence[Condition] = (
        (call.query.get("orderType", "MerchantOrder"), lambda order, kind: order["orderType"] == kind),
        (call.moment("startTime"), lambda order, start: date in order and moment(order[date]) >= start),
        (call.moment("endTime"), lambda order, end: date in order and moment(order[date]) <= end),
        # "Orders last changed before this time (used to find order not moved)", API 2.31
        (call.moment("lastChangeTime"), lambda order, end: moment(changed_of(order)) < end),
        (call.word("detailedStatus", DETAILED), lambda order, word: detailed_of(order).get("status") == word),
        (call.word("status", STATUSES), lambda order, word: order["status"] == word),
        (call.query.get("orderReference"), lambda order, text: order["orderReference"] == text),
        (call.query.get("merchantCompany"), lambda order, text: text.lower() in merchant_of(order).lower()),
        (call.several("userUids", "userUids[]"), lambda order, uids: order["createdUserUid"] in uids),
        (call.uids("customerEntityUid"), lambda order, uids: order["customerEntityUid"] in uids),
        (call.uids("merchantCompanyEntityUid"), lambda order, uids: order["merchantCompanyEntityUid"] in uids),
    )
    return [(wanted, holds) for wanted, holds in conditions if wanted]


def merchant_of(order: Record) -> str:
    """Return the name of the merchant, empty if there is none."""
    return order["merchant"].get("merchantName", "")


def changed(what: str, user: str, at: datetime) -> Record:
    """Return the fields for who did something to an order and when. ``what`` is the prefix of their names."""
    return {f"{what}UserUid": user, f"{what}By": data.USERS[user], f"{what}Date": stamp(at)}


def detailed_of(order: Record) -> Record:
    """Return the detailed status with its fields."""
    return order.get("internal", {}).get("extendedDetails", {})


def changed_of(order: Record) -> str:
    """Return when the detailed status last changed."""
    return detailed_of(order).get("lastChangeTime", order["modifiedDate"])


def unknown_bundles(value: Any, path: str, problems: Problems) -> None:
    """Note every package bundle that does not exist."""
    if isinstance(value, list):
        for index, item in enumerate(cast("list[Any]", value)):
            unknown_bundles(item, f"{path}[{index}]", problems)
    elif isinstance(value, dict):
        for name, item in cast("Record", value).items():
            at = f"{path}.{name}" if path else name
            if name == "packageBundleId" and item not in data.BUNDLES:
                problems[at] = "is not among the packages of the customer"
            unknown_bundles(item, at, problems)


def knows(header: str) -> bool:
    """Return whether an Authorization header has valid credentials: Basic or Bearer."""
    scheme, _, credential = header.partition(" ")
    expected = {"basic": base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode(), "bearer": TOKEN}
    return hmac.compare_digest(credential.encode(), expected.get(scheme.lower(), "\0").encode())


def stamp(at: datetime) -> str:
    """Return a time in Verifone's format: in milliseconds and UTC."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
