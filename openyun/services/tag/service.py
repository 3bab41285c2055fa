"""Tag 2018-08-28: tags of all products' resources, named by their ARNs."""

from openyun.operation import Service

tag = Service(name="tag", product="Tag", version="2018-08-28", title="Tag")
