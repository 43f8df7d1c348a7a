"""Sonata through the graph: lists, fields that cost a call, actions and their errors, and the effects of extensions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from ordergraph.vendors.sonata.sandbox.data import BUYER, IN_SERVICE, SELLER
from ordergraph.vendors.sonata.sandbox.life import BASE
from ordergraph.vendors.sonata.sandbox.rules import ENUMS
from ordergraph.vendors.sonata.sandbox.service import EXTENSIONS
from tests.fakes import FakeVendor
from tests.gateway import Gateway, Json, gateway
from tests.vendors.sonata.conftest import ORDERS
from tests.vendors.sonata.laws import OFFERING
from tests.vendors.sonata.operations import CONTACT, WANTED, line, place, placed_in

LIST = ("GET", f"{BASE}/productOrder")
GET = ("GET", f"{BASE}/productOrder/{{id}}")
POST = ("POST", f"{BASE}/productOrder")
DATE = "/modifyProductOrderItemRequestedDeliveryDate"


def calls(fake: FakeVendor) -> list[tuple[str, str]]:
    return [call for call in fake.calls() if "token" not in call[1]]


def rows(gateway: Gateway, fields: str, conditions: str = "", account: str = "sonata", first: int = 100) -> Json:
    return gateway.get(
        f"""{{ account(id: "Account:{account}") {{ ... on SonataAccount {{
            orders(first: {first}, filter: {{ {conditions} }}) {{
                totalCount sources {{ state coverage code }} nodes {{ id {fields} }}
            }} }} }} }}"""
    )["account"]["orders"]


def show(gateway: Gateway, id_: str, fields: str) -> Json:
    return gateway.get(f"query($id: ID!) {{ order(id: $id) {{ {fields} }} }}", id=id_)["order"]


def reasons(payload: Json) -> list[tuple[str, str]]:
    return [(one["code"], ".".join((one["field"] or ["-"])[1:])) for one in payload["userErrors"]]


def key(id_: str) -> str:
    return id_.split(":")[-1]


# ---- Lists ------------------------------------------------------------------------------------------


def test_the_list_is_sorted_counted_and_whole(asked: Gateway) -> None:
    answer = rows(asked, "placedAt")
    assert answer["totalCount"] == len(answer["nodes"]) == ORDERS
    assert [one["coverage"] for one in answer["sources"]] == ["COMPLETE"]
    keys = [(node["placedAt"], node["id"]) for node in answer["nodes"]]
    assert keys == sorted(keys, reverse=True)


def test_what_a_row_tells_costs_no_detail(fake: FakeVendor, asked: Gateway) -> None:
    rows(asked, "number clientReference status vendorStatus phase isFinal placedAt completedAt cancelledAt vendor")
    assert calls(fake) == [LIST]


def test_what_a_row_does_not_tell_costs_a_call_for_each_of_the_page(fake: FakeVendor, asked: Gateway) -> None:
    found = rows(asked, "version lineItems { id product { id } }", first=3)
    assert len(found["nodes"]) == 3
    assert all(one["lineItems"] for one in found["nodes"])
    assert calls(fake).count(GET) == 3
    assert calls(fake).count(LIST) == 1


def test_a_fragment_is_looked_into(fake: FakeVendor, asked: Gateway) -> None:
    query = 'query { orders(first: 2, filter: {accountIds: ["Account:sonata"]}) { edges { node { ...f } } } } '
    asked.get(query + "fragment f on Order { id notes { text } }")
    assert calls(fake).count(GET) == 2


def test_a_list_beyond_the_bound_says_so(asked: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ordergraph.vendors.sonata.connector_reads.PAGE_SIZE", 3)
    answer = rows(asked, "status")
    assert len(answer["nodes"]) == 30
    assert answer["totalCount"] == ORDERS
    assert [one["coverage"] for one in answer["sources"]] == ["TRUNCATED"]


def test_a_page_that_was_cut_is_not_the_end(fake: FakeVendor, asked: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ordergraph.vendors.sonata.sandbox.http.MAX_PAGE", 15)
    assert len(rows(asked, "status")["nodes"]) == ORDERS
    assert calls(fake) == [LIST] * 3


def test_each_order_is_listed_once_whatever_the_page(asked: Gateway) -> None:
    query = """query($after: String) { orders(first: 7, after: $after, filter: {accountIds: ["Account:sonata"]}) {
        nodes { id } pageInfo { endCursor hasNextPage } } }"""
    found: list[str] = []
    after = None
    while True:
        page = asked.get(query, after=after)["orders"]
        found += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert len(found) == len(set(found)) == ORDERS


FACTS = """status vendorStatus clientReference purchaseOrderNumber placedAt completedAt cancelledAt
    details { ... on SonataOrderDetails { projectId } }
    lineItems { details { ... on SonataLineItemDetails { requestedAt expectedAt } } }"""


CONDITIONS: list[tuple[str, Callable[[Json], bool]]] = [
    ("vendorStatuses: [HELD_ASSESSING_CHARGE]", lambda one: one["vendorStatus"] == "held.assessingCharge"),
    (
        "vendorStatuses: [COMPLETED, PARTIAL], statuses: [COMPLETED]",
        lambda one: one["vendorStatus"] == "completed",
    ),
    ("statuses: [CANCELLING]", lambda one: one["status"] == "CANCELLING"),
    ("phases: [ACTION_REQUIRED]", lambda one: one["status"] == "ACTION_REQUIRED"),
    ('projectId: "rollout-north"', lambda one: one["details"]["projectId"] == "rollout-north"),
    ('clientReferences: ["ACME-00040"]', lambda one: one["clientReference"] == "ACME-00040"),
    ('purchaseOrderNumbers: ["PON-00040"]', lambda one: one["purchaseOrderNumber"] == "PON-00040"),
    ('search: "pon-0003"', lambda one: "PON-0003" in (one["purchaseOrderNumber"] or "")),
    (
        'placedAt: { start: "2026-11-01T00:00:00Z", end: "2026-11-20T00:00:00Z" }',
        lambda one: "2026-11-01" <= one["placedAt"] < "2026-11-20",
    ),
    ('cancelledAt: { start: "2020-01-01T00:00:00Z" }', lambda one: one["cancelledAt"] is not None),
    ('completedAt: { end: "2026-06-01T00:00:00Z" }', lambda one: (one["completedAt"] or "3") < "2026-06-01"),
    (
        'itemRequestedAt: { start: "2026-12-15T00:00:00Z" }',
        lambda one: any(line["details"]["requestedAt"] >= "2026-12-15" for line in one["lineItems"]),
    ),
    (
        'itemExpectedAt: { start: "2026-12-15T00:00:00Z" }',
        lambda one: any((line["details"]["expectedAt"] or "") >= "2026-12-15" for line in one["lineItems"]),
    ),
]


@pytest.mark.parametrize(("conditions", "test"), CONDITIONS)
def test_filters_leave_what_they_say(asked: Gateway, conditions: str, test: Callable[[Json], bool]) -> None:
    every = rows(asked, FACTS)["nodes"]
    found = rows(asked, FACTS, conditions)["nodes"]
    assert [one["id"] for one in found] == [one["id"] for one in every if test(one)]
    assert 0 < len(found) < len(every)


def test_counts_are_told_where_they_are_known(asked: Gateway) -> None:
    for conditions in ("vendorStatuses: [COMPLETED]", "vendorStatuses: [COMPLETED, FAILED]", "statuses: [DRAFT]"):
        found = rows(asked, "status", conditions)
        assert found["totalCount"] == len(found["nodes"])
    assert rows(asked, "status", 'search: "ACME"')["totalCount"] is None


BACKWARD = 'completedAt: {start: "2026-02-01T00:00:00Z", end: "2026-01-01T00:00:00Z"}'


@pytest.mark.parametrize("conditions", [f'projectId: "{300 * "x"}"', BACKWARD])
def test_conditions_that_are_none(asked: Gateway, conditions: str) -> None:
    orders = f"orders(filter: {{ {conditions} }}) {{ totalCount }}"
    error = asked.error(f'{{ account(id: "Account:sonata") {{ ... on SonataAccount {{ {orders} }} }} }}')
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


# ---- Without extensions -----------------------------------------------------------------------------


def test_without_a_list_the_orders_placed_here_are_shown_as_they_are_now(fake: FakeVendor, asked: Gateway) -> None:
    first = placed_in(asked, fake, "kept-1", "completed", "bare")
    second = place(asked, "kept-2", "bare", clientReference="KEPT-2")
    fake.forget_calls()
    answer = rows(asked, "status clientReference", account="bare")
    mine = [one for one in answer["nodes"] if one["id"] in (first["id"], second["id"])]
    assert [(one["id"], one["status"]) for one in mine] == [(second["id"], "SUBMITTED"), (first["id"], "COMPLETED")]
    assert [one["coverage"] for one in answer["sources"]] == ["PLACED_BY_GATEWAY"]
    assert LIST not in calls(fake)
    fake.forget_calls()
    assert len(rows(asked, "status", 'clientReferences: ["KEPT-2"]', "bare")["nodes"]) == 1
    assert len(calls(fake)) < len(answer["nodes"])  # final orders are not read again


def test_a_kept_order_is_shown_as_it_was_when_the_seller_does_not_answer(fake: FakeVendor, asked: Gateway) -> None:
    made = place(asked, "kept-3", "bare")
    fake.advance({"order": key(made["id"]), "to": "inProgress"})
    fake.faults({"fault": "unavailable"})
    answer = rows(asked, "status", account="bare", first=1)
    assert [(one["id"], one["status"]) for one in answer["nodes"]] == [(made["id"], "SUBMITTED")]
    fake.end_faults()
    assert rows(asked, "status", account="bare", first=1)["nodes"][0]["status"] == "IN_PROGRESS"


def test_a_reference_is_unique_also_without_a_list(fake: FakeVendor, asked: Gateway) -> None:
    place(asked, "unique-1", "bare", clientReference="UNIQUE")
    again = asked.do("placeOrder", accountId="Account:bare", idempotencyKey="unique-2", lineItems=[line("bare")],
                     contact=CONTACT, requestedAt=WANTED, clientReference="UNIQUE")  # fmt: skip
    assert reasons(again) == [("INVALID", "clientReference")]
    assert calls(fake).count(POST) == 1


ACTIONS: dict[str, tuple[str, Json]] = {
    "updateOrder": ("UPDATE_ORDER", {"orderId": "Order:bare:1", "notes": ["x"]}),
    "cancelOrder": ("CANCEL_ORDER", {"orderId": "Order:bare:1"}),
    "changeRequestedDate": ("CHANGE_REQUESTED_DATE", {"lineItemId": "LineItem:bare:1:1", "requestedAt": WANTED}),
    "respondToCharge": ("RESPOND_TO_CHARGE", {"chargeId": "Charge:bare:1", "accept": True}),
}


@pytest.mark.parametrize("mutation", ACTIONS)
def test_what_is_switched_off_is_refused_without_a_call(fake: FakeVendor, asked: Gateway, mutation: str) -> None:
    action, values = ACTIONS[mutation]
    payload = asked.do(mutation, "__typename", **values)
    assert [one["code"] for one in payload["userErrors"]] == ["NOT_SUPPORTED"]
    assert calls(fake) == []
    found = asked.get('{ account(id: "Account:bare") { capabilities { action isSupported reason } } }')
    (capability,) = [one for one in found["account"]["capabilities"] if one["action"] == action]
    assert not capability["isSupported"]
    assert "extension" in capability["reason"]


def test_orders_say_which_actions_are_switched_off(asked: Gateway) -> None:
    fields = "availableActions { action isAllowed reason }"
    made = place(asked, "off-1", "bare")
    found = show(asked, made["id"], fields)["availableActions"]
    assert {(one["action"], one["isAllowed"], one["reason"]) for one in found} == {
        (action, False, "EXTENSION_DISABLED") for action, _ in ACTIONS.values()
    }


def test_charges_without_their_extension_are_ids(fake: FakeVendor, asked: Gateway) -> None:
    made = placed_in(asked, fake, "ids-1", "held.assessingCharge", "bare")
    (charge,) = show(asked, made["id"], "charges { vendorChargeId status vendorStatus items { status } order { id } }")[
        "charges"
    ]
    assert charge.pop("vendorChargeId")
    assert charge == {"status": "UNKNOWN", "vendorStatus": None, "items": [], "order": {"id": made["id"]}}


def test_what_the_seller_has_not_is_not_supported(fake: FakeVendor, asked: Gateway) -> None:
    made = placed_in(asked, fake, "gone-1", "inProgress")
    fake.advance({"extensions": []})
    asking: Sequence[tuple[str, Json]] = (
        ("updateOrder", {"orderId": made["id"], "details": {"sonata": {"projectId": "p"}}}),
        ("cancelOrder", {"orderId": made["id"]}),
        ("changeRequestedDate", {"lineItemId": made["lineItems"][0]["id"], "requestedAt": WANTED}),
    )
    for mutation, values in asking:
        payload = asked.do(mutation, "__typename", **values)
        assert [one["code"] for one in payload["userErrors"]] == ["NOT_SUPPORTED"], mutation
        assert "extension" in payload["userErrors"][0]["message"]
    answer = asked.get('{ orders(filter: {accountIds: ["Account:sonata"]}) { sources { state code } } }')
    assert answer["orders"]["sources"] == [{"state": "NOT_SUPPORTED", "code": "NOT_SUPPORTED"}]


def test_the_account_says_what_its_seller_has(asked: Gateway) -> None:
    query = '{ account(id: "Account:%s") { ... on SonataAccount { extensions } } }'
    assert asked.get(query % "sonata")["account"]["extensions"] == sorted(EXTENSIONS)
    assert asked.get(query % "bare")["account"]["extensions"] == []


# ---- Placing orders ---------------------------------------------------------------------------------


def test_an_order_reads_back_as_it_was_placed(asked: Gateway) -> None:
    made = place(
        asked,
        "back-1",
        clientReference="BACK-1",
        purchaseOrderNumber="PON-1",
        notes=["Ring.", "Twice."],
        shippingAddress={"lines": ["1 High Street"], "city": "York", "countryCode": "GB", "postalCode": "YO1"},
        details={"sonata": {"projectId": "p", "notes": [{"text": "By Zoë.", "author": "Zoë"}]}},
    )
    found = show(
        asked,
        made["id"],
        """clientReference number purchaseOrderNumber requestedAt notes { text } customer { name }
        shippingAddress { formattedLines countryCode } lineItems { name quantity product { id name sku } }
        statusChanges { status vendorStatus } details { ... on SonataOrderDetails { projectId contacts { role } } }""",
    )
    assert found["clientReference"] == found["number"] == "BACK-1"
    assert (found["purchaseOrderNumber"], found["requestedAt"]) == ("PON-1", WANTED)
    assert [one["text"] for one in found["notes"]] == ["Ring.", "Twice.", "By Zoë."]
    assert found["shippingAddress"] == {"formattedLines": ["1 High Street", "York YO1", "GB"], "countryCode": "GB"}
    assert found["customer"] == {"name": "Ann Lee"}
    assert [one["quantity"] for one in found["lineItems"]] == ["1", "1"]
    assert {one["product"]["sku"] for one in found["lineItems"]} == {OFFERING}
    assert found["lineItems"][0]["product"]["name"] == found["lineItems"][0]["name"]
    assert found["statusChanges"] == [{"status": "SUBMITTED", "vendorStatus": "acknowledged"}]
    assert [one["role"] for one in found["details"]["contacts"]] == ["productOrderContact", "sellerContact"]


def test_products_in_service_are_changed_and_disconnected(asked: Gateway) -> None:
    product = next(iter(IN_SERVICE))
    change = line("sonata", action="MODIFY", productId=product)
    gone: Json = {**change, "details": {"sonata": {"action": "DELETE", "productId": product}}}
    made = place(asked, "service-1", "sonata", lineItems=[change, gone])
    fields = "lineItems { details { ... on SonataLineItemDetails { action productId billingAccountId } } }"
    shown = [one["details"] for one in show(asked, made["id"], fields)["lineItems"]]
    assert [(one["action"], one["productId"]) for one in shown] == [("modify", product), ("delete", product)]
    assert [bool(one["billingAccountId"]) for one in shown] == [True, False]


def test_what_the_seller_refuses_points_to_the_input(fake: FakeVendor, asked: Gateway, contract: str) -> None:
    bad = [
        line("sonata", billingAccountId="nobody"),
        {**line("sonata"), "product": {"sku": "nothing"}},
        line("sonata", contacts=[{**CONTACT, "role": "boss"}]),
        line("sonata", action="MODIFY", productId="gone"),
    ]
    payload = asked.do("placeOrder", accountId="Account:sonata", idempotencyKey="refused-1", lineItems=bad,
                       contact=CONTACT, requestedAt=WANTED)  # fmt: skip
    own = "lineItems.{}.details.sonata"
    by_document = [("REJECTED_BY_VENDOR", f"{own.format(2)}.contacts.0.role")]  # the OpenAPI accepts any role
    assert reasons(payload) == [
        ("REJECTED_BY_VENDOR", f"{own.format(0)}.billingAccountId"),
        ("REJECTED_BY_VENDOR", "lineItems.1.product"),
        *(by_document if contract == "document" else []),
        ("REJECTED_BY_VENDOR", f"{own.format(3)}.productId"),
    ]
    assert "/productOrderItem/0/billingAccount/id" in payload["userErrors"][0]["message"]
    assert calls(fake).count(POST) == 1


def test_what_is_known_to_be_wrong_is_not_sent(fake: FakeVendor, asked: Gateway, contract: str) -> None:
    bad = {"product": {"id": "Product:sonata:x"}, "quantity": 2}
    payload = asked.do("placeOrder", accountId="Account:sonata", idempotencyKey="wrong-1", lineItems=[bad])
    assert {code for code, _ in reasons(payload)} == {"REQUIRED", "INVALID"}
    needed = {"requestedAt", "lineItems.0.details.sonata.requestedTerm"}
    assert needed & {path for _, path in reasons(payload)} == (needed if contract == "document" else set())
    assert len(reasons(payload)) == (7 if contract == "document" else 5)
    assert calls(fake) == []


def test_a_reference_that_is_taken_is_refused(fake: FakeVendor, asked: Gateway) -> None:
    place(asked, "taken-1", clientReference="TAKEN")
    again = asked.do("placeOrder", accountId="Account:sonata", idempotencyKey="taken-2", lineItems=[line("sonata")],
                     contact=CONTACT, requestedAt=WANTED, clientReference="TAKEN")  # fmt: skip
    assert reasons(again) == [("INVALID", "clientReference")]
    assert calls(fake).count(POST) == 1


def test_in_whose_name_is_told_with_every_call(fake: FakeVendor) -> None:
    good = fake.table(buyer_id=BUYER, seller_id=SELLER, scope="default")
    with gateway({"sonata": good, "wrong": {**good, "buyer_id": "other"}}) as asked:
        place(asked, "name-1")
        assert rows(asked, "status")["totalCount"] == ORDERS + 1
        query = '{ account(id: "Account:wrong") { ... on SonataAccount { orders { totalCount } } } }'
        assert asked.error(query)["extensions"]["code"] == "VENDOR_FORBIDDEN"
        refused = asked.do("placeOrder", accountId="Account:wrong", idempotencyKey="name-2", lineItems=[line("wrong")],
                           contact=CONTACT, requestedAt=WANTED)  # fmt: skip
        assert [one["code"] for one in refused["userErrors"]] == ["NO_PERMISSION"]


# ---- States -----------------------------------------------------------------------------------------


STATE = """status vendorStatus isFinal problems { code message field } cancellation { state reason note requestedAt }
    statusChanges { vendorStatus changedAt reason } availableActions { action isAllowed }
    lineItems { details { ... on SonataLineItemDetails { state status problems { field } milestones { name } } } }"""


@pytest.mark.parametrize("state", ENUMS["OrderState"])
def test_every_state_is_shown(fake: FakeVendor, asked: Gateway, state: str) -> None:
    made = place(asked, f"state-{state}")
    if state != "acknowledged":
        fake.advance({"order": key(made["id"]), "to": state})
    found = show(asked, made["id"], STATE)
    assert found["vendorStatus"] == found["statusChanges"][-1]["vendorStatus"] == state
    assert all(one["changedAt"] for one in found["statusChanges"])
    assert (found["cancellation"] is not None) is ("ancel" in state)
    terminated = [one for one in found["problems"] if one["code"] != "held.assessingCharge"]
    assert bool(terminated) is (state in ("rejected", "failed", "partial"))
    assert all(one["field"][:2] == ["input", "lineItems"] for one in terminated)
    assert (found["status"] == "ACTION_REQUIRED") is any(
        one["code"] == "held.assessingCharge" for one in found["problems"]
    )
    assert any(one["details"]["milestones"] for one in found["lineItems"]) is (state in ("completed", "partial"))


def test_contracts_come_from_items_with_a_term(fake: FakeVendor, asked: Gateway) -> None:
    made = placed_in(asked, fake, "contract-1", "completed")
    fields = """id name status vendorStatus vendorSubscriptionId hasAutoRenewal startsOn endsOn
        items { quantity product { id } } orders { id }
        details { raw ... on SonataSubscriptionDetails { term { name duration { amount units } } } }"""
    first, second = show(asked, made["id"], f"subscriptions {{ nodes {{ {fields} }} }}")["subscriptions"]["nodes"]
    assert (first["status"], first["vendorStatus"], first["hasAutoRenewal"]) == ("ACTIVE", "completed", True)
    assert first["vendorSubscriptionId"] != second["vendorSubscriptionId"]
    assert first["startsOn"][5:] == first["endsOn"][5:]
    assert first["details"]["term"] == {"name": "Yearly", "duration": {"amount": 12, "units": "calendarMonths"}}
    assert first["orders"] == [{"id": made["id"]}]
    again = asked.get(f"query($id: ID!) {{ subscription(id: $id) {{ {fields} }} }}", id=first["id"])["subscription"]
    assert again == first
    assert asked.get('{ subscription(id: "Subscription:sonata:x:1") { id } }') == {"subscription": None}


def test_nodes_are_read_by_id(fake: FakeVendor, asked: Gateway) -> None:
    made = placed_in(asked, fake, "node-1", "held.assessingCharge")
    (charge,) = show(asked, made["id"], "charges { id lineItemId }")["charges"]
    assert charge["lineItemId"] == made["lineItems"][0]["id"]
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
    ids = [
        made["id"],
        charge["lineItemId"],
        charge["id"],
        "Product:sonata:anything",
        "Charge:sonata:none",
        "Order:sonata:none",
    ]
    found = asked.get(query, ids=ids)["nodes"]
    assert [one and one["__typename"] for one in found] == ["Order", "LineItem", "Charge", "Product", None, None]


# ---- Changing orders --------------------------------------------------------------------------------


def test_a_change_is_a_patch(asked: Gateway) -> None:
    made = place(asked, "patch-1", clientReference="PATCH-1", purchaseOrderNumber="A", notes=["One."])
    item = {
        "lineItemId": made["lineItems"][1]["id"],
        "endCustomerName": "Zoë",
        "notes": [{"text": "n"}],
        "contacts": [{**CONTACT, "name": "Tech", "role": "buyerTechnicalContact"}],
    }
    people = [{**CONTACT, "name": "Bob", "role": "productOrderContact"}]
    payload = asked.do(
        "updateOrder",
        """order { clientReference purchaseOrderNumber notes { text } customer { name }
            details { ... on SonataOrderDetails { projectId contacts { role name } } }
            lineItems { details { ... on SonataLineItemDetails {
                endCustomerName purchaseOrderNumber notes { text } contacts { role name } } } } }""",
        orderId=made["id"],
        clientReference=None,
        purchaseOrderNumber="B",
        notes=["One.", "Two."],
        details={"sonata": {"projectId": "p", "contacts": people, "items": [item]}},
    )
    assert payload["userErrors"] == []
    found = payload["order"]
    assert (found["clientReference"], found["purchaseOrderNumber"]) == (None, "B")
    assert [one["text"] for one in found["notes"]] == ["One.", "Two."]
    assert found["details"]["projectId"] == "p"
    assert [one["name"] for one in found["details"]["contacts"]] == ["Bob", "Order desk"]
    first, second = (one["details"] for one in found["lineItems"])
    assert (first["endCustomerName"], second["endCustomerName"]) == (None, "Zoë")
    assert (first["purchaseOrderNumber"], second["purchaseOrderNumber"]) == ("B", "B")
    names = {one["role"]: one["name"] for one in second["contacts"]}
    assert (names["buyerTechnicalContact"], names["buyerImplementationContact"]) == ("Tech", "Ann Lee")


def test_a_change_of_an_order_that_has_moved_is_a_conflict(fake: FakeVendor, asked: Gateway) -> None:
    made = place(asked, "moved-1")
    version = show(asked, made["id"], "version")["version"]
    fake.advance({"order": key(made["id"]), "to": "inProgress"})
    payload = asked.do("updateOrder", orderId=made["id"], notes=["x"], ifVersion=version)
    assert reasons(payload) == [("CONFLICT", "ifVersion")]


def test_what_is_over_is_not_changed(fake: FakeVendor, asked: Gateway) -> None:
    made = placed_in(asked, fake, "over-1", "completed")
    assert reasons(asked.do("updateOrder", orderId=made["id"], notes=["x"])) == [("WRONG_STATUS", "")]
    assert reasons(asked.do("cancelOrder", orderId=made["id"])) == [("WRONG_STATUS", "")]


# ---- Cancellations, charges and delivery dates ------------------------------------------------------


def may_answer(asked: Gateway, order: str) -> bool:
    """Whether the order permits a response to a charge."""
    actions = show(asked, order, "availableActions { action isAllowed reason }")["availableActions"]
    return next(one["isAllowed"] for one in actions if one["action"] == "RESPOND_TO_CHARGE")


CANCELLATION = """status cancellation { state reason note vendorReason requestedAt }
    charges { id status items { isBlocking } }
    details { ... on SonataOrderDetails { cancellationReason cancellationChargeIds cancelRequests {
        taskId href state reason reasonType deniedReason chargeId contacts { role name } } } }"""


def cancelling(asked: Gateway, fake: FakeVendor, name: str) -> tuple[str, str]:
    """Request the cancellation of a new order. Return the order and the Seller's ID of the request."""
    made = placed_in(asked, fake, name, "inProgress")["id"]
    details = {"reasonType": "COMMERCIAL", "contact": {**CONTACT, "name": "Bob"}}
    payload = asked.do("cancelOrder", orderId=made, reason="Moved.", details={"sonata": details})
    assert payload["userErrors"] == []
    assert payload["order"]["status"] == "CANCELLING"
    (task,) = show(asked, made, CANCELLATION)["details"]["cancelRequests"]
    assert (task["state"], task["reason"], task["reasonType"]) == ("acknowledged", "Moved.", "commercial")
    assert task["contacts"][0] == {"role": "cancelProductOrderContact", "name": "Bob"}
    return made, task["taskId"]


