"""Maps ordergraph's requests to Verifone's. Pure functions: nothing is sent.

Source: Verifone Order API 2.62, "Hardware Orders". A body combines the values that every vendor accepts with those
that only Verifone accepts: ``details``, which has the shape of the body and takes precedence. The body is checked by
the document's rules. All problems are collected in a `Findings`, with the path of the input that they came from.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

import msgspec

from ordergraph.domain import OrderStatus, Requirement, commands
from ordergraph.domain.commands import OMITTED, Findings, LineRequest, OrderChange, OrderQuery, Range
from ordergraph.domain.errors import ActionRefused, Problem, UserError, UserErrorCode, VendorBadReply, VendorRejected
from ordergraph.domain.paging import Window, narrowed
from ordergraph.vendors.verifone import wire
from ordergraph.vendors.verifone.mapping import VerifoneOrder
from ordergraph.vendors.verifone.values import TERMINAL_IDS, stamp
from ordergraph.vendors.verifone.wire_rules import COUNTRY, UUID_FORM, Problems, Record, Rule, rule_of
from ordergraph.wire.fields import encode, fields_of

Query = list[tuple[str, str]]
Path = tuple[str, ...]


BUNDLE = re.compile(r"[A-Za-z0-9_-]{1,100}")
DETAILS: Path = ("details", "verifone")
FLOW = "is_simplified_order_flow"
MAX_LINES = 3
ONE_MILLISECOND = timedelta(milliseconds=1)

REQUIREMENTS: Sequence[Requirement] = (
    Requirement(
        "lineItems", note="The devices. Each is a terminal of its own unless `poi` in its details groups them."
    ),
    Requirement(
        "lineItems.product", is_required=True, max_length=100, note="A package bundle. Its SKU is its ID at Verifone."
    ),
    Requirement("lineItems.quantity", note="A whole number, 1 or greater."),
    Requirement("clientReference", is_required=True, note="Sent as `orderReference`. Must be unique."),
    Requirement("purchaseOrderNumber", note="Sent as `poRef`."),
    Requirement("requestedAt", note="Sent as `requestedDate`."),
    Requirement("notes", note="Sent as `notes`, one line for each note."),
    Requirement("contact", is_required=True, note="The merchant's primary contact, unless the details contain one."),
    Requirement("contact.name", is_required=True, note="First and last name. The last word becomes the last name."),
    Requirement("contact.phone", note="At least 5 characters."),
    Requirement("shippingAddress", note="Requires `lines`, `city`, `postalCode` and `countryCode`."),
    Requirement("shippingAddress.lines", max_length=40, note="Lines after the third are appended to the third."),
    Requirement("shippingAddress.city", max_length=28),
    Requirement("shippingAddress.region", max_length=35),
    Requirement("shippingAddress.postalCode", max_length=16),
    Requirement("shippingAddress.companyName", note="Appended to the recipient's name."),
    Requirement(
        "details.verifone.customerEntityUid",
        is_required=True,
        note="Verifone's ID of the customer. Required unless the account's settings contain one.",
    ),
    Requirement(
        "details.verifone.packageDetails.basePackageBundle",
        note="Required if `isSimplifiedOrderFlow` is false. Otherwise, Verifone takes it from the portfolio.",
    ),
)

# The fields of Verifone's bodies that come from inputs common to all vendors, and the paths of those.
COMMON: Mapping[Path, Path] = {
    ("orderReference",): ("clientReference",),
    ("requestedDate",): ("requestedAt",),
    ("poRef",): ("purchaseOrderNumber",),
    ("notes",): ("notes",),
    ("merchant", "primaryContact"): ("contact",),
    ("merchant", "primaryContact", "name"): ("contact", "name"),
    ("merchant", "primaryContact", "email"): ("contact", "email"),
    ("merchant", "primaryContact", "phoneNumbers"): ("contact", "phone"),
    ("merchant", "shippingAddress"): ("shippingAddress",),
    ("merchant", "shippingAddress", "receiverName"): ("shippingAddress", "recipientName"),
    ("merchant", "shippingAddress", "addressLine1"): ("shippingAddress", "lines", "0"),
    ("merchant", "shippingAddress", "addressLine2"): ("shippingAddress", "lines", "1"),
    ("merchant", "shippingAddress", "addressLine3"): ("shippingAddress", "lines", "2"),
    ("merchant", "shippingAddress", "city"): ("shippingAddress", "city"),
    ("merchant", "shippingAddress", "countrySubdivision"): ("shippingAddress", "region"),
    ("merchant", "shippingAddress", "postCode"): ("shippingAddress", "postalCode"),
    ("merchant", "shippingAddress", "country"): ("shippingAddress", "countryCode"),
    ("merchant", "pois"): ("lineItems",),
    ("cancelReasonEnum",): (*DETAILS, "reason"),
    ("cancelAdditionalReason",): ("reason",),
    ("X-Use-Simplified-Order-Flow",): (*DETAILS, "isSimplifiedOrderFlow"),
}
GRAPH_NAMES: Mapping[str, str] = {
    **{one.wire_name: commands.camel(one.name) for shape in (wire.Address, wire.Merchant) for one in fields_of(shape)},
    TERMINAL_IDS: "terminalIds",
}
"""The graph's names of fields that Verifone may spell differently."""
# The fields of a device that are not details of its line.
DEVICE_FIELDS: Mapping[str, str] = {"packageBundleId": "product", "quantity": "quantity"}


