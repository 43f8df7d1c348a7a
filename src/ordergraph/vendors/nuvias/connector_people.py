"""What only the Hub has: users, product groups, feeds, and the data that others refer to."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from ordergraph.connector import Fetched, each
from ordergraph.domain.errors import ActionRefused, UserError, UserErrorCode
from ordergraph.domain.paging import OffsetPage
from ordergraph.vendors.nuvias import mapping_people as people
from ordergraph.vendors.nuvias import wire_people as wire
from ordergraph.vendors.nuvias.connector_calls import HubConnector, Kind, one
from ordergraph.vendors.nuvias.mapping import Details
from ordergraph.vendors.nuvias.request_mapping import Findings, Query, body_of
from ordergraph.vendors.nuvias.request_mapping_people import changed_body, new_body
from ordergraph.vendors.nuvias.wire import Write

D = TypeVar("D", bound=Details[Any])

ADMINISTRATION = "administration"
USERS = Kind(people.NuviasUser, wire.User, "get_user", ADMINISTRATION)
USER_ROWS = Kind(people.NuviasUserRow, wire.UserRow, "list_users", ADMINISTRATION)
PRODUCT_GROUPS = Kind(people.NuviasProductGroup, wire.ProductGroup, "get_product_group", ADMINISTRATION)
PRODUCT_GROUP_ROWS = Kind(people.NuviasProductGroupRow, wire.ProductGroupRow, "list_product_groups", ADMINISTRATION)
FEEDS = Kind(people.NuviasFeed, wire.Feed, "get_feed", ADMINISTRATION)
FEED_ROWS = Kind(people.NuviasFeedRow, wire.FeedRow, "list_feeds", ADMINISTRATION)
ORGANISATIONS = Kind(people.NuviasOrganisation, wire.Organisation, "list_organisations")
MANUFACTURERS = Kind(people.NuviasManufacturer, wire.Manufacturer, "list_manufacturers")
COUNTRIES = Kind(people.NuviasCountry, wire.Country, "list_countries")
SHIPPING_TYPES = Kind(people.NuviasShippingType, wire.ShippingType, "list_shipping_types")
GROUPS = Kind(people.NuviasProvisioningGroup, wire.Group, "list_groups")
SITES = Kind(people.NuviasSite, wire.Site, "list_sites")


class PeopleConnector(HubConnector):
    """The part of an account that is not about orders."""

    async def viewer(self) -> people.NuviasViewer:
        """Whose API client this is."""
        answer = await self.read("whoami", decode=one(wire.Whoami), kind="reference")
        return people.NuviasViewer(self.origin(answer.received_at), answer.value, await self.facts())

    async def _make(self, kind: Kind[D], operation: str, body: type[Write], values: Mapping[str, Any]) -> D:
        findings = Findings(self.name)
        content = new_body(body, values, findings)
        findings.raise_any()
        return await self.written(kind, self.client.build(operation, body=content), ADMINISTRATION)

    async def _change(self, kind: Kind[D], operation: str, key: str, body: type[Write], values: Mapping[str, Any]) -> D:
        """The Hub's PUT overwrites, so the rest is sent as it is, a feed's password included."""
        self.cache.forget(ADMINISTRATION)
        current = await self.get(kind, key)
        if current is None:
            raise ActionRefused(UserError(UserErrorCode.NOT_FOUND, f"account {self.name} has no such object"))
        findings = Findings(self.name)
        content = changed_body(current.wire, body, values, findings)
        findings.raise_any()
        call = self.client.build(operation, key, body=content, note=body_of(current.wire, body))
        return await self.written(kind, call, ADMINISTRATION)

    async def list_users(self, query: Query, offset: int, limit: int) -> OffsetPage[people.NuviasUserRow]:
        """Users."""
        return await self.part(USER_ROWS, query, offset, limit)

    async def fetch_users(self, keys: Sequence[str]) -> Fetched[people.NuviasUser]:
        """Users by id, with all that the Hub tells of them."""
        return await self.get_each(USERS, keys)

    async def create_user(self, values: Mapping[str, Any]) -> people.NuviasUser:
        """Make a user."""
        return await self._make(USERS, "create_user", wire.UserWrite, values)

    async def edit_user(self, key: str, values: Mapping[str, Any]) -> people.NuviasUser:
        """Change a user."""
        return await self._change(USERS, "edit_user", key, wire.UserWrite, values)

    async def list_product_groups(self, offset: int, limit: int) -> OffsetPage[people.NuviasProductGroupRow]:
        """Product groups; the Hub gives them as a whole."""
        return await self.part_of_whole(PRODUCT_GROUP_ROWS, [], offset, limit)

    async def fetch_product_groups(self, keys: Sequence[str]) -> Fetched[people.NuviasProductGroup]:
        """Product groups by id, with all that the Hub tells of them."""
        return await self.get_each(PRODUCT_GROUPS, keys)

    async def create_product_group(self, values: Mapping[str, Any]) -> people.NuviasProductGroup:
        """Make a product group."""
        return await self._make(PRODUCT_GROUPS, "create_product_group", wire.ProductGroupWrite, values)

    async def edit_product_group(self, key: str, values: Mapping[str, Any]) -> people.NuviasProductGroup:
        """Change a product group."""
        return await self._change(PRODUCT_GROUPS, "edit_product_group", key, wire.ProductGroupWrite, values)

    async def list_feeds(self, query: Query, offset: int, limit: int) -> OffsetPage[people.NuviasFeedRow]:
        """Feeds; the Hub gives them as a whole."""
        return await self.part_of_whole(FEED_ROWS, query, offset, limit)

    async def fetch_feeds(self, keys: Sequence[str]) -> Fetched[people.NuviasFeed]:
        """Feeds by id, with what their files look like."""
        return await self.get_each(FEEDS, keys)

    async def create_feed(self, values: Mapping[str, Any]) -> people.NuviasFeed:
        """Make a feed."""
        return await self._make(FEEDS, "create_feed", wire.FeedWrite, values)

    async def edit_feed(self, key: str, values: Mapping[str, Any]) -> people.NuviasFeed:
        """Change a feed."""
        return await self._change(FEEDS, "edit_feed", key, wire.FeedWrite, values)

    async def fetch_addresses(self, keys: Sequence[str]) -> Fetched[Sequence[people.NuviasSavedAddress]]:
        """For each organisation id, its saved addresses."""

        async def of(key: str) -> Sequence[people.NuviasSavedAddress]:
            answer, facts = await asyncio.gather(self.addresses_of(key), self.facts())
            return [people.NuviasSavedAddress(one.wire.name, facts.address(one.wire)) for one in answer.value]

        return await each(keys, of)

    async def fetch_organisations(self, keys: Sequence[str]) -> Fetched[people.NuviasOrganisation]:
        """Organisations by id."""
        return await self.referenced(ORGANISATIONS, keys)

    async def fetch_manufacturers(self, keys: Sequence[str]) -> Fetched[people.NuviasManufacturer]:
        """Manufacturers by id."""
        return await self.referenced(MANUFACTURERS, keys)

    async def fetch_countries(self, keys: Sequence[str]) -> Fetched[people.NuviasCountry]:
        """Countries by id."""
        return await self.referenced(COUNTRIES, keys)

    async def fetch_shipping_types(self, keys: Sequence[str]) -> Fetched[people.NuviasShippingType]:
        """Ways to ship by id."""
        return await self.referenced(SHIPPING_TYPES, keys)

    async def fetch_groups(self, keys: Sequence[str]) -> Fetched[people.NuviasProvisioningGroup]:
        """Dovetail groups by id."""
        return await self.referenced(GROUPS, keys)

    async def fetch_sites(self, keys: Sequence[str]) -> Fetched[people.NuviasSite]:
        """Dovetail sites by id."""
        return await self.referenced(SITES, keys)
