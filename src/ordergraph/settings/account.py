"""The settings of an account at a vendor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import (
    AnyHttpUrl,
    Field,
    field_validator,
)

from ordergraph.settings.base import CacheSeconds, Seconds, Section
from ordergraph.settings.callers import PARTED

PATH_TEMPLATE = r"(GET|POST|PUT|PATCH|DELETE) /([^\s{}?#]|\{[a-z_]+\})*"


class Timeouts(Section):
    """The timeouts of calls to a vendor, in seconds."""

    connect: Seconds = Field(default=5.0, description="Time limit for opening a connection, in seconds.")
    read: Seconds = Field(default=20.0, description="Time limit between two parts of a response, in seconds.")
    total: Seconds = Field(
        default=30.0, description="Time limit for a whole call, including authentication and retries, in seconds."
    )


class CacheTimes(Section):
    """How long responses of the vendor are cached, in seconds. 0 turns caching off."""

    orders: CacheSeconds = Field(default=0.0, description="Orders and lists of orders.")
    lists: CacheSeconds = Field(default=5.0, description="Lists of orders that must be read completely.")
    products: CacheSeconds = Field(default=300.0, description="The product catalogue.")
    subscriptions: CacheSeconds = Field(default=5.0, description="Subscriptions and lists of subscriptions.")
    invoices: CacheSeconds = Field(default=5.0, description="Invoices.")
    administration: CacheSeconds = Field(default=5.0, description="Users, product groups and feeds.")
    reference: CacheSeconds = Field(
        default=3600.0, description="Reference data, such as currencies, countries and manufacturers."
    )
    stale: CacheSeconds = Field(
        default=300.0,
        description="How much longer stale data of all these kinds may be returned while the vendor is unavailable.",
    )


class RetrySettings(Section):
    """When a failed call is retried. Only calls that certainly changed nothing are."""

    attempts: int = Field(
        default=3, ge=1, le=10, description="Maximum number of attempts for one call. 1 never retries."
    )
    share: float = Field(
        default=0.2, ge=0, le=1, description="Retry budget: the number of retries per call, on average over time."
    )


class CircuitSettings(Section):
    """When the circuit breaker opens, and for how long."""

    failures: int = Field(
        default=5, ge=1, le=1000, description="Number of consecutive failures that opens the circuit."
    )
    pause: Seconds = Field(
        default=1.0, description="How long the circuit stays open at first, in seconds. Each further pause is doubled."
    )
    max_pause: Seconds = Field(default=60.0, description="The longest time that the circuit stays open, in seconds.")


class WatchSettings(Section):
    """How often the gateway polls the orders that clients watch."""

    fastest: Seconds = Field(default=2.0, description="Polling interval of an order that has just changed, in seconds.")
    slowest: Seconds = Field(
        default=60.0, description="Longest polling interval of an order that does not change, in seconds."
    )
    per_minute: int = Field(
        default=300, ge=1, le=60_000, description="Maximum number of polls per minute, over all orders of the account."
    )


class AccountSettings(Section):
    """The settings that accounts of all vendors have. Each vendor's subclass adds the credentials.

    ``operations`` is the vendor's table of paths, which an account's ``paths`` may override. ``known_extensions``
    are the groups of operations that not every tenant of the vendor has, each with a description.
    """

    operations: ClassVar[Mapping[str, str]] = {}
    known_extensions: ClassVar[Mapping[str, str]] = {}

    name: str = Field(description="The permanent name of the account.")
    vendor: str = Field(description="The code of the vendor.")
    base_url: AnyHttpUrl = Field(description="The base URL of the vendor's API.")
    timeouts: Timeouts = Timeouts()
    concurrency: int = Field(default=8, ge=1, le=256, description="Maximum number of concurrent calls.")
    settle: Seconds = Field(
        default=120.0,
        description="How long the vendor may still carry out a call that it has not answered, in seconds.",
    )
    cache: CacheTimes = CacheTimes()
    retries: RetrySettings = RetrySettings()
    circuit: CircuitSettings = CircuitSettings()
    watch: WatchSettings = WatchSettings()
    currency: str | None = Field(
        default=None,
        pattern=r"^[A-Z]{3}$",
        description="ISO 4217 code, for amounts that the vendor returns without a currency.",
    )
    paths: dict[str, str] = Field(
        default_factory=dict, description="Paths that differ from the documented ones: operation = 'METHOD /path'."
    )

    extensions: Annotated[frozenset[str], PARTED] = Field(
        default=frozenset(), description="The groups of operations that this tenant of the vendor supports."
    )

    @field_validator("extensions")
    @classmethod
    def _known_extensions_only(cls, names: frozenset[str]) -> frozenset[str]:
        unknown = sorted(names - cls.known_extensions.keys())
        if unknown:
            known = ", ".join(sorted(cls.known_extensions)) or "none at this vendor"
            raise ValueError(f"Unknown extension {', '.join(unknown)}. Known extensions: {known}.")
        return names

    @field_validator("base_url")
    @classmethod
    def _only_a_place(cls, url: AnyHttpUrl) -> AnyHttpUrl:
        if url.username or url.password:
            raise ValueError("The URL must not contain a user or a password.")
        if url.query is not None or url.fragment is not None:
            raise ValueError("A base URL must not contain a query or a fragment (? or #).")
        return url
