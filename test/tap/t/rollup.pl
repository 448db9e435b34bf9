# Rollups while eight sessions work at random, with parts and whole transactions aborted, two more add up and count anew, and
# the server is killed: at any moment, in one snapshot, figures from rollups and deltas are those from events.
use strict;
use warnings;
use utf8;
use IPC::Run;
use Leads;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep);

my $node = new_node('rollup', "synchronous_commit = on\nautovacuum_naptime = 1\nrestart_after_crash = on\n");
my $db = 'leads';
company($node, $db, "simulation => true, zone => 'Asia/Shanghai'");
my $rounds = $ENV{NIGHTLY} ? 5 : 2;
my $seconds = $ENV{NIGHTLY} ? 40 : 9;
my $clients = 8;
my @kinds = qw(register advance win lose reopen assign merge unmerge region savepoint);
my $dir = PostgreSQL::Test::Utils::tempdir();
sql($node, $db, <<'EOQ');
INSERT INTO crm.member (code, name) VALUES ('wu', 'Wu');
CREATE TABLE public.began AS SELECT clock_timestamp() AS at;
CREATE TABLE public.did (what text, ok boolean);
-- four days a second, so that there are months
CREATE FUNCTION public.tell() RETURNS void LANGUAGE sql AS $$
  SELECT set_config('leads.clock', ('2025-01-01'::timestamptz + extract(epoch FROM clock_timestamp() - at) * interval '4 days')::text, false) FROM public.began $$;
CREATE FUNCTION public.act() RETURNS text LANGUAGE plpgsql AS $$
DECLARE n int; l bigint; c bigint; d float := random(); what text; ok boolean := true; e int := (random() * 3000)::int;
BEGIN
  PERFORM public.tell();
  SELECT max(id) INTO n FROM crm.lead;
  l := 1 + floor(random() * coalesce(n, 0)); SELECT customer_id INTO c FROM crm.lead WHERE id = l;
  what := CASE WHEN n IS NULL OR d < 0.25 THEN 'register' WHEN d < 0.60 THEN 'advance' WHEN d < 0.67 THEN 'win' WHEN d < 0.74 THEN 'lose' WHEN d < 0.83 THEN 'reopen'
    WHEN d < 0.89 THEN 'assign' WHEN d < 0.92 THEN 'merge' WHEN d < 0.93 THEN 'unmerge' WHEN d < 0.95 THEN 'region' ELSE 'savepoint' END;
  BEGIN
    CASE what
    WHEN 'register' THEN PERFORM leads.register(chr(20000 + e) || chr(20000 + (random() * 5000)::int) || chr(20000 + (random() * 5000)::int) || '有限公司', region => (ARRAY['north', 'south', NULL])[e % 3 + 1],
      by_member => (ARRAY['zhang', 'li', 'wu'])[e % 3 + 1], channel => (ARRAY['manual', 'website'])[e % 2 + 1]);
    WHEN 'advance' THEN PERFORM leads.advance(l, (ARRAY['new', 'contacted', 'qualified', 'proposal', 'negotiation'])[e % 5 + 1], reason => 'so it is');
    WHEN 'win' THEN PERFORM leads.win(l, amount => 100);
    WHEN 'lose' THEN PERFORM leads.lose(l, (ARRAY['price', 'spam'])[e % 2 + 1]);
    WHEN 'reopen' THEN PERFORM leads.reopen(l, (ARRAY['new', 'contacted', 'qualified'])[e % 3 + 1], 'again');
    WHEN 'assign' THEN PERFORM leads.assign(c, (ARRAY['zhang', 'li', 'wu'])[e % 3 + 1]);
    WHEN 'merge' THEN PERFORM leads.merge(c, ARRAY[(SELECT customer_id FROM crm.lead WHERE id = 1 + (l + e) % n)], reason => 'the same');
    WHEN 'unmerge' THEN PERFORM leads.unmerge((SELECT max(id) FROM crm.merge), reason => 'not the same');
    WHEN 'region' THEN UPDATE crm.customer SET region = (ARRAY['west', 'north', 'south'])[e % 3 + 1] WHERE id = c;
    WHEN 'savepoint' THEN BEGIN
        PERFORM leads.advance(l, (ARRAY['contacted', 'qualified'])[e % 2 + 1], reason => 'no');
        RAISE division_by_zero;
      EXCEPTION WHEN division_by_zero THEN NULL; END;
    END CASE;
  EXCEPTION WHEN OTHERS THEN ok := false;
    -- pairs may be locked crosswise by region
    IF SQLSTATE !~ '^(LD|23|40)' THEN RAISE; END IF;
  END;
  INSERT INTO public.did VALUES (what, ok);
  RETURN what;
