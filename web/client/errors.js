/**
 * What can go wrong, as numbers. From 100 on they are the server's (docs/protocol.md), below they are this
 * library's own. Close codes of the WebSocket (1000 to 4999) stand for themselves.
 */
export const codes = Object.freeze({
  transport: 1,
  timeout: 2,
  malformed: 3,
  listener: 4,
  closed: 5,
  internal: 100,
  unauthorized: 101,
  unknownTopic: 102,
  permissionDenied: 103,
  unknownCommand: 104,
  alreadySubscribed: 105,
  limitExceeded: 106,
  badRequest: 107,
  notAvailable: 108,
  tokenExpired: 109,
  tooManyRequests: 111,
});

/** The one class of errors this library makes. */
export class TickcastError extends Error {
  /**
   * @param {number} code one of `codes`, or a WebSocket close code
   * @param {string} message what was wrong and what to do about it
   * @param {{temporary?: boolean, topic?: string, cause?: unknown}} [more]
   */
  constructor(code, message, { temporary = false, topic, cause } = {}) {
    super(message);
    this.name = 'TickcastError';
    /** One of `codes`, or a WebSocket close code. */
    this.code = code;
    /** True when the same thing may succeed later; the library then tries again by itself. */
    this.temporary = temporary;
    /** The topic it is about, if it is about one. */
    this.topic = topic;
    if (cause !== undefined) {
      /** What was thrown, where something was. */
      this.cause = cause;
    }
  }
}

/**
 * Whether a close code says to stay away: 3500 to 3999 from the server, 4500 to 4999 from an application.
 * @param {number} code
 */
export function isFinalClose(code) {
  return (code >= 3500 && code <= 3999) || (code >= 4500 && code <= 4999);
}

const closeReasons = new Map([
  [1006, 'the connection broke'],
  [3001, 'the server is shutting down'],
  [3004, 'the server had an internal error'],
  [3008, 'this client did not keep up with reading'],
  [3012, 'this client answered no ping'],
  [3500, 'the token is not valid; get a new one and connect again'],
  [3501, 'the server does not understand what this client sends; are both of one version?'],
  [3502, 'nobody signed in; send connect with a token'],
  [3503, 'the session has ended; sign in again'],
  [3504, 'the server takes no more connections'],
]);

/**
 * @param {number} code
 * @param {string} reason as it stood in the close frame
 */
export function closeError(code, reason) {
  const text = closeReasons.get(code) ?? (reason || 'the server closed the connection');
  return new TickcastError(code, `${text} (${code})`, { temporary: !isFinalClose(code) });
}
