# Who owns what, by the rules alone: section "Protection" of API.md in Perl, without a database and without one call of
# pg_leads. Instants are microseconds since 2026-01-05 00:00 in Shanghai, a Monday; the zone has no daylight saving.
package Oracle;

use strict;
use warnings;

use constant { DAY => 86_400_000_000, HOUR => 3_600_000_000, NEVER => 9_000_000_000_000_000_000 };
use List::Util qw(min max first any);

our @STAGES = qw(new contacted qualified proposal negotiation);
my %rank = map { $STAGES[$_] => $_ } 0 .. $#STAGES;
@rank{qw(won lost)} = (5, 6);

sub new
{
	my ($class) = @_;
	return bless {
		customers => [undef], members => {}, policies => {}, version => 0, holidays => {}, n => {} }, $class;
}

# ---------------------------------------------------------------- working time: Monday to Friday, nine to six

sub works { my ($o, $d) = @_; return $d % 7 < 5 && !$o->{holidays}{$d} }

sub next_slot
{
	my ($o, $t) = @_;
	my $d = int($t / DAY);
	return $t if $o->works($d) && $t >= $d * DAY + 9 * HOUR && $t < $d * DAY + 18 * HOUR;
	$d++ if $t >= $d * DAY + 18 * HOUR || !$o->works($d);
	$d++ until $o->works($d);
	return $d * DAY + 9 * HOUR;
}

sub work_between
{
	my ($o, $a, $b) = @_;
	my $sum = 0;
	for (my $d = int($a / DAY); $d * DAY < $b; $d++)
	{
		next unless $o->works($d);
		my ($f, $u) = (max($a, $d * DAY + 9 * HOUR), min($b, $d * DAY + 18 * HOUR));
		$sum += $u - $f if $u > $f;
	}
	return $sum;
}

sub add_work
{
	my ($o, $t, $w) = @_;
	while ($w > 0)
	{
		$t = $o->next_slot($t);
		my $end = int($t / DAY) * DAY + 18 * HOUR;
		return $t + $w if $w <= $end - $t;
		$w -= $end - $t;
		$t = $end;
	}
	return $t;
}

sub add
{
	my ($o, $t, $span) = @_;
	my ($n, $unit) = @$span;
	return $t + $n * DAY if $unit eq 'days';
	return $t + $n * HOUR if $unit eq 'hours';
	$t = $o->next_slot($t);
	my ($d, $tod) = (int($t / DAY), $t % DAY);
	for (; $n > 0; $n--)
	{
		$d++;
		$d++ until $o->works($d);
	}
	return $d * DAY + $tod;
}

# ---------------------------------------------------------------- one customer

sub canon { my ($o, $id) = @_; my $c = $o->{customers}[$id]; $c = $o->{customers}[ $c->{into} ] while $c->{into}; return $c }

sub family { my ($o, $c) = @_; return grep { $_ && $o->canon($_->{id}) == $c } @{ $o->{customers} }[@{ $c->{family} }] }

sub rules { my ($o, $c) = @_; return $o->{policies}{ $c->{version} } }

