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
my (%name, @twice, @silent, @undocumented, @untested);
while ($header =~ /#define\s+(LEADS_ERR_\w+)\s+LEADS_ERRCODE\('(\w)',\s*'(\w)',\s*'(\w)'\)/g)
{
	my ($name, $code) = ($1, "LD$2$3$4");
	push @twice, $code if $name{$code};
	$name{$code} = $name;
	push @silent, "$code $name" unless $sources =~ /\b$name\b/;
	push @undocumented, "$code $name" unless $api =~ /\b$code\b/;
	push @untested, "$code $name" unless $tests =~ /\b$code\b/;
}
ok(%name, 'core/error.h has codes');
is_deeply(\@twice, [], 'each code has one name');
ok(!@silent, 'each is raised somewhere') or diag(join("\n", 'not raised:', @silent));
ok(!@undocumented, 'each is in API.md') or diag(join("\n", 'not in API.md:', @undocumented));
ok(!@untested, 'each is reached by a test') or diag(join("\n", 'in no test:', @untested));
done_testing();
