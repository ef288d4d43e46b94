/**
 * What carries the messages of the in-memory bus: it decides when, how often and whether one arrives. Usually each arrives in the next
 * turn of the event loop; a simulation delays, drops and repeats, in virtual time. `from` and `to` are the places of the two buses.
 */
export interface BusCarrier {
  message(deliver: () => void, from: string, to: string): void;
  /** The broker has seen everything that was published from there before. */
  flush(done: () => void, from: string): void;
}

export const nextTurn: BusCarrier = {
  message: (deliver) => void setImmediate(deliver),
  flush: (done) => void setImmediate(done),
};
