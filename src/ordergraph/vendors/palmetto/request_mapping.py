"""Maps ordergraph's requests to Palmetto's. All functions are pure: nothing is sent.

Source: "Net3 API Interface for Customer Portal". Every error that can be detected before sending is collected in a
`Findings`, with its path in the input. Palmetto has no field for a purchase order number, a contact or notes, nor one
for free text. The gateway stores these with the order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, cast
from uuid import uuid4

import msgspec

from ordergraph.domain import Requirement
from ordergraph.domain.commands import AddressRequest, Findings, LineRequest, OrderRequest, camel
from ordergraph.domain.errors import Problem, UserErrorCode
from ordergraph.vendors.palmetto import jsv, wire
from ordergraph.vendors.palmetto.mapping import LISTS, Place, Row
from ordergraph.wire.fields import fields_of, struct_in

Path = tuple[str, ...]

NUMBER = re.compile(r"[1-9][0-9]{0,9}")
MAX_NUMBER = 2**31 - 1
MAX_PLACES = 28
MAX_REFERENCE = 255
DETAILS: Path = ("details", "palmetto")

REQUIREMENTS: Sequence[Requirement] = (
    Requirement("lineItems", is_required=True, note="At least one, over all payloads."),
    Requirement("lineItems.product.id", note="Palmetto's number of the product. The SKU is the same number."),
    Requirement("lineItems.quantity", note="Greater than 0. Fractions are allowed."),
    Requirement(
        "clientReference",
        max_length=MAX_REFERENCE,
        note="Sent as `jobId`, by which Palmetto's staff find the order. Must be unique among the account's orders.",
    ),
    Requirement("shippingAddress", note="Sent as text, as the `location` of each payload that has none of its own."),
    Requirement(
        "requestedAt",
        note="Sent as `serviceBeginDate` of each row of the list `order` that has none of its own. "
        "Lines that name no list then go to the list `order`, since the other lists have no date.",
    ),
    Requirement("purchaseOrderNumber", note="Stored by the gateway and not sent. Palmetto has no field for it."),
    Requirement("contact", note="Stored by the gateway and not sent. Palmetto has no field for it."),
    Requirement("notes", note="Stored by the gateway and not sent. Palmetto has no field for them."),
    Requirement(
        "details.palmetto.correlationId",
        max_length=MAX_REFERENCE,
        note="Must be unique among the account's orders. Defaults to a UUID that the gateway generates.",
    ),
)


# ---- Errors -----------------------------------------------------------------------------------------


def read_problem(body: Any) -> Problem:
    """Return the problem in a decoded error body, in JSON or JSV: ServiceStack's ``responseStatus``."""
    said = object_of(object_of(body).get("responseStatus"))
    code, message = text_of(said, "errorCode"), text_of(said, "message")
    fields: dict[str, list[str]] = {}
    errors = said.get("errors")
    for one in cast("list[Any]", errors) if isinstance(errors, list) else ():
        error = object_of(one)
        if name := text_of(error, "fieldName"):
            fields.setdefault(name, []).append(text_of(error, "message") or message or "")
    return Problem(code, message, fields)


