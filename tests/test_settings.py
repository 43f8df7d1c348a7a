import logging
import os
import re
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from ordergraph.app import configure, settings_classes
from ordergraph.domain.errors import SettingsError
from ordergraph.server import logs
from ordergraph.settings import (
    ENV_PREFIX,
    AccountSettings,
    Configuration,
    Launch,
    Settings,
    environment_without_accounts,
    hand_over,
    handed_over,
    load,
    sandbox,
    variable,
)
from ordergraph.settings.callers import Caller, Scope, hashed
from ordergraph.vendors.nuvias.connector_calls import PATHS, NuviasSettings

EXAMPLE = Path(__file__).parent.parent / "ordergraph.example.toml"
SECRET = "s3cr3t-of-the-account"
ACCOUNT = "[accounts.nuvias-uk]\nvendor = 'nuvias'\nclient_id = 'me'\n"
SECRET_VARIABLE = "ORDERGRAPH_ACCOUNTS__NUVIAS_UK__CLIENT_SECRET"
VENDORS = settings_classes()
KNOWN = ", ".join(sorted(VENDORS))


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in os.environ:
        if name.startswith(ENV_PREFIX):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(SECRET_VARIABLE, SECRET)
    return SECRET


def loaded(text: str) -> Configuration:
    path = Path("some.toml")
    path.write_text(text)
    return load(VENDORS, path)


def only_account(configuration: Configuration) -> NuviasSettings:
    (account,) = configuration.accounts
    assert isinstance(account, NuviasSettings)
    return account


def refused(text: str) -> list[str]:
    with pytest.raises(SettingsError) as refusal:
        loaded(text)
    assert SECRET not in str(refusal.value)
    return str(refusal.value).splitlines()


# ---- Sources of values ------------------------------------------------------------------------------


def test_a_secret_by_variable(secret: str) -> None:
    account = only_account(loaded(ACCOUNT))
    assert (account.name, account.client_id) == ("nuvias-uk", "me")
    assert account.client_secret.get_secret_value() == secret
    assert str(account.base_url) == "https://hub.nuvias-uc.com/api/v1"


@pytest.mark.parametrize("written", [f"{SECRET}", f"{SECRET}\n", f" {SECRET}\r\n"])
def test_a_secret_by_file_beside_the_settings(written: str, tmp_path: Path) -> None:
    folder = tmp_path / "etc"
    folder.mkdir()
    (folder / "secret").write_text(written)
    (folder / "gateway.toml").write_text(ACCOUNT + "client_secret_file = 'secret'\n")
    account = only_account(load(VENDORS, folder / "gateway.toml"))
    assert account.client_secret.get_secret_value() == SECRET


def test_a_variable_names_a_file_of_a_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SECRET)
    monkeypatch.setenv(SECRET_VARIABLE + "_FILE", str(tmp_path / "secret"))
    assert only_account(loaded(ACCOUNT)).client_secret.get_secret_value() == SECRET


@pytest.mark.usefixtures("secret")
def test_a_file_is_not_read_where_the_variable_is_set() -> None:
    account = only_account(loaded(ACCOUNT + "client_secret_file = '/run/secrets/not-here'\n"))
    assert account.client_secret.get_secret_value() == SECRET


@pytest.mark.usefixtures("secret")
def test_the_manifest_is_beside_the_settings_that_name_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "gateway.toml").write_text("[graphql]\ntrusted = 'documents.json'\n" + ACCOUNT)
    found = load(VENDORS, tmp_path / "etc" / "gateway.toml").settings.graphql
    assert found.trusted == str(tmp_path / "etc" / "documents.json")
    monkeypatch.setenv("ORDERGRAPH_GRAPHQL__TRUSTED", "here.json")
    assert load(VENDORS, tmp_path / "etc" / "gateway.toml").settings.graphql.trusted == "here.json"
    monkeypatch.delenv("ORDERGRAPH_GRAPHQL__TRUSTED")
    assert loaded("[graphql]\ntrusted = ''\n" + ACCOUNT).settings.graphql.trusted == ""


