"""multipart/form-data, read as it comes: the small fields first, then the file, which never lies in memory."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from email.message import Message
from typing import ClassVar

from openyun.engine.blob import Bytes
from openyun.errors import BadRequest
from openyun.gateway.http import HttpRequest
from openyun.gateway.oss.request import Target
from openyun.services.oss.errors import InvalidArgument

_MOST_FIELDS = 256 * 1024
"""bytes of all fields before the file"""
_MOST_AFTER = 64 * 1024
"""bytes that may follow the file"""


class MalformedForm(BadRequest):
    code = "MalformedPOSTRequest"
    message = "The body of your POST request is not well-formed multipart/form-data."
    ec: ClassVar[str] = "0032-00000001"


class FormTooLarge(BadRequest):
    code = "FieldItemTooLong"
    message = "Your POST request fields preceding the upload file were too large."
    ec: ClassVar[str] = "0032-00000002"


class NotOneFile(BadRequest):
    code = "IncorrectNumberOfFilesInPOSTRequest"
    message = "POST requires exactly one file upload per request."
    ec: ClassVar[str] = "0032-00000003"


class Form:
    """`read_fields` first, then `file` to its end."""

    def __init__(self, content_type: str, body: AsyncIterator[Bytes]) -> None:
        """Raises MalformedForm."""
        header = Message()
        header["content-type"] = content_type
        boundary = header.get_param("boundary")
        if not isinstance(boundary, str) or not 1 <= len(boundary) <= 256:
            raise MalformedForm
        self._delimiter = b"\r\n--" + boundary.encode("latin-1", "replace")
        self._body = body
        self._held = b"\r\n"
        """read and not yet used; the first delimiter may lack its line break"""
        self.fields: dict[str, str] = {}
        """names in lower case"""
        self.file_name = ""

    async def read_fields(self) -> None:
        """Up to the file. Raises MalformedForm, FormTooLarge, NotOneFile."""
        await self._until(self._delimiter, _MOST_FIELDS)
        read = 0
        while True:
            if await self._is_end():
                raise NotOneFile
            head = await self._until(b"\r\n\r\n", 16 * 1024)
            name, file_name, content_type = _describe(head)
            if name == "file":
                self.file_name = file_name
                if content_type:
                    self.fields.setdefault("content-type", content_type)
                return
            value = await self._until(self._delimiter, _MOST_FIELDS)
            read += len(head) + len(value)
            if read > _MOST_FIELDS:
                raise FormTooLarge
            self.fields[name] = value.decode("utf-8", "replace")

    async def file(self) -> AsyncIterator[bytes]:
        """The file's bytes. Raises MalformedForm if the form ends before the file does."""
        keep = len(self._delimiter) - 1
        while True:
            found = self._held.find(self._delimiter)
            if found >= 0:
                data, self._held = self._held[:found], self._held[found + len(self._delimiter) :]
                if data:
                    yield data
                break
            if len(self._held) > keep:
                data, self._held = self._held[:-keep], self._held[-keep:]
                yield data
            await self._more()
        after = 0
        async for chunk in self._body:
            after += len(chunk)
            if after > _MOST_AFTER:
                raise MalformedForm

    async def _until(self, mark: bytes, most: int) -> bytes:
        """What comes before this mark, which is taken too."""
        searched = 0
        while (found := self._held.find(mark, searched)) < 0:
            if len(self._held) > most:
                raise FormTooLarge
            searched = max(0, len(self._held) - len(mark))
            await self._more()
        data, self._held = self._held[:found], self._held[found + len(mark) :]
        return data

    async def _is_end(self) -> bool:
        """After a delimiter: two hyphens end the form, a line break begins the next part."""
        while len(self._held) < 2:
            await self._more()
        return self._held.startswith(b"--")

    async def _more(self) -> None:
        async for chunk in self._body:
            self._held += chunk
            return
        raise MalformedForm


def is_form(request: HttpRequest, target: Target) -> bool:
    """Whether this is an upload by a form: to the bucket, with no function asked for."""
    if request.method != "POST" or not target.bucket or target.key or request.raw_query:
        return False
    return request.headers.get("content-type", "").lower().startswith("multipart/form-data")


def form_target(target: Target, form: Form) -> Target:
    """With the key that the form names. Raises InvalidArgument."""
    key = form.fields.get("key", "").replace("${filename}", form.file_name)
    if not key:
        raise InvalidArgument(
            reason="Bucket POST must contain a field named 'key'.", ArgumentName="key", ArgumentValue=""
        )
    return Target(target.bucket, key, target.region_id)


_PARAMETER = re.compile(r'(name|filename)="((?:[^"\\]|\\.)*)"|(name|filename)=([^;\s]+)', re.IGNORECASE)


def _describe(head: bytes) -> tuple[str, str, str]:
    """Name in lower case, file name and type of a part. Raises MalformedForm."""
    name = file_name = content_type = ""
    for line in head.decode("utf-8", "replace").split("\r\n"):
        header, _, value = line.partition(":")
        if header.strip().lower() == "content-type":
            content_type = value.strip()
        if header.strip().lower() != "content-disposition":
            continue
        for quoted, text, plain, token in _PARAMETER.findall(value):
            found = text if quoted else token
            if (quoted or plain).lower() == "name":
                name = found
            else:
                file_name = found
    if not name:
        raise MalformedForm
    return name.lower(), file_name.replace("\\", "/").rpartition("/")[2], content_type
