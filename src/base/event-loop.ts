// What a thread's event loop does later. It comes in by the constructor, like the clock, so that a simulator can decide
// when (and in which order among all threads) it happens.

/** Something that will run once, unless it is cancelled before. */
export interface Timer {
  /** Nothing happens when it has run or was cancelled already. */
  cancel(): void;
}

export interface EventLoop {
  /** Runs `callback` once the sockets that are readable now have been served, after what was asked for before. */
  soon(callback: () => void): void;
  /** Runs `callback` in `ms` milliseconds or a little later. A timer alone keeps no thread alive: sockets and ports do. */
  after(ms: number, callback: () => void): Timer;
  /** Microseconds in which the loop did not wait, since it began. */
  activeUs(): number;
}

const US_PER_MS = 1000;

/** Node's event loop: the check phase and the timers of this thread. */
export const systemLoop: EventLoop = {
  soon: (callback) => {
    setImmediate(callback);
  },
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms).unref();
    return {
      cancel: () => {
        clearTimeout(timer);
      },
    };
  },
  activeUs: () => performance.eventLoopUtilization().active * US_PER_MS,
};

/** The longest time that one timer takes: 2^31 - 1 ms, some 25 days. */
const TIMER_MS_MAX = 2147483647;

/** Runs `callback` in `ms` milliseconds, however long that is. */
export function longTimer(loop: EventLoop, ms: number, callback: () => void): Timer {
  let timer: Timer;
  const wait = (left: number): void => {
    timer = loop.after(Math.min(Math.max(0, left), TIMER_MS_MAX), () => {
      if (left <= TIMER_MS_MAX) callback();
      else wait(left - TIMER_MS_MAX);
    });
  };
  wait(ms);
  return {
    cancel: () => {
      timer.cancel();
    },
  };
}
