import json
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from ordergraph.sandbox import ANCHOR, create_app, running
from ordergraph.vendors.nuvias.sandbox import CLIENT_ID, CLIENT_SECRET, NuviasSandbox
from ordergraph.vendors.nuvias.sandbox.data import (
    ORDER_STATUSES,
    SAMPLE_GOODS,
    SAMPLE_SERVICES,
    SIDE_STATUSES,
    months_after,
)
from ordergraph.vendors.nuvias.sandbox.seed import SeededHub
from ordergraph.vendors.nuvias.sandbox.service import OPERATIONS, TOKEN_SECONDS

pytestmark = pytest.mark.slow

SAMPLES = Path(__file__).parents[2] / "samples" / "nuvias"
ORDERS = 120
NEWEST = 77272
Json = dict[str, Any]
Keep = Callable[[Json], bool]

ADDRESS: Json = {
    "company_name": "Bob's Widgets Ltd.",
    "recipient_name": "Robert Bobson",
    "addr_line_1": "123 Sample Drive",
    "addr_line_2": "Main Street",
    "city": "Nottingham",
    "region": "Nottinghamshire",
    "postal_code": "NT12 3SH",
    "country_code": 5,
}
FINANCE: Json = {
    "company_name": "Example Inc.",
    "target": "SELF",
    "term_length": 12,
    "registered_address": ADDRESS,
}
FEED: Json = {
    "organisation": 1,
    "name": "Price feed",
    "active": True,
    "timeslot": 90,
    "columns": ["stock", "price", "name"],
    "delivery_method": "EMAIL",
    "delivery_email": "user@example.com",
}


@pytest.fixture(scope="module")
def box() -> NuviasSandbox:
    return NuviasSandbox(ORDERS, 1)


@pytest.fixture(scope="module")
def base_url(box: NuviasSandbox) -> Iterator[str]:
    with running(create_app({"nuvias": lambda orders, seed: box}, orders=ORDERS, seed=1)) as url:
        yield f"{url}/nuvias"


@pytest.fixture(scope="module")
def connection(base_url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=base_url, timeout=5, verify=False) as client:
        yield client


@pytest.fixture
def client(connection: httpx.Client, box: NuviasSandbox) -> httpx.Client:
    box.now = lambda: datetime(2026, 11, 23, 9, 30, 15, tzinfo=UTC)
    box.tokens.monotonic = time.monotonic
    connection.post("/_control/reset")
    connection.headers["Authorization"] = f"Bearer {login(connection).json()['access_token']}"
    return connection


def login(client: httpx.Client, **changes: str) -> httpx.Response:
    form = {
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "grant_type": "client_credentials",
        **changes,
    }
    return client.post("/oauth/create_token", data={name: value for name, value in form.items() if value})


def get(client: httpx.Client, path: str, **params: Any) -> Any:
    response = client.get(path, params=params)
    assert response.status_code == 200, response.text
    return response.json()


def send(client: httpx.Client, method: str, path: str, status: int, content: object = None) -> Any:
    response = client.request(method, path, json=content) if content is not None else client.request(method, path)
    assert response.status_code == status, response.text
    return response.json()


def problems(client: httpx.Client, method: str, path: str, content: object) -> dict[str, list[str]]:
    body = send(client, method, path, 400, content)
    assert set(body) == {"message", "errors"}
    return body["errors"]


def advance(client: httpx.Client, status: int = 200, **command: Any) -> Any:
    return send(client, "POST", "/_control/advance", status, command)


def sample(name: str) -> Any:
    return json.loads((SAMPLES / f"{name}.json").read_text())


def find(rows: list[Json], **wanted: Any) -> Json:
    return next(row for row in rows if all(row[name] == value for name, value in wanted.items()))


def product(client: httpx.Client, **wanted: Any) -> Json:
    return find(get(client, "/products"), **wanted)


def phone(client: httpx.Client) -> Json:
    return next(row for row in get(client, "/products", type=1) if row["provisioning"])


def phone_order(client: httpx.Client, **changes: Any) -> Json:
    line = {"product": phone(client)["id"], "quantity": 3}
    return {
        "purchase_order_number": "PO-TEST-1",
        "shipping_address": ADDRESS,
        "shipping_type": 2,
        "line_items": [line],
        **changes,
    }


def dropbox_line(client: httpx.Client) -> Json:
    found = product(client, subscription_type="DROPBOX")
    plan = find(found["rate_plans"], default=True)
    team = {"team_name": "Bob's Team", "admin_email": "bob@example.org"}
    return {"product": found["id"], "quantity": 4, "selected_rate_plan": plan["id"], "dropbox_order": team}


def in_status(client: httpx.Client, status: str) -> int:
    return get(client, "/orders", status=status)[0]["id"]


def subscription(client: httpx.Client, status: str) -> Json:
    return get(client, "/subscriptions", status=status)[0]


def first(content: Any) -> Json:
    """Return the object, or the first one of a list."""
    return cast("list[Json]", content)[0] if isinstance(content, list) else content


# ---- Authentication ---------------------------------------------------------------------------------


def test_token_answers_as_documented(client: httpx.Client) -> None:
    response = login(client)
    assert response.status_code == 200
    assert response.json().keys() == sample("token_response").keys()
    assert response.json() | {"access_token": ""} == {
        "access_token": "",
        "token_type": "Bearer",
        "expires_in": TOKEN_SECONDS,
    }


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_secret": ""}, 401, "invalid_client"),
        ({"client_id": "wrong"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": ""}, 400, "unsupported_grant_type"),
    ],
)
def test_bad_login_is_refused(client: httpx.Client, changes: dict[str, str], status: int, error: str) -> None:
    response = login(client, **changes)
    assert (response.status_code, response.json()) == (status, {"error": error})


def test_login_wants_a_form_body(client: httpx.Client) -> None:
    form = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "grant_type": "client_credentials"}
    assert client.post("/oauth/create_token", json=form).status_code == 400
    basic = client.post(
        "/oauth/create_token", data={"grant_type": "client_credentials"}, auth=(CLIENT_ID, CLIENT_SECRET)
    )
    assert basic.json() == {"error": "invalid_client"}


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Basic abc"])
def test_calls_need_a_token(client: httpx.Client, header: str) -> None:
    response = client.get("/whoami", headers={"Authorization": header})
    assert response.status_code == 401
    assert set(response.json()) == {"message"}


def test_tokens_expire(client: httpx.Client, box: NuviasSandbox) -> None:
    get(client, "/whoami")
    later = time.monotonic() + TOKEN_SECONDS
    box.tokens.monotonic = lambda: later
    assert client.get("/whoami").status_code == 401