def read_problem(body: Any) -> Problem:
    """Return the problem in an error body. ``param`` is the field that it concerns.

    Further problems are read from the free-form object that an error may contain.
    """
    said = cast("Record", body) if isinstance(body, dict) else {}
    message = str(said.get("message") or said.get("title") or "") or None
    more = said.get("additionalProperties")
    fields: dict[str, Sequence[str]] = {}
    if isinstance(more, dict):
        for path, words in cast("Record", more).items():
            text = cast("Record", words).get("message") if isinstance(words, dict) else None
            fields[path] = [text if isinstance(text, str) else (message or path)]
    param = said.get("param")
    if isinstance(param, str) and param:
        fields.setdefault(param, [message or param])
    code = said.get("code")
    return Problem(None if code is None else str(code), message, fields)


def uuid_of(key: str) -> str | None:
    """Return the UUID in a key, or None if the key is not a UUID."""
    return key.lower() if UUID_FORM.fullmatch(key) else None


# ---- Bodies -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Body:
    """A body and the origin of its parts: ``details`` in its own shape, ``lines`` by the path of the device."""

    content: Record
    details: Record = field(default_factory=dict[str, Any])
    lines: Mapping[Path, int] = field(default_factory=dict[Path, int])

    def check(self, rule: Rule, findings: Findings) -> None:
        """Note every violation of the document's rules."""
        problems: Problems = {}
        rule(self.content, "", problems)
        for path, words in problems.items():
            findings.add(code_of(words), f"{path} {words}.", *self.input_path(path))

    def input_path(self, path: str) -> Path:
        """Return the path in our input that a field of the body came from, or would come from."""
        parts = parts_of(path)
        for end in range(len(parts), 0, -1):
            if parts[:end] in self.lines:
                return line_path(self.lines[parts[:end]], parts[end:])
        if holds(self.details, parts) or (holds(self.details, parts[:-1]) and len(parts) > 2):
            return details_path(parts)
        return common_path(parts)

    def refused(self, error: VendorRejected) -> ActionRefused:
        """Return Verifone's rejection of the body, with the paths of the input."""
        problem = error.problem
        return ActionRefused(
            *(
                UserError(
                    UserErrorCode.REJECTED_BY_VENDOR,
                    words if path in words else f"{path}: {words}",
                    ("input", *self.input_path(path)),
                    vendor_code=problem.code,
                    vendor_message=words,
                )
                for path, sentences in problem.fields.items()
                for words in sentences
            )
        )


