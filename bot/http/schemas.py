"""The bodies that HTTP accepts."""

from __future__ import annotations

from dataclasses import replace

from pydantic import BaseModel, ConfigDict, Field

from bot.answering.questions import build_question
from bot.answering.schema import Question

MOST_QUESTION_CHARACTERS = 2_000


class AskBody(BaseModel):
    """A question, with the dates and sources that the answer may rest on."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"question": "Which command oversees Arctic Sentry?", "as_of": "2026-03-01"}
            ]
        },
    )

    question: str = Field(min_length=1, max_length=MOST_QUESTION_CHARACTERS, pattern=r"\S")
    asked_at: str | None = None
    as_of: str | None = None
    since: str | None = None
    until: str | None = None
    sources: list[str] = Field(default=[], max_length=100)
    conversation_id: str | None = Field(default=None, max_length=100)
    stream: bool = Field(default=False, strict=True)

    def to_question(self, owner: str) -> Question:
        question = build_question(
            self.question,
            asked_at=self.asked_at,
            as_of=self.as_of,
            since=self.since,
            until=self.until,
            sources=self.sources,
            conversation_id=self.conversation_id,
        )
        return replace(question, owner=owner)
