"""Reads the Hub's objects one by one, in whole lists and in pages, and provides the data that their views need."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar, Generic, Literal, TypeVar, cast

import msgspec
from pydantic import AnyHttpUrl, Field

from ordergraph import domain
from ordergraph.connector import Connector, Fetched, ReadCheck, by_key, each
from ordergraph.domain import errors
from ordergraph.domain.paging import Key, OffsetPage, Slice, VendorPage, Window, among, pages_of, seek
from ordergraph.settings import AccountSettings, Credential, Secret
from ordergraph.upstream.calls import Call, Decoded
from ordergraph.upstream.client import Reply
from ordergraph.vendors.nuvias import wire_people as wire
from ordergraph.vendors.nuvias.mapping import Facts
from ordergraph.vendors.nuvias.request_mapping import HUB_ID, Findings, Query

T = TypeVar("T")
W = TypeVar("W", bound=msgspec.Struct)
V = TypeVar("V", bound=domain.View)
V_co = TypeVar("V_co", covariant=True)

# Every path of the API. Some are inferred, since the document has no paths. An account can override any of them
# under [accounts.<name>.paths].
PATHS: Mapping[str, str] = {
    "create_token": "POST /oauth/create_token",
    "whoami": "GET /whoami",
    "list_organisations": "GET /organisations",
    "list_addresses": "GET /organisations/{id}/addresses",
    "list_users": "GET /users",
    "get_user": "GET /users/{id}",
    "create_user": "POST /users",
    "edit_user": "PUT /users/{id}",
    "list_product_groups": "GET /product_groups",
    "get_product_group": "GET /product_groups/{id}",
    "create_product_group": "POST /product_groups",
    "edit_product_group": "PUT /product_groups/{id}",
    "list_products": "GET /products",
    "get_product": "GET /products/{id}",
    "list_baskets": "GET /baskets",
    "create_basket": "POST /baskets",
    "get_basket": "GET /baskets/{id}",
    "edit_basket": "PUT /baskets/{id}",
    "submit_basket": "POST /baskets/{id}/submit",
    "add_line_item": "POST /baskets/{id}/line_items",
    "list_orders": "GET /orders",
    "create_order": "POST /orders",
    "edit_order": "PUT /orders/{id}",
    "preview_change": "POST /orders/change_preview",
    "get_order": "GET /orders/{id}",
    "cancel_order": "POST /orders/{id}/cancel",
    "approve_order": "POST /orders/{id}/approve",
    "deny_order": "POST /orders/{id}/deny",
    "resubmit_order": "POST /orders/{id}/resubmit",
    "list_subscriptions": "GET /subscriptions",
    "get_subscription": "GET /subscriptions/{id}",
    "edit_subscription": "PUT /subscriptions/{id}",
    "activate_subscription": "POST /subscriptions/{id}/activate",
    "cancel_subscription": "POST /subscriptions/{id}/cancel",
    "activate_changes": "POST /subscriptions/{id}/activate_changes",
    "cancel_changes": "POST /subscriptions/{id}/cancel_changes",
    "list_invoices": "GET /invoices",
    "list_manufacturers": "GET /vendors",
    "list_countries": "GET /country_codes",
    "list_shipping_types": "GET /shipping_types",
    "list_groups": "GET /groups",
    "list_sites": "GET /sites",
    "list_feeds": "GET /feeds",
    "create_feed": "POST /feeds",
    "get_feed": "GET /feeds/{id}",
    "edit_feed": "PUT /feeds/{id}",
}

PAGE_SIZE = 1000  # the maximum page size of the Hub
NARROW = 20  # extra orders to read, for those of the cursor's own day
PARALLEL = 8  # from this number of look-ups on, one page of the list is cheaper


class NuviasSettings(AccountSettings):
    """An account at the Hub: an API client of one of the Hub's users."""

    operations: ClassVar[Mapping[str, str]] = PATHS

    base_url: AnyHttpUrl = Field(
        default=AnyHttpUrl("https://hub.nuvias-uc.com/api/v1"), description="The base URL of the Hub's API."
    )
    client_id: Credential = Field(description="The client ID of the API client, a UUID.")
    client_secret: Secret = Field(description="The client secret of the API client.")
    placement: Literal["two-step", "direct"] = Field(
        default="two-step",
        description="How orders are placed: `two-step` creates a basket and submits it, `direct` uses POST /orders.",
    )


def read_problem(body: Any) -> errors.Problem:
    """Return the problem in an error body. The Hub does not document errors, so any known shape is read."""
    if not isinstance(body, dict):
        return errors.Problem()
    said = cast("dict[str, Any]", body)
    named = said.get("errors")
    fields: dict[str, Sequence[str]] = {}
    for name, words in cast("dict[str, Any]", named).items() if isinstance(named, dict) else ():
        fields[name] = [str(word) for word in (cast("list[Any]", words) if isinstance(words, list) else [words])]
    code, message = said.get("code") or said.get("error"), said.get("message") or said.get("error_description")
    return errors.Problem(str(code) if code else None, str(message) if message else None, fields)


