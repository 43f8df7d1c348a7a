"""The context of resolvers: the accounts, and loaders that deduplicate calls to the vendors."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from types import MethodType
from typing import Any, TypeVar, cast

from aiodataloader import DataLoader
from strawberry.types import Info

from ordergraph.connector import Connector, Fetched
from ordergraph.domain import Ref
from ordergraph.domain.errors import Forbidden, InputError
from ordergraph.ledger import Ledger
from ordergraph.settings.callers import Caller, Scope
from ordergraph.upstream.request_scope import RequestScope
from ordergraph.watch import Watches

T = TypeVar("T")


class Loaders:
    """Batches and deduplicates the lookups of one request, by account and by fetch method.

    Each loader serves one bound ``fetch_`` method, that is, one account and one kind of object.
    """

    def __init__(self) -> None:
        self._loaders: dict[tuple[str, Callable[..., object]], DataLoader[str, Any]] = {}

    async def load(self, fetch: Callable[[Sequence[str]], Awaitable[Fetched[T]]], key: str) -> T | None:
        """Return what ``fetch`` has for the key, None if the vendor has none; raise the error of the key."""
        method = cast("MethodType", fetch)
        connector = cast("Connector", method.__self__)
        name = (connector.name, method.__func__)
        loader = self._loaders.get(name)
        if loader is None:
            loader = self._loaders[name] = DataLoader(_batch(fetch))
        future = loader.load(key)
        future.add_done_callback(_seen)
        # aiodataloader caches a cancelled future for good, so the caller's cancellation must not reach it
        return await asyncio.shield(future)

    def forget(self) -> None:
        """Drop the loaded objects, because a mutation may have changed them."""
        self._loaders.clear()


def _batch(
    fetch: Callable[[Sequence[str]], Awaitable[Fetched[Any]]],
) -> Callable[[list[str]], Coroutine[Any, Any, list[Any]]]:
    async def load(keys: list[str]) -> list[Any]:
        try:
            return list(await fetch(keys))
        except asyncio.CancelledError as error:  # aiodataloader would leave the callers waiting forever
            raise RuntimeError("The load was cancelled.") from error

    return load


def _seen(future: asyncio.Future[Any]) -> None:
    """Retrieve a load's error, in case no caller is left to do so."""
    if not future.cancelled():
        future.exception()


class Context:
    """The context of one request. ``accounts`` are the caller's accounts, by name. No others can be accessed.

    ``request`` has the request ID, the cost so far, and how long the response may be cached. ``tells_cost`` is whether
    the response includes the cost.
    """

    connection_params: Mapping[str, Any] = {}
    """The payload of a WebSocket's first message."""

    tells_cost = False

    def __init__(
        self,
        caller: Caller,
        connectors: Mapping[str, Connector],
        ledger: Ledger,
        watches: Watches,
        request: RequestScope,
    ) -> None:
        self.caller = caller
        self.accounts = {name: one for name, one in connectors.items() if name in caller.accounts}
        self.ledger = ledger
        self.watches = watches
        self.request = request
        self.loaders = Loaders()

    def in_the_name_of(self, caller: str, account: str) -> "Context":
        """Return a context for another caller, with permission to write with a single account."""
        other = Caller(caller, frozenset({account}), frozenset({Scope.WRITE}))
        return Context(other, self.accounts, self.ledger, self.watches, self.request)

    def require(self, scope: Scope) -> None:
        """Raise Forbidden unless the caller has a scope."""
        if scope not in self.caller.scopes:
            raise Forbidden(f"The caller `{self.caller.name}` lacks the scope `{scope.value}`.")

    def account(self, name: str) -> Connector | None:
        """Return the account of that name, None if the caller has no such account."""
        return self.accounts.get(name)

    def by_id(self, id_: str) -> Connector:
        """Return the account of a global ID; raise InputError if the caller has no such account."""
        ref = Ref.parse(id_, "Account")
        connector = self.accounts.get(ref.account)
        if connector is None:
            raise InputError(f"The account {id_} does not exist, or you do not have access to it.")
        return connector


GraphInfo = Info[Context, None]
