import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import httpx
import pytest

from ordergraph import __version__, settings
from ordergraph.cli import banner, sandbox_process
from ordergraph.cli.main import main
from ordergraph.domain import Action
from ordergraph.settings import ENV_PREFIX
from ordergraph.settings.callers import hashed, new_key
from ordergraph.vendors.nuvias.vendor import vendor as nuvias
from ordergraph.vendors.registry import VENDORS
from tests.waiting import PATIENCE, eventually

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent

DEFAULT_URL = "http://127.0.0.1:8000"
SECRET = "sandbox-secret-not-a-secret"
KEY = new_key()
CALLER = f"[callers.tester]\nkeys = ['{hashed(KEY)}']\naccounts = '*'\nscopes = ['read', 'write']\n"
AS_CALLER = {"authorization": f"Bearer {KEY}"}
KNOWN = ", ".join(sorted(vendor.code for vendor in VENDORS))


def clean_environment() -> dict[str, str]:
    return {name: text for name, text in os.environ.items() if not name.startswith(ENV_PREFIX)}


def connects(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def children(pid: int) -> list[int]:
    found: list[int] = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
        except OSError:
            continue
    return found


class Running:
    """A running command, and its output when it was ready."""

    def __init__(self, process: subprocess.Popen[str], message: str) -> None:
        self.process = process
        self.message = message

    @property
    def url(self) -> str:
        return self.urls("listening at")[0]

    @property
    def sandbox(self) -> str:
        return self.urls("sandbox at")[0]

    def urls(self, word: str) -> list[str]:
        return re.findall(word + r" +(http://[^\s)]+)", self.message)

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, errors


@contextmanager
def started(
    *words: str,
    until: str,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    stderr: int | IO[str] = subprocess.PIPE,
) -> Generator[Running]:
    """Run a command and wait for its output up to a line that begins with `until`."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ordergraph", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        cwd=cwd,
        env={**clean_environment(), **(environment or {})},
    )
    with process:
        try:
            assert process.stdout is not None
            lines: list[str] = []
            while not lines or not lines[-1].lstrip().startswith(until):
                lines.append(process.stdout.readline())
                assert lines[-1], f"ended: {process.communicate()[1]}"
            yield Running(process, "".join(lines))
        finally:
            process.kill()


@contextmanager
def gateway(*words: str, **how: Any) -> Generator[Running]:
    with started("serve", "--port", "0", *words, until="curl", **how) as running:
        yield running


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in os.environ:
        if name.startswith(ENV_PREFIX):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run a command in this process until it ends."""

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["ordergraph", *words])
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return run


Run = Callable[..., tuple[int, str, str]]


# ---- Commands that end by themselves ----------------------------------------------------------------


def test_version(run: Run) -> None:
    assert run("--version") == (0, f"ordergraph {__version__}\n", "")


def test_help_names_every_command(run: Run) -> None:
    code, out, _ = run("--help")
    assert code == 0
    assert {"serve", "sandbox", "keys", "schema", "vendors", "check"} <= set(out.split())


