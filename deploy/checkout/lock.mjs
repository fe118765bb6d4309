import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { CannotGoOn } from './command.mjs';

const POLL_MILLISECONDS = 200;
const PATIENCE_MILLISECONDS = 10 * 60 * 1000;

/**
 * Does `work` while no other process on this machine does work under the same directory name.
 *
 * The lock is a directory (made atomically) that holds its owner's process id. A lock whose owner is gone is taken over.
 *
 * @template T
 * @param {string} directory its parent exists
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 * @throws {CannotGoOn} after ten minutes of waiting
 */
export async function withLock(directory, work) {
  const deadline = Date.now() + PATIENCE_MILLISECONDS;
  while (!taken(directory)) {
    if (Date.now() > deadline) throw new CannotGoOn(`another command holds ${directory}; remove that directory if none is running`);
    if (!removeAbandoned(directory)) await sleep(POLL_MILLISECONDS);
  }
  try {
    return await work();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** @param {string} directory */
function taken(directory) {
  try {
    mkdirSync(directory);
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
  writeFileSync(`${directory}/owner`, String(process.pid));
  return true;
}

/**
 * Renaming is atomic, so of several that find the same abandoned lock one removes it.
 *
 * @param {string} directory
 * @returns {boolean} whether there was one and it is gone
 */
function removeAbandoned(directory) {
  const owner = ownerOf(directory);
  if (owner === undefined || isRunning(owner)) return false;
  const aside = `${directory}.${owner}`;
  try {
    renameSync(directory, aside);
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTEMPTY')) return false; // someone else was quicker
    throw error;
  }
  rmSync(aside, { recursive: true, force: true });
  return true;
}

/**
 * @param {string} directory
 * @returns {number | undefined} undefined while its owner is just making or removing it
 */
function ownerOf(directory) {
  try {
    const owner = Number(readFileSync(`${directory}/owner`, 'utf8'));
    return owner > 0 ? owner : undefined;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** @param {number} processId */
function isRunning(processId) {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM'); // it runs, and belongs to someone else
  }
}

/**
 * @param {unknown} error
 * @param {string} code
 */
function hasCode(error, code) {
  return error instanceof Error && 'code' in error && error.code === code;
}
