"""The initial data of the Hub's sandbox: people, reference data, and the catalogue.

Records are JSON objects as the vendor sends them (Hub API 1.1.0). Money is calculated in `Decimal` and stored as a JSON
number.
"""

import itertools
import random
from calendar import monthrange
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ordergraph.sandbox import ANCHOR

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
ORDER_STATUSES = (*MAIN_LINE, "ATTENTION_REQUIRED", "FAILED", "PENDING_AUTHORISATION", "CANCELLED")
SUBSCRIPTION_STATUSES = ("ACTIVE", "PENDING", "EXPIRED")
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

# The statuses of the newest seeded orders, newest first, so that the first page has every status.
# fmt: off
NEWEST_STATUSES = (
    "PROCESSING", "PENDING_AUTHORISATION", "ACCEPTED", "PART_SHIPPED", "SHIPPED", "CREATED", "ATTENTION_REQUIRED",
    "COMPLETE", "CANCELLED", "FAILED",
)
# fmt: on
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
# Those of `SHIPPING_FIELDS`, and (from, to, rate) for bands of weight in grams.
# fmt: off
SHIPPING_FIELDS = (
    "name", "description", "min_cost", "max_cost", "free_over_cost", "rate", "countries", "exclude_countries",
)
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
    # The shipping type that Nuvias' sample programs use.
    ("UK Standard Next Day Delivery", "UK mainland, next working day, standard service",
     6, 110, 700, 0.3, [5], False, [(1, 9999, 1.1), (10000, 30000, 4.5)]),
)
# fmt: on

