from __future__ import annotations

from openyun.operation import Service

location = Service(
    name="location", product="Location", version="2015-06-12", title="Location service: endpoints", is_global=True
)
