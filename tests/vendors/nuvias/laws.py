"""The Hub's table for the conformance suite."""

from __future__ import annotations

from ordergraph.connector import Connector
from ordergraph.domain import Action, Order, OrderStatus, SubscriptionStatus
from ordergraph.requests import AddressRequest, LineRequest, OrderChange, OrderRequest, ProductQuery
from ordergraph.vendors.nuvias.mapping import NuviasProduct
from ordergraph.vendors.nuvias.sandbox import CLIENT_ID, CLIENT_SECRET, ORDER_STATUSES
from tests.vendors.laws import Laws

COLLECTION = "8"
ADDRESS = AddressRequest(
    company_name="Bob's Widgets Ltd.",
    recipient_name="Robert Bobson",
    lines=["123 Sample Drive", "Main Street"],
    city="Nottingham",
    region="Nottinghamshire",
    postal_code="NT12 3SH",
    country_code="GB",
)


async def request(connector: Connector) -> OrderRequest:
    """Two of something that is shipped, so that half of it can be on its way."""
    products = (await connector.list_products(ProductQuery(), 0, 100)).items
    product = next(one for one in products if isinstance(one, NuviasProduct) and one.wire.is_shippable)
    return OrderRequest(
        lines=[LineRequest(product_id=product.id)] * 2,
        purchase_order_number="PO-LAWS",
        shipping_address=ADDRESS,
        details={"shipping_type_id": f"NuviasShippingType:{connector.name}:{COLLECTION}"},
    )


def change(order: Order) -> OrderChange:
    if order.status is OrderStatus.DRAFT:
        return OrderChange(purchase_order_number="PO-CHANGED")
    return OrderChange(details={"linked_supplier_refs": ["SO123", "SO321"]})


LAWS = Laws(
    missing=("0", "999999999", "999999999999999999"),
    request=request,
    change=change,
    login=("POST", "/oauth/create_token"),
    get_order=("GET", "/orders/{id}"),
    list_orders=("GET", "/orders"),
    commits=("POST", "/baskets/{id}/submit"),
    facts=(("GET", "/whoami"), ("GET", "/country_codes")),
    secrets=(CLIENT_ID, CLIENT_SECRET),
    order_words=ORDER_STATUSES,
    advance_order=lambda order, word: {"order": int(order), "to": word},
    order_after={
        Action.SUBMIT_ORDER: OrderStatus.SUBMITTED,
        Action.CANCEL_ORDER: OrderStatus.CANCELLED,
        Action.APPROVE_ORDER: OrderStatus.IN_PROGRESS,
        Action.DENY_ORDER: OrderStatus.CANCELLED,
        Action.RESUBMIT_ORDER: OrderStatus.IN_PROGRESS,
    },
    subscription_states={
        "PENDING": (SubscriptionStatus.PENDING, lambda _: None),
        "ACTIVE": (SubscriptionStatus.ACTIVE, lambda key: {"subscription": int(key), "pending_change": False}),
        "ACTIVE, changing": (SubscriptionStatus.ACTIVE, lambda key: {"subscription": int(key), "pending_change": True}),
        "EXPIRED": (SubscriptionStatus.PENDING, lambda key: {"subscription": int(key), "to": "EXPIRED"}),
    },
    subscription_after={
        Action.ACTIVATE_SUBSCRIPTION: SubscriptionStatus.ACTIVE,
        Action.CANCEL_SUBSCRIPTION: SubscriptionStatus.EXPIRED,
        Action.ACTIVATE_SUBSCRIPTION_CHANGES: SubscriptionStatus.ACTIVE,
        Action.CANCEL_SUBSCRIPTION_CHANGES: SubscriptionStatus.ACTIVE,
    },
)
