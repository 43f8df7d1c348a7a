"""Mutations of what the Hub keeps beside orders: users, product groups and feeds."""

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
"""How to fetch again what only the Hub has."""


@strawberry.input
class CreateAtFields(CreateFields):
    """What every mutation takes that makes something at an account."""

    account_id: strawberry.ID = field(description="At which account.")


@types.input(wire.UserWrite, required=("name", "email_address"))
class CreateUserFields(CreateAtFields):
    """What `createNuviasUser` takes."""


@types.input(wire.UserWrite)
class UpdateUserFields(WriteFields):
    """What `updateNuviasUser` takes: what is left out stays."""

    user_id: strawberry.ID = field(description="Which user.")


@types.input(wire.ProductGroupWrite, required=("name",))
class CreateProductGroupFields(CreateAtFields):
    """What `createNuviasProductGroup` takes."""


@types.input(wire.ProductGroupWrite)
class UpdateProductGroupFields(WriteFields):
    """What `updateNuviasProductGroup` takes: what is left out stays."""

    product_group_id: strawberry.ID = field(description="Which product group.")


@types.input(wire.FeedWrite, required=("organisation_id", "name", "timeslot", "columns", "delivery_method"))
class CreateFeedFields(CreateAtFields):
    """What `createNuviasFeed` takes."""


@types.input(wire.FeedWrite)
class UpdateFeedFields(WriteFields):
    """What `updateNuviasFeed` takes: what is left out stays."""

    feed_id: strawberry.ID = field(description="Which feed.")


@strawberry.type
class UserPayload(Payload):
    """With the user."""

    user: NuviasUser | None = field(description="The user as the Hub shows it now; null if it was not done.")


@strawberry.type
class ProductGroupPayload(Payload):
    """With the group."""

    product_group: NuviasProductGroup | None = field(
        description="The group as the Hub shows it now; null if it was not done."
    )


@strawberry.type
class FeedPayload(Payload):
    """With the feed."""

    feed: NuviasFeed | None = field(description="The feed as the Hub shows it now; null if it was not done.")


Administer = Callable[[NuviasConnector, tuple[str, ...], dict[str, Any]], Awaitable[object]]


def administered(
    what: own.Editable[Any], reference: Reference, title: str, creates: type, updates: type, answers: type[Payload]
) -> list[Mutation]:
    """The mutations that make and change a kind of object; an account at another vendor has nothing of the kind."""

    def mutation(verb: str, description: str, takes: type, target: tuple[str, str] | str, do: Administer) -> Mutation:
        def at_hub(at: Connector, key: tuple[str, ...], values: dict[str, Any]) -> Awaitable[object]:
            if not isinstance(at, NuviasConnector):
                message = f"{at.title} (account {at.name}) has no {camel(name)}: it is for accounts at nuvias."
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

    changed, target = f"Change {title}: what is left out stays.", (f"{what.name}_id", reference.type)
    return [
        mutation("create", f"Make {title}.", creates, "account_id", lambda at, _, values: at.make(what, values)),
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
