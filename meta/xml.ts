// Prints the declarations of this folder as OCF metadata, in the 1.0 form that every tool accepts (ra-api-1.dtd).
import { advertised, type AdvertisedAction } from './actions.ts';
import { parameters, type Parameter } from './parameters.ts';
import { types } from './types.ts';

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function parameterXml([name, p]: [string, Parameter], pgdata: string): string {
  const value = escape(p.default.replaceAll('$pgdata', pgdata));
  return `
    <parameter name="${name}" unique="0" required="0">
      <longdesc lang="en">${escape(p.long)}</longdesc>
      <shortdesc lang="en">${escape(p.short)}</shortdesc>
      <content type="${types[p.type].xml}" default="${value}"/>
    </parameter>`;
}

function actionXml(action: AdvertisedAction): string {
  const words = [
    `name="${action.name}"`,
    ...(action.depth === undefined ? [] : [`depth="${action.depth}"`]),
    `timeout="${action.timeout}s"`,
    ...(action.interval === undefined ? [] : [`interval="${action.interval}s"`]),
    ...(action.role === undefined ? [] : [`role="${action.role}"`]),
  ];
  return `\n    <action ${words.join(' ')}/>`;
}

/** The answer to `meta-data`. `pgdata`: the default of `config` follows the caller's data directory, as upstream's. */
export function metadataXml(pgdata: string = parameters.pgdata.default): string {
  return `<?xml version="1.0"?>
<!DOCTYPE resource-agent SYSTEM "ra-api-1.dtd">
<resource-agent name="cfpgsql" version="1.0">
  <version>1.0</version>
  <longdesc lang="en">Runs PostgreSQL as one instance, or as a promotable clone with streaming replication. A drop-in replacement for ocf:heartbeat:pgsql: the same parameters, node attributes, scores and files.</longdesc>
  <shortdesc lang="en">Manages a PostgreSQL instance, with streaming replication</shortdesc>
  <parameters>${Object.entries<Parameter>(parameters)
    .map((p) => parameterXml(p, pgdata))
    .join('')}
  </parameters>
  <actions>${advertised.map(actionXml).join('')}
  </actions>
</resource-agent>
`;
}
