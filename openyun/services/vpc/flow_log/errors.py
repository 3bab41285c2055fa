"""What flow logs are refused with."""

from __future__ import annotations

from openyun.errors import BadRequest, Conflict, NotFound


class FlowLogNotFound(NotFound):
    code = "InstanceNotExist.FlowlogId"
    message = "The specified flow log {flow_log_id} does not exist."


class ResourceNotFound(NotFound):
    code = "ResourceNotFound.ResourceId"
    message = "The specified resource {resource_id} is not found."


class ProjectOrLogstoreNotExist(NotFound):
    code = "ProjectOrLogstoreNotExist"
    message = "The specified project {project} or logstore {logstore} does not exist."


class FlowLogExists(Conflict):
    code = "InstanceExist.ResourceId"
    message = "The specified resource {resource_id} has a flow log of this traffic type already."


class QuotaExceededFlowLog(BadRequest):
    code = "QuotaExceeded.FlowLog"
    message = "An account has at most {most} flow logs in a region."


class IllegalParam(BadRequest):
    code = "IllegalParam.{parameter}"
    message = "The specified {parameter} is not valid."

    def __init__(self, parameter: str) -> None:
        super().__init__(parameter=parameter)
        self.code = f"IllegalParam.{parameter}"


class IncorrectStatusFlowLog(BadRequest):
    code = "IncorrectStatus.flowlog"
    message = "The specified flow log {flow_log_id} is {status} already."
