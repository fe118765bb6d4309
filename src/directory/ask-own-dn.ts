import { ExtendedRequest } from 'ldapts';
import { RESULT } from '../ldap/result-code.ts';
import type { RequestSender } from './request-sender.ts';

const WHO_AM_I = '1.3.6.1.4.1.4203.1.11.3';

/**
 * Who we are to the server (RFC 4532 §2.2): a DN; undefined when it doesn't tell, or knows us by another name (`u:…`).
 *
 * @param deadline of `performance.now()`
 * @throws DirectoryError no answer
 */
export async function askOwnDn(sender: RequestSender, deadline: number): Promise<string | undefined> {
  const { answer } = await sender.exchange('search', '', { deadline }, () => ({
    request: new ExtendedRequest({ messageId: 0, oid: WHO_AM_I }),
  }));
  const { code, value = '' } = answer;
  return code === RESULT.success && /^dn:./.test(value) ? value.slice('dn:'.length) : undefined;
}
