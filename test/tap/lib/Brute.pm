# Funnels by brute force, from the rules of the specification alone: plain loops over the rows of one lead, no journey, none
# of our functions. A row is [minute, kind, stage, owner]; steps are numbers from 1 on, a stage that is no step is 0 here.
package Brute;

use strict;
use warnings;

our $OPEN_STEPS = 5;    # steps 1 to 5 are open stages, step 6 is won

# What was visited: [step, since, until (undef = still there), exit, owner, was it a win]; exit: forward back lost moved or ''.
# In the same place once more is no visit. Also: how it ends (open won lost), who has it, when it began.
sub visits
{
	my ($rows, $as_of) = @_;
	my (@visits, $state, $owner, $first_owner, $closed_by);
	foreach my $r (@$rows)
	{
		my ($at, $kind, $stage, $who) = @$r;
		last if defined $as_of && $at > $as_of;
		$first_owner = $who unless defined $state;
		$owner = $who;
		next if $kind eq 'handed';
		my $last = @visits ? $visits[-1] : undef;
		my $there = $last && !defined $last->[2];
		if ($kind eq 'lost')
		{
			@$last[ 2, 3 ] = ($at, 'lost') if $there;
			$state = 'lost';
		}
		elsif ($kind eq 'won')
		{
			@$last[ 2, 3 ] = ($at, 'forward') if $there;
			push @visits, [ 6, $at, undef, '', $who, 1 ];
			$state = 'won';
		}
		else
		{
			$state = 'open';
			next if $there && !$last->[5] && $last->[0] == $stage;
			if ($there)
			{
				my $exit = $last->[5] ? 'back' : $last->[0] == 0 || $stage == 0 ? 'moved' : $stage > $last->[0] ? 'forward' : 'back';
				@$last[ 2, 3 ] = ($at, $exit);
			}
			push @visits, [ $stage, $at, undef, '', $who, 0 ];
		}
	}
	return (\@visits, $state, $owner, $first_owner);
}

