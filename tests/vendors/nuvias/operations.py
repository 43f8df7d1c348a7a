"""Every operation of the Hub's documentation, called through the graph."""

from typing import Any

from tests.fakes import FakeVendor
from tests.gateway import Gateway

# Hub API 1.1.0, in the order of its documentation.
OPERATIONS = frozenset(
    {
        ("POST", "/oauth/create_token"),
        ("GET", "/whoami"),
        ("GET", "/organisations"),
        ("GET", "/organisations/{id}/addresses"),
        ("GET", "/users"),
        ("GET", "/users/{id}"),
        ("POST", "/users"),
        ("PUT", "/users/{id}"),
        ("GET", "/product_groups"),
        ("POST", "/product_groups"),
        ("GET", "/product_groups/{id}"),
        ("PUT", "/product_groups/{id}"),
        ("GET", "/products"),
        ("GET", "/products/{id}"),
        ("GET", "/baskets"),
        ("POST", "/baskets"),
        ("GET", "/baskets/{id}"),
        ("PUT", "/baskets/{id}"),
        ("POST", "/baskets/{id}/submit"),
        ("POST", "/baskets/{id}/line_items"),
        ("GET", "/orders"),
        ("POST", "/orders"),
        ("PUT", "/orders/{id}"),
        ("POST", "/orders/change_preview"),
        ("GET", "/orders/{id}"),
        ("POST", "/orders/{id}/cancel"),
        ("POST", "/orders/{id}/approve"),
        ("POST", "/orders/{id}/deny"),
        ("POST", "/orders/{id}/resubmit"),
        ("GET", "/subscriptions"),
        ("GET", "/subscriptions/{id}"),
        ("PUT", "/subscriptions/{id}"),
        ("POST", "/subscriptions/{id}/activate"),
        ("POST", "/subscriptions/{id}/cancel"),
        ("POST", "/subscriptions/{id}/activate_changes"),
        ("POST", "/subscriptions/{id}/cancel_changes"),
        ("GET", "/invoices"),
        ("GET", "/vendors"),
        ("GET", "/country_codes"),
        ("GET", "/shipping_types"),
        ("GET", "/groups"),
        ("GET", "/sites"),
        ("GET", "/feeds"),
        ("POST", "/feeds"),
        ("GET", "/feeds/{id}"),
        ("PUT", "/feeds/{id}"),
    }
)
BEYOND: frozenset[tuple[str, str]] = frozenset()
ACCOUNTS = {"nuvias": {}, "direct": {"placement": "direct"}}

READ = """{
  account(id: "Account:nuvias") { ... on NuviasAccount {
    viewer { name }
    organisations { name }
    users(first: 1) { nodes { name } }
    productGroups(first: 1) { nodes { name } }
    feeds(first: 1) { nodes { name } }
    manufacturers { name }
    countries { code }
    shippingTypes { name }
    provisioningGroups { name }
    sites { name }
    drafts(first: 1) { nodes { id } }
  } }
  orders(first: 1) { nodes { id } }
  products(first: 1) { nodes { id } }
  subscriptions(first: 1) { nodes { id } }
  invoices(first: 1) { nodes { id } }
  order(id: "Order:nuvias:77272") { id }
  product(id: "Product:nuvias:3") { id }
  subscription(id: "Subscription:nuvias:1") { id }
  user: node(id: "NuviasUser:nuvias:2") { id }
  group: node(id: "NuviasProductGroup:nuvias:1") { id }
  feed: node(id: "NuviasFeed:nuvias:1") { id }
  organisation: node(id: "NuviasOrganisation:nuvias:5") { ... on NuviasOrganisation { addresses { name } } }
  subscriptionChangePreview(input: {
    subscriptionId: "Subscription:nuvias:3", lineItems: [{product: {sku: "DBX-EVH"}, quantity: 20}]
  }) { quantity }
}"""


