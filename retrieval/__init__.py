"""Find the passages that bear on a question: archive, indexes, retriever."""
