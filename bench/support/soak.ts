import { readCases, writeCases } from './cases.ts';
import { measure } from './measure.ts';
import { startRig } from './rig.ts';

const SAMPLE_MS = 10_000;
const IN_FLIGHT = 16;

/** Memory of the daemon in megabytes after each ten seconds of steady, mixed traffic. @param say told about each of them */
export async function soak(people: number, minutes: number, say: (text: string) => void): Promise<readonly number[]> {
  const rig = await startRig({ people, groupSizes: [], durable: false }, false, IN_FLIGHT, false);
  try {
    const cases = [...readCases(rig.known), ...writeCases(rig.known, 'soak')];
    const memory: number[] = [];
    let next = 0;
    for (let sample = 0; sample < (minutes * 60_000) / SAMPLE_MS; sample += 1) {
      const send = async (index: number, lane: number): Promise<void> => {
        const request = cases[(next + index) % cases.length]?.bridge(next + index);
        const answer = request === undefined ? undefined : await rig.bridgeConnections[lane]?.send(request);
        if (answer === undefined || answer.status >= 300) throw new Error(`${request?.path}: ${answer?.status} ${answer?.body.toString()}`);
      };
      const round = await measure(send, IN_FLIGHT, { milliseconds: SAMPLE_MS }, rig.pids.bridge);
      next += round.requests;
      memory.push(round.residentMegabytes ?? Number.NaN);
      say(
        `${((sample + 1) * SAMPLE_MS) / 1000} s: ${Math.round(round.perSecond)} requests a second, ${round.residentMegabytes?.toFixed(0)} MB\n`,
      );
    }
    return memory;
  } finally {
    await rig.stop();
  }
}
