# test/bench/funnel.sh: funnels against plain SQL and DuckDB over the same leads in one run (B=funnel; sourced by run).
#
#   LEADS=1000000 (or 10000000)   leads of funnel_gen.c, with four events each; SHARED_BUFFERS=6GB for ten million: a table larger than
#             a quarter of them is read anew by each scan, and lead_journey has 1.4 GB then
#   NARROW=1   events and journeys only: 12 GB of disk for ten million, 30 with all (then the parts same and moves are left out)
#   TIMES=5   each query is timed so many times, in turn with the others, the median counts; what takes longer than
#             ten seconds is asked but once
#   PARTS="same agg report full month views raw duck moves"   some of the parts
#
# DuckDB comes from npm into the work directory; without npm or network its lines are left out.  Results are compared
# row by row before anything is timed.

fsql() { pgl_psql -q -A -t -F ' ' -v ON_ERROR_STOP=1 -d funnel "$@"; }
fpart() { case " ${PARTS:-same agg report full month views raw duck moves} " in *" $1 "*) return 0 ;; *) return 1 ;; esac; }
figure() { sed -n "s/^$1 //p" "$PGL_WORK/funnel.figures" | tail -1; }

# ratio TEXT SLOWER FASTER GOAL: how many times as long, by the clock and on the processor
ratio() {
	local a b
	a=$(figure "$2") b=$(figure "$3")
	[ -z "$a" ] || [ -z "$b" ] || awk -v t="$1" -v a="$a" -v b="$b" -v g="$4" 'BEGIN {split(a, x, " "); split(b, y, " ")
		printf "%-70s %9.1f %9.1f %7.2f %7s   %s\n", t, x[1], y[1], x[1] / y[1], ((x[2] > 0 && y[2] > 0) ? sprintf("%.2f", x[2] / y[2]) : ""), g}'
}
line() {
	local a
	a=$(figure "$2")
	[ -z "$a" ] || awk -v t="$1" -v a="$a" -v g="$3" 'BEGIN {split(a, x, " "); printf "%-70s %9s %9.1f %7s %7s   %s\n", t, "", x[1], "", (x[2] > 0 ? sprintf("(%.1f)", x[2]) : ""), g}'
}

