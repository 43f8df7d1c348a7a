"""The Hub's objects mapped to ours, and our requests to the Hub's, without a network."""

from __future__ import annotations

import functools
import inspect
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, cast, get_args, get_origin

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from ordergraph import domain
from ordergraph.domain import Action, Address, InvoiceStatus, Money, OrderStatus, Origin, SubscriptionStatus
from ordergraph.domain.commands import (
    AddressRequest,
    Contact,
    LineChange,
    LineRequest,
    OrderChange,
    OrderQuery,
    OrderRequest,
    ProductSwap,
    fits,
)
from ordergraph.domain.errors import UserErrorCode, VendorError, VendorUnavailable
from ordergraph.domain.paging import order_key
from ordergraph.upstream.calls import Decoded
from ordergraph.vendors.nuvias import connector, mapping, mapping_people, request_mapping, wire, wire_people
from ordergraph.vendors.nuvias.connector_billing import midnight
from ordergraph.vendors.nuvias.graph_details import NuviasFeed, NuviasUser
from ordergraph.vendors.nuvias.mapping import Facts
from ordergraph.vendors.nuvias.request_mapping import Findings
from ordergraph.vendors.nuvias.values import FLAT_NUMBERS, FLAT_WORDS, MONEY, TIME
from ordergraph.wire.fields import Codec, Reference, fields_of, struct_in

SAMPLES = Path(__file__).parents[2] / "samples" / "nuvias"
ORIGIN = Origin("uk", "nuvias", datetime(2026, 11, 21, tzinfo=UTC))
FACTS = Facts("GBP", {1: "FR", 5: "GB", 7: "NL", 829: "IE"})
ERROR = VendorUnavailable("nuvias", "uk", "whoami")
NO_FACTS = Facts(ERROR, ERROR)
Json = dict[str, Any]


def body(name: str) -> bytes:
    return (SAMPLES / f"{name}.json").read_bytes()


def decoded(name: str, type_: Any) -> Any:
    """Return the sample as one object. Of a list, return the first."""
    raw = body(f"{name}_response")
    value = json.loads(raw)
    raw = json.dumps(value[0] if isinstance(value, list) else value).encode()
    return Decoded(msgspec.json.decode(raw, type=type_), raw)


def view(make: Callable[..., Any], name: str, type_: Any) -> Any:
    return make(ORIGIN, decoded(name, type_), FACTS)


# ---- Every property of every view, with every sample ------------------------------------------------

VIEWS: Sequence[tuple[Callable[..., Any], type, Sequence[str]]] = (
    (mapping.NuviasOrder, wire.Order, ("order", "basket", "baskets")),
    (connector.draft, wire.Order, ("basket", "baskets", "order")),
    (mapping.NuviasProduct, wire.Product, ("product", "products")),
    (mapping.NuviasSubscription, wire.Subscription, ("subscription", "subscriptions")),
    (mapping.NuviasInvoice, wire.Invoice, ("invoices",)),
    (mapping_people.NuviasViewer, wire_people.Whoami, ("whoami",)),
    (mapping_people.NuviasOrganisation, wire_people.Organisation, ("organisations",)),
    (mapping_people.NuviasUser, wire_people.User, ("user",)),
    (mapping_people.NuviasUser, wire_people.UserRow, ("users",)),
    (mapping_people.NuviasProductGroup, wire_people.ProductGroup, ("product_group",)),
    (mapping_people.NuviasProductGroup, wire_people.ProductGroupRow, ("product_groups",)),
    (mapping_people.NuviasShippingType, wire_people.ShippingType, ("shipping_types",)),
    (mapping_people.NuviasProvisioningGroup, wire_people.Group, ("groups",)),
    (mapping_people.NuviasSite, wire_people.Site, ("sites",)),
    (mapping_people.NuviasFeed, wire_people.Feed, ("feed",)),
    (mapping_people.NuviasFeed, wire_people.FeedRow, ("feeds",)),
)
CASES = [
    pytest.param(make, type_, name, id=f"{name}-{make.__name__}") for make, type_, names in VIEWS for name in names
]
WITHIN = {"wire", "source", "facts", "origin", "order", "line"}


def properties(value: object) -> list[str]:
    kind = type(value)
    members = [name for name in dir(kind) if not name.startswith("_") and name not in WITHIN]
    return [
        name
        for name in members
        if isinstance(inspect.getattr_static(kind, name), property | domain.Default | domain.Attribute)
    ]


def look_at(value: object, failures: list[tuple[str, BaseException]], path: str = "", seen: int = 0) -> None:
    """Read all properties at any depth, and record those that raise."""
    for item in cast("Sequence[object]", value) if isinstance(value, (list, tuple)) else ():
        look_at(item, failures, path, seen)
    if isinstance(value, mapping.Details | mapping.Piece):
        look_at_fields(cast("Any", value), failures, path)
    for name in properties(cast("object", value)) if seen < 6 else ():
        try:
            found: object = getattr(cast("object", value), name)
        except (VendorError, ArithmeticError, ValueError, TypeError, LookupError, AttributeError) as error:
            failures.append((f"{path}.{name}", error))
        else:
            look_at(found, failures, f"{path}.{name}", seen + 1)


