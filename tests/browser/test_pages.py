"""The pages, as users see and use them."""

# pyright: reportUnknownMemberType=false
# Playwright's expectations take patterns that it has not typed in full.

import json
import re
from collections.abc import Generator, Mapping, Set
from contextlib import ExitStack, contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import pytest
from graphql import build_schema, parse, validate
from playwright.sync_api import Browser, Route, expect

from ordergraph.vendors.registry import VENDORS
from tests.browser.conftest import KEY
from tests.browser.pages import GraphiQL, Json, Shown
from tests.fakes import FakeVendor, serving
from tests.gateway import Gateway, gateway

pytestmark = pytest.mark.slow

S = TypeVar("S", bound=Shown)
REFUSED = "Failed to load resource: the server responded with a status of 401 (Unauthorized)"
CODES = [vendor.code for vendor in VENDORS]
PLACING = ("AirVantage", "Nuvias", "Palmetto", "Sonata", "Verifone")
SCHEMA = Path(__file__).parents[2] / "schema.graphql"
SANDBOX_WORDS = (
    "8019b1ee4a8e57408fb3ca38ac0ccf4a",
    "2c92c0f8516cc19e0151874a1e48200d",
    "1101",
    "00000000-5555",
    "AccessElineOvc",
    "T650P",
    "sandbox",
)
"""IDs of products and contacts in the sandboxes, which must not be in the examples of other gateways."""
BLANKS = {
    "AirVantage": ["id", "deliveryContact"],
    "Nuvias": [],
    "Palmetto": ["id"],
    "Sonata": ["id", "configuration"],
    "Verifone": ["id"],
}
"""The blanks for an account without orders. Nuvias has a catalogue and shipping types to fill them."""


@contextmanager
def clean(shown: S) -> Generator[S]:
    """Assert at the end that the page caused no errors and no requests to other hosts."""
    try:
        yield shown
        assert shown.complaints == []
        assert shown.elsewhere == []
    finally:
        shown.close()


def test_an_example_runs_and_shows_its_result(browser: Browser, url: str) -> None:
    with clean(GraphiQL(browser, url)) as page:
        order = json.loads(page.text("variables"))["id"]
        assert order.startswith("Order:"), "the ID is that of an existing order"
        answer = page.run()
        assert "errors" not in answer
        assert answer["data"]["order"]["phase"] == "OPEN"
        page.open_tab("AllOrders")
        orders = page.run()["data"]["orders"]
        assert len(orders["nodes"]) == 10
        assert [one["state"] for one in orders["sources"]] == ["OK"] * len(VENDORS)


def test_an_order_is_placed_at_every_vendor(browser: Browser, fakes: dict[str, FakeVendor], url: str) -> None:
    with clean(GraphiQL(browser, url)) as page:
        for fake in fakes.values():
            fake.forget_calls()
        for vendor in PLACING:
            page.open_tab(f"PlaceAt{vendor}")
            payload = page.run()["data"]["placeOrder"]
            assert payload["userErrors"] == []
            assert (payload["order"], payload["preview"]["method"]) == (None, "POST")
        assert [fake.writes() for fake in fakes.values()] == [[]] * len(fakes), "running an example orders nothing"
        payload: Json = {}
        for vendor in PLACING:
            page.open_tab(f"PlaceAt{vendor}")
            variables = json.loads(page.text("variables"))
            variables["input"]["validateOnly"] = False
            page.write("variables", json.dumps(variables))
            page.press("Execute query")
            payload = page.answer(lambda answer: answer["data"]["placeOrder"]["operation"])["data"]["placeOrder"]
            assert payload["userErrors"] == []
            assert payload["operation"] == {"status": "CONFIRMED", "isReplay": False}
        first = payload["order"]["id"]
        page.press("Execute query")
        again = page.answer(lambda answer: answer["data"]["placeOrder"]["operation"]["isReplay"])
        assert again["data"]["placeOrder"]["order"]["id"] == first
        page.press("New idempotencyKey")
        page.press("Execute query")
        other = page.answer(lambda answer: not answer["data"]["placeOrder"]["operation"]["isReplay"])
        assert other["data"]["placeOrder"]["userErrors"] == []
        assert other["data"]["placeOrder"]["order"]["id"] != first


