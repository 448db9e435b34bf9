# A week without tick(): every answer is right all the while, and the catch-up writes the instants at which things
# happened, the same as a tick every hour would have.
use strict;
use warnings;
use utf8;
use Leads;
use Test::More;

my $node = new_node('tick');
my @names = names(40);
foreach my $db ('silent', 'busy')
{
	company($node, $db, "simulation => true, zone => 'Asia/Shanghai'");
	needs($node, $db, 'register', 'owner_at', 'set_protection');
}
my $answers = <<'EOQ';
SELECT c.id, coalesce(leads.owner_at(c.id), '-') FROM crm.customer c ORDER BY 1
EOQ
my %seen;
# forty customers, three an hour from 2026-03-02 on, protected for five days
foreach my $db ('silent', 'busy')
{
	sql($node, $db, "SET leads.clock = '2026-03-01 00:00+08'; SELECT leads.set_protection(days => 5, remind_days => 1)");
	my $script = '';
	foreach my $i (0 .. $#names)
	{
		my $at = sprintf('2026-03-02 %02d:%02d:00+08', 8 + int($i / 3), 20 * ($i % 3));
		$script .= "SET leads.clock = '$at'; SELECT leads.register('$names[$i]', by_member => '" . ($i % 2 ? 'li' : 'zhang') . "');\n";
	}
	sql($node, $db, $script);
	is(sql($node, $db, "SET leads.clock = '2026-03-03'; SELECT count(*) FROM crm.ownership WHERE member_id IS NOT NULL AND until IS NULL AND next_due_at > leads.now()"), '40', "$db: forty owned");
	for (my $hour = 0; $hour < 7 * 24; $hour++)
	{
		my $clock = "SET leads.clock = '" . sprintf('2026-03-%02d %02d:30:00+08', 3 + int($hour / 24), $hour % 24) . "';";
		# ticks of the busy one, twice in a row now and then
		sql($node, $db, "$clock CALL leads.tick();" . ($hour % 10 ? '' : 'CALL leads.tick(3);')) if $db eq 'busy' && $hour >= 96 && $hour < 126;
		$seen{$db} .= "$hour " . sql($node, $db, "$clock $answers") . "\n" if $hour >= 100 && $hour < 124 && $hour % 3 == 0;
	}
}
like($seen{silent}, qr/\|zhang/, 'some are owned on the way');
like($seen{silent}, qr/\|-/, 'some are lapsed on the way');
same_text($seen{silent}, $seen{busy}, 'every answer without a job is the answer with one');

# the catch-up
sql($node, 'silent', "SET leads.clock = '2026-03-10 12:00+08'; CALL leads.tick(7)");
sql($node, 'busy', "SET leads.clock = '2026-03-10 12:00+08'; CALL leads.tick(7)");
my $facts = <<'EOQ';
SELECT o.customer_id, o.scope, m.code, p.code, o.since, o.until, o.cause, o.end_cause FROM crm.ownership o
  LEFT JOIN crm.member m ON m.id = o.member_id LEFT JOIN crm.pool p ON p.id = o.pool_id ORDER BY 1, 5;
EOQ
my $events = 'SELECT customer_id, kind, at, owner_id, pool_id FROM crm.event WHERE kind <> \'reminded\' ORDER BY customer_id, at, id';
is(sql($node, 'silent', "SELECT count(*) FROM crm.ownership WHERE until IS NOT NULL AND end_cause = 'lapsed'"), '40', 'all forty lapses are written');
same_text(sql($node, 'silent', $facts), sql($node, 'busy', $facts), 'the same intervals, to the microsecond');
same_text(sql($node, 'silent', $events), sql($node, 'busy', $events), 'the same events with the same effective instants');
is(sql($node, 'silent', <<'EOQ'), '0', 'each lapse at its due instant, five days after the beginning');
SELECT count(*) FROM crm.ownership WHERE end_cause = 'lapsed' AND (until <> next_due_at OR until <> since + interval '120 hours')
EOQ
is(sql($node, 'silent', "SELECT count(DISTINCT recorded_at) > 0 AND min(recorded_at) >= '2026-03-10 12:00+08' FROM crm.event WHERE kind = 'lapsed'"), 't',
	'recorded when it was written down');
is(sql($node, 'silent', "SELECT count(*) FROM crm.outbox WHERE topic = 'reminder'"), '0', 'nobody is reminded of what is over');

# again: nothing
foreach my $db ('silent', 'busy')
{
	my $rows = sql($node, $db, 'SELECT (SELECT count(*) FROM crm.event), (SELECT count(*) FROM crm.decision), (SELECT count(*) FROM crm.outbox), (SELECT count(*) FROM crm.ownership)');
	sql($node, $db, "SET leads.clock = '2026-03-10 12:00+08'; CALL leads.tick(); CALL leads.tick(1); CALL leads.tick(schema_name => 'crm')");
	is(sql($node, $db, 'SELECT (SELECT count(*) FROM crm.event), (SELECT count(*) FROM crm.decision), (SELECT count(*) FROM crm.outbox), (SELECT count(*) FROM crm.ownership)'),
		$rows, "$db: a further tick writes nothing");
	is(sql($node, $db, "SET leads.clock = '2026-03-10 12:00+08'; SELECT string_agg(invariant || ' ' || subject || ' ' || problem, '; ') FROM leads.verify()"), '', "$db: verify() is clean");
}
# two at once: the second one has nothing to do and does not wait for the first
is(sqlstate($node, 'silent', 'CALL leads.tick(0)'), '22023', 'a batch of none is refused');
is(sqlstate($node, 'silent', "CALL leads.tick(10, 'nowhere')"), 'LD008', 'no such company');
$node->stop;
done_testing();
