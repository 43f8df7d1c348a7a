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
"""What the gateway's own paths begin with."""


class Limits(Section):
    """What a caller may ask for at the most."""

    body_bytes: int = Field(default=1_048_576, ge=1024, le=67_108_864, description="size of a request")
    depth: int = Field(default=15, ge=1, le=100, description="levels of a query")
    aliases: int = Field(default=30, ge=1, le=1000, description="aliases in a query")
    tokens: int = Field(default=4000, ge=10, le=100_000, description="words and signs in a query")
    seconds: Seconds = Field(default=15.0, description="for the vendors to answer what a request reads")
    watches: int = Field(default=1000, ge=1, le=1_000_000, description="orders and operations watched at once")


def clean_root_path(text: str) -> str:
    """The path that a proxy serves the gateway under, without a slash at its end.

    Raises ValueError for anything else: the result is safe in a page and in a redirect.
    """
    path = text.rstrip("/")
    if path and not re.fullmatch(ROOT_PATH, path):
        raise ValueError("must be a path such as /api: letters, digits and . _ ~ - between slashes")
    if path and path.split("/")[1] in OWN_PATHS:
        raise ValueError(f"must not begin with a path of the gateway itself: {', '.join(sorted(OWN_PATHS))}")
    return path


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        raise ValueError("must be an IP address, or a network such as 10.0.0.0/8, whose other bits are 0") from None


class ServerSettings(Section):
    """How the gateway is reached through a reverse proxy."""

    root_path: Annotated[str, AfterValidator(clean_root_path)] = Field(
        default="", description="the path that the proxy serves the gateway under, such as /api"
    )
    trusted_proxies: Annotated[frozenset[Annotated[str, AfterValidator(_network)]], PARTED] = Field(
        default=frozenset({"127.0.0.1/32", "::1/128"}),
        description="addresses and networks of proxies whose X-Forwarded-* and X-Request-ID headers are believed",
    )


class GraphQLSettings(Section):
    """How GraphQL is served."""

    graphiql: bool = Field(default=True, description="the page to try queries with, at /graphiql")
    introspection: bool = Field(default=True, description="whether clients may ask for the schema")
    suggestions: bool = Field(default=True, description="whether errors guess which field was meant")
    origins: Annotated[frozenset[str], PARTED] = Field(
        default=frozenset(), description="of web pages elsewhere that may ask, as in https://shop.example"
    )
    batch: int = Field(default=10, ge=1, le=100, description="requests in one body; 1 takes no batches")
    statuses: Literal["2025", "2026"] = Field(
        default="2025", description="HTTP status codes: 2026 tells wrong documents (422) and partial data (294) apart"
    )
    persisted: bool = Field(default=True, description="automatic persisted queries: clients may send a hash instead")
    trusted: str = Field(default="", description="a manifest of documents that clients may name by their ids, if any")
    trusted_only: bool = Field(default=False, description="nothing but the documents of the manifest is executed")

    @model_validator(mode="after")
    def _has_what_it_trusts(self) -> Self:
        if self.trusted_only and not self.trusted:
            raise ValueError("trusted_only needs a manifest: name it with `trusted`")
        return self


class LedgerSettings(Section):
    """Where the gateway keeps what it placed and what was sent, and for how long."""

    url: str = Field(
        default="sqlite:///ordergraph.db",
        repr=False,
        description="the database: sqlite:///path, sqlite:////absolute/path or postgresql://user@host/database",
    )
    password: Secret = Field(default=SecretStr(""), description="of PostgreSQL, where it is not in the URL")
    retention: int = Field(default=365, ge=30, le=36500, description="days for which settled operations are kept")
    lease: Seconds = Field(default=15.0, description="without a sign of life after which a process counts as ended")

    @field_validator("url")
    @classmethod
    def _of_a_known_kind(cls, url: str) -> str:
        """Without its text in the message: it may hold a password."""
        if not re.fullmatch(r"sqlite://(/.+)?|postgresql://.*/.+", url):
            raise ValueError("must be sqlite:///path, or postgresql://user@host/database")
        try:
            make_url(url)
        except (ArgumentError, ValueError):
            raise ValueError("is not a URL; what is special in a user or password is percent-encoded") from None
        return url


class Settings(Section):
    """What does not belong to an account."""

    server: ServerSettings = ServerSettings()
    graphql: GraphQLSettings = GraphQLSettings()
    limits: Limits = Limits()
    ledger: LedgerSettings = LedgerSettings()
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["text", "json"] = "text"
    access_log: bool = Field(default=False, description="a line for each request")


class Configuration:
    """The settings, checked, with each account as its vendor's own class.

    ``callers`` None lets anybody do everything: it is for the fake vendors.
    """

    def __init__(
        self, settings: Settings, accounts: Sequence[AccountSettings], callers: Sequence[CallerSettings] | None
    ) -> None:
        self.settings = settings
        self.accounts = tuple(accounts)
        self.callers = None if callers is None else tuple(callers)

    @property
    def origins(self) -> Set[str]:
        """The web pages that may ask from elsewhere: at the fake vendors, all."""
        return self.settings.graphql.origins or (frozenset("*") if self.callers is None else frozenset())
