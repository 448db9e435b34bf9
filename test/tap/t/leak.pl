# A thousand calls of each entry point in one session: the backend's memory does not grow.
use strict;
use warnings;
use utf8;
use Encode;
use Leads;
use Test::More;
use Time::HiRes qw(time);

my $node = new_node('leak');
my $db = 'leads';
company($node, $db, 'simulation => true');
# what autovacuum finds out makes every backend read its catalogue anew, which looks like growth
sql($node, $db, 'ALTER SYSTEM SET autovacuum = off');
sql($node, $db, 'SELECT pg_reload_conf()');
needs($node, $db, 'register', 'claim', 'owner_at', 'advance');
my $calls = $ENV{NIGHTLY} ? 5000 : 1000;
my @names = names(400);
sql($node, $db, register_many(@names[ 0 .. 99 ]));
# rows to work on: lead and customer n are the n-th registered
sql($node, $db, "INSERT INTO crm.member (code, name) VALUES ('wang', '王芳')");

# each takes the number of the call and gives one statement
my %calls = (
	'register, created' => sub { my $i = shift; my $h = sprintf('%c%c%c', 0x5000 + $i % 700, 0x6200 + $i * 7 % 900, 0x7500 + $i * 13 % 800); "SELECT outcome FROM leads.register('重庆${h}商贸有限公司', phone => '137" . sprintf('%08d', $i * 4241) . "', by_member => 'zhang')" },
	'register, blocked' => sub { "SELECT outcome FROM leads.register('$names[$_[0] % 50 * 2]', by_member => 'li')" },
	'register, rejected' => sub { "SELECT outcome FROM leads.register('   ', by_member => 'li')" },
	'register, same request' => sub { "SELECT outcome FROM leads.register('$names[0]', by_member => 'li', request_key => 'k')" },
	'check_duplicate' => sub { "SELECT count(*) FROM leads.check_duplicate('$names[$_[0] % 50 * 2]', phone => '13912345678', by_member => 'li')" },
	'check_duplicate, error' => sub { "SELECT count(*) FROM leads.check_duplicate('   ', by_member => 'li')" },
	'matches' => sub { 'SELECT count(*) FROM leads.matches(' . ($_[0] % 90 + 1) . ')' },
	'not_duplicate' => sub { 'SELECT distinct_id FROM leads.not_duplicate(' . ($_[0] % 45 + 1) . ', ' . ($_[0] % 45 + 46) . ", 'x')" },
	'not_duplicate, error' => sub { "SELECT distinct_id FROM leads.not_duplicate(1, 1, 'x')" },
	'collision' => sub { 'SELECT count(*) FROM crm.collision' },
	'register_json' => sub { qq{SELECT outcome FROM leads.register_json('{"name": "$names[1]", "channel": "website"}')} },
	'register, error' => sub { "SELECT outcome FROM leads.register('x', channel => 'no such channel', by_member => 'li')" },
	'log_activity' => sub { "SELECT effective FROM leads.log_activity(1, 'call', '第 $_[0] 次联系', by_member => 'zhang')" },
	'advance' => sub { "SELECT stage FROM leads.advance(3, '" . ($_[0] % 2 ? 'contacted' : 'qualified') . "', reason => 'x', by_member => 'zhang')" },
	'lose and reopen' => sub { $_[0] % 2 ? "SELECT stage FROM leads.reopen(5, by_member => 'zhang')" : "SELECT stage FROM leads.lose(5, 'price', by_member => 'zhang')" },
	'edit_lead' => sub { "SELECT row_version FROM leads.edit_lead(7, amount => $_[0], by_member => 'zhang')" },
	'assign' => sub { "SELECT leads.assign(9, '" . ($_[0] % 2 ? 'wang' : 'zhang') . "')" },
	'release and claim' => sub { $_[0] % 2 ? "SELECT leads.claim(ARRAY[11], by_member => 'zhang')" : "SELECT leads.release(11, 'x', by_member => 'zhang')" },
	'release, error' => sub { "SELECT leads.release(13, 'x', by_member => 'li')" },
	'owner_at' => sub { 'SELECT leads.owner_at(' . ($_[0] % 90 + 1) . ')' },
	'explain' => sub { 'SELECT count(*) FROM leads.explain(' . ($_[0] % 90 + 1) . ')' },
	'explain, error' => sub { 'SELECT count(*) FROM leads.explain(-1)' },
	'health' => sub { 'SELECT count(*) FROM leads.health()' },
	'tick' => sub { 'CALL leads.tick()' },
	'set_protection' => sub { 'SELECT leads.set_protection(days => ' . (20 + $_[0] % 3) . ')' },
	'publish, error' => sub { q{SELECT leads.publish('protection', '', '{"days": "many"}')} },
	'direct change' => sub { 'UPDATE crm.lead SET stage_id = 2 WHERE id = 1' },
	'direct rename' => sub { "UPDATE crm.customer SET name = '重庆改名$_[0]商贸有限公司' WHERE id = 15" },
	'intake' => sub { my $i = shift; "INSERT INTO crm.intake (name, by_member) VALUES ('$names[$i % 50 * 2]', 'li') RETURNING outcome" },
	'my_lead' => sub { "UPDATE crm.my_lead SET amount = $_[0] WHERE id = 17" },
	'followup' => sub { "INSERT INTO crm.followup (lead_id, kind, note) VALUES (19, 'call', '第 $_[0] 次')" },
	'views' => sub { 'SELECT count(*) FROM crm.my_customer UNION ALL SELECT count(*) FROM crm.pool_item UNION ALL SELECT count(*) FROM crm.my_lead' },
	'funnel' => sub { 'SELECT count(*) FROM leads.funnel()' },
	'funnel_chart' => sub { 'SELECT length(leads.funnel_chart()) > 0' },
	'funnel_leads' => sub { "SELECT count(*) FROM leads.funnel_leads('new', by => 'owner')" },
	'funnel_leads, error' => sub { "SELECT leads.funnel_leads('none')" },
	'funnel_of_events' => sub { "SELECT count(*) FROM leads.funnel_steps((SELECT leads.funnel_of_events(n % 9000, '2026-01-01'::timestamptz + n * interval '1 second', n % 4, ARRAY[1, 2, 3 + $_[0] % 2 * 0]::bigint[], NULL, 'strict') FROM generate_series(1::bigint, 40000) n))" },
	'funnel_of_events, error' => sub { "SELECT leads.funnel_of_events(n, '2026-01-01', n, ARRAY[1, n + 1], NULL, NULL) FROM generate_series(1::bigint, 9) n" },
	'window_funnel' => sub { "SELECT sum(w) FROM (SELECT leads.window_funnel('1 day', '2026-01-01'::timestamptz + n * 7919 % 1000 * interval '1 second', n % 4, 'strict_increase') AS w FROM generate_series(1, 1000) n GROUP BY n % 100) x" },
	'rollup' => sub { "SELECT count(*) FROM leads.funnel_steps((SELECT leads.rollup(f) FROM (SELECT leads.funnel_of_events(n, '2026-01-01', 1, '{1,2}', NULL, NULL) AS f FROM generate_series(1::bigint, 20) n GROUP BY n % 5) x))" },
	'extend, error' => sub { "SELECT leads.extend(21, 100000, by_member => 'zhang')" },
	'route' => sub { 'SELECT leads.route(23, dry_run => true)' },
	'set_match' => sub { 'SELECT leads.set_match(returning_days => ' . (100 + $_[0] % 3) . ')' },
	'routing_rule' => sub { "INSERT INTO crm.routing_rule (position, region, assign_to) VALUES (1, '重庆', 'member:li') ON CONFLICT (position) DO UPDATE SET line = 'x$_[0]'" },
	'policy_history' => sub { q{SELECT count(*) FROM leads.policy_history('routing')} },
	'merge and unmerge' => sub { $_[0] % 2 ? 'SELECT count(*) FROM leads.unmerge((SELECT max(id) FROM crm.merge))' : "SELECT outcome FROM leads.merge(25, '{27,29}', reason => 'x')" },
	'merge, dry run' => sub { "SELECT outcome FROM leads.merge(25, '{31}', reason => 'x', dry_run => true)" },
	'merge, error' => sub { "SELECT outcome FROM leads.merge(25, '{25}', reason => 'x')" },
	'canonical' => sub { 'SELECT leads.canonical(' . ($_[0] % 90 + 1) . ')' },
	'verify' => sub { 'SELECT count(*) FROM leads.verify()' },
	'grant_access' => sub { "SELECT leads.grant_access('leak_role', 'rep')" });
