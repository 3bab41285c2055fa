"""Cloud boxes: the vendor's object store in a customer's own rack. This cloud is one as a whole, and has none."""

from __future__ import annotations

from openyun.operation import Call, Model
from openyun.services.oss.paging import check_page
from openyun.services.oss.service import OssRequest, OssResponse, Owner, oss


class ListCloudBoxesRequest(OssRequest, kw_only=True):
    prefix: str = ""
    marker: str = ""
    max_keys: int = 100


class CloudBoxes(Model, kw_only=True):
    pass


class ListCloudBoxResult(Model, kw_only=True):
    prefix: str
    marker: str
    max_keys: int
    is_truncated: bool = False
    owner: Owner
    cloud_boxes: CloudBoxes


@oss.operation()
def list_cloud_boxes(call: Call, ask: ListCloudBoxesRequest) -> OssResponse:
    check_page(ask.max_keys)
    listed = ListCloudBoxResult(
        prefix=ask.prefix,
        marker=ask.marker,
        max_keys=ask.max_keys,
        owner=Owner(id=call.account_id, display_name=call.account_id),
        cloud_boxes=CloudBoxes(),
    )
    return OssResponse(root="ListCloudBoxResult", document=listed)
