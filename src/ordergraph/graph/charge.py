"""Charges: money that a vendor asks for beyond what was ordered, and the answer to it."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

import strawberry
from strawberry import UNSET, field

from ordergraph import domain
from ordergraph.connector import Connector
from ordergraph.domain import ChargeItemStatus, ChargeStatus
from ordergraph.graph.caching import SECONDS, cached
from ordergraph.graph.context import GraphInfo
from ordergraph.graph.errors import UserError
from ordergraph.graph.mutation import CODES, KEY, VALIDATE, carried_out, joined, paid, takes
from ordergraph.graph.node import Node
from ordergraph.graph.operation import ITS_ORDER, VendorCall, WriteOperation
from ordergraph.graph.scalars import VendorCode, graph_enum
from ordergraph.graph.values import Money
from ordergraph.domain.commands import ChargeAnswer

graph_enum(ChargeStatus)
graph_enum(ChargeItemStatus)


@strawberry.type(description="A part of a charge, accepted or declined for itself.")
class ChargeItem:
    """The graph's form of `domain.ChargeItem`."""

    vendor_item_id: str = field(description="The vendor's own ID of the part, as `respondToCharge` takes it.")
    status: ChargeItemStatus = field(description="Where it stands.")
    vendor_status: str | None = field(description="Where it stands, in the vendor's own word.")
    activity: str | None = field(description="Whether it is new or a change of an agreed price, in the vendor's word.")
    category: str | None = field(description="What it is for, in the vendor's word.")
    blocking: bool | None = field(description="Whether the order waits for the answer.")
    price: Money | None = field(description="What it comes to, without tax.")
    price_with_tax: Money | None = field(description="What it comes to, with tax.")
    tax_rate: Decimal | None = field(description="The tax, in percent.")
    price_type: str | None = field(description="Once, again and again or by use, in the vendor's word.")
    period: str | None = field(description="How often it comes, in the vendor's word.")
    unit: str | None = field(description="What is counted, where it goes by use.")
    note: str | None = field(description="What was said to it.")


@strawberry.type(
    description="Money that a vendor asks for beyond what was ordered, before it goes on.", directives=cached(SECONDS)
)
class Charge(Node):
    """The graph's form of `domain.Charge`."""

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Resolvers return views."""
        return isinstance(value, domain.Charge)

    vendor: VendorCode = field(description="Who asks for it.")
    vendor_charge_id: str | None = field(description="The vendor's own ID.")
    line_item_id: strawberry.ID | None = field(description="Which line it is for, if not the whole order.")
    status: ChargeStatus = field(description="Where it stands.")
    vendor_status: str | None = field(description="Where it stands, in the vendor's own word.")
    created_at: datetime | None = field(description="When the vendor asked.")
    response_due_at: datetime | None = field(description="Until when you must answer.")
    items: list[ChargeItem] = field(description="What it is made of.")
    retrieved_at: datetime = field(description="When the vendor said this.")

    @field(
        description="The order that it is for.",
        graphql_type=ITS_ORDER,
    )
    @staticmethod
    async def order(root: strawberry.Parent[domain.Charge], info: GraphInfo) -> domain.Order | None:
        """By loader."""
        if root.order_id is None:
            return None
        connector = info.context.accounts[root.origin.account]
        return await info.context.loaders.load(connector.fetch_orders, root.order_id)


# ---------------------------------------------------------------------------------------- answering


@strawberry.input(description="What you say to one part of a charge.")
class ChargeItemAnswerInput:
    """A part that is answered otherwise than the rest."""

    vendor_item_id: str = field(description="Which part: its `vendorItemId`.")
    accept: bool = field(description="Whether you accept it.")
    note: str | None = field(default=None, description="Why.")


@strawberry.input(description="What `respondToCharge` takes.")
class RespondToChargeInput:
    """Becomes a `commands.ChargeAnswer`."""

    charge_id: strawberry.ID = field(description="Which charge.")
    accept: bool = field(description="Whether you accept it: all of its parts but those in `items`.")
    note: str | None = field(default=UNSET, description="Why.")
    items: list[ChargeItemAnswerInput] | None = field(
        default=UNSET, description="The parts to which you say something else."
    )
    idempotency_key: str | None = field(default=UNSET, description=KEY)
    validate_only: bool = field(default=False, description=VALIDATE)


@strawberry.type(description="What came of `respondToCharge`.")
class RespondToChargePayload:
    """What the mutation answers."""

    charge: Charge | None = field(
        description="The charge as the vendor shows it now; null if it was not done, or cannot be read back."
    )
    user_errors: list[UserError] = field(description="Why it was not done; empty if it was.")
    operation: WriteOperation | None = field(
        description="The record of it; null if nothing was about to be sent, because it was refused before."
    )
    preview: VendorCall | None = field(
        description="With `validateOnly`: the first call that would have been sent; null if none would."
    )


def charge_answer(values: dict[str, Any]) -> ChargeAnswer:
    """The answer that an input asks for."""
    items = values.get("items") or ()
    return ChargeAnswer(
        accept=values["accept"],
        note=values.get("note"),
        items={one["vendor_item_id"]: (one["accept"], one.get("note")) for one in items},
    )


@strawberry.type
class ChargeActions:
    """The mutation."""

    @strawberry.mutation(
        description="Accept or decline what the vendor asks beyond the order. All parts are answered at once. "
        + CODES.format("INVALID, WRONG_STATUS, REJECTED_BY_VENDOR"),
        graphql_type=RespondToChargePayload | None,
    )
    @staticmethod
    async def respond_to_charge(
        info: GraphInfo, input: Annotated[RespondToChargeInput, takes(RespondToChargeInput)]
    ) -> object:
        """One call, after a look at the charge."""

        def do(at: Connector, key: tuple[str, ...], values: dict[str, Any]) -> Any:
            return at.respond_to_charge(joined(key), charge_answer(values))

        return paid(RespondToChargePayload, "charge", await carried_out(info, input, ("charge_id", "Charge"), do))
