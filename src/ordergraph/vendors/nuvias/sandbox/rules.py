"""The rules of the Hub's sandbox: the filters of lists, and the bodies of baskets and orders.

Source: Hub API 1.1.0. Where the document says nothing, the rules are those that it suggests.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar, cast

from starlette.datastructures import QueryParams
from starlette.responses import Response

from ordergraph.sandbox import Body, Problems, is_integer, json_response
from ordergraph.vendors.nuvias.sandbox.data import NOTIFICATIONS, ORDER_KEYS, Record, exact, plan_price
from ordergraph.vendors.nuvias.sandbox.life import Hub

Found = TypeVar("Found")

MAX_PER_PAGE = 1000
MAX_QUANTITY = 100_000
MAX_INSTRUCTIONS = 3500

# Hub API 1.1.0, the enumerations of its filters and bodies.
PAYMENT_TYPES = ("ON_ACCOUNT", "FINANCE")
FILTERED_SUBSCRIPTION_TYPES = ("ACRONIS", "DROPBOX")
INVOICE_STATUSES = ("open", "paid_in_full", "pending_approval", "rejected", "voided")
INVOICE_TYPES = ("invoice", "credit_note")
DAYS_OVERDUE: dict[str, tuple[int, int]] = {"0": (0, 0), "31-60": (31, 60), "61-90": (61, 90), "90+": (91, 10**6)}
TIMEOUTS = (86400, 43200, 28800, 14400, 7200, 3600, 1800)
FEED_COLUMNS = ("stock", "mpn", "price", "rrp", "vendor", "name", "ean")
TIMESLOTS = range(0, 24 * 60, 30)

# fmt: off
ADDRESS_FIELDS = ("company_name", "recipient_name", "addr_line_1", "addr_line_2", "city", "region", "postal_code")
FINANCE_FIELDS = (
    "company_number", "company_name", "title", "first_name", "name", "contact_number", "email_address",
)
SUBSCRIPTION_FIELDS = {
    "DROPBOX": ("team_name", "admin_email"),
    "ACRONIS": ("tenant_name", "admin_email"),
    "ZOOM": (
        "deal_registration_id", "deal_registration_approval_id", "end_user_name", "end_user_company", "end_user_email",
    ),
}
# fmt: on
NEEDED_SUBSCRIPTION_FIELDS = {kind: names[-3:] for kind, names in SUBSCRIPTION_FIELDS.items()}  # Zoom needs no deal
# Hub API 1.1.0, feeds: the fields that a single feed has and a list row lacks.
SINGLE_FEED_FIELDS = ("show_headers", "delimiter", "escape_method", "show_empty_stock")


class Refusal(Exception):
    """A request that the Hub rejects, with the response in its format."""

    def __init__(self, status: int, message: str, problems: Problems | None = None) -> None:
        super().__init__(message)
        content: Record = {"message": message}
        if problems is not None:
            content["errors"] = problems
        self.response = json_response(content, status)


def refuse_problems(problems: Problems) -> None:
    """Raise a 400 with all errors, if there are any."""
    if problems:
        raise Refusal(400, "The request is not valid.", problems)


def known(records: Mapping[int, Found], number: int, what: str) -> Found:
    """Return a record. Raise a 404 if there is none."""
    found = records.get(number)
    if found is None:
        raise Refusal(404, f"There is no {what} with this ID.")
    return found


# ---- Lists ------------------------------------------------------------------------------------------


class Query:
    """The query of a list: AND between parameters, OR for a repeated one (Hub API 1.1.0, Filtering)."""

    def __init__(self, params: QueryParams) -> None:
        self._params = params
        self._tests: list[Callable[[Record], bool]] = []
        self._order: list[tuple[str, bool]] = []
        self.problems: Problems = {}

    def text(self, name: str, *fields: str) -> None:
        """Keep rows where one of the fields contains the text, in any case."""
        wanted = [value.casefold() for value in self._params.getlist(name)]
        if wanted:
            self._tests.append(lambda row: any(_contains(row, fields, value) for value in wanted))

    def numbers(self, name: str) -> None:
        """Keep rows with one of these ids. -1 means none assigned."""
        wanted = {self._integer(name, value) for value in self._params.getlist(name)}
        if wanted:
            self._tests.append(lambda row: (-1 if row[name] is None else row[name]) in wanted)

    def words(self, name: str, allowed: Collection[str], field: str | None = None) -> None:
        """Keep rows with one of these values."""
        wanted = self._words(name, allowed)
        if wanted:
            self._tests.append(lambda row: row[field or name] in wanted)

    def flag(self, name: str, value_of: Callable[[Record], bool]) -> None:
        """Keep rows where a flag is true, or where it is false."""
        wanted = {word == "true" for word in self._words(name, ("true", "false"))}
        if wanted:
            self._tests.append(lambda row: value_of(row) in wanted)

    def dates(self) -> None:
        """`start_date` and `end_date`, both days included."""
        self._within(lambda row: row["date"][:10], self._date("start_date"), self._date("end_date"))

    def values(self) -> None:
        """`value_from` and `value_to`, both included."""
        self._within(lambda row: exact(row["total"]), self._number("value_from"), self._number("value_to"))

    def _within(self, value_of: Callable[[Record], Any], low: object, high: object) -> None:
        if low is not None:
            self._tests.append(lambda row: value_of(row) >= low)
        if high is not None:
            self._tests.append(lambda row: value_of(row) <= high)

    def overdue(self) -> None:
        """Hub API 1.1.0, invoices: there is no bucket for 1 to 30 days."""
        buckets = [DAYS_OVERDUE[word] for word in self._words("days_overdue", DAYS_OVERDUE)]
        if buckets:
            self._tests.append(lambda row: _in_buckets(row["days_overdue"], buckets))

    def sort(self, fields: Collection[str], default: str, allowed: Collection[str] = ()) -> None:
        """`sort_by`, repeated. A leading space is a plus sign that was not encoded."""
        words = allowed or [sign + field for field in fields for sign in "+-"]
        given = [value.replace(" ", "+", 1) for value in self._params.getlist("sort_by")]
        for word in given or [default]:
            if word in words:
                self._order.append((word[1:], word[0] == "-"))
            else:
                self._problem("sort_by", f"must be one of {', '.join(words)}")

    def select(self, rows: Iterable[Record], presorted: str | None = None) -> list[Record]:
        """Return the matching rows, sorted. Ties keep the order of the rows, or its reverse.

        `presorted` is the field that the rows are already sorted by, which keeps long lists fast.
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
        self, rows: Iterable[Record], show: Callable[[Record], Record] | None = None, presorted: str | None = None
    ) -> Response:
        """Return one page of the matching rows, with the totals in the headers."""
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
        try:
            number = None if value is None else Decimal(value)
        except InvalidOperation:
            number = Decimal("NaN")
        return number if number is None or number.is_finite() else self._problem(name, "must be a number")

    def _date(self, name: str) -> str | None:
        value = self._params.get(name)
        try:
            day = None if value is None else date.fromisoformat(value).isoformat()
        except ValueError:
            day = None
        # Python also reads 20261120 and 2026-W47-5; the document has one format.
        return day if day == value else self._problem(name, "must be a date (YYYY-MM-DD)")

    def _problem(self, name: str, message: str) -> None:
        if message not in self.problems.setdefault(name, []):
            self.problems[name].append(message)