def object_of(value: Any) -> Mapping[str, Any]:
    """Return a value of an error if it is an object, else an empty object."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def text_of(said: Mapping[str, Any], name: str) -> str | None:
    """Return a text of an error, or None if there is none."""
    value = said.get(name)
    return value if isinstance(value, str) and value else None


def decode_problem(body: bytes) -> Any:
    """Decode the body of an error, in JSON or JSV. Raise ValueError for any other format."""
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError:
        return jsv.loads(body.decode())


# ---- Placing orders ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sending:
    """An order to send.

    ``lines`` has the index of the input's line at each place of the order. ``common`` has the fields that come from
    input that all vendors share: ServiceStack's path in lower case, and the path in the input. ``about`` is input that
    is not sent.
    """

    order: wire.Order
    lines: Mapping[Place, int]
    common: Mapping[str, Path]
    about: Mapping[str, Any]

    @property
    def body(self) -> bytes:
        """The order as it is sent."""
        return jsv.dumps(self.order).encode()

    @property
    def key(self) -> str:
        """The id of the order."""
        return cast("str", self.order.correlation_id)

    def input_path(self, field: str) -> Path:
        """Return the path in the input of a field with ServiceStack's path, such as ``payload[0].order[1].unit``."""
        if (named := self.common.get(field.lower())) is not None:
            return named
        parts = re.findall(r"[A-Za-z]+|[0-9]+", field)
        lists = {one.wire_name: name for name, one in LISTS.items()}
        if len(parts) >= 4 and (list_ := lists.get(parts[2].lower())) and parts[1].isdigit() and parts[3].isdigit():
            index = self.lines.get(Place(int(parts[1]), list_, int(parts[3])))
            if index is not None:
                return line_path(index, list_, parts[4:])
        if parts and parts[0].lower() == "payload":
            return (*DETAILS, "payloads", *parts[1:])
        return (*DETAILS, *parts)


def line_path(index: int, list_: str, rest: Sequence[str]) -> Path:
    """Return the path in the input of a field of a line."""
    name = rest[0].lower() if rest else ""
    line: Path = ("lineItems", str(index))
    if name in ("", "id", "productid"):
        return (*line, "product")
    if name == "quantity":
        return (*line, "quantity")
    field = next((one.name for one in fields_of(row_type(list_)) if one.wire_name.lower() == name), name)
    return (*line, *DETAILS, camel(list_), camel(field))


def row_type(list_: str) -> type[Row]:
    """Return the type of the rows of a list."""
    return cast("type[Row]", struct_in(LISTS[list_].type))


def order_to_wire(request: OrderRequest, company: str | None, user: str | None, findings: Findings) -> Sending:
    """Return the order to send. ``company`` and ``user`` are the account's, for an order that names none."""
    own = {name: value for name, value in request.details.items() if value is not None}
    if not request.lines:
        findings.add(UserErrorCode.REQUIRED, "An order needs at least one line item.", "lineItems")
    named: Sequence[Mapping[str, Any]] = own.get("payloads") or [{}]
    payloads = [wire.Payload(**one) for one in named]
    rows, lines = lines_to_wire(request, len(payloads), findings)
    located = locations(payloads, request.shipping_address, findings)
    order = wire.Order(
        company_id=own.get("company_id", company),
        user_id=own.get("user_id", user),
        action=own.get("action"),
        job_id=job(request, findings),
        correlation_id=correlation(own.get("correlation_id"), findings),
        payloads=[
            msgspec.structs.replace(one, location=place, **{name: rows.get((number, name)) for name in LISTS})
            for number, (one, place) in enumerate(zip(payloads, located, strict=True))
        ],
    )
    return Sending(order, lines, dict(common_fields(request, payloads, order)), about(request))


def common_fields(
    request: OrderRequest, payloads: Sequence[wire.Payload], order: wire.Order
) -> Iterator[tuple[str, Path]]:
    """Return the fields that come from input that all vendors share. ``payloads`` are those of the details."""
    if request.client_reference:
        yield "jobid", ("clientReference",)
    for number, (asked, sent) in enumerate(zip(payloads, order.payloads or (), strict=True)):
        if asked.location is None and sent.location is not None:
            yield f"payload[{number}].location", ("shippingAddress",)
        for row, one in enumerate(sent.order or ()):
            if request.requested_at is not None and one.service_begins_at is request.requested_at:
                yield f"payload[{number}].order[{row}].servicebegindate", ("requestedAt",)


def about(request: OrderRequest) -> Mapping[str, Any]:
    """Return the input that Palmetto has no field for."""
    contact = request.contact
    words = {
        "purchase_order_number": request.purchase_order_number,
        "notes": list(request.notes),
        "contact": {"name": contact.name, "email": contact.email, "phone": contact.phone} if contact else None,
    }
    return {name: value for name, value in words.items() if value}


