"""Logging to stderr: ours with structlog, that of libraries with the standard library, both in the same format."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Sequence

import structlog
from structlog.typing import EventDict, Processor

from ordergraph.settings import Settings
from ordergraph.upstream.request_scope import current_request

QUIET = ("httpx", "httpcore")
"""Loggers that would log headers, and so tokens, at debug level."""
NOTIFICATION = re.compile(r"(/notifications/[^/]+/)[^/]+")


def configure(settings: Settings) -> None:
    """Send all log lines of this process to stderr, with the format and the level of the settings."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=_stamps(), processors=_rendering(settings.log_format))
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    # The banner already says that the gateway listens: uvicorn's own messages appear only at debug level.
    logging.getLogger("uvicorn.error").setLevel(logging.INFO if level <= logging.DEBUG else max(level, logging.WARNING))
    logging.getLogger("uvicorn.access").addFilter(_without_token)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_stamps(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def _without_token(record: logging.LogRecord) -> bool:
    """Remove the secret token of notification URLs from access log lines."""
    if isinstance(record.args, tuple):
        record.args = tuple(NOTIFICATION.sub(r"\1...", one) if isinstance(one, str) else one for one in record.args)
    return True


def _stamps() -> Sequence[Processor]:
    return (
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso"),
        with_request_id,
    )


def with_request_id(_logger: object, _level: str, line: EventDict) -> EventDict:
    """Add the ID of the request that a line belongs to, if there is one."""
    if id_ := current_request().id:
        line.setdefault("request_id", id_)
    return line


def _rendering(form: str) -> Sequence[Processor]:
    """Return the renderers of a format. Tracebacks are plain, since rich ones show local variables and so secrets."""
    if form == "json":
        last: Sequence[Processor] = (
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        )
    else:
        plain = structlog.dev.plain_traceback
        last = (structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain),)
    return (structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last)