def test_a_cancellation_from_asking_to_its_end(fake: FakeVendor, asked: Gateway) -> None:
    made, task = cancelling(asked, fake, "cancel-1")
    assert show(asked, made, CANCELLATION)["cancellation"]["state"] == "REQUESTED"
    fake.advance({"cancel": task, "to": "done"})
    assert show(asked, made, CANCELLATION)["cancellation"]["state"] == "ACCEPTED"
    fake.advance({"order": key(made)})
    found = show(asked, made, CANCELLATION)
    assert found["status"] == "CANCELLED"
    assert found["cancellation"]["state"] == "CANCELLED"
    assert found["cancellation"]["note"] == found["details"]["cancellationReason"] == "Moved."


def test_a_cancellation_that_is_declined(fake: FakeVendor, asked: Gateway) -> None:
    made, task = cancelling(asked, fake, "cancel-2")
    fake.advance({"cancel": task, "to": "rejected"})
    found = show(asked, made, CANCELLATION)
    assert (found["status"], found["cancellation"]["state"]) == ("IN_PROGRESS", "DECLINED")
    assert found["cancellation"]["vendorReason"] == found["details"]["cancelRequests"][0]["deniedReason"]
    assert found["cancellation"]["requestedAt"]


@pytest.mark.parametrize(("accept", "status"), [(True, "CANCELLING"), (False, "IN_PROGRESS")])
def test_a_cancellation_that_costs(fake: FakeVendor, asked: Gateway, accept: bool, status: str) -> None:
    made, task = cancelling(asked, fake, f"cancel-{accept}")
    assert not may_answer(asked, made)
    fake.advance({"cancel": task, "to": "inProgress.assessingCharge"})
    assert may_answer(asked, made)
    found = show(asked, made, CANCELLATION)
    (charge,) = found["charges"]
    assert found["details"]["cancelRequests"][0]["chargeId"] == key(charge["id"])
    payload = asked.do("respondToCharge", "charge { status order { status } }", chargeId=charge["id"], accept=accept)
    assert payload["userErrors"] == []
    assert payload["charge"] == {"status": "RESPONDED", "order": {"status": status}}
    assert not may_answer(asked, made)
    after = show(asked, made, CANCELLATION)
    assert after["details"]["cancellationChargeIds"] == ([key(charge["id"])] if accept else [])


