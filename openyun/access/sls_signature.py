"""The signatures of Simple Log Service: V1 (`LOG id:signature`, HMAC-SHA1 or HMAC-SHA256) and V4.

Pure functions, as those of `signature.py`. Which headers are signed is a rule and not said in the request: all of
x-log- and x-acs-, and with V4 also Host and Content-Type.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from urllib.parse import quote

V1 = "LOG "
V4 = "SLS4-HMAC-SHA256"
_PREFIXES = ("x-log-", "x-acs-")
_UNSIGNED = ("x-log-meta-",)


def v1_string_to_sign(method: str, path: str, pairs: Iterable[tuple[str, str]], headers: Mapping[str, str]) -> str:
    """Headers have lower-case names. Clients add X-Log-Date after they have signed, for proxies that take Date away."""
    three = "\n".join(headers.get(name, "") for name in ("content-md5", "content-type"))
    date = headers.get("date") or headers.get("x-log-date", "")
    named = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers) if _signed(name) and name != "x-log-date")
    query = "&".join(f"{name}={value}" for name, value in sorted(pairs))
    return f"{method}\n{three}\n{date}\n{named}{path}{'?' if query else ''}{query}"


def v4_string_to_sign(
    method: str, path: str, pairs: Iterable[tuple[str, str]], headers: Mapping[str, str], scope: str
) -> str:
    """`scope` is date/region/sls/aliyun_v4_request."""
    names = sorted(name for name in headers if _signed(name) or name in ("content-type", "host"))
    query = "&".join(f"{name}={quote(value, safe='~')}" if value else name for name, value in sorted(pairs))
    canonical = "\n".join(
        (
            method,
            path,
            query,
            "".join(f"{name}:{headers[name].strip()}\n" for name in names),
            ";".join(names),
            headers.get("x-log-content-sha256", ""),
        )
    )
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    return "\n".join((V4, headers.get("x-log-date", ""), scope, digest))


def v4_sign(secret: str, string_to_sign: str) -> str:
    """The key is made of the scope, which is the third line."""
    key = b"aliyun_v4" + secret.encode()
    for part in string_to_sign.split("\n")[2].split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.new(key, string_to_sign.encode(), hashlib.sha256).hexdigest()


def _signed(name: str) -> bool:
    return name.startswith(_PREFIXES) and not name.startswith(_UNSIGNED)
