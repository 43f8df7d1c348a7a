"""Runs the examples of the documents, and writes what they and the tables should say.

In a document, a ``graphql`` block that is followed by a ``json`` block is run, in order, against a fresh
gateway over a fresh sandbox (as `make serve` seeds it), and the ``json`` block is its answer; a ``sh``
block with a ``curl -X POST`` to the sandbox is run too. A table between ``<!-- name -->`` and
``<!-- end -->`` is generated, and so is an excerpt between ``<!-- code path name ... -->`` and ``<!-- end -->``:
the named objects of that file (``name`` or ``Class.name``). `python -m tests.documents` writes what is stale; the
tests only compare.
"""

import ast
import json
import re
import sys
import textwrap
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import httpx
import uvicorn

from ordergraph import app, capabilities, sandbox, settings
from ordergraph.errors import UserErrorCode
from ordergraph.graph.errors import GRAPHQL_CODES
from ordergraph.vendors import VENDORS
from tests import faults
from tests.clients import run as clients
from tests.gateway import NO_COST
from tests.vendors.outcomes import CASES

ROOT = Path(__file__).parent.parent
DOCUMENTS = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
ORDERS, SEED = 5000, 7

BLOCK = re.compile(r"^```(graphql|json|sh)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TABLE = re.compile(r"(<!-- (?!end )(\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
EXCERPT = re.compile(r"(<!-- code (\S+) ([\w. ]+) -->\n).*?(<!-- end -->)", re.DOTALL)
CURL = re.compile(r"curl -X POST http://127\.0\.0\.1:8001(\S+) -d '(.*?)'")


def error_table() -> str:
    """The codes of errors that end a field or a request."""
    rows = (f"| `{code}` | {meaning} |" for code, meaning in GRAPHQL_CODES.items())
    return "| `extensions.code` | meaning |\n|---|---|\n" + "\n".join(rows)


def user_error_table() -> str:
    """The codes of user errors."""
    rows = (f"| `{code.name}` | {code.value} |" for code in UserErrorCode)
    return "| `userErrors.code` | meaning |\n|---|---|\n" + "\n".join(rows)


def outcome_table() -> str:
    """By whom an operation in doubt is settled: what the tests of every mutation see."""
    mutations = dict.fromkeys(case.mutation for one in VENDORS for case in CASES[one.code])
    rows = (f"| `{name}` | {' | '.join(settled_by(one.code, name) for one in VENDORS)} |" for name in mutations)
    head = " | ".join(one.title for one in VENDORS)
    return f"| mutation | {head} |\n|---|{'---|' * len(VENDORS)}\n" + "\n".join(rows)


def settled_by(vendor: str, mutation: str) -> str:
    """Who says what became of a mutation at a vendor."""
    cases = [case for case in CASES[vendor] if case.mutation == mutation]
    if not any(case.asked for case in cases):
        return "a person" if cases else ""
    return "; ".join(dict.fromkeys(["the vendor", *(f"a person {one.where}" for one in cases if not one.asked)]))


TABLES: Mapping[str, Callable[[], str]] = {
    "capabilities": lambda: capabilities.as_markdown(VENDORS),
    "clients": clients.table,
    "errors": error_table,
    "outcomes": outcome_table,
    "user_errors": user_error_table,
    "faults_of_reads": faults.reads_table,
    "faults_of_writes": faults.writes_table,
}


def excerpt(path: Path, names: str) -> str:
    """The source of objects in a file, by their names, as a block of a document."""
    source = path.read_text()
    module = ast.parse(source)
    parts = (textwrap.dedent(source_of(source, found(module, name.split(".")))) for name in names.split())
    return "```python\n" + "\n\n".join(parts) + "\n```"


def found(scope: ast.Module | ast.ClassDef, path: Sequence[str]) -> ast.stmt:
    """The statement that gives something its name; raise LookupError if none does."""
    for node in scope.body:
        if path[0] in names_of(node):
            if len(path) == 1:
                return node
            if isinstance(node, ast.ClassDef):
                return found(node, path[1:])
    raise LookupError(f"there is no {'.'.join(path)}")


def names_of(node: ast.stmt) -> set[str]:
    """The names that a statement gives; a docstring's is ``__doc__``."""
    if isinstance(node, ast.Expr):
        return {"__doc__"}
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return {target.id for target in targets if isinstance(target, ast.Name)}


def source_of(source: str, node: ast.stmt) -> str:
    """The lines of a statement, from its decorators on."""
    decorators: Sequence[ast.expr] = getattr(node, "decorator_list", ())
    first = min(one.lineno for one in (node, *decorators))
    return "\n".join(source.splitlines()[first - 1 : node.end_lineno])


@contextmanager
def gateway() -> Generator[tuple[str, str]]:
    """A gateway over a sandbox, both over TCP: the URLs of both."""
    fakes = sandbox.create_app({one.code: one.sandbox for one in VENDORS}, orders=ORDERS, seed=SEED)
    with sandbox.running(fakes) as fake_url:
        launch = settings.Launch(sandbox=fake_url, orders=ORDERS, seed=SEED)
        served = app.create_app(app.configure(launch), kept=app.placements(launch))
        server = uvicorn.Server(uvicorn.Config(served, port=0, log_config=None))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        try:
            while not server.started:
                thread.join(0.01)
            port = server.servers[0].sockets[0].getsockname()[1]
            yield f"http://127.0.0.1:{port}/graphql", fake_url
        finally:
            server.should_exit = True
            thread.join()


def rewritten(text: str) -> str:
    """A document with every answer, table and excerpt as they are now."""
    text = TABLE.sub(lambda match: f"{match[1]}{TABLES[match[2]]()}\n{match[3]}", text)
    text = EXCERPT.sub(lambda match: f"{match[1]}{excerpt(ROOT / match[2], match[3])}\n{match[4]}", text)
    if "```graphql" not in text:
        return text
    with gateway() as (graphql_url, fake_url), httpx.Client(timeout=30) as client:
        answers = _Answers(client, graphql_url, fake_url)
        return BLOCK.sub(answers.block, text)


class _Answers:
    """Runs the blocks of a document in order."""

    def __init__(self, client: httpx.Client, graphql_url: str, fake_url: str) -> None:
        self.client = client
        self.graphql_url = graphql_url
        self.fake_url = fake_url
        self.answer: Any = None

    def block(self, match: re.Match[str]) -> str:
        """The block as it should be."""
        language, content = match[1], match[2]
        if language == "graphql":
            self.answer = self.client.post(self.graphql_url, json={"query": content}, headers=NO_COST).json()
        elif language == "sh":
            for path, body in CURL.findall(content):
                self.client.post(self.fake_url + path, content=body).raise_for_status()
        elif self.answer is not None:
            content, self.answer = shown(self.answer) + "\n", None
        return f"```{language}\n{content}```"


def shown(value: Any, indent: int = 0, width: int = 118) -> str:
    """JSON for people: what fits on a line stands on one."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + indent <= width or not isinstance(value, dict | list):
        return flat
    inner = " " * (indent + 2)
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value).items()
        parts = [f"{json.dumps(key)}: {shown(item, indent + 2, width)}" for key, item in items]
        return "{\n" + ",\n".join(inner + part for part in parts) + "\n" + " " * indent + "}"
    parts = [shown(item, indent + 2, width) for item in cast("list[Any]", value)]
    return "[\n" + ",\n".join(inner + part for part in parts) + "\n" + " " * indent + "]"


def main() -> int:
    """Rewrite the documents that are stale; the exit code says whether there were any."""
    stale = [
        path for path in DOCUMENTS if (text := path.read_text()) != (new := rewritten(text)) and path.write_text(new)
    ]
    sys.stdout.writelines(f"rewritten: {path.relative_to(ROOT)}\n" for path in stale)
    return len(stale)


if __name__ == "__main__":
    sys.exit(main())