def look_at_fields(source: Any, failures: list[tuple[str, BaseException]], path: str) -> None:
    """Read the fields that the graph shows of a struct and of nested structs."""
    for one in fields_of(type(cast("msgspec.Struct", source.wire))):
        value: Any = getattr(source.wire, one.name)
        codec = one.codec
        each = isinstance(value, list) and not (codec and codec.of_list)
        items = cast("list[Any]", value if each else [value])
        for item in [item for item in items if item is not None] if one.description else ():
            try:
                if codec is not None:
                    codec.read(item, source)
                elif struct_in(one.type) is not None:
                    look_at_fields(mapping.Piece(item, source), failures, f"{path}.{one.name}")
            except (VendorError, ArithmeticError, ValueError, TypeError, LookupError, AttributeError) as error:
                failures.append((f"{path}.{one.name}", error))


@pytest.mark.parametrize(("make", "type_", "name"), CASES)
def test_no_property_raises_over_the_samples(make: Callable[..., Any], type_: type, name: str) -> None:
    failures: list[tuple[str, BaseException]] = []
    one = view(make, name, type_)
    look_at(one, failures)
    assert failures == []
    assert domain.Ref.parse(one.id) == one.ref


@pytest.mark.parametrize(("make", "type_", "name"), CASES)
def test_missing_facts_cost_only_amounts_and_addresses(make: Callable[..., Any], type_: type, name: str) -> None:
    failures: list[tuple[str, BaseException]] = []
    look_at(make(ORIGIN, decoded(name, type_), NO_FACTS), failures)
    assert {type(error) for _, error in failures} <= {VendorUnavailable}
    costly = (
        "total",
        "cost",
        "price",
        "discount",
        "address",
        "value",
        "charges",
        "countries",
        "country",
        "free_over",
        "rate",
    )
    assert [path for path, _ in failures if not any(word in path for word in costly)] == []


ORDER = view(mapping.NuviasOrder, "order", wire.Order)
VALUES: list[tuple[Any, str, object]] = [
    (ORDER, "id", "Order:uk:1"),
    (ORDER, "vendor_order_id", "1"),
    (ORDER, "number", "SO1234567"),
    (ORDER, "client_reference", "Order for Bob's new customer"),
    (ORDER, "purchase_order_number", "PO5678"),
    (ORDER, "status", OrderStatus.IN_PROGRESS),
    (ORDER, "vendor_status", "PROCESSING"),
    (ORDER, "phase", domain.OrderPhase.OPEN),
    (ORDER, "is_final", False),
    (ORDER, "placed_at", datetime(2020, 1, 30, 10, 30, tzinfo=UTC)),
    (ORDER, "customer", domain.Party("10", "Bob's Customer")),
    (ORDER, "total", Money(Decimal("399.99"), "GBP")),
    (ORDER, "shipping_cost", Money(Decimal("12.99"), "GBP")),
    (ORDER, "discount", Money(Decimal("1.99"), "GBP")),
    (
        ORDER,
        "shipping_address",
        Address(
            "Bob's Widgets Ltd.",
            "Robert Bobson",
            ["123 Sample Drive", "Main Street"],
            "Nottingham",
            "Nottinghamshire",
            "NT12 3SH",
            "GB",
        ),
    ),
    (
        ORDER,
        "notes",
        [
            domain.Note("Please leave with security", domain.NoteKind.SHIPPING),
            domain.Note("Please ensure firmware 1.2.3 is installed", domain.NoteKind.PROVISIONING),
        ],
    ),
    (ORDER.line_items[0], "id", "LineItem:uk:1:1"),
    (ORDER.line_items[0], "product_id", "555"),
    (ORDER.line_items[0], "quantity", Decimal(10)),
    (ORDER.line_items[0], "unit_price", Money(Decimal("123.99"), "GBP")),
    (ORDER.line_items[0], "list_price", Money(Decimal(200), "GBP")),
    (ORDER.line_items[0], "total", Money(Decimal("1289.7"), "GBP")),
    (ORDER.line_items[0].children[0], "id", "LineItem:uk:1:1:provisioning"),
    (ORDER.line_items[0].children[0], "unit_price", Money(Decimal("1.99"), "GBP")),
    (ORDER.line_items[0].children[1], "id", "LineItem:uk:1:1:maintenance"),
    (ORDER.line_items[0].children[1], "name", "24x7 Cover"),
    (ORDER.shipments[0], "reference", "IF123456"),
    (ORDER.shipments[0], "tracking_number", "2002020208581985919809842"),
    (ORDER.shipments[0], "shipped_on", date(2019, 2, 2)),
    (ORDER.shipments[0].items[0], "serial_numbers", ["112233445566"]),
    (view(mapping.NuviasProduct, "product", wire.Product), "price", Money(Decimal("100.12"), "GBP")),
    (view(mapping.NuviasProduct, "product", wire.Product), "sku", "NEW-PH0N3"),
    (view(mapping.NuviasProduct, "product", wire.Product), "stock", Decimal(9001)),
    (view(mapping.NuviasSubscription, "subscription", wire.Subscription), "status", SubscriptionStatus.ACTIVE),
    (view(mapping.NuviasSubscription, "subscription", wire.Subscription), "ends_on", date(2021, 5, 14)),
    (view(mapping.NuviasSubscription, "subscription", wire.Subscription), "order_ids", ["5", "1"]),
    (view(mapping.NuviasSubscription, "subscription", wire.Subscription), "has_pending_changes", True),
    (view(mapping.NuviasInvoice, "invoices", wire.Invoice), "id", "Invoice:uk:1:INV000007"),
    (view(mapping.NuviasInvoice, "invoices", wire.Invoice), "status", InvoiceStatus.OPEN),
    (view(mapping.NuviasInvoice, "invoices", wire.Invoice), "due_on", date(2020, 4, 3)),
    (view(mapping.NuviasInvoice, "invoices", wire.Invoice), "issued_at", datetime(2020, 3, 11, 7, tzinfo=UTC)),
]


