"""OpenYun: an open-source cloud that speaks Alibaba Cloud's language."""

__version__ = "0.1.0"
