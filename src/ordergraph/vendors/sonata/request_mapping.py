"""Maps ordergraph's requests to Sonata's. Pure functions: nothing is sent.

Source: MEF 123 v10. The numbers of rules are those of its developer guide. Every problem that can be detected before
sending is collected in a `Findings`, with the path of the input.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import count
from typing import Any, cast

import msgspec
from msgspec import UNSET, UnsetType

from ordergraph.domain import Ref, Requirement, commands
from ordergraph.domain.commands import Findings
from ordergraph.domain.errors import InputError, Problem, UserErrorCode
from ordergraph.vendors.sonata import request_mapping_places as places
from ordergraph.vendors.sonata import wire, wire_parts
from ordergraph.vendors.sonata.mapping import BUYER_ROLE, SonataOrder
from ordergraph.vendors.sonata.request_mapping_places import Contract, Json
from ordergraph.vendors.sonata.values import moment, written

ID = re.compile(r"(?!\.{1,2}\Z)[^\x00-\x20\x7f-\xa0]{1,255}")
"""The Seller's IDs are arbitrary strings. Only those that can be part of a path are supported."""
OWN = ("details", "sonata")
ITEM_ROLES = ("buyerProductOrderItemContact", "buyerImplementationContact", "buyerTechnicalContact")
CANCEL_ROLE = "cancelProductOrderContact"
ITEMS = frozenset({"productOrderItem", "chargeItem"})
"""The lists whose entries a patch changes individually. It replaces any other list."""

REQUIREMENTS: Sequence[Requirement] = (
    Requirement("lineItems", is_required=True, note="Each line becomes one item."),
    Requirement("lineItems.product", is_required=True, note="The product offering. Its SKU is its ID at the Seller."),
    Requirement("lineItems.quantity", values=("1",), note="An item has one product. To order two, add two lines."),
    Requirement(
        "clientReference",
        note="Sent as `externalId`. Must be unique within the account: the gateway uses it to find the order if the "
        "response is lost. Generated if omitted.",
    ),
    Requirement("purchaseOrderNumber", note="Sent as `relatedBuyerPON` of items without their own number."),
    Requirement(
        "shippingAddress",
        note="Sent as the postal address of productOrderContact if it has a line, a city and a country. Values that "
        "have no field there are added as a note.",
    ),
    Requirement("notes", note="Sent as the Buyer's notes."),
    Requirement("lineItems.details.sonata.action", values=("ADD", "MODIFY", "DELETE"), note="Defaults to ADD."),
    Requirement(
        "lineItems.details.sonata.configuration",
        note="Required for ADD and MODIFY. An object with `@type`, unless `configurationType` is given.",
    ),
    Requirement(
        "lineItems.details.sonata.places",
        note="The places of the product, for ADD and MODIFY. A product with a site, such as a UNI, requires one. Its "
        "specification defines the role.",
    ),
    Requirement(
        "lineItems.details.sonata.productId",
        note="The product in service. Required for MODIFY and DELETE. For DELETE, the offering is not sent.",
    ),
)


@dataclass(frozen=True, slots=True)
class Defaults:
    """The account's settings that apply if a request omits a value, and the current time."""

    now: datetime
    contact: commands.Contact = field(default_factory=commands.Contact)
    billing_account: str | None = None
    contract: Contract = "document"
    author: str = "ordergraph"

    @property
    def by_document(self) -> bool:
        """Whether the rules apply that only the document and its guide have."""
        return self.contract == "document"

    @property
    def writes(self) -> str:
        """The author of a note that names none."""
        return self.contact.name or self.author


def read_problem(body: Any) -> Problem:
    """Return the problem in an error body: one error or, in a 422 response, a list of errors with JSON Pointers."""
    errors = cast("list[Any]", body) if isinstance(body, list) else [body]
    said = [cast("Json", one) for one in errors if isinstance(one, dict)]
    if not said:
        return Problem()
    fields: dict[str, list[str]] = {}
    for one in said if isinstance(body, list) else ():
        fields.setdefault(str(one.get("propertyPath") or ""), []).append(sentence(one) or "")
    code = said[0].get("code") or said[0].get("error")
    return Problem(code if isinstance(code, str) else None, sentence(said[0]), fields)