def test_tokens_can_be_revoked_and_end_with_a_reset(client: httpx.Client) -> None:
    assert advance(client, expire_tokens=True) == {"expired": True}
    assert client.get("/whoami").status_code == 401
    client.headers["Authorization"] = f"Bearer {login(client).json()['access_token']}"
    assert client.get("/whoami").status_code == 200
    client.post("/_control/reset")
    assert client.get("/whoami").status_code == 401


# ---- Formats ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/whoami", "whoami_response"),
        ("/organisations", "organisations_response"),
        ("/organisations/1/addresses", "addresses_response"),
        ("/users", "users_response"),
        ("/users/1", "user_response"),
        ("/product_groups", "product_groups_response"),
        ("/product_groups/1", "product_group_response"),
        ("/products", "products_response"),
        ("/products/1", "product_response"),
        ("/baskets", "baskets_response"),
        ("/orders", "baskets_response"),
        (f"/orders/{NEWEST}", "order_response"),
        ("/subscriptions?vendor=DROPBOX", "subscriptions_response"),
        ("/invoices", "invoices_response"),
        ("/shipping_types", "shipping_types_response"),
        ("/groups", "groups_response"),
        ("/sites", "sites_response"),
        ("/feeds", "feeds_response"),
        ("/feeds/1", "feed_response"),
    ],
)
def test_answer_has_the_fields_of_the_sample(client: httpx.Client, path: str, name: str) -> None:
    assert first(client.get(path).json()).keys() == first(sample(name)).keys()


def test_nested_parts_have_the_fields_of_the_sample(client: httpx.Client) -> None:
    printed = sample("order_response")
    orders = get(client, "/orders")
    lines = [line for order in orders for line in order["line_items"]]
    assert all(line.keys() == printed["line_items"][0].keys() for line in lines)
    details = next(line["rate_plan_details"] for line in lines if line["rate_plan_details"])
    expected = printed["line_items"][0]["rate_plan_details"]
    assert details.keys() == expected.keys()
    assert details["rate_plan_charges"][0].keys() == expected["rate_plan_charges"][0].keys()
    for kind in ("dropbox_order", "acronis_order", "zoom_order"):
        attached = next(line[kind] for line in lines if line[kind])
        assert attached.keys() == printed["line_items"][0][kind].keys()
    shipped = next(order for order in orders if order["shipments"])
    assert shipped["shipments"][0].keys() == printed["shipments"][0].keys()
    assert shipped["shipments"][0]["items"][0].keys() == printed["shipments"][0]["items"][0].keys()
    assert shipped["units"][0].keys() == printed["units"][0].keys()
    financed = next(order for order in orders if order["finance"])
    assert financed["finance"].keys() == printed["finance"].keys()
    plan = product(client, subscription_type="ZOOM")["rate_plans"][0]
    assert plan.keys() == sample("product_response")["rate_plans"][0].keys()


def test_only_dropbox_subscriptions_have_a_team(client: httpx.Client) -> None:
    for row in get(client, "/subscriptions"):
        assert ("team_id" in row) == ("admin_email" in row) == ("subscriptions" in row) == (row["type"] == "DROPBOX")


def test_order_type_is_in_single_orders_only(client: httpx.Client) -> None:
    assert "order_type" not in get(client, "/orders")[0]
    assert get(client, f"/orders/{NEWEST}")["order_type"] == "SALES_ORDER"
    assert "order_type" not in get(client, f"/baskets/{get(client, '/baskets')[0]['id']}")


def test_user_rows_have_strings_for_booleans(client: httpx.Client) -> None:
    rows = get(client, "/users")
    assert {row["verified"] for row in rows} == {row["password_reset"] for row in rows} == {"true,", "false,"}
    assert {row["disabled"] for row in rows} == {True, False}
    user = get(client, "/users/1")
    assert isinstance(user["verified"], bool)
    assert isinstance(user["roles"][0], list)
    assert isinstance(user["notification"][0], list)
    assert user["audit_logs"][0]["on"] == "Diana Ross (User \\#1)"


def test_feeds_differ_between_list_and_single(client: httpx.Client) -> None:
    row = find(get(client, "/feeds"), delivery_method="FTP")
    single = get(client, f"/feeds/{row['id']}")
    assert single.keys() - row.keys() == {"show_headers", "delimiter", "escape_method", "show_empty_stock"}
    assert row["delivery_procotol"] == single["delivery_procotol"] == "SFTP"
    assert single["delivery_password"] == "password"
    assert row["last_upload"].endswith(".000Z")
    assert single["last_upload"].endswith(".000000")
    methods = {feed["delivery_method"] for feed in get(client, "/feeds")}
    assert methods == {"EMAIL", "FTP", "SITC"}


def test_numbers_and_times_are_as_printed(client: httpx.Client) -> None:
    order = get(client, f"/orders/{NEWEST - 4}")
    assert isinstance(order["total"], float)
    assert isinstance(order["shipments"][0]["items"][0]["serial_numbers"][0], int)
    assert datetime.fromisoformat(order["date"]).tzinfo is None
    assert date.fromisoformat(order["shipments"][0]["date"])


