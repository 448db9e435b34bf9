# README.md and README.zh-CN.md: every SQL block runs as shown, in a fresh cluster, output included.
# After a difference the document with psql's answers lies beside the logs (build/results-tap).
use strict;
use warnings;
use utf8;
use Doc;
use Encode qw(encode);
use File::Basename;
use LeadsTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $tree = dirname(__FILE__) . '/../../..';

foreach my $name ('README.md', 'README.zh-CN.md')
{
	open my $in, '<:encoding(UTF-8)', "$tree/$name" or die "$name: $!";
	my @lines = <$in>;
	close $in;
	my @blocks = grep { !$_->{opt}{run} } Doc::blocks(@lines);
	cmp_ok(scalar @blocks, '>', 20, "$name has SQL");

	my $node = LeadsTest::server(lc($name =~ s/\W+/_/gr), cron => 'crm', conf => "timezone = 'Asia/Shanghai'\n", init => { extra => [ '--locale=C.UTF-8', '--encoding=UTF8' ] });
	$node->safe_psql('postgres', 'CREATE DATABASE crm');
	my $differs = 0;
	foreach my $b (@blocks)
	{
		my ($out, $state) = Doc::run($b, $node->host, $node->port, 'crm');
		my $first = (split /\n/, $b->{sql})[0];
		my $where = encode('UTF-8', "$name:$b->{line} " . substr($first, 0, 60));
		is($state, $b->{opt}{error} // '00000', "$where: SQLSTATE") or diag(encode('UTF-8', $out));
		if (defined $b->{want})
		{
			is(encode('UTF-8', Doc::normal($out)), encode('UTF-8', Doc::normal($b->{want})), "$where: answer") or $differs++;
			$b->{got} = $out;
		}
	}
	$node->stop;
	next unless $differs;
	foreach my $b (reverse grep { defined $_->{got} && Doc::normal($_->{got}) ne Doc::normal($_->{want}) } @blocks)
	{
		splice @lines, $b->{first}, $b->{last} - $b->{first}, $b->{got};
	}
	PostgreSQL::Test::Utils::append_to_file("$PostgreSQL::Test::Utils::log_path/$name", encode('UTF-8', join '', @lines));
}
done_testing();
