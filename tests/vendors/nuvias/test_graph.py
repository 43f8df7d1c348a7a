"""The Hub's own features: lists with filters and sort orders, lazy fields, and mutations."""

from collections.abc import Callable
from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from ordergraph.graph.cursor import encode
from ordergraph.vendors.nuvias import graph_people as people
from ordergraph.vendors.nuvias.values import (
    NuviasDaysOverdue,
    NuviasDelimiter,
    NuviasDeliveryProtocol,
    NuviasDraftSortField,
    NuviasEscapeMethod,
    NuviasFeedColumn,
    NuviasFinanceTarget,
    NuviasInvoiceSortField,
    NuviasLanguage,
    NuviasNotification,
    NuviasOrderSortField,
    NuviasOrderStatus,
    NuviasSubscriptionProductType,
    NuviasSubscriptionType,
)
from tests.conftest import Gateway

Check = Callable[[Any], bool]

ACCOUNT = "query Q({declared}) {{ account(id: $account) {{ ... on NuviasAccount {{ found: {field} }} }} }}"


async def ask(gateway: Gateway, field: str, account: str = "Account:nuvias") -> Any:
    """Return a field of the account."""
    document = ACCOUNT.format(declared="$account: ID!", field=field)
    return (await gateway.query(document, account=account))["account"]["found"]


async def refusal(gateway: Gateway, field: str) -> str:
    """Return the message with which a field of the account is rejected."""
    answer = await gateway.ask(ACCOUNT.format(declared="$account: ID!", field=field), account="Account:nuvias")
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT", error
    return error["message"]


async def mutate(gateway: Gateway, name: str, shows: str, /, **values: Any) -> Any:
    type_ = name[0].upper() + name[1:] + "Input"
    errors = "userErrors { code field message vendorMessage }"
    document = f"mutation M($input: {type_}!) {{ {name}(input: $input) {{ {shows} {errors} }} }}"
    return (await gateway.query(document, input=values))[name]


def problems(answer: Any) -> dict[str, str]:
    """Return the user errors of a response: path below `input`, and code."""
    return {".".join(error["field"][1:]): error["code"] for error in answer["userErrors"]}


def amount(node: Any) -> Decimal:
    return Decimal(node["total"]["amount"])


# ---- Orders -----------------------------------------------------------------------------------------

DETAILS = "details { ... on NuviasOrderDetails { paymentType organisation { id } } }"
ORDER = f"id status vendorStatus placedAt number purchaseOrderNumber total {{ amount }} {DETAILS}"


async def test_orders_in_each_status_of_the_hub(gateway: Gateway, subtests: pytest.Subtests) -> None:
    for word in (one.name for one in NuviasOrderStatus):
        with subtests.test(word):
            found = await ask(
                gateway,
                f"orders(first: 100, filter: {{vendorStatuses: [{word}]}}) {{ totalCount nodes {{ {ORDER} }} }}",
            )
            everything = await ask(gateway, f"orders(first: 100) {{ nodes {{ {ORDER} }} }}")
            assert found["nodes"] == [node for node in everything["nodes"] if node["vendorStatus"] == word] != []
            assert found["totalCount"] == len(found["nodes"])


ORDER_CONDITIONS: dict[str, Check] = {
    "paymentTypes: [FINANCE]": lambda order: order["details"]["paymentType"] == "FINANCE",
    "paymentTypes: [ON_ACCOUNT]": lambda order: order["details"]["paymentType"] == "ON_ACCOUNT",
    'minTotal: "900.50"': lambda order: amount(order) >= Decimal("900.50"),
    "maxTotal: 950.69": lambda order: amount(order) <= Decimal("950.69"),
    'organisationIds: ["NuviasOrganisation:nuvias:1", "NuviasOrganisation:nuvias:3"]': lambda order: order["details"][
        "organisation"
    ]["id"].endswith((":1", ":3")),
    "statuses: [IN_PROGRESS], vendorStatuses: [ACCEPTED, FAILED]": lambda order: order["vendorStatus"] == "ACCEPTED",
    "phases: [UNSUCCESSFUL]": lambda order: order["status"] in ("CANCELLED", "FAILED"),
    'numbers: ["SO1234568"]': lambda order: order["number"] == "SO1234568",
    'placedAt: {start: "2026-11-18T12:00:00Z"}': lambda order: order["placedAt"] >= "2026-11-18T12",
}


async def test_conditions_on_orders(gateway: Gateway, subtests: pytest.Subtests) -> None:
    for condition in ORDER_CONDITIONS:
        with subtests.test(condition):
            everything = (await ask(gateway, f"orders(first: 100) {{ nodes {{ {ORDER} }} }}"))["nodes"]
            found = (await ask(gateway, f"orders(first: 100, filter: {{{condition}}}) {{ nodes {{ {ORDER} }} }}"))[
                "nodes"
            ]
            assert found == [order for order in everything if ORDER_CONDITIONS[condition](order)]
            assert 0 < len(found) < len(everything)


async def test_statuses_that_exclude_each_other_leave_no_orders(gateway: Gateway) -> None:
    await gateway.calls()
    found = await ask(
        gateway, "orders(filter: {statuses: [FAILED], vendorStatuses: [CREATED]}) { nodes { id } totalCount }"
    )
    assert found == {"nodes": [], "totalCount": 0}
    assert await gateway.calls() == []