@pytest.mark.parametrize(
    "path",
    [
        "/organisations/99/addresses",
        "/users/99",
        "/product_groups/99",
        "/products/999999",
        "/baskets/1",
        "/orders/1",
        "/orders/change_preview",
        "/orders/7727²",
        "/subscriptions/99999",
        "/feeds/99",
        "/nothing",
    ],
)
def test_unknown_is_not_found(client: httpx.Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert set(response.json()) == {"message"}


def test_every_operation_is_there(client: httpx.Client, box: NuviasSandbox) -> None:
    assert len(OPERATIONS) + 1 == len(box.routes) == 46
    for method, path, _ in OPERATIONS:
        response = client.request(method, path.replace("{id}", "0"), json={})
        assert response.status_code in (200, 201, 400, 404), (method, path)


# ---- Lists ------------------------------------------------------------------------------------------

PAGED = ["/users", "/products", "/baskets", "/orders", "/invoices"]
UNPAGED = [
    "/subscriptions",
    "/feeds",
    "/organisations",
    "/groups",
    "/sites",
    "/product_groups",
    "/vendors",
    "/country_codes",
    "/shipping_types",
    "/organisations/1/addresses",
]


@pytest.mark.parametrize("path", PAGED)
def test_pages_put_together_are_the_list(client: httpx.Client, path: str) -> None:
    whole = get(client, path)
    pages: list[Any] = []
    number = 0
    while True:
        number += 1
        response = client.get(path, params={"page": number, "per_page": 7})
        assert int(response.headers["X-Total-Count"]) == len(whole)
        assert int(response.headers["X-Total-Pages"]) == -(-len(whole) // 7)
        if not response.json():
            break
        pages += response.json()
    assert pages == whole
    assert number == -(-len(whole) // 7) + 1


@pytest.mark.parametrize("path", PAGED)
def test_per_page_is_clamped(client: httpx.Client, path: str) -> None:
    assert len(get(client, path, per_page=0)) == 1
    assert len(get(client, path, per_page=-5)) == 1
    assert get(client, path, per_page=99999) == get(client, path)


@pytest.mark.parametrize(
    ("name", "value"), [("page", "x"), ("page", "0"), ("page", ""), ("per_page", "1.5"), ("per_page", "²")]
)
def test_bad_page_is_refused(client: httpx.Client, name: str, value: str) -> None:
    response = client.get("/orders", params={name: value})
    assert response.status_code == 400
    assert set(response.json()["errors"]) == {name}


@pytest.mark.parametrize("path", UNPAGED)
def test_unpaged_list_is_whole_and_has_no_totals(client: httpx.Client, path: str) -> None:
    response = client.get(path, params={"page": 2, "per_page": 1})
    assert response.status_code == 200
    assert response.json()
    assert not [name for name in response.headers if name.startswith("x-total")]


@pytest.mark.parametrize(
    ("path", "fields", "default"),
    [
        ("/users", ["name", "email_address"], "-name"),
        ("/products", ["name", "price"], None),
        ("/baskets", ["name", "total"], "+name"),
        ("/orders", ["date", "total"], "-date"),
        ("/invoices", ["source_id", "status", "date", "purchase_order", "total", "days_overdue"], "-date"),
    ],
)
def test_lists_are_sorted(client: httpx.Client, path: str, fields: list[str], default: str | None) -> None:
    for field in fields:
        values = [(row[field] is not None, row[field]) for row in get(client, path, sort_by=f"+{field}")]
        assert values == sorted(values)
        values = [(row[field] is not None, row[field]) for row in get(client, path, sort_by=f"-{field}")]
        assert values == sorted(values, reverse=True)
    if default:
        assert get(client, path) == get(client, path, sort_by=default)
    assert client.get(path, params={"sort_by": "+nothing"}).status_code == 400


def test_a_plus_that_became_a_space_is_a_plus(client: httpx.Client) -> None:
    raw = client.get("/orders?sort_by=+total").json()
    assert raw == get(client, "/orders", sort_by="+total")


def test_sort_by_may_be_repeated(client: httpx.Client) -> None:
    rows = get(client, "/invoices", sort_by=["+status", "-total"])
    keys = [(row["status"], -row["total"]) for row in rows]
    assert keys == sorted(keys)


def test_products_come_by_popularity(client: httpx.Client, box: NuviasSandbox) -> None:
    ranks = [box.hub.popularity[row["id"]] for row in get(client, "/products")]
    assert ranks == sorted(ranks, reverse=True)
    assert client.get("/products", params={"sort_by": "+popularity"}).status_code == 400


def check_filter(client: httpx.Client, path: str, params: Mapping[str, Any], keep: Keep) -> None:
    """A filtered list equals the same filter in Python, and is neither the whole list nor empty."""
    whole = client.get(path).json()
    expected = [row["id"] for row in whole if keep(row)]
    assert 0 < len(expected) < len(whole)
    assert [row["id"] for row in get(client, path, **params)] == expected


def test_order_filters(client: httpx.Client) -> None:
    check_filter(client, "/orders", {"status": "SHIPPED"}, lambda row: row["status"] == "SHIPPED")
    check_filter(
        client,
        "/orders",
        {"status": ["SHIPPED", "FAILED"], "payment_type": "ON_ACCOUNT"},
        lambda row: row["status"] in ("SHIPPED", "FAILED") and row["payment_type"] == "ON_ACCOUNT",
    )
    check_filter(client, "/orders", {"payment_type": "FINANCE"}, lambda row: row["payment_type"] == "FINANCE")
    check_filter(client, "/orders", {"organisation": [5, 1]}, lambda row: row["organisation"] in (1, 5))
    check_filter(client, "/orders", {"text": "77270"}, lambda row: row["id"] == 77270)
    check_filter(client, "/orders", {"text": "so12345"}, lambda row: "SO12345" in (row["supplier_ref"] or ""))
    check_filter(client, "/orders", {"text": "po1000"}, lambda row: "PO1000" in (row["purchase_order_number"] or ""))
    assert get(client, "/orders", organisation=99) == []


def test_order_dates_and_values_are_inclusive(client: httpx.Client) -> None:
    rows = get(client, "/orders")
    day, total = rows[40]["date"][:10], rows[40]["total"]
    check_filter(client, "/orders", {"start_date": day}, lambda row: row["date"][:10] >= day)
    check_filter(client, "/orders", {"end_date": day}, lambda row: row["date"][:10] <= day)
    check_filter(client, "/orders", {"start_date": day, "end_date": day}, lambda row: row["date"][:10] == day)
    check_filter(client, "/orders", {"value_from": total}, lambda row: row["total"] >= total)
    check_filter(client, "/orders", {"value_to": total}, lambda row: row["total"] <= total)


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        ("/orders", "status", "DRAFT"),
        ("/orders", "payment_type", "CASH"),
        ("/orders", "organisation", "x"),
        ("/orders", "start_date", "01/02/2026"),
        ("/orders", "end_date", "2026-W47-5"),
        ("/orders", "sort_by", ""),
        ("/orders", "value_to", "NaN"),
        ("/orders", "value_from", "much"),
        ("/users", "verified", "yes"),
        ("/subscriptions", "vendor", "ZOOM"),
        ("/subscriptions", "status", "CANCELLED"),
        ("/invoices", "days_overdue", "1-30"),
        ("/invoices", "status", "OPEN"),
        ("/invoices", "type", "receipt"),
        ("/products", "vendor", "Poly"),
    ],
)
def test_bad_filter_is_refused(client: httpx.Client, path: str, name: str, value: str) -> None:
    response = client.get(path, params={name: value})
    assert response.status_code == 400
    assert set(response.json()["errors"]) == {name}


def test_user_filters(client: httpx.Client) -> None:
    check_filter(client, "/users", {"text": "JONES"}, lambda row: "Jones" in row["name"])
    check_filter(client, "/users", {"text": "grace.okafor@"}, lambda row: row["name"] == "Grace Okafor")
    check_filter(client, "/users", {"organisation": 5}, lambda row: row["organisation"] == 5)
    check_filter(client, "/users", {"verified": "false"}, lambda row: row["verified"] == "false,")
    check_filter(client, "/users", {"password_reset": "true"}, lambda row: row["password_reset"] == "true,")
    check_filter(client, "/users", {"disabled": "true"}, lambda row: row["disabled"])
    assert get(client, "/users", disabled=["true", "false"]) == get(client, "/users")


def test_product_filters(client: httpx.Client) -> None:
    check_filter(client, "/products", {"vendor": [1, 2]}, lambda row: row["vendor"] in (1, 2))
    check_filter(client, "/products", {"vendor": -1}, lambda row: row["vendor"] is None)
    check_filter(client, "/products", {"type": [-1, 3]}, lambda row: row["type"] in (None, 3))
    check_filter(client, "/products", {"text": "headset"}, lambda row: "Headset" in row["name"])
    check_filter(client, "/products", {"text": "psu-5v"}, lambda row: row["product_code"] == "PSU-5V-UK")
    assert len(get(client, "/products", text="PSU-5V-UK")) == 2


def test_subscription_filters(client: httpx.Client) -> None:
    name = get(client, "/subscriptions")[0]["name"]
    check_filter(client, "/subscriptions", {"name": name.upper()}, lambda row: name in row["name"])
    check_filter(client, "/subscriptions", {"status": "ACTIVE"}, lambda row: row["status"] == "ACTIVE")
    check_filter(client, "/subscriptions", {"vendor": "ACRONIS"}, lambda row: row["type"] == "ACRONIS")
    organisation = get(client, "/subscriptions")[0]["organisation"]
    check_filter(
        client,
        "/subscriptions",
        {"organisation": organisation},
        lambda row: row["organisation"] == organisation,
    )


def test_invoice_filters(client: httpx.Client) -> None:
    first = get(client, "/invoices")[0]
    check_filter(client, "/invoices", {"text": first["reference"].lower()}, lambda row: row["id"] == first["id"])
    check_filter(client, "/invoices", {"text": "PO100"}, lambda row: "PO100" in (row["purchase_order"] or ""))
    check_filter(client, "/invoices", {"organisation": 5}, lambda row: row["organisation"] == 5)
    check_filter(client, "/invoices", {"status": "open"}, lambda row: row["status"] == "open")
    check_filter(client, "/invoices", {"type": "credit_note"}, lambda row: row["type"] == "credit_note")
    check_filter(client, "/invoices", {"days_overdue": "0"}, lambda row: row["days_overdue"] == 0)
    check_filter(client, "/invoices", {"days_overdue": "31-60"}, lambda row: 31 <= (row["days_overdue"] or 0) <= 60)
    check_filter(client, "/invoices", {"days_overdue": ["61-90", "90+"]}, lambda row: (row["days_overdue"] or 0) > 60)
    check_filter(client, "/invoices", {"value_from": first["total"]}, lambda row: row["total"] >= first["total"])
    check_filter(client, "/invoices", {"end_date": "2026-06-30"}, lambda row: row["date"] < "2026-07")


def test_feed_filters(client: httpx.Client) -> None:
    check_filter(client, "/feeds", {"name": "ftp"}, lambda row: "FTP" in row["name"])
    check_filter(client, "/feeds", {"organisation": 5}, lambda row: row["organisation"] == 5)


# ---- Baskets and orders -----------------------------------------------------------------------------


def test_basket_is_priced(client: httpx.Client) -> None:
    item = phone(client)
    line = {
        "product": item["id"],
        "quantity": 3,
        "prov_product_code": 222,
        "maintenance_product": item["maintenance"][0]["id"],
    }
    basket = send(client, "POST", "/baskets", 201, phone_order(client, line_items=[line], name="Mine"))
    printed = basket["line_items"][0]
    each = sum(Decimal(str(value)) for value in (item["price"], 1.99, item["maintenance"][0]["price"]))
    assert Decimal(str(printed["sub_total_for_item"])) == each * 3
    assert printed["prov_product_name"] == "Advanced Provisioning"
    assert printed["order"] == basket["id"]
    assert (basket["status"], basket["name"], basket["part_ship"]) == ("DRAFT", "Mine", True)
    assert basket["ship_cost"] > 0
    assert Decimal(str(basket["total"])) == each * 3 + Decimal(str(basket["ship_cost"]))
    assert basket["date"] == "2026-11-23T09:30:15"
    assert basket["organisation"] == 5


def test_basket_may_be_empty(client: httpx.Client) -> None:
    basket = send(client, "POST", "/baskets", 201, {"unknown_field": 1})
    assert basket.keys() == sample("basket_response").keys()
    assert (basket["total"], basket["line_items"], basket["payment_type"]) == (0.0, [], "ON_ACCOUNT")
    assert basket["id"] in [row["id"] for row in get(client, "/baskets")]
    assert basket["id"] not in [row["id"] for row in get(client, "/orders")]


def test_put_basket_replaces_everything(client: httpx.Client) -> None:
    basket = send(client, "POST", "/baskets", 201, phone_order(client, name="Mine", part_ship=False))
    changed = send(client, "PUT", f"/baskets/{basket['id']}", 200, {"line_items": phone_order(client)["line_items"]})
    assert changed["id"] == basket["id"]
    assert changed["name"] is changed["shipping_address"] is changed["purchase_order_number"] is None
    assert changed["part_ship"] is True
    assert changed["line_items"][0]["id"] != basket["line_items"][0]["id"]
    assert get(client, f"/baskets/{basket['id']}") == changed


def test_line_item_is_added(client: httpx.Client) -> None:
    basket = send(client, "POST", "/baskets", 201, phone_order(client))
    line = send(client, "POST", f"/baskets/{basket['id']}/line_items", 201, dropbox_line(client))
    assert line.keys() == sample("line_item_response").keys()
    after = get(client, f"/baskets/{basket['id']}")
    assert after["line_items"][-1] == line
    assert after["total"] == pytest.approx(basket["total"] + line["sub_total_for_item"])


def test_submitted_basket_is_an_order_with_the_same_id(client: httpx.Client) -> None:
    basket = send(client, "POST", "/baskets", 201, phone_order(client))
    order = send(client, "POST", f"/baskets/{basket['id']}/submit", 200)
    assert (order["id"], order["status"], order["order_type"]) == (basket["id"], "CREATED", "SALES_ORDER")
    assert order["supplier_ref"] is None
    assert client.get(f"/baskets/{basket['id']}").status_code == 404
    assert get(client, "/orders")[0]["id"] == basket["id"]
    for method, path in (("POST", "/submit"), ("PUT", ""), ("POST", "/line_items")):
        send(client, method, f"/baskets/{basket['id']}{path}", 409, {})


def test_submitting_an_unfinished_basket_names_all_that_is_missing(client: httpx.Client) -> None:
    lines = [
        {"product": phone(client)["id"], "quantity": 0, "prov_product_code": "DVT-PROV-1"},
        {"product": product(client, subscription_type="DROPBOX")["id"]},
        {"product": product(client, subscription_type="ZOOM")["id"], "zoom_order": {"end_user_name": "Bob"}},
    ]
    finance = {"target": "CUSTOMER"}
    basket = send(client, "POST", "/baskets", 201, {"line_items": lines, "finance": finance})
    first = phone(client)["provisioning"][0]
    assert first["sku"] == "222"
    errors = problems(client, "POST", f"/baskets/{basket['id']}/submit", {})
    assert set(errors) == {
        "line_items.0.quantity",
        "line_items.0.prov_organisation",
        "line_items.0.markup",
        "line_items.1.selected_rate_plan",
        "line_items.1.dropbox_order",
        "line_items.1.markup",
        "line_items.2.selected_rate_plan",
        "line_items.2.zoom_order.end_user_company",
        "line_items.2.zoom_order.end_user_email",
        "line_items.2.markup",
        "shipping_address",
        "shipping_type",
    }


def test_order_is_created_and_submitted_at_once(client: httpx.Client) -> None:
    order = send(client, "POST", "/orders", 201, phone_order(client, order_type="SALES_ORDER"))
    assert (order["status"], order["purchase_order_number"]) == ("CREATED", "PO-TEST-1")
    assert order["id"] > NEWEST
    assert get(client, f"/orders/{order['id']}") == order


def test_bad_order_names_every_problem(client: httpx.Client) -> None:
    content = {
        "purchase_order_number": 5,
        "ship_instructions": "x" * 3501,
        "provisioning_instructions": "x" * 3500,
        "shipping_type": 99,
        "shipping_address": {**ADDRESS, "country_code": 829, "city": 1},
        "part_ship": "yes",
        "payment_type": "CASH",
        "finance": {"target": "US", "trading_addresses": ["here"]},
        "line_items": [
            {},
            {"product": 99999, "quantity": -1, "discount": 0.5},
            {"product_code": "PSU-5V-UK", "quantity": "2"},
            {"product_code": "NOBODY-HAS-IT", "prov_group": 77, "markup": "x"},
            {"product": phone(client)["id"], "selected_rate_plan": 1, "maintenance_product": 1},
            7,
        ],
    }
    errors = problems(client, "POST", "/orders", content)
    assert set(errors) >= {
        "purchase_order_number",
        "ship_instructions",
        "shipping_type",
        "shipping_address.country_code",
        "shipping_address.city",
        "part_ship",
        "payment_type",
        "finance.target",
        "finance.trading_addresses.0",
        "line_items.0.product",
        "line_items.1.product",
        "line_items.1.quantity",
        "line_items.1.discount",
        "line_items.2.product_code",
        "line_items.2.quantity",
        "line_items.3.product_code",
        "line_items.3.prov_group",
        "line_items.3.markup",
        "line_items.4.selected_rate_plan",
        "line_items.4.maintenance_product",
        "line_items.5",
    }
    assert "ambiguous" in errors["line_items.2.product_code"][0]
    assert "unknown" in errors["line_items.3.product_code"][0]
    assert "provisioning_instructions" not in errors


def test_product_wins_over_its_code(client: httpx.Client) -> None:
    line = {"product": phone(client)["id"], "product_code": "NOBODY-HAS-IT"}
    basket = send(client, "POST", "/baskets", 201, {"line_items": [line]})
    assert basket["line_items"][0]["product"] == phone(client)["id"]
    assert basket["line_items"][0]["quantity"] == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"line_items": []}, "line_items"),
        ({"shipping_type": 7}, "shipping_type"),
        ({"shipping_address": {**ADDRESS, "country_code": 32}}, "shipping_type"),
        ({"payment_type": "FINANCE"}, "finance"),
    ],
)
def test_order_that_cannot_be_placed_is_refused(client: httpx.Client, changes: Json, field: str) -> None:
    assert set(problems(client, "POST", "/orders", phone_order(client, **changes))) == {field}
    assert get(client, "/orders")[0]["id"] == NEWEST


