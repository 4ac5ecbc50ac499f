"""What a sentence commits itself to: its names and numbers, in order, and what it denies."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from bot.answering.sentences import FUNCTION_WORDS

_TOKEN = re.compile(
    r"(?:(?<![\w)\]])[-−](?=[$€£¥]?\d))?[$€£¥]?\d+(?:[.,:]\d+)*|%|[^\W\d_]+(?:['’][^\W\d_]+)*|[.!?;]"
)
_STOP = frozenset(".!?;")
_POSSESSIVE = re.compile(r"['’]s?$", re.I)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_PER_CENT = re.compile(r"\bper cent\b", re.I)
_YEAR = re.compile(r"(?:19|20)\d\d")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_COUNTS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty"
)
_TENS = "thirty forty fifty sixty seventy eighty ninety"
_NUMBER_WORDS = {
    **{word: str(value) for value, word in enumerate(_COUNTS.split())},
    **{word: str(10 * value) for value, word in enumerate(_TENS.split(), 3)},
    **{
        word: word
        for word in _words("""
        hundred hundreds thousand thousands million millions billion billions trillion dozen dozens
        half third thirds quarter quarters twice double triple first second fourth fifth sixth
        seventh eighth ninth tenth percent bn mn
        """)
    },
    "%": "percent",
}  # fmt: skip
_MONTHS = _words(
    "january february march april may june july august september october november december"
)
# Direction words: a quote with another one says another thing, whatever else is shared.
_POLAR = _words("""
    rise rises rose risen rising fall falls fell fallen falling increase increases increased
    increasing decrease decreases decreased decreasing grow grows grew grown shrink shrank gain
    gains gained lose loses lost win wins won up down more less fewer most least above below over
    under before after until since first last north south east west start started begin began end
    ended open opened close closed buy bought sell sold accept accepted approve approved reject
    rejected support supported oppose opposed legal illegal guilty innocent alive dead male female
    all none some every always only early late former future join joined leave left cut raise raised
    raises lower lowered higher better worse best worst maximum minimum
    """)
_NEGATORS = _words("""
    no not never none nobody nothing nowhere neither nor without cannot hardly barely scarcely
    refuse refuses refused refusing fail fails failed failing
    """)
# These may stand behind what they deny.
_DENIALS = _words("""
    deny denies denied denying false falsely untrue unlikely unfounded baseless debunked refuted
    hoax rumour rumours rumor rumors disputed reject rejects rejected rejecting
    """)
_HEDGES = _words("may might could if unless allegedly reportedly possibly perhaps")
_STEM = 4
# How far a negation or a hedge reaches, in words.
_REACH = 5


@dataclass(frozen=True, slots=True)
class Token:
    """A word or number as compared (`key`) and as written."""

    key: str
    written: str
    is_number: bool

    @property
    def is_year(self) -> bool:
        return self.is_number and _YEAR.fullmatch(self.key) is not None


def read_tokens(text: str) -> tuple[Token, ...]:
    plain = _PER_CENT.sub("percent", text)
    return tuple(_read_token(found.group()) for found in _TOKEN.finditer(plain))


def find_names(texts: Sequence[str]) -> frozenset[str]:
    """The keys of words that are capitalised inside a sentence, or never written small."""
    tokens = [token for text in texts for token in read_tokens(text) if token.key not in _STOP]
    small = {token.key for token in tokens if token.written[0].islower()}
    capital = {token.key for token in tokens if token.written[0].isupper()}
    inner = {key for text in texts for key in _inner_capitals(read_tokens(text))}
    return frozenset((capital - small - FUNCTION_WORDS) | (inner - FUNCTION_WORDS))


def keeps_facts(claim: Sequence[Token], quote: Sequence[Token], names: frozenset[str]) -> bool:
    """Whether every name, number, direction and denial of the claim is the quote's own, about
    the same words, in the same order."""
    held = {token.key for token in quote}
    return (
        all(token.key in held for token in claim if _is_fact(token, names))
        and _keeps_acronyms(claim, quote)
        and _keeps_order(claim, quote, names)
        and _keeps_neighbours(claim, quote)
        and _denied(quote) <= _denied(claim)
        and _keeps_reach(claim, quote, _NEGATORS)
        and _keeps_reach(claim, quote, _HEDGES)
    )


def denies(text: str) -> bool:
    return any(token.key in _NEGATORS | _DENIALS for token in read_tokens(text))


def _read_token(written: str) -> Token:
    plain = fold(written)
    if any(character.isdigit() for character in plain):
        return Token(_THOUSANDS.sub("", plain).replace("−", "-"), written, True)
    if plain.endswith(("n't", "n’t")):
        return Token("not", written, False)
    word = _POSSESSIVE.sub("", plain)
    if word in _NUMBER_WORDS:
        return Token(_NUMBER_WORDS[word], written, True)
    return Token(word, written, False)


def fold(text: str) -> str:
    """Without case and accents."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))


def _inner_capitals(tokens: Sequence[Token]) -> Iterator[str]:
    for before, token in zip((None, *tokens), tokens, strict=False):
        inner = before is not None and before.key not in _STOP
        if token.written[0].isupper() and (inner or _is_acronym(token)):
            yield token.key


def _is_acronym(token: Token) -> bool:
    return len(token.written) > 1 and token.written.isupper()