@pytest.mark.usefixtures("secret")
def test_proxies_are_parted_by_commas_and_a_root_path_has_no_slash_at_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERGRAPH_SERVER__TRUSTED_PROXIES", "10.0.0.1, 172.16.0.0/12, fd00::/8")
    monkeypatch.setenv("ORDERGRAPH_SERVER__ROOT_PATH", "/shop/api-1/")
    found = loaded(ACCOUNT).settings.server
    assert found.trusted_proxies == {"10.0.0.1/32", "172.16.0.0/12", "fd00::/8"}
    assert found.root_path == "/shop/api-1"


@pytest.mark.parametrize("digits", ["123456", "1e5", "true", "null", "0012", '{"a": 1}', "[1]"])
def test_a_secret_stays_text_whatever_it_looks_like(monkeypatch: pytest.MonkeyPatch, digits: str) -> None:
    monkeypatch.setenv(SECRET_VARIABLE, digits)
    assert only_account(loaded(ACCOUNT)).client_secret.get_secret_value() == digits


@pytest.mark.usefixtures("secret")
def test_the_environment_overrides_the_file_key_by_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERGRAPH_ACCOUNTS__NUVIAS_UK__TIMEOUTS__READ", "7")
    monkeypatch.setenv("ORDERGRAPH_ACCOUNTS__NUVIAS_UK__PATHS__LIST_GROUPS", "GET /user_groups")
    monkeypatch.setenv("ORDERGRAPH_LIMITS__DEPTH", "9")
    monkeypatch.setenv("ORDERGRAPH_LOG_LEVEL", "debug")
    configuration = loaded(
        "log_level = 'error'\n[limits]\ndepth = 3\naliases = 4\n" + ACCOUNT + "timeouts = { read = 1, connect = 2 }\n"
    )
    account = only_account(configuration)
    assert (account.timeouts.read, account.timeouts.connect) == (7, 2)
    assert account.paths == {"list_groups": "GET /user_groups"}
    assert (configuration.settings.limits.depth, configuration.settings.limits.aliases) == (9, 4)
    assert configuration.settings.log_level == "debug"


def test_an_account_by_environment_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value in {"VENDOR": "nuvias", "CLIENT_ID": "me", "CLIENT_SECRET": SECRET}.items():
        monkeypatch.setenv(f"ORDERGRAPH_ACCOUNTS__NUVIAS_UK__{key}", value)
    assert only_account(load(VENDORS)).name == "nuvias-uk"


