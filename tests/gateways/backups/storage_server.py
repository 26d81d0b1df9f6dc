"""A stand-in for Supabase Storage, as far as backups use it: answers and refusals as documented."""

from dataclasses import dataclass, field
from typing import Any, cast

import httpx
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

URL = "http://storage.test"
KEY = "sb_secret_storage"
BUCKET = "backups"
OK = 200
MOST = 1_000
"""Names in one answer, whatever is asked for."""

_OBJECTS = "/storage/v1/object"


@dataclass
class StorageServer:
    """One bucket. Whatever else is asked for is refused as Storage refuses it."""

    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    status: int = OK
    """What it answers to everything, once it is another."""

    def transport(self) -> httpx.ASGITransport:
        """The way to it."""
        return httpx.ASGITransport(
            Starlette(
                routes=[
                    Route(f"{_OBJECTS}/list/{{bucket}}", self._list, methods=["POST"]),
                    Route(f"{_OBJECTS}/{{bucket}}", self._remove, methods=["DELETE"]),
                    Route(f"{_OBJECTS}/{{bucket}}/{{path:path}}", self._upload, methods=["POST"]),
                    Route(f"{_OBJECTS}/{{bucket}}/{{path:path}}", self._download),
                ]
            )
        )

    async def _list(self, request: Request) -> Response:
        if refused := self._refused(request):
            return refused
        asked = await request.json()
        prefix = f"{asked['prefix']}/" if asked["prefix"] else ""
        inside = [name.removeprefix(prefix) for name in self.files if name.startswith(prefix)]
        names = sorted({name.split("/")[0] for name in inside})
        first = int(asked["offset"])
        page = names[first : first + min(int(asked["limit"]), MOST)]
        whole = {name for name in inside if "/" not in name}
        return JSONResponse([{"name": n, "id": n if n in whole else None} for n in page])

    async def _upload(self, request: Request) -> Response:
        if refused := self._refused(request):
            return refused
        path = request.path_params["path"]
        if path in self.files and request.headers.get("x-upsert") != "true":
            return _refusal(409, "Duplicate", "The resource already exists")
        async with request.form() as form:
            file = cast("UploadFile", form["file"])
            self.files[path] = await file.read()
        return JSONResponse({"Key": f"{BUCKET}/{path}", "Id": path})

    async def _download(self, request: Request) -> Response:
        if refused := self._refused(request):
            return refused
        found = self.files.get(request.path_params["path"])
        if found is None:
            return _refusal(404, "not_found", "Object not found")
        return Response(found, media_type="application/octet-stream")

    async def _remove(self, request: Request) -> Response:
        if refused := self._refused(request):
            return refused
        asked: Any = await request.json()
        gone = [path for path in asked["prefixes"] if self.files.pop(path, None) is not None]
        return JSONResponse([{"name": path} for path in gone])

    def _refused(self, request: Request) -> Response | None:
        if self.status != OK:
            return Response("nothing that anybody could read", status_code=self.status)
        if request.headers.get("apikey") != KEY:
            return _refusal(403, "Unauthorized", "Invalid Compact JWS")
        if request.path_params["bucket"] != BUCKET:
            return _refusal(404, "Bucket not found", "Bucket not found")
        return None


def _refusal(status: int, error: str, message: str) -> Response:
    """As Storage puts it: 400 for most, and the status it means in the body."""
    told = {"statusCode": str(status), "error": error, "message": message}
    return JSONResponse(told, status_code=httpx.codes.BAD_REQUEST)