def parts_of(path: str) -> Path:
    """Return the parts of a path such as ``merchant.pois[0].devicePackage``."""
    return tuple(part for part in re.split(r"[.\[\]]+", path) if part)


def common_path(parts: Path) -> Path:
    """Return the input path of a field without knowledge of the request."""
    for end in range(len(parts), 0, -1):
        if parts[:end] in COMMON:
            return COMMON[parts[:end]]
    return details_path(parts)


def details_path(parts: Path) -> Path:
    """Return the path below ``details`` of a field of a body, in the graph's names."""
    return (*DETAILS, *(GRAPH_NAMES.get(one, one) for one in parts))


def line_path(line: int, rest: Path) -> Path:
    """Return the input path of a field of a device."""
    at = ("lineItems", str(line))
    if rest and rest[0] in DEVICE_FIELDS:
        return (*at, DEVICE_FIELDS[rest[0]])
    return (*at, *details_path(rest)) if rest else at


def holds(value: Any, parts: Path) -> bool:
    """Return whether a value contains something at a path."""
    for part in parts:
        if isinstance(value, dict):
            value = cast("Record", value).get(part)
        elif isinstance(value, list) and part.isdigit() and int(part) < len(cast("list[Any]", value)):
            value = cast("list[Any]", value)[int(part)]
        else:
            return False
    return value is not None


def code_of(words: str) -> UserErrorCode:
    """Return the error code for a problem that a rule found."""
    if words == "is required":
        return UserErrorCode.REQUIRED
    return UserErrorCode.TOO_LONG if words.startswith("must have at most") else UserErrorCode.INVALID


def merged(base: Mapping[str, Any], more: Mapping[str, Any]) -> Record:
    """Return an object merged with another: objects are merged, other values replaced, and None removes a field."""
    found = dict(base)
    for name, value in more.items():
        below = found.get(name)
        if value is None:
            found.pop(name, None)
        elif isinstance(value, dict):
            given = cast("Record", value)
            found[name] = merged(cast("Record", below) if isinstance(below, dict) else {}, given)
        else:
            found[name] = value
    return found


def details_to_wire(
    struct: type[wire.Wire], values: Mapping[str, Any], findings: Findings, path: Path = DETAILS
) -> Record:
    """Return the details of an input in the shape of Verifone's body. The fields in ``other`` move up to its object."""
    return cast("Record", _spread(encode(struct, values), findings, path))


def _spread(value: Any, findings: Findings, path: Path) -> Any:
    if isinstance(value, list):
        return [_spread(item, findings, (*path, str(i))) for i, item in enumerate(cast("list[Any]", value))]
    if not isinstance(value, dict):
        return value
    values = cast("Record", value)
    other = values.get("other")
    if other is not None and not isinstance(other, dict):
        findings.add(UserErrorCode.INVALID, "The value must be an object.", *path, "other")
        other = None
    # Fields beside `other` have the graph's names.
    names = (
        (TERMINAL_IDS if name == "terminal_ids" else commands.camel(name), item)
        for name, item in values.items()
        if name != "other"
    )
    own = {name: _spread(item, findings, (*path, name)) for name, item in names}
    return {**cast("Record", other or {}), **own}


# ---- Placing orders ---------------------------------------------------------------------------------


def order_to_wire(request: commands.OrderRequest, customer: str | None, simplified: bool, findings: Findings) -> Body:
    """Return the body that creates an order.

    ``customer`` is the one in the account's settings. ``simplified`` is whether Verifone fills in omitted values.
    """
    common: Record = {
        "orderReference": request.client_reference,
        "customerEntityUid": customer,
        "requestedDate": stamp(request.requested_at) if request.requested_at else None,
        "poRef": request.purchase_order_number,
        "notes": "\n".join(request.notes) or None,
        "merchant": {"primaryContact": contact_to_wire(request.contact) if request.contact else None},
    }
    rest = OrderChange(shipping_address=request.shipping_address, lines=request.lines, details=request.details)
    body = change_to_wire(merged({}, common), rest, findings)
    if not simplified and "packageDetails" not in body.content:
        message = "Required unless the simplified order flow is used."
        findings.add(UserErrorCode.REQUIRED, message, *DETAILS, "packageDetails", "basePackageBundle")
    return body