def requirements(contract: Contract) -> Sequence[Requirement]:
    """Return the requirements for orders of a Seller with this contract."""
    by_document = contract == "document"
    roles = "of each item" if by_document else "of items with ADD or MODIFY"
    contact = (
        "Sent as productOrderContact and, unless the details name others, as the product order item, implementation "
        f"and technical contact {roles}. All three fields are required, here or in the account's settings."
    )
    term = "Required for ADD and MODIFY." if by_document else "The Seller may require it for ADD and MODIFY."
    account = (
        "Required for ADD, unless the account's settings contain one."
        if by_document
        else "Defaults to the account's setting, except for DELETE."
    )
    date = "Sent as the date of items without their own date."
    return (
        *REQUIREMENTS,
        Requirement("contact", is_required=True, note=contact),
        Requirement("requestedAt", is_required=by_document, note=date),
        Requirement("lineItems.details.sonata.requestedTerm", note=term),
        Requirement("lineItems.details.sonata.billingAccountId", note=account),
    )


def sentence(error: Json) -> str | None:
    """Return the message of an error."""
    words = (error.get("reason"), error.get("message"))
    return ": ".join(word for word in words if isinstance(word, str) and word) or None


# ---- Placing orders ---------------------------------------------------------------------------------


def order_to_wire(request: commands.OrderRequest, defaults: Defaults, findings: Findings) -> wire.OrderWrite:
    """Return the body that creates an order."""
    if request.details.get("items") is not None:
        message = "`items` changes existing items. Omit it when placing an order."
        findings.add(UserErrorCode.INVALID, message, *OWN, "items")
    if not request.lines:
        findings.add(UserErrorCode.REQUIRED, "An order must have a line.", "lineItems")
    main, told = places.shipped(order_contact(request, defaults, findings), request.shipping_address)
    main = places.with_role(main, defaults.contract)
    others = places.contacts_to_wire(request.details.get("contacts"), defaults.contract, but=BUYER_ROLE)
    texts = [*((text, None) for text in (*request.notes, *told)), *texts_of(request.details)]
    return wire.OrderWrite(
        external_id=request.client_reference or None,
        notes=added((), texts, defaults) or None,
        items=items_to_wire(request, main, defaults, findings),
        project_id=request.details.get("project_id"),
        contacts=[main, *others],
    )


def order_contact(request: commands.OrderRequest, defaults: Defaults, findings: Findings) -> wire_parts.Contact:
    """Return the Buyer's contact for the order: from the details, the common input, or the account's settings."""
    own = [one for one in request.details.get("contacts") or () if one["role"] == BUYER_ROLE]
    if own and request.contact is not None:
        findings.add(
            UserErrorCode.INVALID, f"The details already contain a {BUYER_ROLE}. Omit one of the two.", "contact"
        )
    if own:
        return places.contact_to_wire(own[0], defaults.contract)
    given, kept = request.contact or commands.Contact(), defaults.contact
    found = {name: getattr(given, name) or getattr(kept, name) for name in ("name", "email", "phone")}
    for name, value in found.items():
        if not value:
            findings.add(UserErrorCode.REQUIRED, f"Sonata requires the contact's {name}.", "contact", name)
    return wire_parts.Contact(**found, role=BUYER_ROLE)


Text = tuple[str, str | None]
"""The text and the author of a note. The author is the account's contact if None."""


def texts_of(details: Json) -> list[Text]:
    """Return the notes in the details."""
    return [(one["text"], one.get("author")) for one in details.get("notes") or ()]


def added(kept: Sequence[wire_parts.Note] | None, new: Sequence[Text], defaults: Defaults) -> list[wire_parts.Note]:
    """Return notes with new ones appended, each with a unique ID. The source of new notes is the Buyer."""
    taken = {note.id for note in kept or ()}
    ids = (str(number) for number in count(1) if str(number) not in taken)
    note = partial(wire_parts.Note, written_at=written(defaults.now), source="buyer")
    return [*(kept or ()), *(note(author=who or defaults.writes, id=next(ids), text=text) for text, who in new)]