@pytest.mark.parametrize("field", NuviasOrderSortField)
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
async def test_orders_page_by_page_in_each_order(gateway: Gateway, field: NuviasOrderSortField, direction: str) -> None:
    sort = f"sort: {{field: {field.name}, direction: {direction}}}"
    document = f"orders(first: 17, AFTER {sort}) {{ nodes {{ {ORDER} }} pageInfo {{ hasNextPage endCursor }} }}"
    found: list[Any] = []
    end: dict[str, Any] = {"hasNextPage": True}
    after = ""
    while end["hasNextPage"]:
        page = await ask(gateway, document.replace("AFTER", after))
        found += page["nodes"]
        end = page["pageInfo"]
        after = f'after: "{end["endCursor"]}",'
    assert len({order["id"] for order in found}) == len(found) == 60
    by: Callable[[Any], Any] = amount if field.name == "TOTAL" else lambda order: order["placedAt"]
    values = [by(order) for order in found]
    assert values == sorted(values, reverse=direction == "DESC")
    back = document.replace("first: 17, AFTER", f'last: 5, before: "{end["endCursor"]}", ')
    assert (await ask(gateway, back))["nodes"] == found[-6:-1]


async def test_a_cursor_by_date_is_none_by_total(gateway: Gateway) -> None:
    page = await ask(gateway, "orders(first: 1) { pageInfo { endCursor } }")
    other = f'orders(after: "{page["pageInfo"]["endCursor"]}", sort: {{field: TOTAL}}) {{ nodes {{ id }} }}'
    assert "does not belong to this list" in await refusal(gateway, other)


async def test_a_cursor_by_total_holds_a_number(gateway: Gateway, subtests: pytest.Subtests) -> None:
    for made_up in ("Infinity", "NaN", "1E+999", "ten"):
        with subtests.test(made_up):
            after = encode("Account:nuvias/orders:total", made_up, "Order:nuvias:1")
            field = f'orders(after: "{after}", sort: {{field: TOTAL}}) {{ nodes {{ id }} }}'
            assert "does not belong to this list" in await refusal(gateway, field)


@pytest.mark.parametrize("field", NuviasDraftSortField)
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
async def test_drafts_in_each_order(gateway: Gateway, field: NuviasDraftSortField, direction: str) -> None:
    sort = f"{{field: {field.name}, direction: {direction}}}"
    shown = "status total { amount } details { ... on NuviasOrderDetails { name } }"
    found = await ask(gateway, f"drafts(first: 100, sort: {sort}) {{ totalCount nodes {{ {shown} }} }}")
    assert {draft["status"] for draft in found["nodes"]} == {"DRAFT"}
    by: Callable[[Any], Any] = amount if field.name == "TOTAL" else lambda draft: draft["details"]["name"]
    values = [by(draft) for draft in found["nodes"]]
    assert values == sorted(values, reverse=direction == "DESC")
    assert len(values) == found["totalCount"] == 25


# ---- Catalogue --------------------------------------------------------------------------------------

PRODUCT = "id name sku price { amount } details { ... on NuviasProductDetails { productType manufacturer { id } } }"
PRODUCT_CONDITIONS: dict[str, Check] = {
    'search: "headset"': lambda one: "headset" in one["name"].lower(),
    'manufacturerIds: ["NuviasManufacturer:nuvias:1"]': lambda one: maker(one) == "NuviasManufacturer:nuvias:1",
    "hasNoManufacturer: true": lambda one: maker(one) is None,
    'manufacturerIds: ["NuviasManufacturer:nuvias:1"], hasNoManufacturer: true': lambda one: (
        maker(one) in (None, "NuviasManufacturer:nuvias:1")
    ),
    "productTypes: [10, 12]": lambda one: one["details"]["productType"] in (10, 12),
    "hasNoProductType: true": lambda one: one["details"]["productType"] is None,
}


def maker(product: Any) -> str | None:
    made_by = product["details"]["manufacturer"]
    return made_by and made_by["id"]


async def test_conditions_on_products(gateway: Gateway, subtests: pytest.Subtests) -> None:
    for condition in PRODUCT_CONDITIONS:
        with subtests.test(condition):
            everything = (await ask(gateway, f"products(first: 100) {{ nodes {{ {PRODUCT} }} }}"))["nodes"]
            found = (await ask(gateway, f"products(first: 100, filter: {{{condition}}}) {{ nodes {{ {PRODUCT} }} }}"))[
                "nodes"
            ]
            assert found == [one for one in everything if PRODUCT_CONDITIONS[condition](one)]
            assert 0 < len(found) < len(everything)


PRODUCT_ORDERS: list[tuple[str, str]] = [("NAME", "ASC"), ("NAME", "DESC"), ("PRICE", "ASC"), ("PRICE", "DESC")]


async def test_products_in_each_order(gateway: Gateway, subtests: pytest.Subtests) -> None:
    for field, direction in PRODUCT_ORDERS:
        with subtests.test(f"{field} {direction}"):
            sort = f"{{field: {field}, direction: {direction}}}"
            found = (await ask(gateway, f"products(first: 100, sort: {sort}) {{ nodes {{ {PRODUCT} }} }}"))["nodes"]
            values = [Decimal(one["price"]["amount"]) if field == "PRICE" else one["name"] for one in found]
            assert values == sorted(values, reverse=direction == "DESC")


async def test_popular_products_come_first_and_only_so(gateway: Gateway) -> None:
    shown = "{ nodes { id } }"
    as_it_is = await ask(gateway, f"products {shown}")
    assert as_it_is == await ask(gateway, f"products(sort: {{field: POPULARITY, direction: DESC}}) {shown}")
    message = await refusal(gateway, f"products(sort: {{field: POPULARITY, direction: ASC}}) {shown}")
    assert "most popular first" in message


# ---- Subscriptions and invoices ---------------------------------------------------------------------

