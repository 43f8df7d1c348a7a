"""The part of an account that only the Hub has: users, product groups, feeds and reference data."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ordergraph.connector import Fetched, each
from ordergraph.vendors.nuvias import mapping_people as people
from ordergraph.vendors.nuvias import wire_people as wire
from ordergraph.vendors.nuvias.connector_calls import HubConnector, Kind, by_id, one, out_of_list
from ordergraph.vendors.nuvias.mapping import Details
from ordergraph.vendors.nuvias.request_mapping import body_of
from ordergraph.vendors.nuvias.request_mapping_people import changed_body, new_body
from ordergraph.vendors.nuvias.wire import Write

D = TypeVar("D", bound=Details[Any])

ADMINISTRATION = "administration"
USER_ROWS = Kind(people.NuviasUser[wire.UserRow], wire.UserRow, "list_users", ADMINISTRATION)
PRODUCT_GROUP_ROWS = Kind(
    people.NuviasProductGroup[wire.ProductGroupRow], wire.ProductGroupRow, "list_product_groups", ADMINISTRATION
)
FEED_ROWS = Kind(people.NuviasFeed[wire.FeedRow], wire.FeedRow, "list_feeds", ADMINISTRATION)
ORGANISATIONS = Kind(people.NuviasOrganisation, wire.Organisation, "list_organisations")
MANUFACTURERS = Kind(people.NuviasManufacturer, wire.Manufacturer, "list_manufacturers")
COUNTRIES = Kind(people.NuviasCountry, wire.Country, "list_countries")
SHIPPING_TYPES = Kind(people.NuviasShippingType, wire.ShippingType, "list_shipping_types")
GROUPS = Kind(people.NuviasProvisioningGroup, wire.Group, "list_groups")
SITES = Kind(people.NuviasSite, wire.Site, "list_sites")


@dataclass(frozen=True, slots=True)
class Editable(Generic[D]):
    """Objects that can be created and changed: their name in operations, view, struct, and the body of both calls."""

    name: str
    view: type[D]
    struct: type[Write]
    body: type[Write]

    @property
    def kind(self) -> Kind[D]:
        """The kind that reads a single object."""
        return Kind(self.view, self.struct, f"get_{self.name}", ADMINISTRATION)


USERS = Editable("user", people.NuviasUser[wire.User], wire.User, wire.UserWrite)
PRODUCT_GROUPS = Editable(
    "product_group", people.NuviasProductGroup[wire.ProductGroup], wire.ProductGroup, wire.ProductGroupWrite
)
FEEDS = Editable("feed", people.NuviasFeed[wire.Feed], wire.Feed, wire.FeedWrite)


class PeopleConnector(HubConnector):
    """The part of an account that is not about orders."""

    fetch_users = by_id(USERS.kind)
    fetch_product_groups = by_id(PRODUCT_GROUPS.kind)
    fetch_feeds = by_id(FEEDS.kind)
    fetch_organisations = out_of_list(ORGANISATIONS)
    fetch_manufacturers = out_of_list(MANUFACTURERS)
    fetch_countries = out_of_list(COUNTRIES)
    fetch_shipping_types = out_of_list(SHIPPING_TYPES)
    fetch_groups = out_of_list(GROUPS)
    fetch_sites = out_of_list(SITES)

    async def viewer(self) -> people.NuviasViewer:
        """Return the user whose API client the account uses."""
        answer = await self.read("whoami", decode=one(wire.Whoami), kind="reference")
        return people.NuviasViewer(self.origin(answer.received_at), answer.value, await self.facts())

    async def make(self, what: Editable[D], values: Mapping[str, Any]) -> D:
        """Create a user, a product group or a feed."""
        content = self.checked(lambda findings: new_body(what.body, values, findings))
        return await self.written(what.kind, self.client.build(f"create_{what.name}", body=content), ADMINISTRATION)

    async def change(self, what: Editable[D], key: str, values: Mapping[str, Any]) -> D:
        """Change an object. The Hub's PUT replaces it, so omitted fields are sent unchanged, even a feed's password."""
        self.cache.forget(ADMINISTRATION)
        current = await self.get(what.kind, key)
        if current is None:
            raise self.nothing("no object with this ID")
        content = self.checked(lambda findings: changed_body(current.wire, what.body, values, findings))
        call = self.client.build(f"edit_{what.name}", key, body=content, note=body_of(current.wire, what.body))
        return await self.written(what.kind, call, ADMINISTRATION)

    async def fetch_addresses(self, keys: Sequence[str]) -> Fetched[Sequence[people.NuviasSavedAddress]]:
        """Return the saved addresses of each organisation id."""

        async def of(key: str) -> Sequence[people.NuviasSavedAddress]:
            answer, facts = await asyncio.gather(self.addresses_of(key), self.facts())
            return [people.NuviasSavedAddress(one.wire.name, facts.address(one.wire)) for one in answer.value]

        return await each(keys, of)
