# Bulk import under the default number of locks: killed in the middle it goes on; single registrations at the same time
# neither slip through, nor deadlock, nor wait for long.
use strict;
use warnings;
use utf8;
use IPC::Run;
use Leads;
use Test::More;
use Time::HiRes qw(sleep time);

my $node = new_node('import', "synchronous_commit = on\nautovacuum = off\nmax_locks_per_transaction = 64\nmax_connections = 20\n");
my $db = 'leads';
company($node, $db);
needs($node, $db, 'import_commit');
my @names = names($ENV{NIGHTLY} ? 3000 : 1500);
my $rows = 2 * @names;

# they come by COPY
my $copy = "COPY crm.import_row (batch, row_no, name, phone, owner, created_at) FROM stdin;\n";
my $n = 0;
foreach my $round (1, 2)
{
	foreach my $i (0 .. $#names)
	{
		my $name = ($round == 1 ? '第一' : '第二') . $names[$i];
		$copy .= join("\t", 'big', ++$n, $name, sprintf('139%08d', $n * 3571), $n % 2 ? 'li' : 'zhang', '2024-03-04') . "\n";
	}
}
sql($node, $db, $copy . "\\.\n");
is(sql($node, $db, 'SELECT count(*) FROM crm.import_row'), $rows, "$rows rows staged");

sub start_commit
{
	my ($out, $err) = @_;
	return IPC::Run::start([ 'psql', '-X', '-q', '-d', $node->connstr($db), '-c', "CALL leads.import_commit('big', chunk => 200)" ],
		'>', $out, '2>', $err);
}

sub wait_for_rows
{
	my ($least) = @_;
	for (1 .. 600)
	{
		my $done = sql($node, $db, "SELECT coalesce(max(done), 0) FROM crm.import_progress");
		return $done if $done >= $least;
		sleep(0.02);
	}
	return -1;
}

# killed twice
my ($out, $err) = ('', '');
foreach my $least (100, 500)
{
	my $h = start_commit(\$out, \$err);
	my $seen = wait_for_rows($least);
	cmp_ok($seen, '>=', $least, "$seen rows are done, and seen in import_progress while it works");
	$node->stop('immediate');
	$h->finish;
	like($err, qr/server closed the connection|terminating connection|could not receive|connection to server/, 'it was at work when the server died');
	$node->start;
	my $kept = sql($node, $db, 'SELECT done FROM crm.import_progress');
	cmp_ok($kept, '>=', $seen, 'what was seen is kept');
	is(sql($node, $db, 'SELECT count(*) FROM crm.import_result'), $kept, 'progress and results agree');
	is(sql($node, $db, 'SELECT count(*) FROM crm.registration'), $kept, 'and so do registrations');
	is(sql($node, $db, 'SELECT state FROM crm.import_progress'), 'running', 'the batch is not done');
	is(sql($node, $db, 'SELECT count(*) FROM leads.verify()'), 0, 'the company is sound');
}

# goes on, while single registrations of names that the file has, too, come in
my $h = start_commit(\$out, \$err);
my ($singles, $slowest, %outcome) = (0, 0);
my $at = 0;
while ($h->pumpable && sql($node, $db, "SELECT state FROM crm.import_progress") eq 'running')
{
	my $name = ($at % 2 ? '第一' : '第二') . $names[ ($at * 37) % @names ];
	my $began = time;
	my $o = sql($node, $db, "SELECT outcome FROM leads.register('$name', by_member => 'li')");
	my $took = time - $began;
	$slowest = $took if $took > $slowest;
	$outcome{$o}++;
	$at++;
	last if ++$singles >= 2000;
}
$h->finish;
is($h->result(0), 0, 'the import ended well') or diag($err);
cmp_ok($singles, '>=', 5, "$singles single registrations in between: " . join(', ', map { "$_ $outcome{$_}" } sort keys %outcome));
cmp_ok($slowest, '<', 3, sprintf('the slowest took %.2f s, a new connection included', $slowest));
is(sql($node, $db, 'SELECT state, total - done FROM crm.import_progress'), 'committed|0', 'every row has an outcome');
cmp_ok(sql($node, $db, 'SELECT gate_ms FROM crm.import_progress'), '<', 1500, 'no chunk kept the gate for long: ' . sql($node, $db, 'SELECT gate_ms FROM crm.import_progress') . ' ms');
is(sql($node, $db, "SELECT count(*), count(DISTINCT registration_id), count(*) FILTER (WHERE outcome = 'staged') FROM leads.import_report('big')"),
	"$rows|$rows|0", 'the report is exact');
is(sql($node, $db, 'SELECT count(*) FROM crm.customer'),
	sql($node, $db, "SELECT count(*) FROM crm.registration WHERE outcome = 'created'"), 'a customer for each registration that made one');
is(sql($node, $db, 'SELECT count(*) FROM (SELECT name FROM crm.customer GROUP BY name HAVING count(*) > 1) twice'), '0', 'none stands twice');
is(sql($node, $db, 'SELECT count(*) FROM leads.verify()'), 0, 'the company is sound');

# again: nothing
my $before = join("\n", sort split(/\n/, checksums($node, $db)));
sql($node, $db, "CALL leads.import_commit('big')");
same_text(join("\n", sort split(/\n/, checksums($node, $db))), $before, 'done again it does nothing');
$node->stop;
done_testing();
