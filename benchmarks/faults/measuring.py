"""What users saw of one fault, and for how long."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.faults.asking import Asked
from benchmarks.slack_replies import Outcome

# Slower than this is not what people are used to; in a calm cluster the slowest take a third.
_NORMAL_S = 5.0
_LATE_S = 15.0


@dataclass(frozen=True, slots=True)
class Moments:
    """Of one fault, in seconds since the epoch; None where it never came.

    `whole` is when every process was ready again, `indexed` when the ingest was acknowledged, and
    `complete` when every index was found to hold all that the archive does.
    """

    began: float
    lifted: float
    whole: float | None
    indexed: float | None
    complete: float | None


@dataclass(frozen=True, slots=True)
class SlackSeen:
    """`never` are questions without a finished reply, `failed` were told so."""

    asked: int
    once: int
    twice: int
    never: int
    failed: int
    late: int
    longest_s: float


@dataclass(frozen=True, slots=True)
class Seen:
    """By users of the API. `disturbed_s` is from the fault's beginning until the last question that
    went wrong or took long had ended, `after_s` of it was after the fault."""

    asked: int
    answered: int
    declined: int
    refused: int
    failed: int
    longest_s: float
    disturbed_s: float
    after_s: float


def is_normal(asked: Asked) -> bool:
    return asked.is_answer and asked.took_s < _NORMAL_S


def measure(asked: Iterable[Asked], moments: Moments) -> Seen:
    """Of questions that were being asked since the fault began."""
    during = [each for each in asked if each.ended >= moments.began]
    wrong = [each.ended for each in during if not is_normal(each)]
    last = max(wrong, default=moments.began)
    return Seen(
        asked=len(during),
        answered=sum(each.is_answer and not each.declined for each in during),
        declined=sum(each.declined for each in during),
        refused=sum(each.status == 503 for each in during),
        failed=sum(each.status not in (200, 503) for each in during),
        longest_s=max((each.took_s for each in during), default=0.0),
        disturbed_s=last - moments.began,
        after_s=max(0.0, last - moments.lifted),
    )


def measure_slack(outcomes: Sequence[Outcome]) -> SlackSeen:
    waits = [one.reply_s for one in outcomes if one.reply_s is not None]
    return SlackSeen(
        asked=len(outcomes),
        once=sum(one.right and not one.failed for one in outcomes),
        twice=sum(one.replies > 1 for one in outcomes),
        never=sum(not one.replies or not one.finished for one in outcomes),
        failed=sum(one.failed for one in outcomes),
        late=sum(wait > _LATE_S for wait in waits),
        longest_s=max(waits, default=0.0),
    )
