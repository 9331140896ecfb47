"""JupyterLab, as `make lab` starts it, serves the labs and runs their cells."""

import asyncio
import json
import urllib.request
import uuid

import pytest
from answers import MODULES, cases
from browser import TOKEN, jupyterlab
from classroom import answered, blank
from tornado.websocket import websocket_connect

LAB = sorted(MODULES)[0]


@pytest.fixture(scope="module")
def server(root, tmp_path_factory):
    with jupyterlab(root, tmp_path_factory.mktemp("jupyter"), files="labs") as url:
        yield url


def ask(url, data=None):
    request = urllib.request.Request(url, data, headers={"Authorization": f"token {TOKEN}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def test_a_lab_is_served_and_the_page_is_jupyterlab(server):
    lab = ask(f"{server}api/contents/{LAB}/{LAB}.ipynb")
    assert lab["content"]["cells"][0]["source"] == blank(LAB).cells[0].source
    with urllib.request.urlopen(f"{server}lab?token={TOKEN}", timeout=30) as page:
        assert b"JupyterLab" in page.read()


async def run(socket_url, sources):
    """Run cells in a kernel of the server, and return each one's messages."""
    socket = await websocket_connect(socket_url)
    results = []
    for source in sources:
        header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "version": "5.3"}
        header |= {"username": "", "session": ""}
        content = {"code": source, "silent": False, "store_history": True, "allow_stdin": False}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
        await socket.write_message(json.dumps(message))
        got = []
        while True:
            text = await asyncio.wait_for(socket.read_message(), timeout=120)
            if isinstance(text, bytes):
                continue  # the picture that a slider redraws
            reply = json.loads(text)
            if reply["parent_header"].get("msg_id") != header["msg_id"]:
                continue
            got.append(reply)
            if reply["msg_type"] == "status" and reply["content"]["execution_state"] == "idle":
                break
        results.append(got)
    socket.close()
    while await socket.read_message() is not None:
        pass
    return results


def test_the_cells_of_a_lab_run_in_a_kernel_of_the_server(server):
    answer = next(case for case in cases(LAB) if case.is_right)
    nb = answered(blank(LAB), [answer])
    code = [cell for cell in nb.cells if cell.cell_type == "code"]
    until = next(k for k, cell in enumerate(code) if cell.id == f"check_{answer.exercise}")
    kernel = ask(f"{server}api/kernels", b"{}")["id"]
    url = f"{server.replace('http', 'ws', 1)}api/kernels/{kernel}/channels?token={TOKEN}"
    results = asyncio.run(run(url, [cell.source for cell in code[: until + 1]]))
    assert not [m["content"] for messages in results for m in messages if m["msg_type"] == "error"]
    shown = [m["content"]["data"] for m in results[-1] if m["msg_type"] == "execute_result"]
    assert "all right" in shown[0]["text/html"]
    sliders = [m["content"]["data"] for messages in results for m in messages if m["msg_type"] == "display_data"]
    assert any("application/vnd.jupyter.widget-view+json" in data for data in sliders)
