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
from ordergraph.vendors.registry import VENDORS
from ordergraph.server import logs
from ordergraph.server.responses import http_error
from ordergraph.server.auth import callers_of
from ordergraph.server.gateway import Gateway
from ordergraph.server.http import middleware, routes
from ordergraph.server.persisted import Persisted, trusted_documents
from ordergraph.server.process import end_with_parent, told_of_end
from ordergraph.settings import AccountSettings, Configuration, Launch, Settings, handed_over, load, sandbox
from ordergraph.vendors.vendor import Vendor
from ordergraph.watch import Watches


def settings_classes(vendors: Sequence[Vendor] = VENDORS) -> Mapping[str, type[AccountSettings]]:
    """What `settings.load` needs to know of the vendors."""
    return {vendor.code: vendor.settings for vendor in vendors}


def configure(launch: Launch, vendors: Sequence[Vendor] = VENDORS) -> Configuration:
    """The settings of a gateway; under the sandbox, one account for each vendor and no others."""
    classes = settings_classes(vendors)
    if launch.sandbox is None:
        return load(classes, launch.config)
    tables = {vendor.code: _sandbox_account(vendor, launch) for vendor in vendors}
    return sandbox(classes, tables, launch.ledger)


def _sandbox_account(vendor: Vendor, launch: Launch) -> Mapping[str, Any]:
    """The settings of a vendor's account at the sandbox: with all of its extensions."""
    table = {
        **vendor.sandbox_account,
        "base_url": f"{launch.sandbox}/{vendor.code}",
        "extensions": sorted(vendor.settings.known_extensions),
    }
    if launch.url and "callback_url" in vendor.settings.model_fields:
        table["callback_url"] = f"{launch.url}/notifications/{vendor.code}"
    return table


def store_of(settings: Settings) -> Store:
    """The ledger's database. It is not opened yet."""
    return Store(settings.ledger.url, settings.ledger.password.get_secret_value())


def connect(configuration: Configuration, store: Store, vendors: Sequence[Vendor] = VENDORS) -> dict[str, Connector]:
    """A connector for each account, by the account's name. Nothing is sent yet, and the store is not opened."""
    by_code = {vendor.code: vendor for vendor in vendors}
    return {
        account.name: by_code[account.vendor].connect(account, PlacedOrders(store, account.name))
        for account in configuration.accounts
    }


def build_schema(vendors: Sequence[Vendor] = VENDORS) -> strawberry.Schema:
    """The schema: it holds every registered vendor, whatever the settings say. For the same vendors, it is the same."""
    return _built(tuple(vendors))


@cache
def _built(vendors: tuple[Vendor, ...]) -> strawberry.Schema:
    """Building takes half a second, and depends on nothing but the vendors."""
    titles = {vendor.code: vendor.title for vendor in vendors}
    return schema.build(titles, {vendor.code: vendor.graph for vendor in vendors})


def placements(launch: Launch, vendors: Sequence[Vendor] = VENDORS) -> Mapping[str, Sequence[PlacedOrder]]:
    """What the gateway has placed at the fake vendors before it began, by account: where it cannot be asked for."""
    if launch.sandbox is None:
        return {}
    return {one.code: one.placements(launch.orders, launch.seed) for one in vendors if one.placements is not None}


def create_app(
    configuration: Configuration,
    vendors: Sequence[Vendor] = VENDORS,
    kept: Mapping[str, Sequence[PlacedOrder]] | None = None,
) -> Starlette:
    """The gateway as an ASGI application. Its connections are closed when its lifespan ends.

    ``kept`` are orders to put into the ledger, by account.
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
    app.router.redirect_slashes = False  # it names the scheme and the host, of which a proxy may have others
    return app


def executing(settings: Settings, vendors: Sequence[Vendor] = VENDORS) -> tuple[Persisted, Execution[Context]]:
    """What finds documents, and what executes them; raise SettingsError for trusted ones that are wrong."""
    graph, suggestions = core_schema(build_schema(vendors)), settings.graphql.suggestions
    allowed = rules(settings.limits, introspection=settings.graphql.introspection)
    documents = Documents(graph, allowed, settings.limits.tokens, suggestions=suggestions)
    trusted = trusted_documents(settings.graphql.trusted, documents)
    known = Persisted(documents, trusted, automatic=settings.graphql.persisted, only=settings.graphql.trusted_only)
    return known, Execution(graph, suggestions=suggestions)


async def ended(task: asyncio.Task[None]) -> None:
    """Cancel a task that runs until then."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def worker_app() -> Starlette:
    """The application of a worker process, from what `serve` handed over."""
    end_with_parent()
    launch = handed_over()
    configuration = configure(launch)
    logs.configure(configuration.settings)
    return create_app(configuration, kept=placements(launch))
