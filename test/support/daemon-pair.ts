import { type Bridge, type BridgeFiles, startBridgeOn } from './bridge.ts';
import { startTwoProviders, type TwoProviders } from './two-providers.ts';

/** Two daemons in front of two providers, as their clients see them behind a load balancer: each request goes to the other one. */
export interface DaemonPair extends Bridge {
  readonly daemons: readonly [Bridge, Bridge];
  /** The first is preferred. */
  readonly providers: TwoProviders;
}

export async function startDaemonPair(files: BridgeFiles = {}): Promise<DaemonPair> {
  const providers = await startTwoProviders();
  const start = () => startBridgeOn([providers.first, providers.second], files);
  const daemons: readonly [Bridge, Bridge] = [await start(), await start()];
  const [one, other] = daemons;
  let requests = 0;
  return {
    ...one,
    daemons,
    providers,
    get log() {
      return [...one.log, ...other.log];
    },
    send(...request) {
      requests += 1;
      return (requests % 2 === 0 ? one : other).send(...request);
    },
    async stop() {
      await Promise.all([one.stop(), other.stop()]);
      await providers.stop();
    },
  };
}