def job(request: OrderRequest, findings: Findings) -> str | None:
    """Return the job id, which is the caller's reference."""
    named, reference = request.details.get("job_id"), request.client_reference or None
    if named is not None and reference is not None and named != reference:
        message = "Palmetto has one field for both. Give either clientReference or details.palmetto.jobId."
        findings.add(UserErrorCode.INVALID, message, "clientReference")
    path = ("clientReference",) if reference else (*DETAILS, "jobId")
    return bounded(reference or named, findings, *path)


def correlation(named: str | None, findings: Findings) -> str:
    """Return the correlation id, which is the order's id: a new UUID if none is given."""
    if named == "":
        findings.add(
            UserErrorCode.INVALID,
            "The correlation ID must not be empty. Give a value, or omit it.",
            *DETAILS,
            "correlationId",
        )
    return bounded(named, findings, *DETAILS, "correlationId") or str(uuid4())


def bounded(text: str | None, findings: Findings, *path: str) -> str | None:
    """Return a reference, and note an error if it is too long."""
    if text is not None and len(text) > MAX_REFERENCE:
        findings.add(
            UserErrorCode.TOO_LONG, f"The value can have at most {MAX_REFERENCE} characters. It has {len(text)}.", *path
        )
    return text


def locations(
    payloads: Sequence[wire.Payload], address: AddressRequest | None, findings: Findings
) -> Sequence[str | None]:
    """Return the location of each payload: its own, or else the address."""
    own = [one.location for one in payloads]
    if address is None:
        return own
    if None not in own:
        message = "Every payload in details.palmetto.payloads has a location. Omit the shipping address."
        findings.add(UserErrorCode.INVALID, message, "shippingAddress")
    text = "\n".join(address.formatted)
    if not text:
        findings.add(UserErrorCode.INVALID, "The shipping address must not be empty.", "shippingAddress")
    return [text if one is None else one for one in own]


# ---- Lines ------------------------------------------------------------------------------------------

Rows = dict[tuple[int, str], list[Any]]


def lines_to_wire(request: OrderRequest, payloads: int, findings: Findings) -> tuple[Rows, Mapping[Place, int]]:
    """Return the rows by payload and list, and the index of the input's line at each place."""
    rows: Rows = {}
    places: dict[Place, int] = {}
    for index, line in enumerate(request.lines):
        payload = payload_of(line, index, payloads, findings)
        name, row = row_to_wire(line, index, request.requested_at, findings)
        listed = rows.setdefault((payload, name), [])
        places[Place(payload, name, len(listed))] = index
        listed.append(row)
    if request.requested_at is not None and rows and not any(name == "order" for _, name in rows):
        message = "Only rows of the list `order` have a date, and no line is in that list."
        findings.add(UserErrorCode.INVALID, message, "requestedAt")
    return rows, places


def payload_of(line: LineRequest, index: int, payloads: int, findings: Findings) -> int:
    """Return the number of the payload that a line goes to, counted from 0."""
    number = line.details.get("payload")
    if number is not None and not 1 <= number <= payloads:
        message = f"The payload must be a number from 1 to {payloads}." if payloads > 1 else "The only payload is 1."
        findings.add(UserErrorCode.INVALID, message, "lineItems", str(index), *DETAILS, "payload")
        return 0
    return 0 if number is None else number - 1


def row_to_wire(line: LineRequest, index: int, requested_at: datetime | None, findings: Findings) -> tuple[str, Row]:
    """Return the list that a line goes to, and the row."""
    path: Path = ("lineItems", str(index))
    name = list_of(line, requested_at, findings, *path)
    values = dict(line.details.get(name) or {})
    check_decimals(values, findings, *path, *DETAILS, camel(name))
    if name == "order" and values.get("service_begins_at") is None:
        values["service_begins_at"] = requested_at
    values["product_id"] = product_to_wire(line, findings, *path, "product")
    values["quantity"] = quantity_to_wire(line.quantity, findings, *path, "quantity")
    return name, row_type(name)(**values)


