"""The private APIs of libraries that the gateway uses are few, listed, and exist."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib.metadata import version

import pytest

from tests.private_apis import PRIVATE_APIS, PrivateApi
from tests.structure import present

OURS = {"_replace"}
"""A method of named tuples, which Python documents."""


@pytest.mark.parametrize("api", PRIVATE_APIS, ids=lambda api: f"{api.library}-{api.what}")
def test_a_private_part_is_still_there(api: PrivateApi) -> None:
    assert version(api.library).startswith(f"{api.version}."), f"check {api.used_in}"
    assert api.is_there()


def test_no_other_is_used() -> None:
    known = {api.used_in for api in PRIVATE_APIS}
    sources = present()
    ours = OURS | {name.rpartition(": ")[2] for one in sources for name, _ in one.functions()}
    assert {one.name for one in sources if any(name not in ours for name in _private(one.tree))} <= known


def _private(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and "._" in node.module:
            yield node.module
        elif isinstance(node, ast.Attribute) and node.attr.startswith("_"):
            own = isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
            dunder = node.attr.endswith("__") and "strawberry" not in node.attr
            if not own and not dunder:
                yield node.attr
