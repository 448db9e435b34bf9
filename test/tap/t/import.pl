# Bulk import under the default number of locks: killed in the middle it goes on; single registrations at the same time
# neither slip through, nor deadlock, nor wait for long.
use strict;
use warnings;
use utf8;
use Encode;
use IPC::Run;
use Leads;
use Test::More;
use Time::HiRes qw(sleep time);

my $node = new_node('import', "synchronous_commit = on\nautovacuum = off\nmax_locks_per_transaction = 64\nmax_connections = 20\n");
my $db = 'leads';
company($node, $db);
needs($node, $db, 'import_commit');

# Companies of 4 random characters in a city: what is one and what is not is known. 3 % of the rows are spellings of earlier
# rows, 2 % of customers that are there already; nobody's owner and outcome is left to chance.
my $rows = $ENV{NIGHTLY} ? 100_000 : 4_000;
srand(10);
my @han = map { decode('euc-cn', pack('CC', 0xB0 + int($_ / 94), 0xA1 + $_ % 94)) } grep { $_ % 94 < 89 || $_ / 94 < 39 } 0 .. 3754;
my @cities = qw(重庆市 成都市 贵阳市 昆明市 西安市 武汉市 长沙市 南京市);
my @trades = qw(食品 机械 服装 家具 化工 建材 电子 物流);
sub one_of { return $_[ int(rand(@_)) ] }
sub new_company { return [ one_of(@cities), join('', map { one_of(@han) } 1 .. 4), one_of(@trades) ] }
sub full { my ($c) = @_; return "$c->[0]$c->[1]$c->[2]有限公司" }
sub variant
{
	my ($c) = @_;
	(my $city = $c->[0]) =~ s/市$//;
	return one_of("$c->[0]$c->[1]$c->[2]", "$city$c->[1]$c->[2]有限责任公司", "$c->[1]$c->[2]（$city）有限公司", "$c->[0] $c->[1]  $c->[2]有限公司");
}

