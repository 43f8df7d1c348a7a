"""Persisted documents, which requests refer to by name: the operator's trusted ones, and ones that clients sent before.

A name is a ``documentId`` (GraphQL over HTTP, appendix A) or the hash of Apollo's automatic persisted queries. Codes,
messages and statuses are the ones that Apollo's servers and clients use.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, cast

import msgspec
from cachetools import LRUCache

from ordergraph.domain.errors import SettingsError
from ordergraph.execution import Document, Documents, Rejected
from ordergraph.server.request import GraphQLRequest
from ordergraph.server.responses import Refused

KEPT_BYTES = 8 * 1024 * 1024
ENTRY_BYTES = 1024
"""The minimum size that a document counts as, so that the number of documents is bounded too."""
PREFIX = "sha256:"
SHOWN = 100
"""The number of characters of an unknown name that the error quotes."""


class Persisted:
    """Finds the documents of requests, by name or by text.

    ``trusted`` are the operator's documents by name; with ``only``, no other documents are executed. With
    ``automatic``, documents that clients send with their hash are cached in this process, up to a total size. Another
    process asks the client to send the document again.
    """

    def __init__(self, documents: Documents, trusted: Mapping[str, str], *, automatic: bool, only: bool) -> None:
        self._documents = documents
        self._trusted = {**{hash_of(text): text for text in trusted.values()}, **trusted}
        self._automatic = automatic and not only
        self._only = only
        self._sent: LRUCache[str, str] = LRUCache(KEPT_BYTES, getsizeof=_size)

    def document(self, params: GraphQLRequest) -> Document:
        """Return the document of a request.

        Raises Refused if there is none or it must not be executed, Rejected if it is invalid.
        """
        name, text = _name(params), params.query
        if not text:
            return self._documents.of(self._named(params, name))
        if name is not None and name != hash_of(text):
            raise Refused(400, "The hash does not match `query`. Send the SHA-256 hash of the text of `query`.")
        if self._only and hash_of(text) not in self._trusted:
            raise Refused(
                403,
                "Only trusted documents can be executed. This document is not one of them.",
                "QUERY_NOT_IN_SAFELIST",
            )
        document = self._documents.of(text)
        if self._automatic and name is not None and _size(text) <= KEPT_BYTES:
            self._sent[name] = text
        return document

    def _named(self, params: GraphQLRequest, name: str | None) -> str:
        if name is None:
            raise Refused(
                400, "The request has no document. Send `query`, `documentId` or the hash of a persisted query."
            )
        found = self._trusted.get(name) or self._sent.get(name)
        if found is not None:
            return found
        if params.document_id or self._only:
            message = f"There is no trusted document {name[:SHOWN]!r}."
            raise Refused(404, message, "PERSISTED_QUERY_NOT_IN_LIST")
        if self._automatic:  # 200: Apollo's client for iOS does not read the body of an error status
            raise Refused(200, "PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND")
        raise Refused(200, "PersistedQueryNotSupported", "PERSISTED_QUERY_NOT_SUPPORTED")


def hash_of(text: str) -> str:
    """Return the SHA-256 of a document, in hexadecimal."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _size(text: str) -> int:
    return max(len(text), ENTRY_BYTES)


def _name(params: GraphQLRequest) -> str | None:
    """Return the document's name in a request, without the `sha256:` prefix; None if it has none.

    Raises Refused for an invalid one.
    """
    given = (params.extensions or {}).get("persistedQuery")
    if params.document_id:
        if params.query or given is not None:
            raise Refused(400, "`documentId` cannot be combined with `query` or the hash of a persisted query.")
        return params.document_id.removeprefix(PREFIX)
    if given is None:
        return None
    extension = cast("dict[str, Any]", given) if isinstance(given, dict) else {}
    name = extension.get("sha256Hash")
    if extension.get("version") != 1 or not isinstance(name, str) or not name:
        raise Refused(400, '`extensions.persistedQuery` must be {"version": 1, "sha256Hash": "..."}.')
    return name


# ---- Trusted documents ------------------------------------------------------------------------------


class _Entry(msgspec.Struct):
    """A document of Apollo's manifest. Its name and type are ignored, since the document contains them."""

    id: str
    body: str


class _Manifest(msgspec.Struct):
    """The output of Apollo's `generate-persisted-query-manifest`."""

    format: Literal["apollo-persisted-query-manifest"]
    version: Literal[1]
    operations: list[_Entry]


def trusted_documents(manifest: str, documents: Documents) -> Mapping[str, str]:
    """Return the documents of a manifest by name; none if ``manifest`` is empty.

    Raises SettingsError with all documents that are not valid for the schema.
    """
    entries = _read(Path(manifest)) if manifest else ()
    problems = [f"{one.id}: {problem}" for one in entries for problem in _problems(one.body, documents)]
    names = [one.id for one in entries]
    problems += [f"{name}: The ID is used more than once." for name in dict.fromkeys(names) if names.count(name) > 1]
    if problems:
        raise SettingsError("\n".join(f"graphql.trusted: {manifest}: {problem}" for problem in problems))
    return {one.id.removeprefix(PREFIX): one.body for one in entries}


def _problems(text: str, documents: Documents) -> Sequence[str]:
    try:
        documents.of(text)
    except Rejected as found:
        return [error.message for error in found.errors]
    return ()


def _read(manifest: Path) -> Sequence[_Entry]:
    """Read a manifest in Apollo's format, or in that of Relay and GraphQL Codegen, an object of texts by name."""
    try:
        content = json.loads(manifest.read_text(encoding="utf-8"))
        if isinstance(content, dict) and "format" in content:
            return msgspec.convert(content, _Manifest).operations
        return [_Entry(name, text) for name, text in msgspec.convert(content, dict[str, str]).items()]
    except OSError as error:
        raise SettingsError(f"graphql.trusted: Cannot read {manifest}. {error.strerror}.") from None
    except (ValueError, RecursionError, msgspec.ValidationError) as error:
        raise SettingsError(f"graphql.trusted: {manifest} is not a manifest of documents: {error}") from None