# joined pauses of it and of those merged into it, and the leave of its owner where the rules say so
sub pauses
{
	my ($o, $c) = @_;
	my @all = sort { $a->[0] <=> $b->[0] } grep { $_->[1] > $_->[0] && $_->[1] > min($c->{since}, $c->{from}) } (map { @{ $_->{pauses} } } $o->family($c)),
	  ($o->rules($c)->{leave} ? map { [ @$_[0, 1] ] } grep { $_->[2] eq 'leave' } @{ $o->{absences}{ $c->{owner} } // [] } : ());
	my @out;
	foreach my $p (@all)
	{
		if (@out && $p->[0] <= $out[-1][1]) { $out[-1][1] = max($out[-1][1], $p->[1]) }
		else { push @out, [@$p] }
	}
	return @out;
}

sub paused
{
	my ($o, $c, $anchor, $due, $unit) = @_;
	foreach my $p ($o->pauses($c))
	{
		last if $p->[0] >= $due;
		my $f = max($p->[0], $anchor);
		next if $p->[1] <= $f;
		return NEVER if $p->[1] >= NEVER;
		if ($unit eq 'working_days')
		{
			my $lost = $o->work_between($f, $p->[1]);
			$due = $o->add_work($due, $lost) if $lost > 0;
		}
		else { $due += $p->[1] - $f }
	}
	return $due;
}

sub extended
{
	my ($o, $c, $t, $days) = @_;
	return $o->add($t, [ $days, $o->rules($c)->{period}[1] eq 'working_days' ? 'working_days' : 'days' ]);
}

sub base
{
	my ($o, $c) = @_;
	my $p = $o->rules($c)->{period};
	return $c->{base} if defined $c->{base} || !$p;
	my $t = $o->add($c->{from}, $p);
	return $c->{ext_days} ? $o->extended($c, $t, $c->{ext_days}) : $t;
}

sub end_of_protection
{
	my ($o, $c) = @_;
	my $b = $o->base($c);
	return unless defined $b;
	my $end = $o->paused($c, $c->{from}, $b, $o->rules($c)->{period} ? $o->rules($c)->{period}[1] : 'days');
	return $end >= NEVER ? undef : $end;
}

# the instant of a condition, and its name
sub condition
{
	my ($o, $c, $node) = @_;
	my ($kind, @rest) = @$node;
	if ($kind eq 'any' || $kind eq 'all')
	{
		my ($due, $by) = ($kind eq 'all' ? -NEVER : NEVER, $kind);
		foreach my $inner (@rest)
		{
			my ($t, $b) = $o->condition($c, $inner);
			($due, $by) = ($t, $b) if $kind eq 'all' ? $t > $due : $t < $due;
		}
		return ($due, $by);
	}
	if ($kind eq 'protection_end') { my $e = $o->end_of_protection($c); return (defined $e ? $e : NEVER, $kind) }
	my $began = $c->{counts} // $c->{since};
	my $since = max($began, $c->{from});
	my $early = min($began, $c->{from});
	my @family = $o->family($c);
	my $anchor;
	if ($kind eq 'no_followup') { $anchor = max($since, $c->{followed} // $since) }
	elsif ($kind eq 'no_deal') { $anchor = $since }
	elsif ($kind eq 'no_first_contact')
	{
		return (NEVER, $kind) if any { $_ >= $early } map { @{ $_->{contacts} } } @family;
		$anchor = $since;
	}
	elsif ($kind eq 'no_stage_progress') { $anchor = max($since, grep { $_ >= $early } map { @{ $_->{progress} } } @family) }
	elsif ($kind eq 'no_opportunity')
	{
		return (NEVER, $kind) if any { !$_->{joined} && $_->{stage} ne 'lost' && $rank{ $_->{stage} } >= $rank{qualified} } @family;
		$anchor = $since;
	}
	elsif ($kind eq 'contract_end')
	{
		my ($last) = sort { $b->[0] <=> $a->[0] } map { @{ $_->{contracts} } } @family;
		return (NEVER, $kind) unless $last && defined $last->[1];
		$anchor = max($since, $last->[1]);
	}
	else { die $kind }
	return ($o->paused($c, $anchor, $o->add($anchor, [@rest]), $rest[1]), $kind);
}

sub judge
{
	my ($o, $c) = @_;
	my ($due, $by) = $o->condition($c, $o->rules($c)->{lapse});
	$due = NEVER if $c->{exempt};
	return ($due, $by, $o->{members}{ $c->{owner} } // NEVER);
}

sub store
{
	my ($o, $c, $due, $by, $left) = @_;
	($due, $by) = ($left, 'owner_left') if $left < $due;
	@$c{qw(due by)} = $due == NEVER ? (undef, undef) : ($due, $by);
	return;
}

sub move
{
	my ($o, $c, $now, $old) = @_;
	my $floor = $now + $o->rules($c)->{grace} * DAY;
	my ($due, $by, $left) = $o->judge($c);
	$old = $c->{ask}{due} if $c->{ask};
	$floor = $old if defined $old && $old < $floor;
	$due = $floor if $due < $floor;
	$left = $now if $left < $now;
	my $end = $o->end_of_protection($c);
	$end = $floor if $due == $floor && defined $end && $end < $floor;
	$c->{protected} = $end;
	$o->store($c, $due, $by, $left);
	$o->held($c, $now) if $c->{ask};
	return;
}

# an extension waits: what stands without it is remembered, the end of the protection is held, until its owner leaves
sub held
{
	my ($o, $c, $now) = @_;
	$c->{ask} = { %{ $c->{ask} }, due => $c->{due} };
	my $hours = $o->rules($c)->{hold};
	return unless defined $c->{due} && $c->{by} eq 'protection_end' && $hours;
	my $hold = $o->paused($c, $c->{due}, $o->add_work($c->{due}, $hours * HOUR), 'working_days');
	my $left = $o->{members}{ $c->{owner} } // NEVER;
	if ($left < $hold)
	{
		$hold = max($c->{due}, $left, $now);
		$c->{by} = 'owner_left';
	}
	$c->{due} = $hold;
	return;
}

# the deadline once nothing waits any more
sub stands { my ($c, $now) = @_; return $c->{ask} && ($c->{ask}{due} // -1) > $now ? $c->{ask}{due} : $c->{due} }

sub needs
{
	my ($o, $c, @kinds) = @_;
	my $walk;
	$walk = sub { my ($n) = @_; return 1 if any { $n->[0] eq $_ } @kinds; return any { ref && $walk->($_) } @$n };
	return $walk->($o->rules($c)->{lapse});
}

# ---------------------------------------------------------------- intervals

sub ended
{
	my ($o, $c, $t, $cause) = @_;
	push @{ $c->{past} }, [ $c->{owner} // 'pool', $c->{since}, $t, $cause, undef, {%$c} ];
	delete @$c{qw(due by protected followed base counts ask)};
	return;
}

sub pool
{
	my ($o, $c, $t) = @_;
	@$c{qw(owner since exempt registered)} = (undef, $t, undef, undef);
	return;
}

sub begins
{
	my ($o, $c, $member, $t, $exempt) = @_;
	@$c{qw(owner since from base ext_times ext_days followed exempt version)} = ($member, $t, $t, undef, 0, 0, undef, $exempt, $o->{version});
	my ($due, $by, $left) = $o->judge($c);
	$c->{protected} = $o->end_of_protection($c);
	$o->store($c, $due, $by, $left);
	$c->{due} = $t + 1 if defined $c->{due} && $c->{due} <= $t;
	return;
}

# what is due by now, at its own instant; returns the instant from which things go on
sub settle
{
	my ($o, $c, $now) = @_;
	if (defined $c->{owner} && defined $c->{due} && $c->{due} <= $now)
	{
		my ($due, $by) = @$c{qw(due by)};
		$o->{n}{$by}++;
		$o->{n}{'extension held'}++ if $c->{ask} && $c->{ask}{due} < $due;
		$o->ended($c, $due, $by eq 'owner_left' ? 'left' : 'lapsed');
		$c->{past}[-1][4] = $by;
		$o->pool($c, $due);
		$c->{last} = $due;
		$now = $due + 1 if $now <= $due;
	}
	return $now;
}

sub owner_at
{
	my ($o, $id, $at) = @_;
	my $c = $o->{customers}[$id];
	$c = $o->{customers}[ $c->{into} ] while $c->{into} && $c->{merged_at} <= $at;
	foreach my $i (@{ $c->{past} })
	{
		return $i->[0] eq 'pool' ? '-' : $i->[0] if $i->[1] <= $at && $at < $i->[2];
	}
	return '-' if $c->{into} || !defined $c->{owner} || $at < $c->{since} || (defined $c->{due} && $c->{due} <= $at);
	return $c->{owner};
}

# ---------------------------------------------------------------- what people do; each returns 'ok' or an SQLSTATE

sub here { my ($o, $m, $t) = @_; return ($o->{members}{$m} // NEVER) > $t }

# a lead is named by the customer that it was registered with; one that became one with another stands for it
sub lead_of { my ($o, $id) = @_; my $l = $o->{customers}[$id]; return $l->{joined} ? $o->{customers}[ $l->{joined} ] : $l }

# lock, now, settle
sub enter
{
	my ($o, $id, $t) = @_;
	my $c = $o->canon($id);
	$t = $c->{last} + 1 if $t <= $c->{last};
	return ($c, $o->settle($c, $t));
}

sub register
{
	my ($o, $m, $t) = @_;
	my $id = @{ $o->{customers} };
	my $c = { id => $id, family => [$id], pauses => [], contacts => [], activities => [], progress => [], contracts => [], past => [], stage => 'new', last => $t, registered => $t };
	push @{ $o->{customers} }, $c;
	$o->begins($c, $m, $t, undef);
	return 'ok';
}

# are two notes alike: plain edit distance over characters
sub alike
{
	my ($x, $y, $least) = @_;
	my @x = split(//, $x);
	my @y = split(//, $y);
	my @row = (0 .. @y);
	foreach my $i (1 .. @x)
	{
		my @next = ($i);
		push @next, min($row[$_] + 1, $next[-1] + 1, $row[ $_ - 1 ] + ($x[ $i - 1 ] ne $y[ $_ - 1 ])) foreach 1 .. @y;
		@row = @next;
	}
	return $row[-1] <= int((1 - $least) * max(scalar(@x), scalar(@y)) + 1e-9);
}

# why an activity does not count, for an interval that began at $began; undef: it does
sub not_counted
{
	my ($o, $c, $m, $x, $r, $began) = @_;
	my @before = map { @{ $_->{activities} } } $o->family($c);
	my ($previous) = sort { $b->{at} <=> $a->{at} || $b->{n} <=> $a->{n} } grep { $_->{who} eq $m && length $_->{note} } @before;
	return 'kind_not_counted' unless any { $_ eq $x->{kind} } @{ $r->{kinds} };
	return 'automatic' if $x->{automatic};
	return 'before_ownership' if $x->{at} < $began;
	return 'note_too_short' if length($x->{note}) < $r->{note_min} && !($r->{seconds_min} && $x->{seconds} >= $r->{seconds_min});
	return 'note_repeated' if length $x->{note} && $previous && alike($x->{note}, $previous->{note}, $r->{similarity});
	return 'too_soon' if $r->{gap} && any { $_->{effective} && $_->{at} >= $began && abs($_->{at} - $x->{at}) < $r->{gap} } @before;
	return;
}

sub followup
{
	my ($o, $m, $id, $t, $kind, $at, $note, $seconds, $automatic) = @_;
	return 'LD004' unless $o->here($m, $t);
	my ($c, $now) = $o->enter($id, $t);
	my $l = $o->lead_of($id);
	my %a = (n => ++$o->{written}, who => $m, kind => $kind, at => $at // $now, note => $note // '', seconds => $seconds // 0, automatic => $automatic);
	if (($c->{owner} // '') ne $m)
	{
		# a late entry may give back what lapsed, if nobody had it since
		my ($last) = reverse grep { $_->[0] ne 'pool' } @{ $c->{past} };
		return 'LD050' unless !defined $c->{owner} && defined $at && $last && $last->[0] eq $m && $last->[3] eq 'lapsed';
		my %was = %{ $last->[5] };
		my $r = $o->{policies}{ $was{version} }{followup};
		my $began = $was{counts} // $was{since};
		return 'LD050' if $at >= $last->[2] || $now >= $last->[2] + $r->{grace} || $at < $now - $r->{days_back} * DAY;
		return 'LD050' if defined $o->not_counted($c, $m, \%a, $r, $began);
		my %pool = %$c;
		@$c{qw(owner since from base ext_times ext_days exempt version registered)} = @was{qw(owner since from base ext_times ext_days exempt version registered)};
		$c->{counts} = $was{counts};
		$c->{followed} = max($was{followed} // $at, $at);
		push @{ $l->{contacts} }, $at if $kind ne 'note';
		my ($due, $by, $left) = $o->judge($c);
		my $end = $o->end_of_protection($c);
		$o->store($c, $due, $by, $left);
		my %new = %$c;
		%$c = %pool;
		if (defined $new{due} && $new{due} <= $now)
		{
			pop @{ $l->{contacts} } if $kind ne 'note';
			return 'LD050';
		}
		$o->ended($c, $now, 'revived');
		%$c = (%new, since => $now, counts => $began, protected => $end);
		push @{ $l->{activities} }, { %a, effective => 1 };
		$c->{last} = $now;
		$o->{n}{revival}++;
		return 'ok';
	}
	my $r = $o->rules($c)->{followup};
	return 'LD006' if $a{at} < $now - $r->{days_back} * DAY;
	my $why = $o->not_counted($c, $m, \%a, $r, $c->{counts} // $c->{since});
	$o->{n}{ 'followup ' . ($why // 'counts') }++;
	if (!defined $why)
	{
		$c->{followed} = $a{at} if !defined $c->{followed} || $c->{followed} < $a{at};
	}
	# an activity is the customer's whose lead it is now
	push @{ $l->{activities} }, { %a, effective => !defined $why };
	push @{ $l->{contacts} }, $a{at} if $kind ne 'note';
	$o->move($c, $now, $c->{due}) if !defined $why || $o->needs($c, 'no_first_contact');
	$c->{last} = $now;
	return 'ok';
}

sub release
{
	my ($o, $m, $id, $t) = @_;
	return 'LD004' unless $o->here($m, $t);
	my ($c, $now) = $o->enter($id, $t);
	return 'LD050' if ($c->{owner} // '') ne $m;
	$o->ended($c, $now, 'released');
	$o->pool($c, $now);
	$c->{last} = $now;
	return 'ok';
}

sub claim
{
	my ($o, $m, $id, $t) = @_;
	return 'LD004' unless $o->here($m, $t);
	my ($c, $now) = $o->enter($id, $t);
	return ($c->{owner} eq $m ? 'ok' : 'LD060') if defined $c->{owner};
	$o->ended($c, $now, 'claimed');
	$o->begins($c, $m, $now, undef);
	$c->{last} = $now;
	return 'ok';
}

sub assign
{
	my ($o, $m, $id, $t) = @_;
	my ($c, $now) = $o->enter($id, $t);
	if (($c->{owner} // '') ne $m)
	{
		return 'LD031' unless $o->here($m, $now);
		my ($exempt, $registered) = @$c{qw(exempt registered)};
		$o->ended($c, $now, 'assigned');
		$o->begins($c, $m, $now, $exempt);
		$c->{registered} = $registered;
	}
	$c->{last} = $now;
	return 'ok';
}

sub extend
{
	my ($o, $m, $id, $t, $days) = @_;
	return 'LD004' unless $o->here($m, $t);
	my ($c, $now) = $o->enter($id, $t);
	return 'LD050' if ($c->{owner} // '') ne $m;
	my $p = $o->rules($c);
	return 'LD043' if $c->{exempt} || !defined $c->{protected};
	return 'LD045' if $c->{ask};
	return 'LD043' if $c->{protected} <= $now || $c->{ext_times} >= 2 || $days > 30 - $c->{ext_days};
	if ($p->{approval})
	{
		$c->{ask} = { id => ++$o->{asks}, days => $days };
		push @{ $o->{asked} }, { id => $o->{asks}, customer => $id };
		$o->held($c, $now);
		$o->{n}{'extension asked'}++;
	}
	else { $o->grant($c, $now, $days) }
	$c->{last} = $now;
	return 'ok';
}

sub grant
{
	my ($o, $c, $now, $days) = @_;
	my $old = $c->{protected};
	if ($o->end_of_protection($c) != $old)
	{
		$c->{base} = $o->extended($c, $old, $days);
		$c->{from} = $now;
	}
	elsif (defined $c->{base}) { $c->{base} = $o->extended($c, $c->{base}, $days) }
	$c->{ext_times}++;
	$c->{ext_days} += $days;
	my $due = stands($c, $now);
	delete $c->{ask};
	$o->move($c, $now, $due);
	$o->{n}{extension}++;
	return;
}

# a boss decides over a request
sub ruling
{
	my ($o, $ask, $t, $approved) = @_;
	my ($c, $now) = $o->enter($ask->{customer}, $t);
	return 'LD002' unless $c->{ask} && $c->{ask}{id} == $ask->{id};
	$o->{n}{'extension held'}++ if ($c->{ask}{due} // NEVER) <= $now;
	if ($approved)
	{
		$o->{n}{'extension approved'}++;
		$o->grant($c, $now, $c->{ask}{days});
	}
	else
	{
		$o->{n}{'extension refused'}++;
		$c->{by} = 'protection_end' if ($c->{due} // 0) != ($c->{ask}{due} // 0);
		$c->{due} = defined $c->{ask}{due} ? max($c->{ask}{due}, $now) : undef;
		delete $c->{ask};
		$now = $o->settle($c, $now);
	}
	$c->{last} = $now;
	return 'ok';
}

sub pause
{
	my ($o, $id, $t, $since, $until) = @_;
	my ($c, $now) = $o->enter($id, $t);
	push @{ $c->{pauses} }, [ $since // $now, $until ];
	$o->move($c, $now, $c->{due}) if defined $c->{owner};
	$c->{last} = $now;
	$o->{n}{pause}++;
	return 'ok';
}

sub resume
{
	my ($o, $id, $t) = @_;
	my ($c, $now) = $o->enter($id, $t);
	my @open = grep { $_->[1] > $now && $_->[1] > $_->[0] } map { @{ $_->{pauses} } } $o->family($c);
	$_->[1] = max($now, $_->[0]) foreach @open;
	$o->move($c, $now, $c->{due}) if @open && defined $c->{owner};
	$c->{last} = $now;
	return 'ok';
}

sub contract
{
	my ($o, $id, $t, $ends) = @_;
	my ($c, $now) = $o->enter($id, $t);
	push @{ $c->{contracts} }, [ $now, $ends ];
	$o->move($c, $now, $c->{due}) if defined $c->{owner} && $o->needs($c, 'contract_end');
	$c->{last} = $now;
	return 'ok';
}

sub lock_it
{
	my ($o, $m, $id, $t, $lock) = @_;
	return 'LD004' unless $o->here($m, $t);
	my ($c, $now) = $o->enter($id, $t);
	return 'LD050' if ($c->{owner} // '') ne $m;
	my $is = ($c->{exempt} // '') eq 'locked';
	return 'LD002' if $lock && $c->{exempt} && !$is;
	if ($lock xor $is)
	{
		$c->{exempt} = $lock ? 'locked' : (any { $_->{stage} eq 'won' } $o->family($c)) ? 'won' : undef;
		$o->move($c, $now, $c->{due});
	}
	$c->{last} = $now;
	return 'ok';
}

# a lead to another stage: of the customer that it was registered with
sub stage
{
	my ($o, $m, $id, $t, $to) = @_;
	return 'LD004' unless $o->here($m, $t);
	my ($c, $now) = $o->enter($id, $t);
	return 'LD050' if ($c->{owner} // '') ne $m;
	my $l = $o->lead_of($id);
	my $was = $l->{stage};
	return 'LD002' if $was eq $to;
	if ($to eq 'won' && !$c->{exempt})
	{
		$c->{exempt} = 'won';
		$o->move($c, $now, $c->{due});
	}
	if ($was eq 'won' && ($c->{exempt} // '') eq 'won' && !any { $_->{stage} eq 'won' && $_ != $l } $o->family($c))
	{
		$c->{exempt} = undef;
		$o->move($c, $now, $c->{due});
	}
	$l->{stage} = $to;
	push @{ $l->{progress} }, $now if $to ne 'lost' && $was ne 'won' && $was ne 'lost' && $rank{$to} > $rank{$was};
	$o->move($c, $now, $c->{due}) if $o->needs($c, 'no_stage_progress', 'no_opportunity');
	$c->{last} = $now;
	return 'ok';
}

# everybody whom a change touches: settled, then computed anew
sub all_owned
{
	my ($o, $t, $what) = @_;
	foreach my $c (grep { $_ && !$_->{into} && defined $_->{owner} } @{ $o->{customers} })
	{
		my (undef, $now) = $o->enter($c->{id}, $t);
		$what->($c, $now) if defined $c->{owner};
	}
	return 'ok';
}

sub publish { my ($o, $version, $policy) = @_; $o->{policies}{$version} = $policy; $o->{version} = $version; $o->{n}{publication}++; return 'ok' }

sub apply
{
	my ($o, $t, $mode) = @_;
	return $o->all_owned($t, sub {
		my ($c, $now) = @_;
		return if $c->{version} == $o->{version};
		my %was = %$c;
		@$c{qw(version base)} = ($o->{version}, undef);
		$o->move($c, $now, $was{due});
		if ($mode eq 'later' && ($c->{due} // NEVER) < ($was{due} // NEVER)) { %$c = %was }
		else { $o->{n}{'policy change'}++ }
	});
}

sub calendar
{
	my ($o, $t, @holidays) = @_;
	$o->all_owned($t, sub { });
	$o->{holidays} = { map { $_ => 1 } @holidays };
	return $o->all_owned($t, sub { my ($c, $now) = @_; $o->move($c, $now, $c->{due}) });
}

# an absence, which takes the place of what was entered for that time
sub absent
{
	my ($o, $m, $t, $since, $until, $kind) = @_;
	$since //= $t;
	$until //= NEVER;
	my @list;
	foreach my $a (@{ $o->{absences}{$m} // [] })
	{
		if ($a->[1] <= $since || $a->[0] >= $until) { push @list, $a; next }
		push @list, [ $a->[0], $since, $a->[2] ] if $a->[0] < $since;
		push @list, [ $until, $a->[1], $a->[2] ] if $a->[1] > $until;
	}
	push @list, [ $since, $until, $kind ] if $kind ne 'available';
	$o->all_owned($t, sub { });
	$o->{absences}{$m} = \@list;
	return $o->all_owned($t, sub {
		my ($c, $now) = @_;
		return unless $c->{owner} eq $m && $o->rules($c)->{leave};
		my $was = $c->{due} // NEVER;
		$o->move($c, $now, $c->{due});
		$o->{n}{'leave that moves'}++ if ($c->{due} // NEVER) != $was;
	});
}

sub leaves
{
	my ($o, $m, $t, $left) = @_;
	$o->all_owned($t, sub { });
	$o->{members}{$m} = $left;
	return $o->all_owned($t, sub { my ($c, $now) = @_; $o->move($c, $now, $c->{due}) if $c->{owner} eq $m });
}

sub merge
{
	my ($o, $s, $l, $t) = @_;
	my ($one, $two) = ($o->canon($s), $o->canon($l));
	my $now = max($t, $one->{last} + 1, $two->{last} + 1);
	$o->settle($_, $now) foreach $one, $two;
	# of each the open lead that went furthest: they are one from now on, the furthest of them
	my @open = map {
		my ($first) = sort { $rank{ $b->{stage} } <=> $rank{ $a->{stage} } || $a->{id} <=> $b->{id} } grep { !$_->{joined} && $rank{ $_->{stage} } < 5 } $o->family($_);
		$first // ()
	} $one, $two;
	if (@open == 2)
	{
		my ($stays, $goes) = $rank{ $open[1]{stage} } > $rank{ $open[0]{stage} } ? reverse @open : @open;
		$_->{joined} = $stays->{id} foreach grep { $_ == $goes || ($_->{joined} // 0) == $goes->{id} } $o->family($one), $o->family($two);
		$o->{n}{'leads that became one'}++;
	}
	my @order = sort { ($a->{registered} // $a->{since}) <=> ($b->{registered} // $b->{since}) } grep { defined $_->{owner} } $one, $two;
	my $won = $order[0] // $one;
	if (defined $one->{owner} && defined $two->{owner})
	{
		my $other = $won == $one ? $two : $one;
		$won->{exempt} //= 'won' if ($other->{exempt} // '') eq 'won';
		$won->{followed} = max(grep { defined } $won->{followed}, $other->{followed})
		  if $one->{owner} eq $two->{owner} && (defined $won->{followed} || defined $other->{followed});
	}
	my %keep = (%$won, due => stands($won, $now));
	my $due = $won->{due};
	if ($won == $two)
	{
		$o->ended($one, $now, 'merged');
		$one->{counts} = undef;
		@$one{qw(owner from base ext_times ext_days followed exempt version registered)} = @keep{qw(owner from base ext_times ext_days followed exempt version registered)};
		$one->{since} = $now;
	}
	$o->ended($two, $now, 'merged');
	@$two{qw(into merged_at owner)} = ($one->{id}, $now, undef);
	push @{ $one->{family} }, @{ $two->{family} };
	$o->move($one, $now, $won == $two ? $keep{due} : $due) if defined $one->{owner};
	$one->{last} = $now;
	$o->{n}{merge}++;
	return 'ok';
}

1;
