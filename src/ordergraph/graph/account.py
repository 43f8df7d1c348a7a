"""Accounts: whose orders the graph shows, what each can do, and how its vendor answers."""

from collections.abc import Sequence
from datetime import datetime

import strawberry
from strawberry import field

from ordergraph import domain
from ordergraph.upstream.circuit import CircuitState, FailureKind
from ordergraph.connector import Connector
from ordergraph.domain import Action
from ordergraph.graph.caching import MINUTES, NEVER, cached
from ordergraph.graph.node import Node
from ordergraph.graph.scalars import VendorCode, graph_enum
from ordergraph.upstream.health import Health
from ordergraph.upstream.health import HealthState
from ordergraph.wire.drift import UnknownWord, unknown_words

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


@strawberry.type(description="How an account's vendor has answered lately, as this gateway process saw it.")
class AccountHealth:
    """The graph's form of `vendor_client.Health`."""

    state: HealthState = field(description="Whether the last call was answered.")
    since: datetime | None = field(description="Since when it has been so.")
    latency: float | None = field(description="How long the last answer took, in seconds.")
    last_error: str | None = field(description="What the last failure was.")
    failure: FailureKind | None = field(description="What is wrong while the last call was not answered.")
    circuit: CircuitState = field(description="Whether calls are sent, or the vendor is left in peace for a while.")
    retry_at: datetime | None = field(description="When the next call is sent, if none is before.")


@strawberry.type(
    name="UnknownWord",
    description="A word or a property in a vendor's answers that this version of ordergraph does not know. "
    "The vendor's contract may have changed.",
)
class Unknown:
    """The graph's form of `drift.UnknownWord`."""

    kind: str = field(description="What it is: a word such as `order status`, or a `property of Order`.")
    word: str = field(description="The word, or the property's name; at most 100 characters of it.")
    count: int = field(
        description="How often it was seen since the gateway process started. Properties are looked for in a sample."
    )


@strawberry.type(description="What an account expects of one field of an order's input.")
class OrderRequirement:
    """The graph's form of `domain.Requirement`."""

    field: str = strawberry.field(description="The path in PlaceOrderInput, with dots.")
    required: bool = strawberry.field(description="Whether an order without it is refused.")
    max_length: int | None = strawberry.field(description="The most characters it may have.")
    values: list[str] | None = strawberry.field(description="The words that are allowed, null for any.")
    note: str | None = strawberry.field(description="When it is needed, or what becomes of it at the vendor.")


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
        graphql_type=list[Unknown],
        directives=cached(NEVER),
    )
    @staticmethod
    def unknown_words(root: strawberry.Parent[Connector]) -> Sequence[UnknownWord]:
        """What was counted."""
        return unknown_words(root.vendor)

    @field(description="What an order placed here needs.", graphql_type=list[OrderRequirement])
    @staticmethod
    def order_requirements(root: strawberry.Parent[Connector]) -> Sequence[domain.Requirement]:
        """The connector's table."""
        return root.order_requirements
