"""The fake Nuvias UC Hub: the dialect of the Hub API 1.1.0 over the records of `sandbox_data`.

Faithful in its oddities too: nested arrays, ``"false,"`` for a boolean, ``delivery_procotol``, list
rows that differ from single records. Where the document is silent (errors, most paths, codes of
success) the sandbox follows the habits that the document's own words suggest.
"""

import hashlib
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar, cast
from urllib.parse import parse_qs

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ordergraph.sandbox import Body, ControlError, Problems, decode_json, is_integer, json_response
from ordergraph.vendors.nuvias.sandbox_data import (
    CLIENT_ID,
    NOTIFICATIONS,
    ORDER_KEYS,
    OWN_USER,
    REAL_USER,
    Hub,
    Record,
    audit_entry,
    exact,
    money,
    periods,
    plan_price,
)

Found = TypeVar("Found")

CLIENT_SECRET = "sandbox-secret-not-a-secret"
TOKEN_SECONDS = 3600
MAX_PER_PAGE = 1000
MAX_QUANTITY = 100_000
MAX_INSTRUCTIONS = 3500

# Hub API 1.1.0, the enumerations of its filters and bodies.
ORDER_STATUSES = (
    "CREATED",
    "PROCESSING",
    "ACCEPTED",
    "PART_SHIPPED",
    "SHIPPED",
    "COMPLETE",
    "ATTENTION_REQUIRED",
    "FAILED",
    "PENDING_AUTHORISATION",
    "CANCELLED",
)
PAYMENT_TYPES = ("ON_ACCOUNT", "FINANCE")
FINANCE_TARGETS = ("SELF", "CUSTOMER")
SUBSCRIPTION_STATUSES = ("ACTIVE", "PENDING", "EXPIRED")
SUBSCRIPTION_TYPES = ("DROPBOX", "ACRONIS", "ZOOM")
FILTERED_SUBSCRIPTION_TYPES = ("ACRONIS", "DROPBOX")
INVOICE_STATUSES = ("open", "paid_in_full", "pending_approval", "rejected", "voided")
INVOICE_TYPES = ("invoice", "credit_note")
DAYS_OVERDUE: dict[str, tuple[int, int]] = {
    "0": (0, 0),
    "31-60": (31, 60),
    "61-90": (61, 90),
    "90+": (91, 10**6),
}
LANGUAGES = ("de", "en", "es", "fr", "it", "nl")
TIMEOUTS = (86400, 43200, 28800, 14400, 7200, 3600, 1800)
FEED_COLUMNS = ("stock", "mpn", "price", "rrp", "vendor", "name", "ean")
DELIVERY_METHODS = ("EMAIL", "FTP", "SITC")
FTP_PROTOCOLS = ("FTP", "FTPS", "SFTP")
TIMESLOTS = range(0, 24 * 60, 30)

ADDRESS_FIELDS = (
    "company_name",
    "recipient_name",
    "addr_line_1",
    "addr_line_2",
    "city",
    "region",
    "postal_code",
)
FINANCE_FIELDS = ("company_number", "company_name", "title", "first_name", "name", "contact_number")
SUBSCRIPTION_FIELDS = {
    "DROPBOX": ("team_name", "admin_email"),
    "ACRONIS": ("tenant_name", "admin_email"),
    "ZOOM": (
        "deal_registration_id",
        "deal_registration_approval_id",
        "end_user_name",
        "end_user_company",
        "end_user_email",
    ),
}
NEEDED_SUBSCRIPTION_FIELDS = {
    "DROPBOX": ("team_name", "admin_email"),
    "ACRONIS": ("tenant_name", "admin_email"),
    "ZOOM": ("end_user_name", "end_user_company", "end_user_email"),
}
# Hub API 1.1.0, feeds: what a single feed shows and a list row does not.
SINGLE_FEED_FIELDS = ("show_headers", "delimiter", "escape_method", "show_empty_stock")

NEW_USER: Record = {
    "name": None,
    "email_address": None,
    "organisation": 5,
    "admin": False,
    "two-factor": False,
    "active": True,
    "verified": False,
    "password_reset": False,
    "user_language": "en",
    "timezone": "UTC",
    "timeout": 86400,
}

WHOAMI = {
    "id": OWN_USER,
    "name": "Tom Jones",
    "organisation": 5,
    "real_id": REAL_USER,
    "real_name": "Diana Ross",
    "currency": "GBP",
    "locale": "en",
    "timezone": "Europe/London",
    "admin": False,
    "root": False,
    "modules": ["WEBSTORE"],
    "permissions": [
        {"permission": "user:view", "parent": False},
        {"permission": "order:view", "parent": False},
        {"permission": "order:approve", "parent": True},
    ],
}


class Refusal(Exception):
    """What the Hub says no to, in its form."""

    def __init__(self, status: int, message: str, problems: Problems | None = None) -> None:
        super().__init__(message)
        content: Record = {"message": message}
        if problems is not None:
            content["errors"] = problems
        self.response = json_response(content, status)


def refuse_problems(problems: Problems) -> None:
    """400 with everything that is wrong, when anything is."""
    if problems:
        raise Refusal(400, "The request is not valid.", problems)


# ---- Lists ----------------------------------------------------------------------------------------


