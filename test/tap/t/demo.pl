# What make demo shows, without the wait for pg_cron (cron.pl has that): every statement of the section answers as the page
# says, as a role that is no superuser, and a newcomer reads there why, and of whom.
use strict;
use warnings;
use utf8;
use Cwd qw(getcwd);
use Doc;
use Encode qw(encode);
use File::Basename;
use File::Spec;
use LeadsTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $tree = File::Spec->rel2abs(dirname(__FILE__) . '/../../..');

# both pages have the same statements, so one is enough to run
my @pages;
foreach my $name ('README.md', 'README.zh-CN.md')
{
	open my $in, '<:encoding(UTF-8)', "$tree/$name" or die "$name: $!";
	push @pages, [ grep { ($_->{opt}{run} // '') eq 'demo' } Doc::blocks(<$in>) ];
	close $in;
}
my ($page, $other) = @pages;
cmp_ok(scalar @$page, '>', 10, 'the demo has blocks');
is_deeply([ map { [ $_->{sql}, $_->{opt} ] } @$other ], [ map { [ $_->{sql}, $_->{opt} ] } @$page ], 'the same in both pages');

my $node = LeadsTest::server('demo', cron => 'demo', conf => "timezone = 'Asia/Shanghai'\n", init => { extra => [ '--locale=C.UTF-8', '--encoding=UTF8' ] });
$node->safe_psql('postgres', 'CREATE DATABASE demo');
my $dir = PostgreSQL::Test::Utils::tempdir();
system('awk', '-F', "\t", '-v', "d=$dir", '-f', "$tree/test/demo/names.awk", "$tree/test/data/listed_companies.tsv") == 0 or die 'names';
system('psql', '-X', '-h', $node->host, '-p', $node->port, '-U', 'postgres', '-d', 'demo', '-f', "$tree/test/demo/setup.sql") == 0 or die 'setup.sql';
is($node->safe_psql('demo', "SELECT count(*) FROM pg_roles WHERE rolsuper AND rolname ~ '_(db|owner)\$'"), '0', 'no role of the demo is a superuser');

my $home = getcwd();
chdir $dir or die $!;
my $all = '';
foreach my $b (grep { !$_->{opt}{wait} } @$page)
{
	my ($out, $state) = Doc::run($b, $node->host, $node->port, 'demo');
	my $first = encode('UTF-8', substr((split /\n/, $b->{sql})[0], 0, 60));
	like($b->{opt}{as} // '', qr/_db$|^crm_owner$/, "$first: role");
	is($state, $b->{opt}{error} // '00000', "$first: SQLSTATE") or diag(encode('UTF-8', $out));
	$all .= $out;
}
chdir $home or die $!;

sub shows
{
	my ($pattern, $what) = @_;
	ok($all =~ $pattern, $what) or diag(encode('UTF-8', $all));
	return;
}
shows(qr/\| 撞单：与“[^”]*\*+[^”]*”重复（[^）]+）；归属 张伟/, 'a refusal says of whom (masked), and why');
shows(qr/queued\s*\| 疑似撞单：与“[^”]+”相似（[^）]+）/, 'so does one for a person to judge');
shows(qr/match\s*\| \w+\s*\| “[^”]*\*+[^”]*”：得分/, 'explain shows the match');
shows(qr/feature\s*\| \+\d/, 'explain shows what it was made of');
ok($all !~ /withheld|不显示/, 'nothing of it is withheld');
shows(qr/规则 10 命中/, 'an owner by a rule');
shows(qr/默认轮盘/, 'an owner by the ring');
shows(qr/in_pool\s+-[-+]+\n.*\|\s+[1-9]\d{3}\n/, 'the pool fills');
shows(qr/LD050/, 'a late note is refused');
shows(qr/claimed \| 认领成功/, 'a claim');
shows(qr/成交\s+20\s/, 'the funnel');
$node->stop;
done_testing();
