# test/bench/pages.sh: what a page of a view costs, and a claim that fifty want (B="claim pages"; sourced by run).
#
#   bench_pages   LIMIT 20 of my_lead, my_customer and pool_item, without and with ORDER BY, at 10,000 and at PAGED customers (a member
#                 holds 250 of them, half lie in a pool), to a rep and to an administrator: buffers and milliseconds, best of three
#   bench_claim   CLAIMERS sessions claim one customer, the winner's transaction lasting HOLD ms: each wait against it, as the client and as
#                 the server sees it; ROUNDS times WARM + 1 customers one behind the other, the first of which finds cold sessions

bench_pages() {
	local n w small big
	for n in 10000 "${PAGED:-1000000}"; do
		pgl_say "$n customers"
		pgl_psql -q -d postgres -c "CREATE DATABASE pages_$n"
		pgl_psql -q -d "pages_$n" -c 'SET client_min_messages = warning' -c 'CREATE EXTENSION pg_leads CASCADE'
		(cd "$PGL_TREE" && pgl_psql -q -A -t -v ON_ERROR_STOP=1 -d "pages_$n" -v rows="$n" -f test/bench/pages_load.sql)
		for w in rep boss; do
			(cd "$PGL_TREE" && pgl_psql -q -A -t -F '|' -d "pages_$n" -v who="bench_$w" -f test/bench/pages_run.sql) >"$PGL_WORK/pages.$n.$w"
		done
	done
	for w in rep boss; do
		printf '\n%-66s %22s %22s\n' "to a $w: SELECT * FROM crm.… LIMIT 20" "10,000 customers" "${PAGED:-1000000}"
		paste -d '|' "$PGL_WORK/pages.10000.$w" "$PGL_WORK/pages.${PAGED:-1000000}.$w" |
			awk -F '|' '{printf "%-66s %6s buf %8s ms %6s buf %8s ms\n", $1, $2, $3, $5, $6}'
	done
	echo "goal: a page costs the same whatever the size of the tables"
}

