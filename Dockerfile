# One image for every part of a service: server, workers, status page.
#   docker build -t lstm-pipeline .                                        # on the processor
#   docker build -t lstm-pipeline:cuda --build-arg TORCH_INDEX=https://download.pytorch.org/whl/cu126 .
FROM python:3.11-slim

# the wheels of torch: those of this index run on the processor alone
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ENV PYTHONUNBUFFERED=1 OMP_NUM_THREADS=1 DO_NOT_TRACK=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

WORKDIR /opt/lstm-pipeline
COPY constraints.txt ./
RUN pip install -c constraints.txt --index-url "$TORCH_INDEX" torch==2.13.0
COPY pyproject.toml README.md LICENSE ./
COPY lstm_pipeline ./lstm_pipeline
COPY flows ./flows
COPY data ./data
RUN pip install -c constraints.txt '.[postgres,s3]'

# no part of it needs more rights than to write its store
RUN useradd --create-home --uid 10001 worker && mkdir /data && chown worker /data
USER worker
WORKDIR /data
ENTRYPOINT ["lstm-pipeline"]
CMD ["--help"]
