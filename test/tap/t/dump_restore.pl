# Dump and restore, plain and parallel: the same rows, the same catalog, and it works on.
use strict;
use warnings;
use utf8;
use Leads;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('dump_restore');
company($node, 'origin');
sql($node, 'origin', 'CREATE ROLE app_role; CREATE ROLE rep_role');
needs($node, 'origin', 'register', 'grant_access');
sql($node, 'origin', "SELECT leads.grant_access('app_role', 'app'), leads.grant_access('rep_role', 'rep')");
sql($node, 'origin', register_many(names(60)));
sql($node, 'origin', "INSERT INTO crm.routing_rule (position, region, assign_to) VALUES (10, '重庆', 'member:li')");
# one merge that stands, one that was undone
sql($node, 'origin', "SELECT outcome FROM leads.merge(1, '{3}', reason => 'x')");
sql($node, 'origin', "SELECT outcome FROM leads.merge(5, '{7,9}', reason => 'x')");
sql($node, 'origin', 'SELECT outcome FROM leads.unmerge((SELECT max(id) FROM crm.merge))');
# what no figure counts: test data, and what was no lead
sql($node, 'origin', "INSERT INTO crm.channel (code, name, inbound, keeps, profiles, test) SELECT 'trial', 'Trial', inbound, keeps, profiles, true FROM crm.channel WHERE code = 'manual'");
my $trial = (names(63))[62];
sql($node, 'origin', "SELECT outcome FROM leads.register('$trial', by_member => 'li', channel => 'trial')");
sql($node, 'origin', "SELECT stage FROM leads.lose((SELECT min(id) FROM crm.lead WHERE closed_at IS NULL), 'spam')");
my $count = "SELECT t.test, i.invalid, f.stage, f.entered FROM unnest('{f,t}'::boolean[]) t(test), unnest('{f,t}'::boolean[]) i(invalid), LATERAL leads.funnel(include_test => t.test, include_invalid => i.invalid) f WHERE f.position = 1 ORDER BY 1, 2";
my $counted = sql($node, 'origin', $count);
my @n = $counted =~ /(\d+)$/mg;
is("@n", join(' ', $n[0], $n[0] + 1, $n[0] + 1, $n[0] + 2), 'test data and what was no lead are left out');
# what a user added: column, index, trigger, policy, view, table
sql($node, 'origin', <<'EOQ');
ALTER TABLE crm.customer ADD COLUMN credit_limit numeric DEFAULT 1000 CHECK (credit_limit >= 0);
COMMENT ON COLUMN crm.customer.credit_limit IS 'our own';
UPDATE crm.customer SET credit_limit = id;
CREATE INDEX customer_credit ON crm.customer (credit_limit) WHERE credit_limit > 5;
CREATE TABLE crm.our_log (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer_id bigint REFERENCES crm.customer, at timestamptz);
CREATE FUNCTION public.our_trigger() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN INSERT INTO crm.our_log (customer_id, at) VALUES (NEW.id, NEW.created_at); RETURN NEW; END $$;
CREATE TRIGGER zz_ours AFTER INSERT ON crm.customer FOR EACH ROW EXECUTE FUNCTION public.our_trigger();
CREATE POLICY ours ON crm.activity FOR SELECT TO app_role USING (effective);
CREATE VIEW crm.our_view AS SELECT c.id, c.credit_limit, leads.now() AS at FROM crm.customer c;
EOQ
my @extra = names(62);
sql($node, 'origin', "SELECT outcome FROM leads.register('$extra[60]', by_member => 'li')");
is(sql($node, 'origin', 'SELECT count(*) FROM crm.our_log'), '1', 'the trigger of a user fires in the corridor');
is(sql($node, 'origin', 'SELECT count(*) FROM leads.verify()'), '0', 'a sound company');
$counted = sql($node, 'origin', $count);
my $catalog = catalog($node, 'origin');
# what members asked today
sql($node, 'origin', "SELECT count(*) FROM leads.check_duplicate('$extra[0]', by_member => 'li')") foreach 1 .. 3;
my $meters = sql($node, 'origin', 'SELECT last_value FROM crm.meter_1 UNION ALL SELECT last_value FROM crm.meter_2');
my $rows = checksums($node, 'origin');
my $dir = PostgreSQL::Test::Utils::tempdir();

my %how = (
	plain => sub {
		my ($db) = @_;
		$node->command_ok([ 'pg_dump', '-d', $node->connstr('origin'), '-f', "$dir/plain.sql" ], 'plain pg_dump');
		$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr($db), '-f', "$dir/plain.sql" ], 'psql reads it');
	},
	parallel => sub {
		my ($db) = @_;
		$node->command_ok([ 'pg_dump', '-d', $node->connstr('origin'), '-Fd', '-j2', '-f', "$dir/parallel" ], 'pg_dump -Fd -j2');
		$node->command_ok([ 'pg_restore', '-d', $node->connstr($db), '-j2', '--exit-on-error', "$dir/parallel" ], 'pg_restore -j2');
	});
foreach my $way (sort keys %how)
{
	$node->safe_psql('postgres', "CREATE DATABASE $way TEMPLATE template0");
	$how{$way}->($way);
	same_text(checksums($node, $way), $rows, "$way: the same rows in every table");
	same_text(catalog($node, $way), $catalog, "$way: the same catalog");
	is(sql($node, $way, $count), $counted, "$way: the same is left out of figures");
	is(sql($node, $way, 'SELECT last_value FROM crm.meter_1 UNION ALL SELECT last_value FROM crm.meter_2'), $meters, "$way: the meters go on");
	is(sql($node, $way, "SELECT string_agg(invariant || ' ' || subject || ' ' || problem, '; ') FROM leads.verify()"), '', "$way: verify() is clean");
	is(sql($node, $way, "SELECT outcome FROM leads.register('$extra[0]', by_member => 'li')"), 'blocked', "$way: a known company is found");
	is(sql($node, $way, "SELECT outcome, customer_id FROM leads.register('$extra[61]', by_member => 'li')"),
		sql($node, $way, "SELECT 'created', max(id) FROM crm.customer"), "$way: a new one is registered");
	is(sql($node, $way, 'SELECT count(*) FROM crm.our_log'), '2', "$way: the trigger of a user fires");
	is(sql($node, $way, 'SELECT leads.canonical(3)'), '1', "$way: a merged customer is followed");
	is(sql($node, $way, 'SELECT outcome FROM leads.unmerge((SELECT min(id) FROM crm.merge))'), 'undone', "$way: its merge can be undone");
	is(sqlstate($node, $way, 'DELETE FROM crm.customer'), 'LD009', "$way: the guards are up");
	# install() has nothing to repair
	sql($node, $way, 'SELECT leads.install()');
	same_text(catalog($node, $way), $catalog, "$way: install() changes nothing");
}
# a company made anew looks like the restored one, but for what the user added
company($node, 'fresh');
sql($node, 'fresh', "SELECT leads.grant_access('app_role', 'app'), leads.grant_access('rep_role', 'rep')");
sql($node, 'plain', 'DROP VIEW crm.our_view; DROP POLICY ours ON crm.activity; DROP TRIGGER zz_ours ON crm.customer; DROP TABLE crm.our_log; ALTER TABLE crm.customer DROP COLUMN credit_limit');
same_text(catalog($node, 'plain'), catalog($node, 'fresh'), 'restored = fresh');
$node->stop;
done_testing();
