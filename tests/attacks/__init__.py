"""Submissions that attack their grading, each aimed at decoys that the test made, and bounded.

An attack is a function: it fills the folder of a submission, and its docstring says what it tries. The
answers of an attack deserve no point. `decoys` has what it aims at: nothing else is ever touched.
"""

from __future__ import annotations

import json
import os
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat
from classroom import blank, lean
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from attacks.decoys import Decoys

LAB = "02_argmax"
EXERCISES = ("log_odds", "same_category", "find_tie", "top_k")


@dataclass(frozen=True)
class Attack:
    """name, and a sentence about what it tries. make: fills the folder of the submission.

    stock: whether it can be run without protection. expects: a word that the state or the remarks must hold.
    """

    name: str
    tries: str
    make: Callable[[Path, Decoys], None]
    stock: bool
    expects: str


ATTACKS: dict[str, Attack] = {}


def attack(stock: bool = True, expects: str = "") -> Callable:
    """Enter a function among the attacks."""

    def enter(make: Callable) -> Callable:
        name = make.__name__
        ATTACKS[name] = Attack(name, " ".join(make.__doc__.split()), make, stock, expects)
        return make

    return enter


def notebook(payload: str, answer: str = "return None") -> NotebookNode:
    """The lab, with a payload at its beginning and the same answer, which is wrong, to every exercise."""
    nb = lean(blank(LAB))
    nb.cells[0].source = "import numpy as np\nfrom logitlab.checks import argmax as check"
    for cell in nb.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in EXERCISES:
            cell.source = f"def {name}(*arguments):\n" + textwrap.indent(textwrap.dedent(answer).strip(), "    ")
    nb.cells.insert(1, new_code_cell(textwrap.dedent(payload).strip(), id="payload"))
    return nb


def hand_in(folder: Path, nb: NotebookNode) -> None:
    """Put a notebook in the folder of a submission."""
    nbformat.write(nb, folder / f"{LAB}.ipynb")


def run(folder: Path, payload: str, answer: str = "return None") -> None:
    """Hand in a notebook that runs a payload."""
    hand_in(folder, notebook(payload, answer))


# Forging the verdict


@attack()
def numpy_asserts(folder, decoys):
    """Makes every comparison of NumPy's succeed"""
    run(
        folder,
        """
        np.allclose = np.array_equal = np.testing.assert_allclose = lambda *a, **k: True
        np.core = None
        """,
        "return np.zeros(arguments[0].shape[:1] if len(arguments) == 1 else ())",
    )


@attack()
def ast_transformer(folder, decoys):
    """Empties grading cells with a transformer of syntax trees"""
    run(
        folder,
        """
        import ast

        class Empty(ast.NodeTransformer):
            def visit_Module(self, node):
                return ast.Module([], []) if "check" in ast.unparse(node) else node

        get_ipython().ast_transformers.append(Empty())
        """,
    )


@attack()
def input_transformer(folder, decoys):
    """Rewrites grading cells to a number before they are read"""
    run(
        folder,
        """
        def number(lines):
            return ["3.0\\n"] if "check." in "".join(lines) else lines

        get_ipython().input_transformers_cleanup.append(number)
        """,
    )


@attack()
def another_check(folder, decoys):
    """Puts an object that gives full points in the place of the checks"""
    run(
        folder,
        """
        class Generous:
            def __getattr__(self, name):
                return lambda *a, **k: 3.0

        check = Generous()
        """,
    )


@attack()
def patched_score(folder, decoys):
    """Rewrites the class of the scores"""
    run(
        folder,
        """
        from logitlab.checks import core, score

        class Full(float):
            def __new__(cls, name, lines, *rest):
                return float(sum(line.points for line in lines))

        core.Score = score.Score = Full
        """,
    )


@attack()
def display_hook(folder, decoys):
    """Displays full points whatever the value of a cell is"""
    run(
        folder,
        """
        formatter = get_ipython().display_formatter
        formatter.format = lambda *a, **k: ({"text/plain": "3.0"}, {})
        formatter.ipython_display_formatter = lambda value: False
        """,
    )


