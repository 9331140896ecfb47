"""Set up .venv and open the labs: `python start.py lab`, or `python start.py setup` for the set-up alone.

It runs before anything is installed: the standard library only, and no syntax that Python 3.6 cannot read, so that
an old Python is told what is wrong with it.
"""

import argparse
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
READY = VENV / "ready"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
SITE = "Lib/site-packages" if os.name == "nt" else "lib/python*/site-packages"
SOURCES = ("requirements.lock", "pyproject.toml")
OLDEST, NEWEST = (3, 10), (3, 13)
NEEDED = 4 * 10**9  # bytes: 2.7 GB of packages, and what is downloaded for them
FIRST_START = """
import compileall, sysconfig
compileall.compile_dir(sysconfig.get_path("purelib"), quiet=2, workers=0)
import tensorflow, jupyterlab.labapp, logitlab.plots.softmax
"""
LOST = re.compile(r"NewConnectionError|NameResolutionError|ReadTimeout|ConnectTimeout|ConnectionReset|ProxyError")


def main(arguments=None):
    """Do what the command line says. Whatever goes wrong is told in one line, with the way out."""
    parser = argparse.ArgumentParser(description="Set up .venv and open the labs.")
    parser.add_argument("command", choices=["setup", "lab"])
    parser.add_argument("--port", type=int, default=8888)
    options, jupyter_options = parser.parse_known_args(arguments)
    try:
        if not is_ready():
            set_up()
        if options.command == "lab":
            open_lab(options.port, jupyter_options)
    except KeyboardInterrupt:
        sys.exit("\nStopped. The same command starts the set-up again; finished downloads are in pip's cache.")
    except OSError as error:
        sys.exit(f"\n{reason(str(error))}")


def is_ready():
    """Whether a finished set-up is there that is newer than what it was made from."""
    sources = [(ROOT / name).stat().st_mtime for name in SOURCES]
    return PYTHON.exists() and READY.exists() and READY.stat().st_mtime >= max(sources)


def set_up():
    """Make .venv, or renew it. One that was interrupted is begun anew: nobody knows what is half written in it."""
    check_python()
    if not (READY.exists() and PYTHON.exists()):
        if VENV.exists():
            print("An earlier set-up was not finished. It begins anew.", flush=True)
            shutil.rmtree(str(VENV))
        check_disk(ROOT, NEEDED)
    else:
        READY.unlink()
    began = time.monotonic()
    version = "{}.{}.{}".format(*sys.version_info)
    print(
        f"Setting up .venv with Python {version}, once. It takes some minutes, most of it for TensorFlow.", flush=True
    )
    stage("1 of 3  a Python environment", [sys.executable, "-m", "venv", str(VENV)], lambda lines: "")
    pip = ["pip", "install", "--disable-pip-version-check", "--no-compile", "--progress-bar=off"]
    stage("2 of 3  packages", [str(PYTHON), "-m", *pip, "-r", "requirements.lock"], packages)
    # pip would compile on one processor; this takes all. The imports show whether TensorFlow starts on this computer.
    stage("3 of 3  compiling, and the first start of TensorFlow", [str(PYTHON), "-c", FIRST_START], lambda lines: "")
    READY.touch()
    print(f"The set-up is done, in {time.monotonic() - began:.0f} s.", flush=True)


