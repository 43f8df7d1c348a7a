"""The settings: ``ordergraph.toml`` and the environment. Nothing else in the project reads either.

A key of the file has an environment variable of the same name that overrides it: ``ORDERGRAPH_`` and the
path in upper case, levels parted by two underscores, dashes as underscores. ``client_secret`` of the
account ``nuvias-uk`` is ``ORDERGRAPH_ACCOUNTS__NUVIAS_UK__CLIENT_SECRET``. Secrets come from the
environment, or from a file that ``<key>_file`` names; never from ``ordergraph.toml`` itself.

Whatever is wrong is said at once, a line for each key, and never shows a value.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self, cast

from pydantic import (
    AfterValidator,
    AnyHttpUrl,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    create_model,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict, TomlConfigSettingsSource
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from ordergraph.settings.callers import PARTED, CallerSettings, misfits
from ordergraph.domain.errors import SettingsError

ENV_PREFIX = "ORDERGRAPH_"
LAUNCH = ENV_PREFIX + "LAUNCH"
DEFAULT_CONFIGS = (Path("ordergraph.toml"), Path("/etc/ordergraph/ordergraph.toml"))
NAMED = {"accounts": "account", "callers": "caller"}
"""The sections that hold a table for each of something."""
NAME = r"[a-z0-9]+(-[a-z0-9]+)*"
PATH_TEMPLATE = r"(GET|POST|PUT|PATCH|DELETE) /([^\s{}?#]|\{[a-z_]+\})*"
ROOT_PATH = r"(/(?!\.{1,2}(/|$))[A-Za-z0-9._~-]+)+"
OWN_PATHS = frozenset({"graphql", "graphiql", "livez", "notifications", "readyz", "static"})
"""What the gateway's own paths begin with."""
LEDGER = ("ledger",)
SANDBOX_HINT = "To look around without credentials, start with --sandbox."

NO_ACCOUNTS = f"""there is no account. Write one into ordergraph.toml:

    [accounts.nuvias-uk]
    vendor = "nuvias"
    client_id = "..."

and set ORDERGRAPH_ACCOUNTS__NUVIAS_UK__CLIENT_SECRET; ordergraph.example.toml shows every key.
{SANDBOX_HINT}"""

Table = Mapping[str, Any]
Where = tuple[str, ...]
"""The path of a section."""
Seconds = Annotated[float, Field(gt=0, le=600)]
CacheSeconds = Annotated[float, Field(ge=0, le=86400)]


@dataclass(frozen=True)
class _Marker:
    """Says of a field that it may also be named as ``<key>_file``."""

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


class _Section(BaseModel):
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


class Timeouts(_Section):
    """How long a vendor may take, in seconds."""

    connect: Seconds = Field(default=5.0, description="to make a connection")
    read: Seconds = Field(default=20.0, description="between two pieces of an answer")
    total: Seconds = Field(default=30.0, description="for one call with everything, the login included")


class CacheTimes(_Section):
    """How long what a vendor said may be used again, in seconds; 0 asks the vendor every time."""

    orders: CacheSeconds = Field(default=0.0, description="orders and lists of orders")
    lists: CacheSeconds = Field(default=5.0, description="lists of orders that have to be read whole")
    products: CacheSeconds = Field(default=300.0, description="the catalogue")
    subscriptions: CacheSeconds = Field(default=5.0, description="subscriptions and their lists")
    invoices: CacheSeconds = Field(default=5.0, description="invoices")
    administration: CacheSeconds = Field(default=5.0, description="users, product groups, feeds")
    reference: CacheSeconds = Field(default=3600.0, description="currency, countries, manufacturers and the like")
    stale: CacheSeconds = Field(default=300.0, description="beyond that, of all these, while the vendor is in trouble")


class RetrySettings(_Section):
    """When a call that failed, and certainly did nothing, is sent again."""

    attempts: int = Field(default=3, ge=1, le=10, description="how often one call is sent at the most")
    share: float = Field(default=0.2, ge=0, le=1, description="retries for each call, over time")


