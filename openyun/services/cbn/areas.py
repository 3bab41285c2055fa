"""Areas of the world, between which bandwidth packages are sold."""

from __future__ import annotations

from openyun.operation import Call, Model, Request, Response
from openyun.region import REGIONS
from openyun.services.cbn.errors import IllegalParameter
from openyun.services.cbn.service import cbn
from openyun.services.paging import Paged, page_of

AREAS = ("China", "Asia-Pacific", "Europe", "North-America", "Australia", "Middle-East")

_BY_PREFIX = {"cn": "China", "ap": "Asia-Pacific", "eu": "Europe", "us": "North-America", "me": "Middle-East"}
_OTHERWISE = {"cn-hongkong": "Asia-Pacific", "ap-southeast-2": "Australia"}


def area_of(region_id: str) -> str:
    return _OTHERWISE.get(region_id) or _BY_PREFIX[region_id.partition("-")[0]]


def check_area(text: str, parameter: str) -> str:
    """Its name as it is spelt. Raises IllegalParameter."""
    found = next((one for one in AREAS if one.lower() == text.lower()), None)
    if found is None:
        raise IllegalParameter(parameter)
    return found


def check_region(region_id: str, parameter: str) -> str:
    if all(region.id != region_id for region in REGIONS):
        raise IllegalParameter(parameter)
    return region_id


def span(areas: list[str]) -> str:
    """The id of a pair of areas."""
    return "_".join(sorted(area.lower() for area in areas))


class Span(Model, kw_only=True):
    geographic_span_id: str
    local_geo_region_id: str
    opposite_geo_region_id: str


class Spans(Model, kw_only=True):
    geographic_span_model: list[Span]


class DescribeCenGeographicSpansRequest(Paged, Request, kw_only=True):
    geographic_span_id: str = ""


class DescribeCenGeographicSpansResponse(Response, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    geographic_span_models: Spans


@cbn.operation(action="cen:DescribeCenGeographicSpans")
def describe_cen_geographic_spans(
    call: Call, ask: DescribeCenGeographicSpansRequest
) -> DescribeCenGeographicSpansResponse:
    pairs = [(one, other) for at, one in enumerate(AREAS) for other in AREAS[at:]]
    found = [pair for pair in pairs if ask.geographic_span_id in ("", span([*pair]))]
    return DescribeCenGeographicSpansResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        geographic_span_models=Spans(
            geographic_span_model=[
                Span(
                    geographic_span_id=span([one, other]),
                    local_geo_region_id=one.lower(),
                    opposite_geo_region_id=other.lower(),
                )
                for one, other in page_of(ask, found)
            ]
        ),
    )
