# A server as it comes compiles expensive plans. Ours are look-ups: none may be compiled, whatever they seem to cost.
use strict;
use warnings;
use utf8;
use Leads;
use Encode qw(encode);
use Test::More;

my $node = new_node('jit');
company($node, 'leads');
plan(skip_all => 'this PostgreSQL has no JIT') unless sql($node, 'leads', 'SELECT pg_jit_available()') eq 't';
my $calls = <<'EOQ';
LOAD 'auto_explain';
SET auto_explain.log_min_duration = 0;
SET auto_explain.log_nested_statements = on;
SET auto_explain.log_analyze = on;
SET client_min_messages = log;
SELECT leads.register('重庆鸿源商贸有限公司', phone => '13912345678', by_member => 'zhang');
INSERT INTO crm.intake(name, region, channel) VALUES ('重庆渝海物流有限公司', '重庆', 'website');
SELECT leads.log_activity(1, 'call', '已联系,需求明确');
UPDATE crm.my_lead SET stage = 'contacted' WHERE id = 1;
SELECT leads.assign(1, 'li'), leads.release(1, 'x');
UPDATE crm.pool_item SET claimed_by = 'zhang' WHERE customer_id = 1;
SELECT leads.owner_at(1);
SELECT leads.explain(1);
SELECT leads.funnel();
SELECT leads.health();
CALL leads.tick();
EOQ
my ($rc, $out, $err) = $node->psql('leads', encode('UTF-8', $calls));
is($rc, 0, 'the calls run') or diag($err);
like($err, qr/Scan on settings/, 'their plans are shown');
my $compiled = () = $err =~ /^JIT:/mg;
is($compiled, 0, 'and none is compiled');
$node->stop;
done_testing();
