# Each target sets up its own environment first. A second call installs nothing again.
PYTHON ?= python3
PORT ?= 8888
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
# Jupyter refuses to serve as root, which is who one is in most containers.
ROOT_OPTION := $(if $(filter 0,$(shell id -u)),--allow-root)

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

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 10) <= v <= (3, 13) else \
	  "Python %d.%d cannot run TensorFlow here. Install Python 3.10 to 3.13 and call: make PYTHON=python3.11" % v)'
	@echo "Setting up $(VENV), once. TensorFlow is large: this takes some minutes."
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@touch $@

lab: $(READY)
	@echo "JupyterLab opens on labs/. Stop it with Ctrl-C."
	$(BIN)/jupyter lab --notebook-dir=labs --port=$(PORT) $(ROOT_OPTION) $(LAB_OPTIONS)

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
