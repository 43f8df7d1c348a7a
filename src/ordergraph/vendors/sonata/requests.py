"""ordergraph's requests as Sonata's: pure functions, nothing is sent.

Source: MEF 123 v10; the rules' numbers are those of its developer guide. Everything that can be known to be
wrong before sending is gathered in a `Findings`, each with the path of the input.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, cast

import msgspec

from ordergraph.domain import OrderStatus, Ref, Requirement
from ordergraph.domain.commands import (
    ALWAYS,
    OMITTED,
    AddressRequest,
    CancelRequest,
    ChargeAnswer,
    Contact,
    DateRequest,
    Findings,
    LineRequest,
    OrderChange,
    OrderQuery,
    OrderRequest,
    Range,
    camel,
    within,
)
from ordergraph.domain.errors import InputError, Problem, UserErrorCode
from ordergraph.vendors.sonata import wire
from ordergraph.vendors.sonata.mapping import BUYER_ROLE, STATUS, SonataOrder, moment
from ordergraph.vendors.sonata.requests_places import Json, check_places, place_to_wire, sub_address_to_wire

Query = list[tuple[str, str]]

Contract = Literal["document", "openapi"]
"""What a Seller is built after: the document with the rules of its guide, or the published OpenAPI alone."""
ID = re.compile(r"(?!\.{1,2}\Z)[^\x00-\x20\x7f-\xa0]{1,255}")
"""The Seller's ids are any text; these can stand in a path, and nobody writes others."""
OWN = ("details", "sonata")
ITEM_ROLES = ("buyerProductOrderItemContact", "buyerImplementationContact", "buyerTechnicalContact")
CANCEL_ROLE = "cancelProductOrderContact"
SELLER = "seller"
ITEMS = frozenset({"productOrderItem", "chargeItem"})
"""The lists whose entries a patch changes one by one; any other it replaces."""
MICROSECOND = timedelta(microseconds=1)

REQUIREMENTS: Sequence[Requirement] = (
    Requirement("lineItems", required=True, note="One item for each line."),
    Requirement("lineItems.product", required=True, note="The offering, by ID, or by the Seller's id of it as SKU."),
    Requirement("lineItems.quantity", values=("1",), note="An item is of one product: order two with two lines."),
    Requirement(
        "clientReference",
        note="Kept as externalId, by which the order is found again when no answer comes; no two orders of an account "
        "may share one. Made by the gateway if left out.",
    ),
    Requirement("purchaseOrderNumber", note="Becomes relatedBuyerPON of the items that have no number of their own."),
    Requirement(
        "shippingAddress",
        note="Becomes the postal address of productOrderContact if it has a line, a town and a country; whatever of "
        "it has no field there is told in a note.",
    ),
    Requirement("notes", note="Kept as the Buyer's notes."),
    Requirement("lineItems.details.sonata.action", values=("ADD", "MODIFY", "DELETE"), note="ADD if left out."),
    Requirement(
        "lineItems.details.sonata.configuration",
        note="Needed to ADD and MODIFY: an object with @type, or configurationType beside it.",
    ),
    Requirement(
        "lineItems.details.sonata.places",
        note="Where the product is, to ADD and MODIFY. A product with a site, such as a UNI, needs one; its "
        "specification says with which role.",
    ),
    Requirement(
        "lineItems.details.sonata.productId",
        note="The product in service, needed to MODIFY and DELETE. Of a line that DELETEs, the offering is not sent.",
    ),
)
# What differs by what the Seller is built after.
CONTRACT_REQUIREMENTS: Mapping[Contract, Sequence[Requirement]] = {
    "document": (
        Requirement(
            "contact",
            required=True,
            note="Becomes productOrderContact, and of each item the product order item, implementation and technical "
            "contact where details name no other. The account's settings may hold one; all three fields are needed.",
        ),
        Requirement("requestedAt", required=True, note="Becomes the date of the items that have no date of their own."),
        Requirement("lineItems.details.sonata.requestedTerm", note="Needed to ADD and MODIFY."),
        Requirement(
            "lineItems.details.sonata.billingAccountId", note="Needed to ADD, unless the account's settings hold one."
        ),
    ),
    "openapi": (
        Requirement(
            "contact",
            required=True,
            note="Becomes productOrderContact, and of items to ADD or MODIFY the product order item, implementation "
            "and technical contact where details name no other. The account's settings may hold one; all three fields "
            "are needed.",
        ),
        Requirement("requestedAt", note="Becomes the date of the items that have no date of their own."),
        Requirement("lineItems.details.sonata.requestedTerm", note="The Seller may want it to ADD and MODIFY."),
        Requirement("lineItems.details.sonata.billingAccountId", note="The one of the settings if left out, to ADD."),
    ),
}
# What an order may be asked by, of what only Sonata has; the values are the vendor's parameters.
SPANS: Mapping[str, str] = {
    "completed_at": "completionDate",
    "cancelled_at": "cancellationDate",
    "item_requested_at": "itemRequestedCompletionDate",
    "item_expected_at": "itemExpectedCompletionDate",
}


