-- log_activity: which follow-up counts, what it moves, to the microsecond
SET client_min_messages = warning; SET timezone = 'Asia/Shanghai'; SET datestyle = 'ISO';
SET leads.clock = '2025-03-01 09:00+08';
SELECT leads.install('pf', lang => 'zh', simulation => true, zone => 'Asia/Shanghai') IS NOT NULL AS installed;
SET leads.schema = 'pf';
INSERT INTO pf.member (code, name) VALUES ('zhang', '张伟'), ('li', '李娜');
INSERT INTO pf.member (code, name, is_manager) VALUES ('chen', '陈经理', true);
SELECT leads.publish('protection', '', '{"days": 30, "remind_days": 1, "no_followup_days": 3}') AS version;
SELECT outcome, owner FROM leads.register('重庆鸿源商贸有限公司', by_member => 'zhang');
\set own 'SELECT followed_at, next_due_at, remind_at FROM pf.ownership WHERE until IS NULL AND customer_id = 1'
:own;
SET leads.clock = '2025-03-02 09:00+08';
SELECT * FROM leads.log_activity(1, 'call', '已联系,需求明确', by_member => 'zhang');
:own;
-- none of these counts, all are kept
SELECT effective, reason, next_due_at FROM leads.log_activity(1, 'call', ' 已联系,需求明确 ', by_member => 'zhang');
SELECT effective, reason FROM leads.log_activity(1, 'note', '客户生日是十月', by_member => 'zhang');
SELECT effective, reason FROM leads.log_activity(1, 'call', '没人接', by_member => 'zhang');
SELECT effective, reason FROM leads.log_activity(1, 'call', NULL, by_member => 'zhang');
SELECT effective, reason FROM leads.log_activity(1, 'call', E'一\u200B二三\u0007四', by_member => 'zhang');
SELECT effective, reason FROM leads.log_activity(1, 'call', '展会上谈过一次', '2025-03-01 09:00+08'::timestamptz - interval '1 microsecond', by_member => 'zhang');
\pset format unaligned
SELECT kind, note, occurred_at, effective, ineffective_reason FROM pf.activity ORDER BY id;
\pset format aligned
:own;
-- the first instant of the ownership belongs to it; the anchor does not go back
SELECT effective, reason FROM leads.log_activity(1, 'visit', '登记时当面谈过', '2025-03-01 09:00+08', by_member => 'zhang');
:own;
-- five characters are enough
SELECT effective, reason FROM leads.log_activity(1, 'call', '一二三四五', by_member => 'zhang');
-- a manager's counts for the owner
SELECT effective, reason FROM leads.log_activity(1, 'visit', '陪同拜访客户总经理', by_member => 'chen');
SELECT kind, owner_id, actor_id, attempt, data FROM pf.event WHERE kind = 'followed' ORDER BY id;
SELECT s.step, s.verdict, s.reason FROM pf.decision d, LATERAL leads.explain(d.id) s WHERE d.kind = 'followup' AND s.step_no > 1 ORDER BY d.id, s.step_no;

-- now is allowed, later is not; seven days back, not a microsecond more
SET leads.clock = '2025-03-05 08:00+08';
SELECT effective FROM leads.log_activity(1, 'mail', '发送了产品资料和报价单', by_member => 'zhang');
SELECT * FROM leads.log_activity(1, 'mail', '明天要发的资料', '2025-03-05 08:01+08', by_member => 'zhang');
SELECT * FROM leads.log_activity(1, 'mail', '很早以前发过资料', 'infinity', by_member => 'zhang');
SELECT * FROM leads.log_activity(1, 'mail', '很早以前发过资料', '-infinity', by_member => 'zhang');
SET leads.clock = '2025-03-07 08:00+08';
SELECT effective FROM leads.log_activity(1, 'mail', '补记:发送了案例集', '2025-03-04 08:00+08', by_member => 'zhang');
SELECT followed_at FROM pf.ownership WHERE until IS NULL;
SET leads.clock = '2025-03-07 08:30+08';
SELECT effective, reason FROM leads.log_activity(1, 'meeting', '七天前的电话会议', '2025-02-28 08:30+08', by_member => 'zhang');
SET leads.clock = '2025-03-07 08:40+08';
SELECT * FROM leads.log_activity(1, 'meeting', '七天前的电话会议', '2025-02-28 08:39:59.999999+08', by_member => 'zhang');

-- at the deadline less a microsecond it moves the deadline; at the deadline it is refused
\set VERBOSITY verbose
SELECT next_due_at - interval '1 microsecond' AS just_before FROM pf.ownership WHERE until IS NULL \gset
SET leads.clock = :'just_before';
SELECT effective, next_due_at FROM leads.log_activity(1, 'call', '最后一刻的跟进电话', by_member => 'zhang');
SELECT next_due_at AS deadline FROM pf.ownership WHERE until IS NULL \gset
SET leads.clock = :'deadline';
\set VERBOSITY default
SELECT * FROM leads.log_activity(1, 'call', '到期那一刻的电话', by_member => 'zhang');
-- with no job having run, and nothing written by the refusal
SELECT cause, member_id, until FROM pf.ownership ORDER BY id;
-- back-dating does not revive; the system's own note about an ownerless customer is kept
SELECT effective, reason, next_due_at FROM leads.log_activity(1, 'call', '系统补记的电话内容', :'just_before');
SELECT cause, member_id, pool_id, until IS NULL AS is_open FROM pf.ownership ORDER BY id;
SELECT * FROM leads.verify();

-- what is no call
SELECT * FROM leads.log_activity(1, 'fax', '发了一份传真');
SELECT * FROM leads.log_activity(1, 'inquiry', '客户自己的询问');
SELECT * FROM leads.log_activity(99, 'call', '查无此人的电话');
SELECT * FROM leads.log_activity(NULL, 'call', '查无此人的电话');
SELECT * FROM leads.log_activity(1, NULL, '查无此人的电话');
SELECT * FROM leads.log_activity(1, 'call', repeat('字', 8001));
SELECT effective, reason FROM leads.log_activity(1, 'call', repeat('字', 8000));
SELECT * FROM leads.log_activity(1, repeat('x', 1000000), 'a long kind');

-- the policy says what counts
SELECT leads.publish('pipeline', '', '{"followup_kinds": ["note"], "followup_note_min": 0, "followup_days_back": 0}') > 1 AS published;
SELECT outcome FROM leads.register('四川天府物流有限公司', by_member => 'li');
SELECT effective, reason FROM leads.log_activity(2, 'call', '已联系,需求明确', by_member => 'li');
SELECT effective, reason FROM leads.log_activity(2, 'note', by_member => 'li');
SELECT * FROM leads.log_activity(2, 'note', 'x', leads.now() - interval '1 second', by_member => 'li');
RESET leads.clock; RESET leads.schema;
SELECT leads.uninstall('pf', 'pf');
