"""The HTTP side: what was caught, and what to refuse."""

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from sandbox.mail.faults import MailFault, MailFaultKind, MailFaults
from sandbox.mail.smtp import Refusal, Refusals
from sandbox.mail.store import MailStore


def application(store: MailStore, refusals: Refusals, faults: MailFaults) -> Starlette:
    """GET and DELETE /mails (`?to=ADDRESS`), GET /mails/{id} and /mails/{id}.html, PUT /refusals,
    POST /faults.
    """

    def listing(request: Request) -> JSONResponse:
        mails = store.all(request.query_params.get("to"))
        return JSONResponse([mail.model_dump(mode="json") for mail in mails])

    def one(request: Request) -> JSONResponse:
        return _one(store, request.path_params["number"])

    def page(request: Request) -> Response:
        return _shown(store.html(request.path_params["number"]))

    def clear(_: Request) -> Response:
        store.clear()
        return Response(status_code=204)

    async def refuse(request: Request) -> Response:
        try:
            refusals.set(Refusal.model_validate_json(await request.body()))
        except ValidationError:
            return JSONResponse(
                {"message": 'Send {"status": 451, "times": 2}; a 5xx status refuses for ever.'},
                status_code=422,
            )
        return Response(status_code=204)

    async def afflict(request: Request) -> Response:
        try:
            faults.add(MailFault.model_validate_json(await request.body()))
        except ValidationError:
            kinds = ", ".join(MailFaultKind)
            return JSONResponse(
                {"message": f"Send recipient, times and kind, which is one of {kinds}."},
                status_code=422,
            )
        return Response(status_code=204)

    return Starlette(
        routes=[
            Route("/mails", listing),
            Route("/mails", clear, methods=["DELETE"]),
            Route("/mails/{number:int}", one),
            Route("/mails/{number:int}.html", page),
            Route("/refusals", refuse, methods=["PUT"]),
            Route("/faults", afflict, methods=["POST"]),
        ]
    )


def _one(store: MailStore, wanted: int) -> JSONResponse:
    for mail in store.all():
        if mail.id == wanted:
            return JSONResponse(mail.model_dump(mode="json"))
    return JSONResponse({"message": f"There is no mail {wanted}."}, status_code=404)


def _shown(html: str | None) -> Response:
    return HTMLResponse(html) if html is not None else Response(status_code=404)
