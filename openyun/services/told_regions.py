"""Regions as most products tell of them."""

from __future__ import annotations

from openyun.operation import Call, Model, Request, Response
from openyun.region import REGIONS
from openyun.services.addresses import address


class Region(Model, kw_only=True):
    region_id: str
    region_endpoint: str
    local_name: str


class Regions(Model, kw_only=True):
    region: list[Region]


class DescribeRegionsRequest(Request, kw_only=True):
    accept_language: str = "zh-CN"


class DescribeRegionsResponse(Response, kw_only=True):
    regions: Regions


def answer(call: Call, code: str, accept_language: str) -> DescribeRegionsResponse:
    """`code` is the product's, whose endpoints are told."""
    return DescribeRegionsResponse(
        regions=Regions(
            region=[
                Region(
                    region_id=one.id,
                    region_endpoint=address(call, code, one.id),
                    local_name=one.name_in(accept_language),
                )
                for one in REGIONS
            ]
        )
    )
