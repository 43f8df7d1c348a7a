"""Views of the Hub's users, product groups, feeds and reference data.

Their fields in the graph are declared in `wire_people`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from ordergraph import domain
from ordergraph.vendors.nuvias import wire_people as wire
from ordergraph.vendors.nuvias.mapping import Details, view_of
from ordergraph.vendors.nuvias.values import NuviasProductGroupStatus, look_up

U = TypeVar("U", bound=wire.UserRow | wire.User)
G = TypeVar("G", bound=wire.ProductGroupRow | wire.ProductGroup)
F = TypeVar("F", bound=wire.FeedRow | wire.Feed)

PRODUCT_GROUP_STATUS = {one.name: one for one in (NuviasProductGroupStatus.DRAFT, NuviasProductGroupStatus.LIVE)}


class NuviasViewer(Details[wire.Whoami]):
    """The user whose API client the account uses."""

    type_name = "NuviasUser"

    @property
    def key(self) -> tuple[str, ...]:
        return (str(self.wire.user),)

    @property
    def real_id(self) -> str | None:
        real = self.wire.real_id
        return None if real is None else str(domain.Ref("NuviasUser", self.origin.account, (str(real),)))


class NuviasOrganisation(Details[wire.Organisation]):
    """An organisation in the Hub's tree of resellers and customers."""

    type_name = "NuviasOrganisation"


class NuviasUser(Details[U]):
    """A user of the Hub, complete or as a row of the list."""

    type_name = "NuviasUser"


class NuviasProductGroup(Details[G]):
    """A product group, complete or as a row of the list."""

    type_name = "NuviasProductGroup"

    @property
    def status(self) -> NuviasProductGroupStatus:
        word = self.wire.vendor_status
        return look_up(PRODUCT_GROUP_STATUS, word, NuviasProductGroupStatus.UNKNOWN, "product group status")


@dataclass(frozen=True, slots=True)
class NuviasSavedAddress:
    """A saved address of an organisation, with its name."""

    name: str | None
    address: domain.Address | None


NuviasManufacturer = view_of("NuviasManufacturer", wire.Manufacturer)
NuviasCountry = view_of("NuviasCountry", wire.Country)
NuviasShippingType = view_of("NuviasShippingType", wire.ShippingType)
NuviasProvisioningGroup = view_of("NuviasProvisioningGroup", wire.Group)
NuviasSite = view_of("NuviasSite", wire.Site)


class NuviasFeed(Details[F]):
    """A feed, complete or as a row of the list. A row lacks the format of the file."""

    type_name = "NuviasFeed"

    @property
    def has_password(self) -> bool:
        return bool(self.wire.delivery_password)
