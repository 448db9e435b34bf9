# The meter of duplicate checks: no ROLLBACK undoes it, no concurrent use is lost, the first of a day included; the
# server log tells who asked, never about whom; it outlives a crash.
use strict;
use warnings;
use utf8;
use Leads;
use Encode qw(decode encode);
use Test::More;

# statements would be logged otherwise, which is not our doing
my $node = new_node('meter', "log_statement = none\n");
company($node, 'leads');
needs($node, 'leads', 'register', 'check_duplicate');
sql($node, 'leads', 'SELECT leads.set_match(probe_quota => 0)');
sql($node, 'leads', "SELECT leads.register('重庆鸿源商贸有限公司', phone => '13912345678', contact => '王小芳', by_member => 'zhang')");
my $meter = "SELECT last_value % 1000000 FROM crm.meter_2";
my $check = "SELECT owner FROM leads.check_duplicate('重慶鴻源商貿', phone => '139-1234-5678', contact => '王小芳', by_member => 'li')";

# eight at once, each rolled back
my $script = $node->basedir . '/probe.pgb';
open(my $fh, '>:utf8', $script) or die $!;
print $fh "BEGIN;\n$check;\nROLLBACK;\n";
close($fh);
$node->command_ok([ 'pgbench', '-n', '-c', '8', '-j', '2', '-t', '25', '-f', $script, $node->connstr('leads') ], 'eight clients ask and roll back');
is(sql($node, 'leads', $meter), '200', 'each use is counted');

# the first uses of a day, again and again: whoever comes first moves the sequence, nobody's count is lost
my @lost;
foreach my $round (1 .. 12)
{
	sql($node, 'leads', "SELECT setval('crm.meter_2', 1)");
	$node->command_ok([ 'pgbench', '-n', '-c', '8', '-j', '2', '-t', '1', '-f', $script, $node->connstr('leads') ], "a new day, round $round");
	my $n = sql($node, 'leads', $meter);
	push @lost, $n if $n != 8;
}
is("@lost", '', 'eight first uses of a day are eight');

# a refused registration, in prepared statements and subtransactions too
sql($node, 'leads', "SELECT setval('crm.meter_2', 1)");
my $refused = "SELECT outcome FROM leads.register('重慶鴻源商貿', phone => '139-1234-5678', contact => '王小芳', by_member => 'li')";
is(sql($node, 'leads', "BEGIN; $refused; SAVEPOINT s; $refused; ROLLBACK TO s; ROLLBACK"), "blocked\nblocked", 'two refused registrations, rolled back');
is(sql($node, 'leads', $meter), '2', 'are counted');
is(sql($node, 'leads', "SELECT count(*) FROM crm.registration WHERE outcome = 'blocked'"), '0', 'and leave nothing else');

# the log
my $log = do { open(my $l, '<:utf8', $node->logfile) or die $!; local $/; <$l> };
like($log, qr/LOG: .*pg_leads meter: check_duplicate .*company "crm", member "li"/, 'a check goes to the server log');
like($log, qr/LOG: .*pg_leads meter: register blocked/, 'a refused registration, too');
my @lines = grep { /pg_leads meter/ } split(/\n/, $log);
cmp_ok(scalar(@lines), '>=', 298, 'each of them');
unlike($log, qr/鸿源|鴻源|王小芳|13912345678|139-1234-5678/, 'no name and no number in it, nor a statement');

# a crash may skip numbers, never take any back that has reached the disk; a ROLLBACK does not wait for that, the
# WAL writer brings it there within wal_writer_delay
my $written = sql($node, 'leads', 'SELECT pg_current_wal_insert_lsn()');
$node->poll_query_until('leads', "SELECT pg_current_wal_flush_lsn() >= '$written'::pg_lsn") or die 'the WAL writer sleeps';
$node->stop('immediate');
$node->start;
sql($node, 'leads', $check);
cmp_ok(sql($node, 'leads', $meter), '>=', 3, 'the count outlives a crash');
$node->stop;
done_testing();