@pytest.mark.parametrize(("one", "name", "value"), VALUES, ids=[f"{type(row[0]).__name__}.{row[1]}" for row in VALUES])
def test_a_property_shows_the_samples_value(one: Any, name: str, value: object) -> None:
    assert getattr(one, name) == value


def read(type_: Any, source: object, name: str) -> Any:
    """Read a field of a derived type."""
    (field,) = [one for one in type_.__strawberry_definition__.fields if one.python_name == name]
    return field.get_result(source, None, [], {})


def test_of_a_user_rows_have_what_they_have_in_their_own_way() -> None:
    row = view(mapping_people.NuviasUser, "users", wire_people.UserRow)
    assert [read(NuviasUser, row, name) for name in ("is_password_reset_required", "is_verified", "is_active")] == [
        False,
        True,
        True,
    ]
    user = view(mapping_people.NuviasUser, "user", wire_people.User)
    assert read(NuviasUser, user, "roles") == [1, 2]


def test_a_feeds_password_is_nowhere() -> None:
    rows = json.loads(body("feeds_response"))
    row = next(row for row in rows if "delivery_password" in row)
    raw = json.dumps(row).encode()
    feed = mapping_people.NuviasFeed(ORIGIN, Decoded(msgspec.json.decode(raw, type=wire_people.FeedRow), raw), FACTS)
    assert feed.has_password
    assert "delivery_password" not in feed.raw
    names = {one.python_name for one in cast("Any", NuviasFeed).__strawberry_definition__.fields}
    assert {"has_password", "delivery_user"} < names
    assert "delivery_password" not in names


# ---- Declarations -----------------------------------------------------------------------------------

STRUCTS = [
    one
    for module in (wire, wire_people)
    for one in vars(module).values()
    if isinstance(one, type) and issubclass(one, wire.Wire | wire.Write) and one.__module__ == module.__name__
]
SHOWN = [(struct, one) for struct in STRUCTS for one in fields_of(struct) if one.description]


def test_names_are_the_hubs() -> None:
    names = {(struct.__name__, one.name): one.wire_name for struct in STRUCTS for one in fields_of(struct)}
    assert names["User", "has_two_factor"] == names["UserWrite", "has_two_factor"] == "two-factor"
    assert names["Feed", "delivery_protocol"] == names["FeedWrite", "delivery_protocol"] == "delivery_procotol"
    assert names["LineItem", "provisioning_site"] == names["LineItemWrite", "provisioning_site_id"] == "prov_site"
    assert names["Unit", "number"] == names["RelatedProduct", "product"] == "id"


def test_what_is_written_is_spelt_as_it_is_read() -> None:
    pairs = (
        (wire.LineItem, wire.LineItemWrite, {"product_code", "prov_product_code", "maintenance_product_code"}),
        (wire.Order, wire.OrderWrite, set[str]()),
        (wire.Subscription, wire.SubscriptionWrite, set[str]()),
    )
    for read_, written, more in pairs:
        own = {one.wire_name for one in fields_of(written)} - {one.wire_name for one in fields_of(read_)}
        assert own == more, written


