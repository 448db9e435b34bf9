# A database that is not UTF8 is refused by CREATE EXTENSION, with a clear error, and nothing stays behind.
use strict;
use warnings;
use Leads;
use Test::More;

my $node = new_node('encoding');
foreach my $encoding ('SQL_ASCII', 'LATIN1', 'EUC_CN')
{
	my $db = lc $encoding;
	$node->safe_psql('postgres', "CREATE DATABASE $db ENCODING '$encoding' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
	$node->safe_psql($db, 'CREATE EXTENSION btree_gist');
	is(sqlstate($node, $db, 'CREATE EXTENSION pg_leads'), 'LD013', "$encoding: LD013");
	my ($rc, $out, $err) = $node->psql($db, 'CREATE EXTENSION pg_leads');
	like($err, qr/pg_leads works in UTF8 databases only/, "$encoding: the message says what is wanted");
	like($err, qr/encoding of this database is $encoding/, "$encoding: the detail says what is there");
	is($node->safe_psql($db, "SELECT count(*) FROM pg_namespace WHERE nspname = 'leads'"), '0', "$encoding: nothing stays");
}
$node->safe_psql('postgres', "CREATE DATABASE utf8c LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
is(sqlstate($node, 'utf8c', 'CREATE EXTENSION pg_leads CASCADE; SELECT leads.install()'), '', 'UTF8 under C is welcome');
$node->stop;
done_testing();
