"""Documents are parsed and validated once. Invalid documents are not cached."""

from unittest.mock import patch

import pytest
from graphql import OperationType, build_schema

from ordergraph.execution import Documents, Rejected, documents

SCHEMA = build_schema("type Query { a: Int q: Query } type Mutation { m: Int }")
TOKENS = 200


def made(*, suggestions: bool = True) -> Documents:
    return Documents(SCHEMA, [], TOKENS, suggestions=suggestions)


def test_a_valid_document_is_read_once() -> None:
    known = made()
    with patch.object(documents, "parse", wraps=documents.parse) as parse:
        assert known.of("{ a }") is known.of("{ a }")
        assert parse.call_count == 1


@pytest.mark.parametrize(
    ("text", "malformed"),
    [
        ("{", True),
        ("", True),
        ("\x00", True),
        ("{ b }", False),
        ("{ a(x: 1) }", False),
        ("fragment F on Query { a }", False),
        ("{ " + "a " * TOKENS + "}", False),
        ("{" + "q{" * 40 + "a" + "}" * 40, True),
    ],
)
def test_a_wrong_document_is_not_kept(text: str, malformed: bool) -> None:
    known = made()
    for _ in range(2):
        with (
            patch.object(documents, "parse", wraps=documents.parse) as parse,
            pytest.raises(Rejected) as found,
        ):
            known.of(text)
        assert parse.call_count == 1
        assert found.value.malformed is malformed
        assert found.value.errors


def test_a_document_that_is_nested_too_deeply_is_told() -> None:
    deep = Documents(SCHEMA, [], 1_000_000)
    with pytest.raises(Rejected, match="nested too deeply"):
        deep.of("{" + "q{" * 50_000 + "a" + "}" * 50_001)


def test_what_is_kept_is_bounded() -> None:
    known = made()
    with patch.object(documents, "KEPT_CHARACTERS", 500):
        known = made()
        for number in range(20):
            known.of(f"{{ a{number}: a }}")
        with patch.object(documents, "parse", wraps=documents.parse) as parse:
            known.of("{ a19: a }")
            known.of("{ a0: a }")
            known.of("{ " + "a " * 190 + "}")  # larger than the whole cache
        assert parse.call_count == 2


def test_the_operation_is_chosen_by_name() -> None:
    document = made().of("query One { a } mutation Two { m }")
    assert document.kind("One") is OperationType.QUERY
    assert document.kind("Two") is OperationType.MUTATION
    for name in (None, "", "Three"):
        with pytest.raises(Rejected):
            document.kind(name)
    assert made().of("{ a }").kind(None) is OperationType.QUERY
    with pytest.raises(Rejected):
        made().of("{ a }").kind("One")


def test_suggestions_can_be_left_out() -> None:
    for suggestions in (True, False):
        with pytest.raises(Rejected) as found:
            made(suggestions=suggestions).of("{ aa }")
        assert ("Did you mean" in str(found.value)) is suggestions