def _contains(row: Record, fields: Sequence[str], text: str) -> bool:
    return any(text in str(row[field]).casefold() for field in fields if row[field] is not None)


def _in_buckets(days: int | None, buckets: Iterable[tuple[int, int]]) -> bool:
    return days is not None and any(low <= days <= high for low, high in buckets)


def _sort_key(value: Any) -> tuple[bool, Any]:
    """Sort missing values first."""
    return (value is not None, value)


# ---- Body parsing -----------------------------------------------------------------------------------


def _email_delivery(body: Body) -> Record:
    need(body, "delivery_email")
    email = body.text("delivery_email")
    if email is not None and "@" not in email:
        body.problem("delivery_email", "must be an email address")
    return {"delivery_email": email}


def _ftp_delivery(body: Body) -> Record:
    needed = ("delivery_user", "delivery_password", "delivery_server")
    need(body, *needed)
    return {
        **texts(body, *needed),
        "delivery_procotol": body.text("delivery_procotol", allowed=("FTP", "FTPS", "SFTP")) or "FTP",
        "delivery_port": body.integer("delivery_port", low=1, high=65535) or 21,
    }


def _sitc_delivery(body: Body) -> Record:
    return {"sitc_confirm": body.boolean("sitc_confirm") is True, "sitc_filename": body.text("sitc_filename")}


DELIVERY_FIELDS: dict[str, Callable[[Body], Record]] = {
    "EMAIL": _email_delivery,
    "FTP": _ftp_delivery,
    "SITC": _sitc_delivery,
}


def need(body: Body, *names: str) -> None:
    """Note the fields that are missing."""
    for name in names:
        if name not in body:
            body.problem(name, "is needed")


def texts(body: Body, *names: str, maximum: int = 255) -> Record:
    """Read strings."""
    return {name: body.text(name, maximum=maximum) for name in names}