@dataclass(frozen=True, slots=True)
class Defaults:
    """What the account's settings give where a request does not, and when it is."""

    now: datetime
    contact: Contact = field(default_factory=Contact)
    billing_account: str | None = None
    contract: Contract = "document"
    author: str = "ordergraph"

    @property
    def writes(self) -> str:
        """Who writes a note when nobody is named."""
        return self.contact.name or self.author


def read_problem(body: Any) -> Problem:
    """What an error's body says: one error, or of an answer 422 a list, each with a JSON Pointer."""
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
    """What a Seller of that kind asks of an order."""
    return (*REQUIREMENTS, *CONTRACT_REQUIREMENTS[contract])


def sentence(error: Json) -> str | None:
    """The words of an error."""
    words = (error.get("reason"), error.get("message"))
    return ": ".join(word for word in words if isinstance(word, str) and word) or None


def written(at: datetime) -> str:
    """A time as Sonata writes it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def word(name: str) -> str:
    """Sonata's word for one of our enums' names."""
    return camel(name.lower())


# --------------------------------------------------------------------------------------------------- placing


def order_to_wire(request: OrderRequest, defaults: Defaults, findings: Findings) -> wire.OrderWrite:
    """The body that makes an order."""
    if request.details.get("items") is not None:
        message = "What to change of items that are there: leave it out when placing an order."
        findings.add(UserErrorCode.INVALID, message, *OWN, "items")
    if not request.lines:
        findings.add(UserErrorCode.REQUIRED, "An order needs a line.", "lineItems")
    main, told = shipped(order_contact(request, defaults, findings), request.shipping_address)
    main = with_role(main, defaults.contract)
    others = contacts_to_wire(request.details.get("contacts"), defaults.contract, but=BUYER_ROLE)
    texts = [*request.notes, *told]
    own = notes_to_wire(request.details.get("notes"), defaults, first=len(texts) + 1)
    return wire.OrderWrite(
        externalId=request.client_reference or None,
        note=[*(note_to_wire(text, index + 1, defaults) for index, text in enumerate(texts)), *own] or None,
        productOrderItem=items_to_wire(request, main, defaults, findings),
        projectId=request.details.get("project_id"),
        relatedContactInformation=[main, *others],
    )


def order_contact(request: OrderRequest, defaults: Defaults, findings: Findings) -> wire.Contact:
    """The Buyer's contact for the order: of the details, the common one, or that of the account's settings."""
    own = [one for one in request.details.get("contacts") or () if one["role"] == BUYER_ROLE]
    if own and request.contact is not None:
        findings.add(UserErrorCode.INVALID, f"The details name another {BUYER_ROLE}.", "contact")
    if own:
        return contact_to_wire(own[0])
    given, kept = request.contact or Contact(), defaults.contact
    found = {name: getattr(given, name) or getattr(kept, name) for name in ("name", "email", "phone")}
    for name, value in found.items():
        if not value:
            findings.add(UserErrorCode.REQUIRED, "Sonata needs somebody to talk to.", "contact", name)
    return wire.Contact(emailAddress=found["email"], name=found["name"], number=found["phone"], role=BUYER_ROLE)


def shipped(contact: wire.Contact, address: AddressRequest | None) -> tuple[wire.Contact, Sequence[str]]:
    """The contact with an address to ship to, and in words what of it has no field."""
    if address is None:
        return contact, ()
    place = wire.Address(
        type="FieldedAddress",
        city=address.city,
        country=address.country_code,
        postcode=address.postal_code,
        stateOrProvince=address.region,
        streetName=", ".join(address.lines) or None,
    )
    if contact.postalAddress is not None or not (place.city and place.country and place.streetName):
        return contact, ship_to(*address.formatted)
    company = address.company_name if contact.organization is None else None
    placed = msgspec.structs.replace(contact, postalAddress=place, organization=contact.organization or company)
    person = address.recipient_name if address.recipient_name != contact.name else None
    return placed, ship_to(person, None if company else address.company_name)


def ship_to(*parts: str | None) -> Sequence[str]:
    """A note of what has no field, none if nothing is left."""
    said = ", ".join(part for part in parts if part)
    return [f"Ship to: {said}"] if said else ()


def contact_to_wire(values: Json, role: str | None = None) -> wire.Contact:
    """A contact of the details."""
    return wire.Contact(
        emailAddress=values["email"],
        name=values["name"],
        number=values["phone"],
        numberExtension=values.get("phone_extension"),
        organization=values.get("organization"),
        postalAddress=address_to_wire(values.get("address")),
        role=role or values["role"],
    )


def contacts_to_wire(values: Sequence[Json] | None, contract: Contract, but: str | None = None) -> list[wire.Contact]:
    """The contacts of the details, but the one with a role that is found otherwise."""
    return [with_role(contact_to_wire(one), contract) for one in values or () if one["role"] != but]


def with_role(contact: wire.Contact, contract: Contract) -> wire.Contact:
    """A contact whose address has its role: in the OpenAPI, an address is a place, and every place has a role."""
    if contact.postalAddress is None:
        return contact
    address = msgspec.structs.replace(contact.postalAddress, role=contact.role if contract == "openapi" else None)
    return msgspec.structs.replace(contact, postalAddress=address)


def address_to_wire(values: Json | None) -> wire.Address | None:
    """A fielded address."""
    if values is None:
        return None
    sub = cast("Json | None", values.get("sub_address"))
    plain = {camel(name): value for name, value in values.items() if name != "sub_address"}
    return wire.Address(type="FieldedAddress", geographicSubAddress=sub_address_to_wire(sub), **plain)


def note_to_wire(text: str, number: int, defaults: Defaults, author: str | None = None) -> wire.Note:
    """A note of the Buyer's, the only ones that a Buyer may write."""
    return wire.Note(
        author=author or defaults.writes, date=written(defaults.now), id=str(number), source="buyer", text=text
    )


