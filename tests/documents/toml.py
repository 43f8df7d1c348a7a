"""Checks settings in the documentation."""

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
    """Raise SettingsError if a gateway would not start with the settings. Missing accounts and secrets are added."""
    table = tomllib.loads(content)
    named = {name for one in table.get("callers", {}).values() for name in one.get("accounts", ())}
    needed = {"some", *named} - {"*", *table.get("accounts", {})}
    others = "".join(f'[accounts.{name}]\nvendor = "nuvias"\n' for name in sorted(needed))
    text = f"{content.replace('sha256:...', HASH)}\n{others}"
    credentials = dict(_credentials(tomllib.loads(text)["accounts"]))
    with TemporaryDirectory() as folder, patch.dict("os.environ", credentials):
        path = Path(folder) / "ordergraph.toml"
        path.write_text(text)
        settings.load(settings_classes(), path)


def _credentials(accounts: dict[str, dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for name, one in accounts.items():
        for key in settings_classes()[one["vendor"]].credentials():
            if key not in one:
                yield settings.variable("accounts", name, key), "something"