def examples(page: GraphiQL, *titles: str) -> Mapping[str, tuple[str, str]]:
    """Return the operation and the variables of each tab. The page must have exactly these tabs."""
    found = page.page.locator(".graphiql-tab-button").all_inner_texts()
    assert found == ["OrderStatus", "AllOrders", "WatchOrder", *titles]
    texts: dict[str, tuple[str, str]] = {}
    for title in found:
        page.open_tab(title)
        texts[title] = (page.text("operation"), page.text("variables"))
    return texts


def valid(examples: Mapping[str, tuple[str, str]]) -> bool:
    """Whether the gateway can validate every example, with or without blanks."""
    schema = build_schema(SCHEMA.read_text())
    found = [error for query, _ in examples.values() for error in validate(schema, parse(query))]
    return not found


def test_an_example_names_what_its_account_has(browser: Browser, asked: Gateway, url: str) -> None:
    with clean(GraphiQL(browser, url)) as page:
        shown = examples(page, *(f"PlaceAt{vendor}" for vendor in PLACING))
        assert valid(shown)
        for vendor in PLACING:
            given = json.loads(shown[f"PlaceAt{vendor}"][1])["input"]
            product, account = given["lineItems"][0]["product"]["id"], given["accountId"]
            assert given["validateOnly"] is True
            assert product in products_of(asked, account)


def products_of(gateway: Gateway, account: str) -> Set[str]:
    """Return the products in an account's catalogue, or in its newest orders."""
    query = """query($id: ID!) {
        products(first: 100, filter: { accountIds: [$id] }) { nodes { id } }
        orders(first: 3, filter: { accountIds: [$id] }) { nodes { lineItems { product { id } } } }
    }"""
    found = gateway.get(query, id=account)
    lines = [line for order in found["orders"]["nodes"] for line in order["lineItems"]]
    return {one["id"] for one in found["products"]["nodes"]} | {line["product"]["id"] for line in lines}


def test_where_an_account_has_no_order_yet_the_examples_have_blanks(browser: Browser) -> None:
    callers = {"web": {"keys": [KEY], "accounts": ["*"], "scopes": ["read", "write"]}}
    with ExitStack() as stack:
        empty = {f"{one.code}-live": stack.enter_context(serving(one, orders=0, seed=3)) for one in VENDORS}
        tables = {name: fake.table() for name, fake in empty.items()}
        asked = stack.enter_context(gateway(tables, callers=callers))
        page = GraphiQL(browser, str(asked.client.base_url).rstrip("/"))
        try:
            before = examples(page, "PlaceOrder")
            assert valid(before)
            assert all("circular arrows" in query for query, _ in before.values())
            assert '"accountId": "", // the ID of an account' in before["PlaceOrder"][1]
            page.write("request-headers", json.dumps({"Authorization": f"Bearer {KEY}"}))
            page.press("Examples")
            page.page.get_by_role("button", name="PlaceAtVerifone").wait_for()
            after = examples(page, *(f"PlaceAt{vendor}" for vendor in PLACING))
            assert valid(after)
            assert not [word for word in SANDBOX_WORDS if word in str(after)]
            assert '"id": "" // the ID of an order' in after["OrderStatus"][1]
            for vendor in PLACING:
                page.open_tab(f"PlaceAt{vendor}")
                payload = page.run()["data"]["placeOrder"]
                blanks = re.findall(r'"(\w+)": "",? // \S', after[f"PlaceAt{vendor}"][1])
                assert blanks == BLANKS[vendor]
                assert any("product" in error["field"] for error in payload["userErrors"]) == bool(blanks)
                assert (payload["order"], payload["operation"]) == (None, None)
        finally:
            page.close()


def test_the_explorer_adds_a_field(browser: Browser, url: str) -> None:
    with clean(GraphiQL(browser, url)) as page:
        assert "clientReference" not in page.text("operation")
        page.press("Show GraphiQL Explorer")
        page.page.locator('[data-field-name="clientReference"] > span').first.click()
        page.until(lambda: "clientReference" in page.text("operation"))
        assert "clientReference" in page.run()["data"]["order"]