def _is_fact(token: Token, names: frozenset[str]) -> bool:
    """Numbers, known names, what is written as a name, direction words."""
    if token.is_number or _is_acronym(token) or token.key in _POLAR:
        return True
    if token.key in FUNCTION_WORDS or token.key in _STOP:
        return False
    return token.key in names or token.written[:1].isupper()


def _keeps_acronyms(claim: Sequence[Token], quote: Sequence[Token]) -> bool:
    """`US` is not `us`."""
    written = {token.written for token in quote}
    doubtful = (t for t in claim if _is_acronym(t) and t.key in FUNCTION_WORDS)
    return all(token.written in written for token in doubtful)


def _keeps_order(claim: Sequence[Token], quote: Sequence[Token], names: frozenset[str]) -> bool:
    """Names and numbers come in the quote's order, none skipped that would have come between a
    name and a number; years may move. A sentence turned into its passive has one name only."""
    said = [token.key for token in claim if _is_placed(token, names)]
    stated = [token.key for token in quote if _is_placed(token, names)]
    if _has_agent(claim, names) != _has_agent(quote, names):
        return _count_names(claim, names) <= 1 and _in_order(_numbers(claim), _numbers(quote))
    if not _in_order(said, stated):
        return False
    return not _skips_a_number(claim, quote, names)


def _is_placed(token: Token, names: frozenset[str]) -> bool:
    return not token.is_year and (token.is_number or token.key in names)


def _numbers(tokens: Sequence[Token]) -> list[str]:
    return [token.key for token in tokens if token.is_number and not token.is_year]


def _in_order(said: Sequence[str], stated: Sequence[str]) -> bool:
    rest = iter(stated)
    return all(key in rest for key in said)


def _has_agent(tokens: Sequence[Token], names: frozenset[str]) -> bool:
    """`by Finland`, `by the Finnish army`."""
    return any(
        token.key == "by" and any(after.key in names for after in tokens[i + 1 : i + 3])
        for i, token in enumerate(tokens)
    )


def _count_names(tokens: Sequence[Token], names: frozenset[str]) -> int:
    """Runs of name words: `Mark Rutte` is one."""
    marks = [token.key in names for token in tokens]
    return sum(now and not before for before, now in zip((False, *marks), marks, strict=False))


def _skips_a_number(claim: Sequence[Token], quote: Sequence[Token], names: frozenset[str]) -> bool:
    """`A sent 40 and B sent 3` does not bear out `A sent 3`."""
    said = {token.key for token in claim if token.is_number}
    position = 0
    name_seen = False
    skipped = False
    placed = [token.key for token in claim if _is_placed(token, names)]
    for i, token in enumerate(quote):
        if not _is_placed(token, names):
            continue
        if position < len(placed) and token.key == placed[position]:
            if token.is_number and name_seen and skipped:
                return True
            position += 1
            name_seen, skipped = name_seen or not token.is_number, False
        elif token.is_number and token.key not in said and not _is_dated(quote, i):
            skipped = True
    return False


def _is_dated(tokens: Sequence[Token], i: int) -> bool:
    around = tokens[max(i - 1, 0) : i + 2]
    return any(token.key in _MONTHS for token in around)


def _keeps_neighbours(claim: Sequence[Token], quote: Sequence[Token]) -> bool:
    """Each number stands beside a word that it stands beside in the quote."""
    stated = {pair for _, pair in _neighbours(quote)}
    held = {place for place, pair in _neighbours(claim) if pair in stated}
    return held == {place for place, token in enumerate(claim) if token.is_number}


def _neighbours(tokens: Sequence[Token]) -> Iterator[tuple[int, tuple[str, int, str]]]:
    """For each number, its place, itself, and the word before it (-1) and after it (1)."""
    for i, token in enumerate(tokens):
        if not token.is_number:
            continue
        for side in (-1, 1):
            if 0 <= i + side < len(tokens) and tokens[i + side].key not in _STOP:
                yield i, (token.key, side, tokens[i + side].key)


def _keeps_reach(claim: Sequence[Token], quote: Sequence[Token], words: frozenset[str]) -> bool:
    """What the claim denies (or hedges) the quote denies, and what the quote denies the claim does
    not affirm."""
    said, stated = _reached(claim, words), _reached(quote, words)
    own = {token.key[:_STEM] for token in claim}
    times = sum(token.key in words for token in claim), sum(token.key in words for token in quote)
    return said <= stated and stated & own <= said and times[0] <= times[1]


def _reached(tokens: Sequence[Token], words: frozenset[str]) -> frozenset[str]:
    """The telling words that such a word reaches in its sentence: those after it, and where it
    ends the sentence ("Poland will not.") those before."""
    reached: set[str] = set()
    for i, token in enumerate(tokens):
        is_month = token.key == "may" and token.written[0].isupper() and i > 0
        if token.key in words and not is_month:
            ahead = _telling(tokens[i + 1 : i + 1 + _REACH], words)
            reached |= ahead or _telling(tokens[max(i - _REACH, 0) : i][::-1], words)
    return frozenset(reached)


def _telling(tokens: Sequence[Token], words: frozenset[str]) -> set[str]:
    sentence = takewhile(lambda token: token.key not in _STOP, tokens)
    keys = (token.key for token in sentence)
    return {key[:_STEM] for key in keys if key not in FUNCTION_WORDS and key not in words}


def _denied(tokens: Sequence[Token]) -> frozenset[str]:
    return frozenset(token.key for token in tokens if token.key in _DENIALS)
