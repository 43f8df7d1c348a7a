"""What the Hub's sandbox knows: its records, how they are priced, how they live, how they are seeded.

Records are the vendor's own JSON objects (Hub API 1.1.0), ready to be sent. Money is reckoned in
`Decimal` and kept as a JSON number. Seeded orders go through the same steps as those placed later,
so that shipments, invoices and subscriptions come about in one way only.
"""

import itertools
import random
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ordergraph.sandbox import ANCHOR, seeded_instants, seeded_random

Record = dict[str, Any]

CLIENT_ID = "6f1b1c1e-3b0a-4c55-9d3e-1f6a5d0c7b42"

OWN_ORGANISATION = 5
OWN_USER = 5
REAL_USER = 1
NEWEST_ORDER = 77272
CREDIT_LIMIT = Decimal(25_000)
CENT = Decimal("0.01")
BASKETS = 25

# Hub API 1.1.0, the statuses of an order; a basket is an order in DRAFT.
MAIN_LINE = ("CREATED", "PROCESSING", "ACCEPTED", "PART_SHIPPED", "SHIPPED", "COMPLETE")
NEXT_STATUS = {
    **dict(itertools.pairwise(MAIN_LINE)),
    "PENDING_AUTHORISATION": "PROCESSING",
    "ATTENTION_REQUIRED": "PROCESSING",
}
SIDE_STATUSES = {
    "CREATED": ("PENDING_AUTHORISATION", "ATTENTION_REQUIRED", "FAILED", "CANCELLED"),
    "PENDING_AUTHORISATION": ("CANCELLED", "FAILED"),
    "PROCESSING": ("PENDING_AUTHORISATION", "ATTENTION_REQUIRED", "FAILED", "CANCELLED"),
    "ATTENTION_REQUIRED": ("FAILED", "CANCELLED"),
    "ACCEPTED": ("ATTENTION_REQUIRED", "FAILED"),
}
ATTENTION = (
    "The customer has exceeded their credit limit",
    "The shipping address could not be verified",
    "A selected product has been discontinued",
)

# The newest seeded orders, newest first: the first look shows every status.
NEWEST_STATUSES = (
    "PROCESSING",
    "PENDING_AUTHORISATION",
    "ACCEPTED",
    "PART_SHIPPED",
    "SHIPPED",
    "CREATED",
    "ATTENTION_REQUIRED",
    "COMPLETE",
    "CANCELLED",
    "FAILED",
)
RECENT_STATUSES = (*NEWEST_STATUSES, "PROCESSING", "ACCEPTED", "ACCEPTED", "SHIPPED", "SHIPPED", "SHIPPED")
OLD_STATUSES = ("COMPLETE",) * 17 + ("CANCELLED", "CANCELLED", "SHIPPED", "FAILED")

COUNTRY_TABLE = (
    "FR France|DE Germany|IE Ireland|ES Spain|GB United Kingdom|IT Italy|NL Netherlands|BE Belgium|"
    "LU Luxembourg|AT Austria|CH Switzerland|DK Denmark|SE Sweden|NO Norway|FI Finland|PL Poland|CZ Czechia|"
    "SK Slovakia|HU Hungary|SI Slovenia|HR Croatia|RO Romania|BG Bulgaria|GR Greece|PT Portugal|EE Estonia|"
    "LV Latvia|LT Lithuania|MT Malta|CY Cyprus|IS Iceland|US United States|CA Canada|MX Mexico|BR Brazil|"
    "AU Australia|NZ New Zealand|JP Japan|SG Singapore|ZA South Africa|AE United Arab Emirates|IL Israel|"
    "TR Türkiye|IN India"
)
UNITED_KINGDOM = 5
EUROPE = [1, 2, 3, 4, 6, 7, 8, 9, 10, 12, 13, 15, 16]

ShippingRow = tuple[str, str, float, float, float | None, float, list[int], bool, list[tuple[int, int, float]]]
# (name, description, lowest, highest, free from, rate per item, countries, excluded, weight bands in grams)
# fmt: off
SHIPPING_TYPES: tuple[ShippingRow, ...] = (
    ("UK Next Day Delivery 9am - 10am", "UK mainland, next day when ordered before 4pm",
     10, 200, 1000, 0.5, [5], False, [(1, 9999, 2.4)]),
    ("UK Next Day Delivery", "UK mainland, next working day",
     6.5, 120, 750, 0.35, [5], False, [(1, 9999, 1.2), (10000, 30000, 4.8)]),
    ("UK Saturday Delivery", "UK mainland, Saturday morning", 18, 240, None, 0.75, [5], False, []),
    ("UK Economy", "Three to five working days", 4, 60, 500, 0.2, [5], False, []),
    ("Ireland Two Day", "Republic and Northern Ireland", 14.99, 180, 2000, 0.6, [3, 5], False, []),
    ("Europe Express", "EU, two working days", 24.5, 400, 5000, 1.1, EUROPE, False, [(1, 9999, 6.0)]),
    ("International Courier", "Everywhere but the UK",
     45, 900, None, 2.5, [5], True, [(1, 4999, 9.5), (5000, 30000, 28.0)]),
    ("Collection", "From the warehouse, by appointment", 0, 0, 0, 0, [], False, []),
    # The one that Nuvias' sample programs look for.
    ("UK Standard Next Day Delivery", "UK mainland, next working day, standard service",
     6, 110, 700, 0.3, [5], False, [(1, 9999, 1.1), (10000, 30000, 4.5)]),
)
# fmt: on