def test_rate_plan_bounds_the_quantity(client: httpx.Client) -> None:
    line = dropbox_line(client) | {"quantity": 501}
    assert set(problems(client, "POST", "/orders", {"line_items": [line]})) == {"line_items.0.quantity"}


def test_licences_need_no_address(client: httpx.Client) -> None:
    order = send(client, "POST", "/orders", 201, {"line_items": [dropbox_line(client)]})
    assert order["ship_cost"] == 0.0


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"NaN"])
def test_body_that_is_no_json_object_is_refused(client: httpx.Client, content: bytes) -> None:
    response = client.post("/orders", content=content)
    assert response.status_code == 400
    assert set(response.json()) == {"message"}


def test_only_linked_references_of_an_order_change(client: httpx.Client) -> None:
    before = get(client, f"/orders/{NEWEST}")
    changes = {"linked_supplier_refs": ["SO123", "SO321"], "name": "no"}
    after = send(client, "PUT", f"/orders/{NEWEST}", 200, changes)
    assert after == before | {"linked_supplier_refs": ["SO123", "SO321"]}
    assert "linked_supplier_refs" in problems(client, "PUT", f"/orders/{NEWEST}", {"linked_supplier_refs": [1]})


@pytest.mark.parametrize("changes", [{"payment_type": "FINANCE", "finance": FINANCE}, {"many": 500}])
def test_what_needs_approval_waits_for_it(client: httpx.Client, changes: Json) -> None:
    body = phone_order(client)
    body["line_items"][0]["quantity"] = changes.pop("many", 3)
    order = send(client, "POST", "/orders", 201, body | changes)
    assert (order["status"], order["manual_authorisation"]) == ("PENDING_AUTHORISATION", True)
    approved = send(client, "POST", f"/orders/{order['id']}/approve", 200)
    assert approved["status"] == "PROCESSING"
    assert approved["supplier_ref"].startswith("SO")
    if order["finance"]:
        assert (order["finance"]["approved"], approved["finance"]["approved"]) == (False, True)


