"""The gateway's pages in a browser, with a record of all errors."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, Literal, cast
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WAIT = 30.0  # seconds
expect.set_options(timeout=WAIT * 1000)

Json = dict[str, Any]
Editor = Literal["operation", "variables", "request-headers", "response"]


@contextmanager
def chromium() -> Generator[Browser]:
    """Run a headless browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


class Shown:
    """An open page in a new browser profile with empty storage."""

    def __init__(
        self,
        browser: Browser,
        url: str,
        *,
        dark: bool = False,
        width: int = 1280,
        height: int = 800,
        locale: str = "en-GB",
        ignore_https_errors: bool = False,
    ) -> None:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            locale=locale,
            timezone_id="UTC",
            ignore_https_errors=ignore_https_errors,
        )
        self.page: Page = context.new_page()
        self.host = urlsplit(url).netloc
        self.complaints: list[str] = []
        """The browser's errors and warnings, including violations of the content security policy."""
        self.elsewhere: list[str] = []
        """The URLs of requests to other hosts."""
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._asked)
        self.page.goto(url)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def _asked(self, request: Request) -> None:
        url = urlsplit(request.url)
        if url.scheme not in {"data", "blob"} and url.netloc != self.host:
            self.elsewhere.append(request.url)

    def close(self) -> None:
        self.page.context.close()

    def stored(self) -> str:
        """Return all that the page has stored in the browser."""
        return cast(
            "str", self.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
        )


class GraphiQL(Shown):
    """GraphiQL and its editors."""

    def __init__(self, browser: Browser, url: str, **options: Any) -> None:
        super().__init__(browser, f"{url}/graphiql", **options)
        self.page.get_by_role("button", name="Execute query").wait_for()
        self.until(lambda: self.text("operation"))

    def text(self, editor: Editor) -> str:
        """Return the text of an editor, including parts out of view."""
        script = (
            "name => globalThis.__MONACO?.editor.getModels().find(one => one.uri.path.includes(name))?.getValue() ?? ''"
        )
        return cast("str", self.page.evaluate(script, f"-{editor}."))

    def write(self, editor: Editor, text: str) -> None:
        """Replace the text of an editor by typing."""
        if editor in {"variables", "request-headers"}:
            self.page.get_by_role("button", name="Headers" if editor == "request-headers" else "Variables").click()
        area = self.page.locator(f'.graphiql-editor [data-uri*="-{editor}."]')
        area.click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.press("Delete")
        self.page.keyboard.insert_text(text)
        self.until(lambda: self.text(editor).strip() == text.strip())

    def open_tab(self, title: str) -> None:
        """Open a tab and wait until GraphiQL has parsed its operation, a tenth of a second later."""
        self.page.get_by_role("button", name=title, exact=True).click()
        self.until(lambda: title in self.page.evaluate("localStorage.getItem('graphiql:query') ?? ''"))

    def press(self, label: str) -> None:
        self.page.get_by_role("button", name=label).click()

    def run(self) -> Json:
        """Run the tab's operation and return its response, or the first event with data."""
        self.press("Execute query")
        return self.answer(lambda answer: "data" in answer)

    def answer(self, wanted: Callable[[Json], bool]) -> Json:
        """Return the shown response, once it is one that is wanted."""

        def found() -> Any:
            text = self.text("response").strip()
            value = json.loads(text) if text.endswith("}") else None
            return value if value and wanted(value) else None

        return self.until(found)

    def until(self, found: Callable[[], Any]) -> Any:
        """Return the result of `found`, once it is true."""
        deadline = time.monotonic() + WAIT
        while not (value := found()):
            assert time.monotonic() < deadline, f"timeout; the page shows {self.text('response')!r}, {self.complaints}"
            self.page.wait_for_timeout(50)
        return value
