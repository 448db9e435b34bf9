# Databases: UTF8 under any locale is served with the same tables; others are refused clearly.
use strict;
use warnings;
use LeadsTest;
use Test::More;

my $node = LeadsTest::server('encoding');

foreach my $encoding (qw(LATIN1 SQL_ASCII EUC_CN))
{
	my $db = lc "no_$encoding";
	$node->safe_psql('postgres', "CREATE DATABASE $db TEMPLATE template0 ENCODING '$encoding' LOCALE 'C'");
	my ($state, $message) = LeadsTest::fails($node, $db, 'CREATE EXTENSION pg_leads CASCADE');
	is($state, 'LD013', "$encoding is refused");
	like($message, qr/UTF8/, "$encoding: the message names UTF8");
	is($node->safe_psql($db, "SELECT count(*) FROM pg_extension WHERE extname = 'pg_leads'"), '0', "$encoding: nothing is left");
}

my %locale = (c => "LOCALE 'C'", c_utf8 => "LOCALE 'C.UTF-8'", icu => "LOCALE 'C.UTF-8' LOCALE_PROVIDER icu ICU_LOCALE 'zh'");
my %shape;
foreach my $name (sort keys %locale)
{
	my $db = LeadsTest::database($node, "utf8_$name", "ENCODING 'UTF8' $locale{$name}");
	$node->safe_psql($db, "SELECT leads.install(lang => 'zh')");
	$shape{$name} = $node->safe_psql($db, q{
		SELECT string_agg(concat_ws(' ', c.relname, a.attname, format_type(a.atttypid, a.atttypmod)), ',' ORDER BY c.relname COLLATE "C", a.attnum)
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
		WHERE c.relnamespace = 'crm'::regnamespace AND c.relkind IN ('r', 'v') AND a.attnum > 0});
	like($shape{$name}, qr/customer id bigint/, "$name: installed");
	is($shape{$name}, $shape{c}, "$name: the same tables as under C");
}

$node->stop;
done_testing();
