"""The base class of all sections of the settings, and the types of their values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
)

ENV_PREFIX = "ORDERGRAPH_"
NAMED = {"accounts": "account", "callers": "caller"}
"""The sections that hold named tables, with what each table is."""


NAME = r"[a-z0-9]+(-[a-z0-9]+)*"
LEDGER = ("ledger",)
Table = Mapping[str, Any]
Where = tuple[str, ...]
"""The path of a section."""


Seconds = Annotated[float, Field(gt=0, le=600)]
CacheSeconds = Annotated[float, Field(ge=0, le=86400)]


@dataclass(frozen=True)
class _Marker:
    """Marks a field that can also be read from a file, with the key ``<key>_file``."""

    name: str


CREDENTIAL = _Marker("credential")


def _stripped(text: str) -> str:
    """Files and shells often add a newline, which breaks headers."""
    if not text.strip():
        raise ValueError("Must not be empty.")
    return text.strip()


def _stripped_secret(secret: SecretStr) -> SecretStr:
    return SecretStr(_stripped(secret.get_secret_value()))


Credential = Annotated[str, AfterValidator(_stripped), CREDENTIAL]
"""A part of the credentials that is not secret, such as a username."""


Secret = Annotated[SecretStr, AfterValidator(_stripped_secret), CREDENTIAL]
"""A secret part of the credentials. It must not be in ``ordergraph.toml``."""


class Section(BaseModel):
    """A section of the settings. Unknown keys are errors, so that typos are found."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @classmethod
    def credentials(cls) -> Sequence[str]:
        """Return the keys of the credentials."""
        return [key for key, info in cls.model_fields.items() if CREDENTIAL in info.metadata]

    @classmethod
    def secrets(cls) -> Sequence[str]:
        """Return the keys of the credentials that are secret."""
        return [key for key in cls.credentials() if cls.model_fields[key].annotation is SecretStr]
