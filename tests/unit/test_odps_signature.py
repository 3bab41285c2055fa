"""MaxCompute's signatures, held against those that PyODPS makes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
import requests

from openyun.access.odps_signature import ExpiredRequest, SignatureNotMatch, Unauthorized, read_claim

accounts = pytest.importorskip("odps.accounts")

ENDPOINT = "http://127.0.0.1:8000/api"
PATHS = (
    "/projects/p/tables?expectmarker=true&name=",
    "/projects/p/tables/t?partitions&partition=pt%3D%27a%20b%27&curr_project=p",
    "/projects/p/instances/i?result",
    "/projects/p/tables/t?columns=a%2Cb&rowrange=%280%2C10%29&x-odps-more=%C3%A9",
)


def signed(path: str, region: str | None, secret: str = "secret") -> requests.PreparedRequest:
    headers = {"x-odps-user-agent": "test", "Content-Type": "application/xml", "X-Odps-Other": "1"}
    request = requests.Request("POST", ENDPOINT + path, headers=headers, data=b"x").prepare()
    accounts.CloudAccount("AK", secret).sign_request(request, ENDPOINT, region_name=region)
    return request


@pytest.mark.parametrize("region", [None, "cn-hangzhou"], ids=["v1", "v4"])
@pytest.mark.parametrize("path", PATHS)
def test_what_pyodps_signs_is_proven(path: str, region: str | None) -> None:
    request = signed(path, region)
    parts = urlsplit(str(request.url))
    headers = {str(name).lower(): str(value) for name, value in request.headers.items()}
    claim = read_claim("POST", parts.path.removeprefix("/api"), parts.query, headers, datetime.now(UTC))
    assert (claim.access_key_id, claim.region) == ("AK", region or "")
    claim.verify("secret")
    with pytest.raises(SignatureNotMatch):
        claim.verify("another")
    with pytest.raises(SignatureNotMatch):
        read_claim("GET", parts.path.removeprefix("/api"), parts.query, headers, datetime.now(UTC)).verify("secret")
    with pytest.raises(ExpiredRequest):
        read_claim("POST", parts.path, parts.query, headers, datetime.now(UTC) + timedelta(hours=1))


@pytest.mark.parametrize("authorization", ["", "ODPS", "ODPS AK", "ODPS AK/20260101/cn/odps:x", "acs AK:x"])
def test_what_is_no_signature_is_refused(authorization: str) -> None:
    headers = {"authorization": authorization, "date": "Sun, 22 Nov 2026 00:00:00 GMT"}
    with pytest.raises(Unauthorized):
        read_claim("GET", "/projects", "", headers, datetime(2026, 11, 22, tzinfo=UTC))
