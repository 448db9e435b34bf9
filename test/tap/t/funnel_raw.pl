# funnel_of_events with more rows than memory: bounded, the same answer, and no file left behind by a cancel, an error, a
# cursor closed early or a plan run again.
use strict;
use warnings;
use utf8;
use Leads;
use Test::More;
use Time::HiRes;

my $rows = $ENV{NIGHTLY} ? 12_000_000 : 1_000_000;
my $node = new_node('rawfunnel', "fsync = off\nsynchronous_commit = off\nshared_buffers = 4MB\nmax_connections = 20\njit = off\nmax_wal_size = 4GB\n");
my $db = 'leads';
company($node, $db);
sql($node, $db, <<"EOS");
CREATE TABLE r AS SELECT n * 7919 % @{[ $rows / 4 ]} AS lead_id, '2025-01-01'::timestamptz + n * 104729 % 31536000 * interval '1 second' AS at, n % 7 + 1 AS stage FROM generate_series(1::bigint, $rows) n;
-- one lead has more rows than are put in order at a time; the rest of its part comes with it
CREATE TABLE huge AS SELECT CASE WHEN n % 8 = 0 THEN n ELSE 4711 END AS lead_id, '2025-01-01'::timestamptz + n * 7919 % 1200007 * interval '1 second' AS at, n % 5 + 1 AS stage
  FROM generate_series(1::bigint, 1250000) n;
-- one has just as many
CREATE TABLE large AS SELECT * FROM huge WHERE lead_id <> 4711 OR at < '2025-01-01'::timestamptz + interval '1150000 seconds';
VACUUM ANALYZE r, huge, large;
EOS
my $f = sub { my ($table, $mode, $steps) = @_; return "leads.funnel_of_events(lead_id, at, stage, '" . ($steps // '{1,2,3,4,5}') . "', '1 hour', '$mode') FROM $table" };
my $journeys = sub { my ($table, $mode) = @_; return "leads.funnel_agg(j, '{1,2,3,4,5}', '1 hour', '$mode') FROM (SELECT leads.journey_agg(at, NULL, stage, NULL) AS j FROM $table GROUP BY lead_id) x" };

foreach my $table (qw(huge large))
{
	foreach my $mode (qw(cohort strict flow snapshot))
	{
		is(sql($node, $db, "SET work_mem = '1MB'; SELECT (SELECT " . $f->($table, $mode) . ') = (SELECT ' . $journeys->($table, $mode) . ')'), 't', "$table, $mode: as its journeys");
	}
}

# ---------------------------------------------------------------- memory

my $high = q{SELECT 'high ' || (regexp_match(pg_read_file('/proc/self/status'), 'VmHWM:\s+(\d+) kB'))[1]};
foreach (['r', '64kB', 64], ['r', '4MB', 4096], ['huge', '1MB', 1024], ['large', '64kB', 64])
{
	my ($table, $setting, $kb) = @$_;
	my $out = sql($node, $db, "SET work_mem = '$setting'; SELECT count(*), sum(lead_id), count(at), sum(stage) FROM $table; SELECT " . $f->('r', 'cohort') . " WHERE lead_id < 10; $high; SELECT length(funnel_of_events) FROM (SELECT " . $f->($table, 'strict') . ") x; $high;");
	my @high = $out =~ /^high (\d+)$/mg;
	cmp_ok($high[1] - $high[0], '<', $kb + 64 * 1024, sprintf('%s, work_mem %s: takes %.1f MB more', $table, $setting, ($high[1] - $high[0]) / 1024));
}

# ---------------------------------------------------------------- nothing is left behind

my $left = "SELECT 'left ' || count(*) FROM pg_ls_tmpdir()";
my $cancelled = 0;
my $long = "SELECT length(f) FROM (SELECT leads.funnel_of_events(lead_id + g, at, stage, '{1,2,3}', NULL, 'flow') AS f FROM r, generate_series(1, 6) g) x";
# stopped at shares of the time that it takes on this machine
my $began = Time::HiRes::time();
sql($node, $db, "SET work_mem = '64kB'; $long");
my $takes = 1000 * (Time::HiRes::time() - $began);
foreach my $share (.05, .15, .25, .4, .5, .6, .75)
{
	my $ms = int($takes * $share) + 1;
	my ($rc, $out, $err) = $node->psql($db, "\\set ON_ERROR_STOP 0\nSET work_mem = '64kB'; SET statement_timeout = '${ms}ms'; $long; RESET statement_timeout; $left;", on_error_stop => 0);
	$cancelled++ if $err =~ /statement timeout/;
	like($out, qr/^left 0$/m, "stopped after $ms ms: no file is left");
	unlike($err, qr/leak|WARNING/, 'and nothing is warned of');
}
cmp_ok($cancelled, '>=', 4, "$cancelled of 7 were stopped on the way");
sql($node, $db, <<"EOS");
CREATE FUNCTION broken() RETURNS text LANGUAGE plpgsql AS \$\$
BEGIN
  PERFORM leads.funnel_of_events(lead_id, at, stage, CASE WHEN n < @{[ $rows / 2 ]} THEN '{1,2}'::bigint[] ELSE '{1}' END, NULL, NULL) FROM (SELECT *, row_number() OVER () AS n FROM r) x;
  RETURN 'done';
EXCEPTION WHEN invalid_parameter_value THEN
  RETURN SQLERRM || ', left ' || (SELECT count(*) FROM pg_ls_tmpdir() WHERE name LIKE 'pgsql_tmp%');
END \$\$;
EOS
is(sql($node, $db, "SET work_mem = '64kB'; SELECT broken()"), 'the steps of a funnel are the same in every row, left 0', 'an error on the way: no file is left at the end of the subtransaction');
my ($rc, $out, $err) = $node->psql($db, <<"EOS");
SET work_mem = '64kB'; SET enable_hashagg = off;
BEGIN;
DECLARE c CURSOR FOR SELECT stage, length(leads.funnel_of_events(lead_id, at, stage, '{1,2,3}', NULL, NULL)) FROM r GROUP BY stage ORDER BY stage;
FETCH 2 FROM c;
CLOSE c;
$left;
SET enable_hashagg = on; SET enable_sort = off; SET work_mem = '8MB'; SET max_parallel_workers_per_gather = 0;
DECLARE d CURSOR FOR SELECT stage, length(leads.funnel_of_events(lead_id, at, stage, '{1,2,3}', NULL, NULL)) FROM (SELECT lead_id + g AS lead_id, at, stage FROM r, generate_series(1, 2) g) x GROUP BY stage;
FETCH 2 FROM d;
CLOSE d;
$left;
SELECT count(*), count(DISTINCT f) FROM generate_series(1, 3) g, LATERAL (SELECT leads.funnel_of_events(lead_id, at, stage, '{1,2,3}', NULL, NULL) AS f FROM r WHERE stage <> g * 0) x;
$left;
SELECT 1 FROM (SELECT leads.funnel_of_events(lead_id, at, stage, '{1,2,3}', NULL, NULL) FROM r GROUP BY stage) x LIMIT 1;
$left;
COMMIT;
EOS
is($rc, 0, 'cursor closed early, plan run again, LIMIT') or diag($err);
is(() = $out =~ /^left 0$/mg, 4, 'no file is left');
like($out, qr/^3\|1$/m, 'each run gives the same');
is($err, '', 'nothing is warned of');
my $log = PostgreSQL::Test::Utils::slurp_file($node->logfile);
unlike($log, qr/file leak|still referenced/, 'nor in the log');
$node->stop;
done_testing();
