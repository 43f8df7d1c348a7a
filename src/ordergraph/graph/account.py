"""Accounts: their capabilities, and the health of their vendors."""

from collections.abc import Sequence

import strawberry
from strawberry import field

from ordergraph import domain
from ordergraph.connector import Connector
from ordergraph.domain import Action
from ordergraph.graph.caching import MINUTES, NEVER, cached
from ordergraph.graph.entity import entities
from ordergraph.graph.node import Node
from ordergraph.graph.scalars import VendorCode, graph_enum
from ordergraph.upstream.circuit import CircuitState, FailureKind
from ordergraph.upstream.health import Health, HealthState
from ordergraph.wire import drift

graph_enum(Action)
graph_enum(HealthState)
graph_enum(CircuitState)
graph_enum(FailureKind)


@strawberry.type(description="Whether an account supports an action.")
class Capability:
    """Derived from the connector's methods and the account's extensions."""

    action: Action = field(description="The action.")
    is_supported: bool = field(description="Whether the account supports the action.")
    reason: str | None = field(description="The reason why the action is not supported. Null if it is supported.")


@entities.object(Health)
class AccountHealth:
    """The health of an account's vendor, as observed by this gateway process."""


@entities.object(drift.UnknownValue)
class UnknownValue:
    """An enum value or property from the vendor that this version does not know. The vendor's API may have changed."""


@entities.object(domain.Requirement)
class OrderRequirement:
    """The requirement of an account for one field of an order's input."""


@strawberry.interface(
    description="An account at a vendor, with one set of credentials. Every object in the graph belongs to an account. "
    "Vendor-specific data is available on the vendor's own account type.",
    directives=cached(MINUTES),
)
class Account(Node):
    """Resolved from the account's connector."""

    name: str = field(description="The name of the account in the gateway's settings.")
    vendor: VendorCode = field(description="The vendor that the account belongs to.")

    @field(description="The enabled extensions: groups of operations that not every tenant of the vendor has.")
    @staticmethod
    def extensions(root: strawberry.Parent[Connector]) -> list[str]:
        """From the settings."""
        return sorted(root.account.extensions)

    @field(description="All actions, and whether the account supports each.")
    @staticmethod
    def capabilities(root: strawberry.Parent[Connector]) -> list[Capability]:
        """Every action, supported or not."""
        found = [root.availability(action) for action in Action]
        return [Capability(action=one.action, is_supported=one.is_allowed, reason=one.message) for one in found]

    @field(description="The health of the vendor's API.", graphql_type=AccountHealth, directives=cached(NEVER))
    @staticmethod
    def health(root: strawberry.Parent[Connector]) -> Health:
        """As observed by the client."""
        return root.health

    @field(
        description="Enum values and properties in the vendor's responses that this version does not know, "
        "as observed by this gateway process with any account of the vendor.",
        graphql_type=list[UnknownValue],
        directives=cached(NEVER),
    )
    @staticmethod
    def unknown_values(root: strawberry.Parent[Connector]) -> Sequence[drift.UnknownValue]:
        """As counted since the process started."""
        return drift.unknown_values(root.vendor)

    @field(
        description="The requirements for the input of orders placed with this account.",
        graphql_type=list[OrderRequirement],
    )
    @staticmethod
    def order_requirements(root: strawberry.Parent[Connector]) -> Sequence[domain.Requirement]:
        """The connector's table."""
        return root.order_requirements