funnel_duck() { # DuckDB over the same events, one file for each size
	local dir=$PGL_WORK/duck
	if ! command -v npm >/dev/null || ! command -v node >/dev/null; then
		echo "no node or npm: no DuckDB"
		return
	fi
	mkdir -p "$dir"
	(cd "$dir" && npm init -y >/dev/null && npm install --no-audit --no-fund --silent @duckdb/node-api >/dev/null 2>&1) || {
		echo "DuckDB could not be installed from npm: its lines are left out"
		return
	}
	gcc -O2 -std=gnu11 -w -I"$PGL_ROOT/src" -I"$PGL_ROOT/src/lib" "$PGL_ROOT/test/bench/funnel_gen.c" "$PGL_ROOT/src/lib/journey.c" "$PGL_ROOT/src/lib/lib.c" -lm -o "$dir/gen"
	"$dir/gen" flat "$LEADS" >"$dir/flat.tsv"
	cp "$PGL_ROOT/test/bench/funnel_duck.mjs" "$dir/"
	(cd "$dir" && node funnel_duck.mjs "$dir" "${TIMES:-5}") >"$dir/out" || { cat "$dir/out"; return 1; }
	grep '^duck' "$dir/out" >>"$PGL_WORK/funnel.figures"
	grep '^row ' "$dir/out" | sort >"$dir/rows"
	fsql -c "SELECT 'row', kind, a, b, n FROM bench.as_duck" | sort >"$dir/rows.pg"
	if cmp -s "$dir/rows" "$dir/rows.pg"; then
		echo "DuckDB $(sed -n 's/^version //p' "$dir/out") and PostgreSQL: the same $(wc -l <"$dir/rows") rows"
	else
		echo "WARNING: DuckDB and PostgreSQL differ, its figures are worthless"
		diff "$dir/rows" "$dir/rows.pg" | head
	fi
	rm -f "$dir"/*.tsv
}

# the library without what a stage move writes for funnels, and as it is
funnel_libraries() {
	local lib
	lib=$(pgl_as pg_config --pkglibdir)
	cp "$lib/pg_leads.so" "$PGL_WORK/with.so"
	pgl_as cp -r "$PGL_TREE" "$PGL_WORK/bare_tree"
	# an event is written, and nothing follows from it
	pgl_as sed -i 's/^leads_journey_follow(LeadsFrame \*f, const LeadsEvent \*e, TimestampTz at)$/&\n{\n}\nvoid leads_journey_follow_not(LeadsFrame *f, const LeadsEvent *e, TimestampTz at);\nvoid\nleads_journey_follow_not(LeadsFrame *f, const LeadsEvent *e, TimestampTz at)/' \
		"$PGL_WORK/bare_tree/src/record/journey.c"
	! cmp -s "$PGL_TREE/src/record/journey.c" "$PGL_WORK/bare_tree/src/record/journey.c" || pgl_die "leads_journey_follow() was not found"
	pgl_as make -C "$PGL_WORK/bare_tree" -j2 with_llvm=no COPT="${COPT-}" >"$PGL_WORK/bare_tree.log" 2>&1 || { tail "$PGL_WORK/bare_tree.log"; return 1; }
	cp "$PGL_WORK/bare_tree/pg_leads.so" "$PGL_WORK/without.so"
}

use_library() {
	local lib
	lib=$(pgl_as pg_config --pkglibdir)
	cp "$PGL_WORK/$1.so" "$lib/pg_leads.so.new"
	mv "$lib/pg_leads.so.new" "$lib/pg_leads.so"
}

funnel_moves() { # what a stage move costs with all that funnels need, by CLIENTS clients
	local clients=${MOVE_CLIENTS:-8} v i log relation
	funnel_libraries
	fsql -c "CREATE TABLE bench.open_lead AS SELECT row_number() OVER (ORDER BY id) AS n, id FROM crm.lead WHERE stage_id < 6" \
		-c "CREATE UNIQUE INDEX ON bench.open_lead (n)" -c "VACUUM ANALYZE bench.open_lead"
	pgl_as tee "$PGL_WORK/moves.pgb" >/dev/null <<-EOF
		\set k random(0, $(($(fsql -c "SELECT count(*) FROM bench.open_lead") / clients - 1)))
		SELECT leads.advance(l.id, s.code, reason => 'bench') FROM bench.open_lead o JOIN crm.lead l ON l.id = o.id JOIN crm.stage s ON s.id = 1 + l.stage_id % 5 WHERE o.n = :k * $clients + :client_id + 1;
	EOF
	rm -f "$PGL_WORK"/moves.with* "$PGL_WORK"/moves.waits.*
	touch "$PGL_WORK/moves.waits.with" "$PGL_WORK/moves.waits.without"
	for i in $(seq 0 "${MOVE_RUNS:-5}"); do
		for v in $([ $((i % 2)) = 0 ] && echo with without || echo without with); do
			use_library "$v"
			log=$(wc -l <"$PGL_DATA.log")
			pgl_as env PGOPTIONS="-c deadlock_timeout=2ms -c log_lock_waits=on" pgbench -h "$PGL_SOCK" -p "$PGL_PORT" -U postgres -n -M prepared \
				-c "$clients" -j 2 -T "$SECS" -f "$PGL_WORK/moves.pgb" funnel 2>"$PGL_WORK/pgbench.err" | sed -n 's/^tps = \([0-9.]*\).*/\1/p' |
				grep . >"$PGL_WORK/moves.now" || { cat "$PGL_WORK/pgbench.err"; return 1; }
			# the first of each warms up
			[ "$i" = 0 ] || {
				cat "$PGL_WORK/moves.now" >>"$PGL_WORK/moves.$v"
				tail -n +"$((log + 1))" "$PGL_DATA.log" | sed -n 's/.*still waiting for \(.* on .*\) of database.*/\1/p' >>"$PGL_WORK/moves.waits.$v"
			}
		done
	done
	use_library with
	# what was not written meanwhile is made up for, and what was written is right
	fsql -c "CALL leads.rebuild_journeys(10000)"
	awk -v w="$(median <"$PGL_WORK/moves.with")" -v o="$(median <"$PGL_WORK/moves.without")" -v c="$clients" -v lw="$(wc -l <"$PGL_WORK/moves.waits.with")" -v lo="$(wc -l <"$PGL_WORK/moves.waits.without")" \
		'BEGIN {printf "stage moves by %d clients: %.0f a second with journeys and what follows, %.0f without: cost %.1f %% (goal: <= 12); waits for a lock longer than 2 ms: %d with, %d without (goal: 0)\n", c, w, o, 100 * (1 - w / o), lw, lo}'
	for v in with without; do
		sed 's/^[A-Za-z]* on //' "$PGL_WORK/moves.waits.$v" | sort | uniq -c | while read -r i log; do
			relation=$(sed -n 's/.*relation \([0-9][0-9]*\)$/\1/p' <<<"$log")
			echo "  $v: $i times for ${log%%[0-9]*}${relation:+$(fsql -c "SELECT $relation::regclass" </dev/null)}"
		done
	done
	paste "$PGL_WORK/moves.with" "$PGL_WORK/moves.without" | awk '{printf "  %.0f %.0f\n", $1, $2}'
}

