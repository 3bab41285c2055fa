"""Access logs: where the log of a bucket's requests is written. `log_writing` writes it."""

from __future__ import annotations

from openyun.operation import Call, Model
from openyun.services.oss.bucket.configuration import DocumentRequest, Kind
from openyun.services.oss.bucket.configuration_errors import InvalidTargetBucketForLogging
from openyun.services.oss.errors import MalformedXML
from openyun.services.oss.records import Bucket
from openyun.services.oss.service import OssRequest, OssResponse, oss


class LoggingEnabled(Model, kw_only=True):
    target_bucket: str
    target_prefix: str = ""
    logging_role: str | None = None


class LoggingStatus(Model, kw_only=True):
    logging_enabled: LoggingEnabled | None = None


LOGGING = Kind("logging", "BucketLoggingStatus", LoggingStatus)


class PutBucketLoggingRequest(DocumentRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def put_bucket_logging(call: Call, ask: PutBucketLoggingRequest) -> OssResponse:
    wanted = LOGGING.read(ask.document).logging_enabled
    if wanted is None:
        LOGGING.delete(call, ask.bucket)
        return OssResponse()
    if len(wanted.target_prefix) > 32:
        raise MalformedXML
    target = call.state.get(Bucket, wanted.target_bucket)
    own = call.state.get(Bucket, ask.bucket)
    if target is None or (own is not None and target.account_id != own.account_id):
        # Not in this region, or not this account's.
        raise InvalidTargetBucketForLogging(TargetBucket=wanted.target_bucket)
    LOGGING.put(call, ask.bucket, LoggingStatus(logging_enabled=wanted))
    return OssResponse()


class GetBucketLoggingRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def get_bucket_logging(call: Call, ask: GetBucketLoggingRequest) -> OssResponse:
    return LOGGING.answer(LOGGING.find(call, ask.bucket))


class DeleteBucketLoggingRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def delete_bucket_logging(call: Call, ask: DeleteBucketLoggingRequest) -> OssResponse:
    LOGGING.delete(call, ask.bucket)
    return OssResponse(status=204)
