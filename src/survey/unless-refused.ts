import { DirectoryError } from '../directory/directory-error.ts';

/** What an answer comes to when the directory refuses it, for want of rights or because there is no such place. */
export async function unlessRefused<T>(answer: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof DirectoryError && error.kind === 'refused') return otherwise;
    throw error;
  }
}