@pytest.mark.parametrize(
    ("row", "whole", "own"),
    [
        (wire_people.UserRow, wire_people.User, {"disabled"}),
        (wire_people.ProductGroupRow, wire_people.ProductGroup, set[str]()),
        (wire_people.FeedRow, wire_people.Feed, set[str]()),
    ],
)
def test_rows_have_the_names_of_the_whole(
    row: type[msgspec.Struct], whole: type[msgspec.Struct], own: set[str]
) -> None:
    names = {one.name: one.wire_name for one in fields_of(whole)}
    assert {one.name for one in fields_of(row) if names.get(one.name) != one.wire_name} == own


def test_every_time_list_of_lists_and_amount_is_known_as_one() -> None:
    times = {one.wire_name for _, one in SHOWN if one.get(Codec) is TIME}
    assert times == {"date", "timestamp", "last_upload"}
    nested = {one.wire_name for _, one in SHOWN if "| list[" in str(one.type)}
    assert nested == {one.wire_name for _, one in SHOWN if one.get(Codec) in (FLAT_NUMBERS, FLAT_WORDS)}
    plain = {one.wire_name for struct, one in SHOWN if issubclass(struct, wire.Wire) and "Decimal" in str(one.type)}
    amounts = {one.wire_name for _, one in SHOWN if one.get(Codec) is MONEY}
    assert plain - amounts == {"weight", "markup", "discount", "min_weight", "max_weight", "rate"}


def test_references_are_to_what_the_connector_fetches() -> None:
    fetches = {reference.fetch for _, one in SHOWN if (reference := one.get(Reference))}
    assert len(fetches) == 10
    assert all(callable(getattr(connector.NuviasConnector, fetch)) for fetch in fetches)


# ---- Generated objects ------------------------------------------------------------------------------

TEXTS = st.text(max_size=12)
DATES = st.sampled_from(
    [
        "2020-01-30T10:30:00",
        "2020-01-30",
        "2020-06-18T00:20:00.000Z",
        "2020-06-18T00:20:00.000000",
        "0001-01-01T00:00:00",
        "",
        "yesterday",
        "2020-13-45",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "0000-00-00",
        "1",
        "٢٠٢٠",
    ]
)
WORDS = st.sampled_from([*mapping.STATUS, "ACTIVE", "PENDING", "EXPIRED", "", "processing", "NEW_WORD", "\x00"])
NAMED: Mapping[str, st.SearchStrategy[Any]] = {
    "date": DATES,
    "due_date": DATES,
    "start_date": DATES,
    "end_date": DATES,
    "service_activation_date": DATES,
    "status": WORDS,
    "type": WORDS,
}
AMOUNTS = st.decimals(-(10**9), 10**9, places=2, allow_nan=False, allow_infinity=False)


def of_type(kind: Any, name: str = "") -> st.SearchStrategy[Any]:
    if get_origin(kind) in (Union, UnionType):
        parts = get_args(kind)
        return st.one_of([st.none() if part is NoneType else of_type(part, name) for part in parts])
    if get_origin(kind) is list:
        return st.lists(of_type(get_args(kind)[0], name), max_size=2)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return structs(kind)
    if kind is str:
        return NAMED.get(name, TEXTS)
    return {int: st.integers(0, 10**6), bool: st.booleans(), Decimal: AMOUNTS}[kind]


@functools.cache
def structs(kind: type[msgspec.Struct]) -> st.SearchStrategy[Any]:
    fields = {one.name: of_type(one.type, one.wire_name) for one in fields_of(kind)}
    return st.builds(kind, **fields)


ORDERS = st.deferred(lambda: structs(wire.Order))
QUICK = settings(max_examples=60, database=None)


def seen(struct: msgspec.Struct, make: Callable[..., Any] = mapping.NuviasOrder, facts: Facts = FACTS) -> Any:
    raw = msgspec.json.encode(struct)
    return make(ORIGIN, Decoded(msgspec.json.decode(raw, type=type(struct)), raw), facts)


@QUICK
@given(ORDERS)
def test_an_order_can_always_be_listed(order: wire.Order) -> None:
    for make in (mapping.NuviasOrder, connector.draft):
        one = seen(order, make, NO_FACTS)
        assert one.id == f"Order:uk:{order.id}"
        assert isinstance(one.status, OrderStatus)
        assert one.vendor_status == ("DRAFT" if one.draft else order.status)
        assert isinstance(one.phase, domain.OrderPhase)
        assert one.version
        assert len(one.available_actions) == len(mapping.ORDER_ACTIONS)
        moment, _ = order_key(one)
        assert moment.utcoffset() is not None
        assert fits(one, OrderQuery())


@QUICK
@given(ORDERS)
def test_what_cannot_be_converted_costs_its_own_property(order: wire.Order) -> None:
    failures: list[tuple[str, BaseException]] = []
    look_at(seen(order), failures)
    assert failures == []


