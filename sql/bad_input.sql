-- Bad input to every call: an outcome with its row where the spec says so, else an SQLSTATE and no trace.
SET client_min_messages = warning;
SET timezone = 'UTC';
SELECT leads.install('bad', lang => 'en', zone => 'UTC') IS NOT NULL AS installed;
SET leads.schema = 'bad';
INSERT INTO bad.member (code, name) VALUES ('zhang', 'Zhang'), ('li', 'Li');
\pset format unaligned
\pset tuples_only on
\set VERBOSITY sqlstate

\echo == register: refused attempts are outcomes
SELECT outcome, reason FROM leads.register(NULL, by_member => 'zhang');
SELECT outcome, reason FROM leads.register('', by_member => 'zhang');
SELECT outcome, reason FROM leads.register(E' \t\n ', by_member => 'zhang');
SELECT outcome, reason FROM leads.register('　　', by_member => 'zhang');
SELECT outcome, reason FROM leads.register(U&'\200B\202E\FEFF', by_member => 'zhang');
SELECT outcome, reason FROM leads.register(NULL, kind => 'person', by_member => 'zhang');
SELECT outcome, reason FROM leads.register(NULL, kind => 'person', phone => '023-67890123', by_member => 'zhang');
SELECT outcome, reason FROM leads.register(repeat('重', 201), by_member => 'zhang');
SELECT outcome, reason FROM leads.register(repeat('重', 350000), by_member => 'zhang');
SELECT outcome, reason FROM leads.register('重庆甲乙商贸有限公司', need => repeat('x', 1000000), by_member => 'zhang');
SELECT outcome, reason FROM leads.register('重庆甲乙商贸有限公司', phone => repeat('1', 1000000), by_member => 'zhang');
SELECT outcome, reason FROM leads.register('重庆甲乙商贸有限公司', email => repeat('a', 1000000) || '@b.cn', by_member => 'zhang');
SELECT outcome, reason FROM leads.register('重庆甲乙商贸有限公司', contact => repeat('a', 1000000), by_member => 'zhang');
SELECT outcome, reason FROM leads.register('重庆甲乙商贸有限公司', region => repeat('a', 1000000), by_member => 'zhang');
SELECT outcome, reason FROM leads.register('重庆甲乙商贸有限公司', industry => repeat('a', 1000000), by_member => 'zhang');
SELECT outcome, reason FROM leads.register('重庆甲乙商贸有限公司', project => repeat('a', 1000000), by_member => 'zhang');
SELECT outcome, reason FROM leads.register('重庆甲乙商贸有限公司', line => repeat('a', 1000000), by_member => 'zhang');
SELECT outcome, reason FROM leads.register('重庆甲乙商贸有限公司', uscc => repeat('9', 1000000), by_member => 'zhang');
SELECT outcome, reason FROM leads.register('重庆甲乙商贸有限公司', request_key => repeat('k', 1000000), by_member => 'zhang');
SELECT outcome, reason FROM leads.register('重庆甲乙商贸有限公司', extra => jsonb_build_object('a', repeat('x', 1000000)), by_member => 'zhang');
SELECT outcome, reason FROM leads.register('重庆甲乙商贸有限公司', phone => '123', by_member => 'zhang');
SELECT outcome, reason FROM leads.register('重庆甲乙商贸有限公司', phone => '11111111111', by_member => 'zhang');
SELECT outcome, reason FROM leads.register('重庆甲乙商贸有限公司', phone => 'call me', by_member => 'zhang');
SELECT outcome, reason FROM leads.register('重庆甲乙商贸有限公司', email => 'nobody', by_member => 'zhang');
SELECT outcome, reason FROM leads.register('重庆甲乙商贸有限公司', email => 'a@b@c.cn', by_member => 'zhang');
SELECT outcome, reason FROM leads.register('重庆甲乙商贸有限公司', uscc => '91500000MA5U000011', by_member => 'zhang');
SELECT outcome, reason FROM leads.register('重庆甲乙商贸有限公司', amount => -1, by_member => 'zhang');
SELECT outcome, reason FROM leads.register('重庆甲乙商贸有限公司', amount => 'NaN', by_member => 'zhang');
SELECT outcome, reason FROM leads.register('重庆甲乙商贸有限公司', amount => 'Infinity', by_member => 'zhang');
SELECT outcome, reason FROM leads.register('重庆甲乙商贸有限公司', amount => 1e20, by_member => 'zhang');
\echo == each kept its row, cut to size, and made nothing else
SELECT count(*), count(decision_id), bool_and(outcome = 'rejected' AND state = 'rejected' AND reason IS NOT NULL AND message <> ''),
  max(pg_column_size(payload)) <= 65536 AS cut, max(length(name)) <= 200 AS name_cut FROM bad.registration;
