"""Sonata's objects mapped to ours, and our requests to Sonata's, without a network."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from ordergraph.domain import (
    CancellationState,
    ChargeItemStatus,
    ChargeStatus,
    Money,
    OrderStatus,
    Origin,
    SubscriptionStatus,
    UnavailableReason,
)
from ordergraph.domain.commands import (
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
)
from ordergraph.upstream.calls import Decoded
from ordergraph.vendors.sonata import (
    mapping,
    mapping_contracts,
    request_mapping,
    request_mapping_lists,
    request_mapping_places,
    wire,
    wire_parts,
)
from ordergraph.vendors.sonata.graph import SonataOrderState, state_word
from ordergraph.vendors.sonata.mapping_places import PLACES, input_path
from ordergraph.vendors.sonata.request_mapping_places import PLACE_KINDS
from ordergraph.vendors.sonata.sandbox import SonataSandbox
from ordergraph.vendors.sonata.sandbox.data import BILLING_ACCOUNTS, ELINE, OFFERINGS
from ordergraph.vendors.sonata.sandbox.rules import ENUMS, FIELDS, Known, form_problems, order_problems
from ordergraph.vendors.sonata.sandbox.rules import PLACES as PLACE_SCHEMAS
from ordergraph.vendors.sonata.values import (
    TIME,
    SonataAction,
    SonataCancellationReasonType,
    SonataCoordinationDependency,
    SonataEndOfTermAction,
    SonataTimeUnit,
    word,
)
from ordergraph.wire.fields import fields_of
from tests.vendors.sonata.laws import TERM

SAMPLES = Path(__file__).parents[2] / "samples" / "sonata"
ORIGIN = Origin("mef", "sonata", datetime(2026, 11, 21, tzinfo=UTC))
NOW = datetime(2026, 11, 22, 10, 0, 0, 123456, UTC)
ANN = Contact(name="Ann Lee", email="ann@acme.example", phone="+44 1")
DEFAULTS = request_mapping.Defaults(NOW, billing_account=BILLING_ACCOUNTS[0])
OFFERING = next(iter(OFFERINGS))
PRODUCT = f"Product:mef:{OFFERING}"
WANTED = datetime(2027, 1, 31, tzinfo=UTC)
Json = dict[str, Any]
STRUCTS = {
    one
    for module in (wire, wire_parts)
    for one in vars(module).values()
    if isinstance(one, type) and issubclass(one, wire_parts.Wire)
}


def sample() -> Json:
    return json.loads((SAMPLES / "order_response.json").read_text())


def order(cancel: wire.Cancel | None = None, **fields: Any) -> mapping.SonataOrder:
    raw = json.dumps({**sample(), **fields}).encode()
    return mapping.SonataOrder(ORIGIN, Decoded(msgspec.json.decode(raw, type=wire.Order), raw), cancel)


def item(**fields: Any) -> Json:
    return {**sample()["productOrderItem"][0], **fields}


# ---- Reading ----------------------------------------------------------------------------------------


def test_every_word_of_the_tables_is_mapped() -> None:
    for table, words in (
        (mapping.STATUS, "OrderState"),
        (mapping.ITEM_STATUS, "ItemState"),
        (mapping_contracts.SUBSCRIPTION, "ItemState"),
        (mapping_contracts.CHARGE_STATUS, "ChargeState"),
        (mapping_contracts.CHARGE_ITEM_STATUS, "ChargeItemState"),
        (mapping_contracts.RENEWS, "EndOfTerm"),
    ):
        assert set(table) == set(ENUMS[words])
    assert set(mapping.FINAL) == {word for word in mapping.STATUS if order(state=word).is_final}


@pytest.mark.parametrize(
    ("ours", "words"),
    [
        (SonataAction, "Action"),
        (SonataTimeUnit, "TimeUnit"),
        (SonataEndOfTermAction, "EndOfTerm"),
        (SonataCoordinationDependency, "Dependency"),
        (SonataCancellationReasonType, "ReasonType"),
    ],
)
def test_every_word_of_an_input_is_one_of_sonatas(ours: Any, words: str) -> None:
    assert {word(one.name) for one in ours} == set(ENUMS[words])


def test_names_are_sonatas() -> None:
    names = {f"{struct.__name__}.{one.name}": one.wire_name for struct in STRUCTS for one in fields_of(struct)}
    assert names["ItemWrite.purchase_order_number"] == "relatedBuyerPON"
    assert names["ItemWrite.tsp_restoration_priority"] == "tspRestorationPriority"
    assert names["Address.type"] == "@type"
    assert names["Contact.phone_extension"] == "numberExtension"
    assert names["Charge.modify_product_order_item_requested_delivery_date"] == (
        "modifyProductOrderItemRequestedDeliveryDate"
    )


def test_every_time_of_the_wire_is_known_as_one() -> None:
    fields = [one for struct in STRUCTS for one in fields_of(struct) if one.description]
    times = {one.wire_name for one in fields if one.wire_name.lower().endswith("date")}
    assert {one.wire_name for one in fields if one.codec is TIME} == times


def test_dotted_states_have_legal_names() -> None:
    assert {state_word(one) for one in SonataOrderState} == set(ENUMS["OrderState"])
    assert state_word(SonataOrderState.HELD_ASSESSING_CHARGE) == "held.assessingCharge"


def test_an_unknown_word_is_unknown_and_logged_once() -> None:
    with capture_logs() as logs:
        for _ in range(2):
            found = order(state="beamedAway", stateChange=[{"state": "beamedAway"}])
            assert (found.status, found.vendor_status) == (OrderStatus.UNKNOWN, "beamedAway")
            (step,) = found.status_changes or []
            assert (step.status, step.changed_at) == (OrderStatus.UNKNOWN, None)
    assert [(one["event"], one["word"]) for one in logs] == [("unknown value", "beamedAway")]


def test_a_time_that_cannot_be_read_costs_itself() -> None:
    found = order(
        orderDate="yesterday", completionDate="2026-11-21T10:00:00+02:00", cancellationDate="2026-11-21T10:00"
    )
    assert found.placed_at is None
    assert found.completed_at == datetime(2026, 11, 21, 8, tzinfo=UTC)
    assert found.cancelled_at == datetime(2026, 11, 21, 10, tzinfo=UTC)
    assert found.number == "string"


def test_the_dates_of_an_order_are_those_of_its_items() -> None:
    items = [
        item(requestedCompletionDate=f"2027-01-{day}T00:00:00Z", expectedCompletionDate=f"2027-02-{day}T00:00:00Z")
        for day in (12, 11)
    ]
    found = order(productOrderItem=items)
    assert found.requested_at == datetime(2027, 1, 11, tzinfo=UTC)
    assert found.expected_at == datetime(2027, 2, 12, tzinfo=UTC)
    steps = [{"changeDate": f"2027-03-{day}T00:00:00Z", "state": "inProgress"} for day in (12, 11)]
    assert order(stateChange=steps).updated_at == datetime(2027, 3, 12, tzinfo=UTC)


def test_a_row_is_an_order_with_less() -> None:
    raw = b'{"id": "1", "orderDate": "2026-11-21T10:00:00Z", "state": "inProgress"}'
    row = mapping.SonataOrder(ORIGIN, Decoded(msgspec.json.decode(raw, type=wire.Order), raw))
    assert (row.status, row.line_items, row.status_changes) == (OrderStatus.IN_PROGRESS, None, None)
    assert (row.requested_at, row.purchase_order_number, row.customer, list(row.problems)) == (None, None, None, [])


@pytest.mark.parametrize("state", ENUMS["OrderState"])
def test_what_can_be_done_depends_on_the_state(state: str) -> None:
    offers = {one.action: one for one in order(state=state).available_actions}
    assert {action for action, one in offers.items() if one.is_allowed} == {
        action for action, states in mapping.ORDER_ACTIONS.items() if state in states
    }
    assert all(one.is_allowed or one.reason is UnavailableReason.WRONG_STATUS for one in offers.values())


def test_a_hold_says_what_to_do() -> None:
    (problem, *_) = order(state="held.assessingCharge").problems
    assert (problem.code, problem.field) == ("held.assessingCharge", None)
    assert "respondToCharge" in problem.message


@pytest.mark.parametrize("code", ENUMS["ErrorCode"])
def test_why_an_item_ended_points_to_the_input(code: str) -> None:
    error = {"code": code, "propertyPath": "/productOrderItem/0/requestedItemTerm/duration", "value": "Too long."}
    (problem,) = order(productOrderItem=[item(terminationError=[error])]).problems
    assert (problem.code, problem.message) == (code, "Too long.")
    path = ("input", "lineItems", "0", "details", "sonata", "requestedTerm", "duration")
    assert tuple(problem.field or ()) == path


def history(*states: str) -> list[Json]:
    return [{"state": state, "changeDate": f"2026-11-{day:02}T10:00:00Z"} for day, state in enumerate(states, 1)]


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (("acknowledged", "inProgress"), None),
        (("inProgress", "assessingCancellation"), CancellationState.REQUESTED),
        (("inProgress", "assessingCancellation", "inProgress"), CancellationState.DECLINED),
        (("inProgress", "assessingCancellation", "pendingCancellation"), CancellationState.ACCEPTED),
        (("inProgress", "pendingCancellation", "cancelled"), CancellationState.CANCELLED),
    ],
)
def test_the_state_of_a_cancellation(states: tuple[str, ...], expected: CancellationState | None) -> None:
    found = order(state=states[-1], stateChange=history(*states), cancellationReason=None).cancellation
    assert (found and found.state) is expected
    asked = "assessingCancellation" in states
    assert (found is not None and found.requested_at is not None) is asked


def test_what_was_said_of_a_cancellation() -> None:
    task = wire.Cancel(reason="Moved.", reason_type="commercial", denied_reason="Too late.")
    steps = history("inProgress", "assessingCancellation", "inProgress")
    found = order(task, state="inProgress", stateChange=steps, cancellationReason=None).cancellation
    assert found is not None
    assert (found.reason, found.note, found.vendor_reason) == ("commercial", "Moved.", "Too late.")


def test_an_address_in_lines() -> None:
    body = {
        "@type": "FieldedAddress",
        "streetType": "ul.",
        "streetName": "Edmunda Wasilewskiego",
        "streetNr": "20",
        "streetNrSuffix": "a",
        "streetNrLast": "24",
        "city": "Kraków",
        "stateOrProvince": "Lesser Poland",
        "postcode": "30-305",
        "postcodeExtension": "7",
        "country": "pl",
        "geographicSubAddress": {
            "buildingName": "Tower",
            "levelType": "floor",
            "levelNumber": "4",
            "subUnit": [{"subUnitType": "FLAT", "subUnitNumber": "3"}, None],
        },
    }
    found = mapping.address(msgspec.convert(body, wire_parts.Address))
    assert found is not None
    assert found.lines == ["Tower", "floor 4", "FLAT 3", "ul. Edmunda Wasilewskiego 20a-24"]
    assert (found.city, found.region, found.postal_code, found.country) == (
        "Kraków",
        "Lesser Poland",
        "30-305-7",
        "PL",
    )
    named = mapping.address(msgspec.convert({**body, "country": "Poland"}, wire_parts.Address))
    assert named is not None
    assert named.country is None
    assert mapping.address(None) is None


# ---- Contracts and charges --------------------------------------------------------------------------


def contract(**fields: Any) -> mapping_contracts.SonataSubscription:
    term = {"name": "T", "duration": {"amount": 12, "units": "calendarMonths"}, "endOfTermAction": "autoDisconnect"}
    body = item(**{"state": "completed", "completionDate": "2026-01-31T10:00:00Z", "itemTerm": [term], **fields})
    (found,) = mapping_contracts.subscriptions_of(order(id="a:b", productOrderItem=[body]))
    return found


def test_an_item_with_a_term_is_a_contract() -> None:
    found = contract()
    assert found.key == ("a%3Ab", "string")
    assert (found.vendor_subscription_id, found.name, found.status) == ("string", "T", SubscriptionStatus.ACTIVE)
    assert (found.starts_on, found.ends_on) == (date(2026, 1, 31), date(2027, 1, 31))
    assert (found.has_auto_renewal, list(found.order_ids)) == (False, ["a:b"])
    (covered,) = found.items
    assert (covered.product_id, covered.quantity) == ("string", Decimal(1))
    assert not mapping_contracts.subscriptions_of(order(productOrderItem=[item(itemTerm=None)]))


def test_a_contract_that_is_over() -> None:
    assert contract(completionDate="2024-01-31T10:00:00Z").status is SubscriptionStatus.EXPIRED
    assert contract(state="failed").status is SubscriptionStatus.CANCELLED
    assert contract(state="held").status is SubscriptionStatus.PENDING


@pytest.mark.parametrize(
    ("start", "amount", "units", "end"),
    [
        (date(2024, 1, 31), 1, "calendarMonths", date(2024, 2, 29)),
        (date(2023, 1, 31), 1, "calendarMonths", date(2023, 2, 28)),
        (date(2024, 12, 5), 1, "calendarMonths", date(2025, 1, 5)),
        (date(2024, 2, 29), 12, "calendarMonths", date(2025, 2, 28)),
        (date(2024, 2, 28), 2, "calendarDays", date(2024, 3, 1)),
        (date(2024, 2, 28), 2, "businessDays", None),
        (date(2024, 2, 28), 10**9, "calendarDays", None),
        (date(2024, 2, 28), 10**9, "calendarMonths", None),
    ],
)
def test_the_end_of_a_term(start: date, amount: int, units: str, end: date | None) -> None:
    assert mapping_contracts.after(start, wire_parts.Duration(amount, units)) == end


@given(st.dates(date(1900, 1, 1), date(2200, 12, 31)), st.integers(0, 1200))
def test_months_later_is_the_same_day_or_the_last_of_its_month(start: date, count: int) -> None:
    end = mapping_contracts.months_after(start, count)
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == count
    assert end.day == start.day or (end.day < start.day and (end + timedelta(days=1)).day == 1)


def test_a_charge() -> None:
    sandbox = SonataSandbox(60, 1)
    body = next(one for one in sandbox.life.charges.values() if len(one["chargeItem"]) == 3)
    raw = msgspec.json.encode(body)
    charge = mapping_contracts.SonataCharge(ORIGIN, Decoded(msgspec.json.decode(raw, type=wire.Charge), raw))
    about = body["productOrderItem"]
    assert charge.status is ChargeStatus.RESPONDED or body["state"] != "completed"
    assert charge.order_id == about["productOrderId"]
    assert charge.line_item_id == f"LineItem:mef:{about['productOrderId']}:{about['productOrderItemId']}"
    once, again, by_use = charge.items
    assert once.price == Money(Decimal(str(body["chargeItem"][0]["price"]["dutyFreeAmount"]["value"])), "USD")
    assert (once.is_blocking, once.tax_rate) == (True, Decimal(8))
    assert (again.period, by_use.unit) == ("month", "Gb")
    assert once.status in ChargeItemStatus


# ---- Placing orders ---------------------------------------------------------------------------------


def line(**details: Any) -> LineRequest:
    own = {"configuration": {"@type": ELINE}, "requested_term": TERM, **details}
    return LineRequest(product_id=PRODUCT, details={name: one for name, one in own.items() if one is not None})


def request(*lines: LineRequest, **fields: Any) -> OrderRequest:
    return replace(OrderRequest(lines=lines or [line()], contact=ANN, requested_at=WANTED), **fields)


def sent(wanted: OrderRequest, defaults: request_mapping.Defaults = DEFAULTS) -> Json:
    findings = Findings("mef")
    body = request_mapping.order_to_wire(wanted, defaults, findings)
    findings.raise_any()
    return json.loads(msgspec.json.encode(body))


def errors(wanted: OrderRequest, defaults: request_mapping.Defaults = DEFAULTS) -> set[tuple[str, str]]:
    findings = Findings("mef")
    request_mapping.order_to_wire(wanted, defaults, findings)
    return {(one.code.name, ".".join((one.field or ())[1:])) for one in findings.errors}


def test_the_common_form_is_enough_with_configuration_and_term() -> None:
    body = sent(request(client_reference="A-1", purchase_order_number="PON", notes=["Ring."]))
    assert order_problems(body, Known(OFFERINGS, BILLING_ACCOUNTS)) == []
    assert body["externalId"] == "A-1"
    (found,) = body["productOrderItem"]
    assert (found["id"], found["action"], found["relatedBuyerPON"]) == ("1", "add", "PON")
    assert found["requestedCompletionDate"] == "2027-01-31T00:00:00.000Z"
    assert found["product"]["productOffering"] == {"id": OFFERING}
    roles = [one["role"] for one in (*body["relatedContactInformation"], *found["relatedContactInformation"])]
    assert roles == ["productOrderContact", *request_mapping.ITEM_ROLES]
    assert body["note"] == [
        {"author": "ordergraph", "date": "2026-11-22T10:00:00.123Z", "id": "1", "source": "buyer", "text": "Ring."}
    ]


def test_the_settings_fill_what_a_request_leaves_open() -> None:
    defaults = replace(DEFAULTS, contact=Contact(name="Desk", email="desk@acme.example", phone="1"))
    body = sent(request(contact=Contact(name="Zoë"), notes=["x"]), defaults)
    assert body["relatedContactInformation"][0] == {
        "name": "Zoë",
        "emailAddress": "desk@acme.example",
        "number": "1",
        "role": "productOrderContact",
    }
    assert body["note"][0]["author"] == "Desk"
    assert errors(request(contact=None)) == {("REQUIRED", f"contact.{name}") for name in ("name", "email", "phone")}


def test_the_offering_may_be_named_by_the_sellers_id() -> None:
    found = replace(line(), product_id=None, sku=OFFERING)
    assert sent(request(found))["productOrderItem"][0]["product"]["productOffering"]["id"] == OFFERING
    assert errors(request(replace(found, sku="a b"))) == {("INVALID", "lineItems.0.product.sku")}


def test_the_type_of_a_configuration_may_stand_beside_it() -> None:
    for inside in (None, {"ovcName": "York"}):
        details = {"configuration": inside, "configuration_type": ELINE, "requested_term": TERM}
        (item,) = sent(request(replace(line(), details=details)))["productOrderItem"]
        assert item["product"]["productConfiguration"] == {"@type": ELINE, **(inside or {})}


@pytest.mark.parametrize(
    ("details", "expected"),
    [
        ({"configuration": None}, {("REQUIRED", "configuration")}),
        ({"configuration": [1]}, {("INVALID", "configuration")}),
        ({"configuration": {"type": "x"}}, {("INVALID", "configuration")}),
        ({"configuration": [1], "configuration_type": ELINE}, {("INVALID", "configuration")}),
        ({"configuration_type": "urn:other"}, {("INVALID", "configurationType")}),
        ({"requested_term": None}, {("REQUIRED", "requestedTerm")}),
        ({"requested_term": {**TERM, "end_of_term_action": "ROLL"}}, {("REQUIRED", "requestedTerm.rollInterval")}),
        (
            {"requested_term": {**TERM, "duration": {"amount": -1, "units": "CALENDAR_DAYS"}}},
            {("INVALID", "requestedTerm.duration.amount")},
        ),
        ({"product_id": "p"}, {("INVALID", "productId")}),
        ({"action": "MODIFY"}, {("REQUIRED", "productId")}),
        ({"action": "MODIFY", "product_id": "p", "configuration": None}, {("REQUIRED", "configuration")}),
        (
            {"action": "DELETE", "product_relationships": [{"product_id": "p", "relationship_type": "r"}]},
            {
                ("REQUIRED", "productId"),
                ("INVALID", "configuration"),
                ("INVALID", "requestedTerm"),
                ("INVALID", "productRelationships"),
            },
        ),
        (
            {"relationships": [{"item_id": "9", "relationship_type": "r"}, {"item_id": "1", "relationship_type": "r"}]},
            {("NOT_FOUND", "relationships.0.itemId"), ("INVALID", "relationships.1.itemId")},
        ),
        (
            {
                "coordinated_actions": [
                    {
                        "item_id": "9",
                        "dependency": "START_TO_START",
                        "delay": {"amount": -1, "units": "BUSINESS_HOURS"},
                    }
                ]
            },
            {("NOT_FOUND", "coordinatedActions.0.itemId"), ("INVALID", "coordinatedActions.0.delay.amount")},
        ),
    ],
)
def test_what_the_rules_forbid_is_refused_before_it_is_sent(details: Json, expected: set[tuple[str, str]]) -> None:
    found = errors(request(line(**details)))
    assert found == {(code, f"lineItems.0.details.sonata.{path}") for code, path in expected}


def test_everything_wrong_is_told_at_once() -> None:
    bad = replace(line(configuration=None), quantity=Decimal(2), product_id="Product:other:1")
    twice = [replace(bad, details={**bad.details, "item_id": "x"})] * 2
    wanted = request(*twice, contact=None, requested_at=None, details={"items": []})
    found = errors(wanted, request_mapping.Defaults(NOW))
    assert {path.replace("lineItems.1", "lineItems.0") for _, path in found} == {
        "contact.name",
        "contact.email",
        "contact.phone",
        "details.sonata.items",
        "lineItems.0.details.sonata.billingAccountId",
        "lineItems.0.details.sonata.configuration",
        "lineItems.0.details.sonata.itemId",
        "lineItems.0.product.id",
        "lineItems.0.quantity",
        "requestedAt",
    }
    assert errors(OrderRequest(lines=[], contact=ANN)) == {("REQUIRED", "lineItems")}


def test_an_order_has_one_contact() -> None:
    other = {"role": "productOrderContact", "name": "Z", "email": "z@x", "phone": "2"}
    assert errors(request(details={"contacts": [other]})) == {("INVALID", "contact")}
    body = sent(request(contact=None, details={"contacts": [other, {**other, "role": "agreed"}]}))
    assert [one["role"] for one in body["relatedContactInformation"]] == ["productOrderContact", "agreed"]
    assert {one["name"] for one in body["productOrderItem"][0]["relatedContactInformation"]} == {"Z"}


def test_a_disconnection_tells_the_products_id_alone() -> None:
    gone = line(action="DELETE", product_id="p", configuration=None, requested_term=None)
    (found,) = sent(request(gone))["productOrderItem"]
    assert found["product"] == {"id": "p"}
    assert "billingAccount" not in found
    assert "requestedItemTerm" not in found


YORK = AddressRequest(lines=["1 High Street", "Flat 2"], city="York", region="YK", postal_code="YO1", country_code="GB")


def test_an_address_goes_to_the_contact_or_into_words() -> None:
    (contact,) = sent(request(shipping_address=YORK))["relatedContactInformation"]
    assert contact["postalAddress"] == {
        "@type": "FieldedAddress",
        "streetName": "1 High Street, Flat 2",
        "city": "York",
        "stateOrProvince": "YK",
        "postcode": "YO1",
        "country": "GB",
    }
    named = sent(request(shipping_address=replace(YORK, recipient_name="Bob", company_name="Acme")))
    assert named["relatedContactInformation"][0]["organization"] == "Acme"
    assert [one["text"] for one in named["note"]] == ["Ship to: Bob"]
    partly = sent(request(shipping_address=AddressRequest(lines=["1 High Street"], city="York"), notes=["x"]))
    assert "postalAddress" not in partly["relatedContactInformation"][0]
    assert [one["text"] for one in partly["note"]] == ["x", "Ship to: 1 High Street, York"]


words = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF), min_size=1, max_size=8)
durations = st.fixed_dictionaries(
    {"amount": st.integers(0, 99), "units": st.sampled_from([one.name for one in SonataTimeUnit])}
)
terms = st.fixed_dictionaries(
    {
        "name": words,
        "duration": durations,
        "end_of_term_action": st.sampled_from([one.name for one in SonataEndOfTermAction]),
        "roll_interval": durations,
    }
)
DETAILS: st.SearchStrategy[Json] = st.fixed_dictionaries(
    {"configuration": st.dictionaries(words, st.integers() | words).map(lambda one: {**one, "@type": "t"})},
    optional={
        "requested_term": terms,
        "item_id": st.sampled_from("12345"),
        "end_customer_name": words,
        "is_expedited": st.booleans(),
        "requested_at": st.datetimes(timezones=st.just(UTC), min_value=datetime(1970, 1, 1)),  # noqa: DTZ001
        "quote_item": st.fixed_dictionaries({"quote_id": words, "item_id": words}),
        "relationships": st.lists(
            st.fixed_dictionaries({"item_id": st.sampled_from("12"), "relationship_type": words})
        ),
        "places": st.lists(
            st.fixed_dictionaries(
                {"type": st.sampled_from(list(PLACE_KINDS)), "role": words},
                optional=dict.fromkeys(("id", "city", "country", "street_name", "x", "spatial_ref", "y"), words),
            ),
            max_size=2,
        ),
        "coordinated_actions": st.lists(
            st.fixed_dictionaries(
                {
                    "item_id": st.sampled_from("12"),
                    "dependency": st.sampled_from([one.name for one in SonataCoordinationDependency]),
                    "delay": durations,
                }
            ),
            max_size=2,
        ),
    },
)


ORDERED = (st.lists(DETAILS, min_size=1, max_size=3), st.text(max_size=5), st.lists(words, max_size=2))


def found_wrong(
    lines: list[Json], number: str, notes: list[str], contract: request_mapping_places.Contract
) -> tuple[bool, bool]:
    """Whether our validation rejects an order, and whether the Seller's rules do."""
    wanted = request(
        *(LineRequest(product_id=PRODUCT, details=one) for one in lines), purchase_order_number=number, notes=notes
    )
    findings = Findings("mef")
    body = request_mapping.order_to_wire(wanted, replace(DEFAULTS, contract=contract), findings)
    assert all(error.field and error.field[0] == "input" for error in findings.errors)
    found = order_problems(json.loads(msgspec.json.encode(body)), Known(OFFERINGS, BILLING_ACCOUNTS), contract)
    return bool(findings.errors), bool(found)