def test_two_accounts_at_one_vendor(secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERGRAPH_ACCOUNTS__NUVIAS_DE__CLIENT_SECRET", "another")
    accounts = loaded(ACCOUNT + ACCOUNT.replace("-uk", "-de") + "currency = 'EUR'\n").accounts
    assert [account.name for account in accounts] == ["nuvias-uk", "nuvias-de"]
    assert [account.currency for account in accounts] == [None, "EUR"]


@pytest.mark.usefixtures("secret")
def test_variables_of_others_are_let_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERGRAPH_PORT", "tcp://10.0.0.1:8000")  # set by Kubernetes for a service
    monkeypatch.setenv("ORDERGRAPH_LOG_LEVEL", "")
    assert loaded(ACCOUNT).settings == Settings()


@pytest.mark.usefixtures("secret")
def test_the_example_loads() -> None:
    assert only_account(load(VENDORS, EXAMPLE)).name == "nuvias-uk"


@pytest.mark.usefixtures("secret")
def test_the_example_shows_every_key_and_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = (
        "NUVIAS_DE__CLIENT_SECRET",
        "AIRVANTAGE__CLIENT_SECRET",
        "AIRVANTAGE__PASSWORD",
        "VERIFONE__PASSWORD",
        "PALMETTO__PASSWORD",
        "MEF__CLIENT_SECRET",
    )
    for key in secrets:
        monkeypatch.setenv(f"ORDERGRAPH_ACCOUNTS__{key}", SECRET)
    setting = re.compile(r"^# (\[[\w.-]+\]|[a-z_]+ = )", re.MULTILINE)
    text = setting.sub(r"\1", EXAMPLE.read_text()).replace("client_secret_file", "# client_secret_file")
    configuration = loaded(text)
    account = configuration.accounts[0]
    assert configuration.settings == Settings()
    assert configuration.settings.model_fields_set == set(Settings.model_fields)
    assert account.model_fields_set == set(NuviasSettings.model_fields)
    for key in secrets:
        monkeypatch.delenv(f"ORDERGRAPH_ACCOUNTS__{key}")
    plain = only_account(loaded(ACCOUNT))
    assert account.model_dump(exclude={"client_id", "currency", "paths"}) == plain.model_dump(
        exclude={"client_id", "currency", "paths"}
    )


# ---- Callers ----------------------------------------------------------------------------------------

HASH, OTHER_HASH = hashed("one"), hashed("other")
CALLER = f"[callers.web]\nkeys = ['{HASH}']\naccounts = ['nuvias-uk']\n"


@pytest.mark.usefixtures("secret")
def test_a_caller_may_read_unless_more_is_said() -> None:
    (caller,) = list(loaded(ACCOUNT + CALLER).callers or [])
    assert caller.caller(frozenset({"nuvias-uk", "more"})) == Caller(
        "web", frozenset({"nuvias-uk"}), frozenset({Scope.READ})
    )


@pytest.mark.usefixtures("secret")
@pytest.mark.parametrize("accounts", ["'*'", "['*']"])
def test_a_caller_with_all_accounts(accounts: str) -> None:
    text = f"[callers.web]\nkeys = ['{HASH}', '{OTHER_HASH}']\naccounts = {accounts}\n"
    (caller,) = list(loaded(ACCOUNT + text).callers or [])
    assert caller.keys == {HASH, OTHER_HASH}
    assert caller.caller(frozenset({"nuvias-uk", "more"})).accounts == {"nuvias-uk", "more"}


@pytest.mark.usefixtures("secret")
def test_the_environment_overrides_a_caller_key_by_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERGRAPH_CALLERS__WEB__KEYS", f"{HASH}, {OTHER_HASH}")
    monkeypatch.setenv("ORDERGRAPH_CALLERS__WEB__SCOPES", "write,settle")
    monkeypatch.setenv("ORDERGRAPH_CALLERS__IN_HOUSE__KEYS", hashed("third"))
    monkeypatch.setenv("ORDERGRAPH_CALLERS__IN_HOUSE__ACCOUNTS", "nuvias-uk")
    web, in_house = list(loaded(ACCOUNT + CALLER).callers or [])
    assert (web.keys, web.accounts) == ({HASH, OTHER_HASH}, {"nuvias-uk"})
    assert web.scopes == {Scope.WRITE, Scope.SETTLE}
    assert (in_house.name, in_house.accounts) == ("in-house", {"nuvias-uk"})


@pytest.mark.usefixtures("secret")
@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[callers]\nweb = 3", "callers.web: Must be a table."),
        (CALLER.replace("web", "Web"), "callers.Web: A name may have only lower-case letters"),
        (CALLER + "name = 'other'", "callers.web.name is not a setting"),
        (CALLER + "scope = 'read'", "callers.web.scope is not a setting. Known settings here: keys, accounts, scopes"),
        (CALLER + "scopes = ['read', 'admin']", "callers.web.scopes.1: Input should be 'read', 'write' or 'settle'"),
        (CALLER + "scopes = []", "callers.web.scopes: "),
        (f"[callers.web]\nkeys = '{HASH}'", "callers.web.accounts is missing"),
        ("[callers.web]\naccounts = '*'", "callers.web.keys is missing"),
        ("[callers.web]\naccounts = '*'\nkeys = []", "callers.web.keys: "),
        (CALLER.replace(HASH, HASH.upper()), "callers.web.keys.0: Must be `sha256:` followed by 64 hexadecimal digits"),
        (CALLER.replace(HASH, SECRET), "callers.web.keys.0: Must be `sha256:` followed by 64 hexadecimal digits"),
        (
            CALLER.replace("'nuvias-uk'", "'a', 'nuvias-uk', 'b'"),
            "callers.web.accounts: Unknown account a, b. Known accounts: nuvias-uk.",
        ),
        (
            CALLER + CALLER.replace("web", "app"),
            "callers.app.keys: A key is also in callers.web. Use a separate key.",
        ),
    ],
)
def test_a_wrong_caller_is_told_by_path(text: str, line: str) -> None:
    (found,) = refused(ACCOUNT + text + "\n")
    assert line in found


