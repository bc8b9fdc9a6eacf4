# Everything is run from here; `make` alone lists what there is. Only Python 3.11 or later with pip, and make, are needed.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

python := .venv/bin/python
services := .local/services-venv/.ready
sam := .local/sam-venv/bin/sam
# What every function carries; the other layers hold only what it lacks.
layer := layers/dependencies/requirements.txt
# Arguments for pytest, the function for `make invoke`, the folder for `make evaluate`, the deployment of samconfig.toml,
# the release to go back to, whether a key has leaked.
args ?=
f ?=
DATA ?=
CONFIG ?= default
TO ?=
LEAKED ?=

export PIP_DISABLE_PIP_VERSION_CHECK = 1
export PIP_ROOT_USER_ACTION = ignore
# The tests start many interpreters, which would compile everything again each time.
unexport PYTHONDONTWRITEBYTECODE

# A module's tests share a running stack, so they stay together.
pytest := $(python) -m pytest -n 2 --dist loadfile --no-loadscope-reorder
measured := $(shell find layers/core functions tools tests courses events template.yaml pyproject.toml -type f ! -path '*/__pycache__/*')

# SAM's cache looks at a layer's folder, and not at the rules that build it, nor at what else they read.
rules = $(shell cat tools/build/* $(layer) 2>/dev/null | cksum | cut -d" " -f1)

.PHONY: help run invoke test soak cover lint types bench cost lambda simulate docs openapi generated check audit sbom evaluate evaluate-fidelity build deploy rollback rotate smoke stack lock clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: .venv/.ready $(services)  ## everything on this machine: services, both courses, demo learners, the API (PORT=8000)
	@exec $(python) -m tools.run

invoke: .venv/.ready $(services)  ## one function on its event: make invoke f=get_preferences
	@exec $(python) -m tools.invoke $(f)

test: .venv/.ready $(services)  ## all tests but those of a deployed stack; args="-k name" for pytest
	@$(pytest) -m "not cloud and not soak" $(args)

soak: .venv/.ready $(services)  ## the tests that take minutes
	@$(pytest) -m soak $(args)
	@$(if $(args),,EXAMPLES=200 $(pytest) -m "not cloud and not soak" tests/unit)

# The tests once more, at twice the time; what they measured counts as long as nothing has changed since.
.local/coverage: $(measured) | .venv/.ready $(services)
	@$(pytest) -q -m "not cloud and not soak" --cov --cov-report=

cover: .local/coverage  ## branch coverage: 95 % of domain and store, 90 % of everything, tests included
	@$(python) -m coverage report --include="*/attune/domain/*,*/attune/store/*" --fail-under=95
	@$(python) -m coverage report --fail-under=90

lint: .venv/.ready  ## format, lint, import rules, template
	@$(python) -m ruff format --check .
	@$(python) -m ruff check .
	@PYTHONPATH=layers/core/python:. .venv/bin/lint-imports --no-logo
	@.venv/bin/cfn-lint --include-checks I -- template.yaml

types: .venv/.ready  ## mypy --strict
	@$(python) -m mypy

bench: .venv/.ready $(services) $(sam)  ## cold starts and requests, counted beside peers (needs python3.13, valgrind); args=--quick
	@PYTHONPATH=layers/core/python:. $(python) -m tools.bench $(args)

cost: .venv/.ready  ## what make bench counted, in dollars
	@PYTHONPATH=layers/core/python:. $(python) -m tools.bench.cost

lambda: .venv/.ready $(services) $(sam)  ## every built function on its event, under the runtime's own client (needs python3.13)
	@PYTHONPATH=layers/core/python:. $(python) -m tools.bench.lambdas

simulate: .venv/.ready  ## what recommendations are worth: simulated learners, ours against chance, course order and others
	@PYTHONPATH=layers/core/python:. $(python) -m tools.simulate $(args)

docs: .venv/.ready  ## write everything that is generated: OpenAPI, its page, problems, data model, README's table
	@$(python) -m tools.docs

openapi: docs  ## the same

generated: .venv/.ready
	@$(python) -m tools.docs --check

check: lint types generated cover  ## the gate beside the tests: lint, types, generated files up to date, coverage

audit: .venv/.ready .local/audit-venv/.ready  ## what checkov finds in the template and bandit in the code (a large environment)
	@$(python) -m tools.scan

sbom: .venv/.ready  ## what is deployed, as CycloneDX, from the layers' locks: .local/sbom.json
	@$(python) -m tools.sbom

evaluate: .venv/.ready  ## the learner model on logs of real answers, beside its peers: make evaluate DATA=folder
	@PYTHONPATH=layers/core/python:. $(python) -m tools.evaluate $(if $(DATA),"$(DATA)")

evaluate-fidelity: .venv/.ready  ## what the gate for written sections lets pass and stops: [MARKDOWN=folder]
	@PYTHONPATH=layers/core/python:. $(python) -m tools.evaluate_fidelity $(if $(MARKDOWN),"$(MARKDOWN)") $(args)

build: $(sam)  ## sam build (needs python3.13, the runtime)
	@$(sam) build --config-env $(CONFIG) --cache-dir .aws-sam/cache-$(rules)

deploy: build .venv/.ready  ## sam build and sam deploy, as [CONFIG=default] of samconfig.toml says
	@$(python) -m tools.release keep --config $(CONFIG)
	@$(sam) deploy --config-env $(CONFIG)

rollback: .venv/.ready  ## the release before, with its artefacts and parameters: [CONFIG=default] [TO=id]
	@$(python) -m tools.release rollback --config $(CONFIG) $(if $(TO),--to "$(TO)")

rotate: .venv/.ready  ## another key for guests' tokens, those out stay valid: [CONFIG=default] [LEAKED=1 voids them all]
	@$(python) -m tools.rotate --config $(CONFIG) $(if $(LEAKED),--leaked)

smoke: .venv/.ready  ## does a deployment do what it is for? [URL=http://127.0.0.1:8000]
	@$(python) -m tools.smoke $(if $(URL),--url "$(URL)") $(args)

stack: .venv/.ready $(sam)  ## build and deploy into embedded services, and try it there (needs python3.13)
	@exec $(python) -m tools.stack

lock: .local/lock-venv/.ready  ## compile requirements/*.in again (hashes, no index addresses)
	@$(call compile,dependencies,$(layer))
	@for name in tokens writer; do \
	  $(call compile,$$name,layers/$$name/requirements.txt) --constraint $(layer) \
	    $$(sed -n 's/^\([a-z0-9._-]*\)==.*/--no-emit-package \1/p' $(layer)) || exit; \
	done
	@for name in dev services stack sam audit bench; do \
	  $(call compile,$$name,requirements/$$name.txt) || exit; \
	done

clean:  ## remove what was made here: environments, local data, builds, caches
	@rm -rf .venv .local .aws-sam .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find layers functions tools tests -name __pycache__ -prune -exec rm -rf {} +

# A lock names everything that is installed. Were dependencies followed, pip would take a pin with extras for another package.
locked := --require-hashes --no-deps -r
# An environment is ready when its stamp is newer than its lock.
.venv/.ready: requirements/dev.txt
	@$(call environment,.venv,$(locked) $<)
.local/services-venv/.ready: requirements/services.txt
	@$(call environment,.local/services-venv,$(locked) $<)
.local/sam-venv/.ready: requirements/sam.txt
	@$(call environment,.local/sam-venv,$(locked) $<)
.local/audit-venv/.ready: requirements/audit.txt
	@$(call environment,.local/audit-venv,$(locked) $<)
.local/lock-venv/.ready:
	@$(call environment,.local/lock-venv,uv)
$(sam): .local/sam-venv/.ready ;

# $(1): folder, $(2): what pip installs. A folder whose interpreter is gone or too old is made anew.
define environment
fits='import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'; \
if ! $(1)/bin/python -c "$$fits" >/dev/null 2>&1; then \
  for found in python3.13 python3.12 python3.11 python3 none; do $$found -c "$$fits" >/dev/null 2>&1 && break; done; \
  if [ $$found = none ]; then \
    echo "Attune needs Python 3.11 or later with its venv module (python3-venv on Debian), and found none." >&2; exit 2; \
  fi; \
  $$found -m venv --clear $(1) || exit 2; \
fi; \
echo "  installing $(1)"; \
$(1)/bin/python -m pip install --quiet $(2) && touch $(1)/.ready
endef

# $(1): name under requirements/, $(2): the lock.
compile = UV_CUSTOM_COMPILE_COMMAND="make lock" .local/lock-venv/bin/uv pip compile --quiet --universal \
  --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --output-file $(2) requirements/$(1).in
