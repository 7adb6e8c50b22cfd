"""The log: one JSON object a line on standard output, or lines for a person at a terminal. Never the values of local variables: they hold tokens."""

import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.types import Processor


def configure_logs(*, for_people: bool = False) -> None:
    """Once, at the start of a process; before that structlog prints every local variable of a traceback."""
    written: list[Processor] = (
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if for_people
        else [
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False, max_frames=30)),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *written,
        ],
        wrapper_class=structlog.make_filtering_bound_logger("info"),
    )
