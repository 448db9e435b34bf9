#!/usr/bin/perl
# Lint: every mutant still breaks something. The fault is applied to the text alone; whether the tests turn red is for
# make check-mutants.
use strict;
use warnings;
use Test::More;

sub slurp
{
	my ($file) = @_;
	open(my $fh, '<:raw', $file) or die "$file: $!";
	local $/;
	return scalar(<$fh>);
}

my @mutants = sort(glob('test/mutants/list/*.mutant'));
cmp_ok(scalar(@mutants), '>=', 15, 'there are mutants');
foreach my $mutant (@mutants)
{
	my ($head, $fault) = split(/\n\n/, slurp($mutant), 2);
	my ($file) = $head =~ /^file:\s*(\S+)/m;
	next if $fault =~ /^--- /;    # a patch says itself when it does not apply
	my $text = my $before = slurp($file);
	{
		local $_ = $text;
		eval "$fault; 1" or diag($@);
		$text = $_;
	}
	isnt($text, $before, $mutant);
}
done_testing();
