/**
 * A child, perhaps with a folder of its own that is removed when the child has ended, however that came, also when this process is killed. A
 * small shell sees to it:
 *
 *     controller ──stdin──▶ guard ──▶ program        stdin closes ──▶ the program is ended and the folder removed
 *                             ▲───────── dies by itself ──▶ it is started again, unless it had hardly begun
 */
import type { ChildOptions } from './child.ts';

/**
 * $1 is the folder to remove, the rest is the program's command line. The reader is a built-in loop, so that no second process is left.
 * Processes that end at the same time may still be deleting files of their own there, hence the few attempts.
 */
const GUARD = `
root=$1; shift
exec 3<&0
while :; do
  began=$(date +%s)
  "$@" </dev/null 3<&- & program=$!
  (while read -r _; do :; done <&3; kill "$program" 2>/dev/null) & reader=$!
  wait "$program"; code=$?
  kill "$reader" 2>/dev/null || break
  [ $(($(date +%s) - began)) -ge 2 ] || break
done
tries=0
while [ -e "$root" ] && [ "$tries" -lt 50 ]; do
  rm -rf "$root" 2>/dev/null || sleep 0.1
  tries=$((tries + 1))
done
exit "$code"
`;

/** The same child under a guard that removes `root`; undefined: nothing is removed. Its standard input is the guard's: the child itself reads nothing. */
export function guarded(root: string | undefined, child: ChildOptions): ChildOptions {
  return { ...child, program: '/bin/sh', argv: ['-c', GUARD, 'guard', root ?? '', child.program, ...child.argv] };
}
