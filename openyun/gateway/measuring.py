"""Counts the requests of a protocol, by operation and outcome. OSS and S3 count for themselves, by bucket."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from time import perf_counter

from openyun import metrics
from openyun.errors import CloudError, InternalError, ServiceUnavailable
from openyun.gateway.http import ClientGone, HttpRequest, HttpResponse
from openyun.state import StateError

Answer = Callable[[HttpRequest], Awaitable[HttpResponse]]


def measured(answer: Answer, protocol: str) -> Answer:
    """The same, and its time and outcome noted."""

    async def timed(request: HttpRequest) -> HttpResponse:
        started = perf_counter()
        status, code = InternalError.status, InternalError.code
        try:
            response = await answer(request)
            status, code = response.status, ""
            return response
        except ClientGone:
            status, code = 499, "ClientGone"
            raise
        except CloudError as problem:
            status, code = problem.status, problem.code
            raise
        except StateError:
            status, code = ServiceUnavailable.status, ServiceUnavailable.code
            raise
        finally:
            labels = (request.product or protocol, request.operation, str(status), code)
            metrics.REQUESTS.note(labels, perf_counter() - started)

    return timed
