"""The rules for requests to the fake Sonata: the field tables of MEF 123 and the rules of its developer guide.

A Seller with the contract ``openapi`` has addresses that are places, with a role, ignores unknown properties, and
applies the rules in the descriptions of the OpenAPI. One with the contract ``document`` also applies the rules of the
guide.

A body with wrong JSON types is rejected as a whole (400 invalidBody). For a body that breaks rules, the response lists
all problems (422), each with the JSON Pointer of its property. The numbers of rules are those of the guide.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple, cast

from ordergraph.sandbox import is_integer

Record = dict[str, Any]
Contract = Literal["document", "openapi"]

WORDS: Mapping[str, str] = {
    "Acceptance": "accepted rejected",
    "Action": "add modify delete",
    "Activity": "new change",
    "ChargeItemState": "awaitingResponse acceptedByBuyer declinedByBuyer withdrawnBySeller",
    "ChargeState": "awaitingResponse completed timeout withdrawnBySeller",
    "Dependency": "startToStart startToFinish finishToStart finishToFinish",
    "EndOfTerm": "roll autoDisconnect autoRenew",
    "ErrorCode": (
        "missingProperty invalidValue invalidFormat referenceNotFound unexpectedProperty tooManyRecords otherIssue"
    ),
    "ItemState": (
        "acknowledged cancelled completed failed held inProgress pending rejected rejected.validated "
        "rejected.unassessed"
    ),
    "OrderState": (
        "acknowledged assessingCancellation cancelled completed failed held.assessingCharge inProgress "
        "partial pending.assessingModification pendingCancellation rejected"
    ),
    "Period": "hour day week month year",
    "PriceCategory": "cancellation construction connection disconnect expedite other",
    "PriceType": "recurring nonRecurring usageBased",
    "ReasonType": "technical commercial",
    "Source": "buyer seller",
    "TaskState": "acknowledged done done.declined inProgress.assessingCharge rejected",
    "TimeUnit": "calendarMonths calendarDays calendarHours calendarMinutes businessDays businessHours businessMinutes",
}
ENUMS: Mapping[str, Sequence[str]] = {name: tuple(text.split()) for name, text in WORDS.items()}

COMMON = "externalId note:[Note] projectId relatedContactInformation*:[{}]"
ITEM = (
    "id* action*:Action requestedCompletionDate:when agreementName billingAccount:Ref endCustomerName "
    "expediteIndicator:flag relatedBuyerPON tspRestorationPriority coordinatedAction:[CoordinatedAction] note:[Note] "
    "relatedContactInformation:[{}] product:Product productOfferingQualificationItem:QualificationItem "
    "productOrderItemRelationship:[Relationship] quoteItem:QuoteItem requestedItemTerm:Term"
)
PLACE = "@type* role* @schemaLocation"
TOWN = "city* country* locality postcode postcodeExtension stateOrProvince"
ADDRESS = (
    f"@type* streetName* streetNr streetNrSuffix streetNrLast streetNrLastSuffix streetType streetSuffix {TOWN} "
    "geographicSubAddress:SubAddress"
)
CANCEL = "productOrder*:OrderRef relatedContactInformation*:[{}] cancellationReason cancellationReasonType:ReasonType"
DATE = "productOrderItem*:ItemRef expediteIndicator:flag requestedCompletionDate:when"
ROW = "id* orderDate*:when state*:OrderState completionDate:when cancellationDate:when"
CHARGE_ROW = (
    "id* creationDate*:when responseDueDate*:when state*:ChargeState productOrder:OrderRef productOrderItem:ItemRef"
)
CONTACT = "emailAddress* name* number* role* numberExtension organization postalAddress:{}"

SHAPES: Mapping[str, str] = {
    "AnsweredAddress": f"{ADDRESS} associatedGeographicAddress:any hasPublicSite:flag allowsNewSite:flag id href",
    "AnsweredContact": CONTACT.format("AnsweredAddress"),
    "Address": f"{ADDRESS} associatedGeographicAddress:any",
    "Cancel": f"{CANCEL.format('AnsweredContact')} id* href state*:TaskState charge:Ref cancellationDeniedReason",
    "CancelCreate": CANCEL.format("Contact"),
    "CancelRow": "id* state*:TaskState productOrder*:OrderRef cancellationReasonType*:ReasonType",
    "Charge": (
        f"{CHARGE_ROW} href chargeItem*:[ChargeItem] cancelProductOrder:Ref "
        "modifyProductOrderItemRequestedDeliveryDate:Ref"
    ),
    "ChargeItem": (
        "id* activityType*:Activity blocking*:flag price*:Price priceType*:PriceType priceCategory*:PriceCategory "
        "state*:ChargeItemState acceptanceIndicator:Acceptance note:[Note] recurringChargePeriod:Period unitOfMeasure"
    ),
    "ChargeItemUpdate": "id* acceptanceIndicator*:Acceptance note:[Note]",
    "ChargeRow": CHARGE_ROW,
    "ChargeUpdate": "chargeItem*:[ChargeItemUpdate]",
    "Contact": CONTACT.format("Address"),
    "CoordinatedAction": "coordinatedActionDelay*:Duration coordinationDependency*:Dependency itemId*",
    "DeliveryDate": f"{DATE} id* href creationDate*:when state*:TaskState",
    "DeliveryDateCreate": DATE,
    "Duration": "amount*:whole units*:TimeUnit",
    "Event": "eventId* eventTime*:when eventType* event*:EventPayload",
    "EventPayload": "id* href orderItemId milestoneName buyerId sellerId",
    "FieldedAddress": f"{ADDRESS} role* @schemaLocation",
    "FormattedAddress": f"{PLACE} addrLine1* addrLine2 {TOWN}",
    "GeographicAddressLabel": f"{PLACE} externalReferenceId* externalReferenceType*",
    "GeographicAddressRef": f"{PLACE} id* href",
    "GeographicSiteRef": f"{PLACE} id* href",
    "Hub": "id* callback* query",
    "HubCreate": "callback* query",
    "Item": (
        f"{ITEM.format('AnsweredContact')} state*:ItemState stateChange*:[ItemStateChange] completionDate:when "
        "expectedCompletionDate:when expediteAcceptedIndicator:flag charge:[Ref] itemTerm:[Term] "
        "milestone:[Milestone] terminationError:[TerminationError]"
    ),
    "ItemCreate": ITEM.format("Contact"),
    "ItemRef": "productOrderId* productOrderItemId* productOrderHref",
    "ItemStateChange": "changeDate*:when changeReason state*:ItemState",
    "ItemUpdate": "id* endCustomerName note:[Note] relatedBuyerPON relatedContactInformation:[AnsweredContact]",
    "MEFGeographicPoint": f"{PLACE} spatialRef* x* y* z",
    "Milestone": "date*:when name* note",
    "Money": "unit* value*:number",
    "Note": "author* date*:when id* source*:Source text*",
    "Order": (
        f"{COMMON.format('AnsweredContact')} {ROW} href productOrderItem*:[Item] stateChange*:[StateChange] "
        "cancellationReason cancellationCharge:[Ref]"
    ),
    "OrderCreate": f"{COMMON.format('Contact')} productOrderItem*:[ItemCreate]",
    "OrderRef": "productOrderId* productOrderHref",
    "OrderRow": f"{ROW} externalId projectId",
    "OrderUpdate": (
        "externalId note:[Note] projectId relatedContactInformation:[AnsweredContact] productOrderItem:[ItemUpdate]"
    ),
    "Price": "dutyFreeAmount*:Money taxIncludedAmount:Money taxRate:number",
    "Place": PLACE,
    "Product": (
        "id href place:[Place] productConfiguration:configuration productOffering:Ref "
        "productRelationship:[ProductRelationship]"
    ),
    "ProductRelationship": "id* relationshipType* href",
    "QualificationItem": (
        "id* productOfferingQualificationId* productOfferingQualificationHref alternateProductOfferingProposalId"
    ),
    "QuoteItem": "id* quoteId* quoteHref",
    "Ref": "id* href",
    "Relationship": "id* relationshipType*",
    "StateChange": "changeDate*:when changeReason state*:OrderState",
    "SubAddress": "buildingName levelType levelNumber privateStreetName privateStreetNumber subUnit:[SubUnit]",
    "SubUnit": "subUnitNumber* subUnitType*",
    "Term": "name* duration*:Duration endOfTermAction*:EndOfTerm rollInterval:Duration description",
    "TerminationError": "code:ErrorCode propertyPath value",
}
"""The properties of each schema: ``*`` marks a required one. The kind follows the colon. The default is text."""
PLACES = (
    *("FieldedAddress", "FormattedAddress", "GeographicAddressLabel"),
    *("GeographicAddressRef", "GeographicSiteRef", "MEFGeographicPoint"),
)
"""The schemas of places. The ``@type`` of a place names its schema."""

ORDER_ROLE = "productOrderContact"
ITEM_ROLES = ("buyerProductOrderItemContact", "buyerImplementationContact", "buyerTechnicalContact")
OTHER_ROLES = (
    *("buyerBillingContact", "buyerFaultContact", "sellerFaultContact"),
    *("buyerGDPRContact", "sellerGDPRContact", "sellerContact"),
)
CANCEL_ROLE = "cancelProductOrderContact"
JSON_TYPES: Mapping[str, type] = {"text": str, "when": str, "flag": bool, "configuration": dict, "any": object}
WHEN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


class BadBody(Exception):
    """A body with wrong JSON types."""


def problem(code: str, path: str, reason: str) -> Record:
    """Return one entry of a 422 response."""
    return {"code": code, "reason": reason, "propertyPath": path}


# ---- Forms ------------------------------------------------------------------------------------------


class Form:
    """Checks values by the tables. Violations, other than wrong JSON types, are collected in ``problems``."""

    def __init__(self, contract: Contract) -> None:
        self.contract: Contract = contract
        self.problems: list[Record] = []

    def note(self, code: str, path: str, reason: str) -> None:
        """Add a problem."""
        self.problems.append(problem(code, path, reason))

    def check(self, kind: str, value: Any, path: str) -> None:
        """Check a value of a kind. Null counts as absent, which is checked for the parent."""
        if value is None:
            return
        if kind.startswith("["):
            self._list(kind.strip("[]"), value, path)
        elif kind in ENUMS:
            self._word(kind, value, path)
        elif kind in SHAPES:
            self._object(kind, value, path)
        else:
            self._plain(kind, value, path)

    def _list(self, kind: str, value: Any, path: str) -> None:
        of_type(value, list, path)
        for index, one in enumerate(value):
            if one is None:
                raise BadBody(f"{path}/{index} is null")
            self.check(kind, one, f"{path}/{index}")

    def _word(self, kind: str, value: Any, path: str) -> None:
        of_type(value, str, path)
        if value not in ENUMS[kind]:
            self.note("invalidValue", path, f"must be one of {', '.join(ENUMS[kind])}")

    def _object(self, kind: str, value: Any, path: str) -> None:
        of_type(value, dict, path)
        fields = FIELDS[schema_of(kind, value, self.contract)]
        if kind == "Place" and isinstance(value.get("@type"), str) and value["@type"] not in PLACES:
            self.note("invalidValue", f"{path}/@type", f"must be one of {', '.join(PLACES)}")
            return
        for name in value.keys() - fields.keys() if self.contract == "document" else ():
            self.note("unexpectedProperty", f"{path}/{escaped(name)}", f"{name} is not expected here")
        for name, (needed, of) in fields.items():
            found = value.get(name)
            if found is None or found == []:
                if needed:
                    self.note("missingProperty", f"{path}/{name}", f"{name} is required")
            else:
                self.check(of, found, f"{path}/{name}")

    def _plain(self, kind: str, value: Any, path: str) -> None:
        if kind in ("whole", "number"):
            self._number(kind, value, path)
            return
        of_type(value, JSON_TYPES[kind], path)
        if kind == "when" and not is_moment(value):
            self.note("invalidFormat", path, "must be a date-time of RFC 3339")
        if kind == "configuration" and not isinstance(value.get("@type"), str):
            self.note("missingProperty", f"{path}/@type", "@type is required")

    def _number(self, kind: str, value: Any, path: str) -> None:
        if not is_integer(value) and (kind == "whole" or not isinstance(value, float)):
            raise BadBody(f"{path} must be a number")
        if value < 0:
            self.note("invalidValue", path, "must not be negative")


def _fields(text: str) -> dict[str, tuple[bool, str]]:
    parts = (token.partition(":") for token in text.split())
    return {name.rstrip("*"): (name.endswith("*"), kind or "text") for name, _, kind in parts}


FIELDS: Mapping[str, Mapping[str, tuple[bool, str]]] = {name: _fields(text) for name, text in SHAPES.items()}


def schema_of(kind: str, value: Record, contract: Contract) -> str:
    """Return the schema of an object. For a place, its type names the schema. In the OpenAPI, an address is a place."""
    if kind in ("Address", "AnsweredAddress") and contract == "openapi":
        return "FieldedAddress"
    return value["@type"] if kind == "Place" and value.get("@type") in PLACES else kind


def known_part(kind: str, value: Any, contract: Contract) -> Any:
    """Return a value without the properties that its schema does not have."""
    if isinstance(value, list):
        return [known_part(kind.strip("[]"), one, contract) for one in cast("list[Any]", value)]
    if kind not in SHAPES or not isinstance(value, dict):
        return value
    given = cast("Record", value)
    fields = FIELDS[schema_of(kind, given, contract)]
    return {name: known_part(fields[name][1], one, contract) for name, one in given.items() if name in fields}


def of_type(value: Any, type_: type, path: str) -> None:
    """Reject a body in which a value has the wrong JSON type."""
    if not isinstance(value, type_):
        names = {str: "a string", bool: "a boolean", dict: "an object", list: "an array"}
        raise BadBody(f"{path or 'the body'} must be {names[type_]}")


def is_moment(text: str) -> bool:
    """Return whether a string is a date-time."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return WHEN.fullmatch(text) is not None


