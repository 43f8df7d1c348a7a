"""The fields of an order that have changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

from graphql import GraphQLObjectType
from hypothesis import given
from hypothesis import strategies as st

from ordergraph import app, domain
from ordergraph.domain import Address, Money, Note, Origin, ShipmentItem, View
from ordergraph.domain.commands import camel
from ordergraph.domain.errors import VendorTimeout
from ordergraph.graph.schema import core_schema
from ordergraph.watch.changes import ORDER_FIELDS, changed_fields

ORIGIN = Origin("acme", "nuvias", datetime(2026, 1, 1, tzinfo=UTC))
LATER = Origin("acme", "nuvias", datetime(2026, 1, 2, tzinfo=UTC))


def view(kind: type[View], origin: Origin, values: Mapping[str, Any]) -> Any:
    """Return a view with these values. A value that is an error is raised."""

    def shown(value: Any) -> property:
        def show(_: object) -> Any:
            if isinstance(value, Exception):
                raise value
            return value

        return property(show)

    return type(kind.__name__, (kind,), {name: shown(value) for name, value in values.items()})(origin)


def timeout() -> VendorTimeout:
    return VendorTimeout("nuvias", "acme", "list_countries")


VALUES = st.one_of(
    st.none(),
    st.text(max_size=2),
    st.builds(Money, st.integers(0, 3).map(Decimal), st.just("GBP")),
    st.lists(st.builds(Note, st.text(max_size=1)), max_size=2),
)
ORDERS = st.fixed_dictionaries({name: VALUES for name in ORDER_FIELDS if name != "details"})


@given(ORDERS, st.dictionaries(st.sampled_from([one for one in ORDER_FIELDS if one != "details"]), VALUES))
def test_exactly_the_fields_that_differ_are_told(old: dict[str, Any], new: dict[str, Any]) -> None:
    before, after = view(domain.Order, ORIGIN, old), view(domain.Order, LATER, {**old, **new})
    assert changed_fields(before, after) == [camel(one) for one in ORDER_FIELDS if one in new and new[one] != old[one]]


def whole(origin: Origin, **values: Any) -> domain.Order:
    """Return an order with everything that does not define equality."""
    details = view(View, origin, {"raw": {"any": "thing"}})
    line = view(domain.LineItem, origin, {"key": ("1", "1"), "name": "phone", "details": details})
    items = [ShipmentItem(origin, None, "phone", None, Decimal(1), ["x"])]
    parcel = view(domain.Shipment, origin, {"key": ("1", "2"), "items": items})
    shown = {
        "line_items": [line],
        "shipments": [parcel],
        "details": details,
        "shipping_address": Address(country=timeout()),
        "total": timeout(),
    }
    return cast("domain.Order", view(domain.Order, origin, {**shown, **values}))


def test_what_is_read_again_is_the_same() -> None:
    assert changed_fields(whole(ORIGIN), whole(LATER)) == []


def test_what_is_within_is_seen() -> None:
    def changed(**values: Any) -> Sequence[str]:
        return changed_fields(whole(ORIGIN), whole(LATER, **values))

    details = view(View, LATER, {"raw": {"other": "thing"}})
    line = view(domain.LineItem, LATER, {"key": ("1", "1"), "name": "phone", "details": details})
    assert changed(line_items=[line]) == ["lineItems"]
    assert changed(shipments=[]) == ["shipments"]
    assert changed(details=details) == ["details"]
    assert changed(details=None) == ["details"]
    assert changed(shipping_address=Address(country="GB")) == ["shippingAddress"]
    assert changed(total=None) == ["total"]


def test_every_field_is_one_of_the_graph_and_only_loaded_ones_are_left_out() -> None:
    order = core_schema(app.build_schema()).type_map["Order"]
    assert isinstance(order, GraphQLObjectType)
    steady = {"id", "account", "vendor", "version", "retrievedAt"}
    loaded = {"charges", "subscriptions", "invoices"}
    assert {camel(one) for one in ORDER_FIELDS} == order.fields.keys() - steady - loaded