def test_schema_is_printed_and_written(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("schema")
    assert code == 0
    assert "schema {" in out
    assert "type Order implements Node" in out
    assert run("schema", "--write")[0] == 0
    assert (tmp_path / "schema.graphql").read_text() == out
    assert run("schema", "--check") == (0, "", "")


def test_the_types_of_interfaces_are_printed_and_written(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("schema", "--possible-types")
    assert code == 0
    assert json.loads(out)["InvoiceDetails"] == ["NuviasInvoiceDetails"]
    assert run("schema", "--possible-types", "--write")[0] == 0
    assert (tmp_path / "possibleTypes.json").read_text() == out
    assert not (tmp_path / "schema.graphql").exists()
    assert run("schema", "--possible-types", "--check") == (0, "", "")


def test_the_types_of_interfaces_in_the_project_are_current(run: Run) -> None:
    assert run("schema", "--possible-types", "--check", "--path", str(ROOT / "possibleTypes.json")) == (0, "", "")


@pytest.mark.parametrize("content", [None, "type Query { nothing: Int }\n"])
def test_schema_check_fails_when_the_file_differs(run: Run, tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "other.graphql"
    if content is not None:
        path.write_text(content)
    code, _, errors = run("schema", "--check", "--path", str(path))
    assert code == 1
    assert "ordergraph schema --write" in errors


def test_vendors_as_json(run: Run) -> None:
    found = json.loads(run("vendors", "--json")[1])
    assert [entry["vendor"] for entry in found] == [vendor.code for vendor in VENDORS]
    for entry, vendor in zip(found, VENDORS, strict=True):
        assert entry["actions"] == {action.name: vendor.connector.supports(action) for action in Action}
        assert set(entry["extensions"].values()) <= set(vendor.settings.known_extensions)


@pytest.mark.parametrize("words", [("vendors",), ("vendors", "--markdown")])
def test_vendors_as_a_table(run: Run, words: Sequence[str]) -> None:
    code, out, _ = run(*words)
    assert code == 0
    for action in Action:
        (line,) = (line for line in out.splitlines() if action.name in line.replace("`", "").split())
        switched = [one.connector.extensions[action] for one in VENDORS if action in one.connector.extensions]
        assert line.count("yes") + len(switched) == sum(vendor.connector.supports(action) for vendor in VENDORS)
        assert all(name in line for name in switched)


def test_serve_without_accounts_says_how_to_write_one(run: Run) -> None:
    code, _, errors = run("serve", "--port", "0")
    assert code == 2
    assert "[accounts.nuvias-uk]" in errors
    assert "--sandbox" in errors


def test_a_wrong_file_is_a_message_and_no_traceback(run: Run, tmp_path: Path) -> None:
    config = tmp_path / "gateway.toml"
    config.write_text("[accounts.uk]\nvendor = 'acme'\n")
    code, _, errors = run("serve", "--port", "0", "--config", str(config))
    assert (code, errors) == (2, f"ordergraph: accounts.uk.vendor: There is no such vendor. Known vendors: {KNOWN}.\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--sandbox", "--config", "some.toml"], "cannot be combined"),
        (["--orders", "5"], "require --sandbox"),
        (["--seed", "5"], "require --sandbox"),
        (["--sandbox-port", "5"], "require --sandbox"),
    ],
)
def test_options_that_contradict_each_other(run: Run, words: Sequence[str], said: str) -> None:
    code, _, errors = run("serve", "--port", "0", *words)
    assert code == 2
    assert said in errors


def test_a_key_is_alone_on_stdout_and_its_caller_works_as_it_is_written(run: Run, tmp_path: Path) -> None:
    code, out, errors = run("keys", "new", "web", "--scope", "read", "--scope", "write", "--account", "uk")
    assert code == 0
    assert re.fullmatch(r"og_[\w-]{43}\n", out)
    key = out.strip()
    assert key not in errors
    table = textwrap.dedent("\n".join(line for line in errors.splitlines() if " = " in line or "[callers" in line))
    config = tmp_path / "ordergraph.toml"
    config.write_text(table + "\n[accounts.uk]\nvendor = 'plain'\nbase_url = 'http://127.0.0.1'\n")
    (caller,) = list(settings.load({"plain": settings.AccountSettings}).callers or [])
    assert (caller.name, caller.keys, caller.accounts) == ("web", {hashed(key)}, {"uk"})
    assert {scope.value for scope in caller.scopes} == {"read", "write"}


def test_a_key_is_for_reading_with_all_accounts_unless_told_otherwise(run: Run) -> None:
    _, _, errors = run("keys", "new", "web")
    assert 'accounts = ["*"]' in errors
    assert 'scopes = ["read"]' in errors


def test_no_key_is_given_twice_and_none_is_kept(run: Run, tmp_path: Path) -> None:
    assert run("keys", "new", "web")[1] != run("keys", "new", "web")[1]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [["Web"], ["web", "--account", "A B"], ["web", "--scope", "all"], []])
def test_a_key_for_what_cannot_be_written_into_the_settings(run: Run, words: Sequence[str]) -> None:
    code, out, _ = run("keys", "new", *words)
    assert (code, out) == (2, "")


def test_a_host_that_is_none(run: Run) -> None:
    code, _, errors = run("serve", "--host", "nowhere.invalid")
    assert code == 1
    assert "nowhere.invalid" in errors


def test_a_host_of_another_machine(run: Run) -> None:
    code, _, errors = run("serve", "--host", "192.0.2.1", "--port", "0")
    assert code == 1
    assert "Cannot listen" in errors


@pytest.mark.parametrize("words", [("serve",), ("serve", "--sandbox"), ("sandbox", "--orders", "1")])
def test_a_port_that_is_taken(run: Run, words: Sequence[str]) -> None:
    before = children(os.getpid())
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, out, errors = run(*words, "--port", str(port))
    assert (code, out) == (1, "")
    assert errors == f"ordergraph: Port {port} of 127.0.0.1 is already in use. Choose another port with --port.\n"
    assert children(os.getpid()) == before


