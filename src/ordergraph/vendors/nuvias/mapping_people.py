"""The Hub's objects beside orders: users, product groups, feeds, and the data that others refer to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from ordergraph import domain
from ordergraph.domain import Address, Money
from ordergraph.vendors.nuvias import wire
from ordergraph.vendors.nuvias.mapping import Details, Facts, Piece, flat, look_up, moment, truth

G = TypeVar("G", bound=wire.ProductGroupRow)


class NuviasProductGroupStatus(domain.DescribedEnum):
    """Whether a product group is on sale."""

    DRAFT = "Being prepared."
    LIVE = "On sale."
    UNKNOWN = "The Hub used a word that this version does not know; `vendorStatus` has it. Not for inputs."


PRODUCT_GROUP_STATUS: Mapping[str, NuviasProductGroupStatus] = {
    "DRAFT": NuviasProductGroupStatus.DRAFT,
    "LIVE": NuviasProductGroupStatus.LIVE,
}


class NuviasViewer(Details[wire.Whoami]):
    """Whose API client the account is."""

    type_name = "NuviasUser"

    @property
    def real_id(self) -> str | None:
        real = self.wire.real_id
        return None if real is None else str(domain.Ref("NuviasUser", self.origin.account, (str(real),)))


class NuviasOrganisation(Details[wire.Organisation]):
    """An organisation in the Hub's tree of resellers and customers."""

    type_name = "NuviasOrganisation"


class NuviasUser(Details[wire.User]):
    """A user of the Hub, with all that the Hub tells of one."""

    type_name = "NuviasUser"

    @property
    def roles(self) -> list[int]:
        return flat(self.wire.roles)

    @property
    def notifications(self) -> list[str]:
        return flat(self.wire.notification)

    @property
    def language(self) -> str | None:
        return self.wire.user_language

    @property
    def api_clients(self) -> list[Piece[wire.ApiClient]]:
        return [Piece(client, self) for client in self.wire.api_clients]

    @property
    def audit_logs(self) -> list[NuviasAuditLog]:
        return [NuviasAuditLog(entry, self) for entry in self.wire.audit_logs]

    @property
    def actions_taken(self) -> list[NuviasAuditLog]:
        return [NuviasAuditLog(entry, self) for entry in self.wire.actions_taken]


class NuviasUserRow(Details[wire.UserRow]):
    """A user as the list of users tells it: without the fields that only the user's own page has."""

    type_name = "NuviasUser"

    @property
    def password_reset(self) -> bool | None:
        return truth(self.wire.password_reset)

    @property
    def verified(self) -> bool | None:
        return truth(self.wire.verified)

    @property
    def active(self) -> bool | None:
        return None if self.wire.disabled is None else not self.wire.disabled


class NuviasAuditLog(Piece[wire.AuditLog]):
    """Who did what to whom."""

    @property
    def happened_at(self) -> datetime | None:
        return moment(self.wire.timestamp)

    @property
    def on(self) -> str | None:
        return self.wire.on.replace("\\#", "#") if self.wire.on else self.wire.on


class ProductGroupView(Details[G]):
    """What both forms of a product group have."""

    type_name = "NuviasProductGroup"

    @property
    def status(self) -> NuviasProductGroupStatus:
        return look_up(PRODUCT_GROUP_STATUS, self.wire.status, NuviasProductGroupStatus.UNKNOWN, "product group status")

    @property
    def vendor_status(self) -> str | None:
        return self.wire.status

    @property
    def product_type(self) -> int | None:
        return self.wire.type


class NuviasProductGroupRow(ProductGroupView[wire.ProductGroupRow]):
    """A product group as the list tells it."""


class NuviasProductGroup(ProductGroupView[wire.ProductGroup]):
    """A product group with all that the Hub tells of one."""

    @property
    def product_keys(self) -> list[str]:
        return [str(product) for product in flat(self.wire.products)]

    @property
    def related_group_keys(self) -> list[str]:
        return [str(group) for group in flat(self.wire.related_product_groups)]


@dataclass(frozen=True, slots=True)
class NuviasSavedAddress:
    """An address that an organisation has saved under a name."""

    wire: wire.Address
    facts: Facts

    @property
    def name(self) -> str | None:
        """What the organisation calls the place."""
        return self.wire.name

    @property
    def address(self) -> Address | None:
        """The place."""
        return self.facts.address(self.wire)


class NuviasManufacturer(Details[wire.Manufacturer]):
    """A maker of products; the Hub calls it a vendor."""

    type_name = "NuviasManufacturer"


class NuviasCountry(Details[wire.Country]):
    """A country."""

    type_name = "NuviasCountry"

    @property
    def code(self) -> str | None:
        return self.wire.iso_code


class NuviasShippingType(Details[wire.ShippingType]):
    """A way to ship."""

    type_name = "NuviasShippingType"

    @property
    def source_system(self) -> int | None:
        return self.wire.source

    @property
    def min_cost(self) -> Money | None:
        return self.facts.money(self.wire.min_cost)

    @property
    def max_cost(self) -> Money | None:
        return self.facts.money(self.wire.max_cost)

    @property
    def free_over_cost(self) -> Money | None:
        return self.facts.money(self.wire.free_over_cost)

    @property
    def country_codes(self) -> list[str]:
        codes = [self.facts.country_code(country) for country in self.wire.countries]
        return [code for code in codes if code]


class NuviasProvisioningGroup(Details[wire.Group]):
    """A Dovetail group."""

    type_name = "NuviasProvisioningGroup"


class NuviasSite(Details[wire.Site]):
    """A Dovetail site."""

    type_name = "NuviasSite"

    @property
    def address(self) -> Address | None:
        return self.facts.address(self.wire.address)


class NuviasFeed(Details[wire.Feed]):
    """A feed with all that the Hub tells of one."""

    type_name = "NuviasFeed"

    @property
    def has_password(self) -> bool:
        return bool(self.wire.delivery_password)

    @property
    def delivery_password(self) -> None:
        """Never shown."""
        return

    @property
    def delivery_protocol(self) -> str | None:
        return self.wire.delivery_procotol

    @property
    def last_upload_at(self) -> datetime | None:
        return moment(self.wire.last_upload)


class NuviasFeedRow(NuviasFeed):
    """A feed as the list tells it: without what the file looks like."""
