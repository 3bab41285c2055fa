"""What a server that is killed leaves: whole statements, and jobs that come to an end."""

from __future__ import annotations

from pathlib import Path

from odps import ODPS

from tests.conformance.conftest import eventually
from tests.conformance.maxcompute.conftest import make_project, rows
from tests.conftest import Server


def test_a_kill_in_the_middle_of_an_overwrite(tmp_path: Path) -> None:
    server = Server(tmp_path)
    server.start()
    try:
        account = server.account()
        endpoint = f"http://{server.endpoint}/api"
        o = ODPS(account.access_key_id, account.access_key_secret, project="crash", endpoint=endpoint)
        make_project(o)
        o.execute_sql("create table t as select explode(sequence(1, 10)) as a")
        query = "insert overwrite table t select a.x from (select explode(sequence(1, 3000000)) as x) a"
        instance = o.run_sql(f"insert into t values (100); {query}")
        eventually(lambda: rows_done(server, instance.id))
        server.kill()
        server.start()
        instance.wait_for_success()
        assert rows(o, "select count(*), min(a), max(a) from t") == [[3000000, 1, 3000000]]
        assert o.get_table("t").record_num == 3000000
    finally:
        server.stop()


def rows_done(server: Server, instance: str) -> bool:
    """Whether the first statement's scratch is over and the second's has begun, or all is done already."""
    scratch = server.data / "regions" / "cn-hangzhou" / "maxcompute" / "scratch"
    return (scratch / instance).exists()