# (id, name, parent, postcode area, city, region)
ORGANISATIONS: tuple[tuple[int, str, int | None, str, str, str], ...] = (
    (5, "Northlight Communications", None, "NG12 3SH", "Nottingham", "Nottinghamshire"),
    (1, "Bob's Widgets", 5, "EC1A 3AA", "London", "City of London"),
    (2, "Harbour Voice Ltd", 5, "BS1 4DJ", "Bristol", "Avon"),
    (3, "Clearline Telecom", 5, "M1 2WD", "Manchester", "Greater Manchester"),
    (4, "Pennine Networks", 3, "HD1 1JN", "Huddersfield", "West Yorkshire"),
    (6, "Forth IT Services", 5, "EH3 9QA", "Edinburgh", "Lothian"),
    (7, "Severn Managed Services", 2, "CF10 1EP", "Cardiff", "South Glamorgan"),
    (8, "Anglia Unified Comms", 5, "CB2 1TN", "Cambridge", "Cambridgeshire"),
    (9, "Solent Schools Trust", 8, "SO14 7DW", "Southampton", "Hampshire"),
    (10, "Lagan Office Systems", 6, "BT1 5GS", "Belfast", "Antrim"),
    (11, "Trent Valley Care", 3, "DE1 2PL", "Derby", "Derbyshire"),
    (12, "Westgate Legal LLP", 1, "SW1P 3JR", "London", "Greater London"),
)
STREETS = ("Sample Drive", "Station Road", "Canal Street", "Victoria Parade", "Mill Lane", "Kingsway")
PEOPLE_TABLE = (
    "Diana Ross|Bobby Lashley|Evan Evans|Priya Nair|Tom Jones|Grace Okafor|Liam Walsh|Sofia Marino|"
    "Noah Fischer|Aisha Rahman|Callum Reid|Megan Price|Oscar Lind|Hannah Clarke|Yusuf Demir|Ella Novak|"
    "Rhys Morgan|Chloe Martin|Daniel Kowalski|Freya Nilsson|George Adeyemi|Isla Stewart|Jack O'Neill|"
    "Keira Bennett|Leo Rossi|Maya Shah|Nina Petrova|Owen Hughes|Poppy Turner|Robert Bobson"
)
PEOPLE = PEOPLE_TABLE.split("|")
END_USERS = (
    "Bob's Customer",
    "Oakfield Academy",
    "Riverside Dental",
    "Harper & Sons",
    "Castle Hotels",
    "Brightside Care",
)
ROLES = ((1, 2), (1,), (2, 3), (4,), (1, 3, 4), ())
NOTIFICATIONS = (
    "buy_price_increased",
    "checkout_requested",
    "order_created",
    "order_requires_manual_auth",
    "order_status_changed",
    "quote_amended",
    "quote_created",
)

VENDOR_TABLE = (
    "Poly|Yealink|Snom|Cisco|Grandstream|AudioCodes|Jabra|EPOS|Mitel|Ribbon|Netgear|Draytek|Fanvil|Gigaset|"
    "Extreme Networks|Ruckus|Dropbox|Acronis|Zoom|Dovetail"
)
VENDOR_IDS = {name: number for number, name in enumerate(VENDOR_TABLE.split("|"), start=1)}

HardwareRow = tuple[int, str, Sequence[str], int, int, int]
# (product type, noun, makers and their series, lowest price, highest price, grams)
# fmt: off
HARDWARE: tuple[HardwareRow, ...] = (
    (1, "IP Desk Phone", ("Poly/VVX ", "Yealink/T", "Snom/D", "Cisco/CP-", "Grandstream/GXP", "Fanvil/X"),
     45, 260, 980),
    (2, "DECT Handset", ("Gigaset/R", "Yealink/W", "Snom/M", "Grandstream/DP"), 55, 190, 240),
    (3, "Headset", ("Jabra/Evolve ", "EPOS/Impact ", "Poly/Voyager ", "Yealink/BH"), 35, 320, 180),
    (4, "Conference Phone", ("Poly/Trio ", "Yealink/CP", "Snom/C", "Mitel/MX "), 240, 1150, 1900),
    (5, "Session Border Controller", ("AudioCodes/Mediant ", "Ribbon/SBC ", "Cisco/CUBE "), 780, 6900, 4200),
    (6, "PoE Switch", ("Netgear/GS", "Cisco/CBS", "Extreme Networks/X", "Ruckus/ICX ", "Draytek/P"),
     95, 2400, 3600),
    (7, "Wireless Access Point", ("Ruckus/R", "Extreme Networks/AP", "Netgear/WAX", "Draytek/AP"),
     110, 890, 1100),
    (8, "Video Bar", ("Poly/Studio X", "Yealink/A", "Jabra/PanaCast "), 690, 3200, 5200),
)
LICENCE: HardwareRow = (
    9, "User Licence", ("Mitel/MiCloud ", "Ribbon/SWe ", "AudioCodes/OVOC ", "Cisco/Flex "), 12, 140, 0,
)
# fmt: on
# (name, SKU, vendor, price) of what Nuvias' own samples order: those of Hub API 1.1.0, and the phones of its sample
# programs and guides, whose names and prices are made up.
SAMPLE_SERVICES = (
    ("Phone maintenance", "123-4567-1200", "12.34"),
    ("SIP Phone Provisioning", "UD-SIP-SER-PRV-PH", "2.50"),
)
SAMPLE_GOODS = (
    ("A New Phone", "NEW-PH0N3", "Grandstream", "100.12"),
    ("New Phone", "N3W-PH0N3", "Grandstream", "100.12"),
    ("A New Toaster", "123-4567-9101", "Grandstream", "123.99"),
    ("Poly VVX 250 IP Desk Phone", "2200-48820-025", "Poly", "89.50"),
    ("Poly VVX 410 IP Desk Phone", "2200-46162-025", "Poly", "134.00"),
)
SERVICE_TYPE, SUBSCRIPTION_TYPE = 10, 11

# (name, SKU, base or add-on, price a month in GBP, unit of measure)
SUBSCRIPTIONS: dict[str, tuple[tuple[str, str, str, str, str], ...]] = {
    "DROPBOX": (
        ("Dropbox Business Standard", "DBX-BUS-STD", "BASE", "9.60", "User"),
        ("Dropbox Business Advanced", "DBX-BUS-ADV", "BASE", "14.40", "User"),
        ("Dropbox Extended Version History", "DBX-EVH", "ADD_ON", "2.40", "User"),
    ),
    "ACRONIS": (
        ("Acronis Cyber Protect Workstation", "ACR-CP-WS", "BASE", "5.35", "Workload"),
        ("Acronis Cloud Storage 250 GB", "ACR-CS-250", "ADD_ON", "11.20", "Unit"),
    ),
    "ZOOM": (
        ("Zoom Workplace Business", "ZOOM-WP-BUS", "BASE", "16.99", "Host"),
        ("Zoom Phone UK Unlimited", "ZOOM-PH-UKU", "ADD_ON", "12.50", "User"),
    ),
}
# (name, months of the first term, billing frequency, months of a renewal, share of the monthly price)
RATE_PLANS = (
    ("Monthly", 1, "monthly", 1, Decimal("1.2")),
    ("Annual", 12, "monthly", 12, Decimal(1)),
    ("Annual Upfront", 12, "annually", 12, Decimal("10.8")),
    ("Three Years", 36, "monthly", 12, Decimal("0.9")),
)
DEFAULT_PLAN = "Annual"
MONTHS_BILLED = {"monthly": 1, "annually": 12}
EURO_RATE = Decimal("1.17")
ORDER_KEYS = {"DROPBOX": "dropbox_order", "ACRONIS": "acronis_order", "ZOOM": "zoom_order"}

