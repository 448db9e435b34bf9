#!/usr/bin/perl
# Lint: every test file is run by something, and what is scheduled exists.
use strict;
use warnings;
use Test::More;

sub scheduled
{
	my ($file) = @_;
	my @names;
	return () unless -f $file;
	open(my $fh, '<', $file) or die "$file: $!";
	while (<$fh>) { push @names, split(' ', $1) if /^test:\s*(.*)/ }
	close($fh);
	return @names;
}

sub names
{
	my ($glob) = @_;
	return sort map { m{([^/]+)\.\w+$} ? $1 : () } glob($glob);
}

sub same
{
	my ($what, $schedule, $inputs, $answers) = @_;
	my @scheduled = scheduled($schedule);
	my %count;
	$count{$_}++ foreach @scheduled;
	my %files = map { $_ => 1 } names($inputs);
	my %answers = map { s/_\d+$//r => 1, $_ => 1 } names($answers);
	is_deeply([ grep { !$count{$_} } sort keys %files ], [], "$what: every file is in $schedule");
	is_deeply([ grep { !$files{$_} } sort keys %count ], [], "$what: everything in $schedule has a file");
	is_deeply([ grep { $count{$_} > 1 } sort keys %count ], [], "$what: nothing runs twice");
	is_deeply([ grep { !$answers{$_} } sort keys %count ], [], "$what: everything has an expected answer");
	is_deeply([ grep { my $a = $_; !$files{$a} && !$files{ $a =~ s/_\d+$//r } } names($answers) ],
		[], "$what: no answer without a question");
}

same('regress', 'sql/schedule', 'sql/*.sql', 'expected/*.out');
same('isolation', 'test/isolation/schedule', 'test/isolation/specs/*.spec', 'test/isolation/expected/*.out');

# prove runs test/pgtap/*.sql and test/tap/t/*.pl by itself: nothing may hide below or beside
is_deeply([ grep { !m{/include/} } glob('test/pgtap/*/*.sql') ], [], 'pgtap: no test in a folder of its own but include');
is_deeply([ glob('test/tap/*.pl'), glob('test/tap/t/*.t'), glob('test/tap/t/*/*.pl') ], [], 'tap: tests are test/tap/t/*.pl');
is_deeply([ glob('test/mutants/*.mutant') ], [], 'mutants: they are in test/mutants/list');
foreach my $file (glob('test/mutants/list/*'))
{
	like($file, qr/\.mutant$/, "$file is named .mutant");
}

done_testing();