def notes_to_wire(values: Sequence[Json] | None, defaults: Defaults, first: int = 1) -> list[wire.Note]:
    """The notes of the details."""
    given = enumerate(values or (), first)
    return [note_to_wire(one["text"], number, defaults, one.get("author")) for number, one in given]


# ---------------------------------------------------------------------------------------------------- items


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an order to place; ``ids`` are those of all of its items."""

    index: int
    request: LineRequest
    order: OrderRequest
    ids: Sequence[str]
    contract: Contract
    findings: Findings

    @property
    def action(self) -> str:
        """What is done with the product."""
        return self.request.details.get("action") or "ADD"

    @property
    def by_document(self) -> bool:
        """Whether what only the document and its guide ask for is needed."""
        return self.contract == "document"

    def get(self, name: str) -> Any:
        """What the details say."""
        return self.request.details.get(name)

    def say(self, code: UserErrorCode, message: str, *path: str) -> None:
        """Note what is wrong with the details."""
        self.findings.add(code, message, "lineItems", str(self.index), *OWN, *path)

    def needs(self, name: str, words: str) -> None:
        """Note that something is missing."""
        self.say(UserErrorCode.REQUIRED, words, name)


def items_to_wire(
    request: OrderRequest, main: wire.Contact, defaults: Defaults, findings: Findings
) -> list[wire.ItemWrite]:
    """The items, one for each line."""
    ids = [line.details.get("item_id") or str(index + 1) for index, line in enumerate(request.lines)]
    lines = [Line(index, line, request, ids, defaults.contract, findings) for index, line in enumerate(request.lines)]
    for line in lines:
        if Counter(ids)[ids[line.index]] > 1:
            line.say(UserErrorCode.INVALID, "Each item has an id of its own within the order.", "itemId")
        check_line(line)
    return [item_to_wire(line, main, defaults) for line in lines]


def item_to_wire(line: Line, main: wire.Contact, defaults: Defaults) -> wire.ItemWrite:
    """One item."""
    return wire.ItemWrite(
        action=word(line.action),
        agreementName=line.get("agreement_name"),
        billingAccount=billing_to_wire(line, defaults),
        coordinatedAction=[coordinated_to_wire(one) for one in line.get("coordinated_actions") or ()] or None,
        endCustomerName=line.get("end_customer_name"),
        expediteIndicator=line.get("expedite"),
        id=line.ids[line.index],
        note=notes_to_wire(line.get("notes"), defaults) or None,
        product=product_to_wire(line),
        productOfferingQualificationItem=qualification_to_wire(line.get("qualification_item")),
        productOrderItemRelationship=[
            wire.Relationship(one["item_id"], one["relationship_type"]) for one in line.get("relationships") or ()
        ]
        or None,
        quoteItem=quote_to_wire(line.get("quote_item")),
        relatedBuyerPON=line.get("purchase_order_number") or line.order.purchase_order_number or None,
        relatedContactInformation=item_contacts(line, main) or None,
        requestedCompletionDate=date_to_wire(line),
        requestedItemTerm=term_to_wire(line.get("requested_term")),
        tspRestorationPriority=line.get("tsp_restoration_priority"),
    )


def product_to_wire(line: Line) -> wire.Product:
    """The product: what is to be, what there is, or both; of one to be disconnected its id alone [R44]."""
    place = ("lineItems", str(line.index), "product")
    offering = line.request.sku or line.findings.reference(line.request.product_id, "Product", ID, *place, "id")
    if line.request.sku is not None and not ID.fullmatch(line.request.sku):
        line.findings.add(UserErrorCode.INVALID, "Not the id of an offering.", *place, "sku")
    if line.action == "DELETE":
        return wire.Product(id=line.get("product_id"))
    relations = line.get("product_relationships") or ()
    return wire.Product(
        id=line.get("product_id"),
        place=[place_to_wire(one) for one in line.get("places") or ()] or None,
        productConfiguration=configuration_of(line),
        productOffering=wire.Reference(offering) if offering else None,
        productRelationship=[wire.Relationship(one["product_id"], one["relationship_type"]) for one in relations]
        or None,
    )


def billing_to_wire(line: Line, defaults: Defaults) -> wire.Reference | None:
    """The account that is billed; needed to install something [R33]."""
    given = line.get("billing_account_id") or (None if line.action == "DELETE" else defaults.billing_account)
    if given is None and line.action == "ADD" and line.by_document:
        line.needs("billingAccountId", "Say which account is billed, here or in the account's settings.")
    return wire.Reference(given) if given else None


def item_contacts(line: Line, main: wire.Contact) -> list[wire.Contact]:
    """The contacts of an item: those of the details, and the order's for the roles that are needed [R14]."""
    own = contacts_to_wire(line.get("contacts"), line.contract)
    if line.action == "DELETE" and not line.by_document:
        return own
    left = [role for role in ITEM_ROLES if role not in {one.role for one in own}]
    return [*own, *(with_role(msgspec.structs.replace(main, role=role), line.contract) for role in left)]


