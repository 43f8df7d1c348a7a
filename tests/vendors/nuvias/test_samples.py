"""Every field of the documented samples can be read through the graph."""

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from ordergraph import app, sandbox, settings
from ordergraph.vendors.nuvias.values import flat
from ordergraph.vendors.nuvias.vendor import vendor as nuvias

SAMPLES = Path(__file__).parents[2] / "samples" / "nuvias"
Table = Mapping[str, Any]
"""The path of a value in a sample (`*` is any index of a list), and its path in the graph.

If the graph shows another value on purpose, the entry is a pair of the path and that value.
"""


def sample(name: str) -> Any:
    return json.loads((SAMPLES / f"{name}_response.json").read_text())


# ---- A Hub that responds with the samples -----------------------------------------------------------

LISTS = {
    "/product_groups": "product_groups",
    "/users": "users",
    "/products": "products",
    "/baskets": "baskets",
    "/subscriptions": "subscriptions",
    "/invoices": "invoices",
    "/feeds": "feeds",
    "/whoami": "whoami",
}
# Lists that must contain references of the samples.
REFERENCES = {
    "/organisations": ("organisations", (1, 5, 10)),
    "/shipping_types": ("shipping_types", (1,)),
    "/groups": ("groups", (1, 6)),
    "/sites": ("sites", (1, 7)),
}
OBJECTS = {
    "/orders": "order",
    "/baskets": "basket",
    "/users": "user",
    "/product_groups": "product_group",
    "/products": "product",
    "/subscriptions": "subscription",
    "/feeds": "feed",
}


def answering(content: Any) -> Any:
    def endpoint(_request: Request) -> JSONResponse:
        return JSONResponse(content)

    return endpoint


def object_of(path: str) -> Any:
    content = sample(OBJECTS[path])

    def endpoint(request: Request) -> JSONResponse:
        if path == "/orders" and request.path_params["hub"] == "baskets":
            return JSONResponse({"message": "There is no such order."}, 404)
        return JSONResponse({**content, "id": int(request.path_params["id"])})

    return endpoint


def routes() -> Iterator[Route]:
    yield Route("/{hub}/oauth/create_token", answering(sample("token")), methods=["POST"])
    yield Route("/{hub}/orders/change_preview", answering(sample("change_preview")), methods=["POST"])
    yield Route("/{hub}/organisations/{id}/addresses", answering(sample("addresses")))
    yield Route("/{hub}/vendors", answering([{"id": 5, "name": "Five"}, {"id": 10, "name": "Ten"}]))
    countries = ((1, "FR"), (5, "GB"), (7, "DE"), (829, "IE"))
    yield Route("/{hub}/country_codes", answering([{"id": id_, "iso_code": code} for id_, code in countries]))
    for path, name in LISTS.items():
        yield Route(f"/{{hub}}{path}", answering(sample(name)))
    for path, (name, ids) in REFERENCES.items():
        (row,) = sample(name)
        yield Route(f"/{{hub}}{path}", answering([{**row, "id": id_} for id_ in ids]))
    for path in OBJECTS:
        yield Route(f"/{{hub}}{path}/{{id}}", object_of(path))


@pytest.fixture(scope="module")
def hub_url() -> Iterator[str]:
    hub = Starlette(routes=[*routes()])
    hub.state.vendor_apps = {}
    with sandbox.running(hub) as url:
        yield url


@pytest.fixture
async def client(hub_url: str) -> AsyncIterator[httpx.AsyncClient]:
    account = dict(nuvias.sandbox_account)
    accounts = {name: {**account, "base_url": f"{hub_url}/{name}"} for name in ("orders", "baskets")}
    made = app.create_app(settings.sandbox(app.settings_classes(), accounts))
    async with (
        made.router.lifespan_context(made),
        httpx.AsyncClient(transport=httpx.ASGITransport(made), base_url="http://gateway") as client,
    ):
        yield client


# ---- Tables -----------------------------------------------------------------------------------------


