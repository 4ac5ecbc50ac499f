"""Everything that can go wrong, in one tree.

DatelineError                 one line for the user: what is wrong, what to do next
├── SettingsError             a setting is unknown, malformed or unusable        exit 2
├── InvalidDate               a date given by the caller cannot be read          exit 2
├── ArticleNotFound           no article has this id                             exit 2
│   └── ArticleWithdrawn      its publisher has withdrawn it                     exit 2
├── IndexMissing              the archive has articles, an index has not         exit 2
├── IndexMismatch             the index was built with other settings            exit 2
├── EmbeddingModelError       the embedding model cannot be loaded               exit 2
├── IndexBusy                 another process owns the indexes, or fills them    exit 1
│   └── Superseded            another process indexes in this one's place        exit 1
├── StorageError              the disk or the database refused a write           exit 1
├── UnreadableInput           one input cannot become an article (ingest)        exit 3
├── ClusterFailed             Ray cannot be reached, or gives up (ingest)         exit 1
├── EmptyQuestion             a question has no words (bot)                      exit 2
├── AnswerNotFound            no answer of the caller has this id (bot)           exit 2
├── JobNotFound               no job of the caller has this id (bot)              over HTTP
├── UnusableAddress       Slack cannot send to this address (bot)                exit 2
├── LLMError                  the language model failed (bot)                    exit 1
└── GoldError                 a gold set is malformed (eval)                     exit 2
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from retrieval.schema import Edition


class DatelineError(Exception):
    """A failure that the user can act on; its text is shown as it is."""

    exit_code = 1


class SettingsError(DatelineError):
    exit_code = 2


class InvalidDate(DatelineError):
    exit_code = 2

    def __init__(self, value: str, field: str | None = None) -> None:
        """`field` is what the date was given for, where several are."""
        self.value = value
        named = "" if field is None else f" for {field}"
        super().__init__(
            f"cannot read {value!r} as a date{named}: write it like 2026-02-12 or "
            "2026-02-12T18:30+01:00"
        )


class ArticleNotFound(DatelineError):
    exit_code = 2

    def __init__(self, article_id: str) -> None:
        super().__init__(
            f"no article has the id {article_id!r}: `dateline articles list` shows the ids"
        )


class ArticleWithdrawn(ArticleNotFound):
    def __init__(self, article_id: str, notice: Edition) -> None:
        DatelineError.__init__(
            self, f"the article {article_id!r} {describe_withdrawal(notice)}: do not use it"
        )


def describe_withdrawal(notice: Edition) -> str:
    """`was withdrawn by Harbour Wire on 1 March 2026`"""
    moment = notice.created_at
    day = f" on {moment.day} {moment:%B %Y}" if moment else ""
    return f"was withdrawn by {notice.publisher or 'its publisher'}{day}"


class IndexMissing(DatelineError):
    exit_code = 2

    def __init__(self, index: str) -> None:
        super().__init__(f"the {index} index is missing: run `dateline reindex` to rebuild it")


class IndexMismatch(DatelineError):
    exit_code = 2

    def __init__(self, setting: str, stored: object, configured: object) -> None:
        super().__init__(
            f"the index was built with {setting} = {stored}, but the settings say {configured}: "
            f"run `dateline reindex` to rebuild it, or set {setting} back"
        )


class EmbeddingModelError(DatelineError):
    exit_code = 2


class IndexBusy(DatelineError):
    pass


class Superseded(IndexBusy):
    def __init__(self) -> None:
        super().__init__(
            "another process took over indexing because this one was away too long: nothing is "
            "lost, and there is nothing to do"
        )


class StorageError(DatelineError):
    pass


class BackupUnreadable(DatelineError):
    exit_code = 2

    def __init__(self, path: object, reason: str) -> None:
        super().__init__(f"cannot restore {path}: {reason}; nothing was changed")
