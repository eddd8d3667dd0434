/** One step of the schema. Steps are applied in order, once, and never edited afterwards: a change is a new step. */
export interface Migration {
  readonly number: number
  readonly name: string
  readonly sql: string
}

/** Times are Unix milliseconds, spans microseconds, money micro-units; all integers. NULL is unknown, which is not 0. */
export const migrations: readonly Migration[] = [
  {
    number: 1,
    name: 'requests and attempts',
    sql: `
      CREATE TABLE requests (
        id TEXT PRIMARY KEY NOT NULL,
        request_id TEXT NOT NULL,
        started_at INTEGER NOT NULL,
        principal TEXT,
        protocol TEXT NOT NULL,
        operation TEXT NOT NULL,
        stream INTEGER NOT NULL,
        model TEXT,
        provider TEXT,
        upstream_model TEXT,
        upstream_protocol TEXT,
        path TEXT,
        status INTEGER NOT NULL,
        ending TEXT NOT NULL,
        error_code TEXT,
        finish TEXT,
        vendor_request_id TEXT,
        reply_id TEXT,
        attempts INTEGER NOT NULL,
        time_to_first_byte_us INTEGER,
        duration_us INTEGER,
        input_uncached INTEGER,
        cache_read INTEGER,
        cache_write INTEGER,
        cache_write_long INTEGER,
        output INTEGER,
        reasoning INTEGER,
        usage_source TEXT,
        usage_raw TEXT,
        losses TEXT NOT NULL,
        cost INTEGER,
        currency TEXT,
        price_source TEXT
      ) STRICT;

      CREATE INDEX requests_started_at ON requests (started_at);
      -- Most callers send no id of their own; then request_id repeats id, which is indexed already.
      CREATE INDEX requests_request_id ON requests (request_id) WHERE request_id <> id;

      CREATE TRIGGER requests_no_update BEFORE UPDATE ON requests
      BEGIN SELECT RAISE(ABORT, 'requests is append-only'); END;
      CREATE TRIGGER requests_no_delete BEFORE DELETE ON requests
      BEGIN SELECT RAISE(ABORT, 'requests is append-only'); END;

      CREATE TABLE attempts (
        id TEXT PRIMARY KEY NOT NULL,
        request_id TEXT NOT NULL,
        sequence INTEGER NOT NULL,
        provider TEXT NOT NULL,
        protocol TEXT NOT NULL,
        model TEXT NOT NULL,
        started_at INTEGER NOT NULL,
        estimated_input INTEGER NOT NULL,
        caller_protocol TEXT NOT NULL,
        caller_request_id TEXT NOT NULL,
        operation TEXT NOT NULL,
        stream INTEGER NOT NULL,
        caller_model TEXT NOT NULL,
        principal TEXT,
        process TEXT NOT NULL,
        -- NULL while the attempt is open, as is all that follows.
        ending TEXT,
        status INTEGER,
        error_code TEXT,
        vendor_request_id TEXT,
        time_to_first_byte_us INTEGER,
        duration_us INTEGER,
        input_uncached INTEGER,
        cache_read INTEGER,
        cache_write INTEGER,
        cache_write_long INTEGER,
        output INTEGER,
        reasoning INTEGER,
        usage_source TEXT
      ) STRICT;

      CREATE INDEX attempts_open ON attempts (process) WHERE ending IS NULL;

      CREATE TRIGGER attempts_close_once BEFORE UPDATE ON attempts WHEN OLD.ending IS NOT NULL OR NEW.ending IS NULL
      BEGIN SELECT RAISE(ABORT, 'an attempt is closed once'); END;
      CREATE TRIGGER attempts_keep_opening BEFORE UPDATE OF
        id, request_id, sequence, provider, protocol, model, started_at, estimated_input,
        caller_protocol, caller_request_id, operation, stream, caller_model, principal, process ON attempts
      BEGIN SELECT RAISE(ABORT, 'what an attempt was opened with does not change'); END;
      CREATE TRIGGER attempts_no_delete BEFORE DELETE ON attempts
      BEGIN SELECT RAISE(ABORT, 'attempts is append-only'); END;
    `,
  },
]