@given(*ORDERED)
def test_what_is_not_refused_here_is_not_refused_by_the_rules(lines: list[Json], number: str, notes: list[str]) -> None:
    here, there = found_wrong(lines, number, notes, "document")
    assert here is there


@given(*ORDERED)
def test_nor_by_those_of_the_openapi_which_knows_less(lines: list[Json], number: str, notes: list[str]) -> None:
    here, there = found_wrong(lines, number, notes, "openapi")
    assert here or not there


def test_by_the_openapi_a_term_a_date_and_a_billing_account_may_be_missing() -> None:
    bare = OrderRequest(lines=[line(requested_term=None)], contact=ANN)
    defaults = request_mapping.Defaults(NOW)
    by_openapi = replace(defaults, contract="openapi")
    own = "lineItems.0.details.sonata"
    assert errors(bare, defaults) == {
        ("REQUIRED", "requestedAt"),
        ("REQUIRED", f"{own}.requestedTerm"),
        ("REQUIRED", f"{own}.billingAccountId"),
    }
    assert sent(bare, by_openapi)["productOrderItem"][0].keys() == {
        *("action", "id", "product", "relatedContactInformation")
    }
    rolls = replace(bare, lines=[line(requested_term={**TERM, "end_of_term_action": "ROLL"})])
    assert (
        ("REQUIRED", f"{own}.requestedTerm.rollInterval") in errors(rolls, defaults),
        errors(rolls, by_openapi),
    ) == (
        True,
        set(),
    )


