import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** Why a task cannot go on, said to the person who started it; `exitCode` is the one of sysexits.h. */
export class CannotGoOn extends Error {
  /**
   * @param {string} message
   * @param {number} [exitCode] 69: something outside is missing (EX_UNAVAILABLE)
   */
  constructor(message, exitCode = 69) {
    super(message);
    this.exitCode = exitCode;
  }
}

/**
 * Runs a command in front of the user: its input and output are ours.
 *
 * SIGTERM and SIGHUP are passed on. A terminal sends Ctrl-C to the whole foreground group, so the command has its
 * SIGINT already, and a second one would mean "now, at once"; without a terminal SIGINT is passed on too.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {Promise<number>} the exit code; 128 + the signal's number when a signal ended it
 */
export async function runInFront(command, args) {
  const child = spawn(command, args, { stdio: 'inherit' });
  return passingSignals(child, () => ended(child));
}

/**
 * Runs a command behind the scenes, without input.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ input?: string, env?: Record<string, string> }} [options] `input` for its stdin; `env` is added to ours
 * @returns {Promise<{ exitCode: number, output: string }>} `output`: stdout and stderr together. A command that does not exist gives 127.
 */
export async function runQuietly(command, args, { input = '', env = {} } = {}) {
  const child = spawn(command, args, { stdio: 'pipe', env: { ...process.env, ...env } });
  let output = '';
  const keep = (/** @type {Buffer} */ chunk) => {
    output += chunk.toString();
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.stdin.on('error', () => {}); // a command that doesn't read its input closes it early
  child.stdin.end(input);
  const exitCode = await passingSignals(child, () => ended(child));
  return { exitCode, output };
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<number>}
 */
function ended(child) {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => ('code' in error && error.code === 'ENOENT' ? resolve(127) : reject(error)));
    child.once('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']));
  });
}

/**
 * While `work` lasts our own signals go to the child, and we outlive it to clean up and to report its exit code.
 *
 * @template T
 * @param {import('node:child_process').ChildProcess} child
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
async function passingSignals(child, work) {
  const pass = (/** @type {NodeJS.Signals} */ signal) => {
    const terminalDid = signal === 'SIGINT' && process.stdin.isTTY;
    if (!terminalDid) child.kill(signal);
  };
  /** @type {NodeJS.Signals[]} */
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, pass);
  try {
    return await work();
  } finally {
    for (const signal of signals) process.off(signal, pass);
  }
}

/** @param {string} message one line for the person who started this; stdout belongs to the task */
export function say(message) {
  process.stderr.write(`${message}\n`);
}
