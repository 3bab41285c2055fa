"""Launch templates: named, with numbered versions of what RunInstances should do."""

from __future__ import annotations

import re

import msgspec

from openyun.clock import iso_seconds
from openyun.errors import MissingParameter
from openyun.operation import Call, Model, Request, Response, Tag
from openyun.services.ecs import errors, names, tags
from openyun.services.ecs.instance import user_data
from openyun.services.ecs.launch_template.data import TemplateFields, stored
from openyun.services.ecs.launch_template.errors import (
    DefaultVersionStays,
    InvalidName,
    InvalidVersionDescription,
    NameDuplicated,
    TemplateNotFound,
    TooManyTemplates,
    TooManyVersions,
    VersionNotFound,
)
from openyun.services.ecs.records import LaunchTemplate, LaunchTemplateVersion
from openyun.services.ecs.service import ecs
from openyun.services.paging import Paged, page_of
from openyun.services.tags import TagFields, carries, shown
from openyun.services.vpc.vpcs import default_resource_group

MOST_TEMPLATES = 30
"""of an account in a region"""
MOST_VERSIONS = 30
"""of a template"""
_NAME = re.compile(r"[^\W\d_][\w:.-]{1,127}")


# What RunInstances asks.


def find(call: Call, template_id: str, name: str) -> LaunchTemplate:
    """By its id, else by its name. Raises TemplateNotFound."""
    if template_id:
        found = call.state.get(LaunchTemplate, template_id)
        if found is not None and found.account_id == call.account_id and name in ("", found.name):
            return found
    elif name:
        for one in call.state.find(LaunchTemplate, account_id=call.account_id, name=name):
            return one
    else:
        raise MissingParameter(parameter="LaunchTemplateId")
    raise TemplateNotFound(template=template_id or name)


def find_version(call: Call, template: LaunchTemplate, number: int | None) -> LaunchTemplateVersion:
    """The default version where no number is given. Raises VersionNotFound."""
    wanted = number or template.default_version
    found = call.state.get(LaunchTemplateVersion, template.id, wanted)
    if found is None:
        raise VersionNotFound(version=wanted)
    return found


def versions(call: Call, template: LaunchTemplate) -> list[LaunchTemplateVersion]:
    """The newest first."""
    return call.state.find(LaunchTemplateVersion, template_id=template.id)[::-1]


# CreateLaunchTemplate, CreateLaunchTemplateVersion


class CreateLaunchTemplateRequest(TemplateFields, kw_only=True):
    region_id: str
    launch_template_name: str
    version_description: str = ""
    template_resource_group_id: str = ""
    template_tag: list[Tag] = []


class CreateLaunchTemplateResponse(Response, kw_only=True):
    launch_template_id: str
    launch_template_version_number: int


@ecs.operation(resource="launchtemplate/*")
def create_launch_template(call: Call, ask: CreateLaunchTemplateRequest) -> CreateLaunchTemplateResponse:
    if not _NAME.fullmatch(ask.launch_template_name):
        raise InvalidName
    if call.state.find(LaunchTemplate, account_id=call.account_id, name=ask.launch_template_name):
        raise NameDuplicated(name=ask.launch_template_name)
    if call.state.count(LaunchTemplate, account_id=call.account_id) >= MOST_TEMPLATES:
        raise TooManyTemplates(most=MOST_TEMPLATES)
    now = iso_seconds(call.now)
    made = LaunchTemplate(
        id=call.new_id("lt"),
        account_id=call.account_id,
        name=ask.launch_template_name,
        created_by=call.principal.id,
        created_at=now,
        modified_at=now,
        resource_group_id=ask.template_resource_group_id or default_resource_group(call),
        tags=tags.rules.checked(ask.template_tag),
    )
    call.state.insert(made)
    call.state.insert(_version(call, made, ask, ask.version_description))
    return CreateLaunchTemplateResponse(launch_template_id=made.id, launch_template_version_number=1)


class CreateLaunchTemplateVersionRequest(TemplateFields, kw_only=True):
    region_id: str
    launch_template_id: str = ""
    launch_template_name: str = ""
    version_description: str = ""


class CreateLaunchTemplateVersionResponse(Response, kw_only=True):
    launch_template_id: str
    launch_template_version_number: int


@ecs.operation(resource="launchtemplate/{launch_template_id}")
def create_launch_template_version(
    call: Call, ask: CreateLaunchTemplateVersionRequest
) -> CreateLaunchTemplateVersionResponse:
    template = find(call, ask.launch_template_id, ask.launch_template_name)
    if len(versions(call, template)) >= MOST_VERSIONS:
        raise TooManyVersions(most=MOST_VERSIONS)
    template.latest_version += 1
    template.modified_at = iso_seconds(call.now)
    made = _version(call, template, ask, ask.version_description)
    call.state.insert(made)
    call.state.put(template)
    return CreateLaunchTemplateVersionResponse(
        launch_template_id=template.id, launch_template_version_number=made.number
    )


def _version(call: Call, template: LaunchTemplate, ask: TemplateFields, description: str) -> LaunchTemplateVersion:
    """What it says about instances is checked when instances are made: what it names may not exist yet."""
    if ask.ipv6_address_count:
        raise errors.NotOffered(parameter="Ipv6AddressCount")
    try:
        names.check_description(description)
    except errors.InvalidDescription:
        raise InvalidVersionDescription from None
    tags.rules.checked(ask.tag)
    now = iso_seconds(call.now)
    return LaunchTemplateVersion(
        template_id=template.id,
        number=template.latest_version,
        description=description,
        data=stored(ask),
        sealed_user_data=user_data.sealed(call.cloud.vault, ask.user_data),
        created_by=call.principal.id,
        created_at=now,
        modified_at=now,
    )


