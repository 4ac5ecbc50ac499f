# The bot without its tests and evaluation. All data is under /data.
#   docker build -t dateline .
#   docker run --rm -v dateline:/data dateline ask "…"
FROM python:3.12-slim AS build
# An index with the CPU build of torch keeps the image small: --build-arg PIP_EXTRA_INDEX_URL=…
ARG PIP_EXTRA_INDEX_URL=
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/dateline
WORKDIR /src
COPY pyproject.toml constraints.txt README.md dateline.py ./
COPY retrieval retrieval
COPY ingest ingest
COPY bot bot
RUN /opt/dateline/bin/pip install --constraint constraints.txt torch \
    && /opt/dateline/bin/pip install --constraint constraints.txt .

FROM python:3.12-slim
RUN useradd --system --uid 10001 --home-dir /data dateline \
    && install --directory --owner dateline /data
COPY --from=build /opt/dateline /opt/dateline
ENV PATH=/opt/dateline/bin:$PATH DATELINE_HOME=/data HF_HUB_OFFLINE=1 PYTHONUNBUFFERED=1
USER dateline
WORKDIR /data
VOLUME /data
ENTRYPOINT ["dateline"]
CMD ["--help"]
