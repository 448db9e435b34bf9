-- step 3: the organisation: teams, members, channels, pools, rings, stages
CREATE TABLE @schema@.team (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key
  code text NOT NULL UNIQUE CHECK (code ~ '^[^\s:]{1,60}$' AND code NOT IN ('公海', 'pool', '-')), --: short name used in rules: team:north
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200), --: name to show
  parent_id bigint REFERENCES @schema@.team --: team above, NULL = top
); --: teams of the company
CREATE TABLE @schema@.member (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY CHECK (id <= 2147483647), --: key
  code text NOT NULL UNIQUE CHECK (code ~ '^[^\s:]{1,60}$' AND code NOT IN ('公海', 'pool', '-')), --: short name used in calls and rules: member:zhang
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200), --: name to show
  db_role text UNIQUE, --: database role that acts as this member
  team_id bigint REFERENCES @schema@.team, --: team
  is_manager boolean NOT NULL DEFAULT false, --: sees and manages what its team and the teams below own
  active boolean NOT NULL DEFAULT true, --: false: receives nothing, may do nothing
  left_at timestamptz, --: all rights end at this instant
  holder_cap integer CHECK (holder_cap >= 0), --: most customers it may hold at once; NULL = no limit
  created_at timestamptz NOT NULL DEFAULT now() --: when the row was made
); --: people who own customers
CREATE TABLE @schema@.member_counter (
  member_id bigint PRIMARY KEY REFERENCES @schema@.member, --: whose
  held integer NOT NULL DEFAULT 0, --: open ownership rows of the member, lapsed but unwritten ones included
  last_assigned_at timestamptz --: when a rule last gave it something
) WITH (fillfactor = 50); --: how much each member holds; locked while a decision counts on it
CREATE TABLE @schema@.channel (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY CHECK (id <= 2147483647), --: key
  code text NOT NULL UNIQUE CHECK (code ~ '^[^\s:]{1,60}$' AND code NOT IN ('公海', 'pool', '-')), --: name used in register(channel => …)
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200), --: name to show
  inbound boolean NOT NULL, --: true: the customer came by itself; such a channel never blocks
  keeps text NOT NULL CHECK (keeps IN ('registrant', 'none')), --: registrant: who registers becomes the owner; none: rules decide
  profiles text[] NOT NULL, --: profiles that may register through it
  member_id bigint REFERENCES @schema@.member, --: member that acts when an app names nobody
  active boolean NOT NULL DEFAULT true, --: false: register() refuses it as unknown
  test boolean NOT NULL DEFAULT false --: true: what begins through it is test data, and in no figure unless asked for; what began before stays what it was
); --: where customers come from
CREATE TABLE @schema@.territory (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key
  code text NOT NULL UNIQUE CHECK (code ~ '^[^\s:]{1,60}$'), --: name used in routing_rule.territory
  regions text[] NOT NULL --: region prefixes: 重庆市渝北区, 四川
); --: named sets of regions
CREATE TABLE @schema@.pool (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key
  code text NOT NULL UNIQUE CHECK (code ~ '^[^\s:]{1,60}$'), --: short name used in rules: pool:public
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200), --: name to show
  is_default boolean NOT NULL DEFAULT false, --: where ownerless customers go if nothing else is said
  cooldown_days integer NOT NULL DEFAULT 0 CHECK (cooldown_days BETWEEN 0 AND 3650), --: a former holder may not claim for so many days after it lost the customer
  daily_quota integer CHECK (daily_quota >= 0), --: claims a member may make in a business day; NULL = no limit
  new_data_delay interval NOT NULL DEFAULT '0' CHECK (new_data_delay >= '0'::interval) --: time after entry before anyone may claim
); --: public pools (公海)
CREATE UNIQUE INDEX pool_one_default ON @schema@.pool (is_default) WHERE is_default;
CREATE TABLE @schema@.pool_member (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key
  pool_id bigint NOT NULL REFERENCES @schema@.pool, --: pool
  member_id bigint NOT NULL REFERENCES @schema@.member, --: who may see it and claim from it
  UNIQUE (pool_id, member_id)
); --: membership of pools; a pool without rows is open to every member
CREATE TABLE @schema@.ring (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key
  code text NOT NULL UNIQUE CHECK (code ~ '^[^\s:]{1,60}$'), --: short name used in rules: ring:sales
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200), --: name to show
  strategy text NOT NULL DEFAULT 'strict' CHECK (strategy IN ('strict', 'least_loaded')), --: strict: stride round robin; least_loaded: who holds fewest
  is_default boolean NOT NULL DEFAULT false, --: used when no rule matches
  everybody boolean NOT NULL DEFAULT false, --: true: every active member that is no manager has a seat
  virtual_time bigint NOT NULL DEFAULT 0, --: the pass of the last turn
  turn_no bigint NOT NULL DEFAULT 0 --: turns given so far
) WITH (fillfactor = 50); --: rotas that receive customers in turn
CREATE UNIQUE INDEX ring_one_default ON @schema@.ring (is_default) WHERE is_default;
CREATE TABLE @schema@.ring_seat (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key
  ring_id bigint NOT NULL REFERENCES @schema@.ring, --: ring
  member_id bigint NOT NULL REFERENCES @schema@.member, --: whose seat
  weight integer NOT NULL DEFAULT 1 CHECK (weight BETWEEN 1 AND 1000), --: share of the turns
  position integer NOT NULL DEFAULT 0, --: order among equals
  pass bigint NOT NULL DEFAULT 0, --: stride scheduling: the smallest pass has the next turn
  last_turn bigint NOT NULL DEFAULT 0, --: number of its last turn, 0 = none yet
  seated boolean NOT NULL DEFAULT false, --: was eligible at the last turn; coming back it starts at the ring's virtual time
  UNIQUE (ring_id, member_id)
) WITH (fillfactor = 50); --: seats of a ring
CREATE TABLE @schema@.stage (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key
  code text NOT NULL UNIQUE CHECK (code ~ '^[a-z][a-z0-9_]{0,59}$'), --: name used in advance()
  label_zh text NOT NULL, --: Chinese label
  label_en text NOT NULL, --: English label
  position integer NOT NULL UNIQUE, --: order; open stages first, then won, then lost
  kind text NOT NULL CHECK (kind IN ('open', 'won', 'lost')), --: what being here means
  qualifies boolean NOT NULL DEFAULT false, --: from here on a lead is an opportunity
  probability numeric(5,4) NOT NULL CHECK (probability BETWEEN 0 AND 1) --: default chance to win
); --: stages of the pipeline
CREATE TABLE @schema@.routing_rule (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key
  position integer NOT NULL UNIQUE, --: rules are tried in this order; the first that fits decides
  name text CHECK (length(name) <= 200), --: note for people
  active boolean NOT NULL DEFAULT true, --: false: skipped
  territory text, --: code of a territory; NULL = any
  region text, --: region prefix: 重庆, 重庆市渝北区; NULL = any
  industry text, --: word contained in the customer's industry; NULL = any
  line text, --: product line; NULL = any
  channel text, --: channel code; NULL = any
  min_amount numeric, --: at least; NULL = any
  max_amount numeric, --: less than or equal; NULL = any
  when_path text, --: jsonpath predicate over the canonical document; NULL = any
  assign_to text NOT NULL CHECK (assign_to ~ '^(member|ring|pool|team):[^\s:]{1,60}$'), --: who gets it: member:li, ring:sales, pool:public, team:north
  CHECK (min_amount <= max_amount)
); --: routing rules as people edit them; every change compiles into a new routing policy version
-- step 60: partners: organisations that register for themselves
CREATE TABLE @schema@.partner (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key
  code text NOT NULL UNIQUE CHECK (code ~ '^[^\s:]{1,60}$'), --: short name used in calls and conditions
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200), --: name to show
  manager_id bigint REFERENCES @schema@.member, --: member of the company that holds what the partner registers; NULL = rules decide
  active boolean NOT NULL DEFAULT true, --: false: its people register nothing
  created_at timestamptz NOT NULL DEFAULT now() --: when the row was made
); --: partners (渠道商, 代理商); a right to a customer is the organisation's
ALTER TABLE @schema@.member ADD COLUMN partner_id bigint REFERENCES @schema@.partner; --: partner whose employee it is; NULL = of the company itself
CREATE INDEX member_partner ON @schema@.member (partner_id) WHERE partner_id IS NOT NULL;
-- step 50: who may receive: absences, skills, caps by day and by rule
CREATE TABLE @schema@.absence (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key
  member_id bigint NOT NULL REFERENCES @schema@.member, --: who is away
  since timestamptz NOT NULL, --: from this instant
  until timestamptz, --: to this one, exclusive; NULL = until further notice
  kind text NOT NULL CHECK (kind IN ('leave', 'sick', 'travel', 'training', 'other')), --: why
  actor_id bigint, --: member that entered it, NULL = system
  recorded_at timestamptz NOT NULL, --: when it was entered
  CHECK (until > since),
  EXCLUDE USING gist (member_id WITH =, tstzrange(since, until) WITH &&)
); --: when members are away and receive nothing by rule
CREATE INDEX absence_member ON @schema@.absence (member_id, since);
ALTER TABLE @schema@.member ADD COLUMN daily_cap integer CHECK (daily_cap >= 0); --: most customers that rules may give it in a business day; NULL = no limit
ALTER TABLE @schema@.member ADD COLUMN skills text[] NOT NULL DEFAULT '{}'; --: what it can do: rules may ask for it, and role:xx is everybody who has it
ALTER TABLE @schema@.ring ADD COLUMN manual_counts boolean NOT NULL DEFAULT false; --: true: what assign() gives by hand is a turn, too
ALTER TABLE @schema@.routing_rule ADD COLUMN skills text[] CHECK (cardinality(skills) BETWEEN 1 AND 20); --: whoever gets it must have all of these; NULL = none asked
ALTER TABLE @schema@.routing_rule ADD COLUMN member_cap integer CHECK (member_cap >= 0); --: most customers that this rule gives one member in a business day; NULL = no limit
ALTER TABLE @schema@.routing_rule ADD COLUMN skip_previous boolean NOT NULL DEFAULT false; --: true: who held the customer last does not get it again
ALTER TABLE @schema@.routing_rule DROP CONSTRAINT routing_rule_assign_to_check;
ALTER TABLE @schema@.routing_rule ADD CONSTRAINT routing_rule_assign_to_check
  CHECK (assign_to IN ('owner', 'partner') OR assign_to ~ '^(member|ring|pool|team|role):[^\s:]{1,60}$');
