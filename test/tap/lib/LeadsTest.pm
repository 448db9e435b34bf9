# What the TAP tests share: servers with pg_leads, databases, companies.
package LeadsTest;

use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;

# A started server. cron => database for pg_cron (default: none), conf => more lines of postgresql.conf
sub server
{
	my ($name, %o) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init(%{ $o{init} // {} });
	my $conf = "fsync = off\nmax_prepared_transactions = 10\ntimezone = 'UTC'\n";
	if ($o{cron})
	{
		# pg_cron reaches its database through the node's own socket
		$conf .= "shared_preload_libraries = 'pg_cron'\ncron.database_name = '$o{cron}'\n";
		$conf .= "cron.host = '" . $node->host . "'\nmax_worker_processes = 20\n";
	}
	$node->append_conf('postgresql.conf', $conf . ($o{conf} // ''));
	$node->start;
	return $node;
}

# A database with the extension; options goes into CREATE DATABASE
sub database
{
	my ($node, $name, $options) = @_;
	$node->safe_psql('postgres', "CREATE DATABASE $name TEMPLATE template0 " . ($options // ''));
	$node->safe_psql($name, 'SET client_min_messages = warning; CREATE EXTENSION pg_leads CASCADE');
	return $name;
}

# SQLSTATE and message of a statement that is to fail; ('00000', '') if it does not
sub fails
{
	my ($node, $db, $sql) = @_;
	my ($rc, $out, $err) = $node->psql($db, "\\set VERBOSITY verbose\n$sql");
	return ($1, $2) if $err =~ /^.*?(?:ERROR|FATAL):\s+(\w{5}): ([^\n]*)/m;
	return ('00000', '');
}

1;