@dataclass(frozen=True, slots=True)
class Kind(Generic[V_co]):
    """A kind of object of the Hub: its view, its struct, the operation that reads it, and its cache group."""

    view: Callable[[domain.Origin, Decoded[Any], Facts], V_co]
    struct: type[msgspec.Struct]
    operation: str
    kept: str = "reference"


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """A decoded response, with the totals that its headers have for a list."""

    value: T
    received_at: datetime
    left_out: Sequence[int] = ()
    total: int | None = None
    pages: int | None = None

    @property
    def skipped(self) -> int:
        """The number of items that could not be read."""
        return len(self.left_out)


def one(type_: type[W]) -> Callable[[Reply], Answer[Decoded[W]]]:
    """Return a decoder of a response with one object."""
    return lambda reply: Answer(reply.decode(type_), reply.received_at)


def many(type_: type[W]) -> Callable[[Reply], Answer[Sequence[Decoded[W]]]]:
    """Return a decoder of a response with a list."""

    def read(reply: Reply) -> Answer[Sequence[Decoded[W]]]:
        found = reply.decode_list(type_)
        total, pages = reply.count("x-total-count"), reply.count("x-total-pages")
        return Answer(found.items, reply.received_at, found.left_out, total, pages)

    return read


def paging(page: int, size: int) -> Query:
    """Return the query parameters of a page."""
    return [("page", str(page)), ("per_page", str(size))]


def list_check(group: str, kind: Kind[Any], *query: tuple[str, str]) -> ReadCheck:
    """Return the read check of a list."""
    return ReadCheck(
        group,
        kind.operation,
        lambda at: at.read(kind.operation, query=query, decode=many(kind.struct), kind="reference"),
    )


