# test/bench/pages.sh: what a page of a view costs, and a claim that fifty want (B="claim pages"; sourced by run).
#
#   bench_pages   LIMIT 20 of my_lead, my_customer and pool_item, without and with ORDER BY, at 10,000 and at PAGED customers (a member
#                 holds 250 of them, half lie in a pool), to a rep and to an administrator: buffers and milliseconds, best of three
#   bench_claim   CLAIMERS sessions claim one customer, the winner's transaction lasting HOLD ms: each wait against it, ROUNDS times

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
	local round start hold=${HOLD:-100} claimers=${CLAIMERS:-50}
	pgl_psql -q -d postgres -c "CREATE DATABASE claim"
	csql() { pgl_psql -q -A -t -v ON_ERROR_STOP=1 -d claim "$@"; }
	csql <<-EOS
		SET client_min_messages = warning;
		CREATE EXTENSION pg_leads CASCADE;
		SELECT FROM leads.install(lang => 'en');
		INSERT INTO crm.member (code, name) SELECT 'm' || i, 'M' FROM generate_series(0, $claimers - 1) i;
		INSERT INTO crm.routing_rule (position, assign_to) VALUES (1, 'pool:public');
		CREATE TABLE said (round int, client int, asked timestamptz, answered timestamptz, done timestamptz, outcome text);
		CREATE PROCEDURE contend(round int, client int, customer bigint, hold int) LANGUAGE plpgsql AS \$\$
		DECLARE a timestamptz := clock_timestamp(); b timestamptz; o text;
		BEGIN
		  BEGIN
		    SELECT outcome INTO o FROM leads.claim(ARRAY[customer], by_member => 'm' || client);
		    b := clock_timestamp();
		    PERFORM pg_sleep(hold / 1000.0);
		  EXCEPTION WHEN OTHERS THEN
		    b := clock_timestamp();
		    o := SQLSTATE;
		  END;
		  INSERT INTO said VALUES (round, client, a, b, clock_timestamp(), o);
		END \$\$;
	EOS
	for round in $(seq "${ROUNDS:-10}"); do
		csql -c "SELECT customer_id FROM leads.register(chr(20100 + $round * 77) || chr(25000 + $round * 131) || chr(22269 + $round * 197) || '商贸有限公司', channel => 'website')" >"$PGL_WORK/claim.id"
		start=$(date -d '+3 seconds' +%s)
		{
			# all are connected, and have their plans, when it begins
			echo "SELECT count(*) FROM leads.check_duplicate('无此公司有限公司');"
			echo "SELECT pg_sleep(greatest($start - extract(epoch FROM clock_timestamp()), 0));"
			echo "CALL contend($round, :client_id, $(cat "$PGL_WORK/claim.id"), $hold);"
		} | pgl_as tee "$PGL_WORK/claim.pgb" >/dev/null
		pgl_as pgbench -h "$PGL_SOCK" -p "$PGL_PORT" -U postgres -n -c "$claimers" -j 2 -t 1 -f "$PGL_WORK/claim.pgb" claim >"$PGL_WORK/pgbench.err" 2>&1 || tail -n 3 "$PGL_WORK/pgbench.err"
	done
	csql <<-'EOS'
		CREATE VIEW wait AS SELECT s.round, s.client, s.outcome, extract(epoch FROM s.answered - s.asked) * 1000 AS ms,
		    extract(epoch FROM w.done - w.asked) * 1000 AS winner, extract(epoch FROM s.answered - greatest(w.done, s.asked)) * 1000 AS after
		  FROM said s JOIN said w ON w.round = s.round AND w.outcome = 'claimed';
		SELECT 'rounds with one winner and all others refused (LD060): ' || count(*) FILTER (WHERE ok) || ' of ' || count(*) FROM (SELECT count(*) FILTER (WHERE outcome = 'claimed') = 1 AND bool_and(outcome IN ('claimed', 'LD060')) AS ok FROM said GROUP BY round) x;
		SELECT format('round %s: winner''s transaction %s ms; waits of the %s refused, ms: min %s, median %s, max %s; told after its end: median %s, max %s', round, round(max(winner)), count(*),
		  round(min(ms)), round(percentile_disc(.5) WITHIN GROUP (ORDER BY ms)), round(max(ms)), round(percentile_disc(.5) WITHIN GROUP (ORDER BY after)), round(max(after)))
		  FROM wait WHERE outcome <> 'claimed' GROUP BY round ORDER BY round;
		SELECT format('refused: %s, of them %s waited longer than the winner''s transaction; by %s ms at most, %s ms in the median', count(*), count(*) FILTER (WHERE ms > winner),
		  round(max(ms - winner)), round(percentile_disc(.5) WITHIN GROUP (ORDER BY ms - winner))) FROM wait WHERE outcome <> 'claimed';
	EOS
}
