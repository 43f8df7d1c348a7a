"""GraphQL over WebSocket, with the protocol graphql-transport-ws. Older protocols are not supported."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Mapping
from contextlib import aclosing, suppress
from datetime import timedelta
from typing import Any, cast

import structlog
from graphql import OperationType
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry import UNSET
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.http.websocket_origin import is_same_origin, normalize_origin
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler, Operation
from strawberry.types.unset import UnsetType

from ordergraph.execution import Rejected
from ordergraph.graph.context import Context
from ordergraph.server.auth import Callers, bearer
from ordergraph.server.caching import COST
from ordergraph.server.gateway import Gateway, Stream, alone
from ordergraph.server.request import GraphQLRequest
from ordergraph.server.responses import Json, Refused, encode, failed, rejected
from ordergraph.settings.callers import NOBODY
from ordergraph.wire.nesting import too_deep

log = structlog.get_logger(__name__)

INIT_SECONDS = 10
MAX_OPERATIONS = 100
MAX_REASON = 123
"""The maximum size of the reason for closing a connection, in bytes, as the protocol defines it."""

ANY_ORIGIN = "*"


class WebSocketEndpoint:
    """Accepts connections, from pages of this host and of ``origins``."""

    def __init__(self, gateway: Gateway, callers: Callers, origins: Collection[str]) -> None:
        self.gateway = gateway
        self.callers = callers
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection until it ends."""
        websocket = WebSocket(scope, receive, send)
        if not self._may_come(websocket):
            message = "Connections from this origin are not allowed. Add it to the setting graphql.origins."
            refused = Refused(403, message, "FORBIDDEN")
            return await websocket.send_denial_response(refused.response())
        adapter = Adapter(cast("Any", self), websocket, websocket)
        if GRAPHQL_TRANSPORT_WS_PROTOCOL in scope["subprotocols"]:
            return await self._serve(websocket, adapter)
        await websocket.accept()
        return await adapter.close(4406, f"The subprotocol must be {GRAPHQL_TRANSPORT_WS_PROTOCOL}.")

    async def _serve(self, websocket: WebSocket, adapter: Adapter) -> None:
        await websocket.accept(GRAPHQL_TRANSPORT_WS_PROTOCOL)
        tells_cost = self.gateway.tells_cost(websocket.headers.get(COST))
        scope = websocket.scope
        context = self.gateway.begin(scope["caller"], scope["request_id"], tells_cost=tells_cost)
        view, schema, patience = cast("Any", self), cast("Any", None), timedelta(seconds=INIT_SECONDS)
        await Connection(view, adapter, context, None, schema, patience).handle()

    def _may_come(self, websocket: WebSocket) -> bool:
        """Whether the origin is allowed. Browsers send it, and other clients do not."""
        origin = websocket.headers.get("origin")
        if origin is None or ANY_ORIGIN in self._origins or is_same_origin(origin, websocket.headers.get("host")):
            return True
        return normalize_origin(origin) in self._origins

    async def on_ws_connect(self, context: Context) -> UnsetType:
        """Accept a caller that has authenticated with the handshake or with the first message."""
        params = context.connection_params
        token = bearer(params.get("Authorization", params.get("authorization")))
        caller = self.callers.of(token) if token else context.caller
        if caller is None or caller is NOBODY:
            raise ConnectionRejectionError
        context.caller = caller  # the contexts of later operations inherit it
        if COST in params:
            context.tells_cost = self.gateway.tells_cost(str(params[COST]))
        return UNSET

    def decode_json(self, data: str | bytes) -> object:
        """Decode a message. Raises JSONDecodeError if it is not JSON, or is nested too deeply."""
        try:
            value: object = json.loads(data)
        except RecursionError:
            raise json.JSONDecodeError("nested too deeply", "", 0) from None
        if too_deep(data.encode() if isinstance(data, str) else data):
            raise json.JSONDecodeError("nested too deeply", "", 0)
        return value

    def encode_json(self, data: object) -> str:
        """Encode a message."""
        return encode(data).decode()


