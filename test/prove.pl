#!/usr/bin/perl
# Run test files that speak TAP and count their assertions, not their files.
#   prove.pl [-j N] [-v] [--counts FILE] [--exec 'command'] [-I dir]... file...
# Writes "passed failed" to FILE. A file that dies, plans wrongly or says nothing counts as one failure.
use strict;
use warnings;
use Getopt::Long;
use TAP::Harness;

my ($jobs, $verbose, $counts, $exec, @inc) = (1, 0, undef, undef);
GetOptions(
	'j=i' => \$jobs,
	'v' => \$verbose,
	'counts=s' => \$counts,
	'exec=s' => \$exec,
	'I=s' => \@inc) or exit 2;

my $harness = TAP::Harness->new({
		jobs => $jobs,
		verbosity => $verbose ? 1 : 0,
		failures => 1,
		comments => 1,
		color => 0,
		timer => 1,
		lib => \@inc,
		(defined $exec ? (exec => [ split ' ', $exec ]) : ()) });
my $agg = $harness->runtests(@ARGV);

my ($passed, $failed) = (0, 0);
foreach my $parser ($agg->parsers)
{
	my $bad = $parser->failed;
	my $good = $parser->passed;
	# trouble beyond single assertions: exit code, plan, parse errors
	$bad = 1 if !$bad && ($parser->has_problems || (!$good && !$parser->skip_all));
	$passed += $good;
	$failed += $bad;
}
if (defined $counts)
{
	open(my $fh, '>', $counts) or die "could not write $counts: $!\n";
	print $fh "$passed $failed\n";
	close($fh);
}
exit($failed ? 1 : 0);