def check_python():
    """End with a message unless this Python can run TensorFlow and make environments."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        names = ["python3.%d" % minor for minor in range(NEWEST[1], OLDEST[1] - 1, -1)]  # noqa: UP031
        found = next(filter(runs, names), None)
        name = found or "python3.11"
        sys.exit(
            "Python {}.{} cannot run TensorFlow here. {} Python 3.{} to 3.{}{}: make lab PYTHON={}".format(
                *sys.version_info[:2],
                "Use" if found else "Install",
                OLDEST[1],
                NEWEST[1],
                " as here" * bool(found),
                name,
            )
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        package = "python{}.{}-venv".format(*sys.version_info[:2])
        sys.exit(f"This Python has no venv module. On Debian and Ubuntu: sudo apt install {package}. Then call again.")


def runs(name):
    """Whether there is such a Python. A name alone proves little: pyenv has one for versions that are not chosen."""
    command = [name, "-c", "import venv, ensurepip"]
    return bool(shutil.which(name)) and not subprocess.call(command, stderr=subprocess.DEVNULL)


def check_disk(folder, needed):
    """End with a message unless so many bytes are free where folder is."""
    free = shutil.disk_usage(str(folder)).free
    if free < needed:
        sys.exit(
            f"The set-up needs {needed / 1e9:.1f} GB of disk, and {free / 1e9:.1f} GB are free in {folder}. "
            "Make room, or move this folder to a larger disk, and call again."
        )


def stage(title, command, progress):
    """Run a command, show how far it is, and end with one reason if it fails. Its output goes to .venv/install.log."""
    VENV.mkdir(exist_ok=True)
    temporary = VENV / "tmp"  # on the disk that was found large enough; /tmp is often small
    temporary.mkdir(exist_ok=True)
    environment = dict(os.environ, TMPDIR=str(temporary), TEMP=str(temporary), PYTHONUNBUFFERED="1")
    environment["TF_CPP_MIN_LOG_LEVEL"] = "3"
    log = VENV / "install.log"
    shown = Display(title)
    with log.open("w") as stream:
        process = subprocess.Popen(command, cwd=str(ROOT), env=environment, stdout=stream, stderr=subprocess.STDOUT)
        try:
            while process.poll() is None:
                time.sleep(0.2)
                shown.update(progress(log.read_text(errors="replace").splitlines()))
        except BaseException:
            process.kill()
            process.wait()
            raise
    if process.returncode:
        shown.end("failed")
        sys.exit(reason(log.read_text(errors="replace")))
    shown.end("done")
    shutil.rmtree(str(temporary), ignore_errors=True)


class Display:
    """A line that is written over on a terminal; elsewhere, as in a log of CI, a line now and then."""

    def __init__(self, title):
        self.title = title
        self.began = self.last = time.monotonic()
        self.terminal = sys.stdout.isatty()
        if not self.terminal:
            print(title, flush=True)

    def update(self, text):
        """Show how far it is."""
        now = time.monotonic()
        if self.terminal:
            line = f"{self.title}  {now - self.began:.0f} s  {text}"
            print("\r" + line[: shutil.get_terminal_size().columns - 1] + "\033[K", end="", flush=True)
        elif now - self.last > 15:
            self.last = now
            print(f"        {now - self.began:.0f} s  {text}", flush=True)

    def end(self, text):
        """Leave the line as it shall stand."""
        self.update("")
        line = f"{self.title}: {text}, {time.monotonic() - self.began:.0f} s"
        print(f"\r{line}\033[K" if self.terminal else line, flush=True)


def packages(lines):
    """How far pip is, from what it has printed, and from what lies in its folders."""
    listed = [line for line in lines if line.startswith("Installing collected packages")]
    if listed:
        there = len(list(VENV.glob(SITE + "/*.dist-info")))
        return f"installing, {there} of {listed[0].count(',') + 2}"  # pip itself was there before
    downloads = [line.split() for line in lines if line.lstrip().startswith("Downloading ")]
    collected = sum(line.startswith("Collecting ") for line in lines)
    if not downloads:
        return f"{collected} found"
    arriving = sum(path.stat().st_size for path in (VENV / "tmp").glob("pip-unpack-*/*")) / 1e6
    name = downloads[-1][1].split("/")[-1].split("-")[0]
    return f"{collected} found, {arriving:.0f} MB downloaded, now {name} {' '.join(downloads[-1][2:])}"


def reason(output):
    """The one line that tells a person why a stage failed, and what to do."""
    if "No space left on device" in output:
        return "The disk is full. Make room (about 4 GB), or move this folder to a larger disk, and call again."
    if LOST.search(output):
        return "The package index cannot be reached. See to the network (or pip's proxy setting) and call again."
    lines = output.strip().splitlines() or ["no output"]
    errors = [line for line in lines if line.startswith("ERROR")]
    return f"{(errors or lines)[-1]}\nThe whole output is in {VENV / 'install.log'}"


def free_port(port):
    """This port or, if another program has it, one of the next that is free."""
    for candidate in range(port, port + 50):
        with socket.socket() as probe:
            if os.name == "posix":  # elsewhere the option would share a port that is taken
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", candidate))
            except (OSError, OverflowError):
                continue
            if candidate != port:
                print(f"Port {port} is taken, perhaps by another JupyterLab. This one uses {candidate}.")
            return candidate
    sys.exit(f"No port from {port} to {port + 49} is free. Choose another: make lab PORT=9000")


def open_lab(port, options):
    """Hand over to JupyterLab on labs/. The last thing it prints is the address to open."""
    free = free_port(port)
    print("JupyterLab opens on labs/. Stop it with Ctrl-C, twice.", flush=True)
    command = [str(PYTHON), "-m", "jupyterlab", "--notebook-dir=labs", f"--port={free}", "--ServerApp.log_level=ERROR"]
    command.append("--LabApp.log_level=ERROR")  # the address is still printed: Jupyter calls it critical
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # who one is in most containers; Jupyter asks for it to be said
    os.chdir(str(ROOT))
    if os.name == "posix":
        os.execv(command[0], command + options)
    sys.exit(subprocess.call(command + options))


if __name__ == "__main__":
    main()
