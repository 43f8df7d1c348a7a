"""Charges: money that a vendor asks for beyond what was ordered, and the answer to it."""

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
    """Money that a vendor asks for beyond what was ordered, before it goes on."""

    line_item_id: strawberry.ID | None = field(description="Which line it is for, if not the whole order.")


# ---------------------------------------------------------------------------------------- answering


@strawberry.input(description="What you say to one part of a charge.")
class ChargeItemAnswerInput:
    """A part that is answered otherwise than the rest."""

    vendor_item_id: str = field(description="Which part: its `vendorItemId`.")
    accept: bool = field(description="Whether you accept it.")
    note: str | None = field(default=None, description="Why.")


@strawberry.input
class ChargeAnswerFields(WriteFields):
    """Becomes a `commands.ChargeAnswer`."""

    charge_id: strawberry.ID = field(description="Which charge.")
    accept: bool = field(description="Whether you accept it: all of its parts but those in `items`.")
    note: str | None = field(default=UNSET, description="Why.")
    items: list[ChargeItemAnswerInput] | None = field(
        default=UNSET, description="The parts to which you say something else."
    )


@strawberry.type
class ChargePayload(Payload):
    """What the mutation answers."""

    charge: Charge | None = field(
        description="The charge as the vendor shows it now; null if it was not done, or cannot be read back."
    )


def charge_answer(values: dict[str, Any]) -> ChargeAnswer:
    """The answer that an input asks for."""
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
            description="Accept or decline what the vendor asks beyond the order. All parts are answered at once.",
            codes="INVALID, WRONG_STATUS, REJECTED_BY_VENDOR",
            takes=ChargeAnswerFields,
            target=("charge_id", "Charge"),
            do=lambda at, key, values: at.respond_to_charge(joined(key), charge_answer(values)),
            answers=ChargePayload,
            shows=("charge",),
        )
    ],
)