SUBSCRIPTION = "id name status details { ... on NuviasSubscriptionDetails { subscriptionType organisation { id } } }"
SUBSCRIPTION_CONDITIONS: dict[str, Check] = {
    "statuses: [PENDING]": lambda one: one["status"] == "PENDING",
    "statuses: [ACTIVE, EXPIRED]": lambda one: one["status"] in ("ACTIVE", "EXPIRED"),
    "types: [ACRONIS]": lambda one: one["details"]["subscriptionType"] == "ACRONIS",
    "types: [DROPBOX]": lambda one: one["details"]["subscriptionType"] == "DROPBOX",
}


async def test_conditions_on_subscriptions(gateway: Gateway, subtests: pytest.Subtests) -> None:
    for condition in SUBSCRIPTION_CONDITIONS:
        with subtests.test(condition):
            everything = (await ask(gateway, f"subscriptions {{ nodes {{ {SUBSCRIPTION} }} }}"))["nodes"]
            found = (await ask(gateway, f"subscriptions(filter: {{{condition}}}) {{ nodes {{ {SUBSCRIPTION} }} }}"))[
                "nodes"
            ]
            assert found == [one for one in everything if SUBSCRIPTION_CONDITIONS[condition](one)]
            assert 0 < len(found) < len(everything)


async def test_subscriptions_by_name_and_organisation(gateway: Gateway) -> None:
    everything = (await ask(gateway, f"subscriptions {{ nodes {{ {SUBSCRIPTION} }} }}"))["nodes"]
    first = everything[0]
    owner = first["details"]["organisation"]["id"]
    condition = f'name: "{first["name"]}", organisationIds: ["{owner}"]'
    found = (await ask(gateway, f"subscriptions(filter: {{{condition}}}) {{ nodes {{ {SUBSCRIPTION} }} }}"))["nodes"]
    assert first in found
    assert all(one["details"]["organisation"]["id"] == owner for one in found)


INVOICE = (
    "id reference status type issuedAt daysOverdue vendorStatus purchaseOrderNumber total { amount } "
    "details { ... on NuviasInvoiceDetails { sourceId organisation { id } } }"
)
INVOICE_CONDITIONS: dict[str, Check] = {
    'search: "INV00000"': lambda one: "INV00000" in one["reference"],
    "statuses: [OPEN]": lambda one: one["status"] == "OPEN",
    "types: [CREDIT_NOTE]": lambda one: one["type"] == "CREDIT_NOTE",
    "daysOverdueRanges: [NONE]": lambda one: one["daysOverdue"] == 0,
    'minIssuedOn: "2026-11-01"': lambda one: one["issuedAt"] >= "2026-11-01",
    'maxIssuedOn: "2026-10-31"': lambda one: one["issuedAt"] < "2026-11-01",
    "minTotal: 1000": lambda one: amount(one) >= 1000,
    'maxTotal: "999.99"': lambda one: amount(one) <= Decimal("999.99"),
    'organisationIds: ["NuviasOrganisation:nuvias:1"]': lambda one: (
        one["details"]["organisation"]["id"] == "NuviasOrganisation:nuvias:1"
    ),
}


async def test_conditions_on_invoices(gateway: Gateway, subtests: pytest.Subtests) -> None:
    for condition in INVOICE_CONDITIONS:
        with subtests.test(condition):
            everything = (await ask(gateway, f"invoices(first: 100) {{ nodes {{ {INVOICE} }} }}"))["nodes"]
            found = (await ask(gateway, f"invoices(first: 100, filter: {{{condition}}}) {{ nodes {{ {INVOICE} }} }}"))[
                "nodes"
            ]
            assert found == [one for one in everything if INVOICE_CONDITIONS[condition](one)]
            assert 0 < len(found) < len(everything)


OVERDUE: dict[NuviasDaysOverdue, Check] = {
    NuviasDaysOverdue.NONE: lambda days: days == 0,
    NuviasDaysOverdue.FROM_31_TO_60: lambda days: 31 <= days <= 60,
    NuviasDaysOverdue.FROM_61_TO_90: lambda days: 61 <= days <= 90,
    NuviasDaysOverdue.OVER_90: lambda days: days > 90,
}


async def test_invoices_by_days_overdue(gateway: Gateway, subtests: pytest.Subtests) -> None:
    for word in NuviasDaysOverdue:
        with subtests.test(word.name):
            shown = "{ nodes { id daysOverdue } }"
            everything = (await ask(gateway, f"invoices(first: 100) {shown}"))["nodes"]
            found = (await ask(gateway, f"invoices(first: 100, filter: {{daysOverdueRanges: [{word.name}]}}) {shown}"))[
                "nodes"
            ]
            assert found == [
                one for one in everything if one["daysOverdue"] is not None and OVERDUE[word](one["daysOverdue"])
            ]


async def test_a_status_that_the_hub_has_no_invoices_in(gateway: Gateway) -> None:
    await gateway.calls()
    assert await ask(gateway, "invoices(filter: {statuses: [UNKNOWN]}) { nodes { id } }") == {"nodes": []}
    assert await gateway.calls() == []


INVOICE_VALUES: dict[str, Callable[[Any], Any]] = {
    "SOURCE_ID": lambda one: one["details"]["sourceId"],
    "STATUS": lambda one: one["vendorStatus"],
    "DATE": lambda one: one["issuedAt"],
    "PURCHASE_ORDER": lambda one: one["purchaseOrderNumber"],
    "TOTAL": amount,
    "DAYS_OVERDUE": lambda one: one["daysOverdue"],
}


async def test_invoices_in_each_order(gateway: Gateway, subtests: pytest.Subtests) -> None:
    for field, direction in product(NuviasInvoiceSortField, ("ASC", "DESC")):
        with subtests.test(f"{field.name} {direction}"):
            sort = f"sort: {{field: {field.name}, direction: {direction}}}"
            found = (await ask(gateway, f"invoices(first: 100, {sort}) {{ nodes {{ {INVOICE} }} }}"))["nodes"]
            values = [INVOICE_VALUES[field.name](one) for one in found]
            known = [value for value in values if value is not None]
            assert known == sorted(known, reverse=direction == "DESC")
            assert len(set(known)) > 1