class CircuitSettings(_Section):
    """When a vendor that fails is left in peace, and for how long (seconds)."""

    failures: int = Field(default=5, ge=1, le=1000, description="in a row, until nothing more is sent")
    pause: Seconds = Field(default=1.0, description="the first; each is twice as long as the one before")
    max_pause: Seconds = Field(default=60.0, description="the longest")


class WatchSettings(_Section):
    """How often the gateway looks at orders that somebody watches, in seconds."""

    fastest: Seconds = Field(default=2.0, description="between two looks at an order to which something has happened")
    slowest: Seconds = Field(default=60.0, description="between two looks at an order, however long nothing has")
    per_minute: int = Field(default=300, ge=1, le=60_000, description="looks at all orders of the account together")


class AccountSettings(_Section):
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


class Limits(_Section):
    """What a caller may ask for at the most."""

    body_bytes: int = Field(default=1_048_576, ge=1024, le=67_108_864, description="size of a request")
    depth: int = Field(default=15, ge=1, le=100, description="levels of a query")
    aliases: int = Field(default=30, ge=1, le=1000, description="aliases in a query")
    tokens: int = Field(default=4000, ge=10, le=100_000, description="words and signs in a query")
    seconds: Seconds = Field(default=15.0, description="for the vendors to answer what a request reads")
    watches: int = Field(default=1000, ge=1, le=1_000_000, description="orders and operations watched at once")


def clean_root_path(text: str) -> str:
    """The path that a proxy serves the gateway under, without a slash at its end.

    Raises ValueError for anything else: the result is safe in a page and in a redirect.
    """
    path = text.rstrip("/")
    if path and not re.fullmatch(ROOT_PATH, path):
        raise ValueError("must be a path such as /api: letters, digits and . _ ~ - between slashes")
    if path and path.split("/")[1] in OWN_PATHS:
        raise ValueError(f"must not begin with a path of the gateway itself: {', '.join(sorted(OWN_PATHS))}")
    return path


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        raise ValueError("must be an IP address, or a network such as 10.0.0.0/8, whose other bits are 0") from None


class ServerSettings(_Section):
    """How the gateway is reached through a reverse proxy."""

    root_path: Annotated[str, AfterValidator(clean_root_path)] = Field(
        default="", description="the path that the proxy serves the gateway under, such as /api"
    )
    trusted_proxies: Annotated[frozenset[Annotated[str, AfterValidator(_network)]], PARTED] = Field(
        default=frozenset({"127.0.0.1/32", "::1/128"}),
        description="addresses and networks of proxies whose X-Forwarded-* and X-Request-ID headers are believed",
    )


class GraphQLSettings(_Section):
    """How GraphQL is served."""

    graphiql: bool = Field(default=True, description="the page to try queries with, at /graphiql")
    introspection: bool = Field(default=True, description="whether clients may ask for the schema")
    suggestions: bool = Field(default=True, description="whether errors guess which field was meant")
    origins: Annotated[frozenset[str], PARTED] = Field(
        default=frozenset(), description="of web pages elsewhere that may ask, as in https://shop.example"
    )
    batch: int = Field(default=10, ge=1, le=100, description="requests in one body; 1 takes no batches")
    statuses: Literal["2025", "2026"] = Field(
        default="2025", description="HTTP status codes: 2026 tells wrong documents (422) and partial data (294) apart"
    )
    persisted: bool = Field(default=True, description="automatic persisted queries: clients may send a hash instead")
    trusted: str = Field(default="", description="a manifest of documents that clients may name by their ids, if any")
    trusted_only: bool = Field(default=False, description="nothing but the documents of the manifest is executed")

    @model_validator(mode="after")
    def _has_what_it_trusts(self) -> Self:
        if self.trusted_only and not self.trusted:
            raise ValueError("trusted_only needs a manifest: name it with `trusted`")
        return self


