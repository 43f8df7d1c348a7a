"""Checks requests and responses against the OpenAPI 10.0.0 that MEF publishes with MEF 123.

The two files beside the samples are its YAML as JSON: the product order API of MEF-LSO-Sonata-SDK, tag Ella. Two
features of OpenAPI are not in JSON Schema and are added to it: a place has the schema that its ``@type`` names, and a
merge patch may contain null, which removes a property.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from functools import cache, cached_property
from pathlib import Path
from typing import Any, cast

import msgspec
from openapi_schema_validator import OAS30Validator, oas30_format_checker
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ordergraph.vendors.sonata.sandbox.life import BASE
from ordergraph.vendors.sonata.sandbox.service import CLIENTS

Json = dict[str, Any]

SAMPLES = Path(__file__).parents[2] / "samples" / "sonata"
MEDIA_TYPE = "application/json;charset=utf-8"
PLACE = "#/components/schemas/RelatedPlaceRefOrValue"
NO_LIST = ("listProductOrder", "501")
"""The response of a sandbox without a list, as in MEF 123. The OpenAPI does not have this response."""


class Contract:
    """One OpenAPI file. Reports violations as text."""

    def __init__(self, document: Json) -> None:
        self.document = document
        self._validators: dict[str, Any] = {}
        self._good: set[tuple[str, bytes]] = set()

    @cached_property
    def operations(self) -> Mapping[tuple[str, str], Json]:
        """The operations by method and path."""
        paths = cast("dict[str, Json]", self.document["paths"])
        return {(method.upper(), path): one for path, every in paths.items() for method, one in every.items()}

    def request(self, method: str, path: str, query: Sequence[tuple[str, str]], body: bytes) -> Iterator[str]:
        """Yield the violations in a request."""
        operation = self.operations[method, path]
        yield from self._query(operation, query)
        if "requestBody" not in operation:
            yield from [f"a body: {body!r}"] if body else []
            return
        (media,) = operation["requestBody"]["content"].values()
        content = msgspec.json.decode(body)
        yield from self.problems(media["schema"], without_null(content) if method == "PATCH" else content)

    def _query(self, operation: Json, query: Sequence[tuple[str, str]]) -> Iterator[str]:
        parameters = {one["name"]: one["schema"] for one in operation.get("parameters", ()) if one["in"] == "query"}
        for name, value in query:
            if name in parameters:
                kind = parameters[name].get("type")
                yield from self.problems(
                    parameters[name], json.loads(value) if kind in ("boolean", "integer") else value
                )
            else:
                yield f"the parameter {name}"

    def response(self, method: str, path: str, status: int, media_type: str | None, body: bytes) -> Iterator[str]:
        """Yield the violations in a response."""
        operation = self.operations[method, path]
        if (operation["operationId"], str(status)) == NO_LIST:
            yield from self._answered({"$ref": "#/components/schemas/Error501"}, body)
            return
        if str(status) not in operation["responses"]:
            yield f"the status {status}"
            return
        content = operation["responses"][str(status)].get("content", {})
        if not content:
            yield from [f"a body: {body!r}"] if body else []
        elif media_type not in content:
            yield f"the media type {media_type}"
        else:
            yield from self._answered(content[media_type]["schema"], body)

    def _answered(self, schema: Json, body: bytes) -> Iterator[str]:
        """Yield the violations in a body. Valid bodies are cached."""
        key = (json.dumps(schema), body)
        if key not in self._good:
            found = list(self.problems(schema, msgspec.json.decode(body)))
            yield from found
            if not found:
                self._good.add(key)

    def problems(self, schema: Json, value: Any) -> Iterator[str]:
        """Yield the violations of a schema in a value."""
        key = json.dumps(schema)
        if key not in self._validators:
            whole = {"allOf": [schema], "components": self.document["components"]}
            self._validators[key] = OAS30Validator(whole, format_checker=oas30_format_checker)
        for error in self._validators[key].iter_errors(value):
            yield f"{error.json_path}: {error.message[:200]}"


def without_null(value: Any) -> Any:
    """Return the values that a merge patch sets."""
    if isinstance(value, dict):
        return {name: without_null(one) for name, one in cast("Json", value).items() if one is not None}
    return [without_null(one) for one in cast("list[Any]", value)] if isinstance(value, list) else value


@cache
def published() -> Contract:
    """Return the OpenAPI as it is published."""
    document = json.loads((SAMPLES / "openapi_10.0.0.json").read_text())
    schemas = document["components"]["schemas"]
    discriminator = schemas["RelatedPlaceRefOrValue"]["discriminator"]
    place = {"oneOf": [{"$ref": one} for one in discriminator["mapping"].values()], "discriminator": discriminator}
    schemas["MEFProductRefOrValueOrder"]["properties"]["place"]["items"] = place
    return Contract(document)


@cache
def of_document() -> Contract:
    """Return the variant of MEF 123: addresses have no role, and units inside items are null."""
    document = deepcopy(published().document)
    schemas = document["components"]["schemas"]
    address = deepcopy(schemas["FieldedAddress"])
    address["allOf"][0] = {**deepcopy(schemas["RelatedPlaceRefOrValue"]), "required": ["@type"]}
    schemas["RelatedContactInformation"]["properties"]["postalAddress"] = address
    schemas["MEFSubUnit"]["nullable"] = True
    return Contract(document)


@cache
def notifications() -> Contract:
    """Return the OpenAPI of the Buyer's endpoint."""
    return Contract(json.loads((SAMPLES / "notifications_openapi_10.0.0.json").read_text()))


CONTRACTS: Mapping[str, Callable[[], Contract]] = {"document": of_document, "openapi": published}


class Inspector:
    """Checks all responses of the sandboxes, all requests of the connector, and all other accepted requests."""

    def __init__(self) -> None:
        self.violations: list[str] = []
        self.requests: Counter[tuple[str, str]] = Counter()
        self.responses: Counter[tuple[str, str]] = Counter()
        self._clients: dict[str, str] = {}

    def route(self, route: Route) -> Route:
        """Return the route with checks."""

        async def endpoint(request: Request) -> Response:
            body = await request.body()
            response = cast("Response", await route.endpoint(request))
            path = route.path.removeprefix(BASE)
            if path == route.path:
                self._logged_in(body, response)
            else:
                self._read(request, path, body, response)
            return response

        return Route(route.path, endpoint, methods=list(route.methods or ()))

    def _logged_in(self, body: bytes, response: Response) -> None:
        found = re.search(rb"client_id=([^&]+)", body)
        if response.status_code == 200 and found:
            token = msgspec.json.decode(bytes(response.body))["access_token"]
            self._clients[f"Bearer {token}"] = CLIENTS[found[1].decode()]

    def _read(self, request: Request, path: str, body: bytes, response: Response) -> None:
        variant = self._clients.get(request.headers.get("authorization", ""), "openapi")
        contract, name = CONTRACTS[variant](), f"{request.method} {path}"
        query = request.query_params.multi_items()
        if response.status_code < 400 or request.headers.get("user-agent") == "ordergraph":
            self.requests[variant, name] += 1
            self._note(variant, f"request {name}", contract.request(request.method, path, query, body))
        media_type, answer = response.headers.get("content-type"), bytes(response.body)
        self.responses[variant, name] += 1
        broken = contract.response(request.method, path, response.status_code, media_type, answer)
        self._note(variant, f"response {response.status_code} {name}", broken)

    def _note(self, variant: str, what: str, problems: Iterator[str]) -> None:
        self.violations += [f"{variant}: {what}: {problem}" for problem in problems]
