"""Regions as the Tag product tells of them."""

from __future__ import annotations

from openyun.operation import Call
from openyun.services import told_regions
from openyun.services.tag.service import tag
from openyun.services.told_regions import DescribeRegionsRequest, DescribeRegionsResponse


@tag.operation()
def describe_regions(call: Call, ask: DescribeRegionsRequest) -> DescribeRegionsResponse:
    return told_regions.answer(call, "tag", ask.accept_language)