END $$;
-- one statement, one snapshot: differences, whether deltas were pending, whether there are cells, cells that differ
CREATE FUNCTION public.differ() RETURNS text LANGUAGE sql STABLE AS $$
  WITH a AS MATERIALIZED (SELECT c.cut, f.* FROM unnest('{NULL,channel,owner,region,month}'::text[]) c(cut), LATERAL leads.funnel(by => c.cut) f),
    b AS MATERIALIZED (SELECT c.cut, f.* FROM unnest('{NULL,channel,owner,region,month}'::text[]) c(cut), LATERAL leads.funnel(by => c.cut, from_events => true) f)
  SELECT concat_ws(' ', (SELECT count(*) FROM ((TABLE a EXCEPT ALL TABLE b) UNION ALL (TABLE b EXCEPT ALL TABLE a)) d),
    (SELECT least(count(*), 1) FROM crm.rollup_delta), (SELECT least(count(*), 1) FROM crm.rollup_cell), (SELECT count(*) FROM leads.rollup_verify())) $$;
EOQ
sub script { my ($name, $text) = @_; open(my $fh, '>', "$dir/$name.sql") or die $!; print $fh $text; close($fh); return "$dir/$name.sql" }
my $act = script('act', "SELECT public.act();\n");
my $abort = script('abort', "BEGIN;\nSELECT public.act();\nSAVEPOINT a;\nSELECT public.act();\nROLLBACK TO a;\nSELECT public.act();\nROLLBACK;\n");
my $save = script('save', "BEGIN;\nSELECT public.act();\nSAVEPOINT a;\nSELECT public.act();\nROLLBACK TO a;\nSELECT public.act();\nCOMMIT;\n");
my $tick = script('tick', "SELECT public.tell();\nCALL leads.tick();\n\\sleep 600 ms\n");
my $build = script('build', "SELECT public.tell();\nCALL leads.rollup_rebuild();\n\\sleep 300 ms\n");