def test_the_port_of_the_sandbox_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "ordergraph",
                "serve",
                "--sandbox",
                "--orders",
                "5",
                "--port",
                "0",
                "--sandbox-port",
                str(port),
            ],
            env=clean_environment(),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert f"Port {port} of 127.0.0.1 is already in use. Choose another port with --sandbox-port." in done.stderr


def test_sandbox_of_a_vendor_that_is_none(run: Run) -> None:
    code, _, errors = run("sandbox", "--vendor", "acme", "--vendor", "nuvias")
    assert code == 2
    assert errors == f"ordergraph: Unknown vendor acme. Known vendors: {KNOWN}.\n"


# ---- The gateway with sandboxes ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A gateway next to the sandbox. Its directory and environment configure other accounts."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "ordergraph.toml").write_text("[accounts.real]\nvendor = 'nuvias'\nclient_id = 'real'\n")
    with gateway(
        "--sandbox", "--orders", "40", cwd=folder, environment={"ORDERGRAPH_ACCOUNTS__REAL__CLIENT_SECRET": "real"}
    ) as running:
        yield running


def ask(url: str, query: str, headers: Mapping[str, str] | None = None) -> Any:
    return httpx.post(f"{url}/graphql", json={"query": query}, headers=headers, timeout=PATIENCE).json()


def test_the_first_query_of_the_message_works(served: Running) -> None:
    (line,) = (line for line in served.message.splitlines() if "curl" in line)
    words = shlex.split(line)
    url, body = next(word for word in words if word.startswith("http")), words[words.index("-d") + 1]
    reply = httpx.post(url, content=body, headers={"content-type": "application/json"}, timeout=PATIENCE).json()
    assert len(reply["data"]["orders"]["nodes"]) == 5


def test_the_message_says_where_graphiql_is(served: Running) -> None:
    (url,) = served.urls("GraphiQL")
    reply = httpx.get(url, headers={"accept": "text/html"})
    assert "graphiql" in reply.text.lower()


def test_the_message_says_where_the_control_api_is(served: Running) -> None:
    (control,) = served.urls("control API")
    origin = served.sandbox.rpartition("/")[0]
    assert control == f"{origin}/<vendor>/_control/"
    for vendor in VENDORS:
        assert httpx.get(control.replace("<vendor>", vendor.code) + "calls").status_code == 200


def test_serve_sandbox_has_one_account_for_each_vendor_and_no_others(served: Running) -> None:
    accounts = ask(served.url, "{ accounts { name vendor } }")["data"]["accounts"]
    assert [account["name"] for account in accounts] == sorted(vendor.code for vendor in VENDORS)


def test_serve_sandbox_serves_as_many_orders_as_asked(served: Running) -> None:
    answer = ask(served.url, "{ orders(first: 1) { totalCount } }")
    assert answer["data"]["orders"]["totalCount"] == 40 * len(VENDORS)


