-- The same queries through leads.check_duplicate(), in the company that test/bench/probe_load.sql made: best candidate and score, or
-- "new". `possible` is put so low that the best candidate is shown whatever its score is; the threshold is chosen on the even
-- queries and reported on the odd ones, as accuracy.c does it. SQL only, so that the figures are of what users call.
SET client_min_messages = warning;
SELECT FROM leads.set_match(possible => -1000);
CREATE TABLE bench.answer AS
SELECT q.line, q.kind, q.target, d.* FROM bench.query q CROSS JOIN LATERAL (
  SELECT min(d.customer) FILTER (WHERE d.rank = 1) AS best, min(d.score) FILTER (WHERE d.rank = 1) AS score,
         min(d.band) FILTER (WHERE d.rank = 1) AS band, coalesce(bool_or(d.customer = q.target), false) AS top5
    FROM leads.check_duplicate(q.query) d) d;
CREATE FUNCTION bench.f1(p_half int, p_hard boolean, p_t numeric) RETURNS float8 LANGUAGE sql AS $$
  SELECT 2.0 * tp / nullif(2 * tp + fp + fn, 0) FROM (
    SELECT count(*) FILTER (WHERE says AND good) AS tp, count(*) FILTER (WHERE says AND NOT good) AS fp,
           count(*) FILTER (WHERE NOT (says AND good) AND target <> '') AS fn
      FROM (SELECT target, coalesce(score >= p_t, false) AS says, coalesce(best = target, false) AS good FROM bench.answer
             WHERE line % 2 = p_half AND NOT (p_hard AND kind IN ('short', 'sub', 'core3'))) a) n
$$;
CREATE FUNCTION bench.best(p_hard boolean) RETURNS numeric LANGUAGE sql AS $$
  SELECT t FROM generate_series(-12, 20, 0.1) t ORDER BY bench.f1(0, p_hard, t) DESC, t LIMIT 1
$$;
SELECT 'through check_duplicate(): names', count(*), '; end-to-end F1', round(bench.f1(1, false, bench.best(false))::numeric, 3), 'at', bench.best(false),
       '; without short forms and substitutions', round(bench.f1(1, true, bench.best(true))::numeric, 3) FROM bench.name;
SELECT 'through check_duplicate(): recall@5', round(avg(top5::int), 3), '; F1 at the default "possible" (all queries)',
       (SELECT round(avg(bench.f1(h, false, -2.2))::numeric, 3) FROM generate_series(0, 1) h) FROM bench.answer WHERE target <> '';
SELECT 'through check_duplicate(): best in band', band, count(*), ', right', round(avg((best = target)::int), 4)
  FROM bench.answer WHERE band IN ('certain', 'likely') GROUP BY band ORDER BY band;
SELECT FROM leads.set_match(possible => -2.2);