def test_the_sandbox_has_no_callers_whatever_is_set_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERGRAPH_CALLERS__WEB__KEYS", "none")
    assert sandbox(VENDORS, {}).callers is None


# ---- Invalid settings -------------------------------------------------------------------------------


def test_a_missing_secret_names_its_variable_and_the_sandbox() -> None:
    (line,) = refused(ACCOUNT)
    assert line.startswith("accounts.nuvias-uk.client_secret is missing. Set " + SECRET_VARIABLE)
    assert "client_secret_file" in line
    assert "--sandbox" in line


def test_a_secret_in_the_file_is_refused_without_showing_it() -> None:
    (line,) = refused(ACCOUNT + f"client_secret = '{SECRET}'\n")
    assert "accounts.nuvias-uk.client_secret: Secrets must not be in this file." in line
    assert SECRET_VARIABLE in line


@pytest.mark.usefixtures("secret")
@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("placement = 'fax'", "accounts.nuvias-uk.placement: Input should be 'two-step' or 'direct'"),
        ("timeouts = { reed = 1 }", "timeouts.reed is not a setting. Known settings here: connect, read, total"),
        ("cache.order = 1", "cache.order is not a setting. Known settings here: orders, lists, products, subs"),
        (
            "client_sercet = 'x'",
            "accounts.nuvias-uk.client_sercet is not a setting. Known settings here: vendor, base_url",
        ),
        ("timeouts.read = 0", "accounts.nuvias-uk.timeouts.read: Input should be greater than 0"),
        ("concurrency = 'many'", "accounts.nuvias-uk.concurrency: Input should be a valid integer"),
        ("base_url = 'hub'", "accounts.nuvias-uk.base_url: Input should be a valid URL"),
        ("base_url = 'https://me:pw@hub.test'", "base_url: The URL must not contain a user or a password."),
        ("base_url = 'https://hub.test/?a=1'", "base_url: A base URL must not contain a query or a fragment"),
        ("currency = 'Euro'", "accounts.nuvias-uk.currency: String should match pattern"),
        ("paths = 'x'", "accounts.nuvias-uk.paths: Input should be a valid dictionary"),
        (
            "paths.list_oders = 'GET /orders'",
            "paths.list_oders is not an operation. Known operations: activate_changes",
        ),
        ("paths.list_orders = '/orders'", "paths.list_orders must be a method and a path, such as 'GET /orders'."),
        ("paths.list_orders = 'GET /o?a=1'", "paths.list_orders must be a method and a path"),
        ("paths.get_order = 'GET /orders/{'", "paths.get_order must be a method and a path"),
        ("paths.get_order = 'GET /orders'", "paths.get_order must have as many {parameters} as 'GET /orders/{id}'."),
        ("name = 'other'", "accounts.nuvias-uk.name is not a setting"),
        ("client_id_file = 'x'", "accounts.nuvias-uk: client_id and client_id_file are both set"),
        ("base_url_file = 'x'", "accounts.nuvias-uk.base_url_file is not a setting"),
    ],
)
def test_a_wrong_key_is_named_with_what_is_allowed(text: str, line: str) -> None:
    (found,) = refused(ACCOUNT + text + "\n")
    assert line in found
    assert "pw" not in found


def test_a_file_of_a_secret_that_cannot_be_read(tmp_path: Path) -> None:
    (line,) = refused(ACCOUNT + "client_secret_file = 'not-here'\n")
    assert line == "accounts.nuvias-uk.client_secret_file: Cannot read not-here. No such file or directory."
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (line,) = refused(ACCOUNT + "client_secret_file = 'binary'\n")
    assert line.endswith("Cannot read binary. It is not text.")
    (tmp_path / "empty").write_text("\n")
    (line,) = refused(ACCOUNT + "client_secret_file = 'empty'\n")
    assert line == "accounts.nuvias-uk.client_secret: Must not be empty."