bench_funnel() {
	LEADS=${LEADS:-1000000}
	: >"$PGL_WORK/funnel.figures"
	pgl_psql -q -d postgres -c "CREATE DATABASE funnel"
	pgl_say "$LEADS leads"
	# what is loaded needs no log
	pgl_psql -q -d postgres -c "ALTER SYSTEM SET wal_level = 'minimal'" -c "ALTER SYSTEM SET max_wal_senders = 0"
	pgl_server_stop
	pgl_server_start
	LEADS=$LEADS "$PGL_ROOT/test/bench/funnel_load" "$LEADS" psql -h "$PGL_SOCK" -p "$PGL_PORT" -U postgres -d funnel
	pgl_psql -q -d postgres -c "ALTER SYSTEM RESET wal_level" -c "ALTER SYSTEM RESET max_wal_senders"
	pgl_server_stop
	pgl_server_start
	! has rollup_rebuild || fsql -c "CALL leads.rollup_rebuild()"
	(cd "$PGL_TREE" && fsql -f test/bench/funnel_queries.sql)
	[ -z "${NARROW:-}" ] || fsql -c "DELETE FROM bench.query WHERE name ~ '^sql_(now|.*_2$)'" -c "DELETE FROM bench.lead_way WHERE way = 'now'"
	fsql -c "SELECT format('%s leads, %s events, %s journeys; lead %s bytes a row, lead_journey %s', (SELECT count(*) FROM crm.lead_journey), (SELECT count(*) FROM crm.event),
		(SELECT count(*) FROM crm.lead_journey), pg_relation_size('crm.lead') / greatest((SELECT count(*) FROM crm.lead), 1), pg_relation_size('crm.lead_journey') / (SELECT count(*) FROM crm.lead_journey))"
	if fpart same && [ -z "${NARROW:-}" ]; then
		pgl_say "the same rows"
		fsql -c "SELECT bench.same()"
	fi
	pgl_say "times"
	for part in agg report full month views; do
		! fpart "$part" || fsql -c "SELECT name || ' ' || round(ms::numeric, 2) || ' ' || coalesce(round(cpu::numeric, 2), 0) FROM bench.times('$part', ${TIMES:-5})" >>"$PGL_WORK/funnel.figures"
	done
	if fpart raw && [ -f "$PGL_TREE/test/bench/funnel_raw.sql" ]; then
		(cd "$PGL_TREE" && fsql -f test/bench/funnel_raw.sql) | tee "$PGL_WORK/raw.out" | grep '^figure ' | sed 's/^figure //' >>"$PGL_WORK/funnel.figures" || true
	fi
	! fpart duck || funnel_duck
	printf '%-70s %9s %9s %7s %7s   %s\n' "median milliseconds of ${TIMES:-5}" first second ratio 'by CPU' goal
	ratio 'exact plain SQL, the report with hours (best of four) / funnel() of journeys' full_best report '>= 50'
	ratio 'DuckDB, the same report, 1 thread / funnel() of journeys, one process' duck_report_1 report ''
	ratio 'exact plain SQL, counts alone (best of three ways and two memories) / funnel_agg' sql_best agg_1 ''
	ratio 'the same with work_mem of 1 GB' sql_exact agg_1 ''
	ratio 'the same with work_mem of 4 MB' sql_exact_4mb agg_1 ''
	ratio 'the same for now only, by lead.stage_id' sql_now_best agg_1 ''
	ratio 'exact plain SQL / funnel_agg, two processes' sql_best_2 agg_2 ''
	ratio 'DuckDB exact, counts alone, 1 thread / funnel_agg, one process' duck_exact_1 agg_1 ''
	ratio 'DuckDB furthest stage, 1 thread / funnel_agg, one process' duck_furthest_1 agg_1 '>= 2'
	ratio 'DuckDB furthest stage, 2 threads / funnel_agg, two processes' duck_furthest_2 agg_2 '>= 1.5'
	ratio 'funnel_agg / count, sum, max over lead_journey' agg_1 sums ''
	ratio 'funnel() with medians of journeys / count, sum, max over lead_journey' report sums '<= 1.6 (at ten million)'
	line 'funnel() of one cohort month' month '<= 100 (at ten million)'
	line 'funnel_agg of one cohort month' month_agg ''
	line 'view funnel, from rollups' view_funnel '<= 15'
	line 'funnel of a quarter by channel' quarter_channel '<= 5'
	line 'funnel of a quarter by owner, medians included' quarter_owner '<= 200'
	line 'the same by who closed, from journeys' quarter_closer '<= 200'
	line 'funnel of a quarter by region, medians included' quarter_region '<= 200'
	[ ! -s "$PGL_WORK/raw.out" ] || grep -v '^figure ' "$PGL_WORK/raw.out" || true
	! fpart moves || [ -n "${NARROW:-}" ] || { pgl_say "stage moves" && funnel_moves; }
	pgl_psql -q -d postgres -c "DROP DATABASE funnel"
}
