# The image of the gateway. docs/installation.md, "Container image", describes how to build and run it.
# BASE must be an image with Python 3.11 or newer, its venv module, and libstdc++.
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1
RUN python3 -m venv /opt/build \
 && python3 -m venv --without-pip /opt/ordergraph
ENV PATH=/opt/build/bin:$PATH
WORKDIR /src
COPY requirements.lock requirements-build.lock ./
RUN pip install --no-deps --require-hashes -r requirements-build.lock \
 && pip --python /opt/ordergraph install --no-deps --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN pip wheel --no-build-isolation --no-deps --wheel-dir dist . \
 && pip --python /opt/ordergraph install --no-deps dist/*.whl \
 && pip check \
 && pip --python /opt/ordergraph check

FROM ${BASE}
COPY --from=build /opt/ordergraph /opt/ordergraph
ENV PATH=/opt/ordergraph/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    ORDERGRAPH_LOG_FORMAT=json
RUN mkdir /var/lib/ordergraph && chown 10001:10001 /var/lib/ordergraph
WORKDIR /var/lib/ordergraph
VOLUME /var/lib/ordergraph
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/livez', timeout=2)"]
ENTRYPOINT ["ordergraph"]
CMD ["serve", "--host", "0.0.0.0"]
