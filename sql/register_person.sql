-- persons by mobile, strong keys, projects, request keys, JSON senders, malformed arguments
SET client_min_messages = warning;
SET timezone = 'Asia/Shanghai';
SELECT leads.install('rp', lang => 'zh', simulation => true, zone => 'Asia/Shanghai') IS NOT NULL AS installed;
SET leads.schema = 'rp';
SET leads.clock = '2026-03-02 10:00+08';
INSERT INTO rp.member (code, name) VALUES ('zhang', '张伟'), ('li', '李娜');
\pset format unaligned
\set VERBOSITY sqlstate
-- a person may have no name; an equal mobile is certain
SELECT outcome, owner FROM leads.register(NULL, kind => 'person', phone => '138 0013 8000', by_member => 'zhang');
SELECT outcome, reason, matches -> 0 ->> 'band' AS band FROM leads.register('王小明', kind => 'person', phone => '+86 13800138000', by_member => 'li');
SELECT outcome, owner FROM leads.register('王小明', kind => 'person', phone => '13900139000', by_member => 'li');
SELECT outcome, reason FROM leads.register(NULL, kind => 'person', by_member => 'li');
SELECT outcome, reason FROM leads.register(NULL, kind => 'person', phone => '023-67890123', by_member => 'li');
-- a USCC stands once in the company: the same code under another name is the same customer
SELECT outcome FROM leads.register('重庆甲木家具有限公司', uscc => '91500000MA5UTEQ7XL', by_member => 'zhang');
SELECT kind, norm, strong_key IS NOT NULL AS strong FROM rp.contact_point WHERE kind = 'uscc';
-- request_key: the same answer, once
SELECT registration_id AS first_id, outcome FROM leads.register('大连海盛水产有限公司', by_member => 'li', request_key => 'k-1') \gset
SELECT registration_id = :first_id AS same, outcome, owner FROM leads.register('大连海盛水产有限公司', by_member => 'li', request_key => 'k-1');
SELECT count(*) FROM rp.registration WHERE request_key = 'k-1';
SELECT * FROM leads.register('大连海盛水产公司', by_member => 'li', request_key => 'k-1');
-- by somebody else it is other content: nobody takes a colleague's answer for its own
SELECT outcome FROM leads.register('大连海盛水产有限公司', by_member => 'zhang', request_key => 'k-1');
-- the same key on another channel is another request
SELECT registration_id <> :first_id AS other, outcome FROM leads.register('大连海盛水产有限公司', channel => 'website', request_key => 'k-1');
-- JSON senders
SELECT outcome, owner FROM leads.register_json('{"name": "武汉晨光纸业有限公司", "phone": "027-85551234", "amount": 5000, "extra": {"source": "form 7"}, "by_member": "zhang"}');
SELECT amount, extra FROM rp.lead ORDER BY id DESC LIMIT 1;
SELECT outcome, reason FROM leads.register_json('{"by_member": "li"}');
SELECT leads.register_json('{"nam": "x"}');
SELECT leads.register_json('{"name": {"a": 1}}');
SELECT leads.register_json('{"name": "x", "extra": 7}');
SELECT leads.register_json('{"name": "x", "amount": "many"}');
SELECT leads.register_json('[]');
SELECT leads.register_json(NULL);
SELECT leads.register_json('{"name": ');
-- malformed arguments and unknown names raise
SELECT leads.register('x', kind => 'robot', by_member => 'li');
SELECT leads.register('x', extra => '[]', by_member => 'li');
SELECT leads.register('x', channel => 'carrier pigeon', by_member => 'li');
SELECT leads.register('x', by_member => 'nobody');
UPDATE rp.channel SET active = false WHERE code = 'douyin';
SELECT leads.register('x', channel => 'douyin');
-- a member that has left is nobody
UPDATE rp.member SET left_at = '2026-03-02 10:00+08' WHERE code = 'li';
SELECT leads.register('x', by_member => 'li');
-- scope by product line, if the match policy says so: each line has an owner of its own
SELECT leads.publish('match', '', '{"scope": "line"}') AS version;
SELECT outcome, owner FROM leads.register('沈阳北方机床有限公司', line => '刀具', by_member => 'zhang');
INSERT INTO rp.member (code, name) VALUES ('zhao', '赵敏');
SELECT outcome, reason, owner FROM leads.register('沈阳北方机床有限公司', line => '机床', by_member => 'zhao');
SELECT outcome, reason, owner FROM leads.register('沈阳北方机床有限公司', line => '刀具', by_member => 'zhao');
SELECT o.scope, m.code FROM rp.ownership o JOIN rp.member m ON m.id = o.member_id WHERE o.scope <> '' ORDER BY o.scope;
-- a false clock is refused where a company works for real
SELECT leads.install('rp2') IS NOT NULL AS installed;
SET leads.schema = 'rp2';
SELECT leads.register('x');
RESET leads.clock;
SET leads.schema = 'rp';
SELECT * FROM leads.verify('rp');
\set VERBOSITY terse
SELECT leads.uninstall('rp', 'rp'), leads.uninstall('rp2', 'rp2');
