"""The gateway of the kill test: a real process, killed and started again."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from ordergraph.settings import ENV_PREFIX, variable
from ordergraph.settings.callers import hashed
from tests.chaos.shops import Shop
from tests.ports import free_port
from tests.test_cli import children

TOTAL = 1.5
"""Seconds that a call of a vendor may take."""
LEASE = 2.0
"""Seconds without a sign of life after which a gateway counts as dead."""
SETTLE = 5.0
"""Seconds in which a vendor may still book what it has not answered: more than it does here, on the wire and off."""
START_SECONDS = 60.0
API_KEY = "of-the-kill-test"
HEADERS = {"authorization": f"Bearer {API_KEY}"}
CONFIG = """
log_level = "warning"

[limits]
seconds = 3.0

[ledger]
lease = {lease}

[callers.clients]
keys = ["{key}"]
accounts = "*"
scopes = ["read", "write"]
"""


def config(shops: Mapping[str, Shop], urls: Mapping[str, str], ledger: str) -> tuple[str, Mapping[str, str]]:
    """The settings of a gateway with these accounts, and the environment with their secrets.

    ``urls`` says by account where its vendor's sandbox is.
    """
    text = CONFIG.format(lease=LEASE, key=hashed(API_KEY))
    secrets = {variable("ledger", "url"): ledger}
    for name, shop in shops.items():
        keys: dict[str, Any] = {**account(shop, urls[name]), "settle": SETTLE}
        for key in shop.vendor.settings.secrets():
            if key in keys:
                secrets[variable("accounts", name, key)] = keys.pop(key)
        lines = "\n".join(f"{key} = {json.dumps(value)}" for key, value in keys.items())
        text += f"\n[accounts.{name}]\n{lines}\n[accounts.{name}.timeouts]\ntotal = {TOTAL}\nread = {TOTAL}\n"
    return text, secrets


def account(shop: Shop, url: str) -> dict[str, Any]:
    """The settings of a shop's account, its secrets among them; ``url`` is where the sandboxes are."""
    return {
        **shop.vendor.sandbox_account,
        "base_url": f"{url}/{shop.code}",
        "extensions": sorted(shop.vendor.settings.known_extensions),
        **shop.settings,
    }


class Gateway:
    """`ordergraph serve` on a port of its own, which stays the same when it is killed and started again.

    Its settings and what it logs are in ``folder``.
    """

    def __init__(self, folder: Path, text: str, secrets: Mapping[str, str], workers: int) -> None:
        self._folder = folder
        (folder / "ordergraph.toml").write_text(text)
        left_out = (ENV_PREFIX, "COVERAGE_")  # what is killed could not write down what it covered
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
        self._environment |= secrets
        self._port = free_port()
        self._workers = workers
        self._process: subprocess.Popen[bytes] | None = None
        self.kills = self.worker_kills = 0

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def log(self) -> str:
        """What all of its lives said on stderr."""
        return (self._folder / "log").read_text()

    def client(self) -> httpx.AsyncClient:
        """A client of it, as one who may ask."""
        return httpx.AsyncClient(base_url=self.url, headers=HEADERS, trust_env=False, verify=False)

    def start(self) -> None:
        """Start it, and do not wait for it."""
        words = ["serve", "--config", "ordergraph.toml", "--port", str(self._port), "--workers", str(self._workers)]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "ordergraph", *words],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                cwd=self._folder,
                env=self._environment,
                start_new_session=True,
            )

    async def ready(self) -> None:
        """Wait until it answers; raise RuntimeError when it has ended instead."""
        async with self.client() as client, asyncio.timeout(START_SECONDS):
            while True:
                if self._process is None or self._process.poll() is not None:
                    raise RuntimeError(f"the gateway has ended: {self.log[-2000:]}")
                try:
                    if (await client.get("/livez")).is_success:
                        return
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(0.05)

    def kill(self) -> None:
        """End it with SIGKILL, with all of its workers, wherever it stands."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
            self.kills += 1

    def kill_worker(self, draws: random.Random) -> None:
        """End one of its workers with SIGKILL, if it has any: the others go on, and another takes its place."""
        if self._process is not None and self._workers > 1:
            found = [pid for pid in children(self._process.pid) if "spawn_main" in _words(pid)]
            if found:
                os.kill(draws.choice(found), signal.SIGKILL)
                self.worker_kills += 1


def _words(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""
