"""The HTTP side of the fake Sonata: requests, responses, errors, pages, and the notifications that it sends."""

import threading
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import msgspec
from starlette.datastructures import QueryParams
from starlette.responses import Response

from ordergraph.sandbox import decode_json
from ordergraph.vendors.sonata.sandbox import rules
from ordergraph.vendors.sonata.sandbox.data import CALLBACK_SECONDS

Record = dict[str, Any]

PAGE = 50
MAX_PAGE = 500


class Refusal(Exception):
    """A request that Sonata rejects, with the error in its format: one error or, for 422, a list of errors."""

    def __init__(self, status: int, content: Record | Sequence[Record]) -> None:
        super().__init__(status)
        self.response = answer(content, status)


def refusal(status: int, code: str, reason: str) -> Refusal:
    """Return a refusal with one error."""
    return Refusal(status, {"code": code, "reason": reason[:255]})


def answer(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a response in Sonata's media type."""
    typed = {"content-type": "application/json;charset=utf-8", **(headers or {})}
    return Response(msgspec.json.encode(content), status, typed)


@dataclass(frozen=True)
class Login:
    """The scopes of a token, all operations if there are none, and the contract of its client."""

    scopes: frozenset[str]
    contract: rules.Contract


@dataclass
class Call:
    """A request, as operations receive it."""

    id: str
    query: QueryParams
    content: bytes
    now: datetime
    contract: rules.Contract

    def body(self) -> Record:
        """Return the JSON object in the body."""
        try:
            found = decode_json(self.content)
        except ValueError as error:
            raise refusal(400, "invalidBody", str(error)) from None
        if not isinstance(found, dict):
            raise refusal(400, "invalidBody", "the body must be an object")
        return cast("Record", found)

    def known(self, kind: str, body: Record) -> Record:
        """Return the part of a body that this Seller reads."""
        return rules.known_part(kind, body, self.contract)

    def word(self, name: str, allowed: Sequence[str] = ()) -> str | None:
        """Return a parameter of the query."""
        value = self.query.get(name)
        if value == "":
            raise refusal(400, "missingQueryValue", f"{name} needs a value")
        if value is not None and allowed and value not in allowed:
            raise refusal(400, "invalidQuery", f"{name} must be one of {', '.join(allowed)}")
        return value

    def number(self, name: str, default: int) -> int:
        """Return an integer of the query, 0 or greater."""
        text = self.word(name)
        if text is not None and not (text.isascii() and text.isdigit() and len(text) < 10):
            raise refusal(400, "invalidQuery", f"{name} must be a whole number")
        return default if text is None else int(text)

    def moment(self, name: str) -> datetime | None:
        """Return a time of the query."""
        text = self.word(name)
        if text is not None and not rules.is_moment(text):
            raise refusal(400, "invalidQuery", f"{name} must be a date-time of RFC 3339")
        return None if text is None else datetime.fromisoformat(text)

    def span(self, name: str) -> Callable[[object], bool]:
        """Return a test for the range ``name.gt`` to ``name.lt``, without both ends."""
        after, before = self.moment(f"{name}.gt"), self.moment(f"{name}.lt")

        def test(text: object) -> bool:
            if after is None and before is None:
                return True
            if text is None:
                return False
            at = datetime.fromisoformat(str(text))
            return (after is None or at > after) and (before is None or at < before)

        return test


def page(call: Call, found: Sequence[Record]) -> Response:
    """Return a page of a list, with the paging headers. A limit above the maximum is reduced and reported."""
    offset, wanted = call.number("offset", 0), call.number("limit", PAGE)
    rows = found[offset : offset + min(wanted, MAX_PAGE)]
    headers = {"X-Total-Count": str(len(found)), "X-Result-Count": str(len(rows))}
    if wanted > MAX_PAGE and offset + len(rows) < len(found):
        headers["X-Pagination-Throttled"] = "true"
    return answer(rows, headers=headers)


def in_contract(thing: Record, contract: rules.Contract) -> Record:
    """Return an order, an item or a task with the addresses of its contacts in the format of a contract."""
    shown = dict(thing)
    if "relatedContactInformation" in shown:
        shown["relatedContactInformation"] = [
            contact_in(one, contract) for one in rules.objects(thing, "relatedContactInformation")
        ]
    if isinstance(thing.get("productOrderItem"), list):
        shown["productOrderItem"] = [in_contract(item, contract) for item in rules.objects(thing, "productOrderItem")]
    return shown


def contact_in(contact: Record, contract: rules.Contract) -> Record:
    """Return a contact with its address in the format of a contract. An address with a role has the contact's role."""
    if not contact.get("postalAddress"):
        return contact
    address = {"role": contact["role"], **contact["postalAddress"]}
    return {**contact, "postalAddress": rules.known_part("AnsweredAddress", address, contract)}


class Mail:
    """Delivers notifications in order, in a background thread."""

    def __init__(self) -> None:
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
        self._postman: ThreadPoolExecutor | None = None
        self._lock = threading.Lock()
        self._log: list[Record] = []

    def post(self, url: str, body: Record) -> None:
        """Queue a notification."""
        self._postman = self._postman or ThreadPoolExecutor(1, "sonata-notifications")
        self._postman.submit(self._deliver, url, body)

    def _deliver(self, url: str, body: Record) -> None:
        headers = {"content-type": "application/json;charset=utf-8"}
        status = None
        try:
            request = urllib.request.Request(url, msgspec.json.encode(body), headers, method="POST")
            with self._open(request, timeout=CALLBACK_SECONDS) as reply:
                status = reply.status
        except (OSError, ValueError) as error:
            status = getattr(error, "code", None)
        with self._lock:
            self._log.append({"url": url, "status": status, "body": body})

    def delivered(self) -> list[Record]:
        """Wait until the queue is empty and return all notifications that were sent."""
        if self._postman:
            self._postman.submit(lambda: None).result(CALLBACK_SECONDS * 2)
        with self._lock:
            return list(self._log)

    def forget(self) -> None:
        """Discard the queue and the log."""
        if self._postman:
            self._postman.shutdown(wait=False, cancel_futures=True)
            self._postman = None
        with self._lock:
            self._log = []