class LedgerSettings(_Section):
    """Where the gateway keeps what it placed and what was sent, and for how long."""

    url: str = Field(
        default="sqlite:///ordergraph.db",
        repr=False,
        description="the database: sqlite:///path, sqlite:////absolute/path or postgresql://user@host/database",
    )
    password: Secret = Field(default=SecretStr(""), description="of PostgreSQL, where it is not in the URL")
    retention: int = Field(default=365, ge=30, le=36500, description="days for which settled operations are kept")
    lease: Seconds = Field(default=15.0, description="without a sign of life after which a process counts as ended")

    @field_validator("url")
    @classmethod
    def _of_a_known_kind(cls, url: str) -> str:
        """Without its text in the message: it may hold a password."""
        if not re.fullmatch(r"sqlite://(/.+)?|postgresql://.*/.+", url):
            raise ValueError("must be sqlite:///path, or postgresql://user@host/database")
        try:
            make_url(url)
        except (ArgumentError, ValueError):
            raise ValueError("is not a URL; what is special in a user or password is percent-encoded") from None
        return url


class Settings(_Section):
    """What does not belong to an account."""

    server: ServerSettings = ServerSettings()
    graphql: GraphQLSettings = GraphQLSettings()
    limits: Limits = Limits()
    ledger: LedgerSettings = LedgerSettings()
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["text", "json"] = "text"
    access_log: bool = Field(default=False, description="a line for each request")


class Configuration:
    """The settings, checked, with each account as its vendor's own class.

    ``callers`` None lets anybody do everything: it is for the fake vendors.
    """

    def __init__(
        self, settings: Settings, accounts: Sequence[AccountSettings], callers: Sequence[CallerSettings] | None
    ) -> None:
        self.settings = settings
        self.accounts = tuple(accounts)
        self.callers = None if callers is None else tuple(callers)

    @property
    def origins(self) -> Set[str]:
        """The web pages that may ask from elsewhere: at the fake vendors, all."""
        return self.settings.graphql.origins or (frozenset("*") if self.callers is None else frozenset())


def load(vendors: Mapping[str, type[AccountSettings]], config: Path | None = None) -> Configuration:
    """Read the file and the environment.

    ``vendors`` maps a vendor's name to the class of its accounts' settings. ``config`` None reads the first of
    DEFAULT_CONFIGS that is there, if any. Raises SettingsError with every wrong key and what is allowed.
    """
    path = _file(config)
    written, given = _read_file(path, required=config is not None), _read_environment()
    configuration = _configure(vendors, written, given, path.parent)
    if not configuration.accounts:
        raise SettingsError(NO_ACCOUNTS)
    return configuration


def sandbox(
    vendors: Mapping[str, type[AccountSettings]], tables: Mapping[str, Table], ledger: str = "sqlite://"
) -> Configuration:
    """The settings for the fake vendors: the accounts in ``tables`` and no others, whatever is set elsewhere.

    Anybody may ask. ``ledger`` is the URL of a database that goes with them, unless another is asked for: the fake
    vendors forget as well.
    """
    given = _read_environment()
    configured = _configure(vendors, {"ledger": {"url": ledger}}, {**given, "accounts": tables, "callers": {}}, Path())
    return Configuration(configured.settings, configured.accounts, None)


def load_common(config: Path | None = None) -> Settings:
    """Only what does not belong to an account; the accounts' secrets need not be there."""
    path = _file(config)
    problems: list[str] = []
    settings = _common(_read_file(path, required=config is not None), _read_environment(), path.parent, problems)
    if problems:
        raise SettingsError("\n".join(dict.fromkeys(problems)))
    return settings


def _file(config: Path | None) -> Path:
    return config or next((one for one in DEFAULT_CONFIGS if one.exists()), DEFAULT_CONFIGS[0])


