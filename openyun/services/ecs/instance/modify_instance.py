"""What can be changed about an instance that exists."""

from __future__ import annotations

from openyun.errors import InvalidParameter
from openyun.operation import Call, Request, Response
from openyun.services.ecs import names
from openyun.services.ecs.errors import ChargeTypeViolation, IncorrectInstanceStatus
from openyun.services.ecs.instance import instances, launch, user_data
from openyun.services.ecs.instance.passwords import hashed
from openyun.services.ecs.network_interface import interfaces
from openyun.services.ecs.security_group import membership
from openyun.services.ecs.service import ecs


class ModifyInstanceAttributeRequest(Request, kw_only=True):
    """What is left out stays as it is."""

    instance_id: str
    instance_name: str | None = None
    description: str | None = None
    host_name: str | None = None
    password: str | None = None
    user_data: str | None = None
    deletion_protection: bool | None = None
    security_group_ids: list[str] = []
    credit_specification: str | None = None


@ecs.operation(resource="instance/{instance_id}", also=("securitygroup/{security_group_ids}",), before=hashed)
def modify_instance_attribute(call: Call, ask: ModifyInstanceAttributeRequest) -> Response:
    """A new hostname or password takes effect at the next start; new security groups at once. New user data is shown,
    and is not run: only the first boot runs any."""
    one = instances.find(call, ask.instance_id)
    if ask.instance_name:
        one.name = names.check_instance_name(ask.instance_name)
    if ask.description is not None:
        one.description = names.check_description(ask.description)
    if ask.host_name:
        one.hostname = names.check_host_name(ask.host_name)
        one.login_epoch += 1
    if ask.user_data is not None:
        one.sealed_user_data = user_data.sealed(call.cloud.vault, ask.user_data)
    if ask.deletion_protection is not None:
        if ask.deletion_protection:
            launch.check_protection(one.charge_type, one.spot_strategy)
        one.deletion_protection = ask.deletion_protection
    if ask.credit_specification is not None:
        if ask.credit_specification not in ("", "Standard", "Unlimited"):
            raise InvalidParameter(parameter="CreditSpecification")
        one.credit_specification = ask.credit_specification
    if ask.security_group_ids:
        membership.check_groups(call, ask.security_group_ids, one.vpc_id, one.v_switch_id)
        one.security_group_ids = ask.security_group_ids
        interfaces.put_into_groups(call.state, interfaces.find(call, one.network_interface_id), ask.security_group_ids)
        call.wake()
    if ask.password:
        if one.status in ("Pending", "Starting"):
            raise IncorrectInstanceStatus
        one.password_hash = call.prepared
        one.login_epoch += 1
    call.state.put(one)
    return Response()


class ModifyInstanceAutoReleaseTimeRequest(Request, kw_only=True):
    region_id: str
    instance_id: str
    auto_release_time: str = ""
    """empty: never"""


@ecs.operation(resource="instance/{instance_id}")
def modify_instance_auto_release_time(call: Call, ask: ModifyInstanceAutoReleaseTimeRequest) -> Response:
    one = instances.find(call, ask.instance_id)
    if one.charge_type != "PostPaid":
        raise ChargeTypeViolation
    one.auto_release_at = launch.release_time(call, ask.auto_release_time)
    call.state.put(one)
    return Response()


class ModifyInstanceMetadataOptionsRequest(Request, kw_only=True):
    region_id: str
    instance_id: str
    http_endpoint: str = ""
    http_tokens: str = ""
    http_put_response_hop_limit: int | None = None
    instance_metadata_tags: str = ""


@ecs.operation(resource="instance/{instance_id}")
def modify_instance_metadata_options(call: Call, ask: ModifyInstanceMetadataOptionsRequest) -> Response:
    one = instances.find(call, ask.instance_id)
    http_tokens = ask.http_tokens or one.http_tokens
    http_endpoint = ask.http_endpoint or one.http_endpoint
    launch.check_metadata_options(http_endpoint, http_tokens)
    one.http_endpoint, one.http_tokens = http_endpoint, http_tokens
    if ask.http_put_response_hop_limit is not None:
        if not 1 <= ask.http_put_response_hop_limit <= 64:
            raise InvalidParameter(parameter="HttpPutResponseHopLimit")
        one.hop_limit = ask.http_put_response_hop_limit
    if ask.instance_metadata_tags:
        if ask.instance_metadata_tags not in ("enabled", "disabled"):
            raise InvalidParameter(parameter="InstanceMetadataTags")
        one.metadata_tags = ask.instance_metadata_tags
    call.state.put(one)
    return Response()
