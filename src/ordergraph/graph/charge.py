"""Charges: additional charges that a vendor proposes for an order, and the response to them."""

from typing import Any

import strawberry
from strawberry import UNSET, field

from ordergraph import domain
from ordergraph.domain import ChargeItemStatus, ChargeStatus
from ordergraph.domain.commands import ChargeAnswer
from ordergraph.graph.caching import SECONDS, cached
from ordergraph.graph.entity import Entity, entities
from ordergraph.graph.mutation import Mutation, Payload, WriteFields, joined, mutations
from ordergraph.graph.scalars import graph_enum

graph_enum(ChargeStatus)
graph_enum(ChargeItemStatus)


@entities.object(domain.Charge, directives=cached(SECONDS))
class Charge(Entity):
    """An additional charge that a vendor proposes for an order, to be accepted or declined before it continues."""

    line_item_id: strawberry.ID | None = field(
        description="The ID of the line item that the charge applies to. Null if it applies to the whole order."
    )


# ---- Responses to charges ---------------------------------------------------------------------------


@strawberry.input(description="The response to one item of a charge.")
class ChargeItemResponseInput:
    """An item with a response that differs from that to the charge."""

    vendor_item_id: str = field(description="The `vendorItemId` of the item.")
    accept: bool = field(description="Whether to accept the item.")
    note: str | None = field(default=None, description="A note to the vendor, such as the reason.")


@strawberry.input
class ChargeAnswerFields(WriteFields):
    """Becomes a `commands.ChargeAnswer`."""

    charge_id: strawberry.ID = field(description="The ID of the charge.")
    accept: bool = field(description="Whether to accept the charge. Applies to all items except those in `items`.")
    note: str | None = field(default=UNSET, description="A note to the vendor, such as the reason.")
    items: list[ChargeItemResponseInput] | None = field(
        default=UNSET, description="The items with a different response."
    )


@strawberry.type
class ChargePayload(Payload):
    """The payload of the mutation."""

    charge: Charge | None = field(
        description="The charge in its current state. "
        "Null if the action was not performed, or if the charge cannot be read."
    )


def charge_answer(values: dict[str, Any]) -> ChargeAnswer:
    """Return the response that an input describes."""
    items = values.get("items") or ()
    return ChargeAnswer(
        accept=values["accept"],
        note=values.get("note"),
        items={one["vendor_item_id"]: (one["accept"], one.get("note")) for one in items},
    )


ChargeActions = mutations(
    "ChargeActions",
    [
        Mutation(
            name="respond_to_charge",
            description="Accepts or declines an additional charge of the vendor. All items receive a response at once.",
            codes="INVALID, WRONG_STATUS, REJECTED_BY_VENDOR",
            takes=ChargeAnswerFields,
            target=("charge_id", "Charge"),
            do=lambda at, key, values: at.respond_to_charge(joined(key), charge_answer(values)),
            answers=ChargePayload,
            shows=("charge",),
        )
    ],
)
