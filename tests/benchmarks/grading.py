"""How fast a class is graded, here and with stock nbgrader, on the same cores: what `make benchmark` prints.

    python tests/benchmarks/grading.py [--lab LAB] [--class N] [--rounds N] [--sizes N,N,...]

Timings depend on the machine and on what else it does: let it do nothing else.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import psutil
from classroom import answered, blank, course, exercises, light, quick, solved, submit
from jupyter_client.manager import start_new_kernel
from logitlab.grading.autograde import Autograde
from logitlab.grading.cli import course as settings
from logitlab.grading.execute import JudgedExecute
from logitlab.grading.provision import end_all, warm_process
from logitlab.grading.register import register
from logitlab.grading.results import results
from sqlalchemy.exc import SAWarning

LIGHT = "02_argmax"
STOCK = """
from logitlab.authoring import find_tools
c = get_config()
c.CourseDirectory.source_directory = "solutions"
c.Execute.timeout = 120
find_tools()
"""


@dataclass(frozen=True)
class Cost:
    """Of grading a class: seconds that went by, and seconds of processor time of all processes."""

    wall: float
    processor: float


def class_of(folder: Path, lab: str, size: int, stock: bool = False, whole: bool = True) -> Path:
    """A course folder with that many right submissions. whole: the entire lab, else what the checks need."""
    course(folder)
    if stock:
        (folder / "nbgrader_config.py").write_text(STOCK)
        register(folder, lab, f"sqlite:///{folder / 'gradebook.db'}")
    nb = solved(lab) if whole else light(answered(blank(lab), quick(lab)), lab)
    for number in range(size):
        submit(folder, f"learner{number:04}", lab, nb)
    return folder


def run(folder: Path, lab: str, size: int, *command: str) -> Cost:
    """Run a command that grades the class; make sure that it did."""
    before, begin = _processor(), time.monotonic()
    told = subprocess.run([sys.executable, *command], cwd=folder, capture_output=True, text=True)
    cost = Cost(time.monotonic() - begin, _processor() - before)
    marks = results(f"sqlite:///{folder / 'gradebook.db'}", lab)
    points = sum(exercises(lab).values())
    full = sum(sum(mark.score for mark in got.values()) >= 0.9 * points for got in marks.marks.values())
    if full != size:
        sys.exit(f"{command}: {full} of {size} were graded\n{told.stdout[-2000:]}\n{told.stderr[-4000:]}")
    return cost


def _processor() -> float:
    """Seconds of processor time of this machine, whoever used them; a process that is killed counts too."""
    return sum(getattr(psutil.cpu_times(), kind) for kind in ("user", "nice", "system"))


def ours(folder: Path, lab: str, size: int, *options: str) -> Cost:
    return run(folder, lab, size, "-m", "logitlab.grading", "grade", lab, *options)


def stock(folder: Path, lab: str, size: int) -> Cost:
    return run(folder, lab, size, "-m", "nbgrader", "autograde", lab)


def in_kernel(folder: Path, lab: str) -> float:
    """Seconds that the cells of one submission take in a kernel, and the answers to the checks' questions.

    One core, one kernel at a time, forked warm. Of several submissions the mean without the first, which
    waits for the imports.
    """
    spent: list[float] = []

    def timed(plain: Callable) -> Callable:
        async def call(*arguments: object) -> object:
            begin = time.perf_counter()
            try:
                return await plain(*arguments)
            finally:
                spent[-1] += time.perf_counter() - begin

        return call

    api = settings(folder)
    api.coursedir.assignment_id = lab
    api.config.JudgedExecute.warm = True
    plain = JudgedExecute._execute, JudgedExecute._ask
    JudgedExecute._execute, JudgedExecute._ask = map(timed, plain)
    grader = Autograde(coursedir=api.coursedir, parent=api)
    grader.log.setLevel("ERROR")
    one = grader.run

    def each(works):
        for work in works:
            spent.append(0.0)
            yield from one([work])

    grader.run = each
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        grader.start()
    finally:
        os.sched_setaffinity(0, cores)
        JudgedExecute._execute, JudgedExecute._ask = plain
        end_all()
    return sum(spent[1:]) / len(spent[1:])


def memory_per_kernel(lab: str, most: int = 4) -> float:
    """Bytes (PSS) by which the whole grows with each kernel that has run the lab, all forked from one process."""
    os.environ["JUPYTER_DEFAULT_PROVISIONER_NAME"] = "logitlab-warm"
    kernels = []
    try:
        total = []
        for _ in range(most):
            manager, client = start_new_kernel(kernel_name="python3", cwd=tempfile.gettempdir())
            kernels.append((manager, client))
            for cell in solved(lab).cells:
                if cell.cell_type == "code":
                    client.execute_interactive(cell.source, output_hook=lambda message: None, timeout=120)
            below = psutil.Process(warm_process(dict(os.environ))._process.pid)
            total.append(sum(each.memory_full_info().pss for each in [below, *below.children(recursive=True)]))
    finally:
        for manager, client in kernels:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
        end_all()
        del os.environ["JUPYTER_DEFAULT_PROVISIONER_NAME"]
    return (total[-1] - total[0]) / (most - 1)


def compare(lab: str, size: int, rounds: int) -> None:
    """Print what a class costs with stock nbgrader and here, turn about, and the limit."""
    cores = len(os.sched_getaffinity(0))
    told: dict[str, list[Cost]] = {"stock nbgrader": [], "logitlab grade": []}
    with tempfile.TemporaryDirectory() as scratch:
        for turn in range(rounds):
            told["stock nbgrader"].append(
                stock(class_of(Path(scratch) / f"stock{turn}", lab, size, stock=True), lab, size)
            )
            told["logitlab grade"].append(ours(class_of(Path(scratch) / f"ours{turn}", lab, size), lab, size))
        kernel = in_kernel(class_of(Path(scratch) / "kernel", lab, 4), lab)
    extra = memory_per_kernel(lab)
    limit = 60 * cores / kernel
    rates = {}
    print(f"\n{lab}, {size} submissions, {rounds} times each, turn about\n")
    print("| | submissions a minute | processor seconds each | of the limit |\n|---|---|---|---|")
    for name, costs in told.items():
        rates[name] = 60 * size * len(costs) / sum(cost.wall for cost in costs)
        seconds = sum(cost.processor for cost in costs) / size / len(costs)
        spread = " to ".join(
            f"{60 * size / cost.wall:.1f}" for cost in sorted(costs, key=lambda c: -c.wall)[:: rounds - 1 or 1]
        )
        print(f"| {name} | {rates[name]:.1f} ({spread}) | {seconds:.1f} | {rates[name] / limit:.2f} |")
    print(
        f"| limit: the cells alone, {kernel:.2f} s on one core, over {cores} cores | {limit:.1f} | {kernel:.1f} | 1 |"
    )
    print(f"\nspeed-up: {rates['logitlab grade'] / rates['stock nbgrader']:.1f}")
    print(f"memory per extra kernel (PSS): {extra / 2**20:.0f} MiB")


def growth(sizes: list[int]) -> None:
    """Print what a submission costs in classes of different sizes."""
    print(f"\n{LIGHT}, what the checks need and nothing else\n")
    print("| submissions | seconds in all | seconds each | processor seconds each |\n|---|---|---|---|")
    for size in sizes:
        with tempfile.TemporaryDirectory() as scratch:
            cost = ours(class_of(Path(scratch) / "course", LIGHT, size, whole=False), LIGHT, size)
        print(f"| {size} | {cost.wall:.1f} | {cost.wall / size:.3f} | {cost.processor / size:.3f} |", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--lab", default="01_softmax")
    parser.add_argument("--class", dest="size", type=int, default=24, help="submissions in the class")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--sizes", default="10,100,1000", help="of the light classes; empty for none")
    options = parser.parse_args()
    warnings.simplefilter("ignore", SAWarning)  # nbgrader's queries
    cores, memory = len(os.sched_getaffinity(0)), psutil.virtual_memory().total / 2**30
    print(f"{platform.machine()}, {cores} cores, {memory:.0f} GiB, Python {platform.python_version()}")
    compare(options.lab, options.size, options.rounds)
    if options.sizes:
        growth([int(size) for size in options.sizes.split(",")])
    return 0


if __name__ == "__main__":
    sys.exit(main())
