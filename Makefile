# Two commands to know: `make audit` and `make test`. Each sets up what it needs.
# `make spark` runs the tests of the Spark engine, which need Java 17 and half a gigabyte more.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
SPARK_STAMP := $(VENV)/.spark-ready

.PHONY: audit test spark lint types bench bench-large guard hot-plan wheel-check constraints clean

audit: $(STAMP)
	$(BIN)/claim-audit run sample_claims/ --fail-on never

test: $(STAMP)
	$(BIN)/python -m pytest -n auto --ignore=tests/spark
	@if command -v java >/dev/null; then echo "The Spark tests run by themselves: make spark"; \
	else echo "The Spark tests need Java 17 (openjdk-17-jre-headless), then: make spark"; fi

spark: $(SPARK_STAMP)
	@command -v java >/dev/null || { echo "The Spark tests need Java 17 (openjdk-17-jre-headless)"; exit 1; }
	$(BIN)/python -m pytest -n 2 --dist loadfile tests/spark

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

bench: $(STAMP)
	$(BIN)/python -m benchmarks

bench-large: $(STAMP)
	$(BIN)/python -m benchmarks.large $(OPTIONS)

guard: $(STAMP)
	$(BIN)/python -m benchmarks.guard

hot-plan: $(STAMP)
	$(BIN)/python -m benchmarks.hot_plan

wheel-check: $(STAMP)
	$(BIN)/python tools/check_wheel.py

$(STAMP): constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(STAMP)

$(SPARK_STAMP): $(STAMP) constraints-spark.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r constraints-spark.txt
	touch $(SPARK_STAMP)

# Pins every dependency anew; run it when pyproject.toml asks for something else.
constraints:
	$(PYTHON) -m venv build/pins
	build/pins/bin/python -m pip install --quiet pip-tools
	build/pins/bin/pip-compile --quiet --strip-extras --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-header --no-annotate --extra bench --extra dev --output-file constraints.txt pyproject.toml
	build/pins/bin/pip-compile --quiet --strip-extras --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-header --no-annotate --constraint constraints.txt --extra spark --extra spark-dev --output-file constraints-spark.txt pyproject.toml

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
