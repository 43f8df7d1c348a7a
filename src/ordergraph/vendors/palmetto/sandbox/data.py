"""The data of the fake Palmetto: the fields of its messages, its values, and its seeded orders."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from ordergraph.vendors.palmetto import jsv

Record = dict[str, Any]

DATACENTER_CODES = ("ACD", "GMU", "SPA", "LAS", "DEV", "VCD", "AWS", "GCP", "UAT", "AZU", "CNW", "AUV", "ATL", "EXT")
MAX_INT = 2**31 - 1
MAX_DECIMAL = Decimal(2**96 - 1)
DAY = timedelta(days=1)

# id: name, category, provider, unit, price
PRODUCTS: Mapping[int, tuple[str, str, str, str, Decimal]] = {
    1101: ("vCPU", "Compute", "Palmetto VDC", "Core", Decimal("14.50")),
    1102: ("vRAM", "Compute", "Palmetto VDC", "GB", Decimal("9.25")),
    1201: ("Tier 1 storage", "Storage", "Palmetto VDC", "GB", Decimal("0.2750")),
    1202: ("Archive storage, offsite", "Storage", "Palmetto VDC", "GB", Decimal("0.0400")),
    1301: ("Firewall", "Network", "Fortinet", "Each", Decimal("125")),
    1302: ('Cross connect 2" tray', "Network", "Palmetto VDC", "Each", Decimal("310.00")),
    1401: ("Backup: 30 days", "Protection", "Veeam", "VM", Decimal("6.00")),
    1501: ("Onboarding", "Professional services", "Palmetto VDC", "Hour", Decimal("185.00")),
}
COMPANY = "C-1042"
USERS = ("u-ann.lee", "u-omar.said", "u-grace.hall")
LOCATIONS = (
    "Greenville, SC",
    "Acme Freight\n1 Main Street\nGreenville, SC 29601\nUSA",
    'Cage "B", rack 7',
    "Las Vegas",
)


def product_line(draw: Random, at: datetime) -> Record:
    """Return a line of ``products``."""
    line: Record = {"id": draw.choice(list(PRODUCTS)), "quantity": Decimal(draw.choice((1, 2, 5, 10, 250)))}
    return line if draw.random() < 0.5 else {**line, "parentId": f"vdc-{draw.randrange(100, 999)}"}


def requested_line(draw: Random, at: datetime) -> Record:
    """Return a line of ``requestedproducts``."""
    increment = Decimal(draw.choice(("1", "0.5", "5")))
    return {
        "productId": draw.choice(list(PRODUCTS)),
        "serviceId": draw.randrange(1, 9),
        "quantity": increment * draw.randrange(1, 20),
        "datacenterCode": draw.choice(DATACENTER_CODES),
        "isSLA": draw.random() < 0.3,
        "selfServiceId": draw.randrange(1000, 9999),
        "maxQuantity": 1000,
        "increment": increment,
        "parentId": f"vdc-{draw.randrange(100, 999)}",
    }


def order_row(draw: Random, at: datetime) -> Record:
    """Return a one-time row of ``order``, with all the document's fields and no service dates."""
    number = draw.choice(list(PRODUCTS))
    name, category, provider, unit, price = PRODUCTS[number]
    quantity, discount = Decimal(draw.choice((1, 2, 4, 16))), Decimal(draw.choice(("0", "0", "5", "12.5")))
    return {
        "active": True,
        "allocation": draw.choice(("Reserved", "PayAsYouGo")),
        "customerId": COMPANY,
        "dataCenterId": draw.choice(DATACENTER_CODES),
        "deleted": False,
        "discountPercent": discount,
        "discountRestricted": False,
        "extendedPrice": (price * quantity * (100 - discount) / 100).quantize(Decimal("0.01")),
        "globalDiscountPercent": Decimal(0),
        "isDiscountIntroductory": discount > 10,
        "orderDetailId": draw.randrange(10_000, 99_999),
        "orderId": draw.randrange(1_000, 9_999),
        "orderVersion": draw.choice((1, 1, 2)),
        "parentOrderProductId": 0,
        "pricingScheduleId": draw.randrange(1, 5),
        "product": name,
        "productCategory": category,
        "productId": number,
        "productPrice": price,
        "provider": provider,
        "quantity": quantity,
        "recurring": False,
        "retailProductPrice": price + 1,
        "service": draw.choice(("IaaS", "BaaS")),
        "serviceBeginDate": jsv.UNSET,
        "serviceEndDate": jsv.UNSET,
        "serviceId": draw.randrange(1, 9),
        "serviceLevelPercent": Decimal("99.9"),
        "serviceProviderId": draw.randrange(1, 4),
        "status": draw.choice(("New", "Quoted")),
        "typeOrderStatusId": draw.randrange(1, 6),
        "typeUnitMeasureId": draw.randrange(1, 9),
        "unit": unit,
        "variance": Decimal("0.5"),
        "supportCost": Decimal("1.20"),
        "supportCostTotal": Decimal("1.20") * quantity,
        "billingStartDate": jsv.UNSET,
        "billingVersion": Decimal("1.1"),
        "progressBilling": False,
        "progressBillingStartDate": jsv.UNSET,
    }