def list_of(line: LineRequest, requested_at: datetime | None, findings: Findings, *path: str) -> str:
    """Return the list that a line goes to: the one that its details have, or else the default list."""
    parts = [part for part in LISTS if line.details.get(part) is not None]
    if len(parts) > 1:
        message = "A line can be in one list only. Give one of products, requestedProducts and order."
        findings.add(UserErrorCode.INVALID, message, *path, *DETAILS, camel(parts[1]))
    return parts[0] if parts else "products" if requested_at is None else "order"


def product_to_wire(line: LineRequest, findings: Findings, *path: str) -> int | None:
    """Return the number of a product, which is also its SKU."""
    text = line.sku
    if text is None:
        text = findings.reference(line.product_id, "Product", NUMBER, *path, "id")
    if text is None:
        return None
    if not NUMBER.fullmatch(text) or int(text) > MAX_NUMBER:
        message = f"A product of Palmetto must be a whole number from 1 to {MAX_NUMBER}."
        findings.add(UserErrorCode.INVALID, message, *path, "id" if line.sku is None else "sku")
        return None
    return int(text)


def quantity_to_wire(quantity: Decimal, findings: Findings, *path: str) -> Decimal:
    """Return a quantity, and note an error if Palmetto cannot store it."""
    if quantity <= 0:
        findings.add(UserErrorCode.INVALID, "The quantity must be greater than 0.", *path)
    elif not fits_decimal(quantity):
        findings.add(UserErrorCode.INVALID, DECIMAL_BOUNDS, *path)
    return quantity


DECIMAL_BOUNDS = f"The number can have at most 28 digits, of which up to {MAX_PLACES} can be decimal places."


def fits_decimal(number: Decimal) -> bool:
    """Return whether .NET's Decimal can hold a number exactly."""
    _, digits, exponent = cast("tuple[int, tuple[int, ...], int]", number.as_tuple())
    if number.adjusted() > MAX_PLACES or -exponent > MAX_PLACES:
        return False
    return int("".join(map(str, digits))) * 10 ** max(0, exponent) < 2**96


def check_decimals(values: Mapping[str, Any], findings: Findings, *path: str) -> None:
    """Note an error for each number that Palmetto cannot store."""
    for name, value in values.items():
        if isinstance(value, Decimal) and not fits_decimal(value):
            findings.add(UserErrorCode.INVALID, DECIMAL_BOUNDS, *path, camel(name))


def refused_fields(sending: Sending, problem: Problem) -> Iterator[tuple[str, Sequence[str]]]:
    """Return the fields that Palmetto rejects, by their paths in the input.

    If the error lists no fields, a message such as "bad datacenterCode: XXX" names one.
    """
    for field, sentences in problem.fields.items():
        yield ".".join(sending.input_path(field)), sentences
    named = re.match(r"bad ([A-Za-z]+): (.*)", problem.message or "", re.DOTALL) if not problem.fields else None
    if named is not None:
        for field in fields_with(sending.order, named[1], named[2]):
            yield ".".join(sending.input_path(field)), [problem.message or ""]


def fields_with(order: wire.Order, name: str, value: str) -> Iterator[str]:
    """Return the paths of the rows' fields that have this name and value."""
    for number, payload in enumerate(order.payloads or ()):
        for list_ in LISTS:
            for row, one in enumerate(getattr(payload, list_) or ()):
                held = {field.wire_name: getattr(one, field.name) for field in fields_of(type(one))}.get(name)
                if held is not None and jsv.plain(held) == value:
                    yield f"payload[{number}].{LISTS[list_].wire_name}[{row}].{name}"