bench_claim() {
	local run start id ids hold=${HOLD:-100} claimers=${CLAIMERS:-50} warm=${WARM:-4} rounds=${ROUNDS:-5}
	pgl_psql -q -d postgres -c "CREATE DATABASE claim"
	csql() { pgl_psql -q -A -t -v ON_ERROR_STOP=1 -d claim "$@"; }
	csql <<-EOS
		SET client_min_messages = warning;
		CREATE EXTENSION pg_leads CASCADE;
		SELECT FROM leads.install(lang => 'en');
		INSERT INTO crm.member (code, name) SELECT 'm' || i, 'M' FROM generate_series(0, $claimers - 1) i;
		INSERT INTO crm.routing_rule (position, assign_to) VALUES (1, 'pool:public');
		CREATE TABLE said (run int, round int, client int, asked timestamptz, told timestamptz, ended timestamptz, outcome text);
		-- what is written down about it is written when all is over
		CREATE PROCEDURE contend(run int, client int, start float8, ids bigint[], hold int) LANGUAGE plpgsql AS \$\$
		DECLARE a timestamptz; b timestamptz; c timestamptz; o text;
		BEGIN
		  FOR i IN 1..cardinality(ids) LOOP
		    PERFORM pg_sleep(greatest(start + 2 * i - extract(epoch FROM clock_timestamp()), 0));
		    COMMIT;
		    a := clock_timestamp();
		    BEGIN
		      SELECT outcome INTO o FROM leads.claim(ARRAY[ids[i]], by_member => 'm' || client);
		      b := clock_timestamp();
		    EXCEPTION WHEN OTHERS THEN
		      b := clock_timestamp();
		      o := SQLSTATE;
		    END;
		    IF o = 'claimed' THEN
		      PERFORM pg_sleep(hold / 1000.0);
		    END IF;
		    COMMIT;
		    c := clock_timestamp();
		    PERFORM pg_sleep(greatest(start + 2 * i + 1 - extract(epoch FROM clock_timestamp()), 0));
		    INSERT INTO said VALUES (run, i, client, a, b, c, o);
		    COMMIT;
		  END LOOP;
		END \$\$;
	EOS
	# the last run is for the server: it tells each wait that lasts longer than deadlock_timeout, and how long it was
	for run in $(seq $((rounds + 1))); do
		[ "$run" -le "$rounds" ] || pgl_psql -q -d postgres -c "ALTER SYSTEM SET log_lock_waits = on" -c "ALTER SYSTEM SET deadlock_timeout = '1ms'" -c "SELECT pg_reload_conf()" >/dev/null
		ids=
		for id in $(seq $((warm + 1))); do
			ids+=,$(csql -c "SELECT customer_id FROM leads.register(chr(20100 + $run * 77 + $id) || chr(25000 + $run * 131 + $id * 7) || chr(22269 + $run * 197 + $id * 3) || '商贸有限公司', channel => 'website')")
		done
		start=$(date -d '+2 seconds' +%s)
		{
			# all are connected when it begins; the first customer of a session is its first claim: cold
			echo "SELECT 1;"
			echo "CALL contend($run, :client_id, $start, ARRAY[${ids#,}], $hold);"
		} | pgl_as tee "$PGL_WORK/claim.pgb" >/dev/null
		pgl_as pgbench -h "$PGL_SOCK" -p "$PGL_PORT" -U postgres -n -c "$claimers" -j 2 -t 1 -f "$PGL_WORK/claim.pgb" claim >"$PGL_WORK/pgbench.err" 2>&1 || tail -n 3 "$PGL_WORK/pgbench.err"
	done
	csql <<-EOS
		CREATE VIEW wait AS SELECT s.run, s.round, s.round = 1 AS cold, s.outcome, extract(epoch FROM s.told - s.asked) * 1000 AS ms,
		    extract(epoch FROM w.ended - w.asked) * 1000 AS winner, extract(epoch FROM s.told - greatest(w.ended, s.asked)) * 1000 AS after
		  FROM said s JOIN said w ON w.run = s.run AND w.round = s.round AND w.outcome = 'claimed' WHERE s.outcome <> 'claimed';
		SELECT 'one winner and all others refused (LD060): ' || count(*) FILTER (WHERE ok) || ' of ' || count(*) FROM (SELECT count(*) FILTER (WHERE outcome = 'claimed') = 1 AND bool_and(outcome IN ('claimed', 'LD060')) AS ok FROM said GROUP BY run, round) x;
		SELECT format('%s sessions, %s refused: winner''s transaction, begin to commit, %s ms in the median; asked to told: median %s, max %s; longer than the winner''s transaction: %s, by %s ms at most; told after its end: median %s, p95 %s, max %s',
		  CASE WHEN cold THEN 'cold' ELSE 'warm' END, count(*), round(percentile_disc(.5) WITHIN GROUP (ORDER BY winner), 1), round(percentile_disc(.5) WITHIN GROUP (ORDER BY ms), 1), round(max(ms), 1),
		  count(*) FILTER (WHERE ms > winner), round(greatest(max(ms - winner), 0), 1), round(percentile_disc(.5) WITHIN GROUP (ORDER BY after), 1), round(percentile_disc(.95) WITHIN GROUP (ORDER BY after), 1), round(max(after), 1))
		  FROM wait WHERE run <= $rounds GROUP BY cold ORDER BY cold DESC;
		SELECT 'winner''s transactions of the run that the server logs, ms: ' || string_agg(round(x, 1)::text, ' ' ORDER BY round) FROM (SELECT DISTINCT round, winner AS x FROM wait WHERE run > $rounds) w;
	EOS
	echo "waits for locks of that run as the server logged them (log_lock_waits, over 1 ms), by the customer that was claimed or the kind of lock:"
	grep -h 'acquired .* after .* ms' "$PGL_DATA.log" |
		sed -n -e 's/.* on advisory lock \[[0-9]*,[0-9]*,\([0-9]*\),8\] after \([0-9.]*\) ms.*/customer-\1 \2/p' \
			-e 's/.* acquired [A-Za-z]* on \(t[a-z]*\) .* after \([0-9.]*\) ms.*/\1 \2/p' |
		awk '{if (!($1 in m)) o[++c] = $1; n[$1]++; if ($2 > m[$1]) m[$1] = $2} END {for (i = 1; i <= c; i++) printf "  %s: %d, %.1f ms at most\n", o[i], n[o[i]], m[o[i]]}'
}
