import { describe, expect, it } from '@jest/globals';
import { parseXml } from '../../../lib/pacemaker/xml.ts';
import { actionNames } from '../../../meta/actions.ts';
import { exits } from '../../../meta/exits.ts';
import { notOfPgsql, parameters } from '../../../meta/parameters.ts';
import { metadataXml } from '../../../meta/xml.ts';

describe('the metadata', () => {
  it('has every parameter and every action once', async () => {
    const root = await parseXml(metadataXml());
    const names = (group: string) =>
      root?.children.find((child) => child.name === group)?.children.map((child) => child.attributes['name']);
    expect(names('parameters')).toEqual(Object.keys(parameters));
    expect(names('parameters')).toHaveLength(33 + notOfPgsql.length);
    expect([...new Set(names('actions'))]).toEqual(actionNames);
  });

  it('says config lies in the data directory of the caller, escaped', () => {
    expect(metadataXml('/a&"b')).toContain('default="/a&amp;&quot;b/postgresql.conf"');
  });
});

describe('the declarations', () => {
  it.each(Object.entries(parameters))(
    '%s: short without a full stop and at most 60 characters, long in whole sentences',
    (_, { short, long }) => {
      expect(short.length).toBeLessThanOrEqual(60);
      expect(short).not.toMatch(/\.$/);
      expect(long).toMatch(/\.$/);
    },
  );

  it('exit codes are the numbers 0 to 9, each once', () => {
    expect(Object.values(exits).map(({ code }) => code)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});