def date_to_wire(line: Line) -> str | None:
    """For when an item is wanted."""
    at = line.get("requested_at") or line.order.requested_at
    if at is None and line.by_document:
        message = "Sonata needs a date for each item: give it here or in the line's details."
        line.findings.add(UserErrorCode.REQUIRED, message, "requestedAt")
    return None if at is None else written(at)


def term_to_wire(values: Json | None) -> wire.Term | None:
    """For how long a product is wanted."""
    if values is None:
        return None
    return wire.Term(
        description=values.get("description"),
        duration=duration_to_wire(values["duration"]),
        endOfTermAction=word(values["end_of_term_action"]),
        name=values["name"],
        rollInterval=duration_to_wire(values["roll_interval"]) if values.get("roll_interval") else None,
    )


def duration_to_wire(values: Json) -> wire.Duration:
    """A length of time."""
    return wire.Duration(values["amount"], word(values["units"]))


def coordinated_to_wire(values: Json) -> wire.CoordinatedAction:
    """How an item waits for another."""
    delay = duration_to_wire(values["delay"])
    return wire.CoordinatedAction(delay, word(values["dependency"]), values["item_id"])


def quote_to_wire(values: Json | None) -> wire.QuoteItem | None:
    """The item of a quote that is ordered."""
    return None if values is None else wire.QuoteItem(id=values["item_id"], quoteId=values["quote_id"])


def qualification_to_wire(values: Json | None) -> wire.QualificationItem | None:
    """The item of a qualification that is ordered."""
    if values is None:
        return None
    return wire.QualificationItem(
        alternateProductOfferingProposalId=values.get("alternate_proposal_id"),
        id=values["item_id"],
        productOfferingQualificationId=values["qualification_id"],
    )


