"""The pages behind nginx, which terminates TLS and serves the gateway under a path, as in docs/reverse-proxy.md."""

from __future__ import annotations

import json
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from ordergraph.vendors.registry import VENDORS
from tests.browser.conftest import KEY
from tests.browser.pages import GraphiQL, Shown
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
DOCUMENTED = (ROOT / "docs" / "nginx.conf").read_text()
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
OPENSSL = shutil.which("openssl")
WAIT = 30.0

AROUND = """
daemon off;
master_process off;
pid nginx.pid;
events {{}}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
{server}
}}
"""

TAKES_OFF = {}
PASSES_ON = {"proxy_pass http://127.0.0.1:8000/;": "proxy_pass http://127.0.0.1:8000;"}
"""Without a path after the host, nginx passes the whole path on."""

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not (NGINX and OPENSSL), reason="nginx or openssl is not installed")]


def replaced(text: str, changes: Mapping[str, str]) -> str:
    for before, after in changes.items():
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    return text


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `cert.pem` and `key.pem` for this machine."""
    folder = tmp_path_factory.mktemp("certificate")
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    command = [OPENSSL or "", "req", "-x509", *kind, *subject, "-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder


@contextmanager
def proxied(gateway: str, certificate: Path, folder: Path, changes: Mapping[str, str]) -> Generator[str]:
    """Run the documented nginx in front of a gateway, with changes. Yield its URL."""
    port = free_port()
    here = {
        "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
        "/etc/ssl/shop.example.pem": f"{certificate}/cert.pem",
        "/etc/ssl/shop.example.key": f"{certificate}/key.pem",
        "http://127.0.0.1:8000": gateway,
    }
    server = replaced(replaced(DOCUMENTED, changes), here)
    (folder / "nginx.conf").write_text(AROUND.format(server=server))
    command = [NGINX or "", "-p", str(folder), "-c", "nginx.conf", "-e", "error.log"]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    with process:
        try:
            wait_for(port, process, folder / "error.log")
            yield f"https://localhost:{port}/api"
        finally:
            process.terminate()


def wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until nginx listens."""
    deadline = time.monotonic() + WAIT
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, "nginx did not start"
        time.sleep(0.02)


@pytest.fixture(scope="module", params=[TAKES_OFF, PASSES_ON], ids=["takes off", "passes on"])
def proxy(
    request: pytest.FixtureRequest, guarded_url: str, certificate: Path, tmp_path_factory: pytest.TempPathFactory
) -> Generator[str]:
    """The URL at which nginx serves a gateway that requires an API key."""
    with proxied(guarded_url, certificate, tmp_path_factory.mktemp("nginx"), request.param) as url:
        yield url


def test_from_the_landing_page_to_a_query_and_a_watch(browser: Browser, proxy: str) -> None:
    shown = Shown(browser, f"{proxy}/", ignore_https_errors=True)
    try:
        shown.page.get_by_label("This gateway requires an API key.").fill(KEY)
        shown.page.keyboard.press("Enter")
        expect(shown.page.locator(".card")).to_have_count(len(VENDORS))
        expect(shown.page.locator("#orders tbody tr")).to_have_count(8)
        expect(shown.page.locator("footer a code")).to_have_text(["/api/graphql", "/api/livez", "/api/readyz"])
        shown.page.get_by_role("link", name="Open GraphiQL").click()
        shown.page.get_by_role("button", name="Execute query").wait_for()
        assert shown.page.url == f"{proxy}/graphiql"
        assert shown.elsewhere == []
    finally:
        shown.close()


def test_a_query_and_a_watch_run_in_graphiql(browser: Browser, proxy: str) -> None:
    page = GraphiQL(browser, proxy, ignore_https_errors=True)
    sockets: list[str] = []
    page.page.on("websocket", lambda one: sockets.append(one.url))
    try:
        page.write("request-headers", json.dumps({"Authorization": f"Bearer {KEY}"}))
        page.press("Examples")
        page.until(lambda: "Order:" in page.text("variables"))
        assert page.run()["data"]["order"]["phase"] == "OPEN"
        page.open_tab("WatchOrder")
        assert page.run()["data"]["orderChanged"]["order"]["status"]
        assert sockets == [f"{proxy}/graphql".replace("https", "wss")]
        page.press("Stop query")
        assert page.elsewhere == []
    finally:
        page.close()


@pytest.mark.parametrize("path", ["/graphql", "/graphql/", "/graphiql/"])
def test_the_endpoint_leads_a_browser_to_graphiql(browser: Browser, proxy: str, path: str) -> None:
    shown = Shown(browser, proxy + path, ignore_https_errors=True)
    try:
        shown.page.get_by_role("button", name="Execute query").wait_for()
        assert shown.page.url == f"{proxy}/graphiql"
    finally:
        shown.close()


def test_the_path_without_its_slash_shows_the_landing_page(browser: Browser, proxy: str) -> None:
    shown = Shown(browser, proxy, ignore_https_errors=True)
    try:
        expect(shown.page.get_by_label("This gateway requires an API key.")).to_be_visible()
        assert shown.page.url == f"{proxy}/"
    finally:
        shown.close()


def test_a_client_gets_the_request_id_of_nginx_and_events_as_they_come(proxy: str, certificate: Path) -> None:
    trusted = ssl.create_default_context(cafile=certificate / "cert.pem")
    headers = {"authorization": f"Bearer {KEY}", "accept": "text/event-stream"}
    with httpx.Client(verify=trusted, headers=headers, timeout=WAIT, trust_env=False) as client:
        answer = client.post(
            f"{proxy}/graphql",
            json={"query": "{ orders(first: 1, filter: {phases: [OPEN]}) { nodes { id } } }"},
            headers={"accept": "application/json"},
        )
        order = answer.json()["data"]["orders"]["nodes"][0]["id"]
        watch = {"query": "subscription($id: ID!) { orderChanged(id: $id) { source } }", "variables": {"id": order}}
        with client.stream("POST", f"{proxy}/graphql", json=watch) as response:
            first = next(line for line in response.iter_lines() if line.startswith("data:"))
        assert '"source":"INITIAL"' in first
        refused = client.post(f"{proxy}/graphql", content="{", headers={"content-type": "application/json"})
        assert refused.json()["errors"][0]["extensions"]["requestId"] == refused.headers["x-request-id"]
