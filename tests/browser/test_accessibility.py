"""The accessibility of the pages: axe-core finds no problems in our elements."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import KEY
from tests.browser.pages import GraphiQL, Shown
from tests.fakes import FakeVendor
from tests.gateway import Gateway

AXE = Path(__file__).parents[1] / "clients/node_modules/axe-core/axe.min.js"
LOOKS = [(False, 1280, "en-GB"), (False, 360, "de-DE"), (True, 1280, "de-DE"), (True, 360, "en-GB")]
"""Dark mode, width and language."""

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: make clients")]


def found(page: Page, context: object = None, **rules: bool) -> list[str]:
    """Return the violations that axe-core finds, with their elements. ``rules`` turns rules on or off."""
    page.evaluate(AXE.read_text())  # evaluated, because the content security policy would block a script
    options = {"rules": {name.replace("_", "-"): {"enabled": on} for name, on in rules.items()}}
    script = "([context, options]) => axe.run(context ?? document, options)"
    answer = cast("dict[str, Any]", page.evaluate(script, [context, options]))
    assert len(answer["passes"]) > 10, "axe-core has run"
    return [f"{one['id']}: {[node['target'] for node in one['nodes']]}" for one in answer["violations"]]


@pytest.mark.parametrize(("dark", "width", "locale"), LOOKS)
def test_nothing_is_wrong_with_the_landing_page(
    browser: Browser, asked: Gateway, fakes: dict[str, FakeVendor], url: str, dark: bool, width: int, locale: str
) -> None:
    shown = Shown(browser, url, dark=dark, width=width, locale=locale)
    verifone = shown.page.locator('[data-account="verifone"]')
    try:
        expect(verifone).to_have_attribute("data-state", "UP")
        expect(shown.page.locator("#orders tbody tr")).to_have_count(8)
        assert found(shown.page) == []
        fakes["verifone"].faults({"fault": "unavailable"})
        shown.page.reload()
        expect(verifone).to_have_attribute("data-state", "DOWN")
        expect(shown.page.locator("#orders .note")).to_contain_text("verifone")
        assert found(shown.page) == []
    finally:
        shown.close()
        fakes["verifone"].end_faults()
        asked.get("{ orders(first: 1, filter: {vendors: [VERIFONE]}) { nodes { id } } }")


@pytest.mark.parametrize(("dark", "width"), [(False, 1280), (True, 360)])
def test_nothing_is_wrong_with_the_form_for_a_key(browser: Browser, guarded_url: str, dark: bool, width: int) -> None:
    shown = Shown(browser, guarded_url, dark=dark, width=width)
    try:
        key = shown.page.get_by_label("This gateway requires an API key.")
        expect(key).to_be_focused()
        assert found(shown.page) == []
        key.fill(f"not {KEY}")
        key.press("Enter")
        expect(shown.page.get_by_role("status")).to_contain_text("Request failed:")
        assert found(shown.page) == []
    finally:
        shown.close()


@pytest.mark.parametrize("dark", [False, True])
def test_nothing_is_wrong_with_what_is_ours_in_graphiql(browser: Browser, url: str, dark: bool) -> None:
    page = GraphiQL(browser, url, dark=dark)
    try:
        page.run()
        # GraphiQL's tabs are elements that contain a button. Monaco chooses its own colours.
        assert found(page.page, {"exclude": [".monaco-editor"]}, nested_interactive=False) == []
    finally:
        page.close()
