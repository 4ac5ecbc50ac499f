"""`POST /feedback`: whether an answer was good."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, FastAPI
from pydantic import BaseModel, ConfigDict, Field

from bot.feedback import FeedbackLog, Verdict
from bot.http.callers import Caller, get_caller


class FeedbackBody(BaseModel):
    """A verdict on an answer that the caller was given."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "answer_id": "5f0c0f4e8a0b4c6b9d1e2f3a4b5c6d7e",
                    "verdict": "down",
                    "comment": "The summit was a year later.",
                }
            ]
        },
    )

    answer_id: str = Field(max_length=100, pattern=r"^[\w-]+$", description="The answer's `id`.")
    verdict: Verdict
    comment: str | None = Field(default=None, max_length=500)


def add_feedback_route(app: FastAPI, log: FeedbackLog) -> None:
    @app.post("/feedback", status_code=201)
    def give_feedback(
        body: FeedbackBody, caller: Annotated[Caller, Depends(get_caller)]
    ) -> FeedbackBody:
        """Say whether an answer of yours was good; a second verdict replaces the first."""
        log.give(caller.owner, body.answer_id, body.verdict, body.comment)
        return body
