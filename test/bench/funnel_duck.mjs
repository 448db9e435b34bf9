// test/bench/funnel_duck.mjs DIR TIMES: the events of DIR/flat.tsv in DuckDB; rows to compare, and medians in milliseconds.
import { DuckDBInstance } from '@duckdb/node-api';

const [dir, times] = [process.argv[2], Number(process.argv[3])];
const db = await (await DuckDBInstance.create(`${dir}/duck.db`)).connect();
const rows = async sql => (await db.runAndReadAll(sql)).getRows();
const csv = (file, rest) => `read_csv('${dir}/${file}.tsv', delim = '\t', nullstr = '\\N', header = false${rest})`;
// as much as a server of this size would spare
await db.run(`SET memory_limit = '6GB'`);
await db.run(`SET temp_directory = '${dir}/tmp'`);
console.log('version', (await rows('SELECT version()'))[0][0]);
// in the order of time, as the rows of the table event
await db.run(`CREATE TABLE event AS SELECT row_number() OVER () AS id, column0::bigint AS lead_id, make_timestamp(column1) AS since, column2 AS kind,
  column3::int AS stage, column4::int AS owner FROM ${csv('flat', '')}`);
await db.run('CHECKPOINT');
const queries = {
  // the cheapest of several ways to ask for the furthest stage that lose nothing; wins taken back count here
  furthest: `SELECT far, 0, count(*) FROM (SELECT lead_id, max(stage) AS far FROM event WHERE stage < 7 GROUP BY lead_id) GROUP BY far`,
  exact: `SELECT CASE WHEN state = 6 THEN 6 ELSE far END AS f, state, count(*) FROM (
    SELECT lead_id, max(stage) FILTER (WHERE stage < 6) AS far, arg_max(stage, row(since, id)) AS state FROM event WHERE stage IS NOT NULL GROUP BY lead_id) GROUP BY f, state`,
  // only for events that are written in the order of time
  by_id: `SELECT CASE WHEN state = 6 THEN 6 ELSE far END AS f, state, count(*) FROM (
    SELECT lead_id, max(stage) FILTER (WHERE stage < 6) AS far, arg_max(stage, id) AS state FROM event WHERE stage IS NOT NULL GROUP BY lead_id) GROUP BY f, state`,
  // the report: counts, and seconds in each stage of those that left it
  report: `WITH e AS MATERIALIZED (SELECT lead_id, stage AS s, since, lead(since) OVER w AS until, count(*) FILTER (WHERE kind = 'reopened') OVER w AS attempt
      FROM event WHERE stage IS NOT NULL WINDOW w AS (PARTITION BY lead_id ORDER BY since, id)),
    cell AS (SELECT far, state, count(*) AS n FROM (SELECT lead_id, max(s) FILTER (WHERE s < 6 OR (s = 6 AND until IS NULL)) AS far, max(s) FILTER (WHERE until IS NULL) AS state
      FROM e GROUP BY lead_id) GROUP BY far, state),
    hours AS (SELECT s, quantile_disc(spent, [0.5, 0.9]) AS p FROM (SELECT lead_id, attempt, s, sum(epoch_us(until) - epoch_us(since)) AS spent
      FROM e WHERE s < 6 AND until IS NOT NULL GROUP BY lead_id, attempt, s) GROUP BY s)
    SELECT 'cell', far, state, n FROM cell UNION ALL SELECT 'hours', s, q, (p[q] // 1000000)::bigint FROM hours, range(1, 3) r(q)`,
};
for (const r of (await rows(queries.report)).filter(r => r[0] === 'hours')) console.log('row', ...r.map(String));
for (const kind of ['furthest', 'exact'])
  for (const r of await rows(queries[kind])) console.log('row', kind, ...r.map(String));
for (const threads of [1, 2]) {
  await db.run(`SET threads TO ${threads}`);
  for (const [name, sql] of Object.entries(queries)) {
    const ms = [], cpu = [];
    for (let i = 0; i <= times; i++) {
      const t = performance.now(), c = process.cpuUsage();
      await rows(sql);
      const used = process.cpuUsage(c);
      // the first time warms up
      if (i > 0) ms.push(performance.now() - t), cpu.push((used.user + used.system) / 1000);
      if (performance.now() - t > 30000) break;
    }
    const median = a => a.sort((x, y) => x - y)[Math.floor(a.length / 2)].toFixed(2);
    if (ms.length > 0) console.log(`duck_${name}_${threads}`, median(ms), threads === 1 ? median(cpu) : 0);
  }
}
