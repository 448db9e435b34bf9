# Documents whose SQL is run: blocks, sessions, comparison.
#
# A ```sql block runs in one psql session, in the order of the document; a ```text block after it is what
# psql answers. HTML comments right before the ```sql block say how:
#   <!-- as: zhang_db -->     role of the session (default: postgres)
#   <!-- db: crm -->          database (default: crm)
#   <!-- error: LD050 -->     the block ends with this SQLSTATE, shown as in \set VERBOSITY verbose
#   <!-- run: no -->          shown only
#   <!-- run: demo -->        run by make demo alone (test/demo/play.pl)
#   <!-- wait: cron -->       in the demo: first wait for pg_cron's next run
# Without an error comment no statement may fail. Instants, the number of the table step, runs of white space and of dashes are the only
# things that may differ between the document and psql.
package Doc;

use strict;
use warnings;
use utf8;

use Encode qw(decode encode);
use IPC::Run ();

# blocks of a document, those that run nowhere included: { line, sql, opt => {}, want, first, last }; first and last are line indexes of the
# answer's body, or both the index after which it would stand
sub blocks
{
	my (@lines) = @_;
	my (@found, %opt);
	for (my $i = 0; $i < @lines; $i++)
	{
		if ($lines[$i] =~ /^<!--\s*(as|db|error|run|wait):\s*(\S+)\s*-->\s*$/)
		{
			$opt{$1} = $2;
			next;
		}
		if ($lines[$i] =~ /^```sql\s*$/)
		{
			my %b = (line => $i + 1, sql => '', opt => {%opt});
			$b{sql} .= $lines[$i] while $lines[++$i] !~ /^```/;
			my $j = $i + 1;
			$j++ while $j < @lines && $lines[$j] =~ /^\s*$/;
			if ($j < @lines && $lines[$j] =~ /^```text\s*$/)
			{
				$b{first} = $j + 1;
				$b{want} = '';
				$b{want} .= $lines[$j] while $lines[++$j] !~ /^```/;
				$b{last} = $j;
				$i = $j;
			}
			push @found, \%b;
		}
		%opt = () unless $lines[$i] =~ /^\s*$/;
	}
	return @found;
}

# run one block; returns what psql shows and the SQLSTATE of the last error ('00000': none).  More options of psql: @more
sub run
{
	my ($b, $host, $port, $database, @more) = @_;
	my $end = '@@state ';
	my $in = "\\set ON_ERROR_STOP off\n" . ($b->{opt}{error} ? "\\set VERBOSITY verbose\n" : '') .
		"$b->{sql}\n\\echo $end:LAST_ERROR_SQLSTATE\n";
	my @psql = ('psql', '-X', '-h', $host, '-p', $port, '-U', $b->{opt}{as} // 'postgres',
		'-d', $b->{opt}{db} // $database, '-P', 'pager=off', @more);
	my $raw = '';
	local $ENV{PGCLIENTENCODING} = 'UTF8';
	local $ENV{PGOPTIONS} = '';
	IPC::Run::run(\@psql, '<', \encode('UTF-8', $in), '>&', \$raw);
	my $out = decode('UTF-8', $raw);
	my $state = $out =~ s/^\Q$end\E(\w{5})\n\z//m ? $1 : '?????';
	$out =~ s/^\\(?:echo \Q$end\E|set ).*\n//mg;
	$out =~ s/^LOCATION:  .*\n//mg;
	$out =~ s/[ \t]+$//mg;
	$out =~ s/\n+\z/\n/;
	$out =~ s/\A\n+//;
	return ($out, $state);
}

sub normal
{
	my ($t) = @_;
	$t =~ s/\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[+-]\d\d(?::\d\d)?|Z)?)?/<instant>/g;
	$t =~ s/\d+ (秒前|seconds? ago)/<instant> $1/g;
	$t =~ s/(table step|表步骤) \d+/$1 <n>/g;
	$t =~ s/-{2,}/-/g;
	$t =~ s/\s+/ /g;
	$t =~ s/^ | $//g;
	return $t;
}

1;
