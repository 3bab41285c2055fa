"""The data path: bytes in, a typed operation in a transaction, bytes out.

bytes ─ HttpRequest ─ route.protocol_of ─ rpc | roa | oss ─ identify ─ parse ─ authorize ─ perform ─ render
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from openyun.errors import CloudError, InternalError, ServiceUnavailable, where_it_broke
from openyun.gateway.http import ClientGone, HttpRequest, HttpResponse
from openyun.gateway.route import Protocol, protocol_of
from openyun.state import StateError

log = logging.getLogger("openyun.gateway")

Answer = Callable[[HttpRequest], Awaitable[HttpResponse]]
RenderError = Callable[[HttpRequest, CloudError], HttpResponse]


class Gateway:
    """`protocols` says who answers each protocol, and how it words an error."""

    def __init__(self, protocols: dict[Protocol, tuple[Answer, RenderError]]) -> None:
        self._protocols = protocols

    async def answer(self, request: HttpRequest) -> HttpResponse:
        """Raises ClientGone."""
        answer, render_error = self._protocols[protocol_of(request)]
        try:
            response = await answer(request)
            if "expect" in request.headers and not request.begun:
                # Who was never told to go on sends no body: its next request would be taken for it.
                response.headers = {**response.headers, "Connection": "close"}
            return response
        except ClientGone:
            raise
        except CloudError as problem:
            return render_error(request, problem)
        except StateError as problem:
            log.error("%s: %s", request.id, problem)  # noqa: TRY400  # the text says it; the stack says no more
            return render_error(request, ServiceUnavailable())
        except Exception as problem:
            self.broke(request, problem)
            return render_error(request, InternalError())

    def broke(self, request: HttpRequest, problem: Exception) -> None:
        log.error("%s: %s", request.id, where_it_broke(problem))