# ---------------------------------------------------------------------------------------- rules of the items


def check_line(line: Line) -> None:
    """What the rules say against a line, apart from what is found while it is built."""
    if line.request.quantity != 1:
        message = "An item is of one product: order two with two lines."
        line.findings.add(UserErrorCode.INVALID, message, "lineItems", str(line.index), "quantity")
    check_configuration(line)
    check_product(line)
    check_places(line.get("places"), line.say)
    check_term(line)
    check_relations(line)


def configuration_of(line: Line) -> Any:
    """The configuration, with the type that is given beside it: a literal of GraphQL has no place for ``@type``."""
    given, type_ = line.get("configuration"), line.get("configuration_type")
    if type_ is None or not (given is None or isinstance(given, dict)):
        return given
    return {"@type": type_, **cast("Json", given or {})}


def check_configuration(line: Line) -> None:
    """Needed to add and modify [R30, R39], and not to delete."""
    given, type_ = configuration_of(line), line.get("configuration_type")
    if line.action == "DELETE":
        if given is not None:
            line.say(UserErrorCode.INVALID, "A disconnection has no configuration: leave it out.", "configuration")
    elif given is None:
        line.needs("configuration", "Say how the product shall be.")
    elif not isinstance(given, dict) or not isinstance(cast("Json", given).get("@type"), str):
        line.say(UserErrorCode.INVALID, "An object whose @type names the product's specification.", "configuration")
    elif type_ is not None and given["@type"] != type_:
        line.say(UserErrorCode.INVALID, "The configuration has another @type.", "configurationType")


def check_product(line: Line) -> None:
    """The product in service: needed to modify and delete [R39, R43], and not to add [R36]."""
    given = line.get("product_id")
    if line.action == "ADD" and given is not None:
        line.say(UserErrorCode.INVALID, "The Seller gives a new product its id: leave it out.", "productId")
    elif line.action != "ADD" and given is None:
        line.needs("productId", "Say which product in service.")
    for name in ("product_relationships", "places") if line.action == "DELETE" else ():
        if line.get(name):
            message = "Of a product to be disconnected only its id is told: leave it out."
            line.say(UserErrorCode.INVALID, message, camel(name))


def check_term(line: Line) -> None:
    """No length of time in it is negative; by the document, more is asked of it."""
    term = cast("Json | None", line.get("requested_term"))
    if line.by_document:
        check_term_by_document(line, term)
    if term is None:
        return
    for name, path in (("duration", "duration"), ("roll_interval", "rollInterval")):
        check_amount(line, term.get(name), "requestedTerm", path)


def check_term_by_document(line: Line, term: Json | None) -> None:
    """Needed to add and modify [R34, R42], with an interval if it rolls [R35]; not to delete."""
    if line.action == "DELETE":
        if term is not None:
            line.say(UserErrorCode.INVALID, "A disconnection has no term: leave it out.", "requestedTerm")
    elif term is None:
        line.needs("requestedTerm", "Say for how long.")
    elif term["end_of_term_action"] == "ROLL" and not term.get("roll_interval"):
        line.say(UserErrorCode.REQUIRED, "Say by how much it rolls.", "requestedTerm", "rollInterval")


def check_amount(line: Line, duration: Json | None, *path: str) -> None:
    """No length of time is negative."""
    if duration is not None and duration["amount"] < 0:
        line.say(UserErrorCode.INVALID, "Not less than nothing.", *path, "amount")


def check_relations(line: Line) -> None:
    """Items name others of the same order."""
    for name, path in (("coordinated_actions", "coordinatedActions"), ("relationships", "relationships")):
        for index, one in enumerate(cast("Sequence[Json]", line.get(name) or ())):
            place = (path, str(index))
            check_amount(line, one.get("delay"), *place, "delay")
            if one["item_id"] not in line.ids:
                line.say(UserErrorCode.NOT_FOUND, f"The order has no item {one['item_id']}.", *place, "itemId")
            elif one["item_id"] == line.ids[line.index]:
                line.say(UserErrorCode.INVALID, "An item cannot be related to itself.", *place, "itemId")


# -------------------------------------------------------------------------------------------------- changing


