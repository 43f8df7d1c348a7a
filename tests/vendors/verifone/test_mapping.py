"""Verifone's objects mapped to ours: tables, combined statuses, unreadable and missing values."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from ordergraph.domain import (
    Action,
    ActionAvailability,
    CancellationState,
    DescribedEnum,
    Money,
    OrderStatus,
    Origin,
    SubscriptionStatus,
    UnavailableReason,
)
from ordergraph.upstream.calls import Decoded
from ordergraph.vendors.verifone import mapping, wire, wire_rules
from ordergraph.vendors.verifone.mapping import (
    DETAILED_STATUS,
    PRECEDENCE,
    STATUS,
    Facts,
    VerifoneOrder,
    VerifoneProduct,
)
from ordergraph.vendors.verifone.sandbox import data as seeded
from ordergraph.vendors.verifone.values import (
    TIME,
    VerifoneCancelReason,
    VerifoneContactType,
    VerifoneOrderStatus,
    VerifonePaymentMethod,
    VerifonePhoneType,
    VerifonePriceModel,
    VerifoneWeekday,
    amount,
    moment,
)
from ordergraph.wire.fields import Codec, fields_of

ORIGIN = Origin("vf", "verifone", datetime(2026, 11, 20, tzinfo=UTC))
ID = "32c480b5-4dfb-4c53-959f-49edf45a0931"
STRUCTS = [one for one in vars(wire).values() if isinstance(one, type) and issubclass(one, wire.Wire)]
Json = dict[str, Any]


def order(**fields: Any) -> VerifoneOrder:
    body = {"orderId": ID, "status": "SUBMITTED", **fields}
    raw = msgspec.json.encode(body)
    return VerifoneOrder(ORIGIN, Decoded(msgspec.json.decode(raw, type=wire.Order), raw), Facts("EUR", {}))


def detailed(status: str | None, detailed: str | None, **more: Any) -> VerifoneOrder:
    return order(status=status, internal={"extendedDetails": {"status": detailed, **more}})


def packaged(**packages: Any) -> VerifoneOrder:
    return order(packageDetails=packages)


# ---- Statuses ---------------------------------------------------------------------------------------


# The values in the documented schemas.
WORDS: dict[type[DescribedEnum], str] = {
    VerifonePriceModel: "MONTHLY_FEE MONTHLY_FEE_PER_DEVICE MINIMUM_AMT_PER_TRX AMT_PER_TRX PERC_PER_TRX ONE_TIME "
    "YEARLY_FEE QUARTERLY_FEE",
    VerifoneCancelReason: "ADMIN_REASON RELATED_PO_CHANGES WRONG_PRODUCT ORDER_LATE OTHER",
    VerifonePaymentMethod: "ACCOUNT CREDIT NET EINVOICE",
    VerifoneContactType: "BUSINESS DISPUTE_HANDLING OWNER PERSONAL",
    VerifonePhoneType: "HOME MOBILE WORK FAX OTHER",
    VerifoneWeekday: "MONDAY TUESDAY WEDNESDAY THURSDAY FRIDAY SATURDAY SUNDAY",
}


def test_every_word_of_the_schemas_has_its_place() -> None:
    assert set(STATUS) == set(wire_rules.STATUSES)
    assert set(DETAILED_STATUS) == set(seeded.DETAILED) == {one.name for one in VerifoneOrderStatus}
    assert set(PRECEDENCE) >= {*STATUS.values(), *DETAILED_STATUS.values(), OrderStatus.UNKNOWN}
    for enum, words in WORDS.items():
        assert [one.name for one in enum] == words.split()
    assert set(mapping.RECURRING) < {one.name for one in VerifonePriceModel}


@pytest.mark.parametrize(("word", "status"), seeded.DETAILED.items())
def test_the_finer_status_refines_the_other(word: str, status: str) -> None:
    assert detailed(status, word).status is DETAILED_STATUS[word]
    assert detailed(status, word).vendor_status == word


@pytest.mark.parametrize(
    ("own", "finer", "status"),
    [
        ("DRAFT", "SUBMITTED", OrderStatus.DRAFT),  # a draft is an order that Verifone lets you replace
        ("INPROGRESS", "SUBMITTED", OrderStatus.IN_PROGRESS),
        ("ONHOLD", "REQUIRES_ATTENTION", OrderStatus.ACTION_REQUIRED),
        ("ONHOLD", "FULFILMENT_BOOKED", OrderStatus.ON_HOLD),
        ("ONHOLD", "CANCEL_REQUESTED", OrderStatus.CANCELLING),
        ("CANCELLED", "FULFILMENT_SHIPPED", OrderStatus.CANCELLED),
        ("CANCELLED", "DECLINED", OrderStatus.REJECTED),
        ("INPROGRESS", "DECLINED", OrderStatus.REJECTED),
        ("COMPLETED", "CANCEL_ERROR", OrderStatus.COMPLETED),
        ("COMPLETED", None, OrderStatus.COMPLETED),
        ("INPROGRESS", "TELEPORTED", OrderStatus.IN_PROGRESS),
        ("TELEPORTED", "FULFILMENT_SHIPPED", OrderStatus.SHIPPED),
        ("TELEPORTED", "TELEPORTED", OrderStatus.UNKNOWN),
        (None, None, OrderStatus.UNKNOWN),
    ],
)
def test_what_is_further_along_or_needs_somebody_decides(
    own: str | None, finer: str | None, status: OrderStatus
) -> None:
    assert detailed(own, finer).status is status


def test_every_pair_of_statuses_is_a_status() -> None:
    for own, finer in itertools.product(STATUS, DETAILED_STATUS):
        made = detailed(own, finer)
        assert made.status in (STATUS[own], DETAILED_STATUS[finer])
        assert made.is_final or STATUS[own] not in (OrderStatus.COMPLETED, OrderStatus.CANCELLED)


def test_an_unknown_word_is_logged_once() -> None:
    with capture_logs() as logs:
        for _ in range(2):
            assert detailed("INPROGRESS", "LOST_IN_SPACE").vendor_status == "LOST_IN_SPACE"
            assert detailed("INPROGRESS", "LOST_IN_SPACE").status is OrderStatus.IN_PROGRESS
    assert [(one["kind"], one["word"]) for one in logs] == [("detailed status", "LOST_IN_SPACE")]


def test_an_order_without_what_verifone_notes_for_itself_is_an_order() -> None:
    bare = order(status="INPROGRESS")
    assert (bare.status, bare.vendor_status) == (OrderStatus.IN_PROGRESS, "INPROGRESS")
    assert (bare.problems, bare.shipments, bare.line_items, bare.subscriptions) == ([], [], [], [])
    assert (bare.cancellation, bare.completed_at, bare.cancelled_at, bare.shipping_address) == (None,) * 4
    cancelled = order(status="CANCELLED")
    assert cancelled.cancellation is not None
    assert cancelled.cancellation.state is CancellationState.CANCELLED


# ---- Actions and problems ---------------------------------------------------------------------------


@pytest.mark.parametrize("status", STATUS)
def test_actions_depend_on_the_status(status: str) -> None:
    offers = {one.action: one for one in order(status=status).available_actions}
    allowed = {action for action, one in offers.items() if one.is_allowed}
    expected = [Action.CANCEL_ORDER] if status in ("DRAFT", "SUBMITTED", "ONHOLD") else []
    assert allowed == {*expected, *([Action.UPDATE_ORDER, Action.SUBMIT_ORDER] if status == "DRAFT" else [])}
    assert all(one.reason is UnavailableReason.WRONG_STATUS for one in offers.values() if not one.is_allowed)


def test_of_cancelling_verifone_itself_says_whether() -> None:
    def offer(made: VerifoneOrder) -> bool:
        return next(one.is_allowed for one in made.available_actions if one.action is Action.CANCEL_ORDER)

    assert offer(detailed("INPROGRESS", "PENDING_SIGNATURE", canCancel=True))
    assert not offer(detailed("SUBMITTED", "SUBMITTED", canCancel=False))


def test_a_cancellation_that_verifone_rules_out_is_not_blamed_on_the_status() -> None:
    made = detailed("SUBMITTED", "SUBMITTED", canCancel=False)
    (offer,) = (one for one in made.available_actions if one.action is Action.CANCEL_ORDER)
    assert offer.message == "Verifone does not allow this order to be cancelled. The order is SUBMITTED."


def test_what_the_account_lacks_is_not_offered() -> None:
    off = ActionAvailability(Action.SUBMIT_ORDER, False, UnavailableReason.EXTENSION_DISABLED, "off")
    raw = msgspec.json.encode({"orderId": ID, "status": "DRAFT"})
    made = VerifoneOrder(
        ORIGIN, Decoded(msgspec.json.decode(raw, type=wire.Order), raw), Facts("XXX", {Action.SUBMIT_ORDER: off})
    )
    assert off in made.available_actions


@pytest.mark.parametrize("word", mapping.PROBLEMS)
def test_problems_have_verifones_words_where_it_has_some(word: str) -> None:
    (told,) = detailed("INPROGRESS", word, information="The paper is wet.", code="P-1").problems
    assert (told.code, told.message) == (word, "The paper is wet.")
    (untold,) = detailed("INPROGRESS", word).problems
    assert untold.message == mapping.PROBLEMS[word]


def test_every_status_that_needs_somebody_is_a_problem() -> None:
    needing = {word for word, status in DETAILED_STATUS.items() if status is OrderStatus.ACTION_REQUIRED}
    assert needing <= set(mapping.PROBLEMS)


def test_the_last_of_several_cancellations_is_shown() -> None:
    history = [
        {"cancelReasonEnum": "ORDER_LATE", "cancelledDate": "2026-01-01T00:00:00Z"},
        {
            "cancelReasonEnum": "WRONG_PRODUCT",
            "cancelAdditionalReason": "Too small.",
            "cancelledDate": "2026-01-02T00:00:00Z",
        },
    ]
    made = order(status="INPROGRESS", internal={"extendedDetails": {"status": "CANCEL_REQUESTED"},
                                                "cancellationHistory": history})  # fmt: skip
    found = made.cancellation
    assert found is not None
    assert (found.reason, found.note, found.requested_at) == (
        "WRONG_PRODUCT",
        "Too small.",
        datetime(2026, 1, 2, tzinfo=UTC),
    )
    assert order(status="INPROGRESS", internal={"cancellationHistory": history}).cancellation is None


# ---- Times and amounts ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2020-01-06T18:16:14.243Z", datetime(2020, 1, 6, 18, 16, 14, 243000, UTC)),
        ("2020-01-06T18:16:14+02:00", datetime(2020, 1, 6, 16, 16, 14, tzinfo=UTC)),
        ("2020-01-06T18:16:14", datetime(2020, 1, 6, 18, 16, 14, tzinfo=UTC)),
        ("2020-01-06", datetime(2020, 1, 6, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_times_are_aware_and_unreadable_ones_cost_themselves(text: str | None, expected: datetime | None) -> None:
    found = moment(text)
    assert found == expected
    assert found is None or found.tzinfo is UTC


@given(st.from_regex(r"((-?[0-9]{1,15})|(-?([0-9]{1,10})?[.][0-9]{1,10}))", fullmatch=True))
def test_amounts_keep_every_digit(text: str) -> None:
    found = amount(text)
    assert found is not None
    assert found == Decimal(text)
    fraction = text.partition(".")[2]
    assert -int(found.as_tuple().exponent) == len(fraction)


@pytest.mark.parametrize("text", ["", "a", "1,5", "NaN", "Infinity", "1e"])
def test_what_is_no_amount_costs_itself(text: str) -> None:
    assert amount(text) is None
    assert packaged(basePackageBundle={"packageBundleId": "B", "price": text}).line_items[0].unit_price is None


# ---- Lines and places -------------------------------------------------------------------------------


def test_lines_are_known_by_their_place() -> None:
    device = {"packageBundleId": "T650P", "quantity": 2}
    paper = {"packageBundleId": "PAPER"}
    made = order(
        merchant={
            "pois": [
                {"devicePackage": device, "additionalDevicePackages": [paper, device]},
                {"additionalDevicePackages": [paper]},
                {},
                {"devicePackage": paper},
            ]
        },
        packageDetails={
            "basePackageBundle": {"packageBundleId": "BASE", "price": "10.50"},
            "servicePackages": [
                {"packageBundleId": "S-1", "adjustedPrices": [{"priceModel": "MONTHLY_FEE", "price": "1"}]},
                {"packageBundleId": "S-2", "adjustedPrices": [{"priceModel": "ONE_TIME", "price": "2.0"}]},
            ],
            "deliveryPackage": {"packageBundleId": "D", "adjustedPrices": [{"priceModel": "ONE_TIME", "price": ".5"}]},
        },
    )
    lines = [(line.key[1], line.name, line.quantity, line.unit_price) for line in made.line_items]
    assert lines == [
        ("poi-0", "T650P", Decimal(2), None),
        ("poi-1-0", "PAPER", Decimal(1), None),
        ("poi-3", "PAPER", Decimal(1), None),
        ("base", "BASE", Decimal(1), Money(Decimal("10.50"), "EUR")),
        ("service-0", "S-1", Decimal(1), None),
        ("service-1", "S-2", Decimal(1), Money(Decimal("2.0"), "EUR")),
        ("delivery", "D", Decimal(1), Money(Decimal("0.5"), "EUR")),
    ]
    assert [one.key[1] for one in made.line_items[0].children] == ["poi-0-0", "poi-0-1"]
    assert made.shipping_cost == Money(Decimal("0.5"), "EUR")
    everything = [one for line in made.line_items for one in (line, *line.children)]
    assert len({one.id for one in everything}) == len(everything)
    assert [one.details.kind.name for one in everything] == [
        "DEVICE",
        "ADDITIONAL_DEVICE",
        "ADDITIONAL_DEVICE",
        "ADDITIONAL_DEVICE",
        "DEVICE",
        "BASE",
        "SERVICE",
        "SERVICE",
        "DELIVERY",
    ]


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("GBR", "GB"), ("SGC", "GS"), ("ZZZ", None), ("BSB", None), ("XYZ", None), (None, None)],
)
def test_countries(theirs: str | None, ours: str | None) -> None:
    place = order(merchant={"shippingAddress": {"addressLine1": "1", "country": theirs}}).shipping_address
    assert place is not None
    assert place.country_code == ours


def test_every_country_that_verifone_takes_comes_back() -> None:
    for two, theirs in wire_rules.COUNTRY.items():
        place = mapping.address(wire.Address(country=theirs))
        assert place.country_code == two


def test_services_are_subscriptions_when_they_are_paid_again() -> None:
    services = [
        {"packageBundleId": f"S-{model}", "adjustedPrices": [{"priceModel": model, "price": "1"}]}
        for model in VerifonePriceModel.__members__
    ]
    made = packaged(servicePackages=[*services, {"packageBundleId": "NOTHING"}])
    assert [one.billing_frequency for one in made.subscriptions] == [
        model for model in VerifonePriceModel.__members__ if model in mapping.RECURRING
    ]
    for status, expected in (
        ("SUBMITTED", SubscriptionStatus.PENDING),
        ("COMPLETED", SubscriptionStatus.ACTIVE),
        ("CANCELLED", SubscriptionStatus.CANCELLED),
        ("NEW", SubscriptionStatus.UNKNOWN),
    ):
        found = order(status=status, packageDetails={"servicePackages": services}).subscriptions
        assert {one.status for one in found} == {expected}
    assert order(status="DRAFT", packageDetails={"servicePackages": services}).subscriptions == ()


def test_a_product_is_its_id() -> None:
    product = VerifoneProduct(ORIGIN, "T650P")
    assert (product.id, product.sku, product.name, product.vendor_product_id) == (
        "Product:vf:T650P",
        "T650P",
        "T650P",
        "T650P",
    )


# ---- Versions and names -----------------------------------------------------------------------------


def test_the_version_changes_with_everything_but_the_minutes() -> None:
    one = order(internal={"orderStats": {"minsSinceLastStatusUpdate": 1}, "oracleOrderNumber": 7})
    later = order(internal={"orderStats": {"minsSinceLastStatusUpdate": 2}, "oracleOrderNumber": 7})
    assert one.version == later.version
    for fields in ({"notes": "x"}, {"status": "ONHOLD"}, {"internal": {"oracleOrderNumber": 8}}):
        assert order(**fields).version != one.version


def test_ids_have_one_form() -> None:
    made = VerifoneOrder(ORIGIN, Decoded(wire.Order(order_id=ID.upper()), b"{}"), Facts("EUR", {}))
    assert (made.id, made.vendor_order_id) == (f"Order:vf:{ID}", ID)


def test_names_are_verifones() -> None:
    names = {one.name: one.wire_name for struct in STRUCTS for one in fields_of(struct)}
    assert names["customer_entity_uid"] == "customerEntityUid"
    assert names["address_line1"] == "addressLine1"
    assert names["three_ds_merchant_identifiers"] == "threeDSMerchantIdentifiers"
    assert names["link_opened_by_customer_at"] == "linkOpendByCustomerTime"


# The fields of the documented request schemas. An asterisk marks required fields.
REQUESTS: dict[type[wire.Wire], str] = {
    wire.Name: "firstName* lastName* prefix middleName suffix alternateFullName",
    wire.Phone: "value* phoneType* callingCode extension isPrimary",
    wire.Contact: "contactType* name* phoneNumbers email businessTitle",
    wire.Address: "receiverName addressLine1* addressLine2 addressLine3 poBox city* countrySubdivision "
    "postCode* country* timeZone contact vfiSiteId storeNumber governmentOwned "
    "governmentCountry",
    wire.OpeningHours: "day* times*",
    wire.OpeningPeriod: "start* end*",
    wire.Variable: "variableName variableValue",
    wire.DevicePackage: "packageBundleId* quantity serialNumbers additionalPackageData",
    wire.Poi: "devicePackage additionalDevicePackages",
    wire.Bundle: "packageBundleId* price",
    wire.AdjustedPrice: "priceModel price",
    wire.ServicePackage: "packageBundleId* adjustedPrices processorParameters additionalPackageData "
    "threeDSMerchantIdentifiers",
    wire.MerchantIdentifiers: "merchantId* paymentType*",
    wire.DeliveryPackage: "packageBundleId* adjustedPrices additionalPackageData",
    wire.PackageDetails: "portfolioUid basePackageBundle* servicePackages deliveryPackage",
    wire.Merchant: "merchantName primaryContact* requestedDateOfShipment mcc tradingAddress "
    "shippingAddress billingAddress companyAddress siteReferenceId siteName openingHours "
    "pois",
    wire.HardwareOrder: "orderReference* customerEntityUid* requestedDate poRef paymentDetails notes "
    "additionalOrderData packageDetails merchant*",
    wire.Cancellation: "cancelReasonEnum* cancelAdditionalReason",
}


@pytest.mark.parametrize("struct", REQUESTS, ids=lambda struct: struct.__name__)
def test_a_request_has_the_fields_of_the_document(struct: type[wire.Wire]) -> None:
    rule = wire_rules.rule_of(struct)
    assert [name + "*" * (name in rule.needs) for name in rule.fields] == REQUESTS[struct].split()


def test_every_time_of_the_wire_is_known_as_one() -> None:
    fields = [one for struct in STRUCTS for one in fields_of(struct) if one.description]
    named = {one.wire_name for one in fields if one.wire_name.endswith(("Date", "Time", "DateOfShipment"))}
    assert {one.wire_name for one in fields if one.get(Codec) is TIME} == named
