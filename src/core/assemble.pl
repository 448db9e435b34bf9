#!/usr/bin/perl
# Write the extension script: the files named on the command line, one after the other, as they are.
# The script must be ASCII: a database's encoding may not decide what it says.
use strict;
use warnings;

foreach my $file (@ARGV)
{
	open(my $fh, '<:raw', $file) or die "could not open $file: $!\n";
	print "\n-- $file\n\n" if $file ne $ARGV[0];
	while (my $line = <$fh>)
	{
		die "$file:$.: the extension script must be ASCII\n" if $line =~ /[^\x09\x0a\x20-\x7e]/;
		print $line;
	}
	close($fh);
}