def test_a_token_is_entered_once_and_not_stored(browser: Browser, guarded_url: str) -> None:
    page = GraphiQL(browser, guarded_url)
    try:
        page.press("Execute query")
        refused = page.answer(lambda answer: "data" not in answer)
        assert refused["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        page.write("request-headers", json.dumps({"Authorization": f"Bearer {KEY}"}))
        page.open_tab("AllOrders")
        assert len(page.run()["data"]["orders"]["nodes"]) == 10, "a new tab has the headers of the previous one"
        page.press("Show Documentation Explorer")
        expect(page.page.get_by_text("A GraphQL schema provides a root type")).to_be_visible()
        page.press("Examples")
        page.until(lambda: "OrderStatus" in page.text("operation"))
        page.until(lambda: "Order:" in page.text("variables"))
        assert page.run()["data"]["order"]["phase"] == "OPEN"
        page.page.wait_for_timeout(700)  # tabs are stored after half a second
        assert "AllOrders" in page.stored()
        assert KEY not in page.stored()
    finally:
        page.close()


def test_a_token_is_stored_when_the_user_says_so(browser: Browser, guarded_url: str) -> None:
    page = GraphiQL(browser, guarded_url)
    try:
        page.write("request-headers", json.dumps({"Authorization": f"Bearer {KEY}"}))
        page.press("Open settings dialog")
        page.page.get_by_role("button", name="On", exact=True).click()
        page.page.keyboard.press("Escape")
        page.until(lambda: KEY in page.stored())
        page.run()
        page.page.reload()
        page.until(lambda: KEY in page.text("request-headers"))
        page.press("Open settings dialog")
        page.page.get_by_role("button", name="Off", exact=True).click()
        page.until(lambda: KEY not in page.stored())
    finally:
        page.close()


def test_the_landing_page_shows_every_account(browser: Browser, url: str) -> None:
    with clean(Shown(browser, url)) as shown:
        expect(shown.page.locator("#orders tbody tr")).to_have_count(8)
        assert shown.page.locator(".card h3").all_inner_texts() == CODES
        for code in set(CODES) - {"palmetto"}:
            expect(shown.page.locator(f'[data-account="{code}"] .health')).to_have_text("available")
        placing = shown.page.locator("#capabilities tbody tr", has_text="Place order").locator("td")
        assert [one.get_attribute("title") for one in placing.all()] == ["yes"] * len(VENDORS)
        shown.page.get_by_role("link", name="Open GraphiQL").click()
        shown.page.get_by_role("button", name="Execute query").wait_for()


def test_a_sick_vendor_is_shown_as_sick_until_it_is_well(
    browser: Browser, asked: Gateway, fakes: dict[str, FakeVendor], url: str
) -> None:
    with clean(Shown(browser, url)) as shown:
        health, changes = shown.page.locator('[data-account="verifone"] .health'), shown.page.locator("#changes")
        expect(health).to_have_text("available")
        shown.page.clock.install()
        try:
            fakes["verifone"].faults({"fault": "unavailable"})
            shown.page.reload()
            expect(health).to_have_text("returns server errors")
            expect(changes).to_have_text("verifone: returns server errors.")
            since = shown.page.locator('[data-account="verifone"] .detail').first
            expect(since).to_have_text(re.compile(r"^since \d\d:\d\d:\d\d \((now|\d+ seconds? ago)\): .*\."))
            expect(shown.page.locator("#orders .note")).to_contain_text("verifone")
            expect(shown.page.locator('[data-account="nuvias"] .health')).to_have_text("available")
        finally:
            fakes["verifone"].end_faults()
        asked.get("{ orders(first: 1, filter: {vendors: [VERIFONE]}) { nodes { id } } }")
        shown.page.clock.run_for(10_000)
        expect(health).to_have_text("available")
        expect(changes).to_have_text("verifone: available.")


def test_when_nothing_answers_the_landing_page_says_so(browser: Browser, url: str) -> None:
    shown = Shown(browser, url)
    try:
        message = shown.page.get_by_role("status")
        expect(shown.page.locator("#orders tbody tr")).to_have_count(8)
        shown.page.clock.install()
        shown.page.reload()
        expect(message).to_have_text("")
        shown.page.route("**/graphql", lambda route: route.abort())
        shown.page.clock.run_for(10_000)
        expect(message).to_have_text("The gateway cannot be reached.")
        shown.page.unroute("**/graphql")
        shown.page.clock.run_for(10_000)
        expect(message).to_have_text("")
    finally:
        shown.close()


def test_graphiql_works_without_introspection(browser: Browser, fakes: dict[str, FakeVendor]) -> None:
    with gateway({"nuvias": fakes["nuvias"].table()}, graphql={"introspection": False}) as asked:
        page = GraphiQL(browser, str(asked.client.base_url).rstrip("/"))
        try:
            assert page.run()["data"]["order"]["phase"] == "OPEN"
            assert page.page.get_by_role("button", name="PlaceAtNuvias").count() == 1
            assert page.page.get_by_role("button", name="PlaceAtSonata").count() == 0, "no account at Sonata"
        finally:
            page.close()


def test_who_needs_a_key_is_asked_for_it(browser: Browser, guarded_url: str) -> None:
    shown = Shown(browser, guarded_url)
    try:
        key = shown.page.get_by_label("This gateway requires an API key.")
        key.fill("not this one")
        key.press("Enter")
        expect(shown.page.get_by_role("status")).to_contain_text("Request failed:")
        expect(key).to_have_attribute("aria-invalid", "true")
        key.fill(KEY)
        key.press("Enter")
        expect(shown.page.locator(".card")).to_have_count(len(VENDORS))
        expect(key).to_be_hidden()
        expect(shown.page.get_by_role("heading", name="Accounts")).to_be_focused()
        expect(shown.page.locator("#orders tbody tr")).to_have_count(8)
        assert KEY not in shown.stored()
        assert shown.elsewhere == []
    finally:
        shown.close()


TOTALS = {
    ("1355.28", "GBP"): ("£1,355.28", "1.355,28 £"),
    ("1355.28", "XXX"): ("1,355.28", "1.355,28"),
    ("12345678901234567890.12", "EUR"): ("€12,345,678,901,234,567,890.12", "12.345.678.901.234.567.890,12 €"),
    ("0.0375", "USD"): ("US$0.0375", "0,0375 $"),
    ("1500", "JPY"): ("JP¥1,500", "1.500 ¥"),
    ("-723.0", "GBP"): ("-£723.00", "-723,00 £"),
    ("1500", "coins"): ("1,500 coins", "1.500 coins"),
    None: ("", ""),
}
"""The gateway's totals, formatted for English and German."""


def written(amount: str, currency: str, locale: str) -> str:
    """Format an amount of the sandboxes, which has at most two decimals."""
    symbol, digits = {"GBP": "£", "EUR": "€", "USD": "US$"}[currency], f"{Decimal(amount):,.2f}"
    if locale == "de-DE":
        return f"{digits.translate(str.maketrans(',.', '.,'))} {symbol[-1]}"
    return symbol + digits


@pytest.mark.parametrize(("locale", "column"), [("en-GB", 0), ("de-DE", 1)])
def test_totals_and_dates_are_written_as_in_the_browsers_language(
    browser: Browser, asked: Gateway, url: str, locale: str, column: int
) -> None:
    def with_totals(route: Route) -> None:
        answer = route.fetch()
        data = answer.json()["data"]
        for node, total in zip(data.get("orders", {"nodes": ()})["nodes"], TOTALS, strict=False):
            node["total"] = total and dict(zip(("amount", "currency"), total, strict=True))
        route.fulfill(response=answer, json={"data": data})

    orders = asked.get("{ orders(first: 8) { nodes { placedAt total { amount currency } } } }")["orders"]["nodes"]
    with clean(Shown(browser, url, locale=locale)) as shown:
        total, times = shown.page.locator("#orders tbody .number"), shown.page.locator("#orders tbody time")
        expect(total).to_have_text([written(**one["total"], locale=locale) if one["total"] else "" for one in orders])
        assert [one.get_attribute("datetime") for one in times.all()] == [one["placedAt"] for one in orders]
        newest = datetime.fromisoformat(orders[0]["placedAt"])
        shape = "%d.%m.%Y, %H:%M" if locale == "de-DE" else f"{newest.day} [A-Z][a-z]+ %Y, %H:%M"
        assert re.fullmatch(newest.strftime(shape), times.first.inner_text())
        shown.page.route("**/graphql", with_totals)
        shown.page.reload()
        expect(total).to_have_text([texts[column] for texts in TOTALS.values()])
        assert {one.get_attribute("lang") for one in [*total.all(), *times.all()]} == {locale}


def test_the_landing_page_is_used_with_the_keyboard(browser: Browser, url: str) -> None:
    with clean(Shown(browser, url, width=360)) as shown:
        expect(shown.page.locator("#orders tbody tr")).to_have_count(8)
        focused = []
        for _ in range(6):
            shown.page.keyboard.press("Tab")
            at = shown.page.locator(":focus-visible")
            assert at.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"
            focused.append(at.evaluate("one => one.getAttribute('href') ?? one.getAttribute('aria-labelledby')"))
        assert focused == ["graphiql", "orders-caption", "capabilities-caption", "graphql", "livez", "readyz"]
        for _ in range(4):
            shown.page.keyboard.press("Shift+Tab")
        table = shown.page.locator("#orders .scroll")
        expect(table).to_be_focused()
        table.evaluate("one => { globalThis.scrolled = new Promise((told) => one.addEventListener('scroll', told)) }")
        shown.page.keyboard.press("ArrowRight")
        assert shown.page.evaluate("globalThis.scrolled.then(() => true)")


@pytest.mark.parametrize("width", [360, 1280])
def test_the_landing_page_fits(browser: Browser, url: str, width: int) -> None:
    with clean(Shown(browser, url, width=width, dark=width < 500)) as shown:
        expect(shown.page.locator("#orders tbody tr")).to_have_count(8)
        assert shown.page.evaluate("document.documentElement.scrollWidth") == width


def test_a_watched_order_is_told_when_it_changes(
    browser: Browser, asked: Gateway, fakes: dict[str, FakeVendor], url: str
) -> None:
    open_at_nuvias = "{ orders(first: 1, filter: {vendors: [NUVIAS], statuses: [SUBMITTED]}) { nodes { id } } }"
    (order,) = asked.get(open_at_nuvias)["orders"]["nodes"]
    with clean(GraphiQL(browser, url)) as page:
        page.open_tab("WatchOrder")
        page.write("variables", json.dumps(order))
        change = page.run()["data"]["orderChanged"]
        assert (change["source"], change["order"]["status"]) == ("INITIAL", "SUBMITTED")
        fakes["nuvias"].advance({"order": int(order["id"].rpartition(":")[2])})
        change = page.answer(lambda answer: answer["data"]["orderChanged"]["source"] == "POLL")["data"]["orderChanged"]
        assert (change["previousStatus"], change["order"]["status"]) == ("SUBMITTED", "IN_PROGRESS")
        assert "status" in change["changedFields"]
        page.press("Stop query")


def test_a_watch_has_the_token_of_the_headers(browser: Browser, guarded_url: str) -> None:
    page = GraphiQL(browser, guarded_url)
    try:
        page.write("request-headers", json.dumps({"Authorization": f"Bearer {KEY}"}))
        page.press("Examples")
        page.until(lambda: "Order:" in page.text("variables"))
        page.open_tab("WatchOrder")
        first = page.run()
        assert first["data"]["orderChanged"]["order"]["status"]
        assert "cost" in first["extensions"], "this gateway returns the cost on request"
        page.press("Stop query")
        assert page.complaints == [REFUSED] * len(page.complaints), "only the schema request without a token failed"
    finally:
        page.close()


def test_what_an_answer_cost_is_shown(browser: Browser, url: str) -> None:
    with clean(GraphiQL(browser, url)) as page:
        page.open_tab("AllOrders")
        cost = page.run()["extensions"]["cost"]
        status = page.page.get_by_role("status")
        expect(status).to_have_text(re.compile(rf"^{cost['upstreamCalls']} upstream calls?: .*nuvias \d"))
        page.open_tab("OrderStatus")
        expect(status).to_have_text("")
