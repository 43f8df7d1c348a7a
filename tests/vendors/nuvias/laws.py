"""The Hub's data for the conformance suite."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

from ordergraph.connector import Connector
from ordergraph.domain import Action, Order, OrderStatus, SubscriptionStatus
from ordergraph.domain.commands import (
    AddressRequest,
    LineRequest,
    OrderChange,
    OrderRequest,
    ProductQuery,
    SubscriptionQuery,
)
from ordergraph.domain.paging import OffsetPage
from ordergraph.vendors.nuvias import connector_people as own
from ordergraph.vendors.nuvias.connector import NuviasConnector
from ordergraph.vendors.nuvias.mapping import NuviasProduct
from ordergraph.vendors.nuvias.sandbox import CLIENT_ID, CLIENT_SECRET
from ordergraph.vendors.nuvias.sandbox.data import ORDER_STATUSES
from tests.vendors.laws import Laws, Read, Reading, order_reading

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
    """Return an order of two shippable products, so that one of them can be shipped alone."""
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


def of(
    some: Callable[[NuviasConnector], Awaitable[OffsetPage[Any]]],
    fetch: Callable[[NuviasConnector, Sequence[str]], Awaitable[Sequence[object]]],
) -> Reading:
    """Return a reading of two objects: how to list them, and how to read one."""

    async def reading(connector: Connector) -> tuple[str, str, Read]:
        one, other = (view.key[0] for view in (await some(cast("NuviasConnector", connector))).items)
        return one, other, lambda at: fetch(cast("NuviasConnector", at), [one])

    return reading


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
    reads={
        "get_order": order_reading,
        "get_basket": of(lambda at: at.list_drafts("+name", 0, 2), lambda at, keys: at.fetch_orders(keys)),
        "get_product": of(lambda at: at.list_products(ProductQuery(), 0, 2), lambda at, keys: at.fetch_products(keys)),
        "get_subscription": of(
            lambda at: at.list_subscriptions(SubscriptionQuery(), 0, 2), lambda at, keys: at.fetch_subscriptions(keys)
        ),
        "get_user": of(lambda at: at.part(own.USER_ROWS, [], 0, 2), lambda at, keys: at.fetch_users(keys)),
        "get_product_group": of(
            lambda at: at.part_of_whole(own.PRODUCT_GROUP_ROWS, [], 0, 2),
            lambda at, keys: at.fetch_product_groups(keys),
        ),
        "get_feed": of(lambda at: at.part_of_whole(own.FEED_ROWS, [], 0, 2), lambda at, keys: at.fetch_feeds(keys)),
        "list_addresses": None,
    },
    edits={
        "get_user": lambda at, key: cast("NuviasConnector", at).change(own.USERS, key, {}),
        "get_product_group": lambda at, key: cast("NuviasConnector", at).change(own.PRODUCT_GROUPS, key, {}),
        "get_feed": lambda at, key: cast("NuviasConnector", at).change(own.FEEDS, key, {}),
    },
    about_parts={"add_line_item"},
)
