"""What all sections of the settings have in common, and the kinds of values."""

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
"""The sections that hold a table for each of something."""


NAME = r"[a-z0-9]+(-[a-z0-9]+)*"
LEDGER = ("ledger",)
Table = Mapping[str, Any]
Where = tuple[str, ...]
"""The path of a section."""


Seconds = Annotated[float, Field(gt=0, le=600)]
CacheSeconds = Annotated[float, Field(ge=0, le=86400)]


@dataclass(frozen=True)
class _Marker:
    """Says of a field that it may also be named as ``<key>config_file``."""

    name: str


CREDENTIAL = _Marker("credential")


def _stripped(text: str) -> str:
    """Files and shells like to add a newline, and it breaks headers."""
    if not text.strip():
        raise ValueError("is empty")
    return text.strip()


def _stripped_secret(secret: SecretStr) -> SecretStr:
    return SecretStr(_stripped(secret.get_secret_value()))


Credential = Annotated[str, AfterValidator(_stripped), CREDENTIAL]
"""A part of the credentials that is no secret, such as the name of a user."""


Secret = Annotated[SecretStr, AfterValidator(_stripped_secret), CREDENTIAL]
"""A part of the credentials that must not stand in ``ordergraph.toml``."""


class Section(BaseModel):
    """A part of the settings: unknown keys are errors, so that a slip of the pen is found."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @classmethod
    def credentials(cls) -> Sequence[str]:
        """The keys that a login is made of."""
        return [key for key, info in cls.model_fields.items() if CREDENTIAL in info.metadata]

    @classmethod
    def secrets(cls) -> Sequence[str]:
        """The keys among them that are secret."""
        return [key for key in cls.credentials() if cls.model_fields[key].annotation is SecretStr]
