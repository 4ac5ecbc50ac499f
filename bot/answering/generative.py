"""A language model's draft, kept only as far as the passages bear it out."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

from bot.answering.drafts import MOST_CHARACTERS, declines, read_draft, shown_so_far
from bot.answering.extractive import ExtractiveAnswerer
from bot.answering.llm import LLM, LLMError, OnDelta, ignore_delta
from bot.answering.prompt import DECLINED, build_prompt, choose_shown
from bot.answering.schema import AbstentionReason, Draft, Question
from bot.answering.verification import Verifier
from retrieval.schema import Passage

_MOST_CLAIMS = 6


class GenerativeAnswerer:
    """Falls back on verbatim sentences when the model fails or nothing it wrote is supported."""

    def __init__(self, llm: LLM, extractive: ExtractiveAnswerer, abstain_below: float) -> None:
        self._llm = llm
        self._extractive = extractive
        self._abstain_below = abstain_below

    def draft(
        self,
        question: Question,
        passages: Sequence[Passage],
        on_delta: OnDelta = ignore_delta,
    ) -> Draft:
        verbatim = self._extractive.draft(question, passages)
        if not passages:
            return verbatim
        shown = choose_shown(question, passages, self._llm.prompt_bytes)
        try:
            text = self._listen(build_prompt(question, shown), on_delta)
        except LLMError as error:
            return _fallback(verbatim, f"{error}; the answer is made of quotes.")
        if declines(text):
            return self._decline(verbatim)
        sentences = read_draft(text)
        verifier = Verifier(self._extractive.lexicon, shown)
        claims = tuple(filter(None, map(verifier.verify, sentences)))
        if not claims and DECLINED in text:
            return self._decline(verbatim)
        if not claims:
            note = (
                "No sentence that the model wrote was supported by the articles; "
                "the answer is made of quotes."
            )
            return _fallback(verbatim, note, "unsupported")
        dropped = len(sentences) - len(claims)
        left_out = f"{dropped} sentence(s) of the model's draft had no support and were left out."
        return Draft(
            claims[:_MOST_CLAIMS],
            # The model read the passages and answered: what remains of its draft is not declined
            # because a smaller network doubts them.
            max(verbatim.confidence, self._abstain_below),
            "generative",
            self._llm.model,
            notes=(left_out,) if dropped else (),
        )

    def _listen(self, prompt: str, on_delta: OnDelta) -> str:
        """The whole draft; what may be shown of it is told as it comes."""
        draft = told = ""
        with closing(self._llm.stream(prompt)) as pieces:
            for piece in pieces:
                draft += piece
                shown = shown_so_far(draft) if piece else told
                on_delta(shown[len(told) :])
                told = max(told, shown, key=len)
                if len(draft) > MOST_CHARACTERS:
                    break
        return draft

    def _decline(self, verbatim: Draft) -> Draft:
        return Draft((), verbatim.confidence, "generative", self._llm.model, "model_declined")


def _fallback(verbatim: Draft, note: str, declined: AbstentionReason | None = None) -> Draft:
    return Draft(
        verbatim.claims,
        verbatim.confidence,
        "extractive",
        declined=declined or verbatim.declined,
        notes=(*verbatim.notes, note),
    )