# ---- Users, groups, feeds and lists -----------------------------------------------------------------

USER = "id name emailAddress isActive isVerified isPasswordResetRequired organisation { id }"
USER_CONDITIONS: dict[str, Check] = {
    'search: "bob"': lambda user: "bob" in (user["name"] + user["emailAddress"]).lower(),
    "isActive: true": lambda user: user["isActive"],
    "isActive: false": lambda user: not user["isActive"],
    "isVerified: true": lambda user: user["isVerified"],
    "isVerified: false": lambda user: not user["isVerified"],
    "isPasswordResetRequired: true": lambda user: user["isPasswordResetRequired"],
    "isPasswordResetRequired: false": lambda user: not user["isPasswordResetRequired"],
    'organisationIds: ["NuviasOrganisation:nuvias:5"]': lambda user: user["organisation"]["id"].endswith(":5"),
}


async def test_conditions_on_users(gateway: Gateway, subtests: pytest.Subtests) -> None:
    for condition in USER_CONDITIONS:
        with subtests.test(condition):
            everything = (await ask(gateway, f"users(first: 100) {{ nodes {{ {USER} }} }}"))["nodes"]
            found = (await ask(gateway, f"users(first: 100, filter: {{{condition}}}) {{ nodes {{ {USER} }} }}"))[
                "nodes"
            ]
            assert found == [user for user in everything if USER_CONDITIONS[condition](user)]
            assert 0 < len(found) < len(everything)


@pytest.mark.parametrize(("field", "shown"), [("NAME", "name"), ("EMAIL_ADDRESS", "emailAddress")])
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
async def test_users_in_each_order(gateway: Gateway, field: str, shown: str, direction: str) -> None:
    sort = f"{{field: {field}, direction: {direction}}}"
    found = (await ask(gateway, f"users(first: 100, sort: {sort}) {{ nodes {{ {USER} }} }}"))["nodes"]
    values = [user[shown] for user in found]
    assert values == sorted(values, reverse=direction == "DESC")


async def test_a_cursor_fits_its_own_conditions_and_order_only(gateway: Gateway) -> None:
    page = await ask(gateway, "users(first: 2) { nodes { id } pageInfo { endCursor } }")
    after = f'after: "{page["pageInfo"]["endCursor"]}"'
    following = await ask(gateway, f"users(first: 2, {after}) {{ nodes {{ id }} }}")
    assert not {user["id"] for user in page["nodes"]} & {user["id"] for user in following["nodes"]}
    for other in ("filter: {isActive: true}", "sort: {field: EMAIL_ADDRESS}"):
        assert "does not belong to this list" in await refusal(gateway, f"users({after}, {other}) {{ nodes {{ id }} }}")


async def test_rows_of_users_cost_one_call_and_their_details_one_each(gateway: Gateway) -> None:
    await ask(gateway, f"users(first: 3) {{ nodes {{ {USER} }} }}")
    assert sorted(await gateway.calls()) == ["GET /organisations", "GET /users"]
    more = "isAdmin hasTwoFactor language timezone timeout roles notifications apiClients { clientId }"
    found = await ask(gateway, f"users(first: 3) {{ nodes {{ id {more} }} }}")
    assert await gateway.calls() == ["GET /users/{id}"] * 3
    user = found["nodes"][0]
    alone = await gateway.query(f'{{ node(id: "{user["id"]}") {{ id ... on NuviasUser {{ {more} }} }} }}')
    assert alone["node"] == user


async def test_details_of_product_groups_and_feeds_come_one_call_each(gateway: Gateway) -> None:
    await ask(gateway, "productGroups(first: 2) { totalCount nodes { id name status vendorStatus isActive } }")
    assert await gateway.calls() == ["GET /product_groups"]
    found = await ask(gateway, "productGroups(first: 2) { nodes { description grading products { id } } }")
    calls = await gateway.calls()
    assert calls[:2] == ["GET /product_groups/{id}"] * 2
    assert len(calls) <= 3 + sum(len(group["products"]) for group in found["nodes"])
    await ask(gateway, "feeds(first: 2) { nodes { name columns hasPassword } }")
    assert await gateway.calls() == ["GET /feeds"]
    await ask(gateway, "feeds(first: 2) { nodes { hasHeaders hasEmptyStock delimiter escapeMethod } }")
    assert await gateway.calls() == ["GET /feeds/{id}"] * 2


async def test_feeds_by_name_and_organisation_without_their_passwords(gateway: Gateway) -> None:
    shown = "{ nodes { id name deliveryMethod deliveryUser hasPassword deliveryProtocol organisation { id } } }"
    everything = (await ask(gateway, f"feeds {shown}"))["nodes"]
    found = (await ask(gateway, f'feeds(filter: {{name: "FTP"}}) {shown}'))["nodes"]
    assert found == [feed for feed in everything if "FTP" in feed["name"]] != []
    assert all(feed["hasPassword"] and feed["deliveryUser"] and feed["deliveryProtocol"] for feed in found)
    owner = found[0]["organisation"]["id"]
    theirs = (await ask(gateway, f'feeds(filter: {{organisationIds: ["{owner}"]}}) {shown}'))["nodes"]
    assert theirs == [feed for feed in everything if feed["organisation"]["id"] == owner]


