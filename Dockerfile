# The gateway. Settings: /etc/ordergraph/ordergraph.toml, secrets by variable or file; what it keeps lies in
# /var/lib/ordergraph, which must outlive the container:
#   docker run -p 8000:8000 -v ./ordergraph.toml:/etc/ordergraph/ordergraph.toml:ro -v ordergraph:/var/lib/ordergraph \
#     --env-file secrets ordergraph serve --host 0.0.0.0
# With fake vendors, without settings (8001 is their control API):
#   docker run -p 8000:8000 -p 8001:8001 ordergraph serve --sandbox --host 0.0.0.0

FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore
RUN python -m venv --without-pip /opt/ordergraph
WORKDIR /src
COPY requirements.lock requirements-build.lock ./
RUN pip install --no-deps --require-hashes -r requirements-build.lock \
 && pip --python /opt/ordergraph install --no-deps --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN pip wheel --no-build-isolation --no-deps --wheel-dir dist . \
 && pip --python /opt/ordergraph install --no-deps dist/*.whl

FROM python:3.11-slim-bookworm
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
