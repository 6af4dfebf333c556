# `make bench` measures on the virtual board, `make test` tests everything. Both install what they need.
PYTHON ?= python3
VENV := .venv
BENCH := $(VENV)/bin/bench
INSTALLED := $(VENV)/.installed
# Tests wait for boards, time-outs and lines for a good part of their time: one process more than there are processors.
TEST_JOBS ?= $(shell echo $$(($$(nproc) + 1)))

.PHONY: bench test test-slow check setup lock speed verify reference workflow anatomy scale faults notebook docs clean help

help:            ## this list
	@grep -hE '^[a-z-]+: .*##' Makefile | sed 's/:.*## /\t/' | expand -t 12

bench: setup     ## measure all workloads in both languages on the virtual board; table, charts, report
	$(BENCH) run --board virtual-esp32 --report

test: setup check  ## lint, type check, and all tests but the slow ones
	@sh tools/install_system_packages.sh test
	$(VENV)/bin/python -m pytest -n $(TEST_JOBS) --dist loadfile -m "not slow"

test-slow: setup ## the tests that take minutes
	$(VENV)/bin/python -m pytest -m slow

check: setup     ## lint and type check
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

verify: setup    ## measure the committed reference runs again and compare every count
	$(BENCH) verify
	for board in virtual-esp32 virtual-esp32c3; do $(BENCH) workflow reference-$$board --verify || exit 1; done

speed: setup     ## how long a full run and small commands take, against their targets
	$(VENV)/bin/python tools/speed.py

reference: setup ## make the reference runs in results/ anew
	for board in virtual-esp32 virtual-esp32c3; do \
	  rm -rf results/reference-$$board && $(BENCH) run --fresh --variant all --board $$board --out results/reference-$$board || exit 1; done
	$(MAKE) --no-print-directory workflow anatomy

workflow: setup  ## measure the ways of working for the reference runs in results/ anew
	for board in virtual-esp32 virtual-esp32c3; do run=results/reference-$$board; $(BENCH) workflow $$run --fresh && \
	  $(BENCH) charts $$run --format png $(foreach part,edit_to_run storage memory compiling repl io,--only workflow_$(part)) || exit 1; done

# Each workload at its largest n, and the five that others have published at all of theirs, for `bench estimate`.
anatomy: setup   ## profile the reference runs in results/ anew, and all that is made of it
	for board in virtual-esp32 virtual-esp32c3; do run=results/reference-$$board; \
	  $(BENCH) anatomy $$run --no-charts --variant Os --variant bytecode --variant native --variant viper && \
	  $(BENCH) anatomy $$run --no-charts --variant Os --variant bytecode -w crc32 -w sha256 -w fft_i16 -w fir_f32 -w iir_f32 \
	    --n 16 --n 32 --n 64 --n 128 --n 256 --n 512 --n 1024 && \
	  $(BENCH) anatomy-of compile --board $$board --variant all --into $$run && \
	  $(BENCH) anatomy-of gc --board $$board --into $$run && \
	  $(BENCH) charts $$run --format png --only anatomy --only anatomy_shares --only anatomy_variants || exit 1; done
	$(VENV)/bin/python tools/update_readme.py
	$(VENV)/bin/python tools/notebook.py

scale: setup     ## how loading, summarising, charting and comparing grow, against their targets
	$(VENV)/bin/python tools/scale.py

faults: setup    ## hundreds of measurements over a serial line that fails on purpose, and what became of them
	$(VENV)/bin/python tools/faults.py

notebook: setup  ## execute notebooks/overhead.ipynb and write it back with its outputs
	$(VENV)/bin/python tools/notebook.py

docs: setup      ## write docs/workloads.md, tips.md and io.md anew from their tables, the sources, measured tips, the reference run
	$(BENCH) list --format markdown > docs/.workloads.new && mv docs/.workloads.new docs/workloads.md
	$(BENCH) tips --anatomy --format markdown > docs/.tips.new && mv docs/.tips.new docs/tips.md
	$(VENV)/bin/python tools/io_page.py > docs/.io.new && mv docs/.io.new docs/io.md

setup: $(INSTALLED) ## system packages (asks for root), .venv and the harness
	@sh tools/install_system_packages.sh

$(INSTALLED): pyproject.toml requirements.lock
	@sh tools/install_system_packages.sh
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "bench needs Python 3.11 or newer, this is %d.%d: make PYTHON=python3.11" % sys.version_info[:2])'
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@PYTHONWARNINGS=ignore $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

lock:            ## choose the newest allowed versions of the Python packages anew (needs uv)
	uv pip compile --upgrade --universal --generate-hashes --python-version 3.11 --extra dev --no-header --no-annotate \
	  --quiet --output-file requirements.lock pyproject.toml

clean:           ## remove everything that can be made again, runs are kept
	rm -rf .bench .pio $(VENV)
