-- a number that waits for its owner's word, and that the other customer of a merge is found by: it counts, and nobody is asked
SET client_min_messages = warning;
SELECT leads.install('mc', lang => 'en', zone => 'UTC') IS NOT NULL AS installed;
SET leads.schema = 'mc';
INSERT INTO mc.member (code, name) VALUES ('zhang', 'Zhang');
SELECT customer_id AS a FROM leads.register('重庆鸿源商贸有限公司', phone => '13812345678', by_member => 'zhang') \gset
SELECT customer_id AS b FROM leads.register('成都天府物流有限公司', phone => '13912345678', by_member => 'zhang') \gset
SELECT outcome FROM leads.register('成都天府物流有限公司', phone => '138 1234 5678', email => 'a@tianfu.example', channel => 'website');
SELECT customer_id = :b AS b, value, state FROM mc.my_contact ORDER BY id;
SELECT merge_id AS m, outcome FROM leads.merge(:a, ARRAY[:b], reason => 'one') \gset
-- the address waits, the number does not
SELECT customer_id = :b AS b, value, state FROM mc.my_contact ORDER BY id;
SELECT state FROM leads.confirm_contact(:a, '13812345678');
SELECT * FROM leads.verify();
-- taken apart, the other customer is asked again
SELECT outcome FROM leads.unmerge(:m, reason => 'two');
SELECT customer_id = :b AS b, value, state FROM mc.my_contact ORDER BY id;
SELECT leads.uninstall('mc', 'mc');
