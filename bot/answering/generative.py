"""A language model's draft, kept only as far as the passages bear it out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace

from bot.answering.drafts import (
    MOST_CHARACTERS,
    Written,
    declines,
    names_refusal,
    read_draft,
    shown_so_far,
)
from bot.answering.extractive import ExtractiveAnswerer
from bot.answering.llm import LLM, LLMError, OnDelta, ignore_delta
from bot.answering.prompt import build_prompt, choose_shown
from bot.answering.refusals import Brings, is_refusal
from bot.answering.schema import AbstentionReason, Claim, Draft, Question
from bot.answering.verification import Verifier
from retrieval.schema import Passage

_MOST_CLAIMS = 6
_UNSUPPORTED = (
    "The articles support no sentence that the model wrote; the answer is made of quotes."
)


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
        return self._read(text, question, shown, verbatim)

    def _read(
        self, text: str, question: Question, shown: Sequence[Passage], verbatim: Draft
    ) -> Draft:
        """What of the model's draft is supported; failing that, a refusal or quotes."""
        if declines(text):
            return self._decline(verbatim)
        sentences = read_draft(text)
        verifier = Verifier(self._extractive.lexicon, shown)
        # A model that never cites forgot its markers: every passage is tried.
        cites = names_refusal(text) or any(written.numbers for written in sentences)
        ranks = () if cites else [passage.rank for passage in shown]
        verified = [_verify(verifier, written, ranks) for written in sentences]
        claims = tuple(claim for claim in verified if claim is not None)
        left_out = tuple(
            each.text for each, claim in zip(sentences, verified, strict=True) if claim is None
        )
        brings = Brings(self._extractive.lexicon, question.text, shown)
        if is_refusal(text, sentences, verified, brings):
            return replace(self._decline(verbatim), left_out=left_out)
        if not claims:
            return replace(_fallback(verbatim, _UNSUPPORTED, "unsupported"), left_out=left_out)
        moved = sum(map(_is_moved, sentences, verified))
        return Draft(
            claims[:_MOST_CLAIMS],
            # The model read the passages and answered: what remains of its draft is not declined
            # because a smaller network doubts them.
            max(verbatim.confidence, self._abstain_below),
            "generative",
            self._llm.model,
            notes=tuple(_note_changes(len(left_out), moved)),
            left_out=left_out,
        )

    def _listen(self, prompt: str, on_delta: OnDelta) -> str:
        """The whole draft; what may be shown of it is told as it comes."""
        draft = told = ""
        with closing(self._llm.stream(prompt)) as pieces:
            for piece in pieces:
                draft += piece
                shown = shown_so_far(draft) if piece else told
                # What turns out to be a thought after it was told is not taken back.
                new = shown[len(told) :] if shown.startswith(told) else ""
                on_delta(new)
                told += new
                if len(shown) > MOST_CHARACTERS:
                    break
        return draft

    def _decline(self, verbatim: Draft) -> Draft:
        return Draft((), verbatim.confidence, "generative", self._llm.model, "model_declined")


def _verify(verifier: Verifier, written: Written, ranks: Sequence[int] = ()) -> Claim | None:
    """`ranks` are of the passages to try where neither it nor what follows it names any: from the
    first of them the verifier goes on to the others."""
    tried = written.served or ranks[:1]
    found = verifier.verify(written)
    return found or (verifier.verify(written.citing(tried)) if tried else None)


def _is_moved(written: Written, claim: Claim | None) -> bool:
    """Whether other passages bear it out than the model named."""
    cited = {*written.numbers, *written.served}
    return (
        claim is not None
        and bool(cited)
        and not any(each.passage.rank in cited for each in claim.evidence)
    )


def _note_changes(left_out: int, moved: int) -> Iterator[str]:
    if left_out == 1:
        yield "1 sentence of the model's draft was left out: the articles do not support it."
    elif left_out:
        yield (
            f"{left_out} sentences of the model's draft were left out: the articles do not "
            "support them."
        )
    if moved:
        yield f"{moved} of the model's citations named the wrong article and were corrected."


def _fallback(verbatim: Draft, note: str, declined: AbstentionReason | None = None) -> Draft:
    return Draft(
        verbatim.claims,
        verbatim.confidence,
        "extractive",
        declined=declined or verbatim.declined,
        notes=(*verbatim.notes, note),
        short_answer=verbatim.short_answer,
    )
