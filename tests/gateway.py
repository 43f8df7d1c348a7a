"""A gateway, served over TCP, and a GraphQL client for it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import httpx
import uvicorn

from ordergraph.app import create_app, settings_classes
from ordergraph.ledger.placed import PlacedOrder
from ordergraph.server.process import options
from ordergraph.settings import Configuration, Settings, sandbox
from ordergraph.settings.callers import CallerSettings, hashed
from ordergraph.vendors.registry import VENDORS
from ordergraph.vendors.vendor import Vendor

Json = dict[str, Any]

NO_COST = {"Ordergraph-Cost": "0"}
"""A sandbox gateway includes the cost in every response. Most tests do not look at it."""


@dataclass(frozen=True)
class Gateway:
    """A running gateway."""

    client: httpx.Client
    server: uvicorn.Server
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    def with_key(self, key: str) -> Gateway:
        """Return the same gateway, called with this API key."""
        return Gateway(self.client, self.server, {"authorization": f"Bearer {key}"})

    @property
    def under_way(self) -> int:
        """The number of requests in progress."""
        return len(self.server.server_state.tasks)

    def post(self, query: str, accept: str = "*/*", **variables: Any) -> httpx.Response:
        body = json.dumps({"query": query, "variables": variables})  # ASCII, so that any string can be sent
        headers = {**self.headers, "content-type": "application/json", "accept": accept}
        return self.client.post("/graphql", content=body, headers=headers)

    def whole(self, document: str) -> str:
        """Return the text of a response. For a subscription, that is all events until it ends."""
        accept = "text/event-stream" if document.startswith("subscription") else "*/*"
        return self.post(document, accept).text

    def ask(self, query: str, **variables: Any) -> Json:
        """Return the whole response, including errors. Internal errors of the gateway are not allowed."""
        response = self.post(query, **variables)
        answer = cast("Json", response.json())
        codes = [error["extensions"]["code"] for error in answer.get("errors", ())]
        assert "INTERNAL_SERVER_ERROR" not in codes, answer
        assert response.status_code == 200 or codes, response.text
        return answer

    def get(self, query: str, **variables: Any) -> Json:
        """Return the data of a response without errors."""
        answer = self.ask(query, **variables)
        assert "errors" not in answer, answer["errors"]
        return cast("Json", answer["data"])

    def error(self, query: str, **variables: Any) -> Json:
        """Return the only error of a response."""
        (error,) = self.ask(query, **variables)["errors"]
        return cast("Json", error)

    def do(self, mutation: str, fields: str = "order { id status vendorStatus version }", **values: Any) -> Json:
        """Return the payload of a mutation. ``values`` are its input."""
        name = mutation[0].upper() + mutation[1:]
        query = f"""
            mutation($input: {name}Input!) {{
                {mutation}(input: $input) {{
                    {fields} userErrors {{ code message field vendorCode vendorMessage isRetryable }}
                }}
            }}"""
        return cast("Json", self.get(query, input=values)[mutation])


@contextmanager
def gateway(
    accounts: Mapping[str, Mapping[str, Any]],
    kept: Mapping[str, Sequence[PlacedOrder]] | None = None,
    vendors: Sequence[Vendor] = VENDORS,
    port: int = 0,
    callers: Mapping[str, Mapping[str, Any]] | None = None,
    **sections: Mapping[str, Any],
) -> Generator[Gateway]:
    """Run a gateway with these accounts in a background thread. Its ledger starts with the orders in ``kept``.

    ``callers`` are those of the settings, each with its ``keys``. Without them, authentication is off. ``sections`` are
    further sections of the settings, such as ``graphql={"graphiql": False}``.
    """
    configuration = sandbox(settings_classes(vendors), accounts)
    if sections:
        given = Settings.model_validate(sections)
        settings = configuration.settings.model_copy(update={name: getattr(given, name) for name in sections})
        configuration = Configuration(settings, configuration.accounts, configuration.callers)
    if callers is not None:
        known = [caller(name, **one) for name, one in callers.items()]
        configuration = Configuration(configuration.settings, configuration.accounts, known)
    app = create_app(configuration, vendors, kept)
    server = uvicorn.Server(uvicorn.Config(app, port=port, **options(configuration.settings)))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started:
        assert thread.is_alive(), "the gateway did not start"
        assert time.monotonic() < deadline, "the gateway did not start"
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        url = f"http://127.0.0.1:{port}"  # plain HTTP: without TLS verification, the client starts 40 ms faster
        with httpx.Client(base_url=url, headers=NO_COST, timeout=30, trust_env=False, verify=False) as client:
            yield Gateway(client, server)
    finally:
        server.should_exit = True
        thread.join()


def caller(name: str, keys: Sequence[str], **settings: Any) -> CallerSettings:
    """Return a caller of the settings, with its API keys in plain text."""
    return CallerSettings.model_validate({"name": name, "keys": [hashed(key) for key in keys], **settings})