def array(body: Body, name: str, kind: type, known: Collection[object] | None = None) -> list[Any] | None:
    """Read an array of known numbers or values. It may be nested once, as in the document's samples."""
    items = body.items(name)
    if items is None:
        return None
    flat = [item for row in items for item in (cast("list[Any]", row) if isinstance(row, list) else [row])]
    words = kind is str
    for item in flat:
        if not (isinstance(item, str) if words else is_integer(item)):
            body.problem(name, f"must be an array of {'strings' if words else 'integers'}")
        elif known is not None and item not in known:
            body.problem(name, f"must be of {', '.join(map(str, known))}" if words else f"{item} is unknown")
    return flat


def _read_subscription(body: Body | None, kind: str) -> Record | None:
    if body is None:
        return None
    fields: Record = {**texts(body, *SUBSCRIPTION_FIELDS[kind]), "subscription_id": None}
    if kind == "ZOOM":
        fields.update(zoom_order_type="NEW", zoom_order_sub_type=None)
    return fields


def read_day(body: Body, name: str) -> date:
    """Hub API 1.1.0: a date by its type, a date-time in the sample. Both are accepted."""
    need(body, name)
    text = body.text(name)
    try:
        day = datetime.fromisoformat(text).date() if text else None
    except ValueError:
        day = None
    if day is not None and 2000 <= day.year <= 2100:
        return day
    if text is not None:
        body.problem(name, "must be a date or a date-time between 2000 and 2100")
    raise Refusal(400, "The request is not valid.", body.problems)


def _check_plan(product: Record, line: Record, body: Body) -> None:
    plan = next((row for row in product["rate_plans"] if row["id"] == line["selected_rate_plan"]), None)
    if plan is None:
        need(body, "selected_rate_plan")
    elif not plan["min_quantity"] <= line["quantity"] <= plan["max_quantity"]:
        body.problem("quantity", f"must lie within {plan['min_quantity']} and {plan['max_quantity']} on this rate plan")


def _ships_to(kind: Record, country: int | None) -> bool:
    """Return whether it ships there. No countries means all; `exclude_countries` inverts the list."""
    return not kind["countries"] or (country in kind["countries"]) != kind["exclude_countries"]


# ---- Bodies -----------------------------------------------------------------------------------------