def test_a_vendor_without_a_base_url_of_its_own_needs_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERGRAPH_ACCOUNTS__UK__VENDOR", "plain")
    with pytest.raises(SettingsError, match=r"accounts\.uk\.base_url is missing\.$"):
        load({"plain": AccountSettings})


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("accounts = 3", "accounts: Must contain a table for each account, [accounts.<name>]."),
        ("[accounts]\nuk = 3", "accounts.uk: Must be a table."),
        ("[accounts.uk]", f"accounts.uk.vendor is missing. Known vendors: {KNOWN}."),
        ("[accounts.uk]\nvendor = 'acme'", f"accounts.uk.vendor: There is no such vendor. Known vendors: {KNOWN}."),
        ("[accounts.uk]\nvendor = ['acme']", f"accounts.uk.vendor: There is no such vendor. Known vendors: {KNOWN}."),
        ("[accounts.UK_1]\nvendor = 'nuvias'", "accounts.UK_1: A name may have only lower-case letters"),
        (f"[accounts.{'a' * 41}]\nvendor = 'nuvias'", "lower-case letters, digits and single dashes, and at most 40"),
        ("log_format = 'xml'", "log_format: Input should be 'text' or 'json'"),
        (
            "loglevel = 'info'",
            "loglevel is not a setting. "
            "Known settings here: accounts, callers, server, graphql, limits, ledger, log_level",
        ),
        ("[server]\nroot_path = 'api'", "server.root_path: Must be a path such as /api"),
        ("[server]\nroot_path = '//evil.example'", "server.root_path: Must be a path such as /api"),
        ("[server]\nroot_path = '/graphql'", "server.root_path: Must not begin with a path of the gateway itself"),
        ("[server]\ntrusted_proxies = ['nginx']", "server.trusted_proxies.0: Must be an IP address, or a network"),
        ("[server]\ntrusted_proxies = ['10.0.0.1/8']", "server.trusted_proxies.0: Must be an IP address, or a network"),
        ("[limits]\ndeepness = 1", "limits.deepness is not a setting. Known settings here: body_bytes, depth"),
        ("limits = 1", "limits: Input should be a valid dictionary"),
        ("ledger = 1", "ledger: Input should be a valid dictionary"),
        (
            "[ledger]\nurl = 'mysql://db/ledger'",
            "ledger.url: Must be sqlite:///path or postgresql://user@host/database.",
        ),
        ("[ledger]\nurl = 'postgresql://db'", "ledger.url: Must be sqlite:///path or postgresql://user@host/database."),
        ("[ledger]\nurl = 'postgresql://db:x/ledger'", "ledger.url: Must be a URL."),
        (f"[ledger]\npassword = '{SECRET}'", "ledger.password: Secrets must not be in this file."),
        (
            f"[ledger]\nurl = 'postgresql://me:{SECRET}@db/ledger'",
            "ledger.url: The URL in this file must not contain a password.",
        ),
        (
            f"[ledger]\nurl = 'postgresql://db/a?password={SECRET}'",
            "ledger.url: The URL in this file must not contain a password.",
        ),
        ("[ledger]\npassword_file = 'nowhere'", "ledger.password_file: Cannot read nowhere. No such file or directory"),
        ("[ledger]\nretention = 29", "ledger.retention: Input should be greater than or equal to 30"),
    ],
)
def test_a_wrong_file_is_told_by_path(text: str, line: str) -> None:
    (found,) = refused(text + "\n")
    assert line in found
    assert SECRET not in found