def change_to_wire(order: SonataOrder, change: OrderChange, defaults: Defaults, findings: Findings) -> wire.OrderUpdate:
    """The merge patch of a change: only what changes is in it."""
    if change.lines is not OMITTED:
        message = "Sonata cannot change what was ordered: cancel the order and place another."
        findings.add(UserErrorCode.INVALID, message, "lineItems")
    items = item_changes(order, change, defaults, findings)
    patch = wire.OrderUpdate(
        externalId=unset(change.client_reference),
        note=note_changes(order.wire.note, change, defaults, findings),
        productOrderItem=items or msgspec.UNSET,
        projectId=change.details.get("project_id", msgspec.UNSET),
        relatedContactInformation=contact_changes(order, change, defaults, findings),
    )
    if patch == wire.OrderUpdate() and not findings.errors:
        findings.add(UserErrorCode.REQUIRED, "Say what shall change.")
    return patch


def patched(now: wire.Order | wire.Charge, patch: wire.OrderUpdate | wire.ChargeUpdate | Json) -> Json:
    """What is there in the fields of a patch; of items, in those of the patch's items."""
    there, sent = cast("Json", msgspec.to_builtins(now)), cast("Json", msgspec.to_builtins(patch))
    found = {name: there.get(name) for name in sent}
    for name in ITEMS & sent.keys():
        items = {item.get("id"): item for item in there.get(name) or ()}
        found[name] = [{field: items.get(one["id"], {}).get(field) for field in one} for one in sent[name]]
    return found


def unset(value: Any) -> Any:
    """What a change leaves out is not in the patch; nothing and an empty text are the same."""
    return msgspec.UNSET if value is OMITTED else value or None


def note_changes(
    current: Sequence[wire.Note] | None, change: OrderChange, defaults: Defaults, findings: Findings
) -> list[wire.Note] | msgspec.UnsetType:
    """The notes with new ones behind them: those that are there stay as they are [R21, R58]."""
    kept = list(current or ())
    texts: Sequence[str] = () if change.notes is OMITTED else change.notes
    if change.notes is not OMITTED and not {note.text for note in kept} <= set(texts):
        message = "Notes can only be added: give those that are there as well."
        findings.add(UserErrorCode.INVALID, message, "notes")
    known = {note.text for note in kept}
    own = [(one["text"], one.get("author")) for one in change.details.get("notes") or ()]
    new = [(text, None) for text in texts if text not in known] + own
    return added(kept, new, defaults) if new else msgspec.UNSET


def added(kept: Sequence[wire.Note], new: Sequence[tuple[str, str | None]], defaults: Defaults) -> list[wire.Note]:
    """Notes with others behind them, each with an id of its own."""
    numbers = numbers_beside({note.id for note in kept})
    return [*kept, *(note_to_wire(text, next(numbers), defaults, author) for text, author in new)]


def numbers_beside(taken: set[str | None]) -> Iterator[int]:
    """Numbers from 1 on that are no ids yet."""
    number = 0
    while True:
        number += 1
        if str(number) not in taken:
            yield number


def contact_changes(
    order: SonataOrder, change: OrderChange, defaults: Defaults, findings: Findings
) -> list[wire.Contact] | msgspec.UnsetType:
    """All contacts, since a list is replaced as a whole: those of the roles that are given, the others as they are."""
    contract = defaults.contract
    given = replaced_contacts(order.wire.relatedContactInformation, change.details.get("contacts"), contract)
    if change.shipping_address is OMITTED:
        return given
    contacts = order.wire.relatedContactInformation or [] if isinstance(given, msgspec.UnsetType) else given
    address = change.shipping_address
    return [
        with_role(addressed(one, address, findings), contract) if one.role == BUYER_ROLE else one for one in contacts
    ]


def addressed(contact: wire.Contact, address: AddressRequest | None, findings: Findings) -> wire.Contact:
    """The Buyer's contact with another address, or none."""
    placed, left = shipped(msgspec.structs.replace(contact, postalAddress=None), address)
    if left:
        message = "Sonata keeps a line, a town and a country with the contact: give these, and nobody's name."
        findings.add(UserErrorCode.INVALID, message, "shippingAddress")
    return placed


def replaced_contacts(
    current: Sequence[wire.Contact] | None, given: Sequence[Json] | None, contract: Contract
) -> list[wire.Contact] | msgspec.UnsetType:
    """The contacts with those of some roles replaced."""
    if not given:
        return msgspec.UNSET
    new = contacts_to_wire(given, contract)
    roles = {one.role for one in new}
    return [*new, *(one for one in current or () if one.role not in roles)]


