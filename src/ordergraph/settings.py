"""The settings: ``ordergraph.toml`` and the environment. Nothing else in the project reads either.

A key of the file has an environment variable of the same name that overrides it: ``ORDERGRAPH_`` and the
path in upper case, levels parted by two underscores, dashes as underscores. ``client_secret`` of the
account ``nuvias-uk`` is ``ORDERGRAPH_ACCOUNTS__NUVIAS_UK__CLIENT_SECRET``. Secrets come from the
environment, or from a file that ``<key>_file`` names; never from ``ordergraph.toml`` itself.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import AfterValidator, AnyHttpUrl, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from ordergraph.errors import SettingsError

ENV_PREFIX = "ORDERGRAPH_"
DEFAULT_CONFIG = Path("ordergraph.toml")
ACCOUNT_NAME = r"^[a-z0-9]+(-[a-z0-9]+)*$"

Seconds = Annotated[float, Field(gt=0, le=600)]
CacheSeconds = Annotated[float, Field(ge=0, le=86400)]


def _no_newline(secret: SecretStr) -> SecretStr:
    """Files and shells like to add one, and it breaks headers."""
    return SecretStr(secret.get_secret_value().strip())


Secret = Annotated[SecretStr, AfterValidator(_no_newline)]


class _Section(BaseModel):
    """A part of the settings: unknown keys are errors, so that a slip of the pen is found."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Timeouts(_Section):
    """How long a vendor may take, in seconds."""

    connect: Seconds = Field(default=5.0, description="to make a connection")
    read: Seconds = Field(default=20.0, description="between two pieces of an answer")
    total: Seconds = Field(default=30.0, description="for one call with everything, the login included")


class CacheTimes(_Section):
    """How long what a vendor said may be used again, in seconds; 0 asks the vendor every time."""

    orders: CacheSeconds = Field(default=0.0, description="orders and lists of orders")
    products: CacheSeconds = Field(default=300.0, description="the catalogue")
    subscriptions: CacheSeconds = Field(default=5.0, description="subscriptions and their lists")
    invoices: CacheSeconds = Field(default=5.0, description="invoices")
    administration: CacheSeconds = Field(default=5.0, description="users, product groups, feeds")
    reference: CacheSeconds = Field(default=3600.0, description="currency, countries, manufacturers and the like")


class AccountSettings(_Section):
    """What every account has, whatever its vendor; each vendor's own class adds the credentials."""

    name: str = Field(pattern=ACCOUNT_NAME, max_length=40, description="the account's name, permanent")
    vendor: str = Field(description="which vendor")
    base_url: AnyHttpUrl = Field(description="where the vendor's API is")
    timeouts: Timeouts = Timeouts()
    concurrency: int = Field(default=8, ge=1, le=256, description="calls in flight at once")
    cache: CacheTimes = CacheTimes()
    currency: str | None = Field(
        default=None,
        pattern=r"^[A-Z]{3}$",
        description="ISO 4217, for amounts whose currency the vendor does not say",
    )
    paths: dict[str, str] = Field(default_factory=dict, description="operation = 'METHOD /path', where it differs")


class Limits(_Section):
    """What a caller may ask for at the most."""

    body_bytes: int = Field(default=1_048_576, ge=1024, le=67_108_864, description="size of a request")
    depth: int = Field(default=15, ge=1, le=100, description="levels of a query")
    aliases: int = Field(default=30, ge=1, le=1000, description="aliases in a query")
    tokens: int = Field(default=4000, ge=10, le=100_000, description="words and signs in a query")


class Settings(BaseSettings):
    """The whole configuration. ``accounts`` holds the raw tables; `load` makes them AccountSettings."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    accounts: dict[str, dict[str, Any]] = Field(default_factory=dict, repr=False)
    limits: Limits = Limits()
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["text", "json"] = "text"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment stands above the file, which `load` hands in as init values."""
        return (_Environment(settings_cls), init_settings)


class _Environment(EnvSettingsSource):
    """Names of accounts have dashes, names of variables cannot: ``NUVIAS_UK`` is ``nuvias-uk``."""

    def prepare_field_value(self, field_name: str, field: FieldInfo, value: Any, value_is_complex: bool) -> Any:
        prepared = super().prepare_field_value(field_name, field, value, value_is_complex)
        if field_name == "accounts" and isinstance(prepared, dict):
            tables = cast("dict[str, Any]", prepared)
            return {name.replace("_", "-"): table for name, table in tables.items()}
        return prepared


class Configuration:
    """The settings, checked, with each account as its vendor's own class."""

    def __init__(self, settings: Settings, accounts: Sequence[AccountSettings]) -> None:
        self.settings = settings
        self.accounts = tuple(accounts)


