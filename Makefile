# Two commands for a newcomer: `make demo` and `make test`. Both need Python 3.11+ and nothing else.
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=
# Figures of the kill and bench runs, smaller for a quick look.
KILLS ?= 200
FUZZ ?= 100000
SOAK ?= 60
WALKS ?= 4

.PHONY: demo test slow check lint kill fuzz soak bench lock docs pictures recording clean

demo: .venv/ready
	@$(BIN)/replyby demo $(ARGS)

test: .venv/ready
	@$(BIN)/python -m pytest -m "not kill and not soak and not slow" -n 4 $(ARGS)

lint: .venv/ready
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

slow: .venv/ready
	@$(BIN)/python -m pytest -m slow -n 2 $(ARGS)

kill: .venv/ready
	@REPLYBY_KILLS=$(KILLS) $(BIN)/python -m pytest -m kill -n 2 $(ARGS)

# Sample mails damaged at random; they are read where ../shared is.
fuzz: .venv/ready
	@REPLYBY_FUZZ=$(FUZZ) $(BIN)/python -m pytest tests/connectors/test_mime_fuzz.py -n 2 $(ARGS)

# Three people at terminals under tmux work so many conversations; then as many random walks.
soak: .venv/ready
	@REPLYBY_SOAK=$(SOAK) $(BIN)/python -m pytest -m soak $(ARGS)
	@REPLYBY_WALKS=$(WALKS) $(BIN)/python -m pytest tests/queue_tui/test_random_walk.py -n 2 $(ARGS)

bench: .venv/ready
	@$(BIN)/python -m benchmarks $(ARGS)

# All that CI does, after the Debian packages are there.
check: lint test slow kill fuzz soak
	@$(BIN)/replyby demo --headless --seconds 20

# Written anew by hand when a dependency is to move; uv is needed for this alone.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --group dev \
	  --no-annotate --no-header --no-emit-index-url --no-emit-find-links \
	  pyproject.toml -o requirements.lock

.venv/ready: requirements.lock pyproject.toml
	@echo "setting up .venv (once; a minute at the most)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "replyby needs Python 3.11 or newer; name one with make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

pictures: .venv/ready
	@COLORTERM=truecolor TERM=xterm-256color $(BIN)/python -m tests.queue_tui.pictures
	@COLORTERM=truecolor TERM=xterm-256color $(BIN)/python -m tests.queue_tui.board_pictures

# A minute of the demo for asciinema.
recording: .venv/ready
	@$(BIN)/python -m tests.queue_tui.recording

docs: .venv/ready
	@$(BIN)/python -m tests.file_table

clean:
	rm -rf .venv build dist *.egg-info
