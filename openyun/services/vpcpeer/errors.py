"""What the vendor says of peering connections."""

from __future__ import annotations

from openyun.errors import BadRequest


class ConnectionNotFound(BadRequest):
    code = "ResourceNotFound.InstanceId"
    message = "The specified resource of {instance_id} is not found."


class RequesterNotFound(BadRequest):
    code = "ResourceNotFound.VpcId"
    message = "The specified resource of {vpc_id} is not found."


class AccepterNotFound(BadRequest):
    code = "ResourceNotFound.AcceptingVpcId"
    message = "The specified resource of {vpc_id} is not found."


class IncorrectRequester(BadRequest):
    code = "IncorrectStatus.Vpc"
    message = "The status of Vpc [{vpc_id}] is incorrect."


class IncorrectAccepter(BadRequest):
    code = "IncorrectStatus.AcceptingVpc"
    message = "The status of AcceptingVpc [{vpc_id}] is incorrect."


class IncorrectStatus(BadRequest):
    code = "IncorrectStatus.VpcPeer"
    message = "The status of VpcPeer [{instance_id}] is incorrect."


class IllegalParameter(BadRequest):
    """`IllegalParam.` and the parameter's name."""

    message = "The param of {parameter} is illegal."

    def __init__(self, parameter: str) -> None:
        super().__init__(parameter=parameter)
        self.code = f"IllegalParam.{parameter}"


class ConnectionExists(BadRequest):
    code = "ResourceAlreadyExist.VpcPeer"
    message = "The specified VPCs are connected already, by {instance_id}."


class QuotaExceededVpc(BadRequest):
    code = "QuotaExceeded.VpcPeerCountPerVpc"
    message = "VPC peering connection quota exceeded: a VPC has at most {most}."


class QuotaExceededRegion(BadRequest):
    code = "QuotaExceeded.VpcPeerCountPerUserPerRegion"
    message = "VPC peering connection quota exceeded: an account has at most {most} in a region."
