"""The environment's variables. Nothing else reads them."""

from __future__ import annotations

import dataclasses
import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

from pydantic import (
    Field,
    create_model,
)
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict

from ordergraph.settings.base import ENV_PREFIX, NAMED
from ordergraph.settings.gateway import Settings

LAUNCH = ENV_PREFIX + "LAUNCH"


def variable(*path: str) -> str:
    """The environment variable that sets a key: ``variable("accounts", "nuvias-uk", "client_id")``."""
    return ENV_PREFIX + "__".join(part.upper().replace("-", "_") for part in path)


def is_set(name: str) -> bool:
    """Whether the environment has a variable."""
    return name in os.environ


class _Environment(EnvSettingsSource):
    """Values stay text, so that a secret such as ``123456`` remains one; fields turn what they need."""

    def decode_complex_value(self, field_name: str, field: FieldInfo | None, value: Any) -> Any:
        """Leave it as it is; pydantic-settings would guess that it may be JSON."""
        return value


def read_environment() -> dict[str, Any]:
    """The variables as the tree that the file would hold; an empty one counts as not set.

    Unknown names at the top are let be: Kubernetes gives every pod beside a service named ordergraph
    variables such as ORDERGRAPH_PORT.
    """
    tree = _Environment(account_variables())()
    for section in NAMED:
        if isinstance(tree.get(section), dict):
            tables = cast("dict[str, Any]", tree[section])
            tree[section] = {name.replace("_", "-"): table for name, table in tables.items()}
    return tree


@cache
def account_variables() -> type[BaseSettings]:
    """What pydantic-settings reads, accounts and callers as bare tables: they are looked at one by one."""
    common = {name: (info.annotation, info) for name, info in Settings.model_fields.items()}
    made: Any = create_model("Variables", __base__=_Variables, **cast("Any", common))
    return made


class _Variables(BaseSettings):
    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, env_nested_delimiter="__", env_ignore_empty=True)

    accounts: dict[str, dict[str, Any]] = Field(default_factory=dict)
    callers: dict[str, dict[str, Any]] = Field(default_factory=dict)


@dataclass(frozen=True)
class Launch:
    """What `serve` was told, for its worker processes. No secret is in it: they read the settings themselves.

    ``sandbox`` is where the fake vendors are, ``url`` where the gateway itself is, ``ledger`` the database that is
    used with the fake vendors; ``orders`` and ``seed`` are what they were made of.
    """

    config: Path | None = None
    sandbox: str | None = None
    url: str = ""
    ledger: str = "sqlite://"
    orders: int = 0
    seed: int = 0


def hand_over(launch: Launch) -> None:
    """Put it into the environment that worker processes inherit."""
    config = str(launch.config.absolute()) if launch.config else None
    os.environ[LAUNCH] = json.dumps({**dataclasses.asdict(launch), "config": config})


def handed_over() -> Launch:
    """What `hand_over` put there, in a worker process."""
    values: dict[str, Any] = json.loads(os.environ[LAUNCH])
    values["config"] = Path(values["config"]) if values["config"] else None
    return Launch(**values)


def environment_without_accounts() -> dict[str, str]:
    """The environment for a process that has no business with anybody's credentials."""
    return {name: text for name, text in os.environ.items() if not name.startswith(f"{ENV_PREFIX}ACCOUNTS")}
