import type { Dialect } from './sql-engine.ts'

/** One step of the schema; what has been released is never changed, only followed by another one. */
export type Migration = {
  readonly name: string
  readonly statements: (dialect: Dialect) => readonly string[]
}

/**
 * The schema, oldest step first; the version of a database is the number of steps it has seen. Times are milliseconds since
 * 1970, `event_order` is in microseconds. What is only read back as a whole is JSON in a text column. Names begin with
 * `parley_`, because the database may be shared.
 */
export const MIGRATIONS: readonly Migration[] = [
  {
    name: 'calls',
    statements: ({ text }) => [
      // over_at: when it was over, NULL as long as it is not. details: the record without `said`. said: turns, notes and
      // message, NULL once that is forgotten.
      `CREATE TABLE parley_calls (
        call_id ${text} PRIMARY KEY,
        status ${text} NOT NULL,
        phone_number ${text} NOT NULL,
        created_at BIGINT NOT NULL,
        over_at BIGINT,
        details TEXT NOT NULL,
        said TEXT
      )`,
      'CREATE INDEX parley_calls_by_status ON parley_calls (status, call_id)',
      'CREATE INDEX parley_calls_by_phone_number ON parley_calls (phone_number, call_id)',
      'CREATE INDEX parley_calls_by_creation ON parley_calls (created_at)',
      'CREATE INDEX parley_calls_by_end ON parley_calls (over_at)',
      `CREATE TABLE parley_call_metadata (
        call_id ${text} NOT NULL,
        name ${text} NOT NULL,
        value ${text} NOT NULL,
        PRIMARY KEY (call_id, name)
      )`,
      'CREATE INDEX parley_calls_by_metadata ON parley_call_metadata (name, value, call_id)',
    ],
  },
  {
    name: 'events',
    statements: ({ text }) => [
      `CREATE TABLE parley_events (
        call_id ${text} NOT NULL,
        seq BIGINT NOT NULL,
        event_order BIGINT NOT NULL,
        type ${text} NOT NULL,
        at BIGINT NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (call_id, seq)
      )`,
      'CREATE INDEX parley_events_by_order ON parley_events (event_order)',
    ],
  },
  {
    name: 'outcomes and deliveries',
    statements: ({ text }) => [
      `CREATE TABLE parley_outcomes (call_id ${text} PRIMARY KEY, body TEXT NOT NULL)`,
      // position: in which order they were added.
      `CREATE TABLE parley_deliveries (
        id ${text} PRIMARY KEY,
        call_id ${text} NOT NULL,
        type ${text} NOT NULL,
        url TEXT NOT NULL,
        payload TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        state ${text} NOT NULL,
        attempts BIGINT NOT NULL,
        next_attempt_at BIGINT,
        last_attempt_at BIGINT,
        last_status BIGINT,
        last_error TEXT,
        position BIGINT NOT NULL
      )`,
      'CREATE INDEX parley_deliveries_by_call ON parley_deliveries (call_id)',
      'CREATE INDEX parley_deliveries_by_due_time ON parley_deliveries (state, next_attempt_at)',
      'CREATE INDEX parley_deliveries_by_position ON parley_deliveries (position)',
    ],
  },
  {
    name: 'do not call',
    statements: ({ text }) => [
      `CREATE TABLE parley_do_not_call (
        phone_number ${text} PRIMARY KEY,
        added_at BIGINT NOT NULL,
        call_id ${text}
      )`,
    ],
  },
  {
    name: 'owners, audit and idempotent requests',
    statements: ({ text }) => [
      // owner: name of the API key; NULL without one.
      `ALTER TABLE parley_calls ADD COLUMN owner ${text}`,
      'CREATE INDEX parley_calls_by_owner ON parley_calls (owner, call_id)',
      `CREATE TABLE parley_audit (
        id ${text} PRIMARY KEY,
        at BIGINT NOT NULL,
        type ${text} NOT NULL,
        key_name ${text},
        phone_number ${text},
        call_id ${text},
        details TEXT
      )`,
      'CREATE INDEX parley_audit_by_phone_number ON parley_audit (phone_number)',
      'CREATE INDEX parley_audit_by_time ON parley_audit (at)',
      // answer: NULL as long as the request is being carried out.
      `CREATE TABLE parley_requests (
        owner ${text} NOT NULL,
        request_key ${text} NOT NULL,
        fingerprint ${text} NOT NULL,
        call_id ${text} NOT NULL,
        at BIGINT NOT NULL,
        status BIGINT,
        answer TEXT,
        PRIMARY KEY (owner, request_key)
      )`,
      'CREATE INDEX parley_requests_by_call ON parley_requests (call_id)',
      'CREATE INDEX parley_requests_by_time ON parley_requests (at)',
    ],
  },
  {
    name: 'keys',
    statements: ({ text }) => [
      // The key of each call that is sealed, wrapped with the operator's.
      `CREATE TABLE parley_keys (call_id ${text} PRIMARY KEY, wrapped TEXT NOT NULL)`,
      // The number; then `phone_number` is its keyed hash.
      'ALTER TABLE parley_do_not_call ADD COLUMN sealed TEXT',
      'ALTER TABLE parley_audit ADD COLUMN sealed TEXT',
    ],
  },
  {
    name: 'processes',
    // process: the number of the process that carries the call, where several share the database (Presence).
    statements: () => ['ALTER TABLE parley_calls ADD COLUMN process BIGINT'],
  },
]
