from __future__ import annotations

from tests.cli.conftest import Yun


def test_reset_makes_room_for_another_cloud(yun: Yun) -> None:
    yun("up")
    before = yun.json("env")
    yun("reset", "--yes")
    assert not yun.data.exists()
    yun("up")
    assert yun.json("env")["access_key_id"] != before["access_key_id"]


def test_reset_asks_first(yun: Yun) -> None:
    yun("up")
    assert "Delete" in yun("reset", code=1).stdout
    assert yun.json("status")["running"] is True


def test_reset_leaves_what_is_not_the_clouds(yun: Yun) -> None:
    yun("up")
    (yun.data / "my thesis").write_text("all of it")
    yun("reset", "--yes")
    assert [path.name for path in yun.data.iterdir()] == ["my thesis"]


def test_reset_of_nothing_is_no_mistake(yun: Yun) -> None:
    assert "nothing" in yun("reset", "--yes").stdout
