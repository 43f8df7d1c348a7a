"""The composition root: settings and vendors become connectors, a schema and a Starlette application."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import strawberry
from starlette.applications import Starlette

from ordergraph.connector import Connector
from ordergraph.graph import schema
from ordergraph.ledger import Ledger
from ordergraph.server import logs
from ordergraph.server.http import routes
from ordergraph.server.process import end_with_parent
from ordergraph.settings import AccountSettings, Configuration, Launch, Limits, handed_over, load, sandbox
from ordergraph.vendor import Vendor
from ordergraph.vendors import VENDORS


def settings_classes(vendors: Sequence[Vendor] = VENDORS) -> Mapping[str, type[AccountSettings]]:
    """What `settings.load` needs to know of the vendors."""
    return {vendor.code: vendor.settings for vendor in vendors}


def configure(launch: Launch, vendors: Sequence[Vendor] = VENDORS) -> Configuration:
    """The settings of a gateway; under the sandbox, one account for each vendor and no others."""
    classes = settings_classes(vendors)
    if launch.sandbox is None:
        return load(classes, launch.config)
    tables = {
        vendor.code: {**vendor.sandbox_account, "base_url": f"{launch.sandbox}/{vendor.code}"} for vendor in vendors
    }
    return sandbox(classes, tables)


def connect(configuration: Configuration, vendors: Sequence[Vendor] = VENDORS) -> dict[str, Connector]:
    """A connector for each account, by the account's name. Nothing is sent yet."""
    by_code = {vendor.code: vendor for vendor in vendors}
    return {account.name: by_code[account.vendor].connect(account) for account in configuration.accounts}


def build_schema(vendors: Sequence[Vendor] = VENDORS, limits: Limits | None = None) -> strawberry.Schema:
    """The schema: it holds every registered vendor, whatever the settings say."""
    titles = {vendor.code: vendor.title for vendor in vendors}
    return schema.build(titles, {vendor.code: vendor.graph for vendor in vendors}, limits or Limits())


def create_app(configuration: Configuration, vendors: Sequence[Vendor] = VENDORS) -> Starlette:
    """The gateway as an ASGI application. Its connections are closed when its lifespan ends."""
    connectors = connect(configuration, vendors)
    limits = configuration.settings.limits

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncGenerator[None]:
        async with AsyncExitStack() as stack:
            for connector in connectors.values():
                stack.push_async_callback(connector.aclose)
            yield

    return Starlette(routes=routes(build_schema(vendors, limits), connectors, Ledger(), limits), lifespan=lifespan)


def worker_app() -> Starlette:
    """The application of a worker process, from what `serve` handed over."""
    end_with_parent()
    configuration = configure(handed_over())
    logs.configure(configuration.settings)
    return create_app(configuration)