def pois_to_wire(lines: Sequence[LineRequest], findings: Findings) -> tuple[list[Record], Mapping[Path, int]]:
    """Return the terminals of an order, and the line that each device came from.

    Lines with the same ``poi`` in their details form one terminal: the first is its device, the others are additional
    devices. A line without ``poi`` is a terminal of its own.
    """
    terminals: dict[object, list[int]] = {}
    for index, line in enumerate(lines):
        together = line.details.get("poi")
        terminals.setdefault(("alone", index) if together is None else together, []).append(index)
    pois: list[Record] = []
    places: dict[Path, int] = {}
    for number, (first, *others) in enumerate(terminals.values()):
        at = ("merchant", "pois", str(number))
        pois.append({"devicePackage": device_to_wire(lines[first], first, findings)})
        places[(*at, "devicePackage")] = first
        if others:
            pois[-1]["additionalDevicePackages"] = [device_to_wire(lines[one], one, findings) for one in others]
        places |= {(*at, "additionalDevicePackages", str(i)): one for i, one in enumerate(others)}
    return pois, places


def device_to_wire(line: LineRequest, index: int, findings: Findings) -> Record:
    """Return a package of devices."""
    bundle = line.sku
    if line.product_id is not None:
        path = ("lineItems", str(index), "product")
        bundle = findings.reference(line.product_id, "Product", BUNDLE, *path) or "unknown"
    own = {name: value for name, value in line.details.items() if value is not None}
    at = ("lineItems", str(index), *DETAILS)
    quantity = line.quantity
    whole: object = (
        int(quantity) if quantity == quantity.to_integral_value() else str(quantity)
    )  # the rules reject the latter
    return {"packageBundleId": bundle, "quantity": whole, **details_to_wire(wire.DevicePackage, own, findings, at)}


def contact_to_wire(contact: commands.Contact) -> Record:
    """Return a business contact. The last word of the name becomes the last name."""
    first, _, last = " ".join((contact.name or "").split()).rpartition(" ")
    phones = [{"value": contact.phone, "phoneType": "WORK", "isPrimary": True}] if contact.phone else None
    name = {"firstName": first or None, "lastName": last or None} if contact.name else None
    return {"contactType": "BUSINESS", "name": name, "phoneNumbers": phones, "email": contact.email or None}


def address_to_wire(place: commands.AddressRequest) -> Record:
    """Return a shipping address."""
    lines = [line for line in place.lines if line]
    lines = [*lines[: MAX_LINES - 1], ", ".join(lines[MAX_LINES - 1 :])] if len(lines) > MAX_LINES else lines
    receiver = ", ".join(part for part in (place.recipient_name, place.company_name) if part)
    return {
        "receiverName": receiver or None,
        **{f"addressLine{number}": line for number, line in enumerate(lines, 1)},
        "city": place.city,
        "countrySubdivision": place.region or None,
        "postCode": place.postal_code,
        "country": COUNTRY.get(place.country_code, place.country_code) if place.country_code else None,
    }


# ---- Changing and cancelling orders -----------------------------------------------------------------