def test_a_version_stays_while_the_requests_cannot_be_read(fake: FakeVendor, asked: Gateway) -> None:
    made, task = cancelling(asked, fake, "cancel-unread")
    fake.advance({"cancel": task, "to": "inProgress.assessingCharge"})
    version = show(asked, made, "version")
    fake.faults({"fault": "unavailable", "method": "GET", "path": f"{BASE}/cancelProductOrder"})
    unread = asked.client.post(
        "/graphql",
        json={"query": "query($id: ID!) { order(id: $id) { version } }", "variables": {"id": made}},
        headers={"cache-control": "no-cache"},
    ).json()
    assert any(path.endswith("/cancelProductOrder") for _, path in fake.calls())
    fake.end_faults()
    assert unread["data"]["order"] == version


def test_a_version_costs_no_call_where_no_request_can_be(fake: FakeVendor, asked: Gateway) -> None:
    done = placed_in(asked, fake, "version-done", "completed")["id"]
    fake.forget_calls()
    assert show(asked, done, "isFinal version")["isFinal"]
    assert calls(fake) == [GET]


CHARGE = """id status vendorStatus responseDueAt createdAt items { vendorItemId status vendorStatus activity category
    isBlocking price { amount currency } priceWithTax { amount } taxRate priceType period unit note }"""