def escaped(name: str) -> str:
    """Return a name as a part of a JSON Pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


def form_problems(kind: str, body: Any, contract: Contract = "document") -> list[Record]:
    """Return all violations of the tables by a body. Raise BadBody for wrong JSON types."""
    of_type(body, dict, "")
    form = Form(contract)
    form.check(kind, body, "")
    return form.problems


# ---- Rules ------------------------------------------------------------------------------------------


class Known:
    """The objects that the Seller knows and an order may reference."""

    def __init__(self, offerings: Iterable[str], billing_accounts: Collection[str]) -> None:
        self.offerings = set(offerings)
        self.billing_accounts = billing_accounts
        self.products: dict[str, str] = {}
        """The products in service, with their offerings."""


def order_problems(body: Any, known: Known, contract: Contract = "document") -> list[Record]:
    """Return all problems of a new order."""
    found = form_problems("OrderCreate", body, contract)
    found += contact_problems(body, "", (ORDER_ROLE,), (ORDER_ROLE,) if contract == "document" else None)
    found += note_problems(body, "") if contract == "document" else ()
    items = objects(body, "productOrderItem")
    ids = Counter(item.get("id") for item in items)
    for index, item in enumerate(items):
        path = f"/productOrderItem/{index}"
        if ids[item.get("id")] > 1:
            found.append(problem("invalidValue", f"{path}/id", "id must be unique within the order"))
        found += item_problems(item, path, known, {str(one) for one in ids})
        found += guide_problems(item, path, known) if contract == "document" else contact_problems(item, path, ())
    return found


def guide_problems(item: Record, path: str, known: Known) -> Iterator[Record]:
    """Yield the violations of the guide's rules, beyond the OpenAPI, by an item [R14, R30-R44]."""
    if item.get("requestedCompletionDate") is None:
        yield missing(path, "requestedCompletionDate")
    yield from contact_problems(item, path, ITEM_ROLES, (*ITEM_ROLES, *OTHER_ROLES))
    yield from note_problems(item, path)
    yield from action_problems(GUIDE_RULES, item, path)
    product = object_at(item, "product")
    offering = object_at(product, "productOffering").get("id")
    changes = item.get("action") == "modify" and offering is not None
    if changes and offering != known.products.get(str(product.get("id")), offering):
        where = f"{path}/product/productOffering/id"
        yield problem("invalidValue", where, "the product offering of a product in service cannot be changed")
    yield from term_problems(item, path)


