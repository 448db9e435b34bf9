#!/usr/bin/perl
# Lint: the arrows between the folders of src point down only (CONTRIBUTING.md, "The house").
use strict;
use warnings;
use Test::More;

# folder => what its files may include besides system headers and their own folder
my %may = (
	act => [qw(act decide record core lib)],
	read => [qw(read record core lib)],
	access => [qw(access record core lib)],
	decide => [qw(lib)],
	record => [qw(record core lib)],
	core => [qw(core)],
	lib => [qw(lib)]);

# judges read policy documents and raise errors in words that core keeps; the shared values (the canonical document) are no judge
my %also = (
	decide => [qw(core/error.h core/leads.h core/policy.h decide/decide.h decide/document.h)],
	# keepers fill what a judge is asked about: the record of the judge of identity, the facts of the judge of deadlines
	record => [qw(decide/match.h decide/calendar.h decide/protection.h)],
	# verify() asks the judges whether what is stored is what they say
	read => [qw(decide/match.h decide/match_policy.h decide/protection.h decide/calendar.h)]);

# the generated install steps belong to core/install
my %generated = ('install_steps.h' => 'src/core/install.c');

my @files = sort(glob('src/*/*.c'), glob('src/*/*.h'), glob('src/*/*/*.c'), glob('src/*/*/*.h'));
my $pg_header = qr{^(postgres|c|fmgr|funcapi|miscadmin|pgstat|varatt)\.h$|^(access|catalog|commands|common|datatype|executor|lib|libpq|mb|nodes|optimizer|parser|port|portability|postmaster|replication|rewrite|statistics|storage|tcop|tsearch|utils|foreign|jit|partitioning|regex|snowball|bootstrap|backup)/};

foreach my $file (@files)
{
	my ($folder) = $file =~ m{^src/(\w+)/};
	my ($own) = $file =~ m{^src/(.+)\.[ch]$};
	my @bad;
	open(my $fh, '<', $file) or die "$file: $!";
	while (my $line = <$fh>)
	{
		next unless $line =~ /^\s*#\s*include\s*(["<])([^">]+)[">]/;
		my ($quote, $name) = ($1, $2);
		my $ours = $name;
		$ours =~ s{^src/}{};
		$ours =~ s{^(\.\./)+}{};
		# "x.h" beside the file is its folder's
		$ours = "$folder/$ours" if $ours !~ m{/} && -f "src/$folder/$ours";
		if (-f "src/$ours" && $ours =~ m{^(\w+)/})
		{
			my $to = $1;
			my $ok = grep { $_ eq $to } @{ $may{$folder} // [] };
			$ok ||= grep { $_ eq $ours } @{ $also{$folder} // [] };
			# judges never call each other, but match_features.c belongs to the room of match.h, and it to that of match
			(my $room = $ours) =~ s/\.h$//;
			$ok = 1 if $folder eq 'decide' && ("${own}_" =~ /^\Q$room\E_/ || "${room}_" =~ /^\Q$own\E_/);
			push @bad, "line $.: $folder may not include $ours" unless $ok;
		}
		elsif ($generated{$name})
		{
			push @bad, "line $.: only $generated{$name} may include $name" if $file ne $generated{$name};
		}
		elsif ($folder eq 'lib')
		{
			push @bad, "line $.: lib knows nothing of PostgreSQL: $name"
			  if $quote eq '"' || $name =~ $pg_header;
		}
		elsif ($folder eq 'decide')
		{
			push @bad, "line $.: a judge runs no SPI" if $name eq 'executor/spi.h';
		}
	}
	close($fh);
	push @bad, "unknown folder src/$folder" unless $may{$folder};
	ok(!@bad, "$file") or diag(join("\n", @bad));
}

# a call needs no header: names that belong to a higher folder must not be declared by hand
foreach my $file (grep { /\.[ch]$/ } @files)
{
	my ($folder) = $file =~ m{^src/(\w+)/};
	next unless $folder eq 'decide' || $folder eq 'lib';
	open(my $fh, '<', $file) or die "$file: $!";
	my @bad = grep { /\bSPI_\w+\s*\(/ } <$fh>;
	close($fh);
	ok(!@bad, "$file runs no SPI") or diag(@bad);
}

plan(skip_all => 'no sources') unless @files;
done_testing();