DELIVERY = {
    "EMAIL": {"delivery_email": "feed@example.com"},
    "FTP": {
        "delivery_user": "user",
        "delivery_password": "password",
        "delivery_server": "ftp.example.com",
        "delivery_procotol": "SFTP",
        "delivery_port": 22,
    },
    "SITC": {"sitc_confirm": True, "sitc_filename": "Example-SITC.csv"},
}

# What becomes of invoices with age: (status, days overdue), taken in turn.
OLD_INVOICES: tuple[tuple[str, int | None], ...] = (
    ("paid_in_full", None),
    ("open", 12),
    ("paid_in_full", None),
    ("paid_in_full", None),
    ("open", 45),
    ("voided", None),
    ("paid_in_full", None),
    ("open", 74),
    ("rejected", None),
    ("paid_in_full", None),
    ("open", 133),
    ("paid_in_full", None),
)


# ---- Money and time -------------------------------------------------------------------------------


def exact(value: float | Decimal) -> Decimal:
    """Take a JSON number as it was written."""
    return value if isinstance(value, Decimal) else Decimal(str(value))


def money(value: Decimal) -> float:
    """Round an amount to the cent, as the Hub sends it: a JSON number."""
    return float(value.quantize(CENT, ROUND_HALF_UP))


def stamp(at: datetime) -> str:
    """Hub API 1.1.0, Order.date: to the second, without a zone (it is UTC)."""
    return at.strftime("%Y-%m-%dT%H:%M:%S")


