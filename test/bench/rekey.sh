# test/bench/rekey.sh: CALL leads.rekey() over KEYED customers while others register (B=rekey; sourced by run).
#
#   KEYED=1000000   customers, written by COPY with the keys that register() would give them
#
# Each of the CLIENTS' transactions registers a name that is not there yet and then a spelling of one that was registered a
# while ago, before, in or between the phases: it must be met.  The same is counted in a run without rekey().  Which of those
# missed are lost matches is asked of a copy of the company made before, whose keys were never changed: what is missed there, too,
# rekey() has not lost.

rekey_rate() { # clients, seconds: what the second spelling met, and how long registrations took
	pgl_as pgbench -h "$PGL_SOCK" -p "$PGL_PORT" -U postgres -n -M prepared -c "$1" -j 2 -T "$2" -l --log-prefix="$PGL_WORK/rekeyed" \
		-f "$PGL_WORK/rekey.pgb" rekey 2>"$PGL_WORK/pgbench.err" | sed -n 's/^tps = \([0-9.]*\).*/\1/p'
}

rekey_report() { # what, clients' log
	ksql -c "SELECT '$1: ' || coalesce(string_agg(outcome || ' ' || n, ', ' ORDER BY n DESC), 'nothing') FROM (SELECT outcome, count(*) AS n FROM bench.met GROUP BY 1) x"
	# one that became a customer of its own: a weak match, which stands beside, or one that was lost
	ksql -c "SELECT format('  customers of their own: %s that the judge calls possible, %s that it calls likely or certain (goal: 0), %s that are not found', count(*) FILTER (WHERE band = 'possible'),
		  count(*) FILTER (WHERE band IN ('likely', 'certain')), count(*) FILTER (WHERE band IS NULL))
		FROM (SELECT (SELECT d.band FROM leads.check_duplicate(c.name) d WHERE d.customer_id = o.id) AS band
		  FROM bench.met m JOIN bench.more b ON b.id = m.asked JOIN crm.customer c ON c.id = m.customer_id JOIN crm.customer o ON o.name = b.name WHERE m.outcome = 'created') x"
	ksql -c "INSERT INTO bench.missed SELECT asked FROM bench.met WHERE outcome = 'created'"
	cat "$PGL_WORK"/rekeyed.* 2>/dev/null | grep -E '^[0-9]+ [0-9]+ [0-9]+ ' | awk '{print $3 / 1000}' | sort -g |
		awk '{ms[NR] = $1} END {printf "  %d pairs of registrations: p50 %.1f ms, p99 %.0f ms, the slowest %.0f ms\n", NR, ms[int(NR / 2) + 1], ms[int(NR * .99) + 1], ms[NR]}'
	rm -f "$PGL_WORK"/rekeyed.*
	ksql -c "TRUNCATE bench.met"
}

# of the spellings that were missed during rekey(): are they met where there was none?
rekey_lost() {
	ksql -c "COPY (SELECT DISTINCT b.id, b.name FROM bench.missed JOIN bench.more b ON b.id = asked) TO STDOUT" >"$PGL_WORK/missed.txt"
	before() { pgl_psql -q -A -t -v ON_ERROR_STOP=1 -d rekey_before "$@"; }
	before -c "CREATE TABLE bench.lost (id bigint, name text, first text, second text, met text)" -c "COPY bench.lost (id, name) FROM STDIN" <"$PGL_WORK/missed.txt"
	before -c "UPDATE bench.lost l SET first = r.outcome FROM (SELECT b.id, r.* FROM bench.lost b, leads.register(b.name, by_member => 'm1') r) r WHERE r.id = l.id"
	before -c "UPDATE bench.lost l SET second = r.outcome, met = (SELECT c.name FROM crm.customer c WHERE c.id = r.customer_id)
			FROM (SELECT b.id, r.* FROM bench.lost b, leads.register(regexp_replace(b.name, '(股份)?(有限)?(责任)?公司$', ''), by_member => 'm1') r) r WHERE r.id = l.id"
	before -c "SELECT format('of %s spellings missed during rekey(), without it: %s missed as well, %s met (lost by rekey(): goal 0)', count(*), count(*) FILTER (WHERE second = 'created'), count(*) FILTER (WHERE second <> 'created')) FROM bench.lost"
	before -c "SELECT format('  %s: %s, then %s, met as %s', name, first, second, met) FROM bench.lost WHERE second <> 'created'"
}

