"""The capabilities of each vendor as a table. They are read from the connectors, so they are always up to date."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ordergraph.connector import Connector
from ordergraph.domain import Action
from ordergraph.vendors.vendor import Vendor


def as_json(vendors: Sequence[Vendor]) -> str:
    """Return the vendors and their actions as JSON. ``extensions`` has the extension that an action requires."""
    found = [
        {
            "vendor": vendor.code,
            "title": vendor.title,
            "document": vendor.document,
            "actions": {action.name: vendor.connector.supports(action) for action in Action},
            "extensions": {action.name: name for action, name in vendor.connector.extensions.items()},
        }
        for vendor in vendors
    ]
    return json.dumps(found, indent=2)


def as_markdown(vendors: Sequence[Vendor]) -> str:
    """Return the table for the README. An action that requires an extension shows the extension's name."""
    head = ["action", *(vendor.title for vendor in vendors)]
    rows = [head, ["---", *(":---:" for _ in vendors)]]
    rows += [[f"`{action.name}`", *_marks(vendors, action, "", "*{}*")] for action in Action]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def as_text(vendors: Sequence[Vendor]) -> str:
    """Return the table for a terminal, with a column for each vendor."""
    rows = [["", *(vendor.code for vendor in vendors)]]
    rows += [[action.name, *_marks(vendors, action, "-", "({})")] for action in Action]
    widths = [max(len(row[column]) for row in rows) for column in range(len(vendors) + 1)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    names = [f"{vendor.code}: {vendor.title}, {vendor.document}" for vendor in vendors]
    return "\n".join([*lines, "", *names])


def _marks(vendors: Sequence[Vendor], action: Action, no: str, extension: str) -> list[str]:
    return [_mark(vendor.connector, action, no, extension) for vendor in vendors]


def _mark(connector: type[Connector], action: Action, no: str, extension: str) -> str:
    if not connector.supports(action):
        return no
    return extension.format(connector.extensions[action]) if action in connector.extensions else "yes"