@pytest.mark.parametrize(
    ("action", "needed", "after"),
    [
        ("cancel", "PROCESSING", "CANCELLED"),
        ("approve", "PENDING_AUTHORISATION", "PROCESSING"),
        ("deny", "PENDING_AUTHORISATION", "CANCELLED"),
        ("resubmit", "ATTENTION_REQUIRED", "PROCESSING"),
    ],
)
def test_action_works_in_its_status_and_is_refused_elsewhere(
    client: httpx.Client, action: str, needed: str, after: str
) -> None:
    for status in ORDER_STATUSES:
        number = in_status(client, status)
        if status == needed:
            order = send(client, "POST", f"/orders/{number}/{action}", 200)
            assert (order["status"], order["attention_required"]) == (after, None)
        else:
            assert status in send(client, "POST", f"/orders/{number}/{action}", 409)["message"]
            assert get(client, f"/orders/{number}")["status"] == status
    send(client, "POST", f"/orders/1/{action}", 404)


# ---- State changes ----------------------------------------------------------------------------------


def test_order_walks_the_main_line(client: httpx.Client) -> None:
    number = send(client, "POST", "/orders", 201, phone_order(client))["id"]
    processing = advance(client, order=number)
    assert (processing["status"], processing["ship_final"]) == ("PROCESSING", True)
    assert isinstance(processing["external_id"], int)
    assert advance(client, order=number)["status"] == "ACCEPTED"
    part = advance(client, order=number)
    assert (part["status"], len(part["shipments"]), len(part["units"])) == ("PART_SHIPPED", 1, 1)
    shipped = advance(client, order=number)
    assert (shipped["status"], len(shipped["shipments"]), len(shipped["units"])) == ("SHIPPED", 2, 3)
    serials = [serial for row in shipped["shipments"] for item in row["items"] for serial in item["serial_numbers"]]
    assert serials == [unit["serial"] for unit in shipped["units"]]
    assert len(set(serials)) == 3
    invoice = get(client, "/invoices", text="PO-TEST-1")[0]
    assert (invoice["total"], invoice["status"], invoice["days_overdue"]) == (shipped["total"], "open", 0)
    assert advance(client, order=number)["status"] == "COMPLETE"
    advance(client, 409, order=number)


