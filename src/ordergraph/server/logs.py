"""Logging: ours by structlog, everybody else's by the standard library, both in one form on stderr."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Sequence

import structlog
from structlog.typing import EventDict, Processor


from ordergraph.settings import Settings

QUIET = ("httpx", "httpcore")
"""At debug level these log headers, and with them tokens."""
NOTIFICATION = re.compile(r"(/notifications/[^/]+/)[^/]+")


def configure(settings: Settings) -> None:
    """Send every log line of this process to stderr, in the settings' form and from their level on."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=_stamps(), processors=_rendering(settings.log_format))
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    # That it listens is said by our own message; what uvicorn adds to it is for those who look closely.
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
    """Leave out of a line about a request what makes the address of a notification a secret."""
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
    """Add the id of the request that a line is written for, if it is for one."""
    if (id_ := request_id.get()) is not None:
        line.setdefault("request_id", id_)
    return line


def _rendering(form: str) -> Sequence[Processor]:
    """Tracebacks are plain: the prettier ones show local variables, and a secret may be among them."""
    if form == "json":
        last: Sequence[Processor] = (
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        )
    else:
        plain = structlog.dev.plain_traceback
        last = (structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain),)
    return (structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last)