# ---- Items ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an order to place. ``ids`` are the IDs of all items of the order."""

    index: int
    request: commands.LineRequest
    order: commands.OrderRequest
    ids: Sequence[str]
    defaults: Defaults
    findings: Findings

    @property
    def action(self) -> str:
        """The action on the product."""
        return self.request.details.get("action") or "ADD"

    def get(self, name: str) -> Any:
        """Return a value of the details."""
        return self.request.details.get(name)

    def say(self, code: UserErrorCode, message: str, *path: str) -> None:
        """Note a problem in the details."""
        self.findings.add(code, message, "lineItems", str(self.index), *OWN, *path)


def items_to_wire(
    request: commands.OrderRequest, main: wire_parts.Contact, defaults: Defaults, findings: Findings
) -> list[wire.ItemWrite]:
    """Return the items, one for each line."""
    ids = [line.details.get("item_id") or str(index + 1) for index, line in enumerate(request.lines)]
    lines = [Line(index, line, request, ids, defaults, findings) for index, line in enumerate(request.lines)]
    for line in lines:
        if Counter(ids)[ids[line.index]] > 1:
            line.say(UserErrorCode.INVALID, "The item ID must be unique within the order.", "itemId")
        check_line(line)
    return [item_to_wire(line, main) for line in lines]


def item_to_wire(line: Line, main: wire_parts.Contact) -> wire.ItemWrite:
    """Return one item. Values that the details omit come from the order and the account's settings."""
    found = {
        "action": line.action,
        "billing_account_id": billed_account(line),
        "configuration": configuration_of(line),
        "contacts": item_contacts(line, main),
        "item_id": line.ids[line.index],
        "notes": added((), texts_of(line.request.details), line.defaults),
        "offering_id": offering_of(line),
        "places": [places.place_to_wire(one) for one in line.get("places") or ()],
        "purchase_order_number": line.get("purchase_order_number") or line.order.purchase_order_number or None,
        "requested_at": wanted_at(line),
    }
    return places.made(wire.ItemWrite, {**line.request.details, **found})


def offering_of(line: Line) -> str | None:
    """Return the offering of a product to add or modify. None to delete: there, the product's ID suffices [R44]."""
    place = ("lineItems", str(line.index), "product")
    offering = line.request.sku or line.findings.reference(line.request.product_id, "Product", ID, *place, "id")
    if line.request.sku is not None and not ID.fullmatch(line.request.sku):
        line.findings.add(UserErrorCode.INVALID, "This is not a valid ID of an offering.", *place, "sku")
    return None if line.action == "DELETE" else offering or None


def billed_account(line: Line) -> str | None:
    """Return the billing account. It is required to add a product [R33]."""
    given = line.get("billing_account_id") or (None if line.action == "DELETE" else line.defaults.billing_account)
    if given is None and line.action == "ADD" and line.defaults.by_document:
        message = "A billing account is required. Pass it here or set it in the account's settings."
        line.say(UserErrorCode.REQUIRED, message, "billingAccountId")
    return given or None


def item_contacts(line: Line, main: wire_parts.Contact) -> list[wire_parts.Contact]:
    """Return the contacts of an item: those in the details, and the order's for missing required roles [R14]."""
    own = places.contacts_to_wire(line.get("contacts"), line.defaults.contract)
    if line.action == "DELETE" and not line.defaults.by_document:
        return own
    left = [role for role in ITEM_ROLES if role not in {one.role for one in own}]
    return [*own, *(places.with_role(main, line.defaults.contract, role) for role in left)]


def wanted_at(line: Line) -> datetime | None:
    """Return the requested completion time of an item."""
    at = line.get("requested_at") or line.order.requested_at
    if at is None and line.defaults.by_document:
        message = "Sonata requires a date for each item. Pass it here or in the line's details."
        line.findings.add(UserErrorCode.REQUIRED, message, "requestedAt")
    return at


# ---- Item rules -------------------------------------------------------------------------------------


