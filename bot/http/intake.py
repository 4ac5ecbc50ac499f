"""`POST /articles`: JSON and files at once, an address as a job; `GET /jobs/{job_id}`."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from io import BytesIO
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.datastructures import UploadFile

from bot.http.callers import Caller, get_caller
from bot.http.jobs import IngestJobs, Job, TooManyJobs, describe_failures
from ingest.documents import Link, Upload
from ingest.errors import UnreadableInput
from ingest.extraction import list_formats
from ingest.extraction.jsonl import ArticleLine
from ingest.pipeline import archive_articles, build_report
from ingest.settings import IngestSettings
from ingest.web import parse_address
from retrieval.opening import Library

_MOST_FILES = 100
_RETRY_AFTER_S = 60
_HOW = (
    "send one article or a list of them as application/json, files as multipart/form-data, or "
    'only {"url": "https://…"}'
)

_ARTICLE = {
    "url": "https://example.org/2026/02/accord",
    "title": "Ministers sign the accord",
    "text": "The ministers signed the accord on Monday after two years of talks. …",
    "source": "Meridian Wire",
    "published_at": "2026-02-12T17:30:00Z",
}
_REPORT: dict[str, Any] = {
    "added": 1,
    "updated": 0,
    "unchanged": 0,
    "duplicates": 0,
    "withdrawn": 0,
    "failed": [{"input": "body.json:2", "error": "title: is empty"}],
    "left_out": 0,
    "chunks": 0,
    "seconds": 0.04,
}
_JOB: dict[str, Any] = {
    "job_id": "5f0c0f4e8a0b4c6b9d1e2f3a4b5c6d7e",
    "status": "queued",
    "href": "/jobs/5f0c0f4e8a0b4c6b9d1e2f3a4b5c6d7e",
    "report": {**_REPORT, "added": 0, "failed": [], "seconds": 0.0},
    "error": None,
}


class AddressBody(BaseModel):
    """A page, a feed or a sitemap to fetch."""

    model_config = ConfigDict(extra="forbid", strict=True)

    url: str


class FailedInput(BaseModel):
    """What gave no article, and why."""

    input: str
    error: str


class Report(BaseModel):
    """What became of what was sent. `left_out` counts pieces of text that
    are in no article. `chunks` is 0: the server indexes a moment later."""

    model_config = ConfigDict(json_schema_extra={"examples": [_REPORT]})

    added: int
    updated: int
    unchanged: int
    duplicates: int
    withdrawn: int
    failed: list[FailedInput]
    left_out: int
    chunks: int
    seconds: float


class JobState(BaseModel):
    """How far an address has come. `error` says why nothing, or not all, was taken in."""

    model_config = ConfigDict(json_schema_extra={"examples": [_JOB]})

    job_id: str
    status: Literal["queued", "running", "done", "failed"]
    href: str
    report: Report
    error: str | None


def _describe_body() -> dict[str, Any]:
    """The bodies that the route takes, for its documentation: FastAPI knows one kind a route."""
    article = ArticleLine.model_json_schema()
    articles = {"type": "array", "items": article, "minItems": 1}
    file = {"type": "string", "format": "binary"}
    return {
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"anyOf": [article, articles, AddressBody.model_json_schema()]},
                    "examples": {
                        "one article": {"value": _ARTICLE},
                        "several articles": {"value": [_ARTICLE]},
                        "an address": {"value": {"url": "https://example.org/feed.xml"}},
                    },
                },
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "required": ["file"],
                        "properties": {
                            "file": {
                                "type": "array",
                                "items": file,
                                "description": f"{list_formats()}, known by the file's name or, "
                                "without one, by its bytes.",
                            }
                        },
                    }
                },
            },
        }
    }


async def read_posted(request: Request) -> AsyncIterator[Link | Sequence[Upload]]:
    """What a body brings. Raises HTTPException."""
    match request.headers.get("content-type", "").partition(";")[0].strip().lower():
        case "multipart/form-data":
            async with request.form(max_files=_MOST_FILES, max_fields=_MOST_FILES) as form:
                yield _read_files([part for _, part in form.multi_items()])
        case "application/json":
            yield _read_json(await request.body())
        case _:
            raise HTTPException(415, f"cannot read this kind of body: {_HOW}")


def _read_files(parts: Sequence[UploadFile | str]) -> Sequence[Upload]:
    files = [part for part in parts if isinstance(part, UploadFile)]
    if not files or len(files) < len(parts):
        raise HTTPException(422, "every part must be a file with a file name: curl -F file=@PATH")
    return [Upload(part.filename or "", part.file) for part in files]


def _read_json(body: bytes) -> Link | Sequence[Upload]:
    """An address, or articles, which the pipeline reads as it does a file of them."""
    try:
        url = AddressBody.model_validate_json(body).url
    except ValidationError:
        return [Upload("body.json", BytesIO(body))]
    try:
        parse_address(url)
    except UnreadableInput as error:
        raise HTTPException(422, f"url: {error}") from error
    return Link(url)


def add_intake_routes(app: FastAPI, library: Library, jobs: IngestJobs) -> None:
    @app.post(
        "/articles",
        response_model=None,
        responses={
            200: {"model": Report, "description": "Everything was already there"},
            201: {"model": Report, "description": "Taken in"},
            202: {"model": JobState, "description": "The address is being fetched"},
        },
        openapi_extra=_describe_body(),
    )
    def post_articles(
        caller: Annotated[Caller, Depends(get_caller)],
        posted: Annotated[Link | Sequence[Upload], Depends(read_posted)],
    ) -> Response:
        """Take in articles, files, or what an address leads to."""
        if isinstance(posted, Link):
            return _accept(_submit(jobs, posted, caller))
        return _take_in(posted, library, jobs.settings)

    @app.get("/jobs/{job_id}", response_model=JobState)
    def get_job(job_id: str, caller: Annotated[Caller, Depends(get_caller)]) -> dict[str, Any]:
        """Say how far an address of yours has come."""
        return jobs.find(job_id, caller.owner).build()


def _take_in(uploads: Sequence[Upload], library: Library, settings: IngestSettings) -> Response:
    started = time.perf_counter()
    report = archive_articles(uploads, library, settings)
    if not report.taken:
        raise HTTPException(422, f"nothing was taken in: {describe_failures(report)}")
    seconds = round(time.perf_counter() - started, 2)
    new = report.taken > report.unchanged
    return JSONResponse(build_report(report, 0, seconds), status_code=201 if new else 200)


def _submit(jobs: IngestJobs, link: Link, caller: Caller) -> Job:
    try:
        return jobs.submit(link, caller.owner)
    except TooManyJobs as error:
        raise HTTPException(503, str(error), {"Retry-After": str(_RETRY_AFTER_S)}) from error


def _accept(job: Job) -> Response:
    return JSONResponse(job.build(), status_code=202, headers={"Location": job.href})
