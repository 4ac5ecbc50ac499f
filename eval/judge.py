"""A language model's opinion of the answers: llama-index's evaluators. Never part of the gate."""

from __future__ import annotations

from collections.abc import Sequence

from bot.answering.llm import NO_COMPLETION, AdaptedLLM, LLMError
from bot.answering.schema import Answer
from eval.dataset import GoldItem

_BEST_SCORE = 5.0


class Judge:
    def __init__(self, llm: AdaptedLLM) -> None:
        from llama_index.core.evaluation import CorrectnessEvaluator, FaithfulnessEvaluator

        self.model = llm.model
        adapter = llm.adapter.build()
        self._faithfulness = FaithfulnessEvaluator(llm=adapter)
        self._correctness = CorrectnessEvaluator(llm=adapter)

    def score(self, item: GoldItem, answer: Answer) -> dict[str, float]:
        """`judged_faithfulness` is 1 if the model finds the answer borne out by its quotes,
        `judged_correctness` its mark of one to five, as a share. Raises LLMError."""
        from openai import OpenAIError

        if not answer.answered or not item.answer:
            return {}
        quotes: Sequence[str] = [citation.quote for citation in answer.citations]
        try:
            faithful = self._faithfulness.evaluate(response=answer.text, contexts=quotes)
            correct = self._correctness.evaluate(
                query=item.question, response=answer.text, reference=item.answer
            )
        except (OpenAIError, OSError, *NO_COMPLETION) as error:
            raise LLMError(
                f"the judge {self.model} did not answer ({type(error).__name__}): check bot.llm"
            ) from error
        scores = {"judged_faithfulness": float(faithful.score or 0.0)}
        if correct.score is not None:
            scores["judged_correctness"] = correct.score / _BEST_SCORE
        return scores
