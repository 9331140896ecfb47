"""The gradebook in PostgreSQL, by its address, is the gradebook that SQLite holds."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from glob import glob
from pathlib import Path

import pytest
from classroom import course, mixed_class
from logitlab.grading import cli
from logitlab.grading.results import results
from sqlalchemy import MetaData, create_engine

LAB = "02_argmax"
_RANDOM = re.compile("'[0-9a-f]{32}'")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading needs Linux")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of an empty database, in a real server that only this test can reach."""
    found = sorted(glob("/usr/lib/postgresql/*/bin/initdb")) or [shutil.which("initdb")]
    if found[-1] is None:
        pytest.skip("PostgreSQL's server is not installed (Debian's package postgresql)")
    programs = Path(found[-1]).parent
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        # PostgreSQL refuses to run as root.
        as_user = []
        if os.getuid() == 0:
            as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
            shutil.chown(folder, "postgres")

        def call(*command: object) -> None:
            subprocess.run(
                [*as_user, *map(str, command)],
                check=True,
                cwd=folder,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.STDOUT,
            )

        call(programs / "initdb", "-D", data, "-U", "teacher", "--auth=trust", "--no-locale", "--encoding=UTF8", "-N")
        listen = f"-k {folder} -c listen_addresses=''"
        call(programs / "pg_ctl", "-D", data, "-o", listen, "-l", f"{folder}/log", "--wait", "start")
        try:
            yield f"postgresql+psycopg://teacher@/postgres?host={folder}"
        finally:
            call(programs / "pg_ctl", "-D", data, "-m", "immediate", "stop")


def content(db_url: str) -> dict[str, list[str]]:
    """Every row of every table, but for the random names that nbgrader gives to rows."""
    engine = create_engine(db_url)
    tables = MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        found = {
            table.name: sorted(
                re.sub(r"'[0-9a-f]{32}'", "ID", repr(tuple(row))) for row in connection.execute(table.select())
            )
            for table in tables.sorted_tables
        }
    engine.dispose()
    return found


def test_a_class_gives_the_same_gradebook_in_postgresql_and_in_sqlite(server, tmp_path, monkeypatch, capsys):
    folder = course(tmp_path / "course")
    mixed_class(folder, LAB)
    monkeypatch.chdir(folder)
    sqlite = f"sqlite:///{folder / 'gradebook.db'}"
    for db_url in (sqlite, server):
        assert cli.main(["grade", LAB, "--force", "--workers", "1", "--db", db_url]) == cli.NEEDS_PERSON
    assert content(server) == content(sqlite)
    assert results(server, LAB) == results(sqlite, LAB)
    assert len(content(server)["grade"]) == 7 * 4

    capsys.readouterr()
    tables = []
    for db_url in (sqlite, server):
        assert cli.main(["grades", LAB, "--db", db_url]) == 0
        tables.append(capsys.readouterr().out)
    assert tables[0] == tables[1]

    # nbgrader's own commands go on with it.
    command = [sys.executable, "-m", "nbgrader", "export", f"--db={server}"]
    assert subprocess.run(command, cwd=folder, capture_output=True).returncode == 0
    assert (folder / "grades.csv").read_text().count(LAB) == 7


NOBODY = "postgresql+psycopg://nobody@127.0.0.1:1/none"


@pytest.mark.parametrize(
    ("command", "db_url"), [("grade", NOBODY), ("grades", NOBODY), ("grades", "no address"), ("report", "oracle9://x")]
)
def test_a_gradebook_that_cannot_be_opened_is_said_in_one_line(command, db_url, tmp_path, monkeypatch, capsys):
    folder = course(tmp_path / "course")
    (folder / "submitted" / "kim" / LAB).mkdir(parents=True)
    monkeypatch.chdir(folder)
    assert cli.main([command, LAB, "--db", db_url]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("The gradebook cannot be used: ")