async def test_lists_refer_to_each_other_without_a_call_for_each(gateway: Gateway) -> None:
    shown = """orders(first: 20) { nodes {
      details { ... on NuviasOrderDetails { organisation { parent { name } } shippingType { name countryCodes } } }
      lineItems { details { ... on NuviasLineItemDetails {
        provisioningOrganisation { name } provisioningGroup { name } provisioningSite { name }
      } } }
    } }"""
    await ask(gateway, shown)
    calls = await gateway.calls()
    assert len(calls) == len(set(calls)) <= 5


async def test_every_kind_of_node_can_be_fetched_by_its_id(gateway: Gateway) -> None:
    lists = ("organisations", "manufacturers", "shippingTypes", "countries", "provisioningGroups", "sites")
    connections = ("users", "productGroups", "feeds")
    shown = " ".join(
        [*(f"{name} {{ id }}" for name in lists), *(f"{name} {{ nodes {{ id }} }}" for name in connections)]
    )
    data = await gateway.query(f'{{ account(id: "Account:nuvias") {{ ... on NuviasAccount {{ {shown} }} }} }}')
    ids: list[str] = [data["account"][name][0]["id"] for name in lists]
    ids += [data["account"][name]["nodes"][0]["id"] for name in connections]
    assert {id_.split(":")[0] for id_ in ids} == set(people.NODES)
    nodes = (await gateway.query("query N($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }", ids=ids))["nodes"]
    assert [node["id"] for node in nodes] == ids
    assert [node["__typename"] for node in nodes] == [id_.split(":")[0] for id_ in ids]
    gone = [f"{id_.rsplit(':', 1)[0]}:99999" for id_ in ids]
    answer = await gateway.query("query N($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=gone)
    assert answer["nodes"] == [None] * len(gone)


async def test_the_viewer_and_whom_the_account_emulates(gateway: Gateway) -> None:
    shown = "id name realId realName currency locale timezone isAdmin isRoot modules "
    shown += "permissions { permission isInherited } "
    found = await ask(gateway, f"viewer {{ {shown} organisation {{ name }} user {{ id }} }}")
    assert (found["id"], found["realId"]) == ("NuviasUser:nuvias:5", "NuviasUser:nuvias:1")
    assert found["user"]["id"] == found["id"]


BAD_INPUTS = {
    'users(filter: {organisationIds: ["NuviasOrganisation:direct:1"]}) { nodes { id } }': "has no",
    'users(filter: {organisationIds: ["NuviasSite:nuvias:1"]}) { nodes { id } }': "is an ID of type NuviasSite",
    "users(filter: {organisationIds: []}) { nodes { id } }": "must not be empty",
    "orders(filter: {vendorStatuses: []}) { nodes { id } }": "must not be empty",
    "products(filter: {productTypes: []}) { nodes { id } }": "must not be empty",
    'users(filter: {search: "TEXT"}) { nodes { id } }': "at most 200 characters",
    "users(first: 101) { nodes { id } }": "between 1 and 100",
}


async def test_wrong_conditions_are_named(gateway: Gateway, subtests: pytest.Subtests) -> None:
    for field in BAD_INPUTS:
        with subtests.test(field):
            assert BAD_INPUTS[field] in await refusal(gateway, field.replace("TEXT", "x" * 201))


# ---- Mutations --------------------------------------------------------------------------------------

HERE = {"accountId": "Account:nuvias"}
FEED = {
    **HERE,
    "organisationId": "NuviasOrganisation:nuvias:5",
    "name": "Price feed",
    "timeslot": 90,
    "columns": ["STOCK", "PRICE", "NAME"],
    "deliveryMethod": "EMAIL",
    "deliveryEmail": "user@example.com",
}
FTP = {
    **{name: value for name, value in FEED.items() if name != "deliveryEmail"},
    "deliveryMethod": "FTP",
    "deliveryUser": "user",
    "deliveryPassword": "a-password",
    "deliveryServer": "ftp.example.com",
}


async def test_a_user_is_made_changed_and_cleared(gateway: Gateway) -> None:
    shown = (
        "user { id name emailAddress organisation { id } isAdmin hasTwoFactor isActive isVerified "
        "isPasswordResetRequired language timezone timeout roles notifications "
        "auditLogs { action user { id } target } }"
    )
    made = await mutate(
        gateway,
        "createNuviasUser",
        shown,
        **HERE,
        idempotencyKey="1",
        name="Evan Evans",
        emailAddress="evan.evans@example.org",
        organisationId="NuviasOrganisation:nuvias:1",
        isAdmin=True,
        hasTwoFactor=True,
        isActive=True,
        isVerified=True,
        isPasswordResetRequired=False,
        language="DE",
        timezone="UTC",
        timeout=1800,
        roles=[1, 2],
        notifications=["CHECKOUT_REQUESTED", "QUOTE_CREATED"],
    )
    assert made["userErrors"] == []
    user = made["user"]
    assert (user["language"], user["timeout"], user["hasTwoFactor"], user["roles"]) == ("de", 1800, True, [1, 2])
    assert user["notifications"] == ["checkout_requested", "quote_created"]
    assert user["auditLogs"][0]["user"] == {"id": "NuviasUser:nuvias:5"}
    changed = await mutate(gateway, "updateNuviasUser", shown, userId=user["id"], roles=None, language="NL")
    same = ("roles", "language", "auditLogs")
    assert {**changed["user"], **{name: user[name] for name in same}} == user
    assert (changed["user"]["roles"], changed["user"]["language"]) == ([], "nl")
    moved = await mutate(
        gateway, "updateNuviasUser", shown, userId=user["id"], organisationId="NuviasOrganisation:nuvias:3"
    )
    assert moved["user"]["notifications"] == []


USER_WORDS: list[tuple[str, Any, Any]] = [
    *(("language", word.name, word.name.lower()) for word in NuviasLanguage),
    *(("notifications", [word.name], [word.name.lower()]) for word in NuviasNotification),
    *(("timeout", seconds, seconds) for seconds in (86400, 43200, 28800, 14400, 7200, 3600, 1800)),
]


async def test_every_word_of_a_users_fields(gateway: Gateway) -> None:
    for field, given, expected in USER_WORDS:
        change = {"userId": "NuviasUser:nuvias:2", field: given}
        answer = await mutate(gateway, "updateNuviasUser", f"user {{ {field} }}", **change)
        assert answer == {"user": {field: expected}, "userErrors": []}


async def test_all_that_is_wrong_with_a_user_is_told_at_once_and_nothing_is_sent(gateway: Gateway) -> None:
    await gateway.calls()
    answer = await mutate(
        gateway,
        "createNuviasUser",
        "user { id }",
        **HERE,
        idempotencyKey="1",
        name="Evan",
        emailAddress="nowhere",
        timeout=5,
        organisationId="NuviasOrganisation:direct:1",
    )
    assert answer["user"] is None
    assert problems(answer) == {"emailAddress": "INVALID", "timeout": "INVALID", "organisationId": "NOT_FOUND"}
    assert await gateway.calls() == []
    cleared = await mutate(gateway, "updateNuviasUser", "user { id }", userId="NuviasUser:nuvias:2", name=None)
    assert problems(cleared) == {"name": "REQUIRED"}
    missing = await mutate(gateway, "updateNuviasUser", "user { id }", userId="NuviasUser:nuvias:999", name="Nobody")
    assert [error["code"] for error in missing["userErrors"]] == ["NOT_FOUND"]


async def test_what_the_hub_says_of_a_users_field_has_the_inputs_path(gateway: Gateway) -> None:
    answer = await mutate(
        gateway,
        "createNuviasUser",
        "user { id }",
        **HERE,
        idempotencyKey="1",
        name="Bobby Lashley",
        emailAddress=(
            await gateway.query('{ node(id: "NuviasUser:nuvias:2") { ... on NuviasUser { emailAddress } } }')
        )["node"]["emailAddress"],
    )
    assert problems(answer) == {"emailAddress": "REJECTED_BY_VENDOR"}
    assert answer["userErrors"][0]["vendorMessage"].endswith("is in use already")


async def test_a_repeat_makes_no_second_user_and_shows_the_user_as_it_is_now(gateway: Gateway) -> None:
    values = {**HERE, "idempotencyKey": "1", "name": "Evan Evans", "emailAddress": "evan@example.org"}
    made = await mutate(gateway, "createNuviasUser", "user { id name }", **values)
    await mutate(gateway, "updateNuviasUser", "user { id }", userId=made["user"]["id"], name="Evan Davies")
    again = await mutate(gateway, "createNuviasUser", "user { id name }", **values)
    assert again["user"] == {"id": made["user"]["id"], "name": "Evan Davies"}
    other = await mutate(gateway, "createNuviasUser", "user { id }", **{**values, "name": "Somebody else"})
    assert problems(other) == {"idempotencyKey": "IDEMPOTENCY_CONFLICT"}


async def test_a_product_group_is_made_changed_and_cleared(gateway: Gateway) -> None:
    shown = (
        "productGroup { id name isActive status description detailedDescription productType manufacturer { id } "
        "subscriptionType subscriptionProductType products { id } relatedGroups { id } grading }"
    )
    made = await mutate(
        gateway,
        "createNuviasProductGroup",
        shown,
        **HERE,
        idempotencyKey="1",
        name="Phone starter bundle",
        isActive=True,
        status="DRAFT",
        description="A great bundle",
        detailedDescription="A phone and a headset",
        productType=10,
        manufacturerId="NuviasManufacturer:nuvias:1",
        subscriptionType="DROPBOX",
        subscriptionProductType="BASE",
        productIds=["Product:nuvias:1", "Product:nuvias:3"],
        relatedGroupIds=["NuviasProductGroup:nuvias:2"],
        grading=12,
    )
    assert made["userErrors"] == []
    group = made["productGroup"]
    assert group["products"] == [{"id": "Product:nuvias:1"}, {"id": "Product:nuvias:3"}]
    assert group["relatedGroups"] == [{"id": "NuviasProductGroup:nuvias:2"}]
    change = {"productGroupId": group["id"], "status": "LIVE", "productIds": None, "description": None}
    changed = (await mutate(gateway, "updateNuviasProductGroup", shown, **change))["productGroup"]
    assert changed == {**group, "status": "LIVE", "products": [], "description": ""}


async def test_every_word_of_a_product_groups_fields(gateway: Gateway) -> None:
    fields: dict[str, Any] = {
        "subscriptionType": NuviasSubscriptionType,
        "subscriptionProductType": NuviasSubscriptionProductType,
    }
    for field, enum in fields.items():
        for word in enum:
            change = {"productGroupId": "NuviasProductGroup:nuvias:1", field: word.name}
            answer = await mutate(gateway, "updateNuviasProductGroup", f"productGroup {{ {field} }}", **change)
            assert answer == {"productGroup": {field: word.name}, "userErrors": []}


async def test_what_is_wrong_with_a_product_group(gateway: Gateway) -> None:
    answer = await mutate(
        gateway,
        "createNuviasProductGroup",
        "productGroup { id }",
        **HERE,
        idempotencyKey="1",
        name="Bundle",
        status="UNKNOWN",
        productIds=["Product:nuvias:1", "Product:direct:3"],
        manufacturerId="nothing",
    )
    assert problems(answer) == {"status": "INVALID", "productIds.1": "NOT_FOUND", "manufacturerId": "INVALID"}


async def test_a_feed_is_made_changed_and_delivered_in_another_way(gateway: Gateway) -> None:
    shown = (
        "feed { id name isActive timeslot columns deliveryMethod deliveryEmail deliveryUser hasPassword deliveryServer "
        "deliveryProtocol deliveryPort isSitcConfirmed sitcFilename lastUploadAt hasHeaders hasEmptyStock delimiter "
        "escapeMethod organisation { id } }"
    )
    more = {"hasHeaders": True, "hasEmptyStock": True, "delimiter": "SEMI_COLON", "escapeMethod": "QUOTED"}
    made = await mutate(gateway, "createNuviasFeed", shown, **FEED, **more, idempotencyKey="1")
    feed = made["feed"]
    assert (feed["isActive"], feed["columns"], feed["delimiter"]) == (True, ["stock", "price", "name"], "SEMI_COLON")
    uploaded = {
        "deliveryUser": "user",
        "deliveryServer": "ftp.example.com",
        "deliveryProtocol": "SFTP",
        "deliveryPort": 22,
    }
    change = {"feedId": feed["id"], "deliveryMethod": "FTP", "deliveryPassword": "secret", **uploaded}
    changed = (await mutate(gateway, "updateNuviasFeed", shown, **change))["feed"]
    assert changed == {**feed, **uploaded, "deliveryMethod": "FTP", "deliveryEmail": None, "hasPassword": True}
    renamed = (await mutate(gateway, "updateNuviasFeed", shown, feedId=feed["id"], name="Other", isActive=False))[
        "feed"
    ]
    assert renamed == {**changed, "name": "Other", "isActive": False}
    change = {"feedId": feed["id"], "deliveryMethod": "SITC", "isSitcConfirmed": True, "sitcFilename": "a.csv"}
    await mutate(gateway, "updateNuviasFeed", shown, **change)
    cleared = (await mutate(gateway, "updateNuviasFeed", shown, feedId=feed["id"], sitcFilename=None))["feed"]
    assert (cleared["isSitcConfirmed"], cleared["sitcFilename"], cleared["hasPassword"]) == (True, None, False)


async def test_every_word_of_a_feeds_fields(gateway: Gateway) -> None:
    columns = [word.name for word in NuviasFeedColumn]
    made = await mutate(
        gateway, "createNuviasFeed", "feed { id columns }", **{**FTP, "columns": columns}, idempotencyKey="1"
    )
    assert made["feed"]["columns"] == [word.lower() for word in columns]
    fields: dict[str, Any] = {
        "delimiter": NuviasDelimiter,
        "escapeMethod": NuviasEscapeMethod,
        "deliveryProtocol": NuviasDeliveryProtocol,
    }
    for field, enum in fields.items():
        for word in enum:
            change = {"feedId": made["feed"]["id"], field: word.name}
            answer = await mutate(gateway, "updateNuviasFeed", f"feed {{ {field} }}", **change)
            assert answer == {"feed": {field: word.name}, "userErrors": []}


WRONG_FEEDS: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"timeslot": 95, "columns": []}, {"timeslot": "INVALID", "columns": "REQUIRED"}),
    ({"timeslot": 1440}, {"timeslot": "INVALID"}),
    ({"timeslot": -30}, {"timeslot": "INVALID"}),
    ({"deliveryEmail": None}, {"deliveryEmail": "REQUIRED"}),
    (
        {"deliveryMethod": "FTP"},
        {
            "deliveryUser": "REQUIRED",
            "deliveryPassword": "REQUIRED",
            "deliveryServer": "REQUIRED",
            "deliveryEmail": "INVALID",
        },
    ),
    ({"sitcFilename": "a.csv"}, {"sitcFilename": "INVALID"}),
]


