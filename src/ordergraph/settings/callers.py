"""Who asks: callers, what each may do, and the keys by which they are known."""

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
"""Of chance in a key: too much to be guessed, so that a plain hash of it may be seen."""
KEY_HASH = r"sha256:[0-9a-f]{64}"
ALL_ACCOUNTS = "*"


class Scope(StrEnum):
    """What a caller may do."""

    READ = "read"
    WRITE = "write"
    SETTLE = "settle"


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated user of the gateway: for it there are only these accounts."""

    name: str
    accounts: frozenset[str]
    scopes: frozenset[Scope]


NOBODY = Caller("", frozenset(), frozenset())
"""Who has not said yet who they are: there is no account for them, and they may do nothing."""


def new_key() -> str:
    """A key that nobody has."""
    return f"og_{secrets.token_urlsafe(KEY_BYTES)}"


def hashed(key: str) -> str:
    """What the settings keep of a key."""
    return f"sha256:{hashlib.sha256(key.encode(errors='replace')).hexdigest()}"


# ---- Settings -------------------------------------------------------------------------------------


def _parted(names: object) -> object:
    return [name.strip() for name in names.split(",") if name.strip()] if isinstance(names, str) else names


PARTED = BeforeValidator(_parted)
"""Of a list in the settings: in the environment it is parted by commas."""


def _key_hash(text: str) -> str:
    if not re.fullmatch(KEY_HASH, text):
        raise ValueError("must be sha256: and 64 hexadecimal digits, as `ordergraph keys new` writes it")
    return text


class CallerSettings(BaseModel):
    """Somebody who may ask, known by its keys: two, for as long as an old one is being replaced."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: str = Field(description="the caller's name")
    keys: Annotated[frozenset[Annotated[str, AfterValidator(_key_hash)]], PARTED] = Field(
        min_length=1, description="the hashes of its keys"
    )
    accounts: Annotated[frozenset[str], PARTED] = Field(
        min_length=1, description='the accounts that there are for it, "*" for all'
    )
    scopes: Annotated[frozenset[Scope], PARTED] = Field(
        default=frozenset({Scope.READ}), min_length=1, description="what it may do with them"
    )

    def caller(self, accounts: frozenset[str]) -> Caller:
        """Who it is, where there are these ``accounts``."""
        return Caller(self.name, accounts if ALL_ACCOUNTS in self.accounts else self.accounts, self.scopes)


def misfits(callers: Sequence[CallerSettings], accounts: Set[str]) -> Iterator[str]:
    """What does not fit together: accounts that are not there, and a key of two callers."""
    for place, caller in enumerate(callers):
        unknown = ", ".join(sorted(caller.accounts - accounts - {ALL_ACCOUNTS}))
        if unknown:
            known = ", ".join(sorted(accounts))
            yield f"callers.{caller.name}.accounts: there is no account {unknown}; known: {known}"
        for other in callers[:place]:
            if caller.keys & other.keys:
                yield f"callers.{caller.name}.keys: one is also at callers.{other.name}, and a key is of one caller"