ALTER TABLE @schema@.member_counter ADD COLUMN given_since timestamptz; --: beginning of the business day that given is about
ALTER TABLE @schema@.member_counter ADD COLUMN given integer NOT NULL DEFAULT 0; --: customers that rules gave it in that day
ALTER TABLE @schema@.member_counter ADD COLUMN closed boolean NOT NULL DEFAULT false; --: true: handed over by deactivate_member(); whoever would give it something looks whether it came back
CREATE TABLE @schema@.rule_counter (
  rule_id bigint NOT NULL, --: row of routing_rule
  member_id bigint NOT NULL REFERENCES @schema@.member, --: who received
  given_since timestamptz NOT NULL, --: beginning of the business day
  given integer NOT NULL DEFAULT 0, --: customers that the rule gave it in that day
  PRIMARY KEY (rule_id, member_id)
) WITH (fillfactor = 50); --: what rules with a member_cap gave today; written behind the lock of the member's counter
-- step 51: working hours
ALTER TABLE @schema@.member ADD COLUMN hours text[] CHECK (array_to_string(hours, ',', '?') ~ '^[1-7](-[1-7])? ([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)(,[1-7](-[1-7])? ([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00))*$'); --: when it works, in the business zone: {1-5 09:00-18:00,6 10:00-12:00}, Monday is 1; a slot may end after midnight: 5 22:00-06:00; NULL = when the company's calendar works
ALTER TABLE @schema@.ring ADD COLUMN hours text NOT NULL DEFAULT 'ignore' CHECK (hours IN ('ignore', 'require')); --: require: nobody has a turn outside its working hours
ALTER TABLE @schema@.routing_rule ADD COLUMN hours text NOT NULL DEFAULT 'ignore' CHECK (hours IN ('ignore', 'require')); --: require: nobody gets it outside its working hours
-- step 52: load by stages
ALTER TABLE @schema@.stage ADD COLUMN load integer NOT NULL DEFAULT 1 CHECK (load BETWEEN 0 AND 1000); --: what an open lead in this stage weighs in a ring that counts leads
ALTER TABLE @schema@.ring ADD COLUMN load text NOT NULL DEFAULT 'customers' CHECK (load IN ('customers', 'leads')); --: least_loaded counts the customers held, or the open leads, each by the load of its stage
-- step 63: pools: whose cool-down, and after what
ALTER TABLE @schema@.pool ADD COLUMN cooldown_team boolean NOT NULL DEFAULT false; --: true: what anybody of the claimer's team lost counts, too
ALTER TABLE @schema@.pool ADD COLUMN cooldown_causes text[] NOT NULL DEFAULT '{lapsed,released}' CHECK (cooldown_causes <@ '{lapsed,released,assigned,routed,left}'::text[]); --: ends of an ownership that count
-- step 115: what channels and sales cost, and what of a won amount remains
CREATE TABLE @schema@.channel_cost (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, --: key
  channel_id bigint REFERENCES @schema@.channel, --: what it was spent on; NULL = sales as a whole: salaries, travel
  since date NOT NULL CHECK (isfinite(since)), --: first day that it pays for, in the business zone
  until date NOT NULL CHECK (isfinite(until)), --: day after the last one; the amount is spread evenly over its days
  amount numeric(20,4) NOT NULL CHECK (amount >= 0), --: cost, in the currency of the leads' amounts
  note text CHECK (length(note) <= 1000), --: what for
  CHECK (until > since AND until - since <= 3660)
); --: costs by period; users write them, figures like ROI and the cost of a new customer divide by them
CREATE INDEX channel_cost_since ON @schema@.channel_cost (since);
ALTER TABLE @schema@.channel ADD COLUMN margin numeric(5,4) NOT NULL DEFAULT 1 CHECK (margin BETWEEN 0 AND 1); --: share of a won amount that remains after what was sold is paid for