def test_by_the_openapi_a_product_to_be_disconnected_is_named_and_no_more() -> None:
    gone = LineRequest(product_id=PRODUCT, details={"action": "DELETE", "product_id": "p"})
    (item,) = sent(OrderRequest(lines=[gone], contact=ANN), request_mapping.Defaults(NOW, contract="openapi"))[
        "productOrderItem"
    ]
    assert item == {"action": "delete", "id": "1", "product": {"id": "p"}}


# ---- Changing orders --------------------------------------------------------------------------------


def patched(change: OrderChange, **fields: Any) -> Json:
    findings = Findings("mef")
    body = request_mapping.change_to_wire(order(**fields), change, DEFAULTS, findings)
    findings.raise_any()
    return json.loads(msgspec.json.encode(body))


def refusals(change: OrderChange) -> set[tuple[str, str]]:
    findings = Findings("mef")
    request_mapping.change_to_wire(order(), change, DEFAULTS, findings)
    return {(one.code.name, ".".join((one.field or ())[1:])) for one in findings.errors}


def test_a_patch_has_only_what_changes() -> None:
    assert patched(OrderChange(client_reference="A")) == {"externalId": "A"}
    assert patched(OrderChange(client_reference=None)) == {"externalId": None}
    assert patched(OrderChange(details={"project_id": None})) == {"projectId": None}
    assert patched(OrderChange(purchase_order_number="P")) == {
        "productOrderItem": [{"id": "string", "relatedBuyerPON": "P"}]
    }
    assert refusals(OrderChange()) == {("REQUIRED", "")}
    assert refusals(OrderChange(lines=[])) >= {("INVALID", "lineItems")}