def test_the_sandbox_process_does_not_know_the_credentials(served: Running) -> None:
    (child,) = children(served.process.pid)
    assert b"ACCOUNTS__REAL" not in Path(f"/proc/{child}/environ").read_bytes()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_sandbox_from_ready_to_its_end(number: signal.Signals) -> None:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
        port, beside = one.getsockname()[1], two.getsockname()[1]
    words = ["serve", "--sandbox", "--orders", "5", "--port", str(port), "--sandbox-port", str(beside)]
    process = subprocess.Popen(
        [sys.executable, "-m", "ordergraph", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=clean_environment(),
    )
    with process:
        try:
            eventually(lambda: connects(port), "the gateway listens")
            assert httpx.get(f"http://127.0.0.1:{beside}/livez").status_code == 200, "the sandbox is ready first"
            process.send_signal(number)
            _, errors = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
    assert (process.returncode, errors) == (0, "")
    assert not connects(beside)


def test_a_gateway_that_is_killed_takes_the_sandbox_and_the_workers_with_it() -> None:
    with gateway("--sandbox", "--orders", "5", "--workers", "2") as running:
        assert ask(running.url, "{ orders(first: 1) { nodes { id } } }")["data"]["orders"]["nodes"]
        beside = int(running.sandbox.split(":")[2].partition("/")[0])
        family = children(running.process.pid)
        assert len(family) >= 3
        running.process.kill()
        eventually(lambda: not any(alive(pid) for pid in family), "all children end")
        assert not connects(beside)


def test_workers_share_the_sandbox_and_end_in_order() -> None:
    with gateway("--sandbox", "--orders", "5", "--workers", "2") as running:
        ids = {json.dumps(ask(running.url, "{ orders(first: 5) { nodes { id } } }")["data"]) for _ in range(10)}
        family = children(running.process.pid)
        assert len(ids) == 1
        assert running.end() == (0, "")
        eventually(lambda: not any(alive(pid) for pid in family), "multiprocessing's own helper ends last")


def test_a_sandbox_that_dies_ends_the_gateway() -> None:
    with gateway("--sandbox", "--orders", "5") as running:
        (child,) = children(running.process.pid)
        os.kill(child, signal.SIGKILL)
        _, errors = running.process.communicate(timeout=PATIENCE)
        assert running.process.returncode == 1
        assert errors == "ordergraph: The sandbox ended unexpectedly with exit code -9, so the gateway stopped.\n"


def test_a_sandbox_that_does_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox_process, "END_SECONDS", 0.1)
    before = children(os.getpid())
    with sandbox_process.running(VENDORS, "127.0.0.1", 0, 1, 7):
        (child,) = set(children(os.getpid())) - set(before)
        os.kill(child, signal.SIGSTOP)
    assert not alive(child)


def test_serve_sandbox_may_be_reached_by_others() -> None:
    with gateway("--sandbox", "--orders", "5", "--host", "0.0.0.0") as running:
        assert running.url.startswith("http://127.0.0.1:")
        assert ask(running.url, "{ orders(first: 1) { nodes { id } } }")["data"]["orders"]["nodes"]


# ---- The gateway and `check` with configured accounts at a sandbox ----------------------------------


@pytest.fixture(scope="module")
def fake() -> Iterator[Running]:
    with started("sandbox", "--vendor", "nuvias", "--orders", "5", "--port", "0", until="control") as running:
        yield running


def account(name: str, base_url: str) -> str:
    return (
        f"[accounts.{name}]\nvendor = 'nuvias'\nbase_url = '{base_url}'\n"
        f"client_id = '{nuvias.sandbox_account['client_id']}'\n"
    )


def secret(name: str, value: str = SECRET) -> dict[str, str]:
    return {f"ORDERGRAPH_ACCOUNTS__{name.upper().replace('-', '_')}__CLIENT_SECRET": value}


def test_the_sandbox_says_how_to_log_in(fake: Running) -> None:
    (base_url,) = fake.urls("base_url")
    login = {key: re.search(rf"{key} +(\S+)", fake.message) for key in ("client_id", "client_secret")}
    form = {key: found[1] for key, found in login.items() if found}
    reply = httpx.post(f"{base_url}/oauth/create_token", data={**form, "grant_type": "client_credentials"})
    assert reply.json()["access_token"]


def test_the_sandbox_ends_quietly() -> None:
    with started("sandbox", "--orders", "5", "--port", "0", until="control") as running:
        assert running.end() == (0, "")


def test_serve_reads_the_file_beside_it(fake: Running, tmp_path: Path) -> None:
    (tmp_path / "ordergraph.toml").write_text(CALLER + account("nuvias-uk", fake.urls("base_url")[0]))
    logged = {"ORDERGRAPH_LOG_FORMAT": "json", "ORDERGRAPH_LOG_LEVEL": "debug", "ORDERGRAPH_ACCESS_LOG": "true"}
    with gateway(cwd=tmp_path, environment={**secret("nuvias-uk"), **logged}) as running:
        nodes = ask(running.url, "{ orders(first: 2) { nodes { id } } }", AS_CALLER)["data"]["orders"]["nodes"]
        code, errors = running.end()
    assert nodes[0]["id"].startswith("Order:nuvias-uk:")
    assert "nuvias-uk (nuvias at" in running.message
    assert code == 0
    lines = [json.loads(line) for line in errors.splitlines()]
    assert "uvicorn.access" in {line["logger"] for line in lines}
    assert SECRET not in errors
    assert "Bearer" not in errors
    assert KEY not in errors


