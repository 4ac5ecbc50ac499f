"""Near-duplicates: which story does an article carry?

MinHash over the openings finds candidates (datasketch); the sentences themselves decide. Carriers
of one story share its opening and nearly all of the shorter one's body, and none contradicts
another: of two sentences that are otherwise alike, one with another number or name, or with a
"not", states another fact, and the later article is a story of its own.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from difflib import SequenceMatcher
from itertools import islice
from zlib import crc32

from retrieval.archive import Archive
from retrieval.schema import Article

_SHINGLE_WORDS = 5
# Carriers cut a story from below and add below it, so they are looked up by its opening.
_OPENING_WORDS = 200
_LEAST_BODY_WORDS = 16
_BANDS, _ROWS_A_BAND = 21, 3
_LEAST_SHARED_OPENING = 0.5
_LEAST_SHARED_BODY = 0.8
# Yearly explainers keep most of their words; what is published again much later keeps all.
_LEAST_SHARED_BODY_LATER = 0.98
_LATER = timedelta(days=31)
_LEAST_SHARED_SENTENCE = 0.5
# What replaces more words than these is written anew, and contradicts nothing word by word.
_LONGEST_FACT_WORDS = 4
_LEAST_HEADLINE_WORDS = 3

_WORD = re.compile(r"\d+(?:\.\d+)*|\w+")
_BETWEEN_SENTENCES = re.compile(r"(?<=[.!?…\"”’])\s+(?=[^a-z])")
_SENTENCE_END = (".", "!", "?", "…", '"', "”", "’")
_STAMP = re.compile(r"(?:last )?(?:published|updated|posted)\b|photos?\b|contributing\b", re.I)
_DATELINE = re.compile(  # London (CNN) …; Lviv (Ukrinform) – …; RENO, Nev. — …
    r"^(?:[^.!?]{0,40}\((?:AP|AFP|CNN|Reuters)[^)]{0,20}\)(?:\s*[—–-]+)?"
    r"|[^.!?]{0,60}\([A-Z][^)]{1,20}\)\s*[—–-]+"
    r"|[A-Z]{3}[A-Z.'’ ]*(?:, [A-Z][\w. ]{0,20})?\s*[—–-]+)\s"
)
# Carriers write the same in several ways: what, and how it is compared.
_SPELLINGS = (
    (re.compile(r"(?<=\d),(?=\d{3}\b)"), ""),
    (re.compile(r" ?%| per cent\b"), " percent"),
    (re.compile(r"(?<=\b[A-Z])\.(?=[A-Z]\.)"), ""),
    (re.compile(r"\bUnited ([SKN])(?:tates|ingdom|ations)\b"), r"U\1"),
    (re.compile(r"\b(Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?(?= \d)"), r"\1"),
    (re.compile(r"n['’]t\b"), " not"),
    (re.compile(r"[\u0300-\u036f]"), ""),
)
_COUNTS = """
    two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen twenty
    """.split()  # noqa: SIM905 - a word list is read as one
_MAGNITUDES = {"hundred": "1e2", "thousand": "1e3", "million": "1e6", "billion": "1e9"}
_NUMBERS = {word: str(number) for number, word in enumerate(_COUNTS, start=2)} | _MAGNITUDES
_FUNCTION_WORDS = frozenset(
    """
    a after also although an and as at because before but by can did does during for from had has
    have he her his how however i if in into it its many meanwhile more most my no not now of on one
    our she since some that the their then there these they this those though to under until was we
    were what when where which while who why will with would you your
    """.split()  # noqa: SIM905 - a word list is read as one
)

_Sentence = tuple[str, ...]


def band_hashes(article: Article) -> tuple[int, ...]:
    """Hashes of the LSH bands: 21 bands of 3 rows find openings of similarity 0.5 with p = 0.94
    (1 - (1 - s³)²¹, Leskovec et al., Mining of Massive Datasets, §3.4)."""
    from datasketch import MinHash

    opening = tuple(islice(_words(_sentences(article)), _OPENING_WORDS))
    if len(opening) < _LEAST_BODY_WORDS:
        return ()
    minhash = MinHash(_BANDS * _ROWS_A_BAND, hashfunc=crc32, scheme="affine32")
    minhash.update_batch([shingle.encode() for shingle in _shingles(opening)])
    rows = minhash.hashvalues.reshape(_BANDS, _ROWS_A_BAND)
    return tuple(_hash(band, values.tobytes()) for band, values in enumerate(rows))


def find_story(article: Article, bands: tuple[int, ...], archive: Archive) -> str | None:
    """The id of the story that another article carries too; None if none does."""
    candidates = archive.sharing_a_band(bands) if bands else ()
    others = [other for other in candidates if other.article_id != article.article_id]
    ours = tuple(_sentences(article)) if others else ()
    shared: dict[str, float] = {}
    contradicted: set[str] = set()
    for other in others:
        theirs = tuple(_sentences(other))
        share = _shared_body(tuple(_words(ours)), tuple(_words(theirs)))
        if share < _least_share(article, other) or _is_form(article, other):
            continue
        shared[other.story_id] = max(share, shared.get(other.story_id, 0.0))
        if _contradict(ours, theirs):
            contradicted.add(other.story_id)
    stories = [story for story in shared if story not in contradicted]
    return max(stories, key=lambda story: shared[story], default=None)


def _hash(band: int, values: bytes) -> int:
    digest = hashlib.blake2b(values, digest_size=8, salt=band.to_bytes(2, "big")).digest()
    return int.from_bytes(digest, "big", signed=True)


def _sentences(article: Article) -> Iterator[_Sentence]:
    """The body's full sentences as words: what carriers put around them is left out."""
    for line in unicodedata.normalize("NFKD", article.text).splitlines():
        text = " ".join(line.split())
        if not text.endswith(_SENTENCE_END) or _STAMP.match(text):
            continue
        for pattern, spelling in _SPELLINGS:
            text = pattern.sub(spelling, text)
        for sentence in _BETWEEN_SENTENCES.split(_DATELINE.sub("", text)):
            if words := tuple(_WORD.findall(sentence)):
                yield words


