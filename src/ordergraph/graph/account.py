"""Accounts: whose orders the graph shows, what each can do, and how its vendor answers."""

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


@strawberry.type(description="Whether an account's vendor can do something at all.")
class Capability:
    """Read off the connector's methods and the account's extensions."""

    action: Action = field(description="What it is about.")
    supported: bool = field(description="Whether it is possible with this account.")
    reason: str | None = field(description="Why not, if it is not.")


@entities.object(Health)
class AccountHealth:
    """How an account's vendor has answered lately, as this gateway process saw it."""


@entities.object(drift.UnknownWord)
class UnknownWord:
    """A word or property from the vendor that this version does not know: its contract may have changed."""


@entities.object(domain.Requirement)
class OrderRequirement:
    """What an account expects of one field of an order's input."""


@strawberry.interface(
    description="One set of credentials at one vendor. Everything in the graph belongs to an account; "
    "what only one vendor has is a field of its own type of account.",
    directives=cached(MINUTES),
)
class Account(Node):
    """Read from the account's connector."""

    name: str = field(description="The account's name in the settings of the gateway.")
    vendor: VendorCode = field(description="Whose ordering API it is.")

    @field(description="The groups of operations that not every tenant of the vendor has, and this one does.")
    @staticmethod
    def extensions(root: strawberry.Parent[Connector]) -> list[str]:
        """As the settings say."""
        return sorted(root.account.extensions)

    @field(description="What is possible with this account's vendor.")
    @staticmethod
    def capabilities(root: strawberry.Parent[Connector]) -> list[Capability]:
        """Every action, possible or not."""
        found = [root.availability(action) for action in Action]
        return [Capability(action=one.action, supported=one.allowed, reason=one.message) for one in found]

    @field(description="How the vendor has answered lately.", graphql_type=AccountHealth, directives=cached(NEVER))
    @staticmethod
    def health(root: strawberry.Parent[Connector]) -> Health:
        """What the client saw."""
        return root.health

    @field(
        description="Words and properties in the vendor's answers that this version does not know, "
        "as this gateway process saw them with any account of the vendor.",
        graphql_type=list[UnknownWord],
        directives=cached(NEVER),
    )
    @staticmethod
    def unknown_words(root: strawberry.Parent[Connector]) -> Sequence[drift.UnknownWord]:
        """What was counted."""
        return drift.unknown_words(root.vendor)

    @field(description="What an order placed here needs.", graphql_type=list[OrderRequirement])
    @staticmethod
    def order_requirements(root: strawberry.Parent[Connector]) -> Sequence[domain.Requirement]:
        """The connector's table."""
        return root.order_requirements
