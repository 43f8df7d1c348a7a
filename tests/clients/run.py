"""Runs client libraries against a running gateway, each in its own process, and records the results.

A client is a file of tests for Node's test runner (``*.test.js``) or for pytest (``cases_*.py``). It gets the gateway's
URL from the environment. ``ran.json`` records the tests and versions, for the table in the documentation. `python -m
tests.clients` writes it, and the tests compare.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast
from xml.etree import ElementTree

import httpx

from ordergraph.sandbox import create_app, running
from ordergraph.vendors.registry import VENDORS
from tests.fakes import PLAIN
from tests.gateway import gateway

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
RECORD = HERE / "ran.json"
ARIADNE = HERE / ".ariadne"
"""A separate environment, because ariadne-codegen requires another version of graphql-core."""
KEY = "a-frontend's-key"
ORDERS = 30
"""The orders at each vendor. The tests refer to the newest by their IDs."""
SETTINGS = {**PLAIN, "cache": {"stale": 0}, "watch": {"fastest": 0.2}}
SECONDS = 100

Json = dict[str, Any]


@dataclass(frozen=True)
class Client:
    """A client library or tool: its test file, its packages, and their folder."""

    name: str
    file: str
    packages: Sequence[str]
    folder: Path = HERE / "node_modules"

    @property
    def is_python(self) -> bool:
        """Whether pytest runs its tests, instead of Node."""
        return self.file.endswith(".py")

    @property
    def missing(self) -> str | None:
        """What must be installed before it can run, and how. None if nothing is missing."""
        if not self.is_python and not shutil.which("node"):
            return "Node 20 or newer is not installed"
        return None if self.folder.is_dir() else f"{self.folder.name} is not there: run `make clients`"

    def command(self, report: Path) -> Sequence[str]:
        """Return the command that runs its tests and writes a JUnit report."""
        if self.is_python:
            pytest = (sys.executable, "-m", "pytest", "-p", "no:randomly", "-p", "no:cacheprovider", "--no-cov")
            return *pytest, f"--junitxml={report}", str(HERE / self.file)
        return (
            *("node", "--test", f"--test-timeout={SECONDS * 1000}"),
            *("--test-reporter=spec", "--test-reporter-destination=stdout"),
            *("--test-reporter=junit", f"--test-reporter-destination={report}"),
            str(HERE / self.file),
        )

    def version(self, package: str) -> str:
        """Return the installed version of a package."""
        if self.is_python:
            path = [str(one) for one in self.folder.glob("lib/*/site-packages")]
            return next(iter(distributions(name=package, path=path))).version
        return cast("str", json.loads((self.folder / package / "package.json").read_text())["version"])


CLIENTS = (
    Client("Apollo Client", "apollo.test.js", ["@apollo/client"]),
    Client("urql", "urql.test.js", ["@urql/core", "@urql/exchange-graphcache", "@urql/exchange-persisted"]),
    Client("graphql-request", "graphql-request.test.js", ["graphql-request"]),
    Client("graphql-ws", "graphql-ws.test.js", ["graphql-ws"]),
    Client("graphql-sse", "graphql-sse.test.js", ["graphql-sse"]),
    Client("Relay", "relay.test.js", ["relay-compiler", "relay-runtime"]),
    Client("gql (Python)", "cases_gql.py", ["gql"], Path(sys.prefix)),
    Client("ariadne-codegen", "cases_ariadne.py", ["ariadne-codegen"], ARIADNE),
    Client("GraphQL Code Generator", "codegen.test.js", ["@graphql-codegen/client-preset", "typescript"]),
    Client("graphql-http", "audits.test.js", ["graphql-http"]),
    Client("graphql-eslint", "eslint.test.js", ["@graphql-eslint/eslint-plugin"]),
    Client("graphql-inspector", "inspector.test.js", ["@graphql-inspector/core"]),
)


@dataclass(frozen=True)
class World:
    """A running gateway with the sandboxes of all vendors, as a client needs to know it."""

    environment: Mapping[str, str]
    sandbox: httpx.Client

    def start_over(self) -> None:
        """Reset all vendors and end their faults."""
        for vendor in VENDORS:
            self.sandbox.delete(f"/{vendor.code}/_control/faults").raise_for_status()
            self.sandbox.post(f"/{vendor.code}/_control/reset").raise_for_status()


@contextmanager
def world() -> Generator[World]:
    """Run a gateway with authentication and an account at each vendor."""
    fakes = create_app({one.code: one.sandbox for one in VENDORS}, orders=ORDERS, seed=1)
    callers = {"frontend": {"keys": [KEY], "accounts": ["*"], "scopes": ["read", "write"]}}
    with running(fakes) as sandbox:
        accounts = {
            one.code: {**one.sandbox_account, "base_url": f"{sandbox}/{one.code}", **SETTINGS} for one in VENDORS
        }
        with (
            gateway(accounts, callers=callers) as served,
            httpx.Client(base_url=sandbox, trust_env=False, verify=False) as control,
        ):
            names = {"GRAPHQL_URL": f"{served.client.base_url}/graphql", "GRAPHQL_KEY": KEY, "SANDBOX_URL": sandbox}
            yield World(names, control)


@dataclass(frozen=True)
class Run:
    """The results of a client's tests: their names in order, the failed ones, and the output."""

    cases: Sequence[str]
    failed: Sequence[str]
    output: str


