"""What all tests share: the repository's root, the order they run in, and the rule that CI skips nothing."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]

# Tests run side by side, one on each core; more threads for models as small as these only cost time.
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
# And how long an example takes says more about the neighbour than about the code.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="module")
def browser():
    """Chromium. Of a module, for Playwright's event loop is in the way of tests that run one of their own."""
    from browser import chromium

    with chromium() as browser:
        yield browser


def pytest_collection_modifyitems(items):
    """Long tests first, so that no core idles at the end. Each of two workers begins with one half of the list."""
    long = [item for item in items if item.get_closest_marker("long")]
    short = [item for item in items if not item.get_closest_marker("long")]
    here = len(items) // 2 - len(long[::2])
    items[:] = [*long[::2], *short[:here], *long[1::2], *short[here:]] if here > 0 else long + short


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """In CI a skip is a failure: something that the tests need was not installed."""
    outcome = yield
    report = outcome.get_result()
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {call.excinfo.value if call.excinfo else report.longrepr}"
