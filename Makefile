# GNU make; "make help" says what for.

NGINX_SRC ?=
NGINX     ?=
DESTDIR   ?=
TESTS     ?= $(sort $(wildcard t/*/*.t))
FUZZ      ?= 60
BUILD     ?= build

ifneq ($(NGINX_SRC),)
override NGINX_SRC := $(abspath $(NGINX_SRC))
export NGINX_SRC
else
unexport NGINX_SRC
endif

# a variable of the environment or the command line, or as t/tools/configure has
# it: "export" alone would define it
ifneq ($(origin NGINX_CC_OPT),undefined)
export NGINX_CC_OPT
endif
ifneq ($(origin NGINX_LD_OPT),undefined)
export NGINX_LD_OPT
endif

# nginx would take that for a list of open sockets
unexport NGINX

source   = $(or $(NGINX_SRC),/usr/share/nginx/src)
name     = ngx_http_oauthcc_module
module   = $(BUILD)/$(name).so
sources  = $(name).c $(wildcard src/*.map src/*/*.[ch] src/*/*/*.[ch])

# found when it is used: make may have to install it first
nginx    = $(or $(NGINX),$(wildcard $(NGINX_SRC:%=%/objs/nginx)),$(shell \
             PATH="$$PATH:/usr/local/sbin:/usr/sbin:/sbin" command -v nginx))
nginx_v  = $(if $(nginx),$(shell \
             $(nginx) -V 2>&1 | sed -n 's/.*--$(1)=\([^ ]*\).*/\1/p'))
prefix   = $(or $(call nginx_v,prefix),/usr/local/nginx)

harness  = TEST_NGINX_BINARY='$(nginx)' \
           TEST_NGINX_MODULE='$(if $(static),,$(abspath $(module)))' \
           TEST_NGINX_UNIT='$(abspath $(BUILD))/unit'
node     = t/idp/node_modules/.package-lock.json
peer     = t/bench/node/node_modules/.package-lock.json


.PHONY: all demo demo-fleet test chaos soak kills faults load cost bench asan valgrind static boringssl musl fuzz model matrix cross \
        warnings lint man deb dist install uninstall clean help FORCE

all: $(module)  ## build the module (this is what "make" alone does)

demo:           ## install what is missing, build, and see it work
	@t/tools/packages demo
	@$(MAKE) --no-print-directory -s all
	@$(harness) t/tools/demo

demo-fleet:     ## the same with three gateways that share a store
	@t/tools/packages demo-fleet
	@$(MAKE) --no-print-directory -s all
	@$(harness) t/tools/demo-fleet

# a thousand connections at once are more than the soft limit allows as a rule
test:           ## install what is missing, build, and run all tests
	@t/tools/packages test
	@$(MAKE) --no-print-directory all $(node)
	ulimit -S -n 16384 || ulimit -S -n "$$(ulimit -H -n)"; \
	$(harness) $(reports) t/tools/prove $(TESTS)

chaos:          ## a minute of load, with faults of every kind
	@t/tools/packages test
	@$(MAKE) --no-print-directory all $(node)
	ulimit -S -n 16384 || ulimit -S -n "$$(ulimit -H -n)"; \
	$(harness) t/tools/chaos $(CHAOS)

soak:           ## two hours of that: memory and descriptors do not grow
	@$(MAKE) --no-print-directory chaos CHAOS="--seconds 7200 --rate 120 \
	    --calm --record $(abspath $(BUILD))/soak.txt $(CHAOS)"

kills:          ## kill a thousand workers under load, a minute
	@t/tools/packages test
	@$(MAKE) --no-print-directory all
	ulimit -S -n 16384 || ulimit -S -n "$$(ulimit -H -n)"; \
	$(harness) t/tools/kills $(KILLS)

faults:         ## have each call of the system fail once, 15 minutes
	@t/tools/packages test
	@$(MAKE) --no-print-directory all
	@$(harness) t/tools/faults $(FAULTS)

load:           ## measure what is promised under load, three minutes
	@t/tools/packages test
	@$(MAKE) --no-print-directory all $(node)
	ulimit -S -n 16384 || ulimit -S -n "$$(ulimit -H -n)"; \
	$(harness) t/tools/load $(LOAD)

cost:           ## count what it costs, and what memory it takes
	@t/tools/packages valgrind
	@$(MAKE) --no-print-directory all
	@mkdir -p $(BUILD)/bench
	@$(harness) t/bench/cost $(COST) $(BUILD)/bench/cost.json
	@$(harness) t/bench/dpop $(COST) $(BUILD)/bench/dpop.json

# Debian has no other place for Go's packages; njs of a newer Debian takes root
# and a mirror, and is left out without them
# What fails is left out of the tables, and said at the end.
bench:          ## measure it beside what people use today, 17 minutes
	@t/tools/packages bench
	@$(MAKE) --no-print-directory all $(peer)
	@mkdir -p $(BUILD)/bench
	@rm -f $(BUILD)/bench/*.json
	@cd t/bench/tool && GO111MODULE=off GOPATH=/usr/share/gocode \
	    go build -o '$(abspath $(BUILD))/bench/tool' .
	@$(harness) t/bench/cost $(BENCH) $(BUILD)/bench/cost.json \
	    || echo 'a bar is missed' >&2
	@$(harness) t/bench/dpop --time --rounds $(if $(BENCH),1,9) $(BENCH) \
	    $(BUILD)/bench/dpop.json || echo 'a bar is missed' >&2
	@ulimit -S -n 16384 || ulimit -S -n "$$(ulimit -H -n)"; \
	root=$$(t/bench/newer) || echo 'njs is left out' >&2; \
	export BENCH_TOOL='$(abspath $(BUILD))/bench/tool' BENCH_ROOT="$$root"; \
	for what in peers features; do \
	    $(harness) t/bench/$$what $(BENCH) $(BUILD)/bench/$$what.json \
	        || echo "not all of t/bench/$$what was measured" >&2; \
	done
	@t/bench/report $(BUILD)/bench $(report)
	@echo 'see $(report)/t/bench/RESULTS.md and $(report)/docs/performance.md'

# the pages of this tree, unless it was a quick run
report   = $(if $(BENCH),$(BUILD)/bench,.)

checks   = -fsanitize=address,undefined

# the whole suite again, with a module and an nginx that watch themselves
asan:           ## run all tests with AddressSanitizer and UBSan
	@t/tools/packages asan
	@t/tools/instrument build/asan $(checks)
	@TEST_NGINX_DEBUG=yes $(MAKE) --no-print-directory test BUILD=build/asan/module \
	    NGINX= NGINX_SRC=build/asan/nginx \
	    NGINX_CC_OPT='-g -O1 -fno-omit-frame-pointer $(checks)' \
	    NGINX_LD_OPT='$(checks)' reports='t/tools/reports build/asan/reports'

# what has to do with a login, from its beginning to the end of its worker
memcheck = cache/backoff cache/expiry cache/failed_login cache/keep_warm \
           cache/max_logins cache/one_login cache/parameters \
           cache/queue_workers cache/refresh cache/takeover cache/wait \
           cache/zone login/assertion login/discovery login/login \
           login/rotation login/values \
           login_json/cases login_json/per_request process/reload \
           process/upgrade project/unit status/status status/status_control \
           upstream/body upstream/optional upstream/replay \
           upstream/replay_bounds
valgrind = valgrind -q --trace-children=yes --num-callers=25 \
           --leak-check=full --show-leak-kinds=definite \
           --errors-for-leak-kinds=definite \
           --suppressions='$(CURDIR)/t/tools/valgrind.supp' \
           --log-file=%%REPORT%%.valgrind.%p

valgrind:       ## run the tests of logins with valgrind's memcheck
	@t/tools/packages valgrind
	@t/tools/instrument build/valgrind -O1
	@TEST_NGINX_SLOWER=10 TEST_NGINX_WRAPPER="$(valgrind)" \
	    $(MAKE) --no-print-directory test BUILD=build/valgrind/module \
	    NGINX= NGINX_SRC=build/valgrind/nginx \
	    NGINX_CC_OPT='-g -O1 -fno-omit-frame-pointer' \
	    reports='t/tools/reports build/valgrind/reports' \
	    TESTS='$(memcheck:%=t/%.t) t/project/canary.t'

static:         ## run all tests with an nginx that has the module built in
	@t/tools/packages asan
	@NGINX_ADD='$(CURDIR)' t/tools/instrument build/static -O2
	@$(MAKE) --no-print-directory test BUILD=build/static/module static=yes \
	    NGINX= NGINX_SRC=build/static/nginx

# another TLS library that nginx supports; Debian has that of Android
android   = /usr/lib/$(shell gcc -print-multiarch)/android
boringssl = -I/usr/include/android -L$(android) -Wl,-rpath,$(android)
tls       = conf/mutual_tls login/assertion login/discovery login/dpop \
            login/login login/tls login/tls_address project/unit \
            status/status store/login upstream/dpop upstream/replay

boringssl:      ## build nginx and the module with BoringSSL, run some tests
	@t/tools/packages boringssl
	@t/tools/instrument build/boringssl $(boringssl)
	@$(MAKE) --no-print-directory test BUILD=build/boringssl/module \
	    NGINX= NGINX_SRC=build/boringssl/nginx \
	    NGINX_CC_OPT='-g -O1 $(boringssl)' NGINX_LD_OPT='$(boringssl)' \
	    TESTS='$(if $(filter file,$(origin TESTS)),$(tls:%=t/%.t),$(TESTS))'

musl:           ## compile for musl, the C library of Alpine
	@t/tools/musl

fuzz:           ## fuzz what comes from outside, FUZZ seconds a target
	@t/tools/packages fuzz
	@t/fuzz/run $(FUZZ)

model:          ## check the model of leases and waiters, half a minute
	@t/tools/packages model
	@t/model/run

# nginx's configure tries the compiler, and would fail for warnings
warnings = -Wall -Wextra -Wno-unused-parameter -Wshadow -Wvla -Wformat=2 \
           -Wmissing-prototypes -Wstrict-prototypes \
           -Wdeclaration-after-statement -Werror

matrix:         ## run all tests on newer Debians, in roots of their own
	@t/tools/matrix $(or $(MATRIX),all) $(SUITES)

# not in .ci/run, where an emulator would take too long
cross:          ## build for s390x and arm64, some tests in an emulator
	@TESTS='$(if $(filter file,$(origin TESTS)),,$(TESTS))' \
	    t/tools/cross $(CROSS)

# gcc 12 has no idea of bit fields, and takes those of ngx_pcalloc() for unset
analyser = $(if $(shell $(CC) --version | grep 'Free Software'),-fanalyzer \
             -Wno-analyzer-use-of-uninitialized-value)

# nginx's parser is handed the address of a local variable while it is called
cppcheck = --quiet --std=c99 --error-exitcode=1 --inline-suppr \
           --enable=warning,portability,performance \
           --suppress=autoVariables --suppress=missingInclude

# analysis may be wrong in versions of the compiler that nobody has looked at
warnings:       ## compile with all warnings, each of which is an error
	@t/tools/packages build
	@t/tools/configure $(BUILD)/lint
	@$(MAKE) -s -C $(BUILD)/lint/tree -f ../Makefile modules \
	    CC='$(CC) $(warnings) $(analysis)'

lint:           ## check the house rules, and analyse the code
	@t/tools/packages lint
	@t/tools/lint
	@cppcheck $(cppcheck) -DNGX_HTTP_SSL=1 $(filter %.c,$(sources))
	@$(MAKE) --no-print-directory warnings analysis='$(analyser)'
	@echo 'The house rules hold, and the compilers have nothing to say.'

man:            ## make the man page, with lowdown
	@mkdir -p $(BUILD)
	@t/tools/man >$(BUILD)/$(name).7
	@echo 'man -l $(BUILD)/$(name).7'

deb:            ## build and try the Debian package, for bookworm or SUITES
	@t/tools/packages deb
	@t/tools/deb $(SUITES)

version  = $(shell sed -n 's/.*_VERSION  *"\(.*\)"/\1/p' \
             src/core/oauthcc_version.h)
tarball  = $(name)-$(version).tar.gz

# of what is committed: the same bytes at each time and everywhere
dist:           ## make a tarball of the source, with its checksum
	@t/tools/packages $(if $(SIGN),sign,dist)
	@mkdir -p $(BUILD)
	@rm -f $(BUILD)/$(tarball).asc
	@git archive --format=tar --prefix='$(tarball:.tar.gz=)/' HEAD \
	    | gzip -n -9 >$(BUILD)/$(tarball)
	@cd $(BUILD) && sha256sum $(tarball) >$(tarball).sha256
	@cat $(BUILD)/$(tarball).sha256
	@$(if $(SIGN),gpg --batch --armor --local-user '$(SIGN)' \
	    --detach-sign $(BUILD)/$(tarball))


# nginx's own makefile knows what depends on what

$(module): $(BUILD)/nginx/Makefile $(sources)
	@$(MAKE) -s -C $(BUILD)/nginx/tree -f ../Makefile modules
	@cp $(BUILD)/nginx/$(name).so $@.new
	@mv $@.new $@
	@echo "built $@"

$(BUILD)/nginx/Makefile: config t/tools/configure $(BUILD)/settings
	@echo "configuring for the nginx in $(source)"
	@t/tools/configure $(BUILD)/nginx

# what the module is built for: another nginx, or other options, begin anew
$(BUILD)/settings: FORCE
	@mkdir -p $(BUILD)
	@{ echo '$(source)' '$(NGINX_CC_OPT)' '$(NGINX_LD_OPT)'; \
	   cat $(source)/src/core/nginx.h $(source)/conf_flags \
	       $(source)/objs/ngx_auto_config.h 2>/dev/null | cksum; } >$@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

$(node) $(peer): %/node_modules/.package-lock.json: %/package-lock.json
	npm ci --prefix $* --ignore-scripts --no-audit --no-fund \
	    --loglevel=error
	@touch $@


# Debian's nginx includes modules-enabled/*.conf, links to modules-available

modules   = $(or $(call nginx_v,modules-path),$(prefix)/modules)
conf      = $(or $(call nginx_v,conf-path),$(prefix)/conf/nginx.conf)
enabled   = $(wildcard $(dir $(conf))modules-enabled)
available = /usr/share/nginx/modules-available/mod-http-oauthcc.conf

install: $(module)  ## install it where nginx has its modules; DESTDIR=...
	install -d $(DESTDIR)$(modules)
	install -m 644 $(module) $(DESTDIR)$(modules)/$(name).so
	@set -e; if [ -n '$(enabled)' ]; then \
	    install -d $(DESTDIR)$(dir $(available)) $(DESTDIR)$(enabled); \
	    echo 'load_module modules/$(name).so;' >$(DESTDIR)$(available); \
	    ln -sf $(available) $(DESTDIR)$(enabled)/50-mod-http-oauthcc.conf; \
	    chmod 644 $(DESTDIR)$(available); \
	    echo 'nginx loads it, by $(enabled)/50-mod-http-oauthcc.conf,'; \
	    echo 'when it is reloaded.  If it has run with another build of it,'; \
	    echo 'restart or upgrade nginx.'; \
	else \
	    echo 'To load it, begin nginx.conf with this line:'; \
	    echo '    load_module $(modules)/$(name).so;'; \
	fi

uninstall:          ## remove what install has installed
	rm -f $(DESTDIR)$(modules)/$(name).so $(if $(enabled),\
	    $(DESTDIR)$(enabled)/50-mod-http-oauthcc.conf \
	    $(DESTDIR)$(available))

clean:              ## remove what was built
	rm -rf build

help:               ## this
	@sed -n 's/^\([a-z-]*\):[^#]*## /make \1	/p' Makefile | expand -t 20
	@echo
	@echo 'Variables:'
	@echo '    NGINX_SRC=DIR     build for the nginx of this source tree'
	@echo '    CC=clang          another compiler'
	@echo '    NGINX=FILE        the nginx that runs demo and tests'
	@echo '    TESTS=t/X/Y.t     not all of the tests'
	@echo '    SUITES=trixie     the Debians of make matrix and make deb'
	@echo '    MATRIX=smoke      not all of the tests there'
	@echo '    CROSS=s390x       one of the machines of make cross'
	@echo '    FUZZ=60           seconds a target, 0: until interrupted'
	@echo '    COST=--quick      make cost in less than a minute'
	@echo '    BENCH=--quick     make bench in four minutes, no figures to quote'
	@echo '    FAULTS=--quick    make faults in a minute'
	@echo '    CHAOS=... LOAD=.. options of t/tools/chaos and t/tools/load'
	@echo '    KILLS=...         those of t/tools/kills'
	@echo '    NGINX_CC_OPT=...  NGINX_LD_OPT=...  options of the compiler'
	@echo '    SIGN=KEYID        make dist with a signature of this key of gpg'
	@echo '    DESTDIR=DIR       install below this folder'