@QUICK
@given(st.one_of(structs(wire.Subscription), structs(wire.Invoice), structs(wire.Product)))
def test_other_objects_can_always_be_shown(struct: msgspec.Struct) -> None:
    make = {
        wire.Subscription: mapping.NuviasSubscription,
        wire.Invoice: mapping.NuviasInvoice,
        wire.Product: mapping.NuviasProduct,
    }[cast("Any", type(struct))]
    failures: list[tuple[str, BaseException]] = []
    look_at(seen(struct, cast("Any", make)), failures)
    assert failures == []


@QUICK
@given(ORDERS)
def test_a_basket_is_a_draft_whatever_its_word(order: wire.Order) -> None:
    assert seen(order, connector.draft).status is OrderStatus.DRAFT


@QUICK
@given(ORDERS, st.data())
def test_the_version_changes_with_anything_but_what_rows_lack(order: wire.Order, data: st.DataObject) -> None:
    version = seen(order).version
    assert seen(msgspec.structs.replace(order, order_type="SALES_ORDER")).version == version
    assert seen(order, connector.draft).version != version
    field = data.draw(st.sampled_from([one for one in fields_of(wire.Order) if one.name != "order_type"]))
    value = data.draw(of_type(field.type, field.wire_name))
    changed = msgspec.structs.replace(order, **{field.name: value})
    assert (seen(changed).version == version) is (changed == order)


def test_the_version_changes_with_a_field_that_we_do_not_show() -> None:
    order = cast("wire.Order", ORDER.wire)
    line = msgspec.structs.replace(order.line_items[0], provisioning_site=8)
    assert seen(msgspec.structs.replace(order, line_items=[line])).version != seen(order).version


@pytest.mark.parametrize(
    ("name", "external_id", "reference"),
    [("WEB-1", 7, "WEB-1"), ("WEB-1", None, "WEB-1"), ("", 7, "7"), (None, 7, "7"), (None, None, None)],
)
def test_the_name_is_the_reference(name: str | None, external_id: int | None, reference: str | None) -> None:
    order = msgspec.structs.replace(cast("wire.Order", ORDER.wire), name=name, external_id=external_id)
    assert seen(order).client_reference == reference


def test_an_unknown_word_is_unknown_and_logged_once() -> None:
    word = f"WORD_{datetime.now(UTC).timestamp()}"
    orders = [seen(wire.Order(id=number, status=word)) for number in range(3)]
    with capture_logs() as logs:
        assert [order.status for order in orders] == [OrderStatus.UNKNOWN] * 3
    assert [order.vendor_status for order in orders] == [word] * 3
    assert [(entry["event"], entry["word"]) for entry in logs] == [("unknown value", word)]
    assert [one.is_allowed for one in orders[0].available_actions] == [False] * len(mapping.ORDER_ACTIONS)


def test_every_state_has_its_actions() -> None:
    allowed = {
        state: {one.action for one in seen(wire.Order(id=1, status=state)).available_actions if one.is_allowed}
        for state in mapping.STATUS
    }
    drafts = {Action.ADD_LINE_ITEM, Action.UPDATE_LINE_ITEM, Action.REMOVE_LINE_ITEM, Action.SUBMIT_ORDER}
    assert allowed.pop("DRAFT") == {Action.UPDATE_ORDER} | drafts
    assert allowed.pop("PROCESSING") == {Action.UPDATE_ORDER, Action.CANCEL_ORDER}
    assert allowed.pop("PENDING_AUTHORISATION") == {Action.UPDATE_ORDER, Action.APPROVE_ORDER, Action.DENY_ORDER}
    assert allowed.pop("ATTENTION_REQUIRED") == {Action.UPDATE_ORDER, Action.RESUBMIT_ORDER}
    assert all(actions == {Action.UPDATE_ORDER} for actions in allowed.values())


# ---- Requests ---------------------------------------------------------------------------------------

