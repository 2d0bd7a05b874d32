/**
 * What can go wrong, as numbers. From 100 on they are the server's (docs/protocol.md), below they are this library's
 * own. Close codes of the WebSocket (1000 to 4999) stand for themselves; an `ApplicationError` has its backend's code.
 */
export const codes = Object.freeze({
  transport: 1,
  timeout: 2,
  malformed: 3,
  listener: 4,
  closed: 5,
  token: 6,
  overflow: 7,
  storage: 8,
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
  conflict: 112,
  noAnswer: 113,
});

/**
 * @typedef {object} More what an error may tell beside code and message
 * @property {boolean} [temporary]
 * @property {boolean} [mayHaveHappened]
 * @property {string} [topic]
 * @property {unknown} [data]
 * @property {unknown} [cause]
 */

/** The class of all errors that this library makes. Its subclasses are told apart by what one does about them. */
export class TickcastError extends Error {
  /**
   * @param {number} code one of `codes`, or a WebSocket close code
   * @param {string} message what was wrong and what to do about it
   * @param {More} [more]
   */
  constructor(code, message, { temporary = false, mayHaveHappened = false, topic, data, cause } = {}) {
    super(message);
    this.name = new.target.name;
    /** One of `codes`, a WebSocket close code, or a backend's code. */
    this.code = code;
    /** True when the same thing may succeed later. What the library does by itself, it then tries again by itself. */
    this.temporary = temporary;
    /** True when nobody here knows whether it was done: look before it is done again. */
    this.mayHaveHappened = mayHaveHappened;
    /** The topic it is about, if it is about one. */
    this.topic = topic;
    /** What a backend sent along. */
    this.data = data;
    if (cause !== undefined) {
      /** What was thrown, where something was. */
      this.cause = cause;
    }
  }
}

/** Sign in (again): nobody did, what was shown is wrong, or it has run out. */
export class SignInError extends TickcastError {}
/** This user may not. */
export class PermissionError extends TickcastError {}
/** The request itself is wrong, or cannot be served here: the program must change, or the server's configuration. */
export class RequestError extends TickcastError {}
/** Try again later, and wait longer each time. */
export class TemporaryError extends TickcastError {}
/** A backend said no; `code` (from 1000) and `data` are its own. */
export class ApplicationError extends TickcastError {}
/** A backend took it and did not answer: it may have been done. */
export class NoAnswerError extends TickcastError {}
/** The time that this client gave has passed. */
export class TimeoutError extends TickcastError {}
/** There is no connection, or it broke; `mayHaveHappened` is true when it broke before the answer. */
export class DisconnectedError extends TickcastError {}

/** @type {Map<number, typeof TickcastError>} */
const classes = new Map([
  [codes.unauthorized, SignInError],
  [codes.tokenExpired, SignInError],
  [codes.permissionDenied, PermissionError],
  [codes.unknownTopic, RequestError],
  [codes.unknownCommand, RequestError],
  [codes.alreadySubscribed, RequestError],
  [codes.limitExceeded, RequestError],
  [codes.badRequest, RequestError],
  [codes.notAvailable, RequestError],
  [codes.conflict, RequestError],
  [codes.noAnswer, NoAnswerError],
]);

/**
 * The `data` of an error frame as an error.
 * @param {any} refused
 * @returns {TickcastError}
 */
export function refusal(refused) {
  const { code = codes.internal, message = 'the server refused a command', temporary = false, data } = refused ?? {};
  const mayHaveHappened = code === codes.noAnswer || code === codes.internal;
  if (code >= 1000) {
    return new ApplicationError(code, message, { temporary, data });
  }
  const kind = temporary ? TemporaryError : (classes.get(code) ?? TickcastError);
  return new kind(code, message, { temporary, mayHaveHappened, data });
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
  [3005, 'the token has run out'],
  [3008, 'this client did not keep up with reading'],
  [3012, 'this client answered no ping'],
  [3500, 'the token is not valid; get a new one and connect again'],
  [3501, 'the server does not understand what this client sends; are both of one version?'],
  [3502, 'nobody signed in; send connect with a token'],
  [3503, 'the session has ended; sign in again'],
  [3504, 'the server takes no more connections'],
]);

const signInCloses = [3005, 3500, 3502, 3503];

/**
 * @param {number} code
 * @param {string} reason as it stood in the close frame
 */
export function closeError(code, reason) {
  const text = closeReasons.get(code) ?? (reason || 'the server closed the connection');
  const kind = signInCloses.includes(code) ? SignInError : DisconnectedError;
  return new kind(code, `${text} (${code})`, { temporary: !isFinalClose(code) });
}