def months_after(day: date, months: int) -> date:
    """Find the same day so many months later, or the month's last one."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


# ---- The records ----------------------------------------------------------------------------------


class Hub:
    """Everything that the Hub knows, seeded the same way for the same (orders, seed)."""

    def __init__(self, orders: int, seed: int) -> None:
        self._counters: dict[str, Iterator[int]] = {}
        self._rng = seeded_random("nuvias", orders, seed)
        self.country_codes: list[Record] = [
            {"id": number, "iso_code": entry[:2], "name": entry[3:]}
            for number, entry in enumerate(COUNTRY_TABLE.split("|"), start=1)
        ]
        self.vendors: list[Record] = [{"id": number, "name": name} for name, number in VENDOR_IDS.items()]
        self.shipping_types = {number: _shipping_type(number) for number in range(1, len(SHIPPING_TYPES) + 1)}
        self.organisations = {row[0]: _organisation(row) for row in ORGANISATIONS}
        self.addresses = {row[0]: _addresses(row) for row in ORGANISATIONS}
        self.users = {number: _user(number, name) for number, name in enumerate(PEOPLE, start=1)}
        self.groups = {number: _group(number) for number in range(1, 7)}
        self.sites = {number: self._site(number) for number in range(1, 13)}
        self.feeds = {number: _feed(number) for number in range(1, 7)}
        catalogue = _Catalogue(self._rng, min(1000, max(60, orders // 5)))
        self.products = catalogue.products
        self.popularity = catalogue.popularity
        self.by_code = catalogue.by_code
        self.product_groups = {number: self._product_group(number) for number in range(1, 11)}
        self.orders: dict[int, Record] = {}
        self.orders_by_date: list[Record] = []
        self.baskets: dict[int, Record] = {}
        self.subscriptions: dict[int, Record] = {}
        self.invoices: list[Record] = []
        self._start("order", max(1, NEWEST_ORDER - orders + 1))
        _Seeder(self, self._rng).seed(orders)
        catalogue.add_samples()
        for name, records in (
            ("user", self.users),
            ("product_group", self.product_groups),
            ("feed", self.feeds),
        ):
            self._start(name, len(records) + 1)

    def take(self, counter: str) -> int:
        """Take the next number of a kind."""
        return next(self._counters.setdefault(counter, itertools.count(1)))

    def _start(self, counter: str, first: int) -> None:
        self._counters[counter] = itertools.count(first)

    def _site(self, number: int) -> Record:
        organisation = ORGANISATIONS[number - 1][0]
        address = {key: value for key, value in self.addresses[organisation][0].items() if key != "name"}
        return {"id": number, "name": "Main Office", "organisation": organisation, "address": address}

    def _product_group(self, number: int) -> Record:
        products = [product for product in self.products.values() if product["type"] == number]
        first = products[0] if products else {"name": "Bundle", "vendor": None, "subscription_type": None}
        return {
            "id": number,
            "name": f"{first['name']} and friends",
            "active": number != 9,
            "status": "DRAFT" if number % 4 == 0 else "LIVE",
            "description": "What goes well together",
            "detailed_description": "A selection that our installers order together",
            "type": number,
            "vendor": first["vendor"],
            "subscription_type": first["subscription_type"],
            "subscription_product_type": None,
            "products": [product["id"] for product in products[:4]],
            "related_product_groups": [number % 10 + 1],
            "grading": number,
        }

    # -- orders

    def new_order(self, draft: Record, at: datetime, order_id: int | None = None) -> Record:
        """Make a priced DRAFT from checked fields; lines get new ids."""
        number = order_id or self.take("order")
        lines = [self.new_line(line, number) for line in draft["line_items"]]
        order = {
            "id": number,
            "external_id": None,
            "purchase_order_number": draft["purchase_order_number"],
            "supplier_ref": None,
            "linked_supplier_refs": [],
            "organisation": draft.get("organisation", OWN_ORGANISATION),
            "date": stamp(at),
            "status": "DRAFT",
            "parent_id": None,
            "shipping_address": draft["shipping_address"],
            "shipping_type": draft["shipping_type"],
            "ship_instructions": draft["ship_instructions"],
            "ship_cost": 0.0,
            "ship_final": False,
            "discount": 0.0,
            "end_user": draft["end_user"],
            "provisioning_instructions": draft["provisioning_instructions"],
            "manual_authorisation": False,
            "total": 0.0,
            "part_ship": draft["part_ship"],
            "line_items": lines,
            "name": draft["name"],
            "units": [],
            "attention_required": None,
            "payment_type": draft["payment_type"],
            "finance": draft["finance"],
            "shipments": [],
        }
        self.price(order)
        return order

    def new_line(self, draft: Record, order_id: int) -> Record:
        """Make an OrderLineItem from checked fields, with names and prices filled in."""
        product = self.products[draft["product"]]
        line_id = self.take("line")
        plan = next((row for row in product["rate_plans"] if row["id"] == draft.get("selected_rate_plan")), None)
        provisioning = self.products.get(draft.get("prov_product") or 0)
        maintenance = self.products.get(draft.get("maintenance_product") or 0)
        line: Record = {
            "id": line_id,
            "order": order_id,
            "product": product["id"],
            "name": product["name"],
            "quantity": draft["quantity"],
            "price": plan_price(plan) if plan else product["price"],
            "original_price": product["rrp"],
            "prov_product": provisioning and provisioning["id"],
            "prov_product_name": provisioning and provisioning["name"],
            "prov_product_price": provisioning and provisioning["price"],
            "prov_organisation": draft.get("prov_organisation"),
            "prov_group": draft.get("prov_group"),
            "prov_site": draft.get("prov_site"),
            "maintenance_product": maintenance and maintenance["id"],
            "maintenance_product_name": maintenance and maintenance["name"],
            "maintenance_product_price": maintenance and maintenance["price"],
            "sub_total_for_item": 0.0,
            "selected_rate_plan": plan and plan["id"],
            "rate_plan_details": plan and _plan_details(plan, line_id),
            "dropbox_order": draft.get("dropbox_order"),
            "acronis_order": draft.get("acronis_order"),
            "zoom_order": draft.get("zoom_order"),
            "markup": draft.get("markup"),
            "discount": draft.get("discount"),
        }
        line["sub_total_for_item"] = money(_each(line) * line["quantity"])
        return line

    def price(self, order: Record) -> None:
        """Reckon an order: sub-totals, less the lines' discounts, plus shipping."""
        lines: list[Record] = order["line_items"]
        goods = sum((exact(line["sub_total_for_item"]) for line in lines), Decimal(0))
        discount = sum((_discount(line) for line in lines), Decimal(0))
        shipping = self._ship_cost(order, goods)
        order.update(ship_cost=money(shipping), discount=money(discount), total=money(goods - discount + shipping))

    def _ship_cost(self, order: Record, goods: Decimal) -> Decimal:
        lines = self.shippable(order)
        kind = self.shipping_types.get(order["shipping_type"] or 0)
        if kind is None or not lines:
            return Decimal(0)
        if kind["free_over_cost"] is not None and goods >= exact(kind["free_over_cost"]):
            return Decimal(0)
        items = sum(line["quantity"] for line in lines)
        weight = sum(exact(self.products[line["product"]]["weight"]) * line["quantity"] for line in lines)
        bands = (row["rate"] for row in kind["shipping_prices"] if row["min_weight"] <= weight <= row["max_weight"])
        cost = exact(kind["rate"]) * items + exact(next(bands, 0))
        return min(max(cost, exact(kind["min_cost"])), exact(kind["max_cost"])).quantize(CENT, ROUND_HALF_UP)

    def shippable(self, order: Record) -> list[Record]:
        """List the lines that go by parcel."""
        return [line for line in order["line_items"] if self.products[line["product"]]["is_shippable"]]

    def submit(self, order: Record, at: datetime) -> None:
        """Turn a basket into an order: the same id, CREATED or waiting for authorisation."""
        self.baskets.pop(order["id"], None)
        order["date"] = stamp(at)
        self.orders[order["id"]] = order
        self.orders_by_date.append(order)
        if len(self.orders_by_date) > 1 and self.orders_by_date[-2]["date"] > order["date"]:
            self.orders_by_date.sort(key=lambda row: (row["date"], row["id"]))
        needs_approval = order["payment_type"] == "FINANCE" or exact(order["total"]) > CREDIT_LIMIT
        self.enter(order, "PENDING_AUTHORISATION" if needs_approval else "CREATED", at)

    # -- the life of an order

    def steps(self, order: Record, to: str | None) -> list[str] | None:
        """List the statuses between here and there along the main line; None when there is no way."""
        at, steps = order["status"], list[str]()
        while at != to:
            following = to if to in SIDE_STATUSES.get(at, ()) else self._following(order, at, to)
            if following is None:
                return None
            steps.append(following)
            if to is None:
                break
            at = following
        return steps

    def _following(self, order: Record, status: str, to: str | None) -> str | None:
        following = NEXT_STATUS.get(status)
        if following == "PART_SHIPPED" and not self._can_split(order):
            return None if to == "PART_SHIPPED" else "SHIPPED"
        return following

    def _can_split(self, order: Record) -> bool:
        return order["part_ship"] and sum(line["quantity"] for line in self.shippable(order)) > 1

    def enter(self, order: Record, status: str, at: datetime) -> None:
        """Give an order its next status, with all that comes with it."""
        if status == "PROCESSING":
            self._process(order, approved=order["status"] == "PENDING_AUTHORISATION")
        elif status == "PENDING_AUTHORISATION":
            order["manual_authorisation"] = True
        elif status == "ATTENTION_REQUIRED":
            order["attention_required"] = ATTENTION[order["id"] % len(ATTENTION)]
        elif status == "ACCEPTED":
            self._subscribe(order, at)
        elif status in ("PART_SHIPPED", "SHIPPED"):
            self._ship(order, at, part=status == "PART_SHIPPED")
        order["status"] = status
        if status == "SHIPPED":
            self._invoice(order, at)

    def _process(self, order: Record, *, approved: bool) -> None:
        # The Hub's own id is there at once; those of the back office come when it has the order.
        order["attention_required"] = None
        order["ship_final"] = True
        if order["supplier_ref"] is None:
            number = self.take("supplier")
            order["supplier_ref"] = f"SO{1234566 + number}"
            order["external_id"] = 500_000 + 13 * number
        if approved and order["finance"]:
            order["finance"]["approved"] = True

    def _ship(self, order: Record, at: datetime, *, part: bool) -> None:
        open_lines = self._unshipped(order)
        if part:
            whole = len(open_lines) > 1
            half = open_lines[: (len(open_lines) + 1) // 2]
            open_lines = half if whole else [(line, count // 2) for line, count in half]
        items = [self._shipped_item(order, line, count) for line, count in open_lines]
        if items:
            number = self.take("shipment")
            order["shipments"].append(
                {
                    "reference": f"IF{123455 + number}",
                    "tracking_number": f"20020202085819{85919809000 + 37 * number}",
                    "date": at.date().isoformat(),
                    "items": items,
                }
            )

    def _unshipped(self, order: Record) -> list[tuple[Record, int]]:
        sent: dict[int, int] = {}
        for shipment in order["shipments"]:
            for item in shipment["items"]:
                sent[item["product"]] = sent.get(item["product"], 0) + item["quantity"]
        rest: list[tuple[Record, int]] = []
        for line in self.shippable(order):
            there = min(sent.get(line["product"], 0), line["quantity"])
            sent[line["product"]] = sent.get(line["product"], 0) - there
            if line["quantity"] > there:
                rest.append((line, line["quantity"] - there))
        return rest

    def _shipped_item(self, order: Record, line: Record, quantity: int) -> Record:
        serials = [112_200_000_000 + 7919 * self.take("serial") for _ in range(quantity)]
        order["units"] += [
            {"id": self.take("unit"), "order": order["id"], "product": line["product"], "serial": serial}
            for serial in serials
        ]
        return {
            "product": line["product"],
            "name": line["name"],
            "product_code": self.products[line["product"]]["product_code"],
            "quantity": quantity,
            "serial_numbers": serials,
        }

    def _invoice(self, order: Record, at: datetime) -> None:
        number = self.take("invoice")
        self.invoices.append(
            {
                "id": number,
                "organisation": order["organisation"],
                "source": 1,
                "source_id": 717_000 + number,
                "reference": f"INV{number:06}",
                "status": "open",
                "date": stamp(at),
                "due_date": stamp(at + timedelta(days=30)),
                "purchase_order": order["purchase_order_number"],
                "currency": "GBP",
                "total": order["total"],
                "days_overdue": 0,
                "type": "invoice",
            }
        )

    def credit(self, invoice: Record, at: datetime) -> None:
        """Make a credit note over a fifth of an invoice."""
        number = self.take("invoice")
        self.invoices.append(
            {
                **invoice,
                "id": number,
                "source_id": 717_000 + number,
                "reference": f"CN{number:06}",
                "status": "paid_in_full",
                "date": stamp(at),
                "due_date": None,
                "total": money(exact(invoice["total"]) / 5),
                "days_overdue": None,
                "type": "credit_note",
            }
        )

    # -- subscriptions

    def _subscribe(self, order: Record, at: datetime) -> None:
        for line in order["line_items"]:
            kind = self.products[line["product"]]["subscription_type"]
            attached = line[ORDER_KEYS[kind]] if kind else None
            if attached and line["rate_plan_details"] and attached.get("subscription_id") is None:
                attached["subscription_id"] = self._new_subscription(order, line, kind, at)["id"]

    def _new_subscription(self, order: Record, line: Record, kind: str, at: datetime) -> Record:
        number = self.take("subscription")
        plan, attached = line["rate_plan_details"], line[ORDER_KEYS[kind]]
        name = attached.get("team_name") or attached.get("tenant_name") or attached.get("end_user_company")
        subscription: Record = {
            "id": number,
            "name": name,
            "organisation": order["organisation"],
            "order": order["id"],
            "type": kind,
            "start_date": at.date().isoformat(),
            "service_activation_date": None,
            "end_date": None,
            "auto_renewal_flag": plan["term_length"] > 1 and number % 5 != 0,
            "pending_change": False,
            "source_id": f"A-S{number + 122:010}",
            "status": "PENDING",
            "billing_frequency": plan["billing_frequency"].upper(),
            "total_contract_value": money(contract_value(line, line["quantity"])),
            "associated_subscriptions": [],
            "products": [
                {
                    "order_line_item": line["id"],
                    "product": line["product"],
                    "product_type": self.products[line["product"]]["subscription_product_type"],
                    "quantity": line["quantity"],
                }
            ],
        }
        if kind == "DROPBOX":
            team = {"team_id": str(5_729_289 + number), "admin_email": attached["admin_email"]}
            subscription = {**team, "subscriptions": line["quantity"], **subscription}
        self.subscriptions[number] = subscription
        self._associate(order["id"], subscription)
        return subscription

    def _associate(self, order_id: int, subscription: Record) -> None:
        """Subscriptions of one order know each other; they are made one after the other."""
        rows = itertools.islice(reversed(self.subscriptions.values()), 1, None)
        for other in itertools.takewhile(lambda row: row["order"] == order_id, rows):
            other["associated_subscriptions"].append(subscription["id"])
            subscription["associated_subscriptions"].insert(0, other["id"])

    def subscription_line(self, subscription: Record) -> Record:
        """Find the order line that a subscription came from."""
        wanted = subscription["products"][0]["order_line_item"]
        return next(line for line in self.orders[subscription["order"]]["line_items"] if line["id"] == wanted)

    def activate(self, subscription: Record, day: date) -> None:
        """PENDING to ACTIVE from a day on, for the length of the rate plan's first term."""
        months = self.subscription_line(subscription)["rate_plan_details"]["term_length"]
        subscription.update(
            status="ACTIVE",
            start_date=day.isoformat(),
            service_activation_date=day.isoformat(),
            end_date=months_after(day, months).isoformat(),
        )


def plan_price(plan: Record) -> float:
    """Tell what one unit costs in a billing period, in pounds."""
    costs = (cost for charge in plan["rate_plan_charges"] for cost in charge["rate_plan_charge_costs"])
    return money(sum((exact(cost["charge_cost_price"]) for cost in costs if cost["currency"] == "GBP"), Decimal(0)))


def contract_value(line: Record, quantity: int) -> Decimal:
    """Tell what so many units of a subscribed line cost over the first term."""
    plan = line["rate_plan_details"]
    return exact(line["price"]) * quantity * periods(plan)


def periods(plan: Record) -> int:
    """How often a plan is billed in its first term."""
    return max(1, plan["term_length"] // MONTHS_BILLED[plan["billing_frequency"]])


def _each(line: Record) -> Decimal:
    prices = (line["price"], line["prov_product_price"], line["maintenance_product_price"])
    return sum((exact(price) for price in prices if price is not None), Decimal(0))


def _discount(line: Record) -> Decimal:
    share = exact(line["discount"] or 0)
    return (exact(line["sub_total_for_item"]) * share / 100).quantize(CENT, ROUND_HALF_UP)


def _plan_details(plan: Record, line_id: int) -> Record:
    return {
        "id": plan["id"],
        "name": plan["name"],
        "line_item_id": line_id,
        "term_length": plan["term_length"],
        "billing_frequency": plan["billing_frequency"],
        "renewal_term_length": plan["renewal_term_length"],
        "rate_plan_charges": [
            {
                "id": charge["id"],
                "name": charge["name"],
                "rate_plan_id": plan["id"],
                "charge_type": charge["charge_type"],
                "charge_model": charge["charge_model"],
                "price": charge["rate_plan_charge_costs"][0]["charge_cost_price"],
                "unit_of_measure": charge["unit_of_measure"],
            }
            for charge in plan["rate_plan_charges"]
        ],
    }


# ---- Small records --------------------------------------------------------------------------------


def _shipping_type(number: int) -> Record:
    name, description, low, high, free, rate, countries, excluded, bands = SHIPPING_TYPES[number - 1]
    return {
        "id": number,
        "name": name,
        "description": description,
        "source": 0,
        "min_cost": low,
        "max_cost": high,
        "free_over_cost": free,
        "rate_type": "BY_ITEM",
        "rate": rate,
        "countries": countries,
        "exclude_countries": excluded,
        "weight_units": "GRAMS",
        "shipping_prices": [{"min_weight": a, "max_weight": b, "rate": price} for a, b, price in bands],
    }


def _organisation(row: tuple[int, str, int | None, str, str, str]) -> Record:
    linked = row[0] % 4 == 0
    return {"id": row[0], "name": row[1], "parent": row[2], "linked_account": linked, "finance_type": "AGENT"}


def _addresses(row: tuple[int, str, int | None, str, str, str]) -> list[Record]:
    number, name, _, postcode, city, region = row
    return [
        {
            "name": label,
            "company_name": name,
            "recipient_name": PEOPLE[(number * 2 + index) % len(PEOPLE)],
            "addr_line_1": f"{10 + number * 7 + index} {STREETS[(number + index) % len(STREETS)]}",
            "addr_line_2": "" if index else "Floor 2",
            "city": city,
            "region": region,
            "postal_code": postcode,
            "country_code": UNITED_KINGDOM,
        }
        for index, label in enumerate(("Main office", "Warehouse")[: 1 + number % 2])
    ]


def _user(number: int, name: str) -> Record:
    client = {"id": 1, "name": "Basic User API Client", "client_id": CLIENT_ID}
    return {
        "id": number,
        "name": name,
        "email_address": name.lower().replace(" ", ".").replace("'", "") + "@example.com",
        "organisation": 5 if number <= 5 else ORGANISATIONS[number % len(ORGANISATIONS)][0],
        "admin": number % 7 == 1,
        "two-factor": number % 3 == 0,
        "active": number % 11 != 0,
        "verified": number % 9 != 0,
        "password_reset": number % 8 == 0,
        "user_language": ("en", "en", "de", "en", "fr")[number % 5],
        "timezone": "UTC" if number % 2 else "Europe/London",
        "timeout": 86400 if number % 2 else 3600,
        "roles": list(ROLES[number % len(ROLES)]),
        "notification": list(NOTIFICATIONS[number % 7 : number % 7 + 2]),
        "api_clients": [client] if number == OWN_USER else [],
        "audit_logs": [audit_entry(number, name, "CREATED", ANCHOR - timedelta(days=400 - number))],
        "actions_taken": [],
    }


def audit_entry(number: int, name: str, action: str, at: datetime) -> Record:
    """Hub API 1.1.0, AuditLog: `on` has a backslash before the number sign."""
    return {
        "user": OWN_USER,
        "action": action,
        "timestamp": stamp(at),
        "ip_address": "0.0.0.0",
        "on": f"{name} (User \\#{number})",
        "on_behalf": REAL_USER,
    }


def _group(number: int) -> Record:
    name = ("Test users", "Reception", "Sales floor", "Support desk", "Warehouse", "Home workers")[number - 1]
    organisation = ORGANISATIONS[number % 4][0]
    return {"id": number, "name": name, "organisation": organisation, "service_template": number % 3 + 1}


def _feed(number: int) -> Record:
    method = ("EMAIL", "FTP", "SITC")[(number - 1) % 3]
    columns = ["stock", "mpn", "price", "rrp", "vendor", "name", "ean"]
    return {
        **DELIVERY[method],
        "show_headers": number % 2 == 0,
        "delimiter": "COMMA" if number % 2 else "SEMI_COLON",
        "escape_method": ("ESCAPED", "QUOTED", "STRIPPED")[number % 3],
        "id": number,
        "organisation": ORGANISATIONS[number // 2][0],
        "name": f"{method if method != 'EMAIL' else 'Email'} feed {number}",
        "active": number != 2,
        "timeslot": 30 * number,
        "show_empty_stock": number % 2 == 1,
        "columns": columns[number % 4 : number % 4 + 3],
        "delivery_method": method,
        "last_upload": ANCHOR - timedelta(days=1, minutes=30 * number),
    }


# ---- The catalogue --------------------------------------------------------------------------------


class _Catalogue:
    """The products: services and subscriptions first, then hardware until there are enough."""

    def __init__(self, rng: random.Random, count: int) -> None:
        self.products: dict[int, Record] = {}
        self.popularity: dict[int, int] = {}
        self.by_code: dict[str, list[int]] = {}
        self._rng = rng
        self._plans = itertools.count(1)
        self._charges = itertools.count(1)
        self._services()
        self._subscriptions()
        self._orphans()
        while len(self.products) < count:
            self._device(len(self.products))

    def _add(self, name: str, code: str, vendor: str | None, kind: int | None, price: Decimal, **more: Any) -> Record:
        number = len(self.products) + 1
        product: Record = {
            "id": number,
            "name": name,
            "product_code": code,
            "description": f"{name}, UK warranty",
            "detailed_description": f"{name}.\nSupplied with quick start guide.",
            "featured_description": "Ready for zero-touch provisioning",
            "vendor": VENDOR_IDS[vendor] if vendor else None,
            "type": kind,
            "rrp": money(price * Decimal("1.25")),
            "price": money(price),
            **{
                f"{what}_url": f"https://images.example.com/{code}/{what}"
                for what in ("thumb", "main_image", "datasheet", "guide", "quickstart")
            },
            "stock": self._rng.randrange(0, 900),
            "provisioning": [],
            "maintenance": [],
            "related_to": [],
            "shipping_cost": 0,
            "show_in_webstore": self._rng.random() < 0.95,
            "discountable": self._rng.random() < 0.5,
            "subscription_type": None,
            "subscription_product_type": None,
            "quantity_type": "QUANTITY",
            "rate_plans": [],
            "is_shippable": False,
            "is_financeable": False,
            "weight_unit": "GRAMS",
            "weight": 0,
            **more,
        }
        self.products[number] = product
        self.popularity[number] = self._rng.randrange(1_000_000)
        self.by_code.setdefault(code, []).append(number)
        return product

    def _services(self) -> None:
        rows = (
            ("Advanced Provisioning", "222", None, "1.99"),
            ("Dovetail Provisioning", "DVT-PROV-1", "Dovetail", "2.49"),
            ("24x7 Cover", "333", None, "2.99"),
            ("Next Business Day Replacement", "MNT-NBD-36", None, "12.34"),
        )
        for name, code, vendor, price in rows:
            self._add(name, code, vendor, SERVICE_TYPE, Decimal(price))
        services = [_service(product) for product in self.products.values()]
        self._provisioning, self._maintenance = services[:2], services[2:]

    def _subscriptions(self) -> None:
        for kind, rows in SUBSCRIPTIONS.items():
            for name, code, level, price, unit in rows:
                product = self._add(
                    name,
                    code,
                    kind.title(),
                    SUBSCRIPTION_TYPE,
                    Decimal(price),
                    subscription_type=kind,
                    subscription_product_type=level,
                )
                product["rate_plans"] = [self._plan(name, Decimal(price), unit, row) for row in RATE_PLANS]

    def add_samples(self) -> None:
        """Products that Nuvias' own samples order; added last, so that all else stays as it is."""
        maintenance, provisioning = (
            _service(self._add(name, code, None, SERVICE_TYPE, Decimal(price))) for name, code, price in SAMPLE_SERVICES
        )
        for name, code, vendor, price in SAMPLE_GOODS:
            self._add(
                name,
                code,
                vendor,
                1,
                Decimal(price),
                is_shippable=True,
                weight=980,
                shipping_cost=5,
                provisioning=[*self._provisioning, provisioning],
                maintenance=[*self._maintenance, maintenance],
            )

    def _plan(self, product: str, price: Decimal, unit: str, row: tuple[str, int, str, int, Decimal]) -> Record:
        name, term, billing, renewal, share = row
        charge = next(self._charges)
        costs = (("GBP", price * share), ("EUR", price * share * EURO_RATE))
        return {
            "id": next(self._plans),
            "name": f"{product} {name}",
            "term_length": term,
            "billing_frequency": billing,
            "renewal_term_length": renewal,
            "default": name == DEFAULT_PLAN,
            "min_quantity": 1,
            "max_quantity": 500,
            "rate_plan_charges": [
                {
                    "id": charge,
                    "name": f"{name} fee",
                    "charge_type": "recurring",
                    "charge_model": "per_unit",
                    "rate_plan_charge_costs": [
                        {"id": 2 * charge - 1 + index, "currency": currency, "charge_cost_price": money(cost)}
                        for index, (currency, cost) in enumerate(costs)
                    ],
                    "unit_of_measure": unit,
                }
            ],
        }

    def _orphans(self) -> None:
        """Products without a vendor or a type (the filters' -1), and a SKU that two vendors share."""
        for name, code, kind in (
            ("Cat6 Patch Lead 2 m", "CAB-C6-2M", 12),
            ("Wall Bracket", "BRK-WALL", None),
        ):
            self._add(name, code, None, kind, Decimal("4.20"), is_shippable=True, weight=60, shipping_cost=2)
        for vendor in ("Poly", "Yealink"):
            self._add(
                f"{vendor} Power Supply 5 V",
                "PSU-5V-UK",
                vendor,
                12,
                Decimal("8.95"),
                is_shippable=True,
                weight=140,
            )

    def _device(self, index: int) -> None:
        kind, noun, makers, low, high, grams = LICENCE if index % 12 == 0 else HARDWARE[index % len(HARDWARE)]
        vendor, _, series = makers[index // len(HARDWARE) % len(makers)].partition("/")
        model = f"{series}{100 + 10 * (index // 40) + index % 10}"
        price = Decimal(self._rng.randrange(low * 100, high * 100)) / 100
        product = self._add(
            f"{vendor} {model} {noun}",
            f"{vendor[:3].upper()}-{model.replace(' ', '').upper()}-{1000 + index}",
            vendor,
            kind,
            price,
            is_shippable=grams > 0,
            is_financeable=price > 200,
            weight=grams,
            shipping_cost=0 if not grams else 5,
        )
        if kind in (1, 2, 4):
            product["provisioning"] = self._provisioning
        if grams:
            product["maintenance"] = self._maintenance
            product["related_to"] = [_service(self.products[number]) for number in (index - 1, index - 8)]


def _service(product: Record) -> Record:
    return {
        "id": product["id"],
        "sku": product["product_code"],
        "name": product["name"],
        "price": product["price"],
        "dovetail": product["vendor"] == VENDOR_IDS["Dovetail"],
    }


# ---- Seeding --------------------------------------------------------------------------------------


class _Seeder:
    """Places the seeded orders and lets them live until `ANCHOR`."""

    def __init__(self, hub: Hub, rng: random.Random) -> None:
        self._hub = hub
        self._rng = rng
        popular = sorted(hub.products.values(), key=lambda row: -hub.popularity[row["id"]])
        goods = [row for row in popular if row["type"] != SERVICE_TYPE and not row["subscription_type"]]
        self._devices = [row for row in goods if row["is_shippable"]]
        self._modest = [row for row in self._devices if row["price"] < 400]
        self._licences = [row for row in goods if not row["is_shippable"]] or self._devices
        self._subscribable = [row for row in popular if row["subscription_type"]]

    def seed(self, count: int) -> None:
        """Orders, what follows from them, and baskets."""
        for index, at in enumerate(seeded_instants(self._rng, count)):
            self._order(at, newest=count - 1 - index)
        for subscription in self._hub.subscriptions.values():
            self._live(subscription)
        self._bill()
        for index in range(BASKETS):
            self._basket(index)

    def _order(self, at: datetime, newest: int) -> None:
        status = self._status(at, newest)
        draft = self._draft(status, special=newest < len(NEWEST_STATUSES))
        order = self._hub.new_order(draft, at)
        self._hub.submit(order, at)
        while (step := self._step(order, status)) is not None:
            at = min(ANCHOR, at + timedelta(hours=self._rng.randrange(1, 40)))
            self._hub.enter(order, step, at)

    def _step(self, order: Record, status: str) -> str | None:
        if order["status"] == status:
            return None
        if status in ("CANCELLED", "FAILED", "ATTENTION_REQUIRED") and order["status"] == "PROCESSING":
            return status
        steps = self._hub.steps(order, status)
        step = steps[0] if steps else None
        if step == "PART_SHIPPED" != status and order["id"] % 3:
            return "SHIPPED"
        return "PROCESSING" if step in ("CANCELLED", "FAILED", "ATTENTION_REQUIRED") else step

    def _status(self, at: datetime, newest: int) -> str:
        if newest < len(NEWEST_STATUSES):
            return NEWEST_STATUSES[newest]
        age = (ANCHOR - at).days
        if age < 14:
            return self._rng.choice(RECENT_STATUSES)
        return self._rng.choice(OLD_STATUSES)

    def _draft(self, status: str, *, special: bool) -> Record:
        finance = status == "PENDING_AUTHORISATION" or (not special and self._rng.random() < 0.04)
        organisation = self._rng.choice(ORGANISATIONS)[0]
        saved = self._hub.addresses[organisation][0]
        number = self._hub.take("purchase_order")
        return {
            "purchase_order_number": f"PO{10_000 + number}" if special or self._rng.random() < 0.96 else None,
            "organisation": organisation,
            "shipping_address": {key: value for key, value in saved.items() if key != "name"},
            "shipping_type": self._rng.choice((1, 2, 2, 2, 3, 4)),
            "ship_instructions": "Please leave with security" if self._rng.random() < 0.3 else None,
            "end_user": self._rng.choice(END_USERS) if self._rng.random() < 0.6 else None,
            "provisioning_instructions": "Please ensure firmware 1.2.3 is installed" if number % 5 == 0 else None,
            "part_ship": special or self._rng.random() < 0.9,
            "line_items": self._lines(status, special=special),
            "name": f"{self._rng.choice(END_USERS)} {self._rng.choice(('refresh', 'new site', 'expansion'))}",
            "payment_type": "FINANCE" if finance else "ON_ACCOUNT",
            "finance": _finance(saved) if finance else None,
        }

    def _lines(self, status: str, *, special: bool) -> list[Record]:
        if special and status == "ACCEPTED":
            return [self._subscribed_line(), self._device_line(2, self._modest)]
        if special and status in ("PART_SHIPPED", "SHIPPED", "CREATED", "PROCESSING"):
            return [self._device_line(3, self._modest), self._device_line(2, self._modest)]
        return [self._line() for _ in range(self._rng.choice((1, 1, 1, 2, 2, 3, 4, 5)))]

    def _line(self) -> Record:
        draw = self._rng.random()
        if draw < 0.12:
            return self._subscribed_line()
        if draw < 0.25:
            return {"product": self._pick(self._licences)["id"], "quantity": self._rng.randrange(1, 20)}
        return self._device_line(self._rng.choice((1, 1, 2, 2, 3, 4, 6, 10)), self._devices)

    def _device_line(self, quantity: int, devices: list[Record]) -> Record:
        product = self._pick(devices)
        line: Record = {"product": product["id"], "quantity": quantity}
        if product["provisioning"] and self._rng.random() < 0.4:
            line["prov_product"] = product["provisioning"][0]["id"]
        if product["maintenance"] and self._rng.random() < 0.25:
            line["maintenance_product"] = product["maintenance"][0]["id"]
        if self._rng.random() < 0.05:
            line["discount"] = 5
        return line

    def _subscribed_line(self) -> Record:
        product = self._rng.choice(self._subscribable)
        plan = self._rng.choice(product["rate_plans"])
        kind, customer = product["subscription_type"], self._rng.choice(END_USERS)
        return {
            "product": product["id"],
            "quantity": self._rng.randrange(1, 40),
            "selected_rate_plan": plan["id"],
            ORDER_KEYS[kind]: _subscription_order(kind, customer),
        }

    def _pick(self, products: list[Record]) -> Record:
        """Pick one, the popular ones more often."""
        return products[int(len(products) * self._rng.random() ** 2)]

    def _live(self, subscription: Record) -> None:
        ordered = date.fromisoformat(subscription["start_date"])
        if (ANCHOR.date() - ordered).days < 4 or subscription["id"] % 17 == 0:
            return
        self._hub.activate(subscription, ordered + timedelta(days=2))
        renewal = self._hub.subscription_line(subscription)["rate_plan_details"]["renewal_term_length"]
        end = date.fromisoformat(subscription["end_date"])
        while end <= ANCHOR.date() and subscription["auto_renewal_flag"]:
            end = months_after(end, renewal)
        expired = end <= ANCHOR.date()
        subscription["end_date"] = end.isoformat()
        subscription["status"] = "EXPIRED" if expired else "ACTIVE"
        subscription["pending_change"] = not expired and subscription["id"] % 7 == 0

    def _bill(self) -> None:
        """Let the older invoices be paid, disputed or forgotten, and credit a few."""
        for index, invoice in enumerate(list(self._hub.invoices)):
            made = datetime.fromisoformat(invoice["date"]).replace(tzinfo=ANCHOR.tzinfo)
            if (ANCHOR - made).days > 30:
                status, overdue = OLD_INVOICES[index % len(OLD_INVOICES)]
                due = made + timedelta(days=30) if overdue is None else ANCHOR - timedelta(days=overdue)
                invoice.update(status=status, days_overdue=overdue, due_date=stamp(due))
                if index % 20 == 3:
                    self._hub.credit(invoice, made + timedelta(days=5))
            elif index % 9 == 0:
                invoice.update(status="pending_approval", days_overdue=None)

    def _basket(self, index: int) -> None:
        at = ANCHOR - timedelta(days=index, minutes=7 * index + 3)
        draft = self._draft("PROCESSING", special=False)
        draft.update(
            organisation=OWN_ORGANISATION,
            name=f"Quote {index + 1:02} for {END_USERS[index % len(END_USERS)]}",
        )
        basket = self._hub.new_order(draft, at)
        self._hub.baskets[basket["id"]] = basket


def _finance(address: Record) -> Record:
    place = {key: value for key, value in address.items() if key != "name"}
    return {
        "company_number": "01234567",
        "company_name": address["company_name"],
        "target": "SELF",
        "email_address": "finance@example.com",
        "title": "Mr",
        "first_name": "Johnathan",
        "name": "Johnson",
        "contact_number": "00000000000",
        "term_length": 36,
        "registered_address": place,
        "trading_addresses": [place],
        "approved": False,
    }


def _subscription_order(kind: str, customer: str) -> Record:
    if kind == "DROPBOX":
        return {"team_name": f"{customer} Team", "admin_email": "admin@test.com", "subscription_id": None}
    if kind == "ACRONIS":
        return {"tenant_name": f"{customer} Tenant", "admin_email": "admin@test.com", "subscription_id": None}
    return {
        "deal_registration_id": None,
        "deal_registration_approval_id": None,
        "end_user_name": customer,
        "end_user_company": customer,
        "end_user_email": "customer@example.com",
        "subscription_id": None,
        "zoom_order_type": "NEW",
        "zoom_order_sub_type": None,
    }