my (%seen, $looks);
foreach my $round (1 .. $rounds)
{
	my @bench = ('pgbench', '-n', '-h', $node->host, '-p', $node->port, '-T', $seconds + 150);
	my @running;
	my $err = '';
	push @running, IPC::Run::start([ @bench, '-c', $clients, '-j', 2, '-f', "$act\@6", '-f', "$abort\@1", '-f', "$save\@1", $db ], '>', \my $o1, '2>', \$err);
	push @running, IPC::Run::start([ @bench, '-c', 1, '-f', "$tick\@3", '-f', "$build\@1", $db ], '>', \my $o2, '2>', \my $e2);
	my $end = time() + $seconds;
	# a slow machine gets the time it needs, in the last round, until each kind was done
	my $missing = $round == $rounds;
	while (time() < $end || ($missing && time() < $end + 120))
	{
		# no error is hidden: the look itself must work
		my $row = (split(/\n/, sql($node, $db, "SET leads.clock = '2027-01-01'; SELECT public.differ()")))[-1];
		my ($wrong, $pending, $cells, $verify) = split(/ /, $row);
		$looks++;
		$seen{wrong} += $wrong;
		$seen{verify} += $verify;
		$seen{pending}++ if $pending;
		$seen{cells}++ if $cells;
		$missing &&= sql($node, $db, 'SELECT count(DISTINCT what) FROM public.did WHERE ok') < @kinds;
		sleep(0.1);
	}
	# the death of a session takes the server with it
	my ($pid) = split(/\n/, sql($node, $db, "SELECT pid FROM pg_stat_activity WHERE query = 'SELECT public.act();' AND pid <> pg_backend_pid() ORDER BY random()"));
	is(kill('KILL', $pid), 1, "round $round: killed");
	$_->finish foreach @running;
	like($err, qr/perhaps the backend died/, "round $round: the server died at work");
	unlike($err, qr/ERROR:  (?!deadlock)/, "round $round: nothing failed before");
	# not by poll_query_until(): it dies of a psql that is refused before it has read the query
	my $tries = 600;
	sleep(0.1) until PostgreSQL::Test::Utils::run_log([ 'pg_isready', '-q', '-h', $node->host, '-p', $node->port ]) || --$tries == 0;
	my ($wrong, $pending, $cells, $verify) = split(/ /, (split(/\n/, sql($node, $db, "SET leads.clock = '2027-01-01'; SELECT public.differ()")))[-1]);
	is("$wrong $verify", '0 0', "round $round: after the crash figures and cells are right, " . ($pending ? 'with' : 'without') . ' deltas pending');
	is(sql($node, $db, "SELECT string_agg(DISTINCT problem, '; ') FROM leads.verify() WHERE invariant = 'I10'"), '', "round $round: and journeys are");
}
is($seen{wrong}, 0, "0 differences in $looks looks at five cuts");
is($seen{verify}, 0, '0 cells that differ');
cmp_ok($seen{pending}, '>', 3, "deltas were pending in $seen{pending} looks");
cmp_ok($seen{cells}, '>', 3, "cells were there in $seen{cells} looks");
my %often = map { split(/\|/) } split(/\n/, sql($node, $db, 'SELECT what, count(*) FROM public.did WHERE ok GROUP BY 1'));
diag(join(', ', map { "$_ $often{$_}" } sort keys %often) . '; months ' . sql($node, $db, "SELECT count(DISTINCT month) FROM crm.rollup_cell"));
cmp_ok($often{$_} // 0, '>', 0, "$_ was done") foreach @kinds;
sql($node, $db, "SET leads.clock = '2027-01-01'; CALL leads.tick()");
is(sql($node, $db, "SELECT count(*) FROM crm.rollup_delta"), '0', 'all is added up');
is((split(/\n/, sql($node, $db, "SET leads.clock = '2027-01-01'; SELECT public.differ()")))[-1], '0 0 1 0', 'and says the same');

# many journeys, and stages that change: what was thrown away is missed even when the stages are as they were
sql($node, $db, <<'EOQ');
SET session_replication_role = replica;
ALTER TABLE crm.lead_journey DISABLE TRIGGER leads_guard;
ALTER TABLE crm.journey_region DISABLE TRIGGER leads_guard;
RESET session_replication_role;
INSERT INTO crm.lead_journey SELECT 1000000 + g, j.entered_at, j.journey, j.channel_id, j.first_owner_id, j.creator_id, j.region_id
  FROM (SELECT * FROM crm.lead_journey LIMIT 100) j, generate_series(1, 101) g(g) ON CONFLICT DO NOTHING;
-- more cells than are open at once
INSERT INTO crm.journey_region (region) SELECT 'r' || g FROM generate_series(0, 4999) g(g);
INSERT INTO crm.lead_journey SELECT 2000000 + g, j.entered_at, j.journey, j.channel_id, j.first_owner_id, j.creator_id, (SELECT r.id FROM crm.journey_region r WHERE r.region = 'r' || g % 5000)
  FROM (SELECT q.* FROM crm.lead_journey q JOIN crm.lead l ON l.id = q.lead_id AND NOT l.invalid LIMIT 1) j, generate_series(1, 12000) g(g);
EOQ
cmp_ok(sql($node, $db, 'SELECT count(*) FROM crm.rollup_delta'), '>', 12000, 'many deltas pending');
is(sql($node, $db, 'SELECT count(*) FROM leads.rollup_verify()'), '0', 'all right');
sql($node, $db, "UPDATE crm.stage SET position = position + 1000 WHERE code = 'contacted'; SET leads.clock = '2027-01-01'; CALL leads.tick();"
	  . "UPDATE crm.stage SET position = position - 1000 WHERE code = 'contacted'");
is(sql($node, $db, 'SELECT built_at IS NULL FROM crm.rollup_state'), 't', 'not built any more');
is(sql($node, $db, "SET leads.clock = '2027-01-01'; SELECT count(*) FROM leads.funnel(include_invalid => true) f JOIN LATERAL (SELECT sum(1) AS n FROM crm.lead_journey) j ON true WHERE f.position = 1 AND f.entered = j.n"), '1', 'every journey counts');
sql($node, $db, "SET leads.clock = '2027-01-01'; CALL leads.rollup_rebuild()");
is(sql($node, $db, "SET leads.clock = '2027-01-01'; SELECT count(*) FROM leads.rollup_verify()"), '0', 'counted anew');
is(sql($node, $db, 'SELECT built_at IS NULL FROM crm.rollup_state'), 'f', 'built');
# many deltas are added up in several transactions
sql($node, $db, "DELETE FROM crm.lead_journey WHERE lead_id > 1000000");
sql($node, $db, "SET leads.clock = '2027-01-01'; CALL leads.tick()");
is(sql($node, $db, "SELECT (SELECT count(*) FROM crm.rollup_delta) + (SELECT count(*) FROM leads.rollup_verify())"), '0', 'twelve thousand taken away');
# VACUUM would lock the table to shorten it, and whoever moves a lead, or reads on a standby, would wait; readers pass its empty pages by
sql($node, $db, 'VACUUM ANALYZE crm.rollup_delta');
cmp_ok(sql($node, $db, "SELECT pg_relation_size('crm.rollup_delta')"), '>', 1000000, 'VACUUM leaves it as long as it was');
is((split(/\n/, sql($node, $db, "SET leads.clock = '2027-01-01'; BEGIN; SELECT count(*) > 0 FROM leads.funnel(); SELECT pg_stat_get_xact_numscans('crm.rollup_delta'::regclass); COMMIT")))[-1], '0', 'and nobody reads all of it');
done_testing();