def test_notes_are_only_added() -> None:
    kept = sample()["note"]
    (old, new) = patched(OrderChange(notes=["string", "x"]))["note"]
    assert old == kept[0]
    assert (new["text"], new["id"], new["source"]) == ("x", "1", "buyer")
    assert refusals(OrderChange(notes=["x"])) == {("INVALID", "notes")}
    assert refusals(OrderChange(notes=[])) == {("INVALID", "notes")}
    (_, own) = patched(OrderChange(details={"notes": [{"text": "y", "author": "Zoë"}]}))["note"]
    assert (own["text"], own["author"]) == ("y", "Zoë")


def test_contacts_are_replaced_by_role_and_the_sellers_stay() -> None:
    people = [{"role": role, "name": role} for role in ("productOrderContact", "sellerContact")]
    given_ = {"role": "productOrderContact", "name": "Zoë", "email": "z@x", "phone": "2"}
    body = patched(OrderChange(details={"contacts": [given_]}), relatedContactInformation=people)
    assert [one["name"] for one in body["relatedContactInformation"]] == ["Zoë", "sellerContact"]
    moved = patched(OrderChange(shipping_address=YORK), relatedContactInformation=people)
    assert moved["relatedContactInformation"][0]["postalAddress"]["city"] == "York"
    assert moved["relatedContactInformation"][1] == people[1]
    partly = OrderChange(shipping_address=AddressRequest(city="York"))
    findings = Findings("mef")
    request_mapping.change_to_wire(order(relatedContactInformation=people), partly, DEFAULTS, findings)
    assert [(one.code.name, one.field) for one in findings.errors] == [("INVALID", ("input", "shippingAddress"))]