def test_a_charge_is_answered_item_by_item(fake: FakeVendor, asked: Gateway) -> None:
    made = placed_in(asked, fake, "charge-1", "held.assessingCharge")["id"]
    (charge,) = show(asked, made, f"charges {{ {CHARGE} }}")["charges"]
    assert [one["priceType"] for one in charge["items"]] == ["nonRecurring", "recurring", "usageBased"]
    assert charge["items"][0]["price"]["currency"] == "USD"
    last = charge["items"][2]
    payload = asked.do(
        "respondToCharge",
        f"charge {{ {CHARGE} }}",
        chargeId=charge["id"],
        accept=True,
        note="Fine.",
        items=[{"vendorItemId": last["vendorItemId"], "accept": False, "note": "Too dear."}],
    )
    assert payload["userErrors"] == []
    assert [one["status"] for one in payload["charge"]["items"]] == ["ACCEPTED", "ACCEPTED", "DECLINED"]
    assert [one["note"] for one in payload["charge"]["items"]] == ["Fine.", "Fine.", "Too dear."]
    assert show(asked, made, "status")["status"] == "IN_PROGRESS"
    again = asked.do("respondToCharge", "charge { id }", chargeId=charge["id"], accept=True)
    assert reasons(again) == [("WRONG_STATUS", "")]