class Mutations:
    """Sends mutations, each with its own idempotency key, and requires success."""

    def __init__(self, asked: Gateway, fake: FakeVendor) -> None:
        self.asked = asked
        self.fake = fake
        self.count = 0

    def do(self, name: str, shows: str, /, **values: Any) -> Any:
        self.count += 1
        answer = self.asked.do(name, shows, idempotencyKey=f"nuvias-{self.count}", **values)
        assert answer["userErrors"] == [], (name, answer)
        return answer

    def place(self, account: str, **details: Any) -> str:
        lines = [{"product": {"id": f"Product:{account}:3"}}]
        shown = self.do(
            "placeOrder",
            "order { id }",
            accountId=f"Account:{account}",
            lineItems=lines,
            details={"nuvias": details},
        )
        return shown["order"]["id"]

    def subscribe(self) -> str:
        line = {
            "product": {"sku": "DBX-EVH"},
            "quantity": 5,
            "details": {"nuvias": {"ratePlan": 9, "dropbox": {"teamName": "Team", "adminEmail": "bob@example.org"}}},
        }
        placed = self.do("placeOrder", "order { id }", accountId="Account:nuvias", lineItems=[line])
        order = placed["order"]["id"]
        self.fake.advance({"order": int(order.split(":")[-1]), "to": "ACCEPTED"})
        document = "query Q($id: ID!) { order(id: $id) { subscriptions { nodes { id status } } } }"
        (made,) = self.asked.get(document, id=order)["order"]["subscriptions"]["nodes"]
        assert made["status"] == "PENDING"
        return made["id"]


def orders(do: Mutations) -> None:
    waiting: dict[str, Any] = {
        "paymentType": "FINANCE",
        "finance": {"target": "SELF", "companyName": "Example Inc.", "termLength": 12},
    }
    draft = (
        do.do(
            "createDraftOrder",
            "order { id }",
            accountId="Account:nuvias",
            lineItems=[{"product": {"sku": "333"}}],
        )
    )["order"]["id"]
    do.do("addLineItem", "lineItem { id }", orderId=draft, lineItem={"product": {"id": "Product:nuvias:3"}})
    do.do("updateOrder", "order { id }", orderId=draft, purchaseOrderNumber="PO1")
    do.do("submitOrder", "order { id }", orderId=draft)
    do.do("updateOrder", "order { id }", orderId=draft, details={"nuvias": {"linkedSupplierRefs": ["SO1", "SO2"]}})
    do.place("direct")
    do.do("approveOrder", "order { id }", orderId=do.place("nuvias", **waiting))
    do.do("denyOrder", "order { id }", orderId=do.place("nuvias", **waiting))
    do.do("resubmitOrder", "order { id }", orderId="Order:nuvias:77266")
    do.do("cancelOrder", "order { id }", orderId="Order:nuvias:77272")


def subscriptions(do: Mutations) -> None:
    one, other = do.subscribe(), do.subscribe()
    changing = {"nuvias": {"hasPendingChanges": True}}
    do.do("cancelSubscription", "subscription { id }", subscriptionId=other)
    do.do("activateSubscription", "subscription { id }", subscriptionId=one, activateOn="2026-12-01")
    do.do("updateSubscription", "subscription { id }", subscriptionId=one, details=changing)
    do.do("activateSubscriptionChanges", "subscription { id }", subscriptionId=one, activateOn="2026-12-02")
    do.do("updateSubscription", "subscription { id }", subscriptionId=one, details=changing)
    do.do("cancelSubscriptionChanges", "subscription { id }", subscriptionId=one)


def administration(do: Mutations) -> None:
    account = "Account:nuvias"
    user = do.do(
        "createNuviasUser", "user { id }", accountId=account, name="Evan Evans", emailAddress="evan@example.org"
    )
    do.do("updateNuviasUser", "user { id }", userId=user["user"]["id"], isActive=False)
    group = do.do("createNuviasProductGroup", "productGroup { id }", accountId=account, name="Starter bundle")
    group_id = group["productGroup"]["id"]
    do.do("updateNuviasProductGroup", "productGroup { id }", productGroupId=group_id, status="LIVE")
    feed = do.do(
        "createNuviasFeed",
        "feed { id }",
        accountId=account,
        organisationId="NuviasOrganisation:nuvias:5",
        name="Price feed",
        timeslot=90,
        columns=["STOCK", "PRICE"],
        deliveryMethod="EMAIL",
        deliveryEmail="user@example.com",
    )
    do.do("updateNuviasFeed", "feed { id }", feedId=feed["feed"]["id"], timeslot=120)


def walk(asked: Gateway, fake: FakeVendor) -> None:
    """Call every operation."""
    do = Mutations(asked, fake)
    asked.get(READ)
    orders(do)
    subscriptions(do)
    administration(do)