@pytest.mark.usefixtures("secret")
def test_the_password_of_the_ledger_comes_by_variable_or_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    ledger = "[ledger]\nurl = 'postgresql://me@db/ledger'\n"
    assert loaded(ledger + "password_file = 'secret'\n" + ACCOUNT).settings.ledger.password.get_secret_value() == SECRET
    monkeypatch.setenv("ORDERGRAPH_LEDGER__PASSWORD_FILE", str(tmp_path / "secret"))
    assert loaded(ledger + ACCOUNT).settings.ledger.password.get_secret_value() == SECRET
    monkeypatch.setenv("ORDERGRAPH_LEDGER__PASSWORD", "other")
    monkeypatch.delenv("ORDERGRAPH_LEDGER__PASSWORD_FILE")
    settings = loaded(ledger + "password_file = 'nowhere'\n" + ACCOUNT).settings
    assert settings.ledger.password.get_secret_value() == "other"
    whole = f"postgresql://me:{SECRET}@db/ledger"
    monkeypatch.setenv("ORDERGRAPH_LEDGER__URL", whole)
    settings = loaded(ACCOUNT).settings
    assert settings.ledger.url == whole
    assert SECRET not in repr(settings)


def test_everything_wrong_is_said_at_once() -> None:
    lines = refused(
        "log_format = 'xml'\n" + ACCOUNT + "placement = 'fax'\ntimeouts.read = 0\npaths.nothing = 'GET /'\n"
        "[accounts.other]\nvendor = 'acme'\n[accounts.third]\nvendor = 'nuvias'\n"
    )
    assert [re.split("[ :]", line)[0] for line in lines] == [
        "log_format",
        "accounts.nuvias-uk.paths.nothing",
        "accounts.nuvias-uk.timeouts.read",
        "accounts.nuvias-uk.client_secret",
        "accounts.nuvias-uk.placement",
        "accounts.other.vendor",
        "accounts.third.client_id",
        "accounts.third.client_secret",
    ]


def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERGRAPH_LIMITS__DEPTH", "deep")
    monkeypatch.setenv("ORDERGRAPH_LIMITS__DEPHT", "5")
    found = refused("")
    assert "limits.depth (from ORDERGRAPH_LIMITS__DEPTH): Input should be a valid integer" in found[0]
    assert "limits.depht (from ORDERGRAPH_LIMITS__DEPHT) is not a setting" in found[1]


def test_the_variable_of_a_whole_table_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERGRAPH_LIMITS", "5")
    monkeypatch.setenv("ORDERGRAPH_LIMITS__DEPTH", "5")
    (line,) = refused("")
    assert line.startswith("limits (from ORDERGRAPH_LIMITS): Input should be")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.toml does not exist"):
        load(VENDORS, tmp_path / "nowhere.toml")
    with pytest.raises(SettingsError, match="cannot be read"):
        load(VENDORS, tmp_path)
    assert "cannot be read" in refused("a = ")[0]
    (tmp_path / "ordergraph.toml").write_bytes(b"\xff")
    with pytest.raises(SettingsError, match=r"ordergraph\.toml cannot be read"):
        load(VENDORS)


def test_no_accounts_at_all() -> None:
    with pytest.raises(SettingsError, match="No account is configured"):
        load(VENDORS)


# ---- Secrets are not shown --------------------------------------------------------------------------


def test_secrets_are_not_in_any_form_of_the_settings(secret: str) -> None:
    configuration = loaded(ACCOUNT)
    account = only_account(configuration)
    forms: list[Any] = [
        configuration,
        vars(configuration),
        configuration.settings,
        configuration.settings.model_dump(),
        account,
        account.model_dump(),
        account.model_dump_json(),
    ]
    for form in forms:
        assert secret not in f"{form} {form!r}"


