// JSON that somebody else has written, or that a crash has cut off.

/** What the text says; undefined: it is no JSON. */
export function readJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '') as unknown;
  } catch {
    return undefined;
  }
}