def check_line(line: Line) -> None:
    """Note every violation of the rules by a line, except for those found while the item is built."""
    if line.request.quantity != 1:
        message = "The quantity must be 1. To order two, add two lines."
        line.findings.add(UserErrorCode.INVALID, message, "lineItems", str(line.index), "quantity")
    check_configuration(line)
    check_product(line)
    places.check_places(line.get("places"), line.say)
    check_term(line)
    check_relations(line)


def configuration_of(line: Line) -> Any:
    """Return the configuration with the type given beside it. GraphQL literals cannot contain ``@type``."""
    given, type_ = line.get("configuration"), line.get("configuration_type")
    if type_ is None or not (given is None or isinstance(given, dict)):
        return given
    return {"@type": type_, **cast("Json", given or {})}


def check_configuration(line: Line) -> None:
    """Check the configuration: required to add and modify [R30, R39], not allowed to delete."""
    given, type_ = configuration_of(line), line.get("configuration_type")
    if line.action == "DELETE":
        if given is not None:
            line.say(UserErrorCode.INVALID, "DELETE accepts no configuration. Omit it.", "configuration")
    elif given is None:
        line.say(UserErrorCode.REQUIRED, "A configuration of the product is required.", "configuration")
    elif not isinstance(given, dict) or not isinstance(cast("Json", given).get("@type"), str):
        message = "The configuration must be an object whose @type names the product's specification."
        line.say(UserErrorCode.INVALID, message, "configuration")
    elif type_ is not None and given["@type"] != type_:
        line.say(UserErrorCode.INVALID, "The configuration has a different @type.", "configurationType")


def check_product(line: Line) -> None:
    """Check the product in service: required to modify and delete [R39, R43], not allowed to add [R36]."""
    given = line.get("product_id")
    if line.action == "ADD" and given is not None:
        line.say(UserErrorCode.INVALID, "The Seller assigns the ID of a new product. Omit it.", "productId")
    elif line.action != "ADD" and given is None:
        line.say(UserErrorCode.REQUIRED, "The ID of the product in service is required.", "productId")
    for name in ("product_relationships", "places") if line.action == "DELETE" else ():
        if line.get(name):
            message = "DELETE accepts only the product's ID. Omit this value."
            line.say(UserErrorCode.INVALID, message, commands.camel(name))


def check_term(line: Line) -> None:
    """Check the term. By the document, it is required to add and modify [R34, R42] and not allowed to delete.

    A rolling term requires an interval [R35].
    """
    term = cast("Json | None", line.get("requested_term"))
    if line.defaults.by_document and line.action == "DELETE" and term is not None:
        line.say(UserErrorCode.INVALID, "DELETE accepts no term. Omit it.", "requestedTerm")
    elif line.defaults.by_document and line.action != "DELETE" and term is None:
        line.say(UserErrorCode.REQUIRED, "A term is required.", "requestedTerm")
    if term is None:
        return
    rolls = term["end_of_term_action"] == "ROLL" and not term.get("roll_interval")
    if line.defaults.by_document and line.action != "DELETE" and rolls:
        line.say(UserErrorCode.REQUIRED, "A rolling term requires an interval.", "requestedTerm", "rollInterval")
    for name in ("duration", "roll_interval"):
        check_amount(line, term.get(name), "requestedTerm", commands.camel(name))


def check_amount(line: Line, duration: Json | None, *path: str) -> None:
    """Check that a duration is not negative."""
    if duration is not None and duration["amount"] < 0:
        line.say(UserErrorCode.INVALID, "The amount must not be negative.", *path, "amount")


def check_relations(line: Line) -> None:
    """Check that items reference other items of the same order."""
    for name in ("coordinated_actions", "relationships"):
        for index, one in enumerate(cast("Sequence[Json]", line.get(name) or ())):
            place = (commands.camel(name), str(index))
            check_amount(line, one.get("delay"), *place, "delay")
            if one["item_id"] not in line.ids:
                line.say(UserErrorCode.NOT_FOUND, f"The order has no item {one['item_id']}.", *place, "itemId")
            elif one["item_id"] == line.ids[line.index]:
                line.say(UserErrorCode.INVALID, "An item cannot be related to itself.", *place, "itemId")


# ---- Changing orders --------------------------------------------------------------------------------


