#!/usr/bin/perl
# Lint: every error class of core/error.h is documented in API.md and reached by a test.
use strict;
use warnings;
use Test::More;

plan(skip_all => 'no core/error.h') unless -f 'src/core/error.h';
plan(skip_all => 'no API.md yet') unless -f 'API.md';

sub slurp
{
	my ($file) = @_;
	open(my $fh, '<', $file) or die "$file: $!";
	local $/;
	return scalar(<$fh>);
}

my $api = slurp('API.md');
my $tests = join("\n", map { slurp($_) } glob('sql/*.sql'), glob('expected/*.out'), glob('test/pgtap/*.sql'),
	glob('test/tap/t/*.pl'), glob('test/isolation/expected/*.out'));
my $sources = join("\n", map { slurp($_) } glob('src/*.c'), glob('src/*/*.c'));
my $header = slurp('src/core/error.h');
my %seen;
while ($header =~ /#define\s+(LEADS_ERR_\w+)\s+LEADS_ERRCODE\('(\w)',\s*'(\w)',\s*'(\w)'\)/g)
{
	my ($name, $code) = ($1, "LD$2$3$4");
	ok(!$seen{$code}++, "$code is $name alone");
	like($sources, qr/\b$name\b/, "$code $name is raised somewhere");
	like($api, qr/\b$code\b/, "$code $name is in API.md");
	like($tests, qr/\b$code\b/, "$code $name is reached by a test");
}
done_testing();
