# Random histories under a simulated clock: register, follow up, claim, release, extend, transfer, stages, pauses, locks,
# contracts, merges, members who leave, other policies, other calendars. Each runs once with tick() before every step and
# once with none until the end, and is worked out by an oracle (lib/Oracle.pm) that calls nothing of pg_leads. All three must
# agree on every answer, on every interval to the microsecond, on owner_at() at random instants, and verify() must find nothing.
#
#   HISTORIES=200 (customers; nightly 10000), SEED
use strict;
use warnings;
use utf8;
use Leads;
use Oracle;
use List::Util qw(min max);
use POSIX qw(floor strftime);
use Test::More;

use constant { DAY => 86_400_000_000, HOUR => 3_600_000_000, MS => 1000 };
my $total = $ENV{HISTORIES} // ($ENV{NIGHTLY} ? 10_000 : 200);
my $at_once = min($total, 400);
my $seed = $ENV{SEED} // 20260105;
srand($seed);
diag("$total histories, seed $seed");

my $node = new_node('history', "fsync = off\nsynchronous_commit = off\nmax_locks_per_transaction = 256\n");
my $base = 1767542400;	# 2026-01-05 00:00 +08

sub stamp { my ($t) = @_; return strftime('%Y-%m-%d %H:%M:%S', gmtime($base + 28800 + floor($t / 1e6))) . sprintf('.%06d+08', $t % 1_000_000) }
sub pick { return $_[ int(rand(@_)) ] }

# policies: what the oracle reads, and the document
sub span { my ($n, $unit) = @_; return $unit eq 'days' ? $n : "{\"$unit\": $n}" }

sub json
{
	my ($kind, @rest) = @{ $_[0] };
	return "\"$kind\"" if $kind eq 'protection_end';
	return "{\"$kind\": [" . join(', ', map { json($_) } @rest) . ']}' if $kind eq 'any' || $kind eq 'all';
	return "{\"$kind\": " . span(@rest) . '}';
}

my $published = 0;