class Adapter(ASGIWebSocketAdapter):
    """A connection that logs when and why it is closed."""

    async def close(self, code: int, reason: str) -> None:
        """Close the connection with a reason, cut to the protocol's limit, and the request ID of the connection."""
        log.info("connection closed", code=code, reason=reason[:MAX_REASON])
        mark = f" (request ID {self.ws.scope['request_id']})"
        said = reason.encode(errors="replace")[: MAX_REASON - len(mark)]
        await super().close(code, said.decode(errors="ignore") + mark)


class Connection(BaseGraphQLTransportWSHandler[Context, None]):
    """One connection. Every operation is a request with its own context.

    An unknown message closes the connection, as the protocol requires. An invalid operation does not.
    """

    begun = 0
    """The number of operations started so far, which is part of their request IDs."""

    async def handle_message(self, message: object) -> None:
        """Handle a message."""
        fields = cast("Json", message) if isinstance(message, dict) else {}
        if not isinstance(fields.get("type"), str):
            await self.handle_invalid_message("A message must be an object with a type.")
        elif fields["type"] in ("subscribe", "complete") and not isinstance(fields.get("id"), str):
            await self.handle_invalid_message("An operation must have an ID, which is a string.")
        else:
            given = {name: value for name, value in fields.items() if value is not None}
            await super().handle_message(cast("Any", given))

    async def handle_subscribe(self, message: Mapping[str, Any]) -> None:
        """Start an operation."""
        if not self.connection_acknowledged:
            await self.websocket.close(4401, "Unauthorized")
        elif message["id"] in self.operations:
            await self.websocket.close(4409, f"Subscriber for {message['id']} already exists")
        else:
            operation: Operation[Context, None] = Operation(self, message["id"], "", None, None)
            self.operations[operation.id] = operation
            self.begun += 1
            id_ = f"{self.context.request.id}-{self.begun}"
            one_too_many = len(self.operations) > MAX_OPERATIONS
            operation.task = asyncio.create_task(self._run(operation, message.get("payload"), id_, one_too_many))

    async def _run(self, operation: Operation[Context, None], payload: object, id_: str, one_too_many: bool) -> None:
        """Execute an operation and send its results, until the client disconnects."""
        with suppress(WebSocketDisconnected):
            mine = self.context
            gateway = cast("WebSocketEndpoint", self.view).gateway
            context = gateway.begin(mine.caller, id_, tells_cost=mine.tells_cost)
            try:
                if one_too_many:
                    raise Refused(429, f"Too many operations. A connection can have {MAX_OPERATIONS} at the same time.")
                async with aclosing(await self._results(GraphQLRequest.of(payload), context)) as results:
                    await _send(operation, results)
            except Rejected as found:
                await _error(operation, rejected(found, context.request.id))
            except Refused as refused:
                await _error(operation, refused.errors())
            except Exception as error:
                await _error(operation, failed(error, context.request.id))

    async def _results(self, params: GraphQLRequest, context: Context) -> Stream:
        gateway = cast("WebSocketEndpoint", self.view).gateway
        operation = gateway.prepare(params)
        if operation.kind is OperationType.SUBSCRIPTION:
            return await gateway.events(operation, context)
        return alone(await gateway.result(operation, context))


async def _send(operation: Operation[Context, None], results: Stream) -> None:
    async for result in results:
        if "data" not in result:
            await _error(operation, result["errors"])
            return
        await operation.send_operation_message({"id": operation.id, "type": "next", "payload": cast("Any", result)})
    await operation.send_operation_message({"id": operation.id, "type": "complete"})


async def _error(operation: Operation[Context, None], errors: Any) -> None:
    await operation.send_operation_message({"id": operation.id, "type": "error", "payload": errors})
