"""The gateway of the kill test: a process that is killed and restarted."""

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
"""The timeout of a call to a vendor, in seconds."""
LEASE = 2.0
"""The seconds without a heartbeat after which a gateway process counts as dead."""
SETTLE = 5.0
"""The settle time in seconds. It is longer than the faults and the proxy can delay an order."""
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
    """Return the settings of a gateway with these accounts, and the environment with their secrets.

    ``urls`` are the URLs of the sandboxes, by account.
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
    """Return the settings of a shop's account, including secrets. ``url`` is the URL of the sandboxes."""
    return {
        **shop.vendor.sandbox_account,
        "base_url": f"{url}/{shop.code}",
        "extensions": sorted(shop.vendor.settings.known_extensions),
        **shop.settings,
    }


class Gateway:
    """`ordergraph serve`, on the same port after every restart.

    Its settings and its log are in ``folder``.
    """

    def __init__(self, folder: Path, text: str, secrets: Mapping[str, str], workers: int) -> None:
        self._folder = folder
        (folder / "ordergraph.toml").write_text(text)
        left_out = (ENV_PREFIX, "COVERAGE_")  # a killed process cannot save its coverage
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
        self._environment |= secrets
        self._port = free_port()
        self._workers = workers
        self._process: subprocess.Popen[bytes] | None = None
        self.kills = self.worker_kills = 0

    @property
    def url(self) -> str:
        """The gateway's URL."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def log(self) -> str:
        """The stderr of all its processes until now."""
        return (self._folder / "log").read_text()

    def client(self) -> httpx.AsyncClient:
        """Return a client with an API key."""
        return httpx.AsyncClient(base_url=self.url, headers=HEADERS, trust_env=False, verify=False)

    def start(self) -> None:
        """Start the gateway without waiting for it."""
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
        """Wait until the gateway responds. Raise RuntimeError if it has exited."""
        async with self.client() as client, asyncio.timeout(START_SECONDS):
            while True:
                if self._process is None or self._process.poll() is not None:
                    raise RuntimeError(f"The gateway has exited: {self.log[-2000:]}")
                try:
                    if (await client.get("/livez")).is_success:
                        return
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(0.05)

    def kill(self) -> None:
        """Kill the gateway and all its workers with SIGKILL, whatever they are doing."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
            self.kills += 1

    def kill_worker(self, draws: random.Random) -> None:
        """Kill one of several workers with SIGKILL. The others continue, and a new one replaces it."""
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
