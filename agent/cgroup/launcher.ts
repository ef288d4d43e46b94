/**
 * The shell that a child starts as, so that it is in its groups before its first instruction and all its memory is counted there:
 *
 *     /bin/sh -c LAUNCHER name [FILE…] -- PROGRAM [ARG…]       writes itself into the files, offers itself to the out-of-memory killer ──exec──▶ PROGRAM
 *
 * Files, program and arguments are words of their own: the shell does not look into them.
 */

/** Its exit code when it can't enter a group. */
export const EXIT_NO_GROUP = 125;

/** Out of memory should end the child that used it up, not its agent: 600 of 1000 makes it a likely victim. */
const ENTER = `{ echo 600 > /proc/self/oom_score_adj; } 2>/dev/null
while [ "$1" != -- ]; do echo 0 > "$1" || exit ${EXIT_NO_GROUP}; shift; done
shift
`;

export const LAUNCHER = `${ENTER}exec "$@"`;

/** Where the gate of {@link GATED_LAUNCHER} is. */
export const GATE_FD = 4;

/** The same, but it goes on only when a line comes through its gate: until then nothing has happened that is to be measured. */
export const GATED_LAUNCHER = `${ENTER}IFS= read -r _ <&${GATE_FD} || exit ${EXIT_NO_GROUP}
exec ${GATE_FD}<&-
exec "$@"`;