def test_an_answer_names_items_of_the_charge(fake: FakeVendor, asked: Gateway) -> None:
    made = placed_in(asked, fake, "charge-2", "held.assessingCharge")["id"]
    (charge,) = show(asked, made, "charges { id }")["charges"]
    items = [{"vendorItemId": "none", "accept": True}]
    payload = asked.do("respondToCharge", "charge { id }", chargeId=charge["id"], accept=True, items=items)
    assert reasons(payload) == [("NOT_FOUND", "items.0.vendorItemId")]
    lost = asked.do("respondToCharge", "charge { id }", chargeId="Charge:sonata:none", accept=True)
    assert [code for code, _ in reasons(lost)] == ["NOT_FOUND"]


DATES = """status
    lineItems { id details { ... on SonataLineItemDetails { state requestedAt isExpedited isExpediteAccepted } } }
    details { ... on SonataOrderDetails { deliveryDateRequests {
        taskId href state itemId requestedAt isExpedited createdAt } } }"""


@pytest.mark.parametrize(("to", "moved"), [("done", True), ("rejected", False)])
def test_another_date(fake: FakeVendor, asked: Gateway, to: str, moved: bool) -> None:
    made = placed_in(asked, fake, f"date-{to}", "inProgress")
    later, second = "2027-06-01T00:00:00Z", made["lineItems"][1]["id"]
    payload = asked.do(
        "changeRequestedDate", lineItemId=second, requestedAt=later, details={"sonata": {"isExpedited": True}}
    )
    assert payload["userErrors"] == []
    assert payload["order"]["status"] == "ON_HOLD"
    (task,) = show(asked, made["id"], DATES)["details"]["deliveryDateRequests"]
    assert (task["state"], task["itemId"], task["requestedAt"], task["isExpedited"]) == (
        "acknowledged",
        "2",
        later,
        True,
    )
    again = asked.do("changeRequestedDate", lineItemId=second, requestedAt=later)
    assert reasons(again) == [("WRONG_STATUS", "")]
    fake.advance({"delivery_date": task["taskId"], "to": to})
    after = show(asked, made["id"], DATES)
    details = after["lineItems"][1]["details"]
    assert (details["requestedAt"] == later) is details["isExpedited"] is details["isExpediteAccepted"] is moved


