# What one does with a checkout; `make` alone lists it. Everything is installed into .venv, once.

PORT     ?= 8000
HOME_DIR ?= .peelgraph
WORKERS  ?= 2
SIZES    ?= 0.05,0.5
CLIENTS  ?= 1,4,16

VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
# What tests and checks need beyond that: the client's frames, notebooks, the documentation.
WHOLE  := $(VENV)/.whole
ASSETS := $(shell find src/peelgraph/site/assets -type f -not -path '*/node_modules/*' -not -name '*.pyc')
UNBUILT := src/peelgraph/site/static/built/unbuilt.txt
TURTLE := $(wildcard ontology/*.ttl ontology/*/*.ttl shapes/*.ttl data/*/*.ttl data/*/*/*.ttl tests/cases/*/*.ttl tests/checks/*.ttl $(shell find tests/other_project -name "*.ttl"))

.DEFAULT_GOAL := help
.PHONY: help serve build test test-slow coverage test-engines check format docs assets test-browser bench bench-engines release clean

help:
	@echo 'make serve [PORT=8000] [HOME_DIR=.peelgraph]   install, build and answer at http://127.0.0.1:8000/'
	@echo 'make build                                      publish the sources as a new version'
	@echo 'make test [TESTS=tests/web]                     run the tests, all but the slow ones'
	@echo 'make test-slow                                  run the oracles and soaks that make test leaves out'
	@echo 'make coverage                                   run the tests, and count the lines and branches that they run'
	@echo 'make check                                      formatters, linters, types, layers'
	@echo 'make format                                     lay out every file'
	@echo 'make assets                                     build the scripts and styles of the pages once more'
	@echo 'make docs                                       write the site into docs/_build, every warning an error'
	@echo 'make test-browser                               look at every page in Chromium, and do what a visitor does'
	@echo 'make test-engines                               the same tests on Fuseki and on Virtuoso too'
	@echo 'make bench                                      measure'
	@echo 'make bench-engines [SIZES=0.05,0.5]             measure beside Fuseki, Virtuoso, Oxigraph and rdflib-endpoint'
	@echo 'make release                                    wheel, sdist and bills of materials, into dist'
	@echo 'make clean                                      remove what was made here, but no published version'

serve: $(STAMP)
	@exec $(BIN)/peelgraph serve --port $(PORT) --home '$(HOME_DIR)' --workers $(WORKERS)

build: $(STAMP)
	@$(BIN)/peelgraph build --home '$(HOME_DIR)'

test: $(WHOLE)
	@$(BIN)/python -m pytest -n 2 -m 'not slow' $(TESTS)

test-slow: $(WHOLE)
	@$(BIN)/python -m pytest -n 2 -m slow $(TESTS)

coverage: $(WHOLE)
	@$(BIN)/python -m pytest -n 2 -m 'not slow' --cov --cov-report= $(TESTS)
	@$(BIN)/coverage report
	@echo "coverage of lines and branches: $$($(BIN)/coverage report --format=total) %"

# Installs Java, Maven, Virtuoso and nginx from Debian's packages where they are not there.
test-engines: $(WHOLE)
	@$(BIN)/python -m tests.engines.run $(ENGINES)

check: $(WHOLE)
	$(BIN)/ruff format --check src tests
	$(BIN)/ruff check src tests
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/turtlefmt --check $(TURTLE)
	$(BIN)/python tests/check_scripts.py $(VENV)/.typed

format: $(STAMP)
	$(BIN)/ruff format src tests
	$(BIN)/ruff check --fix src tests
	$(BIN)/turtlefmt $(TURTLE)

docs: $(WHOLE)
	@$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going --builder html docs docs/_build

assets:
	@rm -f $(STAMP)
	@$(MAKE) --no-print-directory $(STAMP)

test-browser: $(STAMP)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,browser]'
	@$(BIN)/python -m pytest tests/browser -p no:xdist --reruns 2 -rR -o python_files='browse_*.py'

bench: $(STAMP)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,bench]'
	@$(BIN)/python -m pytest tests/benchmarks -p no:xdist -o python_files='bench_*.py' -s

bench-engines: $(STAMP)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,bench]'
	@SIZES='$(SIZES)' CLIENTS='$(CLIENTS)' $(BIN)/python -m tests.benchmarks.measure_engines

release: $(STAMP)
	@.ci/release dist

# The interpreter is the first of these that is new enough; PYTHON=... names another.
# Installing builds the assets, where their sources changed; without npm it goes on and says so.
$(STAMP): pyproject.toml $(ASSETS)
	@set -e; \
	for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python; do \
	  if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then found=$$python; break; fi; \
	done; \
	if [ -z "$${found:-}" ]; then \
	  echo 'peelgraph needs Python 3.11 or later, and none is found.' >&2; \
	  echo 'Install one, or name it: make PYTHON=/path/to/python3.11' >&2; exit 2; \
	fi; \
	if [ ! -x $(BIN)/python ] || ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
	  "$$found" -m venv --clear $(VENV) || { \
	    echo "$$found cannot make a virtual environment (on Debian and Ubuntu: apt install python3-venv)." >&2; exit 2; }; \
	fi; \
	echo 'Installing into $(VENV) (once, and when pyproject.toml or an asset changes) ...'; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'; \
	if [ -f $(UNBUILT) ]; then cat $(UNBUILT) >&2; echo 'make assets tries again.' >&2; fi; \
	touch $@

$(WHOLE): $(STAMP)
	@echo 'Installing what the tests need ...'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,test]'
	@touch $@

clean:
	rm -rf $(VENV) dist build src/peelgraph/site/static/built .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
