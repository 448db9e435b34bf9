# Keys of another version of the library: dump, restore and upgrade of the extension leave every row as it was; until rekey()
# nobody registers, all else works; after it everybody is found by keys that follow the rules, and no decision or deadline moved.
# A rekey() that was broken off goes on in the restored company.
use strict;
use warnings;
use utf8;
use Leads;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('rekey');
my $dir = PostgreSQL::Test::Utils::tempdir();
# test/check makes a version 0.0.9, and a script that leads here
my $version = sql($node, 'postgres', "SELECT default_version FROM pg_available_extensions WHERE name = 'pg_leads'");

$node->safe_psql('postgres', 'CREATE DATABASE origin');
sql($node, 'origin', "CREATE EXTENSION pg_leads VERSION '0.0.9' CASCADE");
sql($node, 'origin', "SELECT leads.install()");
sql($node, 'origin', "INSERT INTO crm.member (code, name) VALUES ('zhang', '张伟'), ('li', '李娜')");
my @names = names(120);
sql($node, 'origin', register_many(@names[0 .. 99]));
sql($node, 'origin', "SELECT leads.extend(3, 5)");
sql($node, 'origin', "SELECT leads.delete_customer(7, 'gone')");
is(sql($node, 'origin', "SELECT count(*) FROM leads.verify() WHERE problem !~ 'certainly'"), '0', 'a sound company');

# what no dump, upgrade or rekey() may change
my $deadlines = "SELECT string_agg(concat_ws(' ', o.id, o.protected_until, o.next_due_at, o.remind_at, o.due_by, o.since, o.until), E'\\n' ORDER BY o.id) FROM crm.ownership o";
sub but_keys { return join("\n", grep { !/^(customer_key|key_state|key_frequency|former_key|settings|schema_version) / } split(/\n/, checksums($_[0], $_[1]))) }
my %before = (rows => but_keys($node, 'origin'), deadlines => sql($node, 'origin', $deadlines));

# keys by other rules: what was rare is another pair of characters
sql($node, 'origin', "SET session_replication_role = replica; UPDATE crm.customer_key SET key_a = key_a # 81985529216486895, key_b = key_b # 81985529216486895; UPDATE crm.settings SET norm_v = 0");
is(sqlstate($node, 'origin', "SELECT outcome FROM leads.register('$names[100]', by_member => 'li')"), 'LD085', 'the library is newer than the keys: nobody registers');
my $rows = checksums($node, 'origin');
$node->command_ok([ 'pg_dump', '-d', $node->connstr('origin'), '-f', "$dir/old.sql" ], 'pg_dump');
$node->safe_psql('postgres', 'CREATE DATABASE restored TEMPLATE template0');
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('restored'), '-f', "$dir/old.sql" ], 'psql reads it');
same_text(checksums($node, 'restored'), $rows, 'restored: the same rows in every table');

foreach my $db ('origin', 'restored')
{
	# the dump does not say which version it was made with
	is(sql($node, $db, "SELECT extversion FROM pg_extension WHERE extname = 'pg_leads'"), $db eq 'origin' ? '0.0.9' : $version, "$db: version of the extension");
	sql($node, $db, 'ALTER EXTENSION pg_leads UPDATE');
	my ($rc, $out, $notice) = $node->psql($db, 'SET client_min_messages = notice; SELECT leads.install()');
	is($rc, 0, "$db: upgraded");
	like($notice, qr/keys .*rekey/s, "$db: install() tells of the keys");
	is(sql($node, $db, "SELECT extversion FROM pg_extension WHERE extname = 'pg_leads'"), $version, "$db: version after it");
	same_text(but_keys($node, $db), $before{rows}, "$db: the upgrade changes no row");
	is(sqlstate($node, $db, "SELECT outcome FROM leads.register('$names[100]', by_member => 'li')"), 'LD085', "$db: still nobody registers");
	is(sql($node, $db, "SELECT status FROM leads.health() WHERE item = 'keys'"), 'error', "$db: health() tells");
	like(sql($node, $db, "BEGIN; SELECT FROM leads.release(4, 'busy'); SELECT outcome FROM leads.claim('{4}'::bigint[], by_member => 'li'); ROLLBACK"), qr/claimed/, "$db: everything else works on");
	# broken off: in a dump of that moment, too
	sql($node, $db, <<'EOQ');
CREATE FUNCTION public.stop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'stop' USING errcode = '57014'; END $$;
CREATE TRIGGER zz_stop BEFORE UPDATE ON crm.key_state FOR EACH ROW WHEN (NEW.after_id > 50) EXECUTE FUNCTION public.stop();
EOQ
	is(sqlstate($node, $db, 'CALL leads.rekey(batch => 20)'), '57014', "$db: rekey() is broken off");
	is(sql($node, $db, "SELECT phase, after_id > 0 AND after_id <= 50 FROM crm.key_state"), 'building|t', "$db: on the way");
	same_text(but_keys($node, $db), $before{rows}, "$db: it changed no other row");
}
$node->command_ok([ 'pg_dump', '-d', $node->connstr('origin'), '-f', "$dir/half.sql" ], 'pg_dump on the way');
$node->safe_psql('postgres', 'CREATE DATABASE halfway TEMPLATE template0');
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('halfway'), '-f', "$dir/half.sql" ], 'psql reads it');

my %keys;
foreach my $db ('origin', 'restored', 'halfway')
{
	sql($node, $db, 'DROP TRIGGER zz_stop ON crm.key_state');
	sql($node, $db, 'CALL leads.rekey()');
	same_text(but_keys($node, $db), $before{rows}, "$db: rekey() changes no decision, no customer, no lead");
	same_text(sql($node, $db, $deadlines), $before{deadlines}, "$db: no deadline moved");
	is(sql($node, $db, "SELECT phase FROM crm.key_state"), 'steady', "$db: done");
	is(sql($node, $db, "SELECT status FROM leads.health() WHERE item = 'keys'"), 'ok', "$db: health() is content");
	is(sql($node, $db, "SELECT string_agg(invariant || ' ' || problem, '; ') FROM leads.verify() WHERE problem !~ 'certainly'"), '', "$db: verify() is clean");
	# everybody is found by a spelling of the name: another's, or one's own
	is(sql($node, $db, "SELECT count(*) FROM crm.customer c WHERE status = 'live' AND NOT EXISTS (SELECT FROM leads.check_duplicate(replace(c.name, '有限公司', '')) d WHERE d.customer_id = c.id)"),
		'0', "$db: a spelling of each name is met");
	$keys{$db} = sql($node, $db, "SELECT md5(string_agg(concat_ws(' ', customer_id, key_a, key_b), E'\\n' ORDER BY customer_id, key_a, key_b)) FROM crm.customer_key");
	is(sql($node, $db, "SELECT outcome FROM leads.register('$names[110]', by_member => 'li')"), 'created', "$db: and a new one is registered");
}
is($keys{restored}, $keys{origin}, 'the same keys whichever way');
is($keys{halfway}, $keys{origin}, 'also where it was broken off and dumped');
$node->stop;
done_testing();
