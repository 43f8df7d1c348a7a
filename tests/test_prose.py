"""The documentation, the schema and all messages use the terms of the glossary and none of the replaced ones."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.documents import DOCUMENTS, ROOT

GLOSSARY = ROOT / "docs/glossary.md"
ROW = re.compile(r"^\| ([^|]+) \| [^|]+ \|([^|]*)\|$", re.MULTILINE)
SOURCES = ROOT / "src/ordergraph"


def replaced() -> dict[str, str]:
    """Return the expressions that must not be used, with the terms that replace them."""
    rows = [
        (term.strip(), old) for term, old in ROW.findall(GLOSSARY.read_text()) if term.strip() not in ("term", "---")
    ]
    return {one.strip(): term for term, old in rows for one in old.split(",") if one.strip()}


def prose(text: str) -> str:
    """Return a document without code, in lower case and on one line."""
    text = re.sub(r"^( *)```.*?^\1```$", "", text, flags=re.DOTALL | re.MULTILINE)
    return " ".join(text.lower().split())


def texts(path: Path) -> Iterator[str]:
    """Yield the texts in a module: messages, descriptions and docstrings."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_the_glossary_says_what_not_to_write() -> None:
    assert replaced()["who may ask"] == "authentication"
    assert len(replaced()) > 10


@pytest.mark.parametrize("path", [one for one in DOCUMENTS if one != GLOSSARY], ids=lambda one: one.name)
def test_documents_use_the_terms_of_the_glossary(path: Path) -> None:
    text = prose(path.read_text())
    assert [f"{old}: write {term}" for old, term in replaced().items() if old in text] == []


def test_the_schema_and_the_messages_use_the_terms_of_the_glossary() -> None:
    said = [prose((ROOT / "schema.graphql").read_text())]
    said += [prose(text) for path in SOURCES.rglob("*.py") for text in texts(path)]
    found = {old: next((text for text in said if old in text), "") for old in replaced()}
    assert {old: text[:200] for old, text in found.items() if text} == {}
