# Pinned by tag. To pin it by content too, look the digest up where there is a network
# (`docker buildx imagetools inspect python:3.11.14-slim-bookworm`) and append it: ...@sha256:<digest>.
ARG PYTHON=python:3.11.14-slim-bookworm

FROM ${PYTHON} AS packages
COPY requirements.lock /
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r /requirements.lock

FROM ${PYTHON} AS sandbox-packages
COPY requirements-sandbox.lock /
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r /requirements-sandbox.lock

FROM ${PYTHON} AS base
RUN useradd --system --uid 10001 --no-create-home --home-dir /app app \
 && install --directory --owner=app /data
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
COPY address_settings.py backup_settings.py connection.py key_settings.py leash.py served.py settings.py starter.py subscription_settings.py supervisor.py telemetry_settings.py worker.py ./
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

# The simulators: `docker build --target sandbox .`
FROM base AS sandbox
COPY --from=sandbox-packages /venv /venv
COPY sandbox/ sandbox/
USER app
VOLUME /data
CMD ["python", "-m", "sandbox", "--help"]

# Last, so that it is what `docker build .` builds.
FROM base AS app
COPY --from=packages /venv /venv
USER app
CMD ["python", "worker.py"]