def test_items_are_changed_by_their_lines() -> None:
    own = {"line_item_id": "LineItem:mef:string:string", "end_customer_name": None, "notes": [{"text": "n"}]}
    (found,) = patched(OrderChange(purchase_order_number="P", details={"items": [own]}))["productOrderItem"]
    assert (found["id"], found["endCustomerName"], found["relatedBuyerPON"]) == ("string", None, "P")
    assert [one["text"] for one in found["note"]] == ["string", "n"]
    for id_, code in (
        ("LineItem:mef:string:2", "NOT_FOUND"),
        ("LineItem:x:string:string", "NOT_FOUND"),
        ("x", "INVALID"),
    ):
        change = OrderChange(details={"items": [{**own, "line_item_id": id_}]})
        assert (code, "details.sonata.items.0.lineItemId") in refusals(change)


# ---- Requests, charges and lists --------------------------------------------------------------------


def test_the_body_that_cancels_has_a_contact_and_a_reason() -> None:
    people = [{**contact, "role": "productOrderContact"} for contact in sample()["relatedContactInformation"]]
    known = order(relatedContactInformation=people)
    body = json.loads(
        msgspec.json.encode(request_mapping.cancel_to_wire(known, CancelRequest(reason="Moved."), "document"))
    )
    address = body["relatedContactInformation"][0]["postalAddress"]
    assert body["relatedContactInformation"][0]["role"] == "cancelProductOrderContact"
    assert not {"id", "href", "hasPublicSite", "allowsNewSite"} & set(address)
    assert body["productOrder"] == {"productOrderId": "string"}
    given_ = {"contact": {"name": "Z", "email": "z@x", "phone": "2"}, "reason_type": "TECHNICAL"}
    other = json.loads(
        msgspec.json.encode(request_mapping.cancel_to_wire(known, CancelRequest(details=given_), "document"))
    )
    assert other["cancellationReasonType"] == "technical"
    assert form_problems("CancelCreate", other) == []