sql($node, $db, 'CREATE ROLE leak_role');
# more checks than a day has
sql($node, $db, 'SELECT leads.set_match(probe_quota => 0)');
# a pool that lets the former holder claim at once
sql($node, $db, 'UPDATE crm.pool SET cooldown_days = 0, daily_quota = NULL');
# heavier ones: a few hundred calls show as much
my %fewer = ('merge and unmerge' => 300, 'merge, dry run' => 300, health => 300, set_match => 300, routing_rule => 300, policy_history => 300, funnel => 500, funnel_of_events => 60, funnel_chart => 500, funnel_leads => 500, verify => 10, views => 100, collision => 100, my_lead => 200, 'direct rename' => 100,  'set_protection' => 300, 'grant_access' => 200);

# relation and catalogue caches are warm by then; what PostgreSQL counted for its statistics it hands over once a second, a table's
# counters at a time, so it does now: else a slow machine sees growth
my $used = q{SELECT pg_stat_force_next_flush();
SELECT 'used ' || sum(used_bytes) FROM pg_backend_memory_contexts};
foreach my $what (sort keys %calls)
{
	my $n = $fewer{$what} // $calls;
	my $warm = $n < $calls ? $n / 2 : 250;
	my $began = time();
	my $make = $calls{$what};
	my $script = "\\set ON_ERROR_STOP 0\n" . join('', map { $make->($_) . ";\n" } 0 .. $warm - 1) . "$used;\n$used;\n"
	  . join('', map { $make->($_) . ";\n" } $warm .. $warm + $n - 1) . "$used;\n";
	my ($rc, $out, $err) = $node->psql($db, Encode::encode('UTF-8', $script), on_error_stop => 0);
	my @used = $out =~ /^used (\d+)$/mg;
	my %errors;
	$errors{$1}++ while $err =~ /ERROR:\s+([^\n]*)/g;
	if ($what =~ /error|direct change/)
	{
		is(scalar(keys %errors) > 0 ? 1 : 0, 1, "$what: it is refused");
	}
	else
	{
		is(join('; ', map { "$_ ($errors{$_})" } sort keys %errors), '', "$what: no error");
	}
	# 8 bytes a call would be a leak; a catalogue cache entry now and then is none
	my $growth = $used[2] - $used[1];
	cmp_ok($growth, '<', 4096 + 8 * $n, sprintf("%s: %d calls, %d bytes, %.1f s", $what, $n, $growth, time() - $began));
}
is(sql($node, $db, "SELECT string_agg(invariant || ' ' || subject || ' ' || problem, '; ') FROM leads.verify()"), '', 'verify() is clean after all that');
$node->stop;
done_testing();
