import { describe, expect, it } from '@jest/globals';
import { explain, sqlStateOf } from '../../../../lib/postgres/failure.ts';
import { BadServer } from '../../../../lib/postgres/guarded-socket.ts';

const fromServer = (code: string, message: string) => Object.assign(new Error(message), { code, severity: 'FATAL' });
const fromSystem = (code: string) => Object.assign(new Error(code), { code });

describe('why a session has no answer', () => {
  it.each([
    ['57P03', 'das Datenbanksystem startet', 'starting'],
    ['57P03', 'das Datenbanksystem fährt herunter', 'starting'],
    ['57P03', 'the database system is shutting down', 'starting'],
    ['57014', 'storniere Anfrage wegen Zeitüberschreitung der Anfrage', 'hung'],
    ['57P01', 'Verbindung wird abgebrochen aufgrund von Anweisung des Administrators', 'hung'],
    ['55P03', 'annulation de la requête à cause du délai écoulé pour l’obtention des verrous', 'hung'],
    ['53300', 'tut mir leid, schon zu viele Verbindungen', 'full'],
    ['28P01', 'Passwort-Authentifizierung für Benutzer »postgres« fehlgeschlagen', 'refused'],
    ['0A000', 'kann serialisierbaren Modus nicht in einem Hot Standby verwenden', 'failed'],
    // Words that pg or libpq would use, from a server that says something else by its SQLSTATE.
    ['42501', 'timeout expired', 'failed'],
    ['P0001', 'Connection terminated unexpectedly', 'failed'],
  ])('is told by SQLSTATE %s in any language: %s', (code, message, kind) => {
    expect(explain(fromServer(code, message))).toEqual({ kind, message });
  });

  it.each([
    [fromSystem('ENOENT'), 'absent'],
    [fromSystem('ECONNREFUSED'), 'absent'],
    [fromSystem('ECONNRESET'), 'hung'],
    [new Error('timeout expired'), 'hung'],
    [new Error('Query read timeout'), 'hung'],
    [new Error('Connection terminated unexpectedly'), 'hung'],
    [new BadServer('the server sent more than 16 bytes'), 'failed'],
    [new Error('SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string'), 'failed'],
  ])('is told by the system’s or pg’s own error: %s', (error, kind) => {
    expect(explain(error).kind).toBe(kind);
    expect(sqlStateOf(error)).toBeUndefined();
  });

  it('has one line, without a terminal’s commands and of a bounded length', () => {
    const { message } = explain(fromServer('XX000', `a\nb\u001b[2J\u202e${'c'.repeat(10_000)}`));
    expect(message).toMatch(/^a b \[2J c+$/);
    expect(message.length).toBeLessThanOrEqual(500);
  });
});
