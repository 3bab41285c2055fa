"""Console passwords and MFA devices: nobody has any here, and who asks is told so.

Tools that look at or clear away a user (Terraform with `force`, security scanners) ask for both and expect this answer.
"""

from __future__ import annotations

from typing import NoReturn

import msgspec

from openyun.operation import Call, Model, Request, Response
from openyun.services.ram import users
from openyun.services.ram.errors import LoginProfileNotExist, MFADeviceNotExist
from openyun.services.ram.service import ram


class GetLoginProfileRequest(Request, kw_only=True):
    user_name: str


@ram.operation(resource="user/{user_name}")
def get_login_profile(call: Call, ask: GetLoginProfileRequest) -> Response:
    _no_login_profile(call, ask.user_name)


class DeleteLoginProfileRequest(Request, kw_only=True):
    user_name: str


@ram.operation(resource="user/{user_name}")
def delete_login_profile(call: Call, ask: DeleteLoginProfileRequest) -> Response:
    _no_login_profile(call, ask.user_name)


class GetUserMFAInfoRequest(Request, kw_only=True):
    user_name: str


@ram.operation(resource="user/{user_name}")
def get_user_mfa_info(call: Call, ask: GetUserMFAInfoRequest) -> Response:
    _no_mfa_device(call, ask.user_name)


class UnbindMFADeviceRequest(Request, kw_only=True):
    user_name: str


@ram.operation(resource="user/{user_name}")
def unbind_mfa_device(call: Call, ask: UnbindMFADeviceRequest) -> Response:
    _no_mfa_device(call, ask.user_name)


class ListVirtualMFADevicesRequest(Request, kw_only=True):
    pass


class VirtualMFADevice(Model, kw_only=True):
    serial_number: str


class _VirtualMFADevices(Model, kw_only=True):
    virtual_mfa_device: list[VirtualMFADevice] = msgspec.field(name="VirtualMFADevice")


class ListVirtualMFADevicesResponse(Response, kw_only=True):
    virtual_mfa_devices: _VirtualMFADevices = msgspec.field(name="VirtualMFADevices")


@ram.operation(resource="mfa/*")
def list_virtual_mfa_devices(call: Call, ask: ListVirtualMFADevicesRequest) -> ListVirtualMFADevicesResponse:
    return ListVirtualMFADevicesResponse(virtual_mfa_devices=_VirtualMFADevices(virtual_mfa_device=[]))


def _no_login_profile(call: Call, user_name: str) -> NoReturn:
    users.find(call, user_name)
    raise LoginProfileNotExist


def _no_mfa_device(call: Call, user_name: str) -> NoReturn:
    users.find(call, user_name)
    raise MFADeviceNotExist