def change_to_wire(
    order: SonataOrder, change: commands.OrderChange, defaults: Defaults, findings: Findings
) -> wire.OrderUpdate:
    """Return the merge patch of a change. It contains only the values that change."""
    if change.lines is not commands.OMITTED:
        message = "Sonata cannot change the lines of an order. Cancel the order and place a new one."
        findings.add(UserErrorCode.INVALID, message, "lineItems")
    items = item_changes(order, change, defaults, findings)
    patch = wire.OrderUpdate(
        external_id=UNSET if change.client_reference is commands.OMITTED else change.client_reference or None,
        notes=note_changes(order.wire.notes, change, defaults, findings),
        items=items or UNSET,
        project_id=change.details.get("project_id", UNSET),
        contacts=contact_changes(order, change, defaults, findings),
    )
    if patch == wire.OrderUpdate() and not findings.errors:
        findings.add(UserErrorCode.REQUIRED, "The input contains no changes.")
    return patch


def patched(now: wire.Order | wire.Charge, patch: wire.OrderUpdate | wire.ChargeUpdate | Json) -> Json:
    """Return the current values of the fields in a patch. For items, those of the fields in the patch's items."""
    there, sent = cast("Json", msgspec.to_builtins(now)), cast("Json", msgspec.to_builtins(patch))
    found = {name: there.get(name) for name in sent}
    for name in ITEMS & sent.keys():
        items = {item.get("id"): item for item in there.get(name) or ()}
        found[name] = [{field: items.get(one["id"], {}).get(field) for field in one} for one in sent[name]]
    return found


def note_changes(
    current: Sequence[wire_parts.Note] | None, change: commands.OrderChange, defaults: Defaults, findings: Findings
) -> list[wire_parts.Note] | UnsetType:
    """Return the notes with new ones appended. Existing notes stay unchanged [R21, R58]."""
    known = {note.text for note in current or ()}
    texts: Sequence[str] = () if change.notes is commands.OMITTED else change.notes
    if change.notes is not commands.OMITTED and not known <= set(texts):
        message = "Notes can only be added. Include the existing notes."
        findings.add(UserErrorCode.INVALID, message, "notes")
    new = [*((text, None) for text in texts if text not in known), *texts_of(change.details)]
    return added(current, new, defaults) if new else UNSET


def contact_changes(
    order: SonataOrder, change: commands.OrderChange, defaults: Defaults, findings: Findings
) -> list[wire_parts.Contact] | UnsetType:
    """Return all contacts, because a patch replaces the list: new ones for the given roles, the others unchanged."""
    given = replaced_contacts(order.wire.contacts, change.details.get("contacts"), defaults.contract)
    address = change.shipping_address
    if address is commands.OMITTED:
        return given
    contacts = order.wire.contacts or () if isinstance(given, UnsetType) else given
    return [
        places.with_role(places.moved(one, address, findings), defaults.contract) if one.role == BUYER_ROLE else one
        for one in contacts
    ]


def replaced_contacts(
    current: Sequence[wire_parts.Contact] | None, given: Sequence[Json] | None, contract: Contract
) -> list[wire_parts.Contact] | UnsetType:
    """Return the contacts, with those of the given roles replaced."""
    if not given:
        return UNSET
    new = places.contacts_to_wire(given, contract)
    roles = {one.role for one in new}
    return [*new, *(one for one in current or () if one.role not in roles)]


def item_changes(
    order: SonataOrder, change: commands.OrderChange, defaults: Defaults, findings: Findings
) -> list[wire.ItemUpdate]:
    """Return the changes to items: those in the details, and the purchase order number for every item."""
    found: dict[str, wire.ItemUpdate] = {}
    for index, one in enumerate(cast("Sequence[Json]", change.details.get("items") or ())):
        item = item_named(order, one["line_item_id"], findings, *OWN, "items", str(index), "lineItemId")
        if item is not None and item.item_id is not None:
            found[item.item_id] = item_change(item, one, defaults)
    if change.purchase_order_number is not commands.OMITTED:
        number = change.purchase_order_number or None
        for item in order.items:
            before = found.get(item.item_id or "", wire.ItemUpdate(id=item.item_id))
            if isinstance(before.purchase_order_number, UnsetType):
                found[item.item_id or ""] = msgspec.structs.replace(before, purchase_order_number=number)
    return list(found.values())


