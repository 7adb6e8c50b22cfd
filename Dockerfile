# Every package comes from a hash-pinned lock file; what only building needs stays in the first stage.
FROM python:3.13-slim AS build
WORKDIR /srv/alur
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements.txt requirements-build.txt ./
RUN python -m venv /opt/alur \
 && /opt/alur/bin/pip install --require-hashes -r requirements.txt \
 && /opt/alur/bin/pip install --require-hashes --target /opt/build -r requirements-build.txt
COPY pyproject.toml README.md ./
COPY app app
# From its folder, not copied into the environment: Alur looks for migrations/ beside app/.
RUN PYTHONPATH=/opt/build /opt/alur/bin/pip install --no-build-isolation --no-deps --no-index -e . \
 && /opt/alur/bin/python -m compileall -q app \
 && /opt/alur/bin/python -OO -m compileall -q app /opt/alur/lib  # as the server runs

FROM python:3.13-slim
WORKDIR /srv/alur
RUN useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin alur \
 && install -d -o alur -g alur -m 0750 /var/lib/alur /var/lib/alur/documents
COPY --from=build /opt/alur /opt/alur
COPY --from=build /srv/alur /srv/alur
COPY alembic.ini ./
COPY migrations migrations
ENV PATH=/opt/alur/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 ALUR_DATA_DIR=/var/lib/alur
USER alur
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/livez', timeout=4)"]
CMD ["alur", "serve", "--host", "0.0.0.0", "--port", "8000"]
