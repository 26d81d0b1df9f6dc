# The same commit gives the same files and layers' times:
#
#   docker build --build-arg SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) -t signupassist:0.1.0 .
#
# Pinned by tag. To pin it by content too, look the digest up where there is a network
# (`docker buildx imagetools inspect python:3.11.14-slim-bookworm`) and append it: ...@sha256:<digest>.
ARG PYTHON=python:3.11.14-slim-bookworm

# What is compiled here is never looked at again: programs start without compiling, on a root that
# nobody may write to, and no time of a file is in the result.
FROM ${PYTHON} AS packages
ARG SOURCE_DATE_EPOCH=0
COPY requirements.lock /
RUN python -m venv --without-pip /venv \
 && pip --python /venv/bin/python install --no-cache-dir --no-compile --require-hashes --only-binary :all: -r /requirements.lock \
 && python -m compileall -q -j 0 --invalidation-mode unchecked-hash /venv/lib

FROM ${PYTHON} AS sandbox-packages
ARG SOURCE_DATE_EPOCH=0
COPY requirements-sandbox.lock /
RUN python -m venv --without-pip /venv \
 && pip --python /venv/bin/python install --no-cache-dir --no-compile --require-hashes --only-binary :all: -r /requirements-sandbox.lock \
 && python -m compileall -q -j 0 --invalidation-mode unchecked-hash /venv/lib

FROM ${PYTHON} AS base
ARG SOURCE_DATE_EPOCH=0
RUN useradd --system --uid 10001 --no-create-home --home-dir /app --shell /usr/sbin/nologin app \
 && install --directory --owner=app /data
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# What the supervisor and both servers end in order at.
STOPSIGNAL SIGTERM
WORKDIR /app
COPY address_settings.py backup_settings.py concurrency.py connection.py key_settings.py leash.py release.py requirements.lock served.py settings.py starter.py subscription_settings.py supervisor.py telemetry_settings.py worker.py ./
COPY activities/ activities/
COPY console/ console/
COPY domain/ domain/
COPY front_door/ front_door/
COPY gateways/ gateways/
COPY logs/ logs/
COPY mcp_server/ mcp_server/
COPY supabase/ supabase/
COPY telemetry/ telemetry/
COPY workflows/ workflows/
RUN python -m compileall -q -j 0 --invalidation-mode unchecked-hash .

# The simulators: `docker build --target sandbox .`
FROM base AS sandbox
COPY --from=sandbox-packages /venv /venv
COPY sandbox/ sandbox/
USER 10001
VOLUME /data
CMD ["python", "-m", "sandbox", "--help"]

# Last, so that it is what `docker build .` builds: worker, MCP server, deploy step and command line
# in one image, so that a release is one thing. Who asks after the MCP server's health is whoever
# runs it (docker-compose.yml, deploy/railway/): the worker would fail the same question.
FROM base AS app
COPY --from=packages /venv /venv
# Names the build of its workers; unset, they name themselves after their code.
ARG WORKER_BUILD_ID
ENV WORKER_BUILD_ID=${WORKER_BUILD_ID}
# By number, so that an orchestrator can tell that it is not root.
USER 10001
CMD ["python", "worker.py"]
