"""Mutations of the Hub's users, product groups and feeds."""

from collections.abc import Awaitable, Callable
from typing import Any

import strawberry
from strawberry import field

from ordergraph.connector import Connector
from ordergraph.domain.commands import camel
from ordergraph.domain.errors import ActionRefused, UserError, UserErrorCode
from ordergraph.graph.mutation import CreateFields, Mutation, Payload, WriteFields, mutations
from ordergraph.graph.node import NodeFetch, by_loader
from ordergraph.vendors.nuvias import connector_people as own
from ordergraph.vendors.nuvias import wire_people as wire
from ordergraph.vendors.nuvias.connector import NuviasConnector
from ordergraph.vendors.nuvias.graph_details import NuviasFeed, NuviasProductGroup, NuviasUser, types
from ordergraph.vendors.nuvias.values import FEED, OWN_NODES, PRODUCT_GROUP, USER
from ordergraph.wire.fields import Reference

NODES: dict[str, NodeFetch] = {one.type: by_loader(one.fetch) for one in OWN_NODES}
"""How to fetch the objects that only the Hub has."""


@strawberry.input
class CreateAtFields(CreateFields):
    """The input fields of every mutation that creates an object at an account."""

    account_id: strawberry.ID = field(description="The account in which to create the object.")


@types.input(wire.UserWrite, required=("name", "email_address"))
class CreateUserFields(CreateAtFields):
    """The input of `createNuviasUser`."""


@types.input(wire.UserWrite)
class UpdateUserFields(WriteFields):
    """The input of `updateNuviasUser`. Omitted fields keep their values."""

    user_id: strawberry.ID = field(description="The user to change.")


@types.input(wire.ProductGroupWrite, required=("name",))
class CreateProductGroupFields(CreateAtFields):
    """The input of `createNuviasProductGroup`."""


@types.input(wire.ProductGroupWrite)
class UpdateProductGroupFields(WriteFields):
    """The input of `updateNuviasProductGroup`. Omitted fields keep their values."""

    product_group_id: strawberry.ID = field(description="The product group to change.")


@types.input(wire.FeedWrite, required=("organisation_id", "name", "timeslot", "columns", "delivery_method"))
class CreateFeedFields(CreateAtFields):
    """The input of `createNuviasFeed`."""


@types.input(wire.FeedWrite)
class UpdateFeedFields(WriteFields):
    """The input of `updateNuviasFeed`. Omitted fields keep their values."""

    feed_id: strawberry.ID = field(description="The feed to change.")


@strawberry.type
class UserPayload(Payload):
    """A payload with the user."""

    user: NuviasUser | None = field(
        description="The user as reported by the Hub after the mutation. Null if the mutation was not done."
    )


@strawberry.type
class ProductGroupPayload(Payload):
    """A payload with the product group."""

    product_group: NuviasProductGroup | None = field(
        description="The product group as reported by the Hub after the mutation. Null if the mutation was not done."
    )


@strawberry.type
class FeedPayload(Payload):
    """A payload with the feed."""

    feed: NuviasFeed | None = field(
        description="The feed as reported by the Hub after the mutation. Null if the mutation was not done."
    )


Administer = Callable[[NuviasConnector, tuple[str, ...], dict[str, Any]], Awaitable[object]]


def administered(
    what: own.Editable[Any], reference: Reference, title: str, creates: type, updates: type, answers: type[Payload]
) -> list[Mutation]:
    """Return the mutations that create and change a kind of object. They refuse accounts at other vendors."""

    def mutation(verb: str, description: str, takes: type, target: tuple[str, str] | str, do: Administer) -> Mutation:
        def at_hub(at: Connector, key: tuple[str, ...], values: dict[str, Any]) -> Awaitable[object]:
            if not isinstance(at, NuviasConnector):
                message = f"`{camel(name)}` requires an account at nuvias. The account `{at.name}` is at {at.title}."
                raise ActionRefused(UserError(UserErrorCode.NOT_SUPPORTED, message))
            return do(at, key, values)

        name = f"{verb}_nuvias_{what.name}"
        return Mutation(
            name=name,
            description=description,
            codes="INVALID, REQUIRED, REJECTED_BY_VENDOR, IDEMPOTENCY_CONFLICT",
            takes=takes,
            target=target,
            do=at_hub,
            answers=answers,
            shows=(what.name,),
            nodes=NODES,
        )

    changed, target = f"Changes {title}. Omitted fields keep their values.", (f"{what.name}_id", reference.type)
    return [
        mutation("create", f"Creates {title}.", creates, "account_id", lambda at, _, values: at.make(what, values)),
        mutation("update", changed, updates, target, lambda at, key, values: at.change(what, key[0], values)),
    ]


Administration = mutations(
    "Administration",
    administered(own.USERS, USER, "a user of the Hub", CreateUserFields, UpdateUserFields, UserPayload)
    + administered(
        own.PRODUCT_GROUPS,
        PRODUCT_GROUP,
        "a product group",
        CreateProductGroupFields,
        UpdateProductGroupFields,
        ProductGroupPayload,
    )
    + administered(own.FEEDS, FEED, "a feed", CreateFeedFields, UpdateFeedFields, FeedPayload),
)
"""Mutations of users, product groups and feeds."""
