"""URLs."""

from __future__ import annotations

_URL = (
    r"^(?:([a-zA-Z][\w+.-]*):)?(?://((?:([^/?#@]*)@)?(\[[^]]*\]|[^/?#:]*)(?::(\d+))?))?"
    r"([^?#]*)(?:\?([^#]*))?(?:#(.*))?$"
)
_PARTS = {
    "PROTOCOL": 1, "AUTHORITY": 2, "USERINFO": 3, "HOST": 4, "PORT": 5, "PATH": 6, "QUERY": 7, "REF": 8,
}  # fmt: skip
_CASES = " ".join(
    f"WHEN '{name}' THEN nullif(regexp_extract(u, '{_URL}', {group}), '')" for name, group in _PARTS.items()
)

MACROS = {
    # a blank is a plus, as in a form
    "url_encode": """
        (s) AS replace(replace(url_encode(s), '%20', '+'), '~', '%7E'),
        (s, charset) AS replace(replace(url_encode(s), '%20', '+'), '~', '%7E')""",
    "url_decode": "(s) AS url_decode(replace(s, '+', ' ')), (s, charset) AS url_decode(replace(s, '+', ' '))",
    "parse_url": f"""
        (u, part) AS CASE upper(part) {_CASES}
            WHEN 'FILE' THEN regexp_extract(u, '{_URL}', 6) || CASE WHEN regexp_extract(u, '{_URL}', 7) = '' THEN ''
                ELSE '?' || regexp_extract(u, '{_URL}', 7) END END,
        (u, part, name) AS nullif(regexp_extract('&' || regexp_extract(u, '{_URL}', 7),
            '&' || regexp_escape(name) || '=([^&]*)', 1), '')""",
}
