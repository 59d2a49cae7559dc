import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ipv4, isNetwork, network } from '../../../../lib/host/addresses.ts';
import { fingerprint, pathFrom, putArgv, readSmallFile, sha256 } from '../../../../lib/host/files.ts';
import { isOwnAddress } from '../../../../lib/host/addresses-here.ts';
import { localExec } from '../../../../lib/host/local.ts';
import { fileLog, masked } from '../../../../lib/host/log.ts';
import { commandLine, quoted } from '../../../../lib/host/shell.ts';
import { remoteArgv, sshArgv } from '../../../../lib/host/ssh.ts';

let folder = '';
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'cfha-host-'))));
afterAll(() => rmSync(folder, { recursive: true }));

describe('addresses', () => {
  it('are four numbers, without leading zeros', () => {
    expect([ipv4('10.77.0.1'), ipv4('010.77.0.1'), ipv4('1.2.3'), ipv4('1.2.3.256'), ipv4('::1')]).toEqual([
      172818433,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('make networks', () => {
    expect([
      isNetwork('10.0.0.0/8'),
      isNetwork('10.0.0.1/8'),
      isNetwork('0.0.0.0/0'),
      isNetwork('10.0.0.0/33'),
      isNetwork('10.0.0.0'),
    ]).toEqual([true, false, true, false, false]);
    expect(network(ipv4('10.77.0.9') ?? 0, 24)).toEqual({ first: ipv4('10.77.0.0'), last: ipv4('10.77.0.255') });
  });

  it('of this machine are known', () => {
    expect([isOwnAddress('127.0.0.1'), isOwnAddress('192.0.2.1')]).toEqual([true, false]);
  });
});

describe('a shell', () => {
  it('reads quoted words back as they are', async () => {
    const text = fc.string({ unit: 'binary-ascii' }).filter((word) => !word.includes('\0'));
    const property = fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 5 }), async (words) => {
      const { stdout } = await localExec({ argv: ['sh', '-c', `printf '%s\\0' ${commandLine(words)}`] });
      expect(stdout.split('\0').slice(0, -1)).toEqual(words);
    });
    await fc.assert(property, { numRuns: 40 });
  });

  it('is not troubled by plain words', () => {
    expect([quoted('a=b:c/d'), quoted(''), quoted("it's")]).toEqual(['a=b:c/d', "''", `'it'\\''s'`]);
  });
});

describe('a local command', () => {
  it('ends with its code and words, and an outcome if it has none', async () => {
    expect(await localExec({ argv: ['sh', '-c', 'cat; echo e >&2; exit 3'], input: 'in' })).toEqual({
      code: 3,
      stdout: 'in',
      stderr: 'e\n',
    });
    expect(await localExec({ argv: ['/no/such/program'] })).toMatchObject({ code: undefined, failure: 'not found' });
    expect(await localExec({ argv: ['sleep', '9'], timeoutMs: 50 })).toMatchObject({
      code: undefined,
      failure: 'timed out',
    });
  });

  it('sees none of our environment', async () => {
    expect(
      (await localExec({ argv: ['env'] })).stdout.split('\n').filter((line) => !/^(PWD|_|SHLVL)=/.test(line)),
    ).toEqual(['PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'LC_ALL=C', '']);
  });

  it('has a process group of its own, so that Ctrl-C does not reach it', async () => {
    const { stdout } = await localExec({
      argv: ['sh', '-c', 'echo $$; ps -o pgid= -p $$ || cut -d " " -f 5 /proc/$$/stat'],
    });
    const [pid, group] = stdout.trim().split(/\s+/);
    expect(group).toBe(pid);
  });
});

describe('ssh', () => {
  const target = { address: '10.77.0.11', user: 'root', port: 22 };

  it('gets the command as one quoted line, never as something to interpret', () => {
    const argv = sshArgv(target, '/tmp/x/%C', remoteArgv('root', { argv: ['echo', '$(reboot); a b'] }));
    expect(argv.slice(-3)).toEqual([
      '--',
      '10.77.0.11',
      "env PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C echo '$(reboot); a b'",
    ]);
    expect(argv).toContain('BatchMode=yes');
    expect(argv).toContain('StrictHostKeyChecking=accept-new');
  });

  it('asks for a known host if it is told which are known', () => {
    const argv = sshArgv({ ...target, knownHosts: '/k', identity: '/i' }, '/c', ['true']);
    expect(argv).toEqual(
      expect.arrayContaining(['StrictHostKeyChecking=yes', 'UserKnownHostsFile=/k', 'IdentityFile=/i']),
    );
  });

  it('becomes root by sudo without a question', () => {
    expect(remoteArgv('admin', { argv: ['id'] }).slice(0, 3)).toEqual(['sudo', '-n', 'env']);
  });
});

describe('a file', () => {
  const me = userInfo().username;

  it('is put whole, with mode and owner', async () => {
    const path = join(folder, 'new/file');
    const result = await localExec({
      argv: putArgv({ path, mode: '0600', owner: me, bytes: 3 }, '0700'),
      input: 'abc',
    });
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect([
      readFileSync(path, 'utf8'),
      statSync(path).mode & 0o777,
      statSync(join(folder, 'new')).mode & 0o777,
    ]).toEqual(['abc', 0o600, 0o700]);
  });

  it('that arrives in part leaves the old one', async () => {
    const path = join(folder, 'old');
    writeFileSync(path, 'old');
    const result = await localExec({ argv: putArgv({ path, mode: '0600', owner: me, bytes: 9 }), input: 'new' });
    expect(result).toMatchObject({ code: 1, stderr: 'the file did not arrive whole\n' });
    expect(readFileSync(path, 'utf8')).toBe('old');
  });

  it('is read if it is small and text, or it is said why not', () => {
    writeFileSync(join(folder, 'a'), 'text');
    expect(readSmallFile(join(folder, 'a'))).toEqual({ text: 'text' });
    expect(readSmallFile(join(folder, 'a'), 2)).toEqual({ problem: 'is larger than 2 bytes' });
    expect([readSmallFile(folder), readSmallFile('/no/such')]).toEqual([
      { problem: 'is not a file' },
      { problem: 'does not exist' },
    ]);
  });

  it('has a fingerprint', async () => {
    writeFileSync(join(folder, 'f'), 'text');
    expect(await fingerprint(join(folder, 'f'))).toMatchObject({ bytes: 4, sha256: sha256('text') });
  });

  it('is named from a folder or from home', () => {
    expect([pathFrom('/f', 'a'), pathFrom('/f', '/a'), pathFrom('/f', '~/a').endsWith('/a')]).toEqual([
      '/f/a',
      '/a',
      true,
    ]);
  });
});

describe('the log', () => {
  it('holds lines without secrets', async () => {
    const path = join(folder, 'log/cfha.log');
    const log = await fileLog(path, ['geheim']);
    log.write('command', { failed: 'the password geheim is wrong' });
    await log.close();
    const text = readFileSync(path, 'utf8');
    expect(text).toContain('the password *** is wrong');
    expect(JSON.parse(text)).toMatchObject({ message: 'command' });
  });

  it('that cannot be written is none', async () => {
    writeFileSync(join(folder, 'no-folder'), '');
    const log = await fileLog(join(folder, 'no-folder/log'), []);
    log.write('x');
    await log.close();
    expect(masked('a geheim b', ['geheim', 'a'])).toBe('a *** b');
  });
});