def item_changes(
    order: SonataOrder, change: OrderChange, defaults: Defaults, findings: Findings
) -> list[wire.ItemUpdate]:
    """What changes of the items: those of the details, and the number that is every item's."""
    found: dict[str, wire.ItemUpdate] = {}
    for index, one in enumerate(cast("Sequence[Json]", change.details.get("items") or ())):
        item = item_named(order, one["line_item_id"], findings, *OWN, "items", str(index), "lineItemId")
        if item is not None and item.id is not None:
            found[item.id] = item_change(item, one, defaults)
    if change.purchase_order_number is not OMITTED:
        number = change.purchase_order_number or None
        for item in order.items:
            before = found.get(item.id or "", wire.ItemUpdate(id=item.id))
            if isinstance(before.relatedBuyerPON, msgspec.UnsetType):
                found[item.id or ""] = msgspec.structs.replace(before, relatedBuyerPON=number)
    return list(found.values())


def item_named(order: SonataOrder, id_: str, findings: Findings, *path: str) -> wire.Item | None:
    """The item of an order that a line's ID names."""
    try:
        ref = Ref.parse(id_, "LineItem")
    except InputError as error:
        findings.add(UserErrorCode.INVALID, str(error), *path)
        return None
    own = (ref.account, *ref.key[:1]) == (order.origin.account, order.wire.id)
    found = next((item for item in order.items if own and (item.id,) == ref.key[1:]), None)
    if found is None:
        findings.add(UserErrorCode.NOT_FOUND, f"The order has no line {id_}.", *path)
    return found


def item_change(item: wire.Item, values: Json, defaults: Defaults) -> wire.ItemUpdate:
    """What changes of one item."""
    notes = [(one["text"], one.get("author")) for one in values.get("notes") or ()]
    return wire.ItemUpdate(
        endCustomerName=values.get("end_customer_name", msgspec.UNSET),
        id=item.id,
        note=added(item.note or (), notes, defaults) if notes else msgspec.UNSET,
        relatedBuyerPON=values.get("purchase_order_number", msgspec.UNSET),
        relatedContactInformation=replaced_contacts(
            item.relatedContactInformation, values.get("contacts"), defaults.contract
        ),
    )


# --------------------------------------------------------------------------- cancelling, charges, other dates


def cancel_to_wire(order: SonataOrder, request: CancelRequest, contract: Contract) -> wire.CancelWrite:
    """The body that asks to cancel an order; the contact is the order's unless another is given [R74]."""
    given = request.details.get("contact")
    known = order.contact or wire.Contact()
    contact = contact_to_wire(given, CANCEL_ROLE) if given else msgspec.structs.replace(known, role=CANCEL_ROLE)
    kind = request.details.get("reason_type")
    return wire.CancelWrite(
        cancellationReason=request.reason or None,
        cancellationReasonType=word(kind) if kind else None,
        productOrder=wire.OrderReference(order.wire.id),
        relatedContactInformation=[with_role(as_sent(contact), contract)],
    )


def as_sent(contact: wire.Contact) -> wire.Contact:
    """A contact without what only the Seller adds to its address."""
    if contact.postalAddress is None:
        return contact
    bare = msgspec.structs.replace(contact.postalAddress, allowsNewSite=None, hasPublicSite=None, href=None, id=None)
    return msgspec.structs.replace(contact, postalAddress=bare)


def answer_to_wire(
    charge: wire.Charge, answer: ChargeAnswer, defaults: Defaults, findings: Findings
) -> wire.ChargeUpdate:
    """The answer to all items of a charge at once [R94, R95]."""
    items = {item.id: item for item in charge.chargeItem or () if item.id}
    for index, id_ in enumerate(answer.items):
        if id_ not in items:
            message = f"The charge has no item {id_}."
            findings.add(UserErrorCode.NOT_FOUND, message, "items", str(index), "vendorItemId")
    return wire.ChargeUpdate([item_answer(item, answer, defaults) for item in items.values()])


def item_answer(item: wire.ChargeItem, answer: ChargeAnswer, defaults: Defaults) -> wire.ChargeItemUpdate:
    """The answer to one item, with what was said before and now."""
    accept, text = answer.items.get(item.id or "", (answer.accept, None))
    said = text or answer.note
    return wire.ChargeItemUpdate(
        acceptanceIndicator="accepted" if accept else "rejected",
        id=item.id,
        note=added(item.note or (), [(said, None)], defaults) if said else None,
    )


