import { expect, test } from '@jest/globals';
import { commands, helpText, numberOption, readCommandLine } from '../../testbed/command-line.ts';

test('options of exec before the node are ours, those after it belong to the command', () => {
  const request = readCommandLine(['exec', '--name', 't1', 'db1', 'ls', '--name', 'x', '-l']);
  expect(request.options['name']).toBe('t1');
  expect(request.words).toEqual(['db1', 'ls', '--name', 'x', '-l']);
});

test('exec keeps --help of the command', () => {
  expect(readCommandLine(['exec', 'db1', 'pcs', '--help']).words).toEqual(['db1', 'pcs', '--help']);
});

test('options of other commands may stand anywhere', () => {
  const { words, options } = readCommandLine(['power', 'cycle', 'db2', '--off-seconds', '2.5', '--name', 't1']);
  expect(words).toEqual(['cycle', 'db2']);
  expect(numberOption(options, 'off-seconds')).toBe(2.5);
});

test('no arguments and --help ask for help, also after a command', () => {
  expect(readCommandLine([]).command).toBe('help');
  expect(readCommandLine(['up', '--help'])).toMatchObject({ command: 'help', words: ['up'] });
});

test.each([
  [['fly'], 'unknown command'],
  [['power', 'off'], 'usage: scripts/testbed power'],
  [['exec', 'db1'], 'usage: scripts/testbed exec'],
  [['up', 'now'], 'usage: scripts/testbed up'],
  [['up', '--colour', 'red'], '--colour'],
])('%j is bad usage', (argv, message) => {
  expect(() => readCommandLine(argv)).toThrow(
    expect.objectContaining({ exitCode: 2, message: expect.stringContaining(message) }),
  );
});

test('an option that should be a number says so', () => {
  expect(() => numberOption({ nodes: 'two' }, 'nodes')).toThrow('--nodes two: expected a number');
});

test('help shows every command that is for people, with an example', () => {
  const text = helpText();
  const shown = Object.entries(commands).filter(([, shape]) => !shape.hidden);
  for (const [name, shape] of shown) {
    expect(text).toContain(shape.usage);
    expect(shape.examples.length).toBeGreaterThan(0);
    expect(helpText(name)).toContain(shape.about);
  }
  expect(text).not.toContain('serve-vcenter');
});
