"""Reference tables that are generated from the code: scopes, limits, capabilities, and what each vendor accepts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import cast

from graphql import GraphQLObjectType, OperationType

from ordergraph.app import build_schema, settings_classes
from ordergraph.cli import capabilities
from ordergraph.domain import Action, OrderStatus, Requirement
from ordergraph.graph import connection, cursor, inputs, mutation, scalars, settling, watching
from ordergraph.graph import schema as graph
from ordergraph.graph.scopes import scope_of
from ordergraph.ledger.placed import PlacedOrders
from ordergraph.ledger.store import MEMORY, Store
from ordergraph.ledger.tables import MAX_REFERENCE
from ordergraph.server import websocket
from ordergraph.settings import sandbox
from ordergraph.vendors.registry import VENDORS
from ordergraph.vendors.vendor import Vendor
from ordergraph.watch import watcher
from ordergraph.wire import nesting

NOWHERE = "http://127.0.0.1:1"


def table(head: Sequence[str], rows: Iterator[Sequence[object]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


def scopes() -> str:
    """Return the scope of each root field."""
    return table(["root field", "scope", "permits"], _root_fields())


def _root_fields() -> Iterator[Sequence[str]]:
    schema = graph.core_schema(build_schema())
    for operation in OperationType:
        root = cast("GraphQLObjectType", schema.get_root_type(operation))
        for name, field in sorted(root.fields.items()):
            first = re.split(r"(?<=\.)\s", field.description or "")[0]
            yield f"`{operation.value} {{ {name} }}`", f"`{scope_of(operation, name)}`", first


def limits() -> str:
    """Return the limits of single fields and arguments."""
    return table(["value", "limit", "error"], iter(_limits()))


INPUT_ERROR = "`BAD_USER_INPUT`"
TOO_LONG = "user error `TOO_LONG`"


def _limits() -> Sequence[Sequence[str]]:
    paging = f"1 to {connection.MAX_PAGE}, {connection.DEFAULT_PAGE} by default"
    return (
        ("`first`, `last` of a connection", paging, INPUT_ERROR),
        ("`after`, `before` of a connection", f"{cursor.MAX_CURSOR_LENGTH} characters", INPUT_ERROR),
        ("a text in a filter", f"{inputs.MAX_FILTER_TEXT} characters", INPUT_ERROR),
        ("a list in a filter", f"{inputs.MAX_FILTER_VALUES} different values", INPUT_ERROR),
        ("`ids` of `nodes`", f"{graph.MAX_NODES} entries", INPUT_ERROR),
        ("`ids` of `ordersChanged`", f"{watching.MAX_ORDERS} entries", INPUT_ERROR),
        ("a `Decimal` in an argument", f"{scalars.MAX_DECIMAL_LENGTH} characters", INPUT_ERROR),
        ("a text in the input of a mutation", f"{inputs.MAX_TEXT} characters", TOO_LONG),
        ("a list in the input of a mutation", f"{inputs.MAX_LIST} entries", TOO_LONG),
        ("`clientReference`, except at Nuvias", f"{MAX_REFERENCE} characters", TOO_LONG),
        ("`idempotencyKey`", f"1 to {mutation.MAX_KEY} characters", "user error `INVALID`"),
        ("`note` of `settleOperation`", f"{settling.NOTE_LENGTH} characters", TOO_LONG),
        ("nesting of the JSON of a request", f"{nesting.MAX_DEPTH} levels", f"HTTP 400, {INPUT_ERROR}"),
        ("operations of a WebSocket at the same time", f"{websocket.MAX_OPERATIONS}", INPUT_ERROR),
        ("undelivered events of a watched order", f"{watcher.ROOM}", "`SLOW_CONSUMER`"),
    )


def capability_meanings() -> str:
    """Return what each capability means."""
    return table(["action", "meaning"], ((f"`{one.name}`", one.value) for one in Action))


def extensions() -> str:
    """Return the extensions of each vendor, and the actions that need them."""
    return table(["vendor", "extension", "enables the account to", "required by"], _extensions())


def _extensions() -> Iterator[Sequence[str]]:
    for vendor in VENDORS:
        for name, meaning in vendor.settings.known_extensions.items():
            needing = [f"`{action.name}`" for action, needed in vendor.connector.extensions.items() if needed == name]
            yield vendor.title, f"`{name}`", meaning, ", ".join(needing)


def actions(vendor: Vendor) -> str:
    """Return the capabilities of one vendor."""
    return capabilities.as_markdown([vendor])


def statuses(vendor: Vendor) -> str:
    """Return the vendor's statuses with the normalized status of each; the finer ones of Verifone, too."""
    module = import_module(f"{vendor.connector.__module__.rpartition('.')[0]}.mapping")
    tables = [vars(module)[name] for name in ("STATUS", "DETAILED_STATUS") if name in vars(module)]
    found = {word: ours for one in tables for word, ours in cast("Mapping[str, OrderStatus]", one).items()}
    return table(["`vendorStatus`", "`status`"], ((f"`{word}`", f"`{ours.name}`") for word, ours in found.items()))


def requirements(vendor: Vendor) -> str:
    """Return the requirements for the fields of an order, with the default settings of an account."""
    account = sandbox(
        settings_classes([vendor]), {vendor.code: {**vendor.sandbox_account, "base_url": NOWHERE}}
    ).accounts[0]
    connector = vendor.connect(account, PlacedOrders(Store(MEMORY), account.name))
    rows = ((f"`{one.field}`", "yes" if one.is_required else "", _rule(one)) for one in connector.order_requirements)
    return table(["field", "required", "rule"], rows)


def _rule(one: Requirement) -> str:
    values = ", ".join(f"`{value}`" for value in one.values or ())
    allowed = f"{'One of' if ',' in values else 'Only'} {values}." if values else ""
    length = f"At most {one.max_length} characters." if one.max_length else ""
    return " ".join(text for text in (allowed, length, one.note) if text)
