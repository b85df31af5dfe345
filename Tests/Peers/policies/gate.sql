-- The gate for all requests at once: which rules each violates, as bits.
WITH r AS (SELECT q.*, s.id AS sid, s.score, s.blast, e.id AS eid, e.stage, e.region FROM req q JOIN services s ON s.name = q.service JOIN envs e ON e.name = q.env),
cs AS (SELECT DISTINCT svc FROM cves WHERE sev = 'critical' AND status = 'open'),
crit AS (SELECT rid FROM r JOIN cs ON cs.svc = r.sid UNION SELECT rid FROM r JOIN deps ON deps.src = r.sid JOIN cs ON cs.svc = deps.dst),
fr AS (SELECT DISTINCT r.rid FROM r JOIN freezes f ON f.env = r.eid AND f.start <= r.t AND r.t < f."end"),
eu AS (SELECT DISTINCT ap.rid FROM ap JOIN req q ON q.rid = ap.rid JOIN users u ON u.name = ap.usr JOIN user_roles x ON x.usr = u.id AND x.role = 'eu_compliance' WHERE ap.usr <> q.author)
SELECT r.rid,
  CASE WHEN r.score < CASE r.stage WHEN 'dev' THEN 0 WHEN 'staging' THEN 50 ELSE 70 END THEN 1 ELSE 0 END
  + CASE WHEN crit.rid IS NOT NULL THEN 2 ELSE 0 END
  + CASE WHEN fr.rid IS NOT NULL THEN 4 ELSE 0 END
  + CASE WHEN r.region = 'EU' AND eu.rid IS NULL THEN 8 ELSE 0 END
  + CASE WHEN r.kind = 'agent' AND r.blast > a.max_blast THEN 16 ELSE 0 END AS mask
FROM r LEFT JOIN crit ON crit.rid = r.rid LEFT JOIN fr ON fr.rid = r.rid LEFT JOIN eu ON eu.rid = r.rid LEFT JOIN agents a ON a.name = r.actor
ORDER BY r.rid
