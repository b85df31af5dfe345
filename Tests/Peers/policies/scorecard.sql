-- The scorecard of all services: which checks pass, as bits, the score and the grade.
WITH c AS (SELECT svc,
    sum(CASE WHEN sev = 'critical' AND status = 'open' THEN 1 ELSE 0 END) AS oc,
    sum(CASE WHEN sev = 'high' AND status = 'open' THEN 1 ELSE 0 END) AS oh,
    sum(CASE WHEN status = 'open' AND published < 1790000000 - 30*86400 THEN 1 ELSE 0 END) AS old
  FROM cves GROUP BY svc),
d AS (SELECT svc,
    sum(CASE WHEN t >= 1790000000 - 30*86400 THEN 1 ELSE 0 END) AS r30,
    sum(CASE WHEN t >= 1790000000 - 90*86400 THEN 1 ELSE 0 END) AS tot,
    sum(CASE WHEN t >= 1790000000 - 90*86400 AND NOT ok THEN 1 ELSE 0 END) AS bad
  FROM deploys GROUP BY svc),
i AS (SELECT svc, sum(CASE WHEN t >= 1790000000 - 90*86400 AND sev <= 2 THEN 1 ELSE 0 END) AS n FROM incidents GROUP BY svc),
o AS (SELECT svc, count(*) AS n FROM oncall GROUP BY svc),
p AS (SELECT deps.src AS svc, count(*) AS n FROM deps JOIN services t ON t.id = deps.dst WHERE t.lifecycle = 'deprecated' GROUP BY deps.src),
b AS (SELECT s.id,
    CASE WHEN s.team IS NOT NULL THEN 1 ELSE 0 END AS b0,
    CASE WHEN s.coverage >= 80 THEN 1 ELSE 0 END AS b1,
    CASE WHEN s.runbook THEN 1 ELSE 0 END AS b2,
    CASE WHEN s.slo THEN 1 ELSE 0 END AS b3,
    CASE WHEN coalesce(o.n, 0) >= 1 THEN 1 ELSE 0 END AS b4,
    CASE WHEN coalesce(c.oc, 0) = 0 THEN 1 ELSE 0 END AS b5,
    CASE WHEN coalesce(c.oh, 0) <= 1 THEN 1 ELSE 0 END AS b6,
    CASE WHEN coalesce(c.old, 0) = 0 THEN 1 ELSE 0 END AS b7,
    CASE WHEN coalesce(d.r30, 0) >= 1 THEN 1 ELSE 0 END AS b8,
    CASE WHEN coalesce(d.bad, 0) * 100 <= 25 * coalesce(d.tot, 0) THEN 1 ELSE 0 END AS b9,
    CASE WHEN coalesce(i.n, 0) <= 1 THEN 1 ELSE 0 END AS b10,
    CASE WHEN coalesce(p.n, 0) = 0 THEN 1 ELSE 0 END AS b11
  FROM services s LEFT JOIN c ON c.svc = s.id LEFT JOIN d ON d.svc = s.id LEFT JOIN i ON i.svc = s.id
    LEFT JOIN o ON o.svc = s.id LEFT JOIN p ON p.svc = s.id)
SELECT id, b0 + 2*b1 + 4*b2 + 8*b3 + 16*b4 + 32*b5 + 64*b6 + 128*b7 + 256*b8 + 512*b9 + 1024*b10 + 2048*b11 AS mask,
  10*b0 + 10*b1 + 8*b2 + 8*b3 + 6*b4 + 15*b5 + 8*b6 + 8*b7 + 5*b8 + 10*b9 + 7*b10 + 5*b11 AS score,
  CASE WHEN 10*b0 + 10*b1 + 8*b2 + 8*b3 + 6*b4 + 15*b5 + 8*b6 + 8*b7 + 5*b8 + 10*b9 + 7*b10 + 5*b11 >= 90 THEN 'A'
       WHEN 10*b0 + 10*b1 + 8*b2 + 8*b3 + 6*b4 + 15*b5 + 8*b6 + 8*b7 + 5*b8 + 10*b9 + 7*b10 + 5*b11 >= 75 THEN 'B'
       WHEN 10*b0 + 10*b1 + 8*b2 + 8*b3 + 6*b4 + 15*b5 + 8*b6 + 8*b7 + 5*b8 + 10*b9 + 7*b10 + 5*b11 >= 60 THEN 'C'
       WHEN 10*b0 + 10*b1 + 8*b2 + 8*b3 + 6*b4 + 15*b5 + 8*b6 + 8*b7 + 5*b8 + 10*b9 + 7*b10 + 5*b11 >= 40 THEN 'D' ELSE 'F' END AS grade
FROM b ORDER BY id