def recurring_row(draw: Random, at: datetime) -> Record:
    """Return a row of ``order`` that is a subscription. Some have ended, some are still to begin, some never end."""
    begins = midnight(at) + DAY * draw.randrange(1, 60)
    ends = draw.choice((jsv.UNSET, begins + 90 * DAY, begins + 365 * DAY))
    dates = {"serviceBeginDate": begins, "serviceEndDate": ends, "billingStartDate": begins}
    progress = {"progressBilling": True, "progressBillingStartDate": begins + timedelta(hours=6, microseconds=500)}
    return {**order_row(draw, at), "recurring": True, **dates, **(progress if draw.random() < 0.2 else {})}


def bare_row(draw: Random, at: datetime) -> Record:
    """Return a row of ``order`` with almost no fields."""
    return {"productId": draw.choice(list(PRODUCTS)), "quantity": Decimal("1.50")}


def midnight(at: datetime) -> datetime:
    """Return the start of a day."""
    return datetime(at.year, at.month, at.day, tzinfo=UTC)


Line = Callable[[Random, datetime], Record]
# The contents of seeded orders: for each payload, the lines of its three lists.
SHAPES: tuple[tuple[Mapping[str, tuple[Line, ...]], ...], ...] = (
    ({"order": (recurring_row, order_row)},),
    ({"products": (product_line,)},),
    ({"products": (product_line,), "requestedproducts": (requested_line,), "order": (recurring_row,)},),
    ({"requestedproducts": (requested_line, requested_line)},),
    ({"order": (order_row, recurring_row)}, {"products": (product_line, product_line)}),
    ({"products": (product_line, product_line, product_line)},),
    ({"order": (order_row,)},),
    ({"order": (recurring_row, recurring_row, recurring_row)},),
    ({"order": (bare_row,)},),
    ({"products": (), "order": ()},),
    (),
)


def seeded(draw: Random, at: datetime, number: int, newest: int) -> Record:
    """Return a past order. The newest orders have every usual shape; unusual ones are older."""
    shape = SHAPES[newest] if newest < len(SHAPES) else draw.choice(SHAPES)
    correlation = str(UUID(int=draw.getrandbits(128), version=4))
    record: Record = {
        "companyId": COMPANY,
        "userId": draw.choice(USERS),
        "action": draw.choice(("Order", "Upgrade")),
        "jobId": f"JOB-{number:05d}",
        "correlationId": correlation,
        "payload": [payload(draw, at, lists) for lists in shape],
    }
    if newest % 12 == 8:  # a caller's own ids: no job id, and a correlation id that is not a UUID
        record.update(jobId=None, correlationId=f"portal/{number}: {at:%Y-%m}")
    elif newest % 12 == 9:
        record.update(userId=None, companyId="", action=None)
    return {name: value for name, value in record.items() if value is not None}


def payload(draw: Random, at: datetime, lists: Mapping[str, tuple[Line, ...]]) -> Record:
    """Return the payload for one virtual data centre."""
    place: Record = {"orgName": "acme-freight", "vdcId": f"vdc-{draw.randrange(100, 999)}"}
    if draw.random() < 0.6:
        place["location"] = draw.choice(LOCATIONS)
    return {**place, **{name: [line(draw, at) for line in lines] for name, lines in lists.items()}}
