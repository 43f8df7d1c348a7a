"""Reads the configuration file and the environment, and combines them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence, Set
from pathlib import Path
from typing import Any, cast

from pydantic import (
    ValidationError,
)
from pydantic_settings import TomlConfigSettingsSource
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from ordergraph.domain.errors import SettingsError
from ordergraph.settings.account import AccountSettings
from ordergraph.settings.base import LEDGER, NAME, NAMED, Section, Table, Where
from ordergraph.settings.callers import CallerSettings, misfits
from ordergraph.settings.environment import account_variables, read_environment, variable
from ordergraph.settings.gateway import Configuration, LedgerSettings, Settings
from ordergraph.settings.problems import NO_ACCOUNTS, describe, inline_secrets, model_of, wrong_paths

DEFAULT_CONFIGS = (Path("ordergraph.toml"), Path("/etc/ordergraph/ordergraph.toml"))


def load(vendors: Mapping[str, type[AccountSettings]], config: Path | None = None) -> Configuration:
    """Read the file and the environment.

    ``vendors`` maps a vendor's code to the class of its accounts' settings. If ``config`` is None, the first of
    DEFAULT_CONFIGS that exists is read, if any. Raises SettingsError with every invalid setting and what is allowed.
    """
    path = config_file(config)
    written, given = _read_file(path, required=config is not None), read_environment()
    configuration = _configure(vendors, written, given, path.parent)
    if not configuration.accounts:
        raise SettingsError(NO_ACCOUNTS)
    return configuration


def sandbox(
    vendors: Mapping[str, type[AccountSettings]], tables: Mapping[str, Table], ledger: str = "sqlite://"
) -> Configuration:
    """Return the settings for the fake vendors, with only the accounts in ``tables``, whatever is set elsewhere.

    Authentication is off. ``ledger`` is the URL of a temporary database, unless the environment sets another one: the
    fake vendors do not keep their data either.
    """
    given = read_environment()
    configured = _configure(vendors, {"ledger": {"url": ledger}}, {**given, "accounts": tables, "callers": {}}, Path())
    return Configuration(configured.settings, configured.accounts, None)


def load_common(config: Path | None = None) -> Settings:
    """Load only the settings that do not belong to an account. The accounts' secrets are not needed."""
    path = config_file(config)
    problems: list[str] = []
    settings = _common(_read_file(path, required=config is not None), read_environment(), path.parent, problems)
    if problems:
        raise SettingsError("\n".join(dict.fromkeys(problems)))
    return settings


def config_file(config: Path | None) -> Path:
    """Return the path of the configuration file: ``config``, else the first of the defaults that exists."""
    return config or next((one for one in DEFAULT_CONFIGS if one.exists()), DEFAULT_CONFIGS[0])


def _read_file(path: Path, *, required: bool) -> dict[str, Any]:
    if required and not path.exists():
        raise SettingsError(f"{path} does not exist.")
    if path.is_dir():
        raise SettingsError(f"{path} cannot be read. It is a directory.")
    try:
        return TomlConfigSettingsSource(account_variables(), toml_file=path).toml_data
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}.") from None


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
        problems += describe(error, (), Settings)
        return Settings()


def _placed(written: Table, folder: Path) -> Table:
    """Return the file's values, with the path of the manifest resolved against the folder of the file."""
    found = written.get("graphql")
    section = cast("Table", found) if isinstance(found, Mapping) else dict[str, Any]()
    trusted = section.get("trusted")
    if not trusted or not isinstance(trusted, str):
        return written
    return {**written, "graphql": {**section, "trusted": str(folder / trusted)}}


def _ledger(written: object, given: object, folder: Path, problems: list[str]) -> object:
    """Return the ledger's values. Only in the environment may its URL contain a password."""
    for values in (given, written):
        if not isinstance(values, Mapping):
            return values  # validation reports it later
    below, above = cast("Table", written), cast("Table", given)
    problems += inline_secrets(LedgerSettings, LEDGER, below)
    if _has_password(below.get("url")):
        problems.append(
            f"ledger.url: The URL in this file must not contain a password. Set {variable('ledger', 'password')}, "
            "or password_file to the path of a file that contains it."
        )
    return _values(LedgerSettings, LEDGER, below, above, folder, problems)


