import { describe, expect, it } from '@jest/globals';
import { optionsText, ownerVariable, withOwnSettings } from '../../../../lib/postgres/session-settings.ts';

describe('the settings of a session', () => {
  it('are options, whose blanks and backslashes are escaped', () => {
    const settings = { search_path: '', a: 'read committed', b: 'x\\y', c: undefined };
    expect(optionsText(settings)).toBe(String.raw`-c search_path= -c a=read\ committed -c b=x\\y`);
  });

  it('come after a connection string’s own, so that they count', () => {
    const { options, host } = withOwnSettings({ host: 'db1', options: '-c search_path=evil -c wal_sender_timeout=5s' });
    expect(host).toBe('db1');
    expect(options).toMatch(/^-c search_path=evil -c wal_sender_timeout=5s -c search_path= /);
    expect(options).toContain(String.raw`-c default_transaction_isolation=read\ committed`);
  });

  it('choose the language only for the server’s owner: any other role would be refused', () => {
    expect(ownerVariable()).toContain('-c lc_messages=C');
    expect(withOwnSettings({}).options).not.toContain('lc_messages');
  });

  it('leave the server’s where that is what is asked for', () => {
    expect(ownerVariable({ default_transaction_read_only: undefined })).not.toContain('read_only');
  });
});