# a quarter as many are there already, zhang's; the import brings spellings of some
my (@groups, %stored);
my $copy = "COPY crm.import_row (batch, row_no, name, owner) FROM stdin;\n";
foreach my $i (1 .. $rows / 4)
{
	push @groups, new_company();
	$stored{$#groups} = 1;
	$copy .= "old\t$i\t" . full($groups[-1]) . "\tzhang\n";
}
sql($node, $db, $copy . "\\.\n");
sql($node, $db, "CALL leads.import_commit('old')");
my $old = $rows / 4;
my $before = sql($node, $db, 'SELECT count(*) FROM crm.customer');
is($before, $old, "$before customers are there");

# they come by COPY
$copy = "COPY crm.import_row (batch, row_no, name, phone, owner, created_at) FROM stdin;\n";
my (%first, %truth, %group_of, %kinds);
foreach my $n (1 .. $rows)
{
	my $dice = rand();
	my $owner = $n % 2 ? 'li' : 'zhang';
	my ($g, $name);
	if ($dice < .03 && %first)
	{
		$g = $rows / 4 + int(rand(@groups - $rows / 4));
		$name = variant($groups[$g]);
		$truth{$n} = $owner eq $first{$g} ? 'attached' : 'blocked';
		$kinds{'in the file'}++;
	}
	elsif ($dice < .05)
	{
		$g = int(rand($rows / 4));
		$name = variant($groups[$g]);
		$truth{$n} = $owner eq 'zhang' ? 'attached' : 'blocked';
		$kinds{'of stored'}++;
	}
	else
	{
		push @groups, new_company();
		$g = $#groups;
		$name = full($groups[$g]);
		$first{$g} = $owner;
		$truth{$n} = 'created';
		$kinds{'new'}++;
	}
	$group_of{$n} = $g;
	$copy .= join("\t", 'big', $n, $name, sprintf('139%08d', $n * 3571 % 100_000_000), $owner, '2024-03-04') . "\n";
}
sql($node, $db, $copy . "\\.\n");
is(sql($node, $db, "SELECT count(*) FROM crm.import_row WHERE batch = 'big'"), $rows, "$rows rows staged: " . join(', ', map { "$_ $kinds{$_}" } sort keys %kinds));
my $chunk = $ENV{NIGHTLY} ? 2000 : 200;

sub start_commit
{
	my ($out, $err) = @_;
	return IPC::Run::start([ 'psql', '-X', '-q', '-d', $node->connstr($db), '-c', "CALL leads.import_commit('big', chunk => $chunk)" ],
		'>', $out, '2>', $err);
}

sub wait_for_rows
{
	my ($least) = @_;
	for (1 .. 600)
	{
		my $done = sql($node, $db, "SELECT coalesce(max(done), 0) FROM crm.import_progress WHERE batch = 'big'");
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
	my $kept = sql($node, $db, "SELECT done FROM crm.import_progress WHERE batch = 'big'");
	cmp_ok($kept, '>=', $seen, 'what was seen is kept');
	is(sql($node, $db, 'SELECT count(*) FROM crm.import_result') - $old, $kept, 'progress and results agree');
	is(sql($node, $db, 'SELECT count(*) FROM crm.registration') - $old, $kept, 'and so do registrations');
	is(sql($node, $db, "SELECT state FROM crm.import_progress WHERE batch = 'big'"), 'running', 'the batch is not done');
	is(sql($node, $db, 'SELECT count(*) FROM leads.verify()'), 0, 'the company is sound');
}

# goes on, while single registrations of names that the file has, too, come in
my $h = start_commit(\$out, \$err);
my ($singles, $slowest, %outcome, %touched) = (0, 0);
while ($h->pumpable && sql($node, $db, "SELECT state FROM crm.import_progress WHERE batch = 'big'") eq 'running')
{
	my $g = $rows / 4 + int(rand(@groups - $rows / 4));
	my $name = variant($groups[$g]);
	my $began = time;
	my $o = sql($node, $db, "SELECT outcome FROM leads.register('$name', by_member => 'li')");
	my $took = time - $began;
	$slowest = $took if $took > $slowest;
	$outcome{$o}++;
	$touched{$g} .= "$o ";
	last if ++$singles >= 2000;
}
$h->finish;
is($h->result(0), 0, 'the import ended well') or diag($err);
cmp_ok($singles, '>=', 5, "$singles single registrations in between: " . join(', ', map { "$_ $outcome{$_}" } sort keys %outcome));
cmp_ok($slowest, '<', 3, sprintf('the slowest took %.2f s, a new connection included', $slowest));
is(sql($node, $db, "SELECT state, total - done FROM crm.import_progress WHERE batch = 'big'"), 'committed|0', 'every row has an outcome');
my $gate = sql($node, $db, "SELECT gate_ms FROM crm.import_progress WHERE batch = 'big'");
cmp_ok($gate, '<', 1500, "no chunk kept the gate for long: $gate ms");
is(sql($node, $db, "SELECT count(*), count(DISTINCT registration_id), count(*) FILTER (WHERE outcome = 'staged') FROM leads.import_report('big')"),
	"$rows|$rows|0", 'the report has every row once');

# against the truth: row by row where nobody came in between, else one customer a company
my (%made, %wrong, %right, @examples);
foreach my $line (split(/\n/, sql($node, $db, "SELECT row_no, outcome FROM leads.import_report('big')")))
{
	my ($n, $o) = split(/\|/, $line);
	my $g = $group_of{$n};
	$made{$g}++ if $o eq 'created';
	next if $touched{$g};
	$right{$o}++, next if $o eq $truth{$n};
	$wrong{"$o, not $truth{$n}"}++;
	push @examples, "row $n of group $g: $o, not $truth{$n}" if @examples < 10;
}
is(join('; ', map { "$_: $wrong{$_}" } sort keys %wrong), '', 'the report says of each row what is true: ' . join(', ', map { "$right{$_} $_" } sort keys %right)) or diag(join("\n", @examples));
$made{$_}++ foreach grep { ($touched{$_} // '') =~ /created/ } keys %touched;
$made{$_}++ foreach keys %stored;
is(scalar(grep { ($made{$_} // 0) != 1 } 0 .. $#groups), 0, 'one customer a company, whoever came first: ' . scalar(keys %touched) . ' of ' . scalar(@groups) . ' were registered in between, too');
is(sql($node, $db, 'SELECT count(*) FROM crm.customer'), scalar(@groups), 'no more and no fewer');
is(sql($node, $db, 'SELECT count(*) FROM leads.verify()'), 0, 'the company is sound');

# again: nothing
my $sums = join("\n", sort split(/\n/, checksums($node, $db)));
sql($node, $db, "CALL leads.import_commit('big')");
same_text(join("\n", sort split(/\n/, checksums($node, $db))), $sums, 'done again it does nothing');
$node->stop;
done_testing();
