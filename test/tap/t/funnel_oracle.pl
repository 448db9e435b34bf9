# Random short journeys against brute force (lib/Brute.pm: plain loops from the rules of the specification, none of our functions):
# journey functions, funnel_agg, funnel_of_events with kinds and without, with little memory and much, window_funnel in all its modes;
# and funnel() of a company in every mode, cut and attribution, as of drawn instants, from journeys and from events.
#
#   JOURNEYS=10000 (nightly 1,000,000), DRAWS=60 (nightly 600), SEED
use strict;
use warnings;
use utf8;
use Leads;
use Brute;
use List::Util qw(min);
use Test::More;

my $total = $ENV{JOURNEYS} // ($ENV{NIGHTLY} ? 1_000_000 : 10_000);
my $draws = $ENV{DRAWS} // ($ENV{NIGHTLY} ? 600 : 60);
my $seed = $ENV{SEED} // 20260117;
srand($seed);
diag("$total journeys, $draws draws, seed $seed");

my $node = new_node('brute', "fsync = off\nsynchronous_commit = off\nshared_buffers = 256MB\n");
my %seen;
my ($LOST, $OUTSIDE) = (9, 8);    # ids of stages that are no step
my @within = (undef, 3 * 1440);
my $window = 2 * 1440;

sub pick { return $_[ int(rand(@_)) ] }

# a lead: rows [minute, kind, stage, owner]; ties only where the stage rises, since rows of one instant go by stage
sub journey
{
	my ($company) = @_;
	my $at = int(rand(120)) * 720;
	my $stage = !$company && rand() < 0.08 ? $OUTSIDE : pick(1, 1, 1, 2, 3);
	my $owner = int(rand(4));
	my @rows = ([ $at, 'entered', $stage, $owner ]);
	my $state = 'open';
	my $furthest = $stage;
	my $tied = 1;
	for (1 .. int(rand(9)))
	{
		my ($kind, $to) = ('advanced', $stage);
		my $r = rand();
		if ($state ne 'open')
		{
			last if rand() < 0.5;
			($kind, $to) = ('reopened', 1 + int(rand(5)));
			$seen{ $state eq 'won' ? 'win taken back' : 'reopened after a loss' }++;
		}
		elsif ($r < 0.12) { ($kind, $to) = ('won', 6); $seen{won}++ }
		elsif ($r < 0.24) { ($kind, $to) = ('lost', $LOST); $seen{lost}++ }
		elsif ($r < 0.34) { $kind = 'handed'; $owner = ($owner + 1 + int(rand(3))) % 4; $seen{handed}++ }
		elsif ($r < 0.38 && !$company) { ($kind, $to) = ('moved', $OUTSIDE); $seen{'moved away'}++ }
		else { $to = 1 + int(rand(5)) }
		if ($kind ne 'handed' && $kind ne 'reopened' && rand() < 0.12) { $owner = int(rand(4)) }
		my $step = rand() < 0.5 ? 720 * (1 + int(rand(4))) : 1 + int(rand(4000));
		if ($to > $stage && $kind ne 'handed' && $tied && rand() < 0.2) { $step = 0; $seen{tie}++ }
		$at += $step;
		$tied = $kind ne 'handed';
		push @rows, [ $at, $kind, $kind eq 'handed' ? undef : $to, $owner, $kind eq 'lost' && rand() < 0.4 ? 1 : 0 ];
		next if $kind eq 'handed';
		if ($kind eq 'advanced' && $stage <= 5)
		{
			$seen{'move back'}++ if $to < $stage;
			$seen{'stage left out'}++ if $to > $stage + 1;
			$seen{'same stage again'}++ if $to == $stage;
			$seen{'entered again'}++ if $to <= $furthest && $to != $stage;
		}
		$state = $kind eq 'won' ? 'won' : $kind eq 'lost' ? 'lost' : 'open';
		$stage = $to;
		$furthest = $to if $to <= 5 && $to > $furthest;
	}
	$seen{ 'ends ' . $state }++;
	return \@rows;
}

# the same rows as the oracle reads them: a stage that is no step is 0
sub stepped { my ($rows) = @_; return [ map { [ $_->[0], $_->[1], !defined $_->[2] || $_->[2] > 6 ? 0 : $_->[2], $_->[3], $_->[4] ] } @$rows ] }

# as a table without kinds tells them
sub plain { my ($rows) = @_; return [ map { [ $_->[0], 'advanced', $_->[2], 0 ] } grep { $_->[1] ne 'handed' } @$rows ] }