# words: some say the same again, or nearly
my @words = qw(今天和客户王总通了电话确认设备采购数量 拜访客户现场看了生产线并交换了报价意见 发送了案例资料客户答应下周给出书面回复);
my @signs = split(//, '天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往');

sub any_note
{
	my $r = rand();
	return '' if $r < .08;
	return pick(@signs) if $r < .15;
	my @s = split(//, pick(@words));
	$s[ int(rand(@s)) ] = pick(@signs) for 1 .. pick(0, 1, 2, 2, 3, 5, 9);
	return join('', @s);
}

sub any_policy
{
	my $unit = sub { my ($n) = @_; return rand() < .2 ? ($n, 'working_days') : rand() < .3 ? (24 * $n - 5, 'hours') : ($n, 'days') };
	my @one = (
		sub { [ 'no_followup', $unit->(4 + int(rand(8))) ] }, sub { [ 'no_first_contact', $unit->(2 + int(rand(5))) ] },
		sub { [ 'no_stage_progress', $unit->(6 + int(rand(9))) ] }, sub { [ 'no_opportunity', $unit->(8 + int(rand(12))) ] },
		sub { [ 'no_deal', $unit->(12 + int(rand(20))) ] }, sub { [ 'contract_end', $unit->(1 + int(rand(9))) ] },
		sub { ['protection_end'] });
	# each condition in its turn, and some more
	my @any = ($one[ $published++ % @one ]->(), map { pick(@one)->() } 1 .. int(rand(3)));
	# where the end of the protection counts alone, extensions are asked for and held
	@any = (['protection_end'], map { pick(@one)->() } 1 .. int(rand(2))) if rand() < .3;
	push @any, [ 'all', map { pick(@one)->() } 1 .. 2 ] if rand() < .4;
	my %follow = (kinds => rand() < .7 ? [qw(call visit)] : [qw(call note)], note_min => pick(0, 2, 5), seconds_min => pick(0, 60), similarity => pick(.8, .9, 1),
		gap => pick(0, 0, 2, 20) * HOUR, days_back => pick(2, 4, 7), grace => pick(0, 1, 3) * DAY);
	my $follow = sprintf('{"kinds": ["%s"], "note_min": %d, "seconds_min": %d, "similarity": %s, "min_gap": {"hours": %d}, "days_back": %d, "grace": %d}',
		join('", "', @{ $follow{kinds} }), @follow{qw(note_min seconds_min similarity)}, $follow{gap} / HOUR, $follow{days_back}, $follow{grace} / DAY);
	my %p = (leave => rand() < .6, followup => \%follow, approval => rand() < .8, hold => pick(0, 8, 24, 24), grace => int(rand(4)), lapse => [ 'any', @any ], period => rand() < .85 ? [ $unit->(6 + int(rand(16))) ] : undef);
	my $json = '{"days": ' . ($p{period} ? span(@{ $p{period} }) : 0) . ", \"grace_days\": $p{grace}, \"extend_times\": 2, \"extend_days\": 30, "
	  . "\"extension\": {\"approval\": " . ($p{approval} ? 'true' : 'false') . ", \"hold_hours\": $p{hold}}, "
	  . ($p{leave} ? '"leave_pauses": true, ' : '') . '"lock_quota": 1000000, "followup": ' . $follow . ', "lapse": ' . json($p{lapse}) . '}';
	return (\%p, $json);
}

sub batch
{
	my ($number, $n) = @_;
	my $o = Oracle->new;
	my (@script, @expected);
	my $clock = 10 * HOUR;
	my @members = map { "m$_" } 1 .. 12;
	my $hired = 12;
	my $version = 1;
	my $step = sub {
		my ($sql, $answer) = @_;
		push @script, [ $clock, "SELECT try(" . scalar(@expected) . ", \$q\$$sql\$q\$);" ];
		push @expected, [ $answer, $sql ];
	};
	my $plain = sub { push @script, [ $clock, $_[0] ] };
	my $policy = sub {
		my ($p, $json) = any_policy();
		$plain->("SELECT leads.publish('protection', '', '$json');");
		$o->publish(++$version, $p);
	};
	# somebody who may be the owner, mostly is
	my $who = sub { my ($c) = @_; return defined $c->{owner} && rand() < .9 ? $c->{owner} : pick(@members) };
	my %stage_call = (won => sub { "leads.win($_[0], 100" }, lost => sub { "leads.lose($_[0], 'price'" });
	$policy->();
	my $steps = 26 * $n;
	for my $i (1 .. $steps)
	{
		$clock += 5 * MS + int(rand(2 * 150 * DAY / $steps));
		my $ncust = $#{ $o->{customers} };
		# at a deadline, or a microsecond before it
		if ($ncust > 0 && rand() < .12)
		{
			my @due = grep { $_ && defined $_->{owner} && defined $_->{due} && $_->{due} > $clock + DAY / 100 && $_->{due} < $clock + 2 * DAY } @{ $o->{customers} };
			if (@due)
			{
				my $c = pick(@due);
				$clock = $c->{due} - int(rand(2));
				my $m = $c->{owner};
				my $id = pick(map { $_->{id} } $o->family($c));
				if (rand() < .7) { my $note = any_note(); $step->("SELECT leads.log_activity($id, 'call', '$note', by_member => '$m')", $o->followup($m, $id, $clock, 'call', undef, $note)) }
				elsif (rand() < .6) { my $d = 1 + int(rand(9)); $step->("SELECT leads.extend($id, $d, by_member => '$m')", $o->extend($m, $id, $clock, $d)) }
				else { my $other = pick(@members); $step->("SELECT leads.claim('{$id}', by_member => '$other')", $o->claim($other, $id, $clock)) }
				next;
			}
		}
		# a request: before its deadline, while it is held, or long after
		if (@{ $o->{asked} // [] } && rand() < .08)
		{
			my @open = grep { my $c = $o->canon($_->{customer}); $c->{ask} && $c->{ask}{id} == $_->{id} } @{ $o->{asked} }[ max(0, @{ $o->{asked} } - 400) .. $#{ $o->{asked} } ];
			my @held = grep { my $c = $o->canon($_->{customer}); my $due = $c->{ask}{due} // 0; $due > $clock + DAY / 100 && $due < $clock + 3 * DAY && $c->{due} > $due && $c->{due} < $due + 60 * DAY } @open;
			my $ask = @held && rand() < .95 ? pick(@held) : @open && rand() < .9 ? pick(@open) : pick(@{ $o->{asked} });
			my $c = $o->canon($ask->{customer});
			if (@held && $c->{ask} && $c->{ask}{id} == $ask->{id} && ($c->{ask}{due} // 0) > $clock && $c->{ask}{due} < $clock + 3 * DAY && rand() < .95)
			{
				$clock = pick($c->{ask}{due}, $c->{ask}{due} + int(rand($c->{due} - $c->{ask}{due})), $c->{due} - int(rand(2)));
			}
			my $yes = rand() < .5;
			$step->('SELECT leads.' . ($yes ? "approve_extension($ask->{id})" : "refuse_extension($ask->{id}, '不同意')"), $o->ruling($ask, $clock, $yes));
			next;
		}
		if ($ncust > 0 && rand() < .02)
		{
			my $m = pick(@members);
			my $since = rand() < .5 ? undef : $clock + int(rand(7 * DAY)) - 3 * DAY;
			my $until = rand() < .2 ? undef : ($since // $clock) + HOUR + int(rand(8 * DAY));
			my $kind = pick('leave', 'leave', 'leave', 'sick', 'available');
			$step->("SELECT leads.set_availability('$m', " . (defined $since ? "'" . stamp($since) . "'" : 'NULL') . ', ' . (defined $until ? "'" . stamp($until) . "'" : 'NULL') . ", '$kind')",
				$o->absent($m, $clock, $since, $until, $kind));
			next;
		}
		# what lapsed lately, entered late by who had it
		if (rand() < .05)
		{
			my @lost = grep { $_ && !$_->{into} && !defined $_->{owner} && @{ $_->{past} } && $_->{past}[-1][3] eq 'lapsed' && $_->{past}[-1][2] > $clock - 2 * DAY } @{ $o->{customers} };
			push @lost, grep { $_ && !$_->{into} && defined $_->{owner} && defined $_->{due} && $_->{due} <= $clock && $_->{due} > $clock - 2 * DAY } @{ $o->{customers} };
			if (@lost)
			{
				my $c = pick(@lost);
				my ($m, $until) = defined $c->{owner} ? @$c{qw(owner due)} : @{ $c->{past}[-1] }[0, 2];
				my $at = $until - int(rand(DAY)) + pick(0, 0, 0, DAY / 4);
				$at = pick($until, $until - 1, $at);
				$at = $clock if $at > $clock;
				my $id = pick(map { $_->{id} } $o->family($c));
				my $note = any_note();
				$step->("SELECT leads.log_activity($id, 'call', '$note', '" . stamp($at) . "', by_member => '$m')", $o->followup($m, $id, $clock, 'call', $at, $note));
				next;
			}
		}
		if ($ncust < $n && rand() < 2.2 * $n / $steps)
		{
			my $m = pick(@members);
			$step->("SELECT leads.register(NULL, '1" . sprintf('3%09d', 500000 + $ncust) . "', kind => 'person', by_member => '$m')", $o->here($m, $clock) ? $o->register($m, $clock) : 'LD004');
			next;
		}
		next if $ncust < 1;
		my $id = 1 + int(rand($ncust));
		my $c = $o->canon($id);
		my $m = $who->($c);
		my $r = rand();
		if ($r < .30)
		{
			# some enter what happened before the last lapse of who had it
			my ($last) = reverse grep { $_->[0] ne 'pool' } @{ $c->{past} };
			$m = $last->[0] if !defined $c->{owner} && $last && rand() < .7;
			my ($kind, $note) = (rand() < .85 ? 'call' : pick('note', 'visit'), any_note());
			my $back = rand() < .25 || !defined $c->{owner} ? int(rand(5 * DAY)) : undef;
			my $at = defined $back ? $clock - $back : undef;
			my $seconds = rand() < .2 ? pick(30, 59, 60, 300) : undef;
			my $automatic = rand() < .04;
			$step->("SELECT leads.log_activity($id, '$kind', '$note', " . (defined $at ? "'" . stamp($at) . "'" : 'NULL') . ", by_member => '$m'"
				. (defined $seconds ? ", seconds => $seconds" : '') . ($automatic ? ', automatic => true' : '') . ')',
				$o->followup($m, $id, $clock, $kind, $at, $note, $seconds, $automatic));
			if (rand() < .3)
			{
				$clock += 5 * MS + int(rand(3 * HOUR));
				$note = any_note() if rand() < .8;
				$step->("SELECT leads.log_activity($id, 'call', '$note', by_member => '$m')", $o->followup($m, $id, $clock, 'call', undef, $note));
			}
		}
		elsif ($r < .40) { $m = pick(@members); $step->("SELECT leads.claim('{$id}', by_member => '$m')", $o->claim($m, $id, $clock)) }
		elsif ($r < .43) { $step->("SELECT leads.release($id, '不做了', by_member => '$m')", $o->release($m, $id, $clock)) }
		elsif ($r < .51)
		{
			my $d = 1 + int(rand(9));
			# half of them where the protection ends soon
			my @soon = grep { $_ && defined $_->{owner} && !$_->{ask} && defined $_->{due} && $_->{by} eq 'protection_end' && $_->{due} > $clock && $_->{due} < $clock + 6 * DAY } @{ $o->{customers} };
			($c, $id, $m) = map { ($_, $_->{id}, $_->{owner}) } pick(@soon) if @soon && rand() < .5;
			 $step->("SELECT leads.extend($id, $d, by_member => '$m')", $o->extend($m, $id, $clock, $d));
		}
		elsif ($r < .57) { $m = pick(@members); $step->("SELECT leads.assign($id, '$m')", $o->assign($m, $id, $clock)) }
		elsif ($r < .65)
		{
			my $since = rand() < .5 ? $clock + int(rand(4 * DAY)) : undef;
			my $until = ($since // $clock) + HOUR + int(rand(3 * DAY));
			$step->("SELECT leads.pause($id, '" . stamp($until) . "', " . (defined $since ? "'" . stamp($since) . "'" : 'NULL') . ')', $o->pause($id, $clock, $since, $until));
		}
		elsif ($r < .67) { $step->("SELECT leads.resume($id)", $o->resume($id, $clock)) }
		elsif ($r < .72)
		{
			my $ends = rand() < .85 ? $clock + int(rand(20 * DAY)) : undef;
			$step->("SELECT leads.set_contract($id, " . (defined $ends ? "'" . stamp($ends) . "'" : 'NULL') . ')', $o->contract($id, $clock, $ends));
		}
		elsif ($r < .74) { my $lock = rand() < .4; $step->('SELECT leads.' . ($lock ? '' : 'un') . "lock_customer($id, by_member => '$m')", $o->lock_it($m, $id, $clock, $lock)) }
		elsif ($r < .93)
		{
			my $was = $o->lead_of($id)->{stage};
			my $closed = $was eq 'won' || $was eq 'lost';
			my $to = !$closed && rand() < .05 ? 'won' : !$closed && rand() < .08 ? 'lost' : pick(grep { $_ ne $was } @Oracle::STAGES);
			my $call = $stage_call{$to} ? $stage_call{$to}->($id) : $closed ? "leads.reopen($id, '$to'" : "leads.advance($id, '$to', '调整'";
			$step->("SELECT $call, by_member => '$m')", $o->stage($m, $id, $clock, $to));
		}
		elsif ($r < .955)
		{
			my $other = $o->canon(1 + int(rand($ncust)));
			next if $other == $c || @{ $c->{family} } + @{ $other->{family} } > 4;
			$step->("SELECT leads.merge($c->{id}, '{$other->{id}}', reason => '同一客户')", $o->merge($c->{id}, $other->{id}, $clock));
		}
		elsif (rand() < 12 / ($steps * .045))
		{
			my $now = $members[0];
			my $left = pick($clock, $clock - int(rand(3 * DAY)), $clock + int(rand(4 * DAY)), $clock + int(rand(4 * DAY)));
			$plain->("UPDATE crm.member SET left_at = '" . stamp($left) . "' WHERE code = '$now';");
			$o->leaves($now, $clock, $left);
			shift @members;
			push @members, 'm' . ++$hired;
			$clock += 5 * MS;
			$plain->("INSERT INTO crm.member (code, name) VALUES ('m$hired', 'm$hired');");
		}
		elsif (rand() < 10 / ($steps * .045))
		{
			$policy->();
			if (rand() < .7)
			{
				$clock += 5 * MS;
				my $mode = pick('all', 'all', 'later');
				$step->("SELECT * FROM leads.apply_policy(mode => '$mode')", $o->apply($clock, $mode));
			}
		}
		elsif (rand() < 3 / ($steps * .045))
		{
			my %days = map { int($clock / DAY) - 3 + int(rand(40)) => 1 } 1 .. 6;
			my @list = sort { $a <=> $b } keys %days;
			$step->("SELECT leads.publish('calendar', '', '{\"week\": {" . join(', ', map { "\"$_\": [[\"09:00\", \"18:00\"]]" } qw(mon tue wed thu fri)) . "}, \"holidays\": ["
				. join(', ', map { '"' . substr(stamp($_ * DAY), 0, 10) . '"' } @list) . "]}')", $o->calendar($clock, @list));
		}
	}
	$clock += 20 * DAY;
	# questions: asked before the end is written down
	my @asked = map { [ 1 + int(rand($#{ $o->{customers} })), rand() < .2 && @{ $o->{customers}[1]{past} } ? $o->{customers}[1]{past}[0][2] : int(rand($clock)) ] } 1 .. 1000;
	my %got;
	foreach my $run ('ticked', 'silent')
	{
		my $db = "h${number}_$run";
		company($node, $db, "simulation => true, zone => 'Asia/Shanghai'");
		my $text = "SET leads.clock = '" . stamp(HOUR) . "';\nSELECT leads.publish('pipeline', '', '{\"qualify_needs\": []}');\n"
		  . "INSERT INTO crm.member (code, name) SELECT 'm' || i, 'm' || i FROM generate_series(1, 12) i;\nCREATE TABLE answer (n int PRIMARY KEY, state text);\n"
		  . "CREATE FUNCTION try(n int, q text) RETURNS void LANGUAGE plpgsql AS \$\$ BEGIN EXECUTE q; INSERT INTO answer VALUES (n, 'ok'); EXCEPTION WHEN OTHERS THEN INSERT INTO answer VALUES (n, sqlstate); END \$\$;\n";
		foreach my $s (@script)
		{
			$text .= "SET leads.clock = '" . stamp($s->[0] - MS) . "'; CALL leads.tick();\n" if $run eq 'ticked';
			$text .= "SET leads.clock = '" . stamp($s->[0]) . "'; $s->[1]\n";
		}
		my $end = "SET leads.clock = '" . stamp($clock) . "';\n";
		sql($node, $db, $text);
		$got{$run}{owner} = sql($node, $db, "${end}SELECT coalesce(leads.owner_at(c, '', t::timestamptz), '-') FROM (VALUES "
			. join(', ', map { "($_, $asked[$_][0], '" . stamp($asked[$_][1]) . "')" } 0 .. $#asked) . ') q(n, c, t) ORDER BY n');
		sql($node, $db, "${end}CALL leads.tick()");
		$got{$run}{answers} = sql($node, $db, 'SELECT state FROM answer ORDER BY n');
		$got{$run}{intervals} = sql($node, $db, "SET timezone = 'Asia/Shanghai'; SELECT o.customer_id, coalesce(m.code, 'pool'), to_char(o.since, 'YYYY-MM-DD HH24:MI:SS.US'),"
			. " coalesce(to_char(o.until, 'YYYY-MM-DD HH24:MI:SS.US'), '-'), coalesce(o.end_cause, '-'), coalesce(substr(d.evidence -> 0 ->> 'code', 7), '-')"
			. " FROM crm.ownership o LEFT JOIN crm.member m ON m.id = o.member_id LEFT JOIN crm.decision d ON d.id = o.end_decision_id AND d.kind = 'lapse' ORDER BY 1, o.since, o.id");
		is(sql($node, $db, "${end}SELECT * FROM leads.verify()"), '', "$db: verify() finds nothing");
		$node->safe_psql('postgres', "DROP DATABASE $db") unless $ENV{KEEP};
	}
	$o->settle($_, $clock) foreach grep { $_ && !$_->{into} } @{ $o->{customers} };
	my $cut = sub { my ($t) = @_; return substr(stamp($t), 0, 26) };
	my @lines;
	foreach my $c (grep { $_ } @{ $o->{customers} })
	{
		push @lines, join('|', $c->{id}, $_->[0], $cut->($_->[1]), $cut->($_->[2]), $_->[3], $_->[4] // '-') foreach @{ $c->{past} };
		push @lines, join('|', $c->{id}, $c->{owner} // 'pool', $cut->($c->{since}), '-', '-', '-') unless $c->{into};
	}
	my $wanted_owner = join("\n", map { $o->owner_at(@$_) } @asked);
	my $answers = join("\n", map { $_->[0] } @expected);
	foreach my $run ('ticked', 'silent')
	{
		my @a = split(/\n/, $got{$run}{answers});
		# what a member may not know of is not there: LD001 in place of a refusal
		my ($bad) = grep { ($a[$_] // '') ne $expected[$_][0] && !(($a[$_] // '') eq 'LD001' && $expected[$_][0] =~ /^LD0[56]0$/) } 0 .. $#expected;
		ok(!defined $bad, "batch $number, $run: " . @expected . ' answers as the oracle says')
		  or diag("step $bad: $a[$bad], wanted $expected[$bad][0]: $expected[$bad][1]");
		same_text($got{$run}{intervals}, join("\n", @lines), "batch $number, $run: " . @lines . ' intervals as the oracle says');
		is($got{$run}{owner}, $wanted_owner, "batch $number, $run: owner_at() at 1000 instants");
	}
	same_text($got{ticked}{intervals}, $got{silent}{intervals}, "batch $number: the same intervals with and without tick()");
	return $o->{n};
}

my %n;
for (my $done = 0, my $b = 1; $done < $total; $done += $at_once, $b++)
{
	my $counts = batch($b, min($at_once, $total - $done));
	$n{$_} += $counts->{$_} foreach keys %$counts;
}
diag('lapses and changes: ' . join(', ', map { "$_ $n{$_}" } sort keys %n));
# few histories show some conditions only
my @triggers = qw(protection_end no_followup no_first_contact no_stage_progress no_opportunity no_deal contract_end owner_left);
cmp_ok(scalar(grep { $n{$_} } @triggers), '>=', 5, 'conditions of five kinds at least have come true');
foreach my $kind ('pause', 'extension', 'extension asked', 'extension approved', 'extension refused', 'extension held', 'merge', 'leads that became one', 'policy change', 'revival', 'leave that moves', $total >= 10_000 ? @triggers : ())
{
	my $least = $total >= 10_000 ? 500 : 1;
	cmp_ok($n{$kind} // 0, '>=', $least, "$kind: at least $least");
}
done_testing();