def test_order_walks_to_a_status(client: httpx.Client) -> None:
    lines = [*phone_order(client)["line_items"], {"product": product(client, type=3)["id"], "quantity": 1}]
    number = send(client, "POST", "/orders", 201, phone_order(client, line_items=lines))["id"]
    order = advance(client, order=number, to="SHIPPED")
    assert [len(row["items"]) for row in order["shipments"]] == [1, 1]
    assert sum(item["quantity"] for row in order["shipments"] for item in row["items"]) == 4
    assert advance(client, order=number, to="SHIPPED") == order
    assert "no way" in advance(client, 409, order=number, to="PROCESSING")["message"]
    assert get(client, f"/orders/{number}") == order


def test_order_that_cannot_be_split_is_shipped_at_once(client: httpx.Client) -> None:
    number = send(client, "POST", "/orders", 201, phone_order(client, part_ship=False))["id"]
    advance(client, 409, order=number, to="PART_SHIPPED")
    advance(client, order=number, to="ACCEPTED")
    order = advance(client, order=number)
    assert (order["status"], len(order["shipments"])) == ("SHIPPED", 1)


@pytest.mark.parametrize(("status", "side"), [(a, b) for a, sides in SIDE_STATUSES.items() for b in sides])
def test_order_jumps_to_a_side_status(client: httpx.Client, status: str, side: str) -> None:
    number = in_status(client, status)
    order = advance(client, order=number, to=side)
    assert order["status"] == side
    assert (order["attention_required"] is not None) == (side == "ATTENTION_REQUIRED" or status == "ATTENTION_REQUIRED")


def test_order_comes_back_from_a_side_status(client: httpx.Client) -> None:
    number = in_status(client, "ATTENTION_REQUIRED")
    assert advance(client, order=number, to="COMPLETE")["status"] == "COMPLETE"
    assert advance(client, order=in_status(client, "PENDING_AUTHORISATION"))["status"] == "PROCESSING"


def test_accepted_subscription_product_makes_a_subscription(client: httpx.Client) -> None:
    lines = [dropbox_line(client), dropbox_line(client)]
    number = send(client, "POST", "/orders", 201, {"line_items": lines})["id"]
    order = advance(client, order=number, to="ACCEPTED")
    first, second = (line["dropbox_order"]["subscription_id"] for line in order["line_items"])
    made = get(client, f"/subscriptions/{second}")
    assert (made["status"], made["order"], made["type"]) == ("PENDING", number, "DROPBOX")
    assert made["associated_subscriptions"] == [first]
    assert made["products"][0]["quantity"] == made["subscriptions"] == 4
    assert made["total_contract_value"] == pytest.approx(order["line_items"][1]["sub_total_for_item"] * 12)
    assert made["order_history"][0]["status"] == "ACCEPTED"
    advance(client, order=number, to="SHIPPED")
    assert get(client, f"/subscriptions/{second}")["order_history"][0]["status"] == "SHIPPED"
    assert len(get(client, "/subscriptions")) == len({row["id"] for row in get(client, "/subscriptions")})


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ({}, 400),
        ({"order": NEWEST, "too": "SHIPPED"}, 400),
        ({"order": "x"}, 400),
        ({"order": True}, 400),
        ({"order": NEWEST, "to": "DRAFT"}, 400),
        ({"order": NEWEST, "to": 5}, 400),
        ({"order": 1}, 404),
        ({"subscription": 1, "to": "CANCELLED"}, 400),
        ({"subscription": 1, "pending_change": "yes"}, 400),
        ({"subscription": 99999}, 404),
        ({"expire_tokens": False}, 400),
    ],
)
def test_bad_command_is_refused(client: httpx.Client, command: Json, status: int) -> None:
    assert set(advance(client, status, **command)) == {"message"}


# ---- Subscriptions ----------------------------------------------------------------------------------


def test_subscription_lives_by_advance(client: httpx.Client) -> None:
    number = subscription(client, "PENDING")["id"]
    advance(client, 409, subscription=number, pending_change=True)
    active = advance(client, subscription=number)
    assert (active["status"], active["start_date"]) == ("ACTIVE", "2026-11-23")
    assert advance(client, subscription=number, pending_change=True)["pending_change"] is True
    expired = advance(client, subscription=number, to="EXPIRED")
    assert (expired["status"], expired["pending_change"]) == ("EXPIRED", False)
    advance(client, 409, subscription=number)
    advance(client, 409, subscription=number, to="ACTIVE")


@pytest.mark.parametrize("day", ["2026-12-01", "2026-12-01T00:00:00.000Z"])
def test_pending_subscription_is_activated(client: httpx.Client, day: str) -> None:
    number = subscription(client, "PENDING")["id"]
    active = send(client, "POST", f"/subscriptions/{number}/activate", 200, {"service_activation_date": day})
    assert (active["status"], active["service_activation_date"]) == ("ACTIVE", "2026-12-01")
    assert active["end_date"] > "2026-12-01"
    send(client, "POST", f"/subscriptions/{number}/activate", 409, {"service_activation_date": day})
    send(client, "POST", f"/subscriptions/{number}/cancel", 409)


def test_pending_subscription_is_cancelled(client: httpx.Client) -> None:
    number = subscription(client, "PENDING")["id"]
    assert send(client, "POST", f"/subscriptions/{number}/cancel", 200)["status"] == "EXPIRED"
    send(client, "POST", f"/subscriptions/{number}/cancel", 409)


@pytest.mark.parametrize("action", ["activate_changes", "cancel_changes"])
def test_pending_changes_end(client: httpx.Client, action: str) -> None:
    number = subscription(client, "ACTIVE")["id"]
    advance(client, subscription=number, pending_change=True)
    body = {"activation_date": "2026-12-01T00:00:00.000Z"}
    assert send(client, "POST", f"/subscriptions/{number}/{action}", 200, body)["pending_change"] is False
    send(client, "POST", f"/subscriptions/{number}/{action}", 409, body)
    pending = subscription(client, "PENDING")["id"]
    send(client, "POST", f"/subscriptions/{pending}/{action}", 409, body)


