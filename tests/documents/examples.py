"""The examples in a document: each block is run, in order, and shows the actual output.

- ``graphql`` is sent. A ``json`` block after it is the response. Without one, the response must have no errors. A
  subscription is read until it ends: its ``json`` block is a list, and ``sh`` between them runs after its first event.
- ``sh`` with curl is run. In any other ``sh`` block, the commands are checked, but not run.
- ``js`` is a module that Node runs. The blocks of a section are one program.
- ``python`` is run. ``toml`` must be valid settings, and ``json`` without a request must be valid JSON.
- ``text`` or ``json`` after a program is its output.

In documents, the gateway is at 127.0.0.1:8000, and its sandboxes are at port 8001. A program can use the files in FILES
and those that an earlier block has written. Any other block is an error.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import cached_property
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self, cast

import httpx

from tests.documents.commands import check_commands
from tests.documents.toml import check_settings
from tests.documents.world import World
from tests.gateway import NO_COST

ROOT = Path(__file__).parent.parent.parent
NODE_MODULES = ROOT / "tests" / "clients" / "node_modules"
FILES = ("schema.graphql", "possibleTypes.json")
SECONDS = 60

GATEWAY, SANDBOX = "127.0.0.1:8000", "127.0.0.1:8001"
CONTROLLED = re.compile(rf"{re.escape(SANDBOX)}/(\w+)/_control")
SECTION = re.compile(r"^## ", re.MULTILINE)
SCRIPT = re.compile(r"^```js\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CURL = re.compile(r"^ *curl ", re.MULTILINE)
DRAWINGS = ("mermaid",)

MADE_ID, SHOWN_ID = re.compile(r'(?<="requestId": ")[0-9a-f]{32}(?=")'), "4bf92f3577b34da6a3ce929d0e0e4736"
"""Request IDs differ each time. Documents show this one."""

BROWSER = 'import { WebSocket } from "ws"; globalThis.WebSocket ??= WebSocket;'
"""What browsers have and Node 20 does not."""
MARK = "\x1e"
"""Separates the output of the blocks of one program."""


def missing(text: str) -> str | None:
    """Return what must be installed before a document can be run, or None."""
    if CURL.search(text) and not shutil.which("curl"):
        return "curl is not installed"
    if not SCRIPT.search(text):
        return None
    if not shutil.which("node"):
        return "Node 20 or newer is not installed"
    return None if NODE_MODULES.is_dir() else "client libraries are not installed: run `make clients`"


class Examples:
    """Runs the blocks of one document, in order."""

    def __init__(self, text: str, world: World) -> None:
        self._text = text
        self._world = world
        self._stack = ExitStack()
        self._answer: Any = None
        self._written: str | None = None
        self._scripts = [SCRIPT.findall(section) for section in SECTION.split(text)]
        self._outputs: list[str] = []

    def __enter__(self) -> Self:
        """Start. The first request starts a gateway."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End. If the last response is not shown, it must have no errors."""
        with self._stack:
            if kind is None:
                self._check_answer()

    def block(self, language: str, content: str, indent: str) -> str:
        """Run a block and return it with current content."""
        if language != "json" and not (language == "sh" and isinstance(self._answer, Iterator)):
            self._check_answer()
        runner = self._runners.get(language)
        assert runner or language in DRAWINGS, f"blocks of {language or 'no language'} are not supported"
        if runner:
            content = textwrap.indent(runner(textwrap.dedent(content)), indent)
        return f"{indent}```{language}\n{content}{indent}```"

    @property
    def _runners(self) -> Mapping[str, Callable[[str], str]]:
        return {
            "graphql": self._graphql,
            "js": self._js,
            "json": self._json,
            "python": self._python,
            "sh": self._sh,
            "text": self._shown_text,
            "toml": self._toml,
        }

    @cached_property
    def _url(self) -> str:
        return self._stack.enter_context(self._world.gateway(CONTROLLED.findall(self._text)))

    @cached_property
    def _client(self) -> httpx.Client:
        return self._stack.enter_context(
            httpx.Client(base_url=self._url, timeout=SECONDS, headers=NO_COST, verify=False)
        )

    @cached_property
    def _folder(self) -> Path:
        """The folder in which programs run."""
        folder = Path(self._stack.enter_context(TemporaryDirectory()))
        for name in FILES:
            shutil.copy(ROOT / name, folder)
        (folder / "node_modules").symlink_to(NODE_MODULES)
        return folder

    def _check_answer(self) -> None:
        """Assert that a response that is not shown has no errors."""
        answer = self._whole_answer()
        for one in cast("list[Any]", answer if isinstance(answer, list) else [answer or {}]):
            assert "errors" not in one, one

    def _whole_answer(self) -> Any:
        answer, self._answer = self._answer, None
        return list(cast("Iterator[Any]", answer)) if isinstance(answer, Iterator) else answer

    def _graphql(self, content: str) -> str:
        if content.startswith("subscription"):
            results = self._results(content)
            self._answer = chain([next(results)], results)
        else:
            self._answer = self._client.post("/graphql", json={"query": content}).json()
        return content

    def _results(self, document: str) -> Iterator[Any]:
        """Yield the results of a subscription as they arrive."""
        headers = {"accept": "text/event-stream"}
        with self._client.stream("POST", "/graphql", json={"query": document}, headers=headers) as response:
            for line in response.iter_lines():
                if line.startswith("data: "):
                    yield json.loads(line.removeprefix("data: "))

    def _json(self, content: str) -> str:
        if self._answer is not None:
            content, self._written = shown(self._whole_answer()) + "\n", None
        elif self._written is not None:
            content, self._written = shown(json.loads(self._written)) + "\n", None
        else:
            json.loads(content)
        return MADE_ID.sub(SHOWN_ID, content)

    def _shown_text(self, content: str) -> str:
        assert self._written is not None, f"no program has this output: {content}"
        content, self._written = self._written, None
        return content

    def _toml(self, content: str) -> str:
        check_settings(content)
        return content

    def _sh(self, content: str) -> str:
        if CURL.search(content):
            self._written = self._run(["bash", "-euo", "pipefail", "-s"], content)
        else:
            check_commands(content)
        return content

    def _python(self, content: str) -> str:
        self._written = self._run([sys.executable, "-"], content)
        return content

    def _js(self, content: str) -> str:
        if not self._outputs:
            (scripts,) = (one for one in self._scripts if content in one)
            self._outputs = self._program(scripts)
        self._written = self._outputs.pop(0)
        return content

    def _program(self, scripts: Sequence[str]) -> list[str]:
        """Return the output of each of the blocks that form one program."""
        between = f"\nconsole.log({json.dumps(MARK)});\n"
        written = self._run(["node", "--input-type=module", "-"], BROWSER + between.join([*scripts, "process.exit();"]))
        *outputs, _ = written.split(f"{MARK}\n")
        return outputs

    def _run(self, command: Sequence[str], program: str) -> str:
        """Run a program and return its output, with the documented URLs of the gateway and the sandboxes."""
        places = {GATEWAY: self._url.removeprefix("http://"), SANDBOX: self._world.url.removeprefix("http://")}
        for documented, real in places.items():
            program = program.replace(documented, real)
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environment = {**os.environ, "PATH": path, "NODE_NO_WARNINGS": "1"}
        done = subprocess.run(
            command, input=program, cwd=self._folder, env=environment, capture_output=True, text=True, timeout=SECONDS
        )
        assert done.returncode == 0, f"exit code {done.returncode}\n{program}\n{done.stdout}\n{done.stderr}"
        written = done.stdout
        for documented, real in places.items():
            written = written.replace(real, documented)
        return written if written.endswith("\n") or not written else f"{written}\n"


def shown(value: Any, indent: int = 0, width: int = 118) -> str:
    """Format JSON for people, with everything that fits on one line."""
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