def variable(*path: str) -> str:
    """The environment variable that sets a key: ``variable("accounts", "nuvias-uk", "client_id")``."""
    return ENV_PREFIX + "__".join(part.upper().replace("-", "_") for part in path)


# ---- Reading --------------------------------------------------------------------------------------


class _Environment(EnvSettingsSource):
    """Values stay text, so that a secret such as ``123456`` remains one; fields turn what they need."""

    def decode_complex_value(self, field_name: str, field: FieldInfo | None, value: Any) -> Any:
        """Leave it as it is; pydantic-settings would guess that it may be JSON."""
        return value


def _read_file(path: Path, *, required: bool) -> dict[str, Any]:
    if required and not path.exists():
        raise SettingsError(f"{path} does not exist")
    if path.is_dir():
        raise SettingsError(f"{path} cannot be read: it is a directory")
    try:
        return TomlConfigSettingsSource(_variables(), toml_file=path).toml_data
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}") from None


def _read_environment() -> dict[str, Any]:
    """The variables as the tree that the file would hold; an empty one counts as not set.

    Unknown names at the top are let be: Kubernetes gives every pod beside a service named ordergraph
    variables such as ORDERGRAPH_PORT.
    """
    tree = _Environment(_variables())()
    for section in NAMED:
        if isinstance(tree.get(section), dict):
            tables = cast("dict[str, Any]", tree[section])
            tree[section] = {name.replace("_", "-"): table for name, table in tables.items()}
    return tree


@cache
def _variables() -> type[BaseSettings]:
    """What pydantic-settings reads, accounts and callers as bare tables: they are looked at one by one."""
    common = {name: (info.annotation, info) for name, info in Settings.model_fields.items()}
    made: Any = create_model("Variables", __base__=_Variables, **cast("Any", common))
    return made


class _Variables(BaseSettings):
    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, env_nested_delimiter="__", env_ignore_empty=True)

    accounts: dict[str, dict[str, Any]] = Field(default_factory=dict)
    callers: dict[str, dict[str, Any]] = Field(default_factory=dict)


def _merged(below: Table, above: Table) -> dict[str, Any]:
    both = dict(below)
    for key, value in above.items():
        under = both.get(key)
        if isinstance(under, dict) and isinstance(value, dict):
            both[key] = _merged(cast("Table", under), cast("Table", value))
        else:
            both[key] = value
    return both


def _configure(
    vendors: Mapping[str, type[AccountSettings]], written: Table, given: Table, folder: Path
) -> Configuration:
    problems: list[str] = []
    settings = _common(written, given, folder, problems)
    below, above = _tables("accounts", written, problems), _tables("accounts", given, problems)
    accounts: list[AccountSettings] = []
    for name in dict.fromkeys([*below, *above]):
        try:
            accounts.append(_account(name, below.get(name, {}), above.get(name, {}), vendors, folder))
        except SettingsError as error:
            problems.append(str(error))
    tables = _merged(_tables("callers", written, problems), _tables("callers", given, problems))
    callers = _callers(tables, {*below, *above}, problems)
    if problems:
        raise SettingsError("\n".join(dict.fromkeys(problems)))
    return Configuration(settings, accounts, callers)


def _common(written: Table, given: Table, folder: Path, problems: list[str]) -> Settings:
    values = _merged(_placed(written, folder), given)
    values["ledger"] = _ledger(written.get("ledger", {}), given.get("ledger", {}), folder, problems)
    try:
        return Settings.model_validate({key: value for key, value in values.items() if key not in NAMED})
    except ValidationError as error:
        problems += _described(error, (), Settings)
        return Settings()


def _placed(written: Table, folder: Path) -> Table:
    """The file's values, with the path of the manifest as it is from here."""
    found = written.get("graphql")
    section = cast("Table", found) if isinstance(found, Mapping) else dict[str, Any]()
    trusted = section.get("trusted")
    if not trusted or not isinstance(trusted, str):
        return written
    return {**written, "graphql": {**section, "trusted": str(folder / trusted)}}


