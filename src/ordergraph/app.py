"""The composition root: settings and vendors become connectors, a schema and a Starlette application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from functools import cache
from typing import Any

import strawberry
from starlette.applications import Starlette
from starlette.exceptions import HTTPException

from ordergraph.connector import Connector
from ordergraph.execution import Documents, Execution
from ordergraph.graph import schema
from ordergraph.graph.context import Context
from ordergraph.graph.limits import rules
from ordergraph.graph.schema import core_schema
from ordergraph.ledger import Ledger
from ordergraph.ledger.placed import PlacedOrder, PlacedOrders
from ordergraph.ledger.reconcile import Probe, Reconciler
from ordergraph.ledger.store import Store
from ordergraph.server import logs
from ordergraph.server.auth import callers_of
from ordergraph.server.gateway import Gateway
from ordergraph.server.http import middleware, routes
from ordergraph.server.persisted import Persisted, trusted_documents
from ordergraph.server.process import end_with_parent, told_of_end
from ordergraph.server.responses import http_error
from ordergraph.settings import AccountSettings, Configuration, Launch, Settings, handed_over, load, sandbox
from ordergraph.vendors.registry import VENDORS
from ordergraph.vendors.vendor import Vendor
from ordergraph.watch import Watches


def settings_classes(vendors: Sequence[Vendor] = VENDORS) -> Mapping[str, type[AccountSettings]]:
    """Return the class of each vendor's account settings, by code, as `settings.load` needs them."""
    return {vendor.code: vendor.settings for vendor in vendors}


def configure(launch: Launch, vendors: Sequence[Vendor] = VENDORS) -> Configuration:
    """Load the settings of a gateway. With the sandbox, there is exactly one account for each vendor."""
    classes = settings_classes(vendors)
    if launch.sandbox is None:
        return load(classes, launch.config)
    tables = {vendor.code: _sandbox_account(vendor, launch) for vendor in vendors}
    return sandbox(classes, tables, launch.ledger)


def _sandbox_account(vendor: Vendor, launch: Launch) -> Mapping[str, Any]:
    """Return the settings of a vendor's sandbox account, with all extensions on."""
    table = {
        **vendor.sandbox_account,
        "base_url": f"{launch.sandbox}/{vendor.code}",
        "extensions": sorted(vendor.settings.known_extensions),
    }
    if launch.url and "callback_url" in vendor.settings.model_fields:
        table["callback_url"] = f"{launch.url}/notifications/{vendor.code}"
    return table


def store_of(settings: Settings) -> Store:
    """Return the ledger's database, not opened yet."""
    return Store(settings.ledger.url, settings.ledger.password.get_secret_value())


def connect(configuration: Configuration, store: Store, vendors: Sequence[Vendor] = VENDORS) -> dict[str, Connector]:
    """Return a connector for each account, by name. This sends nothing and does not open the store."""
    by_code = {vendor.code: vendor for vendor in vendors}
    return {
        account.name: by_code[account.vendor].connect(account, PlacedOrders(store, account.name))
        for account in configuration.accounts
    }


def build_schema(vendors: Sequence[Vendor] = VENDORS) -> strawberry.Schema:
    """Return the schema of these vendors. It does not depend on the settings, and is cached for the same vendors."""
    return _built(tuple(vendors))


@cache
def _built(vendors: tuple[Vendor, ...]) -> strawberry.Schema:
    """Build the schema once: it takes half a second, and depends only on the vendors."""
    titles = {vendor.code: vendor.title for vendor in vendors}
    return schema.build(titles, {vendor.code: vendor.graph for vendor in vendors})


def placements(launch: Launch, vendors: Sequence[Vendor] = VENDORS) -> Mapping[str, Sequence[PlacedOrder]]:
    """Return the orders that were placed at the fake vendors before the start, by account.

    Only vendors whose API cannot return placed orders have any: the gateway keeps these orders in its ledger.
    """
    if launch.sandbox is None:
        return {}
    return {one.code: one.placements(launch.orders, launch.seed) for one in vendors if one.placements is not None}


def create_app(
    configuration: Configuration,
    vendors: Sequence[Vendor] = VENDORS,
    kept: Mapping[str, Sequence[PlacedOrder]] | None = None,
) -> Starlette:
    """Return the gateway as an ASGI application. It closes its connections when its lifespan ends.

    ``kept`` are orders to add to the ledger at startup, by account.
    """
    settings = configuration.settings
    store = store_of(settings)
    connectors = connect(configuration, store, vendors)
    ledger = Ledger(store, settings.ledger.lease)
    watches = Watches(connectors, ledger.operations, settings.limits.watches)
    probes = {name: Probe(one.find_outcome, one.account.settle) for name, one in connectors.items()}
    reconciler = Reconciler(ledger, probes, timedelta(days=settings.ledger.retention))

    draining = asyncio.Event()

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncGenerator[None]:
        async with AsyncExitStack() as stack:
            stack.enter_context(told_of_end(draining))
            stack.push_async_callback(store.aclose)
            await store.open()
            for account, orders in (kept or {}).items():
                await connectors[account].kept.keep(*orders)
            for connector in connectors.values():
                stack.push_async_callback(connector.aclose)
                await connector.start()
            stack.push_async_callback(watches.aclose)
            stack.push_async_callback(ledger.aclose)
            stack.push_async_callback(ended, asyncio.create_task(reconciler.run()))
            yield

    seconds, costs = settings.limits.seconds, configuration.callers is None
    gateway = Gateway(*executing(settings, vendors), connectors, ledger, watches, seconds, costs=costs)
    origins = configuration.origins
    app = Starlette(
        routes=routes(gateway, callers_of(configuration), connectors, watches, settings, origins, draining),
        lifespan=lifespan,
        middleware=middleware(settings.server, origins),
        exception_handlers={HTTPException: http_error, Exception: http_error},
    )
    app.router.redirect_slashes = False  # its redirects have the scheme and host of the request; a proxy's may differ
    return app


def executing(settings: Settings, vendors: Sequence[Vendor] = VENDORS) -> tuple[Persisted, Execution[Context]]:
    """Return the store of documents and their executor. Raises SettingsError for invalid trusted documents."""
    graph, suggestions = core_schema(build_schema(vendors)), settings.graphql.suggestions
    allowed = rules(settings.limits, introspection=settings.graphql.introspection)
    documents = Documents(graph, allowed, settings.limits.tokens, suggestions=suggestions)
    trusted = trusted_documents(settings.graphql.trusted, documents)
    known = Persisted(documents, trusted, automatic=settings.graphql.persisted, only=settings.graphql.trusted_only)
    return known, Execution(graph, suggestions=suggestions)


async def ended(task: asyncio.Task[None]) -> None:
    """Cancel a task and wait until it has ended."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def worker_app() -> Starlette:
    """Return the application of a worker process, configured with the options handed over by `serve`."""
    end_with_parent()
    launch = handed_over()
    configuration = configure(launch)
    logs.configure(configuration.settings)
    return create_app(configuration, kept=placements(launch))
