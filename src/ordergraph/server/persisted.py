"""Documents that a request names instead of sending them: those that the operator trusts, and those sent before.

A name is a ``documentId`` (GraphQL over HTTP, appendix A) or the hash of Apollo's automatic persisted queries. Codes,
messages and statuses are those that Apollo's servers and clients share.
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
from ordergraph.server.responses import Refused
from ordergraph.server.request import GraphQLRequest

KEPT_BYTES = 8 * 1024 * 1024
ENTRY_BYTES = 1024
"""What the smallest document counts for, so that their number is bounded as well."""
PREFIX = "sha256:"
SHOWN = 100
"""Of a name that is not known, in its error."""


class Persisted:
    """Finds the documents of requests, by their names or in themselves.

    ``trusted`` are the operator's, by name; with ``only``, nothing else is executed. Where it is ``automatic``, what a
    client sends with its hash is kept, up to a size, in this process: another one asks the client to send it again.
    """

    def __init__(self, documents: Documents, trusted: Mapping[str, str], *, automatic: bool, only: bool) -> None:
        self._documents = documents
        self._trusted = {**{hash_of(text): text for text in trusted.values()}, **trusted}
        self._automatic = automatic and not only
        self._only = only
        self._sent: LRUCache[str, str] = LRUCache(KEPT_BYTES, getsizeof=_size)

    def document(self, params: GraphQLRequest) -> Document:
        """The document of a request.

        Raises Refused where there is none or it must not be executed, Rejected where it is wrong.
        """
        name, text = _name(params), params.query
        if not text:
            return self._documents.of(self._named(params, name))
        if name is not None and name != hash_of(text):
            raise Refused(400, "the hash of the request is not that of its `query`: it is the SHA-256 of the text")
        if self._only and hash_of(text) not in self._trusted:
            raise Refused(403, "only documents on the operator's list are executed", "QUERY_NOT_IN_SAFELIST")
        document = self._documents.of(text)
        if self._automatic and name is not None and _size(text) <= KEPT_BYTES:
            self._sent[name] = text
        return document

    def _named(self, params: GraphQLRequest, name: str | None) -> str:
        if name is None:
            raise Refused(400, "there is neither a `query` nor the name of a document in the request")
        found = self._trusted.get(name) or self._sent.get(name)
        if found is not None:
            return found
        if params.document_id or self._only:
            message = f"there is no document {name[:SHOWN]!r} on the operator's list"
            raise Refused(404, message, "PERSISTED_QUERY_NOT_IN_LIST")
        if self._automatic:  # 200: Apollo's client for iOS looks no further when the status is an error
            raise Refused(200, "PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND")
        raise Refused(200, "PersistedQueryNotSupported", "PERSISTED_QUERY_NOT_SUPPORTED")


def hash_of(text: str) -> str:
    """A document's SHA-256, as hexadecimal digits."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _size(text: str) -> int:
    return max(len(text), ENTRY_BYTES)


def _name(params: GraphQLRequest) -> str | None:
    """The name in a request, without the prefix of hashes, None if there is none; raise Refused for a wrong one."""
    given = (params.extensions or {}).get("persistedQuery")
    if params.document_id:
        if params.query or given is not None:
            raise Refused(400, "`documentId` comes instead of `query` and of a persisted query's hash")
        return params.document_id.removeprefix(PREFIX)
    if given is None:
        return None
    extension = cast("dict[str, Any]", given) if isinstance(given, dict) else {}
    name = extension.get("sha256Hash")
    if extension.get("version") != 1 or not isinstance(name, str) or not name:
        raise Refused(400, '`extensions.persistedQuery` is {"version": 1, "sha256Hash": "..."}')
    return name


# ---- The operator's list --------------------------------------------------------------------------


class _Entry(msgspec.Struct):
    """A document of Apollo's manifest. What else stands there, its name and type, the document says itself."""

    id: str
    body: str


class _Manifest(msgspec.Struct):
    """What Apollo's `generate-persisted-query-manifest` writes."""

    format: Literal["apollo-persisted-query-manifest"]
    version: Literal[1]
    operations: list[_Entry]


def trusted_documents(manifest: str, documents: Documents) -> Mapping[str, str]:
    """The documents of a manifest by their names, none if it is empty.

    Raises SettingsError with all that do not fit the schema.
    """
    entries = _read(Path(manifest)) if manifest else ()
    problems = [f"{one.id}: {problem}" for one in entries for problem in _problems(one.body, documents)]
    names = [one.id for one in entries]
    problems += [f"{name}: there are several" for name in dict.fromkeys(names) if names.count(name) > 1]
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
    """The entries of a manifest in Apollo's form, or in that of Relay and GraphQL Codegen: texts by their names."""
    try:
        content = json.loads(manifest.read_text(encoding="utf-8"))
        if isinstance(content, dict) and "format" in content:
            return msgspec.convert(content, _Manifest).operations
        return [_Entry(name, text) for name, text in msgspec.convert(content, dict[str, str]).items()]
    except OSError as error:
        raise SettingsError(f"graphql.trusted: {manifest} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError, msgspec.ValidationError) as error:
        raise SettingsError(f"graphql.trusted: {manifest} is no manifest of documents: {error}") from None
