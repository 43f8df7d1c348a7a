"""Measures the source: ``python -m tests.structure [REVISION ...]`` prints a column per revision and the working tree.

Lines include comments and blank lines. A shared run is a pair of places with six or more lines that are equal but for
names, strings and numbers. Imports and docstrings are left out. A cycle is a set of modules, or of packages, that
import each other.
"""

from __future__ import annotations

import ast
import io
import subprocess
import sys
import tarfile
import tempfile
import tokenize
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from keyword import iskeyword
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).parent.parent
LONG_FUNCTION = 50
LONG_FILE = 600
RUN = 6
DOCSTRINGS = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
KEPT = {"self", "cls"}
Graph = Mapping[str, set[str]]


@dataclass(frozen=True)
class Source:
    """A source file: its name within the package, such as ``graph/order.py``, and its text."""

    name: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree."""
        return ast.parse(self.text)

    @property
    def lines(self) -> int:
        """The number of lines."""
        return self.text.count("\n")

    @property
    def module(self) -> str:
        """The dotted module name, including the package."""
        parts = ["ordergraph", *self.name.removesuffix(".py").split("/")]
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def room(self) -> str:
        """The package that the file belongs to: a vendor's folder, a top-level package, or the root."""
        parts = self.name.split("/")
        if parts[0] == "vendors" and len(parts) > 2:
            return "/".join(parts[:2])
        return parts[0] if len(parts) > 1 else "(root)"

    def functions(self) -> Iterator[tuple[str, int]]:
        """Yield the names and lengths of the functions, including decorators."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
                yield f"{self.name}: {node.name}", (node.end_lineno or first) - first + 1

    def shapes(self) -> list[tuple[int, str]]:
        """Return each line of code with its number. Names, strings and numbers are replaced by placeholders."""
        skipped = {line for node in ast.walk(self.tree) for line in _skipped(node)}
        found: dict[int, list[str]] = defaultdict(list)
        for token in tokenize.generate_tokens(io.StringIO(self.text).readline):
            if token.type in (tokenize.NAME, tokenize.OP, tokenize.STRING, tokenize.NUMBER):
                found[token.start[0]].append(_blotted(token))
        return [(line, " ".join(shape)) for line, shape in sorted(found.items()) if line not in skipped]


def _skipped(node: ast.AST) -> Iterable[int]:
    """Return the lines of an import or a docstring."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return range(node.lineno, (node.end_lineno or node.lineno) + 1)
    if isinstance(node, DOCSTRINGS) and ast.get_docstring(node, clean=False) is not None:
        return range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)
    return ()


def _blotted(token: tokenize.TokenInfo) -> str:
    if token.type == tokenize.OP:
        return token.string
    if token.type != tokenize.NAME:
        return "0"
    return token.string if token.string in KEPT or iskeyword(token.string) else "x"


def shared_runs(sources: Sequence[Source]) -> list[tuple[str, str, int]]:
    """Return the pairs of places with the same shape: where they are, and how many lines they share."""
    shapes = {one.name: one.shapes() for one in sources}
    places: dict[tuple[str, ...], list[tuple[str, int]]] = defaultdict(list)
    for name, lines in shapes.items():
        for at in range(len(lines) - RUN + 1):
            window = tuple(shape for _, shape in lines[at : at + RUN])
            if sum(map(len, window)) > 20 * RUN:
                places[window].append((name, at))
    found: list[tuple[str, str, int]] = []
    seen: set[tuple[str, int, str, int]] = set()
    for same in places.values():
        for (one, i), (other, j) in combinations(same, 2):
            if one == other and abs(i - j) < RUN:
                continue
            if (one, i - 1, other, j - 1) not in seen:
                found.append((f"{one}:{shapes[one][i][0]}", f"{other}:{shapes[other][j][0]}", RUN))
            seen.add((one, i, other, j))
    return found