def test_another_date_that_costs(fake: FakeVendor, asked: Gateway) -> None:
    made = placed_in(asked, fake, "date-costs", "inProgress")
    asked.do("changeRequestedDate", lineItemId=made["lineItems"][0]["id"], requestedAt="2027-06-01T00:00:00Z")
    (task,) = show(asked, made["id"], DATES)["details"]["deliveryDateRequests"]
    assert not may_answer(asked, made["id"])
    fake.advance({"delivery_date": task["taskId"], "to": "inProgress.assessingCharge"})
    assert may_answer(asked, made["id"])
    (charge,) = show(asked, made["id"], "charges { id status }")["charges"]
    assert asked.do("respondToCharge", "charge { status }", chargeId=charge["id"], accept=True)["userErrors"] == []
    assert not may_answer(asked, made["id"])


def test_another_date_of_a_line_that_is_not_there(fake: FakeVendor, asked: Gateway) -> None:
    made = placed_in(asked, fake, "date-3", "inProgress")["id"]
    line_id = f"LineItem:sonata:{key(made)}:9"
    payload = asked.do("changeRequestedDate", lineItemId=line_id, requestedAt=WANTED)
    assert reasons(payload) == [("NOT_FOUND", "lineItemId")]


def outcomes(payload: Json) -> Sequence[str]:
    return [one["code"] for one in payload["userErrors"]]


