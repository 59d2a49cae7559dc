// A job's log, in the reference's place and form; and what a person who has called it sees.
import { appendFileSync } from 'node:fs';
import { logFolder, scriptOf, type Job } from './places.ts';
import type { Line } from './rules/facts.ts';
import { logLine } from './rules/words.ts';

export type Sink = (line: Line) => void;

/** A log that cannot be written keeps nobody from working. */
export function fileSink(name: string, folder = logFolder): Sink {
  return (line) => {
    try {
      appendFileSync(`${folder}/${name}.log`, logLine(line, new Date()), { mode: 0o640 });
    } catch {
      // said to the caller at least
    }
  };
}

export function jobSink(job: Job, out: (text: string) => void): Sink {
  const file = fileSink(scriptOf(job));
  return (line) => {
    file(line);
    out(logLine(line, new Date()));
  };
}
