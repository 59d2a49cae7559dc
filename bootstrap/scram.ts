// SCRAM-SHA-256 verifiers, made here so that no server sees a password in a statement.
// PostgreSQL, src/common/scram-common.c: SCRAM-SHA-256$ITERATIONS:SALT$STOREDKEY:SERVERKEY (RFC 5802, RFC 7677).
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';

const iterations = 4096;

/** The verifier of a password. */
export function verifier(password: string, salt: Uint8Array = randomBytes(16)): string {
  return made(password, Buffer.from(salt), iterations);
}

/** Whether a verifier, as pg_authid holds it, is that of the password. */
export function verifies(stored: string, password: string): boolean {
  const match = /^SCRAM-SHA-256\$(\d{1,9}):([A-Za-z0-9+/=]+)\$/.exec(stored);
  if (match?.[1] === undefined || match[2] === undefined) return false;
  return stored === made(password, Buffer.from(match[2], 'base64'), Number(match[1]));
}

function made(password: string, salt: Buffer, rounds: number): string {
  // SASLprep is NFKC for all text that people type; PostgreSQL normalises the same way.
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, rounds, 32, 'sha256');
  const hmac = (text: string) => createHmac('sha256', salted).update(text).digest();
  const storedKey = createHash('sha256').update(hmac('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${String(rounds)}:${salt.toString('base64')}$${storedKey}:${hmac('Server Key').toString('base64')}`;
}
