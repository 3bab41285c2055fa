from __future__ import annotations

from typing import Any

import pytest

from tests.cli.conftest import Yun

REAL = ["Run a command inside (Cloud Assistant)", "Open an SSH session with the key pair"]


def results(answer: dict[str, Any]) -> dict[str, str]:
    return {step["step"]: step["result"] for step in answer["steps"]}


def test_the_tour_with_simulated_instances_skips_only_what_needs_a_real_one(yun: Yun) -> None:
    yun("up")
    answer = yun.json("tour")
    assert answer["ok"] is True
    assert [step for step, result in results(answer).items() if result != "passed"] == REAL
    left = yun.json("status")["regions"]
    assert [(one["region"], one["instances"], one["buckets"]) for one in left] == [
        ("cn-hangzhou", 0, 0),
        ("me-east-1", 0, 0),
    ]


def test_the_tour_says_what_failed_and_ends_with_an_error(yun: Yun) -> None:
    yun.settings["OPENYUN_PUBLIC_CIDR"] = "198.18.0.0/28"  # no address is left for an instance
    yun("up")
    answer = yun.json("tour", code=1)
    assert answer["ok"] is False
    assert results(answer)["Run an instance in each of two regions"] == "failed"
    assert results(answer)["Clean up"] == "passed"


@pytest.mark.xdist_group("host")
def test_the_tour_with_real_instances_passes_and_leaves_nothing(real: Yun) -> None:
    real("up")
    answer = real.json("tour")
    assert answer["ok"] is True, answer
    assert set(results(answer).values()) == {"passed"}
    machines = [*real.data.glob("regions/*/machines/*")]
    assert machines == []


@pytest.mark.xdist_group("host")
def test_down_stops_real_instances_and_up_brings_them_back(real: Yun) -> None:
    real("up")
    real("tour", "--keep")
    assert "2 running instances" in real("down").stdout
    real("up")
    assert [one["running_instances"] for one in real.json("status")["regions"]] == [1, 1]
    assert "2 running instances" in real("down").stdout
