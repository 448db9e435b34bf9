# Killed under load: after the restart the company is sound, and no registration that a client was told of is lost.
use strict;
use warnings;
use utf8;
use Encode qw(encode);
use IPC::Run;
use Leads;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep);

# the server dies, the machine does not: fsync may stay off, but a commit waits for its WAL
my $node = new_node('crash', "synchronous_commit = on\nautovacuum = off\n");
my $db = 'leads';
company($node, $db);
needs($node, $db, 'register');
my @names = names($ENV{NIGHTLY} ? 3000 : 1200);
my $rounds = $ENV{NIGHTLY} ? 5 : 2;
my $clients = 4;
my $dir = PostgreSQL::Test::Utils::tempdir();

foreach my $round (1 .. $rounds)
{
	my @running;
	foreach my $c (1 .. $clients)
	{
		my $file = "$dir/$round.$c";
		open(my $fh, '>', "$file.sql") or die $!;
		# neighbours register the same names, so that they wait for and refuse each other
		foreach my $i (0 .. $#names)
		{
			next unless $i % $clients == $c - 1 || $i % 5 == 0;
			my $key = "$round-$c-$i";
			print $fh encode('UTF-8', "SELECT registration_id, '$key', outcome FROM leads.register('第${round}$names[$i]', "
				  . "phone => '13" . sprintf('%d%08d', $round, $i * 3571 + $c) . "', request_key => '$key', by_member => '"
				  . ($i % 2 ? 'li' : 'zhang') . "');\n");
		}
		close($fh);
		push @running, IPC::Run::start([ 'stdbuf', '-oL', 'psql', '-X', '-q', '-A', '-t', '-F', ' ', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr($db), '-f', "$file.sql" ],
			'>', "$file.out", '2>', "$file.err");
	}
	# in the middle of it
	my $enough = 100 + 60 * $round;
	my $seen = 0;
	for (1 .. 600)
	{
		$seen = 0;
		foreach my $c (1 .. $clients)
		{
			open(my $fh, '<', "$dir/$round.$c.out") or next;
			$seen++ while <$fh>;
		}
		last if $seen >= $enough;
		sleep(0.05);
	}
	$node->stop('immediate');
	$_->finish foreach @running;
	my %told;
	foreach my $c (1 .. $clients)
	{
		open(my $fh, '<', "$dir/$round.$c.out") or die $!;
		while (my $line = <$fh>)
		{
			$told{"$1 $2 $3"} = 1 if $line =~ /^(\d+) (\S+) (\w+)\n/;
		}
		open($fh, '<', "$dir/$round.$c.err") or die $!;
		my $err = join('', <$fh>);
		like($err, qr/server closed the connection|terminating connection|could not receive|connection to server/, "round $round: client $c was at work when the server died");
	}
	cmp_ok(scalar(keys %told), '>=', $enough, "round $round: " . scalar(keys %told) . ' registrations were told');
	$node->start;
	my %kept = map { $_ => 1 } split(/\n/, sql($node, $db, "SELECT id || ' ' || request_key || ' ' || outcome FROM crm.registration WHERE request_key IS NOT NULL"));
	is_deeply([ grep { !$kept{$_} } sort keys %told ], [], "round $round: none of them is lost");
	is(sql($node, $db, "SELECT string_agg(invariant || ' ' || subject || ' ' || problem, '; ') FROM leads.verify()"), '', "round $round: verify() is clean");
	is(sql($node, $db, <<'EOQ'), '0', "round $round: no registration without its decision, no customer without registration");
SELECT (SELECT count(*) FROM crm.registration g LEFT JOIN crm.decision d ON d.id = g.decision_id WHERE d.id IS NULL)
  + (SELECT count(*) FROM crm.customer c WHERE NOT EXISTS (SELECT FROM crm.registration g WHERE g.customer_id = c.id AND g.outcome = 'created'))
EOQ
	# a client that repeats its last request gets an answer, not a second registration
	my ($last) = sort keys %told;
	my (undef, $key) = split(/ /, $last);
	is(sql($node, $db, "SELECT count(*) FROM crm.registration WHERE request_key = '$key'"), '1', "round $round: a request key stands once");
}
$node->stop;
done_testing();