def imports(sources: Sequence[Source]) -> Graph:
    """Return the ordergraph modules that each module imports."""
    modules = {one.module for one in sources}
    return {one.module: set(_imported(one, modules)) - {one.module} for one in sources}


def _imported(source: Source, modules: set[str]) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name in modules)
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("ordergraph"):
            for one in node.names:
                inner = f"{node.module}.{one.name}"
                yield inner if inner in modules else node.module


def circles(graph: Graph) -> list[list[str]]:
    """Return the import cycles with more than one node (Tarjan's strongly connected components)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in sorted(graph.get(node, ())):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            circle = [stack.pop()]
            while circle[-1] != node:
                circle.append(stack.pop())
            if len(circle) > 1:
                found.append(sorted(circle))

    for node in sorted(graph):
        if node not in index:
            visit(node)
    return found


def packages(graph: Graph) -> Graph:
    """Return the same graph between top-level packages."""
    found: dict[str, set[str]] = defaultdict(set)
    for module, others in graph.items():
        own = ".".join(module.split(".")[:2])
        found[own] |= {".".join(other.split(".")[:2]) for other in others} - {own, "ordergraph"}
    return found


def present() -> list[Source]:
    """Return the source in the working tree."""
    return read(ROOT / "src/ordergraph")


def read(folder: Path) -> list[Source]:
    """Return the source in a folder."""
    return [Source(path.relative_to(folder).as_posix(), path.read_text()) for path in sorted(folder.rglob("*.py"))]


def of_revision(revision: str) -> list[Source]:
    """Return the source at a revision."""
    packed = subprocess.run(
        ["git", "archive", revision, "src/ordergraph"], cwd=ROOT, capture_output=True, check=True
    ).stdout
    with tempfile.TemporaryDirectory() as folder, tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        tar.extractall(folder, filter="data")
        return read(Path(folder) / "src/ordergraph")


def measured(sources: Sequence[Source]) -> dict[str, str]:
    """Return all figures of a source tree, by name."""
    rooms: dict[str, int] = defaultdict(int)
    for one in sources:
        rooms[one.room] += one.lines
    functions = sorted((length, name) for one in sources for name, length in one.functions())
    lengths = [length for length, _ in functions]
    files = sorted((one.lines, one.name) for one in sources)
    graph = imports(sources)
    return {
        "lines": str(sum(rooms.values())),
        **{f"lines of {room}": str(lines) for room, lines in sorted(rooms.items())},
        "files": str(len(files)),
        "modules in the root": str(sum("/" not in name for _, name in files)),
        "functions": str(len(functions)),
        "function: median": f"{median(lengths):g}",
        "function: 90th percentile": f"{quantiles(lengths, n=10)[-1]:g}",
        "function: longest": f"{functions[-1][0]} ({functions[-1][1]})",
        f"functions over {LONG_FUNCTION} lines": str(sum(length > LONG_FUNCTION for length in lengths)),
        "file: longest": f"{files[-1][0]} ({files[-1][1]})",
        f"files over {LONG_FILE} lines": str(sum(lines > LONG_FILE for lines, _ in files)),
        f"shared runs of {RUN} lines": str(len(shared_runs(sources))),
        "circles of modules": str(len(circles(graph))),
        "circles of packages": str(len(circles(packages(graph)))),
    }


def main() -> None:
    """Print the table."""
    columns = {revision: measured(of_revision(revision)) for revision in sys.argv[1:]}
    columns["now"] = measured(present())
    rows = list(dict.fromkeys(name for column in columns.values() for name in column))
    width = max(map(len, rows))
    sys.stdout.write(f"{'':{width}}  " + "  ".join(f"{name:>12}" for name in columns) + "\n")
    for row in rows:
        cells = "  ".join(f"{column.get(row, '-'):>12}" for column in columns.values())
        sys.stdout.write(f"{row:{width}}  {cells}\n")


if __name__ == "__main__":
    main()