def test_secrets_are_not_in_a_traceback(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    monkeypatch.setenv("ORDERGRAPH_ACCOUNTS__NUVIAS_UK__BASE_URL", secret)
    monkeypatch.setenv("ORDERGRAPH_ACCOUNTS__NUVIAS_UK__PLACEMENT", secret)
    with pytest.raises(SettingsError) as refusal:
        loaded(ACCOUNT)
    error: BaseException | None = refusal.value
    while error is not None:  # including suppressed exceptions
        assert secret not in "".join(traceback.format_exception(error, chain=False)).replace("Path", "")
        error = error.__context__


@pytest.fixture
def logging_restored() -> Iterator[None]:
    root = logging.getLogger()
    levels = {name: logging.getLogger(name).level for name in ("httpx", "httpcore", "uvicorn.error")}
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    structlog.reset_defaults()


@pytest.mark.usefixtures("logging_restored")
@pytest.mark.parametrize("form", ["text", "json"])
def test_secrets_are_not_in_the_log(form: Any, secret: str, capsys: pytest.CaptureFixture[str]) -> None:
    configuration = loaded(ACCOUNT)
    logs.configure(Settings(log_format=form, log_level="debug"))
    account, plain = only_account(configuration), secret
    try:
        raise ValueError("for the log")
    except ValueError:
        structlog.get_logger("test").exception("failed", account=account)
        logging.getLogger("other").exception("failed")
    logging.getLogger("httpcore").debug("authorization: %s", plain)
    written = capsys.readouterr().err
    assert written.count("ValueError: for the log") == 2
    assert secret not in written


@pytest.mark.usefixtures("logging_restored")
def test_the_token_of_a_notification_is_not_in_the_log(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    logs.configure(Settings())
    access = logging.getLogger("uvicorn.access")
    monkeypatch.setattr(access, "propagate", True)  # a server of another test may have changed it
    line = ("127.0.0.1:1", "POST", f"/notifications/mef/{SECRET}/mefApi/event", "1.1", 204)
    access.handle(access.makeRecord(access.name, logging.INFO, "", 0, '%s - "%s %s HTTP/%s" %d', line, None))
    assert "POST /notifications/mef/.../mefApi/event HTTP/1.1" in capsys.readouterr().err


@pytest.mark.usefixtures("logging_restored")
def test_the_level_is_honoured(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Settings(log_level="warning"))
    for logger in (structlog.get_logger("ours"), logging.getLogger("uvicorn.error")):
        logger.info("too quiet")
        logger.warning("loud")
    written = capsys.readouterr().err
    assert written.count("loud") == 2
    assert "quiet" not in written


# ---- The sandbox and other processes ----------------------------------------------------------------


def test_the_sandbox_has_its_accounts_and_no_others(secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERGRAPH_LIMITS__DEPTH", "9")
    Path("ordergraph.toml").write_text(ACCOUNT + "[limits]\ndepth = 3\n")
    configuration = configure(Launch(sandbox="http://127.0.0.1:9000"))
    assert [account.name for account in configuration.accounts] == list(VENDORS)
    for account in configuration.accounts:
        assert str(account.base_url) == f"http://127.0.0.1:9000/{account.vendor}"
        secrets = [getattr(account, key).get_secret_value() for key in account.secrets()]
        assert secret not in secrets
    assert configuration.settings.limits.depth == 9


def test_the_sandbox_with_a_wrong_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERGRAPH_LOG_FORMAT", "xml")
    with pytest.raises(SettingsError, match="log_format"):
        sandbox(VENDORS, {})


@pytest.mark.parametrize("launch", [Launch(), Launch(config=Path("/etc/some.toml")), Launch(sandbox="http://x")])
def test_what_is_handed_over_arrives(monkeypatch: pytest.MonkeyPatch, launch: Launch) -> None:
    monkeypatch.setenv("ORDERGRAPH_LAUNCH", "")
    hand_over(launch)
    assert handed_over() == launch


def test_a_relative_file_is_handed_over_as_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ORDERGRAPH_LAUNCH", "")
    hand_over(Launch(config=Path("some.toml")))
    assert handed_over().config == tmp_path / "some.toml"


@pytest.mark.usefixtures("secret")
def test_an_environment_without_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERGRAPH_LOG_LEVEL", "debug")
    environment = environment_without_accounts()
    assert SECRET not in environment.values()
    assert environment["ORDERGRAPH_LOG_LEVEL"] == "debug"


def test_the_credentials_of_a_vendor() -> None:
    assert NuviasSettings.credentials() == ["client_id", "client_secret"]
    assert NuviasSettings.secrets() == ["client_secret"]
    assert NuviasSettings.operations == PATHS
    assert AccountSettings.credentials() == []
    assert variable("accounts", "nuvias-uk", "client_secret") == SECRET_VARIABLE
