"""The fake Nuvias UC Hub: the dialect of the Hub API 1.1.0 with the records of `data`.

It reproduces the Hub's quirks: nested arrays, ``"false,"`` for a boolean, ``delivery_procotol``, and list rows that
differ from single records. Where the document says nothing (errors, most paths, success codes), the sandbox follows
the conventions that the document suggests.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar, cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ordergraph.sandbox import Body, ControlError, Problems, SeededSandbox, decode_json, json_response
from ordergraph.sandbox.oauth import LoginError, Tokens, check_client, read_form
from ordergraph.vendors.nuvias.sandbox import data, rules
from ordergraph.vendors.nuvias.sandbox.data import CLIENT_ID, Record
from ordergraph.vendors.nuvias.sandbox.life import periods
from ordergraph.vendors.nuvias.sandbox.rules import Query, Refusal, known
from ordergraph.vendors.nuvias.sandbox.seed import SeededHub

CLIENT_SECRET = "sandbox-secret-not-a-secret"
TOKEN_SECONDS = 3600
Read = TypeVar("Read")


@dataclass
class Call:
    """One call as an operation sees it."""

    id: int
    query: Query
    content: bytes

    def body(self) -> Body:
        """Return the JSON object in the body."""
        try:
            content = decode_json(self.content)
        except ValueError as error:
            raise Refusal(400, f"The body is not JSON: {error}") from None
        if not isinstance(content, dict):
            raise Refusal(400, "The body must be a JSON object.")
        return Body(cast("dict[str, Any]", content), {})

    def read(self, rule: Callable[[Body], Read], *needed: str) -> Read:
        """Return what a rule reads from the body. Raise Refusal if the rule finds an error."""
        body = self.body()
        rules.need(body, *needed)
        found = rule(body)
        rules.refuse_problems(body.problems)
        return found


Operation = Callable[["NuviasSandbox", Call], Response]


def whole_list(name: str) -> Operation:
    """Return the operation of a list that the Hub neither filters nor pages."""

    def operation(at: "NuviasSandbox", _call: Call) -> Response:
        records = getattr(at.hub, name)
        return json_response(list(cast("Record", records).values()) if isinstance(records, dict) else records)

    return operation


def one_of(name: str, what: str, show: Callable[[Record], Any] = lambda record: record) -> Operation:
    """Return the operation that shows a single record of a kind."""
    return lambda at, call: json_response(show(known(getattr(at.hub, name), call.id, what)))


def decided(needed: str, status: str) -> Operation:
    """Return the operation that moves an order from one status to another."""

    def operation(at: "NuviasSandbox", call: Call) -> Response:
        order = known(at.hub.orders, call.id, "order")
        if order["status"] != needed:
            raise Refusal(409, f"The order is {order['status']}; this needs one that is {needed}.")
        at.hub.enter(order, status, at.now())
        return json_response(_order_detail(order))

    return operation


class NuviasSandbox(SeededSandbox):
    """The Hub with one API client: `CLIENT_ID` and `CLIENT_SECRET`."""

    def __init__(self, orders: int, seed: int) -> None:
        super().__init__(orders, seed)
        self.tokens = Tokens[str](TOKEN_SECONDS)
        self.routes = [
            Route("/oauth/create_token", self._create_token, methods=["POST"]),
            *(Route(path, self._endpoint(operation), methods=[method]) for method, path, operation in OPERATIONS),
        ]
        self.reset()

    def reset(self) -> None:
        """Start over with the same records and no token."""
        self.hub = SeededHub(self._size, self._seed)
        self.rules = rules.Rules(self.hub)
        self.tokens.end_all()

    def error(self, status: int, message: str) -> Response:
        """Return an error in the Hub's format."""
        return json_response({"message": message}, status)

    def _endpoint(self, operation: Operation) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            try:
                if self.tokens.holder(request.headers.get("authorization", "")) is None:
                    raise Refusal(401, "The access token is missing, wrong or has expired.")
                number = _path_id(request.path_params.get("id", "0"))
                return operation(self, Call(number, Query(request.query_params), await request.body()))
            except Refusal as refusal:
                return refusal.response

        return endpoint

    # -- authentication

    async def _create_token(self, request: Request) -> Response:
        """Hub API 1.1.0, OAuth token: client credentials in a form body."""
        if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return json_response({"error": "invalid_request"}, 400)
        try:
            client = check_client(await read_form(request), {CLIENT_ID: CLIENT_SECRET})
        except LoginError as error:
            return json_response({"error": error.code}, error.status)
        return json_response({**self.tokens.grant(client), "token_type": "Bearer"})

    # -- people

    def whoami(self, call: Call) -> Response:
        """Diana Ross, emulating Tom Jones."""
        return json_response(data.WHOAMI)

    def list_users(self, call: Call) -> Response:
        """Rows with two booleans as mistyped strings (Hub API 1.1.0, users)."""
        query = call.query
        query.text("text", "name", "email_address")
        query.numbers("organisation")
        query.flag("verified", lambda row: row["verified"])
        query.flag("disabled", lambda row: not row["active"])
        query.flag("password_reset", lambda row: row["password_reset"])
        query.sort(("name", "email_address"), "-name")
        return query.page(self.hub.users.values(), _user_row)

    def create_user(self, call: Call) -> Response:
        """Create a user. A name and an email address are required."""
        fields = call.read(lambda body: self.rules.user(body, 0), "name", "email_address")
        number = self.hub.take("user")
        user: Record = {"id": number, **data.NEW_USER, "roles": [], "notification": [], **fields}
        user.update(api_clients=[], audit_logs=[], actions_taken=[])
        self.hub.users[number] = user
        self._audit(user, "CREATED")
        return json_response(_user_detail(user), 201)

    def edit_user(self, call: Call) -> Response:
        """Change the given fields. A change of organisation resets roles and notifications."""
        user = known(self.hub.users, call.id, "user")
        fields = call.read(lambda body: self.rules.user(body, call.id))
        if call.id in (data.OWN_USER, data.REAL_USER) and fields.get("active") is False:
            raise Refusal(403, "You cannot disable yourself.")
        if fields.get("organisation", user["organisation"]) != user["organisation"]:
            fields.update(roles=[], notification=[])
        user.update(fields)
        self._audit(user, "EDITED")
        return json_response(_user_detail(user))

    def _audit(self, user: Record, action: str) -> None:
        entry = data.audit_entry(user["id"], user["name"], action, self.now())
        user["audit_logs"].append(entry)
        self.hub.users[data.OWN_USER]["actions_taken"].append(entry)

    # -- catalogue

    def list_product_groups(self, call: Call) -> Response:
        """Short rows, unpaged."""
        names = ("id", "name", "active", "status", "type", "vendor")
        return json_response([{name: row[name] for name in names} for row in self.hub.product_groups.values()])

    def create_product_group(self, call: Call) -> Response:
        """Create a product group. A name is required."""
        fields = call.read(self.rules.product_group, "name")
        empty = dict.fromkeys(fields)
        empty.update(active=True, status="DRAFT", products=[], related_product_groups=[])
        given = {name: value for name, value in fields.items() if value is not None}
        number = self.hub.take("product_group")
        self.hub.product_groups[number] = {"id": number, **empty, **given}
        return json_response(_group_detail(self.hub.product_groups[number]), 201)

    def edit_product_group(self, call: Call) -> Response:
        """Change the given fields."""
        group = known(self.hub.product_groups, call.id, "product group")
        fields = call.read(self.rules.product_group)
        group.update({name: value for name, value in fields.items() if value is not None})
        return json_response(_group_detail(group))

    def list_products(self, call: Call) -> Response:
        """List the catalogue, most popular products first."""
        query = call.query
        query.numbers("vendor")
        query.numbers("type")
        query.text("text", "name", "product_code")
        query.sort((), "-popularity", ("-popularity", "-name", "+name", "-price", "+price"))
        by_popularity = self.hub.popularity
        rows = ({**row, "popularity": by_popularity[row["id"]]} for row in self.hub.products.values())
        return query.page(rows, _without_popularity)

    # -- baskets

    def list_baskets(self, call: Call) -> Response:
        """List the baskets of the user's own organisation."""
        call.query.sort(("name", "total"), "+name")
        return call.query.page(self.hub.baskets.values())

    def create_basket(self, call: Call) -> Response:
        """Create a basket. No field is required."""
        basket = self.hub.new_order(call.read(self.rules.draft), self.now())
        self.hub.baskets[basket["id"]] = basket
        return json_response(basket, 201)

    def edit_basket(self, call: Call) -> Response:
        """Replace the basket. Omitted fields are cleared, and lines get new ids."""
        old = self._basket(call.id)
        basket = self.hub.new_order(call.read(self.rules.draft), self.now(), call.id)
        self.hub.baskets[call.id] = {**basket, "date": old["date"]}
        return json_response(self.hub.baskets[call.id])

    def add_line_item(self, call: Call) -> Response:
        """Add a line. The basket is priced again."""
        basket = self._basket(call.id)
        line = self.hub.new_line(call.read(self.rules.line), call.id)
        basket["line_items"].append(line)
        self.hub.price(basket)
        return json_response(line, 201)

    def submit_basket(self, call: Call) -> Response:
        """Place the order. It keeps the id; there is no body."""
        basket = self._basket(call.id)
        problems: Problems = {}
        self.rules.check_submission(basket, problems)
        rules.refuse_problems(problems)
        self.hub.submit(basket, self.now())
        return json_response(_order_detail(basket))

    def _basket(self, number: int) -> Record:
        if number in self.hub.orders:
            raise Refusal(409, "This basket has been submitted already.")
        return known(self.hub.baskets, number, "basket")

    # -- orders

    def list_orders(self, call: Call) -> Response:
        """List orders without `order_type`. Baskets are not included."""
        query = call.query
        query.words("status", data.ORDER_STATUSES)
        query.words("payment_type", rules.PAYMENT_TYPES)
        query.text("text", "id", "supplier_ref", "purchase_order_number")
        query.numbers("organisation")
        query.dates()
        query.values()
        query.sort(("date", "total"), "-date")
        return query.page(self.hub.orders_by_date, presorted="date")

    def create_order(self, call: Call) -> Response:
        """Create and submit in one step."""
        order = self.hub.new_order(call.read(lambda body: self.rules.draft(body, submit=True)), self.now())
        self.hub.submit(order, self.now())
        return json_response(_order_detail(order), 201)

    def edit_order(self, call: Call) -> Response:
        """Only the linked references can be changed."""
        order = known(self.hub.orders, call.id, "order")
        references = call.read(lambda body: rules.array(body, "linked_supplier_refs", str))
        if references is not None:
            order["linked_supplier_refs"] = references
        return json_response(_order_detail(order))

    def preview_change(self, call: Call) -> Response:
        """Return the cost of a change of a subscription. Nothing is changed."""
        body = call.body()
        rules.need(body, "subscription", "line_items")
        number = body.integer("subscription")
        if number is not None and number not in self.hub.subscriptions:
            raise Refusal(404, f"There is no subscription {number}.")
        if number is None:
            rules.refuse_problems(body.problems)
        subscription = self.hub.subscriptions[number or 0]
        changes = [self.rules.change(line, subscription) for line in body.children("line_items")]
        rules.refuse_problems(body.problems)
        seats = sum(product["quantity"] for product in subscription["products"])
        line = self.hub.subscription_line(subscription)
        charge = data.exact(line["price"])
        delta = sum((after - before for _, before, after in changes), Decimal(0))
        contract = delta * periods(line["rate_plan_details"])
        added = sum(count for count, _, _ in changes)
        return json_response(
            {
                "subscription_delta": added,
                "subscription_new": seats + added,
                "tcv_delta": data.money(contract),
                "tcv_new": data.money(data.exact(subscription["total_contract_value"]) + contract),
                "rc_delta": data.money(delta),
                "rc_new": data.money(charge * seats + delta),
            }
        )

    # -- subscriptions

    def list_subscriptions(self, call: Call) -> Response:
        """List matching subscriptions, unpaged. The filter `vendor` lacks ZOOM (Hub API 1.1.0)."""
        query = call.query
        query.text("name", "name")
        query.numbers("organisation")
        query.words("status", data.SUBSCRIPTION_STATUSES)
        query.words("vendor", rules.FILTERED_SUBSCRIPTION_TYPES, "type")
        found = query.select(self.hub.subscriptions.values())
        return json_response([self._subscription_detail(row) for row in found])

    def edit_subscription(self, call: Call) -> Response:
        """Change the administrative fields."""
        subscription = self.subscription(call.id)
        body = call.body()
        value = body.number("total_contract_value", low=0)
        fields: Record = {
            "auto_renewal_flag": body.boolean("auto_renewal_flag"),
            "pending_change": body.boolean("pending_change"),
            "total_contract_value": None if value is None else data.money(value),
        }
        body.text("type", allowed=(subscription["type"],))
        rules.refuse_problems(body.problems)
        if fields["pending_change"] and subscription["status"] != "ACTIVE":
            raise Refusal(409, f"The subscription is {subscription['status']}; only an ACTIVE one can change.")
        subscription.update({name: value for name, value in fields.items() if value is not None})
        return self.show(subscription)

    def activate_subscription(self, call: Call) -> Response:
        """PENDING to ACTIVE."""
        subscription = self._subscription_in(call.id, "PENDING")
        self.hub.activate(subscription, rules.read_day(call.body(), "service_activation_date"))
        return self.show(subscription)

    def cancel_subscription(self, call: Call) -> Response:
        """PENDING to EXPIRED. The document has no status for a cancelled subscription."""
        subscription = self._subscription_in(call.id, "PENDING")
        subscription["status"] = "EXPIRED"
        return self.show(subscription)

    def end_change(self, call: Call, *days: str) -> Response:
        """Activate a pending change from the day in the body, or cancel it."""
        subscription = self._subscription_in(call.id, "ACTIVE")
        if not subscription["pending_change"]:
            raise Refusal(409, "The subscription has no pending change.")
        for name in days:
            rules.read_day(call.body(), name)
        subscription["pending_change"] = False
        return self.show(subscription)

    def subscription(self, number: int) -> Record:
        """Return a subscription."""
        return known(self.hub.subscriptions, number, "subscription")

    def _subscription_in(self, number: int, status: str) -> Record:
        subscription = self.subscription(number)
        if subscription["status"] != status:
            raise Refusal(409, f"The subscription is {subscription['status']}; this needs one that is {status}.")
        return subscription

    def show(self, subscription: Record) -> Response:
        """Return the response with a subscription."""
        return json_response(self._subscription_detail(subscription))

    def _subscription_detail(self, subscription: Record) -> Record:
        order = self.hub.orders[subscription["order"]]
        names = ("id", "supplier_ref", "date", "status", "total")
        summary = {**{name: order[name] for name in names}, "order_type": "SALES_ORDER"}
        return {**subscription, "order_history": [summary]}

    # -- invoices

    def list_invoices(self, call: Call) -> Response:
        """List invoices and credit notes. Only the purchase order number links them to an order."""
        query = call.query
        query.text("text", "reference", "purchase_order")
        query.numbers("organisation")
        query.words("status", rules.INVOICE_STATUSES)
        query.words("type", rules.INVOICE_TYPES)
        query.overdue()
        query.dates()
        query.values()
        query.sort(("source_id", "status", "date", "purchase_order", "total", "days_overdue"), "-date")
        return query.page(self.hub.invoices)

    # -- feeds

    def list_feeds(self, call: Call) -> Response:
        """List matching feeds, unpaged, without the fields of the file's format."""
        call.query.text("name", "name")
        call.query.numbers("organisation")
        return json_response([_feed_row(row) for row in call.query.select(self.hub.feeds.values())])

    def create_feed(self, call: Call) -> Response:
        """Create a feed that has not been uploaded yet."""
        fields = call.read(self.rules.feed)
        return self._put_feed(self.hub.take("feed"), {**fields, "last_upload": None}, 201)

    def edit_feed(self, call: Call) -> Response:
        """Replace the feed."""
        feed = known(self.hub.feeds, call.id, "feed")
        return self._put_feed(call.id, {**call.read(self.rules.feed), "last_upload": feed["last_upload"]}, 200)

    def _put_feed(self, number: int, feed: Record, status: int) -> Response:
        self.hub.feeds[number] = {**feed, "id": number}
        return json_response(_feed_detail(self.hub.feeds[number]), status)

    # -- the control API

    def advance(self, command: dict[str, Any]) -> dict[str, Any]:
        """Advance an order or a subscription to another status, or expire all tokens."""
        if command == {"expire_tokens": True}:
            return self.tokens.end_all()
        if "order" in command and command.keys() <= {"order", "to"}:
            return _order_detail(self.hub.advance_order(command["order"], command.get("to"), self.now()))
        if "subscription" in command and command.keys() <= {"subscription", "to", "pending_change"}:
            return self._subscription_detail(self.hub.advance_subscription(command, self.now()))
        raise ControlError(
            400,
            'a command is {"order": id, "to"?: status}, {"expire_tokens": true} or '
            '{"subscription": id, "to"?: status, "pending_change"?: boolean}',
        )