sub rate { my ($part, $whole) = @_; return !$whole ? '' : sprintf('%.4f', int(($part * 20000 + $whole) / (2 * $whole)) / 10000) }

sub steps_text
{
	my ($mode, $c) = @_;
	my $text = '';
	for my $s (1 .. 6)
	{
		my %x = map { $_ => $c->{$s}{$_} // 0 } qw(entered advanced lost open next);
		my $from = $s == 1 || $mode eq 'snapshot' ? '' : rate($c->{ $s - 1 }{next} // 0, $c->{ $s - 1 }{entered} // 0);
		$text .= "$s|$x{entered}|$x{advanced}|$x{lost}|$x{open}|$from\n";
	}
	return $text;
}

sub tally
{
	my ($c, $counts) = @_;
	foreach (@$counts)
	{
		my ($s, $who, $what, $next) = @$_;
		$c->{$s}{entered}++;
		$c->{$s}{$what}++;
		$c->{$s}{next} += $next;
	}
}

# ---------------------------------------------------------------- aggregates and functions

company($node, 'brute', "lang => 'en', simulation => true, zone => 'UTC'");
my $db = 'brute';
sql($node, $db, <<'EOS');
CREATE TABLE e (lead_id bigint, at timestamptz, kind text, stage bigint, owner bigint);
CREATE TABLE want (lead_id bigint, far int, near int, chain int, now_in int, w_default int, w_order int, w_dedup int, w_increase int);
CREATE TABLE differ (what text, n bigint);
EOS
my $dir = $node->basedir;
my (%kinds, %plain, %answer);
my @asked = map { my $m = $_; map { [ $m, $_ ] } $m eq 'snapshot' ? (undef) : @within } qw(cohort strict flow snapshot);
my $chunk = 50_000;
my $rows_told = 0;
sub interval { my ($w) = @_; return defined $w ? "'$w minutes'" : 'NULL' }

my $states = '';
foreach (@asked)
{
	my ($m, $w) = @$_;
	my $i = interval($w);
	my $k = $m . ($w // '');
	$states .= <<"EOQ";
INSERT INTO state SELECT 'agg $k', leads.funnel_agg(j, '{1,2,3,4,5,6}', $i, '$m') FROM j;
SET work_mem = '64MB';
INSERT INTO state SELECT 'kinds $k', leads.funnel_of_events(lead_id, at, kind, stage, '{1,2,3,4,5,6}', $i, '$m') FROM e;
SET work_mem = '64kB';
INSERT INTO state SELECT 'kinds $k', leads.funnel_of_events(lead_id, at, kind, stage, '{1,2,3,4,5,6}', $i, '$m') FROM e WHERE lead_id % 2 = 0;
INSERT INTO state SELECT 'kinds $k', leads.funnel_of_events(lead_id, at, kind, stage, '{1,2,3,4,5,6}', $i, '$m') FROM e WHERE lead_id % 2 <> 0;
INSERT INTO state SELECT 'plain $k', leads.funnel_of_events(lead_id, at, stage, '{1,2,3,4,5,6}', $i, '$m') FROM e;
EOQ
}
for (my $from = 0; $from < $total; $from += $chunk)
{
	my $n = min($chunk, $total - $from);
	open(my $e, '>', "$dir/e") or die;
	open(my $want, '>', "$dir/want") or die;
	for my $i (1 .. $n)
	{
		# ids of every size, each once
		my $id = ($from + $i) * ($i % 3 == 0 ? 1 : $i % 3 == 1 ? -9_000_000_000 : 4_000_000_007);
		my $rows = journey();
		$rows_told += @$rows;
		my @shuffled = sort { $a->[0] <=> $b->[0] || ($a->[2] // 0) <=> ($b->[2] // 0) } @$rows;
		die 'a generated journey is not in order' if join(' ', @shuffled) ne join(' ', @$rows);
		print $e join("\t", $id, $_->[0] * 60, $_->[1], $_->[2] // '\N', $_->[3]) . "\n" foreach $i % 2 ? reverse @$rows : @$rows;
		my $stepped = stepped($rows);
		my $told = plain($stepped);
		foreach (@asked)
		{
			my ($mode, $w) = @$_;
			my $key = $mode . ($w // '');
			tally($kinds{$key} //= {}, [ Brute::count($mode, $stepped, within => $w) ]);
			tally($plain{$key} //= {}, [ Brute::count($mode, $told, within => $w) ]);
		}
		my @w = sort { $a->[0] <=> $b->[0] || $a->[1] <=> $b->[1] } map { [ $_->[0], $_->[2] ] } @$told;
		my %steps;
		$steps{ $_->[1] }{ $_->[0] } = 1 foreach @w;
		$seen{'at the limit of the window'}++ if grep { $steps{ $_->[1] + 1 }{ $_->[0] + $window } } @w;
		print $want join("\t", $id, Brute::levels($stepped, $within[1]), map { Brute::window(\@w, $window, $_) } qw(default strict_order strict_deduplication strict_increase)) . "\n";
	}
	close $e;
	close $want;
	# in no order: by a hash of the row
	sql($node, $db, <<"EOS");
CREATE TEMP TABLE s (lead_id bigint, seconds bigint, kind text, stage bigint, owner bigint);
COPY s FROM '$dir/e';
TRUNCATE e, want;
INSERT INTO e SELECT lead_id, '2025-01-01'::timestamptz + seconds * interval '1 second', kind, stage, owner FROM s ORDER BY hashint8(seconds + lead_id);
COPY want FROM '$dir/want';
CREATE TEMP TABLE j AS SELECT lead_id, leads.journey_agg(at, kind, stage, owner) AS j FROM e GROUP BY 1;
INSERT INTO differ SELECT 'levels', count(*) FILTER (WHERE (far, near, chain, now_in) IS DISTINCT FROM (leads.journey_furthest(j, '{1,2,3,4,5,6}'), leads.journey_level(j, '{1,2,3,4,5,6}', '3 days'),
    leads.journey_level(j, '{1,2,3,4,5,6}', '3 days', 'strict'), leads.journey_level(j, '{1,2,3,4,5,6}', NULL, 'snapshot'))) FROM want FULL JOIN j USING (lead_id);
INSERT INTO differ SELECT 'window_funnel', count(*) FILTER (WHERE (w_default, w_order, w_dedup, w_increase) IS DISTINCT FROM (w.a, w.b, w.c, w.d)) FROM want FULL JOIN (
  SELECT lead_id, leads.window_funnel('2 days', at, s) AS a, leads.window_funnel('2 days', at, s, 'strict_order') AS b, leads.window_funnel('2 days', at, s, 'strict_deduplication') AS c,
    leads.window_funnel('2 days', at, s, 'strict_increase') AS d FROM (SELECT *, CASE WHEN stage <= 6 THEN stage ELSE 0 END::int AS s FROM e WHERE kind <> 'handed') x GROUP BY 1) w USING (lead_id);
CREATE TABLE IF NOT EXISTS state (key text, f bytea);
$states
DROP TABLE s, j;
EOS
}
is(sql($node, $db, "SELECT sum(n) FROM differ WHERE what = 'levels'"), '0', "$total journeys: furthest, levels, where they are");
is(sql($node, $db, "SELECT sum(n) FROM differ WHERE what = 'window_funnel'"), '0', "$total groups: window_funnel in four modes");
foreach (@asked)
{
	my ($mode, $w) = @$_;
	my $key = $mode . ($w // '');
	my $name = $mode . (defined $w ? ' within three days' : '');
	my $get = sub {
		my ($what, $times) = @_;
		return sql($node, $db, "SELECT step, entered / $times, advanced / $times, lost_here / $times, open_here / $times, conversion_from_previous FROM leads.funnel_steps((SELECT leads.rollup(f) FROM state WHERE key = '$what $key'))") . "\n";
	};
	is($get->('agg', 1), steps_text($mode, $kinds{$key}), "funnel_agg, $name");
	is($get->('kinds', 2), steps_text($mode, $kinds{$key}), "funnel_of_events with kinds, $name, in memory and from a file");
	is($get->('plain', 1), steps_text($mode, $plain{$key}), "funnel_of_events without kinds, $name");
}
diag("$rows_told rows: " . join(', ', map { "$_ $seen{$_}" } sort keys %seen));
foreach ('at the limit of the window', 'entered again', 'handed', 'lost', 'move back', 'moved away', 'reopened after a loss', 'same stage again', 'stage left out', 'tie', 'win taken back', 'won')
{
	cmp_ok($seen{$_} // 0, '>=', $total / 200, "$_: often enough");
}

# ---------------------------------------------------------------- funnel() of a company

%seen = ();
my $customers = min($total, $ENV{NIGHTLY} ? 5000 : 600);
my @lead;
open(my $l, '>', "$dir/l") or die;
open(my $v, '>', "$dir/v") or die;
for my $i (1 .. $customers)
{
	my $rows = journey(1);
	my ($creator, $channel, $region) = (int(rand(4)), 1 + int(rand(4)), pick('north', 'south', '\N'));
	my ($imported, $test) = map { rand() < 0.1 ? 1 : 0 } 1, 2;
	$lead[$i] = { rows => stepped($rows), creator => $creator, channel => $channel, region => $region, imported => $imported, test => $test };
	$seen{'imported lead'} += $imported;
	$seen{'test lead'} += $test;
	my ($last) = reverse grep { $_->[1] ne 'handed' } @$rows;
	my $stage = $last->[2] == $LOST ? 7 : $last->[2];
	print $l join("\t", $i, $stage, $last->[0], $channel, $rows->[0][0], $creator || '\N', $rows->[0][3] || '\N', $region, $imported, $test) . "\n";
	my $attempt = 1;
	my $before = '\N';
	foreach (@$rows)
	{
		my ($at, $kind, $to, $owner) = @$_;
		$attempt++ if $kind eq 'reopened';
		my $id = !defined $to ? '\N' : $to == $LOST ? 7 : $to;
		print $v join("\t", $i, $kind, $at, $owner || '\N', $kind eq 'handed' ? '\N' : $before, $id, $attempt, $_->[4] ? '{"reason": "spam", "invalid": true}' : '\N') . "\n";
		$seen{'lost as no lead'} += $_->[4] // 0;
		$before = $id if $kind ne 'handed';
	}
}
close $l;
close $v;
sql($node, $db, <<"EOS");
CREATE TABLE sl (id bigint, stage_id bigint, since int, channel_id bigint, created int, created_by bigint, first_owner bigint, region text, imported boolean, test boolean);
CREATE TABLE se (n bigint GENERATED ALWAYS AS IDENTITY, lead_id bigint, kind text, at int, owner_id bigint, from_stage bigint, to_stage bigint, attempt int, data jsonb);
COPY sl FROM '$dir/l';
COPY se (lead_id, kind, at, owner_id, from_stage, to_stage, attempt, data) FROM '$dir/v';
SET session_replication_role = replica;
TRUNCATE crm.customer, crm.lead, crm.ownership, crm.event, crm.lead_journey CASCADE;
DELETE FROM crm.member;
INSERT INTO crm.member (id, code, name) OVERRIDING SYSTEM VALUE SELECT n, 'm' || n, 'Member ' || n FROM generate_series(1, 3) n;
INSERT INTO crm.customer (id, kind, name, region, created_at, last_event_at) OVERRIDING SYSTEM VALUE SELECT id, 'company', 'c' || id, region, '2025-01-01'::timestamptz + created * interval '1 minute', '2025-01-01'::timestamptz + since * interval '1 minute' FROM sl;
INSERT INTO crm.lead (id, customer_id, stage_id, stage_since, channel_id, created_at, created_by, first_owner_id, imported, test) OVERRIDING SYSTEM VALUE
  SELECT id, id, stage_id, '2025-01-01'::timestamptz + since * interval '1 minute', channel_id, '2025-01-01'::timestamptz + created * interval '1 minute', created_by, first_owner, imported, test FROM sl;
INSERT INTO crm.event (customer_id, lead_id, kind, at, recorded_at, owner_id, from_stage_id, to_stage_id, attempt, data)
  SELECT lead_id, lead_id, kind, '2025-01-01'::timestamptz + at * interval '1 minute', '2025-01-01'::timestamptz + at * interval '1 minute', owner_id, from_stage, to_stage, attempt, data FROM se ORDER BY n;
RESET session_replication_role;
SET leads.clock = '2026-01-01 00:00+00';
CALL leads.rebuild_journeys();
EOS
my %drawn;
my $wrong = 0;
my $compared = 0;
for (1 .. $draws)
{
	my $mode = pick(qw(cohort strict flow snapshot));
	my $by = pick('', 'channel', 'owner', 'owner', 'owner', 'region');
	my $attribution = $by eq 'owner' ? pick(qw(at_event closer creator first_owner)) : '';
	my $as_of = rand() < 0.3 ? undef : pick(map { $_ * 720 } 1 .. 160);
	my ($since, $until) = rand() < 0.5 || $mode eq 'snapshot' ? (undef, undef) : sort { $a <=> $b } map { int(rand(150)) * 720 } 1, 2;
	$until++ if defined $until && $until == $since;
	my $within = $mode eq 'snapshot' ? undef : pick(undef, 1440, 3 * 1440);
	my $events = pick('true', 'false');
	my %include = map { $_ => rand() < 0.3 ? 1 : 0 } qw(imported test invalid);
	$drawn{"include $_"} += $include{$_} foreach keys %include;
	$drawn{$_}++ foreach $mode, $by ? "by $by" : 'whole', $attribution || (), defined $as_of ? 'as of the past' : 'as of now', defined $since ? 'a period' : (), defined $within ? 'within' : (), $events eq 'true' ? 'from events' : 'from journeys';
	my %c;
	foreach my $d (@lead[ 1 .. $customers ])
	{
		my $rows = $d->{rows};
		my $begun = $rows->[0][0];
		next if defined $as_of && $begun > $as_of;
		# the last that happened up to the instant says what it was then, whatever the time limit
		my ($last) = reverse grep { $_->[1] ne 'handed' && (!defined $as_of || $_->[0] <= $as_of) } @$rows;
		my $out = ($d->{imported} && !$include{imported}) || ($d->{test} && !$include{test}) || ($last->[4] && !$include{invalid});
		$seen{'left out'}++ if $out;
		$seen{'no lead any more, counted as of before'}++ if !$out && !$last->[4] && $rows->[-1][4];
		next if $out;
		next if $mode ne 'flow' && $mode ne 'snapshot' && defined $since && ($begun < $since || $begun >= $until);
		my $end = $mode eq 'cohort' && defined $within && (!defined $as_of || $begun + $within < $as_of) ? $begun + $within : $as_of;
		my (undef, undef, $closer, $first) = Brute::visits($rows, $end);
		foreach (Brute::count($mode, $rows, as_of => $as_of, within => $within, since => $since, until => $until))
		{
			my ($s, $who, $what, $next, $skipped, $regressed, $again) = @$_;
			my $segment = $by eq '' ? 'all' : $by eq 'channel' ? $d->{channel} : $by eq 'region' ? $d->{region}
			  : $attribution eq 'at_event' ? $who : $attribution eq 'closer' ? $closer : $attribution eq 'creator' ? $d->{creator} : $first;
			my $x = $c{$segment}{$s} //= { map { $_ => 0 } qw(entered advanced lost open skipped regressed again) };
			$x->{entered}++;
			$x->{$what}++;
			$x->{skipped} += $skipped;
			$x->{regressed} += $regressed;
			$x->{again} += $again;
		}
	}
	my $want = join("\n", map { my $seg = $_; map { my $x = $c{$seg}{$_}; join('|', $seg, $_, @$x{qw(entered advanced lost open skipped regressed again)}) } sort keys %{ $c{$seg} } } sort keys %c);
	my $name = { '' => 'segment', channel => '(SELECT id::text FROM crm.channel WHERE code = segment)', region => q{CASE segment WHEN 'unknown region' THEN E'\\\\N' ELSE segment END},
		owner => q{CASE segment WHEN 'pool' THEN '0' ELSE (SELECT id::text FROM crm.member WHERE code = segment) END} }->{$by};
	my $ts = sub { my ($m) = @_; return defined $m ? "'2025-01-01'::timestamptz + $m * interval '1 minute'" : 'NULL' };
	my $got = sql($node, $db, "SET leads.clock = '2026-01-01 00:00+00'; SELECT * FROM (SELECT $name AS segment, \"position\" AS step, entered, advanced, lost_here, open_here, coalesce(skipped, 0), coalesce(regressed, 0), coalesce(re_entries, 0) FROM leads.funnel(@{[ $ts->($since) ]}, @{[ $ts->($until) ]}, "
		. ($by ? "'$by'" : 'NULL') . ", '$mode', @{[ $ts->($as_of) ]}, attribution => " . ($attribution ? "'$attribution'" : 'NULL') . ', within => ' . interval($within) . ", from_events => $events, include_imported => $include{imported}::boolean, include_test => $include{test}::boolean, include_invalid => $include{invalid}::boolean) WHERE entered > 0) x ORDER BY segment COLLATE \"C\", step");
	$compared += () = $got =~ /^/mg;
	next if $got eq $want;
	diag("$mode by '$by' $attribution as of " . ($as_of // 'now') . ', since ' . ($since // '-') . ', until ' . ($until // '-') . ', within ' . ($within // '-') . ", from events $events, including " . join(' ', grep { $include{$_} } sort keys %include) . "\ngot\n$got\nwanted\n$want") if ++$wrong <= 2;
}
is($wrong, 0, "funnel(): $draws drawn reports over $customers leads, $compared rows");
cmp_ok($seen{$_} // 0, '>=', 20, "$_: often enough") foreach 'imported lead', 'test lead', 'lost as no lead', 'left out', 'no lead any more, counted as of before';
diag("of the leads: " . join(', ', map { "$_ $seen{$_}" } sort keys %seen));
diag('drawn: ' . join(', ', map { "$_ $drawn{$_}" } sort keys %drawn));
$node->stop;
done_testing();