FORM = AddressRequest(
    company_name="Bob's Widgets Ltd.",
    recipient_name="Robert Bobson",
    lines=["123 Sample Drive", "Main Street"],
    city="Nottingham",
    region="Nottinghamshire",
    postal_code="NT12 3SH",
    country_code="GB",
)
LINE = LineRequest(
    product_id="Product:uk:555",
    quantity=Decimal(10),
    details={
        "provisioning_product": {"id": "Product:uk:7"},
        "provisioning_organisation_id": "NuviasOrganisation:uk:5",
        "provisioning_group_id": "NuviasProvisioningGroup:uk:6",
        "provisioning_site_id": "NuviasSite:uk:7",
        "maintenance_product": {"id": "Product:uk:333"},
        "rate_plan": 5,
        "dropbox": {"team_name": "Bob's Dropbox Team", "admin_email": "bob@example.org"},
        "acronis": {"tenant_name": "Bob's Acronis Tenant", "admin_email": "bob@example.org"},
        "zoom": {
            "deal_registration_id": "string",
            "deal_registration_approval_id": "string",
            "end_user_name": "Bob's Customer",
            "end_user_company": "BobCo",
            "end_user_email": "bobs_customer@email.com",
        },
        "markup_percent": Decimal("0.5"),
        "discount_percent": Decimal("0.5"),
    },
)
REQUEST = OrderRequest(
    lines=[LINE],
    purchase_order_number="PO5678",
    client_reference="Order for Bob's new customer",
    shipping_address=FORM,
    notes=["Please leave with security"],
    details={
        "shipping_type_id": "NuviasShippingType:uk:1",
        "end_user": "Bob's Customer",
        "provisioning_instructions": "Please ensure firmware 1.2.3 is installed",
        "is_part_shipment_allowed": True,
        "payment_type": "ON_ACCOUNT",
        "finance": {
            "company_number": "01234567, SC012345",
            "company_name": "Example Inc.",
            "target": "SELF",
            "email_address": "example@example.com",
            "title": "Mr",
            "first_name": "Johnathan",
            "family_name": "Johnson",
            "contact_number": "00000000000",
            "term_length": 12,
            "registered_address": FORM,
            "trading_addresses": [FORM],
        },
    },
)
# The samples name each product twice, by ID and by code. "The id wins", so we send only what was given.
NAMED_TWICE = ("product_code", "prov_product_code", "maintenance_product_code")


def findings() -> Findings:
    return Findings("uk")


def sent(struct: object) -> Any:
    return json.loads(msgspec.json.Encoder(decimal_format="number").encode(struct))


def sample_request(name: str) -> Json:
    found = cast("Json", json.loads(body(f"{name}_request")))
    for line in [found, *found.get("line_items", [])]:
        for key in NAMED_TWICE:
            line.pop(key, None)
    return found


def test_a_basket_is_written_as_in_the_sample() -> None:
    noted = findings()
    written = request_mapping.order_to_wire(REQUEST, FACTS, noted)
    assert noted.errors == []
    assert sent(written) == sample_request("basket_write")


def test_an_order_is_written_as_in_the_sample() -> None:
    written = request_mapping.order_to_wire(REQUEST, FACTS, findings())
    assert sent(msgspec.structs.replace(written, order_type="SALES_ORDER")) == sample_request("order_create")


def test_a_line_is_written_as_in_the_sample() -> None:
    assert sent(request_mapping.line_to_wire(LINE, findings())) == sample_request("line_item_write")


def test_a_line_by_sku_is_written_without_an_id() -> None:
    line = LineRequest(sku="123-4567-9101", details={"provisioning_product": {"sku": "222"}})
    assert sent(request_mapping.line_to_wire(line, findings())) == {
        "product_code": "123-4567-9101",
        "quantity": 1,
        "prov_product_code": "222",
    }


def test_a_change_preview_is_written_as_in_the_sample() -> None:
    line = LineRequest(product_id="Product:uk:555", quantity=Decimal(10))
    swap = ProductSwap(
        line=line,
        replaces_product_id="Product:uk:9",
        replaces_name="original product name",
        replaces_quantity=Decimal(9),
    )
    lines = [request_mapping.swap_to_wire(swap, findings(), "lineItems", "0")]
    body = wire.ChangePreviewWrite(subscription=10, purchase_order_number="PO5678", line_items=lines)
    assert sent(body) == sample_request("change_preview")


def test_the_bodies_of_subscriptions_are_written_as_in_the_samples() -> None:
    at = midnight(date(2021, 1, 1))
    assert sent(wire.ServiceActivation(service_activation_date=at)) == sample_request("subscription_activate")
    assert sent(wire.ChangeActivation(activation_date=at)) == sample_request("subscription_activate_changes")
    update = wire.SubscriptionWrite(
        auto_renewal_flag=True, has_pending_changes=True, total_contract_value=Decimal("400.5"), type="DROPBOX"
    )
    assert sent(update) == sample_request("subscription_update")
    assert sent(wire.OrderEdit(linked_supplier_refs=["SO123", "SO321"])) == sample_request("order_update")


def kept(value: Any, template: Any) -> Any:
    """Return the part of a body that the template has too, without nulls."""
    if isinstance(value, dict) and isinstance(template, dict):
        shared = cast("Json", value).keys() & cast("Json", template).keys()
        found = {key: kept(value[key], template[key]) for key in shared}
        return {key: item for key, item in found.items() if item is not None}
    if isinstance(value, list) and isinstance(template, list):
        (like,) = cast("list[Any]", template)
        return [kept(item, like) for item in cast("list[Any]", value)]
    return cast("object", value)


def spelt(struct: type[msgspec.Struct]) -> set[str]:
    """Return the names of the fields of a body in JSON."""
    return {one.wire_name for one in fields_of(struct)}


WRITABLE = spelt(wire.OrderWrite) - {"order_type"}
LINE_WRITABLE = spelt(wire.LineItemWrite) - set(NAMED_TWICE)


