// How a command on one WAL file ends, and what it says if that is not well.

/** `says`: one line; nothing if there is nothing to say. */
export type Outcome = { readonly code: number; readonly says?: string };

/** Something is not as it must be, in a sentence for people. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

const words: Readonly<Record<string, string>> = {
  ENOSPC: 'the file system of the archive is full',
  EDQUOT: 'the quota of the archive is used up',
  ESTALE: 'the NFS file handle is stale: the export was taken away or made anew, mount it again',
  EROFS: 'the file system is mounted read-only',
  EIO: 'the disk or the NFS server reports an input/output error',
  EACCES: 'permission denied to this user',
  EPERM: 'the operation is not permitted to this user',
  ETIMEDOUT: 'the NFS server does not answer',
};

/** One line about an error of the file system, or of ours. */
export function sentence(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  const { code = '', path, syscall, message } = error as NodeJS.ErrnoException;
  if (code === '') return `internal error: ${message.replaceAll('\n', ' ')}`;
  const where = path === undefined ? '' : ` ${path}`;
  return `${words[code] ?? message} (${code}, ${syscall ?? ''}${where})`;
}

/** The code of an error of the file system. */
export function errno(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