OrganisationRow = tuple[int, str, int | None, str, str, str]
# (id, name, parent, postcode area, city, region)
ORGANISATIONS: tuple[OrganisationRow, ...] = (
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
# fmt: off
END_USERS = (
    "Bob's Customer", "Oakfield Academy", "Riverside Dental", "Harper & Sons", "Castle Hotels", "Brightside Care",
)
ROLES = ((1, 2), (1,), (2, 3), (4,), (1, 3, 4), ())
NOTIFICATIONS = (
    "buy_price_increased", "checkout_requested", "order_created", "order_requires_manual_auth", "order_status_changed",
    "quote_amended", "quote_created",
)
# fmt: on

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
SERVICES = (
    ("Advanced Provisioning", "222", None, "1.99"),
    ("Dovetail Provisioning", "DVT-PROV-1", "Dovetail", "2.49"),
    ("24x7 Cover", "333", None, "2.99"),
    ("Next Business Day Replacement", "MNT-NBD-36", None, "12.34"),
)
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

# fmt: off
DELIVERY = {
    "EMAIL": {"delivery_email": "feed@example.com"},
    "FTP": {
        "delivery_user": "user", "delivery_password": "password", "delivery_server": "ftp.example.com",
        "delivery_procotol": "SFTP", "delivery_port": 22,
    },
    "SITC": {"sitc_confirm": True, "sitc_filename": "Example-SITC.csv"},
}

# The outcomes of older invoices: (status, days overdue), used in turn.
OLD_INVOICES: tuple[tuple[str, int | None], ...] = (
    ("paid_in_full", None), ("open", 12), ("paid_in_full", None), ("paid_in_full", None), ("open", 45),
    ("voided", None), ("paid_in_full", None), ("open", 74), ("rejected", None), ("paid_in_full", None),
    ("open", 133), ("paid_in_full", None),
)

NEW_PRODUCT: Record = {
    "shipping_cost": 0, "subscription_type": None, "subscription_product_type": None, "quantity_type": "QUANTITY",
    "is_shippable": False, "is_financeable": False, "weight": 0, "weight_unit": "GRAMS",
}

NEW_USER: Record = {
    "name": None, "email_address": None, "organisation": 5, "admin": False, "two-factor": False, "active": True,
    "verified": False, "password_reset": False, "user_language": "en", "timezone": "UTC", "timeout": 86400,
}

FINANCE: Record = {
    "company_number": "01234567", "target": "SELF", "email_address": "finance@example.com", "title": "Mr",
    "first_name": "Johnathan", "name": "Johnson", "contact_number": "00000000000", "term_length": 36, "approved": False,
}

WHOAMI = {
    "id": OWN_USER, "name": "Tom Jones", "organisation": 5, "real_id": REAL_USER, "real_name": "Diana Ross",
    "currency": "GBP", "locale": "en", "timezone": "Europe/London", "admin": False, "root": False,
    "modules": ["WEBSTORE"],
    "permissions": [
        {"permission": "user:view", "parent": False},
        {"permission": "order:view", "parent": False},
        {"permission": "order:approve", "parent": True},
    ],
}
# fmt: on


# ---- Money and time ---------------------------------------------------------------------------------


def exact(value: float | Decimal) -> Decimal:
    """Return a JSON number exactly as it was written."""
    return value if isinstance(value, Decimal) else Decimal(str(value))


def money(value: Decimal) -> float:
    """Round an amount to the cent, as the Hub sends it: a JSON number."""
    return float(value.quantize(CENT, ROUND_HALF_UP))


def stamp(at: datetime) -> str:
    """Hub API 1.1.0, Order.date: to the second, without a zone (it is UTC)."""
    return at.strftime("%Y-%m-%dT%H:%M:%S")


def months_after(day: date, months: int) -> date:
    """Return the same day a number of months later, or the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def plan_price(plan: Record) -> float:
    """Return the price per unit in a billing period, in pounds."""
    costs = (cost for charge in plan["rate_plan_charges"] for cost in charge["rate_plan_charge_costs"])
    return money(sum((exact(cost["charge_cost_price"]) for cost in costs if cost["currency"] == "GBP"), Decimal(0)))


# ---- Small records ----------------------------------------------------------------------------------


def seeded_shipping_type(number: int, row: ShippingRow) -> Record:
    """Return a shipping type."""
    *values, bands = row
    prices = [{"min_weight": low, "max_weight": high, "rate": rate} for low, high, rate in bands]
    kind = {"source": 0, "rate_type": "BY_ITEM", "weight_units": "GRAMS", "shipping_prices": prices}
    return {"id": number, **dict(zip(SHIPPING_FIELDS, values, strict=True)), **kind}


def seeded_organisation(row: OrganisationRow) -> Record:
    """Return an organisation."""
    linked = row[0] % 4 == 0
    return {"id": row[0], "name": row[1], "parent": row[2], "linked_account": linked, "finance_type": "AGENT"}


def seeded_addresses(row: OrganisationRow) -> list[Record]:
    """Return the saved addresses of an organisation."""
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


def seeded_user(number: int, name: str) -> Record:
    """Return a user."""
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


def seeded_group(number: int) -> Record:
    """Return a Dovetail group."""
    name = ("Test users", "Reception", "Sales floor", "Support desk", "Warehouse", "Home workers")[number - 1]
    organisation = ORGANISATIONS[number % 4][0]
    return {"id": number, "name": name, "organisation": organisation, "service_template": number % 3 + 1}


def seeded_feed(number: int) -> Record:
    """Return a feed."""
    method = ("EMAIL", "FTP", "SITC")[(number - 1) % 3]
    columns = ["stock", "mpn", "price", "rrp", "vendor", "name", "ean"][number % 4 : number % 4 + 3]
    return {
        **DELIVERY[method],
        "id": number,
        "organisation": ORGANISATIONS[number // 2][0],
        "name": f"{method if method != 'EMAIL' else 'Email'} feed {number}",
        "active": number != 2,
        "timeslot": 30 * number,
        "columns": columns,
        "show_headers": number % 2 == 0,
        "show_empty_stock": number % 2 == 1,
        "delimiter": "COMMA" if number % 2 else "SEMI_COLON",
        "escape_method": ("ESCAPED", "QUOTED", "STRIPPED")[number % 3],
        "delivery_method": method,
        "last_upload": ANCHOR - timedelta(days=1, minutes=30 * number),
    }


# ---- The catalogue ----------------------------------------------------------------------------------


class Catalogue:
    """The products: services and subscriptions first, then hardware up to the required number."""

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
            "show_in_webstore": self._rng.random() < 0.95,
            "discountable": self._rng.random() < 0.5,
            **{name: list[Any]() for name in ("provisioning", "maintenance", "related_to", "rate_plans")},
            **NEW_PRODUCT,
            **more,
        }
        self.products[number] = product
        self.popularity[number] = self._rng.randrange(1_000_000)
        self.by_code.setdefault(code, []).append(number)
        return product

    def _services(self) -> None:
        for name, code, vendor, price in SERVICES:
            self._add(name, code, vendor, SERVICE_TYPE, Decimal(price))
        services = [_service(product) for product in self.products.values()]
        self._provisioning, self._maintenance = services[:2], services[2:]

    def _subscriptions(self) -> None:
        for kind, rows in SUBSCRIPTIONS.items():
            for name, code, level, price, unit in rows:
                kinds = {"subscription_type": kind, "subscription_product_type": level}
                product = self._add(name, code, kind.title(), SUBSCRIPTION_TYPE, Decimal(price), **kinds)
                product["rate_plans"] = [self._plan(name, Decimal(price), unit, row) for row in RATE_PLANS]

    def add_samples(self) -> None:
        """Add products that Nuvias' own samples order. They are added last, so that all other ids stay the same."""
        maintenance, provisioning = (
            _service(self._add(name, code, None, SERVICE_TYPE, Decimal(price))) for name, code, price in SAMPLE_SERVICES
        )
        for name, code, vendor, price in SAMPLE_GOODS:
            product = self._add(name, code, vendor, 1, Decimal(price), is_shippable=True, weight=980, shipping_cost=5)
            product["provisioning"] = [*self._provisioning, provisioning]
            product["maintenance"] = [*self._maintenance, maintenance]

    def _plan(self, product: str, price: Decimal, unit: str, row: tuple[str, int, str, int, Decimal]) -> Record:
        name, term, billing, renewal, share = row
        charge = next(self._charges)
        costs = [
            {"id": 2 * charge - 1 + index, "currency": currency, "charge_cost_price": money(price * share * rate)}
            for index, (currency, rate) in enumerate((("GBP", 1), ("EUR", EURO_RATE)))
        ]
        fee = {"id": charge, "name": f"{name} fee", "charge_type": "recurring", "charge_model": "per_unit"}
        return {
            "id": next(self._plans),
            "name": f"{product} {name}",
            "term_length": term,
            "billing_frequency": billing,
            "renewal_term_length": renewal,
            "default": name == DEFAULT_PLAN,
            "min_quantity": 1,
            "max_quantity": 500,
            "rate_plan_charges": [{**fee, "rate_plan_charge_costs": costs, "unit_of_measure": unit}],
        }

    def _orphans(self) -> None:
        """Return products without a vendor or a type (-1 in filters), and a SKU that two vendors share."""
        for name, code, kind in (("Cat6 Patch Lead 2 m", "CAB-C6-2M", 12), ("Wall Bracket", "BRK-WALL", None)):
            self._add(name, code, None, kind, Decimal("4.20"), is_shippable=True, weight=60, shipping_cost=2)
        for maker in ("Poly", "Yealink"):
            name = f"{maker} Power Supply 5 V"
            self._add(name, "PSU-5V-UK", maker, 12, Decimal("8.95"), is_shippable=True, weight=140)

    def _device(self, index: int) -> None:
        kind, noun, makers, low, high, grams = LICENCE if index % 12 == 0 else HARDWARE[index % len(HARDWARE)]
        vendor, _, series = makers[index // len(HARDWARE) % len(makers)].partition("/")
        model = f"{series}{100 + 10 * (index // 40) + index % 10}"
        price = Decimal(self._rng.randrange(low * 100, high * 100)) / 100
        code = f"{vendor[:3].upper()}-{model.replace(' ', '').upper()}-{1000 + index}"
        product = self._add(f"{vendor} {model} {noun}", code, vendor, kind, price, is_financeable=price > 200)
        product.update(is_shippable=grams > 0, weight=grams, shipping_cost=5 if grams else 0)
        if kind in (1, 2, 4):
            product["provisioning"] = self._provisioning
        if grams:
            product["maintenance"] = self._maintenance
            product["related_to"] = [_service(self.products[number]) for number in (index - 1, index - 8)]


def _service(product: Record) -> Record:
    row = {"id": product["id"], "sku": product["product_code"], "name": product["name"], "price": product["price"]}
    return {**row, "dovetail": product["vendor"] == VENDOR_IDS["Dovetail"]}
