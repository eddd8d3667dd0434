/** Kept in the file as `user_version`. */
export const schemaVersion = 1

/** Times are Unix milliseconds. `number` grows with every write, so that the smallest is the oldest. The value comes last: what precedes it is read without it. */
export const schema = `
  CREATE TABLE entries (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    bytes INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    principal TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    UNIQUE (principal, key)
  ) STRICT;
  CREATE INDEX entries_expires_at ON entries (expires_at);

  CREATE TABLE total (bytes INTEGER NOT NULL) STRICT;
  INSERT INTO total (bytes) VALUES (0);
  CREATE TRIGGER total_grows AFTER INSERT ON entries BEGIN UPDATE total SET bytes = bytes + NEW.bytes; END;
  CREATE TRIGGER total_shrinks AFTER DELETE ON entries BEGIN UPDATE total SET bytes = bytes - OLD.bytes; END;
  -- An entry is replaced by deleting it and writing a new one.
  CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'entries are replaced, not changed'); END`
