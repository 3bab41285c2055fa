"""What names and texts may be."""

from __future__ import annotations

import re

from openyun.access import policy
from openyun.access.policy import MalformedPolicy
from openyun.services.ram.errors import InvalidChars, InvalidFormat, InvalidLength, MalformedPolicyDocument

_USER_NAME = re.compile(r"[A-Za-z0-9._-]*")
_ROLE_NAME = re.compile(r"[A-Za-z0-9.-]*")
_POLICY_NAME = re.compile(r"[A-Za-z0-9-]*")
_DISPLAY_NAME = re.compile(r"[\w@.-]*")
_MOBILE_PHONE = re.compile(r"[0-9]{1,4}-[0-9]{4,20}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

_LONGEST_POLICY = 6144
_LONGEST_TRUST_POLICY = 4096


def check_user_name(name: str, parameter: str = "UserName") -> None:
    _check(parameter, name, _USER_NAME, longest=64)


def check_group_name(name: str, parameter: str = "GroupName") -> None:
    _check(parameter, name, _USER_NAME, longest=64)


def check_role_name(name: str) -> None:
    _check("RoleName", name, _ROLE_NAME, longest=64)


def check_policy_name(name: str) -> None:
    _check("PolicyName", name, _POLICY_NAME, longest=128)


def check_display_name(name: str, parameter: str = "DisplayName") -> None:
    if name:
        _check(parameter, name, _DISPLAY_NAME, longest=128)


def check_mobile_phone(number: str, parameter: str = "MobilePhone") -> None:
    """86-18600008888: country, hyphen, number; or nothing."""
    if number and not _MOBILE_PHONE.fullmatch(number):
        raise InvalidFormat(parameter)


def check_email(address: str, parameter: str = "Email") -> None:
    if address and (len(address) > 256 or not _EMAIL.fullmatch(address)):
        raise InvalidFormat(parameter)


def check_length(text: str, parameter: str, longest: int) -> None:
    if len(text) > longest:
        raise InvalidLength(parameter)


def check_policy_document(document: str) -> None:
    _check_document(document, "PolicyDocument", _LONGEST_POLICY, trust=False)


def check_trust_policy(document: str, parameter: str = "AssumeRolePolicyDocument") -> None:
    _check_document(document, parameter, _LONGEST_TRUST_POLICY, trust=True)


def _check(parameter: str, name: str, pattern: re.Pattern[str], *, longest: int) -> None:
    if not pattern.fullmatch(name):
        raise InvalidChars(parameter)
    if not 1 <= len(name) <= longest:
        raise InvalidLength(parameter)


def _check_document(document: str, parameter: str, longest: int, *, trust: bool) -> None:
    check_length(document, parameter, longest)
    try:
        (policy.parse_trust if trust else policy.parse)(document)
    except MalformedPolicy as malformed:
        raise MalformedPolicyDocument(reason=malformed.reason) from None
