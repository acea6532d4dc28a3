# One-word commands.  Everything else is CMake: see CMakePresets.json.
#   make            build with sanitizers            make test      every test, one count line
#   make run        start everything (DETACH=1)      make check     format, layout
#   make stop       stop it                          make format    apply clang-format
#   make status     each process and its state       make tsan      the bus under the thread sanitizer
#   make backup FILE=f, make restore FILE=f          everything in one file, and back
#   make fuzz       hostile bytes by libFuzzer, SECONDS=30 each (see tests/fuzz)
#   make chaos      kill -9 at random moments, then check (KILLS=200 SEED=n OUTAGE=s; see tests/chaos)
#   make bench      how fast, how much memory (see bench)   make fresh-machine   README's commands on a bare Debian
#   make reset      stop and forget all state        make logs      follow the logs
#   make wapiti     a scanner attacks the running product (see tests/wapiti/run)
#   make limits-acceptance           the rate limit over 1 to 8 gateways, letter by letter (SECONDS=30 LETTERS="A G")
.PHONY: limits-acceptance wapiti all release run stop status reset logs backup restore test check format tsan chaos fuzz bench fresh-machine clean

all:
	@test -f build/dev/build.ninja || cmake --preset dev
	@cmake --build --preset dev

release:
	@test -f build/release/build.ninja || cmake --preset release > build-release.log 2>&1 || { cat build-release.log; exit 1; }
	@rm -f build-release.log
	@cmake --build --preset release

run: release
	@tools/stack up $(if $(DETACH),--detach)

stop status reset logs:
	@tools/stack $@

backup restore:
	@tools/stack $@ "$(FILE)"

test:
	@tools/test

tsan:
	@tools/test --tsan

chaos: release
	@PLUMB_PRESET=release /usr/bin/python3 tests/chaos/chaos.py --kills $(or $(KILLS),40) $(if $(SEED),--seed $(SEED)) $(if $(OUTAGE),--outage $(OUTAGE))

bench: release
	@bench/run

fresh-machine:
	@tests/fresh-machine/fresh_machine $(SUITE)

fuzz:
	@tests/fuzz/run $(or $(SECONDS),30)

limits-acceptance: release
	@/usr/bin/python3 tests/limits/acceptance.py --seconds $(or $(SECONDS),10) $(LETTERS)

wapiti: release
	@tools/deps wapiti
	@tests/wapiti/run --seconds $(or $(SECONDS),60)

check:
	@tools/check

format:
	@git ls-files '*.c' '*.h' | xargs clang-format -i

clean:
	@rm -rf build