SELECT count(*) FROM bad.customer;
SELECT count(*) FROM bad.lead;
SELECT count(*) FROM bad.ownership;

\echo == register: malformed arguments, unknown channel, no actor raise and leave nothing
SELECT outcome FROM leads.register('重庆甲乙商贸有限公司', kind => 'robot', by_member => 'zhang');
SELECT outcome FROM leads.register('重庆甲乙商贸有限公司', kind => NULL, by_member => 'zhang');
SELECT outcome FROM leads.register('重庆甲乙商贸有限公司', channel => 'pigeon', by_member => 'zhang');
SELECT outcome FROM leads.register('重庆甲乙商贸有限公司', channel => NULL, by_member => 'zhang');
SELECT outcome FROM leads.register('重庆甲乙商贸有限公司', channel => repeat('x', 1000000), by_member => 'zhang');
SELECT outcome FROM leads.register('重庆甲乙商贸有限公司', extra => '[1]', by_member => 'zhang');
SELECT outcome FROM leads.register('重庆甲乙商贸有限公司', extra => '7', by_member => 'zhang');
SELECT outcome FROM leads.register('重庆甲乙商贸有限公司', by_member => 'nobody');
SELECT outcome FROM leads.register('重庆甲乙商贸有限公司', by_member => '');
SELECT outcome FROM leads.register_json(NULL);
SELECT outcome FROM leads.register_json('{"name": ');
SELECT outcome FROM leads.register_json('[]');
SELECT outcome FROM leads.register_json('"x"');
SELECT outcome FROM leads.register_json('{"name": "甲", "nmae": "乙"}');
SELECT outcome FROM leads.register_json('{"name": {"a": 1}, "by_member": "zhang"}');
SELECT outcome FROM leads.register_json('{"name": "重庆甲乙商贸有限公司", "amount": "much", "by_member": "zhang"}');
SELECT outcome FROM leads.register_json('{"name": "\u0000", "by_member": "zhang"}');
SELECT outcome, reason FROM leads.register_json('{"by_member": "zhang"}');
SELECT count(*) FROM bad.customer;

\echo == what cannot be seen is stripped, and the rest is registered
SELECT outcome, reason FROM leads.register(U&'\202E重\200B庆\FEFF丙丁' || E'\x01' || '商贸有限公司', phone => U&'\200E13912345678', by_member => 'zhang');
SELECT name, (SELECT norm FROM bad.contact_point WHERE kind = 'phone') FROM bad.customer ORDER BY id;
SELECT outcome FROM leads.register('重庆丙丁商贸有限公司', by_member => 'li');
SELECT verdict FROM leads.explain((SELECT max(id) - 1 FROM bad.decision)) WHERE step = 'input';
\echo == an inbound channel leaves out what is wrong and keeps the customer
SELECT outcome FROM leads.register('成都戊己物流有限公司', phone => '123', email => 'x', uscc => 'y', channel => 'website');
SELECT kind, norm FROM bad.contact_point WHERE customer_id = (SELECT max(id) FROM bad.customer) ORDER BY 1;

