"""GraphQL over HTTP: GET and POST, one request or a batch, with a single response or a stream."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from graphql import OperationType
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ordergraph.execution import Rejected
from ordergraph.graph.context import Context
from ordergraph.server.caching import COST, keepable
from ordergraph.server.gateway import Gateway, Operation, alone
from ordergraph.server.negotiation import EVENTS, GRAPHQL, JSON, PARTS, Accept
from ordergraph.server.redirects import to_page_beside
from ordergraph.server.request import NAMES, GraphQLRequest, from_body, from_query_string
from ordergraph.server.responses import (
    Json,
    Refused,
    json_response,
    rejected,
    status_of_rejected,
    status_of_result,
)
from ordergraph.server.streams import EventStream, Framing, Multipart, Payloads, parts, streamed
from ordergraph.settings import GraphQLSettings

NEW = ("no-cache", "no-store", "max-age=0")
"""The directives of a request's Cache-Control that bypass the gateway's cache."""

ALLOWED = ("GET", "HEAD", "POST")
PAGE = "graphiql"


class GraphQLEndpoint:
    """Handles requests over HTTP. ``draining`` is set when the gateway shuts down, and ends streams."""

    def __init__(self, gateway: Gateway, settings: GraphQLSettings, draining: asyncio.Event) -> None:
        self._gateway = gateway
        self._settings = settings
        self._draining = draining

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond in JSON, even if the request is not valid GraphQL."""
        request = Request(scope, receive)
        try:
            response = await self._answer(request, Accept(request.headers.get("accept")))
        except Refused as refused:
            response = refused.response()
        response.headers.setdefault("Vary", "Accept")
        await response(scope, receive, send)

    async def _answer(self, request: Request, accept: Accept) -> Response:
        if request.method not in ALLOWED:
            allowed = {"Allow": ", ".join(ALLOWED)}
            raise Refused(
                405,
                f"The method {request.method} is not allowed. Send GraphQL requests with GET or POST.",
                headers=allowed,
            )
        if is_page(request) and self._settings.graphiql and accept.prefers_page():
            return to_page_beside(request, PAGE)
        params = await self._params(request)
        media = accept.for_result()
        if media is None:
            raise Refused(406, f"Not acceptable. Responses are {JSON} or {GRAPHQL}, streams {EVENTS} or {PARTS}.")
        if isinstance(params, GraphQLRequest):
            return await self._one(request, accept, media, params)
        results = await asyncio.gather(*(self._of_batch(request, *one) for one in enumerate(params, 1)))
        return json_response(results, media=media)

    async def _params(self, request: Request) -> GraphQLRequest | Sequence[GraphQLRequest]:
        if request.method != "POST":
            return from_query_string(request.query_params)
        check_content(request.headers)
        return from_body(await request.body(), self._settings.batch)

    async def _one(self, request: Request, accept: Accept, media: str, params: GraphQLRequest) -> Response:
        context = self._begin(request, request.scope["request_id"])
        try:
            operation = self._gateway.prepare(params)
            check_method(request.method, operation)
            if operation.kind is OperationType.SUBSCRIPTION:
                return await self._subscribed(accept, operation, context)
            return await self._executed(request, accept, media, operation, context)
        except Rejected as found:
            errors: Json = {"errors": rejected(found, context.request.id)}
            return self._written(errors, media, status_of_rejected(found, media, self._settings.statuses))

    async def _subscribed(self, accept: Accept, operation: Operation, context: Context) -> Response:
        media = accept.for_stream()
        if media is None:
            raise Refused(406, f"A subscription is a stream. Accept {EVENTS} or {PARTS}.")
        framing: Framing = EventStream() if media == EVENTS else Payloads()
        return streamed(await self._gateway.events(operation, context), framing, self._draining)

    async def _executed(
        self, request: Request, accept: Accept, media: str, operation: Operation, context: Context
    ) -> Response:
        wanted = accept.for_parts()
        if operation.document.incremental and wanted is not None and operation.kind is OperationType.QUERY:
            result = await self._gateway.parts(operation, context)
            if not isinstance(result, dict):
                return streamed(result, parts(wanted.parameters), self._draining)
        else:
            result = await self._gateway.result(operation, context)
        response = self._written(result, media, status_of_result(result, media, self._settings.statuses))
        if request.method == "POST" or "errors" in result or media not in (JSON, GRAPHQL):
            return response
        seconds = min(operation.document.max_age(operation.params.operation_name), context.request.max_age.seconds)
        return keepable(response, result, seconds, request.headers)

    def _written(self, result: Json, media: str, status: int) -> Response:
        """Return a complete result, as a stream of one if the client accepts only streams."""
        if media in (JSON, GRAPHQL):
            return json_response(result, status, media)
        framing: Framing = EventStream() if media == EVENTS else Multipart("charset=utf-8", "-", lambda one: one)
        return streamed(alone(result), framing, self._draining)

    async def _of_batch(self, request: Request, number: int, params: GraphQLRequest) -> Json:
        context = self._begin(request, f"{request.scope['request_id']}-{number}")
        try:
            operation = self._gateway.prepare(params)
            if operation.kind is OperationType.SUBSCRIPTION:
                raise Refused(400, "A batch cannot contain a subscription.")
            return await self._gateway.result(operation, context)
        except Rejected as found:
            return {"errors": rejected(found, context.request.id)}
        except Refused as refused:
            return {"errors": refused.errors()}

    def _begin(self, request: Request, id_: str) -> Context:
        headers = request.headers
        tells_cost = self._gateway.tells_cost(headers.get(COST))
        return self._gateway.begin(request.scope["caller"], id_, anew=wants_it_new(headers), tells_cost=tells_cost)


def is_page(request: Request) -> bool:
    """Whether a request contains no GraphQL, so that it is for the GraphiQL page."""
    return request.method in ("GET", "HEAD") and not any(name in request.query_params for name in NAMES)


def check_content(headers: Headers) -> None:
    """Raise Refused unless the body is uncompressed JSON in UTF-8."""
    media, _, parameters = headers.get("content-type", "").partition(";")
    if media.strip().lower() != JSON:
        raise Refused(
            415, f"The body must be {JSON}. The Content-Type is {media.strip() or 'missing'}.", headers={"Accept": JSON}
        )
    charset = parameters.lower().replace(" ", "").replace('"', "").partition("charset=")[2]
    if charset not in ("", "utf-8", "utf8"):
        raise Refused(415, "The body must be encoded in UTF-8.", headers={"Accept": f"{JSON}; charset=utf-8"})
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise Refused(415, "The body must not be compressed.", headers={"Accept-Encoding": "identity"})


def check_method(method: str, operation: Operation) -> None:
    """Raise Refused for a mutation that was sent with a method that must not change anything."""
    if method != "POST" and operation.kind is OperationType.MUTATION:
        raise Refused(405, "Mutations must be sent with POST.", headers={"Allow": "POST"})


def wants_it_new(headers: Headers) -> bool:
    """Whether Cache-Control requests a response that is not from a cache (RFC 9111, 5.2.1)."""
    directives = {one.strip().lower() for one in ",".join(headers.getlist("cache-control")).split(",")}
    return not directives.isdisjoint(NEW)
