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
    """How long a vendor may take, in seconds."""

    connect: Seconds = Field(default=5.0, description="to make a connection")
    read: Seconds = Field(default=20.0, description="between two pieces of an answer")
    total: Seconds = Field(default=30.0, description="for one call with everything, the login included")


class CacheTimes(Section):
    """How long what a vendor said may be used again, in seconds; 0 asks the vendor every time."""

    orders: CacheSeconds = Field(default=0.0, description="orders and lists of orders")
    lists: CacheSeconds = Field(default=5.0, description="lists of orders that have to be read whole")
    products: CacheSeconds = Field(default=300.0, description="the catalogue")
    subscriptions: CacheSeconds = Field(default=5.0, description="subscriptions and their lists")
    invoices: CacheSeconds = Field(default=5.0, description="invoices")
    administration: CacheSeconds = Field(default=5.0, description="users, product groups, feeds")
    reference: CacheSeconds = Field(default=3600.0, description="currency, countries, manufacturers and the like")
    stale: CacheSeconds = Field(default=300.0, description="beyond that, of all these, while the vendor is in trouble")


class RetrySettings(Section):
    """When a call that failed, and certainly did nothing, is sent again."""

    attempts: int = Field(default=3, ge=1, le=10, description="how often one call is sent at the most")
    share: float = Field(default=0.2, ge=0, le=1, description="retries for each call, over time")


class CircuitSettings(Section):
    """When a vendor that fails is left in peace, and for how long (seconds)."""

    failures: int = Field(default=5, ge=1, le=1000, description="in a row, until nothing more is sent")
    pause: Seconds = Field(default=1.0, description="the first; each is twice as long as the one before")
    max_pause: Seconds = Field(default=60.0, description="the longest")


class WatchSettings(Section):
    """How often the gateway looks at orders that somebody watches, in seconds."""

    fastest: Seconds = Field(default=2.0, description="between two looks at an order to which something has happened")
    slowest: Seconds = Field(default=60.0, description="between two looks at an order, however long nothing has")
    per_minute: int = Field(default=300, ge=1, le=60_000, description="looks at all orders of the account together")


class AccountSettings(Section):
    """What every account has, whatever its vendor; each vendor's own class adds the credentials.

    ``operations`` is the vendor's table of paths, which an account's ``paths`` may change. ``known_extensions``
    are the groups of operations that not every tenant of the vendor has, and what each gives.
    """

    operations: ClassVar[Mapping[str, str]] = {}
    known_extensions: ClassVar[Mapping[str, str]] = {}

    name: str = Field(description="the account's name, permanent")
    vendor: str = Field(description="which vendor")
    base_url: AnyHttpUrl = Field(description="where the vendor's API is")
    timeouts: Timeouts = Timeouts()
    concurrency: int = Field(default=8, ge=1, le=256, description="calls in flight at once")
    settle: Seconds = Field(default=120.0, description="in which the vendor may still do what it has not answered")
    cache: CacheTimes = CacheTimes()
    retries: RetrySettings = RetrySettings()
    circuit: CircuitSettings = CircuitSettings()
    watch: WatchSettings = WatchSettings()
    currency: str | None = Field(
        default=None,
        pattern=r"^[A-Z]{3}$",
        description="ISO 4217, for amounts whose currency the vendor does not say",
    )
    paths: dict[str, str] = Field(default_factory=dict, description="operation = 'METHOD /path', where it differs")

    extensions: Annotated[frozenset[str], PARTED] = Field(
        default=frozenset(), description="groups of operations that this tenant of the vendor has"
    )

    @field_validator("extensions")
    @classmethod
    def _known_extensions_only(cls, names: frozenset[str]) -> frozenset[str]:
        unknown = sorted(names - cls.known_extensions.keys())
        if unknown:
            known = ", ".join(sorted(cls.known_extensions)) or "none at this vendor"
            raise ValueError(f"there is no extension {', '.join(unknown)}; known: {known}")
        return names

    @field_validator("base_url")
    @classmethod
    def _only_a_place(cls, url: AnyHttpUrl) -> AnyHttpUrl:
        if url.username or url.password:
            raise ValueError("a user or password does not belong in a URL")
        if url.query is not None or url.fragment is not None:
            raise ValueError("a base URL ends with its path, without ? and #")
        return url
