"""DeletionProtection, one operation for several kinds of resources."""

from __future__ import annotations

from openyun.errors import InvalidParameter
from openyun.operation import Call, Request, Response
from openyun.services.vpc.eip import eips
from openyun.services.vpc.nat_gateway import nat_gateways
from openyun.services.vpc.service import vpc


class DeletionProtectionRequest(Request, kw_only=True):
    instance_id: str
    type: str
    protection_enable: bool
    client_token: str = ""


@vpc.operation(resource="{type}/{instance_id}")
def deletion_protection(call: Call, ask: DeletionProtectionRequest) -> Response:
    if ask.type.upper() == "EIP":
        eip = eips.find(call, ask.instance_id)
        eip.deletion_protection = ask.protection_enable
        call.state.put(eip)
    elif ask.type.upper() == "NATGW":
        gateway = nat_gateways.find(call, ask.instance_id)
        gateway.deletion_protection = ask.protection_enable
        call.state.put(gateway)
    else:
        raise InvalidParameter(parameter="Type")
    return Response()
