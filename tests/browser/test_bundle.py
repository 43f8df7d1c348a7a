"""The committed GraphiQL bundle is the build of its sources, and has all files that its page needs."""

import gzip
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "graphiql"
BUNDLE = ROOT / "src/ordergraph/server/static/graphiql"


def has_node() -> bool:
    """Whether Vite can run here."""
    if shutil.which("npm") is None:
        return False
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    return [int(part) for part in version.strip("v\n").split(".")] >= [20, 19]


def contents(folder: Path) -> Mapping[str, bytes]:
    """Return the uncompressed content of every file, because gzip output differs between machines."""
    return {str(path.relative_to(folder)): gzip.decompress(path.read_bytes()) for path in folder.rglob("*.gz")}


@pytest.mark.timeout(600)
@pytest.mark.skipif(not has_node(), reason="Node.js 20.19 or newer and npm are not installed")
def test_the_bundle_is_what_its_sources_make(tmp_path: Path) -> None:
    copy = tmp_path / "graphiql"
    shutil.copytree(SOURCES, copy, ignore=shutil.ignore_patterns("node_modules"))
    for command in (["npm", "ci"], ["npm", "run", "build", "--", "--outDir", str(tmp_path / "built")]):
        done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    made, committed = contents(tmp_path / "built"), contents(BUNDLE)
    assert sorted(made) == sorted(committed), "run `npm ci && npm run build` in graphiql/, and commit the result"
    assert [name for name in made if made[name] != committed[name]] == []


def test_every_file_that_the_bundle_names_is_there() -> None:
    files = contents(BUNDLE)
    names = {Path(name).name.removesuffix(".gz") for name in files}
    for name, content in files.items():
        if name.endswith((".html.gz", ".js.gz", ".css.gz")):
            named = re.findall(rb"[\w.-]+-[\w-]{8}\.(?:js|css|ttf)\b", content)
            assert {one.decode() for one in named} <= names, name
    assert b"assets/index-" in files["index.html.gz"]


def test_the_licences_of_the_bundle_are_shipped() -> None:
    text = contents(BUNDLE)["licences.md.gz"].decode()
    for package in ("graphiql", "monaco-editor", "monaco-graphql", "react", "graphql-ws", "@graphiql/plugin-explorer"):
        assert re.search(rf"^## {re.escape(package)} - ", text, re.MULTILINE), package
