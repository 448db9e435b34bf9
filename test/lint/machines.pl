#!/usr/bin/perl
# Lint: the ways of the registration machine in C (decide/registration.c) are those that its test has from the specification.
use strict;
use warnings;
use Test::More;

my ($source, $test) = ('src/decide/registration.c', 'test/pgtap/registration_machine.sql');

sub slurp
{
	my ($file) = @_;
	open(my $fh, '<', $file) or die "$file: $!";
	local $/;
	return scalar(<$fh>);
}

my ($table) = slurp($source) =~ /Way ways\[\] = \{\n(.*?)\n\};/s;
my @in_c = map { lc } $table =~ /\{LEADS_ATTEMPT_(\w+, LEADS_ATTEMPT_\w+, LEADS_ATTEMPT_\w+)/g;
s/leads_attempt_//g foreach @in_c;
my ($values) = slurp($test) =~ /INSERT INTO way VALUES\n(.*?);/s;
my @in_test;
push @in_test, "$1, $2, $3" while $values =~ /\('(\w+)', '(\w+)', '(\w+)'\)/g;
cmp_ok(scalar(@in_c), '>=', 16, 'the table in C is read');
is_deeply([ sort @in_test ], [ sort @in_c ], 'the test has every way of the table in C, and no other');
my %twice;
$twice{ join(', ', (split(/, /))[ 0, 1 ]) }++ foreach @in_c;
is_deeply([ grep { $twice{$_} > 1 } sort keys %twice ], [], 'a state and an event lead to one state');
done_testing();