def _ledger(written: object, given: object, folder: Path, problems: list[str]) -> object:
    """The ledger's values; its URL holds a password in the environment alone."""
    for values in (given, written):
        if not isinstance(values, Mapping):
            return values  # which is found wrong later
    below, above = cast("Table", written), cast("Table", given)
    problems += _inline_secrets(LedgerSettings, LEDGER, below)
    if _has_password(below.get("url")):
        problems.append(
            f"ledger.url: a password does not belong in this file; set {variable('ledger', 'password')}, "
            "or password_file to the path of a file that holds it"
        )
    return _values(LedgerSettings, LEDGER, below, above, folder, problems)


def _has_password(url: object) -> bool:
    try:
        parts = make_url(str(url))
    except (ArgumentError, ValueError):
        return False  # which is found wrong later
    return parts.password is not None or "password" in parts.query


def _tables(section: str, values: Table, problems: list[str]) -> dict[str, Table]:
    """The tables of accounts or callers; what is no table is a problem."""
    tables = values.get(section, {})
    if not isinstance(tables, Mapping):
        problems.append(f"{section}: must hold a table for each {NAMED[section]}, [{section}.<name>]")
        return {}
    found = cast("Mapping[str, Any]", tables)
    problems += [f"{section}.{name}: must be a table" for name, one in found.items() if not isinstance(one, Mapping)]
    return {name: cast("Table", one) for name, one in found.items() if isinstance(one, Mapping)}


def check_name(section: str, name: str) -> None:
    """Raise SettingsError unless an account or a caller may be named so."""
    if not re.fullmatch(NAME, name) or len(name) > 40:
        raise SettingsError(
            f"{section}.{name}: a name has small letters, digits and single dashes, at most 40 characters"
        )


# ---- Callers --------------------------------------------------------------------------------------


def _callers(tables: Mapping[str, Any], accounts: Set[str], problems: list[str]) -> Sequence[CallerSettings]:
    callers: list[CallerSettings] = []
    for name, table in tables.items():
        try:
            callers.append(_caller(name, table))
        except SettingsError as error:
            problems.append(str(error))
    problems += misfits(callers, accounts)
    return callers


def _caller(name: str, table: Table) -> CallerSettings:
    check_name("callers", name)
    if "name" in table:
        raise SettingsError(f"callers.{name}.name is not a setting: the table's own name is the caller's")
    try:
        return CallerSettings.model_validate({**table, "name": name})
    except ValidationError as error:
        raise SettingsError("\n".join(_described(error, ("callers", name), CallerSettings))) from None


# ---- An account -----------------------------------------------------------------------------------


def _account(
    name: str, written: Table, given: Table, vendors: Mapping[str, type[AccountSettings]], folder: Path
) -> AccountSettings:
    """An account from what the file and the environment have of it."""
    check_name("accounts", name)
    model = _model(name, given.get("vendor", written.get("vendor")), vendors)
    problems = _inline_secrets(model, ("accounts", name), written)
    values = _values(model, ("accounts", name), written, given, folder, problems)
    if "name" in values:
        problems.append(f"accounts.{name}.name is not a setting: the table's own name is the account's")
    found = _wrong_paths(model.operations, values.get("paths"))
    problems += [f"accounts.{name}.paths.{operation} {problem}" for operation, problem in found]
    try:
        account = model.model_validate({**values, "name": name})
    except ValidationError as error:
        raise SettingsError("\n".join([*problems, *_described(error, ("accounts", name), model)])) from None
    if problems:
        raise SettingsError("\n".join(problems))
    return account