def item_problems(item: Record, path: str, known: Known, ids: Collection[str]) -> Iterator[Record]:
    """Yield the problems of an item at any Seller [R30, R36, R39, R43]."""
    yield from relation_problems(item, path, ids)
    yield from action_problems(ACTION_RULES, item, path)
    action, product = item.get("action"), object_at(item, "product")
    offering = object_at(product, "productOffering").get("id")
    if action == "add" and offering is not None and offering not in known.offerings:
        yield unknown(f"{path}/product/productOffering/id", "product offering", offering)
    if action in ("modify", "delete") and product.get("id") is not None and product["id"] not in known.products:
        yield unknown(f"{path}/product/id", "product", product["id"])
    account = object_at(item, "billingAccount").get("id")
    if account is not None and account not in known.billing_accounts:
        yield unknown(f"{path}/billingAccount/id", "billing account", account)


class ActionRule(NamedTuple):
    """The required and the unexpected properties of an item with an action. ``/`` leads into its product."""

    needed: Sequence[str] = ()
    unexpected: Sequence[str] = ()


ACTION_RULES = {
    "add": ActionRule(["product/productConfiguration"], ["product/id"]),
    "modify": ActionRule(["product/productConfiguration", "product/id"]),
    "delete": ActionRule(["product/id"], ["product/productConfiguration"]),
}
# The additional rules of the guide [R32-R34, R40, R42-R44].
GUIDE_RULES = {
    "add": ActionRule(["product/productOffering", "billingAccount", "requestedItemTerm"]),
    "modify": ActionRule(["requestedItemTerm"]),
    "delete": ActionRule(
        [], ["product/place", "product/productOffering", "product/productRelationship", "requestedItemTerm"]
    ),
}


