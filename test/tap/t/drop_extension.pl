# DROP EXTENSION never takes a row with it, and CREATE EXTENSION with install() repairs everything else.
use strict;
use warnings;
use utf8;
use Leads;
use Test::More;

my $node = new_node('drop_extension');
my $db = 'leads';
company($node, $db);
sql($node, $db, 'CREATE ROLE app_role; CREATE ROLE rep_role; CREATE ROLE bi_role');
needs($node, $db, 'register', 'grant_access');
sql($node, $db, "SELECT leads.grant_access('app_role', 'app'), leads.grant_access('rep_role', 'rep'), leads.grant_access('bi_role', 'bi')");
sql($node, $db, register_many(names(30)));
sql($node, $db, "UPDATE crm.member SET db_role = 'rep_role' WHERE code = 'zhang'");
is(sql($node, $db, 'SELECT count(*) FROM leads.verify()'), '0', 'a sound company');

my $catalog = catalog($node, $db);
my $rows = checksums($node, $db);
my $rights = sql($node, $db, <<'EOQ');
SELECT r || ' ' || p.oid::regprocedure FROM unnest(ARRAY['app_role', 'rep_role', 'bi_role']) r, pg_proc p
WHERE p.pronamespace = 'leads'::regnamespace AND has_function_privilege(r, p.oid, 'EXECUTE') ORDER BY 1
EOQ

is(sqlstate($node, $db, 'DROP EXTENSION pg_leads'), '2BP01', 'DROP EXTENSION is refused: triggers and views depend on it');
same_text(catalog($node, $db), $catalog, 'a refused DROP changes nothing');

sql($node, $db, 'DROP EXTENSION pg_leads CASCADE');
same_text(checksums($node, $db), $rows, 'CASCADE keeps every row of every table');
isnt(catalog($node, $db), $catalog, 'CASCADE took triggers and views');
my @columns = grep { /^(column|constraint|index|relation \S+ r )/ } split(/\n/, $catalog);
my %left = map { $_ => 1 } split(/\n/, catalog($node, $db));
# columns of views went with them
my %views = map { /^relation (\S+) v / ? ($1 => 1) : () } split(/\n/, $catalog);
is_deeply([ grep { !$left{$_} && !(/^column (\S+)\.\w+ / && $views{$1}) } @columns ], [],
	'CASCADE keeps every column, constraint and index');

sql($node, $db, 'CREATE EXTENSION pg_leads');
is(sqlstate($node, $db, q{SET ROLE rep_role; SELECT leads.register('甲')}), '42501', 'before install() nobody is let in again');
is(sqlstate($node, $db, q{SELECT leads.advance((SELECT min(id) FROM crm.lead), 'contacted')}), 'LD008', 'nor does the owner write: nothing would follow the tables');
is(sqlstate($node, $db, 'CALL leads.tick()'), 'LD008', 'nor a job');
is(sql($node, $db, 'SELECT count(*) > 0 FROM leads.funnel()'), 't', 'who reads may');
sql($node, $db, 'SELECT leads.install()');
same_text(catalog($node, $db), $catalog, 'install() brings back triggers, policies, views and grants');
same_text(checksums($node, $db), $rows, 'and touches no row');
same_text(sql($node, $db, <<'EOQ'), $rights, 'and every right on functions');
SELECT r || ' ' || p.oid::regprocedure FROM unnest(ARRAY['app_role', 'rep_role', 'bi_role']) r, pg_proc p
WHERE p.pronamespace = 'leads'::regnamespace AND has_function_privilege(r, p.oid, 'EXECUTE') ORDER BY 1
EOQ
is(sql($node, $db, "SELECT count(*) FROM leads.verify()"), '0', 'verify() is clean');
is(sql($node, $db, "SELECT string_agg(item, ' ') FROM leads.health() WHERE status = 'error'"), '', 'health() shows no error');
my ($again) = names(1);
is(sql($node, $db, "SELECT outcome FROM leads.register('$again', by_member => 'li')"), 'blocked', 'and a known company is found again');
$node->stop;
done_testing();
