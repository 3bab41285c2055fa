"""The data path: bytes in, a typed operation in a transaction, bytes out.

bytes ─ HttpRequest ─ route.protocol_of ─ rpc | roa | oss ─ identify ─ parse ─ authorize ─ perform ─ render
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Awaitable, Callable

from openyun.errors import CloudError, InternalError, ServiceUnavailable
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
        """Values in an exception's text may be a customer's; the stack alone tells where it broke."""
        place = "".join(traceback.format_tb(problem.__traceback__))
        log.error("%s: %s\n%s", request.id, type(problem).__name__, place)