def action_problems(rules: Mapping[str, ActionRule], item: Record, path: str) -> Iterator[Record]:
    """Yield the properties that an item lacks, or must not have, for its action."""
    action = str(item.get("action"))
    rule = rules.get(action, ActionRule())
    for place in (*rule.needed, *rule.unexpected):
        *inside, name = place.split("/")
        holder, at = (object_at(item, "product"), f"{path}/product") if inside else (item, path)
        given = holder.get(name) is not None
        if place in rule.needed and not given:
            yield missing(at, name)
        elif place in rule.unexpected and given:
            yield problem("unexpectedProperty", f"{at}/{name}", f"{name} must not be given to {action}")


def term_problems(item: Record, path: str) -> Iterator[Record]:
    """Check that a rolling term has an interval [R35]."""
    term = object_at(item, "requestedItemTerm")
    if term.get("endOfTermAction") == "roll" and term.get("rollInterval") is None:
        yield missing(f"{path}/requestedItemTerm", "rollInterval")


def relation_problems(item: Record, path: str, ids: Collection[str]) -> Iterator[Record]:
    """Check that items reference other items of this order."""
    for name, key in (("coordinatedAction", "itemId"), ("productOrderItemRelationship", "id")):
        for index, one in enumerate(objects(item, name)):
            at = f"{path}/{name}/{index}/{key}"
            if one.get(key) is not None and one[key] not in ids:
                yield unknown(at, "item of this order", one[key])
            elif one.get(key) is not None and one[key] == item.get("id"):
                yield problem("invalidValue", at, "an item cannot be related to itself")


