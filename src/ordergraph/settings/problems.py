"""Says what is wrong with the settings, in which file and where."""

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

SANDBOX_HINT = "To look around without credentials, start with --sandbox."
NO_ACCOUNTS = f"""there is no account. Write one into ordergraph.toml:

    [accounts.nuvias-uk]
    vendor = "nuvias"
    client_id = "..."

and set ORDERGRAPH_ACCOUNTS__NUVIAS_UK__CLIENT_SECRET; ordergraph.example.toml shows every key.
{SANDBOX_HINT}"""


def model_of(name: str, vendor: object, vendors: Mapping[str, type[AccountSettings]]) -> type[AccountSettings]:
    """The settings of an account at a vendor, by what the account says of itself."""
    if isinstance(vendor, str) and vendor in vendors:
        return vendors[vendor]
    found = " is missing" if vendor is None else ": there is no such vendor"
    raise SettingsError(f"accounts.{name}.vendor{found}; allowed: {', '.join(sorted(vendors))}")


def wrong_paths(operations: Mapping[str, str], paths: object) -> Iterator[tuple[str, str]]:
    """The account's own paths that cannot be right, each with the reason."""
    for name, path in cast("dict[str, object]", paths).items() if isinstance(paths, dict) else ():
        if name not in operations:
            yield name, f"is not an operation; known: {', '.join(sorted(operations))}"
        elif not isinstance(path, str) or not re.fullmatch(PATH_TEMPLATE, path):
            yield name, f"must be a method and a path, such as {operations[name]!r}"
        elif path.count("{") != operations[name].count("{"):
            yield name, f"must have as many {{holes}} as {operations[name]!r}"


def inline_secrets(model: type[Section], where: Where, written: Table) -> list[str]:
    """The secrets that were written into the file itself."""
    return [
        f"{'.'.join([*where, key])}: secrets do not belong in this file; "
        f"set {variable(*where, key)}, or {key}_file to the path of a file that holds it"
        for key in model.secrets()
        if key in written
    ]


def describe(error: ValidationError, where: tuple[str, ...], model: type[BaseModel]) -> list[str]:
    """What a validation error says, one line for each field, without the values of secrets."""
    found = error.errors(include_input=False, include_url=False)
    return [_line(one, where, model) for one in found]


def _line(one: Any, where: tuple[str, ...], model: type[BaseModel]) -> str:
    loc = tuple(str(part) for part in one["loc"])
    key = ".".join([*where, *loc])
    source = variable(*where, *loc)
    origin = f" (from {source})" if is_set(source) else ""
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
