"""Parses, validates and caches documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cachetools import LRUCache
from graphql import (
    ASTValidationRule,
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    parse,
    specified_rules,
    validate,
)

from ordergraph.execution.max_age import max_age

KEPT_CHARACTERS = 8 * 1024 * 1024
DEFERRING = ("@defer", "@stream")


class Rejected(Exception):
    """A request is not executed, with the reasons. ``malformed``: the document is not valid GraphQL."""

    def __init__(self, errors: Sequence[GraphQLError], *, malformed: bool = False) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = errors
        self.malformed = malformed


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A valid document. ``incremental``: parts of a response may be delivered later.

    ``max_ages`` has the number of seconds for which the schema allows each operation's response to be cached.
    """

    text: str
    node: DocumentNode
    operations: Mapping[str, OperationDefinitionNode]
    max_ages: Mapping[str, int]
    incremental: bool

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """Return the operation of that name, or the only one; raise Rejected if there is none."""
        if name:
            found = self.operations.get(name)
            if found is None:
                raise Rejected([GraphQLError(f"The document has no operation {name!r}.")])
            return found
        if len(self.operations) != 1:
            raise Rejected([GraphQLError("The document has several operations. Select one with `operationName`.")])
        return next(iter(self.operations.values()))

    def kind(self, name: str | None) -> OperationType:
        """Return the type of the operation of that name, or the only one: query, mutation or subscription."""
        return self.operation(name).operation

    def max_age(self, name: str | None) -> int:
        """Return how long the response of the operation of that name, or the only one, may be cached, in seconds."""
        return self.max_ages[_name(self.operation(name))]


class Documents:
    """Parses and validates documents of clients, with an LRU cache of valid ones that is limited by size.

    ``rules`` are added to those of the specification. ``tokens`` is the maximum number of tokens of a document.
    """

    def __init__(
        self, schema: GraphQLSchema, rules: Sequence[type[ASTValidationRule]], tokens: int, *, suggestions: bool = True
    ) -> None:
        self.schema = schema
        self._rules = [*specified_rules, *rules]
        self._tokens = tokens
        self._suggestions = suggestions
        self._kept: LRUCache[str, Document] = LRUCache(KEPT_CHARACTERS, getsizeof=_size)

    def of(self, text: str) -> Document:
        """Return the document of a text; raise Rejected with all errors."""
        document = self._kept.get(text)
        if document is None:
            document = self._read(text)
            if _size(document) <= KEPT_CHARACTERS:
                self._kept[text] = document
        return document

    def _read(self, text: str) -> Document:
        try:
            node = parse(text, max_tokens=self._tokens)
            errors = validate(self.schema, node, self._rules, hide_suggestions=not self._suggestions)
        except GraphQLSyntaxError as error:
            too_large = "more than" in error.message and "tokens" in error.message
            raise Rejected([error], malformed=not too_large) from None
        except RecursionError:
            raise Rejected([GraphQLError("The document is nested too deeply.")]) from None
        if errors:
            raise Rejected(errors)
        operations = [one for one in node.definitions if isinstance(one, OperationDefinitionNode)]
        if not operations:
            raise Rejected([GraphQLError("The document has no operation.")])
        named = {_name(one): one for one in operations}
        fragments = {one.name.value: one for one in node.definitions if isinstance(one, FragmentDefinitionNode)}
        ages = {name: max_age(self.schema, one, fragments) for name, one in named.items()}
        return Document(text, node, named, ages, any(word in text for word in DEFERRING))


def _name(operation: OperationDefinitionNode) -> str:
    return operation.name.value if operation.name else ""


def _size(document: Document) -> int:
    """Return the approximate size: a parsed document is larger than its text, by about the same factor for all."""
    return len(document.text) + 100