def test_the_first_query_of_the_message_works_with_a_key(fake: Running, tmp_path: Path) -> None:
    (tmp_path / "ordergraph.toml").write_text(CALLER + account("uk", fake.urls("base_url")[0]))
    with gateway(cwd=tmp_path, environment=secret("uk")) as running:
        (line,) = (line for line in running.message.splitlines() if "curl" in line)
        shell = {"PATH": os.environ["PATH"], "KEY": KEY}
        answer = subprocess.check_output(line, env=shell, shell=True, text=True, timeout=PATIENCE)
        assert len(json.loads(answer)["data"]["orders"]["nodes"]) == 5
    assert "caller       tester (read, write; accounts: *)" in running.message


def test_without_callers_nobody_can_ask_and_it_says_so(fake: Running, tmp_path: Path) -> None:
    (tmp_path / "ordergraph.toml").write_text(account("uk", fake.urls("base_url")[0]))
    with gateway("--host", "0.0.0.0", cwd=tmp_path, environment=secret("uk")) as running:
        assert "ordergraph keys new" in running.message
        (error,) = ask(running.url, "{ accounts { name } }", AS_CALLER)["errors"]
        assert error["extensions"].pop("requestId")
        assert error["extensions"] == {"code": "UNAUTHENTICATED", "isRetryable": False}
        assert httpx.get(f"{running.url}/livez").status_code == 200


def test_workers_know_the_callers(fake: Running, tmp_path: Path) -> None:
    (tmp_path / "ordergraph.toml").write_text(CALLER + account("uk", fake.urls("base_url")[0]))
    with gateway("--workers", "2", cwd=tmp_path, environment=secret("uk")) as running:
        for _ in range(10):
            assert ask(running.url, "{ accounts { name } }", AS_CALLER)["data"]["accounts"] == [{"name": "uk"}]
            assert ask(running.url, "{ accounts { name } }")["errors"]


def test_check_has_a_line_for_each_account(fake: Running, tmp_path: Path) -> None:
    base_url = fake.urls("base_url")[0]
    with socket.create_server(("127.0.0.1", 0)) as closed:
        dead = f"http://127.0.0.1:{closed.getsockname()[1]}"
    with socket.create_server(("127.0.0.1", 0)) as mute:
        never = f"http://127.0.0.1:{mute.getsockname()[1]}"
        config = tmp_path / "all.toml"
        config.write_text(
            account("good", base_url)
            + account("wrong-secret", base_url)
            + account("dead", dead)
            + account("elsewhere", base_url + "/v9")
            + account("unknown", "http://nowhere.invalid")
            + account("mute", never)
            + "timeouts.read = 0.2\n"
        )
        names = ("good", "dead", "elsewhere", "unknown", "mute")
        secrets = {key: value for name in names for key, value in secret(name).items()}
        done = checked(config, {**secrets, **secret("wrong-secret", "not-this-one")})
    lines = {line.split(maxsplit=2)[1].rstrip(":"): line for line in done.stdout.splitlines()}
    assert done.returncode == 1
    assert lines["good"].startswith("OK      good: ")
    assert "ORDERGRAPH_ACCOUNTS__WRONG_SECRET__CLIENT_SECRET" in lines["wrong-secret"]
    assert f"accounts.dead.base_url, which is {dead}" in lines["dead"]
    assert "accounts.elsewhere.base_url" in lines["elsewhere"]
    assert "accounts.unknown.base_url" in lines["unknown"]
    assert "accounts.mute.timeouts" in lines["mute"]
    assert [line.split()[0] for line in lines.values()].count("FAILED") == 5
    assert "not-this-one" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_check_of_accounts_that_all_work(fake: Running, tmp_path: Path) -> None:
    config = tmp_path / "one.toml"
    config.write_text(account("good", fake.urls("base_url")[0]))
    done = checked(config, secret("good"))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].startswith("OK      ledger: sqlite:///ordergraph.db is empty")
    garbage = tmp_path / "garbage.db"
    garbage.write_bytes(b"not a database at all, but long enough to be looked at" * 20)
    done = checked(config, {**secret("good"), "ORDERGRAPH_LEDGER__URL": f"sqlite:///{garbage}"})
    assert done.returncode == 1
    assert f"FAILED  ledger: sqlite:///{garbage} cannot be used: file is not a database. Check" in done.stdout


