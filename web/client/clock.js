/**
 * Milliseconds that pass, for ages and time-outs: never run back, and go on while the machine sleeps, which
 * `performance.now()` alone does not do everywhere. A wall clock set forward by more than a second counts as sleep; a
 * reconnect too many is the worst that comes of it.
 * @param {() => number} [steady]
 * @param {() => number} [wall]
 * @returns {() => number}
 */
export function makeNow(steady = () => performance.now(), wall = () => Date.now()) {
  let asleep = 0;
  let lastSteady = steady();
  let lastWall = wall();
  return () => {
    const nowSteady = steady();
    const nowWall = wall();
    const missing = nowWall - lastWall - (nowSteady - lastSteady);
    if (missing > 1000) {
      asleep += missing;
    }
    lastSteady = nowSteady;
    lastWall = nowWall;
    return nowSteady + asleep;
  };
}

/** The clock of this process. */
export const now = makeNow();
