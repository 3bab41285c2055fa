"""ModifyImageSharePermission, DescribeImageSharePermission."""

from __future__ import annotations

from openyun.access.identity import Account
from openyun.clock import iso_seconds
from openyun.operation import Call, Model, Request, Response
from openyun.region import HOME
from openyun.services.ecs.errors import NotOffered
from openyun.services.ecs.service import ecs
from openyun.services.ecs.storage import errors, images
from openyun.services.ecs.storage.records import SharedImage
from openyun.services.paging import Paged, page_of

MOST_ACCOUNTS = 50
AT_ONCE = 10


class ModifyImageSharePermissionRequest(Request, kw_only=True):
    region_id: str
    image_id: str
    add_account: list[str] = []
    remove_account: list[str] = []
    is_public: bool | None = None
    launch_permission: str = ""
    dry_run: bool = False


@ecs.operation(resource="image/{image_id}")
def modify_image_share_permission(call: Call, ask: ModifyImageSharePermissionRequest) -> Response:
    if ask.is_public or ask.launch_permission:
        raise NotOffered(parameter="IsPublic" if ask.is_public else "LaunchPermission")
    found = images.own(call, ask.image_id)
    if found.status != "Available":
        raise errors.IncorrectImageStatus
    if max(len(ask.add_account), len(ask.remove_account)) > AT_ONCE:
        raise errors.TooManyAccounts(most=AT_ONCE)
    for account_id in ask.remove_account:
        found.shared_with.pop(account_id, None)
        call.state.delete(SharedImage(account_id=account_id, image_id=found.id))
    for account_id in ask.add_account:
        if not _exists(call, account_id) or account_id == call.account_id:
            raise errors.InvalidAccount(account_id=account_id)
        found.shared_with.setdefault(account_id, iso_seconds(call.now))
        call.state.put(SharedImage(account_id=account_id, image_id=found.id))
    if len(found.shared_with) > MOST_ACCOUNTS:
        raise errors.TooManyAccounts(most=MOST_ACCOUNTS)
    call.state.put(found)
    return Response()


def _exists(call: Call, account_id: str) -> bool:
    if call.region == HOME:
        return call.state.get(Account, account_id) is not None
    return call.cloud.identity(call.region.id, lambda state: state.get(Account, account_id)) is not None


class SharedAccount(Model, kw_only=True):
    aliyun_id: str
    shared_time: str


class Accounts(Model):
    account: list[SharedAccount]


class ShareGroup(Model, kw_only=True):
    group: str


class ShareGroups(Model):
    share_group: list[ShareGroup] = []


class DescribeImageSharePermissionRequest(Paged, Request, kw_only=True):
    region_id: str
    image_id: str


class DescribeImageSharePermissionResponse(Response, kw_only=True):
    region_id: str
    image_id: str
    page_number: int
    page_size: int
    total_count: int
    accounts: Accounts
    share_groups: ShareGroups


@ecs.operation(resource="image/{image_id}")
def describe_image_share_permission(
    call: Call, ask: DescribeImageSharePermissionRequest
) -> DescribeImageSharePermissionResponse:
    found = images.own(call, ask.image_id)
    several = [SharedAccount(aliyun_id=id, shared_time=at) for id, at in sorted(found.shared_with.items())]
    return DescribeImageSharePermissionResponse(
        region_id=call.region.id,
        image_id=found.id,
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(several),
        accounts=Accounts([*page_of(ask, several, most=100)]),
        share_groups=ShareGroups(),
    )