bench_rekey() {
	local keyed=${KEYED:-1000000} dir=$PGL_WORK/keyed job clients=${REKEY_CLIENTS:-2} t
	if [ ! -f "$data/cn_company_names_1930k.tsv.zst" ]; then
		echo "no data at LEADS_DATA=$data: no rekey"
		return
	fi
	ksql() { pgl_psql -q -A -t -v ON_ERROR_STOP=1 -d rekey "$@"; }
	pgl_psql -q -d postgres -c "CREATE DATABASE rekey"
	mkdir -p "$dir"
	gcc -O2 -std=gnu11 -I"$PGL_ROOT/src" -I"$PGL_ROOT/src/lib" "$PGL_ROOT/test/bench/keys.c" "$PGL_ROOT"/src/lib/*.c -lm -o "$dir/keys"
	# every other name is there, up to so many; those between are registered
	zstd -dcq "$data/cn_company_names_1930k.tsv.zst" | tail -n +2 | cut -f 1 | awk -v n="$keyed" -v dir="$dir" \
		'BEGIN {step = 1900000 / n; base = dir "/base.txt"; more = dir "/more.txt"}
		int(NR / step) > last && m < n {last = int(NR / step); m++; print > base; next} NR % 7 == 3 {print > more}'
	"$dir/keys" "$dir" <"$dir/base.txt"
	[ "$(id -u)" != 0 ] || chown -R postgres: "$dir"
	(cd "$PGL_TREE" && ksql -v dir="$dir" -f test/bench/rekey_load.sql)
	pgl_as tee "$PGL_WORK/rekey.pgb" >/dev/null <<-'EOF'
		SELECT nextval('bench.next') AS i \gset
		SELECT outcome FROM leads.register((SELECT name FROM bench.more WHERE id = :i), by_member => 'm1');
		INSERT INTO bench.met SELECT r.outcome, b.id, r.customer_id, (SELECT phase FROM crm.key_state) FROM bench.more b, leads.register(regexp_replace(b.name, '(股份)?(有限)?(责任)?公司$', ''), by_member => 'm1') r WHERE b.id = greatest(:i - 100, 1);
	EOF
	pgl_say "$keyed customers, $clients clients without rekey(), $SECS s"
	rekey_rate "$clients" "$SECS" >/dev/null
	rekey_report "spellings of those registered a while ago, without rekey()"
	pgl_psql -q -d postgres -c "CREATE DATABASE rekey_before TEMPLATE rekey"
	ksql -c "TRUNCATE bench.missed"
	pgl_say "rekey() while they register"
	rekey_rate "$clients" 86400 >/dev/null &
	job=$!
	t=$(date +%s%N)
	ksql -c "CALL leads.rekey()" -c "SELECT pg_read_file('/proc/self/schedstat')" | awk '/^[0-9]+ [0-9]+ [0-9]+$/ {print $1 / 1e9}' >"$PGL_WORK/rekey.cpu"
	t=$((($(date +%s%N) - t) / 1000000))
	sleep 2
	ksql -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pgbench' AND datname = 'rekey'" >/dev/null
	wait "$job" || true
	awk -v t="$t" -v c="$(cat "$PGL_WORK/rekey.cpu")" -v n="$keyed" 'BEGIN {printf "rekey() %.1f s, %.1f s on the processor (%d customers/s)\n", t / 1000, c, n * 1000 / t}'
	rekey_report "the same during rekey()"
	ksql -c "SELECT 'customers whose keys became others: ' || changed || ', phase ' || phase FROM crm.key_progress"
	rekey_lost
	# everybody who registered meanwhile is found by the keys that rule now
	ksql -c "SELECT 'registered in this bench and not found by its own name afterwards: ' || count(*) || ' of ' || (SELECT count(*) FROM bench.asked) FROM bench.asked a WHERE NOT EXISTS (SELECT FROM leads.check_duplicate(a.name) d WHERE d.customer_id = a.id)"
	ksql -c "SELECT 'faults of verify in the keys: ' || count(*) FROM leads.verify() WHERE problem ~ 'key'"
}
