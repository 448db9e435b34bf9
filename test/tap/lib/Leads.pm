# Helpers of the TAP tests: a cluster with a company in it, and comparisons of two databases.
package Leads;

use strict;
use warnings;
use utf8;
use open qw(:std :utf8);

use Encode qw(encode decode);
use Exporter 'import';
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw(new_node sql sqlstate company has_function needs catalog checksums names register_many same_text);

# a server of its own, UTF8; conf: further lines of postgresql.conf
sub new_node
{
	my ($name, $conf) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init(extra => [ '--locale=C.UTF-8', '--encoding=UTF8' ]);
	$node->append_conf('postgresql.conf', <<"EOC" . ($conf // ''));
timezone = 'UTC'
datestyle = 'ISO, YMD'
lc_messages = 'C'
client_min_messages = warning
EOC
	$node->start;
	return $node;
}

# rows as text; dies on any error
sub sql
{
	my ($node, $db, $text) = @_;
	return decode('UTF-8', $node->safe_psql($db, encode('UTF-8', $text)), Encode::LEAVE_SRC);
}

# SQLSTATE of the first error, '' if there is none
sub sqlstate
{
	my ($node, $db, $text, @more) = @_;
	my ($rc, $out, $err) = $node->psql($db, encode('UTF-8', "\\set VERBOSITY sqlstate\n$text"), on_error_stop => 1, @more);
	return $err =~ /ERROR:\s+(\w{5})/ ? $1 : '';
}

# database with the extension and a company of two reps
sub company
{
	my ($node, $db, $args, $create) = @_;
	$node->safe_psql('postgres', "CREATE DATABASE $db " . ($create // ''));
	sql($node, $db, 'CREATE EXTENSION pg_leads CASCADE');
	sql($node, $db, 'SELECT leads.install(' . ($args // '') . ')');
	sql($node, $db, "INSERT INTO crm.member (code, name) VALUES ('zhang', '张伟'), ('li', '李娜')");
	return;
}

sub has_function
{
	my ($node, $db, $name) = @_;
	return sql($node, $db, "SELECT count(*) > 0 FROM pg_proc WHERE pronamespace = 'leads'::regnamespace AND proname = '$name'") eq 't';
}

# a file whose subject is not there yet says so instead of failing
sub needs
{
	my ($node, $db, @functions) = @_;
	foreach my $f (@functions)
	{
		plan(skip_all => "leads.$f() is not there yet") unless has_function($node, $db, $f);
	}
	return;
}

# short names of real companies, all different
sub names
{
	my ($n) = @_;
	my (@names, %seen);
	open(my $fh, '<:utf8', "$ENV{PGL_TREE}/test/data/listed_companies.tsv") or die "listed_companies.tsv: $!";
	while (my $line = <$fh>)
	{
		next if $line =~ /^#/;
		foreach my $field (split(/\t/, $line))
		{
			next unless $field =~ /^\p{Han}+公司$/ && !$seen{$field}++;
			push @names, $field;
			last;
		}
		last if @names >= $n;
	}
	die "only " . scalar(@names) . " names" if @names < $n;
	return @names;
}

# statements that register names for zhang and li in turn
sub register_many
{
	my (@names) = @_;
	my $i = 0;
	return join('', map { sprintf("SELECT outcome FROM leads.register('%s', phone => '139%08d', by_member => '%s');\n",
				$_, 10000000 + ++$i * 7919, $i % 2 ? 'zhang' : 'li') } @names);
}

# what a schema looks like: relations, columns, constraints, indexes, triggers, policies, views, rights, comments
sub catalog
{
	my ($node, $db, $schema) = @_;
	$schema //= 'crm';
	return sql($node, $db, <<"EOQ");
SET search_path = pg_catalog;
WITH r AS (SELECT c.*, c.oid::regclass::text AS name FROM pg_class c WHERE c.relnamespace = '$schema'::regnamespace)
SELECT x COLLATE "C" FROM (
  SELECT format('relation %s %s %s %s %s %s', name, relkind, pg_get_userbyid(relowner), reloptions, relrowsecurity, obj_description(oid, 'pg_class')) FROM r WHERE relkind <> 'i'
  UNION ALL SELECT format('rights %s %s', name, (SELECT string_agg(a::text, ' ' ORDER BY a::text COLLATE "C") FROM unnest(relacl) a)) FROM r WHERE relkind <> 'i'
  UNION ALL SELECT format('column %s.%s %s %s %s %s %s %s %s', name, attname, format_type(atttypid, atttypmod), attnotnull, attidentity,
      pg_get_expr(d.adbin, d.adrelid), col_description(a.attrelid, a.attnum), attacl, collname)
    FROM r JOIN pg_attribute a ON a.attrelid = r.oid AND attnum > 0 AND NOT attisdropped AND relkind IN ('r', 'v')
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum LEFT JOIN pg_collation l ON l.oid = a.attcollation
  UNION ALL SELECT format('constraint %s %s %s', name, conname, pg_get_constraintdef(c.oid)) FROM r JOIN pg_constraint c ON c.conrelid = r.oid
  UNION ALL SELECT format('index %s', pg_get_indexdef(oid)) FROM r WHERE relkind = 'i'
  UNION ALL SELECT format('trigger %s %s', pg_get_triggerdef(t.oid), tgenabled) FROM r JOIN pg_trigger t ON t.tgrelid = r.oid WHERE NOT tgisinternal
  UNION ALL SELECT format('policy %s %s %s %s %s %s', name, polname, polcmd, polroles::regrole[], pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
    FROM r JOIN pg_policy p ON p.polrelid = r.oid
  UNION ALL SELECT format('view %s %s', name, pg_get_viewdef(oid)) FROM r WHERE relkind = 'v'
  UNION ALL SELECT format('schema %s %s %s', nspname, nspacl, obj_description(oid, 'pg_namespace')) FROM pg_namespace WHERE nspname = '$schema'
) v(x) ORDER BY 1
EOQ
}

# one line a table: rows and a digest of them
sub checksums
{
	my ($node, $db, $schema) = @_;
	$schema //= 'crm';
	my @tables = split(/\n/, sql($node, $db, "SELECT quote_ident(relname) FROM pg_class WHERE relnamespace = '$schema'::regnamespace AND relkind = 'r' ORDER BY relname COLLATE \"C\""));
	# sorted here: the parts of a parallel UNION ALL come in any order
	return join("\n", sort split(/\n/, sql($node, $db, join(' UNION ALL ',
			map { qq{SELECT '$_ ' || count(*) || ' ' || coalesce(md5(string_agg(t::text, E'\\n' ORDER BY t::text COLLATE "C")), '-') FROM $schema.$_ t} } @tables))));
}

# is() with the lines that differ instead of the whole texts
sub same_text
{
	my ($got, $want, $name) = @_;
	return pass($name) if $got eq $want;
	my %got = map { $_ => 1 } split(/\n/, $got);
	my %want = map { $_ => 1 } split(/\n/, $want);
	fail($name);
	diag("unexpected: $_") foreach grep { !$want{$_} } sort keys %got;
	diag("missing: $_") foreach grep { !$got{$_} } sort keys %want;
	return;
}

1;