def _has_password(url: object) -> bool:
    try:
        parts = make_url(str(url))
    except (ArgumentError, ValueError):
        return False  # validation reports it later
    return parts.password is not None or "password" in parts.query


def _tables(section: str, values: Table, problems: list[str]) -> dict[str, Table]:
    """Return the tables of accounts or callers. Anything that is not a table is a problem."""
    tables = values.get(section, {})
    if not isinstance(tables, Mapping):
        problems.append(f"{section}: Must contain a table for each {NAMED[section]}, [{section}.<name>].")
        return {}
    found = cast("Mapping[str, Any]", tables)
    problems += [f"{section}.{name}: Must be a table." for name, one in found.items() if not isinstance(one, Mapping)]
    return {name: cast("Table", one) for name, one in found.items() if isinstance(one, Mapping)}


def check_name(section: str, name: str) -> None:
    """Raise SettingsError if the name of an account or a caller is invalid."""
    if not re.fullmatch(NAME, name) or len(name) > 40:
        raise SettingsError(
            f"{section}.{name}: A name may have only lower-case letters, digits and single dashes, "
            "and at most 40 characters."
        )


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
        raise SettingsError(f"callers.{name}.name is not a setting. The name of the table is the caller's name.")
    try:
        return CallerSettings.model_validate({**table, "name": name})
    except ValidationError as error:
        raise SettingsError("\n".join(describe(error, ("callers", name), CallerSettings))) from None


def _account(
    name: str, written: Table, given: Table, vendors: Mapping[str, type[AccountSettings]], folder: Path
) -> AccountSettings:
    """Return an account from its tables in the file and the environment."""
    check_name("accounts", name)
    model = model_of(name, given.get("vendor", written.get("vendor")), vendors)
    problems = inline_secrets(model, ("accounts", name), written)
    values = _values(model, ("accounts", name), written, given, folder, problems)
    if "name" in values:
        problems.append(f"accounts.{name}.name is not a setting. The name of the table is the account's name.")
    found = wrong_paths(model.operations, values.get("paths"))
    problems += [f"accounts.{name}.paths.{operation} {problem}" for operation, problem in found]
    try:
        account = model.model_validate({**values, "name": name})
    except ValidationError as error:
        raise SettingsError("\n".join([*problems, *describe(error, ("accounts", name), model)])) from None
    if problems:
        raise SettingsError("\n".join(problems))
    return account


def _values(
    model: type[Section], where: Where, written: Table, given: Table, folder: Path, problems: list[str]
) -> dict[str, Any]:
    """Return the file's values, overridden by the environment. If a secret's variable is set, its file is not read."""
    above = _with_files(model, where, given, Path(), problems)
    overridden = {f"{key}_file" for key in model.credentials() if key in above}
    rest = {key: value for key, value in written.items() if key not in overridden}
    return _merged(_with_files(model, where, rest, folder, problems), above)


def _with_files(model: type[Section], where: Where, table: Table, folder: Path, problems: list[str]) -> dict[str, Any]:
    """Replace each ``<key>_file`` of a credential by the content of the file."""
    values, place = dict(table), ".".join(where)
    for key in model.credentials():
        file = values.pop(f"{key}_file", None)
        if file is not None and key in values:
            problems.append(f"{place}: {key} and {key}_file are both set. Set only one of them.")
        elif file is not None:
            try:
                values[key] = (folder / str(file)).read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                reason = error.strerror if isinstance(error, OSError) else "It is not text"
                problems.append(f"{place}.{key}_file: Cannot read {file}. {reason}.")
                values[key] = "unread"  # the problem is reported already: the key need not be reported as missing, too
    return values