@pytest.mark.parametrize(("change", "expected"), WRONG_FEEDS)
async def test_all_that_is_wrong_with_a_feed_is_told_at_once(
    gateway: Gateway, change: dict[str, Any], expected: dict[str, str]
) -> None:
    await gateway.calls()
    answer = await mutate(gateway, "createNuviasFeed", "feed { id }", **{**FEED, **change}, idempotencyKey="1")
    assert (answer["feed"], problems(answer)) == (None, expected)
    assert await gateway.calls() == []


async def test_another_delivery_of_a_feed_needs_its_own_fields(gateway: Gateway) -> None:
    change = {"feedId": "NuviasFeed:nuvias:1", "deliveryMethod": "FTP", "timeslot": 31}
    answer = await mutate(gateway, "updateNuviasFeed", "feed { id }", **change)
    needed = ("deliveryUser", "deliveryPassword", "deliveryServer")
    assert problems(answer) == {"timeslot": "INVALID", **dict.fromkeys(needed, "REQUIRED")}
    assert await gateway.calls() == ["GET /feeds/{id}"]


async def test_a_feeds_password_is_not_shown_anywhere(gateway: Gateway) -> None:
    answer = await gateway.ask(
        '{ account(id: "Account:nuvias") { ... on NuviasAccount { feeds { nodes { deliveryPassword } } } } }'
    )
    assert answer["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


# ---- Inputs of orders and lines ---------------------------------------------------------------------

ADDRESS = {
    "companyName": "Bob's Widgets Ltd.",
    "lines": ["123 Sample Drive"],
    "city": "Nottingham",
    "countryCode": "GB",
}


async def test_everything_that_an_order_takes_comes_back(gateway: Gateway) -> None:
    finance: dict[str, Any] = {
        "companyNumber": "01234567",
        "companyName": "Example Inc.",
        "target": "CUSTOMER",
        "emailAddress": "example@example.com",
        "title": "Mr",
        "firstName": "Johnathan",
        "familyName": "Johnson",
        "contactNumber": "00000000000",
        "termLength": 12,
        "registeredAddress": ADDRESS,
        "tradingAddresses": [ADDRESS, ADDRESS],
    }
    given: dict[str, Any] = {
        "shipInstructions": "Please leave with security",
        "provisioningInstructions": "Firmware 1.2.3",
        "endUser": "Bob's Customer",
        "isPartShipmentAllowed": False,
        "name": "Order for Bob",
        "paymentType": "FINANCE",
    }
    line: dict[str, Any] = {
        "product": {"sku": "YEA-T116-1056"},
        "quantity": 2,
        "details": {
            "nuvias": {
                "provisioningProduct": {"id": "Product:nuvias:2"},
                "provisioningOrganisationId": "NuviasOrganisation:nuvias:1",
                "provisioningGroupId": "NuviasProvisioningGroup:nuvias:1",
                "provisioningSiteId": "NuviasSite:nuvias:1",
                "markupPercent": "2.5",
            }
        },
    }
    address = "companyName lines city countryCode"
    shown = f"""order {{ id
      details {{ ... on NuviasOrderDetails {{ {" ".join(given)} shippingType {{ id }} finance {{
        {" ".join(name for name in finance if name not in ("registeredAddress", "tradingAddresses"))}
        registeredAddress {{ {address} }} tradingAddresses {{ {address} }}
      }} }} }}
      lineItems {{ details {{ ... on NuviasLineItemDetails {{
        markupPercent provisioningProduct {{ id }} provisioningOrganisation {{ id }} provisioningGroup {{ id }}
        provisioningSite {{ id }}
      }} }} }}
    }}"""
    answer = await mutate(
        gateway,
        "createDraftOrder",
        shown,
        **HERE,
        idempotencyKey="1",
        shippingAddress=ADDRESS,
        lineItems=[line],
        details={"nuvias": {**given, "finance": finance, "shippingTypeId": "NuviasShippingType:nuvias:1"}},
    )
    assert answer["userErrors"] == []
    order = answer["order"]
    assert order["details"] == {**given, "shippingType": {"id": "NuviasShippingType:nuvias:1"}, "finance": finance}
    assert order["lineItems"][0]["details"] == {
        "markupPercent": "2.5",
        "provisioningProduct": {"id": "Product:nuvias:2"},
        "provisioningOrganisation": {"id": "NuviasOrganisation:nuvias:1"},
        "provisioningGroup": {"id": "NuviasProvisioningGroup:nuvias:1"},
        "provisioningSite": {"id": "NuviasSite:nuvias:1"},
    }
    kept = await mutate(
        gateway,
        "updateOrder",
        "order { details { ... on NuviasOrderDetails { paymentType endUser finance { target } } } }",
        orderId=order["id"],
        details={"nuvias": {"endUser": None, "paymentType": "FINANCE"}},
    )
    assert kept["userErrors"] == []
    assert kept["order"]["details"] == {"paymentType": "FINANCE", "endUser": None, "finance": {"target": "CUSTOMER"}}


async def test_words_of_payment(gateway: Gateway) -> None:
    draft = {**HERE, "idempotencyKey": "1", "lineItems": [{"product": {"sku": "333"}}]}
    finance = {"target": NuviasFinanceTarget.CUSTOMER.name}
    wrong = {"paymentType": "FINANCE"}, {"finance": finance}
    needs = {"details.nuvias.finance": "REQUIRED"}, {"lineItems.0.details.nuvias.markupPercent": "REQUIRED"}
    for given, expected in zip(wrong, needs, strict=True):
        answer = await mutate(gateway, "createDraftOrder", "order { id }", **draft, details={"nuvias": given})
        assert problems(answer) == expected


@pytest.mark.parametrize(
    "given",
    [
        {"dropbox": {"teamName": "Team", "adminEmail": "bob@example.org"}},
        {"acronis": {"tenantName": "Tenant", "adminEmail": "bob@example.org"}},
        {"zoom": {"dealRegistrationId": "1", "endUserName": "Bob", "endUserEmail": "bob@example.org"}},
    ],
)
async def test_subscriptions_on_a_line(gateway: Gateway, given: dict[str, Any]) -> None:
    ((kind, values),) = given.items()
    line = {"product": {"sku": "DBX-EVH"}, "details": {"nuvias": {**given, "ratePlan": 9}}}
    answer = await mutate(
        gateway,
        "createDraftOrder",
        "order { lineItems { details { ... on NuviasLineItemDetails { selectedRatePlan "
        f"ratePlan {{ name charges {{ price {{ amount }} }} }} {kind} {{ {' '.join(values)} }} }} }} }} }}",
        **HERE,
        idempotencyKey="1",
        lineItems=[line],
    )
    assert answer["userErrors"] == []
    shown = answer["order"]["lineItems"][0]["details"]
    assert (shown[kind], shown["selectedRatePlan"]) == (values, 9)


async def test_a_subscription_is_administered(gateway: Gateway) -> None:
    answer = await mutate(
        gateway,
        "updateSubscription",
        "subscription { hasPendingChanges totalContractValue { amount } }",
        subscriptionId="Subscription:nuvias:3",
        details={"nuvias": {"hasPendingChanges": True, "totalContractValue": "400.50"}},
    )
    changed = answer["subscription"]
    assert (changed["hasPendingChanges"], Decimal(changed["totalContractValue"]["amount"])) == (True, Decimal("400.5"))


async def test_linked_references_are_set_and_cleared(gateway: Gateway) -> None:
    shown = "order { details { ... on NuviasOrderDetails { linkedSupplierRefs } } }"
    for given, expected in ((["SO1", "SO2"], ["SO1", "SO2"]), (None, [])):
        change = {"nuvias": {"linkedSupplierRefs": given}}
        answer = await mutate(gateway, "updateOrder", shown, orderId="Order:nuvias:77272", details=change)
        assert answer == {"order": {"details": {"linkedSupplierRefs": expected}}, "userErrors": []}
