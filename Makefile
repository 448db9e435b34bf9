# pg_leads: build and proof
#
#   make            build pg_leads.so and build/pg_leads--$(EXTVERSION).sql
#   make install    into the PostgreSQL that PG_CONFIG names
#   make check      every proof, in a private copy of PostgreSQL (CONTRIBUTING.md lists the other goals)
#
# The goals of the second half (PROOF_GOALS) need no PostgreSQL to be installed: test/setup brings it.

EXTENSION = pg_leads
EXTVERSION := $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" pg_leads.control)

PROOF_GOALS = check check-nightly check-mutants demo demo-psql demo-stop bench accuracy \
	dev-cluster dev-install dev-psql dev-stop

ifneq (,$(filter $(PROOF_GOALS),$(MAKECMDGOALS)))

# ---------------------------------------------------------------- proof

.PHONY: $(PROOF_GOALS)

# a flag like -j must not reach the builds that these scripts start in their own way
PROOF_ENV = MAKEFLAGS= MFLAGS=

check:
	@$(PROOF_ENV) SUITES='$(SUITES)' T='$(T)' test/check
check-nightly:
	@$(PROOF_ENV) test/nightly
check-mutants:
	@$(PROOF_ENV) M='$(M)' test/mutants/run
demo:
	@$(PROOF_ENV) test/demo/run
demo-psql:
	@$(PROOF_ENV) test/demo/run psql
demo-stop:
	@$(PROOF_ENV) test/demo/run stop
bench:
	@$(PROOF_ENV) B='$(B)' test/bench/run
accuracy:
	@$(PROOF_ENV) test/accuracy/run
dev-cluster:
	@$(PROOF_ENV) test/dev start
dev-install:
	@$(PROOF_ENV) test/dev install
dev-psql:
	@$(PROOF_ENV) test/dev psql
dev-stop:
	@$(PROOF_ENV) test/dev stop

# "make clean check" and the like: the other goals go to a make of their own
PROOF_OTHER = $(filter-out $(PROOF_GOALS),$(MAKECMDGOALS))
ifneq (,$(PROOF_OTHER))
.PHONY: $(PROOF_OTHER)
$(PROOF_OTHER):
	@$(MAKE) $@
endif

else

# ---------------------------------------------------------------- rooms
#
# A room is src/<name>.c, .h and .sql, and in core and record src/<name>_tables.sql (numbered steps of
# leads.install()) and src/<name>_repair.sql (what install() re-creates on every call). Objects, the
# extension script and the install steps follow from this list and its order; a room is named once, here.
# src/<name>_*.c (generated tables, second halves) are compiled with the room.

ROOMS =

# core: knows no domain
ROOMS += core/args core/spi core/bulk core/clock core/message core/company core/actor core/lock core/policy core/stream core/month core/install

# lib: PostgreSQL-free
ROOMS += lib/lib lib/utf8 lib/fold lib/pinyin lib/phone lib/email lib/uscc lib/ring
ROOMS += lib/company_table lib/company_region lib/company_latin lib/company_branch lib/company_name \
	lib/similarity lib/keys lib/identity lib/frequency
ROOMS += lib/journey lib/histogram lib/funnel lib/rollup

# decide: the judges
ROOMS += decide/match decide/contact decide/action decide/calendar decide/protection
ROOMS += decide/document decide/routing decide/candidate decide/match_policy
ROOMS += decide/sieve decide/cluster
ROOMS += decide/pipeline decide/registration

# record: the keepers
ROOMS += record/org record/keyset record/customer record/decision record/registration record/ownership record/lead \
	record/event record/journey record/rollup record/outbox record/job record/meter \
	record/distinct record/project
ROOMS += record/anchor record/extension record/collaborator record/notice
ROOMS += record/merge
ROOMS += record/import
ROOMS += record/scan

# access: rights
ROOMS += access/masking access/sight access/grants
ROOMS += lib/mask lib/calendar
ROOMS += lib/raw

# read: the windows
ROOMS += read/faces
ROOMS += read/journey read/funnel_agg read/funnel
ROOMS += read/kpi read/sales
ROOMS += read/explain read/verify read/health
ROOMS += read/policy_history read/fairness
ROOMS += read/funnel_raw read/window_funnel read/funnel_rollup

# act: the verbs
ROOMS += act/corridor act/claim act/ownership act/rollup act/tick act/jobs
ROOMS += act/route_seats act/route act/assign act/reroute act/staff act/history act/backtest act/coverage act/rule_face act/match_face
ROOMS += act/guard act/face
ROOMS += act/followup act/collaborator
ROOMS += act/pipeline
ROOMS += act/merge
ROOMS += act/register act/contest act/pool act/contact
ROOMS += act/duplicate
ROOMS += act/train
ROOMS += act/import
ROOMS += act/scan
ROOMS += act/notice act/deadline act/pause act/extension
ROOMS += read/due
ROOMS += act/journey
ROOMS += act/rekey

