"""Documents of S3 in OSS's words, and back: most are the same but for ETags, storage classes and the namespace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

import msgspec

from openyun.gateway.s3 import lifecycle as s3_lifecycle
from openyun.gateway.s3 import policy as s3_policy
from openyun.gateway.s3 import words as s3_words
from openyun.gateway.s3.errors import MalformedAcl, S3NotImplemented
from openyun.operation import Model
from openyun.services.oss import xml
from openyun.services.oss.errors import MalformedXML

_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
_EVERYBODY = "http://acs.amazonaws.com/groups/global/AllUsers"
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"

# In


def _creation(root: Element) -> Element:
    """us-east-1 is the region that S3 never names: here it stands for the default one."""
    if root.tag != "CreateBucketConfiguration":
        raise MalformedXML
    for child in root:
        if child.tag != "LocationConstraint":
            raise S3NotImplemented(feature=f"{child.tag} of CreateBucket")
    made = Element("CreateBucketConfiguration")
    wanted = xml.text_of(root, "LocationConstraint").strip()
    if wanted not in ("", "us-east-1"):
        SubElement(made, "LocationConstraint").text = f"oss-{wanted.removeprefix('oss-')}"
    return made


def _completion(root: Element) -> Element:
    """Checksums of parts were verified as they came."""
    made = Element(root.tag)
    for part in root.findall("Part"):
        one = SubElement(made, "Part")
        SubElement(one, "PartNumber").text = xml.text_of(part, "PartNumber")
        SubElement(one, "ETag").text = s3_words.etag(xml.text_of(part, "ETag"))
    return made


def _cors(root: Element) -> Element:
    for rule in root.findall("CORSRule"):
        for name in rule.findall("ID"):
            rule.remove(name)
    return root


def _versioning(root: Element) -> Element:
    for child in root.findall("MfaDelete"):
        if (child.text or "").strip() != "Disabled":
            raise S3NotImplemented(feature="MFA Delete")
        root.remove(child)
    return root


def _restoring(root: Element) -> Element:
    for child in list(root):
        if child.tag == "GlacierJobParameters":
            child.tag = "JobParameters"
        elif child.tag not in ("Days", "Tier"):
            raise S3NotImplemented(feature=f"{child.tag} of RestoreObject")
    return root


def _encryption(root: Element) -> Element:
    rules = root.findall("Rule/ApplyServerSideEncryptionByDefault")
    if root.tag != "ServerSideEncryptionConfiguration" or len(rules) != 1:
        raise MalformedXML
    made = Element("ServerSideEncryptionRule")
    inner = SubElement(made, "ApplyServerSideEncryptionByDefault")
    SubElement(inner, "SSEAlgorithm").text = s3_words.encryption(xml.text_of(rules[0], "SSEAlgorithm"))
    if key := xml.text_of(rules[0], "KMSMasterKeyID"):
        SubElement(inner, "KMSMasterKeyID").text = key
    return made


def _public_access(root: Element) -> Element:
    """S3 has four switches where OSS has one: all on, or all off."""
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    values = {xml.text_of(root, name, "false").strip().lower() for name in names}
    if len(values) != 1:
        raise S3NotImplemented(feature="A public access block in parts")
    made = Element("PublicAccessBlockConfiguration")
    SubElement(made, "BlockPublicAccess").text = values.pop()
    return made


def _object_lock(root: Element) -> Element:
    if root.tag != "ObjectLockConfiguration":
        raise MalformedXML
    root.tag = "ObjectWormConfiguration"
    for child in root.findall("ObjectLockEnabled"):
        child.tag = "ObjectWormEnabled"
    return root


def _acceleration(root: Element) -> Element:
    if root.tag != "AccelerateConfiguration":
        raise MalformedXML
    made = Element("TransferAccelerationConfiguration")
    SubElement(made, "Enabled").text = str(xml.text_of(root, "Status") == "Enabled").lower()
    return made


_REWORDINGS: dict[tuple[str, str], Callable[[Element], Element]] = {
    ("PUT", "cors"): _cors,
    ("PUT", "encryption"): _encryption,
    ("PUT", "objectWorm"): _object_lock,
    ("PUT", "lifecycle"): s3_lifecycle.to_oss,
    ("PUT", "publicAccessBlock"): _public_access,
    ("PUT", "transferAcceleration"): _acceleration,
    ("PUT", "versioning"): _versioning,
    ("POST", "restore"): _restoring,
    ("POST", "uploadId"): _completion,
}


def rewording(method: str, level: str, features: frozenset[str]) -> Callable[[bytes], bytes] | None:
    """What makes S3's document OSS's; None where they are the same, or there is none."""
    if method == "PUT" and "policy" in features:
        return s3_policy.to_oss
    if method == "PUT" and level == "bucket" and not features:
        change: Callable[[Element], Element] | None = _creation
    else:
        change = next((_REWORDINGS[method, name] for name in features if (method, name) in _REWORDINGS), None)
    if change is None:
        return None
    chosen = change

    def reworded(body: bytes) -> bytes:
        """Raises MalformedXML."""
        return tostring(chosen(xml.parse(body)), "utf-8") if body else b""

    return reworded


def canned_acl(body: bytes) -> str:
    """The canned ACL that a list of grants comes to. Raises MalformedXML, MalformedAcl, S3NotImplemented."""
    root = xml.parse(body)
    if root.tag != "AccessControlPolicy":
        raise MalformedAcl
    owner = xml.text_of(root, "Owner/ID")
    everybody = set()
    for grant in root.findall("AccessControlList/Grant"):
        permission = xml.text_of(grant, "Permission")
        if xml.text_of(grant, "Grantee/URI") == _EVERYBODY:
            everybody.add(permission)
        elif xml.text_of(grant, "Grantee/ID") != owner or permission != "FULL_CONTROL":
            raise S3NotImplemented(feature="An ACL that names anyone but the owner and everybody")
    canned = {(): "private", ("READ",): "public-read", ("READ", "WRITE"): "public-read-write"}
    found = canned.get(tuple(sorted(everybody)))
    if found is None:
        raise S3NotImplemented(feature="An ACL that grants more than reading and writing")
    return found


# Out


def nothing(root: str) -> bytes:
    """The document that says that there is nothing."""
    return _with_namespace(root, xml.render(root, {"IsTruncated": False} if root.startswith("List") else {}))


def _none_but_ours(root: str, content: dict[str, Any]) -> None:
    """Raises S3NotImplemented for what there is, and has no words in S3."""
    names = {"ListInventoryConfigurationsResult": "InventoryConfiguration", "ReplicationConfiguration": "Rule"}
    if content.get(names.get(root, "")):
        raise S3NotImplemented(feature=f"{root} of what OSS's clients configured")


_LISTED = frozenset(
    """
    CommonPrefixes Contents DeleteMarker NextContinuationToken NextKeyMarker NextMarker NextVersionIdMarker Version
    """.split()  # noqa: SIM905  names as they are read, not as a list is written
)
"""of listings"""


def render(root: str, document: Model | str, more: dict[str, str] | None = None, *, empty: bool = False) -> bytes:
    """With `more` elements; of a listing, nothing of what was listed if it is to be `empty`."""
    if root == "LocationConstraint":
        return _with_namespace(root, xml.render(root, str(document).removeprefix("oss-")))
    content: dict[str, Any] = {**msgspec.to_builtins(document), **(more or {})}
    if empty:
        content = {name: value for name, value in content.items() if name not in _LISTED}
        content |= {"MaxKeys": 0, "IsTruncated": False} | ({"KeyCount": 0} if "KeyCount" in content else {})
    _none_but_ours(root, content)
    if root == "TransferAccelerationConfiguration":
        root = "AccelerateConfiguration"
        content = {"Status": "Enabled" if content["Enabled"] else "Suspended"}
    if root == "AccessControlPolicy":
        return _grants(content)
    if root == "ListAllMyBucketsResult":
        content = _buckets(content)
    elif root == "LifecycleConfiguration":
        content = s3_lifecycle.to_s3(content)
    elif root == "ServerSideEncryptionRule":
        root, content = "ServerSideEncryptionConfiguration", _shown_encryption(content)
    elif root == "ObjectWormConfiguration":
        root = "ObjectLockConfiguration"
        content = {"ObjectLockEnabled": content["ObjectWormEnabled"], "Rule": content.get("Rule")}
    elif root == "PublicAccessBlockConfiguration":
        content = _shown_public_access(content)
    else:
        _reword(content)
    return _with_namespace(root, xml.render(root, content))


def has_no_tags(document: Model | str) -> bool:
    return not msgspec.to_builtins(document)["TagSet"].get("Tag")


def _with_namespace(root: str, body: bytes) -> bytes:
    return body.replace(f"<{root}>".encode(), f'<{root} xmlns="{_NAMESPACE}">'.encode(), 1)


def _reword(fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        if isinstance(value, dict):
            _reword(value)
        elif isinstance(value, list):
            for one in value:
                if isinstance(one, dict):
                    _reword(one)
        elif name == "ETag" and value:
            fields[name] = s3_words.s3_etag(value)
        elif name == "StorageClass" and value:
            fields[name] = s3_words.s3_storage_class(value)
        elif name == "Type":
            fields[name] = None  # of an object, which S3 does not tell


def _buckets(content: dict[str, Any]) -> dict[str, Any]:
    shown = {
        "Bucket": [
            {"Name": one["Name"], "CreationDate": one["CreationDate"], "BucketRegion": one["Region"]}
            for one in content["Buckets"]["Bucket"]
        ]
    }
    return {
        "Owner": content["Owner"],
        "Buckets": shown,
        "Prefix": content.get("Prefix"),
        "ContinuationToken": content.get("NextMarker"),
    }


def _shown_encryption(content: dict[str, Any]) -> dict[str, Any]:
    inner = content.get("ApplyServerSideEncryptionByDefault", content)
    shown = {
        "SSEAlgorithm": s3_words.s3_encryption(inner["SSEAlgorithm"]),
        "KMSMasterKeyID": inner.get("KMSMasterKeyID") or None,
    }
    return {"Rule": [{"ApplyServerSideEncryptionByDefault": shown, "BucketKeyEnabled": False}]}


def _shown_public_access(content: dict[str, Any]) -> dict[str, Any]:
    blocked = content["BlockPublicAccess"]
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    return dict.fromkeys(names, blocked)


def _grants(content: dict[str, Any]) -> bytes:
    """A grantee's type is an attribute, so this one document is built as a tree."""
    root = Element("AccessControlPolicy", {"xmlns": _NAMESPACE})
    owner = SubElement(root, "Owner")
    SubElement(owner, "ID").text = content["Owner"]["ID"]
    SubElement(owner, "DisplayName").text = content["Owner"]["DisplayName"]
    grants = SubElement(root, "AccessControlList")
    acl = content["AccessControlList"]["Grant"]
    everybody = {"public-read": ["READ"], "public-read-write": ["READ", "WRITE"]}.get(acl, [])
    for permission in ["FULL_CONTROL", *everybody]:
        grant = SubElement(grants, "Grant")
        kind = "CanonicalUser" if permission == "FULL_CONTROL" else "Group"
        grantee = SubElement(grant, "Grantee", {"xmlns:xsi": _INSTANCE, "xsi:type": kind})
        if kind == "Group":
            SubElement(grantee, "URI").text = _EVERYBODY
        else:
            SubElement(grantee, "ID").text = content["Owner"]["ID"]
            SubElement(grantee, "DisplayName").text = content["Owner"]["DisplayName"]
        SubElement(grant, "Permission").text = permission
    body: bytes = tostring(root, "utf-8", xml_declaration=True)
    return body
