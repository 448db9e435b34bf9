#!/usr/bin/perl
# Embed the SQL that leads.install() runs as C: build/install_steps.h.
#
#   *_tables.sql  numbered steps. A step starts at a line "-- step N: title" and ends before the next one.
#                 Numbers are global, unique and never reused; install() runs the missing ones in ascending
#                 order and records each in <data>.schema_version, so that fresh = upgraded.
#   *_repair.sql  re-created on every install(): one text per file, in room order.
#
# In both, @schema@ stands for the quoted name of the data schema, and "--: text" at the end of a line is the
# comment of what the line makes (a COMMENT ON is appended to the text):
#   a column's line in CREATE TABLE, a column's line in CREATE VIEW (its last word is the name), the line that
#   closes either with ";", ALTER TABLE ... ADD COLUMN, CREATE FUNCTION and CREATE INDEX on one line.
use strict;
use warnings;

my (@steps, @repairs, %seen);

sub c_string
{
	my ($text) = @_;
	my $out = '';
	foreach my $line (split(/(?<=\n)/, $text))
	{
		$line =~ s/([\\"])/\\$1/g;
		$line =~ s/\t/\\t/g;
		$line =~ s/\r//g;
		$line =~ s/\n/\\n/g;
		# three octal digits each, so that no following digit can be swallowed
		$line =~ s/([^\x20-\x7e])/sprintf('\\%03o', ord($1))/ge;
		# no trigraphs
		$line =~ s/\?\?/?\\?/g;
		$out .= "\t\t\"$line\"\n";
	}
	return $out eq '' ? "\t\t\"\"\n" : $out;
}

# turn "--: text" into COMMENT ON statements after the statement that carries them
sub comments
{
	my ($text, $where) = @_;
	my ($out, $object, $kind, @pending) = ('', '', '');
	foreach my $line (split(/(?<=\n)/, $text))
	{
		if ($line =~ /^\s*CREATE\s+(?:OR\s+REPLACE\s+)?(?:UNLOGGED\s+)?(TABLE|VIEW)\s+(?:IF\s+NOT\s+EXISTS\s+)?(\@schema\@\.\w+)/i)
		{
			($kind, $object) = (uc $1, $2);
		}
		if ($line =~ s/[ \t]*--:[ \t]*(.*?)[ \t]*(\r?\n?)$/$2/)
		{
			(my $comment = $1) =~ s/'/''/g;
			my $what;
			if ($line =~ /^\s*ALTER\s+TABLE\s+(\@schema\@\.\w+)\s+ADD\s+COLUMN\s+(?:IF\s+NOT\s+EXISTS\s+)?(\w+)/i)
			{
				$what = "COLUMN $1.$2";
			}
			elsif ($line =~ /^\s*CREATE\s+(?:UNIQUE\s+)?INDEX\s+(?:IF\s+NOT\s+EXISTS\s+)?(\w+)/i)
			{
				$what = "INDEX \@schema\@.$1";
			}
			elsif ($object ne '' && $line =~ /;\s*$/)
			{
				$what = "$kind $object";
			}
			elsif ($kind eq 'TABLE' && $line =~ /^\s*(\w+)\s/)
			{
				$what = "COLUMN $object.$1";
			}
			elsif ($kind eq 'VIEW' && $line =~ /(\w+)\s*,?\s*$/)
			{
				$what = "COLUMN $object.$1";
			}
			else
			{
				die "$where: cannot tell what this line makes: $line";
			}
			push @pending, "COMMENT ON $what IS '$comment';\n";
		}
		$out .= $line;
		# a statement of these files ends at a line that ends with ";"
		if ($line =~ /;\s*(?:--.*)?$/)
		{
			$out .= join('', @pending);
			@pending = ();
			($object, $kind) = ('', '');
		}
	}
	die "$where: a comment without the end of its statement\n" if @pending;
	return $out;
}

# what the library relies on when it reads a table: its columns, their types, which of them are never NULL
my %type = (bigint => 'INT8OID', integer => 'INT4OID', smallint => 'INT2OID', boolean => 'BOOLOID', text => 'TEXTOID',
	numeric => 'NUMERICOID', jsonb => 'JSONBOID', timestamptz => 'TIMESTAMPTZOID', date => 'DATEOID',
	interval => 'INTERVALOID', bytea => 'BYTEAOID', 'text[]' => 'TEXTARRAYOID', 'bigint[]' => 'INT8ARRAYOID');

sub columns
{
	my ($text, $where) = @_;
	my @columns;
	while ($text =~ /^(?:DROP TABLE \@schema\@\.(\w+);|CREATE TABLE \@schema\@\.(\w+) \(\n(.*?)^\))/msg)
	{
		my ($dropped, $table, $body) = ($1, $2, $3);
		if ($dropped)
		{
			push @columns, [ $dropped ];
			next;
		}
		foreach my $line (split(/\n/, $body))
		{
			$line =~ s/--.*//;
			next unless $line =~ /^  ([a-z]\w*) ([a-z]+(?:\[\])?)/;
			my ($column, $type) = ($1, $2);
			1 while $line =~ s/\([^()]*\)//;
			push @columns, [ $table, $column, $type{$type} || die("$where: unknown type \"$type\" of $table.$column\n"),
				$line =~ /NOT NULL|PRIMARY KEY|AS IDENTITY/ ? 'true' : 'false' ];
		}
	}
	# a later step adds columns one a line; constraints are no columns
	foreach my $line (split(/\n/, $text))
	{
		$line =~ s/--.*//;
		next unless $line =~ /^\s*ALTER\s+TABLE/i;
		next if $line =~ /^ALTER TABLE \@schema\@\.\w+ (?:ADD|DROP) CONSTRAINT /;
		my ($table, $column, $type) = $line =~ /^ALTER TABLE \@schema\@\.(\w+) ADD COLUMN ([a-z]\w*) ([a-z]+(?:\[\])?)/
		  or die "$where: ALTER TABLE is not understood by columns(): $line\n";
		1 while $line =~ s/\([^()]*\)//;
		push @columns, [ $table, $column, $type{$type} || die("$where: unknown type \"$type\" of $table.$column\n"),
			$line =~ /NOT NULL/ ? 'true' : 'false' ];
	}
	return @columns;
}

foreach my $file (@ARGV)
{
	my ($room, $kind) = $file =~ m{^src/(.+)_(tables|repair)\.sql$}
	  or die "$file: not src/<room>_tables.sql or src/<room>_repair.sql\n";
	open(my $fh, '<:raw', $file) or die "could not open $file: $!\n";
	if ($kind eq 'repair')
	{
		local $/;
		push @repairs, { room => $room, sql => comments(scalar(<$fh>), $file) };
	}
	else
	{
		my $step;
		while (my $line = <$fh>)
		{
			if ($line =~ /^--\s*step\b/i)
			{
				my ($n, $title) = $line =~ /^-- step ([0-9]+): (\S.*?)\s*$/
				  or die "$file:$.: a step reads \"-- step N: title\"\n";
				die "$file:$.: step $n is also in $seen{$n}\n" if $seen{$n};
				$seen{$n} = "$file:$.";
				$step = { n => $n + 0, room => $room, title => $title, sql => '' };
				push @steps, $step;
			}
			elsif ($step)
			{
				$step->{sql} .= $line;
			}
			elsif ($line !~ /^\s*(--.*)?$/)
			{
				die "$file:$.: SQL before the first \"-- step N: title\"\n";
			}
		}
		die "$file: no step\n" unless $step;
	}
	close($fh);
}

@steps = sort { $a->{n} <=> $b->{n} } @steps;
my @columns;
foreach my $c (map { columns($_->{sql}, "src/$_->{room}_tables.sql, step $_->{n}") } @steps)
{
	# a table name alone: dropped, to be made anew or not
	@columns = @$c > 1 ? (@columns, $c) : grep { $_->[0] ne $c->[0] } @columns;
}
$_->{sql} = comments($_->{sql}, "src/$_->{room}_tables.sql, step $_->{n}") foreach @steps;

print <<'EOF';
/*
 * install_steps.h: what leads.install() runs. Generated by src/core/gen_steps.pl; do not edit.
 */
#ifndef LEADS_INSTALL_STEPS_H
#define LEADS_INSTALL_STEPS_H

typedef struct LeadsInstallStep
{
	int			number;			/* global, recorded in schema_version */
	const char *room;
	const char *title;
	const char *sql;			/* @schema@ = quoted data schema */
} LeadsInstallStep;

typedef struct LeadsInstallRepair
{
	const char *room;
	const char *sql;			/* @schema@ = quoted data schema */
} LeadsInstallRepair;

typedef struct LeadsInstallColumn
{
	const char *table;
	const char *column;
	Oid			type;
	bool		notnull;
} LeadsInstallColumn;

EOF

printf "#define LEADS_INSTALL_NSTEPS %d\n", scalar(@steps);
printf "#define LEADS_INSTALL_NREPAIRS %d\n", scalar(@repairs);
printf "#define LEADS_INSTALL_LAST_STEP %d\n\n", @steps ? $steps[-1]{n} : 0;

print "static const LeadsInstallStep leads_install_steps[LEADS_INSTALL_NSTEPS + 1] = {\n";
foreach my $s (@steps)
{
	(my $title = c_string($s->{title})) =~ s/^\s+|\s+$//g;
	printf "\t{%d, \"%s\", %s,\n%s\t},\n", $s->{n}, $s->{room}, $title, c_string($s->{sql});
}
print "\t{0, NULL, NULL, NULL}\n};\n\n";

print "static const LeadsInstallRepair leads_install_repairs[LEADS_INSTALL_NREPAIRS + 1] = {\n";
printf "\t{\"%s\",\n%s\t},\n", $_->{room}, c_string($_->{sql}) foreach @repairs;
print "\t{NULL, NULL}\n};\n\n";

print "static const LeadsInstallColumn leads_install_columns[] = {\n";
printf "\t{\"%s\", \"%s\", %s, %s},\n", @$_ foreach @columns;
print "};\n\n";

print "#endif\t\t\t\t\t\t\t/* LEADS_INSTALL_STEPS_H */\n";
