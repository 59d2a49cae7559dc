// The line by which the configuration file includes a file of ours.

/** The text of a configuration file with the line of pgsql, which looks for exactly this text, or without it. */
export function withInclude(text: string, file: string, included: boolean): string {
  const line = `include '${file}' # added by pgsql RA`;
  const lines = text.split('\n');
  const others = lines.filter((other) => other !== line);
  const has = others.length < lines.length;
  if (has === included) return text;
  return included ? `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n` : others.join('\n');
}
