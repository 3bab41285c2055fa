"""VPC 2016-04-28: private networks, their vSwitches and route tables."""

from openyun.operation import Service

vpc = Service(name="vpc", product="Vpc", version="2016-04-28", title="Virtual Private Cloud")
