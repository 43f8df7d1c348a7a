"""The settings of the gateway: limits, server, GraphQL, ledger."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence, Set
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from ordergraph.settings.account import AccountSettings
from ordergraph.settings.base import Seconds, Secret, Section
from ordergraph.settings.callers import PARTED, CallerSettings

ROOT_PATH = r"(/(?!\.{1,2}(/|$))[A-Za-z0-9._~-]+)+"
OWN_PATHS = frozenset({"graphql", "graphiql", "livez", "notifications", "readyz", "static"})
"""The first segments of the gateway's own paths."""


class Limits(Section):
    """The limits on requests of clients."""

    body_bytes: int = Field(
        default=1_048_576, ge=1024, le=67_108_864, description="Maximum size of a request body, in bytes."
    )
    depth: int = Field(default=15, ge=1, le=100, description="Maximum depth of a query.")
    aliases: int = Field(default=30, ge=1, le=1000, description="Maximum number of aliases in a query.")
    tokens: int = Field(
        default=4000, ge=10, le=100_000, description="Maximum number of tokens (names and punctuators) in a query."
    )
    seconds: Seconds = Field(
        default=15.0, description="Time limit for the vendors to answer the reads of a request, in seconds."
    )
    watches: int = Field(
        default=1000,
        ge=1,
        le=1_000_000,
        description="Maximum number of orders and operations that a caller watches at the same time.",
    )


def clean_root_path(text: str) -> str:
    """Return the path that a proxy serves the gateway under, without a trailing slash.

    Raises ValueError for any other text, so the result is safe in a page and in a redirect.
    """
    path = text.rstrip("/")
    if path and not re.fullmatch(ROOT_PATH, path):
        raise ValueError("Must be a path such as /api, with only letters, digits and . _ ~ - between slashes.")
    if path and path.split("/")[1] in OWN_PATHS:
        raise ValueError(f"Must not begin with a path of the gateway itself: {', '.join(sorted(OWN_PATHS))}.")
    return path


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        raise ValueError("Must be an IP address, or a network such as 10.0.0.0/8 without host bits.") from None


class ServerSettings(Section):
    """The settings for a reverse proxy in front of the gateway."""

    root_path: Annotated[str, AfterValidator(clean_root_path)] = Field(
        default="", description="The path that the proxy serves the gateway under, such as /api."
    )
    trusted_proxies: Annotated[frozenset[Annotated[str, AfterValidator(_network)]], PARTED] = Field(
        default=frozenset({"127.0.0.1/32", "::1/128"}),
        description="Addresses and networks of proxies whose X-Forwarded-* and X-Request-ID headers are trusted.",
    )


class GraphQLSettings(Section):
    """The settings of the GraphQL endpoint."""

    graphiql: bool = Field(default=True, description="Whether GraphiQL is served, at /graphiql.")
    introspection: bool = Field(default=True, description="Whether introspection is allowed.")
    suggestions: bool = Field(default=True, description="Whether errors suggest similar field names.")
    origins: Annotated[frozenset[str], PARTED] = Field(
        default=frozenset(),
        description="Origins of web pages that may send requests from a browser (CORS), such as https://shop.example.",
    )
    batch: int = Field(
        default=10, ge=1, le=100, description="Maximum number of requests in a batch. 1 turns batching off."
    )
    statuses: Literal["2025", "2026"] = Field(
        default="2025",
        description="HTTP status codes: 2026 returns 422 for invalid documents and 294 for partial data.",
    )
    persisted: bool = Field(
        default=True, description="Automatic persisted queries: clients may send a hash instead of the document."
    )
    trusted: str = Field(default="", description="Path of a manifest of documents that clients may send by their IDs.")
    trusted_only: bool = Field(default=False, description="Whether only the documents of the manifest are executed.")

    @model_validator(mode="after")
    def _has_what_it_trusts(self) -> Self:
        if self.trusted_only and not self.trusted:
            raise ValueError("`trusted_only` requires a manifest. Set `trusted` to its path.")
        return self


class LedgerSettings(Section):
    """The database in which the gateway records the orders it placed and the writes it sent, and its retention."""

    url: str = Field(
        default="sqlite:///ordergraph.db",
        repr=False,
        description="The database: sqlite:///path, sqlite:////absolute/path or postgresql://user@host/database.",
    )
    password: Secret = Field(
        default=SecretStr(""), description="The password for PostgreSQL, unless the URL contains it."
    )
    retention: int = Field(default=365, ge=30, le=36500, description="Retention of settled operations, in days.")
    lease: Seconds = Field(
        default=15.0, description="How long after its last heartbeat a process counts as ended, in seconds."
    )

    @field_validator("url")
    @classmethod
    def _of_a_known_kind(cls, url: str) -> str:
        """Check the URL. Messages do not quote it, since it may contain a password."""
        if not re.fullmatch(r"sqlite://(/.+)?|postgresql://.*/.+", url):
            raise ValueError("Must be sqlite:///path or postgresql://user@host/database.")
        try:
            make_url(url)
        except (ArgumentError, ValueError):
            raise ValueError("Must be a URL. Percent-encode special characters in the user and the password.") from None
        return url


class Settings(Section):
    """The settings that do not belong to an account."""

    server: ServerSettings = ServerSettings()
    graphql: GraphQLSettings = GraphQLSettings()
    limits: Limits = Limits()
    ledger: LedgerSettings = LedgerSettings()
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["text", "json"] = "text"
    access_log: bool = Field(default=False, description="Whether each request is logged.")


class Configuration:
    """The validated settings, with each account as an instance of its vendor's class.

    If ``callers`` is None, nobody needs to authenticate and everything is allowed: this is for the fake vendors.
    """

    def __init__(
        self, settings: Settings, accounts: Sequence[AccountSettings], callers: Sequence[CallerSettings] | None
    ) -> None:
        self.settings = settings
        self.accounts = tuple(accounts)
        self.callers = None if callers is None else tuple(callers)

    @property
    def origins(self) -> Set[str]:
        """The origins of web pages that may send requests. With the fake vendors, the default is all origins."""
        return self.settings.graphql.origins or (frozenset("*") if self.callers is None else frozenset())
