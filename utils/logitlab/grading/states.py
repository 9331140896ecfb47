"""What became of a submission, or of one of its graded cells."""

from __future__ import annotations

from enum import Enum


class State(str, Enum):
    """The one word for how a grading ended."""

    GRADED = "graded"
    BY_HAND = "needs manual grading"
    TIMED_OUT = "timed out"
    OUT_OF_MEMORY = "out of memory"
    KERNEL_DIED = "kernel died"
    MISSING = "missing"
    UNREADABLE = "unreadable"

    def __str__(self) -> str:
        return self.value


MEMORY_ERRORS = ("MemoryError", "_ArrayMemoryError", "ArrayMemoryError", "ResourceExhaustedError")