@QUICK
@given(ORDERS)
def test_writing_a_basket_as_it_is_loses_nothing(order: wire.Order) -> None:
    before = msgspec.to_builtins(order)
    written = sent_strings(request_mapping.write_of(order))
    back = msgspec.to_builtins(msgspec.convert({**written, "id": order.id, "line_items": []}, wire.Order))
    for name in WRITABLE - {"line_items"}:
        like = msgspec.to_builtins(blank(name))
        assert kept(back[name], like) == kept(before[name], like), name
    for line, was in zip(written.get("line_items", []), before["line_items"], strict=True):
        for name in LINE_WRITABLE:
            like = LIKE.get(name)
            assert kept(line.get(name), like) == kept(was[name], like), name


LIKE: Mapping[str, Json] = {
    "dropbox_order": dict.fromkeys(spelt(wire.DropboxOrderWrite)),
    "acronis_order": dict.fromkeys(spelt(wire.AcronisOrderWrite)),
    "zoom_order": dict.fromkeys(spelt(wire.ZoomOrderWrite)),
}
ADDRESS_LIKE = dict.fromkeys(spelt(wire.Address))


def blank(name: str) -> Any:
    """Return a template of the writable part of an order's field."""
    if name == "shipping_address":
        return ADDRESS_LIKE
    if name == "finance":
        plain = dict.fromkeys(spelt(wire.FinanceWrite))
        return {**plain, "registered_address": ADDRESS_LIKE, "trading_addresses": [ADDRESS_LIKE]}
    return None


def sent_strings(struct: object) -> Json:
    return cast("Json", msgspec.to_builtins(struct))


PATHS = [
    ("create_basket", "purchase_order_number", "purchaseOrderNumber"),
    ("create_basket", "line_items", "lineItems"),
    ("create_basket", "line_items.0", "lineItems.0"),
    ("create_basket", "line_items.3.product", "lineItems.3.product"),
    ("create_basket", "line_items.3.product_code", "lineItems.3.product.sku"),
    ("create_basket", "line_items.3.quantity", "lineItems.3.quantity"),
    ("create_basket", "line_items.3.markup", "lineItems.3.details.nuvias.markupPercent"),
    ("create_basket", "line_items.3.prov_group", "lineItems.3.details.nuvias.provisioningGroupId"),
    ("create_basket", "line_items.3.dropbox_order.team_name", "lineItems.3.details.nuvias.dropbox.teamName"),
    ("create_basket", "shipping_address.city", "shippingAddress.city"),
    ("create_basket", "shipping_address.addr_line_2", "shippingAddress.lines"),
    ("create_basket", "shipping_address.country_code", "shippingAddress.countryCode"),
    ("create_basket", "shipping_type", "details.nuvias.shippingTypeId"),
    ("create_basket", "ship_instructions", "details.nuvias.shipInstructions"),
    ("create_basket", "name", "details.nuvias.name"),
    ("create_basket", "finance.name", "details.nuvias.finance.familyName"),
    ("create_basket", "finance.registered_address.city", "details.nuvias.finance.registeredAddress.city"),
    (
        "create_basket",
        "finance.trading_addresses.1.addr_line_1",
        "details.nuvias.finance.tradingAddresses.1.lines",
    ),
    ("add_line_item", "product_code", "lineItem.product.sku"),
    ("add_line_item", "selected_rate_plan", "lineItem.details.nuvias.ratePlan"),
    ("add_line_item", "zoom_order.end_user_name", "lineItem.details.nuvias.zoom.endUserName"),
]


@pytest.mark.parametrize(("operation", "path", "expected"), PATHS, ids=[row[1] for row in PATHS])
def test_a_path_of_the_hub_is_a_path_of_the_input(operation: str, path: str, expected: str) -> None:
    assert ".".join(request_mapping.input_path(operation, path)) == f"input.{expected}"


def test_all_findings_come_at_once() -> None:
    request = OrderRequest(
        lines=[LineRequest(product_id="Product:de:1", quantity=Decimal("1.5")), LineRequest(product_id="nonsense")],
        client_reference="one name",
        shipping_address=AddressRequest(lines=["1", "2", "3"], country_code="QQ"),
        notes=["x" * 3501],
        details={
            "name": "another name",
            "ship_instructions": "and notes",
            "provisioning_instructions": "x" * 3501,
            "linked_supplier_refs": ["SO1"],
            "shipping_type_id": "Product:uk:1",
            "payment_type": "FINANCE",
        },
    )
    noted = findings()
    request_mapping.order_to_wire(request, FACTS, noted)
    assert {(one.code.name, ".".join(one.field or ())) for one in noted.errors} == {
        ("NOT_FOUND", "input.lineItems.0.product.id"),
        ("INVALID", "input.lineItems.0.quantity"),
        ("INVALID", "input.lineItems.1.product.id"),
        ("INVALID", "input.clientReference"),
        ("INVALID", "input.shippingAddress.lines"),
        ("INVALID", "input.shippingAddress.countryCode"),
        ("INVALID", "input.notes"),
        ("TOO_LONG", "input.details.nuvias.provisioningInstructions"),
        ("INVALID", "input.details.nuvias.linkedSupplierRefs"),
        ("INVALID", "input.details.nuvias.shippingTypeId"),
        ("REQUIRED", "input.details.nuvias.finance"),
    }


