"""Executes many submissions at once with Dask: on this machine's cores, or on a cluster by its scheduler's address.

Nothing is shared with the workers but the connection: a submission travels there as data, its notebook comes
back as data. A worker needs this package and what the sandbox needs.
"""

from __future__ import annotations

import logging
import multiprocessing
import signal
import threading
import warnings
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from itertools import chain, islice

import dask
from dask.system import CPU_COUNT
from distributed import Client, Future, LocalCluster, as_completed
from distributed.scheduler import KilledWorker
from distributed.utils import get_mp_context

from logitlab.authoring import LabError
from logitlab.grading.launch import Workplace, kept_environment, sweep
from logitlab.grading.provision import share
from logitlab.grading.states import State
from logitlab.grading.work import Outcome, Work, execute

AHEAD = 2  # submissions per core that are on their way; more would only use memory
CONNECT = 10  # seconds to wait for a scheduler
PATIENCE = 30  # seconds to wait for its first worker
_LOCAL = {
    "distributed.scheduler.allowed-failures": 0,  # who was there when a worker died is asked again here, alone
    "distributed.scheduler.worker-saturation": 1.0,
    "distributed.worker.multiprocessing-method": "forkserver",
}
_PRELOADED = ["distributed", "logitlab.grading.work"]  # imported once, and shared by all workers


def in_parallel(works: Iterable[Work], scheduler: str | None = None, workers: int | None = None) -> Iterator[Outcome]:
    """Execute submissions: each with its notebook, or with what went wrong, as they come.

    scheduler: the address of a Dask scheduler; without one, `workers` processes of this machine do it, by default
    one per core. A submission whose worker dies is tried once more, alone; if that dies too, it is stated, as
    "kernel died". Raises LabError if the scheduler cannot be reached or is lost.
    """
    works = iter(works)
    first = next(works, None)
    if first is None:
        return
    with _client(scheduler, workers, warm=first.settings.get("JudgedExecute", {}).get("warm", False)) as client:
        suspects = []
        for work, outcome in _flow(client, chain([first], works)):
            if isinstance(outcome, KilledWorker):
                suspects.append(work)
            else:
                yield work, outcome
        for work in suspects:
            ((_, outcome),) = _flow(client, iter([work]))
            if isinstance(outcome, KilledWorker):
                reason = "twice the process that graded it was killed"
                outcome = execute(replace(work, refused=(State.KERNEL_DIED, reason)))
            yield work, outcome


def _flow(client: Client, works: Iterator[Work]) -> Iterator[Outcome]:
    running: dict[Future, Work] = {}
    ended = as_completed(loop=client.loop)
    while True:
        with _connection(client):
            room = AHEAD * max(1, sum(client.nthreads().values())) - len(running)
        for work in islice(works, max(0, room)):
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "Sending large graph")  # a learner's own files
                future = client.submit(execute, work, pure=False)
            running[future] = work
            ended.add(future)
        if not running:
            return
        future = next(ended)
        with _connection(client):
            if future.status not in ("finished", "error"):
                raise OSError(f"a submission is {future.status}")
            outcome = future.result() if future.status == "finished" else future.exception()
        yield running.pop(future), outcome


@contextmanager
def _connection(client: Client) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LabError(
            f"{client.scheduler.address}: the connection to the scheduler was lost. "
            "What was graded is kept: give the same command again to go on."
        ) from error


@contextmanager
def _client(scheduler: str | None, workers: int | None, warm: bool) -> Iterator[Client]:
    if scheduler is None:
        with dask.config.set(_LOCAL):
            get_mp_context().set_forkserver_preload(_PRELOADED)
            with _local(workers, warm) as cluster, Client(cluster) as client:
                yield client
    else:
        try:
            for name in ("distributed", "distributed.client"):  # what they would tell is told below
                logging.getLogger(name).setLevel(logging.CRITICAL)
            client = Client(scheduler, timeout=CONNECT)
        except (OSError, ValueError) as error:
            raise LabError(f"{scheduler}: no Dask scheduler answers at this address ({error}).") from error
        try:
            with _connection(client):
                try:
                    client.wait_for_workers(1, timeout=PATIENCE)
                except TimeoutError as error:
                    raise LabError(f"{scheduler}: the scheduler has no workers. Start some and try again.") from error
            yield client
        finally:
            with suppress(OSError, TimeoutError):
                client.close()


@contextmanager
def _local(workers: int | None, warm: bool) -> Iterator[LocalCluster]:
    """Processes of one thread each: what becomes of one submission is no matter of another's.

    warm: whether they share a process that kernels are forked from.
    """
    with ExitStack() as stack:
        stack.callback(sweep)
        place = Workplace()
        stack.callback(place.remove)
        variables = stack.enter_context(share(kept_environment(), place.channels)) if warm else {}
        stack.callback(_kill_children)
        with _deaf_to_ctrl_c():
            cluster = LocalCluster(
                n_workers=workers or CPU_COUNT,
                threads_per_worker=1,
                host="127.0.0.1",
                security=True,  # others on this machine could else give the workers code to run
                env=variables,
                dashboard_address="127.0.0.1:0",  # not on every interface, and no matter whether 8787 is taken
                memory_limit=None,
                silence_logs=logging.CRITICAL,
            )
        stack.callback(_close, cluster)
        yield cluster


def _close(cluster: LocalCluster) -> None:
    with suppress(TimeoutError):  # a worker that is just being started again is in no hurry
        cluster.close(timeout=5)


def _kill_children() -> None:
    for process in multiprocessing.active_children():
        process.kill()


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Processes that are started meanwhile leave Ctrl-C to this one, which then ends them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
