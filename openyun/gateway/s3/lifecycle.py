"""Lifecycle rules: S3 puts into a filter what OSS puts beside it."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, SubElement

from openyun.gateway.s3 import words as s3_words
from openyun.gateway.s3.errors import S3NotImplemented
from openyun.services.oss import xml
from openyun.services.oss.errors import MalformedXML

_TIMES = {"Days": "Days", "Date": "CreatedBeforeDate", "NoncurrentDays": "NoncurrentDays"}
_BACK = {there: here for here, there in _TIMES.items()}
_SIZES = ("ObjectSizeGreaterThan", "ObjectSizeLessThan")
_ACTIONS = ("Expiration", "Transition", "NoncurrentVersionExpiration", "NoncurrentVersionTransition")


def to_oss(root: Element) -> Element:
    """Raises MalformedXML, S3NotImplemented, InvalidStorageClass."""
    made = Element("LifecycleConfiguration")
    for rule in root.findall("Rule"):
        one = SubElement(made, "Rule")
        if name := xml.text_of(rule, "ID"):
            SubElement(one, "ID").text = name
        _filter(rule, one)
        SubElement(one, "Status").text = xml.text_of(rule, "Status")
        for action in rule:
            if action.tag in _ACTIONS:
                _action(action, SubElement(one, action.tag))
            elif action.tag == "AbortIncompleteMultipartUpload":
                days = SubElement(SubElement(one, "AbortMultipartUpload"), "Days")
                days.text = xml.text_of(action, "DaysAfterInitiation")
            elif action.tag not in ("ID", "Filter", "Prefix", "Status"):
                raise MalformedXML
    return made


def _filter(rule: Element, one: Element) -> None:
    found = rule.find("Filter")
    if found is not None and found.find("And") is not None:
        found = found.find("And")
    SubElement(one, "Prefix").text = xml.text_of(rule if found is None else found, "Prefix")
    if found is None:
        return
    for tag in found.findall("Tag"):
        made = SubElement(one, "Tag")
        SubElement(made, "Key").text = xml.text_of(tag, "Key")
        SubElement(made, "Value").text = xml.text_of(tag, "Value")
    sizes = [child for child in found if child.tag in _SIZES]
    if sizes:
        SubElement(one, "Filter").extend(sizes)


def _action(action: Element, made: Element) -> None:
    for child in action:
        if child.tag in _TIMES:
            SubElement(made, _TIMES[child.tag]).text = child.text
        elif child.tag == "StorageClass":
            SubElement(made, "StorageClass").text = s3_words.storage_class((child.text or "").strip())
        elif child.tag == "ExpiredObjectDeleteMarker":
            SubElement(made, child.tag).text = child.text
        else:
            raise S3NotImplemented(feature=f"{child.tag} of a lifecycle rule")


def to_s3(content: dict[str, Any]) -> dict[str, Any]:
    return {"Rule": [_shown(rule) for rule in content.get("Rule") or []]}


def _shown(rule: dict[str, Any]) -> dict[str, Any]:
    tags = rule.get("Tag") or []
    inner: dict[str, Any] = {"Prefix": rule.get("Prefix") or None}
    inner |= {name: (rule.get("Filter") or {}).get(name) for name in _SIZES}
    inner = {name: value for name, value in inner.items() if value is not None}
    if tags:
        inner["Tag"] = tags
    several = len(inner) - bool(tags) + len(tags) > 1
    shown: dict[str, Any] = {
        "ID": rule.get("ID"),
        "Filter": {"And": inner} if several else inner or {"Prefix": ""},
        "Status": rule.get("Status"),
    }
    for name in _ACTIONS:
        found = rule.get(name)
        if found:
            shown[name] = [_shown_action(one) for one in (found if isinstance(found, list) else [found])]
    aborted = rule.get("AbortMultipartUpload") or {}
    if aborted.get("Days") is not None:
        shown["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": aborted["Days"]}
    return shown


def _shown_action(action: dict[str, Any]) -> dict[str, Any]:
    shown = {_BACK.get(name, name): value for name, value in action.items() if value is not None}
    if "StorageClass" in shown:
        shown["StorageClass"] = s3_words.s3_storage_class(shown["StorageClass"])
    known = {*_TIMES, "StorageClass", "ExpiredObjectDeleteMarker"}
    return {name: value for name, value in shown.items() if name in known}
