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
from ordergraph.vendors.nuvias import wire_people as wire
from ordergraph.vendors.nuvias.connector import NuviasConnector
from ordergraph.vendors.nuvias.graph_details import NuviasFeed, NuviasProductGroup, NuviasUser, types
from ordergraph.vendors.nuvias.values import FEED, OWN_NODES, PRODUCT_GROUP, USER

NODES: dict[str, NodeFetch] = {one.type: by_loader(one.fetch) for one in OWN_NODES}
"""How to fetch again what only the Hub has."""

# -------------------------------------------------------------------------------------------- inputs


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


# ------------------------------------------------------------------------------------------ payloads


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


# ------------------------------------------------------------------------------------------ mutations

Administer = Callable[[NuviasConnector, tuple[str, ...], dict[str, Any]], Awaitable[object]]


def administering(
    name: str, description: str, takes: type, target: tuple[str, str] | str, answers: type[Payload], do: Administer
) -> Mutation:
    """A mutation at the Hub; an account at another vendor has nothing of the kind."""

    def at_hub(at: Connector, key: tuple[str, ...], values: dict[str, Any]) -> Awaitable[object]:
        if not isinstance(at, NuviasConnector):
            message = f"{at.title} (account {at.name}) has no {camel(name)}: it is for accounts at nuvias."
            raise ActionRefused(UserError(UserErrorCode.NOT_SUPPORTED, message))
        return do(at, key, values)

    return Mutation(
        name=name,
        description=description,
        codes="INVALID, REQUIRED, REJECTED_BY_VENDOR, IDEMPOTENCY_CONFLICT",
        takes=takes,
        target=target,
        do=at_hub,
        answers=answers,
        shows=(name.partition("_nuvias_")[2],),
        nodes=NODES,
    )


Administration = mutations(
    "Administration",
    [
        administering(
            "create_nuvias_user",
            "Make a user of the Hub.",
            CreateUserFields,
            "account_id",
            UserPayload,
            lambda at, _, values: at.create_user(values),
        ),
        administering(
            "update_nuvias_user",
            "Change a user of the Hub: what is left out stays.",
            UpdateUserFields,
            ("user_id", USER.type),
            UserPayload,
            lambda at, key, values: at.edit_user(key[0], values),
        ),
        administering(
            "create_nuvias_product_group",
            "Make a product group.",
            CreateProductGroupFields,
            "account_id",
            ProductGroupPayload,
            lambda at, _, values: at.create_product_group(values),
        ),
        administering(
            "update_nuvias_product_group",
            "Change a product group: what is left out stays.",
            UpdateProductGroupFields,
            ("product_group_id", PRODUCT_GROUP.type),
            ProductGroupPayload,
            lambda at, key, values: at.edit_product_group(key[0], values),
        ),
        administering(
            "create_nuvias_feed",
            "Make a feed.",
            CreateFeedFields,
            "account_id",
            FeedPayload,
            lambda at, _, values: at.create_feed(values),
        ),
        administering(
            "update_nuvias_feed",
            "Change a feed: what is left out stays.",
            UpdateFeedFields,
            ("feed_id", FEED.type),
            FeedPayload,
            lambda at, key, values: at.edit_feed(key[0], values),
        ),
    ],
)
"""Mutations of users, product groups and feeds."""