@pytest.mark.parametrize("key", ["²", "0x1", "1.0", "-1", "9" * 19, "01", "\uff11"])
def test_an_id_that_cannot_be_the_hubs_is_not_found(key: str) -> None:
    noted = findings()
    ref = str(domain.Ref("Product", "uk", (key,)))
    assert noted.key(ref, "Product", "productId") is None
    assert [one.code for one in noted.errors] == [UserErrorCode.NOT_FOUND]


def test_the_largest_id_can_be_sent() -> None:
    noted = findings()
    assert msgspec.json.encode(noted.key(f"Product:uk:{'9' * 18}", "Product"))
    assert noted.errors == []


def test_what_the_hub_has_no_field_for_is_told_in_the_instructions() -> None:
    request = OrderRequest(
        lines=[],
        notes=["Ring twice"],
        requested_at=datetime(2026, 12, 1, 9, tzinfo=UTC),
        contact=Contact(name="Bob", phone="0115"),
    )
    written = request_mapping.order_to_wire(request, FACTS, findings())
    assert written.ship_instructions == "Ring twice\nRequested for: 2026-12-01 09:00 UTC\nContact: Bob, 0115"


def test_texts_are_measured_with_what_is_told_in_them() -> None:
    request = OrderRequest(lines=[], notes=["x" * 3495], contact=Contact(name="Bob"))
    noted = findings()
    request_mapping.order_to_wire(request, FACTS, noted)
    assert [(one.code.name, one.field) for one in noted.errors] == [("TOO_LONG", ("input", "notes"))]


# ---- Changes ----------------------------------------------------------------------------------------

BASKET = cast("wire.Order", ORDER.wire)


def test_a_change_that_says_nothing_changes_nothing() -> None:
    noted = findings()
    assert request_mapping.change_to_wire(BASKET, OrderChange(), FACTS, noted) == request_mapping.write_of(BASKET)
    assert request_mapping.line_change(BASKET.line_items[0], LineChange(), noted) == request_mapping.body_of(
        BASKET.line_items[0], wire.LineItemWrite
    )
    assert noted.errors == []


@pytest.mark.parametrize(
    ("change", "name", "value"),
    [
        (OrderChange(purchase_order_number=None), "purchase_order_number", None),
        (OrderChange(client_reference="x"), "name", "x"),
        (OrderChange(shipping_address=None), "shipping_address", None),
        (OrderChange(notes=()), "ship_instructions", None),
        (OrderChange(notes=["a", "b"]), "ship_instructions", "a\nb"),
        (OrderChange(lines=()), "line_items", []),
        (OrderChange(details={"end_user": None}), "end_user", None),
        (OrderChange(details={"is_part_shipment_allowed": False}), "is_part_shipment_allowed", False),
        (OrderChange(details={"shipping_type_id": "NuviasShippingType:uk:3"}), "shipping_type_id", 3),
        (OrderChange(details={"finance": None}), "finance", None),
    ],
)
def test_a_change_touches_its_own_field(change: OrderChange, name: str, value: object) -> None:
    changed = request_mapping.change_to_wire(BASKET, change, FACTS, findings())
    assert changed == msgspec.structs.replace(request_mapping.write_of(BASKET), **{name: value})


def test_a_change_is_checked_with_what_is_there() -> None:
    noted = findings()
    request_mapping.change_to_wire(BASKET, OrderChange(details={"payment_type": "FINANCE"}), FACTS, noted)
    assert noted.errors == []  # the basket already has its finance
    target = {"finance": {"target": "CUSTOMER"}}
    bare = msgspec.structs.replace(BASKET, line_items=[wire.LineItem(id=1, product=1)])
    request_mapping.change_to_wire(bare, OrderChange(details=target), FACTS, noted)
    (error,) = noted.errors
    assert error.field == ("input", "lineItems", "0", "details", "nuvias", "markupPercent")


def test_a_product_given_by_sku_replaces_the_id() -> None:
    change = LineChange(details={"provisioning_product": {"sku": "222"}, "maintenance_product": None})
    changed = request_mapping.line_change(BASKET.line_items[0], change, findings())
    assert (changed.provisioning_product, changed.provisioning_product_code) == (None, "222")
    assert (changed.maintenance_product, changed.maintenance_product_code) == (None, None)
