"""Project rules that reviewers would otherwise have to remember."""

import ast
import os
import pkgutil
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

import ordergraph
from ordergraph.vendors.registry import VENDORS

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "src").rglob("*.py"))
NOT_OURS = {".ariadne", ".git", ".venv", "__pycache__", "build", "dist", "generated", "node_modules"}
TEXT = {
    "",
    ".py",
    ".css",
    ".html",
    ".js",
    ".json",
    ".ts",
    ".tsx",
    ".md",
    ".toml",
    ".lock",
    ".yml",
    ".graphql",
    ".dockerignore",
    ".gitignore",
}
EACH_VENDOR = {
    "__init__.py",
    "connector.py",
    "graph.py",
    "mapping.py",
    "request_mapping.py",
    "sandbox",
    "vendor.py",
    "wire.py",
}
# A module that would get too long is split. The new module has the same name at every vendor.
SPLIT_OFF = {
    "connector_billing.py",
    "connector_calls.py",
    "connector_people.py",
    "values.py",
    "connector_reads.py",
    "graph_details.py",
    "graph_people.py",
    "jsv.py",
    "mapping_contracts.py",
    "mapping_details.py",
    "mapping_people.py",
    "mapping_places.py",
    "request_mapping_lists.py",
    "request_mapping_people.py",
    "request_mapping_places.py",
    "wire_parts.py",
    "wire_people.py",
    "wire_rules.py",
}


def files() -> Iterator[Path]:
    for folder, folders, names in os.walk(ROOT):
        top = Path(folder) == ROOT
        folders[:] = [one for one in folders if one not in NOT_OURS and not (top and one[0] == "." and one != ".ci")]
        for name in names:
            hidden = top and name.startswith(".") and name not in {".dockerignore", ".gitignore"}
            if not hidden and Path(name).suffix in TEXT:
                yield Path(folder) / name


@cache
def nodes(path: Path) -> Sequence[ast.AST]:
    return [*ast.walk(ast.parse(path.read_text()))]


def uses(path: Path, module: str, *names: str) -> bool:
    """Whether a module uses `os.environ` or the like."""
    found = [one for one in nodes(path) if isinstance(one, ast.Attribute) and one.attr in names]
    return any(isinstance(one.value, ast.Name) and one.value.id == module for one in found)


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found


def test_the_environment_is_read_in_one_place() -> None:
    readers = [path.name for path in SOURCES if uses(path, "os", "environ", "environb", "getenv", "putenv")]
    assert readers == ["environment.py"]


def test_the_network_is_called_from_one_place() -> None:
    clients = {"httpx", "httpcore", "aiohttp", "requests", "urllib3", "http"}
    assert [path.relative_to(ROOT / "src").as_posix() for path in SOURCES if clients & imports(path)] == [
        "ordergraph/upstream/client.py",
        "ordergraph/upstream/transport.py",
    ]


def test_every_module_can_be_imported() -> None:
    """Belongs to the quick tests, which run with every version of Python."""
    names = [one.name for one in pkgutil.walk_packages(ordergraph.__path__, "ordergraph.")]
    assert len(names) == len(SOURCES) - 1
    for name in names:
        if name != "ordergraph.__main__":  # runs the command line
            import_module(name)


def test_imports_point_one_way() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_registry_has_every_folder_and_each_has_the_same_files() -> None:
    folders = {path.parent.name: path.parent for path in (ROOT / "src/ordergraph/vendors").glob("*/__init__.py")}
    assert sorted(folders) == sorted(vendor.code for vendor in VENDORS)
    for folder in (*folders.values(), ROOT / "tests/toy"):
        names = {path.name for path in folder.iterdir() if path.name != "__pycache__"}
        assert names >= EACH_VENDOR
        assert names <= EACH_VENDOR | SPLIT_OFF


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        (
            "the address of a package index",
            r"--(extra-)?index-url|index-url\s*=|pypi\.org/simple|files\.pythonhosted|registry\.npmjs|\"resolved\":",
        ),
        ("a path of somebody's machine", r"(?<![\w.])/(home|root|Users|work|tmp)/\w"),
    ],
)
def test_no_file_holds(what: str, pattern: str) -> None:
    holders = [path.relative_to(ROOT) for path in files() if re.search(pattern, path.read_text())]
    assert [str(path) for path in holders if path != Path("tests/test_project.py")] == [], what


def test_every_page_of_the_documentation_that_is_named_exists() -> None:
    named = {(path, name) for path in files() for name in re.findall(r"\bdocs/[\w/-]+\.md", path.read_text())}
    assert len(named) > 20
    assert [f"{path}: {name}" for path, name in sorted(named) if not (ROOT / name).is_file()] == []


def test_the_sandbox_beside_a_gateway_imports_nothing_of_it() -> None:
    modules = [f"ordergraph.vendors.{vendor.code}.sandbox" for vendor in VENDORS]
    program = f"import sys, ordergraph.cli.sandbox_child, {', '.join(modules)}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    heavy = {"graphql", "httpx", "ordergraph.connector", "sqlalchemy", "strawberry", "typer"}
    assert heavy & set(done.stdout.split()) == set()


def test_there_is_one_kind_of_lock_file() -> None:
    assert not (ROOT / "uv.lock").exists()
    for path in ROOT.glob("requirements*.lock"):
        pins = re.findall(r"^[a-z0-9._-]+==.*$", path.read_text(), re.MULTILINE)
        assert pins
        assert all(pin.endswith("\\") for pin in pins), "every pin has hashes"


def test_the_wheel_holds_the_pages(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        held = set(packed.namelist())
    pages = [path for path in (ROOT / "src/ordergraph/server/static").rglob("*") if path.is_file()]
    assert len(pages) > 4
    assert {path.relative_to(ROOT / "src").as_posix() for path in pages} <= held


def test_the_dockerfile_is_clean() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([hadolint, "Dockerfile"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