def test_every_item_of_a_charge_is_answered() -> None:
    old = {"id": "1", "author": "A", "date": "2026-11-20T10:00:00Z", "source": "seller", "text": "old"}
    charge = msgspec.convert({"id": "c", "chargeItem": [{"id": "a", "note": [old]}, {"id": "b"}]}, wire.Charge)
    findings = Findings("mef")
    answer = ChargeAnswer(accept=True, note="fine", items={"b": (False, None), "z": (True, None)})
    body = json.loads(msgspec.json.encode(request_mapping.answer_to_wire(charge, answer, DEFAULTS, findings)))
    assert [(one.code.name, one.field) for one in findings.errors] == [
        ("NOT_FOUND", ("input", "items", "1", "vendorItemId"))
    ]
    first, second = body["chargeItem"]
    assert (first["acceptanceIndicator"], second["acceptanceIndicator"]) == ("accepted", "rejected")
    assert [one["text"] for one in first["note"]] == ["old", "fine"]
    assert first["note"][1]["id"] == "2"
    assert form_problems("ChargeUpdate", body) == []


@pytest.mark.parametrize(
    ("expedited", "asked", "expected"),
    [(False, None, None), (True, None, True), (True, False, False), (False, True, True)],
)
def test_another_date_keeps_the_haste_unless_told(expedited: bool, asked: bool | None, expected: bool | None) -> None:
    known = order(productOrderItem=[item(expediteIndicator=expedited)])
    wanted = DateRequest(requested_at=WANTED, details={} if asked is None else {"is_expedited": asked})
    body = json.loads(msgspec.json.encode(request_mapping.date_to_ask(known, known.items[0], wanted)))
    assert body.get("expediteIndicator") == expected
    assert form_problems("DeliveryDateCreate", body) == []


