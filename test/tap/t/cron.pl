# pg_cron end to end: schedule_jobs(), and within 62 seconds a run of tick() that succeeded.
use strict;
use warnings;
use utf8;
use Leads;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

my $dir = PostgreSQL::Test::Utils::tempdir_short();
my $node = new_node('cron');
company($node, 'plain');
needs($node, 'plain', 'schedule_jobs', 'register');
is(sqlstate($node, 'plain', 'SELECT leads.schedule_jobs()'), 'LD015', 'without pg_cron: LD015');
is(sqlstate($node, 'plain', 'SELECT leads.unschedule_jobs()'), 'LD015', 'without pg_cron, unschedule_jobs(): LD015');
is(sql($node, 'plain', "SELECT status FROM leads.health() WHERE item = 'cron'"), 'warn', 'health() says so');

my $host = $node->host;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'pg_cron'\ncron.database_name = 'leads'\ncron.host = '$host'\n");
$node->restart;
is(sqlstate($node, 'plain', 'SELECT leads.schedule_jobs()'), 'LD015', 'pg_cron in another database: LD015');
company($node, 'leads', 'simulation => true');
is(sqlstate($node, 'leads', 'SELECT leads.schedule_jobs()'), 'LD015', 'pg_cron not created yet: LD015');
sql($node, 'leads', 'CREATE EXTENSION pg_cron');
is(sql($node, 'leads', "SELECT status FROM leads.health() WHERE item = 'cron'"), 'warn', 'no job yet: health() warns');

# an ownership that lapsed a day ago by its own deadline
my ($name) = names(1);
sql($node, 'leads', "SET leads.clock = '+-40 days'; SELECT leads.register('$name', by_member => 'zhang')");
is(sql($node, 'leads', 'SELECT count(*) FROM crm.ownership WHERE until IS NULL AND next_due_at <= leads.now()'), '1', 'one ownership is due and unwritten');
my $due = sql($node, 'leads', 'SELECT next_due_at FROM crm.ownership WHERE until IS NULL');

my $began = time();
my $job = sql($node, 'leads', 'SELECT leads.schedule_jobs()');
is(sql($node, 'leads', 'SELECT leads.schedule_jobs()'), $job, 'scheduling twice is one job');
is(sql($node, 'leads', 'SELECT count(*) FROM cron.job'), '1', 'one job');
is(sql($node, 'leads', 'SELECT schedule, active FROM cron.job'), '* * * * *|t', 'every minute');
like(sql($node, 'leads', 'SELECT command FROM cron.job'), qr/^CALL leads\.tick\(.*'crm'\)$/, 'a bare CALL that names the company');
is(sql($node, 'leads', "SELECT status FROM leads.health() WHERE item = 'cron'"), 'ok', 'health() shows the job');
my $status = '';
while (time() - $began < 62)
{
	$status = sql($node, 'leads', "SELECT string_agg(DISTINCT status, ' ') FROM cron.job_run_details WHERE jobid = $job AND status IN ('succeeded', 'failed')");
	last if $status ne '';
	sleep(0.5);
}
my $message = sql($node, 'leads', 'SELECT return_message FROM cron.job_run_details LIMIT 1');
is($status, 'succeeded', sprintf('a run succeeded after %.0f s: %s', time() - $began, $message));
is(sql($node, 'leads', "SELECT finished_at IS NOT NULL, settled, failed FROM crm.heartbeat WHERE job = 'tick'"), 't|1|0', 'the heartbeat tells of it');
is(sql($node, 'leads', "SELECT end_cause, until FROM crm.ownership WHERE until IS NOT NULL"), "lapsed|$due", 'the lapse is written with its own instant');
is(sql($node, 'leads', "SELECT status FROM leads.health() WHERE item = 'tick'"), 'ok', 'health(): it ticks');
is(sql($node, 'leads', 'SELECT count(*) FROM leads.verify()'), '0', 'verify() is clean');
is(sql($node, 'leads', 'SELECT leads.unschedule_jobs()'), '1', 'unschedule_jobs() takes it off');
is(sql($node, 'leads', 'SELECT leads.unschedule_jobs()'), '0', 'again: nothing to do');
is(sql($node, 'leads', 'SELECT count(*) FROM cron.job'), '0', 'no job');
$node->stop;
done_testing();