def same(json_prefix: str, graph_prefix: str, names: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table one level down."""
    return {
        f"{json_prefix}.{name}": f"{graph_prefix}.{path}"
        if isinstance(path, str)
        else (f"{graph_prefix}.{path[0]}", path[1])
        for name, path in names.items()
    }


ADDRESS: Table = {
    "company_name": "companyName",
    "recipient_name": "recipientName",
    "addr_line_1": "lines.0",
    "addr_line_2": "lines.1",
    "city": "city",
    "region": "region",
    "postal_code": "postalCode",
    "country_code": ("countryCode", "GB"),
}
LINE: Table = {
    "id": "id",
    "order": "details.order.id",
    "product": "product.id",
    "name": "name",
    "quantity": "quantity",
    "price": "unitPrice.amount",
    "original_price": "listPrice.amount",
    "prov_product": "details.provisioningProduct.id",
    "prov_product_name": "children.0.name",
    "prov_product_price": "children.0.unitPrice.amount",
    "prov_organisation": "details.provisioningOrganisation.id",
    "prov_group": "details.provisioningGroup.id",
    "prov_site": "details.provisioningSite.id",
    "maintenance_product": "details.maintenanceProduct.id",
    "maintenance_product_name": "children.1.name",
    "maintenance_product_price": "children.1.unitPrice.amount",
    "sub_total_for_item": "total.amount",
    "selected_rate_plan": "details.selectedRatePlan",
    **same(
        "rate_plan_details",
        "details.ratePlan",
        {
            "id": "number",
            "name": "name",
            "line_item_id": "lineItemNumber",
            "term_length": "termLength",
            "billing_frequency": "billingFrequency",
            "renewal_term_length": "renewalTermLength",
        },
    ),
    **same(
        "rate_plan_details.rate_plan_charges.*",
        "details.ratePlan.charges.*",
        {
            "id": "number",
            "name": "name",
            "rate_plan_id": "ratePlanNumber",
            "charge_type": "chargeType",
            "charge_model": "chargeModel",
            "price": "price.amount",
            "unit_of_measure": "unitOfMeasure",
        },
    ),
    **same(
        "dropbox_order",
        "details.dropbox",
        {"team_name": "teamName", "admin_email": "adminEmail", "subscription_id": "subscription.id"},
    ),
    **same(
        "acronis_order",
        "details.acronis",
        {"tenant_name": "tenantName", "admin_email": "adminEmail", "subscription_id": "subscription.id"},
    ),
    **same(
        "zoom_order",
        "details.zoom",
        {
            "deal_registration_id": "dealRegistrationId",
            "deal_registration_approval_id": "dealRegistrationApprovalId",
            "end_user_name": "endUserName",
            "end_user_company": "endUserCompany",
            "end_user_email": "endUserEmail",
            "subscription_id": "subscription.id",
            "zoom_order_type": "zoomOrderType",
            "zoom_order_sub_type": "zoomOrderSubType",
        },
    ),
    "markup": "details.markupPercent",
    "discount": "details.discountPercent",
}
ORDER: Table = {
    "id": "id",
    "external_id": "details.externalId",
    "purchase_order_number": "purchaseOrderNumber",
    "supplier_ref": "number",
    "linked_supplier_refs.*": "details.linkedSupplierRefs.*",
    "organisation": "details.organisation.id",
    "date": "placedAt",
    "status": "vendorStatus",
    "parent_id": "details.parent.id",
    **same("shipping_address", "shippingAddress", ADDRESS),
    "shipping_type": "details.shippingType.id",
    "ship_instructions": "details.shipInstructions",
    "ship_cost": "shippingCost.amount",
    "ship_final": "details.isShippingCostFinal",
    "discount": "discount.amount",
    "end_user": "details.endUser",
    "provisioning_instructions": "details.provisioningInstructions",
    "manual_authorisation": "details.isManualApprovalRequired",
    "total": "total.amount",
    "part_ship": "details.isPartShipmentAllowed",
    **same("line_items.*", "lineItems.*", LINE),
    "name": "details.name",
    **same(
        "units.*",
        "details.units.*",
        {"id": "number", "order": "order.id", "product": "product.id", "serial": "serialNumber"},
    ),
    "attention_required": "problems.0.message",
    "payment_type": "details.paymentType",
    **same(
        "finance",
        "details.finance",
        {
            "company_number": "companyNumber",
            "company_name": "companyName",
            "target": "target",
            "email_address": "emailAddress",
            "title": "title",
            "first_name": "firstName",
            "name": "familyName",
            "contact_number": "contactNumber",
            "term_length": "termLength",
            "approved": "isApproved",
        },
    ),
    **same("finance.registered_address", "details.finance.registeredAddress", ADDRESS),
    **same("finance.trading_addresses.*", "details.finance.tradingAddresses.*", ADDRESS),
    **same(
        "shipments.*",
        "shipments.*",
        {"reference": "reference", "tracking_number": "trackingNumber", "date": "shippedOn"},
    ),
    **same(
        "shipments.*.items.*",
        "shipments.*.items.*",
        {
            "product": "product.id",
            "name": "name",
            "product_code": "sku",
            "quantity": "quantity",
            "serial_numbers.*": "serialNumbers.*",
        },
    ),
    "order_type": "details.orderType",
}
BASKET: Table = {**ORDER, "status": ("vendorStatus", "DRAFT")}  # the samples have PROCESSING, the text says DRAFT
RELATED: Table = {"id": "product.id", "sku": "sku", "name": "name", "price": "price.amount", "dovetail": "isDovetail"}
PRODUCT: Table = {
    "id": "id",
    "name": "name",
    "product_code": "sku",
    "description": "description",
    "detailed_description": "details.detailedDescription",
    "featured_description": "details.featuredDescription",
    "vendor": "details.manufacturer.id",
    "type": "details.productType",
    "rrp": "listPrice.amount",
    "price": "price.amount",
    "thumb_url": "details.thumbUrl",
    "main_image_url": "imageUrl",
    "datasheet_url": "datasheetUrl",
    "guide_url": "details.guideUrl",
    "quickstart_url": "details.quickstartUrl",
    "stock": "stock",
    **same("provisioning.*", "details.provisioningProducts.*", RELATED),
    **same("maintenance.*", "details.maintenanceProducts.*", RELATED),
    **same("related_to.*", "details.relatedProducts.*", RELATED),
    "shipping_cost": "details.shippingCost.amount",
    "show_in_webstore": "details.isShownInWebstore",
    "discountable": "details.isDiscountable",
    "subscription_type": "details.subscriptionType",
    "subscription_product_type": "details.subscriptionProductType",
    "quantity_type": "details.quantityType",
    **same(
        "rate_plans.*",
        "details.ratePlans.*",
        {
            "id": "number",
            "name": "name",
            "term_length": "termLength",
            "billing_frequency": "billingFrequency",
            "renewal_term_length": "renewalTermLength",
            "default": "isDefault",
            "min_quantity": "minQuantity",
            "max_quantity": "maxQuantity",
        },
    ),
    **same(
        "rate_plans.*.rate_plan_charges.*",
        "details.ratePlans.*.charges.*",
        {
            "id": "number",
            "name": "name",
            "charge_type": "chargeType",
            "charge_model": "chargeModel",
            "unit_of_measure": "unitOfMeasure",
            "rate_plan_charge_costs.*.id": "costs.*.number",
            "rate_plan_charge_costs.*.currency": "costs.*.price.currency",
            "rate_plan_charge_costs.*.charge_cost_price": "costs.*.price.amount",
        },
    ),
    "is_shippable": "details.isShippable",
    "is_financeable": "details.isFinanceable",
    "weight_unit": "details.weightUnit",
    "weight": "details.weight",
}
SUBSCRIPTION: Table = {
    "team_id": "details.teamId",
    "admin_email": "details.adminEmail",
    "subscriptions": "details.seats",
    "id": "id",
    "name": "name",
    "organisation": "details.organisation.id",
    "order": "details.order.id",
    "type": "details.subscriptionType",
    "start_date": "startsOn",
    "service_activation_date": "activatedOn",
    "end_date": "endsOn",
    "auto_renewal_flag": "hasAutoRenewal",
    "pending_change": "hasPendingChanges",
    "source_id": "details.sourceId",
    "status": "vendorStatus",
    "billing_frequency": "billingFrequency",
    "total_contract_value": "totalContractValue.amount",
    **same(
        "order_history.*",
        "details.history.*",
        {
            "id": "order.id",
            "supplier_ref": "orderNumber",
            "date": "placedAt",
            "status": "vendorStatus",
            "total": "total.amount",
            "order_type": "orderType",
        },
    ),
    "associated_subscriptions.*": "details.associatedSubscriptions.*.id",
    **same(
        "products.*",
        "details.products.*",
        {
            "order_line_item": "lineItemNumber",
            "product": "product.id",
            "product_type": "productType",
            "quantity": "quantity",
        },
    ),
}
INVOICE: Table = {
    "id": "vendorInvoiceId",
    "organisation": "details.organisation.id",
    "source": "details.sourceSystem",
    "source_id": "details.sourceId",
    "reference": "reference",
    "status": "vendorStatus",
    "date": "issuedAt",
    "due_date": "dueOn",
    "purchase_order": "purchaseOrderNumber",
    "currency": "total.currency",
    "total": "total.amount",
    "days_overdue": "daysOverdue",
    "type": "details.raw.type",  # an enum in the graph's common fields
}
LOG: Table = {
    "user": "user.id",
    "action": "action",
    "timestamp": "performedAt",
    "ip_address": "ipAddress",
    "on": ("target", "John Smith (User #123)"),
    "on_behalf": "onBehalfOf.id",
}
USER: Table = {
    "id": "id",
    "name": "name",
    "email_address": "emailAddress",
    "organisation": "organisation.id",
    "admin": "isAdmin",
    "two-factor": "hasTwoFactor",
    "active": "isActive",
    "verified": "isVerified",
    "password_reset": "isPasswordResetRequired",
    "user_language": "language",
    "timezone": "timezone",
    "timeout": "timeout",
    "roles.*": "roles.*",
    "notification.*": "notifications.*",
    "api_clients.*.id": "apiClients.*.number",
    "api_clients.*.name": "apiClients.*.name",
    "api_clients.*.client_id": "apiClients.*.clientId",
    **same("audit_logs.*", "auditLogs.*", LOG),
    **same("actions_taken.*", "performedActions.*", LOG),
}
USER_ROW: Table = {
    "id": "id",
    "organisation": "organisation.id",
    "name": "name",
    "email_address": "emailAddress",
    "password_reset": ("isPasswordResetRequired", False),
    "verified": ("isVerified", True),
    "disabled": ("isActive", True),
}
GROUP_ROW: Table = {
    "id": "id",
    "name": "name",
    "active": "isActive",
    "status": "vendorStatus",
    "type": "productType",
    "vendor": "manufacturer.id",
}
GROUP: Table = {
    **GROUP_ROW,
    "description": "description",
    "detailed_description": "detailedDescription",
    "subscription_type": "subscriptionType",
    "subscription_product_type": "subscriptionProductType",
    "products.*": "products.*.id",
    "related_product_groups.*": "relatedGroups.*.id",
    "grading": "grading",
}
FEED: Table = {
    "id": "id",
    "organisation": "organisation.id",
    "name": "name",
    "active": "isActive",
    "timeslot": "timeslot",
    "columns.*": "columns.*",
    "delivery_method": "deliveryMethod",
    "delivery_email": "deliveryEmail",
    "delivery_user": "deliveryUser",
    "delivery_password": ("hasPassword", True),  # write-only
    "delivery_server": "deliveryServer",
    "delivery_procotol": "deliveryProtocol",
    "delivery_port": "deliveryPort",
    "sitc_confirm": "isSitcConfirmed",
    "sitc_filename": "sitcFilename",
    "last_upload": "lastUploadAt",
    "show_headers": "hasHeaders",
    "show_empty_stock": "hasEmptyStock",
    "delimiter": "delimiter",
    "escape_method": "escapeMethod",
}
WHOAMI: Table = {
    "id": "id",
    "name": "name",
    "organisation": "organisation.id",
    "real_id": "realId",
    "real_name": "realName",
    "currency": "currency",
    "locale": "locale",
    "timezone": "timezone",
    "admin": "isAdmin",
    "root": "isRoot",
    "modules.*": "modules.*",
    "permissions.*.permission": "permissions.*.permission",
    "permissions.*.parent": "permissions.*.isInherited",
}
ORGANISATION: Table = {
    "id": "id",
    "name": "name",
    "parent": "parent.id",
    "linked_account": "isLinkedAccount",
    "finance_type": "financeType",
}
SAVED_ADDRESS: Table = {
    "name": "name",
    **{name: f"address.{path}" for name, path in ADDRESS.items() if isinstance(path, str)},
    "country_code": ("address.countryCode", "IE"),
}
SHIPPING: Table = {
    "id": "id",
    "name": "name",
    "description": "description",
    "source": "sourceSystem",
    "min_cost": "minCost.amount",
    "max_cost": "maxCost.amount",
    "free_over_cost": "freeOverCost.amount",
    "rate_type": "rateType",
    "rate": "rate",
    "countries.0": ("countryCodes.0", "FR"),
    "countries.1": ("countryCodes.1", "DE"),
    "exclude_countries": "hasExcludedCountries",
    "weight_units": "weightUnit",
    "shipping_prices.*.min_weight": "shippingPrices.*.minWeight",
    "shipping_prices.*.max_weight": "shippingPrices.*.maxWeight",
    "shipping_prices.*.rate": "shippingPrices.*.rate",
}
PROVISIONING_GROUP: Table = {
    "id": "id",
    "name": "name",
    "organisation": "organisation.id",
    "service_template": "serviceTemplate",
}
SITE: Table = {
    "id": "id",
    "name": "name",
    "organisation": "organisation.id",
    **same("address", "address", ADDRESS),
}
PREVIEW: Table = {
    "subscription_delta": "quantityDelta",
    "subscription_new": "quantity",
    "tcv_delta": "totalContractValueDelta.amount",
    "tcv_new": "totalContractValue.amount",
    "rc_delta": "recurringChargeDelta.amount",
    "rc_new": "recurringCharge.amount",
}

ON_ACCOUNT = 'account(id: "Account:{account}") {{ ... on NuviasAccount {{ {field} }} }}'
# Sample, field of the graph, path to the object inside the field, type of its details, and table.
CASES: list[tuple[str, str, str, str | None, Table]] = [
    ("order", 'order(id: "Order:orders:1") {}', "order", "NuviasOrderDetails", ORDER),
    ("basket", 'order(id: "Order:baskets:1") {}', "order", "NuviasOrderDetails", BASKET),
    ("baskets", "drafts { nodes {} }", "account.drafts.nodes", "NuviasOrderDetails", BASKET),
    ("line_item", 'node(id: "LineItem:orders:1:1") { ... on LineItem {} }', "node", "NuviasLineItemDetails", LINE),
    ("product", 'product(id: "Product:orders:1") {}', "product", "NuviasProductDetails", PRODUCT),
    ("products", "products { nodes {} }", "account.products.nodes", "NuviasProductDetails", PRODUCT),
    (
        "subscription",
        'subscription(id: "Subscription:orders:1") {}',
        "subscription",
        "NuviasSubscriptionDetails",
        SUBSCRIPTION,
    ),
    (
        "subscriptions",
        "subscriptions { nodes {} }",
        "account.subscriptions.nodes",
        "NuviasSubscriptionDetails",
        SUBSCRIPTION,
    ),
    ("invoices", "invoices { nodes {} }", "account.invoices.nodes", "NuviasInvoiceDetails", INVOICE),
    ("user", 'node(id: "NuviasUser:orders:0") { ... on NuviasUser {} }', "node", None, USER),
    ("users", "users { nodes {} }", "account.users.nodes", None, USER_ROW),
    (
        "product_group",
        'node(id: "NuviasProductGroup:orders:1") { ... on NuviasProductGroup {} }',
        "node",
        None,
        GROUP,
    ),
    ("product_groups", "productGroups { nodes {} }", "account.productGroups.nodes", None, GROUP_ROW),
    ("feed", 'node(id: "NuviasFeed:orders:1") { ... on NuviasFeed {} }', "node", None, FEED),
    ("feeds", "feeds { nodes {} }", "account.feeds.nodes", None, FEED),
    ("whoami", "viewer {}", "account.viewer", None, WHOAMI),
    ("organisations", "organisations {}", "account.organisations", None, ORGANISATION),
    (
        "addresses",
        'node(id: "NuviasOrganisation:orders:1") { ... on NuviasOrganisation { addresses {} } }',
        "node.addresses",
        None,
        SAVED_ADDRESS,
    ),
    ("shipping_types", "shippingTypes {}", "account.shippingTypes", None, SHIPPING),
    ("groups", "provisioningGroups {}", "account.provisioningGroups", None, PROVISIONING_GROUP),
    ("sites", "sites {}", "account.sites", None, SITE),
    (
        "change_preview",
        'subscriptionChangePreview(input: {subscriptionId: "Subscription:orders:1", '
        'lineItems: [{product: {sku: "X"}}]}) {}',
        "subscriptionChangePreview",
        None,
        PREVIEW,
    ),
]

# ---- Tests ------------------------------------------------------------------------------------------


def graph_path(target: Any) -> str:
    return target if isinstance(target, str) else target[0]


def selection(table: Table, details: str | None) -> str:
    """Return the GraphQL selection of every field in a table."""
    tree: dict[str, Any] = {}
    for target in table.values():
        at = tree
        for part in graph_path(target).split("."):
            if not (part == "*" or part.isdigit()):
                at = at.setdefault(part, {})
    if details is not None and "raw" in tree["details"]:
        tree["details"]["raw"] = {}
    return written(tree, details)


def written(tree: Mapping[str, Any], details: str | None) -> str:
    parts: list[str] = []
    for name, below in tree.items():
        inner = written(below, "NuviasLineItemDetails" if name == "lineItems" else None) if below else ""
        if name == "details":
            inner = f"{{ ... on {details} {inner} }}"
        parts.append(f"{name} {inner}")
    return "{ " + " ".join(parts) + " }"


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, dict):
        for name, item in cast("dict[str, Any]", value).items():
            yield from leaves(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(flat(cast("list[Any]", value))):  # some samples nest a list in a list
            yield from leaves(item, (*path, str(index)))
    else:
        yield path, value


def target_of(path: tuple[str, ...], table: Table) -> Any:
    """Return the table's entry for a path of a sample. Raises KeyError for a field without an entry."""
    exact = ".".join(path)
    return table[exact] if exact in table else table[".".join("*" if part.isdigit() else part for part in path)]


def read(shown: Any, target: str, places: list[str]) -> Any:
    for part in target.split("."):
        step = places.pop(0) if part == "*" else part
        shown = shown[int(step) if step.isdigit() else step]
    return shown


def agrees(value: Any, shown: Any) -> bool:
    """Whether the graph shows the sample's value, in the graph's format."""
    if value is None or isinstance(value, bool):
        return shown is value
    if isinstance(shown, str) and shown.count(":") >= 2 and shown[0].isupper():
        return shown.rsplit(":", 1)[1] == str(value)  # a global ID
    if isinstance(value, int | float):
        return Decimal(str(shown)) == Decimal(str(value))
    if shown == value or shown == value[:10]:
        return True
    moments = [datetime.fromisoformat(text) for text in (value, shown)]
    return len({one if one.tzinfo else one.replace(tzinfo=UTC) for one in moments}) == 1


@pytest.mark.parametrize(("name", "field", "root", "details", "table"), CASES, ids=[name for name, *_ in CASES])
async def test_every_field_of_a_sample(
    client: httpx.AsyncClient, name: str, field: str, root: str, details: str | None, table: Table
) -> None:
    asked = field.replace("{}", selection(table, details))
    document = "{ " + (ON_ACCOUNT.format(account="orders", field=asked) if root.startswith("account") else asked) + " }"
    answer = (await client.post("/graphql", json={"query": document})).json()
    assert "errors" not in answer, answer["errors"]
    shown = answer["data"]
    for part in root.split("."):
        shown = shown[part]
    content = sample(name)
    pairs: list[tuple[Any, Any]] = [*zip(content, shown, strict=False)] if root.endswith("s") else [(content, shown)]
    assert pairs
    for body, view in pairs:
        for path, value in leaves(body):
            target = target_of(path, table)
            places = [part for part in path if part.isdigit()]
            found = read(view, graph_path(target), places)
            expected = value if isinstance(target, str) else target[1]
            assert agrees(expected, found), (path, expected, found)


def test_every_sample_of_an_answer_is_checked() -> None:
    names = {path.name.removesuffix("_response.json") for path in SAMPLES.glob("*_response.json")}
    assert names - {name for name, *_ in CASES} == {"token"}
