# The same attempts under C, C.UTF-8 and ICU: the same outcomes, scores, keys and owners.
use strict;
use warnings;
use utf8;
use Leads;
use Test::More;

my $node = new_node('locales');
my %databases = (
	c => q{LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0},
	c_utf8 => q{LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8' TEMPLATE template0},
	icu_zh => q{LOCALE_PROVIDER icu ICU_LOCALE 'zh-u-co-pinyin' TEMPLATE template0},
	icu_tr => q{LOCALE_PROVIDER icu ICU_LOCALE 'tr' TEMPLATE template0});
my @names = names(40);
my $script = register_many(@names);
# variants: short forms, traditional characters, full width, case, Turkish i, no region
my $i = 0;
foreach my $name (@names)
{
	my $variant = $name;
	$variant =~ s/(股份)?有限公司$// if $i % 4 == 0;
	$variant =~ s/公司$/公 司/ if $i % 4 == 1;
	$variant =~ tr/国业东华银丰龙/國業東華銀豐龍/ if $i % 4 == 2;
	$variant = "($variant)" if $i % 4 == 3;
	$script .= sprintf("SELECT outcome FROM leads.register('%s', by_member => '%s');\n", $variant, $i % 3 ? 'zhang' : 'li');
	$i++;
}
$script .= "SELECT outcome FROM leads.register('$_', by_member => 'zhang', email => 'INFO\@Istanbul.com', channel => 'manual');\n"
  foreach ('ISTANBUL Trading Co., Ltd.', 'istanbul trading', 'ıstanbul TRADING Ltd', 'ＩＳＴＡＮＢＵＬ　ＴＲＡＤＩＮＧ', 'Ärzte GmbH', 'aerzte gmbh', 'ÄRZTE');

my %answer;
foreach my $db (sort keys %databases)
{
	company($node, $db, undef, $databases{$db});
	needs($node, $db, 'register');
	$answer{$db}{outcomes} = sql($node, $db, $script);
	$answer{$db}{registrations} = sql($node, $db, <<'EOQ');
SELECT id, outcome, state, reason, customer_id, owner_id, pool_id,
  (SELECT jsonb_agg(m - 'protected_until') FROM jsonb_array_elements(matches) m) FROM crm.registration ORDER BY id
EOQ
	$answer{$db}{customers} = sql($node, $db, 'SELECT id, kind, name, core, region, city, industry FROM crm.customer ORDER BY id');
	$answer{$db}{keys} = sql($node, $db, 'SELECT customer_id, key_a, key_b FROM crm.customer_key ORDER BY 1, 2, 3');
	$answer{$db}{points} = sql($node, $db, 'SELECT customer_id, kind, raw, norm, weak, strong_key FROM crm.contact_point ORDER BY id');
	$answer{$db}{owners} = sql($node, $db, 'SELECT customer_id, member_id, pool_id, cause FROM crm.ownership ORDER BY id');
	is(sql($node, $db, 'SELECT count(*) FROM leads.verify()'), '0', "$db: verify() is clean");
}
like($answer{c}{outcomes}, qr/created/, 'some were created');
like($answer{c}{outcomes}, qr/blocked|attached|queued/, 'some were found again');
cmp_ok(scalar(split(/\n/, $answer{c}{keys})), '>', 40, 'there are keys');
foreach my $db (grep { $_ ne 'c' } sort keys %databases)
{
	same_text($answer{$db}{$_}, $answer{c}{$_}, "$db: $_ as under C") foreach sort keys %{ $answer{c} };
}
$node->stop;
done_testing();