def test_filters_are_sonatas_as_far_as_they_go() -> None:
    span = Range(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))
    query = OrderQuery(
        statuses=frozenset({OrderStatus.IN_PROGRESS}),
        placed_at=span,
        numbers=frozenset({"A"}),
        details={"project_id": "p", "cancelled_at": Range(span.start, None)},
    )
    assert dict(request_mapping_lists.orders_query(query) or ()) == {
        "state": "inProgress",
        "externalId": "A",
        "projectId": "p",
        "orderDate.gt": "2025-12-31T23:59:59.999999Z",
        "orderDate.lt": "2026-02-01T00:00:00Z",
        "cancellationDate.gt": "2025-12-31T23:59:59.999999Z",
    }
    assert request_mapping_lists.exact(query)
    both = OrderQuery(statuses=frozenset({OrderStatus.CANCELLING}))
    assert request_mapping_lists.orders_query(both) == []
    assert not request_mapping_lists.exact(both)
    assert request_mapping_lists.orders_query(OrderQuery(statuses=frozenset({OrderStatus.DRAFT}))) is None
    unknown = OrderQuery(statuses=frozenset({OrderStatus.UNKNOWN}))
    assert request_mapping_lists.orders_query(unknown) == []
    assert not request_mapping_lists.exact(unknown)