@attack()
def forged_messages(folder, decoys):
    """Rewrites every message that leaves the kernel, with full points and no errors in it"""
    run(
        folder,
        """
        session = get_ipython().kernel.session
        send = session.send

        def forge(stream, kind, content=None, *rest, **options):
            if isinstance(content, dict) and "data" in content:
                content["data"] = {"text/plain": "3.0"}
            if isinstance(content, dict) and "error" in content:
                content.update(error=None, value={"float": "0x1p+0"})
            return send(stream, kind, content, *rest, **options)

        session.send = forge
        """,
    )


@attack()
def forged_outputs(folder, decoys):
    """Displays a forged verdict with the media type of the checks"""
    run(
        folder,
        """
        from IPython.display import publish_display_data
        forged = {"exercise": "log_odds", "earned": 4.0, "points": 4, "seed": 1, "unanswered": False, "lines": []}
        publish_display_data({"application/vnd.logitlab.score+json": forged, "text/plain": "4.0"})
        """,
    )


@attack()
def patched_json(folder, decoys):
    """Replaces json, base64 and struct in the kernel"""
    run(
        folder,
        """
        import base64, json, struct
        json.loads = json.dumps = lambda *a, **k: "{}"
        base64.b64encode = struct.unpack = lambda *a, **k: b""
        """,
    )


@attack()
def always_equal(folder, decoys):
    """Answers with an array that is equal to everything"""
    run(
        folder,
        """
        class Equal(np.ndarray):
            __eq__ = __le__ = __ge__ = lambda self, other: np.ones(np.shape(other), bool)
            def __array_function__(self, *a, **k):
                return True
            def __array_ufunc__(self, *a, **k):
                return np.bool_(True)
        """,
        "return np.zeros(np.shape(arguments[0]) if arguments else 4).view(Equal)",
    )


@attack()
def hostile_objects(folder, decoys):
    """Answers with an object whose methods lie, raise, or run for ever"""
    run(
        folder,
        """
        class Hostile:
            def __repr__(self): raise SystemExit
            def __eq__(self, other): return True
            def __array__(self, *a, **k): raise KeyboardInterrupt
            def __reduce__(self): return (print, ("unpickled",))
            def __iter__(self): return iter(int, 1)
            def __len__(self): return -1
        """,
        "return Hostile()",
    )


@attack()
def hostile_exception(folder, decoys):
    """Raises an exception with a hostile name and text"""
    run(
        folder,
        """
        class Odd(Exception):
            def __str__(self): raise RuntimeError("no text")

        Odd.__name__ = "<script>alert(1)</script>" * 100
        """,
        "raise Odd()",
    )


@attack()
def strange_numbers(folder, decoys):
    """Answers with nan, infinities and numbers that no dtype holds"""
    run(folder, "", "return [np.nan, np.inf, -np.inf, 10 ** 400]")


@attack()
def nan_array(folder, decoys):
    """Answers with arrays of nan, which is unequal to itself"""
    run(folder, "", "return np.full(np.shape(arguments[0]) if arguments else 4, np.nan)")


@attack()
def enormous_array(folder, decoys):
    """Answers with an array of 200 MB"""
    run(folder, "", "return np.zeros(25_000_000)")


@attack()
def array_of_objects(folder, decoys):
    """Answers with an array of Python objects, which only pickle can send"""
    run(folder, "", "return np.array([print, {}, None], dtype=object)")


@attack()
def solutions_from_disk(folder, decoys):
    """Reads the solutions from disk and runs them"""
    run(
        folder,
        f"""
        import json
        for cell in json.load(open({str(decoys.solution)!r}))["cells"]:
            if cell["metadata"].get("nbgrader", {{}}).get("solution"):
                exec("".join(cell["source"]))
        solved = dict(globals())
        """,
        "return None",
    )
    nb = nbformat.read(folder / f"{LAB}.ipynb", 4)
    for cell in nb.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = ""
    hand_in(folder, nb)


@attack()
def reference_of_the_check(folder, decoys):
    """Takes its answers from the checks' own reference functions"""
    run(folder, "", "return None")
    nb = nbformat.read(folder / f"{LAB}.ipynb", 4)
    for cell in nb.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in EXERCISES:
            cell.source = f"{name} = check.{name}.reference"
    hand_in(folder, nb)


