import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { askedVariable, launcherText } from '../../../meta/launcher.ts';

const folder = mkdtempSync(join(tmpdir(), 'launcher-'));
const agent = join(folder, 'cfpgsql');

/** Executables of a few lines: one tells what it was given, the other answers for the cluster. */
beforeAll(() => {
  const place = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), 0o755);
  };
  place('cfha', `#!/bin/bash\necho "$$ args $*"\nread -r fd pid <<<"$${askedVariable}"\n[ -z "$fd" ] || cat <&"$fd"\n`);
  place('cibadmin', '#!/bin/bash\necho "asked $* by $PPID with ${!OCF_RESKEY_@} of $HA_SBIN_DIR"\necho noise >&2\n');
  place('cfpgsql', launcherText(join(folder, 'cfha')));
});
afterAll(() => rmSync(folder, { recursive: true }));

function called(action: string, { interval = '4000', mode = 'async' } = {}) {
  const env = {
    PATH: `${folder}:/usr/bin:/bin`,
    HA_SBIN_DIR: '/usr/sbin',
    OCF_RESKEY_CRM_meta_interval: interval,
    OCF_RESKEY_rep_mode: mode,
    OCF_RESKEY_monitor_password: 'secret',
  };
  const { pid, stdout, stderr, status } = spawnSync(agent, [action], { env, encoding: 'utf8' });
  return { pid, stdout, stderr, status };
}

describe('the launcher', () => {
  it('becomes the executable, and asks the cluster before the steady monitor, without the parameters', () => {
    const { pid, stdout, stderr } = called('monitor');
    expect(stdout).toBe(`${pid} args monitor\nasked --query --local by ${pid} with  of /usr/sbin\n`);
    expect(stderr).toBe('');
  });

  it.each([
    ['sync', { mode: 'sync' }],
    ['async', {}],
  ])('asks in mode %s', (_, given) => expect(called('monitor', given).stdout).toContain('asked'));

  it.each([
    ['a probe', 'monitor', { interval: '0' }],
    ['another action', 'start', {}],
    ['no action', '', {}],
    ['a database that is not replicated', 'monitor', { mode: 'none' }],
    ['one whose other end is elsewhere', 'monitor', { mode: 'slave' }],
  ])('asks nobody for %s', (_, action, given) => {
    const { pid, stdout } = called(action, given);
    expect(stdout).toBe(`${pid} args ${action}\n`);
  });
});
