-- A notice is one message an audience, edited as its deployment goes: a row tells when Slack had taken which event of
-- it, `outbox_key` is the subject of the live message that carries it, `about` what people were told, as digests.

ALTER TABLE notice ADD COLUMN delivered_at TEXT;
ALTER TABLE notice ADD COLUMN permalink TEXT;
ALTER TABLE notice ADD COLUMN about TEXT NOT NULL DEFAULT '';

UPDATE notice SET
  delivered_at = (SELECT sent_at FROM outbox WHERE key = outbox_key),
  permalink = (SELECT permalink FROM outbox WHERE key = outbox_key);

-- Those that were on their way go out as the live message.
INSERT INTO message (id, deployment_id, kind, subject, channel, wanted, wanted_at)
SELECT min(id), deployment_id, 'notice', audience, audience, 1, min(at) FROM notice
WHERE outbox_key IN (SELECT key FROM outbox WHERE state IN ('pending', 'sending', 'unsure'))
GROUP BY deployment_id, audience;
UPDATE notice SET outbox_key = audience
WHERE outbox_key IN (SELECT key FROM outbox WHERE state IN ('pending', 'sending', 'unsure'));
UPDATE outbox SET state = 'dead', error = 'expired'
WHERE template = 'notice' AND state IN ('pending', 'sending', 'unsure');