def contact_problems(
    holder: Any, path: str, needed: Sequence[str], allowed: Collection[str] | None = None
) -> Iterator[Record]:
    """Check required roles [R13, R14, R74], allowed roles (None for any), and that addresses are fielded addresses."""
    name = "relatedContactInformation"
    contacts = objects(holder, name)
    roles = {contact.get("role") for contact in contacts}
    for role in needed:
        if role not in roles:
            yield problem("missingProperty", f"{path}/{name}", f"a contact with role {role} is required")
    for index, contact in enumerate(contacts):
        at = f"{path}/{name}/{index}"
        if allowed is not None and isinstance(contact.get("role"), str) and contact["role"] not in allowed:
            yield problem("invalidValue", f"{at}/role", f"must be one of {', '.join(allowed)}")
        kind = object_at(contact, "postalAddress").get("@type", "FieldedAddress")
        if kind != "FieldedAddress":
            yield problem("invalidValue", f"{at}/postalAddress/@type", "must be FieldedAddress")


def note_problems(holder: Any, path: str) -> Iterator[Record]:
    """Check that the Buyer writes only the Buyer's notes."""
    for index, note in enumerate(objects(holder, "note")):
        if note.get("source") == "seller":
            yield problem("invalidValue", f"{path}/note/{index}/source", "the Buyer's notes have source buyer")


def missing(path: str, name: str) -> Record:
    """Return the problem of a missing property."""
    return problem("missingProperty", f"{path}/{name}", f"{name} is required")


def unknown(path: str, what: str, id_: object) -> Record:
    """Return the problem of a reference to an unknown object."""
    return problem("referenceNotFound", path, f"there is no {what} {id_}")


def object_at(holder: Any, name: str) -> Record:
    """Return an object in a property, empty if there is none."""
    value = holder.get(name)
    return cast("Record", value) if isinstance(value, dict) else {}


def objects(holder: Any, name: str) -> list[Record]:
    """Return the objects of a list in a property."""
    return [cast("Record", one) for one in holder.get(name) or () if isinstance(one, dict)]
