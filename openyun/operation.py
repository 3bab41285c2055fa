"""Operations: how a service declares what it can do.

    vpc = Service(name="vpc", product="Vpc", version="2016-04-28")

    class DeleteVpcRequest(Request):
        vpc_id: str

    @vpc.operation(resource="vpc/{vpc_id}")
    def delete_vpc(call: Call, ask: DeleteVpcRequest) -> Response: ...

The request class gives the operation its name, and its fields the parameters: `vpc_id` is VpcId on the wire, and a
field with no default is mandatory. An operation is a plain function inside a serializable transaction, which may run
more than once: no I/O, no clock, no dice but the call's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar, get_type_hints

import msgspec

from openyun.access.principal import Principal
from openyun.clock import random_text
from openyun.cloud import Cloud, RegionState
from openyun.errors import CloudError, ForbiddenRAM
from openyun.region import Region
from openyun.state import Transaction

UNSET = msgspec.UNSET
Unset = msgspec.UnsetType
"""`field: str | Unset = UNSET` in a response: left out of the answer unless set."""


class Model(msgspec.Struct, rename="pascal", kw_only=True):
    """A part of a request or response. Subclasses name kw_only=True again where fields without default follow."""


class Request(Model, kw_only=True):
    pass


class Response(Model, kw_only=True):
    """What an operation answers, beside the RequestId that the gateway adds."""


class Tag(Model, kw_only=True):
    key: str = ""
    value: str = ""


Page = Annotated[int, msgspec.Meta(ge=1)]

_READS = ("Describe", "List", "Get", "Query", "Check", "Head", "Preview")


class Call:
    """One call of an operation: who, where, when, and the transaction."""

    __slots__ = (
        *("account_id", "at", "cloud", "host", "prepared", "principal", "request_id", "secure", "source_ip", "state"),
        "_permit",
    )

    def __init__(
        self,
        *,
        cloud: Cloud,
        at: RegionState,
        principal: Principal,
        request_id: str,
        state: Transaction,
        source_ip: str = "127.0.0.1",
        host: str = "",
        secure: bool = False,
        prepared: Any = None,
        permit: Callable[[Call, Sequence[str]], None] | None = None,
    ) -> None:
        self.cloud = cloud
        self.at = at
        self.principal = principal
        self.account_id = principal.account_id
        self.request_id = request_id
        self.state = state
        self.source_ip = source_ip
        self.host = host
        """by which the cloud was asked, without port"""
        self.secure = secure
        self.prepared = prepared
        """what the operation's `before` made"""
        self._permit = permit

    @property
    def region(self) -> Region:
        return self.at.region

    @property
    def now(self) -> datetime:
        return self.cloud.clock.now()

    def new_id(self, prefix: str) -> str:
        """A resource id that tells its region, as the vendor's do: vpc-bp1 and 17 letters and digits."""
        return f"{prefix}-{self.region.id_code}{random_text(17)}"

    def demand(self, resources: Sequence[str]) -> None:
        """Raises the service's refusal unless the caller may do this operation with these too: what the request means
        but does not name, such as the instances that carry a tag."""
        if self.principal.kind == "root" or not resources:
            return
        if self._permit is None:
            raise ForbiddenRAM
        self._permit(self, resources)

    def wake(self) -> None:
        """Have the region's reconciler act as soon as this is committed."""
        self.state.after_commit(self.at.woken.set)