class Query:
    """The query of a list: AND between parameters, OR for a repeated one (Hub API 1.1.0, Filtering)."""

    def __init__(self, params: QueryParams) -> None:
        self._params = params
        self._tests: list[Callable[[Record], bool]] = []
        self._order: list[tuple[str, bool]] = []
        self.problems: Problems = {}

    def text(self, name: str, *fields: str) -> None:
        """Keep rows where one of the fields contains the text, whatever the case."""
        wanted = [value.casefold() for value in self._params.getlist(name)]
        if wanted:
            self._tests.append(lambda row: any(_contains(row, fields, value) for value in wanted))

    def numbers(self, name: str) -> None:
        """Keep rows with one of these ids; -1 stands for none assigned."""
        wanted = {self._integer(name, value) for value in self._params.getlist(name)}
        if wanted:
            self._tests.append(lambda row: (-1 if row[name] is None else row[name]) in wanted)

    def words(self, name: str, allowed: Collection[str], field: str | None = None) -> None:
        """Keep rows with one of these words."""
        wanted = self._words(name, allowed)
        if wanted:
            self._tests.append(lambda row: row[field or name] in wanted)

    def flag(self, name: str, value_of: Callable[[Record], bool]) -> None:
        """Keep rows where something is so, or is not."""
        wanted = {word == "true" for word in self._words(name, ("true", "false"))}
        if wanted:
            self._tests.append(lambda row: value_of(row) in wanted)

    def dates(self) -> None:
        """`start_date` and `end_date`, both days included."""
        first, last = self._date("start_date"), self._date("end_date")
        if first is not None:
            self._tests.append(lambda row: row["date"][:10] >= first)
        if last is not None:
            self._tests.append(lambda row: row["date"][:10] <= last)

    def values(self) -> None:
        """`value_from` and `value_to`, both included."""
        low, high = self._number("value_from"), self._number("value_to")
        if low is not None:
            self._tests.append(lambda row: exact(row["total"]) >= low)
        if high is not None:
            self._tests.append(lambda row: exact(row["total"]) <= high)

    def overdue(self) -> None:
        """Hub API 1.1.0, invoices: there is no bucket for 1 to 30 days."""
        buckets = [DAYS_OVERDUE[word] for word in self._words("days_overdue", DAYS_OVERDUE)]
        if buckets:
            self._tests.append(lambda row: _in_buckets(row["days_overdue"], buckets))

    def sort(self, fields: Collection[str], default: str, allowed: Collection[str] = ()) -> None:
        """`sort_by`, repeated; a space at the front is a plus sign that was not encoded."""
        words = allowed or [sign + field for field in fields for sign in "+-"]
        given = [value.replace(" ", "+", 1) for value in self._params.getlist("sort_by")]
        for word in given or [default]:
            if word in words:
                self._order.append((word[1:], word[0] == "-"))
            else:
                self._problem("sort_by", f"must be one of {', '.join(words)}")

    def select(self, rows: Iterable[Record], presorted: str | None = None) -> list[Record]:
        """Find the rows that pass, in order; ties are in the order of the rows, or in the reverse of it.

        `presorted` is the field that the rows are sorted by already: the long list stays cheap.
        """
        refuse_problems(self.problems)
        found = list(rows)
        for test in self._tests:
            found = [row for row in found if test(row)]
        if [field for field, _ in self._order] == [presorted]:
            return found[::-1] if self._order[0][1] else found
        for field, descending in reversed(self._order):
            found.sort(key=lambda row, field=field: _sort_key(row[field]), reverse=descending)
        return found

    def page(
        self,
        rows: Iterable[Record],
        show: Callable[[Record], Record] | None = None,
        presorted: str | None = None,
    ) -> Response:
        """One page of what passes, with the totals in the headers."""
        number = self._page_number("page", 1)
        size = min(self._page_number("per_page", MAX_PER_PAGE), MAX_PER_PAGE)
        found = self.select(rows, presorted)
        headers = {"X-Total-Count": str(len(found)), "X-Total-Pages": str(-(-len(found) // size))}
        part = found[(number - 1) * size : number * size]
        return json_response([show(row) for row in part] if show else part, headers=headers)

    def _page_number(self, name: str, default: int) -> int:
        number = self._integer(name, self._params.get(name, str(default)))
        if name == "page" and number < 1:
            self._problem(name, "must be 1 or more")
        return max(1, number)

    def _words(self, name: str, allowed: Collection[str]) -> set[str]:
        words = set(self._params.getlist(name))
        if words - set(allowed):
            self._problem(name, f"must be one of {', '.join(allowed)}")
        return words & set(allowed)

    def _integer(self, name: str, value: str) -> int:
        if value.removeprefix("-").isascii() and value.removeprefix("-").isdigit() and len(value) < 16:
            return int(value)
        self._problem(name, "must be an integer")
        return 1

    def _number(self, name: str) -> Decimal | None:
        value = self._params.get(name)
        if value is None:
            return None
        try:
            number = Decimal(value)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            return self._problem(name, "must be a number")
        return number

    def _date(self, name: str) -> str | None:
        value = self._params.get(name)
        if value is None:
            return None
        try:
            day = date.fromisoformat(value).isoformat()
        except ValueError:
            day = None
        # Python reads 20261120 and 2026-W47-5 too; the document knows one form.
        return day if day == value else self._problem(name, "must be a date (YYYY-MM-DD)")

    def _problem(self, name: str, message: str) -> None:
        if message not in self.problems.setdefault(name, []):
            self.problems[name].append(message)


def _contains(row: Record, fields: Sequence[str], text: str) -> bool:
    return any(text in str(row[field]).casefold() for field in fields if row[field] is not None)


def _in_buckets(days: int | None, buckets: Iterable[tuple[int, int]]) -> bool:
    return days is not None and any(low <= days <= high for low, high in buckets)


def _sort_key(value: Any) -> tuple[bool, Any]:
    """Put what is not there before everything else."""
    return (value is not None, value)


# ---- Calls ----------------------------------------------------------------------------------------


@dataclass
class Call:
    """One call as an operation sees it."""

    id: int
    query: Query
    content: bytes

    def body(self) -> Body:
        """Read the JSON object that came with it."""
        try:
            content = decode_json(self.content)
        except ValueError as error:
            raise Refusal(400, f"The body is not JSON: {error}") from None
        if not isinstance(content, dict):
            raise Refusal(400, "The body must be a JSON object.")
        return Body(cast("dict[str, Any]", content), {})


class NuviasSandbox:
    """The Hub with one API client: `CLIENT_ID` and `CLIENT_SECRET`.

    `monotonic` (for the tokens) and `now` (for new records) may be replaced by a test.
    """

    def __init__(self, orders: int, seed: int) -> None:
        self._size = orders
        self._seed = seed
        self._logins = 0
        self.monotonic: Callable[[], float] = time.monotonic
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.routes = [
            Route("/oauth/create_token", self._create_token, methods=["POST"]),
            *(Route(path, self._endpoint(operation), methods=[method]) for method, path, operation in OPERATIONS),
        ]
        self.reset()

    def reset(self) -> None:
        """Start over: the same records, no token."""
        self.hub = Hub(self._size, self._seed)
        self._tokens: dict[str, float] = {}

    def error(self, status: int, message: str) -> Response:
        """Put an error into the Hub's form."""
        return json_response({"message": message}, status)

    def _endpoint(self, operation: Callable[["NuviasSandbox", Call], Response]) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            try:
                self._authorise(request.headers.get("authorization", ""))
                number = _path_id(request.path_params.get("id", "0"))
                return operation(self, Call(number, Query(request.query_params), await request.body()))
            except Refusal as refusal:
                return refusal.response

        return endpoint

    # -- login

    async def _create_token(self, request: Request) -> Response:
        """Hub API 1.1.0, OAuth token: client credentials in a form body."""
        if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return json_response({"error": "invalid_request"}, 400)
        form = parse_qs((await request.body()).decode("latin-1"))
        if (form.get("client_id"), form.get("client_secret")) != ([CLIENT_ID], [CLIENT_SECRET]):
            return json_response({"error": "invalid_client"}, 401)
        if form.get("grant_type") != ["client_credentials"]:
            return json_response({"error": "unsupported_grant_type"}, 400)
        return json_response({"access_token": self._new_token(), "token_type": "Bearer", "expires_in": TOKEN_SECONDS})

    def _new_token(self) -> str:
        now = self.monotonic()
        self._tokens = {token: end for token, end in self._tokens.items() if end > now}
        self._logins += 1
        token = hashlib.sha256(f"{self._seed}/{self._logins}".encode()).hexdigest()
        self._tokens[token] = now + TOKEN_SECONDS
        return token

    def _authorise(self, header: str) -> None:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or self._tokens.get(token, 0) <= self.monotonic():
            raise Refusal(401, "The access token is missing, wrong or has expired.")

    # -- people

    def whoami(self, call: Call) -> Response:
        """Diana Ross, emulating Tom Jones."""
        return json_response(WHOAMI)

    def list_organisations(self, call: Call) -> Response:
        """All of them, unpaged."""
        return json_response(list(self.hub.organisations.values()))

    def list_addresses(self, call: Call) -> Response:
        """List the saved addresses of an organisation."""
        return json_response(_known(self.hub.addresses, call.id, "organisation"))

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

    def get_user(self, call: Call) -> Response:
        """One user, with nested arrays."""
        return json_response(_user_detail(_known(self.hub.users, call.id, "user")))

    def create_user(self, call: Call) -> Response:
        """Make a new user; a name and an address are needed."""
        body = call.body()
        _need(body, "name", "email_address")
        fields = self._read_user(body, 0)
        refuse_problems(body.problems)
        number = self.hub.take("user")
        user: Record = {"id": number, **NEW_USER, "roles": [], "notification": [], **fields}
        user.update(api_clients=[], audit_logs=[], actions_taken=[])
        self.hub.users[number] = user
        self._audit(user, "CREATED")
        return json_response(_user_detail(user), 201)

    def edit_user(self, call: Call) -> Response:
        """Change the fields that are given; another organisation resets roles and notifications."""
        user = _known(self.hub.users, call.id, "user")
        body = call.body()
        fields = self._read_user(body, call.id)
        refuse_problems(body.problems)
        if call.id in (OWN_USER, REAL_USER) and fields.get("active") is False:
            raise Refusal(403, "You cannot disable yourself.")
        if fields.get("organisation", user["organisation"]) != user["organisation"]:
            fields.update(roles=[], notification=[])
        user.update(fields)
        self._audit(user, "EDITED")
        return json_response(_user_detail(user))

    def _read_user(self, body: Body, number: int) -> Record:
        fields: Record = {
            "name": body.text("name"),
            "email_address": body.text("email_address"),
            "organisation": body.integer("organisation", known=self.hub.organisations),
            **{name: body.boolean(name) for name in ("admin", "two-factor", "active", "verified", "password_reset")},
            "user_language": body.text("user_language", allowed=LANGUAGES),
            "timezone": body.text("timezone"),
            "timeout": body.integer("timeout", known=TIMEOUTS),
            "roles": _integers(body, "roles"),
            "notification": _words(body, "notification", NOTIFICATIONS),
        }
        email = fields["email_address"]
        if email is not None and "@" not in email:
            body.problem("email_address", "must be an email address")
        if any(user["email_address"] == email and user["id"] != number for user in self.hub.users.values()):
            body.problem("email_address", "is in use already")
        return {name: value for name, value in fields.items() if value is not None}

    def _audit(self, user: Record, action: str) -> None:
        entry = audit_entry(user["id"], user["name"], action, self.now())
        user["audit_logs"].append(entry)
        self.hub.users[OWN_USER]["actions_taken"].append(entry)

    # -- catalogue

    def list_product_groups(self, call: Call) -> Response:
        """Short rows, unpaged."""
        names = ("id", "name", "active", "status", "type", "vendor")
        return json_response([{name: row[name] for name in names} for row in self.hub.product_groups.values()])

    def get_product_group(self, call: Call) -> Response:
        """One group, with nested arrays."""
        return json_response(_group_detail(_known(self.hub.product_groups, call.id, "product group")))

    def create_product_group(self, call: Call) -> Response:
        """Make a new group; a name is needed."""
        body = call.body()
        _need(body, "name")
        fields = self._read_product_group(body)
        refuse_problems(body.problems)
        empty = dict.fromkeys(fields)
        empty.update(active=True, status="DRAFT", products=[], related_product_groups=[])
        given = {name: value for name, value in fields.items() if value is not None}
        number = self.hub.take("product_group")
        self.hub.product_groups[number] = {"id": number, **empty, **given}
        return json_response(_group_detail(self.hub.product_groups[number]), 201)

    def edit_product_group(self, call: Call) -> Response:
        """Change the fields that are given."""
        group = _known(self.hub.product_groups, call.id, "product group")
        body = call.body()
        fields = self._read_product_group(body)
        refuse_problems(body.problems)
        group.update({name: value for name, value in fields.items() if value is not None})
        return json_response(_group_detail(group))

    def _read_product_group(self, body: Body) -> Record:
        vendors = [vendor["id"] for vendor in self.hub.vendors]
        return {
            "name": body.text("name"),
            "active": body.boolean("active"),
            "status": body.text("status", allowed=("DRAFT", "LIVE")),
            "description": body.text("description", maximum=MAX_INSTRUCTIONS),
            "detailed_description": body.text("detailed_description", maximum=MAX_INSTRUCTIONS),
            "type": body.integer("type", low=1),
            "vendor": body.integer("vendor", known=vendors),
            "subscription_type": body.text("subscription_type", allowed=SUBSCRIPTION_TYPES),
            "subscription_product_type": body.text("subscription_product_type", allowed=("BASE", "ADD_ON")),
            "products": _integers(body, "products", self.hub.products),
            "related_product_groups": _integers(body, "related_product_groups", self.hub.product_groups),
            "grading": body.integer("grading"),
        }

    def list_products(self, call: Call) -> Response:
        """List the catalogue, the popular ones first."""
        query = call.query
        query.numbers("vendor")
        query.numbers("type")
        query.text("text", "name", "product_code")
        query.sort((), "-popularity", ("-popularity", "-name", "+name", "-price", "+price"))
        by_popularity = self.hub.popularity
        rows = ({**row, "popularity": by_popularity[row["id"]]} for row in self.hub.products.values())
        return query.page(rows, _without_popularity)

    def get_product(self, call: Call) -> Response:
        """One product, as in the list."""
        return json_response(_known(self.hub.products, call.id, "product"))

    def list_vendors(self, call: Call) -> Response:
        """Manufacturers, unpaged."""
        return json_response(self.hub.vendors)

    def list_country_codes(self, call: Call) -> Response:
        """List what an address' `country_code` refers to, unpaged."""
        return json_response(self.hub.country_codes)

    def list_shipping_types(self, call: Call) -> Response:
        """Ways of delivery, unpaged."""
        return json_response(list(self.hub.shipping_types.values()))

    def list_groups(self, call: Call) -> Response:
        """Dovetail groups, unpaged."""
        return json_response(list(self.hub.groups.values()))

    def list_sites(self, call: Call) -> Response:
        """Dovetail sites, unpaged."""
        return json_response(list(self.hub.sites.values()))

    # -- baskets

    def list_baskets(self, call: Call) -> Response:
        """List the own organisation's baskets."""
        call.query.sort(("name", "total"), "+name")
        return call.query.page(self.hub.baskets.values())

    def get_basket(self, call: Call) -> Response:
        """One basket; a submitted one is an order."""
        return json_response(_known(self.hub.baskets, call.id, "basket"))

    def create_basket(self, call: Call) -> Response:
        """Make a new basket; nothing is needed."""
        basket = self.hub.new_order(self._draft(call.body()), self.now())
        self.hub.baskets[basket["id"]] = basket
        return json_response(basket, 201)

    def edit_basket(self, call: Call) -> Response:
        """Everything anew: what is not given is gone, and lines get new ids."""
        old = self._basket(call.id)
        basket = self.hub.new_order(self._draft(call.body()), self.now(), call.id)
        self.hub.baskets[call.id] = {**basket, "date": old["date"]}
        return json_response(self.hub.baskets[call.id])

    def add_line_item(self, call: Call) -> Response:
        """One more line; the basket is priced anew."""
        basket = self._basket(call.id)
        body = call.body()
        draft = self._read_line(body)
        refuse_problems(body.problems)
        line = self.hub.new_line(draft, call.id)
        basket["line_items"].append(line)
        self.hub.price(basket)
        return json_response(line, 201)

    def submit_basket(self, call: Call) -> Response:
        """Place the order: the same id, no body."""
        basket = self._basket(call.id)
        problems: Problems = {}
        self._check_submission(basket, problems)
        refuse_problems(problems)
        self.hub.submit(basket, self.now())
        return json_response(_order_detail(basket))

    def _basket(self, number: int) -> Record:
        if number in self.hub.orders:
            raise Refusal(409, "This basket has been submitted already.")
        return _known(self.hub.baskets, number, "basket")

    # -- orders

    def list_orders(self, call: Call) -> Response:
        """Orders without `order_type`; baskets are not among them."""
        query = call.query
        query.words("status", ORDER_STATUSES)
        query.words("payment_type", PAYMENT_TYPES)
        query.text("text", "id", "supplier_ref", "purchase_order_number")
        query.numbers("organisation")
        query.dates()
        query.values()
        query.sort(("date", "total"), "-date")
        return query.page(self.hub.orders_by_date, presorted="date")

    def get_order(self, call: Call) -> Response:
        """One order, with `order_type`."""
        return json_response(_order_detail(self._order(call.id)))

    def create_order(self, call: Call) -> Response:
        """Create and submit in one step."""
        order = self.hub.new_order(self._draft(call.body(), submit=True), self.now())
        self.hub.submit(order, self.now())
        return json_response(_order_detail(order), 201)

    def edit_order(self, call: Call) -> Response:
        """Only the linked references can be changed."""
        order = self._order(call.id)
        body = call.body()
        references = _words(body, "linked_supplier_refs", None)
        refuse_problems(body.problems)
        if references is not None:
            order["linked_supplier_refs"] = references
        return json_response(_order_detail(order))

    def cancel_order(self, call: Call) -> Response:
        """Only while PROCESSING (Hub API 1.1.0)."""
        return self._decide(call.id, "PROCESSING", "CANCELLED")

    def approve_order(self, call: Call) -> Response:
        """Let go on what waits for authorisation."""
        return self._decide(call.id, "PENDING_AUTHORISATION", "PROCESSING")

    def deny_order(self, call: Call) -> Response:
        """End what waits for authorisation."""
        return self._decide(call.id, "PENDING_AUTHORISATION", "CANCELLED")

    def resubmit_order(self, call: Call) -> Response:
        """Let go on what needs attention."""
        return self._decide(call.id, "ATTENTION_REQUIRED", "PROCESSING")

    def _decide(self, number: int, needed: str, status: str) -> Response:
        order = self._order(number)
        if order["status"] != needed:
            raise Refusal(409, f"The order is {order['status']}; this needs one that is {needed}.")
        self.hub.enter(order, status, self.now())
        return json_response(_order_detail(order))

    def _order(self, number: int) -> Record:
        return _known(self.hub.orders, number, "order")

    # -- what a basket or an order is made of

    def _draft(self, body: Body, *, submit: bool = False) -> Record:
        draft: Record = {
            "purchase_order_number": body.text("purchase_order_number"),
            "shipping_address": self._read_address(body.child("shipping_address")),
            "shipping_type": body.integer("shipping_type", known=self.hub.shipping_types),
            "ship_instructions": body.text("ship_instructions", maximum=MAX_INSTRUCTIONS),
            "end_user": body.text("end_user"),
            "provisioning_instructions": body.text("provisioning_instructions", maximum=MAX_INSTRUCTIONS),
            "part_ship": body.boolean("part_ship") is not False,
            "line_items": [self._read_line(line) for line in body.children("line_items")],
            "name": body.text("name"),
            "payment_type": body.text("payment_type", allowed=PAYMENT_TYPES) or "ON_ACCOUNT",
            "finance": self._read_finance(body.child("finance")),
        }
        if submit:
            self._check_submission(draft, body.problems)
        refuse_problems(body.problems)
        return draft

    def _read_address(self, body: Body | None) -> Record | None:
        if body is None:
            return None
        countries = range(1, len(self.hub.country_codes) + 1)
        address: Record = {name: body.text(name) for name in ADDRESS_FIELDS}
        return {**address, "country_code": body.integer("country_code", known=countries)}

    def _read_finance(self, body: Body | None) -> Record | None:
        if body is None:
            return None
        fields: Record = {name: body.text(name) for name in FINANCE_FIELDS}
        return {
            **fields,
            "target": body.text("target", allowed=FINANCE_TARGETS),
            "email_address": body.text("email_address"),
            "term_length": body.integer("term_length", low=1),
            "registered_address": self._read_address(body.child("registered_address")),
            "trading_addresses": [self._read_address(row) for row in body.children("trading_addresses")],
            "approved": False,
        }

    def _read_line(self, body: Body) -> Record:
        number = self._read_product(body, "product", needed=True)
        product = self.hub.products.get(number or 0)
        plans = [plan["id"] for plan in product["rate_plans"]] if product else None
        if "discount" in body:
            body.problem("discount", "can only be applied from a quote")
        quantity = body.integer("quantity", low=0, high=MAX_QUANTITY)
        return {
            "product": number,
            "quantity": 1 if quantity is None else quantity,
            "prov_product": self._read_service(body, "prov_product", product, "provisioning"),
            "prov_organisation": body.integer("prov_organisation", known=self.hub.organisations),
            "prov_group": body.integer("prov_group", known=self.hub.groups),
            "prov_site": body.integer("prov_site", known=self.hub.sites),
            "maintenance_product": self._read_service(body, "maintenance_product", product, "maintenance"),
            "selected_rate_plan": body.integer("selected_rate_plan", known=plans),
            **{key: _read_subscription(body.child(key), kind) for kind, key in ORDER_KEYS.items()},
            "markup": None if (markup := body.number("markup", low=0, high=1000)) is None else float(markup),
        }

    def _read_product(self, body: Body, name: str, *, needed: bool = False) -> int | None:
        """Find a product: the id wins over the code, which several vendors may share."""
        if name in body:
            return body.integer(name, known=self.hub.products)
        if f"{name}_code" not in body:
            return body.problem(name, f"is needed, or {name}_code") if needed else None
        code = body.code(f"{name}_code")
        found = self.hub.by_code.get(code, []) if code is not None else []
        if code is not None and len(found) != 1:
            body.problem(f"{name}_code", "is ambiguous, give the id" if found else f"{code} is unknown")
        return found[0] if len(found) == 1 else None

    def _read_service(self, body: Body, name: str, product: Record | None, kind: str) -> int | None:
        number = self._read_product(body, name)
        if number is not None and product and number not in [row["id"] for row in product[kind]]:
            body.problem(name, f"is no {kind} product of this product")
        return number

    def _check_submission(self, draft: Record, problems: Problems) -> None:
        """Check what only a submission needs."""
        lines: list[Record] = draft["line_items"]
        if not lines:
            problems.setdefault("line_items", []).append("must have at least one line")
        for index, line in enumerate(lines):
            if line["product"] is not None:
                self._check_line(line, Body(line, problems, f"line_items.{index}."))
        body = Body(draft, problems)
        if draft["payment_type"] == "FINANCE":
            _need(body, "finance")
        if draft["finance"] and draft["finance"]["target"] == "CUSTOMER":
            for index, line in enumerate(lines):
                _need(Body(line, problems, f"line_items.{index}."), "markup")
        if any(self.hub.products[line["product"]]["is_shippable"] for line in lines if line["product"]):
            self._check_shipping(draft, body)

    def _check_line(self, line: Record, body: Body) -> None:
        product = self.hub.products[line["product"]]
        if line["quantity"] < 1:
            body.problem("quantity", "must be 1 or more")
        if product["rate_plans"]:
            _check_plan(product, line, body)
        kind = product["subscription_type"]
        if kind:
            _need(body, ORDER_KEYS[kind])
            attached = body.child(ORDER_KEYS[kind])
            if attached:
                _need(attached, *NEEDED_SUBSCRIPTION_FIELDS[kind])
        services: list[Record] = product["provisioning"]
        if any(row["dovetail"] and row["id"] == line["prov_product"] for row in services):
            _need(body, "prov_organisation")

    def _check_shipping(self, draft: Record, body: Body) -> None:
        _need(body, "shipping_address", "shipping_type")
        kind = self.hub.shipping_types.get(draft["shipping_type"] or 0)
        address: Record | None = draft["shipping_address"]
        if kind and address and not _ships_to(kind, address["country_code"]):
            body.problem("shipping_type", "does not go to this country")

    def preview_change(self, call: Call) -> Response:
        """Tell what a change of a subscription would cost: nothing is changed."""
        body = call.body()
        _need(body, "subscription", "line_items")
        number = body.integer("subscription")
        if number is not None and number not in self.hub.subscriptions:
            raise Refusal(404, f"There is no subscription {number}.")
        if number is None:
            refuse_problems(body.problems)
        subscription = self.hub.subscriptions[number or 0]
        changes = [self._read_change(line, subscription) for line in body.children("line_items")]
        refuse_problems(body.problems)
        seats = sum(product["quantity"] for product in subscription["products"])
        line = self.hub.subscription_line(subscription)
        charge = exact(line["price"])
        delta = sum((after - before for _, before, after in changes), Decimal(0))
        contract = delta * periods(line["rate_plan_details"])
        added = sum(count for count, _, _ in changes)
        return json_response(
            {
                "subscription_delta": added,
                "subscription_new": seats + added,
                "tcv_delta": money(contract),
                "tcv_new": money(exact(subscription["total_contract_value"]) + contract),
                "rc_delta": money(delta),
                "rc_new": money(charge * seats + delta),
            }
        )

    def _read_change(self, body: Body, subscription: Record) -> tuple[int, Decimal, Decimal]:
        """(seats more, charge before, charge after) of one line."""
        _need(body, "quantity")
        quantity = body.integer("quantity", low=0, high=MAX_QUANTITY) or 0
        product = self.hub.products.get(self._read_product(body, "product", needed=True) or 0)
        if product is None:
            return 0, Decimal(0), Decimal(0)
        if product["subscription_type"] != subscription["type"]:
            body.problem("product", f"is no {subscription['type']} product")
            return 0, Decimal(0), Decimal(0)
        held = {row["product"]: row["quantity"] for row in subscription["products"]}
        replaced, count = self._read_original(body.child("original_product"), product["id"], held)
        before = self._charge(replaced, subscription) * count if count else Decimal(0)
        return quantity - count, before, self._charge(product["id"], subscription) * quantity

    def _read_original(self, body: Body | None, product: int, held: Mapping[int, int]) -> tuple[int, int]:
        if body is None:
            return product, held.get(product, 0)
        number = body.integer("product", known=held)
        quantity = body.integer("quantity", low=0, high=MAX_QUANTITY)
        body.text("name")
        _need(body, "product")
        return number or product, held.get(number or 0, 0) if quantity is None else quantity

    def _charge(self, product: int, subscription: Record) -> Decimal:
        """Tell the recurring charge for one unit, on the plan of the subscription."""
        line = self.hub.subscription_line(subscription)
        if product == line["product"]:
            return exact(line["price"])
        details = line["rate_plan_details"]
        plans: list[Record] = self.hub.products[product]["rate_plans"]
        terms = (details["term_length"], details["billing_frequency"])
        same = (plan for plan in plans if (plan["term_length"], plan["billing_frequency"]) == terms)
        return exact(plan_price(next(same)))

    # -- subscriptions

    def list_subscriptions(self, call: Call) -> Response:
        """All that pass, unpaged; the filter `vendor` does not know ZOOM (Hub API 1.1.0)."""
        query = call.query
        query.text("name", "name")
        query.numbers("organisation")
        query.words("status", SUBSCRIPTION_STATUSES)
        query.words("vendor", FILTERED_SUBSCRIPTION_TYPES, "type")
        found = query.select(self.hub.subscriptions.values())
        return json_response([self._subscription_detail(row) for row in found])

    def get_subscription(self, call: Call) -> Response:
        """One subscription."""
        return self._show(self._subscription(call.id))

    def edit_subscription(self, call: Call) -> Response:
        """Administrative fields only."""
        subscription = self._subscription(call.id)
        body = call.body()
        value = body.number("total_contract_value", low=0)
        fields: Record = {
            "auto_renewal_flag": body.boolean("auto_renewal_flag"),
            "pending_change": body.boolean("pending_change"),
            "total_contract_value": None if value is None else money(value),
        }
        body.text("type", allowed=(subscription["type"],))
        refuse_problems(body.problems)
        if fields["pending_change"] and subscription["status"] != "ACTIVE":
            raise Refusal(409, f"The subscription is {subscription['status']}; only an ACTIVE one can change.")
        subscription.update({name: value for name, value in fields.items() if value is not None})
        return self._show(subscription)

    def activate_subscription(self, call: Call) -> Response:
        """PENDING to ACTIVE."""
        subscription = self._subscription_in(call.id, "PENDING")
        self.hub.activate(subscription, _read_day(call.body(), "service_activation_date"))
        return self._show(subscription)

    def cancel_subscription(self, call: Call) -> Response:
        """PENDING to EXPIRED: the document has no word for a cancelled one."""
        subscription = self._subscription_in(call.id, "PENDING")
        subscription["status"] = "EXPIRED"
        return self._show(subscription)

    def activate_changes(self, call: Call) -> Response:
        """Bring a pending change into force."""
        subscription = self._changing(call.id)
        _read_day(call.body(), "activation_date")
        subscription["pending_change"] = False
        return self._show(subscription)

    def cancel_changes(self, call: Call) -> Response:
        """Drop a pending change."""
        subscription = self._changing(call.id)
        subscription["pending_change"] = False
        return self._show(subscription)

    def _subscription(self, number: int) -> Record:
        return _known(self.hub.subscriptions, number, "subscription")

    def _subscription_in(self, number: int, status: str) -> Record:
        subscription = self._subscription(number)
        if subscription["status"] != status:
            raise Refusal(409, f"The subscription is {subscription['status']}; this needs one that is {status}.")
        return subscription

    def _changing(self, number: int) -> Record:
        subscription = self._subscription_in(number, "ACTIVE")
        if not subscription["pending_change"]:
            raise Refusal(409, "The subscription has no pending change.")
        return subscription

    def _show(self, subscription: Record) -> Response:
        return json_response(self._subscription_detail(subscription))

    def _subscription_detail(self, subscription: Record) -> Record:
        order = self.hub.orders[subscription["order"]]
        names = ("id", "supplier_ref", "date", "status", "total")
        summary = {**{name: order[name] for name in names}, "order_type": "SALES_ORDER"}
        return {**subscription, "order_history": [summary]}

    # -- invoices

    def list_invoices(self, call: Call) -> Response:
        """Invoices and credit notes; linked to an order by its purchase order number only."""
        query = call.query
        query.text("text", "reference", "purchase_order")
        query.numbers("organisation")
        query.words("status", INVOICE_STATUSES)
        query.words("type", INVOICE_TYPES)
        query.overdue()
        query.dates()
        query.values()
        query.sort(("source_id", "status", "date", "purchase_order", "total", "days_overdue"), "-date")
        return query.page(self.hub.invoices)

    # -- feeds

    def list_feeds(self, call: Call) -> Response:
        """All that pass, unpaged, without the fields of the file's form."""
        call.query.text("name", "name")
        call.query.numbers("organisation")
        return json_response([_feed_row(row) for row in call.query.select(self.hub.feeds.values())])

    def get_feed(self, call: Call) -> Response:
        """One feed."""
        return json_response(_feed_detail(_known(self.hub.feeds, call.id, "feed")))

    def create_feed(self, call: Call) -> Response:
        """Make a new feed, not uploaded yet."""
        fields = self._read_feed(call.body())
        number = self.hub.take("feed")
        self.hub.feeds[number] = {**fields, "id": number, "last_upload": None}
        return json_response(_feed_detail(self.hub.feeds[number]), 201)

    def edit_feed(self, call: Call) -> Response:
        """Everything anew."""
        feed = _known(self.hub.feeds, call.id, "feed")
        fields = self._read_feed(call.body())
        self.hub.feeds[call.id] = {**fields, "id": call.id, "last_upload": feed["last_upload"]}
        return json_response(_feed_detail(self.hub.feeds[call.id]))

    def _read_feed(self, body: Body) -> Record:
        _need(body, "organisation", "name", "timeslot", "columns", "delivery_method")
        method = body.text("delivery_method", allowed=DELIVERY_METHODS)
        delivery = DELIVERY_FIELDS[method](body) if method else {}
        feed: Record = {
            **delivery,
            "show_headers": body.boolean("show_headers") is True,
            "delimiter": body.text("delimiter", allowed=("COMMA", "SEMI_COLON")) or "COMMA",
            "escape_method": body.text("escape_method", allowed=("ESCAPED", "QUOTED", "STRIPPED")) or "ESCAPED",
            "organisation": body.integer("organisation", known=self.hub.organisations),
            "name": body.text("name"),
            "active": body.boolean("active") is not False,
            "timeslot": body.integer("timeslot", known=TIMESLOTS),
            "show_empty_stock": body.boolean("show_empty_stock") is True,
            "columns": _words(body, "columns", FEED_COLUMNS),
            "delivery_method": method,
        }
        refuse_problems(body.problems)
        return feed

    # -- the control API

    def advance(self, command: dict[str, Any]) -> dict[str, Any]:
        """Move an order or a subscription along its life, or let all tokens expire."""
        if command == {"expire_tokens": True}:
            self._tokens.clear()
            return {"expired": True}
        if "order" in command and command.keys() <= {"order", "to"}:
            return self._advance_order(_controlled(self.hub.orders, command["order"], "order"), command.get("to"))
        if "subscription" in command and command.keys() <= {"subscription", "to", "pending_change"}:
            found = _controlled(self.hub.subscriptions, command["subscription"], "subscription")
            return self._advance_subscription(found, command)
        raise ControlError(
            400,
            'a command is {"order": id, "to"?: status}, {"expire_tokens": true} or '
            '{"subscription": id, "to"?: status, "pending_change"?: boolean}',
        )

    def _advance_order(self, order: Record, to: object) -> Record:
        if to is not None and to not in ORDER_STATUSES:
            raise ControlError(400, f"to must be one of {', '.join(ORDER_STATUSES)}")
        steps = self.hub.steps(order, cast("str | None", to))
        if steps is None:
            raise ControlError(409, f"there is no way from {order['status']} to {to or 'anything further'}")
        for step in steps:
            self.hub.enter(order, step, self.now())
        return _order_detail(order)

    def _advance_subscription(self, subscription: Record, command: Record) -> Record:
        change = command.get("pending_change")
        if change is not None and not isinstance(change, bool):
            raise ControlError(400, "pending_change must be true or false")
        if change is not None and subscription["status"] != "ACTIVE":
            raise ControlError(409, f"the subscription is {subscription['status']}; only an ACTIVE one can change")
        if change is not None:
            subscription["pending_change"] = change
        if change is None or "to" in command:
            self._age_subscription(subscription, command.get("to"))
        return self._subscription_detail(subscription)

    def _age_subscription(self, subscription: Record, to: object) -> None:
        if to is not None and to not in SUBSCRIPTION_STATUSES:
            raise ControlError(400, f"to must be one of {', '.join(SUBSCRIPTION_STATUSES)}")
        here = subscription["status"]
        following = to or {"PENDING": "ACTIVE", "ACTIVE": "EXPIRED"}.get(here)
        if (here, following) not in SUBSCRIPTION_STEPS:
            raise ControlError(409, f"there is no way from {here} to {following or 'anything further'}")
        if following == "ACTIVE":
            self.hub.activate(subscription, self.now().date())
        else:
            subscription.update(status="EXPIRED", pending_change=False, auto_renewal_flag=False)


SUBSCRIPTION_STEPS = (("PENDING", "ACTIVE"), ("PENDING", "EXPIRED"), ("ACTIVE", "EXPIRED"))

# The Hub's API, in the order of its document; the login stands apart since it needs no token.
OPERATIONS: tuple[tuple[str, str, Callable[[NuviasSandbox, Call], Response]], ...] = (
    ("GET", "/whoami", NuviasSandbox.whoami),
    ("GET", "/organisations", NuviasSandbox.list_organisations),
    ("GET", "/organisations/{id}/addresses", NuviasSandbox.list_addresses),
    ("GET", "/users", NuviasSandbox.list_users),
    ("GET", "/users/{id}", NuviasSandbox.get_user),
    ("POST", "/users", NuviasSandbox.create_user),
    ("PUT", "/users/{id}", NuviasSandbox.edit_user),
    ("GET", "/product_groups", NuviasSandbox.list_product_groups),
    ("POST", "/product_groups", NuviasSandbox.create_product_group),
    ("GET", "/product_groups/{id}", NuviasSandbox.get_product_group),
    ("PUT", "/product_groups/{id}", NuviasSandbox.edit_product_group),
    ("GET", "/products", NuviasSandbox.list_products),
    ("GET", "/products/{id}", NuviasSandbox.get_product),
    ("GET", "/baskets", NuviasSandbox.list_baskets),
    ("POST", "/baskets", NuviasSandbox.create_basket),
    ("GET", "/baskets/{id}", NuviasSandbox.get_basket),
    ("PUT", "/baskets/{id}", NuviasSandbox.edit_basket),
    ("POST", "/baskets/{id}/submit", NuviasSandbox.submit_basket),
    ("POST", "/baskets/{id}/line_items", NuviasSandbox.add_line_item),
    ("GET", "/orders", NuviasSandbox.list_orders),
    ("POST", "/orders", NuviasSandbox.create_order),
    ("POST", "/orders/change_preview", NuviasSandbox.preview_change),
    ("GET", "/orders/{id}", NuviasSandbox.get_order),
    ("PUT", "/orders/{id}", NuviasSandbox.edit_order),
    ("POST", "/orders/{id}/cancel", NuviasSandbox.cancel_order),
    ("POST", "/orders/{id}/approve", NuviasSandbox.approve_order),
    ("POST", "/orders/{id}/deny", NuviasSandbox.deny_order),
    ("POST", "/orders/{id}/resubmit", NuviasSandbox.resubmit_order),
    ("GET", "/subscriptions", NuviasSandbox.list_subscriptions),
    ("GET", "/subscriptions/{id}", NuviasSandbox.get_subscription),
    ("PUT", "/subscriptions/{id}", NuviasSandbox.edit_subscription),
    ("POST", "/subscriptions/{id}/activate", NuviasSandbox.activate_subscription),
    ("POST", "/subscriptions/{id}/cancel", NuviasSandbox.cancel_subscription),
    ("POST", "/subscriptions/{id}/activate_changes", NuviasSandbox.activate_changes),
    ("POST", "/subscriptions/{id}/cancel_changes", NuviasSandbox.cancel_changes),
    ("GET", "/invoices", NuviasSandbox.list_invoices),
    ("GET", "/vendors", NuviasSandbox.list_vendors),
    ("GET", "/country_codes", NuviasSandbox.list_country_codes),
    ("GET", "/shipping_types", NuviasSandbox.list_shipping_types),
    ("GET", "/groups", NuviasSandbox.list_groups),
    ("GET", "/sites", NuviasSandbox.list_sites),
    ("GET", "/feeds", NuviasSandbox.list_feeds),
    ("POST", "/feeds", NuviasSandbox.create_feed),
    ("GET", "/feeds/{id}", NuviasSandbox.get_feed),
    ("PUT", "/feeds/{id}", NuviasSandbox.edit_feed),
)


# ---- Reading bodies -------------------------------------------------------------------------------


def _email_delivery(body: Body) -> Record:
    _need(body, "delivery_email")
    email = body.text("delivery_email")
    if email is not None and "@" not in email:
        body.problem("delivery_email", "must be an email address")
    return {"delivery_email": email}


def _ftp_delivery(body: Body) -> Record:
    _need(body, "delivery_user", "delivery_password", "delivery_server")
    return {
        "delivery_user": body.text("delivery_user"),
        "delivery_password": body.text("delivery_password"),
        "delivery_server": body.text("delivery_server"),
        "delivery_procotol": body.text("delivery_procotol", allowed=FTP_PROTOCOLS) or "FTP",
        "delivery_port": body.integer("delivery_port", low=1, high=65535) or 21,
    }


def _sitc_delivery(body: Body) -> Record:
    return {"sitc_confirm": body.boolean("sitc_confirm") is True, "sitc_filename": body.text("sitc_filename")}


DELIVERY_FIELDS: dict[str, Callable[[Body], Record]] = {
    "EMAIL": _email_delivery,
    "FTP": _ftp_delivery,
    "SITC": _sitc_delivery,
}


def _need(body: Body, *names: str) -> None:
    for name in names:
        if name not in body:
            body.problem(name, "is needed")


def _flat(body: Body, name: str) -> list[Any] | None:
    """Read an array that may be nested once, as the document's samples print them."""
    items = body.items(name)
    if items is None:
        return None
    return [item for row in items for item in (cast("list[Any]", row) if isinstance(row, list) else [row])]


def _integers(body: Body, name: str, known: Collection[int] | None = None) -> list[int] | None:
    items = _flat(body, name)
    for item in items or []:
        if not is_integer(item):
            body.problem(name, "must be an array of integers")
        elif known is not None and item not in known:
            body.problem(name, f"{item} is unknown")
    return items


def _words(body: Body, name: str, allowed: Collection[str] | None) -> list[str] | None:
    items = _flat(body, name)
    for item in items or []:
        if not isinstance(item, str):
            body.problem(name, "must be an array of strings")
        elif allowed is not None and item not in allowed:
            body.problem(name, f"must be of {', '.join(allowed)}")
    return items


def _read_subscription(body: Body | None, kind: str) -> Record | None:
    if body is None:
        return None
    fields: Record = {name: body.text(name) for name in SUBSCRIPTION_FIELDS[kind]}
    fields["subscription_id"] = None
    if kind == "ZOOM":
        fields.update(zoom_order_type="NEW", zoom_order_sub_type=None)
    return fields


def _read_day(body: Body, name: str) -> date:
    """Hub API 1.1.0: typed a date, and a date-time in the sample; both are taken."""
    _need(body, name)
    text = body.text(name)
    if text is not None:
        try:
            day = datetime.fromisoformat(text).date()
        except ValueError:
            day = None
        if day is not None and 2000 <= day.year <= 2100:
            return day
        body.problem(name, "must be a date or a date-time between 2000 and 2100")
    raise Refusal(400, "The request is not valid.", body.problems)


def _check_plan(product: Record, line: Record, body: Body) -> None:
    plan = next((row for row in product["rate_plans"] if row["id"] == line["selected_rate_plan"]), None)
    if plan is None:
        _need(body, "selected_rate_plan")
    elif not plan["min_quantity"] <= line["quantity"] <= plan["max_quantity"]:
        body.problem("quantity", f"must lie within {plan['min_quantity']} and {plan['max_quantity']} on this rate plan")


def _ships_to(kind: Record, country: int | None) -> bool:
    """Tell whether it goes there: no countries is everywhere, `exclude_countries` turns the list round."""
    return not kind["countries"] or (country in kind["countries"]) != kind["exclude_countries"]


# ---- Showing records ------------------------------------------------------------------------------


def _path_id(text: str) -> int:
    """Read an id in a path; what is no number belongs to nothing."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else -1


def _known(records: Mapping[int, Found], number: int, what: str) -> Found:
    found = records.get(number)
    if found is None:
        raise Refusal(404, f"There is no {what} with this ID.")
    return found


def _controlled(records: Mapping[int, Record], number: object, what: str) -> Record:
    if not is_integer(number):
        raise ControlError(400, f"{what} must be an id")
    found = records.get(cast("int", number))
    if found is None:
        raise ControlError(404, f"there is no {what} {number}")
    return found


def _order_detail(order: Record) -> Record:
    return {**order, "order_type": "SALES_ORDER"}


def _without_popularity(row: Record) -> Record:
    del row["popularity"]
    return row


def _user_row(user: Record) -> Record:
    return {
        "id": user["id"],
        "organisation": user["organisation"],
        "name": user["name"],
        "email_address": user["email_address"],
        "password_reset": "true," if user["password_reset"] else "false,",
        "verified": "true," if user["verified"] else "false,",
        "disabled": not user["active"],
    }


def _user_detail(user: Record) -> Record:
    return {**user, "roles": [user["roles"]], "notification": [user["notification"]]}


def _group_detail(group: Record) -> Record:
    related = [group["related_product_groups"]]
    return {**group, "products": [group["products"]], "related_product_groups": related}


def _feed_detail(feed: Record) -> Record:
    at = feed["last_upload"]
    return {**feed, "last_upload": at and at.strftime("%Y-%m-%dT%H:%M:%S.%f")}


def _feed_row(feed: Record) -> Record:
    row = {name: value for name, value in feed.items() if name not in SINGLE_FEED_FIELDS}
    at = feed["last_upload"]
    return {**row, "last_upload": at and at.strftime("%Y-%m-%dT%H:%M:%S.000Z")}
