"""Which operation a request means, by its method, its path and the names in its query."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import unquote

from openyun.errors import CloudError
from openyun.operation import Operation, Service
from openyun.services.maxcompute.errors import MethodNotAllowed

_ENDPOINT = "/api"
_SCHEMA = re.compile(r"(/projects/[^/]+)/schemas/([^/]+)(/(?:tables|resources|registration/functions)(?:/.*)?)")


def below_endpoint(path: str) -> str:
    """What follows the endpoint, which is `http://host/api`, or, of a tunnel, `http://host`."""
    return path.removeprefix(_ENDPOINT) if path == _ENDPOINT or path.startswith(f"{_ENDPOINT}/") else path


class Routes:
    def __init__(self, services: Iterable[Service]) -> None:
        self._routes: list[tuple[str, re.Pattern[str], frozenset[str], Operation]] = []
        for service in services:
            for operation in service.operations.values():
                path, _, query = operation.path.partition("?")
                pattern = re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path)))
                names = frozenset(query.split("&")) if query else frozenset()
                self._routes.append((operation.method, pattern, names, operation))
        # A partition is named in requests of many kinds, so it tells least.
        self._routes.sort(key=lambda route: (len(route[2]), "partition" not in route[2]), reverse=True)

    def find(self, method: str, path: str, query: Sequence[tuple[str, str]]) -> tuple[Operation, dict[str, str]]:
        """And the fields that the path names. Raises MethodNotAllowed."""
        given = {name for name, _ in query}
        path = path.replace("registration%2Ffunctions", "registration/functions")  # as PyODPS writes it
        schema = _SCHEMA.fullmatch(path)
        if schema:
            path = schema[1] + schema[3]
        for wanted, pattern, names, operation in self._routes:
            if wanted == method and names <= given and (found := pattern.fullmatch(path.rstrip("/"))):
                named = {name: unquote(value) for name, value in found.groupdict().items()}
                return operation, {**named, **({"curr_schema": unquote(schema[2])} if schema else {})}
        problem: CloudError = MethodNotAllowed(method=method, path=path)
        raise problem
