# assay: make demo, make test, make build. `make corpus CORPUS=DIR` takes a folder with decisions/ and recordings/.
GO ?= go
GOFLAGS ?= -trimpath

.PHONY: e2e lab-up lab-down lab-variant all build demo test lint update generate fuzz bench bench-collect release corpus clean

all: build

build:
	@mkdir -p bin
	$(GO) build $(GOFLAGS) -o bin/ ./cmd/...

demo: build
	bin/assay analyze testdata/demo.tgz

test:
	$(GO) test ./...

lint:
	@unformatted="$$(gofmt -l $$(git ls-files '*.go' 2>/dev/null || find . -name '*.go'))"; \
	if [ -n "$$unformatted" ]; then echo "gofmt wants to change: $$unformatted"; exit 1; fi
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	$(GO) vet -tags e2e ./scripts/e2e
	$(GO) tool staticcheck -tags e2e ./scripts/e2e

# update writes the expected outputs anew; read the diff before you commit it.
update:
	UPDATE=1 $(GO) test ./...

# generate writes what is made from code (the list of what each program links); a dirty tree afterwards is a fault.
generate:
	GENERATE=1 $(GO) test ./cmd/... -run TestDeps

FUZZTIME ?= 60s
fuzz:
	GO="$(GO)" FUZZTIME="$(FUZZTIME)" sh scripts/fuzz.sh

bench: build
	GO="$(GO)" bash scripts/bench.sh

# bench-collect measures collections of generated clusters, and of the lab's (KUBECONFIG) against the calls of MetalLB's own script.
bench-collect: build
	$(GO) build $(GOFLAGS) -o bin/ ./scripts/fakecluster ./scripts/collectbench
	bin/collectbench $(if $(KUBECONFIG),-kubeconfig "$(KUBECONFIG)") $(if $(KUBECTL),-kubectl "$(KUBECTL)")

# release makes archives of the plugin for all platforms, their checksums and the krew manifest in bin/release.
release:
	GO="$(GO)" VERSION="$(VERSION)" bash scripts/release/release.sh

corpus:
	@test -n "$(CORPUS)" || { echo "make corpus CORPUS=DIR: a folder with decisions/ and recordings/ is wanted"; exit 2; }
	$(GO) run ./scripts/corpus -corpus "$(CORPUS)"

# lab-up raises a real cluster with stand-ins of MetalLB on this machine (root, Linux; scripts/lab/README.md): VARIANT is frr-k8s, helm,
# frr or native. lab-variant changes it while the cluster runs.
VARIANT ?= frr-k8s
lab-up:
	LAB_VARIANT="$(VARIANT)" scripts/lab/up.sh

lab-variant:
	scripts/lab/metallb.sh "$(VARIANT)"

lab-down:
	scripts/lab/down.sh --wipe

# e2e runs the collector against the lab, the one that is up or one that it raises (root, Linux), and looks at what the bundles hold.
# RUN=PATTERN names scenarios, VERBOSE=1 tells of each.
e2e: build
	GO="$(GO)" VERBOSE="$(VERBOSE)" scripts/e2e/run.sh "$(RUN)"

clean:
	rm -rf bin