@pytest.mark.parametrize("day", [None, 5, "soon", "9999-12-31"])
def test_bad_activation_date_is_refused(client: httpx.Client, day: object) -> None:
    number = subscription(client, "PENDING")["id"]
    errors = problems(client, "POST", f"/subscriptions/{number}/activate", {"service_activation_date": day})
    assert set(errors) == {"service_activation_date"}
    active = subscription(client, "ACTIVE")["id"]
    advance(client, subscription=active, pending_change=True)
    assert problems(client, "POST", f"/subscriptions/{active}/activate_changes", {"activation_date": day})


def test_subscription_is_administered(client: httpx.Client) -> None:
    before = subscription(client, "ACTIVE")
    path = f"/subscriptions/{before['id']}"
    changes = {"auto_renewal_flag": not before["auto_renewal_flag"], "total_contract_value": 400.5}
    changes |= {"pending_change": not before["pending_change"], "type": before["type"], "name": "no"}
    after = send(client, "PUT", path, 200, changes)
    assert after == before | {name: value for name, value in changes.items() if name != "name"}
    errors = problems(client, "PUT", path, {"auto_renewal_flag": 1, "total_contract_value": "x", "type": "OTHER"})
    assert set(errors) == {"auto_renewal_flag", "total_contract_value", "type"}
    pending = subscription(client, "PENDING")["id"]
    send(client, "PUT", f"/subscriptions/{pending}", 409, {"pending_change": True})


def test_change_is_previewed(client: httpx.Client) -> None:
    lines = [dropbox_line(client)]
    number = send(client, "POST", "/orders", 201, {"line_items": lines})["id"]
    line = advance(client, order=number, to="ACCEPTED")["line_items"][0]
    made = get(client, f"/subscriptions/{line['dropbox_order']['subscription_id']}")
    change = {"product": line["product"], "quantity": 6}
    preview = send(client, "POST", "/orders/change_preview", 200, {"subscription": made["id"], "line_items": [change]})
    assert preview.keys() == sample("change_preview_response").keys()
    assert (preview["subscription_delta"], preview["subscription_new"]) == (2, 6)
    assert preview["rc_delta"] == pytest.approx(2 * line["price"])
    assert preview["rc_new"] == pytest.approx(6 * line["price"])
    assert preview["tcv_delta"] == pytest.approx(24 * line["price"])
    assert preview["tcv_new"] == pytest.approx(made["total_contract_value"] + preview["tcv_delta"])
    original = {"product": line["product"], "name": "whatever", "quantity": 4}
    other = next(
        row
        for row in get(client, "/products")
        if row["subscription_type"] == "DROPBOX" and row["id"] != line["product"]
    )
    swap = {"product_code": other["product_code"], "quantity": 4, "original_product": original}
    swapped = send(client, "POST", "/orders/change_preview", 200, {"subscription": made["id"], "line_items": [swap]})
    assert (swapped["subscription_delta"], swapped["subscription_new"]) == (0, 4)
    assert swapped["rc_delta"] != 0
    assert get(client, f"/subscriptions/{made['id']}") == made


def test_bad_preview_is_refused(client: httpx.Client) -> None:
    path = "/orders/change_preview"
    assert set(problems(client, "POST", path, {})) == {"subscription", "line_items"}
    send(client, "POST", path, 404, {"subscription": 99999, "line_items": [{"quantity": 1}]})
    number = get(client, "/subscriptions", vendor="DROPBOX")[0]["id"]
    lines = [
        {"quantity": 1},
        {"quantity": 1, "product_code": 5},
        {"product": phone(client)["id"], "quantity": -1},
        {"product": product(client, subscription_type="DROPBOX")["id"], "original_product": {"product": 1}},
    ]
    errors = problems(client, "POST", path, {"subscription": number, "line_items": lines})
    assert set(errors) == {
        "line_items.0.product",
        "line_items.1.product_code",
        "line_items.2.product",
        "line_items.2.quantity",
        "line_items.3.quantity",
        "line_items.3.original_product.product",
    }


# ---- Users, product groups and feeds ----------------------------------------------------------------


def test_user_is_created_and_edited(client: httpx.Client) -> None:
    user = send(client, "POST", "/users", 201, sample("user_write_request"))
    assert user.keys() == sample("user_response").keys()
    assert (user["roles"], user["notification"]) == ([[1, 2]], [["checkout_requested"]])
    assert user["two-factor"] is True
    changed = send(client, "PUT", f"/users/{user['id']}", 200, {"roles": [7], "name": "Evan E."})
    assert (changed["roles"], changed["name"], changed["organisation"]) == ([[7]], "Evan E.", 1)
    assert [entry["action"] for entry in changed["audit_logs"]] == ["CREATED", "EDITED"]
    moved = send(client, "PUT", f"/users/{user['id']}", 200, {"organisation": 2})
    assert (moved["roles"], moved["notification"]) == ([[]], [[]])


def test_bad_user_is_refused(client: httpx.Client) -> None:
    errors = problems(
        client,
        "POST",
        "/users",
        {
            "email_address": "nowhere",
            "organisation": 99,
            "admin": "no",
            "user_language": "xx",
            "timeout": 5,
            "roles": [["a"]],
            "notification": ["spam", 1],
        },
    )
    fields = {
        "name",
        "email_address",
        "organisation",
        "admin",
        "user_language",
        "timeout",
        "roles",
        "notification",
    }
    assert set(errors) == fields
    taken = get(client, "/users/1")["email_address"]
    assert "email_address" in problems(client, "POST", "/users", {"name": "Twin", "email_address": taken})
    send(client, "PUT", "/users/5", 403, {"active": False})


def test_product_group_is_created_and_edited(client: httpx.Client) -> None:
    content = sample("product_group_write_request")
    group = send(client, "POST", "/product_groups", 201, content)
    assert group == {"id": group["id"], **content}
    flat = send(client, "PUT", f"/product_groups/{group['id']}", 200, {"products": [3], "status": "LIVE"})
    assert flat == group | {"products": [[3]], "status": "LIVE"}
    errors = problems(client, "POST", "/product_groups", {"products": [99999], "vendor": 999, "status": "OFF"})
    assert set(errors) == {"name", "products", "vendor", "status"}


