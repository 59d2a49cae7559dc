// Values of a region file of which nothing is known yet.

export type Loose = Readonly<Record<string, unknown>>;

export const mappingOf = (value: unknown): Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Loose) : {};
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

export type NamedNode = {
  readonly index: number;
  readonly name: string | undefined;
  readonly address: string | undefined;
  readonly second: string | undefined;
};