# Counts of one lead: a list of [step, owner when it came there, advanced|lost|open, came to the next step, skipped, regressed, entered again].
sub count
{
	my ($mode, $rows, %o) = @_;
	my $as_of = $o{as_of};
	if ($mode eq 'cohort' && defined $o{within} && (!defined $as_of || $as_of > $rows->[0][0] + $o{within}))
	{
		$as_of = $rows->[0][0] + $o{within};
	}
	return () if defined $as_of && $rows->[0][0] > $as_of;
	my ($visits, $state, $owner) = visits($rows, $as_of);
	my $within = $mode eq 'cohort' ? undef : $o{within};
	my @counts;

	if ($mode eq 'snapshot')
	{
		return () if $state ne 'open' || $visits->[-1][0] == 0;
		return ([ $visits->[-1][0], $owner, 'open', 0, 0, 0, 0 ]);
	}
	if ($mode eq 'flow')
	{
		for my $s (1 .. 6)
		{
			my @in = grep { $_->[0] == $s && (!defined $o{since} || $_->[1] >= $o{since}) && (!defined $o{until} || $_->[1] < $o{until}) } @$visits;
			next unless @in;
			my $forward = grep { ($_->[3] eq 'forward' && (!defined $within || $_->[2] - $_->[1] <= $within)) || ($_->[5] && !defined $_->[2]) } @in;
			my $lost = grep { $_->[3] eq 'lost' } @in;
			my $back = grep { $_->[3] eq 'back' } @in;
			push @counts, [ $s, $in[0][4], $forward ? 'advanced' : $lost ? 'lost' : 'open', $forward ? 1 : 0, 0, $back ? 1 : 0, @in - 1 ];
		}
		return @counts;
	}
	# a win counts only if it stands
	my @reached = grep { $_->[0] > 0 && (!$_->[5] || ($state eq 'won' && $_ == $visits->[-1])) } @$visits;
	my $far = 0;
	foreach (@reached) { $far = $_->[0] if $_->[0] > $far }
	for my $s (1 .. $far)
	{
		my @in = grep { $_->[0] == $s } @reached;
		next if $mode eq 'strict' && !@in;
		my ($who) = map { $_->[4] } grep { $mode eq 'strict' ? $_->[0] == $s : $_->[0] >= $s } @reached;
		my $what = $state eq 'won' || $s < $far ? 'advanced' : $state eq 'lost' ? 'lost' : 'open';
		my $next = $what eq 'advanced' ? 1 : 0;
		if ($mode eq 'strict')
		{
			$next = 0;
			# entered s before s + 1
			for my $b (0 .. $#$visits)
			{
				next unless $visits->[$b][0] == $s + 1 && grep { $_ == $visits->[$b] } @reached;
				for my $a (0 .. $b - 1)
				{
					$next = 1 if $visits->[$a][0] == $s && (!defined $within || $visits->[$b][1] - $visits->[$a][1] <= $within);
				}
			}
		}
		my @open = grep { $_->[0] == $s && !$_->[5] } @$visits;
		push @counts, [ $s, $who, $what, $next, @in ? 0 : 1, (grep { $_->[3] eq 'back' } @open) ? 1 : 0, @open > 1 ? @open - 1 : 0 ];
	}
	return @counts;
}

# how many steps a lead went: [furthest, cohort within, longest chain of steps entered one after the other and no longer than within, step it is in]
sub levels
{
	my ($rows, $within) = @_;
	my ($visits, $state) = visits($rows);
	my $far = 0;
	my $near = 0;
	foreach (count('cohort', $rows)) { $far = $_->[0] if $_->[0] > $far }
	foreach (count('cohort', $rows, within => $within)) { $near = $_->[0] if $_->[0] > $near }
	my @v = grep { $_->[0] > 0 && (!$_->[5] || ($state eq 'won' && $_ == $visits->[-1])) } @$visits;
	my $chain = longest([ map { [ $_->[1], $_->[0] ] } @v ], $within);
	return ($far, $near, $chain, $state eq 'open' ? $visits->[-1][0] : 0);
}

# longest chain of rows [at, step] with steps 1, 2, 3 and so on, the last no later than within after the first
sub longest
{
	my ($rows, $within) = @_;
	my $best = 0;
	for my $i (0 .. $#$rows)
	{
		next unless $rows->[$i][1] == 1;
		# from this one on the earliest of each next step is as good as any
		my $level = 1;
		for my $k ($i + 1 .. $#$rows)
		{
			$level++ if $rows->[$k][1] == $level + 1 && $rows->[$k][0] - $rows->[$i][0] <= $within;
		}
		$best = $level if $level > $best;
	}
	return $best;
}

# ClickHouse's windowFunnel over rows [at, step] in order
sub window
{
	my ($rows, $within, $mode) = @_;
	return longest($rows, $within) if $mode eq 'default';
	if ($mode eq 'strict_increase')
	{
		# a row is of a chain if the last row of the step before that was of one is earlier, and its chain began no longer ago
		my (@began, @came);
		my $best = 0;
		foreach (@$rows)
		{
			my ($at, $s) = @$_;
			next if $s == 0;
			if ($s == 1) { $began[1] = $at }
			elsif (defined $came[ $s - 1 ] && $came[ $s - 1 ] < $at && $at - $began[ $s - 1 ] <= $within) { $began[$s] = $began[ $s - 1 ] }
			else { next }
			$came[$s] = $at;
			$best = $s if $s > $best;
		}
		return $best;
	}
	# cut before the first row that breaks the chain
	for my $i (0 .. $#$rows)
	{
		my $s = $rows->[$i][1];
		my @before = @$rows[ 0 .. $i - 1 ];
		my $level = longest(\@before, $within);
		return $level if $mode eq 'strict_order' && $level > 0 && ($s == 0 || $s > $level + 1);
		return $level if $mode eq 'strict_deduplication' && $s > 1 && $s <= $level;
	}
	return longest($rows, $within);
}

1;
