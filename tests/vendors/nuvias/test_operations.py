"""Every operation of the Hub's document is reached from the graph."""

from typing import Any

from tests.conftest import Gateway

# Hub API 1.1.0, in the order of its document.
OPERATIONS = [
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
]

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
    """Sends mutations, each with a key of its own, and wants them done."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.count = 0

    async def do(self, name: str, shows: str, /, **values: Any) -> Any:
        self.count += 1
        type_ = name[0].upper() + name[1:] + "Input"
        document = f"mutation M($input: {type_}!) {{ {name}(input: $input) {{ {shows} userErrors {{ message }} }} }}"
        values["idempotencyKey"] = f"key-{self.count}"
        answer = (await self.gateway.query(document, input=values))[name]
        assert answer["userErrors"] == [], (name, answer)
        return answer

    async def place(self, account: str, **details: Any) -> str:
        lines = [{"product": {"id": f"Product:{account}:3"}}]
        shown = await self.do(
            "placeOrder",
            "order { id }",
            accountId=f"Account:{account}",
            lineItems=lines,
            details={"nuvias": details},
        )
        return shown["order"]["id"]

    async def subscribe(self) -> str:
        line = {
            "product": {"sku": "DBX-EVH"},
            "quantity": 5,
            "details": {"nuvias": {"ratePlan": 9, "dropbox": {"teamName": "Team", "adminEmail": "bob@example.org"}}},
        }
        placed = await self.do("placeOrder", "order { id }", accountId="Account:nuvias", lineItems=[line])
        order = placed["order"]["id"]
        await self.gateway.advance(order=int(order.split(":")[-1]), to="ACCEPTED")
        document = "query Q($id: ID!) { order(id: $id) { subscriptions { nodes { id status } } } }"
        (made,) = (await self.gateway.query(document, id=order))["order"]["subscriptions"]["nodes"]
        assert made["status"] == "PENDING"
        return made["id"]


async def orders(do: Mutations) -> None:
    waiting: dict[str, Any] = {
        "paymentType": "FINANCE",
        "finance": {"target": "SELF", "companyName": "Example Inc.", "termLength": 12},
    }
    draft = (
        await do.do(
            "createDraftOrder",
            "order { id }",
            accountId="Account:nuvias",
            lineItems=[{"product": {"sku": "333"}}],
        )
    )["order"]["id"]
    await do.do("addLineItem", "lineItem { id }", orderId=draft, lineItem={"product": {"id": "Product:nuvias:3"}})
    await do.do("updateOrder", "order { id }", orderId=draft, purchaseOrderNumber="PO1")
    await do.do("submitOrder", "order { id }", orderId=draft)
    await do.do(
        "updateOrder", "order { id }", orderId=draft, details={"nuvias": {"linkedSupplierRefs": ["SO1", "SO2"]}}
    )
    await do.place("direct")
    await do.do("approveOrder", "order { id }", orderId=await do.place("nuvias", **waiting))
    await do.do("denyOrder", "order { id }", orderId=await do.place("nuvias", **waiting))
    await do.do("resubmitOrder", "order { id }", orderId="Order:nuvias:77266")
    await do.do("cancelOrder", "order { id }", orderId="Order:nuvias:77272")


async def subscriptions(do: Mutations) -> None:
    one, other = await do.subscribe(), await do.subscribe()
    changing = {"nuvias": {"pendingChange": True}}
    await do.do("cancelSubscription", "subscription { id }", subscriptionId=other)
    await do.do("activateSubscription", "subscription { id }", subscriptionId=one, on="2026-12-01")
    await do.do("updateSubscription", "subscription { id }", subscriptionId=one, details=changing)
    await do.do("activateSubscriptionChanges", "subscription { id }", subscriptionId=one, on="2026-12-02")
    await do.do("updateSubscription", "subscription { id }", subscriptionId=one, details=changing)
    await do.do("cancelSubscriptionChanges", "subscription { id }", subscriptionId=one)


async def administration(do: Mutations) -> None:
    account = "Account:nuvias"
    user = await do.do(
        "createNuviasUser", "user { id }", accountId=account, name="Evan Evans", emailAddress="evan@example.org"
    )
    await do.do("updateNuviasUser", "user { id }", userId=user["user"]["id"], active=False)
    group = await do.do("createNuviasProductGroup", "productGroup { id }", accountId=account, name="Starter bundle")
    group_id = group["productGroup"]["id"]
    await do.do("updateNuviasProductGroup", "productGroup { id }", productGroupId=group_id, status="LIVE")
    feed = await do.do(
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
    await do.do("updateNuviasFeed", "feed { id }", feedId=feed["feed"]["id"], timeslot=120)


async def test_all_46_operations(gateway: Gateway) -> None:
    assert len(set(OPERATIONS)) == len(OPERATIONS) == 46
    do = Mutations(gateway)
    await gateway.query(READ)
    await orders(do)
    await subscriptions(do)
    await administration(do)
    found = (await gateway.hub.get("/_control/calls")).json()
    done = {(call["method"], call["path"]) for call in found if call["status"] in (200, 201)}
    assert done == set(OPERATIONS)
