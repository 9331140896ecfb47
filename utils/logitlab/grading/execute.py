"""Executes a submission: the learner's cells in a kernel in the sandbox, the grading cells here, by the judge."""

from __future__ import annotations

import asyncio
import time
from queue import Empty

from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_output
from nbgrader.preprocessors import Execute
from nbgrader.utils import is_grade
from traitlets import Bool, Float, Integer

from logitlab.grading.graded import METADATA
from logitlab.grading.judge import Glass, judge
from logitlab.grading.kernel import REPLY, REQUEST
from logitlab.grading.launch import KernelManager
from logitlab.grading.sandbox import Limits
from logitlab.grading.show import clean_output, clean_text, error
from logitlab.grading.states import MEMORY_ERRORS, State
from logitlab.grading.watch import Watch

GRACE = 5.0  # seconds in which an interrupted cell has to stop


class KernelLost(RuntimeError):
    """The kernel ended with the process that it was forked from. It can be tried again."""


class JudgedExecute(Execute):
    """nbgrader's Execute, with the verdict outside the learner's process and that process in the sandbox.

    Leaves the state of each graded cell in its metadata, and that of the submission in the notebook's,
    under "logitlab". Reads from the resources' "nbgrader": "prelude", what the author's notebook imports
    for its checks; "files", the contents of the learner's other files by their path; "remarks", sentences of
    the intake; "refused", the state and the reason if there is nothing to execute, else None;
    "texts", the lab's own text cells.
    """

    unsafe = Bool(False, help="Whether to grade without the sandbox.").tag(config=True)
    warm = Bool(False, help="Whether kernels are forked from a process that has the imports behind it.").tag(
        config=True
    )
    question_timeout = Float(60, help="Seconds an answer has for one question of a check.").tag(config=True)
    submission_timeout = Float(1200, help="Seconds a submission may take as a whole.").tag(config=True)
    memory_bytes = Integer(Limits.memory, help="Bytes of memory that a learner's kernel may use.").tag(config=True)
    disk_bytes = Integer(Limits.disk, help="Bytes that a learner's code may write.").tag(config=True)
    output_bytes = Integer(2 << 20, help="Bytes of output that a cell keeps; the rest is cut.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Execute every cell. Raises KernelLost; RuntimeError if no kernel can be started, as without a sandbox."""
        NotebookClient.__init__(self, nb)
        self.reset_execution_trackers()
        self._check_assign_resources(resources)
        self._gone: tuple[State, str] | None = None
        task = resources["nbgrader"]
        if task["refused"]:
            self._gone = task["refused"]
            self._refuse(nb)
        else:
            run_sync(self._run)(nb, task)
        for cell in nb.cells:
            if cell.cell_type != "code" and cell.source not in task["texts"]:
                cell.source = clean_text(cell.source)
        state, reason = self._gone or (State.GRADED, "")
        remarks = [*task["remarks"]]
        if reason:
            remarks.append(f"{str(state).capitalize()}: {reason}.")
        if self.unsafe:
            remarks.append("Graded without the sandbox.")
        nb.metadata[METADATA] = {"state": str(state), "remarks": remarks}
        if remarks:
            text = "**Remarks on grading**\n\n" + "\n".join(f"- {remark}" for remark in remarks)
            nb.cells.insert(0, new_markdown_cell(clean_text(text)))
        return nb, resources

    def _refuse(self, nb: NotebookNode) -> None:
        state, reason = self._gone
        for cell in nb.cells:
            if cell.cell_type == "code" and is_grade(cell):
                cell.outputs = [error("NotGraded", f"{state}: {reason}")]
                cell.metadata[METADATA] = {"state": str(state)}

    async def _run(self, nb: NotebookNode, resources: dict) -> None:
        limits = Limits(memory=self.memory_bytes, disk=self.disk_bytes, processor=int(2 * self.submission_timeout))
        self.km = KernelManager(limits, self.unsafe, self.warm)
        try:
            for name, content in resources["files"].items():
                place = self.km.place.work / name
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content)
            await self.km.launch()
            try:
                await self._connect()
            except RuntimeError as failure:
                raise RuntimeError(f"a kernel could not be started: {self.km.last_words}") from failure
            with Watch(self.km, limits, self.submission_timeout) as self._watch:
                for index, cell in enumerate(nb.cells):
                    if cell.cell_type == "code" and is_grade(cell):
                        await self._grade(cell, resources["prelude"])
                    elif cell.cell_type == "code":
                        await self._execute(cell, index)
            if self._gone is not None and await self.km.is_orphaned():
                raise KernelLost
        except Exception as failure:
            if await self.km.is_orphaned():
                raise KernelLost("the process that kernels are forked from was killed") from failure
            raise
        finally:
            if self.kc is not None:
                self.kc.stop_channels()
            await self.km.end()

    async def _connect(self) -> None:
        self.kc = self.km.client()
        self.kc.start_channels()
        await self.kc.wait_for_ready(timeout=self.startup_timeout)
        self.kc.allow_stdin = False

    async def _execute(self, cell: NotebookNode, index: int) -> None:
        """Run a cell of the learner's in the kernel, for as long as there is one."""
        cell.outputs, self._kept = [], 0
        if self._gone is not None:
            cell.outputs = [error("NotRun", f"not run: {self._gone[0]}")]
            return
        self._watch.deadline = time.monotonic() + self.timeout + 3 * GRACE
        try:
            await self.async_execute_cell(cell, index, execution_count=self.code_cells_executed + 1)
        except DeadKernelError:
            self._gone = self._watch.cause_of_death()
        except CellTimeoutError:
            self._end(State.TIMED_OUT, f"a cell ran longer than {self.timeout} seconds and could not be interrupted")
        except Exception as failure:  # what a kernel sends is not to be relied on
            self._end(State.KERNEL_DIED, f"the kernel sent what is no message of Jupyter's ({type(failure).__name__})")
        finally:
            self._watch.deadline = None
        if self._gone is not None:
            cell.outputs.append(error("KernelGone", f"{self._gone[0]}: {self._gone[1]}"))
        cell.outputs = [clean_output(output) for output in cell.outputs]

    def _end(self, state: State, reason: str) -> None:
        self._watch.end(state, reason)
        self._gone = self._watch.cause_of_death()

    async def _grade(self, cell: NotebookNode, prelude: str) -> None:
        """Let the judge execute a grading cell; the kernel is asked in between."""
        self._cell_end = time.monotonic() + self.timeout
        self._incident: State | None = None
        loop = asyncio.get_running_loop()

        def send(content: dict, buffers: list[bytes]):
            return asyncio.run_coroutine_threadsafe(self._ask(content, buffers), loop).result()

        cell.outputs = await asyncio.to_thread(judge, cell.source, prelude, Glass(send))
        self.code_cells_executed += 1
        cell.execution_count = self.code_cells_executed
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = cell.execution_count
        cell.metadata[METADATA] = {"state": str(self._incident or State.GRADED)}

    async def _ask(self, content: dict, buffers: list[bytes]) -> tuple[dict, list] | tuple[str, str]:
        """One question to the kernel: its reply, or the name and message of what went wrong."""
        if self._gone is not None:
            self._incident = self._gone[0]
            return "KernelGone", f"{self._gone[0]}: {self._gone[1]}"
        seconds = min(self.question_timeout, self._cell_end - time.monotonic())
        if seconds <= 0:
            self._incident = State.TIMED_OUT
            return "TimeoutError", f"the {self.timeout} seconds for this exercise are used up"
        message = self.kc.session.msg(REQUEST, content)
        self.kc.session.send(self.kc.shell_channel.socket, message, buffers=buffers)
        drain = asyncio.ensure_future(self._drain())
        try:
            reply = await self._reply(message["header"]["msg_id"], seconds)
            if reply is None and self._gone is None:
                self._incident = State.TIMED_OUT
                await self.km.interrupt_kernel()
                if await self._reply(message["header"]["msg_id"], GRACE) is None and self._gone is None:
                    self._end(State.TIMED_OUT, "an answer ran too long and could not be interrupted")
                return "TimeoutError", f"there was no answer within {seconds:.0f} seconds"
        finally:
            drain.cancel()
        if reply is None:
            self._incident = self._gone[0]
            return "KernelGone", f"{self._gone[0]}: {self._gone[1]}"
        raised = reply[0].get("error")
        if isinstance(raised, list) and raised and raised[0] in MEMORY_ERRORS:
            self._incident = State.OUT_OF_MEMORY
        return reply

    async def _reply(self, identity: str, seconds: float) -> tuple[dict, list] | None:
        """The reply to a question; None if it does not come in time or the kernel is gone."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                message = await self.kc.shell_channel.get_msg(timeout=min(1.0, max(0.0, end - time.monotonic())))
                if message["msg_type"] == REPLY and message["parent_header"].get("msg_id") == identity:
                    return dict(message["content"]), list(message["buffers"])
            except Empty:
                if not await self.km.is_alive():
                    self._gone = self._watch.cause_of_death()
                    return None
            except Exception as failure:
                self._end(State.KERNEL_DIED, f"the kernel sent what is no message ({type(failure).__name__})")
                return None
        return None

    async def _drain(self) -> None:
        """Drop what an answer prints while it is asked; it is judged by what it returns."""
        while True:
            try:
                await self.kc.iopub_channel.get_msg(timeout=None)
            except Exception:
                await asyncio.sleep(0.1)

    def process_message(self, msg: dict, cell: NotebookNode, cell_index: int) -> NotebookNode | None:
        """Take in what a cell puts out, up to the limit, as it arrives."""
        if msg["msg_type"] not in ("status", "clear_output", "execute_input"):
            size = len(str(msg["content"])) + sum(len(memoryview(buffer)) for buffer in msg.get("buffers", []))
            before, self._kept = self._kept, self._kept + size
            if self._kept > self.output_bytes:
                if before <= self.output_bytes:
                    text = f"\n[cut: this cell put out more than {self.output_bytes >> 20} MB]\n"
                    cell.outputs.append(new_output("stream", name="stdout", text=text))
                return None
        return super().process_message(msg, cell, cell_index)