@pytest.mark.parametrize(("mutation", "path"), [("cancelOrder", "/cancelProductOrder"), ("changeRequestedDate", DATE)])
def test_the_order_shows_that_a_request_with_a_broken_response_was_accepted(
    fake: FakeVendor, asked: Gateway, mutation: str, path: str
) -> None:
    made = placed_in(asked, fake, f"doubt-{mutation}", "inProgress")
    fake.faults({"fault": "malformed_json", "method": "POST", "path": f"{BASE}{path}"})
    values = {"orderId": made["id"]} if mutation == "cancelOrder" else {
        "lineItemId": made["lineItems"][0]["id"], "requestedAt": WANTED}  # fmt: skip
    assert outcomes(asked.do(mutation, **values)) == []
    assert show(asked, made["id"], "status")["status"] in ("CANCELLING", "ON_HOLD")


def test_a_race_with_the_seller_is_told_by_the_state(fake: FakeVendor, asked: Gateway) -> None:
    made = placed_in(asked, fake, "race-1", "inProgress")
    fake.advance({"order": key(made["id"]), "to": "held.assessingCharge"})
    payload = asked.do("changeRequestedDate", lineItemId=made["lineItems"][0]["id"], requestedAt=WANTED)
    assert reasons(payload) == [("WRONG_STATUS", "")]
    assert payload["userErrors"][0]["vendorCode"] == "held.assessingCharge"


def test_what_the_account_asks_of_an_order_is_told(asked: Gateway, contract: str) -> None:
    query = '{ account(id: "Account:sonata") { orderRequirements { field isRequired values note } } }'
    found = {one["field"]: one for one in asked.get(query)["account"]["orderRequirements"]}
    assert found["lineItems.quantity"]["values"] == ["1"]
    for role in ("product order item", "implementation", "technical"):
        assert role in found["contact"]["note"]
    assert found["contact"]["isRequired"]
    assert ("requestedAt" in {name for name, one in found.items() if one["isRequired"]}) is (contract == "document")
    for name in ("requestedTerm", "billingAccountId"):
        note = found[f"lineItems.details.sonata.{name}"]["note"]
        assert note.startswith("Required") is (contract == "document")
