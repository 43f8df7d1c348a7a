"""The environment variables. Nothing else reads them."""

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
    """Return the environment variable of a setting: ``variable("accounts", "nuvias-uk", "client_id")``."""
    return ENV_PREFIX + "__".join(part.upper().replace("-", "_") for part in path)


def is_set(name: str) -> bool:
    """Whether an environment variable is set."""
    return name in os.environ


class _Environment(EnvSettingsSource):
    """Keeps values as text, so that a secret such as ``123456`` stays a string. Fields convert what they need."""

    def decode_complex_value(self, field_name: str, field: FieldInfo | None, value: Any) -> Any:
        """Return the value unchanged. pydantic-settings would try to parse it as JSON."""
        return value


def read_environment() -> dict[str, Any]:
    """Return the variables as the tree that the file would hold. An empty variable counts as not set.

    Unknown names at the top level are ignored: if a service is named ordergraph, Kubernetes sets variables such as
    ORDERGRAPH_PORT in every pod.
    """
    tree = _Environment(account_variables())()
    for section in NAMED:
        if isinstance(tree.get(section), dict):
            tables = cast("dict[str, Any]", tree[section])
            tree[section] = {name.replace("_", "-"): table for name, table in tables.items()}
    return tree


@cache
def account_variables() -> type[BaseSettings]:
    """Return the model that pydantic-settings reads. Accounts and callers stay tables, validated one by one."""
    common = {name: (info.annotation, info) for name, info in Settings.model_fields.items()}
    made: Any = create_model("Variables", __base__=_Variables, **cast("Any", common))
    return made


class _Variables(BaseSettings):
    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, env_nested_delimiter="__", env_ignore_empty=True)

    accounts: dict[str, dict[str, Any]] = Field(default_factory=dict)
    callers: dict[str, dict[str, Any]] = Field(default_factory=dict)


@dataclass(frozen=True)
class Launch:
    """The options of `serve`, for its worker processes. It holds no secrets: workers read the settings themselves.

    ``sandbox`` is the URL of the fake vendors, ``url`` that of the gateway, and ``ledger`` the database used with the
    fake vendors. ``orders`` and ``seed`` are the options that the fake vendors were started with.
    """

    config: Path | None = None
    sandbox: str | None = None
    url: str = ""
    ledger: str = "sqlite://"
    orders: int = 0
    seed: int = 0


def hand_over(launch: Launch) -> None:
    """Put the options into the environment, which worker processes inherit."""
    config = str(launch.config.absolute()) if launch.config else None
    os.environ[LAUNCH] = json.dumps({**dataclasses.asdict(launch), "config": config})


def handed_over() -> Launch:
    """Return the options that `hand_over` put into the environment."""
    values: dict[str, Any] = json.loads(os.environ[LAUNCH])
    values["config"] = Path(values["config"]) if values["config"] else None
    return Launch(**values)


def environment_without_accounts() -> dict[str, str]:
    """Return the environment without the settings of accounts, for a process that needs no credentials."""
    return {name: text for name, text in os.environ.items() if not name.startswith(f"{ENV_PREFIX}ACCOUNTS")}
