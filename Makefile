# Everything that a maintainer runs.  Needs Python >= 3.11 and nothing else; the rest goes into .venv.
PYTHON ?= python3
PYTHONS ?=
BIN := .venv/bin
DEMO := indexes/demo

.PHONY: packages test-all corpora bench-full result-set help setup docs demo test test-quick test-cluster check quality fuzz torture clean licences audit bench bench-compare
help:            ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/ -/'

setup: $(BIN)/.installed

$(BIN)/.installed: pyproject.toml setup.py $(wildcard src/vnsearch/kernels/*.[ch])
	$(PYTHON) -c 'import sys; sys.exit("vnsearch needs Python >= 3.11, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

docs: $(BIN)/.docs ## these pages as a site in build/site; every link is checked
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet
	@echo 'build/site/index.html; with its search box: python3 -m http.server --directory build/site'

$(BIN)/.docs: $(BIN)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,docs]'
	@touch $@

$(BIN)/vnsearch:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .

demo: $(BIN)/vnsearch ## index the bundled sample and search it in three ways
	@rm -rf $(DEMO)
	$(BIN)/vnsearch index examples/articles.jsonl examples/pages examples/html --index $(DEMO)
	$(BIN)/vnsearch query "hội nghị dân vận" --index $(DEMO) --limit 3
	$(BIN)/vnsearch query "dan van kheo lang son" --index $(DEMO) --limit 3
	$(BIN)/vnsearch query "nông thôn mới" --index $(DEMO) --province "Phú Thọ" --since 2021 --facets --limit 3

test: setup      ## run every test
	$(BIN)/python -m pytest

test-quick: setup ## run the tests that take no more than a few seconds each
	$(BIN)/python -m pytest -m 'not slow and not cluster'

packages:        ## sdist and wheel: built, checked, installed on every Python here and tried, also without a compiler; PYTHONS="..."
	$(PYTHON) scripts/packages.py --pythons "$(PYTHONS)"

test-all:        ## the same, and tests and types on every Python here, and with the oldest versions of what is needed
	$(PYTHON) scripts/packages.py --pythons "$(PYTHONS)" --suites --lowest

test-cluster: setup ## the contract of both engines and failures, on three OpenSearch nodes (needs a JDK >= 21 and Maven)
	VNSEARCH_TEST_CLUSTER=1 $(BIN)/python -m pytest tests/cluster -rs

check: setup     ## lint, format, types, order of imports, regular expressions that are not linear
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -W ignore scripts/check_patterns.py

BENCH := $(BIN)/python -m benchmarks
bench: $(BIN)/.benchmarks ## speed, relevance and the set beside other engines, in five minutes, on what is bundled
	$(BENCH) bench

bench-full: $(BIN)/.benchmarks ## everything on the large corpora, into benchmarks/results; some hours
	$(BENCH) full --out benchmarks/results
	$(BENCH) page

BASE ?= main
bench-compare: $(BIN)/.benchmarks ## did a change make anything worse? BASE=commit
	$(BENCH) compare $(BASE)

CORPORA ?= --all
corpora: setup   ## fetches the large corpora, as far as they are public; CORPORA="xquad_vi mailong_qa"
	$(BENCH) corpora $(CORPORA)

QUALITY ?= --known
quality: $(BIN)/.benchmarks ## relevance beside what is pinned; fails under a floor; QUALITY="--known --peers" (needs the large corpora)
	$(BENCH) quality $(QUALITY)

result-set: setup ## what a search returns as a whole beside what it should; fails under a floor (needs the large corpora)
	$(BENCH) result_set

# not all that `setup` installs: a fresh clone is to see figures soon
$(BIN)/.benchmarks: pyproject.toml setup.py $(wildcard src/vnsearch/kernels/*.[ch])
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@touch $@

licences: setup  ## the licences of all that is needed, as in docs/security.md
	@$(BIN)/python scripts/licences.py opensearch

audit: setup     ## known faults of what is needed (asks PyPI)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check pip-audit
	$(BIN)/python -m pip_audit --skip-editable

MINUTES ?= 10
fuzz: setup      ## search for, read, add and ask whatever comes; MINUTES=10 each
	$(BIN)/python -W ignore scripts/fuzz_queries.py --minutes $(MINUTES)
	$(BIN)/python -W ignore scripts/fuzz_inputs.py --minutes $(MINUTES)

torture: setup   ## kill writers, fail calls, change bytes, read beside a writer, commit a thousand times (a quarter of an hour)
	$(BIN)/python scripts/torture/kill.py --runs 200
	$(BIN)/python scripts/torture/faults.py
	$(BIN)/python scripts/torture/unlucky.py
	$(BIN)/python scripts/torture/flips.py
	$(BIN)/python scripts/torture/readers.py --seconds 60
	$(BIN)/python scripts/torture/soak.py --commits 1000
	$(BIN)/python -W ignore scripts/torture/late.py

clean:           ## forget the virtual environment, caches and built indexes
	rm -rf .venv .mypy_cache .ruff_cache $(DEMO) dist build src/vnsearch/kernels/*.so
