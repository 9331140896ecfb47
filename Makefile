# Each target sets up its own environment first (start.py). A second call installs nothing again.
PYTHON ?= python3
PORT ?= 8888
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready

.PHONY: help setup lab test grade benchmark site labs solutions lock clean

help:
	@echo "make lab        open the labs in JupyterLab"
	@echo "make test       run all tests"
	@echo "make grade      grade a sample class and print its grades"
	@echo "make site       write the labs' text and figures, without answers, as pages: build/site/index.html"
	@echo "make benchmark  how fast a class is graded, here and with stock nbgrader (half an hour)"
	@echo "make solutions  execute solutions/ in place    (LAB=01_softmax for one)"
	@echo "make labs       generate labs/ from solutions/ (LAB=01_softmax for one)"
	@echo "make lock       renew requirements.lock from requirements.txt"

setup: $(READY)

$(READY): requirements.lock pyproject.toml | python
	@$(PYTHON) start.py setup

lab: | python
	@$(PYTHON) start.py lab --port=$(PORT) $(LAB_OPTIONS)

.PHONY: python
python:
	@command -v $(PYTHON) >/dev/null || \
	  { echo "There is no $(PYTHON). Install Python 3.10 to 3.13, or name yours: make lab PYTHON=python3.11"; exit 1; }

test: $(READY)
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m pytest -n 2 --dist worksteal

grade: $(READY)
	$(BIN)/python tests/sample_class.py

site: $(READY)
	$(BIN)/python -m logitlab.site

benchmark: $(READY)
	$(BIN)/python tests/benchmarks/grading.py

labs: $(READY)
	$(BIN)/python -m logitlab.authoring labs $(LAB)

solutions: $(READY)
	$(BIN)/python -m logitlab.authoring solutions $(LAB)

lock: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.10 --no-header --no-emit-index-url \
	  --no-emit-find-links requirements.txt --output-file requirements.lock

clean:
	rm -rf $(VENV) build
