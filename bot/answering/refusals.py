"""Whether a draft of which nothing is supported says that there is no answer, in any language."""

from __future__ import annotations

from collections.abc import Sequence

from bot.answering.drafts import Written, names_refusal, refuses
from bot.answering.facts import Token, denies, read_tokens
from bot.answering.schema import Claim
from bot.answering.sentences import FUNCTION_WORDS, Lexicon
from retrieval.schema import Passage

# So many words of the passages stand in a refusal by chance.
_MOST_BY_CHANCE = 1


class Brings:
    """Whether a sentence says anything that the question does not: a name, a number, or words of
    the passages. A refusal does not, in whatever language."""

    def __init__(self, lexicon: Lexicon, question: str, shown: Sequence[Passage]) -> None:
        self._lexicon = lexicon
        self._asked = set(lexicon.analyze(question))
        texts = [f"{passage.article.title}. {passage.text}" for passage in shown]
        self._stated = {stem for text in texts for stem in lexicon.analyze(text)}

    def __call__(self, written: Written) -> bool:
        telling = [each for each in read_tokens(written.text) if each.key not in FUNCTION_WORDS]
        new = [each for each in telling if not self._is(each, self._asked)]
        held = [each for each in new if self._is(each, self._stated)]
        if len({each.key for each in held}) > _MOST_BY_CHANCE or (held and held == telling):
            return True
        # In the question's language a name may be made up; in others any noun may have a capital.
        shares = any(each.written.islower() for each in telling if each not in new)
        if shares:
            return any(each.is_number or each.written[0].isupper() for each in new)
        return any(each.is_number for each in held)

    def _is(self, token: Token, stems: set[str]) -> bool:
        return not stems.isdisjoint(self._lexicon.analyze(token.key))


def is_refusal(
    text: str,
    sentences: Sequence[Written],
    verified: Sequence[Claim | None],
    brings: Brings,
) -> bool:
    """Whether the draft begins by saying what the passages do not say; or nothing of it is
    supported, and with a marker (a model that answers is told to cite) it affirms nothing that
    the passages say."""
    if sentences and verified[0] is None and refuses(sentences[0]):
        return True
    if not sentences or any(verified):
        return False
    affirmed = (each for each in sentences if each.numbers and not denies(each.text))
    return names_refusal(text) or not any(map(brings, affirmed))
