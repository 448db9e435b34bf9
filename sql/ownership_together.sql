-- one instant for whatever one statement touches: several customers in a claim, a name changed directly, calls within calls
SET client_min_messages = warning;
SET timezone = 'Asia/Shanghai';
SET datestyle = 'ISO, YMD';
\set VERBOSITY sqlstate
SET leads.clock = '2026-03-02 09:00+08';
SELECT leads.install('ot', lang => 'en', simulation => true, zone => 'Asia/Shanghai') IS NOT NULL AS installed;
SET leads.schema = 'ot';
INSERT INTO ot.member (code, name) VALUES ('zhang', 'Zhang'), ('li', 'Li');
SELECT outcome, customer_id, protected_until FROM leads.register('重庆鸿源商贸有限公司', by_member => 'zhang');
SELECT outcome, customer_id, protected_until FROM leads.register('上海云帆信息技术有限公司', by_member => 'zhang');
SET leads.clock = '2026-04-20 09:00+08';
SELECT outcome, customer_id FROM leads.register('广州明珠医疗器械有限公司', by_member => 'li');
SELECT into_pool FROM leads.release(3, 'no budget', by_member => 'li');

-- a clock that is behind: the claim happens after what is known of the third, when the first has lapsed
SET leads.clock = '2026-03-20 09:00+08';
SELECT customer_id, outcome, protected_until FROM leads.claim('{1,3}', by_member => 'zhang');
SELECT m.code, p.code AS pool, o.since, o.until, o.cause FROM ot.ownership o
  LEFT JOIN ot.member m ON m.id = o.member_id LEFT JOIN ot.pool p ON p.id = o.pool_id WHERE customer_id = 1 ORDER BY o.since;

-- a name that collides, changed directly after the deadline: the lapse is written before the collision
SET leads.clock = '2026-04-21 09:00+08';
UPDATE ot.customer SET name = '重庆鸿源商贸有限公司' WHERE id = 2;
SELECT e.kind, e.at, m.code AS owner, e.pool_id IS NOT NULL AS pooled FROM ot.event e
  LEFT JOIN ot.member m ON m.id = e.owner_id WHERE customer_id = 2 AND e.kind IN ('lapsed', 'collided') ORDER BY e.id;
CALL leads.tick();
SELECT invariant FROM leads.verify();

-- a user's trigger that calls: what comes later is not before what was written
RESET leads.clock;
SET leads.clock = '+60 days';
CREATE FUNCTION pg_temp.on_call() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN PERFORM leads.advance(new.lead_id, 'contacted', by_member => 'zhang'); RETURN NULL; END $$;
CREATE TRIGGER t AFTER INSERT ON ot.activity FOR EACH ROW EXECUTE FUNCTION pg_temp.on_call();
SELECT outcome, customer_id AS id, lead_id AS lead FROM leads.register('成都锦城餐饮管理有限公司', by_member => 'zhang') \gset
SELECT activity_id IS NOT NULL AS logged FROM leads.log_activity(:lead, 'call', 'asked for a quote and samples', by_member => 'zhang');
SELECT c.last_event_at >= max(e.at) AS later, count(*) FILTER (WHERE e.kind = 'advanced') AS advanced
  FROM ot.customer c JOIN ot.event e ON e.customer_id = c.id WHERE c.id = :id GROUP BY c.last_event_at;
DROP TRIGGER t ON ot.activity;
-- one that registers, and makes a schema, so that the plans that are at work are not of today any more
CREATE FUNCTION pg_temp.on_lead() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE n bigint := (SELECT count(*) FROM ot.lead);
BEGIN
  IF n < 9 THEN
    EXECUTE format('CREATE SCHEMA ot_%s', n);
    PERFORM leads.register((ARRAY['青岛海蓝水产有限公司', '北京燕京印刷有限公司', '大连港湾机械有限公司', '沈阳铁西铸造有限公司'])[n - 4], by_member => 'li');
    EXECUTE format('DROP SCHEMA ot_%s', n);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER t AFTER INSERT ON ot.lead FOR EACH ROW EXECUTE FUNCTION pg_temp.on_lead();
SELECT outcome FROM leads.register('天津渤海化工有限公司', by_member => 'li');
SELECT count(*), count(DISTINCT customer_id) FROM ot.lead;
SET leads.clock = '';
SET client_min_messages = error;
SELECT FROM leads.uninstall('ot', 'ot');
