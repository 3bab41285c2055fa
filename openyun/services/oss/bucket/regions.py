"""DescribeRegions: where buckets can be, and at which addresses."""

from __future__ import annotations

from openyun.errors import NotFound
from openyun.operation import Call, Model
from openyun.region import REGIONS
from openyun.services.oss.bucket.buckets import endpoint, location
from openyun.services.oss.service import OssRequest, OssResponse, oss

ACCELERATE = "oss-accelerate.aliyuncs.com"


class NoSuchRegion(NotFound):
    """Fact: Region."""

    code = "NoSuchRegion"
    message = "The specified region does not exist."


class RegionInfo(Model, kw_only=True):
    region: str
    internet_endpoint: str
    internal_endpoint: str
    accelerate_endpoint: str = ACCELERATE


class RegionInfoList(Model, kw_only=True):
    region_info: list[RegionInfo]


class DescribeRegionsRequest(OssRequest, kw_only=True):
    regions: str = ""
    """one of them, as oss-cn-hangzhou; empty for all"""


@oss.operation()
def describe_regions(call: Call, ask: DescribeRegionsRequest) -> OssResponse:
    found = [one for one in REGIONS if ask.regions in ("", location(one.id))]
    if not found:
        raise NoSuchRegion(Region=ask.regions)
    infos = [
        RegionInfo(
            region=location(one.id),
            internet_endpoint=endpoint(one.id),
            internal_endpoint=endpoint(one.id, internal=True),
        )
        for one in found
    ]
    return OssResponse(root="RegionInfoList", document=RegionInfoList(region_info=infos))