Function = Callable[[Call, Any], Response]
F = TypeVar("F", bound=Callable[..., Response])


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    service: Service
    function: Function
    request: type[Request]
    response: type[Response]
    resources: tuple[str, ...]
    """RAM resources below acs:<service>:<region>:<account>: with {field} for the request's fields; {field or caller}
    is the caller's own name where the request names none, and `vpc:` before a template another service's resource"""
    also: tuple[str, ...] = ()
    """the same, but only for what the request does name"""
    action: str
    """what a RAM policy calls it"""
    reads: bool
    """changes nothing: runs on a snapshot"""
    before: Callable[[Any], Any] | None = None
    """takes long and needs no state: runs on the request before the transaction, and its result is `call.prepared`"""
    path: str = ""
    """ROA: path with {field} segments"""
    method: str = ""
    """ROA: HTTP method"""

    def arns(self, region_id: str, account_id: str, ask: Request, caller: str = "") -> list[str]:
        """The resources this request is about; `*` stands for what the request does not name.

        A template that is a field named `..._arn` is about that very resource, whoever's it is."""
        named = [(one, text) for one in self.resources for text in expand(one, ask, caller)]
        named += [(one, text) for one in self.also for text in expand(one, ask, caller, unnamed="")]
        return [
            text if template.endswith("_arn}") else self.arn(region_id, account_id, text) for template, text in named
        ]

    def arn(self, region_id: str, account_id: str, resource: str) -> str:
        """Of `instance/i-1`, a resource of the operation's service; of `vpc:vswitch/vsw-1`, of another service."""
        service, _, rest = resource.partition(":") if resource.startswith(_OTHERS) else ("", "", resource)
        place = "*" if self.service.is_global else region_id
        return f"acs:{service or self.service.name}:{place}:{account_id}:{rest}"


def _hint(function: Callable[..., Any], name: str) -> Any:
    """What a parameter is declared to be. Mostly the plain name of a class: to have it evaluated for 500 operations
    took a twentieth of the start."""
    found = function.__globals__.get(function.__annotations__[name])
    return found if found is not None else get_type_hints(function)[name]


_FIELD = re.compile(r"\{(\w+)( or caller)?\}")
_OTHERS = ("cen:", "ecs:", "ram:", "vpc:")
"""services whose resources another one's operations use, as they stand in templates"""


def expand(template: str, ask: Request, caller: str = "", unnamed: str = "*") -> list[str]:
    """One text for each value of the one list that the template may name. Without `unnamed`, none for what the
    request does not name."""
    texts = [""]
    place = 0
    for field in _FIELD.finditer(template):
        value = getattr(ask, field[1]) or (caller if field[2] else "") or unnamed
        values = list(value) if isinstance(value, list | tuple) else [value]
        before = template[place : field.start()]
        texts = [f"{text}{before}{one or unnamed}" for text in texts for one in values if one or unnamed]
        place = field.end()
    return [text + template[place:] for text in texts]


class Service(msgspec.Struct, kw_only=True, eq=False):
    """A product: a name that RAM policies use, a product code, a version, and its operations."""

    name: str
    product: str
    version: str
    title: str = ""
    is_global: bool = False
    """one state for all regions, kept at home"""
    style: Literal["RPC", "ROA", "OSS", "SLS", "ODPS"] = "RPC"
    forbidden: type[CloudError] = ForbiddenRAM
    """what a call that no policy allows is told"""
    operations: dict[str, Operation] = msgspec.field(default_factory=dict)

    def operation(
        self,
        resource: str | tuple[str, ...] = "*",
        *,
        also: tuple[str, ...] = (),
        action: str = "",
        reads: bool | None = None,
        before: Callable[[Any], Any] | None = None,
        path: str = "",
        method: str = "",
    ) -> Callable[[F], F]:
        """Declare a function to be an operation, with the RAM resources that its caller must be allowed to use.

        `also` are resources that count only where the request names them; `action` is the RAM action where it is not
        the operation's own name; `reads` where the name does not tell; `before` is work that needs no state, such as
        making a key, and would hold up a transaction."""

        def declare(function: F) -> F:
            request, response = _hint(function, "ask"), _hint(function, "return")
            name = request.__name__.removesuffix("Request")
            self.operations[name] = Operation(
                name=name,
                service=self,
                function=function,
                request=request,
                response=response,
                resources=(resource,) if isinstance(resource, str) else resource,
                also=also,
                action=action or f"{self.name}:{name}",
                reads=name.startswith(_READS) if reads is None else reads,
                before=before,
                path=path,
                method=method,
            )
            return function

        return declare
