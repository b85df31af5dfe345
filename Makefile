# Writ: every target does the set-up that it needs.

SWIFT ?= swift

# Without debug information, which takes a tenth of the time of a build and most of the size of a program; FLAGS= is with it. The same
# everywhere: what is built in two ways is built anew each time.
FLAGS ?= -debug-info-format none

# Seeds of generated cases; about half of them make a graph that an import accepts, and each of those is asked twice.
SEEDS ?= 100000

.PHONY: help setup build release story test test-debug test-crash test-crash-both test-cut-off test-outside differential demo lint format bench counts bench-large bench-peers fuzz fuzz-smoke clean

help:
	@echo "make demo     build writ and play the checkout story, from nothing to a verified proof"
	@echo "make story    play policies/release: four stages, a delegate, a canary, people who agree, and a rollback"
	@echo "make test     build everything, optimised, and run all tests; test-debug: the same, not optimised"
	@echo "make test-crash  kill the log and runs: a simulated disk, kill -9, faults at system calls (a quarter of an hour)"
	@echo "make test-crash-both  kill runner and delegate of a run at once, at POINTS=200 moments (five minutes)"
	@echo "make test-cut-off  the demo, the story and an action over TLS in a network with nothing but loopback"
	@echo "make test-outside  let OpenSSL, Python, curl and Chromium judge keys, notes, envelopes, witnesses and pages"
	@echo "make differential  oracle and machine on 100,000 generated policies, graphs and requests"
	@echo "make release  the optimised programs: .build/release/writ, writ-verify and writ-delegate"
	@echo "make lint     check the layout of the sources"
	@echo "make format   lay out the sources"
	@echo "make bench WHAT=append FOLDER=.build  ratios between ways to do a thing; also audit, open, …"
	@echo "make counts   instructions of fixed programs, held to what they were (valgrind)"
	@echo "make bench-large NODES=10000000 FOLDER=DIR  import, load and ask a graph with five times as many edges"
	@echo "make bench-peers  other engines on the same questions, installed into .build-peers by pip"
	@echo "make fuzz     every reader of outside bytes under libFuzzer, ten minutes each; fuzz-smoke: 20 seconds"

# OpenSSL's headers are the one thing that Swift does not bring.
setup:
	@.ci/setup

build: setup
	$(SWIFT) build

release: setup
	$(SWIFT) build -c release $(FLAGS) --product writ
	$(SWIFT) build -c release $(FLAGS) --product writ-verify
	$(SWIFT) build -c release $(FLAGS) --product writ-delegate

# The rooms as they are shipped, so that they are built once for `make release` and for the tests, which run in a fifth of the time.
test: setup
	$(SWIFT) build -c release $(FLAGS) --build-tests
	$(SWIFT) test -c release $(FLAGS) --skip-build

# The same tests of rooms that are not optimised, and of a machine that looks whether its properties are used by two at once.
test-debug: setup
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build

# POINTS of crashes on the simulated disk, KILLS of a real process; every STEPth time that a run makes something durable.
test-crash: setup
	$(SWIFT) build -c release $(FLAGS) --product LogWorker
	.ci/test-crash .build/release/LogWorker $(or $(POINTS),100000) $(or $(KILLS),200)
	$(SWIFT) build -c release $(FLAGS) --product writ
	$(SWIFT) build -c release $(FLAGS) --product writ-delegate
	.ci/test-crash-run .build/release $(or $(STEP),1)

# POINTS: moments of a run at which its runner and its delegate are killed at once.
test-crash-both: setup
	$(SWIFT) build -c release $(FLAGS) --product writ
	$(SWIFT) build -c release $(FLAGS) --product writ-delegate
	.ci/test-crash-run .build/release both $(or $(POINTS),200)

# Fails, and says so, where nobody may make a network namespace.
test-cut-off: release
	@.ci/test-cut-off .build/release

test-outside: build
	@.ci/test-cut-off "$$($(SWIFT) build --show-bin-path)"
	@.ci/test-outside "$$($(SWIFT) build --show-bin-path)"
	@Tests/Outside/witness_curl.sh "$$($(SWIFT) build --show-bin-path)"

differential: setup
	$(SWIFT) build -c release $(FLAGS) --build-tests
	WRIT_SEEDS=$(SEEDS) $(SWIFT) test -c release $(FLAGS) --skip-build --filter DifferentialTests

demo: setup
	@$(SWIFT) build -c release $(FLAGS) --product writ 2>&1 | grep -E "error|warning" ; true
	@.build/release/writ demo

# In a folder of its own, which stays to be looked at.
story: release
	@policies/release/bin/play.sh .build/release "$$(mktemp -d)/story"

lint:
	$(SWIFT) format lint --strict --recursive --parallel --configuration .swift-format Sources Tests Package.swift

format:
	$(SWIFT) format --in-place --recursive --parallel --configuration .swift-format Sources Tests Package.swift

# WHAT: append, audit or open, measured on the disk of FOLDER; import or decide.
bench: setup
	$(SWIFT) run -c release $(FLAGS) WritBenchmarks $(WHAT) $(FOLDER)

bench-large: release
	$(SWIFT) build -c release $(FLAGS) --product WritBenchmarks
	.ci/bench-large .build/release $(or $(NODES),10000000) $(or $(FOLDER),.build/large)

# SERVICES of the graph.
bench-peers: release
	.ci/bench-peers .build/release $(or $(SERVICES),10000)

fuzz: setup
	@SWIFT=$(SWIFT) .ci/fuzz

fuzz-smoke: setup
	@SWIFT=$(SWIFT) FUZZ_SECONDS=20 .ci/fuzz

counts: setup
	$(SWIFT) build -c release $(FLAGS) --product WritBenchmarks
	.ci/counts .build/release

clean:
	rm -rf .build .build-fuzz .build-outside .build-peers