@attack()
def gradebook(folder, decoys):
    """Writes full points for everybody into the gradebook"""
    run(
        folder,
        f"""
        import sqlite3
        with sqlite3.connect({str(decoys.gradebook)!r}, timeout=1) as book:
            book.execute("update grade set manual_score = 3")
        """,
    )


@attack()
def module_beside(folder, decoys):
    """Hands in a numpy.py that hides NumPy and makes comparisons succeed"""
    run(folder, "", "return 1.0")
    (folder / "numpy.py").write_text("def __getattr__(name):\n    return lambda *a, **k: True\n")
    (folder / "logitlab.py").write_text("raise SystemExit\n")


# Breaking the form


def _cell(nb: NotebookNode, name: str) -> NotebookNode:
    return next(cell for cell in nb.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == name)


@attack()
def duplicated_cells(folder, decoys):
    """Hands in every graded cell twice"""
    nb = notebook("")
    nb.cells += [nbformat.from_dict(cell) for cell in nb.cells]
    (folder / f"{LAB}.ipynb").write_text(json.dumps(nb))


@attack()
def retyped_cells(folder, decoys):
    """Changes the grading cells to text, and the answers to raw cells"""
    nb = notebook("")
    for cell in nb.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        cell.cell_type = "markdown" if name.startswith("check_") else "raw" if name else "code"
        if cell.cell_type != "code":
            cell.pop("outputs", None)
            cell.pop("execution_count", None)
    (folder / f"{LAB}.ipynb").write_text(json.dumps(nb))


@attack()
def repointed_cells(folder, decoys):
    """Gives the grading cells other points and names, and another source"""
    nb = notebook("")
    for cell in nb.cells:
        mark = cell.metadata.get("nbgrader", {})
        if mark.get("grade"):
            mark["points"] = 1000
            cell.source = "1000.0"
    _cell(nb, "check_top_k").metadata.nbgrader["grade_id"] = "check_more"
    hand_in(folder, nb)


@attack()
def stripped_metadata(folder, decoys):
    """Takes all metadata off, and grading cells away"""
    nb = notebook("")
    nb.cells = [cell for cell in nb.cells if not cell.source.startswith("check.")]
    for cell in nb.cells:
        cell.metadata = {}
    hand_in(folder, nb)


@attack()
def foreign_kernel(folder, decoys):
    """Names a kernel that is not there"""
    nb = notebook("")
    nb.metadata.kernelspec = {"name": "bash", "display_name": "bash", "language": "bash"}
    hand_in(folder, nb)


@attack(expects="unreadable")
def deep_json(folder, decoys):
    """Hands in a notebook of a hundred thousand nested lists"""
    (folder / f"{LAB}.ipynb").write_text('{"cells": ' + "[" * 100_000 + "]" * 100_000 + "}")


@attack(expects="unreadable")
def truncated_json(folder, decoys):
    """Hands in half a notebook"""
    hand_in(folder, notebook(""))
    path = folder / f"{LAB}.ipynb"
    path.write_text(path.read_text()[:1500])


@attack(expects="unreadable")
def huge_notebook(folder, decoys):
    """Hands in a notebook of 40 MB"""
    (folder / f"{LAB}.ipynb").write_text('{"cells": [], "x": "' + "x" * 40_000_000 + '"}')


@attack(stock=False, expects="unreadable")
def pipe(folder, decoys):
    """Hands in a named pipe, at which a reader waits for ever"""
    os.mkfifo(folder / f"{LAB}.ipynb")


@attack(expects="unreadable")
def linked_notebook(folder, decoys):
    """Hands in a symbolic link to another learner's notebook"""
    (folder / f"{LAB}.ipynb").symlink_to(decoys.neighbour)


@attack()
def linked_file(folder, decoys):
    """Hands in a symbolic link to a secret file of the grader's"""
    run(folder, "print(open('notes.txt').read())")
    (folder / "notes.txt").symlink_to(decoys.secret)


# Reaching out


@attack()
def read_file(folder, decoys):
    """Reads a secret file of the grader's"""
    run(folder, f"print(open({str(decoys.secret)!r}).read())")


@attack()
def read_neighbour(folder, decoys):
    """Reads another learner's submission"""
    run(folder, f"print(open({str(decoys.neighbour)!r}).read())")


