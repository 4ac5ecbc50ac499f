"""What was written, and the epochs that are drawn from it, each in other forms."""

from __future__ import annotations

import random
from dataclasses import dataclass

from training.claims import Claimed
from training.examples import Example, Reading, find_names

_SHUFFLED_SHARE = 0.25
_CROPPED_SHARE = 0.35
# A name that stands nowhere in the passage is another's: what is told here does not answer.
_RENAMED_SHARE = 0.2
_OTHER_SHARE = 0.45
_EMPTIED_SHARE = 0.14
_MISS_SHARE = 0.85
_PUBLIC_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Asked:
    """A written question with its passage, and other passages that do not answer it."""

    passage_id: str
    example: Example
    far: tuple[Reading, ...] = ()
    same: tuple[Reading, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    asked: tuple[Asked, ...]
    misses: tuple[Asked, ...]
    claims: tuple[Claimed, ...] = ()
    public_claims: tuple[Example, ...] = ()

    def draw(self, rng: random.Random) -> list[Example]:
        """One epoch."""
        drawn = [each.example for each in self.misses if rng.random() < _MISS_SHARE]
        names = sorted({name for each in self.asked for name in find_names(each.example.question)})
        for each in self.asked:
            whole = each.example
            if rng.random() < _RENAMED_SHARE:
                drawn.append(whole.renamed(names, rng, everywhere=False))
            if rng.random() < _RENAMED_SHARE:
                whole = whole.renamed(names, rng, everywhere=True)
            drawn.append(whole.shuffled(rng) if rng.random() < _SHUFFLED_SHARE else whole)
            dice = rng.random()
            if dice < _OTHER_SHARE:
                pool = each.same if each.same and rng.random() < 0.5 else each.far
                drawn += [Example(whole.question, rng.choice(pool))] if pool else []
            elif dice < _OTHER_SHARE + _EMPTIED_SHARE:
                drawn.append(whole.emptied())
        drawn = [each for each in drawn if each.reading.sentences]
        drawn = [e.cropped(rng) if rng.random() < _CROPPED_SHARE else e for e in drawn]
        drawn += [each for claim in self.claims for each in claim.draw(rng)]
        drawn += [each for each in self.public_claims if rng.random() < _PUBLIC_SHARE]
        rng.shuffle(drawn)
        return drawn
