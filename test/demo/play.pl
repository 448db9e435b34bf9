#!/usr/bin/perl
# test/demo/play.pl README.md host port: the part of the page called "The demo", each statement with its answer.
# Run in a directory with zhang.txt, li.txt and web.txt. Fails where an answer has another SQLSTATE than the page says.
use strict;
use warnings;
use utf8;
use open qw(:std :utf8);
use FindBin;
use lib "$FindBin::Bin/../tap/lib";
use Doc;

my ($page, $host, $port) = @ARGV;
open my $in, '<', $page or die "$page: $!\n";
my @lines = <$in>;
close $in;
$| = 1;

# the words before a block, without the marks of the page
sub words
{
	my ($at) = @_;
	my @w;
	my $i = $at - 2;
	$i-- while $i >= 0 && $lines[$i] =~ /^\s*$|^<!--/;
	unshift @w, $lines[$i--] while $i >= 0 && $lines[$i] !~ /^\s*$|^```|^#|^<!--/;
	my $t = join '', @w;
	$t =~ s/`//g;
	return $t;
}

sub one
{
	my ($sql) = @_;
	my %b = (sql => $sql, opt => {});
	return (Doc::run(\%b, $host, $port, 'demo', '-q', '-At'))[0];
}

# pg_cron starts jobs at the full minute
sub wait_for_cron
{
	foreach (1 .. 75 * 4)
	{
		return if one('SELECT count(*) FROM cron.job_run_details WHERE end_time IS NOT NULL;') > 0;
		select undef, undef, undef, 0.25;
	}
	die "pg_cron did not run\n";
}

foreach my $b (grep { ($_->{opt}{run} // '') eq 'demo' } Doc::blocks(@lines))
{
	my $role = $b->{opt}{as} or die "$page:$b->{line}: no role\n";
	die "$page:$b->{line}: $role is a superuser\n"
		if one("SELECT rolsuper FROM pg_roles WHERE rolname = '$role';") ne "f\n";
	print "\n", words($b->{line});
	wait_for_cron() if ($b->{opt}{wait} // '') eq 'cron';
	print "\n-- as $role\n";
	my ($out, $state) = Doc::run($b, $host, $port, 'demo', '-a', '-q');
	print $out;
	my $want = $b->{opt}{error} // '00000';
	die "$page:$b->{line}: SQLSTATE $state, not $want\n" if $state ne $want;
}
