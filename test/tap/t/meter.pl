# What register() tells of others' customers stands in the server log, rolled back or not, and names no customer.
use strict;
use warnings;
use utf8;
use Leads;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('meter', "log_statement = none\n");
company($node, 'leads', "zone => 'Asia/Shanghai'");
sql($node, 'leads', "SELECT leads.register('重庆鸿源商贸有限公司', phone => '13912345678', by_member => 'zhang')");
is(() = slurp_file($node->logfile) =~ /pg_leads meter/g, 0, 'a new customer is not metered');
sql($node, 'leads', <<'EOQ');
BEGIN;
SELECT leads.register('重慶市鴻源商貿', phone => '139-1234-5678', by_member => 'li');
ROLLBACK;
INSERT INTO crm.intake(name, phone, by_member) VALUES ('重慶市鴻源商貿', '139-1234-5678', 'li');
EOQ
my $log = slurp_file($node->logfile);
like($log, qr/LOG:  pg_leads meter: register blocked, company "crm", member "li", number 1 of the day/, 'rolled back: logged');
like($log, qr/LOG:  pg_leads meter: register blocked, company "crm", member "li", number 2 of the day/, 'and counted');
unlike($log, qr/5678|STATEMENT|CONTEXT/, 'neither the statement nor a number is in the log');
$node->stop;
done_testing();
