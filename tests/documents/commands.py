"""Checks commands in the documentation that are not run, because they serve or need an account."""

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path, PurePath
from typing import Any, cast

import typer.main

from ordergraph.cli.main import cli
from ordergraph.settings import ENV_PREFIX

ROOT = Path(__file__).parent.parent.parent
IMAGE = "ordergraph"


def check_commands(content: str) -> None:
    """Raise an exception for a line with an invalid command."""
    for line in content.replace("\\\n", "").splitlines():
        words = list(shlex.shlex(line, posix=True, punctuation_chars="|>&"))
        first = _until_sign(words)
        if first:
            program = PurePath(first[0]).name
            assert program in CHECKS, f"no check for {line!r}"
            CHECKS[program](first[1:])


def _until_sign(words: Sequence[str]) -> Sequence[str]:
    """Return the first command of a line. Commands that use its output are not checked."""
    return next((words[:place] for place, word in enumerate(words) if set(word) <= set("|>&")), words)


def _ordergraph(words: Sequence[str]) -> None:
    """Parse the arguments like the command line, without running the command."""
    command, context = cast("Any", typer.main.get_command(cli)), None
    while True:
        context = command.make_context(command.name, list(words), parent=context)
        if not hasattr(command, "resolve_command"):
            return
        _, command, words = command.resolve_command(context, context._protected_args + context.args)


def _make(words: Sequence[str]) -> None:
    targets = [word for word in words if "=" not in word]
    made = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(targets) <= set(made), f"the Makefile lacks one of {targets}"


def _export(words: Sequence[str]) -> None:
    assert all(word.startswith(ENV_PREFIX) for word in words), words


def _docker(words: Sequence[str]) -> None:
    """Check the build arguments and the arguments of the image. tests/install checks the rest."""
    arguments = re.findall(r"^ARG (\w+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    given = [value for option, value in pairwise(words) if option == "--build-arg"]
    assert {one.partition("=")[0] for one in given} <= set(arguments), words
    if words[0] == "run" and words[-1] != IMAGE:
        _ordergraph(words[len(words) - words[::-1].index(IMAGE) :])


def _pip(words: Sequence[str]) -> None:
    """Assert that lock files are installed with hashes, and everything else without dependencies."""
    assert words[0] == "check" or "--no-deps" in words, f"without --no-deps: {words}"
    for name in (name for option, name in pairwise(words) if option == "-r"):
        assert "--require-hashes" in words, f"without --require-hashes: {words}"
        assert (ROOT / name).is_file(), name


def _python(words: Sequence[str]) -> None:
    assert words[0] == "-m", words
    module = find_spec(words[1])
    assert module, f"no module {words[1]}"
    assert module.submodule_search_locations is None or find_spec(f"{words[1]}.__main__"), words


def _pytest(words: Sequence[str]) -> None:
    assert (ROOT / words[0]).is_file(), words


CHECKS: Mapping[str, Callable[[Sequence[str]], None]] = {
    "docker": _docker,
    "export": _export,
    "make": _make,
    "ordergraph": _ordergraph,
    "pip": _pip,
    "pytest": _pytest,
    "python": _python,
    "python3": _python,
}
