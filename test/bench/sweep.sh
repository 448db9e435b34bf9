# test/bench/sweep.sh: what a sweep costs (B=sweep; sourced by run).
#
#   bench_sweep       CALL leads.tick() with 100 due among 10,000 and among BIG ownerships; then the two below
#   sweep_at_once     BIG ownerships, each with a lead, lapse at one instant: against the same rows written by a statement a
#                     table and batch into copies of the tables with their indexes; how long a batch holds its locks
#   sweep_meanwhile   MEET of them, while others register and claim: rate against the rate alone, longest waits

bench_sweep() {
	local n a b i
	if ! has tick || ! has install; then
		echo "leads.tick is not there yet: no sweep"
		return
	fi
	for n in 10000 "$BIG"; do
		pgl_say "$n ownerships"
		pgl_psql -q -d postgres -c "CREATE DATABASE sweep_$n"
		pgl_psql -q -d "sweep_$n" -c 'SET client_min_messages = warning' -c 'CREATE EXTENSION pg_leads CASCADE'
		(cd "$PGL_TREE" && pgl_psql -q -A -t -v ON_ERROR_STOP=1 -d "sweep_$n" -v rows="$n" -f test/bench/sweep_load.sql)
		# the first run warms up and is not counted
		for i in $(seq 0 "$((RUNS < 5 ? 5 : RUNS))"); do
			(cd "$PGL_TREE" && pgl_psql -q -A -t -v ON_ERROR_STOP=1 -d "sweep_$n" -v rows="$n" -v run="$i" \
				-f test/bench/sweep_run.sql)
		done >"$PGL_WORK/sweep.out"
		[ "$(grep -c '^left 0$' "$PGL_WORK/sweep.out")" = "$(grep -c '^left' "$PGL_WORK/sweep.out")" ] ||
			echo "WARNING: the sweep left something due, the figures are worthless"
		grep -E '^[0-9.]+$' "$PGL_WORK/sweep.out" | tail -n +2 | median >"$PGL_WORK/sweep.$n"
	done
	a=$(cat "$PGL_WORK/sweep.10000")
	b=$(cat "$PGL_WORK/sweep.$BIG")
	printf 'sweep of 100 due: %.1f ms among 10,000, %.1f ms among %s, ratio %.2f (goal: <= 2)\n' "$a" "$b" "$BIG" \
		"$(awk -v a="$a" -v b="$b" 'BEGIN {print b / a}')"
	sweep_at_once
	sweep_meanwhile
}

sweep_db() { # name, rows
	pgl_psql -q -d postgres -c "CREATE DATABASE $1"
	pgl_psql -q -d "$1" -c 'SET client_min_messages = warning' -c 'CREATE EXTENSION pg_leads CASCADE'
	(cd "$PGL_TREE" && pgl_psql -q -A -t -v ON_ERROR_STOP=1 -d "$1" -v rows="$2" -f test/bench/sweep_many.sql)
	pgl_psql -q -d "$1" -c "VACUUM ANALYZE"
}

# of each batch: from the commit before to its own, so the longest that a customer can have been locked; what is longer than 5 s is the
# time between two sweeps (whoever had waited so long would stand among the slowest registrations and claims)
sweep_holds="WITH b AS (SELECT pg_xact_commit_timestamp(xmin) AS at, count(*) AS n FROM crm.event WHERE kind = 'lapsed' AND actor_id IS NULL GROUP BY xmin),
	g AS (SELECT n, extract(epoch FROM at - lag(at) OVER (ORDER BY at)) * 1000 AS ms FROM b)
	SELECT format('%s batches of %s customers at most; commit to commit: p50 %s ms, p95 %s ms, p99 %s ms, longest %s ms (goal: <= 200)', count(*), max(n),
	  round(percentile_disc(.5) WITHIN GROUP (ORDER BY ms)), round(percentile_disc(.95) WITHIN GROUP (ORDER BY ms)),
	  round(percentile_disc(.99) WITHIN GROUP (ORDER BY ms)), round(max(ms))) FROM g WHERE ms < 5000"

sweep_timed() { # database, file, SQL: seconds and seconds on the processor
	local t=$(date +%s%N)
	pgl_psql -q -A -t -v ON_ERROR_STOP=1 -d "$1" -c "$3" -c "SELECT pg_read_file('/proc/self/schedstat')" | awk '{print $1 / 1e9}' >"$PGL_WORK/$2.cpu"
	awk -v a="$t" -v b="$(date +%s%N)" 'BEGIN {print (b - a) / 1e9}' >"$PGL_WORK/$2.wall"
}

