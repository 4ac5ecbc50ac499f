# Dateline without its tests and evaluation. It writes below /data and /tmp alone.
#   docker build -t dateline .
#   docker run --rm --read-only --tmpfs /tmp --volume dateline:/data dateline ask "…"

# The Python and the Debian that the tests run on; building again brings their security fixes.
FROM python:3.11-slim-bookworm AS build
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends binutils \
    && rm -rf /var/lib/apt/lists/*
# PyPI's torch for Linux brings CUDA, which is larger than all the rest.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 HF_HUB_OFFLINE=1 \
    PATH=/opt/dateline/bin:$PATH
RUN python -m venv /opt/dateline
WORKDIR /src
COPY pyproject.toml constraints.txt README.md dateline.py ./
RUN pip install --no-compile --no-deps --index-url "$TORCH_INDEX" \
    --constraint constraints.txt torch
COPY retrieval retrieval
COPY ingest ingest
COPY bot bot
RUN pip install --no-compile --constraint constraints.txt ".[otel]"
# What is there for those alone who compile against a package, debug or test it; a client of
# Kubernetes, which Chroma asks for and uses in its own cloud; and what makes downloads faster.
ARG PACKAGES=/opt/dateline/lib/python3.11/site-packages
RUN pip uninstall --yes kubernetes hf-xet setuptools pip \
    && find $PACKAGES -depth -type d \( -name tests -o -name test \) -exec rm -r {} + \
    && find $PACKAGES/torch/bin -type f ! -name torch_shm_manager -delete \
    && rm -r $PACKAGES/torch/include \
    && strip --strip-unneeded $PACKAGES/torch/lib/libtorch_cpu.so \
        $PACKAGES/torch/lib/libtorch_python.so $PACKAGES/uvloop/*.so $PACKAGES/tantivy/*.so \
        $PACKAGES/tokenizers/*.so $PACKAGES/cryptography/hazmat/bindings/*.so
COPY deploy/probe_chroma.py /opt/dateline/
# It works, and what it needs for that is compiled, which the other half of the packages never is.
RUN export DATELINE_HOME=/tmp/home && dateline ingest README.md && dateline ask "What is Dateline?" \
    && python -c "import bot.serving, bot.slack.socket_mode, bot.slack.opening, chromadb.cli.cli"

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --no-create-home --home-dir /data dateline \
    && install --directory --owner dateline --group dateline --mode 750 /data
COPY --from=build /opt/dateline /opt/dateline
ENV PATH=/opt/dateline/bin:$PATH DATELINE_HOME=/data HF_HUB_OFFLINE=1 \
    PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
# Of the server; who runs another command turns it off, or checks what that one does.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["dateline"]
CMD ["--help"]