class Rules:
    """The rules for bodies of baskets and orders, changes, users, product groups and feeds."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub

    def draft(self, body: Body, *, submit: bool = False) -> Record:
        """Return the fields of a basket or, if it is also submitted, of an order."""
        draft: Record = {
            **texts(body, "purchase_order_number", "end_user", "name"),
            **texts(body, "ship_instructions", "provisioning_instructions", maximum=MAX_INSTRUCTIONS),
            "shipping_address": self._read_address(body.child("shipping_address")),
            "shipping_type": body.integer("shipping_type", known=self.hub.shipping_types),
            "part_ship": body.boolean("part_ship") is not False,
            "line_items": [self.line(line) for line in body.children("line_items")],
            "payment_type": body.text("payment_type", allowed=PAYMENT_TYPES) or "ON_ACCOUNT",
            "finance": self._read_finance(body.child("finance")),
        }
        if submit:
            self.check_submission(draft, body.problems)
        return draft

    def _read_address(self, body: Body | None) -> Record | None:
        if body is None:
            return None
        countries = range(1, len(self.hub.country_codes) + 1)
        return {**texts(body, *ADDRESS_FIELDS), "country_code": body.integer("country_code", known=countries)}

    def _read_finance(self, body: Body | None) -> Record | None:
        if body is None:
            return None
        return {
            **texts(body, *FINANCE_FIELDS),
            "target": body.text("target", allowed=("SELF", "CUSTOMER")),
            "term_length": body.integer("term_length", low=1),
            "registered_address": self._read_address(body.child("registered_address")),
            "trading_addresses": [self._read_address(row) for row in body.children("trading_addresses")],
            "approved": False,
        }

    def line(self, body: Body) -> Record:
        """Return the fields of a line."""
        number = self.product(body, "product", needed=True)
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

    def product(self, body: Body, name: str, *, needed: bool = False) -> int | None:
        """Return a product. The id wins over the code, which several vendors may share."""
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
        number = self.product(body, name)
        if number is not None and product and number not in [row["id"] for row in product[kind]]:
            body.problem(name, f"is no {kind} product of this product")
        return number

    def check_submission(self, draft: Record, problems: Problems) -> None:
        """Check what only a submission requires."""
        lines: list[Record] = draft["line_items"]
        if not lines:
            problems.setdefault("line_items", []).append("must have at least one line")
        for index, line in enumerate(lines):
            if line["product"] is not None:
                self._check_line(line, Body(line, problems, f"line_items.{index}."))
        body = Body(draft, problems)
        if draft["payment_type"] == "FINANCE":
            need(body, "finance")
        if draft["finance"] and draft["finance"]["target"] == "CUSTOMER":
            for index, line in enumerate(lines):
                need(Body(line, problems, f"line_items.{index}."), "markup")
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
            need(body, ORDER_KEYS[kind])
            attached = body.child(ORDER_KEYS[kind])
            if attached:
                need(attached, *NEEDED_SUBSCRIPTION_FIELDS[kind])
        services: list[Record] = product["provisioning"]
        if any(row["dovetail"] and row["id"] == line["prov_product"] for row in services):
            need(body, "prov_organisation")

    def _check_shipping(self, draft: Record, body: Body) -> None:
        need(body, "shipping_address", "shipping_type")
        kind = self.hub.shipping_types.get(draft["shipping_type"] or 0)
        address: Record | None = draft["shipping_address"]
        if kind and address and not _ships_to(kind, address["country_code"]):
            body.problem("shipping_type", "does not go to this country")

    def change(self, body: Body, subscription: Record) -> tuple[int, Decimal, Decimal]:
        """Return (additional seats, charge before, charge after) of one line."""
        need(body, "quantity")
        quantity = body.integer("quantity", low=0, high=MAX_QUANTITY) or 0
        product = self.hub.products.get(self.product(body, "product", needed=True) or 0)
        if product is None or product["subscription_type"] != subscription["type"]:
            if product is not None:
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
        need(body, "product")
        return number or product, held.get(number or 0, 0) if quantity is None else quantity

    def _charge(self, product: int, subscription: Record) -> Decimal:
        """Return the recurring charge per unit, on the plan of the subscription."""
        line = self.hub.subscription_line(subscription)
        if product == line["product"]:
            return exact(line["price"])
        details = line["rate_plan_details"]
        plans: list[Record] = self.hub.products[product]["rate_plans"]
        terms = (details["term_length"], details["billing_frequency"])
        same = (plan for plan in plans if (plan["term_length"], plan["billing_frequency"]) == terms)
        return exact(plan_price(next(same)))

    # -- users, product groups and feeds

    def user(self, body: Body, number: int) -> Record:
        """Return the given fields of a user."""
        fields: Record = {
            **texts(body, "name", "email_address", "timezone"),
            **{name: body.boolean(name) for name in ("admin", "two-factor", "active", "verified", "password_reset")},
            "organisation": body.integer("organisation", known=self.hub.organisations),
            "user_language": body.text("user_language", allowed=("de", "en", "es", "fr", "it", "nl")),
            "timeout": body.integer("timeout", known=TIMEOUTS),
            "roles": array(body, "roles", int),
            "notification": array(body, "notification", str, NOTIFICATIONS),
        }
        email = fields["email_address"]
        if email is not None and "@" not in email:
            body.problem("email_address", "must be an email address")
        if any(user["email_address"] == email and user["id"] != number for user in self.hub.users.values()):
            body.problem("email_address", "is in use already")
        return {name: value for name, value in fields.items() if value is not None}

    def product_group(self, body: Body) -> Record:
        """Return the fields of a product group."""
        vendors = [vendor["id"] for vendor in self.hub.vendors]
        return {
            "name": body.text("name"),
            "active": body.boolean("active"),
            "status": body.text("status", allowed=("DRAFT", "LIVE")),
            **texts(body, "description", "detailed_description", maximum=MAX_INSTRUCTIONS),
            "type": body.integer("type", low=1),
            "vendor": body.integer("vendor", known=vendors),
            "subscription_type": body.text("subscription_type", allowed=ORDER_KEYS),
            "subscription_product_type": body.text("subscription_product_type", allowed=("BASE", "ADD_ON")),
            "products": array(body, "products", int, self.hub.products),
            "related_product_groups": array(body, "related_product_groups", int, self.hub.product_groups),
            "grading": body.integer("grading"),
        }

    def feed(self, body: Body) -> Record:
        """Return the fields of a feed."""
        need(body, "organisation", "name", "timeslot", "columns", "delivery_method")
        method = body.text("delivery_method", allowed=DELIVERY_FIELDS)
        return {
            **(DELIVERY_FIELDS[method](body) if method else {}),
            "show_headers": body.boolean("show_headers") is True,
            "delimiter": body.text("delimiter", allowed=("COMMA", "SEMI_COLON")) or "COMMA",
            "escape_method": body.text("escape_method", allowed=("ESCAPED", "QUOTED", "STRIPPED")) or "ESCAPED",
            "organisation": body.integer("organisation", known=self.hub.organisations),
            "name": body.text("name"),
            "active": body.boolean("active") is not False,
            "timeslot": body.integer("timeslot", known=TIMESLOTS),
            "show_empty_stock": body.boolean("show_empty_stock") is True,
            "columns": array(body, "columns", str, FEED_COLUMNS),
            "delivery_method": method,
        }