# DescribeLaunchTemplates


class TemplateItem(Model, kw_only=True):
    launch_template_id: str
    launch_template_name: str
    default_version_number: int
    latest_version_number: int
    create_time: str
    created_by: str
    modified_time: str
    resource_group_id: str
    tags: TagFields


class TemplateItems(Model):
    launch_template_set: list[TemplateItem]


class DescribeLaunchTemplatesRequest(Paged, Request, kw_only=True):
    region_id: str
    launch_template_id: list[str] = []
    launch_template_name: list[str] = []
    template_resource_group_id: str = ""
    template_tag: list[Tag] = []


class DescribeLaunchTemplatesResponse(Response, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    launch_template_sets: TemplateItems


@ecs.operation(resource="launchtemplate/{launch_template_id}")
def describe_launch_templates(call: Call, ask: DescribeLaunchTemplatesRequest) -> DescribeLaunchTemplatesResponse:
    found = [
        one
        for one in call.state.find(LaunchTemplate, account_id=call.account_id)
        if (not ask.launch_template_id or one.id in ask.launch_template_id)
        and (not ask.launch_template_name or one.name in ask.launch_template_name)
        and ask.template_resource_group_id in ("", one.resource_group_id)
        and carries(one.tags, ask.template_tag)
    ]
    found.sort(key=lambda one: (one.created_at, one.id), reverse=True)
    return DescribeLaunchTemplatesResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        launch_template_sets=TemplateItems([_item(one) for one in page_of(ask, found)]),
    )


def _item(one: LaunchTemplate) -> TemplateItem:
    return TemplateItem(
        launch_template_id=one.id,
        launch_template_name=one.name,
        default_version_number=one.default_version,
        latest_version_number=one.latest_version,
        create_time=one.created_at,
        created_by=one.created_by,
        modified_time=one.modified_at,
        resource_group_id=one.resource_group_id,
        tags=shown(one.tags),
    )


# ModifyLaunchTemplateDefaultVersion, DeleteLaunchTemplate, DeleteLaunchTemplateVersion


class ModifyLaunchTemplateDefaultVersionRequest(Request, kw_only=True):
    region_id: str
    launch_template_id: str = ""
    launch_template_name: str = ""
    default_version_number: int


class ModifyLaunchTemplateDefaultVersionResponse(Response, kw_only=True):
    launch_template_id: str


@ecs.operation(resource="launchtemplate/{launch_template_id}")
def modify_launch_template_default_version(
    call: Call, ask: ModifyLaunchTemplateDefaultVersionRequest
) -> ModifyLaunchTemplateDefaultVersionResponse:
    template = find(call, ask.launch_template_id, ask.launch_template_name)
    template.default_version = find_version(call, template, ask.default_version_number).number
    template.modified_at = iso_seconds(call.now)
    call.state.put(template)
    return ModifyLaunchTemplateDefaultVersionResponse(launch_template_id=template.id)


class VersionNumbers(Model):
    version_numbers: list[int] = msgspec.field(name="versionNumbers")


class DeleteLaunchTemplateRequest(Request, kw_only=True):
    region_id: str
    launch_template_id: str = ""
    launch_template_name: str = ""


class DeleteLaunchTemplateResponse(Response, kw_only=True):
    launch_template_id: str
    launch_template_version_numbers: VersionNumbers


@ecs.operation(resource="launchtemplate/{launch_template_id}")
def delete_launch_template(call: Call, ask: DeleteLaunchTemplateRequest) -> DeleteLaunchTemplateResponse:
    """With all its versions. Instances that were made from it live on."""
    template = find(call, ask.launch_template_id, ask.launch_template_name)
    gone = versions(call, template)
    for one in gone:
        call.state.delete(one)
    call.state.delete(template)
    return DeleteLaunchTemplateResponse(
        launch_template_id=template.id,
        launch_template_version_numbers=VersionNumbers([one.number for one in reversed(gone)]),
    )


class DeletedVersion(Model, kw_only=True):
    launch_template_id: str
    launch_template_version_number: int


class DeletedVersions(Model):
    launch_template_version: list[DeletedVersion]


class DeleteLaunchTemplateVersionRequest(Request, kw_only=True):
    region_id: str
    launch_template_id: str = ""
    launch_template_name: str = ""
    delete_version: list[int]


class DeleteLaunchTemplateVersionResponse(Response, kw_only=True):
    launch_template_versions: DeletedVersions


@ecs.operation(resource="launchtemplate/{launch_template_id}")
def delete_launch_template_version(
    call: Call, ask: DeleteLaunchTemplateVersionRequest
) -> DeleteLaunchTemplateVersionResponse:
    """All or none; never the default one."""
    template = find(call, ask.launch_template_id, ask.launch_template_name)
    if template.default_version in ask.delete_version:
        raise DefaultVersionStays
    gone = [find_version(call, template, number) for number in dict.fromkeys(ask.delete_version)]
    for one in gone:
        call.state.delete(one)
    return DeleteLaunchTemplateVersionResponse(
        launch_template_versions=DeletedVersions(
            [DeletedVersion(launch_template_id=template.id, launch_template_version_number=one.number) for one in gone]
        )
    )
