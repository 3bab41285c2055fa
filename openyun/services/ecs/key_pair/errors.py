"""Errors about key pairs. Codes are the vendor's."""

from __future__ import annotations

from openyun.errors import BadRequest, Forbidden


class InvalidKeyPairName(BadRequest):
    code = "InvalidKeyPairName.Malformed"
    message = "Specified Key Pair name is not valid."


class KeyPairAlreadyExist(BadRequest):
    code = "KeyPair.AlreadyExist"
    message = "The key pair already exist."


class KeyPairNameNotFound(BadRequest):
    code = "InvalidKeyPairName.NotFound"
    message = "The specified KeyPairName does not exist in our records."


class InvalidPublicKeyBody(BadRequest):
    code = "InvalidPublicKeyBody.Malformed"
    message = "The PublicKeyBody format is not supported."


class QuotaExceedKeyPair(Forbidden):
    code = "QuotaExceed.KeyPair"
    message = "The key pair quota exceeds."


class InvalidKeyPairNames(BadRequest):
    code = "InvalidKeyPairNames.ValueNotSupported"
    message = "The specified parameter KeyPairNames is not valid."


class InvalidInstanceIds(BadRequest):
    code = "InvalidInstanceIds.ValueNotSupported"
    message = "The specified parameter InstanceIds is not valid."