def change_to_wire(current: Mapping[str, Any], change: OrderChange, findings: Findings) -> Body:
    """Return the body of a draft after a change.

    Verifone replaces the whole body, so values that the change omits are sent unchanged.
    """
    kept = {name: value for name, value in current.items() if name not in wire.ANSWER_FIELDS}
    common: Record = {"merchant": {}}
    lines: Mapping[Path, int] = {}
    if change.client_reference is not OMITTED:
        common["orderReference"] = change.client_reference
    if change.purchase_order_number is not OMITTED:
        common["poRef"] = change.purchase_order_number
    if change.notes is not OMITTED:
        common["notes"] = "\n".join(change.notes) or None
    if change.shipping_address is not OMITTED:
        kept = merged(kept, {"merchant": {"shippingAddress": None}})  # the address is replaced, not merged
        place = change.shipping_address
        common["merchant"]["shippingAddress"] = address_to_wire(place) if place else None
    if change.lines is not OMITTED:
        pois, lines = pois_to_wire(change.lines, findings)
        common["merchant"]["pois"] = pois or None
    details = details_to_wire(wire.HardwareOrder, change.details, findings)
    body = Body(merged(merged(kept, common), details), details, lines)
    body.check(rule_of(wire.HardwareOrder), findings)
    return body


def body_of(order: VerifoneOrder) -> Record:
    """Return an order's body as Verifone sent it. Raise VendorBadReply if it could not be sent back unchanged."""
    try:
        return msgspec.json.decode(order.source.raw)
    except (msgspec.DecodeError, ValueError) as error:
        unreadable = VendorBadReply(order.vendor, order.ref.account, "get_order")
        unreadable.nothing_done = True  # it is read before anything is sent
        raise unreadable from error


def content_of(order: VerifoneOrder) -> Record:
    """Return the body that would leave an order unchanged."""
    return change_to_wire(body_of(order), OrderChange(), Findings("")).content


def cancellation_to_wire(request: commands.CancelRequest, findings: Findings) -> Body:
    """Return the body of a cancellation. Verifone requires one of its reasons. The default is OTHER."""
    reason = request.details.get("reason") or "OTHER"
    content = {"cancelReasonEnum": reason, "cancelAdditionalReason": request.reason or None}
    body = Body(merged({}, content))
    body.check(rule_of(wire.Cancellation), findings)
    return body


# ---- Lists ------------------------------------------------------------------------------------------

HARDWARE: Query = [("orderType", "HardwareOrder")]
CHANGED_SINCE = "statusChangedAt.start"
"""A condition that the gateway applies. Verifone's ``lastChangeTime`` finds orders changed *before* a time."""
SEARCHED = (OrderStatus.DRAFT, OrderStatus.SUBMITTED, OrderStatus.COMPLETED, OrderStatus.CANCELLED)
"""The statuses for which Verifone's status of the same name matches all orders."""


def orders_query(query: OrderQuery, window: Window) -> Query:
    """Return the search to read a window from. It may match more orders than the query.

    Whether Verifone's time range includes its ends is undocumented, so it is a millisecond longer at each end.
    """
    found = [*filters(query), ("orderBy", "createdDate"), ("order", "DESC" if window.descending else "ASC")]
    span = narrowed(query.placed_at, window)
    if span != Range():
        found.append(("filterDateType", "createdDate"))
    if span.start is not None:
        found.append(("startTime", stamp(span.start - ONE_MILLISECOND)))
    if span.end is not None:
        found.append(("endTime", stamp(span.end + ONE_MILLISECOND)))
    return found


def filters(query: OrderQuery) -> Query:
    """Return the conditions that Verifone applies itself."""
    known = ((name, value) for name, value in query.details.items() if name != CHANGED_SINCE)
    found = [*HARDWARE, *((name, str(value)) for name, value in known if value is not None)]
    if query.statuses is not None and len(query.statuses) == 1 and "status" not in query.details:
        (status,) = query.statuses
        found += [("status", status.name)] if status in SEARCHED else []
    references = query.client_references if query.client_references is not None else query.numbers
    if references is not None and len(references) == 1:
        found.append(("orderReference", next(iter(references))))
    return found


def asks_drafts(query: OrderQuery) -> bool:
    """Return whether a query asks for drafts: only if it names the status."""
    return query.statuses is not None and OrderStatus.DRAFT in query.statuses