# ---------------------------------------------------------------- what follows from the rooms

room_c = $(wildcard src/$(1).c src/$(1)_*.c)
room_files = $(call room_c,$(1)) $(wildcard src/$(1).h src/$(1).sql src/$(1)_tables.sql src/$(1)_repair.sql)

ifneq ($(words $(ROOMS)),$(words $(sort $(ROOMS))))
$(error a room is in ROOMS twice)
endif
empty_rooms := $(strip $(foreach r,$(ROOMS),$(if $(call room_files,$(r)),,$(r))))
ifneq (,$(empty_rooms))
$(error listed in ROOMS without a file in src: $(empty_rooms))
endif

SOURCES := $(sort $(wildcard src/pg_leads.c) $(foreach r,$(ROOMS),$(call room_c,$(r))))
ROOM_SQL := $(foreach r,$(ROOMS),$(wildcard src/$(r).sql))
STEP_SQL := $(foreach r,$(ROOMS),$(wildcard src/$(r)_tables.sql))
REPAIR_SQL := $(foreach r,$(ROOMS),$(wildcard src/$(r)_repair.sql))

homeless := $(filter-out $(SOURCES) $(ROOM_SQL) $(STEP_SQL) $(REPAIR_SQL) src/prologue.sql src/epilogue.sql, \
	$(wildcard src/*.c src/*/*.c src/*.sql src/*/*.sql))
ifneq (,$(homeless))
$(error in src but in no room of ROOMS: $(homeless))
endif

OBJS = $(SOURCES:.c=.o)
ifneq (,$(OBJS))
MODULE_big = $(EXTENSION)
endif
PGFILEDESC = "pg_leads - customer intake inside the database"
DATA_built = build/$(EXTENSION)--$(EXTVERSION).sql
DATA = $(wildcard upgrade/$(EXTENSION)--*--*.sql)

PG_CPPFLAGS = -Isrc -Ibuild
PG_CFLAGS = -MMD -MP
# calls between our own files are bound when they are linked: a session loads the library in a third less time
bind_own := -Wl,-Bsymbolic
SHLIB_LINK = $(if $(filter linux,$(PORTNAME)),$(bind_own))
EXTRA_CLEAN = build $(OBJS:.o=.d) $(OBJS:.o=.bc.d) output_iso

# ---------------------------------------------------------------- make installcheck
#
# sql/schedule and test/isolation/schedule are the only lists of tests (make check runs the same).

schedule = $(shell sed -n 's/^test://p' $(1) 2>/dev/null)
REGRESS_LIST := $(call schedule,sql/schedule)
ISOLATION_LIST := $(call schedule,test/isolation/schedule)
ifneq (,$(REGRESS_LIST))
REGRESS = $(REGRESS_LIST)
REGRESS_OPTS = --load-extension=btree_gist --load-extension=$(EXTENSION)
endif
ifneq (,$(ISOLATION_LIST))
ISOLATION = $(ISOLATION_LIST)
ISOLATION_OPTS = --inputdir=test/isolation $(if $(filter-out 15,$(MAJORVERSION)),--expecteddir=test/isolation) \
	--load-extension=btree_gist --load-extension=$(EXTENSION)
endif

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
ifeq (,$(PGXS))
$(error $(PG_CONFIG) not found: install the PostgreSQL server headers or set PG_CONFIG)
endif
include $(PGXS)

# ---------------------------------------------------------------- generated

# remake what is assembled when the list changes, not only when a file does
build/rooms.list: Makefile
	@mkdir -p build
	@echo '$(SOURCES) $(ROOM_SQL) $(STEP_SQL) $(REPAIR_SQL)' >$@

build/$(EXTENSION)--$(EXTVERSION).sql: src/core/assemble.pl src/prologue.sql src/epilogue.sql $(ROOM_SQL) build/rooms.list
	perl src/core/assemble.pl src/prologue.sql $(ROOM_SQL) src/epilogue.sql >$@.tmp
	@mv $@.tmp $@

build/install_steps.h: src/core/gen_steps.pl $(STEP_SQL) $(REPAIR_SQL) build/rooms.list
	perl src/core/gen_steps.pl $(STEP_SQL) $(REPAIR_SQL) >$@.tmp
	@mv $@.tmp $@

ifneq (,$(filter src/core/install.o,$(OBJS)))
src/core/install.o src/core/install.bc: build/install_steps.h
endif
all: build/install_steps.h

-include $(OBJS:.o=.d)

endif