def test_feed_is_created_and_replaced(client: httpx.Client) -> None:
    feed = send(client, "POST", "/feeds", 201, sample("feed_write_request"))
    assert feed.keys() == sample("feed_response").keys()
    ftp = {
        **FEED,
        "delivery_method": "FTP",
        "delivery_user": "me",
        "delivery_password": "secret",
        "delivery_server": "ftp.example.com",
        "delivery_procotol": "SFTP",
        "delivery_port": 22,
    }
    changed = send(client, "PUT", f"/feeds/{feed['id']}", 200, ftp)
    assert "delivery_email" not in changed
    assert (changed["delivery_procotol"], changed["delivery_password"]) == ("SFTP", "secret")
    sitc = FEED | {"delivery_method": "SITC", "sitc_confirm": True, "sitc_filename": "x.csv"}
    assert send(client, "POST", "/feeds", 201, sitc)["sitc_filename"] == "x.csv"


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"timeslot": 45}, {"timeslot"}),
        ({"timeslot": 1440}, {"timeslot"}),
        ({"columns": ["stock", "colour"]}, {"columns"}),
        ({"delivery_method": "PIGEON"}, {"delivery_method"}),
        ({"delivery_email": "nowhere"}, {"delivery_email"}),
        ({"delivery_method": "FTP"}, {"delivery_user", "delivery_password", "delivery_server"}),
        ({"organisation": None, "name": None}, {"organisation", "name"}),
        ({"delimiter": "TAB", "escape_method": "NONE"}, {"delimiter", "escape_method"}),
    ],
)
def test_bad_feed_is_refused(client: httpx.Client, changes: Json, fields: set[str]) -> None:
    assert set(problems(client, "POST", "/feeds", FEED | changes)) == fields


# ---- Seeding ----------------------------------------------------------------------------------------


def test_same_seed_same_world() -> None:
    def world(orders: int, seed: int) -> list[object]:
        hub = SeededHub(orders, seed)
        return [
            hub.orders,
            hub.baskets,
            hub.products,
            hub.users,
            hub.subscriptions,
            hub.invoices,
            hub.feeds,
            hub.product_groups,
        ]

    assert world(80, 3) == world(80, 3)
    assert world(80, 3)[0] != world(80, 4)[0]


@pytest.mark.parametrize("seed", range(5))
def test_forty_orders_show_every_status(seed: int) -> None:
    hub = SeededHub(40, seed)
    assert {order["status"] for order in hub.orders.values()} == set(ORDER_STATUSES)
    assert len(hub.orders) == len(hub.orders_by_date) == 40
    assert len(hub.baskets) == 25
    assert {line["product"] for order in hub.orders.values() for line in order["line_items"]} <= hub.products.keys()


@pytest.mark.parametrize("seed", range(5))
def test_newest_five_orders_look_alive(seed: int) -> None:
    hub = SeededHub(200, seed)
    newest = hub.orders_by_date[-5:]
    assert [order["id"] for order in newest] == list(range(NEWEST - 4, NEWEST + 1))
    assert newest[-1]["status"] == "PROCESSING"
    assert len({order["status"] for order in newest}) == 5
    assert any(order["shipments"] for order in newest)
    numbers = {order["purchase_order_number"] for order in newest}
    assert any(invoice["purchase_order"] in numbers for invoice in hub.invoices)
    assert any(row["order"] in {order["id"] for order in newest} for row in hub.subscriptions.values())
    assert newest[-1]["date"] < ANCHOR.strftime("%Y-%m-%dT%H:%M:%S")


def test_seeding_takes_time_in_proportion_to_the_orders() -> None:
    def seconds(orders: int) -> float:
        start = time.process_time()
        SeededHub(orders, 1)
        return time.process_time() - start

    assert seconds(5000) < 10 * seconds(1000)


def test_large_world_is_believable() -> None:
    hub = SeededHub(5000, 1)
    assert len(hub.products) == 1000 + len(SAMPLE_SERVICES) + len(SAMPLE_GOODS)
    dates = [order["date"] for order in hub.orders_by_date]
    assert dates == sorted(dates)
    assert len(set(dates)) < len(dates)
    assert all(1 <= len(order["line_items"]) <= 5 for order in hub.orders.values())
    assert any(order["purchase_order_number"] is None for order in hub.orders.values())
    assert {row["status"] for row in hub.subscriptions.values()} == {"ACTIVE", "PENDING", "EXPIRED"}
    assert any(row["pending_change"] for row in hub.subscriptions.values())
    assert {row["type"] for row in hub.subscriptions.values()} == {"DROPBOX", "ACRONIS", "ZOOM"}
    invoices = {invoice["status"] for invoice in hub.invoices}
    assert invoices == {"open", "paid_in_full", "pending_approval", "rejected", "voided"}
    codes = [row["product_code"] for row in hub.products.values()]
    assert len(codes) - len(set(codes)) == 1


def test_totals_are_exact_to_the_cent() -> None:
    for order in SeededHub(300, 2).orders.values():
        parts = [Decimal(str(line["sub_total_for_item"])) for line in order["line_items"]]
        expected = sum(parts) + Decimal(str(order["ship_cost"])) - Decimal(str(order["discount"]))
        assert Decimal(str(order["total"])) == expected


@pytest.mark.parametrize(
    ("day", "months", "after"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
        (date(2026, 12, 31), 12, date(2027, 12, 31)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
    ],
)
def test_months_after(day: date, months: int, after: date) -> None:
    assert months_after(day, months) == after


def test_reset_brings_everything_back(client: httpx.Client) -> None:
    before = get(client, "/orders")
    send(client, "POST", "/orders", 201, phone_order(client))
    send(client, "POST", f"/orders/{NEWEST}/cancel", 200)
    token = client.headers["Authorization"]
    client.post("/_control/reset")
    client.headers["Authorization"] = f"Bearer {login(client).json()['access_token']}"
    assert client.headers["Authorization"] != token
    assert get(client, "/orders") == before


# ---- Faults in the Hub's format ---------------------------------------------------------------------


def test_faults_speak_the_hubs_language(client: httpx.Client) -> None:
    for fault, status in (("unauthorized", 401), ("rate_limited", 429), ("unavailable", 503)):
        client.put("/_control/faults", json=[{"fault": fault, "path": "/orders/{id}", "times": 1}])
        response = client.get(f"/orders/{NEWEST}")
        assert (response.status_code, set(response.json())) == (status, {"message"})


def test_fault_without_path_hits_the_login_too(client: httpx.Client) -> None:
    client.put("/_control/faults", json=[{"fault": "contract_drift"}])
    token = login(client).json()
    assert token["access_token"] == {"drifted": True}


def test_late_commit_of_an_order_arrives(client: httpx.Client) -> None:
    rule = {"fault": "times_out_after_commit", "method": "POST", "path": "/orders", "seconds": 0.2}
    content = phone_order(client)
    client.put("/_control/faults", json=[rule])
    with pytest.raises(httpx.ReadTimeout):
        client.post("/orders", json=content, timeout=0.05)
    assert get(client, "/orders", text="PO-TEST-1") == []
    deadline = time.monotonic() + 5
    while not get(client, "/orders", text="PO-TEST-1"):
        assert time.monotonic() < deadline