class HubConnector(Connector):
    """The reads and writes that all parts of an account share."""

    async def whoami(self) -> wire.Whoami:
        """Return the user of the account's API client."""
        return (await self.read("whoami", decode=one(wire.Whoami), kind="reference")).value.wire

    async def own_addresses(self) -> Answer[Sequence[Decoded[wire.SavedAddress]]]:
        """Return the saved addresses of the account's own organisation."""
        own = (await self.whoami()).organisation
        if own is None:
            raise self.client.error(errors.VendorBadReply, "whoami")
        return await self.addresses_of(str(own))

    async def addresses_of(self, organisation: str) -> Answer[Sequence[Decoded[wire.SavedAddress]]]:
        """Return the saved addresses of an organisation."""
        return await self.read("list_addresses", organisation, decode=many(wire.SavedAddress), kind="reference")

    async def facts(self) -> Facts:
        """Return currency and countries, cached for hours. A part that cannot be read holds its error."""
        money, places = await asyncio.gather(
            self.fact("whoami", decode=one(wire.Whoami)), self.fact("list_countries", decode=many(wire.Country))
        )
        if isinstance(money, errors.VendorError):
            currency: str | errors.VendorError = self.account.currency or money
        else:
            currency = money.value.wire.currency or self.account.currency or "XXX"
        if isinstance(places, errors.VendorError):
            return Facts(currency, places)
        return Facts(currency, {place.wire.id: place.wire.code for place in places.value if place.wire.code})

    async def written(self, kind: Kind[V], call: Call, *touches: str) -> V:
        """Send a change and return the object in the Hub's response."""
        reply = await self.send(call, *touches)
        return kind.view(self.origin(reply.received_at), reply.decode(kind.struct), await self.facts())

    async def get(self, kind: Kind[V], key: str) -> V | None:
        """Return an object by id, or None if the Hub has none."""
        if not HUB_ID.fullmatch(key):
            return None
        facts = asyncio.ensure_future(self.facts())  # at the same time as the call
        try:
            answer = await self.read(kind.operation, key, decode=one(kind.struct), kind=kind.kept)
            return kind.view(self.origin(answer.received_at), answer.value, await facts)
        except errors.VendorNotFound:
            return None
        finally:
            facts.cancel()

    async def read_list(self, kind: Kind[V], query: Query | None = None) -> Answer[list[V]]:
        """Return the objects of a list, or of one page of it."""
        answer, facts = await asyncio.gather(
            self.read(kind.operation, query=query or [], decode=many(kind.struct), kind=kind.kept), self.facts()
        )
        views = self.views(kind, answer, facts)
        return Answer(views, answer.received_at, answer.left_out, answer.total, answer.pages)

    def views(self, kind: Kind[V], answer: Answer[Sequence[Decoded[Any]]], facts: Facts) -> list[V]:
        """Return the views of the objects in a response."""
        origin = self.origin(answer.received_at)
        return [kind.view(origin, item, facts) for item in answer.value]

    async def part(self, kind: Kind[V], query: Query, offset: int, limit: int) -> OffsetPage[V]:
        """Return a part of a list that the Hub returns in pages."""
        pages = pages_of(offset, limit, PAGE_SIZE)
        answers = await asyncio.gather(
            *(self.read_list(kind, [*query, *paging(page, size)]) for page, size, _, _ in pages)
        )
        found: list[V] = []
        left_out: list[int] = []
        for answer, (_, _, begin, end) in zip(answers, pages, strict=True):
            views, gone = among(answer.value, answer.left_out, begin, end)
            left_out += [len(found) + len(left_out) + row for row in gone]
            found += views
        return OffsetPage(found, answers[0].total, answers[0].received_at, left_out)

    async def part_of_whole(self, kind: Kind[V], query: Query, offset: int, limit: int) -> OffsetPage[V]:
        """Return a part of a list that the Hub returns whole."""
        answer = await self.read_list(kind, query)
        items, left_out = among(answer.value, answer.left_out, offset, offset + limit)
        return OffsetPage(items, len(answer.value) + answer.skipped, answer.received_at, left_out)

    async def sought(
        self, kind: Kind[V], query: Query, by: str, window: Window, key: Callable[[Any], Key], keep: Callable[[V], bool]
    ) -> Slice[Any]:
        """Return a window of a list that the Hub sorts by one of its fields."""
        sort = ("sort_by", ("-" if window.descending else "+") + by)

        async def fetch(page: int, size: int) -> VendorPage[V]:
            answer = await self.read_list(kind, [*query, sort, *paging(page, size)])
            full = len(answer.value) + answer.skipped >= size  # then another page may follow, unless the header says
            pages = answer.pages if answer.pages is not None else page + full
            return VendorPage(answer.value, pages, answer.received_at, answer.total, answer.skipped)

        return await seek(window, fetch, key=key, keep=keep, narrow=NARROW, page_size=PAGE_SIZE)

    async def first_pages(self, kind: Kind[V], most: int, *, all_or_first: bool = False) -> Answer[list[V]]:
        """Return the first pages of a list, up to ``most``. ``pages`` is the number of pages of the whole list.

        With ``all_or_first``, only the first page is read of a list with more than ``most`` pages.
        """
        first = await self.read_list(kind, paging(1, PAGE_SIZE))
        pages = first.pages or 1
        last = 1 if all_or_first and pages > most else min(pages, most)
        rest = (self.read_list(kind, paging(number, PAGE_SIZE)) for number in range(2, last + 1))
        answers = [first, *await asyncio.gather(*rest)]
        views = [view for answer in answers for view in answer.value]
        return replace(first, value=views, left_out=[row for answer in answers for row in answer.left_out])

    def call_on(self, operation: str, key: str, body: object = None, note: object = None) -> Call:
        """Return the call of an operation on an object. Raise ActionRefused if the key cannot be an id of the Hub."""
        if not HUB_ID.fullmatch(key):
            raise self.nothing("no object with this ID")
        return self.client.build(operation, key, body=body, note=note)

    def checked(self, made: Callable[[Findings], T]) -> T:
        """Return what ``made`` returns. Raise ActionRefused with all the errors that it finds."""
        findings = Findings(self.name)
        found = made(findings)
        findings.raise_any()
        return found

    def nothing(self, what: str) -> errors.ActionRefused:
        """Return the refusal of an action on an object that the account does not have."""
        return errors.ActionRefused(
            errors.UserError(errors.UserErrorCode.NOT_FOUND, f"The account `{self.name}` has {what}.")
        )


Fetch = Callable[[Any, Sequence[str]], Coroutine[Any, Any, Fetched[V]]]
"""A method of a connector that reads objects by id."""


def by_id(kind: Kind[V]) -> Fetch[V]:
    """Return a method that reads each object with a call of its own."""

    async def fetch(at: HubConnector, keys: Sequence[str]) -> Fetched[V]:
        return await each(keys, lambda key: at.get(kind, key))

    return fetch


def out_of_list(kind: Kind[V]) -> Fetch[V]:
    """Return a method that reads reference data from its whole list, by the ids that other objects have."""

    async def fetch(at: HubConnector, keys: Sequence[str]) -> Fetched[V]:
        answer, facts = await asyncio.gather(at.fact(kind.operation, decode=many(kind.struct)), at.facts())
        if isinstance(answer, errors.VendorError):
            return [answer] * len(keys)
        return by_key(keys, {view.key[0]: view for view in at.views(kind, answer, facts)})

    return fetch
