.PHONY: setup run test lint format lock openapi migration

BIN = .venv/bin
UV = uv

setup: .venv/installed
	@:

.venv/installed: requirements.txt requirements-dev.txt
	@.ci/setup

run: setup
	@ALUR_DEMO=1 exec $(BIN)/alur serve --host 127.0.0.1 --port 8000

# make test ARGS="tests/domain -x"
test: setup
	$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.support.size_limits

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Keeps the versions that still fit; make lock ARGS=--upgrade takes the newest ones. Needs uv.
COMPILE = $(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header $(ARGS)
lock:
	@command -v $(UV) >/dev/null || { echo "make lock needs uv (pip install uv), or UV=/path/to/uv" >&2; exit 1; }
	$(COMPILE) pyproject.toml -o requirements.txt
	$(COMPILE) -c requirements.txt --extra dev pyproject.toml -o requirements-dev.txt
	$(COMPILE) -c requirements-dev.txt --group build -o requirements-build.txt

openapi: setup
	$(BIN)/alur openapi

# make migration m="what it does": from the difference between app/store/tables and the migrations so far
migration: setup
	$(BIN)/python -m tests.support.new_migration "$(m)"