def load(vendors: Mapping[str, type[AccountSettings]], config: Path | None = None) -> Configuration:
    """Read the file and the environment.

    ``vendors`` maps a vendor's name to the class of its accounts' settings. ``config`` None reads
    ``ordergraph.toml`` if it is there. Raises SettingsError with the path of the key and what is allowed.
    """
    path = config or DEFAULT_CONFIG
    values = _read_file(path, required=config is not None)
    try:
        settings = Settings(**values)
    except ValidationError as error:
        raise SettingsError(_describe(error, ())) from None
    accounts = [_account(name, table, vendors, path.parent) for name, table in settings.accounts.items()]
    return Configuration(settings, accounts)


def sandbox(vendors: Mapping[str, type[AccountSettings]], tables: Mapping[str, Mapping[str, Any]]) -> Configuration:
    """The settings for the fake vendors: the accounts in ``tables`` and no others, whatever is set elsewhere."""
    try:
        settings = Settings()
    except ValidationError as error:
        raise SettingsError(_describe(error, ())) from None
    accounts = [_account(name, dict(table), vendors, Path()) for name, table in tables.items()]
    return Configuration(settings.model_copy(update={"accounts": {}}), accounts)


def _read_file(path: Path, *, required: bool) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            values = tomllib.load(file)
    except FileNotFoundError:
        if required:
            raise SettingsError(f"{path} does not exist") from None
        return {}
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}") from None
    _refuse_secrets(values, path)
    return values


def _refuse_secrets(values: Mapping[str, Any], path: Path) -> None:
    tables = values.get("accounts")
    for name, table in cast("dict[str, Any]", tables).items() if isinstance(tables, dict) else ():
        for key in cast("dict[str, Any]", table) if isinstance(table, dict) else ():
            if key.endswith(("secret", "password", "token")):
                raise SettingsError(
                    f"accounts.{name}.{key}: secrets do not belong in {path}; set {variable(name, key)}, "
                    f"or {key}_file to the path of a file that holds it"
                )


def variable(account: str, key: str) -> str:
    """The environment variable that sets a key of an account."""
    return f"{ENV_PREFIX}ACCOUNTS__{account.upper().replace('-', '_')}__{key.upper()}"


def _account(
    name: str, table: dict[str, Any], vendors: Mapping[str, type[AccountSettings]], folder: Path
) -> AccountSettings:
    where = ("accounts", name)
    vendor = table.get("vendor")
    if vendor is None or vendor not in vendors:
        found = "is missing" if vendor is None else f"{vendor!r} is not a vendor"
        raise SettingsError(f"accounts.{name}.vendor: {found}; allowed: {', '.join(sorted(vendors))}")
    model = vendors[vendor]
    try:
        return model.model_validate({**_from_files(name, table, folder), "name": name})
    except ValidationError as error:
        raise SettingsError(_describe(error, where, model)) from None


def _from_files(name: str, table: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Replace each ``<key>_file`` by what the file holds, unless the key itself is set."""
    values = {key: value for key, value in table.items() if not key.endswith("_file")}
    for key, value in table.items():
        if key.endswith("_file"):
            try:
                values.setdefault(key.removesuffix("_file"), (folder / str(value)).read_text())
            except OSError as error:
                raise SettingsError(f"accounts.{name}.{key}: {error.strerror}: {value}") from None
    return values


def _describe(error: ValidationError, where: tuple[str, ...], model: type[AccountSettings] | None = None) -> str:
    return "\n".join(_line(one, where, model) for one in error.errors(include_input=False, include_url=False))


def _line(one: Any, where: tuple[str, ...], model: type[AccountSettings] | None) -> str:
    key = ".".join([*where, *(str(part) for part in one["loc"])])
    if one["type"] == "missing" and model is not None and _is_secret(model, str(one["loc"][0])):
        return (
            f"{key} is missing: set {variable(where[1], one['loc'][0])}, or {one['loc'][0]}_file to the path "
            "of a file that holds it. To look around without credentials, start with --sandbox"
        )
    if one["type"] == "missing":
        return f"{key} is missing"
    if one["type"] == "extra_forbidden":
        allowed = model.model_fields if model is not None and len(one["loc"]) == 1 else Settings.model_fields
        known = f"; allowed here: {', '.join(sorted(set(allowed) - {'name'}))}" if len(one["loc"]) == 1 else ""
        return f"{key} is not a setting{known}"
    return f"{key}: {one['msg'][0].lower()}{one['msg'][1:]}"


def _is_secret(model: type[AccountSettings], key: str) -> bool:
    info = model.model_fields.get(key)
    return info is not None and (info.annotation is SecretStr or key in CREDENTIALS)


CREDENTIALS = frozenset({"client_id", "username"})
"""Not secret themselves, but part of the credentials, and set in the same way."""


def hand_over(values: Mapping[str, str]) -> None:
    """Put values into the environment of the worker processes that are about to start."""
    os.environ.update(values)


def handed_over(name: str) -> str | None:
    """What `hand_over` put there, in a worker process."""
    return os.environ.get(name)
