"""ECS 2014-05-26: instances and what they need."""

from openyun.operation import Service

ecs = Service(name="ecs", product="Ecs", version="2014-05-26", title="Elastic Compute Service")