# ---- Responses --------------------------------------------------------------------------------------


def _path_id(text: str) -> int:
    """Return the id in a path. An id that is not a number matches no record."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else -1


def _order_detail(order: Record) -> Record:
    return {**order, "order_type": "SALES_ORDER"}


def _without_popularity(row: Record) -> Record:
    del row["popularity"]
    return row


def _user_row(user: Record) -> Record:
    row = {name: user[name] for name in ("id", "organisation", "name", "email_address")}
    words = {name: "true," if user[name] else "false," for name in ("password_reset", "verified")}
    return {**row, **words, "disabled": not user["active"]}


def _user_detail(user: Record) -> Record:
    return {**user, "roles": [user["roles"]], "notification": [user["notification"]]}


def _group_detail(group: Record) -> Record:
    related = [group["related_product_groups"]]
    return {**group, "products": [group["products"]], "related_product_groups": related}


def _feed_detail(feed: Record) -> Record:
    at = feed["last_upload"]
    return {**feed, "last_upload": at and at.strftime("%Y-%m-%dT%H:%M:%S.%f")}


def _feed_row(feed: Record) -> Record:
    row = {name: value for name, value in feed.items() if name not in rules.SINGLE_FEED_FIELDS}
    at = feed["last_upload"]
    return {**row, "last_upload": at and at.strftime("%Y-%m-%dT%H:%M:%S.000Z")}


# The Hub's API, in the order of its document. Authentication is separate because it needs no token.
OPERATIONS: tuple[tuple[str, str, Operation], ...] = (
    ("GET", "/whoami", NuviasSandbox.whoami),
    ("GET", "/organisations", whole_list("organisations")),
    ("GET", "/organisations/{id}/addresses", one_of("addresses", "organisation")),
    ("GET", "/users", NuviasSandbox.list_users),
    ("GET", "/users/{id}", one_of("users", "user", _user_detail)),
    ("POST", "/users", NuviasSandbox.create_user),
    ("PUT", "/users/{id}", NuviasSandbox.edit_user),
    ("GET", "/product_groups", NuviasSandbox.list_product_groups),
    ("POST", "/product_groups", NuviasSandbox.create_product_group),
    ("GET", "/product_groups/{id}", one_of("product_groups", "product group", _group_detail)),
    ("PUT", "/product_groups/{id}", NuviasSandbox.edit_product_group),
    ("GET", "/products", NuviasSandbox.list_products),
    ("GET", "/products/{id}", one_of("products", "product")),
    ("GET", "/baskets", NuviasSandbox.list_baskets),
    ("POST", "/baskets", NuviasSandbox.create_basket),
    ("GET", "/baskets/{id}", one_of("baskets", "basket")),
    ("PUT", "/baskets/{id}", NuviasSandbox.edit_basket),
    ("POST", "/baskets/{id}/submit", NuviasSandbox.submit_basket),
    ("POST", "/baskets/{id}/line_items", NuviasSandbox.add_line_item),
    ("GET", "/orders", NuviasSandbox.list_orders),
    ("POST", "/orders", NuviasSandbox.create_order),
    ("POST", "/orders/change_preview", NuviasSandbox.preview_change),
    ("GET", "/orders/{id}", one_of("orders", "order", _order_detail)),
    ("PUT", "/orders/{id}", NuviasSandbox.edit_order),
    ("POST", "/orders/{id}/cancel", decided("PROCESSING", "CANCELLED")),
    ("POST", "/orders/{id}/approve", decided("PENDING_AUTHORISATION", "PROCESSING")),
    ("POST", "/orders/{id}/deny", decided("PENDING_AUTHORISATION", "CANCELLED")),
    ("POST", "/orders/{id}/resubmit", decided("ATTENTION_REQUIRED", "PROCESSING")),
    ("GET", "/subscriptions", NuviasSandbox.list_subscriptions),
    ("GET", "/subscriptions/{id}", lambda at, call: at.show(at.subscription(call.id))),
    ("PUT", "/subscriptions/{id}", NuviasSandbox.edit_subscription),
    ("POST", "/subscriptions/{id}/activate", NuviasSandbox.activate_subscription),
    ("POST", "/subscriptions/{id}/cancel", NuviasSandbox.cancel_subscription),
    ("POST", "/subscriptions/{id}/activate_changes", lambda at, call: at.end_change(call, "activation_date")),
    ("POST", "/subscriptions/{id}/cancel_changes", NuviasSandbox.end_change),
    ("GET", "/invoices", NuviasSandbox.list_invoices),
    ("GET", "/vendors", whole_list("vendors")),
    ("GET", "/country_codes", whole_list("country_codes")),
    ("GET", "/shipping_types", whole_list("shipping_types")),
    ("GET", "/groups", whole_list("groups")),
    ("GET", "/sites", whole_list("sites")),
    ("GET", "/feeds", NuviasSandbox.list_feeds),
    ("POST", "/feeds", NuviasSandbox.create_feed),
    ("GET", "/feeds/{id}", one_of("feeds", "feed", _feed_detail)),
    ("PUT", "/feeds/{id}", NuviasSandbox.edit_feed),
)
