"""Server-side encryption: which algorithm and key the objects of a bucket get where their upload names none."""

from __future__ import annotations

from uuid import UUID, uuid5

import msgspec

from openyun.operation import Call, Model
from openyun.services.oss.bucket.configuration import DocumentRequest, Kind
from openyun.services.oss.bucket.configuration_errors import InvalidEncryptionAlgorithm, NoSuchServerSideEncryptionRule
from openyun.services.oss.errors import InvalidArgument
from openyun.services.oss.records import Bucket, Object
from openyun.services.oss.service import OssRequest, OssResponse, oss
from openyun.state import Transaction

ALGORITHMS = ("AES256", "KMS", "SM4")
_KEYS = UUID("6d1a8c4e-3b52-5f0d-9c77-0f5e2a9b4d10")


class EncryptionDefault(Model, kw_only=True):
    sse_algorithm: str = msgspec.field(name="SSEAlgorithm")
    kms_master_key_id: str | None = msgspec.field(name="KMSMasterKeyID", default=None)
    kms_data_encryption: str | None = msgspec.field(name="KMSDataEncryption", default=None)


class EncryptionRule(Model, kw_only=True):
    apply_server_side_encryption_by_default: EncryptionDefault


ENCRYPTION = Kind("encryption", "ServerSideEncryptionRule", EncryptionRule, NoSuchServerSideEncryptionRule)


class PutBucketEncryptionRequest(DocumentRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def put_bucket_encryption(call: Call, ask: PutBucketEncryptionRequest) -> OssResponse:
    ENCRYPTION.put(call, ask.bucket, checked(ENCRYPTION.read(ask.document).apply_server_side_encryption_by_default))
    return OssResponse()


def checked(wanted: EncryptionDefault) -> EncryptionRule:
    """Raises InvalidEncryptionAlgorithm, InvalidArgument."""
    if wanted.sse_algorithm not in ALGORITHMS:
        raise InvalidEncryptionAlgorithm
    wanted.kms_master_key_id = wanted.kms_master_key_id or None
    if wanted.sse_algorithm != "KMS":
        wanted.kms_data_encryption = None  # it says nothing there, and the vendor drops it
        if wanted.kms_master_key_id:
            raise InvalidArgument(
                reason="KMSMasterKeyID goes with KMS only.",
                ArgumentName="KMSMasterKeyID",
                ArgumentValue=wanted.kms_master_key_id,
            )
    wanted.kms_data_encryption = wanted.kms_data_encryption or None
    if wanted.kms_data_encryption not in (None, "AES256", "SM4"):
        raise InvalidArgument(
            reason="KMSDataEncryption must be SM4.",
            ArgumentName="KMSDataEncryption",
            ArgumentValue=wanted.kms_data_encryption,
        )
    return EncryptionRule(apply_server_side_encryption_by_default=wanted)


class GetBucketEncryptionRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def get_bucket_encryption(call: Call, ask: GetBucketEncryptionRequest) -> OssResponse:
    return ENCRYPTION.answer(ENCRYPTION.find(call, ask.bucket))


class DeleteBucketEncryptionRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def delete_bucket_encryption(call: Call, ask: DeleteBucketEncryptionRequest) -> OssResponse:
    ENCRYPTION.delete(call, ask.bucket)
    return OssResponse(status=204)


def encrypt(state: Transaction, bucket: Bucket, made: Object, algorithm: str, key_id: str, data_algorithm: str) -> None:
    """Say of a new object how it is encrypted: as its upload asks, or else as its bucket does. Raises
    InvalidEncryptionAlgorithm, InvalidArgument."""
    if algorithm:
        wanted = EncryptionDefault(
            sse_algorithm=algorithm, kms_master_key_id=key_id or None, kms_data_encryption=data_algorithm or None
        )
        rule = checked(wanted).apply_server_side_encryption_by_default
    else:
        held = ENCRYPTION.of(state, bucket)
        if held is None:
            return
        rule = held.apply_server_side_encryption_by_default
    made.encryption = rule.sse_algorithm
    if made.encryption == "KMS":
        made.encryption_key_id = rule.kms_master_key_id or default_key(bucket.account_id)
        made.data_encryption = rule.kms_data_encryption or ""


def default_key(account_id: str) -> str:
    """The id of the key that an account has for OSS without asking for one."""
    return str(uuid5(_KEYS, account_id))


def encryption_headers(one: Object) -> dict[str, str]:
    """What answers tell of an encrypted object."""
    given = {
        "x-oss-server-side-encryption": one.encryption,
        "x-oss-server-side-encryption-key-id": one.encryption_key_id,
        "x-oss-server-side-data-encryption": one.data_encryption,
    }
    return {name: value for name, value in given.items() if value}
