"""What each stage of a question costs: the retriever's parts, watched from outside."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from retrieval.retriever import Retriever

# The part of the retriever, its method, and the stage that it is.
_STAGES = {
    "embed the question": ("embedder", "embed_question"),
    "nearest vectors (Chroma)": ("vectors", "search"),
    "exact scores of a window (Chroma)": ("vectors", "score"),
    "words (Tantivy)": ("lexical", "search"),
    "carriers (SQL)": ("carriers", "find"),
    "how many are allowed (SQL)": ("archive", "count"),
    "which are allowed (SQL)": ("generations", "list_chunks"),
    "their chunks (SQL)": ("generations", "read_chunks"),
    "their articles (SQL)": ("archive", "get_many"),
    "who else carries them (SQL)": ("carriers", "of_stories"),
}
REST = "fuse, prefer, collapse"
STAGES = (*_STAGES, REST)


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds: on the clock, and of all the process's threads on a processor."""

    wall_ms: float
    cpu_ms: float


class Watch:
    """Adds up what each stage of the call in progress costs; for one thread."""

    def __init__(self) -> None:
        self._spent: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])

    def measure(self, call: Callable[[], object]) -> dict[str, Cost]:
        """The cost of each stage, and of the whole under ""."""
        self._spent.clear()
        self._add("", call)()
        whole_wall, whole_cpu = self._spent.pop("")
        stages = {stage: Cost(*spent) for stage, spent in self._spent.items()}
        rest = Cost(
            whole_wall - sum(cost.wall_ms for cost in stages.values()),
            whole_cpu - sum(cost.cpu_ms for cost in stages.values()),
        )
        return {"": Cost(whole_wall, whole_cpu), **stages, REST: rest}

    def over(self, retriever: Retriever) -> Retriever:
        """The same retriever, its parts watched."""
        index = retriever.indexes.open_active()
        assert index is not None
        opened = replace(
            index,
            vectors=self._watch("vectors", index.vectors),
            lexical=self._watch("lexical", index.lexical),
        )
        carriers = self._watch("carriers", retriever.archive.carriers)
        return replace(
            retriever,
            archive=self._watch("archive", retriever.archive, carriers=carriers),
            generations=self._watch("generations", retriever.generations),
            embedder=self._watch("embedder", retriever.embedder),
            indexes=self._watch("indexes", retriever.indexes, open_active=lambda: opened),
        )

    def _watch(self, part: str, inner: object, **inside: object) -> Any:
        methods = {
            method: self._add(stage, getattr(inner, method))
            for stage, (of, method) in _STAGES.items()
            if of == part
        }
        return _Watched(inner, inside | methods)

    def _add(self, stage: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def added(*args: Any, **kwargs: Any) -> Any:
            wall, cpu = time.perf_counter(), time.process_time()
            try:
                return call(*args, **kwargs)
            finally:
                spent = self._spent[stage]
                spent[0] += 1000 * (time.perf_counter() - wall)
                spent[1] += 1000 * (time.process_time() - cpu)

        return added


class _Watched:
    """What it wraps, but for what is in `instead`."""

    def __init__(self, inner: object, instead: dict[str, Any]) -> None:
        self._inner, self._instead = inner, instead

    def __getattr__(self, name: str) -> Any:
        return self._instead[name] if name in self._instead else getattr(self._inner, name)
