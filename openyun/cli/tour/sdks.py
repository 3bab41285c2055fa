"""The official SDKs. They take over a second to load, so only the tour loads them, when it begins."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from openyun.cli.tour.failed import Failed


def load() -> str:
    for one in (ecs, vpc, ram, sts, tea, oss2):
        one()
    return "ECS, VPC, RAM, STS (Tea) and oss2"


def ecs() -> Any:
    return _package("alibabacloud_ecs20140526")


def vpc() -> Any:
    return _package("alibabacloud_vpc20160428")


def ram() -> Any:
    return _package("alibabacloud_ram20150501")


def sts() -> Any:
    return _package("alibabacloud_sts20150401")


def tea() -> Any:
    return _module("alibabacloud_tea_openapi.models")


def oss2() -> Any:
    return _module("oss2")


@cache
def _package(name: str) -> Any:
    package = _module(name)
    _module(f"{name}.client")
    _module(f"{name}.models")
    return package


def _module(name: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError as problem:
        raise Failed(f"{problem.name} is not installed; get the SDKs with: pip install 'openyun[tour]'") from problem
