import Koa from 'koa';

/** What the admin listener asks of a directory. */
export interface Probed {
  health(): { readonly ready: boolean; readonly reason?: string };
}

/**
 * The admin listener: `/healthz` says that the process answers, `/readyz` whether every directory does, each with its reason.
 * It is never on the public address.
 */
export function createAdminApp(directories: ReadonlyMap<string, Probed>): Koa {
  const app = new Koa();
  app.use((ctx) => {
    if (ctx.path === '/healthz') {
      ctx.body = { status: 'ok' };
    } else if (ctx.path === '/readyz') {
      const health = [...directories].map(([name, directory]) => [name, directory.health()] as const);
      const isReady = health.every(([, { ready }]) => ready);
      ctx.status = isReady ? 200 : 503;
      ctx.body = { status: isReady ? 'ready' : 'not ready', directories: Object.fromEntries(health) };
    } else {
      ctx.status = 404;
      ctx.body = { status: 'not found' };
    }
  });
  return app;
}
