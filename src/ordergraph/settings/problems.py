"""Describes what is wrong with the settings, and where."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from pydantic import (
    BaseModel,
    ValidationError,
)

from ordergraph.domain.errors import SettingsError
from ordergraph.settings.account import PATH_TEMPLATE, AccountSettings
from ordergraph.settings.base import NAMED, Section, Table, Where
from ordergraph.settings.environment import is_set, variable
from ordergraph.settings.gateway import Settings

SANDBOX_HINT = "To try ordergraph without credentials, start it with --sandbox."
NO_ACCOUNTS = f"""No account is configured. Add one to ordergraph.toml:

    [accounts.nuvias-uk]
    vendor = "nuvias"
    client_id = "..."

and set ORDERGRAPH_ACCOUNTS__NUVIAS_UK__CLIENT_SECRET. ordergraph.example.toml shows every setting.
{SANDBOX_HINT}"""


def model_of(name: str, vendor: object, vendors: Mapping[str, type[AccountSettings]]) -> type[AccountSettings]:
    """Return the class of an account's settings. Raises SettingsError if its vendor is missing or unknown."""
    if isinstance(vendor, str) and vendor in vendors:
        return vendors[vendor]
    found = " is missing." if vendor is None else ": There is no such vendor."
    raise SettingsError(f"accounts.{name}.vendor{found} Known vendors: {', '.join(sorted(vendors))}.")


def wrong_paths(operations: Mapping[str, str], paths: object) -> Iterator[tuple[str, str]]:
    """Yield the invalid entries of an account's ``paths``, each with the reason."""
    for name, path in cast("dict[str, object]", paths).items() if isinstance(paths, dict) else ():
        if name not in operations:
            yield name, f"is not an operation. Known operations: {', '.join(sorted(operations))}."
        elif not isinstance(path, str) or not re.fullmatch(PATH_TEMPLATE, path):
            yield name, f"must be a method and a path, such as {operations[name]!r}."
        elif path.count("{") != operations[name].count("{"):
            yield name, f"must have as many {{parameters}} as {operations[name]!r}."


def inline_secrets(model: type[Section], where: Where, written: Table) -> list[str]:
    """Return a problem for each secret in the configuration file."""
    return [
        f"{'.'.join([*where, key])}: Secrets must not be in this file. "
        f"Set {variable(*where, key)}, or {key}_file to the path of a file that contains it."
        for key in model.secrets()
        if key in written
    ]


def describe(error: ValidationError, where: tuple[str, ...], model: type[BaseModel]) -> list[str]:
    """Return a line for each invalid setting of a validation error, without any values, which may be secret."""
    found = error.errors(include_input=False, include_url=False)
    return [_line(one, where, model) for one in found]


def _line(one: Any, where: tuple[str, ...], model: type[BaseModel]) -> str:
    loc = tuple(str(part) for part in one["loc"])
    key = ".".join([*where, *loc])
    source = variable(*where, *loc)
    origin = f" (from {source})" if is_set(source) else ""
    if one["type"] == "missing" and issubclass(model, AccountSettings) and loc[0] in model.credentials():
        return (
            f"{key} is missing. Set {source}, or {loc[0]}_file to the path of a file that contains it. {SANDBOX_HINT}"
        )
    if one["type"] == "missing":
        return f"{key} is missing."
    if one["type"] == "extra_forbidden":
        return f"{key}{origin} is not a setting. Known settings here: {', '.join(_known(model, loc[:-1]))}."
    message = str(one["msg"]).removeprefix("Value error, ").removesuffix(".")
    return f"{key}{origin}: {message}."


def _known(model: type[BaseModel], loc: Sequence[str]) -> list[str]:
    """Return the settings of the section at ``loc``."""
    for part in loc:
        model = cast("type[BaseModel]", model.model_fields[part].annotation)
    if model is Settings:
        return [*NAMED, *model.model_fields]
    return [key for key in model.model_fields if key != "name"]
