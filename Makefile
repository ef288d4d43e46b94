# splitmesh. Every target works from a fresh clone: what is missing is installed first (Node packages, nats-server).
# Needs make, git, Node 20 or newer with npm, and root or sudo on Debian; programs then run with the pinned Node in node_modules/.bin.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
.PHONY: setup build gen check test system faults long test-all sim chaos calibration links bench demo demo-loop fmt clean

setup: ; @tools/install-packages && tools/install-nats   # installs what is missing, does nothing when all is there
build: setup ; @npm run --silent build                   # compiles to dist/, what the npm package contains
gen: setup ; @buf generate && node tools/wasm.ts && node tools/descriptor-schema.ts   # rewrites proto/gen from proto/, wasm/build from wasm/assembly/, the schema of descriptors
check: setup ; @node tools/check.ts                      # types, lint, format, import rules, cycles, generated code, tidiness
test: setup ; @node tools/test.ts                        # unit tests first, then most of the ones with real processes; twelve minutes
system: setup ; @node tools/test.ts system alone         # the tests with real processes: those of make test, and those that want the machine for themselves
faults: setup ; @node tools/test.ts faults               # devices, links, the bus and controllers break while runs go on; six minutes
long: setup ; @node tools/test.ts long                   # every zoo model cut, XGBoost's trees, training, sweeps, the package, descriptors, alarms, the profiler on real agents; a quarter of an hour
test-all: setup ; @node tools/test.ts unit system alone faults long   # what CI runs
sim: setup ; @node tools/test.ts sim                     # a whole mesh in virtual time, with faults of all kinds, from thousands of seeds
chaos: setup ; @node tools/test.ts chaos                 # real meshes whose processes and links are broken at random
calibration: setup ; @node tools/test.ts calibration     # the simulator's predictions against emulated meshes; half an hour, wants a quiet machine
links: setup ; @node tools/test.ts links                 # what codecs gain over slow links between emulated hosts; ten minutes, wants a quiet machine
bench: setup ; @set -e; for program in bench/*.ts; do node $$program; done   # measures this machine; prints tables
demo: setup ; @bin/controller run --split resnet@layer12 --frames 50   # a small mesh on this machine, ResNet-18 cut at layer 12
demo-loop: setup ; @node tools/demo-loop.ts              # measures, predicts, plans; a device loses quota while a run goes on; as root, five minutes
fmt: setup ; @biome check --write                        # formats, sorts imports, applies safe fixes
clean: ; @rm -rf dist .cache                             # removes what the other targets made, except node_modules