def run(client: Client, environment: Mapping[str, str]) -> Run:
    """Run a client's tests."""
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        done = subprocess.run(
            client.command(report),
            cwd=ROOT,
            env={**os.environ, "NO_COLOR": "1", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS + 10,
            check=False,
        )
        cases = list(ElementTree.parse(report).iter("testcase")) if report.is_file() else []
    names = [spoken(case.attrib["name"]) for case in cases]
    bad = [name for name, case in zip(names, cases, strict=True) if len(case)]  # contains a failure, or was skipped
    return Run(names, bad or ([] if done.returncode == 0 else ["the run"]), done.stdout)


def spoken(name: str) -> str:
    """Return a test's name as a sentence."""
    return name.removeprefix("test_").replace("_", " ").replace("[", " (").replace("]", ")")


def entry(client: Client, ran: Run) -> Json:
    """Return the record of a client."""
    return {"versions": {name: client.version(name) for name in client.packages}, "cases": list(ran.cases)}


def record() -> Json:
    """Return the recorded results, by client."""
    return cast("Json", json.loads(RECORD.read_text())) if RECORD.is_file() else {}


def table() -> str:
    """Return the record as a table."""
    known = record()
    rows = (
        f"| {client.name} | {numbers(known[client.name])} | {'; '.join(known[client.name]['cases'])} |"
        for client in CLIENTS
    )
    return "| client | version | what was run |\n|---|---|---|\n" + "\n".join(rows)


def numbers(kept: Json) -> str:
    """Return the versions of a client, with package names if there are several."""
    versions = cast("Mapping[str, str]", kept["versions"])
    return ", ".join(
        versions.values() if len(versions) == 1 else (f"{name} {number}" for name, number in versions.items())
    )


def main(names: Sequence[str]) -> int:
    """Run these clients, or all, and record the results. Return 1 if one failed."""
    known = record()
    failed = 0
    with world() as made:
        for client in CLIENTS:
            if names and client.name not in names and client.file not in names:
                continue
            made.start_over()
            ran = run(client, made.environment)
            sys.stdout.write(f"{client.name}: {ran.failed or 'passed'}\n{ran.output if ran.failed else ''}")
            failed += bool(ran.failed)
            if not ran.failed:
                known[client.name] = entry(client, ran)
    kept = {client.name: known[client.name] for client in CLIENTS if client.name in known}
    RECORD.write_text(json.dumps(kept, indent=2) + "\n")
    return failed