def _values(
    model: type[_Section], where: Where, written: Table, given: Table, folder: Path, problems: list[str]
) -> dict[str, Any]:
    """The file's values under the environment's; a file of a secret is not read if its variable is set."""
    above = _with_files(model, where, given, Path(), problems)
    overridden = {f"{key}_file" for key in model.credentials() if key in above}
    rest = {key: value for key, value in written.items() if key not in overridden}
    return _merged(_with_files(model, where, rest, folder, problems), above)


def _model(name: str, vendor: object, vendors: Mapping[str, type[AccountSettings]]) -> type[AccountSettings]:
    if isinstance(vendor, str) and vendor in vendors:
        return vendors[vendor]
    found = " is missing" if vendor is None else ": there is no such vendor"
    raise SettingsError(f"accounts.{name}.vendor{found}; allowed: {', '.join(sorted(vendors))}")


def _wrong_paths(operations: Mapping[str, str], paths: object) -> Iterator[tuple[str, str]]:
    """The account's own paths that cannot be right, each with the reason."""
    for name, path in cast("dict[str, object]", paths).items() if isinstance(paths, dict) else ():
        if name not in operations:
            yield name, f"is not an operation; known: {', '.join(sorted(operations))}"
        elif not isinstance(path, str) or not re.fullmatch(PATH_TEMPLATE, path):
            yield name, f"must be a method and a path, such as {operations[name]!r}"
        elif path.count("{") != operations[name].count("{"):
            yield name, f"must have as many {{holes}} as {operations[name]!r}"


def _inline_secrets(model: type[_Section], where: Where, written: Table) -> list[str]:
    return [
        f"{'.'.join([*where, key])}: secrets do not belong in this file; "
        f"set {variable(*where, key)}, or {key}_file to the path of a file that holds it"
        for key in model.secrets()
        if key in written
    ]


def _with_files(model: type[_Section], where: Where, table: Table, folder: Path, problems: list[str]) -> dict[str, Any]:
    """Replace each ``<key>_file`` of a credential by what the file holds."""
    values, place = dict(table), ".".join(where)
    for key in model.credentials():
        file = values.pop(f"{key}_file", None)
        if file is not None and key in values:
            problems.append(f"{place}: {key} and {key}_file are both set, and one is enough")
        elif file is not None:
            try:
                values[key] = (folder / str(file)).read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                reason = error.strerror if isinstance(error, OSError) else "is not text"
                problems.append(f"{place}.{key}_file: {file}: {reason}")
                values[key] = "unread"  # the reason has been said; that the key is missing need not be
    return values


# ---- Errors ---------------------------------------------------------------------------------------


def _described(error: ValidationError, where: tuple[str, ...], model: type[BaseModel]) -> list[str]:
    found = error.errors(include_input=False, include_url=False)
    return [_line(one, where, model) for one in found]


def _line(one: Any, where: tuple[str, ...], model: type[BaseModel]) -> str:
    loc = tuple(str(part) for part in one["loc"])
    key = ".".join([*where, *loc])
    source = variable(*where, *loc)
    origin = f" (from {source})" if source in os.environ else ""
    if one["type"] == "missing" and issubclass(model, AccountSettings) and loc[0] in model.credentials():
        return f"{key} is missing: set {source}, or {loc[0]}_file to the path of a file that holds it. {SANDBOX_HINT}"
    if one["type"] == "missing":
        return f"{key} is missing"
    if one["type"] == "extra_forbidden":
        return f"{key}{origin} is not a setting; allowed here: {', '.join(_known(model, loc[:-1]))}"
    message = str(one["msg"]).removeprefix("Value error, ")
    return f"{key}{origin}: {message[0].lower()}{message[1:]}"


def _known(model: type[BaseModel], loc: Sequence[str]) -> list[str]:
    """The keys of a section, which ``loc`` leads to."""
    for part in loc:
        model = cast("type[BaseModel]", model.model_fields[part].annotation)
    if model is Settings:
        return [*NAMED, *model.model_fields]
    return [key for key in model.model_fields if key != "name"]


# ---- Other processes ------------------------------------------------------------------------------


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
