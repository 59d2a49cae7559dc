import { describe, expect, test } from '@jest/globals';
import { primaryOf, readCrmMon, unhealthy } from '../../scenarios/seen.ts';

/** Printed by crm_mon -Afr -1 of Pacemaker 2.1.5, with `changes` made to it. */
function crmMon(...changes: readonly (readonly [string, string])[]): string {
  const text = `Status of pacemakerd: 'Pacemaker is running' (last updated 2026-11-24 19:10:03Z)
Cluster Summary:
  * Current DC: db1 (version 2.1.5-a3f44794f94) - partition with quorum

Node List:
  * Online: [ db1 db2 ]

Full List of Resources:
  * fencing	(stonith:fence_vmware_soap):	 Started db1
  * pgvip	(ocf:heartbeat:IPaddr2):	 Started db1
  * Clone Set: postgresql-clone [postgresql] (promotable):
    * Promoted: [ db1 ]
    * Unpromoted: [ db2 ]

Node Attributes:
  * Node: db1:
    * master-postgresql               	: 1000      
    * postgresql-data-status          	: LATEST    
    * postgresql-master-baseline      	: 00000000030000A0
    * postgresql-status               	: PRI       
  * Node: db2:
    * master-postgresql               	: 100       
    * postgresql-data-status          	: STREAMING|ASYNC
    * postgresql-status               	: HS:async  

Migration Summary:
`;
  return changes.reduce((changed, [from, to]) => changed.replace(from, to), text);
}

describe('what crm_mon shows', () => {
  test('a healthy region is one', () => {
    const seen = readCrmMon(crmMon());
    expect(unhealthy(seen)).toEqual([]);
    expect(primaryOf(seen)).toBe('db1');
    expect(seen.attributes['db2']?.['postgresql-data-status']).toBe('STREAMING|ASYNC');
  });

  test('each missing thing is named', () => {
    expect(unhealthy(readCrmMon(crmMon(['STREAMING|ASYNC', 'DISCONNECT'])))).toEqual([
      'db2: postgresql-data-status is DISCONNECT',
    ]);
    expect(unhealthy(readCrmMon(crmMon([': 100 ', ': -INFINITY '])))).toEqual(['db2: master-postgresql is -INFINITY']);
    expect(unhealthy(readCrmMon(crmMon(['Online: [ db1 db2 ]', 'Online: [ db1 ]'])))).toEqual(['online: db1']);
    const failed = "\nFailed Resource Actions:\n  * postgresql start on db2 returned 'error'\n";
    expect(unhealthy(readCrmMon(crmMon() + failed))).toEqual(["failed: * postgresql start on db2 returned 'error'"]);
  });

  test('two that call themselves primary are none', () => {
    expect(primaryOf(readCrmMon(crmMon(['HS:async', 'PRI'])))).toBeUndefined();
  });

  test('a primary that Pacemaker has not promoted is none', () => {
    expect(primaryOf(readCrmMon(crmMon(['    * Promoted: [ db1 ]\n', ''])))).toBeUndefined();
  });

  test('a primary that is being monitored at that moment is one', () => {
    const line = '    * postgresql\t(ocf:custom:cfpgsql):\t Promoted db1 (Monitoring)\n';
    expect(unhealthy(readCrmMon(crmMon(['    * Promoted: [ db1 ]\n', line])))).toEqual([]);
  });
});