@attack()
def read_environment(folder, decoys):
    """Reads the grader's environment variables"""
    run(folder, "import os; print(dict(os.environ))")


@attack()
def read_process(folder, decoys):
    """Reads the environment of another process in /proc"""
    run(folder, f"print(open('/proc/{decoys.process}/environ').read())")


@attack()
def trace_process(folder, decoys):
    """Attaches to another process with ptrace"""
    run(
        folder,
        f"""
        import ctypes
        libc = ctypes.CDLL(None)
        attached = libc.ptrace(16, {decoys.process}, 0, 0) == 0
        libc.ptrace(17, {decoys.process}, 0, 0)
        print("REA" + "CHED" if attached else "no")
        """,
    )


@attack()
def signal_process(folder, decoys):
    """Sends a signal to another process"""
    run(folder, f"import os, signal; os.kill({decoys.process}, signal.SIGTERM)")


@attack()
def write_file(folder, decoys):
    """Writes into a file of the grader's"""
    run(folder, f"open({str(decoys.victim)!r}, 'w').write('changed')")


@attack()
def truncate_file(folder, decoys):
    """Truncates a file of the grader's"""
    run(folder, f"import os; os.truncate({str(decoys.victim)!r}, 0)")


@attack()
def change_mode(folder, decoys):
    """Opens a file of the grader's for everybody"""
    run(folder, f"import os; os.chmod({str(decoys.victim)!r}, 0o777); os.utime({str(decoys.victim)!r}, (1, 1))")


@attack()
def hard_link(folder, decoys):
    """Links a secret file into its own folder"""
    run(folder, f"import os; os.link({str(decoys.secret)!r}, 'mine'); print(open('mine').read())")


@attack()
def leave_file(folder, decoys):
    """Leaves files in the folders that everybody can write to"""
    run(
        folder,
        f"""
        for path in {[str(path) for path in decoys.litter]!r}:
            try:
                open(path, "w").write("litter")
            except OSError as error:
                print(error)
        """,
    )


@attack()
def leave_memory(folder, decoys):
    """Leaves a System V segment of shared memory"""
    run(
        folder,
        f"""
        import ctypes
        print(ctypes.CDLL(None).shmget({decoys.key}, 4096, 0o1666))
        """,
    )


@attack()
def connect_tcp(folder, decoys):
    """Talks to a server over TCP"""
    run(folder, f"import socket; socket.create_connection(('127.0.0.1', {decoys.port}), 2).send(b'hello')")


@attack()
def send_udp(folder, decoys):
    """Sends a datagram"""
    run(
        folder,
        f"""
        import socket
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'hello', ('127.0.0.1', {decoys.port}))
        """,
    )


@attack()
def connect_socket(folder, decoys):
    """Talks to a server over a Unix socket"""
    run(folder, f"import socket; s = socket.socket(socket.AF_UNIX); s.connect({str(decoys.socket)!r}); s.send(b'hi')")


@attack()
def connect_abstract(folder, decoys):
    """Talks to a server over an abstract Unix socket"""
    run(folder, f"import socket; s = socket.socket(socket.AF_UNIX); s.connect({decoys.abstract!r}); s.send(b'hello')")


@attack()
def datagram_abstract(folder, decoys):
    """Sends a datagram to an abstract Unix socket"""
    run(
        folder,
        f"""
        import socket
        a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        a.sendto(b'hello', {decoys.abstract_datagram!r})
        """,
    )


@attack()
def run_program(folder, decoys):
    """Starts a program that writes into a file of the grader's"""
    run(folder, f"import subprocess; subprocess.run(['cp', '/dev/null', {str(decoys.victim)!r}])")


# Not ending


@attack(expects="kernel died")
def exit_at_once(folder, decoys):
    """Ends the process before the grading cells"""
    run(folder, "import os; os._exit(0)")


@attack()
def exit_in_answer(folder, decoys):
    """Calls sys.exit in every answer"""
    run(folder, "", "import sys; sys.exit(0)")


@attack(expects="kernel died")
def crash(folder, decoys):
    """Crashes the process in an answer"""
    run(folder, "", "import ctypes; ctypes.string_at(0)")


