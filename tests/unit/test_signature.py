"""Our signatures against the official SDKs' own signing functions, for any text that a client may send."""

from __future__ import annotations

from types import SimpleNamespace
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from alibabacloud_tea_openapi.utils import Utils as Tea
from aliyunsdkcore.auth.composer import roa_signature_composer, rpc_signature_composer
from hypothesis import given
from hypothesis import strategies as st

from openyun.access.signature import (
    V3,
    Claim,
    matches,
    roa_string_to_sign,
    rpc_secret,
    rpc_string_to_sign,
    sign,
    v3_authorization,
    v3_string_to_sign,
)
from openyun.gateway.http import pairs_of

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NAME = st.from_regex(r"[A-Z][A-Za-z0-9]{0,8}(\.[0-9]{1,2}(\.[A-Z][a-z]{0,4})?)?", fullmatch=True)
PARAMETERS = st.dictionaries(NAME, TEXT, max_size=8)
SECRET = st.text("abcXYZ0189", min_size=1, max_size=30)
METHOD = st.sampled_from(["GET", "POST", "PUT", "DELETE"])
HEADER_VALUE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=12).map(str.strip)
"""spaces at its ends are lost on the wire, so no client can mean them"""
HEADERS = st.dictionaries(st.from_regex(r"x-acs-[a-z]{1,8}", fullmatch=True), HEADER_VALUE, max_size=4)


def wire(parameters: dict[str, str]) -> list[tuple[str, str]]:
    """What arrives, once a client has put the parameters into a query and the gateway has read them."""
    return pairs_of(urlencode(parameters))


@given(parameters=PARAMETERS, secret=SECRET, method=METHOD)
def test_v1_is_what_the_tea_sdk_signs(parameters: dict[str, str], secret: str, method: str) -> None:
    ours = sign(rpc_secret(secret), "HMAC-SHA1", rpc_string_to_sign(method, dict(wire(parameters))))
    assert ours == Tea.get_rpcsignature(parameters, method, secret)


@given(query=PARAMETERS, form=PARAMETERS, secret=SECRET, method=METHOD)
def test_v1_is_what_the_old_core_signs(query: dict[str, str], form: dict[str, str], secret: str, method: str) -> None:
    url, their_string = rpc_signature_composer.get_signed_url(dict(query), "ak", secret, "JSON", method, form)
    given = {**dict(pairs_of(urlsplit(url).query)), **dict(wire(form))}
    our_string = rpc_string_to_sign(method, given)
    assert our_string == their_string
    claim = Claim(
        access_key_id=given["AccessKeyId"],
        signature=given["Signature"],
        string_to_sign=our_string,
        algorithm=given["SignatureMethod"],
    )
    assert matches(rpc_secret(secret), claim)
    assert not matches(rpc_secret(secret + "x"), claim)


@given(
    query=PARAMETERS,
    headers=HEADERS,
    secret=SECRET,
    method=METHOD,
    path=st.sampled_from(["/", "/clusters", "/clusters/c%20d/nodes"]),
    payload=st.sampled_from(["e3b0c442", "0" * 64]),
)
def test_v3_is_what_the_tea_sdk_signs(
    query: dict[str, str], headers: dict[str, str], secret: str, method: str, path: str, payload: str
) -> None:
    headers = {**headers, "host": "ecs.aliyuncs.com", "x-acs-date": "2026-01-02T03:04:05Z"}
    request = SimpleNamespace(method=method, pathname=path, query=query, headers=headers)
    fields = v3_authorization(Tea.get_authorization(request, V3, payload, "LTAI5tKey", secret))
    string = v3_string_to_sign(method, path, wire(query), headers, fields["SignedHeaders"], payload)
    assert fields["Credential"] == "LTAI5tKey"
    assert sign(secret, V3, string) == fields["Signature"]


@given(query=PARAMETERS, headers=HEADERS, secret=SECRET, method=METHOD)
def test_roa_v1_is_what_the_tea_sdk_signs(
    query: dict[str, str], headers: dict[str, str], secret: str, method: str
) -> None:
    headers = {**headers, "accept": "application/json", "date": "Fri, 02 Jan 2026 03:04:05 GMT"}
    request = SimpleNamespace(method=method, pathname="/a/b", query=query, headers=headers)
    theirs = Tea.get_string_to_sign(request)
    ours = roa_string_to_sign(method, "/a/b", wire(query), headers)
    assert ours == theirs
    assert sign(secret, "HMAC-SHA1", ours) == Tea.get_roasignature(ours, secret)


@given(query=st.dictionaries(NAME, TEXT.filter(bool), max_size=5), secret=SECRET, method=METHOD)
def test_roa_v1_is_what_the_old_core_signs(query: dict[str, str], secret: str, method: str) -> None:
    headers: dict[str, str] = {"x-acs-version": "2015-12-15", "Content-Type": "application/json"}
    signature, their_string = roa_signature_composer.get_signature(
        dict(query), "ak", secret, "JSON", headers, "/clusters/[Id]", {"Id": "c-1"}, method
    )
    lower = {name.lower(): value for name, value in headers.items()}
    ours = roa_string_to_sign(method, "/clusters/c-1", wire(query), lower)
    assert ours == their_string
    assert sign(secret, "HMAC-SHA1", ours) == signature


@given(parameters=PARAMETERS, secret=SECRET, name=NAME, value=TEXT)
def test_any_change_of_a_parameter_breaks_the_signature(
    parameters: dict[str, str], secret: str, name: str, value: str
) -> None:
    claim = Claim(
        access_key_id="ak",
        signature=Tea.get_rpcsignature(parameters, "GET", secret),
        string_to_sign=rpc_string_to_sign("GET", {**parameters, name: value}),
        algorithm="HMAC-SHA1",
    )
    assert matches(rpc_secret(secret), claim) == (parameters.get(name) == value)


@pytest.mark.parametrize("header", ["", "ACS3-HMAC-SHA256", "ACS3-HMAC-SHA256 ,,=,", "ACS3-HMAC-SHA256 Credential"])
def test_a_broken_authorization_header_has_no_fields(header: str) -> None:
    fields = v3_authorization(header)
    assert not all(fields.get(name) for name in ("Credential", "SignedHeaders", "Signature"))


RAW_QUERY = st.text(st.sampled_from("aé%+&=;2fF0\0 "), max_size=20)


@given(RAW_QUERY)
def test_a_query_is_read_as_python_reads_it(text: str) -> None:
    """Ours is only quicker."""
    assert pairs_of(text) == parse_qsl(text, keep_blank_values=True, errors="replace")
