"""DescribeLaunchTemplateVersions."""

from __future__ import annotations

import base64

from openyun.operation import UNSET, Call, Model, Request, Response, Unset
from openyun.services.ecs.instance import user_data
from openyun.services.ecs.launch_template import templates
from openyun.services.ecs.launch_template.data import TemplateData, restored, told
from openyun.services.ecs.records import LaunchTemplate, LaunchTemplateVersion
from openyun.services.ecs.service import ecs
from openyun.services.paging import Paged, page_of


class VersionItem(Model, kw_only=True):
    launch_template_id: str
    launch_template_name: str
    version_number: int
    version_description: str
    default_version: bool
    create_time: str
    created_by: str
    modified_time: str
    launch_template_data: TemplateData | Unset = UNSET


class VersionItems(Model):
    launch_template_version_set: list[VersionItem]


class DescribeLaunchTemplateVersionsRequest(Paged, Request, kw_only=True):
    region_id: str
    launch_template_id: str = ""
    launch_template_name: str = ""
    launch_template_version: list[int] = []
    min_version: int | None = None
    max_version: int | None = None
    default_version: bool = False
    detail_flag: bool = True


class DescribeLaunchTemplateVersionsResponse(Response, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    launch_template_version_sets: VersionItems


@ecs.operation(resource="launchtemplate/{launch_template_id}")
def describe_launch_template_versions(
    call: Call, ask: DescribeLaunchTemplateVersionsRequest
) -> DescribeLaunchTemplateVersionsResponse:
    template = templates.find(call, ask.launch_template_id, ask.launch_template_name)
    found = [
        one
        for one in templates.versions(call, template)
        if (not ask.launch_template_version or one.number in ask.launch_template_version)
        and (ask.min_version is None or one.number >= ask.min_version)
        and (ask.max_version is None or one.number <= ask.max_version)
        and (not ask.default_version or one.number == template.default_version)
    ]
    return DescribeLaunchTemplateVersionsResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        launch_template_version_sets=VersionItems(
            [_item(call, template, one, detailed=ask.detail_flag) for one in page_of(ask, found)]
        ),
    )


def _item(call: Call, template: LaunchTemplate, one: LaunchTemplateVersion, *, detailed: bool) -> VersionItem:
    data: TemplateData | Unset = UNSET
    if detailed:
        raw = user_data.opened(call.cloud.vault, one)
        data = told(restored(one.data), one.data, base64.b64encode(raw).decode())
    return VersionItem(
        launch_template_id=template.id,
        launch_template_name=template.name,
        version_number=one.number,
        version_description=one.description,
        default_version=one.number == template.default_version,
        create_time=one.created_at,
        created_by=one.created_by,
        modified_time=one.modified_at,
        launch_template_data=data,
    )