def item_named(order: SonataOrder, id_: str, findings: Findings, *path: str) -> wire.Item | None:
    """Return the item of an order with a line's ID. Note a problem if there is none."""
    try:
        ref = Ref.parse(id_, "LineItem")
    except InputError as error:
        findings.add(UserErrorCode.INVALID, str(error), *path)
        return None
    own = (ref.account, *ref.key[:1]) == (order.origin.account, order.wire.id)
    found = next((item for item in order.items if own and (item.item_id,) == ref.key[1:]), None)
    if found is None:
        findings.add(UserErrorCode.NOT_FOUND, f"The order has no line {id_}.", *path)
    return found


def item_change(item: wire.Item, values: Json, defaults: Defaults) -> wire.ItemUpdate:
    """Return the changes to one item."""
    notes = texts_of(values)
    return wire.ItemUpdate(
        end_customer_name=values.get("end_customer_name", UNSET),
        id=item.item_id,
        notes=added(item.notes, notes, defaults) if notes else UNSET,
        purchase_order_number=values.get("purchase_order_number", UNSET),
        contacts=replaced_contacts(item.contacts, values.get("contacts"), defaults.contract),
    )


# ---- Cancellations, charges and delivery dates ------------------------------------------------------


def cancel_to_wire(order: SonataOrder, request: commands.CancelRequest, contract: Contract) -> wire.CancelWrite:
    """Return the body that requests a cancellation. The contact defaults to the order's [R74]."""
    given = request.details.get("contact")
    if given:
        contact = places.contact_to_wire(given, contract, CANCEL_ROLE)
    else:
        contact = places.with_role(places.as_sent(order.contact or wire_parts.Contact()), contract, CANCEL_ROLE)
    values = {"reason": request.reason or None, "reason_type": request.details.get("reason_type")}
    cancel = places.made(wire.CancelWrite, {**values, "contacts": [contact]})
    return msgspec.structs.replace(cancel, product_order=wire.OrderReference(order.wire.id))


def answer_to_wire(
    charge: wire.Charge, answer: commands.ChargeAnswer, defaults: Defaults, findings: Findings
) -> wire.ChargeUpdate:
    """Return the response to all items of a charge at once [R94, R95]."""
    items = {item.id: item for item in charge.items or () if item.id}
    for index, id_ in enumerate(answer.items):
        if id_ not in items:
            message = f"The charge has no item {id_}."
            findings.add(UserErrorCode.NOT_FOUND, message, "items", str(index), "vendorItemId")
    return wire.ChargeUpdate([item_answer(item, answer, defaults) for item in items.values()])


def item_answer(item: wire.ChargeItem, answer: commands.ChargeAnswer, defaults: Defaults) -> wire.ChargeItemUpdate:
    """Return the response to one item, with the existing notes and the new one."""
    accept, text = answer.items.get(item.id or "", (answer.accept, None))
    said = text or answer.note
    return wire.ChargeItemUpdate(
        acceptance_indicator="accepted" if accept else "rejected",
        id=item.id,
        notes=added(item.notes, [(said, None)], defaults) if said else None,
    )


def date_to_ask(order: SonataOrder, item: wire.Item, request: commands.DateRequest) -> wire.DeliveryDateWrite:
    """Return the body that requests another date. An expedited item stays expedited unless the request changes it."""
    expedite = request.details.get("is_expedited")
    return wire.DeliveryDateWrite(
        is_expedited=item.is_expedited or None if expedite is None else expedite,
        product_order_item=wire.ItemReference(product_order_id=order.wire.id, item_id=item.item_id),
        requested_at=written(request.requested_at),
    )


def is_for(task: wire.Task, body: Json) -> bool:
    """Return whether a request at the Seller corresponds to a body: a cancellation, or this date for this item."""
    if not isinstance(task, wire.DeliveryDate):
        return True
    item = task.product_order_item
    same = item is not None and item.item_id == body["productOrderItem"]["productOrderItemId"]
    return same and moment(task.requested_at) == moment(body["requestedCompletionDate"])
