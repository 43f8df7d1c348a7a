"""Takes the screenshots for the docs, from a gateway as `make serve` starts it: `python -m tests.browser`."""

from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.browser.pages import GraphiQL, Shown, chromium
from tests.documents.world import World

IMAGES = Path(__file__).parents[2] / "docs/images"


def graphiql(browser: Browser, url: str) -> None:
    """The merged list with its response and cost, and the open explorer."""
    shown = GraphiQL(browser, url, width=1600, height=900)
    shown.open_tab("AllOrders")
    shown.press("Show GraphiQL Explorer")
    shown.run()
    shown.page.mouse.move(800, 890)
    shown.page.wait_for_timeout(1500)  # until animations have ended
    shown.page.screenshot(path=IMAGES / "graphiql.png")
    shown.close()


def landing(browser: Browser, url: str) -> None:
    """The accounts and their latest orders."""
    shown = Shown(browser, url, height=860)
    expect(shown.page.locator("#orders tbody tr")).to_have_count(8)
    expect(shown.page.locator('[data-state="UP"]')).to_have_count(4)
    shown.page.screenshot(path=IMAGES / "landing.png")
    shown.close()


def main() -> None:
    """Take both screenshots."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with World() as world, world.gateway([]) as url, chromium() as browser:
        graphiql(browser, url)
        landing(browser, url)


if __name__ == "__main__":
    main()