# ---- Errors -----------------------------------------------------------------------------------------


def test_an_error_is_one_or_a_list() -> None:
    one = request_mapping.read_problem({"code": "notFound", "reason": "none", "message": "look again"})
    assert (one.code, one.message, dict(one.fields)) == ("notFound", "none: look again", {})
    several = request_mapping.read_problem(
        [
            {"code": "missingProperty", "reason": "a", "propertyPath": "/x"},
            {"code": "invalidValue", "reason": "b", "propertyPath": "/x"},
            {"code": "otherIssue", "reason": "c"},
            "nonsense",
        ]
    )
    assert several.code == "missingProperty"
    assert dict(several.fields) == {"/x": ["a", "b"], "": ["c"]}
    assert request_mapping.read_problem({"error": "invalid_client"}).code == "invalid_client"
    for nothing in ([], None, "x", 5, [1]):
        assert request_mapping.read_problem(nothing).code is None


def pointers(shape: str, path: str = "") -> list[str]:
    """Return every JSON Pointer of a schema."""
    found: list[str] = []
    for name, (_, kind) in FIELDS[shape].items():
        inner, here = kind.strip("[]"), f"{path}/{name}"
        found.append(here)
        below = f"{here}/0" if kind.startswith("[") else here
        for schema in PLACE_SCHEMAS if inner == "Place" else (inner,) if inner in FIELDS else ():
            found += [one for one in (below, *pointers(schema, below)) if one not in found]
    return found


SHAPES = {
    "createProductOrder": "OrderCreate",
    "createCancelProductOrder": "CancelCreate",
    "createModifyProductOrderItemRequestedDeliveryDate": "DeliveryDateCreate",
}
TOP = {
    "createProductOrder": {"clientReference", "notes", "details", "contact", "lineItems"},
    "createCancelProductOrder": {"reason", "orderId", "details"},
    "createModifyProductOrderItemRequestedDeliveryDate": {"lineItemId", "requestedAt", "details"},
}


@pytest.mark.parametrize("operation", SHAPES)
def test_every_property_has_a_place_in_the_input(operation: str) -> None:
    for pointer in pointers(SHAPES[operation]):
        path = input_path(operation, pointer)
        assert path is not None
        assert path[0] == "input"
        assert path[1] in TOP[operation], pointer


def test_every_place_is_a_property() -> None:
    for operation, places in PLACES.items():
        known = {pointer.replace("/0", "/*") for pointer in pointers(SHAPES[operation])}
        assert set(places) <= known


def test_a_pointer_may_lead_into_a_configuration_and_be_escaped() -> None:
    own = ("input", "lineItems", "3", "details", "sonata")
    pointer = "/productOrderItem/3/product/productConfiguration/a~1b/2/~0c"
    assert input_path("createProductOrder", pointer) == (*own, "configuration", "a/b", "2", "~c")
    assert input_path("createProductOrder", "/productOrderItem/3/quoteItem/id") == (*own, "quoteItem", "itemId")
    unit = "postalAddress/geographicSubAddress/subUnit/1/subUnitType"
    inside = ("address", "subAddress", "subUnits", "1", "type")
    found = input_path("createProductOrder", f"/productOrderItem/3/relatedContactInformation/0/{unit}")
    assert found == (*own, "contacts", "0", *inside)
    found = input_path("createCancelProductOrder", f"/relatedContactInformation/0/{unit}")
    assert found == ("input", "details", "sonata", "contact", *inside)
    assert input_path("createProductOrder", "") is None
    assert input_path("patchCharge", "/chargeItem/0/id") == ("input", "chargeItem", "0", "id")
