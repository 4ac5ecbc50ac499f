"""llama-index as in llama_index_stack.py, with chunks of the size that Dateline embeds."""

from __future__ import annotations

import tempfile
from importlib.metadata import version

from beir_files import measure, model_folder
from llama_index.core import Settings
from llama_index.core.node_parser import SentenceSplitter
from llama_index_stack import LlamaIndexStack
from tokenizers import Tokenizer

# 200 tokens of text and the headline in front; the splitter counts the header in.
_CHUNK_SIZE_TOKENS = 224


def main() -> None:
    tokenizer = Tokenizer.from_file(f"{model_folder()}/tokenizer.json")
    tokenizer.no_padding()
    tokenizer.no_truncation()
    Settings.text_splitter = SentenceSplitter(
        chunk_size=_CHUNK_SIZE_TOKENS,
        chunk_overlap=0,
        tokenizer=lambda text: tokenizer.encode(text, add_special_tokens=False).ids,
    )
    with tempfile.TemporaryDirectory() as home:
        measure("llama_index_same_chunks", version("llama-index-core"), LlamaIndexStack(home))


if __name__ == "__main__":
    main()
