// A real HAProxy in front of two servers: with a check of the port alone, and with ours.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { promote, sql, stop } from '../rejoin/instance.ts';
import { freePort, primary, standbyOf, until, untilAnswer, type Served, type Site } from './site.ts';
import type { HealthTest } from './tests.ts';

type Ports = { readonly byTcp: number; readonly byHttp: number; readonly by11: number; readonly byUri: number };

const configuration = (all: readonly Served[], ports: Ports): string => `
defaults
  mode tcp
  timeout connect 1s
  timeout client 1m
  timeout server 1m
  default-server inter 200ms fall 2 rise 1 on-marked-down shutdown-sessions

listen by_tcp
  bind 127.0.0.1:${ports.byTcp}
${servers(all, 'check')}
listen by_http
  bind 127.0.0.1:${ports.byHttp}
  option httpchk OPTIONS /primary
  http-check expect status 200
  timeout check 1s
${servers(all)}
listen by_http_11
  bind 127.0.0.1:${ports.by11}
  option httpchk
  http-check send meth GET uri /primary ver HTTP/1.1
  http-check expect status 200
  timeout check 1s
${servers(all)}
listen by_address
  bind 127.0.0.1:${ports.byUri}
  option httpchk
  http-check send meth HEAD uri http://db1:8008/primary ver HTTP/1.1
  http-check expect status 200
  timeout check 1s
${servers(all)}`;

const servers = (all: readonly Served[], check?: string): string =>
  all.map(({ instance, port }, n) => `  server db${n + 1} unix@${instance.folder}/.s.PGSQL.5432 ${check ?? `check addr 127.0.0.1 port ${port}`}\n`).join(''); // prettier-ignore

function haproxy(site: Site, text: string): void {
  const file = join(site.root, 'haproxy.cfg');
  writeFileSync(file, text);
  site.others.push(spawn('/usr/sbin/haproxy', ['-db', '-f', file], { stdio: 'ignore' }));
}

async function insertVia(port: number, n: number): Promise<boolean> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres', connectionTimeoutMillis: 1000, query_timeout: 2000 }); // prettier-ignore
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(`insert into t values (${n})`);
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function compared({ byTcp, ...byHttp }: Ports): readonly string[] {
  const bad = Object.entries(byHttp).filter(([, came]) => came !== 10);
  return [
    ...bad.map(([name, came]) => `${came} of 10 writes came through with our check (${name})`),
    ...(byTcp < 10 ? [] : ['the check of the port does as well: this test proves nothing']),
  ];
}

export const behindHaproxy: HealthTest = {
  name: 'HAProxy sends writers to the primary only, before and after a failover; with a check of the port it does not',
  core: true,
  run: async (site) => {
    const one = await primary(site);
    await sql(one.instance, 'create table t (n int)');
    const two = await standbyOf(site, one);
    const ports: Ports = { byTcp: freePort(), byHttp: freePort(), by11: freePort(), byUri: freePort() };
    haproxy(site, configuration([two, one], ports));
    // It begins with both servers up, and takes turns: one write that comes through proves nothing, several in a row do.
    await until('HAProxy has found the primary alone', async () => {
      for (const port of [ports.byHttp, ports.by11, ports.byUri])
        for (let n = 0; n < 4; n++) if (!(await insertVia(port, 0))) return false;
      return true;
    });
    const results = { byTcp: 0, byHttp: 0, by11: 0, byUri: 0 };
    for (let n = 1; n <= 10; n++)
      for (const [name, port] of Object.entries(ports) as [keyof Ports, number][])
        if (await insertVia(port, name === 'byTcp' ? 100 + n : n)) results[name]++;
    await stop(one.instance, 'immediate');
    await promote(two.instance);
    const promoted = performance.now();
    await until('writers reach the new primary', () => insertVia(ports.byHttp, 11));
    const gap = performance.now() - promoted;
    await untilAnswer(two, '/primary', 200);
    const rows = await sql<{ n: number }>(two.instance, 'select n from t where n < 100');
    console.log(`       writes that came through: ${results.byHttp}, ${results.by11} and ${results.byUri} of 10 by HTTP, ${results.byTcp} of 10 by TCP; ${gap.toFixed(0)} ms after the promotion`); // prettier-ignore
    return [
      ...compared(results),
      ...(rows.some(({ n }) => n === 11) ? [] : ['the write after the failover is not there']),
      ...(gap < 5000 ? [] : [`writers waited ${gap.toFixed(0)} ms`]),
    ];
  },
};
