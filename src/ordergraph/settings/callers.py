"""The callers of the gateway: their API keys, accounts and scopes."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

KEY_BYTES = 32
"""Random bytes in a key. They cannot be guessed, so a plain hash of the key is no secret."""
KEY_HASH = r"sha256:[0-9a-f]{64}"
ALL_ACCOUNTS = "*"


class Scope(StrEnum):
    """A permission of a caller."""

    READ = "read"
    WRITE = "write"
    SETTLE = "settle"


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated client of the gateway. It sees only these accounts."""

    name: str
    accounts: frozenset[str]
    scopes: frozenset[Scope]


NOBODY = Caller("", frozenset(), frozenset())
"""The caller of a request that is not authenticated yet. It has no accounts and no scopes."""


def new_key() -> str:
    """Return a new random key."""
    return f"og_{secrets.token_urlsafe(KEY_BYTES)}"


def hashed(key: str) -> str:
    """Return the hash of a key, as the settings hold it."""
    return f"sha256:{hashlib.sha256(key.encode(errors='replace')).hexdigest()}"


# ---- Settings ---------------------------------------------------------------------------------------


def _parted(names: object) -> object:
    return [name.strip() for name in names.split(",") if name.strip()] if isinstance(names, str) else names


PARTED = BeforeValidator(_parted)
"""Makes a list in the settings accept comma-separated text, as in environment variables."""


def _key_hash(text: str) -> str:
    if not re.fullmatch(KEY_HASH, text):
        raise ValueError("Must be `sha256:` followed by 64 hexadecimal digits, as printed by `ordergraph keys new`.")
    return text


class CallerSettings(BaseModel):
    """A caller that authenticates with API keys. It may have several, so that a key can be replaced."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: str = Field(description="The name of the caller.")
    keys: Annotated[frozenset[Annotated[str, AfterValidator(_key_hash)]], PARTED] = Field(
        min_length=1, description="The hashes of the caller's API keys."
    )
    accounts: Annotated[frozenset[str], PARTED] = Field(
        min_length=1, description='The accounts that the caller can use, or "*" for all.'
    )
    scopes: Annotated[frozenset[Scope], PARTED] = Field(
        default=frozenset({Scope.READ}), min_length=1, description="The permissions of the caller: read, write, settle."
    )

    def caller(self, accounts: frozenset[str]) -> Caller:
        """Return the caller. ``accounts`` are all accounts of the gateway, which replace ``*``."""
        return Caller(self.name, accounts if ALL_ACCOUNTS in self.accounts else self.accounts, self.scopes)


def misfits(callers: Sequence[CallerSettings], accounts: Set[str]) -> Iterator[str]:
    """Yield the problems across callers: unknown accounts, and keys that two callers share."""
    for place, caller in enumerate(callers):
        unknown = ", ".join(sorted(caller.accounts - accounts - {ALL_ACCOUNTS}))
        if unknown:
            known = ", ".join(sorted(accounts))
            yield f"callers.{caller.name}.accounts: Unknown account {unknown}. Known accounts: {known}."
        for other in callers[:place]:
            if caller.keys & other.keys:
                yield f"callers.{caller.name}.keys: A key is also in callers.{other.name}. Use a separate key."
