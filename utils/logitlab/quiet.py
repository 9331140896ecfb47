"""Silence for code whose chatter is not the reader's business."""

import contextlib
import io
import logging
import os
import warnings
from collections.abc import Iterator

# TensorFlow reads this once, when it is first imported: 3 keeps only what ends the process (a
# machine without a GPU is reported as an error).
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

STDERR = 2


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Drop what the block prints, warns and logs, from Python and from C++ alike.

    TensorFlow's C++ code writes to file descriptor 2, past `sys.stderr`, and no setting of its own
    silences its first lines. nbgrader gives a grading cell with any line on stderr zero points, and
    nbval compares the line's time stamp. Exceptions pass through.
    """
    disabled = logging.root.manager.disable
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
        stack.enter_context(contextlib.redirect_stderr(io.StringIO()))
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        # A handler keeps the stream it was made with, so redirecting streams does not reach it.
        logging.disable(logging.CRITICAL)
        stack.callback(logging.disable, disabled)
        stack.enter_context(_silent_descriptor(STDERR))
        yield


@contextlib.contextmanager
def _silent_descriptor(descriptor: int) -> Iterator[None]:
    try:
        saved = os.dup(descriptor)
    except OSError:  # a process without a console has none, and nothing to silence
        yield
        return
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, descriptor)
        os.close(nowhere)
        yield
    finally:
        os.dup2(saved, descriptor)
        os.close(saved)