def _words(sentences: Iterable[_Sentence]) -> Iterator[str]:
    return (word.casefold() for sentence in sentences for word in sentence)


def _shingles(words: Sequence[str]) -> frozenset[str]:
    return frozenset(
        " ".join(words[i : i + _SHINGLE_WORDS]) for i in range(len(words) - _SHINGLE_WORDS + 1)
    )


def _shared_body(some: Sequence[str], others: Sequence[str]) -> float:
    """The share of the shorter body that the longer has too; 0 if they open differently."""
    opening = min(len(some), len(others), _OPENING_WORDS)
    ours, theirs = _shingles(some), _shingles(others)
    for start, body in ((some, theirs), (others, ours)):
        if _share(_shingles(start[:opening]), body) < _LEAST_SHARED_OPENING:
            return 0.0
    return _share(*sorted((ours, theirs), key=len))


def _share(part: frozenset[str], whole: frozenset[str]) -> float:
    return len(part & whole) / max(len(part), 1)


def _least_share(article: Article, other: Article) -> float:
    dates = [one.published_at for one in (article, other) if one.published_at]
    is_later = len(dates) == 2 and max(dates) - min(dates) > _LATER
    return _LEAST_SHARED_BODY_LATER if is_later else _LEAST_SHARED_BODY


def _is_form(article: Article, other: Article) -> bool:
    """Whether a registration or consent form was stored as both texts: this one says nothing of
    what its headline says, and the other headline says something else."""
    headline, other_headline = (_keywords(one.title.split(" | ")[0]) for one in (article, other))
    if len(headline) < _LEAST_HEADLINE_WORDS or 2 * len(headline & other_headline) >= len(headline):
        return False
    return headline.isdisjoint(_keywords(article.text))


def _keywords(text: str) -> frozenset[str]:
    words = _WORD.findall(text.casefold())
    return frozenset(word for word in words if len(word) > 3 or word.isdigit()) - _FUNCTION_WORDS


def _contradict(some: Sequence[_Sentence], others: Sequence[_Sentence]) -> bool:
    """Whether a sentence of one is like a sentence of the other, but for a fact."""
    ours, theirs = ({tuple(_words([s])): s for s in body} for body in (some, others))
    changed = [(set(folded), words) for folded, words in theirs.items() if folded not in ours]
    lower = {word for sentence in (*some, *others) for word in sentence if word.islower()}
    for folded, words in ours.items() if changed else ():
        if folded in theirs:
            continue
        mine = set(folded)
        alike, twin = max(
            (2 * len(mine & yours) / (len(mine) + len(yours)), twin) for yours, twin in changed
        )
        if alike >= _LEAST_SHARED_SENTENCE and _differ_in_a_fact(words, twin, lower):
            return True
    return False


def _differ_in_a_fact(some: _Sentence, others: _Sentence, lower: set[str]) -> bool:
    """Whether one denies what the other says, or replaces a number or a name of it."""
    ours, theirs = tuple(_words([some])), tuple(_words([others]))
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    for kind, i, i_end, j, j_end in matcher.get_opcodes():
        if kind == "equal" or max(i_end - i, j_end - j) > _LONGEST_FACT_WORDS:
            continue
        if ("not" in ours[i:i_end]) != ("not" in theirs[j:j_end]):
            return True
        for facts in (_numbers, _names):
            mine, yours = facts(some, i, i_end, lower), facts(others, j, j_end, lower)
            if mine - yours and yours - mine:
                return True
    return False


def _numbers(sentence: _Sentence, start: int, end: int, _: set[str]) -> set[str]:
    folded = (_NUMBERS.get(word.casefold(), word) for word in sentence[start:end])
    return {word for word in folded if word[0].isdigit()}


def _names(sentence: _Sentence, start: int, end: int, lower: set[str]) -> set[str]:
    """Capitalised words, with doubled letters written once; the first word of a sentence is
    none if it is in lower case elsewhere."""
    return {
        re.sub(r"(.)\1", r"\1", folded)
        for place, word in enumerate(sentence[start:end], start)
        if word[0].isupper() and (folded := word.casefold()) not in _FUNCTION_WORDS
        if place > 0 or folded not in lower
    }