sweep_at_once() {
	local batch
	pgl_say "$BIG ownerships that lapse at one instant"
	sweep_db sweep_once "$BIG"
	# the second time without them: the first words of a lapse, for the bare rows
	pgl_psql -q -d sweep_once -c "BEGIN" -c "CALL leads.tick(1)" -c "COMMIT"
	sweep_timed sweep_once many "CALL leads.tick(1000)"
	pgl_psql -q -A -t -d sweep_once -c "$sweep_holds"
	batch=$(pgl_psql -q -A -t -d sweep_once -c "SELECT (count(*) / count(DISTINCT xmin::text))::int FROM crm.event WHERE kind = 'lapsed'")
	pgl_psql -q -d sweep_once -c "CHECKPOINT"
	sweep_timed sweep_once bare "CALL bare.sweep($batch)"
	awk -v n="$BIG" -v o="$(cat "$PGL_WORK/many.wall")" -v b="$(cat "$PGL_WORK/bare.wall")" -v oc="$(cat "$PGL_WORK/many.cpu")" -v bc="$(cat "$PGL_WORK/bare.cpu")" -v k="$batch" 'BEGIN {
		printf "tick %.1f s (%d customers/s), the bare statements in batches of %d %.1f s: ratio %.2f by wall, ", o, n / o, k, b, o / b
		printf "%.2f by CPU time (%.1f and %.1f s) (goal: <= 4)\n", oc / bc, oc, bc}'
	pgl_psql -q -A -t -d sweep_once -c "SELECT 'left ' || count(*) || ', faults of verify ' || (SELECT count(*) FROM leads.verify() WHERE invariant IN ('I1', 'I2', 'I7', 'I9')) FROM crm.ownership WHERE until IS NULL AND next_due_at <= now()"
	pgl_psql -q -d postgres -c "DROP DATABASE sweep_once"
}

sweep_rate() { # clients, log: registrations a second
	pgl_as pgbench -h "$PGL_SOCK" -p "$PGL_PORT" -U postgres -n -M prepared -c "$1" -j 2 -T "$SECS" -l --log-prefix="$PGL_WORK/$2" \
		-f "$PGL_WORK/sweep_register.pgb" sweep_meet 2>"$PGL_WORK/pgbench.err" | sed -n 's/^tps = \([0-9.]*\).*/\1/p' | grep . || { cat "$PGL_WORK/pgbench.err" >&2; return 1; }
}

sweep_latency() { # what, log files
	cat "${@:2}" 2>/dev/null | grep -E '^[0-9]+ [0-9]+ [0-9]+ ' | awk '{print $3 / 1000}' | sort -g |
		awk -v w="$1" '{ms[NR] = $1} END {printf "%s: %d, p50 %.1f ms, p99 %.0f ms, the slowest %.0f ms\n", w, NR, ms[int(NR / 2) + 1], ms[int(NR * .99) + 1], ms[NR]}'
}

sweep_meanwhile() {
	local c i job claims=${MEET:-300000}
	pgl_say "$claims ownerships that lapse while others work"
	sweep_db sweep_meet "$claims"
	pgl_psql -q -d sweep_meet -c "CREATE SEQUENCE bench.next"
	pgl_as tee "$PGL_WORK/sweep_register.pgb" >/dev/null <<-'EOF'
		\set m random(1, 20)
		SELECT nextval('bench.next') * 7919 AS i \gset
		SELECT outcome FROM leads.register('扫除期间' || chr((20000 + :i % 9973)::int) || chr((20000 + :i % 9941)::int) || chr((20000 + :i % 9931)::int) || '有限公司', by_member => 'm' || :m);
	EOF
	pgl_as tee "$PGL_WORK/sweep_claim.pgb" >/dev/null <<-EOF
		\\set c random(1, $claims)
		\\set m random(1, 20)
		SELECT bench.try_claim(:c, 'm' || :m);
		\\sleep 20 ms
	EOF
	for c in $CLIENTS; do
		rm -f "$PGL_WORK"/rate.* "$PGL_WORK"/meet.* "$PGL_WORK"/claim.*
		for i in $(seq "$RUNS"); do
			sweep_rate "$c" alone >>"$PGL_WORK/rate.alone"
			pgl_psql -q -d sweep_meet -c "CALL leads.tick(1000)" >"$PGL_WORK/tick.out" 2>&1 &
			job=$!
			pgl_as pgbench -h "$PGL_SOCK" -p "$PGL_PORT" -U postgres -n -M prepared -c 1 -T "$SECS" -l --log-prefix="$PGL_WORK/claim" \
				-f "$PGL_WORK/sweep_claim.pgb" sweep_meet >/dev/null 2>&1 &
			sweep_rate "$c" meet >>"$PGL_WORK/rate.meet"
			pgl_psql -q -A -t -d sweep_meet -c "SELECT 'the sweep went on to the end of the run: ' || count(*) FROM crm.ownership WHERE until IS NULL AND next_due_at <= now()" \
				-c "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE 'CALL leads.tick%' AND datname = 'sweep_meet'" | grep -v '^t$' >>"$PGL_WORK/rate.left"
			wait "$job" || true
			rm -f "$PGL_WORK"/alone.*
		done
		awk -v c="$c" -v a="$(median <"$PGL_WORK/rate.alone")" -v m="$(median <"$PGL_WORK/rate.meet")" \
			'BEGIN {printf "%d clients: %.1f registrations a second alone, %.1f during the sweep, ratio %.2f (goal: >= 0.7)\n", c, a, m, m / a}'
		sweep_latency "registrations during the sweep" "$PGL_WORK"/meet.*
		sweep_latency "claims during the sweep (sleep of 20 ms included)" "$PGL_WORK"/claim.*
	done
	sed 's/.*: /still due at the end of a run: /' "$PGL_WORK/rate.left" | sort -u
	pgl_psql -q -A -t -d sweep_meet -c "$sweep_holds"
}
