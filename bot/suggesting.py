"""Questions that this archive answers: made of its newest stories, and checked by asking them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.answering.schema import Answer, Question
from bot.answering.suggestions import suggest_questions
from retrieval.archive import Archive
from retrieval.errors import DatelineError
from retrieval.schema import Article, Filters

Ask = Callable[[Question], Answer]

_MOST_QUESTIONS = 6
_MOST_STORIES = 40
_MOST_TRIED = 3
# Of the answers to such questions that were this sure, all quoted what was asked for.
_LEAST_CONFIDENCE = 0.6
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Suggestions:
    """`complete` when no more will be found at this revision of the archive."""

    questions: tuple[str, ...] = ()
    complete: bool = False


class Suggester:
    """Looks for questions in a thread of its own, once a revision, and only when somebody asks."""

    def __init__(self, archive: Archive, ask: Ask) -> None:
        self._archive = archive
        self._ask = ask
        self._lock = threading.Lock()
        self._revision = -1
        self._found = Suggestions()
        self._searching = False

    def suggest(self) -> Suggestions:
        """What is known so far; never waits."""
        revision = self._archive.latest_revision()
        with self._lock:
            if self._revision != revision and not self._searching:
                self._revision, self._found, self._searching = revision, Suggestions(), True
                threading.Thread(target=self._search, name="suggestions", daemon=True).start()
            return self._found

    def _search(self) -> None:
        try:
            for story in self._archive.carriers.newest(Filters(), _MOST_STORIES):
                if len(self._found.questions) == _MOST_QUESTIONS:
                    break
                question = self._find_question(self._archive.get(story.article_id))
                if question is not None and question not in self._found.questions:
                    self._tell((*self._found.questions, question))
        except DatelineError as error:
            _log.warning("questions to suggest were not found: %s", error)
        finally:
            with self._lock:
                self._found = Suggestions(self._found.questions, complete=True)
                self._searching = False

    def _tell(self, questions: tuple[str, ...]) -> None:
        with self._lock:
            self._found = Suggestions(questions)

    def _find_question(self, article: Article) -> str | None:
        """The first that the article answers, in the wording that is answered most surely."""
        for tried, alternatives in enumerate(suggest_questions(article, datetime.now(UTC))):
            if tried == _MOST_TRIED:
                break
            asked = [(self._rate(each, article), each) for each in alternatives]
            confidence, question = max(asked)
            if confidence >= _LEAST_CONFIDENCE:
                return question
        return None

    def _rate(self, text: str, article: Article) -> float:
        """How surely this article, or another of its story, answers; 0 where none does."""
        started = time.perf_counter()
        answer = self._ask(Question(text))
        # People's questions come first: no more than half of the time is spent here.
        time.sleep(time.perf_counter() - started)
        return answer.confidence if self._is_of_story(answer, article) else 0.0

    def _is_of_story(self, answer: Answer, article: Article) -> bool:
        if not answer.citations:
            return False
        carriers = self._archive.carriers.find([answer.citations[0].article_id])
        return any(each.story_id == article.story_id for each in carriers.values())
