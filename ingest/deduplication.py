"""Near-duplicates: which story does an article carry?

MinHash finds candidates (datasketch); the words themselves decide. A copy in which a number
was changed contradicts the other and is a story of its own.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from retrieval.archive import Archive
from retrieval.schema import Article

_SHINGLE_WORDS = 5
_PERMUTATIONS = 64
_ROWS_A_BAND = 4
_LEAST_SIMILARITY = 0.75
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_SENTENCE_END = (".", "!", "?", "…", '"', "”", "’")


def band_hashes(article: Article) -> tuple[int, ...]:
    """Hashes of the LSH bands: 16 bands of 4 rows find pairs of similarity 0.75 with p = 0.997
    (1 - (1 - s⁴)¹⁶, Leskovec et al., Mining of Massive Datasets, §3.4)."""
    from datasketch import MinHash

    shingles = _shingles(article)
    if not shingles:
        return ()
    minhash = MinHash(num_perm=_PERMUTATIONS)
    minhash.update_batch([shingle.encode() for shingle in shingles])
    values = minhash.hashvalues
    return tuple(
        _hash(start, values[start : start + _ROWS_A_BAND].tobytes())
        for start in range(0, _PERMUTATIONS, _ROWS_A_BAND)
    )


def find_story(article: Article, bands: tuple[int, ...], archive: Archive) -> str | None:
    """The id of the story that another article carries too; None if none does."""
    shingles, numbers = _shingles(article), _numbers(article)
    best_story, best_similarity = None, 0.0
    for other in archive.sharing_a_band(bands) if bands else ():
        if other.article_id == article.article_id or _numbers(other) != numbers:
            continue
        similarity = _jaccard(shingles, _shingles(other))
        if similarity >= _LEAST_SIMILARITY and similarity > best_similarity:
            best_story, best_similarity = other.story_id, similarity
    return best_story


def _hash(band: int, values: bytes) -> int:
    digest = hashlib.blake2b(values, digest_size=8, salt=band.to_bytes(2, "big")).digest()
    return int.from_bytes(digest, "big", signed=True)


def _body(article: Article) -> Iterator[str]:
    """Full sentences only: headlines, bylines and dates differ between carriers of a story."""
    return (line for line in article.text.split("\n") if line.endswith(_SENTENCE_END))


def _shingles(article: Article) -> frozenset[str]:
    words = re.findall(r"\w+", " ".join(_body(article)).casefold())
    return frozenset(
        " ".join(words[i : i + _SHINGLE_WORDS]) for i in range(len(words) - _SHINGLE_WORDS + 1)
    )


def _numbers(article: Article) -> frozenset[str]:
    return frozenset(_NUMBER.findall(" ".join(_body(article))))


def _jaccard(some: frozenset[str], others: frozenset[str]) -> float:
    return len(some & others) / max(len(some | others), 1)
