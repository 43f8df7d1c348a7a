"""Mutations of what the Hub keeps beside orders: users, product groups and feeds."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import strawberry
from strawberry import UNSET, field

from ordergraph.connector import Connector
from ordergraph.domain.errors import ActionRefused, UserErrorCode
from ordergraph.domain.errors import UserError as Reason
from ordergraph.graph.context import GraphInfo
from ordergraph.graph.errors import UserError
from ordergraph.graph.mutation import CODES, KEY, VALIDATE, Outcome, answer, carried_out, paid, takes
from ordergraph.graph.node import NodeFetch, by_loader
from ordergraph.graph.operation import VendorCall, WriteOperation
from ordergraph.vendors.nuvias import wire_people as wire
from ordergraph.vendors.nuvias.connector import NuviasConnector
from ordergraph.vendors.nuvias.graph_details import NuviasFeed, NuviasProductGroup, NuviasUser, types
from ordergraph.vendors.nuvias.values import OWN_NODES

NODES: dict[str, NodeFetch] = {one.type: by_loader(one.fetch) for one in OWN_NODES}
"""How to fetch again what only the Hub has."""

# -------------------------------------------------------------------------------------------- inputs


@strawberry.input
class Creation:
    """What every mutation takes that makes something."""

    idempotency_key: str = field(description=KEY)
    validate_only: bool = field(default=False, description=VALIDATE)
    account_id: strawberry.ID = field(description="At which account.")


@strawberry.input
class Change:
    """What every mutation takes that changes something."""

    idempotency_key: str | None = field(default=UNSET, description=KEY)
    validate_only: bool = field(default=False, description=VALIDATE)


@types.input(wire.UserWrite, required=("name", "email_address"))
class CreateNuviasUserInput(Creation):
    """What `createNuviasUser` takes."""


@types.input(wire.UserWrite)
class UpdateNuviasUserInput(Change):
    """What `updateNuviasUser` takes: what is left out stays."""

    user_id: strawberry.ID = field(description="Which user.")


@types.input(wire.ProductGroupWrite, required=("name",))
class CreateNuviasProductGroupInput(Creation):
    """What `createNuviasProductGroup` takes."""


@types.input(wire.ProductGroupWrite)
class UpdateNuviasProductGroupInput(Change):
    """What `updateNuviasProductGroup` takes: what is left out stays."""

    product_group_id: strawberry.ID = field(description="Which product group.")


@types.input(wire.FeedWrite, required=("organisation_id", "name", "timeslot", "columns", "delivery_method"))
class CreateNuviasFeedInput(Creation):
    """What `createNuviasFeed` takes."""


@types.input(wire.FeedWrite)
class UpdateNuviasFeedInput(Change):
    """What `updateNuviasFeed` takes: what is left out stays."""

    feed_id: strawberry.ID = field(description="Which feed.")


# ------------------------------------------------------------------------------------------ payloads


@strawberry.type
class Payload:
    """What every mutation answers beside the object."""

    user_errors: list[UserError] = field(description="Why it was not done; empty if it was.")
    operation: WriteOperation | None = field(
        description="The record of it; null if nothing was about to be sent, because it was refused before."
    )
    preview: VendorCall | None = field(
        description="With `validateOnly`: the first call that would have been sent; null if none would."
    )


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


CreateNuviasUserPayload = answer("CreateNuviasUserPayload", UserPayload)
UpdateNuviasUserPayload = answer("UpdateNuviasUserPayload", UserPayload)
CreateNuviasProductGroupPayload = answer("CreateNuviasProductGroupPayload", ProductGroupPayload)
UpdateNuviasProductGroupPayload = answer("UpdateNuviasProductGroupPayload", ProductGroupPayload)
CreateNuviasFeedPayload = answer("CreateNuviasFeedPayload", FeedPayload)
UpdateNuviasFeedPayload = answer("UpdateNuviasFeedPayload", FeedPayload)

# ------------------------------------------------------------------------------------------ mutations

REASONS = CODES.format("INVALID, REQUIRED, REJECTED_BY_VENDOR, IDEMPOTENCY_CONFLICT")


async def administered(
    info: GraphInfo,
    input_: object,
    target: tuple[str, str] | str,
    do: Callable[[NuviasConnector, tuple[str, ...], dict[str, Any]], Awaitable[object]],
) -> Outcome:
    """`carried_out` at the Hub; an account at another vendor has nothing of the kind."""

    def at_hub(at: Connector, key: tuple[str, ...], values: dict[str, Any]) -> Awaitable[object]:
        if not isinstance(at, NuviasConnector):
            message = f"{at.title} (account {at.name}) has no {info.field_name}: it is for accounts at nuvias."
            raise ActionRefused(Reason(UserErrorCode.NOT_SUPPORTED, message))
        return do(at, key, values)

    return await carried_out(info, input_, target, at_hub, NODES)


@strawberry.type
class Administration:
    """Mutations of users, product groups and feeds."""

    @strawberry.mutation(description="Make a user of the Hub. " + REASONS, graphql_type=CreateNuviasUserPayload | None)
    @staticmethod
    async def create_nuvias_user(
        info: GraphInfo, input: Annotated[CreateNuviasUserInput, takes(CreateNuviasUserInput)]
    ) -> object:
        """One call."""
        done = await administered(info, input, "account_id", lambda at, _, values: at.create_user(values))
        return paid(CreateNuviasUserPayload, "user", done)

    @strawberry.mutation(
        description="Change a user of the Hub: what is left out stays. " + REASONS,
        graphql_type=UpdateNuviasUserPayload | None,
    )
    @staticmethod
    async def update_nuvias_user(
        info: GraphInfo, input: Annotated[UpdateNuviasUserInput, takes(UpdateNuviasUserInput)]
    ) -> object:
        """Merged with what is there."""
        target = ("user_id", "NuviasUser")
        done = await administered(info, input, target, lambda at, key, values: at.edit_user(key[0], values))
        return paid(UpdateNuviasUserPayload, "user", done)

    @strawberry.mutation(
        description="Make a product group. " + REASONS, graphql_type=CreateNuviasProductGroupPayload | None
    )
    @staticmethod
    async def create_nuvias_product_group(
        info: GraphInfo, input: Annotated[CreateNuviasProductGroupInput, takes(CreateNuviasProductGroupInput)]
    ) -> object:
        """One call."""
        done = await administered(info, input, "account_id", lambda at, _, values: at.create_product_group(values))
        return paid(CreateNuviasProductGroupPayload, "product_group", done)

    @strawberry.mutation(
        description="Change a product group: what is left out stays. " + REASONS,
        graphql_type=UpdateNuviasProductGroupPayload | None,
    )
    @staticmethod
    async def update_nuvias_product_group(
        info: GraphInfo, input: Annotated[UpdateNuviasProductGroupInput, takes(UpdateNuviasProductGroupInput)]
    ) -> object:
        """Merged with what is there."""
        target = ("product_group_id", "NuviasProductGroup")
        done = await administered(info, input, target, lambda at, key, values: at.edit_product_group(key[0], values))
        return paid(UpdateNuviasProductGroupPayload, "product_group", done)

    @strawberry.mutation(description="Make a feed. " + REASONS, graphql_type=CreateNuviasFeedPayload | None)
    @staticmethod
    async def create_nuvias_feed(
        info: GraphInfo, input: Annotated[CreateNuviasFeedInput, takes(CreateNuviasFeedInput)]
    ) -> object:
        """One call."""
        done = await administered(info, input, "account_id", lambda at, _, values: at.create_feed(values))
        return paid(CreateNuviasFeedPayload, "feed", done)

    @strawberry.mutation(
        description="Change a feed: what is left out stays. " + REASONS, graphql_type=UpdateNuviasFeedPayload | None
    )
    @staticmethod
    async def update_nuvias_feed(
        info: GraphInfo, input: Annotated[UpdateNuviasFeedInput, takes(UpdateNuviasFeedInput)]
    ) -> object:
        """Merged with what is there."""
        target = ("feed_id", "NuviasFeed")
        done = await administered(info, input, target, lambda at, key, values: at.edit_feed(key[0], values))
        return paid(UpdateNuviasFeedPayload, "feed", done)
