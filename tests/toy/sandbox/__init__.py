"""The Toybox sandbox: its API with seeded records."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ordergraph.sandbox import (
    Body,
    ControlError,
    Problems,
    SeededSandbox,
    decode_json,
    json_response,
    seeded_instants,
    seeded_random,
)

Record = dict[str, Any]

API_KEY = "sandbox-key-not-a-secret"
PRICES: Mapping[str, str] = {"BEAR-30": "24.90", "BLOCKS-100": "39.00", "KITE": "12.50", "TRAIN": "79.95"}
WRAPPINGS = ("paper", "paper+ribbon")
MAX_SIZE = 100
EVER = ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z")

# The order lifecycle: the statuses that can follow each status, directly or later.
LATER: Mapping[str, Sequence[str]] = {
    "open": ("sent", "done", "cancelled", "declined"),
    "sent": ("done",),
    "done": (),
    "cancelled": (),
    "declined": (),
}
STATUSES = tuple(LATER)
ERRORS: Mapping[int, str] = {401: "unknown-key", 404: "not-found", 409: "wrong-status", 422: "invalid"}


class ToySandbox(SeededSandbox):
    """Toybox with one account, whose key is `API_KEY`."""

    def __init__(self, orders: int, seed: int) -> None:
        super().__init__(orders, seed)
        self.orders: dict[str, Record] = {}
        self.routes = [self._route(*operation) for operation in OPERATIONS]
        self.reset()

    def reset(self) -> None:
        """Restore the seeded records."""
        draw = seeded_random("toy", self._size, self._seed)
        self.orders.clear()
        for index, at in enumerate(seeded_instants(draw, self._size)):
            skus = draw.sample(sorted(PRICES), draw.randrange(1, 4))
            order = self._add(at, [(sku, draw.randrange(1, 5)) for sku in skus])
            order.update(status=STATUSES[index % len(STATUSES)], reference=f"SHELF-{index:05d}")
            order.update(wrapping=draw.choice((None, *WRAPPINGS)))

    def advance(self, command: dict[str, Any]) -> dict[str, Any]:
        """Move an order to a status, as Toybox's staff would: ``{"order": id, "to": status}``."""
        order, to = self.orders.get(str(command.get("order"))), command.get("to")
        if order is None:
            raise ControlError(404, f"there is no order {command.get('order')}")
        if to not in LATER[order["status"]]:
            raise ControlError(409, f"there is no way from {order['status']} to {to}")
        order["status"] = to
        return order

    def error(self, status: int, message: str, fields: Problems | None = None) -> Response:
        """Return an error in Toybox's format."""
        return json_response({"code": ERRORS.get(status, "failed"), "message": message, "fields": fields or {}}, status)

    def _route(self, method: str, path: str, operation: "Operation") -> Route:
        async def endpoint(request: Request) -> Response:
            if request.headers.get("authorization") != f"Bearer {API_KEY}":
                return self.error(401, "The API key is not known.")
            return operation(self, request, await request.body())

        return Route(path, endpoint, methods=[method])

    def list_orders(self, request: Request, _: bytes) -> Response:
        """Return a page of the orders that were placed in a period."""
        asked = request.query_params
        try:
            page, size = int(asked.get("page", "1")), int(asked.get("size", "20"))
            since, until = moment(asked.get("since", EVER[0])), moment(asked.get("until", EVER[1]))
        except ValueError as error:
            return self.error(400, str(error))
        if page < 1 or not 1 <= size <= MAX_SIZE:
            return self.error(400, f"page begins at 1, and size lies within 1 and {MAX_SIZE}")
        found = [order for order in self.orders.values() if since <= moment(order["placed"]) <= until]
        if reference := asked.get("reference"):
            found = [order for order in found if order["reference"] == reference]
        found.sort(key=lambda order: order["placed"], reverse=asked.get("sort") != "oldest")
        return json_response(found[(page - 1) * size : page * size], headers={"X-Total": str(len(found))})

    def get_order(self, request: Request, _: bytes) -> Response:
        """Return one order."""
        order = self.orders.get(request.path_params["id"])
        return self.error(404, "There is no such order.") if order is None else json_response(order)

    def place_order(self, request: Request, content: bytes) -> Response:
        """Create an open order. An error lists the problems of all fields."""
        try:
            value = decode_json(content)
        except ValueError as error:
            return self.error(400, str(error))
        body = Body(cast("Record", value) if isinstance(value, dict) else {}, {})
        lines = [read_line(line) for line in body.children("lines")]
        if not lines:
            body.problem("lines", "must have 1 or more")
        more = {
            "reference": body.text("reference", maximum=40),
            "note": body.text("note", maximum=1000),
            "wrapping": body.text("wrapping", allowed=WRAPPINGS),
        }
        if body.problems:
            return self.error(422, "The order is not right.", body.problems)
        order = self._add(datetime.now(UTC), lines)
        order.update(more)
        return json_response(order, 201)

    def cancel_order(self, request: Request, _: bytes) -> Response:
        """Cancel an order, if it is open."""
        order = self.orders.get(request.path_params["id"])
        if order is not None and order["status"] != "open":
            return self.error(409, f"The order is {order['status']}.")
        if order is not None:
            order["status"] = "cancelled"
        return self.get_order(request, b"")

    def _add(self, at: datetime, lines: Sequence[tuple[str, int]]) -> Record:
        order: Record = {
            "id": f"T{len(self.orders) + 1:06d}",
            "placed": at.isoformat(timespec="seconds"),
            "status": "open",
            "lines": [{"sku": sku, "quantity": quantity, "price": PRICES[sku]} for sku, quantity in lines],
            "total": str(sum(Decimal(PRICES[sku]) * quantity for sku, quantity in lines)),
            "currency": "EUR",
            "reference": None,
            "note": None,
            "wrapping": None,
        }
        self.orders[order["id"]] = order
        return order


Operation = Callable[[ToySandbox, Request, bytes], Response]
OPERATIONS: Sequence[tuple[str, str, Operation]] = (
    ("GET", "/orders", ToySandbox.list_orders),
    ("GET", "/orders/{id}", ToySandbox.get_order),
    ("POST", "/orders", ToySandbox.place_order),
    ("POST", "/orders/{id}/cancel", ToySandbox.cancel_order),
)


def moment(text: str) -> datetime:
    """Parse a time with a time zone. Raises ValueError if it is invalid."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"{text} has no zone")
    return found


def read_line(body: Body) -> tuple[str, int]:
    """Return the SKU and the quantity of a line."""
    for name in ("sku", "quantity"):
        if name not in body:
            body.problem(name, "is missing")
    return body.text("sku", allowed=PRICES) or "", body.integer("quantity", low=1, high=99) or 0
