from __future__ import annotations

import pytest

from openyun.engine.drivers import doctor, tool


def test_a_host_without_runc_refuses_instances_and_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tool, "find", lambda name: "" if name == "runc" else f"/usr/bin/{name}")
    found = doctor.check()
    assert doctor.best_compute(found) == "none"
    assert "runc" in doctor.absence(found)
    assert "OPENYUN_COMPUTE=simulated" in doctor.absence(found)
    assert doctor.missing_packages(found) == ["runc"]
    (runc,) = (finding for finding in found if finding.what == "runc")
    assert not runc.ok
    assert runc.fix == "apt-get install --no-install-recommends -y runc"


def test_without_root_nothing_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    found = doctor.check()
    assert doctor.best_compute(found) == "none"
    assert not {"network", "container"} & {finding.what for finding in found}


def test_a_probe_that_fails_decides(monkeypatch: pytest.MonkeyPatch, runc_host: None) -> None:
    assert doctor.best_compute() == "runc"

    def refuse(*args: object, **more: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr("openyun.engine.drivers.system_calls.mount", refuse)
    found = doctor.check()
    assert doctor.best_compute(found) == "none"
    (container,) = (finding for finding in found if finding.what == "container")
    assert "Operation not permitted" in container.detail