@attack(expects="timed out")
def endless_cell(folder, decoys):
    """Loops for ever, and ignores interrupts"""
    run(
        folder,
        """
        import time
        end = time.monotonic() + 120
        while time.monotonic() < end:
            try:
                while time.monotonic() < end: pass
            except BaseException:
                pass
        """,
    )


@attack(expects="timed out")
def endless_answer(folder, decoys):
    """Loops for ever in an answer, and ignores interrupts"""
    run(
        folder,
        """
        import signal
        """,
        """
        import time
        end = time.monotonic() + 120
        while time.monotonic() < end:
            try:
                while time.monotonic() < end: pass
            except BaseException:
                pass
        """,
    )


@attack()
def fork_bomb(folder, decoys):
    """Forks, again and again (bounded to twenty processes)"""
    run(
        folder,
        """
        import os, signal, time
        for _ in range(20):
            if os.fork() == 0:
                signal.alarm(40)
                time.sleep(60)
        """,
    )


@attack()
def daemon(folder, decoys):
    """Leaves a daemon that outlives the kernel"""
    run(
        folder,
        """
        import os, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(90)
            os._exit(0)
        """,
    )


@attack()
def threads(folder, decoys):
    """Leaves threads that never end"""
    run(
        folder,
        """
        import threading, time
        for _ in range(20):
            threading.Thread(target=time.sleep, args=(90,)).start()
        """,
    )


@attack(expects="out of memory")
def memory(folder, decoys):
    """Takes three gigabytes of memory in an answer"""
    run(folder, "hoard = []", "while len(hoard) < 12: hoard.append(np.ones(2**25))\nreturn None")


@attack()
def shared_memory(folder, decoys):
    """Takes three gigabytes of memory that no limit of a process counts"""
    run(folder, "import mmap\nheld = mmap.mmap(-1, 3 << 30)\nfor i in range(0, 3 << 30, 4096): held[i] = 1")


@attack()
def disk(folder, decoys):
    """Writes 400 MB in files of 20 MB"""
    run(
        folder,
        """
        import time
        for i in range(20):
            open(f"{i}.bin", "wb").write(bytes(20 << 20))
            time.sleep(0.05)
        time.sleep(1)
        """,
    )


@attack()
def unlinked_disk(folder, decoys):
    """Writes 400 MB in files that it has unlinked"""
    run(
        folder,
        """
        import os, time
        held = []
        for i in range(20):
            held.append(open("one.bin", "wb"))
            os.unlink("one.bin")
            held[-1].write(bytes(20 << 20))
            held[-1].flush()
            time.sleep(0.05)
        time.sleep(1)
        """,
    )


@attack()
def many_files(folder, decoys):
    """Makes ten thousand files"""
    run(folder, "import time\nfor i in range(10_000): open(f'{i}', 'w').close()\ntime.sleep(1)")


@attack()
def text_flood(folder, decoys):
    """Prints 60 MB"""
    run(folder, "for _ in range(600): print('x' * 100_000)")


@attack()
def image_flood(folder, decoys):
    """Displays 40 MB of pictures"""
    run(
        folder,
        """
        from IPython.display import publish_display_data
        for _ in range(8):
            publish_display_data({"image/png": "A" * 5_000_000, "text/plain": "picture"})
        """,
    )


@attack()
def message_flood(folder, decoys):
    """Sends twenty thousand messages, and some that are none"""
    run(
        folder,
        """
        kernel = get_ipython().kernel
        for i in range(20_000):
            kernel.session.send(kernel.iopub_socket, "display_data", {"data": {"text/plain": i}, "metadata": {}},
                                parent=kernel.get_parent())
        kernel.session.send(kernel.iopub_socket, "stream", {"nonsense": []}, parent=kernel.get_parent())
        """,
    )


@attack()
def script_in_feedback(folder, decoys):
    """Puts JavaScript into its outputs and texts, for whoever opens the feedback page"""
    run(
        folder,
        """
        from IPython.display import HTML, Javascript, Markdown, display
        evil = "<script>document.title='owned'</script><img src=x onerror=document.title='owned'>"
        display(HTML(evil), Javascript("document.title='owned'"), Markdown(evil))
        print(evil)
        raise RuntimeError(evil)
        """,
        "raise ValueError(\"<script>document.title='owned'</script>\")",
    )