\echo == the other mutators raise and leave nothing
SELECT id AS before FROM bad.event ORDER BY id DESC LIMIT 1 \gset
SELECT leads.log_activity(NULL, 'call');
SELECT leads.log_activity(1, NULL, by_member => 'zhang');
SELECT leads.log_activity(999, 'call', by_member => 'zhang');
SELECT leads.log_activity(-1, 'call', by_member => 'zhang');
SELECT leads.log_activity(1, 'telepathy', by_member => 'zhang');
SELECT leads.log_activity(1, 'call', repeat('x', 1000000), by_member => 'zhang');
SELECT leads.log_activity(1, 'call', 'x', now() + interval '1 day', by_member => 'zhang');
SELECT leads.log_activity(1, 'call', 'x', 'infinity', by_member => 'zhang');
SELECT leads.log_activity(1, 'call', 'x', '-infinity', by_member => 'zhang');
SELECT leads.log_activity(1, 'call', 'x', by_member => 'li');
SELECT leads.log_activity(1, 'call', 'x', by_member => 'nobody');
SELECT leads.advance(NULL, 'contacted');
SELECT leads.advance(1, NULL, by_member => 'zhang');
SELECT leads.advance(1, '', by_member => 'zhang');
SELECT leads.advance(1, 'nowhere', by_member => 'zhang');
SELECT leads.advance(1, repeat('x', 1000000), by_member => 'zhang');
SELECT leads.advance(999, 'contacted', by_member => 'zhang');
SELECT leads.advance(1, 'won', by_member => 'zhang');
SELECT leads.advance(1, 'contacted', expected_version => 99, by_member => 'zhang');
SELECT leads.advance(1, 'contacted', by_member => 'li');
SELECT leads.win(999, by_member => 'zhang');
SELECT leads.win(1, amount => -1, by_member => 'zhang');
SELECT leads.win(1, amount => 'NaN', by_member => 'zhang');
SELECT leads.lose(1, NULL, by_member => 'zhang');
SELECT leads.lose(1, '', by_member => 'zhang');
SELECT leads.lose(1, 'mood', by_member => 'zhang');
SELECT leads.lose(1, 'price', repeat('x', 1000000), by_member => 'zhang');
SELECT leads.reopen(1, by_member => 'zhang');
SELECT leads.edit_lead(999, amount => 1, by_member => 'zhang');
SELECT leads.edit_lead(1, amount => -1, by_member => 'zhang');
SELECT leads.edit_lead(1, extra => '[]', by_member => 'zhang');
SELECT leads.claim(NULL, by_member => 'li');
SELECT leads.claim('{}', by_member => 'li');
SELECT leads.claim('{NULL}', by_member => 'li');
SELECT leads.claim('{999}', by_member => 'li');
SELECT leads.claim('{1}', by_member => 'li');
SELECT leads.claim(array_agg(i), by_member => 'li') FROM generate_series(1, 100000) i;
SELECT leads.claim('{1}');
SELECT leads.release(NULL, 'x', by_member => 'zhang');
SELECT leads.release(1, NULL, by_member => 'zhang');
SELECT leads.release(1, '', by_member => 'zhang');
SELECT leads.release(999, 'x', by_member => 'zhang');
SELECT leads.release(1, 'x', by_member => 'li');
SELECT leads.release(1, 'x', pool => 'nowhere', by_member => 'zhang');
SELECT leads.release(1, repeat('x', 1000000), by_member => 'zhang');
SELECT leads.extend(1, NULL, by_member => 'zhang');
SELECT leads.extend(1, 0, by_member => 'zhang');
SELECT leads.extend(1, -5, by_member => 'zhang');
SELECT leads.extend(1, 2147483647, by_member => 'zhang');
SELECT leads.extend(999, 5, by_member => 'zhang');
SELECT leads.extend(1, 5, by_member => 'li');
SELECT leads.assign(1, NULL);
SELECT leads.assign(1, 'nobody');
SELECT leads.assign(999, 'li');
SELECT leads.owner_at(999);
SELECT leads.owner_at(NULL);
SELECT leads.set_protection(days => -1);
SELECT leads.set_protection(days => 1000000);
SELECT leads.publish(NULL, '', '{}');
SELECT leads.publish('protection', '', '[]');
SELECT leads.publish('protection', '', '{"days": "x"}');
SELECT leads.publish('horoscope', '', '{}');
SELECT leads.publish('protection', '', '{}', '2000-01-01');
SELECT leads.publish('protection', repeat('x', 1000000), '{}');
CALL leads.tick(NULL);
CALL leads.tick(-1);
CALL leads.tick(10, 'nowhere');
SELECT leads.install('bad', lang => 'fr');
SELECT leads.install('bad', zone => 'Mars/Olympus');
SELECT leads.install('');
SELECT leads.install('public');
SELECT leads.install('pg_bad');
SELECT leads.install(repeat('x', 1000));
SELECT leads.uninstall('bad', 'good');
SELECT leads.uninstall(NULL, NULL);
\echo == a pipeline that its owner left without an open stage
BEGIN;
UPDATE bad.stage SET kind = 'lost' WHERE kind = 'open';
SELECT leads.register('青岛琅琊酿酒有限公司', by_member => 'zhang');
ROLLBACK;
SELECT max(id) = :before AS nothing_happened FROM bad.event;
SELECT * FROM leads.verify();
\pset tuples_only off
SELECT leads.uninstall('bad', 'bad');