def date_to_ask(order: SonataOrder, item: wire.Item, request: DateRequest) -> wire.DeliveryDateWrite:
    """The body that asks for another date; an item that is expedited stays so unless told otherwise."""
    expedite = request.details.get("expedite")
    return wire.DeliveryDateWrite(
        expediteIndicator=item.expediteIndicator or None if expedite is None else expedite,
        productOrderItem=wire.ItemReference(productOrderId=order.wire.id, productOrderItemId=item.id),
        requestedCompletionDate=written(request.requested_at),
    )


def is_for(task: msgspec.Struct, body: Json) -> bool:
    """Whether a request is for what a body asks: to cancel, or for that date of that item."""
    if not isinstance(task, wire.DeliveryDate):
        return True
    item = task.productOrderItem
    same = item is not None and item.productOrderItemId == body["productOrderItem"]["productOrderItemId"]
    return same and moment(task.requestedCompletionDate) == moment(body["requestedCompletionDate"])


# ----------------------------------------------------------------------------------------------------- lists


def orders_query(query: OrderQuery) -> Query | None:
    """Sonata's filters for orders, coarser than the query; None if it has nothing of the kind."""
    found = {"projectId": query.details.get("project_id"), **spans(query)}
    states = states_of(query)
    if states is not None and not states:
        return None
    if states is not None and len(states) == 1:
        found["state"] = next(iter(states))
    references = reference_of(query)
    if references is not None and len(references) == 1:
        found["externalId"] = next(iter(references))
    return [(name, value) for name, value in found.items() if value is not None]


def states_of(query: OrderQuery) -> frozenset[str] | None:
    """The states that a query leaves; None for any, also those that nobody knows."""
    own: frozenset[str] | None = query.details.get("state")
    if query.status is None or OrderStatus.UNKNOWN in query.status:
        return own
    states = frozenset(state for state, ours in STATUS.items() if ours in query.status)
    return states if own is None else states & own


def reference_of(query: OrderQuery) -> frozenset[str] | None:
    """The references that a query leaves: number and reference are the same here."""
    if query.number is None or query.client_reference is None:
        return query.client_reference if query.number is None else query.number
    return query.number & query.client_reference


def spans(query: OrderQuery) -> Mapping[str, str]:
    """The times of a query; Sonata's leave out both ends, ours only the last."""
    ranges = {"orderDate": query.placed_at, **{own: query.details.get(name) for name, own in SPANS.items()}}
    found: dict[str, str] = {}
    for name, span in ranges.items():
        if span is not None and span.start is not None:
            found[f"{name}.gt"] = (span.start.astimezone(UTC) - MICROSECOND).isoformat().replace("+00:00", "Z")
        if span is not None and span.end is not None:
            found[f"{name}.lt"] = span.end.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return found


def own_conditions(order: SonataOrder, query: OrderQuery) -> bool:
    """Whether an order meets the conditions that only Sonata has, as far as it is known."""
    project, states = query.details.get("project_id"), query.details.get("state")
    return (
        (project is None or order.wire.projectId == project)
        and (states is None or order.wire.state in states)
        and within(order.completed_at, query.details.get("completed_at") or ALWAYS)
        and within(order.cancelled_at, query.details.get("cancelled_at") or ALWAYS)
        and (order.wire.productOrderItem is None or any(item_within(item, query) for item in order.items))
    )


def item_within(item: wire.Item, query: OrderQuery) -> bool:
    """Whether an item has the dates that are asked for."""
    requested: Range[datetime] = query.details.get("item_requested_at") or ALWAYS
    expected: Range[datetime] = query.details.get("item_expected_at") or ALWAYS
    return within(moment(item.requestedCompletionDate), requested) and within(
        moment(item.expectedCompletionDate), expected
    )


def exact(query: OrderQuery) -> bool:
    """Whether Sonata's filters say the same as the query, so that its count is ours."""
    states, references = states_of(query), reference_of(query)
    unknown = query.status is not None and OrderStatus.UNKNOWN in query.status
    return (
        query.purchase_order_number is None
        and query.text is None
        and not unknown
        and (states is None or len(states) == 1)
        and (references is None or len(references) == 1)
    )


def needs_items(query: OrderQuery) -> bool:
    """Whether a condition is about what rows of the list do not tell."""
    return query.purchase_order_number is not None or query.text is not None
