"""The packages, imports and extension points in docs/architecture.md are those of the source."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from ordergraph.vendors.registry import VENDORS
from tests.documents.generated import found
from tests.structure import LONG_FILE, LONG_FUNCTION, circles, imports, packages, present

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src/ordergraph"
TEXT = (ROOT / "docs/architecture.md").read_text()
MERMAID = re.findall(r"```mermaid\n(.*?)```", TEXT, re.DOTALL)
PLACES = re.findall(r"`([a-z_/]+\.py)`(?:: (`[\w.]+`(?:, `[\w.]+`)*))?", TEXT)
"""Files and the names in them, written as ``file.py``: ``name``, ``Class.method``."""
ARROWS = re.findall(r"(\w+) --> (\w+)", MERMAID[0])


def test_the_first_diagram_has_every_package() -> None:
    there = {path.parent.name for path in SOURCE.glob("*/__init__.py")} | {"app"}
    assert {name for arrow in ARROWS for name in arrow} == there
    table = TEXT.split("## Vendor-specific fields")[0]
    assert there <= {name.removesuffix(".py") for name in re.findall(r"^\| `([\w.]+)` \|", table, re.MULTILINE)}


def test_every_arrow_is_an_import() -> None:
    graph = packages(imports(present()))
    for one, other in ARROWS:
        assert f"ordergraph.{other}" in graph[f"ordergraph.{one}"], f"{one} does not import {other}"


def test_there_is_no_circle_of_packages_or_modules() -> None:
    graph = imports(present())
    assert circles(packages(graph)) == []
    assert circles(graph) == []


@pytest.mark.parametrize(("path", "names"), sorted(set(PLACES)))
def test_every_place_is_there(path: str, names: str) -> None:
    folders = [SOURCE] if "/" in path or path == "app.py" else [SOURCE / "vendors" / one.code for one in VENDORS]
    for folder in folders:
        module = ast.parse((folder / path).read_text())
        for name in re.findall(r"[\w.]+", names):
            assert found(module, name.split("."))


@pytest.mark.parametrize(
    "question",
    ["status of a Nuvias order", "a 429 retried", "an idempotency key stored", "`orders` merged", "a limit enforced"],
)
def test_a_newcomer_finds_the_way(question: str) -> None:
    (answer,) = re.findall(rf"^### Where is [^\n]*{question}[^\n]*\n(.*?)(?=^##)", TEXT, re.MULTILINE | re.DOTALL)
    assert len(re.findall(r"^(?:\d\. |\|).*\.py`: `", answer, re.MULTILINE)) >= 5


def test_participants_of_the_other_diagrams_are_packages_or_people() -> None:
    packages_ = {path.parent.name for path in SOURCE.glob("*/__init__.py")}
    for diagram in MERMAID[1:]:
        named = set(re.findall(r"participant \w+ as (\w+)", diagram))
        assert named <= packages_ | {"Client", "Vendor"}


def test_functions_and_files_are_short() -> None:
    sources = present()
    assert [name for one in sources for name, length in one.functions() if length > LONG_FUNCTION] == []
    assert {one.name for one in sources if one.lines > LONG_FILE} == set()