def test_check_of_one_account_shows_what_it_can_do(fake: Running, tmp_path: Path) -> None:
    base_url = fake.urls("base_url")[0]
    config = tmp_path / "two.toml"
    config.write_text(account("good", base_url) + account("other", base_url))
    secrets = {**secret("good"), **secret("other")}
    done = checked(config, secrets, "--account", "good")
    head, *lines = done.stdout.splitlines()
    assert head.split() == ["group", "operation", "time", "result"]
    assert [line.rpartition("  ")[2] for line in lines] == ["works"] * len(nuvias.connector.read_checks)
    assert done.stderr.splitlines()[0] == f"1/{len(lines)} login: create_token"
    assert done.returncode == 0
    httpx.put(f"{base_url}/_control/faults", json=[{"fault": "unauthorized", "path": "/invoices"}]).raise_for_status()
    try:
        done = checked(config, secrets, "--account", "good")
    finally:
        httpx.delete(f"{base_url}/_control/faults").raise_for_status()
    assert done.returncode == 1
    assert "refused (401): Unauthorized." in next(line for line in done.stdout.splitlines() if "list_invoices" in line)
    done = checked(config, secrets, "--account", "nobody")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "ordergraph: Unknown account nobody. Known accounts: good, other.\n"


@pytest.mark.parametrize("words", [["check"], ["serve", "--port", "0", "--workers", "2"]])
def test_trusted_documents_that_do_not_fit_are_named(tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "documents.json").write_text('{"good": "{ accounts { name } }", "bad": "{ accounts { nom } }"}')
    (tmp_path / "ordergraph.toml").write_text(
        "graphql.trusted = 'documents.json'\n" + account("uk", "http://127.0.0.1:9")
    )
    done = subprocess.run(
        [sys.executable, "-m", "ordergraph", *words],
        env={**clean_environment(), **secret("uk")},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        cwd=tmp_path,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "documents.json: bad: Cannot query field 'nom' on type 'Account'" in done.stderr
    assert "good" not in done.stderr
    assert "Traceback" not in done.stderr


def test_export_of_the_ledger(fake: Running, tmp_path: Path) -> None:
    (tmp_path / "ordergraph.toml").write_text(CALLER + account("nuvias-uk", fake.urls("base_url")[0]))
    order = """mutation($key: String!) { placeOrder(input: { idempotencyKey: $key, accountId: "Account:nuvias-uk",
        lineItems: [{ product: { id: "Product:nuvias-uk:3" } }] }) { operation { id } userErrors { message } } }"""

    def export(*words: str) -> subprocess.CompletedProcess[str]:
        command = f"{shlex.join([sys.executable, '-m', 'ordergraph', 'ledger', 'export', *words])}"
        environment = clean_environment()  # without the account's secret
        return subprocess.run(
            ["bash", "-c", f"set -o pipefail; {command} | head -n 1"],
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            cwd=tmp_path,
            check=False,
        )

    early = export()
    assert (early.returncode, early.stdout) == (1, "")
    assert "is empty. Start the gateway first" in early.stderr
    with gateway(cwd=tmp_path, environment=secret("nuvias-uk")) as running:
        for key in ("one", "two"):
            body = {"query": order, "variables": {"key": key}}
            made = httpx.post(f"{running.url}/graphql", json=body, headers=AS_CALLER, timeout=PATIENCE)
            assert made.json()["data"]["placeOrder"]["userErrors"] == []
        done = export("--account", "nuvias-uk", "--status", "CONFIRMED", "--since", "2020-01-01")
        assert (done.returncode, done.stderr) == (0, "")
        found = json.loads(done.stdout)
        assert (found["idempotencyKey"], found["status"], found["account"]) == ("one", "CONFIRMED", "nuvias-uk")
        assert SECRET not in done.stdout
        none = export("--until", "2020-01-01T00:00:00Z")
        assert (none.returncode, none.stdout, none.stderr) == (0, "", "")
    wrong = export("--status", "DONE")
    assert "Unknown status DONE. Known statuses: SENDING, CONFIRMED, REJECTED, IN_DOUBT." in wrong.stderr


def checked(config: Path, secrets: Mapping[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ordergraph", "check", "--config", str(config), *words],
        env={**clean_environment(), **secrets},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def test_the_message_without_sandbox_has_no_control_api() -> None:
    configuration = settings.Configuration(settings.Settings(), (), ())
    assert "control" not in banner.gateway(DEFAULT_URL, configuration, None)


def test_the_message_names_graphiql_unless_it_is_off() -> None:
    for graphiql in (True, False):
        given = settings.Settings.model_validate({"graphql": {"graphiql": graphiql}})
        message = banner.gateway(DEFAULT_URL, settings.Configuration(given, (), ()), None)
        assert ("GraphiQL" in message) is graphiql
