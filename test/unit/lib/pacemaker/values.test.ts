import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import {
  clusterOption,
  isFencingEnabled,
  isSameValue,
  isTrue,
  readBoolean,
  readRole,
  readScore,
  readSeconds,
} from '../../../../lib/pacemaker/values.ts';
import { ourProperties } from '../../../../lib/pacemaker/dialect.ts';

describe('values as Pacemaker reads them', () => {
  it('booleans', () => {
    for (const word of ['true', 'on', 'yes', 'y', '1', 'TRUE', 'On', 'YES']) expect([word, readBoolean(word)]).toEqual([word, true]);
    for (const word of ['false', 'off', 'no', 'n', '0', 'False', 'OFF', 'nO']) expect([word, readBoolean(word)]).toEqual([word, false]);
    for (const word of ['', 'maybe', '2', ' true', undefined]) expect([readBoolean(word), isTrue(word), isTrue(word, true)]).toEqual([undefined, false, true]);
  }); // prettier-ignore

  it.each([
    ['60', 60],
    ['60s', 60],
    ['60 sec', 60],
    ['1min', 60],
    ['1m', 60],
    ['2h', 7200],
    ['1hr', 3600],
    ['1500ms', 1.5],
    ['20S', 20],
    ['PT1M', 60],
    ['PT1H30M5S', 5405],
    ['P1DT1S', 86_401],
    ['P2W', 1_209_600],
    ['P', undefined],
    ['PT', undefined],
    ['1 fortnight', undefined],
    ['-5', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('the time %s', (text, seconds) => {
    expect(readSeconds(text)).toBe(seconds);
  });

  it.each([
    ['INFINITY', Infinity],
    ['+infinity', Infinity],
    ['-INFINITY', -Infinity],
    ['1000000', Infinity],
    ['-1000001', -Infinity],
    ['100', 100],
    ['-5', -5],
    ['red', -Infinity],
    ['much', undefined],
    [undefined, undefined],
  ])('the score %s', (text, score) => {
    expect(readScore(text)).toBe(score);
  });

  it('roles of all releases', () => {
    expect(['Master', 'promoted', 'Slave', 'Unpromoted', 'stopped', 'Started', 'x'].map(readRole)).toEqual(
      ['Promoted', 'Promoted', 'Unpromoted', 'Unpromoted', 'Stopped', 'Started', undefined],
    );
  }); // prettier-ignore

  it('that mean the same', () => {
    const same: readonly (readonly [string, string | undefined])[] = [['true', 'on'], ['false', '0'], ['60s', '60'], ['60s', 'PT1M'], ['INFINITY', '1000000'], ['x', 'x']];
    for (const [wanted, found] of same) expect([wanted, found, isSameValue(wanted, found)]).toEqual([wanted, found, true]);
    const other: readonly (readonly [string, string | undefined])[] = [['true', 'off'], ['true', undefined], ['60s', '61'], ['1', 'true'], ['standby', '1']];
    for (const [wanted, found] of other) expect([wanted, found, isSameValue(wanted, found)]).toEqual([wanted, found, false]);
  }); // prettier-ignore

  it('options by either name, the newer one first', () => {
    expect(isFencingEnabled({})).toBe(true);
    expect(isFencingEnabled({ 'stonith-enabled': 'off' })).toBe(false);
    expect(isFencingEnabled({ 'fencing-enabled': 'No', 'stonith-enabled': 'true' })).toBe(false);
    expect(clusterOption({ 'stonith-timeout': '1', 'fencing-timeout': '2' }, 'stonith-timeout')).toBe('2');
    for (const both of [{ 'stonith-timeout': '1', 'fencing-timeout': '2' }, { 'fencing-timeout': '2', 'stonith-timeout': '1' }])
      expect(ourProperties({ ...both, x: 'y' })).toEqual({ x: 'y', 'stonith-timeout': '2' });
  }); // prettier-ignore
});

const root = join(import.meta.dirname, '../../../..');

function sources(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name}`);
}

/** Comparing such a text by hand: a set of boolean words, or an option of Pacemaker's beside a word. */
const byHand = [
  /\(true\|on\|yes|\(false\|off\|no|\['1', 'true', 'on', 'yes'\]/,
  /\['(stonith|fencing)-enabled'\]\s*(\?\?|===|!==)/,
  /\['(maintenance-mode|maintenance|is-managed|standby|enabled|notify|promotable)'\]\s*[!=]==/,
  /=== '-?INFINITY' (\?|\|\|)/,
];

it('are read in one place', () => {
  // A fence agent's own options are no values of Pacemaker's; the agent's parameters are read as ocf_is_true does.
  const exempt = ['lib/pacemaker/values.ts', 'bootstrap/findings/fencing.ts'];
  const all = ['agent', 'bootstrap', 'cli', 'health', 'lib', 'verify'].flatMap(sources);
  const found = all.filter(
    (file) => !exempt.includes(file) && byHand.some((way) => way.test(readFileSync(join(root, file), 'utf8'))),
  );
  expect(found).toEqual([]);
});
