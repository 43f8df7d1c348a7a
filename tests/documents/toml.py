"""Settings in documents: whether they are good ones."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from ordergraph import settings
from ordergraph.app import settings_classes

HASH = f"sha256:{'0' * 64}"


def check_settings(content: str) -> None:
    """Raise SettingsError if a gateway would not start with them; accounts and secrets that it needs are there."""
    table = tomllib.loads(content)
    named = {name for one in table.get("callers", {}).values() for name in one.get("accounts", ())}
    accounts = table.get("accounts", {})
    needed = {"some", *named} - {"*", *accounts}
    others = "".join(f'[accounts.{name}]\nvendor = "nuvias"\n' for name in sorted(needed))
    all_accounts = {**accounts, **{name: {"vendor": "nuvias"} for name in needed}}
    with TemporaryDirectory() as folder, patch.dict("os.environ", dict(_credentials(all_accounts))):
        path = Path(folder) / "ordergraph.toml"
        path.write_text(f"{content.replace('sha256:...', HASH)}\n{others}")
        settings.load(settings_classes(), path)


def _credentials(accounts: dict[str, dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for name, one in accounts.items():
        for key in settings_classes()[one["vendor"]].credentials():
            if key not in one:
                yield settings.variable("accounts", name, key), "something"
